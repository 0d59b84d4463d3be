//! Breaking the glass (C16): what stands in the way, overrides and requests written. What is read of them is in
//! [`super::emergency_read`].

use super::database::Tx;
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int, text};
use super::write::{Recorded, insert};
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::emergency::Verdict;
use crate::domain::ids::{ClientId, OrganisationId, OverrideId, OverrideRequestId, PersonId};
use crate::domain::referral::Ground;
use crate::domain::restriction::RestrictionKind;
use crate::domain::role::{Role, Roles};
use crate::domain::section::{Name, Section};
use crate::domain::tell::Tell;
use crate::policy::emergency::{Barriers, Lead, Needs, Signer};
use sea_orm::Value;

static RESTRICTIONS: Sql = Sql::new(
    "SELECT DISTINCT x.kind FROM restriction x WHERE x.client_id = $1 AND x.ended_at IS NULL AND NOT EXISTS ( \
    SELECT 1 FROM restriction_person y WHERE y.restriction_id = x.id AND y.person_id = $2)",
);
static OWED: Sql = Sql::new(
    "SELECT COUNT(*) FROM access_override WHERE person_id = $1 AND opened_at IS NOT NULL AND reviewed_at IS NULL \
    AND review_due_at <= $2",
);

/// What stands between a person and a record at a moment.
pub async fn barriers(tx: &Tx, client: ClientId, person: PersonId, now: Timestamp) -> Result<Barriers, Fault> {
    let mut barriers = Barriers::default();
    for row in &tx.rows(&RESTRICTIONS, vec![id(client.0), id(person.0)]).await? {
        match Columns::of(row).code()? {
            RestrictionKind::Sealed => barriers.sealed = true,
            RestrictionKind::ProtectedContact | RestrictionKind::ContactPreference => barriers.protected = true,
            RestrictionKind::Objection => {}
        }
    }
    let owed: i64 = match tx.row(&OWED, vec![id(person.0), int(now.0)]).await? {
        Some(row) => Columns::of(&row).take()?,
        None => 0,
    };
    barriers.unreviewed = owed > 0;
    Ok(barriers)
}

/// Memberships `m` of safeguarding leads (a mask of roles), but of those whom a client excludes, as persons or with their
/// organisation: they would read nothing of what is put before them (C6).
macro_rules! lead_memberships {
    ($mask:literal, $client:literal) => {
        concat!(
            "membership m JOIN organisation o ON o.id = m.organisation_id AND o.status = 'ACTIVE' AND o.merged_into_id IS NULL \
            WHERE m.ended_at IS NULL AND (m.roles & ",
            $mask,
            ") <> 0 AND NOT EXISTS (SELECT 1 FROM restriction x WHERE x.client_id = ",
            $client,
            " AND x.ended_at IS NULL AND x.kind = 'OBJECTION' AND (x.person_id = m.person_id OR ",
            $crate::persistence::access::one_body!("x.organisation_id", "m.organisation_id"),
            "))"
        )
    };
}
pub(super) use lead_memberships;

static LEADS: Sql = Sql::new(concat!(
    "SELECT m.person_id, m.organisation_id FROM ",
    lead_memberships!("$1", "$2"),
    " ORDER BY m.organisation_id, m.person_id"
));

/// The role of safeguarding leads.
pub(super) fn lead_mask() -> i64 {
    [Role::SafeguardingLead].into_iter().collect::<Roles>().mask()
}

/// All safeguarding leads there are, but those whom the client excludes (C6).
pub async fn leads(tx: &Tx, about: Option<ClientId>) -> Result<Vec<Lead>, Fault> {
    let client = about.map_or(uuid::Uuid::nil(), |c| c.0);
    tx.rows(&LEADS, vec![int(lead_mask()), id(client)])
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok(Lead { person: c.id()?, organisation: c.id()? })
        })
        .collect()
}

static SIGNERS: Sql = Sql::new(concat!(
    "SELECT m.person_id, m.organisation_id, EXISTS (SELECT 1 FROM team t WHERE t.organisation_id = m.organisation_id AND t.is_hub), \
    EXISTS (SELECT 1 FROM membership q WHERE q.person_id = m.person_id AND q.ended_at IS NULL AND (q.organisation_id = $3 \
    OR EXISTS (SELECT 1 FROM membership a WHERE a.person_id = $4 AND a.organisation_id = q.organisation_id \
    AND a.ended_at IS NULL))) FROM ",
    lead_memberships!("$1", "$2"),
    " ORDER BY m.organisation_id, m.person_id"
));

/// The same leads, as those who might co-sign with somebody.
pub async fn signers(tx: &Tx, about: ClientId, asker: Lead) -> Result<Vec<Signer>, Fault> {
    tx.rows(&SIGNERS, vec![int(lead_mask()), id(about.0), id(asker.organisation.0), id(asker.person.0)])
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            let lead = Lead { person: c.id()?, organisation: c.id()? };
            Ok(Signer { lead, at_hub: c.take()?, is_colleague: c.take()? })
        })
        .collect()
}

static ROLES: Sql =
    Sql::new("SELECT roles FROM membership WHERE person_id = $1 AND organisation_id = $2 AND ended_at IS NULL");

/// The roles somebody holds in an organisation now; none when they are no member.
pub async fn roles(tx: &Tx, who: Lead) -> Result<Roles, Fault> {
    match tx.row(&ROLES, vec![id(who.person.0), id(who.organisation.0)]).await? {
        Some(row) => Ok(Roles::from_mask(Columns::of(&row).take()?)),
        None => Ok(Roles::NONE),
    }
}

static OPEN_OF: Sql = Sql::new(
    "SELECT id FROM access_override WHERE client_id = $1 AND person_id = $2 AND organisation_id = $3 AND opened_at IS NOT NULL \
    AND ended_at IS NULL AND until_at > $4 ORDER BY CASE WHEN (categories & $5) = $5 THEN 0 ELSE 1 END, opened_at DESC, id DESC LIMIT 1",
);

/// The override through which somebody reads these categories of a record at a moment: of several the latest that opens them all.
pub async fn open_of(
    tx: &Tx,
    client: ClientId,
    who: Lead,
    categories: Categories,
    now: Timestamp,
) -> Result<Option<OverrideId>, Fault> {
    let values = vec![id(client.0), id(who.person.0), id(who.organisation.0), int(now.0), int(categories.mask())];
    tx.row(&OPEN_OF, values).await?.map(|row| Columns::of(&row).id()).transpose()
}

/// What an override is asked with.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Which categories.
    pub categories: Categories,
    /// The coded ground.
    pub ground: Ground,
    /// Why, in words.
    pub reason: String,
    /// For how many hours.
    pub hours: i64,
}

/// An override about to be written.
#[derive(Clone, Debug)]
pub struct NewOverride {
    /// Its id.
    pub id: OverrideId,
    /// On whose record.
    pub client: ClientId,
    /// The request it comes from.
    pub request: Option<OverrideRequestId>,
    /// Who asked.
    pub asker: Lead,
    /// What for.
    pub wanted: Wanted,
    /// What a co-signature is needed for.
    pub needs: Needs,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Until when it waits.
    pub lapses_at: Timestamp,
    /// When it opens, until when, and by when it is to be reviewed; none while it waits.
    pub opens: Option<Opening>,
}

/// The times of an open override.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// From when.
    pub at: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// By when it is to be reviewed.
    pub review_due: Timestamp,
}

/// Writes an override.
pub async fn record(tx: &Tx, o: &NewOverride) -> Result<(), Fault> {
    insert(
        tx,
        entity::access_override::Model {
            id: o.id.0,
            client_id: o.client.0,
            request_id: o.request.map(|r| r.0),
            person_id: o.asker.person.0,
            organisation_id: o.asker.organisation.0,
            categories: o.wanted.categories.mask(),
            ground: o.wanted.ground.code().into(),
            reason: o.wanted.reason.clone(),
            hours: o.wanted.hours,
            asked_at: o.asked_at.0,
            needs_passes: o.needs.passes,
            needs_review: o.needs.unreviewed,
            lapses_at: o.lapses_at.0,
            passes: 0,
            opened_at: o.opens.map(|t| t.at.0),
            until_at: o.opens.map(|t| t.until.0),
            ended_at: None,
            cosigned_by: None,
            cosigned_for: None,
            cosigned_at: None,
            review_due_at: o.opens.map(|t| t.review_due.0),
            escalated_at: None,
            reviewed_by: None,
            reviewed_for: None,
            reviewed_at: None,
            verdict: None,
            review_reason: None,
            tell: None,
            withheld_until: None,
            withheld_because: None,
            version: 1,
        },
    )
    .await
}

static GIVE: Sql = Sql::new(
    "INSERT INTO override_task (override_id, client_id, person_id, organisation_id, given_at, done_at) \
    VALUES ($1, $2, $3, $4, $5, NULL) ON CONFLICT (override_id, person_id, organisation_id) DO NOTHING",
);

/// Gives leads the task to look at an override; who has it already keeps it.
pub async fn give(tx: &Tx, o: OverrideId, client: ClientId, to: &[Lead], at: Timestamp) -> Result<(), Fault> {
    for lead in to {
        let values = vec![id(o.0), id(client.0), id(lead.person.0), id(lead.organisation.0), int(at.0)];
        tx.execute(&GIVE, values).await?;
    }
    Ok(())
}

static DONE: Sql = Sql::new("UPDATE override_task SET done_at = $1 WHERE override_id = $2 AND done_at IS NULL");

/// Closes the task of every lead.
pub async fn done(tx: &Tx, o: OverrideId, at: Timestamp) -> Result<(), Fault> {
    tx.execute(&DONE, vec![int(at.0), id(o.0)]).await.map(|_| ())
}

static COSIGN: Sql = Sql::new(
    "UPDATE access_override SET cosigned_by = $1, cosigned_for = $2, cosigned_at = $3, passes = needs_passes, opened_at = $3, \
    until_at = $4, review_due_at = $5, version = version + 1 WHERE id = $6 AND version = $7",
);

/// Co-signs and thereby opens it, if it still has the version.
pub async fn cosign(tx: &Tx, o: OverrideId, version: i64, opens: Opening, by: Recorded) -> Result<bool, Fault> {
    let values = vec![
        id(by.by.0),
        id(by.on_behalf_of.0),
        int(opens.at.0),
        int(opens.until.0),
        int(opens.review_due.0),
        id(o.0),
        int(version),
    ];
    Ok(tx.execute(&COSIGN, values).await? == 1)
}

/// A review.
#[derive(Clone, Debug)]
pub struct Review {
    /// What was found.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Whether the client is told.
    pub tell: Tell,
    /// Not before which day, and why.
    pub withheld: Option<(String, String)>,
}

static REVIEW: Sql = Sql::new(
    "UPDATE access_override SET reviewed_by = $1, reviewed_for = $2, reviewed_at = $3, verdict = $4, review_reason = $5, \
    tell = $6, withheld_until = $7, withheld_because = $8, ended_at = COALESCE(ended_at, $9), version = version + 1 \
    WHERE id = $10 AND version = $11 AND reviewed_at IS NULL",
);

/// Writes a review, if the override still has the version; what was not justified ends.
pub async fn review(tx: &Tx, o: OverrideId, version: i64, r: &Review, by: Recorded) -> Result<bool, Fault> {
    let (until, because) = r.withheld.clone().unzip();
    let values = vec![
        id(by.by.0),
        id(by.on_behalf_of.0),
        int(by.at.0),
        text(r.verdict.code()),
        text(r.reason.clone()),
        text(r.tell.code()),
        Value::String(until),
        Value::String(because),
        Value::BigInt((r.verdict == Verdict::NotJustified).then_some(by.at.0)),
        id(o.0),
        int(version),
    ];
    Ok(tx.execute(&REVIEW, values).await? == 1)
}

static END: Sql = Sql::new(
    "UPDATE access_override SET ended_at = $1, version = version + 1 WHERE id = $2 AND version = $3 AND ended_at IS NULL",
);

/// Ends it, if it still has the version.
pub async fn end(tx: &Tx, o: OverrideId, version: i64, at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&END, vec![int(at.0), id(o.0), int(version)]).await? == 1)
}

static ESCALATED: Sql = Sql::new(
    "UPDATE access_override SET escalated_at = $1, version = version + 1 WHERE id = $2 AND escalated_at IS NULL \
    AND reviewed_at IS NULL",
);

/// Notes that it was escalated; `false` when it was already, or was reviewed meanwhile.
pub async fn escalated(tx: &Tx, o: OverrideId, at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&ESCALATED, vec![int(at.0), id(o.0)]).await? == 1)
}

static LAPSED: Sql = Sql::new(
    "UPDATE access_override SET ended_at = $1, version = version + 1 WHERE id = $2 AND opened_at IS NULL AND ended_at IS NULL",
);

/// Ends one that nobody co-signed; `false` when somebody did meanwhile.
pub async fn lapsed(tx: &Tx, o: OverrideId, at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&LAPSED, vec![int(at.0), id(o.0)]).await? == 1)
}

static LOCK_PERSON: Sql = Sql::new("SELECT id FROM person WHERE id = $1 @lock");
static TRIES: Sql = Sql::new("SELECT COUNT(*) FROM override_request WHERE person_id = $1 AND asked_on = $2");

/// How many requests a person made on a day in London; nobody else counts theirs until this transaction ends.
pub async fn tries(tx: &Tx, person: PersonId, day: &str) -> Result<i64, Fault> {
    tx.row(&LOCK_PERSON, vec![id(person.0)]).await?;
    tx.row(&TRIES, vec![id(person.0), text(day)]).await?.map_or(Ok(0), |row| Columns::of(&row).take())
}

/// A request about to be written.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// Its id.
    pub id: OverrideRequestId,
    /// Given names, as asked.
    pub given: String,
    /// Family name, as asked.
    pub family: String,
    /// Date of birth.
    pub birth: String,
    /// What for.
    pub wanted: Wanted,
    /// The day in London.
    pub day: String,
}

/// Writes a request.
pub async fn request(tx: &Tx, r: &NewRequest, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::override_request::Model {
            id: r.id.0,
            person_id: by.by.0,
            organisation_id: by.on_behalf_of.0,
            given_name: r.given.clone(),
            family_name: r.family.clone(),
            date_of_birth: r.birth.clone(),
            categories: r.wanted.categories.mask(),
            ground: r.wanted.ground.code().into(),
            reason: r.wanted.reason.clone(),
            hours: r.wanted.hours,
            asked_at: by.at.0,
            asked_on: r.day.clone(),
            matched_at: None,
        },
    )
    .await
}

/// A request to be matched.
#[derive(Clone, Debug)]
pub struct Unmatched {
    /// The request.
    pub id: OverrideRequestId,
    /// Who asked.
    pub asker: Lead,
    /// Given names, as asked.
    pub given: String,
    /// Family name, as asked.
    pub family: String,
    /// Date of birth.
    pub birth: String,
    /// What for.
    pub wanted: Wanted,
    /// When.
    pub asked_at: Timestamp,
}

static CLAIM: Sql = Sql::new(
    "SELECT id, person_id, organisation_id, given_name, family_name, date_of_birth, categories, ground, reason, hours, asked_at \
    FROM override_request WHERE matched_at IS NULL AND id > $1 ORDER BY id LIMIT 1 @skip_locked",
);

/// The next request to be matched, held by this transaction; others pass over it.
pub async fn claim(tx: &Tx, after: OverrideRequestId) -> Result<Option<Unmatched>, Fault> {
    let row = tx.row(&CLAIM, vec![id(after.0)]).await?;
    row.map(|row| {
        let mut c = Columns::of(&row);
        Ok(Unmatched {
            id: c.id()?,
            asker: Lead { person: c.id()?, organisation: c.id()? },
            given: c.take()?,
            family: c.take()?,
            birth: c.take()?,
            wanted: Wanted { categories: c.categories()?, ground: c.code()?, reason: c.take()?, hours: c.take()? },
            asked_at: c.time()?,
        })
    })
    .transpose()
}

static MATCHED: Sql = Sql::new("UPDATE override_request SET matched_at = $1 WHERE id = $2");

/// Notes that a request was matched, whatever came of it.
pub async fn matched(tx: &Tx, request: OverrideRequestId, at: Timestamp) -> Result<(), Fault> {
    tx.execute(&MATCHED, vec![int(at.0), id(request.0)]).await.map(|_| ())
}

/// Records whose latest date of birth is this one, with their latest name, what was recorded of others left out (C9); drafts that were never sent are nobody's record yet,
/// and for a person whom the client excludes there is none (C6).
static CANDIDATES: Sql = Sql::new(
    "WITH latest AS (SELECT e.client_id, e.category, e.body, e.search_key, row_number() OVER ( \
    PARTITION BY e.client_id, e.category ORDER BY e.recorded_at DESC, e.id DESC) AS place FROM client_entry e \
    WHERE e.category IN ('NAME', 'BIRTH') AND e.replaced_at IS NULL AND NOT e.third_party AND e.client_id IN ( \
    SELECT b.client_id FROM client_entry b WHERE b.category = 'BIRTH' AND b.search_key = $1 AND NOT b.third_party)) \
    SELECT n.client_id, n.body FROM latest n JOIN latest b ON b.client_id = n.client_id AND b.category = 'BIRTH' \
    AND b.place = 1 AND b.search_key = $1 WHERE n.category = 'NAME' AND n.place = 1 \
    AND EXISTS (SELECT 1 FROM referral r WHERE r.client_id = n.client_id AND r.submitted_at IS NOT NULL) \
    AND NOT EXISTS (SELECT 1 FROM restriction x WHERE x.client_id = n.client_id AND x.ended_at IS NULL \
    AND x.kind = 'OBJECTION' AND x.person_id = $2) ORDER BY n.client_id",
);

/// Records of this date of birth with the name they are kept under. For matching after the commit alone: it passes the ledger,
/// and nothing of it is shown (C15).
pub async fn candidates(tx: &Tx, birth: &str, asker: PersonId) -> Result<Vec<(ClientId, Name)>, Fault> {
    let mut found = Vec::new();
    for row in &tx.rows(&CANDIDATES, vec![text(birth), id(asker.0)]).await? {
        let mut c = Columns::of(row);
        let client = c.id()?;
        if let Section::Name(name) = serde_json::from_str(&c.take::<String>()?)? {
            found.push((client, name));
        }
    }
    Ok(found)
}

/// An override on which something is due.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    /// The override.
    pub id: OverrideId,
    /// On whose record.
    pub client: ClientId,
    /// Who asked.
    pub asker: Lead,
}

static UNREVIEWED: Sql = Sql::new(
    "SELECT id, client_id, person_id, organisation_id FROM access_override WHERE opened_at IS NOT NULL AND reviewed_at IS NULL \
    AND escalated_at IS NULL AND review_due_at <= $1 ORDER BY review_due_at, id LIMIT 500",
);
static WAITED: Sql = Sql::new(
    "SELECT id, client_id, person_id, organisation_id FROM access_override WHERE opened_at IS NULL AND ended_at IS NULL \
    AND lapses_at <= $1 ORDER BY lapses_at, id LIMIT 500",
);

async fn due(database: &super::database::Database, sql: &'static Sql, now: Timestamp) -> Result<Vec<Due>, Fault> {
    database
        .rows(sql, vec![int(now.0)])
        .await?
        .iter()
        .map(|row| {
            let mut c = Columns::of(row);
            Ok(Due {
                id: c.id()?,
                client: c.id()?,
                asker: Lead { person: c.id()?, organisation: OrganisationId(c.take()?) },
            })
        })
        .collect()
}

/// Overrides that nobody reviewed in time and that were not escalated yet.
pub async fn unreviewed(database: &super::database::Database, now: Timestamp) -> Result<Vec<Due>, Fault> {
    due(database, &UNREVIEWED, now).await
}

/// Overrides that waited in vain.
pub async fn waited(database: &super::database::Database, now: Timestamp) -> Result<Vec<Due>, Fault> {
    due(database, &WAITED, now).await
}
