//! The inbox.

use super::client::{Client, linked_client};
use super::failure::ApiError;
use super::pagination::{Page, connection};
use super::query::{self, Node};
use super::scalars::DateTime;
use super::siblings::{Siblings, What};
use crate::domain::category::Category;
use crate::domain::ids::{ClientId, InboxItemId, TypedId};
use crate::domain::inbox::InboxKind;
use crate::persistence::inbox::InboxItem as Row;
use crate::service::context::Context as Request;
use async_graphql::{Context, ID, Object};
use std::collections::HashMap;
use std::sync::Arc;

/// Something the viewer is to see or do for the organisation they act for. An item about a client is there only while a live
/// grant reaches it. INVOLVEMENT (C1).
#[derive(Clone)]
pub struct InboxItem {
    row: Arc<Row>,
    subjects: Arc<Siblings<String>>,
    clients: Arc<Siblings<ClientId>>,
}

impl InboxItem {
    /// Items from what one statement brought; each is noted in the trace, by its client or by the document it is about.
    pub fn group(request: &Request, found: Vec<Row>) -> Vec<Self> {
        let subjects = Siblings::of(found.iter().map(|i| i.subject.clone()).collect());
        let about = found.iter().filter_map(|i| i.disclosure.as_ref().map(|d| d.client));
        let clients = Siblings::of(about.collect());
        found
            .into_iter()
            .map(|row| {
                match &row.disclosure {
                    Some(disclosure) => request.note_involvement(disclosure),
                    None => request.note_document(row.subject.clone(), Category::Involvement),
                }
                Self { row: Arc::new(row), subjects: Arc::clone(&subjects), clients: Arc::clone(&clients) }
            })
            .collect()
    }

    /// The item.
    pub fn key(&self) -> InboxItemId {
        self.row.id
    }
}

/// Something the viewer is to see or do for the organisation they act for. An item about a client is there only while a live
/// grant reaches it. INVOLVEMENT (C1).
#[Object]
impl InboxItem {
    /// Global id. INVOLVEMENT (C1).
    pub async fn id(&self) -> ID {
        self.row.id.global().into()
    }

    /// What it is about. INVOLVEMENT (C1).
    async fn kind(&self) -> InboxKind {
        self.row.kind
    }

    /// The document it is about, where the viewer sees it. INVOLVEMENT (C1).
    async fn subject(&self, ctx: &Context<'_>) -> Result<Option<Node>, ApiError> {
        let sections = super::client::wanted(ctx.field());
        let found = self
            .subjects
            .load::<HashMap<String, Node>, _>(What::with("subjects", Some(sections.mask())), async {
                query::subjects(ctx, &self.subjects.keys).await
            })
            .await?;
        Ok(found.get(&self.row.subject).cloned())
    }

    /// The client it is about, where the viewer sees the record. INVOLVEMENT (C1).
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>, ApiError> {
        match &self.row.disclosure {
            Some(disclosure) => linked_client(ctx, &self.clients, disclosure.client).await,
            None => Ok(None),
        }
    }

    /// When it was posted. INVOLVEMENT (C1).
    async fn posted_at(&self) -> DateTime {
        DateTime(self.row.posted_at)
    }

    /// By when it is to be done. INVOLVEMENT (C1).
    async fn due_at(&self) -> Option<DateTime> {
        self.row.due_at.map(DateTime)
    }

    /// When it was read. INVOLVEMENT (C1).
    async fn read_at(&self) -> Option<DateTime> {
        self.row.read_at.map(DateTime)
    }

    /// When it was done. INVOLVEMENT (C1).
    async fn done_at(&self) -> Option<DateTime> {
        self.row.done_at.map(DateTime)
    }
}

connection!(
    InboxItemConnection "A page of the inbox.",
    InboxItemEdge "An item of the inbox with its cursor.",
    InboxItem,
    |item| item.key().global()
);

/// A page of the inbox.
pub(super) fn page(request: &Request, page: Page<Row>) -> InboxItemConnection {
    InboxItemConnection(page.open(|found| InboxItem::group(request, found)))
}
