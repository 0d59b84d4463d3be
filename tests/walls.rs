//! Walls that no way round was left in: breaking the glass, gateways, private senders, and what a name, a date or a reason tells.

use crate::inputs::errors;
use crate::support::{Backend, World, draft};
use alliance::domain::ids::TypedId;
use alliance::domain::organisation_name::OrganisationKind;
use alliance::domain::role::Role;
use alliance::service::{demo, jobs};
use serde_json::{Value, json};

async fn person(world: &World, who: &str) -> Value {
    world.data(who, "{ viewer { personId } }", json!({})).await["viewer"]["personId"].clone()
}

async fn inbox(world: &World, who: &str) -> Vec<Value> {
    let told = world.data(who, "{ inbox(first: 50) { nodes { kind } } }", json!({})).await;
    told["inbox"]["nodes"].as_array().expect("items").clone()
}

fn request(family: &str, birth: &str, categories: Value, hours: i64) -> Value {
    json!({
        "givenName": "Maren", "familyName": family, "dateOfBirth": birth, "categories": categories, "hours": hours,
        "ground": "SERIOUS_HARM_TO_SELF", "reason": "Found in the cold.",
    })
}

/// A consent for support, as it is recorded.
fn support(client: Value, recipients: Value, categories: Value) -> Value {
    json!({
        "clientId": client,
        "consent": {
            "recipients": recipients, "purposes": ["SUPPORT"], "categories": categories, "givenBy": "CLIENT", "givenHow": "VERBAL",
            "evidence": "Said so.", "expiresAt": "2027-04-01T09:00:00Z",
        },
    })
}

async fn sound(world: &World) {
    let (_, differences) = alliance::persistence::ledger::check(&world.app.database).await.expect("it checks");
    assert_eq!(differences, []);
}

/// An id as SQL has it.
fn literal(world: &World, id: uuid::Uuid) -> String {
    match world.backend {
        Backend::Sqlite => format!("X'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'"),
    }
}

async fn run_jobs(world: &World) {
    jobs::run_due(&world.app).await.unwrap_or_else(|f| panic!("the jobs run: {}", f.for_log()));
}

/// C5, C16: a safeguarding lead who asks hears of a sealed record as little as anybody who asks.
async fn a_lead_who_asks_hears_nothing_of_a_sealed_record(world: World) {
    world.member("meadow-asks", demo::MEADOW, &[Role::SafeguardingLead], &[]).await;
    let asks = format!("meadow-asks@{}", demo::MEADOW.global());
    let t = world.accepted("Quarrington").await;
    let named = json!([person(&world, "support-worker").await, person(&world, "team-manager").await]);
    let seal = json!({ "clientId": t.client, "personIds": named, "reason": "A colleague's aunt." });
    world.done("team-manager", "clientSeal", seal, "").await;
    world.done(&asks, "overrideRequest", request("Quarrington", "1990-02-03", json!(["RISK"]), 1), "receipt").await;
    run_jobs(&world).await;
    assert_eq!(inbox(&world, &asks).await, Vec::<Value>::new());
    assert!(!inbox(&world, "safeguarding-lead").await.is_empty(), "the lead of who holds the case is asked");
}

/// C6, C16: an override on a record that excludes the asker's organisation is put before leads who can read it.
async fn an_override_is_put_before_leads_who_can_read_it(world: World) {
    let t = world.accepted("Ravensdale").await;
    let exclude = json!({ "clientId": t.client, "to": { "organisationId": demo::HARBOUR.global() }, "reason": "Asked for it." });
    world.done("hub-coordinator", "objectionRecord", exclude, "").await;
    world.member("meadow-lead", demo::MEADOW, &[Role::SafeguardingLead], &[]).await;
    let elsewhere = format!("meadow-lead@{}", demo::MEADOW.global());
    let ask = request("Ravensdale", "1990-02-03", json!(["HOUSING"]), 4);
    world.done("support-worker", "overrideRequest", ask, "receipt").await;
    run_jobs(&world).await;
    let told = world
        .data(
            &elsewhere,
            "{ inbox(first: 9) { nodes { kind subject { ... on Override { id version status } } } } }",
            json!({}),
        )
        .await;
    let one =
        told["inbox"]["nodes"].as_array().expect("items").iter().find(|i| i["kind"] == "OVERRIDE_TO_REVIEW").cloned();
    let subject = one.expect("a lead of another organisation reviews it")["subject"].clone();
    assert_eq!(subject["status"], "OPEN");
    let far = json!({
        "overrideId": subject["id"], "version": subject["version"], "verdict": "JUSTIFIED", "reason": "It was.",
        "tell": "WITHHOLD", "withholdReason": "Harm.", "withholdUntil": "9999-12-31",
    });
    let told = world.mutate(&elsewhere, "overrideReview", far, "").await;
    assert_eq!(told["userErrors"][0]["field"], json!(["withholdUntil"]), "not for ever: {told}");
    let review = json!({
        "overrideId": subject["id"], "version": subject["version"], "verdict": "NOT_JUSTIFIED", "reason": "It was not.",
    });
    world.done(&elsewhere, "overrideReview", review, "").await;
}

/// C9: what was recorded of somebody else on a record is no name and no date of birth of the person's.
async fn a_request_matches_the_person_and_not_who_is_written_of(world: World) {
    let t = world.accepted("Silverdale").await;
    for section in [
        json!({ "name": { "given": "Perpetua", "family": "Thistledown" } }),
        json!({ "birth": { "date": "2005-05-05" } }),
    ] {
        let entry = json!({ "clientId": t.client, "section": section, "thirdParty": true });
        world.done("support-worker", "entryRecord", entry, "").await;
    }
    let mut daughter = request("Thistledown", "2005-05-05", json!(["NAME"]), 1);
    daughter["givenName"] = json!("Perpetua");
    world.done("outside-worker", "overrideRequest", daughter, "receipt").await;
    world
        .done("partner-worker", "overrideRequest", request("Silverdale", "1990-02-03", json!(["NAME"]), 1), "receipt")
        .await;
    run_jobs(&world).await;
    let sees = "query C($id: ID!) { client(id: $id) { id } }";
    assert_eq!(world.data("outside-worker", sees, json!({ "id": t.client })).await["client"], Value::Null);
    assert_eq!(world.data("partner-worker", sees, json!({ "id": t.client })).await["client"]["id"], json!(t.client));
}

/// C16: one person breaks the glass, and what they tell the police meanwhile shows their colleagues nothing.
async fn an_override_is_one_persons(world: World) {
    let t = world.accepted("Umberleigh").await;
    world
        .done(
            "outside-worker",
            "overrideRequest",
            request("Umberleigh", "1990-02-03", json!(["NAME", "HOUSING"]), 2),
            "receipt",
        )
        .await;
    run_jobs(&world).await;
    let gateway = json!({
        "clientId": t.client, "recipientId": demo::LOCKWELL.global(), "kind": "COURT_ORDER", "reference": "Order 9",
        "categories": ["HOUSING"], "until": "2026-09-01T00:00:00Z", "reason": "The court says so.",
    });
    assert_eq!(world.codes("outside-worker", "legalGatewayAsk", gateway).await, ["NOT_ALLOWED"], "no handing on");
    let outward = json!({
        "clientId": t.client, "recipient": "The police", "basis": "POLICE_REQUEST", "categories": ["HOUSING"], "revealsLocation": false,
        "summary": "Where she sleeps.", "disclosedAt": "2026-04-01T08:00:00Z", "tell": "TELL",
    });
    let told = world.done("outside-worker", "outwardDisclosureRecord", outward, "outwardDisclosure { id }").await;
    assert!(told["outwardDisclosure"]["id"].is_string(), "who records it reads it while the glass is broken");
    world.member("colleague", demo::MEADOW, &[Role::SupportWorker], &[demo::OUTREACH]).await;
    let colleague = format!("colleague@{}", demo::MEADOW.global());
    let sees = "query C($id: ID!) { client(id: $id) { id } clients(first: 1) { totalCount } }";
    let told = world.data(&colleague, sees, json!({ "id": t.client })).await;
    assert_eq!(told, json!({ "client": null, "clients": { "totalCount": 0 } }));
    world.clock.pass_seconds(3 * 3_600);
    let told = world.data("outside-worker", sees, json!({ "id": t.client })).await;
    assert_eq!(told, json!({ "client": null, "clients": { "totalCount": 0 } }), "nor themselves once it is over");
}

/// C16: what only the override opened stays with it where something else opens the record to the organisation; of two the one that opens
/// it, so that its reviewers read what was told.
async fn what_an_override_opened_is_its_reviewers_alone(world: World) {
    let t = world.accepted("Dunsfold").await;
    let consent = support(json!(t.client), json!([demo::MEADOW.global()]), json!(["NAME"]));
    world.done("support-worker", "consentRecord", consent, "").await;
    let open = |categories: Value| {
        json!({
            "clientId": t.client, "categories": categories, "ground": "SERIOUS_HARM_TO_SELF", "reason": "In danger.", "hours": 2,
        })
    };
    world.done("outside-worker", "overrideOpen", open(json!(["HOUSING"])), "").await;
    world.done("outside-worker", "overrideOpen", open(json!(["RISK"])), "").await;
    let outward = json!({
        "clientId": t.client, "recipient": "The police", "basis": "POLICE_REQUEST", "categories": ["HOUSING"], "revealsLocation": false,
        "summary": "Where she sleeps.", "disclosedAt": "2026-04-01T08:00:00Z", "tell": "TELL",
    });
    let told = world.done("outside-worker", "outwardDisclosureRecord", outward, "outwardDisclosure { id }").await;
    let id = told["outwardDisclosure"]["id"].clone();
    world.member("colleague", demo::MEADOW, &[Role::SupportWorker], &[demo::OUTREACH]).await;
    let read = "query D($id: ID!) { node(id: $id) { id ... on OutwardDisclosure { summary } } }";
    let colleague = format!("colleague@{}", demo::MEADOW.global());
    assert_eq!(world.data(&colleague, read, json!({ "id": id })).await["node"], Value::Null);
    let reviewer = world.data("safeguarding-lead", read, json!({ "id": id })).await["node"].clone();
    assert_eq!(reviewer["summary"], "Where she sleeps.", "the reviewer of the one that opened it");
    // They find it where they review, and no other of the asker's overrides has it.
    let mine = "{ inbox(first: 9) { nodes { subject { ... on Override { id version categories outwardDisclosures { id recipient } } } } } }";
    let list = |told: &Value| -> Vec<(Value, Value)> {
        let all = told["inbox"]["nodes"].as_array().expect("a list").iter().map(|i| &i["subject"]);
        all.filter(|s| s["categories"].is_array())
            .map(|s| (s["categories"].clone(), s["outwardDisclosures"].clone()))
            .collect()
    };
    let told = list(&world.data("safeguarding-lead", mine, json!({})).await);
    let of = |category: &str| told.iter().find(|(c, _)| c == &json!([category])).map(|(_, d)| d.clone());
    assert_eq!(of("HOUSING"), Some(json!([{ "id": id, "recipient": "The police" }])));
    assert_eq!(of("RISK"), Some(json!([])));
    assert_eq!(list(&world.data(&colleague, mine, json!({})).await), []);
    let theirs = "query C($id: ID!) { client(id: $id) { overrides { categories outwardDisclosures { id } } } }";
    let asker = world.data("outside-worker", theirs, json!({ "id": t.client })).await;
    let own = json!({ "categories": ["HOUSING"], "outwardDisclosures": [{ "id": id }] });
    assert!(asker["client"]["overrides"].as_array().expect("a list").contains(&own), "{asker}");
}

/// C5: a seal set after a gateway was asked for shuts out its watchers like everybody else.
async fn a_seal_shuts_out_who_watches_a_gateway(world: World) {
    let t = world.accepted("Valebrook").await;
    let gateway = json!({
        "clientId": t.client, "recipientId": demo::MEADOW.global(), "kind": "COURT_ORDER", "reference": "Order 9",
        "categories": ["HOUSING"], "until": "2026-09-01T00:00:00Z", "reason": "The court says so.",
    });
    let asked = world.done("support-worker", "legalGatewayAsk", gateway, "legalGateway { id }").await;
    let id = asked["legalGateway"]["id"].clone();
    let read = "query G($id: ID!) { node(id: $id) { id } }";
    assert_eq!(world.data("safeguarding-lead", read, json!({ "id": id })).await["node"]["id"], id);
    let named = json!([person(&world, "support-worker").await, person(&world, "team-manager").await]);
    let seal = json!({ "clientId": t.client, "personIds": named, "reason": "A colleague's aunt." });
    world.done("team-manager", "clientSeal", seal, "").await;
    assert_eq!(world.data("safeguarding-lead", read, json!({ "id": id })).await["node"], Value::Null);
    let grant = json!({ "legalGatewayId": id, "version": 1, "decision": "GRANT", "reason": "The law." });
    assert_eq!(world.codes("safeguarding-lead", "legalGatewayDecide", grant).await, ["NOT_FOUND"]);
}

/// C23: what a friend says of somebody's consent opens nothing, and the hub waits until the person agrees.
async fn a_friends_word_is_no_consent(world: World) {
    let aunt = json!({ "name": "Friends and family", "kind": "FRIENDS_OR_FAMILY" });
    let made = world.done("administrator", "organisationRegister", aunt, "organisation { id isCategory }").await;
    let of = alliance::domain::ids::OrganisationId::parse(made["organisation"]["id"].as_str().expect("an id"))
        .expect("one");
    world.member("aunt", of, &[Role::Referrer], &[]).await;
    let who = format!("aunt@{}", of.global());
    let mut input = draft("Wetherall");
    let all = json!([demo::HARBOUR.global(), demo::MEADOW.global()]);
    input["consent"]["recipients"] = all;
    input["consent"]["purposes"] = json!(["REFERRAL", "CASE_COORDINATION", "SUPPORT"]);
    let made = world.done(&who, "referralDraft", input, "referral { id version }").await;
    let id = made["referral"]["id"].clone();
    let submit = json!({ "referralId": id, "version": made["referral"]["version"] });
    world.done(&who, "referralSubmit", submit, "").await;
    let list = "{ clients(first: 5) { totalCount } }";
    assert_eq!(world.data("outside-worker", list, json!({})).await["clients"]["totalCount"], 0, "nobody is let in");
    let seen = "query R($id: ID!) { referral(id: $id) { version client { id health { text } housing { tenure } } } }";
    let hub = world.data("hub-coordinator", seen, json!({ "id": id })).await["referral"].clone();
    assert_eq!(hub["client"]["health"], Value::Null, "what needs consent stays closed to the hub");
    let offer = |version: &Value| json!({ "referralId": id, "version": version, "teamId": demo::NORTH.global(), "criteriaSeen": "All of them." });
    assert_eq!(world.codes("hub-coordinator", "referralOffer", offer(&hub["version"])).await, ["CONSENT_REQUIRED"]);
    let own = json!({
        "clientId": hub["client"]["id"],
        "consent": {
            "recipients": [demo::HARBOUR.global()], "purposes": ["REFERRAL"], "categories": ["NAME", "HEALTH"],
            "givenBy": "CLIENT", "givenHow": "VERBAL", "evidence": "Said so on the telephone.", "expiresAt": "2027-04-01T09:00:00Z",
        },
    });
    // Nor is it heard by the one who sent it, under another hat.
    let hat = world.member("aunt", demo::HARBOUR, &[Role::HubCoordinator], &[demo::HUB]).await;
    assert_eq!(person(&world, &who).await, json!(hat.global()), "one person");
    let at_hub = format!("aunt@{}", demo::HARBOUR.global());
    world.done(&at_hub, "consentRecord", own.clone(), "").await;
    assert_eq!(world.codes("hub-coordinator", "referralOffer", offer(&hub["version"])).await, ["CONSENT_REQUIRED"]);
    world.done("hub-coordinator", "consentRecord", own, "").await;
    world.done("hub-coordinator", "referralOffer", offer(&hub["version"]), "").await;
}

/// C23: a friend brings nobody who speaks for the person: who does is for the hub to record.
async fn a_contact_request_brings_no_proxy(world: World) {
    let aunt = json!({ "name": "Friends and family", "kind": "FRIENDS_OR_FAMILY" });
    let made = world.done("administrator", "organisationRegister", aunt, "organisation { id }").await;
    let of = alliance::domain::ids::OrganisationId::parse(made["organisation"]["id"].as_str().expect("an id"))
        .expect("one");
    world.member("aunt", of, &[Role::Referrer], &[]).await;
    let who = format!("aunt@{}", of.global());
    let mut input = draft("Wetherall");
    input["consent"]["givenBy"] = json!("ATTORNEY");
    input["consent"]["proxyName"] = json!("Aunt Ottoline");
    let told = errors(&world.mutate(&who, "referralDraft", input.clone(), "").await);
    let told: Vec<_> = told.iter().map(|(code, _, field)| (code.as_str(), field.as_str())).collect();
    assert_eq!(told, [("NOT_ALLOWED", "consent.givenBy")]);
    world.done("referrer", "referralDraft", input, "").await;
}

/// C23: a landlord's ground is hearsay like their word, and what the person took back before the team answers counts.
async fn a_landlords_ground_is_hearsay_and_a_withdrawal_counts_before_the_answer(world: World) {
    let landlord = json!({ "name": "Invented Lettings", "kind": "LANDLORD" });
    let made = world.done("administrator", "organisationRegister", landlord, "organisation { id }").await;
    let of = alliance::domain::ids::OrganisationId::parse(made["organisation"]["id"].as_str().expect("an id"))
        .expect("one");
    world.member("landlord", of, &[Role::Referrer], &[]).await;
    let who = format!("landlord@{}", of.global());
    let mut input = draft("Ebberston");
    input.as_object_mut().expect("an object").remove("consent");
    input["sections"].as_array_mut().expect("a list").retain(|s| s["text"]["category"] != "HEALTH");
    input["narratives"].as_array_mut().expect("a list").retain(|n| n["category"] != "HEALTH");
    input["ground"] = json!({ "code": "PUBLIC_PROTECTION", "reason": "The rent is owed." });
    let made = world.done(&who, "referralDraft", input, "referral { id }").await;
    let id = made["referral"]["id"].clone();
    world.done(&who, "referralSubmit", json!({ "referralId": id, "version": 1 }), "").await;
    let offer =
        json!({ "referralId": id, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "All of them." });
    assert_eq!(world.codes("hub-coordinator", "referralOffer", offer.clone()).await, ["CONSENT_REQUIRED"]);
    world.agreed(&id).await;
    world.done("hub-coordinator", "referralOffer", offer, "").await;
    let of = "query R($id: ID!) { referral(id: $id) { client { consents { id } } } }";
    let seen = world.data("hub-coordinator", of, json!({ "id": id })).await;
    let consent = seen["referral"]["client"]["consents"][0]["id"].clone();
    world.done("hub-coordinator", "consentWithdraw", json!({ "consentId": consent }), "").await;
    let accept = json!({ "referralId": id, "version": 3 });
    assert_eq!(world.codes("support-worker", "referralAccept", accept).await, ["CONSENT_REQUIRED"]);
}

/// C23: nobody but the hub reads that a referral was a duplicate, whatever else opens it to them.
async fn a_duplicate_is_told_to_the_hub_alone(world: World) {
    let id = world.submitted("Yarnold").await;
    let of = world
        .data(
            "hub-coordinator",
            "query R($id: ID!) { referral(id: $id) { version client { id } } }",
            json!({ "id": id }),
        )
        .await;
    let consent = support(
        json!(of["referral"]["client"]["id"]),
        json!([demo::PROBATION.global(), demo::MEADOW.global()]),
        json!(["NAME"]),
    );
    world.done("hub-coordinator", "consentRecord", consent, "").await;
    let close = json!({
        "referralId": id, "version": of["referral"]["version"], "outcome": "DUPLICATE", "text": "Known under another name.",
        "onwardReferral": "The team that knows her.",
    });
    world.done("hub-coordinator", "referralClose", close, "").await;
    let read = "query R($id: ID!) { referral(id: $id) { outcome outcomeText urgency } }";
    let hub = json!({ "outcome": "DUPLICATE", "outcomeText": "Known under another name." });
    let told = world.data("hub-coordinator", read, json!({ "id": id })).await["referral"].clone();
    assert_eq!(json!({ "outcome": told["outcome"], "outcomeText": told["outcomeText"] }), hub);
    for who in ["referrer", "outside-worker"] {
        let told = world.data(who, read, json!({ "id": id })).await["referral"].clone();
        assert_eq!((&told["outcome"], &told["outcomeText"]), (&json!("REFERRED_ON"), &Value::Null), "{who}");
        // A risk of eviction is HOUSING: the sender wrote it, a consent for the name alone does not open it.
        assert_eq!(told["urgency"].is_null(), who == "outside-worker", "{who}");
    }
}

/// C8: a team that will not be told of HOUSING is not told how soon the home may be lost.
async fn an_intake_profile_leaves_the_urgency_out(world: World) {
    let id = world.offered("Zouche", demo::OUTREACH).await;
    let read = "query R($id: ID!) { referral(id: $id) { urgency redactions { category } } }";
    let told = world.data("outside-worker", read, json!({ "id": id })).await["referral"].clone();
    assert_eq!(told["urgency"], Value::Null, "{told}");
    assert!(world.data("hub-coordinator", read, json!({ "id": id })).await["referral"]["urgency"].is_string());
}

/// C11: that a case ended in prison tells of OFFENDING, in long-term care of HEALTH.
async fn why_a_case_ended_can_tell_too_much(world: World) {
    let t = world.accepted("Addlestrop").await;
    let consent = support(json!(t.client), json!([demo::MEADOW.global()]), json!(["NAME"]));
    world.done("support-worker", "consentRecord", consent, "").await;
    let read = "query K($id: ID!) { sharedCase(id: $id) { version closureKind closureReason } }";
    let version = world.data("support-worker", read, json!({ "id": t.case })).await["sharedCase"]["version"].clone();
    let close = json!({ "caseId": t.case, "version": version, "kind": "UNPLANNED", "reason": "PRISON" });
    world.done("support-worker", "caseClose", close, "").await;
    let told = |v: Value| (v["sharedCase"]["closureKind"].clone(), v["sharedCase"]["closureReason"].clone());
    let outside = told(world.data("outside-worker", read, json!({ "id": t.case })).await);
    assert_eq!(outside, (json!("UNPLANNED"), Value::Null));
    let own = told(world.data("support-worker", read, json!({ "id": t.case })).await);
    assert_eq!(own, (json!("UNPLANNED"), json!("PRISON")), "the lead agency reads what it recorded");
}

/// C11: an organisation that changes its kind implies what the new kind does, and the hub takes nothing of it away.
async fn a_new_kind_of_organisation_implies_what_it_is(world: World) {
    let change = json!({ "organisationId": demo::SHELTER.global(), "version": 1, "kind": "DOMESTIC_ABUSE_SERVICE" });
    let told =
        world.done("hub-coordinator", "organisationUpdate", change, "organisation { impliedCategories }").await;
    assert_eq!(told["organisation"]["impliedCategories"], json!(["DOMESTIC_ABUSE"]));
    let new = json!({ "name": "Westgate Probation", "kind": "PROBATION", "impliedCategories": [] });
    let told = world.done("hub-coordinator", "organisationRegister", new, "organisation { impliedCategories }").await;
    assert_eq!(told["organisation"]["impliedCategories"], json!(["OFFENDING"]));
    let kind = OrganisationKind::SchoolOrCollege;
    assert!(
        !alliance::domain::organisation::implied_by(kind).is_empty(),
        "a school tells where somebody can be found"
    );
}

/// C2, C21: an organisation that no longer takes part reads nothing from the next statement on.
async fn an_organisation_that_leaves_reads_nothing_at_once(world: World) {
    let t = world.accepted("Bramwell").await;
    world.solicitors_join(&t).await;
    let read = "query C($id: ID!) { client(id: $id) { id } }";
    assert!(world.data("partner-worker", read, json!({ "id": t.client })).await["client"].is_object());
    let version = world
        .data(
            "administrator",
            "query O($id: ID!) { node(id: $id) { ... on Organisation { version } } }",
            json!({ "id": demo::LOCKWELL.global() }),
        )
        .await;
    let leave = json!({ "organisationId": demo::LOCKWELL.global(), "version": version["node"]["version"], "status": "INACTIVE" });
    world.done("administrator", "organisationUpdate", leave, "").await;
    let told = world.ask("partner-worker", read, json!({ "id": t.client })).await;
    assert!(told["data"]["client"].is_null(), "{told}");
}

/// C16: a co-signature passes the seal that stood when it was given, and none that is set later.
async fn a_co_signature_passes_no_later_seal(world: World) {
    let t = world.accepted("Carnforth").await;
    let named = json!([person(&world, "support-worker").await, person(&world, "team-manager").await]);
    let seal = json!({ "clientId": t.client, "personIds": named, "reason": "A colleague's aunt." });
    world.done("team-manager", "clientSeal", seal.clone(), "").await;
    let ask = request("Carnforth", "1990-02-03", json!(["HOUSING"]), 9);
    world.done("partner-worker", "overrideRequest", ask, "receipt").await;
    run_jobs(&world).await;
    let mine = "{ inbox(first: 9) { nodes { kind subject { ... on Override { id version } } } } }";
    let told = world.data("safeguarding-lead", mine, json!({})).await;
    let one =
        told["inbox"]["nodes"].as_array().expect("items").iter().find(|i| i["kind"] == "OVERRIDE_TO_COSIGN").cloned();
    let subject = one.expect("the lead of who holds the case is asked")["subject"].clone();
    let sign = json!({ "overrideId": subject["id"], "version": subject["version"] });
    world.done("safeguarding-lead", "overrideCosign", sign, "").await;
    let sees = "query C($id: ID!) { client(id: $id) { id } }";
    assert_eq!(world.data("partner-worker", sees, json!({ "id": t.client })).await["client"]["id"], json!(t.client));
    let set = "query R($id: ID!) { client(id: $id) { restrictions { id version kind } } }";
    let stands =
        world.data("team-manager", set, json!({ "id": t.client })).await["client"]["restrictions"][0].clone();
    let lift = json!({ "restrictionId": stands["id"], "version": stands["version"], "reason": "No longer." });
    world.done("team-manager", "restrictionLift", lift, "").await;
    assert_eq!(world.data("partner-worker", sees, json!({ "id": t.client })).await["client"]["id"], json!(t.client));
    world.done("team-manager", "clientSeal", seal, "").await;
    assert_eq!(world.data("partner-worker", sees, json!({ "id": t.client })).await["client"], Value::Null);
    // It stands while it stands: a seal set and lifted again leaves the co-signature what it was.
    let stands =
        world.data("team-manager", set, json!({ "id": t.client })).await["client"]["restrictions"][0].clone();
    let lift = json!({ "restrictionId": stands["id"], "version": stands["version"], "reason": "By mistake." });
    world.done("team-manager", "restrictionLift", lift, "").await;
    assert_eq!(world.data("partner-worker", sees, json!({ "id": t.client })).await["client"]["id"], json!(t.client));
    sound(&world).await;
}

/// C23: on a database from before contact requests were known as such, the migration ends what they opened, and the ledger is sound;
/// and every migration goes down and up again.
async fn old_contact_requests_open_nothing_after_the_migration(world: World) {
    use migration::{Migrator, MigratorTrait};
    let aunt = json!({ "name": "Friends and family", "kind": "FRIENDS_OR_FAMILY" });
    let made = world.done("administrator", "organisationRegister", aunt, "organisation { id }").await;
    let of = made["organisation"]["id"].as_str().expect("an id").to_owned();
    let partners = json!([demo::HARBOUR.global(), demo::LOCKWELL.global(), demo::MEADOW.global()]);
    let mut input = draft("Wetherall");
    input["consent"]["recipients"] = partners;
    input["consent"]["purposes"] = json!(["REFERRAL", "CASE_COORDINATION", "SUPPORT"]);
    let made = world.done("referrer", "referralDraft", input, "referral { id version }").await;
    let submit = json!({ "referralId": made["referral"]["id"], "version": made["referral"]["version"] });
    world.done("referrer", "referralSubmit", submit, "").await;
    let list = "{ clients(first: 5) { totalCount } }";
    assert_eq!(world.data("outside-worker", list, json!({})).await["clients"]["totalCount"], 1, "consent opens it");
    // As if a friend had sent it before the step, as it was kept then.
    let of = alliance::domain::ids::OrganisationId::parse(&of).expect("one");
    let referral = made["referral"]["id"].as_str().and_then(alliance::domain::ids::ReferralId::parse).expect("one");
    let (of, referral) = (literal(&world, of.0), literal(&world, referral.0));
    let yes = if world.backend == Backend::Sqlite { "1" } else { "TRUE" };
    world
        .raw(&format!("UPDATE referral SET organisation_id = {of}, private_sender = {yes} WHERE id = {referral}"))
        .await;
    world
        .raw(&format!(
            "UPDATE access_grant SET organisation_id = {of}, person_id = (SELECT sent_by FROM referral WHERE id = {referral}), \
            holder_id = (SELECT sent_by FROM referral WHERE id = {referral}) WHERE basis = 'REFERRER' AND scope_id = {referral}"
        ))
        .await;
    let database = world.app.database.for_migrations();
    let steps = Migrator::migrations();
    let of = steps.iter().position(|m| m.name().contains("m0026")).expect("the step");
    let back = u32::try_from(steps.len() - of).expect("few");
    Migrator::down(database, Some(back)).await.expect("it goes down");
    Migrator::up(database, None).await.expect("it goes up");
    assert_eq!(world.data("outside-worker", list, json!({})).await["clients"]["totalCount"], 0, "hearsay");
    sound(&world).await;
}

/// Every step goes down on both databases, from a database that holds records, and up again.
async fn every_migration_goes_down_and_up(world: World) {
    use migration::{Migrator, MigratorTrait};
    world.accepted("Wetherall").await;
    let database = world.app.database.for_migrations();
    Migrator::down(database, None).await.expect("it goes down");
    Migrator::up(database, None).await.expect("it goes up");
    assert!(Migrator::get_pending_migrations(database).await.expect("it reads").is_empty());
    sound(&world).await;
}

on_both_databases!(every_migration_goes_down_and_up);
on_both_databases!(a_co_signature_passes_no_later_seal);
on_both_databases!(a_contact_request_brings_no_proxy);
on_both_databases!(old_contact_requests_open_nothing_after_the_migration);
on_both_databases!(a_lead_who_asks_hears_nothing_of_a_sealed_record);
on_both_databases!(an_override_is_put_before_leads_who_can_read_it);
on_both_databases!(a_request_matches_the_person_and_not_who_is_written_of);
on_both_databases!(an_override_is_one_persons);
on_both_databases!(what_an_override_opened_is_its_reviewers_alone);
on_both_databases!(a_seal_shuts_out_who_watches_a_gateway);
on_both_databases!(a_friends_word_is_no_consent);
on_both_databases!(a_landlords_ground_is_hearsay_and_a_withdrawal_counts_before_the_answer);
on_both_databases!(a_duplicate_is_told_to_the_hub_alone);
on_both_databases!(an_intake_profile_leaves_the_urgency_out);
on_both_databases!(why_a_case_ended_can_tell_too_much);
on_both_databases!(a_new_kind_of_organisation_implies_what_it_is);
on_both_databases!(an_organisation_that_leaves_reads_nothing_at_once);
