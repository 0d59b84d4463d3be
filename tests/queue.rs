//! That the queue of triage takes no longer the more referrals there are: each page is a walk along an index, whatever is asked of it.
//!
//! At full size: `ALLIANCE_QUEUE=100000 cargo test --test alliance-tests -- queue::a_page --nocapture` has so many open referrals and ten times
//! as many closed ones.

use crate::support::{Backend, World};
use alliance::domain::ids::TypedId;
use alliance::service::demo;
use serde_json::{Value, json};
use std::time::Instant;

/// Open referrals of the small world.
const FEW: u64 = 1_000;
/// Each page is asked for so often; the quickest counts.
const ROUNDS: usize = 15;
/// How much longer the same page may take.
const RATIO: f64 = 3.0;
/// Below this, in milliseconds, nothing is said about a ratio: it would be the machine's.
const NOTHING: f64 = 5.0;

const QUEUE: &str = "query Q($state: ReferralState, $urgency: Urgency, $assignedTo: ID, $unassigned: Boolean, $sender: ID, \
    $overdue: Boolean, $orderBy: TriageOrder, $after: String) { triageQueue(state: $state, urgency: $urgency, assignedTo: $assignedTo, \
    unassigned: $unassigned, sender: $sender, overdue: $overdue, orderBy: $orderBy, first: 20, after: $after) { \
    edges { cursor node { id urgency state } } } }";

/// So many at once that no statement runs into the time that PostgreSQL gives each.
const AT_ONCE: u64 = 5_000;

/// Referrals from one number to another, all of them open or all closed; each with its client and its grants.
async fn grow(world: &World, from: u64, to: u64, open: bool, coordinator: uuid::Uuid) {
    for first in (from..to).step_by(usize::try_from(AT_ONCE).expect("few")) {
        grow_some(world, first, to.min(first + AT_ONCE), open, coordinator).await;
    }
}

async fn grow_some(world: &World, from: u64, to: u64, open: bool, coordinator: uuid::Uuid) {
    let now = 1_775_034_000_000_000_i64;
    let literal = |id: uuid::Uuid| match world.backend {
        Backend::Sqlite => format!("X'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'::uuid"),
    };
    let (yes, no, series) = match world.backend {
        Backend::Sqlite => (
            "1",
            "0",
            format!(
                "(WITH RECURSIVE s (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM s WHERE i + 1 < {to}) SELECT i FROM s) n"
            ),
        ),
        Backend::Postgres => {
            ("TRUE", "FALSE", format!("(SELECT i FROM generate_series({from}::bigint, {to}::bigint - 1) AS i) n"))
        }
    };
    // An id of its own kind for each number, in no order of the numbers.
    let id = |kind: u8| match world.backend {
        Backend::Sqlite => format!("unhex(printf('{kind:02x}%014x%016x', (n.i * 7919) % 100003, n.i))"),
        Backend::Postgres => {
            format!(
                "('{kind:02x}' || lpad(to_hex((n.i * 7919) % 100003), 14, '0') || lpad(to_hex(n.i), 16, '0'))::uuid"
            )
        }
    };
    let (client, referral) = (id(0xc1), id(0xc2));
    let state = if open {
        "CASE n.i % 10 WHEN 0 THEN 'AWAITING_INFORMATION' WHEN 1 THEN 'OFFERED' WHEN 2 THEN 'DECLINE_REVIEW' ELSE 'SUBMITTED' END"
    } else {
        "'CLOSED'"
    };
    let rank = "(n.i / 3) % 4";
    let urgency = format!(
        "CASE {rank} WHEN 0 THEN 'HOMELESS_NOW' WHEN 1 THEN 'EVICTION_WITHIN_DAYS' WHEN 2 THEN 'WITHIN_56_DAYS' ELSE 'UPSTREAM' END"
    );
    // One in ten is another agency's; one in five is in the coordinator's hand.
    let sender =
        format!("CASE WHEN n.i % 10 = 3 THEN {} ELSE {} END", literal(demo::LOCKWELL.0), literal(demo::PROBATION.0));
    let sent = format!("{now} - 60000000 * (1 + (n.i * 104729) % 40000)");
    let due = format!("CASE WHEN n.i % 10 = 0 THEN {} ELSE {sent} + 259200000000 END", i64::MAX);
    let closed = if open { "NULL".to_owned() } else { format!("{sent} + 3600000000") };
    let until = if open { i64::MAX.to_string() } else { format!("{sent} + 2592000000000 - 10000000000000") };
    let hand = format!("CASE WHEN n.i % 5 = 2 THEN {} END", literal(coordinator));
    let by = literal(coordinator);
    let (harbour, hub) = (literal(demo::HARBOUR.0), literal(demo::HUB.0));
    let grant = |kind: u8, of: &str, team: &str, holder: &str, basis: &str, bit: i64, opens: &str, until: &str| {
        format!(
            "INSERT INTO access_grant (id, client_id, organisation_id, team_id, holder_id, basis, basis_bit, categories, scope, scope_id, \
            opens_client, names_until, passes, purpose, starts_at, until_at, source_kind, source_id, created_at) SELECT {}, {client}, {of}, \
            {team}, {holder}, '{basis}', {bit}, 1048575, 'REFERRAL', {referral}, {opens}, {}, 0, 'TEST', 0, {until}, 'referral', {referral}, 0 \
            FROM {series}",
            id(kind),
            i64::MAX,
        )
    };
    use alliance::domain::basis::Basis;
    for sql in [
        format!("INSERT INTO client (id, status, created_at) SELECT {client}, 'PROVISIONAL', {now} FROM {series}"),
        format!(
            "INSERT INTO referral (id, client_id, organisation_id, sent_by, private_sender, contact_request, state, urgency, brought, created_at, \
            submitted_at, triaged_at, closed_at, left_hub_at, version, triage_due, urgency_rank, assigned_to) SELECT {referral}, {client}, {sender}, \
            {by}, {no}, {no}, {state}, {urgency}, 17, {sent}, {sent}, {closed}, {closed}, {closed}, 2, {due}, {rank}, {hand} FROM {series}"
        ),
        grant(0xc3, &harbour, &hub, &hub, "HUB", Basis::Hub.bit(), yes, &until),
        grant(0xc4, &sender, "NULL", &sender, "REFERRER", Basis::Referrer.bit(), no, &i64::MAX.to_string()),
    ] {
        world.raw(&sql).await;
    }
}

/// PostgreSQL keeps statistics by itself, now and then; SQLite plans without any, as the service leaves it.
async fn planned(world: &World) {
    if world.backend == Backend::Postgres {
        world.raw("ANALYZE").await;
    }
}

/// Everything that can be asked of the queue, by itself, in both orders, and a page far down.
fn questions(coordinator: &str, far: &str) -> Vec<Value> {
    let mut all = vec![json!({})];
    for state in ["SUBMITTED", "AWAITING_INFORMATION", "OFFERED", "DECLINE_REVIEW"] {
        all.push(json!({ "state": state }));
    }
    for urgency in ["HOMELESS_NOW", "EVICTION_WITHIN_DAYS", "WITHIN_56_DAYS", "UPSTREAM"] {
        all.push(json!({ "urgency": urgency }));
    }
    all.push(json!({ "assignedTo": coordinator }));
    all.push(json!({ "assignedTo": "person_00000000000000000000000000000001" }));
    all.push(json!({ "unassigned": true }));
    all.push(json!({ "sender": demo::LOCKWELL.global() }));
    all.push(json!({ "sender": demo::MEADOW.global() }));
    all.push(json!({ "overdue": true }));
    all.push(json!({ "overdue": true, "state": "SUBMITTED" }));
    all.push(json!({ "assignedTo": coordinator, "state": "SUBMITTED", "urgency": "HOMELESS_NOW" }));
    all.push(json!({ "after": far }));
    let mut both = Vec::new();
    for one in all {
        for order in ["DUE", "URGENCY"] {
            let mut one = one.clone();
            one["orderBy"] = json!(order);
            both.push(one);
        }
    }
    both
}

/// The time of each question, in milliseconds, and how much came.
async fn measured(world: &World, questions: &[Value]) -> Vec<(f64, usize)> {
    let mut all = Vec::with_capacity(questions.len());
    for question in questions {
        let (mut times, mut came) = (Vec::with_capacity(ROUNDS), 0);
        for _ in 0..ROUNDS {
            let began = Instant::now();
            let told = world.data("hub-coordinator", QUEUE, question.clone()).await;
            times.push(began.elapsed().as_secs_f64() * 1_000.0);
            came = told["triageQueue"]["edges"].as_array().expect("edges").len();
        }
        // The quickest of them: the others had something else going on beside them.
        let quickest = times.iter().copied().fold(f64::INFINITY, f64::min);
        all.push((quickest, came));
    }
    all
}

async fn a_page_takes_no_longer_with_a_hundred_times_as_many(world: World) {
    let many: u64 = std::env::var("ALLIANCE_QUEUE").ok().map_or(10_000, |n| n.parse().expect("a number"));
    let told = world.data("hub-coordinator", "{ viewer { personId } }", json!({})).await;
    let coordinator = told["viewer"]["personId"].as_str().expect("an id").to_owned();
    let person = alliance::domain::ids::PersonId::parse(&coordinator).expect("one").0;
    let began = world.data("hub-coordinator", "{ triageQueue(first: 100) { edges { cursor } } }", json!({})).await;
    let others = began["triageQueue"]["edges"].as_array().expect("edges").len();
    grow(&world, 0, FEW, true, person).await;
    grow(&world, 10_000_000, 10_000_000 + FEW * 10, false, person).await;
    planned(&world).await;
    let middle = alliance::domain::clock::Timestamp(1_775_034_000_000_000 - 60_000_000 * 20_000 + 259_200_000_000);
    let far = format!("1.{}.referral_{}", middle.0, uuid::Uuid::nil().simple());
    let questions = questions(&coordinator, &far);
    let few = measured(&world, &questions).await;
    grow(&world, FEW, many, true, person).await;
    grow(&world, 10_000_000 + FEW * 10, 10_000_000 + many * 10, false, person).await;
    planned(&world).await;
    let more = measured(&world, &questions).await;
    let mut slow = Vec::new();
    for ((question, (before, came)), (after, comes)) in questions.iter().zip(&few).zip(&more) {
        let ratio = after / before;
        println!("{:?} {question}: {before:.2} ms, {after:.2} ms, {ratio:.2} ({came}, {comes})", world.backend);
        if ratio > RATIO && after - before > NOTHING {
            slow.push(format!("{question}: {before:.2} ms of {FEW}, {after:.2} ms of {many}"));
        }
        assert!(came <= comes, "{question}");
    }
    assert!(slow.is_empty(), "{slow:#?}");
    // All through, page by page, each once and in order.
    let walk = "query W($after: String) { triageQueue(first: 100, after: $after) { edges { cursor node { id } } } }";
    let (mut seen, mut last, mut after) = (0_usize, None, Value::Null);
    loop {
        let told = world.data("hub-coordinator", walk, json!({ "after": after })).await;
        let edges = told["triageQueue"]["edges"].as_array().expect("edges").clone();
        for edge in &edges {
            let cursor =
                edge["cursor"].as_str().expect("a cursor").splitn(3, '.').map(str::to_owned).collect::<Vec<_>>();
            let key = (cursor[1].parse::<i64>().expect("a time"), cursor[2].clone());
            assert!(last.as_ref().is_none_or(|l| *l < key), "in order, each once");
            last = Some(key);
        }
        seen += edges.len();
        match edges.last() {
            Some(edge) => after = edge["cursor"].clone(),
            None => break,
        }
    }
    assert_eq!(u64::try_from(seen - others).expect("few"), many);
}

on_both_databases!(a_page_takes_no_longer_with_a_hundred_times_as_many);
