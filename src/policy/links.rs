//! Links speak (C11): an organisation can imply a category, so a link to it is shown only where that category is.

use crate::domain::category::Categories;

/// What stands for an organisation that may not be named.
pub const UNNAMED: &str = "an organisation";

/// Whether the organisation behind a link may be named to somebody for whom these categories are open. The viewer's own
/// organisation is no news to it; the hub sees who sent what it triages.
pub fn may_be_named(implied: Categories, open: Categories, is_own: bool, is_sender_shown_to_hub: bool) -> bool {
    is_own || is_sender_shown_to_hub || open.covers(implied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::category::Category;

    #[test]
    fn a_probation_service_is_named_only_where_offending_is_open() {
        let probation = Categories::of(&[Category::Offending]);
        let council = Categories::NONE;
        let open = Categories::of(&[Category::Name, Category::Housing]);
        assert!(may_be_named(council, open, false, false));
        assert!(!may_be_named(probation, open, false, false));
        assert!(may_be_named(probation, open.union(probation), false, false));
        assert!(may_be_named(probation, open, true, false));
        assert!(may_be_named(probation, open, false, true));
    }
}
