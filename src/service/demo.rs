//! Invented demonstration data: an Alliance with a persona for every role, and referrals on their way. Nobody here exists.
//!
//! The registry has fixed ids, so that documentation can name them. Everything about clients is written by the very use
//! cases that the API runs, as the personas.

use super::context::{App, Context, Failure};
use super::referral::{ClosingAsked, DraftAsked};
use super::shared_case::{MemberAsked, NoteAsked};
use super::signpost::{On, SignpostAsked};
use super::unit::Done;
use super::{client, consent, criteria, referral, shared_case, signpost};
use crate::domain::category::{Categories, Category};
use crate::domain::consent::{GivenBy, GivenHow, Purpose};
use crate::domain::criteria::{Availability, Circumstance, Criteria, District, Need};
use crate::domain::ids::{MembershipId, OrganisationId, PersonId, ServiceId, TeamId, TypedId};
use crate::domain::mutation::Asked;
use crate::domain::organisation::ServiceStatus;
use crate::domain::organisation_name::OrganisationKind;
use crate::domain::referral::{DeclineReason, Outcome, Urgency};
use crate::domain::role::Role;
use crate::domain::section::{Contact, Housing, Name, Section};
use crate::domain::shared_case::NoteVisibility;
use crate::domain::signpost::{Channel, Told};
use crate::persistence::database::Tx;
use crate::persistence::organisation::{NewOrganisation, Service, Team};
use crate::persistence::write::NewNarrative;
use crate::persistence::{fault::Fault, organisation, person};
use std::sync::Arc;
use uuid::Uuid;

/// A persona of the demonstration: who, where, in which role.
pub struct Persona {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is good for.
    pub about: &'static str,
    /// The person's name.
    person: &'static str,
    /// The organisation it acts for.
    pub organisation: OrganisationId,
    /// Its team.
    team: Option<TeamId>,
    /// Its role.
    pub role: Role,
    /// A query to begin with.
    pub example: &'static str,
}

const fn organisation_id(n: u128) -> OrganisationId {
    OrganisationId(Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_0000 + n))
}
const fn team_id(n: u128) -> TeamId {
    TeamId(Uuid::from_u128(0x0b00_0000_0000_7000_8000_0000_0000_0000 + n))
}
const fn service_id(n: u128) -> ServiceId {
    ServiceId(Uuid::from_u128(0x0c00_0000_0000_7000_8000_0000_0000_0000 + n))
}

/// The housing support provider that also runs the hub.
pub const HARBOUR: OrganisationId = organisation_id(1);
/// The law centre.
pub const LOCKWELL: OrganisationId = organisation_id(2);
/// The mental health charity: a link to it implies HEALTH.
pub const MEADOW: OrganisationId = organisation_id(3);
/// The probation office: a link to it implies OFFENDING.
pub const PROBATION: OrganisationId = organisation_id(4);
/// The county council, which commissions.
pub const COUNTY: OrganisationId = organisation_id(5);
/// A night shelter outside the Alliance.
pub const SHELTER: OrganisationId = organisation_id(6);
/// A district council: a housing authority.
pub const DISTRICT: OrganisationId = organisation_id(7);
/// The referrals hub.
pub const HUB: TeamId = team_id(1);
/// Housing support, north.
pub const NORTH: TeamId = team_id(2);
/// Housing solicitors.
pub const SOLICITORS: TeamId = team_id(3);
/// Mental health outreach; it does not want to be told a diagnosis before it has met the person.
pub const OUTREACH: TeamId = team_id(4);
/// The shelter's drop-in.
pub const DROP_IN: ServiceId = service_id(1);

const CASELOAD: &str = "query Caseload { clients(first: 5) { totalCount nodes { id name { given family } housing { tenure arrearsPence } redactions { category reason } sharedCases(status: OPEN) { nodes { id stage lead { organisation { name } workerName } } } } } }";

const LEADS_INBOX: &str = "query Inbox { inbox(state: OPEN) { totalCount nodes { kind dueAt subject { ... on Override { id status ground reason hours viewerAccess { canCosign canReview } } } } } }";

/// All personas.
pub const PERSONAS: &[Persona] = &[
    Persona {
        name: "referrer",
        about: "A probation officer who refers people and follows what became of it.",
        person: "Rowan Ellery",
        organisation: PROBATION,
        team: None,
        role: Role::Referrer,
        example: "query MyReferrals { referrals(first: 5) { totalCount nodes { id state outcome asWritten { category lines } } } }",
    },
    Persona {
        name: "support-worker",
        about: "A housing support worker at Harbour, who answers offers and leads cases.",
        person: "Sam Okafor",
        organisation: HARBOUR,
        team: Some(NORTH),
        role: Role::SupportWorker,
        example: CASELOAD,
    },
    Persona {
        name: "partner-worker",
        about: "A housing solicitor at Lockwell, a second partner, who joins cases under consent.",
        person: "Priya Lindqvist",
        organisation: LOCKWELL,
        team: Some(SOLICITORS),
        role: Role::SupportWorker,
        example: CASELOAD,
    },
    Persona {
        name: "outside-worker",
        about: "A worker at Meadow, a third partner, who has no part in the demonstration's cases.",
        person: "Owen Castellan",
        organisation: MEADOW,
        team: Some(OUTREACH),
        role: Role::SupportWorker,
        example: CASELOAD,
    },
    Persona {
        name: "team-manager",
        about: "The manager of Harbour's north team.",
        person: "Tamsin Achebe",
        organisation: HARBOUR,
        team: Some(NORTH),
        role: Role::TeamManager,
        example: CASELOAD,
    },
    Persona {
        name: "hub-coordinator",
        about: "A coordinator of the referrals hub, who triages and offers.",
        person: "Hana Whitlock",
        organisation: HARBOUR,
        team: Some(HUB),
        role: Role::HubCoordinator,
        example: "query Triage { referrals(state: SUBMITTED, first: 5) { totalCount nodes { id urgency submittedAt sender { name } client { id name { given family } } narratives { category text } viewerAccess { canOffer } } } }",
    },
    Persona {
        name: "safeguarding-lead",
        about: "Harbour's safeguarding lead.",
        person: "Saoirse Brandt",
        organisation: HARBOUR,
        team: None,
        role: Role::SafeguardingLead,
        example: LEADS_INBOX,
    },
    Persona {
        name: "partner-safeguarding-lead",
        about: "Lockwell's safeguarding lead, who co-signs for others on cases that Lockwell is on.",
        person: "Petra Nightingale",
        organisation: LOCKWELL,
        team: None,
        role: Role::SafeguardingLead,
        example: LEADS_INBOX,
    },
    Persona {
        name: "outside-safeguarding-lead",
        about: "Meadow's safeguarding lead, who has no part in the demonstration's cases.",
        person: "Orla Fenwick",
        organisation: MEADOW,
        team: None,
        role: Role::SafeguardingLead,
        example: LEADS_INBOX,
    },
    Persona {
        name: "information-governance",
        about: "Harbour's information governance lead; no client content.",
        person: "Ines Falkner",
        organisation: HARBOUR,
        team: None,
        role: Role::InformationGovernance,
        example: "query Me { viewer { name roles organisation { name } } clients { totalCount } }",
    },
    Persona {
        name: "commissioner",
        about: "A commissioner at the county council; statistics, never people.",
        person: "Casper Njoroge",
        organisation: COUNTY,
        team: None,
        role: Role::Commissioner,
        example: "query Partners { organisations(filter: { isPartner: true }) { nodes { name teams { name } services { name } } } }",
    },
    Persona {
        name: "administrator",
        about: "Keeps organisations, people and services; no client data.",
        person: "Ada Vellacott",
        organisation: HARBOUR,
        team: None,
        role: Role::Administrator,
        example: "query Members { memberships(first: 5) { nodes { personName organisationName roles } } }",
    },
];

/// The persona of a name.
pub fn persona(name: &str) -> Option<&'static Persona> {
    PERSONAS.iter().find(|p| p.name == name)
}

/// Seeds demonstration data into an empty database; tells whether it did.
pub async fn seed(app: &Arc<App>, issuer: &str) -> Result<bool, Failure> {
    let done = seed_registry(app, issuer).await?;
    if done {
        Story { app, issuer }.tell().await?;
    }
    Ok(done)
}

/// Seeds the registry and the personas alone, into an empty database; tells whether it did.
pub async fn seed_registry(app: &Arc<App>, issuer: &str) -> Result<bool, Fault> {
    let tx = app.database.begin().await?;
    if !organisation::all_names(&tx).await?.is_empty() {
        tx.rollback().await?;
        return Ok(false);
    }
    registry(app, &tx).await?;
    for p in PERSONAS {
        let random = &*app.random;
        let now = app.clock.now();
        let new = person::NewPerson {
            id: PersonId(random.uuid_timed(now)),
            name: p.person.to_owned(),
            issuer: issuer.to_owned(),
            subject: p.name.to_owned(),
        };
        person::register(&tx, &new, now, random).await?;
        let teams: Vec<_> = p.team.into_iter().collect();
        let membership = MembershipId(random.uuid_timed(now));
        person::join(&tx, membership, new.id, p.organisation, [p.role].into_iter().collect(), &teams, now).await?;
    }
    tx.commit().await?;
    Ok(true)
}

async fn registry(app: &App, tx: &Tx) -> Result<(), Fault> {
    let now = app.clock.now();
    let organisations = [
        (HARBOUR, "Harbour Housing Support", OrganisationKind::PartnerSupportProvider, true, Categories::NONE),
        (LOCKWELL, "Lockwell Law Centre", OrganisationKind::AdviceOrLawService, true, Categories::NONE),
        (MEADOW, "Meadow Wellbeing", OrganisationKind::NhsMentalHealth, true, Categories::of(&[Category::Health])),
        (
            PROBATION,
            "Ridgemarket Probation Office",
            OrganisationKind::Probation,
            false,
            Categories::of(&[Category::Offending]),
        ),
        (COUNTY, "Ridgemarket County Council", OrganisationKind::CountyCouncil, false, Categories::NONE),
        (DISTRICT, "Ridgemarket District Council", OrganisationKind::DistrictCouncil, false, Categories::NONE),
        (SHELTER, "Lantern Night Shelter", OrganisationKind::HomelessnessCharity, false, Categories::NONE),
    ];
    for (id, name, kind, is_partner, implies) in organisations {
        let name = name.to_owned();
        let new = NewOrganisation { id, name, kind, is_partner, is_category: false, parent: None, implies };
        organisation::register(tx, &new, now).await?;
    }
    let teams = [
        (HUB, HARBOUR, "Referrals Hub", true, Categories::NONE),
        (NORTH, HARBOUR, "Housing Support North", false, Categories::NONE),
        (SOLICITORS, LOCKWELL, "Housing Solicitors", false, Categories::NONE),
        (OUTREACH, MEADOW, "Outreach", false, Categories::of(&[Category::Housing, Category::Household])),
    ];
    for (id, organisation, name, is_hub, refuses) in teams {
        let team = Team {
            id,
            organisation,
            name: name.to_owned(),
            is_hub,
            refuses,
            room: None,
            room_stated_at: None,
            version: 1,
        };
        organisation::register_team(tx, &team, now).await?;
    }
    let services = [
        (DROP_IN, SHELTER, None, "Lantern drop-in", "Anybody without a place to sleep tonight.", "Open from 19:00"),
        (
            service_id(2),
            HARBOUR,
            Some(NORTH),
            "Housing support",
            "Adults at risk of losing their home.",
            "Through the referrals hub",
        ),
        (
            service_id(3),
            LOCKWELL,
            Some(SOLICITORS),
            "Housing law advice",
            "Notice, possession claim or disrepair.",
            "Through the referrals hub",
        ),
        (
            service_id(4),
            MEADOW,
            Some(OUTREACH),
            "Wellbeing outreach",
            "Adults who find it hard to come to a clinic.",
            "Through the referrals hub",
        ),
    ];
    for (id, of, team, name, criteria, contact) in services {
        let service = Service {
            id,
            organisation: of,
            team,
            name: name.to_owned(),
            description: format!("{name}, free of charge."),
            criteria: criteria.to_owned(),
            stated: None,
            criteria_changed_at: now,
            area: "Ridgemarket and the villages around".to_owned(),
            contact: contact.to_owned(),
            status: ServiceStatus::Active,
            version: 1,
        };
        organisation::register_service(tx, &service, now).await?;
    }
    Ok(())
}

/// Invented people: name, day of birth, street, postcode, arrears in pence.
const PEOPLE: &[(&str, &str, &str, &str, &str, i64)] = &[
    ("Marlow", "Quennell", "1988-03-14", "4 Tallow Row", "OX1 1BX", 124_000),
    ("Isolde", "Pemberly", "1994-11-02", "17 Cooper's Yard", "OX16 5AB", 45_050),
    ("Jorah", "Tindall", "1971-06-30", "2 Fennel Court", "OX4 2QQ", 0),
    ("Wren", "Abernathy", "2001-01-19", "Flat 3, 9 Mill Lane", "OX28 6AA", 210_000),
    ("Cosmo", "Hartnoll", "1965-09-08", "31 Station Parade", "OX14 3BB", 88_800),
    ("Linnet", "Osgood", "1979-12-24", "6 Drover Street", "OX2 7CC", 30_000),
    ("Fitz", "Marchmont", "1990-07-07", "12 Orchard Bank", "OX5 1DD", 0),
    ("Saffron", "Kilbride", "1983-05-21", "The Old Forge", "OX7 6EE", 154_300),
];

struct Story<'a> {
    app: &'a Arc<App>,
    issuer: &'a str,
}

impl Story<'_> {
    async fn as_persona(&self, name: &str) -> Result<Context, Failure> {
        let p = persona(name).ok_or_else(|| Fault::new("no such persona"))?;
        let found = person::viewer(&self.app.database, self.issuer, p.name, p.organisation).await?;
        let viewer = found.ok_or_else(|| Fault::new("a persona has no membership"))?;
        Ok(Context::new(Arc::clone(self.app), viewer, "seed".into(), "seed".into()))
    }

    async fn tell(&self) -> Result<(), Failure> {
        self.criteria().await?;
        for (i, p) in PEOPLE.iter().enumerate() {
            let id = self.submitted(i, p).await?;
            if i == 7 {
                self.closed(&id).await?;
                continue;
            }
            if i >= 5 {
                continue;
            }
            self.offered(&id, NORTH).await?;
            if i == 4 {
                let worker = self.as_persona("support-worker").await?;
                referral::decline(&worker, &Asked::default(), &id, 3, DeclineReason::NoCapacity, None).await?;
                continue;
            }
            if i < 3 {
                self.accepted(i, &id).await?;
            }
        }
        Ok(())
    }

    /// Whom the services are for, as data.
    async fn criteria(&self) -> Result<(), Failure> {
        let administrator = self.as_persona("administrator").await?;
        let everybody = Criteria::for_everybody();
        let stated = [
            (
                DROP_IN,
                Criteria {
                    needs: vec![Need::Homeless, Need::AskedToLeave],
                    min_age: Some(18),
                    urgencies: vec![Urgency::HomelessNow],
                    ..everybody.clone()
                },
            ),
            (
                service_id(2),
                Criteria {
                    needs: vec![Need::RentArrears, Need::NoticeOrCourt, Need::ManagingTenancy, Need::DebtOrBenefits],
                    districts: vec![District::Cherwell, District::OxfordCity, District::WestOxfordshire],
                    min_age: Some(18),
                    excludes: vec![Circumstance::Homeowner, Circumstance::HasSupportWorker],
                    ..everybody.clone()
                },
            ),
            (
                service_id(3),
                Criteria {
                    needs: vec![Need::NoticeOrCourt, Need::LandlordDispute],
                    availability: Availability::WaitingList,
                    wait_days: Some(10),
                    ..everybody.clone()
                },
            ),
            (
                service_id(4),
                Criteria {
                    needs: vec![Need::ManagingTenancy, Need::Hoarding],
                    districts: vec![District::Cherwell],
                    postcode_areas: vec!["OX16".into()],
                    min_age: Some(18),
                    max_age: Some(64),
                    ..everybody
                },
            ),
        ];
        for (service, c) in &stated {
            criteria::state(&administrator, &Asked::default(), (&service.global(), 1), c, None).await?;
        }
        Ok(())
    }

    async fn submitted(
        &self,
        i: usize,
        (given, family, birth, street, postcode, arrears): &(&str, &str, &str, &str, &str, i64),
    ) -> Result<String, Failure> {
        let referrer = self.as_persona("referrer").await?;
        let text = |category: &str, text: &str| Section::Text { category: category.into(), text: text.into() };
        let draft = DraftAsked {
            urgency: [Urgency::EvictionWithinDays, Urgency::Within56Days, Urgency::Upstream][i % 3],
            sections: vec![
                Section::Name(Name {
                    given: (*given).into(),
                    family: (*family).into(),
                    preferred: None,
                    pronouns: None,
                    age_band: None,
                }),
                Section::Birth { date: (*birth).into() },
                Section::Contact(Contact {
                    address_lines: vec![(*street).into()],
                    postcode: Some((*postcode).into()),
                    phone: Some(format!("07700 9000{i:02}")),
                    email: None,
                    safe_ways: Some("Text first, weekdays after ten.".into()),
                }),
                Section::Housing(Housing {
                    tenure: "PRIVATE_RENT".into(),
                    landlord: Some("Invented Lettings".into()),
                    arrears_pence: Some(*arrears),
                    notice_expires_on: None,
                    text: None,
                }),
                text("LONE_WORKING", "Meet at the office, in the morning."),
                text("HEALTH", "Takes medication for depression."),
                text("FINANCE", "Universal Credit, deductions for an advance."),
            ],
            sections_revealing_location: Vec::new(),
            narratives: vec![NewNarrative {
                category: Category::Housing,
                text: "Behind with the rent since hours at work were cut.".into(),
                reveals_location: false,
            }],
            consent: Some(self.consent(
                vec![HARBOUR],
                vec![Purpose::Referral, Purpose::CaseCoordination],
                vec![
                    Category::Name,
                    Category::Birth,
                    Category::Contact,
                    Category::Housing,
                    Category::Health,
                    Category::Finance,
                    Category::CaseNotes,
                ],
            )),
            ground: None,
            reference: None,
        };
        let Done::Changed(id) = referral::draft(&referrer, &Asked::default(), &draft).await? else {
            return Err(Fault::new("a demonstration draft was not made").into());
        };
        referral::submit(&referrer, &Asked::default(), &id.global(), 1).await?;
        Ok(id.global())
    }

    fn consent(
        &self,
        recipients: Vec<OrganisationId>,
        purposes: Vec<Purpose>,
        categories: Vec<Category>,
    ) -> consent::ConsentAsked {
        consent::ConsentAsked {
            all_partners: false,
            recipients: recipients.into_iter().map(TypedId::global).collect(),
            purposes,
            categories,
            given_by: GivenBy::Client,
            given_how: GivenHow::Written,
            proxy: None,
            proxy_name: None,
            decided_by: None,
            decision_reason: None,
            evidence: "Signed form, kept at the office.".into(),
            given_at: None,
            expires_at: self.app.clock.now().plus_days(365),
        }
    }

    async fn offered(&self, id: &str, team: TeamId) -> Result<(), Failure> {
        let hub = self.as_persona("hub-coordinator").await?;
        let seen = "Adult, local, at risk of losing the home.";
        referral::offer(&hub, &Asked::default(), id, 2, &team.global(), None, seen).await?;
        Ok(())
    }

    async fn accepted(&self, i: usize, id: &str) -> Result<(), Failure> {
        let worker = self.as_persona("support-worker").await?;
        let none = Asked::default();
        referral::accept(&worker, &none, id, 3, None).await?;
        let found = worker.scope().cases(None, newest()).await?;
        let Some(case) = found.into_iter().next() else {
            return Err(Fault::new("a demonstration case is not there").into());
        };
        let (case, client_id) = (case.id.global(), case.client.global());
        let note = NoteAsked {
            categories: vec![Category::Housing],
            visibility: NoteVisibility::Team,
            reveals_location: false,
            text: "First meeting. Agreed to speak to the landlord together.".into(),
        };
        shared_case::record_note(&worker, &none, &case, &note).await?;
        let goal = "Keep the tenancy: a repayment plan by the end of the month.";
        let plan = Section::Text { category: "SUPPORT_PLAN".into(), text: goal.into() };
        client::record(&worker, &none, &client_id, &plan, client::MarksAsked::default()).await?;
        if i == 0 {
            let both = vec![Category::Housing, Category::Finance];
            let given = self.consent(vec![LOCKWELL], vec![Purpose::CaseCoordination], both.clone());
            consent::record(&worker, &none, &client_id, &given).await?;
            let member =
                MemberAsked { case, team: SOLICITORS.global(), role: "Housing solicitor".into(), agreed: both };
            shared_case::add_member(&worker, &none, &member).await?;
        }
        Ok(())
    }

    async fn closed(&self, id: &str) -> Result<(), Failure> {
        let hub = self.as_persona("hub-coordinator").await?;
        let told = SignpostAsked {
            on: On::Referral(id.to_owned()),
            service: DROP_IN.global(),
            told: Told::Both,
            channel: Channel::Phone,
            reason: "Somewhere warm tonight, and advice in the morning.".into(),
        };
        signpost::record(&hub, &Asked::default(), &told).await?;
        let closing = ClosingAsked {
            outcome: Outcome::CriteriaNotMet,
            text: Some("Lives outside the area of the Alliance.".into()),
            onward_referral: None,
            refused_signposting: None,
            died_on: None,
        };
        referral::close(&hub, &Asked::default(), id, 2, &closing).await?;
        Ok(())
    }
}

fn newest() -> crate::persistence::client::Slice {
    crate::persistence::client::Slice { key: None, limit: 1, backwards: false }
}
