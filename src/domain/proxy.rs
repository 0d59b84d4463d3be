//! Who speaks for a person who cannot, or not yet, speak for themselves (C3, C24).

use super::consent::GivenBy;
use crate::coded;

coded! { ProxyKind "By what somebody speaks for a client (C3)." {
    Parent "PARENT" "Parental responsibility, until the child is 18 or competent.",
    Attorney "ATTORNEY" "A registered power of attorney.",
    Deputy "DEPUTY" "Appointed by the Court of Protection.",
} }

impl ProxyKind {
    /// The kind of proxy who gives such a consent, if it is a proxy's to give.
    pub const fn giving(given_by: GivenBy) -> Option<Self> {
        match given_by {
            GivenBy::Parent => Some(Self::Parent),
            GivenBy::Attorney => Some(Self::Attorney),
            GivenBy::Deputy => Some(Self::Deputy),
            GivenBy::Client | GivenBy::BestInterestsDecision => None,
        }
    }
}
