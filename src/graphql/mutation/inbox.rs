//! The inbox.

use super::{Conventions, input, outcome, payload};
use crate::domain::ids::{InboxItemId, TypedId};
use crate::graphql::failure::ApiError;
use crate::graphql::inbox::InboxItem;
use crate::graphql::{query, request};
use crate::service::inbox as service;
use async_graphql::{Context, ID, Object};

input! { "An item that was read." InboxItemReadInput {
    /// Global id of the item.
    inbox_item_id: ID,
} }
payload!(InboxItemReadPayload, inbox_item: InboxItem, "item");

/// The inbox.
#[derive(Default)]
pub struct InboxMutations;

/// The inbox.
#[Object]
impl InboxMutations {
    /// Marks an item of the viewer's own inbox as read; one that asks for nothing is done with it.
    async fn inbox_item_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: InboxItemReadInput,
    ) -> Result<InboxItemReadPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let done = service::mark_read(request, &asked, &input.inbox_item_id).await;
        let read = async |id: InboxItemId| query::inbox_item(request, &id.global()).await;
        Ok(InboxItemReadPayload::of(outcome(done, read).await?))
    }
}
