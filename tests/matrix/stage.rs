//! One client on whom every field has data, and for each basis and role a viewer with exactly one grant.

use crate::inputs::{id_of, literal};
use crate::restrictions::person_of;
use crate::support::{Backend, World};
use alliance::domain::basis::Basis;
use alliance::domain::category::{Categories, Category};
use alliance::domain::clock::Clock;
use alliance::domain::code::Coded;
use alliance::domain::ids::{
    CaseId, ClientId, ConsentId, NoteId, OrganisationId, PersonId, ReferralId, RestrictionId, TeamId, TypedId,
};
use alliance::domain::organisation_name::OrganisationKind;
use alliance::domain::role::Role;
use alliance::persistence::organisation::{self, NewOrganisation, Team};
use alliance::service::demo;
use serde_json::{Value, json};
use uuid::Uuid;

/// How much of what the basis opens at most the grant opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    Whole,
    Half,
}

impl Half {
    pub fn has(self, c: Category) -> bool {
        use Category::*;
        let half = [Name, Contact, Housing, CaseNotes, Offending, SupportPlan, SubstanceUse, Equalities];
        self == Self::Whole || half.contains(&c)
    }
}

/// What restricts the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    None,
    SealedNotNamed,
    SealedNamed,
    ObjectionOrganisation,
    ObjectionPerson,
    ObjectionElsewhere,
    ProtectedNotNamed,
    ProtectedNamed,
    PreferenceNotNamed,
}

pub const PHASES: &[Phase] = &[
    Phase::None,
    Phase::SealedNotNamed,
    Phase::SealedNamed,
    Phase::ObjectionOrganisation,
    Phase::ObjectionPerson,
    Phase::ObjectionElsewhere,
    Phase::ProtectedNotNamed,
    Phase::ProtectedNamed,
    Phase::PreferenceNotNamed,
];

pub const ROLES: &[Role] = Role::ALL;

/// To whom in its organisation a grant is narrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    Organisation,
    Team,
    Person,
}

/// What a grant reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Referral,
    Case,
    Client,
    OwnItems,
    HubsItems,
    BroughtByReferral,
    HealthNote,
}

/// A grant as its basis has it: whose, narrowed to whom, reaching what.
#[derive(Debug)]
pub struct Shape {
    pub name: &'static str,
    basis: Basis,
    to: To,
    reach: Reach,
    number: u128,
}

const fn shape(number: u128, name: &'static str, basis: Basis, to: To, reach: Reach) -> Shape {
    Shape { name, basis, to, reach, number }
}

pub const SHAPES: &[Shape] = &[
    shape(1, "REFERRER", Basis::Referrer, To::Organisation, Reach::Referral),
    shape(2, "HUB", Basis::Hub, To::Team, Reach::Referral),
    shape(3, "HUB_BROUGHT", Basis::Hub, To::Team, Reach::BroughtByReferral),
    shape(4, "OFFER", Basis::Offer, To::Team, Reach::Referral),
    shape(5, "HOLDER", Basis::Holder, To::Team, Reach::Case),
    shape(6, "TEAM", Basis::Team, To::Team, Reach::Case),
    shape(7, "AUTHOR", Basis::Author, To::Organisation, Reach::OwnItems),
    shape(8, "AUTHOR_HUB", Basis::Author, To::Team, Reach::HubsItems),
    shape(9, "CONSENT", Basis::Consent, To::Organisation, Reach::Client),
    shape(10, "PANEL", Basis::Panel, To::Person, Reach::HealthNote),
    shape(11, "OVERRIDE", Basis::Override, To::Person, Reach::Client),
    shape(12, "LEGAL_GATEWAY", Basis::LegalGateway, To::Organisation, Reach::Client),
    shape(13, "OVERSIGHT", Basis::Oversight, To::Person, Reach::HealthNote),
    shape(14, "SUBJECT", Basis::Subject, To::Person, Reach::Client),
];

impl Shape {
    /// A sender is the sender, an author the agency that wrote everything; the others are agencies of their own.
    fn organisation(&self) -> OrganisationId {
        match self.name {
            "REFERRER" => demo::PROBATION,
            "AUTHOR" => demo::HARBOUR,
            _ => OrganisationId(Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_1000 + self.number)),
        }
    }

    fn team(&self) -> TeamId {
        TeamId(Uuid::from_u128(0x0b00_0000_0000_7000_8000_0000_0000_1000 + self.number))
    }

    fn person(&self, role: Role) -> String {
        format!("m-{}-{}", self.name, role.code()).to_lowercase()
    }

    /// Whose token asks.
    pub fn member(&self, role: Role) -> String {
        format!("{}@{}", self.person(role), self.organisation().global())
    }
}

/// An object of its own identity, and how it is asked for.
pub struct Place {
    pub name: &'static str,
    pub of: &'static str,
    pub root: &'static str,
    /// Only these fields, where another place has the others.
    pub only: &'static [&'static str],
}

const fn place(name: &'static str, of: &'static str, root: &'static str, only: &'static [&'static str]) -> Place {
    Place { name, of, root, only }
}

pub const PLACES: &[Place] = &[
    place("client", "Client", "client", &[]),
    place("referral", "Referral", "referral", &[]),
    place("draft", "Referral", "referral", &["intakeNotices"]),
    place("case", "SharedCase", "sharedCase", &[]),
    place(
        "previous",
        "SharedCase",
        "sharedCase",
        &["id", "status", "closedAt", "closureKind", "closureReason", "lead"],
    ),
    place("note", "Note", "node", &[]),
    place("healthNote", "Note", "node", &[]),
    place("placeNote", "Note", "node", &[]),
    place("agencyNote", "Note", "node", &[]),
    place("thirdPartyNote", "Note", "node", &[]),
    place("reflectiveNote", "Note", "node", &[]),
    place("consent", "Consent", "node", &[]),
    place("signpostOnReferral", "Signpost", "node", &[]),
    place("signpostOnCase", "Signpost", "node", &[]),
    place("restriction", "Restriction", "node", &[]),
    place("explanation", "AccessExplanation", "explainAccess", &[]),
];

const TEXTS: &[&str] = &[
    "ACCESS_NEEDS",
    "LONE_WORKING",
    "FINANCE",
    "EMPLOYMENT",
    "RISK",
    "SUPPORT_PLAN",
    "OUTCOMES",
    "HEALTH",
    "SUBSTANCE_USE",
    "OFFENDING",
    "DOMESTIC_ABUSE",
    "IMMIGRATION",
    "EQUALITIES",
];

/// Every section there is, each with everything it can hold.
fn sections(relative: Option<&str>) -> Vec<Value> {
    let mut member = json!({ "name": "Ida", "relationship": "Mother", "ageBand": "FROM_65" });
    if let Some(relative) = relative {
        member["clientId"] = json!(relative);
    }
    let mut all = vec![
        json!({ "name": { "given": "Maren", "family": "Stagg", "preferred": "Mar", "pronouns": "she", "ageBand": "FROM_25_TO_34" } }),
        json!({ "birth": { "date": "1990-02-03" } }),
        json!({ "contact": { "addressLines": ["1 Test Row"], "postcode": "OX1 1BX", "phone": "07700 900123", "email": "m@example.org", "safeWays": "Mornings." } }),
        json!({ "household": { "members": [member] } }),
        json!({ "housing": { "tenure": "PRIVATE_RENT", "landlord": "A landlord", "arrearsPence": 120_000, "noticeExpiresOn": "2026-09-17", "text": "Damp." } }),
    ];
    all.extend(TEXTS.iter().map(|c| json!({ "text": { "category": c, "text": format!("About {c}.") } })));
    all
}

/// The stage: its world, and the ids by the name of their place.
pub struct Stage {
    pub world: World,
    client: ClientId,
    referral: ReferralId,
    case: CaseId,
    health_note: NoteId,
    consent: ConsentId,
    relative: ClientId,
    ids: Value,
    people: Vec<(&'static str, Role, PersonId)>,
}

impl Stage {
    pub async fn of(world: World) -> Self {
        let people = agencies(&world).await;
        let relative = world.accepted("Relative").await.client;
        let offered = SHAPES.iter().find(|s| s.name == "OFFER").expect("an offer");
        let worker = people.iter().find(|(s, r, _)| *s == "OFFER" && *r == Role::SupportWorker).expect("a worker").2;

        // A referral that brings everything, declined by one team and taken by another.
        // But equalities, which no consent covers and no submission takes.
        let mut all: Vec<&str> = TEXTS.iter().filter(|c| **c != "EQUALITIES").copied().collect();
        all.extend(["NAME", "BIRTH", "CONTACT", "HOUSEHOLD", "HOUSING"]);
        let narratives: Vec<_> =
            all.iter().map(|c| json!({ "category": c, "text": format!("The story of {c}.") })).collect();
        let mut given = all.clone();
        given.push("CASE_NOTES");
        let mut brought = sections(None);
        brought.pop();
        let draft = json!({
            "urgency": "WITHIN_56_DAYS", "sections": brought, "narratives": narratives,
            "consent": {
                "recipients": [demo::HARBOUR.global()], "purposes": ["REFERRAL", "CASE_COORDINATION"], "categories": given,
                "givenBy": "CLIENT", "givenHow": "WRITTEN", "evidence": "Signed.", "expiresAt": "2027-03-01T00:00:00Z",
            },
        });
        let made = world.done("referrer", "referralDraft", draft, "referral { id }").await;
        let referral = id_of(&made["referral"]["id"]);
        let step = |version: i64, more: Value| {
            let mut input = json!({ "referralId": referral, "version": version });
            input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            input
        };
        world.done("referrer", "referralSubmit", step(1, json!({})), "").await;
        let offer =
            json!({ "teamId": offered.team().global(), "criteriaSeen": "Adult.", "workerId": worker.global() });
        world.done("hub-coordinator", "referralOffer", step(2, offer), "").await;
        let decline = json!({ "reason": "OTHER", "text": "No interpreter." });
        world.done(&offered.member(Role::SupportWorker), "referralDecline", step(3, decline), "").await;
        let offer = json!({ "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
        world.done("hub-coordinator", "referralOffer", step(4, offer), "").await;
        let select = "referral { client { id } sharedCase { id } }";
        let taken = world.done("support-worker", "referralAccept", step(5, json!({})), select).await;
        let client = id_of(&taken["referral"]["client"]["id"]);
        let case = id_of(&taken["referral"]["sharedCase"]["id"]);

        // The lead records everything once more, notes of each kind, signposts, a consent partly withdrawn, a member that left.
        world.clock.pass_seconds(1);
        for section in sections(Some(&relative)) {
            world.done("support-worker", "entryRecord", json!({ "clientId": client, "section": section }), "").await;
        }
        let mut notes = Vec::new();
        for (visibility, categories, reveals) in [
            ("TEAM", json!([]), false),
            ("TEAM", json!(["HEALTH"]), false),
            ("TEAM", json!(["HOUSING"]), true),
            ("AGENCY", json!([]), false),
            ("THIRD_PARTY", json!([]), false),
            ("REFLECTIVE", json!([]), false),
        ] {
            let input = json!({
                "caseId": case, "visibility": visibility, "categories": categories, "revealsLocation": reveals, "text": "A note.",
            });
            let done = world.done("support-worker", "noteRecord", input, "note { id }").await;
            notes.push(id_of(&done["note"]["id"]));
        }
        let mut signposts = Vec::new();
        for on in [json!({ "referralId": referral }), json!({ "caseId": case })] {
            let input = json!({
                "on": on, "serviceId": demo::DROP_IN.global(), "told": "BOTH", "channel": "PHONE", "reason": "A bed tonight.",
            });
            let done = world.done("support-worker", "signpostRecord", input, "signpost { id }").await;
            let id = id_of(&done["signpost"]["id"]);
            let input = json!({ "signpostId": id, "version": 1, "outcome": "ENGAGED" });
            world.done("support-worker", "signpostFollowUp", input, "").await;
            signposts.push(id);
        }
        let named = ["HUB", "HUB_BROUGHT", "OFFER", "TEAM", "CONSENT"];
        let mut recipients: Vec<_> =
            SHAPES.iter().filter(|s| named.contains(&s.name)).map(|s| s.organisation().global()).collect();
        recipients.extend([demo::LOCKWELL, demo::MEADOW].map(TypedId::global));
        let consent = json!({
            "recipients": recipients, "purposes": ["CASE_COORDINATION", "SUPPORT"], "categories": ["HOUSING", "FINANCE"],
            "givenBy": "CLIENT", "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
        });
        let input = json!({ "clientId": client, "consent": consent });
        let done = world.done("support-worker", "consentRecord", input, "consent { id }").await;
        let consent = id_of(&done["consent"]["id"]);
        let input = json!({ "consentId": consent, "categories": ["FINANCE"], "withdrawnBy": "By phone." });
        world.done("support-worker", "consentWithdraw", input, "").await;
        let member = json!({
            "caseId": case, "teamId": demo::SOLICITORS.global(), "role": "Housing solicitor", "agreed": ["HOUSING"],
        });
        world.done("support-worker", "caseMemberAdd", member, "").await;

        let mut ids = json!({
            "client": client, "referral": referral, "case": case, "consent": consent, "signpostOnReferral": signposts[0],
            "signpostOnCase": signposts[1], "draft": null, "previous": null, "restriction": null,
        });
        for (name, id) in
            ["note", "healthNote", "placeNote", "agencyNote", "thirdPartyNote", "reflectiveNote"].iter().zip(&notes)
        {
            ids[name] = json!(id);
        }
        let mut stage = Self {
            client: ClientId::parse(&client).expect("a client"),
            referral: ReferralId::parse(&referral).expect("a referral"),
            case: CaseId::parse(&case).expect("a case"),
            health_note: NoteId::parse(&notes[1]).expect("a note"),
            consent: ConsentId::parse(&consent).expect("a consent"),
            relative: ClientId::parse(&relative).expect("a client"),
            ids,
            people,
            world,
        };
        stage.set().await;
        stage
    }

    fn uuid(&self, id: Uuid) -> String {
        literal(&self.world, id)
    }

    /// What no mutation of today leaves behind together, so that every field has something to show.
    async fn set(&mut self) {
        let (client, referral, case) = (self.uuid(self.client.0), self.uuid(self.referral.0), self.uuid(self.case.0));
        let now = self.world.clock.now().0;
        let (draft, previous) = (ReferralId(Uuid::from_u128(0xd7af7)), CaseId(Uuid::from_u128(0xca5e)));
        let implied = |o: OrganisationId, c: Category| {
            format!("UPDATE organisation SET implied_categories = {} WHERE id = {}", c.bit(), self.uuid(o.0))
        };
        let hub_team = SHAPES.iter().find(|s| s.name == "AUTHOR_HUB").expect("a hub").team();
        let all = [
            // Closed as a duplicate, which a sender must not read of (C23); a draft; a case before this one.
            format!(
                "UPDATE referral SET closed_at = {now}, outcome = 'DUPLICATE', outcome_text = 'Known already.', \
                next_step = 'Elsewhere.' WHERE id = {referral}"
            ),
            format!(
                "INSERT INTO referral (id, client_id, organisation_id, sent_by, private_sender, state, urgency, brought, created_at, version) \
                SELECT {}, client_id, organisation_id, sent_by, private_sender, 'DRAFT', urgency, brought, created_at, 1 \
                FROM referral WHERE id = {referral}",
                self.uuid(draft.0)
            ),
            format!(
                "INSERT INTO shared_case (id, client_id, lead_organisation_id, lead_team_id, lead_worker_id, stage, opened_at, closed_at, \
                closure_kind, closure_reason, version) SELECT {}, client_id, lead_organisation_id, lead_team_id, lead_worker_id, stage, \
                opened_at, {now}, 'PLANNED', 'NEEDS_MET', 2 FROM shared_case WHERE id = {case}",
                self.uuid(previous.0)
            ),
            format!("UPDATE shared_case SET previous_case_id = {} WHERE id = {case}", self.uuid(previous.0)),
            format!("UPDATE case_member SET left_at = {now} WHERE case_id = {case}"),
            format!("UPDATE team SET refuses = {} WHERE id = {}", Category::Housing.bit(), self.uuid(demo::NORTH.0)),
            // Equalities, as a referral of another time might have brought them.
            format!(
                "INSERT INTO referral_narrative (id, referral_id, client_id, category, category_bit, body) SELECT {}, referral_id, \
                client_id, 'EQUALITIES', {}, body FROM referral_narrative WHERE referral_id = {referral} AND category = 'RISK'",
                self.uuid(Uuid::from_u128(0xe8)),
                Category::Equalities.bit()
            ),
            format!(
                "INSERT INTO client_entry (id, client_id, category, category_bit, body, reveals_location, referral_id, recorded_by, \
                recorded_for, owner_id, controller_id, recorded_at, version) SELECT {}, client_id, 'EQUALITIES', {}, \
                REPLACE(body, 'RISK', 'EQUALITIES'), reveals_location, referral_id, recorded_by, recorded_for, owner_id, controller_id, \
                recorded_at, 1 FROM client_entry WHERE client_id = {client} AND category = 'RISK' AND referral_id IS NOT NULL",
                self.uuid(Uuid::from_u128(0xe9)),
                Category::Equalities.bit()
            ),
            // Something that a hub team recorded itself.
            format!(
                "INSERT INTO client_entry (id, client_id, category, category_bit, body, reveals_location, recorded_by, recorded_for, owner_id, \
                controller_id, recorded_at, version) SELECT {}, client_id, category, category_bit, body, reveals_location, recorded_by, \
                recorded_for, {}, controller_id, {now}, 1 FROM client_entry WHERE client_id = {client} AND category = 'RISK' \
                AND referral_id IS NULL",
                self.uuid(Uuid::from_u128(0xe7)),
                self.uuid(hub_team.0)
            ),
            // Organisations that speak (C11): the lead, the member, who offers the service; a probation office does anyway.
            implied(demo::HARBOUR, Category::Employment),
            implied(demo::LOCKWELL, Category::SupportPlan),
            implied(demo::SHELTER, Category::Health),
            implied(demo::PROBATION, Category::Offending),
        ];
        for sql in all {
            self.world.raw(&sql).await;
        }
        self.ids["draft"] = json!(draft.global());
        self.ids["previous"] = json!(previous.global());
    }

    /// The grants, and no others.
    pub async fn open(&self, half: Half) {
        let (client, relative) = (self.uuid(self.client.0), self.uuid(self.relative.0));
        self.world.raw(&format!("DELETE FROM access_grant WHERE client_id IN ({client}, {relative})")).await;
        for shape in SHAPES {
            let mine: Vec<_> = match shape.to {
                To::Person => self.people.iter().filter(|(s, ..)| *s == shape.name).map(|(.., p)| Some(*p)).collect(),
                _ => vec![None],
            };
            for person in mine {
                self.grant(shape, self.client, person, categories(shape, half)).await;
            }
            if shape.name == "CONSENT" {
                // One agency sees the mother's record, through a grant on that record.
                self.grant(shape, self.relative, None, Categories::of(&[Category::Name])).await;
            }
        }
    }

    async fn grant(&self, shape: &Shape, client: ClientId, person: Option<PersonId>, categories: Categories) {
        let (organisation, team) = (shape.organisation(), shape.team());
        let (scope, scope_id) = match shape.reach {
            Reach::Referral => ("REFERRAL", self.referral.0),
            Reach::Case => ("CASE", self.case.0),
            Reach::Client => ("CLIENT", client.0),
            Reach::OwnItems => ("OWN_ITEMS", organisation.0),
            Reach::HubsItems => ("OWN_ITEMS", team.0),
            Reach::BroughtByReferral => ("ITEM", self.referral.0),
            Reach::HealthNote => ("ITEM", self.health_note.0),
        };
        let team = (shape.to == To::Team).then_some(team);
        let (kind, source) = match shape.basis {
            Basis::Consent => ("consent", self.consent.0),
            _ => ("client", client.0),
        };
        let of = |opens: bool| match (self.world.backend, opens) {
            (Backend::Sqlite, _) => i64::from(opens).to_string(),
            (Backend::Postgres, _) => opens.to_string(),
        };
        let null = || "NULL".to_owned();
        let until = if shape.basis == Basis::Override { self.world.clock.now().0 + 86_400_000_000 } else { i64::MAX };
        self.world
            .raw(&format!(
                "INSERT INTO access_grant (id, client_id, organisation_id, team_id, person_id, holder_id, basis, basis_bit, categories, \
                scope, scope_id, opens_client, names_until, purpose, starts_at, until_at, source_kind, source_id, created_at) VALUES \
                ({}, {}, {}, {}, {}, {}, '{}', {}, {}, '{scope}', {}, {}, 0, 'TEST', 0, {until}, '{kind}', {}, 0)",
                self.uuid(self.world.app.random.uuid_random()),
                self.uuid(client.0),
                self.uuid(organisation.0),
                team.map_or_else(null, |t| self.uuid(t.0)),
                person.map_or_else(null, |p| self.uuid(p.0)),
                self.uuid(person.map(|p| p.0).or(team.map(|t| t.0)).unwrap_or(organisation.0)),
                shape.basis.code(),
                shape.basis.bit(),
                categories.mask(),
                self.uuid(scope_id),
                of(shape.basis != Basis::Referrer),
                self.uuid(source),
            ))
            .await;
    }

    /// Puts the phase's restrictions on the record; the global id of the first.
    pub async fn restrict(&self, phase: Phase) -> Option<String> {
        let everybody: Vec<_> = self.people.iter().map(|(.., p)| *p).collect();
        let mut organisations: Vec<_> = SHAPES.iter().map(Shape::organisation).collect();
        organisations.dedup();
        let lead = person_of(&self.world, "safeguarding-lead").await;
        let somebody = person_of(&self.world, "commissioner").await;
        let one = |kind, organisation, person, named: &[PersonId]| vec![(kind, organisation, person, named.to_vec())];
        let rows = match phase {
            Phase::None => Vec::new(),
            Phase::SealedNotNamed => one("SEALED", None, None, &[lead]),
            Phase::SealedNamed => one("SEALED", None, None, &everybody),
            Phase::ProtectedNotNamed => one("PROTECTED_CONTACT", None, None, &[lead]),
            Phase::ProtectedNamed => one("PROTECTED_CONTACT", None, None, &everybody),
            Phase::PreferenceNotNamed => one("CONTACT_PREFERENCE", None, None, &[lead]),
            Phase::ObjectionElsewhere => one("OBJECTION", Some(demo::COUNTY), Some(somebody), &[]),
            Phase::ObjectionOrganisation => {
                organisations.iter().flat_map(|o| one("OBJECTION", Some(*o), None, &[])).collect()
            }
            Phase::ObjectionPerson => everybody.iter().flat_map(|p| one("OBJECTION", None, Some(*p), &[])).collect(),
        };
        let now = self.world.clock.now().0;
        let mut first = None;
        for (kind, organisation, person, named) in rows {
            let id = self.world.app.random.uuid_random();
            let null = || "NULL".to_owned();
            self.world
                .raw(&format!(
                    "INSERT INTO restriction (id, client_id, kind, organisation_id, person_id, reason, recorded_by, recorded_at, \
                    lift_asked_by, lift_asked_at) VALUES ({}, {}, '{kind}', {}, {}, 'Why.', {setter}, {now}, {setter}, {now})",
                    self.uuid(id),
                    self.uuid(self.client.0),
                    organisation.map_or_else(null, |o: OrganisationId| self.uuid(o.0)),
                    person.map_or_else(null, |p: PersonId| self.uuid(p.0)),
                    setter = self.uuid(lead.0),
                ))
                .await;
            let named: Vec<_> = named.iter().map(|p| format!("({}, {})", self.uuid(id), self.uuid(p.0))).collect();
            if !named.is_empty() {
                let sql = "INSERT INTO restriction_person (restriction_id, person_id) VALUES";
                self.world.raw(&format!("{sql} {}", named.join(", "))).await;
            }
            first.get_or_insert(RestrictionId(id).global());
        }
        first
    }

    /// Takes all restrictions off again.
    pub async fn lift(&self) {
        let client = self.uuid(self.client.0);
        self.world.raw(&format!("UPDATE restriction SET ended_at = 1 WHERE client_id = {client}")).await;
    }

    /// The ids to ask for.
    pub fn ids(&self, restriction: Option<&str>) -> Value {
        let mut ids = self.ids.clone();
        ids["restriction"] = json!(restriction.unwrap_or("restriction_0123456789abcdef0123456789abcdef"));
        ids
    }
}

/// What the grant opens: all that its basis opens at most and INVOLVEMENT, or half of it alone.
fn categories(shape: &Shape, half: Half) -> Categories {
    let all: Categories = super::expected::at_most(shape.name).into_iter().filter(|c| half.has(*c)).collect();
    if half == Half::Whole { all.union(Categories::of(&[Category::Involvement])) } else { all }
}

/// An agency with a team for each shape, and in each a person for each role.
async fn agencies(world: &World) -> Vec<(&'static str, Role, PersonId)> {
    let tx = world.app.database.begin().await.expect("begins");
    let now = world.clock.now();
    for shape in SHAPES.iter().filter(|s| !["REFERRER", "AUTHOR"].contains(&s.name)) {
        let new = NewOrganisation {
            id: shape.organisation(),
            name: format!("Agency of {}", shape.name),
            kind: OrganisationKind::PartnerSupportProvider,
            is_partner: true,
            is_category: false,
            parent: None,
            implies: Categories::NONE,
        };
        organisation::register(&tx, &new, now).await.expect("registers");
        let team = Team {
            id: shape.team(),
            organisation: shape.organisation(),
            name: format!("Team of {}", shape.name),
            is_hub: false,
            refuses: Categories::NONE,
            version: 1,
        };
        organisation::register_team(&tx, &team, now).await.expect("registers");
    }
    tx.commit().await.expect("commits");
    let mut people = Vec::new();
    for shape in SHAPES {
        let team = shape.team();
        let teams = if shape.to == To::Team { vec![team] } else { Vec::new() };
        for role in ROLES {
            let id = world.member(&shape.person(*role), shape.organisation(), &[*role], &teams).await;
            people.push((shape.name, *role, id));
        }
    }
    people
}
