//! Sections as they are given: one of them at a time.

use crate::domain::category::Category;
use crate::domain::code::Coded;
use crate::domain::section::{self, AgeBand, Section, Tenure};
use crate::graphql::scalars::{Date, Postcode};
use async_graphql::{ID, InputObject, OneofObject};

/// Names, pronouns, age band. NAME (C1).
#[derive(InputObject)]
pub struct NameInput {
    /// Given names.
    given: String,
    /// Family name.
    family: String,
    /// What the person wants to be called.
    preferred: Option<String>,
    /// Pronouns.
    pronouns: Option<String>,
    /// Age band.
    age_band: Option<AgeBand>,
}

/// Date of birth. BIRTH (C1).
#[derive(InputObject)]
pub struct BirthInput {
    /// Date of birth.
    date: Date,
}

/// Address, phone, email, safe ways and times. CONTACT (C1).
#[derive(InputObject)]
pub struct ContactInput {
    /// Address without postcode, a line each; at most 8.
    address_lines: Option<Vec<String>>,
    /// Postcode.
    postcode: Option<Postcode>,
    /// Phone.
    phone: Option<String>,
    /// Email.
    email: Option<String>,
    /// Safe ways and times.
    safe_ways: Option<String>,
}

/// A member of a household. HOUSEHOLD (C1).
#[derive(InputObject)]
pub struct HouseholdMemberInput {
    /// Name.
    name: String,
    /// Relationship to the client.
    relationship: String,
    /// Age band.
    #[graphql(default_with = "AgeBand::Unknown")]
    age_band: AgeBand,
    /// Global id of the member's own record, when the viewer sees that record (C9).
    client_id: Option<ID>,
}

/// Who lives together. HOUSEHOLD (C1).
#[derive(InputObject)]
pub struct HouseholdInput {
    /// Members other than the client; at most 30.
    members: Vec<HouseholdMemberInput>,
}

/// Tenure, landlord, arrears, notices. HOUSING (C1).
#[derive(InputObject)]
pub struct HousingInput {
    /// How the home is held.
    #[graphql(default_with = "Tenure::Unknown")]
    tenure: Tenure,
    /// Landlord.
    landlord: Option<String>,
    /// Rent arrears in pence.
    arrears_pence: Option<i64>,
    /// Day a notice expires.
    notice_expires_on: Option<Date>,
    /// What else matters.
    text: Option<String>,
}

/// A section that is one text.
#[derive(InputObject)]
pub struct TextSectionInput {
    /// Its category: any that has a text as its section, such as HEALTH, RISK or LONE_WORKING (C1).
    category: Category,
    /// The text.
    text: String,
}

/// What is recorded: exactly one of these. It decides the category (C1).
#[derive(OneofObject)]
pub enum SectionInput {
    /// Names, pronouns, age band. NAME.
    Name(NameInput),
    /// Date of birth. BIRTH.
    Birth(BirthInput),
    /// Address, phone, email, safe ways and times. CONTACT.
    Contact(ContactInput),
    /// Who lives together. HOUSEHOLD.
    Household(HouseholdInput),
    /// Tenure, landlord, arrears, notices. HOUSING.
    Housing(HousingInput),
    /// Any other category: one text.
    Text(TextSectionInput),
}

impl From<SectionInput> for Section {
    fn from(given: SectionInput) -> Self {
        match given {
            SectionInput::Name(n) => Self::Name(section::Name {
                given: n.given,
                family: n.family,
                preferred: n.preferred,
                pronouns: n.pronouns,
                age_band: n.age_band.map(|a| a.code().to_owned()),
            }),
            SectionInput::Birth(b) => Self::Birth { date: b.date.0 },
            SectionInput::Contact(c) => Self::Contact(section::Contact {
                address_lines: c.address_lines.unwrap_or_default(),
                postcode: c.postcode.map(|p| p.0),
                phone: c.phone,
                email: c.email,
                safe_ways: c.safe_ways,
            }),
            SectionInput::Household(h) => Self::Household {
                members: h
                    .members
                    .into_iter()
                    .map(|m| section::HouseholdMember {
                        name: m.name,
                        relationship: m.relationship,
                        age_band: m.age_band.code().to_owned(),
                        client_id: m.client_id.map(|id| id.0),
                    })
                    .collect(),
            },
            SectionInput::Housing(h) => Self::Housing(section::Housing {
                tenure: h.tenure.code().to_owned(),
                landlord: h.landlord,
                arrears_pence: h.arrears_pence,
                notice_expires_on: h.notice_expires_on.map(|d| d.0),
                text: h.text,
            }),
            SectionInput::Text(t) => Self::Text { category: t.category.code().to_owned(), text: t.text },
        }
    }
}
