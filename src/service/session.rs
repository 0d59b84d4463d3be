//! From a verified token to a viewer (C21).

use super::context::App;
use crate::domain::clock::Timestamp;
use crate::domain::ids::OrganisationId;
use crate::domain::role::Roles;
use crate::persistence::fault::Fault;
use crate::persistence::person;
use crate::policy::viewer::Viewer;

/// What a verified token says: the signature, the times, the issuer and the audience were checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claims {
    /// Who vouches.
    pub issuer: String,
    /// For whom.
    pub subject: String,
    /// Acting for which organisation.
    pub organisation: OrganisationId,
    /// In which roles.
    pub roles: Roles,
    /// Until when the token is good.
    pub expires_at: Timestamp,
}

/// The viewer the claims make, or nothing: an unknown identity, no live membership of that organisation, or no role that
/// both the token and the membership hold. All of these are answered alike.
pub async fn viewer(app: &App, claims: &Claims) -> Result<Option<Viewer>, Fault> {
    let found = person::viewer(&app.database, &claims.issuer, &claims.subject, claims.organisation).await?;
    Ok(found.and_then(|mut viewer| {
        viewer.roles = viewer.roles.intersection(claims.roles);
        (!viewer.roles.is_empty()).then_some(viewer)
    }))
}
