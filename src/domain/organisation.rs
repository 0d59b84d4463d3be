//! Organisations, teams and services.

use super::category::{Categories, Category};
use super::organisation_name::OrganisationKind;
use crate::coded;

coded! { OrganisationStatus "Whether an organisation takes part." {
    Active "ACTIVE" "Takes part.",
    Inactive "INACTIVE" "No longer takes part.",
} }

coded! { ServiceStatus "Whether a service can be used, in the words of the Human Services Data Specification." {
    Active "ACTIVE" "Open.",
    Inactive "INACTIVE" "Not offered at present.",
    Defunct "DEFUNCT" "No longer exists.",
    TemporarilyClosed "TEMPORARILY_CLOSED" "Closed for a while.",
} }

coded! { LikenessDecision "What a person decided about two organisations that look alike." {
    Undecided "UNDECIDED" "Nobody decided yet.",
    Same "SAME" "They are one organisation.",
    Different "DIFFERENT" "They are two.",
} }

/// The categories that a link to an organisation of this kind implies (C11), until a person says otherwise: that somebody
/// was sent by a prison says that they were in one, that a school sent them where they can be found (C7).
pub const fn implied_by(kind: OrganisationKind) -> Categories {
    match kind {
        OrganisationKind::Probation | OrganisationKind::Prison => Categories::of(&[Category::Offending]),
        OrganisationKind::NhsMentalHealth => Categories::of(&[Category::Health]),
        OrganisationKind::DomesticAbuseService => Categories::of(&[Category::DomesticAbuse]),
        OrganisationKind::SchoolOrCollege => Categories::of(&[Category::Contact]),
        _ => Categories::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Coded;

    #[test]
    fn kinds_imply_what_a_link_to_them_gives_away() {
        let implied: Vec<_> = OrganisationKind::ALL
            .iter()
            .flat_map(|kind| implied_by(*kind).iter().map(|category| (kind.code(), category.code())))
            .collect();
        let expected = [
            ("PROBATION", "OFFENDING"),
            ("PRISON", "OFFENDING"),
            ("NHS_MENTAL_HEALTH", "HEALTH"),
            ("SCHOOL_OR_COLLEGE", "CONTACT"),
            ("DOMESTIC_ABUSE_SERVICE", "DOMESTIC_ABUSE"),
        ];
        assert_eq!(implied, expected, "and the others nothing");
    }
}
