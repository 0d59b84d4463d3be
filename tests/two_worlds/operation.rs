//! Operations, generated at random from the schema.

use super::chance::Dice;
use super::known::{Ids, some_id, tag_named};
use super::mutation::Kept;
use super::schema::{Field, Schema, Type};
use super::value::Values;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One field of a selection, or a fragment on a type.
#[derive(Clone, Debug)]
pub struct Selected {
    pub alias: Option<String>,
    /// A field's name, or `... on Type`.
    pub name: String,
    /// Name, type as written, value.
    pub arguments: Vec<(String, String, Value)>,
    pub of: Vec<Selected>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Roots of a query or of a mutation.
    Sound { kind: &'static str, roots: Vec<Selected> },
    /// A body as it is, sound or not.
    Raw(Sent),
}

/// A request as it is sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub method: &'static str,
    pub content_type: Option<&'static str>,
    pub accept: Option<&'static str>,
    pub signed_in: bool,
    pub body: String,
}

impl Sent {
    /// An ordinary request with this body.
    pub fn body(body: String) -> Self {
        Self { method: "POST", content_type: Some("application/json"), accept: None, signed_in: true, body }
    }
}

impl Operation {
    /// A document with nothing random about it.
    pub fn fixed(query: &str) -> Self {
        Self::Raw(Sent::body(json!({ "query": query }).to_string()))
    }

    /// As it is sent.
    pub fn sent(&self) -> Sent {
        match self {
            Self::Raw(sent) => sent.clone(),
            Self::Sound { kind, roots } => {
                let (document, variables) = written(kind, roots);
                Sent::body(json!({ "query": document, "variables": variables }).to_string())
            }
        }
    }
}

fn written(kind: &str, roots: &[Selected]) -> (String, Value) {
    let (mut declared, mut variables) = (Vec::new(), Map::new());
    let selection = selection(roots, &mut declared, &mut variables);
    let declared = if declared.is_empty() { String::new() } else { format!("({})", declared.join(", ")) };
    (format!("{kind} Random{declared} {{ {selection} }}"), Value::Object(variables))
}

fn selection(all: &[Selected], declared: &mut Vec<String>, variables: &mut Map<String, Value>) -> String {
    let mut parts = Vec::new();
    for s in all {
        let mut part = s.alias.as_ref().map_or_else(String::new, |a| format!("{a}: "));
        part.push_str(&s.name);
        let mut given = Vec::new();
        for (name, ty, value) in &s.arguments {
            let variable = format!("v{}", declared.len());
            declared.push(format!("${variable}: {ty}"));
            given.push(format!("{name}: ${variable}"));
            variables.insert(variable, value.clone());
        }
        if !given.is_empty() {
            part.push_str(&format!("({})", given.join(", ")));
        }
        if !s.of.is_empty() {
            part.push_str(&format!(" {{ {} }}", selection(&s.of, declared, variables)));
        }
        parts.push(part);
    }
    parts.join(" ")
}

/// Fields that may differ between the worlds for a viewer, with the reason: object, field, viewer.
///
/// A field whose very purpose is to tell somebody of what is hidden from their ordinary sight, such as an audit of one's own
/// organisation, is named here for whom it serves, and is not asked for in their name.
const MAY_DIFFER: &[(&str, &str, &str)] = &[
    // C12: who is entitled asks which grants open a category and which restrictions stand, whoever's they are: among them those of
    // partners and of consents that other sight never tells of.
    ("AccessExplanation", "grants", "team-manager"),
    ("AccessExplanation", "restrictions", "team-manager"),
    // C12: a lead is entitled while the organisation works with somebody, and sees nothing else of the case: whether there is
    // an explanation tells them that it is open.
    ("Query", "explainAccess", "safeguarding-lead"),
    ("Query", "explainAccess", "information-governance"),
];

/// Tags of what is bound to a client.
pub const CLIENT_BOUND: &[&str] = &[
    "client",
    "referral",
    "case",
    "consent",
    "note",
    "entry",
    "signpost",
    "proxy",
    "basis",
    "gateway",
    "hold",
    "disclosure",
    "restriction",
    "inbox",
    "override",
];

/// Makes operations.
pub struct Generator<'a> {
    pub schema: &'a Schema,
    pub dice: &'a mut Dice,
    pub viewer: &'a str,
    pub seen: &'a Ids,
    pub all: &'a Ids,
    /// Fields asked for so far, in any operation of the test.
    pub asked: &'a mut BTreeSet<(String, String)>,
    /// How often each mutation was asked for.
    pub changes: &'a mut BTreeMap<String, u32>,
    /// What this viewer did under a key.
    pub kept: &'a [Kept],
    /// Mutations that are only checked in this round.
    pub held: &'a [&'a str],
}

impl Generator<'_> {
    /// The next operation.
    pub fn operation(&mut self) -> Operation {
        match self.dice.below(100) {
            0..55 => self.read(),
            55..92 => self.change(),
            _ => self.broken(),
        }
    }

    /// A query.
    pub fn read(&mut self) -> Operation {
        let fields: Vec<_> = self.schema.fields("Query").iter().filter(|f| self.may_ask("Query", f)).collect();
        let count = if self.dice.chance(70) { 1 } else { 2 };
        let mut room = 40;
        let roots = (0..count)
            .map(|i| {
                let fresh: Vec<_> = fields.iter().filter(|f| self.is_fresh("Query", f)).collect();
                // Mostly what leads to something the viewer has seen.
                let leads =
                    |f: &&&Field| self.tag_of(f).is_some_and(|tag| CLIENT_BOUND.contains(&tag) && self.seen.has(tag));
                let mut among: Vec<_> = fields.iter().filter(leads).collect();
                if among.is_empty() || self.dice.chance(35) {
                    among = if fresh.is_empty() { fields.iter().collect() } else { fresh };
                }
                let field = **self.dice.pick(&among);
                let depth = 2 + self.dice.below(4);
                let mut root = self.select("Query", field, depth, &mut room);
                root.alias = (i > 0).then(|| format!("root{i}"));
                root
            })
            .collect();
        Operation::Sound { kind: "query", roots }
    }

    pub(super) fn values(&mut self) -> Values<'_> {
        Values { schema: self.schema, dice: self.dice, seen: self.seen, all: self.all }
    }

    /// The tag of what a root leads to, by its type or its name.
    fn tag_of(&self, field: &Field) -> Option<&'static str> {
        let named = field.ty.name();
        tag_named(named.strip_suffix("Connection").unwrap_or(named))
    }

    fn may_ask(&self, of: &str, field: &Field) -> bool {
        !MAY_DIFFER.contains(&(of, field.name.as_str(), self.viewer))
    }

    fn is_fresh(&self, of: &str, field: &Field) -> bool {
        !self.asked.contains(&(of.to_owned(), field.name.clone()))
    }

    /// Whether something of an object was never asked for.
    fn leads_to_fresh(&self, of: &str) -> bool {
        match self.schema.get(of) {
            Type::Abstract(possible) => possible.iter().any(|of| self.leads_to_fresh(of)),
            _ => self.schema.fields(of).iter().any(|f| self.may_ask(of, f) && self.is_fresh(of, f)),
        }
    }

    /// A field with arguments and, if it is an object, a selection of its own.
    pub(super) fn select(&mut self, of: &str, field: &Field, depth: usize, room: &mut usize) -> Selected {
        self.asked.insert((of.to_owned(), field.name.clone()));
        *room = room.saturating_sub(1);
        let named = field.ty.name();
        let nested = if self.schema.is_leaf(named) { Vec::new() } else { self.selection(named, depth, room) };
        Selected { alias: None, name: field.name.clone(), arguments: self.arguments(field), of: nested }
    }

    fn arguments(&mut self, field: &Field) -> Vec<(String, String, Value)> {
        let backwards = self.dice.chance(15);
        // The two ends of a page exclude each other; sometimes both are asked for all the same.
        let wild = self.dice.chance(4);
        let item = field.ty.name().strip_suffix("Connection");
        let mut given = Vec::new();
        for a in &field.arguments {
            let chance = match a.name.as_str() {
                "first" | "after" if backwards && !wild => 0,
                "last" | "before" if !backwards && !wild => 0,
                "first" | "last" => 85,
                _ => 40,
            };
            let value = match a.name.as_str() {
                "after" | "before" if chance > 0 && self.dice.chance(45) => {
                    Some(json!(some_id(item.and_then(tag_named), self.seen, self.all, self.dice)))
                }
                "after" | "before" => None,
                // A root takes ids of what it is named after.
                "id" => Some(json!(some_id(tag_named(&field.name), self.seen, self.all, self.dice))),
                _ => self.values().of(a, chance),
            };
            if let Some(value) = value {
                given.push((a.name.clone(), a.ty.written(), value));
            }
        }
        given
    }

    fn selection(&mut self, named: &str, depth: usize, room: &mut usize) -> Vec<Selected> {
        let name = Selected { alias: None, name: "__typename".into(), arguments: Vec::new(), of: Vec::new() };
        if let Type::Abstract(possible) = self.schema.get(named) {
            let mut all = vec![name];
            // What was never asked for comes first: there may be no room left for the last.
            let (fresh, known): (Vec<_>, Vec<_>) = possible.iter().partition(|of| self.leads_to_fresh(of));
            for of in fresh.into_iter().chain(known) {
                if self.dice.chance(if self.leads_to_fresh(of) { 90 } else { 45 }) {
                    let of_it = self.selection(of, depth.min(2), room);
                    all.push(Selected {
                        alias: None,
                        name: format!("... on {of}"),
                        arguments: Vec::new(),
                        of: of_it,
                    });
                }
            }
            return all;
        }
        let mut all = Vec::new();
        // Connections and edges are no step further.
        let carrier = ["Connection", "Edge"].iter().any(|end| named.ends_with(end));
        let below = if carrier { depth } else { depth.saturating_sub(1) };
        for field in self.schema.fields(named) {
            let of = field.ty.name();
            let leaf = self.schema.is_leaf(of) || self.schema.ends_here(of);
            let chance = match (leaf, self.is_fresh(named, field) || self.leads_to_fresh(of)) {
                _ if *room == 0 || !self.may_ask(named, field) => 0,
                (false, _) if depth == 0 => 0,
                (_, true) => 80,
                (true, _) => 40,
                (false, _) if carrier => 55,
                (false, _) => 36,
            };
            if self.dice.chance(chance) {
                let mut one = self.select(named, field, below, room);
                if self.dice.chance(4) {
                    one.alias = Some(format!("x{room}"));
                }
                all.push(one);
            }
        }
        if all.is_empty() || self.dice.chance(10) {
            all.push(name);
        }
        all
    }

    /// Something that does not read, or is not for this endpoint.
    fn broken(&mut self) -> Operation {
        let Operation::Sound { kind, roots } = self.read() else { unreachable!("a query is sound") };
        let (document, variables) = written(kind, &roots);
        let whole = |query: &str| Sent::body(json!({ "query": query, "variables": variables }).to_string());
        let at = self.dice.below(document.len());
        let cut = document.chars().enumerate().filter(|(i, _)| *i != at).map(|(_, c)| c).collect::<String>();
        let fine = whole(&document);
        Operation::Raw(match self.dice.below(12) {
            0 => whole(&cut),
            1 => whole(&document[..document.floor_char_boundary(at)]),
            2 => whole(&document.replace("id", "secretNotes")),
            3 => whole(&document.replacen('{', "{ healthOfEverybody", 1)),
            4 => Sent::body(json!({ "query": document, "variables": {} }).to_string()),
            5 => Sent::body(json!({ "query": document, "variables": { "v0": { "a": [1] } } }).to_string()),
            6 => Sent::body(
                json!({ "query": document, "variables": variables, "operationName": "Absent" }).to_string(),
            ),
            7 => Sent::body(fine.body[..fine.body.floor_char_boundary(fine.body.len() / 2)].to_owned()),
            8 => Sent { content_type: Some("text/plain"), ..fine },
            9 => Sent { signed_in: false, ..fine },
            10 => Sent { method: "GET", ..fine },
            _ => Sent { accept: Some("application/graphql-response+json"), ..fine },
        })
    }
}
