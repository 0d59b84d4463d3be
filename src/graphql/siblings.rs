//! Sibling loading: what one object of a page needs is read for all objects of the page at once.
//!
//! Objects that came in one statement share a [`Siblings`]. The first of them to resolve a field reads that field for all;
//! the others take their part. So every selected field costs one statement whatever the number of rows, its arguments
//! are known exactly, and nobody waits for a timer as with a loader.

use super::failure::ApiError;
use crate::persistence::client::Slice;
use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;
use uuid::Uuid;

type Cell = Arc<OnceCell<Arc<dyn Any + Send + Sync>>>;

/// What is read for all siblings at once: a field with its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct What {
    field: &'static str,
    counted: bool,
    filter: Option<i64>,
    slice: Option<Slice>,
    one: Option<Uuid>,
}

impl From<&'static str> for What {
    fn from(field: &'static str) -> Self {
        Self { field, counted: false, filter: None, slice: None, one: None }
    }
}

impl What {
    /// A page of a list, filtered by a code.
    pub fn page(field: &'static str, filter: Option<i64>, slice: Slice) -> Self {
        Self { slice: Some(slice), ..Self::with(field, filter) }
    }

    /// A field with a code.
    pub fn with(field: &'static str, filter: Option<i64>) -> Self {
        Self { filter, ..Self::from(field) }
    }

    /// A field about one thing of its own.
    pub fn one(field: &'static str, one: Uuid) -> Self {
        Self { one: Some(one), ..Self::from(field) }
    }

    /// How many there are in the whole list.
    #[must_use]
    pub fn counted(self) -> Self {
        Self { counted: true, slice: None, ..self }
    }
}

/// Objects that came together.
pub struct Siblings<K> {
    /// Their keys.
    pub keys: Vec<K>,
    cells: Mutex<HashMap<What, Cell>>,
}

impl<K> Siblings<K> {
    /// Of these.
    pub fn of(keys: Vec<K>) -> Arc<Self> {
        Arc::new(Self { keys, cells: Mutex::default() })
    }

    /// What `read` brings for all siblings, read once.
    pub async fn load<T, F>(&self, what: impl Into<What>, read: F) -> Result<Arc<T>, ApiError>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T, ApiError>> + Send,
    {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(what.into()).or_default())
        };
        let found = cell
            .get_or_try_init(|| async move {
                let value: Arc<dyn Any + Send + Sync> = Arc::new(read.await?);
                Ok::<_, ApiError>(value)
            })
            .await?;
        Arc::clone(found)
            .downcast::<T>()
            .map_err(|_| ApiError::Internal(crate::persistence::fault::Fault::new("two fields share a sibling key")))
    }

    /// Puts in what came along with the objects themselves.
    pub fn put<T: Send + Sync + 'static>(&self, what: impl Into<What>, value: T) {
        let value: Arc<dyn Any + Send + Sync> = Arc::new(value);
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.insert(what.into(), Arc::new(OnceCell::new_with(Some(value))));
    }
}
