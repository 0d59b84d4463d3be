//! Legal holds.

use super::pagination::connection;
use super::scalars::DateTime;
use crate::domain::ids::TypedId;
use crate::persistence::retention::LegalHold as Row;
use crate::service::context::Context as Request;
use async_graphql::{ID, Object};
use std::sync::Arc;

/// A legal hold of the viewer's organisation: what it keeps of a client is kept, whatever its retention says (C24). INVOLVEMENT (C1).
#[derive(Clone)]
pub struct LegalHold(Arc<Row>);

impl LegalHold {
    /// Holds from what one statement brought; each is noted in the trace.
    pub fn group(request: &Request, found: Vec<Row>) -> Vec<Self> {
        let each = found.into_iter().map(|row| {
            request.note_involvement(&row.disclosure);
            Self(Arc::new(row))
        });
        each.collect()
    }
}

/// A legal hold of the viewer's organisation: what it keeps of a client is kept, whatever its retention says (C24). INVOLVEMENT (C1). For
/// its information governance leads, on a sealed record those named, while the organisation keeps anything of the client.
#[Object]
impl LegalHold {
    /// Global id. INVOLVEMENT (C1).
    pub async fn id(&self) -> ID {
        self.0.id.global().into()
    }

    /// Version, to lift it by. INVOLVEMENT (C1).
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Global id of the client. INVOLVEMENT (C1, C24): who sees a hold need not see the record.
    async fn client_id(&self) -> ID {
        self.0.client.global().into()
    }

    /// The claim, inquiry or request it is for. INVOLVEMENT (C1, C24).
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// Why it was placed. INVOLVEMENT (C1, C24).
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When it was placed. INVOLVEMENT (C1, C24).
    async fn placed_at(&self) -> DateTime {
        DateTime(self.0.placed_at)
    }

    /// When it was lifted. INVOLVEMENT (C1, C24).
    async fn lifted_at(&self) -> Option<DateTime> {
        self.0.lifted_at.map(DateTime)
    }

    /// Why it was lifted. INVOLVEMENT (C1, C24).
    async fn lift_reason(&self) -> Option<&str> {
        self.0.lift_reason.as_deref()
    }
}

connection!(
    LegalHoldConnection "A page of legal holds.",
    LegalHoldEdge "One of a page of legal holds, with its cursor.",
    LegalHold,
    |h| h.0.id.global()
);
