//! Breaking the glass (C16, C18): who may, what it opens, who is told, who co-signs, who reviews, and what a request never tells.

use crate::hidden::{look, settle};
use crate::inputs::{dump, literal};
use crate::support::{CANARY, Travelled, World, draft};
use alliance::domain::ids::{ClientId, OverrideId, TypedId};
use alliance::domain::role::Role;
use alliance::persistence::ledger;
use alliance::persistence::sql::Sql;
use alliance::service::{demo, jobs};
use serde_json::{Value, json};

const OVERRIDE: &str = "override { id version status client { id } categories ground reason hours openedAt until endedAt \
    cosignedAt escalatedAt verdict askedByName askedFor { name } viewerAccess { canCosign canReview canEnd } }";
const INBOX: &str = "{ inbox { totalCount nodes { id kind dueAt doneAt client { id } subject { __typename id \
    ... on Override { version status } ... on OverrideRequest { givenName familyName dateOfBirth askedByName } } } } }";

fn asking(client: &str, categories: &[&str]) -> Value {
    json!({
        "clientId": client, "categories": categories, "ground": "SERIOUS_HARM_TO_SELF",
        "reason": "Said on the phone that she has taken tablets.", "hours": 4,
    })
}

fn requesting(given: &str, family: &str, birth: &str, categories: &[&str]) -> Value {
    json!({
        "givenName": given, "familyName": family, "dateOfBirth": birth, "categories": categories,
        "ground": "SERIOUS_HARM_TO_SELF", "reason": "A neighbour found her unwell.", "hours": 4,
    })
}

/// An override that was opened; as its asker reads it.
async fn opened(world: &World, who: &str, client: &str, categories: &[&str]) -> Value {
    let done = world.done(who, "overrideOpen", asking(client, categories), OVERRIDE).await;
    assert_eq!(done["override"]["status"], "OPEN", "{done}");
    done["override"].clone()
}

async fn inbox(world: &World, who: &str) -> Vec<Value> {
    let found = world.data(who, INBOX, json!({})).await;
    let nodes = found["inbox"]["nodes"].as_array().expect("a list").clone();
    assert_eq!(found["inbox"]["totalCount"], json!(nodes.len()));
    nodes
}

async fn kinds(world: &World, who: &str) -> Vec<String> {
    inbox(world, who).await.iter().map(|i| i["kind"].as_str().expect("a kind").to_owned()).collect()
}

async fn health(world: &World, who: &str, client: &str) -> Value {
    let query = "query($id: ID!) { client(id: $id) { health { text } } }";
    world.data(who, query, json!({ "id": client })).await["client"]["health"]["text"].clone()
}

async fn sees(world: &World, who: &str, id: &Value) -> bool {
    let query = "query($id: ID!) { node(id: $id) { id } }";
    !world.data(who, query, json!({ "id": id })).await["node"].is_null()
}

async fn run(world: &World) -> usize {
    jobs::run_due(&world.app).await.unwrap_or_else(|f| panic!("the jobs run: {}", f.for_log()))
}

/// Waits until what a mutation leaves to be done, the sealing of its trace, is done.
async fn quiet(world: &World) {
    loop {
        let before = world.statements();
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        if world.statements() == before {
            return;
        }
    }
}

async fn sound(world: &World) {
    let (_, differences) = ledger::check(&world.app.database).await.unwrap_or_else(|f| panic!("{}", f.for_log()));
    assert!(differences.is_empty(), "{differences:?}");
}

async fn person(world: &World, name: &str) -> String {
    let found = world.data(name, "{ viewer { personId } }", json!({})).await;
    let id = found["viewer"]["personId"].as_str().expect("an id").to_owned();
    literal(world, alliance::domain::ids::PersonId::parse(&id).expect("a person").0)
}

async fn restrict(world: &World, client: &str, kind: &str, person: &str) {
    let client = literal(world, ClientId::parse(client).expect("a client").0);
    let excluded = if kind == "OBJECTION" { person } else { "NULL" };
    world
        .raw(&format!(
            "INSERT INTO restriction (id, client_id, kind, person_id, recorded_by, recorded_at) \
            VALUES ({client}, {client}, '{kind}', {excluded}, (SELECT p.id FROM person p LIMIT 1), 1)"
        ))
        .await;
}

/// A case that Lockwell's solicitors are on, for HOUSING and FINANCE.
async fn shared(world: &World, family: &str) -> Travelled {
    let t = world.accepted(family).await;
    world.solicitors_join(&t).await;
    t
}

async fn it_opens_what_was_asked_to_one_person_and_tells_every_lead_concerned(world: World) {
    let t = shared(&world, "Wick").await;
    world.member("colleague", demo::LOCKWELL, &[Role::SupportWorker], &[demo::SOLICITORS]).await;
    let colleague = format!("colleague@{}", demo::LOCKWELL.global());
    assert!(health(&world, "partner-worker", &t.client).await.is_null());
    let o = opened(&world, "partner-worker", &t.client, &["HEALTH"]).await;
    assert_eq!(o["client"]["id"], json!(t.client));
    assert_eq!(o["viewerAccess"], json!({ "canCosign": false, "canReview": false, "canEnd": true }));
    assert_eq!(health(&world, "partner-worker", &t.client).await, "Takes medication for depression.");
    assert!(health(&world, &colleague, &t.client).await.is_null(), "one person, not the team");
    assert!(!sees(&world, &colleague, &o["id"]).await);
    for lead in ["safeguarding-lead", "partner-safeguarding-lead"] {
        let items = inbox(&world, lead).await;
        assert_eq!(items.len(), 1, "{lead}: {items:?}");
        assert_eq!(items[0]["kind"], "OVERRIDE_TO_REVIEW");
        assert_eq!(items[0]["dueAt"], "2026-04-02T23:00:00.000000Z", "the end of the next working day");
        assert_eq!(items[0]["subject"]["id"], o["id"]);
        assert!(items[0]["client"].is_null(), "{lead} sees the document and not the record");
        let query = "query($id: ID!, $c: ID!) { node(id: $id) { ... on Override { reason client { id } categories \
            viewerAccess { canCosign canReview canEnd } } } client(id: $c) { id } clients { totalCount } \
            sharedCases { totalCount } referrals { totalCount } }";
        let seen = world.data(lead, query, json!({ "id": o["id"], "c": t.client })).await;
        assert_eq!(seen["node"]["reason"], "Said on the phone that she has taken tablets.");
        assert_eq!(seen["node"]["viewerAccess"], json!({ "canCosign": false, "canReview": true, "canEnd": false }));
        let zero = json!({ "totalCount": 0 });
        assert!(seen["node"]["client"].is_null() && seen["client"].is_null(), "{seen}");
        assert_eq!((&seen["clients"], &seen["sharedCases"], &seen["referrals"]), (&zero, &zero, &zero));
    }
    for other in
        ["outside-safeguarding-lead", "canary", "support-worker", "hub-coordinator", "information-governance"]
    {
        assert!(!sees(&world, other, &o["id"]).await, "{other}");
        assert_eq!(kinds(&world, other).await, Vec::<String>::new(), "{other}");
    }
    sound(&world).await;
    world.clock.pass_seconds(4 * 3600);
    assert!(health(&world, "partner-worker", &t.client).await.is_null(), "four hours later");
    assert!(!sees(&world, "partner-worker", &o["id"]).await);
    assert!(sees(&world, "safeguarding-lead", &o["id"]).await, "the review goes on");
    sound(&world).await;
}

async fn what_is_asked_wrongly_has_its_own_code_and_changes_nothing(world: World) {
    let t = shared(&world, "Wick").await;
    let fine = asking(&t.client, &["HEALTH"]);
    let request = requesting("Maren", "Wick", "1990-02-03", &["HEALTH"]);
    let before = dump(&world).await;
    for (name, input) in [("overrideOpen", &fine), ("overrideRequest", &request)] {
        let with = |field: &str, value: Value| crate::inputs::put(input, &format!("/{field}"), value);
        let table = [
            (with("hours", json!(25)), "OVERRIDE_TOO_LONG"),
            (with("hours", json!(0)), "INVALID"),
            (with("reason", json!("  ")), "INVALID"),
            (with("categories", json!([])), "INVALID"),
            (with("categories", json!(["EQUALITIES"])), "INVALID"),
        ];
        for (input, code) in table {
            assert_eq!(world.codes("partner-worker", name, input.clone()).await, [code], "{name} {input}");
        }
        for missing in ["ground", "reason"] {
            let mut input = input.clone();
            input.as_object_mut().expect("an object").remove(missing);
            let answer = world.ask("partner-worker", &crate::inputs::document(name), json!({ "input": input })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{name} without {missing}");
        }
        for role in ["referrer", "information-governance", "commissioner", "administrator"] {
            let answer = world.ask(role, &crate::inputs::document(name), json!({ "input": input })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{name} as {role}");
        }
    }
    let to_come = crate::inputs::put(&request, "/dateOfBirth", json!("2026-04-02"));
    assert_eq!(world.codes("partner-worker", "overrideRequest", to_come).await, ["INVALID"]);
    for who in ["outside-worker", "hub-coordinator", "safeguarding-lead"] {
        let hidden = asking(&ClientId(uuid::Uuid::from_u128(7)).global(), &["HEALTH"]);
        assert_eq!(world.codes(who, "overrideOpen", hidden).await, ["NOT_FOUND"], "{who}");
    }
    assert_eq!(world.codes("outside-worker", "overrideOpen", fine).await, ["NOT_FOUND"], "a hidden record");
    assert_eq!(dump(&world).await, before);
}

async fn a_person_has_three_requests_a_day_whatever_they_find(world: World) {
    let input = requesting("Nobody", "Known", "1990-02-03", &["HEALTH"]);
    world.member("outside-worker", CANARY, &[Role::SupportWorker], &[]).await;
    let elsewhere = format!("outside-worker@{}", CANARY.global());
    let checking = crate::inputs::checking(&input);
    for _ in 0..4 {
        assert_eq!(world.codes("outside-worker", "overrideRequest", checking.clone()).await, Vec::<String>::new());
    }
    for who in ["outside-worker", &elsewhere, "outside-worker"] {
        let done = world.done(who, "overrideRequest", input.clone(), "receipt").await;
        assert_eq!(done["receipt"], "RECEIVED");
    }
    let before = dump(&world).await;
    for who in ["outside-worker", &elsewhere] {
        let told = world.mutate(who, "overrideRequest", input.clone(), "receipt").await;
        assert_eq!(told["userErrors"][0]["code"], "OVERRIDE_TRIES_SPENT");
        assert!(told["receipt"].is_null());
    }
    assert_eq!(dump(&world).await, before);
    assert_eq!(world.codes("partner-worker", "overrideRequest", input.clone()).await, Vec::<String>::new());
    // It is ten past ten in the evening in London, then ten past midnight; in UTC the day is still the same.
    world.clock.pass_seconds(12 * 3600 + 600);
    assert_eq!(world.codes("outside-worker", "overrideRequest", input.clone()).await, ["OVERRIDE_TRIES_SPENT"]);
    world.clock.pass_seconds(2 * 3600);
    assert_eq!(world.codes("outside-worker", "overrideRequest", input.clone()).await, Vec::<String>::new());
    // Two at once do not make four of three.
    let ask = async || world.codes("outside-worker", "overrideRequest", input.clone()).await;
    let all = tokio::join!(ask(), ask(), ask(), ask());
    let through = [all.0, all.1, all.2, all.3].iter().filter(|codes| codes.is_empty()).count();
    assert_eq!(through, 2);
}

async fn a_request_tells_the_same_whatever_there_is(world: World) {
    let single = shared(&world, "Single").await;
    let sealed = shared(&world, "Sealed").await;
    let excluding = shared(&world, "Excluding").await;
    shared(&world, "Several").await;
    shared(&world, "Several").await;
    world.done("referrer", "referralDraft", draft("Drafted"), "referral { id }").await;
    restrict(&world, &sealed.client, "SEALED", "NULL").await;
    let meadow = async |n: usize| {
        let name = format!("worker{n}");
        world.member(&name, demo::MEADOW, &[Role::SupportWorker], &[demo::OUTREACH]).await;
        format!("{name}@{}", demo::MEADOW.global())
    };
    let query = "mutation M($input: OverrideRequestInput!) { overrideRequest(input: $input) { receipt userErrors { code } } }";
    let mut answers = Vec::new();
    let mut askers = Vec::new();
    for (n, family) in ["Single", "Nobody", "Several", "Sealed", "Excluding", "Drafted"].into_iter().enumerate() {
        let who = meadow(n).await;
        if family == "Excluding" {
            restrict(&world, &excluding.client, "OBJECTION", &person(&world, &who).await).await;
        }
        settle(&world, &who).await;
        quiet(&world).await;
        let input = requesting("maren", &format!(" {family}"), "1990-02-03", &["HEALTH"]);
        let before = world.statements();
        let answer = look(&world, &who, query, &json!({ "input": input })).await;
        quiet(&world).await;
        answers.push((answer.body, world.statements() - before));
        askers.push(who);
    }
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(answer, &answers[0], "{n}");
    }
    assert!(answers[0].0.contains(r#""receipt":"RECEIVED""#), "{}", answers[0].0);
    for who in &askers {
        assert_eq!(kinds(&world, who).await, Vec::<String>::new(), "nothing before the match");
    }
    let (one, two) = tokio::join!(jobs::run_due(&world.app), jobs::run_due(&world.app));
    let done = one.unwrap_or_else(|f| panic!("{}", f.for_log())) + two.unwrap_or_else(|f| panic!("{}", f.for_log()));
    assert_eq!(done, 6, "each is matched once, whoever runs the jobs");
    assert_eq!(run(&world).await, 0);
    sound(&world).await;
    // A single match reaches whoever asked; of a sealed record, and of none, they hear nothing.
    assert_eq!(kinds(&world, &askers[0]).await, ["OVERRIDE_OPENED"]);
    assert_eq!(health(&world, &askers[0], &single.client).await, "Takes medication for depression.");
    for who in &askers[1..] {
        assert_eq!(kinds(&world, who).await, Vec::<String>::new(), "{who}");
        let found = world.data(who, "{ clients { totalCount } }", json!({})).await;
        assert_eq!(found["clients"]["totalCount"], 0, "{who}");
    }
    // What led to no single record is their own lead's: none, several, one that excludes them and a draft alike.
    let items = inbox(&world, "outside-safeguarding-lead").await;
    let unmatched: Vec<_> = items.iter().filter(|i| i["kind"] == "OVERRIDE_REQUEST_UNMATCHED").collect();
    let mut families: Vec<_> =
        unmatched.iter().map(|i| i["subject"]["familyName"].as_str().expect("a name").to_owned()).collect();
    families.sort();
    assert_eq!(families, ["Drafted", "Excluding", "Nobody", "Several"]);
    for item in unmatched {
        assert!(item["client"].is_null() && item["dueAt"].is_null());
        assert_eq!(item["subject"]["dateOfBirth"], "1990-02-03");
        for other in ["safeguarding-lead", "partner-safeguarding-lead", "canary", &askers[1], "administrator"] {
            assert!(!sees(&world, other, &item["subject"]["id"]).await, "{other}");
        }
    }
    let waiting = items.iter().filter(|i| i["kind"] == "OVERRIDE_TO_REVIEW").count();
    assert_eq!(waiting, 2, "the single match, and the sealed one");
    assert_eq!(kinds(&world, "canary").await, Vec::<String>::new());
}

async fn a_request_without_a_lead_of_its_own_goes_to_any(world: World) {
    world.member("ranger", demo::COUNTY, &[Role::SupportWorker], &[]).await;
    let who = format!("ranger@{}", demo::COUNTY.global());
    world.done(&who, "overrideRequest", requesting("No", "Body", "1990-02-03", &["RISK"]), "receipt").await;
    run(&world).await;
    for lead in ["safeguarding-lead", "partner-safeguarding-lead", "outside-safeguarding-lead"] {
        assert_eq!(kinds(&world, lead).await, ["OVERRIDE_REQUEST_UNMATCHED"], "{lead}");
    }
}

async fn a_record_is_matched_by_its_latest_name_and_day_of_birth(world: World) {
    let t = shared(&world, "Before").await;
    let section = json!({ "name": { "given": "Maren", "family": "After-Wards" } });
    world.done("support-worker", "entryRecord", json!({ "clientId": t.client, "section": section }), "").await;
    let ask = async |who: &str, given: &str, family: &str, birth: &str| {
        world.done(who, "overrideRequest", requesting(given, family, birth, &["HEALTH"]), "receipt").await;
        run(&world).await;
        health(&world, who, &t.client).await.is_string()
    };
    assert!(!ask("outside-worker", "Maren", "Before", "1990-02-03").await, "a former name");
    assert!(!ask("outside-worker", "Maren", "After-Wards", "1990-02-04").await, "another day");
    assert!(ask("outside-worker", "MAREN", "after wards", "1990-02-03").await);
    assert!(ask("partner-worker", "Maren", "After-Wards", "1990-02-03").await, "a record the asker sees matches too");
}

async fn a_sealed_record_waits_for_a_lead_who_holds_it_and_is_no_colleague(world: World) {
    let t = shared(&world, "Wick").await;
    restrict(&world, &t.client, "SEALED", "NULL").await;
    let request = requesting("Maren", "Wick", "1990-02-03", &["HEALTH"]);
    world.done("outside-worker", "overrideRequest", request, "receipt").await;
    run(&world).await;
    assert_eq!(kinds(&world, "outside-worker").await, Vec::<String>::new(), "not even that there is one");
    let item = inbox(&world, "partner-safeguarding-lead").await;
    let of: Vec<_> = item.iter().map(|i| i["kind"].as_str().expect("a kind")).collect();
    assert_eq!(of, ["OVERRIDE_TO_COSIGN", "OVERRIDE_TO_REVIEW"]);
    let id = item[0]["subject"]["id"].clone();
    assert_eq!(item[0]["subject"]["status"], "WAITING");
    let cosign = json!({ "overrideId": id, "version": 1 });
    let before = dump(&world).await;
    // Meadow's own lead is told, and is a colleague.
    assert_eq!(kinds(&world, "outside-safeguarding-lead").await, ["OVERRIDE_TO_REVIEW"]);
    assert_eq!(
        world.codes("outside-safeguarding-lead", "overrideCosign", cosign.clone()).await,
        ["COSIGNED_BY_COLLEAGUE"]
    );
    assert_eq!(world.codes("canary", "overrideCosign", cosign.clone()).await, ["NOT_FOUND"]);
    assert_eq!(world.codes("outside-worker", "overrideCosign", cosign.clone()).await, ["NOT_FOUND"]);
    let answer =
        world.ask("administrator", &crate::inputs::document("overrideCosign"), json!({ "input": cosign })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(dump(&world).await, before);
    let done = world.done("partner-safeguarding-lead", "overrideCosign", cosign.clone(), OVERRIDE).await;
    assert_eq!(done["override"]["status"], "OPEN");
    assert_eq!(health(&world, "outside-worker", &t.client).await, "Takes medication for depression.");
    assert!(health(&world, "support-worker", &t.client).await.is_null(), "the seal stands before all others");
    let told = inbox(&world, "outside-worker").await;
    assert_eq!((&told[0]["kind"], &told[1]["kind"]), (&json!("OVERRIDE_OPENED"), &json!("OVERRIDE_WAITING")));
    assert!(told[0]["doneAt"].is_null() && told[1]["doneAt"].is_string() && told.len() == 2, "{told:?}");
    assert_eq!(world.codes("safeguarding-lead", "overrideCosign", cosign).await, ["CONFLICT"]);
    sound(&world).await;
    // Who co-signed does not review it; somebody else does.
    let review = json!({ "overrideId": id, "version": 2, "verdict": "JUSTIFIED", "reason": "It was." });
    assert_eq!(world.codes("partner-safeguarding-lead", "overrideReview", review.clone()).await, ["SELF_REVIEW"]);
    world.done("safeguarding-lead", "overrideReview", review, "").await;
    sound(&world).await;
}

async fn what_the_askers_agency_holds_alone_is_co_signed_by_the_hubs_lead(world: World) {
    world.member("colleague", demo::LOCKWELL, &[Role::SupportWorker], &[demo::SOLICITORS]).await;
    let colleague = format!("colleague@{}", demo::LOCKWELL.global());
    // Harbour hosts the hub. A second lead there works for the asker's agency as well.
    world.member("two-hats", demo::HARBOUR, &[Role::SafeguardingLead], &[]).await;
    world.member("two-hats", demo::LOCKWELL, &[Role::SupportWorker], &[]).await;
    let two_hats = format!("two-hats@{}", demo::HARBOUR.global());
    let referral = world.offered("Wick", demo::SOLICITORS).await;
    let accept = json!({ "referralId": referral, "version": 3 });
    let taken = world.done("partner-worker", "referralAccept", accept, "referral { client { id } }").await;
    let client = taken["referral"]["client"]["id"].as_str().expect("an id").to_owned();
    restrict(&world, &client, "PROTECTED_CONTACT", "NULL").await;
    let phone = async || {
        let query = "query($id: ID!) { client(id: $id) { contact { phone } } }";
        world.data(&colleague, query, json!({ "id": client })).await["client"]["contact"]["phone"].clone()
    };
    let asked = async || {
        let o = world.done(&colleague, "overrideOpen", asking(&client, &["CONTACT"]), OVERRIDE).await;
        assert_eq!(o["override"]["status"], "WAITING");
        o["override"]["id"].clone()
    };
    let cosign = |id: &Value| json!({ "overrideId": id, "version": 1 });
    let id = asked().await;
    assert_eq!(kinds(&world, "safeguarding-lead").await, ["OVERRIDE_TO_COSIGN"], "the hub's");
    assert_eq!(kinds(&world, "partner-safeguarding-lead").await, ["OVERRIDE_TO_REVIEW"], "a colleague");
    for other in ["outside-safeguarding-lead", two_hats.as_str(), "canary"] {
        assert_eq!(kinds(&world, other).await, Vec::<String>::new(), "{other}");
        assert_eq!(world.codes(other, "overrideCosign", cosign(&id)).await, ["NOT_FOUND"], "{other}");
    }
    let refused = world.codes("partner-safeguarding-lead", "overrideCosign", cosign(&id)).await;
    assert_eq!(refused, ["COSIGNED_BY_COLLEAGUE"]);
    let query = "query($id: ID!, $c: ID!) { node(id: $id) { ... on Override { reason client { id } viewerAccess { canCosign } } } client(id: $c) { id } }";
    let seen = world.data("safeguarding-lead", query, json!({ "id": id, "c": client })).await;
    assert_eq!(seen["node"]["viewerAccess"]["canCosign"], true);
    assert_eq!(
        (&seen["node"]["client"], &seen["client"]),
        (&Value::Null, &Value::Null),
        "the document, not the record"
    );
    assert!(phone().await.is_null());
    world.done("safeguarding-lead", "overrideCosign", cosign(&id), "").await;
    assert_eq!(phone().await, "07700 900123");
    let review = json!({ "overrideId": id, "version": 2, "verdict": "JUSTIFIED", "reason": "It was." });
    world.done("partner-safeguarding-lead", "overrideReview", review, "").await;
    // Where the hub's leads are colleagues of the asker's, any lead elsewhere who is none.
    world.member("safeguarding-lead", demo::LOCKWELL, &[Role::SupportWorker], &[]).await;
    let id = asked().await;
    assert_eq!(kinds(&world, "outside-safeguarding-lead").await, ["OVERRIDE_TO_COSIGN"]);
    assert_eq!(world.codes(&two_hats, "overrideCosign", cosign(&id)).await, ["NOT_FOUND"]);
    assert_eq!(world.codes("safeguarding-lead", "overrideCosign", cosign(&id)).await, ["NOT_FOUND"]);
    let done = world.done("outside-safeguarding-lead", "overrideCosign", cosign(&id), OVERRIDE).await;
    assert_eq!(done["override"]["status"], "OPEN");
    sound(&world).await;
}

async fn a_lead_appointed_later_is_told_of_what_waits(world: World) {
    let t = shared(&world, "Wick").await;
    restrict(&world, &t.client, "PROTECTED_CONTACT", "NULL").await;
    let input = asking(&t.client, &["CONTACT"]);
    let o = world.done("partner-worker", "overrideOpen", input, OVERRIDE).await["override"].clone();
    assert_eq!(run(&world).await, 0, "everybody was told");
    for (name, of) in [("second", demo::HARBOUR), ("third", demo::LOCKWELL), ("fourth", demo::MEADOW)] {
        world.member(name, of, &[Role::SafeguardingLead], &[]).await;
    }
    // Nobody is told whom the client excludes.
    let fifth = world.member("fifth", demo::HARBOUR, &[Role::SafeguardingLead], &[]).await;
    world.raw(&format!(
        "INSERT INTO restriction (id, client_id, kind, person_id, recorded_by, recorded_at) SELECT {0}, {1}, 'OBJECTION', {0}, {0}, 1",
        literal(&world, fifth.0),
        literal(&world, ClientId::parse(&t.client).expect("a client").0),
    ))
    .await;
    let (one, two) = tokio::join!(jobs::run_due(&world.app), jobs::run_due(&world.app));
    let done = one.unwrap_or_else(|f| panic!("{}", f.for_log())) + two.unwrap_or_else(|f| panic!("{}", f.for_log()));
    assert_eq!(done, 1, "once");
    assert_eq!(run(&world).await, 0);
    let at = |name: &str, of: alliance::domain::ids::OrganisationId| format!("{name}@{}", of.global());
    let (second, third) = (at("second", demo::HARBOUR), at("third", demo::LOCKWELL));
    assert_eq!(kinds(&world, &second).await, ["OVERRIDE_TO_COSIGN", "OVERRIDE_TO_REVIEW"]);
    assert_eq!(kinds(&world, &third).await, ["OVERRIDE_TO_REVIEW"], "a colleague of the asker's");
    for other in [at("fourth", demo::MEADOW), at("fifth", demo::HARBOUR)] {
        assert_eq!(kinds(&world, &other).await, Vec::<String>::new(), "{other}");
        assert!(!sees(&world, &other, &o["id"]).await, "{other}");
    }
    sound(&world).await;
    world.done(&second, "overrideCosign", json!({ "overrideId": o["id"], "version": 1 }), "").await;
    let review = json!({ "overrideId": o["id"], "version": 2, "verdict": "JUSTIFIED", "reason": "It was." });
    world.done(&third, "overrideReview", review, "").await;
    // What is reviewed is put before nobody.
    world.member("sixth", demo::HARBOUR, &[Role::SafeguardingLead], &[]).await;
    assert_eq!(run(&world).await, 0);
    sound(&world).await;
}

async fn protected_contact_waits_and_a_preference_alike(world: World) {
    let other_hat = format!("partner-worker@{}", demo::HARBOUR.global());
    for kind in ["PROTECTED_CONTACT", "CONTACT_PREFERENCE"] {
        world.member("partner-worker", demo::HARBOUR, &[Role::SafeguardingLead], &[]).await;
        world.clock.pass_seconds(2);
        let t = shared(&world, kind).await;
        restrict(&world, &t.client, kind, "NULL").await;
        let query = "query($id: ID!) { client(id: $id) { contact { phone } } }";
        let contact = async || {
            world.data("partner-worker", query, json!({ "id": t.client })).await["client"]["contact"].clone()
        };
        // Who does not ask where she is does not wait, and is told nothing of it.
        opened(&world, "partner-worker", &t.client, &["RISK"]).await;
        assert!(contact().await.is_null());
        let input = asking(&t.client, &["CONTACT", "HEALTH"]);
        let o = world.done("partner-worker", "overrideOpen", input, OVERRIDE).await["override"].clone();
        assert_eq!(o["status"], "WAITING", "{kind}");
        assert!(health(&world, "partner-worker", &t.client).await.is_null(), "nothing opens before");
        let cosign = json!({ "overrideId": o["id"], "version": 1 });
        let before = dump(&world).await;
        for (who, code) in [
            ("partner-worker", "COSIGNED_BY_ASKER"),
            (&other_hat, "COSIGNED_BY_ASKER"),
            ("partner-safeguarding-lead", "COSIGNED_BY_COLLEAGUE"),
            ("safeguarding-lead", "COSIGNED_BY_COLLEAGUE"),
        ] {
            assert_eq!(world.codes(who, "overrideCosign", cosign.clone()).await, [code], "{who}");
        }
        assert_eq!(dump(&world).await, before);
        // Without that hat of the asker's the lead of the agency that leads the case is nobody's colleague.
        let (asker, harbour) = (person(&world, "partner-worker").await, literal(&world, demo::HARBOUR.0));
        let of = format!("person_id = {asker} AND organisation_id = {harbour} AND ended_at IS NULL");
        world.raw(&format!("UPDATE membership SET ended_at = 1, version = version + 1 WHERE {of}")).await;
        world.done("safeguarding-lead", "overrideCosign", cosign, "").await;
        assert_eq!(contact().await["phone"], "07700 900123", "{kind}");
        sound(&world).await;
    }
}

async fn another_person_reviews_it_and_what_was_not_justified_ends_at_once(world: World) {
    let t = shared(&world, "Wick").await;
    world.member("partner-worker", demo::HARBOUR, &[Role::SafeguardingLead], &[]).await;
    let other_hat = format!("partner-worker@{}", demo::HARBOUR.global());
    world.clock.pass_seconds(2);
    let o = opened(&world, "partner-worker", &t.client, &["HEALTH"]).await;
    let review = |version: i64, more: Value| {
        let mut input =
            json!({ "overrideId": o["id"], "version": version, "verdict": "NOT_JUSTIFIED", "reason": "No need." });
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    let before = dump(&world).await;
    for (who, input, code) in [
        ("partner-worker", review(1, json!({})), "SELF_REVIEW"),
        (other_hat.as_str(), review(1, json!({})), "SELF_REVIEW"),
        ("outside-safeguarding-lead", review(1, json!({})), "NOT_FOUND"),
        ("support-worker", review(1, json!({})), "NOT_FOUND"),
        ("safeguarding-lead", review(2, json!({})), "CONFLICT"),
        ("safeguarding-lead", review(1, json!({ "reason": "" })), "INVALID"),
        ("safeguarding-lead", review(1, json!({ "tell": "WITHHOLD" })), "INVALID"),
        (
            "safeguarding-lead",
            review(1, json!({ "tell": "WITHHOLD", "withholdUntil": "2026-03-31", "withholdReason": "x" })),
            "INVALID",
        ),
        ("safeguarding-lead", review(1, json!({ "tell": "TELL", "withholdUntil": "2026-05-01" })), "INVALID"),
    ] {
        assert_eq!(world.codes(who, "overrideReview", input.clone()).await, [code], "{who} {input}");
    }
    assert_eq!(dump(&world).await, before);
    world.done("safeguarding-lead", "overrideReview", review(1, json!({})), "").await;
    assert!(health(&world, "partner-worker", &t.client).await.is_null(), "at once");
    for who in ["safeguarding-lead", "partner-safeguarding-lead", "partner-worker", &other_hat] {
        assert!(!sees(&world, who, &o["id"]).await, "{who}: the task is done");
        assert_eq!(kinds(&world, who).await, Vec::<String>::new(), "{who}");
    }
    sound(&world).await;
}

static TOLD: Sql = Sql::new("SELECT COUNT(*) FROM access_override WHERE tell = 'TELL' AND withheld_until IS NULL");
static WITHHELD: Sql = Sql::new(
    "SELECT COUNT(*) FROM access_override WHERE tell = 'WITHHOLD' AND withheld_until = '2027-04-01' AND withheld_because IS NOT NULL",
);
static UNTIL: Sql = Sql::new(
    "SELECT COUNT(*) FROM access_override WHERE tell = 'WITHHOLD' AND withheld_until = '2026-06-01' AND withheld_because = 'Enquiry.'",
);

async fn whether_the_client_is_told_is_decided_with_the_review(world: World) {
    let t = shared(&world, "Wick").await;
    for ground in
        ["CHILD_AT_RISK", "PUBLIC_PROTECTION", "ADULT_AT_RISK", "SERIOUS_HARM_TO_SELF", "SERIOUS_HARM_TO_OTHERS"]
    {
        let input = crate::inputs::put(&asking(&t.client, &["HEALTH"]), "/ground", json!(ground));
        let o = world.done("partner-worker", "overrideOpen", input, OVERRIDE).await["override"].clone();
        let mut review = json!({ "overrideId": o["id"], "version": 1, "verdict": "JUSTIFIED", "reason": "It was." });
        if ground == "SERIOUS_HARM_TO_OTHERS" {
            let more = json!({ "tell": "WITHHOLD", "withholdUntil": "2026-06-01", "withholdReason": "Enquiry." });
            review.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        }
        world.done("safeguarding-lead", "overrideReview", review, "").await;
        assert_eq!(
            health(&world, "partner-worker", &t.client).await,
            "Takes medication for depression.",
            "it stays open"
        );
    }
    assert_eq!((world.number(&TOLD).await, world.number(&WITHHELD).await, world.number(&UNTIL).await), (2, 2, 1));
}

async fn what_nobody_reviews_in_a_working_day_is_escalated_and_the_next_one_waits(world: World) {
    let t = shared(&world, "Wick").await;
    let o = opened(&world, "partner-worker", &t.client, &["HEALTH"]).await;
    // Wednesday; Thursday is the working day, and it ends at midnight in London.
    world.clock.pass_seconds(37 * 3600);
    assert_eq!(run(&world).await, 0, "still Thursday");
    world.clock.pass_seconds(2 * 3600);
    let (one, two) = tokio::join!(jobs::run_due(&world.app), jobs::run_due(&world.app));
    let done = one.unwrap_or_else(|f| panic!("{}", f.for_log())) + two.unwrap_or_else(|f| panic!("{}", f.for_log()));
    assert_eq!(done, 1, "once");
    assert_eq!(run(&world).await, 0);
    sound(&world).await;
    assert_eq!(
        kinds(&world, "safeguarding-lead").await,
        ["OVERRIDE_ESCALATED", "OVERRIDE_TO_REVIEW"],
        "the other holder"
    );
    assert_eq!(kinds(&world, "partner-safeguarding-lead").await, ["OVERRIDE_TO_REVIEW"]);
    let next = world.done("partner-worker", "overrideOpen", asking(&t.client, &["HEALTH"]), OVERRIDE).await;
    assert_eq!(next["override"]["status"], "WAITING", "the last one was not reviewed");
    assert!(health(&world, "partner-worker", &t.client).await.is_null());
    let cosign = json!({ "overrideId": next["override"]["id"], "version": 1 });
    world.done("safeguarding-lead", "overrideCosign", cosign, "").await;
    assert_eq!(health(&world, "partner-worker", &t.client).await, "Takes medication for depression.");
    // Once the old one is reviewed, the next opens at once; escalating it was a change.
    let review = json!({ "overrideId": o["id"], "version": 2, "verdict": "JUSTIFIED", "reason": "It was." });
    world.done("partner-safeguarding-lead", "overrideReview", review, "").await;
    opened(&world, "partner-worker", &t.client, &["RISK"]).await;
    sound(&world).await;
}

async fn where_nobody_else_holds_the_case_it_is_escalated_to_all(world: World) {
    let t = world.accepted("Wick").await;
    opened(&world, "support-worker", &t.client, &["OFFENDING"]).await;
    assert_eq!(kinds(&world, "outside-safeguarding-lead").await, Vec::<String>::new());
    world.clock.pass_days(3);
    assert_eq!(run(&world).await, 1);
    for lead in ["partner-safeguarding-lead", "outside-safeguarding-lead"] {
        assert_eq!(kinds(&world, lead).await, ["OVERRIDE_ESCALATED"], "{lead}");
    }
    // Any of them may then co-sign the next, since nobody else holds the case.
    let next = world.done("support-worker", "overrideOpen", asking(&t.client, &["OFFENDING"]), OVERRIDE).await;
    assert_eq!(next["override"]["status"], "WAITING");
    let cosign = json!({ "overrideId": next["override"]["id"], "version": 1 });
    assert_eq!(world.codes("safeguarding-lead", "overrideCosign", cosign.clone()).await, ["COSIGNED_BY_COLLEAGUE"]);
    world.done("outside-safeguarding-lead", "overrideCosign", cosign, "").await;
    sound(&world).await;
}

async fn who_asked_gives_it_back_and_what_nobody_cosigns_lapses(world: World) {
    let t = shared(&world, "Wick").await;
    let o = opened(&world, "partner-worker", &t.client, &["HEALTH"]).await;
    let end = json!({ "overrideId": o["id"], "version": 1 });
    assert_eq!(world.codes("safeguarding-lead", "overrideEnd", end.clone()).await, ["NOT_ALLOWED"]);
    world.done("partner-worker", "overrideEnd", end, "").await;
    assert!(health(&world, "partner-worker", &t.client).await.is_null());
    assert!(sees(&world, "safeguarding-lead", &o["id"]).await, "it is still to be reviewed");
    let review = json!({ "overrideId": o["id"], "version": 2, "verdict": "JUSTIFIED", "reason": "It was." });
    world.done("safeguarding-lead", "overrideReview", review, "").await;
    restrict(&world, &t.client, "CONTACT_PREFERENCE", "NULL").await;
    let waits = world.done("partner-worker", "overrideOpen", asking(&t.client, &["CONTACT"]), OVERRIDE).await;
    let id = waits["override"]["id"].clone();
    assert_eq!(waits["override"]["status"], "WAITING");
    world.clock.pass_seconds(24 * 3600);
    let cosign = json!({ "overrideId": id, "version": 1 });
    assert_eq!(world.codes("safeguarding-lead", "overrideCosign", cosign).await, ["ILLEGAL_TRANSITION"]);
    assert_eq!(run(&world).await, 1);
    assert!(!sees(&world, "safeguarding-lead", &id).await);
    assert_eq!(kinds(&world, "safeguarding-lead").await, Vec::<String>::new());
    sound(&world).await;
}

static OF_JOBS: Sql = Sql::new(
    "SELECT (SELECT COUNT(*) FROM trace WHERE operation = 'MATCH_OVERRIDE_REQUESTS' AND person_id IS NULL AND kind = 'WRITTEN') \
    + (SELECT COUNT(*) FROM trace_unsealed WHERE operation = 'MATCH_OVERRIDE_REQUESTS' AND person_id IS NULL AND kind = 'WRITTEN')",
);
static EVENTS: Sql = Sql::new(
    "SELECT COUNT(*) FROM outbox WHERE kind IN ('override.opened', 'override.not_matched') AND recorded_by IS NULL",
);

async fn a_job_writes_the_trace_and_the_outbox_in_its_own_name(world: World) {
    shared(&world, "Wick").await;
    for family in ["Wick", "Nobody"] {
        let request = requesting("Maren", family, "1990-02-03", &["HEALTH"]);
        world.done("outside-worker", "overrideRequest", request, "receipt").await;
    }
    assert_eq!(run(&world).await, 2);
    assert_eq!((world.number(&OF_JOBS).await, world.number(&EVENTS).await), (2, 2));
    settle(&world, "support-worker").await;
    let report = alliance::service::doctor::examine(&world.app.database, None).await.expect("it examines");
    assert!(report.ok(), "{report:?}");
}

async fn a_hidden_override_reads_like_an_unknown_one(world: World) {
    let t = shared(&world, "Wick").await;
    let o = opened(&world, "partner-worker", &t.client, &["HEALTH"]).await;
    let unknown = OverrideId(uuid::Uuid::from_u128(9)).global();
    let node = "query Q($id: ID!) { node(id: $id) { id ... on Override { status reason client { id } } } }";
    for who in ["outside-worker", "outside-safeguarding-lead", "canary", "hub-coordinator", "administrator"] {
        settle(&world, who).await;
        let hidden = look(&world, who, node, &json!({ "id": o["id"] })).await;
        assert_eq!(hidden, look(&world, who, node, &json!({ "id": unknown })).await, "{who}");
        assert_eq!(hidden, look(&world, who, node, &json!({ "id": "override_x" })).await, "{who}");
    }
}

on_both_databases!(
    it_opens_what_was_asked_to_one_person_and_tells_every_lead_concerned,
    what_is_asked_wrongly_has_its_own_code_and_changes_nothing,
    a_person_has_three_requests_a_day_whatever_they_find,
    a_request_tells_the_same_whatever_there_is,
    a_request_without_a_lead_of_its_own_goes_to_any,
    a_record_is_matched_by_its_latest_name_and_day_of_birth,
    a_sealed_record_waits_for_a_lead_who_holds_it_and_is_no_colleague,
    what_the_askers_agency_holds_alone_is_co_signed_by_the_hubs_lead,
    a_lead_appointed_later_is_told_of_what_waits,
    protected_contact_waits_and_a_preference_alike,
    another_person_reviews_it_and_what_was_not_justified_ends_at_once,
    whether_the_client_is_told_is_decided_with_the_review,
    what_nobody_reviews_in_a_working_day_is_escalated_and_the_next_one_waits,
    where_nobody_else_holds_the_case_it_is_escalated_to_all,
    who_asked_gives_it_back_and_what_nobody_cosigns_lapses,
    a_job_writes_the_trace_and_the_outbox_in_its_own_name,
    a_hidden_override_reads_like_an_unknown_one,
);
