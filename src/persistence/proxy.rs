//! Who speaks for a client, and recorded competence (C3, C24): written, and read through the ledger.

use super::access::{ReadScope, protected_grants};
use super::database::Tx;
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int, text};
use super::write::{Recorded, insert};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{ClientId, ProxyId};
use crate::domain::proxy::ProxyKind;
use crate::domain::random::Randomness;
use crate::policy::disclosure::Disclosure;
use crate::policy::lives::{CompetenceFacts, ProxyFacts};
use sea_orm::Value;
use uuid::Uuid;

/// A proxy, with what opens it.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// The proxy.
    pub id: ProxyId,
    /// Whose.
    pub client: ClientId,
    /// Their name.
    pub name: String,
    /// What their authority is.
    pub facts: ProxyFacts,
    /// Why it was ended.
    pub end_reason: Option<String>,
    /// Why they never act for the person.
    pub exclusion_reason: Option<String>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Version.
    pub version: i64,
    /// Whose own item it is.
    pub owner: Uuid,
    /// What opens it.
    pub disclosure: Disclosure,
}

/// That a child was found competent, with what opens it.
#[derive(Clone, Debug)]
pub struct Competence {
    /// Whose.
    pub client: ClientId,
    /// Since when, and when it was recorded.
    pub facts: CompetenceFacts,
    /// By whom.
    pub assessed_by: String,
    /// How.
    pub how: String,
    /// What opens it.
    pub disclosure: Disclosure,
}

/// For who takes consent: the hub, the lead and member teams; for who recorded it; and in an emergency. No consent and no law opens
/// it to whom they name, and no offer: what a referral brought of it is not for the team that has yet to answer.
macro_rules! reaches {
    ($row:literal) => {
        concat!(
            "g.opens_client AND (g.basis IN ('HUB', 'HOLDER', 'TEAM', 'OVERRIDE', 'SUBJECT') OR (g.basis = 'AUTHOR' AND g.scope_id = ",
            $row,
            ".owner_id))"
        )
    };
}
macro_rules! proxies {
    ($where:literal) => {
        concat!(
            "SELECT p.id, p.client_id, p.name, p.kind, p.starts_at, p.until_at, p.ended_at, p.excluded_at, p.end_reason, \
            p.exclusion_reason, p.recorded_at, p.version, p.owner_id, FALSE, @grants(g) FROM proxy p \
            JOIN access_grant g ON g.client_id = p.client_id WHERE ",
            $where,
            " AND @live(g) AND ",
            reaches!("p"),
            " GROUP BY p.id ORDER BY p.id DESC"
        )
    };
}
static OF_CLIENTS: Sql = Sql::new(proxies!("p.client_id @in($8)"));
static BY_ID: Sql = Sql::new(proxies!("p.id @in($8)"));
static COMPETENCE: Sql = Sql::new(concat!(
    "SELECT k.client_id, k.assessed_at, k.recorded_at, k.assessed_by, k.how, FALSE, @grants(g) FROM competence k \
    JOIN access_grant g ON g.client_id = k.client_id WHERE k.client_id @in($8) AND @live(g) AND ",
    reaches!("k"),
    " GROUP BY k.id ORDER BY k.id DESC"
));

impl ReadScope<'_> {
    /// The proxies of these clients that the viewer sees, newest first.
    pub async fn proxies_of(&self, clients: &[ClientId]) -> Result<Vec<Proxy>, Fault> {
        self.read_proxies(&OF_CLIENTS, self.ids(clients.iter().map(|c| c.0))).await
    }

    /// One proxy.
    pub async fn proxy(&self, proxy: ProxyId) -> Result<Option<Proxy>, Fault> {
        Ok(self.read_proxies(&BY_ID, self.ids([proxy.0])).await?.pop())
    }

    /// What is recorded of the competence of these clients, as far as the viewer sees it, newest first.
    pub async fn competence_of(&self, clients: &[ClientId]) -> Result<Vec<Competence>, Fault> {
        let rows = self.rows(&COMPETENCE, vec![self.ids(clients.iter().map(|c| c.0))]).await?;
        rows.iter().map(|row| competence(&mut Columns::of(row))).collect()
    }

    async fn read_proxies(&self, sql: &'static Sql, of: Value) -> Result<Vec<Proxy>, Fault> {
        let rows = self.rows(sql, vec![of]).await?;
        rows.iter().map(|row| proxy(&mut Columns::of(row))).collect()
    }
}

fn proxy(c: &mut Columns<'_>) -> Result<Proxy, Fault> {
    let proxy_id = c.id()?;
    let client = c.id()?;
    Ok(Proxy {
        id: proxy_id,
        client,
        name: c.take()?,
        facts: ProxyFacts {
            kind: c.code()?,
            starts_at: c.time()?,
            until_at: c.time()?,
            ended_at: c.time_or_none()?,
            excluded_at: c.time_or_none()?,
        },
        end_reason: c.take()?,
        exclusion_reason: c.take()?,
        recorded_at: c.time()?,
        version: c.take()?,
        owner: c.take()?,
        disclosure: Disclosure::new(client, protected_grants(c)?),
    })
}

fn competence(c: &mut Columns<'_>) -> Result<Competence, Fault> {
    let client = c.id()?;
    Ok(Competence {
        client,
        facts: CompetenceFacts { assessed_at: c.time()?, recorded_at: c.time()? },
        assessed_by: c.take()?,
        how: c.take()?,
        disclosure: Disclosure::new(client, protected_grants(c)?),
    })
}

/// A proxy about to be recorded.
#[derive(Clone, Debug)]
pub struct NewProxy {
    /// Its id.
    pub id: ProxyId,
    /// For whom they speak.
    pub client: ClientId,
    /// By what.
    pub kind: ProxyKind,
    /// Their name.
    pub name: String,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when.
    pub until_at: Timestamp,
    /// Why they never act, where that is what is recorded.
    pub never_acts: Option<String>,
    /// Whose own item it is.
    pub owner: Uuid,
}

/// Writes a proxy.
pub async fn record(tx: &Tx, p: &NewProxy, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::proxy::Model {
            id: p.id.0,
            client_id: p.client.0,
            kind: p.kind.code().into(),
            name: p.name.clone(),
            starts_at: p.starts_at.0,
            until_at: p.until_at.0,
            ended_at: None,
            end_reason: None,
            excluded_at: p.never_acts.is_some().then_some(by.at.0),
            exclusion_reason: p.never_acts.clone(),
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            recorded_at: by.at.0,
            owner_id: p.owner,
            version: 1,
        },
    )
    .await
}

static END: Sql = Sql::new(
    "UPDATE proxy SET ended_at = $1, end_reason = $2, version = version + 1 WHERE id = $3 AND version = $4 AND ended_at IS NULL",
);

/// Ends a proxy's authority, if it still has the version.
pub async fn end(tx: &Tx, proxy: ProxyId, version: i64, reason: &str, at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&END, vec![int(at.0), text(reason), id(proxy.0), int(version)]).await? == 1)
}

static EXCLUDE: Sql = Sql::new(
    "UPDATE proxy SET excluded_at = $1, exclusion_reason = $2, version = version + 1 WHERE id = $3 AND version = $4 \
    AND excluded_at IS NULL",
);

/// Records that a proxy never acts for the person, if it still has the version.
pub async fn exclude(tx: &Tx, proxy: ProxyId, version: i64, reason: &str, at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&EXCLUDE, vec![int(at.0), text(reason), id(proxy.0), int(version)]).await? == 1)
}

static END_ALL: Sql = Sql::new(
    "UPDATE proxy SET ended_at = $1, end_reason = 'The person has died.', version = version + 1 WHERE client_id = $2 \
    AND ended_at IS NULL",
);

/// Ends everybody's authority with the person's life (C24).
pub(super) async fn end_all(tx: &Tx, client: ClientId, at: Timestamp) -> Result<(), Fault> {
    tx.execute(&END_ALL, vec![int(at.0), id(client.0)]).await.map(|_| ())
}

/// An assessment of competence about to be recorded.
#[derive(Clone, Debug)]
pub struct NewCompetence {
    /// Whose.
    pub client: ClientId,
    /// Since when.
    pub assessed_at: Timestamp,
    /// By whom.
    pub assessed_by: String,
    /// How.
    pub how: String,
    /// Whose own item it is.
    pub owner: Uuid,
}

/// Writes it.
pub async fn record_competence(
    tx: &Tx,
    c: &NewCompetence,
    by: Recorded,
    random: &dyn Randomness,
) -> Result<(), Fault> {
    insert(
        tx,
        entity::competence::Model {
            id: random.uuid_timed(by.at),
            client_id: c.client.0,
            assessed_at: c.assessed_at.0,
            assessed_by: c.assessed_by.clone(),
            how: c.how.clone(),
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            recorded_at: by.at.0,
            owner_id: c.owner,
        },
    )
    .await
}
