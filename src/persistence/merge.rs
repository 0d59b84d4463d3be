//! Organisations merged and unmerged: the documents, and where they lead. Not client-bound.

use super::database::{Database, Tx};
use super::fault::Fault;
use super::sql::{Columns, Sql, id, ids, int, text};
use super::write::{Recorded, insert};
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{LikenessId, MergeId, OrganisationId};
use sea_orm::Value;

/// A merge about to be recorded.
#[derive(Clone, Debug)]
pub struct NewMerge {
    /// Its id.
    pub id: MergeId,
    /// What is merged.
    pub merged: OrganisationId,
    /// Into what.
    pub into: OrganisationId,
    /// Why.
    pub reason: String,
    /// The likely duplicate that it settles.
    pub settles: Option<LikenessId>,
}

/// Records a merge.
pub async fn record(tx: &Tx, m: &NewMerge, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::organisation_merge::Model {
            id: m.id.0,
            merged_id: m.merged.0,
            into_id: m.into.0,
            reason: m.reason.clone(),
            likeness_id: m.settles.map(|l| l.0),
            merged_by: by.by.0,
            merged_for: by.on_behalf_of.0,
            merged_at: by.at.0,
            undone_by: None,
            undone_for: None,
            undone_at: None,
            undo_reason: None,
        },
    )
    .await
}

static LIVE: Sql =
    Sql::new("SELECT id, into_id, likeness_id FROM organisation_merge WHERE merged_id = $1 AND undone_at IS NULL");
static UNDO: Sql = Sql::new(
    "UPDATE organisation_merge SET undone_by = $1, undone_for = $2, undone_at = $3, undo_reason = $4 WHERE id = $5",
);

/// The merge by which an organisation is merged now, and the likely duplicate that it settled.
pub async fn live(tx: &Tx, of: OrganisationId) -> Result<Option<(MergeId, Option<LikenessId>)>, Fault> {
    let row = tx.row(&LIVE, vec![id(of.0)]).await?;
    row.map(|row| {
        let mut c = Columns::of(&row);
        let merge = c.id()?;
        c.skip(1);
        Ok((merge, c.id_or_none()?))
    })
    .transpose()
}

/// Undoes a merge.
pub async fn undo(tx: &Tx, merge: MergeId, reason: &str, by: Recorded) -> Result<(), Fault> {
    let values = vec![id(by.by.0), id(by.on_behalf_of.0), int(by.at.0), text(reason), id(merge.0)];
    tx.execute(&UNDO, values).await.map(|_| ())
}

static STANDING: Sql =
    Sql::new("SELECT merged_id, into_id FROM organisation_merge WHERE undone_at IS NULL ORDER BY merged_at, id");

fn pair(row: &sea_orm::QueryResult) -> Result<(OrganisationId, OrganisationId), Fault> {
    let mut c = Columns::of(row);
    Ok((c.id()?, c.id()?))
}

/// The merges that stand: what was merged, into what.
pub async fn standing(tx: &Tx) -> Result<Vec<(OrganisationId, OrganisationId)>, Fault> {
    tx.rows(&STANDING, Vec::new()).await?.iter().map(pair).collect()
}

/// The same, outside any transaction.
pub async fn standing_now(database: &Database) -> Result<Vec<(OrganisationId, OrganisationId)>, Fault> {
    database.rows(&STANDING, Vec::new()).await?.iter().map(pair).collect()
}

static RAISE: Sql = Sql::new("UPDATE organisation SET version = version + 1 WHERE id = $1 AND version = $2");
static POINT: Sql = Sql::new("UPDATE organisation SET merged_into_id = $1 WHERE id = $2");

/// Takes the next version of an organisation; whether it was still at the one expected.
pub async fn raise(tx: &Tx, of: OrganisationId, version: i64) -> Result<bool, Fault> {
    Ok(tx.execute(&RAISE, vec![id(of.0), int(version)]).await? == 1)
}

/// Notes which organisation stands for one, if another does.
pub async fn point(tx: &Tx, of: OrganisationId, to: Option<OrganisationId>) -> Result<(), Fault> {
    tx.execute(&POINT, vec![Value::Uuid(to.map(|o| o.0)), id(of.0)]).await.map(|_| ())
}

static UNSETTLED: Sql = Sql::new(
    "SELECT id FROM organisation_likeness WHERE decision = 'UNDECIDED' \
    AND ((first_id = $1 AND second_id = $2) OR (first_id = $2 AND second_id = $1))",
);
static SETTLE: Sql =
    Sql::new("UPDATE organisation_likeness SET decision = 'SAME', decided_by = $1, decided_at = $2 WHERE id = $3");
static REOPEN: Sql = Sql::new(
    "UPDATE organisation_likeness SET decision = 'UNDECIDED', decided_by = NULL, decided_at = NULL WHERE id = $1",
);

/// Settles the likely duplicate of a pair that nobody decided on yet: they are the same.
pub async fn settle(
    tx: &Tx,
    one: OrganisationId,
    other: OrganisationId,
    by: Recorded,
) -> Result<Option<LikenessId>, Fault> {
    let Some(row) = tx.row(&UNSETTLED, vec![id(one.0), id(other.0)]).await? else { return Ok(None) };
    let found: LikenessId = Columns::of(&row).id()?;
    tx.execute(&SETTLE, vec![id(by.by.0), int(by.at.0), id(found.0)]).await?;
    Ok(Some(found))
}

/// Makes a likely duplicate that a merge settled one to decide on again.
pub async fn reopen(tx: &Tx, likeness: LikenessId) -> Result<(), Fault> {
    tx.execute(&REOPEN, vec![id(likeness.0)]).await.map(|_| ())
}

static IMPLY: Sql = Sql::new(
    "UPDATE organisation SET implied_categories = $1 WHERE COALESCE(merged_into_id, id) = ( \
    SELECT COALESCE(s.merged_into_id, s.id) FROM organisation s WHERE s.id = $2)",
);

/// Writes what a link to an organisation implies, and to whoever is one body with it.
pub async fn imply(tx: &Tx, of: OrganisationId, implies: Categories) -> Result<(), Fault> {
    tx.execute(&IMPLY, vec![int(implies.mask()), id(of.0)]).await.map(|_| ())
}

static BODY: Sql = Sql::new(
    "SELECT b.id FROM organisation a JOIN organisation b ON COALESCE(b.merged_into_id, b.id) = COALESCE(a.merged_into_id, a.id) \
    WHERE a.id @in($1) ORDER BY b.id",
);

/// These organisations, and those that are one body with them.
pub async fn body_of(tx: &Tx, of: &[OrganisationId]) -> Result<Vec<OrganisationId>, Fault> {
    let values = vec![ids(tx.backend(), of.iter().map(|o| o.0))];
    tx.rows(&BODY, values).await?.iter().map(|row| Columns::of(row).id()).collect()
}

/// A merge, done or undone.
#[derive(Clone, Debug)]
pub struct Merge {
    /// What was merged.
    pub merged: OrganisationId,
    /// Into what.
    pub into: OrganisationId,
    /// Why.
    pub reason: String,
    /// When.
    pub merged_at: Timestamp,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
    /// Why it was undone.
    pub undo_reason: Option<String>,
}

static HISTORY: Sql = Sql::new(
    "SELECT merged_id, into_id, reason, merged_at, undone_at, undo_reason FROM organisation_merge WHERE merged_id @in($1) \
    OR into_id @in($1) ORDER BY merged_at DESC, id DESC",
);

/// The merges of organisations and into them, newest first.
pub async fn history(database: &Database, of: &[OrganisationId]) -> Result<Vec<Merge>, Fault> {
    let values = vec![ids(database.backend(), of.iter().map(|o| o.0))];
    database
        .rows(&HISTORY, values)
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok(Merge {
                merged: c.id()?,
                into: c.id()?,
                reason: c.take()?,
                merged_at: c.time()?,
                undone_at: c.time_or_none()?,
                undo_reason: c.take()?,
            })
        })
        .collect()
}
