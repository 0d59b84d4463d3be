//! A service's criteria as data: whom it is for, said in words, and what changed from one version to the next.

use super::code::Coded;
use super::referral::Urgency;
use crate::coded;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

coded! { Need "What a person needs help with to keep or to find a home." {
    RentArrears "RENT_ARREARS" "Rent is owed.",
    MortgageArrears "MORTGAGE_ARREARS" "Mortgage payments are owed.",
    DebtOrBenefits "DEBT_OR_BENEFITS" "Other debts, or benefits that are wrong, late or not claimed.",
    NoticeOrCourt "NOTICE_OR_COURT" "A notice was served, or a court decides about the home.",
    LandlordDispute "LANDLORD_DISPUTE" "Repairs, harassment or another dispute with the landlord.",
    NeighbourDispute "NEIGHBOUR_DISPUTE" "Trouble with neighbours, by the person or against them.",
    AskedToLeave "ASKED_TO_LEAVE" "Family, friends or a partner no longer let the person stay.",
    Homeless "HOMELESS" "Has nowhere to stay, or stays here and there.",
    TemporaryAccommodation "TEMPORARY_ACCOMMODATION" "Lives in a place that is only for a while.",
    LeavingInstitution "LEAVING_INSTITUTION" "Leaves prison, hospital, care or the armed forces.",
    UnsafeAtHome "UNSAFE_AT_HOME" "Is not safe at home because of somebody.",
    UnsuitableHome "UNSUITABLE_HOME" "The home is too small, in bad repair or not adapted.",
    SettingUpHome "SETTING_UP_HOME" "Moves in and needs furniture, accounts, a start.",
    ManagingTenancy "MANAGING_TENANCY" "Needs help to keep up a tenancy: bills, letters, visits.",
    Hoarding "HOARDING" "So many things that the home is at risk.",
    FindingWork "FINDING_WORK" "Needs work, training or volunteering to keep the home.",
} }

coded! { District "A district of the county; coded, so that a misspelt one does not read as outside the area." {
    Cherwell "CHERWELL" "Cherwell.",
    OxfordCity "OXFORD_CITY" "Oxford City.",
    SouthOxfordshire "SOUTH_OXFORDSHIRE" "South Oxfordshire.",
    ValeOfWhiteHorse "VALE_OF_WHITE_HORSE" "Vale of White Horse.",
    WestOxfordshire "WEST_OXFORDSHIRE" "West Oxfordshire.",
    OutsideCounty "OUTSIDE_COUNTY" "Outside the county.",
} }

coded! { HouseholdKind "Who lives, or is supported, together." {
    SingleAdult "SINGLE_ADULT" "One adult.",
    Couple "COUPLE" "Two adults as a couple, no children.",
    Family "FAMILY" "One or more adults with children.",
    Expecting "EXPECTING" "A child is expected, and none is there yet.",
    SeveralAdults "SEVERAL_ADULTS" "Several adults otherwise.",
} }

coded! { Circumstance "What some services exclude. Asked of everybody alike; none of it is stored when only eligibility is asked." {
    Homeowner "HOMEOWNER" "Owns the home.",
    OwedHousingDuty "OWED_HOUSING_DUTY" "A council accepted the main housing duty (Housing Act 1996, section 193).",
    NoRecourseToPublicFunds "NO_RECOURSE_TO_PUBLIC_FUNDS" "Has no recourse to public funds.",
    InSupportedHousing "IN_SUPPORTED_HOUSING" "Lives where support comes with the home.",
    InResidentialCare "IN_RESIDENTIAL_CARE" "Lives in residential care.",
    HasSupportWorker "HAS_SUPPORT_WORKER" "Has a housing support worker of another agency.",
    NotVisitedAlone "NOT_VISITED_ALONE" "Is not to be visited by one worker alone.",
    NoLocalConnection "NO_LOCAL_CONNECTION" "Has no local connection with the county (Housing Act 1996, section 199).",
} }

coded! { Availability "Whether a service takes people at present." {
    Open "OPEN" "Takes people.",
    WaitingList "WAITING_LIST" "Takes people on to a waiting list.",
    Full "FULL" "Takes nobody at present.",
} }

/// The oldest age that criteria may speak of, in years.
pub const OLDEST: i64 = 120;
/// The most that may be listed of postcode areas or languages.
pub const LONGEST_LIST: usize = 100;

/// A list of codes, as its codes.
fn write_codes<T: Coded, S: Serializer>(list: &[T], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(list.iter().map(|v| v.code()))
}

fn read_codes<'d, T: Coded, D: Deserializer<'d>>(from: D) -> Result<Vec<T>, D::Error> {
    let codes = Vec::<String>::deserialize(from)?;
    codes.iter().map(|c| T::from_code(c).ok_or_else(|| serde::de::Error::custom("no such code"))).collect()
}

fn write_code<T: Coded, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(value.code())
}

fn read_code<'d, T: Coded, D: Deserializer<'d>>(from: D) -> Result<T, D::Error> {
    let code = String::deserialize(from)?;
    T::from_code(&code).ok_or_else(|| serde::de::Error::custom("no such code"))
}

/// Whom a service is for. An empty list sets no condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criteria {
    /// What it helps with.
    #[serde(serialize_with = "write_codes", deserialize_with = "read_codes")]
    pub needs: Vec<Need>,
    /// The districts it works in.
    #[serde(serialize_with = "write_codes", deserialize_with = "read_codes")]
    pub districts: Vec<District>,
    /// The outward parts of the postcodes it works in, `OX16`; with districts, either suffices.
    pub postcode_areas: Vec<String>,
    /// The youngest it is for, in years.
    pub min_age: Option<i64>,
    /// The oldest it is for, in years.
    pub max_age: Option<i64>,
    /// The households it is for.
    #[serde(serialize_with = "write_codes", deserialize_with = "read_codes")]
    pub households: Vec<HouseholdKind>,
    /// The urgencies it takes.
    #[serde(serialize_with = "write_codes", deserialize_with = "read_codes")]
    pub urgencies: Vec<Urgency>,
    /// What it excludes.
    #[serde(serialize_with = "write_codes", deserialize_with = "read_codes")]
    pub excludes: Vec<Circumstance>,
    /// The languages it works in, as BCP 47 tags, `en`, `pl`.
    pub languages: Vec<String>,
    /// Whether it takes people at present.
    #[serde(serialize_with = "write_code", deserialize_with = "read_code")]
    pub availability: Availability,
    /// Days that people wait at present, where it is known.
    pub wait_days: Option<i64>,
}

/// Codes as a person reads them: what each means, without its full stop, joined.
pub(super) fn words<T: Coded>(list: &[T]) -> String {
    let all: Vec<_> = list.iter().map(|v| v.about().trim_end_matches('.')).collect();
    all.join("; ")
}

/// A span of ages in words.
pub(super) fn ages(min: Option<i64>, max: Option<i64>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{min} to {max} years old"),
        (Some(min), None) => format!("{min} years old or older"),
        (None, Some(max)) => format!("{max} years old or younger"),
        (None, None) => "any age".to_owned(),
    }
}

fn availability_words(c: &Criteria) -> String {
    let wait = c.wait_days.map(|d| format!(" About {d} days to wait.")).unwrap_or_default();
    format!("{}{wait}", c.availability.about())
}

impl Criteria {
    /// Criteria that set no condition.
    pub const fn for_everybody() -> Self {
        Self {
            needs: Vec::new(),
            districts: Vec::new(),
            postcode_areas: Vec::new(),
            min_age: None,
            max_age: None,
            households: Vec::new(),
            urgencies: Vec::new(),
            excludes: Vec::new(),
            languages: Vec::new(),
            availability: Availability::Open,
            wait_days: None,
        }
    }

    /// One line a criterion, in words. What sets no condition says so.
    pub fn in_words(&self) -> Vec<String> {
        self.lines().into_iter().map(|(name, said)| format!("{name}: {said}")).collect()
    }

    /// Name of the criterion, and what it says.
    fn lines(&self) -> Vec<(&'static str, String)> {
        let listed = |said: String, none: &str| if said.is_empty() { none.to_owned() } else { said };
        let area = [words(&self.districts), self.postcode_areas.join("; ")];
        let area: Vec<_> = area.into_iter().filter(|s| !s.is_empty()).collect();
        vec![
            ("Helps with", listed(words(&self.needs), "any housing need")),
            ("Area", listed(area.join("; "), "anywhere")),
            ("Age", ages(self.min_age, self.max_age)),
            ("Household", listed(words(&self.households), "any household")),
            ("Urgency", listed(words(&self.urgencies), "any urgency")),
            ("Not for", listed(words(&self.excludes), "nobody is excluded")),
            ("Languages", listed(self.languages.join("; "), "any language, with an interpreter where needed")),
            ("At present", availability_words(self)),
        ]
    }

    /// What is another way than before, one line a criterion; empty when nothing is.
    pub fn changes_from(&self, before: Option<&Self>) -> Vec<String> {
        let Some(before) = before else { return vec!["Stated for the first time.".to_owned()] };
        self.lines()
            .into_iter()
            .zip(before.lines())
            .filter(|((_, now), (_, then))| now != then)
            .map(|((name, now), (_, then))| format!("{name}: {now} (before: {then})"))
            .collect()
    }

    /// The same with its lists in order and without repetitions, so that equal criteria are equal.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        fn tidy<T: Ord>(list: &mut Vec<T>) {
            list.sort();
            list.dedup();
        }
        tidy(&mut self.needs);
        tidy(&mut self.districts);
        tidy(&mut self.postcode_areas);
        tidy(&mut self.households);
        tidy(&mut self.urgencies);
        tidy(&mut self.excludes);
        tidy(&mut self.languages);
        self
    }
}

/// The outward part of a postcode, `OX16`, from a whole one or from itself; `None` when it is neither.
pub fn outward(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(whole) = super::section::postcode(text) {
        return whole.split(' ').next().map(str::to_owned);
    }
    let upper = text.to_ascii_uppercase();
    // Any inward part makes a whole postcode of an outward one.
    super::section::postcode(&format!("{upper} 1AA")).filter(|p| p.starts_with(&format!("{upper} "))).map(|_| upper)
}

/// A language as a BCP 47 tag of a language and at most a script or region, `en`, `pt-BR`, `zh-Hant`; `None` when it is none.
pub fn language(text: &str) -> Option<String> {
    let mut parts = text.trim().split('-');
    let primary =
        parts.next().filter(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()))?;
    let mut tag = primary.to_ascii_lowercase();
    for part in parts.by_ref().take(2) {
        let lower = part.to_ascii_lowercase();
        let fits = match part.len() {
            2 => part.bytes().all(|b| b.is_ascii_alphabetic()).then(|| part.to_ascii_uppercase()),
            3 => part.bytes().all(|b| b.is_ascii_digit()).then_some(lower),
            4 => part
                .bytes()
                .all(|b| b.is_ascii_alphabetic())
                .then(|| format!("{}{}", part[..1].to_ascii_uppercase(), &lower[1..])),
            _ => None,
        };
        tag.push('-');
        tag.push_str(&fits?);
    }
    parts.next().is_none().then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_are_said_in_words() {
        let c = Criteria {
            needs: vec![Need::RentArrears, Need::NoticeOrCourt],
            districts: vec![District::Cherwell],
            postcode_areas: vec!["OX16".into()],
            min_age: Some(18),
            excludes: vec![Circumstance::Homeowner],
            languages: vec!["en".into(), "pl".into()],
            availability: Availability::WaitingList,
            wait_days: Some(10),
            ..Criteria::for_everybody()
        };
        let expected = [
            "Helps with: Rent is owed; A notice was served, or a court decides about the home",
            "Area: Cherwell; OX16",
            "Age: 18 years old or older",
            "Household: any household",
            "Urgency: any urgency",
            "Not for: Owns the home",
            "Languages: en; pl",
            "At present: Takes people on to a waiting list. About 10 days to wait.",
        ];
        assert_eq!(c.in_words(), expected);
    }

    #[test]
    fn what_changed_is_said_with_what_was_before() {
        let before = Criteria { min_age: Some(18), ..Criteria::for_everybody() };
        let now = Criteria { min_age: Some(16), max_age: Some(25), ..Criteria::for_everybody() };
        assert_eq!(now.changes_from(Some(&before)), ["Age: 16 to 25 years old (before: 18 years old or older)"]);
        assert_eq!(now.changes_from(Some(&now)), Vec::<String>::new());
        assert_eq!(now.changes_from(None), ["Stated for the first time."]);
    }

    #[test]
    fn every_criterion_that_differs_is_told() {
        let plain = Criteria::for_everybody();
        let others = [
            Criteria { needs: vec![Need::Hoarding], ..plain.clone() },
            Criteria { districts: vec![District::OxfordCity], ..plain.clone() },
            Criteria { postcode_areas: vec!["OX4".into()], ..plain.clone() },
            Criteria { min_age: Some(1), ..plain.clone() },
            Criteria { max_age: Some(1), ..plain.clone() },
            Criteria { households: vec![HouseholdKind::Couple], ..plain.clone() },
            Criteria { urgencies: vec![Urgency::Upstream], ..plain.clone() },
            Criteria { excludes: vec![Circumstance::Homeowner], ..plain.clone() },
            Criteria { languages: vec!["en".into()], ..plain.clone() },
            Criteria { availability: Availability::Full, ..plain.clone() },
            Criteria { wait_days: Some(3), ..plain.clone() },
        ];
        for other in others {
            assert_eq!(other.changes_from(Some(&plain)).len(), 1, "{other:?}");
        }
    }

    #[test]
    fn criteria_read_back_as_they_were_written() {
        let c = Criteria {
            needs: vec![Need::Homeless],
            urgencies: vec![Urgency::HomelessNow],
            max_age: Some(25),
            ..Criteria::for_everybody()
        };
        let text = serde_json::to_string(&c).expect("writes");
        assert_eq!(serde_json::from_str::<Criteria>(&text).expect("reads"), c);
        assert!(serde_json::from_str::<Criteria>(&text.replace("HOMELESS_NOW", "SOON")).is_err());
    }

    #[test]
    fn order_and_repetition_make_no_difference() {
        let one =
            Criteria { needs: vec![Need::Homeless, Need::Hoarding, Need::Homeless], ..Criteria::for_everybody() };
        let other = Criteria { needs: vec![Need::Hoarding, Need::Homeless], ..Criteria::for_everybody() };
        assert_eq!(one.tidied(), other.tidied());
    }

    #[test]
    fn the_outward_part_comes_from_a_whole_postcode_or_from_itself() {
        for (given, expected) in [
            ("OX16 5QB", Some("OX16")),
            ("ox165qb", Some("OX16")),
            ("ox16", Some("OX16")),
            (" OX1 ", Some("OX1")),
            ("EC1A", Some("EC1A")),
            ("OX", None),
            ("Banbury", None),
            ("", None),
        ] {
            assert_eq!(outward(given).as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn languages_are_tags() {
        for (given, expected) in [
            ("en", Some("en")),
            ("EN", Some("en")),
            ("pt-br", Some("pt-BR")),
            ("zh-hant", Some("zh-Hant")),
            ("es-419", Some("es-419")),
            ("Polish", None),
            ("en-", None),
            ("", None),
            ("en-GB-x-y", None),
        ] {
            assert_eq!(language(given).as_deref(), expected, "{given}");
        }
    }
}
