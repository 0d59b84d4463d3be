//! The rules of breaking the glass, row by row.

use super::*;
use uuid::Uuid;

const HARBOUR: OrganisationId = OrganisationId(Uuid::from_u128(1));
const LOCKWELL: OrganisationId = OrganisationId(Uuid::from_u128(2));
/// The host of the hub.
const MEADOW: OrganisationId = OrganisationId(Uuid::from_u128(3));
const SHELTER: OrganisationId = OrganisationId(Uuid::from_u128(4));
const NOW: Timestamp = Timestamp(1_000);

const fn lead(person: u128, organisation: OrganisationId) -> Lead {
    Lead { person: PersonId(Uuid::from_u128(person)), organisation }
}

const ASKER: Lead = lead(10, HARBOUR);

fn waiting(passes: i64) -> Standing {
    Standing {
        asker: ASKER,
        needs: Needs { passes, unreviewed: passes == 0 },
        lapses_at: Timestamp(2_000),
        opened_at: None,
        until_at: None,
        ended_at: None,
        cosigned_by: None,
        reviewed: false,
    }
}

fn open() -> Standing {
    Standing { opened_at: Some(Timestamp(900)), until_at: Some(Timestamp(1_500)), ..waiting(0) }
}

#[test]
fn what_is_in_the_way_is_what_a_cosignature_is_for() {
    let contact = Categories::of(&[Category::Contact, Category::Risk]);
    let risk = Categories::of(&[Category::Risk]);
    let b = |sealed, protected, unreviewed| Barriers { sealed, protected, unreviewed };
    let table = [
        (b(false, false, false), contact, 0, false),
        (b(true, false, false), contact, PASSES_SEAL, true),
        (b(true, false, false), risk, PASSES_SEAL, true),
        (b(false, true, false), contact, PASSES_PROTECTION, true),
        // Who does not ask where somebody is does not wait, and is not told.
        (b(false, true, false), risk, 0, false),
        (b(true, true, false), contact, PASSES_SEAL | PASSES_PROTECTION, true),
        (b(true, true, false), risk, PASSES_SEAL, true),
        (b(false, false, true), risk, 0, true),
        (b(true, true, true), contact, PASSES_SEAL | PASSES_PROTECTION, true),
    ];
    for (barriers, asked, passes, waits) in table {
        let found = needs(barriers, asked);
        assert_eq!((found.passes, found.cosignature()), (passes, waits), "{barriers:?} {asked:?}");
        assert_eq!(found.unreviewed, barriers.unreviewed);
    }
}

#[test]
fn it_is_open_between_its_times_and_waits_for_a_day() {
    use OverrideStatus::{Open, Over, Waiting};
    let ended = |s: Standing| Standing { ended_at: Some(Timestamp(950)), ..s };
    let table = [
        (waiting(0), 1_000, Waiting),
        (waiting(0), 1_999, Waiting),
        (waiting(0), 2_000, Over),
        (open(), 1_000, Open),
        (open(), 1_499, Open),
        (open(), 1_500, Over),
        (ended(open()), 1_000, Over),
        (ended(waiting(0)), 1_000, Over),
    ];
    for (standing, at, status) in table {
        assert_eq!(standing.status(Timestamp(at)), status, "{standing:?} at {at}");
    }
}

#[test]
fn a_holding_lead_who_is_no_colleague_cosigns() {
    use CosignRefusal::{Asker, Colleague, NotALead, NotWaiting};
    let of = |person, organisation| Cosigner {
        who: lead(person, organisation),
        is_lead: true,
        is_colleague: organisation == HARBOUR,
        holds: organisation == LOCKWELL,
        at_hub: organisation == MEADOW,
    };
    let at = |holder, hub| Elsewhere { holder, hub };
    let other = at(true, true);
    let other_hat = Cosigner { is_colleague: true, ..of(10, LOCKWELL) };
    let two_hats = Cosigner { is_colleague: true, ..of(11, LOCKWELL) };
    let worker = Cosigner { is_lead: false, ..of(12, LOCKWELL) };
    let over = Standing { ended_at: Some(Timestamp(1)), ..waiting(PASSES_SEAL) };
    let table = [
        (waiting(PASSES_SEAL), of(12, LOCKWELL), other, Ok(())),
        (waiting(PASSES_SEAL), of(10, HARBOUR), other, Err(Asker)),
        (waiting(PASSES_SEAL), other_hat, other, Err(Asker)),
        (waiting(PASSES_SEAL), of(11, HARBOUR), other, Err(Colleague)),
        (waiting(PASSES_SEAL), two_hats, other, Err(Colleague)),
        (waiting(PASSES_SEAL), worker, other, Err(NotALead)),
        // While another organisation holds the case and has a lead, nobody stands in, not even the hub.
        (waiting(PASSES_SEAL), of(13, MEADOW), other, Err(NotALead)),
        (waiting(PASSES_PROTECTION), of(14, SHELTER), other, Err(NotALead)),
        (waiting(PASSES_SEAL), of(13, MEADOW), at(false, true), Ok(())),
        (waiting(PASSES_SEAL), of(14, SHELTER), at(false, true), Err(NotALead)),
        // The hub has none but a colleague: any lead elsewhere, and a colleague never.
        (waiting(PASSES_PROTECTION), of(14, SHELTER), at(false, false), Ok(())),
        (waiting(PASSES_PROTECTION), two_hats, at(false, false), Err(Colleague)),
        (waiting(0), of(13, MEADOW), other, Err(NotALead)),
        (waiting(0), of(14, SHELTER), at(false, true), Ok(())),
        (waiting(0), of(12, LOCKWELL), other, Ok(())),
        (over, of(12, LOCKWELL), other, Err(NotWaiting)),
        (open(), of(12, LOCKWELL), other, Err(NotWaiting)),
    ];
    for (standing, by, elsewhere, expected) in table {
        assert_eq!(may_cosign(&standing, by, elsewhere, NOW), expected, "{by:?} {standing:?} {elsewhere:?}");
    }
}

#[test]
fn another_person_reviews_it_once() {
    use ReviewRefusal::{Asker, Cosigner, NotALead, NotToReview};
    use Verdict::{Justified, NotJustified};
    let person = |n| PersonId(Uuid::from_u128(n));
    let cosigned = Standing { cosigned_by: Some(person(12)), ..open() };
    let reviewed = Standing { reviewed: true, ..open() };
    let over = Standing { ended_at: Some(Timestamp(950)), ..open() };
    let never = Standing { ended_at: Some(Timestamp(950)), ..waiting(0) };
    let lapsed = Standing { lapses_at: Timestamp(999), ..waiting(0) };
    let table = [
        (open(), 11, true, Justified, Ok(())),
        (open(), 11, true, NotJustified, Ok(())),
        (over, 11, true, Justified, Ok(())),
        (open(), 10, true, Justified, Err(Asker)),
        (open(), 10, false, NotJustified, Err(Asker)),
        (cosigned, 12, true, Justified, Err(Cosigner)),
        (cosigned, 11, true, Justified, Ok(())),
        (open(), 11, false, Justified, Err(NotALead)),
        (reviewed, 11, true, Justified, Err(NotToReview)),
        (waiting(0), 11, true, Justified, Err(NotToReview)),
        (waiting(0), 11, true, NotJustified, Ok(())),
        (never, 11, true, NotJustified, Err(NotToReview)),
        (lapsed, 11, true, NotJustified, Err(NotToReview)),
    ];
    for (standing, by, is_lead, verdict, expected) in table {
        assert_eq!(
            may_review(&standing, person(by), is_lead, verdict, NOW),
            expected,
            "{by} {verdict:?} {standing:?}"
        );
    }
}

#[test]
fn who_asked_gives_it_back_and_nobody_else() {
    let other = PersonId(Uuid::from_u128(11));
    assert!(may_end(&open(), ASKER.person, NOW) && may_end(&waiting(0), ASKER.person, NOW));
    assert!(!may_end(&open(), other, NOW));
    assert!(!may_end(&open(), ASKER.person, Timestamp(1_500)), "it has run out");
    assert!(!may_end(&Standing { ended_at: Some(NOW), ..open() }, ASKER.person, NOW));
}

#[test]
fn the_leads_who_are_told_are_those_of_the_asker_and_of_the_holders() {
    let all = [lead(11, HARBOUR), lead(12, LOCKWELL), lead(13, MEADOW)];
    let none = Needs::default();
    let seal = Needs { passes: PASSES_SEAL, unreviewed: false };
    let told = |all: &[Lead], asker, list: &[OrganisationId], needs| {
        concerned(all, asker, &list.iter().copied().collect::<BTreeSet<_>>(), needs)
    };
    for needs in [none, seal] {
        assert_eq!(told(&all, ASKER, &[HARBOUR], needs), [all[0]]);
        assert_eq!(told(&all, ASKER, &[HARBOUR, LOCKWELL], needs), [all[0], all[1]]);
        assert_eq!(told(&all, lead(10, MEADOW), &[LOCKWELL], needs), [all[1], all[2]]);
    }
    let alone = [lead(10, HARBOUR), all[1], all[2]];
    assert_eq!(told(&alone, ASKER, &[HARBOUR], none), alone, "nobody near but the asker");
    assert_eq!(told(&alone, ASKER, &[HARBOUR], seal), [all[1], all[2]], "of a sealed record the asker hears nothing");
    let hats = [lead(10, LOCKWELL), all[2]];
    assert_eq!(told(&hats, ASKER, &[LOCKWELL], none), hats, "the asker under another membership");
    assert_eq!(told(&hats, ASKER, &[LOCKWELL], seal), [all[2]]);
    let asks = [all[0], lead(10, HARBOUR), lead(10, LOCKWELL)];
    assert_eq!(told(&asks, ASKER, &[HARBOUR, LOCKWELL], seal), [all[0]]);
}

#[test]
fn the_leads_who_are_asked_to_cosign_are_those_who_may() {
    let signer = |person, organisation, is_colleague| Signer {
        lead: lead(person, organisation),
        at_hub: organisation == MEADOW,
        is_colleague,
    };
    let all = [
        signer(10, LOCKWELL, true),
        signer(11, HARBOUR, true),
        signer(12, LOCKWELL, false),
        signer(13, MEADOW, false),
        signer(14, SHELTER, false),
        signer(15, SHELTER, true),
    ];
    let asked = |all: &[Signer], holding: &[OrganisationId], needs| -> Vec<u128> {
        let holding = holding.iter().copied().collect::<BTreeSet<_>>();
        to_cosign(all, ASKER, &holding, needs).iter().map(|l| l.person.0.as_u128()).collect()
    };
    let seal = Needs { passes: PASSES_SEAL, unreviewed: true };
    let owing = Needs { passes: 0, unreviewed: true };
    assert_eq!(asked(&all, &[HARBOUR, LOCKWELL], seal), [12]);
    assert_eq!(asked(&all, &[HARBOUR, LOCKWELL], owing), [12]);
    assert_eq!(asked(&all, &[HARBOUR], owing), [12, 13, 14]);
    assert_eq!(asked(&all, &[HARBOUR], seal), [13], "the hub's");
    assert_eq!(asked(&all, &[], seal), [13], "nobody holds the case yet");
    let of_the_hub = all.map(|s| Signer { is_colleague: s.is_colleague || s.at_hub, ..s });
    assert_eq!(asked(&of_the_hub, &[HARBOUR], seal), [12, 14], "any lead elsewhere, for the hub's is a colleague");
    let no_lead = [all[0], all[3], all[4]];
    assert_eq!(asked(&no_lead, &[HARBOUR, LOCKWELL], seal), [13], "another holds it, and has no lead but the asker");
}

#[test]
fn what_nobody_reviewed_goes_to_the_other_holders_or_to_all() {
    let all = [lead(10, LOCKWELL), lead(11, HARBOUR), lead(12, LOCKWELL), lead(13, MEADOW)];
    let holders = |list: &[OrganisationId]| list.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(escalated_to(&all, ASKER, &holders(&[HARBOUR, LOCKWELL])), [all[2]]);
    assert_eq!(escalated_to(&all, ASKER, &holders(&[HARBOUR])), [all[1], all[2], all[3]]);
    assert_eq!(escalated_to(&all, ASKER, &holders(&[])), [all[1], all[2], all[3]]);
}

fn facts(standing: Standing) -> OverrideFacts {
    OverrideFacts {
        id: OverrideId(Uuid::from_u128(77)),
        standing,
        asked_at: Timestamp(800),
        categories: Categories::of(&[Category::Risk, Category::Equalities]),
        passes: PASSES_SEAL,
        tasks: vec![
            TaskFacts { lead: lead(11, HARBOUR), given_at: Timestamp(800), done_at: None },
            TaskFacts { lead: lead(12, LOCKWELL), given_at: Timestamp(800), done_at: Some(Timestamp(900)) },
        ],
    }
}

#[test]
fn an_open_one_is_the_askers_own_and_its_document_is_the_leads() {
    let client = ClientId(Uuid::from_u128(5));
    let all = grants(client, &facts(open()));
    let [record, document] = &all[..] else { panic!("{all:?}") };
    assert_eq!((record.basis, record.scope, record.scope_id), (Basis::Override, Scope::Client, client.0));
    assert_eq!((record.person, record.team, record.organisation), (Some(ASKER.person), None, HARBOUR));
    assert_eq!(record.categories, Categories::of(&[Category::Risk, Category::Involvement]), "equalities never");
    assert_eq!((record.starts_at, record.until_at, record.passes), (Timestamp(900), Timestamp(1_500), PASSES_SEAL));
    assert!(record.opens_client && record.purpose == "EMERGENCY");
    assert_eq!(
        (document.basis, document.scope, document.scope_id),
        (Basis::Oversight, Scope::Item, Uuid::from_u128(77))
    );
    assert_eq!((document.person, document.organisation), (Some(PersonId(Uuid::from_u128(11))), HARBOUR));
    assert!(!document.opens_client && document.passes == PASSES_SEAL && document.until_at == Timestamp::NEVER);
}

#[test]
fn one_that_waits_opens_its_document_alone_and_one_that_is_over_nothing() {
    let client = ClientId(Uuid::from_u128(5));
    let all = grants(client, &facts(waiting(PASSES_SEAL)));
    assert_eq!(all.iter().map(|g| g.basis).collect::<Vec<_>>(), [Basis::Override, Basis::Oversight]);
    assert!(all.iter().all(|g| !g.opens_client && g.scope == Scope::Item));
    assert_eq!(
        all.iter().map(|g| g.passes).collect::<Vec<_>>(),
        [0, PASSES_SEAL],
        "the review passes a seal, who waits does not"
    );
    assert_eq!(all[0].categories, Categories::of(&[Category::Involvement]));
    assert_eq!((all[0].starts_at, all[0].until_at), (Timestamp(800), Timestamp(2_000)));
    let over = grants(client, &facts(Standing { ended_at: Some(Timestamp(950)), ..open() }));
    assert_eq!(over.iter().map(|g| g.basis).collect::<Vec<_>>(), [Basis::Oversight], "the review goes on");
}

#[test]
fn holders_are_those_whose_case_is_open_now() {
    let grant = |basis, organisation, until_at| Grant {
        organisation,
        basis,
        until_at,
        ..grants(ClientId(Uuid::nil()), &facts(open())).swap_remove(0)
    };
    let ledger = [
        grant(Basis::Holder, HARBOUR, Timestamp::NEVER),
        grant(Basis::Team, LOCKWELL, Timestamp(1_001)),
        grant(Basis::Team, MEADOW, NOW),
        grant(Basis::Hub, MEADOW, Timestamp::NEVER),
        grant(Basis::Consent, MEADOW, Timestamp::NEVER),
    ];
    assert_eq!(holding(&ledger, NOW), BTreeSet::from([HARBOUR, LOCKWELL]));
    assert_eq!(holding(&ledger, Timestamp(899)), BTreeSet::new(), "before it began");
}

#[test]
fn a_co_signature_passes_what_was_not_set_later() {
    let both = PASSES_SEAL | PASSES_PROTECTION;
    let table = [
        (both, false, false, both),
        (both, true, false, PASSES_PROTECTION),
        (both, false, true, PASSES_SEAL),
        (both, true, true, 0),
        (PASSES_SEAL, false, true, PASSES_SEAL),
        (PASSES_SEAL, true, false, 0),
        (0, true, true, 0),
    ];
    for (signed, sealed_later, protected_later, left) in table {
        assert_eq!(
            standing_passes(signed, sealed_later, protected_later),
            left,
            "{signed} {sealed_later} {protected_later}"
        );
    }
}

#[test]
fn what_was_open_for_no_time_opens_nothing() {
    let at = Timestamp(900);
    let none = Standing { opened_at: Some(at), until_at: Some(at), ..open() };
    let all = grants(ClientId(Uuid::nil()), &facts(none));
    assert!(all.iter().all(|g| g.basis == Basis::Oversight), "{all:?}");
    let some = Standing { opened_at: Some(at), until_at: Some(Timestamp(901)), ..open() };
    assert!(grants(ClientId(Uuid::nil()), &facts(some)).iter().any(|g| g.basis == Basis::Override));
}
