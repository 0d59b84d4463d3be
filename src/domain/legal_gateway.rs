//! Legal gateways (C17): a law or a court order opens named categories to a named organisation.

use super::category::{Categories, Category};
use super::clock::Timestamp;
use super::tell::Tell;
use crate::coded;

coded! { LegalGatewayKind "What opens a record to an organisation without consent (C17)." {
    CourtOrder "COURT_ORDER" "A court orders it.",
    Mappa "MAPPA" "Multi-agency public protection arrangements.",
    MaracProtocol "MARAC_PROTOCOL" "The protocol of a multi-agency risk assessment conference on domestic abuse.",
    ChildProtection "CHILD_PROTECTION" "Enquiries and plans for the protection of a child.",
    PublicProtection "PUBLIC_PROTECTION" "Protection of the public from serious harm.",
    DutyInLaw "DUTY_IN_LAW" "Another duty in law, which the reference names.",
} }

coded! { LegalGatewayState "Where a legal gateway stands." {
    Asked "ASKED" "Asked for; a safeguarding lead is to decide.",
    Granted "GRANTED" "Granted: open between its dates.",
    Refused "REFUSED" "Refused.",
    Ended "ENDED" "Ended, by a safeguarding lead or because its time ran out.",
} }

coded! { LegalGatewayDecision "What a safeguarding lead decides about a legal gateway that was asked for." {
    Grant "GRANT" "It opens between its dates.",
    Refuse "REFUSE" "It does not open.",
} }

/// The longest a legal gateway lasts, in days: two years.
pub const LONGEST_DAYS: i64 = 731;

impl LegalGatewayKind {
    /// What the kind says of the client to whoever reads it (C11).
    pub const fn implies(self) -> Categories {
        match self {
            Self::CourtOrder | Self::Mappa => Categories::of(&[Category::Offending]),
            Self::MaracProtocol => Categories::of(&[Category::DomesticAbuse]),
            Self::ChildProtection | Self::PublicProtection | Self::DutyInLaw => Categories::NONE,
        }
    }

    /// Whether the client is told, unless somebody decides otherwise (C18).
    pub const fn tells(self) -> Tell {
        match self {
            Self::Mappa | Self::ChildProtection | Self::PublicProtection => Tell::Withhold,
            Self::CourtOrder | Self::MaracProtocol | Self::DutyInLaw => Tell::Tell,
        }
    }
}

impl LegalGatewayState {
    /// The state as it is at a moment: one that was granted has ended when its time has run out.
    #[must_use]
    pub fn at(self, now: Timestamp, until: Timestamp) -> Self {
        if self == Self::Granted && until <= now { Self::Ended } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Coded;

    #[test]
    fn the_client_is_told_but_for_mappa_and_protection() {
        let withheld: Vec<_> =
            LegalGatewayKind::ALL.iter().filter(|k| k.tells() == Tell::Withhold).map(|k| k.code()).collect();
        assert_eq!(withheld, ["MAPPA", "CHILD_PROTECTION", "PUBLIC_PROTECTION"]);
    }

    #[test]
    fn what_was_granted_ends_with_its_time() {
        let until = Timestamp(10);
        assert_eq!(LegalGatewayState::Granted.at(Timestamp(9), until), LegalGatewayState::Granted);
        assert_eq!(LegalGatewayState::Granted.at(Timestamp(10), until), LegalGatewayState::Ended);
        assert_eq!(LegalGatewayState::Asked.at(Timestamp(10), until), LegalGatewayState::Asked);
        assert_eq!(LegalGatewayState::Refused.at(Timestamp(10), until), LegalGatewayState::Refused);
    }
}
