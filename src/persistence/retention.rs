//! Retention and legal holds (C24): written, and read by what an organisation holds.

use super::access::{ReadScope, protected_grants};
use super::database::Tx;
use super::fault::Fault;
use super::sql::{Columns, Sql, id, ids, int, text};
use super::write::{Recorded, insert};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ClientId, LegalHoldId, OrganisationId};
use crate::policy::disclosure::Disclosure;
use crate::policy::lives::Keeping;
use sea_orm::Value;
use uuid::Uuid;

/// A legal hold of the viewer's organisation, with what shows that it keeps records of the client.
#[derive(Clone, Debug)]
pub struct LegalHold {
    /// The hold.
    pub id: LegalHoldId,
    /// On whose record.
    pub client: ClientId,
    /// The claim, inquiry or request it is for.
    pub reference: String,
    /// Why.
    pub reason: String,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it was lifted.
    pub lifted_at: Option<Timestamp>,
    /// Why.
    pub lift_reason: Option<String>,
    /// Version.
    pub version: i64,
    /// What shows that the organisation keeps records of the client.
    pub disclosure: Disclosure,
}

/// A hold is on what the organisation keeps: its own items, and the referrals it sent.
macro_rules! kept {
    () => {
        "g.basis IN ('AUTHOR', 'REFERRER') AND @held(g)"
    };
}
macro_rules! holds {
    ($where:literal, $order:literal) => {
        concat!(
            "SELECT h.id, h.client_id, h.reference, h.reason, h.placed_at, h.lifted_at, h.lift_reason, h.version, FALSE, \
            @grants(g) FROM legal_hold h JOIN access_grant g ON g.client_id = h.client_id WHERE h.organisation_id = $1 AND ",
            $where,
            " AND ",
            kept!(),
            " GROUP BY h.id ORDER BY h.id DESC",
            $order
        )
    };
}
static PAGE: Sql = Sql::new(holds!("h.id < $8", " LIMIT $9"));
static BY_ID: Sql = Sql::new(holds!("h.id = $8", ""));
static COUNT: Sql = Sql::new(concat!(
    "SELECT COUNT(*) FROM legal_hold h WHERE h.organisation_id = $1 AND EXISTS (SELECT 1 FROM access_grant g \
    WHERE g.client_id = h.client_id AND ",
    kept!(),
    ")"
));
static KEPT: Sql = Sql::new(concat!(
    "SELECT FALSE, @grants(g) FROM access_grant g WHERE g.client_id = $8 AND ",
    kept!(),
    " GROUP BY g.client_id"
));

impl ReadScope<'_> {
    /// The legal holds of the viewer's organisation, lifted ones too, newest first.
    pub async fn legal_holds(&self, after: Option<Uuid>, limit: i64) -> Result<Vec<LegalHold>, Fault> {
        self.read_holds(&PAGE, vec![id(after.unwrap_or(Uuid::max())), int(limit)]).await
    }

    /// How many there are.
    pub async fn count_legal_holds(&self) -> Result<i64, Fault> {
        let rows = self.rows(&COUNT, Vec::new()).await?;
        rows.first().map_or(Ok(0), |row| Columns::of(row).take())
    }

    /// One of them.
    pub async fn legal_hold(&self, hold: LegalHoldId) -> Result<Option<LegalHold>, Fault> {
        Ok(self.read_holds(&BY_ID, vec![id(hold.0)]).await?.pop())
    }

    /// What shows that the viewer's organisation keeps records of a client, whoever in it may read them; nothing where it keeps none
    /// or a restriction stands before it for the viewer.
    pub async fn kept(&self, client: ClientId) -> Result<Option<Disclosure>, Fault> {
        let rows = self.rows(&KEPT, vec![id(client.0)]).await?;
        let found = rows.first().map(|row| protected_grants(&mut Columns::of(row))).transpose()?;
        Ok(found.map(|grants| Disclosure::new(client, grants)))
    }

    async fn read_holds(&self, sql: &'static Sql, more: Vec<Value>) -> Result<Vec<LegalHold>, Fault> {
        self.rows(sql, more).await?.iter().map(|row| hold(&mut Columns::of(row))).collect()
    }
}

fn hold(c: &mut Columns<'_>) -> Result<LegalHold, Fault> {
    let hold_id = c.id()?;
    let client = c.id()?;
    Ok(LegalHold {
        id: hold_id,
        client,
        reference: c.take()?,
        reason: c.take()?,
        placed_at: c.time()?,
        lifted_at: c.time_or_none()?,
        lift_reason: c.take()?,
        version: c.take()?,
        disclosure: Disclosure::new(client, protected_grants(c)?),
    })
}

static KEEPING: Sql = Sql::new(
    "SELECT o.id, o.retention_years, EXISTS (SELECT 1 FROM legal_hold h WHERE h.client_id = $1 AND h.organisation_id = o.id \
    AND h.lifted_at IS NULL) FROM organisation o WHERE o.id @in($2) ORDER BY o.id",
);

/// How these organisations keep what they have of a client, as the projection needs it.
pub(super) async fn keeping(
    tx: &Tx,
    client: ClientId,
    organisations: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<Keeping>, Fault> {
    let values = vec![id(client.0), ids(tx.backend(), organisations.into_iter().map(|o| o.0))];
    let rows = tx.rows(&KEEPING, values).await?;
    rows.iter()
        .map(|row| {
            let mut c = Columns::of(row);
            let organisation = c.id()?;
            let years: i64 = c.take()?;
            Ok(Keeping { organisation, years: u32::try_from(years).unwrap_or(u32::MAX), held: c.take()? })
        })
        .collect()
}

static SET: Sql =
    Sql::new("UPDATE organisation SET retention_years = $1, version = version + 1 WHERE id = $2 AND version = $3");

/// Sets how many years an organisation keeps records, if it still has the version.
pub async fn set(tx: &Tx, of: OrganisationId, years: u32, version: i64) -> Result<bool, Fault> {
    Ok(tx.execute(&SET, vec![int(i64::from(years)), id(of.0), int(version)]).await? == 1)
}

static CLIENTS: Sql = Sql::new(
    "SELECT DISTINCT client_id FROM access_grant WHERE organisation_id = $1 AND ended_at IS NULL \
    AND basis IN ('AUTHOR', 'REFERRER') ORDER BY client_id",
);

/// The clients of whom an organisation keeps anything: what it says of its retention concerns them.
pub async fn clients(tx: &Tx, of: OrganisationId) -> Result<Vec<ClientId>, Fault> {
    tx.rows(&CLIENTS, vec![id(of.0)]).await?.iter().map(|row| Columns::of(row).id()).collect()
}

static HELD: Sql =
    Sql::new("SELECT 1 FROM legal_hold h WHERE h.client_id = $1 AND h.organisation_id = $2 AND h.lifted_at IS NULL");

/// Whether the organisation has a hold on the client's record already.
pub async fn is_held(tx: &Tx, client: ClientId, by: OrganisationId) -> Result<bool, Fault> {
    Ok(tx.row(&HELD, vec![id(client.0), id(by.0)]).await?.is_some())
}

/// A legal hold about to be placed.
#[derive(Clone, Debug)]
pub struct NewLegalHold {
    /// Its id.
    pub id: LegalHoldId,
    /// On whose record.
    pub client: ClientId,
    /// What it is for.
    pub reference: String,
    /// Why.
    pub reason: String,
}

/// Places it, for the recorder's organisation.
pub async fn place(tx: &Tx, h: &NewLegalHold, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::legal_hold::Model {
            id: h.id.0,
            client_id: h.client.0,
            organisation_id: by.on_behalf_of.0,
            reference: h.reference.clone(),
            reason: h.reason.clone(),
            placed_by: by.by.0,
            placed_at: by.at.0,
            lifted_by: None,
            lifted_at: None,
            lift_reason: None,
            version: 1,
        },
    )
    .await
}

static LIFT: Sql = Sql::new(
    "UPDATE legal_hold SET lifted_by = $1, lifted_at = $2, lift_reason = $3, version = version + 1 WHERE id = $4 \
    AND version = $5 AND lifted_at IS NULL",
);

/// Lifts it, if it still has the version.
pub async fn lift(tx: &Tx, hold: LegalHoldId, version: i64, reason: &str, by: Recorded) -> Result<bool, Fault> {
    let values = vec![id(by.by.0), int(by.at.0), text(reason), id(hold.0), int(version)];
    Ok(tx.execute(&LIFT, values).await? == 1)
}
