//! Merges of organisations, as who keeps the registry reads them.

use super::failure::ApiError;
use super::organisation::Organisation;
use super::request;
use super::scalars::DateTime;
use super::siblings::Siblings;
use crate::domain::ids::OrganisationId;
use crate::persistence::merge::Merge as Row;
use crate::persistence::organisation as registry;
use async_graphql::{Context, Object};
use std::sync::Arc;

/// That one organisation was merged into another. For hub coordinators and administrators.
#[derive(Clone)]
pub struct OrganisationMerge {
    row: Row,
    siblings: Arc<Siblings<OrganisationId>>,
}

impl OrganisationMerge {
    /// Those that came in one statement.
    pub fn group(found: Vec<Row>) -> Vec<Self> {
        let mut keys: Vec<_> = found.iter().flat_map(|m| [m.merged, m.into]).collect();
        keys.sort();
        keys.dedup();
        let siblings = Siblings::of(keys);
        found.into_iter().map(|row| Self { row, siblings: Arc::clone(&siblings) }).collect()
    }

    /// Whether an organisation is one of the two.
    pub fn is_of(&self, organisation: OrganisationId) -> bool {
        [self.row.merged, self.row.into].contains(&organisation)
    }

    async fn side(&self, ctx: &Context<'_>, of: OrganisationId) -> Result<Option<Organisation>, ApiError> {
        let database = &request(ctx).app.database;
        let all = self
            .siblings
            .load::<Vec<Organisation>, _>("organisations", async {
                Ok(Organisation::group(registry::by_id(database, &self.siblings.keys).await?))
            })
            .await?;
        Ok(all.iter().find(|o| o.key() == of).cloned())
    }
}

/// That one organisation was merged into another. For hub coordinators and administrators.
#[Object]
impl OrganisationMerge {
    /// What was merged.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>, ApiError> {
        self.side(ctx, self.row.merged).await
    }

    /// Into what it was merged then; that one may have been merged further since.
    async fn into(&self, ctx: &Context<'_>) -> Result<Option<Organisation>, ApiError> {
        self.side(ctx, self.row.into).await
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.row.reason
    }

    /// When.
    async fn merged_at(&self) -> DateTime {
        DateTime(self.row.merged_at)
    }

    /// When it was undone; `null` while it stands.
    async fn undone_at(&self) -> Option<DateTime> {
        self.row.undone_at.map(DateTime)
    }

    /// Why it was undone.
    async fn undo_reason(&self) -> Option<&str> {
        self.row.undo_reason.as_deref()
    }
}
