//! The access ledger as a projection: facts read, difference applied, ledger checked (C2).

use super::database::{Database, Tx};
use super::fault::Fault;
use super::legal_gateway;
use super::retention;
use super::sql::{Columns, Sql, id, ids, int};
use super::write::insert;
use crate::domain::category::Categories;
use crate::domain::clock::{self, Timestamp};
use crate::domain::code::Coded;
use crate::domain::consent::Purposes;
use crate::domain::ids::{ClientId, ConsentId, OrganisationId, TypedId};
use crate::domain::random::Randomness;
use crate::policy::coverage::{ConsentFacts, OF_AGE, WithdrawalFacts};
use crate::policy::emergency::{Lead, Needs, OverrideFacts, Standing, TaskFacts, standing_passes};
use crate::policy::grants::{
    AuthorFacts, CaseFacts, Facts, Grant, MemberFacts, ObjectionFacts, OfferFacts, ReferralFacts, TeamFacts, project,
};
use crate::policy::lives::{CompetenceFacts, ProxyFacts, authority};
use std::collections::BTreeSet;
use uuid::Uuid;

static LOCK: Sql = Sql::new("SELECT id, died_on FROM client WHERE id = $1 @lock");
static LOCK_ALL: Sql = Sql::new("SELECT id FROM client WHERE id @in($1) ORDER BY id @lock");
static HUBS: Sql = Sql::new("SELECT organisation_id, id FROM team WHERE is_hub ORDER BY id");
static REFERRALS: Sql = Sql::new(
    "SELECT id, organisation_id, sent_by, private_sender, contact_request, state, brought, created_at, submitted_at, left_hub_at, \
    closed_at FROM referral WHERE client_id = $1 ORDER BY id",
);
static OFFERS: Sql = Sql::new(
    "SELECT id, referral_id, organisation_id, team_id, refuses, offered_at, answered_at FROM referral_offer \
    WHERE client_id = $1 ORDER BY id",
);
static CASES: Sql = Sql::new(
    "SELECT id, lead_organisation_id, lead_team_id, opened_at, closed_at FROM shared_case WHERE client_id = $1 ORDER BY id",
);
static MEMBERS: Sql = Sql::new(
    "SELECT id, case_id, organisation_id, team_id, agreed, joined_at, left_at FROM case_member WHERE client_id = $1 ORDER BY id",
);
static CONSENTS: Sql = Sql::new(
    "SELECT c.id, c.all_partners, c.purposes, c.categories, c.recorded_at, c.given_at, c.expires_at, \
    (c.referral_id IS NOT NULL AND f.submitted_at IS NULL), (COALESCE(f.contact_request, FALSE) OR EXISTS ( \
    SELECT 1 FROM referral q WHERE q.client_id = c.client_id AND q.contact_request AND q.sent_by = c.recorded_by)), c.given_by, x.kind, x.starts_at, \
    x.until_at, x.ended_at, x.excluded_at, r.organisation_id FROM consent c JOIN consent_recipient r ON r.consent_id = c.id \
    LEFT JOIN referral f ON f.id = c.referral_id LEFT JOIN proxy x ON x.id = c.proxy_id WHERE c.client_id = $1 ORDER BY c.id, r.organisation_id",
);
static WITHDRAWALS: Sql = Sql::new(
    "SELECT w.id, w.categories, w.recorded_at, r.organisation_id FROM consent_withdrawal w \
    JOIN consent_withdrawal_recipient r ON r.withdrawal_id = w.id WHERE w.client_id = $1 ORDER BY w.id, r.organisation_id",
);
static OVERRIDES: Sql = Sql::new(
    "SELECT v.id, v.asked_at, v.categories, v.passes, EXISTS (SELECT 1 FROM restriction s WHERE s.client_id = v.client_id \
    AND s.ended_at IS NULL AND s.kind = 'SEALED' AND s.recorded_at > v.cosigned_at), EXISTS (SELECT 1 FROM restriction s \
    WHERE s.client_id = v.client_id AND s.ended_at IS NULL AND s.kind IN ('PROTECTED_CONTACT', 'CONTACT_PREFERENCE') \
    AND s.recorded_at > v.cosigned_at), v.person_id, v.organisation_id, v.needs_passes, v.needs_review, v.lapses_at, v.opened_at, \
    v.until_at, v.ended_at, v.cosigned_by, v.reviewed_at IS NOT NULL FROM access_override v WHERE v.client_id = $1 ORDER BY v.id",
);
static OVERRIDE_TASKS: Sql = Sql::new(
    "SELECT override_id, person_id, organisation_id, given_at, done_at FROM override_task WHERE client_id = $1 \
    ORDER BY override_id, organisation_id, person_id",
);
/// Whose own items there are. An entry that came with a referral is the referral's, which joins to neither table.
static AUTHORS: Sql = Sql::new(
    "SELECT COALESCE(t.organisation_id, o.id), t.id, MIN(i.at) FROM ( \
    SELECT owner_id, recorded_at AS at FROM client_entry WHERE client_id = $1 \
    UNION ALL SELECT owner_id, recorded_at FROM case_note WHERE client_id = $1 \
    UNION ALL SELECT owner_id, recorded_at FROM signpost WHERE client_id = $1 \
    UNION ALL SELECT owner_id, recorded_at FROM consent WHERE client_id = $1 \
    UNION ALL SELECT owner_id, recorded_at FROM proxy WHERE client_id = $1 \
    UNION ALL SELECT owner_id, recorded_at FROM competence WHERE client_id = $1 \
    UNION ALL SELECT owner_id, recorded_at FROM lawful_basis WHERE client_id = $1 \
    UNION ALL SELECT owner_id, recorded_at FROM legal_gateway WHERE client_id = $1 \
    UNION ALL SELECT owner_id, recorded_at FROM outward_disclosure WHERE client_id = $1 \
    UNION ALL SELECT lead_organisation_id, opened_at FROM shared_case WHERE client_id = $1) i \
    LEFT JOIN team t ON t.id = i.owner_id LEFT JOIN organisation o ON o.id = i.owner_id \
    WHERE t.id IS NOT NULL OR o.id IS NOT NULL GROUP BY COALESCE(t.organisation_id, o.id), t.id ORDER BY 1, 2",
);
static OBJECTIONS: Sql = Sql::new(
    "SELECT organisation_id, recorded_at, ended_at FROM restriction WHERE client_id = $1 AND kind = 'OBJECTION' \
    AND organisation_id IS NOT NULL ORDER BY recorded_at, id",
);
/// Dates of birth as they stand, the earliest: who may be of age already is taken to be (C3).
static BORN: Sql = Sql::new(
    "SELECT MIN(search_key) FROM client_entry WHERE client_id = $1 AND category = 'BIRTH' AND replaced_at IS NULL \
    AND NOT third_party",
);
static COMPETENT: Sql = Sql::new("SELECT MIN(assessed_at), MIN(recorded_at) FROM competence WHERE client_id = $1");
static LIVE: Sql = Sql::new(
    "SELECT id, organisation_id, team_id, person_id, holder_id, basis, basis_bit, categories, scope, scope_id, opens_client, names_until, \
    passes, purpose, starts_at, until_at, source_kind, source_id FROM access_grant WHERE client_id = $1 AND ended_at IS NULL",
);
static END: Sql = Sql::new("UPDATE access_grant SET ended_at = $1 WHERE ended_at IS NULL AND id @in($2)");
static CLIENTS: Sql = Sql::new("SELECT id FROM client WHERE id > $1 ORDER BY id LIMIT 500");

/// A row of the ledger, comparable with what the projection calls for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    organisation: Uuid,
    team: Option<Uuid>,
    person: Option<Uuid>,
    /// What the statements match a viewer with: derived, and compared like the rest.
    holder: Uuid,
    basis: String,
    /// What the statements match a viewer's roles with: derived, and compared like the rest.
    basis_bit: i64,
    categories: i64,
    scope: String,
    scope_id: Uuid,
    opens_client: bool,
    names_until: i64,
    passes: i64,
    purpose: String,
    starts_at: i64,
    until_at: i64,
    source_kind: String,
    source_id: Uuid,
}

impl Row {
    fn of(g: &Grant) -> Self {
        Self {
            organisation: g.organisation.0,
            team: g.team.map(|t| t.0),
            person: g.person.map(|p| p.0),
            holder: g.person.map(|p| p.0).or(g.team.map(|t| t.0)).unwrap_or(g.organisation.0),
            basis: g.basis.code().to_owned(),
            basis_bit: g.basis.bit(),
            categories: g.categories.mask(),
            scope: g.scope.code().to_owned(),
            scope_id: g.scope_id,
            opens_client: g.opens_client,
            names_until: g.names_until.0,
            passes: g.passes,
            purpose: g.purpose.to_owned(),
            starts_at: g.starts_at.0,
            until_at: g.until_at.0,
            source_kind: g.source_kind.to_owned(),
            source_id: g.source_id,
        }
    }
}

/// Locks several clients in one order, so that no two writes wait for each other.
pub async fn lock_all(tx: &Tx, clients: &[ClientId]) -> Result<(), Fault> {
    tx.rows(&LOCK_ALL, vec![ids(tx.backend(), clients.iter().map(|c| c.0))]).await.map(|_| ())
}

/// Locks the client, so that no other write about them goes on meanwhile; tells whether there is one.
pub async fn lock(tx: &Tx, client: ClientId) -> Result<bool, Fault> {
    Ok(tx.row(&LOCK, vec![id(client.0)]).await?.is_some())
}

/// All documents about one client that grants follow from.
pub async fn facts(tx: &Tx, client: ClientId) -> Result<Facts, Fault> {
    let of = || vec![id(client.0)];
    let died_on = match tx.row(&LOCK, of()).await? {
        Some(row) => row.try_get_by_index::<Option<String>>(1)?,
        None => None,
    };
    let died_at = died_on.and_then(|d| clock::parse_date(&d)).and_then(|d| d.and_hms_opt(0, 0, 0));
    let mut facts = Facts {
        client,
        died_at: died_at.map(|t| Timestamp(t.and_utc().timestamp_micros())),
        hubs: Vec::new(),
        referrals: Vec::new(),
        offers: Vec::new(),
        cases: Vec::new(),
        members: Vec::new(),
        consents: Vec::new(),
        withdrawals: Vec::new(),
        authors: Vec::new(),
        overrides: Vec::new(),
        gateways: legal_gateway::facts(tx, client).await?,
        keeping: Vec::new(),
        objections: Vec::new(),
    };
    for row in &tx.rows(&HUBS, Vec::new()).await? {
        let mut c = Columns::of(row);
        facts.hubs.push(TeamFacts { organisation: c.id()?, team: c.id()? });
    }
    for row in &tx.rows(&REFERRALS, of()).await? {
        let mut c = Columns::of(row);
        facts.referrals.push(ReferralFacts {
            id: c.id()?,
            organisation: c.id()?,
            sent_by: c.id()?,
            private_sender: c.take()?,
            contact_request: c.take()?,
            state: c.code()?,
            brought: c.categories()?,
            created_at: c.time()?,
            submitted_at: c.time_or_none()?,
            left_hub_at: c.time_or_none()?,
            closed_at: c.time_or_none()?,
        });
    }
    for row in &tx.rows(&OFFERS, of()).await? {
        let mut c = Columns::of(row);
        facts.offers.push(OfferFacts {
            id: c.id()?,
            referral: c.id()?,
            to: TeamFacts { organisation: c.id()?, team: c.id()? },
            refuses: c.categories()?,
            offered_at: c.time()?,
            answered_at: c.time_or_none()?,
        });
    }
    for row in &tx.rows(&CASES, of()).await? {
        let mut c = Columns::of(row);
        facts.cases.push(CaseFacts {
            id: c.id()?,
            lead: TeamFacts { organisation: c.id()?, team: c.id()? },
            opened_at: c.time()?,
            closed_at: c.time_or_none()?,
        });
    }
    for row in &tx.rows(&MEMBERS, of()).await? {
        let mut c = Columns::of(row);
        facts.members.push(MemberFacts {
            id: c.id()?,
            case: c.id()?,
            who: TeamFacts { organisation: c.id()?, team: c.id()? },
            agreed: c.categories()?,
            joined_at: c.time()?,
            left_at: c.time_or_none()?,
        });
    }
    consents(tx, client, &mut facts).await?;
    for row in &tx.rows(&AUTHORS, of()).await? {
        let mut c = Columns::of(row);
        facts.authors.push(AuthorFacts { organisation: c.id()?, hub_team: c.id_or_none()?, first_at: c.time()? });
    }
    let keepers = facts.referrals.iter().map(|r| r.organisation).chain(facts.authors.iter().map(|a| a.organisation));
    facts.keeping = retention::keeping(tx, client, keepers.collect::<BTreeSet<_>>()).await?;
    for row in &tx.rows(&OBJECTIONS, of()).await? {
        let mut c = Columns::of(row);
        facts.objections.push(ObjectionFacts {
            organisation: c.id()?,
            since: c.time()?,
            lifted_at: c.time_or_none()?,
        });
    }
    overrides(tx, client, &mut facts).await?;
    Ok(facts)
}

async fn overrides(tx: &Tx, client: ClientId, facts: &mut Facts) -> Result<(), Fault> {
    for row in &tx.rows(&OVERRIDES, vec![id(client.0)]).await? {
        let mut c = Columns::of(row);
        facts.overrides.push(OverrideFacts {
            id: c.id()?,
            asked_at: c.time()?,
            categories: c.categories()?,
            passes: standing_passes(c.take()?, c.take()?, c.take()?),
            standing: Standing {
                asker: Lead { person: c.id()?, organisation: c.id()? },
                needs: Needs { passes: c.take()?, unreviewed: c.take()? },
                lapses_at: c.time()?,
                opened_at: c.time_or_none()?,
                until_at: c.time_or_none()?,
                ended_at: c.time_or_none()?,
                cosigned_by: c.id_or_none()?,
                reviewed: c.take()?,
            },
            tasks: Vec::new(),
        });
    }
    if facts.overrides.is_empty() {
        return Ok(());
    }
    for row in &tx.rows(&OVERRIDE_TASKS, vec![id(client.0)]).await? {
        let mut c = Columns::of(row);
        let of = c.id()?;
        let task = TaskFacts {
            lead: Lead { person: c.id()?, organisation: c.id()? },
            given_at: c.time()?,
            done_at: c.time_or_none()?,
        };
        if let Some(o) = facts.overrides.iter_mut().find(|o| o.id == of) {
            o.tasks.push(task);
        }
    }
    Ok(())
}

/// When the client is of age.
async fn of_age_at(tx: &Tx, client: ClientId) -> Result<Option<Timestamp>, Fault> {
    let born: Option<String> = match tx.row(&BORN, vec![id(client.0)]).await? {
        Some(row) => row.try_get_by_index(0)?,
        None => None,
    };
    let midnight = born.as_deref().and_then(clock::parse_date).and_then(|d| d.and_hms_opt(0, 0, 0));
    Ok(midnight.map(|t| Timestamp(t.and_utc().timestamp_micros()).plus_years(OF_AGE)))
}

/// Since when the client is competent, if anybody recorded it (C3).
async fn competent(tx: &Tx, client: ClientId) -> Result<Option<CompetenceFacts>, Fault> {
    let Some(row) = tx.row(&COMPETENT, vec![id(client.0)]).await? else { return Ok(None) };
    let mut c = Columns::of(&row);
    let (assessed_at, recorded_at) = (c.time_or_none()?, c.time_or_none()?);
    let both = assessed_at.zip(recorded_at);
    Ok(both.map(|(assessed_at, recorded_at)| CompetenceFacts { assessed_at, recorded_at }))
}

/// The proxy behind a consent.
fn proxy(c: &mut Columns<'_>) -> Result<Option<ProxyFacts>, Fault> {
    let Some(kind) = c.code_or_none()? else {
        c.skip(4);
        return Ok(None);
    };
    let (starts_at, until_at) = (c.time()?, c.time()?);
    Ok(Some(ProxyFacts { kind, starts_at, until_at, ended_at: c.time_or_none()?, excluded_at: c.time_or_none()? }))
}

async fn consents(tx: &Tx, client: ClientId, facts: &mut Facts) -> Result<(), Fault> {
    let (of_age_at, competent) = (of_age_at(tx, client).await?, competent(tx, client).await?);
    for row in &tx.rows(&CONSENTS, vec![id(client.0)]).await? {
        let mut c = Columns::of(row);
        let consent: ConsentId = c.id()?;
        let mut read = ConsentFacts {
            id: consent,
            recipients: Vec::new(),
            all_partners: c.take()?,
            purposes: Purposes::from_mask(c.take()?),
            categories: c.categories()?,
            recorded_at: c.time()?,
            given_at: c.time()?,
            expires_at: c.time()?,
            draft: c.take()?,
            hearsay: c.take()?,
            lapses_at: Timestamp::NEVER,
            ended_at: None,
        };
        let given_by = c.code()?;
        let lasts = authority(given_by, proxy(&mut c)?, of_age_at, competent);
        (read.lapses_at, read.ended_at) = (lasts.lapses_at, lasts.ended_at);
        let recipient: OrganisationId = c.id()?;
        if facts.consents.last().is_none_or(|l| l.id != consent) {
            facts.consents.push(read);
        }
        if let Some(last) = facts.consents.last_mut() {
            last.recipients.push(recipient);
        }
    }
    let mut last_id = None;
    for row in &tx.rows(&WITHDRAWALS, vec![id(client.0)]).await? {
        let mut c = Columns::of(row);
        let withdrawal: Uuid = c.take()?;
        let (categories, recorded_at): (Categories, Timestamp) = (c.categories()?, c.time()?);
        let recipient: OrganisationId = c.id()?;
        if last_id != Some(withdrawal) {
            facts.withdrawals.push(WithdrawalFacts { recipients: Vec::new(), categories, recorded_at });
            last_id = Some(withdrawal);
        }
        if let Some(last) = facts.withdrawals.last_mut() {
            last.recipients.push(recipient);
        }
    }
    Ok(())
}

async fn live(tx: &Tx, client: ClientId) -> Result<Vec<(Uuid, Row)>, Fault> {
    tx.rows(&LIVE, vec![id(client.0)])
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            let grant = c.take()?;
            Ok((
                grant,
                Row {
                    organisation: c.take()?,
                    team: c.take()?,
                    person: c.take()?,
                    holder: c.take()?,
                    basis: c.take()?,
                    basis_bit: c.take()?,
                    categories: c.take()?,
                    scope: c.take()?,
                    scope_id: c.take()?,
                    opens_client: c.take()?,
                    names_until: c.take()?,
                    passes: c.take()?,
                    purpose: c.take()?,
                    starts_at: c.take()?,
                    until_at: c.take()?,
                    source_kind: c.take()?,
                    source_id: c.take()?,
                },
            ))
        })
        .collect()
}

/// Projects the client's documents as they now stand in the transaction and applies the difference to the ledger.
/// The client must be locked.
pub async fn apply(tx: &Tx, client: ClientId, now: Timestamp, random: &dyn Randomness) -> Result<(), Fault> {
    let wanted: BTreeSet<Row> = project(&facts(tx, client).await?).iter().map(Row::of).collect();
    let mut kept = BTreeSet::new();
    let mut ended = Vec::new();
    for (grant, row) in live(tx, client).await? {
        if !wanted.contains(&row) || !kept.insert(row) {
            ended.push(grant);
        }
    }
    if !ended.is_empty() {
        tx.execute(&END, vec![int(now.0), ids(tx.backend(), ended)]).await?;
    }
    for row in wanted.difference(&kept) {
        insert(
            tx,
            entity::access_grant::Model {
                id: random.uuid_timed(now),
                client_id: client.0,
                organisation_id: row.organisation,
                team_id: row.team,
                person_id: row.person,
                holder_id: row.holder,
                basis: row.basis.clone(),
                basis_bit: row.basis_bit,
                categories: row.categories,
                scope: row.scope.clone(),
                scope_id: row.scope_id,
                opens_client: row.opens_client,
                names_until: row.names_until,
                purpose: row.purpose.clone(),
                starts_at: row.starts_at,
                until_at: row.until_at,
                ended_at: None,
                source_kind: row.source_kind.clone(),
                source_id: row.source_id,
                created_at: now.0,
                passes: row.passes,
                // The database marks it.
                restricted: false,
            },
        )
        .await?;
    }
    Ok(())
}

/// A difference between the ledger and what the documents call for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// About whom.
    pub client: ClientId,
    /// Grants in the ledger that no document calls for.
    pub unfounded: usize,
    /// Grants that documents call for and the ledger lacks.
    pub missing: usize,
    /// The bases concerned.
    pub bases: BTreeSet<String>,
}

static WRONG_MARKS: Sql = Sql::new(
    "SELECT COUNT(*) FROM access_grant g WHERE g.ended_at IS NULL AND g.restricted <> (EXISTS (SELECT 1 FROM restriction x \
    WHERE x.client_id = g.client_id AND x.ended_at IS NULL))",
);

/// Grants whose mark does not say whether a restriction stands on their client: a seal would be passed over where it is lost, and
/// protected contact shown where a single client is read.
pub async fn wrong_marks(database: &Database) -> Result<i64, Fault> {
    let row = database.row(&WRONG_MARKS, Vec::new()).await?;
    row.map_or(Ok(0), |row| Columns::of(&row).take())
}

/// Compares the whole ledger with the projection, client by client, each in a transaction of its own; tells how many
/// clients were compared, and every difference.
pub async fn check(database: &Database) -> Result<(usize, Vec<Difference>), Fault> {
    let mut found = Vec::new();
    let mut compared = 0;
    let mut after = Uuid::nil();
    loop {
        let rows = database.rows(&CLIENTS, vec![id(after)]).await?;
        if rows.is_empty() {
            return Ok((compared, found));
        }
        for row in &rows {
            after = row.try_get_by_index(0)?;
            compared += 1;
            let client = ClientId::from_uuid(after);
            let tx = database.begin().await?;
            lock(&tx, client).await?;
            let wanted: BTreeSet<Row> = project(&facts(&tx, client).await?).iter().map(Row::of).collect();
            let there: Vec<Row> = live(&tx, client).await?.into_iter().map(|(_, row)| row).collect();
            tx.rollback().await?;
            let set: BTreeSet<Row> = there.iter().cloned().collect();
            let unfounded = set.difference(&wanted).count() + there.len() - set.len();
            let missing = wanted.difference(&set).count();
            if unfounded + missing > 0 {
                let bases = set.symmetric_difference(&wanted).map(|r| r.basis.clone()).collect();
                found.push(Difference { client, unfounded, missing, bases });
            }
        }
    }
}
