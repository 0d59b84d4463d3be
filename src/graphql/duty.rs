//! The duty to refer, beside its referral.

use super::OrganisationLink;
use super::scalars::DateTime;
use crate::domain::duty::pass_by;
use crate::persistence::duty::Record;
use async_graphql::SimpleObject;

/// A public body's duty to refer (Housing Act 1996, section 213B): that a housing authority which the person chose is told how to reach
/// them and why. It stands in for no referral to support. INVOLVEMENT (C1); for the hub, who sent the referral, and who leads the case.
#[derive(SimpleObject)]
pub struct DutyToRefer {
    /// The housing authority that the person chose; while contact is for the few, for them and for who wrote it. INVOLVEMENT (C1, C7).
    authority: Option<OrganisationLink>,
    /// Why the person may be homeless or threatened with it. HOUSING (C1, C7); who sent it reads what it wrote.
    reason: Option<String>,
    /// How the person agreed. INVOLVEMENT (C1, C7).
    evidence: Option<String>,
    /// When the person agreed. INVOLVEMENT (C1).
    agreed_at: DateTime,
    /// When it was recorded. INVOLVEMENT (C1).
    recorded_at: DateTime,
    /// By when the hub passes it on: the end of the day on which it came in; `null` on a draft. INVOLVEMENT (C1).
    pass_by: Option<DateTime>,
    /// When the hub passed it on. INVOLVEMENT (C1).
    passed_at: Option<DateTime>,
    /// When the authority acknowledged it. INVOLVEMENT (C1).
    acknowledged_at: Option<DateTime>,
    /// The authority's reference; while contact is for the few, for them and for who wrote it down, and not for an organisation that the client
    /// excludes. INVOLVEMENT (C1, C6, C7).
    reference: Option<String>,
    /// When the person took it back. INVOLVEMENT (C1).
    ended_at: Option<DateTime>,
    /// What they said then, told like the reference. INVOLVEMENT (C1, C6, C7).
    end_reason: Option<String>,
}

impl DutyToRefer {
    /// From its row; the link and the reason as far as they are told.
    pub fn of(
        d: &Record,
        submitted_at: Option<crate::domain::clock::Timestamp>,
        authority: OrganisationLink,
        reason: Option<String>,
    ) -> Self {
        Self {
            authority: Some(authority).filter(|_| !d.is_withheld),
            reason: reason.filter(|_| !d.is_withheld),
            evidence: Some(d.evidence.clone()).filter(|_| !d.is_withheld),
            agreed_at: DateTime(d.agreed_at),
            recorded_at: DateTime(d.recorded_at),
            pass_by: submitted_at.map(|at| DateTime(pass_by(at.max(d.recorded_at)))),
            passed_at: d.passed_at.map(DateTime),
            acknowledged_at: d.acknowledged_at.map(DateTime),
            reference: d.reference.clone().filter(|_| !d.reference_is_withheld),
            ended_at: d.ended_at.map(DateTime),
            end_reason: d.end_reason.clone().filter(|_| !d.end_is_withheld),
        }
    }
}
