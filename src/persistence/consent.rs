//! Consents and withdrawals, through the ledger: for those within whose scope they lie, the lead, and recipients.

use super::access::{ReadScope, live_grant, one_body};
use super::fault::Fault;
use super::sql::{Columns, Sql, id};
use crate::domain::basis::Basis;
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::consent::{GivenBy, GivenHow, Purposes};
use crate::domain::ids::{ClientId, ConsentId, OrganisationId, ProxyId};
use crate::policy::disclosure::{Disclosure, LiveGrant};
use uuid::Uuid;

/// A consent, with what opens it.
#[derive(Clone, Debug)]
pub struct Consent {
    /// The consent.
    pub id: ConsentId,
    /// Whose.
    pub client: ClientId,
    /// Given to all partners of the day.
    pub all_partners: bool,
    /// What for.
    pub purposes: Purposes,
    /// Which categories.
    pub categories: Categories,
    /// Who gave it.
    pub given_by: GivenBy,
    /// How.
    pub given_how: GivenHow,
    /// The proxy who gave it, and their name.
    pub proxy: Option<(ProxyId, String)>,
    /// Who decided in its place.
    pub decided_by: Option<String>,
    /// Why.
    pub decision_reason: Option<String>,
    /// When.
    pub given_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Whose own item it is.
    pub owner: Uuid,
    /// What opens it.
    pub disclosure: Disclosure,
}

impl Consent {
    /// Whether the viewer must know all of it to honour it: the lead, and the hub.
    pub fn honours(&self) -> bool {
        self.disclosure.has(Basis::Holder) || self.disclosure.has(Basis::Hub)
    }

    /// Whether the viewer's organisation, or hub team, recorded it: all that it wrote itself, which is not what others recorded
    /// of it since (C2 AUTHOR).
    pub fn wrote(&self) -> bool {
        let own = |g: &LiveGrant| g.basis == Basis::Author && g.scope_id == self.owner;
        self.disclosure.grants().iter().any(own)
    }

    /// Whether the viewer is told all of it.
    pub fn tells_all(&self) -> bool {
        self.honours() || self.wrote()
    }
}

/// A recipient of a consent.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The consent.
    pub consent: ConsentId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// The categories the name implies (C11).
    pub implies: Categories,
    /// Categories withdrawn from this recipient since the consent was recorded.
    pub withdrawn: Categories,
    /// Those of them whose withdrawal the viewer's organisation recorded itself.
    pub withdrawn_here: Categories,
}

/// Who led a case that may be entered again reaches what it knew of the consents that name its organisation, so that it can record a
/// withdrawal like anybody who could come back under them (C4); nothing that was recorded after its other grants had ended, and
/// nothing while the client excludes it (C6).
macro_rules! reaches {
    () => {
        concat!(
            "g.opens_client AND (g.basis <> 'CONSENT' OR g.source_id = c.id) AND (g.scope_id IN (c.client_id, c.owner_id, c.referral_id) OR g.basis = 'HOLDER' OR EXISTS ( \
        SELECT 1 FROM consent_recipient q WHERE q.consent_id = c.id AND q.organisation_id = $1 \
        AND (g.basis IN ('TEAM', 'HUB', 'OFFER') OR (g.basis = 'AUTHOR' AND g.scope_id = $1 AND c.recorded_at <= g.names_until \
        AND EXISTS (SELECT 1 FROM shared_case k WHERE k.client_id = c.client_id AND k.lead_team_id @in($2)) \
        AND NOT EXISTS (SELECT 1 FROM restriction x WHERE x.client_id = c.client_id AND x.kind = 'OBJECTION' \
            AND x.ended_at IS NULL AND ",
            one_body!("x.organisation_id", "$1"),
            ")))))"
        )
    };
}
macro_rules! columns {
    () => {
        "SELECT c.id, c.client_id, c.all_partners, c.purposes, c.categories, c.given_by, c.given_how, c.given_at, \
        c.expires_at, c.recorded_at, x.id, x.name, c.decided_by, c.decision_reason, c.owner_id, @grant(g) FROM consent c \
        JOIN access_grant g ON g.client_id = c.client_id LEFT JOIN proxy x ON x.id = c.proxy_id WHERE "
    };
}
static OF_CLIENTS: Sql =
    Sql::new(concat!(columns!(), "c.client_id @in($8) AND @live(g) AND ", reaches!(), " ORDER BY c.id DESC"));
static BY_ID: Sql = Sql::new(concat!(columns!(), "c.id = $8 AND @live(g) AND ", reaches!()));
static RECIPIENTS: Sql = Sql::new(concat!(
    "SELECT r.consent_id, r.organisation_id, o.name, o.implied_categories, w.categories, COALESCE(w.recorded_for = $1, FALSE) FROM consent_recipient r \
    JOIN consent c ON c.id = r.consent_id JOIN organisation o ON o.id = r.organisation_id \
    LEFT JOIN consent_withdrawal w ON w.client_id = c.client_id AND w.recorded_at >= CASE WHEN c.given_at < c.recorded_at \
    THEN c.given_at ELSE c.recorded_at END AND EXISTS ( \
    SELECT 1 FROM consent_withdrawal_recipient v WHERE v.withdrawal_id = w.id AND v.organisation_id = r.organisation_id) \
    WHERE r.consent_id @in($8) AND EXISTS (SELECT 1 FROM access_grant g WHERE g.client_id = c.client_id AND @live(g) AND ",
    reaches!(),
    ") ORDER BY r.consent_id, o.name, r.organisation_id"
));

impl ReadScope<'_> {
    /// The consents of these clients that the viewer sees, newest first.
    pub async fn consents_of(&self, clients: &[ClientId]) -> Result<Vec<Consent>, Fault> {
        self.read_consents(&OF_CLIENTS, self.ids(clients.iter().map(|c| c.0))).await
    }

    /// One consent.
    pub async fn consent(&self, consent: ConsentId) -> Result<Option<Consent>, Fault> {
        Ok(self.read_consents(&BY_ID, id(consent.0)).await?.pop())
    }

    /// The recipients of these consents, with what was withdrawn from each.
    pub async fn recipients(&self, consents: &[ConsentId]) -> Result<Vec<Recipient>, Fault> {
        let rows = self.rows(&RECIPIENTS, vec![self.ids(consents.iter().map(|c| c.0))]).await?;
        let mut found: Vec<Recipient> = Vec::new();
        for row in &rows {
            let mut c = Columns::of(row);
            let (consent, organisation) = (c.id()?, c.id()?);
            let (name, implies) = (c.take()?, c.categories()?);
            let withdrawn = Categories::from_mask(c.take::<Option<i64>>()?.unwrap_or(0));
            let withdrawn_here = if c.take()? { withdrawn } else { Categories::NONE };
            match found.last_mut() {
                Some(last) if last.consent == consent && last.organisation == organisation => {
                    last.withdrawn = last.withdrawn.union(withdrawn);
                    last.withdrawn_here = last.withdrawn_here.union(withdrawn_here);
                }
                _ => found.push(Recipient { consent, organisation, name, implies, withdrawn, withdrawn_here }),
            }
        }
        Ok(found)
    }

    async fn read_consents(&self, sql: &'static Sql, of: sea_orm::Value) -> Result<Vec<Consent>, Fault> {
        let mut found: Vec<Consent> = Vec::new();
        for row in &self.rows(sql, vec![of]).await? {
            let mut c = Columns::of(row);
            let consent_id: ConsentId = c.id()?;
            let client = c.id()?;
            let read = Consent {
                id: consent_id,
                client,
                all_partners: c.take()?,
                purposes: Purposes::from_mask(c.take()?),
                categories: c.categories()?,
                given_by: c.code()?,
                given_how: c.code()?,
                given_at: c.time()?,
                expires_at: c.time()?,
                recorded_at: c.time()?,
                proxy: c.id_or_none()?.zip(c.take()?),
                decided_by: c.take()?,
                decision_reason: c.take()?,
                owner: c.take()?,
                disclosure: Disclosure::new(client, Vec::new()),
            };
            let grant = live_grant(&mut c, false)?;
            if found.last().is_none_or(|f| f.id != consent_id) {
                found.push(read);
            }
            if let Some(last) = found.last_mut() {
                last.disclosure.add(grant);
            }
        }
        Ok(found)
    }
}
