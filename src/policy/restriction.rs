//! Restrictions (C5-C7): what they stand before, and who sets, widens, follows and lifts them.
//!
//! What a restriction beats is a mask of bases each. The statements of `persistence::access` are built from these very
//! constants, and [`stands`] says the same of one grant.
//!
//! C7 and C12: an agency that is not named loses sight of its own note that tells where somebody is. That stands: it learns that
//! contact goes through the lead worker, which protection and preference withhold from the same people in the same bytes.

use super::disclosure::{Disclosure, LiveGrant};
use super::viewer::Viewer;
use super::writing;
use crate::domain::basis::{Basis, bases};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{GrantId, PersonId};
use crate::domain::restriction::RestrictionKind;
use crate::domain::role::{Role, Roles};

/// A grant with this bit passes a seal: somebody of a holding organisation signed with the one who asked (C16).
pub const PASSES_SEAL: i64 = 1;
/// A grant with this bit passes protected contact, co-signed in the same way.
pub const PASSES_PROTECTION: i64 = 2;

/// For how long one person's asking for protected contact to be lifted counts, in microseconds: a week. Two lift it together (C7).
pub const LIFT_ASKED_FOR: i64 = 7 * 24 * 3_600 * 1_000_000;

const EVERY_BASIS: i64 = bases(Basis::ALL);
/// A seal stands before everything (C5). What is to be co-signed or reviewed passes it by its own mark, [`PASSES_SEAL`]: somebody
/// must be able to look at what was done.
pub const SEAL_BEATS: i64 = EVERY_BASIS;
/// For a person whom the client excludes there is nothing, ever: an override included (C6).
pub const PERSON_OBJECTION_BEATS: i64 = EVERY_BASIS;
/// An excluded organisation keeps an override, a legal gateway, and what it wrote itself (C6).
pub const ORGANISATION_OBJECTION_BEATS: i64 =
    EVERY_BASIS & !bases(&[Basis::Override, Basis::LegalGateway, Basis::Author, Basis::Referrer]);
/// Contact and location are for the named few, whatever opens the rest (C7).
pub const PROTECTION_BEATS: i64 = EVERY_BASIS;

const fn holds(mask: i64, basis: Basis) -> bool {
    mask & basis.bit() != 0
}

/// A live restriction, as one viewer meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    /// What kind.
    pub kind: RestrictionKind,
    /// The viewer is named on it.
    pub names_viewer: bool,
    /// It excludes the viewer as a person.
    pub excludes_person: bool,
    /// It excludes the organisation that the viewer acts for.
    pub excludes_organisation: bool,
}

/// Whether a restriction stands before a grant on this basis with these passes: before all of it, or, for protected contact and
/// the preference that reads like it, before contact and location.
pub const fn stands(met: Met, basis: Basis, passes: i64) -> bool {
    match met.kind {
        RestrictionKind::Sealed => !met.names_viewer && passes & PASSES_SEAL == 0 && holds(SEAL_BEATS, basis),
        RestrictionKind::Objection => {
            (met.excludes_person && holds(PERSON_OBJECTION_BEATS, basis))
                || (met.excludes_organisation && holds(ORGANISATION_OBJECTION_BEATS, basis))
        }
        RestrictionKind::ProtectedContact | RestrictionKind::ContactPreference => {
            !met.names_viewer && passes & PASSES_PROTECTION == 0 && holds(PROTECTION_BEATS, basis)
        }
    }
}

/// What shows a record for a while, to somebody who does not work with the person: it lets nobody else be shut out.
const PASSING: i64 = bases(&[Basis::Override, Basis::LegalGateway, Basis::Oversight]);

/// A safeguarding lead who sees the record as such, and not only because they broke the glass, by a law or for a review.
fn leads_safeguarding(viewer: &Viewer, disclosure: &Disclosure) -> bool {
    let lasts = disclosure.grants().iter().any(|g| g.opens_client && !holds(PASSING, g.basis));
    viewer.roles.has(Role::SafeguardingLead) && lasts
}

/// Who sets seals and lifts them, of those who lead the work: a safeguarding lead who works with nobody sees no record to seal.
const SEALERS: &[Role] = &[Role::TeamManager, Role::HubCoordinator, Role::SafeguardingLead];
/// What those hold who lead the work with the person.
const LEADING: i64 = bases(&[Basis::Hub, Basis::Holder]);

/// Whether the viewer may seal the record: a seal hides it from colleagues and from other agencies, the lead's included, so those
/// who lead the work set it, while they do; no member team does.
pub fn may_seal(viewer: &Viewer, disclosure: &Disclosure) -> bool {
    viewer.roles.any(SEALERS) && writing::leads_or_triages(viewer, disclosure) && !leading(disclosure).is_empty()
}

/// The viewer's grants to lead the work, those that last: whose sight is to end, as the hub's of a referral that has left it, keeps no
/// seal, or nobody would lift it then.
pub fn leading(disclosure: &Disclosure) -> Vec<GrantId> {
    let lasts = |g: &&LiveGrant| holds(LEADING, g.basis) && g.until_at == Timestamp::NEVER;
    disclosure.grants().iter().filter(lasts).map(|g| g.id).collect()
}

/// Whether somebody with these roles and a grant on this basis keeps a seal: they lead the work and could lift it. Without one of
/// those among the people it names, the record would be nobody's.
pub fn keeps_seal(roles: Roles, basis: Basis) -> bool {
    roles.any(SEALERS) && LEADING & roles.usable_bases() & basis.bit() != 0
}

/// Whether the viewer may record whom the client excludes, or the client's preference about contact: whoever works with them.
pub fn may_object(viewer: &Viewer, disclosure: &Disclosure) -> bool {
    writing::may_record(viewer, disclosure)
}

/// Whether the viewer may protect contact: whoever works with the person, or leads safeguarding and sees the record.
pub fn may_protect(viewer: &Viewer, disclosure: &Disclosure) -> bool {
    writing::may_record(viewer, disclosure) || leads_safeguarding(viewer, disclosure)
}

/// A live restriction that the viewer is told of.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// What kind.
    pub kind: RestrictionKind,
    /// It follows from the protection of another member of the household.
    pub follows: bool,
    /// The viewer is told of that one too.
    pub knows_root: bool,
    /// The viewer is named on it, and not for the time of an offer alone.
    pub names_viewer: bool,
    /// It excludes an organisation that the viewer works for, under whichever hat, or may for all that they are told (C11).
    pub excludes_own: bool,
    /// Who set it.
    pub set_by: PersonId,
    /// Who asked first for it to be lifted.
    pub lift_asked_by: Option<PersonId>,
}

/// Whether the viewer is told that it follows from another: who is told of that one. To all others it would tell of a record that they
/// may not see, and of what protects it (C7, C13).
pub const fn shown_to_follow(told: Told) -> bool {
    told.follows && told.knows_root
}

/// Whether the viewer may name a further person on it: whoever is named already. Where it follows, and that is not told, they name
/// whom they need for their own work with the person.
pub fn may_name(told: Told) -> bool {
    told.names_viewer && !shown_to_follow(told) && told.kind != RestrictionKind::Objection
}

/// What comes of it when the viewer asks for a name to be taken off, that of somebody who asked for it first if anybody did.
///
/// It takes whom lifting takes: a name taken off leaves fewer who could lift, and shuts somebody out from where the person can be
/// found (C7).
pub fn unname(viewer: &Viewer, told: Told, asked_by: Option<PersonId>) -> Lifting {
    let may = may_name(told) && (told.kind != RestrictionKind::Sealed || viewer.roles.any(SEALERS));
    match told.kind {
        _ if !may => Lifting::Refused,
        RestrictionKind::ProtectedContact => lifting(told.set_by, asked_by, viewer.person),
        _ => Lifting::Lifted,
    }
}

/// What comes of it when the viewer asks for a restriction to be lifted.
pub fn lift(viewer: &Viewer, disclosure: &Disclosure, told: Told) -> Lifting {
    let may = !shown_to_follow(told)
        && match told.kind {
            RestrictionKind::Objection => may_object(viewer, disclosure),
            RestrictionKind::Sealed => told.names_viewer && viewer.roles.any(SEALERS),
            RestrictionKind::ProtectedContact | RestrictionKind::ContactPreference => told.names_viewer,
        };
    match told.kind {
        _ if !may => Lifting::Refused,
        // What excludes one of their own agencies is for somebody else to lift (C21).
        RestrictionKind::Objection if told.excludes_own => Lifting::NotForOneself,
        // As to who set it: it is for others to lift, and goes with the one it follows from.
        _ if told.follows => Lifting::NeedsTwoOthers,
        RestrictionKind::ProtectedContact => lifting(told.set_by, told.lift_asked_by, viewer.person),
        _ => Lifting::Lifted,
    }
}

/// Where the lifting of a restriction stands when somebody asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifting {
    /// The first of two others: it is noted, and nothing is lifted yet.
    Asked,
    /// The second of two others: it is lifted.
    Lifted,
    /// Who set it does not lift it, and nobody lifts it alone.
    NeedsTwoOthers,
    /// It excludes an agency that they work for themselves.
    NotForOneself,
    /// It is for others to lift.
    Refused,
}

/// Protected contact is set by one person and lifted by two others together (C7). Persons are compared, whatever hats they
/// wear (C21).
pub fn lifting(set_by: PersonId, asked_by: Option<PersonId>, now_asks: PersonId) -> Lifting {
    match asked_by {
        _ if now_asks == set_by => Lifting::NeedsTwoOthers,
        None => Lifting::Asked,
        Some(first) if first == now_asks => Lifting::NeedsTwoOthers,
        Some(_) => Lifting::Lifted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::basis::Scope;
    use crate::domain::category::Categories;
    use crate::domain::ids::{ClientId, MembershipId, OrganisationId, TeamId};
    use crate::policy::viewer::ViewerTeam;
    use uuid::Uuid;

    const fn person(n: u128) -> PersonId {
        PersonId(Uuid::from_u128(n))
    }

    fn viewer(role: Role, is_hub: bool) -> Viewer {
        Viewer {
            person: person(1),
            membership: MembershipId(Uuid::from_u128(2)),
            membership_version: 1,
            organisation: OrganisationId(Uuid::from_u128(3)),
            is_partner: true,
            is_category: false,
            teams: vec![ViewerTeam { id: TeamId(Uuid::from_u128(4)), is_hub }],
            roles: [role].into_iter().collect(),
        }
    }

    /// What grants on these bases open, each until then.
    fn disclosure(held: &[(Basis, Timestamp)]) -> Disclosure {
        let grant = |(n, (basis, until_at)): (usize, &(Basis, Timestamp))| LiveGrant {
            id: GrantId(Uuid::from_u128(n as u128 + 10)),
            basis: *basis,
            categories: Categories::ALL,
            scope: Scope::Client,
            scope_id: Uuid::nil(),
            opens_client: true,
            names_until: Timestamp::NEVER,
            until_at: *until_at,
        };
        Disclosure::new(ClientId(Uuid::nil()), held.iter().enumerate().map(grant).collect())
    }

    const NOBODY: Met = Met {
        kind: RestrictionKind::Sealed,
        names_viewer: false,
        excludes_person: false,
        excludes_organisation: false,
    };

    /// The bases that a restriction stands before, spelt out as C5-C7 have them.
    fn stood_before(met: Met, passes: i64) -> Vec<Basis> {
        Basis::ALL.iter().copied().filter(|b| stands(met, *b, passes)).collect()
    }

    fn all_but(kept: &[Basis]) -> Vec<Basis> {
        Basis::ALL.iter().copied().filter(|b| !kept.contains(b)).collect()
    }

    #[test]
    fn each_restriction_stands_before_the_bases_that_its_rule_names() {
        use RestrictionKind::{ContactPreference, Objection, ProtectedContact, Sealed};
        let of = |kind| Met { kind, ..NOBODY };
        let named = |kind| Met { kind, names_viewer: true, ..NOBODY };
        let person = Met { excludes_person: true, ..of(Objection) };
        let agency = Met { excludes_organisation: true, ..of(Objection) };
        let (seal, contact) = (PASSES_SEAL, PASSES_PROTECTION);
        let own = [Basis::Override, Basis::LegalGateway, Basis::Author, Basis::Referrer];
        let table = [
            (of(Sealed), 0, all_but(&[])),
            (of(Sealed), contact, all_but(&[])),
            (of(Sealed), seal, vec![]),
            (named(Sealed), 0, vec![]),
            (of(Objection), 0, vec![]),
            (agency, 0, all_but(&own)),
            (agency, seal | contact, all_but(&own)),
            (person, 0, all_but(&[])),
            (person, seal | contact, all_but(&[])),
            (Met { names_viewer: true, ..person }, 0, all_but(&[])),
            (of(ProtectedContact), 0, all_but(&[])),
            (of(ProtectedContact), seal, all_but(&[])),
            (of(ProtectedContact), contact, vec![]),
            (named(ProtectedContact), 0, vec![]),
            (of(ContactPreference), 0, all_but(&[])),
            (of(ContactPreference), contact, vec![]),
            (named(ContactPreference), 0, vec![]),
        ];
        for (met, passes, expected) in table {
            assert_eq!(stood_before(met, passes), expected, "{met:?} with passes {passes}");
        }
    }

    #[test]
    fn a_seal_is_kept_by_those_who_lead_the_work_and_could_lift_it() {
        use Role::{HubCoordinator, InformationGovernance, SafeguardingLead, SupportWorker, TeamManager};
        let table: [(&[Role], &[Basis]); 6] = [
            (&[TeamManager], &[Basis::Holder]),
            (&[HubCoordinator], &[Basis::Hub]),
            (&[SupportWorker], &[]),
            (&[SafeguardingLead], &[]),
            (&[SafeguardingLead, SupportWorker], &[Basis::Holder]),
            (&[InformationGovernance, SupportWorker], &[]),
        ];
        for (roles, keeps) in table {
            let all: Roles = roles.iter().copied().collect();
            let kept: Vec<_> = Basis::ALL.iter().copied().filter(|b| keeps_seal(all, *b)).collect();
            let mut expected = keeps.to_vec();
            expected.sort_by_key(|b| *b as i64);
            assert_eq!(kept, expected, "{roles:?}");
        }
    }

    #[test]
    fn a_seal_is_set_by_who_leads_and_goes_on_seeing_the_record() {
        let (ends, never) = (Timestamp(1_000), Timestamp::NEVER);
        let may = |role, is_hub, held: &[_]| may_seal(&viewer(role, is_hub), &disclosure(held));
        assert!(may(Role::TeamManager, false, &[(Basis::Holder, never)]));
        assert!(!may(Role::TeamManager, false, &[(Basis::Holder, ends)]));
        assert!(!may(Role::TeamManager, false, &[(Basis::Team, never)]));
        assert!(!may(Role::SupportWorker, false, &[(Basis::Holder, never)]));
        assert!(may(Role::HubCoordinator, true, &[(Basis::Hub, never)]));
        assert!(!may(Role::HubCoordinator, true, &[(Basis::Hub, ends)]));
        assert!(may(Role::HubCoordinator, true, &[(Basis::Hub, ends), (Basis::Hub, never)]));
        assert!(!may(Role::HubCoordinator, false, &[(Basis::Hub, never)]));
    }

    #[test]
    fn asking_for_protection_to_be_lifted_counts_for_a_week() {
        assert_eq!(LIFT_ASKED_FOR, 604_800_000_000);
    }

    #[test]
    fn contact_is_protected_by_who_works_with_the_person_or_leads_safeguarding_and_goes_on_seeing_them() {
        use Basis::{Author, Consent, Holder, Hub, LegalGateway, Override, Oversight, Team};
        use Role::{Administrator, HubCoordinator, SafeguardingLead, SupportWorker, TeamManager};
        let table: [(Role, bool, Basis, bool, bool); 13] = [
            (SupportWorker, false, Holder, true, true),
            (TeamManager, false, Team, true, true),
            (HubCoordinator, true, Hub, true, true),
            (HubCoordinator, false, Hub, false, false),
            (SupportWorker, false, Consent, false, false),
            (SupportWorker, false, Override, false, false),
            (Administrator, false, Holder, false, false),
            (SafeguardingLead, false, Consent, false, true),
            (SafeguardingLead, false, Author, false, true),
            (SafeguardingLead, false, Holder, false, true),
            (SafeguardingLead, false, Override, false, false),
            (SafeguardingLead, false, LegalGateway, false, false),
            (SafeguardingLead, false, Oversight, false, false),
        ];
        for (role, hub, basis, objects, protects) in table {
            let (viewer, disclosure) = (viewer(role, hub), disclosure(&[(basis, Timestamp::NEVER)]));
            assert_eq!(may_object(&viewer, &disclosure), objects, "{role:?} {basis:?}");
            assert_eq!(may_protect(&viewer, &disclosure), protects, "{role:?} {basis:?}");
        }
        // A document alone is no sight of the record.
        let lead = viewer(SafeguardingLead, false);
        let alone = disclosure(&[(Basis::Referrer, Timestamp::NEVER)]);
        let hidden = alone.grants().iter().map(|g| LiveGrant { opens_client: false, ..*g }).collect();
        assert!(!may_protect(&lead, &Disclosure::new(alone.client, hidden)));
    }

    const TOLD: Told = Told {
        kind: RestrictionKind::ProtectedContact,
        follows: false,
        knows_root: false,
        names_viewer: true,
        excludes_own: false,
        set_by: person(9),
        lift_asked_by: None,
    };

    #[test]
    fn who_is_told_of_what_it_follows_from_leaves_it_to_that_one() {
        for (follows, knows_root, shown) in [(true, true, true), (true, false, false), (false, true, false)] {
            let told = Told { follows, knows_root, ..TOLD };
            assert_eq!(shown_to_follow(told), shown, "{follows} {knows_root}");
            assert_eq!(may_name(told), !shown, "{follows} {knows_root}");
            assert_eq!(unname(&viewer(Role::TeamManager, false), told, None) == Lifting::Refused, shown);
        }
        assert!(!may_name(Told { names_viewer: false, ..TOLD }), "by who is named");
        assert!(!may_name(Told { kind: RestrictionKind::Objection, ..TOLD }), "an objection names nobody");
        assert!(may_name(Told { kind: RestrictionKind::Sealed, ..TOLD }));
    }

    #[test]
    fn a_name_is_taken_off_as_the_restriction_is_lifted() {
        use RestrictionKind::{ContactPreference, Objection, ProtectedContact, Sealed};
        let (worker, manager) = (viewer(Role::SupportWorker, false), viewer(Role::TeamManager, false));
        let of = |kind| Told { kind, ..TOLD };
        assert_eq!(unname(&worker, of(Sealed), None), Lifting::Refused, "those who set seals");
        assert_eq!(unname(&manager, of(Sealed), None), Lifting::Lifted);
        assert_eq!(unname(&worker, of(ContactPreference), None), Lifting::Lifted);
        assert_eq!(unname(&worker, of(Objection), None), Lifting::Refused);
        assert_eq!(unname(&worker, of(ProtectedContact), None), Lifting::Asked);
        assert_eq!(unname(&worker, of(ProtectedContact), Some(person(2))), Lifting::Lifted);
        assert_eq!(unname(&worker, of(ProtectedContact), Some(worker.person)), Lifting::NeedsTwoOthers);
        assert_eq!(unname(&worker, Told { set_by: worker.person, ..TOLD }, Some(person(2))), Lifting::NeedsTwoOthers);
    }

    #[test]
    fn each_kind_is_lifted_by_its_own() {
        use RestrictionKind::{ContactPreference, Objection, ProtectedContact, Sealed};
        let (worker, manager) = (viewer(Role::SupportWorker, false), viewer(Role::TeamManager, false));
        let works = disclosure(&[(Basis::Holder, Timestamp::NEVER)]);
        let sees = disclosure(&[(Basis::Consent, Timestamp::NEVER)]);
        let of = |kind| Told { kind, ..TOLD };
        let not_named = |kind| Told { names_viewer: false, ..of(kind) };
        let table = [
            (&worker, &works, not_named(Objection), Lifting::Lifted),
            (&worker, &sees, not_named(Objection), Lifting::Refused),
            (&worker, &works, Told { excludes_own: true, ..not_named(Objection) }, Lifting::NotForOneself),
            (&worker, &works, of(Sealed), Lifting::Refused),
            (&manager, &sees, of(Sealed), Lifting::Lifted),
            (&manager, &works, not_named(Sealed), Lifting::Refused),
            (&worker, &sees, of(ContactPreference), Lifting::Lifted),
            (&worker, &works, not_named(ContactPreference), Lifting::Refused),
            (&worker, &sees, of(ProtectedContact), Lifting::Asked),
            (&worker, &works, not_named(ProtectedContact), Lifting::Refused),
            (&worker, &works, Told { lift_asked_by: Some(person(2)), ..TOLD }, Lifting::Lifted),
            (&worker, &works, Told { set_by: worker.person, ..TOLD }, Lifting::NeedsTwoOthers),
            (&worker, &works, Told { follows: true, knows_root: true, ..TOLD }, Lifting::Refused),
            (&worker, &works, Told { follows: true, ..TOLD }, Lifting::NeedsTwoOthers),
            (&worker, &works, Told { follows: true, ..of(ContactPreference) }, Lifting::NeedsTwoOthers),
        ];
        for (viewer, disclosure, told, expected) in table {
            assert_eq!(lift(viewer, disclosure, told), expected, "{told:?}");
        }
    }

    #[test]
    fn two_others_together_lift_protection() {
        let (set_by, second, third) = (person(1), person(2), person(3));
        assert_eq!(lifting(set_by, None, set_by), Lifting::NeedsTwoOthers);
        assert_eq!(lifting(set_by, None, second), Lifting::Asked);
        assert_eq!(lifting(set_by, Some(second), second), Lifting::NeedsTwoOthers);
        assert_eq!(lifting(set_by, Some(second), set_by), Lifting::NeedsTwoOthers);
        assert_eq!(lifting(set_by, Some(second), third), Lifting::Lifted);
    }
}
