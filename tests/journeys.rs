//! Referrals on their way through the hub, as portals would take them: where each finds its service, and who is told what of it.

use crate::inputs::id_of;
use crate::support::{World, draft};
use alliance::domain::ids::{OrganisationId, TypedId};
use alliance::domain::role::Role;
use alliance::service::demo;
use serde_json::{Value, json};

const HUB: &str = "hub-coordinator";

async fn state(world: &World, name: &str, more: Value) {
    let all = world.data(HUB, "{ services(first: 50) { nodes { id name version } } }", json!({})).await;
    let all = all["services"]["nodes"].as_array().expect("services").clone();
    let of = all.iter().find(|s| s["name"] == name).expect("a service");
    let mut input = json!({ "serviceId": of["id"], "version": of["version"], "availability": "OPEN" });
    input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    world.done("administrator", "serviceStateCriteria", input, "").await;
}

async fn eligibility(world: &World, who: &str, input: Value) -> Value {
    let query = "query E($input: EligibilityInput!) { eligibility(input: $input) { services { fit service { id name teamId } } \
        signposts { fit service { id name } } } }";
    world.data(who, query, json!({ "input": input })).await["eligibility"].clone()
}

async fn of_referral(world: &World, who: &str, id: &str, select: &str) -> Value {
    let query = format!("query R($id: ID!) {{ referral(id: $id) {{ {select} }} }}");
    world.data(who, &query, json!({ "id": id })).await["referral"].clone()
}

/// The referrer is told that a service fits before anything is sent; the hub is suggested the same, and the team takes it.
async fn eligible_at_once(world: World) {
    state(&world, "Housing support", json!({ "needs": ["RENT_ARREARS"], "districts": ["CHERWELL"], "minAge": 18 }))
        .await;
    state(&world, "Housing law advice", json!({ "needs": ["NOTICE_OR_COURT"] })).await;
    state(&world, "Wellbeing outreach", json!({ "needs": ["HOARDING"] })).await;
    let told =
        eligibility(&world, "referrer", json!({ "needs": ["RENT_ARREARS"], "district": "CHERWELL", "age": 36 }))
            .await;
    let first = &told["services"][0];
    assert_eq!((&first["fit"], &first["service"]["name"]), (&json!("FITS"), &json!("Housing support")));
    let team = id_of(&first["service"]["teamId"]);
    let id = world.submitted("Atonce").await;
    let about = json!({ "id": id, "about": { "needs": ["RENT_ARREARS"], "district": "CHERWELL" } });
    let query = "query S($id: ID!, $about: SuggestionInput) { referral(id: $id) { suggestedServices(about: $about, first: 1) { \
        eligibility { fit service { teamId } } } } }";
    let best = world.data(HUB, query, about).await["referral"]["suggestedServices"][0]["eligibility"].clone();
    assert_eq!((&best["fit"], &best["service"]["teamId"]), (&json!("FITS"), &json!(team)));
    let offer =
        json!({ "referralId": id, "version": 2, "teamId": team, "criteriaSeen": "In arrears, lives in Cherwell." });
    world.done(HUB, "referralOffer", offer, "").await;
    world.done("support-worker", "referralAccept", json!({ "referralId": id, "version": 3 }), "").await;
    let done = of_referral(&world, "referrer", &id, "state progress triageClock { isBreached rawWorkingDays }").await;
    assert_eq!(
        done,
        json!({ "state": "ACCEPTED", "progress": "FINISHED", "triageClock": { "isBreached": false, "rawWorkingDays": 0 } })
    );
}

/// Where nothing fits, the referrer is told why and where to point the person; sent all the same, it ends with that next step.
async fn not_eligible_and_signposted(world: World) {
    for (name, need) in [
        ("Housing support", "RENT_ARREARS"),
        ("Housing law advice", "NOTICE_OR_COURT"),
        ("Wellbeing outreach", "HOARDING"),
        ("Lantern drop-in", "HOMELESS"),
    ] {
        state(&world, name, json!({ "needs": [need] })).await;
    }
    let told = eligibility(&world, "referrer", json!({ "needs": ["HOMELESS"], "age": 36 })).await;
    assert!(told["services"].as_array().expect("services").iter().all(|s| s["fit"] == "DOES_NOT_FIT"), "{told}");
    let point = &told["signposts"][0]["service"];
    assert_eq!(point["name"], "Lantern drop-in");
    let id = world.submitted("Nowhere").await;
    let signpost = json!({
        "on": { "referralId": id }, "serviceId": point["id"], "told": "BOTH", "channel": "PHONE", "reason": "A bed tonight.",
    });
    world.done(HUB, "signpostRecord", signpost, "").await;
    let close =
        json!({ "referralId": id, "version": 2, "outcome": "CRITERIA_NOT_MET", "text": "No team is for this need." });
    world.done(HUB, "referralClose", close, "").await;
    let select = "state outcome outcomeText signposts { serviceName } wouldHaveTold { fit service { name } }";
    let answer = of_referral(&world, "referrer", &id, select).await;
    assert_eq!((&answer["state"], &answer["outcome"]), (&json!("CLOSED"), &json!("CRITERIA_NOT_MET")));
    assert_eq!(answer["signposts"], json!([{ "serviceName": "Lantern drop-in" }]));
    // Of the need nothing is on the record, so what would have told it is nothing that the sender wrote.
    assert_eq!(answer["wouldHaveTold"], json!([]));
}

/// A team declines, the hub looks again and sees whom it asked, offers to another, and that one takes it.
async fn declined_reviewed_offered_again_and_accepted(world: World) {
    let id = world.offered("Again", demo::NORTH).await;
    let decline = json!({ "referralId": id, "version": 3, "reason": "CONFLICT_OF_INTEREST" });
    world.done("support-worker", "referralDecline", decline, "").await;
    let queue = world.data(HUB, "{ triageQueue(state: DECLINE_REVIEW) { nodes { id } } }", json!({})).await;
    assert_eq!(queue["triageQueue"]["nodes"], json!([{ "id": id }]));
    let north = demo::NORTH.global();
    let suggested = "suggestedServices(first: 100) { hasDeclined eligibility { service { teamId } } }";
    let all = of_referral(&world, HUB, &id, suggested).await["suggestedServices"].as_array().expect("a list").clone();
    let last = all.last().expect("services");
    assert_eq!((&last["hasDeclined"], &last["eligibility"]["service"]["teamId"]), (&json!(true), &json!(north)));
    let version = of_referral(&world, HUB, &id, "version").await["version"].clone();
    let offer = json!({
        "referralId": id, "version": version, "teamId": demo::SOLICITORS.global(), "criteriaSeen": "A notice was served.",
    });
    world.done(HUB, "referralOffer", offer, "").await;
    // Who declined is told nothing more of it.
    let gone =
        world.data("support-worker", "query($id: ID!) { referral(id: $id) { id } }", json!({ "id": id })).await;
    assert_eq!(gone["referral"], Value::Null);
    world.done("partner-worker", "referralAccept", json!({ "referralId": id, "version": 3 }), "").await;
    let steps = of_referral(&world, "referrer", &id, "state history { to recordedFor { name } detail }").await;
    let to: Vec<_> = steps["history"].as_array().expect("steps").iter().map(|s| s["to"].clone()).collect();
    assert_eq!(to, ["SUBMITTED", "OFFERED", "DECLINE_REVIEW", "OFFERED", "ACCEPTED"]);
    assert!(
        steps["history"]
            .as_array()
            .expect("steps")
            .iter()
            .all(|s| s["recordedFor"].is_null() && s["detail"].is_null()),
        "a sender is not told where: {steps}"
    );
}

/// Somebody refers themselves, through nobody's organisation: they learn that it came in and that it is dealt with (C23).
async fn somebody_refers_themselves(world: World) {
    let own = json!({ "name": "Self", "kind": "SELF" });
    let own = world.done("administrator", "organisationRegister", own, "organisation { id isCategory }").await;
    assert_eq!(own["organisation"]["isCategory"], true);
    let own = OrganisationId::parse(&id_of(&own["organisation"]["id"])).expect("an id");
    world.member("herself", own, &[Role::Referrer], &[]).await;
    world.member("somebody-else", own, &[Role::Referrer], &[]).await;
    let (herself, other) = (format!("herself@{}", own.global()), format!("somebody-else@{}", own.global()));
    let made = world.done(&herself, "referralDraft", draft("Herself"), "referral { id }").await;
    let id = id_of(&made["referral"]["id"]);
    world.done(&herself, "referralSubmit", json!({ "referralId": id, "version": 1 }), "").await;
    let select =
        "progress state version history { to } triageClock { dueAt } outcome asWritten { category } client { id }";
    let received = of_referral(&world, &herself, &id, select).await;
    assert_eq!(
        (&received["progress"], &received["state"], &received["client"]),
        (&json!("RECEIVED"), &Value::Null, &Value::Null)
    );
    assert!(!received["asWritten"].as_array().expect("a list").is_empty(), "they read what they wrote");
    assert_eq!(of_referral(&world, &other, &id, "id").await, Value::Null, "a category is nobody's agency");
    // The hub triages it like any other: it is no contact request, the person agreed themselves.
    let offer = json!({ "referralId": id, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
    world.done(HUB, "referralOffer", offer, "").await;
    assert_eq!(of_referral(&world, &herself, &id, select).await, received, "nothing moves for them");
    world.done("support-worker", "referralAccept", json!({ "referralId": id, "version": 3 }), "").await;
    let finished = of_referral(&world, &herself, &id, select).await;
    assert_eq!(
        (&finished["progress"], &finished["state"], &finished["outcome"]),
        (&json!("FINISHED"), &Value::Null, &Value::Null)
    );
}

/// The hub is told of a record that looks like the one before it, and closes the second; nobody else learns that there is a first (C23).
async fn a_duplicate_is_found(world: World) {
    let first = world.accepted("Twice").await;
    let id = world.submitted("Twice").await;
    let like = of_referral(&world, HUB, &id, "likeRecords { name birth hasRecentCase client { id } }").await;
    let expected =
        json!([{ "name": "SAME", "birth": "SAME", "hasRecentCase": true, "client": { "id": first.client } }]);
    assert_eq!(like["likeRecords"], expected);
    assert_eq!(of_referral(&world, "referrer", &id, "likeRecords { name }").await["likeRecords"], json!([]));
    let close = json!({
        "referralId": id, "version": 2, "outcome": "DUPLICATE", "text": "Has a case.", "onwardReferral": "Housing support",
    });
    world.done(HUB, "referralClose", close, "").await;
    let told = of_referral(&world, "referrer", &id, "outcome outcomeText onwardReferral").await;
    assert_eq!(told, json!({ "outcome": "REFERRED_ON", "outcomeText": null, "onwardReferral": "Housing support" }));
}

on_both_databases!(eligible_at_once);
on_both_databases!(not_eligible_and_signposted);
on_both_databases!(declined_reviewed_offered_again_and_accepted);
on_both_databases!(somebody_refers_themselves);
on_both_databases!(a_duplicate_is_found);
