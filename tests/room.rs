//! How urgent the hub finds a referral, and how many people teams have room for.

use crate::inputs::id_of;
use crate::support::World;
use crate::triage::refused;
use alliance::domain::ids::TypedId;
use alliance::domain::role::Role;
use alliance::service::demo;
use serde_json::{Value, json};

const HUB: &str = "hub-coordinator";

async fn urgency(world: &World, who: &str, id: &str) -> Value {
    let query = "query U($id: ID!) { referral(id: $id) { urgency version history { from to detail } } }";
    world.data(who, query, json!({ "id": id })).await["referral"].clone()
}

async fn queue(world: &World) -> Vec<String> {
    let query = "{ triageQueue(orderBy: URGENCY, first: 100) { nodes { id } } }";
    let told = world.data(HUB, query, json!({})).await;
    told["triageQueue"]["nodes"].as_array().expect("a list").iter().map(|n| id_of(&n["id"])).collect()
}

/// What triage finds is for who sees a risk of eviction; who sent the referral goes on reading what they wrote.
async fn the_hub_finds_a_referral_more_urgent_than_it_was_written(world: World) {
    let (first, second) = (world.submitted("First").await, world.submitted("Second").await);
    let find = |id: &str, from: &str, to: &str| json!({ "referralId": id, "from": from, "to": to });
    let before = urgency(&world, "referrer", &second).await;
    assert_eq!(before["urgency"], "EVICTION_WITHIN_DAYS");
    let place = |all: &[String], id: &str| all.iter().position(|x| x == id).expect("in the queue");
    let was = queue(&world).await;
    assert!(place(&was, &first) < place(&was, &second));

    world.done(HUB, "referralSetUrgency", find(&second, "EVICTION_WITHIN_DAYS", "HOMELESS_NOW"), "").await;
    let is = queue(&world).await;
    assert!(place(&is, &second) < place(&is, &first), "the queue goes by what was found");
    let at_hub = urgency(&world, HUB, &second).await;
    assert_eq!(at_hub["urgency"], "HOMELESS_NOW");
    let steps = at_hub["history"].as_array().expect("a list").clone();
    assert_eq!(steps.last(), Some(&json!({ "from": "SUBMITTED", "to": "SUBMITTED", "detail": null })));
    assert_eq!(urgency(&world, "referrer", &second).await, before, "byte for byte what it was to who wrote it");

    // What was read has changed; nothing to change; not theirs.
    let stale = find(&second, "EVICTION_WITHIN_DAYS", "UPSTREAM");
    assert_eq!(world.codes(HUB, "referralSetUrgency", stale).await, ["CONFLICT"]);
    assert_eq!(
        world.codes(HUB, "referralSetUrgency", find(&second, "HOMELESS_NOW", "HOMELESS_NOW")).await,
        ["INVALID"]
    );
    for who in ["referrer", "support-worker", "administrator"] {
        refused(&world, who, "referralSetUrgency", find(&second, "HOMELESS_NOW", "UPSTREAM")).await;
    }
    // The clock does not mistake it for a pause.
    let ask = json!({ "referralId": second, "version": 2, "question": "Since when?" });
    world.done(HUB, "referralAsk", ask, "").await;
    world.done(HUB, "referralSetUrgency", find(&second, "HOMELESS_NOW", "WITHIN_56_DAYS"), "").await;
    let clock = "query C($id: ID!) { referral(id: $id) { triageClock { pausedSince } history { at to } } }";
    let told = world.data(HUB, clock, json!({ "id": second })).await["referral"].clone();
    let steps = told["history"].as_array().expect("a list");
    let asked = steps.iter().find(|s| s["to"] == "AWAITING_INFORMATION").expect("a step");
    assert_eq!(told["triageClock"]["pausedSince"], asked["at"]);
    let answer = json!({ "referralId": second, "version": 3, "answer": "Since May.", "categories": [] });
    world.done("referrer", "referralAnswer", answer, "").await;

    // The team it is offered to reads what was found; and once it is theirs, the hub says no more of it.
    let offer =
        json!({ "referralId": second, "version": 4, "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
    world.done(HUB, "referralOffer", offer, "").await;
    assert_eq!(urgency(&world, "support-worker", &second).await["urgency"], "WITHIN_56_DAYS");
    world.done("support-worker", "referralAccept", json!({ "referralId": second, "version": 3 }), "").await;
    let late = find(&second, "WITHIN_56_DAYS", "UPSTREAM");
    assert_eq!(world.codes(HUB, "referralSetUrgency", late).await, ["ILLEGAL_TRANSITION"]);
}

const TEAM: &str = "query T($id: ID!) { node(id: $id) { ... on Team { version room roomStatedAt caseloads { name openCases isDigital limit room } } } }";

async fn team(world: &World, who: &str) -> Value {
    world.data(who, TEAM, json!({ "id": demo::NORTH.global() })).await["node"].clone()
}

fn state(version: i64, room: Value, digital: Value) -> Value {
    json!({ "teamId": demo::NORTH.global(), "version": version, "room": room, "digitalWorkerIds": digital })
}

async fn a_team_states_its_room_and_suggestions_go_by_it(world: World) {
    let none = team(&world, "team-manager").await;
    assert_eq!((&none["room"], &none["roomStatedAt"]), (&Value::Null, &Value::Null));
    let me =
        async |who: &str| id_of(&world.data(who, "{ viewer { personId } }", json!({})).await["viewer"]["personId"]);
    let (worker, stranger) = (me("support-worker").await, me("outside-worker").await);
    for (input, code) in [
        (state(9, json!(1), Value::Null), "CONFLICT"),
        (state(1, json!(-1), Value::Null), "INVALID"),
        (state(1, json!(1001), Value::Null), "INVALID"),
        (state(1, json!(1), json!([stranger])), "NOT_FOUND"),
        (state(1, json!(1), json!(["person_x"])), "NOT_FOUND"),
        (json!({ "teamId": demo::OUTREACH.global(), "version": 1, "room": 1 }), "NOT_ALLOWED"),
        (json!({ "teamId": "team_x", "version": 1, "room": 1 }), "NOT_FOUND"),
    ] {
        assert_eq!(world.codes("team-manager", "teamStateRoom", input.clone()).await, [code], "{input}");
    }
    for who in ["support-worker", "hub-coordinator", "administrator"] {
        refused(&world, who, "teamStateRoom", state(1, json!(1), Value::Null)).await;
    }
    assert_eq!(team(&world, "team-manager").await, none, "nothing was changed");

    world.done("team-manager", "teamStateRoom", state(1, json!(2), json!([worker, worker])), "").await;
    let id = world.submitted("Suggested").await;
    let suggested = "query S($id: ID!) { referral(id: $id) { suggestedServices(first: 100) { room roomStatedAt eligibility { service { teamId } } } } }";
    let of_north = async || {
        let told = world.data(HUB, suggested, json!({ "id": id })).await;
        let all = told["referral"]["suggestedServices"].as_array().expect("a list").clone();
        let at =
            all.iter().position(|s| s["eligibility"]["service"]["teamId"] == demo::NORTH.global()).expect("north");
        (at, all.len(), all[at]["room"].clone(), all[at]["roomStatedAt"].is_string())
    };
    let (_, count, room, stated) = of_north().await;
    assert_eq!((&room, stated), (&json!(2), true));
    assert!(count > 1, "there is something to be suggested before it");
    world.done("team-manager", "teamStateRoom", state(2, json!(0), Value::Null), "").await;
    let (at, count, room, _) = of_north().await;
    assert_eq!((&room, at), (&json!(0), count - 1), "who has no room comes last of those that fit as well");
    world.done("team-manager", "teamStateRoom", state(3, Value::Null, json!([])), "").await;
    assert_eq!(of_north().await.2, Value::Null);
}

/// What somebody has in hand is counted as far as the viewer sees it, and for the team alone.
async fn caseloads_are_the_teams_own_and_count_nothing_hidden(world: World) {
    let of = |told: &Value, name: &str| {
        told["caseloads"].as_array().expect("a list").iter().find(|w| w["name"] == name).cloned().expect("a worker")
    };
    let before = of(&team(&world, "team-manager").await, "Sam Okafor");
    let open = before["openCases"].as_i64().expect("a number");
    assert_eq!((&before["limit"], &before["room"]), (&json!(25), &json!(25 - open)));
    let case = world.accepted("Taken").await;
    let after = of(&team(&world, "team-manager").await, "Sam Okafor");
    assert_eq!((&after["openCases"], &after["room"]), (&json!(open + 1), &json!(24 - open)));
    let me = world.data("support-worker", "{ viewer { personId } }", json!({})).await;
    let worker = id_of(&me["viewer"]["personId"]);
    world.done("team-manager", "teamStateRoom", state(1, json!(1), json!([worker])), "").await;
    let digital = of(&team(&world, "support-worker").await, "Sam Okafor");
    assert_eq!(
        (&digital["isDigital"], &digital["limit"], &digital["room"]),
        (&json!(true), &json!(30), &json!(29 - open))
    );
    for who in
        ["hub-coordinator", "partner-worker", "outside-worker", "referrer", "administrator", "safeguarding-lead"]
    {
        assert_eq!(team(&world, who).await["caseloads"], json!([]), "{who}");
    }
    // Somebody else of the team, who is not named on a seal, counts as if the case were not.
    world.member("colleague", demo::HARBOUR, &[Role::SupportWorker], &[demo::NORTH]).await;
    let colleague = format!("colleague@{}", demo::HARBOUR.global());
    assert_eq!(of(&team(&world, &colleague).await, "Sam Okafor")["openCases"], json!(open + 1));
    let manager = world.data("team-manager", "{ viewer { personId } }", json!({})).await;
    let named = [json!(worker), manager["viewer"]["personId"].clone()];
    let seal = json!({ "clientId": case.client, "personIds": named, "reason": "A colleague's brother." });
    world.done("team-manager", "clientSeal", seal, "").await;
    assert_eq!(of(&team(&world, &colleague).await, "Sam Okafor")["openCases"], json!(open));
    assert_eq!(of(&team(&world, "support-worker").await, "Sam Okafor")["openCases"], json!(open + 1));
}

on_both_databases!(the_hub_finds_a_referral_more_urgent_than_it_was_written);
on_both_databases!(a_team_states_its_room_and_suggestions_go_by_it);
on_both_databases!(caseloads_are_the_teams_own_and_count_nothing_hidden);
