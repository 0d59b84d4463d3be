//! Documents: counted before they are parsed, parsed once, kept by their text; and what an operation is called in log and trace.

use super::shape::Shape;
use async_graphql::parser::Error as ParseError;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Positioned, Value, Variables};
use quick_cache::sync::Cache;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is wrong with a document before it is executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentProblem {
    /// It does not parse.
    Syntax(String),
    /// It goes beyond a limit.
    TooComplex(String),
}

/// A parsed document.
pub struct Document {
    /// As the executor takes it.
    pub parsed: ExecutableDocument,
    operations: Vec<Known>,
}

/// An operation of a document.
struct Known {
    name: Option<Name>,
    /// The order of its response.
    shape: Shape,
    /// What it is called.
    called: Arc<str>,
    /// Its variables with the plain types they are of; nothing when one is of another type.
    plain: Option<Vec<(Name, Plain)>>,
    /// Whether it was executed without an error, and so is valid.
    valid: AtomicBool,
}

/// A type of variables whose values are judged here: one of the language's own, that must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plain {
    /// `ID!` or `String!`.
    Text,
    /// `Boolean!`.
    Truth,
}

impl Plain {
    fn of(t: &Type) -> Option<Self> {
        match (&t.base, t.nullable) {
            (BaseType::Named(name), false) if name == "ID" || name == "String" => Some(Self::Text),
            (BaseType::Named(name), false) if name == "Boolean" => Some(Self::Truth),
            _ => None,
        }
    }

    fn takes(self, value: Option<&Value>) -> bool {
        matches!((self, value), (Self::Text, Some(Value::String(_))) | (Self::Truth, Some(Value::Boolean(_))))
    }
}

impl Document {
    /// The operation asked for, or the only one.
    fn operation(&self, asked: Option<&str>) -> Option<&Known> {
        self.operations.iter().find(|o| asked.is_none() || o.name.as_deref() == asked)
    }

    /// Whether the operation asked for is known to be valid with such variables: it was executed without an error before, and
    /// nothing in what makes it valid depends on values but that they are of their types.
    pub fn is_known_valid(&self, asked: Option<&str>, variables: &Variables) -> bool {
        self.operation(asked).is_some_and(|o| {
            o.valid.load(Ordering::Relaxed)
                && o.plain
                    .as_ref()
                    .is_some_and(|all| all.iter().all(|(name, plain)| plain.takes(variables.get(name))))
        })
    }

    /// The operation asked for was executed without an error.
    pub fn found_valid(&self, asked: Option<&str>) {
        if let Some(operation) = self.operation(asked) {
            operation.valid.store(true, Ordering::Relaxed);
        }
    }

    /// The order of an operation's response.
    pub fn shape(&self, asked: Option<&str>) -> Option<&Shape> {
        self.operation(asked).map(|o| &o.shape)
    }

    /// What an operation is called in log and trace: its kind, and the root fields it asks for. The name that the caller gave it is
    /// the caller's own words, and somebody's name may be among them: it goes nowhere.
    pub fn called(&self, asked: Option<&str>) -> Arc<str> {
        self.operation(asked).map_or_else(|| UNKNOWN.into(), |o| Arc::clone(&o.called))
    }
}

/// What is no word of the schema.
const UNKNOWN: &str = "unknown";

/// Parsed documents, a bounded number of them.
pub struct Documents {
    cache: Cache<Arc<str>, Arc<Document>>,
    tokens: usize,
    aliases: usize,
    roots: HashSet<String>,
}

/// Longest text that is kept.
const LONGEST_KEPT: usize = 32 * 1024;

impl Documents {
    /// Keeps so many, and refuses those beyond the limits; operations are called after these root fields.
    pub fn new(kept: usize, tokens: usize, aliases: usize, roots: HashSet<String>) -> Self {
        Self { cache: Cache::new(kept), tokens, aliases, roots }
    }

    /// The parsed document of a text.
    pub fn parse(&self, text: &str) -> Result<Arc<Document>, DocumentProblem> {
        if let Some(kept) = self.cache.get(text) {
            return Ok(kept);
        }
        let (tokens, nesting) = measure(text);
        if tokens > self.tokens {
            return Err(DocumentProblem::TooComplex(format!("The document has more than {} tokens.", self.tokens)));
        }
        // The parser calls itself at every bracket: nested without bound they end its stack, and with it the process.
        if nesting > DEEPEST {
            return Err(DocumentProblem::TooComplex(format!(
                "The document nests brackets more than {DEEPEST} deep."
            )));
        }
        let parsed = async_graphql::parser::parse_query(text).map_err(|e| match e {
            ParseError::RecursionLimitExceeded => {
                DocumentProblem::TooComplex("The document is nested too deep.".into())
            }
            e => DocumentProblem::Syntax(e.to_string()),
        })?;
        let aliases = parsed.operations.iter().map(|(_, o)| count_aliases(&o.node.selection_set)).sum::<usize>()
            + parsed.fragments.values().map(|f| count_aliases(&f.node.selection_set)).sum::<usize>();
        if aliases > self.aliases {
            return Err(DocumentProblem::TooComplex(format!("The document has more than {} aliases.", self.aliases)));
        }
        expansion(&parsed)?;
        let known = parsed.operations.iter().map(|(name, o)| Known {
            name: name.cloned(),
            shape: Shape::of(&parsed, o),
            called: called(&parsed, o, &self.roots).into(),
            plain: plain(o),
            valid: AtomicBool::new(false),
        });
        let operations = known.collect();
        let parsed = Arc::new(Document { parsed, operations });
        if text.len() <= LONGEST_KEPT {
            self.cache.insert(text.into(), Arc::clone(&parsed));
        }
        Ok(parsed)
    }
}

/// The variables of a query, when all are of plain types. A mutation is validated every time: what was overlooked in a query is an
/// error where it is resolved, in a mutation it would be one after its first half was done.
fn plain(operation: &Positioned<OperationDefinition>) -> Option<Vec<(Name, Plain)>> {
    if operation.node.ty != OperationType::Query {
        return None;
    }
    let variables = operation.node.variable_definitions.iter().map(|v| {
        let plain = Plain::of(&v.node.var_type.node)?;
        v.node.default_value.is_none().then(|| (v.node.name.node.clone(), plain))
    });
    variables.collect()
}

/// Root fields that an operation is called after; of more than these it is only told that there are more.
const MOST_CALLED: usize = 8;

/// `query client,node`: the kind, and each root field once, in the order of the document.
fn called(
    document: &ExecutableDocument,
    operation: &Positioned<OperationDefinition>,
    roots: &HashSet<String>,
) -> String {
    let mut fields = Vec::new();
    let mut spread = HashSet::new();
    asks(document, &operation.node.selection_set, roots, &mut fields, &mut spread);
    let mut text = operation.node.ty.to_string();
    for (n, field) in fields.iter().take(MOST_CALLED).enumerate() {
        let _ = write!(text, "{}{field}", if n == 0 { ' ' } else { ',' });
    }
    if fields.len() > MOST_CALLED {
        text.push_str(",more");
    }
    text
}

/// The root fields of a selection, by the schema's words alone; every fragment is followed once.
fn asks<'a>(
    document: &'a ExecutableDocument,
    set: &'a Positioned<SelectionSet>,
    roots: &HashSet<String>,
    fields: &mut Vec<&'a str>,
    spread: &mut HashSet<&'a Name>,
) {
    for item in &set.node.items {
        match &item.node {
            Selection::Field(f) => {
                let name = f.node.name.node.as_str();
                let name = if roots.contains(name) { name } else { UNKNOWN };
                if fields.len() <= MOST_CALLED && !fields.contains(&name) {
                    fields.push(name);
                }
            }
            Selection::InlineFragment(f) => asks(document, &f.node.selection_set, roots, fields, spread),
            Selection::FragmentSpread(f) => {
                let name = &f.node.fragment_name.node;
                if let Some(fragment) = document.fragments.get(name).filter(|_| spread.insert(name)) {
                    asks(document, &fragment.node.selection_set, roots, fields, spread);
                }
            }
        }
    }
}

/// The deepest that brackets may nest.
const DEEPEST: usize = 100;

/// Lexical tokens, strings and comments taken as a whole, and how deep brackets nest: bounds on what the parser has to do.
fn measure(text: &str) -> (usize, usize) {
    let bytes = text.as_bytes();
    let (mut i, mut count) = (0, 0);
    let (mut depth, mut deepest) = (0usize, 0);
    while i < bytes.len() {
        match bytes[i] {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => i += 1,
            b'#' => {
                while i < bytes.len() && bytes[i] != b'\n' {
                    i += 1;
                }
            }
            b'"' => {
                let block = bytes[i..].starts_with(b"\"\"\"");
                let end: &[u8] = if block { b"\"\"\"" } else { b"\"" };
                i += end.len();
                while i < bytes.len() && !bytes[i..].starts_with(end) {
                    i += if bytes[i] == b'\\' { 2 } else { 1 };
                }
                i += end.len();
                count += 1;
            }
            b if b.is_ascii_alphanumeric() || b == b'_' => {
                while i < bytes.len() && (bytes[i].is_ascii_alphanumeric() || bytes[i] == b'_') {
                    i += 1;
                }
                count += 1;
            }
            b => {
                match b {
                    b'{' | b'[' | b'(' => depth += 1,
                    b'}' | b']' | b')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                deepest = deepest.max(depth);
                i += 1;
                count += 1;
            }
        }
    }
    (count, deepest)
}

/// The most fields a document may have once its fragments are put in.
const MOST_FIELDS: usize = 20_000;

/// Refuses fragments that spread themselves, and documents that a few fragments blow up: both are cheap to send and would cost
/// whoever walks them without end. Each fragment is measured once.
fn expansion(document: &ExecutableDocument) -> Result<(), DocumentProblem> {
    let mut sizes = HashMap::new();
    let mut total = 0usize;
    for (_, operation) in document.operations.iter() {
        total = total.saturating_add(expanded(document, &operation.node.selection_set, &mut sizes)?);
    }
    // Fragments that nothing spreads are walked by the validation all the same.
    for (name, fragment) in &document.fragments {
        if !sizes.contains_key(name) {
            sizes.insert(name.clone(), None);
            let size = expanded(document, &fragment.node.selection_set, &mut sizes)?;
            sizes.insert(name.clone(), Some(size));
        }
    }
    if total > MOST_FIELDS || sizes.values().any(|s| s.is_some_and(|s| s > MOST_FIELDS)) {
        return Err(DocumentProblem::TooComplex(format!(
            "The document has more than {MOST_FIELDS} fields once its fragments are put in."
        )));
    }
    Ok(())
}

fn expanded(
    document: &ExecutableDocument,
    set: &Positioned<SelectionSet>,
    sizes: &mut HashMap<Name, Option<usize>>,
) -> Result<usize, DocumentProblem> {
    let mut total = 0usize;
    for item in &set.node.items {
        let size = match &item.node {
            Selection::Field(f) => expanded(document, &f.node.selection_set, sizes)?.saturating_add(1),
            Selection::InlineFragment(f) => expanded(document, &f.node.selection_set, sizes)?,
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                match (sizes.get(name), document.fragments.get(name)) {
                    (Some(Some(known)), _) => *known,
                    // Being measured already: it spreads itself.
                    (Some(None), _) => {
                        return Err(DocumentProblem::Syntax(format!("The fragment {name} spreads itself.")));
                    }
                    (None, None) => 0,
                    (None, Some(fragment)) => {
                        sizes.insert(name.clone(), None);
                        let size = expanded(document, &fragment.node.selection_set, sizes)?;
                        sizes.insert(name.clone(), Some(size));
                        size
                    }
                }
            }
        };
        total = total.saturating_add(size);
    }
    Ok(total)
}

fn count_aliases(set: &Positioned<SelectionSet>) -> usize {
    set.node
        .items
        .iter()
        .map(|item| match &item.node {
            Selection::Field(f) => usize::from(f.node.alias.is_some()) + count_aliases(&f.node.selection_set),
            Selection::InlineFragment(f) => count_aliases(&f.node.selection_set),
            Selection::FragmentSpread(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_as_the_language_has_them() {
        assert_eq!(measure("{ a(b: \"x y \\\" z\", c: 1.5) # rest\n ...F }"), (17, 2));
        assert_eq!(measure("\"\"\"unfinished [[["), (1, 0));
    }

    #[test]
    fn fragments_that_blow_up_are_refused_at_once() {
        let documents = Documents::new(10, 4_000, 30, HashSet::new());
        let mut bomb = String::from("{ ...F0 }");
        for i in 0..100 {
            write!(bomb, " fragment F{i} on Query {{ ...F{n} ...F{n} }}", n = i + 1).unwrap();
        }
        bomb.push_str(" fragment F100 on Query { viewer { name } }");
        assert!(matches!(documents.parse(&bomb), Err(DocumentProblem::TooComplex(_))));
        for cycle in [
            "{ ...A } fragment A on Query { ...A ...A }",
            "{ viewer { name } } fragment A on Query { ...B ...B } fragment B on Query { ...A ...A }",
        ] {
            assert!(matches!(documents.parse(cycle), Err(DocumentProblem::Syntax(_))), "{cycle}");
        }
        assert!(documents.parse("{ ...A ...A } fragment A on Query { viewer { name } }").is_ok());
    }

    #[test]
    fn what_was_found_valid_is_so_for_plain_values_of_the_right_type_alone() {
        let documents = Documents::new(10, 4_000, 30, HashSet::new());
        let values = |json| Variables::from_json(json);
        let id = || values(serde_json::json!({ "id": "client_1", "more": true, "besides": 1 }));
        let text = "query A($id: ID!, $more: Boolean!) { a(id: $id) @include(if: $more) } query B { b }";
        let document = documents.parse(text).unwrap();
        assert!(!document.is_known_valid(Some("A"), &id()), "nobody executed it");
        document.found_valid(Some("A"));
        assert!(documents.parse(text).unwrap().is_known_valid(Some("A"), &id()));
        assert!(!document.is_known_valid(Some("B"), &id()), "nobody executed that one");
        for other in [
            serde_json::json!({}),
            serde_json::json!({ "id": null, "more": true }),
            serde_json::json!({ "id": 5, "more": true }),
            serde_json::json!({ "id": ["client_1"], "more": true }),
            serde_json::json!({ "id": "client_1", "more": "true" }),
        ] {
            assert!(!document.is_known_valid(Some("A"), &values(other.clone())), "{other}");
        }
        for (of_other_types, given) in [
            ("query($of: [ID!]!) { a(of: $of) }", serde_json::json!({ "of": ["client_1"] })),
            ("query($first: Int!) { a(first: $first) }", serde_json::json!({ "first": 1 })),
            ("query($id: ID) { a(id: $id) }", serde_json::json!({ "id": "client_1" })),
            ("query($id: ID! = \"x\") { a(id: $id) }", serde_json::json!({ "id": "client_1" })),
            ("query($filter: Filter!) { a(filter: $filter) }", serde_json::json!({ "filter": "x" })),
            ("mutation($id: ID!) { a(id: $id) }", serde_json::json!({ "id": "client_1" })),
        ] {
            let document = documents.parse(of_other_types).unwrap();
            document.found_valid(None);
            assert!(!document.is_known_valid(None, &values(given)), "{of_other_types}");
        }
    }

    #[test]
    fn an_operation_is_called_by_the_schemas_words_alone() {
        let roots = ["client", "node", "noteRecord", "a", "b", "c", "d", "e", "f", "g", "h"].map(str::to_owned);
        let documents = Documents::new(10, 4_000, 30, roots.into());
        for (text, asked, called) in [
            ("query Thackeray { client { id } }", None, "query client"),
            ("{ Thackeray: client { id } x: client { id } node { id } }", None, "query client,node"),
            ("{ Thackeray { id } Marisol }", None, "query unknown"),
            ("mutation Thackeray { noteRecord { id } }", Some("Thackeray"), "mutation noteRecord"),
            ("query A { node { id } } query B { client { id } }", Some("B"), "query client"),
            ("query A { node { id } }", Some("Thackeray"), "unknown"),
            (
                "{ ...T ...T } fragment T on Query { node { id } ... on Query { client { id } } }",
                None,
                "query node,client",
            ),
            ("{ ...Thackeray }", None, "query"),
            ("{ a b c d e f g h client node }", None, "query a,b,c,d,e,f,g,h,more"),
        ] {
            let document = documents.parse(text).unwrap();
            assert_eq!(&*document.called(asked), called, "{text}");
        }
    }

    #[test]
    fn a_document_beyond_a_limit_is_refused() {
        let documents = Documents::new(10, 50, 2, HashSet::new());
        assert!(documents.parse("{ a: viewer { __typename } b: viewer { __typename } }").is_ok());
        let three = "{ a: viewer { __typename } b: viewer { c: __typename } }";
        assert!(matches!(documents.parse(three), Err(DocumentProblem::TooComplex(_))));
        let long = format!("{{ {} }}", "a ".repeat(60));
        assert!(matches!(documents.parse(&long), Err(DocumentProblem::TooComplex(_))));
        assert!(matches!(documents.parse("{"), Err(DocumentProblem::Syntax(_))));
    }
}
