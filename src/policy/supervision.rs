//! Who may say who supervises whom (C10): a supervisor reads what a worker wrote for nobody else, so nobody decides it for oneself.

use super::viewer::Viewer;
use crate::domain::ids::PersonId;
use crate::domain::role::{Role, Roles};

/// Why a supervision is not for the viewer to assign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It would be one's own: one's own supervisor, somebody as their own, or oneself over somebody else.
    Oneself,
    /// It is for administrators, and managers of the worker's team.
    NotYours,
}

/// Whether the viewer may decide on a worker's supervision: the organisation's administrators, and managers of a team of theirs.
pub fn may_decide(viewer: &Viewer, worker: PersonId, shares_team: bool) -> Result<(), Refused> {
    if worker == viewer.person {
        return Err(Refused::Oneself);
    }
    let manages = viewer.roles.has(Role::TeamManager) && shares_team;
    if viewer.roles.has(Role::Administrator) || manages { Ok(()) } else { Err(Refused::NotYours) }
}

/// Whether the viewer may make this person the worker's supervisor.
pub fn may_assign(viewer: &Viewer, worker: PersonId, supervisor: PersonId, shares_team: bool) -> Result<(), Refused> {
    if worker == supervisor || supervisor == viewer.person {
        return Err(Refused::Oneself);
    }
    may_decide(viewer, worker, shares_team)
}

/// Whether somebody with these roles can supervise at all.
pub fn can_supervise(roles: Roles) -> bool {
    roles.has(Role::TeamManager)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{MembershipId, OrganisationId};
    use uuid::Uuid;

    #[test]
    fn managers_supervise() {
        use crate::domain::code::Coded;
        for role in Role::ALL {
            let roles: Roles = [*role].into_iter().collect();
            assert_eq!(can_supervise(roles), *role == Role::TeamManager, "{role:?}");
        }
    }

    #[test]
    fn supervision_is_decided_by_somebody_else() {
        let person = |n| PersonId(Uuid::from_u128(n));
        let viewer = |role: Role| Viewer {
            person: person(1),
            membership: MembershipId(Uuid::nil()),
            membership_version: 1,
            organisation: OrganisationId(Uuid::nil()),
            is_partner: true,
            is_category: false,
            teams: Vec::new(),
            roles: [role].into_iter().collect(),
        };
        let (worker, supervisor) = (person(2), person(3));
        let table = [
            (Role::Administrator, worker, supervisor, false, Ok(())),
            (Role::TeamManager, worker, supervisor, true, Ok(())),
            (Role::TeamManager, worker, supervisor, false, Err(Refused::NotYours)),
            (Role::SupportWorker, worker, supervisor, true, Err(Refused::NotYours)),
            (Role::Administrator, person(1), supervisor, true, Err(Refused::Oneself)),
            (Role::TeamManager, worker, person(1), true, Err(Refused::Oneself)),
            (Role::Administrator, worker, worker, true, Err(Refused::Oneself)),
        ];
        for (role, worker, supervisor, shares, expected) in table {
            assert_eq!(may_assign(&viewer(role), worker, supervisor, shares), expected, "{role:?}");
        }
        assert_eq!(may_decide(&viewer(Role::TeamManager), person(1), true), Err(Refused::Oneself));
    }
}
