//! Likely duplicates, measured against what a person judged before the rules were written.

use crate::domain::code::Coded;
use std::collections::{BTreeMap, BTreeSet};

use super::{
    LikeReason, fold_key, is_category, likely_duplicates, parent_stem,
    tests::{records, register},
};

const JUDGED: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/referring_organisations_duplicates.csv"));
/// Pairs of names, each in byte order, with a reason.
pub(super) type Pairs = BTreeMap<(String, String), String>;

pub(super) fn pair(a: &str, b: &str) -> (String, String) {
    (a.min(b).to_owned(), a.max(b).to_owned())
}

pub(super) fn found(names: &[&str]) -> Pairs {
    likely_duplicates(names)
        .iter()
        .map(|l| (pair(names[l.first], names[l.second]), l.reason.code().to_owned()))
        .collect()
}

/// Asserts the least recall and precision, in per cent; prints what was missed and what was too much.
pub(super) fn assert_measure(found: &Pairs, judged: &Pairs, recall: usize, precision: usize) {
    let hits = found.keys().filter(|p| judged.contains_key(*p)).count();
    for (missed, reason) in judged.iter().filter(|(p, _)| !found.contains_key(*p)) {
        println!("missed {reason} {missed:?}");
    }
    for (extra, reason) in found.iter().filter(|(p, _)| !judged.contains_key(*p)) {
        println!("extra {reason} {extra:?}");
    }
    println!("{hits} of {} judged pairs among {} found", judged.len(), found.len());
    assert!(hits * 100 >= recall * judged.len(), "recall below {recall} %");
    assert!(hits * 100 >= precision * found.len(), "precision below {precision} %");
}

fn judged() -> Pairs {
    records(JUDGED).iter().map(|r| (pair(&r[0], &r[1]), r[2].to_owned())).collect()
}

#[test]
fn the_judged_pairs_are_sorted_names_of_the_register() {
    let names = register().into_iter().collect::<BTreeSet<_>>();
    let rows = records(JUDGED);
    let pairs = rows.iter().map(|r| (r[0].to_owned(), r[1].to_owned())).collect::<Vec<_>>();
    assert_eq!(pairs.len(), 140);
    assert!(pairs.is_sorted_by(|a, b| a < b), "sorted, none twice");
    assert!(pairs.iter().all(|(a, b)| a < b && names.contains(a) && names.contains(b)));
    assert!(pairs.iter().all(|(a, b)| !is_category(a) && !is_category(b)));
}

#[test]
fn likely_duplicates_agree_with_human_judgement() {
    let rows = register();
    let names = rows.iter().map(String::as_str).collect::<Vec<_>>();
    let (found, judged) = (found(&names), judged());
    assert_measure(&found, &judged, 99, 96);

    // Three bodies with many offices make most of the pairs; the rest must stand alone too.
    let large = |(a, b): &(String, String)| {
        ["Connection ", "Turning Point ", "Family Solutions"].iter().any(|s| a.contains(s) && b.contains(s))
    };
    let rest = |pairs: &Pairs| -> Pairs {
        pairs.iter().filter(|(p, _)| !large(p)).map(|(p, r)| (p.clone(), r.clone())).collect()
    };
    assert_eq!(rest(&judged).len(), 53);
    assert_measure(&rest(&found), &rest(&judged), 99, 91);

    let same_reason = judged.iter().filter(|(p, r)| found.get(*p) == Some(*r)).count();
    assert!(same_reason * 100 >= 97 * judged.len(), "{same_reason} reasons agree");
}

#[test]
fn the_order_is_fixed_and_the_shape_sound() {
    let rows = register();
    let names = rows.iter().map(String::as_str).collect::<Vec<_>>();
    let list = likely_duplicates(&names);
    assert_eq!(list, likely_duplicates(&names));
    assert!(list.is_sorted_by_key(|l| (l.first, l.second)));
    for l in &list {
        assert!(l.first < l.second && l.second < names.len() && l.score_percent <= 100);
        assert!(!is_category(names[l.first]) && !is_category(names[l.second]));
        assert_ne!(fold_key(names[l.first]), fold_key(names[l.second]));
    }
    assert_eq!(likely_duplicates(&[]), []);
    assert_eq!(likely_duplicates(&["Restore", "RESTORE", " restore. "]), []);
}

#[test]
fn reasons() {
    use LikeReason as R;
    for (a, b, reason) in [
        ("ODAS", "Oxfordshire Domestic Abuse Service", R::Acronym),
        ("Sunshine Centre", "The Sunshine Centre", R::LeadingThe),
        ("Sunshine Centre, The", "Sunshine Centre", R::LeadingThe),
        ("Temple Cowley HC", "Temple Cowley Health Centre", R::Abbreviation),
        ("Cottsway HA", "Cottsway Housing Association", R::Abbreviation),
        ("DWP Banbury", "Department for Work & Pensions (Banbury)", R::SharedName),
        ("Asylum Welcome", "Asylum Welcmoe", R::Misspelling),
        ("Liason and Diversion", "Criminal Justice Liaison and Diversion Service", R::Misspelling),
        ("CAHMS", "CAMHS", R::Misspelling),
        ("Turning Point Witney", "Turning Point (Didcot)", R::LocalOffice),
        ("YMCA", "Henley YMCA", R::LocalOffice),
        ("Oxford City Council", "Oxford City Council Housing Options", R::LocalOffice),
        ("IDVA (Reducing the Risk)", "Reduce the Risk", R::SharedName),
        ("MASH", "MASH (Multi Agency Safeguarding Hub)", R::SharedName),
    ] {
        let list = likely_duplicates(&[a, b]);
        assert_eq!(list.iter().map(|l| l.reason).collect::<Vec<_>>(), [reason], "{a} ~ {b}");
    }
}

#[test]
fn bodies_that_only_look_alike_stay_apart() {
    let names = register();
    let extra = ["St Mary's Church of England School", "West Oxford Surgery", "Probation"];
    let names = names.iter().map(String::as_str).chain(extra).collect::<Vec<_>>();
    let found = found(&names);
    for (a, b) in [
        ("St Mary's Church", "St Mary's Primary School"),
        ("St Mary's Church", "St Mary's Church of England School"),
        ("West Oxfordshire District Council", "South Oxford District Council"),
        ("Didcot Health Centre", "Banbury Health Centre"),
        ("Dashwood Banbury Academy", "Harriers Banbury Academy"),
        ("Nuffield Health Centre", "Nuffield Orthopaedic Centre"),
        ("Thames Valley Police", "Thames Valley Housing"),
        ("Oxford City Council", "OCC Social Services"),
        ("LD Community Connections Team", "Connection North"),
        ("Probation", "National Probation Service"),
        ("Social Services", "OCC Social Services"),
    ] {
        assert!(!found.contains_key(&pair(a, b)), "{a} ~ {b}");
    }
}

#[test]
fn parent_stems() {
    for (a, b, stem) in [
        ("Turning Point Witney", "Turning Point Didcot", Some("Turning Point")),
        ("Family Solutions Service (Banbury)", "Bicester Family Solutions", Some("Family Solutions")),
        ("Aylesbury Womens Aid", "Reigate/Banstead Women's Aid", Some("Womens Aid")),
        ("OCC Social Services", "Oxfordshire County Council", Some("Oxfordshire County Council")),
        ("OCC Social Services", "OCC Children Social Care", Some("OCC")),
        ("Henley YMCA", "YMCA", Some("YMCA")),
        ("Banbury Health Centre", "Didcot Health Centre", None),
        ("", "YMCA", None),
    ] {
        assert_eq!(parent_stem(a, b).as_deref(), stem, "{a} ~ {b}");
    }
}
