//! The duty to refer of public bodies: recorded, passed on the same day, acknowledged, taken back; and what nobody learns of it.

use crate::inputs::id_of;
use crate::inputs::texts;
use crate::support::{World, draft};
use crate::triage::{refused, to_the_second};
use alliance::domain::category::{Categories, Category};
use alliance::domain::clock::Timestamp;
use alliance::domain::ids::{OrganisationId, TypedId};
use alliance::domain::role::Role;
use alliance::service::demo;
use serde_json::{Value, json};

const HUB: &str = "hub-coordinator";
const READ: &str = "query D($id: ID!) { referral(id: $id) { state dutyToRefer { authority { name } reason evidence agreedAt recordedAt passBy \
    passedAt acknowledgedAt reference endedAt endReason } viewerAccess { canRecordDuty canPassDuty canAcknowledgeDuty canEndDuty } } }";
const INBOX: &str = "{ inbox(state: OPEN) { totalCount nodes { kind dueAt subject { ... on Referral { id } } } } }";

fn duty(referral: &str) -> Value {
    json!({
        "referralId": referral, "authorityId": demo::DISTRICT.global(), "reason": "Nowhere to go on release.",
        "evidence": "Signed the form.", "agreedAt": "2026-03-30T09:00:00Z",
    })
}

async fn read(world: &World, who: &str, id: &str) -> Value {
    let mut told = world.data(who, READ, json!({ "id": id })).await["referral"].clone();
    to_the_second(&mut told);
    told
}

fn set(world: &World, moment: &str) {
    world.clock.set(Timestamp::parse(moment).expect("a moment"));
}

/// What is open in somebody's inbox of duties to refer: of which referrals, due when.
async fn to_pass(world: &World, who: &str) -> Vec<(String, String)> {
    let mut told = world.data(who, INBOX, json!({})).await;
    to_the_second(&mut told);
    let all = told["inbox"]["nodes"].as_array().expect("a list").clone();
    let duties = all.iter().filter(|i| i["kind"] == "DUTY_TO_REFER");
    duties.map(|i| (id_of(&i["subject"]["id"]), id_of(&i["dueAt"]))).collect()
}

/// A journey: a prison tells a housing authority of somebody about to be released, and refers them to support as well.
async fn a_prison_refers_and_the_authority_acknowledges(world: World) {
    let prison = world
        .done(
            "administrator",
            "organisationRegister",
            json!({ "name": "HMP Ridgemarket", "kind": "PRISON" }),
            "organisation { id }",
        )
        .await;
    let prison = OrganisationId::parse(&id_of(&prison["organisation"]["id"])).expect("an id");
    world.member("resettlement", prison, &[Role::Referrer], &[]).await;
    let officer = format!("resettlement@{}", prison.global());
    let made = world.done(&officer, "referralDraft", draft("Released"), "referral { id }").await;
    let id = id_of(&made["referral"]["id"]);
    let before = read(&world, &officer, &id).await;
    assert_eq!(before["dutyToRefer"], Value::Null);
    assert_eq!(
        before["viewerAccess"],
        json!({ "canRecordDuty": true, "canPassDuty": false, "canAcknowledgeDuty": false, "canEndDuty": false })
    );
    world.done(&officer, "referralRecordDuty", duty(&id), "").await;
    let drafted = read(&world, &officer, &id).await;
    assert_eq!(drafted["dutyToRefer"]["authority"]["name"], "Ridgemarket District Council");
    assert_eq!(drafted["dutyToRefer"]["passBy"], Value::Null, "a draft is with nobody yet");
    assert_eq!(drafted["viewerAccess"]["canRecordDuty"], false, "one at a time");
    assert_eq!(to_pass(&world, HUB).await, [], "a draft is nobody's business");

    // Submitted at half past nine in London's morning: passed on by midnight.
    set(&world, "2026-06-01T08:30:00Z");
    world.done(&officer, "referralSubmit", json!({ "referralId": id, "version": 1 }), "").await;
    assert_eq!(to_pass(&world, HUB).await, [(id.clone(), "2026-06-01T23:00:00Z".to_owned())]);
    let at_hub = read(&world, HUB, &id).await;
    assert_eq!(at_hub["dutyToRefer"]["reason"], "Nowhere to go on release.");
    assert_eq!(at_hub["dutyToRefer"]["passBy"], "2026-06-01T23:00:00Z");
    assert_eq!(
        at_hub["viewerAccess"],
        json!({ "canRecordDuty": false, "canPassDuty": true, "canAcknowledgeDuty": false, "canEndDuty": true })
    );
    let early = json!({ "referralId": id, "reference": "HO/7" });
    assert_eq!(world.codes(HUB, "referralAcknowledgeDuty", early.clone()).await, ["ILLEGAL_TRANSITION"]);
    refused(&world, &officer, "referralPassDuty", json!({ "referralId": id })).await;

    set(&world, "2026-06-01T10:00:00Z");
    world.done(HUB, "referralPassDuty", json!({ "referralId": id }), "").await;
    assert_eq!(to_pass(&world, HUB).await, [], "what was to be done is done");
    assert_eq!(world.codes(HUB, "referralPassDuty", json!({ "referralId": id })).await, ["ILLEGAL_TRANSITION"]);
    for when in ["2026-06-01T09:59:59Z", "2026-06-09T00:00:00Z"] {
        let odd = json!({ "referralId": id, "reference": "HO/7", "acknowledgedAt": when });
        assert_eq!(world.codes(HUB, "referralAcknowledgeDuty", odd).await, ["INVALID"], "{when}");
    }
    set(&world, "2026-06-03T10:00:00Z");
    world.done(HUB, "referralAcknowledgeDuty", early, "").await;
    // The body reads that its duty is done; its referral to support goes its own way.
    let done = read(&world, &officer, &id).await;
    assert_eq!(done["state"], "SUBMITTED");
    assert_eq!(done["dutyToRefer"]["passedAt"], "2026-06-01T10:00:00Z");
    assert_eq!(done["dutyToRefer"]["acknowledgedAt"], "2026-06-03T10:00:00Z");
    assert_eq!(done["dutyToRefer"]["reference"], "HO/7");
    let told = Categories::of(&[Category::Involvement, Category::Name, Category::Contact, Category::Housing]).mask();
    let went_out = texts(
        &world,
        &format!("SELECT kind AS t FROM trace WHERE operation LIKE '%referralPassDuty%' AND categories = {told}"),
    )
    .await;
    assert_eq!(went_out, ["WRITTEN"], "what went out is in the trace");
}

async fn who_has_no_duty_records_none_and_the_person_chooses_an_authority(world: World) {
    let id = world.submitted("Chosen").await;
    for (authority, code) in [
        (demo::COUNTY.global(), "INVALID"),
        (demo::SHELTER.global(), "INVALID"),
        ("organisation_0123456789abcdef0123456789abcdef".to_owned(), "NOT_FOUND"),
    ] {
        let mut other = duty(&id);
        other["authorityId"] = json!(authority);
        assert_eq!(world.codes("referrer", "referralRecordDuty", other).await, [code], "{authority}");
    }
    let mut later = duty(&id);
    later["agreedAt"] = json!("2027-01-01T00:00:00Z");
    assert_eq!(world.codes("referrer", "referralRecordDuty", later).await, ["INVALID"]);
    // The hub sees the referral; the duty is the body's.
    assert_eq!(world.codes(HUB, "referralRecordDuty", duty(&id)).await, ["NOT_ALLOWED"]);
    // A charity has none; neither has a private person, whatever they call themselves.
    world.member("charity", demo::SHELTER, &[Role::Referrer], &[]).await;
    let charity = format!("charity@{}", demo::SHELTER.global());
    let own = world.done(&charity, "referralDraft", draft("Own"), "referral { id }").await;
    assert_eq!(
        world.codes(&charity, "referralRecordDuty", duty(&id_of(&own["referral"]["id"]))).await,
        ["NOT_ALLOWED"]
    );
    assert_eq!(read(&world, "referrer", &id).await["dutyToRefer"], Value::Null, "nothing was recorded");

    world.done("referrer", "referralRecordDuty", duty(&id), "").await;
    assert_eq!(world.codes("referrer", "referralRecordDuty", duty(&id)).await, ["ALREADY_EXISTS"]);
    assert_eq!(to_pass(&world, HUB).await.len(), 1, "recorded after the submission, it is told at once");
    // Taken back, it is not passed on; then the person chooses again.
    world
        .done("referrer", "referralEndDuty", json!({ "referralId": id, "reason": "Stays with a friend." }), "")
        .await;
    assert_eq!(to_pass(&world, HUB).await, []);
    assert_eq!(world.codes(HUB, "referralPassDuty", json!({ "referralId": id })).await, ["ILLEGAL_TRANSITION"]);
    assert_eq!(read(&world, HUB, &id).await["dutyToRefer"]["endReason"], "Stays with a friend.");
    world.done("referrer", "referralRecordDuty", duty(&id), "").await;
    world.done(HUB, "referralPassDuty", json!({ "referralId": id }), "").await;
    // After it was passed on it can still be taken back: the hub tells the authority.
    world.done(HUB, "referralEndDuty", json!({ "referralId": id, "reason": "Changed her mind." }), "").await;
    let last = read(&world, "referrer", &id).await["dutyToRefer"].clone();
    assert_eq!((&last["passedAt"].is_string(), &last["endReason"]), (&true, &json!("Changed her mind.")));
}

async fn an_offered_team_and_strangers_learn_nothing_of_it(world: World) {
    let id = world.submitted("Quiet").await;
    let look = async |who: &str| world.ask(who, READ, json!({ "id": id })).await;
    let strangers =
        ["support-worker", "partner-worker", "outside-worker", "team-manager", "safeguarding-lead", "administrator"];
    let mut before = Vec::new();
    for who in strangers {
        before.push(look(who).await);
    }
    world.done("referrer", "referralRecordDuty", duty(&id), "").await;
    for (who, was) in strangers.iter().zip(&before) {
        assert_eq!(look(who).await, *was, "{who}");
    }
    let offer = json!({ "referralId": id, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
    world.done(HUB, "referralOffer", offer, "").await;
    assert_eq!(
        read(&world, "support-worker", &id).await["dutyToRefer"],
        Value::Null,
        "an offer is no reason to know"
    );
    let passing = json!({ "referralId": id, "reason": "No." });
    assert_eq!(world.codes("support-worker", "referralEndDuty", passing).await, ["NOT_ALLOWED"]);
    world.done("support-worker", "referralAccept", json!({ "referralId": id, "version": 3 }), "").await;
    let lead = read(&world, "support-worker", &id).await;
    assert_eq!(lead["dutyToRefer"]["reason"], "Nowhere to go on release.", "who leads the case goes on with it");
    assert_eq!(lead["viewerAccess"]["canEndDuty"], false);
}

async fn where_somebody_wishes_to_live_is_for_the_few_while_contact_is(world: World) {
    let id = world.submitted("Guarded").await;
    world.member("second", demo::HARBOUR, &[Role::HubCoordinator], &[demo::HUB]).await;
    let second = format!("second@{}", demo::HARBOUR.global());
    world.member("colleague", demo::PROBATION, &[Role::Referrer], &[]).await;
    let colleague = format!("colleague@{}", demo::PROBATION.global());
    world.done("referrer", "referralRecordDuty", duty(&id), "").await;
    assert_eq!(read(&world, &second, &id).await["viewerAccess"]["canPassDuty"], true);
    let told = world.data(HUB, "query($id: ID!) { referral(id: $id) { client { id } } }", json!({ "id": id })).await;
    let protect = json!({ "clientId": told["referral"]["client"]["id"], "reason": "Followed." });
    world.done(HUB, "contactProtect", protect, "").await;
    for who in [&second, &colleague] {
        let few = read(&world, who, &id).await;
        for field in ["authority", "reason", "evidence"] {
            assert_eq!(few["dutyToRefer"][field], Value::Null, "{who} {field}");
        }
        assert!(few["dutyToRefer"]["recordedAt"].is_string(), "{who}: that there is one is no place");
        assert_eq!(few["viewerAccess"]["canPassDuty"], false, "{who}");
    }
    assert_eq!(world.codes(&second, "referralPassDuty", json!({ "referralId": id })).await, ["ILLEGAL_TRANSITION"]);
    // Who wrote it reads it, and one of the few passes it on; the authority's answer is for the few again.
    assert_eq!(read(&world, "referrer", &id).await["dutyToRefer"]["reason"], "Nowhere to go on release.");
    world.done(HUB, "referralPassDuty", json!({ "referralId": id }), "").await;
    world.done(HUB, "referralAcknowledgeDuty", json!({ "referralId": id, "reference": "RDC/7" }), "").await;
    assert_eq!(read(&world, &colleague, &id).await["dutyToRefer"]["reference"], Value::Null);
    assert_eq!(read(&world, HUB, &id).await["dutyToRefer"]["reference"], "RDC/7");
    // What the hub wrote is for the few, and not for who recorded it: it may tell where somebody is by now.
    assert_eq!(read(&world, "referrer", &id).await["dutyToRefer"]["reference"], Value::Null);
    // Taking it back always succeeds.
    world
        .done(&colleague, "referralEndDuty", json!({ "referralId": id, "reason": "Moved in with her aunt." }), "")
        .await;
    assert_eq!(
        read(&world, &colleague, &id).await["dutyToRefer"]["endReason"],
        "Moved in with her aunt.",
        "their words"
    );
    for who in ["referrer", &second] {
        assert_eq!(read(&world, who, &id).await["dutyToRefer"]["endReason"], Value::Null, "{who}");
    }
}

async fn an_authority_that_the_client_excludes_is_told_nothing(world: World) {
    let id = world.submitted("Excluding").await;
    world.done("referrer", "referralRecordDuty", duty(&id), "").await;
    let told = world.data(HUB, "query($id: ID!) { referral(id: $id) { client { id } } }", json!({ "id": id })).await;
    let client = id_of(&told["referral"]["client"]["id"]);
    let exclude = json!({
        "clientId": client, "to": { "organisationId": demo::DISTRICT.global() }, "reason": "They know my landlord.",
    });
    world.done(HUB, "objectionRecord", exclude, "").await;
    assert_eq!(world.codes(HUB, "referralPassDuty", json!({ "referralId": id })).await, ["NOT_ALLOWED"]);
    assert_eq!(read(&world, HUB, &id).await["dutyToRefer"]["passedAt"], Value::Null);
    // A sender that the client excludes keeps what it wrote, and reads nothing that others write of it (C6).
    let other = world.submitted("Shut").await;
    world.done("referrer", "referralRecordDuty", duty(&other), "").await;
    world.done(HUB, "referralPassDuty", json!({ "referralId": other }), "").await;
    let told =
        world.data(HUB, "query($id: ID!) { referral(id: $id) { client { id } } }", json!({ "id": other })).await;
    let exclude = json!({
        "clientId": told["referral"]["client"]["id"], "to": { "organisationId": demo::PROBATION.global() }, "reason": "No more.",
    });
    world.done(HUB, "objectionRecord", exclude, "").await;
    world.done(HUB, "referralAcknowledgeDuty", json!({ "referralId": other, "reference": "HO/8" }), "").await;
    world.done(HUB, "referralEndDuty", json!({ "referralId": other, "reason": "Found a room." }), "").await;
    let kept = read(&world, "referrer", &other).await["dutyToRefer"].clone();
    assert_eq!(
        (&kept["reference"], &kept["endReason"], &kept["reason"]),
        (&Value::Null, &Value::Null, &json!("Nowhere to go on release."))
    );
    // Who recorded it is not told that the client excludes somebody since.
    let body = read(&world, "referrer", &id).await;
    assert_eq!(body["dutyToRefer"]["authority"]["name"], "Ridgemarket District Council");
}

on_both_databases!(a_prison_refers_and_the_authority_acknowledges);
on_both_databases!(who_has_no_duty_records_none_and_the_person_chooses_an_authority);
on_both_databases!(an_offered_team_and_strangers_learn_nothing_of_it);
on_both_databases!(where_somebody_wishes_to_live_is_for_the_few_while_contact_is);
on_both_databases!(an_authority_that_the_client_excludes_is_told_nothing);
