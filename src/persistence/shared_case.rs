//! Shared cases, their members and notes, through the ledger.

use super::access::{ReadScope, live_grant, protected_grants};
use super::client::Slice;
use super::database::Tx;
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int, text};
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{CaseId, CaseMemberId, ClientId, NoteId, OrganisationId, PersonId, ReferralId, TeamId};
use crate::domain::shared_case::{CaseStage, CaseStatus, ClosureKind, ClosureReason, NoteVisibility};
use crate::policy::disclosure::{Disclosure, ItemFacts};
use crate::policy::writing;
use uuid::Uuid;

/// A shared case, with what opens it.
#[derive(Clone, Debug)]
pub struct SharedCase {
    /// The case.
    pub id: CaseId,
    /// Whom it supports.
    pub client: ClientId,
    /// The referral it grew from.
    pub referral: Option<ReferralId>,
    /// The case before it, when the person came back.
    pub previous: Option<CaseId>,
    /// Who leads it.
    pub lead_organisation: OrganisationId,
    /// That organisation's name.
    pub lead_name: String,
    /// The categories the name implies (C11).
    pub lead_implies: Categories,
    /// The lead team.
    pub lead_team: TeamId,
    /// Its name.
    pub lead_team_name: String,
    /// The lead worker.
    pub lead_worker: PersonId,
    /// Their name.
    pub lead_worker_name: String,
    /// Stage.
    pub stage: CaseStage,
    /// When it opened.
    pub opened_at: Timestamp,
    /// When it closed.
    pub closed_at: Option<Timestamp>,
    /// How it ended.
    pub closure_kind: Option<ClosureKind>,
    /// Why.
    pub closure_reason: Option<ClosureReason>,
    /// Version.
    pub version: i64,
    /// What opens it.
    pub disclosure: Disclosure,
}

impl SharedCase {
    /// The documents that a grant may name to reach the case.
    pub fn documents(&self) -> [Uuid; 1] {
        [self.id.0]
    }
}

/// A member team of a case.
#[derive(Clone, Debug)]
pub struct CaseMember {
    /// The membership.
    pub id: CaseMemberId,
    /// The case.
    pub case: CaseId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its name.
    pub organisation_name: String,
    /// The categories the name implies (C11).
    pub organisation_implies: Categories,
    /// The team.
    pub team: TeamId,
    /// Its name.
    pub team_name: String,
    /// What it does on the case.
    pub role: String,
    /// Its sharing agreement.
    pub agreed: Categories,
    /// When it joined.
    pub joined_at: Timestamp,
    /// When it left.
    pub left_at: Option<Timestamp>,
    /// Version.
    pub version: i64,
}

/// A note of a case.
#[derive(Clone, Debug)]
pub struct Note {
    /// The note.
    pub id: NoteId,
    /// The case.
    pub case: CaseId,
    /// Its categories: all must be open.
    pub categories: Categories,
    /// Who may see it.
    pub visibility: NoteVisibility,
    /// What it says.
    pub text: String,
    /// Whose own item it is.
    pub owner: Uuid,
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
    /// Version.
    pub version: i64,
}

impl Note {
    /// As disclosure judges it.
    pub fn facts(&self) -> ItemFacts {
        ItemFacts {
            categories: self.categories,
            owner: self.owner,
            recorded_at: self.recorded_at,
            within: [Some(self.id.0), Some(self.case.0), None],
        }
    }
}

macro_rules! joined {
    () => {
        "shared_case k ON k.client_id = g.client_id AND g.opens_client \
        AND g.scope_id IN (k.id, k.client_id, k.lead_organisation_id)"
    };
}
macro_rules! columns {
    () => {
        "SELECT k.id, k.client_id, k.referral_id, k.previous_case_id, k.lead_organisation_id, o.name, \
        o.implied_categories, k.lead_team_id, t.name, k.lead_worker_id, w.name, k.stage, k.opened_at, k.closed_at, \
        k.closure_kind, k.closure_reason, k.version, @protected(k), p.grants FROM page p \
        JOIN shared_case k ON k.id = p.id JOIN organisation o ON o.id = k.lead_organisation_id \
        JOIN team t ON t.id = k.lead_team_id JOIN person w ON w.id = k.lead_worker_id"
    };
}
macro_rules! opened {
    () => {
        "shared_case k JOIN access_grant g ON k.client_id = g.client_id AND g.opens_client \
        AND g.scope_id IN (k.id, k.client_id, k.lead_organisation_id)"
    };
}
macro_rules! with_status {
    () => {
        "($10 = '' OR ($10 = 'OPEN' AND k.closed_at IS NULL) OR ($10 = 'CLOSED' AND k.closed_at IS NOT NULL))"
    };
}
macro_rules! page {
    ($before:literal, $order:literal) => {
        concat!(
            "WITH cut AS (SELECT DISTINCT k.id FROM access_grant g JOIN ",
            joined!(),
            " WHERE @live(g) AND k.id ",
            $before,
            " $8 AND ",
            with_status!(),
            " ORDER BY k.id ",
            $order,
            " LIMIT $9), page AS (SELECT k.id, @grants(g) AS grants FROM ",
            opened!(),
            " WHERE k.id IN (SELECT id FROM cut) AND @live(g) GROUP BY k.id) ",
            columns!(),
            " ORDER BY k.id ",
            $order
        )
    };
}
static PAGE: Sql = Sql::new(page!("<", "DESC"));
static PAGE_BACK: Sql = Sql::new(page!(">", "ASC"));
static COUNT: Sql = Sql::new(concat!(
    "SELECT COUNT(DISTINCT k.id) FROM access_grant g JOIN ",
    joined!(),
    " WHERE @live(g) AND k.id > $8 AND $9 > 0 AND ",
    with_status!()
));
static BY_ID: Sql = Sql::new(concat!(
    "WITH page AS (SELECT k.id, @grants(g) AS grants FROM ",
    opened!(),
    " WHERE k.id @in($8) AND @live(g) GROUP BY k.id) ",
    columns!(),
    " ORDER BY k.id DESC"
));
static OF_CLIENTS: Sql = Sql::new(concat!(
    "WITH page AS (SELECT k.id, @grants(g) AS grants, row_number() OVER (PARTITION BY k.client_id ORDER BY k.id DESC) AS place \
    FROM ",
    opened!(),
    " WHERE k.client_id @in($8) AND k.id < $11 AND ",
    with_status!(),
    " AND @live(g) GROUP BY k.id) ",
    columns!(),
    " WHERE p.place <= $9 ORDER BY k.id DESC"
));
static COUNT_OF_CLIENTS: Sql = Sql::new(concat!(
    "SELECT k.client_id, COUNT(*) FROM shared_case k WHERE k.client_id @in($8) AND $9 > 0 AND ",
    with_status!(),
    " AND EXISTS (SELECT 1 FROM access_grant g WHERE g.client_id = k.client_id AND g.opens_client \
    AND g.scope_id IN (k.id, k.client_id, k.lead_organisation_id) AND @live(g)) GROUP BY k.client_id"
));
/// Who has the case as its own item alone, because it is closed or the client excludes the lead (C6), is told of the teams on it as it
/// stood when its other grants ended (C2 AUTHOR), and that the closing took them off.
static MEMBERS: Sql = Sql::new(
    "SELECT m.id, m.case_id, m.organisation_id, o.name, o.implied_categories, m.team_id, t.name, m.member_role, m.agreed, \
    m.joined_at, CASE WHEN s.until >= m.left_at OR k.closed_at <= m.left_at THEN m.left_at END, \
    CASE WHEN m.left_at IS NULL OR s.until >= m.left_at OR k.closed_at <= m.left_at THEN m.version ELSE m.version - 1 END \
    FROM case_member m JOIN shared_case k ON k.id = m.case_id JOIN organisation o ON o.id = m.organisation_id \
    JOIN team t ON t.id = m.team_id JOIN (SELECT k.id, MAX(CASE WHEN g.basis = 'AUTHOR' THEN g.names_until \
    ELSE 9223372036854775807 END) AS until FROM shared_case k JOIN access_grant g ON g.client_id = k.client_id AND g.opens_client \
    AND g.scope_id IN (k.id, k.client_id, k.lead_organisation_id) WHERE k.id @in($8) AND @live(g) GROUP BY k.id) s ON s.id = k.id \
    WHERE m.case_id @in($8) AND m.joined_at <= s.until ORDER BY m.id",
);
/// Every category of a note must be open, through one grant or several (C1). What is for the agency that recorded it, or about
/// third parties, stays with who works for it, or for the hub team that recorded it, not with the hub that it hosts (bit 8:
/// HOLDER; C9). A reflective one is its author's, and theirs who supervises them in the same organisation and acts as a manager (C10).
/// A note of contact or the workplace is for the named few while contact is protected, whatever it says of itself (C7).
macro_rules! note_visible {
    () => {
        "n.replaced_at IS NULL AND (n.visibility = 'TEAM' OR (n.visibility IN ('AGENCY', 'THIRD_PARTY') \
        AND n.recorded_for = $1 AND n.owner_id @in($2) AND (n.owner_id <> $1 OR ($4 & 8) <> 0)) OR (n.visibility = 'REFLECTIVE' AND n.recorded_for = $1 AND (n.recorded_by = $7 \
        OR ($4 & @SUPERVISES) <> 0 AND EXISTS (SELECT 1 FROM supervision v WHERE v.worker_id = n.recorded_by AND v.organisation_id = $1 \
        AND v.supervisor_id = $7 AND v.ended_at IS NULL AND v.starts_at <= $3 AND v.until_at > $3)))) \
        AND NOT ((n.reveals_location OR (n.categories & @LOCATING) <> 0) AND @protected(n)) AND NOT EXISTS ( \
        SELECT 1 FROM bits b WHERE (n.categories & b.bit) <> 0 AND NOT EXISTS (SELECT 1 FROM access_grant g \
        WHERE g.client_id = n.client_id AND g.scope_id IN (n.id, n.case_id, n.client_id, n.owner_id) \
        AND (g.categories & b.bit) <> 0 AND @live(g)))"
    };
}
macro_rules! bits {
    () => {
        "bits (bit) AS (SELECT * FROM (VALUES (CAST(1 AS bigint)), (2), (4), (8), (16), (32), (64), (128), (256), (512), \
        (1024), (2048), (4096), (8192), (16384), (32768), (65536), (131072), (262144), (524288)) AS v)"
    };
}
pub(super) use bits;
static NOTES: Sql = Sql::new(concat!(
    "WITH ",
    bits!(),
    " SELECT n.id, n.case_id, n.categories, n.visibility, n.body, n.owner_id, n.recorded_by, n.recorded_for, o.name, \
    o.implied_categories, n.recorded_at, n.version FROM (SELECT n.*, row_number() OVER (PARTITION BY n.case_id \
    ORDER BY n.id DESC) AS place FROM case_note n WHERE n.case_id @in($8) AND n.id < $10 AND ",
    note_visible!(),
    ") n JOIN organisation o ON o.id = n.recorded_for WHERE n.place <= $9 ORDER BY n.id DESC"
));
static COUNT_NOTES: Sql = Sql::new(concat!(
    "WITH ",
    bits!(),
    " SELECT n.case_id, COUNT(*) FROM case_note n WHERE n.case_id @in($8) AND ",
    note_visible!(),
    " GROUP BY n.case_id"
));
static NOTE_BY_ID: Sql = Sql::new(concat!(
    "WITH ",
    bits!(),
    " SELECT n.id, n.case_id, n.categories, n.visibility, n.body, n.owner_id, n.recorded_by, n.recorded_for, o.name, \
    o.implied_categories, n.recorded_at, n.version, n.client_id, @protected(n), @grant(q) \
    FROM case_note n JOIN organisation o ON o.id = n.recorded_for JOIN access_grant q ON q.client_id = n.client_id \
    AND q.scope_id IN (n.id, n.case_id, n.client_id, n.owner_id) WHERE n.id = $8 AND @live(q) AND ",
    note_visible!()
));
/// Of a note that its author replaced: what opened it.
static REPLACED_NOTE: Sql = Sql::new(
    "SELECT n.client_id, @protected(n), @grants(g) FROM case_note n JOIN access_grant g ON g.client_id = n.client_id \
    AND g.scope_id = n.owner_id WHERE n.id = $8 AND n.replaced_at IS NOT NULL AND n.recorded_by = $7 AND @live(g) \
    AND NOT ((n.reveals_location OR (n.categories & @LOCATING) <> 0) AND @protected(n)) GROUP BY n.client_id",
);

/// What decides whether a new case may follow: whether it closed, whether the lead has another one open, whether the person died.
static FOLLOWED: Sql = Sql::new(
    "SELECT k.id, k.closed_at IS NOT NULL, EXISTS (SELECT 1 FROM shared_case z WHERE z.client_id = k.client_id \
    AND z.lead_organisation_id = k.lead_organisation_id AND z.closed_at IS NULL), c.died_on IS NOT NULL \
    FROM shared_case k JOIN client c ON c.id = k.client_id WHERE k.id @in($8) AND EXISTS (SELECT 1 FROM access_grant g \
    WHERE g.client_id = k.client_id AND g.opens_client AND g.scope_id IN (k.id, k.client_id, k.lead_organisation_id) AND @live(g))",
);

impl ReadScope<'_> {
    /// Those of these cases that a new one may follow.
    pub async fn may_be_followed(&self, cases: &[CaseId]) -> Result<Vec<CaseId>, Fault> {
        let mut found = Vec::new();
        for row in &self.rows(&FOLLOWED, vec![self.ids(cases.iter().map(|c| c.0))]).await? {
            let mut c = Columns::of(row);
            let case = c.id()?;
            if writing::may_follow(c.take()?, c.take()?, c.take()?) {
                found.push(case);
            }
        }
        Ok(found)
    }

    /// Whether an own note was replaced since: what opened it.
    pub async fn replaced_note(&self, note: NoteId) -> Result<Option<Disclosure>, Fault> {
        Ok(self.read_clients(&REPLACED_NOTE, vec![id(note.0)]).await?.pop())
    }

    /// Cases by id; hidden and unknown ones are not among them.
    pub async fn cases_by_id(&self, list: &[CaseId]) -> Result<Vec<SharedCase>, Fault> {
        self.read_cases(&BY_ID, vec![self.ids(list.iter().map(|c| c.0))]).await
    }

    /// A page of the cases the viewer sees, newest first.
    pub async fn cases(&self, status: Option<CaseStatus>, slice: Slice) -> Result<Vec<SharedCase>, Fault> {
        let sql = if slice.backwards { &PAGE_BACK } else { &PAGE };
        let edge = if slice.backwards { Uuid::nil() } else { Uuid::max() };
        let values = vec![id(slice.key.unwrap_or(edge)), int(slice.limit), status_value(status)];
        self.read_cases(sql, values).await
    }

    /// How many cases the viewer sees.
    pub async fn count_cases(&self, status: Option<CaseStatus>) -> Result<i64, Fault> {
        let rows = self.rows(&COUNT, vec![id(Uuid::nil()), int(1), status_value(status)]).await?;
        rows.first().map_or(Ok(0), |row| Columns::of(row).take())
    }

    /// Of each of these clients, the newest cases that the viewer sees.
    pub async fn cases_of(
        &self,
        clients: &[ClientId],
        status: Option<CaseStatus>,
        slice: Slice,
    ) -> Result<Vec<SharedCase>, Fault> {
        let values = vec![
            self.ids(clients.iter().map(|c| c.0)),
            int(slice.limit),
            status_value(status),
            id(slice.key.unwrap_or(Uuid::max())),
        ];
        self.read_cases(&OF_CLIENTS, values).await
    }

    /// How many cases of each of these clients the viewer sees.
    pub async fn count_cases_of(
        &self,
        clients: &[ClientId],
        status: Option<CaseStatus>,
    ) -> Result<Vec<(ClientId, i64)>, Fault> {
        let values = vec![self.ids(clients.iter().map(|c| c.0)), int(1), status_value(status)];
        pairs(&self.rows(&COUNT_OF_CLIENTS, values).await?)
    }

    /// Member teams of these cases, past ones too.
    pub async fn members(&self, cases: &[CaseId]) -> Result<Vec<CaseMember>, Fault> {
        let rows = self.rows(&MEMBERS, vec![self.ids(cases.iter().map(|c| c.0))]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok(CaseMember {
                    id: c.id()?,
                    case: c.id()?,
                    organisation: c.id()?,
                    organisation_name: c.take()?,
                    organisation_implies: c.categories()?,
                    team: c.id()?,
                    team_name: c.take()?,
                    role: c.take()?,
                    agreed: c.categories()?,
                    joined_at: c.time()?,
                    left_at: c.time_or_none()?,
                    version: c.take()?,
                })
            })
            .collect()
    }

    /// Of each of these cases, the newest notes that the viewer sees.
    pub async fn notes(&self, cases: &[CaseId], slice: Slice) -> Result<Vec<Note>, Fault> {
        let values =
            vec![self.ids(cases.iter().map(|c| c.0)), int(slice.limit), id(slice.key.unwrap_or(Uuid::max()))];
        self.rows(&NOTES, values).await?.iter().map(|row| note(&mut Columns::of(row))).collect()
    }

    /// How many notes of each of these cases the viewer sees.
    pub async fn count_notes(&self, cases: &[CaseId]) -> Result<Vec<(CaseId, i64)>, Fault> {
        pairs(&self.rows(&COUNT_NOTES, vec![self.ids(cases.iter().map(|c| c.0))]).await?)
    }

    /// One note with what opens it.
    pub async fn note(&self, note_id: NoteId) -> Result<Option<(Note, Disclosure)>, Fault> {
        let mut found: Option<(Note, Disclosure)> = None;
        for row in &self.rows(&NOTE_BY_ID, vec![id(note_id.0)]).await? {
            let mut c = Columns::of(row);
            let read = note(&mut c)?;
            let client = c.id()?;
            let protected = c.take()?;
            let grant = live_grant(&mut c, protected)?;
            found.get_or_insert_with(|| (read, Disclosure::new(client, Vec::new()))).1.add(grant);
        }
        Ok(found)
    }

    async fn read_cases(&self, sql: &'static Sql, values: Vec<sea_orm::Value>) -> Result<Vec<SharedCase>, Fault> {
        self.rows(sql, values).await?.iter().map(|row| shared_case(&mut Columns::of(row))).collect()
    }
}

pub(super) fn status_value(status: Option<CaseStatus>) -> sea_orm::Value {
    text(status.map_or("", Coded::code))
}

pub(super) fn pairs<T: crate::domain::ids::TypedId>(rows: &[sea_orm::QueryResult]) -> Result<Vec<(T, i64)>, Fault> {
    rows.iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok((c.id()?, c.take()?))
        })
        .collect()
}

fn shared_case(c: &mut Columns<'_>) -> Result<SharedCase, Fault> {
    let id = c.id()?;
    let client = c.id()?;
    Ok(SharedCase {
        id,
        client,
        referral: c.id_or_none()?,
        previous: c.id_or_none()?,
        lead_organisation: c.id()?,
        lead_name: c.take()?,
        lead_implies: c.categories()?,
        lead_team: c.id()?,
        lead_team_name: c.take()?,
        lead_worker: c.id()?,
        lead_worker_name: c.take()?,
        stage: c.code()?,
        opened_at: c.time()?,
        closed_at: c.time_or_none()?,
        closure_kind: c.code_or_none()?,
        closure_reason: c.code_or_none()?,
        version: c.take()?,
        disclosure: Disclosure::new(client, protected_grants(c)?),
    })
}

fn note(c: &mut Columns<'_>) -> Result<Note, Fault> {
    Ok(Note {
        id: c.id()?,
        case: c.id()?,
        categories: c.categories()?,
        visibility: c.code()?,
        text: c.take()?,
        owner: c.take()?,
        recorded_by: c.id()?,
        recorded_for: c.id()?,
        recorded_for_name: c.take()?,
        recorded_for_implies: c.categories()?,
        recorded_at: c.time()?,
        version: c.take()?,
    })
}

static LEAD_WORKER: Sql = Sql::new("SELECT lead_worker_id, lead_organisation_id FROM shared_case WHERE id = $1");

/// Who leads a case, and for which organisation: to tell them, never to show it.
pub async fn lead_worker(tx: &Tx, case: CaseId) -> Result<Option<(PersonId, OrganisationId)>, Fault> {
    let row = tx.row(&LEAD_WORKER, vec![id(case.0)]).await?;
    row.map(|row| {
        let mut c = Columns::of(&row);
        Ok((c.id()?, c.id()?))
    })
    .transpose()
}
