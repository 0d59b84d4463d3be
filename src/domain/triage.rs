//! The triage clock: three working days from submission to the first offer or the closing, less those waited for an answer.
//!
//! Days are the working days of England and Wales in London ([`super::calendar`]). The day of submission is day 0. In the same way the
//! day on which the hub asks is still its own, and the day on which the answer comes is the referrer's.

use super::calendar::{end_of_working_days_after, is_working_day, london_date};
use super::clock::Timestamp;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Working days to triage.
pub const WORKING_DAYS: u32 = 3;

/// A time in which the clock stood still: the hub had asked, and the answer had not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When the hub asked.
    pub from: Timestamp,
    /// When the answer came; nothing while it is waited for.
    pub until: Option<Timestamp>,
}

/// What happened to a referral, as the clock needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriageFacts {
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// The pauses, in order; none overlap.
    pub pauses: Vec<Pause>,
    /// When it was first offered, or closed.
    pub triaged_at: Option<Timestamp>,
}

/// The clock as it stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TriageClock {
    /// When it started: the submission.
    pub started_at: Timestamp,
    /// By when it is to be triaged; nothing while an answer is waited for.
    pub due_at: Option<Timestamp>,
    /// Since when an answer is waited for.
    pub paused_since: Option<Timestamp>,
    /// When it stopped.
    pub stopped_at: Option<Timestamp>,
    /// Working days since the day of submission.
    pub raw_days: u32,
    /// The same less those waited for an answer.
    pub adjusted_days: u32,
    /// Working days left after today; nothing once it stopped.
    pub days_left: Option<u32>,
    /// Whether it was, or is, not triaged in time.
    pub breached: bool,
}

/// The working days after the day of one moment, up to and with the day of another.
fn days_between(from: Timestamp, until: Timestamp) -> impl Iterator<Item = NaiveDate> {
    let last = london_date(until);
    let after = london_date(from).succ_opt().unwrap_or(NaiveDate::MAX);
    after.iter_days().take_while(move |d| *d <= last).filter(|d| is_working_day(*d))
}

/// The working days waited for answers until a moment: each day once, however often the hub asked on it.
fn waited(facts: &TriageFacts, until: Timestamp) -> u32 {
    let days: BTreeSet<NaiveDate> = facts
        .pauses
        .iter()
        .filter(|p| p.from < until)
        .flat_map(|p| days_between(p.from, p.until.map_or(until, |u| u.min(until))))
        .collect();
    // The day of submission is day 0 and never counts.
    count(days.into_iter())
}

fn count(days: impl Iterator<Item = NaiveDate>) -> u32 {
    u32::try_from(days.count()).unwrap_or(u32::MAX)
}

/// Working days after the day of one moment, up to and with the day of another.
pub fn working_days(from: Timestamp, until: Timestamp) -> u32 {
    count(days_between(from, until))
}

/// By when a referral is to be triaged, as far as it is known at a moment: nothing while an answer is waited for.
pub fn due_at(facts: &TriageFacts) -> Option<Timestamp> {
    if facts.triaged_at.is_none() && facts.pauses.iter().any(|p| p.until.is_none()) {
        return None;
    }
    let until = facts.triaged_at.unwrap_or(Timestamp::NEVER);
    Some(due_until(facts, until))
}

/// By when it is to be triaged, by the pauses that ended by then.
fn due_until(facts: &TriageFacts, until: Timestamp) -> Timestamp {
    let ended = TriageFacts {
        pauses: facts.pauses.iter().copied().filter(|p| p.until.is_some_and(|u| u <= until)).collect(),
        ..facts.clone()
    };
    end_of_working_days_after(facts.submitted_at, WORKING_DAYS.saturating_add(waited(&ended, Timestamp::NEVER)))
}

/// The clock of a submitted referral at a moment.
pub fn clock(facts: &TriageFacts, now: Timestamp) -> TriageClock {
    let at = facts.triaged_at.map_or(now, |t| t.min(now));
    let paused_since = facts.pauses.iter().find(|p| p.from <= at && p.until.is_none_or(|u| at < u)).map(|p| p.from);
    // While it stands still, it stands where it stood when the hub asked.
    let ran_until = paused_since.unwrap_or(at);
    let raw_days = count(days_between(facts.submitted_at, at));
    let adjusted_days = raw_days.saturating_sub(waited(facts, at));
    let due = due_until(facts, ran_until);
    let running = facts.triaged_at.is_none();
    TriageClock {
        started_at: facts.submitted_at,
        due_at: (!running || paused_since.is_none()).then_some(due),
        paused_since: paused_since.filter(|_| running),
        stopped_at: facts.triaged_at,
        raw_days,
        adjusted_days,
        days_left: running.then(|| WORKING_DAYS.saturating_sub(adjusted_days)),
        breached: ran_until >= due,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn facts(submitted: &str, pauses: &[(&str, &str)], triaged: Option<&str>) -> TriageFacts {
        let pause =
            |(from, until): &(&str, &str)| Pause { from: at(from), until: (!until.is_empty()).then(|| at(until)) };
        TriageFacts {
            submitted_at: at(submitted),
            pauses: pauses.iter().map(pause).collect(),
            triaged_at: triaged.map(at),
        }
    }

    #[test]
    fn three_working_days_from_the_day_of_submission() {
        // Submitted; due.
        let table = [
            ("2026-04-20T09:00:00Z", "2026-04-23T23:00:00Z"), // Monday: the end of Thursday, in summer time.
            ("2026-04-20T22:59:59Z", "2026-04-23T23:00:00Z"),
            ("2026-04-20T23:00:00Z", "2026-04-24T23:00:00Z"), // Midnight in London is Tuesday.
            ("2026-04-23T09:00:00Z", "2026-04-28T23:00:00Z"), // Thursday, over a weekend.
            ("2026-04-25T09:00:00Z", "2026-04-29T23:00:00Z"), // A Saturday counts from Monday.
            ("2026-04-01T09:00:00Z", "2026-04-08T23:00:00Z"), // Wednesday before Easter.
            ("2026-04-02T09:00:00Z", "2026-04-09T23:00:00Z"), // Maundy Thursday.
            ("2026-04-03T09:00:00Z", "2026-04-09T23:00:00Z"), // Good Friday itself.
            ("2026-12-24T09:00:00Z", "2027-01-01T00:00:00Z"), // Christmas on a Friday, its Saturday's substitute on Monday.
            ("2021-12-24T09:00:00Z", "2022-01-01T00:00:00Z"), // Christmas on a Saturday: Monday and Tuesday in its stead.
            ("2022-12-23T09:00:00Z", "2022-12-31T00:00:00Z"), // Christmas on a Sunday: its substitute is Tuesday.
            ("2026-03-26T09:00:00Z", "2026-03-31T23:00:00Z"), // The clocks go forward on the 29th.
            ("2026-10-22T09:00:00Z", "2026-10-28T00:00:00Z"), // The clocks go back on the 25th.
        ];
        for (submitted, due) in table {
            let f = facts(submitted, &[], None);
            let due = at(due);
            assert_eq!(due_at(&f), Some(due), "{submitted}");
            assert!(!clock(&f, Timestamp(due.0 - 1)).breached, "{submitted}");
            assert!(clock(&f, due).breached, "{submitted}");
        }
    }

    #[test]
    fn it_stands_still_while_an_answer_is_waited_for() {
        // Submitted on Monday; asked; answered; due.
        let table = [
            ("2026-04-20T10:00:00Z", "2026-04-20T15:00:00Z", "2026-04-23T23:00:00Z"), // On one day: nothing is waited.
            ("2026-04-20T10:00:00Z", "2026-04-21T09:00:00Z", "2026-04-24T23:00:00Z"),
            ("2026-04-21T10:00:00Z", "2026-04-23T09:00:00Z", "2026-04-27T23:00:00Z"),
            ("2026-04-24T10:00:00Z", "2026-04-26T09:00:00Z", "2026-04-23T23:00:00Z"), // Nobody works at the weekend.
        ];
        for (asked, answered, due) in table {
            let f = facts("2026-04-20T09:00:00Z", &[(asked, answered)], None);
            assert_eq!(due_at(&f), Some(at(due)), "{asked} {answered}");
        }
        // Over Easter: asked on Maundy Thursday, answered on the Wednesday after.
        let easter = facts("2026-04-01T09:00:00Z", &[("2026-04-02T15:00:00Z", "2026-04-08T10:00:00Z")], None);
        assert_eq!(due_at(&easter), Some(at("2026-04-10T23:00:00Z")), "two working days were waited");
        let told = clock(&easter, at("2026-04-09T09:00:00Z"));
        assert_eq!((told.raw_days, told.adjusted_days, told.days_left), (4, 2, Some(1)));
        assert!(!told.breached && told.paused_since.is_none());
        // Asked twice on a day, it is waited for once.
        let twice =
            [("2026-04-20T10:00:00Z", "2026-04-21T09:00:00Z"), ("2026-04-21T10:00:00Z", "2026-04-21T11:00:00Z")];
        assert_eq!(due_at(&facts("2026-04-20T09:00:00Z", &twice, None)), Some(at("2026-04-24T23:00:00Z")));
    }

    #[test]
    fn while_it_stands_still_it_stands_where_it_stood() {
        let f = facts("2026-04-20T09:00:00Z", &[("2026-04-22T10:00:00Z", "")], None);
        for (now, raw) in [("2026-04-22T10:00:00Z", 2), ("2026-04-23T10:00:00Z", 3), ("2026-05-05T10:00:00Z", 10)] {
            let told = clock(&f, at(now));
            assert_eq!((told.raw_days, told.adjusted_days, told.days_left), (raw, 2, Some(1)), "{now}");
            assert_eq!((told.due_at, told.paused_since), (None, Some(at("2026-04-22T10:00:00Z"))), "{now}");
            assert!(!told.breached, "{now}");
        }
        assert_eq!(due_at(&f), None);
        // What was late when the hub asked stays late, and is late when the answer comes.
        let late = facts("2026-04-20T09:00:00Z", &[("2026-04-27T10:00:00Z", "")], None);
        assert!(clock(&late, at("2026-04-29T10:00:00Z")).breached);
        let answered = facts("2026-04-20T09:00:00Z", &[("2026-04-27T10:00:00Z", "2026-04-29T10:00:00Z")], None);
        let told = clock(&answered, at("2026-04-29T11:00:00Z"));
        assert_eq!((told.raw_days, told.adjusted_days, told.days_left, told.breached), (7, 5, Some(0), true));
    }

    #[test]
    fn it_stops_at_the_first_offer_or_the_closing() {
        let f = facts("2026-04-20T09:00:00Z", &[], Some("2026-04-22T10:00:00Z"));
        let told = clock(&f, at("2026-06-01T10:00:00Z"));
        assert_eq!((told.raw_days, told.adjusted_days, told.days_left, told.breached), (2, 2, None, false));
        assert_eq!((told.due_at, told.stopped_at), (Some(at("2026-04-23T23:00:00Z")), f.triaged_at));
        let late = facts("2026-04-20T09:00:00Z", &[], Some("2026-04-23T23:00:00Z"));
        assert!(clock(&late, at("2026-06-01T10:00:00Z")).breached);
        // Closed while it waited, it stopped where it stood.
        let waiting = facts("2026-04-20T09:00:00Z", &[("2026-04-21T10:00:00Z", "")], Some("2026-05-01T10:00:00Z"));
        let told = clock(&waiting, at("2026-06-01T10:00:00Z"));
        assert_eq!((told.raw_days, told.adjusted_days, told.breached, told.paused_since), (9, 1, false, None));
        assert_eq!(told.due_at, Some(at("2026-04-23T23:00:00Z")));
        assert_eq!(due_at(&waiting), told.due_at);
    }

    /// Whatever the hub asks, the clock is late exactly when more than three working days were its own, at the end of each.
    #[test]
    fn the_due_time_and_the_days_say_the_same() {
        let start = at("2026-03-20T09:00:00Z");
        let day = |n: i64| Timestamp(start.0 + n * 24 * 3_600_000_000);
        for asked in 0..12 {
            for waited in 0..10 {
                let f = TriageFacts {
                    submitted_at: start,
                    pauses: vec![Pause { from: day(asked), until: Some(day(asked + waited)) }],
                    triaged_at: None,
                };
                for n in 0..40 {
                    let now = day(n);
                    if !is_working_day(london_date(now)) || (asked..asked + waited).contains(&n) {
                        continue;
                    }
                    let told = clock(&f, now);
                    assert_eq!(told.breached, told.adjusted_days > WORKING_DAYS, "{asked} {waited} {n} {told:?}");
                    assert!(told.adjusted_days <= told.raw_days);
                }
            }
        }
    }
}
