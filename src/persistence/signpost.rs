//! Signposts, through the ledger.

use super::access::{ReadScope, live_grant};
use super::fault::Fault;
use super::sql::{Columns, Sql};
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{CaseId, ClientId, OrganisationId, ReferralId, ServiceId, SignpostId};
use crate::domain::signpost::{Channel, FollowUp, Told};
use crate::policy::disclosure::Disclosure;
use uuid::Uuid;

/// A signpost, with what opens it.
#[derive(Clone, Debug)]
pub struct Signpost {
    /// The signpost.
    pub id: SignpostId,
    /// Who was pointed.
    pub client: ClientId,
    /// On which referral.
    pub referral: Option<ReferralId>,
    /// On which case.
    pub case: Option<CaseId>,
    /// The case that its referral grew into.
    pub grew_into: Option<CaseId>,
    /// Where to.
    pub service: ServiceId,
    /// The service's name.
    pub service_name: String,
    /// Who offers it.
    pub organisation: OrganisationId,
    /// Its name.
    pub organisation_name: String,
    /// The categories the name implies (C11).
    pub organisation_implies: Categories,
    /// Who was told.
    pub told: Told,
    /// How.
    pub channel: Channel,
    /// Why.
    pub reason: String,
    /// Whose own item it is.
    pub owner: Uuid,
    /// When.
    pub recorded_at: Timestamp,
    /// What became of it.
    pub follow_up: Option<FollowUp>,
    /// When that was found out.
    pub followed_up_at: Option<Timestamp>,
    /// Version.
    pub version: i64,
    /// What opens it.
    pub disclosure: Disclosure,
}

/// A sender sees the signposts it was told (C2 REFERRER); a private one learns of progress alone (C23).
macro_rules! signposts {
    ($where:literal) => {
        concat!(
            "SELECT s.id, s.client_id, s.referral_id, s.case_id, s.service_id, v.name, v.organisation_id, o.name, \
            o.implied_categories, s.told, s.channel, s.reason, s.owner_id, s.recorded_at, s.follow_up, s.followed_up_at, \
            s.version, r.case_id, @grant(g) FROM signpost s JOIN service v ON v.id = s.service_id \
            JOIN organisation o ON o.id = v.organisation_id LEFT JOIN referral r ON r.id = s.referral_id \
            JOIN access_grant g ON g.client_id = s.client_id AND g.scope_id IN (s.referral_id, s.case_id, r.case_id, \
            s.client_id, s.owner_id) AND (g.basis <> 'REFERRER' \
            OR (s.told <> 'CLIENT' AND NOT COALESCE(r.private_sender, FALSE))) WHERE ",
            $where,
            " AND @live(g) ORDER BY s.id DESC"
        )
    };
}
static OF_REFERRALS: Sql = Sql::new(signposts!("s.referral_id @in($8)"));
static OF_CASES: Sql = Sql::new(signposts!("s.case_id @in($8)"));
static BY_ID: Sql = Sql::new(signposts!("s.id @in($8)"));

impl ReadScope<'_> {
    /// Signposts on these referrals.
    pub async fn signposts_of_referrals(&self, referrals: &[ReferralId]) -> Result<Vec<Signpost>, Fault> {
        self.read_signposts(&OF_REFERRALS, referrals.iter().map(|r| r.0).collect()).await
    }

    /// Signposts on these cases.
    pub async fn signposts_of_cases(&self, cases: &[CaseId]) -> Result<Vec<Signpost>, Fault> {
        self.read_signposts(&OF_CASES, cases.iter().map(|c| c.0).collect()).await
    }

    /// One signpost.
    pub async fn signpost(&self, signpost: SignpostId) -> Result<Option<Signpost>, Fault> {
        Ok(self.read_signposts(&BY_ID, vec![signpost.0]).await?.pop())
    }

    async fn read_signposts(&self, sql: &'static Sql, of: Vec<Uuid>) -> Result<Vec<Signpost>, Fault> {
        let mut found: Vec<Signpost> = Vec::new();
        for row in &self.rows(sql, vec![self.ids(of)]).await? {
            let mut c = Columns::of(row);
            let signpost_id: SignpostId = c.id()?;
            let client = c.id()?;
            let read = Signpost {
                id: signpost_id,
                client,
                referral: c.id_or_none()?,
                case: c.id_or_none()?,
                service: c.id()?,
                service_name: c.take()?,
                organisation: c.id()?,
                organisation_name: c.take()?,
                organisation_implies: c.categories()?,
                told: c.code()?,
                channel: c.code()?,
                reason: c.take()?,
                owner: c.take()?,
                recorded_at: c.time()?,
                follow_up: c.code_or_none()?,
                followed_up_at: c.time_or_none()?,
                version: c.take()?,
                grew_into: c.id_or_none()?,
                disclosure: Disclosure::new(client, Vec::new()),
            };
            let grant = live_grant(&mut c, false)?;
            if found.last().is_none_or(|f| f.id != signpost_id) {
                found.push(read);
            }
            if let Some(last) = found.last_mut() {
                last.disclosure.add(grant);
            }
        }
        Ok(found)
    }
}
