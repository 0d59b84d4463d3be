//! Categories of client data (C1) and sets of them.

use super::code::Coded;
use crate::coded;

coded! { Category "A category of client data (C1). Every client-bound field belongs to exactly one." {
    Name "NAME" "Names, pronouns, age band.",
    Birth "BIRTH" "Date of birth.",
    Contact "CONTACT" "Address, phone, email, safe ways and times.",
    AccessNeeds "ACCESS_NEEDS" "Interpreter, communication, mobility.",
    LoneWorking "LONE_WORKING" "Advice for whoever meets the person: what to do, never why.",
    Household "HOUSEHOLD" "Who lives together: composition only.",
    Housing "HOUSING" "Tenure, landlord, arrears, notices, risk of eviction.",
    Finance "FINANCE" "Income, benefits and debts.",
    Employment "EMPLOYMENT" "Work and training.",
    Risk "RISK" "Risks to and from the person.",
    SupportPlan "SUPPORT_PLAN" "Goals and actions agreed with the person.",
    CaseNotes "CASE_NOTES" "Notes of a shared case.",
    Outcomes "OUTCOMES" "Measures of what changed.",
    Involvement "INVOLVEMENT" "That there is a referral or case, its status, dates, lead, members, consents, signposts.",
    Health "HEALTH" "Physical and mental health. Special.",
    SubstanceUse "SUBSTANCE_USE" "Use of alcohol and drugs. Special.",
    Offending "OFFENDING" "Offences, sentences, licences. Special.",
    DomesticAbuse "DOMESTIC_ABUSE" "Domestic abuse suffered or done. Special.",
    Immigration "IMMIGRATION" "Immigration status. Special.",
    Equalities "EQUALITIES" "Gender, ethnicity, religion, orientation: for statistics only. Special.",
} }

impl Category {
    /// The category's own bit.
    pub const fn bit(self) -> i64 {
        1 << (self as i64)
    }

    /// Whether consent must name it (special category data and the like).
    pub const fn is_special(self) -> bool {
        Categories::SPECIAL.has(self)
    }
}

/// A set of categories, as the bit mask that the ledger stores.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Categories(i64);

impl Categories {
    /// No category.
    pub const NONE: Self = Self(0);
    /// Every category.
    pub const ALL: Self = Self((1 << 20) - 1);
    /// Those a consent opens only by name.
    pub const SPECIAL: Self = Self::of(&[
        Category::Health,
        Category::SubstanceUse,
        Category::Offending,
        Category::DomesticAbuse,
        Category::Immigration,
        Category::Equalities,
    ]);

    /// The set of these.
    pub const fn of(list: &[Category]) -> Self {
        let mut mask = 0;
        let mut i = 0;
        while i < list.len() {
            mask |= list[i].bit();
            i += 1;
        }
        Self(mask)
    }

    /// The set a stored mask stands for; unknown bits are dropped.
    pub const fn from_mask(mask: i64) -> Self {
        Self(mask & Self::ALL.0)
    }

    /// The mask to store.
    pub const fn mask(self) -> i64 {
        self.0
    }

    /// Whether the category is in the set.
    pub const fn has(self, category: Category) -> bool {
        self.0 & category.bit() != 0
    }

    /// Whether all of `other` is in the set.
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Both together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both have.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// This without the other.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The categories in the set, in order.
    pub fn iter(self) -> impl Iterator<Item = Category> {
        Category::ALL.iter().copied().filter(move |c| self.has(*c))
    }
}

/// What tells where somebody can be found, whatever is said of it (C7): contact, and the workplace or school.
pub const LOCATING: Categories = Categories::of(&[Category::Contact, Category::Employment]);

impl FromIterator<Category> for Categories {
    fn from_iter<T: IntoIterator<Item = Category>>(iter: T) -> Self {
        iter.into_iter().fold(Self::NONE, |set, c| Self(set.0 | c.bit()))
    }
}

impl std::fmt::Debug for Categories {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter().map(Coded::code)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_covers_every_category_and_nothing_else() {
        assert_eq!(Category::ALL.iter().copied().collect::<Categories>(), Categories::ALL);
        assert_eq!(Categories::from_mask(-1), Categories::ALL);
    }

    #[test]
    fn sets_behave_as_sets() {
        let a = Categories::of(&[Category::Name, Category::Health]);
        let b = Categories::of(&[Category::Health, Category::Finance]);
        assert_eq!(a.intersection(b), Categories::of(&[Category::Health]));
        assert_eq!(a.minus(b), Categories::of(&[Category::Name]));
        assert!(a.union(b).covers(b) && !a.covers(b));
        assert_eq!(a.iter().collect::<Vec<_>>(), [Category::Name, Category::Health]);
        assert!(Category::Health.is_special() && !Category::Finance.is_special());
    }
}
