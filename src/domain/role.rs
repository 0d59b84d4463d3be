//! Roles (C20, C21) and what kinds of access each can use at all.

use super::basis::{Basis, bases};
use super::code::Coded;
use crate::coded;

coded! { Role "What a person does for the organisation they act for. A role narrows what grants open; it never widens." {
    Referrer "REFERRER" "Drafts, submits, withdraws and follows the organisation's own referrals.",
    SupportWorker "SUPPORT_WORKER" "Answers offers, holds and shares cases, records, takes consent, signposts.",
    TeamManager "TEAM_MANAGER" "What a support worker may, and leads a team.",
    HubCoordinator "HUB_COORDINATOR" "Triages, routes, reviews declines, keeps the registry of referring organisations.",
    SafeguardingLead "SAFEGUARDING_LEAD" "Reviews overrides, legal gateways, protected contact and seals.",
    InformationGovernance "INFORMATION_GOVERNANCE" "Consent evidence, the trace, rights requests; no client content.",
    Commissioner "COMMISSIONER" "Published statistics; no person, no single case.",
    Administrator "ADMINISTRATOR" "Organisations, users, memberships, services; no client data.",
    Client "CLIENT" "The client's own record, consents and access history.",
} }

/// A set of roles, as the bit mask that memberships store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Roles(i64);

impl Roles {
    /// No role.
    pub const NONE: Self = Self(0);

    /// The set a stored mask stands for.
    pub const fn from_mask(mask: i64) -> Self {
        Self(mask)
    }

    /// The mask to store.
    pub const fn mask(self) -> i64 {
        self.0
    }

    /// Whether the role is in the set.
    pub const fn has(self, role: Role) -> bool {
        self.0 & (1 << role as i64) != 0
    }

    /// Whether any of these roles is in the set.
    pub fn any(self, roles: &[Role]) -> bool {
        roles.iter().any(|r| self.has(*r))
    }

    /// What both have: a token's roles count only as far as the membership holds them (C21).
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The roles in the set, in order.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |r| self.has(*r))
    }

    /// The bases these roles can use at all, as a mask: the SQL of every client-bound read tests it (C2: "roles without
    /// client content reach nothing through any grant").
    pub fn usable_bases(self) -> i64 {
        self.iter().map(Role::usable_bases).fold(0, |all, b| all | b)
    }
}

impl Role {
    const fn usable_bases(self) -> i64 {
        match self {
            Self::Referrer => bases(&[Basis::Referrer]),
            Self::SupportWorker | Self::TeamManager => bases(&[
                Basis::Referrer,
                Basis::Offer,
                Basis::Holder,
                Basis::Team,
                Basis::Author,
                Basis::Consent,
                Basis::Panel,
                Basis::Override,
                Basis::LegalGateway,
            ]),
            Self::HubCoordinator => bases(&[
                Basis::Referrer,
                Basis::Hub,
                Basis::Author,
                Basis::Panel,
                Basis::Override,
                Basis::LegalGateway,
            ]),
            Self::SafeguardingLead => bases(&[Basis::Oversight, Basis::Override, Basis::LegalGateway, Basis::Panel]),
            Self::InformationGovernance => bases(&[Basis::Oversight]),
            Self::Commissioner | Self::Administrator => 0,
            Self::Client => bases(&[Basis::Subject]),
        }
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<T: IntoIterator<Item = Role>>(iter: T) -> Self {
        Self(iter.into_iter().fold(0, |mask, r| mask | (1 << r as i64)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_without_client_content_use_no_working_basis() {
        let content = bases(&[
            Basis::Referrer,
            Basis::Hub,
            Basis::Offer,
            Basis::Holder,
            Basis::Team,
            Basis::Author,
            Basis::Consent,
            Basis::Override,
        ]);
        for role in [Role::InformationGovernance, Role::Commissioner, Role::Administrator] {
            assert_eq!(Roles::from_iter([role]).usable_bases() & content, 0, "{role:?}");
        }
    }

    #[test]
    fn only_the_hub_uses_the_hubs_basis_and_a_referrer_only_its_own() {
        for role in Role::ALL {
            let has_hub = Roles::from_iter([*role]).usable_bases() & Basis::Hub.bit() != 0;
            assert_eq!(has_hub, *role == Role::HubCoordinator, "{role:?}");
        }
        assert_eq!(Roles::from_iter([Role::Referrer]).usable_bases(), Basis::Referrer.bit());
    }
}
