//! Documents about the client as such, which belong to no referral and no case: legal gateways, and disclosures to somebody
//! outside the system (C17). Each carries a set of categories, all of which must be open to see it (C1); and the name of whom it
//! went to speaks, so that it is told only where what it implies is open as well (C11).

use super::disclosure::Disclosure;
use super::viewer::Viewer;
use crate::domain::basis::{Basis, Scope};
use crate::domain::category::Categories;
use crate::domain::ids::{GrantId, OrganisationId, PersonId};
use crate::domain::role::Role;
use uuid::Uuid;

/// Such a document, with the grants that reach it.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// The grants that came with it: each reaches it.
    pub disclosure: &'a Disclosure,
    /// Its categories.
    pub categories: Categories,
    /// What whom it went to, and on which ground, say of the client.
    pub implies: Categories,
    /// Whose own item it is.
    pub owner: Uuid,
    /// Who recorded it, and for which organisation.
    pub recorded: (PersonId, OrganisationId),
    /// The organisation it names, when that is one of the registry.
    pub names: Option<OrganisationId>,
}

impl Document<'_> {
    /// What the grants open together.
    pub fn open(&self) -> Categories {
        self.disclosure.grants().iter().fold(Categories::NONE, |all, g| all.union(g.categories))
    }

    /// The grants that together open it; empty when they do not. The same rule as the SQL's, tried again on the row that came
    /// back.
    pub fn opening(&self) -> Vec<GrantId> {
        if !self.open().covers(self.categories) {
            return Vec::new();
        }
        let opens = |g: &&super::disclosure::LiveGrant| !g.categories.intersection(self.shown()).is_empty();
        self.disclosure.grants().iter().filter(opens).map(|g| g.id).collect()
    }

    /// The categories that showing it discloses.
    pub fn shown(&self) -> Categories {
        self.categories.union(self.implies.intersection(self.open()))
    }

    /// Whether the viewer is told to whom it went, on which ground and why: where what that implies is open, and to whom it is
    /// no news: who recorded it, who reviews it, whom a gateway names.
    pub fn tells(&self, viewer: &Viewer) -> bool {
        self.is_own(viewer)
            || self.disclosure.has(Basis::Oversight)
            || self.names == Some(viewer.organisation)
            || self.open().covers(self.implies)
    }

    /// It is an own item of whoever the viewer works for, as long as that is kept: the hub's only while its grant lives, and neither
    /// the hub nor a safeguarding lead has what workers recorded (C2 AUTHOR). Or the viewer wrote it.
    fn is_own(&self, viewer: &Viewer) -> bool {
        let kept = self.disclosure.grants().iter().any(|g| g.scope == Scope::OwnItems && g.scope_id == self.owner);
        kept || self.recorded == (viewer.person, viewer.organisation)
    }

    /// Whether the viewer is told if the client is, until when not, and why (C18): safeguarding leads, the lead team, and who
    /// recorded it.
    pub fn tells_of_telling(&self, viewer: &Viewer) -> bool {
        viewer.roles.has(Role::SafeguardingLead) || self.is_own(viewer) || self.disclosure.has(Basis::Holder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::category::Category;
    use crate::domain::clock::Timestamp;
    use crate::domain::ids::{ClientId, MembershipId};
    use crate::policy::disclosure::LiveGrant;

    const OWN: OrganisationId = OrganisationId(Uuid::from_u128(3));
    const OTHER: OrganisationId = OrganisationId(Uuid::from_u128(4));

    fn viewer(roles: &[Role]) -> Viewer {
        Viewer {
            person: PersonId(Uuid::from_u128(1)),
            membership: MembershipId(Uuid::from_u128(2)),
            membership_version: 1,
            organisation: OWN,
            is_partner: true,
            is_category: false,
            teams: Vec::new(),
            roles: roles.iter().copied().collect(),
        }
    }

    fn through(grants: &[(Basis, &[Category])]) -> Disclosure {
        let one = |(i, (basis, list)): (usize, &(Basis, &[Category]))| LiveGrant {
            id: GrantId(Uuid::from_u128(i as u128 + 100)),
            basis: *basis,
            categories: Categories::of(list),
            scope: if *basis == Basis::Author { Scope::OwnItems } else { Scope::Client },
            scope_id: if *basis == Basis::Author { OWN.0 } else { Uuid::nil() },
            opens_client: true,
            names_until: Timestamp::NEVER,
            until_at: Timestamp::NEVER,
        };
        Disclosure::new(ClientId(Uuid::nil()), grants.iter().enumerate().map(one).collect())
    }

    fn document(disclosure: &Disclosure, owner: OrganisationId) -> Document<'_> {
        Document {
            disclosure,
            categories: Categories::of(&[Category::Involvement, Category::Housing]),
            implies: Categories::of(&[Category::Offending]),
            owner: owner.0,
            recorded: (PersonId(Uuid::from_u128(9)), owner),
            names: None,
        }
    }

    #[test]
    fn all_of_its_categories_open_through_grants_together_or_not_at_all() {
        let some = through(&[(Basis::Holder, &[Category::Involvement])]);
        assert!(document(&some, OTHER).opening().is_empty());
        let both = through(&[(Basis::Holder, &[Category::Involvement]), (Basis::Holder, &[Category::Housing])]);
        assert_eq!(document(&both, OTHER).opening().len(), 2);
    }

    #[test]
    fn to_whom_it_went_is_told_where_what_that_implies_is_open_and_to_whom_it_is_no_news() {
        use Category::{Housing, Involvement, Offending};
        let worker = viewer(&[Role::SupportWorker]);
        let plain = through(&[(Basis::Holder, &[Involvement, Housing])]);
        let wide = through(&[(Basis::Holder, &[Involvement, Housing, Offending])]);
        let reviewed = through(&[(Basis::Oversight, &[Involvement, Housing])]);
        assert!(!document(&plain, OTHER).tells(&worker));
        assert!(document(&wide, OTHER).tells(&worker));
        let kept = through(&[(Basis::Author, &[Involvement, Housing])]);
        assert!(document(&kept, OWN).tells(&worker), "whose own item it is");
        assert!(!document(&plain, OWN).tells(&worker), "they do not have it as their own any more, or never had");
        assert!(!document(&kept, OTHER).tells(&worker), "what others recorded is no own item");
        let wrote = |person, organisation| Document { recorded: (person, organisation), ..document(&plain, OWN) };
        assert!(wrote(worker.person, OWN).tells(&worker), "who wrote it");
        assert!(!wrote(worker.person, OTHER).tells(&worker), "under another hat");
        assert!(document(&reviewed, OTHER).tells(&worker), "who reviews it");
        assert!(Document { names: Some(OWN), ..document(&plain, OTHER) }.tells(&worker), "whom it names");
        assert!(!Document { names: Some(OTHER), ..document(&plain, OTHER) }.tells(&worker));
        assert_eq!(document(&plain, OTHER).shown(), Categories::of(&[Involvement, Housing]));
        assert!(document(&wide, OTHER).shown().has(Offending), "what is told is noted");
    }

    #[test]
    fn what_the_client_is_told_is_for_the_leads_and_who_recorded_it() {
        let open: &[Category] = &[Category::Involvement, Category::Housing];
        let (lead, consent) = (through(&[(Basis::Holder, open)]), through(&[(Basis::LegalGateway, open)]));
        let worker = viewer(&[Role::SupportWorker]);
        assert!(document(&lead, OTHER).tells_of_telling(&worker));
        assert!(!document(&consent, OTHER).tells_of_telling(&worker));
        let kept = through(&[(Basis::Author, open)]);
        assert!(document(&kept, OWN).tells_of_telling(&worker));
        assert!(!document(&consent, OWN).tells_of_telling(&worker));
        assert!(document(&consent, OTHER).tells_of_telling(&viewer(&[Role::SafeguardingLead])));
    }
}
