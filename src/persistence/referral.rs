//! Referrals, through the ledger: the referral with its grants, its narratives, its offers.

use super::access::{ReadScope, protected_grants};
use super::client::Slice;
use super::database::Tx;
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int, text};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{CaseId, ClientId, NarrativeId, OfferId, OrganisationId, PersonId, ReferralId, TeamId};
use crate::domain::referral::{DeclineReason, Ground, Outcome, ReferralState, Urgency};
use crate::policy::disclosure::Disclosure;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A referral, with what opens it.
#[derive(Clone, Debug)]
pub struct Referral {
    /// The referral.
    pub id: ReferralId,
    /// Whom it is about.
    pub client: ClientId,
    /// Who sent it.
    pub organisation: OrganisationId,
    /// That organisation's name.
    pub organisation_name: String,
    /// The categories the name implies (C11).
    pub organisation_implies: Categories,
    /// The person who wrote it.
    pub sent_by: PersonId,
    /// A private person sent it: they learn of progress alone (C23).
    pub private_sender: bool,
    /// Where it stands.
    pub state: ReferralState,
    /// How soon a home may be lost, as triage found it.
    pub urgency: Urgency,
    /// The same as who sent it wrote it.
    pub sent_urgency: Urgency,
    /// The categories it brought.
    pub brought: Categories,
    /// A coded ground in place of consent.
    pub ground: Option<Ground>,
    /// How it was closed.
    pub outcome: Option<Outcome>,
    /// In words.
    pub outcome_text: Option<String>,
    /// The next step given at closing: an onward referral.
    pub next_step: Option<String>,
    /// Why signposting was refused.
    pub refused_signposting: Option<String>,
    /// The case it grew into.
    pub case: Option<CaseId>,
    /// When it was drafted.
    pub created_at: Timestamp,
    /// When it was submitted.
    pub submitted_at: Option<Timestamp>,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Version.
    pub version: i64,
    /// The sender's own reference.
    pub sender_reference: Option<String>,
    /// What opens it.
    pub disclosure: Disclosure,
}

/// One text of a referral's narrative.
#[derive(Clone, Debug)]
pub struct Narrative {
    /// The text's id.
    pub id: NarrativeId,
    /// The referral.
    pub referral: ReferralId,
    /// Its category.
    pub category: Category,
    /// The text.
    pub text: String,
    /// Whether it tells where the person can be found (C7).
    pub reveals_location: bool,
    /// Version.
    pub version: i64,
}

/// An offer to a team.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The offer.
    pub id: OfferId,
    /// The referral.
    pub referral: ReferralId,
    /// The team.
    pub team: TeamId,
    /// The team's name.
    pub team_name: String,
    /// Its organisation.
    pub organisation: OrganisationId,
    /// Its organisation's name.
    pub organisation_name: String,
    /// The categories that name implies (C11).
    pub organisation_implies: Categories,
    /// The name of the worker it is meant for.
    pub worker_name: Option<String>,
    /// When.
    pub offered_at: Timestamp,
    /// Why it was declined.
    pub answer_reason: Option<DeclineReason>,
    /// In words.
    pub answer_text: Option<String>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

/// Whether a grant reaches a referral: it names it, the case it grew into, or the whole client.
macro_rules! joined {
    () => {
        "referral r ON r.client_id = g.client_id AND g.scope_id IN (r.id, r.client_id, r.case_id)"
    };
}
macro_rules! columns {
    () => {
        crate::persistence::referral::columns!("")
    };
    ($more:literal) => {
        concat!(
            "SELECT r.id, r.client_id, r.organisation_id, o.name, o.implied_categories, r.sent_by, r.private_sender, r.state, \
        r.urgency, r.sent_urgency, r.brought, r.ground, r.outcome, r.outcome_text, r.next_step, r.refused_signposting, r.case_id, r.created_at, \
        r.submitted_at, r.accepted_at, r.closed_at, r.version, r.sender_reference, \
        (@protected(r) AND NOT (r.sent_by = $7 AND r.organisation_id = $1)), p.grants",
            $more,
            " FROM page p JOIN referral r ON r.id = p.id JOIN organisation o ON o.id = r.organisation_id"
        )
    };
}
pub(super) use columns;

/// A state filter finds only what the viewer is told: a private sender is told of no state (C14, C23).
macro_rules! in_state {
    () => {
        "($10 = '' OR (r.state = $10 AND (NOT r.private_sender OR g.basis <> 'REFERRER')))"
    };
}
macro_rules! page {
    ($before:literal, $order:literal) => {
        concat!(
            "WITH cut AS (SELECT DISTINCT r.id FROM access_grant g JOIN ",
            joined!(),
            " WHERE @live(g) AND r.id ",
            $before,
            " $8 AND ",
            in_state!(),
            " ORDER BY r.id ",
            $order,
            " LIMIT $9), page AS (SELECT r.id, @grants(g) AS grants FROM cut JOIN referral r ON r.id = cut.id \
            JOIN access_grant g ON r.client_id = g.client_id AND g.scope_id IN (r.id, r.client_id, r.case_id) \
            WHERE @live(g) GROUP BY r.id) ",
            columns!(),
            " ORDER BY r.id ",
            $order
        )
    };
}
static PAGE: Sql = Sql::new(page!("<", "DESC"));
static PAGE_BACK: Sql = Sql::new(page!(">", "ASC"));
static COUNT: Sql = Sql::new(concat!(
    "SELECT COUNT(DISTINCT r.id) FROM access_grant g JOIN ",
    joined!(),
    " WHERE @live(g) AND r.id > $8 AND $9 > 0 AND ",
    in_state!()
));
/// `CROSS JOIN` has SQLite begin with the referrals: it would else walk through every grant of the viewer's organisation.
static BY_ID: Sql = Sql::new(concat!(
    "WITH page AS (SELECT r.id, @grants(g) AS grants FROM referral r CROSS JOIN access_grant g WHERE g.client_id = r.client_id \
    AND g.scope_id IN (r.id, r.client_id, r.case_id) AND r.id @in($8) AND @live(g) GROUP BY r.id) ",
    columns!(),
    " ORDER BY r.id DESC"
));
static OF_CLIENTS: Sql = Sql::new(concat!(
    "WITH page AS (SELECT r.id, @grants(g) AS grants, row_number() OVER (PARTITION BY r.client_id ORDER BY r.id DESC) AS place \
    FROM referral r JOIN access_grant g ON g.client_id = r.client_id AND g.scope_id IN (r.id, r.client_id, r.case_id) \
    WHERE r.client_id @in($8) AND r.id < $11 AND @live(g) GROUP BY r.id HAVING MAX(CASE WHEN g.opens_client AND ",
    in_state!(),
    " THEN 1 ELSE 0 END) = 1) ",
    columns!(),
    " WHERE p.place <= $9 ORDER BY r.id DESC"
));
static COUNT_OF_CLIENTS: Sql = Sql::new(concat!(
    "SELECT r.client_id, COUNT(*) FROM referral r WHERE r.client_id @in($8) AND $9 > 0 AND EXISTS ( \
    SELECT 1 FROM access_grant g WHERE g.client_id = r.client_id AND g.opens_client \
    AND g.scope_id IN (r.id, r.client_id, r.case_id) AND @live(g) AND ",
    in_state!(),
    ") GROUP BY r.client_id"
));
/// What tells of contact or the workplace, or is marked as telling where the person can be found, is for the named few while contact
/// is protected (C7), and for the very person who wrote it: what they wrote themselves tells them nothing (C2 REFERRER).
macro_rules! narrative_withheld {
    () => {
        "((n.reveals_location OR (n.category_bit & @LOCATING) <> 0) AND @protected(n) \
        AND NOT (r.sent_by = $7 AND r.organisation_id = $1))"
    };
}
macro_rules! narrative {
    () => {
        "n.id, n.referral_id, n.category_bit, n.body, (n.reveals_location OR (n.category_bit & @LOCATING) <> 0), n.version"
    };
}
static NARRATIVES: Sql = Sql::new(concat!(
    "SELECT ",
    narrative!(),
    " FROM referral_narrative n JOIN referral r ON r.id = n.referral_id \
    WHERE n.referral_id @in($8) AND EXISTS (SELECT 1 FROM access_grant g WHERE g.client_id = n.client_id \
    AND g.scope_id IN (r.id, r.client_id, r.case_id) AND (g.categories & n.category_bit) <> 0 AND @live(g)) \
    AND NOT ",
    narrative_withheld!(),
    " ORDER BY n.referral_id, n.category_bit"
));
/// One text by id, with the grants that reach its referral.
static NARRATIVE_BY_ID: Sql = Sql::new(concat!(
    "SELECT ",
    narrative!(),
    ", n.client_id, @protected(n), @grants(g) FROM referral_narrative n JOIN referral r ON r.id = n.referral_id \
    JOIN access_grant g ON g.client_id = n.client_id AND g.scope_id IN (r.id, r.client_id, r.case_id) \
    WHERE n.id = $8 AND @live(g) AND EXISTS (SELECT 1 FROM access_grant h WHERE h.client_id = n.client_id \
    AND h.scope_id IN (r.id, r.client_id, r.case_id) AND (h.categories & n.category_bit) <> 0 AND @live(h)) AND NOT ",
    narrative_withheld!(),
    " GROUP BY n.id, r.id"
));
/// Offers are for the hub and the team itself; a sender is not told where its referral was offered (C2 REFERRER).
static OFFERS: Sql = Sql::new(
    "SELECT f.id, f.referral_id, f.team_id, t.name, f.organisation_id, o.name, o.implied_categories, p.name, f.offered_at, \
    f.answer_reason, f.answer_text, f.answered_at FROM referral_offer f JOIN team t ON t.id = f.team_id \
    JOIN organisation o ON o.id = f.organisation_id LEFT JOIN person p ON p.id = f.worker_id WHERE f.referral_id @in($8) AND EXISTS ( \
    SELECT 1 FROM access_grant g WHERE g.client_id = f.client_id AND g.scope_id IN (f.referral_id, f.client_id) \
    AND (g.basis = 'HUB' OR (g.basis = 'OFFER' AND g.team_id = f.team_id)) AND @live(g)) ORDER BY f.id DESC",
);

/// What the viewer's organisation sent last, of what it sees as the sender.
static LAST_SENT: Sql = Sql::new(concat!(
    "WITH cut AS (SELECT r.id FROM access_grant g JOIN referral r ON r.client_id = g.client_id AND r.id = g.scope_id \
    WHERE g.basis = 'REFERRER' AND r.organisation_id = $1 AND r.submitted_at IS NOT NULL AND @live(g) \
    ORDER BY r.submitted_at DESC, r.id DESC LIMIT $8), page AS (SELECT r.id, @grants(g) AS grants FROM cut \
    JOIN referral r ON r.id = cut.id JOIN access_grant g ON g.client_id = r.client_id AND g.scope_id IN (r.id, r.client_id, r.case_id) \
    WHERE @live(g) GROUP BY r.id) ",
    columns!()
));

/// Of what the viewer's organisation sent and the viewer sees as the sender: what carries this reference.
static SENT_AS: Sql = Sql::new(concat!(
    "WITH cut AS (SELECT r.id FROM referral r WHERE r.organisation_id = $1 AND r.sender_reference = $8 AND EXISTS (SELECT 1 \
    FROM access_grant g WHERE g.client_id = r.client_id AND g.scope_id = r.id AND g.basis = 'REFERRER' AND @live(g)) \
    ORDER BY r.id LIMIT 1), page AS (SELECT r.id, @grants(g) AS grants FROM cut JOIN referral r ON r.id = cut.id \
    JOIN access_grant g ON g.client_id = r.client_id AND g.scope_id IN (r.id, r.client_id, r.case_id) WHERE @live(g) GROUP BY r.id) ",
    columns!()
));
/// A page of what the viewer sees as the sender, newest first.
static SENT: Sql = Sql::new(concat!(
    "WITH cut AS (SELECT r.id FROM referral r WHERE r.organisation_id = $1 AND r.id < $8 AND EXISTS (SELECT 1 \
    FROM access_grant g WHERE g.client_id = r.client_id AND g.scope_id = r.id AND g.basis = 'REFERRER' AND @live(g)) \
    ORDER BY r.id DESC LIMIT $9), page AS (SELECT r.id, @grants(g) AS grants FROM cut JOIN referral r ON r.id = cut.id \
    JOIN access_grant g ON g.client_id = r.client_id AND g.scope_id IN (r.id, r.client_id, r.case_id) WHERE @live(g) GROUP BY r.id) ",
    columns!(),
    " ORDER BY r.id DESC"
));
static HOLD_REFERENCE: Sql = Sql::new("SELECT pg_advisory_xact_lock($1)");

/// Lets nobody else send under this reference of this organisation until the transaction ends, so that a reference that was not found
/// stays free. `SQLite` has one writer anyway.
pub async fn hold_reference(tx: &Tx, organisation: OrganisationId, reference: &str) -> Result<(), Fault> {
    if tx.backend() == sea_orm::DbBackend::Postgres {
        let mut hash = Sha256::new_with_prefix(organisation.0.as_bytes());
        hash.update(reference.as_bytes());
        let key = hash.finalize().first_chunk().map_or(0, |first: &[u8; 8]| i64::from_be_bytes(*first));
        tx.execute(&HOLD_REFERENCE, vec![int(key)]).await?;
    }
    Ok(())
}

impl ReadScope<'_> {
    /// The referral that the viewer's organisation sent, or drafted, under this reference of its own, if the viewer sees it as its sender.
    pub async fn sent_as(&self, reference: &str) -> Result<Option<Referral>, Fault> {
        Ok(self.read_referrals(&SENT_AS, vec![text(reference)]).await?.pop())
    }

    /// Of the referrals that the viewer sees as their sender, those before this one, newest first.
    pub async fn sent(&self, before: Option<ReferralId>, most: i64) -> Result<Vec<Referral>, Fault> {
        self.read_referrals(&SENT, vec![id(before.map_or(Uuid::max(), |r| r.0)), int(most)]).await
    }

    /// The referral that the viewer's organisation submitted last, of those it sees as their sender.
    pub async fn last_sent(&self) -> Result<Option<Referral>, Fault> {
        Ok(self.read_referrals(&LAST_SENT, vec![int(1)]).await?.pop())
    }

    /// Referrals by id; hidden and unknown ones are not among them.
    pub async fn referrals_by_id(&self, list: &[ReferralId]) -> Result<Vec<Referral>, Fault> {
        self.read_referrals(&BY_ID, vec![self.ids(list.iter().map(|r| r.0))]).await
    }

    /// A page of the referrals the viewer sees, newest first.
    pub async fn referrals(&self, state: Option<ReferralState>, slice: Slice) -> Result<Vec<Referral>, Fault> {
        let sql = if slice.backwards { &PAGE_BACK } else { &PAGE };
        let edge = if slice.backwards { Uuid::nil() } else { Uuid::max() };
        let values = vec![id(slice.key.unwrap_or(edge)), int(slice.limit), state_value(state)];
        self.read_referrals(sql, values).await
    }

    /// How many referrals the viewer sees.
    pub async fn count_referrals(&self, state: Option<ReferralState>) -> Result<i64, Fault> {
        let rows = self.rows(&COUNT, vec![id(Uuid::nil()), int(1), state_value(state)]).await?;
        rows.first().map_or(Ok(0), |row| Columns::of(row).take())
    }

    /// Of each of these clients, the newest referrals that the viewer sees.
    pub async fn referrals_of(
        &self,
        clients: &[ClientId],
        state: Option<ReferralState>,
        slice: Slice,
    ) -> Result<Vec<Referral>, Fault> {
        let values = vec![
            self.ids(clients.iter().map(|c| c.0)),
            int(slice.limit),
            state_value(state),
            id(slice.key.unwrap_or(Uuid::max())),
        ];
        self.read_referrals(&OF_CLIENTS, values).await
    }

    /// How many referrals of each of these clients the viewer sees.
    pub async fn count_referrals_of(
        &self,
        clients: &[ClientId],
        state: Option<ReferralState>,
    ) -> Result<Vec<(ClientId, i64)>, Fault> {
        let values = vec![self.ids(clients.iter().map(|c| c.0)), int(1), state_value(state)];
        let rows = self.rows(&COUNT_OF_CLIENTS, values).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok((c.id()?, c.take()?))
            })
            .collect()
    }

    /// The texts of these referrals' narratives whose categories are open.
    pub async fn narratives(&self, referrals: &[ReferralId]) -> Result<Vec<Narrative>, Fault> {
        let rows = self.rows(&NARRATIVES, vec![self.ids(referrals.iter().map(|r| r.0))]).await?;
        rows.iter().map(|row| narrative(&mut Columns::of(row))).collect()
    }

    /// One text of a narrative, with what opens its referral.
    pub async fn narrative(&self, narrative_id: NarrativeId) -> Result<Option<(Narrative, Disclosure)>, Fault> {
        let rows = self.rows(&NARRATIVE_BY_ID, vec![id(narrative_id.0)]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let mut c = Columns::of(row);
        let found = narrative(&mut c)?;
        Ok(Some((found, Disclosure::new(c.id()?, protected_grants(&mut c)?))))
    }

    /// The offers of these referrals, for the hub and the teams themselves.
    pub async fn offers(&self, referrals: &[ReferralId]) -> Result<Vec<Offer>, Fault> {
        let rows = self.rows(&OFFERS, vec![self.ids(referrals.iter().map(|r| r.0))]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok(Offer {
                    id: c.id()?,
                    referral: c.id()?,
                    team: c.id()?,
                    team_name: c.take()?,
                    organisation: c.id()?,
                    organisation_name: c.take()?,
                    organisation_implies: c.categories()?,
                    worker_name: c.take()?,
                    offered_at: c.time()?,
                    answer_reason: c.code_or_none()?,
                    answer_text: c.take()?,
                    answered_at: c.time_or_none()?,
                })
            })
            .collect()
    }

    async fn read_referrals(&self, sql: &'static Sql, values: Vec<sea_orm::Value>) -> Result<Vec<Referral>, Fault> {
        self.rows(sql, values).await?.iter().map(|row| referral(&mut Columns::of(row))).collect()
    }
}

pub(super) fn state_value(state: Option<ReferralState>) -> sea_orm::Value {
    text(state.map_or("", Coded::code))
}

fn narrative(c: &mut Columns<'_>) -> Result<Narrative, Fault> {
    Ok(Narrative {
        id: c.id()?,
        referral: c.id()?,
        category: super::client::category_of_bit(c.take()?)?,
        text: c.take()?,
        reveals_location: c.take()?,
        version: c.take()?,
    })
}

pub(super) fn referral(c: &mut Columns<'_>) -> Result<Referral, Fault> {
    let id = c.id()?;
    let client = c.id()?;
    Ok(Referral {
        id,
        client,
        organisation: c.id()?,
        organisation_name: c.take()?,
        organisation_implies: c.categories()?,
        sent_by: c.id()?,
        private_sender: c.take()?,
        state: c.code()?,
        urgency: c.code()?,
        sent_urgency: c.code()?,
        brought: c.categories()?,
        ground: c.code_or_none()?,
        outcome: c.code_or_none()?,
        outcome_text: c.take()?,
        next_step: c.take()?,
        refused_signposting: c.take()?,
        case: c.id_or_none()?,
        created_at: c.time()?,
        submitted_at: c.time_or_none()?,
        accepted_at: c.time_or_none()?,
        closed_at: c.time_or_none()?,
        version: c.take()?,
        sender_reference: c.take()?,
        disclosure: Disclosure::new(client, protected_grants(c)?),
    })
}
