//! Signposts.

use super::scalars::DateTime;
use super::{OrganisationLink, organisation_link, request};
use crate::domain::basis::Basis;
use crate::domain::ids::{CaseId, ReferralId, TypedId};
use crate::domain::signpost::{Channel, FollowUp, Told};
use crate::persistence::signpost::Signpost as Row;
use crate::policy::disclosure::{Disclosure, LiveGrant};
use crate::policy::referral::reads_as_sender;
use crate::service::context::Context as Request;
use async_graphql::{Context, ID, Object};
use std::sync::Arc;

/// A signpost: somebody was told of a service. INVOLVEMENT (C1).
#[derive(Clone)]
pub struct Signpost {
    row: Arc<Row>,
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
        let documents = [s.referral.map(|r| r.0), s.case.map(|c| c.0), s.grown_case.map(|c| c.0)];
        let documents: Vec<_> = documents.into_iter().flatten().collect();
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
    /// Global id.
    pub async fn id(&self) -> ID {
        self.row.id.global().into()
    }

    /// Version, to change it by.
    async fn version(&self) -> i64 {
        self.row.version
    }

    /// The service's name, where the organisation that offers it may be named (C11).
    async fn service_name(&self, ctx: &Context<'_>) -> Option<&str> {
        self.link(request(ctx)).id.is_some().then_some(self.row.service_name.as_str())
    }

    /// The service's global id, where the organisation that offers it may be named (C11).
    async fn service_id(&self, ctx: &Context<'_>) -> Option<ID> {
        self.link(request(ctx)).id.is_some().then(|| self.row.service.global().into())
    }

    /// Who offers the service (C11).
    async fn organisation(&self, ctx: &Context<'_>) -> OrganisationLink {
        self.link(request(ctx))
    }

    /// Who was told.
    async fn told(&self) -> Told {
        self.row.told
    }

    /// How they were told.
    async fn channel(&self) -> Channel {
        self.row.channel
    }

    /// Why, where the organisation that offers the service may be named (C11).
    async fn reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.link(request(ctx)).id.is_some().then_some(self.row.reason.as_str())
    }

    /// When.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.row.recorded_at)
    }

    /// What became of it; not for the sender, who is told where the person was pointed to (C2 REFERRER).
    async fn follow_up(&self) -> Option<FollowUp> {
        self.row.follow_up.filter(|_| !reads_as_sender(self.disclosure()))
    }

    /// When that was found out; not for the sender.
    async fn followed_up_at(&self) -> Option<DateTime> {
        self.row.followed_up_at.filter(|_| !reads_as_sender(self.disclosure())).map(DateTime)
    }
}
