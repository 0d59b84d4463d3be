//! Every disclosure is recorded before it is made, and nobody edits the record unseen (C20).

use crate::inputs::lawful_basis;
use crate::ledger::Dice;
use crate::support::{Backend, CANARY, Travelled, World, draft};
use alliance::domain::category::{Categories, Category};
use alliance::domain::code::Coded;
use alliance::domain::ids::{CaseId, ClientId, ConsentId, NoteId, OrganisationId, PersonId, ReferralId, TypedId};
use alliance::domain::random::{Randomness, SystemRandomness};
use alliance::domain::role::{Role, Roles};
use alliance::persistence::convention;
use alliance::persistence::database::{Connect, Database};
use alliance::persistence::sql::{Columns, Sql, text};
use alliance::persistence::trace::{Heads, TraceCheck, check};
use alliance::service::{demo, doctor};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;
use uuid::Uuid;

/// A row of the trace, as far as it says something.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    kind: String,
    operation: String,
    person: Option<Uuid>,
    organisation: Option<Uuid>,
    roles: Roles,
    client: Option<Uuid>,
    categories: Categories,
    grants: Vec<Uuid>,
    asked: String,
}

static OF_REQUEST: Sql = Sql::new(
    "SELECT kind, operation, person_id, organisation_id, roles, client_id, categories, grants, asked FROM trace \
    WHERE request_id = $1 ORDER BY chain_id, seq",
);
static UNSEALED: Sql = Sql::new("SELECT COUNT(*) FROM trace_unsealed");

/// Another connection to the same database, as another process has.
async fn elsewhere(world: &World) -> Database {
    let how = Connect { url: world.url.clone(), connections: 2, statement_timeout: Duration::from_secs(8) };
    Database::connect(&how).await.unwrap_or_else(|f| panic!("it opens again: {}", f.for_log()))
}

async fn rows_of(database: &Database, request: &str) -> Vec<Row> {
    let rows = database.rows(&OF_REQUEST, vec![text(request)]).await.expect("reads");
    rows.iter()
        .map(|row| {
            let mut c = Columns::of(row);
            let mut read = || -> Result<Row, alliance::persistence::fault::Fault> {
                Ok(Row {
                    kind: c.take()?,
                    operation: c.take()?,
                    person: c.take()?,
                    organisation: c.take()?,
                    roles: Roles::from_mask(c.take()?),
                    client: c.take()?,
                    categories: c.categories()?,
                    grants: {
                        let bytes: Vec<u8> = c.take()?;
                        bytes.chunks(16).map(|b| Uuid::from_slice(b).expect("16 bytes a grant")).collect()
                    },
                    asked: c.take()?,
                })
            };
            read().expect("a row of the trace")
        })
        .collect()
}

/// Waits until whatever mutations wrote is sealed.
pub async fn sealed(world: &World) {
    for _ in 0..200 {
        if world.number(&UNSEALED).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("rows are still unsealed after four seconds");
}

/// An answer with the id of its request.
struct Answer {
    status: StatusCode,
    request: String,
    bytes: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("JSON")
    }
}

async fn answer_of(world: &World, router: &axum::Router, who: &str, query: &str, variables: Value) -> Answer {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let request = Request::post("/graphql")
        .header("authorization", format!("Bearer {}", world.token(who)))
        .header("content-type", "application/json")
        .body(Body::from(body))
        .expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes().to_vec();
    let request = parts.headers["x-request-id"].to_str().expect("an id").to_owned();
    Answer { status: parts.status, request, bytes }
}

async fn answer(world: &World, who: &str, query: &str, variables: Value) -> Answer {
    answer_of(world, &world.router, who, query, variables).await
}

async fn person(world: &World, who: &str) -> Uuid {
    let me = world.data(who, "{ viewer { personId } }", json!({})).await;
    PersonId::parse(me["viewer"]["personId"].as_str().expect("an id")).expect("a person").0
}

fn client_uuid(t: &Travelled) -> Uuid {
    ClientId::parse(&t.client).expect("a client").0
}

fn categories(codes: &[&str]) -> Categories {
    codes.iter().map(|c| Category::from_code(c).expect("a category")).collect()
}

const RECORD: &str =
    "query Record($id: ID!) { client(id: $id) { id name { family } housing { tenure } health { text } } }";

static GRANT: Sql = Sql::new("SELECT client_id, organisation_id, categories FROM access_grant WHERE id = $1");

/// The grants of a row are the client's and the organisation's, and open together what the row says was shown.
async fn grants_open_what_is_told(world: &World, row: &Row) {
    assert!(!row.grants.is_empty(), "{row:?}");
    let mut opened = Categories::NONE;
    for grant in &row.grants {
        let value = sea_orm::Value::Uuid(Some(*grant));
        let found = world.app.database.row(&GRANT, vec![value]).await.expect("reads").expect("a grant");
        let mut c = Columns::of(&found);
        assert_eq!(c.take::<Option<Uuid>>().expect("an id"), row.client);
        assert_eq!(c.take::<Option<Uuid>>().expect("an id"), row.organisation);
        opened = opened.union(c.categories().expect("a mask"));
    }
    assert!(opened.covers(row.categories), "{row:?}: {opened:?}");
}

async fn whatever_is_shown_is_in_the_trace_when_the_answer_arrives(world: World) {
    let t = world.accepted("Quill").await;
    world.solicitors_join(&t).await;
    let note = json!({ "caseId": t.case, "categories": ["HOUSING"], "visibility": "TEAM", "text": "Called." });
    world.done("support-worker", "noteRecord", note, "").await;
    let other = elsewhere(&world).await;
    let by_referral = "query R($id: ID!) { referral(id: $id) { state client { id } ";
    let table: &[(&str, String, &str, &[&str])] = &[
        ("support-worker", RECORD.into(), &t.client, &["INVOLVEMENT", "NAME", "HOUSING", "HEALTH"]),
        // The partner asks for the same and is shown less.
        ("partner-worker", RECORD.into(), &t.client, &["INVOLVEMENT", "NAME", "HOUSING"]),
        // A bare id is a disclosure.
        ("partner-worker", "query R($id: ID!) { client(id: $id) { id } }".into(), &t.client, &["INVOLVEMENT"]),
        // A section that is open and empty shows nothing.
        (
            "support-worker",
            "query R($id: ID!) { client(id: $id) { risk { text } } }".into(),
            &t.client,
            &["INVOLVEMENT"],
        ),
        (
            "support-worker",
            "query R($id: ID!) { node(id: $id) { ... on Client { the: birth { date } } } }".into(),
            &t.client,
            &["INVOLVEMENT", "BIRTH"],
        ),
        ("referrer", format!("{by_referral} }} }}"), &t.referral, &["INVOLVEMENT"]),
        (
            "referrer",
            format!("{by_referral} narratives {{ text }} }} }}"),
            &t.referral,
            &["INVOLVEMENT", "HOUSING", "HEALTH"],
        ),
        (
            "referrer",
            format!("{by_referral} asWritten {{ lines }} }} }}"),
            &t.referral,
            &["INVOLVEMENT", "NAME", "BIRTH", "CONTACT", "HOUSING", "LONE_WORKING", "HEALTH", "FINANCE"],
        ),
        (
            "partner-worker",
            "query R($id: ID!) { sharedCase(id: $id) { lead { workerName } notes { nodes { text } } } }".into(),
            &t.case,
            &["INVOLVEMENT"],
        ),
        (
            "support-worker",
            "query R($id: ID!) { sharedCase(id: $id) { notes { nodes { text } } } }".into(),
            &t.case,
            &["INVOLVEMENT", "CASE_NOTES", "HOUSING"],
        ),
    ];
    for (who, query, id, shown) in table {
        let got = answer(&world, who, query, json!({ "id": id })).await;
        let rows = rows_of(&other, &got.request).await;
        assert!(got.json().get("errors").is_none(), "{query}: {}", got.json());
        assert_eq!(rows.len(), 1, "{who}: {query}: {rows:?}");
        let persona = demo::persona(who).expect("a persona");
        let row = &rows[0];
        assert_eq!(row.kind, "DISCLOSED");
        assert_eq!(row.client, Some(client_uuid(&t)));
        assert_eq!(row.categories, categories(shown), "{who}: {query}");
        assert_eq!(row.person, Some(person(&world, who).await));
        assert_eq!(row.organisation, Some(persona.organisation.0));
        assert_eq!(row.roles, [persona.role].into_iter().collect::<Roles>());
        let root =
            ["client", "referral", "sharedCase", "node"].into_iter().find(|r| query.contains(&format!("{{ {r}(")));
        assert_eq!(row.operation, format!("query {}", root.expect("a root")), "its words, not the caller's");
        assert_eq!(row.asked, "");
        grants_open_what_is_told(&world, row).await;
    }
    let nameless = answer(&world, "support-worker", "{ clients { nodes { id } } }", json!({})).await;
    assert_eq!(rows_of(&other, &nameless.request).await[0].operation, "query clients");
}

async fn a_list_is_traced_person_by_person(world: World) {
    let all = [world.accepted("Quill").await, world.accepted("Tarn").await, world.accepted("Vane").await];
    let got = answer(&world, "support-worker", "query L { clients { nodes { name { family } } } }", json!({})).await;
    let rows = rows_of(&elsewhere(&world).await, &got.request).await;
    let mut told: Vec<_> = rows.iter().map(|r| r.client.expect("a client")).collect();
    let mut shown: Vec<_> = all.iter().map(client_uuid).collect();
    told.sort();
    shown.sort();
    assert_eq!(told, shown);
    assert!(rows.iter().all(|r| r.categories == categories(&["INVOLVEMENT", "NAME"])));
    // What lies beyond the page was not shown.
    let one = answer(&world, "support-worker", "{ clients(first: 1) { nodes { id } } }", json!({})).await;
    assert_eq!(rows_of(&elsewhere(&world).await, &one.request).await.len(), 1);
}

async fn notes_beyond_the_page_are_not_told_as_shown(world: World) {
    let t = world.accepted("Quill").await;
    for (category, words) in [("HEALTH", "Slept badly."), ("FINANCE", "Paid.")] {
        let note = json!({ "caseId": t.case, "categories": [category], "visibility": "TEAM", "text": words });
        world.done("support-worker", "noteRecord", note, "").await;
    }
    let query = "query N($id: ID!) { sharedCase(id: $id) { notes(first: 1) { nodes { text } } } }";
    let got = answer(&world, "support-worker", query, json!({ "id": t.case })).await;
    assert_eq!(got.json()["data"]["sharedCase"]["notes"]["nodes"], json!([{ "text": "Paid." }]));
    let rows = rows_of(&elsewhere(&world).await, &got.request).await;
    assert_eq!(rows[0].categories, categories(&["INVOLVEMENT", "CASE_NOTES", "FINANCE"]));
}

async fn what_a_mutation_wrote_and_what_its_payload_showed_are_both_told(world: World) {
    let t = world.accepted("Quill").await;
    let mutation =
        "mutation Note($input: EntryRecordInput!) { entryRecord(input: $input) { client { name { family } } } }";
    let section = json!({ "text": { "category": "RISK", "text": "A dog that bites." } });
    let input = json!({ "input": { "clientId": t.client, "section": section } });
    let got = answer(&world, "support-worker", mutation, input).await;
    sealed(&world).await;
    let rows = rows_of(&elsewhere(&world).await, &got.request).await;
    let of = |kind: &str| rows.iter().filter(|r| r.kind == kind).cloned().collect::<Vec<_>>();
    let (written, shown) = (of("WRITTEN"), of("DISCLOSED"));
    assert_eq!((written.len(), shown.len(), rows.len()), (1, 1, 2), "{rows:?}");
    assert_eq!(written[0].categories, categories(&["RISK"]));
    assert_eq!(shown[0].categories, categories(&["INVOLVEMENT", "NAME"]));
    for row in rows {
        assert_eq!((row.client, row.operation.as_str()), (Some(client_uuid(&t)), "mutation entryRecord"));
        assert_eq!(row.person, Some(person(&world, "support-worker").await));
    }
    // What was only checked was not written: only that the client was looked at is told, for an error may speak of them.
    let validated = "mutation Note($input: EntryRecordInput!) { entryRecord(input: $input) { userErrors { code } } }";
    let section = json!({ "text": { "category": "RISK", "text": "No dog." } });
    let input = json!({ "input": { "clientId": t.client, "section": section, "validateOnly": true } });
    let got = answer(&world, "support-worker", validated, input).await;
    sealed(&world).await;
    let rows = rows_of(&elsewhere(&world).await, &got.request).await;
    assert_eq!((rows.len(), rows[0].kind.as_str()), (1, "DISCLOSED"));
    assert_eq!(rows[0].categories, categories(&["INVOLVEMENT"]));
}

/// A row of a look-up that returned nothing, to whoever asked.
fn nothing(who: &Row, asked: &str) -> Row {
    Row {
        kind: "NOTHING_FOUND".into(),
        client: None,
        categories: Categories::NONE,
        grants: Vec::new(),
        asked: asked.into(),
        ..who.clone()
    }
}

async fn a_look_up_that_returns_nothing_is_recorded_as_asked_existing_or_not(world: World) {
    let t = world.accepted("Quill").await;
    let consent = world.solicitors_join(&t).await;
    let note = json!({ "caseId": t.case, "visibility": "TEAM", "text": "Called." });
    let note = world.done("support-worker", "noteRecord", note, "note { id }").await;
    let note = note["note"]["id"].as_str().expect("an id").to_owned();
    let unknown = SystemRandomness.uuid_random();
    let lists = [
        ("client", vec![t.client.clone(), ClientId(unknown).global(), "client_1".into(), "Maren".into()]),
        ("referral", vec![t.referral.clone(), ReferralId(unknown).global(), "referral_".into()]),
        ("sharedCase", vec![t.case.clone(), CaseId(unknown).global(), t.client.clone()]),
        (
            "node",
            vec![
                t.client.clone(),
                t.referral.clone(),
                t.case.clone(),
                note.clone(),
                consent.clone(),
                NoteId(unknown).global(),
                ConsentId(unknown).global(),
                "nothing at all".into(),
                String::new(),
            ],
        ),
    ];
    let database = elsewhere(&world).await;
    let first = answer(&world, "outside-worker", RECORD, json!({ "id": t.client })).await;
    let who = rows_of(&database, &first.request).await.remove(0);
    let asking = |field: &str| Row { operation: format!("query {field}"), ..who.clone() };
    assert_eq!(who.person, Some(person(&world, "outside-worker").await));
    for (field, ids) in lists {
        let query = format!("query Look($id: ID!) {{ found: {field}(id: $id) {{ id }} }}");
        for id in ids {
            let got = answer(&world, "outside-worker", &query, json!({ "id": id })).await;
            assert_eq!(got.bytes, br#"{"data":{"found":null}}"#, "{field} {id}");
            assert_eq!(rows_of(&database, &got.request).await, [nothing(&asking(field), &id)], "{field} {id}");
        }
    }
    let many = json!({ "ids": [t.client, ClientId(unknown).global()] });
    let got = answer(&world, "outside-worker", "query Look($ids: [ID!]!) { nodes(ids: $ids) { id } }", many).await;
    let rows = rows_of(&database, &got.request).await;
    let who = asking("nodes");
    assert_eq!(rows, [nothing(&who, &t.client), nothing(&who, &ClientId(unknown).global())]);
}

async fn a_mutation_that_names_what_is_hidden_is_recorded_like_one_that_names_what_is_unknown(world: World) {
    let t = world.accepted("Quill").await;
    let consent = world.solicitors_join(&t).await;
    let note = json!({ "caseId": t.case, "visibility": "TEAM", "text": "Called." });
    let note = world.done("support-worker", "noteRecord", note, "note { id }").await;
    let health = json!({ "text": { "category": "HEALTH", "text": "Slept badly." } });
    let record = json!({ "clientId": t.client, "section": health });
    let entry = world.done("support-worker", "entryRecord", record, "client { health { entryId } }").await;
    let signpost = json!({
        "on": { "caseId": t.case }, "serviceId": demo::DROP_IN.global(), "told": "BOTH", "channel": "PHONE", "reason": "A bed.",
    });
    let signpost = world.done("support-worker", "signpostRecord", signpost, "signpost { id }").await;
    let basis =
        world.done("support-worker", "lawfulBasisRecord", lawful_basis(&t.client), "lawfulBasis { id }").await;
    let query = "query($id: ID!) { referral(id: $id) { narratives { narrativeId } } }";
    let story = world.data("support-worker", query, json!({ "id": t.referral })).await;
    let prefer = json!({ "clientId": t.client, "reason": "Rather through you." });
    let select = "client { restrictions { id } }";
    let preferred = world.done("support-worker", "contactPreferenceRecord", prefer, select).await;
    let preference = preferred["client"]["restrictions"][0]["id"].clone();
    let given = draft("Quill")["consent"].clone();
    // The name, the input with `ID` for the id, and the id that is there.
    let table = [
        ("entryRecord", json!({ "clientId": "ID", "section": health }), json!(t.client)),
        (
            "entryCorrect",
            json!({ "entryId": "ID", "version": 1, "section": health, "reason": "So." }),
            entry["client"]["health"]["entryId"].clone(),
        ),
        ("lawfulBasisRecord", lawful_basis("ID"), json!(t.client)),
        (
            "lawfulBasisEnd",
            json!({ "lawfulBasisId": "ID", "version": 1, "reason": "So." }),
            basis["lawfulBasis"]["id"].clone(),
        ),
        (
            "entryMark",
            json!({ "item": { "narrativeId": "ID" }, "version": 1, "revealsLocation": true }),
            story["referral"]["narratives"][0]["narrativeId"].clone(),
        ),
        ("consentRecord", json!({ "clientId": "ID", "consent": given }), json!(t.client)),
        ("consentWithdraw", json!({ "consentId": "ID", "withdrawnBy": "Her." }), json!(consent)),
        (
            "caseMemberAdd",
            json!({ "caseId": "ID", "teamId": demo::OUTREACH.global(), "role": "Nurse", "agreed": ["HOUSING"] }),
            json!(t.case),
        ),
        (
            "caseMemberRemove",
            json!({ "caseId": "ID", "memberId": "member_1", "version": 1, "reason": "So." }),
            json!(t.case),
        ),
        ("noteRecord", json!({ "caseId": "ID", "visibility": "TEAM", "text": "Called." }), json!(t.case)),
        ("clientSeal", json!({ "clientId": "ID", "personIds": ["person_1"], "reason": "So." }), json!(t.client)),
        (
            "objectionRecord",
            json!({ "clientId": "ID", "to": { "personId": "person_1" }, "reason": "So." }),
            json!(t.client),
        ),
        ("contactProtect", json!({ "clientId": "ID", "reason": "So." }), json!(t.client)),
        ("contactPreferenceRecord", json!({ "clientId": "ID", "reason": "So." }), json!(t.client)),
        (
            "restrictionName",
            json!({ "restrictionId": "ID", "version": 1, "personId": "person_1" }),
            preference.clone(),
        ),
        (
            "restrictionUnname",
            json!({ "restrictionId": "ID", "version": 1, "personId": "person_1" }),
            preference.clone(),
        ),
        ("restrictionLift", json!({ "restrictionId": "ID", "version": 1, "reason": "So." }), preference),
        (
            "noteCorrect",
            json!({ "noteId": "ID", "version": 1, "visibility": "TEAM", "text": "Rang." }),
            note["note"]["id"].clone(),
        ),
        (
            "caseClose",
            json!({ "caseId": "ID", "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" }),
            json!(t.case),
        ),
        ("caseReenter", json!({ "caseId": "ID", "version": 1 }), json!(t.case)),
        ("referralSubmit", json!({ "referralId": "ID", "version": 1 }), json!(t.referral)),
        (
            "referralOffer",
            json!({ "referralId": "ID", "version": 1, "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." }),
            json!(t.referral),
        ),
        ("referralAccept", json!({ "referralId": "ID", "version": 1 }), json!(t.referral)),
        ("referralDecline", json!({ "referralId": "ID", "version": 1, "reason": "NO_CAPACITY" }), json!(t.referral)),
        ("referralTakeBack", json!({ "referralId": "ID", "version": 1 }), json!(t.referral)),
        (
            "referralClose",
            json!({ "referralId": "ID", "version": 1, "outcome": "NO_CAPACITY", "onwardReferral": "So." }),
            json!(t.referral),
        ),
        ("referralWithdraw", json!({ "referralId": "ID", "version": 1, "reason": "So." }), json!(t.referral)),
        (
            "referralRecordClientDecline",
            json!({ "referralId": "ID", "version": 1, "reason": "So.", "refusedSignposting": "So." }),
            json!(t.referral),
        ),
        (
            "signpostRecord",
            json!({
                "on": { "caseId": "ID" }, "serviceId": demo::DROP_IN.global(), "told": "BOTH", "channel": "PHONE", "reason": "A bed.",
            }),
            json!(t.case),
        ),
        (
            "signpostRecord",
            json!({
                "on": { "referralId": "ID" }, "serviceId": demo::DROP_IN.global(), "told": "BOTH", "channel": "PHONE", "reason": "A bed.",
            }),
            json!(t.referral),
        ),
        (
            "signpostFollowUp",
            json!({ "signpostId": "ID", "version": 1, "outcome": "ENGAGED" }),
            signpost["signpost"]["id"].clone(),
        ),
    ];
    let database = elsewhere(&world).await;
    for (name, input, there) in table {
        let there = there.as_str().expect("an id");
        let (tag, _) = there.rsplit_once('_').expect("a tag");
        let unknown = format!("{tag}_{}", SystemRandomness.uuid_random().simple());
        let mut answers = Vec::new();
        for id in [there, unknown.as_str(), "nothing at all"] {
            let mut t = name.to_owned();
            t[..1].make_ascii_uppercase();
            let query = format!(
                "mutation Try($input: {t}Input!) {{ {name}(input: $input) {{ userErrors {{ code message field }} }} }}"
            );
            let input: Value =
                serde_json::from_str(&input.to_string().replace("\"ID\"", &json!(id).to_string())).expect("JSON");
            let got = answer(&world, "canary", &query, json!({ "input": input })).await;
            let rows = rows_of(&database, &got.request).await;
            assert_eq!(rows.len(), 1, "{name} {id}: {}", got.json());
            assert_eq!((rows[0].kind.as_str(), rows[0].asked.as_str()), ("NOTHING_FOUND", id), "{name}");
            assert_eq!((rows[0].client, rows[0].categories), (None, Categories::NONE), "{name} {id}");
            assert_eq!(rows[0].organisation, Some(CANARY.0));
            assert_eq!(got.json()["data"][name]["userErrors"][0]["code"], "NOT_FOUND", "{name} {id}");
            answers.push(got.bytes);
        }
        assert!(answers.iter().all(|a| *a == answers[0]), "{name}: hidden and unknown read alike");
    }
    // A member that is not there, on a case that is; a person who is not there, in a household that is.
    let member =
        "mutation Try($input: CaseMemberRemoveInput!) { caseMemberRemove(input: $input) { userErrors { code } } }";
    let input = json!({ "caseId": t.case, "memberId": "member_1", "version": 1, "reason": "So." });
    let household = "mutation Try($input: EntryRecordInput!) { entryRecord(input: $input) { userErrors { code } } }";
    let nobody = json!([{ "name": "Bo", "relationship": "sibling", "clientId": "client_1" }]);
    let entry = json!({ "clientId": t.client, "section": { "household": { "members": nobody } } });
    for (query, input, asked) in [(member, input, "member_1"), (household, entry, "client_1")] {
        let got = answer(&world, "support-worker", query, json!({ "input": input })).await;
        let rows = rows_of(&database, &got.request).await;
        let missed: Vec<_> = rows.iter().filter(|r| r.kind == "NOTHING_FOUND").map(|r| r.asked.as_str()).collect();
        assert_eq!(missed, [asked], "{query}");
    }
}

async fn an_id_of_any_letters_is_recorded_and_spoils_nobody_elses_answer(world: World) {
    let t = world.accepted("Quill").await;
    let world = Arc::new(world);
    let long = "x".repeat(5_000);
    let odd = ["client_\u{0}", "\u{0}\u{0}", "'; DROP TABLE trace; --", "\u{202e}\u{1f9ff}", "\"\\", long.as_str()];
    for id in odd {
        let (one, other) = tokio::join!(
            answer(&world, "outside-worker", RECORD, json!({ "id": id })),
            answer(&world, "support-worker", RECORD, json!({ "id": t.client })),
        );
        assert_eq!((one.status, other.status), (StatusCode::OK, StatusCode::OK), "{id:?}");
        assert_eq!(one.json(), json!({ "data": { "client": null } }));
        assert_eq!(other.json()["data"]["client"]["name"]["family"], "Quill");
        let rows = rows_of(&elsewhere(&world).await, &one.request).await;
        let kept: String = id.chars().take(200).map(|c| if c == '\0' { '\u{fffd}' } else { c }).collect();
        assert_eq!(rows.iter().map(|r| r.asked.as_str()).collect::<Vec<_>>(), [kept.as_str()]);
    }
    sound(&world, None).await;
}

/// The trace as it is now; nothing may be wrong with it.
async fn sound(world: &World, heads: Option<&Heads>) -> TraceCheck {
    sealed(world).await;
    let checked = check(&world.app.database, heads).await.expect("it checks");
    assert_eq!(checked.problems, Vec::<String>::new());
    checked
}

async fn without_a_trace_no_client_data_leaves(world: World) {
    let t = world.accepted("Quill").await;
    let sqlite = world.backend == Backend::Sqlite;
    let refuse = if sqlite {
        "CREATE TRIGGER trace_full BEFORE INSERT ON trace BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    } else {
        "CREATE FUNCTION trace_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$; \
        CREATE TRIGGER trace_full BEFORE INSERT ON trace FOR EACH ROW EXECUTE FUNCTION trace_full()"
    };
    let allow = if sqlite { "DROP TRIGGER trace_full" } else { "DROP TRIGGER trace_full ON trace" };
    let troubles =
        [("ALTER TABLE trace RENAME TO trace_away", "ALTER TABLE trace_away RENAME TO trace"), (refuse, allow)];
    let queries = [
        (RECORD, t.client.as_str()),
        ("query Q($id: ID!) { node(id: $id) { id } }", t.client.as_str()),
        ("query Q($id: ID!) { node(id: $id) { id } }", "client_1"),
        ("query Q($id: ID!) { referral(id: $id) { narratives { text } } }", t.referral.as_str()),
        ("query Q($id: ID!) { sharedCase(id: $id) { client { name { family } } } }", t.case.as_str()),
        ("query Q($id: ID!) { clients { nodes { id } } node(id: $id) { id } }", t.client.as_str()),
    ];
    for (n, (break_it, mend)) in troubles.into_iter().enumerate() {
        sound(&world, None).await;
        world.raw(break_it).await;
        for (query, id) in queries {
            let got = answer(&world, "support-worker", query, json!({ "id": id })).await;
            unavailable(&got, query);
        }
        let registry =
            answer(&world, "support-worker", "{ viewer { name } organisations { nodes { name } } }", json!({}));
        assert_eq!(
            registry.await.json()["data"]["viewer"]["name"],
            "Sam Okafor",
            "what is nobody's data is still there"
        );

        // A mutation may have happened; what it would show stays here, and it is there to be read afterwards.
        let mutation = "mutation M($input: EntryRecordInput!) { entryRecord(input: $input) { client { risk { text } } userErrors { code } } }";
        let words = format!("Trouble {n}");
        let section = json!({ "text": { "category": "RISK", "text": words } });
        let input =
            json!({ "input": { "clientId": t.client, "section": section, "idempotencyKey": format!("key-{n}") } });
        let got = answer(&world, "support-worker", mutation, input.clone()).await;
        unavailable(&got, mutation);
        world.raw(mend).await;
        let again = answer(&world, "support-worker", mutation, input).await.json();
        assert_eq!(
            again["data"]["entryRecord"],
            json!({ "client": { "risk": { "text": words } }, "userErrors": [] })
        );
        let whole = answer(&world, "support-worker", RECORD, json!({ "id": t.client })).await.json();
        assert_eq!(whole["data"]["client"]["name"]["family"], "Quill", "it works again");
    }
    let checked = sound(&world, None).await;
    assert!(checked.heads.chains.len() > 1, "a trouble ends the chain, and another begins");
}

fn unavailable(got: &Answer, query: &str) {
    assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE, "{query}");
    let body = got.json();
    assert_eq!(body["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{query}");
    assert_eq!(body.as_object().expect("an object").keys().collect::<Vec<_>>(), ["errors"], "no data: {query}");
    let bytes = String::from_utf8_lossy(&got.bytes);
    for hidden in ["Quill", "disk", "trace", "client_"] {
        assert!(!bytes.contains(hidden), "{hidden}: {bytes}");
    }
}

async fn every_instance_begins_a_chain_of_its_own_and_all_are_sound(world: World) {
    let t = world.accepted("Quill").await;
    let before = sound(&world, None).await;
    assert_eq!(before.heads.chains.len(), 1);
    let (app, second) = world.another_instance().await;
    for _ in 0..3 {
        let (one, other) = tokio::join!(
            answer(&world, "support-worker", RECORD, json!({ "id": t.client })),
            answer_of(&world, &second, "support-worker", RECORD, json!({ "id": t.client })),
        );
        assert_eq!((one.status, other.status), (StatusCode::OK, StatusCode::OK));
    }
    let after = sound(&world, Some(&before.heads)).await;
    assert_eq!(after.heads.chains.len(), 2);
    assert_eq!(after.rows, before.rows + 6);
    // What one process left unsealed when it ended, the next one seals when it starts.
    world.raw("CREATE TABLE left_behind AS SELECT * FROM trace WHERE seq = 1").await;
    world
        .raw(
            "INSERT INTO trace_unsealed (id, kind, request_id, operation, person_id, organisation_id, roles, client_id, \
            categories, grants, asked, at) SELECT chain_id, kind, 'left behind', operation, person_id, organisation_id, \
            roles, client_id, categories, grants, asked, at FROM left_behind",
        )
        .await;
    let (_third, _) = world.another_instance().await;
    let last = sound(&world, Some(&after.heads)).await;
    assert_eq!(last.heads.chains.len(), 3);
    let rows = rows_of(&app.database, "left behind").await;
    assert_eq!(rows.len(), 2, "one row of each chain had been copied");
}

/// A row of the trace, by its place.
type Place = (Uuid, i64);

static PLACES: Sql = Sql::new("SELECT chain_id, seq FROM trace ORDER BY chain_id, seq");

async fn places(database: &Database) -> Vec<Place> {
    let rows = database.rows(&PLACES, Vec::new()).await.expect("reads");
    rows.iter().map(|r| (r.try_get_by_index(0).expect("an id"), r.try_get_by_index(1).expect("a place"))).collect()
}

/// Bytes as SQL of either database.
fn bytes_sql(backend: Backend, bytes: &[u8]) -> String {
    let hex = convention::hex(bytes);
    if backend == Backend::Sqlite { format!("x'{hex}'") } else { format!("'\\x{hex}'::bytea") }
}

/// An id as SQL of either database.
fn id_sql(backend: Backend, id: Uuid) -> String {
    if backend == Backend::Sqlite { bytes_sql(backend, id.as_bytes()) } else { format!("'{id}'::uuid") }
}

const SAYS: &str =
    "kind, request_id, operation, person_id, organisation_id, client_id, roles, categories, grants, asked, at";

/// One way of tampering, in SQL.
fn tampering(dice: &mut Dice, backend: Backend, places: &[Place]) -> String {
    let at = |(chain, seq): Place| format!("chain_id = {} AND seq = {seq}", id_sql(backend, chain));
    let one = *dice.of(places);
    let last = places.iter().filter(|p| p.0 == one.0).map(|p| p.1).max().unwrap_or(0);
    let mut other = *dice.of(places);
    while other == one {
        other = *dice.of(places);
    }
    let any = id_sql(backend, Uuid::from_u64_pair(dice.next(), dice.next()));
    let some = bytes_sql(backend, &Uuid::from_u64_pair(dice.next(), dice.next()).into_bytes());
    let edits = [
        format!("hash = {some}"),
        "kind = CASE WHEN kind = 'WRITTEN' THEN 'DISCLOSED' ELSE 'WRITTEN' END".to_owned(),
        "request_id = request_id || '0'".to_owned(),
        "operation = operation || '_'".to_owned(),
        format!("person_id = {any}"),
        "person_id = NULL".to_owned(),
        format!("organisation_id = {any}"),
        "organisation_id = NULL".to_owned(),
        format!("roles = roles + {}", 1 + dice.below(1000)),
        format!("client_id = {any}"),
        format!("client_id = CASE WHEN client_id IS NULL THEN {any} ELSE NULL END"),
        format!("categories = categories + {}", 1 + dice.below(1_000_000)),
        format!("grants = {some}"),
        "asked = asked || 'x'".to_owned(),
        format!("at = at + {}", 1 + dice.below(1_000_000)),
        format!("at = at - {}", 1 + dice.below(1_000_000)),
        // A row set apart from the rest, or put into another chain.
        format!("seq = {}", last + 2 + i64::try_from(dice.below(1000)).expect("small")),
        format!("chain_id = {}, seq = {}", id_sql(backend, other.0), 1_000_000 + dice.below(1000)),
    ];
    let from_copy =
        |columns: &str, of: Place| format!("({columns}) = (SELECT {columns} FROM trace_copy WHERE {})", at(of));
    match dice.below(24) {
        n if n < edits.len() => format!("UPDATE trace SET {} WHERE {}", edits[n], at(one)),
        18 => format!("DELETE FROM trace WHERE {}", at(one)),
        19 => format!(
            "UPDATE trace SET {} WHERE {}; UPDATE trace SET {} WHERE {}",
            from_copy(SAYS, other),
            at(one),
            from_copy(SAYS, one),
            at(other)
        ),
        20 => {
            let all = format!("hash, {SAYS}");
            let (one_, other_) = (from_copy(&all, other), from_copy(&all, one));
            format!("UPDATE trace SET {one_} WHERE {}; UPDATE trace SET {other_} WHERE {}", at(one), at(other))
        }
        21 => {
            let chain = id_sql(backend, one.0);
            format!(
                "DELETE FROM trace WHERE chain_id = {chain} AND seq > {}",
                dice.below(usize::try_from(last).expect("small"))
            )
        }
        22 => {
            let chain = id_sql(backend, one.0);
            format!("DELETE FROM trace WHERE chain_id = {chain}; DELETE FROM trace_chain WHERE id = {chain}")
        }
        _ => format!(
            "INSERT INTO trace (chain_id, seq, hash, {SAYS}) SELECT chain_id, {}, hash, {SAYS} FROM trace_copy WHERE {}",
            last + 1,
            at(one)
        ),
    }
}

/// In a word, what is done.
fn way(sql: &str) -> &'static str {
    match sql {
        s if s.starts_with("INSERT") => "added",
        s if s.contains("DELETE FROM trace_chain") => "chain removed",
        s if s.contains("seq > ") => "tail cut",
        s if s.starts_with("DELETE") => "deleted",
        s if s.contains("; UPDATE") => "exchanged",
        _ => "edited",
    }
}

const RESTORE: &str = "DELETE FROM trace; DELETE FROM trace_chain; INSERT INTO trace_chain SELECT * FROM chain_copy; \
    INSERT INTO trace SELECT * FROM trace_copy";

/// A trace of two chains, by several persons, of all kinds of rows; copied beside, and its heads exported.
async fn a_trace_to_tamper_with(world: &World) -> (Vec<Place>, Heads) {
    let t = world.accepted("Quill").await;
    world.solicitors_join(&t).await;
    let (_app, second) = world.another_instance().await;
    for who in ["support-worker", "partner-worker", "outside-worker", "hub-coordinator", "team-manager"] {
        for router in [&world.router, &second] {
            answer_of(world, router, who, RECORD, json!({ "id": t.client })).await;
            answer_of(world, router, who, "{ referrals { nodes { id narratives { text } } } }", json!({})).await;
            answer_of(world, router, who, "query Q($id: ID!) { node(id: $id) { id } }", json!({ "id": t.case }))
                .await;
        }
    }
    let heads = sound(world, None).await.heads;
    world.raw("CREATE TABLE trace_copy AS SELECT * FROM trace").await;
    world.raw("CREATE TABLE chain_copy AS SELECT * FROM trace_chain").await;
    let places = places(&world.app.database).await;
    assert!(heads.chains.len() == 2 && places.len() >= 40, "{} rows", places.len());
    (places, heads)
}

/// In words for whoever runs the service, not in the code's.
fn plain(problem: &str) -> bool {
    problem.ends_with('.')
        && problem.starts_with("Chain ") | problem.starts_with(|c: char| c.is_ascii_digit())
        && !problem.contains(['{', '}', '(', '"', '_'])
        && ["changed", "missing", "cut", "removed", "not the one", "no chain"].iter().any(|w| problem.contains(w))
}

/// How often the trace is tampered with, on each database.
const TAMPERINGS: usize = 1_000;

async fn no_tampering_goes_unfound(world: World) {
    let (places, heads) = a_trace_to_tamper_with(&world).await;
    let mut dice = Dice::thrown(20_260_401);
    let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
    for round in 0..TAMPERINGS {
        let sql = tampering(&mut dice, world.backend, &places);
        *ways.entry(way(&sql)).or_default() += 1;
        world.raw(&sql).await;
        let problems = check(&world.app.database, Some(&heads)).await.expect("it checks").problems;
        assert!(!problems.is_empty(), "round {round} was not found: {sql}");
        assert!(problems.iter().all(|p| plain(p)), "round {round}: {problems:?}");
        if round % 10 == 0 {
            let report = doctor::examine(&world.app.database, Some(&heads)).await.expect("it examines");
            let finding = report.findings.iter().find(|f| f.check == "trace").expect("the trace is examined");
            assert!(!finding.ok && !report.ok(), "round {round}: {sql}");
            assert!(finding.told.starts_with(&problems[..1]), "round {round}: {:?}", finding.told);
        }
        world.raw(RESTORE).await;
    }
    sound(&world, Some(&heads)).await;
    assert!(ways.len() == 6 && ways.values().all(|n| *n >= 20) && ways["edited"] > 500, "{ways:?}");
}

async fn without_heads_a_cut_tail_is_not_claimed_to_be_found(world: World) {
    let (places, heads) = a_trace_to_tamper_with(&world).await;
    let (chain, last) = *places.last().expect("a row");
    let chain = id_sql(world.backend, chain);
    for cut in [
        format!("DELETE FROM trace WHERE chain_id = {chain} AND seq = {last}"),
        format!("DELETE FROM trace WHERE chain_id = {chain} AND seq > 3"),
        format!("DELETE FROM trace WHERE chain_id = {chain}; DELETE FROM trace_chain WHERE id = {chain}"),
    ] {
        world.raw(&cut).await;
        let without = doctor::examine(&world.app.database, None).await.expect("it examines");
        let told = &without.findings.iter().find(|f| f.check == "trace").expect("the trace is examined").told;
        assert!(without.ok() && told.iter().any(|t| t.contains("cut tail shows only against heads")), "{told:?}");
        let with = doctor::examine(&world.app.database, Some(&heads)).await.expect("it examines");
        assert!(!with.ok(), "{cut}");
        world.raw(RESTORE).await;
    }
}

static WHOLE: Sql = Sql::new(
    "SELECT chain_id, seq, kind, request_id, operation, person_id, organisation_id, client_id, roles, categories, grants, \
    asked, at FROM trace ORDER BY chain_id, seq",
);

/// The seal as whoever knows the program would compute it anew.
fn seal(previous: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [previous].iter().chain(parts) {
        hash.update(u64::try_from(part.len()).expect("small").to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

async fn a_chain_sealed_anew_after_an_edit_is_found_against_the_heads(world: World) {
    let (_, heads) = a_trace_to_tamper_with(&world).await;
    world.raw("UPDATE trace SET categories = 0 WHERE seq = 2").await;
    assert!(!check(&world.app.database, None).await.expect("it checks").problems.is_empty());
    let (mut of, mut hash) = (None, vec![0; 32]);
    for row in &world.app.database.rows(&WHOLE, Vec::new()).await.expect("reads") {
        let id =
            |i| row.try_get_by_index::<Option<Uuid>>(i).expect("an id").map_or(Vec::new(), |u| u.as_bytes().to_vec());
        let number = |i| row.try_get_by_index::<i64>(i).expect("a number").to_be_bytes();
        let words = |i| row.try_get_by_index::<String>(i).expect("a text");
        if of != Some(id(0)) {
            (of, hash) = (Some(id(0)), vec![0; 32]);
        }
        let grants: Vec<u8> = row.try_get_by_index(10).expect("bytes");
        let (kind, request, operation, asked) = (words(2), words(3), words(4), words(11));
        let parts: [&[u8]; 13] = [
            &id(0),
            &number(1),
            kind.as_bytes(),
            request.as_bytes(),
            operation.as_bytes(),
            &id(5),
            &id(6),
            &id(7),
            &number(8),
            &number(9),
            &grants,
            asked.as_bytes(),
            &number(12),
        ];
        hash = seal(&hash, &parts);
        let chain: Uuid = row.try_get_by_index(0).expect("an id");
        let seq: i64 = row.try_get_by_index(1).expect("a place");
        let (chain, new) = (id_sql(world.backend, chain), bytes_sql(world.backend, &hash));
        world.raw(&format!("UPDATE trace SET hash = {new} WHERE chain_id = {chain} AND seq = {seq}")).await;
    }
    assert_eq!(check(&world.app.database, None).await.expect("it checks").problems, Vec::<String>::new());
    let found = check(&world.app.database, Some(&heads)).await.expect("it checks").problems;
    assert_eq!(found.len(), 2, "both chains: {found:?}");
    assert!(found.iter().all(|p| p.contains("not the one whose hash was exported")), "{found:?}");
}

static TEXTS: Sql = Sql::new(
    "SELECT kind || '|' || request_id || '|' || operation || '|' || asked FROM trace UNION ALL \
    SELECT kind || '|' || request_id || '|' || operation || '|' || asked FROM trace_unsealed",
);

async fn the_trace_tells_categories_and_never_what_they_say(world: World) {
    let t = world.accepted("Quill").await;
    world.solicitors_join(&t).await;
    let note = json!({ "caseId": t.case, "visibility": "TEAM", "text": "Zebra met at noon." });
    world.done("support-worker", "noteRecord", note, "note { text }").await;
    let entry =
        json!({ "clientId": t.client, "section": { "text": { "category": "RISK", "text": "A zebra bites." } } });
    world.done("support-worker", "entryRecord", entry, "client { risk { text } }").await;
    let search = "query Search($f: ClientFilter) { clients(filter: $f) { totalCount nodes { name { given family } contact { phone postcode } } } }";
    for filter in [json!({ "name": "quill" }), json!({ "name": "zebra" }), json!({ "dateOfBirth": "1990-02-03" })] {
        world.data("support-worker", search, json!({ "f": filter })).await;
    }
    for who in ["support-worker", "referrer", "hub-coordinator"] {
        let all = "{ referrals { nodes { narratives { text } asWritten { lines } client { name { family } } } } }";
        world.data(who, all, json!({})).await;
    }
    let literal = format!(r#"{{ client(id: "{}") {{ name {{ family }} health {{ text }} }} }}"#, t.client);
    world.data("support-worker", &literal, json!({})).await;
    sealed(&world).await;
    let rows = world.app.database.rows(&TEXTS, Vec::new()).await.expect("reads");
    assert!(rows.len() > 20);
    for row in &rows {
        let told: String = row.try_get_by_index(0).expect("a text");
        // An id is any digits, and may hold a year by chance.
        let is_id = |word: &str| word.len() == 32 && word.bytes().all(|b| b.is_ascii_hexdigit());
        let words: Vec<_> = told.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !is_id(w)).collect();
        let lower = words.join(" ").to_lowercase();
        for value in [
            "quill",
            "maren",
            "1990",
            "test row",
            "ox1",
            "07700",
            "rent",
            "office",
            "medication",
            "zebra",
            "credit",
            "low for",
        ] {
            assert!(!lower.contains(value), "{value}: {told}");
        }
    }
}

async fn what_is_about_no_record_is_recorded_when_it_is_shown(world: World) {
    let request = json!({
        "givenName": "Orsolya", "familyName": "Nemeth", "dateOfBirth": "1961-04-05", "categories": ["HEALTH"],
        "ground": "SERIOUS_HARM_TO_SELF", "reason": "A neighbour rang.", "hours": 4,
    });
    world.done("outside-worker", "overrideRequest", request, "receipt").await;
    alliance::service::jobs::run_due(&world.app).await.expect("runs");
    const LEAD: &str = "outside-safeguarding-lead";
    let subject = "{ inbox { nodes { subject { ... on OverrideRequest { id } } } } }";
    let found = world.data(LEAD, subject, json!({})).await;
    let id = found["inbox"]["nodes"][0]["subject"]["id"].as_str().expect("an id").to_owned();
    let database = elsewhere(&world).await;
    for (query, shown) in [
        ("query Q($id: ID!) { node(id: $id) { ... on OverrideRequest { id reason } } }", &["INVOLVEMENT"][..]),
        ("query Q($id: ID!) { node(id: $id) { ... on OverrideRequest { familyName } } }", &["INVOLVEMENT", "NAME"]),
        (
            "query Q($id: ID!) { node(id: $id) { ... on OverrideRequest { givenName dateOfBirth } } }",
            &["INVOLVEMENT", "NAME", "BIRTH"],
        ),
        ("{ inbox { nodes { kind } } }", &["INVOLVEMENT"]),
        (
            "{ inbox { nodes { subject { ... on OverrideRequest { familyName dateOfBirth } } } } }",
            &["INVOLVEMENT", "NAME", "BIRTH"],
        ),
    ] {
        let got = answer(&world, LEAD, query, json!({ "id": id })).await;
        let rows = rows_of(&database, &got.request).await;
        assert_eq!(rows.len(), 1, "{query}: {rows:?}");
        let row = &rows[0];
        assert_eq!((row.kind.as_str(), row.client, row.asked.as_str()), ("DISCLOSED", None, id.as_str()), "{query}");
        assert_eq!(row.categories, categories(shown), "{query}");
        assert_eq!(row.person, Some(person(&world, LEAD).await));
        assert!(row.grants.is_empty() && !format!("{row:?}").contains("Nemeth"), "{row:?}");
    }
    // Who is not sent it asks for an id that is not there.
    let query = "query Q($id: ID!) { node(id: $id) { ... on OverrideRequest { familyName } } }";
    let got = answer(&world, "safeguarding-lead", query, json!({ "id": id })).await;
    let rows = rows_of(&database, &got.request).await;
    assert_eq!((rows.len(), rows[0].kind.as_str(), rows[0].asked.as_str()), (1, "NOTHING_FOUND", id.as_str()));
}

async fn no_word_of_the_callers_own_is_in_the_trace_or_the_log(world: World) {
    // The log of every test is looked through for this mark.
    let mark = crate::support::marked::MARK.as_str();
    let unknown = ClientId(SystemRandomness.uuid_random()).global();
    for (query, name, called) in [
        (format!("query {mark} {{ client(id: \"{unknown}\") {{ id }} }}"), None, "query client"),
        (format!("query {mark} {{ {mark}: client(id: \"{unknown}\") {{ id }} }}"), Some(mark), "query client"),
        (
            format!(
                "query A {{ viewer {{ name }} }} query {mark} {{ ...{mark} }} fragment {mark} on Query {{ node(id: \"{unknown}\") {{ id }} }}"
            ),
            Some(mark),
            "query node",
        ),
    ] {
        let body = json!({ "query": query, "operationName": name }).to_string();
        let request = Request::post("/graphql")
            .header("authorization", format!("Bearer {}", world.token("keeper")))
            .header("content-type", "application/json")
            .body(Body::from(body))
            .expect("a request");
        let (status, headers, bytes) = world.send(request).await;
        assert_eq!(status, StatusCode::OK, "{query}: {}", String::from_utf8_lossy(&bytes));
        let request = headers["x-request-id"].to_str().expect("an id").to_owned();
        let rows = rows_of(&elsewhere(&world).await, &request).await;
        assert_eq!((rows.len(), rows[0].operation.as_str()), (1, called), "{query}");
    }
    // What never runs is logged as well.
    for (query, name) in [
        (format!("{{ {mark} }}"), None),
        ("query A { viewer { name } }".to_owned(), Some(mark)),
        (format!("query {mark} {{ viewer {{ {mark} }} }}"), None),
    ] {
        let body = json!({ "query": query, "operationName": name }).to_string();
        let request = Request::post("/graphql")
            .header("authorization", format!("Bearer {}", world.token("keeper")))
            .header("content-type", "application/json")
            .body(Body::from(body))
            .expect("a request");
        let (_, _, bytes) = world.send(request).await;
        assert!(String::from_utf8_lossy(&bytes).contains("errors"), "{query}");
    }
    for row in &world.app.database.rows(&TEXTS, Vec::new()).await.expect("reads") {
        let told: String = row.try_get_by_index(0).expect("a text");
        assert!(!told.to_lowercase().contains(mark), "{told}");
    }
}

async fn a_token_that_opens_nothing_leaves_no_row_of_data_and_a_role_is_told_as_used(world: World) {
    let t = world.accepted("Quill").await;
    let both = [Role::SupportWorker, Role::TeamManager];
    world.member("deputy", demo::HARBOUR, &both, &[demo::NORTH]).await;
    let who = format!("deputy@{}", demo::HARBOUR.global());
    let got = answer(&world, &who, RECORD, json!({ "id": t.client })).await;
    let rows = rows_of(&elsewhere(&world).await, &got.request).await;
    assert_eq!(rows[0].roles, both.into_iter().collect::<Roles>());
    assert_eq!(rows[0].organisation, Some(OrganisationId::parse(&demo::HARBOUR.global()).expect("an id").0));
    let nobody = Request::post("/graphql")
        .header("content-type", "application/json")
        .body(Body::from(json!({ "query": RECORD, "variables": { "id": t.client } }).to_string()))
        .expect("a request");
    let before = check(&world.app.database, None).await.expect("it checks").rows;
    assert_eq!(world.send(nobody).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(check(&world.app.database, None).await.expect("it checks").rows, before);
}

on_both_databases!(
    whatever_is_shown_is_in_the_trace_when_the_answer_arrives,
    a_list_is_traced_person_by_person,
    notes_beyond_the_page_are_not_told_as_shown,
    what_a_mutation_wrote_and_what_its_payload_showed_are_both_told,
    a_look_up_that_returns_nothing_is_recorded_as_asked_existing_or_not,
    a_mutation_that_names_what_is_hidden_is_recorded_like_one_that_names_what_is_unknown,
    an_id_of_any_letters_is_recorded_and_spoils_nobody_elses_answer,
    without_a_trace_no_client_data_leaves,
    every_instance_begins_a_chain_of_its_own_and_all_are_sound,
    no_tampering_goes_unfound,
    without_heads_a_cut_tail_is_not_claimed_to_be_found,
    a_chain_sealed_anew_after_an_edit_is_found_against_the_heads,
    the_trace_tells_categories_and_never_what_they_say,
    what_is_about_no_record_is_recorded_when_it_is_shown,
    no_word_of_the_callers_own_is_in_the_trace_or_the_log,
    a_token_that_opens_nothing_leaves_no_row_of_data_and_a_role_is_told_as_used,
);
