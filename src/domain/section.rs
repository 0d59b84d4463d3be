//! Sections of a client's record: what an entry of each category holds, and what makes it valid.

use super::category::{Categories, Category, LOCATING};
use super::clock;
use super::failure::{Problems, UserError, UserErrorCode};
use super::text;
use crate::coded;
use serde::{Deserialize, Serialize};

coded! { AgeBand "An age band." {
    Under18 "UNDER_18" "Under 18.",
    From18To24 "FROM_18_TO_24" "18 to 24.",
    From25To34 "FROM_25_TO_34" "25 to 34.",
    From35To44 "FROM_35_TO_44" "35 to 44.",
    From45To54 "FROM_45_TO_54" "45 to 54.",
    From55To64 "FROM_55_TO_64" "55 to 64.",
    From65 "FROM_65" "65 and over.",
    Unknown "UNKNOWN" "Not known.",
} }

coded! { Tenure "How a home is held." {
    SocialRent "SOCIAL_RENT" "Rented from a council or housing association.",
    PrivateRent "PRIVATE_RENT" "Rented from a private landlord.",
    OwnerOccupied "OWNER_OCCUPIED" "Owned.",
    WithFamilyOrFriends "WITH_FAMILY_OR_FRIENDS" "Staying with family or friends.",
    Supported "SUPPORTED" "Supported or temporary accommodation.",
    Custody "CUSTODY" "In custody.",
    None "NONE" "No home.",
    Unknown "UNKNOWN" "Not known.",
} }

/// Names, pronouns, age band (NAME).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// Given names.
    pub given: String,
    /// Family name.
    pub family: String,
    /// What the person wants to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred: Option<String>,
    /// Pronouns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pronouns: Option<String>,
    /// Code of an [`AgeBand`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_band: Option<String>,
}

/// Address, phone, email, safe ways and times (CONTACT).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Address without postcode, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub address_lines: Vec<String>,
    /// UK postcode in its usual form, `OX1 1BX`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// Phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Safe ways and times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safe_ways: Option<String>,
}

/// One member of a household, as recorded (HOUSEHOLD).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HouseholdMember {
    /// Name as recorded.
    pub name: String,
    /// Relationship to the client.
    pub relationship: String,
    /// Code of an [`AgeBand`].
    pub age_band: String,
    /// Global id of the member's own record, when they are a client too. Shown only to who sees that record (C9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

/// Tenure, landlord, arrears, notices (HOUSING).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Housing {
    /// Code of a [`Tenure`].
    pub tenure: String,
    /// Landlord.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landlord: Option<String>,
    /// Rent arrears in pence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrears_pence: Option<i64>,
    /// Day a notice expires, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_expires_on: Option<String>,
    /// What else matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// The body of an entry. The variant decides the category; a text names its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Section {
    /// NAME.
    Name(Name),
    /// BIRTH.
    Birth {
        /// `YYYY-MM-DD`.
        date: String,
    },
    /// CONTACT.
    Contact(Contact),
    /// HOUSEHOLD.
    Household {
        /// Members other than the client.
        members: Vec<HouseholdMember>,
    },
    /// HOUSING.
    Housing(Housing),
    /// Any other category: one text.
    Text {
        /// Code of the category.
        category: String,
        /// The text.
        text: String,
    },
}

/// Categories whose section is one text.
pub const TEXT_SECTIONS: Categories = Categories::of(&[
    Category::AccessNeeds,
    Category::LoneWorking,
    Category::Finance,
    Category::Employment,
    Category::Risk,
    Category::SupportPlan,
    Category::Outcomes,
    Category::Health,
    Category::SubstanceUse,
    Category::Offending,
    Category::DomesticAbuse,
    Category::Immigration,
    Category::Equalities,
]);

/// Categories that have a section on the client's record.
pub const SECTIONS: Categories = TEXT_SECTIONS.union(Categories::of(&[
    Category::Name,
    Category::Birth,
    Category::Contact,
    Category::Household,
    Category::Housing,
]));

impl Section {
    /// The one category of this entry (C1).
    pub fn category(&self) -> Option<Category> {
        Some(match self {
            Self::Name(_) => Category::Name,
            Self::Birth { .. } => Category::Birth,
            Self::Contact(_) => Category::Contact,
            Self::Household { .. } => Category::Household,
            Self::Housing(_) => Category::Housing,
            Self::Text { category, .. } => {
                let category = <Category as super::code::Coded>::from_code(category)?;
                return TEXT_SECTIONS.has(category).then_some(category);
            }
        })
    }

    /// What the entry is searched by, if it is searched at all: names, and the date of birth.
    pub fn search_key(&self) -> Option<String> {
        match self {
            Self::Name(n) => {
                let all = [Some(n.given.as_str()), n.preferred.as_deref(), Some(n.family.as_str())];
                Some(text::search_key(&all.into_iter().flatten().collect::<Vec<_>>().join(" ")))
            }
            Self::Birth { date } => Some(date.clone()),
            _ => None,
        }
    }

    /// Whether the entry tells where the person can be found (C7).
    pub fn reveals_location(&self) -> bool {
        self.category().is_some_and(|c| LOCATING.has(c))
    }

    /// Trims and checks everything; `path` is the input field the section came in.
    #[must_use]
    pub fn checked(mut self, path: &str, today: chrono::NaiveDate, problems: &mut Problems) -> Self {
        let at = |field: &str| format!("{path}.{field}");
        match &mut self {
            Self::Name(n) => {
                n.given = problems.text(&at("given"), &n.given, text::NAME);
                n.family = problems.text(&at("family"), &n.family, text::NAME);
                n.preferred = problems.optional(&at("preferred"), n.preferred.as_deref(), text::NAME);
                n.pronouns = problems.optional(&at("pronouns"), n.pronouns.as_deref(), text::NAME);
            }
            Self::Birth { date } => match clock::parse_date(date) {
                None => invalid(problems, &at("date"), "Is not a date that exists, written YYYY-MM-DD."),
                Some(d) if d > today => invalid(problems, &at("date"), "Lies in the future."),
                Some(d) if d < today - chrono::Days::new(365 * 130) => {
                    invalid(problems, &at("date"), "Is more than 130 years ago.");
                }
                Some(_) => {}
            },
            Self::Contact(c) => {
                for line in &mut c.address_lines {
                    *line = problems.text(&at("addressLines"), line, text::NAME);
                }
                if c.address_lines.len() > 8 {
                    invalid(problems, &at("addressLines"), "Has more than 8 lines.");
                }
                if let Some(p) = &mut c.postcode {
                    match postcode(p) {
                        Some(usual) => *p = usual,
                        None => invalid(problems, &at("postcode"), "Is not a UK postcode."),
                    }
                }
                c.phone = problems.optional(&at("phone"), c.phone.as_deref(), 40);
                c.email = problems.optional(&at("email"), c.email.as_deref(), 254);
                if c.email.as_ref().is_some_and(|e| !e.is_empty() && !e.contains('@')) {
                    invalid(problems, &at("email"), "Is not an email address.");
                }
                c.safe_ways = problems.optional(&at("safeWays"), c.safe_ways.as_deref(), text::LINE);
            }
            Self::Household { members } => {
                if members.len() > 30 {
                    invalid(problems, &at("members"), "Has more than 30 members.");
                }
                for m in members {
                    m.name = problems.text(&at("members.name"), &m.name, text::NAME);
                    m.relationship = problems.text(&at("members.relationship"), &m.relationship, text::NAME);
                }
            }
            Self::Housing(h) => {
                h.landlord = problems.optional(&at("landlord"), h.landlord.as_deref(), text::NAME);
                h.text = problems.optional(&at("text"), h.text.as_deref(), text::FREE);
                if h.arrears_pence.is_some_and(|p| !(0..=100_000_000).contains(&p)) {
                    invalid(problems, &at("arrearsPence"), "Must lie between 0 and 100000000 pence.");
                }
                if h.notice_expires_on.as_deref().is_some_and(|d| clock::parse_date(d).is_none()) {
                    invalid(problems, &at("noticeExpiresOn"), "Is not a date that exists, written YYYY-MM-DD.");
                }
            }
            Self::Text { text, .. } => *text = problems.text(path, text, text::FREE),
        }
        self
    }
}

fn invalid(problems: &mut Problems, path: &str, message: &str) {
    problems.add(UserError::at(UserErrorCode::Invalid, path, message));
}

/// A UK postcode in its usual form (upper case, one space before the last three), or `None` if it cannot be one.
/// Shape only, after the British Standard BS 7666; whether it is in use is not known here.
pub fn postcode(text: &str) -> Option<String> {
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    if !packed.is_ascii() || !(5..=7).contains(&packed.len()) {
        return None;
    }
    let (outward, inward) = packed.split_at(packed.len() - 3);
    let inward_ok = {
        let b = inward.as_bytes();
        b[0].is_ascii_digit() && b[1].is_ascii_alphabetic() && b[2].is_ascii_alphabetic()
    };
    let letters = outward.bytes().take_while(u8::is_ascii_alphabetic).count();
    let rest = &outward.as_bytes()[letters..];
    let outward_ok = (1..=2).contains(&letters) && matches!(rest, [d] if d.is_ascii_digit())
        || (1..=2).contains(&letters) && matches!(rest, [d, x] if d.is_ascii_digit() && x.is_ascii_alphanumeric());
    (inward_ok && outward_ok).then(|| format!("{outward} {inward}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Coded;

    fn today() -> chrono::NaiveDate {
        chrono::NaiveDate::from_ymd_opt(2026, 4, 1).unwrap_or_default()
    }

    #[test]
    fn postcodes_are_put_in_their_usual_form() {
        for (given, usual) in
            [("ox1 1bx", "OX1 1BX"), ("OX162SA", "OX16 2SA"), (" w1a 0ax ", "W1A 0AX"), ("m1 1ae", "M1 1AE")]
        {
            assert_eq!(postcode(given).as_deref(), Some(usual));
        }
        for bad in ["", "OX1", "OX1 BX1", "1OX 1BX", "OX1 1B", "OXFORD1", "ÖX1 1BX"] {
            assert_eq!(postcode(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_category_with_a_section_has_exactly_one() {
        for c in Category::ALL {
            let text = Section::Text { category: c.code().into(), text: "x".into() };
            assert_eq!(text.category().is_some(), TEXT_SECTIONS.has(*c));
        }
        assert!(!SECTIONS.has(Category::Involvement) && !SECTIONS.has(Category::CaseNotes));
    }

    #[test]
    fn broken_values_are_named_one_by_one() {
        let mut problems = Problems::default();
        let contact = Contact { postcode: Some("nowhere".into()), email: Some("x".into()), ..Contact::default() };
        let _ = Section::Contact(contact).checked("contact", today(), &mut problems);
        let _ = Section::Birth { date: "2027-01-01".into() }.checked("birth", today(), &mut problems);
        let fields: Vec<_> = problems.done().unwrap_err().into_iter().map(|e| e.field.join(".")).collect();
        assert_eq!(fields, ["contact.postcode", "contact.email", "birth.date"]);
    }

    #[test]
    fn an_entry_reads_back_as_written() {
        let s = Section::Text { category: "HEALTH".into(), text: "Asthma.".into() };
        let json = serde_json::to_string(&s).unwrap();
        assert_eq!(serde_json::from_str::<Section>(&json).unwrap(), s);
    }
}
