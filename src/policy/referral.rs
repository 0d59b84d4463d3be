//! Referrals: on whose behalf a viewer acts, what a submission needs, what a sender learns (C8, C22, C23).

use super::viewer::Viewer;
use crate::domain::basis::Basis;
use crate::domain::category::{Categories, Category};
use crate::domain::code::Coded;
use crate::domain::consent::{Purpose, Purposes};
use crate::domain::failure::{UserError, UserErrorCode};
use crate::domain::ids::{OrganisationId, TeamId};
use crate::domain::referral::{Outcome, Progress, ReferralActor, ReferralState, Step};
use crate::domain::role::Role;
use crate::policy::disclosure::Disclosure;
use crate::policy::grants::{NEVER_REFUSED, OFFER};
use std::collections::BTreeSet;
use uuid::Uuid;

/// On whose behalf the viewer can act on a referral they see: by the grants they hold on it and their roles.
pub fn actors(viewer: &Viewer, disclosure: &Disclosure, offered_team: Option<TeamId>) -> Vec<ReferralActor> {
    let mut all = Vec::new();
    if disclosure.has(Basis::Hub) && viewer.hub_team().is_some() {
        all.push(ReferralActor::Hub);
    }
    let works = viewer.roles.any(&[Role::SupportWorker, Role::TeamManager]);
    if works && disclosure.has(Basis::Offer) && offered_team.is_some_and(|t| viewer.in_team(t)) {
        all.push(ReferralActor::OfferedTeam);
    }
    let refers = viewer.roles.any(&[Role::Referrer, Role::SupportWorker, Role::TeamManager, Role::HubCoordinator]);
    if refers && disclosure.has(Basis::Referrer) {
        all.push(ReferralActor::Referrer);
    }
    all
}

/// Whether the viewer may say how urgent a referral is: the hub, where a risk of eviction is open to it.
pub fn may_set_urgency(viewer: &Viewer, disclosure: &Disclosure) -> bool {
    let as_hub = disclosure.has(Basis::Hub) && viewer.hub_team().is_some();
    as_hub && disclosure.grants().iter().any(|g| g.basis == Basis::Hub && g.categories.has(Category::Housing))
}

/// Whether the viewer reads how urgent triage found a referral: through another grant than the sender's, which opens what was written.
pub fn reads_urgency_found(disclosure: &Disclosure, documents: &[Uuid]) -> bool {
    let others = disclosure.grants().iter().filter(|g| g.basis != Basis::Referrer).copied().collect();
    Disclosure::new(disclosure.client, others).open_within(documents).has(Category::Housing)
}

/// What must be there before a referral leaves the referrer (C23).
#[derive(Clone, Copy, Debug)]
pub struct Submission {
    /// The categories its entries and narratives hold.
    pub brought: Categories,
    /// The categories that its consent to the referral names, if there is one and it is live.
    pub consented: Option<Categories>,
    /// Whether a coded ground with its reason stands in for consent.
    pub has_ground: bool,
    /// Whether a name was given: the hub cannot look for nobody.
    pub has_name: bool,
}

/// What is missing for a submission, in words.
pub fn submission_problems(s: Submission) -> Vec<UserError> {
    let mut problems = Vec::new();
    if !s.has_name {
        problems.push(UserError::new(
            UserErrorCode::Invalid,
            "The referral does not say who the person is: record a name.",
        ));
    }
    if s.consented.is_none() && !s.has_ground {
        problems.push(UserError::new(
            UserErrorCode::ConsentRequired,
            "Submitting needs the person's consent to the referral, or a coded ground with a reason.",
        ));
    }
    let unnamed = s.brought.intersection(Categories::SPECIAL).minus(s.consented.unwrap_or_default());
    if !unnamed.is_empty() {
        let names: Vec<_> = unnamed.iter().map(Coded::code).collect();
        problems.push(UserError::new(
            UserErrorCode::SpecialCategoryNotNamed,
            format!(
                "The consent to the referral does not name {}. Leave it out, or ask the person.",
                names.join(", ")
            ),
        ));
    }
    problems
}

/// What an offer to a team leaves out of what a referral brings, because the team asked not to be told before it has met the
/// person (C8). The strictest profile takes NAME, CONTACT, ACCESS_NEEDS and LONE_WORKING.
pub fn left_out(refuses: Categories, brought: Categories) -> Categories {
    brought.intersection(OFFER).intersection(refuses).minus(NEVER_REFUSED)
}

/// The outcome as this viewer reads it: nobody but the hub learns from it of another record (C23), whatever else opens the
/// referral to them; a sender who is a private person learns of progress alone.
pub fn outcome_for(disclosure: &Disclosure, private_sender: bool, outcome: Option<Outcome>) -> Option<Outcome> {
    if learns_progress_alone(disclosure, private_sender) {
        None
    } else if disclosure.has(Basis::Hub) {
        outcome
    } else {
        outcome.map(Outcome::as_told_to_sender)
    }
}

/// The version as this viewer is told it. It counts the steps, so it is for who is told of these: the hub, and the sender. A private sender
/// is told of progress alone, so theirs moves with it alone (C23); and so does everybody else's, who would learn from it of questions, and of
/// offers to others (C14).
pub fn version_for(disclosure: &Disclosure, private_sender: bool, state: ReferralState, version: i64) -> i64 {
    let sent = disclosure.has(Basis::Referrer);
    if disclosure.has(Basis::Hub) || (sent && !private_sender) || state == ReferralState::Draft {
        return version;
    }
    let received = if learns_progress_alone(disclosure, private_sender) { 2 } else { 3 };
    received + i64::from(state.progress() == Progress::Finished)
}

/// Whether a step is for a private sender to take: any on their draft; then they are told of progress alone, and may take it back
/// until it is finished. A decline is recorded by those who work with the person.
pub fn is_for_private_sender(state: ReferralState, step: Step) -> bool {
    state == ReferralState::Draft || (step == Step::Withdraw && state.progress() == Progress::Received)
}

/// Whether a private sender's consent would open the record to themselves: it names the organisation they send it for, or, for
/// support, another they work for (C21, C23).
pub fn names_sender(
    viewer: &Viewer,
    works_for: &BTreeSet<OrganisationId>,
    recipients: &[OrganisationId],
    purposes: Purposes,
) -> bool {
    let supports = purposes.has(Purpose::Support);
    recipients.iter().any(|o| *o == viewer.organisation || (supports && works_for.contains(o)))
}

/// Whether this viewer learns of progress alone: a private person who sent it, and sees nothing more of it (C23).
pub fn learns_progress_alone(disclosure: &Disclosure, private_sender: bool) -> bool {
    private_sender && reads_as_sender(disclosure)
}

/// Whether the viewer sees the referral only as the one who sent it.
pub fn reads_as_sender(disclosure: &Disclosure) -> bool {
    disclosure.grants().iter().all(|g| g.basis == Basis::Referrer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::basis::Scope;
    use crate::domain::clock::Timestamp;
    use crate::domain::ids::{ClientId, GrantId, MembershipId, OrganisationId, PersonId};
    use crate::policy::disclosure::LiveGrant;
    use crate::policy::viewer::ViewerTeam;

    #[test]
    fn an_intake_profile_leaves_out_what_an_offer_would_show_and_never_what_the_strictest_takes() {
        use Category::{AccessNeeds, Contact, Finance, Health, Household, Housing, LoneWorking, Name};
        let told = |refuses: &[Category], brought: &[Category]| {
            left_out(Categories::of(refuses), Categories::of(brought)).iter().collect::<Vec<_>>()
        };
        assert_eq!(told(&[Housing], &[Name, Housing, Household]), [Housing]);
        assert_eq!(told(&[Housing, Household], &[Name, Housing]), [Housing], "only what it brings");
        assert_eq!(told(&[Health, Finance], &[Health, Finance]), [], "no offer shows these to anybody");
        assert_eq!(left_out(Categories::ALL, Categories::ALL), Categories::of(&[Household, Housing]));
        assert_eq!(told(&[Name, Contact, AccessNeeds, LoneWorking], &[Name, Contact, AccessNeeds, LoneWorking]), []);
    }

    fn codes(s: Submission) -> Vec<&'static str> {
        submission_problems(s).iter().map(|p| p.code.code()).collect()
    }

    #[test]
    fn a_submission_needs_consent_or_a_ground_and_special_data_a_consent_that_names_it() {
        let health = Categories::of(&[Category::Name, Category::Health]);
        let table = [
            (Categories::NONE, None, false, vec!["CONSENT_REQUIRED"]),
            (Categories::NONE, Some(Categories::NONE), false, vec![]),
            (Categories::NONE, None, true, vec![]),
            (health, Some(Categories::of(&[Category::Name])), false, vec!["SPECIAL_CATEGORY_NOT_NAMED"]),
            (health, Some(health), false, vec![]),
            (health, None, true, vec!["SPECIAL_CATEGORY_NOT_NAMED"]),
        ];
        for (brought, consented, has_ground, expected) in table {
            let s = Submission { brought, consented, has_ground, has_name: true };
            assert_eq!(codes(s), expected, "{s:?}");
        }
        let nameless = Submission { brought: Categories::NONE, consented: None, has_ground: true, has_name: false };
        assert_eq!(codes(nameless), ["INVALID"]);
    }

    const TEAM: TeamId = TeamId(Uuid::from_u128(4));
    const OTHER_TEAM: TeamId = TeamId(Uuid::from_u128(5));

    fn viewer(role: Role, is_hub: bool) -> Viewer {
        Viewer {
            person: PersonId(Uuid::from_u128(1)),
            membership: MembershipId(Uuid::from_u128(2)),
            membership_version: 1,
            organisation: OrganisationId(Uuid::from_u128(3)),
            is_partner: true,
            is_category: false,
            teams: vec![ViewerTeam { id: TEAM, is_hub }],
            roles: [role].into_iter().collect(),
        }
    }

    fn holding(bases: &[Basis]) -> Disclosure {
        let grant = |basis: &Basis| LiveGrant {
            id: GrantId(Uuid::nil()),
            basis: *basis,
            categories: Categories::ALL,
            scope: Scope::Referral,
            scope_id: Uuid::nil(),
            opens_client: *basis != Basis::Referrer,
            names_until: Timestamp::NEVER,
            until_at: Timestamp::NEVER,
        };
        Disclosure::new(ClientId(Uuid::nil()), bases.iter().map(grant).collect())
    }

    /// A role, whether in a hub team, what is held, to which team it is offered; on whose behalf one then acts.
    type Acting = (Role, bool, &'static [Basis], Option<TeamId>, &'static [ReferralActor]);

    #[test]
    fn on_whose_behalf_one_acts_needs_the_grant_the_role_and_the_team() {
        use Basis::{Holder, Hub, Offer, Referrer};
        let table: [Acting; 17] = [
            (Role::HubCoordinator, true, &[Hub], None, &[ReferralActor::Hub]),
            (Role::HubCoordinator, false, &[Hub], None, &[]),
            (Role::HubCoordinator, true, &[Offer], Some(TEAM), &[]),
            (Role::SupportWorker, true, &[Hub], None, &[]),
            (Role::SupportWorker, false, &[Offer], Some(TEAM), &[ReferralActor::OfferedTeam]),
            (Role::TeamManager, false, &[Offer], Some(TEAM), &[ReferralActor::OfferedTeam]),
            (Role::SupportWorker, false, &[Offer], Some(OTHER_TEAM), &[]),
            (Role::SupportWorker, false, &[Offer], None, &[]),
            (Role::SupportWorker, false, &[Holder], Some(TEAM), &[]),
            (Role::Referrer, false, &[Offer], Some(TEAM), &[]),
            (Role::Referrer, false, &[Referrer], None, &[ReferralActor::Referrer]),
            (Role::SupportWorker, false, &[Referrer], None, &[ReferralActor::Referrer]),
            (Role::HubCoordinator, false, &[Referrer], None, &[ReferralActor::Referrer]),
            (Role::Commissioner, false, &[Referrer], None, &[]),
            (Role::Referrer, false, &[Holder], None, &[]),
            (Role::HubCoordinator, true, &[Hub, Referrer], None, &[ReferralActor::Hub, ReferralActor::Referrer]),
            (
                Role::SupportWorker,
                false,
                &[Offer, Referrer],
                Some(TEAM),
                &[ReferralActor::OfferedTeam, ReferralActor::Referrer],
            ),
        ];
        for (role, is_hub, bases, offered, acts) in table {
            let found = actors(&viewer(role, is_hub), &holding(bases), offered);
            assert_eq!(found, acts, "{role:?} hub: {is_hub} {bases:?} {offered:?}");
        }
    }

    #[test]
    fn the_hub_says_how_urgent_a_referral_is_where_it_sees_a_risk_of_eviction() {
        let hub = viewer(Role::HubCoordinator, true);
        assert!(may_set_urgency(&hub, &holding(&[Basis::Hub])));
        assert!(may_set_urgency(&hub, &holding(&[Basis::Referrer, Basis::Hub])));
        assert!(!may_set_urgency(&viewer(Role::HubCoordinator, false), &holding(&[Basis::Hub])));
        assert!(!may_set_urgency(&viewer(Role::SupportWorker, true), &holding(&[Basis::Hub])));
        for basis in Basis::ALL.iter().filter(|b| **b != Basis::Hub) {
            assert!(!may_set_urgency(&hub, &holding(&[*basis])), "{basis:?}");
        }
        let mut without = holding(&[Basis::Hub]).grants().to_vec();
        without[0].categories = Categories::ALL.minus(Categories::of(&[Category::Housing]));
        let mut other = holding(&[Basis::Consent]).grants().to_vec();
        assert!(!may_set_urgency(&hub, &Disclosure::new(ClientId(Uuid::nil()), without.clone())));
        other.extend(without);
        assert!(!may_set_urgency(&hub, &Disclosure::new(ClientId(Uuid::nil()), other)), "as the hub, or not at all");
    }

    #[test]
    fn what_triage_found_is_read_through_another_grant_than_the_senders() {
        let referral = Uuid::from_u128(7);
        let reads = |bases: &[Basis], categories: Categories, document: Uuid| {
            let grants =
                holding(bases).grants().iter().map(|g| LiveGrant { scope_id: referral, categories, ..*g }).collect();
            reads_urgency_found(&Disclosure::new(ClientId(Uuid::nil()), grants), &[document])
        };
        let but_housing = Categories::ALL.minus(Categories::of(&[Category::Housing]));
        assert!(!reads(&[Basis::Referrer], Categories::ALL, referral), "it opens what was written");
        assert!(!reads(&[], Categories::ALL, referral));
        for basis in [Basis::Hub, Basis::Offer, Basis::Holder, Basis::Consent] {
            assert!(reads(&[basis], Categories::ALL, referral), "{basis:?}");
            assert!(reads(&[Basis::Referrer, basis], Categories::ALL, referral), "{basis:?}");
            assert!(!reads(&[basis], Categories::ALL, Uuid::from_u128(9)), "{basis:?} of something else");
            assert!(!reads(&[basis], but_housing, referral), "{basis:?}");
        }
    }

    #[test]
    fn a_private_sender_takes_any_step_on_a_draft_and_takes_back_what_is_not_finished() {
        for state in ReferralState::ALL {
            for step in crate::domain::referral::STEPS {
                let open = !matches!(state, ReferralState::Accepted | ReferralState::Closed);
                let may = *state == ReferralState::Draft || (open && *step == Step::Withdraw);
                assert_eq!(is_for_private_sender(*state, *step), may, "{state:?} {step:?}");
            }
        }
    }

    #[test]
    fn a_private_sender_is_no_recipient_of_the_consent_they_bring() {
        let (own, other, none) = (
            OrganisationId(Uuid::from_u128(3)),
            OrganisationId(Uuid::from_u128(6)),
            OrganisationId(Uuid::from_u128(9)),
        );
        let works_for: BTreeSet<_> = [other].into_iter().collect();
        let sender = viewer(Role::Referrer, false);
        let names = |recipients: &[OrganisationId], purpose: Purpose| {
            names_sender(&sender, &works_for, recipients, [purpose].into_iter().collect())
        };
        for purpose in Purpose::ALL {
            assert!(names(&[own], *purpose) && names(&[none, own], *purpose), "{purpose:?}");
            assert!(!names(&[none], *purpose) && !names(&[], *purpose), "{purpose:?}");
            // Support alone opens the record to an organisation by name.
            assert_eq!(names(&[other], *purpose), *purpose == Purpose::Support, "{purpose:?}");
        }
    }

    #[test]
    fn who_holds_nothing_but_the_senders_grant_reads_as_the_sender() {
        for basis in Basis::ALL {
            assert_eq!(reads_as_sender(&holding(&[*basis])), *basis == Basis::Referrer, "{basis:?}");
            let both = reads_as_sender(&holding(&[Basis::Referrer, *basis]));
            assert_eq!(both, *basis == Basis::Referrer, "sender and {basis:?}");
        }
    }

    #[test]
    fn a_sender_learns_the_outcome_without_other_records_and_a_private_sender_none() {
        let (sender, hub) = (holding(&[Basis::Referrer]), holding(&[Basis::Hub]));
        for outcome in Outcome::ALL {
            let told = if *outcome == Outcome::Duplicate { Outcome::ReferredOn } else { *outcome };
            assert_eq!(outcome_for(&sender, false, Some(*outcome)), Some(told), "{outcome:?}");
            assert_eq!(outcome_for(&sender, true, Some(*outcome)), None, "{outcome:?}");
            for private in [true, false] {
                assert_eq!(outcome_for(&hub, private, Some(*outcome)), Some(*outcome), "{outcome:?}");
                for other in [Basis::Consent, Basis::Holder, Basis::Override, Basis::LegalGateway] {
                    let sees = outcome_for(&holding(&[Basis::Referrer, other]), private, Some(*outcome));
                    assert_eq!(sees, Some(told), "{outcome:?} {other:?}");
                }
            }
        }
        assert_eq!(outcome_for(&sender, false, None), None);
        assert_eq!(outcome_for(&hub, false, None), None);
    }

    #[test]
    fn the_version_tells_a_private_sender_of_progress_alone() {
        let (sender, hub) = (holding(&[Basis::Referrer]), holding(&[Basis::Hub]));
        for state in ReferralState::ALL {
            let told = match state {
                ReferralState::Draft => 17,
                ReferralState::Accepted | ReferralState::Closed => 3,
                _ => 2,
            };
            assert_eq!(version_for(&sender, true, *state, 17), told, "{state:?}");
            assert_eq!(version_for(&sender, false, *state, 17), 17, "{state:?}");
            assert_eq!(version_for(&hub, true, *state, 17), 17, "{state:?}");
            assert_eq!(version_for(&hub, false, *state, 17), 17, "{state:?}");
            let finished = state.progress() == Progress::Finished;
            let theirs = if *state == ReferralState::Draft { 17 } else { 3 + i64::from(finished) };
            for basis in [Basis::Offer, Basis::Holder, Basis::Team, Basis::Consent, Basis::Override] {
                for private in [true, false] {
                    assert_eq!(version_for(&holding(&[basis]), private, *state, 17), theirs, "{basis:?} {state:?}");
                }
                assert_eq!(version_for(&holding(&[basis, Basis::Hub]), true, *state, 17), 17, "{basis:?} {state:?}");
                assert_eq!(
                    version_for(&holding(&[basis, Basis::Referrer]), false, *state, 17),
                    17,
                    "{basis:?} {state:?}"
                );
            }
        }
    }
}
