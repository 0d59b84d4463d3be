//! Who speaks for a client, and recorded competence.

use super::{Conventions, input, outcome, payload};
use crate::domain::ids::{ClientId, ProxyId, TypedId};
use crate::domain::proxy::ProxyKind;
use crate::graphql::client::Client;
use crate::graphql::failure::ApiError;
use crate::graphql::proxy::Proxy;
use crate::graphql::scalars::{Date, DateTime};
use crate::graphql::{query, request};
use crate::service::proxy as service;
use async_graphql::{Context, ID, Object};

input! { "Who speaks for a client, or never does." ProxyRecordInput {
    /// Global id of the client.
    client_id: ID,
    /// By what they act.
    kind: ProxyKind,
    /// Their name.
    name: String,
    /// From when; now when left out.
    from: Option<DateTime>,
    /// Until when; without an end when left out.
    until: Option<DateTime>,
    /// Why they never act for the client, when that is what is recorded (C24).
    never_acts_reason: Option<String>,
} }
payload!(ProxyRecordPayload, proxy: Proxy, "proxy");

input! { "A proxy whose authority is over." ProxyEndInput {
    /// Global id of the proxy.
    proxy_id: ID,
    /// The version that was read.
    version: i64,
    /// Why.
    reason: String,
} }
payload!(ProxyEndPayload, proxy: Proxy, "proxy");

input! { "A proxy who never acts for the client." ProxyExcludeInput {
    /// Global id of the proxy.
    proxy_id: ID,
    /// The version that was read.
    version: i64,
    /// Why.
    reason: String,
} }
payload!(ProxyExcludePayload, proxy: Proxy, "proxy");

input! { "That a child was found competent to decide for themselves." CompetenceRecordInput {
    /// Global id of the client.
    client_id: ID,
    /// The day of the assessment.
    assessed_on: Date,
    /// By whom.
    assessed_by: String,
    /// How.
    how: String,
} }
payload!(CompetenceRecordPayload, client: Client, "client");

/// Proxies and competence.
#[derive(Default)]
pub struct ProxyMutations;

/// Proxies and competence.
#[Object]
impl ProxyMutations {
    /// Records who speaks for a client, or that somebody never does (C3, C24). For who works with the client.
    async fn proxy_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom, and who.")] input: ProxyRecordInput,
    ) -> Result<ProxyRecordPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let new = service::ProxyAsked {
            kind: input.kind,
            name: input.name,
            from: input.from.map(|t| t.0),
            until: input.until.map(|t| t.0),
            never_acts: input.never_acts_reason,
        };
        let done = service::record(request, &asked, &input.client_id, &new).await;
        let read = async |id: ProxyId| query::proxy(request, &id.global()).await;
        Ok(ProxyRecordPayload::of(outcome(done, read).await?))
    }

    /// Ends a proxy's authority: what they consented to ends with it (C3). For the hub, the team that leads the case, and the agency
    /// that recorded them while it works with the client.
    async fn proxy_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ProxyEndInput,
    ) -> Result<ProxyEndPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let done = service::end(request, &asked, &input.proxy_id, input.version, &input.reason).await;
        let read = async |id: ProxyId| query::proxy(request, &id.global()).await;
        Ok(ProxyEndPayload::of(outcome(done, read).await?))
    }

    /// Records that a proxy never acts for the client: what they consented to ends, and they give no consent any more (C24). For
    /// the team that leads the case, the hub, and the agency that recorded the proxy.
    async fn proxy_exclude(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ProxyExcludeInput,
    ) -> Result<ProxyExcludePayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let done = service::exclude(request, &asked, &input.proxy_id, input.version, &input.reason).await;
        let read = async |id: ProxyId| query::proxy(request, &id.global()).await;
        Ok(ProxyExcludePayload::of(outcome(done, read).await?))
    }

    /// Records that a child was found competent: from that day a parent's consent covers nothing, and a parent gives none (C3). For
    /// who works with the client.
    async fn competence_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and how it was found.")] input: CompetenceRecordInput,
    ) -> Result<CompetenceRecordPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let new = service::CompetenceAsked {
            assessed_on: input.assessed_on.0,
            assessed_by: input.assessed_by,
            how: input.how,
        };
        let done = service::record_competence(request, &asked, &input.client_id, &new).await;
        let read = async |id: ClientId| query::bare_client(request, id).await;
        Ok(CompetenceRecordPayload::of(outcome(done, read).await?))
    }
}
