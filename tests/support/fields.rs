//! The category of every client-bound field (C1), read from the schema's own descriptions: what the house demands of each field
//! and what the matrix compares each cell with is one table.
//!
//! A description names its category once, as `HOUSING (C1)` or `INVOLVEMENT (C1, C12)`, or says that the item it belongs to
//! carries its own: `The section's own category (C1)`, `The item's own category (C1)`, `The note's own categories (C1)`; a legal gateway and a
//! disclosure to somebody outside likewise.

use alliance::config::Config;
use alliance::domain::category::Category;
use alliance::domain::code::Coded;
use alliance::graphql::{DocumentLimits, schema, sdl};
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, Type, TypeKind, TypeSystemDefinition};
use std::collections::BTreeMap;

/// What a type shows. Every object and interface of the schema is one of these; an unknown one fails until it is put here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A client's data: every field names its category.
    ClientBound,
    /// None of a client.
    Plain,
    /// The pages and payloads that carry others, and nothing of their own.
    Carrier,
}

/// Objects that show a client's data, or tell of it.
const CLIENT_BOUND: &[&str] = &[
    "AccessExplanation",
    "BirthSection",
    "CaseAccess",
    "CaseLead",
    "CaseMember",
    "Client",
    "ClientAccess",
    "Competence",
    "Consent",
    "ConsentAccess",
    "ConsentRecipient",
    "ContactSection",
    "DutyToRefer",
    "ExplainedGrant",
    "ExplainedRestriction",
    "HouseholdMember",
    "HouseholdSection",
    "HousingSection",
    "InboxItem",
    "IntakeNotice",
    "LawfulBasis",
    "LawfulBasisAccess",
    "LikeRecord",
    "LegalGateway",
    "LegalGatewayAccess",
    "LegalHold",
    "NameSection",
    "Note",
    "NoteAccess",
    "OrganisationLink",
    "OutwardDisclosure",
    "Override",
    "OverrideAccess",
    "OverrideRequest",
    "Proxy",
    "ProxyAccess",
    "Redaction",
    "Referral",
    "ReferralAccess",
    "ReferralAnswer",
    "ReferralAssignee",
    "ReferralEntry",
    "ReferralNarrative",
    "ReferralOffer",
    "ReferralQuestion",
    "ReferralStep",
    "Restriction",
    "RestrictionAccess",
    "RestrictionPerson",
    "SharedCase",
    "Signpost",
    "SignpostAccess",
    "SuggestedService",
    "TextSection",
    "TriageClock",
];

/// Objects that show none.
const PLAIN: &[&str] = &[
    "Criteria",
    "CriteriaChange",
    "CriteriaVersion",
    "CriterionReason",
    // Numbers, like a totalCount.
    "DeclineCount",
    "Eligibility",
    "LikelyDuplicate",
    "Membership",
    "Mutation",
    "Node",
    "Organisation",
    // Of who works there, and of no client.
    "OrganisationContact",
    "OrganisationMerge",
    // Numbers, like a totalCount.
    "OutcomeCount",
    "PageInfo",
    "Query",
    // Numbers, like a totalCount.
    "ReferralFeedback",
    "SenderFigures",
    "Service",
    "ServiceEligibility",
    "Supervision",
    "Team",
    // Numbers, like a totalCount.
    "TeamFigures",
    // Numbers, like a totalCount.
    "TriageCount",
    "UserError",
    "Viewer",
    // Numbers, like a totalCount.
    "WorkerCaseload",
];

/// What a field is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// Exactly one category.
    One(Category),
    /// The category of the section it belongs to.
    Section,
    /// The category of the item it belongs to: a narrative, or what a referral brought.
    Item,
    /// All categories of the note it belongs to.
    Note,
    /// All categories of the legal gateway, or of the disclosure to somebody outside, that it belongs to.
    Document,
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    /// The type it leads to, lists and non-nulls taken off.
    pub of: String,
    pub list: bool,
    pub arguments: Vec<String>,
    pub description: String,
}

/// An object of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// It has an identity of its own.
    pub is_node: bool,
    pub fields: Vec<Field>,
}

/// All objects by name.
pub fn objects() -> BTreeMap<String, Object> {
    let parsed = parse_schema(document()).expect("the schema parses");
    let mut all = BTreeMap::new();
    for definition in parsed.definitions {
        let TypeSystemDefinition::Type(of) = definition else { continue };
        let (is_node, fields) = match of.node.kind {
            TypeKind::Object(o) => (o.implements.iter().any(|i| i.node == "Node"), o.fields),
            TypeKind::Interface(i) => (false, i.fields),
            TypeKind::Union(_) => panic!("{}: say here how a union is classified", of.node.name.node),
            _ => continue,
        };
        let fields = fields
            .into_iter()
            .map(|f| Field {
                name: f.node.name.node.to_string(),
                of: named(&f.node.ty.node),
                list: matches!(f.node.ty.node.base, BaseType::List(_)),
                arguments: f.node.arguments.iter().map(|a| a.node.name.node.to_string()).collect(),
                description: f.node.description.map(|d| d.node).unwrap_or_default(),
            })
            .collect();
        all.insert(of.node.name.node.to_string(), Object { is_node, fields });
    }
    all
}

fn named(t: &Type) -> String {
    match &t.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(of) => named(of),
    }
}

/// The schema as a document.
pub fn document() -> String {
    let limits = Config::default().limits;
    sdl(&schema(DocumentLimits { depth: limits.depth, complexity: limits.complexity }))
}

/// What a type is; `None` until somebody says so above.
pub fn kind(name: &str) -> Option<Kind> {
    let carrier = ["Connection", "Edge", "Payload"].iter().any(|end| name.ends_with(end));
    match (CLIENT_BOUND.contains(&name), PLAIN.contains(&name), carrier) {
        (true, false, false) => Some(Kind::ClientBound),
        (false, true, false) => Some(Kind::Plain),
        (false, false, true) => Some(Kind::Carrier),
        _ => None,
    }
}

/// What a description says its field is of: exactly one statement, or what is wrong with it.
pub fn held(description: &str) -> Result<Held, String> {
    let words = description.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    for (at, _) in words.match_indices("(C1").filter(|(at, _)| words[at + 3..].starts_with([')', ',', ':'])) {
        let before = words[..at].trim_end();
        let own = [
            ("The section's own category", Held::Section),
            ("The item's own category", Held::Item),
            ("The note's own categories", Held::Note),
            ("The gateway's own categories", Held::Document),
            ("The disclosure's own categories", Held::Document),
            ("The answer's own categories", Held::Document),
        ];
        let said = own.iter().find(|(text, _)| before.ends_with(text)).map(|(_, held)| *held);
        let code = before.rsplit(' ').next().and_then(Category::from_code).map(Held::One);
        found.push(said.or(code).ok_or_else(|| format!("no category before (C1 in {words:?}"))?);
    }
    match found[..] {
        [one] => Ok(one),
        [] => Err(format!("names no category: {words:?}")),
        _ => Err(format!("names several categories: {words:?}")),
    }
}

/// Every field of every client-bound type with what it is of. Panics on whatever is not classified or described.
pub fn table() -> BTreeMap<(String, String), Held> {
    let wrong = problems();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let mut all = BTreeMap::new();
    for (name, object) in objects().into_iter().filter(|(name, _)| kind(name) == Some(Kind::ClientBound)) {
        for f in object.fields {
            let held = held(&f.description).expect("no problems");
            all.insert((name.clone(), f.name), held);
        }
    }
    all
}

/// What is wrong with the schema as the table reads it; empty when every field has its category.
pub fn problems() -> Vec<String> {
    let objects = objects();
    let mut wrong = Vec::new();
    for name in CLIENT_BOUND.iter().chain(PLAIN).filter(|n| !objects.contains_key(**n)) {
        wrong.push(format!("{name} is listed in tests/support/fields.rs and is no type of the schema"));
    }
    for (name, object) in &objects {
        match kind(name) {
            None => wrong.push(format!("{name}: say in tests/support/fields.rs whether it shows a client's data")),
            Some(Kind::Plain) => {}
            Some(Kind::Carrier) => wrong.extend(carries(name, object)),
            Some(Kind::ClientBound) => {
                let of = object.fields.iter().filter_map(|f| held(&f.description).err().map(|e| (f, e)));
                wrong.extend(of.map(|(f, e)| format!("{name}.{} {e}", f.name)));
            }
        }
    }
    wrong
}

/// What payloads tell beside the object that was changed, and why it is no client's data.
const RECEIPTS: &[(&str, &str, &str)] = &[
    ("OverrideRequestPayload", "receipt", "one word, the same whatever comes of the request (C16)"),
    (
        "ConsentWithdrawPayload",
        "unknownRecipients",
        "ids as they were given that the public registry does not know (C4)",
    ),
    (
        "ConsentWithdrawPayload",
        "fromOwnOrganisationAlone",
        "how far the viewer's own words reached, by what they are told of the consent (C4)",
    ),
];

/// A carrier carries, and tells nothing else.
fn carries(name: &str, object: &Object) -> Vec<String> {
    const PAGE: &[&str] = &["cursor", "edges", "node", "nodes", "pageInfo", "totalCount"];
    let fine = |f: &Field| match name.ends_with("Payload") {
        // What was changed, and what is wrong.
        true => kind(&f.of).is_some() || RECEIPTS.iter().any(|(p, field, _)| (*p, *field) == (name, f.name.as_str())),
        false => PAGE.contains(&f.name.as_str()),
    };
    let more = object.fields.iter().filter(|f| !fine(f));
    more.map(|f| format!("{name}.{} is more than what it carries: say in RECEIPTS why it may", f.name)).collect()
}

#[test]
fn a_description_names_one_category_and_no_more() {
    assert_eq!(held("Landlord. HOUSING (C1)."), Ok(Held::One(Category::Housing)));
    assert_eq!(held("Phone. CONTACT (C1, C7)."), Ok(Held::One(Category::Contact)));
    assert_eq!(held("The\ntext. The section's own category (C1)."), Ok(Held::Section));
    assert_eq!(held("Who. The note's own categories (C1), under C11."), Ok(Held::Note));
    assert_eq!(held("Why. The gateway's own categories (C1, C11)."), Ok(Held::Document));
    assert_eq!(held("Who. The disclosure's own categories\n(C1)."), Ok(Held::Document));
    for bad in
        ["Landlord.", "Landlord (C1).", "Landlord. HOUSE (C1).", "HOUSING (C1). HEALTH (C1).", "HOUSING (C11)."]
    {
        assert!(held(bad).is_err(), "{bad}");
    }
}
