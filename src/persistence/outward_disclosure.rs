//! Disclosures to somebody outside the system (C17): written, and read through the ledger.

use super::access::{ReadScope, protected_grants};
use super::database::Tx;
use super::fault::Fault;
use super::legal_gateway::telling;
use super::shared_case::bits;
use super::sql::{Columns, Sql, id};
use super::write::{Recorded, insert};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{ClientId, OrganisationId, OutwardDisclosureId, OverrideId, PersonId};
use crate::domain::outward_disclosure::OutwardDisclosureBasis;
use crate::domain::tell::Telling;
use crate::policy::disclosure::Disclosure;
use crate::policy::document::Document;
use sea_orm::Value;
use uuid::Uuid;

/// A disclosure to somebody outside the system, with what opens it.
#[derive(Clone, Debug)]
pub struct OutwardDisclosure {
    /// The disclosure.
    pub id: OutwardDisclosureId,
    /// Of whom somebody was told.
    pub client: ClientId,
    /// Who was told, in words.
    pub recipient: String,
    /// What the recipient's name and the basis imply (C11).
    pub implies: Categories,
    /// On what basis.
    pub basis: OutwardDisclosureBasis,
    /// The order, request or law.
    pub reference: Option<String>,
    /// Which categories, INVOLVEMENT with them: all must be open.
    pub categories: Categories,
    /// What was told.
    pub summary: String,
    /// When.
    pub disclosed_at: Timestamp,
    /// What the client is told.
    pub telling: Option<Telling>,
    /// Who recorded it.
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
    /// What opens it.
    pub disclosure: Disclosure,
}

impl OutwardDisclosure {
    /// As policy judges it.
    pub fn document(&self) -> Document<'_> {
        Document {
            disclosure: &self.disclosure,
            categories: self.categories,
            implies: self.implies,
            owner: self.owner,
            recorded: (self.recorded_by, self.recorded_for),
            names: None,
        }
    }
}

/// A client reads of it in the access history, once it is decided that they are told (C18).
macro_rules! reaches {
    () => {
        "g.client_id = d.client_id AND g.basis <> 'SUBJECT' AND (g.scope_id IN (d.id, d.client_id, d.owner_id) \
        OR g.basis = 'HOLDER')"
    };
}
/// Every category of the document must be open, through one grant or several (C1). What tells of contact or the workplace
/// is for the named few while contact is protected (C7).
macro_rules! disclosures {
    ($where:literal) => {
        concat!(
            "WITH ",
            bits!(),
            ", page AS (SELECT d.id, @grants(g) AS grants FROM outward_disclosure d JOIN access_grant g ON ",
            reaches!(),
            " WHERE ",
            $where,
            " AND @live(g) GROUP BY d.id) SELECT d.id, d.client_id, d.recipient, d.implied_categories, d.basis, d.reference, \
            d.categories, d.summary, d.disclosed_at, d.tell, d.withhold_until, d.withhold_reason, d.recorded_by, d.recorded_for, a.name, \
            a.implied_categories, d.recorded_at, d.owner_id, @protected(d), p.grants FROM page p \
            JOIN outward_disclosure d ON d.id = p.id JOIN organisation a ON a.id = d.recorded_for WHERE \
            NOT ((d.reveals_location OR (d.categories & @LOCATING) <> 0) AND @protected(d)) AND NOT EXISTS (SELECT 1 FROM bits b \
            WHERE (d.categories & b.bit) <> 0 AND NOT EXISTS (SELECT 1 FROM access_grant g WHERE ",
            reaches!(),
            " AND (g.categories & b.bit) <> 0 AND @live(g))) ORDER BY d.id DESC"
        )
    };
}
static OF_CLIENTS: Sql = Sql::new(disclosures!("d.client_id @in($8)"));
static BY_ID: Sql = Sql::new(disclosures!("d.id @in($8)"));
/// Those made under these overrides: theirs are what they own.
static OF_OVERRIDES: Sql = Sql::new(disclosures!("d.owner_id @in($8)"));

/// The categories of what the viewer's organisation recorded itself, as far as it is open to the viewer.
static OWN_CATEGORIES: Sql = Sql::new(
    "SELECT DISTINCT i.categories FROM (SELECT e.client_id, e.owner_id, e.category_bit AS categories FROM client_entry e \
    WHERE e.client_id = $8 AND e.replaced_at IS NULL AND NOT ((e.reveals_location OR (e.category_bit & @LOCATING) <> 0) AND @protected(e)) \
    UNION ALL SELECT n.client_id, n.owner_id, n.categories FROM case_note n WHERE n.client_id = $8 AND n.replaced_at IS NULL \
    AND n.visibility <> 'REFLECTIVE' AND NOT ((n.reveals_location OR (n.categories & @LOCATING) <> 0) AND @protected(n))) i \
    JOIN access_grant g ON g.client_id = i.client_id AND g.scope_id = i.owner_id AND g.scope = 'OWN_ITEMS' WHERE @live(g)",
);

impl ReadScope<'_> {
    /// The disclosures of these clients that the viewer sees, newest first.
    pub async fn outward_disclosures_of(&self, clients: &[ClientId]) -> Result<Vec<OutwardDisclosure>, Fault> {
        self.read_disclosures(&OF_CLIENTS, self.ids(clients.iter().map(|c| c.0))).await
    }

    /// The disclosures made of what these overrides alone opened, as far as the viewer sees them, newest first.
    pub async fn outward_disclosures_under(&self, overrides: &[OverrideId]) -> Result<Vec<OutwardDisclosure>, Fault> {
        self.read_disclosures(&OF_OVERRIDES, self.ids(overrides.iter().map(|o| o.0))).await
    }

    /// One disclosure.
    pub async fn outward_disclosure(&self, one: OutwardDisclosureId) -> Result<Option<OutwardDisclosure>, Fault> {
        Ok(self.read_disclosures(&BY_ID, self.ids([one.0])).await?.pop())
    }

    /// The categories of what the viewer's organisation recorded itself of a client, and the viewer sees.
    pub async fn own_categories(&self, client: ClientId) -> Result<Categories, Fault> {
        let rows = self.rows(&OWN_CATEGORIES, vec![id(client.0)]).await?;
        rows.iter().try_fold(Categories::NONE, |all, row| Ok(all.union(Columns::of(row).categories()?)))
    }

    async fn read_disclosures(&self, sql: &'static Sql, of: Value) -> Result<Vec<OutwardDisclosure>, Fault> {
        let rows = self.rows(sql, vec![of]).await?;
        rows.iter().map(|row| disclosure(&mut Columns::of(row))).collect()
    }
}

fn disclosure(c: &mut Columns<'_>) -> Result<OutwardDisclosure, Fault> {
    let disclosure_id = c.id()?;
    let client = c.id()?;
    Ok(OutwardDisclosure {
        id: disclosure_id,
        client,
        recipient: c.take()?,
        implies: c.categories()?,
        basis: c.code()?,
        reference: c.take()?,
        categories: c.categories()?,
        summary: c.take()?,
        disclosed_at: c.time()?,
        telling: telling(c)?,
        recorded_by: c.id()?,
        recorded_for: c.id()?,
        recorded_for_name: c.take()?,
        recorded_for_implies: c.categories()?,
        recorded_at: c.time()?,
        owner: c.take()?,
        disclosure: Disclosure::new(client, protected_grants(c)?),
    })
}

/// A disclosure about to be recorded.
#[derive(Clone, Debug)]
pub struct NewOutwardDisclosure {
    /// Its id.
    pub id: OutwardDisclosureId,
    /// Of whom somebody was told.
    pub client: ClientId,
    /// Who was told, in words.
    pub recipient: String,
    /// What the recipient's name and the basis imply.
    pub implies: Categories,
    /// On what basis.
    pub basis: OutwardDisclosureBasis,
    /// The order, request or law.
    pub reference: Option<String>,
    /// Which categories.
    pub categories: Categories,
    /// Whether it tells where the person can be found.
    pub reveals_location: bool,
    /// What was told.
    pub summary: String,
    /// When.
    pub disclosed_at: Timestamp,
    /// What the client is told.
    pub telling: Telling,
    /// Whose own item it is.
    pub owner: Uuid,
}

/// Writes a disclosure.
pub async fn record(tx: &Tx, d: &NewOutwardDisclosure, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::outward_disclosure::Model {
            id: d.id.0,
            client_id: d.client.0,
            recipient: d.recipient.clone(),
            implied_categories: d.implies.mask(),
            basis: d.basis.code().into(),
            reference: d.reference.clone(),
            categories: d.categories.union(Categories::of(&[Category::Involvement])).mask(),
            reveals_location: d.reveals_location,
            summary: d.summary.clone(),
            disclosed_at: d.disclosed_at.0,
            tell: d.telling.tell.code().into(),
            withhold_until: d.telling.until.map(|t| t.0),
            withhold_reason: d.telling.reason.clone(),
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            recorded_at: by.at.0,
            owner_id: d.owner,
            controller_id: by.on_behalf_of.0,
        },
    )
    .await
}
