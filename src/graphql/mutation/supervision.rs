//! Supervision assigned and ended.

use super::{Conventions, input, outcome, payload};
use crate::domain::ids::{SupervisionId, TypedId};
use crate::graphql::failure::ApiError;
use crate::graphql::scalars::DateTime;
use crate::graphql::supervision::Supervision;
use crate::graphql::{query, request};
use crate::service::supervision as service;
use async_graphql::{Context, ID, Object};

input! { "A supervisor to assign to a worker." SupervisionAssignInput {
    /// Global id of the worker, of the viewer's organisation.
    worker_id: ID,
    /// Global id of the supervisor, a team manager of the same organisation.
    supervisor_id: ID,
    /// From when; now when left out or past.
    from: Option<DateTime>,
    /// Until when; without an end when left out.
    until: Option<DateTime>,
} }
payload!(SupervisionAssignPayload, supervision: Supervision, "supervision");

input! { "A supervision to end." SupervisionEndInput {
    /// Global id of the supervision.
    supervision_id: ID,
    /// The version that was read.
    version: i64,
} }
payload!(SupervisionEndPayload, supervision: Supervision, "supervision");

/// Supervision.
#[derive(Default)]
pub struct SupervisionMutations;

/// Supervision.
#[Object]
impl SupervisionMutations {
    /// Says who supervises a worker: the worker's reflective notes open to them as well (C10). For the organisation's
    /// administrators and managers of the worker's team; not for oneself.
    async fn supervision_assign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and by whom.")] input: SupervisionAssignInput,
    ) -> Result<SupervisionAssignPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let new = service::SupervisionAsked {
            worker: input.worker_id.0,
            supervisor: input.supervisor_id.0,
            from: input.from.map(|t| t.0),
            until: input.until.map(|t| t.0),
        };
        let read = async |id: SupervisionId| query::supervision(request, &id.global()).await;
        let done = service::assign(request, &asked, &new).await;
        Ok(SupervisionAssignPayload::of(outcome(done, read).await?))
    }

    /// Ends a supervision: from then on it opens nothing (C10). For those who may assign it.
    async fn supervision_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: SupervisionEndInput,
    ) -> Result<SupervisionEndPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let read = async |id: SupervisionId| query::supervision(request, &id.global()).await;
        let done = service::end(request, &asked, &input.supervision_id, input.version).await;
        Ok(SupervisionEndPayload::of(outcome(done, read).await?))
    }
}
