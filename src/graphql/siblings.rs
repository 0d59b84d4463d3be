//! Sibling loading: what one object of a page needs is read for all objects of the page at once.
//!
//! Objects that came in one statement share a [`Siblings`]. The first of them to resolve a field reads that field for all;
//! the others take their part. So every selected field costs one statement whatever the number of rows, its arguments
//! are known exactly, and nobody waits for a timer as with a loader.

use super::failure::ApiError;
use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

type Cell = Arc<OnceCell<Arc<dyn Any + Send + Sync>>>;

/// Objects that came together.
pub struct Siblings<K> {
    /// Their keys.
    pub keys: Vec<K>,
    cells: Mutex<HashMap<String, Cell>>,
}

impl<K> Siblings<K> {
    /// Of these.
    pub fn of(keys: Vec<K>) -> Arc<Self> {
        Arc::new(Self { keys, cells: Mutex::default() })
    }

    /// What `read` brings for all siblings, read once per `what` (a field with its arguments).
    pub async fn load<T, F>(&self, what: &str, read: F) -> Result<Arc<T>, ApiError>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T, ApiError>> + Send,
    {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            match cells.get(what) {
                Some(cell) => Arc::clone(cell),
                None => Arc::clone(cells.entry(what.to_owned()).or_default()),
            }
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
    pub fn put<T: Send + Sync + 'static>(&self, what: &str, value: T) {
        let value: Arc<dyn Any + Send + Sync> = Arc::new(value);
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.insert(what.to_owned(), Arc::new(OnceCell::new_with(Some(value))));
    }
}
