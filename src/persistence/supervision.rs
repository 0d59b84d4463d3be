//! Who supervises whom (C10). Not client-bound: which notes it opens is tested by the statements of [`super::shared_case`].

use super::database::{Database, Tx};
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int};
use super::write::{Recorded, insert};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{OrganisationId, PersonId, SupervisionId};
use sea_orm::QueryResult;
use uuid::Uuid;

/// That somebody supervises a worker.
#[derive(Clone, Debug)]
pub struct Supervision {
    /// The supervision.
    pub id: SupervisionId,
    /// Within which organisation.
    pub organisation: OrganisationId,
    /// The worker.
    pub worker: PersonId,
    /// Their name.
    pub worker_name: String,
    /// The supervisor.
    pub supervisor: PersonId,
    /// Their name.
    pub supervisor_name: String,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when, as planned.
    pub until_at: Timestamp,
    /// When it ended before that.
    pub ended_at: Option<Timestamp>,
    /// Version.
    pub version: i64,
}

macro_rules! supervisions {
    ($where:literal) => {
        concat!(
            "SELECT s.id, s.organisation_id, s.worker_id, w.name, s.supervisor_id, v.name, s.starts_at, s.until_at, s.ended_at, \
            s.version FROM supervision s JOIN person w ON w.id = s.worker_id JOIN person v ON v.id = s.supervisor_id WHERE ",
            $where
        )
    };
}
static PAGE: Sql = Sql::new(supervisions!("s.organisation_id = $1 AND s.id < $2 ORDER BY s.id DESC LIMIT $3"));
static BY_ID: Sql = Sql::new(supervisions!("s.organisation_id = $1 AND s.id = $2"));
static COUNT: Sql = Sql::new("SELECT COUNT(*) FROM supervision WHERE organisation_id = $1");

fn supervision(row: &QueryResult) -> Result<Supervision, Fault> {
    let mut c = Columns::of(row);
    Ok(Supervision {
        id: c.id()?,
        organisation: c.id()?,
        worker: c.id()?,
        worker_name: c.take()?,
        supervisor: c.id()?,
        supervisor_name: c.take()?,
        starts_at: c.time()?,
        until_at: c.time()?,
        ended_at: c.time_or_none()?,
        version: c.take()?,
    })
}

/// The supervisions within an organisation, past ones too, newest first.
pub async fn page(
    database: &Database,
    of: OrganisationId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Supervision>, Fault> {
    let values = vec![id(of.0), id(after.unwrap_or(Uuid::max())), int(limit)];
    database.rows(&PAGE, values).await?.iter().map(supervision).collect()
}

/// How many there are.
pub async fn count(database: &Database, of: OrganisationId) -> Result<i64, Fault> {
    let row = database.row(&COUNT, vec![id(of.0)]).await?;
    row.map_or(Ok(0), |row| Columns::of(&row).take())
}

/// One within an organisation.
pub async fn by_id(database: &Database, of: OrganisationId, s: SupervisionId) -> Result<Option<Supervision>, Fault> {
    database.row(&BY_ID, vec![id(of.0), id(s.0)]).await?.as_ref().map(supervision).transpose()
}

/// One within an organisation, in a transaction.
pub async fn one(tx: &Tx, of: OrganisationId, s: SupervisionId) -> Result<Option<Supervision>, Fault> {
    tx.row(&BY_ID, vec![id(of.0), id(s.0)]).await?.as_ref().map(supervision).transpose()
}

static HOLD: Sql = Sql::new("SELECT id FROM person WHERE id = $1 @lock");
static THERE: Sql = Sql::new(
    "SELECT 1 FROM supervision s WHERE s.organisation_id = $1 AND s.worker_id = $2 AND s.ended_at IS NULL \
    AND s.starts_at < $4 AND s.until_at > $3",
);

/// Whether the worker is supervised by anybody within these times; no other is assigned until the transaction ends.
pub async fn is_there(
    tx: &Tx,
    of: OrganisationId,
    worker: PersonId,
    (from, until): (Timestamp, Timestamp),
) -> Result<bool, Fault> {
    tx.row(&HOLD, vec![id(worker.0)]).await?;
    Ok(tx.row(&THERE, vec![id(of.0), id(worker.0), int(from.0), int(until.0)]).await?.is_some())
}

/// A supervision about to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewSupervision {
    /// Its id.
    pub id: SupervisionId,
    /// The worker.
    pub worker: PersonId,
    /// The supervisor.
    pub supervisor: PersonId,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// Writes it, within the recorder's organisation.
pub async fn assign(tx: &Tx, s: NewSupervision, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::supervision::Model {
            id: s.id.0,
            organisation_id: by.on_behalf_of.0,
            worker_id: s.worker.0,
            supervisor_id: s.supervisor.0,
            starts_at: s.from.0,
            until_at: s.until.0,
            ended_at: None,
            recorded_by: by.by.0,
            recorded_at: by.at.0,
            version: 1,
        },
    )
    .await
}

static END: Sql = Sql::new(
    "UPDATE supervision SET ended_at = $1, version = version + 1 WHERE id = $2 AND version = $3 AND ended_at IS NULL",
);

/// Ends it, if it still has the version.
pub async fn end(tx: &Tx, s: SupervisionId, version: i64, at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&END, vec![int(at.0), id(s.0), int(version)]).await? == 1)
}
