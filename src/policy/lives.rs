//! Lives change (C3, C24): who acts for a person and until when, when a consent ends with the authority it rests on, and how long
//! records are kept.

use super::coverage;
use super::grants::{CaseFacts, ReferralFacts};
use crate::domain::clock::Timestamp;
use crate::domain::consent::GivenBy;
use crate::domain::ids::OrganisationId;
use crate::domain::proxy::ProxyKind;
use crate::domain::referral::ReferralState;

/// A proxy's authority as it is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyFacts {
    /// By what they act.
    pub kind: ProxyKind,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when, as planned.
    pub until_at: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
    /// When it was recorded that they never act for this person.
    pub excluded_at: Option<Timestamp>,
}

/// That a child was found competent, the earliest of such records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompetenceFacts {
    /// Since when.
    pub assessed_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// Whether a proxy may consent for the person at a moment: within their times, neither ended nor excluded, and a parent only while
/// the child is not competent. A parent's age limit is no matter of this: the date of birth is not for everybody who records, so
/// that such a consent is taken and covers nothing (C14).
pub fn may_act(proxy: &ProxyFacts, competent: Option<CompetenceFacts>, at: Timestamp) -> bool {
    proxy.starts_at <= at
        && at < proxy.until_at
        && proxy.ended_at.is_none()
        && proxy.excluded_at.is_none()
        && (proxy.kind != ProxyKind::Parent || competent.is_none_or(|c| at < c.assessed_at))
}

/// How long the authority behind a consent lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Until when at most, by dates that are known.
    pub lapses_at: Timestamp,
    /// When it was recorded that it is over, if it was: from then on the consent opens nothing, whatever a clock says.
    pub ended_at: Option<Timestamp>,
}

/// The authority behind a consent: the person's own lasts, a proxy's ends with the proxy, a parent's when the child is of age or
/// competent as well (C3, C24).
pub fn authority(
    given_by: GivenBy,
    proxy: Option<ProxyFacts>,
    of_age_at: Option<Timestamp>,
    competent: Option<CompetenceFacts>,
) -> Authority {
    let competent = competent.filter(|_| given_by == GivenBy::Parent);
    let lapses_at = [Some(coverage::lapses_at(given_by, of_age_at)), proxy.map(|p| p.until_at)];
    let lapses_at = lapses_at.into_iter().chain([competent.map(|c| c.assessed_at)]).flatten();
    let ended = [proxy.and_then(|p| p.ended_at), proxy.and_then(|p| p.excluded_at), competent.map(|c| c.recorded_at)];
    Authority { lapses_at: lapses_at.min().unwrap_or(Timestamp::NEVER), ended_at: ended.into_iter().flatten().min() }
}

/// Years that an organisation keeps records after the last closure, unless it says otherwise.
pub const RETENTION_YEARS: u32 = 7;
/// The most years it may say.
pub const LONGEST_RETENTION_YEARS: u32 = 100;

/// How an organisation keeps what it has of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Years after the last closure.
    pub years: u32,
    /// It has a live legal hold on the client's record.
    pub held: bool,
}

/// When the last of a person's referrals and cases closed; nothing while one of them is open. What was accepted closes with its case,
/// and a draft was never open: it counts from when it was made.
pub fn last_closure(referrals: &[ReferralFacts], cases: &[CaseFacts]) -> Option<Timestamp> {
    let referrals = referrals.iter().filter(|r| r.state != ReferralState::Accepted).map(|r| match r.state {
        ReferralState::Draft => Some(r.created_at),
        ReferralState::Closed => r.closed_at,
        _ => None,
    });
    let all: Option<Vec<Timestamp>> = referrals.chain(cases.iter().map(|c| c.closed_at)).collect();
    all.and_then(|closures| closures.into_iter().max())
}

/// Until when an organisation keeps what it recorded and the referrals it sent: its years after the last closure, without an end
/// while something is open or a legal hold stands (C24).
pub fn kept_until(last_closure: Option<Timestamp>, keeping: Option<&Keeping>) -> Timestamp {
    match last_closure {
        Some(at) if !keeping.is_some_and(|k| k.held) => at.plus_years(keeping.map_or(RETENTION_YEARS, |k| k.years)),
        _ => Timestamp::NEVER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::category::Categories;
    use crate::domain::ids::{CaseId, PersonId, ReferralId, TeamId};
    use crate::policy::grants::TeamFacts;
    use uuid::Uuid;

    const PROXY: ProxyFacts = ProxyFacts {
        kind: ProxyKind::Parent,
        starts_at: Timestamp(10),
        until_at: Timestamp(100),
        ended_at: None,
        excluded_at: None,
    };
    const COMPETENT: Option<CompetenceFacts> =
        Some(CompetenceFacts { assessed_at: Timestamp(50), recorded_at: Timestamp(60) });

    #[test]
    fn a_proxy_acts_within_their_times_unless_ended_or_excluded_and_a_parent_until_competence() {
        let attorney = ProxyFacts { kind: ProxyKind::Attorney, ..PROXY };
        let ended = ProxyFacts { ended_at: Some(Timestamp(90)), ..PROXY };
        let excluded = ProxyFacts { excluded_at: Some(Timestamp(90)), ..attorney };
        let table = [
            (PROXY, None, 9, false),
            (PROXY, None, 10, true),
            (PROXY, None, 99, true),
            (PROXY, None, 100, false),
            (PROXY, COMPETENT, 49, true),
            (PROXY, COMPETENT, 50, false),
            (attorney, COMPETENT, 50, true),
            (ended, None, 20, false),
            (excluded, None, 20, false),
        ];
        for (proxy, competent, at, may) in table {
            assert_eq!(may_act(&proxy, competent, Timestamp(at)), may, "{proxy:?} {competent:?} {at}");
        }
    }

    #[test]
    fn a_consent_ends_with_the_authority_it_rests_on() {
        let of_age = Some(Timestamp(80));
        let ended = ProxyFacts { ended_at: Some(Timestamp(70)), ..PROXY };
        let excluded = ProxyFacts { excluded_at: Some(Timestamp(40)), ..ended };
        let table = [
            (GivenBy::Client, None, None, i64::MAX, None),
            (GivenBy::BestInterestsDecision, None, COMPETENT, i64::MAX, None),
            (GivenBy::Parent, None, None, 80, None),
            (GivenBy::Parent, Some(PROXY), None, 80, None),
            (GivenBy::Parent, Some(PROXY), COMPETENT, 50, Some(60)),
            (GivenBy::Attorney, Some(PROXY), COMPETENT, 100, None),
            (GivenBy::Deputy, Some(ended), None, 100, Some(70)),
            (GivenBy::Parent, Some(excluded), None, 80, Some(40)),
        ];
        for (given_by, proxy, competent, lapses, ends) in table {
            let found = authority(given_by, proxy, of_age, competent);
            assert_eq!(found.lapses_at, Timestamp(lapses), "{given_by:?} {proxy:?} {competent:?}");
            assert_eq!(found.ended_at, ends.map(Timestamp), "{given_by:?} {proxy:?} {competent:?}");
        }
    }

    fn referral(state: ReferralState, closed_at: Option<i64>) -> ReferralFacts {
        ReferralFacts {
            id: ReferralId(Uuid::nil()),
            organisation: OrganisationId(Uuid::nil()),
            sent_by: PersonId(Uuid::nil()),
            private_sender: false,
            contact_request: false,
            state,
            brought: Categories::NONE,
            created_at: Timestamp(5),
            submitted_at: None,
            left_hub_at: None,
            closed_at: closed_at.map(Timestamp),
        }
    }

    fn case(closed_at: Option<i64>) -> CaseFacts {
        let lead = TeamFacts { organisation: OrganisationId(Uuid::nil()), team: TeamId(Uuid::nil()) };
        let closed_at = closed_at.map(Timestamp);
        CaseFacts { id: CaseId(Uuid::nil()), lead, opened_at: Timestamp(6), closed_at }
    }

    #[test]
    fn the_last_closure_is_there_once_nothing_is_open() {
        use ReferralState::{Accepted, AwaitingInformation, Closed, DeclineReview, Draft, Offered, Submitted};
        let closed = referral(Closed, Some(30));
        let table = [
            (vec![], vec![], None),
            (vec![referral(Draft, None)], vec![], Some(5)),
            (vec![closed.clone()], vec![], Some(30)),
            (vec![referral(Accepted, None)], vec![case(None)], None),
            (vec![referral(Accepted, None)], vec![case(Some(40))], Some(40)),
            (vec![referral(Accepted, None)], vec![case(Some(40)), case(None)], None),
            (vec![closed.clone(), referral(Accepted, None)], vec![case(Some(20)), case(Some(25))], Some(30)),
            (vec![referral(Draft, None), closed.clone()], vec![], Some(30)),
        ];
        for (referrals, cases, at) in table {
            assert_eq!(last_closure(&referrals, &cases), at.map(Timestamp), "{referrals:?} {cases:?}");
        }
        for open in [Submitted, AwaitingInformation, Offered, DeclineReview] {
            assert_eq!(last_closure(&[closed.clone(), referral(open, None)], &[]), None, "{open:?}");
        }
    }

    #[test]
    fn records_are_kept_for_years_after_the_last_closure_and_held_without_an_end() {
        let closed = Timestamp::parse("2024-02-29T10:00:00Z").expect("a moment");
        let keeping = |years, held| Keeping { organisation: OrganisationId(Uuid::nil()), years, held };
        let table = [
            (Some(closed), None, "2031-02-28T10:00:00.000000Z"),
            (Some(closed), Some(keeping(1, false)), "2025-02-28T10:00:00.000000Z"),
            (Some(closed), Some(keeping(100, false)), "2124-02-29T10:00:00.000000Z"),
        ];
        for (last, keeping, until) in table {
            assert_eq!(kept_until(last, keeping.as_ref()).rfc3339(), until, "{keeping:?}");
        }
        for (last, keeping) in [(Some(closed), Some(keeping(1, true))), (None, None), (None, Some(keeping(1, false)))]
        {
            assert_eq!(kept_until(last, keeping.as_ref()), Timestamp::NEVER, "{keeping:?}");
        }
    }
}
