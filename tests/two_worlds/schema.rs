//! The schema as it describes itself: what there is to ask for, and of which types.

use alliance::graphql::Schema as Served;
use async_graphql::Request;
use serde_json::Value;
use std::collections::BTreeMap;

/// The type of a field, an argument or an input field.
#[derive(Clone, Debug)]
pub enum Ty {
    Named(String),
    List(Box<Ty>),
    Required(Box<Ty>),
}

impl Ty {
    fn of(t: &Value) -> Self {
        match t["kind"].as_str() {
            Some("NON_NULL") => Self::Required(Box::new(Self::of(&t["ofType"]))),
            Some("LIST") => Self::List(Box::new(Self::of(&t["ofType"]))),
            _ => Self::Named(text(&t["name"])),
        }
    }

    /// The name inside all lists.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(of) | Self::Required(of) => of.name(),
        }
    }

    /// As a document writes it.
    pub fn written(&self) -> String {
        match self {
            Self::Named(name) => name.clone(),
            Self::List(of) => format!("[{}]", of.written()),
            Self::Required(of) => format!("{}!", of.written()),
        }
    }
}

/// An argument, or a field of an input.
#[derive(Clone, Debug)]
pub struct Argument {
    pub name: String,
    pub ty: Ty,
}

/// A field of an object.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub arguments: Vec<Argument>,
    pub ty: Ty,
}

/// A type.
#[derive(Clone, Debug)]
pub enum Type {
    Scalar,
    Enum(Vec<String>),
    Input {
        one_of: bool,
        fields: Vec<Argument>,
    },
    Object(Vec<Field>),
    /// One of these objects.
    Abstract(Vec<String>),
}

/// All types.
pub struct Schema(BTreeMap<String, Type>);

const ASK: &str = "{ __schema { types { name kind isOneOf enumValues(includeDeprecated: true) { name } possibleTypes { name } \
    inputFields { name type { ...T } } fields(includeDeprecated: true) { name type { ...T } args { name type { ...T } } } } } } \
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }";

fn text(v: &Value) -> String {
    v.as_str().expect("a name").to_owned()
}

fn list(v: &Value) -> Vec<Value> {
    v.as_array().cloned().unwrap_or_default()
}

fn arguments(v: &Value) -> Vec<Argument> {
    list(v).iter().map(|a| Argument { name: text(&a["name"]), ty: Ty::of(&a["type"]) }).collect()
}

impl Schema {
    /// What the service says of itself.
    pub async fn of(served: &Served) -> Self {
        let answer = served.execute(Request::new(ASK)).await;
        assert!(answer.errors.is_empty(), "the schema describes itself: {:?}", answer.errors);
        let data = answer.data.into_json().expect("JSON");
        let mut all = BTreeMap::new();
        for t in list(&data["__schema"]["types"]) {
            let names = |key: &str| list(&t[key]).iter().map(|v| text(&v["name"])).collect::<Vec<_>>();
            let what = match t["kind"].as_str() {
                Some("SCALAR") => Type::Scalar,
                Some("ENUM") => Type::Enum(names("enumValues")),
                Some("INPUT_OBJECT") => {
                    Type::Input { one_of: t["isOneOf"] == true, fields: arguments(&t["inputFields"]) }
                }
                Some("OBJECT") => Type::Object(
                    list(&t["fields"])
                        .iter()
                        .map(|f| Field {
                            name: text(&f["name"]),
                            arguments: arguments(&f["args"]),
                            ty: Ty::of(&f["type"]),
                        })
                        .collect(),
                ),
                Some("INTERFACE" | "UNION") => Type::Abstract(names("possibleTypes")),
                other => panic!("a kind of type that is new: {other:?}"),
            };
            all.insert(text(&t["name"]), what);
        }
        Self(all)
    }

    /// A type by name.
    pub fn get(&self, name: &str) -> &Type {
        self.0.get(name).unwrap_or_else(|| panic!("the schema names {name} and does not declare it"))
    }

    /// The fields of an object.
    pub fn fields(&self, name: &str) -> &[Field] {
        match self.get(name) {
            Type::Object(fields) => fields,
            _ => &[],
        }
    }

    /// Whether the type is selected as it is, without fields of its own.
    pub fn is_leaf(&self, name: &str) -> bool {
        matches!(self.get(name), Type::Scalar | Type::Enum(_))
    }

    /// Whether an object leads to no further object.
    pub fn ends_here(&self, name: &str) -> bool {
        matches!(self.get(name), Type::Object(fields) if fields.iter().all(|f| self.is_leaf(f.ty.name())))
    }

    /// Every field of every object that queries and mutations lead to.
    pub fn every_field(&self) -> Vec<(String, String)> {
        let (mut all, mut reached) = (Vec::new(), vec!["Query".to_owned(), "Mutation".to_owned()]);
        let mut at = 0;
        while let Some(name) = reached.get(at).cloned() {
            at += 1;
            let mut found: Vec<String> = match self.get(&name) {
                Type::Abstract(possible) => possible.clone(),
                _ => Vec::new(),
            };
            for field in self.fields(&name) {
                all.push((name.clone(), field.name.clone()));
                found.push(field.ty.name().to_owned());
            }
            found.retain(|f| !reached.contains(f));
            found.sort();
            found.dedup();
            reached.extend(found);
        }
        all
    }
}
