//! Disclosures to somebody outside the system.

use super::client::{Client, linked_client};
use super::failure::ApiError;
use super::scalars::DateTime;
use super::siblings::Siblings;
use super::{OrganisationLink, organisation_link, request};
use crate::domain::category::Category;
use crate::domain::ids::{ClientId, OverrideId, TypedId};
use crate::domain::outward_disclosure::OutwardDisclosureBasis;
use crate::domain::tell::{Tell, Telling};
use crate::persistence::outward_disclosure::OutwardDisclosure as Row;
use crate::service::context::Context as Request;
use async_graphql::{Context, ID, Object};
use std::sync::Arc;

/// What was told to somebody outside the system: the police, a court (C17). It carries the categories that were told, and all
/// of them must be open to see it (C1).
#[derive(Clone)]
pub struct OutwardDisclosure {
    row: Arc<Row>,
    clients: Arc<Siblings<ClientId>>,
}

impl OutwardDisclosure {
    /// Disclosures from what one statement brought; each that opens is noted in the trace.
    pub fn group(request: &Request, found: Vec<Row>) -> Vec<Self> {
        let mut keys: Vec<_> = found.iter().map(|d| d.client).collect();
        keys.sort();
        keys.dedup();
        let clients = Siblings::of(keys);
        found
            .into_iter()
            .filter_map(|row| {
                let document = row.document();
                let grants = document.opening();
                if grants.is_empty() {
                    return None;
                }
                request.note(row.client, document.shown(), &grants);
                Some(Self { row: Arc::new(row), clients: Arc::clone(&clients) })
            })
            .collect()
    }

    /// Of whom somebody was told.
    pub fn client_key(&self) -> ClientId {
        self.row.client
    }

    /// Under which override it was made, where one alone opened what was told.
    pub fn is_of(&self, one: OverrideId) -> bool {
        self.row.owner == one.0
    }

    /// What is for who is told who was told, on what basis and of what (C11).
    fn told<'a, T>(&'a self, ctx: &Context<'_>, what: impl FnOnce(&'a Row) -> T) -> Option<T> {
        self.row.document().tells(&request(ctx).viewer).then(|| what(&self.row))
    }

    fn telling(&self, ctx: &Context<'_>) -> Option<&Telling> {
        let tells = self.row.document().tells_of_telling(&request(ctx).viewer);
        self.row.telling.as_ref().filter(|_| tells)
    }
}

/// What was told to somebody outside the system: the police, a court (C17). It carries the categories that were told, and all
/// of them must be open to see it (C1).
#[Object]
impl OutwardDisclosure {
    /// Global id. The disclosure's own categories (C1).
    pub async fn id(&self) -> ID {
        self.row.id.global().into()
    }

    /// Of whom somebody was told, for who sees the record. The disclosure's own categories (C1).
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>, ApiError> {
        linked_client(ctx, &self.clients, self.row.client).await
    }

    /// Who was told, in words; "an organisation" where that implies a category that is not open (C11). The disclosure's own categories (C1).
    async fn recipient(&self, ctx: &Context<'_>) -> &str {
        self.told(ctx, |d| d.recipient.as_str()).unwrap_or("an organisation")
    }

    /// On what basis; `null` where the recipient is not named (C11). The disclosure's own categories (C1).
    async fn basis(&self, ctx: &Context<'_>) -> Option<OutwardDisclosureBasis> {
        self.told(ctx, |d| d.basis)
    }

    /// The order, request or law; `null` where the recipient is not named. The disclosure's own categories
    /// (C1, C11).
    async fn reference(&self, ctx: &Context<'_>) -> Option<&str> {
        self.told(ctx, |d| d.reference.as_deref()).flatten()
    }

    /// The categories that were told, INVOLVEMENT with them. The disclosure's own categories (C1).
    async fn categories(&self) -> Vec<Category> {
        self.row.categories.iter().collect()
    }

    /// What was told; `null` where the recipient is not named. The disclosure's own categories (C1, C11).
    async fn summary(&self, ctx: &Context<'_>) -> Option<&str> {
        self.told(ctx, |d| d.summary.as_str())
    }

    /// When they were told. The disclosure's own categories (C1).
    async fn disclosed_at(&self) -> DateTime {
        DateTime(self.row.disclosed_at)
    }

    /// When it was recorded. The disclosure's own categories (C1).
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.row.recorded_at)
    }

    /// For which organisation it was recorded (C11). The disclosure's own categories (C1).
    async fn recorded_for(&self, ctx: &Context<'_>) -> OrganisationLink {
        let d = &self.row;
        let (open, implies) = (d.document().open(), d.recorded_for_implies);
        organisation_link(request(ctx), d.recorded_for, &d.recorded_for_name, implies, open, false)
    }

    /// Whether the client is told (C18); for safeguarding leads, the lead team and who recorded it. The disclosure's own categories (C1).
    async fn tell(&self, ctx: &Context<'_>) -> Option<Tell> {
        self.telling(ctx).map(|t| t.tell)
    }

    /// Until when the client is not told (C18); for the same. The disclosure's own categories (C1).
    async fn withhold_until(&self, ctx: &Context<'_>) -> Option<DateTime> {
        self.telling(ctx).and_then(|t| t.until).map(DateTime)
    }

    /// Why the client is not told (C18); for the same, where the recipient is named. The disclosure's own
    /// categories (C1, C11).
    async fn withhold_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.told(ctx, |_| ())?;
        self.telling(ctx).and_then(|t| t.reason.as_deref())
    }
}
