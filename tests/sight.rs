//! Sight that would outlive its basis or come before it, and sight that somebody would widen or share alone, under a second
//! hat (C2 AUTHOR, C6, C10, C13, C16, C21).

use crate::hidden::{look, settle};
use crate::inputs::literal;
use crate::restrictions::person_of;
use crate::support::{Travelled, World, draft};
use alliance::domain::category::{Categories, Category};
use alliance::domain::ids::{OrganisationId, TeamId, TypedId};
use alliance::domain::role::Role;
use alliance::persistence::ledger;
use alliance::service::demo;
use serde_json::{Value, json};

/// Another membership of a persona's; the token that speaks for it.
async fn hat(world: &World, name: &str, of: OrganisationId, roles: &[Role], teams: &[TeamId]) -> String {
    world.member(name, of, roles, teams).await;
    format!("{name}@{}", of.global())
}

async fn sound(world: &World) {
    let (_, differences) = ledger::check(&world.app.database).await.unwrap_or_else(|f| panic!("{}", f.for_log()));
    assert!(differences.is_empty(), "{differences:?}");
}

fn consent(to: &[OrganisationId], purposes: &[&str], categories: &[&str]) -> Value {
    let recipients: Vec<_> = to.iter().map(|o| o.global()).collect();
    json!({
        "recipients": recipients, "purposes": purposes, "categories": categories, "givenBy": "CLIENT", "givenHow": "VERBAL",
        "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
    })
}

async fn named(world: &World, who: &str, t: &Travelled) -> Value {
    let query = "query($id: ID!) { client(id: $id) { name { family } } found: clients(filter: { name: \"newname\" }) { totalCount } }";
    let seen = world.data(who, query, json!({ "id": t.client })).await;
    json!([seen["client"]["name"]["family"], seen["found"]["totalCount"]])
}

async fn write(world: &World, who: &str, t: &Travelled, section: Value) {
    world.done(who, "entryRecord", json!({ "clientId": t.client, "section": section }), "").await;
}

async fn rename(world: &World, who: &str, t: &Travelled) {
    write(world, who, t, json!({ "name": { "given": "Maren", "family": "Newname" } })).await;
}

async fn exclude(world: &World, who: &str, t: &Travelled, organisation: OrganisationId) {
    let input =
        json!({ "clientId": t.client, "to": { "organisationId": organisation.global() }, "reason": "She asked." });
    world.done(who, "objectionRecord", input, "").await;
}

/// Hidden work is not counted by the ids of what is seen: between two of them there is no order but that of time (C13, C16).
async fn ids_count_nothing(world: World) {
    let mut low = Vec::new();
    for _ in 0..12 {
        let made = world.done("referrer", "referralDraft", draft("Wick"), "referral { id }").await;
        let id = made["referral"]["id"].as_str().expect("an id").rsplit('_').next().expect("hex").to_owned();
        let bits = u64::from_str_radix(&id[16..], 16).expect("hex");
        low.push(bits & 0x3fff_ffff_ffff_ffff);
    }
    assert!(low.windows(2).any(|w| w[0] >= w[1]), "a counter is told: {low:x?}");
    let high = low.iter().map(|b| b >> 48).collect::<Vec<_>>();
    let steps: Vec<_> = high.windows(2).map(|w| w[1].wrapping_sub(w[0]) & 0x3fff).collect();
    assert!(steps.iter().any(|s| *s > 1000), "nor small steps: {steps:?}");
}

/// An objection shows an author no name that came after it, whatever else would (C6, C2 AUTHOR).
async fn an_excluded_organisation_keeps_the_name_it_knew(world: World) {
    // The lead says itself that it is excluded.
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    exclude(&world, "support-worker", &t, demo::HARBOUR).await;
    assert_eq!(named(&world, "support-worker", &t).await, json!(["Wick", 0]), "what it knew");
    rename(&world, "partner-worker", &t).await;
    assert_eq!(named(&world, "support-worker", &t).await, json!(["Wick", 0]), "what it knew, still");
    assert_eq!(named(&world, "partner-worker", &t).await, json!(["Newname", 1]));
    sound(&world).await;
    // A member team is excluded by the lead, and let in again.
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    write(&world, "partner-worker", &t, json!({ "text": { "category": "FINANCE", "text": "Their own." } })).await;
    exclude(&world, "support-worker", &t, demo::LOCKWELL).await;
    rename(&world, "support-worker", &t).await;
    assert_eq!(named(&world, "partner-worker", &t).await[0], "Wick");
    sound(&world).await;
    let query = "query($id: ID!) { client(id: $id) { restrictions { id version } } }";
    let set =
        world.data("support-worker", query, json!({ "id": t.client })).await["client"]["restrictions"][0].clone();
    let lift = json!({ "restrictionId": set["id"], "version": set["version"], "reason": "She changed her mind." });
    world.done("support-worker", "restrictionLift", lift, "").await;
    assert_eq!(named(&world, "partner-worker", &t).await[0], "Newname");
    sound(&world).await;
}

/// What is planned for later shows nothing today (C2 AUTHOR, C17).
async fn a_gateway_planned_for_later_shows_no_new_name_today(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    write(&world, "partner-worker", &t, json!({ "text": { "category": "FINANCE", "text": "Their own." } })).await;
    let query = "query($id: ID!) { sharedCase(id: $id) { members { id version } } }";
    let member =
        world.data("support-worker", query, json!({ "id": t.case })).await["sharedCase"]["members"][0].clone();
    let gone = json!({ "caseId": t.case, "memberId": member["id"], "version": member["version"], "reason": "Done." });
    world.done("support-worker", "caseMemberRemove", gone, "").await;
    rename(&world, "support-worker", &t).await;
    let gateway = json!({
        "clientId": t.client, "recipientId": demo::LOCKWELL.global(), "kind": "COURT_ORDER", "reference": "R 1",
        "categories": ["NAME"], "reason": "Ordered.", "from": "2026-05-10T00:00:00Z", "until": "2026-06-10T00:00:00Z",
    });
    let asked = world.done("support-worker", "legalGatewayAsk", gateway, "legalGateway { id }").await;
    let decide = json!({
        "legalGatewayId": asked["legalGateway"]["id"], "version": 1, "decision": "GRANT", "reason": "It is an order.",
    });
    world.done("safeguarding-lead", "legalGatewayDecide", decide, "").await;
    assert_eq!(named(&world, "partner-worker", &t).await, json!(["Wick", 0]));
    sound(&world).await;
    world.clock.pass_days(45);
    assert_eq!(named(&world, "partner-worker", &t).await, json!(["Newname", 1]), "within its dates");
    world.clock.pass_days(60);
    assert_eq!(named(&world, "partner-worker", &t).await, json!(["Newname", 1]), "as it stood when it ended");
    sound(&world).await;
}

const SEEN: &str = "query($id: ID!) { client(id: $id) { contact { postcode } health { text } housing { tenure } } }";

async fn seen(world: &World, who: &str, t: &Travelled) -> Value {
    world.data(who, SEEN, json!({ "id": t.client })).await["client"].clone()
}

/// Who works with the asker anywhere is their colleague, and is not asked either (C16, C21).
async fn no_colleague_under_another_hat_cosigns(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    world.member("wendy", demo::HARBOUR, &[Role::SupportWorker], &[demo::NORTH]).await;
    let asker = format!("wendy@{}", demo::HARBOUR.global());
    hat(&world, "wendy", demo::LOCKWELL, &[Role::SupportWorker], &[demo::SOLICITORS]).await;
    let protect = json!({ "clientId": t.client, "reason": "Violence." });
    world.done("support-worker", "contactProtect", protect, "").await;
    let input = json!({
        "clientId": t.client, "categories": ["CONTACT"], "ground": "ADULT_AT_RISK", "reason": "Worried.", "hours": 2,
    });
    let opened = world.done(&asker, "overrideOpen", input.clone(), "override { id status }").await;
    assert_eq!(opened["override"]["status"], "WAITING");
    let inbox = "{ inbox { nodes { kind subject { ... on Override { id viewerAccess { canCosign } } } } } }";
    let items = world.data("partner-safeguarding-lead", inbox, json!({})).await;
    let text = items.to_string();
    assert!(!text.contains("OVERRIDE_TO_COSIGN") && !text.contains("\"canCosign\":true"), "{text}");
    let sign = json!({ "overrideId": opened["override"]["id"], "version": 1 });
    let codes = world.codes("partner-safeguarding-lead", "overrideCosign", sign.clone()).await;
    assert_eq!(codes, ["COSIGNED_BY_COLLEAGUE"]);
    assert_eq!(seen(&world, &asker, &t).await["contact"], Value::Null);
    // Who left the other organisation has no colleague there any more.
    let end = format!(
        "UPDATE membership SET ended_at = 1, version = version + 1 WHERE person_id = {} AND organisation_id = {}",
        literal(&world, person_of(&world, "wendy").await.0),
        literal(&world, demo::LOCKWELL.0),
    );
    world.raw(&end).await;
    world.done("partner-safeguarding-lead", "overrideCosign", sign, "").await;
    assert_ne!(seen(&world, &asker, &t).await["contact"], Value::Null);
}

/// Two are needed, and a person is one under every hat (C21).
async fn nobody_widens_their_sight_under_another_hat(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let other = hat(&world, "partner-worker", demo::MEADOW, &[Role::SupportWorker], &[demo::OUTREACH]).await;
    for categories in [&["HEALTH"][..], &["HOUSING"], &["NAME", "CONTACT"]] {
        let wide = consent(&[demo::MEADOW], &["SUPPORT"], categories);
        let input = json!({ "clientId": t.client, "consent": wide });
        assert_eq!(world.codes("partner-worker", "consentRecord", input).await, ["NOT_ALLOWED"], "{categories:?}");
    }
    assert_eq!(seen(&world, &other, &t).await, Value::Null);
    // The lead records it; and for an organisation where they do not work they may themselves.
    let given = consent(&[demo::MEADOW], &["SUPPORT"], &["HOUSING"]);
    world.done("support-worker", "consentRecord", json!({ "clientId": t.client, "consent": given }), "").await;
    assert_eq!(seen(&world, &other, &t).await["housing"]["tenure"], "PRIVATE_RENT");
    let shelter = consent(&[demo::SHELTER], &["SUPPORT"], &["HOUSING"]);
    world.done("partner-worker", "consentRecord", json!({ "clientId": t.client, "consent": shelter }), "").await;
    // Nor by a legal gateway: neither who asks for it nor who decides works for whom it names.
    hat(&world, "support-worker", demo::LOCKWELL, &[Role::SupportWorker], &[]).await;
    let gateway = |to: OrganisationId| {
        json!({
            "clientId": t.client, "recipientId": to.global(), "kind": "COURT_ORDER", "reference": "R 1",
            "categories": ["HOUSING"], "reason": "Ordered.", "until": "2026-06-10T00:00:00Z",
        })
    };
    assert_eq!(world.codes("support-worker", "legalGatewayAsk", gateway(demo::LOCKWELL)).await, ["INVALID"]);
    let asked = world.done("support-worker", "legalGatewayAsk", gateway(demo::SHELTER), "legalGateway { id }").await;
    hat(&world, "safeguarding-lead", demo::SHELTER, &[Role::SafeguardingLead], &[]).await;
    let id = &asked["legalGateway"]["id"];
    let query = "query($id: ID!) { node(id: $id) { ... on LegalGateway { viewerAccess { canDecide } } } }";
    let flag = world.data("safeguarding-lead", query, json!({ "id": id })).await;
    assert_eq!(flag["node"]["viewerAccess"]["canDecide"], false);
    let decide = json!({ "legalGatewayId": id, "version": 1, "decision": "GRANT", "reason": "It is an order." });
    assert_eq!(world.codes("safeguarding-lead", "legalGatewayDecide", decide).await, ["SELF_REVIEW"]);
}

/// A reflective log opens to a supervisor who acts as a manager, and to nobody who is none any more (C10, C21).
async fn reflective_notes_open_to_a_manager_acting_as_one(world: World) {
    let t = world.accepted("Wick").await;
    let mara = world.member("mara", demo::HARBOUR, &[Role::TeamManager, Role::SupportWorker], &[demo::NORTH]).await;
    let mara_token = format!("mara@{}", demo::HARBOUR.global());
    let worker = person_of(&world, "support-worker").await;
    let assign = json!({ "workerId": worker.global(), "supervisorId": mara.global() });
    world.done("administrator", "supervisionAssign", assign, "").await;
    let note = json!({ "caseId": t.case, "visibility": "REFLECTIVE", "text": "I was out of my depth." });
    let note = world.done("support-worker", "noteRecord", note, "note { id }").await["note"]["id"].clone();
    let query = "query($case: ID!, $note: ID!) { sharedCase(id: $case) { notes { totalCount nodes { text } } } \
        node(id: $note) { ... on Note { text } } }";
    let ids = json!({ "case": t.case, "note": note });
    let reads = async |who: &str| {
        let seen = world.data(who, query, ids.clone()).await;
        (seen["sharedCase"]["notes"]["totalCount"].clone(), !seen["node"].is_null())
    };
    assert_eq!(reads(&mara_token).await, (json!(1), true));
    // The same person with a token that speaks for a worker alone.
    let claims = alliance::http::authentication::TokenClaims {
        iss: alliance::http::authentication::DEVELOPMENT_ISSUER.into(),
        sub: "mara".into(),
        aud: alliance::http::authentication::AUDIENCE.into(),
        exp: 4_102_444_800,
        iat: 0,
        org: demo::HARBOUR.global(),
        roles: vec!["SUPPORT_WORKER".into()],
    };
    let body = json!({ "query": query, "variables": ids }).to_string();
    let request = axum::http::Request::post("/graphql")
        .header("authorization", format!("Bearer {}", world.sign(&claims)))
        .header("content-type", "application/json")
        .body(axum::body::Body::from(body))
        .expect("a request");
    let (_, _, bytes) = world.send(request).await;
    let told: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(told["data"]["sharedCase"]["notes"]["totalCount"], 0, "{told}");
    assert_eq!(told["data"]["node"], Value::Null);
    // Her membership ends, and another begins: as a worker she reads none, and as a manager again none either, until somebody
    // says anew that she supervises.
    for role in ["SUPPORT_WORKER", "TEAM_MANAGER"] {
        let list = "query($o: ID!) { memberships(organisationId: $o, first: 100) { nodes { id version endedAt personName } } }";
        let all = world.data("administrator", list, json!({ "o": demo::HARBOUR.global() })).await;
        let live = |m: &&Value| m["personName"] == "mara (invented)" && m["endedAt"].is_null();
        let member = all["memberships"]["nodes"].as_array().expect("a list").iter().find(live).expect("hers").clone();
        let end = json!({ "membershipId": member["id"], "version": member["version"] });
        world.done("administrator", "membershipEnd", end, "").await;
        let again = json!({
            "issuer": "alliance-development", "subject": "mara", "name": "mara (invented)", "organisationId": demo::HARBOUR.global(),
            "roles": [role], "teamIds": [demo::NORTH.global()],
        });
        world.done("administrator", "membershipGrant", again, "").await;
        world.clock.pass_seconds(5);
        assert_eq!(reads(&mara_token).await, (json!(0), false), "{role}");
    }
    let query = "{ supervisions { nodes { endedAt } } }";
    let told = world.data("administrator", query, json!({})).await;
    assert_ne!(told["supervisions"]["nodes"][0]["endedAt"], Value::Null, "it ended with her membership");
}

/// An excluded lead keeps its case as its own item and lets go of it; it steers nothing, and hears nothing of what others record
/// (C6, C22).
async fn an_excluded_lead_steers_nothing_and_hears_nothing(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let own = consent(&[demo::LOCKWELL, demo::MEADOW], &["CASE_COORDINATION"], &["NAME", "HOUSING", "FINANCE"]);
    let input = json!({ "clientId": t.client, "consent": own });
    let known = world.done("support-worker", "consentRecord", input, "consent { id }").await["consent"]["id"].clone();
    exclude(&world, "support-worker", &t, demo::HARBOUR).await;
    let query = "query($c: ID!, $k: ID!, $n: ID!) { client(id: $c) { consents { id recipients { categories withdrawn } } } \
        node(id: $n) { ... on Consent { categories } } sharedCase(id: $k) { status members { version leftAt } \
        viewerAccess { canAddMembers canClose canRecordNotes canSignpost canReenter } } }";
    let reads = async || world.data("support-worker", query, json!({ "c": t.client, "k": t.case, "n": known })).await;
    let before = reads().await;
    assert_eq!(before["client"]["consents"].as_array().expect("a list").len(), 2, "those that it recorded itself");
    let none = json!({
        "canAddMembers": false, "canClose": true, "canRecordNotes": false, "canSignpost": false, "canReenter": false,
    });
    assert_eq!(before["sharedCase"]["viewerAccess"], none);
    let member = json!({
        "caseId": t.case, "teamId": demo::OUTREACH.global(), "role": "Outreach", "agreed": ["HOUSING"],
    });
    assert_eq!(world.codes("support-worker", "caseMemberAdd", member).await, ["NOT_ALLOWED"]);
    let dead = json!({
        "caseId": t.case, "version": 1, "kind": "UNPLANNED", "reason": "DIED", "diedOn": "2026-03-30",
    });
    assert_eq!(world.codes("support-worker", "caseClose", dead).await, ["NOT_ALLOWED"]);
    let list = "query($id: ID!) { sharedCase(id: $id) { members { id version } } }";
    let solicitors =
        world.data("partner-worker", list, json!({ "id": t.case })).await["sharedCase"]["members"][0].clone();
    let remove = json!({
        "caseId": t.case, "memberId": solicitors["id"], "version": solicitors["version"], "reason": "Out.",
    });
    assert_eq!(world.codes("support-worker", "caseMemberRemove", remove).await, ["NOT_ALLOWED"]);
    // What others record afterwards does not reach it: neither the withdrawal nor that a team left the case for it.
    let theirs = "query($id: ID!) { client(id: $id) { consents { id } } }";
    let all = world.data("partner-worker", theirs, json!({ "id": t.client })).await;
    for one in all["client"]["consents"].as_array().expect("a list") {
        let input =
            json!({ "consentId": one["id"], "recipients": [demo::LOCKWELL.global()], "withdrawnBy": "By phone." });
        let codes = world.codes("partner-worker", "consentWithdraw", input).await;
        assert!(codes.is_empty() || codes == ["NOT_FOUND"], "it may be gone with the first: {codes:?}");
    }
    assert_eq!(seen(&world, "partner-worker", &t).await["housing"], Value::Null, "it was withdrawn");
    assert_eq!(reads().await, before);
    let close = json!({ "caseId": t.case, "version": 1, "kind": "UNPLANNED", "reason": "CLIENT_CHOICE" });
    world.done("support-worker", "caseClose", close, "").await;
    // Nor does it come back while it is excluded; that is told like consent that is lacking.
    let back = json!({ "caseId": t.case, "version": 2 });
    assert_eq!(world.codes("support-worker", "caseReenter", back).await, ["CONSENT_REQUIRED"]);
    sound(&world).await;
}

/// Whoever comes back alone opens no more to themselves than before (C3, C22).
async fn coming_back_alone_opens_no_more_than_before(world: World) {
    let t = world.accepted("Wick").await;
    let close = json!({ "caseId": t.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" });
    world.done("support-worker", "caseClose", close, "").await;
    let other = hat(&world, "support-worker", demo::MEADOW, &[Role::SupportWorker], &[demo::OUTREACH]).await;
    let back = |consent: Value| json!({ "caseId": t.case, "version": 2, "consent": consent, "validateOnly": true });
    let work = |to, categories| consent(&[to], &["CASE_COORDINATION"], categories);
    for (given, may) in [
        (work(demo::HARBOUR, &["NAME", "HEALTH", "FINANCE", "RISK"]), true),
        (work(demo::HARBOUR, &["NAME", "IMMIGRATION"]), false),
        (consent(&[demo::HARBOUR, demo::MEADOW], &["SUPPORT", "CASE_COORDINATION"], &["NAME"]), false),
        (work(demo::LOCKWELL, &["NAME", "IMMIGRATION"]), true),
    ] {
        let expected: &[&str] = if may { &[] } else { &["NOT_ALLOWED"] };
        assert_eq!(world.codes("support-worker", "caseReenter", back(given.clone())).await, expected, "{given}");
    }
    // What was withdrawn is not brought back by who lost it.
    let consents = "query($id: ID!) { client(id: $id) { consents { id } } }";
    let given = world.data("support-worker", consents, json!({ "id": t.client })).await;
    let withdraw = json!({ "consentId": given["client"]["consents"][0]["id"] });
    world.done("support-worker", "consentWithdraw", withdraw, "").await;
    let again = back(work(demo::HARBOUR, &["NAME", "HEALTH"]));
    assert_eq!(world.codes("support-worker", "caseReenter", again).await, ["NOT_ALLOWED"]);
    assert_eq!(seen(&world, &other, &t).await, Value::Null);
}

/// Withdrawing always succeeds: what is wrong beside it hinders nothing, and who could come back under a consent reaches it (C4).
async fn a_withdrawal_is_never_refused(world: World) {
    let t = world.accepted("Wick").await;
    let joined = world.solicitors_join(&t).await;
    assert_ne!(seen(&world, "partner-worker", &t).await, Value::Null);
    let nobody = "organisation_00000000000000000000000000000000";
    let select = "unknownRecipients consent { id }";
    let input = json!({
        "consentId": joined, "recipients": [demo::LOCKWELL.global(), nobody, "nonsense"], "withdrawnBy": " ",
    });
    let done = world.done("support-worker", "consentWithdraw", input, select).await;
    assert_eq!(done["unknownRecipients"], json!([nobody, "nonsense"]));
    assert_eq!(seen(&world, "partner-worker", &t).await, Value::Null);
    // Nothing that was named is there: nothing is withdrawn, and it is said so.
    let input = json!({ "consentId": joined, "recipients": [nobody], "withdrawnBy": "x".repeat(2000) });
    assert_eq!(world.codes("support-worker", "consentWithdraw", input).await, ["NOT_FOUND"]);
    // Hidden and unknown read the same.
    let hidden = async |consent: &str| {
        let input = json!({ "consentId": consent, "recipients": [nobody], "withdrawnBy": "x" });
        world.mutate("outside-worker", "consentWithdraw", input, select).await
    };
    assert_eq!(hidden(&joined).await, hidden("consent_0123456789abcdef0123456789abcdef").await);
    // After the case has closed, who led it still reaches the consent that the referral came with.
    let consents = "query($id: ID!) { client(id: $id) { consents { id recipients { withdrawn categories } } } }";
    let all = world.data("support-worker", consents, json!({ "id": t.client })).await;
    let first = all["client"]["consents"].as_array().expect("a list").last().expect("the referral's")["id"].clone();
    let close = json!({ "caseId": t.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" });
    world.done("support-worker", "caseClose", close, "").await;
    world.clock.pass_days(40);
    let back = json!({ "caseId": t.case, "version": 2, "validateOnly": true });
    assert_eq!(world.codes("support-worker", "caseReenter", back.clone()).await, Vec::<String>::new());
    for who in ["hub-coordinator", "partner-worker", "outside-worker"] {
        let answer =
            world.mutate(who, "consentWithdraw", json!({ "consentId": first, "validateOnly": true }), "").await;
        assert_eq!(answer["userErrors"][0]["code"], "NOT_FOUND", "{who}");
    }
    world
        .done("support-worker", "consentWithdraw", json!({ "consentId": first, "withdrawnBy": "By post." }), "")
        .await;
    assert_eq!(world.codes("support-worker", "caseReenter", back).await, ["CONSENT_REQUIRED"]);
    let after = world.data("support-worker", consents, json!({ "id": t.client })).await;
    let told = after["client"]["consents"].as_array().expect("a list").last().expect("it")["recipients"].clone();
    assert_eq!(told, json!([{ "withdrawn": null, "categories": [] }]), "what it recorded itself");
}

/// Who is not told to whom a consent was given closes nobody else's sight, and finds out no recipient (C4, C12, C13).
async fn who_is_not_told_of_others_withdraws_from_their_own_alone(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let record = async |who: &str, given: Value| {
        let input = json!({ "clientId": t.client, "consent": given });
        world.done(who, "consentRecord", input, "consent { id }").await["consent"]["id"].clone()
    };
    let support = |to: &[OrganisationId]| consent(to, &["SUPPORT"], &["NAME", "HOUSING"]);
    let given = record("support-worker", support(&[demo::MEADOW, demo::SHELTER])).await;
    let (shared, alone) = (seen(&world, "partner-worker", &t).await, seen(&world, "outside-worker", &t).await);
    assert!(!shared["housing"].is_null() && !alone["housing"].is_null());
    // Of this consent, of another, of none, and nobody at all: all the same.
    let select = "unknownRecipients consent { id } userErrors { code field }";
    let document =
        format!("mutation M($input: ConsentWithdrawInput!) {{ consentWithdraw(input: $input) {{ {select} }} }}");
    let nobody = "organisation_0123456789abcdef0123456789abcdef".to_owned();
    let mut answers = Vec::new();
    settle(&world, "outside-worker").await;
    for other in [demo::SHELTER.global(), demo::LOCKWELL.global(), demo::COUNTY.global(), nobody] {
        let input = json!({ "consentId": given, "recipients": [other], "categories": ["HOUSING", "NAME"] });
        let mut answer = look(&world, "outside-worker", &document, &json!({ "input": input })).await;
        assert!(answer.body.contains("NOT_FOUND"), "{}", answer.body);
        answer.body = answer.body.replace(&other, "ID");
        answers.push(answer);
    }
    assert!(answers.windows(2).all(|w| w[0] == w[1]), "{answers:?}");
    assert_eq!(seen(&world, "partner-worker", &t).await, shared);
    // Beside their own it is withdrawn from nobody, and it is said so; nor where nobody is named.
    let both = json!({ "consentId": given, "recipients": [demo::LOCKWELL.global(), demo::MEADOW.global()] });
    let done = world.done("outside-worker", "consentWithdraw", both, "unknownRecipients").await;
    assert_eq!(done["unknownRecipients"], json!([demo::LOCKWELL.global()]));
    assert_eq!(seen(&world, "outside-worker", &t).await, Value::Null);
    let again = record("support-worker", support(&[demo::MEADOW, demo::SHELTER])).await;
    let done = world
        .done("outside-worker", "consentWithdraw", json!({ "consentId": again }), "fromOwnOrganisationAlone")
        .await;
    assert_eq!(done["fromOwnOrganisationAlone"], true, "it says that it reached nobody else");
    let query =
        "query($id: ID!) { node(id: $id) { ... on Consent { recipients { organisation { id } withdrawn } } } }";
    let kept = world.data("support-worker", query, json!({ "id": again })).await["node"]["recipients"].clone();
    let left = json!([
        { "organisation": { "id": demo::SHELTER.global() }, "withdrawn": [] },
        { "organisation": { "id": demo::MEADOW.global() }, "withdrawn": ["NAME", "HOUSING"] },
    ]);
    assert_eq!(kept, left);
    assert_eq!(seen(&world, "partner-worker", &t).await, shared);
    // Who recorded one withdraws from those it names; the lead from anybody.
    let theirs = record("partner-worker", consent(&[demo::SHELTER], &["SUPPORT"], &["NAME"])).await;
    let from = |o: OrganisationId| json!({ "consentId": theirs, "recipients": [o.global()] });
    assert_eq!(world.codes("partner-worker", "consentWithdraw", from(demo::HARBOUR)).await, ["NOT_FOUND"]);
    assert_eq!(world.codes("partner-worker", "consentWithdraw", from(demo::SHELTER)).await, Vec::<String>::new());
    assert_eq!(world.codes("support-worker", "consentWithdraw", from(demo::LOCKWELL)).await, Vec::<String>::new());
    let whole = json!({ "consentId": again });
    let done = world.done("support-worker", "consentWithdraw", whole, "fromOwnOrganisationAlone").await;
    assert_eq!(done["fromOwnOrganisationAlone"], false, "the lead withdraws from all");
    sound(&world).await;
}

/// Who is excluded under one hat is not let in again by the same person under another (C6, C21), and that tells no name (C11).
async fn nobody_lifts_the_exclusion_of_an_agency_of_theirs(world: World) {
    let t = world.accepted("Wick").await;
    hat(&world, "support-worker", demo::LOCKWELL, &[Role::SupportWorker], &[]).await;
    hat(&world, "support-worker", demo::PROBATION, &[Role::Referrer], &[]).await;
    // The shelter's name comes to speak as the probation office's does: neither may be told here.
    let speaks = Categories::of(&[Category::Offending]).mask();
    let shelter = literal(&world, demo::SHELTER.0);
    world.raw(&format!("UPDATE organisation SET implied_categories = {speaks} WHERE id = {shelter}")).await;
    let query = "query($id: ID!) { client(id: $id) { restrictions { id version organisation { name } viewerAccess { canLift } } } }";
    for (excluded, own) in
        [(demo::LOCKWELL, true), (demo::COUNTY, false), (demo::PROBATION, true), (demo::SHELTER, true)]
    {
        exclude(&world, "team-manager", &t, excluded).await;
        for (who, may) in [("support-worker", !own), ("team-manager", true)] {
            let set = world.data(who, query, json!({ "id": t.client })).await["client"]["restrictions"][0].clone();
            assert_eq!(set["viewerAccess"]["canLift"], may, "{who} {set}");
            let lift =
                json!({ "restrictionId": set["id"], "version": set["version"], "reason": "She changed her mind." });
            let mut checked = lift.clone();
            checked["validateOnly"] = json!(true);
            let expected: &[&str] = if may { &[] } else { &["NOT_FOR_ONESELF"] };
            assert_eq!(world.codes(who, "restrictionLift", checked).await, expected, "{who} {set}");
            if who == "team-manager" {
                world.done(who, "restrictionLift", lift, "").await;
            }
        }
    }
}

/// A landlord receives nothing under the consent it sends, and records no decline (C23).
async fn a_private_sender_opens_nothing_to_itself(world: World) {
    let register = json!({ "name": "Grabber Lettings", "kind": "LANDLORD" });
    let made = world.done("administrator", "organisationRegister", register, "organisation { id }").await;
    let landlord =
        OrganisationId::parse(made["organisation"]["id"].as_str().expect("an id")).expect("an organisation");
    let sender = hat(&world, "landlord", landlord, &[Role::Referrer, Role::SupportWorker], &[]).await;
    hat(&world, "landlord", demo::MEADOW, &[Role::SupportWorker], &[demo::OUTREACH]).await;
    let mut asked = draft("Wick");
    for (to, purposes, may) in [
        (landlord, &["REFERRAL", "SUPPORT"][..], false),
        (landlord, &["REFERRAL"], false),
        (demo::MEADOW, &["REFERRAL", "SUPPORT"], false),
        (demo::MEADOW, &["REFERRAL", "CASE_COORDINATION"], true),
        (demo::LOCKWELL, &["REFERRAL", "SUPPORT"], true),
    ] {
        asked["consent"] =
            consent(&[demo::HARBOUR, to], purposes, &["NAME", "BIRTH", "CONTACT", "HOUSING", "HEALTH", "FINANCE"]);
        let codes = world.codes(&sender, "referralDraft", asked.clone()).await;
        let expected: &[&str] = if may { &[] } else { &["NOT_ALLOWED"] };
        assert_eq!(codes, expected, "{to:?} {purposes:?}");
    }
    let made = world.done(&sender, "referralDraft", asked, "referral { id }").await;
    let id = made["referral"]["id"].clone();
    let flag = async || {
        let query = "query($id: ID!) { referral(id: $id) { version viewerAccess { canRecordClientDecline } } }";
        world.data(&sender, query, json!({ "id": id })).await["referral"].clone()
    };
    let decline = async |version: &Value| {
        let input = json!({
            "referralId": id, "version": version, "reason": "Not now.", "refusedSignposting": "No.", "validateOnly": true,
        });
        world.codes(&sender, "referralRecordClientDecline", input).await
    };
    let drafted = flag().await;
    assert_eq!(drafted["viewerAccess"]["canRecordClientDecline"], true);
    assert_eq!(decline(&drafted["version"]).await, Vec::<String>::new());
    world.done(&sender, "referralSubmit", json!({ "referralId": id, "version": 1 }), "").await;
    let submitted = flag().await;
    assert_eq!(submitted["viewerAccess"]["canRecordClientDecline"], false);
    assert_eq!(decline(&submitted["version"]).await, ["ILLEGAL_TRANSITION"]);
}

/// What workers noted about third parties stays with them: it is not the hub's that the same organisation hosts (C9).
async fn the_hub_reads_no_third_party_note_of_its_host(world: World) {
    let t = world.accepted("Wick").await;
    for visibility in ["THIRD_PARTY", "AGENCY"] {
        let note = json!({ "caseId": t.case, "visibility": visibility, "text": "Her brother drinks." });
        world.done("support-worker", "noteRecord", note, "").await;
    }
    let open = json!({
        "clientId": t.client, "categories": ["CASE_NOTES"], "ground": "ADULT_AT_RISK", "reason": "Worried.", "hours": 1,
    });
    let opened = world.done("hub-coordinator", "overrideOpen", open, "override { status }").await;
    assert_eq!(opened["override"]["status"], "OPEN");
    let query = "query($id: ID!) { sharedCase(id: $id) { notes { totalCount nodes { visibility } } } }";
    let count = async |who: &str| {
        world.data(who, query, json!({ "id": t.case })).await["sharedCase"]["notes"]["totalCount"].clone()
    };
    assert_eq!(count("hub-coordinator").await, 0);
    assert_eq!(count("support-worker").await, 2);
}

/// Whose a section is, is read only when it is asked for: however that is written, it is told.
async fn whose_a_section_is_is_told_however_it_is_asked(world: World) {
    let t = world.accepted("Wick").await;
    write(&world, "support-worker", &t, json!({ "text": { "category": "SUPPORT_PLAN", "text": "A plan." } })).await;
    let whose = "recordedFor { name }";
    for query in [
        format!("query($id: ID!) {{ client(id: $id) {{ supportPlan {{ {whose} }} }} }}"),
        format!(
            "query($id: ID!) {{ client(id: $id) {{ name {{ given }} other: name {{ family }} supportPlan {{ text }} ...C }} }} fragment C on Client {{ supportPlan {{ ...S }} }} fragment S on TextSection {{ {whose} }}"
        ),
        format!(
            "query($id: ID!) {{ client: node(id: $id) {{ ... on Client {{ supportPlan {{ text ... on TextSection {{ {whose} }} }} }} }} }}"
        ),
    ] {
        let seen = world.data("support-worker", &query, json!({ "id": t.client })).await;
        assert_eq!(
            seen["client"]["supportPlan"]["recordedFor"]["name"], "Harbour Housing Support",
            "{query}: {seen}"
        );
    }
}

on_both_databases!(
    whose_a_section_is_is_told_however_it_is_asked,
    ids_count_nothing,
    an_excluded_organisation_keeps_the_name_it_knew,
    a_gateway_planned_for_later_shows_no_new_name_today,
    no_colleague_under_another_hat_cosigns,
    nobody_widens_their_sight_under_another_hat,
    reflective_notes_open_to_a_manager_acting_as_one,
    an_excluded_lead_steers_nothing_and_hears_nothing,
    coming_back_alone_opens_no_more_than_before,
    a_withdrawal_is_never_refused,
    who_is_not_told_of_others_withdraws_from_their_own_alone,
    nobody_lifts_the_exclusion_of_an_agency_of_theirs,
    a_private_sender_opens_nothing_to_itself,
    the_hub_reads_no_third_party_note_of_its_host,
);
