//! The duty to refer: who records it, passes it on, writes down what the authority answered, and takes it back.

use crate::domain::duty::has_duty;
use crate::domain::organisation_name::OrganisationKind;
use crate::domain::referral::{OPEN, ReferralActor, ReferralState};

/// What there is of a duty with a referral.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DutyFacts {
    /// One is recorded that the person did not take back.
    pub is_live: bool,
    /// It was passed on.
    pub is_passed: bool,
    /// The authority acknowledged it.
    pub is_acknowledged: bool,
    /// The viewer is not told of the authority: where somebody wishes to live is for the few (C7).
    pub is_withheld: bool,
}

/// Whether the viewer may record one: for a public body that sent the referral, until it is finished, while none is live.
pub fn may_record(
    actors: &[ReferralActor],
    kind: OrganisationKind,
    is_private: bool,
    state: ReferralState,
    d: DutyFacts,
) -> bool {
    let open = state == ReferralState::Draft || OPEN.contains(&state);
    actors.contains(&ReferralActor::Referrer) && has_duty(kind) && !is_private && open && !d.is_live
}

/// Whether the viewer may pass it on: the hub, once, while it sees to whom.
pub fn may_pass(actors: &[ReferralActor], d: DutyFacts) -> bool {
    actors.contains(&ReferralActor::Hub) && d.is_live && !d.is_passed && !d.is_withheld
}

/// Whether the viewer may record that the authority acknowledged it: the hub, once it was passed on.
pub fn may_acknowledge(actors: &[ReferralActor], d: DutyFacts) -> bool {
    actors.contains(&ReferralActor::Hub) && d.is_live && d.is_passed && !d.is_acknowledged && !d.is_withheld
}

/// Whether the viewer may record that the person takes it back: the body, and the hub. It always succeeds (C4).
pub fn may_end(actors: &[ReferralActor], d: DutyFacts) -> bool {
    d.is_live && (actors.contains(&ReferralActor::Hub) || actors.contains(&ReferralActor::Referrer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Coded;

    const NONE: DutyFacts =
        DutyFacts { is_live: false, is_passed: false, is_acknowledged: false, is_withheld: false };
    const LIVE: DutyFacts = DutyFacts { is_live: true, ..NONE };
    const PASSED: DutyFacts = DutyFacts { is_passed: true, ..LIVE };
    const ANSWERED: DutyFacts = DutyFacts { is_acknowledged: true, ..PASSED };

    #[test]
    fn a_body_with_the_duty_records_it_while_the_referral_is_open() {
        let prison = OrganisationKind::Prison;
        let sender = [ReferralActor::Referrer];
        for state in ReferralState::ALL {
            let open = !matches!(state, ReferralState::Accepted | ReferralState::Closed);
            assert_eq!(may_record(&sender, prison, false, *state, NONE), open, "{state:?}");
        }
        let draft = ReferralState::Draft;
        assert!(!may_record(&sender, prison, true, draft, NONE), "not for a private sender");
        assert!(!may_record(&sender, prison, false, draft, LIVE), "one at a time");
        assert!(!may_record(&sender, OrganisationKind::Police, false, draft, NONE), "not without the duty");
        assert!(!may_record(&[ReferralActor::Hub, ReferralActor::OfferedTeam], prison, false, draft, NONE));
        assert!(may_record(&[ReferralActor::Hub, ReferralActor::Referrer], prison, false, draft, NONE));
    }

    #[test]
    fn the_hub_passes_it_on_once_and_then_writes_down_the_answer() {
        let hub = [ReferralActor::Hub];
        for (d, pass, acknowledge) in
            [(NONE, false, false), (LIVE, true, false), (PASSED, false, true), (ANSWERED, false, false)]
        {
            assert_eq!((may_pass(&hub, d), may_acknowledge(&hub, d)), (pass, acknowledge), "{d:?}");
            let hidden = DutyFacts { is_withheld: true, ..d };
            assert!(!may_pass(&hub, hidden) && !may_acknowledge(&hub, hidden), "{d:?}");
            for other in [&[ReferralActor::Referrer][..], &[ReferralActor::OfferedTeam], &[]] {
                assert!(!may_pass(other, d) && !may_acknowledge(other, d), "{other:?} {d:?}");
            }
        }
        let taken_back = DutyFacts { is_live: false, ..PASSED };
        assert!(!may_acknowledge(&hub, taken_back));
        assert!(!may_pass(&hub, DutyFacts { is_passed: false, ..taken_back }));
    }

    #[test]
    fn the_body_and_the_hub_record_that_it_is_taken_back_whatever_became_of_it() {
        for d in [LIVE, PASSED, ANSWERED, DutyFacts { is_withheld: true, ..LIVE }] {
            assert!(may_end(&[ReferralActor::Hub], d) && may_end(&[ReferralActor::Referrer], d), "{d:?}");
            assert!(!may_end(&[ReferralActor::OfferedTeam], d) && !may_end(&[], d), "{d:?}");
        }
        assert!(!may_end(&[ReferralActor::Hub, ReferralActor::Referrer], NONE));
    }
}
