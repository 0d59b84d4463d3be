//! Hidden means non-existent (C13), and there are no side doors (C14): ids, lists, counts, cursors, filters, mutations.

use crate::inputs::{Things, dump, errors, every_mutation, gateway, ids_in, outward, put};
use crate::support::marked::marked_draft;
use crate::support::{Travelled, World, draft};
use alliance::domain::clock::Clock;
use alliance::domain::code::Coded;
use alliance::domain::ids::{ClientId, OrganisationId, TypedId};
use alliance::domain::organisation_name::OrganisationKind;
use alliance::domain::referral::ReferralState;
use alliance::domain::role::Role;
use alliance::persistence::organisation::{self, NewOrganisation};
use alliance::service::demo;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tower::ServiceExt;
use uuid::Uuid;

/// Personas who hold no grant on anybody.
pub const STRANGERS: &[&str] =
    &["outside-worker", "canary", "commissioner", "administrator", "information-governance", "safeguarding-lead"];

/// An answer down to the last byte, the request's own id aside, and the statements it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
    statements: u64,
}

/// Asks, and keeps everything of the answer.
pub async fn look(world: &World, who: &str, query: &str, variables: &Value) -> Answer {
    let before = world.statements();
    let request = Request::post("/graphql")
        .header("authorization", format!("Bearer {}", world.token(who)))
        .header("content-type", "application/json")
        .body(Body::from(json!({ "query": query, "variables": variables }).to_string()))
        .expect("a request");
    let (status, headers, bytes) = world.send(request).await;
    let mut headers: Vec<_> = headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id")
        .map(|(name, value)| (name.to_string(), format!("{value:?}")))
        .collect();
    headers.sort();
    Answer {
        status: status.as_u16(),
        headers,
        body: String::from_utf8(bytes).expect("text"),
        statements: world.statements() - before,
    }
}

/// Asks an instance; the body of its answer.
pub async fn look_through(world: &World, router: &Router, who: &str, query: &str, variables: &Value) -> String {
    let request = Request::post("/graphql")
        .header("authorization", format!("Bearer {}", world.token(who)))
        .header("content-type", "application/json")
        .body(Body::from(json!({ "query": query, "variables": variables }).to_string()))
        .expect("a request");
    let body = router.clone().oneshot(request).await.expect("an answer").into_body();
    String::from_utf8(body.collect().await.expect("a body").to_bytes().to_vec()).expect("text")
}

/// Lets what earlier requests left to be done be done, and the viewer be read, so that statements compare.
pub async fn settle(world: &World, who: &str) {
    for _ in 0..2 {
        let nobody = json!({ "id": ClientId(Uuid::nil()).global() });
        look(world, who, "query Q($id: ID!) { client(id: $id) { id } }", &nobody).await;
    }
}

/// The id of a type that nobody has, and what is no id of that type at all.
fn nobodys(id: &str) -> [String; 3] {
    let (tag, hex) = id.split_once('_').expect("a tag");
    [format!("{tag}_0123456789abcdef0123456789abcdef"), format!("{tag}_{}", &hex[1..]), format!("{tag}_nonsense")]
}

/// Selections of everything a type has, made from the schema itself.
pub struct Schema {
    types: BTreeMap<String, Vec<(String, Vec<String>, String)>>,
    unions: BTreeMap<String, Vec<String>>,
}

fn named(mut t: &Value) -> String {
    while t["name"].is_null() {
        t = &t["ofType"];
    }
    t["name"].as_str().expect("a name").to_owned()
}

impl Schema {
    pub async fn of(world: &World) -> Self {
        let t = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
        let query = format!(
            "{{ __schema {{ types {{ name kind possibleTypes {{ name }} fields {{ name args {{ name }} type {{ {t} }} }} }} }} }}"
        );
        let data = world.data("support-worker", &query, json!({})).await;
        let mut all = Self { types: BTreeMap::new(), unions: BTreeMap::new() };
        let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
        let text = |v: &Value| v.as_str().expect("a name").to_owned();
        for t in list(&data["__schema"]["types"]) {
            let name = text(&t["name"]);
            if t["kind"] == "INTERFACE" {
                all.unions.insert(name, list(&t["possibleTypes"]).iter().map(|p| text(&p["name"])).collect());
            } else if t["kind"] == "OBJECT" {
                let fields = list(&t["fields"])
                    .iter()
                    .map(|f| {
                        let arguments = list(&f["args"]).iter().map(|a| text(&a["name"])).collect();
                        (text(&f["name"]), arguments, named(&f["type"]))
                    })
                    .collect();
                all.types.insert(name, fields);
            }
        }
        all
    }

    /// Everything of a type, and of what it leads to so many steps further.
    pub fn all(&self, name: &str, depth: usize) -> String {
        if let Some(possible) = self.unions.get(name) {
            let each: Vec<_> = possible.iter().map(|p| format!("... on {p} {{ {} }}", self.all(p, depth))).collect();
            return format!("__typename {}", each.join(" "));
        }
        let mut parts = vec!["__typename".to_owned()];
        for (field, arguments, of) in self.types.get(name).into_iter().flatten() {
            let page = if arguments.iter().any(|a| a == "first") { "(first: 3)" } else { "" };
            if self.types.contains_key(of) || self.unions.contains_key(of) {
                // Lists of pages lead to the same items twice; once is enough.
                let again = field == "edges" && depth < 3;
                let leaf = !self.leads_on(of);
                let further =
                    if of.ends_with("Connection") || of.ends_with("Edge") { depth } else { depth.saturating_sub(1) };
                if !again && (leaf || depth > 0) {
                    parts.push(format!("{field}{page} {{ {} }}", self.all(of, further)));
                }
            } else {
                parts.push(format!("{field}{page}"));
            }
        }
        parts.join(" ")
    }

    /// Whether a type leads to others that lead on.
    fn leads_on(&self, name: &str) -> bool {
        const ON: &[&str] = &[
            "Client",
            "Referral",
            "SharedCase",
            "Note",
            "Consent",
            "Proxy",
            "LawfulBasis",
            "Signpost",
            "LegalGateway",
            "OutwardDisclosure",
            "Organisation",
        ];
        ON.contains(&name) || name.ends_with("Connection") || name.ends_with("Edge") || self.unions.contains_key(name)
    }
}

/// The root field that finds a type by id, if there is one of its own.
fn root(id: &str) -> (&'static str, Option<&'static str>) {
    match id.split('_').next().expect("a tag") {
        "client" => ("Client", Some("client")),
        "referral" => ("Referral", Some("referral")),
        "case" => ("SharedCase", Some("sharedCase")),
        "note" => ("Note", None),
        "consent" => ("Consent", None),
        "proxy" => ("Proxy", None),
        "basis" => ("LawfulBasis", None),
        "signpost" => ("Signpost", None),
        "inbox" => ("InboxItem", None),
        "override" => ("Override", None),
        "gateway" => ("LegalGateway", None),
        "disclosure" => ("OutwardDisclosure", None),
        other => panic!("{other} is not bound to a client"),
    }
}

async fn a_hidden_id_reads_like_an_unknown_one_and_like_one_that_is_none(world: World) {
    let t = Things::of(&world).await;
    let schema = Schema::of(&world).await;
    let ids = [
        &t.case.client,
        &t.case.referral,
        &t.case.case,
        &t.note,
        &t.consent,
        &t.proxies[0],
        &t.basis,
        &t.signpost,
        &t.gateway,
        &t.granted,
        &t.disclosure,
        &t.inbox,
        &t.overrides[1],
    ];
    let everybody = STRANGERS.iter().copied().chain(["referrer"]);
    for who in everybody {
        settle(&world, who).await;
        for hidden in ids {
            let (of, field) = root(hidden);
            // A referrer sees what it sent, a safeguarding lead what is put before them.
            if (who, of) == ("referrer", "Referral")
                || who == "safeguarding-lead" && ["Override", "LegalGateway"].contains(&of)
            {
                continue;
            }
            // An item of the inbox leads to anything: a step further would be more than a document may hold.
            let everything = schema.all(of, if of == "InboxItem" { 1 } else { 2 });
            let on = format!("id ... on {of} {{ {everything} }}");
            let mut queries = vec![
                format!("query Q($id: ID!) {{ node(id: $id) {{ {on} }} }}"),
                format!("query Q($id: ID!) {{ nodes(ids: [$id, $id]) {{ {on} }} viewer {{ name }} }}"),
            ];
            if let Some(field) = field {
                queries.push(format!("query Q($id: ID!) {{ {field}(id: $id) {{ {everything} }} }}"));
                queries.push(format!("query Q($id: ID!) {{ {field}(id: $id) {{ id }} }}"));
            }
            for query in queries {
                let asked = look(&world, who, &query, &json!({ "id": hidden })).await;
                for other in nobodys(hidden) {
                    let answer = look(&world, who, &query, &json!({ "id": other })).await;
                    assert_eq!(asked, answer, "{who}: {hidden} or {other} in {query:.60}");
                }
                assert_eq!(asked.status, 200);
                let hex = hidden.split_once('_').unwrap().1;
                assert!(!asked.body.contains(hex), "{who}: the id is said back");
                let led = look(&world, "support-worker", &query, &json!({ "id": hidden })).await;
                assert!(led.body.contains(hex), "who leads the case sees it: {}", led.body);
            }
        }
    }
}

async fn a_mutation_says_of_a_hidden_id_what_it_says_of_an_unknown_one(world: World) {
    const BOUND: &[&str] = &[
        "client",
        "referral",
        "case",
        "note",
        "consent",
        "proxy",
        "basis",
        "signpost",
        "entry",
        "narrative",
        "member",
        "restriction",
        "inbox",
        "override",
        "gateway",
        "hold",
        "disclosure",
    ];
    let t = Things::of(&world).await;
    let all = every_mutation(&t);
    let before = dump(&world).await;
    let schema = Schema::of(&world).await;
    let mut tried = Vec::new();
    for who in STRANGERS.iter().copied().chain(["partner-worker", "referrer"]) {
        settle(&world, who).await;
        for (_, name, input) in &all {
            let mut places = Vec::new();
            ids_in(input, "", &mut places);
            let mut t = (*name).to_owned();
            t[..1].make_ascii_uppercase();
            let payload = schema.all(&format!("{t}Payload"), 1);
            let query = format!("mutation M($input: {t}Input!) {{ {name}(input: $input) {{ {payload} }} }}");
            for pointer in places {
                let hidden = input.pointer(&pointer).and_then(Value::as_str).unwrap();
                let tag = hidden.split('_').next().unwrap();
                // The partner is on the first case, and sees that one; the referrer sees what it sent.
                let sees = who == "partner-worker"
                    && !["referralDecline", "referralAccept", "caseReenter", "referralTakeBack"].contains(name)
                    || who == "referrer" && ["referral", "narrative"].contains(&tag)
                    || who == "safeguarding-lead" && ["override", "gateway"].contains(&tag)
                    // Whose organisation keeps something of the client.
                    || who == "information-governance" && ["legalHoldPlace", "legalHoldLift"].contains(name);
                if !BOUND.contains(&tag) || sees {
                    continue;
                }
                let ask = async |id: &str| {
                    let mut input = put(input, &pointer, json!(id));
                    // Nobody is helped by the ids of a case that nobody has.
                    if tag == "case" && input.get("memberId").is_some() {
                        input["memberId"] = json!("member_0123456789abcdef0123456789abcdef");
                    }
                    look(&world, who, &query, &json!({ "input": input })).await
                };
                let asked = ask(hidden).await;
                for other in nobodys(hidden) {
                    assert_eq!(asked, ask(&other).await, "{who} {name}{pointer}: {hidden} or {other}");
                }
                if who == "canary" {
                    let path: Vec<_> = pointer.split('/').skip(1).collect();
                    let told: Value = serde_json::from_str(&asked.body).unwrap();
                    let expected = json!({ "__typename": "UserError", "code": "NOT_FOUND", "message": "There is no such thing.", "field": path });
                    let member = pointer == "/memberId";
                    let expected = if member {
                        put(&json!({ "e": expected }), "/e/field", json!(["caseId"]))["e"].clone()
                    } else {
                        expected
                    };
                    let told = &told["data"][*name]["userErrors"];
                    assert_eq!(told[0]["code"], expected["code"], "{name}: {told}");
                    assert_eq!(told[0]["field"], expected["field"], "{name}: {told}");
                    assert_eq!(told[0]["message"], expected["message"], "{name}: {told}");
                    assert_eq!(told.as_array().unwrap().len(), 1);
                    tried.push(*name);
                }
            }
        }
    }
    tried.dedup();
    assert_eq!(tried.len(), 53, "every mutation that takes such an id: {tried:?}");
    assert_eq!(dump(&world).await, before, "nothing was changed");
}

async fn a_household_links_to_nobody_whom_its_recorder_does_not_see(world: World) {
    let t = world.accepted("Wick").await;
    let referral = world.submitted("Hidden").await;
    let query = "query($id: ID!) { referral(id: $id) { client { id } } }";
    let hub = world.data("hub-coordinator", query, json!({ "id": referral })).await;
    let hidden = hub["referral"]["client"]["id"].as_str().unwrap().to_owned();
    let before = dump(&world).await;
    let with =
        |id: &str| json!({ "household": { "members": [{ "name": "A", "relationship": "Sister", "clientId": id }] } });
    for who in ["support-worker", "referrer"] {
        settle(&world, who).await;
        let (name, query) = match who {
            "referrer" => (
                "referralDraft",
                "mutation M($input: ReferralDraftInput!) { referralDraft(input: $input) { referral { id } userErrors { code message field } } }",
            ),
            _ => (
                "entryRecord",
                "mutation M($input: EntryRecordInput!) { entryRecord(input: $input) { client { id } userErrors { code message field } } }",
            ),
        };
        let ask = async |id: &str| {
            let input = match who {
                "referrer" => json!({ "urgency": "UPSTREAM", "sections": [with(id)] }),
                _ => json!({ "clientId": t.client, "section": with(id) }),
            };
            look(&world, who, query, &json!({ "input": input })).await
        };
        let asked = ask(&hidden).await;
        assert!(asked.body.contains("NOT_FOUND") && asked.body.contains("clientId"), "{name}: {}", asked.body);
        assert_eq!(asked, ask(&nobodys(&hidden)[0]).await, "{name}");
        for other in &nobodys(&hidden)[1..] {
            let answer = ask(other).await;
            assert_eq!((asked.status, &asked.body), (answer.status, &answer.body), "{name} {other}");
        }
    }
    assert_eq!(dump(&world).await, before);
}

const FIND: &str = "query Find($f: ClientFilter) { clients(filter: $f) { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

/// How many clients somebody finds.
async fn found(world: &World, who: &str, filter: Value) -> usize {
    let page = world.data(who, FIND, json!({ "f": filter })).await["clients"].clone();
    let nodes = page["nodes"].as_array().expect("a list").len();
    assert_eq!(page["totalCount"], nodes, "{who}: what is counted is what is shown");
    assert_eq!(page["edges"].as_array().expect("a list").len(), nodes);
    nodes
}

async fn a_search_finds_by_what_the_searcher_may_see(world: World) {
    let t = world.accepted("Wickersham").await;
    world.accepted("Other").await;
    let by_name = || json!({ "name": "wicker" });
    let by_birth = || json!({ "dateOfBirth": "1990-02-03" });
    assert_eq!(found(&world, "support-worker", by_name()).await, 1);
    assert_eq!(found(&world, "support-worker", json!({ "name": "maren WICKERSHAM" })).await, 1);
    assert_eq!(found(&world, "support-worker", by_birth()).await, 2);
    assert_eq!(found(&world, "support-worker", json!({ "name": "wicker", "dateOfBirth": "1990-02-03" })).await, 1);
    assert_eq!(found(&world, "support-worker", json!({ "name": "wicker", "dateOfBirth": "1990-02-04" })).await, 0);
    assert_eq!(
        found(&world, "support-worker", json!({ "name": "ickersham" })).await,
        0,
        "words begin where words begin"
    );
    // Whom one does not see one does not find: the answer is the one for a name that nobody has.
    for who in STRANGERS.iter().copied().chain(["referrer"]) {
        settle(&world, who).await;
        let nobody = look(&world, who, FIND, &json!({ "f": { "name": "xylophon" } })).await;
        let none = look(&world, who, FIND, &json!({ "f": { "dateOfBirth": "1901-01-01" } })).await;
        assert_eq!(look(&world, who, FIND, &json!({ "f": by_name() })).await, nobody, "{who}");
        assert_eq!(look(&world, who, FIND, &json!({ "f": by_birth() })).await, none, "{who}");
    }
    // A partner who is shown HOUSING alone sees that there is a client, and neither finds by name nor by birth.
    let consent = |categories: Value| {
        json!({ "clientId": t.client, "consent": {
            "recipients": [demo::MEADOW.global()], "purposes": ["SUPPORT"], "categories": categories, "givenBy": "CLIENT",
            "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
        } })
    };
    world.done("support-worker", "consentRecord", consent(json!(["HOUSING"])), "").await;
    assert_eq!(found(&world, "outside-worker", json!(null)).await, 1, "the client is there");
    settle(&world, "outside-worker").await;
    let nobody = look(&world, "outside-worker", FIND, &json!({ "f": { "name": "xylophon" } })).await;
    assert_eq!(
        look(&world, "outside-worker", FIND, &json!({ "f": by_name() })).await,
        nobody,
        "a withheld name finds nobody"
    );
    assert_eq!(found(&world, "outside-worker", by_birth()).await, 0, "nor does a withheld day of birth");
    world.done("support-worker", "consentRecord", consent(json!(["NAME"])), "").await;
    assert_eq!(found(&world, "outside-worker", by_name()).await, 1);
    assert_eq!(found(&world, "outside-worker", by_birth()).await, 0);
    world.done("support-worker", "consentRecord", consent(json!(["BIRTH"])), "").await;
    assert_eq!(found(&world, "outside-worker", by_birth()).await, 1);
}

async fn a_former_name_finds_whom_it_is_open_to_and_nobody_else(world: World) {
    let t = world.accepted("Formerly").await;
    let rename =
        |family: &str| json!({ "clientId": t.client, "section": { "name": { "given": "Maren", "family": family } } });
    world.done("support-worker", "entryRecord", rename("Nowadays"), "").await;
    for name in ["formerly", "nowadays", "maren"] {
        assert_eq!(found(&world, "support-worker", json!({ "name": name })).await, 1, "{name}");
        for who in STRANGERS.iter().copied().chain(["partner-worker", "referrer"]) {
            assert_eq!(found(&world, who, json!({ "name": name })).await, 0, "{who} {name}");
        }
    }
    assert_eq!(
        found(&world, "support-worker", json!({ "name": "formerly nowadays" })).await,
        0,
        "one name at a time"
    );
    // What a colleague corrected was never the name.
    let query = "query($id: ID!) { client(id: $id) { name { entryId family } } }";
    let entry = world.data("support-worker", query, json!({ "id": t.client })).await;
    let correct = json!({
        "entryId": entry["client"]["name"]["entryId"], "version": 1, "reason": "Misspelt.",
        "section": { "name": { "given": "Maren", "family": "Todayish" } },
    });
    world.done("support-worker", "entryCorrect", correct, "").await;
    assert_eq!(found(&world, "support-worker", json!({ "name": "nowadays" })).await, 0);
    assert_eq!(found(&world, "support-worker", json!({ "name": "todayish" })).await, 1);
}

async fn a_cursor_is_a_place_and_tells_of_nobody(world: World) {
    // The worker sees two of five; the places of the other three, and places next to them, give the same pages.
    let mut cases = Vec::new();
    for family in ["One", "Two"] {
        cases.push(world.accepted(family).await);
    }
    let mut hidden: Vec<(&str, String)> = Vec::new();
    for family in ["Three", "Four", "Five"] {
        let referral = world.submitted(family).await;
        let query = "query($id: ID!) { referral(id: $id) { client { id } } }";
        let hub = world.data("hub-coordinator", query, json!({ "id": referral })).await;
        hidden.push(("clients", hub["referral"]["client"]["id"].as_str().unwrap().to_owned()));
        hidden.push(("referrals", referral));
    }
    hidden.extend(cases.iter().map(|t| ("sharedCases", t.case.clone())));
    hidden.extend(cases.iter().map(|t| ("clients", t.client.clone())));
    let fields =
        "totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
    let next = |id: &str| {
        let (tag, hex) = id.split_once('_').unwrap();
        let beside = Uuid::from_u128(Uuid::parse_str(hex).unwrap().as_u128() ^ 1);
        format!("{tag}_{}", beside.simple())
    };
    for who in STRANGERS.iter().copied().chain(["support-worker", "partner-worker", "referrer"]) {
        settle(&world, who).await;
        for (list, id) in &hidden {
            let sees = who == "support-worker" && cases.iter().any(|t| [&t.client, &t.case].contains(&id))
                || who == "referrer" && *list == "referrals";
            if sees {
                continue;
            }
            for page in ["first: 2, after: $c", "last: 2, before: $c", "first: 100, after: $c"] {
                let query = format!("query Q($c: String!) {{ {list}({page}) {{ {fields} }} }}");
                let here = look(&world, who, &query, &json!({ "c": id })).await;
                let beside = look(&world, who, &query, &json!({ "c": next(id) })).await;
                assert_eq!(here, beside, "{who} {list}({page})");
                assert!(!here.body.contains("errors"), "{}", here.body);
            }
        }
    }
    // No cursor of a page is anything but a shown item's.
    for who in ["support-worker", "hub-coordinator", "referrer"] {
        for list in ["clients", "referrals", "sharedCases"] {
            let page = world.data(who, &format!("query Q {{ {list}(first: 2) {{ {fields} }} }}"), json!({})).await;
            for edge in page[list]["edges"].as_array().unwrap() {
                assert_eq!(edge["cursor"], edge["node"]["id"], "{who} {list}");
            }
        }
    }
}

async fn a_narrative_in_a_withheld_category_is_not_there(world: World) {
    let id = world.offered("Wick", demo::NORTH).await;
    let fields = "narratives { category text } asWritten { category lines } redactions { category reason }";
    let queries = [
        format!("query Q($id: ID!) {{ referral(id: $id) {{ {fields} }} }}"),
        format!("query Q($id: ID!) {{ node(id: $id) {{ ... on Referral {{ {fields} }} }} }}"),
        format!(
            "query Q {{ referrals(state: OFFERED) {{ nodes {{ {fields} client {{ health {{ text }} referrals {{ nodes {{ {fields} }} }} }} }} }} }}"
        ),
    ];
    for query in queries {
        let offered = look(&world, "support-worker", &query, &json!({ "id": id })).await.body;
        assert!(offered.contains("Behind with the rent."), "HOUSING is open to the team: {offered}");
        assert!(!offered.contains("Low for months.") && !offered.contains("medication"), "{offered}");
        assert!(
            !offered.contains(r#""category":"HEALTH","text""#) && !offered.contains(r#""category":"HEALTH","lines""#)
        );
        assert!(offered.contains(r#"{"category":"HEALTH","reason":"NOT_SHARED"}"#), "and it is said to be withheld");
        let hub = look(&world, "hub-coordinator", &query, &json!({ "id": id })).await.body;
        assert!(hub.contains("Low for months."), "the consent names HEALTH for the hub: {hub}");
    }
    // Whether there is a narrative at all is not told either: one without reads the same.
    let mut without = draft("Wick");
    without["narratives"].as_array_mut().unwrap().retain(|n| n["category"] != "HEALTH");
    without["sections"].as_array_mut().unwrap().retain(|s| s["text"]["category"] != "HEALTH");
    let made = world.done("referrer", "referralDraft", without, "referral { id }").await;
    let other = made["referral"]["id"].clone();
    world.done("referrer", "referralSubmit", json!({ "referralId": other, "version": 1 }), "").await;
    let offer =
        json!({ "referralId": other, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
    world.done("hub-coordinator", "referralOffer", offer, "").await;
    settle(&world, "support-worker").await;
    let query = format!("query Q($id: ID!) {{ referral(id: $id) {{ {fields} }} }}");
    let with = look(&world, "support-worker", &query, &json!({ "id": id })).await;
    assert_eq!(with, look(&world, "support-worker", &query, &json!({ "id": other })).await);
}

async fn a_private_sender_learns_of_progress_alone(world: World) {
    let family = OrganisationId(Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_00fa));
    let tx = world.app.database.begin().await.expect("begins");
    let new = NewOrganisation {
        id: family,
        name: "Friends and family".into(),
        kind: OrganisationKind::FriendsOrFamily,
        is_partner: false,
        is_category: true,
        parent: None,
        implies: Default::default(),
    };
    organisation::register(&tx, &new, world.clock.now()).await.expect("registers");
    tx.commit().await.expect("commits");
    world.member("cousin", family, &[Role::Referrer], &[]).await;
    world.member("neighbour", family, &[Role::Referrer], &[]).await;
    let (cousin, neighbour) = (format!("cousin@{}", family.global()), format!("neighbour@{}", family.global()));

    let made = world.done(&cousin, "referralDraft", draft("Kin"), "referral { id }").await;
    let id = made["referral"]["id"].as_str().unwrap().to_owned();
    world.done(&cousin, "referralSubmit", json!({ "referralId": id, "version": 1 }), "").await;
    let seen = "query Q($id: ID!) { referral(id: $id) { progress state outcome outcomeText onwardReferral acceptedAt closedAt version client { id } sharedCase { id } offers { id } \
        viewerAccess { canSubmit canOffer canAccept canDecline canTakeBack canClose canWithdraw canRecordClientDecline canSignpost } asWritten { lines } narratives { text } redactions { category } } }";
    let list = "query Q($s: ReferralState) { referrals(state: $s) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }";
    let count = async |who: &str, state: Option<ReferralState>| {
        let page = world.data(who, list, json!({ "s": state.map(Coded::code) })).await["referrals"].clone();
        assert_eq!(page["totalCount"], page["nodes"].as_array().unwrap().len(), "{who}");
        page["totalCount"].as_i64().unwrap()
    };
    let nothing_by_state = async |when: &str| {
        assert_eq!(count(&cousin, None).await, 1, "{when}: their own referral is there");
        settle(&world, &cousin).await;
        let mut answers = Vec::new();
        for state in ReferralState::ALL {
            assert_eq!(count(&cousin, Some(*state)).await, 0, "{when}: {state:?} finds nothing");
            answers.push(look(&world, &cousin, list, &json!({ "s": state.code() })).await);
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{when}: whatever the state, the answer is one");
        assert_eq!(count(&neighbour, None).await, 0, "another private person sees nothing of it");
    };
    settle(&world, &cousin).await;
    let received = look(&world, &cousin, seen, &json!({ "id": id })).await;
    assert!(received.body.contains(r#""progress":"RECEIVED","state":null"#), "{}", received.body);
    nothing_by_state("submitted").await;
    world.agreed(&json!(id)).await;
    let offer = json!({ "referralId": id, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
    world.done("hub-coordinator", "referralOffer", offer, "").await;
    nothing_by_state("offered").await;
    settle(&world, &cousin).await;
    let offered = look(&world, &cousin, seen, &json!({ "id": id })).await;
    assert_eq!(received, offered, "an offer tells a private sender nothing");
    world
        .done(
            "support-worker",
            "referralDecline",
            json!({ "referralId": id, "version": 3, "reason": "NO_CAPACITY" }),
            "",
        )
        .await;
    settle(&world, &cousin).await;
    assert_eq!(received, look(&world, &cousin, seen, &json!({ "id": id })).await, "nor does a decline");
    nothing_by_state("declined").await;
    let close = json!({ "referralId": id, "version": 4, "outcome": "DUPLICATE", "text": "Known.", "onwardReferral": "Elsewhere" });
    world.done("hub-coordinator", "referralClose", close, "").await;
    nothing_by_state("closed").await;
    let finished = look(&world, &cousin, seen, &json!({ "id": id })).await.body;
    let start = r#"{"data":{"referral":{"progress":"FINISHED","state":null,"outcome":null,"outcomeText":null,"onwardReferral":null,"acceptedAt":null,"closedAt":null,"#;
    assert!(finished.starts_with(start), "{finished}");
    assert!(finished.contains(r#""client":null,"sharedCase":null,"offers":[]"#), "{finished}");
}

/// What is planted in every text that is about a person.
const MARKER: &str = "Zyxmarker";

/// Every story that the demonstration tells, about people whose every word is marked; all the ids it left.
async fn marked_stories(world: &World) -> Vec<String> {
    let mut ids = Vec::new();
    let text = |v: &Value| v.as_str().expect("an id").to_owned();
    let submitted = async || {
        let made = world.done("referrer", "referralDraft", marked_draft(MARKER), "referral { id }").await;
        let id = text(&made["referral"]["id"]);
        world.done("referrer", "referralSubmit", json!({ "referralId": id, "version": 1 }), "").await;
        id
    };
    let offered = async || {
        let id = submitted().await;
        let offer = json!({ "referralId": id, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "ZyxmarkerCriteria" });
        world.done("hub-coordinator", "referralOffer", offer, "").await;
        id
    };
    let accepted = async || {
        let id = offered().await;
        let select = "referral { sharedCase { id } client { id } }";
        let done =
            world.done("support-worker", "referralAccept", json!({ "referralId": id, "version": 3 }), select).await;
        Travelled {
            client: text(&done["referral"]["client"]["id"]),
            case: text(&done["referral"]["sharedCase"]["id"]),
            referral: id,
        }
    };
    // One in each state.
    let draft = world.done("referrer", "referralDraft", marked_draft(MARKER), "referral { id }").await;
    ids.push(text(&draft["referral"]["id"]));
    ids.push(submitted().await);
    ids.push(offered().await);
    let declined = offered().await;
    let decline = json!({ "referralId": declined, "version": 3, "reason": "OTHER", "text": "ZyxmarkerDecline" });
    world.done("support-worker", "referralDecline", decline, "").await;
    ids.push(declined);
    let withdrawn = submitted().await;
    world
        .done(
            "referrer",
            "referralWithdraw",
            json!({ "referralId": withdrawn, "version": 2, "reason": "ZyxmarkerWithdrawn" }),
            "",
        )
        .await;
    ids.push(withdrawn);
    let closed = submitted().await;
    let told = json!({
        "on": { "referralId": closed }, "serviceId": demo::DROP_IN.global(), "told": "BOTH", "channel": "PHONE",
        "reason": "ZyxmarkerSignpost",
    });
    let signpost = world.done("hub-coordinator", "signpostRecord", told, "signpost { id }").await;
    ids.push(text(&signpost["signpost"]["id"]));
    let close = json!({
        "referralId": closed, "version": 2, "outcome": "OTHER", "text": "ZyxmarkerOutcome", "onwardReferral": "ZyxmarkerOnward",
    });
    world.done("hub-coordinator", "referralClose", close, "").await;
    ids.push(closed);
    // Cases: shared, closed, taken up again.
    for ending in 0..3 {
        let t = accepted().await;
        let consent = world.solicitors_join(&t).await;
        for visibility in ["TEAM", "AGENCY", "THIRD_PARTY", "REFLECTIVE"] {
            let note = json!({
                "caseId": t.case, "visibility": visibility, "categories": ["HOUSING"], "text": format!("ZyxmarkerNote{visibility}"),
            });
            let done = world.done("support-worker", "noteRecord", note, "note { id }").await;
            ids.push(text(&done["note"]["id"]));
        }
        let theirs = json!({ "caseId": t.case, "visibility": "AGENCY", "text": "ZyxmarkerTheirs" });
        ids.push(text(&world.done("partner-worker", "noteRecord", theirs, "note { id }").await["note"]["id"]));
        let entry = json!({ "clientId": t.client, "section": { "text": { "category": "OUTCOMES", "text": "ZyxmarkerEntry" } } });
        world.done("support-worker", "entryRecord", entry, "").await;
        let entry = json!({ "clientId": t.client, "section": { "text": { "category": "EQUALITIES", "text": "ZyxmarkerEqualities" } } });
        world.done("support-worker", "entryRecord", entry, "").await;
        let asked = put(&gateway(&t.client), "/reason", json!("ZyxmarkerGateway"));
        let asked = put(&asked, "/reference", json!("ZyxmarkerOrder"));
        let asked = world.done("support-worker", "legalGatewayAsk", asked, "legalGateway { id }").await;
        let asked = text(&asked["legalGateway"]["id"]);
        let refuse =
            json!({ "legalGatewayId": asked, "version": 1, "decision": "REFUSE", "reason": "ZyxmarkerRefused" });
        world.done("safeguarding-lead", "legalGatewayDecide", refuse, "").await;
        ids.push(asked);
        let told = put(&outward(&t.client), "/summary", json!("ZyxmarkerSummary"));
        let told = put(&told, "/recipient", json!("ZyxmarkerRecipient"));
        let told = world.done("support-worker", "outwardDisclosureRecord", told, "outwardDisclosure { id }").await;
        ids.push(text(&told["outwardDisclosure"]["id"]));
        let told = json!({
            "on": { "caseId": t.case }, "serviceId": demo::DROP_IN.global(), "told": "CLIENT", "channel": "PHONE",
            "reason": "ZyxmarkerPointed",
        });
        ids.push(text(
            &world.done("support-worker", "signpostRecord", told, "signpost { id }").await["signpost"]["id"],
        ));
        if ending > 0 {
            let withdrawal = json!({ "consentId": consent, "withdrawnBy": "ZyxmarkerWithdrawal" });
            world.done("support-worker", "consentWithdraw", withdrawal, "").await;
            let close = json!({ "caseId": t.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" });
            world.done("support-worker", "caseClose", close, "").await;
        }
        if ending > 1 {
            let again = world
                .done("support-worker", "caseReenter", json!({ "caseId": t.case, "version": 2 }), "sharedCase { id }")
                .await;
            ids.push(text(&again["sharedCase"]["id"]));
        }
        ids.extend([t.client, t.referral, t.case, consent]);
    }
    ids
}

/// Queries that select every field of every type, from every root.
pub fn every_query(schema: &Schema, ids: &[String]) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for id in ids {
        let (of, field) = root(id);
        let everything = schema.all(of, 2);
        all.push((
            format!("query Q($id: ID!) {{ node(id: $id) {{ ... on {of} {{ {everything} }} }} }}"),
            json!({ "id": id }),
        ));
        if let Some(field) = field {
            all.push((format!("query Q($id: ID!) {{ {field}(id: $id) {{ {everything} }} }}"), json!({ "id": id })));
        }
    }
    let nodes = "query Q($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    all.push((nodes.to_owned(), json!({ "ids": ids })));
    for (list, of) in [
        ("clients", "ClientConnection"),
        ("referrals", "ReferralConnection"),
        ("sharedCases", "SharedCaseConnection"),
    ] {
        for page in ["first: 7", "last: 7"] {
            all.push((format!("query Q {{ {list}({page}) {{ {} }} }}", schema.all(of, 2)), json!({})));
        }
    }
    for state in ReferralState::ALL {
        let query = format!(
            "query Q {{ referrals(first: 5, state: {}) {{ {} }} }}",
            state.code(),
            schema.all("ReferralConnection", 1)
        );
        all.push((query, json!({})));
    }
    for filter in
        [json!({ "name": "zyxmarkerfamily" }), json!({ "dateOfBirth": "1961-07-19" }), json!({ "name": "zyx" })]
    {
        let query = format!(
            "query Q($f: ClientFilter) {{ clients(filter: $f, first: 5) {{ {} }} }}",
            schema.all("ClientConnection", 1)
        );
        all.push((query, json!({ "f": filter })));
    }
    for (list, of) in [
        ("organisations", "OrganisationConnection"),
        ("services", "ServiceConnection"),
        ("inbox", "InboxItemConnection"),
        ("memberships", "MembershipConnection"),
        ("likelyDuplicates", "LikelyDuplicateConnection"),
    ] {
        all.push((format!("query Q {{ {list}(first: 50) {{ {} }} }}", schema.all(of, 1)), json!({})));
    }
    for (figures, of) in [("senderFigures", "SenderFiguresConnection"), ("teamFigures", "TeamFiguresConnection")] {
        let days = "from: \"2026-01-01\", until: \"2027-01-01\", first: 50";
        all.push((format!("query Q {{ {figures}({days}) {{ {} }} }}", schema.all(of, 1)), json!({})));
    }
    all.push((format!("query Q {{ viewer {{ {} }} }}", schema.all("Viewer", 2)), json!({})));
    all
}

async fn no_byte_of_anybodys_record_reaches_who_has_no_part_in_it(world: World) {
    let schema = Schema::of(&world).await;
    let ids = marked_stories(&world).await;
    let queries = every_query(&schema, &ids);
    // What is looked for: everything planted, and every id.
    let mut planted: Vec<String> = ["ZY9 9XX", "1961-07-19", "9876543", "2026-09-17"].map(str::to_owned).to_vec();
    planted.push(MARKER.to_owned());
    planted.extend(ids.iter().map(|id| id.split_once('_').unwrap().1.to_owned()));
    for who in STRANGERS {
        for (query, variables) in &queries {
            let answer = look(&world, who, query, variables).await;
            assert!(
                !answer.body.contains("TOO_COMPLEX") && !answer.body.contains("INTERNAL"),
                "{query:.200}: {:.300}",
                answer.body
            );
            for p in &planted {
                assert!(
                    !answer.body.contains(p.as_str()),
                    "{who} reads {p} in {:.400}\nby {query:.200}",
                    answer.body
                );
            }
        }
    }
    // The same queries do show it to those who work with the people: the queries select it.
    let mut shown = String::new();
    for who in ["referrer", "hub-coordinator", "support-worker", "partner-worker"] {
        for (query, variables) in &queries {
            let answer = look(&world, who, query, variables).await;
            assert!(
                !answer.body.contains("TOO_COMPLEX") && !answer.body.contains("INTERNAL"),
                "{query:.200}: {:.300}",
                answer.body
            );
            shown.push_str(&answer.body);
        }
    }
    let drafted = marked_draft(MARKER).to_string();
    let mut expected: Vec<String> = drafted
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|w| w.starts_with(MARKER) && *w != "ZyxmarkerEvidence")
        .map(str::to_owned)
        .collect();
    for word in [
        "NoteTEAM",
        "NoteAGENCY",
        "NoteTHIRD_PARTY",
        "NoteREFLECTIVE",
        "Theirs",
        "Entry",
        "Equalities",
        "Decline",
        "Outcome",
        "Onward",
        "Signpost",
        "Pointed",
        "Gateway",
        "Order",
        "Refused",
        "Summary",
        "Recipient",
    ] {
        expected.push(format!("{MARKER}{word}"));
    }
    expected.extend(planted);
    assert!(expected.len() > 60);
    let missing: Vec<_> = expected.iter().filter(|w| !shown.contains(w.as_str())).collect();
    assert!(missing.is_empty(), "the queries never show {missing:?}");
}

async fn who_led_a_closed_case_keeps_its_own_entries_and_the_name_as_it_stood(world: World) {
    let t = world.accepted("Stood").await;
    let text = |category: &str, text: &str| json!({ "clientId": t.client, "section": { "text": { "category": category, "text": text } } });
    let name =
        |family: &str| json!({ "clientId": t.client, "section": { "name": { "given": "Maren", "family": family } } });
    world.done("support-worker", "entryRecord", text("SUPPORT_PLAN", "Own plan."), "").await;
    world.done("hub-coordinator", "entryRecord", text("RISK", "Hub risk before."), "").await;
    let note = json!({ "caseId": t.case, "visibility": "TEAM", "text": "Own note." });
    let note = world.done("support-worker", "noteRecord", note, "note { id }").await["note"]["id"].clone();
    let close = json!({ "caseId": t.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" });
    world.done("support-worker", "caseClose", close, "").await;

    let record = "query Q($id: ID!, $note: ID!) { client(id: $id) { name { family } supportPlan { text } risk { text } housing { tenure } contact { phone } birth { date } \
        accessNeeds { text } sharedCases { nodes { status } } viewerAccess { canRecord openCategories } } node(id: $note) { ... on Note { text } } }";
    let asked = json!({ "id": t.client, "note": note });
    let kept = json!({
        "client": {
            "name": { "family": "Stood" }, "supportPlan": { "text": "Own plan." }, "risk": null, "housing": null, "contact": null,
            "birth": null, "accessNeeds": null, "sharedCases": { "nodes": [{ "status": "CLOSED" }] },
            "viewerAccess": { "canRecord": false, "openCategories": [] },
        },
        "node": { "text": "Own note." },
    });
    assert_eq!(world.data("support-worker", record, asked.clone()).await, kept);

    // The hub, which sees the referral for a month yet, writes on; none of it is the former lead's.
    world.done("hub-coordinator", "entryRecord", name("Laterly"), "").await;
    world.done("hub-coordinator", "entryRecord", text("ACCESS_NEEDS", "Later needs."), "").await;
    world.done("hub-coordinator", "entryRecord", text("SUPPORT_PLAN", "Later plan."), "").await;
    let hub = world.data("hub-coordinator", record, asked.clone()).await;
    assert_eq!(hub["client"]["name"]["family"], "Laterly", "the hub sees the name it recorded");
    assert_eq!(world.data("support-worker", record, asked.clone()).await, kept, "the former lead sees what stood");
    assert_eq!(found(&world, "support-worker", json!({ "name": "stood" })).await, 1);
    assert_eq!(
        found(&world, "support-worker", json!({ "name": "laterly" })).await,
        0,
        "nor is it found by a later name"
    );
    assert_eq!(found(&world, "hub-coordinator", json!({ "name": "laterly" })).await, 1);
    assert_eq!(found(&world, "support-worker", json!({ "dateOfBirth": "1990-02-03" })).await, 0);

    // It writes nothing any more.
    let told = world.mutate("support-worker", "entryRecord", text("RISK", "Too late."), "client { id }").await;
    assert_eq!(errors(&told)[0].0, "NOT_ALLOWED");
    // Nor do strangers see any of it.
    for who in STRANGERS {
        let hidden = world.data(who, record, asked.clone()).await;
        assert_eq!(hidden, json!({ "client": null, "node": null }), "{who}");
    }
}

on_both_databases!(
    a_hidden_id_reads_like_an_unknown_one_and_like_one_that_is_none,
    a_mutation_says_of_a_hidden_id_what_it_says_of_an_unknown_one,
    a_household_links_to_nobody_whom_its_recorder_does_not_see,
    a_search_finds_by_what_the_searcher_may_see,
    a_former_name_finds_whom_it_is_open_to_and_nobody_else,
    a_cursor_is_a_place_and_tells_of_nobody,
    a_narrative_in_a_withheld_category_is_not_there,
    a_private_sender_learns_of_progress_alone,
    no_byte_of_anybodys_record_reaches_who_has_no_part_in_it,
    who_led_a_closed_case_keeps_its_own_entries_and_the_name_as_it_stood,
);
