//! Triage: asked and answered, how urgent, in whose hand; the duty to refer.

use super::referral::read;
use super::{Conventions, input, payload};
use crate::domain::category::Category;
use crate::domain::referral::Urgency;
use crate::graphql::failure::ApiError;
use crate::graphql::referral::Referral;
use crate::graphql::request;
use crate::graphql::scalars::DateTime;
use crate::service::{duty, triage};
use async_graphql::{Context, ID, Object};

input! { "A question about a referral, to who sent it." ReferralAskInput {
    /// Global id of the referral.
    referral_id: ID,
    /// The version that was read.
    version: i64,
    /// What is asked: what is missing, and nothing that is known. INVOLVEMENT alone: it is for everybody who is told of the referral.
    question: String,
} }
payload!(ReferralAskPayload, referral: Referral, "referral");

input! { "The answer to what was asked about a referral." ReferralAnswerInput {
    /// Global id of the referral.
    referral_id: ID,
    /// The version that was read.
    version: i64,
    /// The answer.
    answer: String,
    /// The categories that the answer tells of, beside INVOLVEMENT; an empty list when it tells of nothing else. While contact is for
    /// the few, whatever is answered is for them and for who wrote it (C7).
    categories: Vec<Category>,
} }
payload!(ReferralAnswerPayload, referral: Referral, "referral");

input! { "Into whose hand a referral is given. Takes no version: who had it when it was read is enough." ReferralAssignInput {
    /// Global id of the referral.
    referral_id: ID,
    /// Global id of the person who had it when it was read; `null` when nobody had.
    from: Option<ID>,
    /// Global id of the coordinator of the hub who has it now; `null` for nobody.
    assign_to: Option<ID>,
} }
payload!(ReferralAssignPayload, referral: Referral, "referral");

input! { "How urgent the hub finds a referral. Takes no version: how urgent it was when it was read is enough." ReferralSetUrgencyInput {
    /// Global id of the referral.
    referral_id: ID,
    /// How urgent it was when it was read.
    from: Urgency,
    /// How urgent it is.
    to: Urgency,
} }
payload!(ReferralSetUrgencyPayload, referral: Referral, "referral");

input! { "A public body's duty to refer, beside its referral. Takes no version: there is one at a time." ReferralRecordDutyInput {
    /// Global id of the referral.
    referral_id: ID,
    /// Global id of the housing authority that the person chose: a district council.
    authority_id: ID,
    /// Why the person may be homeless or threatened with it. HOUSING.
    reason: String,
    /// How the person agreed that the authority is told this and how to reach them.
    evidence: String,
    /// When they agreed; now when left out.
    agreed_at: Option<DateTime>,
} }
payload!(ReferralRecordDutyPayload, referral: Referral, "referral");

input! { "A duty to refer that was passed on." ReferralPassDutyInput {
    /// Global id of the referral.
    referral_id: ID,
} }
payload!(ReferralPassDutyPayload, referral: Referral, "referral");

input! { "That the authority acknowledged a duty to refer." ReferralAcknowledgeDutyInput {
    /// Global id of the referral.
    referral_id: ID,
    /// The authority's reference.
    reference: String,
    /// When it acknowledged it; now when left out.
    acknowledged_at: Option<DateTime>,
} }
payload!(ReferralAcknowledgeDutyPayload, referral: Referral, "referral");

input! { "That the person takes a duty to refer back." ReferralEndDutyInput {
    /// Global id of the referral.
    referral_id: ID,
    /// What they said.
    reason: String,
} }
payload!(ReferralEndDutyPayload, referral: Referral, "referral");

/// Triage.
#[derive(Default)]
pub struct TriageMutations;

/// Triage.
#[Object]
impl TriageMutations {
    /// Asks who sent a referral for what is missing; the triage clock stands still until the answer comes. A private sender is told of
    /// no question (C23): the hub asks by other ways. For the hub.
    async fn referral_ask(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what.")] input: ReferralAskInput,
    ) -> Result<ReferralAskPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let words = triage::WordsAsked { text: input.question, categories: Vec::new() };
        let done = triage::ask(request, &asked, &input.referral_id, input.version, &words).await;
        Ok(ReferralAskPayload::of(read(request, done).await?))
    }

    /// Answers what the hub asked about a referral; the clock goes on. What it tells of a special category needs consent that names it
    /// (C23). For who sent it, and for the hub.
    async fn referral_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what.")] input: ReferralAnswerInput,
    ) -> Result<ReferralAnswerPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let words = triage::WordsAsked { text: input.answer, categories: input.categories };
        let done = triage::answer(request, &asked, &input.referral_id, input.version, &words).await;
        Ok(ReferralAnswerPayload::of(read(request, done).await?))
    }

    /// Gives a referral into the hand of a coordinator of the hub, or of nobody. For the hub.
    async fn referral_assign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and to whom.")] input: ReferralAssignInput,
    ) -> Result<ReferralAssignPayload, ApiError> {
        let request = request(ctx);
        let (from, to) = (input.from.as_deref().map(String::as_str), input.assign_to.as_deref().map(String::as_str));
        let done = triage::assign(request, &input.asked(), &input.referral_id, from, to).await;
        Ok(ReferralAssignPayload::of(read(request, done).await?))
    }

    /// Finds a referral more or less urgent than it was written; who sent it goes on reading what it wrote. For the hub.
    async fn referral_set_urgency(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how urgent.")] input: ReferralSetUrgencyInput,
    ) -> Result<ReferralSetUrgencyPayload, ApiError> {
        let request = request(ctx);
        let done = triage::set_urgency(request, &input.asked(), &input.referral_id, input.from, input.to).await;
        Ok(ReferralSetUrgencyPayload::of(read(request, done).await?))
    }

    /// Records that a person agreed that a public body tells a housing authority of them. For prisons, probation, Jobcentre Plus, social
    /// services and hospitals that sent the referral; it stands in for no referral to support.
    async fn referral_record_duty(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With which, and to whom.")] input: ReferralRecordDutyInput,
    ) -> Result<ReferralRecordDutyPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let new = duty::DutyAsked {
            authority: input.authority_id.to_string(),
            reason: input.reason,
            evidence: input.evidence,
            agreed_at: input.agreed_at.map(|t| t.0),
        };
        let done = duty::record(request, &asked, &input.referral_id, &new).await;
        Ok(ReferralRecordDutyPayload::of(read(request, done).await?))
    }

    /// Records that a duty to refer was passed on to the authority: how to reach the person, and why. For the hub, on the day it came in.
    async fn referral_pass_duty(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ReferralPassDutyInput,
    ) -> Result<ReferralPassDutyPayload, ApiError> {
        let request = request(ctx);
        let done = duty::pass(request, &input.asked(), &input.referral_id).await;
        Ok(ReferralPassDutyPayload::of(read(request, done).await?))
    }

    /// Records that the authority acknowledged a duty to refer. For the hub.
    async fn referral_acknowledge_duty(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: ReferralAcknowledgeDutyInput,
    ) -> Result<ReferralAcknowledgeDutyPayload, ApiError> {
        let request = request(ctx);
        let (asked, at) = (input.asked(), input.acknowledged_at.map(|t| t.0));
        let done = duty::acknowledge(request, &asked, &input.referral_id, &input.reference, at).await;
        Ok(ReferralAcknowledgeDutyPayload::of(read(request, done).await?))
    }

    /// Records that the person takes a duty to refer back; it always succeeds (C4). For who recorded it, and for the hub.
    async fn referral_end_duty(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ReferralEndDutyInput,
    ) -> Result<ReferralEndDutyPayload, ApiError> {
        let request = request(ctx);
        let done = duty::end(request, &input.asked(), &input.referral_id, &input.reason).await;
        Ok(ReferralEndDutyPayload::of(read(request, done).await?))
    }
}
