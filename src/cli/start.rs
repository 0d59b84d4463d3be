//! What commands begin with: logging, the database, the application.

use crate::config::Config;
use crate::domain::clock::SystemClock;
use crate::domain::random::SystemRandomness;
use crate::persistence::database::{Connect, Database};
use crate::persistence::fault::Fault;
use crate::service::context::App;
use crate::service::doctor::pending_migrations;
use migration::{Migrator, MigratorTrait};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error. `ALLIANCE_LOG` filters, as in `info` or `alliance=debug`.
pub fn logging(config: &Config) {
    let filter = EnvFilter::try_from_env("ALLIANCE_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,alliance=info,sqlx=error,sea_orm_migration=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process (a test) keeps the first.
    let _ = if config.log_json { builder.json().try_init() } else { builder.try_init() };
}

/// A fault in words for whoever runs a command: they own the database.
pub fn told(fault: &Fault) -> String {
    fault.for_log().to_owned()
}

/// Opens the database.
pub async fn database(config: &Config) -> Result<Database, String> {
    let how = Connect {
        url: config.database_url.clone(),
        connections: config.limits.connections,
        statement_timeout: Duration::from_millis(config.limits.statement_ms),
    };
    Database::connect(&how).await.map_err(|f| format!("the database cannot be opened: {}", told(&f)))
}

/// The application on a migrated database.
pub async fn app(config: &Config) -> Result<Arc<App>, String> {
    let database = database(config).await?;
    let pending = pending_migrations(&database).await.map_err(|f| told(&f))?;
    if !pending.is_empty() {
        return Err(format!("{} migrations are pending: run `alliance migrate` first", pending.len()));
    }
    start(database).await
}

/// The application, with the machine's clock and randomness.
pub async fn start(database: Database) -> Result<Arc<App>, String> {
    App::start(database, Arc::new(SystemClock), Arc::new(SystemRandomness)).await.map_err(|f| told(&f))
}

/// Applies all migrations.
pub async fn apply_migrations(database: &Database) -> Result<(), String> {
    Migrator::up(database.for_migrations(), None).await.map_err(|e| format!("a migration failed: {e}"))
}

/// `alliance migrate`.
pub async fn migrate(config: &Config, down: Option<u32>) -> Result<ExitCode, String> {
    let database = database(config).await?;
    if let Some(steps) = down {
        Migrator::down(database.for_migrations(), Some(steps)).await.map_err(|e| format!("undoing failed: {e}"))?;
        println!("undone: {steps}");
        return Ok(ExitCode::SUCCESS);
    }
    let pending = pending_migrations(&database).await.map_err(|f| told(&f))?;
    apply_migrations(&database).await?;
    println!("applied: {}", pending.len());
    Ok(ExitCode::SUCCESS)
}
