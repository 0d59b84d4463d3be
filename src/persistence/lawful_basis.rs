//! The lawful basis of processing (C3): written, and read as the recording organisation's own item.

use super::access::{ReadScope, protected_grants};
use super::client::Slice;
use super::database::Tx;
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int, text};
use super::write::{Recorded, insert};
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{ClientId, LawfulBasisId};
use crate::domain::lawful_basis::{LawfulBasisKind, SpecialCondition};
use crate::policy::disclosure::Disclosure;
use sea_orm::Value;
use uuid::Uuid;

/// A lawful basis of processing, with what opens it.
#[derive(Clone, Debug)]
pub struct LawfulBasis {
    /// The record.
    pub id: LawfulBasisId,
    /// Whose data it is for.
    pub client: ClientId,
    /// Article 6(1).
    pub basis: LawfulBasisKind,
    /// Article 9(2).
    pub special_condition: Option<SpecialCondition>,
    /// Schedule 1 to the Data Protection Act 2018.
    pub schedule_condition: Option<String>,
    /// The categories of data it is for.
    pub categories: Categories,
    /// Why.
    pub reason: String,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when, as planned.
    pub until_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// Why.
    pub end_reason: Option<String>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Version.
    pub version: i64,
    /// What opens it.
    pub disclosure: Disclosure,
}

/// For the organisation that recorded it, or the hub team, and nobody else: it names categories that its readers may have no part in.
macro_rules! reaches {
    () => {
        "g.client_id = b.client_id AND g.opens_client AND g.scope_id = b.owner_id AND @live(g)"
    };
}
macro_rules! columns {
    () => {
        "SELECT b.id, b.client_id, b.basis, b.special_condition, b.schedule_condition, b.categories, b.reason, b.starts_at, \
        b.until_at, b.ended_at, b.end_reason, b.recorded_at, b.version, FALSE, p.grants FROM page p \
        JOIN lawful_basis b ON b.id = p.id"
    };
}
static OF_CLIENTS: Sql = Sql::new(concat!(
    "WITH page AS (SELECT b.id, @grants(g) AS grants, row_number() OVER (PARTITION BY b.client_id ORDER BY b.id DESC) AS place \
    FROM lawful_basis b JOIN access_grant g ON ",
    reaches!(),
    " WHERE b.client_id @in($8) AND b.id < $10 GROUP BY b.id) ",
    columns!(),
    " WHERE p.place <= $9 ORDER BY b.id DESC"
));
static COUNT_OF_CLIENTS: Sql = Sql::new(concat!(
    "SELECT b.client_id, COUNT(*) FROM lawful_basis b WHERE b.client_id @in($8) AND EXISTS (SELECT 1 FROM access_grant g WHERE ",
    reaches!(),
    ") GROUP BY b.client_id"
));
static BY_ID: Sql = Sql::new(concat!(
    "WITH page AS (SELECT b.id, @grants(g) AS grants FROM lawful_basis b JOIN access_grant g ON ",
    reaches!(),
    " WHERE b.id = $8 GROUP BY b.id) ",
    columns!()
));

impl ReadScope<'_> {
    /// Of each of these clients, the newest of the viewer's organisation's.
    pub async fn lawful_bases_of(&self, clients: &[ClientId], slice: Slice) -> Result<Vec<LawfulBasis>, Fault> {
        let key = id(slice.key.unwrap_or(Uuid::max()));
        let values = vec![self.ids(clients.iter().map(|c| c.0)), int(slice.limit), key];
        self.read_lawful_bases(&OF_CLIENTS, values).await
    }

    /// How many of each of these clients there are.
    pub async fn count_lawful_bases_of(&self, clients: &[ClientId]) -> Result<Vec<(ClientId, i64)>, Fault> {
        let rows = self.rows(&COUNT_OF_CLIENTS, vec![self.ids(clients.iter().map(|c| c.0))]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok((c.id()?, c.take()?))
            })
            .collect()
    }

    /// One of them.
    pub async fn lawful_basis(&self, basis: LawfulBasisId) -> Result<Option<LawfulBasis>, Fault> {
        Ok(self.read_lawful_bases(&BY_ID, vec![id(basis.0)]).await?.pop())
    }

    async fn read_lawful_bases(&self, sql: &'static Sql, values: Vec<Value>) -> Result<Vec<LawfulBasis>, Fault> {
        self.rows(sql, values).await?.iter().map(|row| lawful_basis(&mut Columns::of(row))).collect()
    }
}

fn lawful_basis(c: &mut Columns<'_>) -> Result<LawfulBasis, Fault> {
    let basis_id = c.id()?;
    let client = c.id()?;
    Ok(LawfulBasis {
        id: basis_id,
        client,
        basis: c.code()?,
        special_condition: c.code_or_none()?,
        schedule_condition: c.take()?,
        categories: c.categories()?,
        reason: c.take()?,
        starts_at: c.time()?,
        until_at: c.time()?,
        ended_at: c.time_or_none()?,
        end_reason: c.take()?,
        recorded_at: c.time()?,
        version: c.take()?,
        disclosure: Disclosure::new(client, protected_grants(c)?),
    })
}

/// A lawful basis about to be recorded.
#[derive(Clone, Debug)]
pub struct NewLawfulBasis {
    /// Its id.
    pub id: LawfulBasisId,
    /// Whose data it is for.
    pub client: ClientId,
    /// Article 6(1).
    pub basis: LawfulBasisKind,
    /// Article 9(2).
    pub special_condition: Option<SpecialCondition>,
    /// Schedule 1 to the Data Protection Act 2018.
    pub schedule_condition: Option<String>,
    /// The categories of data it is for.
    pub categories: Categories,
    /// Why.
    pub reason: String,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when.
    pub until_at: Timestamp,
    /// Whose own item it is.
    pub owner: Uuid,
}

/// Writes it.
pub async fn record(tx: &Tx, b: &NewLawfulBasis, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::lawful_basis::Model {
            id: b.id.0,
            client_id: b.client.0,
            basis: b.basis.code().into(),
            special_condition: b.special_condition.map(|c| c.code().into()),
            schedule_condition: b.schedule_condition.clone(),
            categories: b.categories.mask(),
            reason: b.reason.clone(),
            starts_at: b.starts_at.0,
            until_at: b.until_at.0,
            ended_by: None,
            ended_at: None,
            end_reason: None,
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            recorded_at: by.at.0,
            owner_id: b.owner,
            version: 1,
        },
    )
    .await
}

static END: Sql = Sql::new(
    "UPDATE lawful_basis SET ended_by = $1, ended_at = $2, end_reason = $3, version = version + 1 WHERE id = $4 \
    AND version = $5 AND ended_at IS NULL",
);

/// Ends it, if it still has the version.
pub async fn end(tx: &Tx, basis: LawfulBasisId, version: i64, reason: &str, by: Recorded) -> Result<bool, Fault> {
    let values = vec![id(by.by.0), int(by.at.0), text(reason), id(basis.0), int(version)];
    Ok(tx.execute(&END, values).await? == 1)
}
