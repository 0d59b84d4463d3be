//! Whether a person fits a service's criteria, and why not: said before anything is submitted, and kept nowhere.

use super::code::Coded;
use super::criteria::{Availability, Circumstance, Criteria, District, HouseholdKind, Need, ages, words};
use super::referral::Urgency;
use crate::coded;

coded! { Criterion "What a service asks about." {
    Need "NEED" "What the person needs help with.",
    Area "AREA" "Where they live.",
    Age "AGE" "How old they are.",
    Household "HOUSEHOLD" "Who lives with them.",
    Urgency "URGENCY" "How soon a home may be lost.",
    Exclusions "EXCLUSIONS" "What the service excludes.",
    Language "LANGUAGE" "The language they speak.",
    Availability "AVAILABILITY" "Whether the service takes people at present.",
    InWords "IN_WORDS" "What the service states in words alone.",
} }

coded! { CriterionVerdict "Whether a criterion is met." {
    Met "MET" "It is met.",
    NotMet "NOT_MET" "It is not met.",
    Unknown "UNKNOWN" "It depends on something that was not told.",
} }

coded! { Fit "Whether a person fits a service." {
    Fits "FITS" "Every criterion is met.",
    MayFit "MAY_FIT" "Nothing speaks against it, and something was not told.",
    DoesNotFit "DOES_NOT_FIT" "A criterion is not met.",
} }

/// What is told of a person to ask where they fit. Whatever is left out makes a criterion unknown, not failed.
#[derive(Clone, Debug, Default)]
pub struct Applicant {
    /// What they need help with.
    pub needs: Vec<Need>,
    /// Where they live.
    pub district: Option<District>,
    /// The outward part of the postcode of where they live.
    pub postcode_area: Option<String>,
    /// Their age in years.
    pub age: Option<i64>,
    /// Who lives with them.
    pub household: Option<HouseholdKind>,
    /// How soon a home may be lost.
    pub urgency: Option<Urgency>,
    /// What applies to them of what services exclude; an empty list says that none does.
    pub circumstances: Option<Vec<Circumstance>>,
    /// The language they speak, as a BCP 47 tag.
    pub language: Option<String>,
}

/// What became of one criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Which.
    pub criterion: Criterion,
    /// Whether it is met.
    pub verdict: CriterionVerdict,
    /// In words.
    pub message: String,
}

/// Where a person stands with a service, criterion by criterion, the conditions it sets alone. `None` for a service that
/// states its criteria in words alone.
pub fn assess(criteria: Option<&Criteria>, who: &Applicant) -> Vec<Reason> {
    let Some(c) = criteria else {
        let message = "The service states its criteria in words alone: read them.".to_owned();
        return vec![Reason { criterion: Criterion::InWords, verdict: CriterionVerdict::Unknown, message }];
    };
    [
        need(c, who),
        area(c, who),
        age(c, who),
        household(c, who),
        urgency(c, who),
        exclusions(c, who),
        language(c, who),
    ]
    .into_iter()
    .flatten()
    .chain([availability(c)])
    .collect()
}

/// What the criteria together come to.
pub fn fit(reasons: &[Reason]) -> Fit {
    let any = |verdict| reasons.iter().any(|r| r.verdict == verdict);
    match (any(CriterionVerdict::NotMet), any(CriterionVerdict::Unknown)) {
        (true, _) => Fit::DoesNotFit,
        (false, true) => Fit::MayFit,
        (false, false) => Fit::Fits,
    }
}

/// One criterion: met, not met, or unknown where nothing was told.
fn judged(criterion: Criterion, met: Option<bool>, wants: &str) -> Reason {
    let (verdict, message) = match met {
        Some(true) => (CriterionVerdict::Met, format!("{wants}.")),
        Some(false) => (CriterionVerdict::NotMet, format!("{wants}. This is not so here.")),
        None => (CriterionVerdict::Unknown, format!("{wants}. Nothing was told of it.")),
    };
    Reason { criterion, verdict, message }
}

fn need(c: &Criteria, who: &Applicant) -> Option<Reason> {
    let wants = format!("Helps with: {}", words(&c.needs));
    let met = (!who.needs.is_empty()).then(|| who.needs.iter().any(|n| c.needs.contains(n)));
    (!c.needs.is_empty()).then(|| judged(Criterion::Need, met, &wants))
}

fn area(c: &Criteria, who: &Applicant) -> Option<Reason> {
    let by_district = who.district.filter(|_| !c.districts.is_empty()).map(|d| c.districts.contains(&d));
    let told = who.postcode_area.as_ref().filter(|_| !c.postcode_areas.is_empty());
    let by_postcode = told.map(|p| c.postcode_areas.contains(p));
    // Either suffices; to be outside takes all that the service goes by.
    let met = match (by_district, by_postcode) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (None, None) => None,
        (Some(false), None) if !c.postcode_areas.is_empty() => None,
        (None, Some(false)) if !c.districts.is_empty() => None,
        _ => Some(false),
    };
    let places = [words(&c.districts), c.postcode_areas.join("; ")];
    let places: Vec<_> = places.into_iter().filter(|s| !s.is_empty()).collect();
    (!places.is_empty()).then(|| judged(Criterion::Area, met, &format!("Works in: {}", places.join("; "))))
}

fn age(c: &Criteria, who: &Applicant) -> Option<Reason> {
    let within = |age| c.min_age.is_none_or(|min| age >= min) && c.max_age.is_none_or(|max| age <= max);
    let wants = format!("For people who are {}", ages(c.min_age, c.max_age));
    (c.min_age.is_some() || c.max_age.is_some()).then(|| judged(Criterion::Age, who.age.map(within), &wants))
}

fn listed<T: Coded>(criterion: Criterion, list: &[T], told: Option<T>, wants: &str) -> Option<Reason> {
    let wants = format!("{wants}: {}", words(list));
    (!list.is_empty()).then(|| judged(criterion, told.map(|t| list.contains(&t)), &wants))
}

fn household(c: &Criteria, who: &Applicant) -> Option<Reason> {
    listed(Criterion::Household, &c.households, who.household, "For these households")
}

fn urgency(c: &Criteria, who: &Applicant) -> Option<Reason> {
    listed(Criterion::Urgency, &c.urgencies, who.urgency, "For this urgency")
}

fn exclusions(c: &Criteria, who: &Applicant) -> Option<Reason> {
    let met = who.circumstances.as_ref().map(|all| !all.iter().any(|one| c.excludes.contains(one)));
    let message = match &who.circumstances {
        Some(all) if met == Some(false) => {
            let hit: Vec<_> = all.iter().copied().filter(|one| c.excludes.contains(one)).collect();
            format!("Not for: {}.", words(&hit))
        }
        Some(_) => "Nothing that the service excludes.".to_owned(),
        None => format!("Not for: {}. Nothing was told of it.", words(&c.excludes)),
    };
    let verdict = judged(Criterion::Exclusions, met, "").verdict;
    (!c.excludes.is_empty()).then_some(Reason { criterion: Criterion::Exclusions, verdict, message })
}

fn language(c: &Criteria, who: &Applicant) -> Option<Reason> {
    // `pt` serves who speaks `pt-BR`.
    let spoken = |tag: &String| {
        c.languages.iter().any(|l| l == tag || tag.strip_prefix(l.as_str()).is_some_and(|rest| rest.starts_with('-')))
    };
    let wants = format!("Works in: {}", c.languages.join("; "));
    (!c.languages.is_empty()).then(|| judged(Criterion::Language, who.language.as_ref().map(spoken), &wants))
}

fn availability(c: &Criteria) -> Reason {
    let wait = c.wait_days.map(|d| format!(" About {d} days to wait.")).unwrap_or_default();
    let verdict = if c.availability == Availability::Full { CriterionVerdict::NotMet } else { CriterionVerdict::Met };
    Reason { criterion: Criterion::Availability, verdict, message: format!("{}{wait}", c.availability.about()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(c: &Criteria, who: &Applicant, of: Criterion) -> Option<CriterionVerdict> {
        assess(Some(c), who).into_iter().find(|r| r.criterion == of).map(|r| r.verdict)
    }

    #[test]
    fn a_service_for_everybody_fits_everybody() {
        let reasons = assess(Some(&Criteria::for_everybody()), &Applicant::default());
        assert_eq!(fit(&reasons), Fit::Fits);
        assert_eq!(reasons.len(), 1, "only that it takes people");
    }

    #[test]
    fn what_is_not_told_is_unknown_and_what_is_told_is_judged() {
        use CriterionVerdict::{Met, NotMet, Unknown};
        let needs = Criteria { needs: vec![Need::RentArrears], ..Criteria::for_everybody() };
        let aged = Criteria { min_age: Some(18), max_age: Some(64), ..Criteria::for_everybody() };
        let households = Criteria { households: vec![HouseholdKind::Family], ..Criteria::for_everybody() };
        let urgent = Criteria { urgencies: vec![Urgency::HomelessNow], ..Criteria::for_everybody() };
        let excluding = Criteria { excludes: vec![Circumstance::Homeowner], ..Criteria::for_everybody() };
        let polish = Criteria { languages: vec!["pl".into(), "pt".into()], ..Criteria::for_everybody() };
        let nobody = Applicant::default;
        let cases = [
            (&needs, nobody(), Criterion::Need, Unknown),
            (&needs, Applicant { needs: vec![Need::Hoarding, Need::RentArrears], ..nobody() }, Criterion::Need, Met),
            (&needs, Applicant { needs: vec![Need::Hoarding], ..nobody() }, Criterion::Need, NotMet),
            (&aged, nobody(), Criterion::Age, Unknown),
            (&aged, Applicant { age: Some(17), ..nobody() }, Criterion::Age, NotMet),
            (&aged, Applicant { age: Some(18), ..nobody() }, Criterion::Age, Met),
            (&aged, Applicant { age: Some(64), ..nobody() }, Criterion::Age, Met),
            (&aged, Applicant { age: Some(65), ..nobody() }, Criterion::Age, NotMet),
            (&households, nobody(), Criterion::Household, Unknown),
            (
                &households,
                Applicant { household: Some(HouseholdKind::Family), ..nobody() },
                Criterion::Household,
                Met,
            ),
            (
                &households,
                Applicant { household: Some(HouseholdKind::Couple), ..nobody() },
                Criterion::Household,
                NotMet,
            ),
            (&urgent, nobody(), Criterion::Urgency, Unknown),
            (&urgent, Applicant { urgency: Some(Urgency::HomelessNow), ..nobody() }, Criterion::Urgency, Met),
            (&urgent, Applicant { urgency: Some(Urgency::Upstream), ..nobody() }, Criterion::Urgency, NotMet),
            (&excluding, nobody(), Criterion::Exclusions, Unknown),
            (&excluding, Applicant { circumstances: Some(vec![]), ..nobody() }, Criterion::Exclusions, Met),
            (
                &excluding,
                Applicant { circumstances: Some(vec![Circumstance::HasSupportWorker]), ..nobody() },
                Criterion::Exclusions,
                Met,
            ),
            (
                &excluding,
                Applicant { circumstances: Some(vec![Circumstance::Homeowner]), ..nobody() },
                Criterion::Exclusions,
                NotMet,
            ),
            (&polish, nobody(), Criterion::Language, Unknown),
            (&polish, Applicant { language: Some("pl".into()), ..nobody() }, Criterion::Language, Met),
            (&polish, Applicant { language: Some("pt-BR".into()), ..nobody() }, Criterion::Language, Met),
            (&polish, Applicant { language: Some("ptx".into()), ..nobody() }, Criterion::Language, NotMet),
            (&polish, Applicant { language: Some("en".into()), ..nobody() }, Criterion::Language, NotMet),
        ];
        for (criteria, who, criterion, expected) in cases {
            assert_eq!(verdict(criteria, &who, criterion), Some(expected), "{criterion:?} of {who:?}");
        }
    }

    #[test]
    fn either_district_or_postcode_suffices_and_outside_takes_both() {
        use CriterionVerdict::{Met, NotMet, Unknown};
        let districts = Criteria { districts: vec![District::Cherwell], ..Criteria::for_everybody() };
        let postcodes = Criteria { postcode_areas: vec!["OX16".into()], ..Criteria::for_everybody() };
        let either = Criteria { postcode_areas: vec!["OX16".into()], ..districts.clone() };
        let at = |district, postcode: Option<&str>| Applicant {
            district,
            postcode_area: postcode.map(str::to_owned),
            ..Applicant::default()
        };
        let (inside, outside) = (Some(District::Cherwell), Some(District::OxfordCity));
        let cases = [
            (&districts, at(None, None), Unknown),
            (&districts, at(inside, None), Met),
            (&districts, at(outside, None), NotMet),
            (&districts, at(None, Some("OX16")), Unknown),
            (&districts, at(outside, Some("OX16")), NotMet),
            (&postcodes, at(None, Some("OX16")), Met),
            (&postcodes, at(None, Some("OX1")), NotMet),
            (&postcodes, at(inside, None), Unknown),
            (&postcodes, at(inside, Some("OX1")), NotMet),
            (&either, at(inside, None), Met),
            (&either, at(inside, Some("OX1")), Met),
            (&either, at(outside, Some("OX16")), Met),
            (&either, at(outside, Some("OX1")), NotMet),
            (&either, at(outside, None), Unknown),
            (&either, at(None, Some("OX1")), Unknown),
        ];
        for (criteria, who, expected) in cases {
            assert_eq!(verdict(criteria, &who, Criterion::Area), Some(expected), "{who:?} at {criteria:?}");
        }
    }

    #[test]
    fn one_criterion_not_met_is_enough_and_one_unknown_leaves_it_open() {
        let c = Criteria { min_age: Some(18), needs: vec![Need::Homeless], ..Criteria::for_everybody() };
        let who = |age, needs| Applicant { needs, age, ..Applicant::default() };
        let all = |who: &Applicant| fit(&assess(Some(&c), who));
        assert_eq!(all(&who(Some(30), vec![Need::Homeless])), Fit::Fits);
        assert_eq!(all(&who(None, vec![Need::Homeless])), Fit::MayFit);
        assert_eq!(all(&who(None, vec![Need::Hoarding])), Fit::DoesNotFit);
        let full = Criteria { availability: Availability::Full, ..Criteria::for_everybody() };
        assert_eq!(fit(&assess(Some(&full), &Applicant::default())), Fit::DoesNotFit);
        let waiting =
            Criteria { availability: Availability::WaitingList, wait_days: Some(9), ..Criteria::for_everybody() };
        let reasons = assess(Some(&waiting), &Applicant::default());
        assert_eq!(fit(&reasons), Fit::Fits);
        assert_eq!(reasons[0].message, "Takes people on to a waiting list. About 9 days to wait.");
        assert_eq!(fit(&assess(None, &Applicant::default())), Fit::MayFit, "criteria in words alone");
    }

    #[test]
    fn the_reasons_say_what_the_service_wants() {
        let c = Criteria { min_age: Some(18), excludes: vec![Circumstance::Homeowner], ..Criteria::for_everybody() };
        let who =
            Applicant { age: Some(17), circumstances: Some(vec![Circumstance::Homeowner]), ..Applicant::default() };
        let said: Vec<_> = assess(Some(&c), &who).into_iter().map(|r| r.message).collect();
        let expected = [
            "For people who are 18 years old or older. This is not so here.",
            "Not for: Owns the home.",
            "Takes people.",
        ];
        assert_eq!(said, expected);
    }
}
