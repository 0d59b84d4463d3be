//! Who may add and change what (C22): change only what you see; add, as HUB, HOLDER or TEAM, whatever your work needs.

use super::disclosure::Disclosure;
use super::grants::HOLDER;
use super::viewer::Viewer;
use crate::domain::basis::Basis;
use crate::domain::category::Categories;
use crate::domain::ids::{OrganisationId, PersonId, TeamId};
use crate::domain::role::Role;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Who works with people.
const WORKERS: &[Role] = &[Role::SupportWorker, Role::TeamManager];
/// Who records on a client: those, and the hub.
const RECORDERS: &[Role] = &[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator];

/// Whether the viewer may add entries to the client's record, and as the hub or as an agency.
pub fn may_record(viewer: &Viewer, disclosure: &Disclosure) -> bool {
    let as_hub = viewer.hub_team().is_some() && disclosure.has(Basis::Hub);
    let as_worker = viewer.roles.any(WORKERS) && (disclosure.has(Basis::Holder) || disclosure.has(Basis::Team));
    as_hub || as_worker
}

/// Whether the viewer leads the work with the person: the team that leads a case, and the hub.
pub fn leads_or_triages(viewer: &Viewer, disclosure: &Disclosure) -> bool {
    let as_hub = viewer.hub_team().is_some() && disclosure.has(Basis::Hub);
    as_hub || (viewer.roles.any(WORKERS) && disclosure.has(Basis::Holder))
}

/// Whose own item something recorded now becomes: the hub team's when the viewer is there as the hub alone, else the
/// organisation's.
pub fn owner(viewer: &Viewer, disclosure: &Disclosure) -> Uuid {
    let as_worker = disclosure.has(Basis::Holder) || disclosure.has(Basis::Team);
    match viewer.hub_team() {
        Some(team) if disclosure.has(Basis::Hub) && !as_worker => team.0,
        _ => viewer.organisation.0,
    }
}

/// Whether the viewer sees the client through an emergency alone: what they record then is not their organisation's (C16).
pub fn in_emergency_alone(disclosure: &Disclosure) -> bool {
    disclosure.grants().iter().all(|g| g.basis == Basis::Override)
}

/// Whether the viewer may correct or replace an item: only what their organisation recorded itself, as one who works for it on the
/// case; as the hub what the hub team recorded, and nothing of the organisation that hosts it.
pub fn may_correct(viewer: &Viewer, disclosure: &Disclosure, item_owner: Uuid) -> bool {
    let as_hub = disclosure.has(Basis::Hub) && viewer.hub_team().is_some_and(|t| t.0 == item_owner);
    let works = disclosure.has(Basis::Holder) || disclosure.has(Basis::Team);
    as_hub || (works && viewer.roles.any(WORKERS) && item_owner == viewer.organisation.0)
}

/// Whether the viewer works in the team that a case is in the hands of, whether it still sees anything through it or not.
fn of_lead_team(viewer: &Viewer, lead_team: TeamId) -> bool {
    viewer.in_team(lead_team) && viewer.roles.any(WORKERS)
}

/// Whether the viewer leads an open case: adds and removes its members. A lead that the client excludes (C6) holds no live HOLDER
/// grant, and does neither.
pub fn may_lead(viewer: &Viewer, disclosure: &Disclosure, lead_team: TeamId) -> bool {
    of_lead_team(viewer, lead_team) && disclosure.has(Basis::Holder)
}

/// Whether the viewer may close a case. An excluded lead may let go of it: the case is its own document, nobody else can close it,
/// and closing ends sight and opens none. That the person has died it records only where it still leads: that would end their
/// consents to everybody.
pub fn may_close(viewer: &Viewer, disclosure: &Disclosure, lead_team: TeamId, died: bool) -> bool {
    if died { may_lead(viewer, disclosure, lead_team) } else { of_lead_team(viewer, lead_team) }
}

/// Whether the viewer may start anew a case that was closed: its HOLDER grant has ended with it.
pub fn may_reenter(viewer: &Viewer, lead_team: TeamId) -> bool {
    of_lead_team(viewer, lead_team)
}

/// Whether the viewer may record a consent: whoever works with the client on a live basis of their own.
pub fn may_record_consent(viewer: &Viewer, disclosure: &Disclosure) -> bool {
    may_record(viewer, disclosure)
}

/// Whether the viewer may record the withdrawal of a consent they see: it always succeeds, whoever recorded the consent (C4). From
/// whom depends on what they are told of it.
pub fn may_withdraw_consent(viewer: &Viewer) -> bool {
    viewer.roles.any(RECORDERS)
}

/// Whether the viewer may end a proxy's authority, or record that they never act, and with it what others see by what the proxy
/// consented to: the lead, the hub, and the agency that recorded the proxy. A member team tells one of these.
pub fn may_end_proxy(viewer: &Viewer, disclosure: &Disclosure, owner: Uuid) -> bool {
    let own = owner == viewer.organisation.0 && may_record(viewer, disclosure);
    own || leads_or_triages(viewer, disclosure)
}

/// Whether the viewer may record notes of a case: the teams on it.
pub fn may_record_notes(viewer: &Viewer, disclosure: &Disclosure) -> bool {
    viewer.roles.any(WORKERS) && may_record(viewer, disclosure)
}

/// Whether the viewer may correct a note: who wrote it, while they work with the person.
pub fn may_correct_note(viewer: &Viewer, disclosure: &Disclosure, owner: Uuid, recorded_by: PersonId) -> bool {
    viewer.roles.any(WORKERS) && recorded_by == viewer.person && may_correct(viewer, disclosure, owner)
}

/// Whether the viewer may take a member team off a case: who leads it any, a member team itself.
pub fn may_remove_member(viewer: &Viewer, disclosure: &Disclosure, lead_team: TeamId, member_team: TeamId) -> bool {
    may_lead(viewer, disclosure, lead_team) || of_lead_team(viewer, member_team)
}

/// Whether the viewer may record a signpost on a referral or a case, and what became of one: the hub, and the teams on the case.
pub fn may_signpost(viewer: &Viewer, disclosure: &Disclosure) -> bool {
    viewer.roles.any(RECORDERS) && may_record(viewer, disclosure)
}

/// Whether a new case may follow a closed one: while no other case of the lead agency is open, and the person lives.
pub const fn may_follow(closed: bool, another_open: bool, died: bool) -> bool {
    closed && !another_open && !died
}

/// Whether the viewer may record that somebody outside the system was told of a client they see (C17).
pub fn may_record_outward(viewer: &Viewer) -> bool {
    viewer.roles.any(&[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator, Role::SafeguardingLead])
}

/// What a consent may not open to an organisation of the recorder's: whoever is on the record as a member or a named recipient
/// alone does not widen their own sight, under whichever hat (C21). The lead or the hub records such a consent, so that two are
/// needed. What is open to the organisation acted for is not open to another that the recorder works for.
pub fn beyond_own_recording(
    viewer: &Viewer,
    disclosure: &Disclosure,
    works_for: &BTreeSet<OrganisationId>,
    recipients: &[OrganisationId],
    categories: Categories,
) -> Categories {
    let leads = disclosure.has(Basis::Holder) || (disclosure.has(Basis::Hub) && viewer.hub_team().is_some());
    if leads {
        Categories::NONE
    } else if recipients.iter().any(|o| *o != viewer.organisation && works_for.contains(o)) {
        categories
    } else if recipients.contains(&viewer.organisation) {
        categories.minus(disclosure.open())
    } else {
        Categories::NONE
    }
}

/// What a consent recorded with a re-entry may not open: whoever comes back to a closed case holds no live basis, so nobody else is
/// there to be the second. It brings back what leading opens by itself, and what was given to the agency for this work before
/// and never withdrawn; more is for others to record, or for the lead once it leads again.
pub fn beyond_reentry(
    viewer: &Viewer,
    works_for: &BTreeSet<OrganisationId>,
    recipients: &[OrganisationId],
    given_before: Categories,
    categories: Categories,
) -> Categories {
    if recipients.iter().any(|o| *o != viewer.organisation && works_for.contains(o)) {
        categories
    } else if recipients.contains(&viewer.organisation) {
        categories.minus(HOLDER).minus(given_before)
    } else {
        Categories::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::basis::Scope;
    use crate::domain::category::Category;
    use crate::domain::clock::Timestamp;
    use crate::domain::code::Coded;
    use crate::domain::ids::{ClientId, GrantId, MembershipId};
    use crate::policy::disclosure::LiveGrant;
    use crate::policy::viewer::ViewerTeam;

    fn viewer(roles: &[Role], hub: bool) -> Viewer {
        Viewer {
            person: PersonId(Uuid::from_u128(1)),
            membership: MembershipId(Uuid::from_u128(2)),
            membership_version: 1,
            organisation: OrganisationId(Uuid::from_u128(3)),
            is_partner: true,
            is_category: false,
            teams: vec![ViewerTeam { id: TeamId(Uuid::from_u128(4)), is_hub: hub }],
            roles: roles.iter().copied().collect(),
        }
    }

    fn disclosure(bases: &[Basis]) -> Disclosure {
        let grant = |basis: &Basis| LiveGrant {
            id: GrantId(Uuid::nil()),
            basis: *basis,
            categories: Categories::ALL,
            scope: Scope::Client,
            scope_id: Uuid::nil(),
            opens_client: true,
            names_until: Timestamp::NEVER,
            until_at: Timestamp::NEVER,
        };
        Disclosure::new(ClientId(Uuid::nil()), bases.iter().map(grant).collect())
    }

    #[test]
    fn an_emergency_alone_is_one_where_nothing_else_opens_the_record() {
        for basis in Basis::ALL {
            let expected = *basis == Basis::Override;
            assert_eq!(in_emergency_alone(&disclosure(&[*basis])), expected, "{basis:?}");
            assert_eq!(in_emergency_alone(&disclosure(&[Basis::Override, *basis])), expected, "{basis:?} as well");
        }
    }

    #[test]
    fn who_works_with_people_or_leads_safeguarding_records_what_was_told_outside() {
        let may: Vec<_> =
            Role::ALL.iter().filter(|r| may_record_outward(&viewer(&[**r], false))).map(|r| r.code()).collect();
        assert_eq!(may, ["SUPPORT_WORKER", "TEAM_MANAGER", "HUB_COORDINATOR", "SAFEGUARDING_LEAD"]);
    }

    #[test]
    fn who_comes_back_opens_to_themselves_what_leading_opens_and_what_was_given_before() {
        let (own, second, stranger) = (
            OrganisationId(Uuid::from_u128(3)),
            OrganisationId(Uuid::from_u128(6)),
            OrganisationId(Uuid::from_u128(9)),
        );
        let works_for: BTreeSet<_> = [own, second].into_iter().collect();
        let worker = viewer(&[Role::SupportWorker], false);
        let asked = Categories::of(&[Category::Name, Category::Finance, Category::Health]);
        let given = Categories::of(&[Category::Finance]);
        let beyond = |recipients: &[OrganisationId]| beyond_reentry(&worker, &works_for, recipients, given, asked);
        assert_eq!(beyond(&[own]), Categories::of(&[Category::Health]));
        assert_eq!(beyond(&[stranger]), Categories::NONE, "somebody else's sight is for the consent to say");
        assert_eq!(beyond(&[stranger, own]), Categories::of(&[Category::Health]));
        assert_eq!(beyond(&[second]), asked, "nothing under another hat");
        assert_eq!(beyond(&[own, second]), asked);
        assert_eq!(beyond(&[]), Categories::NONE);
    }

    #[test]
    fn adding_needs_the_work_not_just_the_sight() {
        let table = [
            (Role::SupportWorker, false, Basis::Holder, true),
            (Role::SupportWorker, false, Basis::Team, true),
            (Role::SupportWorker, false, Basis::Offer, false),
            (Role::SupportWorker, false, Basis::Author, false),
            (Role::SupportWorker, false, Basis::Consent, false),
            (Role::TeamManager, false, Basis::Holder, true),
            (Role::HubCoordinator, true, Basis::Hub, true),
            (Role::HubCoordinator, false, Basis::Hub, false),
            (Role::Referrer, false, Basis::Referrer, false),
            (Role::SafeguardingLead, false, Basis::Override, false),
            (Role::Administrator, false, Basis::Holder, false),
        ];
        for (role, hub, basis, may) in table {
            assert_eq!(may_record(&viewer(&[role], hub), &disclosure(&[basis])), may, "{role:?} {basis:?}");
        }
    }

    #[test]
    fn what_the_hub_records_is_the_hub_teams_own() {
        let hub = viewer(&[Role::HubCoordinator], true);
        assert_eq!(owner(&hub, &disclosure(&[Basis::Hub])), Uuid::from_u128(4));
        let worker = viewer(&[Role::SupportWorker], false);
        assert_eq!(owner(&worker, &disclosure(&[Basis::Holder])), Uuid::from_u128(3));
    }

    #[test]
    fn a_member_does_not_record_consent_that_widens_its_own_sight() {
        let worker = viewer(&[Role::SupportWorker], false);
        let mut member = disclosure(&[Basis::Team]);
        let housing = Categories::of(&[Category::Housing]);
        let (own, others) = ([OrganisationId(Uuid::from_u128(3))], [OrganisationId(Uuid::from_u128(8))]);
        let hat = [OrganisationId(Uuid::from_u128(7))];
        let works_for = [own[0], hat[0]].into();
        let beyond = |d: &Disclosure, to: &[OrganisationId], categories| {
            beyond_own_recording(&worker, d, &works_for, to, categories)
        };
        assert_eq!(beyond(&member, &own, housing), Categories::NONE, "open already");
        member = Disclosure::new(
            member.client,
            member.grants().iter().map(|g| LiveGrant { categories: housing, ..*g }).collect(),
        );
        assert_eq!(beyond(&member, &own, Categories::ALL), Categories::ALL.minus(housing));
        assert_eq!(beyond(&member, &others, Categories::ALL), Categories::NONE, "for others");
        assert_eq!(beyond(&member, &hat, housing), housing, "for another hat of theirs");
        assert_eq!(beyond(&disclosure(&[Basis::Holder]), &own, Categories::ALL), Categories::NONE);
    }

    #[test]
    fn notes_are_for_workers_on_the_case_and_corrected_by_who_wrote_them() {
        let (me, other) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(9)));
        let own = Uuid::from_u128(3);
        for (role, hub, basis, records, corrects) in [
            (Role::SupportWorker, false, Basis::Holder, true, true),
            (Role::TeamManager, false, Basis::Team, true, true),
            (Role::HubCoordinator, true, Basis::Hub, false, false),
            (Role::SupportWorker, false, Basis::Override, false, false),
        ] {
            let (v, d) = (viewer(&[role], hub), disclosure(&[basis]));
            assert_eq!(may_record_notes(&v, &d), records, "{role:?} {basis:?}");
            assert_eq!(may_correct_note(&v, &d, own, me), corrects, "{role:?} {basis:?}");
            assert!(!may_correct_note(&v, &d, own, other), "{role:?} {basis:?}");
            assert!(!may_correct_note(&v, &d, Uuid::from_u128(99), me), "{role:?} {basis:?}");
        }
    }

    #[test]
    fn withdrawals_signposts_and_members_are_for_those_who_work_with_the_person() {
        for role in Role::ALL {
            let records = [Role::SupportWorker, Role::TeamManager, Role::HubCoordinator].contains(role);
            let works = [Role::SupportWorker, Role::TeamManager].contains(role);
            let (v, d) = (viewer(&[*role], true), disclosure(&[Basis::Holder, Basis::Hub]));
            assert_eq!(may_withdraw_consent(&v), records, "{role:?}");
            assert_eq!(may_signpost(&v, &d), records, "{role:?}");
            assert!(!may_signpost(&v, &disclosure(&[Basis::Consent])), "{role:?}");
            let (own, lead) = (TeamId(Uuid::from_u128(4)), TeamId(Uuid::from_u128(5)));
            assert_eq!(may_remove_member(&v, &d, lead, own), works, "{role:?} leaves");
            assert_eq!(may_remove_member(&v, &d, own, lead), works, "{role:?} leads");
            assert!(!may_remove_member(&v, &d, lead, lead), "{role:?}");
            assert!(!may_remove_member(&v, &disclosure(&[Basis::Author]), own, lead), "{role:?} is excluded");
        }
    }

    #[test]
    fn a_case_follows_a_closed_one_alone_and_of_the_living() {
        for (closed, another, died, may) in [
            (true, false, false, true),
            (false, false, false, false),
            (true, true, false, false),
            (true, false, true, false),
        ] {
            assert_eq!(may_follow(closed, another, died), may, "{closed} {another} {died}");
        }
    }

    #[test]
    fn nobody_corrects_what_others_recorded() {
        let worker = viewer(&[Role::SupportWorker], false);
        let d = disclosure(&[Basis::Holder]);
        assert!(may_correct(&worker, &d, Uuid::from_u128(3)));
        assert!(!may_correct(&worker, &d, Uuid::from_u128(99)));
        assert!(!may_correct(&worker, &disclosure(&[Basis::Author]), Uuid::from_u128(3)), "the door is closed");
    }

    #[test]
    fn an_item_is_the_hub_teams_only_where_the_viewer_is_there_as_the_hub_alone() {
        use Basis::{Author, Holder, Hub, Team};
        let (team, organisation) = (Uuid::from_u128(4), Uuid::from_u128(3));
        let table: [(Role, bool, &[Basis], Uuid); 9] = [
            (Role::HubCoordinator, true, &[Hub], team),
            (Role::HubCoordinator, true, &[Hub, Author], team),
            (Role::HubCoordinator, true, &[Hub, Holder], organisation),
            (Role::HubCoordinator, true, &[Hub, Team], organisation),
            (Role::HubCoordinator, true, &[Holder], organisation),
            (Role::HubCoordinator, true, &[Author], organisation),
            (Role::HubCoordinator, true, &[], organisation),
            (Role::HubCoordinator, false, &[Hub], organisation),
            (Role::SupportWorker, true, &[Hub], organisation),
        ];
        for (role, hub, bases, whose) in table {
            assert_eq!(owner(&viewer(&[role], hub), &disclosure(bases)), whose, "{role:?} hub: {hub} {bases:?}");
        }
    }

    #[test]
    fn the_hub_corrects_what_the_hub_team_recorded_and_nothing_of_its_host() {
        let hub = viewer(&[Role::HubCoordinator], true);
        let elsewhere = viewer(&[Role::HubCoordinator], false);
        let both = viewer(&[Role::HubCoordinator, Role::SupportWorker], true);
        for (owner, may, at_work) in [(4, true, false), (3, false, true), (5, false, false)] {
            let owner = Uuid::from_u128(owner);
            assert_eq!(may_correct(&hub, &disclosure(&[Basis::Hub]), owner), may, "{owner}");
            for basis in [Basis::Holder, Basis::Team] {
                assert_eq!(may_correct(&both, &disclosure(&[basis]), owner), at_work, "{owner} {basis:?}");
                assert_eq!(may_correct(&both, &disclosure(&[Basis::Hub, basis]), owner), may || at_work, "{owner}");
                assert!(!may_correct(&hub, &disclosure(&[basis]), owner), "in no role that works there: {owner}");
            }
            assert!(!may_correct(&hub, &disclosure(&[Basis::Author]), owner), "its grant is over: {owner}");
            assert!(!may_correct(&elsewhere, &disclosure(&[Basis::Hub]), owner), "in no hub team: {owner}");
        }
    }

    #[test]
    fn a_proxy_is_ended_by_the_lead_the_hub_and_who_recorded_it() {
        let table: [(Role, bool, Basis, bool, bool); 7] = [
            (Role::SupportWorker, false, Basis::Holder, true, true),
            (Role::HubCoordinator, true, Basis::Hub, true, true),
            (Role::HubCoordinator, false, Basis::Hub, false, false),
            (Role::SupportWorker, false, Basis::Team, true, false),
            (Role::SupportWorker, false, Basis::Author, false, false),
            (Role::SupportWorker, false, Basis::Override, false, false),
            (Role::SafeguardingLead, false, Basis::Holder, false, false),
        ];
        for (role, is_hub, basis, own, others) in table {
            let (v, d) = (viewer(&[role], is_hub), disclosure(&[basis]));
            assert_eq!(may_end_proxy(&v, &d, Uuid::from_u128(3)), own, "{role:?} {basis:?}");
            assert_eq!(may_end_proxy(&v, &d, Uuid::from_u128(9)), others, "{role:?} {basis:?}");
        }
    }

    #[test]
    fn a_case_is_led_by_workers_of_its_lead_team() {
        let (own, other) = (TeamId(Uuid::from_u128(4)), TeamId(Uuid::from_u128(5)));
        let table = [
            (Role::SupportWorker, own, true),
            (Role::TeamManager, own, true),
            (Role::SupportWorker, other, false),
            (Role::TeamManager, other, false),
            (Role::Referrer, own, false),
            (Role::HubCoordinator, own, false),
            (Role::SafeguardingLead, own, false),
            (Role::Administrator, own, false),
        ];
        for (role, team, may) in table {
            let v = viewer(&[role], false);
            let (leads, excluded) = (disclosure(&[Basis::Holder]), disclosure(&[Basis::Author]));
            assert_eq!(may_lead(&v, &leads, team), may, "{role:?} {team:?}");
            assert_eq!(may_close(&v, &leads, team, true), may, "{role:?} {team:?}");
            assert_eq!(may_reenter(&v, team), may, "{role:?} {team:?}");
            // An excluded lead lets go of its case, and does no more.
            assert_eq!(may_close(&v, &excluded, team, false), may, "{role:?} {team:?}");
            assert!(!may_lead(&v, &excluded, team) && !may_close(&v, &excluded, team, true), "{role:?}");
        }
    }

    #[test]
    fn consent_is_recorded_by_who_may_record_at_all() {
        for role in [Role::SupportWorker, Role::HubCoordinator, Role::Referrer] {
            for hub in [true, false] {
                for basis in Basis::ALL {
                    let (viewer, disclosure) = (viewer(&[role], hub), disclosure(&[*basis]));
                    let may = may_record_consent(&viewer, &disclosure);
                    let works = role == Role::SupportWorker && matches!(basis, Basis::Holder | Basis::Team);
                    let triages = role == Role::HubCoordinator && hub && *basis == Basis::Hub;
                    assert_eq!(may, works || triages, "{role:?} hub: {hub} {basis:?}");
                }
            }
        }
    }

    #[test]
    fn only_the_lead_and_the_hub_at_work_widen_their_own_agencys_sight() {
        use Basis::{Consent, Holder, Hub, Team};
        let health = Categories::of(&[Category::Health]);
        // Whatever they hold opens nothing of it yet.
        let closed = |bases: &[Basis]| {
            let all = disclosure(bases);
            let grants = all.grants().iter().map(|g| LiveGrant { categories: Categories::NONE, ..*g });
            Disclosure::new(all.client, grants.collect())
        };
        let table: [(Role, bool, &[Basis], bool); 9] = [
            (Role::SupportWorker, false, &[Holder], true),
            (Role::SupportWorker, false, &[Team], false),
            (Role::SupportWorker, false, &[Consent], false),
            (Role::SupportWorker, false, &[Hub], false),
            (Role::SupportWorker, true, &[Hub], false),
            (Role::HubCoordinator, true, &[Hub], true),
            (Role::HubCoordinator, false, &[Hub], false),
            (Role::HubCoordinator, true, &[Team], false),
            (Role::HubCoordinator, true, &[Holder], true),
        ];
        for (role, hub, bases, leads) in table {
            let viewer = viewer(&[role], hub);
            let beyond = if leads { Categories::NONE } else { health };
            let own = [viewer.organisation];
            let of = |to: &[OrganisationId]| beyond_own_recording(&viewer, &closed(bases), &own.into(), to, health);
            assert_eq!(of(&own), beyond, "{role:?} {hub} {bases:?}");
            assert_eq!(of(&[OrganisationId(Uuid::from_u128(8))]), Categories::NONE, "for others");
        }
    }
}
