//! Why a category is seen is told to those entitled, and to nobody else (C12, C13).

use crate::hidden::{look, settle};
use crate::inputs::rows;
use crate::restrictions::{Against, lift, person_of, plant};
use crate::support::{Travelled, World};
use crate::trace::sealed;
use alliance::domain::basis::Basis;
use alliance::domain::code::Coded;
use alliance::domain::ids::{OrganisationId, TypedId};
use alliance::domain::role::Role;
use alliance::service::demo;
use serde_json::{Value, json};

const EXPLAIN: &str = "query Explain($client: ID!, $category: Category!, $of: ID) { explainAccess(clientId: $client, category: $category, \
    organisationId: $of) { category grants { organisation { id name } teamName personName basis scope documentKind documentId since until \
    restrictedBy } restrictions { kind since organisation { id name } personName peopleNamed } } }";

async fn explained(world: &World, who: &str, client: &str, category: &str, of: Option<OrganisationId>) -> Value {
    let asked = json!({ "client": client, "category": category, "of": of.map(TypedId::global) });
    world.data(who, EXPLAIN, asked).await["explainAccess"].clone()
}

fn on(explanation: &Value, basis: Basis) -> Vec<Value> {
    let all = explanation["grants"].as_array().expect("a list").iter();
    all.filter(|g| g["basis"] == basis.code()).cloned().collect()
}

/// A case shared with the solicitors, and people at both agencies, at the hub's, and at one that has no part in it.
struct Stage {
    t: Travelled,
    consent: String,
}

impl Stage {
    async fn of(world: &World) -> Self {
        let t = world.accepted("Wick").await;
        let consent = world.solicitors_join(&t).await;
        let people: &[(&str, OrganisationId, &[Role])] = &[
            ("member-ig", demo::LOCKWELL, &[Role::InformationGovernance]),
            ("member-sg", demo::LOCKWELL, &[Role::SafeguardingLead]),
            ("member-manager", demo::LOCKWELL, &[Role::TeamManager]),
            ("outside-ig", demo::MEADOW, &[Role::InformationGovernance]),
            ("sender-ig", demo::PROBATION, &[Role::InformationGovernance]),
            ("other-manager", demo::HARBOUR, &[Role::TeamManager]),
            ("hub-manager", demo::HARBOUR, &[Role::TeamManager]),
        ];
        for (name, of, roles) in people {
            let teams = match *name {
                "member-manager" => vec![demo::SOLICITORS],
                "hub-manager" => vec![demo::HUB],
                _ => vec![],
            };
            world.member(name, *of, roles, &teams).await;
        }
        Self { t, consent }
    }
}

fn at(name: &str, of: OrganisationId) -> String {
    format!("{name}@{}", of.global())
}

/// Who is entitled while the case is open.
fn entitled() -> Vec<String> {
    vec![
        "team-manager".into(),
        "safeguarding-lead".into(),
        "information-governance".into(),
        at("member-ig", demo::LOCKWELL),
        at("member-sg", demo::LOCKWELL),
    ]
}

/// Who is not, whatever they see of the record.
fn others() -> Vec<String> {
    let mut all: Vec<String> = [
        "referrer",
        "support-worker",
        "partner-worker",
        "outside-worker",
        "hub-coordinator",
        "commissioner",
        "administrator",
        "canary",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push(at("member-manager", demo::LOCKWELL));
    all.push(at("outside-ig", demo::MEADOW));
    all.push(at("sender-ig", demo::PROBATION));
    all.push(at("other-manager", demo::HARBOUR));
    all.push(at("hub-manager", demo::HARBOUR));
    all
}

/// For this person the client explains itself, byte for byte, as an id that nobody has.
async fn tells_nothing(world: &World, who: &str, client: &str) {
    settle(world, who).await;
    for of in [None, Some(demo::LOCKWELL), Some(demo::PROBATION)] {
        let mut answers = Vec::new();
        for id in [
            client,
            "client_0123456789abcdef0123456789abcdef",
            "client_nonsense",
            "case_0123456789abcdef0123456789abcdef",
        ] {
            let asked = json!({ "client": id, "category": "HOUSING", "of": of.map(TypedId::global) });
            answers.push(look(world, who, EXPLAIN, &asked).await);
        }
        assert_eq!(answers[0].body, r#"{"data":{"explainAccess":null}}"#, "{who}");
        answers.dedup();
        assert_eq!(answers.len(), 1, "{who}: {answers:#?}");
    }
}

async fn those_entitled_are_told_which_grants_open_a_category(world: World) {
    let s = Stage::of(&world).await;
    let client = &s.t.client;
    for who in entitled() {
        let told = explained(&world, &who, client, "HOUSING", None).await;
        assert_eq!(told["category"], "HOUSING", "{who}");
        assert_eq!(told["restrictions"], json!([]), "{who}");
        let holder = on(&told, Basis::Holder);
        assert_eq!(holder.len(), 1, "{who}: {told:#}");
        let expected = json!({
            "organisation": { "id": demo::HARBOUR.global(), "name": "Harbour Housing Support" }, "teamName": holder[0]["teamName"],
            "personName": null, "basis": "HOLDER", "scope": "CASE", "documentKind": "CASE", "documentId": s.t.case,
            "since": holder[0]["since"], "until": null, "restrictedBy": [],
        });
        assert_eq!(holder[0], expected, "{who}");
        assert!(holder[0]["teamName"].as_str().is_some_and(|n| !n.is_empty()), "{who}");
        assert!(holder[0]["since"].as_str().is_some_and(|t| t.starts_with("2026-04-01T09:")), "{who}");
        let team = on(&told, Basis::Team);
        assert_eq!(team.len(), 1, "{who}: {told:#}");
        assert_eq!(team[0]["documentKind"], "CONSENT", "{who}");
        assert_eq!(team[0]["documentId"], s.consent, "{who}");
        assert_eq!(team[0]["until"], "2027-03-01T00:00:00.000000Z", "{who}: the consent's planned end");
        let triage = on(&told, Basis::Hub)[0]["until"].as_str().expect("an end").to_owned();
        assert!(triage.starts_with("2026-05-01T09:00:00"), "{who}: thirty days after it left the hub: {triage}");
        let sender = on(&told, Basis::Referrer);
        // To whom offending is not open, a probation office is an organisation (C11).
        assert_eq!(sender[0]["organisation"], json!({ "id": null, "name": "an organisation" }), "{who}");
        assert_eq!(
            (&sender[0]["scope"], &sender[0]["documentId"]),
            (&json!("REFERRAL"), &json!(s.t.referral)),
            "{who}"
        );
        // Health: consent opens it to the lead, and nobody shares it with the solicitors.
        let health = explained(&world, &who, client, "HEALTH", None).await;
        assert_eq!(on(&health, Basis::Holder)[0]["documentKind"], "CONSENT", "{who}");
        assert!(on(&health, Basis::Team).is_empty(), "{who}: {health:#}");
        // Whatever opens anything opens that the person is known.
        let known = explained(&world, &who, client, "INVOLVEMENT", None).await;
        let all = known["grants"].as_array().expect("a list").len();
        assert!(all > told["grants"].as_array().expect("a list").len(), "{who}");
        // Never a value.
        for secret in ["Wick", "Maren", "07700", "Universal", "depression", "PRIVATE_RENT", "Said so at the meeting"]
        {
            assert!(!format!("{told}{health}{known}").contains(secret), "{who} reads {secret}");
        }
        // By organisation: only as far as it may be named.
        let only = explained(&world, &who, client, "HOUSING", Some(demo::LOCKWELL)).await;
        assert_eq!(only["grants"], json!(team), "{who}");
        for nobody in [demo::PROBATION, demo::COUNTY] {
            assert_eq!(explained(&world, &who, client, "HOUSING", Some(nobody)).await["grants"], json!([]), "{who}");
        }
    }
}

async fn to_everybody_else_a_record_explains_itself_like_one_that_nobody_has(world: World) {
    let s = Stage::of(&world).await;
    for who in others() {
        tells_nothing(&world, &who, &s.t.client).await;
    }
    // Nor does somebody entitled to one record learn of another.
    let other = world.accepted("Moss").await;
    for who in ["member-ig", "member-sg"] {
        tells_nothing(&world, &at(who, demo::LOCKWELL), &other.client).await;
    }
    // When the case closes nobody's organisation works with the person any more.
    let close = json!({ "caseId": s.t.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" });
    world.done("support-worker", "caseClose", close, "").await;
    for who in entitled() {
        tells_nothing(&world, &who, &s.t.client).await;
    }
}

async fn a_seal_is_explained_to_those_it_names(world: World) {
    let s = Stage::of(&world).await;
    let client = &s.t.client;
    let seal = plant(&world, client, "SEALED", Against::Nobody, &["safeguarding-lead", "support-worker"]).await;
    let told = explained(&world, "safeguarding-lead", client, "HOUSING", None).await;
    let sealed = |told: &Value, n: i64| {
        let only = told["restrictions"].as_array().expect("a list");
        assert_eq!(only.len(), 1, "{told:#}");
        assert!(only[0]["since"].as_str().is_some_and(|t| t.starts_with("2026-04-01T09:00:00")), "{told:#}");
        let what = [&only[0]["kind"], &only[0]["peopleNamed"], &only[0]["organisation"], &only[0]["personName"]];
        assert_eq!(what, [&json!("SEALED"), &json!(n), &Value::Null, &Value::Null]);
    };
    sealed(&told, 2);
    assert!(told["grants"].as_array().unwrap().iter().all(|g| g["restrictedBy"] == json!(["SEALED"])), "{told:#}");
    let but = |names: &[&str]| entitled().into_iter().filter(|w| !names.contains(&w.as_str())).collect::<Vec<_>>();
    for who in but(&["safeguarding-lead"]).into_iter().chain(others()) {
        tells_nothing(&world, &who, client).await;
    }
    lift(&world, seal).await;
    plant(&world, client, "SEALED", Against::Nobody, &["team-manager"]).await;
    sealed(&explained(&world, "team-manager", client, "HOUSING", None).await, 1);
    for who in but(&["team-manager"]) {
        tells_nothing(&world, &who, client).await;
    }
}

async fn an_objection_is_explained_to_those_it_does_not_exclude(world: World) {
    let s = Stage::of(&world).await;
    let client = &s.t.client;
    let objection = plant(&world, client, "OBJECTION", Against::Organisation(demo::HARBOUR), &[]).await;
    for who in ["team-manager", "safeguarding-lead", "information-governance"] {
        tells_nothing(&world, who, client).await;
    }
    let told = explained(&world, &at("member-ig", demo::LOCKWELL), client, "HOUSING", None).await;
    let excluded = json!({ "id": demo::HARBOUR.global(), "name": "Harbour Housing Support" });
    assert_eq!(told["restrictions"][0]["organisation"], excluded);
    assert_eq!(on(&told, Basis::Holder)[0]["restrictedBy"], json!(["OBJECTION"]));
    assert_eq!(on(&told, Basis::Team)[0]["restrictedBy"], json!([]));
    lift(&world, objection).await;
    // An organisation that speaks is not named by its exclusion either.
    let objection = plant(&world, client, "OBJECTION", Against::Organisation(demo::PROBATION), &[]).await;
    let told = explained(&world, "information-governance", client, "HOUSING", None).await;
    assert_eq!(told["restrictions"][0]["organisation"], json!({ "id": null, "name": "an organisation" }));
    lift(&world, objection).await;
    let person = person_of(&world, "information-governance").await;
    plant(&world, client, "OBJECTION", Against::Person(person), &[]).await;
    tells_nothing(&world, "information-governance", client).await;
    let told = explained(&world, "safeguarding-lead", client, "HOUSING", None).await;
    assert_eq!(told["restrictions"][0]["personName"], "Ines Falkner");
    // Protected contact bears on contact.
    plant(&world, client, "PROTECTED_CONTACT", Against::Nobody, &["support-worker"]).await;
    let contact = explained(&world, "team-manager", client, "CONTACT", None).await;
    assert_eq!(on(&contact, Basis::Holder)[0]["restrictedBy"], json!(["PROTECTED_CONTACT"]));
    let housing = explained(&world, "team-manager", client, "HOUSING", None).await;
    assert_eq!(on(&housing, Basis::Holder)[0]["restrictedBy"], json!([]));
    assert_eq!(housing["restrictions"].as_array().unwrap().len(), 2, "it stands on the record all the same");
}

/// What is open to the hub of what it triages names organisations here as on the record itself (C11).
async fn what_a_referral_brought_to_the_hub_names_who_sees_it(world: World) {
    let s = Stage::of(&world).await;
    let both = &[Role::HubCoordinator, Role::SafeguardingLead];
    world.member("sennen", demo::HARBOUR, both, &[demo::HUB]).await;
    let hub = at("sennen", demo::HARBOUR);
    let lockwell = crate::inputs::literal(&world, demo::LOCKWELL.0);
    world.raw(&format!("UPDATE organisation SET implied_categories = 16384 WHERE id = {lockwell}")).await;
    let member = async |who: &str| {
        let told = explained(&world, who, &s.t.client, "HOUSING", None).await;
        on(&told, Basis::Team)[0]["organisation"]["name"].clone()
    };
    // HEALTH came with the referral under consent; a lead who is not of the hub has no category at all.
    assert_eq!(member(&hub).await, "Lockwell Law Centre");
    assert_eq!(member("safeguarding-lead").await, "an organisation");
    world.clock.pass_days(31);
    assert_eq!(member(&hub).await, "an organisation", "the hub's sight is over");
}

async fn an_explanation_is_in_the_trace_and_so_is_one_that_was_refused(world: World) {
    let s = Stage::of(&world).await;
    sealed(&world).await;
    let before = rows(&world, "trace").await;
    let told = explained(&world, "information-governance", &s.t.client, "HOUSING", None).await;
    assert!(told["grants"].as_array().unwrap().len() > 3);
    let after = rows(&world, "trace").await;
    let new: Vec<_> = after.iter().filter(|r| !before.contains(r)).collect();
    assert_eq!(new.len(), 1, "{new:#?}");
    // INVOLVEMENT, and nothing of what was explained.
    assert!(
        new[0].contains("DISCLOSED") && new[0].contains("query explainAccess") && new[0].contains("8192"),
        "{new:#?}"
    );
    explained(&world, "hub-coordinator", &s.t.client, "HOUSING", None).await;
    let last = rows(&world, "trace").await;
    let new: Vec<_> = last.iter().filter(|r| !after.contains(r)).collect();
    assert_eq!(new.len(), 1, "{new:#?}");
    assert!(new[0].contains("NOTHING_FOUND") && new[0].contains(&s.t.client), "as it was asked: {new:#?}");
}

on_both_databases!(
    those_entitled_are_told_which_grants_open_a_category,
    to_everybody_else_a_record_explains_itself_like_one_that_nobody_has,
    a_seal_is_explained_to_those_it_names,
    an_objection_is_explained_to_those_it_does_not_exclude,
    what_a_referral_brought_to_the_hub_names_who_sees_it,
    an_explanation_is_in_the_trace_and_so_is_one_that_was_refused,
);
