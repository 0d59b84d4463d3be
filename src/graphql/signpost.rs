//! Signposts.

use super::scalars::DateTime;
use super::{OrganisationLink, organisation_link, request};
use crate::domain::basis::Basis;
use crate::domain::ids::{CaseId, ReferralId, TypedId};
use crate::domain::signpost::{Channel, FollowUp, Told};
use crate::persistence::signpost::Signpost as Row;
use crate::policy::disclosure::{Disclosure, LiveGrant};
use crate::policy::referral::reads_as_sender;
use crate::policy::writing;
use crate::service::context::Context as Request;
use async_graphql::{Context, ID, Object, SimpleObject};
use std::sync::Arc;

/// A signpost: somebody was told of a service. INVOLVEMENT (C1).
#[derive(Clone)]
pub struct Signpost {
    row: Arc<Row>,
}

/// What the viewer may do with a signpost, by the same predicate that the mutation enforces (C22).
#[derive(SimpleObject)]
pub struct SignpostAccess {
    /// Record what became of it. INVOLVEMENT (C1, C22).
    can_follow_up: bool,
}

impl Signpost {
    /// Signposts from what one statement brought; each is noted in the trace.
    pub fn group(request: &Request, found: Vec<Row>) -> Vec<Self> {
        found
            .into_iter()
            .map(|row| {
                request.note_involvement(&row.disclosure);
                Self { row: Arc::new(row) }
            })
            .collect()
    }

    /// On which referral.
    pub fn referral_key(&self) -> Option<ReferralId> {
        self.row.referral
    }

    /// On which case.
    pub fn case_key(&self) -> Option<CaseId> {
        self.row.case
    }

    fn disclosure(&self) -> &Disclosure {
        &self.row.disclosure
    }

    fn link(&self, request: &Request) -> OrganisationLink {
        let s = &self.row;
        let cases = [s.case, s.grew_into].map(|case| case.map(|c| c.0));
        let documents: Vec<_> = s.referral.map(|r| r.0).into_iter().chain(cases.into_iter().flatten()).collect();
        let open = self.disclosure().open_within(&documents);
        // Who was told of a service, or told somebody, knows its name: the sender, and whose own item it is (C2 AUTHOR).
        let own = |g: &LiveGrant| g.basis == Basis::Author && g.scope_id == s.owner;
        let knows = reads_as_sender(self.disclosure()) || self.disclosure().grants().iter().any(own);
        organisation_link(request, s.organisation, &s.organisation_name, s.organisation_implies, open, knows)
    }
}

/// A signpost: somebody was told of a service. INVOLVEMENT (C1).
#[Object]
impl Signpost {
    /// Global id. INVOLVEMENT (C1).
    pub async fn id(&self) -> ID {
        self.row.id.global().into()
    }

    /// Version, to change it by. INVOLVEMENT (C1).
    async fn version(&self) -> i64 {
        // A sender is not told what became of it, nor by a version that anything did.
        if reads_as_sender(self.disclosure()) { 1 } else { self.row.version }
    }

    /// The service's name, where the organisation that offers it may be named. INVOLVEMENT (C1), under C11.
    async fn service_name(&self, ctx: &Context<'_>) -> Option<&str> {
        self.link(request(ctx)).id.is_some().then_some(self.row.service_name.as_str())
    }

    /// The service's global id, where the organisation that offers it may be named. INVOLVEMENT (C1), under C11.
    async fn service_id(&self, ctx: &Context<'_>) -> Option<ID> {
        self.link(request(ctx)).id.is_some().then(|| self.row.service.global().into())
    }

    /// Who offers the service. INVOLVEMENT (C1), under C11.
    async fn organisation(&self, ctx: &Context<'_>) -> OrganisationLink {
        self.link(request(ctx))
    }

    /// Who was told. INVOLVEMENT (C1).
    async fn told(&self) -> Told {
        self.row.told
    }

    /// How they were told. INVOLVEMENT (C1).
    async fn channel(&self) -> Channel {
        self.row.channel
    }

    /// Why, where the organisation that offers the service may be named. INVOLVEMENT (C1), under C11.
    async fn reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.link(request(ctx)).id.is_some().then_some(self.row.reason.as_str())
    }

    /// When. INVOLVEMENT (C1).
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.row.recorded_at)
    }

    /// What became of it; not for the sender, who is told where the person was pointed to. INVOLVEMENT (C1, C2 REFERRER).
    async fn follow_up(&self) -> Option<FollowUp> {
        self.row.follow_up.filter(|_| !reads_as_sender(self.disclosure()))
    }

    /// When that was found out; not for the sender. INVOLVEMENT (C1, C2 REFERRER).
    async fn followed_up_at(&self) -> Option<DateTime> {
        self.row.followed_up_at.filter(|_| !reads_as_sender(self.disclosure())).map(DateTime)
    }

    /// What the viewer may do. INVOLVEMENT (C1, C22).
    async fn viewer_access(&self, ctx: &Context<'_>) -> SignpostAccess {
        SignpostAccess { can_follow_up: writing::may_signpost(&request(ctx).viewer, self.disclosure()) }
    }
}
