//! The order of a response: async-graphql 7.2.1 returns the fields of an object in the order they were resolved, which
//! differs from one request to the next. The specification wants the order of the document (section 6.2.2), and two viewers
//! with the same rights must read the same bytes (C13). The shape of a document is made once and laid over each response.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, PathSegment, Positioned, Value};

/// Response keys in the order of the document, each with the shape below it.
#[derive(Debug, Default)]
pub struct Shape(IndexMap<Name, Shape>);

/// Fragments within fragments that are followed; validation refuses cycles before anything runs.
const DEEPEST: usize = 64;

impl Shape {
    /// Of the operation that will run.
    pub fn of(document: &ExecutableDocument, operation: &Positioned<OperationDefinition>) -> Self {
        let mut shape = Self::default();
        shape.add(document, &operation.node.selection_set, 0);
        shape
    }

    fn add(&mut self, document: &ExecutableDocument, set: &Positioned<SelectionSet>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        for item in &set.node.items {
            match &item.node {
                Selection::Field(f) => {
                    let key = f.node.response_key().node.clone();
                    self.0.entry(key).or_default().add(document, &f.node.selection_set, depth + 1);
                }
                Selection::InlineFragment(f) => self.add(document, &f.node.selection_set, depth + 1),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                        self.add(document, &fragment.node.selection_set, depth + 1);
                    }
                }
            }
        }
    }

    /// Puts the fields of a response in order.
    pub fn lay_over(&self, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.lay_over(item)),
            Value::Object(fields) => {
                let place = |key: &Name| self.0.get_index_of(key).unwrap_or(usize::MAX);
                if !fields.keys().map(place).is_sorted() {
                    fields.sort_by(|a, _, b, _| place(a).cmp(&place(b)));
                }
                for (key, below) in fields.iter_mut() {
                    if let Some(shape) = self.0.get(key) {
                        shape.lay_over(below);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Puts `null` where a field failed: async-graphql 7.2.1 leaves its key out.
pub fn null_at(value: &mut Value, path: &[PathSegment]) {
    match (value, path) {
        (Value::Object(fields), [PathSegment::Field(name), rest @ ..]) => {
            if rest.is_empty() {
                fields.entry(Name::new(name)).or_insert(Value::Null);
            } else if let Some(below) = fields.get_mut(name.as_str()) {
                null_at(below, rest);
            }
        }
        (Value::List(items), [PathSegment::Index(i), rest @ ..]) => {
            if let Some(below) = items.get_mut(*i) {
                null_at(below, rest);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;
    use serde_json::json;

    fn shape(text: &str) -> Shape {
        let document = parse_query(text).unwrap();
        let operation = document.operations.iter().next().unwrap().1;
        Shape::of(&document, operation)
    }

    #[test]
    fn fields_come_in_the_order_of_the_document() {
        let shape = shape("{ b { y ...F } a: c { x } ... { d } } fragment F on T { z y { q } }");
        let mut value =
            Value::from_json(json!({ "d": 1, "a": [{ "x": 1 }], "b": { "z": 2, "y": { "q": 3 } } })).unwrap();
        shape.lay_over(&mut value);
        assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"b":{"y":{"q":3},"z":2},"a":[{"x":1}],"d":1}"#);
    }

    #[test]
    fn a_failed_field_reads_null() {
        let mut value = Value::from_json(json!({ "a": [{ "b": 1 }] })).unwrap();
        let path = [PathSegment::Field("a".into()), PathSegment::Index(0), PathSegment::Field("c".into())];
        null_at(&mut value, &path);
        assert_eq!(value.into_json().unwrap(), json!({ "a": [{ "b": 1, "c": null }] }));
    }
}
