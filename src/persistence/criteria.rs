//! What services state of whom they are for: versions, and which services there are to fit. Public, not client-bound.

use super::database::{Database, Tx};
use super::fault::Fault;
use super::organisation::{Service, read_service};
use super::sql::{Columns, Sql, id, int, text};
use super::write::{Recorded, insert};
use crate::domain::clock::Timestamp;
use crate::domain::criteria::Criteria;
use crate::domain::ids::ServiceId;
use crate::domain::random::Randomness;

/// A service that takes part, and who offers it.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The service.
    pub service: Service,
    /// The name of the organisation that offers it.
    pub organisation_name: String,
    /// How many more people its team takes, as it stated, and when.
    pub room: Option<(i64, Timestamp)>,
}

/// One version of what a service states.
#[derive(Clone, Debug)]
pub struct Version {
    /// Whose.
    pub service: ServiceId,
    /// Counted from 1.
    pub number: i64,
    /// What it states.
    pub criteria: Criteria,
    /// What is another way than in the version before, a line a criterion.
    pub changes: Vec<String>,
    /// When it was stated.
    pub changed_at: Timestamp,
}

/// A version as it is written.
#[derive(Clone, Debug)]
pub struct NewVersion<'a> {
    /// The service as it was read.
    pub service: &'a Service,
    /// What it states from now on.
    pub criteria: &'a Criteria,
    /// The same in the service's own words.
    pub words: &'a str,
    /// What is another way than before.
    pub changes: &'a [String],
}

/// Criteria as they are stored.
pub(super) fn stated(text: Option<String>) -> Result<Option<Box<Criteria>>, Fault> {
    text.map(|t| serde_json::from_str(&t)).transpose().map_err(Fault::from)
}

macro_rules! offered {
    ($where:literal) => {
        concat!(
            "SELECT s.id, s.organisation_id, s.team_id, s.name, s.description, s.criteria, s.stated, s.criteria_changed_at, \
            s.area, s.contact, s.status, s.version, o.name, t.room, t.room_stated_at FROM service s \
            JOIN organisation o ON o.id = s.organisation_id LEFT JOIN team t ON t.id = s.team_id \
            WHERE s.status = 'ACTIVE' AND o.status = 'ACTIVE' AND ",
            $where,
            " ORDER BY s.name, s.id LIMIT $1"
        )
    };
}
/// What a referral can lead to: the services of partners that a team runs.
static OF_PARTNERS: Sql = Sql::new(offered!("o.is_partner AND s.team_id IS NOT NULL"));
/// What people can only be pointed to: everybody else's, and partners' that no team runs.
static OF_OTHERS: Sql = Sql::new(offered!("(NOT o.is_partner OR s.team_id IS NULL)"));
static HISTORY: Sql = Sql::new(
    "SELECT service_id, number, stated, changes, changed_at FROM service_criteria WHERE service_id = $1 \
    ORDER BY number DESC LIMIT $2",
);
static SINCE: Sql = Sql::new(
    "SELECT c.service_id, c.number, c.stated, c.changes, c.changed_at FROM service_criteria c \
    JOIN service s ON s.id = c.service_id WHERE c.changed_at > $1 AND s.team_id IS NOT NULL ORDER BY c.changed_at DESC, c.id LIMIT $2",
);
static LATEST: Sql = Sql::new("SELECT COALESCE(MAX(number), 0) FROM service_criteria WHERE service_id = $1");
static STATE: Sql = Sql::new(
    "UPDATE service SET criteria = $1, stated = $2, criteria_changed_at = $3, version = version + 1 \
    WHERE id = $4 AND version = $5",
);

async fn offered(database: &Database, sql: &'static Sql, limit: i64) -> Result<Vec<Offered>, Fault> {
    database
        .rows(sql, vec![int(limit)])
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            let (service, organisation_name) = (read_service(&mut c)?, c.take()?);
            let room: (Option<i64>, _) = (c.take()?, c.time_or_none()?);
            Ok(Offered { service, organisation_name, room: room.0.zip(room.1) })
        })
        .collect()
}

/// The services that a referral can lead to, by name.
pub async fn of_partners(database: &Database, limit: i64) -> Result<Vec<Offered>, Fault> {
    offered(database, &OF_PARTNERS, limit).await
}

/// The services that people can be pointed to, by name.
pub async fn of_others(database: &Database, limit: i64) -> Result<Vec<Offered>, Fault> {
    offered(database, &OF_OTHERS, limit).await
}

fn version(row: &sea_orm::QueryResult) -> Result<Version, Fault> {
    let mut c = Columns::of(row);
    Ok(Version {
        service: c.id()?,
        number: c.take()?,
        criteria: serde_json::from_str(&c.take::<String>()?)?,
        changes: serde_json::from_str(&c.take::<String>()?)?,
        changed_at: c.time()?,
    })
}

/// The versions of a service, newest first.
pub async fn history(database: &Database, of: ServiceId, limit: i64) -> Result<Vec<Version>, Fault> {
    database.rows(&HISTORY, vec![id(of.0), int(limit)]).await?.iter().map(version).collect()
}

/// What services that a referral can lead to stated after a moment, newest first.
pub async fn since(database: &Database, moment: Timestamp, limit: i64) -> Result<Vec<Version>, Fault> {
    database.rows(&SINCE, vec![int(moment.0), int(limit)]).await?.iter().map(version).collect()
}

/// States criteria, if the service still has the version that was read.
pub async fn state(tx: &Tx, new: NewVersion<'_>, by: Recorded, random: &dyn Randomness) -> Result<bool, Fault> {
    let stated = serde_json::to_string(new.criteria)?;
    let s = new.service;
    let values = vec![text(new.words), text(stated.clone()), int(by.at.0), id(s.id.0), int(s.version)];
    if tx.execute(&STATE, values).await? == 0 {
        return Ok(false);
    }
    let latest = tx.row(&LATEST, vec![id(s.id.0)]).await?;
    let latest: i64 = latest.map_or(Ok(0), |row| Columns::of(&row).take())?;
    let row = entity::service_criteria::Model {
        id: random.uuid_timed(by.at),
        service_id: s.id.0,
        number: latest + 1,
        stated,
        changes: serde_json::to_string(new.changes)?,
        changed_by: by.by.0,
        changed_for: by.on_behalf_of.0,
        changed_at: by.at.0,
    };
    insert(tx, row).await?;
    Ok(true)
}
