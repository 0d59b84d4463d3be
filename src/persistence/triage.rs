//! Triage: the steps of a referral, what the hub asked and what was answered, who has it in hand, and the queue.

use super::access::ReadScope;
use super::database::Tx;
use super::fault::Fault;
use super::referral::{Referral, columns, referral, state_value};
use super::shared_case::bits;
use super::sql::{Columns, Sql, id, int, text};
use super::write::{Recorded, insert};
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{ClientId, OrganisationId, PersonId, ReferralId};
use crate::domain::random::Randomness;
use crate::domain::referral::{OPEN, ReferralActor, ReferralState, TriageOrder, Urgency};
use crate::domain::triage::Pause;
use uuid::Uuid;

/// A step of a referral, with what its triage needs of the referral itself.
#[derive(Clone, Debug)]
pub struct Step {
    /// The referral.
    pub referral: ReferralId,
    /// From which state.
    pub from: ReferralState,
    /// To which state.
    pub to: ReferralState,
    /// On whose behalf.
    pub actor: ReferralActor,
    /// What there is to say of it: the reason of a decline.
    pub detail: Option<String>,
    /// When.
    pub at: Timestamp,
    /// For which organisation it was taken.
    pub organisation: OrganisationId,
    /// Its name.
    pub organisation_name: String,
    /// The categories that name implies (C11).
    pub organisation_implies: Categories,
    /// When the referral was first offered, or closed.
    pub triaged_at: Option<Timestamp>,
    /// Who of the hub has it in hand, and their name.
    pub assigned_to: Option<(PersonId, String)>,
}

/// The steps are for the hub while it sees the referral, and for who sent it as far as they are told of its state (C23); what a team
/// that has an offer before it learned of others' offers would be none of its business. That the hub found it more or less urgent is a step
/// that leads to no other state, for the hub alone.
static STEPS: Sql = Sql::new(
    "SELECT s.referral_id, s.from_state, s.to_state, s.actor, s.detail, s.recorded_at, s.recorded_for, o.name, o.implied_categories, \
    r.triaged_at, r.assigned_to, w.name FROM referral_step s JOIN referral r ON r.id = s.referral_id \
    JOIN organisation o ON o.id = s.recorded_for LEFT JOIN person w ON w.id = r.assigned_to WHERE s.referral_id @in($8) \
    AND EXISTS (SELECT 1 FROM access_grant g WHERE g.client_id = s.client_id AND g.scope_id = s.referral_id \
    AND (g.basis = 'HUB' OR (g.basis = 'REFERRER' AND NOT r.private_sender AND s.from_state <> s.to_state)) AND @live(g)) \
    ORDER BY s.recorded_at, s.id",
);

/// What the hub asked, and what was answered.
#[derive(Clone, Debug)]
pub struct Question {
    /// The referral.
    pub referral: ReferralId,
    /// The categories that the question tells of, INVOLVEMENT with them: all must be open.
    pub categories: Categories,
    /// The question.
    pub text: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// The answer, where all of its categories are open.
    pub answer: Option<Answer>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The categories it tells of, INVOLVEMENT with them.
    pub categories: Categories,
    /// The answer.
    pub text: String,
}

/// A grant that reaches what was asked: it names the referral, the case it grew into, or the whole client. A private sender is asked by
/// other ways, for they are told of no state (C23).
macro_rules! reaches {
    () => {
        "g.client_id = n.client_id AND g.scope_id IN (r.id, r.client_id, r.case_id) \
        AND (g.basis <> 'REFERRER' OR NOT r.private_sender) AND @live(g)"
    };
}
/// Every one of the categories is open (C1), through grants of which this holds.
macro_rules! is_open {
    ($categories:literal, $through:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM bits b WHERE (",
            $categories,
            " & b.bit) <> 0 AND NOT EXISTS (SELECT 1 FROM access_grant g WHERE (g.categories & b.bit) <> 0 AND ",
            $through,
            " AND ",
            reaches!(),
            "))"
        )
    };
}
/// A sender reads the answers that their organisation gave, as it wrote them (C2 REFERRER), and not what the hub wrote down. Whatever is
/// answered may tell where somebody is: while contact is for the few, so is it, and for who wrote it (C7).
static QUESTIONS: Sql = Sql::new(concat!(
    "WITH ",
    bits!(),
    " SELECT n.referral_id, n.categories, n.question, n.asked_at, n.answered_at, (n.answer IS NOT NULL AND ",
    is_open!("n.answer_categories", "(g.basis <> 'REFERRER' OR n.answered_by_sender)"),
    " AND NOT (@protected(n) AND NOT (n.answered_by = $7 AND n.answered_for = $1))), n.answer_categories, n.answer \
    FROM referral_question n JOIN referral r ON r.id = n.referral_id WHERE n.referral_id @in($8) AND ",
    is_open!("n.categories", "1 = 1"),
    " ORDER BY n.asked_at, n.id"
));

/// Which referrals of the queue to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct QueueFilter {
    /// In this state.
    pub state: Option<ReferralState>,
    /// This urgent.
    pub urgency: Option<Urgency>,
    /// In whose hand.
    pub assigned: Assigned,
    /// Sent by this organisation.
    pub sender: Option<OrganisationId>,
    /// Due by then.
    pub due_by: Option<Timestamp>,
}

/// In whose hand a referral is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assigned {
    /// In anybody's or nobody's.
    #[default]
    Any,
    /// In nobody's.
    Nobody,
    /// In this person's.
    To(PersonId),
}

/// Where a referral stands in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// How urgent, 0 first.
    pub rank: i64,
    /// By when it is to be triaged; `NEVER` while an answer is waited for.
    pub due: Timestamp,
    /// The referral.
    pub id: Uuid,
}

/// The referrals of one urgency in order of their due time, from a place on: each is a walk along one index, however many are open or
/// closed. The literals say what the index begins with.
macro_rules! of_rank {
    ($rank:literal, $due:literal, $id:literal, $first:literal, $by:literal, $most:literal) => {
        concat!(
            "SELECT * FROM (SELECT r.id, r.urgency_rank, r.triage_due FROM referral r ",
            $by,
            " WHERE r.state IN ('SUBMITTED', 'AWAITING_INFORMATION', 'OFFERED', 'DECLINE_REVIEW') AND ",
            $first,
            " AND r.urgency_rank = ",
            $rank,
            " AND (r.triage_due, r.id) > (",
            $due,
            ", ",
            $id,
            ") AND r.triage_due <= $17 AND ($18 = '' OR r.state = $18) AND ($20 = 0 OR ($20 = 1 AND r.assigned_to = $19) \
            OR ($20 = 2 AND r.assigned_to IS NULL)) AND ($22 = 0 OR r.organisation_id = $21) AND ",
            seen_by_the_hub!(),
            " ORDER BY r.triage_due, r.id LIMIT ",
            $most,
            ") q",
            $rank
        )
    };
}
macro_rules! seen_by_the_hub {
    () => {
        "EXISTS (SELECT 1 FROM access_grant g WHERE g.client_id = r.client_id AND g.scope_id = r.id AND g.basis = 'HUB' AND @live(g))"
    };
}
macro_rules! queue {
    ($first:literal, $by:literal, $order:literal, $most:literal) => {
        concat!(
            "WITH cut AS (SELECT * FROM (",
            of_rank!("0", "$9", "$13", $first, $by, $most),
            " UNION ALL ",
            of_rank!("1", "$10", "$14", $first, $by, $most),
            " UNION ALL ",
            of_rank!("2", "$11", "$15", $first, $by, $most),
            " UNION ALL ",
            of_rank!("3", "$12", "$16", $first, $by, $most),
            ") r ORDER BY ",
            $order,
            " LIMIT $8), page AS (SELECT r.id, @grants(g) AS grants FROM cut CROSS JOIN referral r CROSS JOIN access_grant g \
            WHERE r.id = cut.id AND r.client_id = g.client_id AND g.scope_id IN (r.id, r.client_id, r.case_id) \
            AND @live(g) GROUP BY r.id) ",
            columns!(", r.triage_due"),
            " ORDER BY ",
            $order
        )
    };
}
macro_rules! in_orders {
    ($first:literal, $by:literal, $most:literal) => {
        [
            Sql::new(queue!($first, $by, "r.triage_due, r.id", $most)),
            Sql::new(queue!($first, $by, "r.urgency_rank, r.triage_due, r.id", $most)),
        ]
    };
}
/// For a short page and for the longest, each in both orders: how few rows are wanted is written into the statement, so that a plan
/// made once for all of them walks the index and does not sort what it leads to.
macro_rules! of_each_length {
    ($first:literal, $by:literal) => {
        [in_orders!($first, $by, "21"), in_orders!($first, $by, "101")]
    };
}
type OfEachLength = [[Sql; 2]; 2];
/// The rows of a short page, with the one more that says that there is more.
const SHORT: i64 = 21;
static ALL: OfEachLength = of_each_length!("1 = 1", "");
/// SQLite, which plans without statistics, would walk all that is open, and what waits for an answer is due last.
static OF_STATE: OfEachLength = of_each_length!("r.state = $18", "@by(referral_queue_state)");
static ASSIGNED: OfEachLength = of_each_length!("r.assigned_to = $19", "");
static UNASSIGNED: OfEachLength = of_each_length!("r.assigned_to IS NULL", "");
static OF_SENDER: OfEachLength = of_each_length!("r.organisation_id = $21", "");

/// The most referrals of a state that are counted.
pub const MOST_COUNTED: i64 = 1_000;

/// One more than are told, so that more can be told from as many.
static COUNTS: Sql = Sql::new(concat!(
    "SELECT s.state, (SELECT COUNT(*) FROM (SELECT 1 FROM referral r WHERE r.state = s.state \
    AND r.state IN ('SUBMITTED', 'AWAITING_INFORMATION', 'OFFERED', 'DECLINE_REVIEW') AND ",
    seen_by_the_hub!(),
    " LIMIT $8) c), (SELECT COUNT(*) FROM (SELECT 1 FROM referral r WHERE r.state = s.state AND r.triage_due <= $3 \
    AND r.triaged_at IS NULL AND r.state IN ('SUBMITTED', 'AWAITING_INFORMATION', 'OFFERED', 'DECLINE_REVIEW') AND ",
    seen_by_the_hub!(),
    " LIMIT $8) d) FROM (SELECT 'SUBMITTED' AS state UNION ALL SELECT 'AWAITING_INFORMATION' UNION ALL SELECT 'OFFERED' \
    UNION ALL SELECT 'DECLINE_REVIEW') s"
));

impl ReadScope<'_> {
    /// The steps of these referrals, oldest first, for the hub and for who sent them.
    pub async fn referral_steps(&self, referrals: &[ReferralId]) -> Result<Vec<Step>, Fault> {
        let rows = self.rows(&STEPS, vec![self.ids(referrals.iter().map(|r| r.0))]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                let mut step = Step {
                    referral: c.id()?,
                    from: c.code()?,
                    to: c.code()?,
                    actor: c.code()?,
                    detail: c.take()?,
                    at: c.time()?,
                    organisation: c.id()?,
                    organisation_name: c.take()?,
                    organisation_implies: c.categories()?,
                    triaged_at: c.time_or_none()?,
                    assigned_to: None,
                };
                let (person, name) = (c.id_or_none()?, c.take::<Option<String>>()?);
                step.assigned_to = person.zip(name);
                Ok(step)
            })
            .collect()
    }

    /// What was asked about these referrals, oldest first, where all of a question's categories are open.
    pub async fn questions(&self, referrals: &[ReferralId]) -> Result<Vec<Question>, Fault> {
        let rows = self.rows(&QUESTIONS, vec![self.ids(referrals.iter().map(|r| r.0))]).await?;
        rows.iter().map(|row| question(&mut Columns::of(row))).collect()
    }

    /// A page of the referrals that the viewer triages, in an order, after a place.
    pub async fn triage_queue(
        &self,
        filter: QueueFilter,
        order: TriageOrder,
        after: Option<Place>,
        limit: i64,
    ) -> Result<Vec<(Referral, Place)>, Fault> {
        let mut dues = [i64::MIN; 4];
        let mut ids = [Uuid::nil(); 4];
        for (rank, (due, key)) in (0_i64..).zip(dues.iter_mut().zip(ids.iter_mut())) {
            let from = |place: Place| (place.due.0, place.id);
            let past = (i64::MAX, Uuid::max());
            (*due, *key) = match (after, order) {
                _ if filter.urgency.is_some_and(|u| u.rank() != rank) => past,
                (Some(place), TriageOrder::Due) => from(place),
                (Some(place), TriageOrder::Urgency) if place.rank == rank => from(place),
                (Some(place), TriageOrder::Urgency) if place.rank > rank => past,
                _ => (i64::MIN, Uuid::nil()),
            };
        }
        let (assigned, how) = match filter.assigned {
            Assigned::Any => (Uuid::nil(), 0),
            Assigned::To(person) => (person.0, 1),
            Assigned::Nobody => (Uuid::nil(), 2),
        };
        let mut values = vec![int(limit)];
        values.extend(dues.map(int));
        values.extend(ids.map(id));
        values.push(int(filter.due_by.map_or(i64::MAX, |t| t.0)));
        values.push(state_value(filter.state));
        values.extend([id(assigned), int(how)]);
        values.extend([id(filter.sender.map_or(Uuid::nil(), |o| o.0)), int(i64::from(filter.sender.is_some()))]);
        // What leaves the fewest is what the index begins with.
        let sql = match filter {
            QueueFilter { assigned: Assigned::To(_), .. } => &ASSIGNED,
            QueueFilter { sender: Some(_), .. } => &OF_SENDER,
            QueueFilter { state: Some(_), .. } => &OF_STATE,
            QueueFilter { assigned: Assigned::Nobody, .. } => &UNASSIGNED,
            _ => &ALL,
        };
        let sql = &sql[usize::from(limit > SHORT)];
        let sql = match order {
            TriageOrder::Due => &sql[0],
            TriageOrder::Urgency => &sql[1],
        };
        let rows = self.rows(sql, values).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                let found = referral(&mut c)?;
                let place = Place { rank: found.urgency.rank(), due: c.time()?, id: found.id.0 };
                Ok((found, place))
            })
            .collect()
    }

    /// How many referrals the viewer triages in each state, and how many of these are overdue; at most one more than
    /// [`MOST_COUNTED`] are counted.
    pub async fn triage_counts(&self) -> Result<Vec<(ReferralState, i64, i64)>, Fault> {
        let rows = self.rows(&COUNTS, vec![int(MOST_COUNTED + 1)]).await?;
        let mut counts: Vec<(ReferralState, i64, i64)> = Vec::with_capacity(OPEN.len());
        for row in &rows {
            let mut c = Columns::of(row);
            counts.push((c.code()?, c.take()?, c.take()?));
        }
        counts.sort_by_key(|(state, ..)| OPEN.iter().position(|s| s == state));
        Ok(counts)
    }
}

fn question(c: &mut Columns<'_>) -> Result<Question, Fault> {
    let mut read = Question {
        referral: c.id()?,
        categories: c.categories()?,
        text: c.take()?,
        asked_at: c.time()?,
        answered_at: c.time_or_none()?,
        answer: None,
    };
    if c.take()? {
        read.answer = Some(Answer { categories: c.categories()?, text: c.take()? });
    }
    Ok(read)
}

static PAUSING: Sql = Sql::new(
    "SELECT s.to_state = 'AWAITING_INFORMATION', s.recorded_at FROM referral_step s WHERE s.referral_id = $1 \
    AND s.from_state <> s.to_state AND 'AWAITING_INFORMATION' IN (s.from_state, s.to_state) ORDER BY s.recorded_at, s.id",
);

/// The times in which an answer was waited for. For writes alone.
pub async fn pauses(tx: &Tx, referral: ReferralId) -> Result<Vec<Pause>, Fault> {
    let rows = tx.rows(&PAUSING, vec![id(referral.0)]).await?;
    let mut all = Vec::new();
    for row in &rows {
        let mut c = Columns::of(row);
        pause(&mut all, c.take()?, c.time()?);
    }
    Ok(all)
}

/// Adds to the pauses that one began, or that the last one ended.
pub fn pause(all: &mut Vec<Pause>, begins: bool, at: Timestamp) {
    match all.last_mut() {
        Some(last) if !begins => last.until = Some(at),
        _ if begins => all.push(Pause { from: at, until: None }),
        _ => {}
    }
}

/// What the hub asks, or what is answered.
#[derive(Clone, Debug)]
pub struct Words {
    /// The text.
    pub text: String,
    /// The categories it tells of.
    pub categories: Categories,
    /// It is the sender's own: nobody wrote it down for them.
    pub is_of_sender: bool,
}

/// Writes a question.
pub async fn ask(
    tx: &Tx,
    referral: ReferralId,
    client: ClientId,
    words: &Words,
    by: Recorded,
    random: &dyn Randomness,
) -> Result<(), Fault> {
    insert(
        tx,
        entity::referral_question::Model {
            id: random.uuid_timed(by.at),
            referral_id: referral.0,
            client_id: client.0,
            categories: words.categories.mask(),
            question: words.text.clone(),
            asked_by: by.by.0,
            asked_for: by.on_behalf_of.0,
            asked_at: by.at.0,
            answer_categories: None,
            answer: None,
            answered_by: None,
            answered_for: None,
            answered_by_sender: false,
            answered_at: None,
        },
    )
    .await
}

static SENT_UNDER: Sql =
    Sql::new("SELECT c.categories FROM consent c JOIN referral r ON r.consent_id = c.id WHERE r.id = $1");

/// The categories that the consent names which a referral was sent under. For writes alone.
pub async fn sent_under(tx: &Tx, referral: ReferralId) -> Result<Categories, Fault> {
    match tx.row(&SENT_UNDER, vec![id(referral.0)]).await? {
        Some(row) => Columns::of(&row).categories(),
        None => Ok(Categories::NONE),
    }
}

static WHO_ASKED: Sql =
    Sql::new("SELECT asked_by, asked_for FROM referral_question WHERE referral_id = $1 AND answered_at IS NULL");

/// Who asked what is not answered yet, and for which organisation.
pub async fn who_asked(tx: &Tx, referral: ReferralId) -> Result<Option<(PersonId, OrganisationId)>, Fault> {
    let row = tx.row(&WHO_ASKED, vec![id(referral.0)]).await?;
    row.map(|row| {
        let mut c = Columns::of(&row);
        Ok((c.id()?, c.id()?))
    })
    .transpose()
}

static ANSWER: Sql = Sql::new(
    "UPDATE referral_question SET answer = $1, answer_categories = $2, answered_by = $3, answered_for = $4, answered_at = $5, \
    answered_by_sender = $6 WHERE referral_id = $7 AND answered_at IS NULL",
);
static BROUGHT: Sql = Sql::new("UPDATE referral SET brought = brought | $1 WHERE id = $2");

/// Writes the answer to what was asked; the referral brings its categories from now on.
pub async fn answer(
    tx: &Tx,
    referral: ReferralId,
    words: &Words,
    brings: Categories,
    by: Recorded,
) -> Result<(), Fault> {
    let values = vec![
        text(&words.text),
        int(words.categories.mask()),
        id(by.by.0),
        id(by.on_behalf_of.0),
        int(by.at.0),
        words.is_of_sender.into(),
        id(referral.0),
    ];
    tx.execute(&ANSWER, values).await?;
    tx.execute(&BROUGHT, vec![int(brings.mask()), id(referral.0)]).await.map(|_| ())
}

static IN_HAND: Sql = Sql::new("SELECT assigned_to FROM referral WHERE id = $1");

/// Who has a referral in hand. For writes alone.
pub async fn in_hand(tx: &Tx, referral: ReferralId) -> Result<Option<PersonId>, Fault> {
    match tx.row(&IN_HAND, vec![id(referral.0)]).await? {
        Some(row) => Columns::of(&row).id_or_none(),
        None => Ok(None),
    }
}

static ASSIGN: Sql = Sql::new("UPDATE referral SET assigned_to = $1 WHERE id = $2");

/// Gives a referral into somebody's hand, or nobody's.
pub async fn assign(tx: &Tx, referral: ReferralId, person: Option<PersonId>) -> Result<(), Fault> {
    let values = vec![sea_orm::Value::Uuid(person.map(|p| p.0)), id(referral.0)];
    tx.execute(&ASSIGN, values).await.map(|_| ())
}

static SET_URGENCY: Sql = Sql::new("UPDATE referral SET urgency = $1, urgency_rank = $2 WHERE id = $3");

/// Writes how urgent the hub finds a referral, and a step that leads nowhere else into its history.
pub async fn set_urgency(
    tx: &Tx,
    r: &Referral,
    to: Urgency,
    by: Recorded,
    random: &dyn Randomness,
) -> Result<(), Fault> {
    tx.execute(&SET_URGENCY, vec![text(to.code()), int(to.rank()), id(r.id.0)]).await?;
    insert(
        tx,
        entity::referral_step::Model {
            id: random.uuid_timed(by.at),
            referral_id: r.id.0,
            client_id: r.client.0,
            from_state: r.state.code().into(),
            to_state: r.state.code().into(),
            actor: ReferralActor::Hub.code().into(),
            detail: None,
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            recorded_at: by.at.0,
        },
    )
    .await
}

/// The states as the statements of this file spell them.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_holds_what_the_hub_brings_on() {
        let codes: Vec<_> = OPEN.iter().map(|s| format!("'{}'", s.code())).collect();
        let spelt = format!("({})", codes.join(", "));
        assert!(
            queue!("1 = 1", "", "r.id", "21").contains(&spelt)
                && COUNTS.text(sea_orm::DbBackend::Sqlite).contains(&spelt),
            "{spelt}"
        );
    }
}
