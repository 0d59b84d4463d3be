//! Legal gateways asked for, decided and ended.

use super::{Conventions, input, outcome, payload};
use crate::domain::category::Category;
use crate::domain::ids::{LegalGatewayId, TypedId};
use crate::domain::legal_gateway::{LegalGatewayDecision, LegalGatewayKind};
use crate::domain::tell::{Tell, TellAsked};
use crate::graphql::failure::ApiError;
use crate::graphql::legal_gateway::LegalGateway;
use crate::graphql::scalars::DateTime;
use crate::graphql::{query, request};
use crate::service::legal_gateway as service;
use async_graphql::{Context, ID, Object};

input! { "A legal gateway to ask for." LegalGatewayAskInput {
    /// Global id of the client.
    client_id: ID,
    /// Global id of the organisation that the record is opened to: one of the registry, not a mere category, not your own.
    recipient_id: ID,
    /// The ground.
    kind: LegalGatewayKind,
    /// The order, protocol or law.
    reference: String,
    /// The categories it opens; only those that are open to you, never EQUALITIES. INVOLVEMENT always goes with them.
    categories: Vec<Category>,
    /// From when; now when left out.
    from: Option<DateTime>,
    /// Until when: at most two years after `from`.
    until: DateTime,
    /// Why.
    reason: String,
} }
payload!(LegalGatewayAskPayload, legal_gateway: LegalGateway, "legal gateway");

input! { "What a safeguarding lead decides about a legal gateway." LegalGatewayDecideInput {
    /// Global id of the legal gateway.
    legal_gateway_id: ID,
    /// The version that was read.
    version: i64,
    /// What is decided.
    decision: LegalGatewayDecision,
    /// Why.
    reason: String,
    /// Whether the client is told of what is granted (C18); when left out, WITHHOLD for MAPPA and protection, else TELL.
    tell: Option<Tell>,
    /// Until when the client is not told, with WITHHOLD: at most two years from now.
    withhold_until: Option<DateTime>,
    /// Why the client is not told, with WITHHOLD.
    withhold_reason: Option<String>,
} }
payload!(LegalGatewayDecidePayload, legal_gateway: LegalGateway, "legal gateway");

input! { "A legal gateway to end." LegalGatewayEndInput {
    /// Global id of the legal gateway.
    legal_gateway_id: ID,
    /// The version that was read.
    version: i64,
    /// Why.
    reason: String,
} }
payload!(LegalGatewayEndPayload, legal_gateway: LegalGateway, "legal gateway");

/// Legal gateways.
#[derive(Default)]
pub struct LegalGatewayMutations;

/// Legal gateways.
#[Object]
impl LegalGatewayMutations {
    /// Asks for a legal gateway (C17): it opens nothing until a safeguarding lead of your organisation grants it. For who works
    /// with the client, and safeguarding leads who see the record.
    async fn legal_gateway_ask(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To whom, on which ground, what.")] input: LegalGatewayAskInput,
    ) -> Result<LegalGatewayAskPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let gateway = service::GatewayAsked {
            client: input.client_id.0,
            recipient: input.recipient_id.0,
            kind: input.kind,
            reference: input.reference,
            categories: input.categories,
            from: input.from.map(|t| t.0),
            until: input.until.0,
            reason: input.reason,
        };
        let done = service::ask(request, &asked, &gateway).await;
        let read = async |id: LegalGatewayId| query::legal_gateway(request, &id.global()).await;
        Ok(LegalGatewayAskPayload::of(outcome(done, read).await?))
    }

    /// Grants or refuses a legal gateway (C17), and decides what the client is told (C18). For a safeguarding lead of the
    /// organisation that asked, and another person than who asked (C21).
    async fn legal_gateway_decide(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what.")] input: LegalGatewayDecideInput,
    ) -> Result<LegalGatewayDecidePayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let decision = service::DecisionAsked {
            gateway: input.legal_gateway_id.0,
            version: input.version,
            decision: input.decision,
            reason: input.reason,
            tell: TellAsked {
                tell: input.tell,
                until: input.withhold_until.map(|t| t.0),
                reason: input.withhold_reason,
            },
        };
        let done = service::decide(request, &asked, &decision).await;
        let read = async |id: LegalGatewayId| query::legal_gateway(request, &id.global()).await;
        Ok(LegalGatewayDecidePayload::of(outcome(done, read).await?))
    }

    /// Ends a legal gateway at once. For a safeguarding lead of the organisation that granted it, or of the one it names.
    async fn legal_gateway_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: LegalGatewayEndInput,
    ) -> Result<LegalGatewayEndPayload, ApiError> {
        let request = request(ctx);
        let (asked, id) = (input.asked(), &input.legal_gateway_id);
        let done = service::end(request, &asked, id, input.version, &input.reason).await;
        let read = async |id: LegalGatewayId| query::legal_gateway(request, &id.global()).await;
        Ok(LegalGatewayEndPayload::of(outcome(done, read).await?))
    }
}
