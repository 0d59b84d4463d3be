//! How many people a team has room for: what it states, and what its workers have in hand as far as the viewer sees it.

use super::access::ReadScope;
use super::database::Tx;
use super::fault::Fault;
use super::sql::{Columns, Sql, id, ids, int};
use crate::domain::caseload::Caseload;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{PersonId, TeamId};
use crate::domain::role::{Role, Roles};
use sea_orm::Value;

/// What a worker has in hand.
#[derive(Clone, Debug)]
pub struct Worker {
    /// In which team.
    pub team: TeamId,
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// What they have in hand.
    pub caseload: Caseload,
}

/// Open cases that the viewer does not see are not counted (C14).
static WORKERS: Sql = Sql::new(
    "SELECT j.team_id, p.id, p.name, (SELECT COUNT(*) FROM shared_case k WHERE k.lead_team_id = j.team_id AND k.lead_worker_id = p.id \
    AND k.closed_at IS NULL AND EXISTS (SELECT 1 FROM access_grant g WHERE g.client_id = k.client_id AND g.opens_client \
    AND g.scope_id IN (k.id, k.client_id, k.lead_organisation_id) AND @live(g))), EXISTS (SELECT 1 FROM team_digital_worker d \
    WHERE d.team_id = j.team_id AND d.person_id = p.id) FROM membership_team j JOIN membership n ON n.id = j.membership_id \
    JOIN person p ON p.id = n.person_id WHERE j.team_id @in($8) AND n.ended_at IS NULL AND (n.roles & $9) <> 0 ORDER BY p.name, p.id",
);

fn workers() -> i64 {
    Roles::from_iter([Role::SupportWorker]).mask()
}

impl ReadScope<'_> {
    /// The support workers of these teams, and how many open cases they lead there that the viewer sees.
    pub async fn caseloads(&self, teams: &[TeamId]) -> Result<Vec<Worker>, Fault> {
        let rows = self.rows(&WORKERS, vec![self.ids(teams.iter().map(|t| t.0)), int(workers())]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                let (team, person, name) = (c.id()?, c.id()?, c.take()?);
                let caseload = Caseload { open: c.take()?, is_digital: c.take()? };
                Ok(Worker { team, person, name, caseload })
            })
            .collect()
    }
}

static STATE: Sql =
    Sql::new("UPDATE team SET room = $1, room_stated_at = $2, version = version + 1 WHERE id = $3 AND version = $4");

/// Writes how many more people a team takes, if it still has the version.
pub async fn state(tx: &Tx, team: TeamId, room: Option<i64>, at: Timestamp, version: i64) -> Result<bool, Fault> {
    let values = vec![Value::BigInt(room), Value::BigInt(room.map(|_| at.0)), id(team.0), int(version)];
    Ok(tx.execute(&STATE, values).await? == 1)
}

static IN_TEAM: Sql = Sql::new(
    "SELECT COUNT(DISTINCT m.person_id) FROM membership m JOIN membership_team j ON j.membership_id = m.id \
    WHERE j.team_id = $1 AND m.person_id @in($2) AND m.ended_at IS NULL AND (m.roles & $3) <> 0",
);

/// Whether all of these people, none of them twice, are support workers of a team.
pub async fn all_work_in(tx: &Tx, team: TeamId, people: &[PersonId]) -> Result<bool, Fault> {
    let values = vec![id(team.0), ids(tx.backend(), people.iter().map(|p| p.0)), int(workers())];
    let found: i64 = match tx.row(&IN_TEAM, values).await? {
        Some(row) => Columns::of(&row).take()?,
        None => 0,
    };
    Ok(usize::try_from(found).is_ok_and(|n| n == people.len()))
}

static NONE_DIGITAL: Sql = Sql::new("DELETE FROM team_digital_worker WHERE team_id = $1");
static DIGITAL: Sql = Sql::new("INSERT INTO team_digital_worker (team_id, person_id) VALUES ($1, $2)");

/// Writes whose support is digital alone, in place of whose was.
pub async fn set_digital(tx: &Tx, team: TeamId, people: &[PersonId]) -> Result<(), Fault> {
    tx.execute(&NONE_DIGITAL, vec![id(team.0)]).await?;
    for person in people {
        tx.execute(&DIGITAL, vec![id(team.0), id(person.0)]).await?;
    }
    Ok(())
}
