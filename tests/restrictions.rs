//! Restrictions win over any basis (C5, C6, C7): sealed records, objections, protected contact.

use crate::hidden::{look, settle};
use crate::inputs::{document, dump, errors, literal};
use crate::support::{Backend, Travelled, World, draft};
use alliance::domain::basis::Basis;
use alliance::domain::clock::Clock;
use alliance::domain::code::Coded;
use alliance::domain::ids::{ClientId, OrganisationId, PersonId, TypedId};
use alliance::domain::role::Role;
use alliance::http::authentication::DEVELOPMENT_ISSUER;
use alliance::persistence::person;
use alliance::persistence::sql::Sql;
use alliance::policy::restriction::{PASSES_PROTECTION, PASSES_SEAL};
use alliance::service::demo;
use serde_json::{Value, json};
use uuid::Uuid;

/// The person behind a persona's token.
pub async fn person_of(world: &World, name: &str) -> PersonId {
    let tx = world.app.database.begin().await.expect("begins");
    let found = person::person_of(&tx, DEVELOPMENT_ISSUER, name).await.expect("reads").expect("a person");
    tx.rollback().await.expect("rolls back");
    found
}

/// Whom an objection excludes.
pub enum Against {
    Nobody,
    Organisation(OrganisationId),
    Person(PersonId),
}

static RESTRICTIONS: Sql = Sql::new("SELECT id FROM restriction ORDER BY id");

async fn restrictions(world: &World) -> Vec<Uuid> {
    let rows = world.app.database.rows(&RESTRICTIONS, Vec::new()).await.expect("reads");
    rows.iter().map(|r| r.try_get_by_index(0).expect("an id")).collect()
}

/// Sets a restriction on a client as somebody who may, with the people named on it; its id.
async fn restrict(world: &World, who: &str, client: &str, kind: &str, against: Against, named: &[&str]) -> Uuid {
    let before = restrictions(world).await;
    let mut people = Vec::new();
    for name in named {
        people.push(person_of(world, name).await.global());
    }
    let mut input = json!({ "clientId": client, "reason": "For a test." });
    let name = match (kind, against) {
        ("PROTECTED_CONTACT", _) => {
            input["personIds"] = json!(people);
            "contactProtect"
        }
        (_, Against::Organisation(o)) => {
            input["to"] = json!({ "organisationId": o.global() });
            "objectionRecord"
        }
        (_, Against::Person(p)) => {
            input["to"] = json!({ "personId": p.global() });
            "objectionRecord"
        }
        (_, Against::Nobody) => panic!("an objection is to somebody"),
    };
    world.done(who, name, input, "").await;
    restrictions(world).await.into_iter().find(|id| !before.contains(id)).expect("it is there")
}

/// The same as the database has it, where nobody is left who could set it.
pub async fn plant(world: &World, client: &str, kind: &str, against: Against, named: &[&str]) -> Uuid {
    let id = world.app.random.uuid_random();
    let setter = person_of(world, "safeguarding-lead").await;
    let uuid = |u: Uuid| literal(world, u);
    let null = || "NULL".to_owned();
    let (organisation, person) = match against {
        Against::Nobody => (null(), null()),
        Against::Organisation(o) => (uuid(o.0), null()),
        Against::Person(p) => (null(), uuid(p.0)),
    };
    let client = ClientId::parse(client).expect("a client");
    world
        .raw(&format!(
            "INSERT INTO restriction (id, client_id, kind, organisation_id, person_id, recorded_by, recorded_at) \
            VALUES ({}, {}, '{kind}', {organisation}, {person}, {}, {})",
            uuid(id),
            uuid(client.0),
            uuid(setter.0),
            world.clock.now().0,
        ))
        .await;
    for name in named {
        let person = person_of(world, name).await;
        let sql = "INSERT INTO restriction_person (restriction_id, person_id) VALUES";
        world.raw(&format!("{sql} ({}, {})", uuid(id), uuid(person.0))).await;
    }
    id
}

/// Ends a restriction.
pub async fn lift(world: &World, restriction: Uuid) {
    let now = world.clock.now().0;
    world.raw(&format!("UPDATE restriction SET ended_at = {now} WHERE id = {}", literal(world, restriction))).await;
}

/// A grant that no document of today calls for: what an override or a gateway will write.
async fn grant(world: &World, client: &str, basis: Basis, to: OrganisationId, person: Option<PersonId>) {
    co_signed(world, client, basis, to, person, 0).await;
}

/// The same, with what a co-signature lets it pass.
async fn co_signed(
    world: &World,
    client: &str,
    basis: Basis,
    to: OrganisationId,
    person: Option<PersonId>,
    passes: i64,
) {
    let client = ClientId::parse(client).expect("a client").0;
    let holder = person.map_or(to.0, |p| p.0);
    let open = if world.backend == Backend::Sqlite { "1" } else { "TRUE" };
    world
        .raw(&format!(
            "INSERT INTO access_grant (id, client_id, organisation_id, person_id, holder_id, basis, basis_bit, categories, scope, \
            scope_id, opens_client, names_until, purpose, starts_at, until_at, source_kind, source_id, created_at, passes) VALUES \
            ({}, {client}, {}, {}, {}, '{}', {}, 1048575, 'CLIENT', {client}, {open}, {max}, 'TEST', 0, {max}, 'test', {client}, 0, {passes})",
            literal(world, world.app.random.uuid_random()),
            literal(world, to.0),
            person.map_or_else(|| "NULL".to_owned(), |p| literal(world, p.0)),
            literal(world, holder),
            basis.code(),
            basis.bit(),
            client = literal(world, client),
            max = i64::MAX,
        ))
        .await;
}

/// A case shared with the solicitors, each of whom wrote something.
struct Shared {
    t: Travelled,
    consent: String,
    own_note: String,
    their_note: String,
}

impl Shared {
    async fn of(world: &World, family: &str) -> Self {
        let t = world.accepted(family).await;
        let consent = world.solicitors_join(&t).await;
        let note = |text: &str| json!({ "caseId": t.case, "visibility": "AGENCY", "text": text });
        let id = |v: &Value| v["note"]["id"].as_str().expect("an id").to_owned();
        let own = world.done("support-worker", "noteRecord", note("The lead's note."), "note { id }").await;
        let their = world.done("partner-worker", "noteRecord", note("The solicitors' note."), "note { id }").await;
        Self { own_note: id(&own), their_note: id(&their), consent, t }
    }
}

const RECORD: &str = "query Record($client: ID!, $referral: ID!, $case: ID!, $consent: ID!, $own: ID!, $their: ID!) { \
    client(id: $client) { id name { family } housing { tenure } contact { phone } referrals { totalCount } sharedCases { totalCount } \
        consents { id } redactions { category reason remedy } viewerAccess { canRecord openCategories } } \
    referral(id: $referral) { id state narratives { category } asWritten { category lines } client { id } redactions { category reason remedy } } \
    sharedCase(id: $case) { id status members { id } client { id } notes { totalCount nodes { text } } redactions { category reason remedy } } \
    consent: node(id: $consent) { id } own: node(id: $own) { ... on Note { text } } their: node(id: $their) { ... on Note { text } } \
    clients { totalCount nodes { id } } referrals { totalCount nodes { id } } sharedCases { totalCount nodes { id } } \
    found: clients(filter: { name: \"wick\" }) { totalCount } born: clients(filter: { dateOfBirth: \"1990-02-03\" }) { totalCount } }";

impl Shared {
    fn ids(&self) -> Value {
        json!({
            "client": self.t.client, "referral": self.t.referral, "case": self.t.case, "consent": self.consent,
            "own": self.own_note, "their": self.their_note,
        })
    }

    async fn read(&self, world: &World, who: &str) -> Value {
        world.data(who, RECORD, self.ids()).await
    }

    /// For this person the record is, byte for byte, what ids that nobody has are.
    async fn does_not_exist_for(&self, world: &World, who: &str) {
        settle(world, who).await;
        let asked = look(world, who, RECORD, &self.ids()).await;
        let mut nobodys = self.ids();
        for (_, id) in nobodys.as_object_mut().expect("an object") {
            let tag = id.as_str().expect("an id").split('_').next().expect("a tag");
            *id = json!(format!("{tag}_0123456789abcdef0123456789abcdef"));
        }
        assert_eq!(asked, look(world, who, RECORD, &nobodys).await, "{who} reads it like nobody's");
        let none = json!({ "totalCount": 0, "nodes": [] });
        let nothing = json!({
            "client": null, "referral": null, "sharedCase": null, "consent": null, "own": null, "their": null, "clients": none,
            "referrals": none, "sharedCases": none, "found": { "totalCount": 0 }, "born": { "totalCount": 0 },
        });
        assert_eq!(self.read(world, who).await, nothing, "{who} sees nothing at all");
    }

    /// Nor does anything that this person tries change it, or tell of it.
    async fn cannot_be_changed_by(&self, world: &World, who: &str) {
        let before = dump(world).await;
        let section = json!({ "text": { "category": "RISK", "text": "Dogs." } });
        for (name, input) in [
            ("entryRecord", json!({ "clientId": self.t.client, "section": section })),
            ("consentWithdraw", json!({ "consentId": self.consent, "withdrawnBy": "By phone." })),
            ("noteCorrect", json!({ "noteId": self.own_note, "version": 1, "visibility": "TEAM", "text": "Other." })),
            ("caseClose", json!({ "caseId": self.t.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" })),
        ] {
            let answer = world.ask(who, &document(name), json!({ "input": input })).await;
            let refused = answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
                || errors(&answer["data"][name])
                    .iter()
                    .all(|(code, message, _)| code == "NOT_FOUND" && message == "There is no such thing.");
            assert!(refused, "{who} {name}: {answer}");
        }
        assert_eq!(dump(world).await, before, "{who} changed nothing");
    }
}

const EVERYBODY: &[&str] =
    &["referrer", "support-worker", "partner-worker", "team-manager", "hub-coordinator", "outside-worker", "canary"];

async fn a_sealed_record_is_there_for_those_named_on_it_alone(world: World) {
    let s = Shared::of(&world, "Wick").await;
    let before = [s.read(&world, "support-worker").await, s.read(&world, "hub-coordinator").await];
    assert!(before.iter().all(|b| b["client"]["id"] == s.t.client), "lead and hub see it");
    let seal = plant(&world, &s.t.client, "SEALED", Against::Nobody, &["support-worker", "outside-worker"]).await;
    assert_eq!(s.read(&world, "support-worker").await, before[0], "who is named sees what they saw");
    for who in EVERYBODY.iter().filter(|w| **w != "support-worker") {
        // The outside worker is named and has no grant: a name on the seal opens nothing.
        s.does_not_exist_for(&world, who).await;
        s.cannot_be_changed_by(&world, who).await;
    }
    // A second seal keeps out whom it does not name.
    let second = plant(&world, &s.t.client, "SEALED", Against::Nobody, &["team-manager"]).await;
    s.does_not_exist_for(&world, "support-worker").await;
    s.does_not_exist_for(&world, "team-manager").await;
    lift(&world, second).await;
    // Another person's record is not touched by it.
    let other = world.accepted("Other").await;
    let hub = world
        .data("hub-coordinator", "query($id: ID!) { client(id: $id) { id } }", json!({ "id": other.client }))
        .await;
    assert_eq!(hub["client"]["id"], other.client);
    // Once lifted it is what it was.
    lift(&world, seal).await;
    let after = s.read(&world, "hub-coordinator").await;
    assert_eq!((&after["client"], &after["referral"]), (&before[1]["client"], &before[1]["referral"]));
    assert_eq!(s.read(&world, "partner-worker").await["sharedCase"]["id"], s.t.case);
}

async fn a_seal_stands_against_an_override_and_a_gateway(world: World) {
    let s = Shared::of(&world, "Wick").await;
    let outside = person_of(&world, "outside-worker").await;
    grant(&world, &s.t.client, Basis::Override, demo::MEADOW, Some(outside)).await;
    grant(&world, &s.t.client, Basis::LegalGateway, demo::LOCKWELL, None).await;
    assert_eq!(s.read(&world, "outside-worker").await["client"]["name"]["family"], "Wick", "the override opens it");
    assert_eq!(
        s.read(&world, "partner-worker").await["client"]["contact"]["phone"],
        "07700 900123",
        "and the gateway"
    );
    plant(&world, &s.t.client, "SEALED", Against::Nobody, &["support-worker"]).await;
    s.does_not_exist_for(&world, "outside-worker").await;
    s.does_not_exist_for(&world, "partner-worker").await;
}

async fn a_co_signed_grant_passes_what_was_signed_for_and_nothing_else(world: World) {
    let s = Shared::of(&world, "Wick").await;
    plant(&world, &s.t.client, "SEALED", Against::Nobody, &["support-worker"]).await;
    restrict(&world, "support-worker", &s.t.client, "PROTECTED_CONTACT", Against::Nobody, &["support-worker"]).await;
    let outside = person_of(&world, "outside-worker").await;
    let mut read = Vec::new();
    for passes in [0, PASSES_PROTECTION, PASSES_SEAL, PASSES_SEAL | PASSES_PROTECTION] {
        world.raw("UPDATE access_grant SET ended_at = 1 WHERE source_kind = 'test'").await;
        co_signed(&world, &s.t.client, Basis::Override, demo::MEADOW, Some(outside), passes).await;
        if passes & PASSES_SEAL == 0 {
            s.does_not_exist_for(&world, "outside-worker").await;
            s.cannot_be_changed_by(&world, "outside-worker").await;
        } else {
            read.push(s.read(&world, "outside-worker").await["client"].clone());
        }
        s.does_not_exist_for(&world, "partner-worker").await;
    }
    assert_eq!((&read[0]["name"]["family"], &read[0]["contact"]), (&json!("Wick"), &Value::Null), "past the seal");
    assert_eq!(read[1]["contact"]["phone"], "07700 900123", "past both");
    // It ends with the grant, and before the person themself it does not stand at all.
    let objection = plant(&world, &s.t.client, "OBJECTION", Against::Person(outside), &[]).await;
    s.does_not_exist_for(&world, "outside-worker").await;
    lift(&world, objection).await;
    assert_eq!(s.read(&world, "outside-worker").await["client"], read[1]);
    for ends in ["until_at = 1", "starts_at = 9000000000000000", "ended_at = 1"] {
        let keep = "until_at = 9223372036854775807, starts_at = 0, ended_at = NULL";
        world.raw(&format!("UPDATE access_grant SET {keep} WHERE source_kind = 'test' AND passes = 3")).await;
        assert_eq!(s.read(&world, "outside-worker").await["client"], read[1]);
        world.raw(&format!("UPDATE access_grant SET {ends} WHERE source_kind = 'test' AND passes = 3")).await;
        s.does_not_exist_for(&world, "outside-worker").await;
    }
    // A pass of contact alone is no use to a colleague, nor where another grant opens the record.
    world.raw("UPDATE restriction SET ended_at = 1 WHERE kind = 'SEALED'").await;
    let manager = person_of(&world, "team-manager").await;
    assert_eq!(s.read(&world, "team-manager").await["client"]["contact"], Value::Null);
    co_signed(&world, &s.t.client, Basis::Override, demo::HARBOUR, Some(manager), PASSES_PROTECTION).await;
    assert_eq!(s.read(&world, "team-manager").await["client"]["contact"]["phone"], "07700 900123");
    assert_eq!(s.read(&world, "hub-coordinator").await["client"]["contact"], Value::Null);
}

async fn an_objection_to_an_agency_leaves_it_what_it_wrote_itself(world: World) {
    let s = Shared::of(&world, "Wick").await;
    let shared = s.read(&world, "partner-worker").await;
    assert_eq!(shared["client"]["housing"]["tenure"], "PRIVATE_RENT");
    let objection =
        restrict(&world, "support-worker", &s.t.client, "OBJECTION", Against::Organisation(demo::LOCKWELL), &[])
            .await;
    // TEAM is beaten; what the solicitors wrote stays theirs, on a client whose other sections are closed.
    let left = s.read(&world, "partner-worker").await;
    assert_eq!(left["their"], json!({ "text": "The solicitors' note." }));
    assert_eq!(left["client"]["housing"], Value::Null);
    assert_eq!(left["client"]["viewerAccess"], json!({ "canRecord": false, "openCategories": [] }));
    assert_eq!(left["sharedCase"], Value::Null, "the case is no longer shared with it");
    assert_eq!(left["referral"], Value::Null);
    assert_eq!(left["own"], Value::Null);
    assert_eq!(left["sharedCases"]["totalCount"], 0);
    let note = json!({ "caseId": s.t.case, "visibility": "TEAM", "text": "More." });
    assert_eq!(world.codes("partner-worker", "noteRecord", note).await, ["NOT_FOUND"]);
    // Nobody else is touched by it.
    assert_eq!(s.read(&world, "support-worker").await["client"]["housing"]["tenure"], "PRIVATE_RENT");
    assert_eq!(s.read(&world, "hub-coordinator").await["client"]["housing"]["tenure"], "PRIVATE_RENT");
    lift(&world, objection).await;
    let again = s.read(&world, "partner-worker").await;
    assert_eq!(again["client"]["housing"], shared["client"]["housing"]);
    assert_eq!(again["sharedCase"]["id"], s.t.case);
}

async fn an_objection_beats_whatever_opens_the_record_but_an_override_and_a_gateway(world: World) {
    // The lead agency, which is the hub's as well: HOLDER and HUB.
    let s = Shared::of(&world, "Wick").await;
    let objection =
        restrict(&world, "support-worker", &s.t.client, "OBJECTION", Against::Organisation(demo::HARBOUR), &[]).await;
    s.does_not_exist_for(&world, "hub-coordinator").await;
    let lead = s.read(&world, "support-worker").await;
    assert_eq!(lead["client"]["housing"], Value::Null, "HOLDER is beaten");
    assert_eq!(lead["client"]["viewerAccess"]["canRecord"], false);
    assert_eq!(lead["referral"], Value::Null);
    assert_eq!(lead["own"], json!({ "text": "The lead's note." }), "AUTHOR is not");
    assert_eq!(s.read(&world, "partner-worker").await["client"]["housing"]["tenure"], "PRIVATE_RENT");
    lift(&world, objection).await;

    // An offer.
    let offered = world.offered("Offered", demo::NORTH).await;
    let query = "query($id: ID!) { referral(id: $id) { client { id } } }";
    let team = world.data("support-worker", query, json!({ "id": offered })).await;
    let client = team["referral"]["client"]["id"].as_str().expect("an id").to_owned();
    let objection =
        restrict(&world, "hub-coordinator", &client, "OBJECTION", Against::Organisation(demo::HARBOUR), &[]).await;
    assert_eq!(world.data("support-worker", query, json!({ "id": offered })).await["referral"], Value::Null);
    let accept = json!({ "referralId": offered, "version": 3 });
    assert_eq!(world.codes("support-worker", "referralAccept", accept).await, ["NOT_FOUND"]);
    lift(&world, objection).await;

    // A consent that names an agency for its own support.
    let given = json!({ "clientId": s.t.client, "consent": {
        "recipients": [demo::MEADOW.global()], "purposes": ["SUPPORT"], "categories": ["NAME", "HOUSING"], "givenBy": "CLIENT",
        "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
    } });
    world.done("support-worker", "consentRecord", given, "").await;
    assert_eq!(s.read(&world, "outside-worker").await["client"]["name"]["family"], "Wick");
    restrict(&world, "support-worker", &s.t.client, "OBJECTION", Against::Organisation(demo::MEADOW), &[]).await;
    s.does_not_exist_for(&world, "outside-worker").await;

    // An override and a legal gateway go past it.
    let outside = person_of(&world, "outside-worker").await;
    grant(&world, &s.t.client, Basis::Override, demo::MEADOW, Some(outside)).await;
    assert_eq!(s.read(&world, "outside-worker").await["client"]["name"]["family"], "Wick");
    restrict(&world, "support-worker", &s.t.client, "OBJECTION", Against::Organisation(demo::LOCKWELL), &[]).await;
    assert_eq!(s.read(&world, "partner-worker").await["client"]["contact"], Value::Null);
    grant(&world, &s.t.client, Basis::LegalGateway, demo::LOCKWELL, None).await;
    assert_eq!(s.read(&world, "partner-worker").await["client"]["contact"]["phone"], "07700 900123");
}

async fn a_safeguarding_lead_who_sees_the_record_for_a_while_shuts_nobody_out(world: World) {
    let s = Shared::of(&world, "Wick").await;
    let lead = person_of(&world, "safeguarding-lead").await;
    let check =
        json!({ "clientId": s.t.client, "personIds": [lead.global()], "reason": "So.", "validateOnly": true });
    for name in ["clientSeal", "contactProtect"] {
        assert_eq!(world.codes("safeguarding-lead", name, check.clone()).await, ["NOT_FOUND"], "{name}");
    }
    let access = "query A($id: ID!) { client(id: $id) { viewerAccess { canSeal canProtectContact canRecordObjection canRecord } } }";
    let none =
        json!({ "canSeal": false, "canProtectContact": false, "canRecordObjection": false, "canRecord": false });
    for basis in [Basis::LegalGateway, Basis::Override, Basis::Oversight] {
        world.raw("UPDATE access_grant SET ended_at = 1 WHERE source_kind = 'test'").await;
        grant(&world, &s.t.client, basis, demo::HARBOUR, Some(lead)).await;
        let seen = world.data("safeguarding-lead", access, json!({ "id": s.t.client })).await;
        assert_eq!(seen["client"]["viewerAccess"], none, "{basis:?}");
        for name in ["clientSeal", "contactProtect"] {
            assert_eq!(world.codes("safeguarding-lead", name, check.clone()).await, ["NOT_ALLOWED"], "{basis:?}");
        }
    }
    // One who works in the lead team does both.
    let working =
        world.member("brannoch", demo::HARBOUR, &[Role::SafeguardingLead, Role::SupportWorker], &[demo::NORTH]);
    let named = json!([working.await.global()]);
    let brannoch = format!("brannoch@{}", demo::HARBOUR.global());
    let mut check = check;
    check["personIds"] = named;
    for name in ["clientSeal", "contactProtect"] {
        assert_eq!(world.codes(&brannoch, name, check.clone()).await, Vec::<String>::new(), "{name}");
    }
    // Who reviews does so past a seal, and not past the objection to themself.
    plant(&world, &s.t.client, "SEALED", Against::Nobody, &["support-worker"]).await;
    co_signed(&world, &s.t.client, Basis::Oversight, demo::HARBOUR, Some(lead), PASSES_SEAL).await;
    assert!(!s.read(&world, "safeguarding-lead").await["referral"].is_null(), "a review goes past a seal");
    plant(&world, &s.t.client, "OBJECTION", Against::Person(lead), &[]).await;
    s.does_not_exist_for(&world, "safeguarding-lead").await;
}

async fn an_objection_leaves_a_sender_its_own_referral(world: World) {
    let s = Shared::of(&world, "Wick").await;
    let before = s.read(&world, "referrer").await;
    assert!(before["referral"]["asWritten"].as_array().expect("a list").len() > 5);
    restrict(&world, "support-worker", &s.t.client, "OBJECTION", Against::Organisation(demo::PROBATION), &[]).await;
    assert_eq!(s.read(&world, "referrer").await, before, "what it sent stays its own");
    assert_eq!(before["client"], Value::Null);
}

async fn for_a_person_objected_to_there_is_nothing_ever(world: World) {
    let s = Shared::of(&world, "Wick").await;
    // A colleague of the same team, and one of the same sender.
    let lead = s.read(&world, "team-manager").await;
    world.member("rowan", demo::PROBATION, &[Role::Referrer], &[]).await;
    let rowan = format!("rowan@{}", demo::PROBATION.global());
    let sent = s.read(&world, &rowan).await;
    assert_eq!(sent["referral"]["state"], "ACCEPTED");
    let mut objections = Vec::new();
    for who in ["support-worker", "partner-worker", "referrer", "hub-coordinator"] {
        let person = person_of(&world, who).await;
        objections
            .push(restrict(&world, "team-manager", &s.t.client, "OBJECTION", Against::Person(person), &[]).await);
        // Override and gateway included; granted after the objection, because a write projects the ledger anew.
        let of = demo::persona(who).expect("a persona").organisation;
        grant(&world, &s.t.client, Basis::Override, of, Some(person)).await;
        s.does_not_exist_for(&world, who).await;
        s.cannot_be_changed_by(&world, who).await;
    }
    assert_eq!(s.read(&world, "team-manager").await, lead, "a colleague sees what they saw");
    assert_eq!(s.read(&world, &rowan).await, sent);
    for objection in objections {
        lift(&world, objection).await;
    }
    assert_eq!(s.read(&world, "support-worker").await["client"]["id"], s.t.client);
}

const CONTACT: &str = "query Contact($client: ID!, $referral: ID!, $case: ID!, $where: ID!, $what: ID!) { \
    client(id: $client) { name { family } contact { phone addressLines postcode } housing { tenure } redactions { category reason remedy } viewerAccess { openCategories } } \
    clients { nodes { contact { phone } } } \
    referral(id: $referral) { asWritten { category lines } narratives { category text } client { contact { phone } } redactions { category reason remedy } } \
    sharedCase(id: $case) { client { contact { phone } } notes { totalCount nodes { id text categories } } redactions { category reason remedy } } \
    where: node(id: $where) { ... on Note { text } } what: node(id: $what) { ... on Note { text } } }";

async fn protected_contact_is_for_the_named_few(world: World) {
    let mut drafted = draft("Wick");
    drafted["narratives"] = json!([{ "category": "CONTACT", "text": "Lives above the bakery." }, { "category": "HOUSING", "text": "Behind with the rent." }]);
    let made = world.done("referrer", "referralDraft", drafted, "referral { id }").await;
    let referral = made["referral"]["id"].clone();
    world.done("referrer", "referralSubmit", json!({ "referralId": referral, "version": 1 }), "").await;
    let offer =
        json!({ "referralId": referral, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
    world.done("hub-coordinator", "referralOffer", offer, "").await;
    let taken = "referral { client { id } sharedCase { id } }";
    let done =
        world.done("support-worker", "referralAccept", json!({ "referralId": referral, "version": 3 }), taken).await;
    let (client, case) = (done["referral"]["client"]["id"].clone(), done["referral"]["sharedCase"]["id"].clone());
    let note = |text: &str, categories: Value, reveals: bool| json!({ "caseId": case, "visibility": "TEAM", "text": text, "categories": categories, "revealsLocation": reveals });
    let mut ids = Vec::new();
    for (text, categories, reveals) in [
        ("Works at the mill.", json!([]), true),
        ("Rang the number.", json!(["CONTACT"]), false),
        ("Plain.", json!([]), false),
    ] {
        let done = world.done("team-manager", "noteRecord", note(text, categories, reveals), "note { id }").await;
        ids.push(done["note"]["id"].clone());
    }
    let asked = json!({ "client": client, "referral": referral, "case": case, "where": ids[0], "what": ids[1] });
    let read = async |who: &str| world.data(who, CONTACT, asked.clone()).await;
    let open = read("support-worker").await;
    let (manager, hub, sender) = (read("team-manager").await, read("hub-coordinator").await, read("referrer").await);
    assert_eq!(open["client"]["contact"]["phone"], "07700 900123");
    assert_eq!(open["sharedCase"]["notes"]["totalCount"], 3);
    assert_eq!(manager["client"], open["client"]);
    let client_id = client.as_str().expect("an id").to_owned();
    let protection =
        restrict(&world, "support-worker", &client_id, "PROTECTED_CONTACT", Against::Nobody, &["support-worker"])
            .await;

    assert_eq!(read("support-worker").await, open, "who is named sees what they saw");
    let words = |v: &Value| v.to_string();
    assert_eq!(read("referrer").await["referral"], sender["referral"], "who wrote it reads what they wrote");
    for who in ["team-manager", "hub-coordinator"] {
        let seen = read(who).await;
        for secret in ["07700", "Test Row", "OX1 1BX", "bakery", "mill", "Rang"] {
            assert!(!words(&seen).contains(secret), "{who} reads {secret}: {seen:#}");
        }
        assert_eq!(seen["where"], Value::Null, "{who}");
        assert_eq!(seen["what"], Value::Null, "{who}");
    }
    let seen = read("team-manager").await;
    assert_eq!(seen["client"]["housing"], open["client"]["housing"], "the rest resolves");
    let notes = &seen["sharedCase"]["notes"];
    assert_eq!(notes["totalCount"], 1, "what is counted is what is shown: {notes}");
    assert_eq!(notes["nodes"][0]["text"], "Plain.");
    // Withheld like anything that is not shared: reason and remedy are the ordinary ones, on every list of redactions.
    for (place, list) in [
        ("client", &seen["client"]["redactions"]),
        ("referral", &seen["referral"]["redactions"]),
        ("case", &seen["sharedCase"]["redactions"]),
    ] {
        let of = |c: &str| list.as_array().unwrap().iter().find(|r| r["category"] == c).cloned();
        let mut contact = of("CONTACT").unwrap_or_else(|| panic!("{place} lists CONTACT: {list}"));
        contact["category"] = json!("IMMIGRATION");
        assert_eq!(Some(contact), of("IMMIGRATION"), "{place}: CONTACT reads like any category that is not shared");
    }
    let before_without_contact = |mut v: Value| {
        v["client"]["viewerAccess"]["openCategories"].as_array_mut().unwrap().retain(|c| c != "CONTACT");
        v["client"]["viewerAccess"].clone()
    };
    assert_eq!(seen["client"]["viewerAccess"], before_without_contact(manager.clone()));
    // Who wrote what reveals the place, and is not named, does not read it again either.
    let again = note("Moved to the harbour.", json!([]), true);
    let written = world.done("team-manager", "noteRecord", again, "note { id text }").await;
    assert_eq!(written["note"], Value::Null);
    assert_eq!(read("support-worker").await["sharedCase"]["notes"]["totalCount"], 4);

    lift(&world, protection).await;
    let after = read("team-manager").await;
    assert_eq!(after["client"], manager["client"], "once lifted everything is what it was");
    assert_eq!(after["sharedCase"]["notes"]["totalCount"], 4);
    assert_eq!(read("hub-coordinator").await["client"], hub["client"]);
    assert_eq!(read("referrer").await["referral"], sender["referral"]);
}

async fn who_was_never_told_the_contact_cannot_tell_that_it_is_protected(world: World) {
    let s = Shared::of(&world, "Wick").await;
    settle(&world, "partner-worker").await;
    let query = "query Q($client: ID!, $case: ID!) { client(id: $client) { contact { phone } name { family } housing { text } redactions { category reason remedy } viewerAccess { openCategories canRecord } } \
        sharedCase(id: $case) { redactions { category reason remedy } notes { totalCount nodes { text } } members { role } } clients { totalCount } }";
    let ids = json!({ "client": s.t.client, "case": s.t.case });
    let before = look(&world, "partner-worker", query, &ids).await;
    assert!(before.body.contains("\"CONTACT\",\"reason\":\"NOT_SHARED\""), "{}", before.body);
    restrict(&world, "support-worker", &s.t.client, "PROTECTED_CONTACT", Against::Nobody, &["support-worker"]).await;
    assert_eq!(look(&world, "partner-worker", query, &ids).await, before, "the same to the last byte");
}

async fn an_offer_without_contact_reads_like_any_that_is_not_shared(world: World) {
    // An offer shows CONTACT, and no intake profile can refuse it: a reason of its own would speak of protection (C7, C8).
    let id = world.offered("Wick", demo::NORTH).await;
    let query = "query($id: ID!) { referral(id: $id) { client { id contact { phone } redactions { category reason remedy } } redactions { category reason remedy } } }";
    let open = world.data("support-worker", query, json!({ "id": id })).await;
    assert_eq!(open["referral"]["client"]["contact"]["phone"], "07700 900123");
    let client = open["referral"]["client"]["id"].as_str().expect("an id").to_owned();
    restrict(&world, "hub-coordinator", &client, "PROTECTED_CONTACT", Against::Nobody, &["team-manager"]).await;
    let seen = world.data("support-worker", query, json!({ "id": id })).await;
    assert_eq!(seen["referral"]["client"]["contact"], Value::Null);
    for list in [&seen["referral"]["client"]["redactions"], &seen["referral"]["redactions"]] {
        let of =
            |c: &str| list.as_array().unwrap().iter().find(|r| r["category"] == c).cloned().expect("is withheld");
        assert_eq!(of("CONTACT")["reason"], "NOT_SHARED", "{list}");
        assert_eq!(of("CONTACT")["remedy"], of("HEALTH")["remedy"]);
    }
    let named = world.data("team-manager", query, json!({ "id": id })).await;
    assert_eq!(named["referral"]["client"]["contact"]["phone"], "07700 900123", "the worker an offer names");
    // What the team's profile does refuse is said to be its own doing.
    let outreach = world.offered("Moss", demo::OUTREACH).await;
    let refused = world.data("outside-worker", query, json!({ "id": outreach })).await;
    let list = refused["referral"]["client"]["redactions"].as_array().unwrap();
    assert!(list.iter().any(|r| r["category"] == "HOUSING" && r["reason"] == "INTAKE_PROFILE"), "{list:?}");
}

on_both_databases!(
    a_sealed_record_is_there_for_those_named_on_it_alone,
    a_seal_stands_against_an_override_and_a_gateway,
    a_co_signed_grant_passes_what_was_signed_for_and_nothing_else,
    an_objection_to_an_agency_leaves_it_what_it_wrote_itself,
    an_objection_beats_whatever_opens_the_record_but_an_override_and_a_gateway,
    a_safeguarding_lead_who_sees_the_record_for_a_while_shuts_nobody_out,
    an_objection_leaves_a_sender_its_own_referral,
    for_a_person_objected_to_there_is_nothing_ever,
    protected_contact_is_for_the_named_few,
    who_was_never_told_the_contact_cannot_tell_that_it_is_protected,
    an_offer_without_contact_reads_like_any_that_is_not_shared,
);
