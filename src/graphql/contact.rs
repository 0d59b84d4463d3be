//! Whom to reach at an organisation.

use super::scalars::DateTime;
use crate::domain::ids::TypedId;
use crate::persistence::contact::Contact as Row;
use async_graphql::{ID, Object};

/// Whom to reach at an organisation: professional details, of nobody's client. For hub coordinators and administrators.
#[derive(Clone)]
pub struct OrganisationContact(pub Row);

/// Whom to reach at an organisation: professional details, of nobody's client. For hub coordinators and administrators.
#[Object]
impl OrganisationContact {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.0.id.global().into()
    }

    /// Version, to end it by.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Their name, or that of a desk.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What they do there.
    async fn role(&self) -> Option<&str> {
        self.0.role.as_deref()
    }

    /// Email address.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// Phone number.
    async fn phone(&self) -> Option<&str> {
        self.0.phone.as_deref()
    }

    /// What to know of it.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.0.recorded_at)
    }

    /// When it ended.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }

    /// Global id of the organisation.
    async fn organisation_id(&self) -> ID {
        self.0.organisation.global().into()
    }
}
