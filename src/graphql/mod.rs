//! The GraphQL schema: thin types and resolvers over `service` and the read scope.
//!
//! | file | what |
//! | --- | --- |
//! | [`query`], [`mutation`] | the roots |
//! | [`client`], [`referral`], [`shared_case`], [`consent`], [`signpost`], [`restriction`], [`proxy`], [`lawful_basis`], [`retention`] | client-bound types: each field opens through a disclosure |
//! | [`emergency`] | overrides and requests for one |
//! | [`inbox`] | what the viewer is to see or do, and its subject as far as they see it |
//! | [`legal_gateway`], [`outward_disclosure`] | the same for disclosures without consent |
//! | [`explain`] | why a category is seen, for those entitled to ask |
//! | [`organisation`], [`criteria`], [`supervision`], [`viewer`] | what is not client-bound |
//! | [`direct`] | how most fields are resolved: without a future each |
//! | [`siblings`] | how nested fields cost one statement whatever the number of rows |
//! | [`pagination`], [`scalars`], [`enums`], [`failure`] | the conventions |

pub mod client;
pub mod consent;
pub mod contact;
pub mod criteria;
pub mod direct;
pub mod duty;
pub mod emergency;
pub mod enums;
pub mod explain;
pub mod failure;
pub mod feedback;
pub mod figures;
pub mod inbox;
pub mod lawful_basis;
pub mod legal_gateway;
pub mod likeness;
pub mod merge;
pub mod mutation;
pub mod organisation;
pub mod outward_disclosure;
pub mod pagination;
pub mod proxy;
pub mod query;
pub mod referral;
pub mod restriction;
pub mod retention;
pub mod routing;
pub mod scalars;
pub mod shared_case;
pub mod siblings;
pub mod signpost;
pub mod supervision;
pub mod triage;
pub mod viewer;

use crate::domain::category::Categories;
use crate::policy::links;
use crate::service::context::Context as Request;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use async_graphql::{Context, EmptySubscription, SDLExportOptions, SimpleObject, ValidationMode};
use std::collections::HashSet;
use std::sync::Arc;

/// The schema.
pub type Schema = async_graphql::Schema<query::Query, mutation::Mutation, EmptySubscription>;

/// Limits on a document, checked before it runs.
#[derive(Clone, Copy, Debug)]
pub struct DocumentLimits {
    /// Depth of nesting.
    pub depth: usize,
    /// Complexity: fields, multiplied by the sizes of pages.
    pub complexity: usize,
}

/// Builds the schema. No extension is registered: one would switch off the fast path of every field.
pub fn schema(limits: DocumentLimits) -> Schema {
    build(limits, ValidationMode::Strict)
}

/// The same schema for documents that it has found valid before: it reckons their depth and complexity alone, with the values of
/// their variables.
pub fn schema_of_valid(limits: DocumentLimits) -> Schema {
    build(limits, ValidationMode::Fast)
}

fn build(limits: DocumentLimits, mode: ValidationMode) -> Schema {
    async_graphql::Schema::build(query::Query, mutation::Mutation::default(), EmptySubscription)
        .limit_depth(limits.depth)
        .limit_complexity(limits.complexity)
        .validation_mode(mode)
        .finish()
}

/// The schema as a document: sorted, without built-in directives.
pub fn sdl(schema: &Schema) -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .use_space_ident();
    let text = schema.sdl_with_options(options);
    // Built-in directives are part of the language, not of this schema.
    let mut kept: Vec<String> = Vec::new();
    for block in text.split("\n\n") {
        let first = block.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
        let built_in = [
            "directive @include",
            "directive @skip",
            "directive @deprecated",
            "directive @specifiedBy",
            "directive @oneOf",
        ]
        .iter()
        .any(|d| block.contains(d));
        if !first.is_empty() && !built_in {
            kept.push(block.trim_matches('\n').to_owned());
        }
    }
    kept.join("\n\n") + "\n"
}

/// The fields of the schema's roots, and those of the language: the words that an operation may be called by.
pub fn root_fields(sdl: &str) -> HashSet<String> {
    let mut fields = HashSet::from(["__schema", "__type", "__typename"].map(str::to_owned));
    let definitions = parse_schema(sdl).map(|d| d.definitions).unwrap_or_default();
    for definition in definitions {
        if let TypeSystemDefinition::Type(t) = definition
            && ["Query", "Mutation", "Subscription"].contains(&t.node.name.node.as_str())
            && let TypeKind::Object(root) = t.node.kind
        {
            fields.extend(root.fields.into_iter().map(|f| f.node.name.node.to_string()));
        }
    }
    fields
}

/// The request a resolver runs in.
pub(crate) fn request<'a>(ctx: &Context<'a>) -> &'a Arc<Request> {
    ctx.data_unchecked::<Arc<Request>>()
}

/// An organisation behind a link to a client. Where its name would speak of a category that is not open to the viewer it
/// reads "an organisation" (C11).
#[derive(SimpleObject, Clone, Debug)]
pub struct OrganisationLink {
    /// The organisation's global id, when it may be named. INVOLVEMENT (C1), under C11.
    id: Option<async_graphql::ID>,
    /// Its name, or "an organisation". INVOLVEMENT (C1), under C11.
    name: String,
}

/// The link as this viewer may see it.
pub(crate) fn organisation_link(
    request: &Request,
    organisation: crate::domain::ids::OrganisationId,
    name: &str,
    implies: Categories,
    open: Categories,
    sender_shown_to_hub: bool,
) -> OrganisationLink {
    let own = organisation == request.viewer.organisation;
    let named = links::may_be_named(implies, open, own, sender_shown_to_hub);
    shown_link(named.then(|| (organisation, name.to_owned())))
}

/// The link to an organisation that was found fit to be named, or to one that was not.
pub(crate) fn shown_link(named: Option<(crate::domain::ids::OrganisationId, String)>) -> OrganisationLink {
    use crate::domain::ids::TypedId;
    match named {
        Some((id, name)) => OrganisationLink { id: Some(id.global().into()), name },
        None => OrganisationLink { id: None, name: links::UNNAMED.to_owned() },
    }
}

/// A category that is withheld from the viewer. It depends on rights alone: the same whether or not there is anything
/// behind it (C12).
#[derive(SimpleObject, Clone, Debug)]
pub struct Redaction {
    /// The category. INVOLVEMENT (C1, C12).
    category: crate::domain::category::Category,
    /// Why. INVOLVEMENT (C1, C12).
    reason: crate::policy::disclosure::RedactionReason,
    /// What the viewer can do, in words. INVOLVEMENT (C1, C12).
    remedy: &'static str,
}

impl From<crate::policy::disclosure::Redaction> for Redaction {
    fn from(r: crate::policy::disclosure::Redaction) -> Self {
        Self { category: r.category, reason: r.reason, remedy: r.remedy }
    }
}
