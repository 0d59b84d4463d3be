//! The oracle: a second, independent and deliberately naive statement of the rules of confidentiality (C1 – C24), compared
//! with the running service on random worlds and random queries.
//!
//! | file | what |
//! | --- | --- |
//! | `facts` | what the documents of a world say, as plain records |
//! | `rules` | the rules, paragraph by paragraph: who sees what, now |
//! | `shown`, `referral`, `shared_case`, `documents`, `inbox`, `explained` | the whole answer that follows from them |
//! | `ask` | questions at random |
//! | `worlds` | worlds at random, and who asks |
//! | `compare` | prediction and answer side by side |
//! | `coverage` | every client-bound field of the schema is asked about, or said not to be |
//! | `planted` | the prover proven: planted leaks and over-denials are found |
//!
//! It shares no code with `policy`, `persistence` or `service`, and never reads the ledger of grants. Written as loops over
//! records: a policy engine such as Cedar was considered, but what needs saying here are counts, dates and lists, and plain
//! Rust compiles in no time.
//!
//! CI makes 10,000 comparisons on each database. `ALLIANCE_ORACLE=1000000` makes a million on each, world after world;
//! `ALLIANCE_ORACLE_SEED=7` begins with another world. What differs is printed with the seed that shows it again.

mod ask;
mod compare;
mod coverage;
mod documents;
mod explained;
mod facts;
mod inbox;
mod planted;
mod referral;
mod rules;
mod shared_case;
mod shown;
mod worlds;

use crate::ledger::Dice;
use crate::support::World;
use alliance::domain::clock::Clock;
use alliance::http::authentication::DEVELOPMENT_ISSUER;
use ask::{Asker, Question};
use compare::{Tally, told};
use facts::Facts;
use rules::Viewer;
use serde_json::json;
use shown::Oracle;
use worlds::{Growth, Who};

/// How often a world is asked about while it grows, how much happens between, and how many questions each time.
const ROUNDS: usize = 16;
const STEPS: usize = 6;
const QUESTIONS: usize = 14;
/// Differences that are enough to stop.
const ENOUGH: usize = 12;

/// Asks the service, and compares the answer with what the documents and the rules call for.
async fn ask(world: &World, facts: &Facts, who: &Who, question: &Question, how: &str, tally: &mut Tally) {
    let document = question.document();
    let viewer = Viewer::of(facts, DEVELOPMENT_ISSUER, &who.subject, who.organisation, &who.roles);
    let now = world.clock.now().0;
    let answer = world.ask(&who.name, &document, json!({})).await;
    tally.questions += 1;
    let Some(viewer) = viewer else {
        tally.stranger(&told(how, &who.name, None, &document), &answer);
        return;
    };
    let oracle = Oracle::new(facts, &viewer, now);
    let asked = told(how, &who.name, Some(&oracle), &document);
    assert!(answer.get("errors").is_none(), "{answer:#}\n{asked}");
    tally.compare(&asked, &question.answer(&oracle), &answer["data"]);
}

/// Grows a world from a seed, and asks about it again and again.
async fn grow_and_ask(world: &World, seed: u64, tally: &mut Tally) {
    let mut growth = Growth::of(world, seed).await;
    let database = format!("{:?}", world.backend).to_lowercase();
    for round in 0..ROUNDS {
        for _ in 0..STEPS {
            growth.step().await;
        }
        // A viewer is kept for a second.
        world.clock.pass_seconds(2);
        let facts = Facts::of(world).await;
        let how = format!(
            "round {round} of world {seed}: ALLIANCE_ORACLE=1 ALLIANCE_ORACLE_SEED={seed} cargo test --test alliance-tests -- \
            oracle::the_service_answers_as_the_rules_say::{database}"
        );
        let viewers = growth.viewers.clone();
        for n in 0..QUESTIONS {
            let who = growth.dice.of(&viewers).clone();
            let mut dice = Dice::thrown(growth.dice.next());
            let viewer = Viewer::of(&facts, DEVELOPMENT_ISSUER, &who.subject, who.organisation, &who.roles);
            let oversees = viewer.is_some_and(|v| v.oversees() || v.manages());
            let question = Asker { facts: &facts, dice: &mut dice, everything: n == 0, oversees }.question();
            ask(world, &facts, &who, &question, &how, tally).await;
        }
        if tally.leaks.len() + tally.denials.len() > ENOUGH {
            return;
        }
    }
}

fn from_environment(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |v| v.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

async fn the_service_answers_as_the_rules_say(world: World) {
    let wanted = usize::try_from(from_environment("ALLIANCE_ORACLE", 10_000)).expect("it fits");
    let mut seed = from_environment("ALLIANCE_ORACLE_SEED", 1);
    let backend = world.backend;
    let mut tally = Tally::default();
    let mut world = Some(world);
    while tally.compared < wanted && tally.leaks.len() + tally.denials.len() <= ENOUGH {
        let this = match world.take() {
            Some(world) => world,
            None => World::new(backend).await.expect("a further world"),
        };
        grow_and_ask(&this, seed, &mut tally).await;
        seed += 1;
    }
    let (leaks, denials) = (&tally.leaks, &tally.denials);
    println!(
        "{backend:?}: {} comparisons in {} answers: {} leaks, {} over-denials",
        tally.compared,
        tally.questions,
        leaks.len(),
        denials.len()
    );
    assert!(leaks.is_empty() && denials.is_empty(), "{}\n{}", leaks.join("\n"), denials.join("\n"));
}

#[test]
fn it_shares_no_code_with_what_it_judges() {
    let sources = [
        ("facts", include_str!("facts.rs")),
        ("rules", include_str!("rules.rs")),
        ("shown", include_str!("shown.rs")),
        ("referral", include_str!("referral.rs")),
        ("shared_case", include_str!("shared_case.rs")),
        ("documents", include_str!("documents.rs")),
        ("inbox", include_str!("inbox.rs")),
        ("explained", include_str!("explained.rs")),
        ("ask", include_str!("ask.rs")),
        ("compare", include_str!("compare.rs")),
    ];
    for (name, text) in sources {
        let text: String = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
        let text = text.replace("Identity::", "");
        for word in ["alliance::", "entity::", "access_grant"] {
            assert!(!text.contains(word), "{name} names {word}");
        }
    }
    // Worlds name the personas of the demonstration, and what a token is made of.
    let worlds = include_str!("worlds.rs").replace("alliance::service::demo", "").replace("alliance::domain::", "");
    assert!(!worlds.contains("alliance::") && !worlds.contains("access_grant"));
}

on_both_databases!(the_service_answers_as_the_rules_say);
