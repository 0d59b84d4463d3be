//! Connections of the PostgreSQL pool that are kept between statements.
//!
//! Whatever comes back to the pool is asked whether it still lives: a round trip after every read. A connection whose last
//! statement ended well a moment ago is known to be well, so single statements hand it on among themselves; one that failed, was
//! left in the middle, lay unused or grew old goes back to the pool. Nobody waits for the pool while a connection lies idle here:
//! who is about to wait takes one first, and as long as somebody waits none is kept.

use super::fault::Fault;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{PgPool, Postgres, query_with};
use sea_orm::{QueryResult, Value};
use sea_query_sqlx::SqlxValues;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Connections left to transactions and the trace, however many read.
const LEFT: u32 = 2;
/// How long one is kept in all.
const LONGEST: Duration = Duration::from_mins(10);
/// How long one may lie unused and still be taken for well.
const FRESH: Duration = Duration::from_secs(30);
/// How long a statement waits for one.
const PATIENCE: Duration = Duration::from_secs(10);

/// Those that are kept, and the right to read through one.
#[derive(Clone)]
pub(super) struct Kept(Arc<Inner>);

struct Inner {
    pool: PgPool,
    state: Mutex<State>,
    readers: Semaphore,
}

#[derive(Default)]
struct State {
    /// The one used last is the last.
    idle: Vec<Held>,
    /// How many are waiting for the pool.
    waiting: usize,
    /// All were given back, for good.
    closed: bool,
}

struct Held {
    connection: PoolConnection<Postgres>,
    since: Instant,
    used: Instant,
}

/// Somebody waits for the pool, until this is dropped.
pub(super) struct Waiting(Arc<Inner>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Of a pool of so many connections; nothing where there are too few to keep any.
    pub fn of(pool: &PgPool, connections: u32) -> Option<Self> {
        let most = connections.checked_sub(LEFT).filter(|most| *most > 0)?;
        let readers = Semaphore::new(most as usize);
        Some(Self(Arc::new(Inner { pool: pool.clone(), state: Mutex::default(), readers })))
    }

    /// Rows of a statement.
    pub async fn rows(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<QueryResult>, Fault> {
        let turn = tokio::time::timeout(PATIENCE, self.0.readers.acquire()).await;
        let _turn = turn.ok().and_then(Result::ok).ok_or_else(|| Fault::new("no connection was free in time"))?;
        let mut held = self.take().await?;
        let values = SqlxValues(sea_orm::Values(values));
        // Boxed: what runs a statement is large, and every resolver holds it.
        let rows = Box::pin(query_with(sql, values).fetch_all(&mut *held.connection)).await?;
        self.keep(held);
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    /// Runs a statement that is a transaction of its own; tells how many rows it changed.
    pub async fn execute(&self, sql: &'static str, values: Vec<Value>) -> Result<u64, Fault> {
        let mut held = self.take().await?;
        let values = SqlxValues(sea_orm::Values(values));
        let done = Box::pin(query_with(sql, values).execute(&mut *held.connection)).await?;
        self.keep(held);
        Ok(done.rows_affected())
    }

    /// For whoever is about to wait for the pool: gives back what lies idle longest, and keeps nothing until this is dropped.
    pub fn wait(&self) -> Waiting {
        let mut state = self.0.state();
        state.waiting += 1;
        let longest = (!state.idle.is_empty()).then(|| state.idle.remove(0));
        drop(state);
        drop(longest);
        Waiting(Arc::clone(&self.0))
    }

    /// Gives all back to the pool, for good.
    pub fn release(&self) {
        let mut state = self.0.state();
        state.closed = true;
        let all = std::mem::take(&mut state.idle);
        drop(state);
        drop(all);
    }

    async fn take(&self) -> Result<Held, Fault> {
        let (last, stale, waiting) = {
            let mut state = self.0.state();
            let last = state.idle.pop();
            if last.as_ref().is_some_and(|held| held.used.elapsed() < FRESH) {
                (last, Vec::new(), None)
            } else {
                state.waiting += 1;
                // What lay below it was used even longer ago.
                (
                    None,
                    last.into_iter().chain(std::mem::take(&mut state.idle)).collect(),
                    Some(Waiting(Arc::clone(&self.0))),
                )
            }
        };
        drop(stale);
        let taken = match last {
            Some(held) => held,
            None => {
                let connection = Box::pin(self.0.pool.acquire()).await?;
                let now = Instant::now();
                Held { connection, since: now, used: now }
            }
        };
        drop(waiting);
        Ok(taken)
    }

    fn keep(&self, mut held: Held) {
        held.used = Instant::now();
        let mut state = self.0.state();
        if !state.closed && state.waiting == 0 && held.since.elapsed() < LONGEST {
            state.idle.push(held);
        }
    }
}
