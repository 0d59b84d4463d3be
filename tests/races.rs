//! Two who decide about one referral at the same moment: one wins, the other is told of a conflict, and nothing is half done.
//!
//! At full size: `ALLIANCE_RACES=10000 cargo test --test alliance-tests -- races::of_two --nocapture`.

use crate::ledger::Dice;
use crate::support::World;
use alliance::domain::ids::TypedId;
use alliance::domain::role::Role;
use alliance::service::demo;
use serde_json::{Value, json};
use std::sync::Arc;

/// Races with one referral before the next is taken.
const OF_ONE: usize = 40;

/// What one of the two does.
#[derive(Clone, Debug)]
struct Decision {
    who: &'static str,
    name: &'static str,
    more: Value,
    /// Whether the other's winning takes the referral out of sight: then it is told like an unknown one (C13).
    may_lose_sight: bool,
}

fn decision(who: &'static str, name: &'static str, more: Value) -> Decision {
    Decision { who, name, more, may_lose_sight: name == "referralDecline" }
}

/// Two decisions that the state allows.
fn pair(dice: &mut Dice, state: &str) -> [Decision; 2] {
    let ask = |who| decision(who, "referralAsk", json!({ "question": "Since when?" }));
    let offer =
        |who| decision(who, "referralOffer", json!({ "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." }));
    let answer = |who| decision(who, "referralAnswer", json!({ "answer": "Since May.", "categories": [] }));
    let back = |who| decision(who, "referralTakeBack", json!({}));
    let decline = decision("support-worker", "referralDecline", json!({ "reason": "NO_CAPACITY" }));
    let all = match state {
        "SUBMITTED" => vec![
            [ask("hub-coordinator"), ask("second")],
            [ask("hub-coordinator"), offer("second")],
            [offer("hub-coordinator"), offer("second")],
        ],
        "AWAITING_INFORMATION" => {
            vec![[answer("referrer"), answer("hub-coordinator")], [answer("second"), answer("hub-coordinator")]]
        }
        "OFFERED" => vec![[back("hub-coordinator"), decline], [back("hub-coordinator"), back("second")]],
        _ => vec![[offer("hub-coordinator"), offer("second")]],
    };
    dice.of(&all).clone()
}

async fn of_two_who_decide_at_once_one_wins(world: World) {
    let races: usize = std::env::var("ALLIANCE_RACES").ok().map_or(100, |n| n.parse().expect("a number"));
    world.member("second", demo::HARBOUR, &[Role::HubCoordinator], &[demo::HUB]).await;
    let second = format!("second@{}", demo::HARBOUR.global());
    let world = Arc::new(world);
    let mut dice = Dice::thrown(7);
    let (mut won, mut run) = ([0_usize; 2], 0);
    while run < races {
        let id = world.submitted("Wick").await;
        let (mut version, mut state) = (2_i64, "SUBMITTED".to_owned());
        for _ in 0..OF_ONE.min(races - run) {
            run += 1;
            let both = pair(&mut dice, &state);
            let started: Vec<_> = both
                .iter()
                .cloned()
                .map(|d| {
                    let (world, second) = (Arc::clone(&world), second.clone());
                    // A team reads a version of its own, which counts no steps.
                    let version = if d.may_lose_sight { 3 } else { version };
                    let mut input = json!({ "referralId": id, "version": version });
                    input.as_object_mut().expect("an object").extend(d.more.as_object().expect("an object").clone());
                    tokio::spawn(async move {
                        let who = if d.who == "second" { &second } else { d.who };
                        world.codes(who, d.name, input).await
                    })
                })
                .collect();
            let mut codes = Vec::with_capacity(2);
            for one in started {
                codes.push(one.await.expect("it does not panic"));
            }
            let winner =
                codes.iter().position(Vec::is_empty).unwrap_or_else(|| panic!("nobody won: {both:?} {codes:?}"));
            let (lost, loser) = (&codes[1 - winner], &both[1 - winner]);
            let hidden = loser.may_lose_sight && *lost == ["NOT_FOUND"];
            assert!(*lost == ["CONFLICT"] || hidden, "{both:?} {codes:?}");
            won[winner] += 1;
            let told = world
                .data(
                    "hub-coordinator",
                    "query R($id: ID!) { referral(id: $id) { version state history { to } } }",
                    json!({ "id": id }),
                )
                .await["referral"]
                .clone();
            version += 1;
            assert_eq!(told["version"], version, "one step and no more");
            assert_eq!(told["history"].as_array().expect("steps").len() + 1, usize::try_from(version).expect("few"));
            state = told["state"].as_str().expect("a state").to_owned();
        }
    }
    println!("{:?}: {races} races, won by the first {} times, by the second {}", world.backend, won[0], won[1]);
    let (_, differences) = alliance::persistence::ledger::check(&world.app.database).await.expect("it checks");
    assert_eq!(differences, []);
}

on_both_databases!(of_two_who_decide_at_once_one_wins);
