//! Triage: the clock of a referral, what was asked, its steps, and the queue.

use super::OrganisationLink;
use super::pagination::connection;
use super::referral::Referral;
use super::scalars::DateTime;
use crate::domain::category::Category;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{PersonId, ReferralId, TypedId};
use crate::domain::referral::{ReferralActor, ReferralState};
use crate::domain::triage::{Pause, TriageClock as Clock, TriageFacts, clock};
use crate::persistence::triage::{MOST_COUNTED, Place, Question, Step, pause};
use async_graphql::{ID, SimpleObject};
use uuid::Uuid;

/// The triage clock of a referral: three working days of England and Wales from its submission to the first offer or the closing, less
/// those waited for an answer. The day of submission is day 0; in the same way the day on which the hub asks is the hub's, and the day on
/// which the answer comes is not.
#[derive(SimpleObject)]
pub struct TriageClock {
    /// When it started. INVOLVEMENT (C1).
    started_at: DateTime,
    /// By when the referral is to be triaged; `null` while an answer is waited for. INVOLVEMENT (C1).
    due_at: Option<DateTime>,
    /// Since when an answer is waited for. INVOLVEMENT (C1).
    paused_since: Option<DateTime>,
    /// When it stopped. INVOLVEMENT (C1).
    stopped_at: Option<DateTime>,
    /// Working days since the day of submission, until now or until it stopped. INVOLVEMENT (C1).
    raw_working_days: u32,
    /// The same less those waited for an answer. INVOLVEMENT (C1).
    adjusted_working_days: u32,
    /// Working days left after today; `null` once it stopped. INVOLVEMENT (C1).
    working_days_left: Option<u32>,
    /// Whether it is overdue, or was when it stopped. INVOLVEMENT (C1).
    is_breached: bool,
}

impl From<Clock> for TriageClock {
    fn from(c: Clock) -> Self {
        Self {
            started_at: DateTime(c.started_at),
            due_at: c.due_at.map(DateTime),
            paused_since: c.paused_since.map(DateTime),
            stopped_at: c.stopped_at.map(DateTime),
            raw_working_days: c.raw_days,
            adjusted_working_days: c.adjusted_days,
            working_days_left: c.days_left,
            is_breached: c.breached,
        }
    }
}

/// The clock of a submitted referral, by its steps.
pub fn clock_of(steps: &[&Step], submitted_at: Timestamp, now: Timestamp) -> Option<TriageClock> {
    let triaged_at = steps.first()?.triaged_at;
    let mut pauses: Vec<Pause> = Vec::new();
    for step in steps {
        match (step.from, step.to) {
            (from, to) if from == to => {}
            (_, ReferralState::AwaitingInformation) => pause(&mut pauses, true, step.at),
            (ReferralState::AwaitingInformation, _) => pause(&mut pauses, false, step.at),
            _ => {}
        }
    }
    Some(clock(&TriageFacts { submitted_at, pauses, triaged_at }, now).into())
}

/// What the hub asked about a referral, and what was answered. INVOLVEMENT (C1).
#[derive(SimpleObject)]
pub struct ReferralQuestion {
    /// The question. INVOLVEMENT (C1).
    question: String,
    /// When it was asked. INVOLVEMENT (C1).
    asked_at: DateTime,
    /// When it was answered. INVOLVEMENT (C1).
    answered_at: Option<DateTime>,
    /// The answer, where all that it tells of is open; a sender reads what their own organisation answered. The answer's own categories
    /// (C1, C7).
    answer: Option<ReferralAnswer>,
}

/// The answer to what was asked about a referral. The answer's own categories (C1).
#[derive(SimpleObject)]
pub struct ReferralAnswer {
    /// The categories that it tells of, INVOLVEMENT with them. The answer's own categories (C1).
    categories: Vec<Category>,
    /// The answer. The answer's own categories (C1, C7).
    text: String,
}

impl From<&Question> for ReferralQuestion {
    fn from(q: &Question) -> Self {
        let answer = q.answer.as_ref();
        Self {
            question: q.text.clone(),
            asked_at: DateTime(q.asked_at),
            answered_at: q.answered_at.map(DateTime),
            answer: answer
                .map(|a| ReferralAnswer { categories: a.categories.iter().collect(), text: a.text.clone() }),
        }
    }
}

/// A step that a referral took. INVOLVEMENT (C1); for the hub, and for who sent it.
#[derive(SimpleObject)]
pub struct ReferralStep {
    /// When. INVOLVEMENT (C1).
    at: DateTime,
    /// From which state. INVOLVEMENT (C1).
    from: ReferralState,
    /// To which state. INVOLVEMENT (C1).
    to: ReferralState,
    /// On whose behalf. INVOLVEMENT (C1).
    actor: ReferralActor,
    /// For which organisation it was taken; for the hub, as a sender is not told where its referral was offered. INVOLVEMENT (C1, C2
    /// REFERRER).
    recorded_for: Option<OrganisationLink>,
    /// The reason of a decline, as its code; for the hub. INVOLVEMENT (C1, C2 REFERRER).
    detail: Option<String>,
}

impl ReferralStep {
    /// From its row; the rest for the hub alone.
    pub fn of(step: &Step, for_the_hub: Option<OrganisationLink>) -> Self {
        Self {
            at: DateTime(step.at),
            from: step.from,
            to: step.to,
            actor: step.actor,
            detail: step.detail.clone().filter(|_| for_the_hub.is_some()),
            recorded_for: for_the_hub,
        }
    }
}

/// Who of the hub has a referral in hand. INVOLVEMENT (C1); for the hub.
#[derive(SimpleObject)]
pub struct ReferralAssignee {
    /// Global id of the person. INVOLVEMENT (C1).
    person_id: ID,
    /// Their name. INVOLVEMENT (C1).
    name: String,
}

impl ReferralAssignee {
    /// From who it is.
    pub fn of((person, name): &(PersonId, String)) -> Self {
        Self { person_id: person.global().into(), name: name.clone() }
    }
}

/// How many referrals the hub has in one state.
#[derive(SimpleObject)]
pub struct TriageCount {
    /// The state.
    state: ReferralState,
    /// How many the viewer sees in it, at most 1,000.
    count: i64,
    /// Of those, how many are to be triaged and overdue, at most 1,000.
    overdue: i64,
    /// Whether there are more than were counted.
    is_more: bool,
}

impl From<(ReferralState, i64, i64)> for TriageCount {
    fn from((state, count, overdue): (ReferralState, i64, i64)) -> Self {
        Self {
            state,
            count: count.min(MOST_COUNTED),
            overdue: overdue.min(MOST_COUNTED),
            is_more: count.max(overdue) > MOST_COUNTED,
        }
    }
}

/// A cursor of the queue. It holds the place, not the referral's id to look up: that would tell where a hidden one stands.
pub fn cursor(place: Place) -> String {
    format!("{}.{}.{}", place.rank, place.due.0, ReferralId(place.id).global())
}

/// The place a cursor holds.
pub fn place(cursor: &str) -> Option<Place> {
    let (rank, rest) = cursor.split_once('.')?;
    let (due, id) = rest.split_once('.')?;
    let (rank, due) = (rank.parse().ok()?, Timestamp(due.parse().ok()?));
    let id: Uuid = ReferralId::parse(id)?.0;
    (0..=3).contains(&rank).then_some(Place { rank, due, id })
}

connection!(
    TriageQueueConnection "A page of the queue of triage.",
    TriageQueueEdge "One of a page of the queue, with its cursor.",
    Referral,
    |r| r.place().map(cursor).unwrap_or_default()
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_holds_a_place_and_nothing_else_is_one() {
        let at = Place { rank: 2, due: Timestamp(1_700_000_000_000_000), id: Uuid::from_u128(7) };
        assert_eq!(place(&cursor(at)), Some(at));
        let never = Place { due: Timestamp::NEVER, ..at };
        assert_eq!(place(&cursor(never)), Some(never));
        for wrong in [
            "",
            "2",
            "2.5",
            "4.5.referral_00000000000000000000000000000007",
            "2.x.referral_00000000000000000000000000000007",
            "2.5.client_00000000000000000000000000000007",
        ] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
