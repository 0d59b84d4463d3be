//! Signposts.

use super::{Conventions, input, outcome, payload};
use crate::domain::ids::{SignpostId, TypedId};
use crate::domain::signpost::{Channel, FollowUp, Told};
use crate::graphql::failure::ApiError;
use crate::graphql::signpost::Signpost;
use crate::graphql::{query, request};
use crate::service::signpost as service;
use async_graphql::{Context, ID, Object, OneofObject};

/// On what somebody is signposted: exactly one of these.
#[derive(OneofObject)]
pub enum SignpostOnInput {
    /// Global id of a referral.
    ReferralId(ID),
    /// Global id of a shared case.
    CaseId(ID),
}

input! { "A signpost to record." SignpostRecordInput {
    /// On what.
    on: SignpostOnInput,
    /// Global id of the service; it must be open.
    service_id: ID,
    /// Who was told. A referrer sees the signposts it was told (C2 REFERRER).
    told: Told,
    /// How.
    channel: Channel,
    /// Why.
    reason: String,
} }
payload!(SignpostRecordPayload, signpost: Signpost, "signpost");

input! { "What became of a signpost." SignpostFollowUpInput {
    /// Global id of the signpost.
    signpost_id: ID,
    /// The version that was read.
    version: i64,
    /// What became of it.
    outcome: FollowUp,
} }
payload!(SignpostFollowUpPayload, signpost: Signpost, "signpost");

/// Signposts.
#[derive(Default)]
pub struct SignpostMutations;

/// Signposts.
#[Object]
impl SignpostMutations {
    /// Records that somebody was told of a service. For the hub and the teams on the case.
    async fn signpost_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who was told of what.")] input: SignpostRecordInput,
    ) -> Result<SignpostRecordPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let signpost = service::SignpostAsked {
            on: match input.on {
                SignpostOnInput::ReferralId(id) => service::On::Referral(id.0),
                SignpostOnInput::CaseId(id) => service::On::Case(id.0),
            },
            service: input.service_id.0,
            told: input.told,
            channel: input.channel,
            reason: input.reason,
        };
        let done = service::record(request, &asked, &signpost).await;
        let read = async |id: SignpostId| query::signpost(request, &id.global()).await;
        Ok(SignpostRecordPayload::of(outcome(done, read).await?))
    }

    /// Records what became of a signpost. For the hub and the teams on the case.
    async fn signpost_follow_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what.")] input: SignpostFollowUpInput,
    ) -> Result<SignpostFollowUpPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let done = service::follow_up(request, &asked, &input.signpost_id, input.version, input.outcome).await;
        let read = async |id: SignpostId| query::signpost(request, &id.global()).await;
        Ok(SignpostFollowUpPayload::of(outcome(done, read).await?))
    }
}
