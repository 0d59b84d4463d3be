//! Values of every input type, made by type and name.

use super::chance::Dice;
use super::known::{BIRTHS, FAMILIES, GIVEN, Ids, some_id, tag_named};
use super::schema::{Argument, Schema, Ty, Type};
use alliance::http::authentication::DEVELOPMENT_ISSUER;
use alliance::service::demo;
use serde_json::{Map, Value, json};

/// Lengths of pages, some of which are none.
const PAGES: &[i32] = &[1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6, 20, 20, 100, 0, 101];

/// What values are made from.
pub struct Values<'a> {
    pub schema: &'a Schema,
    pub dice: &'a mut Dice,
    /// What the viewer has seen.
    pub seen: &'a Ids,
    /// Everything there is or was, in either world.
    pub all: &'a Ids,
}

impl Values<'_> {
    /// A value of a type; `None` where it is left out.
    pub fn of(&mut self, argument: &Argument, filled: usize) -> Option<Value> {
        match &argument.ty {
            Ty::Required(ty) => Some(self.some(&argument.name, ty)),
            ty if self.dice.chance(filled) => Some(self.some(&argument.name, ty)),
            _ if self.dice.chance(5) => Some(Value::Null),
            _ => None,
        }
    }

    fn some(&mut self, name: &str, ty: &Ty) -> Value {
        match ty {
            Ty::Required(ty) => self.some(name, ty),
            Ty::List(of) => {
                let length = match self.dice.below(20) {
                    0 => 0,
                    n => 1 + n % 3,
                };
                Value::Array((0..length).map(|_| self.some(name, of)).collect())
            }
            Ty::Named(named) => match self.schema.get(named) {
                Type::Enum(values) => json!(self.dice.pick(values)),
                Type::Input { one_of, fields } => Value::Object(self.object(*one_of, fields)),
                Type::Scalar => self.scalar(name, named),
                _ => panic!("{named} is no type of an input"),
            },
        }
    }

    /// An input object; the conventions' own fields are the operation's to set.
    pub fn object(&mut self, one_of: bool, fields: &[Argument]) -> Map<String, Value> {
        let mut made = Map::new();
        if one_of {
            let one = self.dice.pick(fields).clone();
            made.insert(one.name.clone(), self.some(&one.name, &one.ty));
            return made;
        }
        for field in
            fields.iter().filter(|f| !["idempotencyKey", "validateOnly", "version"].contains(&f.name.as_str()))
        {
            if let Some(value) = self.of(field, 40) {
                made.insert(field.name.clone(), value);
            }
        }
        if made.contains_key("givenBy") && self.dice.chance(85) {
            self.given_as_said(&mut made);
        }
        if fields.iter().any(|f| f.name == "version") {
            // Mostly the version read of what the input names, so that the mutation gets further than a conflict.
            let names =
                made.values().flat_map(|v| v.as_object().map_or_else(|| vec![v], |one| one.values().collect()));
            let read = names.filter_map(Value::as_str).find_map(|id| self.seen.version(id));
            let any = i64::try_from(self.dice.below(5)).expect("small");
            made.insert("version".into(), json!(read.filter(|_| self.dice.chance(85)).unwrap_or(any)));
        }
        made
    }

    /// A consent given by whom it says: what goes with a proxy, or with a decision in its place, is there exactly then.
    fn given_as_said(&mut self, made: &mut Map<String, Value>) {
        let by = made["givenBy"].as_str().unwrap_or_default().to_owned();
        for field in ["proxyId", "proxyName", "decidedBy", "decisionReason"] {
            made.remove(field);
        }
        if by == "BEST_INTERESTS_DECISION" {
            made.insert("decidedBy".into(), json!(self.text("name")));
            made.insert("decisionReason".into(), json!(self.text("reason")));
        } else if by != "CLIENT" {
            let name = if self.dice.chance(60) { "proxyId" } else { "proxyName" };
            let value = if name == "proxyId" { self.scalar(name, "ID") } else { json!(self.text("name")) };
            made.insert(name.into(), value);
        }
        let how = if by == "BEST_INTERESTS_DECISION" { "BEST_INTERESTS" } else { "VERBAL" };
        made.insert("givenHow".into(), json!(how));
    }

    fn scalar(&mut self, name: &str, scalar: &str) -> Value {
        let dice = &mut *self.dice;
        match scalar {
            "ID" => json!(some_id(tag_named(name), self.seen, self.all, dice)),
            "Boolean" => json!(dice.chance(50)),
            "Float" => json!(0.5),
            "Int" => match name {
                "first" | "last" => json!(*dice.pick(PAGES)),
                "hours" => json!(*dice.pick(&[1, 4, 24, 25, 0])),
                _ => json!(*dice.pick(&[0, 1, 120_000, -1, 2_147_483_647])),
            },
            "Date" if dice.chance(10) => json!("2026-02-30"),
            "Date" => match name {
                "withholdUntil" => json!(*dice.pick(&["2026-06-30", "2027-01-01", "2020-01-01"])),
                "diedOn" => json!(*dice.pick(&["2026-03-31", "2026-04-01", "2027-01-01"])),
                _ => json!(*dice.pick(BIRTHS)),
            },
            "DateTime" => match name {
                "givenAt" | "disclosedAt" | "from" => {
                    json!(*dice.pick(&["2026-03-01T10:00:00Z", "2026-03-31T23:00:00+01:00", "2027-01-01T00:00:00Z"]))
                }
                _ => json!(*dice.pick(&[
                    "2027-03-01T00:00:00Z",
                    "2027-01-01T12:30:00+02:00",
                    "2026-12-31T00:00:00Z",
                    "2031-01-01T00:00:00Z"
                ])),
            },
            "Postcode" => json!(*dice.pick(&["OX1 1BX", "ox162sa", "nowhere"])),
            "UUID" => json!(uuid::Uuid::from_u128(u128::from(dice.next())).to_string()),
            "String" => json!(self.text(name)),
            other => panic!("the scalar {other} is new: say in tests/two_worlds/value.rs how one is made"),
        }
    }

    fn text(&mut self, name: &str) -> String {
        let dice = &mut *self.dice;
        match (name, dice.below(40)) {
            ("after" | "before", _) => some_id(None, self.seen, self.all, dice),
            (_, 0) => String::new(),
            (_, 1) => "x".repeat(5_000),
            (_, 2) => "  \u{0}\u{7f}%_' Ünïcode 🙂  ".to_owned(),
            ("subject", _) => (*dice.pick(&["referrer", "support-worker", "nobody", "new-person"])).to_owned(),
            ("issuer", _) => DEVELOPMENT_ISSUER.to_owned(),
            ("name" | "nameContains" | "addAlias" | "preferred", n) => match n % 5 {
                0 => (*dice.pick(GIVEN)).to_owned(),
                1 => (*dice.pick(FAMILIES)).to_lowercase(),
                2 => format!("{} {}", dice.pick(GIVEN), dice.pick(FAMILIES)),
                3 => (*dice.pick(&["Harbour", "Lockwell Law Centre", "probation", "wi", "a b c d e"])).to_owned(),
                _ => format!("Newcomer {}", dice.below(1000)),
            },
            ("family" | "familyName", _) => (*dice.pick(FAMILIES)).to_owned(),
            ("given" | "givenName", _) => (*dice.pick(GIVEN)).to_owned(),
            ("email", _) => "somebody@example.org".to_owned(),
            _ => format!("{} {}", dice.pick(&["Said so.", "At the meeting.", "Behind.", "A bed."]), dice.below(100)),
        }
    }
}

/// Organisations whose ids everybody knows.
pub fn public_ids() -> Vec<String> {
    use alliance::domain::ids::TypedId;
    let organisations = [demo::HARBOUR, demo::LOCKWELL, demo::MEADOW, demo::PROBATION, demo::COUNTY, demo::SHELTER];
    let teams = [demo::HUB, demo::NORTH, demo::SOLICITORS, demo::OUTREACH];
    organisations
        .map(TypedId::global)
        .into_iter()
        .chain(teams.map(TypedId::global))
        .chain([demo::DROP_IN.global()])
        .collect()
}
