//! What somebody is to see or do: read, and thereby done when there is nothing to do.

use super::context::{Context, Failure};
use super::unit::{Done, Unit, begin};
use crate::domain::failure::UserError;
use crate::domain::ids::{InboxItemId, TypedId};
use crate::domain::mutation::Asked;
use crate::persistence::inbox;

/// Marks an item of the viewer's own inbox as read. Reading twice changes nothing, so it takes no version.
pub async fn mark_read(ctx: &Context, asked: &Asked, item: &str) -> Result<Done<InboxItemId>, Failure> {
    let unit: Unit<'_> = begin!(ctx, "inboxItemRead", asked);
    let id = InboxItemId::parse(item).unwrap_or(InboxItemId(uuid::Uuid::nil()));
    let Some(found) = unit.scope().inbox_item(id).await? else {
        ctx.note_nothing_found(item);
        return Err(UserError::not_found("inboxItemId").into());
    };
    if let Some(disclosure) = &found.disclosure {
        ctx.note_involvement(disclosure);
    }
    inbox::read(unit.tx(), found.id, found.kind, unit.by.at).await?;
    unit.finish("inbox_item.read", found.id).await
}
