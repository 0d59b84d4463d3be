//! The lawful basis of processing recorded and ended.

use super::{Conventions, input, outcome, payload};
use crate::domain::category::Category;
use crate::domain::ids::{LawfulBasisId, TypedId};
use crate::domain::lawful_basis::{LawfulBasisKind, SpecialCondition};
use crate::graphql::failure::ApiError;
use crate::graphql::lawful_basis::LawfulBasis;
use crate::graphql::scalars::DateTime;
use crate::graphql::{query, request};
use crate::service::lawful_basis as service;
use async_graphql::{Context, ID, Object};

input! { "On which lawful basis a client's data is processed." LawfulBasisRecordInput {
    /// Global id of the client.
    client_id: ID,
    /// The basis, of Article 6(1) of the UK GDPR.
    basis: LawfulBasisKind,
    /// The condition of Article 9(2): needed for HEALTH, SUBSTANCE_USE, DOMESTIC_ABUSE, IMMIGRATION and EQUALITIES.
    special_condition: Option<SpecialCondition>,
    /// The condition of Schedule 1 to the Data Protection Act 2018: needed for OFFENDING, and with some conditions of Article 9(2).
    schedule_condition: Option<String>,
    /// The categories of data it is for; at least one.
    categories: Vec<Category>,
    /// From when; now when left out.
    from: Option<DateTime>,
    /// Until when; without a planned end when left out.
    until: Option<DateTime>,
    /// Why.
    reason: String,
} }
payload!(LawfulBasisRecordPayload, lawful_basis: LawfulBasis, "lawful basis");

input! { "A lawful basis to end." LawfulBasisEndInput {
    /// Global id of the lawful basis.
    lawful_basis_id: ID,
    /// The version that was read.
    version: i64,
    /// Why.
    reason: String,
} }
payload!(LawfulBasisEndPayload, lawful_basis: LawfulBasis, "lawful basis");

/// The lawful basis of processing.
#[derive(Default)]
pub struct LawfulBasisMutations;

/// The lawful basis of processing.
#[Object]
impl LawfulBasisMutations {
    /// Records on which lawful basis the viewer's organisation processes what it has of a client (C3). It opens nothing to anybody. For
    /// who works with the client.
    async fn lawful_basis_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose data, and on which basis.")] input: LawfulBasisRecordInput,
    ) -> Result<LawfulBasisRecordPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let new = service::LawfulBasisAsked {
            basis: input.basis,
            special_condition: input.special_condition,
            schedule_condition: input.schedule_condition,
            categories: input.categories,
            from: input.from.map(|t| t.0),
            until: input.until.map(|t| t.0),
            reason: input.reason,
        };
        let done = service::record(request, &asked, &input.client_id, &new).await;
        let read = async |id: LawfulBasisId| query::lawful_basis(request, &id.global()).await;
        Ok(LawfulBasisRecordPayload::of(outcome(done, read).await?))
    }

    /// Ends a lawful basis (C3). For who works with people in the organisation that recorded it.
    async fn lawful_basis_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: LawfulBasisEndInput,
    ) -> Result<LawfulBasisEndPayload, ApiError> {
        let request = request(ctx);
        let (asked, id) = (input.asked(), &input.lawful_basis_id);
        let done = service::end(request, &asked, id, input.version, &input.reason).await;
        let read = async |id: LawfulBasisId| query::lawful_basis(request, &id.global()).await;
        Ok(LawfulBasisEndPayload::of(outcome(done, read).await?))
    }
}
