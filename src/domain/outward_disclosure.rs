//! Disclosures to somebody outside the system (C17): the police, a court.

use super::category::{Categories, Category};
use super::organisation::implied_by;
use super::organisation_name::{OrganisationKind, guess_kind};
use super::tell::Tell;
use super::text::search_key;
use crate::coded;

coded! { OutwardDisclosureBasis "On what basis somebody outside the system was told (C17)." {
    CourtOrder "COURT_ORDER" "A court ordered it.",
    PoliceRequest "POLICE_REQUEST" "The police asked, under the law they named.",
    Mappa "MAPPA" "Multi-agency public protection arrangements.",
    Marac "MARAC" "A multi-agency risk assessment conference on domestic abuse.",
    SafeguardingReferral "SAFEGUARDING_REFERRAL" "A referral to safeguard an adult.",
    ChildProtection "CHILD_PROTECTION" "A referral or an enquiry to protect a child.",
    PublicProtection "PUBLIC_PROTECTION" "Protection of the public from serious harm.",
    DutyInLaw "DUTY_IN_LAW" "Another duty in law, which the reference names.",
} }

impl OutwardDisclosureBasis {
    /// What the basis says of the client to whoever reads it (C11).
    pub const fn implies(self) -> Categories {
        match self {
            Self::CourtOrder | Self::PoliceRequest | Self::Mappa => Categories::of(&[Category::Offending]),
            Self::Marac => Categories::of(&[Category::DomesticAbuse]),
            Self::SafeguardingReferral | Self::ChildProtection | Self::PublicProtection | Self::DutyInLaw => {
                Categories::NONE
            }
        }
    }

    /// Whether the client is told, unless somebody decides otherwise (C18).
    pub const fn tells(self) -> Tell {
        match self {
            Self::Mappa | Self::ChildProtection | Self::PublicProtection => Tell::Withhold,
            Self::CourtOrder | Self::PoliceRequest | Self::Marac | Self::SafeguardingReferral | Self::DutyInLaw => {
                Tell::Tell
            }
        }
    }
}

/// Words that give a recipient away beyond what its kind does.
const TELLING: &[(Category, &[&str])] = &[
    (
        Category::Offending,
        &["police", "constabulary", "court", "courts", "magistrates", "probation", "prison", "mappa", "custody"],
    ),
    (Category::DomesticAbuse, &["marac", "refuge", "idva"]),
];

/// What a recipient's name, as somebody wrote it, says of the client (C11): that somebody was spoken of to the police says that
/// the police are concerned with them.
pub fn implied_by_words(recipient: &str) -> Categories {
    let kind = guess_kind(recipient);
    let by_kind = match kind {
        OrganisationKind::Police => Categories::of(&[Category::Offending]),
        other => implied_by(other),
    };
    let key = search_key(recipient);
    TELLING
        .iter()
        .filter(|(_, words)| key.split(' ').any(|w| words.contains(&w)))
        .map(|(category, _)| *category)
        .collect::<Categories>()
        .union(by_kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Coded;

    #[test]
    fn names_speak_and_plain_ones_do_not() {
        let offending = Categories::of(&[Category::Offending]);
        let abuse = Categories::of(&[Category::DomesticAbuse]);
        for (name, implied) in [
            ("Ridgemarket Police", offending),
            ("Westvale Constabulary, PC 1234", offending),
            ("Ridgemarket Magistrates' Court", offending),
            ("The county court at Ridgemarket", offending),
            ("National Probation Service", offending),
            ("Ridgemarket MARAC", abuse),
            ("Rosebank Refuge", abuse),
            ("Ridgemarket Women's Aid", abuse),
            ("Police officer at the MARAC", offending.union(abuse)),
            ("Adult social care, County Council", Categories::NONE),
            ("Courtenay Housing", Categories::NONE),
        ] {
            assert_eq!(implied_by_words(name), implied, "{name}");
        }
    }

    #[test]
    fn the_client_is_told_but_for_mappa_and_protection() {
        let withheld: Vec<_> =
            OutwardDisclosureBasis::ALL.iter().filter(|k| k.tells() == Tell::Withhold).map(|k| k.code()).collect();
        assert_eq!(withheld, ["MAPPA", "CHILD_PROTECTION", "PUBLIC_PROTECTION"]);
    }
}
