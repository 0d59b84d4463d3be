//! Persons, identities, memberships: what a viewer is made of. Not client-bound.

use super::database::{Database, Tx};
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int, text};
use super::write::{Recorded, insert};
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{MembershipId, OrganisationId, PersonId, TeamId};
use crate::domain::random::Randomness;
use crate::domain::role::{Role, Roles};
use crate::policy::viewer::{Viewer, ViewerTeam};
use sea_orm::Value;
use std::collections::BTreeSet;

static VIEWER: Sql = Sql::new(
    "SELECT p.id, m.id, m.version, m.roles, o.is_partner, o.is_category, t.id, t.is_hub FROM identity i \
    JOIN person p ON p.id = i.person_id JOIN membership m ON m.person_id = p.id AND m.ended_at IS NULL \
    JOIN organisation o ON o.id = m.organisation_id AND o.status = 'ACTIVE' AND o.merged_into_id IS NULL \
    LEFT JOIN membership_team j ON j.membership_id = m.id \
    LEFT JOIN team t ON t.id = j.team_id AND t.organisation_id = m.organisation_id \
    WHERE i.issuer = $1 AND i.subject = $2 AND m.organisation_id = $3",
);

/// The viewer an identity is, acting for an organisation, with the roles its membership holds. The caller narrows them to
/// those of the token.
pub async fn viewer(
    database: &Database,
    issuer: &str,
    subject: &str,
    organisation: OrganisationId,
) -> Result<Option<Viewer>, Fault> {
    let rows = database.rows(&VIEWER, vec![text(issuer), text(subject), id(organisation.0)]).await?;
    let mut viewer: Option<Viewer> = None;
    for row in &rows {
        let mut c = Columns::of(row);
        let read = Viewer {
            person: c.id()?,
            membership: c.id()?,
            membership_version: c.take()?,
            organisation,
            roles: Roles::from_mask(c.take()?),
            is_partner: c.take()?,
            is_category: c.take()?,
            teams: Vec::new(),
        };
        let team: Option<TeamId> = c.id_or_none()?;
        let is_hub: Option<bool> = c.take()?;
        let viewer = viewer.get_or_insert(read);
        if let Some(team) = team {
            viewer.teams.push(ViewerTeam { id: team, is_hub: is_hub.unwrap_or(false) });
        }
    }
    Ok(viewer)
}

static STILL: Sql = Sql::new("SELECT 1 FROM membership WHERE id = $1 AND version = $2 AND ended_at IS NULL");

/// Whether the membership a viewer rests on is still as it was read.
pub async fn still_member(tx: &Tx, viewer: &Viewer) -> Result<bool, Fault> {
    Ok(tx.row(&STILL, vec![id(viewer.membership.0), int(viewer.membership_version)]).await?.is_some())
}

/// The same outside any transaction: what tells a list that ended from a membership that did.
pub async fn is_member(database: &Database, viewer: &Viewer) -> Result<bool, Fault> {
    Ok(database.row(&STILL, vec![id(viewer.membership.0), int(viewer.membership_version)]).await?.is_some())
}

static RENEW: Sql =
    Sql::new("UPDATE membership SET version = version + 1 WHERE organisation_id = $1 AND ended_at IS NULL");

/// Makes whoever acts under a membership of this organisation be looked up anew before they read or change anything.
pub async fn renew_memberships(tx: &Tx, of: OrganisationId) -> Result<(), Fault> {
    tx.execute(&RENEW, vec![id(of.0)]).await.map(|_| ())
}

static NAMES: Sql = Sql::new("SELECT id, name FROM person WHERE id @in($1)");

/// The names of persons who work for organisations.
pub async fn names(database: &Database, list: &[PersonId]) -> Result<Vec<(PersonId, String)>, Fault> {
    let values = vec![super::sql::ids(database.backend(), list.iter().map(|p| p.0))];
    database
        .rows(&NAMES, values)
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok((c.id()?, c.take()?))
        })
        .collect()
}

static IN_TEAM: Sql = Sql::new(
    "SELECT m.roles FROM membership m JOIN membership_team j ON j.membership_id = m.id \
    WHERE m.person_id = $1 AND j.team_id = $2 AND m.ended_at IS NULL",
);

/// The roles a person holds in a team, if they are in it.
pub async fn roles_in_team(tx: &Tx, person: PersonId, team: TeamId) -> Result<Option<Roles>, Fault> {
    tx.row(&IN_TEAM, vec![id(person.0), id(team.0)])
        .await?
        .map(|row| Ok(Roles::from_mask(row.try_get_by_index(0)?)))
        .transpose()
}

static WITH_ROLE: Sql = Sql::new(
    "SELECT DISTINCT person_id FROM membership WHERE organisation_id = $1 AND ended_at IS NULL AND (roles & $2) <> 0 \
    ORDER BY person_id",
);

/// Who holds a role in an organisation.
pub async fn with_role(tx: &Tx, organisation: OrganisationId, role: Role) -> Result<Vec<PersonId>, Fault> {
    let mask = Roles::from_iter([role]).mask();
    let rows = tx.rows(&WITH_ROLE, vec![id(organisation.0), int(mask)]).await?;
    rows.iter().map(|row| Columns::of(row).id()).collect()
}

/// A person with one identity.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Who vouches for them.
    pub issuer: String,
    /// As whom.
    pub subject: String,
}

static IDENTITY: Sql = Sql::new("SELECT person_id FROM identity WHERE issuer = $1 AND subject = $2");

/// The person behind an identity.
pub async fn person_of(tx: &Tx, issuer: &str, subject: &str) -> Result<Option<PersonId>, Fault> {
    let row = tx.row(&IDENTITY, vec![text(issuer), text(subject)]).await?;
    row.map(|row| Columns::of(&row).id()).transpose()
}

/// Registers a person.
pub async fn register(tx: &Tx, p: &NewPerson, at: Timestamp, random: &dyn Randomness) -> Result<(), Fault> {
    insert(tx, entity::person::Model { id: p.id.0, name: p.name.clone(), version: 1, created_at: at.0 }).await?;
    insert(
        tx,
        entity::identity::Model {
            id: random.uuid_timed(at),
            issuer: p.issuer.clone(),
            subject: p.subject.clone(),
            person_id: p.id.0,
            created_at: at.0,
        },
    )
    .await
}

static WORKS_FOR: Sql = Sql::new(
    "SELECT organisation_id FROM membership WHERE person_id = $1 AND ended_at IS NULL ORDER BY organisation_id",
);

/// Every organisation a person works for now, whichever they act for (C21).
pub async fn organisations_of(tx: &Tx, person: PersonId) -> Result<BTreeSet<OrganisationId>, Fault> {
    tx.rows(&WORKS_FOR, vec![id(person.0)]).await?.iter().map(|row| Columns::of(row).id()).collect()
}

static ACTS: Sql = Sql::new("SELECT 1 FROM membership WHERE organisation_id = $1 AND ended_at IS NULL LIMIT 1");

/// Whether anybody acts for an organisation.
pub async fn anybody_acts_for(tx: &Tx, organisation: OrganisationId) -> Result<bool, Fault> {
    Ok(tx.row(&ACTS, vec![id(organisation.0)]).await?.is_some())
}

static EXISTS: Sql = Sql::new("SELECT 1 FROM person WHERE id = $1");

/// Whether there is such a person.
pub async fn exists(tx: &Tx, person: PersonId) -> Result<bool, Fault> {
    Ok(tx.row(&EXISTS, vec![id(person.0)]).await?.is_some())
}

static IMPLIED: Sql = Sql::new(
    "SELECT o.implied_categories FROM membership j JOIN organisation o ON o.id = j.organisation_id \
    WHERE j.person_id = $1 AND j.ended_at IS NULL AND j.organisation_id <> $2 ORDER BY j.id",
);

/// The categories that the organisations imply for which a person works, beside one's own (C11).
pub async fn implied(tx: &Tx, person: PersonId, own: OrganisationId) -> Result<Categories, Fault> {
    let rows = tx.rows(&IMPLIED, vec![id(person.0), id(own.0)]).await?;
    rows.iter().try_fold(Categories::NONE, |all, row| Ok(all.union(Columns::of(row).categories()?)))
}

static ROLES: Sql =
    Sql::new("SELECT roles FROM membership WHERE person_id = $1 AND organisation_id = $2 AND ended_at IS NULL");

/// The roles a person holds in an organisation, if they are a live member of it.
pub async fn roles_in(tx: &Tx, person: PersonId, organisation: OrganisationId) -> Result<Option<Roles>, Fault> {
    let row = tx.row(&ROLES, vec![id(person.0), id(organisation.0)]).await?;
    row.map(|row| Ok(Roles::from_mask(row.try_get_by_index(0)?))).transpose()
}

static LIVE_MEMBERSHIP: Sql =
    Sql::new("SELECT id FROM membership WHERE person_id = $1 AND organisation_id = $2 AND ended_at IS NULL");

/// The live membership of a person in an organisation.
pub async fn live_membership(
    tx: &Tx,
    person: PersonId,
    organisation: OrganisationId,
) -> Result<Option<MembershipId>, Fault> {
    let row = tx.row(&LIVE_MEMBERSHIP, vec![id(person.0), id(organisation.0)]).await?;
    row.map(|row| Columns::of(&row).id()).transpose()
}

/// Grants a membership.
pub async fn join(
    tx: &Tx,
    membership: MembershipId,
    person: PersonId,
    organisation: OrganisationId,
    roles: Roles,
    teams: &[TeamId],
    at: Timestamp,
) -> Result<(), Fault> {
    insert(
        tx,
        entity::membership::Model {
            id: membership.0,
            person_id: person.0,
            organisation_id: organisation.0,
            roles: roles.mask(),
            started_at: at.0,
            ended_at: None,
            version: 1,
        },
    )
    .await?;
    for team in teams {
        insert(tx, entity::membership_team::Model { membership_id: membership.0, team_id: team.0 }).await?;
    }
    Ok(())
}

static END: Sql = Sql::new(
    "UPDATE membership SET ended_at = $1, version = version + 1 WHERE id = $2 AND ended_at IS NULL AND version = $3",
);

static END_SUPERVISIONS: Sql = Sql::new(
    "UPDATE supervision SET ended_at = $1, version = version + 1 WHERE ended_at IS NULL AND EXISTS ( \
    SELECT 1 FROM membership m WHERE m.id = $2 AND m.organisation_id = supervision.organisation_id \
    AND m.person_id IN (supervision.supervisor_id, supervision.worker_id))",
);

/// Ends a membership, if it still has the version; with it ends every supervision of theirs there, so that none comes back with
/// another membership (C10).
pub async fn end_membership(tx: &Tx, membership: MembershipId, version: i64, by: Recorded) -> Result<bool, Fault> {
    if tx.execute(&END, vec![int(by.at.0), id(membership.0), int(version)]).await? != 1 {
        return Ok(false);
    }
    tx.execute(&END_SUPERVISIONS, vec![int(by.at.0), id(membership.0)]).await?;
    Ok(true)
}

static MEMBERSHIP: Sql = Sql::new("SELECT 1 FROM membership WHERE id = $1");

/// Whether there is such a membership, ended or not.
pub async fn membership_exists(tx: &Tx, membership: MembershipId) -> Result<bool, Fault> {
    Ok(tx.row(&MEMBERSHIP, vec![id(membership.0)]).await?.is_some())
}

/// A membership, for administrators.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The membership.
    pub id: MembershipId,
    /// The person.
    pub person: PersonId,
    /// Their name.
    pub person_name: String,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The organisation's name.
    pub organisation_name: String,
    /// Roles.
    pub roles: Roles,
    /// Since when.
    pub started_at: Timestamp,
    /// Until when.
    pub ended_at: Option<Timestamp>,
    /// Version.
    pub version: i64,
}

static COUNT_MEMBERSHIPS: Sql = Sql::new("SELECT COUNT(*) FROM membership WHERE ($1 OR organisation_id = $2)");

/// How many memberships there are, of an organisation or of all.
pub async fn count_memberships(database: &Database, organisation: Option<OrganisationId>) -> Result<i64, Fault> {
    let of = organisation.map_or(uuid::Uuid::nil(), |o| o.0);
    let row = database.row(&COUNT_MEMBERSHIPS, vec![Value::Bool(Some(organisation.is_none())), id(of)]).await?;
    row.map_or(Ok(0), |row| Columns::of(&row).take())
}

static MEMBERSHIPS: Sql = Sql::new(
    "SELECT m.id, p.id, p.name, m.organisation_id, o.name, m.roles, m.started_at, m.ended_at, m.version FROM membership m \
    JOIN person p ON p.id = m.person_id JOIN organisation o ON o.id = m.organisation_id \
    WHERE ($1 OR m.id = $2) AND ($3 OR m.organisation_id = $4) AND m.id > $5 ORDER BY m.id LIMIT $6",
);

/// Memberships: one by id, or a page of an organisation's.
pub async fn memberships(
    database: &Database,
    one: Option<MembershipId>,
    organisation: Option<OrganisationId>,
    after: Option<uuid::Uuid>,
    limit: i64,
) -> Result<Vec<Membership>, Fault> {
    let nil = uuid::Uuid::nil();
    let values = vec![
        Value::Bool(Some(one.is_none())),
        id(one.map_or(nil, |m| m.0)),
        Value::Bool(Some(organisation.is_none())),
        id(organisation.map_or(nil, |o| o.0)),
        id(after.unwrap_or(nil)),
        int(limit),
    ];
    database
        .rows(&MEMBERSHIPS, values)
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok(Membership {
                id: c.id()?,
                person: c.id()?,
                person_name: c.take()?,
                organisation: c.id()?,
                organisation_name: c.take()?,
                roles: Roles::from_mask(c.take()?),
                started_at: c.time()?,
                ended_at: c.time_or_none()?,
                version: c.take()?,
            })
        })
        .collect()
}
