//! Overrides and requests for one, as they are read: an override through the ledger, a request by the leads it was sent to.

use super::access::{ReadScope, protected_grants};
use super::emergency::{lead_mask, lead_memberships};
use super::fault::Fault;
use super::sql::{Columns, Sql, int};
use crate::domain::basis::Basis;
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::emergency::Verdict;
use crate::domain::ids::{ClientId, OverrideId, OverrideRequestId, PersonId};
use crate::domain::referral::Ground;
use crate::domain::role::Role;
use crate::policy::disclosure::Disclosure;
use crate::policy::emergency::{Cosigner, Elsewhere, Lead, Needs, Standing};
use crate::policy::viewer::Viewer;

/// An override, with what opens it.
#[derive(Clone, Debug)]
pub struct Override {
    /// The override.
    pub id: OverrideId,
    /// On whose record.
    pub client: ClientId,
    /// How it stands.
    pub standing: Standing,
    /// What it opens.
    pub categories: Categories,
    /// The coded ground.
    pub ground: Ground,
    /// Why, in words.
    pub reason: String,
    /// For how many hours.
    pub hours: i64,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// The asker's name.
    pub asker_name: String,
    /// The name of the organisation they act for.
    pub organisation_name: String,
    /// The categories that name implies (C11).
    pub organisation_implies: Categories,
    /// When it was co-signed.
    pub cosigned_at: Option<Timestamp>,
    /// By when it is to be reviewed.
    pub review_due_at: Option<Timestamp>,
    /// When it was escalated.
    pub escalated_at: Option<Timestamp>,
    /// When it was reviewed.
    pub reviewed_at: Option<Timestamp>,
    /// What the review found.
    pub verdict: Option<Verdict>,
    /// Why.
    pub review_reason: Option<String>,
    /// Version.
    pub version: i64,
    /// The viewer is a colleague of the asker's, under whatever hats.
    is_colleague: bool,
    /// The organisation the viewer acts for holds the case.
    holds: bool,
    /// The organisation the viewer acts for hosts the hub.
    at_hub: bool,
    /// Where there is a lead who might co-sign.
    pub elsewhere: Elsewhere,
    /// What opens it.
    pub disclosure: Disclosure,
}

impl Override {
    /// The viewer as one who might co-sign.
    pub fn cosigner(&self, viewer: &Viewer) -> Cosigner {
        Cosigner {
            who: Lead { person: viewer.person, organisation: viewer.organisation },
            is_lead: viewer.roles.has(Role::SafeguardingLead),
            is_colleague: self.is_colleague,
            holds: self.holds,
            at_hub: self.at_hub,
        }
    }
}

/// Whether there is a lead elsewhere, no colleague of the asker's, for whose membership `m` something holds.
macro_rules! lead_elsewhere {
    ($who:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM ",
            lead_memberships!("CAST($9 AS bigint)", "v.client_id"),
            " AND m.person_id <> v.person_id AND NOT EXISTS (SELECT 1 FROM membership q WHERE q.person_id = m.person_id \
            AND q.ended_at IS NULL AND (q.organisation_id = v.organisation_id OR EXISTS (SELECT 1 FROM membership a \
            WHERE a.person_id = v.person_id AND a.organisation_id = q.organisation_id AND a.ended_at IS NULL))) AND ",
            $who,
            "), "
        )
    };
}

macro_rules! overrides {
    ($of:literal) => {
        concat!(
    "WITH told AS (SELECT v.id, @grants(g) AS grants FROM access_override v JOIN access_grant g ON g.client_id = v.client_id \
    AND g.source_id = v.id AND g.source_kind = 'override' WHERE ",
    $of,
    " @in($8) AND @live(g) GROUP BY v.id) \
    SELECT v.id, v.client_id, v.person_id, v.organisation_id, v.needs_passes, v.needs_review, v.lapses_at, v.opened_at, v.until_at, \
    v.ended_at, v.cosigned_by, v.reviewed_at, v.categories, v.ground, v.reason, v.hours, v.asked_at, p.name, o.name, \
    o.implied_categories, v.cosigned_at, v.review_due_at, v.escalated_at, v.verdict, v.review_reason, v.version, \
    EXISTS (SELECT 1 FROM membership n WHERE n.person_id = $7 AND n.ended_at IS NULL AND (n.organisation_id = v.organisation_id \
    OR EXISTS (SELECT 1 FROM membership q WHERE q.person_id = v.person_id AND q.organisation_id = n.organisation_id \
    AND q.ended_at IS NULL))), \
    EXISTS (SELECT 1 FROM access_grant h WHERE h.client_id = v.client_id AND h.organisation_id = $1 \
    AND h.basis IN ('HOLDER', 'TEAM') AND h.ended_at IS NULL AND h.starts_at <= $3 AND h.until_at > $3), \
    EXISTS (SELECT 1 FROM team t WHERE t.organisation_id = $1 AND t.is_hub), ",
    lead_elsewhere!(
        "EXISTS (SELECT 1 FROM access_grant h WHERE h.client_id = v.client_id AND h.organisation_id = m.organisation_id \
        AND h.basis IN ('HOLDER', 'TEAM') AND h.ended_at IS NULL AND h.starts_at <= $3 AND h.until_at > $3)"
    ),
    lead_elsewhere!("EXISTS (SELECT 1 FROM team t WHERE t.organisation_id = m.organisation_id AND t.is_hub)"),
    "FALSE, told.grants FROM told JOIN access_override v ON v.id = told.id JOIN person p ON p.id = v.person_id \
    JOIN organisation o ON o.id = v.organisation_id ORDER BY v.id DESC",
        )
    };
}
static BY_IDS: Sql = Sql::new(overrides!("v.id"));
static OF_CLIENTS: Sql = Sql::new(overrides!("v.client_id"));

/// A request that matched no single record, as the leads it was sent to read it.
#[derive(Clone, Debug)]
pub struct OverrideRequest {
    /// The request.
    pub id: OverrideRequestId,
    /// Given names, as asked.
    pub given: String,
    /// Family name, as asked.
    pub family: String,
    /// Date of birth, as asked.
    pub birth: String,
    /// Which categories.
    pub categories: Categories,
    /// The coded ground.
    pub ground: Ground,
    /// Why, in words.
    pub reason: String,
    /// When.
    pub asked_at: Timestamp,
    /// Who asked.
    pub asker: PersonId,
    /// Their name.
    pub asker_name: String,
    /// The name of the organisation they act for.
    pub organisation_name: String,
}

/// It is about nobody's record, so no grant opens it: the inbox of a lead does, under the membership that was read.
static REQUESTS: Sql = Sql::new(
    "SELECT r.id, r.given_name, r.family_name, r.date_of_birth, r.categories, r.ground, r.reason, r.asked_at, r.person_id, p.name, \
    o.name FROM override_request r JOIN person p ON p.id = r.person_id JOIN organisation o ON o.id = r.organisation_id \
    WHERE r.id @in($8) AND $1 @in($2) AND r.asked_at <= $3 AND (CAST($4 AS bigint) & CAST($9 AS bigint)) <> 0 \
    AND EXISTS (SELECT 1 FROM membership m WHERE m.id = $5 AND m.version = $6 AND m.ended_at IS NULL) \
    AND EXISTS (SELECT 1 FROM inbox_item i WHERE i.subject_id = r.id AND i.person_id = $7 AND i.organisation_id = $1) \
    ORDER BY r.id DESC",
);

impl ReadScope<'_> {
    /// Overrides by id, as far as the viewer sees them.
    pub async fn overrides(&self, list: &[OverrideId]) -> Result<Vec<Override>, Fault> {
        self.read_overrides(&BY_IDS, self.ids(list.iter().map(|o| o.0))).await
    }

    /// The overrides on these clients that the viewer sees, newest first: their own while it lasts, and those whose task is theirs.
    pub async fn overrides_of(&self, clients: &[ClientId]) -> Result<Vec<Override>, Fault> {
        self.read_overrides(&OF_CLIENTS, self.ids(clients.iter().map(|c| c.0))).await
    }

    async fn read_overrides(&self, sql: &'static Sql, of: sea_orm::Value) -> Result<Vec<Override>, Fault> {
        self.rows(sql, vec![of, int(lead_mask())]).await?.iter().map(|row| read(&mut Columns::of(row))).collect()
    }

    /// Requests that matched no single record and were sent to the viewer.
    pub async fn override_requests(&self, list: &[OverrideRequestId]) -> Result<Vec<OverrideRequest>, Fault> {
        let values = vec![self.ids(list.iter().map(|r| r.0)), int(Basis::Oversight.bit())];
        self.rows(&REQUESTS, values)
            .await?
            .iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok(OverrideRequest {
                    id: c.id()?,
                    given: c.take()?,
                    family: c.take()?,
                    birth: c.take()?,
                    categories: c.categories()?,
                    ground: c.code()?,
                    reason: c.take()?,
                    asked_at: c.time()?,
                    asker: c.id()?,
                    asker_name: c.take()?,
                    organisation_name: c.take()?,
                })
            })
            .collect()
    }
}

fn read(c: &mut Columns<'_>) -> Result<Override, Fault> {
    let id = c.id()?;
    let client = c.id()?;
    let asker = Lead { person: c.id()?, organisation: c.id()? };
    let needs = Needs { passes: c.take()?, unreviewed: c.take()? };
    let mut standing = Standing {
        asker,
        needs,
        lapses_at: c.time()?,
        opened_at: c.time_or_none()?,
        until_at: c.time_or_none()?,
        ended_at: c.time_or_none()?,
        cosigned_by: c.id_or_none()?,
        reviewed: false,
    };
    let reviewed_at = c.time_or_none()?;
    standing.reviewed = reviewed_at.is_some();
    Ok(Override {
        id,
        client,
        standing,
        reviewed_at,
        categories: c.categories()?,
        ground: c.code()?,
        reason: c.take()?,
        hours: c.take()?,
        asked_at: c.time()?,
        asker_name: c.take()?,
        organisation_name: c.take()?,
        organisation_implies: c.categories()?,
        cosigned_at: c.time_or_none()?,
        review_due_at: c.time_or_none()?,
        escalated_at: c.time_or_none()?,
        verdict: c.code_or_none()?,
        review_reason: c.take()?,
        version: c.take()?,
        is_colleague: c.take()?,
        holds: c.take()?,
        at_hub: c.take()?,
        elsewhere: Elsewhere { holder: c.take()?, hub: c.take()? },
        disclosure: Disclosure::new(client, protected_grants(c)?),
    })
}
