//! The access ledger is always what the documents call for (C2).

use crate::support::{Backend, CANARY, CANARY_TEAM, World, draft, marked};
use alliance::domain::category::Category;
use alliance::domain::clock::Clock;
use alliance::domain::code::Coded;
use alliance::domain::consent::Purpose;
use alliance::domain::emergency::Verdict;
use alliance::domain::ids::{
    CaseId, CaseMemberId, ClientId, ConsentId, ContactId, EntryId, InboxItemId, LawfulBasisId, LegalGatewayId,
    LegalHoldId, LikenessId, MembershipId, NarrativeId, NoteId, OrganisationId, OverrideId, PersonId, ProxyId,
    ReferralId, RestrictionId, ServiceId, SignpostId, SupervisionId, TeamId, TypedId,
};
use alliance::domain::lawful_basis::{LawfulBasisKind, SpecialCondition};
use alliance::domain::legal_gateway::LegalGatewayKind;
use alliance::domain::outward_disclosure::OutwardDisclosureBasis;
use alliance::domain::proxy::ProxyKind;
use alliance::domain::referral::{DeclineReason, Ground, Outcome, Urgency};
use alliance::domain::role::Role;
use alliance::domain::shared_case::{ClosureKind, ClosureReason, NoteVisibility};
use alliance::domain::signpost::{FollowUp, Told};
use alliance::persistence::sql::Sql;
use alliance::persistence::{ledger, trace};
use alliance::service::{demo, doctor, jobs};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Numbers that look random and are the same in every run: splitmix64.
pub struct Dice(u64);

impl Dice {
    /// Thrown from a seed.
    pub const fn thrown(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n.max(1)).expect("it fits")).expect("it fits")
    }

    /// Whether something with so many chances in a hundred happens.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// The ledger is what the documents call for; how many clients were compared, the marked ones aside.
async fn sound(world: &World, after: &str) -> usize {
    let (compared, differences) = ledger::check(&world.app.database).await.expect("it checks");
    assert_eq!(differences, [], "after {after}");
    compared - marked::CLIENTS
}

/// Does something that must go through, and looks at the ledger.
async fn step(world: &World, who: &str, name: &str, input: Value, select: &str) -> Value {
    let payload = world.done(who, name, input, select).await;
    sound(world, name).await;
    payload
}

/// A consent to the solicitors.
fn consent_to(recipient: OrganisationId, purposes: &[&str], categories: &[&str]) -> Value {
    json!({
        "recipients": [recipient.global()], "purposes": purposes, "categories": categories, "givenBy": "CLIENT",
        "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
    })
}

async fn the_ledger_is_what_the_documents_call_for_after_every_step_of_a_journey(world: World) {
    let made = step(&world, "referrer", "referralDraft", draft("Quill"), "referral { id }").await;
    let id = made["referral"]["id"].clone();
    let on = |version: i32, more: Value| {
        let mut input = json!({ "referralId": id, "version": version });
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    step(&world, "referrer", "referralSubmit", on(1, json!({})), "").await;
    let told = json!({
        "on": { "referralId": id }, "serviceId": demo::DROP_IN.global(), "told": "BOTH", "channel": "PHONE", "reason": "A bed.",
    });
    step(&world, "hub-coordinator", "signpostRecord", told, "").await;
    step(&world, "hub-coordinator", "referralAsk", on(2, json!({ "question": "Which debts?" })), "").await;
    // What the answer tells of, the referral brings: the hub reads it, as far as consent names it.
    let rent = json!({ "answer": "The rent alone.", "categories": ["FINANCE"] });
    step(&world, "referrer", "referralAnswer", on(3, rent), "").await;
    let outreach = json!({ "teamId": demo::OUTREACH.global(), "criteriaSeen": "Adult." });
    step(&world, "hub-coordinator", "referralOffer", on(4, outreach.clone()), "").await;
    step(&world, "hub-coordinator", "referralTakeBack", on(5, json!({})), "").await;
    step(&world, "hub-coordinator", "referralOffer", on(6, outreach), "").await;
    step(&world, "outside-worker", "referralDecline", on(3, json!({ "reason": "NO_CAPACITY" })), "").await;
    let north = json!({ "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
    step(&world, "hub-coordinator", "referralOffer", on(8, north), "").await;
    let select = "referral { client { id } sharedCase { id } }";
    let accepted = step(&world, "support-worker", "referralAccept", on(3, json!({})), select).await;
    let (client, case) = (&accepted["referral"]["client"]["id"], &accepted["referral"]["sharedCase"]["id"]);

    let both = consent_to(demo::LOCKWELL, &["CASE_COORDINATION", "SUPPORT"], &["NAME", "HOUSING", "FINANCE"]);
    let given = json!({ "clientId": client, "consent": both });
    let given = step(&world, "support-worker", "consentRecord", given, "consent { id }").await;
    let member = json!({ "caseId": case, "teamId": demo::SOLICITORS.global(), "role": "Law", "agreed": ["HOUSING"] });
    step(&world, "support-worker", "caseMemberAdd", member.clone(), "").await;
    let note = json!({ "caseId": case, "visibility": "TEAM", "text": "Called." });
    let note = step(&world, "partner-worker", "noteRecord", note, "note { id }").await;
    let rang = json!({ "noteId": note["note"]["id"], "version": 1, "visibility": "AGENCY", "text": "Rang." });
    step(&world, "partner-worker", "noteCorrect", rang, "").await;
    let risk = |text: &str| json!({ "text": { "category": "RISK", "text": text } });
    let entry = json!({ "clientId": client, "section": risk("A dog.") });
    let entry = step(&world, "support-worker", "entryRecord", entry, "client { risk { entryId } }").await;
    let entry = &entry["client"]["risk"]["entryId"];
    let correct = json!({ "entryId": entry, "version": 1, "section": risk("No dog."), "reason": "Mistaken." });
    step(&world, "support-worker", "entryCorrect", correct, "").await;

    let ask = || {
        json!({
            "clientId": client, "recipientId": demo::MEADOW.global(), "kind": "DUTY_IN_LAW", "reference": "An Act",
            "categories": ["NAME", "HOUSING"], "until": "2027-03-01T00:00:00Z", "reason": "A duty.",
        })
    };
    for (decision, ends) in [("REFUSE", false), ("GRANT", true), ("GRANT", false)] {
        let asked = step(&world, "support-worker", "legalGatewayAsk", ask(), "legalGateway { id }").await;
        let id = &asked["legalGateway"]["id"];
        let decide = json!({ "legalGatewayId": id, "version": 1, "decision": decision, "reason": "The law." });
        step(&world, "safeguarding-lead", "legalGatewayDecide", decide, "").await;
        if ends {
            let end = json!({ "legalGatewayId": id, "version": 2, "reason": "Over." });
            step(&world, "safeguarding-lead", "legalGatewayEnd", end, "").await;
        }
    }
    let told = json!({
        "clientId": client, "recipient": "Ridgemarket Police", "basis": "POLICE_REQUEST", "categories": ["HOUSING"],
        "summary": "Where she lives.", "disclosedAt": "2026-04-01T08:00:00Z",
    });
    // Whoever sees the record under the gateway has an item of their own now.
    step(&world, "outside-worker", "outwardDisclosureRecord", told, "").await;

    let consent = &given["consent"]["id"];
    let part = json!({ "consentId": consent, "categories": ["FINANCE"], "withdrawnBy": "Her, by phone." });
    step(&world, "support-worker", "consentWithdraw", part, "").await;
    world.clock.pass_days(20);
    sound(&world, "twenty days").await;
    let all = json!({ "consentId": consent, "withdrawnBy": "Her, by phone." });
    step(&world, "support-worker", "consentWithdraw", all, "").await;
    let again =
        json!({ "clientId": client, "consent": consent_to(demo::LOCKWELL, &["CASE_COORDINATION"], &["HOUSING"]) });
    step(&world, "support-worker", "consentRecord", again, "").await;
    let members = "sharedCase { members { id version leftAt } }";
    let back = step(&world, "support-worker", "caseMemberAdd", member, members).await;
    let inside = back["sharedCase"]["members"].as_array().expect("a list").iter().find(|m| m["leftAt"].is_null());
    let leaving = json!({
        "caseId": case, "memberId": inside.expect("a member")["id"], "version": 1, "reason": "Their work is done.",
    });
    step(&world, "partner-worker", "caseMemberRemove", leaving, "").await;

    world.clock.pass_days(40);
    sound(&world, "the hub's thirty days").await;
    let close =
        |case: &Value, reason: &str| json!({ "caseId": case, "version": 1, "kind": "PLANNED", "reason": reason });
    step(&world, "support-worker", "caseClose", close(case, "NEEDS_MET"), "").await;
    let new = json!({ "caseId": case, "version": 2 });
    let new = step(&world, "support-worker", "caseReenter", new, "sharedCase { id }").await;
    step(&world, "support-worker", "caseClose", close(&new["sharedCase"]["id"], "DIED"), "").await;
    world.clock.pass_days(800);
    assert_eq!(sound(&world, "two years").await, 1);
}

/// All mutations there are: how often each is tried, and by whom mostly.
const MUTATIONS: &[(&str, usize, &[&str])] = &[
    ("caseClose", 2, &["support-worker", "team-manager"]),
    ("caseMemberAdd", 4, &["support-worker"]),
    ("caseMemberRemove", 2, &["support-worker", "partner-worker"]),
    ("caseReenter", 2, &["support-worker"]),
    ("clientSeal", 1, &["team-manager"]),
    ("competenceRecord", 1, &["support-worker"]),
    ("consentRecord", 5, &["support-worker"]),
    ("consentWithdraw", 3, &["support-worker", "support-worker", "partner-worker"]),
    ("contactPreferenceRecord", 1, &["support-worker"]),
    ("contactProtect", 2, &["support-worker", "hub-coordinator"]),
    ("entryCorrect", 2, &["support-worker"]),
    ("lawfulBasisEnd", 1, &["support-worker", "partner-worker"]),
    ("lawfulBasisRecord", 2, &["support-worker", "hub-coordinator", "partner-worker"]),
    ("entryMark", 1, &["support-worker", "hub-coordinator"]),
    ("entryRecord", 4, &["support-worker", "hub-coordinator", "partner-worker"]),
    ("overrideCosign", 1, &["partner-safeguarding-lead", "safeguarding-lead"]),
    ("overrideEnd", 1, &["support-worker", "partner-worker"]),
    ("overrideOpen", 3, &["support-worker", "partner-worker"]),
    ("overrideRequest", 1, &["outside-worker"]),
    ("overrideReview", 1, &["safeguarding-lead", "partner-safeguarding-lead"]),
    ("inboxItemRead", 1, &["support-worker"]),
    ("legalGatewayAsk", 4, &["support-worker", "support-worker", "hub-coordinator"]),
    ("legalGatewayDecide", 4, &["safeguarding-lead"]),
    ("legalGatewayEnd", 2, &["safeguarding-lead"]),
    ("legalHoldLift", 1, &["information-governance"]),
    ("legalHoldPlace", 1, &["information-governance"]),
    ("likelyDuplicateDecide", 1, &["hub-coordinator"]),
    ("membershipEnd", 1, &["administrator"]),
    ("membershipGrant", 1, &["administrator"]),
    ("noteCorrect", 2, &["support-worker"]),
    ("noteRecord", 4, &["support-worker", "support-worker", "partner-worker"]),
    ("objectionRecord", 1, &["support-worker", "hub-coordinator"]),
    ("organisationContactAdd", 1, &["hub-coordinator"]),
    ("organisationContactEnd", 1, &["hub-coordinator"]),
    ("organisationMerge", 2, &["administrator"]),
    ("organisationUnmerge", 2, &["administrator"]),
    ("organisationRegister", 1, &["hub-coordinator"]),
    ("organisationUpdate", 1, &["administrator"]),
    ("outwardDisclosureRecord", 3, &["support-worker", "partner-worker", "hub-coordinator"]),
    ("proxyEnd", 1, &["support-worker", "partner-worker"]),
    ("proxyExclude", 1, &["support-worker", "hub-coordinator"]),
    ("proxyRecord", 3, &["support-worker", "support-worker", "hub-coordinator", "partner-worker"]),
    ("referralAccept", 4, &["support-worker"]),
    ("referralAnswer", 2, &["referrer", "hub-coordinator"]),
    ("referralAsk", 2, &["hub-coordinator"]),
    ("referralAssign", 1, &["hub-coordinator"]),
    ("referralClose", 1, &["hub-coordinator"]),
    ("referralDecline", 2, &["support-worker", "outside-worker"]),
    ("referralDraft", 4, &["referrer"]),
    ("referralOffer", 4, &["hub-coordinator"]),
    ("referralRecordClientDecline", 1, &["referrer", "hub-coordinator", "support-worker"]),
    ("referralSetUrgency", 1, &["hub-coordinator"]),
    ("referralRecordDuty", 2, &["referrer"]),
    ("referralPassDuty", 1, &["hub-coordinator"]),
    ("referralAcknowledgeDuty", 1, &["hub-coordinator"]),
    ("referralEndDuty", 1, &["referrer", "hub-coordinator"]),
    ("referralSubmit", 5, &["referrer"]),
    ("referralTakeBack", 1, &["hub-coordinator"]),
    ("referralWithdraw", 1, &["referrer"]),
    ("restrictionLift", 3, &["support-worker", "team-manager", "hub-coordinator"]),
    ("restrictionName", 2, &["support-worker", "hub-coordinator"]),
    ("retentionSet", 1, &["information-governance"]),
    ("restrictionUnname", 1, &["support-worker", "hub-coordinator"]),
    ("serviceRegister", 1, &["hub-coordinator"]),
    ("serviceStateCriteria", 1, &["team-manager", "administrator"]),
    ("signpostFollowUp", 2, &["support-worker", "hub-coordinator"]),
    ("signpostRecord", 3, &["support-worker", "hub-coordinator"]),
    ("supervisionAssign", 1, &["administrator", "team-manager"]),
    ("supervisionEnd", 1, &["administrator"]),
    ("teamRegister", 1, &["administrator"]),
    ("teamStateRoom", 1, &["team-manager"]),
    ("teamSetIntakeProfile", 1, &["team-manager", "administrator"]),
];

/// A document there is: its id and version, and the state or the document it belongs to.
#[derive(Clone, Debug)]
struct Document {
    id: Uuid,
    version: i64,
    state: String,
}

// What came about since worlds began, at 1775034000000000: the marked record is older, and not for these walks.
static REFERRALS: Sql =
    Sql::new("SELECT id, version, state FROM referral WHERE created_at >= 1775034000000000 ORDER BY created_at, id");
static CLIENTS: Sql = Sql::new(
    "SELECT id, CAST(1 AS bigint), status FROM client WHERE created_at >= 1775034000000000 ORDER BY created_at",
);
static CASES: Sql = Sql::new(
    "SELECT id, version, CASE WHEN closed_at IS NULL THEN 'OPEN' ELSE 'CLOSED' END FROM shared_case \
    WHERE opened_at >= 1775034000000000 ORDER BY opened_at, id",
);
static MEMBERS: Sql = Sql::new(
    "SELECT m.id, m.version, CASE WHEN m.left_at IS NULL THEN 'IN' ELSE 'LEFT' END, m.case_id FROM case_member m \
    WHERE m.joined_at >= 1775034000000000 ORDER BY m.joined_at, m.id",
);
static NOTES: Sql = Sql::new(
    "SELECT id, version, visibility FROM case_note WHERE replaced_at IS NULL AND recorded_at >= 1775034000000000 \
    ORDER BY recorded_at, id",
);
static ENTRIES: Sql = Sql::new(
    "SELECT id, version, category FROM client_entry WHERE replaced_at IS NULL AND referral_id IS NULL \
    AND recorded_at >= 1775034000000000 ORDER BY recorded_at, id",
);
static BROUGHT: Sql = Sql::new(
    "SELECT id, version, category FROM client_entry WHERE referral_id IS NOT NULL AND recorded_at >= 1775034000000000 \
    ORDER BY recorded_at, id",
);
static NARRATIVES: Sql = Sql::new(
    "SELECT n.id, n.version, n.category FROM referral_narrative n JOIN referral r ON r.id = n.referral_id \
    WHERE r.created_at >= 1775034000000000 ORDER BY r.created_at, n.id",
);
static CONSENTS: Sql = Sql::new(
    "SELECT id, CAST(1 AS bigint), given_how FROM consent WHERE recorded_at >= 1775034000000000 ORDER BY recorded_at, id",
);
static PROXIES: Sql = Sql::new(
    "SELECT id, version, CASE WHEN ended_at IS NULL AND excluded_at IS NULL THEN 'ACTS' ELSE 'OVER' END FROM proxy \
    WHERE recorded_at >= 1775034000000000 ORDER BY recorded_at, id",
);
static LAWFUL_BASES: Sql = Sql::new(
    "SELECT id, version, CASE WHEN ended_at IS NULL THEN 'LIVE' ELSE 'ENDED' END FROM lawful_basis \
    WHERE recorded_at >= 1775034000000000 ORDER BY recorded_at, id",
);
static PROXY_KINDS: Sql = Sql::new(
    "SELECT p.client_id, p.version, p.kind, p.id FROM proxy p WHERE p.recorded_at >= 1775034000000000 ORDER BY p.recorded_at, p.id",
);
static SIGNPOSTS: Sql =
    Sql::new("SELECT id, version, told FROM signpost WHERE recorded_at >= 1775034000000000 ORDER BY recorded_at, id");
static TEAMS: Sql =
    Sql::new("SELECT id, version, name FROM team WHERE name NOT LIKE 'Vault%' ORDER BY created_at, name");
static SERVICES: Sql =
    Sql::new("SELECT id, version, name FROM service WHERE name NOT LIKE 'Vault%' ORDER BY created_at, name");
static OVERRIDES: Sql = Sql::new(
    "SELECT id, version, CASE WHEN opened_at IS NULL THEN 'WAITING' ELSE 'OPEN' END FROM access_override ORDER BY asked_at, id",
);
static INBOX: Sql = Sql::new("SELECT id, CAST(1 AS bigint), kind FROM inbox_item ORDER BY posted_at, id");
static GATEWAYS: Sql = Sql::new("SELECT id, version, state FROM legal_gateway ORDER BY recorded_at, id");
static HOLDS: Sql = Sql::new(
    "SELECT id, version, CASE WHEN lifted_at IS NULL THEN 'LIVE' ELSE 'LIFTED' END FROM legal_hold ORDER BY placed_at, id",
);
static MEMBERSHIPS: Sql = Sql::new(
    "SELECT m.id, m.version, p.name FROM membership m JOIN person p ON p.id = m.person_id \
    WHERE p.name LIKE 'Walker%' ORDER BY m.started_at",
);
static ORGANISATIONS: Sql =
    Sql::new("SELECT id, version, name FROM organisation WHERE name NOT LIKE 'Vault%' ORDER BY created_at, name");

static MERGED: Sql =
    Sql::new("SELECT id, version, name FROM organisation WHERE merged_into_id IS NOT NULL ORDER BY created_at, name");
static CONTACTS: Sql = Sql::new(
    "SELECT id, version, CASE WHEN ended_at IS NULL THEN 'LIVE' ELSE 'ENDED' END FROM organisation_contact ORDER BY recorded_at, id",
);
static PEOPLE: Sql = Sql::new("SELECT id, version, name FROM person ORDER BY created_at, name");
static RESTRICTIONS: Sql =
    Sql::new("SELECT id, version, kind FROM restriction WHERE ended_at IS NULL ORDER BY recorded_at, id");
static SUPERVISIONS: Sql = Sql::new(
    "SELECT id, version, CASE WHEN ended_at IS NULL THEN 'LIVE' ELSE 'ENDED' END FROM supervision ORDER BY recorded_at, id",
);

/// A walk through the mutations, at random and the same in every run.
pub(crate) struct Walk<'a> {
    world: &'a World,
    dice: Dice,
    steps: usize,
    /// What was tried, and how often it went through.
    tried: BTreeMap<&'static str, (usize, usize)>,
}

impl<'a> Walk<'a> {
    /// From a seed.
    pub(crate) fn new(world: &'a World, seed: u64) -> Self {
        Self { world, dice: Dice::thrown(seed), steps: 0, tried: BTreeMap::new() }
    }

    async fn documents(&self, sql: &'static Sql) -> Vec<Document> {
        let rows = self.world.app.database.rows(sql, Vec::new()).await.expect("reads");
        rows.iter()
            .map(|r| Document {
                id: r.try_get_by_index(0).expect("an id"),
                version: r.try_get_by_index(1).expect("a version"),
                state: r.try_get_by_index(2).expect("a state"),
            })
            .collect()
    }

    /// Mostly one that is there, of these states when there is one; now and then one that is not.
    async fn one<T: TypedId>(&mut self, sql: &'static Sql, states: &[&str]) -> (String, i64) {
        let all = self.documents(sql).await;
        let fit: Vec<_> = all.iter().filter(|d| states.contains(&d.state.as_str())).cloned().collect();
        let from = if fit.is_empty() || self.dice.chance(15) { &all } else { &fit };
        if from.is_empty() || self.dice.chance(8) {
            let unknown = T::from_uuid(Uuid::from_u64_pair(self.dice.next(), self.dice.next())).global();
            return (if self.dice.chance(50) { unknown } else { "nothing_1".into() }, 1);
        }
        let found = self.dice.of(from).clone();
        let version =
            if self.dice.chance(90) { found.version } else { i64::try_from(self.dice.below(6)).expect("small") };
        (T::from_uuid(found.id).global(), version)
    }

    fn code<T: Coded + 'static>(&mut self) -> &'static str {
        self.dice.of(T::ALL).code()
    }

    fn codes<T: Coded + 'static>(&mut self, most: usize) -> Vec<&'static str> {
        let n = self.dice.below(most + 1);
        (0..n).map(|_| self.code::<T>()).collect()
    }

    fn words(&mut self) -> String {
        match self.dice.below(12) {
            0 => String::new(),
            1 => "x".repeat(600),
            n => format!("Words {n} of step {}", self.steps),
        }
    }

    fn day(&mut self, from: i64, to: i64) -> String {
        let days =
            from + i64::try_from(self.dice.below(usize::try_from(to - from).expect("forwards"))).expect("small");
        self.world.clock.now().plus_days(days).rfc3339()
    }

    fn consent(&mut self) -> Value {
        let organisations = [demo::HARBOUR, demo::LOCKWELL, demo::MEADOW, demo::PROBATION];
        let recipients: Vec<_> = (0..=self.dice.below(2)).map(|_| self.dice.of(&organisations).global()).collect();
        let mut categories = self.codes::<Category>(6);
        let mut purposes = self.codes::<Purpose>(3);
        if self.dice.chance(80) {
            categories.extend(["NAME", "HOUSING", "FINANCE"]);
            purposes.push("CASE_COORDINATION");
        }
        let latest = if self.dice.chance(90) { 400 } else { 2_000 };
        let expires_at = self.day(-5, latest);
        let given_at = if self.dice.chance(30) { json!(self.day(-300, 3)) } else { Value::Null };
        json!({
            "recipients": recipients, "allPartners": self.dice.chance(15), "purposes": purposes, "categories": categories,
            "givenBy": "CLIENT", "givenHow": "VERBAL", "evidence": "Said so.", "givenAt": given_at,
            "expiresAt": expires_at,
        })
    }

    /// A proxy there is: for whom, by what, and their id.
    async fn some_proxy(&mut self) -> Option<(String, String, String)> {
        let rows = self.world.app.database.rows(&PROXY_KINDS, Vec::new()).await.expect("reads");
        let row = (!rows.is_empty()).then(|| self.dice.of(&rows))?;
        let client: Uuid = row.try_get_by_index(0).expect("an id");
        let kind: String = row.try_get_by_index(2).expect("a kind");
        let proxy: Uuid = row.try_get_by_index(3).expect("an id");
        Some((ClientId(client).global(), kind, ProxyId(proxy).global()))
    }

    async fn section(&mut self) -> Value {
        match self.dice.below(7) {
            0 => json!({ "name": { "given": self.words(), "family": "Walker" } }),
            1 => {
                json!({ "birth": { "date": *self.dice.of(&["1990-02-03", "1890-13-01", "2090-01-01", "2008-05-01"]) } })
            }
            2 => json!({ "contact": { "addressLines": ["2 Test Row"], "postcode": "OX1 1BX" } }),
            3 => json!({ "housing": { "tenure": "SOCIAL_RENT", "arrearsPence": self.dice.below(90_000) } }),
            4 => {
                let (linked, _) = self.one::<ClientId>(&CLIENTS, &[]).await;
                json!({ "household": { "members": [{ "name": "Bo", "relationship": "sibling", "clientId": linked }] } })
            }
            _ => json!({ "text": { "category": self.code::<Category>(), "text": self.words() } }),
        }
    }

    async fn input(&mut self, name: &str, who: &str) -> Value {
        let hub = &["SUBMITTED", "DECLINE_REVIEW"][..];
        match name {
            "caseClose" => {
                let (id, version) = self.one::<CaseId>(&CASES, &["OPEN"]).await;
                let (kind, reason) = (self.code::<ClosureKind>(), self.code::<ClosureReason>());
                json!({ "caseId": id, "version": version, "kind": kind, "reason": reason })
            }
            "caseMemberAdd" => {
                let (id, _) = self.one::<CaseId>(&CASES, &["OPEN"]).await;
                let team = self
                    .dice
                    .of(&[demo::SOLICITORS, demo::SOLICITORS, demo::OUTREACH, demo::NORTH, CANARY_TEAM])
                    .global();
                let mut agreed = vec!["HOUSING"];
                if self.dice.chance(30) {
                    agreed.push(self.code::<Category>());
                }
                json!({ "caseId": id, "teamId": team, "role": self.words(), "agreed": agreed })
            }
            "caseMemberRemove" => {
                let (member, version) = self.one::<CaseMemberId>(&MEMBERS, &["IN"]).await;
                let case = match CaseMemberId::parse(&member) {
                    Some(id) => self.case_of(id).await,
                    None => None,
                };
                let case = match case {
                    Some(case) if self.dice.chance(90) => case,
                    _ => self.one::<CaseId>(&CASES, &[]).await.0,
                };
                json!({ "caseId": case, "memberId": member, "version": version, "reason": self.words() })
            }
            "caseReenter" => {
                let (id, version) = self.one::<CaseId>(&CASES, &["CLOSED"]).await;
                json!({ "caseId": id, "version": version })
            }
            "consentRecord" => {
                let (id, _) = self.one::<ClientId>(&CLIENTS, &["CONFIRMED"]).await;
                let mut consent = self.consent();
                match self.dice.below(8) {
                    // A proxy of theirs, or of somebody else.
                    0..=2 => {
                        if let Some((client, kind, proxy)) = self.some_proxy().await {
                            consent["givenBy"] = json!(kind);
                            consent["proxyId"] = json!(proxy);
                            let client = if self.dice.chance(90) { client } else { id };
                            return json!({ "clientId": client, "consent": consent });
                        }
                    }
                    3 => {
                        consent["givenBy"] = json!("BEST_INTERESTS_DECISION");
                        consent["givenHow"] = json!("BEST_INTERESTS");
                        consent["decidedBy"] = json!("The team.");
                        consent["decisionReason"] = json!(self.words());
                    }
                    _ => {}
                }
                json!({ "clientId": id, "consent": consent })
            }
            "proxyRecord" => {
                let (id, _) = self.one::<ClientId>(&CLIENTS, &["CONFIRMED"]).await;
                let mut input = json!({
                    "clientId": id, "kind": self.code::<ProxyKind>(), "name": *self.dice.of(&["Ann Other", "Bo Other", "Cass Other"]),
                });
                if self.dice.chance(30) {
                    input["until"] = json!(self.day(1, 60));
                }
                if self.dice.chance(15) {
                    input["neverActsReason"] = json!(self.words());
                }
                input
            }
            "proxyEnd" | "proxyExclude" => {
                let (id, version) = self.one::<ProxyId>(&PROXIES, &["ACTS"]).await;
                json!({ "proxyId": id, "version": version, "reason": self.words() })
            }
            "competenceRecord" => {
                let (id, _) = self.one::<ClientId>(&CLIENTS, &["CONFIRMED"]).await;
                let day = *self.dice.of(&["2026-03-20", "2026-04-01", "2090-01-01"]);
                json!({ "clientId": id, "assessedOn": day, "assessedBy": self.words(), "how": self.words() })
            }
            "consentWithdraw" => {
                let (id, _) = self.one::<ConsentId>(&CONSENTS, &["VERBAL"]).await;
                let all = self.dice.chance(50);
                let recipients =
                    if all { vec![] } else { vec![self.dice.of(&[demo::LOCKWELL, demo::HARBOUR]).global()] };
                let categories = self.codes::<Category>(if all { 0 } else { 4 });
                json!({ "consentId": id, "recipients": recipients, "categories": categories, "withdrawnBy": self.words() })
            }
            "entryCorrect" => {
                let (id, version) = self.one::<EntryId>(&ENTRIES, &["HOUSING"]).await;
                let section = json!({ "housing": { "tenure": "NONE", "text": self.words() } });
                json!({ "entryId": id, "version": version, "section": section, "reason": "Mistaken." })
            }
            "lawfulBasisEnd" => {
                let (id, version) = self.one::<LawfulBasisId>(&LAWFUL_BASES, &["LIVE"]).await;
                json!({ "lawfulBasisId": id, "version": version, "reason": self.words() })
            }
            "lawfulBasisRecord" => {
                let (id, _) = self.one::<ClientId>(&CLIENTS, &["CONFIRMED"]).await;
                let mut input = json!({
                    "clientId": id, "basis": self.code::<LawfulBasisKind>(), "categories": ["HOUSING"], "reason": self.words(),
                });
                if self.dice.chance(50) {
                    input["categories"] = json!(["HOUSING", "HEALTH"]);
                    input["specialCondition"] = json!(self.code::<SpecialCondition>());
                }
                if self.dice.chance(40) {
                    input["scheduleCondition"] = json!("Part 1, paragraph 2");
                }
                if self.dice.chance(30) {
                    input["until"] = json!(self.day(1, 60));
                }
                input
            }
            "entryMark" => {
                let item = if self.dice.chance(50) {
                    let (id, version) = self.one::<EntryId>(&BROUGHT, &["HOUSING", "FINANCE"]).await;
                    (json!({ "entryId": id }), version)
                } else {
                    let (id, version) = self.one::<NarrativeId>(&NARRATIVES, &["HOUSING"]).await;
                    (json!({ "narrativeId": id }), version)
                };
                json!({ "item": item.0, "version": item.1, "revealsLocation": self.dice.chance(70) })
            }
            "entryRecord" => {
                let (id, _) = self.one::<ClientId>(&CLIENTS, &["CONFIRMED"]).await;
                let (reveals, about_others) = (self.dice.chance(20), self.dice.chance(20));
                json!({ "clientId": id, "section": self.section().await, "revealsLocation": reveals, "thirdParty": about_others })
            }
            "clientSeal" | "contactProtect" => {
                let (id, _) = self.one::<ClientId>(&CLIENTS, &["CONFIRMED"]).await;
                let mut people = Vec::new();
                for who in ["Sam Okafor", "Tamsin Achebe", "Hana Whitlock"] {
                    people.push(self.one::<PersonId>(&PEOPLE, &[who]).await.0);
                }
                json!({ "clientId": id, "personIds": people, "reason": self.words() })
            }
            "contactPreferenceRecord" => {
                let (id, _) = self.one::<ClientId>(&CLIENTS, &["CONFIRMED"]).await;
                json!({ "clientId": id, "reason": self.words() })
            }
            "objectionRecord" => {
                let (id, _) = self.one::<ClientId>(&CLIENTS, &["CONFIRMED"]).await;
                let to = if self.dice.chance(50) {
                    json!({ "organisationId": self.dice.of(&[demo::LOCKWELL, demo::MEADOW, demo::SHELTER]).global() })
                } else {
                    json!({ "personId": self.one::<PersonId>(&PEOPLE, &["Owen Castellan", "Priya Lindqvist"]).await.0 })
                };
                json!({ "clientId": id, "to": to, "reason": self.words() })
            }
            "restrictionName" => {
                let (id, version) = self.one::<RestrictionId>(&RESTRICTIONS, &["PROTECTED_CONTACT", "SEALED"]).await;
                let (person, _) = self.one::<PersonId>(&PEOPLE, &["Hana Whitlock"]).await;
                json!({ "restrictionId": id, "version": version, "personId": person })
            }
            "restrictionUnname" => {
                let kinds = ["PROTECTED_CONTACT", "CONTACT_PREFERENCE", "SEALED"];
                let (id, version) = self.one::<RestrictionId>(&RESTRICTIONS, &kinds).await;
                let (person, _) = self.one::<PersonId>(&PEOPLE, &["Hana Whitlock"]).await;
                json!({ "restrictionId": id, "version": version, "personId": person })
            }
            "restrictionLift" => {
                let (id, version) = self.one::<RestrictionId>(&RESTRICTIONS, &[]).await;
                json!({ "restrictionId": id, "version": version, "reason": self.words() })
            }
            "supervisionAssign" => {
                let (worker, _) = self.one::<PersonId>(&PEOPLE, &["Sam Okafor"]).await;
                let (supervisor, _) = self.one::<PersonId>(&PEOPLE, &["Tamsin Achebe"]).await;
                json!({ "workerId": worker, "supervisorId": supervisor })
            }
            "supervisionEnd" => {
                let (id, version) = self.one::<SupervisionId>(&SUPERVISIONS, &["LIVE"]).await;
                json!({ "supervisionId": id, "version": version })
            }
            "legalGatewayAsk" => {
                let (id, _) = self.one::<ClientId>(&CLIENTS, &["CONFIRMED"]).await;
                let recipient = self.dice.of(&[demo::LOCKWELL, demo::MEADOW, demo::HARBOUR]).global();
                let mut categories = self.codes::<Category>(1);
                categories.extend(["NAME", "HOUSING"]);
                json!({
                    "clientId": id, "recipientId": recipient, "kind": self.code::<LegalGatewayKind>(), "reference": "An Act",
                    "categories": categories, "until": self.day(-5, 200), "reason": self.words(),
                })
            }
            "legalGatewayDecide" => {
                let (id, version) = self.one::<LegalGatewayId>(&GATEWAYS, &["ASKED"]).await;
                let decision = if self.dice.chance(75) { "GRANT" } else { "REFUSE" };
                let mut input =
                    json!({ "legalGatewayId": id, "version": version, "decision": decision, "reason": self.words() });
                if decision == "GRANT" {
                    input["tell"] = json!("TELL");
                }
                input
            }
            "legalGatewayEnd" => {
                let (id, version) = self.one::<LegalGatewayId>(&GATEWAYS, &["GRANTED"]).await;
                json!({ "legalGatewayId": id, "version": version, "reason": "Over." })
            }
            "legalHoldPlace" => {
                let (id, _) = self.one::<ClientId>(&CLIENTS, &["CONFIRMED"]).await;
                json!({ "clientId": id, "reference": "Claim 7", "reason": self.words() })
            }
            "legalHoldLift" => {
                let (id, version) = self.one::<LegalHoldId>(&HOLDS, &["LIVE"]).await;
                json!({ "legalHoldId": id, "version": version, "reason": self.words() })
            }
            "retentionSet" => {
                let all = self.documents(&ORGANISATIONS).await;
                let own = all.iter().find(|o| o.id == demo::HARBOUR.0).expect("the lead's organisation").version;
                let version = if self.dice.chance(90) { own } else { own + 1 };
                json!({ "years": self.dice.below(4), "version": version })
            }
            "outwardDisclosureRecord" => {
                let (id, _) = self.one::<ClientId>(&CLIENTS, &["CONFIRMED"]).await;
                json!({
                    "clientId": id, "recipient": "The police", "basis": self.code::<OutwardDisclosureBasis>(), "tell": "TELL",
                    "categories": ["HOUSING"], "summary": self.words(), "disclosedAt": self.day(-20, 1),
                })
            }
            "likelyDuplicateDecide" => {
                let id = LikenessId(Uuid::from_u64_pair(self.dice.next(), 1)).global();
                json!({ "likelyDuplicateId": id, "decision": "SAME" })
            }
            "membershipEnd" => {
                let (id, version) = self.one::<MembershipId>(&MEMBERSHIPS, &[]).await;
                json!({ "membershipId": id, "version": version })
            }
            "membershipGrant" => {
                let roles = self.codes::<Role>(3);
                let subject = format!("walker-{}", self.dice.below(5));
                json!({
                    "issuer": "alliance-development", "subject": subject, "name": "Walker", "roles": roles,
                    "organisationId": demo::LOCKWELL.global(), "teamIds": [demo::SOLICITORS.global()],
                })
            }
            "noteCorrect" => {
                let (id, version) = self.one::<NoteId>(&NOTES, &[]).await;
                json!({ "noteId": id, "version": version, "visibility": self.code::<NoteVisibility>(), "text": self.words() })
            }
            "noteRecord" => {
                let (id, _) = self.one::<CaseId>(&CASES, &["OPEN"]).await;
                let categories = self.codes::<Category>(2);
                let visibility = self.code::<NoteVisibility>();
                json!({ "caseId": id, "categories": categories, "visibility": visibility, "text": self.words() })
            }
            "organisationMerge" => {
                let all = self.documents(&ORGANISATIONS).await;
                let merged = self.dice.of(&all).clone();
                // Mostly one whom some client excludes is among the two.
                let merged = match self.dice.below(3) {
                    0 | 1 => all.iter().find(|o| o.id == demo::DISTRICT.0).cloned().unwrap_or(merged),
                    _ => merged,
                };
                let into = *self.dice.of(&[demo::LOCKWELL, demo::COUNTY, demo::SHELTER]);
                let id = OrganisationId(merged.id).global();
                json!({ "organisationId": id, "intoId": into.global(), "version": merged.version, "reason": self.words() })
            }
            "organisationUnmerge" => {
                let (id, version) = self.one::<OrganisationId>(&MERGED, &[]).await;
                json!({ "organisationId": id, "version": version, "reason": self.words() })
            }
            "organisationContactAdd" => {
                json!({ "organisationId": demo::SHELTER.global(), "name": self.words(), "phone": "01865 496000" })
            }
            "organisationContactEnd" => {
                let (id, version) = self.one::<ContactId>(&CONTACTS, &["LIVE"]).await;
                json!({ "contactId": id, "version": version })
            }
            "organisationRegister" => json!({ "name": format!("Office {}", self.dice.below(9)), "kind": "OTHER" }),
            "organisationUpdate" => {
                let all = self.documents(&ORGANISATIONS).await;
                let found = self.dice.of(&all).clone();
                let implies = self.codes::<Category>(3);
                let id = OrganisationId(found.id).global();
                json!({ "organisationId": id, "version": found.version, "impliedCategories": implies })
            }
            "referralDraft" => {
                let mut input = draft(&format!("Walker{}", self.steps));
                match self.dice.below(6) {
                    0 => input["consent"] = self.consent(),
                    1 => input["consent"] = Value::Null,
                    2 => input["urgency"] = json!(self.code::<Urgency>()),
                    // A child.
                    5 => {
                        for section in input["sections"].as_array_mut().expect("a list") {
                            if section.get("birth").is_some() {
                                *section = json!({ "birth": { "date": "2008-05-01" } });
                            }
                        }
                    }
                    4 => {
                        input["consent"]["givenBy"] = json!(self.code::<ProxyKind>());
                        input["consent"]["proxyName"] = json!("Ann Other");
                    }
                    3 => input["consent"]["recipients"] = json!([demo::HARBOUR.global(), demo::MEADOW.global()]),
                    _ => {}
                }
                input
            }
            "referralOffer" => {
                let (id, version) = self.one::<ReferralId>(&REFERRALS, hub).await;
                let team =
                    self.dice.of(&[demo::NORTH, demo::NORTH, demo::OUTREACH, demo::SOLICITORS, demo::HUB]).global();
                json!({ "referralId": id, "version": version, "teamId": team, "criteriaSeen": self.words() })
            }
            "serviceRegister" => json!({
                "organisationId": demo::SHELTER.global(), "name": self.words(), "description": "Beds.",
                "criteria": "Anybody.", "area": "Here.", "contact": "Ring.",
            }),
            "serviceStateCriteria" => {
                let (id, version) = self.one::<ServiceId>(&SERVICES, &["Housing support"]).await;
                json!({ "serviceId": id, "version": version, "availability": "OPEN", "minAge": self.dice.below(30) })
            }
            "signpostFollowUp" => {
                let (id, version) = self.one::<SignpostId>(&SIGNPOSTS, &[]).await;
                json!({ "signpostId": id, "version": version, "outcome": self.code::<FollowUp>() })
            }
            "signpostRecord" => {
                let on = if who == "hub-coordinator" {
                    json!({ "referralId": self.one::<ReferralId>(&REFERRALS, hub).await.0 })
                } else {
                    json!({ "caseId": self.one::<CaseId>(&CASES, &["OPEN"]).await.0 })
                };
                let told = self.code::<Told>();
                json!({ "on": on, "serviceId": demo::DROP_IN.global(), "told": told, "channel": "PHONE", "reason": self.words() })
            }
            "overrideCosign" => {
                let (id, version) = self.one::<OverrideId>(&OVERRIDES, &["WAITING"]).await;
                json!({ "overrideId": id, "version": version })
            }
            "overrideEnd" => {
                let (id, version) = self.one::<OverrideId>(&OVERRIDES, &["OPEN"]).await;
                json!({ "overrideId": id, "version": version })
            }
            "overrideReview" => {
                let (id, version) = self.one::<OverrideId>(&OVERRIDES, &["OPEN"]).await;
                let verdict = self.code::<Verdict>();
                json!({ "overrideId": id, "version": version, "verdict": verdict, "reason": self.words() })
            }
            "overrideOpen" => {
                let (id, _) = self.one::<ClientId>(&CLIENTS, &["CONFIRMED"]).await;
                let (ground, hours) = (self.code::<Ground>(), self.dice.below(27));
                json!({ "clientId": id, "categories": self.codes::<Category>(3), "ground": ground, "reason": self.words(), "hours": hours })
            }
            "overrideRequest" => {
                let family = *self.dice.of(&["Quill", "Tarn", "Vane", "Nobody"]);
                json!({
                    "givenName": "Maren", "familyName": family, "dateOfBirth": "1990-02-03", "categories": ["HEALTH"],
                    "ground": self.code::<Ground>(), "reason": self.words(), "hours": self.dice.below(27),
                })
            }
            "inboxItemRead" => json!({ "inboxItemId": self.one::<InboxItemId>(&INBOX, &[]).await.0 }),
            "teamRegister" => {
                json!({ "organisationId": demo::LOCKWELL.global(), "name": self.words(), "refuses": self.codes::<Category>(1) })
            }
            "teamSetIntakeProfile" => {
                let (id, version) = self.one::<TeamId>(&TEAMS, &["Housing Support North"]).await;
                json!({ "teamId": id, "version": version, "refuses": self.codes::<Category>(2) })
            }
            "teamStateRoom" => {
                let (id, version) = self.one::<TeamId>(&TEAMS, &["Housing Support North"]).await;
                json!({ "teamId": id, "version": version, "room": self.dice.below(9) })
            }
            _ => self.referral_step(name).await,
        }
    }

    /// The steps of a referral that take little more than which.
    async fn referral_step(&mut self, name: &str) -> Value {
        let states: &[&str] = match name {
            "referralSubmit" => &["DRAFT"],
            "referralAccept" | "referralDecline" | "referralTakeBack" => &["OFFERED"],
            "referralAnswer" => &["AWAITING_INFORMATION"],
            "referralClose" => &["SUBMITTED", "DECLINE_REVIEW"],
            _ => &["SUBMITTED", "OFFERED"],
        };
        let (id, version) = self.one::<ReferralId>(&REFERRALS, states).await;
        let more = match name {
            "referralClose" => json!({ "outcome": self.code::<Outcome>(), "onwardReferral": self.words() }),
            "referralAsk" => json!({ "question": self.words() }),
            "referralAnswer" => json!({ "answer": self.words(), "categories": self.codes::<Category>(1) }),
            "referralAssign" | "referralPassDuty" => return json!({ "referralId": id }),
            "referralSetUrgency" => {
                return json!({ "referralId": id, "from": self.code::<Urgency>(), "to": self.code::<Urgency>() });
            }
            "referralRecordDuty" => return crate::inputs::duty(&id),
            "referralAcknowledgeDuty" => return json!({ "referralId": id, "reference": self.words() }),
            "referralEndDuty" => return json!({ "referralId": id, "reason": self.words() }),
            "referralDecline" => json!({ "reason": self.code::<DeclineReason>(), "text": self.words() }),
            "referralWithdraw" => json!({ "reason": self.words() }),
            "referralRecordClientDecline" => json!({ "reason": self.words(), "refusedSignposting": "No thanks." }),
            _ => json!({}),
        };
        // A team is told of no steps, and reads a version of its own.
        let version = if ["referralAccept", "referralDecline"].contains(&name) { 3 } else { version };
        let mut input = json!({ "referralId": id, "version": version });
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    }

    async fn case_of(&self, member: CaseMemberId) -> Option<String> {
        let rows = self.world.app.database.rows(&MEMBERS, Vec::new()).await.expect("reads");
        let found = rows.iter().find(|r| r.try_get_by_index::<Uuid>(0).is_ok_and(|id| id == member.0));
        found.map(|r| CaseId(r.try_get_by_index(3).expect("an id")).global())
    }

    /// One mutation of all there are, by somebody, about something.
    pub(crate) async fn go(&mut self) {
        self.steps += 1;
        let often: Vec<_> = MUTATIONS.iter().flat_map(|m| std::iter::repeat_n(m, m.1)).collect();
        let (name, _, whose) = **self.dice.of(&often);
        let anybody = demo::PERSONAS.iter().map(|p| p.name).chain(["canary"]).collect::<Vec<_>>();
        let who = if self.dice.chance(85) { *self.dice.of(whose) } else { *self.dice.of(&anybody) };
        let mut input = self.input(name, who).await;
        if self.dice.chance(5) {
            input["validateOnly"] = json!(true);
        }
        if self.dice.chance(10) {
            input["idempotencyKey"] = json!(format!("key-{}", self.dice.below(6)));
        }
        let mut t = name.to_owned();
        t[..1].make_ascii_uppercase();
        let query =
            format!("mutation Walk($input: {t}Input!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}");
        let answer = self.world.ask(who, &query, json!({ "input": input })).await;
        let tried = self.tried.entry(name).or_default();
        tried.0 += 1;
        match answer["errors"][0]["extensions"]["code"].as_str() {
            None => tried.1 += usize::from(answer["data"][name]["userErrors"] == json!([])),
            // Not for the role; or a date that does not exist.
            Some("FORBIDDEN" | "BAD_REQUEST") => {}
            Some(code) => panic!("step {}: {who}: {name}: {code}: {answer}\n{input}", self.steps),
        }
        if self.dice.chance(20) {
            // What the jobs do follows from documents as well.
            jobs::run_due(&self.world.app).await.unwrap_or_else(|f| panic!("the jobs run: {}", f.for_log()));
        }
        if self.dice.chance(8) {
            self.world.clock.pass_days(i64::try_from(self.dice.below(45)).expect("small"));
        }
    }
}

/// Walks from a seed, and looks at the ledger after every step.
async fn walk(world: &World, seed: u64, steps: usize) {
    world.accepted("Quill").await;
    let shared = world.accepted("Tarn").await;
    world.solicitors_join(&shared).await;
    world.submitted("Vane").await;
    world.offered("Wick", demo::OUTREACH).await;
    let mut walk = Walk::new(world, seed);
    for n in 0..steps {
        walk.go().await;
        sound(world, &format!("step {n} of the walk from {seed}")).await;
    }
    let (through, never): (Vec<_>, Vec<_>) = walk.tried.iter().partition(|(_, (_, done))| *done > 0);
    assert!(through.len() >= 20, "the walk got nowhere: {never:?}");
    let report = doctor::examine(&world.app.database, None).await.expect("it examines");
    assert!(report.ok(), "{report:?}");
}

async fn no_walk_through_the_mutations_leads_ledger_and_documents_apart(world: World) {
    walk(&world, 22, 170).await;
}

async fn nor_does_another_walk(world: World) {
    walk(&world, 12, 170).await;
}

const RESTORE: &str = "DELETE FROM access_grant; INSERT INTO access_grant SELECT * FROM grant_copy";

/// What somebody who gets at the database might do to a grant; `{}` stands for which.
const PLANTS: &[(&str, usize, usize)] = &[
    // What, and how many grants are then unfounded and missing.
    ("UPDATE access_grant SET ended_at = 1 WHERE {}", 0, 1),
    ("DELETE FROM access_grant WHERE {}", 0, 1),
    ("UPDATE access_grant SET categories = categories | 16384 WHERE {}", 1, 1),
    ("UPDATE access_grant SET categories = categories - 1 WHERE {}", 1, 1),
    ("UPDATE access_grant SET starts_at = starts_at - 1 WHERE {}", 1, 1),
    ("UPDATE access_grant SET until_at = until_at - 1 WHERE {}", 1, 1),
    ("UPDATE access_grant SET names_until = names_until - 1 WHERE {}", 1, 1),
    ("UPDATE access_grant SET team_id = NULL WHERE {}", 1, 1),
    ("UPDATE access_grant SET holder_id = organisation_id WHERE {}", 1, 1),
    ("UPDATE access_grant SET basis_bit = 4095 WHERE {}", 1, 1),
    ("UPDATE access_grant SET basis = 'TEAM' WHERE {}", 1, 1),
    ("UPDATE access_grant SET scope = 'CLIENT', scope_id = client_id WHERE {}", 1, 1),
    ("UPDATE access_grant SET opens_client = FALSE WHERE {}", 1, 1),
    ("UPDATE access_grant SET purpose = 'RESEARCH' WHERE {}", 1, 1),
    ("UPDATE access_grant SET passes = 3 WHERE {}", 1, 1),
    ("UPDATE access_grant SET source_kind = 'override' WHERE {}", 1, 1),
    ("UPDATE access_grant SET ended_at = NULL WHERE basis = 'OFFER'", 1, 0),
];

async fn a_grant_ended_added_or_widened_by_hand_is_found_and_told_and_mended_by_the_next_write(world: World) {
    let t = world.accepted("Quill").await;
    world.accepted("Tarn").await;
    world.solicitors_join(&t).await;
    let client = ClientId::parse(&t.client).expect("a client");
    let uuid = |id: Uuid| match world.backend {
        Backend::Sqlite => format!("x'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'::uuid"),
    };
    let this = format!("client_id = {}", uuid(client.0));
    let held = format!("ended_at IS NULL AND basis = 'HOLDER' AND source_kind = 'case' AND {this}");
    // A write that changes nothing in the ledger, once the hub is an author.
    let research = json!({ "clientId": t.client, "consent": consent_to(demo::HARBOUR, &["RESEARCH"], &["HOUSING"]) });
    world.done("hub-coordinator", "consentRecord", research.clone(), "").await;
    world.raw("CREATE TABLE grant_copy AS SELECT * FROM access_grant").await;
    let strange = format!(
        "INSERT INTO access_grant SELECT {}, client_id, {}, {}, person_id, {}, basis, basis_bit, categories, scope, scope_id, \
        opens_client, names_until, purpose, starts_at, until_at, ended_at, source_kind, source_id, created_at, passes, restricted \
        FROM grant_copy WHERE {held}",
        uuid(Uuid::from_u128(1)),
        uuid(CANARY.0),
        uuid(CANARY_TEAM.0),
        uuid(CANARY_TEAM.0),
    );
    let twice = strange.replace(&uuid(CANARY.0), "organisation_id").replace(&uuid(CANARY_TEAM.0), "team_id");
    let plants = PLANTS.iter().map(|(sql, more, less)| {
        let offer = format!("basis = 'OFFER' AND {this}");
        (sql.replace("{}", &held).replace("basis = 'OFFER'", &offer), *more, *less)
    });
    for (sql, unfounded, missing) in plants.chain([(strange, 1, 0), (twice, 1, 0)]) {
        world.raw(&sql).await;
        let (compared, found) = ledger::check(&world.app.database).await.expect("it checks");
        assert_eq!((compared, found.len()), (2 + marked::CLIENTS, 1), "{sql}: {found:?}");
        assert_eq!((found[0].client, found[0].unfounded, found[0].missing), (client, unfounded, missing), "{sql}");
        let report = doctor::examine(&world.app.database, None).await.expect("it examines");
        let finding = report.findings.iter().find(|f| f.check == "ledger").expect("the ledger is examined");
        assert!(!finding.ok && !report.ok(), "{sql}");
        assert_eq!(finding.told.len(), 1);
        let told = format!("{unfounded} grants in the ledger that no document calls for, {missing} missing");
        assert!(
            finding.told[0].contains(&client.0.to_string()) && finding.told[0].contains(&told),
            "{:?}",
            finding.told
        );

        // Whatever is written next about the client puts the ledger right.
        world.done("hub-coordinator", "consentRecord", research.clone(), "").await;
        assert_eq!(ledger::check(&world.app.database).await.expect("it checks").1, [], "{sql}");
        let same = ["categories", "holder_id", "basis_bit", "scope_id", "until_at"];
        let lasting = same.map(|c| format!("g.{c} = c.{c}")).join(" AND ");
        assert_eq!(count(&world, &format!(
            "SELECT COUNT(*) FROM grant_copy c WHERE c.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM access_grant g \
            WHERE g.client_id = c.client_id AND g.organisation_id = c.organisation_id AND g.ended_at IS NULL AND {lasting})"
        )).await, 0, "{sql}");
        world.raw(RESTORE).await;
    }
}

async fn count(world: &World, sql: &str) -> i64 {
    use sea_orm::{ConnectionTrait, Statement};
    let connection = world.app.database.for_migrations();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.expect("reads").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

/// Two things done at once; the codes of what each was told.
async fn at_once(
    world: &World,
    (one, its): (&str, (&str, Value)),
    (other, theirs): (&str, (&str, Value)),
) -> (Vec<String>, Vec<String>) {
    tokio::join!(world.codes(one, its.0, its.1), world.codes(other, theirs.0, theirs.1))
}

async fn accepting_and_withdrawing_at_once_is_one_or_the_other(world: World) {
    for n in 0..10 {
        let id = world.offered(&format!("Person{n}"), demo::NORTH).await;
        let accept = ("referralAccept", json!({ "referralId": id, "version": 3 }));
        let withdraw = ("referralWithdraw", json!({ "referralId": id, "version": 3, "reason": "Moved away." }));
        let (a, w) = at_once(&world, ("support-worker", accept), ("referrer", withdraw)).await;
        assert!(a.is_empty() != w.is_empty(), "{a:?} {w:?}");
        let lost = if a.is_empty() { &w } else { &a };
        assert!(["CONFLICT", "NOT_FOUND"].contains(&lost[0].as_str()), "{lost:?}");
        let now =
            world.data("referrer", "query R($id: ID!) { referral(id: $id) { state } }", json!({ "id": id })).await;
        assert_eq!(now["referral"]["state"], if a.is_empty() { "ACCEPTED" } else { "CLOSED" });
        sound(&world, "accepting and withdrawing at once").await;
    }
}

static STOP_CONSENTS: Sql = Sql::new("LOCK TABLE consent IN ACCESS EXCLUSIVE MODE");

async fn a_withdrawal_closes_whatever_consent_was_recorded_before_it_was_done(world: World) {
    let world = Arc::new(world);
    for n in 0..3 {
        let t = world.accepted(&format!("Person{n}")).await;
        let health = || consent_to(demo::HARBOUR, &["CASE_COORDINATION"], &["HEALTH"]);
        let given = json!({ "clientId": t.client, "consent": health() });
        let given = world.done("support-worker", "consentRecord", given, "consent { id }").await;
        let record = json!({ "clientId": t.client, "consent": health() });
        let withdraw = json!({ "consentId": given["consent"]["id"], "withdrawnBy": "Her, by phone." });
        // Held up for a moment. On PostgreSQL the withdrawal has begun first, and is done last: the other holds the client.
        let held = world.app.database.begin().await.expect("begins");
        if world.backend == Backend::Postgres {
            held.execute(&STOP_CONSENTS, Vec::new()).await.expect("it locks");
        }
        let one = Arc::clone(&world);
        let withdrawing = tokio::spawn(async move { one.codes("support-worker", "consentWithdraw", withdraw).await });
        tokio::time::sleep(Duration::from_millis(150)).await;
        let other = Arc::clone(&world);
        let recording = tokio::spawn(async move { other.codes("team-manager", "consentRecord", record).await });
        tokio::time::sleep(Duration::from_millis(150)).await;
        held.rollback().await.expect("it ends");
        assert_eq!(withdrawing.await.expect("it ends"), Vec::<String>::new());
        assert_eq!(recording.await.expect("it ends"), Vec::<String>::new());
        sound(&world, "consent and withdrawal at once").await;
        if world.backend == Backend::Postgres {
            let seen = "query R($id: ID!) { client(id: $id) { health { text } } }";
            let seen = world.data("support-worker", seen, json!({ "id": t.client })).await;
            assert_eq!(seen["client"], json!({ "health": null }), "it was withdrawn last");
        }
    }
}

async fn a_team_that_a_withdrawal_put_out_does_not_stay_for_a_consent_recorded_at_the_same_time(world: World) {
    for n in 0..10 {
        let t = world.accepted(&format!("Person{n}")).await;
        let consent = world.solicitors_join(&t).await;
        let again = consent_to(demo::LOCKWELL, &["CASE_COORDINATION"], &["HOUSING", "FINANCE"]);
        let record = ("consentRecord", json!({ "clientId": t.client, "consent": again }));
        let withdraw = ("consentWithdraw", json!({ "consentId": consent, "withdrawnBy": "Her, by phone." }));
        let (w, r) = at_once(&world, ("support-worker", withdraw), ("team-manager", record)).await;
        assert_eq!((r.len(), w.len()), (0, 0), "both go through");
        sound(&world, "consent and withdrawal at once").await;
        // Whichever came first: the team left when the withdrawal came, and nobody has taken it in again.
        let seen = "query R($id: ID!) { client(id: $id) { housing { tenure } } }";
        let seen = world.data("partner-worker", seen, json!({ "id": t.client })).await;
        assert_eq!(seen["client"], Value::Null, "round {n}");
    }
}

async fn whatever_is_done_at_once_leaves_no_difference(world: World) {
    let t = world.accepted("Quill").await;
    let consent = world.solicitors_join(&t).await;
    let worker = |name: &'static str, input: Value| ("support-worker", (name, input));
    let risk = |text: &str| json!({ "text": { "category": "RISK", "text": text } });
    let entry = |text: &str| worker("entryRecord", json!({ "clientId": t.client, "section": risk(text) }));
    let keyed =
        || worker("entryRecord", json!({ "clientId": t.client, "section": risk("Once."), "idempotencyKey": "once" }));
    let note = || worker("noteRecord", json!({ "caseId": t.case, "visibility": "TEAM", "text": "Called." }));
    let outreach = consent_to(demo::MEADOW, &["CASE_COORDINATION"], &["HOUSING"]);
    let for_outreach = worker("consentRecord", json!({ "clientId": t.client, "consent": outreach }));
    let join = || {
        let team = demo::OUTREACH.global();
        worker("caseMemberAdd", json!({ "caseId": t.case, "teamId": team, "role": "Nurse", "agreed": ["HOUSING"] }))
    };
    let withdraw = || worker("consentWithdraw", json!({ "consentId": consent, "withdrawnBy": "Her." }));
    let close =
        || worker("caseClose", json!({ "caseId": t.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" }));
    let reenter = || worker("caseReenter", json!({ "caseId": t.case, "version": 2 }));
    world.done("support-worker", for_outreach.1.0, for_outreach.1.1, "").await;
    // Two at once, and how many of them go through.
    let pairs = [
        (entry("A dog."), entry("No dog."), 2),
        (keyed(), keyed(), 2),
        (note(), entry("A cat."), 2),
        (join(), join(), 1),
        (withdraw(), withdraw(), 2),
        (close(), close(), 1),
        (reenter(), reenter(), 1),
    ];
    for (one, other, through) in pairs {
        let what = format!("{} and {}", one.1.0, other.1.0);
        let (a, b) = at_once(&world, one, other).await;
        assert_eq!(usize::from(a.is_empty()) + usize::from(b.is_empty()), through, "{what}: {a:?} {b:?}");
        sound(&world, &what).await;
    }
    assert_eq!(
        count(&world, "SELECT COUNT(*) FROM client_entry WHERE body LIKE '%Once.%'").await,
        1,
        "one key, one effect"
    );
    crate::trace::sealed(&world).await;
    assert_eq!(trace::check(&world.app.database, None).await.expect("it checks").problems, Vec::<String>::new());
}

async fn a_mark_that_a_restriction_stands_is_kept_by_the_database_and_a_wrong_one_is_told(world: World) {
    let t = world.accepted("Tarn").await;
    let marked = "SELECT COUNT(*) FROM access_grant WHERE restricted AND ended_at IS NULL";
    let before = count(&world, marked).await;
    world.done("support-worker", "contactProtect", json!({ "clientId": t.client, "reason": "So." }), "").await;
    assert!(count(&world, marked).await > before, "set with the restriction");
    world
        .raw("UPDATE access_grant SET restricted = NOT restricted WHERE client_id IN (SELECT client_id FROM restriction)")
        .await;
    let report = doctor::examine(&world.app.database, None).await.expect("it examines");
    let finding = report.findings.iter().find(|f| f.check == "ledger").expect("the ledger is examined");
    assert!(!finding.ok && !report.ok(), "{finding:?}");
    assert!(finding.told.iter().any(|t| t.contains("marked wrongly")), "{:?}", finding.told);
    world.raw("UPDATE restriction SET ended_at = 1").await;
    assert_eq!(count(&world, marked).await, 0, "gone with the last of them");
    let report = doctor::examine(&world.app.database, None).await.expect("it examines");
    assert!(report.findings.iter().any(|f| f.check == "ledger" && f.ok), "{report:?}");
}

on_both_databases!(
    a_mark_that_a_restriction_stands_is_kept_by_the_database_and_a_wrong_one_is_told,
    the_ledger_is_what_the_documents_call_for_after_every_step_of_a_journey,
    no_walk_through_the_mutations_leads_ledger_and_documents_apart,
    nor_does_another_walk,
    a_grant_ended_added_or_widened_by_hand_is_found_and_told_and_mended_by_the_next_write,
    accepting_and_withdrawing_at_once_is_one_or_the_other,
    a_withdrawal_closes_whatever_consent_was_recorded_before_it_was_done,
    a_team_that_a_withdrawal_put_out_does_not_stay_for_a_consent_recorded_at_the_same_time,
    whatever_is_done_at_once_leaves_no_difference,
);
