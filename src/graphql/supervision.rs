//! Who supervises whom (C10).

use super::pagination::connection;
use super::scalars::DateTime;
use crate::domain::clock::Timestamp;
use crate::domain::ids::TypedId;
use crate::persistence::supervision::Supervision as Row;
use async_graphql::{ID, Object};

/// That somebody supervises a worker within one organisation: the worker's reflective notes open to them as well (C10). For the
/// organisation's administrators and team managers.
#[derive(Clone)]
pub struct Supervision(pub Row);

/// That somebody supervises a worker within one organisation: the worker's reflective notes open to them as well (C10). For the
/// organisation's administrators and team managers.
#[Object]
impl Supervision {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.0.id.global().into()
    }

    /// Version, to end it by.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Global id of the worker.
    async fn worker_id(&self) -> ID {
        self.0.worker.global().into()
    }

    /// The worker's name.
    async fn worker_name(&self) -> &str {
        &self.0.worker_name
    }

    /// Global id of the supervisor.
    async fn supervisor_id(&self) -> ID {
        self.0.supervisor.global().into()
    }

    /// The supervisor's name.
    async fn supervisor_name(&self) -> &str {
        &self.0.supervisor_name
    }

    /// From when.
    async fn starts_at(&self) -> DateTime {
        DateTime(self.0.starts_at)
    }

    /// Until when, as planned; `null` without an end.
    async fn until_at(&self) -> Option<DateTime> {
        (self.0.until_at < Timestamp::NEVER).then_some(DateTime(self.0.until_at))
    }

    /// When it was ended before that.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }
}

connection!(
    SupervisionConnection "A page of supervisions.",
    SupervisionEdge "One of a page of supervisions, with its cursor.",
    Supervision,
    |s| s.0.id.global()
);
