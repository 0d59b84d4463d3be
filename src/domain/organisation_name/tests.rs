//! Names in, decisions out: each table is a promise the importer relies on.

use crate::domain::code::Coded;
use std::collections::BTreeSet;

use super::{
    OrganisationKind as Kind, RowProblem, check_name, fold_key, guess_kind, is_category, likely_duplicates,
    parent_stem,
};

const REGISTER: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/referring_organisations.csv"));
const BAD: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/referring_organisations_bad.csv"));

pub(super) fn records(text: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(text.as_bytes()).records().map(|r| r.expect("a fixture is well formed")).collect()
}

pub(super) fn register() -> Vec<String> {
    records(REGISTER).iter().map(|r| r[0].to_owned()).collect()
}

#[test]
fn the_register_is_read_whole() {
    let rows = register();
    let keys = rows.iter().map(|n| fold_key(n)).collect::<BTreeSet<_>>();
    assert_eq!((rows.len(), keys.len()), (201, 200));
    for row in &rows {
        assert_eq!(check_name(row).as_ref(), Ok(row));
    }
}

#[test]
fn one_key_for_every_way_of_typing_a_name() {
    for (a, b) in [
        ("Friends & Family", "friends and  FAMILY "),
        ("Children\u{2019}s Centre", "Childrens Centre"),
        ("Home-Start", "Home Start"),
        ("St. Mungo's", "St Mungos"),
        ("Abingdon Mental Health Centre \u{2013} AMHC", "Abingdon Mental Health Centre - AMHC"),
        ("Café", "Cafe\u{301}"),
    ] {
        assert_eq!(fold_key(a), fold_key(b), "{a}");
    }
    for (a, b) in [("Sunshine Centre", "The Sunshine Centre"), ("Homes4All", "Homes All"), ("Aspire", "Aspiration")] {
        assert_ne!(fold_key(a), fold_key(b), "{a}");
    }
    assert_eq!(fold_key("Reigate/Banstead Womens Aid"), "reigatebansteadwomensaid");
}

#[test]
fn categories_are_no_organisations() {
    let rows = register();
    let categories = rows.iter().filter(|n| is_category(n)).map(String::as_str).collect::<BTreeSet<_>>();
    let expected = [
        "Childrens Centre",
        "Education",
        "Family Member",
        "Friends & Family",
        "GP",
        "Health Visitor",
        "Landlord",
        "Midwife",
        "Occupational Therapy",
        "Prison",
        "Probation",
        "Self",
        "Social Services",
    ];
    assert_eq!(categories, expected.into_iter().collect());
    for name in
        ["self-referral", "GPs", "G.P.", "Midwives", "Health Visitors", "The Police", "Family and Friends", "N/A"]
    {
        assert!(is_category(name), "{name}");
    }
    for name in
        ["", "The", "HMP Woodhill", "Isis Midwives", "Thames Valley Police", "Job Centre", "Family Support Team"]
    {
        assert!(!is_category(name), "{name}");
    }
}

#[test]
fn kinds() {
    for (name, kind) in [
        ("Cherwell District Council", Kind::DistrictCouncil),
        ("VOWHDC Housing Dept", Kind::DistrictCouncil),
        ("Oxfordshire County Council", Kind::CountyCouncil),
        ("Churchill Hospital - Social Work Dept", Kind::SocialServicesAdults),
        ("LCSS MASH", Kind::SocialServicesChildren),
        ("Thames Valley Community Rehabilitation Company", Kind::Probation),
        ("HMP Woodhill", Kind::Prison),
        ("Thames Valley Police", Kind::Police),
        ("Wallingford Hospital - AMHT South Oxon", Kind::NhsMentalHealth),
        ("CAHMS", Kind::NhsMentalHealth),
        ("Temple Cowley HC", Kind::NhsPrimaryCare),
        ("Horton Hospital", Kind::NhsHospital),
        ("Isis Midwives", Kind::NhsCommunity),
        ("Department For Work & Pensions (Banbury)", Kind::Jobcentre),
        ("Cottsway HA", Kind::HousingAssociation),
        ("Julian Housing", Kind::HousingAssociation),
        ("St Aloysius' Catholic Primary School", Kind::SchoolOrCollege),
        ("Reigate/Banstead Womens Aid", Kind::DomesticAbuseService),
        ("Citizens Advice Bureau", Kind::AdviceOrLawService),
        ("St Mungos", Kind::HomelessnessCharity),
        ("Rose Hill Family Solutions Service", Kind::FamilyService),
        ("St Francis Church", Kind::FaithGroup),
        ("Landlord", Kind::Landlord),
        ("Friends & Family", Kind::FriendsOrFamily),
        ("Self", Kind::SelfReferral),
        ("Abbey House", Kind::Other),
        ("Turning Point Banbury", Kind::Other),
    ] {
        assert_eq!(guess_kind(name), kind, "{name}");
    }
}

#[test]
fn codes_go_there_and_back() {
    let codes = Kind::ALL.iter().map(|k| k.code()).collect::<BTreeSet<_>>();
    assert_eq!(codes.len(), 24);
    assert!(Kind::ALL.iter().all(|k| Kind::from_code(k.code()) == Some(*k)));
    assert_eq!((Kind::from_code("self"), Kind::from_code("")), (None, None));
}

#[test]
fn names_are_checked() {
    use RowProblem as P;
    assert_eq!(check_name("\u{feff} Henley\t\u{a0} YMCA\r\n").as_deref(), Ok("Henley YMCA"));
    assert_eq!(check_name(&"é".repeat(200)).map(|n| n.chars().count()), Ok(200));
    assert_eq!(check_name(&"é".repeat(201)), Err(P::TooLong));
    assert_eq!(check_name("\u{ff1d}1+A1"), Err(P::Formula));
    assert_eq!(check_name("Tru\u{200b}st"), Err(P::ControlCharacter));
    for problem in [
        P::Empty,
        P::TooLong,
        P::ControlCharacter,
        P::Formula,
        P::NoLetter,
        P::TooManyColumns,
        P::NotText,
        P::UnclosedQuote,
    ] {
        assert!(problem.message().ends_with('.') && problem.message().len() < 120);
    }
}

#[test]
fn bad_rows_are_refused_each_for_its_own_reason() {
    use RowProblem as P;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(BAD);
    let rows = reader.byte_records().map(|r| r.expect("bytes always parse")).map(|row| {
        if row.len() > 1 {
            return Err(P::TooManyColumns);
        }
        let text = row.get(0).map(str::from_utf8).transpose().map_err(|_| P::NotText)?;
        check_name(text.unwrap_or_default())
    });
    let rows = rows.collect::<Vec<_>>();
    let expected = [
        Ok("Sunshine Centre"),
        Ok("Headway, Oxford"),
        Ok("Emmaus Oxford"),
        Err(P::Empty),
        Err(P::Empty),
        Err(P::TooLong),
        Err(P::ControlCharacter),
        Err(P::ControlCharacter),
        Err(P::ControlCharacter),
        Err(P::Formula),
        Err(P::Formula),
        Err(P::Formula),
        Err(P::Formula),
        Err(P::NoLetter),
        Err(P::NoLetter),
        Err(P::TooManyColumns),
        Err(P::NotText),
        Ok("SUNSHINE CENTRE."),
        Ok("Café Project"),
        Ok("Self"),
        Ok("Restore"),
    ];
    assert_eq!(rows, expected.map(|r| r.map(str::to_owned)));
    let quotes = String::from_utf8_lossy(BAD).matches('"').count();
    assert_eq!(quotes % 2, 1, "a quotation mark is left open");
}

#[test]
fn odd_input_does_no_harm() {
    let long = "x".repeat(5_000);
    let names =
        ["", "&", "()", "\u{301}", "— / —", "''", "\u{1f600} Trust", "محطة", "ÉCOLE", &long, "A", "THE", "\u{0}"];
    likely_duplicates(&names);
    for name in names {
        assert_eq!(fold_key(&fold_key(name)), fold_key(name));
        assert!(check_name(name).is_err() || !fold_key(name).is_empty());
        assert!(!is_category(name) && Kind::ALL.contains(&guess_kind(name)));
        assert!(parent_stem(name, name).is_none_or(|stem| !stem.is_empty()));
    }
    let offices = (0..300).map(|i| format!("Turning Point Office {i}")).collect::<Vec<_>>();
    let offices = offices.iter().map(String::as_str).collect::<Vec<_>>();
    let pairs = likely_duplicates(&offices).len();
    assert!((299..300 * 10).contains(&pairs), "a large body is listed against its first names: {pairs}");
}
