//! Who lives together, as far as anybody recorded it: what contact for the few follows (C7). For writes alone; nobody reads it.

use super::database::Tx;
use super::fault::Fault;
use super::sql::{Columns, Sql, id, ids};
use crate::domain::ids::{ClientId, ReferralId, RestrictionId};

/// Everybody linked with these, whichever of two records says so, and they themselves. What a draft says does not count before it is
/// sent: its writer's organisation alone reads it, and nothing they read may change by what protects somebody else (C14).
static HOUSEHOLD: Sql = Sql::new(
    "WITH RECURSIVE home (id) AS (SELECT c.id FROM client c WHERE c.id @in($1) UNION \
    SELECT CASE WHEN h.client_id = home.id THEN h.linked_client_id ELSE h.client_id END FROM home \
    JOIN household_member h ON h.client_id = home.id OR h.linked_client_id = home.id \
    JOIN client_entry e ON e.id = h.entry_id AND e.replaced_at IS NULL WHERE h.linked_client_id IS NOT NULL \
    AND (e.referral_id IS NULL OR e.referral_id = $2 OR EXISTS (SELECT 1 FROM referral r WHERE r.id = e.referral_id \
    AND r.submitted_at IS NOT NULL))) \
    SELECT id FROM home ORDER BY id",
);

/// The household of these clients, they themselves included, in one order; with what a draft brings that is about to be sent.
pub async fn of(tx: &Tx, clients: &[ClientId], sending: Option<ReferralId>) -> Result<Vec<ClientId>, Fault> {
    let draft = sending.map_or(uuid::Uuid::nil(), |r| r.0);
    let values = vec![ids(tx.backend(), clients.iter().map(|c| c.0)), id(draft)];
    tx.rows(&HOUSEHOLD, values).await?.iter().map(|row| Columns::of(row).id()).collect()
}

static PROTECTIONS: Sql = Sql::new(
    "SELECT s.id, s.client_id FROM restriction s WHERE s.client_id @in($1) AND s.kind IN ('PROTECTED_CONTACT', 'CONTACT_PREFERENCE') \
    AND s.because_of IS NULL AND s.ended_at IS NULL ORDER BY s.id",
);

/// The protections set, and preferences chosen, on these clients themselves.
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
