//! Restrictions on a client's record (C5-C7): told to those they name, and objections to those who must honour them.

use super::access::{ReadScope, live_grants};
use super::database::Tx;
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int, text};
use super::write::{Recorded, insert};
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{ClientId, OrganisationId, PersonId, RestrictionId};
use crate::domain::restriction::RestrictionKind;
use crate::domain::section::Section;
use crate::policy::disclosure::Disclosure;

/// A live restriction, with what opens it.
#[derive(Clone, Debug)]
pub struct Restriction {
    /// The restriction.
    pub id: RestrictionId,
    /// Whose record.
    pub client: ClientId,
    /// What kind.
    pub kind: RestrictionKind,
    /// The organisation an objection excludes.
    pub organisation: Option<OrganisationId>,
    /// Its name.
    pub organisation_name: Option<String>,
    /// The categories that name implies (C11).
    pub organisation_implies: Categories,
    /// The name of the person an objection excludes.
    pub person_name: Option<String>,
    /// Why.
    pub reason: String,
    /// Whether it follows from the restriction on a member of the household (C7).
    pub follows: bool,
    /// Who set it.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: Timestamp,
    /// Who asked for protected contact to be lifted.
    pub lift_asked_by: Option<PersonId>,
    /// When.
    pub lift_asked_at: Option<Timestamp>,
    /// Whether the viewer is named on it.
    pub names_viewer: bool,
    /// Version.
    pub version: i64,
    /// What opens it.
    pub disclosure: Disclosure,
}

/// Restrictions are told to whom they name; an objection also to the hub and the lead, who must honour it.
macro_rules! restrictions {
    ($of:literal) => {
        concat!(
            "WITH told AS (SELECT s.id, @grants(g) AS grants, MAX(CASE WHEN z.person_id IS NULL THEN 0 ELSE 1 END) AS named \
            FROM restriction s JOIN access_grant g ON g.client_id = s.client_id AND g.opens_client \
            LEFT JOIN restriction_person z ON z.restriction_id = s.id AND z.person_id = $7 WHERE ",
            $of,
            " AND s.ended_at IS NULL AND @live(g) AND (z.person_id IS NOT NULL OR s.kind = 'OBJECTION') GROUP BY s.id \
            HAVING MAX(CASE WHEN z.person_id IS NOT NULL OR g.basis IN ('HUB', 'HOLDER') THEN 1 ELSE 0 END) = 1) \
            SELECT s.id, s.client_id, s.kind, s.organisation_id, o.name, COALESCE(o.implied_categories, 0), p.name, s.reason, \
            s.because_of IS NOT NULL, s.recorded_by, s.recorded_at, s.lift_asked_by, s.lift_asked_at, told.named = 1, s.version, \
            @protected(s), told.grants FROM told JOIN restriction s ON s.id = told.id \
            LEFT JOIN organisation o ON o.id = s.organisation_id LEFT JOIN person p ON p.id = s.person_id ORDER BY s.id DESC"
        )
    };
}
static OF_CLIENTS: Sql = Sql::new(restrictions!("s.client_id @in($8)"));
static BY_ID: Sql = Sql::new(restrictions!("s.id = $8"));
/// The names on restrictions, for whom they name.
static NAMED: Sql = Sql::new(
    "SELECT z.restriction_id, p.id, p.name FROM restriction_person z JOIN person p ON p.id = z.person_id \
    JOIN restriction s ON s.id = z.restriction_id WHERE z.restriction_id @in($8) AND s.ended_at IS NULL \
    AND EXISTS (SELECT 1 FROM restriction_person q WHERE q.restriction_id = s.id AND q.person_id = $7) \
    AND EXISTS (SELECT 1 FROM access_grant g WHERE g.client_id = s.client_id AND g.opens_client AND @live(g)) \
    ORDER BY p.name, p.id",
);

impl ReadScope<'_> {
    /// The live restrictions on these clients that the viewer is told of, newest first.
    pub async fn restrictions_of(&self, clients: &[ClientId]) -> Result<Vec<Restriction>, Fault> {
        self.read_restrictions(&OF_CLIENTS, self.ids(clients.iter().map(|c| c.0))).await
    }

    /// One live restriction.
    pub async fn restriction(&self, restriction: RestrictionId) -> Result<Option<Restriction>, Fault> {
        Ok(self.read_restrictions(&BY_ID, id(restriction.0)).await?.pop())
    }

    /// Who is named on these restrictions, for whom they name.
    pub async fn named_on(&self, list: &[RestrictionId]) -> Result<Vec<(RestrictionId, PersonId, String)>, Fault> {
        let rows = self.rows(&NAMED, vec![self.ids(list.iter().map(|r| r.0))]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok((c.id()?, c.id()?, c.take()?))
            })
            .collect()
    }

    async fn read_restrictions(&self, sql: &Sql, of: sea_orm::Value) -> Result<Vec<Restriction>, Fault> {
        self.rows(sql, vec![of]).await?.iter().map(|row| restriction(&mut Columns::of(row))).collect()
    }
}

fn restriction(c: &mut Columns<'_>) -> Result<Restriction, Fault> {
    let id = c.id()?;
    let client = c.id()?;
    Ok(Restriction {
        id,
        client,
        kind: c.code()?,
        organisation: c.id_or_none()?,
        organisation_name: c.take()?,
        organisation_implies: c.categories()?,
        person_name: c.take()?,
        reason: c.take()?,
        follows: c.take()?,
        recorded_by: c.id()?,
        recorded_at: c.time()?,
        lift_asked_by: c.id_or_none()?,
        lift_asked_at: c.time_or_none()?,
        names_viewer: c.take()?,
        version: c.take()?,
        disclosure: Disclosure::new(client, live_grants(c)?),
    })
}

/// A restriction about to be set.
#[derive(Clone, Debug)]
pub struct NewRestriction {
    /// Its id.
    pub id: RestrictionId,
    /// Whose record.
    pub client: ClientId,
    /// What kind.
    pub kind: RestrictionKind,
    /// The organisation an objection excludes.
    pub organisation: Option<OrganisationId>,
    /// The person an objection excludes.
    pub person: Option<PersonId>,
    /// Who is named on it.
    pub named: Vec<PersonId>,
    /// Why.
    pub reason: String,
    /// The restriction it follows from.
    pub because_of: Option<RestrictionId>,
}

/// Sets a restriction.
pub async fn set(tx: &Tx, r: &NewRestriction, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::restriction::Model {
            id: r.id.0,
            client_id: r.client.0,
            kind: r.kind.code().into(),
            organisation_id: r.organisation.map(|o| o.0),
            person_id: r.person.map(|p| p.0),
            reason: r.reason.clone(),
            because_of: r.because_of.map(|b| b.0),
            recorded_by: by.by.0,
            recorded_for: Some(by.on_behalf_of.0),
            recorded_at: by.at.0,
            lift_asked_by: None,
            lift_asked_at: None,
            lifted_by: None,
            lift_reason: None,
            ended_at: None,
            version: 1,
        },
    )
    .await?;
    for person in &r.named {
        name(tx, r.id, *person).await?;
    }
    Ok(())
}

/// Who is named for good stays named when an offer that named them too ends.
static NAME: Sql = Sql::new(
    "INSERT INTO restriction_person (restriction_id, person_id) SELECT s.id, p.id FROM restriction s CROSS JOIN person p \
    WHERE (s.id = $1 OR s.because_of = $1) AND s.ended_at IS NULL AND p.id = $2 \
    ON CONFLICT (restriction_id, person_id) DO UPDATE SET offer_id = NULL",
);
static NAME_LEAD: Sql = Sql::new(
    "INSERT INTO restriction_person (restriction_id, person_id) SELECT s.id, p.id FROM restriction s CROSS JOIN person p \
    WHERE s.client_id = $1 AND s.kind IN ('PROTECTED_CONTACT', 'CONTACT_PREFERENCE') AND s.ended_at IS NULL AND p.id = $2 \
    ON CONFLICT (restriction_id, person_id) DO UPDATE SET offer_id = NULL",
);

/// Names a further person on a restriction, and on those that follow from it.
pub async fn name(tx: &Tx, restriction: RestrictionId, person: PersonId) -> Result<(), Fault> {
    tx.execute(&NAME, vec![id(restriction.0), id(person.0)]).await.map(|_| ())
}

/// Names a client's new lead worker where contact is for the few (C7).
pub async fn name_lead(tx: &Tx, client: ClientId, worker: PersonId) -> Result<(), Fault> {
    tx.execute(&NAME_LEAD, vec![id(client.0), id(worker.0)]).await.map(|_| ())
}

static RAISE: Sql =
    Sql::new("UPDATE restriction SET version = version + 1 WHERE id = $1 AND version = $2 AND ended_at IS NULL");

/// Takes the next version of a restriction; whether it was still at the one expected.
pub async fn raise(tx: &Tx, restriction: RestrictionId, version: i64) -> Result<bool, Fault> {
    Ok(tx.execute(&RAISE, vec![id(restriction.0), int(version)]).await? == 1)
}

static ASK: Sql = Sql::new("UPDATE restriction SET lift_asked_by = $1, lift_asked_at = $2 WHERE id = $3");
static LIFT: Sql = Sql::new(
    "UPDATE restriction SET lifted_by = $1, ended_at = $2, lift_reason = $3 WHERE (id = $4 OR because_of = $4) AND ended_at IS NULL",
);

/// Notes who asked first for protected contact to be lifted.
pub async fn ask_lift(tx: &Tx, restriction: RestrictionId, by: Recorded) -> Result<(), Fault> {
    tx.execute(&ASK, vec![id(by.by.0), int(by.at.0), id(restriction.0)]).await.map(|_| ())
}

/// Lifts a restriction, and those that follow from it.
pub async fn lift(tx: &Tx, restriction: RestrictionId, reason: &str, by: Recorded) -> Result<(), Fault> {
    let values = vec![id(by.by.0), int(by.at.0), text(reason), id(restriction.0)];
    tx.execute(&LIFT, values).await.map(|_| ())
}

static HOUSEHOLD: Sql = Sql::new(
    "SELECT h.linked_client_id FROM household_member h JOIN client_entry e ON e.id = h.entry_id \
    WHERE h.client_id = $1 AND h.linked_client_id IS NOT NULL AND h.linked_client_id <> $1 AND e.replaced_at IS NULL \
    UNION SELECT h.client_id FROM household_member h JOIN client_entry e ON e.id = h.entry_id \
    WHERE h.linked_client_id = $1 AND h.client_id <> $1 AND e.replaced_at IS NULL ORDER BY 1",
);
static CONTACTS: Sql = Sql::new(
    "SELECT body FROM client_entry WHERE client_id = $1 AND category = 'CONTACT' AND replaced_at IS NULL \
    ORDER BY recorded_at DESC, id DESC",
);

/// Who is linked with a client as of one household, whichever of the two records says so.
pub async fn household(tx: &Tx, client: ClientId) -> Result<Vec<ClientId>, Fault> {
    tx.rows(&HOUSEHOLD, vec![id(client.0)]).await?.iter().map(|row| Columns::of(row).id()).collect()
}

/// The contact sections of a client as they stand, newest first: whatever any agency recorded.
pub async fn contacts(tx: &Tx, client: ClientId) -> Result<Vec<Section>, Fault> {
    let rows = tx.rows(&CONTACTS, vec![id(client.0)]).await?;
    rows.iter().map(|row| Ok(serde_json::from_str(&Columns::of(row).take::<String>()?)?)).collect()
}
