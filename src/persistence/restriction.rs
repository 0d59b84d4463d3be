//! Restrictions on a client's record (C5-C7): told to those they name, and objections to those who must honour them.

use super::access::{ReadScope, basis_of_bit, one_body, protected_grants};
use super::database::Tx;
use super::fault::Fault;
use super::sql::{Columns, Sql, id, ids, int, text};
use super::write::{Recorded, insert};
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{CaseId, ClientId, GrantId, OfferId, OrganisationId, PersonId, ReferralId, RestrictionId};
use crate::domain::restriction::RestrictionKind;
use crate::domain::role::Roles;
use crate::policy::disclosure::Disclosure;
use crate::policy::links;
use crate::policy::restriction::{self as policy, Told};

/// A live restriction, with what opens it.
#[derive(Clone, Debug)]
pub struct Restriction {
    /// The restriction.
    pub id: RestrictionId,
    /// Whose record.
    pub client: ClientId,
    /// As policy judges it.
    pub told: Told,
    /// The organisation an objection excludes.
    pub organisation: Option<OrganisationId>,
    /// Its name.
    pub organisation_name: Option<String>,
    /// The categories that name implies (C11).
    pub organisation_implies: Categories,
    /// The person an objection excludes.
    pub person: Option<PersonId>,
    /// Why.
    pub reason: String,
    /// When it was set.
    pub recorded_at: Timestamp,
    /// When it was first asked to be lifted.
    pub lift_asked_at: Option<Timestamp>,
    /// Version.
    pub version: i64,
    /// What opens it.
    pub disclosure: Disclosure,
}

/// A person whom a restriction names or excludes.
#[derive(Clone, Debug)]
pub struct Person {
    /// The restriction.
    pub restriction: RestrictionId,
    /// The person.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// The categories that the other organisations they work for imply (C11).
    pub implies: Categories,
    /// When the first of two asked for the name to be taken off.
    pub off_asked_at: Option<Timestamp>,
}

static FOR_THE_FEW: Sql = Sql::new(
    "SELECT 1 FROM restriction s WHERE s.client_id = $1 AND s.kind IN ('PROTECTED_CONTACT', 'CONTACT_PREFERENCE') \
    AND s.ended_at IS NULL",
);

/// Whether contact is for the named few, of their own or because of somebody they live with (C7). For writes alone.
pub async fn contact_is_for_the_few(tx: &Tx, client: ClientId) -> Result<bool, Fault> {
    Ok(!tx.rows(&FOR_THE_FEW, vec![id(client.0)]).await?.is_empty())
}

/// Whether the viewer is told of the restriction that this one follows from: named on it, on a record they see. For all others
/// one that follows reads like any other (C7, C13).
macro_rules! knows_root {
    () => {
        "EXISTS (SELECT 1 FROM restriction_person rp JOIN restriction rs ON rs.id = rp.restriction_id AND rs.ended_at IS NULL \
        JOIN access_grant rg ON rg.client_id = rs.client_id AND rg.opens_client WHERE rs.id = s.because_of \
        AND rp.person_id = $7 AND rp.offer_id IS NULL AND @live(rg))"
    };
}
/// Whether somebody's asking for it to be lifted still counts. Two lift it together (C7): what one of them asked lapses, and goes
/// with their name on it, their work and their sight of the record.
macro_rules! asked {
    () => {
        "s.lift_asked_at > $3 - @LIFT_ASKED_FOR AND EXISTS (SELECT 1 FROM restriction_person ap WHERE ap.restriction_id = s.id \
        AND ap.person_id = s.lift_asked_by AND ap.offer_id IS NULL) AND NOT EXISTS (SELECT 1 FROM restriction ar \
        WHERE ar.client_id = s.client_id AND ar.ended_at IS NULL AND ar.kind = 'OBJECTION' AND ar.person_id = s.lift_asked_by) \
        AND EXISTS (SELECT 1 FROM access_grant ag JOIN membership am ON am.organisation_id = ag.organisation_id \
        AND am.person_id = s.lift_asked_by AND am.ended_at IS NULL WHERE ag.client_id = s.client_id AND ag.opens_client \
        AND ag.ended_at IS NULL AND ag.starts_at <= $3 AND ag.until_at > $3 \
        AND (ag.person_id IS NULL OR ag.person_id = am.person_id) AND (ag.team_id IS NULL OR EXISTS ( \
        SELECT 1 FROM membership_team aj WHERE aj.membership_id = am.id AND aj.team_id = ag.team_id)))"
    };
}
/// Who recorded an objection, while they act for the same agency.
macro_rules! recorded_it {
    () => {
        "(s.kind = 'OBJECTION' AND s.recorded_by = $7 AND s.recorded_for = $1)"
    };
}
/// Restrictions are told to whom they name; an objection also to the hub and the lead, who must honour it, and to who recorded it.
/// Who is named for the time of an offer is told of it, and does nothing with it.
macro_rules! restrictions {
    ($of:literal) => {
        concat!(
            "WITH told AS (SELECT s.id, @grants(g) AS grants, MAX(CASE WHEN z.person_id IS NULL OR z.offer_id IS NOT NULL THEN 0 ELSE 1 END) AS named \
            FROM restriction s JOIN access_grant g ON g.client_id = s.client_id AND g.opens_client \
            LEFT JOIN restriction_person z ON z.restriction_id = s.id AND z.person_id = $7 WHERE ",
            $of,
            " AND s.ended_at IS NULL AND @live(g) AND (z.person_id IS NOT NULL OR s.kind = 'OBJECTION') GROUP BY s.id \
            HAVING MAX(CASE WHEN z.person_id IS NOT NULL OR g.basis IN ('HUB', 'HOLDER') OR ",
            recorded_it!(),
            " THEN 1 ELSE 0 END) = 1) \
            SELECT s.id, s.client_id, s.kind, s.because_of IS NOT NULL, ",
            knows_root!(),
            ", told.named = 1, s.recorded_by, CASE WHEN ",
            asked!(),
            " THEN s.lift_asked_by END, \
            s.organisation_id, o.name, COALESCE(o.implied_categories, 0), EXISTS (SELECT 1 FROM membership wm \
            WHERE wm.person_id = $7 AND wm.ended_at IS NULL AND ",
            one_body!("wm.organisation_id", "s.organisation_id"),
            "), EXISTS (SELECT 1 FROM membership wm JOIN organisation wb ON wb.id = wm.organisation_id JOIN organisation wo \
            ON COALESCE(wo.merged_into_id, wo.id) = COALESCE(wb.merged_into_id, wb.id) WHERE wm.person_id = $7 \
            AND wo.id <> $1 AND wm.ended_at IS NULL AND wo.implied_categories <> 0), s.person_id, s.reason, s.recorded_at, \
            CASE WHEN ",
            asked!(),
            " THEN s.lift_asked_at END, s.version, @protected(s), told.grants FROM told JOIN restriction s ON s.id = told.id \
            LEFT JOIN organisation o ON o.id = s.organisation_id ORDER BY s.id DESC"
        )
    };
}
static HOSTS_HUB: Sql = Sql::new("SELECT 1 FROM team WHERE organisation_id = $1 AND is_hub");
static LEADS: Sql = Sql::new(
    "SELECT 1 FROM shared_case k JOIN access_grant g ON g.client_id = k.client_id AND g.scope_id = k.id WHERE k.client_id = $8 \
    AND k.lead_organisation_id = $9 AND k.closed_at IS NULL AND @live(g)",
);
static OF_CLIENTS: Sql = Sql::new(restrictions!("s.client_id @in($8)"));
static BY_ID: Sql = Sql::new(restrictions!("s.id = $8"));
/// The people on restrictions, for who is told of these; a person once for every other organisation they work for. Who came with the
/// restriction that one follows from is told to those who are told of that one.
static PEOPLE: Sql = Sql::new(concat!(
    "SELECT z.restriction_id, p.id, p.name, COALESCE(o.implied_categories, 0), z.off_asked_at FROM ( \
    SELECT restriction_id, person_id, alike, off_asked_at FROM restriction_person UNION ALL \
    SELECT id, person_id, FALSE, CAST(NULL AS bigint) FROM restriction WHERE person_id IS NOT NULL) z JOIN person p ON p.id = z.person_id \
    JOIN restriction s ON s.id = z.restriction_id \
    LEFT JOIN membership j ON j.person_id = p.id AND j.ended_at IS NULL AND j.organisation_id <> $1 \
    LEFT JOIN organisation o ON o.id = j.organisation_id WHERE s.id @in($8) AND s.ended_at IS NULL \
    AND (NOT z.alike OR z.person_id = $7 OR ",
    knows_root!(),
    ") AND EXISTS (SELECT 1 FROM access_grant g WHERE g.client_id = s.client_id AND g.opens_client AND @live(g) AND ( \
    (s.kind = 'OBJECTION' AND g.basis IN ('HUB', 'HOLDER')) OR ",
    recorded_it!(),
    " OR EXISTS (SELECT 1 FROM restriction_person q \
    WHERE q.restriction_id = s.id AND q.person_id = $7))) ORDER BY p.name, p.id"
));

impl ReadScope<'_> {
    /// The live restrictions on these clients that the viewer is told of, newest first.
    pub async fn restrictions_of(&self, clients: &[ClientId]) -> Result<Vec<Restriction>, Fault> {
        self.read_restrictions(&OF_CLIENTS, self.ids(clients.iter().map(|c| c.0))).await
    }

    /// One live restriction.
    pub async fn restriction(&self, restriction: RestrictionId) -> Result<Option<Restriction>, Fault> {
        Ok(self.read_restrictions(&BY_ID, id(restriction.0)).await?.pop())
    }

    /// Whether an organisation leads an open case of the client's that the viewer is on.
    pub async fn is_led_by(&self, client: ClientId, organisation: OrganisationId) -> Result<bool, Fault> {
        Ok(!self.rows(&LEADS, vec![id(client.0), id(organisation.0)]).await?.is_empty())
    }

    /// Whom these restrictions name or exclude, for who is told of them.
    pub async fn people_on(&self, list: &[RestrictionId]) -> Result<Vec<Person>, Fault> {
        let mut all: Vec<Person> = Vec::new();
        for row in &self.rows(&PEOPLE, vec![self.ids(list.iter().map(|r| r.0))]).await? {
            let mut c = Columns::of(row);
            let read = Person {
                restriction: c.id()?,
                person: c.id()?,
                name: c.take()?,
                implies: c.categories()?,
                off_asked_at: c.time_or_none()?,
            };
            let same = |p: &&mut Person| p.restriction == read.restriction && p.person == read.person;
            match all.iter_mut().find(same) {
                Some(person) => person.implies = person.implies.union(read.implies),
                None => all.push(read),
            }
        }
        Ok(all)
    }

    async fn read_restrictions(&self, sql: &'static Sql, of: sea_orm::Value) -> Result<Vec<Restriction>, Fault> {
        let own = self.viewer().organisation;
        self.rows(sql, vec![of]).await?.iter().map(|row| restriction(&mut Columns::of(row), own)).collect()
    }
}

/// Whether an objection excludes a body that the viewer works for, under whichever of its names (C21). Of one that they may not be told by name, each counts
/// as theirs while any of theirs has a name that speaks: else who may lift it would tell which it is (C11).
fn excludes_own(r: &Restriction, own: OrganisationId, works_there: bool, works_where_names_speak: bool) -> bool {
    r.organisation.is_some_and(|o| {
        let named = links::may_be_named(r.organisation_implies, r.disclosure.open(), o == own, false);
        works_there || (!named && works_where_names_speak)
    })
}

fn restriction(c: &mut Columns<'_>, own: OrganisationId) -> Result<Restriction, Fault> {
    let id = c.id()?;
    let client = c.id()?;
    let told = Told {
        kind: c.code()?,
        follows: c.take()?,
        knows_root: c.take()?,
        names_viewer: c.take()?,
        excludes_own: false,
        set_by: c.id()?,
        lift_asked_by: c.id_or_none()?,
    };
    let (organisation, organisation_name) = (c.id_or_none()?, c.take()?);
    let organisation_implies = c.categories()?;
    let (works_there, works_where_names_speak) = (c.take()?, c.take()?);
    let mut read = Restriction {
        id,
        client,
        told,
        organisation,
        organisation_name,
        organisation_implies,
        person: c.id_or_none()?,
        reason: c.take()?,
        recorded_at: c.time()?,
        lift_asked_at: c.time_or_none()?,
        version: c.take()?,
        disclosure: Disclosure::new(client, protected_grants(c)?),
    };
    read.told.excludes_own = excludes_own(&read, own, works_there, works_where_names_speak);
    Ok(read)
}

static EXCLUDES: Sql = Sql::new(concat!(
    "SELECT 1 FROM restriction x WHERE x.client_id = $1 AND x.kind = 'OBJECTION' AND x.ended_at IS NULL AND ",
    one_body!("x.organisation_id", "$2")
));

/// Whether the client excludes an organisation, under whichever name of the same body. For writes alone.
pub async fn excludes(tx: &Tx, client: ClientId, organisation: OrganisationId) -> Result<bool, Fault> {
    Ok(tx.row(&EXCLUDES, vec![id(client.0), id(organisation.0)]).await?.is_some())
}

/// Whether an organisation hosts the hub.
pub async fn hosts_hub(tx: &Tx, organisation: OrganisationId) -> Result<bool, Fault> {
    Ok(tx.row(&HOSTS_HUB, vec![id(organisation.0)]).await?.is_some())
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

static LAST_COSIGNED: Sql = Sql::new(
    "SELECT COALESCE(MAX(cosigned_at) + 1, CAST(0 AS bigint)) FROM access_override WHERE client_id = $1 AND ended_at IS NULL",
);

/// Sets a restriction. A co-signature lets an override pass what stood when it was given, and not this one while it stands: it is
/// recorded after every co-signature there is, whatever another clock said (C16).
pub async fn set(tx: &Tx, r: &NewRestriction, by: Recorded) -> Result<(), Fault> {
    let after: i64 = match tx.row(&LAST_COSIGNED, vec![id(r.client.0)]).await? {
        Some(row) => Columns::of(&row).take()?,
        None => 0,
    };
    let recorded_at = by.at.0.max(after);
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
            recorded_at,
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

/// Who of these people shares one of these grants, as far as the client does not exclude them and no seal there is leaves them out.
static SHARED_BY: Sql = Sql::new(
    "SELECT m.person_id, m.roles, g.basis_bit FROM access_grant g JOIN membership m ON m.organisation_id = g.organisation_id \
    WHERE g.id @in($1) AND m.person_id @in($2) AND m.ended_at IS NULL AND (g.team_id IS NULL OR EXISTS ( \
    SELECT 1 FROM membership_team j WHERE j.membership_id = m.id AND j.team_id = g.team_id)) \
    AND NOT EXISTS (SELECT 1 FROM restriction x WHERE x.client_id = g.client_id AND x.ended_at IS NULL AND ( \
    (x.kind = 'OBJECTION' AND x.person_id = m.person_id) OR (x.kind = 'SEALED' AND NOT EXISTS ( \
    SELECT 1 FROM restriction_person y WHERE y.restriction_id = x.id AND y.person_id = m.person_id)))) ORDER BY m.id, g.id",
);

/// Whether one of these people keeps a seal through one of these grants, which are the viewer's: what others hold is not theirs to
/// find out (C13).
pub async fn kept_by(tx: &Tx, people: &[PersonId], grants: &[GrantId]) -> Result<bool, Fault> {
    let values = vec![ids(tx.backend(), grants.iter().map(|g| g.0)), ids(tx.backend(), people.iter().map(|p| p.0))];
    let mut kept = false;
    for row in &tx.rows(&SHARED_BY, values).await? {
        let mut c = Columns::of(row);
        c.skip(1);
        kept |= policy::keeps_seal(Roles::from_mask(c.take()?), basis_of_bit(c.take()?)?);
    }
    Ok(kept)
}

/// Who is named for good stays named when an offer that named them, or a case that they led, ends.
static NAME: Sql = Sql::new(
    "INSERT INTO restriction_person (restriction_id, person_id, alike) SELECT s.id, p.id, s.id <> $1 FROM restriction s \
    CROSS JOIN person p WHERE (s.id = $1 OR s.because_of = $1) AND s.ended_at IS NULL AND p.id = $2 \
    ON CONFLICT (restriction_id, person_id) DO UPDATE SET offer_id = NULL, case_id = NULL, \
    alike = restriction_person.alike AND excluded.alike",
);
/// A row becomes one of a lead worker, unless it is one of somebody who is named for good.
macro_rules! as_lead {
    () => {
        " ON CONFLICT (restriction_id, person_id) DO UPDATE SET offer_id = NULL, case_id = CASE \
        WHEN restriction_person.offer_id IS NULL AND restriction_person.case_id IS NULL THEN NULL ELSE excluded.case_id END"
    };
}
/// The lead worker whom somebody on it names goes when another takes over, like every lead worker.
static NAME_WHO_LEADS: Sql = Sql::new(concat!(
    "INSERT INTO restriction_person (restriction_id, person_id, case_id, alike) SELECT s.id, k.lead_worker_id, k.id, s.id <> $1 \
    FROM restriction s JOIN restriction r ON r.id = $1 JOIN shared_case k ON k.client_id = r.client_id AND k.closed_at IS NULL \
    WHERE (s.id = $1 OR s.because_of = $1) AND s.ended_at IS NULL AND k.lead_worker_id = $2 \
    AND NOT EXISTS (SELECT 1 FROM shared_case o WHERE o.client_id = k.client_id AND o.closed_at IS NULL \
    AND o.lead_worker_id = $2 AND o.id < k.id)",
    as_lead!()
));
/// Who takes an offered referral on is named where whoever gave it to them could say so: the hub, which left the choice to the
/// team or named this worker; or somebody who is named already. Who made the offer gave it to nobody but themselves.
static NAME_TAKEN: Sql = Sql::new(concat!(
    "INSERT INTO restriction_person (restriction_id, person_id, case_id) SELECT s.id, k.lead_worker_id, k.id FROM restriction s \
    JOIN shared_case k ON k.client_id = s.client_id JOIN referral_offer f ON f.id = $2 WHERE k.id = $1 AND s.ended_at IS NULL \
    AND s.kind IN ('PROTECTED_CONTACT', 'CONTACT_PREFERENCE') AND (((f.worker_id IS NULL OR f.worker_id = k.lead_worker_id) \
    AND k.lead_worker_id <> f.offered_by) OR EXISTS (SELECT 1 FROM restriction_person y WHERE y.restriction_id = s.id AND y.person_id = $3))",
    as_lead!()
));
static KEEP_LEAD: Sql = Sql::new(
    "UPDATE restriction_person SET case_id = $1 WHERE case_id IN (SELECT k.id FROM shared_case k JOIN shared_case n \
    ON n.client_id = k.client_id WHERE n.id = $1 AND n.lead_worker_id = restriction_person.person_id)",
);
/// The lead workers of closed cases go once the lead worker of an open one is named: never before, so that somebody is left who
/// can name them.
static UNNAME_FORMER: Sql = Sql::new(
    "DELETE FROM restriction_person WHERE case_id IN (SELECT k.id FROM shared_case k WHERE k.client_id = $1 \
    AND k.closed_at IS NOT NULL) AND EXISTS (SELECT 1 FROM restriction s JOIN restriction_person y \
    ON y.restriction_id IN (s.id, s.because_of) JOIN shared_case o ON o.client_id = $1 AND o.closed_at IS NULL \
    AND o.lead_worker_id = y.person_id WHERE s.id = restriction_person.restriction_id)",
);
static NAME_LEADS: Sql = Sql::new(
    "INSERT INTO restriction_person (restriction_id, person_id, case_id) SELECT s.id, k.lead_worker_id, k.id FROM restriction s \
    JOIN shared_case k ON k.client_id = s.client_id WHERE s.id = $1 AND k.closed_at IS NULL \
    ON CONFLICT (restriction_id, person_id) DO NOTHING",
);
/// Who made the offer does not make themselves one of the few by it (C7).
static NAME_OFFERED: Sql = Sql::new(
    "INSERT INTO restriction_person (restriction_id, person_id, offer_id) SELECT s.id, f.worker_id, f.id FROM restriction s \
    JOIN referral_offer f ON f.client_id = s.client_id WHERE (s.id = $1 OR f.id = $2) AND s.ended_at IS NULL \
    AND s.kind IN ('PROTECTED_CONTACT', 'CONTACT_PREFERENCE') AND f.answered_at IS NULL AND f.worker_id <> f.offered_by \
    ON CONFLICT (restriction_id, person_id) DO NOTHING",
);
static NAME_ALIKE: Sql = Sql::new(
    "INSERT INTO restriction_person (restriction_id, person_id, case_id, alike) SELECT s.id, y.person_id, y.case_id, TRUE \
    FROM restriction s JOIN restriction_person y ON y.restriction_id = s.because_of WHERE s.id = $1 AND y.offer_id IS NULL \
    ON CONFLICT (restriction_id, person_id) DO NOTHING",
);
static UNNAME_OFFERED: Sql = Sql::new(
    "DELETE FROM restriction_person WHERE offer_id IN (SELECT f.id FROM referral_offer f WHERE f.referral_id = $1)",
);

/// Names a person for good on a restriction, and on those that follow from it.
pub async fn name(tx: &Tx, restriction: RestrictionId, person: PersonId) -> Result<(), Fault> {
    tx.execute(&NAME, vec![id(restriction.0), id(person.0)]).await.map(|_| ())
}

/// A name on a restriction, as taking it off depends on it.
#[derive(Clone, Copy, Debug)]
pub struct NameOn {
    /// It is there for the time of an offer.
    pub of_offer: bool,
    /// The person leads an open case of the client's.
    pub leads: bool,
    /// There is nobody else on it for good.
    pub last: bool,
    /// Who asked first for it to be taken off.
    pub off_asked_by: Option<PersonId>,
}

static NAME_ON: Sql = Sql::new(
    "SELECT z.offer_id IS NOT NULL, EXISTS (SELECT 1 FROM shared_case k JOIN restriction s ON s.client_id = k.client_id \
    WHERE s.id = z.restriction_id AND k.lead_worker_id = z.person_id AND k.closed_at IS NULL), NOT EXISTS ( \
    SELECT 1 FROM restriction_person y WHERE y.restriction_id = z.restriction_id AND y.person_id <> z.person_id \
    AND y.offer_id IS NULL), z.off_asked_by FROM restriction_person z WHERE z.restriction_id = $1 AND z.person_id = $2",
);

/// How somebody is named on a restriction.
pub async fn name_on(tx: &Tx, restriction: RestrictionId, person: PersonId) -> Result<Option<NameOn>, Fault> {
    let row = tx.row(&NAME_ON, vec![id(restriction.0), id(person.0)]).await?;
    row.map(|row| {
        let mut c = Columns::of(&row);
        Ok(NameOn { of_offer: c.take()?, leads: c.take()?, last: c.take()?, off_asked_by: c.id_or_none()? })
    })
    .transpose()
}

static ASK_OFF: Sql = Sql::new(
    "UPDATE restriction_person SET off_asked_by = $1, off_asked_at = $2 WHERE restriction_id = $3 AND person_id = $4",
);

/// Notes who asked first for a name to be taken off.
pub async fn ask_off(tx: &Tx, restriction: RestrictionId, person: PersonId, by: Recorded) -> Result<(), Fault> {
    let values = vec![id(by.by.0), int(by.at.0), id(restriction.0), id(person.0)];
    tx.execute(&ASK_OFF, values).await.map(|_| ())
}

/// Whoever leads the case of somebody covered stays named for them.
static UNNAME: Sql = Sql::new(
    "DELETE FROM restriction_person WHERE person_id = $2 AND offer_id IS NULL AND restriction_id IN ( \
    SELECT s.id FROM restriction s WHERE (s.id = $1 OR s.because_of = $1) AND s.ended_at IS NULL AND NOT EXISTS ( \
    SELECT 1 FROM shared_case k WHERE k.client_id = s.client_id AND k.lead_worker_id = $2 AND k.closed_at IS NULL))",
);
static FORGET_LIFT: Sql = Sql::new(
    "UPDATE restriction SET lift_asked_by = NULL, lift_asked_at = NULL WHERE id = $1 AND lift_asked_by = $2",
);
static FORGET_OFF: Sql = Sql::new(
    "UPDATE restriction_person SET off_asked_by = NULL, off_asked_at = NULL WHERE restriction_id = $1 AND off_asked_by = $2",
);

/// Takes a name off a restriction, and off those that follow from it. What that person asked for first counts no more, or one
/// of two would be somebody whom it does not name.
pub async fn unname(tx: &Tx, restriction: RestrictionId, person: PersonId) -> Result<(), Fault> {
    for sql in [&UNNAME, &FORGET_LIFT, &FORGET_OFF] {
        tx.execute(sql, vec![id(restriction.0), id(person.0)]).await?;
    }
    Ok(())
}

/// Names a further person on a restriction, and on those that follow from it: a lead worker as such, everybody else for good.
pub async fn name_further(
    tx: &Tx,
    restriction: RestrictionId,
    client: ClientId,
    person: PersonId,
) -> Result<(), Fault> {
    if tx.execute(&NAME_WHO_LEADS, vec![id(restriction.0), id(person.0)]).await? == 0 {
        return name(tx, restriction, person).await;
    }
    tx.execute(&UNNAME_FORMER, vec![id(client.0)]).await.map(|_| ())
}

/// Names the lead worker of a case that grew from an offer where contact is for the few (C7), as far as who gave it to them could
/// say so: nobody makes themselves one of the few.
pub async fn name_taken(
    tx: &Tx,
    client: ClientId,
    case: CaseId,
    offer: OfferId,
    taken_by: PersonId,
) -> Result<(), Fault> {
    tx.execute(&NAME_TAKEN, vec![id(case.0), id(offer.0), id(taken_by.0)]).await?;
    tx.execute(&UNNAME_FORMER, vec![id(client.0)]).await.map(|_| ())
}

/// Who led a case before and leads this one stays named. Anybody else is to be named by somebody who is (C7): no worker closes
/// and re-enters a case to read where the person can be found.
pub async fn keep_lead(tx: &Tx, client: ClientId, case: CaseId) -> Result<(), Fault> {
    tx.execute(&KEEP_LEAD, vec![id(case.0)]).await?;
    tx.execute(&UNNAME_FORMER, vec![id(client.0)]).await.map(|_| ())
}

/// Names on a new restriction of contact who must reach the person already: the lead workers of open cases, the worker whom an
/// open offer names, and whoever the one it follows from names.
pub async fn name_standing(tx: &Tx, restriction: RestrictionId) -> Result<(), Fault> {
    tx.execute(&NAME_LEADS, vec![id(restriction.0)]).await?;
    tx.execute(&NAME_ALIKE, vec![id(restriction.0)]).await?;
    tx.execute(&NAME_OFFERED, vec![id(restriction.0), id(uuid::Uuid::nil())]).await.map(|_| ())
}

/// Names the worker whom an offer is meant for where contact is for the few, for as long as the offer is open (C7).
pub async fn name_offered(tx: &Tx, offer: OfferId) -> Result<(), Fault> {
    tx.execute(&NAME_OFFERED, vec![id(uuid::Uuid::nil()), id(offer.0)]).await.map(|_| ())
}

/// Takes away the names that a referral's offers brought.
pub async fn unname_offered(tx: &Tx, referral: ReferralId) -> Result<(), Fault> {
    tx.execute(&UNNAME_OFFERED, vec![id(referral.0)]).await.map(|_| ())
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
