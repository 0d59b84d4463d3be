//! Retention set, legal holds placed and lifted.

use super::{Conventions, input, outcome, payload};
use crate::domain::ids::{LegalHoldId, OrganisationId, TypedId};
use crate::graphql::failure::ApiError;
use crate::graphql::organisation::Organisation;
use crate::graphql::retention::LegalHold;
use crate::graphql::{query, request};
use crate::service::retention as service;
use async_graphql::{Context, ID, Object};

input! { "How long the viewer's organisation keeps records." RetentionSetInput {
    /// Years after the last closure of a person's referrals and cases, from 1 to 100.
    years: i32,
    /// The version of the organisation that was read.
    version: i64,
} }
payload!(RetentionSetPayload, organisation: Organisation, "organisation");

input! { "A legal hold to place." LegalHoldPlaceInput {
    /// Global id of the client.
    client_id: ID,
    /// The claim, inquiry or request it is for.
    reference: String,
    /// Why.
    reason: String,
} }
payload!(LegalHoldPlacePayload, legal_hold: LegalHold, "legal hold");

input! { "A legal hold to lift." LegalHoldLiftInput {
    /// Global id of the hold.
    legal_hold_id: ID,
    /// The version that was read.
    version: i64,
    /// Why.
    reason: String,
} }
payload!(LegalHoldLiftPayload, legal_hold: LegalHold, "legal hold");

/// Retention and legal holds.
#[derive(Default)]
pub struct RetentionMutations;

/// Retention and legal holds.
#[Object]
impl RetentionMutations {
    /// Sets how long the viewer's organisation keeps what it recorded and the referrals it sent, from the last closure (C24). For
    /// information governance leads.
    async fn retention_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How long.")] input: RetentionSetInput,
    ) -> Result<RetentionSetPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let done = service::set(request, &asked, input.years, input.version).await;
        let read = async |id: OrganisationId| query::organisation(request, &id.global()).await;
        Ok(RetentionSetPayload::of(outcome(done, read).await?))
    }

    /// Places a legal hold on what the viewer's organisation keeps of a client: it wins over retention (C24). For information governance
    /// leads.
    async fn legal_hold_place(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "On whose record, and why.")] input: LegalHoldPlaceInput,
    ) -> Result<LegalHoldPlacePayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let done = service::place(request, &asked, &input.client_id, &input.reference, &input.reason).await;
        let read = async |id: LegalHoldId| query::legal_hold(request, &id.global()).await;
        Ok(LegalHoldPlacePayload::of(outcome(done, read).await?))
    }

    /// Lifts a legal hold: from then on retention counts again (C24). For information governance leads.
    async fn legal_hold_lift(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: LegalHoldLiftInput,
    ) -> Result<LegalHoldLiftPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let done = service::lift(request, &asked, &input.legal_hold_id, input.version, &input.reason).await;
        let read = async |id: LegalHoldId| query::legal_hold(request, &id.global()).await;
        Ok(LegalHoldLiftPayload::of(outcome(done, read).await?))
    }
}
