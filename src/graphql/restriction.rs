//! Restrictions on a client's record, for those whom they name and those who must honour them (C5-C7).

use super::failure::ApiError;
use super::scalars::DateTime;
use super::siblings::Siblings;
use super::{OrganisationLink, organisation_link, request};
use crate::domain::basis::Basis;
use crate::domain::ids::{ClientId, RestrictionId, TypedId};
use crate::domain::restriction::RestrictionKind;
use crate::persistence::restriction::{Person, Restriction as Row};
use crate::policy::links;
use crate::policy::restriction::{self as policy, Lifting};
use crate::service::context::Context as Request;
use async_graphql::{Context, ID, Object, SimpleObject};
use std::sync::Arc;

/// A live restriction on a client's record (C5-C7). INVOLVEMENT (C1).
#[derive(Clone)]
pub struct Restriction {
    row: Arc<Row>,
    siblings: Arc<Siblings<RestrictionId>>,
}

/// A person whom a restriction names or excludes. INVOLVEMENT (C1), under C11.
#[derive(SimpleObject)]
pub struct RestrictionPerson {
    /// Global id of the person, when they may be named. INVOLVEMENT (C1), under C11.
    id: Option<ID>,
    /// Their name, or "somebody", where an organisation they work for would speak of a category that is not open. INVOLVEMENT
    /// (C1), under C11.
    name: String,
    /// When the first of two people asked for the name to be taken off (C7). INVOLVEMENT (C1).
    off_asked_at: Option<DateTime>,
}

/// What the viewer may do with a restriction, by the same predicates that the mutations enforce (C22).
#[derive(SimpleObject)]
pub struct RestrictionAccess {
    /// Name a further person on it. INVOLVEMENT (C1, C22).
    can_name: bool,
    /// Take a name off it, or ask for that together with another person. INVOLVEMENT (C1, C7, C22).
    can_unname: bool,
    /// Lift it, or ask for it to be lifted together with another person. INVOLVEMENT (C1, C7, C22).
    can_lift: bool,
}

impl Restriction {
    /// Restrictions from what one statement brought; each is noted in the trace.
    pub fn group(request: &Request, found: Vec<Row>) -> Vec<Self> {
        let siblings = Siblings::of(found.iter().map(|r| r.id).collect());
        found
            .into_iter()
            .map(|row| {
                request.note_involvement(&row.disclosure);
                Self { row: Arc::new(row), siblings: Arc::clone(&siblings) }
            })
            .collect()
    }

    /// Whose record.
    pub fn client_key(&self) -> ClientId {
        self.row.client
    }

    fn excluded(&self, ctx: &Context<'_>) -> Option<OrganisationLink> {
        let r = &self.row;
        let name = r.organisation_name.as_deref()?;
        let open = r.disclosure.open();
        Some(organisation_link(request(ctx), r.organisation?, name, r.organisation_implies, open, false))
    }

    async fn people_of(&self, ctx: &Context<'_>, excluded: bool) -> Result<Vec<RestrictionPerson>, ApiError> {
        let request = request(ctx);
        let siblings = &self.siblings;
        let all = siblings
            .load::<Vec<Person>, _>("people", async { Ok(request.scope().people_on(&siblings.keys).await?) })
            .await?;
        let open = self.row.disclosure.open();
        let mut shown: Vec<_> = all
            .iter()
            .filter(|p| p.restriction == self.row.id && (Some(p.person) == self.row.person) == excluded)
            .map(|p| {
                let off_asked_at = p.off_asked_at.map(DateTime);
                if links::may_be_named(p.implies, open, p.person == request.viewer.person, false) {
                    RestrictionPerson { id: Some(p.person.global().into()), name: p.name.clone(), off_asked_at }
                } else {
                    RestrictionPerson { id: None, name: "somebody".to_owned(), off_asked_at }
                }
            })
            .collect();
        // By name; who may not be named comes last and once, however many they are: neither their place nor their number, before
        // and after somebody is named, tells who they are (C11, C14).
        shown.sort_by_key(|p| p.id.is_none());
        shown.dedup_by(|a, b| a.id.is_none() && b.id.is_none());
        Ok(shown)
    }
}

/// A live restriction on a client's record (C5-C7). INVOLVEMENT (C1). A seal and protected contact are told to those they name;
/// an objection to the hub and the lead, who must honour it, and to who recorded it.
#[Object]
impl Restriction {
    /// Global id. INVOLVEMENT (C1).
    pub async fn id(&self) -> ID {
        self.row.id.global().into()
    }

    /// Version, to change it by. INVOLVEMENT (C1).
    async fn version(&self) -> i64 {
        self.row.version
    }

    /// What kind. INVOLVEMENT (C1).
    async fn kind(&self) -> RestrictionKind {
        self.row.told.kind
    }

    /// The organisation that an objection excludes. INVOLVEMENT (C1), under C11.
    async fn organisation(&self, ctx: &Context<'_>) -> Option<OrganisationLink> {
        self.excluded(ctx)
    }

    /// The person whom an objection excludes. INVOLVEMENT (C1), under C11.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<RestrictionPerson>, ApiError> {
        if self.row.person.is_none() {
            return Ok(None);
        }
        Ok(self.people_of(ctx, true).await?.pop())
    }

    /// Whom it names: who keeps sight of the record, or of where the person can be found; "somebody" once, whoever they are and
    /// however many, who may not be named. INVOLVEMENT (C1), under C11.
    async fn people(&self, ctx: &Context<'_>) -> Result<Vec<RestrictionPerson>, ApiError> {
        self.people_of(ctx, false).await
    }

    /// Why. INVOLVEMENT (C1), under C11; not for somebody whom a mere offer names, nor of an objection to whom the viewer may not be
    /// told by name: it is in the client's words, and would say who they are.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<&str>, ApiError> {
        let mut unnamed = self.excluded(ctx).is_some_and(|o| o.id.is_none());
        if self.row.person.is_some() {
            unnamed |= self.people_of(ctx, true).await?.iter().any(|p| p.id.is_none());
        }
        let meets_only = self.row.disclosure.grants().iter().all(|g| g.basis == Basis::Offer);
        let told = self.row.told;
        // In its own words one that follows would tell of somebody else's (C7).
        let neutral = told.follows && !told.knows_root;
        let words = if neutral { "Contact is for the few." } else { self.row.reason.as_str() };
        Ok((!meets_only && !unnamed).then_some(words))
    }

    /// Whether it follows from the protection, or the preference, of another member of the household, and is lifted with that
    /// one (C7): for those who are told of that one; `false` for all others. INVOLVEMENT (C1).
    async fn follows(&self) -> bool {
        policy::shown_to_follow(self.row.told)
    }

    /// When it was set. INVOLVEMENT (C1).
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.row.recorded_at)
    }

    /// When the first of two people asked for it to be lifted (C7). INVOLVEMENT (C1).
    async fn lift_asked_at(&self) -> Option<DateTime> {
        self.row.lift_asked_at.map(DateTime)
    }

    /// What the viewer may do. INVOLVEMENT (C1, C22).
    async fn viewer_access(&self, ctx: &Context<'_>) -> RestrictionAccess {
        let r = &self.row;
        let unnaming = policy::unname(&request(ctx).viewer, r.told, None);
        let lifting = policy::lift(&request(ctx).viewer, &r.disclosure, r.told);
        RestrictionAccess {
            can_name: policy::may_name(r.told),
            can_unname: matches!(unnaming, Lifting::Asked | Lifting::Lifted),
            can_lift: matches!(lifting, Lifting::Asked | Lifting::Lifted),
        }
    }
}
