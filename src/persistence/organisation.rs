//! The registry: organisations with aliases, likely duplicates, teams and services. Public within the Alliance, not client-bound.

use super::criteria;
use super::database::{Database, Tx};
use super::fault::Fault;
use super::sql::{Columns, Sql, id, ids, int, text};
use super::write::{Recorded, insert};
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::criteria::Criteria;
use crate::domain::ids::{LikenessId, OrganisationId, ServiceId, TeamId, TypedId};
use crate::domain::organisation::{LikenessDecision, OrganisationStatus, ServiceStatus};
use crate::domain::organisation_name::{LikeReason, OrganisationKind, fold_key};
use crate::domain::random::Randomness;
use crate::policy::lives::RETENTION_YEARS;
use sea_orm::{DbBackend, Value};
use uuid::Uuid;

/// An organisation.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// What kind of body.
    pub kind: OrganisationKind,
    /// Whether it is a partner agency of the Alliance.
    pub is_partner: bool,
    /// Whether it is a category such as "Self" rather than a body.
    pub is_category: bool,
    /// The body it is an office of.
    pub parent: Option<OrganisationId>,
    /// The categories that a link to it implies (C11).
    pub implies: Categories,
    /// Whether it takes part.
    pub status: OrganisationStatus,
    /// Version.
    pub version: i64,
    /// Years that it keeps records after the last closure.
    pub retention_years: i64,
    /// The organisation that stands for it since it was merged.
    pub merged_into: Option<OrganisationId>,
}

/// A team.
#[derive(Clone, Debug)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its organisation.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// Whether it is the referrals hub.
    pub is_hub: bool,
    /// What its intake profile refuses before it has met the person (C8).
    pub refuses: Categories,
    /// How many more people it takes, as it stated.
    pub room: Option<i64>,
    /// When it stated that.
    pub room_stated_at: Option<Timestamp>,
    /// Version.
    pub version: i64,
}

/// A service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Who offers it.
    pub organisation: OrganisationId,
    /// The team that runs it, where one does.
    pub team: Option<TeamId>,
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Whom it is for, in words.
    pub criteria: String,
    /// Whom it is for, as data, where it was stated so.
    pub stated: Option<Box<Criteria>>,
    /// When either last changed.
    pub criteria_changed_at: Timestamp,
    /// Where it works.
    pub area: String,
    /// How to reach it.
    pub contact: String,
    /// Whether it can be used.
    pub status: ServiceStatus,
    /// Version.
    pub version: i64,
}

/// Two organisations that look alike.
#[derive(Clone, Debug)]
pub struct LikelyDuplicate {
    /// Its id.
    pub id: LikenessId,
    /// The one.
    pub first: OrganisationId,
    /// The other.
    pub second: OrganisationId,
    /// Why.
    pub reason: LikeReason,
    /// How alike, in per cent.
    pub score: i64,
    /// What a person decided.
    pub decision: LikenessDecision,
}

/// What to list of the registry.
#[derive(Clone, Debug, Default)]
pub struct OrganisationFilter {
    /// Part of the folded name or an alias, of it or of what was merged into it.
    pub name_contains: Option<String>,
    /// Kind.
    pub kind: Option<OrganisationKind>,
    /// Partners only, or others only.
    pub is_partner: Option<bool>,
}

macro_rules! organisations {
    ($tail:literal) => {
        concat!(
            "SELECT o.id, o.name, o.kind, o.is_partner, o.is_category, o.parent_id, o.implied_categories, o.status, \
            o.version, o.retention_years, o.merged_into_id FROM organisation o WHERE ",
            $tail
        )
    };
}
static BY_ID: Sql = Sql::new(organisations!("o.id @in($1)"));
static SURVIVORS: Sql =
    Sql::new(organisations!("o.id IN (SELECT m.merged_into_id FROM organisation m WHERE m.id @in($1))"));
/// A name or alias of the organisation, or of one that was merged into it, is like `$4`.
macro_rules! known_as {
    () => {
        "EXISTS (SELECT 1 FROM organisation b WHERE (b.id = o.id OR b.merged_into_id = o.id) AND (b.name_key LIKE $4 OR EXISTS ( \
        SELECT 1 FROM organisation_alias a WHERE a.organisation_id = b.id AND a.name_key LIKE $4)))"
    };
}
static LIST: Sql = Sql::new(concat!(
    organisations!(
        "o.merged_into_id IS NULL AND o.id > $1 AND ($2 = '' OR o.kind = $2) AND ($3 = 0 OR o.is_partner = ($3 = 1)) AND ($4 = '' OR "
    ),
    known_as!(),
    ") ORDER BY o.id LIMIT $5"
));
static COUNT: Sql = Sql::new(concat!(
    "SELECT COUNT(*) FROM organisation o WHERE o.merged_into_id IS NULL AND o.id > $1 AND ($2 = '' OR o.kind = $2) \
    AND ($3 = 0 OR o.is_partner = ($3 = 1)) AND ($4 = '' OR ",
    known_as!(),
    ") AND $5 > 0"
));
static ALIASES: Sql =
    Sql::new("SELECT organisation_id, name FROM organisation_alias WHERE organisation_id @in($1) ORDER BY name");
static TEAMS: Sql = Sql::new(
    "SELECT id, organisation_id, name, is_hub, refuses, room, room_stated_at, version FROM team WHERE organisation_id @in($1) OR id @in($2) ORDER BY name, id",
);
static SERVICES: Sql = Sql::new(
    "SELECT id, organisation_id, team_id, name, description, criteria, stated, criteria_changed_at, area, contact, status, version \
    FROM service WHERE ($1 = 1 OR organisation_id @in($2) OR id @in($3)) AND id > $4 ORDER BY id LIMIT $5",
);
static PARTNERS: Sql = Sql::new(
    "SELECT id FROM organisation WHERE is_partner AND status = 'ACTIVE' AND merged_into_id IS NULL ORDER BY id",
);
static LIKENESSES: Sql = Sql::new(
    "SELECT id, first_id, second_id, reason, score, decision FROM organisation_likeness WHERE ($1 = '' OR decision = $1) \
    AND id > $2 AND ($3 = 1 OR id = $4) ORDER BY id LIMIT $5",
);

fn organisation(row: &sea_orm::QueryResult) -> Result<Organisation, Fault> {
    let mut c = Columns::of(row);
    Ok(Organisation {
        id: c.id()?,
        name: c.take()?,
        kind: c.code()?,
        is_partner: c.take()?,
        is_category: c.take()?,
        parent: c.id_or_none()?,
        implies: c.categories()?,
        status: c.code()?,
        version: c.take()?,
        retention_years: c.take()?,
        merged_into: c.id_or_none()?,
    })
}

/// Organisations by id.
pub async fn by_id(database: &Database, list: &[OrganisationId]) -> Result<Vec<Organisation>, Fault> {
    let values = vec![ids(database.backend(), list.iter().map(|o| o.0))];
    database.rows(&BY_ID, values).await?.iter().map(organisation).collect()
}

/// One organisation, inside a transaction.
pub async fn one(tx: &Tx, of: OrganisationId) -> Result<Option<Organisation>, Fault> {
    tx.row(&BY_ID, vec![ids(tx.backend(), [of.0])]).await?.as_ref().map(organisation).transpose()
}

/// The organisations that stand for these, of those that were merged.
pub async fn survivors(database: &Database, of: &[OrganisationId]) -> Result<Vec<Organisation>, Fault> {
    let values = vec![ids(database.backend(), of.iter().map(|o| o.0))];
    database.rows(&SURVIVORS, values).await?.iter().map(organisation).collect()
}

fn filter_values(filter: &OrganisationFilter, after: Option<Uuid>, limit: i64) -> Vec<Value> {
    let like = filter.name_contains.as_deref().map(fold_key).filter(|k| !k.is_empty());
    vec![
        id(after.unwrap_or(Uuid::nil())),
        text(filter.kind.map_or("", Coded::code)),
        int(filter.is_partner.map_or(0, |p| if p { 1 } else { 2 })),
        text(like.map_or_else(String::new, |k| format!("%{k}%"))),
        int(limit),
    ]
}

/// A page of the registry in order of registration.
pub async fn list(
    database: &Database,
    filter: &OrganisationFilter,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Organisation>, Fault> {
    database.rows(&LIST, filter_values(filter, after, limit)).await?.iter().map(organisation).collect()
}

/// How many there are.
pub async fn count(database: &Database, filter: &OrganisationFilter) -> Result<i64, Fault> {
    let row = database.row(&COUNT, filter_values(filter, None, 1)).await?;
    row.map_or(Ok(0), |row| Columns::of(&row).take())
}

/// Aliases of organisations.
pub async fn aliases(database: &Database, list: &[OrganisationId]) -> Result<Vec<(OrganisationId, String)>, Fault> {
    let values = vec![ids(database.backend(), list.iter().map(|o| o.0))];
    database
        .rows(&ALIASES, values)
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok((c.id()?, c.take()?))
        })
        .collect()
}

fn team(row: &sea_orm::QueryResult) -> Result<Team, Fault> {
    let mut c = Columns::of(row);
    Ok(Team {
        id: c.id()?,
        organisation: c.id()?,
        name: c.take()?,
        is_hub: c.take()?,
        refuses: c.categories()?,
        room: c.take()?,
        room_stated_at: c.time_or_none()?,
        version: c.take()?,
    })
}

/// Teams of organisations, or teams by id.
pub async fn teams(database: &Database, of: &[OrganisationId], list: &[TeamId]) -> Result<Vec<Team>, Fault> {
    let b = database.backend();
    let values = vec![ids(b, of.iter().map(|o| o.0)), ids(b, list.iter().map(|t| t.0))];
    database.rows(&TEAMS, values).await?.iter().map(team).collect()
}

/// One team, inside a transaction.
pub async fn one_team(tx: &Tx, of: TeamId) -> Result<Option<Team>, Fault> {
    let b = tx.backend();
    tx.row(&TEAMS, vec![ids(b, []), ids(b, [of.0])]).await?.as_ref().map(team).transpose()
}

/// A partner's team that asks not to be told everything before it has met a person (C8).
#[derive(Clone, Debug)]
pub struct Reluctant {
    /// The team.
    pub team: TeamId,
    /// Its name.
    pub name: String,
    /// Its organisation's name.
    pub organisation_name: String,
    /// What it refuses.
    pub refuses: Categories,
}

static RELUCTANT: Sql = Sql::new(
    "SELECT t.id, t.name, o.name, t.refuses FROM team t JOIN organisation o ON o.id = t.organisation_id \
    WHERE o.is_partner AND NOT t.is_hub AND t.refuses <> 0 ORDER BY o.name, t.name, t.id",
);

/// The partners' teams with an intake profile, to whom a referral could be offered.
pub async fn reluctant(database: &Database) -> Result<Vec<Reluctant>, Fault> {
    let rows = database.rows(&RELUCTANT, Vec::new()).await?;
    rows.iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok(Reluctant { team: c.id()?, name: c.take()?, organisation_name: c.take()?, refuses: c.categories()? })
        })
        .collect()
}

/// Which services to read.
#[derive(Clone, Copy, Debug)]
pub enum Services<'a> {
    /// A page of all, after an id.
    All(Option<Uuid>, i64),
    /// Of these organisations.
    Of(&'a [OrganisationId]),
    /// By id.
    ById(&'a [ServiceId]),
}

fn service_values(backend: DbBackend, which: Services<'_>) -> Vec<Value> {
    let none = || ids(backend, []);
    let nil = id(Uuid::nil());
    match which {
        Services::All(after, limit) => {
            vec![int(1), none(), none(), id(after.unwrap_or(Uuid::nil())), int(limit)]
        }
        Services::Of(list) => vec![int(0), ids(backend, list.iter().map(|o| o.0)), none(), nil, int(1000)],
        Services::ById(list) => vec![int(0), none(), ids(backend, list.iter().map(|s| s.0)), nil, int(1000)],
    }
}

fn service(row: &sea_orm::QueryResult) -> Result<Service, Fault> {
    read_service(&mut Columns::of(row))
}

/// A service from the columns that every statement about services has in this order.
pub(super) fn read_service(c: &mut Columns<'_>) -> Result<Service, Fault> {
    Ok(Service {
        id: c.id()?,
        organisation: c.id()?,
        team: c.id_or_none()?,
        name: c.take()?,
        description: c.take()?,
        criteria: c.take()?,
        stated: criteria::stated(c.take()?)?,
        criteria_changed_at: c.time()?,
        area: c.take()?,
        contact: c.take()?,
        status: c.code()?,
        version: c.take()?,
    })
}

/// Services.
pub async fn services(database: &Database, which: Services<'_>) -> Result<Vec<Service>, Fault> {
    let values = service_values(database.backend(), which);
    database.rows(&SERVICES, values).await?.iter().map(service).collect()
}

/// One service, inside a transaction.
pub async fn one_service(tx: &Tx, of: ServiceId) -> Result<Option<Service>, Fault> {
    let values = service_values(tx.backend(), Services::ById(&[of]));
    tx.row(&SERVICES, values).await?.as_ref().map(service).transpose()
}

/// The partners of the Alliance as listed now.
pub async fn partners(tx: &Tx) -> Result<Vec<OrganisationId>, Fault> {
    tx.rows(&PARTNERS, Vec::new()).await?.iter().map(|row| Columns::of(row).id()).collect()
}

/// Likely duplicates: a page, or one.
pub async fn likely_duplicates(
    database: &Database,
    decision: Option<LikenessDecision>,
    one: Option<LikenessId>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<LikelyDuplicate>, Fault> {
    let values = vec![
        text(decision.map_or("", Coded::code)),
        id(after.unwrap_or(Uuid::nil())),
        int(i64::from(one.is_none())),
        id(one.map_or(Uuid::nil(), |l| l.0)),
        int(limit),
    ];
    database
        .rows(&LIKENESSES, values)
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok(LikelyDuplicate {
                id: c.id()?,
                first: c.id()?,
                second: c.id()?,
                reason: c.code()?,
                score: c.take()?,
                decision: c.code()?,
            })
        })
        .collect()
}

static COUNT_SERVICES: Sql = Sql::new("SELECT COUNT(*) FROM service");

/// How many services there are.
pub async fn count_services(database: &Database) -> Result<i64, Fault> {
    let row = database.row(&COUNT_SERVICES, Vec::new()).await?;
    row.map_or(Ok(0), |row| Columns::of(&row).take())
}

static COUNT_LIKENESSES: Sql =
    Sql::new("SELECT COUNT(*) FROM organisation_likeness WHERE ($1 = '' OR decision = $1)");

/// How many likely duplicates there are.
pub async fn count_likely_duplicates(database: &Database, decision: Option<LikenessDecision>) -> Result<i64, Fault> {
    let row = database.row(&COUNT_LIKENESSES, vec![text(decision.map_or("", Coded::code))]).await?;
    row.map_or(Ok(0), |row| Columns::of(&row).take())
}

/// An organisation about to be registered.
#[derive(Clone, Debug)]
pub struct NewOrganisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// What kind of body.
    pub kind: OrganisationKind,
    /// Whether it is a partner.
    pub is_partner: bool,
    /// Whether it is a category.
    pub is_category: bool,
    /// The body it is an office of.
    pub parent: Option<OrganisationId>,
    /// The categories that a link to it implies.
    pub implies: Categories,
}

/// Registers an organisation.
pub async fn register(tx: &Tx, o: &NewOrganisation, at: Timestamp) -> Result<(), Fault> {
    insert(
        tx,
        entity::organisation::Model {
            id: o.id.0,
            name: o.name.clone(),
            name_key: fold_key(&o.name),
            kind: o.kind.code().into(),
            is_partner: o.is_partner,
            is_category: o.is_category,
            parent_id: o.parent.map(|p| p.0),
            merged_into_id: None,
            implied_categories: o.implies.mask(),
            status: OrganisationStatus::Active.code().into(),
            retention_years: i64::from(RETENTION_YEARS),
            version: 1,
            created_at: at.0,
        },
    )
    .await
}

static UPDATE: Sql = Sql::new(
    "UPDATE organisation SET name = $1, name_key = $2, kind = $3, parent_id = $4, implied_categories = $5, status = $6, \
    version = version + 1 WHERE id = $7 AND version = $8",
);

/// Changes an organisation, if it still has the version.
pub async fn update(tx: &Tx, o: &Organisation) -> Result<bool, Fault> {
    let values = vec![
        text(&*o.name),
        text(fold_key(&o.name)),
        text(o.kind.code()),
        Value::Uuid(o.parent.map(|p| p.0)),
        int(o.implies.mask()),
        text(o.status.code()),
        id(o.id.0),
        int(o.version),
    ];
    Ok(tx.execute(&UPDATE, values).await? == 1)
}

/// Whose a name is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The organisation.
    pub id: OrganisationId,
    /// The organisation that stands for it, itself where it was not merged.
    pub survivor: OrganisationId,
    /// The survivor's name.
    pub survivor_name: String,
}

static NAMED: Sql = Sql::new(
    "SELECT o.id, s.id, s.name FROM organisation o JOIN organisation s ON s.id = COALESCE(o.merged_into_id, o.id) \
    WHERE o.name_key = $1 OR o.id IN (SELECT a.organisation_id FROM organisation_alias a WHERE a.name_key = $1)",
);

/// The organisation known under a name or alias, however it is spelt, merged or not.
pub async fn named(tx: &Tx, name: &str) -> Result<Option<Named>, Fault> {
    let row = tx.row(&NAMED, vec![text(fold_key(name))]).await?;
    row.map(|row| {
        let mut c = Columns::of(&row);
        Ok(Named { id: c.id()?, survivor: c.id()?, survivor_name: c.take()? })
    })
    .transpose()
}

static HOLD_NAMES: Sql = Sql::new("LOCK TABLE organisation IN SHARE ROW EXCLUSIVE MODE");

/// Keeps others from registering or renaming organisations, and whoever else holds names, from going on until the transaction
/// ends, so that a name not found stays free.
/// Reading goes on. `SQLite` has one writer anyway.
pub async fn hold_names(tx: &Tx) -> Result<(), Fault> {
    if tx.backend() == DbBackend::Postgres {
        tx.execute(&HOLD_NAMES, Vec::new()).await?;
    }
    Ok(())
}

/// Adds an alias.
pub async fn add_alias(
    tx: &Tx,
    of: OrganisationId,
    name: &str,
    at: Timestamp,
    random: &dyn Randomness,
) -> Result<(), Fault> {
    insert(
        tx,
        entity::organisation_alias::Model {
            id: random.uuid_timed(at),
            organisation_id: of.0,
            name: name.to_owned(),
            name_key: fold_key(name),
            created_at: at.0,
        },
    )
    .await
}

static ALL_NAMES: Sql = Sql::new("SELECT id, name FROM organisation WHERE merged_into_id IS NULL ORDER BY id");

/// All names of the registry.
pub async fn all_names(tx: &Tx) -> Result<Vec<(OrganisationId, String)>, Fault> {
    tx.rows(&ALL_NAMES, Vec::new())
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok((c.id()?, c.take()?))
        })
        .collect()
}

static ADD_LIKENESS: Sql = Sql::new(
    "INSERT INTO organisation_likeness (id, first_id, second_id, reason, score, decision, created_at) \
    VALUES ($1, $2, $3, $4, $5, 'UNDECIDED', $6) ON CONFLICT (first_id, second_id) DO NOTHING",
);

/// Reports two organisations that look alike, once; tells whether it is new.
pub async fn report_likeness(
    tx: &Tx,
    pair: (OrganisationId, OrganisationId),
    reason: LikeReason,
    score: i64,
    at: Timestamp,
    random: &dyn Randomness,
) -> Result<bool, Fault> {
    let (first, second) = if pair.0 < pair.1 { pair } else { (pair.1, pair.0) };
    let values =
        vec![id(random.uuid_timed(at)), id(first.0), id(second.0), text(reason.code()), int(score), int(at.0)];
    Ok(tx.execute(&ADD_LIKENESS, values).await? == 1)
}

static DECIDE: Sql = Sql::new(
    "UPDATE organisation_likeness SET decision = $1, decided_by = $2, decided_at = $3 WHERE id = $4 AND decision = 'UNDECIDED'",
);

/// Decides on a likely duplicate, once.
pub async fn decide(tx: &Tx, l: LikenessId, decision: LikenessDecision, by: Recorded) -> Result<bool, Fault> {
    let values = vec![text(decision.code()), id(by.by.0), int(by.at.0), id(l.uuid())];
    Ok(tx.execute(&DECIDE, values).await? == 1)
}

/// Registers a team.
pub async fn register_team(tx: &Tx, t: &Team, at: Timestamp) -> Result<(), Fault> {
    insert(
        tx,
        entity::team::Model {
            id: t.id.0,
            organisation_id: t.organisation.0,
            name: t.name.clone(),
            is_hub: t.is_hub,
            refuses: t.refuses.mask(),
            version: 1,
            created_at: at.0,
            room: t.room,
            room_stated_at: t.room_stated_at.map(|t| t.0),
        },
    )
    .await
}

static INTAKE: Sql = Sql::new("UPDATE team SET refuses = $1, version = version + 1 WHERE id = $2 AND version = $3");

/// Sets a team's intake profile, if the team still has the version. Offers made before keep theirs.
pub async fn set_intake(tx: &Tx, t: TeamId, refuses: Categories, version: i64) -> Result<bool, Fault> {
    Ok(tx.execute(&INTAKE, vec![int(refuses.mask()), id(t.0), int(version)]).await? == 1)
}

static TEAM_NAMED: Sql = Sql::new("SELECT id FROM team WHERE organisation_id = $1 AND name = $2");

/// The team of an organisation with this name.
pub async fn team_named(tx: &Tx, of: OrganisationId, name: &str) -> Result<Option<TeamId>, Fault> {
    let row = tx.row(&TEAM_NAMED, vec![id(of.0), text(name)]).await?;
    row.map(|row| Columns::of(&row).id()).transpose()
}

/// Registers a service.
pub async fn register_service(tx: &Tx, s: &Service, at: Timestamp) -> Result<(), Fault> {
    insert(
        tx,
        entity::service::Model {
            id: s.id.0,
            organisation_id: s.organisation.0,
            team_id: s.team.map(|t| t.0),
            name: s.name.clone(),
            description: s.description.clone(),
            criteria: s.criteria.clone(),
            stated: None,
            criteria_changed_at: s.criteria_changed_at.0,
            area: s.area.clone(),
            contact: s.contact.clone(),
            status: s.status.code().into(),
            version: 1,
            created_at: at.0,
        },
    )
    .await
}
