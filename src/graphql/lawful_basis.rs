//! On which lawful basis an organisation processes what it has of a client.

use super::pagination::connection;
use super::request;
use super::scalars::DateTime;
use crate::domain::category::Category;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ClientId, TypedId};
use crate::domain::lawful_basis::{LawfulBasisKind, SpecialCondition};
use crate::persistence::lawful_basis::LawfulBasis as Row;
use crate::policy::lawful_basis;
use crate::service::context::Context as Request;
use async_graphql::{Context, ID, Object, SimpleObject};
use std::sync::Arc;

/// On which lawful basis the viewer's organisation processes what it has of a client (C3). INVOLVEMENT (C1).
#[derive(Clone)]
pub struct LawfulBasis(Arc<Row>);

/// What the viewer may do with it, by the same predicate that the mutation enforces (C22).
#[derive(SimpleObject)]
pub struct LawfulBasisAccess {
    /// End it. INVOLVEMENT (C1, C22).
    can_end: bool,
}

impl LawfulBasis {
    /// From what one statement brought; each is noted in the trace.
    pub fn group(request: &Request, found: Vec<Row>) -> Vec<Self> {
        let each = found.into_iter().map(|row| {
            request.note_involvement(&row.disclosure);
            Self(Arc::new(row))
        });
        each.collect()
    }

    /// Whose data it is for.
    pub fn client_key(&self) -> ClientId {
        self.0.client
    }
}

/// On which lawful basis the viewer's organisation processes what it has of a client (C3). INVOLVEMENT (C1). It opens nothing, and is
/// for the organisation that recorded it alone, because it names categories that others may have no part in (C11).
#[Object]
impl LawfulBasis {
    /// Global id. INVOLVEMENT (C1).
    pub async fn id(&self) -> ID {
        self.0.id.global().into()
    }

    /// Version, to end it by. INVOLVEMENT (C1).
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// The basis, of Article 6(1) of the UK GDPR. INVOLVEMENT (C1, C3).
    async fn basis(&self) -> LawfulBasisKind {
        self.0.basis
    }

    /// The condition for special categories, of Article 9(2). INVOLVEMENT (C1, C3).
    async fn special_condition(&self) -> Option<SpecialCondition> {
        self.0.special_condition
    }

    /// The condition of Schedule 1 to the Data Protection Act 2018, where one is needed. INVOLVEMENT (C1, C3).
    async fn schedule_condition(&self) -> Option<&str> {
        self.0.schedule_condition.as_deref()
    }

    /// The categories of data it is for. INVOLVEMENT (C1, C3).
    async fn categories(&self) -> Vec<Category> {
        self.0.categories.iter().collect()
    }

    /// Why. INVOLVEMENT (C1, C3).
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// From when. INVOLVEMENT (C1, C3).
    async fn from(&self) -> DateTime {
        DateTime(self.0.starts_at)
    }

    /// Until when, as planned; `null` without an end. INVOLVEMENT (C1, C3).
    async fn until(&self) -> Option<DateTime> {
        let until = self.0.until_at;
        (until < Timestamp::NEVER).then_some(DateTime(until))
    }

    /// When it was ended before that. INVOLVEMENT (C1, C3).
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }

    /// Why it was ended. INVOLVEMENT (C1, C3).
    async fn end_reason(&self) -> Option<&str> {
        self.0.end_reason.as_deref()
    }

    /// When it was recorded. INVOLVEMENT (C1).
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.0.recorded_at)
    }

    /// What the viewer may do. INVOLVEMENT (C1, C22).
    async fn viewer_access(&self, ctx: &Context<'_>) -> LawfulBasisAccess {
        let may = lawful_basis::may_end(&request(ctx).viewer);
        LawfulBasisAccess { can_end: may && self.0.ended_at.is_none() }
    }
}

connection!(
    LawfulBasisConnection "A page of lawful bases.",
    LawfulBasisEdge "One of a page of lawful bases, with its cursor.",
    LawfulBasis,
    |b| b.0.id.global()
);
