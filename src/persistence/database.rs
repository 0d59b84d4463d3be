//! Pools and transactions of the two databases.
//!
//! SQLite: many readers, one writer, WAL, transactions begun IMMEDIATE. PostgreSQL: READ COMMITTED, one pool. No read runs
//! inside an enclosing transaction: every statement tests the ledger as it is when the statement starts (C4).

use super::fault::Fault;
use super::kept::Kept;
use super::sql::Sql;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database as SeaDatabase, DatabaseConnection, DatabaseTransaction, DbBackend,
    QueryResult, SqliteTransactionMode, TransactionOptions, TransactionTrait, Value,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The database.
#[derive(Clone)]
pub struct Database {
    read: DatabaseConnection,
    write: DatabaseConnection,
    backend: DbBackend,
    statements: Arc<AtomicU64>,
    kept: Option<Kept>,
}

/// How to connect.
#[derive(Clone, Debug)]
pub struct Connect {
    /// `sqlite://PATH?mode=rwc` or `postgres://…`.
    pub url: String,
    /// Connections of the pool.
    pub connections: u32,
    /// Longest a statement may run.
    pub statement_timeout: Duration,
}

impl Database {
    /// Opens the pools.
    pub async fn connect(how: &Connect) -> Result<Self, Fault> {
        let statements = Arc::new(AtomicU64::new(0));
        let mut options = ConnectOptions::new(how.url.clone());
        options
            .sqlx_logging(false)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_secs(10))
            .max_connections(how.connections.max(1));
        if how.url.starts_with("sqlite:") {
            let memory = how.url.contains(":memory:") || how.url.contains("mode=memory");
            if memory {
                return Err(Fault::new(
                    "an in-memory SQLite database cannot be shared between connections: name a file",
                ));
            }
            options.map_sqlx_sqlite_opts(|o| {
                o.journal_mode(sea_orm::sqlx::sqlite::SqliteJournalMode::Wal)
                    .synchronous(sea_orm::sqlx::sqlite::SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(10))
                    .statement_cache_capacity(256)
            });
            let mut writer = options.clone();
            writer.max_connections(1);
            let mut write = SeaDatabase::connect(writer).await?;
            let mut read = SeaDatabase::connect(options).await?;
            count(&mut write, &statements);
            count(&mut read, &statements);
            Ok(Self { read, write, backend: DbBackend::Sqlite, statements, kept: None })
        } else {
            let timeout = how.statement_timeout.as_millis().to_string();
            options.map_sqlx_postgres_opts(move |o| {
                o.statement_cache_capacity(256).options([
                    ("statement_timeout", timeout.as_str()),
                    ("idle_in_transaction_session_timeout", "30000"),
                    ("TimeZone", "UTC"),
                    // The hot statements are constant and prepared: planning them again for each request costs more than
                    // running them, and compiling them far more.
                    ("plan_cache_mode", "force_generic_plan"),
                    ("jit", "off"),
                    ("random_page_cost", "1.1"),
                ])
            });
            let mut pool = SeaDatabase::connect(options).await?;
            count(&mut pool, &statements);
            let kept = Kept::of(pool.get_postgres_connection_pool(), how.connections);
            Ok(Self { read: pool.clone(), write: pool, backend: DbBackend::Postgres, statements, kept })
        }
    }

    /// Which of the two it is.
    pub const fn backend(&self) -> DbBackend {
        self.backend
    }

    /// Statements sent so far (BEGIN, COMMIT and SET aside): what the tests count.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The connection of migrations.
    pub const fn for_migrations(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Reads rows outside any transaction.
    pub async fn rows(&self, sql: &'static Sql, values: Vec<Value>) -> Result<Vec<QueryResult>, Fault> {
        if let Some(kept) = &self.kept {
            self.statements.fetch_add(1, Ordering::Relaxed);
            return kept.rows(sql.text(self.backend), values).await;
        }
        Ok(self.read.query_all_raw(sql.with(self.backend, values)).await?)
    }

    /// Reads one row outside any transaction.
    pub async fn row(&self, sql: &'static Sql, values: Vec<Value>) -> Result<Option<QueryResult>, Fault> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Runs one statement that is a transaction of its own, committed when this returns.
    pub async fn execute_alone(&self, sql: &'static Sql, values: Vec<Value>) -> Result<u64, Fault> {
        if let Some(kept) = &self.kept {
            self.statements.fetch_add(1, Ordering::Relaxed);
            return kept.execute(sql.text(self.backend), values).await;
        }
        Ok(self.write.execute_raw(sql.with(self.backend, values)).await?.rows_affected())
    }

    /// Begins a write transaction.
    pub async fn begin(&self) -> Result<Tx, Fault> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.backend == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let _waiting = self.kept.as_ref().map(Kept::wait);
        Ok(Tx(self.write.begin_with_options(options).await?))
    }

    /// Closes the pools.
    pub async fn close(self) -> Result<(), Fault> {
        if let Some(kept) = &self.kept {
            kept.release();
        }
        self.read.close().await?;
        if self.backend == DbBackend::Sqlite {
            self.write.close().await?;
        }
        Ok(())
    }
}

fn count(connection: &mut DatabaseConnection, statements: &Arc<AtomicU64>) {
    let statements = Arc::clone(statements);
    connection.set_metric_callback(move |_| {
        statements.fetch_add(1, Ordering::Relaxed);
    });
}

/// A write transaction. Dropped without [`Tx::commit`], it is rolled back.
pub struct Tx(DatabaseTransaction);

impl Tx {
    /// The connection, for inserts and updates through the entities.
    pub const fn connection(&self) -> &DatabaseTransaction {
        &self.0
    }

    /// Which database.
    pub fn backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    /// Reads rows.
    pub async fn rows(&self, sql: &Sql, values: Vec<Value>) -> Result<Vec<QueryResult>, Fault> {
        Ok(self.0.query_all_raw(sql.with(self.backend(), values)).await?)
    }

    /// Reads one row.
    pub async fn row(&self, sql: &Sql, values: Vec<Value>) -> Result<Option<QueryResult>, Fault> {
        Ok(self.0.query_one_raw(sql.with(self.backend(), values)).await?)
    }

    /// Runs a statement and tells how many rows it changed.
    pub async fn execute(&self, sql: &Sql, values: Vec<Value>) -> Result<u64, Fault> {
        Ok(self.0.execute_raw(sql.with(self.backend(), values)).await?.rows_affected())
    }

    /// Makes it last.
    pub async fn commit(self) -> Result<(), Fault> {
        Ok(self.0.commit().await?)
    }

    /// Undoes it.
    pub async fn rollback(self) -> Result<(), Fault> {
        Ok(self.0.rollback().await?)
    }
}
