//! Two worlds (C12, C13, C14): databases that differ only in what is hidden from a viewer answer that viewer alike, to the byte and
//! in the number of statements, whatever is asked.
//!
//! A round grows two worlds by the same random steps at the same moments, with the same identifiers, and then makes them
//! differ in what is hidden from the round's viewers (`hidden.rs` says what, by which rule, from whom; `growth.rs` where it is
//! part of a shared step). Operations are made at random from the schema itself, so that a new field or mutation is taken in
//! without a word; each is sent to both worlds, and status, headers, body and the number of statements are compared. Mutations
//! go through in both, so the worlds stay in step.
//!
//! | variable | what |
//! | --- | --- |
//! | `ALLIANCE_TWO_WORLDS` | operations on each database: 1200 when left out; 100000 is the full size |
//! | `ALLIANCE_TWO_WORLDS_SEED` | another seed, a number: other people, other operations |
//! | `ALLIANCE_TWO_WORLDS_ROUND` | this round alone, as a difference names it |
//!
//! `prover.rs` plants what is not hidden, and side doors, and demands that they are found.

mod aside;
mod chance;
mod found;
mod growth;
mod hidden;
mod known;
mod mutation;
mod operation;
mod pair;
mod people;
mod prover;
mod run;
mod schema;
mod strangers;
mod tally;
mod value;

use crate::support::Backend;
use people::Round;
use run::Run;
use schema::Schema;
use tally::Tally;

/// Operations of a round.
const OPERATIONS: usize = 260;
/// Rounds when nothing is said: every group of viewers once, the leads three times, once opening what they see.
const ROUNDS: usize = 6;
/// The seed when nothing is said.
const SEED: u64 = 20_260_401;

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is a number, not {text}")))
}

async fn worlds_that_differ_in_what_is_hidden_answer_alike(backend: Backend) {
    let seed = number("ALLIANCE_TWO_WORLDS_SEED").unwrap_or(SEED);
    let operations = number("ALLIANCE_TWO_WORLDS").map_or(ROUNDS * OPERATIONS, |n| usize::try_from(n).expect("fits"));
    let only = number("ALLIANCE_TWO_WORLDS_ROUND");
    let rounds = u64::try_from(operations.div_ceil(OPERATIONS).max(1)).expect("fits");
    let mut tally = Tally::default();
    let mut known = None;
    for n in only.map_or(0..rounds, |n| n..n + 1) {
        let Some(mut run) = Run::begin(backend, Round::of(n, seed)).await else { return };
        let schema = match &mut known {
            Some(schema) => schema,
            none => none.insert(Schema::of(&run.pair.worlds[0].server.schema).await),
        };
        if let Err(difference) = run.go(schema, &mut tally, OPERATIONS).await {
            panic!("{difference}");
        }
    }
    eprintln!("two worlds on {backend:?}, {rounds} rounds: {}", tally.told());
    if only.is_none() && operations >= ROUNDS * OPERATIONS {
        tally.must_have_reached_everything(known.as_ref().expect("a round"));
    }
}

mod apart {
    use crate::support::Backend;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        super::worlds_that_differ_in_what_is_hidden_answer_alike(Backend::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        super::worlds_that_differ_in_what_is_hidden_answer_alike(Backend::Postgres).await;
    }
}
