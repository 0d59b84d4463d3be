//! What was predicted beside what came: every field, object, count and list of withheld categories is one comparison. More
//! than predicted is a leak, less is an over-denial.

use super::shown::Oracle;
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// What was found so far.
#[derive(Default)]
pub struct Tally {
    pub compared: usize,
    pub questions: usize,
    pub leaks: Vec<String>,
    pub denials: Vec<String>,
}

/// Lists that are one statement each.
const WHOLE: &[&str] = &[
    "redactions",
    "openCategories",
    "categories",
    "agreed",
    "withdrawn",
    "purposes",
    "lines",
    "addressLines",
    "restrictedBy",
];

impl Tally {
    /// Compares one answer; `asked` tells how to ask again.
    pub fn compare(&mut self, asked: &str, expected: &Value, got: &Value) {
        self.value(asked, "data", expected, got);
    }

    /// That somebody who is nobody is told so.
    pub fn stranger(&mut self, asked: &str, answer: &Value) {
        self.compared += 1;
        if answer["errors"][0]["extensions"]["code"] != "UNAUTHENTICATED" {
            self.differs(true, asked, "an ended membership", &Value::Null, answer);
        }
    }

    fn differs(&mut self, leak: bool, asked: &str, path: &str, expected: &Value, got: &Value) {
        let mut told = String::new();
        let kind = if leak { "LEAK" } else { "OVER-DENIAL" };
        let _ = write!(told, "{kind} at {path}\n  expected {expected}\n  got      {got}\n{asked}\n");
        if leak { self.leaks.push(told) } else { self.denials.push(told) }
    }

    fn value(&mut self, asked: &str, path: &str, expected: &Value, got: &Value) {
        let key = path.rsplit('.').next().unwrap_or_default();
        match (expected, got) {
            (Value::Array(e), Value::Array(g)) if WHOLE.contains(&key) => {
                self.compared += 1;
                let name = |v: &Value| v.get("category").unwrap_or(v).clone();
                let has = |list: &[Value], v: &Value| list.iter().any(|x| name(x) == name(v));
                let more = g.iter().any(|v| !has(e, v));
                let fewer = e.iter().any(|v| !has(g, v));
                // A list of what is withheld tells by being short; every other list by being long.
                let leak = if key == "redactions" { fewer || !more } else { more || !fewer };
                if e != g {
                    self.differs(leak, asked, path, expected, got);
                }
            }
            (Value::Array(e), Value::Array(g)) => self.list(asked, path, e, g),
            (Value::Object(e), Value::Object(g)) => {
                self.compared += 1;
                for (k, v) in e {
                    let (path, got) = (format!("{path}.{k}"), g.get(k).unwrap_or(&Value::Null));
                    match (v, got) {
                        (Value::Object(e), Value::Object(g)) if k == "pageInfo" => {
                            self.page_info(asked, &path, &listed(expected), e, g);
                        }
                        _ => self.value(asked, &path, v, got),
                    }
                }
            }
            _ => {
                self.compared += 1;
                if expected != got {
                    let leak = match (expected, got) {
                        (_, Value::Null) => false,
                        (Value::Number(e), Value::Number(g)) => g.as_f64() > e.as_f64(),
                        (Value::Bool(_), Value::Bool(told)) => *told,
                        (_, Value::String(told)) => told != "an organisation",
                        _ => true,
                    };
                    self.differs(leak, asked, path, expected, got);
                }
            }
        }
    }

    /// Where a page lies. The cursor of an item that should be there tells of nothing, though another one was expected: what
    /// lies before or behind it is missing.
    fn page_info(
        &mut self,
        asked: &str,
        path: &str,
        listed: &[Value],
        expected: &Map<String, Value>,
        got: &Map<String, Value>,
    ) {
        self.compared += 1;
        for (k, e) in expected {
            let (path, g) = (format!("{path}.{k}"), got.get(k).unwrap_or(&Value::Null));
            if e != g && listed.contains(g) {
                self.compared += 1;
                self.differs(false, asked, &path, e, g);
            } else {
                self.value(asked, &path, e, g);
            }
        }
    }

    /// Reasons to see something have no id that the documents could tell: each is what it says of itself, and those of one
    /// moment come in any order.
    fn reasons(&mut self, asked: &str, path: &str, expected: &[Value], got: &[Value]) {
        self.compared += 1;
        let key = |v: &Value| {
            let parts = ["since", "basis", "documentId"];
            parts.map(|part| v[part].to_string()).join(" ")
        };
        let order: Vec<_> = got.iter().map(|g| g["since"].to_string()).collect();
        if !order.is_sorted() {
            self.differs(true, asked, &format!("{path} (order)"), &Value::Null, &Value::Array(got.to_vec()));
        }
        let mut left: Vec<_> = got.iter().collect();
        for e in expected {
            // The very same one, before one that is the same but for what it says beside.
            let same = left.iter().position(|g| *g == e).or_else(|| left.iter().position(|g| key(g) == key(e)));
            match same {
                Some(at) => self.value(asked, &format!("{path}[{}]", key(e)), e, left.remove(at)),
                None => self.differs(false, asked, path, e, &Value::Null),
            }
        }
        for g in left {
            self.differs(true, asked, path, &Value::Null, g);
        }
    }

    fn list(&mut self, asked: &str, path: &str, expected: &[Value], got: &[Value]) {
        if path.ends_with(".grants") {
            self.reasons(asked, path, expected, got);
            return;
        }
        self.compared += 1;
        let key = |v: &Value| v.get("id").or_else(|| v.get("cursor")).cloned();
        let keyed = expected.iter().chain(got).all(|v| key(v).is_some());
        if !keyed {
            // The order of names is each database's own.
            let sort = |list: &[Value]| {
                let mut list = list.to_vec();
                if path.ends_with(".recipients") {
                    list.sort_by_key(ToString::to_string);
                }
                list
            };
            let (e, g) = (sort(expected), sort(got));
            if e.len() != g.len() {
                let (e_list, g_list) = (Value::Array(e.clone()), Value::Array(g.clone()));
                self.differs(g.len() > e.len(), asked, path, &e_list, &g_list);
                return;
            }
            for (i, (e, g)) in e.iter().zip(&g).enumerate() {
                self.value(asked, &format!("{path}[{i}]"), e, g);
            }
            return;
        }
        for (i, e) in expected.iter().enumerate() {
            match got.iter().find(|g| key(g) == key(e)) {
                Some(g) => self.value(asked, &format!("{path}[{i}]"), e, g),
                None => self.differs(false, asked, &format!("{path}[{i}]"), e, &Value::Null),
            }
        }
        for g in got.iter().filter(|g| !expected.iter().any(|e| key(e) == key(g))) {
            self.differs(true, asked, path, &Value::Null, g);
        }
        let order = |list: &[Value]| list.iter().map(key).collect::<Vec<_>>();
        if expected.len() == got.len() && order(expected) != order(got) {
            self.differs(true, asked, &format!("{path} (order)"), &Value::Null, &Value::Array(got.to_vec()));
        }
    }
}

/// The cursors of a page's items.
fn listed(page: &Value) -> Vec<Value> {
    let items = |list: &str, key: &str| -> Vec<Value> {
        let all = page[list].as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(|item| item.get(key).cloned()).collect()
    };
    let mut all = items("nodes", "id");
    all.extend(items("edges", "cursor"));
    all
}

/// Who asked what of an oracle, so that it can be asked again.
pub fn told(how: &str, who: &str, oracle: Option<&Oracle<'_>>, document: &str) -> String {
    let viewer = oracle.map_or_else(|| "nobody".to_owned(), |o| format!("{:?} at {}", o.viewer, o.now));
    format!("  {who}: {viewer}\n  {document}\n  {how}")
}
