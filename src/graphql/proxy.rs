//! Who speaks for a client, and recorded competence.

use super::request;
use super::scalars::{Date, DateTime};
use crate::domain::basis::Basis;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ClientId, TypedId};
use crate::domain::proxy::ProxyKind;
use crate::persistence::proxy::{Competence as CompetenceRow, Proxy as Row};
use crate::policy::disclosure::Disclosure;
use crate::policy::writing;
use crate::service::context::Context as Request;
use async_graphql::{Context, ID, Object, SimpleObject};
use std::sync::Arc;

/// Who speaks for a client, or never does (C3, C24). INVOLVEMENT (C1).
#[derive(Clone)]
pub struct Proxy(Arc<Row>);

/// What the viewer may do with a proxy, by the same predicates that the mutations enforce (C22).
#[derive(SimpleObject)]
pub struct ProxyAccess {
    /// End their authority. INVOLVEMENT (C1, C22).
    can_end: bool,
    /// Record that they never act. INVOLVEMENT (C1, C22).
    can_exclude: bool,
}

/// Whether the viewer must know why: the lead, the hub, and who recorded it.
fn tells_all(d: &Disclosure) -> bool {
    d.has(Basis::Holder) || d.has(Basis::Hub) || d.has(Basis::Author)
}

impl Proxy {
    /// Proxies from what one statement brought; each is noted in the trace.
    pub fn group(request: &Request, found: Vec<Row>) -> Vec<Self> {
        let each = found.into_iter().map(|row| {
            request.note_involvement(&row.disclosure);
            Self(Arc::new(row))
        });
        each.collect()
    }

    /// For whom.
    pub fn client_key(&self) -> ClientId {
        self.0.client
    }
}

/// Who speaks for a client, or never does (C3, C24). INVOLVEMENT (C1). For the hub, the lead and member teams, who take consent, for who
/// recorded it, and in an emergency.
#[Object]
impl Proxy {
    /// Global id. INVOLVEMENT (C1).
    pub async fn id(&self) -> ID {
        self.0.id.global().into()
    }

    /// Version, to change it by. INVOLVEMENT (C1).
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// By what they act. INVOLVEMENT (C1, C3).
    async fn kind(&self) -> ProxyKind {
        self.0.facts.kind
    }

    /// Their name. INVOLVEMENT (C1, C3).
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// From when. INVOLVEMENT (C1, C3).
    async fn from(&self) -> DateTime {
        DateTime(self.0.facts.starts_at)
    }

    /// Until when, as planned; `null` without an end. INVOLVEMENT (C1, C3).
    async fn until(&self) -> Option<DateTime> {
        let until = self.0.facts.until_at;
        (until < Timestamp::NEVER).then_some(DateTime(until))
    }

    /// When it was ended before that. INVOLVEMENT (C1, C3).
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.facts.ended_at.map(DateTime)
    }

    /// Why it was ended; for the lead, the hub and who recorded it. INVOLVEMENT (C1, C3).
    async fn end_reason(&self) -> Option<&str> {
        self.0.end_reason.as_deref().filter(|_| tells_all(&self.0.disclosure))
    }

    /// Whether they never act for the client. INVOLVEMENT (C1, C24).
    async fn never_acts(&self) -> bool {
        self.0.facts.excluded_at.is_some()
    }

    /// Why they never act; for the lead, the hub and who recorded it. INVOLVEMENT (C1, C24).
    async fn never_acts_reason(&self) -> Option<&str> {
        self.0.exclusion_reason.as_deref().filter(|_| tells_all(&self.0.disclosure))
    }

    /// When it was recorded. INVOLVEMENT (C1).
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.0.recorded_at)
    }

    /// What the viewer may do. INVOLVEMENT (C1, C22).
    async fn viewer_access(&self, ctx: &Context<'_>) -> ProxyAccess {
        let viewer = &request(ctx).viewer;
        ProxyAccess {
            can_end: writing::may_end_proxy(viewer, &self.0.disclosure, self.0.owner),
            can_exclude: writing::may_end_proxy(viewer, &self.0.disclosure, self.0.owner),
        }
    }
}

/// That a child was found competent to decide for themselves: from that day a parent's consent covers nothing (C3). INVOLVEMENT (C1).
#[derive(Clone)]
pub struct Competence(Arc<CompetenceRow>);

impl Competence {
    /// Assessments from what one statement brought; each is noted in the trace.
    pub fn group(request: &Request, found: Vec<CompetenceRow>) -> Vec<Self> {
        let each = found.into_iter().map(|row| {
            request.note_involvement(&row.disclosure);
            Self(Arc::new(row))
        });
        each.collect()
    }

    /// Whose.
    pub fn client_key(&self) -> ClientId {
        self.0.client
    }
}

/// That a child was found competent to decide for themselves: from that day a parent's consent covers nothing (C3). INVOLVEMENT (C1).
#[Object]
impl Competence {
    /// The day of the assessment. INVOLVEMENT (C1, C3).
    async fn assessed_on(&self) -> Date {
        Date(self.0.facts.assessed_at.date().format("%Y-%m-%d").to_string())
    }

    /// By whom; for the lead, the hub and who recorded it. INVOLVEMENT (C1, C3).
    async fn assessed_by(&self) -> Option<&str> {
        tells_all(&self.0.disclosure).then_some(self.0.assessed_by.as_str())
    }

    /// How; for the lead, the hub and who recorded it. INVOLVEMENT (C1, C3).
    async fn how(&self) -> Option<&str> {
        tells_all(&self.0.disclosure).then_some(self.0.how.as_str())
    }

    /// When it was recorded. INVOLVEMENT (C1).
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.0.facts.recorded_at)
    }
}
