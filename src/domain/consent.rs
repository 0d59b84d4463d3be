//! Consent records (C3).

use super::category::Categories;
use super::clock::Timestamp;
use super::ids::{OrganisationId, ProxyId};
use crate::coded;

coded! { Purpose "What a consent is for (C3)." {
    Referral "REFERRAL" "Passing on a referral: feeds what the hub and an offer show.",
    CaseCoordination "CASE_COORDINATION" "Working together on a case: feeds what the lead and member teams see.",
    Support "SUPPORT" "Support by the named organisations in their own right.",
    Research "RESEARCH" "Research; opens nothing.",
} }

coded! { GivenBy "Who gave a consent." {
    Client "CLIENT" "The client.",
    Parent "PARENT" "A parent, until the child is 18 or competent.",
    Attorney "ATTORNEY" "An attorney under a registered power.",
    Deputy "DEPUTY" "A deputy the Court of Protection appointed.",
    BestInterestsDecision "BEST_INTERESTS_DECISION" "A recorded best-interests decision in place of consent.",
} }

coded! { GivenHow "How a consent was given." {
    Written "WRITTEN" "Signed.",
    Verbal "VERBAL" "Spoken, and written down by whoever heard it.",
    Electronic "ELECTRONIC" "On a screen.",
    BestInterests "BEST_INTERESTS" "A best-interests decision was recorded.",
} }

/// The longest a consent lasts, in days: two years (C3).
pub const LONGEST_DAYS: i64 = 731;

/// A set of purposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Purposes(i64);

impl Purposes {
    /// The set a stored mask stands for.
    pub const fn from_mask(mask: i64) -> Self {
        Self(mask)
    }
    /// The mask to store.
    pub const fn mask(self) -> i64 {
        self.0
    }
    /// Whether the purpose is in the set.
    pub const fn has(self, purpose: Purpose) -> bool {
        self.0 & (1 << purpose as i64) != 0
    }
    /// The purposes in the set.
    pub fn iter(self) -> impl Iterator<Item = Purpose> {
        <Purpose as super::code::Coded>::ALL.iter().copied().filter(move |p| self.has(*p))
    }
}

impl FromIterator<Purpose> for Purposes {
    fn from_iter<T: IntoIterator<Item = Purpose>>(iter: T) -> Self {
        Self(iter.into_iter().fold(0, |m, p| m | (1 << p as i64)))
    }
}

/// The proxy who gives a consent: on the record already, or named on a referral's draft, which opens the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivingProxy {
    /// Recorded before.
    Recorded(ProxyId),
    /// Recorded with the draft.
    Named(String),
}

/// Who decided in the person's best interests, and why: it stands in consent's place (C3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BestInterests {
    /// Who decided.
    pub decided_by: String,
    /// Why it is in their best interests, and how incapacity was found.
    pub reason: String,
}

/// A consent about to be recorded, checked for form.
#[derive(Clone, Debug)]
pub struct NewConsent {
    /// "All partners": those listed on the day, one by one.
    pub all_partners: bool,
    /// Named organisations.
    pub recipients: Vec<OrganisationId>,
    /// What for.
    pub purposes: Purposes,
    /// Which categories; special ones only by name.
    pub categories: Categories,
    /// Who gave it.
    pub given_by: GivenBy,
    /// The parent, attorney or deputy by name.
    pub proxy: Option<GivingProxy>,
    /// The decision, where one stands in consent's place.
    pub decision: Option<BestInterests>,
    /// How.
    pub given_how: GivenHow,
    /// Where the evidence is kept, or what was said.
    pub evidence: String,
    /// When it was given.
    pub given_at: Timestamp,
    /// When it ends, at most two years after.
    pub expires_at: Timestamp,
}
