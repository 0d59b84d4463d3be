//! Lives change (C3, C24): a parent consents for a child, and no longer than that.

use crate::support::World;
use alliance::domain::ids::TypedId;
use alliance::service::demo;
use serde_json::{Value, json};

async fn finance(world: &World, client: &str) -> Value {
    let record = "query($id: ID!) { client(id: $id) { finance { text } } }";
    world.data("outside-worker", record, json!({ "id": client })).await["client"].clone()
}

async fn a_parents_consent_lapses_when_the_child_is_of_age(world: World) {
    let t = world.accepted("Wick").await;
    let consent = json!({ "clientId": t.client, "consent": {
        "recipients": [demo::MEADOW.global()], "purposes": ["SUPPORT"], "categories": ["NAME", "FINANCE"], "givenBy": "PARENT",
        "givenHow": "VERBAL", "evidence": "Said so on the phone.", "expiresAt": "2028-03-01T00:00:00Z",
    } });
    // The date of birth that came with the referral is an adult's: a parent's consent opens nothing.
    world.done("support-worker", "consentRecord", consent.clone(), "").await;
    assert_eq!(finance(&world, &t.client).await, Value::Null);
    let birth = json!({ "clientId": t.client, "section": { "birth": { "date": "2008-04-20" } } });
    world.done("support-worker", "entryRecord", birth, "").await;
    assert_eq!(finance(&world, &t.client).await, Value::Null, "of two dates the earlier counts");

    // With the child's alone on record it holds until the day of being 18.
    world.raw("UPDATE client_entry SET replaced_at = 1 WHERE category = 'BIRTH' AND search_key = '1990-02-03'").await;
    world.done("support-worker", "consentRecord", consent, "").await;
    assert_eq!(finance(&world, &t.client).await["finance"]["text"], "Universal Credit.");
    world.clock.pass_days(18);
    assert_eq!(finance(&world, &t.client).await["finance"]["text"], "Universal Credit.");
    world.clock.pass_days(1);
    assert_eq!(finance(&world, &t.client).await, Value::Null, "18 on the 20th");
    let (_, differences) = alliance::persistence::ledger::check(&world.app.database).await.expect("it checks");
    assert_eq!(differences, []);
}

on_both_databases!(a_parents_consent_lapses_when_the_child_is_of_age);
