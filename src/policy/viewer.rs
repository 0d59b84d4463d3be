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
