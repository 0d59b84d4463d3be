//! A page costs the same number of statements whatever its length: one for the viewer, at most one for each field that reads
//! something, one for each `totalCount`, one for the trace. Each document below is written beside its budget, field by field.

use crate::inputs::lawful_basis;
use crate::support::{Travelled, World};
use alliance::domain::ids::TypedId;
use alliance::service::demo;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::task::JoinSet;

/// As long as a page gets here.
const LONG: usize = 50;
/// And a short one.
const SHORT: usize = 5;

/// Who leads the cases.
const WORKER: &str = "support-worker";

/// A document, piece by piece, and the statements that each piece may take.
type Budget = &'static [(&'static str, u64)];

/// What every request takes: reading the viewer, and writing the trace.
const VIEWER_AND_TRACE: u64 = 2;

/// A worker's caseload with all that hangs on it.
const CASELOAD: Budget = &[
    ("query Caseload($n: Int!) { clients(first: $n) {", 1),
    ("totalCount", 1),
    ("nodes { id redactions { category } viewerAccess { canRecord }", 0),
    // Sections come with the page, and so do the first lists of referrals and of cases.
    ("name { given family } housing { tenure arrearsPence }", 0),
    ("consents { id categories", 1),
    ("recipients { categories organisation { name } } }", 1),
    ("proxies { id name viewerAccess { canEnd canExclude } }", 1),
    ("competence { assessedOn how }", 1),
    ("lawfulBases(first: 3) {", 1),
    ("totalCount", 1),
    ("nodes { id basis categories viewerAccess { canEnd } } }", 0),
    ("restrictions { id kind organisation { name } viewerAccess { canLift }", 1),
    ("people { name } person { name } }", 1),
    ("legalGateways { id state recipient { name } tell viewerAccess { canEnd }", 1),
    ("client { id } }", 1),
    ("overrides { id status askedFor { name } viewerAccess { canEnd } }", 1),
    ("outwardDisclosures { id recipient summary", 1),
    ("client { id } }", 1),
    ("referrals(state: ACCEPTED, first: 3) {", 0),
    ("totalCount", 1),
    ("nodes { id state sender { name }", 0),
    ("narratives { category text }", 1),
    ("asWritten { category lines }", 1),
    ("offers { id teamName } viewerAccess { canOffer }", 1),
    ("signposts { id serviceName } } }", 1),
    ("sharedCases(status: OPEN, first: 3) {", 0),
    ("totalCount", 1),
    ("nodes { id status lead { teamName workerName organisation { name } }", 0),
    ("members { role organisation { name } }", 1),
    ("signposts { id serviceName }", 1),
    // The page of notes, and all grants on their clients: a note may open through its author's own items as well.
    ("notes(first: 3) {", 2),
    ("totalCount", 1),
    ("nodes { text categories } } } } } } }", 0),
];

/// The referrals list, and through each referral its client and its case.
const REFERRALS: Budget = &[
    ("query Referrals($n: Int!) { referrals(state: ACCEPTED, first: $n) {", 1),
    ("totalCount", 1),
    ("nodes { id state urgency outcome sender { name } redactions { category }", 0),
    ("narratives { category text }", 1),
    ("asWritten { category lines }", 1),
    ("offers { id teamName } viewerAccess { canOffer }", 1),
    ("signposts { id serviceName }", 1),
    ("client { id", 1),
    ("name { family } finance { text } }", 1),
    ("sharedCase { id status lead { workerName }", 1),
    ("members { role } } } } }", 1),
];

/// The shared cases list, and through each case its client and its referral.
const CASES: Budget = &[
    ("query Cases($n: Int!) { sharedCases(status: OPEN, first: $n) {", 1),
    ("totalCount", 1),
    ("nodes { id status lead { workerName organisation { name } } redactions { category }", 0),
    ("members { role organisation { name } }", 1),
    ("signposts { id serviceName }", 1),
    ("notes(first: 3) {", 2),
    ("totalCount", 1),
    ("nodes { text recordedFor { name } } }", 0),
    ("referral { id state", 1),
    ("narratives { text } }", 1),
    ("client { id", 1),
    ("name { family } birth { date }", 1),
    ("consents { id } } } } }", 1),
];

/// Cases of people who came back.
const RETURNED: Budget = &[
    ("query Returned($n: Int!) { sharedCases(status: OPEN, first: $n) {", 1),
    ("totalCount", 1),
    ("nodes { id", 0),
    ("previousCase { id status lead { workerName }", 1),
    ("members { role } }", 1),
    ("notes(first: 1) { nodes { text } } } } }", 2),
];

/// Households, and the records of their members.
const HOUSEHOLDS: Budget = &[
    ("query Households($n: Int!) { clients(first: $n) { nodes { id", 1),
    ("name { family } household { members { name relationship", 0),
    ("client { id", 1),
    ("name { family } contact { postcode }", 1),
    ("sharedCases(first: 1) {", 1),
    ("totalCount nodes { id } } } } } } } }", 1),
];

/// A member team's caseload, which opens through other grants than the lead's.
const CASELOAD_OF_A_MEMBER: Budget = &[
    ("query Shared($n: Int!) { clients(first: $n) { nodes { id", 1),
    ("name { family } finance { text } health { text } redactions { category reason }", 0),
    ("consents { id", 1),
    ("recipients { categories } }", 1),
    ("referrals(first: 3) { nodes { id } }", 0),
    ("sharedCases(first: 3) { nodes { id", 0),
    ("members { role agreed }", 1),
    ("notes(first: 3) { nodes { text } } } } } } }", 2),
];

/// Asks for a page as somebody, after the kept viewer has gone stale, and counts. The count must be the budget's.
async fn page(world: &World, who: &str, budget: Budget, length: usize) -> Value {
    let document: Vec<_> = budget.iter().map(|(piece, _)| *piece).collect();
    let most = VIEWER_AND_TRACE + budget.iter().map(|(_, n)| n).sum::<u64>();
    world.clock.pass_seconds(2);
    let before = world.statements();
    let data = world.data(who, &document.join(" "), json!({ "n": length })).await;
    let taken = world.statements() - before;
    assert_eq!(taken, most, "statements for a page of {length}, {:?}: {}", world.backend, document[0]);
    data
}

/// A short and a long page; the long one's items, which must be as many.
async fn pages(world: &World, who: &str, budget: Budget, list: &str) -> Vec<Value> {
    page(world, who, budget, SHORT).await;
    let long = page(world, who, budget, LONG).await;
    let nodes = long[list]["nodes"].as_array().expect("a list").clone();
    assert_eq!(nodes.len(), LONG);
    nodes
}

/// A client whose referral was accepted, with two consents, a member team, two notes, and signposts on referral and case.
async fn a_busy_client(world: &World, family: &str) -> Travelled {
    let signpost = |on: Value| json!({ "on": on, "serviceId": demo::DROP_IN.global(), "told": "BOTH", "channel": "PHONE", "reason": "A bed." });
    let referral = world.submitted(family).await;
    world.done("hub-coordinator", "signpostRecord", signpost(json!({ "referralId": referral })), "").await;
    let offer =
        json!({ "referralId": referral, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
    world.done("hub-coordinator", "referralOffer", offer, "").await;
    let accept = json!({ "referralId": referral, "version": 3 });
    let select = "referral { sharedCase { id } client { id } }";
    let done = world.done(WORKER, "referralAccept", accept, select).await;
    let id = |of: &str| done["referral"][of]["id"].as_str().expect("an id").to_owned();
    let t = Travelled { client: id("client"), case: id("sharedCase"), referral };
    world.solicitors_join(&t).await;
    let competent =
        json!({ "clientId": t.client, "assessedOn": "2026-03-01", "assessedBy": "Nurse", "how": "A talk." });
    world.done(WORKER, "competenceRecord", competent, "").await;
    for name in ["Ann Other", "Bo Other"] {
        let proxy = json!({ "clientId": t.client, "kind": "ATTORNEY", "name": name });
        world.done(WORKER, "proxyRecord", proxy, "").await;
        world.done(WORKER, "lawfulBasisRecord", lawful_basis(&t.client), "").await;
    }
    for _ in 0..2 {
        world.done(WORKER, "legalGatewayAsk", crate::inputs::gateway(&t.client), "").await;
        world.done(WORKER, "outwardDisclosureRecord", crate::inputs::outward(&t.client), "").await;
    }
    world.done(WORKER, "signpostRecord", signpost(json!({ "caseId": t.case })), "").await;
    for words in ["Called the landlord.", "Slept badly."] {
        let note = json!({ "caseId": t.case, "visibility": "TEAM", "categories": ["HOUSING"], "text": words });
        world.done(WORKER, "noteRecord", note, "").await;
    }
    let prefer = json!({ "clientId": t.client, "reason": "Rather through you." });
    world.done(WORKER, "contactPreferenceRecord", prefer, "").await;
    t
}

/// Makes as many as a long page has, a few at a time.
async fn many<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    world: &Arc<World>,
    one: impl Fn(Arc<World>, usize) -> F,
) -> Vec<T> {
    let mut making = JoinSet::new();
    for i in 0..LONG {
        making.spawn(one(Arc::clone(world), i));
    }
    making.join_all().await
}

async fn a_caseload_of_fifty_takes_as_many_statements_as_one_of_five(world: World) {
    let world = Arc::new(world);
    many(&world, |world, i| async move { a_busy_client(&world, &format!("Person{i}")).await }).await;
    for client in pages(&world, WORKER, CASELOAD, "clients").await {
        assert_eq!(client["housing"]["arrearsPence"], 120_000);
        assert_eq!(client["consents"].as_array().expect("a list").len(), 2);
        assert_eq!(client["restrictions"][0]["people"], json!([{ "name": "Sam Okafor" }]));
        assert_eq!(client["referrals"]["totalCount"], 1);
        let referral = &client["referrals"]["nodes"][0];
        assert_eq!(referral["signposts"][0]["serviceName"], "Lantern drop-in");
        assert_eq!(client["sharedCases"]["totalCount"], 1);
        let case = &client["sharedCases"]["nodes"][0];
        assert_eq!(case["lead"]["workerName"], "Sam Okafor");
        assert_eq!(case["members"][0]["organisation"]["name"], "Lockwell Law Centre");
        assert_eq!(case["notes"]["totalCount"], 2);
    }
    for referral in pages(&world, WORKER, REFERRALS, "referrals").await {
        assert_eq!(referral["client"]["finance"]["text"], "Universal Credit.");
        assert_eq!(referral["sharedCase"]["members"].as_array().expect("a list").len(), 1);
    }
    for case in pages(&world, WORKER, CASES, "sharedCases").await {
        assert_eq!(case["referral"]["state"], "ACCEPTED");
        assert_eq!(case["client"]["birth"]["date"], "1990-02-03");
    }
    for client in pages(&world, "partner-worker", CASELOAD_OF_A_MEMBER, "clients").await {
        assert_eq!(client["finance"]["text"], "Universal Credit.");
        assert_eq!(client["sharedCases"]["nodes"][0]["members"].as_array().expect("a list").len(), 1);
    }
}

async fn households_with_records_and_people_who_came_back_cost_no_more_for_being_many(world: World) {
    let world = Arc::new(world);
    let all = many(&world, |world, i| async move { world.accepted(&format!("Person{i}")).await }).await;
    let all = Arc::new(all);
    many(&world, |world, i| {
        let all = Arc::clone(&all);
        async move {
            let member = |step: usize, name: &str| {
                let linked = &all[(i + step) % all.len()].client;
                json!({ "name": name, "relationship": "sibling", "ageBand": "FROM_25_TO_34", "clientId": linked })
            };
            let members =
                json!([member(1, "Bo"), member(7, "Kit"), { "name": "Nan", "relationship": "grandmother" }]);
            let entry = json!({ "clientId": all[i].client, "section": { "household": { "members": members } } });
            world.done(WORKER, "entryRecord", entry, "").await;
        }
    })
    .await;
    for client in pages(&world, WORKER, HOUSEHOLDS, "clients").await {
        let members = &client["household"]["members"];
        assert_eq!(members[0]["client"]["contact"]["postcode"], "OX1 1BX");
        assert_eq!(members[1]["client"]["sharedCases"]["totalCount"], 1);
        assert_eq!(members[2]["client"], Value::Null);
    }
    many(&world, |world, i| {
        let all = Arc::clone(&all);
        async move {
            let case = &all[i].case;
            let close = json!({ "caseId": case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" });
            world.done(WORKER, "caseClose", close, "").await;
            let back = json!({ "caseId": case, "version": 2 });
            let new = world.done(WORKER, "caseReenter", back, "sharedCase { id }").await;
            let note = json!({ "caseId": new["sharedCase"]["id"], "visibility": "TEAM", "text": "Back again." });
            world.done(WORKER, "noteRecord", note, "").await;
        }
    })
    .await;
    for case in pages(&world, WORKER, RETURNED, "sharedCases").await {
        assert_eq!(case["previousCase"]["status"], "CLOSED");
        assert_eq!(case["notes"]["nodes"][0]["text"], "Back again.");
    }
}

on_both_databases!(
    a_caseload_of_fifty_takes_as_many_statements_as_one_of_five,
    households_with_records_and_people_who_came_back_cost_no_more_for_being_many,
);
