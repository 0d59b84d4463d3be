//! The matrix: every field of every client-bound type, as the schema lists them, for every role, basis and restriction, with all that
//! the basis can open and with half of it. What each cell must be is said in [`expected`], in the words of the rules and without
//! the code that enforces them; a field that nothing is said of fails. Who is asked, and what follows from that, is said in
//! [`asks`], and counted.

mod expected;
mod stage;

use crate::support::World;
use crate::support::fields::{Field, Held, Kind, Object, kind, objects, table};
use alliance::domain::category::Category;
use alliance::domain::code::Coded;
use alliance::domain::role::Role;
use expected::{Sight, entitles, expected, holds, usable};
use serde_json::Value;
use stage::{Half, PHASES, PLACES, Phase, ROLES, SHAPES, Shape, Stage};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::JoinSet;

/// The schema as the matrix walks it.
pub struct Schema {
    objects: BTreeMap<String, Object>,
    held: BTreeMap<(String, String), Held>,
}

impl Schema {
    fn new() -> Self {
        Self { objects: objects(), held: table() }
    }

    /// The part of an object that a field is, if it is one: no object of its own identity.
    fn part(&self, of: &str) -> bool {
        kind(of) == Some(Kind::ClientBound) && !self.objects[of].is_node
    }

    /// Whether the parts in a list are told apart by their category.
    fn is_keyed(&self, f: &Field) -> bool {
        f.list && self.part(&f.of) && self.objects[&f.of].fields.iter().any(|p| p.name == "category")
    }

    /// How many cells an object has, its parts included.
    fn cells(&self, of: &str, only: &[&str]) -> u64 {
        let fields = self.objects[of].fields.iter().filter(|f| only.is_empty() || only.contains(&f.name.as_str()));
        let each = fields.map(|f| match self.part(&f.of) {
            true if self.is_keyed(f) => 1 + Category::ALL.len() as u64 * (1 + self.cells(&f.of, &[])),
            true => 1 + self.cells(&f.of, &[]),
            false => 1,
        });
        each.sum()
    }

    /// Everything of a type: parts in full, links to other objects by their id.
    fn select(&self, of: &str, only: &[&str]) -> String {
        let fields = self.objects[of].fields.iter().filter(|f| only.is_empty() || only.contains(&f.name.as_str()));
        let each = fields.map(|f| match kind(&f.of) {
            None => f.name.clone(),
            Some(Kind::ClientBound) if self.objects[&f.of].is_node => format!("{} {{ id }}", f.name),
            Some(Kind::ClientBound) => format!("{} {{ {} }}", f.name, self.select(&f.of, &[])),
            Some(Kind::Carrier) => format!("{}(first: 50) {{ totalCount nodes {{ id }} }}", f.name),
            Some(Kind::Plain) => format!("{} {{ __typename }}", f.name),
        });
        each.collect::<Vec<_>>().join(" ")
    }

    /// One document that asks for every place.
    fn document(&self) -> String {
        let places = PLACES.iter().map(|p| {
            let selection = self.select(p.of, p.only);
            match p.root {
                "node" => format!("{}: node(id: ${}) {{ ... on {} {{ {selection} }} }}", p.name, p.name, p.of),
                "explainAccess" => {
                    format!("{}: explainAccess(clientId: $client, category: HOUSING) {{ {selection} }}", p.name)
                }
                root => format!("{}: {root}(id: ${}) {{ {selection} }}", p.name, p.name),
            }
        });
        let variables = PLACES.iter().filter(|p| p.root != "explainAccess").map(|p| format!("${}: ID!", p.name));
        format!(
            "query Matrix({}) {{ {} }}",
            variables.collect::<Vec<_>>().join(", "),
            places.collect::<Vec<_>>().join(" ")
        )
    }
}

/// Whether a value shows anything.
fn shows(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(all) => !all.is_empty(),
        // What stands for a name that is not told.
        Value::String(text) => !["", "an organisation", "somebody"].contains(&text.as_str()),
        Value::Object(page) if page.contains_key("totalCount") => shows(&page["nodes"]),
        _ => true,
    }
}

/// Several objects as one that shows what any of them shows.
fn merged<'a>(all: impl Iterator<Item = &'a Value>) -> Value {
    let mut one = serde_json::Map::new();
    for (key, value) in all.filter_map(Value::as_object).flatten() {
        match one.get(key) {
            Some(Value::Object(_)) if value.is_object() => {
                let both = merged([one[key].clone(), value.clone()].iter());
                one.insert(key.clone(), both);
            }
            Some(there) if shows(there) => {}
            _ => drop(one.insert(key.clone(), value.clone())),
        }
    }
    if one.is_empty() { Value::Null } else { Value::Object(one) }
}

/// What the cells came to.
#[derive(Default)]
struct Tally {
    cells: u64,
    shown: u64,
    wrong: Vec<String>,
    untold: BTreeSet<String>,
    seen: BTreeSet<String>,
    withheld: BTreeSet<String>,
    /// The places, and fields that lead to a part, that were walked field by field when nothing was there.
    told: BTreeSet<(&'static str, String)>,
}

/// One viewer's answer, compared cell by cell.
struct Walk<'a> {
    schema: &'a Schema,
    sight: &'a Sight,
    place: &'static str,
    tally: &'a mut Tally,
}

impl Walk<'_> {
    fn cell(&mut self, of: &str, field: &str, category: Option<Category>, expects: bool, value: &Value) -> bool {
        self.tally.cells += 1;
        let key = format!("{of}.{field}");
        let shown = shows(value);
        if shown {
            self.tally.shown += 1;
            self.tally.seen.insert(key.clone());
        } else {
            self.tally.withheld.insert(key.clone());
        }
        if shown != expects && self.tally.wrong.len() < 60 {
            let category = category.map_or("", Coded::code);
            let verdict = if expects { "is withheld" } else { "is shown" };
            self.tally.wrong.push(format!("{:?} at {}: {key} {category} {verdict}: {value}", self.sight, self.place));
        }
        expects && shown
    }

    /// Compares an object's fields, and those of its parts; `there` says whether the object is.
    fn object(&mut self, of: &str, via: &str, only: &[&str], within: Option<Category>, there: bool, value: &Value) {
        let schema = self.schema;
        for f in &schema.objects[of].fields {
            if !only.is_empty() && !only.contains(&f.name.as_str()) {
                continue;
            }
            let held = schema.held[&(of.to_owned(), f.name.clone())];
            let own = match held {
                Held::One(Category::Involvement) => within,
                Held::One(c) if of == "Client" => Some(c),
                _ => within,
            };
            let (part, keyed) = (schema.part(&f.of), schema.is_keyed(f));
            let key = format!("{of}.{}", f.name);
            let Some(expects) = expected(self.sight, self.place, via, &key, own) else {
                self.tally.untold.insert(key);
                continue;
            };
            let found = &value[&f.name];
            if let Some(total) = found["totalCount"].as_u64() {
                assert_eq!(found["nodes"].as_array().map(Vec::len), usize::try_from(total).ok(), "{key}");
            }
            let is = self.cell(of, &f.name, own, there && expects, found);
            if keyed {
                for c in Category::ALL {
                    let of_category = found.as_array().into_iter().flatten().filter(|v| v["category"] == c.code());
                    let one = merged(of_category);
                    let Some(expects) = expected(self.sight, self.place, via, &format!("{key}[]"), Some(*c)) else {
                        self.tally.untold.insert(format!("{key}[]"));
                        break;
                    };
                    let is = self.cell(of, &format!("{}[]", f.name), Some(*c), is && expects, &one);
                    self.part(&f.of, &key, Some(*c), is, &one);
                }
            } else if part {
                let one = if f.list { merged(found.as_array().into_iter().flatten()) } else { found.clone() };
                self.part(&f.of, &key, own, is, &one);
            }
        }
    }
}

impl Walk<'_> {
    /// A part of an object. Of one that is not there, and must not be, nothing can show: its cells are right, and counted.
    fn part(&mut self, of: &str, via: &str, within: Option<Category>, there: bool, value: &Value) {
        if !there && value.is_null() && !self.tally.told.insert((self.place, via.to_owned())) {
            self.tally.cells += self.schema.cells(of, &[]);
            return;
        }
        self.object(of, via, &[], within, there, value);
    }
}

/// Types that are no place's and no part of one.
fn unreached(schema: &Schema) -> Vec<String> {
    let mut reached: BTreeSet<String> = PLACES.iter().map(|p| p.of.to_owned()).collect();
    loop {
        let parts = reached.iter().flat_map(|of| &schema.objects[of].fields).filter(|f| {
            kind(&f.of) == Some(Kind::ClientBound) && !schema.objects[&f.of].is_node && !reached.contains(&f.of)
        });
        let more: Vec<_> = parts.map(|f| f.of.clone()).collect();
        if more.is_empty() {
            break;
        }
        reached.extend(more);
    }
    let all = schema.objects.keys().filter(|name| kind(name) == Some(Kind::ClientBound));
    all.filter(|name| !reached.contains(*name)).cloned().collect()
}

/// Whether somebody is asked. What others would be told follows from what these are:
///
/// - A restriction only takes: whose role can use nothing of the basis, and sees nothing without one, is asked without one alone.
/// - Half opens no more than the whole: where the whole opens nothing, half is not asked.
/// - A role decides whether a basis can be used, not which categories it opens, nor what is told of a restriction: with half, and where a
///   restriction takes nothing, or the same as another, those who can use the basis take turns.
fn asks(shape: &'static Shape, role: Role, phase: Phase, half: Half) -> bool {
    let has_its_turn = || {
        let can: Vec<_> = ROLES.iter().filter(|r| usable(**r, shape.name)).collect();
        let turn = PHASES.iter().position(|p| *p == phase).expect("a phase") % can.len();
        *can[turn] == role
    };
    match (half, phase) {
        (Half::Whole, Phase::None) => true,
        (Half::Whole, _) if entitles(role, shape.name) || holds(role, shape.name) => true,
        (
            Half::Whole,
            Phase::SealedNotNamed | Phase::ObjectionOrganisation | Phase::ObjectionPerson | Phase::ProtectedNotNamed,
        ) => usable(role, shape.name),
        (Half::Whole, _) => has_its_turn(),
        (Half::Half, _) => has_its_turn() && Sight::new(shape, role, phase, half).works(),
    }
}

async fn every_field_opens_as_the_rules_say(world: World) {
    let began = std::time::Instant::now();
    let schema = Arc::new(Schema::new());
    assert_eq!(unreached(&schema), Vec::<String>::new(), "say in tests/matrix/stage.rs where these are read");
    let document: Arc<str> = schema.document().into();
    let stage = Arc::new(Stage::of(world).await);
    let (mut tally, mut asked_of) = (Tally::default(), 0_u64);
    for half in [Half::Whole, Half::Half] {
        stage.open(half).await;
        for phase in PHASES {
            let restriction = stage.restrict(*phase).await;
            let mut asked = JoinSet::new();
            let everybody = SHAPES.iter().flat_map(|s| ROLES.iter().map(move |r| (s, *r)));
            let mut all = everybody.filter(|(s, r)| asks(s, *r, *phase, half));
            loop {
                while asked.len() < 4
                    && let Some((shape, role)) = all.next()
                {
                    let (stage, document) = (Arc::clone(&stage), Arc::clone(&document));
                    let ids = stage.ids(restriction.as_deref(), shape, role);
                    asked_of += 1;
                    asked.spawn(async move {
                        let who = shape.member(role);
                        (Sight::new(shape, role, *phase, half), stage.world.data(&who, &document, ids).await)
                    });
                }
                let Some(done) = asked.join_next().await else { break };
                let (sight, answer) = done.expect("it does not panic");
                for p in PLACES {
                    let there = sight.is_there(p.name);
                    let value = &answer[p.name];
                    let mut walk = Walk { schema: &schema, sight: &sight, place: p.name, tally: &mut tally };
                    let is = walk.cell(p.of, p.name, None, there, value);
                    if is || !value.is_null() || walk.tally.told.insert((p.name, String::new())) {
                        walk.object(p.of, "", p.only, None, is, value);
                    } else {
                        walk.tally.cells += schema.cells(p.of, p.only);
                    }
                }
            }
            stage.lift().await;
        }
    }
    assert!(tally.untold.is_empty(), "say in tests/matrix/expected.rs when these are shown: {:#?}", tally.untold);
    assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
    let never: Vec<_> =
        schema.held.keys().map(|(of, f)| format!("{of}.{f}")).filter(|k| !tally.seen.contains(k)).collect();
    assert!(never.is_empty(), "the client of the stage has no data for these: {never:#?}");
    let always: Vec<_> =
        schema.held.keys().map(|(of, f)| format!("{of}.{f}")).filter(|k| !tally.withheld.contains(k)).collect();
    assert!(always.is_empty(), "these were never withheld from anybody: {always:#?}");
    // Every sight has the same cells: so many stand for all of them.
    let sights = (SHAPES.len() * ROLES.len() * PHASES.len() * 2) as u64;
    println!(
        "matrix: {} cells on {:?}, {} of them shown, all as the rules say, for {}; {} fields, {asked_of} sights of {sights}; {:.1} s",
        tally.cells,
        stage.world.backend,
        tally.shown,
        tally.cells / asked_of * sights,
        schema.held.len(),
        began.elapsed().as_secs_f32(),
    );
    assert_eq!(tally.cells % asked_of, 0, "every sight has the same cells");
    assert!(tally.cells > 400_000, "{} cells", tally.cells);
    assert!(tally.cells / asked_of * sights > 2_000_000, "{sights} sights");
}

on_both_databases!(every_field_opens_as_the_rules_say);
