//! Who asks.

use super::failure::ApiError;
use super::organisation::{Organisation, Team};
use super::request;
use crate::domain::ids::TypedId;
use crate::domain::role::Role;
use crate::persistence::{organisation as registry, person};
use async_graphql::{Context, ID, Object};

/// The viewer: one person acting for one organisation (C21).
pub struct Viewer;

/// The viewer: one person acting for one organisation (C21).
#[Object]
impl Viewer {
    /// Global id of the person.
    async fn person_id(&self, ctx: &Context<'_>) -> ID {
        request(ctx).viewer.person.global().into()
    }

    /// The person's name.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        let request = request(ctx);
        let found = person::names(&request.app.database, &[request.viewer.person]).await?;
        Ok(found.into_iter().next().map(|(_, name)| name))
    }

    /// The organisation they act for.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>, ApiError> {
        let request = request(ctx);
        let found = registry::by_id(&request.app.database, &[request.viewer.organisation]).await?;
        Ok(Organisation::group(found).pop())
    }

    /// Their teams in that organisation.
    async fn teams(&self, ctx: &Context<'_>) -> Result<Vec<Team>, ApiError> {
        let request = request(ctx);
        let ids: Vec<_> = request.viewer.teams.iter().map(|t| t.id).collect();
        Ok(registry::teams(&request.app.database, &[], &ids).await?.into_iter().map(Team).collect())
    }

    /// The roles that count: those that both the token and the membership hold (C21).
    async fn roles(&self, ctx: &Context<'_>) -> Vec<Role> {
        request(ctx).viewer.roles.iter().collect()
    }
}
