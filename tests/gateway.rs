//! Disclosures without consent: legal gateways, and what is told to somebody outside the system (C17), with what the client is
//! told of them (C18).

use crate::hidden::{look, settle};
use crate::inputs::{dump, error, errors, gateway, outward, put};
use crate::restrictions::{Against, lift, person_of, plant};
use crate::support::{Travelled, World, draft};
use alliance::domain::category::{Categories, Category};
use alliance::domain::clock::Clock;
use alliance::domain::ids::{OrganisationId, TypedId};
use alliance::domain::organisation_name::OrganisationKind;
use alliance::domain::role::Role;
use alliance::persistence::ledger;
use alliance::persistence::organisation::{self, NewOrganisation};
use alliance::persistence::sql::Sql;
use alliance::service::demo;
use serde_json::{Value, json};
use uuid::Uuid;

const LEAD: &str = "safeguarding-lead";
const WORKER: &str = "support-worker";
/// At Lockwell, which the gateways below name.
const NAMED: &str = "partner-worker";

const GATEWAY: &str = "id version state kind reference reason categories from until decisionReason endReason tell withholdUntil \
    withholdReason recipient { id name } recordedFor { name } client { id } viewerAccess { canDecide canEnd }";
const DISCLOSURE: &str = "id recipient basis reference categories summary disclosedAt tell withholdUntil withholdReason \
    recordedFor { name } client { id }";

fn to_lockwell(client: &str, categories: Value) -> Value {
    let input = put(&gateway(client), "/recipientId", json!(demo::LOCKWELL.global()));
    put(&input, "/categories", categories)
}

async fn asked(world: &World, who: &str, input: Value) -> String {
    let made = world.done(who, "legalGatewayAsk", input, "legalGateway { id }").await;
    made["legalGateway"]["id"].as_str().expect("an id").to_owned()
}

async fn granted(world: &World, who: &str, gateway: &str) {
    let input =
        json!({ "legalGatewayId": gateway, "version": 1, "decision": "GRANT", "reason": "The law.", "tell": "TELL" });
    world.done(who, "legalGatewayDecide", input, "").await;
}

/// Asked for by the lead team's worker, and granted.
async fn open(world: &World, input: Value) -> String {
    let id = asked(world, WORKER, input).await;
    granted(world, LEAD, &id).await;
    id
}

async fn node(world: &World, who: &str, id: &str) -> Value {
    let (of, fields) =
        if id.starts_with("gateway_") { ("LegalGateway", GATEWAY) } else { ("OutwardDisclosure", DISCLOSURE) };
    let query = format!("query Q($id: ID!) {{ node(id: $id) {{ ... on {of} {{ {fields} }} }} }}");
    world.data(who, &query, json!({ "id": id })).await["node"].clone()
}

const RECORD: &str = "query R($id: ID!) { client(id: $id) { name { family } contact { phone } housing { tenure } health { text } finance { text } \
    sharedCases { totalCount } legalGateways { id kind tell recipient { name } } viewerAccess { canRecord openCategories } } \
    clients { totalCount nodes { id } } found: clients(filter: { name: \"wick\" }) { totalCount } }";

async fn record(world: &World, who: &str, t: &Travelled) -> Value {
    world.data(who, RECORD, json!({ "id": t.client })).await
}

async fn sees(world: &World, who: &str, t: &Travelled) -> bool {
    record(world, who, t).await["client"] != Value::Null
}

/// The kinds of what is in somebody's inbox, and whether it is done.
async fn inbox(world: &World, who: &str) -> Vec<(String, Value, bool)> {
    let query = "{ inbox { nodes { kind doneAt subject { __typename id } client { id } } } }";
    let found = world.data(who, query, json!({})).await;
    let list = found["inbox"]["nodes"].as_array().expect("a list").clone();
    list.into_iter()
        .map(|i| {
            assert_eq!(i["client"], Value::Null, "{who}: the document, not the record");
            (i["kind"].as_str().expect("a kind").to_owned(), i["subject"]["id"].clone(), !i["doneAt"].is_null())
        })
        .collect()
}

async fn sound(world: &World) {
    let (_, differences) = ledger::check(&world.app.database).await.expect("it checks");
    assert_eq!(differences, []);
}

async fn lead_of(world: &World, name: &str, of: OrganisationId) -> String {
    world.member(name, of, &[Role::SafeguardingLead], &[]).await;
    format!("{name}@{}", of.global())
}

async fn a_gateway_opens_what_it_names_to_whom_it_names_until_it_is_ended(world: World) {
    let t = world.accepted("Wick").await;
    let theirs = lead_of(&world, "their-lead", demo::LOCKWELL).await;
    let nothing = record(&world, NAMED, &t).await;
    assert_eq!(nothing["client"], Value::Null);
    let input = to_lockwell(&t.client, json!(["HOUSING", "HEALTH"]));
    let made = world.done(WORKER, "legalGatewayAsk", input, &format!("legalGateway {{ {GATEWAY} }}")).await;
    let made = &made["legalGateway"];
    assert_eq!((&made["state"], &made["version"]), (&json!("ASKED"), &json!(1)));
    assert_eq!(made["viewerAccess"], json!({ "canDecide": false, "canEnd": false }));
    assert_eq!(made["client"]["id"], t.client);
    let id = made["id"].as_str().expect("an id");
    sound(&world).await;

    // It opens nothing yet but the one document, to the leads it was put before.
    assert_eq!(record(&world, NAMED, &t).await, nothing);
    for who in
        [NAMED, "outside-worker", "canary", "information-governance", "administrator", "hub-coordinator", &theirs]
    {
        assert_eq!(node(&world, who, id).await, Value::Null, "{who}");
    }
    let read = node(&world, LEAD, id).await;
    assert_eq!(read["recipient"]["name"], "Lockwell Law Centre");
    assert_eq!((&read["kind"], &read["reason"]), (&json!("DUTY_IN_LAW"), &json!("A duty to cooperate.")));
    assert_eq!(read["categories"], json!(["HOUSING", "INVOLVEMENT", "HEALTH"]));
    assert_eq!(read["client"], Value::Null, "the document, not the record");
    assert_eq!(read["viewerAccess"], json!({ "canDecide": true, "canEnd": false }));
    assert_eq!(record(&world, LEAD, &t).await, nothing);
    let task = |done| vec![("LEGAL_GATEWAY_ASKED".to_owned(), json!(id), done)];
    assert_eq!(inbox(&world, LEAD).await, task(false));
    for who in [WORKER, NAMED, "information-governance", "canary", &theirs] {
        assert_eq!(inbox(&world, who).await, [], "{who}");
    }

    let decide = json!({ "legalGatewayId": id, "version": 1, "decision": "GRANT", "reason": "Section 1 applies." });
    let done = world.done(LEAD, "legalGatewayDecide", decide, &format!("legalGateway {{ {GATEWAY} }}")).await;
    assert_eq!((&done["legalGateway"]["state"], &done["legalGateway"]["tell"]), (&json!("GRANTED"), &json!("TELL")));
    assert_eq!(done["legalGateway"]["viewerAccess"], json!({ "canDecide": false, "canEnd": true }));
    assert_eq!(inbox(&world, LEAD).await, task(true));
    sound(&world).await;
    let mut shown = record(&world, NAMED, &t).await;
    assert_eq!(shown["clients"], json!({ "totalCount": 1, "nodes": [{ "id": t.client }] }));
    assert_eq!(shown["found"]["totalCount"], 0, "a name that is not named is not found by either");
    let client = shown["client"].take();
    assert_eq!(client["housing"]["tenure"], "PRIVATE_RENT");
    assert_eq!(client["health"]["text"], "Takes medication for depression.");
    for withheld in ["name", "contact", "finance"] {
        assert_eq!(client[withheld], Value::Null, "{withheld}");
    }
    assert_eq!(
        client["viewerAccess"],
        json!({ "canRecord": false, "openCategories": ["HOUSING", "INVOLVEMENT", "HEALTH"] })
    );
    assert_eq!(client["sharedCases"]["totalCount"], 1, "INVOLVEMENT goes with them");
    let told =
        json!([{ "id": id, "kind": "DUTY_IN_LAW", "tell": null, "recipient": { "name": "Lockwell Law Centre" } }]);
    assert_eq!(client["legalGateways"], told);
    assert!(sees(&world, &theirs, &t).await);
    assert!(!sees(&world, "outside-worker", &t).await && !sees(&world, "canary", &t).await);

    // Who reads what somebody else's gateway opens is not who it is put before.
    let stolen = json!({ "legalGatewayId": id, "version": 2, "reason": "Over." });
    assert_eq!(world.codes("canary", "legalGatewayEnd", stolen.clone()).await, ["NOT_FOUND"]);
    let forbidden = world
        .ask(
            NAMED,
            "mutation M($input: LegalGatewayEndInput!) { legalGatewayEnd(input: $input) { userErrors { code } } }",
            json!({ "input": stolen }),
        )
        .await;
    assert_eq!(forbidden["errors"][0]["extensions"]["code"], "FORBIDDEN");
    // The lead of the organisation it names ends it: gone with the next request, on every path.
    world.done(&theirs, "legalGatewayEnd", stolen.clone(), "").await;
    assert_eq!(record(&world, NAMED, &t).await, nothing);
    for who in [NAMED, &theirs, LEAD] {
        assert_eq!(node(&world, who, id).await, Value::Null, "{who}");
        assert_eq!(inbox(&world, who).await, [], "{who}");
    }
    let after = node(&world, WORKER, id).await;
    assert_eq!((&after["state"], &after["endReason"]), (&json!("ENDED"), &json!("Over.")));
    assert_eq!(world.codes(LEAD, "legalGatewayEnd", put(&stolen, "/version", json!(3))).await, ["NOT_FOUND"]);
    sound(&world).await;
}

async fn the_granting_organisations_lead_ends_it_as_well(world: World) {
    let t = world.accepted("Wick").await;
    let id = open(&world, to_lockwell(&t.client, json!(["HOUSING"]))).await;
    // Another one stays as it is.
    let other = open(&world, to_lockwell(&t.client, json!(["FINANCE"]))).await;
    let end = json!({ "legalGatewayId": id, "version": 2, "reason": "Quashed." });
    world.done(LEAD, "legalGatewayEnd", end, "").await;
    let left = record(&world, NAMED, &t).await;
    assert_eq!(
        (&left["client"]["housing"], &left["client"]["finance"]["text"]),
        (&Value::Null, &json!("Universal Credit."))
    );
    assert_eq!(left["client"]["legalGateways"].as_array().expect("a list").len(), 1);
    assert_ne!(node(&world, LEAD, &other).await, Value::Null);
    sound(&world).await;
}

async fn dates_come_and_go_with_the_clock(world: World) {
    let t = world.accepted("Wick").await;
    let mut input = to_lockwell(&t.client, json!(["HOUSING"]));
    input["from"] = json!("2026-04-03T00:00:00Z");
    input["until"] = json!("2026-04-10T00:00:00Z");
    let id = open(&world, input.clone()).await;
    assert!(!sees(&world, NAMED, &t).await, "not before its day");
    assert_eq!(node(&world, LEAD, &id).await["state"], "GRANTED");
    world.clock.pass_days(2);
    assert!(sees(&world, NAMED, &t).await);
    sound(&world).await;
    world.clock.pass_days(7);
    assert!(!sees(&world, NAMED, &t).await, "nor after");
    assert_eq!(node(&world, NAMED, &id).await, Value::Null);
    assert_eq!(node(&world, LEAD, &id).await, Value::Null, "there is nothing left to watch over");
    let over = node(&world, WORKER, &id).await;
    assert_eq!((&over["state"], &over["endReason"]), (&json!("ENDED"), &Value::Null), "its time ran out");
    sound(&world).await;

    // One that is decided too late is refused, and asked for anew.
    input["from"] = Value::Null;
    input["until"] = json!("2026-04-12T00:00:00Z");
    let late = asked(&world, WORKER, input).await;
    world.clock.pass_days(3);
    let decide = |what: &str| json!({ "legalGatewayId": late, "version": 1, "decision": what, "reason": "Read it." });
    let before = dump(&world).await;
    let told = errors(&world.mutate(LEAD, "legalGatewayDecide", decide("GRANT"), "").await);
    let words = "Its time ran out before it was decided. Refuse it, and ask anew.";
    assert_eq!(told, [error("ILLEGAL_TRANSITION", words, "")]);
    assert_eq!(dump(&world).await, before);
    world.done(LEAD, "legalGatewayDecide", decide("REFUSE"), "").await;
    assert!(!sees(&world, NAMED, &t).await);
}

async fn what_is_refused_opens_nothing(world: World) {
    let t = world.accepted("Wick").await;
    let id = asked(&world, WORKER, to_lockwell(&t.client, json!(["HOUSING"]))).await;
    let mut refuse = json!({ "legalGatewayId": id, "version": 1, "decision": "REFUSE", "reason": "No such duty." });
    for (field, value) in
        [("tell", json!("TELL")), ("withholdReason", json!("Why.")), ("withholdUntil", json!("2026-05-01T00:00:00Z"))]
    {
        let told =
            errors(&world.mutate(LEAD, "legalGatewayDecide", put(&refuse, &format!("/{field}"), value), "").await);
        assert_eq!(
            told,
            [error("INVALID", "There is nothing to tell of a gateway that is refused.", "tell")],
            "{field}"
        );
    }
    world.done(LEAD, "legalGatewayDecide", refuse.clone(), "").await;
    assert!(!sees(&world, NAMED, &t).await);
    assert_eq!(node(&world, LEAD, &id).await, Value::Null, "it is decided");
    let read = node(&world, WORKER, &id).await;
    assert_eq!((&read["state"], &read["decisionReason"]), (&json!("REFUSED"), &json!("No such duty.")));
    refuse["version"] = json!(2);
    assert_eq!(world.codes(LEAD, "legalGatewayDecide", refuse).await, ["NOT_FOUND"]);
    sound(&world).await;
}

async fn another_person_decides_whatever_their_membership(world: World) {
    let t = world.accepted("Wick").await;
    let both = &[Role::SupportWorker, Role::SafeguardingLead];
    let first = |roles: &'static [Role]| world.member("twohats", demo::HARBOUR, roles, &[demo::NORTH]);
    first(&[Role::SupportWorker]).await;
    let who = format!("twohats@{}", demo::HARBOUR.global());
    let id = asked(&world, &who, to_lockwell(&t.client, json!(["HOUSING"]))).await;
    // The membership ends, and another begins, with the role of a lead.
    let mine = person_of(&world, "twohats").await;
    let person = crate::inputs::literal(&world, mine.0);
    world.raw(&format!("UPDATE membership SET ended_at = 1, version = version + 1 WHERE person_id = {person}")).await;
    first(both).await;
    world.clock.pass_seconds(2);
    let decide = |id: &str| json!({ "legalGatewayId": id, "version": 1, "decision": "GRANT", "reason": "Mine." });
    let before = dump(&world).await;
    let told = errors(&world.mutate(&who, "legalGatewayDecide", decide(&id), "").await);
    assert_eq!(told, [error("SELF_REVIEW", "You asked for it yourself: another person decides.", "")]);
    assert_eq!(node(&world, &who, &id).await["viewerAccess"]["canDecide"], false);
    assert_eq!(dump(&world).await, before, "nothing changed");
    assert!(!sees(&world, NAMED, &t).await);
    // Nor by an identity of another issuer that is the same person.
    world
        .raw(&format!(
            "INSERT INTO identity (id, issuer, subject, person_id, created_at) VALUES ({}, 'alliance-development', 'alias', {person}, 1)",
            crate::inputs::literal(&world, Uuid::from_u128(0xa11a5)),
        ))
        .await;
    let alias = format!("alias@{}", demo::HARBOUR.global());
    assert_eq!(world.codes(&alias, "legalGatewayDecide", decide(&id)).await, ["SELF_REVIEW"]);
    // A lead of another organisation: of the one it names, once it is granted, and of one that knows nothing.
    let theirs = lead_of(&world, "their-lead", demo::LOCKWELL).await;
    for other in [&theirs, "canary"] {
        assert_eq!(world.codes(other, "legalGatewayDecide", decide(&id)).await, ["NOT_FOUND"], "{other}");
    }
    granted(&world, LEAD, &id).await;
    let again = put(&decide(&id), "/version", json!(2));
    assert_eq!(world.codes(&theirs, "legalGatewayDecide", again.clone()).await, ["NOT_ALLOWED"]);
    let told = errors(&world.mutate(LEAD, "legalGatewayDecide", again.clone(), "").await);
    assert_eq!(told, [error("ILLEGAL_TRANSITION", "It is decided already.", "")]);
    assert_eq!(world.codes(LEAD, "legalGatewayDecide", decide(&id)).await, ["CONFLICT"]);
    // Where there is no other lead, nobody could decide.
    world.solicitors_join(&t).await;
    let from_them = put(&gateway(&t.client), "/categories", json!(["HOUSING"]));
    assert!(world.codes(NAMED, "legalGatewayAsk", from_them.clone()).await.is_empty(), "their lead decides");
    for lead in ["their-lead", "partner-safeguarding-lead"] {
        let lead = crate::inputs::literal(&world, person_of(&world, lead).await.0);
        world
            .raw(&format!("UPDATE membership SET ended_at = 1, version = version + 1 WHERE person_id = {lead}"))
            .await;
    }
    let words = "Your organisation has no other safeguarding lead who could decide about it.";
    let told = errors(&world.mutate(NAMED, "legalGatewayAsk", from_them, "").await);
    assert_eq!(told, [error("NO_REVIEWER", words, "")]);
}

async fn each_wrong_thing_has_its_own_words_and_changes_nothing(world: World) {
    let t = world.accepted("Wick").await;
    let category = OrganisationId(Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_00c7));
    let gone = OrganisationId(Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_00c8));
    let tx = world.app.database.begin().await.expect("begins");
    for (id, name, is_category) in [(category, "GP", true), (gone, "Old House", false)] {
        let new = NewOrganisation {
            id,
            name: name.into(),
            kind: OrganisationKind::Other,
            is_partner: false,
            is_category,
            parent: None,
            implies: Categories::NONE,
        };
        organisation::register(&tx, &new, world.clock.now()).await.expect("registers");
    }
    tx.commit().await.expect("commits");
    let old = crate::inputs::literal(&world, gone.0);
    world.raw(&format!("UPDATE organisation SET status = 'INACTIVE' WHERE id = {old}")).await;
    let fine = to_lockwell(&t.client, json!(["HOUSING"]));
    let before = dump(&world).await;
    let past = "Lies in the past.";
    for (pointer, value, code, message, path) in [
        (
            "/recipientId",
            json!("organisation_0123456789abcdef0123456789abcdef"),
            "NOT_FOUND",
            "There is no such thing.",
            "recipientId",
        ),
        (
            "/recipientId",
            json!(category.global()),
            "INVALID",
            "A category of organisations cannot receive anything: name the organisation.",
            "recipientId",
        ),
        ("/recipientId", json!(gone.global()), "INVALID", "This organisation no longer takes part.", "recipientId"),
        (
            "/recipientId",
            json!(demo::HARBOUR.global()),
            "INVALID",
            "Nobody opens a record to an organisation they work for: whoever holds it opens it to another.",
            "recipientId",
        ),
        ("/categories", json!([]), "INVALID", "Name at least one category.", "categories"),
        (
            "/categories",
            json!(["EQUALITIES"]),
            "INVALID",
            "EQUALITIES is for statistics alone and is never disclosed.",
            "categories",
        ),
        (
            "/categories",
            json!(["HOUSING", "OFFENDING", "IMMIGRATION"]),
            "NOT_ALLOWED",
            "Only what is open to you can be disclosed: not OFFENDING, IMMIGRATION.",
            "categories",
        ),
        ("/from", json!("2026-03-31T23:59:59Z"), "INVALID", past, "from"),
        ("/until", json!("2026-03-31T23:59:59Z"), "INVALID", past, "until"),
        ("/until", json!("2026-04-01T09:00:00Z"), "INVALID", past, "until"),
        (
            "/until",
            json!("2028-04-03T09:00:00Z"),
            "LEGAL_GATEWAY_TOO_LONG",
            "A legal gateway lasts at most two years.",
            "until",
        ),
    ] {
        let told = errors(&world.mutate(WORKER, "legalGatewayAsk", put(&fine, pointer, value.clone()), "").await);
        assert_eq!(told, [error(code, message, path)], "{pointer} {value}");
    }
    let backwards = put(&put(&fine, "/from", json!("2026-05-02T00:00:00Z")), "/until", json!("2026-05-02T00:00:00Z"));
    let told = errors(&world.mutate(WORKER, "legalGatewayAsk", backwards, "").await);
    assert_eq!(told, [error("INVALID", "Must lie after `from`.", "until")]);
    // Everything wrong is told at once.
    let mut worst = put(&fine, "/categories", json!([]));
    worst["recipientId"] = json!("x");
    worst["until"] = json!("2026-01-01T00:00:00Z");
    assert_eq!(world.codes(WORKER, "legalGatewayAsk", worst).await, ["NOT_FOUND", "INVALID", "INVALID"]);
    assert_eq!(dump(&world).await, before);
    // Today from its beginning, and two years to the day, are fine.
    let whole = put(&put(&fine, "/from", json!("2026-04-01T00:00:00Z")), "/until", json!("2028-04-01T00:00:00Z"));
    assert!(world.codes(WORKER, "legalGatewayAsk", put(&whole, "/validateOnly", json!(true))).await.is_empty());
    // Who sees the record and does not work with the person does not ask; a category that is not open may not be named, though
    // something of it was recorded oneself: it would open what others recorded.
    open(&world, put(&fine, "/categories", json!(["HOUSING"]))).await;
    let onward = put(&fine, "/recipientId", json!(demo::MEADOW.global()));
    assert_eq!(world.codes(NAMED, "legalGatewayAsk", onward.clone()).await, ["NOT_ALLOWED"]);
    let entry =
        json!({ "clientId": t.client, "section": { "text": { "category": "OFFENDING", "text": "On licence." } } });
    world.done(WORKER, "entryRecord", entry, "").await;
    assert_eq!(
        world.codes(WORKER, "legalGatewayAsk", put(&fine, "/categories", json!(["OFFENDING"]))).await,
        ["NOT_ALLOWED"]
    );
    // A lead of the organisation that the gateway names hands nothing on.
    let named = lead_of(&world, "their-lead", demo::LOCKWELL).await;
    assert_eq!(world.codes(&named, "legalGatewayAsk", onward.clone()).await, ["NOT_ALLOWED"]);
    // A lead who works with the person asks, and a colleague decides.
    world.member("two-roles", demo::HARBOUR, &[Role::SafeguardingLead, Role::SupportWorker], &[demo::NORTH]).await;
    let theirs = format!("two-roles@{}", demo::HARBOUR.global());
    let id = asked(&world, &theirs, onward).await;
    assert_eq!(inbox(&world, &theirs).await, [], "nobody is asked to decide about their own");
    assert_eq!(node(&world, &theirs, &id).await["viewerAccess"], json!({ "canDecide": false, "canEnd": false }));
    let decide = json!({ "legalGatewayId": id, "version": 1, "decision": "GRANT", "reason": "Mine." });
    assert_eq!(world.codes(&theirs, "legalGatewayDecide", decide).await, ["SELF_REVIEW"]);
    granted(&world, LEAD, &id).await;
    assert!(sees(&world, "outside-worker", &t).await);
    sound(&world).await;
}

async fn it_goes_past_an_agencys_exclusion_but_past_no_seal_and_no_persons(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let excluded = plant(&world, &t.client, "OBJECTION", Against::Organisation(demo::LOCKWELL), &[]).await;
    assert!(!sees(&world, NAMED, &t).await, "the agency is excluded");
    let id = open(&world, to_lockwell(&t.client, json!(["NAME", "FINANCE"]))).await;
    let read = record(&world, NAMED, &t).await;
    assert_eq!(read["client"]["name"]["family"], "Wick");
    assert_eq!(read["client"]["housing"], Value::Null, "nothing beyond what the gateway names");
    lift(&world, excluded).await;

    let person = person_of(&world, NAMED).await;
    let theirs = plant(&world, &t.client, "OBJECTION", Against::Person(person), &[]).await;
    assert!(!sees(&world, NAMED, &t).await, "a person who is excluded sees nothing, ever");
    assert_eq!(node(&world, NAMED, &id).await, Value::Null);
    lift(&world, theirs).await;
    assert!(sees(&world, NAMED, &t).await);

    let seal = plant(&world, &t.client, "SEALED", Against::Nobody, &[WORKER]).await;
    assert!(!sees(&world, NAMED, &t).await, "a seal stands");
    assert_eq!(node(&world, NAMED, &id).await, Value::Null);
    // Who watches over it and is not named on the seal does not either.
    assert_eq!(node(&world, LEAD, &id).await, Value::Null);
    let end = json!({ "legalGatewayId": id, "version": 2, "reason": "Over.", "validateOnly": true });
    assert_eq!(world.codes(LEAD, "legalGatewayEnd", end).await, ["NOT_FOUND"]);
    // What is asked under the seal is put before nobody who is not named on it, and is asked for all the same.
    let hidden = asked(&world, WORKER, to_lockwell(&t.client, json!(["HOUSING"]))).await;
    lift(&world, seal).await;
    assert_eq!(node(&world, LEAD, &hidden).await, Value::Null);
    assert_eq!(inbox(&world, LEAD).await.len(), 1);
    assert_ne!(node(&world, LEAD, &id).await, Value::Null);
}

async fn protected_contact_stays_with_the_named_few(world: World) {
    let t = world.accepted("Wick").await;
    let id = open(&world, to_lockwell(&t.client, json!(["CONTACT", "HOUSING"]))).await;
    let told = put(&outward(&t.client), "/categories", json!(["CONTACT"]));
    let told = world.done("team-manager", "outwardDisclosureRecord", told, "outwardDisclosure { id }").await;
    let told = told["outwardDisclosure"]["id"].as_str().expect("an id").to_owned();
    let place = put(&outward(&t.client), "/revealsLocation", json!(true));
    let place = world.done("team-manager", "outwardDisclosureRecord", place, "outwardDisclosure { id }").await;
    let place = place["outwardDisclosure"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(record(&world, NAMED, &t).await["client"]["contact"]["phone"], "07700 900123");
    assert_ne!(node(&world, "team-manager", &told).await, Value::Null);
    let protection = plant(&world, &t.client, "PROTECTED_CONTACT", Against::Nobody, &[WORKER]).await;
    let read = record(&world, NAMED, &t).await;
    assert_eq!(
        (&read["client"]["contact"], &read["client"]["housing"]["tenure"]),
        (&Value::Null, &json!("PRIVATE_RENT"))
    );
    for one in [&told, &place] {
        assert_eq!(node(&world, "team-manager", one).await, Value::Null);
        assert_ne!(node(&world, WORKER, one).await, Value::Null, "who is named on it");
    }
    // That a gateway names CONTACT says nothing of where the person is: the leads go on watching over it.
    assert_eq!(node(&world, LEAD, &id).await["categories"], json!(["CONTACT", "HOUSING", "INVOLVEMENT"]));
    let named = put(&outward(&t.client), "/categories", json!(["CONTACT"]));
    assert_eq!(world.codes("team-manager", "outwardDisclosureRecord", named).await, ["NOT_ALLOWED"]);
    lift(&world, protection).await;
    assert_ne!(node(&world, "team-manager", &place).await, Value::Null);
}

async fn ground_and_recipient_speak_only_to_whom_what_they_imply_is_open(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let theirs = lead_of(&world, "their-lead", demo::LOCKWELL).await;
    // Asked by a member agency: its own, and read by the lead team as far as it is open there.
    let mappa = put(&put(&gateway(&t.client), "/kind", json!("MAPPA")), "/reference", json!("Level 2"));
    let probation = put(&gateway(&t.client), "/recipientId", json!(demo::PROBATION.global()));
    for input in [mappa, probation] {
        let id = asked(&world, NAMED, input).await;
        for who in [NAMED, &theirs] {
            let read = node(&world, who, &id).await;
            assert_ne!(read["kind"], Value::Null, "{who}");
            assert_ne!(read["recipient"]["id"], Value::Null, "{who}");
            assert_eq!(read["reason"], "A duty to cooperate.", "{who}");
        }
        let lead = node(&world, WORKER, &id).await;
        assert_eq!(lead["recipient"], json!({ "id": null, "name": "an organisation" }));
        for field in ["kind", "reference", "reason"] {
            assert_eq!(lead[field], Value::Null, "{field}");
        }
        assert_eq!((&lead["state"], &lead["recordedFor"]["name"]), (&json!("ASKED"), &json!("Lockwell Law Centre")));
        assert_eq!(node(&world, LEAD, &id).await, Value::Null, "it is for the leads of who asked");
    }
    // What names a category that the lead team has not got is not there for it at all.
    let consent = json!({
        "recipients": [demo::LOCKWELL.global()], "purposes": ["SUPPORT"], "categories": ["IMMIGRATION"],
        "givenBy": "CLIENT", "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
    });
    world.done(WORKER, "consentRecord", json!({ "clientId": t.client, "consent": consent }), "").await;
    let id = asked(&world, NAMED, put(&gateway(&t.client), "/categories", json!(["IMMIGRATION"]))).await;
    assert_ne!(node(&world, NAMED, &id).await, Value::Null);
    assert_eq!(node(&world, WORKER, &id).await, Value::Null);
    assert_eq!(record(&world, WORKER, &t).await["client"]["legalGateways"].as_array().expect("a list").len(), 2);
    // Once OFFENDING is open to it, it is told.
    let consent = json!({
        "recipients": [demo::HARBOUR.global()], "purposes": ["CASE_COORDINATION"], "categories": ["OFFENDING"],
        "givenBy": "CLIENT", "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
    });
    world.done(WORKER, "consentRecord", json!({ "clientId": t.client, "consent": consent }), "").await;
    let now = record(&world, WORKER, &t).await;
    let kinds: Vec<_> =
        now["client"]["legalGateways"].as_array().expect("a list").iter().map(|g| &g["kind"]).collect();
    assert_eq!(kinds, [&json!("DUTY_IN_LAW"), &json!("MAPPA")]);
}

async fn what_was_told_outside_is_kept_and_read_as_an_item(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let mut police = put(&outward(&t.client), "/recipient", json!("Ridgemarket Police"));
    police["basis"] = json!("POLICE_REQUEST");
    let input = put(&police, "/summary", json!("The rent is behind."));
    let made =
        world.done(NAMED, "outwardDisclosureRecord", input, &format!("outwardDisclosure {{ {DISCLOSURE} }}")).await;
    let made = &made["outwardDisclosure"];
    assert_eq!((&made["recipient"], &made["basis"]), (&json!("Ridgemarket Police"), &json!("POLICE_REQUEST")));
    assert_eq!((&made["summary"], &made["tell"]), (&json!("The rent is behind."), &json!("TELL")));
    assert_eq!(made["categories"], json!(["HOUSING", "INVOLVEMENT"]));
    assert_eq!(made["client"]["id"], t.client);
    let id = made["id"].as_str().expect("an id");
    sound(&world).await;
    // The lead team sees that something was told, and to whom only once OFFENDING is open to it.
    let lead = node(&world, WORKER, id).await;
    assert_eq!(
        (&lead["recipient"], &lead["basis"], &lead["summary"]),
        (&json!("an organisation"), &Value::Null, &Value::Null)
    );
    assert_eq!((&lead["categories"], &lead["tell"]), (&json!(["HOUSING", "INVOLVEMENT"]), &json!("TELL")));
    for who in ["outside-worker", "canary", "hub-coordinator", "information-governance", LEAD, "referrer"] {
        assert_eq!(node(&world, who, id).await, Value::Null, "{who}");
    }
    // A colleague reads it; a member team that is put out keeps it, and nothing else.
    world.member("colleague", demo::LOCKWELL, &[Role::SupportWorker], &[demo::SOLICITORS]).await;
    let colleague = format!("colleague@{}", demo::LOCKWELL.global());
    assert_eq!(node(&world, &colleague, id).await["recipient"], "Ridgemarket Police");
    let members = "query($id: ID!) { sharedCase(id: $id) { members { id version } } }";
    let members = world.data(WORKER, members, json!({ "id": t.case })).await;
    let member = &members["sharedCase"]["members"][0];
    let out = json!({ "caseId": t.case, "memberId": member["id"], "version": member["version"], "reason": "Done." });
    world.done(WORKER, "caseMemberRemove", out, "").await;
    sound(&world).await;
    let kept = record(&world, NAMED, &t).await;
    assert_eq!(kept["client"]["housing"], Value::Null);
    assert_eq!(node(&world, NAMED, id).await["summary"], "The rent is behind.");
    // Whose door is closed records what they tell of what is theirs, and no more.
    assert_eq!(world.codes(NAMED, "outwardDisclosureRecord", police.clone()).await, ["NOT_ALLOWED"]);
    let that_they_knew = put(&police, "/categories", json!(["INVOLVEMENT"]));
    world.done(NAMED, "outwardDisclosureRecord", that_they_knew, "").await;
    let list = "query($id: ID!) { client(id: $id) { outwardDisclosures { id recipient } } }";
    let lists = world.data(NAMED, list, json!({ "id": t.client })).await;
    assert_eq!(lists["client"]["outwardDisclosures"].as_array().expect("a list").len(), 2);
    // The hub's own stays with the hub team.
    let hub = world.done("hub-coordinator", "outwardDisclosureRecord", police, "outwardDisclosure { id }").await;
    let hub = hub["outwardDisclosure"]["id"].as_str().expect("the hub reads its own").to_owned();
    assert_eq!(node(&world, WORKER, &hub).await["recipient"], "an organisation", "the lead team is not the hub");
    assert_eq!(node(&world, NAMED, &hub).await, Value::Null);
    sound(&world).await;
}

/// Whose own item it is knows to whom it went: whoever works for the hub while the hub has it, and who wrote it (C2 AUTHOR, C11).
async fn to_whom_it_went_is_known_to_whoever_keeps_it_as_their_own(world: World) {
    let t = world.accepted("Wick").await;
    let both = &[Role::HubCoordinator, Role::SupportWorker];
    world.member("penhale", demo::HARBOUR, both, &[demo::HUB, demo::NORTH]).await;
    world.member("trevose", demo::HARBOUR, &[Role::SupportWorker], &[demo::HUB]).await;
    let at = |name: &str| format!("{name}@{}", demo::HARBOUR.global());
    let mut police = put(&outward(&t.client), "/recipient", json!("Ridgemarket Police"));
    police["basis"] = json!("POLICE_REQUEST");
    let made = world.done("hub-coordinator", "outwardDisclosureRecord", police, "outwardDisclosure { id }").await;
    let id = made["outwardDisclosure"]["id"].as_str().expect("an id").to_owned();
    for name in ["penhale", "trevose"] {
        let read = node(&world, &at(name), &id).await;
        assert_eq!(
            (&read["recipient"], &read["basis"], &read["tell"]),
            (&json!("Ridgemarket Police"), &json!("POLICE_REQUEST"), &json!("TELL")),
            "{name}"
        );
    }
    // When the hub has it no more, who leads the case as well reads it as the lead team does.
    world.clock.pass_days(31);
    assert_eq!(node(&world, &at("trevose"), &id).await, Value::Null);
    for who in [at("penhale"), WORKER.to_owned()] {
        let read = node(&world, &who, &id).await;
        assert_eq!((&read["recipient"], &read["basis"]), (&json!("an organisation"), &Value::Null), "{who}");
        assert_eq!(read["tell"], "TELL", "{who}");
    }
}

async fn what_cannot_have_been_told_is_refused(world: World) {
    let t = world.accepted("Wick").await;
    let fine = outward(&t.client);
    let before = dump(&world).await;
    for (pointer, value, code, message, path) in [
        ("/categories", json!([]), "INVALID", "Name at least one category.", "categories"),
        (
            "/categories",
            json!(["EQUALITIES"]),
            "INVALID",
            "EQUALITIES is for statistics alone and is never disclosed.",
            "categories",
        ),
        (
            "/categories",
            json!(["HOUSING", "OFFENDING"]),
            "NOT_ALLOWED",
            "Only what is open to you can be disclosed: not OFFENDING.",
            "categories",
        ),
        ("/disclosedAt", json!("2026-04-02T00:00:00Z"), "INVALID", "Lies in the future.", "disclosedAt"),
        ("/withholdReason", json!("Why."), "INVALID", "Goes with WITHHOLD only.", "withholdReason"),
        ("/withholdUntil", json!("2026-05-01T00:00:00Z"), "INVALID", "Goes with WITHHOLD only.", "withholdUntil"),
    ] {
        let told =
            errors(&world.mutate(WORKER, "outwardDisclosureRecord", put(&fine, pointer, value.clone()), "").await);
        assert_eq!(told, [error(code, message, path)], "{pointer} {value}");
    }
    for who in ["referrer", "information-governance", "administrator", "commissioner"] {
        let query = "mutation M($input: OutwardDisclosureRecordInput!) { outwardDisclosureRecord(input: $input) { userErrors { code } } }";
        let answer = world.ask(who, query, json!({ "input": fine })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{who}");
    }
    for who in [LEAD, "outside-worker", "canary"] {
        assert_eq!(world.codes(who, "outwardDisclosureRecord", fine.clone()).await, ["NOT_FOUND"], "{who}");
    }
    assert_eq!(dump(&world).await, before);
}

async fn what_the_client_is_told_is_decided_with_a_date_and_a_reason(world: World) {
    let t = world.accepted("Wick").await;
    let until = ("withholdUntil", "Say until when the client is not told, or choose TELL.");
    let why = ("withholdReason", "Say why the client is not told, or choose TELL.");
    let invalid = |(path, message): (&str, &str)| error("INVALID", message, path);
    for kind in ["MAPPA", "CHILD_PROTECTION", "PUBLIC_PROTECTION"] {
        let id = asked(&world, WORKER, put(&to_lockwell(&t.client, json!(["HOUSING"])), "/kind", json!(kind))).await;
        let fine = json!({
            "legalGatewayId": id, "version": 1, "decision": "GRANT", "reason": "The law.",
            "withholdUntil": "2026-10-01T00:00:00Z", "withholdReason": "A child could come to harm.",
        });
        let record =
            put(&put(&outward(&t.client), "/basis", json!(kind)), "/withholdUntil", fine["withholdUntil"].clone());
        let record = put(&record, "/withholdReason", fine["withholdReason"].clone());
        for (who, name, fine) in [(LEAD, "legalGatewayDecide", &fine), (WORKER, "outwardDisclosureRecord", &record)] {
            let before = dump(&world).await;
            let told = async |field: &str, value: Value| {
                errors(&world.mutate(who, name, put(fine, &format!("/{field}"), value), "").await)
            };
            assert_eq!(told("withholdUntil", Value::Null).await, [invalid(until)], "{kind} {name}");
            assert_eq!(told("withholdReason", Value::Null).await, [invalid(why)], "{kind} {name}");
            let past = invalid(("withholdUntil", "Must lie in the future."));
            assert_eq!(told("withholdUntil", json!("2026-04-01T09:00:00Z")).await, [past]);
            let far = invalid(("withholdUntil", "Must be at most two years away."));
            assert_eq!(told("withholdUntil", json!("2028-04-03T00:00:00Z")).await, [far]);
            let only = ["withholdUntil", "withholdReason"].map(|path| invalid((path, "Goes with WITHHOLD only.")));
            assert_eq!(told("tell", json!("TELL")).await, only);
            assert_eq!(dump(&world).await, before);
        }
        let select = "legalGateway { tell withholdUntil withholdReason }";
        let done = world.done(LEAD, "legalGatewayDecide", fine, select).await;
        let stored = json!({
            "tell": "WITHHOLD", "withholdUntil": "2026-10-01T00:00:00.000000Z", "withholdReason": "A child could come to harm.",
        });
        assert_eq!(done["legalGateway"], stored);
        let done = world
            .done(WORKER, "outwardDisclosureRecord", record, &select.replace("legalGateway", "outwardDisclosure"))
            .await;
        assert_eq!(done["outwardDisclosure"], stored);
        // Whom it names is not told what the client is.
        let named = node(&world, NAMED, &id).await;
        for field in ["tell", "withholdUntil", "withholdReason"] {
            assert_eq!(named[field], Value::Null, "{field}");
        }
        assert_eq!(node(&world, WORKER, &id).await["tell"], "WITHHOLD", "who works with the person must know it");
    }
    for kind in ["COURT_ORDER", "MARAC_PROTOCOL", "DUTY_IN_LAW"] {
        let id = asked(&world, WORKER, put(&to_lockwell(&t.client, json!(["HOUSING"])), "/kind", json!(kind))).await;
        let decide = json!({ "legalGatewayId": id, "version": 1, "decision": "GRANT", "reason": "The law." });
        let done = world.done(LEAD, "legalGatewayDecide", decide, "legalGateway { tell withholdUntil }").await;
        assert_eq!(done["legalGateway"], json!({ "tell": "TELL", "withholdUntil": null }), "{kind}");
    }
}

async fn what_is_hidden_changes_no_byte_and_no_statement(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    // The solicitors see the client, and neither gateways nor disclosures of others.
    let query = "query Q($id: ID!) { client(id: $id) { legalGateways { id state } outwardDisclosures { id recipient } \
        viewerAccess { canAskLegalGateway canRecordOutwardDisclosure openCategories } redactions { category reason } } \
        clients { totalCount nodes { legalGateways { id } outwardDisclosures { id } } } }";
    let ids = json!({ "id": t.client });
    let mut before = Vec::new();
    let whose = [NAMED, "hub-coordinator", "outside-worker", LEAD, "canary"];
    for who in whose {
        settle(&world, who).await;
        before.push(look(&world, who, query, &ids).await);
    }
    assert!(before[0].body.contains(r#""legalGateways":[],"outwardDisclosures":[]"#), "{}", before[0].body);
    for _ in 0..3 {
        open(&world, gateway(&t.client)).await;
        asked(&world, WORKER, gateway(&t.client)).await;
        world.done(WORKER, "outwardDisclosureRecord", outward(&t.client), "").await;
    }
    for (who, before) in whose.iter().zip(before) {
        settle(&world, who).await;
        assert_eq!(look(&world, who, query, &ids).await, before, "{who}");
    }
    settle(&world, WORKER).await;
    let lead = world.data(WORKER, query, ids).await;
    assert_eq!(lead["client"]["legalGateways"].as_array().expect("a list").len(), 6);
    assert_eq!(lead["client"]["outwardDisclosures"].as_array().expect("a list").len(), 3);
    assert_eq!(lead["client"]["viewerAccess"]["canAskLegalGateway"], true);
    // Another person's are not among them.
    let other = world.accepted("Moss").await;
    let lists = "query Q($id: ID!) { client(id: $id) { legalGateways { id } outwardDisclosures { id } } }";
    let none = world.data(WORKER, lists, json!({ "id": other.client })).await;
    assert_eq!(none["client"], json!({ "legalGateways": [], "outwardDisclosures": [] }));
}

async fn run(world: &World) -> usize {
    alliance::service::jobs::run_due(&world.app).await.unwrap_or_else(|f| panic!("the jobs run: {}", f.for_log()))
}

async fn a_lead_appointed_later_is_told_of_what_is_to_be_decided(world: World) {
    let t = world.accepted("Wick").await;
    let id = asked(&world, WORKER, to_lockwell(&t.client, json!(["HOUSING"]))).await;
    assert_eq!(run(&world).await, 0, "everybody was told");
    let appointed = async |name: &str, of: OrganisationId| {
        world.member(name, of, &[Role::SafeguardingLead], &[]).await;
        format!("{name}@{}", of.global())
    };
    let (second, other) = (appointed("second", demo::HARBOUR).await, appointed("other", demo::LOCKWELL).await);
    let excluded = appointed("excluded", demo::HARBOUR).await;
    let person = world.member("excluded", demo::PROBATION, &[Role::Referrer], &[]).await;
    let objection = plant(&world, &t.client, "OBJECTION", Against::Person(person), &[]).await;
    assert_eq!(node(&world, &second, &id).await, Value::Null, "not yet");
    assert_eq!((run(&world).await, run(&world).await), (1, 0), "once");
    assert_eq!(inbox(&world, &second).await, [("LEGAL_GATEWAY_ASKED".to_owned(), json!(id), false)]);
    assert_eq!(node(&world, &second, &id).await["viewerAccess"]["canDecide"], true);
    for who in [&other, &excluded] {
        assert_eq!((inbox(&world, who).await, node(&world, who, &id).await), (vec![], Value::Null), "{who}");
    }
    granted(&world, &second, &id).await;
    assert_eq!(inbox(&world, &second).await, [("LEGAL_GATEWAY_ASKED".to_owned(), json!(id), true)]);
    // Who comes when it is decided watches over it, and has nothing to do; who was excluded and is no more, likewise.
    let third = appointed("third", demo::HARBOUR).await;
    lift(&world, objection).await;
    assert_eq!((run(&world).await, run(&world).await), (1, 0));
    for who in [&third, &excluded] {
        assert_eq!(inbox(&world, who).await, []);
        assert_eq!(node(&world, who, &id).await["viewerAccess"]["canEnd"], true, "{who}");
    }
    let (_, differences) = ledger::check(&world.app.database).await.expect("it checks");
    assert!(differences.is_empty(), "{differences:?}");
    world.done(&third, "legalGatewayEnd", json!({ "legalGatewayId": id, "version": 2, "reason": "Over." }), "").await;
    let _ = appointed("fourth", demo::HARBOUR).await;
    assert_eq!(run(&world).await, 0, "what is over is put before nobody");
}

/// What the last look at a document by its id told.
static LAST_TOLD: Sql = Sql::new(
    "SELECT categories FROM trace WHERE operation = 'query node' AND kind = 'DISCLOSED' ORDER BY chain_id DESC, seq DESC LIMIT 1",
);

async fn what_is_shown_is_in_the_trace(world: World) {
    let mut asked_for = draft("Wick");
    asked_for["consent"]["categories"].as_array_mut().expect("a list").push(json!("OFFENDING"));
    let made = world.done("referrer", "referralDraft", asked_for, "referral { id }").await;
    let referral = made["referral"]["id"].clone();
    world.done("referrer", "referralSubmit", json!({ "referralId": referral, "version": 1 }), "").await;
    let offer =
        json!({ "referralId": referral, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
    world.done("hub-coordinator", "referralOffer", offer, "").await;
    let accept = json!({ "referralId": referral, "version": 3 });
    let done = world.done(WORKER, "referralAccept", accept, "referral { client { id } }").await;
    let client = done["referral"]["client"]["id"].as_str().expect("an id").to_owned();
    let id = asked(&world, WORKER, put(&gateway(&client), "/kind", json!("COURT_ORDER"))).await;
    let mut police = put(&outward(&client), "/categories", json!(["FINANCE"]));
    police["basis"] = json!("POLICE_REQUEST");
    let made = world.done(WORKER, "outwardDisclosureRecord", police, "outwardDisclosure { id }").await;
    let mask = |list: &[Category]| Categories::of(list).mask();
    // To whom OFFENDING is open the ground tells it; to the lead it is put before, the document tells what it names.
    let query = "query($id: ID!) { node(id: $id) { id } }";
    world.data(WORKER, query, json!({ "id": id })).await;
    let shown = world.number(&LAST_TOLD).await;
    assert_eq!(shown, mask(&[Category::Involvement, Category::Housing, Category::Offending]));
    world.data(LEAD, query, json!({ "id": id })).await;
    assert_eq!(world.number(&LAST_TOLD).await, mask(&[Category::Involvement, Category::Housing]));
    world.data(WORKER, query, json!({ "id": made["outwardDisclosure"]["id"] })).await;
    let shown = world.number(&LAST_TOLD).await;
    assert_eq!(shown, mask(&[Category::Involvement, Category::Finance, Category::Offending]));
}

on_both_databases!(
    a_gateway_opens_what_it_names_to_whom_it_names_until_it_is_ended,
    the_granting_organisations_lead_ends_it_as_well,
    dates_come_and_go_with_the_clock,
    what_is_refused_opens_nothing,
    another_person_decides_whatever_their_membership,
    each_wrong_thing_has_its_own_words_and_changes_nothing,
    it_goes_past_an_agencys_exclusion_but_past_no_seal_and_no_persons,
    protected_contact_stays_with_the_named_few,
    ground_and_recipient_speak_only_to_whom_what_they_imply_is_open,
    what_was_told_outside_is_kept_and_read_as_an_item,
    to_whom_it_went_is_known_to_whoever_keeps_it_as_their_own,
    what_cannot_have_been_told_is_refused,
    what_the_client_is_told_is_decided_with_a_date_and_a_reason,
    what_is_hidden_changes_no_byte_and_no_statement,
    what_is_shown_is_in_the_trace,
    a_lead_appointed_later_is_told_of_what_is_to_be_decided,
);
