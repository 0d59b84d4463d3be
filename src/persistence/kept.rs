//! Connections of the PostgreSQL pool that reads keep between statements.
//!
//! Whatever comes back to the pool is asked whether it still lives: a round trip after every read. A connection whose last
//! statement ended well is known to be well, so reads hand it on among themselves; one that failed, was left in the middle
//! or grew old goes back to the pool. Some connections are never kept: transactions and the trace always find one.

use super::fault::Fault;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{PgPool, Postgres, query_with};
use sea_orm::{QueryResult, Value};
use sea_query_sqlx::SqlxValues;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Connections left to transactions and the trace.
const LEFT: u32 = 2;
/// How long one is kept.
const LONGEST: Duration = Duration::from_mins(10);
/// How long a read waits for one.
const PATIENCE: Duration = Duration::from_secs(10);

/// Those that are kept, and the right to take one.
#[derive(Clone)]
pub(super) struct Kept(Arc<Inner>);

struct Inner {
    pool: PgPool,
    idle: Mutex<Vec<Held>>,
    readers: Semaphore,
}

struct Held {
    connection: PoolConnection<Postgres>,
    since: Instant,
}

impl Kept {
    /// Of a pool of so many connections; nothing where there are too few to keep any.
    pub fn of(pool: &PgPool, connections: u32) -> Option<Self> {
        let most = connections.checked_sub(LEFT).filter(|most| *most > 0)?;
        let inner = Inner { pool: pool.clone(), idle: Mutex::default(), readers: Semaphore::new(most as usize) };
        Some(Self(Arc::new(inner)))
    }

    /// Rows of a statement.
    pub async fn rows(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<QueryResult>, Fault> {
        let _turn = self.turn().await?;
        let idle = self.idle(Vec::pop);
        let mut held = match idle {
            Some(held) => held,
            None => Held { connection: Box::pin(self.0.pool.acquire()).await?, since: Instant::now() },
        };
        let values = SqlxValues(sea_orm::Values(values));
        // Boxed: what runs a statement is large, and every resolver holds it.
        let rows = Box::pin(query_with(sql, values).fetch_all(&mut *held.connection)).await?;
        if held.since.elapsed() < LONGEST {
            self.idle(|idle| idle.push(held));
        }
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    /// Gives all back to the pool.
    pub fn release(&self) {
        self.idle(Vec::clear);
    }

    fn idle<T>(&self, change: impl FnOnce(&mut Vec<Held>) -> T) -> T {
        change(&mut self.0.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, Fault> {
        if let Ok(turn) = self.0.readers.try_acquire() {
            return Ok(turn);
        }
        let waited = tokio::time::timeout(PATIENCE, self.0.readers.acquire()).await;
        waited.ok().and_then(Result::ok).ok_or_else(|| Fault::new("no connection was free in time"))
    }
}
