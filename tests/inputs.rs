//! What cannot be read or cannot be right is refused: each with its own code and words, and nothing is changed (C14, C20).

use crate::support::{Backend, Travelled, World, draft};
use alliance::domain::ids::{LikenessId, TypedId};
use alliance::service::demo;
use axum::body::Body;
use axum::http::Request;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What a table holds: how many rows, and a fingerprint of every one of them, versions included.
type Table = (i64, u64);

/// The one text of every row that a statement yields.
pub async fn texts(world: &World, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(world.app.database.backend(), sql);
    let rows = world.app.database.for_migrations().query_all_raw(statement).await.expect("reads");
    rows.iter().map(|r| r.try_get_by_index::<Option<String>>(0).expect("a text").unwrap_or_default()).collect()
}

/// The rows of a table, each with all its columns, as the database itself writes them.
pub async fn rows(world: &World, table: &str) -> Vec<String> {
    let row = if world.backend == Backend::Sqlite {
        let columns = texts(world, &format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")).await;
        columns.iter().map(|c| format!("quote({c})")).collect::<Vec<_>>().join("||'|'||")
    } else {
        "CAST(t AS text)".to_owned()
    };
    texts(world, &format!("SELECT {row} AS r FROM {table} t ORDER BY 1")).await
}

/// The whole database, table by table; the trace aside, which grows whenever somebody looks (C20).
pub async fn dump(world: &World) -> BTreeMap<String, Table> {
    let tables = if world.backend == Backend::Sqlite {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    } else {
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
    };
    let mut all = BTreeMap::new();
    for table in texts(world, tables).await {
        if table.starts_with("trace") || table == "seaql_migrations" {
            continue;
        }
        let rows = rows(world, &table).await;
        let mut hasher = DefaultHasher::new();
        rows.hash(&mut hasher);
        all.insert(table, (i64::try_from(rows.len()).expect("few"), hasher.finish()));
    }
    assert!(all.len() > 25, "the dump has every table: {all:?}");
    all
}

/// Gathers what is not as expected, so that one run tells everything.
#[derive(Default)]
pub struct Wrong(pub Vec<String>);

impl Wrong {
    pub fn unless(&mut self, right: bool, what: impl FnOnce() -> String) {
        if !right {
            self.0.push(what());
        }
    }

    pub fn unless_same<T: PartialEq + Debug>(&mut self, found: &T, expected: &T, what: &str) {
        self.unless(found == expected, || format!("{what}: {found:?}, not {expected:?}"));
    }

    pub fn nothing(self) {
        assert!(self.0.is_empty(), "{} things are wrong:\n{}", self.0.len(), self.0.join("\n"));
    }
}

/// Posts bytes as they are; the status, and the first error's code and message.
async fn raw(world: &World, content_type: Option<&str>, body: impl Into<Body>) -> (u16, String, String) {
    let mut request =
        Request::post("/graphql").header("authorization", format!("Bearer {}", world.token("support-worker")));
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    let (status, _, bytes) = world.send(request.body(body.into()).expect("a request")).await;
    let answer: Value = serde_json::from_slice(&bytes).expect("JSON, whatever is wrong");
    if !answer.get("data").is_none_or(Value::is_null) {
        return (status.as_u16(), "ANSWERED".into(), answer.to_string());
    }
    let error = &answer["errors"][0];
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    (status.as_u16(), text(&error["extensions"]["code"]), text(&error["message"]))
}

async fn a_body_that_does_not_read_is_refused_with_the_reason(world: World) {
    const JSON: Option<&str> = Some("application/json");
    let before = dump(&world).await;
    let mut wrong = Wrong::default();
    let not_json = "The body is not JSON: line 1 column ";
    let one_object = "The body is one JSON object; batches are not taken.";
    let media = "Send the request as application/json in UTF-8.";
    let fine = r#"{"query":"{ viewer { name } }"}"#;
    let nested =
        format!("{{\"query\":\"{{ viewer {{ name }} }}\",\"variables\":{}1{}}}", "[".repeat(500), "]".repeat(500));
    let too_large = format!("{{\"query\":\"{{ viewer {{ name }} }} #{}\"}}", "x".repeat(256 * 1024));
    let too_large_words = "The body could not be read whole; it may have at most 262144 bytes.";
    let table: Vec<(Option<&str>, Vec<u8>, u16, &str)> = vec![
        (JSON, b"".to_vec(), 400, not_json),
        (JSON, b"{".to_vec(), 400, not_json),
        (JSON, b"{\"query\":\"{ viewer { name } }\"".to_vec(), 400, not_json),
        (JSON, b"query { viewer { name } }".to_vec(), 400, not_json),
        (JSON, b"{\"query\":\"\xff\xfe\"}".to_vec(), 400, not_json),
        (JSON, br#"{"query":"{ viewer { name } }","operationName":"\ud800"}"#.to_vec(), 400, not_json),
        (JSON, nested.into_bytes(), 400, not_json),
        (JSON, format!("{fine}{fine}").into_bytes(), 400, not_json),
        (JSON, format!("[{fine}]").into_bytes(), 400, one_object),
        (JSON, b"null".to_vec(), 400, one_object),
        (JSON, b"\"{ viewer { name } }\"".to_vec(), 400, one_object),
        (JSON, b"7".to_vec(), 400, one_object),
        (JSON, b"{}".to_vec(), 400, "`query` must be a string."),
        (JSON, br#"{"query":null}"#.to_vec(), 400, "`query` must be a string."),
        (JSON, br#"{"query":["{ viewer { name } }"]}"#.to_vec(), 400, "`query` must be a string."),
        (
            JSON,
            br#"{"query":"{ viewer { name } }","operationName":1}"#.to_vec(),
            400,
            "`operationName` must be a string.",
        ),
        (JSON, br#"{"query":"{ viewer { name } }","variables":[1]}"#.to_vec(), 400, "`variables` must be an object."),
        (
            JSON,
            br#"{"query":"{ viewer { name } }","variables":"{}"}"#.to_vec(),
            400,
            "`variables` must be an object.",
        ),
        (
            JSON,
            br#"{"query":"{ viewer { name } }","extensions":"x"}"#.to_vec(),
            400,
            "`extensions` must be an object.",
        ),
        (None, fine.into(), 415, media),
        (Some("text/plain"), fine.into(), 415, media),
        (Some("application/graphql"), fine.into(), 415, media),
        (Some("application/x-www-form-urlencoded"), b"query=%7Bviewer%7Bname%7D%7D".to_vec(), 415, media),
        (Some("multipart/form-data; boundary=x"), fine.into(), 415, media),
        (Some("application/json; charset=latin1"), fine.into(), 415, media),
        (Some("application/jsonp"), fine.into(), 415, media),
        (JSON, too_large.into_bytes(), 413, too_large_words),
    ];
    for (content_type, body, status, message) in table {
        let shown: String = String::from_utf8_lossy(&body).chars().take(80).collect();
        let told = raw(&world, content_type, body).await;
        let expected = (status, "BAD_REQUEST".to_owned());
        wrong.unless((told.0, told.1.clone()) == expected && told.2.starts_with(message), || {
            format!("{content_type:?} {shown}: {told:?}, not {expected:?} {message}")
        });
    }
    let told = raw(&world, JSON, "{\"query\":\n\"{ viewer { name } }\",,}").await;
    assert_eq!(told.2, "The body is not JSON: line 2 column 23.", "where it does not read is told");
    assert_eq!(dump(&world).await, before);
    wrong.nothing();
}

/// A draft, and after it whatever a test puts there: had the document run at all, the draft would be written.
fn drafting(more: &str) -> String {
    format!(
        "mutation Two {{ drafted: referralDraft(input: {{ urgency: UPSTREAM, sections: [] }}) {{ userErrors {{ code }} }} {more} }}"
    )
}

async fn a_document_that_does_not_fit_the_schema_never_runs(world: World) {
    let before = dump(&world).await;
    let mut wrong = Wrong::default();
    let deep = |n: i32| {
        let client = (0..n).fold("id".to_owned(), |inner, _| {
            format!("sharedCases(first: 1) {{ nodes {{ client {{ {inner} }} }} }}")
        });
        drafting(&format!(
            "x: referralSubmit(input: {{ referralId: \"r\", version: 1 }}) {{ referral {{ client {{ {client} }} }} }}"
        ))
    };
    let nested = |open: &str, within: &str, close: &str, n: usize| {
        drafting(&format!("x: nodes(ids: {}{within}{}) {{ id }}", open.repeat(n), close.repeat(n)))
    };
    let aliases: String = (0..31).map(|i| format!("a{i}: viewer {{ name }} ")).collect();
    let tokens = "viewer { name } ".repeat(1_100);
    let many = |n: usize| format!("query Q {{ nodes(ids: [{}]) {{ id }} }}", "\"client_1\" ".repeat(n));
    let list = "clients(first: 100) { nodes { referrals(first: 100) { nodes { narratives { text } } } } }";
    let fragments = |n: usize, last: &str| {
        let chain: String =
            (0..n).map(|i| format!("fragment F{i} on Query {{ ...F{} ...F{} }} ", i + 1, i + 1)).collect();
        format!("query Q {{ ...F0 }} {chain} fragment F{n} on Query {{ {last} }}")
    };
    let table: Vec<(String, Value, &str, String)> = vec![
        ("{".into(), json!({}), "BAD_REQUEST", " --> 1:2".into()),
        ("".into(), json!({}), "BAD_REQUEST", " --> 1:1".into()),
        ("query Q { viewer { name } ".into(), json!({}), "BAD_REQUEST", " --> 1:27".into()),
        (drafting("nonsense"), json!({}), "BAD_REQUEST", "Unknown field \"nonsense\" on type \"Mutation\".".into()),
        (drafting("").replace("code", "code secret"), json!({}), "BAD_REQUEST", "Unknown field \"secret\" on type \"UserError\".".into()),
        (drafting("").replace("UPSTREAM", "NEVER"), json!({}), "BAD_REQUEST", "Invalid value for argument \"input.urgency\", enumeration type \"Urgency\" does not contain the value \"NEVER\"".into()),
        (drafting("").replace("sections: []", "sections: [], secret: 1"), json!({}), "BAD_REQUEST", "Invalid value for argument \"input\", unknown field \"secret\" of type \"ReferralDraftInput\"".into()),
        (drafting("").replace(", sections: []", ""), json!({}), "BAD_REQUEST", "Invalid value for argument \"input\", field \"sections\" of type \"[SectionInput!]!\" is required but not provided".into()),
        (drafting("").replace("[]", "[{}]"), json!({}), "BAD_REQUEST", "Oneof input objects requires have exactly one field".into()),
        (drafting("").replace("[]", "[{ birth: { date: \"1990-01-01\" }, text: { category: RISK, text: \"x\" } }]"), json!({}), "BAD_REQUEST", "Oneof input objects requires have exactly one field".into()),
        (drafting("").replace("(input:", "(in: 1, input:"), json!({}), "BAD_REQUEST", "Unknown argument \"in\" on field \"referralDraft\" of type \"Mutation\".".into()),
        (drafting("").replace("[]", "[{ birth: { date: \"1990-02-30\" } }]"), json!({}), "BAD_REQUEST", "is not a date that exists, written YYYY-MM-DD".into()),
        (drafting("").replace("[]", "[{ birth: { date: 19900203 } }]"), json!({}), "BAD_REQUEST", "Date".into()),
        (drafting("").replace("[]", "[{ contact: { postcode: \"nowhere\" } }]"), json!({}), "BAD_REQUEST", "is not a UK postcode".into()),
        ("mutation { referralDraft }".into(), json!({}), "BAD_REQUEST", "Field \"referralDraft\" argument \"input\" of type \"Mutation\" is required but not provided".into()),
        ("{ viewer }".into(), json!({}), "BAD_REQUEST", "Field \"viewer\" of type \"Viewer\" must have a selection of subfields".into()),
        ("{ viewer { name { first } } }".into(), json!({}), "BAD_REQUEST", "Field \"name\" must not have a selection since type \"String\" has no subfields".into()),
        ("query($id: ID!) { client(id: $id) { id } }".into(), json!({}), "BAD_REQUEST", "Variable id is not defined.".into()),
        ("query($id: ID!) { client(id: $id) { id } }".into(), json!({ "id": null }), "BAD_REQUEST", "Invalid value for argument \"id\"".into()),
        ("query($id: ID!) { client(id: $id) { id } }".into(), json!({ "id": true }), "BAD_REQUEST", "Invalid value for argument \"id\", expected type \"ID\"".into()),
        ("query($id: ID!) { client(id: $id) { id } }".into(), json!({ "id": ["client_1"] }), "BAD_REQUEST", "Invalid value for argument \"id\", expected type \"ID\"".into()),
        ("query($n: Int) { clients(first: $n) { totalCount } }".into(), json!({ "n": "1" }), "BAD_REQUEST", "Invalid value for argument \"first\", expected type \"Int\"".into()),
        ("query($n: Int) { clients(first: $n) { totalCount } }".into(), json!({ "n": 1.5 }), "BAD_REQUEST", "Invalid value for argument \"first\", expected type \"Int\"".into()),
        ("query($n: String) { clients(first: $n) { totalCount } }".into(), json!({ "n": "1" }), "BAD_REQUEST", "Invalid value for argument \"first\", expected type \"Int\"".into()),
        ("query($f: ClientFilter) { clients(filter: $f) { totalCount } }".into(), json!({ "f": { "health": "x" } }), "BAD_REQUEST", "Invalid value for argument \"filter\", unknown field \"health\" of type \"ClientFilter\"".into()),
        ("query($f: ClientFilter) { clients(filter: $f) { totalCount } }".into(), json!({ "f": { "dateOfBirth": "1990-13-01" } }), "BAD_REQUEST", "is not a date that exists, written YYYY-MM-DD".into()),
        ("query($s: ReferralState) { referrals(state: $s) { totalCount } }".into(), json!({ "s": "ANY" }), "BAD_REQUEST", "enumeration type \"ReferralState\" does not contain the value \"ANY\"".into()),
        ("query A { viewer { name } } query B { viewer { name } }".into(), json!({}), "BAD_REQUEST", "Operation name required in request.".into()),
        ("query Q { viewer { ...F } }".into(), json!({}), "BAD_REQUEST", "Unknown fragment: \"F\"".into()),
        ("query Q { ...A } fragment A on Query { viewer { name } ...B } fragment B on Query { ...A }".into(), json!({}), "BAD_REQUEST", "The fragment A spreads itself.".into()),
        (deep(6), json!({}), "TOO_COMPLEX", "Query is nested too deep.".into()),
        (deep(12), json!({}), "TOO_COMPLEX", "The recursion depth of the query cannot be greater than `32`".into()),
        (format!("query Q {}name{}", "{ viewer ".repeat(90), "}".repeat(90)), json!({}), "TOO_COMPLEX", "The document is nested too deep.".into()),
        (nested("[", "1", "]", 1_000), json!({}), "TOO_COMPLEX", "The document nests brackets more than 100 deep.".into()),
        (nested("{a:", "1", "}", 900), json!({}), "TOO_COMPLEX", "The document nests brackets more than 100 deep.".into()),
        (nested("[", "1", "", 3_900), json!({}), "TOO_COMPLEX", "The document nests brackets more than 100 deep.".into()),
        (format!("query Q {{ {list} }}"), json!({}), "TOO_COMPLEX", "Query is too complex.".into()),
        (many(101), json!({}), "BAD_REQUEST", "At most 100 ids at once.".into()),
        (format!("query Q {{ {aliases} }}"), json!({}), "TOO_COMPLEX", "The document has more than 30 aliases.".into()),
        (format!("query Q {{ {tokens} }}"), json!({}), "TOO_COMPLEX", "The document has more than 4000 tokens.".into()),
        (fragments(25, "viewer { name }"), json!({}), "TOO_COMPLEX", "once its fragments are put in".into()),
        (fragments(90, "viewer { name }"), json!({}), "TOO_COMPLEX", "once its fragments are put in".into()),
        (fragments(90, "viewer { name }").replace("{ ...F0 }", "{ viewer { ...F0 } }"), json!({}), "TOO_COMPLEX", "once its fragments are put in".into()),
        (fragments(25, "...F0"), json!({}), "BAD_REQUEST", "The fragment F0 spreads itself.".into()),
    ];
    // A document that was found valid takes no more than before: the values of its variables are judged every time.
    let valid = [("query($id: ID!) { client(id: $id) { id } }", json!({ "id": "client_1" }))];
    let again: Vec<_> = table.iter().filter(|row| valid.iter().any(|(query, _)| row.0 == *query)).cloned().collect();
    assert!(again.len() >= 4);
    for (i, (query, variables, code, message)) in table.into_iter().chain(again.clone()).chain(again).enumerate() {
        if i % 2 == 1 {
            for (query, variables) in &valid {
                let answer = world.ask("support-worker", query, variables.clone()).await;
                wrong.unless(answer.get("errors").is_none(), || format!("{query}: {answer}"));
            }
        }
        let shown: String = query.chars().take(220).collect();
        let body = json!({ "query": query, "variables": variables }).to_string();
        let told = raw(&world, Some("application/json"), body).await;
        wrong.unless(told.0 == 200 && told.1 == code && told.2.contains(&message), || {
            format!("{shown}\n    {told:?}\n    not {code} {message}")
        });
    }
    assert_eq!(dump(&world).await, before);
    wrong.nothing();
}

/// What the tables below act on: a referral in each state, and a case with all that hangs on it.
pub struct Things {
    pub drafted: String,
    pub submitted: String,
    /// Of which the hub asked something.
    pub asked: String,
    pub offered: String,
    /// Of the hub.
    pub coordinator: String,
    pub case: Travelled,
    pub consent: String,
    pub member: String,
    pub note: String,
    pub entry: String,
    /// Of what the referral brought.
    pub narrative: String,
    pub signpost: String,
    pub hold: String,
    /// Two attorneys, each with their first version.
    pub proxies: [String; 2],
    pub basis: String,
    pub gateway: String,
    pub granted: String,
    pub disclosure: String,
    pub closed: String,
    /// A client whose contact goes through the lead worker, and that preference.
    pub guarded: Travelled,
    pub restriction: String,
    /// Named on it, beside the lead worker.
    pub named: String,
    /// Whom people are named by, and who supervises the hub's coordinator.
    pub worker: String,
    pub manager: String,
    pub supervision: String,
    pub membership: String,
    pub likeness: String,
    /// An organisation to merge, one to merge it into, and one that was merged into that.
    pub bodies: [String; 3],
    pub contact: String,
    pub inbox: String,
    /// One that is open, and one that waits.
    pub overrides: [String; 2],
}

/// An identifier as the database itself writes it.
pub fn literal(world: &World, id: uuid::Uuid) -> String {
    match world.backend {
        Backend::Sqlite => format!("X'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'"),
    }
}

pub fn id_of(v: &Value) -> String {
    v.as_str().expect("an id").to_owned()
}

impl Things {
    pub async fn of(world: &World) -> Self {
        let drafted = world.done("referrer", "referralDraft", draft("Drafted"), "referral { id }").await;
        let case = world.accepted("Wick").await;
        let consent = world.solicitors_join(&case).await;
        let members = world
            .data(
                "support-worker",
                "query($id: ID!) { sharedCase(id: $id) { members { id } } }",
                json!({ "id": case.case }),
            )
            .await;
        let note = json!({ "caseId": case.case, "visibility": "TEAM", "text": "Called." });
        let note = world.done("support-worker", "noteRecord", note, "note { id }").await;
        let entry =
            json!({ "clientId": case.client, "section": { "text": { "category": "RISK", "text": "None known." } } });
        let entry = world.done("support-worker", "entryRecord", entry, "client { risk { entryId } }").await;
        let story = "query($id: ID!) { referral(id: $id) { narratives { narrativeId } } }";
        let told = world.data("support-worker", story, json!({ "id": case.referral })).await;
        let signpost = json!({
            "on": { "caseId": case.case }, "serviceId": demo::DROP_IN.global(), "told": "CLIENT", "channel": "PHONE",
            "reason": "A bed tonight.",
        });
        let signpost = world.done("support-worker", "signpostRecord", signpost, "signpost { id }").await;
        let attorney = async |name: &str| {
            let new = json!({ "clientId": case.client, "kind": "ATTORNEY", "name": name });
            id_of(&world.done("support-worker", "proxyRecord", new, "proxy { id }").await["proxy"]["id"])
        };
        let proxies = [attorney("Ann Other").await, attorney("Bo Other").await];
        let basis = lawful_basis(&case.client);
        let basis = world.done("support-worker", "lawfulBasisRecord", basis, "lawfulBasis { id }").await;
        let hold = json!({ "clientId": case.client, "reference": "Claim 7", "reason": "A claim is coming." });
        let hold = world.done("information-governance", "legalHoldPlace", hold, "legalHold { id }").await;
        let asked = || world.done("support-worker", "legalGatewayAsk", gateway(&case.client), "legalGateway { id }");
        let (waiting, granted) = (asked().await, asked().await);
        let grant = json!({ "legalGatewayId": granted["legalGateway"]["id"], "version": 1, "decision": "GRANT", "reason": "The law says so." });
        world.done("safeguarding-lead", "legalGatewayDecide", grant, "").await;
        let disclosure = world
            .done("support-worker", "outwardDisclosureRecord", outward(&case.client), "outwardDisclosure { id }")
            .await;
        let meadow = json!({
            "recipients": [demo::MEADOW.global()], "purposes": ["CASE_COORDINATION"], "categories": ["HOUSING"],
            "givenBy": "CLIENT", "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
        });
        let meadow = json!({ "clientId": case.client, "consent": meadow });
        world.done("support-worker", "consentRecord", meadow, "").await;
        let hired = json!({
            "issuer": "i", "subject": "hired", "name": "Just Hired", "organisationId": demo::LOCKWELL.global(), "roles": ["REFERRER"],
        });
        let hired = world.done("administrator", "membershipGrant", hired, "membership { id }").await;
        let body = async |name: &str| {
            let new = json!({ "name": name, "kind": "OTHER" });
            id_of(
                &world.done("administrator", "organisationRegister", new, "organisation { id }").await["organisation"]
                    ["id"],
            )
        };
        let bodies = [body("Old Mill Advice").await, body("Mill Advice").await, body("The Mill").await];
        let merge = json!({ "organisationId": bodies[2], "intoId": bodies[1], "version": 1, "reason": "One house." });
        world.done("administrator", "organisationMerge", merge, "").await;
        let contact = json!({ "organisationId": bodies[1], "name": "Front desk", "phone": "01865 496000" });
        let contact = world.done("administrator", "organisationContactAdd", contact, "contact { id }").await;
        let likeness = LikenessId(uuid::Uuid::from_u128(0x11ce));
        world
            .raw(&format!(
                "INSERT INTO organisation_likeness (id, first_id, second_id, reason, score, decision, created_at) \
                VALUES ({}, {}, {}, 'SHARED_NAME', 80, 'UNDECIDED', 0)",
                literal(world, likeness.0),
                literal(world, demo::HARBOUR.0),
                literal(world, demo::SHELTER.0),
            ))
            .await;
        let guarded = world.accepted("Vale").await;
        let prefer = json!({ "clientId": guarded.client, "reason": "Rather through you." });
        let select = "client { restrictions { id } }";
        let preferred = world.done("support-worker", "contactPreferenceRecord", prefer, select).await;
        let me = async |who: &str| {
            id_of(&world.data(who, "{ viewer { personId } }", json!({})).await["viewer"]["personId"])
        };
        let (worker, manager) = (me("support-worker").await, me("team-manager").await);
        // Named by no mutation, so that the restriction is as it was set.
        let (restriction, named) = (&preferred["client"]["restrictions"][0]["id"], me("outside-worker").await);
        let one = alliance::domain::ids::RestrictionId::parse(&id_of(restriction)).expect("a restriction");
        let other = alliance::domain::ids::PersonId::parse(&named).expect("a person");
        let (one, other) = (literal(world, one.0), literal(world, other.0));
        world
            .raw(&format!("INSERT INTO restriction_person (restriction_id, person_id) VALUES ({one}, {other})"))
            .await;
        let supervise = json!({ "workerId": me("hub-coordinator").await, "supervisorId": manager });
        let supervised = world.done("administrator", "supervisionAssign", supervise, "supervision { id }").await;
        let other = world.accepted("Moss").await;
        let close = json!({ "caseId": other.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" });
        world.done("support-worker", "caseClose", close, "").await;
        let left = world.accepted("Left").await;
        let withdraw = json!({ "consentId": world.solicitors_join(&left).await, "withdrawnBy": "By phone." });
        world.done("support-worker", "consentWithdraw", withdraw, "").await;
        let inbox = world.data("support-worker", "{ inbox { nodes { id } } }", json!({})).await;
        let ask = |client: &str, categories: Value| json!({ "clientId": client, "categories": categories, "ground": "ADULT_AT_RISK", "reason": "Unwell.", "hours": 4 });
        let open = ask(&left.client, json!(["OFFENDING"]));
        let open = world.done("support-worker", "overrideOpen", open, "override { id }").await;
        let waits = world.accepted("Waits").await;
        world.solicitors_join(&waits).await;
        let kept = literal(world, alliance::domain::ids::ClientId::parse(&waits.client).expect("a client").0);
        let one = literal(world, uuid::Uuid::from_u128(0x11cf));
        world
            .raw(&format!(
                "INSERT INTO restriction (id, client_id, kind, recorded_by, recorded_at) \
                VALUES ({one}, {kept}, 'CONTACT_PREFERENCE', (SELECT p.id FROM person p LIMIT 1), 1)"
            ))
            .await;
        let waits = ask(&waits.client, json!(["CONTACT"]));
        let waits = world.done("support-worker", "overrideOpen", waits, "override { id }").await;
        // A duty to refer with each; one of them was passed on.
        let (asked, offered) = (world.asked("Asked").await, world.offered("Offered", demo::NORTH).await);
        for referral in [&asked, &offered] {
            world.done("referrer", "referralRecordDuty", duty(referral), "").await;
        }
        world.done("hub-coordinator", "referralPassDuty", json!({ "referralId": offered }), "").await;
        Self {
            overrides: [id_of(&open["override"]["id"]), id_of(&waits["override"]["id"])],
            inbox: id_of(&inbox["inbox"]["nodes"][0]["id"]),
            drafted: id_of(&drafted["referral"]["id"]),
            submitted: world.submitted("Submitted").await,
            asked,
            offered,
            coordinator: id_of(
                &world.data("hub-coordinator", "{ viewer { personId } }", json!({})).await["viewer"]["personId"],
            ),
            consent,
            member: id_of(&members["sharedCase"]["members"][0]["id"]),
            note: id_of(&note["note"]["id"]),
            entry: id_of(&entry["client"]["risk"]["entryId"]),
            narrative: id_of(&told["referral"]["narratives"][0]["narrativeId"]),
            hold: id_of(&hold["legalHold"]["id"]),
            proxies,
            basis: id_of(&basis["lawfulBasis"]["id"]),
            signpost: id_of(&signpost["signpost"]["id"]),
            gateway: id_of(&waiting["legalGateway"]["id"]),
            granted: id_of(&granted["legalGateway"]["id"]),
            disclosure: id_of(&disclosure["outwardDisclosure"]["id"]),
            closed: other.case,
            restriction: id_of(restriction),
            named,
            supervision: id_of(&supervised["supervision"]["id"]),
            guarded,
            worker,
            manager,
            membership: id_of(&hired["membership"]["id"]),
            likeness: likeness.global(),
            bodies,
            contact: id_of(&contact["contact"]["id"]),
            case,
        }
    }
}

/// A lawful basis for HEALTH, as it is recorded.
pub fn lawful_basis(client: &str) -> Value {
    json!({
        "clientId": client, "basis": "PUBLIC_TASK", "specialCondition": "HEALTH_OR_SOCIAL_CARE",
        "scheduleCondition": "Part 1, paragraph 2", "categories": ["HOUSING", "HEALTH"], "until": "2027-03-01T00:00:00Z",
        "reason": "A duty to prevent homelessness.",
    })
}

/// A legal gateway to the night shelter, as it is asked for.
pub fn gateway(client: &str) -> Value {
    json!({
        "clientId": client, "recipientId": demo::SHELTER.global(), "kind": "DUTY_IN_LAW", "reference": "An Act, section 1",
        "categories": ["HOUSING"], "until": "2027-03-01T00:00:00Z", "reason": "A duty to cooperate.",
    })
}

/// A disclosure to somebody outside, as it is recorded.
pub fn outward(client: &str) -> Value {
    json!({
        "clientId": client, "recipient": "Adult social care", "basis": "SAFEGUARDING_REFERRAL", "reference": "Ref 7",
        "categories": ["HOUSING"], "summary": "About to lose the home.", "disclosedAt": "2026-04-01T08:00:00Z",
    })
}

/// A duty to refer with a referral.
pub fn duty(referral: &str) -> Value {
    json!({
        "referralId": referral, "authorityId": demo::DISTRICT.global(), "reason": "Nowhere to go on release.", "evidence": "Signed the form.",
    })
}

/// A mutation that would be done as it stands: by whom, which, with what.
pub type Call = (&'static str, &'static str, Value);

/// Every mutation there is, as it would be done.
pub fn every_mutation(t: &Things) -> Vec<Call> {
    let harbour = demo::HARBOUR.global();
    let risk = json!({ "text": { "category": "RISK", "text": "Dogs." } });
    let consent = json!({
        "recipients": [harbour], "purposes": ["CASE_COORDINATION"], "categories": ["RISK"], "givenBy": "CLIENT",
        "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
    });
    let note = |key: &str, id: &str| json!({ key: id, "visibility": "TEAM", "text": "Wrote." });
    let with = |mut all: Value, more: Value| {
        all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        all
    };
    let referral = |id: &str, version: i64, more: Value| with(json!({ "referralId": id, "version": version }), more);
    vec![
        ("referrer", "referralDraft", draft("Another")),
        ("referrer", "referralSubmit", referral(&t.drafted, 1, json!({}))),
        ("referrer", "referralWithdraw", referral(&t.submitted, 2, json!({ "reason": "Moved away." }))),
        (
            "referrer",
            "referralRecordClientDecline",
            referral(&t.submitted, 2, json!({ "reason": "Not now.", "refusedSignposting": "Knows where to go." })),
        ),
        ("hub-coordinator", "referralAsk", referral(&t.submitted, 2, json!({ "question": "Since when?" }))),
        (
            "referrer",
            "referralAnswer",
            referral(&t.asked, 3, json!({ "answer": "Since May.", "categories": ["HOUSING"] })),
        ),
        ("hub-coordinator", "referralAssign", json!({ "referralId": t.submitted, "assignTo": t.coordinator })),
        (
            "hub-coordinator",
            "referralSetUrgency",
            json!({ "referralId": t.submitted, "from": "EVICTION_WITHIN_DAYS", "to": "HOMELESS_NOW" }),
        ),
        ("referrer", "referralRecordDuty", duty(&t.submitted)),
        ("hub-coordinator", "referralPassDuty", json!({ "referralId": t.asked })),
        ("hub-coordinator", "referralAcknowledgeDuty", json!({ "referralId": t.offered, "reference": "HO/7" })),
        ("referrer", "referralEndDuty", json!({ "referralId": t.asked, "reason": "Has a room now." })),
        (
            "hub-coordinator",
            "referralOffer",
            referral(&t.submitted, 2, json!({ "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." })),
        ),
        (
            "hub-coordinator",
            "referralClose",
            referral(&t.submitted, 2, json!({ "outcome": "OTHER", "text": "Words.", "onwardReferral": "Shelter." })),
        ),
        ("hub-coordinator", "referralTakeBack", referral(&t.offered, 3, json!({}))),
        ("support-worker", "referralAccept", referral(&t.offered, 3, json!({}))),
        (
            "support-worker",
            "referralDecline",
            referral(&t.offered, 3, json!({ "reason": "OTHER", "text": "Words." })),
        ),
        ("support-worker", "entryRecord", json!({ "clientId": t.case.client, "section": risk })),
        (
            "support-worker",
            "entryCorrect",
            json!({ "entryId": t.entry, "version": 1, "section": risk, "reason": "Misheard." }),
        ),
        (
            "support-worker",
            "entryMark",
            json!({ "item": { "narrativeId": t.narrative }, "version": 1, "revealsLocation": true }),
        ),
        ("support-worker", "consentRecord", json!({ "clientId": t.case.client, "consent": consent })),
        (
            "support-worker",
            "proxyRecord",
            json!({
                "clientId": t.case.client, "kind": "PARENT", "name": "Cass Other", "from": "2026-01-01T00:00:00Z",
                "until": "2028-01-01T00:00:00Z",
            }),
        ),
        (
            "support-worker",
            "proxyEnd",
            json!({ "proxyId": t.proxies[0], "version": 1, "reason": "The power was revoked." }),
        ),
        (
            "support-worker",
            "proxyExclude",
            json!({ "proxyId": t.proxies[1], "version": 1, "reason": "An order of the court." }),
        ),
        ("support-worker", "lawfulBasisRecord", lawful_basis(&t.case.client)),
        (
            "support-worker",
            "lawfulBasisEnd",
            json!({ "lawfulBasisId": t.basis, "version": 1, "reason": "Another holds now." }),
        ),
        (
            "support-worker",
            "competenceRecord",
            json!({
                "clientId": t.case.client, "assessedOn": "2026-03-01", "assessedBy": "School nurse", "how": "A long talk.",
            }),
        ),
        ("support-worker", "consentWithdraw", json!({ "consentId": t.consent, "withdrawnBy": "By phone." })),
        (
            "support-worker",
            "caseMemberAdd",
            json!({ "caseId": t.case.case, "teamId": demo::OUTREACH.global(), "role": "Outreach", "agreed": ["HOUSING"] }),
        ),
        (
            "support-worker",
            "caseMemberRemove",
            json!({ "caseId": t.case.case, "memberId": t.member, "version": 1, "reason": "Done." }),
        ),
        ("support-worker", "noteRecord", note("caseId", &t.case.case)),
        ("support-worker", "noteCorrect", with(note("noteId", &t.note), json!({ "version": 1 }))),
        (
            "support-worker",
            "caseClose",
            json!({ "caseId": t.case.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" }),
        ),
        ("support-worker", "caseReenter", json!({ "caseId": t.closed, "version": 2, "consent": consent })),
        (
            "support-worker",
            "signpostRecord",
            json!({ "on": { "caseId": t.case.case }, "serviceId": demo::DROP_IN.global(), "told": "CLIENT", "channel": "PHONE", "reason": "A bed." }),
        ),
        (
            "support-worker",
            "signpostFollowUp",
            json!({ "signpostId": t.signpost, "version": 1, "outcome": "ENGAGED" }),
        ),
        (
            "support-worker",
            "objectionRecord",
            json!({ "clientId": t.guarded.client, "to": { "organisationId": demo::SHELTER.global() }, "reason": "Not them." }),
        ),
        (
            "support-worker",
            "contactProtect",
            json!({ "clientId": t.guarded.client, "personIds": [t.manager], "reason": "Followed." }),
        ),
        (
            "support-worker",
            "contactPreferenceRecord",
            json!({ "clientId": t.case.client, "reason": "Rather through you." }),
        ),
        (
            "support-worker",
            "restrictionName",
            json!({ "restrictionId": t.restriction, "version": 1, "personId": t.manager }),
        ),
        (
            "support-worker",
            "restrictionUnname",
            json!({ "restrictionId": t.restriction, "version": 1, "personId": t.named }),
        ),
        (
            "support-worker",
            "restrictionLift",
            json!({ "restrictionId": t.restriction, "version": 1, "reason": "Directly after all." }),
        ),
        (
            "administrator",
            "supervisionAssign",
            json!({ "workerId": t.worker, "supervisorId": t.manager, "until": "2027-03-01T00:00:00Z" }),
        ),
        ("administrator", "supervisionEnd", json!({ "supervisionId": t.supervision, "version": 1 })),
        (
            "support-worker",
            "overrideOpen",
            json!({ "clientId": t.case.client, "categories": ["OFFENDING"], "ground": "ADULT_AT_RISK", "reason": "Unwell.", "hours": 4 }),
        ),
        (
            "outside-worker",
            "overrideRequest",
            json!({
                "givenName": "Maren", "familyName": "Wick", "dateOfBirth": "1990-02-03", "categories": ["HEALTH"],
                "ground": "ADULT_AT_RISK", "reason": "Unwell.", "hours": 4,
            }),
        ),
        ("partner-safeguarding-lead", "overrideCosign", json!({ "overrideId": t.overrides[1], "version": 1 })),
        (
            "safeguarding-lead",
            "overrideReview",
            json!({ "overrideId": t.overrides[0], "version": 1, "verdict": "JUSTIFIED", "reason": "It was." }),
        ),
        ("support-worker", "overrideEnd", json!({ "overrideId": t.overrides[0], "version": 1 })),
        ("support-worker", "inboxItemRead", json!({ "inboxItemId": t.inbox })),
        ("support-worker", "legalGatewayAsk", gateway(&t.case.client)),
        (
            "safeguarding-lead",
            "legalGatewayDecide",
            json!({ "legalGatewayId": t.gateway, "version": 1, "decision": "GRANT", "reason": "The law says so." }),
        ),
        (
            "safeguarding-lead",
            "legalGatewayEnd",
            json!({ "legalGatewayId": t.granted, "version": 2, "reason": "No longer needed." }),
        ),
        ("support-worker", "outwardDisclosureRecord", outward(&t.case.client)),
        ("information-governance", "retentionSet", json!({ "years": 3, "version": 1 })),
        (
            "information-governance",
            "legalHoldPlace",
            json!({ "clientId": t.guarded.client, "reference": "Inquiry 9", "reason": "An inquiry asks for it." }),
        ),
        (
            "information-governance",
            "legalHoldLift",
            json!({ "legalHoldId": t.hold, "version": 1, "reason": "The claim is settled." }),
        ),
        ("administrator", "organisationRegister", json!({ "name": "Brand New Body", "kind": "OTHER" })),
        (
            "administrator",
            "organisationUpdate",
            json!({ "organisationId": demo::SHELTER.global(), "version": 1, "name": "Lantern Shelter", "addAlias": "The Lantern" }),
        ),
        (
            "administrator",
            "organisationMerge",
            json!({ "organisationId": t.bodies[0], "intoId": t.bodies[1], "version": 1, "reason": "A misspelling." }),
        ),
        (
            "administrator",
            "organisationUnmerge",
            json!({ "organisationId": t.bodies[2], "version": 2, "reason": "Two houses after all." }),
        ),
        (
            "administrator",
            "organisationContactAdd",
            json!({
                "organisationId": t.bodies[1], "name": "Rosa Lindqvist", "role": "Duty manager", "email": "duty@mill.example",
                "phone": "01865 496001", "note": "Mornings.",
            }),
        ),
        ("administrator", "organisationContactEnd", json!({ "contactId": t.contact, "version": 1 })),
        ("administrator", "teamRegister", json!({ "organisationId": harbour, "name": "South" })),
        (
            "administrator",
            "teamSetIntakeProfile",
            json!({ "teamId": demo::NORTH.global(), "version": 1, "refuses": ["HOUSING"] }),
        ),
        (
            "team-manager",
            "teamStateRoom",
            json!({ "teamId": demo::NORTH.global(), "version": 1, "room": 3, "digitalWorkerIds": [t.worker] }),
        ),
        (
            "administrator",
            "serviceRegister",
            json!({
                "organisationId": harbour, "teamId": demo::NORTH.global(), "name": "Advice", "description": "Advice.",
                "criteria": "Anybody.", "area": "North", "contact": "By phone",
            }),
        ),
        (
            "administrator",
            "serviceStateCriteria",
            json!({
                "serviceId": demo::DROP_IN.global(), "version": 1, "availability": "WAITING_LIST", "waitDays": 3, "minAge": 18,
                "maxAge": 64, "needs": ["HOMELESS"], "postcodeAreas": ["OX16"], "languages": ["en"], "words": "Adults.",
            }),
        ),
        (
            "administrator",
            "membershipGrant",
            json!({ "issuer": "i", "subject": "s", "name": "New Person", "organisationId": harbour, "roles": ["REFERRER"], "teamIds": [demo::NORTH.global()] }),
        ),
        ("administrator", "membershipEnd", json!({ "membershipId": t.membership, "version": 1 })),
        (
            "administrator",
            "likelyDuplicateDecide",
            json!({ "likelyDuplicateId": t.likeness, "decision": "DIFFERENT" }),
        ),
        // The last: for who is not named the record is gone.
        (
            "team-manager",
            "clientSeal",
            json!({ "clientId": t.guarded.client, "personIds": [t.manager, t.worker], "reason": "A colleague's brother." }),
        ),
    ]
}

/// The names of the schema's mutations, sorted.
pub async fn mutations(world: &World) -> Vec<String> {
    let schema = "{ __schema { mutationType { fields { name } } } }";
    let there = world.data("support-worker", schema, json!({})).await;
    let fields = there["__schema"]["mutationType"]["fields"].as_array().expect("a list");
    let mut names: Vec<_> = fields.iter().map(|f| id_of(&f["name"])).collect();
    names.sort();
    names
}

pub fn errors(payload: &Value) -> Vec<(String, String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let list = payload["userErrors"].as_array().expect("a list");
    list.iter()
        .map(|e| {
            let path: Vec<_> = e["field"].as_array().expect("a path").iter().map(text).collect();
            (text(&e["code"]), text(&e["message"]), path.join("."))
        })
        .collect()
}

pub fn error(code: &str, message: &str, path: &str) -> (String, String, String) {
    (code.to_owned(), message.to_owned(), path.to_owned())
}

/// A call with one value put in somewhere.
pub fn put(call: &Value, pointer: &str, value: Value) -> Value {
    let mut input = call.clone();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let place = input.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer} in {call}"));
    match place {
        Value::Array(list) => list[key.parse::<usize>().expect("an index")] = value,
        other => other[key] = value,
    }
    input
}

pub fn checking(input: &Value) -> Value {
    put(input, "/validateOnly", json!(true))
}

pub fn called<'a>(all: &'a [Call], name: &str) -> &'a Call {
    all.iter().find(|(_, n, _)| *n == name).unwrap_or_else(|| panic!("no {name}"))
}

async fn every_mutation_there_is_would_be_done_as_it_stands(world: World) {
    let t = Things::of(&world).await;
    let all = every_mutation(&t);
    let mut listed: Vec<_> = all.iter().map(|(_, name, _)| (*name).to_owned()).collect();
    listed.sort();
    assert_eq!(listed, mutations(&world).await, "the list of mutations is complete");
    let before = dump(&world).await;
    let mut wrong = Wrong::default();
    for (who, name, input) in &all {
        let payload = world.mutate(who, name, checking(input), "").await;
        wrong.unless(errors(&payload).is_empty(), || format!("{name}: {payload}"));
    }
    assert_eq!(dump(&world).await, before);
    wrong.nothing();
}

/// Texts, by mutation: where they stand, the most characters they may have, and the path that an error names.
const TEXTS: &[(&str, &str, usize, &str)] = &[
    ("referralDraft", "/narratives/0/text", 20_000, "narratives.text"),
    ("referralDraft", "/consent/evidence", 20_000, "consent.evidence"),
    ("referralDraft", "/ground/reason", 20_000, "ground.reason"),
    ("referralDraft", "/senderReference", 200, "senderReference"),
    ("referralWithdraw", "/reason", 20_000, "reason"),
    ("referralRecordClientDecline", "/reason", 20_000, "reason"),
    ("referralRecordClientDecline", "/refusedSignposting", 20_000, "refusedSignposting"),
    ("referralAsk", "/question", 20_000, "question"),
    ("referralAnswer", "/answer", 20_000, "answer"),
    ("referralOffer", "/criteriaSeen", 20_000, "criteriaSeen"),
    ("referralClose", "/text", 20_000, "text"),
    ("referralClose", "/onwardReferral", 20_000, "onwardReferral"),
    ("referralClose", "/refusedSignposting", 20_000, "refusedSignposting"),
    ("referralDecline", "/text", 20_000, "text"),
    ("entryCorrect", "/reason", 500, "reason"),
    ("overrideOpen", "/reason", 20_000, "reason"),
    ("overrideRequest", "/reason", 20_000, "reason"),
    ("overrideRequest", "/givenName", 200, "givenName"),
    ("overrideRequest", "/familyName", 200, "familyName"),
    ("overrideReview", "/reason", 20_000, "reason"),
    ("consentRecord", "/consent/evidence", 20_000, "consent.evidence"),
    ("proxyRecord", "/name", 200, "name"),
    ("proxyRecord", "/neverActsReason", 20_000, "neverActsReason"),
    ("proxyEnd", "/reason", 20_000, "reason"),
    ("proxyExclude", "/reason", 20_000, "reason"),
    ("lawfulBasisRecord", "/scheduleCondition", 500, "scheduleCondition"),
    ("lawfulBasisRecord", "/reason", 20_000, "reason"),
    ("lawfulBasisEnd", "/reason", 20_000, "reason"),
    ("competenceRecord", "/assessedBy", 200, "assessedBy"),
    ("competenceRecord", "/how", 20_000, "how"),
    ("caseReenter", "/consent/evidence", 20_000, "consent.evidence"),
    ("caseMemberAdd", "/role", 500, "role"),
    ("caseMemberRemove", "/reason", 500, "reason"),
    ("noteRecord", "/text", 20_000, "text"),
    ("noteCorrect", "/text", 20_000, "text"),
    ("signpostRecord", "/reason", 500, "reason"),
    ("objectionRecord", "/reason", 20_000, "reason"),
    ("contactProtect", "/reason", 20_000, "reason"),
    ("contactPreferenceRecord", "/reason", 20_000, "reason"),
    ("restrictionLift", "/reason", 20_000, "reason"),
    ("clientSeal", "/reason", 20_000, "reason"),
    ("legalGatewayAsk", "/reference", 500, "reference"),
    ("legalGatewayAsk", "/reason", 20_000, "reason"),
    ("legalGatewayDecide", "/reason", 20_000, "reason"),
    ("legalGatewayDecide", "/withholdReason", 500, "withholdReason"),
    ("legalGatewayEnd", "/reason", 500, "reason"),
    ("legalHoldPlace", "/reference", 500, "reference"),
    ("legalHoldPlace", "/reason", 20_000, "reason"),
    ("legalHoldLift", "/reason", 20_000, "reason"),
    ("outwardDisclosureRecord", "/recipient", 200, "recipient"),
    ("outwardDisclosureRecord", "/reference", 500, "reference"),
    ("outwardDisclosureRecord", "/summary", 20_000, "summary"),
    ("outwardDisclosureRecord", "/withholdReason", 500, "withholdReason"),
    ("organisationMerge", "/reason", 500, "reason"),
    ("organisationUnmerge", "/reason", 500, "reason"),
    ("organisationContactAdd", "/name", 200, "name"),
    ("organisationContactAdd", "/role", 500, "role"),
    ("organisationContactAdd", "/email", 254, "email"),
    ("organisationContactAdd", "/note", 500, "note"),
    ("teamRegister", "/name", 200, "name"),
    ("serviceRegister", "/name", 200, "name"),
    ("serviceRegister", "/description", 20_000, "description"),
    ("serviceRegister", "/criteria", 20_000, "criteria"),
    ("serviceRegister", "/area", 500, "area"),
    ("serviceRegister", "/contact", 500, "contact"),
    ("serviceStateCriteria", "/words", 20_000, "words"),
    ("membershipGrant", "/issuer", 500, "issuer"),
    ("membershipGrant", "/subject", 500, "subject"),
    ("membershipGrant", "/name", 200, "name"),
];

/// Texts of sections: a section, where its text stands, the most characters, and the path below the section's.
const SECTION_TEXTS: &[(&str, &str, usize, &str)] = &[
    (r#"{"name":{"given":"A","family":"B"}}"#, "/name/given", 200, ".given"),
    (r#"{"name":{"given":"A","family":"B"}}"#, "/name/family", 200, ".family"),
    (r#"{"name":{"given":"A","family":"B"}}"#, "/name/preferred", 200, ".preferred"),
    (r#"{"name":{"given":"A","family":"B"}}"#, "/name/pronouns", 200, ".pronouns"),
    (r#"{"contact":{"addressLines":["1 Row"]}}"#, "/contact/addressLines/0", 200, ".addressLines"),
    (r#"{"contact":{}}"#, "/contact/phone", 40, ".phone"),
    (r#"{"contact":{}}"#, "/contact/email", 254, ".email"),
    (r#"{"contact":{}}"#, "/contact/safeWays", 500, ".safeWays"),
    (
        r#"{"household":{"members":[{"name":"A","relationship":"Sister"}]}}"#,
        "/household/members/0/name",
        200,
        ".members.name",
    ),
    (
        r#"{"household":{"members":[{"name":"A","relationship":"Sister"}]}}"#,
        "/household/members/0/relationship",
        200,
        ".members.relationship",
    ),
    (r#"{"housing":{}}"#, "/housing/landlord", 200, ".landlord"),
    (r#"{"housing":{}}"#, "/housing/text", 20_000, ".text"),
    (r#"{"text":{"category":"RISK","text":"A"}}"#, "/text/text", 20_000, ""),
];

async fn a_text_is_neither_empty_nor_too_long_nor_has_control_characters(world: World) {
    let t = Things::of(&world).await;
    let all = every_mutation(&t);
    let mut calls: Vec<(&str, &str, Value, String, usize, String)> = Vec::new();
    for (name, pointer, limit, path) in TEXTS {
        let (who, _, input) = called(&all, name);
        let mut input = input.clone();
        if pointer.starts_with("/ground") {
            input["ground"] = json!({ "code": "CHILD_AT_RISK", "reason": "x" });
        }
        if *pointer == "/withholdReason" {
            input["tell"] = json!("WITHHOLD");
            input["withholdUntil"] = json!("2027-03-01T00:00:00Z");
        }
        calls.push((who, name, input, (*pointer).to_owned(), *limit, (*path).to_owned()));
    }
    for (section, pointer, limit, path) in SECTION_TEXTS {
        let section: Value = serde_json::from_str(section).unwrap();
        let (who, _, input) = called(&all, "entryRecord");
        let input = put(input, "/section", section.clone());
        calls.push((who, "entryRecord", input, format!("/section{pointer}"), *limit, format!("section{path}")));
        let (who, _, input) = called(&all, "referralDraft");
        let input = put(input, "/sections", json!([section]));
        calls.push((who, "referralDraft", input, format!("/sections/0{pointer}"), *limit, format!("sections{path}")));
    }
    let before = dump(&world).await;
    let mut wrong = Wrong::default();
    for (who, name, input, pointer, limit, path) in calls {
        let longest = format!("@{}", "é".repeat(limit - 1));
        let fits = world.mutate(who, name, checking(&put(&input, &pointer, json!(longest))), "").await;
        wrong.unless(errors(&fits).is_empty(), || format!("{name}{pointer}, {limit} characters: {fits}"));
        for (text, message) in [
            (format!("{longest}é"), format!("Must not be longer than {limit} characters.")),
            (" \t\r\n\u{a0}".to_owned(), "Must not be empty.".to_owned()),
            (String::new(), "Must not be empty.".to_owned()),
            ("a\u{0}b".to_owned(), "Must not contain control characters.".to_owned()),
            ("a\u{7}b".to_owned(), "Must not contain control characters.".to_owned()),
            ("a\u{9b}b".to_owned(), "Must not contain control characters.".to_owned()),
        ] {
            let told = errors(&world.mutate(who, name, put(&input, &pointer, json!(text)), "").await);
            let expected = [error("INVALID", &message, &path)];
            wrong.unless(told == expected, || format!("{name}{pointer} {:.9?}: {told:?}, not {expected:?}", text));
        }
    }
    assert_eq!(dump(&world).await, before);
    wrong.nothing();
}

async fn a_name_in_the_registry_is_a_name(world: World) {
    let t = Things::of(&world).await;
    let all = every_mutation(&t);
    let before = dump(&world).await;
    let mut wrong = Wrong::default();
    let long = "é".repeat(201);
    for (name, field) in
        [("organisationRegister", "name"), ("organisationUpdate", "name"), ("organisationUpdate", "addAlias")]
    {
        let (who, _, input) = called(&all, name);
        let at = format!("/{field}");
        let fits = world.mutate(who, name, checking(&put(input, &at, json!(&long[2..]))), "").await;
        wrong.unless(errors(&fits).is_empty(), || format!("{name}{at}: {fits}"));
        for (text, message) in [
            (long.as_str(), "The name is longer than 200 characters."),
            ("  ", "The name is empty."),
            ("a\u{0}b", "The name holds a line break or an invisible character; type it again."),
            ("a\nb", "The name holds a line break or an invisible character; type it again."),
            ("a\u{202e}b", "The name holds a line break or an invisible character; type it again."),
            ("=1+1", "The name begins with =, +, - or @, which a spreadsheet would run as a formula."),
            ("12 34", "The name holds no letter."),
        ] {
            let told = errors(&world.mutate(who, name, put(input, &at, json!(text)), "").await);
            let expected = [error("INVALID", message, field)];
            wrong.unless(told == expected, || format!("{name}{at} {text:.9?}: {told:?}, not {expected:?}"));
        }
    }
    assert_eq!(dump(&world).await, before);
    wrong.nothing();
}

async fn a_value_that_cannot_be_is_refused(world: World) {
    let t = Things::of(&world).await;
    let all = every_mutation(&t);
    let before = dump(&world).await;
    let mut wrong = Wrong::default();
    let member = json!({ "name": "A", "relationship": "Child" });
    let table: Vec<(Value, &str, &str)> = vec![
        (json!({ "birth": { "date": "2026-04-02" } }), "date", "Lies in the future."),
        (json!({ "birth": { "date": "9999-12-31" } }), "date", "Lies in the future."),
        (json!({ "birth": { "date": "1890-01-01" } }), "date", "Is more than 130 years ago."),
        (json!({ "birth": { "date": "0001-01-01" } }), "date", "Is more than 130 years ago."),
        (json!({ "contact": { "email": "nobody" } }), "email", "Is not an email address."),
        (json!({ "contact": { "addressLines": vec!["a"; 9] } }), "addressLines", "Has more than 8 lines."),
        (json!({ "household": { "members": vec![member; 31] } }), "members", "Has more than 30 members."),
        (json!({ "housing": { "arrearsPence": -1 } }), "arrearsPence", "Must lie between 0 and 100000000 pence."),
        (
            json!({ "housing": { "arrearsPence": 100_000_001 } }),
            "arrearsPence",
            "Must lie between 0 and 100000000 pence.",
        ),
        (
            json!({ "housing": { "arrearsPence": i64::MAX } }),
            "arrearsPence",
            "Must lie between 0 and 100000000 pence.",
        ),
        (json!({ "text": { "category": "CONTACT", "text": "x" } }), "", "This category has no section of its own."),
        (
            json!({ "text": { "category": "INVOLVEMENT", "text": "x" } }),
            "",
            "This category has no section of its own.",
        ),
        (
            json!({ "text": { "category": "CASE_NOTES", "text": "x" } }),
            "",
            "This category has no section of its own.",
        ),
    ];
    for (section, field, message) in table {
        for (name, at, path) in [("entryRecord", "/section", "section"), ("referralDraft", "/sections/0", "sections")]
        {
            let (who, _, input) = called(&all, name);
            let told = errors(&world.mutate(who, name, put(input, at, section.clone()), "").await);
            let path = if field.is_empty() { path.to_owned() } else { format!("{path}.{field}") };
            let expected = [error("INVALID", message, &path)];
            wrong.unless(told == expected, || format!("{name} {section:.60}: {told:?}, not {expected:?}"));
        }
    }
    // Values that their scalar refuses do not reach the mutation.
    let query = "mutation M($input: EntryRecordInput!) { entryRecord(input: $input) { userErrors { code } } }";
    let (_, _, entry) = called(&all, "entryRecord");
    for (section, message) in [
        (json!({ "birth": { "date": "2023-02-29" } }), "is not a date that exists, written YYYY-MM-DD"),
        (json!({ "birth": { "date": "29/02/2024" } }), "is not a date that exists, written YYYY-MM-DD"),
        (json!({ "birth": { "date": "2024-02-29T00:00:00Z" } }), "is not a date that exists, written YYYY-MM-DD"),
        (json!({ "birth": { "date": 20_240_229 } }), "Date"),
        (json!({ "housing": { "noticeExpiresOn": "2026-06-31" } }), "is not a date that exists, written YYYY-MM-DD"),
        (json!({ "housing": { "arrearsPence": 1.5 } }), "Int"),
        (json!({ "housing": { "arrearsPence": 9_223_372_036_854_775_808_u64 } }), "Int"),
        (json!({ "housing": { "tenure": "CASTLE" } }), "CASTLE"),
        (json!({ "contact": { "postcode": "OX1" } }), "is not a UK postcode"),
        (json!({ "contact": { "addressLines": [1] } }), "String"),
        (json!({ "name": { "given": "A" } }), "family"),
        (json!({ "name": { "given": "A", "family": null } }), "family"),
        (json!({ "name": { "given": "A", "family": "B", "title": "Dr" } }), "title"),
        (json!({ "text": { "category": "EVERYTHING", "text": "x" } }), "EVERYTHING"),
        (json!({ "contact": {}, "housing": {} }), "Oneof input objects requires have exactly one field"),
        (json!({}), "Oneof input objects requires have exactly one field"),
        (json!({ "birth": null }), ""),
        (json!(null), "section"),
    ] {
        let variables = json!({ "input": put(entry, "/section", section.clone()) });
        let told =
            raw(&world, Some("application/json"), json!({ "query": query, "variables": variables }).to_string())
                .await;
        let right = told.0 == 200 && told.1 == "BAD_REQUEST" && told.2.contains(message);
        wrong.unless(right, || format!("{section}: {told:?}, not {message}"));
    }
    // Mutations whose values must fit each other.
    let no_next = "Nobody is left without a next step: signpost the person, name the onward referral, or record that signposting was refused.";
    for (name, pointer, value, expected) in [
        ("referralDecline", "/text", json!(null), error("INVALID", "OTHER needs words.", "text")),
        ("referralClose", "/text", json!(null), error("INVALID", "OTHER needs words.", "text")),
        ("referralClose", "/onwardReferral", json!(null), error("DEAD_END", no_next, "")),
        (
            "referralClose",
            "/outcome",
            json!("WITHDRAWN_BY_REFERRER"),
            error("INVALID", "This outcome is not for this step.", "outcome"),
        ),
        (
            "referralOffer",
            "/teamId",
            json!(demo::HUB.global()),
            error(
                "INVALID",
                "A referral is offered to a team of a partner agency. Signpost to others instead.",
                "teamId",
            ),
        ),
        ("caseMemberAdd", "/agreed", json!([]), error("INVALID", "Name at least one category.", "agreed")),
        (
            "caseMemberAdd",
            "/agreed",
            json!(["HOUSING", "HEALTH"]),
            error("SHARING_WIDER_THAN_CONSENT", "Consent does not cover HEALTH for this agency.", "agreed"),
        ),
        (
            "caseMemberAdd",
            "/teamId",
            json!(demo::SOLICITORS.global()),
            error("ALREADY_EXISTS", "The team is on the case already.", "teamId"),
        ),
        ("membershipGrant", "/roles", json!([]), error("INVALID", "Name at least one role.", "roles")),
        (
            "membershipGrant",
            "/roles",
            json!(["CLIENT"]),
            error("INVALID", "A client's token is bound to the client, not to an organisation.", "roles"),
        ),
        (
            "membershipGrant",
            "/teamIds/0",
            json!(demo::SOLICITORS.global()),
            error("NOT_FOUND", "There is no such thing.", "teamIds"),
        ),
        (
            "teamSetIntakeProfile",
            "/refuses",
            json!(["NAME"]),
            error(
                "INVALID",
                "Even the strictest intake profile takes NAME, CONTACT, ACCESS_NEEDS and LONE_WORKING.",
                "refuses",
            ),
        ),
        (
            "organisationUpdate",
            "/parentId",
            json!(demo::SHELTER.global()),
            error("INVALID", "An organisation is not its own parent.", "parentId"),
        ),
        (
            "organisationRegister",
            "/name",
            json!("harbour  HOUSING support"),
            error("ALREADY_EXISTS", "An organisation is registered under this name.", "name"),
        ),
        (
            "organisationMerge",
            "/intoId",
            json!(t.bodies[0]),
            error("INVALID", "An organisation is not merged into itself.", "intoId"),
        ),
        (
            "organisationMerge",
            "/organisationId",
            json!(demo::LOCKWELL.global()),
            error(
                "NOT_ALLOWED",
                "A partner agency is one body with nobody: let the other take no part any more instead.",
                "organisationId",
            ),
        ),
        (
            "organisationMerge",
            "/intoId",
            json!(t.bodies[2]),
            error("ILLEGAL_TRANSITION", "It was merged into Mill Advice: use that one.", "intoId"),
        ),
        (
            "organisationContactAdd",
            "/email",
            json!("duty at mill"),
            error("INVALID", "Is not an email address.", "email"),
        ),
        (
            "organisationContactAdd",
            "/phone",
            json!("by appointment"),
            error("INVALID", "Is not a phone number.", "phone"),
        ),
        (
            "organisationContactAdd",
            "/organisationId",
            json!(t.bodies[2]),
            error("INVALID", "It was merged into Mill Advice: use that one.", "organisationId"),
        ),
        (
            "membershipGrant",
            "/organisationId",
            json!(t.bodies[2]),
            error("INVALID", "It was merged into Mill Advice: use that one.", "organisationId"),
        ),
        (
            "teamRegister",
            "/organisationId",
            json!(t.bodies[2]),
            error("INVALID", "It was merged into Mill Advice: use that one.", "organisationId"),
        ),
        (
            "serviceRegister",
            "/organisationId",
            json!(t.bodies[2]),
            error("INVALID", "It was merged into Mill Advice: use that one.", "organisationId"),
        ),
        (
            "consentRecord",
            "/consent/recipients/0",
            json!(t.bodies[2]),
            error("INVALID", "It was merged into Mill Advice: use that one.", "consent.recipients"),
        ),
        (
            "organisationUpdate",
            "/parentId",
            json!(t.bodies[2]),
            error("INVALID", "It was merged into Mill Advice: use that one.", "parentId"),
        ),
        (
            "organisationRegister",
            "/name",
            json!("the MILL"),
            error("ALREADY_EXISTS", "This name belongs to Mill Advice, into which its holder was merged.", "name"),
        ),
        (
            "organisationUpdate",
            "/addAlias",
            json!("The Mill"),
            error(
                "ALREADY_EXISTS",
                "This name belongs to Mill Advice, into which its holder was merged.",
                "addAlias",
            ),
        ),
        (
            "likelyDuplicateDecide",
            "/decision",
            json!("UNDECIDED"),
            error("INVALID", "Decide SAME or DIFFERENT.", "decision"),
        ),
        (
            "entryCorrect",
            "/section",
            json!({ "text": { "category": "FINANCE", "text": "x" } }),
            error("INVALID", "A correction stays in the category it corrects.", "section"),
        ),
    ] {
        let (who, _, input) = called(&all, name);
        let told = errors(&world.mutate(who, name, put(input, pointer, value), "").await);
        wrong.unless(told == [expected.clone()], || format!("{name}{pointer}: {told:?}, not {expected:?}"));
    }
    assert_eq!(dump(&world).await, before);
    wrong.nothing();
}

async fn a_consent_that_cannot_be_relied_on_is_refused(world: World) {
    let t = Things::of(&world).await;
    let all = every_mutation(&t);
    let before = dump(&world).await;
    let mut wrong = Wrong::default();
    let after = "Must lie after the giving, and after now.";
    for (field, value, code, message) in [
        ("expiresAt", json!("2028-04-02T09:30:00Z"), "CONSENT_TOO_LONG", "A consent lasts at most two years."),
        ("expiresAt", json!("9999-12-31T23:59:59Z"), "CONSENT_TOO_LONG", "A consent lasts at most two years."),
        ("expiresAt", json!("2026-04-01T08:59:59Z"), "INVALID", after),
        ("expiresAt", json!("1970-01-01T00:00:00Z"), "INVALID", after),
        ("givenAt", json!("2026-04-02T00:00:00Z"), "INVALID", "Lies in the future."),
        ("recipients", json!([]), "CONSENT_WITHOUT_RECIPIENTS", "Name at least one organisation, or all partners."),
        ("recipients", json!(null), "CONSENT_WITHOUT_RECIPIENTS", "Name at least one organisation, or all partners."),
        ("purposes", json!([]), "INVALID", "Name at least one purpose."),
        ("categories", json!([]), "INVALID", "Name at least one category."),
    ] {
        for name in ["referralDraft", "consentRecord", "caseReenter"] {
            let (who, _, input) = called(&all, name);
            let told =
                errors(&world.mutate(who, name, put(input, &format!("/consent/{field}"), value.clone()), "").await);
            let expected = [error(code, message, &format!("consent.{field}"))];
            wrong.unless(told == expected, || format!("{name} {field} {value}: {told:?}, not {expected:?}"));
        }
    }
    // Everything that is wrong is told at once.
    let (who, name, input) = called(&all, "consentRecord");
    let bad = json!({
        "recipients": [], "purposes": [], "categories": [], "givenBy": "CLIENT", "givenHow": "VERBAL", "evidence": "",
        "givenAt": "2030-01-01T00:00:00Z", "expiresAt": "2029-01-01T00:00:00Z",
    });
    let told = errors(&world.mutate(who, name, put(input, "/consent", bad), "").await);
    let paths: Vec<_> = told.iter().map(|(.., path)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "consent.evidence",
            "consent.givenAt",
            "consent.expiresAt",
            "consent.purposes",
            "consent.categories",
            "consent.recipients"
        ]
    );
    // Moments that are none.
    let query = "mutation M($input: ConsentRecordInput!) { consentRecord(input: $input) { userErrors { code } } }";
    for moment in [
        json!("2027-02-29T00:00:00Z"),
        json!("2027-03-01"),
        json!("tomorrow"),
        json!(0),
        json!("2027-03-01T25:00:00Z"),
    ] {
        let variables = json!({ "input": put(input, "/consent/expiresAt", moment.clone()) });
        let told =
            raw(&world, Some("application/json"), json!({ "query": query, "variables": variables }).to_string())
                .await;
        wrong.unless(told.1 == "BAD_REQUEST" && told.2.contains("DateTime"), || format!("{moment}: {told:?}"));
    }
    // Two years to the day are allowed.
    let longest = put(input, "/consent/expiresAt", json!("2028-04-01T09:00:00Z"));
    assert!(errors(&world.mutate(who, name, checking(&longest), "").await).is_empty());
    assert_eq!(dump(&world).await, before);
    wrong.nothing();
}

async fn a_draft_is_submitted_under_consent_that_names_what_is_special(world: World) {
    let mut wrong = Wrong::default();
    let needs = "Submitting needs the person's consent to the referral, or a coded ground with a reason.";
    let unnamed = "The consent to the referral does not name HEALTH. Leave it out, or ask the person.";
    let nobody = "The referral does not say who the person is: record a name.";
    let without = |keep: fn(&Value) -> bool| {
        let mut d = draft("Loom");
        d["sections"].as_array_mut().unwrap().retain(keep);
        d
    };
    let nameless = without(|s| s.get("name").is_none());
    let mut alone = without(|s| s.get("text").is_none_or(|t| t["category"] != "HEALTH"));
    alone["narratives"] = json!([]);
    alone["consent"] = json!(null);
    let mut silent = draft("Loom");
    silent["consent"]["categories"] = json!(["NAME", "HOUSING"]);
    let mut elsewhere = draft("Loom");
    elsewhere["consent"]["recipients"] = json!([demo::LOCKWELL.global()]);
    let mut purpose = draft("Loom");
    purpose["consent"]["purposes"] = json!(["CASE_COORDINATION"]);
    let mut ground = draft("Loom");
    ground["consent"] = json!(null);
    ground["ground"] = json!({ "code": "SERIOUS_HARM_TO_SELF", "reason": "May come to harm." });
    for (what, drafted, expected) in [
        ("no name", nameless, vec![error("INVALID", nobody, "")]),
        ("no consent", alone, vec![error("CONSENT_REQUIRED", needs, "")]),
        ("HEALTH not named", silent, vec![error("SPECIAL_CATEGORY_NOT_NAMED", unnamed, "")]),
        (
            "consent to somebody else",
            elsewhere,
            vec![error("CONSENT_REQUIRED", needs, ""), error("SPECIAL_CATEGORY_NOT_NAMED", unnamed, "")],
        ),
        (
            "consent to something else",
            purpose,
            vec![error("CONSENT_REQUIRED", needs, ""), error("SPECIAL_CATEGORY_NOT_NAMED", unnamed, "")],
        ),
        ("a ground, and HEALTH", ground, vec![error("SPECIAL_CATEGORY_NOT_NAMED", unnamed, "")]),
    ] {
        let made = world.done("referrer", "referralDraft", drafted, "referral { id }").await;
        let before = dump(&world).await;
        let submit = json!({ "referralId": made["referral"]["id"], "version": 1 });
        let told = errors(&world.mutate("referrer", "referralSubmit", submit, "").await);
        wrong.unless(told == expected, || format!("{what}: {told:?}, not {expected:?}"));
        wrong.unless(dump(&world).await == before, || format!("{what}: something changed"));
    }
    // A consent that has run out by then is none.
    let mut short = draft("Loom");
    short["consent"]["expiresAt"] = json!("2026-04-11T00:00:00Z");
    let made = world.done("referrer", "referralDraft", short, "referral { id }").await;
    let submit = json!({ "referralId": made["referral"]["id"], "version": 1 });
    assert!(errors(&world.mutate("referrer", "referralSubmit", checking(&submit), "").await).is_empty());
    world.clock.pass_days(11);
    let told = errors(&world.mutate("referrer", "referralSubmit", submit, "").await);
    wrong.unless(
        told == [error("CONSENT_REQUIRED", needs, ""), error("SPECIAL_CATEGORY_NOT_NAMED", unnamed, "")],
        || format!("run out: {told:?}"),
    );
    wrong.nothing();
}

/// Where ids stand in an input.
pub fn ids_in(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, below) in fields {
                let at = format!("{at}/{key}");
                if key.ends_with("Id") {
                    found.push(at);
                } else if ["recipients", "teamIds", "personIds"].contains(&key.as_str()) {
                    found.push(format!("{at}/0"));
                } else {
                    ids_in(below, &at, found);
                }
            }
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(i, below)| ids_in(below, &format!("{at}/{i}"), found))
        }
        _ => {}
    }
}

async fn an_id_of_another_type_is_an_unknown_id(world: World) {
    let t = Things::of(&world).await;
    let all = every_mutation(&t);
    let before = dump(&world).await;
    let mut wrong = Wrong::default();
    let mut tried = 0;
    for (who, name, input) in &all {
        let mut places = Vec::new();
        let mut input = input.clone();
        if *name == "referralAccept" {
            input["workerId"] = json!("person_1");
        }
        if *name == "organisationUpdate" || *name == "organisationRegister" {
            input["parentId"] = json!(demo::HARBOUR.global());
        }
        ids_in(&input, "", &mut places);
        for pointer in places {
            let given = input.pointer(&pointer).and_then(Value::as_str).unwrap().to_owned();
            let (tag, hex) = given.split_once('_').unwrap();
            let another = if tag == "case" { "client" } else { "case" };
            for bad in [
                json!(format!("{another}_{hex}")),
                json!(format!("{tag}_0123456789abcdef0123456789abcdef")),
                json!(format!("{tag}_{}", hex.to_uppercase())),
                json!(format!("{given} ")),
                json!(hex),
                json!(""),
                json!(7),
                json!("\u{0}"),
                json!(format!("{tag}_\u{0}")),
                json!("x".repeat(5_000)),
                json!("' OR 1 = 1 --"),
            ] {
                if hex.to_uppercase() == hex && bad == json!(format!("{tag}_{}", hex.to_uppercase())) {
                    continue;
                }
                tried += 1;
                let answer =
                    world.ask(who, &document(name), json!({ "input": put(&input, &pointer, bad.clone()) })).await;
                let told = if answer.get("errors").is_some() { Vec::new() } else { errors(&answer["data"][name]) };
                let path = pointer.trim_start_matches('/').trim_end_matches("/0").replace('/', ".");
                let right = told.len() == 1 && told[0].0 == "NOT_FOUND" && told[0].2 == path;
                wrong.unless(right, || format!("{name}{pointer} {:.60}: {answer:.200}", bad.to_string()));
            }
        }
    }
    assert!(tried > 300, "{tried}");
    assert_eq!(dump(&world).await, before);
    wrong.nothing();
}

/// A mutation's document.
pub fn document(name: &str) -> String {
    let mut t = name.to_owned();
    t[..1].make_ascii_uppercase();
    format!("mutation M($input: {t}Input!) {{ {name}(input: $input) {{ userErrors {{ code message field }} }} }}")
}

async fn a_version_that_never_was_is_a_conflict(world: World) {
    let t = Things::of(&world).await;
    let all = every_mutation(&t);
    let before = dump(&world).await;
    let mut wrong = Wrong::default();
    let versioned: Vec<_> = all.iter().filter(|(.., input)| input.get("version").is_some()).collect();
    assert_eq!(versioned.len(), 39, "every update takes a version");
    for (who, name, input) in versioned {
        for version in
            [0, -1, 2_147_483_647, 2_147_483_648, -2_147_483_649, 9_007_199_254_740_993, i64::MAX, i64::MIN]
        {
            let told = errors(&world.mutate(who, name, put(input, "/version", json!(version)), "").await);
            let words = "It was changed since you read it. Read it again and decide again.";
            wrong.unless(told == [error("CONFLICT", words, "version")], || format!("{name} {version}: {told:?}"));
        }
        for version in [
            json!("1"),
            json!(1.0),
            json!(1.5),
            json!(9_223_372_036_854_775_808_u64),
            json!(1e30),
            json!(null),
            json!(true),
            json!([1]),
        ] {
            if version == json!([1]) {
                continue;
            }
            let variables = json!({ "input": put(input, "/version", version.clone()) });
            let answer = world.ask(who, &document(name), variables).await;
            let code = answer["errors"][0]["extensions"]["code"].as_str();
            wrong.unless(code == Some("BAD_REQUEST"), || format!("{name} {version}: {answer}"));
        }
    }
    assert_eq!(dump(&world).await, before);
    wrong.nothing();
}

async fn a_page_that_is_none_is_refused(world: World) {
    let t = Things::of(&world).await;
    let mut wrong = Wrong::default();
    let size = "A page has 1 to 100 items.";
    let both = "Ask for `first` or `last`, not both.";
    let goes = "`after` goes with `first`, `before` with `last`.";
    let cursor = "The cursor is not one of this list.";
    let mut table: Vec<(&str, String, &str)> = Vec::new();
    let case =
        |inner: &str| format!("sharedCase(id: \"{}\") {{ {inner} {{ pageInfo {{ hasNextPage }} }} }}", t.case.case);
    let client =
        |inner: &str| format!("client(id: \"{}\") {{ {inner} {{ pageInfo {{ hasNextPage }} }} }}", t.case.client);
    let root = |field: &str| format!("{field} {{ pageInfo {{ hasNextPage }} }}");
    let two_ways = ["clients", "referrals", "sharedCases"];
    for (who, field) in [
        ("support-worker", "clients"),
        ("support-worker", "referrals"),
        ("support-worker", "sharedCases"),
        ("support-worker", "inbox"),
        ("administrator", "organisations"),
        ("administrator", "services"),
        ("administrator", "likelyDuplicates"),
        ("administrator", "memberships"),
        ("administrator", "supervisions"),
        ("information-governance", "legalHolds"),
    ] {
        let plain = root(field);
        wrong.unless(
            world.ask(who, &format!("query Q {{ {plain} }}"), json!({})).await.get("errors").is_none(),
            || plain.clone(),
        );
        for first in ["0", "-1", "101", "2147483647", "-2147483648"] {
            table.push((who, root(&format!("{field}(first: {first})")), size));
        }
        table.push((who, root(&format!("{field}(first: 2147483648)")), "Int"));
        table.push((who, root(&format!("{field}(first: 1.0)")), "Int"));
        for bad in ["x", "", "client_1", "person_0123456789abcdef0123456789abcdef", "\u{0}", "' OR 1 = 1 --"] {
            table.push((who, root(&format!("{field}(after: {})", json!(bad))), cursor));
        }
        if two_ways.contains(&field) {
            for last in ["0", "-1", "101"] {
                table.push((who, root(&format!("{field}(last: {last})")), size));
            }
            table.push((who, root(&format!("{field}(first: 1, last: 1)")), both));
            table.push((who, root(&format!("{field}(before: \"x\")")), goes));
            table.push((who, root(&format!("{field}(first: 1, before: \"x\")")), goes));
            table.push((who, root(&format!("{field}(last: 1, after: \"x\")")), goes));
        }
    }
    for inner in ["referrals", "sharedCases"] {
        for (arguments, message) in
            [("first: 0", size), ("first: 101", size), ("first: -5", size), ("after: \"x\"", cursor)]
        {
            table.push(("support-worker", client(&format!("{inner}({arguments})")), message));
        }
    }
    for (arguments, message) in [("first: 0", size), ("first: 101", size), ("after: \"x\"", cursor)] {
        table.push(("support-worker", case(&format!("notes({arguments})")), message));
    }
    let four = "Look for at most four words of a name.";
    table.push(("support-worker", root("clients(filter: { name: \"a b c d e\" })"), four));
    for (who, selection, message) in table {
        let answer = world.ask(who, &format!("query Q {{ {selection} }}"), json!({})).await;
        let error = &answer["errors"][0];
        let right = error["extensions"]["code"] == "BAD_REQUEST"
            && error["message"].as_str().unwrap_or_default().contains(message)
            && !answer.to_string().contains("hasNextPage\":");
        wrong.unless(right, || format!("{selection}: {answer}, not {message}"));
    }
    // What a filter cannot find it does not find, whatever it is made of.
    for text in ["\u{0}", "%", "_", "\\", "'", "\u{202e}", "''; DROP TABLE client"] {
        let filters = "query Q($t: String!) { clients(filter: { name: $t }) { totalCount } organisations(filter: { nameContains: $t }) { totalCount } }";
        let answer = world.ask("support-worker", filters, json!({ "t": text })).await;
        wrong.unless(answer.get("errors").is_none(), || format!("{text:?}: {answer}"));
    }
    wrong.nothing();
}

async fn a_look_up_by_an_id_of_any_shape_is_answered_alike(world: World) {
    let mut wrong = Wrong::default();
    for field in ["client", "referral", "sharedCase", "node", "organisation"] {
        let query = format!("query Q($id: ID!) {{ {field}(id: $id) {{ id }} }}");
        for bad in [
            "",
            "x",
            "\u{0}",
            "client_\u{0}",
            "note_\u{0}\u{7}",
            "case_'; --",
            "\u{10ffff}",
            "client_ffffffffffffffffffffffffffffffff",
        ] {
            let answer = world.ask("support-worker", &query, json!({ "id": bad })).await;
            wrong.unless(answer == json!({ "data": { field: null } }), || format!("{field} {bad:?}: {answer}"));
        }
    }
    wrong.nothing();
}

on_both_databases!(
    a_body_that_does_not_read_is_refused_with_the_reason,
    a_document_that_does_not_fit_the_schema_never_runs,
    every_mutation_there_is_would_be_done_as_it_stands,
    a_text_is_neither_empty_nor_too_long_nor_has_control_characters,
    a_name_in_the_registry_is_a_name,
    a_value_that_cannot_be_is_refused,
    a_consent_that_cannot_be_relied_on_is_refused,
    a_draft_is_submitted_under_consent_that_names_what_is_special,
    an_id_of_another_type_is_an_unknown_id,
    a_version_that_never_was_is_a_conflict,
    a_page_that_is_none_is_refused,
    a_look_up_by_an_id_of_any_shape_is_answered_alike,
);
