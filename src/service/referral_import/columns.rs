//! The columns of a file of referrals: the template that `GET /referrals/template` gives, and which column an error is about.
//!
//! They take what `referralDraft` takes, but for the members of a household, which are no one cell: these are told in the portal.

use crate::domain::category::Category;
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::failure::{UserError, UserErrorCode};
use crate::domain::section::{SECTIONS, TEXT_SECTIONS};
use std::sync::LazyLock;

/// A column: its name, and what stands in it in the example row.
#[derive(Debug)]
pub struct Column {
    /// Its name, in the header.
    pub name: String,
    /// What the example has there; `@` words are days.
    example: &'static str,
}

/// A day of the example, which must not grow old: the day it is asked for, and the day a consent ends.
const DAYS: [(&str, i64); 3] = [("@today", 0), ("@in a year", 365), ("@soon", 30)];

/// The columns whose names are their own; the sections that are one text and the narratives follow, by category.
const FIXED: &[(&str, &str)] = &[
    ("reference", "EX-0001"),
    ("urgency", "WITHIN_56_DAYS"),
    ("given_name", "Alex"),
    ("family_name", "Example"),
    ("preferred_name", ""),
    ("pronouns", "they/them"),
    ("age_band", "FROM_25_TO_34"),
    ("birth_date", "1990-02-03"),
    ("address", "1 Example Street; Exampleton"),
    ("postcode", "OX1 1BX"),
    ("phone", "07700 900123"),
    ("email", "alex@example.org"),
    ("safe_contact", "Text first, weekdays after ten."),
    ("tenure", "PRIVATE_RENT"),
    ("landlord", "Example Lettings"),
    ("arrears_pence", "120000"),
    ("notice_expires_on", "@soon"),
    ("housing_note", "Behind with the rent since May."),
    ("revealing_location", ""),
    ("narratives_revealing_location", ""),
    ("consent_recipients", "ALL_PARTNERS"),
    ("consent_purposes", "REFERRAL; CASE_COORDINATION"),
    ("consent_categories", "NAME; BIRTH; CONTACT; HOUSING; ACCESS_NEEDS; HEALTH"),
    ("consent_given_by", "CLIENT"),
    ("consent_given_how", "WRITTEN"),
    ("consent_given_at", "@today"),
    ("consent_expires", "@in a year"),
    ("consent_evidence", "Signed form, scanned."),
    ("consent_proxy_name", ""),
    ("consent_decided_by", ""),
    ("consent_decision_reason", ""),
    ("ground", ""),
    ("ground_reason", ""),
];

/// What the example has of texts by category.
const EXAMPLES: &[(&str, &str)] =
    &[("access_needs", "Needs large print."), ("narrative_housing", "A notice came in May."), ("health", "Asthma.")];

/// All columns, in the order of the template.
pub static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let fixed = FIXED.iter().map(|(name, example)| Column { name: (*name).to_owned(), example });
    let of_category = |name: String| {
        let example = EXAMPLES.iter().find(|(of, _)| *of == name).map_or("", |(_, example)| example);
        Column { name, example }
    };
    let texts = texts().map(|c| of_category(text_column(c)));
    let narratives = told().map(|c| of_category(narrative_column(c)));
    fixed.chain(texts).chain(narratives).collect()
});

/// Nobody consents to passing on equalities, so no submission takes them.
fn sent(category: Category) -> bool {
    category != Category::Equalities
}

/// The categories whose section is one text.
pub(super) fn texts() -> impl Iterator<Item = Category> {
    TEXT_SECTIONS.iter().filter(|c| sent(*c))
}

/// The categories of narratives.
pub(super) fn told() -> impl Iterator<Item = Category> {
    SECTIONS.iter().filter(|c| sent(*c))
}

/// The column of a section that is one text.
pub(super) fn text_column(category: Category) -> String {
    category.code().to_lowercase()
}

/// The column of a narrative.
pub(super) fn narrative_column(category: Category) -> String {
    format!("narrative_{}", text_column(category))
}

/// The column of this name.
pub(super) fn column(name: &str) -> Option<&'static str> {
    COLUMNS.iter().map(|c| &*c.name).find(|c| *c == name)
}

/// The template: the header, and one row that would be taken as it is on the day it is asked for.
pub fn template(now: Timestamp) -> String {
    let example = |c: &Column| match DAYS.iter().find(|(word, _)| *word == c.example) {
        Some((_, days)) => now.plus_days(*days).date().to_string(),
        None => c.example.to_owned(),
    };
    let mut file = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing into memory does not fail.
    let _ = file.write_record(COLUMNS.iter().map(|c| &c.name));
    let _ = file.write_record(COLUMNS.iter().map(example));
    String::from_utf8(file.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// Where the parts of a draft, as the mutations name them, stand in a file.
const PARTS: &[(&str, &str)] = &[
    ("senderReference", "reference"),
    ("name.given", "given_name"),
    ("name.family", "family_name"),
    ("name.preferred", "preferred_name"),
    ("name.pronouns", "pronouns"),
    ("birth.date", "birth_date"),
    ("contact.addressLines", "address"),
    ("contact.postcode", "postcode"),
    ("contact.phone", "phone"),
    ("contact.email", "email"),
    ("contact.safeWays", "safe_contact"),
    ("housing.landlord", "landlord"),
    ("housing.text", "housing_note"),
    ("housing.arrearsPence", "arrears_pence"),
    ("housing.noticeExpiresOn", "notice_expires_on"),
    ("sectionsRevealingLocation", "revealing_location"),
    ("consent.recipients", "consent_recipients"),
    ("consent.purposes", "consent_purposes"),
    ("consent.categories", "consent_categories"),
    ("consent.givenBy", "consent_given_by"),
    ("consent.givenHow", "consent_given_how"),
    ("consent.givenAt", "consent_given_at"),
    ("consent.expiresAt", "consent_expires"),
    ("consent.evidence", "consent_evidence"),
    ("consent.proxyId", "consent_proxy_name"),
    ("consent.proxyName", "consent_proxy_name"),
    ("consent.decidedBy", "consent_decided_by"),
    ("consent.decisionReason", "consent_decision_reason"),
    ("ground.reason", "ground_reason"),
];

/// The column that an error of the mutations is about, where one is to blame.
pub(super) fn blamed(error: &UserError) -> Option<&'static str> {
    let path = error.field.join(".");
    match error.code {
        UserErrorCode::ConsentRequired => Some("consent_given_how"),
        UserErrorCode::SpecialCategoryNotNamed => Some("consent_categories"),
        _ => PARTS.iter().find(|(part, _)| *part == path).map(|(_, column)| *column).or_else(|| column(&path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_column_is_there_once_and_every_part_of_a_draft_has_one() {
        let names: HashSet<_> = COLUMNS.iter().map(|c| &*c.name).collect();
        assert_eq!(names.len(), COLUMNS.len());
        for (part, name) in PARTS {
            assert_eq!(column(name), Some(*name), "{part}");
        }
        for (name, _) in EXAMPLES {
            assert!(names.contains(name), "{name}");
        }
        for (word, _) in DAYS {
            assert!(FIXED.iter().any(|(_, example)| *example == word), "{word} is asked for");
        }
    }

    #[test]
    fn the_documentation_tells_of_every_column() {
        let text = include_str!("../../../docs/bulk.md");
        let missing: Vec<_> = COLUMNS.iter().filter(|c| !text.contains(&format!("`{}`", c.name))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn errors_are_blamed_on_columns() {
        let at = |code, path: &str| blamed(&UserError::at(code, path, ""));
        assert_eq!(at(UserErrorCode::Invalid, "contact.postcode"), Some("postcode"));
        assert_eq!(at(UserErrorCode::Invalid, "narrative_health"), Some("narrative_health"));
        assert_eq!(at(UserErrorCode::Invalid, "sections"), None);
        let needs = UserError::new(UserErrorCode::SpecialCategoryNotNamed, "");
        assert_eq!(blamed(&needs), Some("consent_categories"));
    }
}
