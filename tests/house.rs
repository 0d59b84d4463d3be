//! The house itself: dependencies run one way, generated files are current, client-bound fields name their category.

use crate::support::fields::{self, document};
use alliance::policy::rules;
use std::fs;
use std::path::{Path, PathBuf};

/// The layers from left to right: each may name itself and those to its left, nothing to its right.
const LAYERS: &[&str] = &["domain", "policy", "persistence", "service", "graphql", "http", "cli"];

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            all.push(path);
        }
    }
    all
}

fn of_layer(layer: &str) -> Vec<(PathBuf, String)> {
    let found = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(layer));
    assert!(!found.is_empty(), "{layer} has sources");
    found.into_iter().map(|p| (p.clone(), fs::read_to_string(p).expect("UTF-8"))).collect()
}

/// What stands to the right of a line comment is prose.
fn code(text: &str) -> String {
    text.lines().map(|l| l.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

#[test]
fn dependencies_run_one_way() {
    let mut wrong = Vec::new();
    for (i, layer) in LAYERS.iter().enumerate() {
        for (path, text) in of_layer(layer) {
            let text = code(&text);
            for right in &LAYERS[i + 1..] {
                for name in [format!("crate::{right}::"), format!("crate::{right};"), format!("crate::{{{right}")] {
                    if text.contains(&name) {
                        wrong.push(format!("{} names {right}", path.display()));
                    }
                }
            }
            for nested in text.split("use crate::{").skip(1) {
                let list = nested.split("};").next().unwrap_or_default();
                for right in &LAYERS[i + 1..] {
                    if list.split([',', '{', '\n', ' ']).any(|w| w == *right || w.starts_with(&format!("{right}::")))
                    {
                        wrong.push(format!("{} names {right}", path.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_layer_keeps_its_libraries_to_itself() {
    // What a layer must not name: the database, GraphQL, HTTP, and entities outside persistence.
    let bans: &[(&str, &[&str])] = &[
        ("domain", &["sea_orm", "async_graphql", "axum", "tokio", "entity::"]),
        ("policy", &["sea_orm", "async_graphql", "axum", "tokio", "entity::", "async fn", ".await"]),
        ("persistence", &["async_graphql", "axum"]),
        ("service", &["sea_orm", "async_graphql", "axum", "entity::"]),
        ("graphql", &["sea_orm", "axum", "entity::"]),
        ("http", &["sea_orm", "entity::"]),
        ("cli", &["sea_orm::", "async_graphql", "entity::"]),
    ];
    let mut wrong = Vec::new();
    for (layer, banned) in bans {
        for (path, text) in of_layer(layer) {
            let text = code(&text);
            for word in *banned {
                if text.contains(word) {
                    wrong.push(format!("{} names {word}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_committed_schema_is_the_schema() {
    let kept = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql")).expect("it is there");
    assert!(kept == document(), "schema.graphql has drifted: cargo run -- schema > schema.graphql");
}

#[test]
fn every_object_is_known_and_every_client_bound_field_names_its_category() {
    let wrong = fields::problems();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(fields::table().len() > 150, "the table is read from the schema");
}

#[test]
fn the_committed_rule_table_is_what_the_rules_enforce() {
    let kept = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md")).expect("it is there");
    assert!(kept == rules::document(), "docs/rules.md has drifted: cargo run -- rules > docs/rules.md");
}

#[test]
fn every_file_and_test_that_the_rule_table_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for rule in rules::RULES {
        for place in rule.enforced {
            if !root.join(place).exists() {
                wrong.push(format!("C{}: no {place}", rule.number));
            }
        }
        for proof in rule.proven {
            let Some((file, test)) = proof.split_once("::") else {
                wrong.push(format!("C{}: {proof} is no file::test", rule.number));
                continue;
            };
            let text = fs::read_to_string(root.join(file)).unwrap_or_default();
            if !text.contains(&format!("fn {test}(")) {
                wrong.push(format!("C{}: no {test} in {file}", rule.number));
            }
        }
    }
    assert_eq!(rules::RULES.iter().map(|r| r.number).collect::<Vec<_>>(), (1..=24).collect::<Vec<_>>());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What a page lists can be fetched again by its id; rows of figures are of no one thing.
#[test]
fn what_a_page_lists_has_an_identity_but_for_figures() {
    let all = fields::objects();
    let edges = all.iter().filter(|(name, _)| name.ends_with("Edge"));
    let without: Vec<_> = edges
        .flat_map(|(_, edge)| edge.fields.iter().filter(|f| f.name == "node"))
        .filter(|f| !all.get(&f.of).is_some_and(|o| o.is_node))
        .map(|f| f.of.as_str())
        .collect();
    assert_eq!(without, ["SenderFigures", "TeamFigures"]);
}
