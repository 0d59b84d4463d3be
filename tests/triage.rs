//! Triage: the clock that waits for answers, who is told of it, in whose hand a referral is, and the queue in its orders.

use crate::support::{World, draft};
use alliance::domain::ids::TypedId;
use alliance::domain::role::Role;
use alliance::service::demo;
use serde_json::{Value, json};

const HUB: &str = "hub-coordinator";
const CLOCK: &str = "query R($id: ID!) { referral(id: $id) { state version triageClock { startedAt dueAt pausedSince stoppedAt \
    rawWorkingDays adjustedWorkingDays workingDaysLeft isBreached } history { from to actor detail recordedFor { name } } \
    assignedTo { name personId } questions { question askedAt answeredAt answer { categories text } } } }";
const QUEUE: &str = "query Q($state: ReferralState, $urgency: Urgency, $assignedTo: ID, $unassigned: Boolean, $sender: ID, \
    $overdue: Boolean, $orderBy: TriageOrder, $first: Int, $after: String) { triageQueue(state: $state, urgency: $urgency, \
    assignedTo: $assignedTo, unassigned: $unassigned, sender: $sender, overdue: $overdue, orderBy: $orderBy, first: $first, \
    after: $after) { edges { cursor node { id urgency state } } pageInfo { hasNextPage endCursor } } \
    triageCounts { state count overdue isMore } }";

/// Times to the second: worlds let microseconds pass.
pub fn to_the_second(v: &mut Value) {
    match v {
        Value::String(s) if s.len() == 27 && s.ends_with('Z') && s.as_bytes()[19] == b'.' => {
            s.replace_range(19..26, "")
        }
        Value::Array(all) => all.iter_mut().for_each(to_the_second),
        Value::Object(all) => all.values_mut().for_each(to_the_second),
        _ => {}
    }
}

async fn referral(world: &World, who: &str, id: &str) -> Value {
    let mut told = world.data(who, CLOCK, json!({ "id": id })).await["referral"].clone();
    to_the_second(&mut told);
    told
}

/// What is said to somebody for whom a mutation is not.
pub async fn refused(world: &World, who: &str, name: &str, input: Value) {
    let mut t = name.to_owned();
    t[..1].make_ascii_uppercase();
    let query = format!("mutation M($input: {t}Input!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}");
    let told = world.ask(who, &query, json!({ "input": input })).await;
    let code = told["errors"][0]["extensions"]["code"].as_str().map(str::to_owned);
    let code = code.or_else(|| told["data"][name]["userErrors"][0]["code"].as_str().map(str::to_owned));
    assert!(
        ["FORBIDDEN", "NOT_FOUND", "NOT_ALLOWED"].contains(&code.as_deref().unwrap_or_default()),
        "{who}: {told}"
    );
}

async fn kinds(world: &World, who: &str) -> Vec<(String, bool)> {
    let told = world.data(who, "{ inbox(first: 50) { nodes { kind doneAt } } }", json!({})).await;
    let all = told["inbox"]["nodes"].as_array().expect("items").iter();
    all.map(|i| (i["kind"].as_str().expect("a kind").to_owned(), !i["doneAt"].is_null())).collect()
}

async fn person(world: &World, who: &str) -> String {
    let told = world.data(who, "{ viewer { personId } }", json!({})).await;
    told["viewer"]["personId"].as_str().expect("an id").to_owned()
}

async fn sound(world: &World) {
    let (_, differences) = alliance::persistence::ledger::check(&world.app.database).await.expect("it checks");
    assert_eq!(differences, []);
}

fn on(id: &str, version: i64, more: Value) -> Value {
    let mut input = json!({ "referralId": id, "version": version });
    input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    input
}

/// Worlds begin on the Wednesday before Easter: what is asked on Maundy Thursday and answered on the Wednesday after was waited for on two
/// working days.
async fn an_answer_is_waited_for_over_easter(world: World) {
    let id = world.submitted("Wick").await;
    let told = referral(&world, HUB, &id).await;
    let clock = json!({
        "startedAt": "2026-04-01T09:00:00Z", "dueAt": "2026-04-08T23:00:00Z", "pausedSince": null, "stoppedAt": null,
        "rawWorkingDays": 0, "adjustedWorkingDays": 0, "workingDaysLeft": 3, "isBreached": false,
    });
    assert_eq!(told["triageClock"], clock);
    assert_eq!(referral(&world, "referrer", &id).await["triageClock"], clock, "who sent it is told the same");
    world.clock.pass_days(1);
    let ask = on(&id, 2, json!({ "question": "Which debts are there?" }));
    world.done(HUB, "referralAsk", ask.clone(), "").await;
    assert_eq!(kinds(&world, "referrer").await, [("REFERRAL_ASKED".to_owned(), false)]);
    assert_eq!(world.codes(HUB, "referralAsk", ask).await, ["CONFLICT"]);
    world.clock.pass_days(6);
    let told = referral(&world, HUB, &id).await;
    assert_eq!((&told["state"], &told["version"]), (&json!("AWAITING_INFORMATION"), &json!(3)));
    let waits = json!({
        "startedAt": "2026-04-01T09:00:00Z", "dueAt": null, "pausedSince": "2026-04-02T09:00:00Z", "stoppedAt": null,
        "rawWorkingDays": 3, "adjustedWorkingDays": 1, "workingDaysLeft": 2, "isBreached": false,
    });
    assert_eq!(told["triageClock"], waits);
    let answer = on(&id, 3, json!({ "answer": "Council tax, and the rent.", "categories": ["FINANCE"] }));
    world.done("referrer", "referralAnswer", answer, "").await;
    assert_eq!(kinds(&world, "referrer").await, [("REFERRAL_ASKED".to_owned(), true)], "what was to be done is done");
    assert_eq!(kinds(&world, HUB).await, [("REFERRAL_ANSWERED".to_owned(), false)]);
    let told = referral(&world, HUB, &id).await;
    assert_eq!(told["triageClock"]["dueAt"], "2026-04-10T23:00:00Z");
    let questions = json!([{
        "question": "Which debts are there?", "askedAt": "2026-04-02T09:00:00Z",
        "answeredAt": "2026-04-08T09:00:00Z",
        "answer": { "categories": ["INVOLVEMENT", "FINANCE"], "text": "Council tax, and the rent." },
    }]);
    let sorted = |v: &Value| {
        let mut v = v.clone();
        for q in v.as_array_mut().expect("a list") {
            for at in ["/answer/categories"] {
                if let Some(list) = q.pointer_mut(at).and_then(Value::as_array_mut) {
                    list.sort_by_key(|c| c.as_str().map(str::to_owned));
                }
            }
        }
        v
    };
    assert_eq!(sorted(&told["questions"]), sorted(&questions));
    let names: Vec<_> =
        told["history"].as_array().expect("steps").iter().map(|s| (s["to"].clone(), s["actor"].clone())).collect();
    assert_eq!(
        names,
        [
            (json!("SUBMITTED"), json!("REFERRER")),
            (json!("AWAITING_INFORMATION"), json!("HUB")),
            (json!("SUBMITTED"), json!("REFERRER")),
        ]
    );
    assert!(told["history"][1]["recordedFor"]["name"].is_string());
    assert_eq!(
        referral(&world, "referrer", &id).await["history"][1]["recordedFor"],
        Value::Null,
        "for the hub alone"
    );
    world.clock.pass_days(3);
    let told = referral(&world, HUB, &id).await;
    assert_eq!(
        (&told["triageClock"]["isBreached"], &told["triageClock"]["workingDaysLeft"]),
        (&json!(true), &json!(0))
    );
    let offer = on(&id, 4, json!({ "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." }));
    world.done(HUB, "referralOffer", offer, "").await;
    let told = referral(&world, HUB, &id).await;
    assert_eq!(told["triageClock"]["stoppedAt"], "2026-04-11T09:00:00Z");
    assert_eq!(
        (&told["triageClock"]["isBreached"], &told["triageClock"]["workingDaysLeft"]),
        (&json!(true), &Value::Null)
    );
    sound(&world).await;
}

/// A question and an answer are told where all that they tell of is open (C1); clock, steps and hand to the hub, and the first two to who
/// sent it (C2).
async fn what_was_asked_is_told_where_it_is_open(world: World) {
    let id = world.submitted("Wick").await;
    let hub = person(&world, HUB).await;
    for who in ["referrer", "support-worker", "partner-worker", "safeguarding-lead"] {
        refused(&world, who, "referralAsk", on(&id, 2, json!({ "question": "Why?" }))).await;
    }
    world.done(HUB, "referralAsk", on(&id, 2, json!({ "question": "What does she take?" })), "").await;
    let special = on(&id, 3, json!({ "answer": "A visa.", "categories": ["IMMIGRATION"] }));
    assert_eq!(world.codes("referrer", "referralAnswer", special.clone()).await, ["SPECIAL_CATEGORY_NOT_NAMED"]);
    assert_eq!(world.codes(HUB, "referralAnswer", special).await, ["SPECIAL_CATEGORY_NOT_NAMED"]);
    world
        .done(
            "referrer",
            "referralAnswer",
            on(&id, 3, json!({ "answer": "Sertraline.", "categories": ["HEALTH"] })),
            "",
        )
        .await;
    // What the hub writes down is not the sender's to read, nor what they are told of by an answer of another (C2 REFERRER).
    world.done(HUB, "referralAsk", on(&id, 4, json!({ "question": "Anything else?" })), "").await;
    let heard = json!({ "answer": "She told us of her debts.", "categories": ["FINANCE"] });
    world.done(HUB, "referralAnswer", on(&id, 5, heard), "").await;
    let texts = async |who: &str| {
        let told = referral(&world, who, &id).await;
        let all = told["questions"].as_array().expect("a list").iter().map(|q| q["answer"]["text"].clone());
        all.collect::<Vec<_>>()
    };
    assert_eq!(texts(HUB).await, [json!("Sertraline."), json!("She told us of her debts.")]);
    assert_eq!(texts("referrer").await, [json!("Sertraline."), Value::Null]);
    world.done(HUB, "referralAssign", json!({ "referralId": id, "assignTo": hub }), "").await;
    let offer = on(&id, 6, json!({ "teamId": demo::OUTREACH.global(), "criteriaSeen": "Adult." }));
    world.done(HUB, "referralOffer", offer, "").await;
    let at_hub = referral(&world, HUB, &id).await;
    assert_eq!(
        (&at_hub["questions"][0]["answer"]["text"], &at_hub["assignedTo"]["personId"]),
        (&json!("Sertraline."), &json!(hub))
    );
    let sent = referral(&world, "referrer", &id).await;
    assert_eq!((&sent["questions"][0]["answer"]["text"], &sent["assignedTo"]), (&json!("Sertraline."), &Value::Null));
    assert_eq!(sent["history"].as_array().expect("steps").len(), 6);
    // The team reads of nothing that it is not told in full: HEALTH and FINANCE are not open to it. Nor how often it was offered before.
    let team = referral(&world, "outside-worker", &id).await;
    assert_eq!(team["questions"], json!([]));
    assert_eq!(
        (&team["triageClock"], &team["history"], &team["assignedTo"]),
        (&Value::Null, &json!([]), &Value::Null)
    );
    sound(&world).await;
}

/// A sender's answer is judged by the consent that they sent the referral under: they are not told of what others recorded or withdrew (C12);
/// and a sender whom the client excludes is asked nothing, and reads nothing more (C6).
async fn a_sender_is_told_nothing_by_what_it_may_answer(world: World) {
    let id = world.asked("Wick").await;
    let health = on(&id, 3, json!({ "answer": "Sertraline.", "categories": ["HEALTH"], "validateOnly": true }));
    let abuse =
        on(&id, 3, json!({ "answer": "He beats her.", "categories": ["DOMESTIC_ABUSE"], "validateOnly": true }));
    let codes = async || {
        (
            world.codes("referrer", "referralAnswer", health.clone()).await,
            world.codes("referrer", "referralAnswer", abuse.clone()).await,
        )
    };
    let before = codes().await;
    assert_eq!(before, (vec![], vec!["SPECIAL_CATEGORY_NOT_NAMED".to_owned()]));
    let of = "query Of($id: ID!) { referral(id: $id) { client { id consents { id } } } }";
    let client = world.data(HUB, of, json!({ "id": id })).await["referral"]["client"].clone();
    let mut named = crate::support::own_consent();
    named["categories"] = json!(["NAME", "DOMESTIC_ABUSE"]);
    world.done(HUB, "consentRecord", json!({ "clientId": client["id"], "consent": named }), "").await;
    let withdraw = json!({ "consentId": client["consents"][0]["id"], "categories": ["HEALTH"] });
    world.done(HUB, "consentWithdraw", withdraw, "").await;
    assert_eq!(codes().await, before);
    let answer = on(&id, 3, json!({ "answer": "Sertraline.", "categories": ["HEALTH"] }));
    world.done("referrer", "referralAnswer", answer, "").await;
    assert_eq!(
        referral(&world, HUB, &id).await["questions"][0]["answer"],
        Value::Null,
        "what was withdrawn stays closed"
    );
    assert_eq!(referral(&world, "referrer", &id).await["questions"][0]["answer"]["text"], "Sertraline.");
    let objection = json!({
        "clientId": client["id"], "to": { "organisationId": demo::PROBATION.global() }, "reason": "She wishes so.",
    });
    world.done(HUB, "objectionRecord", objection, "").await;
    let items = kinds(&world, "referrer").await;
    let asked = world.codes(HUB, "referralAsk", on(&id, 4, json!({ "question": "What else?" }))).await;
    assert_eq!(asked, ["NOT_ALLOWED"], "it would tell them that they are excluded, or that somebody asks");
    assert_eq!(kinds(&world, "referrer").await, items);
    assert_eq!(
        referral(&world, "referrer", &id).await["questions"][0]["answer"]["text"],
        "Sertraline.",
        "what they wrote"
    );
}

/// What an answer tells of a place is for the named few while contact is protected, and for who wrote it (C7).
async fn an_answer_that_tells_of_a_place_is_for_the_few(world: World) {
    let id = world.asked("Wick").await;
    let where_she_is = json!({ "answer": "At her aunt's, 4 Mill Lane.", "categories": ["HOUSING"] });
    world.done("referrer", "referralAnswer", on(&id, 3, where_she_is), "").await;
    let text = async |who: &str| referral(&world, who, &id).await["questions"][0]["answer"].clone();
    assert_eq!(text(HUB).await["text"], "At her aunt's, 4 Mill Lane.");
    world.member("second", demo::HARBOUR, &[Role::HubCoordinator], &[demo::HUB]).await;
    world.member("colleague", demo::PROBATION, &[Role::Referrer], &[]).await;
    let second = format!("second@{}", demo::HARBOUR.global());
    let colleague = format!("colleague@{}", demo::PROBATION.global());
    for who in [&second, &colleague] {
        assert_eq!(text(who).await["text"], "At her aunt's, 4 Mill Lane.", "{who}");
    }
    let of = "query Of($id: ID!) { referral(id: $id) { client { id } } }";
    let client = world.data(HUB, of, json!({ "id": id })).await["referral"]["client"]["id"].clone();
    world.done(HUB, "contactProtect", json!({ "clientId": client, "reason": "He looks for her." }), "").await;
    assert_eq!(text(HUB).await["text"], "At her aunt's, 4 Mill Lane.", "who is named");
    assert_eq!(text(&second).await, Value::Null);
    assert_eq!(text(&colleague).await, Value::Null, "the sender's colleague did not write it");
    assert_eq!(text("referrer").await["text"], "At her aunt's, 4 Mill Lane.", "who wrote it");
}

/// A private sender is told of no state, and so of no question, step or clock (C23): the hub asks by other ways, and writes the answer down.
async fn a_private_sender_is_asked_by_other_ways(world: World) {
    let aunt = json!({ "name": "Friends and family", "kind": "FRIENDS_OR_FAMILY" });
    let made = world.done("administrator", "organisationRegister", aunt, "organisation { id }").await;
    let of = alliance::domain::ids::OrganisationId::parse(made["organisation"]["id"].as_str().expect("an id"))
        .expect("one");
    world.member("aunt", of, &[Role::Referrer], &[]).await;
    let who = format!("aunt@{}", of.global());
    let made = world.done(&who, "referralDraft", draft("Wetherall"), "referral { id }").await;
    let id = made["referral"]["id"].as_str().expect("an id").to_owned();
    world.done(&who, "referralSubmit", on(&id, 1, json!({})), "").await;
    let before = referral(&world, &who, &id).await;
    world.done(HUB, "referralAsk", on(&id, 2, json!({ "question": "May we ring her?" })), "").await;
    let hub = person(&world, HUB).await;
    world.done(HUB, "referralAssign", json!({ "referralId": id, "assignTo": hub }), "").await;
    assert_eq!(referral(&world, &who, &id).await, before);
    assert_eq!(
        (&before["triageClock"], &before["history"], &before["questions"]),
        (&Value::Null, &json!([]), &json!([]))
    );
    assert_eq!(kinds(&world, &who).await, []);
    let answer = json!({ "answer": "Yes.", "categories": [] });
    for version in [2, 3] {
        let codes = world.codes(&who, "referralAnswer", on(&id, version, answer.clone())).await;
        assert!(codes == ["ILLEGAL_TRANSITION"] || codes == ["CONFLICT"], "{codes:?}");
    }
    world.done(HUB, "referralAnswer", on(&id, 3, answer), "").await;
    assert_eq!(referral(&world, &who, &id).await, before);
}

/// A referral is in one hand, that of a coordinator of the hub; who read an older one changes nothing.
async fn a_referral_is_in_one_hand(world: World) {
    let id = world.submitted("Wick").await;
    let (hub, worker) = (person(&world, HUB).await, person(&world, "support-worker").await);
    let second = world.member("second", demo::HARBOUR, &[Role::HubCoordinator], &[demo::HUB]).await.global();
    let give = |from: Option<&String>, to: Option<&String>| json!({ "referralId": id, "from": from, "assignTo": to });
    assert_eq!(world.codes(HUB, "referralAssign", give(None, Some(&worker))).await, ["NOT_FOUND"]);
    for who in ["referrer", "support-worker", "outside-worker", "administrator"] {
        refused(&world, who, "referralAssign", give(None, Some(&hub))).await;
    }
    world.done(HUB, "referralAssign", give(None, Some(&hub)), "").await;
    assert_eq!(world.codes(HUB, "referralAssign", give(None, Some(&second))).await, ["CONFLICT"]);
    let sent = referral(&world, "referrer", &id).await;
    assert_eq!(sent["version"], 2, "who sent it is told of no hand");
    world.done(HUB, "referralAssign", give(Some(&hub), Some(&second)), "").await;
    let told = referral(&world, HUB, &id).await;
    assert_eq!(told["assignedTo"], json!({ "name": "second (invented)", "personId": second }));
    world.done(HUB, "referralAssign", give(Some(&second), None), "").await;
    assert_eq!(referral(&world, HUB, &id).await["assignedTo"], Value::Null);
    let close = on(&id, 2, json!({ "outcome": "NO_CAPACITY", "onwardReferral": "Shelter." }));
    world.done(HUB, "referralClose", close, "").await;
    assert_eq!(world.codes(HUB, "referralAssign", give(None, Some(&hub))).await, ["ILLEGAL_TRANSITION"]);
}

async fn queue(world: &World, who: &str, variables: Value) -> Vec<String> {
    let told = world.data(who, QUEUE, variables).await;
    let edges = told["triageQueue"]["edges"].as_array().expect("edges").clone();
    edges.iter().map(|e| e["node"]["id"].as_str().expect("an id").to_owned()).collect()
}

async fn counts(world: &World, who: &str) -> Vec<(String, i64, i64)> {
    let told = world.data(who, QUEUE, json!({})).await;
    let all = told["triageCounts"].as_array().expect("counts").clone();
    let one = |c: &Value| {
        let n = |k: &str| c[k].as_i64().expect("a number");
        (c["state"].as_str().expect("a state").to_owned(), n("count"), n("overdue"))
    };
    all.iter().map(one).collect()
}

async fn urgent(world: &World, family: &str, urgency: &str) -> String {
    let mut input = draft(family);
    input["urgency"] = json!(urgency);
    let made = world.done("referrer", "referralDraft", input, "referral { id }").await;
    let id = made["referral"]["id"].as_str().expect("an id").to_owned();
    world.done("referrer", "referralSubmit", on(&id, 1, json!({})), "").await;
    id
}

async fn the_queue_lists_what_is_due_first_and_each_filter_leaves_its_own(world: World) {
    let first = urgent(&world, "Wick", "UPSTREAM").await;
    world.clock.pass_days(1);
    let second = urgent(&world, "Tarn", "HOMELESS_NOW").await;
    let third = urgent(&world, "Vane", "WITHIN_56_DAYS").await;
    world.clock.pass_days(5);
    let fourth = urgent(&world, "Quill", "HOMELESS_NOW").await;
    let asked = urgent(&world, "Stagg", "EVICTION_WITHIN_DAYS").await;
    world.done(HUB, "referralAsk", on(&asked, 2, json!({ "question": "Since when?" })), "").await;
    let offer = on(&third, 2, json!({ "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." }));
    world.done(HUB, "referralOffer", offer, "").await;
    urgent(&world, "Lorne", "UPSTREAM").await;
    let closed = urgent(&world, "Orme", "HOMELESS_NOW").await;
    let close = on(&closed, 2, json!({ "outcome": "NO_CAPACITY", "onwardReferral": "Shelter." }));
    world.done(HUB, "referralClose", close, "").await;
    world.done("referrer", "referralDraft", draft("Penrose"), "").await;
    let all = queue(&world, HUB, json!({})).await;
    assert_eq!(all.len(), 6, "no draft, nothing that is closed");
    assert_eq!(all[..4], [first.clone(), second.clone(), third.clone(), fourth.clone()]);
    assert_eq!(all[5], asked, "what waits comes last");
    let sixth = all[4].clone();
    let by_urgency = queue(&world, HUB, json!({ "orderBy": "URGENCY" })).await;
    assert_eq!(
        by_urgency,
        [second.clone(), fourth.clone(), asked.clone(), third.clone(), first.clone(), sixth.clone()]
    );
    // Page by page, in both orders, it is the same list.
    for order in ["DUE", "URGENCY"] {
        let whole = queue(&world, HUB, json!({ "orderBy": order })).await;
        for size in [1, 2, 4] {
            let (mut pages, mut after) = (Vec::new(), Value::Null);
            loop {
                let told = world.data(HUB, QUEUE, json!({ "orderBy": order, "first": size, "after": after })).await;
                let page = &told["triageQueue"];
                let edges = page["edges"].as_array().expect("edges");
                pages.extend(edges.iter().map(|e| e["node"]["id"].as_str().expect("an id").to_owned()));
                after = page["pageInfo"]["endCursor"].clone();
                if page["pageInfo"]["hasNextPage"] == json!(false) {
                    break;
                }
            }
            assert_eq!(pages, whole, "{order} {size}");
        }
    }
    let hub = person(&world, HUB).await;
    world.done(HUB, "referralAssign", json!({ "referralId": second, "assignTo": hub }), "").await;
    let probation = demo::PROBATION.global();
    let table: [(Value, &[&String]); 11] = [
        (json!({ "state": "SUBMITTED" }), &[&first, &second, &fourth, &sixth]),
        (json!({ "state": "AWAITING_INFORMATION" }), &[&asked]),
        (json!({ "state": "OFFERED" }), &[&third]),
        (json!({ "state": "CLOSED" }), &[]),
        (json!({ "urgency": "HOMELESS_NOW" }), &[&second, &fourth]),
        (json!({ "assignedTo": hub }), &[&second]),
        (json!({ "assignedTo": "person_x" }), &[]),
        (json!({ "unassigned": true, "urgency": "HOMELESS_NOW" }), &[&fourth]),
        (json!({ "sender": probation, "state": "SUBMITTED", "urgency": "UPSTREAM" }), &[&first, &sixth]),
        (json!({ "sender": demo::HARBOUR.global() }), &[]),
        (json!({ "overdue": true }), &[]),
    ];
    for (filter, expected) in &table {
        for order in ["DUE", "URGENCY"] {
            let mut asked = filter.clone();
            asked["orderBy"] = json!(order);
            let mut found = queue(&world, HUB, asked).await;
            let mut expected: Vec<String> = expected.iter().map(|id| (*id).clone()).collect();
            if order == "URGENCY" {
                found.sort();
                expected.sort();
            }
            assert_eq!(found, expected, "{filter} {order}");
        }
    }
    let of = |state: &str, n, overdue| (state.to_owned(), n, overdue);
    let now =
        [of("SUBMITTED", 4, 0), of("AWAITING_INFORMATION", 1, 0), of("OFFERED", 1, 0), of("DECLINE_REVIEW", 0, 0)];
    assert_eq!(counts(&world, HUB).await, now);
    world.clock.pass_days(2);
    assert_eq!(
        queue(&world, HUB, json!({ "overdue": true, "state": "SUBMITTED" })).await,
        std::slice::from_ref(&first),
        "due on Wednesday"
    );
    assert_eq!(counts(&world, HUB).await[0], of("SUBMITTED", 4, 1));
    for (wrong, words) in [
        (json!({ "after": "1.2" }), "The cursor is not one of this list."),
        (json!({ "first": 101 }), "A page has 1 to 100 items."),
        (json!({ "assignedTo": hub, "unassigned": true }), "Ask for `assignedTo` or `unassigned`, not both."),
    ] {
        let told = world.ask(HUB, QUEUE, wrong).await;
        assert_eq!(told["errors"][0]["message"], words);
    }
}

/// The queue is the hub's, and holds what each of its coordinators sees (C2, C5, C6, C14): a hidden referral is neither in it nor counted.
async fn the_queue_holds_nothing_that_is_hidden(world: World) {
    let shown = world.submitted("Wick").await;
    let sealed = world.submitted("Tarn").await;
    world.done(HUB, "referralAsk", on(&sealed, 2, json!({ "question": "Since when?" })), "").await;
    let hub = person(&world, HUB).await;
    world.member("second", demo::HARBOUR, &[Role::HubCoordinator], &[demo::HUB]).await;
    let second = format!("second@{}", demo::HARBOUR.global());
    assert_eq!(queue(&world, &second, json!({})).await, [shown.clone(), sealed.clone()]);
    let of = "query Of($id: ID!) { referral(id: $id) { client { id } } }";
    let client = world.data(HUB, of, json!({ "id": sealed })).await["referral"]["client"]["id"].clone();
    world
        .done(
            HUB,
            "clientSeal",
            json!({ "clientId": client, "personIds": [hub], "reason": "A colleague's aunt." }),
            "",
        )
        .await;
    assert_eq!(queue(&world, HUB, json!({})).await, [shown.clone(), sealed.clone()], "who is named");
    for filter in
        [json!({}), json!({ "state": "AWAITING_INFORMATION" }), json!({ "unassigned": true }), json!({ "first": 1 })]
    {
        let found = queue(&world, &second, filter.clone()).await;
        assert!(!found.contains(&sealed), "{filter}");
        let told = world.data(&second, QUEUE, filter).await;
        assert_eq!(told["triageQueue"]["pageInfo"]["hasNextPage"], false, "and there is no more");
    }
    assert!(counts(&world, &second).await.iter().all(|(s, n, _)| (s == "SUBMITTED") == (*n == 1) && *n < 2));
    // Nor for anybody who is not the hub, whatever else they see of it.
    for who in [
        "referrer",
        "support-worker",
        "team-manager",
        "partner-worker",
        "safeguarding-lead",
        "administrator",
        "outside-worker",
    ] {
        assert_eq!(queue(&world, who, json!({})).await, Vec::<String>::new(), "{who}");
        assert!(counts(&world, who).await.iter().all(|(_, n, overdue)| (*n, *overdue) == (0, 0)), "{who}");
    }
}

const LIKE: &str = "query L($id: ID!) { referral(id: $id) { likeRecords { client { id name { family } } name birth hasRecentCase } } }";

async fn like(world: &World, who: &str, id: &str) -> Vec<Value> {
    let told = world.data(who, LIKE, json!({ "id": id })).await;
    told["referral"]["likeRecords"].as_array().expect("a list").clone()
}

async fn sent(world: &World, given: &str, family: &str, birth: &str) -> String {
    let mut input = draft(family);
    input["sections"][0]["name"]["given"] = json!(given);
    input["sections"][1]["birth"]["date"] = json!(birth);
    let made = world.done("referrer", "referralDraft", input, "referral { id }").await;
    let id = made["referral"]["id"].as_str().expect("an id").to_owned();
    world.done("referrer", "referralSubmit", on(&id, 1, json!({})), "").await;
    id
}

/// The hub is told of records that look like the one before it, among those it sees: of any other, nobody learns that there is one (C15,
/// C23).
async fn records_that_look_alike_are_told_to_the_hub_among_those_it_sees(world: World) {
    let first = world.accepted("Thornbury").await;
    let second = sent(&world, "Marin", "Thornbury", "1990-02-03").await;
    let third = sent(&world, "Maren", "Thornbury", "1990-03-02").await;
    let sister = sent(&world, "Ottoline", "Thornbury", "1990-02-03").await;
    let alone = sent(&world, "Maren", "Penrose", "1990-02-03").await;
    let told = like(&world, HUB, &second).await;
    let of =
        |v: &Value| (v["client"]["id"].clone(), v["name"].clone(), v["birth"].clone(), v["hasRecentCase"].clone());
    assert_eq!(
        told.iter().map(of).collect::<Vec<_>>(),
        [(json!(first.client), json!("SIMILAR"), json!("SAME"), json!(true))]
    );
    let told = like(&world, HUB, &third).await;
    assert_eq!(
        told.iter().map(of).collect::<Vec<_>>(),
        [(json!(first.client), json!("SAME"), json!("SIMILAR"), json!(true))]
    );
    for none in [&sister, &alone] {
        assert_eq!(like(&world, HUB, none).await, Vec::<Value>::new());
    }
    assert_eq!(like(&world, "referrer", &second).await, Vec::<Value>::new(), "for the hub alone");
    // The lead seals the record: the hub does not see it any more, and hears nothing of it.
    let (worker, manager) = (person(&world, "support-worker").await, person(&world, "team-manager").await);
    let seal =
        json!({ "clientId": first.client, "personIds": [worker, manager], "reason": "A colleague's brother." });
    world.done("team-manager", "clientSeal", seal, "").await;
    for id in [&second, &third] {
        assert_eq!(like(&world, HUB, id).await, Vec::<Value>::new());
    }
    // A name that somebody recorded of a third person says nothing of whose record it is (C9).
    let of = "query Of($id: ID!) { referral(id: $id) { client { id } } }";
    let client = world.data(HUB, of, json!({ "id": alone })).await["referral"]["client"]["id"].clone();
    let aside = json!({
        "clientId": client, "section": { "name": { "given": "Ottoline", "family": "Thornbury" } }, "thirdParty": true,
    });
    world.done(HUB, "entryRecord", aside, "").await;
    assert_eq!(like(&world, HUB, &sister).await, Vec::<Value>::new());
}

const SUGGEST: &str = "query S($id: ID!, $about: SuggestionInput) { referral(id: $id) { suggestedServices(about: $about) { \
    eligibility { service { id name } fit reasons { criterion verdict } } near isWished hasDeclined leftOut } } }";

async fn suggested(world: &World, who: &str, id: &str, about: Value) -> Vec<Value> {
    let told = world.data(who, SUGGEST, json!({ "id": id, "about": about })).await;
    told["referral"]["suggestedServices"].as_array().expect("a list").clone()
}

/// The hub is told where a referral could go, in order and with reasons, by what it sees of the record (C1, C7, C8).
async fn services_are_suggested_by_what_the_hub_sees(world: World) {
    let id = world.submitted("Wick").await;
    let all = suggested(&world, HUB, &id, Value::Null).await;
    assert!(all.len() > 1, "{all:?}");
    assert_eq!(suggested(&world, "referrer", &id, Value::Null).await, Vec::<Value>::new(), "the hub decides");
    // What a service states is judged by the record: the age and where the person lives.
    let services = "query All { services(first: 50) { nodes { id name version } } }";
    let found = world.data(HUB, services, json!({})).await;
    let named = |name: &str| {
        let all = found["services"]["nodes"].as_array().expect("services").clone();
        all.into_iter().find(|s| s["name"] == name).unwrap_or_else(|| panic!("there is a service {name}"))
    };
    let names: Vec<_> =
        all.iter().map(|s| s["eligibility"]["service"]["name"].as_str().expect("a name").to_owned()).collect();
    let (young, far) = (named(&names[0]), named(&names[1]));
    for (service, stated) in [
        (&young, json!({ "maxAge": 25, "postcodeAreas": ["OX1"], "availability": "OPEN" })),
        (
            &far,
            json!({ "minAge": 25, "districts": ["WEST_OXFORDSHIRE"], "postcodeAreas": ["OX28"], "availability": "OPEN" }),
        ),
    ] {
        let mut input = json!({ "serviceId": service["id"], "version": service["version"] });
        input.as_object_mut().expect("an object").extend(stated.as_object().expect("an object").clone());
        world.done("administrator", "serviceStateCriteria", input, "").await;
    }
    let of = |list: &[Value], service: &Value| {
        let found = list.iter().find(|s| s["eligibility"]["service"]["id"] == service["id"]);
        found.unwrap_or_else(|| panic!("{service} is suggested")).clone()
    };
    let verdict = |s: &Value, criterion: &str| {
        let all = s["eligibility"]["reasons"].as_array().expect("reasons").clone();
        all.into_iter().find(|r| r["criterion"] == criterion).map(|r| r["verdict"].clone())
    };
    let about = json!({ "district": "CHERWELL", "wish": far["id"] });
    let list = suggested(&world, HUB, &id, about.clone()).await;
    let (first, second) = (of(&list, &young), of(&list, &far));
    assert_eq!(
        (&first["eligibility"]["fit"], &first["near"]),
        (&json!("DOES_NOT_FIT"), &json!("HERE")),
        "36 years, in OX1"
    );
    assert_eq!((verdict(&first, "AGE"), verdict(&first, "AREA")), (Some(json!("NOT_MET")), Some(json!("MET"))));
    assert_eq!((&second["near"], &second["isWished"]), (&json!("NEXT_DISTRICT"), &json!(true)));
    assert_eq!(verdict(&second, "AGE"), Some(json!("MET")));
    // What is recorded of somebody else is nobody's age (C9), and what a team refuses is told whatever the referral holds.
    let client = "query Of($id: ID!) { referral(id: $id) { client { id } } }";
    let client = world.data(HUB, client, json!({ "id": id })).await["referral"]["client"]["id"].clone();
    let child = json!({ "clientId": client, "section": { "birth": { "date": "2020-01-01" } }, "thirdParty": true });
    world.done(HUB, "entryRecord", child, "").await;
    assert_eq!(verdict(&of(&suggested(&world, HUB, &id, Value::Null).await, &young), "AGE"), Some(json!("NOT_MET")));
    // While contact is protected, where she lives is not told, and not judged by, for who is not named.
    world.member("second", demo::HARBOUR, &[Role::HubCoordinator], &[demo::HUB]).await;
    let other = format!("second@{}", demo::HARBOUR.global());
    world.done(HUB, "contactProtect", json!({ "clientId": client, "reason": "He looks for her." }), "").await;
    let blind = of(&suggested(&world, &other, &id, Value::Null).await, &young);
    assert_eq!((&blind["near"], verdict(&blind, "AREA")), (&json!("UNKNOWN"), Some(json!("UNKNOWN"))));
    assert_eq!(of(&suggested(&world, HUB, &id, Value::Null).await, &young)["near"], "HERE", "who is named");
    // A team that declined it comes last.
    let offer = on(&id, 2, json!({ "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." }));
    world.done(HUB, "referralOffer", offer, "").await;
    world.done("support-worker", "referralDecline", on(&id, 3, json!({ "reason": "NO_CAPACITY" })), "").await;
    let after = suggested(&world, HUB, &id, about).await;
    assert!(after.iter().any(|s| s["hasDeclined"] == json!(true)), "{after:?}");
    assert!(after.is_sorted_by_key(|s| s["hasDeclined"].as_bool()), "{after:?}");
    let wrong = world.ask(HUB, SUGGEST, json!({ "id": id, "about": { "language": "Polish" } })).await;
    assert_eq!(wrong["errors"][0]["message"], "The language is not a language tag, such as en or pt-BR.");
}

const FEEDBACK: &str = "query F($from: Date!, $until: Date!) { referralFeedback(from: $from, until: $until) { sent open accepted closed \
    acceptedShare criteriaNotMetAgain medianWorkingDaysToTriage outcomes { outcome count } } }";

async fn feedback(world: &World, who: &str, from: &str, until: &str) -> Value {
    world.data(who, FEEDBACK, json!({ "from": from, "until": until })).await["referralFeedback"].clone()
}

/// Who sends referrals reads what became of their own, with the reasons that would have told it before; nobody learns of a duplicate (C23).
async fn a_referrer_reads_its_feedback(world: World) {
    let service = "query All { services(first: 50) { nodes { id version } } }";
    let found = world.data(HUB, service, json!({})).await;
    let all = found["services"]["nodes"].as_array().expect("services").clone();
    for one in &all {
        let input =
            json!({ "serviceId": one["id"], "version": one["version"], "maxAge": 25, "availability": "OPEN" });
        world.mutate("administrator", "serviceStateCriteria", input, "").await;
    }
    let empty = json!({
        "sent": 0, "open": 0, "accepted": 0, "closed": 0, "acceptedShare": null, "criteriaNotMetAgain": 0,
        "medianWorkingDaysToTriage": null, "outcomes": [],
    });
    assert_eq!(feedback(&world, "referrer", "2026-04-01", "2026-05-01").await, empty);
    let close = async |id: &str, outcome: &str| {
        let input = on(id, 2, json!({ "outcome": outcome, "text": "Said why.", "onwardReferral": "Shelter." }));
        world.done(HUB, "referralClose", input, "").await;
    };
    let first = world.submitted("Wick").await;
    let second = world.submitted("Tarn").await;
    world.clock.pass_days(1);
    close(&first, "CRITERIA_NOT_MET").await;
    close(&second, "DUPLICATE").await;
    let third = world.submitted("Vane").await;
    close(&third, "CRITERIA_NOT_MET").await;
    world.accepted("Quill").await;
    world.submitted("Orme").await;
    let told = feedback(&world, "referrer", "2026-04-01", "2026-05-01").await;
    let expected = json!({
        "sent": 5, "open": 1, "accepted": 1, "closed": 3, "acceptedShare": 0.25, "criteriaNotMetAgain": 1,
        "medianWorkingDaysToTriage": 0.5, "outcomes": [
            { "outcome": "CRITERIA_NOT_MET", "count": 2 }, { "outcome": "REFERRED_ON", "count": 1 },
        ],
    });
    assert_eq!(told, expected);
    assert_eq!(
        feedback(&world, "referrer", "2026-04-02", "2026-05-01").await["sent"],
        3,
        "those of the days asked for"
    );
    assert_eq!(
        feedback(&world, "partner-worker", "2026-04-01", "2026-05-01").await,
        empty,
        "another's are none of theirs"
    );
    let why = "query W($id: ID!) { referral(id: $id) { outcome outcomeText wouldHaveTold { fit reasons { criterion verdict message } } } }";
    let told = world.data("referrer", why, json!({ "id": first })).await["referral"].clone();
    assert_eq!((&told["outcome"], &told["outcomeText"]), (&json!("CRITERIA_NOT_MET"), &json!("Said why.")));
    let reasons = told["wouldHaveTold"][0]["reasons"].as_array().expect("reasons").clone();
    let age = reasons.iter().find(|r| r["criterion"] == "AGE").expect("the age").clone();
    assert_eq!(
        (&age["verdict"], &age["message"]),
        (&json!("NOT_MET"), &json!("For people who are 25 years old or younger. This is not so here."))
    );
    assert_eq!(
        world.data(HUB, why, json!({ "id": first })).await["referral"]["wouldHaveTold"],
        json!([]),
        "for who sent it"
    );
    // A private sender is told of progress alone.
    let aunt = json!({ "name": "Friends and family", "kind": "FRIENDS_OR_FAMILY" });
    let made = world.done("administrator", "organisationRegister", aunt, "organisation { id }").await;
    let of = alliance::domain::ids::OrganisationId::parse(made["organisation"]["id"].as_str().expect("an id"))
        .expect("one");
    world.member("aunt", of, &[Role::Referrer], &[]).await;
    let who = format!("aunt@{}", of.global());
    let made = world.done(&who, "referralDraft", draft("Wetherall"), "referral { id }").await;
    let id = made["referral"]["id"].as_str().expect("an id").to_owned();
    world.done(&who, "referralSubmit", on(&id, 1, json!({})), "").await;
    close(&id, "CRITERIA_NOT_MET").await;
    assert_eq!(feedback(&world, &who, "2026-04-01", "2026-05-01").await, empty);
    assert_eq!(world.data(&who, why, json!({ "id": id })).await["referral"]["wouldHaveTold"], json!([]));
    let wrong = world.ask("referrer", FEEDBACK, json!({ "from": "April", "until": "2026-05-01" })).await;
    assert!(wrong["errors"][0]["message"].is_string(), "{wrong}");
}

/// A page of the queue takes as many statements as one referral, whatever is asked of each.
async fn a_page_of_the_queue_takes_as_many_statements_as_one(world: World) {
    let page = "query P($n: Int) { triageQueue(first: $n) { nodes { id state triageClock { dueAt } history { to recordedFor { name } } \
        assignedTo { name } questions { question answer { text } } likeRecords { client { id } name hasRecentCase } \
        suggestedServices { near leftOut eligibility { fit } } wouldHaveTold { fit } } } triageCounts { state count } }";
    let hub = person(&world, HUB).await;
    for family in ["Wick", "Tarn", "Vane", "Quill", "Wick", "Tarn"] {
        let id = world.asked(family).await;
        world
            .done(
                "referrer",
                "referralAnswer",
                on(&id, 3, json!({ "answer": "Since May.", "categories": ["HOUSING"] })),
                "",
            )
            .await;
        world.done(HUB, "referralAssign", json!({ "referralId": id, "assignTo": hub }), "").await;
    }
    let taken = async |n: i64| {
        let before = world.statements();
        let told = world.data(HUB, page, json!({ "n": n })).await;
        let nodes = told["triageQueue"]["nodes"].as_array().expect("nodes").clone();
        assert_eq!(nodes.len(), usize::try_from(n).expect("few"));
        assert!(nodes.iter().all(|r| !r["likeRecords"].as_array().expect("a list").is_empty() || n > 2), "{nodes:?}");
        world.statements() - before
    };
    taken(1).await;
    assert_eq!(taken(2).await, taken(6).await);
}

on_both_databases!(
    a_page_of_the_queue_takes_as_many_statements_as_one,
    a_referrer_reads_its_feedback,
    services_are_suggested_by_what_the_hub_sees,
    records_that_look_alike_are_told_to_the_hub_among_those_it_sees,
    an_answer_is_waited_for_over_easter,
    what_was_asked_is_told_where_it_is_open,
    an_answer_that_tells_of_a_place_is_for_the_few,
    a_private_sender_is_asked_by_other_ways,
    a_sender_is_told_nothing_by_what_it_may_answer,
    a_referral_is_in_one_hand,
    the_queue_lists_what_is_due_first_and_each_filter_leaves_its_own,
    the_queue_holds_nothing_that_is_hidden,
);
