//! Who lives together, as far as anybody recorded it: what contact for the few follows (C7). For writes alone; nobody reads it.

use super::database::Tx;
use super::fault::Fault;
use super::sql::{Columns, Sql, id, ids};
use crate::domain::ids::{ClientId, RestrictionId};
use crate::domain::section::Section;

/// Everybody linked with these, whichever of two records says so, and they themselves.
static HOUSEHOLD: Sql = Sql::new(
    "WITH RECURSIVE home (id) AS (SELECT c.id FROM client c WHERE c.id @in($1) UNION \
    SELECT CASE WHEN h.client_id = home.id THEN h.linked_client_id ELSE h.client_id END FROM home \
    JOIN household_member h ON h.client_id = home.id OR h.linked_client_id = home.id \
    JOIN client_entry e ON e.id = h.entry_id AND e.replaced_at IS NULL WHERE h.linked_client_id IS NOT NULL) \
    SELECT id FROM home ORDER BY id",
);

/// The household of these clients, they themselves included, in one order.
pub async fn of(tx: &Tx, clients: &[ClientId]) -> Result<Vec<ClientId>, Fault> {
    let values = vec![ids(tx.backend(), clients.iter().map(|c| c.0))];
    tx.rows(&HOUSEHOLD, values).await?.iter().map(|row| Columns::of(row).id()).collect()
}

static CONTACTS: Sql = Sql::new(
    "SELECT e.client_id, e.body FROM client_entry e WHERE e.client_id @in($1) AND e.category = 'CONTACT' \
    AND e.replaced_at IS NULL ORDER BY e.client_id, e.id",
);

/// The contact sections of these clients as they stand, whatever any agency recorded.
pub async fn contacts(tx: &Tx, clients: &[ClientId]) -> Result<Vec<(ClientId, Section)>, Fault> {
    let values = vec![ids(tx.backend(), clients.iter().map(|c| c.0))];
    tx.rows(&CONTACTS, values)
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok((c.id()?, serde_json::from_str(&c.take::<String>()?)?))
        })
        .collect()
}

static PROTECTIONS: Sql = Sql::new(
    "SELECT s.id, s.client_id FROM restriction s WHERE s.client_id @in($1) \
    AND s.kind IN ('PROTECTED_CONTACT', 'CONTACT_PREFERENCE') AND s.because_of IS NULL AND s.ended_at IS NULL ORDER BY s.id",
);

/// What keeps contact for the few and was set on these clients themselves.
pub async fn protections(tx: &Tx, clients: &[ClientId]) -> Result<Vec<(RestrictionId, ClientId)>, Fault> {
    let values = vec![ids(tx.backend(), clients.iter().map(|c| c.0))];
    tx.rows(&PROTECTIONS, values)
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok((c.id()?, c.id()?))
        })
        .collect()
}

static COVERED: Sql = Sql::new(
    "SELECT s.client_id FROM restriction s WHERE s.because_of = $1 AND s.ended_at IS NULL ORDER BY s.client_id",
);

/// Whom a protection covers beside the one it was set on.
pub async fn covered(tx: &Tx, protection: RestrictionId) -> Result<Vec<ClientId>, Fault> {
    tx.rows(&COVERED, vec![id(protection.0)]).await?.iter().map(|row| Columns::of(row).id()).collect()
}
