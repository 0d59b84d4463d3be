//! Referrals: drafted, submitted, offered, accepted, declined, closed.

use super::consent::ConsentInput;
use super::section::SectionInput;
use super::{Conventions, input, outcome, payload};
use crate::domain::category::Category;
use crate::domain::ids::{ReferralId, TypedId};
use crate::domain::referral::{DeclineReason, Ground, Outcome, Urgency};
use crate::graphql::failure::ApiError;
use crate::graphql::query;
use crate::graphql::referral::Referral;
use crate::graphql::request;
use crate::graphql::scalars::Date;
use crate::service::context::{Context as Request, Failure};
use crate::service::referral as service;
use crate::service::unit::Done;
use async_graphql::{Context, ID, InputObject, Object};

/// One text of the story, in one category (C1).
#[derive(InputObject)]
pub struct NarrativeInput {
    /// Its category.
    category: Category,
    /// The text.
    text: String,
    /// Whether it tells where the person can be found (C7); contact and employment always do.
    reveals_location: Option<bool>,
}

impl From<NarrativeInput> for service::NarrativeAsked {
    fn from(given: NarrativeInput) -> Self {
        Self { category: given.category, text: given.text, reveals_location: given.reveals_location.unwrap_or(false) }
    }
}

/// A coded ground for sending without consent (C16, C23).
#[derive(InputObject)]
pub struct GroundInput {
    /// The ground.
    code: Ground,
    /// The reason, in words.
    reason: String,
}

input! { "A referral to draft." ReferralDraftInput {
    /// How soon a home may be lost.
    urgency: Urgency,
    /// What is known of the person: at most one section per category.
    sections: Vec<SectionInput>,
    /// The categories of those sections that tell where the person can be found (C7); contact and employment always do.
    sections_revealing_location: Option<Vec<Category>>,
    /// The story, one text per category.
    narratives: Option<Vec<NarrativeInput>>,
    /// The person's consent to the referral.
    consent: Option<ConsentInput>,
    /// A coded ground in place of consent.
    ground: Option<GroundInput>,
    /// The reference under which the sender keeps it in its own system. A bulk import sends nothing that the sender sent under the
    /// same reference; nothing keeps it from being used twice here.
    sender_reference: Option<String>,
} }
payload!(ReferralDraftPayload, referral: Referral, "referral");

input! { "A referral to submit." ReferralSubmitInput {
    /// Global id of the referral.
    referral_id: ID,
    /// The version that was read.
    version: i64,
} }
payload!(ReferralSubmitPayload, referral: Referral, "referral");

input! { "A referral to offer to a team." ReferralOfferInput {
    /// Global id of the referral.
    referral_id: ID,
    /// The version that was read.
    version: i64,
    /// Global id of the team, of a partner agency.
    team_id: ID,
    /// Global id of the worker of that team whom it is meant for: where contact is for the few, they are told it while the offer
    /// is open (C7).
    worker_id: Option<ID>,
    /// What was looked at of the service's criteria, in words.
    criteria_seen: String,
} }
payload!(ReferralOfferPayload, referral: Referral, "referral");

input! { "A referral to accept." ReferralAcceptInput {
    /// Global id of the referral.
    referral_id: ID,
    /// The version that was read.
    version: i64,
    /// Global id of the person who becomes the lead worker; the viewer when left out.
    worker_id: Option<ID>,
} }
payload!(ReferralAcceptPayload, referral: Referral, "referral");

input! { "A referral to decline." ReferralDeclineInput {
    /// Global id of the referral.
    referral_id: ID,
    /// The version that was read.
    version: i64,
    /// Why.
    reason: DeclineReason,
    /// In words; needed for OTHER.
    text: Option<String>,
} }
payload!(ReferralDeclinePayload, referral: Referral, "referral");

input! { "An offer to take back that nobody answered." ReferralTakeBackInput {
    /// Global id of the referral.
    referral_id: ID,
    /// The version that was read.
    version: i64,
} }
payload!(ReferralTakeBackPayload, referral: Referral, "referral");

input! { "A referral to close without a case." ReferralCloseInput {
    /// Global id of the referral.
    referral_id: ID,
    /// The version that was read.
    version: i64,
    /// How it ends.
    outcome: Outcome,
    /// In words; needed for OTHER.
    text: Option<String>,
    /// Where the person is referred on to.
    onward_referral: Option<String>,
    /// Why the person refused signposting, when they did.
    refused_signposting: Option<String>,
    /// The day the person died, with DIED; today when left out. Consents end with it (C24).
    died_on: Option<Date>,
} }
payload!(ReferralClosePayload, referral: Referral, "referral");

input! { "A referral to withdraw." ReferralWithdrawInput {
    /// Global id of the referral.
    referral_id: ID,
    /// The version that was read.
    version: i64,
    /// Why.
    reason: String,
} }
payload!(ReferralWithdrawPayload, referral: Referral, "referral");

input! { "That the person declines, told by whoever has the referral before them." ReferralRecordClientDeclineInput {
    /// Global id of the referral.
    referral_id: ID,
    /// The version that was read.
    version: i64,
    /// What the person said.
    reason: String,
    /// Why the person refused signposting, when they did.
    refused_signposting: Option<String>,
} }
payload!(ReferralRecordClientDeclinePayload, referral: Referral, "referral");

pub(super) async fn read(
    request: &Request,
    result: Result<Done<ReferralId>, Failure>,
) -> Result<(Option<Referral>, Vec<crate::graphql::failure::UserError>), ApiError> {
    outcome(result, async |id: ReferralId| query::referral(request, &id.global()).await).await
}

/// Referrals.
#[derive(Default)]
pub struct ReferralMutations;

/// Referrals.
#[Object]
impl ReferralMutations {
    /// Drafts a referral: a provisional client, what is known of them, the story, and the consent it is sent under (C23).
    async fn referral_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft.")] input: ReferralDraftInput,
    ) -> Result<ReferralDraftPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let draft = service::DraftAsked {
            urgency: input.urgency,
            sections: input.sections.into_iter().map(Into::into).collect(),
            sections_revealing_location: input.sections_revealing_location.unwrap_or_default(),
            narratives: input.narratives.unwrap_or_default().into_iter().map(Into::into).collect(),
            consent: input.consent.map(Into::into),
            ground: input.ground.map(|g| (g.code, g.reason)),
            reference: input.sender_reference,
        };
        Ok(ReferralDraftPayload::of(read(request, service::draft(request, &asked, &draft).await).await?))
    }

    /// Submits a draft to the hub; needs consent or a coded ground, and consent that names every special category (C23).
    async fn referral_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ReferralSubmitInput,
    ) -> Result<ReferralSubmitPayload, ApiError> {
        let request = request(ctx);
        let done = service::submit(request, &input.asked(), &input.referral_id, input.version).await;
        Ok(ReferralSubmitPayload::of(read(request, done).await?))
    }

    /// Offers a referral to one team, less what its intake profile refuses (C8). For the hub.
    async fn referral_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and to whom.")] input: ReferralOfferInput,
    ) -> Result<ReferralOfferPayload, ApiError> {
        let request = request(ctx);
        let (id, team, seen) = (&input.referral_id, &input.team_id, &input.criteria_seen);
        let worker = input.worker_id.as_ref().map(|id| id.0.as_str());
        let done = service::offer(request, &input.asked(), id, input.version, team, worker, seen).await;
        Ok(ReferralOfferPayload::of(read(request, done).await?))
    }

    /// Takes an offered referral; a case opens. For the team it is offered to.
    async fn referral_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and who works on it.")] input: ReferralAcceptInput,
    ) -> Result<ReferralAcceptPayload, ApiError> {
        let request = request(ctx);
        let worker = input.worker_id.as_deref().map(String::as_str);
        let done = service::accept(request, &input.asked(), &input.referral_id, input.version, worker).await;
        Ok(ReferralAcceptPayload::of(read(request, done).await?))
    }

    /// Declines an offered referral; the hub looks again. For the team it is offered to.
    async fn referral_decline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ReferralDeclineInput,
    ) -> Result<ReferralDeclinePayload, ApiError> {
        let request = request(ctx);
        let (id, words) = (&input.referral_id, input.text.as_deref());
        let done = service::decline(request, &input.asked(), id, input.version, input.reason, words).await;
        Ok(ReferralDeclinePayload::of(read(request, done).await?))
    }

    /// Takes back an offer that nobody answered. For the hub.
    async fn referral_take_back(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ReferralTakeBackInput,
    ) -> Result<ReferralTakeBackPayload, ApiError> {
        let request = request(ctx);
        let done = service::take_back(request, &input.asked(), &input.referral_id, input.version).await;
        Ok(ReferralTakeBackPayload::of(read(request, done).await?))
    }

    /// Closes a referral without a case, with an outcome and a next step: nobody is left without one. For the hub.
    async fn referral_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: ReferralCloseInput,
    ) -> Result<ReferralClosePayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let closing = service::ClosingAsked {
            outcome: input.outcome,
            text: input.text,
            onward_referral: input.onward_referral,
            refused_signposting: input.refused_signposting,
            died_on: input.died_on.map(|d| d.0),
        };
        let done = service::close(request, &asked, &input.referral_id, input.version, &closing).await;
        Ok(ReferralClosePayload::of(read(request, done).await?))
    }

    /// Withdraws a referral. For who sent it.
    async fn referral_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: ReferralWithdrawInput,
    ) -> Result<ReferralWithdrawPayload, ApiError> {
        let request = request(ctx);
        let done = service::withdraw(request, &input.asked(), &input.referral_id, input.version, &input.reason).await;
        Ok(ReferralWithdrawPayload::of(read(request, done).await?))
    }

    /// Records that the person says no, through whoever has the referral before them.
    async fn referral_record_client_decline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what the person said.")] input: ReferralRecordClientDeclineInput,
    ) -> Result<ReferralRecordClientDeclinePayload, ApiError> {
        let request = request(ctx);
        let (id, refused) = (&input.referral_id, input.refused_signposting.as_deref());
        let done = service::client_declines(request, &input.asked(), id, input.version, &input.reason, refused).await;
        Ok(ReferralRecordClientDeclinePayload::of(read(request, done).await?))
    }
}
