//! Whom to reach at an organisation: professional details, told to who keeps the registry. Not client-bound.

use super::database::{Database, Tx};
use super::fault::Fault;
use super::sql::{Columns, Sql, id, ids, int};
use super::write::{Recorded, insert};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ContactId, OrganisationId};
use sea_orm::QueryResult;

/// Somebody to reach at an organisation.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The contact.
    pub id: ContactId,
    /// At which organisation.
    pub organisation: OrganisationId,
    /// Their name, or that of a desk.
    pub name: String,
    /// What they do there.
    pub role: Option<String>,
    /// Email address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// What to know of it.
    pub note: Option<String>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Version.
    pub version: i64,
}

/// Records a contact.
pub async fn add(tx: &Tx, c: &Contact, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::organisation_contact::Model {
            id: c.id.0,
            organisation_id: c.organisation.0,
            name: c.name.clone(),
            role: c.role.clone(),
            email: c.email.clone(),
            phone: c.phone.clone(),
            note: c.note.clone(),
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            recorded_at: c.recorded_at.0,
            ended_at: c.ended_at.map(|t| t.0),
            version: c.version,
        },
    )
    .await
}

static END: Sql = Sql::new(
    "UPDATE organisation_contact SET ended_at = $1, version = version + 1 WHERE id = $2 AND version = $3 AND ended_at IS NULL",
);
static KNOWN: Sql = Sql::new("SELECT 1 FROM organisation_contact WHERE id = $1");

/// Ends a contact, if it still has the version.
pub async fn end(tx: &Tx, contact: ContactId, version: i64, at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&END, vec![int(at.0), id(contact.0), int(version)]).await? == 1)
}

/// Whether there is such a contact, ended or not.
pub async fn exists(tx: &Tx, contact: ContactId) -> Result<bool, Fault> {
    Ok(tx.row(&KNOWN, vec![id(contact.0)]).await?.is_some())
}

macro_rules! contacts {
    ($where:literal) => {
        concat!(
            "SELECT id, organisation_id, name, role, email, phone, note, recorded_at, ended_at, version FROM organisation_contact WHERE ",
            $where
        )
    };
}
static OF: Sql = Sql::new(contacts!("organisation_id @in($1) AND ended_at IS NULL ORDER BY name, id"));
static BY_ID: Sql = Sql::new(contacts!("id = $1"));

fn contact(row: &QueryResult) -> Result<Contact, Fault> {
    let mut c = Columns::of(row);
    Ok(Contact {
        id: c.id()?,
        organisation: c.id()?,
        name: c.take()?,
        role: c.take()?,
        email: c.take()?,
        phone: c.take()?,
        note: c.take()?,
        recorded_at: c.time()?,
        ended_at: c.time_or_none()?,
        version: c.take()?,
    })
}

/// Whom to reach at these organisations now.
pub async fn of(database: &Database, list: &[OrganisationId]) -> Result<Vec<Contact>, Fault> {
    let values = vec![ids(database.backend(), list.iter().map(|o| o.0))];
    database.rows(&OF, values).await?.iter().map(contact).collect()
}

/// One contact, ended or not.
pub async fn by_id(database: &Database, of: ContactId) -> Result<Option<Contact>, Fault> {
    database.row(&BY_ID, vec![id(of.0)]).await?.as_ref().map(contact).transpose()
}
