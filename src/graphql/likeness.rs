//! Records that look like one person's.

use super::client::{Client, linked_client};
use super::failure::ApiError;
use super::siblings::Siblings;
use crate::domain::category::{Categories, Category};
use crate::domain::ids::ClientId;
use crate::domain::likeness::Likeness;
use crate::service::context::Context as Request;
use crate::service::likeness::LikeRecord as Row;
use async_graphql::{Context, Object};
use std::sync::Arc;

/// A record that looks like the one a referral is about, by name and date of birth: it may be the same person's, and it may not (C15).
#[derive(Clone)]
pub struct LikeRecord {
    row: Arc<Row>,
    clients: Arc<Siblings<ClientId>>,
}

impl LikeRecord {
    /// Records from what was found; each is noted in the trace, with the name and the date of birth that it is told by.
    pub fn group(request: &Request, found: Vec<Row>) -> Vec<Self> {
        let mut keys: Vec<_> = found.iter().map(|l| l.disclosure.client).collect();
        keys.sort();
        keys.dedup();
        let clients = Siblings::of(keys);
        found
            .into_iter()
            .map(|row| {
                request.note_involvement(&row.disclosure);
                for category in [Category::Name, Category::Birth] {
                    let grants = row.disclosure.grants_opening(category);
                    if !grants.is_empty() {
                        request.note(row.disclosure.client, Categories::of(&[category]), &grants);
                    }
                }
                Self { row: Arc::new(row), clients: Arc::clone(&clients) }
            })
            .collect()
    }

    /// Like whose record it is.
    pub fn of_key(&self) -> ClientId {
        self.row.of
    }
}

/// A record that looks like the one a referral is about, by name and date of birth: it may be the same person's, and it may not (C15).
#[Object]
impl LikeRecord {
    /// The record. INVOLVEMENT (C1).
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>, ApiError> {
        linked_client(ctx, &self.clients, self.row.disclosure.client).await
    }

    /// How alike the names are. NAME (C1, C15).
    async fn name(&self) -> Likeness {
        self.row.alike.name
    }

    /// How alike the dates of birth are; `null` where one of the two is not known to the viewer. BIRTH (C1, C15).
    async fn birth(&self) -> Option<Likeness> {
        self.row.alike.birth
    }

    /// Whether a case on it is open or closed within two years before, or a referral of it was accepted within them, as far as the viewer
    /// sees: if it is the same person, this is a re-referral. INVOLVEMENT (C1).
    async fn has_recent_case(&self) -> bool {
        self.row.has_recent_case
    }
}
