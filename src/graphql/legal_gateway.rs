//! Legal gateways.

use super::client::{Client, linked_client};
use super::failure::ApiError;
use super::scalars::DateTime;
use super::siblings::Siblings;
use super::{OrganisationLink, organisation_link, request};
use crate::domain::category::Category;
use crate::domain::ids::{ClientId, LegalGatewayId, TypedId};
use crate::domain::legal_gateway::{LegalGatewayKind, LegalGatewayState};
use crate::domain::tell::{Tell, Telling};
use crate::persistence::legal_gateway::LegalGateway as Row;
use crate::policy::gateway;
use crate::service::context::Context as Request;
use async_graphql::{Context, ID, Object, SimpleObject};
use std::sync::Arc;

/// A legal gateway: a law or a court order opens named categories of a record to a named organisation (C17). It carries the
/// categories it names, and all of them must be open to see it (C1).
#[derive(Clone)]
pub struct LegalGateway {
    row: Arc<Row>,
    clients: Arc<Siblings<ClientId>>,
}

/// What the viewer may do with the gateway, by the same predicates that the mutations enforce (C22).
#[derive(SimpleObject)]
pub struct LegalGatewayAccess {
    /// Grant or refuse it. INVOLVEMENT (C1, C17, C22).
    can_decide: bool,
    /// End it. INVOLVEMENT (C1, C17, C22).
    can_end: bool,
}

impl LegalGateway {
    /// Gateways from what one statement brought; each that opens is noted in the trace.
    pub fn group(request: &Request, found: Vec<Row>) -> Vec<Self> {
        let mut keys: Vec<_> = found.iter().map(|g| g.client).collect();
        keys.sort();
        keys.dedup();
        let clients = Siblings::of(keys);
        found
            .into_iter()
            .filter_map(|row| {
                let document = row.document();
                let grants = document.opening();
                if grants.is_empty() {
                    return None;
                }
                request.note(row.client, document.shown(), &grants);
                Some(Self { row: Arc::new(row), clients: Arc::clone(&clients) })
            })
            .collect()
    }

    /// The gateway.
    pub fn key(&self) -> LegalGatewayId {
        self.row.id
    }

    /// Whose record it opens.
    pub fn client_key(&self) -> ClientId {
        self.row.client
    }

    /// What is for who is told to whom it opens the record, on which ground and why (C11).
    fn told<'a, T>(&'a self, ctx: &Context<'_>, what: impl FnOnce(&'a Row) -> T) -> Option<T> {
        self.row.document().tells(&request(ctx).viewer).then(|| what(&self.row))
    }

    fn telling(&self, ctx: &Context<'_>) -> Option<&Telling> {
        let tells = self.row.document().tells_of_telling(&request(ctx).viewer);
        self.row.telling.as_ref().filter(|_| tells)
    }
}

/// A legal gateway: a law or a court order opens named categories of a record to a named organisation (C17). It carries the
/// categories it names, and all of them must be open to see it (C1).
#[Object]
impl LegalGateway {
    /// Global id. The gateway's own categories (C1).
    pub async fn id(&self) -> ID {
        self.row.id.global().into()
    }

    /// Version, to decide it or end it by. The gateway's own categories (C1).
    async fn version(&self) -> i64 {
        self.row.version
    }

    /// Whose record it opens, for who sees the record. The gateway's own categories (C1).
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>, ApiError> {
        linked_client(ctx, &self.clients, self.row.client).await
    }

    /// Whom it opens the record to; "an organisation" where its name, or the ground, implies a category that is not open (C11).
    /// The gateway's own categories (C1).
    async fn recipient(&self, ctx: &Context<'_>) -> OrganisationLink {
        let (request, g) = (request(ctx), &self.row);
        let document = g.document();
        // Naming it would tell the ground as well: a probation office is named in a gateway of public protection.
        let implies = g.recipient_implies.union(g.kind.implies());
        let tells = document.tells(&request.viewer);
        organisation_link(request, g.recipient, &g.recipient_name, implies, document.open(), tells)
    }

    /// The ground; `null` where it, or the recipient's name, implies a category that is not open (C11). The gateway's own categories (C1).
    async fn kind(&self, ctx: &Context<'_>) -> Option<LegalGatewayKind> {
        self.told(ctx, |g| g.kind)
    }

    /// The order, protocol or law; `null` where the ground is. The gateway's own categories (C1, C11).
    async fn reference(&self, ctx: &Context<'_>) -> Option<&str> {
        self.told(ctx, |g| g.reference.as_str())
    }

    /// The categories it opens to the recipient, INVOLVEMENT with them. The gateway's own categories (C1).
    async fn categories(&self) -> Vec<Category> {
        self.row.categories.iter().collect()
    }

    /// From when. The gateway's own categories (C1).
    async fn from(&self) -> DateTime {
        DateTime(self.row.starts_at)
    }

    /// Until when, as planned. The gateway's own categories (C1).
    async fn until(&self) -> DateTime {
        DateTime(self.row.until_at)
    }

    /// Why it was asked for; `null` where the ground is. The gateway's own categories (C1, C11).
    async fn reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.told(ctx, |g| g.reason.as_str())
    }

    /// Where it stands. The gateway's own categories (C1).
    async fn state(&self, ctx: &Context<'_>) -> LegalGatewayState {
        self.row.standing(request(ctx).now()).state
    }

    /// When it was asked for. The gateway's own categories (C1).
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.row.recorded_at)
    }

    /// The organisation that asked (C11). The gateway's own categories (C1).
    async fn recorded_for(&self, ctx: &Context<'_>) -> OrganisationLink {
        let g = &self.row;
        let (open, implies) = (g.document().open(), g.recorded_for_implies);
        organisation_link(request(ctx), g.recorded_for, &g.recorded_for_name, implies, open, false)
    }

    /// When it was granted or refused. The gateway's own categories (C1).
    async fn decided_at(&self) -> Option<DateTime> {
        self.row.decided_at.map(DateTime)
    }

    /// Why it was granted or refused; `null` where the ground is. The gateway's own categories (C1, C11).
    async fn decision_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.told(ctx, |g| g.decision_reason.as_deref()).flatten()
    }

    /// When it was ended, other than by its time. The gateway's own categories (C1).
    async fn ended_at(&self) -> Option<DateTime> {
        self.row.ended_at.map(DateTime)
    }

    /// Why it was ended; `null` where the ground is. The gateway's own categories (C1, C11).
    async fn end_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.told(ctx, |g| g.end_reason.as_deref()).flatten()
    }

    /// Whether the client is told (C18); for safeguarding leads, the lead team and who asked. The gateway's own categories (C1).
    async fn tell(&self, ctx: &Context<'_>) -> Option<Tell> {
        self.telling(ctx).map(|t| t.tell)
    }

    /// Until when the client is not told (C18); for the same. The gateway's own categories (C1).
    async fn withhold_until(&self, ctx: &Context<'_>) -> Option<DateTime> {
        self.telling(ctx).and_then(|t| t.until).map(DateTime)
    }

    /// Why the client is not told (C18); for the same, where the ground is told. The gateway's own categories (C1, C11).
    async fn withhold_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.told(ctx, |_| ())?;
        self.telling(ctx).and_then(|t| t.reason.as_deref())
    }

    /// What the viewer may do. INVOLVEMENT (C1, C22).
    async fn viewer_access(&self, ctx: &Context<'_>) -> LegalGatewayAccess {
        let request = request(ctx);
        let standing = self.row.standing(request.now());
        LegalGatewayAccess {
            can_decide: gateway::may_decide(&request.viewer, &standing),
            can_end: gateway::may_end(&request.viewer, &standing),
        }
    }
}
