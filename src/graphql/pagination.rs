//! Relay connections over keysets: one module for all.

use super::failure::ApiError;
use crate::domain::ids::TypedId;
use crate::persistence::client::Slice;
use async_graphql::SimpleObject;

/// Items of a page when none are asked for.
pub const DEFAULT: i32 = 20;
/// The most items of a page.
pub const MOST: i32 = 100;

/// Where a page lies in its list.
#[derive(SimpleObject, Clone, Debug)]
pub struct PageInfo {
    /// Whether there is more after the page.
    pub has_next_page: bool,
    /// Whether there is more before the page.
    pub has_previous_page: bool,
    /// Cursor of the first item.
    pub start_cursor: Option<String>,
    /// Cursor of the last item.
    pub end_cursor: Option<String>,
}

/// What part of a list is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The first so many …
    pub first: Option<i32>,
    /// … after this cursor.
    pub after: Option<String>,
    /// The last so many …
    pub last: Option<i32>,
    /// … before this cursor.
    pub before: Option<String>,
}

/// What a page costs in complexity: its items.
pub fn cost(first: Option<i32>, last: Option<i32>) -> usize {
    usize::try_from(first.or(last).unwrap_or(DEFAULT).clamp(1, MOST)).unwrap_or(1)
}

impl Asked {
    /// The slice of the keyset, one item longer than asked so that "is there more" needs no second statement.
    pub fn slice<I: TypedId>(&self) -> Result<Slice, ApiError> {
        let backwards = self.last.is_some();
        if backwards && self.first.is_some() {
            return Err(ApiError::BadRequest("Ask for `first` or `last`, not both."));
        }
        if (backwards && self.after.is_some()) || (!backwards && self.before.is_some()) {
            return Err(ApiError::BadRequest("`after` goes with `first`, `before` with `last`."));
        }
        let count = self.first.or(self.last).unwrap_or(DEFAULT);
        if !(1..=MOST).contains(&count) {
            return Err(ApiError::BadRequest("A page has 1 to 100 items."));
        }
        let key = match self.after.as_deref().or(self.before.as_deref()) {
            None => None,
            Some(cursor) => {
                Some(I::parse(cursor).ok_or(ApiError::BadRequest("The cursor is not one of this list."))?.uuid())
            }
        };
        Ok(Slice { key, limit: i64::from(count) + 1, backwards })
    }
}

/// A page of items.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Whether there is more after.
    pub has_next: bool,
    /// Whether there is more before.
    pub has_previous: bool,
    /// How many there are in all, when that was asked.
    pub total: Option<i64>,
}

impl<T> Page<T> {
    /// From what a slice brought: one item too many means that there is more.
    pub fn of(mut found: Vec<T>, slice: Slice, total: Option<i64>) -> Self {
        let limit = usize::try_from(slice.limit).unwrap_or(usize::MAX).saturating_sub(1);
        let more = found.len() > limit;
        found.truncate(limit);
        if slice.backwards {
            found.reverse();
        }
        let started = slice.key.is_some();
        Self {
            items: found,
            has_next: if slice.backwards { started } else { more },
            has_previous: if slice.backwards { more } else { started },
            total,
        }
    }

    /// The page with its items opened, all at once; where it lies stays.
    pub fn open<U>(self, open: impl FnOnce(Vec<T>) -> Vec<U>) -> Page<U> {
        let Self { items, has_next, has_previous, total } = self;
        Page { items: open(items), has_next, has_previous, total }
    }

    /// Where the page lies.
    pub fn info(&self, cursor: impl Fn(&T) -> String) -> PageInfo {
        PageInfo {
            has_next_page: self.has_next,
            has_previous_page: self.has_previous,
            start_cursor: self.items.first().map(&cursor),
            end_cursor: self.items.last().map(&cursor),
        }
    }
}

/// Declares a connection and its edge, each with its description.
macro_rules! connection {
    ($connection:ident $page_about:literal, $edge:ident $edge_about:literal, $node:ty, $cursor:expr) => {
        #[doc = $page_about]
        pub struct $connection(pub $crate::graphql::pagination::Page<$node>);

        #[doc = $edge_about]
        pub struct $edge<'a>(&'a $node);

        #[doc = $edge_about]
        #[async_graphql::Object]
        impl $edge<'_> {
            /// The cursor to go on from.
            async fn cursor(&self) -> String {
                let cursor: fn(&$node) -> String = $cursor;
                cursor(self.0)
            }

            /// The item.
            async fn node(&self) -> $crate::graphql::direct::Direct<&$node> {
                $crate::graphql::direct::Direct(self.0)
            }
        }

        #[doc = $page_about]
        #[async_graphql::Object]
        impl $connection {
            /// The items with their cursors.
            async fn edges(&self) -> $crate::graphql::direct::DirectList<$edge<'_>> {
                $crate::graphql::direct::DirectList(self.0.items.iter().map($edge).collect())
            }

            /// The items.
            async fn nodes(&self) -> $crate::graphql::direct::DirectList<&$node> {
                $crate::graphql::direct::DirectList(self.0.items.iter().collect())
            }

            /// Where the page lies in the list.
            async fn page_info(&self) -> $crate::graphql::pagination::PageInfo {
                self.0.info($cursor)
            }

            /// How many items the viewer sees in all, counted only when asked for.
            async fn total_count(&self) -> Option<i64> {
                self.0.total
            }
        }
    };
}
pub(crate) use connection;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ClientId;
    use uuid::Uuid;

    #[test]
    fn one_item_too_many_means_there_is_more() {
        let slice = Asked { first: Some(2), ..Asked::default() }.slice::<ClientId>().ok();
        let slice = slice.unwrap();
        let page = Page::of(vec![1, 2, 3], slice, None);
        assert_eq!((page.items.len(), page.has_next, page.has_previous), (2, true, false));
        let back = Slice { backwards: true, key: Some(Uuid::nil()), limit: 3 };
        let page = Page::of(vec![3, 2, 1], back, None);
        assert_eq!(page.items, [2, 3]);
        assert_eq!((page.has_next, page.has_previous), (true, true));
    }

    #[test]
    fn pages_out_of_bounds_are_refused() {
        for (first, last) in
            [(Some(0), None), (Some(101), None), (Some(-1), None), (Some(1), Some(1)), (None, Some(101))]
        {
            assert!(Asked { first, last, ..Asked::default() }.slice::<ClientId>().is_err());
        }
        assert!(Asked { after: Some("x".into()), ..Asked::default() }.slice::<ClientId>().is_err());
    }
}
