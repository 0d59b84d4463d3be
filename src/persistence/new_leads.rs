//! Safeguarding leads who were none yet when something was put before the others (C16, C17). For a job alone; nobody reads it.

use super::database::{Database, Tx};
use super::emergency::{lead_mask, lead_memberships};
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int};
use super::write::insert;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ClientId, LegalGatewayId, OverrideId, PersonId};
use crate::policy::emergency::{Lead, Needs};

/// An override that a lead was not told of.
#[derive(Clone, Copy, Debug)]
pub struct Untold {
    /// The override.
    pub id: OverrideId,
    /// On whose record.
    pub client: ClientId,
    /// Who asked.
    pub asker: Lead,
    /// What a co-signature is needed for.
    pub needs: Needs,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Until when it waits.
    pub lapses_at: Timestamp,
    /// By when it is to be reviewed, once it is open.
    pub review_due: Option<Timestamp>,
    /// It is not open yet.
    pub waits: bool,
}

/// Leads `m` of the asker's organisation, or of one whose lead has the task of an override `v`, who have it not.
macro_rules! untold {
    () => {
        concat!(
            lead_memberships!("$1", "v.client_id"),
            " AND m.person_id <> v.person_id AND EXISTS (SELECT 1 FROM override_task t WHERE t.override_id = v.id AND t.done_at IS NULL \
            AND m.organisation_id IN (t.organisation_id, v.organisation_id)) AND NOT EXISTS (SELECT 1 FROM override_task u \
            WHERE u.override_id = v.id AND u.person_id = m.person_id AND u.organisation_id = m.organisation_id)"
        )
    };
}
static OVERRIDES: Sql = Sql::new(concat!(
    "SELECT v.id, v.client_id, v.person_id, v.organisation_id, v.needs_passes, v.needs_review, v.asked_at, v.lapses_at, \
    v.review_due_at, v.opened_at IS NULL FROM access_override v WHERE v.reviewed_at IS NULL AND EXISTS (SELECT 1 FROM ",
    untold!(),
    ") ORDER BY v.id LIMIT 500"
));
static UNTOLD_OF: Sql = Sql::new(concat!(
    "SELECT m.person_id, m.organisation_id FROM access_override v CROSS JOIN ",
    untold!(),
    " AND v.id = $2 AND v.reviewed_at IS NULL ORDER BY m.organisation_id, m.person_id"
));

/// Overrides to be reviewed that a lead was not told of.
pub async fn overrides(database: &Database) -> Result<Vec<Untold>, Fault> {
    database
        .rows(&OVERRIDES, vec![int(lead_mask())])
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok(Untold {
                id: c.id()?,
                client: c.id()?,
                asker: Lead { person: c.id()?, organisation: c.id()? },
                needs: Needs { passes: c.take()?, unreviewed: c.take()? },
                asked_at: c.time()?,
                lapses_at: c.time()?,
                review_due: c.time_or_none()?,
                waits: c.take()?,
            })
        })
        .collect()
}

async fn leads(tx: &Tx, sql: &Sql, values: Vec<sea_orm::Value>) -> Result<Vec<Lead>, Fault> {
    tx.rows(sql, values)
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok(Lead { person: c.id()?, organisation: c.id()? })
        })
        .collect()
}

/// The leads who were not told of one override.
pub async fn untold_of(tx: &Tx, o: OverrideId) -> Result<Vec<Lead>, Fault> {
    leads(tx, &UNTOLD_OF, vec![int(lead_mask()), id(o.0)]).await
}

/// A legal gateway that a lead does not watch over.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched {
    /// The gateway.
    pub id: LegalGatewayId,
    /// Whose record.
    pub client: ClientId,
    /// Who asked.
    pub asked_by: PersonId,
    /// It is to be decided.
    pub undecided: bool,
}

/// Leads `m` of the organisation that asked for a gateway `l` which is to be decided or open, who do not watch over it; nobody for
/// whom the record does not exist (C5, C6).
macro_rules! unwatched {
    () => {
        concat!(
            lead_memberships!("$1", "l.client_id"),
            " AND m.organisation_id = l.recorded_for AND (l.state = 'ASKED' OR (l.state = 'GRANTED' AND l.until_at > $2)) \
            AND NOT EXISTS (SELECT 1 FROM legal_gateway_watcher r WHERE r.gateway_id = l.id AND r.person_id = m.person_id) \
            AND NOT EXISTS (SELECT 1 FROM restriction x WHERE x.client_id = l.client_id AND x.ended_at IS NULL AND x.kind = 'SEALED' \
            AND NOT EXISTS (SELECT 1 FROM restriction_person y WHERE y.restriction_id = x.id AND y.person_id = m.person_id))"
        )
    };
}
static GATEWAYS: Sql = Sql::new(concat!(
    "SELECT l.id, l.client_id, l.recorded_by, l.state = 'ASKED' FROM legal_gateway l WHERE l.ended_at IS NULL AND EXISTS ( \
    SELECT 1 FROM ",
    unwatched!(),
    ") ORDER BY l.id LIMIT 500"
));
static UNWATCHED_OF: Sql = Sql::new(concat!(
    "SELECT m.person_id, m.organisation_id FROM legal_gateway l CROSS JOIN ",
    unwatched!(),
    " AND l.id = $3 ORDER BY m.person_id"
));

/// Gateways to be decided or open that a lead does not watch over.
pub async fn gateways(database: &Database, now: Timestamp) -> Result<Vec<Unwatched>, Fault> {
    database
        .rows(&GATEWAYS, vec![int(lead_mask()), int(now.0)])
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok(Unwatched { id: c.id()?, client: c.id()?, asked_by: c.id()?, undecided: c.take()? })
        })
        .collect()
}

/// The leads who do not watch over one gateway.
pub async fn unwatched_of(tx: &Tx, gateway: LegalGatewayId, now: Timestamp) -> Result<Vec<Lead>, Fault> {
    leads(tx, &UNWATCHED_OF, vec![int(lead_mask()), int(now.0), id(gateway.0)]).await
}

/// Lets a lead watch over a gateway.
pub async fn watch(tx: &Tx, gateway: LegalGatewayId, person: PersonId) -> Result<(), Fault> {
    insert(tx, entity::legal_gateway_watcher::Model { gateway_id: gateway.0, person_id: person.0 }).await
}
