//! The marked record: one agency keeps people about whom every word carries a mark, in every world. It is there once, in the
//! database that worlds are copied from. Whoever else reads any of it found a way that should not be there (`support::scan`).
//!
//! It came about by the use cases themselves, most of a year before the world begins, so that what the hub saw of it ended.

use super::{Backend, World, draft, scan};
use alliance::domain::category::Categories;
use alliance::domain::clock::Clock;
use alliance::domain::ids::{OrganisationId, TeamId, TypedId};
use alliance::domain::organisation_name::OrganisationKind;
use alliance::domain::random::{Randomness, SystemRandomness};
use alliance::domain::role::Role;
use alliance::persistence::organisation::{self, NewOrganisation, Team};
use alliance::persistence::sql::Sql;
use alliance::service::demo;
use serde_json::{Value, json};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// The agency that keeps the marked record.
pub const KEEPER: OrganisationId = OrganisationId(Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_00cb));
/// Its team, which leads.
pub const KEEPING: TeamId = TeamId(Uuid::from_u128(0x0b00_0000_0000_7000_8000_0000_0000_00cb));
/// Its other team, a member.
pub const HELPING: TeamId = TeamId(Uuid::from_u128(0x0b00_0000_0000_7000_8000_0000_0000_00cc));
/// How many clients it keeps.
pub const CLIENTS: usize = 4;

/// In every word of the record, in lower case; another in every run.
pub static MARK: LazyLock<String> =
    LazyLock::new(|| format!("zk{}kz", &SystemRandomness.uuid_random().simple().to_string()[..12]));

/// Categories that are told in words.
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
];

/// A draft with a mark in every section and every narrative.
pub fn marked_draft(mark: &str) -> Value {
    const OTHERS: &[&str] = &["NAME", "BIRTH", "CONTACT", "HOUSEHOLD", "HOUSING"];
    let mut sections = vec![
        json!({ "name": { "given": format!("{mark}Given"), "family": format!("{mark}Family"), "preferred": format!("{mark}Preferred"), "pronouns": format!("{mark}Pronouns"), "ageBand": "FROM_55_TO_64" } }),
        json!({ "birth": { "date": "1961-07-19" } }),
        json!({ "contact": { "addressLines": [format!("{mark}Street")], "postcode": "ZY9 9XX", "phone": format!("{mark}Phone"), "email": format!("zyx@{mark}Email"), "safeWays": format!("{mark}Safe") } }),
        json!({ "household": { "members": [{ "name": format!("{mark}Member"), "relationship": format!("{mark}Relation") }] } }),
        json!({ "housing": { "tenure": "CUSTODY", "landlord": format!("{mark}Landlord"), "arrearsPence": 9_876_543, "noticeExpiresOn": "2026-09-17", "text": format!("{mark}Home") } }),
    ];
    sections.extend(TEXTS.iter().map(|c| json!({ "text": { "category": c, "text": format!("{mark}Text{c}") } })));
    let narratives: Vec<_> =
        TEXTS.iter().chain(OTHERS).map(|c| json!({ "category": c, "text": format!("{mark}Story{c}") })).collect();
    let mut all: Vec<_> = TEXTS.iter().chain(OTHERS).copied().collect();
    all.extend(["CASE_NOTES", "INVOLVEMENT"]);
    let mut d = draft("-");
    d["sections"] = json!(sections);
    d["narratives"] = json!(narratives);
    d["consent"]["categories"] = json!(all);
    d["consent"]["evidence"] = json!(format!("{mark}Evidence"));
    d
}

/// The keeper's own draft: whole values that have no room for a mark are like nobody else's.
fn kept_draft() -> Value {
    let text = marked_draft(&MARK).to_string();
    let [birth, pence, postcode, notice] = scan::UNMARKED else { panic!("four values") };
    let text = text.replace("1961-07-19", birth).replace("9876543", pence).replace("2026-09-17", notice);
    let mut d: Value =
        serde_json::from_str(&text.replace("ZY9 9XX", &postcode.to_uppercase())).expect("it stays JSON");
    d["senderReference"] = json!(words("Reference"));
    // The hub must be named for what is special to be sent at all.
    d["consent"]["recipients"] = json!([demo::HARBOUR.global(), KEEPER.global()]);
    d
}

pub fn words(of: &str) -> String {
    format!("{}{of}", &*MARK)
}

fn text(v: &Value) -> String {
    v.as_str().unwrap_or_else(|| panic!("an id, not {v}")).to_owned()
}

/// Registers the agency and its only person, who has every role.
pub async fn register(world: &World) {
    let tx = world.app.database.begin().await.expect("begins");
    let now = world.clock.now();
    let new = NewOrganisation {
        id: KEEPER,
        name: "Vault Street Practice".into(),
        kind: OrganisationKind::PartnerSupportProvider,
        is_partner: true,
        is_category: false,
        parent: None,
        implies: Categories::NONE,
    };
    organisation::register(&tx, &new, now).await.expect("registers");
    for (id, name) in [(KEEPING, "Vault Keepers"), (HELPING, "Vault Helpers")] {
        let (name, refuses) = (name.to_owned(), Categories::NONE);
        let team = Team {
            id,
            organisation: KEEPER,
            name,
            is_hub: false,
            refuses,
            room: None,
            room_stated_at: None,
            version: 1,
        };
        organisation::register_team(&tx, &team, now).await.expect("registers");
    }
    tx.commit().await.expect("commits");
    let all = [Role::Referrer, Role::SupportWorker, Role::TeamManager];
    world.member("keeper", KEEPER, &all, &[KEEPING, HELPING]).await;
}

/// Runs a mutation as the keeper; an id of its payload.
async fn kept(world: &World, name: &str, input: Value, select: &str, id: &str) -> String {
    text(world.done("keeper", name, input, select).await.pointer(id).unwrap_or(&Value::Null))
}

/// What the keeper recorded, and the ids it left. The hub handles what passes through it.
struct Story<'a> {
    world: &'a World,
    ids: Vec<String>,
}

impl Story<'_> {
    async fn drafted(&mut self) -> String {
        let id = kept(self.world, "referralDraft", kept_draft(), "referral { id }", "/referral/id").await;
        self.ids.push(id.clone());
        id
    }

    async fn submitted(&mut self) -> String {
        let id = self.drafted().await;
        self.world.done("keeper", "referralSubmit", json!({ "referralId": id, "version": 1 }), "").await;
        id
    }

    async fn offered(&self, referral: &str, version: i64) {
        let offer = json!({
            "referralId": referral, "version": version, "teamId": KEEPING.global(), "criteriaSeen": words("Criteria"),
        });
        self.world.done("hub-coordinator", "referralOffer", offer, "").await;
    }

    /// Referrals that came to an end before there was a case: closed with words, and withdrawn.
    async fn ended(&mut self) {
        let closed = self.submitted().await;
        let close = json!({
            "referralId": closed, "version": 2, "outcome": "OTHER", "text": words("Outcome"),
            "onwardReferral": words("Onward"), "refusedSignposting": words("Refused"),
        });
        self.world.done("hub-coordinator", "referralClose", close, "").await;
        let withdrawn = self.submitted().await;
        let withdraw = json!({ "referralId": withdrawn, "version": 2, "reason": words("Withdrawn") });
        self.world.done("keeper", "referralWithdraw", withdraw, "").await;
    }

    /// A case with everything that a case can have.
    async fn led(&mut self) {
        let world = self.world;
        let referral = self.submitted().await;
        self.offered(&referral, 2).await;
        let decline = json!({ "referralId": referral, "version": 3, "reason": "OTHER", "text": words("Decline") });
        world.done("keeper", "referralDecline", decline, "").await;
        self.offered(&referral, 4).await;
        let select = "referral { sharedCase { id } client { id } }";
        let accept = json!({ "referralId": referral, "version": 5 });
        let done = world.done("keeper", "referralAccept", accept, select).await;
        let client = text(&done["referral"]["client"]["id"]);
        let case = text(&done["referral"]["sharedCase"]["id"]);
        self.ids.extend([client.clone(), case.clone()]);
        self.agreed(&client, &case).await;
        self.written(&client, &case).await;
    }

    /// Consents, one of them withdrawn, and members of the case, one of whom left.
    async fn agreed(&mut self, client: &str, case: &str) {
        let world = self.world;
        let consent = |evidence: &str| {
            json!({ "clientId": client, "consent": {
                "recipients": [KEEPER.global()], "purposes": ["SUPPORT", "CASE_COORDINATION"],
                "categories": ["HOUSING", "FINANCE", "HEALTH"], "givenBy": "CLIENT", "givenHow": "VERBAL",
                "evidence": words(evidence), "expiresAt": "2027-03-01T00:00:00Z",
            } })
        };
        let given = kept(world, "consentRecord", consent("EvidenceOnce"), "consent { id }", "/consent/id").await;
        let withdrawal = json!({
            "consentId": given, "categories": ["FINANCE"], "withdrawnBy": words("Withdrawal"),
        });
        world.done("keeper", "consentWithdraw", withdrawal, "").await;
        let again = kept(world, "consentRecord", consent("EvidenceAgain"), "consent { id }", "/consent/id").await;
        self.ids.extend([given, again]);
        let member = |role: &str| json!({ "caseId": case, "teamId": HELPING.global(), "role": words(role), "agreed": ["HOUSING"] });
        let select = "sharedCase { members { id } }";
        let first = kept(world, "caseMemberAdd", member("RoleOnce"), select, "/sharedCase/members/0/id").await;
        let remove = json!({ "caseId": case, "memberId": first, "version": 1, "reason": words("Left") });
        world.done("keeper", "caseMemberRemove", remove, "").await;
        let second = kept(world, "caseMemberAdd", member("RoleAgain"), select, "/sharedCase/members/0/id").await;
        self.ids.extend([first, second]);
        let never = json!({
            "clientId": client, "kind": "PARENT", "name": words("Parent"), "neverActsReason": words("Never"),
        });
        let proxy = kept(world, "proxyRecord", never, "proxy { id }", "/proxy/id").await;
        let end = json!({ "proxyId": proxy, "version": 1, "reason": words("Ended") });
        world.done("keeper", "proxyEnd", end, "").await;
        let competent = json!({
            "clientId": client, "assessedOn": "2025-05-01", "assessedBy": words("Assessor"), "how": words("Assessment"),
        });
        world.done("keeper", "competenceRecord", competent, "").await;
        let basis = json!({
            "clientId": client, "basis": "PUBLIC_TASK", "categories": ["OFFENDING"], "scheduleCondition": words("Schedule"),
            "reason": words("Lawful"),
        });
        let basis = kept(world, "lawfulBasisRecord", basis, "lawfulBasis { id }", "/lawfulBasis/id").await;
        let end = json!({ "lawfulBasisId": basis, "version": 1, "reason": words("Unlawful") });
        world.done("keeper", "lawfulBasisEnd", end, "").await;
        self.ids.extend([proxy, basis]);
    }

    /// Notes of every kind, a correction, an entry that nobody else may see, and a signpost that was followed up.
    async fn written(&mut self, client: &str, case: &str) {
        let world = self.world;
        for visibility in ["TEAM", "AGENCY", "THIRD_PARTY", "REFLECTIVE"] {
            let note = json!({
                "caseId": case, "visibility": visibility, "categories": ["HOUSING"], "text": words(&format!("Note{visibility}")),
            });
            let id = kept(world, "noteRecord", note, "note { id }", "/note/id").await;
            let correct = json!({
                "noteId": id, "version": 1, "visibility": visibility, "text": words(&format!("Noted{visibility}")),
            });
            let corrected = kept(world, "noteCorrect", correct, "note { id }", "/note/id").await;
            self.ids.extend([id, corrected]);
        }
        let section = |category: &str, of: &str| json!({ "text": { "category": category, "text": words(of) } });
        let equalities = json!({ "clientId": client, "section": section("EQUALITIES", "Equalities") });
        world.done("keeper", "entryRecord", equalities, "").await;
        let plan = json!({ "clientId": client, "section": section("SUPPORT_PLAN", "Plan") });
        let select = "client { supportPlan { entryId } }";
        let entry = kept(world, "entryRecord", plan, select, "/client/supportPlan/entryId").await;
        let correct = json!({
            "entryId": entry, "version": 1, "section": section("SUPPORT_PLAN", "Planned"), "reason": words("Correction"),
        });
        world.done("keeper", "entryCorrect", correct, "").await;
        let told = json!({
            "on": { "caseId": case }, "serviceId": demo::DROP_IN.global(), "told": "CLIENT", "channel": "PHONE",
            "reason": words("Pointed"),
        });
        let signpost = kept(world, "signpostRecord", told, "signpost { id }", "/signpost/id").await;
        let follow_up = json!({ "signpostId": signpost, "version": 1, "outcome": "ENGAGED" });
        world.done("keeper", "signpostFollowUp", follow_up, "").await;
        self.ids.extend([entry, signpost]);
    }
}

/// The ids of the marked record in the databases of each kind.
static IDS: Mutex<Vec<(Backend, String)>> = Mutex::new(Vec::new());

/// The ids of the marked record in this world.
pub fn ids(world: &World) -> Vec<String> {
    let all = IDS.lock().unwrap_or_else(PoisonError::into_inner);
    all.iter().filter(|(backend, _)| *backend == world.backend).map(|(_, id)| id.clone()).collect()
}

/// How many days before the world begins all of it happened.
const DAYS_BEFORE: i64 = 300;

static UNSEALED: Sql = Sql::new("SELECT COUNT(*) FROM trace_unsealed");

/// Tells the keeper's story, most of a year ago, and takes down what must not get out.
pub async fn tell(world: &World) {
    world.clock.pass_days(-DAYS_BEFORE);
    let mut story = Story { world, ids: Vec::new() };
    story.drafted().await;
    story.ended().await;
    story.led().await;
    IDS.lock().unwrap_or_else(PoisonError::into_inner).extend(story.ids.iter().map(|id| (world.backend, id.clone())));
    let digits = story.ids.iter().map(|id| id.rsplit_once('_').expect("a tag").1.to_owned());
    scan::take_down_ids(digits);
    world.clock.pass_days(DAYS_BEFORE);
    // A world begins with no trace of how it was made, and with nothing to tell others.
    for _ in 0..500 {
        if world.number(&UNSEALED).await == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for table in ["trace", "trace_chain", "trace_unsealed", "outbox"] {
        world.raw(&format!("DELETE FROM {table}")).await;
    }
}
