//! Why a category of a record is seen, and what stands against it: for those entitled to ask (C12).

use super::failure::ApiError;
use super::request;
use super::scalars::DateTime;
use super::{OrganisationLink, shown_link};
use crate::domain::basis::{Basis, Scope};
use crate::domain::category::{Categories, Category};
use crate::domain::document::DocumentKind;
use crate::domain::ids::{ClientId, OrganisationId, TypedId};
use crate::domain::restriction::RestrictionKind;
use crate::policy::explain::{
    ExplainedGrant as Grant, ExplainedRestriction as Restriction, Explanation, entitlement, explain,
};
use async_graphql::{Context, ID, SimpleObject};

/// Who sees a category of a record, on which grants, and which restrictions stand (C12). It tells of rights alone: never a value,
/// never a reason in somebody's words.
#[derive(SimpleObject)]
pub struct AccessExplanation {
    /// The category that was asked about. INVOLVEMENT (C1, C12).
    category: Category,
    /// The live grants that open it, in order of time. What a grant opens lies within its scope. INVOLVEMENT (C1, C2).
    grants: Vec<ExplainedGrant>,
    /// The restrictions that stand on the record, in order of time. INVOLVEMENT (C1, C5, C6, C7).
    restrictions: Vec<ExplainedRestriction>,
}

/// A live grant that opens the category (C2).
#[derive(SimpleObject)]
pub struct ExplainedGrant {
    /// Whose. INVOLVEMENT (C1), under C11: named as far as the categories open to who asks allow.
    organisation: OrganisationLink,
    /// The team, where narrowed to one and its organisation may be named. INVOLVEMENT (C1), under C11.
    team_name: Option<String>,
    /// The person, where narrowed to one and their organisation may be named. INVOLVEMENT (C1), under C11.
    person_name: Option<String>,
    /// On which basis. INVOLVEMENT (C1, C2).
    basis: Basis,
    /// How far it reaches. INVOLVEMENT (C1, C2).
    scope: Scope,
    /// The kind of document it comes from. INVOLVEMENT (C1, C2).
    document_kind: DocumentKind,
    /// That document's global id. INVOLVEMENT (C1, C2).
    document_id: Option<ID>,
    /// Since when. INVOLVEMENT (C1, C2).
    since: DateTime,
    /// Until when; `null` while no end is planned. INVOLVEMENT (C1, C2).
    until: Option<DateTime>,
    /// The restrictions that stand before it, for everybody but the people named on them. INVOLVEMENT (C1, C5, C6, C7).
    restricted_by: Vec<RestrictionKind>,
}

/// A restriction that stands on the record, until it is lifted (C5-C7).
#[derive(SimpleObject)]
pub struct ExplainedRestriction {
    /// What kind. INVOLVEMENT (C1, C5, C6, C7).
    kind: RestrictionKind,
    /// Since when. INVOLVEMENT (C1, C5, C6, C7).
    since: DateTime,
    /// The organisation it excludes. INVOLVEMENT (C1, C6), under C11.
    organisation: Option<OrganisationLink>,
    /// The person it excludes. INVOLVEMENT (C1, C6).
    person_name: Option<String>,
    /// How many people are named on it. INVOLVEMENT (C1, C5, C7).
    people_named: i64,
}

impl From<Grant> for ExplainedGrant {
    fn from(g: Grant) -> Self {
        Self {
            organisation: shown_link(g.organisation.map(|o| (o.id, o.name))),
            team_name: g.team,
            person_name: g.person,
            basis: g.basis,
            scope: g.scope,
            document_kind: g.document,
            document_id: g.document_id.map(ID),
            since: DateTime(g.since),
            until: g.until.map(DateTime),
            restricted_by: g.restricted_by,
        }
    }
}

impl From<Restriction> for ExplainedRestriction {
    fn from(r: Restriction) -> Self {
        let named = r.organisation.map(|o| (o.id, o.name));
        Self {
            kind: r.kind,
            since: DateTime(r.since),
            organisation: r.excludes_organisation.then(|| shown_link(named)),
            person_name: r.person,
            people_named: r.named,
        }
    }
}

/// The explanation of a category, or nothing: for who is not entitled, for an unknown id and for a hidden one alike (C13).
pub(super) async fn explanation(
    ctx: &Context<'_>,
    client: &str,
    category: Category,
    organisation: Option<&str>,
) -> Result<Option<AccessExplanation>, ApiError> {
    let request = request(ctx);
    let nil = uuid::Uuid::nil();
    let id = ClientId::parse(client).unwrap_or(ClientId(nil));
    let by = entitlement(&request.viewer);
    let Some(facts) = request.scope().explanation(id, category, by).await? else {
        request.note_nothing_found(client);
        return Ok(None);
    };
    let only = organisation.map(|o| OrganisationId::parse(o).unwrap_or(OrganisationId(nil)));
    let Explanation { category, grants, restrictions } =
        explain(facts, category, (request.viewer.organisation, request.viewer.person), only);
    let explained: Vec<_> = grants.iter().map(|g| g.id).collect();
    request.note(id, Categories::of(&[Category::Involvement]), &explained);
    Ok(Some(AccessExplanation {
        category,
        grants: grants.into_iter().map(Into::into).collect(),
        restrictions: restrictions.into_iter().map(Into::into).collect(),
    }))
}
