//! One client on whom every field has data, and for each basis and role a viewer with exactly one grant.

use crate::inputs::{id_of, lawful_basis, literal};
use crate::restrictions::person_of;
use crate::support::{Backend, World};
use alliance::domain::basis::Basis;
use alliance::domain::category::{Categories, Category};
use alliance::domain::clock::Clock;
use alliance::domain::code::Coded;
use alliance::domain::criteria::Criteria;
use alliance::domain::ids::{
    CaseId, ClientId, ConsentId, InboxItemId, LegalGatewayId, LegalHoldId, NoteId, OrganisationId,
    OutwardDisclosureId, OverrideId, OverrideRequestId, PersonId, ReferralId, RestrictionId, TeamId, TypedId,
};
use alliance::domain::organisation_name::OrganisationKind;
use alliance::domain::referral::Urgency;
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
    /// An override and a legal gateway: the documents, no record.
    Documents,
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
    shape(13, "OVERSIGHT", Basis::Oversight, To::Person, Reach::Documents),
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
    place("asked", "Referral", "referral", &["triageClock"]),
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
    place("proxy", "Proxy", "node", &[]),
    place("lawfulBasis", "LawfulBasis", "node", &[]),
    place("signpostOnReferral", "Signpost", "node", &[]),
    place("signpostOnCase", "Signpost", "node", &[]),
    place("restriction", "Restriction", "node", &[]),
    place("override", "Override", "node", &[]),
    place("overrideRequest", "OverrideRequest", "node", &[]),
    place("inboxItem", "InboxItem", "node", &[]),
    place("gateway", "LegalGateway", "node", &[]),
    place("disclosure", "OutwardDisclosure", "node", &[]),
    place("legalHold", "LegalHold", "node", &[]),
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

/// Documents of fixed ids.
const OVERRIDE: OverrideId = OverrideId(Uuid::from_u128(0x0fe2));
const REQUEST: OverrideRequestId = OverrideRequestId(Uuid::from_u128(0x2e0));
const GATEWAY: LegalGatewayId = LegalGatewayId(Uuid::from_u128(0x9a7e));
const DISCLOSURE: OutwardDisclosureId = OutwardDisclosureId(Uuid::from_u128(0xd15c));
const DISCLOSED_UNDER_OVERRIDE: OutwardDisclosureId = OutwardDisclosureId(Uuid::from_u128(0xd15b));

const ASKED: ReferralId = ReferralId(Uuid::from_u128(0xa54ed));
/// A record of the same name and date of birth, which the hubs see.
const LIKE: ClientId = ClientId(Uuid::from_u128(0x11ce));

/// The hold of the agency of a shape.
const fn hold(shape: &Shape) -> LegalHoldId {
    LegalHoldId(Uuid::from_u128(0x401d_0000 + shape.number))
}

/// Somebody's item about the override, and the one about the request.
fn items(shape: &Shape, role: Role) -> [InboxItemId; 2] {
    [0x1000, 0x2000].map(|n| InboxItemId(Uuid::from_u128(n + shape.number * 0x10 + role as u128)))
}

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
            all.iter().map(|c| json!({ "category": c, "text": format!("The story of {c}."), "revealsLocation": *c == "FINANCE" })).collect();
        let mut given = all.clone();
        given.push("CASE_NOTES");
        let mut brought = sections(None);
        brought.pop();
        let draft = json!({
            "senderReference": "PB-7", "urgency": "WITHIN_56_DAYS", "sections": brought, "sectionsRevealingLocation": ["FINANCE"],
            "narratives": narratives,
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
        let question = json!({ "question": "Which debts?" });
        world.done("hub-coordinator", "referralAsk", step(2, question), "").await;
        let answer = json!({ "answer": "The rent.", "categories": ["FINANCE"] });
        world.done("referrer", "referralAnswer", step(3, answer), "").await;
        let coordinator = world.data("hub-coordinator", "{ viewer { personId } }", json!({})).await;
        let hand = json!({ "referralId": referral, "assignTo": coordinator["viewer"]["personId"] });
        world.done("hub-coordinator", "referralAssign", hand, "").await;
        let offer =
            json!({ "teamId": offered.team().global(), "criteriaSeen": "Adult.", "workerId": worker.global() });
        world.done("hub-coordinator", "referralOffer", step(4, offer), "").await;
        let decline = json!({ "reason": "OTHER", "text": "No interpreter." });
        world.done(&offered.member(Role::SupportWorker), "referralDecline", step(3, decline), "").await;
        let offer = json!({ "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
        world.done("hub-coordinator", "referralOffer", step(6, offer), "").await;
        let select = "referral { client { id } sharedCase { id } }";
        let taken = world.done("support-worker", "referralAccept", step(3, json!({})), select).await;
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
        let parent =
            json!({ "clientId": client, "kind": "PARENT", "name": "Ada Stagg", "until": "2028-01-01T00:00:00Z" });
        let proxy = id_of(&world.done("support-worker", "proxyRecord", parent, "proxy { id }").await["proxy"]["id"]);
        let basis = lawful_basis(&client);
        let basis = id_of(
            &world.done("support-worker", "lawfulBasisRecord", basis, "lawfulBasis { id }").await["lawfulBasis"]["id"],
        );
        let end = json!({ "lawfulBasisId": basis, "version": 1, "reason": "Over." });
        world.done("support-worker", "lawfulBasisEnd", end, "").await;
        let competent =
            json!({ "clientId": client, "assessedOn": "2026-03-01", "assessedBy": "A nurse", "how": "A talk." });
        world.done("support-worker", "competenceRecord", competent, "").await;
        let member = json!({
            "caseId": case, "teamId": demo::SOLICITORS.global(), "role": "Housing solicitor", "agreed": ["HOUSING"],
        });
        world.done("support-worker", "caseMemberAdd", member, "").await;

        let mut ids = json!({
            "client": client, "referral": referral, "case": case, "consent": consent, "signpostOnReferral": signposts[0],
            "signpostOnCase": signposts[1], "proxy": proxy, "lawfulBasis": basis, "draft": null, "asked": null, "previous": null, "restriction": null,
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
                "INSERT INTO referral (id, client_id, organisation_id, sent_by, private_sender, state, urgency, brought, created_at, version, \
                sender_reference) SELECT {}, client_id, organisation_id, sent_by, private_sender, 'DRAFT', urgency, brought, created_at, 1, 'PB-8' \
                FROM referral WHERE id = {referral}",
                self.uuid(draft.0)
            ),
            // One of which the hub asked something.
            format!(
                "INSERT INTO referral (id, client_id, organisation_id, sent_by, private_sender, state, urgency, brought, created_at, submitted_at, \
                version, sender_reference) SELECT {}, client_id, organisation_id, sent_by, private_sender, 'AWAITING_INFORMATION', urgency, 0, \
                created_at, submitted_at, 3, 'PB-9' FROM referral WHERE id = {referral}",
                self.uuid(ASKED.0)
            ),
            format!(
                "INSERT INTO referral_step (id, referral_id, client_id, from_state, to_state, actor, recorded_by, recorded_for, recorded_at) \
                SELECT {asked}, {asked}, client_id, 'SUBMITTED', 'AWAITING_INFORMATION', 'HUB', sent_by, organisation_id, {now} \
                FROM referral WHERE id = {referral}",
                asked = self.uuid(ASKED.0)
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
            // A consent of one who spoke for her, with a decision as well; somebody ended and excluded.
            format!(
                "UPDATE consent SET proxy_id = (SELECT p.id FROM proxy p WHERE p.client_id = {client}), decided_by = 'The ward', \
                decision_reason = 'Not able to.' WHERE id = {}",
                self.uuid(self.consent.0)
            ),
            format!(
                "UPDATE proxy SET ended_at = {now}, end_reason = 'Over.', excluded_at = {now}, exclusion_reason = 'An order.' \
                WHERE client_id = {client}"
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
        self.set_documents().await;
        self.ids["draft"] = json!(draft.global());
        self.ids["asked"] = json!(ASKED.global());
        self.ids["previous"] = json!(previous.global());
    }

    /// An override, a request for one, items of the inbox, a gateway and a disclosure: each with all it can have.
    async fn set_documents(&mut self) {
        let now = self.world.clock.now().0;
        let (client, harbour) = (self.uuid(self.client.0), self.uuid(demo::HARBOUR.0));
        let lead = self.uuid(person_of(&self.world, "safeguarding-lead").await.0);
        let of = |name: &str| SHAPES.iter().find(|s| s.name == name).expect("a shape");
        let (breaks, named) = (of("OVERRIDE").organisation(), of("LEGAL_GATEWAY").organisation());
        let worker = self.people.iter().find(|(s, r, _)| *s == "OVERRIDE" && *r == Role::SupportWorker);
        let (asker, breaks) = (self.uuid(worker.expect("a worker").2.0), self.uuid(breaks.0));
        let housing = Categories::of(&[Category::Involvement, Category::Housing]).mask();
        let abuse = Category::DomesticAbuse.bit();
        let mut all = vec![
            format!(
                "INSERT INTO access_override (id, client_id, person_id, organisation_id, categories, ground, reason, hours, asked_at, \
                needs_passes, needs_review, lapses_at, passes, opened_at, until_at, ended_at, cosigned_by, cosigned_at, review_due_at, \
                escalated_at, reviewed_by, reviewed_at, verdict, review_reason, tell, version) VALUES ({}, {client}, {asker}, {breaks}, \
                {housing}, 'ADULT_AT_RISK', 'Unwell.', 4, {now}, 0, {}, {now}, 0, {now}, {now}, {now}, {lead}, {now}, {now}, {now}, \
                {lead}, {now}, 'JUSTIFIED', 'It was.', 'TELL', 4)",
                self.uuid(OVERRIDE.0),
                self.truth(false),
            ),
            format!(
                "INSERT INTO override_request (id, person_id, organisation_id, given_name, family_name, date_of_birth, categories, \
                ground, reason, hours, asked_at, asked_on, matched_at) VALUES ({}, {asker}, {breaks}, 'Maren', 'Stagg', '1990-02-03', \
                {housing}, 'ADULT_AT_RISK', 'Unwell.', 4, {now}, '2026-04-01', {now})",
                self.uuid(REQUEST.0),
            ),
            // The lead agency's, past and gone through all it can; it names the agency that the basis is given to.
            format!(
                "INSERT INTO legal_gateway (id, client_id, recipient_id, kind, reference, categories, reason, starts_at, until_at, state, \
                recorded_by, recorded_for, recorded_at, owner_id, controller_id, decided_by, decided_at, decision_reason, tell, \
                withhold_until, withhold_reason, ended_by, ended_for, ended_at, end_reason, version) VALUES ({}, {client}, {}, \
                'MARAC_PROTOCOL', 'Conference 7', {housing}, 'Harm.', {now}, {now} + 1, 'ENDED', {lead}, {harbour}, {now}, {harbour}, \
                {harbour}, {lead}, {now}, 'The protocol.', 'WITHHOLD', {now} + 2, 'Harm.', {lead}, {harbour}, {now}, 'Done.', 3)",
                self.uuid(GATEWAY.0),
                self.uuid(named.0),
            ),
            // What tells where the person is, told to somebody whose name says more than what was told.
            format!(
                "INSERT INTO outward_disclosure (id, client_id, recipient, implied_categories, basis, reference, categories, \
                reveals_location, summary, disclosed_at, tell, withhold_until, withhold_reason, recorded_by, recorded_for, recorded_at, \
                owner_id, controller_id) VALUES ({}, {client}, 'The conference', {abuse}, 'MARAC', 'Case 7', {housing}, {}, 'Where she \
                is.', {now}, 'WITHHOLD', {now} + 2, 'Harm.', {lead}, {harbour}, {now}, {harbour}, {harbour})",
                self.uuid(DISCLOSURE.0),
                self.truth(true),
            ),
            // The same, told of what the override alone opened.
            format!(
                "INSERT INTO outward_disclosure (id, client_id, recipient, implied_categories, basis, reference, categories, \
                reveals_location, summary, disclosed_at, tell, withhold_until, withhold_reason, recorded_by, recorded_for, recorded_at, \
                owner_id, controller_id) VALUES ({}, {client}, 'The conference', {abuse}, 'MARAC', 'Case 7', {housing}, {}, 'Where she \
                is.', {now}, 'WITHHOLD', {now} + 2, 'Harm.', {lead}, {harbour}, {now}, {}, {breaks})",
                self.uuid(DISCLOSED_UNDER_OVERRIDE.0),
                self.truth(true),
                self.uuid(OVERRIDE.0),
            ),
            format!("UPDATE team SET room = 3, room_stated_at = {now} WHERE NOT is_hub"),
            // A duty to refer, passed on, acknowledged and taken back.
            format!(
                "INSERT INTO duty_to_refer (id, referral_id, client_id, authority_id, reason, evidence, agreed_at, recorded_by, recorded_for, \
                recorded_at, passed_at, acknowledged_at, reference, ended_at, end_reason) SELECT id, id, client_id, {}, \
                'Nowhere to go.', 'Signed.', {now}, {lead}, {harbour}, {now}, {now}, {now}, 'HO/7', {now}, 'Has a room.' FROM referral \
                WHERE id = {}",
                self.uuid(demo::DISTRICT.0),
                self.uuid(self.referral.0),
            ),
            // A service that is not for this urgency.
            format!(
                "UPDATE service SET stated = '{}' WHERE name = 'Housing support'",
                serde_json::to_string(&Criteria { urgencies: vec![Urgency::Upstream], ..Criteria::for_everybody() })
                    .expect("JSON"),
            ),
            format!("UPDATE organisation SET implied_categories = {abuse} WHERE id = {breaks}"),
            // What a service changed after the referral was sent.
            format!(
                "INSERT INTO service_criteria (id, service_id, number, stated, changes, changed_by, changed_for, changed_at) \
                SELECT id, id, 1, '{}', '[\"Stated for the first time.\"]', {lead}, {harbour}, {now} + 9 FROM service WHERE name = 'Housing support'",
                serde_json::to_string(&Criteria::for_everybody()).expect("JSON"),
            ),
        ];
        all.push(format!(
            "INSERT INTO client (id, status, created_at) VALUES ({}, 'PROVISIONAL', {now})",
            self.uuid(LIKE.0)
        ));
        for (n, category) in (1_u128..).zip(["NAME", "BIRTH"]) {
            all.push(format!(
                "INSERT INTO client_entry (id, client_id, category, category_bit, body, search_key, reveals_location, recorded_by, recorded_for, \
                owner_id, controller_id, recorded_at, version, third_party) SELECT {}, {}, category, category_bit, body, search_key, \
                reveals_location, recorded_by, recorded_for, owner_id, controller_id, recorded_at, version, third_party FROM client_entry \
                WHERE client_id = {client} AND category = '{category}' AND replaced_at IS NULL AND NOT third_party \
                ORDER BY recorded_at DESC LIMIT 1",
                self.uuid(Uuid::from_u128(0x11ce_0000 + n)),
                self.uuid(LIKE.0),
            ));
        }
        for shape in SHAPES.iter().filter(|s| s.basis == Basis::Hub) {
            all.push(format!(
                "INSERT INTO access_grant (id, client_id, organisation_id, team_id, holder_id, basis, basis_bit, categories, scope, scope_id, \
                opens_client, names_until, passes, purpose, starts_at, until_at, source_kind, source_id, created_at) VALUES ({}, {like}, {}, \
                {team}, {team}, 'HUB', {}, {}, 'CLIENT', {like}, {}, 0, 0, 'TEST', 0, {}, 'client', {like}, 0)",
                self.uuid(Uuid::from_u128(0x11ce_1000 + shape.number)),
                self.uuid(shape.organisation().0),
                Basis::Hub.bit(),
                Categories::of(&[Category::Name, Category::Birth, Category::Involvement]).mask(),
                self.truth(true),
                i64::MAX,
                like = self.uuid(LIKE.0),
                team = self.uuid(shape.team().0),
            ));
        }
        // Every agency has a hold, placed and lifted.
        for shape in SHAPES {
            all.push(format!(
                "INSERT INTO legal_hold (id, client_id, organisation_id, reference, reason, placed_by, placed_at, lifted_by, lifted_at, \
                lift_reason, version) VALUES ({}, {client}, {}, 'Claim 7', 'A claim.', {lead}, {now}, {lead}, {now}, 'Settled.', 2)",
                self.uuid(hold(shape).0),
                self.uuid(shape.organisation().0),
            ));
        }
        // Everybody has two items in their inbox: about the override, and about the request, which is about nobody's record.
        for (shape, role, person) in &self.people {
            let shape = of(shape);
            let about =
                [(OVERRIDE.global(), OVERRIDE.0, client.clone()), (REQUEST.global(), REQUEST.0, "NULL".into())];
            for (item, (subject, subject_id, client)) in items(shape, *role).iter().zip(about) {
                all.push(format!(
                    "INSERT INTO inbox_item (id, person_id, organisation_id, kind, subject, subject_id, client_id, posted_at, due_at, \
                    read_at, done_at) VALUES ({}, {}, {}, 'OVERRIDE_TO_REVIEW', '{subject}', {}, {client}, {now}, {now}, {now}, {now})",
                    self.uuid(item.0),
                    self.uuid(person.0),
                    self.uuid(shape.organisation().0),
                    self.uuid(subject_id),
                ));
            }
        }
        for sql in all {
            self.world.raw(&sql).await;
        }
        for (name, id) in [
            ("override", OVERRIDE.global()),
            ("overrideRequest", REQUEST.global()),
            ("gateway", GATEWAY.global()),
            ("disclosure", DISCLOSURE.global()),
        ] {
            self.ids[name] = json!(id);
        }
    }

    /// A truth as a literal of the database.
    fn truth(&self, is: bool) -> String {
        match self.world.backend {
            Backend::Sqlite => i64::from(is).to_string(),
            Backend::Postgres => is.to_string(),
        }
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
        let reached = match shape.reach {
            Reach::Referral => vec![("REFERRAL", self.referral.0), ("REFERRAL", ASKED.0)],
            Reach::Case => vec![("CASE", self.case.0)],
            Reach::Client => vec![("CLIENT", client.0)],
            Reach::OwnItems => vec![("OWN_ITEMS", organisation.0)],
            Reach::HubsItems => vec![("OWN_ITEMS", team.0)],
            Reach::BroughtByReferral => vec![("ITEM", self.referral.0)],
            Reach::HealthNote => vec![("ITEM", self.health_note.0)],
            Reach::Documents => vec![("ITEM", OVERRIDE.0), ("ITEM", GATEWAY.0)],
        };
        let team = (shape.to == To::Team).then_some(team);
        for (scope, scope_id) in reached {
            let (kind, source) = match shape.basis {
                Basis::Consent => ("consent", self.consent.0),
                Basis::LegalGateway => ("legal_gateway", GATEWAY.0),
                Basis::Override => ("override", OVERRIDE.0),
                Basis::Oversight if scope_id == OVERRIDE.0 => ("override", OVERRIDE.0),
                Basis::Oversight => ("legal_gateway", GATEWAY.0),
                _ => ("client", client.0),
            };
            let null = || "NULL".to_owned();
            let until =
                if shape.basis == Basis::Override { self.world.clock.now().0 + 86_400_000_000 } else { i64::MAX };
            // Its other grants have ended today: it knows the name and the teams on its case up to now (C2 AUTHOR).
            // Who reviews an override reads it whether the record is sealed or not (C5, C16).
            let passes = i64::from(shape.basis == Basis::Oversight);
            let known = if shape.name == "AUTHOR" { self.world.clock.now().0 } else { 0 };
            self.world
            .raw(&format!(
                "INSERT INTO access_grant (id, client_id, organisation_id, team_id, person_id, holder_id, basis, basis_bit, categories, \
                scope, scope_id, opens_client, names_until, passes, purpose, starts_at, until_at, source_kind, source_id, created_at) VALUES \
                ({}, {}, {}, {}, {}, {}, '{}', {}, {}, '{scope}', {}, {}, {known}, {passes}, 'TEST', 0, {until}, '{kind}', {}, 0)",
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
                self.truth(!matches!(shape.basis, Basis::Referrer | Basis::Oversight)),
                self.uuid(source),
            ))
            .await;
        }
    }

    /// Puts the phase's restrictions on the record; the global id of the first.
    pub async fn restrict(&self, phase: Phase) -> Option<String> {
        let everybody: Vec<_> = self.people.iter().map(|(.., p)| *p).collect();
        let mut organisations: Vec<_> = SHAPES.iter().map(Shape::organisation).collect();
        organisations.dedup();
        let lead = person_of(&self.world, "safeguarding-lead").await;
        // Somebody who is named and sees the record: their asking for it to be lifted counts.
        let asker = self.people.iter().find(|(s, r, _)| *s == "CONSENT" && *r == Role::SupportWorker);
        let asker = asker.expect("a worker").2;
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
                    lift_asked_by, lift_asked_at) VALUES ({}, {}, '{kind}', {}, {}, 'Why.', {setter}, {now}, {asker}, {now})",
                    self.uuid(id),
                    self.uuid(self.client.0),
                    organisation.map_or_else(null, |o: OrganisationId| self.uuid(o.0)),
                    person.map_or_else(null, |p: PersonId| self.uuid(p.0)),
                    setter = self.uuid(lead.0),
                    asker = self.uuid(asker.0),
                ))
                .await;
            let named: Vec<_> = named.iter().map(|p| format!("({}, {}, 1)", self.uuid(id), self.uuid(p.0))).collect();
            if !named.is_empty() {
                let sql = "INSERT INTO restriction_person (restriction_id, person_id, off_asked_at) VALUES";
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

    /// The ids to ask for, as somebody.
    pub fn ids(&self, restriction: Option<&str>, shape: &Shape, role: Role) -> Value {
        let mut ids = self.ids.clone();
        ids["legalHold"] = json!(hold(shape).global());
        ids["inboxItem"] = json!(items(shape, role)[0].global());
        ids["restriction"] = json!(restriction.unwrap_or("restriction_0123456789abcdef0123456789abcdef"));
        ids
    }
}

/// What the grant opens: all that its basis opens at most, or half of it; with INVOLVEMENT where it is whole, and for some where it
/// is half.
fn categories(shape: &Shape, half: Half) -> Categories {
    let all: Categories = super::expected::at_most(shape.name).into_iter().filter(|c| half.has(*c)).collect();
    if has_involvement(shape.name, half) { all.union(Categories::of(&[Category::Involvement])) } else { all }
}

/// Any grant opens INVOLVEMENT, whether it names it or not, but a document that carries it with other categories wants all of them.
pub fn has_involvement(shape: &str, half: Half) -> bool {
    half == Half::Whole || ["HOLDER", "OVERRIDE", "LEGAL_GATEWAY", "OVERSIGHT"].contains(&shape)
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
            room: None,
            room_stated_at: None,
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
