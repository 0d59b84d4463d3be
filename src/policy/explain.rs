//! Why somebody sees a category, told to those entitled (C12): which grants open it, which restrictions stand, since when and
//! until when. Never a value, never a reason in somebody's words.

use super::links;
use super::restriction::{Met, stands};
use super::viewer::Viewer;
use crate::domain::basis::{Basis, Scope, bases};
use crate::domain::category::{Categories, Category, LOCATING};
use crate::domain::clock::Timestamp;
use crate::domain::document::DocumentKind;
use crate::domain::ids::{GrantId, OrganisationId, PersonId};
use crate::domain::restriction::RestrictionKind;
use crate::domain::role::Role;
use uuid::Uuid;

/// An organisation as an explanation meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationFacts {
    /// Which.
    pub id: OrganisationId,
    /// Of which body it is: the organisation that stands for it where it was merged, else itself.
    pub body: OrganisationId,
    /// Its name.
    pub name: String,
    /// The categories that the name implies (C11).
    pub implies: Categories,
}

/// A person as an explanation meets them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonFacts {
    /// Who.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// The categories that the other organisations they work for imply (C11); told of whom a restriction excludes.
    pub implies: Categories,
}

/// A live grant that opens the category, whoever holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantFacts {
    /// The row of the ledger.
    pub id: GrantId,
    /// Whose.
    pub organisation: OrganisationFacts,
    /// The team, where narrowed to one.
    pub team: Option<String>,
    /// The person, where narrowed to one.
    pub person: Option<PersonFacts>,
    /// On which basis.
    pub basis: Basis,
    /// Which restrictions a co-signature lets it pass (C16).
    pub passes: i64,
    /// How far it reaches.
    pub scope: Scope,
    /// The kind of document it comes from.
    pub document: DocumentKind,
    /// The document.
    pub document_id: Uuid,
    /// Since when.
    pub since: Timestamp,
    /// Until when, as planned.
    pub until: Timestamp,
}

/// A restriction that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestrictionFacts {
    /// What kind.
    pub kind: RestrictionKind,
    /// Since when.
    pub since: Timestamp,
    /// The organisation it excludes.
    pub organisation: Option<OrganisationFacts>,
    /// The person it excludes.
    pub person: Option<PersonFacts>,
    /// How many people are named on it.
    pub named: i64,
}

/// Everything that bears on one category of one record, as one statement brought it to somebody entitled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExplainFacts {
    /// The categories open to who asks: none to a lead without client content.
    pub open: Categories,
    /// The live grants that open the category.
    pub grants: Vec<GrantFacts>,
    /// The restrictions that stand on the record.
    pub restrictions: Vec<RestrictionFacts>,
}

/// A grant, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedGrant {
    /// The row of the ledger.
    pub id: GrantId,
    /// The organisation, where it may be named (C11).
    pub organisation: Option<OrganisationFacts>,
    /// The team, where narrowed to one and its organisation may be named.
    pub team: Option<String>,
    /// The person, where narrowed to one and their organisation may be named.
    pub person: Option<String>,
    /// On which basis.
    pub basis: Basis,
    /// How far it reaches.
    pub scope: Scope,
    /// The kind of document.
    pub document: DocumentKind,
    /// The document's global id.
    pub document_id: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// Until when; nothing while no end is planned.
    pub until: Option<Timestamp>,
    /// The restrictions that stand before it: before all of it, or before all but the people named.
    pub restricted_by: Vec<RestrictionKind>,
}

/// A restriction, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedRestriction {
    /// What kind.
    pub kind: RestrictionKind,
    /// Since when.
    pub since: Timestamp,
    /// Whether it excludes an organisation.
    pub excludes_organisation: bool,
    /// That organisation, where it may be named (C11).
    pub organisation: Option<OrganisationFacts>,
    /// The person it excludes, where they may be named (C11): as the restriction itself shows them.
    pub person: Option<String>,
    /// How many people are named on it.
    pub named: i64,
}

/// Why a category is seen, by whom, and what stands against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The category.
    pub category: Category,
    /// The grants that open it.
    pub grants: Vec<ExplainedGrant>,
    /// The restrictions that stand.
    pub restrictions: Vec<ExplainedRestriction>,
}

/// What a role may ask explanations by: as the manager of the team that leads an open case, or as a lead of an organisation that
/// works with the person. What must be live for it is in the statement of `persistence::explain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// By an open case that the viewer's team leads.
    pub as_manager: bool,
    /// By a live HOLDER or TEAM grant of the viewer's organisation.
    pub as_lead: bool,
}

/// By what the viewer's roles entitle them.
pub fn entitlement(viewer: &Viewer) -> Entitlement {
    Entitlement {
        as_manager: !viewer.is_category && viewer.roles.has(Role::TeamManager),
        as_lead: !viewer.is_category && viewer.roles.any(&[Role::SafeguardingLead, Role::InformationGovernance]),
    }
}

/// The bases of its organisation that entitle a lead: those of who works with the person.
pub const ENTITLING_LEADS: i64 = bases(&[Basis::Holder, Basis::Team]);

/// Explains a category: to whom it is open and by what. With `only`, the grants of that organisation alone, as far as it may be named:
/// asking by name tells no more than reading does (C14).
pub fn explain(
    facts: ExplainFacts,
    category: Category,
    (own, me): (OrganisationId, PersonId),
    only: Option<OrganisationId>,
) -> Explanation {
    let may_name = |o: &OrganisationFacts| links::may_be_named(o.implies, facts.open, o.id == own, false);
    let restrictions = &facts.restrictions;
    let grants = facts
        .grants
        .iter()
        .filter(|g| only.is_none_or(|o| g.organisation.id == o && may_name(&g.organisation)))
        .map(|g| {
            let named = may_name(&g.organisation);
            let mut restricted_by: Vec<_> =
                restrictions.iter().filter(|r| restricts(r, g, category)).map(|r| r.kind).collect();
            restricted_by.sort();
            restricted_by.dedup();
            ExplainedGrant {
                id: g.id,
                organisation: named.then(|| g.organisation.clone()),
                team: g.team.clone().filter(|_| named),
                person: g.person.as_ref().filter(|_| named).map(|p| p.name.clone()),
                basis: g.basis,
                scope: g.scope,
                document: g.document,
                document_id: g.document.global(g.document_id),
                since: g.since,
                until: (g.until != Timestamp::NEVER).then_some(g.until),
                restricted_by,
            }
        })
        .collect();
    let restrictions = restrictions
        .iter()
        .map(|r| ExplainedRestriction {
            kind: r.kind,
            since: r.since,
            excludes_organisation: r.organisation.is_some(),
            organisation: r.organisation.clone().filter(may_name),
            person: r
                .person
                .as_ref()
                .filter(|p| links::may_be_named(p.implies, facts.open, p.id == me, false))
                .map(|p| p.name.clone()),
            named: r.named,
        })
        .collect();
    Explanation { category, grants, restrictions }
}

/// Whether a restriction stands before what a grant opens of a category, for anybody who is not named on it.
fn restricts(r: &RestrictionFacts, g: &GrantFacts, category: Category) -> bool {
    let met = Met {
        kind: r.kind,
        names_viewer: false,
        excludes_person: r.person.as_ref().zip(g.person.as_ref()).is_some_and(|(r, g)| r.id == g.id),
        excludes_organisation: r.organisation.as_ref().is_some_and(|o| o.body == g.organisation.body),
    };
    let touched = match r.kind {
        RestrictionKind::Sealed | RestrictionKind::Objection => true,
        RestrictionKind::ProtectedContact | RestrictionKind::ContactPreference => LOCATING.has(category),
    };
    touched && stands(met, g.basis, g.passes)
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
