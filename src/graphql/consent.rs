//! Consents.

use super::failure::ApiError;
use super::scalars::DateTime;
use super::siblings::Siblings;
use super::{OrganisationLink, organisation_link, request};
use crate::domain::basis::Basis;
use crate::domain::category::{Categories, Category};
use crate::domain::consent::{GivenBy, GivenHow, Purpose};
use crate::domain::ids::{ClientId, ConsentId, OrganisationId, TypedId};
use crate::persistence::consent::{Consent as Row, Recipient};
use crate::policy::writing;
use crate::service::context::Context as Request;
use async_graphql::{Context, ID, Object, SimpleObject};
use std::sync::Arc;

/// A consent (C3). INVOLVEMENT (C1).
#[derive(Clone)]
pub struct Consent {
    row: Arc<Row>,
    siblings: Arc<Siblings<ConsentId>>,
}

/// A recipient of a consent, under C11.
#[derive(SimpleObject)]
pub struct ConsentRecipient {
    /// The organisation. INVOLVEMENT (C1), under C11.
    organisation: OrganisationLink,
    /// What the consent still opens to it; what it was given for, of one that may not be named. INVOLVEMENT (C1, C3).
    categories: Vec<Category>,
    /// What was withdrawn from it since; for the lead and the hub, of one that may be named: a withdrawal by name must not find out
    /// who it is. Who recorded the consent is told of the withdrawals that they recorded themselves. INVOLVEMENT (C1, C4), under C11.
    withdrawn: Option<Vec<Category>>,
}

/// What the viewer may do with a consent, by the same predicate that the mutation enforces (C22).
#[derive(SimpleObject)]
pub struct ConsentAccess {
    /// Record that it is withdrawn, as far as the viewer is told to whom it was given. INVOLVEMENT (C1, C4, C22).
    can_withdraw: bool,
}

impl Consent {
    /// Consents from what one statement brought; each is noted in the trace.
    pub fn group(request: &Request, found: Vec<Row>) -> Vec<Self> {
        let siblings = Siblings::of(found.iter().map(|c| c.id).collect());
        found
            .into_iter()
            .map(|row| {
                request.note_involvement(&row.disclosure);
                Self { row: Arc::new(row), siblings: Arc::clone(&siblings) }
            })
            .collect()
    }

    /// What the viewer is told was withdrawn from a recipient: all, to who must honour it; of the viewer's own organisation, while
    /// it is there on more than its own items; else what that organisation recorded itself.
    fn withdrawn(&self, r: &Recipient, own: OrganisationId) -> Categories {
        let there = self.row.disclosure.grants().iter().any(|g| g.basis != Basis::Author);
        if self.row.honours() || (r.organisation == own && there) { r.withdrawn } else { r.withdrawn_here }
    }

    async fn recipient_rows(&self, ctx: &Context<'_>) -> Result<Arc<Vec<Recipient>>, ApiError> {
        let request = request(ctx);
        let siblings = &self.siblings;
        siblings
            .load::<Vec<Recipient>, _>("recipients", async { Ok(request.scope().recipients(&siblings.keys).await?) })
            .await
    }

    /// Whose.
    pub fn client_key(&self) -> ClientId {
        self.row.client
    }
}

/// A consent (C3). INVOLVEMENT (C1).
#[Object]
impl Consent {
    /// Global id. INVOLVEMENT (C1).
    pub async fn id(&self) -> ID {
        self.row.id.global().into()
    }

    /// What for. INVOLVEMENT (C1, C3).
    async fn purposes(&self) -> Vec<Purpose> {
        self.row.purposes.iter().collect()
    }

    /// Which categories it names; for a recipient, what it still opens to it. INVOLVEMENT (C1, C3).
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>, ApiError> {
        if self.row.tells_all() {
            return Ok(self.row.categories.iter().collect());
        }
        let own = request(ctx).viewer.organisation;
        let all = self.recipient_rows(ctx).await?;
        let mine = all.iter().find(|r| r.consent == self.row.id && r.organisation == own);
        let withdrawn = mine.map_or(Categories::NONE, |r| self.withdrawn(r, own));
        Ok(self.row.categories.minus(withdrawn).iter().collect())
    }

    /// Whether it was given to all partners of the day. INVOLVEMENT (C1, C3).
    async fn all_partners(&self) -> bool {
        self.row.all_partners
    }

    /// Who gave it. INVOLVEMENT (C1).
    async fn given_by(&self) -> GivenBy {
        self.row.given_by
    }

    /// How. INVOLVEMENT (C1).
    async fn given_how(&self) -> GivenHow {
        self.row.given_how
    }

    /// Global id of the parent, attorney or deputy who gave it; for the lead, the hub and who recorded it. INVOLVEMENT (C1, C3).
    async fn proxy_id(&self) -> Option<ID> {
        let (id, _) = self.row.proxy.as_ref().filter(|_| self.row.tells_all())?;
        Some(id.global().into())
    }

    /// Their name; for the same. INVOLVEMENT (C1, C3).
    async fn proxy_name(&self) -> Option<&str> {
        let (_, name) = self.row.proxy.as_ref().filter(|_| self.row.tells_all())?;
        Some(name)
    }

    /// Who decided in the person's best interests, where that stands in consent's place; for the same. INVOLVEMENT (C1, C3).
    async fn decided_by(&self) -> Option<&str> {
        self.row.decided_by.as_deref().filter(|_| self.row.tells_all())
    }

    /// Why; for the same. INVOLVEMENT (C1, C3).
    async fn decision_reason(&self) -> Option<&str> {
        self.row.decision_reason.as_deref().filter(|_| self.row.tells_all())
    }

    /// When. INVOLVEMENT (C1).
    async fn given_at(&self) -> DateTime {
        DateTime(self.row.given_at)
    }

    /// Until when, as planned. INVOLVEMENT (C1).
    async fn expires_at(&self) -> DateTime {
        DateTime(self.row.expires_at)
    }

    /// When it was recorded. INVOLVEMENT (C1).
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.row.recorded_at)
    }

    /// To whom, one by one. INVOLVEMENT (C1), under C11. The lead, the hub and who recorded it see all recipients, a recipient sees
    /// itself.
    async fn recipients(&self, ctx: &Context<'_>) -> Result<Vec<ConsentRecipient>, ApiError> {
        let request = request(ctx);
        let all = self.recipient_rows(ctx).await?;
        let (tells_all, own) = (self.row.tells_all(), request.viewer.organisation);
        let open = self.row.disclosure.open();
        let mut shown: Vec<_> = all
            .iter()
            .filter(|r| r.consent == self.row.id && (tells_all || r.organisation == own))
            .map(|r| {
                let organisation = organisation_link(request, r.organisation, &r.name, r.implies, open, false);
                let withdrawn = if organisation.id.is_some() { self.withdrawn(r, own) } else { Categories::NONE };
                let told = tells_all && organisation.id.is_some();
                ConsentRecipient {
                    organisation,
                    categories: self.row.categories.minus(withdrawn).iter().collect(),
                    withdrawn: told.then(|| withdrawn.intersection(self.row.categories).iter().collect()),
                }
            })
            .collect();
        // By name; who may not be named comes last, so that no place tells the name (C11).
        shown.sort_by_key(|r| r.organisation.id.is_none());
        Ok(shown)
    }

    /// What the viewer may do. INVOLVEMENT (C1, C22).
    async fn viewer_access(&self, ctx: &Context<'_>) -> ConsentAccess {
        ConsentAccess { can_withdraw: writing::may_withdraw_consent(&request(ctx).viewer) }
    }
}
