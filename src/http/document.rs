//! Documents: counted before they are parsed, parsed once, kept by their text.

use super::shape::Shape;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Positioned};
use quick_cache::sync::Cache;
use std::sync::Arc;

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
    /// The order of its response, by the name of the operation.
    shapes: Vec<(Option<Name>, Shape)>,
}

impl Document {
    /// The order of an operation's response: the one asked for, or the only one.
    pub fn shape(&self, asked: Option<&str>) -> Option<&Shape> {
        let wanted = self.shapes.iter().find(|(name, _)| asked.is_none() || name.as_deref() == asked);
        wanted.map(|(_, shape)| shape)
    }
}

/// Parsed documents, a bounded number of them.
pub struct Documents {
    cache: Cache<Arc<str>, Arc<Document>>,
    tokens: usize,
    aliases: usize,
}

/// Longest text that is kept.
const LONGEST_KEPT: usize = 32 * 1024;

impl Documents {
    /// Keeps so many, and refuses those beyond the limits.
    pub fn new(kept: usize, tokens: usize, aliases: usize) -> Self {
        Self { cache: Cache::new(kept), tokens, aliases }
    }

    /// The parsed document of a text.
    pub fn parse(&self, text: &str) -> Result<Arc<Document>, DocumentProblem> {
        if let Some(kept) = self.cache.get(text) {
            return Ok(kept);
        }
        if count_tokens(text) > self.tokens {
            return Err(DocumentProblem::TooComplex(format!("The document has more than {} tokens.", self.tokens)));
        }
        let parsed = async_graphql::parser::parse_query(text).map_err(|e| DocumentProblem::Syntax(e.to_string()))?;
        let aliases = parsed.operations.iter().map(|(_, o)| count_aliases(&o.node.selection_set)).sum::<usize>()
            + parsed.fragments.values().map(|f| count_aliases(&f.node.selection_set)).sum::<usize>();
        if aliases > self.aliases {
            return Err(DocumentProblem::TooComplex(format!("The document has more than {} aliases.", self.aliases)));
        }
        let shapes = parsed.operations.iter().map(|(name, o)| (name.cloned(), Shape::of(&parsed, o))).collect();
        let parsed = Arc::new(Document { parsed, shapes });
        if text.len() <= LONGEST_KEPT {
            self.cache.insert(text.into(), Arc::clone(&parsed));
        }
        Ok(parsed)
    }
}

/// The name of the operation that will run: the one asked for, the only one's own, or its kind.
pub fn operation_name(document: &ExecutableDocument, asked: Option<&str>) -> String {
    let name = asked.map(str::to_owned).or_else(|| {
        document.operations.iter().next().map(|(name, o)| name.map_or_else(|| o.node.ty.to_string(), Name::to_string))
    });
    name.unwrap_or_default().chars().take(100).collect()
}

/// Lexical tokens, strings and comments taken as a whole: a bound on what the parser has to do.
fn count_tokens(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut i, mut count) = (0, 0);
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
            _ => {
                i += 1;
                count += 1;
            }
        }
    }
    count
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
        assert_eq!(count_tokens("{ a(b: \"x y \\\" z\", c: 1.5) # rest\n ...F }"), 17);
        assert_eq!(count_tokens("\"\"\"unfinished"), 1);
    }

    #[test]
    fn a_document_beyond_a_limit_is_refused() {
        let documents = Documents::new(10, 50, 2);
        assert!(documents.parse("{ a: viewer { __typename } b: viewer { __typename } }").is_ok());
        let three = "{ a: viewer { __typename } b: viewer { c: __typename } }";
        assert!(matches!(documents.parse(three), Err(DocumentProblem::TooComplex(_))));
        let long = format!("{{ {} }}", "a ".repeat(60));
        assert!(matches!(documents.parse(&long), Err(DocumentProblem::TooComplex(_))));
        assert!(matches!(documents.parse("{"), Err(DocumentProblem::Syntax(_))));
    }
}
