//! Disclosure: what opens to a viewer through the grants they hold, and how the rest is withheld (C2, C12).

use crate::coded;
use crate::domain::basis::{Basis, Scope};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{ClientId, GrantId, TypedId};
use crate::policy::grants::NEVER_REFUSED;
use uuid::Uuid;

coded! { RedactionReason "Why a category is withheld. It depends on rights alone, never on whether there is anything behind it (C12)." {
    NotShared "NOT_SHARED" "It is not shared with this viewer.",
    IntakeProfile "INTAKE_PROFILE" "The team asked not to be told before it has met the person (C8).",
    Role "ROLE" "No role opens it.",
} }

/// A live grant of the viewer, as it came with the row it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveGrant {
    /// The row of the ledger.
    pub id: GrantId,
    /// The basis.
    pub basis: Basis,
    /// What it opens, restrictions already taken off.
    pub categories: Categories,
    /// How far it reaches.
    pub scope: Scope,
    /// What it reaches.
    pub scope_id: Uuid,
    /// Whether the client as such exists for the holder.
    pub opens_client: bool,
    /// The name is shown as it stood then.
    pub names_until: Timestamp,
    /// Until when, as planned.
    pub until_at: Timestamp,
}

impl LiveGrant {
    /// Whether the grant opens the client's sections as such, not single documents.
    const fn opens_sections(&self) -> bool {
        self.opens_client && matches!(self.scope, Scope::Client | Scope::Referral | Scope::Case)
    }
}

/// A category that is withheld, why, and what can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// The category.
    pub category: Category,
    /// Why.
    pub reason: RedactionReason,
    /// What the viewer can do, in words.
    pub remedy: &'static str,
}

/// A dated entry, or a narrative, as disclosure judges it.
#[derive(Clone, Copy, Debug)]
pub struct ItemFacts {
    /// Its categories: all must be open.
    pub categories: Categories,
    /// Whose own item it is.
    pub owner: Uuid,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Documents it belongs to (its own id, its referral, its case), when it is not a section of the client's record.
    pub within: [Option<Uuid>; 3],
}

/// What opens to one viewer of one client's record.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// The client.
    pub client: ClientId,
    grants: Vec<LiveGrant>,
}

impl Disclosure {
    /// From the grants that came with the row.
    pub fn new(client: ClientId, grants: Vec<LiveGrant>) -> Self {
        Self { client, grants }
    }

    /// Adds a grant that came with a further row.
    pub fn add(&mut self, grant: LiveGrant) {
        if !self.grants.iter().any(|g| g.id == grant.id) {
            self.grants.push(grant);
        }
    }

    /// The grants.
    pub fn grants(&self) -> &[LiveGrant] {
        &self.grants
    }

    /// The categories whose sections are open: for the hub, also those that the referral brought.
    pub fn open(&self) -> Categories {
        let counts = |g: &&LiveGrant| g.opens_sections() || (g.basis == Basis::Hub && g.scope == Scope::Item);
        self.grants.iter().filter(counts).fold(Categories::NONE, |all, g| all.union(g.categories))
    }

    /// The same without what opens on these bases alone.
    pub fn open_but(&self, bases: &[Basis]) -> Categories {
        let left = self.grants.iter().filter(|g| !bases.contains(&g.basis)).copied().collect();
        Self::new(self.client, left).open()
    }

    /// The categories open within one document: a referral or a case and what belongs to it.
    pub fn open_within(&self, documents: &[Uuid]) -> Categories {
        self.grants
            .iter()
            .filter(|g| documents.contains(&g.scope_id) || g.scope_id == self.client.uuid())
            .fold(Categories::NONE, |all, g| all.union(g.categories))
    }

    /// Whether the viewer holds a grant on this basis.
    pub fn has(&self, basis: Basis) -> bool {
        self.grants.iter().any(|g| g.basis == basis)
    }

    /// The grants that together open an item; empty when they do not. The same rule as the SQL of
    /// `persistence::access`, tried again on the row that came back.
    pub fn opening(&self, item: &ItemFacts) -> Vec<GrantId> {
        let mut left = item.categories;
        let mut ids = Vec::new();
        for g in &self.grants {
            let reaches = g.scope_id == item.owner
                || item.within.contains(&Some(g.scope_id))
                || (item.within == [None; 3] && g.opens_sections())
                || (item.within != [None; 3] && g.scope == Scope::Client)
                || (g.scope == Scope::OwnItems
                    && item.within == [None; 3]
                    && item.categories == Categories::of(&[Category::Name])
                    && item.recorded_at <= g.names_until);
            if reaches && !g.categories.intersection(item.categories).is_empty() {
                left = left.minus(g.categories);
                ids.push(g.id);
            }
        }
        if left.is_empty() { ids } else { Vec::new() }
    }

    /// The grants through which sections of a category are open.
    pub fn grants_opening(&self, category: Category) -> Vec<GrantId> {
        self.grants.iter().filter(|g| g.categories.has(category)).map(|g| g.id).collect()
    }

    /// The grants that are there at all, for what any grant opens (INVOLVEMENT).
    pub fn all_grants(&self) -> Vec<GrantId> {
        self.grants.iter().map(|g| g.id).collect()
    }

    /// What is withheld, in order of category.
    pub fn redactions(&self) -> Vec<Redaction> {
        redactions(self.open(), &self.grants)
    }

    /// What is withheld within a document.
    pub fn redactions_within(&self, documents: &[Uuid]) -> Vec<Redaction> {
        redactions(self.open_within(documents), &self.grants)
    }
}

fn redactions(open: Categories, grants: &[LiveGrant]) -> Vec<Redaction> {
    let refused = grants
        .iter()
        .filter(|g| g.basis == Basis::Offer)
        .fold(Categories::NONE, |all, g| all.union(super::grants::OFFER.minus(NEVER_REFUSED).minus(g.categories)));
    Category::ALL
        .iter()
        .copied()
        .filter(|c| !open.has(*c) && *c != Category::Involvement)
        .map(|category| {
            let reason = if category == Category::Equalities {
                RedactionReason::Role
            } else if refused.has(category) {
                RedactionReason::IntakeProfile
            } else {
                RedactionReason::NotShared
            };
            Redaction { category, reason, remedy: remedy(reason) }
        })
        .collect()
}

const fn remedy(reason: RedactionReason) -> &'static str {
    match reason {
        RedactionReason::NotShared => {
            "Ask the person, or the lead worker of the case, whether this may be shared with your agency for your work."
        }
        RedactionReason::IntakeProfile => {
            "Your team's intake profile leaves this out until you have met the person. Accept the referral first."
        }
        RedactionReason::Role => {
            "Recorded for statistics; only the agency that recorded it and the person themselves see it."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::grants;

    fn grant(basis: Basis, scope: Scope, scope_id: u128, categories: Categories) -> LiveGrant {
        LiveGrant {
            id: GrantId(Uuid::from_u128(scope_id + 100)),
            basis,
            categories,
            scope,
            scope_id: Uuid::from_u128(scope_id),
            opens_client: basis != Basis::Referrer,
            names_until: Timestamp::NEVER,
            until_at: Timestamp::NEVER,
        }
    }

    fn disclosure(grants: Vec<LiveGrant>) -> Disclosure {
        Disclosure::new(ClientId(Uuid::from_u128(1)), grants)
    }

    fn section(category: Category, owner: u128, at: i64) -> ItemFacts {
        ItemFacts {
            categories: Categories::of(&[category]),
            owner: Uuid::from_u128(owner),
            recorded_at: Timestamp(at),
            within: [None; 3],
        }
    }

    #[test]
    fn a_sender_opens_what_it_wrote_and_no_section() {
        let d = disclosure(vec![grant(Basis::Referrer, Scope::Referral, 7, Categories::ALL)]);
        assert!(d.open().is_empty());
        assert_eq!(d.opening(&section(Category::Health, 7, 0)).len(), 1, "its own entry");
        assert!(d.opening(&section(Category::Name, 8, 0)).is_empty(), "somebody else's entry");
    }

    #[test]
    fn an_author_sees_own_items_and_the_name_as_it_stood() {
        let own =
            LiveGrant { names_until: Timestamp(50), ..grant(Basis::Author, Scope::OwnItems, 9, Categories::ALL) };
        let d = disclosure(vec![own]);
        assert!(d.open().is_empty());
        assert_eq!(d.opening(&section(Category::Health, 9, 99)).len(), 1);
        assert!(d.opening(&section(Category::Health, 8, 10)).is_empty());
        assert_eq!(d.opening(&section(Category::Name, 8, 50)).len(), 1);
        assert!(d.opening(&section(Category::Name, 8, 51)).is_empty());
    }

    #[test]
    fn an_item_of_several_categories_opens_through_grants_together_or_not_at_all() {
        let housing = grant(Basis::Team, Scope::Case, 5, Categories::of(&[Category::Housing]));
        let health = grant(Basis::Consent, Scope::Client, 1, Categories::of(&[Category::Health]));
        let note = ItemFacts {
            categories: Categories::of(&[Category::Housing, Category::Health]),
            owner: Uuid::from_u128(77),
            recorded_at: Timestamp(0),
            within: [Some(Uuid::from_u128(5)), None, None],
        };
        assert!(disclosure(vec![housing]).opening(&note).is_empty());
        assert!(disclosure(vec![health]).opening(&note).is_empty());
        assert_eq!(disclosure(vec![housing, health]).opening(&note).len(), 2);
    }

    #[test]
    fn withheld_categories_are_told_with_reason_and_remedy() {
        let offered = grants::OFFER.minus(Categories::of(&[Category::Housing]));
        let told = disclosure(vec![grant(Basis::Offer, Scope::Referral, 3, offered)]).redactions();
        let reason = |c| told.iter().find(|r| r.category == c).map(|r| r.reason);
        assert_eq!(reason(Category::Housing), Some(RedactionReason::IntakeProfile));
        assert_eq!(reason(Category::Health), Some(RedactionReason::NotShared));
        assert_eq!(reason(Category::Equalities), Some(RedactionReason::Role));
        assert_eq!(reason(Category::Name), None);
        assert!(told.iter().all(|r| !r.remedy.is_empty()));
    }

    #[test]
    fn sections_open_through_grants_on_the_record_and_for_the_hub_through_what_the_referral_brought() {
        let housing = Categories::of(&[Category::Housing]);
        for basis in Basis::ALL {
            for scope in Scope::ALL {
                for opens_client in [true, false] {
                    let one = LiveGrant { opens_client, ..grant(*basis, *scope, 3, housing) };
                    // The table of scopes: the record as such, or the hub's item that a referral brought.
                    let on_record = opens_client && matches!(scope, Scope::Client | Scope::Referral | Scope::Case);
                    let brought = *basis == Basis::Hub && *scope == Scope::Item;
                    let expected = if on_record || brought { housing } else { Categories::NONE };
                    assert_eq!(disclosure(vec![one]).open(), expected, "{basis:?} {scope:?} {opens_client}");
                }
            }
        }
    }

    #[test]
    fn a_document_opens_through_grants_on_it_or_on_the_client_and_through_no_other() {
        let housing = Categories::of(&[Category::Housing]);
        let health = Categories::of(&[Category::Health]);
        let risk = Categories::of(&[Category::Risk]);
        let client = grant(Basis::Consent, Scope::Client, 1, health);
        let all = disclosure(vec![
            grant(Basis::Team, Scope::Case, 5, housing),
            client,
            grant(Basis::Team, Scope::Case, 6, risk),
        ]);
        let id = Uuid::from_u128;
        let table = [
            (vec![id(5)], housing.union(health)),
            (vec![id(6)], risk.union(health)),
            (vec![id(5), id(6)], housing.union(health).union(risk)),
            (vec![id(7)], health),
            (vec![], health),
        ];
        for (documents, open) in table {
            assert_eq!(all.open_within(&documents), open, "{documents:?}");
            // What is not open is withheld within that document, each with its reason.
            let told = all.redactions_within(&documents);
            let withheld: Categories = told.iter().map(|r| r.category).collect();
            let involvement = Categories::of(&[Category::Involvement]);
            assert_eq!(withheld, Categories::ALL.minus(open).minus(involvement), "{documents:?}");
        }
    }

    #[test]
    fn a_section_opens_through_a_grant_on_the_record_and_a_document_only_through_one_on_it() {
        let housing = Categories::of(&[Category::Housing]);
        let holder = grant(Basis::Holder, Scope::Case, 5, housing);
        let consent = grant(Basis::Consent, Scope::Client, 1, housing);
        let item = grant(Basis::Hub, Scope::Item, 5, housing);
        let entry = section(Category::Housing, 77, 0);
        let within = |n| ItemFacts { within: [None, Some(Uuid::from_u128(n)), None], ..entry };
        let table: [(LiveGrant, &ItemFacts, bool); 10] = [
            (holder, &entry, true),
            (consent, &entry, true),
            (item, &entry, false),
            (holder, &within(5), true),
            (holder, &within(6), false),
            (consent, &within(5), true),
            (item, &within(5), true),
            (item, &within(6), false),
            (LiveGrant { opens_client: false, ..holder }, &entry, false),
            (LiveGrant { categories: Categories::NONE, ..holder }, &entry, false),
        ];
        for (one, item, opens) in table {
            let expected = if opens { vec![one.id] } else { Vec::new() };
            assert_eq!(disclosure(vec![one]).opening(item), expected, "{one:?} {item:?}");
        }
    }

    #[test]
    fn a_grant_counts_once_however_many_rows_it_comes_with() {
        let one = grant(Basis::Team, Scope::Case, 5, Categories::of(&[Category::Housing]));
        let other = grant(Basis::Holder, Scope::Case, 6, Categories::of(&[Category::Health]));
        let mut d = disclosure(vec![one]);
        for more in [one, other, other, one] {
            d.add(more);
        }
        assert_eq!(d.grants(), [one, other]);
        assert_eq!(d.all_grants(), [one.id, other.id]);
        assert_eq!(d.grants_opening(Category::Housing), [one.id]);
        assert_eq!(d.grants_opening(Category::Health), [other.id]);
        assert_eq!(d.grants_opening(Category::Finance), []);
        for basis in Basis::ALL {
            assert_eq!(d.has(*basis), [Basis::Team, Basis::Holder].contains(basis), "{basis:?}");
        }
    }

    #[test]
    fn each_reason_has_words_of_its_own_that_say_what_can_be_done() {
        let words = |reason| remedy(reason);
        assert!(words(RedactionReason::NotShared).starts_with("Ask the person, or the lead worker"));
        assert!(words(RedactionReason::IntakeProfile).ends_with("Accept the referral first."));
        assert!(words(RedactionReason::Role).contains("only the agency that recorded it"));
    }
}
