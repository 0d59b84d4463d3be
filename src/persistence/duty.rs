//! The duty to refer: written, and read through the scope beside its referral.

use super::access::{ReadScope, one_body};
use super::database::Tx;
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int, text};
use super::write::{Recorded, insert};
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ClientId, OrganisationId, ReferralId};
use crate::domain::organisation_name::OrganisationKind;
use crate::domain::random::Randomness;
use crate::policy::duty::DutyFacts;

/// What there is of a duty to refer with a referral, for who is told of it.
#[derive(Clone, Debug)]
pub struct Duty {
    /// The referral.
    pub referral: ReferralId,
    /// What kind of body sent it.
    pub sender_kind: OrganisationKind,
    /// The latest duty recorded with it.
    pub record: Option<Record>,
}

/// A duty to refer that was recorded.
#[derive(Clone, Debug)]
pub struct Record {
    /// The housing authority that the person chose.
    pub authority: OrganisationId,
    /// Its name.
    pub authority_name: String,
    /// The categories that name implies (C11).
    pub authority_implies: Categories,
    /// Why the person may be homeless or threatened with it.
    pub reason: String,
    /// How they agreed.
    pub evidence: String,
    /// When they agreed.
    pub agreed_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// When the hub passed it on.
    pub passed_at: Option<Timestamp>,
    /// When the authority acknowledged it.
    pub acknowledged_at: Option<Timestamp>,
    /// The authority's reference.
    pub reference: Option<String>,
    /// When the person took it back.
    pub ended_at: Option<Timestamp>,
    /// What they said.
    pub end_reason: Option<String>,
    /// Where somebody wishes to live is for the few while contact is, and for who wrote it (C7).
    pub is_withheld: bool,
    /// The same of what was written when it was acknowledged; it is not for an organisation that the client excludes (C6).
    pub reference_is_withheld: bool,
    /// The same of what was written when it was taken back.
    pub end_is_withheld: bool,
}

impl Duty {
    /// As the rules ask.
    pub fn facts(&self) -> DutyFacts {
        let record = self.record.as_ref();
        DutyFacts {
            is_live: record.is_some_and(|d| d.ended_at.is_none()),
            is_passed: record.is_some_and(|d| d.passed_at.is_some()),
            is_acknowledged: record.is_some_and(|d| d.acknowledged_at.is_some()),
            is_withheld: record.is_some_and(|d| d.is_withheld),
        }
    }
}

/// What somebody wrote into it later is kept from others: from all but the few while contact is for them (C7), and from an organisation that the
/// client excludes, which keeps what it wrote itself (C6).
macro_rules! kept_from {
    ($by:literal, $for:literal) => {
        concat!(
            "(NOT COALESCE(",
            $by,
            " = $7 AND ",
            $for,
            " = $1, FALSE) AND (@protected(r) OR EXISTS (SELECT 1 FROM restriction x WHERE x.client_id = r.client_id \
            AND x.kind = 'OBJECTION' AND x.ended_at IS NULL AND ",
            one_body!("x.organisation_id", "$1"),
            ")))"
        )
    };
}
/// It is for the hub, for who sent the referral, and for who leads the case that it grew into.
static DUTIES: Sql = Sql::new(concat!(
    "SELECT r.id, s.kind, d.authority_id, a.name, a.implied_categories, d.reason, d.evidence, d.agreed_at, d.recorded_at, d.passed_at, \
    d.acknowledged_at, d.reference, d.ended_at, d.end_reason, (@protected(r) AND NOT (d.recorded_by = $7 AND d.recorded_for = $1)), ",
    kept_from!("d.acknowledged_by", "d.acknowledged_for"),
    ", ",
    kept_from!("d.ended_by", "d.ended_for"),
    " \
    FROM referral r JOIN organisation s ON s.id = r.organisation_id LEFT JOIN duty_to_refer d ON d.referral_id = r.id \
    AND d.id = (SELECT x.id FROM duty_to_refer x WHERE x.referral_id = r.id ORDER BY x.id DESC LIMIT 1) \
    LEFT JOIN organisation a ON a.id = d.authority_id WHERE r.id @in($8) AND EXISTS (SELECT 1 FROM access_grant g \
    WHERE g.client_id = r.client_id AND g.scope_id IN (r.id, r.case_id) \
    AND (g.basis IN ('HUB', 'HOLDER') OR (g.basis = 'REFERRER' AND NOT r.private_sender)) AND @live(g))",
));

impl ReadScope<'_> {
    /// What there is of a duty to refer with each of these referrals.
    pub async fn duties(&self, referrals: &[ReferralId]) -> Result<Vec<Duty>, Fault> {
        let rows = self.rows(&DUTIES, vec![self.ids(referrals.iter().map(|r| r.0))]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                let (referral, sender_kind) = (c.id()?, c.code()?);
                let Some(authority) = c.id_or_none()? else {
                    return Ok(Duty { referral, sender_kind, record: None });
                };
                let record = Record {
                    authority,
                    authority_name: c.take()?,
                    authority_implies: c.categories()?,
                    reason: c.take()?,
                    evidence: c.take()?,
                    agreed_at: c.time()?,
                    recorded_at: c.time()?,
                    passed_at: c.time_or_none()?,
                    acknowledged_at: c.time_or_none()?,
                    reference: c.take()?,
                    ended_at: c.time_or_none()?,
                    end_reason: c.take()?,
                    is_withheld: c.take()?,
                    reference_is_withheld: c.take()?,
                    end_is_withheld: c.take()?,
                };
                Ok(Duty { referral, sender_kind, record: Some(record) })
            })
            .collect()
    }
}

/// A duty to refer as it is written.
#[derive(Clone, Debug)]
pub struct NewDuty {
    /// With this referral.
    pub referral: ReferralId,
    /// About this client.
    pub client: ClientId,
    /// To this authority.
    pub authority: OrganisationId,
    /// Why.
    pub reason: String,
    /// How the person agreed.
    pub evidence: String,
    /// When.
    pub agreed_at: Timestamp,
}

/// Writes a duty to refer.
pub async fn record(tx: &Tx, d: &NewDuty, by: Recorded, random: &dyn Randomness) -> Result<(), Fault> {
    insert(
        tx,
        entity::duty_to_refer::Model {
            id: random.uuid_timed(by.at),
            referral_id: d.referral.0,
            client_id: d.client.0,
            authority_id: d.authority.0,
            reason: d.reason.clone(),
            evidence: d.evidence.clone(),
            agreed_at: d.agreed_at.0,
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            recorded_at: by.at.0,
            passed_by: None,
            passed_for: None,
            passed_at: None,
            acknowledged_by: None,
            acknowledged_for: None,
            acknowledged_at: None,
            reference: None,
            ended_by: None,
            ended_for: None,
            ended_at: None,
            end_reason: None,
        },
    )
    .await
}

static LIVE: Sql = Sql::new("SELECT recorded_at FROM duty_to_refer WHERE referral_id = $1 AND ended_at IS NULL");

/// When the live duty of a referral was recorded, if there is one. For writes alone.
pub async fn live_since(tx: &Tx, referral: ReferralId) -> Result<Option<Timestamp>, Fault> {
    tx.row(&LIVE, vec![id(referral.0)]).await?.map(|row| Columns::of(&row).time()).transpose()
}

static PASS: Sql = Sql::new(
    "UPDATE duty_to_refer SET passed_by = $1, passed_for = $2, passed_at = $3 \
    WHERE referral_id = $4 AND ended_at IS NULL AND passed_at IS NULL",
);
static ACKNOWLEDGE: Sql = Sql::new(
    "UPDATE duty_to_refer SET acknowledged_by = $1, acknowledged_for = $2, acknowledged_at = $5, reference = $6 \
    WHERE referral_id = $4 AND ended_at IS NULL AND passed_at <= $5 AND $5 <= $3 AND acknowledged_at IS NULL",
);
static END: Sql = Sql::new(
    "UPDATE duty_to_refer SET ended_by = $1, ended_for = $2, ended_at = $3, end_reason = $5 \
    WHERE referral_id = $4 AND ended_at IS NULL",
);

fn by_whom(referral: ReferralId, by: Recorded) -> Vec<sea_orm::Value> {
    vec![id(by.by.0), id(by.on_behalf_of.0), int(by.at.0), id(referral.0)]
}

/// Writes that the hub passed it on; false where it did before.
pub async fn pass(tx: &Tx, referral: ReferralId, by: Recorded) -> Result<bool, Fault> {
    Ok(tx.execute(&PASS, by_whom(referral, by)).await? == 1)
}

/// Writes that the authority acknowledged it, after it was passed on and by now; false otherwise.
pub async fn acknowledge(
    tx: &Tx,
    referral: ReferralId,
    at: Timestamp,
    reference: &str,
    by: Recorded,
) -> Result<bool, Fault> {
    let mut values = by_whom(referral, by);
    values.extend([int(at.0), text(reference)]);
    Ok(tx.execute(&ACKNOWLEDGE, values).await? == 1)
}

/// Writes that the person takes it back; false where they did before.
pub async fn end(tx: &Tx, referral: ReferralId, reason: &str, by: Recorded) -> Result<bool, Fault> {
    let mut values = by_whom(referral, by);
    values.push(text(reason));
    Ok(tx.execute(&END, values).await? == 1)
}
