//! In which order services are suggested for a referral: by what the person wishes, whether they fit, how near it is and how soon they would
//! be seen. A suggestion decides nothing.

use super::criteria::{Availability, Criteria, District};
use super::eligibility::{Applicant, Criterion, CriterionVerdict, Fit, Reason};
use crate::coded;

coded! { Nearness "How near to where the person lives a service works." {
    Here "HERE" "It names where they live.",
    Anywhere "ANYWHERE" "It works everywhere.",
    NextDistrict "NEXT_DISTRICT" "It works in a district beside theirs.",
    Unknown "UNKNOWN" "Where they live, or where it works, was not told.",
    Elsewhere "ELSEWHERE" "It works elsewhere.",
} }

/// The districts of the county that lie beside each other.
const BESIDE: &[(District, District)] = &[
    (District::Cherwell, District::OxfordCity),
    (District::Cherwell, District::SouthOxfordshire),
    (District::Cherwell, District::ValeOfWhiteHorse),
    (District::Cherwell, District::WestOxfordshire),
    (District::OxfordCity, District::SouthOxfordshire),
    (District::OxfordCity, District::ValeOfWhiteHorse),
    (District::SouthOxfordshire, District::ValeOfWhiteHorse),
    (District::ValeOfWhiteHorse, District::WestOxfordshire),
];

fn beside(a: District, b: District) -> bool {
    BESIDE.contains(&(a, b)) || BESIDE.contains(&(b, a))
}

/// How near a service works, by what it states and what is known of the person.
pub fn nearness(criteria: Option<&Criteria>, reasons: &[Reason], who: &Applicant) -> Nearness {
    let Some(c) = criteria else { return Nearness::Unknown };
    match reasons.iter().find(|r| r.criterion == Criterion::Area).map(|r| r.verdict) {
        None => Nearness::Anywhere,
        Some(CriterionVerdict::Met) => Nearness::Here,
        Some(CriterionVerdict::Unknown) => Nearness::Unknown,
        Some(CriterionVerdict::NotMet) => {
            let next = who.district.is_some_and(|d| c.districts.iter().any(|of| beside(*of, d)));
            if next { Nearness::NextDistrict } else { Nearness::Elsewhere }
        }
    }
}

/// What the order goes by, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// The team declined this very referral before.
    pub has_declined: bool,
    /// Whether the person fits.
    pub fit: Fit,
    /// It is not the one that the person wishes for.
    pub is_not_wished: bool,
    /// How near.
    pub near: Nearness,
    /// Whether it takes people.
    pub availability: Availability,
    /// Days to wait; those that are not told come last.
    pub wait_days: i64,
}

/// The order of one service. A team that states that it has no room is as one whose service is full.
pub fn order(
    criteria: Option<&Criteria>,
    fit: Fit,
    near: Nearness,
    room: Option<i64>,
    has_declined: bool,
    is_wished: bool,
) -> Order {
    let wait = criteria.and_then(|c| c.wait_days);
    Order {
        has_declined,
        fit,
        is_not_wished: !is_wished,
        near,
        availability: match (room, criteria) {
            (Some(0), _) => Availability::Full,
            (_, Some(c)) => c.availability,
            (_, None) => Availability::Open,
        },
        wait_days: wait.unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Coded;
    use crate::domain::eligibility::{assess, fit};

    #[test]
    fn a_service_is_as_near_as_what_it_names() {
        let who = |district, postcode: &str| Applicant {
            district,
            postcode_area: (!postcode.is_empty()).then(|| postcode.to_owned()),
            ..Applicant::default()
        };
        let of = |districts: &[District]| Criteria { districts: districts.to_vec(), ..Criteria::for_everybody() };
        let near = |c: Option<&Criteria>, who: &Applicant| nearness(c, &assess(c, who), who);
        let banbury = who(Some(District::Cherwell), "OX16");
        assert_eq!(near(Some(&of(&[District::Cherwell])), &banbury), Nearness::Here);
        assert_eq!(near(Some(&of(&[District::OxfordCity])), &banbury), Nearness::NextDistrict);
        assert_eq!(near(Some(&of(&[District::OutsideCounty])), &banbury), Nearness::Elsewhere);
        assert_eq!(near(Some(&of(&[])), &banbury), Nearness::Anywhere);
        assert_eq!(near(Some(&of(&[District::Cherwell])), &who(None, "OX16")), Nearness::Unknown);
        assert_eq!(near(None, &banbury), Nearness::Unknown);
        let witney = who(Some(District::WestOxfordshire), "");
        assert_eq!(near(Some(&of(&[District::OxfordCity])), &witney), Nearness::Elsewhere);
        for (a, b) in BESIDE {
            assert!(beside(*a, *b) && beside(*b, *a) && a != b, "{a:?} {b:?}");
        }
        assert!(District::ALL.iter().all(|d| !beside(*d, *d) && !beside(*d, District::OutsideCounty)));
    }

    #[test]
    fn who_declined_comes_last_and_of_those_that_fit_the_wish_comes_first() {
        let none = Criteria::for_everybody();
        let full = Criteria { availability: Availability::Full, ..none.clone() };
        let soon = Criteria { wait_days: Some(3), ..none.clone() };
        let who = Applicant::default();
        let of = |c: &Criteria, near, declined, wished| {
            order(Some(c), fit(&assess(Some(c), &who)), near, None, declined, wished)
        };
        let with = |room| order(Some(&none), fit(&assess(Some(&none), &who)), Nearness::Here, room, false, false);
        assert_eq!(with(None), with(Some(1)));
        assert!(with(Some(0)) > with(Some(1)));
        let unstated = |room| order(None, Fit::MayFit, Nearness::Here, room, false, false).availability;
        assert_eq!((unstated(Some(0)), unstated(None)), (Availability::Full, Availability::Open));
        let best = [
            of(&none, Nearness::Elsewhere, false, true),
            of(&soon, Nearness::Here, false, false),
            of(&none, Nearness::Here, false, false),
            of(&soon, Nearness::NextDistrict, false, false),
            of(&full, Nearness::Here, false, true),
            of(&soon, Nearness::Here, true, true),
        ];
        assert!(best.is_sorted(), "{best:#?}");
    }
}
