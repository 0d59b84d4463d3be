//! Disclosures to somebody outside the system.

use super::{Conventions, input, outcome, payload};
use crate::domain::category::Category;
use crate::domain::ids::{OutwardDisclosureId, TypedId};
use crate::domain::outward_disclosure::OutwardDisclosureBasis;
use crate::domain::tell::{Tell, TellAsked};
use crate::graphql::failure::ApiError;
use crate::graphql::outward_disclosure::OutwardDisclosure;
use crate::graphql::scalars::DateTime;
use crate::graphql::{query, request};
use crate::service::outward_disclosure as service;
use async_graphql::{Context, ID, Object};

input! { "What was told to somebody outside the system." OutwardDisclosureRecordInput {
    /// Global id of the client.
    client_id: ID,
    /// Who was told, in words: which police force, which court.
    recipient: String,
    /// On what basis.
    basis: OutwardDisclosureBasis,
    /// The order, request or law.
    reference: Option<String>,
    /// The categories that were told; only those that are open to you, never EQUALITIES. INVOLVEMENT always goes with them.
    categories: Vec<Category>,
    /// Whether the summary tells where the person can be found (C7).
    reveals_location: Option<bool>,
    /// What was told.
    summary: String,
    /// When they were told.
    disclosed_at: DateTime,
    /// Whether the client is told (C18); when left out, WITHHOLD for MAPPA and protection, else TELL.
    tell: Option<Tell>,
    /// Until when the client is not told, with WITHHOLD: at most two years from now.
    withhold_until: Option<DateTime>,
    /// Why the client is not told, with WITHHOLD.
    withhold_reason: Option<String>,
} }
payload!(OutwardDisclosureRecordPayload, outward_disclosure: OutwardDisclosure, "disclosure");

/// Disclosures to somebody outside the system.
#[derive(Default)]
pub struct OutwardDisclosureMutations;

/// Disclosures to somebody outside the system.
#[Object]
impl OutwardDisclosureMutations {
    /// Records what was told to somebody outside the system (C17), and what the client is told of it (C18). For workers, managers,
    /// hub coordinators and safeguarding leads who see the record.
    async fn outward_disclosure_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of whom, to whom, what.")] input: OutwardDisclosureRecordInput,
    ) -> Result<OutwardDisclosureRecordPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let disclosure = service::DisclosureAsked {
            client: input.client_id.0,
            recipient: input.recipient,
            basis: input.basis,
            reference: input.reference,
            categories: input.categories,
            reveals_location: input.reveals_location.unwrap_or(false),
            summary: input.summary,
            disclosed_at: input.disclosed_at.0,
            tell: TellAsked {
                tell: input.tell,
                until: input.withhold_until.map(|t| t.0),
                reason: input.withhold_reason,
            },
        };
        let done = service::record(request, &asked, &disclosure).await;
        let read = async |id: OutwardDisclosureId| query::outward_disclosure(request, &id.global()).await;
        Ok(OutwardDisclosureRecordPayload::of(outcome(done, read).await?))
    }
}
