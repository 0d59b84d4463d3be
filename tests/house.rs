//! The house itself: dependencies run one way, generated files are current, client-bound fields name their category.

use alliance::config::Config;
use alliance::domain::category::Category;
use alliance::domain::code::Coded;
use alliance::graphql::{DocumentLimits, schema, sdl};
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

fn document() -> String {
    let limits = Config::default().limits;
    sdl(&schema(DocumentLimits { depth: limits.depth, complexity: limits.complexity }))
}

#[test]
fn the_committed_schema_is_the_schema() {
    let kept = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql")).expect("it is there");
    assert!(kept == document(), "schema.graphql has drifted: cargo run -- schema > schema.graphql");
}

/// Objects that show a client's data. A new one must be added here, or to `PLAIN`: the next test fails until it is.
const CLIENT_BOUND: &[&str] = &[
    "BirthSection",
    "CaseLead",
    "CaseMember",
    "Client",
    "Consent",
    "ContactSection",
    "HouseholdMember",
    "HouseholdSection",
    "HousingSection",
    "InboxItem",
    "LegalGateway",
    "NameSection",
    "Note",
    "OutwardDisclosure",
    "Referral",
    "ReferralEntry",
    "ReferralNarrative",
    "ReferralOffer",
    "SharedCase",
    "Signpost",
    "TextSection",
];

/// Objects that show none, or that only carry client-bound ones.
const PLAIN: &[&str] = &[
    "CaseAccess",
    "ClientAccess",
    "ConsentRecipient",
    "LegalGatewayAccess",
    "LikelyDuplicate",
    "Membership",
    "Mutation",
    "Organisation",
    "OrganisationLink",
    "PageInfo",
    "Query",
    "Redaction",
    "ReferralAccess",
    "Service",
    "Team",
    "UserError",
    "Viewer",
];

#[test]
fn every_object_is_known_and_every_client_bound_one_names_its_category() {
    let text = document();
    let mut unknown = Vec::new();
    let mut without = Vec::new();
    for block in text.split("\n\n") {
        let Some(line) = block.lines().find(|l| l.starts_with("type ")) else { continue };
        let name = line.split_whitespace().nth(1).unwrap_or_default();
        let carrier = ["Connection", "Edge", "Payload"].iter().any(|end| name.ends_with(end));
        if CLIENT_BOUND.contains(&name) {
            let named = Category::ALL.iter().any(|c| block.contains(c.code())) || block.contains("(C1)");
            if !named {
                without.push(name.to_owned());
            }
        } else if !PLAIN.contains(&name) && !carrier {
            unknown.push(name.to_owned());
        }
    }
    assert!(unknown.is_empty(), "say whether these show a client's data: {unknown:?}");
    assert!(without.is_empty(), "these name no category: {without:?}");
}
