//! Two worlds side by side: shared steps at the same moments with the same randomness, hidden steps aside.

use super::chance::{Seeded, mix};
use super::known::Ids;
use super::value::public_ids;
use crate::support::{Backend, World};
use alliance::domain::category::Categories;
use alliance::domain::clock::Timestamp;
use alliance::domain::ids::{OrganisationId, PersonId};
use alliance::domain::random::Randomness;
use alliance::domain::role::Roles;
use alliance::persistence::trace::{TraceHead, TraceKind};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// The moment of the first shared step, and the time between two.
const FIRST: &str = "2026-04-01T09:00:00Z";
const STEP: i64 = 1_000_000;
/// The time between two operations: short, so that a viewer is mostly kept between them.
const OPERATION: i64 = 20_000;

/// The worlds.
pub struct Pair {
    pub worlds: [World; 2],
    seeded: [Arc<Seeded>; 2],
    seed: u64,
    moment: i64,
    aside: u64,
    asides: [u64; 2],
    /// Everything there is or was, in either world.
    pub all: Ids,
}

/// The same in both worlds.
pub fn same<T: Clone>(what: T) -> [T; 2] {
    [what.clone(), what]
}

impl Pair {
    /// Two worlds with the registry and the personas.
    pub async fn new(backend: Backend, seed: u64) -> Option<Self> {
        let seeded = [seed, seed].map(|s| Arc::new(Seeded::new(s)));
        let random = |side: usize| -> Arc<dyn Randomness> { seeded[side].clone() };
        let worlds = [World::with(backend, random(0)).await?, World::with(backend, random(1)).await?];
        let moment = Timestamp::parse(FIRST).expect("a moment").0;
        let mut all = Ids::default();
        public_ids().iter().for_each(|id| all.add(id));
        Some(Self { worlds, seeded, seed, moment, aside: 0, asides: [0; 2], all })
    }

    /// Sets a world's clock, and its randomness from this seed and the moment.
    fn set(&self, side: usize, moment: i64, seed: u64) {
        self.worlds[side].clock.set(Timestamp(moment));
        self.seeded[side].set(mix(&[self.seed, seed, u64::try_from(moment).expect("after 1970")]));
    }

    fn forward(&mut self, by: i64) {
        self.moment += by;
        for side in 0..2 {
            self.set(side, self.moment, 0);
        }
    }

    /// The moment of a further operation: the same in both worlds, however often it is gone back to.
    pub fn turn(&mut self) -> i64 {
        self.forward(OPERATION);
        self.moment
    }

    /// Back to the moment of an operation, to ask once more.
    pub fn turn_to(&self, moment: i64) {
        for side in 0..2 {
            self.set(side, moment, 0);
        }
    }

    /// Lets so much time pass that no viewer is kept from before, and lets what was left to be done be done.
    pub async fn pause(&mut self) {
        self.settle().await;
        self.forward(10 * STEP);
    }

    /// Waits until what mutations left to be sealed is sealed, so that it counts for no later operation.
    pub async fn settle(&self) {
        let head = TraceHead {
            request_id: "settle".into(),
            operation: "settle".into(),
            person: PersonId(Uuid::nil()),
            organisation: OrganisationId(Uuid::nil()),
            roles: Roles::NONE,
        };
        for world in &self.worlds {
            let row = head.row(TraceKind::NothingFound, None, Categories::NONE, &[], "", Timestamp(0));
            world.app.trace.record(vec![row]).await.expect("the trace is written");
        }
    }

    /// A step that needs no request, in both worlds.
    pub async fn prepare<T>(&mut self, step: impl AsyncFn(&World) -> T) -> T {
        self.forward(STEP);
        step(&self.worlds[0]).await;
        step(&self.worlds[1]).await
    }

    /// A shared step: a mutation in both worlds that must go through, and must make the same identifiers.
    pub async fn both(&mut self, who: [&str; 2], name: &str, input: [Value; 2], select: &str) -> Value {
        self.forward(STEP);
        let mut payloads = Vec::new();
        for (world, (who, input)) in self.worlds.iter().zip(who.into_iter().zip(input)) {
            payloads.push(world.done(who, name, input, select).await);
        }
        assert_eq!(payloads[0], payloads[1], "a shared step makes the same in both worlds: {name}");
        self.all.harvest(&payloads[0]);
        payloads.remove(0)
    }

    /// The same by the same person with the same input.
    pub async fn step(&mut self, who: &str, name: &str, input: Value, select: &str) -> Value {
        self.both(same(who), name, same(input), select).await
    }

    /// What follows is hidden: a variation with a number of its own.
    pub fn begin_aside(&mut self, variation: usize) {
        self.forward(STEP);
        self.aside = u64::try_from(variation).expect("small") + 1;
        self.asides = [0; 2];
    }

    /// A hidden step in one world, with a clock and randomness of its own: the shared ones are not moved by it. The same
    /// steps taken aside in both worlds make the same identifiers.
    pub async fn hidden(&mut self, side: usize, who: &str, name: &str, input: Value, select: &str) -> Value {
        self.next_aside(side);
        let payload = self.worlds[side].done(who, name, input, select).await;
        self.set(side, self.moment, 0);
        self.all.harvest(&payload);
        payload
    }

    /// The same without a request.
    pub async fn hidden_raw(&mut self, side: usize, step: impl AsyncFnOnce(&World)) {
        self.next_aside(side);
        step(&self.worlds[side]).await;
        self.set(side, self.moment, 0);
    }

    fn next_aside(&mut self, side: usize) {
        self.asides[side] += 1;
        let n = self.asides[side];
        let later = i64::try_from(n).expect("few") * 1_000;
        assert!(later < STEP, "so many hidden steps do not fit between two shared ones");
        self.set(side, self.moment + later, mix(&[self.aside, n]));
    }
}
