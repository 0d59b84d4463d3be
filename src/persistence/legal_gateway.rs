//! Legal gateways (C17): written, and read through the ledger.

use super::access::{ReadScope, protected_grants};
use super::database::Tx;
use super::fault::Fault;
use super::shared_case::bits;
use super::sql::{Columns, Sql, id, int, text};
use super::write::{Recorded, insert};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{ClientId, LegalGatewayId, OrganisationId, PersonId};
use crate::domain::legal_gateway::{LegalGatewayKind, LegalGatewayState};
use crate::domain::tell::{Tell, Telling};
use crate::policy::disclosure::Disclosure;
use crate::policy::document::Document;
use crate::policy::gateway::{GatewayFacts, GatewayStanding};
use sea_orm::Value;
use uuid::Uuid;

/// A legal gateway, with what opens it.
#[derive(Clone, Debug)]
pub struct LegalGateway {
    /// The gateway.
    pub id: LegalGatewayId,
    /// Whose record it opens.
    pub client: ClientId,
    /// To whom.
    pub recipient: OrganisationId,
    /// Its name.
    pub recipient_name: String,
    /// The categories the name implies (C11).
    pub recipient_implies: Categories,
    /// Whether the viewer works for it, whichever organisation they act for.
    pub names_own: bool,
    /// On which ground.
    pub kind: LegalGatewayKind,
    /// The order, protocol or law.
    pub reference: String,
    /// Which categories, INVOLVEMENT with them.
    pub categories: Categories,
    /// Why.
    pub reason: String,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when.
    pub until_at: Timestamp,
    /// Where it stands, as written: time may have run out since.
    pub state: LegalGatewayState,
    /// Who asked.
    pub recorded_by: PersonId,
    /// For which organisation.
    pub recorded_for: OrganisationId,
    /// Its name.
    pub recorded_for_name: String,
    /// The categories the name implies (C11).
    pub recorded_for_implies: Categories,
    /// When.
    pub recorded_at: Timestamp,
    /// Whose own item it is.
    pub owner: Uuid,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Why so.
    pub decision_reason: Option<String>,
    /// What the client is told.
    pub telling: Option<Telling>,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// Why.
    pub end_reason: Option<String>,
    /// Version.
    pub version: i64,
    /// What opens it.
    pub disclosure: Disclosure,
}

impl LegalGateway {
    /// As policy judges it.
    pub fn document(&self) -> Document<'_> {
        Document {
            disclosure: &self.disclosure,
            categories: self.categories,
            implies: self.kind.implies().union(self.recipient_implies),
            owner: self.owner,
            recorded: (self.recorded_by, self.recorded_for),
            names: Some(self.recipient),
        }
    }

    /// What deciding about it and ending it depend on.
    pub fn standing(&self, now: Timestamp) -> GatewayStanding {
        GatewayStanding {
            asked_by: self.recorded_by,
            asked_for: self.recorded_for,
            recipient: self.recipient,
            names_own: self.names_own,
            state: self.state.at(now, self.until_at),
        }
    }
}

/// Who holds a gateway's own grant sees that gateway, not others; a client reads of it in the access history, once it is decided
/// that they are told (C18).
macro_rules! reaches {
    () => {
        "g.client_id = l.client_id AND (g.scope_id IN (l.id, l.client_id, l.owner_id) OR g.basis = 'HOLDER') \
        AND (g.basis NOT IN ('CONSENT', 'LEGAL_GATEWAY', 'SUBJECT') OR g.source_id = l.id)"
    };
}
/// Every category of the document must be open, through one grant or several (C1).
macro_rules! gateways {
    ($where:literal) => {
        concat!(
            "WITH ",
            bits!(),
            ", page AS (SELECT l.id, @grants(g) AS grants FROM legal_gateway l JOIN access_grant g ON ",
            reaches!(),
            " WHERE ",
            $where,
            " AND @live(g) GROUP BY l.id) SELECT l.id, l.client_id, l.recipient_id, o.name, o.implied_categories, l.kind, \
            l.reference, l.categories, l.reason, l.starts_at, l.until_at, l.state, l.recorded_by, l.recorded_for, a.name, \
            a.implied_categories, l.recorded_at, l.owner_id, l.decided_at, l.decision_reason, l.tell, l.withhold_until, \
            l.withhold_reason, l.ended_at, l.end_reason, l.version, EXISTS (SELECT 1 FROM membership n WHERE n.person_id = $7 \
            AND n.organisation_id = l.recipient_id AND n.ended_at IS NULL), FALSE, p.grants FROM page p \
            JOIN legal_gateway l ON l.id = p.id JOIN organisation o ON o.id = l.recipient_id \
            JOIN organisation a ON a.id = l.recorded_for WHERE NOT EXISTS (SELECT 1 FROM bits b \
            WHERE (l.categories & b.bit) <> 0 AND NOT EXISTS (SELECT 1 FROM access_grant g WHERE ",
            reaches!(),
            " AND (g.categories & b.bit) <> 0 AND @live(g))) ORDER BY l.id DESC"
        )
    };
}
static OF_CLIENTS: Sql = Sql::new(gateways!("l.client_id @in($8)"));
static BY_ID: Sql = Sql::new(gateways!("l.id @in($8)"));

impl ReadScope<'_> {
    /// The legal gateways of these clients that the viewer sees, newest first.
    pub async fn legal_gateways_of(&self, clients: &[ClientId]) -> Result<Vec<LegalGateway>, Fault> {
        self.read_gateways(&OF_CLIENTS, self.ids(clients.iter().map(|c| c.0))).await
    }

    /// Legal gateways by id; hidden and unknown ones are not among them.
    pub async fn legal_gateways_by_id(&self, list: &[LegalGatewayId]) -> Result<Vec<LegalGateway>, Fault> {
        self.read_gateways(&BY_ID, self.ids(list.iter().map(|g| g.0))).await
    }

    /// One legal gateway.
    pub async fn legal_gateway(&self, gateway: LegalGatewayId) -> Result<Option<LegalGateway>, Fault> {
        Ok(self.legal_gateways_by_id(&[gateway]).await?.pop())
    }

    async fn read_gateways(&self, sql: &'static Sql, of: Value) -> Result<Vec<LegalGateway>, Fault> {
        let rows = self.rows(sql, vec![of]).await?;
        rows.iter().map(|row| gateway(&mut Columns::of(row))).collect()
    }
}

fn gateway(c: &mut Columns<'_>) -> Result<LegalGateway, Fault> {
    let gateway_id = c.id()?;
    let client = c.id()?;
    Ok(LegalGateway {
        id: gateway_id,
        client,
        recipient: c.id()?,
        recipient_name: c.take()?,
        recipient_implies: c.categories()?,
        kind: c.code()?,
        reference: c.take()?,
        categories: c.categories()?,
        reason: c.take()?,
        starts_at: c.time()?,
        until_at: c.time()?,
        state: c.code()?,
        recorded_by: c.id()?,
        recorded_for: c.id()?,
        recorded_for_name: c.take()?,
        recorded_for_implies: c.categories()?,
        recorded_at: c.time()?,
        owner: c.take()?,
        decided_at: c.time_or_none()?,
        decision_reason: c.take()?,
        telling: telling(c)?,
        ended_at: c.time_or_none()?,
        end_reason: c.take()?,
        version: c.take()?,
        names_own: c.take()?,
        disclosure: Disclosure::new(client, protected_grants(c)?),
    })
}

/// Reads `tell`, `withhold_until`, `withhold_reason`.
pub(super) fn telling(c: &mut Columns<'_>) -> Result<Option<Telling>, Fault> {
    let tell: Option<Tell> = c.code_or_none()?;
    let (until, reason) = (c.time_or_none()?, c.take()?);
    Ok(tell.map(|tell| Telling { tell, until, reason }))
}

static FACTS: Sql = Sql::new(
    "SELECT l.id, l.recipient_id, l.recorded_for, l.recorded_at, l.categories, l.starts_at, l.until_at, l.state, l.ended_at, \
    r.person_id FROM legal_gateway l LEFT JOIN legal_gateway_watcher r ON r.gateway_id = l.id WHERE l.client_id = $1 \
    ORDER BY l.id, r.person_id",
);

/// The gateways of a client as the projection needs them.
pub(super) async fn facts(tx: &Tx, client: ClientId) -> Result<Vec<GatewayFacts>, Fault> {
    let mut found: Vec<GatewayFacts> = Vec::new();
    for row in &tx.rows(&FACTS, vec![id(client.0)]).await? {
        let mut c = Columns::of(row);
        let read = GatewayFacts {
            id: c.id()?,
            recipient: c.id()?,
            asked_for: c.id()?,
            asked_at: c.time()?,
            categories: c.categories()?,
            starts_at: c.time()?,
            until_at: c.time()?,
            state: c.code()?,
            ended_at: c.time_or_none()?,
            watchers: Vec::new(),
        };
        let watcher: Option<PersonId> = c.id_or_none()?;
        if found.last().is_none_or(|last| last.id != read.id) {
            found.push(read);
        }
        if let Some(last) = found.last_mut() {
            last.watchers.extend(watcher);
        }
    }
    Ok(found)
}

static WHO_MAY_KNOW: Sql = Sql::new(
    "SELECT p.id FROM person p WHERE p.id @in($2) AND NOT EXISTS (SELECT 1 FROM restriction x WHERE x.client_id = $1 \
    AND x.ended_at IS NULL AND ((x.kind = 'OBJECTION' AND x.person_id = p.id) OR (x.kind = 'SEALED' AND NOT EXISTS ( \
    SELECT 1 FROM restriction_person y WHERE y.restriction_id = x.id AND y.person_id = p.id)))) ORDER BY p.id",
);

/// Those of these people for whom the client's record may exist at all (C5, C6): no task about it is put before anybody else.
pub async fn who_may_know(tx: &Tx, client: ClientId, people: &[PersonId]) -> Result<Vec<PersonId>, Fault> {
    let values = vec![id(client.0), super::sql::ids(tx.backend(), people.iter().map(|p| p.0))];
    tx.rows(&WHO_MAY_KNOW, values).await?.iter().map(|row| Columns::of(row).id()).collect()
}

/// A legal gateway about to be asked for.
#[derive(Clone, Debug)]
pub struct NewLegalGateway {
    /// Its id.
    pub id: LegalGatewayId,
    /// Whose record it opens.
    pub client: ClientId,
    /// To whom.
    pub recipient: OrganisationId,
    /// On which ground.
    pub kind: LegalGatewayKind,
    /// The order, protocol or law.
    pub reference: String,
    /// Which categories.
    pub categories: Categories,
    /// Why.
    pub reason: String,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when.
    pub until_at: Timestamp,
    /// Whose own item it is.
    pub owner: Uuid,
    /// The safeguarding leads who watch over it.
    pub watchers: Vec<PersonId>,
}

/// Writes a gateway that is asked for.
pub async fn ask(tx: &Tx, g: &NewLegalGateway, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::legal_gateway::Model {
            id: g.id.0,
            client_id: g.client.0,
            recipient_id: g.recipient.0,
            kind: g.kind.code().into(),
            reference: g.reference.clone(),
            categories: g.categories.union(Categories::of(&[Category::Involvement])).mask(),
            reason: g.reason.clone(),
            starts_at: g.starts_at.0,
            until_at: g.until_at.0,
            state: LegalGatewayState::Asked.code().into(),
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            recorded_at: by.at.0,
            owner_id: g.owner,
            controller_id: by.on_behalf_of.0,
            decided_by: None,
            decided_at: None,
            decision_reason: None,
            tell: None,
            withhold_until: None,
            withhold_reason: None,
            ended_by: None,
            ended_for: None,
            ended_at: None,
            end_reason: None,
            version: 1,
        },
    )
    .await?;
    for person in &g.watchers {
        insert(tx, entity::legal_gateway_watcher::Model { gateway_id: g.id.0, person_id: person.0 }).await?;
    }
    Ok(())
}

static DECIDE: Sql = Sql::new(
    "UPDATE legal_gateway SET state = $1, decided_by = $2, decided_at = $3, decision_reason = $4, tell = $5, \
    withhold_until = $6, withhold_reason = $7, version = version + 1 WHERE id = $8 AND version = $9 AND state = 'ASKED'",
);

/// Writes what was decided, if the gateway still has the version; what the client is told goes with a grant.
pub async fn decide(
    tx: &Tx,
    gateway: LegalGatewayId,
    version: i64,
    reason: &str,
    granted: Option<&Telling>,
    by: Recorded,
) -> Result<bool, Fault> {
    let state = if granted.is_some() { LegalGatewayState::Granted } else { LegalGatewayState::Refused };
    let values = vec![
        text(state.code()),
        id(by.by.0),
        int(by.at.0),
        text(reason),
        Value::String(granted.map(|t| t.tell.code().to_owned())),
        Value::BigInt(granted.and_then(|t| t.until).map(|t| t.0)),
        Value::String(granted.and_then(|t| t.reason.clone())),
        id(gateway.0),
        int(version),
    ];
    Ok(tx.execute(&DECIDE, values).await? == 1)
}

static END: Sql = Sql::new(
    "UPDATE legal_gateway SET state = 'ENDED', ended_by = $1, ended_for = $2, ended_at = $3, end_reason = $4, \
    version = version + 1 WHERE id = $5 AND version = $6 AND state = 'GRANTED'",
);

/// Ends a gateway, if it still has the version.
pub async fn end(tx: &Tx, gateway: LegalGatewayId, version: i64, reason: &str, by: Recorded) -> Result<bool, Fault> {
    let values = vec![id(by.by.0), id(by.on_behalf_of.0), int(by.at.0), text(reason), id(gateway.0), int(version)];
    Ok(tx.execute(&END, values).await? == 1)
}
