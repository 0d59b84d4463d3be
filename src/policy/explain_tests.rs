use super::*;
use crate::domain::ids::{MembershipId, TeamId};
use crate::policy::restriction::{PASSES_PROTECTION, PASSES_SEAL};
use crate::policy::viewer::ViewerTeam;

const OWN: OrganisationId = OrganisationId(Uuid::from_u128(1));
const ME: PersonId = PersonId(Uuid::from_u128(1));

fn organisation(id: u128, implies: &[Category]) -> OrganisationFacts {
    OrganisationFacts {
        body: OrganisationId(Uuid::from_u128(id)),
        id: OrganisationId(Uuid::from_u128(id)),
        name: format!("Organisation {id}"),
        implies: Categories::of(implies),
    }
}

fn person(id: u128) -> PersonFacts {
    PersonFacts { id: PersonId(Uuid::from_u128(id)), name: format!("Person {id}"), implies: Categories::NONE }
}

fn grant(of: OrganisationFacts, basis: Basis) -> GrantFacts {
    GrantFacts {
        id: GrantId(Uuid::from_u128(7)),
        organisation: of,
        team: Some("Their team".into()),
        person: None,
        basis,
        passes: 0,
        scope: Scope::Case,
        document: DocumentKind::Case,
        document_id: Uuid::from_u128(70),
        since: Timestamp(10),
        until: Timestamp::NEVER,
    }
}

fn restriction(kind: RestrictionKind) -> RestrictionFacts {
    RestrictionFacts { kind, since: Timestamp(20), organisation: None, person: None, named: 0 }
}

fn explained(facts: ExplainFacts, only: Option<OrganisationId>) -> Explanation {
    explain(facts, Category::Health, (OWN, ME), only)
}

#[test]
fn a_grant_is_told_with_its_document_and_its_times() {
    let mut g = grant(organisation(2, &[]), Basis::Holder);
    let told = |g: &GrantFacts| explained(ExplainFacts { grants: vec![g.clone()], ..ExplainFacts::default() }, None);
    let one = told(&g).grants.remove(0);
    assert_eq!(one.organisation.as_ref().map(|o| o.name.as_str()), Some("Organisation 2"));
    assert_eq!(one.team.as_deref(), Some("Their team"));
    assert_eq!((one.basis, one.scope, one.document), (Basis::Holder, Scope::Case, DocumentKind::Case));
    assert_eq!(one.document_id.as_deref(), Some("case_00000000000000000000000000000046"));
    assert_eq!((one.since, one.until), (Timestamp(10), None), "no end is planned");
    g.until = Timestamp(99);
    assert_eq!(told(&g).grants[0].until, Some(Timestamp(99)));
    assert!(one.restricted_by.is_empty());
}

#[test]
fn an_organisation_that_speaks_is_named_to_whom_its_category_is_open() {
    let health = Categories::of(&[Category::Health]);
    // What the name implies, what is open, whether it is the asker's own, whether it is named.
    let table = [
        (&[][..], Categories::NONE, 2, true),
        (&[Category::Health][..], Categories::NONE, 2, false),
        (&[Category::Health][..], health, 2, true),
        (&[Category::Health, Category::Offending][..], health, 2, false),
        (&[Category::Health][..], Categories::NONE, 1, true),
    ];
    for (implies, open, id, named) in table {
        let g = GrantFacts { person: Some(person(5)), ..grant(organisation(id, implies), Basis::Override) };
        let mut r = restriction(RestrictionKind::Objection);
        r.organisation = Some(organisation(id, implies));
        let facts = ExplainFacts { open, grants: vec![g], restrictions: vec![r] };
        let told = explained(facts.clone(), None);
        let one = &told.grants[0];
        assert_eq!(one.organisation.is_some(), named, "{implies:?} {open:?}");
        assert_eq!(one.team.is_some(), named, "the team's name speaks as well");
        assert_eq!(one.person.is_some(), named, "and who works there");
        assert!(told.restrictions[0].excludes_organisation);
        assert_eq!(told.restrictions[0].organisation.is_some(), named);
        // Asking by name finds only what is named (C14).
        let only = Some(organisation(id, &[]).id);
        assert_eq!(explained(facts.clone(), only).grants.len(), usize::from(named), "{implies:?} {open:?}");
        assert!(explained(facts, Some(organisation(3, &[]).id)).grants.is_empty());
    }
}

#[test]
fn restrictions_are_told_with_whom_they_exclude_or_how_many_they_name() {
    let sealed = RestrictionFacts { named: 3, ..restriction(RestrictionKind::Sealed) };
    let objection = RestrictionFacts { person: Some(person(5)), ..restriction(RestrictionKind::Objection) };
    let told =
        explained(ExplainFacts { restrictions: vec![sealed, objection], ..ExplainFacts::default() }, Some(OWN));
    assert_eq!(told.restrictions.len(), 2, "whatever organisation is asked about");
    assert_eq!((told.restrictions[0].kind, told.restrictions[0].named), (RestrictionKind::Sealed, 3));
    assert_eq!(told.restrictions[1].person.as_deref(), Some("Person 5"));
    assert_eq!(told.restrictions[1].since, Timestamp(20));
    assert!(!told.restrictions[1].excludes_organisation);
}

#[test]
fn whom_an_objection_excludes_is_told_by_name_as_far_as_links_may_speak_and_to_themselves() {
    let speaks = |id: u128| {
        let p = PersonFacts { implies: Categories::of(&[Category::Offending]), ..person(id) };
        RestrictionFacts { person: Some(p), ..restriction(RestrictionKind::Objection) }
    };
    let told = |r: RestrictionFacts, open: &[Category]| {
        let facts = ExplainFacts { restrictions: vec![r], open: Categories::of(open), ..ExplainFacts::default() };
        explained(facts, None).restrictions[0].person.clone()
    };
    assert_eq!(told(speaks(5), &[]), None, "where they work says what is not open");
    assert_eq!(told(speaks(5), &[Category::Offending]).as_deref(), Some("Person 5"));
    assert_eq!(told(speaks(1), &[]).as_deref(), Some("Person 1"), "the viewer knows themselves");
}

#[test]
fn each_grant_tells_what_stands_before_it() {
    let of = |organisation| RestrictionFacts { organisation, ..restriction(RestrictionKind::Objection) };
    let against = of(Some(organisation(2, &[])));
    let another = of(Some(organisation(3, &[])));
    let person_5 = RestrictionFacts { person: Some(person(5)), ..restriction(RestrictionKind::Objection) };
    let sealed = restriction(RestrictionKind::Sealed);
    let protected = restriction(RestrictionKind::ProtectedContact);
    let table = [
        (Basis::Holder, None, Category::Health, &sealed, true),
        (Basis::Override, Some(5), Category::Health, &sealed, true),
        (Basis::Holder, None, Category::Health, &against, true),
        (Basis::Team, None, Category::Health, &against, true),
        (Basis::Consent, None, Category::Health, &against, true),
        (Basis::Author, None, Category::Health, &against, false),
        (Basis::Referrer, None, Category::Health, &against, false),
        (Basis::LegalGateway, None, Category::Health, &against, false),
        (Basis::Override, Some(5), Category::Health, &against, false),
        (Basis::Holder, None, Category::Health, &another, false),
        (Basis::Override, Some(5), Category::Health, &person_5, true),
        (Basis::Override, Some(6), Category::Health, &person_5, false),
        (Basis::Holder, None, Category::Health, &person_5, false),
        (Basis::Holder, None, Category::Health, &protected, false),
        (Basis::Holder, None, Category::Contact, &protected, true),
        (Basis::Oversight, None, Category::Health, &sealed, true),
    ];
    for (basis, narrowed, category, r, stands) in table {
        let g = GrantFacts { person: narrowed.map(person), ..grant(organisation(2, &[]), basis) };
        let facts =
            ExplainFacts { grants: vec![g], restrictions: vec![r.clone(), r.clone()], ..ExplainFacts::default() };
        let told = explain(facts, category, (OWN, ME), None);
        let expected = if stands { vec![r.kind] } else { Vec::new() };
        assert_eq!(told.grants[0].restricted_by, expected, "{basis:?} {category:?} {r:?}");
    }
}

#[test]
fn what_a_co_signature_lets_pass_does_not_stand_before_its_grant() {
    let sealed = restriction(RestrictionKind::Sealed);
    let protected = restriction(RestrictionKind::ProtectedContact);
    let preference = restriction(RestrictionKind::ContactPreference);
    for (passes, expected) in [
        (0, vec![RestrictionKind::Sealed, RestrictionKind::ProtectedContact, RestrictionKind::ContactPreference]),
        (PASSES_SEAL, vec![RestrictionKind::ProtectedContact, RestrictionKind::ContactPreference]),
        (PASSES_PROTECTION, vec![RestrictionKind::Sealed]),
        (PASSES_SEAL | PASSES_PROTECTION, vec![]),
    ] {
        let g = GrantFacts { passes, ..grant(organisation(2, &[]), Basis::Override) };
        let restrictions = vec![preference.clone(), protected.clone(), sealed.clone()];
        let facts = ExplainFacts { grants: vec![g], restrictions, ..ExplainFacts::default() };
        assert_eq!(explain(facts, Category::Contact, (OWN, ME), None).grants[0].restricted_by, expected, "{passes}");
    }
}

#[test]
fn roles_are_entitled_by_the_case_or_by_the_organisation_or_not_at_all() {
    for role in <Role as crate::domain::code::Coded>::ALL {
        let mut viewer = Viewer {
            person: person(1).id,
            membership: MembershipId(Uuid::nil()),
            membership_version: 1,
            organisation: OWN,
            is_partner: true,
            is_category: false,
            teams: vec![ViewerTeam { id: TeamId(Uuid::nil()), is_hub: false }],
            roles: [*role].into_iter().collect(),
        };
        let expected = Entitlement {
            as_manager: *role == Role::TeamManager,
            as_lead: matches!(role, Role::SafeguardingLead | Role::InformationGovernance),
        };
        assert_eq!(entitlement(&viewer), expected, "{role:?}");
        viewer.is_category = true;
        assert_eq!(entitlement(&viewer), Entitlement { as_manager: false, as_lead: false }, "{role:?}");
    }
}
