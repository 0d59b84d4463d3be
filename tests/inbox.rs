//! The inbox: whoever is told something finds it there, and nobody else; what is about a client only while they may know.

use crate::support::{CANARY, Travelled, World};
use alliance::domain::ids::TypedId;
use alliance::domain::role::Role;
use alliance::service::demo;
use serde_json::{Value, json};

const INBOX: &str = "query Inbox($state: InboxState) { inbox(state: $state) { totalCount pageInfo { hasNextPage } nodes { \
    id kind subject { __typename id } client { id } postedAt dueAt readAt doneAt } } }";

async fn inbox(world: &World, who: &str) -> Value {
    world.data(who, INBOX, json!({})).await["inbox"].clone()
}

/// A case that a team has left because consent was withdrawn.
async fn left(world: &World, family: &str) -> Travelled {
    let t = world.accepted(family).await;
    let consent = world.solicitors_join(&t).await;
    let withdraw = json!({ "consentId": consent, "withdrawnBy": "By phone." });
    world.done("support-worker", "consentWithdraw", withdraw, "").await;
    t
}

async fn the_lead_is_told_that_a_team_has_left_and_nobody_else_is(world: World) {
    let t = left(&world, "Wick").await;
    let told = inbox(&world, "support-worker").await;
    assert_eq!(told["totalCount"], 1);
    let item = &told["nodes"][0];
    assert_eq!(item["kind"], "MEMBER_UNCOVERED");
    assert_eq!(item["subject"], json!({ "__typename": "SharedCase", "id": t.case }));
    assert_eq!(item["client"]["id"], json!(t.client));
    assert!(item["dueAt"].is_null() && item["readAt"].is_null() && item["doneAt"].is_null());
    for other in ["team-manager", "partner-worker", "hub-coordinator", "safeguarding-lead", "canary", "administrator"]
    {
        assert_eq!(inbox(&world, other).await["totalCount"], 0, "{other}");
        let node = world.data(other, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": item["id"] })).await;
        assert_eq!(node, json!({ "node": null }), "{other}");
        let read = json!({ "inboxItemId": item["id"] });
        assert_eq!(world.codes(other, "inboxItemRead", read).await, ["NOT_FOUND"], "{other}");
    }
}

async fn an_item_that_only_tells_something_is_done_when_it_is_read(world: World) {
    left(&world, "Wick").await;
    let item = inbox(&world, "support-worker").await["nodes"][0]["id"].clone();
    let count = async |state: &str| {
        let found = world.data("support-worker", INBOX, json!({ "state": state })).await;
        assert_eq!(found["inbox"]["totalCount"], json!(found["inbox"]["nodes"].as_array().unwrap().len()));
        found["inbox"]["totalCount"].as_i64().unwrap()
    };
    assert_eq!((count("UNREAD").await, count("OPEN").await, count("DONE").await), (1, 1, 0));
    let read = json!({ "inboxItemId": item });
    let once = world.done("support-worker", "inboxItemRead", read.clone(), "inboxItem { id readAt doneAt }").await;
    assert!(once["inboxItem"]["readAt"].is_string() && once["inboxItem"]["doneAt"].is_string());
    let twice = world.done("support-worker", "inboxItemRead", read, "inboxItem { id readAt doneAt }").await;
    assert_eq!(twice, once, "reading again changes nothing");
    assert_eq!((count("UNREAD").await, count("OPEN").await, count("DONE").await), (0, 0, 1));
}

async fn an_item_goes_with_the_grant_that_reached_its_subject(world: World) {
    let t = left(&world, "Wick").await;
    let worker = format!("support-worker@{}", demo::HARBOUR.global());
    let item = inbox(&world, &worker).await["nodes"][0]["id"].clone();
    let gone = async |why: &str| {
        let found = inbox(&world, &worker).await;
        assert_eq!((&found["totalCount"], &found["nodes"]), (&json!(0), &json!([])), "{why}");
        let read = json!({ "inboxItemId": item });
        assert_eq!(world.codes(&worker, "inboxItemRead", read).await, ["NOT_FOUND"], "{why}");
    };
    let uuid = alliance::domain::ids::ClientId::parse(&t.client).unwrap().0;
    let client = crate::inputs::literal(&world, uuid);
    world
        .raw(&format!(
            "INSERT INTO restriction (id, client_id, kind, recorded_by, recorded_at) \
            SELECT c.id, c.id, 'SEALED', (SELECT p.id FROM person p LIMIT 1), 1 FROM client c WHERE c.id = {client}"
        ))
        .await;
    gone("sealed").await;
    world.raw("DELETE FROM restriction").await;
    assert_eq!(inbox(&world, &worker).await["totalCount"], 1);
    let close = json!({ "caseId": t.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" });
    world.done("support-worker", "caseClose", close, "").await;
    // What its agency recorded stays its own (C2 AUTHOR); the case it has left is not reached through that.
    gone("the case is closed").await;
}

async fn an_inbox_belongs_to_a_person_for_one_organisation(world: World) {
    left(&world, "Wick").await;
    let hats = [Role::SupportWorker, Role::SafeguardingLead];
    world.member("support-worker", CANARY, &hats, &[]).await;
    let elsewhere = format!("support-worker@{}", CANARY.global());
    assert_eq!(inbox(&world, &elsewhere).await["totalCount"], 0);
    assert_eq!(inbox(&world, "support-worker").await["totalCount"], 1);
}

async fn an_inbox_is_paged_newest_first_and_costs_no_more_for_being_long(world: World) {
    let mut cases = Vec::new();
    for family in ["Wick", "Moss", "Vane", "Tarn", "Quill"] {
        cases.push(json!(left(&world, family).await.case));
    }
    cases.reverse();
    let query = "query Inbox($first: Int, $after: String) { inbox(first: $first, after: $after) { totalCount \
        nodes { id kind subject { __typename ... on SharedCase { id status } } client { id name { family } } } \
        pageInfo { hasNextPage endCursor } } }";
    let page = async |first: i32, after: Value| {
        world.data("support-worker", query, json!({ "first": first, "after": after })).await["inbox"].clone()
    };
    page(1, Value::Null).await;
    let before = world.statements();
    let one = page(1, Value::Null).await;
    let of_one = world.statements() - before;
    let all = page(100, Value::Null).await;
    assert_eq!(world.statements() - before - of_one, of_one, "as many statements for five as for one");
    let subjects = |page: &Value| {
        let nodes = page["nodes"].as_array().unwrap();
        nodes.iter().map(|n| n["subject"]["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(subjects(&all), cases, "newest first");
    assert_eq!(one["totalCount"], 5);
    let mut walked = subjects(&one);
    let mut last = one;
    while last["pageInfo"]["hasNextPage"] == json!(true) {
        last = page(2, last["pageInfo"]["endCursor"].clone()).await;
        walked.extend(subjects(&last));
    }
    assert_eq!(walked, cases);
}

on_both_databases!(
    the_lead_is_told_that_a_team_has_left_and_nobody_else_is,
    an_item_that_only_tells_something_is_done_when_it_is_read,
    an_item_goes_with_the_grant_that_reached_its_subject,
    an_inbox_belongs_to_a_person_for_one_organisation,
    an_inbox_is_paged_newest_first_and_costs_no_more_for_being_long,
);
