//! Who may add and change what (C22): change only what you see; add, as HUB, HOLDER or TEAM, whatever your work needs.

use super::disclosure::Disclosure;
use super::viewer::Viewer;
use crate::domain::basis::Basis;
use crate::domain::category::Categories;
use crate::domain::role::Role;
use uuid::Uuid;

/// Whether the viewer may add entries to the client's record, and as the hub or as an agency.
pub fn may_record(viewer: &Viewer, disclosure: &Disclosure) -> bool {
    let as_hub = viewer.hub_team().is_some() && disclosure.has(Basis::Hub);
    let as_worker = viewer.roles.any(&[Role::SupportWorker, Role::TeamManager])
        && (disclosure.has(Basis::Holder) || disclosure.has(Basis::Team));
    as_hub || as_worker
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

/// Whether the viewer may correct or replace an item: only what their organisation (or hub team) recorded itself.
pub fn may_correct(viewer: &Viewer, disclosure: &Disclosure, item_owner: Uuid) -> bool {
    may_record(viewer, disclosure)
        && (item_owner == viewer.organisation.0 || viewer.hub_team().is_some_and(|t| t.0 == item_owner))
}

/// Whether the viewer leads a case: closes it, adds and removes members, follows up its signposts.
pub fn may_lead(viewer: &Viewer, lead_team: crate::domain::ids::TeamId) -> bool {
    viewer.in_team(lead_team) && viewer.roles.any(&[Role::SupportWorker, Role::TeamManager])
}

/// Whether the viewer may record a consent: whoever works with the client on a live basis of their own.
pub fn may_record_consent(viewer: &Viewer, disclosure: &Disclosure) -> bool {
    may_record(viewer, disclosure)
}

/// Whether the viewer may record that somebody outside the system was told of a client they see (C17).
pub fn may_record_outward(viewer: &Viewer) -> bool {
    viewer.roles.any(&[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator, Role::SafeguardingLead])
}

/// What a consent may not open to the recorder's own organisation: whoever is on the record as a member or a named recipient
/// alone does not widen their own sight. The lead or the hub records such a consent, so that two are needed.
pub fn beyond_own_recording(
    viewer: &Viewer,
    disclosure: &Disclosure,
    names_own_organisation: bool,
    categories: Categories,
) -> Categories {
    let leads = disclosure.has(Basis::Holder) || (disclosure.has(Basis::Hub) && viewer.hub_team().is_some());
    if leads || !names_own_organisation { Categories::NONE } else { categories.minus(disclosure.open()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::basis::Scope;
    use crate::domain::clock::Timestamp;
    use crate::domain::ids::{ClientId, GrantId, MembershipId, OrganisationId, PersonId, TeamId};
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
        };
        Disclosure::new(ClientId(Uuid::nil()), bases.iter().map(grant).collect())
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
        let housing = Categories::of(&[crate::domain::category::Category::Housing]);
        assert_eq!(beyond_own_recording(&worker, &member, true, housing), Categories::NONE, "open already");
        member = Disclosure::new(
            member.client,
            member.grants().iter().map(|g| LiveGrant { categories: housing, ..*g }).collect(),
        );
        assert_eq!(beyond_own_recording(&worker, &member, true, Categories::ALL), Categories::ALL.minus(housing));
        assert_eq!(beyond_own_recording(&worker, &member, false, Categories::ALL), Categories::NONE, "for others");
        assert_eq!(
            beyond_own_recording(&worker, &disclosure(&[Basis::Holder]), true, Categories::ALL),
            Categories::NONE
        );
    }

    #[test]
    fn nobody_corrects_what_others_recorded() {
        let worker = viewer(&[Role::SupportWorker], false);
        let d = disclosure(&[Basis::Holder]);
        assert!(may_correct(&worker, &d, Uuid::from_u128(3)));
        assert!(!may_correct(&worker, &d, Uuid::from_u128(99)));
        assert!(!may_correct(&worker, &disclosure(&[Basis::Author]), Uuid::from_u128(3)), "the door is closed");
    }
}
