//! Figures for the hub: what became of the referrals of each sender, and of the offers to each team.

use super::context::{Context, Failure};
use super::feedback::{Feedback, median};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{OrganisationId, TeamId};
use crate::domain::referral::DeclineReason;
use crate::domain::triage::working_days;
use crate::persistence::figures::OfferAnswer;
use std::collections::BTreeMap;

/// The most referrals, or offers, whose times are looked at: the latest.
const MOST: i64 = 10_000;

/// How many working days each of them took, by whose they are.
fn days<K: Ord>(times: Vec<(K, Timestamp, Timestamp)>) -> BTreeMap<K, Vec<u32>> {
    let mut all: BTreeMap<K, Vec<u32>> = BTreeMap::new();
    for (whose, from, until) in times {
        all.entry(whose).or_default().push(working_days(from, until));
    }
    all
}

/// What became of each sender's referrals that were submitted in a time, of those the viewer sees as the hub; in the order of the senders'
/// ids.
pub async fn by_sender(
    ctx: &Context,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<(OrganisationId, Feedback)>, Failure> {
    let mut all: BTreeMap<OrganisationId, Feedback> = BTreeMap::new();
    for e in ctx.scope().ends_by_sender(from, until).await? {
        all.entry(e.sender).or_default().add(e.state, e.outcome, e.count, e.after_not_fitting);
    }
    let mut days = days(ctx.scope().triage_by_sender(from, until, MOST).await?);
    let told = all.into_iter().map(|(sender, mut told)| {
        told.median_days = median(days.remove(&sender).unwrap_or_default());
        (sender, told.in_order())
    });
    Ok(told.collect())
}

/// What became of the offers to a team.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TeamAnswers {
    /// How many were made.
    pub offered: i64,
    /// How many wait for an answer.
    pub waiting: i64,
    /// How many the team took.
    pub accepted: i64,
    /// How many it declined.
    pub declined: i64,
    /// Why, the most frequent first.
    pub reasons: Vec<(DeclineReason, i64)>,
    /// How many the hub took back because no answer came.
    pub taken_back: i64,
    /// How many ended with the referral.
    pub ended: i64,
    /// Median working days from offer to answer.
    pub median_days: Option<f64>,
}

/// What became of the offers to each team that were made in a time, of those the viewer sees as the hub; in the order of the teams' ids.
pub async fn by_team(
    ctx: &Context,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<(TeamId, TeamAnswers)>, Failure> {
    let mut all: BTreeMap<TeamId, TeamAnswers> = BTreeMap::new();
    for a in ctx.scope().answers_by_team(from, until).await? {
        let told = all.entry(a.team).or_default();
        told.offered += a.count;
        match a.answer {
            OfferAnswer::Waiting => told.waiting += a.count,
            OfferAnswer::Accepted => told.accepted += a.count,
            OfferAnswer::NoAnswer => told.taken_back += a.count,
            OfferAnswer::Ended => told.ended += a.count,
            OfferAnswer::Declined => {
                told.declined += a.count;
                told.reasons.extend(a.reason.map(|r| (r, a.count)));
            }
        }
    }
    let mut days = days(ctx.scope().answer_times_by_team(from, until, MOST).await?);
    let told = all.into_iter().map(|(team, mut told)| {
        told.reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason as i64));
        told.median_days = median(days.remove(&team).unwrap_or_default());
        (team, told)
    });
    Ok(told.collect())
}
