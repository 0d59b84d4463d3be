//! What was found in this way, and stays mended.

use crate::hidden::{look, settle};
use crate::support::{World, draft};
use alliance::domain::category::Categories;
use alliance::domain::clock::Clock;
use alliance::domain::ids::{OrganisationId, TypedId};
use alliance::domain::organisation_name::OrganisationKind;
use alliance::domain::role::Role;
use alliance::persistence::organisation::{self, NewOrganisation};
use alliance::service::demo;
use serde_json::{Value, json};
use uuid::Uuid;

async fn a_signposts_version_tells_its_sender_nothing_of_what_became_of_it(world: World) {
    let referral = world.submitted("Marsh").await;
    let told = json!({
        "on": { "referralId": referral }, "serviceId": demo::DROP_IN.global(), "told": "BOTH", "channel": "PHONE", "reason": "A bed.",
    });
    let made = world.done("hub-coordinator", "signpostRecord", told, "signpost { id }").await;
    let query = "query Q($id: ID!) { referral(id: $id) { signposts { id version followUp followedUpAt } } }";
    settle(&world, "referrer").await;
    let before = look(&world, "referrer", query, &json!({ "id": referral })).await;
    let found = json!({ "signpostId": made["signpost"]["id"], "version": 1, "outcome": "TURNED_AWAY" });
    world.done("hub-coordinator", "signpostFollowUp", found, "").await;
    settle(&world, "referrer").await;
    assert_eq!(look(&world, "referrer", query, &json!({ "id": referral })).await, before);
    let hub = world.data("hub-coordinator", query, json!({ "id": referral })).await;
    assert_eq!(
        hub["referral"]["signposts"][0]["version"], 2,
        "whoever may follow it up reads the version to do it by"
    );
}

async fn a_withdrawal_that_names_a_recipient_twice_goes_through(world: World) {
    let t = world.accepted("Fen").await;
    let consent = world.solicitors_join(&t).await;
    let twice = [demo::LOCKWELL.global(), demo::LOCKWELL.global()];
    let input = json!({ "consentId": consent, "recipients": twice, "withdrawnBy": "The client." });
    world.done("support-worker", "consentWithdraw", input, "").await;
    let query = "query Q($id: ID!) { sharedCase(id: $id) { members { leftAt } } }";
    let case = world.data("support-worker", query, json!({ "id": t.case })).await;
    assert_ne!(case["sharedCase"]["members"][0]["leftAt"], Value::Null, "and it closed what it names");
}

async fn errors_come_in_the_order_of_the_document(world: World) {
    let t = world.accepted("Reed").await;
    let query = "query Q($id: ID!) { client(id: $id) { referrals(first: 0) { totalCount } } memberships { totalCount } \
        sharedCases { nodes { notes(first: 101) { totalCount } } } clients(last: 0) { totalCount } }";
    for _ in 0..20 {
        let answer = world.ask("support-worker", query, json!({ "id": t.client })).await;
        let paths: Vec<_> =
            answer["errors"].as_array().expect("errors").iter().map(|e| e["path"].to_string()).collect();
        let expected = [
            r#"["client","referrals"]"#,
            r#"["memberships"]"#,
            r#"["sharedCases","nodes",0,"notes"]"#,
            r#"["clients"]"#,
        ];
        assert_eq!(paths, expected);
    }
}

async fn a_household_costs_as_much_with_hidden_records_as_with_none(world: World) {
    let t = world.accepted("Holt").await;
    world.solicitors_join(&t).await;
    let referral = world.offered("Weir", demo::SOLICITORS).await;
    let accept = json!({ "referralId": referral, "version": 3 });
    let theirs = world.done("partner-worker", "referralAccept", accept, "referral { client { id } }").await;
    let record = async |linked: Option<&Value>| {
        let member = json!({ "name": "Bo", "relationship": "sibling", "clientId": linked });
        let input = json!({ "clientId": t.client, "section": { "household": { "members": [member] } } });
        world.done("partner-worker", "entryRecord", input, "").await;
        settle(&world, "support-worker").await;
        let query =
            "query Q($id: ID!) { client(id: $id) { household { members { name client { id name { family } } } } } }";
        look(&world, "support-worker", query, &json!({ "id": t.client })).await
    };
    let without = record(None).await;
    assert!(without.body.contains("\"client\":null"), "{}", without.body);
    assert_eq!(record(Some(&theirs["referral"]["client"]["id"])).await, without, "C9, C13");
}

async fn a_private_senders_referral_costs_as_much_accepted_as_closed(world: World) {
    let family = OrganisationId(Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_00fb));
    let tx = world.app.database.begin().await.expect("begins");
    let new = NewOrganisation {
        id: family,
        name: "Friends and family".into(),
        kind: OrganisationKind::FriendsOrFamily,
        is_partner: false,
        is_category: true,
        parent: None,
        implies: Categories::NONE,
    };
    organisation::register(&tx, &new, world.clock.now()).await.expect("registers");
    tx.commit().await.expect("commits");
    world.member("niece", family, &[Role::Referrer], &[]).await;
    let niece = format!("niece@{}", family.global());
    let mut answers = Vec::new();
    for accepted in [true, false] {
        let made = world.done(&niece, "referralDraft", draft("Kin"), "referral { id }").await;
        let id = made["referral"]["id"].clone();
        world.done(&niece, "referralSubmit", json!({ "referralId": id, "version": 1 }), "").await;
        if accepted {
            world.agreed(&id).await;
            let offer =
                json!({ "referralId": id, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
            world.done("hub-coordinator", "referralOffer", offer, "").await;
            world.done("support-worker", "referralAccept", json!({ "referralId": id, "version": 3 }), "").await;
        } else {
            let close =
                json!({ "referralId": id, "version": 2, "outcome": "NO_CAPACITY", "onwardReferral": "Elsewhere." });
            world.done("hub-coordinator", "referralClose", close, "").await;
        }
        settle(&world, &niece).await;
        let query = "query Q($id: ID!) { referral(id: $id) { progress version sharedCase { id members { id } } } }";
        answers.push(look(&world, &niece, query, &json!({ "id": id })).await);
    }
    assert_eq!(answers[0], answers[1], "C23, C13");
}

on_both_databases!(
    a_signposts_version_tells_its_sender_nothing_of_what_became_of_it,
    a_withdrawal_that_names_a_recipient_twice_goes_through,
    errors_come_in_the_order_of_the_document,
    a_household_costs_as_much_with_hidden_records_as_with_none,
    a_private_senders_referral_costs_as_much_accepted_as_closed,
);
