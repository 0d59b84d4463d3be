//! Breaking the glass.

use super::{Conventions, input, outcome, payload};
use crate::domain::category::Category;
use crate::domain::emergency::{Receipt, Verdict};
use crate::domain::ids::{OverrideId, OverrideRequestId, TypedId};
use crate::domain::referral::Ground;
use crate::domain::tell::Tell;
use crate::graphql::emergency::Override;
use crate::graphql::failure::{ApiError, UserError};
use crate::graphql::scalars::Date;
use crate::graphql::{query, request};
use crate::service::emergency as service;
use async_graphql::{Context, ID, Object, SimpleObject};

input! { "An override on a record that the viewer sees (C16)." OverrideOpenInput {
    /// Global id of the client.
    client_id: ID,
    /// Which categories; never EQUALITIES.
    categories: Vec<Category>,
    /// The coded ground.
    ground: Ground,
    /// Why, in words.
    reason: String,
    /// For how many hours, at most 24.
    hours: i32,
} }
payload!(OverrideOpenPayload, r#override: Override, "override");

input! { "An override on a record that the viewer cannot see (C16)." OverrideRequestInput {
    /// Given names, exactly.
    given_name: String,
    /// Family name, exactly.
    family_name: String,
    /// Date of birth.
    date_of_birth: Date,
    /// Which categories; never EQUALITIES.
    categories: Vec<Category>,
    /// The coded ground.
    ground: Ground,
    /// Why, in words.
    reason: String,
    /// For how many hours, at most 24.
    hours: i32,
} }

/// What became of a request: that it was received, whatever comes of it; or what is wrong.
#[derive(SimpleObject)]
pub struct OverrideRequestPayload {
    /// That it was received; `null` on errors and when only validated.
    receipt: Option<Receipt>,
    /// What is wrong; empty when it was received.
    user_errors: Vec<UserError>,
}

input! { "A co-signature." OverrideCosignInput {
    /// Global id of the override.
    override_id: ID,
    /// The version that was read.
    version: i64,
} }
payload!(OverrideCosignPayload, r#override: Override, "override");

input! { "A review." OverrideReviewInput {
    /// Global id of the override.
    override_id: ID,
    /// The version that was read.
    version: i64,
    /// What was found; NOT_JUSTIFIED ends it at once.
    verdict: Verdict,
    /// Why.
    reason: String,
    /// Whether the client is told, in the access history (C18). When left out: WITHHOLD for CHILD_AT_RISK and PUBLIC_PROTECTION,
    /// for a year; else TELL.
    tell: Option<Tell>,
    /// With WITHHOLD: not before which day.
    withhold_until: Option<Date>,
    /// With WITHHOLD: why.
    withhold_reason: Option<String>,
} }
payload!(OverrideReviewPayload, r#override: Override, "override");

input! { "An override to give back." OverrideEndInput {
    /// Global id of the override.
    override_id: ID,
    /// The version that was read.
    version: i64,
} }
payload!(OverrideEndPayload, r#override: Override, "override");

/// Breaking the glass.
#[derive(Default)]
pub struct OverrideMutations;

/// Breaking the glass.
#[Object]
impl OverrideMutations {
    /// Breaks the glass on a record that the viewer sees (C16). It opens at once, or waits for a co-signature where the record is
    /// sealed, where contact is asked for and protected, or where an earlier one was not reviewed in time. For support workers,
    /// team managers, hub coordinators and safeguarding leads.
    async fn override_open(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "On which record, what for.")] input: OverrideOpenInput,
    ) -> Result<OverrideOpenPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let wanted = service::OverrideAsked {
            categories: input.categories,
            ground: input.ground,
            reason: input.reason,
            hours: input.hours,
        };
        let done = service::open(request, &asked, &input.client_id, &wanted).await;
        let read = async |id: OverrideId| query::override_of(request, &id.global()).await;
        Ok(OverrideOpenPayload::of(outcome(done, read).await?))
    }

    /// Asks for an override on a record that the viewer cannot see, by exact name and date of birth (C16). The answer is always
    /// RECEIVED: a single match reaches the viewer's inbox, anything else a safeguarding lead's. A person has three a day.
    async fn override_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom it is about, what for.")] input: OverrideRequestInput,
    ) -> Result<OverrideRequestPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let whom =
            service::WhomAsked { given: input.given_name, family: input.family_name, birth: input.date_of_birth.0 };
        let wanted = service::OverrideAsked {
            categories: input.categories,
            ground: input.ground,
            reason: input.reason,
            hours: input.hours,
        };
        let done = service::request(request, &asked, &whom, &wanted).await;
        let read = async |_: OverrideRequestId| Ok(Some(Receipt::Received));
        let (receipt, user_errors) = outcome(done, read).await?;
        Ok(OverrideRequestPayload { receipt, user_errors })
    }

    /// Co-signs an override, which opens it (C16). For a safeguarding lead of an organisation that holds the case, neither who
    /// asked nor a colleague of theirs.
    async fn override_cosign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: OverrideCosignInput,
    ) -> Result<OverrideCosignPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let done = service::cosign(request, &asked, &input.override_id, input.version).await;
        let read = async |id: OverrideId| query::override_of(request, &id.global()).await;
        Ok(OverrideCosignPayload::of(outcome(done, read).await?))
    }

    /// Reviews an override (C16, C18). For a safeguarding lead whose task it is, another person than who asked and who co-signed.
    /// With it every lead's task is done.
    async fn override_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what was found.")] input: OverrideReviewInput,
    ) -> Result<OverrideReviewPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let review = service::ReviewAsked {
            verdict: input.verdict,
            reason: input.reason,
            tell: input.tell,
            withheld_until: input.withhold_until.map(|d| d.0),
            withheld_because: input.withhold_reason,
        };
        let done = service::review(request, &asked, &input.override_id, input.version, &review).await;
        let read = async |id: OverrideId| query::override_of(request, &id.global()).await;
        Ok(OverrideReviewPayload::of(outcome(done, read).await?))
    }

    /// Gives an override back before it runs out. For who asked for it.
    async fn override_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: OverrideEndInput,
    ) -> Result<OverrideEndPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let done = service::end(request, &asked, &input.override_id, input.version).await;
        let read = async |id: OverrideId| query::override_of(request, &id.global()).await;
        Ok(OverrideEndPayload::of(outcome(done, read).await?))
    }
}
