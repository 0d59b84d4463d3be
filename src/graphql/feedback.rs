//! Feedback to who sends referrals.

use crate::domain::referral::Outcome;
use crate::service::feedback::Feedback;
use async_graphql::SimpleObject;

/// How many referrals closed in one way.
#[derive(SimpleObject)]
pub struct OutcomeCount {
    /// How they closed, as their sender is told it.
    outcome: Outcome,
    /// How many.
    count: i64,
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
        let answered = f.accepted + f.closed;
        #[allow(clippy::cast_precision_loss, reason = "counts of one organisation's referrals")]
        let share = (answered > 0).then(|| f.accepted as f64 / answered as f64);
        Self {
            sent: f.sent,
            open: f.open,
            accepted: f.accepted,
            closed: f.closed,
            accepted_share: share,
            outcomes: f.outcomes.into_iter().map(|(outcome, count)| OutcomeCount { outcome, count }).collect(),
            criteria_not_met_again: f.not_fitting_again,
            median_working_days_to_triage: f.median_days,
        }
    }
}
