//! Feedback to who sends referrals.

use super::failure::ApiError;
use super::scalars::Date;
use crate::domain::calendar::start_of_day;
use crate::domain::clock::{Timestamp, parse_date};
use crate::domain::referral::Outcome;
use crate::service::feedback::Feedback;
use async_graphql::SimpleObject;

/// How many referrals closed in one way.
#[derive(SimpleObject)]
pub struct OutcomeCount {
    /// How they closed; as their sender is told it, but to the hub.
    outcome: Outcome,
    /// How many.
    count: i64,
}

impl OutcomeCount {
    /// Of each outcome, how many.
    pub fn all(outcomes: &[(Outcome, i64)]) -> Vec<Self> {
        outcomes.iter().map(|(outcome, count)| Self { outcome: *outcome, count: *count }).collect()
    }
}

/// What share some are of all; nothing where there are none.
pub fn share(some: i64, all: i64) -> Option<f64> {
    #[allow(clippy::cast_precision_loss, reason = "counts of referrals")]
    (all > 0).then(|| some as f64 / all as f64)
}

/// The beginnings of two days in London.
pub fn days(from: &Date, until: &Date) -> Result<(Timestamp, Timestamp), ApiError> {
    let day = |d: &Date| parse_date(&d.0).map(start_of_day);
    match (day(from), day(until)) {
        (Some(from), Some(until)) => Ok((from, until)),
        _ => Err(ApiError::BadRequest("A day is written YYYY-MM-DD.")),
    }
}

/// What became of the referrals that the viewer's organisation submitted in a time, of those the viewer sees as their sender.
#[derive(SimpleObject)]
pub struct ReferralFeedback {
    /// How many were submitted.
    sent: i64,
    /// How many are not answered yet.
    open: i64,
    /// How many were accepted.
    accepted: i64,
    /// How many closed without a case.
    closed: i64,
    /// The share of those answered that was accepted, 0 to 1; `null` while none is answered.
    accepted_share: Option<f64>,
    /// How those closed, the most frequent first.
    outcomes: Vec<OutcomeCount>,
    /// How many closed because no service's criteria fit although one had done so before they were sent: repeat inappropriate referrals.
    criteria_not_met_again: i64,
    /// Median working days from submission to the first offer or the closing, of at most the latest 10,000; `null` while there is none.
    median_working_days_to_triage: Option<f64>,
}

impl From<Feedback> for ReferralFeedback {
    fn from(f: Feedback) -> Self {
        Self {
            sent: f.sent,
            open: f.open,
            accepted: f.accepted,
            closed: f.closed,
            accepted_share: share(f.accepted, f.accepted.saturating_add(f.closed)),
            outcomes: OutcomeCount::all(&f.outcomes),
            criteria_not_met_again: f.not_fitting_again,
            median_working_days_to_triage: f.median_days,
        }
    }
}
