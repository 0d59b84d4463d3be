//! The viewer: one person acting for one organisation, with the roles that token and membership both hold (C21).

use crate::domain::ids::{MembershipId, OrganisationId, PersonId, TeamId};
use crate::domain::role::Roles;
use uuid::Uuid;

/// A team the viewer belongs to, in the organisation they act for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewerTeam {
    /// The team.
    pub id: TeamId,
    /// Whether it is the referrals hub.
    pub is_hub: bool,
}

/// Who asks. The only key to client-bound reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The person.
    pub person: PersonId,
    /// The live membership this rests on; every client-bound statement tests that it is unchanged.
    pub membership: MembershipId,
    /// The membership's version when it was read.
    pub membership_version: i64,
    /// The organisation the person acts for, one at a time.
    pub organisation: OrganisationId,
    /// Whether that organisation is a partner.
    pub is_partner: bool,
    /// Whether that organisation is a mere category ("Self", "GP"): those never hold a grant (C2).
    pub is_category: bool,
    /// The person's teams in that organisation.
    pub teams: Vec<ViewerTeam>,
    /// The roles that count.
    pub roles: Roles,
}

impl Viewer {
    /// The identifiers that a grant may be narrowed to and still be this viewer's.
    pub fn holders(&self) -> Vec<Uuid> {
        let mut all = vec![self.organisation.0, self.person.0];
        all.extend(self.teams.iter().map(|t| t.id.0));
        all
    }

    /// Whether the viewer is in this team.
    pub fn in_team(&self, team: TeamId) -> bool {
        self.teams.iter().any(|t| t.id == team)
    }

    /// The hub team the viewer coordinates, if any.
    pub fn hub_team(&self) -> Option<TeamId> {
        if !self.roles.has(crate::domain::role::Role::HubCoordinator) {
            return None;
        }
        self.teams.iter().find(|t| t.is_hub).map(|t| t.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::role::Role;

    const HERE: TeamId = TeamId(Uuid::from_u128(4));
    const HUB: TeamId = TeamId(Uuid::from_u128(5));
    const ELSEWHERE: TeamId = TeamId(Uuid::from_u128(6));

    fn viewer(role: Role, teams: &[(TeamId, bool)]) -> Viewer {
        Viewer {
            person: PersonId(Uuid::from_u128(1)),
            membership: MembershipId(Uuid::from_u128(2)),
            membership_version: 1,
            organisation: OrganisationId(Uuid::from_u128(3)),
            is_partner: true,
            is_category: false,
            teams: teams.iter().map(|(id, is_hub)| ViewerTeam { id: *id, is_hub: *is_hub }).collect(),
            roles: [role].into_iter().collect(),
        }
    }

    #[test]
    fn a_grant_may_be_narrowed_to_the_organisation_the_person_and_each_team_and_nobody_else() {
        let viewer = viewer(Role::SupportWorker, &[(HERE, false), (HUB, true)]);
        assert_eq!(viewer.holders(), [3, 1, 4, 5].map(Uuid::from_u128));
    }

    #[test]
    fn a_viewer_is_in_their_own_teams_and_in_no_other() {
        let two = viewer(Role::SupportWorker, &[(HERE, false), (HUB, true)]);
        let none = viewer(Role::SupportWorker, &[]);
        for (team, is_in) in [(HERE, true), (HUB, true), (ELSEWHERE, false)] {
            assert_eq!((two.in_team(team), none.in_team(team)), (is_in, false), "{team:?}");
        }
    }

    /// A role, teams and whether each is a hub; the one that is then coordinated.
    type Coordinating = (Role, &'static [(TeamId, bool)], Option<TeamId>);

    #[test]
    fn only_a_coordinator_in_a_hub_team_coordinates_it() {
        let table: [Coordinating; 5] = [
            (Role::HubCoordinator, &[(HERE, false), (HUB, true)], Some(HUB)),
            (Role::HubCoordinator, &[(HERE, false)], None),
            (Role::HubCoordinator, &[], None),
            (Role::SupportWorker, &[(HUB, true)], None),
            (Role::TeamManager, &[(HUB, true)], None),
        ];
        for (role, teams, hub) in table {
            assert_eq!(viewer(role, teams).hub_team(), hub, "{role:?} {teams:?}");
        }
    }
}
