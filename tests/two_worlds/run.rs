//! One round: operations asked in both worlds at the same moment, and their answers compared.

use super::chance::{Dice, mix};
use super::growth::{Grown, grow};
use super::hidden::differ;
use super::known::Ids;
use super::mutation::Kept;
use super::operation::{Generator, Operation, Selected, Sent};
use super::pair::Pair;
use super::people::{People, Round};
use super::schema::Schema;
use super::tally::Tally;
use crate::support::{Backend, World};
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

/// An answer down to the last byte, and the statements it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub statements: u64,
}

/// A viewer, and what they know.
pub struct Viewer {
    pub name: String,
    seen: Ids,
    kept: Vec<Kept>,
}

/// A round going on.
pub struct Run {
    pub pair: Pair,
    pub round: Round,
    pub people: People,
    pub grown: Grown,
    pub viewers: Vec<Viewer>,
    backend: Backend,
    dice: Dice,
    made: Vec<String>,
    /// Mutations that are only checked.
    pub held: Vec<&'static str>,
    through: Vec<String>,
    asked: usize,
}

/// What a viewer is asked for first, so that there is something to ask on about.
const FIRST_LOOK: &str = "query First { viewer { personId } referrals(first: 100) { nodes { id version offers { id } signposts { id version } } } \
    sharedCases(first: 100) { nodes { id version members { id version } signposts { id version } notes(first: 20) { nodes { id version } } } } \
    clients(first: 50) { totalCount nodes { id consents { id } name { entryId version } housing { entryId version } } } }";

impl Run {
    /// Two worlds, grown and set apart; none without the database.
    pub async fn begin(backend: Backend, round: Round) -> Option<Self> {
        let mut pair = Pair::new(backend, round.seed).await?;
        let mut dice = Dice(mix(&[round.seed, 1]));
        let people = People::join(&mut pair).await;
        let grown = grow(&mut pair, &round, &people, &mut dice).await;
        let (made, held) = differ(&mut pair, &round, &people, &grown, &mut dice).await;
        let viewers = people.viewers(round.group);
        let viewers =
            viewers.into_iter().map(|name| Viewer { name, seen: Ids::default(), kept: Vec::new() }).collect();
        pair.pause().await;
        let dice = Dice(mix(&[round.seed, 2]));
        Some(Self { pair, round, people, grown, viewers, backend, dice, made, held, through: Vec::new(), asked: 0 })
    }

    /// Asks so many operations of this round's viewers; the first difference, told in full.
    pub async fn go(&mut self, schema: &Schema, tally: &mut Tally, operations: usize) -> Result<(), String> {
        for at in 0..self.viewers.len() {
            self.one(at, Operation::fixed(FIRST_LOOK), false, tally).await?;
        }
        for _ in 0..operations {
            let at = self.dice.below(self.viewers.len());
            self.random(schema, tally, at).await?;
        }
        Ok(())
    }

    /// Asks one random operation of a viewer.
    pub async fn random(&mut self, schema: &Schema, tally: &mut Tally, at: usize) -> Result<(), String> {
        let viewer = &self.viewers[at];
        let operation = Generator {
            schema,
            dice: &mut self.dice,
            viewer: &viewer.name,
            seen: &viewer.seen,
            all: &self.pair.all,
            asked: &mut tally.asked,
            changes: &mut tally.changes,
            kept: &viewer.kept,
            held: &self.held,
        }
        .operation();
        let change = change_of(&operation);
        let replay = change
            .as_ref()
            .is_some_and(|(name, input)| viewer.kept.iter().any(|k| k.done && k.name == *name && k.input == *input));
        let through = self.one(at, operation, replay, tally).await?;
        if let Some((name, input)) = change
            && input["idempotencyKey"].is_string()
        {
            let done = through && input["validateOnly"] != true;
            self.viewers[at].kept.retain(|k| k.input["idempotencyKey"] != input["idempotencyKey"] || k.done);
            self.viewers[at].kept.push(Kept { name, input, done });
        }
        Ok(())
    }

    /// Asks one operation in both worlds and compares; tells whether a mutation went through.
    async fn one(
        &mut self,
        at: usize,
        operation: Operation,
        replay: bool,
        tally: &mut Tally,
    ) -> Result<bool, String> {
        self.asked += 1;
        let moment = self.pair.turn();
        let who = self.viewers[at].name.clone();
        let answers = self.both(&who, &operation.sent()).await;
        let body: Value = serde_json::from_str(&answers[0].body).unwrap_or(Value::Null);
        let through = went_through(&body);
        tally.count(&who, &operation, &answers[0].body, through);
        // What a mutation that goes through writes about a client depends on all that is there of them; its answer does not.
        let counted = !through || replay;
        if apart(&answers, counted) {
            let least = match &operation {
                Operation::Sound { kind: "query", roots } => self.least(&who, moment, roots.clone()).await,
                _ => None,
            };
            return Err(self.told(&who, &operation, &answers, least));
        }
        if answers[0].status >= 500 || answers[0].body.contains("\"INTERNAL\"") {
            return Err(self.told(&who, &operation, &answers, None));
        }
        if through {
            if let Some((name, _)) = change_of(&operation) {
                self.through.push(format!("{who}: {name}"));
            }
            self.pair.settle().await;
        }
        self.viewers[at].seen.harvest(&body);
        self.pair.all.harvest(&body);
        Ok(through)
    }

    async fn both(&self, who: &str, sent: &Sent) -> [Answer; 2] {
        let [one, two] = &self.pair.worlds;
        let (one, two) = tokio::join!(ask(one, who, sent), ask(two, who, sent));
        [one, two]
    }

    /// The least of a query that still makes a difference: fields are left out one by one.
    async fn least(&self, who: &str, moment: i64, mut roots: Vec<Selected>) -> Option<(String, [Answer; 2])> {
        let mut found = None;
        let mut path = 0;
        for _ in 0..400 {
            let mut fewer = roots.clone();
            let mut place = path;
            if !leave_out(&mut fewer, &mut place) {
                break;
            }
            let sent = Operation::Sound { kind: "query", roots: fewer.clone() }.sent();
            self.pair.turn_to(moment);
            let answers = self.both(who, &sent).await;
            let sound = !answers[0].body.contains("\"errors\"");
            if sound && apart(&answers, true) {
                roots = fewer;
                found = Some((sent.body, answers));
            } else {
                path += 1;
            }
        }
        found
    }

    fn told(
        &self,
        who: &str,
        operation: &Operation,
        answers: &[Answer; 2],
        least: Option<(String, [Answer; 2])>,
    ) -> String {
        let backend = format!("{:?}", self.backend).to_lowercase();
        let mut text = format!(
            "The two worlds answer {who} differently, or not at all, in operation {} of round {} ({:?}, held back: {:?}).\nAgain: \
            ALLIANCE_TWO_WORLDS_ROUND={} {}cargo test --test alliance-tests -- two_worlds::apart::{backend}\n\
            If the answer may lawfully differ: say in tests/two_worlds/hidden.rs which mutation opens the variation, or in \
            operation.rs which field may differ for whom.\n",
            self.asked,
            self.round.number,
            self.round.group,
            self.held,
            self.round.number,
            std::env::var("ALLIANCE_TWO_WORLDS_SEED")
                .map_or_else(|_| String::new(), |s| format!("ALLIANCE_TWO_WORLDS_SEED={s} ")),
        );
        text.push_str(&format!("\nasked: {}\n", operation.sent().body));
        tell(&mut text, answers);
        if let Some((body, answers)) = least {
            text.push_str(&format!("\nthe least of it: {body}\n"));
            tell(&mut text, &answers);
        }
        text.push_str(&format!("\nhidden from them:\n  {}\n", self.made.join("\n  ")));
        let from = self.through.len().saturating_sub(12);
        text.push_str(&format!("\nlast mutations that went through:\n  {}\n", self.through[from..].join("\n  ")));
        text
    }
}

fn tell(text: &mut String, answers: &[Answer; 2]) {
    for (world, a) in answers.iter().enumerate() {
        text.push_str(&format!("world {world}: {} in {} statements: {}\n", a.status, a.statements, a.body));
    }
    if answers[0].headers != answers[1].headers {
        text.push_str(&format!("headers: {:?}\n     and {:?}\n", answers[0].headers, answers[1].headers));
    }
}

/// Whether two answers differ.
fn apart([one, two]: &[Answer; 2], counted: bool) -> bool {
    (one.status, &one.headers, &one.body) != (two.status, &two.headers, &two.body)
        || (counted && one.statements != two.statements)
}

/// Leaves out the field at this place, counted in order; `false` when there is none.
fn leave_out(all: &mut Vec<Selected>, place: &mut usize) -> bool {
    for at in 0..all.len() {
        if *place == 0 {
            all.remove(at);
            return true;
        }
        *place -= 1;
        let had_some = !all[at].of.is_empty();
        if leave_out(&mut all[at].of, place) {
            // An object without fields is no sound selection.
            if had_some && all[at].of.is_empty() {
                all.remove(at);
            }
            return true;
        }
    }
    false
}

fn change_of(operation: &Operation) -> Option<(String, Value)> {
    match operation {
        Operation::Sound { kind: "mutation", roots } => {
            roots.first().map(|r| (r.name.clone(), r.arguments[0].2.clone()))
        }
        _ => None,
    }
}

/// Whether a mutation went through, or would have: nothing is wrong with it.
fn went_through(body: &Value) -> bool {
    let fields = body["data"].as_object();
    fields.is_some_and(|f| f.values().any(|payload| payload["userErrors"].as_array().is_some_and(Vec::is_empty)))
}

async fn ask(world: &World, who: &str, sent: &Sent) -> Answer {
    let before = world.statements();
    let mut request = Request::builder().method(sent.method).uri("/graphql");
    if sent.signed_in {
        request = request.header("authorization", format!("Bearer {}", world.token(who)));
    }
    for (name, value) in [("content-type", sent.content_type), ("accept", sent.accept)] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    let request = request.body(Body::from(sent.body.clone())).expect("a request");
    let (status, headers, bytes) = world.send(request).await;
    // The request's own id is drawn from the world's randomness, and so is the same in both.
    let mut headers: Vec<_> =
        headers.iter().filter(|(n, _)| *n != "date").map(|(n, v)| (n.to_string(), format!("{v:?}"))).collect();
    headers.sort();
    let body = String::from_utf8(bytes).expect("text");
    Answer { status: status.as_u16(), headers, body, statements: world.statements() - before }
}
