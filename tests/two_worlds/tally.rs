//! What was asked and how it was answered, so that a test that asks nothing of interest fails.

use super::mutation::is_known;
use super::operation::{CLIENT_BOUND, Operation};
use super::schema::Schema;
use std::collections::{BTreeMap, BTreeSet};

/// Counts, over all rounds of a test.
#[derive(Default)]
pub struct Tally {
    /// Fields asked for: object and field.
    pub asked: BTreeSet<(String, String)>,
    /// How often each mutation was asked for.
    pub changes: BTreeMap<String, u32>,
    /// How often each mutation's input was sound: it was looked at, whatever came of it.
    sound: BTreeMap<String, u32>,
    /// How often each mutation went through, or would have.
    through: BTreeMap<String, u32>,
    /// Operations, and those answered with something client-bound, by viewer.
    viewers: BTreeMap<String, (u32, u32)>,
    /// Queries, and queries answered with an error.
    queries: (u32, u32),
}

impl Tally {
    /// Counts an operation and its answer.
    pub fn count(&mut self, who: &str, operation: &Operation, body: &str, through: bool) {
        let viewer = self.viewers.entry(who.split('@').next().unwrap_or(who).to_owned()).or_default();
        viewer.0 += 1;
        viewer.1 += u32::from(CLIENT_BOUND.iter().any(|tag| body.contains(&format!("\"{tag}_"))));
        match operation {
            Operation::Sound { kind: "mutation", roots } => {
                let name = &roots[0].name;
                *self.sound.entry(name.clone()).or_default() += u32::from(!body.contains("\"BAD_REQUEST\""));
                *self.through.entry(name.clone()).or_default() += u32::from(through);
            }
            Operation::Sound { .. } => {
                self.queries.0 += 1;
                self.queries.1 += u32::from(body.contains("\"errors\":"));
            }
            Operation::Raw(_) => {}
        }
    }

    /// In a few lines.
    pub fn told(&self) -> String {
        let sum = |of: &BTreeMap<String, u32>| of.values().sum::<u32>();
        format!(
            "{} queries ({} with an error), {} mutations ({} with a sound input, {} went through or would have), {} fields\n\
            by viewer (asked, with something of a client): {:?}\nwent through: {:?}",
            self.queries.0,
            self.queries.1,
            sum(&self.changes),
            sum(&self.sound),
            sum(&self.through),
            self.asked.len(),
            self.viewers,
            self.through
        )
    }

    /// What the whole of a test must have reached.
    pub fn must_have_reached_everything(&self, schema: &Schema) {
        let mut missing = Vec::new();
        for (object, field) in schema.every_field() {
            if !self.asked.contains(&(object.clone(), field.clone())) {
                missing.push(format!("{object}.{field} was never asked for"));
            }
        }
        for mutation in schema.fields("Mutation") {
            let name = &mutation.name;
            if !is_known(name) {
                missing.push(format!(
                    "the mutation {name} is new, and only checked until tests/two_worlds/mutation.rs says whether it may go \
                    through, and tests/two_worlds/hidden.rs which variations it opens"
                ));
            }
            if self.sound.get(name).is_none_or(|n| *n == 0) {
                missing.push(format!("no input of {name} was ever sound: see tests/two_worlds/value.rs"));
            }
        }
        // Whoever has a part in something is shown it, and many mutations go through; else the worlds are compared in nothing.
        for who in [
            "referrer",
            "cousin",
            "outside-worker",
            "partner-worker",
            "support-worker",
            "team-manager",
            "hub-coordinator",
        ] {
            let (asked, shown) = self.viewers.get(who).copied().unwrap_or_default();
            if shown * 20 < asked || asked == 0 {
                missing.push(format!("{who} was shown something of a client in {shown} of {asked} answers alone"));
            }
        }
        let (asked, through) = (self.changes.values().sum::<u32>(), self.through.values().sum::<u32>());
        if through * 20 < asked {
            missing.push(format!("only {through} of {asked} mutations went through"));
        }
        if self.queries.1 * 3 > self.queries.0 {
            missing.push(format!("{} of {} queries were refused", self.queries.1, self.queries.0));
        }
        assert!(missing.is_empty(), "{}\n{}", missing.join("\n"), self.told());
    }
}
