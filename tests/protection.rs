//! Where somebody can be found (C7), and whom nobody is to find out (C11, C14): what an attacker found, each shut.

use crate::hidden::{look, settle};
use crate::inputs::document;
use crate::restrictions::person_of;
use crate::support::{Backend, Travelled, World, draft};
use alliance::domain::ids::{ClientId, TeamId, TypedId};
use alliance::domain::role::Role;
use alliance::persistence::ledger;
use alliance::service::demo;
use serde_json::{Value, json};
use std::time::Duration;

fn text(v: &Value) -> String {
    v.as_str().expect("an id").to_owned()
}

/// What is asked reaches a team of a partner, which takes it on.
async fn taken(world: &World, drafted: Value, team: TeamId, worker: &str) -> Travelled {
    let made = world.done("referrer", "referralDraft", drafted, "referral { id }").await;
    let referral = text(&made["referral"]["id"]);
    world.done("referrer", "referralSubmit", json!({ "referralId": referral, "version": 1 }), "").await;
    let offer = json!({ "referralId": referral, "version": 2, "teamId": team.global(), "criteriaSeen": "Adult." });
    world.done("hub-coordinator", "referralOffer", offer, "").await;
    let select = "referral { client { id } sharedCase { id } }";
    let done = world.done(worker, "referralAccept", json!({ "referralId": referral, "version": 3 }), select).await;
    let of = &done["referral"];
    Travelled { client: text(&of["client"]["id"]), case: text(&of["sharedCase"]["id"]), referral }
}

/// A referral that brings nothing of HEALTH, and whose consent names these.
fn without_health(family: &str, recipients: Value) -> Value {
    let mut drafted = draft(family);
    drafted["sections"].as_array_mut().unwrap().retain(|s| s["text"]["category"] != "HEALTH");
    drafted["narratives"] = json!([]);
    drafted["consent"]["categories"] = json!(["NAME", "BIRTH", "CONTACT", "HOUSING", "FINANCE", "CASE_NOTES"]);
    drafted["consent"]["recipients"] = recipients;
    drafted
}

/// A further worker of Harbour's north team.
async fn colleague(world: &World, name: &str) -> String {
    world.member(name, demo::HARBOUR, &[Role::SupportWorker], &[demo::NORTH]).await;
    format!("{name}@{}", demo::HARBOUR.global())
}

async fn me(world: &World, who: &str) -> String {
    text(&world.data(who, "{ viewer { personId } }", json!({})).await["viewer"]["personId"])
}

async fn phone(world: &World, who: &str, client: &str) -> Value {
    let query = "query($id: ID!) { client(id: $id) { contact { phone } } }";
    world.data(who, query, json!({ "id": client })).await["client"]["contact"]["phone"].clone()
}

const TOLD: &str = "query R($id: ID!) { client(id: $id) { restrictions { id version kind reason follows liftAskedAt \
    person { name } people { name } viewerAccess { canName canLift } } } }";

async fn told(world: &World, who: &str, client: &str) -> Vec<Value> {
    let seen = world.data(who, TOLD, json!({ "id": client })).await;
    seen["client"]["restrictions"].as_array().cloned().unwrap_or_default()
}

async fn protect(world: &World, who: &str, client: &str) {
    world.done(who, "contactProtect", json!({ "clientId": client, "reason": "Followed." }), "").await;
}

/// Closes a case and re-enters it; the new case.
async fn again(world: &World, who: &str, case: &str) -> String {
    let close = json!({ "caseId": case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" });
    world.done(who, "caseClose", close, "").await;
    let back = world.done(who, "caseReenter", json!({ "caseId": case, "version": 2 }), "sharedCase { id }").await;
    text(&back["sharedCase"]["id"])
}

async fn nobody_closes_and_re_enters_a_case_to_be_one_of_the_few(world: World) {
    let t = world.accepted("Wick").await;
    let (wendy, nora) = (colleague(&world, "wendy").await, colleague(&world, "nora").await);
    // Sam is named as the lead worker only; the manager set it.
    protect(&world, "team-manager", &t.client).await;
    assert_eq!(phone(&world, "support-worker", &t.client).await, "07700 900123");
    let case = again(&world, &wendy, &t.case).await;
    assert_eq!(
        phone(&world, &wendy, &t.client).await,
        Value::Null,
        "she made herself the lead worker, not one of the few"
    );
    assert_eq!(told(&world, &wendy, &t.client).await, Vec::<Value>::new());
    let case = again(&world, &nora, &case).await;
    assert_eq!(phone(&world, &nora, &t.client).await, Value::Null);
    // Somebody who is named names her, and whoever led before goes.
    let of = told(&world, "team-manager", &t.client).await[0].clone();
    let name = json!({ "restrictionId": of["id"], "version": of["version"], "personId": me(&world, &nora).await });
    world.done("team-manager", "restrictionName", name, "").await;
    assert_eq!(phone(&world, &nora, &t.client).await, "07700 900123");
    assert_eq!(
        phone(&world, "support-worker", &t.client).await,
        Value::Null,
        "who was named as lead only is not any more"
    );
    assert_eq!(phone(&world, "team-manager", &t.client).await, "07700 900123", "who set it stays");
    // Who was named and re-enters it stays so.
    again(&world, &nora, &case).await;
    assert_eq!(phone(&world, &nora, &t.client).await, "07700 900123");
}

async fn nobody_takes_an_offer_meant_for_another_to_be_one_of_the_few(world: World) {
    let wendy = colleague(&world, "wendy").await;
    let offered = async |family: &str, worker: Value| {
        let referral = world.submitted(family).await;
        let of = "query R($id: ID!) { referral(id: $id) { client { id } } }";
        let seen = world.data("hub-coordinator", of, json!({ "id": referral })).await;
        let client = text(&seen["referral"]["client"]["id"]);
        protect(&world, "hub-coordinator", &client).await;
        let offer = json!({ "referralId": referral, "version": 2, "teamId": demo::NORTH.global(), "workerId": worker, "criteriaSeen": "Adult." });
        world.done("hub-coordinator", "referralOffer", offer, "").await;
        (referral, client)
    };
    let sam = me(&world, "support-worker").await;
    let accept = |referral: &str| json!({ "referralId": referral, "version": 3 });
    let (referral, client) = offered("Wick", json!(sam)).await;
    world.done(&wendy, "referralAccept", accept(&referral), "").await;
    assert_eq!(phone(&world, &wendy, &client).await, Value::Null, "the offer named Sam");
    // Who is named may give it to another; and where the hub names nobody, whoever the team chooses is meant.
    let (referral, client) = offered("Moss", json!(sam)).await;
    let mut to = accept(&referral);
    to["workerId"] = json!(me(&world, &wendy).await);
    world.done("support-worker", "referralAccept", to, "").await;
    assert_eq!(phone(&world, &wendy, &client).await, "07700 900123");
    assert_eq!(phone(&world, "support-worker", &client).await, Value::Null);
    let (referral, client) = offered("Fern", Value::Null).await;
    world.done(&wendy, "referralAccept", accept(&referral), "").await;
    assert_eq!(phone(&world, &wendy, &client).await, "07700 900123");
}

async fn nobody_offers_a_referral_to_themselves_to_be_one_of_the_few(world: World) {
    let roles = [Role::HubCoordinator, Role::SupportWorker];
    world.member("wilhelmina", demo::HARBOUR, &roles, &[demo::HUB, demo::NORTH]).await;
    let both = format!("wilhelmina@{}", demo::HARBOUR.global());
    let her = me(&world, &both).await;
    let of = "query R($id: ID!) { referral(id: $id) { client { id } } }";
    for (n, worker) in [json!(her), Value::Null].into_iter().enumerate() {
        for (m, named) in [false, true].into_iter().enumerate() {
            let referral = world.submitted(&format!("Wick{n}{m}")).await;
            let seen = world.data("hub-coordinator", of, json!({ "id": referral })).await;
            let client = text(&seen["referral"]["client"]["id"]);
            protect(&world, "hub-coordinator", &client).await;
            if named {
                let on = told(&world, "hub-coordinator", &client).await[0]["id"].clone();
                let name = json!({ "restrictionId": on, "version": 1, "personId": her });
                world.done("hub-coordinator", "restrictionName", name, "").await;
            }
            let offer = json!({
                "referralId": referral, "version": 2, "teamId": demo::NORTH.global(), "workerId": worker, "criteriaSeen": "Adult.",
            });
            world.done(&both, "referralOffer", offer, "").await;
            let expected = if named { json!("07700 900123") } else { Value::Null };
            assert_eq!(phone(&world, &both, &client).await, expected, "she offers: {worker} {named}");
            world.done(&both, "referralAccept", json!({ "referralId": referral, "version": 3 }), "").await;
            assert_eq!(phone(&world, &both, &client).await, expected, "she accepts: {worker} {named}");
        }
    }
    // Protection set while her offer to herself is open names her no more than that.
    let referral = world.submitted("Fern").await;
    let offer = json!({
        "referralId": referral, "version": 2, "teamId": demo::NORTH.global(), "workerId": her, "criteriaSeen": "Adult.",
    });
    world.done(&both, "referralOffer", offer, "").await;
    let client = text(&world.data(&both, of, json!({ "id": referral })).await["referral"]["client"]["id"]);
    protect(&world, "hub-coordinator", &client).await;
    assert_eq!(phone(&world, &both, &client).await, Value::Null);
}

async fn asking_for_protection_to_be_lifted_does_not_outlive_who_asked(world: World) {
    let t = world.accepted("Wick").await;
    let (manager, hub) = (me(&world, "team-manager").await, me(&world, "hub-coordinator").await);
    let set = json!({ "clientId": t.client, "personIds": [manager, hub], "reason": "Followed." });
    world.done("support-worker", "contactProtect", set, "").await;
    let lift = async |who: &str| {
        let of = told(&world, who, &t.client).await[0].clone();
        let input = json!({ "restrictionId": of["id"], "version": of["version"], "reason": "Safe." });
        world.done(who, "restrictionLift", input, "").await;
    };
    lift("team-manager").await;
    assert_ne!(told(&world, "support-worker", &t.client).await[0]["liftAskedAt"], Value::Null);
    // A week later it is forgotten: the second is a first.
    world.clock.pass_days(8);
    assert_eq!(told(&world, "support-worker", &t.client).await[0]["liftAskedAt"], Value::Null);
    lift("hub-coordinator").await;
    assert_eq!(told(&world, "support-worker", &t.client).await.len(), 1, "nothing is lifted");
    // With the asker's work for the organisation their asking ends too.
    let person = person_of(&world, "hub-coordinator").await;
    let id = crate::inputs::literal(&world, person.0);
    world.raw(&format!("UPDATE membership SET ended_at = 1 WHERE person_id = {id}")).await;
    lift("team-manager").await;
    assert_eq!(told(&world, "support-worker", &t.client).await.len(), 1, "nothing is lifted");
}

fn lives_with(client: &str) -> Value {
    json!({ "household": { "members": [{ "name": "Maren", "relationship": "Partner", "clientId": client }] } })
}

async fn no_address_can_be_tried_against_a_protected_one_and_no_link_tells_why_it_is_withheld(world: World) {
    world.member("lena", demo::LOCKWELL, &[Role::SupportWorker], &[demo::SOLICITORS]).await;
    let lena = format!("lena@{}", demo::LOCKWELL.global());
    let mut seen = Vec::new();
    for (n, kind) in ["contactPreferenceRecord", "contactProtect"].into_iter().enumerate() {
        let a = world.accepted(&format!("Wick{n}")).await;
        world.solicitors_join(&a).await;
        world.done("support-worker", kind, json!({ "clientId": a.client, "reason": "So." }), "").await;
        let mut of_kind = Vec::new();
        // The right address, another spelling, a wrong one: on a draft, and on a record that the solicitors lead.
        for (m, line) in ["1 Test Row", "1, Test Rw", "9 Other Street"].into_iter().enumerate() {
            let mut drafted = draft(&format!("Guess{n}{m}"));
            drafted["sections"][2] = json!({ "contact": { "addressLines": [line], "postcode": "OX1 1BX" } });
            let employment = json!({ "text": { "category": "EMPLOYMENT", "text": "None." } });
            drafted["sections"].as_array_mut().unwrap().extend([employment, lives_with(&a.client)]);
            let select = "referral { id asWritten { category } redactions { category } }";
            let made = world.done("partner-worker", "referralDraft", drafted, select).await;
            let referral = text(&made["referral"]["id"]);
            let read = "query R($id: ID!) { referral(id: $id) { asWritten { category } redactions { category } } }";
            let by_another = world.data(&lena, read, json!({ "id": referral })).await;
            of_kind.push(json!([made["referral"]["asWritten"], made["referral"]["redactions"], by_another]));
            let mut drafted = draft(&format!("Led{n}{m}"));
            drafted["sections"][2] = json!({ "contact": { "addressLines": [line], "postcode": "OX1 1BX" } });
            drafted["consent"]["recipients"] = json!([demo::HARBOUR.global(), demo::LOCKWELL.global()]);
            let b = taken(&world, drafted, demo::SOLICITORS, "partner-worker").await;
            let entry = json!({ "clientId": b.client, "section": lives_with(&a.client) });
            world.done("partner-worker", "entryRecord", entry, "").await;
            let mut restrictions = told(&world, "partner-worker", &b.client).await;
            for r in &mut restrictions {
                r["id"] = Value::Null;
            }
            of_kind.push(json!([restrictions, phone(&world, &lena, &b.client).await]));
        }
        for chunk in of_kind.chunks(2).skip(1) {
            assert_eq!(chunk, &of_kind[..2], "the address makes no difference");
        }
        assert!(of_kind[0][0].to_string().contains("CONTACT") && of_kind[0][0].to_string().contains("EMPLOYMENT"));
        assert!(of_kind[0][2].to_string().contains("CONTACT"), "a draft is as it was written, to its organisation");
        assert_eq!(of_kind[1][1], Value::Null, "who lives with them is covered, however it is spelt");
        seen.push(of_kind);
    }
    assert_eq!(seen[0], seen[1], "preference and protection read the same");
}

async fn a_sent_referral_is_covered_before_the_hub_reads_it(world: World) {
    let a = world.accepted("Wick").await;
    protect(&world, "support-worker", &a.client).await;
    let mut drafted = draft("Sister");
    drafted["sections"].as_array_mut().unwrap().push(lives_with(&a.client));
    let made = world.done("support-worker", "referralDraft", drafted, "referral { id }").await;
    let referral = made["referral"]["id"].clone();
    world.done("support-worker", "referralSubmit", json!({ "referralId": referral, "version": 1 }), "").await;
    let read = "query R($id: ID!) { referral(id: $id) { asWritten { category } client { contact { phone } } } }";
    let hub = world.data("hub-coordinator", read, json!({ "id": referral })).await;
    assert_eq!(hub["referral"]["client"]["contact"], Value::Null);
    assert!(!hub["referral"]["asWritten"].to_string().contains("CONTACT"), "{hub}");
}

async fn what_follows_tells_nothing_of_a_record_that_is_not_seen(world: World) {
    let mut drafted = draft("Hidden");
    drafted["consent"]["recipients"] = json!([demo::HARBOUR.global(), demo::LOCKWELL.global()]);
    let a = taken(&world, drafted, demo::SOLICITORS, "partner-worker").await;
    let b = world.accepted("Seen").await;
    let entry = json!({ "clientId": b.client, "section": lives_with(&a.client) });
    world.done("hub-coordinator", "entryRecord", entry, "").await;
    protect(&world, "partner-worker", &a.client).await;
    let seen = told(&world, "support-worker", &b.client).await;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0]["follows"], false);
    assert_eq!(seen[0]["people"], json!([{ "name": "Sam Okafor" }]));
    assert_eq!(seen[0]["reason"], "Contact is for the few.");
    let query =
        "query E($id: ID!) { explainAccess(clientId: $id, category: CONTACT) { restrictions { kind peopleNamed } } }";
    let explained = world.data("team-manager", query, json!({ "id": b.client })).await;
    assert_eq!(
        explained["explainAccess"]["restrictions"],
        json!([{ "kind": "PROTECTED_CONTACT", "peopleNamed": 1 }])
    );
    // It is lifted with the other, and reads to them like one that they set themselves.
    assert_eq!(seen[0]["viewerAccess"], json!({ "canName": true, "canLift": false }));
    let lift = json!({ "restrictionId": seen[0]["id"], "version": 1, "reason": "So." });
    assert_eq!(world.codes("support-worker", "restrictionLift", lift).await, ["LIFT_NEEDS_TWO_OTHERS"]);
    let name = json!({ "restrictionId": seen[0]["id"], "version": 1, "personId": me(&world, "team-manager").await });
    world.done("support-worker", "restrictionName", name, "").await;
    assert_eq!(phone(&world, "team-manager", &b.client).await, "07700 900123");
    assert_eq!(told(&world, "partner-worker", &a.client).await[0]["people"], json!([{ "name": "Priya Lindqvist" }]));
}

async fn a_workplace_is_where_somebody_can_be_found(world: World) {
    let mut drafted = draft("Wick");
    drafted["consent"]["categories"].as_array_mut().unwrap().push(json!("EMPLOYMENT"));
    let t = taken(&world, drafted, demo::NORTH, "support-worker").await;
    let wendy = colleague(&world, "wendy").await;
    let note =
        json!({ "caseId": t.case, "visibility": "TEAM", "categories": ["EMPLOYMENT"], "text": "At the mill." });
    world.done("support-worker", "noteRecord", note, "").await;
    let outward = json!({
        "clientId": t.client, "recipient": "A court", "basis": "COURT_ORDER", "reference": "r1", "categories": ["EMPLOYMENT"],
        "summary": "Works at the mill.", "disclosedAt": "2026-03-28T00:00:00Z", "tell": "TELL",
    });
    world.done("support-worker", "outwardDisclosureRecord", outward, "").await;
    let query = "query Q($id: ID!, $case: ID!) { client(id: $id) { outwardDisclosures { summary } redactions { category } } \
        sharedCase(id: $case) { notes { totalCount nodes { text } } } }";
    let read = async |who: &str| world.data(who, query, json!({ "id": t.client, "case": t.case })).await;
    let before = read(&wendy).await;
    assert!(
        before.to_string().contains("At the mill") && before.to_string().contains("Works at the mill"),
        "{before}"
    );
    assert!(!before["client"]["redactions"].to_string().contains("EMPLOYMENT"));
    protect(&world, "support-worker", &t.client).await;
    let after = read(&wendy).await;
    assert!(!after.to_string().contains("mill"), "{after}");
    assert_eq!(after["sharedCase"]["notes"]["totalCount"], 0);
    assert!(
        after["client"]["redactions"].to_string().contains("EMPLOYMENT"),
        "and it is said to be withheld: {after}"
    );
    assert!(read("support-worker").await.to_string().contains("Works at the mill"));
    // Past it goes a co-signature alone.
    let open = json!({ "clientId": t.client, "categories": ["EMPLOYMENT"], "ground": "ADULT_AT_RISK", "reason": "x", "hours": 1 });
    let opened = world.done(&wendy, "overrideOpen", open, "override { status }").await;
    assert_eq!(opened["override"]["status"], "WAITING");
}

async fn who_wrote_a_referral_reads_it_as_they_wrote_it(world: World) {
    let t = world.accepted("Wick").await;
    world.member("rowan", demo::PROBATION, &[Role::Referrer], &[]).await;
    let rowan = format!("rowan@{}", demo::PROBATION.global());
    let query = "query Q($id: ID!) { referral(id: $id) { asWritten { category lines } narratives { category } redactions { category reason } } }";
    let read = async |who: &str| world.data(who, query, json!({ "id": t.referral })).await;
    let (writer, before) = (read("referrer").await, read(&rowan).await);
    assert_eq!(writer, before);
    let mut after = Vec::new();
    for kind in ["contactPreferenceRecord", "contactProtect"] {
        world.done("support-worker", kind, json!({ "clientId": t.client, "reason": "So." }), "").await;
        assert_eq!(read("referrer").await, writer, "they do not learn that contact was restricted");
        after.push(read(&rowan).await);
        assert!(!after[0].to_string().contains("Test Row"), "a colleague is none of the few (C7)");
        world.raw("UPDATE restriction SET ended_at = 1").await;
    }
    assert_eq!(after[0], after[1]);
}

/// A draft that tells of HOUSING where she is, and marks it so.
fn telling(family: &str) -> Value {
    let mut drafted = draft(family);
    drafted["sections"][3]["housing"]["text"] = json!("Sleeps above the bakery.");
    drafted["sectionsRevealingLocation"] = json!(["HOUSING"]);
    drafted["narratives"] = json!([
        { "category": "HOUSING", "text": "The bakery lets the room.", "revealsLocation": true },
        { "category": "FINANCE", "text": "Behind with the rent.", "revealsLocation": false },
    ]);
    drafted
}

const BROUGHT: &str = "query Q($id: ID!, $client: ID!) { referral(id: $id) { asWritten { category lines } \
    narratives { narrativeId category text revealsLocation version } redactions { category reason } } \
    client(id: $client) { housing { text entryId revealsLocation version } finance { text entryId version } } }";

async fn brought(world: &World, who: &str, t: &Travelled) -> Value {
    world.data(who, BROUGHT, json!({ "id": t.referral, "client": t.client })).await
}

fn tells(seen: &Value) -> bool {
    seen.to_string().contains("bakery")
}

async fn what_a_referral_marks_as_telling_where_somebody_is_is_for_the_few(world: World) {
    let (wendy, t) =
        (colleague(&world, "wendy").await, taken(&world, telling("Wick"), demo::NORTH, "support-worker").await);
    world.member("rowan", demo::PROBATION, &[Role::Referrer], &[]).await;
    let rowan = format!("rowan@{}", demo::PROBATION.global());
    let open = brought(&world, &wendy, &t).await;
    assert_eq!(open["client"]["housing"]["revealsLocation"], true);
    assert_eq!(open["referral"]["narratives"][0]["revealsLocation"], true);
    assert_eq!(open["referral"]["narratives"][1]["revealsLocation"], false);
    let written = |seen: &Value| (seen["referral"]["asWritten"].clone(), seen["referral"]["narratives"].clone());
    let by_the_writer = brought(&world, "referrer", &t).await;
    assert!(tells(&by_the_writer));
    let narrative = &by_the_writer["referral"]["narratives"][0];
    assert_eq!((&narrative["revealsLocation"], &narrative["version"]), (&Value::Null, &Value::Null));
    let mut others = Vec::new();
    for kind in ["contactPreferenceRecord", "contactProtect"] {
        world.done("support-worker", kind, json!({ "clientId": t.client, "reason": "So." }), "").await;
        assert!(tells(&brought(&world, "support-worker", &t).await), "{kind}: who is named");
        assert_eq!(written(&brought(&world, "referrer", &t).await), written(&by_the_writer), "{kind}: who wrote it");
        let mut of_kind = Vec::new();
        for who in [wendy.as_str(), "hub-coordinator", "team-manager", rowan.as_str(), "partner-worker"] {
            let seen = brought(&world, who, &t).await;
            assert!(!tells(&seen), "{kind} {who}: {seen}");
            of_kind.push(seen);
        }
        assert!(of_kind[0].to_string().contains("Behind with the rent"), "what is not marked stays: {}", of_kind[0]);
        others.push(of_kind);
        world.raw("UPDATE restriction SET ended_at = 1").await;
    }
    assert_eq!(others[0], others[1], "protection and preference read alike");
    assert_eq!(brought(&world, &wendy, &t).await, open, "and once it is lifted everything is there again");
}

async fn what_a_referral_brought_is_marked_later_and_stays_so_while_contact_is_protected(world: World) {
    let t = taken(&world, unmarked("Wick"), demo::NORTH, "support-worker").await;
    let wendy = colleague(&world, "wendy").await;
    protect(&world, "support-worker", &t.client).await;
    let before = brought(&world, &wendy, &t).await;
    assert!(tells(&before), "nobody said so yet");
    let by_the_writer = brought(&world, "referrer", &t).await;
    let mark = |item: Value, version: i64, reveals: bool| json!({ "item": item, "version": version, "revealsLocation": reveals });
    let entry = json!({ "entryId": before["client"]["housing"]["entryId"] });
    let narrative = json!({ "narrativeId": before["referral"]["narratives"][0]["narrativeId"] });
    // Who sent it has done so; whoever sees nothing of it finds nothing.
    let codes = async |who: &str, input: Value| world.codes(who, "entryMark", input).await;
    world.member("rowan", demo::PROBATION, &[Role::SupportWorker], &[]).await;
    let rowan = format!("rowan@{}", demo::PROBATION.global());
    assert_eq!(codes(&rowan, mark(narrative.clone(), 1, true)).await, ["NOT_ALLOWED"]);
    for item in [&entry, &narrative] {
        assert_eq!(codes("outside-worker", mark(item.clone(), 1, true)).await, ["NOT_FOUND"]);
        assert_eq!(codes(&wendy, mark(item.clone(), 2, true)).await, ["CONFLICT"]);
        let read = world.mutate(&wendy, "entryMark", mark(item.clone(), 1, true), "client { id }").await;
        assert_eq!(read["userErrors"], json!([]), "{read}");
        assert_eq!(read["client"]["id"], json!(t.client));
        assert_eq!(
            codes(&wendy, mark(item.clone(), 2, true)).await,
            ["NOT_FOUND"],
            "who is not named sees it no more"
        );
        // One person alone does not let everybody know what two together lift.
        assert_eq!(codes("support-worker", mark(item.clone(), 2, false)).await, ["NOT_ALLOWED"]);
    }
    for who in [wendy.as_str(), "hub-coordinator", "team-manager"] {
        let seen = brought(&world, who, &t).await;
        assert!(!tells(&seen), "{who}: {seen}");
    }
    assert!(tells(&brought(&world, "support-worker", &t).await));
    let after = brought(&world, "referrer", &t).await;
    assert_eq!(after, by_the_writer, "who wrote it reads it as they wrote it");
    world.raw("UPDATE restriction SET ended_at = 1").await;
    for item in [&entry, &narrative] {
        world.done("hub-coordinator", "entryMark", mark(item.clone(), 2, false), "").await;
    }
    protect(&world, "support-worker", &t.client).await;
    assert!(tells(&brought(&world, &wendy, &t).await), "it was marked by mistake");
}

fn unmarked(family: &str) -> Value {
    let mut drafted = telling(family);
    drafted["sectionsRevealingLocation"] = json!(null);
    drafted["narratives"][0]["revealsLocation"] = json!(null);
    drafted
}

async fn a_mark_is_for_what_a_referral_brought_and_can_tell_where_somebody_is(world: World) {
    let t = world.accepted("Wick").await;
    let risk = json!({ "clientId": t.client, "section": { "text": { "category": "RISK", "text": "None known." } } });
    let select = "client { name { entryId } contact { entryId } risk { entryId } }";
    let made = world.done("support-worker", "entryRecord", risk, select).await;
    let refused = async |section: &str, reveals: bool| {
        let item = json!({ "entryId": made["client"][section]["entryId"] });
        let input = json!({ "item": item, "version": 1, "revealsLocation": reveals });
        assert_eq!(world.codes("support-worker", "entryMark", input).await, ["NOT_ALLOWED"], "{section} {reveals}");
    };
    refused("risk", true).await;
    refused("name", true).await;
    refused("contact", false).await;
    // A draft marks the sections it has.
    let mut drafted = draft("Moss");
    drafted["sectionsRevealingLocation"] = json!(["RISK"]);
    let told = world.mutate("referrer", "referralDraft", drafted, "").await;
    assert_eq!(told["userErrors"][0]["field"], json!(["sectionsRevealingLocation"]), "{told}");
}

async fn a_team_that_may_not_be_named_joins_like_one_that_no_consent_covers(world: World) {
    let add = async |case: &str| {
        settle(&world, "support-worker").await;
        let input =
            json!({ "caseId": case, "teamId": demo::OUTREACH.global(), "role": "Nurse", "agreed": ["HOUSING"] });
        look(&world, "support-worker", &document("caseMemberAdd"), &json!({ "input": input })).await
    };
    let both = json!([demo::HARBOUR.global(), demo::MEADOW.global()]);
    let covered = taken(&world, without_health("Wick", both), demo::NORTH, "support-worker").await;
    let not = without_health("Moss", json!([demo::HARBOUR.global()]));
    let not_covered = taken(&world, not, demo::NORTH, "support-worker").await;
    let refused = add(&not_covered.case).await;
    assert!(refused.body.contains("NOT_COVERED"), "{}", refused.body);
    assert_eq!(add(&covered.case).await, refused, "a recipient reads like one that is none");
    // A member already, as it was when HEALTH was open to the lead.
    let id = |of: &str| crate::inputs::literal(&world, alliance::domain::ids::CaseId::parse(of).unwrap().0);
    let client = crate::inputs::literal(&world, ClientId::parse(&covered.client).unwrap().0);
    world
        .raw(&format!(
            "INSERT INTO case_member (id, case_id, client_id, organisation_id, team_id, member_role, agreed, joined_at, joined_by, version) \
            VALUES ({}, {}, {client}, {}, {}, 'Nurse', 64, 1, {}, 1)",
            crate::inputs::literal(&world, world.app.random.uuid_random()),
            id(&covered.case),
            crate::inputs::literal(&world, demo::MEADOW.0),
            crate::inputs::literal(&world, demo::OUTREACH.0),
            crate::inputs::literal(&world, person_of(&world, "support-worker").await.0),
        ))
        .await;
    assert_eq!(add(&covered.case).await, refused, "and so does a member");
}

async fn who_may_not_be_named_is_found_out_by_no_second_objection_and_no_name(world: World) {
    let t = taken(
        &world,
        without_health("Wick", json!([demo::HARBOUR.global(), demo::MEADOW.global()])),
        demo::NORTH,
        "support-worker",
    )
    .await;
    let owen = person_of(&world, "outside-worker").await.global();
    let nobody = person_of(&world, "outside-safeguarding-lead").await.global();
    let object = |to: Value| json!({ "clientId": t.client, "to": to, "reason": "Does not want them." });
    for to in [json!({ "organisationId": demo::MEADOW.global() }), json!({ "personId": owen })] {
        world.done("hub-coordinator", "objectionRecord", object(to), "").await;
    }
    // Recorded already or not: the same, in bytes and in statements.
    let mut asked = Vec::new();
    settle(&world, "support-worker").await;
    for to in [
        json!({ "personId": owen }),
        json!({ "personId": nobody }),
        json!({ "organisationId": demo::MEADOW.global() }),
    ] {
        let mut input = object(to);
        input["validateOnly"] = json!(true);
        asked.push(look(&world, "support-worker", &document("objectionRecord"), &json!({ "input": input })).await);
    }
    assert_eq!(asked[0], asked[1]);
    assert_eq!(asked[0].body, asked[2].body);
    assert!(!asked[0].body.contains("ALREADY"), "{}", asked[0].body);
    // Who explains tells no more than the restriction itself does (C11).
    let people: Vec<_> =
        told(&world, "team-manager", &t.client).await.iter().map(|r| r["person"]["name"].clone()).collect();
    assert!(people.contains(&json!("somebody")), "{people:?}");
    let query = "query E($id: ID!) { explainAccess(clientId: $id, category: NAME) { restrictions { personName } } }";
    let explained = world.data("team-manager", query, json!({ "id": t.client })).await;
    assert_eq!(explained["explainAccess"]["restrictions"], json!([{ "personName": null }, { "personName": null }]));
    // Somebody named a second time, and somebody else like them: what is shown does not move.
    protect(&world, "support-worker", &t.client).await;
    let mut shown = Vec::new();
    for who in [&owen, &owen, &nobody] {
        let of = told(&world, "support-worker", &t.client).await;
        let of = of.iter().find(|r| r["kind"] == "PROTECTED_CONTACT").unwrap();
        let name = json!({ "restrictionId": of["id"], "version": of["version"], "personId": who });
        world.done("support-worker", "restrictionName", name, "").await;
        let of = told(&world, "support-worker", &t.client).await;
        shown.push(of.iter().find(|r| r["kind"] == "PROTECTED_CONTACT").unwrap()["people"].clone());
    }
    // Owen Castellan and Orla Fenwick sort before Sam Okafor: no place tells.
    assert_eq!(shown, vec![json!([{ "name": "Sam Okafor" }, { "name": "somebody" }]); 3]);
}

async fn a_withdrawal_by_name_finds_no_recipient_out(world: World) {
    // "Meadow" sorts between "Lockwell" and "Ridgemarket"; it may not be named, nor may the probation office.
    let to = json!([demo::HARBOUR.global(), demo::MEADOW.global(), demo::LOCKWELL.global(), demo::SHELTER.global()]);
    let t = taken(&world, without_health("Wick", to), demo::NORTH, "support-worker").await;
    let query = "query C($id: ID!) { client(id: $id) { consents { id recipients { organisation { name } categories withdrawn } } } }";
    let read = async || {
        world.data("support-worker", query, json!({ "id": t.client })).await["client"]["consents"][0].clone()
    };
    let before = read().await;
    let names: Vec<_> =
        before["recipients"].as_array().unwrap().iter().map(|r| text(&r["organisation"]["name"])).collect();
    assert_eq!(names.last().map(String::as_str), Some("an organisation"), "{names:?}");
    assert_eq!(names.len(), 4);
    let withdraw = |from: &str| json!({ "consentId": before["id"], "recipients": [from], "categories": ["NAME"], "withdrawnBy": "x" });
    for from in [demo::PROBATION, demo::MEADOW] {
        world.done("support-worker", "consentWithdraw", withdraw(&from.global()), "").await;
        assert_eq!(read().await, before, "nothing moves");
    }
    world.done("support-worker", "consentWithdraw", withdraw(&demo::LOCKWELL.global()), "").await;
    assert_ne!(read().await, before, "of one that may be named it is told");
}

async fn nobody_waits_for_a_record_that_they_do_not_see(world: World) {
    if world.backend == Backend::Sqlite {
        return; // One writer at a time, whoever it writes about.
    }
    let t = world.accepted("Wick").await;
    let story = "query($id: ID!) { referral(id: $id) { narratives { narrativeId } } }";
    let told = world.data("support-worker", story, json!({ "id": t.referral })).await;
    let narrative = told["referral"]["narratives"][0]["narrativeId"].clone();
    settle(&world, "canary").await;
    let tx = world.app.database.begin().await.expect("begins");
    ledger::lock(&tx, ClientId::parse(&t.client).expect("a client")).await.expect("locks");
    for (name, input) in [
        ("entryRecord", json!({ "clientId": t.client, "section": { "birth": { "date": "1990-01-01" } } })),
        ("entryRecord", json!({ "clientId": t.client, "section": lives_with(&t.client) })),
        ("contactProtect", json!({ "clientId": t.client, "reason": "x" })),
        ("contactPreferenceRecord", json!({ "clientId": t.client, "reason": "x" })),
        ("referralSubmit", json!({ "referralId": t.referral, "version": 1 })),
        ("entryMark", json!({ "item": { "narrativeId": narrative }, "version": 1, "revealsLocation": true })),
        (
            "overrideOpen",
            json!({ "clientId": t.client, "categories": ["NAME"], "ground": "ADULT_AT_RISK", "reason": "x", "hours": 1 }),
        ),
    ] {
        let asked = world.codes("canary", name, input);
        let codes = tokio::time::timeout(Duration::from_secs(5), asked).await;
        assert_eq!(codes.unwrap_or_else(|_| panic!("{name} waits")), ["NOT_FOUND"], "{name}");
    }
    tx.rollback().await.expect("rolls back");
}

on_both_databases!(
    nobody_closes_and_re_enters_a_case_to_be_one_of_the_few,
    nobody_takes_an_offer_meant_for_another_to_be_one_of_the_few,
    nobody_offers_a_referral_to_themselves_to_be_one_of_the_few,
    asking_for_protection_to_be_lifted_does_not_outlive_who_asked,
    no_address_can_be_tried_against_a_protected_one_and_no_link_tells_why_it_is_withheld,
    a_sent_referral_is_covered_before_the_hub_reads_it,
    what_follows_tells_nothing_of_a_record_that_is_not_seen,
    a_workplace_is_where_somebody_can_be_found,
    who_wrote_a_referral_reads_it_as_they_wrote_it,
    what_a_referral_marks_as_telling_where_somebody_is_is_for_the_few,
    what_a_referral_brought_is_marked_later_and_stays_so_while_contact_is_protected,
    a_mark_is_for_what_a_referral_brought_and_can_tell_where_somebody_is,
    a_team_that_may_not_be_named_joins_like_one_that_no_consent_covers,
    who_may_not_be_named_is_found_out_by_no_second_objection_and_no_name,
    a_withdrawal_by_name_finds_no_recipient_out,
    nobody_waits_for_a_record_that_they_do_not_see,
);
