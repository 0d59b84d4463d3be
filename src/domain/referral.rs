//! The referral's lifecycle: a pure state machine over the table of transitions, and the codes around it.

use super::code::Coded;
use crate::coded;

coded! { ReferralState "Where a referral stands." {
    Draft "DRAFT" "Being written; nobody but the referrer sees it.",
    Submitted "SUBMITTED" "With the hub for triage.",
    AwaitingInformation "AWAITING_INFORMATION" "The hub asked the referrer a question.",
    Offered "OFFERED" "Offered to a team, which has yet to answer.",
    Accepted "ACCEPTED" "A team took it; a shared case is open.",
    DeclineReview "DECLINE_REVIEW" "The team declined, or gave no answer; the hub looks again.",
    Closed "CLOSED" "Closed without a case, with an outcome.",
} }

coded! { Urgency "How soon a home may be lost." {
    HomelessNow "HOMELESS_NOW" "Has nowhere to stay.",
    EvictionWithinDays "EVICTION_WITHIN_DAYS" "Eviction is days away.",
    Within56Days "WITHIN_56_DAYS" "Threatened with homelessness within 56 days (Housing Act 1996, section 175).",
    Upstream "UPSTREAM" "Not yet threatened; prevention upstream.",
} }

coded! { Outcome "How a referral closed without a case." {
    ReferredOn "REFERRED_ON" "Passed on to another service.",
    InsufficientNeed "INSUFFICIENT_NEED" "The need is met by advice or other support.",
    CriteriaNotMet "CRITERIA_NOT_MET" "No service's criteria fit.",
    ClientDeclined "CLIENT_DECLINED" "The person said no.",
    DidNotEngage "DID_NOT_ENGAGE" "The person could not be reached or did not engage.",
    WithdrawnByReferrer "WITHDRAWN_BY_REFERRER" "The referrer took it back.",
    NoCapacity "NO_CAPACITY" "No team has room.",
    Duplicate "DUPLICATE" "Somebody referred the person already. Senders read REFERRED_ON (C23).",
    Died "DIED" "The person died.",
    Other "OTHER" "Something else, in words.",
} }

coded! { DeclineReason "Why a team does not take a referral it was offered." {
    CriteriaNotMet "CRITERIA_NOT_MET" "The service's criteria do not fit.",
    NoCapacity "NO_CAPACITY" "The team has no room.",
    OutOfArea "OUT_OF_AREA" "The person lives outside the service's area.",
    ConflictOfInterest "CONFLICT_OF_INTEREST" "The team knows the person or somebody close.",
    Other "OTHER" "Something else, in words.",
} }

coded! { Ground "A coded ground for acting without consent (C16)." {
    SeriousHarmToSelf "SERIOUS_HARM_TO_SELF" "The person may come to serious harm.",
    SeriousHarmToOthers "SERIOUS_HARM_TO_OTHERS" "Somebody else may come to serious harm.",
    ChildAtRisk "CHILD_AT_RISK" "A child is at risk.",
    AdultAtRisk "ADULT_AT_RISK" "An adult with care needs is at risk.",
    PublicProtection "PUBLIC_PROTECTION" "The public must be protected.",
} }

coded! { Progress "What any sender learns, whoever they are: that it came in, and that it is dealt with (C23)." {
    Received "RECEIVED" "It came in.",
    Finished "FINISHED" "It is dealt with.",
} }

coded! { ReferralActor "On whose behalf a step with a referral is taken." {
    Referrer "REFERRER" "The organisation that sent it.",
    Hub "HUB" "The hub.",
    OfferedTeam "OFFERED_TEAM" "The team it is offered to.",
} }

impl Urgency {
    /// The most urgent first, from 0.
    pub const fn rank(self) -> i64 {
        match self {
            Self::HomelessNow => 0,
            Self::EvictionWithinDays => 1,
            Self::Within56Days => 2,
            Self::Upstream => 3,
        }
    }
}

coded! { TriageOrder "In which order the queue of triage is listed." {
    Due "DUE" "What is due first comes first; what waits for an answer comes last.",
    Urgency "URGENCY" "What is most urgent comes first, and of that what is due first.",
} }

/// The states in which a referral is the hub's to bring on.
pub const OPEN: &[ReferralState] = &[
    ReferralState::Submitted,
    ReferralState::AwaitingInformation,
    ReferralState::Offered,
    ReferralState::DeclineReview,
];

/// A step somebody takes with a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The referrer sends it.
    Submit,
    /// The hub asks the referrer.
    Ask,
    /// The answer comes.
    Answer,
    /// The hub offers it to a team.
    Offer,
    /// The team takes it.
    Accept,
    /// The team declines.
    Decline,
    /// The hub takes an offer back that nobody answered.
    TakeBack,
    /// The hub closes it.
    Close,
    /// The referrer withdraws it.
    Withdraw,
    /// The client declines, through anyone.
    ClientDeclines,
}

/// The state a step leads to, or `None` where the table has no such transition.
pub fn transition(from: ReferralState, step: Step, actor: ReferralActor) -> Option<ReferralState> {
    use ReferralActor::{Hub, OfferedTeam, Referrer};
    use ReferralState as S;
    match (step, actor, from) {
        (Step::Submit, Referrer, S::Draft) | (Step::Answer, Referrer | Hub, S::AwaitingInformation) => {
            Some(S::Submitted)
        }
        (Step::Ask, Hub, S::Submitted) => Some(S::AwaitingInformation),
        (Step::Offer, Hub, S::Submitted | S::DeclineReview) => Some(S::Offered),
        (Step::Accept, OfferedTeam, S::Offered) => Some(S::Accepted),
        (Step::Decline, OfferedTeam, S::Offered) | (Step::TakeBack, Hub, S::Offered) => Some(S::DeclineReview),
        (Step::Close, Hub, S::Submitted | S::AwaitingInformation | S::DeclineReview)
        | (
            Step::Withdraw,
            Referrer,
            S::Draft | S::Submitted | S::AwaitingInformation | S::Offered | S::DeclineReview,
        ) => Some(S::Closed),
        (
            Step::ClientDeclines,
            who,
            S::Draft | S::Submitted | S::AwaitingInformation | S::Offered | S::DeclineReview,
        ) => {
            // "Through anyone" who has the referral before them: a draft is before the referrer alone, an offer also
            // before the team.
            let sees = match who {
                Referrer => true,
                Hub => from != S::Draft,
                OfferedTeam => from == S::Offered,
            };
            sees.then_some(S::Closed)
        }
        _ => None,
    }
}

impl ReferralState {
    /// What a sender who learns only of progress is told (C23).
    pub const fn progress(self) -> Progress {
        match self {
            Self::Accepted | Self::Closed => Progress::Finished,
            _ => Progress::Received,
        }
    }
}

impl Outcome {
    /// Whether closing needs no next step: everything else must not be a dead end.
    pub const fn is_exempt_from_next_step(self) -> bool {
        matches!(self, Self::WithdrawnByReferrer | Self::Died)
    }

    /// The outcome as the sender reads it: nobody learns from it that another record exists (C23).
    #[must_use]
    pub const fn as_told_to_sender(self) -> Self {
        match self {
            Self::Duplicate => Self::ReferredOn,
            other => other,
        }
    }

    /// The outcomes a step may end in.
    pub fn allowed_for(self, step: Step) -> bool {
        match step {
            Step::Close => self != Self::WithdrawnByReferrer,
            Step::Withdraw => self == Self::WithdrawnByReferrer,
            Step::ClientDeclines => self == Self::ClientDeclined,
            _ => false,
        }
    }
}

/// All steps, for the tables.
pub const STEPS: &[Step] = &[
    Step::Submit,
    Step::Ask,
    Step::Answer,
    Step::Offer,
    Step::Accept,
    Step::Decline,
    Step::TakeBack,
    Step::Close,
    Step::Withdraw,
    Step::ClientDeclines,
];

/// Every transition there is: from, step, actor, to.
pub fn transitions() -> Vec<(ReferralState, Step, ReferralActor, ReferralState)> {
    let mut all = Vec::new();
    for from in ReferralState::ALL {
        for step in STEPS {
            for actor in ReferralActor::ALL {
                if let Some(to) = transition(*from, *step, *actor) {
                    all.push((*from, *step, *actor, to));
                }
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as the field writes it: from, to, by.
    const TABLE: &[(&str, &str, ReferralActor)] = &[
        ("DRAFT", "SUBMITTED", ReferralActor::Referrer),
        ("SUBMITTED", "AWAITING_INFORMATION", ReferralActor::Hub),
        ("AWAITING_INFORMATION", "SUBMITTED", ReferralActor::Referrer),
        ("AWAITING_INFORMATION", "SUBMITTED", ReferralActor::Hub),
        ("SUBMITTED", "OFFERED", ReferralActor::Hub),
        ("DECLINE_REVIEW", "OFFERED", ReferralActor::Hub),
        ("OFFERED", "ACCEPTED", ReferralActor::OfferedTeam),
        ("OFFERED", "DECLINE_REVIEW", ReferralActor::OfferedTeam),
        ("OFFERED", "DECLINE_REVIEW", ReferralActor::Hub),
        ("SUBMITTED", "CLOSED", ReferralActor::Hub),
        ("AWAITING_INFORMATION", "CLOSED", ReferralActor::Hub),
        ("DECLINE_REVIEW", "CLOSED", ReferralActor::Hub),
        ("DRAFT", "CLOSED", ReferralActor::Referrer),
        ("SUBMITTED", "CLOSED", ReferralActor::Referrer),
        ("AWAITING_INFORMATION", "CLOSED", ReferralActor::Referrer),
        ("OFFERED", "CLOSED", ReferralActor::Referrer),
        ("DECLINE_REVIEW", "CLOSED", ReferralActor::Referrer),
        // The client declines through the hub or the team that has the offer before it.
        ("OFFERED", "CLOSED", ReferralActor::Hub),
        ("OFFERED", "CLOSED", ReferralActor::OfferedTeam),
    ];

    #[test]
    fn the_machine_is_the_table_and_nothing_more() {
        for from in ReferralState::ALL {
            for to in ReferralState::ALL {
                for actor in ReferralActor::ALL {
                    let machine = transitions().iter().any(|(f, _, a, t)| f == from && t == to && a == actor);
                    let table = TABLE.iter().any(|(f, t, a)| *f == from.code() && *t == to.code() && a == actor);
                    assert_eq!(machine, table, "{from:?} -> {to:?} by {actor:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_leaves_an_accepted_or_closed_referral() {
        assert!(transitions().iter().all(|(f, ..)| !matches!(f, ReferralState::Accepted | ReferralState::Closed)));
    }

    #[test]
    fn a_sender_never_reads_duplicate() {
        assert_eq!(Outcome::Duplicate.as_told_to_sender(), Outcome::ReferredOn);
        for o in Outcome::ALL {
            assert_ne!(o.as_told_to_sender(), Outcome::Duplicate);
        }
    }

    #[test]
    fn only_a_withdrawal_or_a_death_needs_no_next_step() {
        let exempt: Vec<_> = Outcome::ALL.iter().filter(|o| o.is_exempt_from_next_step()).map(|o| o.code()).collect();
        assert_eq!(exempt, ["WITHDRAWN_BY_REFERRER", "DIED"]);
    }
}
