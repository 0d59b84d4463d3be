//! Feedback to who sends referrals: what became of their own, and how soon.

use super::context::{Context, Failure};
use crate::domain::clock::Timestamp;
use crate::domain::referral::{Outcome, ReferralState};
use crate::domain::role::Role;
use crate::domain::triage::working_days;

/// Who sends referrals.
const SENDERS: &[Role] = &[Role::Referrer, Role::SupportWorker, Role::TeamManager, Role::HubCoordinator];
/// The most referrals whose time to triage is looked at: the latest.
const MOST: i64 = 10_000;

/// What became of an organisation's referrals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feedback {
    /// How many were submitted.
    pub sent: i64,
    /// How many are not answered yet.
    pub open: i64,
    /// How many were accepted.
    pub accepted: i64,
    /// How many closed without a case.
    pub closed: i64,
    /// How those closed, the most frequent first.
    pub outcomes: Vec<(Outcome, i64)>,
    /// Of those that closed because no service's criteria fit: how many were sent after one had.
    pub not_fitting_again: i64,
    /// Median working days from submission to the first offer or the closing.
    pub median_days: Option<f64>,
}

impl Feedback {
    /// Counts referrals that came to one end.
    pub(super) fn add(&mut self, state: ReferralState, outcome: Option<Outcome>, count: i64, after_not_fitting: i64) {
        self.sent += count;
        match state {
            ReferralState::Accepted => self.accepted += count,
            ReferralState::Closed => {
                self.closed += count;
                self.outcomes.extend(outcome.map(|o| (o, count)));
                if outcome == Some(Outcome::CriteriaNotMet) {
                    self.not_fitting_again += after_not_fitting;
                }
            }
            _ => self.open += count,
        }
    }

    /// The same, the most frequent outcome first.
    pub(super) fn in_order(mut self) -> Self {
        self.outcomes.sort_by_key(|(outcome, count)| (std::cmp::Reverse(*count), *outcome as i64));
        self
    }
}

/// What became of the referrals that the viewer's organisation submitted in a time, of those the viewer sees as their sender.
pub async fn of_sender(ctx: &Context, from: Timestamp, until: Timestamp) -> Result<Feedback, Failure> {
    ctx.require(SENDERS)?;
    let mut told = Feedback::default();
    for e in ctx.scope().ends_of_sent(from, until).await? {
        told.add(e.state, e.outcome, e.count, e.after_not_fitting);
    }
    let triaged = ctx.scope().triage_of_sent(from, until, MOST).await?;
    told.median_days = median(triaged.iter().map(|(from, until)| working_days(*from, *until)).collect());
    Ok(told.in_order())
}

/// The middle of them, or between the two that are.
pub(super) fn median(mut days: Vec<u32>) -> Option<f64> {
    days.sort_unstable();
    let middle = days.len() / 2;
    let upper = f64::from(*days.get(middle)?);
    let lower = if days.len() % 2 == 1 { upper } else { f64::from(*days.get(middle.wrapping_sub(1))?) };
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_that_are() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3]), Some(3.0));
        assert_eq!(median(vec![5, 1]), Some(3.0));
        assert_eq!(median(vec![9, 1, 2]), Some(2.0));
        assert_eq!(median(vec![4, 1, 2, 9]), Some(3.0));
    }
}
