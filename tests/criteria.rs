//! Criteria and eligibility: what services state, who may state it, and where a person would fit, without anything being kept.

use crate::support::World;
use serde_json::{Value, json};

const ASK: &str = "query Fit($input: EligibilityInput!) { eligibility(input: $input) { \
    services { service { name } organisationName fit reasons { criterion verdict message } } \
    signposts { service { name } fit } lastReferral { id submittedAt criteriaChangedSince { service { name } changes } } } }";

async fn service(world: &World, name: &str) -> (String, i64) {
    let all =
        world.data("referrer", "query All { services(first: 50) { nodes { id name version } } }", json!({})).await;
    let found = all["services"]["nodes"].as_array().expect("services").iter().find(|s| s["name"] == name).cloned();
    let found = found.unwrap_or_else(|| panic!("there is a service {name}"));
    (found["id"].as_str().expect("an id").to_owned(), found["version"].as_i64().expect("a version"))
}

fn stated(id: &str, version: i64, more: Value) -> Value {
    let mut input = json!({ "serviceId": id, "version": version, "availability": "OPEN" });
    input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    input
}

async fn state(world: &World, who: &str, name: &str, more: Value) {
    let (id, version) = service(world, name).await;
    world.done(who, "serviceStateCriteria", stated(&id, version, more), "service { id version }").await;
}

async fn fits(world: &World, who: &str, input: Value) -> Value {
    world.data(who, ASK, json!({ "input": input })).await["eligibility"].clone()
}

fn fit_of<'a>(answer: &'a Value, list: &str, name: &str) -> Option<&'a Value> {
    answer[list].as_array().expect("a list").iter().find(|s| s["service"]["name"] == name)
}

async fn criteria_are_versions_in_words_with_what_changed(world: World) {
    let (id, version) = service(&world, "Housing support").await;
    let first = stated(
        &id,
        version,
        json!({ "needs": ["RENT_ARREARS"], "minAge": 18, "postcodeAreas": ["ox16 5qb", "OX16"] }),
    );
    let select = "service { version statedCriteria { minAge postcodeAreas inWords } criteriaChangedAt criteria }";
    let told = world.done("team-manager", "serviceStateCriteria", first.clone(), select).await;
    let now = &told["service"]["statedCriteria"];
    assert_eq!((&now["minAge"], &now["postcodeAreas"]), (&json!(18), &json!(["OX16"])));
    assert_eq!(now["inWords"][0], "Helps with: Rent is owed");
    let day = |v: &Value| v.as_str().expect("a moment")[..10].to_owned();
    assert_eq!(day(&told["service"]["criteriaChangedAt"]), "2026-04-01");
    assert_eq!(told["service"]["criteria"], "Adults at risk of losing their home.", "its own words stay");
    // A stale version changes nothing; the same again would change nothing.
    assert_eq!(world.codes("team-manager", "serviceStateCriteria", first.clone()).await, ["CONFLICT"]);
    let mut again = first;
    again["version"] = json!(version + 1);
    assert_eq!(world.codes("team-manager", "serviceStateCriteria", again).await, ["INVALID"]);
    world.clock.pass_seconds(86_400);
    let second =
        json!({ "needs": ["RENT_ARREARS"], "minAge": 16, "postcodeAreas": ["OX16"], "words": "From sixteen on." });
    state(&world, "team-manager", "Housing support", second).await;
    let history =
        "query H($id: ID!) { criteriaHistory(serviceId: $id) { number changedAt changes criteria { minAge } } }";
    let mut told = world.data("referrer", history, json!({ "id": id })).await;
    for v in told["criteriaHistory"].as_array_mut().expect("versions") {
        v["changedAt"] = json!(day(&v["changedAt"]));
    }
    let expected = json!([
        {
            "number": 2, "changedAt": "2026-04-02", "criteria": { "minAge": 16 },
            "changes": [
                "Age: 16 years old or older (before: 18 years old or older)",
                "The service's own words changed.",
            ],
        },
        { "number": 1, "changedAt": "2026-04-01", "criteria": { "minAge": 18 }, "changes": ["Stated for the first time."] },
    ]);
    assert_eq!(told["criteriaHistory"], expected);
    assert_eq!(world.data("referrer", history, json!({ "id": "nothing" })).await["criteriaHistory"], json!([]));
}

async fn criteria_are_stated_by_those_who_keep_them(world: World) {
    let (own, _) = service(&world, "Housing support").await;
    let (other, _) = service(&world, "Housing law advice").await;
    let (outside, _) = service(&world, "Lantern drop-in").await;
    let cases = [
        ("team-manager", &own, &[][..]),
        ("team-manager", &other, &["NOT_ALLOWED"]),
        ("team-manager", &outside, &["NOT_ALLOWED"]),
        ("hub-coordinator", &own, &["NOT_ALLOWED"]),
        ("hub-coordinator", &outside, &[]),
        ("administrator", &own, &[]),
        ("administrator", &outside, &[]),
    ];
    for (who, id, expected) in cases {
        let mut input = stated(id, 1, json!({ "minAge": 18 }));
        input["validateOnly"] = json!(true);
        assert_eq!(world.codes(who, "serviceStateCriteria", input).await, expected, "{who} on {id}");
    }
    let unknown = stated("service_00000000000000000000000000000000", 1, json!({}));
    assert_eq!(world.codes("administrator", "serviceStateCriteria", unknown).await, ["NOT_FOUND"]);
    for who in ["support-worker", "referrer", "safeguarding-lead", "information-governance", "commissioner"] {
        let mutation = "mutation M($input: ServiceStateCriteriaInput!) { serviceStateCriteria(input: $input) { userErrors { code } } }";
        let told = world.ask(who, mutation, json!({ "input": stated(&own, 1, json!({})) })).await;
        assert_eq!(told["errors"][0]["extensions"]["code"], "FORBIDDEN", "{who}");
    }
    for (more, field) in [
        (json!({ "postcodeAreas": ["Banbury"] }), "postcodeAreas"),
        (json!({ "languages": ["Polish"] }), "languages"),
        (json!({ "minAge": 30, "maxAge": 20 }), "maxAge"),
        (json!({ "minAge": 121 }), "minAge"),
        (json!({ "waitDays": -1 }), "waitDays"),
        (json!({ "words": " " }), "words"),
    ] {
        let input = stated(&own, 1, more);
        let told = world.mutate("administrator", "serviceStateCriteria", input, "").await;
        assert_eq!(told["userErrors"][0]["field"], json!([field]));
        assert_eq!(told["userErrors"][0]["code"], "INVALID");
    }
}

async fn a_referrer_learns_who_fits_and_why_not(world: World) {
    let support = json!({
        "needs": ["RENT_ARREARS", "NOTICE_OR_COURT"], "districts": ["CHERWELL"], "minAge": 18, "excludes": ["HOMEOWNER"]
    });
    state(&world, "team-manager", "Housing support", support).await;
    let law = json!({ "needs": ["NOTICE_OR_COURT"], "availability": "FULL" });
    state(&world, "administrator", "Housing law advice", law).await;
    state(&world, "administrator", "Lantern drop-in", json!({ "needs": ["HOMELESS"] })).await;
    let person = json!({ "needs": ["RENT_ARREARS"], "district": "CHERWELL", "age": 40, "circumstances": [] });
    let told = fits(&world, "referrer", person.clone()).await;
    let fit = |name: &str| fit_of(&told, "services", name).map(|s| s["fit"].clone());
    assert_eq!(fit("Housing support"), Some(json!("FITS")));
    assert_eq!(fit("Housing law advice"), Some(json!("DOES_NOT_FIT")));
    assert_eq!(fit("Wellbeing outreach"), Some(json!("MAY_FIT")), "it states its criteria in words alone");
    assert_eq!(fit("Lantern drop-in"), None, "nobody is referred there through the hub");
    assert_eq!(told["services"][0]["service"]["name"], "Housing support", "those that fit come first");
    assert_eq!(told["services"][0]["organisationName"], "Harbour Housing Support");
    assert_eq!(told["signposts"], json!([]), "something fits");
    let law = fit_of(&told, "services", "Housing law advice").expect("told");
    let expected = json!([
        {
            "criterion": "NEED", "verdict": "NOT_MET",
            "message": "Helps with: A notice was served, or a court decides about the home. This is not so here."
        },
        { "criterion": "AVAILABILITY", "verdict": "NOT_MET", "message": "Takes nobody at present." },
    ]);
    assert_eq!(law["reasons"], expected);
    // Where nothing fits there is somewhere to point to.
    state(&world, "administrator", "Wellbeing outreach", json!({ "needs": ["HOARDING"] })).await;
    let told = fits(&world, "support-worker", json!({ "needs": ["HOMELESS"], "age": 17 })).await;
    let all = told["services"].as_array().expect("services");
    assert!(all.iter().all(|s| s["fit"] == "DOES_NOT_FIT"), "{all:?}");
    assert_eq!(told["signposts"], json!([{ "service": { "name": "Lantern drop-in" }, "fit": "FITS" }]));
    // Nothing of it is kept: no referral, no client, and nothing of the person in the log.
    let before = world.data("referrer", "query Mine { referrals(first: 1) { totalCount } }", json!({})).await;
    assert_eq!(before["referrals"]["totalCount"], 0);
}

async fn what_is_odd_is_said_and_who_may_not_ask_is_told_so(world: World) {
    for (input, message) in [
        (json!({ "age": 130 }), "The age must lie between 0 and 120."),
        (
            json!({ "postcode": "Banbury" }),
            "The postcode is not one of the United Kingdom, nor its outward part, such as OX16.",
        ),
        (json!({ "language": "Polish" }), "The language is not a language tag, such as en or pt-BR."),
    ] {
        let told = world.ask("referrer", ASK, json!({ "input": input })).await;
        assert_eq!(told["errors"][0]["extensions"]["code"], "BAD_REQUEST");
        assert_eq!(told["errors"][0]["message"], message);
    }
    for who in ["commissioner", "information-governance", "administrator", "safeguarding-lead"] {
        let told = world.ask(who, ASK, json!({ "input": {} })).await;
        assert_eq!(told["errors"][0]["extensions"]["code"], "FORBIDDEN", "{who}");
    }
}

async fn a_referrer_learns_what_changed_since_its_last_referral(world: World) {
    let nothing = fits(&world, "referrer", json!({})).await;
    assert_eq!(nothing["lastReferral"], Value::Null, "it sent none");
    state(&world, "team-manager", "Housing support", json!({ "minAge": 18 })).await;
    world.clock.pass_seconds(60);
    let first = world.submitted("Ashgrove").await;
    world.clock.pass_seconds(60);
    let last = world.submitted("Birchall").await;
    world.clock.pass_seconds(60);
    state(&world, "team-manager", "Housing support", json!({ "minAge": 21 })).await;
    state(&world, "administrator", "Lantern drop-in", json!({ "minAge": 18 })).await;
    let told = fits(&world, "referrer", json!({})).await;
    assert_eq!(told["lastReferral"]["id"], json!(last));
    let expected = json!([{
        "service": { "name": "Housing support" },
        "changes": ["Age: 21 years old or older (before: 18 years old or older)"],
    }]);
    assert_eq!(told["lastReferral"]["criteriaChangedSince"], expected, "of services that a referral can lead to");
    // Another organisation sent none, the hub as the hub is no sender, and a draft is not sent.
    for who in ["partner-worker", "hub-coordinator"] {
        assert_eq!(fits(&world, who, json!({})).await["lastReferral"], Value::Null, "{who}");
    }
    // Of several, each tells what changed after it, from one statement.
    let list = "query L { referrals(first: 5) { nodes { id criteriaChangedSince { changes } } } }";
    let before = world.statements();
    let told = world.data("referrer", list, json!({})).await;
    let spent = world.statements() - before;
    let changed: Vec<_> = told["referrals"]["nodes"].as_array().expect("some").iter().collect();
    assert_eq!(changed.len(), 2);
    assert!(changed.iter().all(|r| r["criteriaChangedSince"].as_array().map(Vec::len) == Some(1)), "{changed:?}");
    assert!(changed.iter().any(|r| r["id"] == json!(first)));
    let one = "query O($id: ID!) { referral(id: $id) { id criteriaChangedSince { changes } } }";
    let before = world.statements();
    world.data("referrer", one, json!({ "id": first })).await;
    assert_eq!(world.statements() - before, spent, "as many statements for several as for one");
}

async fn what_somebody_else_sent_is_not_the_last_referral(world: World) {
    world.submitted("Ashgrove").await;
    // Whom the person excluded is told of none.
    let mine = "query Mine { referrals(first: 1) { nodes { id } } }";
    let id = world.data("referrer", mine, json!({})).await["referrals"]["nodes"][0]["id"]
        .as_str()
        .expect("one")
        .to_owned();
    let client = world
        .data("hub-coordinator", "query C($id: ID!) { referral(id: $id) { client { id } } }", json!({ "id": id }))
        .await;
    let client = client["referral"]["client"]["id"].clone();
    let me = world.data("referrer", "{ viewer { personId } }", json!({})).await;
    let who = me["viewer"]["personId"].clone();
    let objection = json!({ "clientId": client, "to": { "personId": who }, "reason": "Asked for it." });
    world.done("hub-coordinator", "objectionRecord", objection, "").await;
    assert_eq!(fits(&world, "referrer", json!({})).await["lastReferral"], Value::Null);
}

on_both_databases!(criteria_are_versions_in_words_with_what_changed);
on_both_databases!(criteria_are_stated_by_those_who_keep_them);
on_both_databases!(a_referrer_learns_who_fits_and_why_not);
on_both_databases!(what_is_odd_is_said_and_who_may_not_ask_is_told_so);
on_both_databases!(a_referrer_learns_what_changed_since_its_last_referral);
on_both_databases!(what_somebody_else_sent_is_not_the_last_referral);
