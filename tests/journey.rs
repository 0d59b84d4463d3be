//! The main job, end to end, over the real router: one referral, from a referrer to a shared case, under consent.

use crate::support::{World, draft};
use alliance::domain::ids::TypedId;
use alliance::service::demo;
use serde_json::{Value, json};

const RECORD: &str = "query Record($id: ID!) { client(id: $id) { id name { given family } birth { date } contact { postcode } \
    loneWorking { text } housing { tenure arrearsPence } finance { text } health { text } redactions { category reason } \
    sharedCases { nodes { id lead { organisation { name } } } } } }";

fn withheld(client: &Value) -> Vec<&str> {
    client["redactions"].as_array().unwrap().iter().map(|r| r["category"].as_str().unwrap()).collect()
}

async fn a_referral_becomes_a_case_that_is_shared_under_consent(world: World) {
    // A probation officer drafts and submits.
    let made =
        world.done("referrer", "referralDraft", draft("Quill"), "referral { id version state client { id } }").await;
    let id = made["referral"]["id"].as_str().unwrap();
    assert_eq!(made["referral"]["state"], "DRAFT");
    assert_eq!(made["referral"]["client"], Value::Null, "a sender holds no client record");
    let none =
        world.data("hub-coordinator", "query($id: ID!) { referral(id: $id) { id } }", json!({ "id": id })).await;
    assert_eq!(none["referral"], Value::Null, "nobody else sees a draft");
    let sent = world
        .done("referrer", "referralSubmit", json!({ "referralId": id, "version": 1 }), "referral { state version }")
        .await;
    assert_eq!(sent["referral"], json!({ "state": "SUBMITTED", "version": 2 }));

    // The hub sees what triage needs, and what the referral brought under consent.
    let triage = "query { referrals(state: SUBMITTED) { totalCount nodes { id sender { name } narratives { category text } \
        client { id name { family } health { text } redactions { category } } viewerAccess { canOffer canAccept } } } }";
    let queue = world.data("hub-coordinator", triage, json!({})).await;
    let first = &queue["referrals"]["nodes"][0];
    assert_eq!(queue["referrals"]["totalCount"], 1);
    assert_eq!(first["sender"]["name"], "Ridgemarket Probation Office");
    assert_eq!(first["client"]["health"]["text"], "Takes medication for depression.");
    assert_eq!(first["narratives"].as_array().unwrap().len(), 2);
    assert_eq!(first["viewerAccess"], json!({ "canOffer": true, "canAccept": false }));

    // It offers it to a housing support team, which sees less.
    let offer =
        json!({ "referralId": id, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "Adult, local." });
    world.done("hub-coordinator", "referralOffer", offer, "").await;
    let offered = "query { referrals(state: OFFERED) { nodes { id sender { name id } narratives { category } \
        client { id name { family } birth { date } health { text } redactions { category reason } } } } }";
    let seen = world.data("support-worker", offered, json!({})).await;
    let seen = &seen["referrals"]["nodes"][0];
    assert_eq!(seen["client"]["name"]["family"], "Quill");
    assert_eq!(seen["client"]["health"], Value::Null);
    assert_eq!(seen["client"]["birth"], Value::Null, "an offer shows no date of birth");
    assert_eq!(seen["narratives"], json!([{ "category": "HOUSING" }]));
    assert_eq!(
        seen["sender"],
        json!({ "name": "an organisation", "id": null }),
        "a probation office speaks of offending"
    );

    // The worker accepts; a case opens.
    let accepted = world
        .done(
            "support-worker",
            "referralAccept",
            json!({ "referralId": id, "version": 3 }),
            "referral { state client { id } sharedCase { id lead { workerName } } }",
        )
        .await;
    let client = accepted["referral"]["client"]["id"].as_str().unwrap();
    let case = accepted["referral"]["sharedCase"]["id"].as_str().unwrap();
    assert_eq!(accepted["referral"]["sharedCase"]["lead"]["workerName"], "Sam Okafor");
    let own = world.data("support-worker", RECORD, json!({ "id": client })).await;
    assert_eq!(own["client"]["health"]["text"], "Takes medication for depression.", "consent names it to the lead");

    // The referrer gets an answer, and no more.
    let answer =
        "query($id: ID!) { referral(id: $id) { state outcome client { id } sharedCase { id } offers { id } } }";
    let told = world.data("referrer", answer, json!({ "id": id })).await;
    assert_eq!(
        told["referral"],
        json!({ "state": "ACCEPTED", "outcome": null, "client": null, "sharedCase": null, "offers": [] })
    );

    // A solicitors' team cannot join without consent, nor with an agreement wider than it.
    let member = |agreed: Value| json!({ "caseId": case, "teamId": demo::SOLICITORS.global(), "role": "Housing solicitor", "agreed": agreed });
    assert_eq!(world.codes("support-worker", "caseMemberAdd", member(json!(["HOUSING"]))).await, ["NOT_COVERED"]);
    let consent = json!({
        "recipients": [demo::LOCKWELL.global()], "purposes": ["CASE_COORDINATION"], "categories": ["HOUSING", "FINANCE"],
        "givenBy": "CLIENT", "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
    });
    let given = world
        .done("support-worker", "consentRecord", json!({ "clientId": client, "consent": consent }), "consent { id }")
        .await;
    let wider = member(json!(["HOUSING", "HEALTH"]));
    assert_eq!(world.codes("support-worker", "caseMemberAdd", wider).await, ["SHARING_WIDER_THAN_CONSENT"]);
    world.done("support-worker", "caseMemberAdd", member(json!(["HOUSING", "FINANCE"])), "sharedCase { id }").await;

    // It gets HOUSING and FINANCE, with NAME and LONE_WORKING, and no more.
    let shared = world.data("partner-worker", RECORD, json!({ "id": client })).await;
    let shared = &shared["client"];
    assert_eq!(shared["name"]["family"], "Quill");
    assert_eq!(shared["housing"]["arrearsPence"], 120_000);
    assert_eq!(shared["finance"]["text"], "Universal Credit.");
    assert_eq!(shared["loneWorking"]["text"], "Meet at the office.");
    for closed in ["birth", "contact", "health"] {
        assert_eq!(shared[closed], Value::Null, "{closed}");
    }
    let closed = withheld(shared);
    assert!(closed.contains(&"HEALTH") && closed.contains(&"CONTACT") && !closed.contains(&"HOUSING"));
    assert_eq!(shared["sharedCases"]["nodes"][0]["id"], case);

    // A third agency cannot tell that the person exists.
    for who in ["outside-worker", "canary"] {
        let hidden = world.data(who, RECORD, json!({ "id": client })).await;
        assert_eq!(hidden["client"], Value::Null, "{who}");
        let all = world
            .data(who, "{ clients { totalCount } referrals { totalCount } sharedCases { totalCount } }", json!({}))
            .await;
        assert_eq!(all["clients"]["totalCount"], 0, "{who}");
        assert_eq!(all["referrals"]["totalCount"], 0, "{who}");
        assert_eq!(all["sharedCases"]["totalCount"], 0, "{who}");
    }

    // Consent is withdrawn; the next request shows it, and the membership has ended.
    let withdrawal = json!({ "consentId": given["consent"]["id"], "withdrawnBy": "The client, by phone." });
    world.done("support-worker", "consentWithdraw", withdrawal, "consent { id }").await;
    let after = world.data("partner-worker", RECORD, json!({ "id": client })).await;
    assert_eq!(after["client"], Value::Null);
    let lead = "query($id: ID!) { sharedCase(id: $id) { members { organisation { name } leftAt } } }";
    let members = world.data("support-worker", lead, json!({ "id": case })).await;
    assert!(members["sharedCase"]["members"][0]["leftAt"].is_string(), "the lead is shown that it left");
}

async fn a_declined_referral_is_looked_at_again_and_never_ends_without_a_next_step(world: World) {
    let id = world.offered("Tarn", demo::NORTH).await;
    let declined = json!({ "referralId": id, "version": 3, "reason": "NO_CAPACITY" });
    let state = "referral { state version offers { declineReason } }";
    world.done("support-worker", "referralDecline", declined, "").await;
    let hub = world
        .data(
            "hub-coordinator",
            &format!("query($id: ID!) {{ {} }}", state.replacen("referral", "referral(id: $id)", 1)),
            json!({ "id": id }),
        )
        .await;
    assert_eq!(hub["referral"]["state"], "DECLINE_REVIEW");
    assert_eq!(hub["referral"]["offers"][0]["declineReason"], "NO_CAPACITY");
    let gone =
        world.data("support-worker", "query($id: ID!) { referral(id: $id) { id } }", json!({ "id": id })).await;
    assert_eq!(gone["referral"], Value::Null, "an answered offer shows nothing any more");

    let close = |extra: Value| {
        let mut input =
            json!({ "referralId": id, "version": 4, "outcome": "CRITERIA_NOT_MET", "text": "Out of area." });
        input.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        input
    };
    assert_eq!(world.codes("hub-coordinator", "referralClose", close(json!({}))).await, ["DEAD_END"]);
    let signpost = json!({
        "on": { "referralId": id }, "serviceId": demo::DROP_IN.global(), "told": "BOTH", "channel": "PHONE",
        "reason": "A bed tonight.",
    });
    let told = world.done("hub-coordinator", "signpostRecord", signpost, "signpost { id version serviceName }").await;
    assert_eq!(told["signpost"]["serviceName"], "Lantern drop-in");
    world.done("hub-coordinator", "referralClose", close(json!({})), "referral { state }").await;
    let follow = json!({ "signpostId": told["signpost"]["id"], "version": 1, "outcome": "ENGAGED" });
    world.done("hub-coordinator", "signpostFollowUp", follow, "").await;

    let answer =
        "query($id: ID!) { referral(id: $id) { state outcome outcomeText signposts { serviceName followUp } } }";
    let hub = world.data("hub-coordinator", answer, json!({ "id": id })).await;
    assert_eq!(hub["referral"]["signposts"][0]["followUp"], "ENGAGED");
    // The sender is told where the person was pointed to, not what became of it.
    let told = world.data("referrer", answer, json!({ "id": id })).await;
    assert_eq!(
        told["referral"],
        json!({
            "state": "CLOSED", "outcome": "CRITERIA_NOT_MET", "outcomeText": "Out of area.",
            "signposts": [{ "serviceName": "Lantern drop-in", "followUp": null }],
        })
    );
}

async fn a_sender_reads_referred_on_where_it_was_a_duplicate(world: World) {
    let id = world.submitted("Vane").await;
    let input = json!({
        "referralId": id, "version": 2, "outcome": "DUPLICATE", "text": "Known since March.", "onwardReferral": "Housing support",
    });
    world.done("hub-coordinator", "referralClose", input, "").await;
    let query = "query($id: ID!) { referral(id: $id) { outcome outcomeText onwardReferral } }";
    let told = world.data("referrer", query, json!({ "id": id })).await;
    assert_eq!(
        told["referral"],
        json!({ "outcome": "REFERRED_ON", "outcomeText": null, "onwardReferral": "Housing support" })
    );
    let hub = world.data("hub-coordinator", query, json!({ "id": id })).await;
    assert_eq!(hub["referral"]["outcome"], "DUPLICATE");
}

async fn a_case_closes_and_the_door_stays_open(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let note = json!({ "caseId": t.case, "categories": ["HEALTH"], "visibility": "TEAM", "text": "Slept badly." });
    world.done("support-worker", "noteRecord", note, "").await;
    let plain = json!({ "caseId": t.case, "visibility": "AGENCY", "text": "Called the landlord." });
    world.done("partner-worker", "noteRecord", plain, "").await;
    let notes = "query($id: ID!) { sharedCase(id: $id) { version notes { totalCount nodes { text } } } }";
    let texts = |v: &Value| {
        v["sharedCase"]["notes"]["nodes"].as_array().unwrap().iter().map(|n| n["text"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(texts(&world.data("support-worker", notes, json!({ "id": t.case })).await), ["Slept badly."]);
    let theirs = world.data("partner-worker", notes, json!({ "id": t.case })).await;
    assert_eq!(texts(&theirs), ["Called the landlord."]);
    assert_eq!(theirs["sharedCase"]["notes"]["totalCount"], 1);

    let close = json!({ "caseId": t.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" });
    assert_eq!(world.codes("partner-worker", "caseClose", close.clone()).await, ["NOT_ALLOWED"]);
    world.done("support-worker", "caseClose", close, "sharedCase { status }").await;
    let after = "query($id: ID!) { client(id: $id) { name { family } housing { tenure } } }";
    let lead = world.data("support-worker", after, json!({ "id": t.client })).await;
    assert_eq!(lead["client"]["housing"], Value::Null, "the lead's access ended with the case");
    let keeps = world.data("partner-worker", notes, json!({ "id": t.case })).await;
    assert_eq!(keeps["sharedCase"], Value::Null, "the case is no longer the member's");

    let back = world
        .done(
            "support-worker",
            "caseReenter",
            json!({ "caseId": t.case, "version": 2 }),
            "sharedCase { id status previousCase { id status } client { name { family } } }",
        )
        .await;
    let new = &back["sharedCase"];
    assert_eq!(new["status"], "OPEN");
    assert_eq!(new["previousCase"], json!({ "id": t.case, "status": "CLOSED" }));
    assert_eq!(new["client"]["name"]["family"], "Wick");
}

/// C24: on death consents end at once; the lead keeps the case for 28 days, and nobody comes back from it.
async fn a_death_ends_consents_and_leaves_the_lead_four_weeks(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let record = "query($id: ID!) { client(id: $id) { name { family } housing { tenure } health { text } } }";
    let read = async |who: &'static str| world.data(who, record, json!({ "id": t.client })).await["client"].clone();
    let before = read("support-worker").await;
    assert_eq!(before["health"]["text"], "Takes medication for depression.");
    assert_eq!(read("partner-worker").await["housing"]["tenure"], "PRIVATE_RENT");

    let close = |reason: &str, day: Value| json!({ "caseId": t.case, "version": 1, "kind": "UNPLANNED", "reason": reason, "diedOn": day });
    for (reason, day) in [("DIED", json!("2026-04-02")), ("NEEDS_MET", json!("2026-04-01"))] {
        assert_eq!(world.codes("support-worker", "caseClose", close(reason, day)).await, ["INVALID"]);
    }
    assert_eq!(read("support-worker").await, before, "nothing was changed");
    world.done("support-worker", "caseClose", close("DIED", json!("2026-04-01")), "sharedCase { status }").await;

    let lead = read("support-worker").await;
    assert_eq!(lead["housing"]["tenure"], "PRIVATE_RENT", "the lead settles what is left");
    assert_eq!(lead["health"], Value::Null, "what consent opened is closed");
    assert_eq!(read("partner-worker").await, Value::Null);
    let back = json!({ "caseId": t.case, "version": 2 });
    assert_eq!(world.codes("support-worker", "caseReenter", back).await, ["ILLEGAL_TRANSITION"]);
    world.clock.pass_days(26);
    assert_eq!(read("support-worker").await["housing"]["tenure"], "PRIVATE_RENT");
    world.clock.pass_days(2);
    assert_eq!(read("support-worker").await["housing"], Value::Null, "28 days are over");
}

on_both_databases!(
    a_referral_becomes_a_case_that_is_shared_under_consent,
    a_declined_referral_is_looked_at_again_and_never_ends_without_a_next_step,
    a_sender_reads_referred_on_where_it_was_a_duplicate,
    a_case_closes_and_the_door_stays_open,
    a_death_ends_consents_and_leaves_the_lead_four_weeks,
);
