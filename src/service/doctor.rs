//! Checks of a whole database: migrations, the ledger against its projection, the trace against its chain.

use crate::persistence::database::Database;
use crate::persistence::fault::Fault;
use crate::persistence::{ledger, trace};
use migration::{Migrator, MigratorTrait};
use serde::Serialize;

/// One check and what it found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// Whether all is well.
    pub ok: bool,
    /// In plain words.
    pub told: Vec<String>,
}

/// The result of all checks.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Check by check.
    pub findings: Vec<Finding>,
    /// The heads of the trace's chains as they are now, to be kept elsewhere.
    #[serde(skip)]
    pub heads: trace::Heads,
}

impl Report {
    /// Whether all is well.
    pub fn ok(&self) -> bool {
        self.findings.iter().all(|f| f.ok)
    }
}

/// Names of migrations that are yet to be applied.
pub async fn pending_migrations(database: &Database) -> Result<Vec<String>, Fault> {
    let pending = Migrator::get_pending_migrations(database.for_migrations()).await?;
    Ok(pending.iter().map(|m| m.name().to_owned()).collect())
}

/// Runs all checks.
pub async fn examine(database: &Database, exported: Option<&trace::Heads>) -> Result<Report, Fault> {
    let pending = pending_migrations(database).await?;
    let mut findings = vec![Finding {
        check: "migrations",
        ok: pending.is_empty(),
        told: if pending.is_empty() {
            vec!["All migrations are applied.".to_owned()]
        } else {
            vec![format!("Not applied: {}. Run `alliance migrate`.", pending.join(", "))]
        },
    }];
    if !pending.is_empty() {
        return Ok(Report { findings, heads: trace::Heads::default() });
    }
    let (compared, differences) = ledger::check(database).await?;
    let mut told: Vec<String> = differences
        .iter()
        .map(|d| {
            let bases: Vec<_> = d.bases.iter().map(String::as_str).collect();
            format!(
                "Client {}: {} grants in the ledger that no document calls for, {} missing that documents call for ({}).",
                d.client.0,
                d.unfounded,
                d.missing,
                bases.join(", ")
            )
        })
        .collect();
    let wrong = ledger::wrong_marks(database).await?;
    if wrong > 0 {
        told.push(format!("{wrong} grants are marked wrongly as to whether a restriction stands on their client."));
    }
    if told.is_empty() {
        told.push(format!("The ledger of {compared} clients is what their documents call for."));
    }
    findings.push(Finding { check: "ledger", ok: differences.is_empty() && wrong == 0, told });
    let checked = trace::check(database, exported).await?;
    let mut told = checked.problems.clone();
    if told.is_empty() {
        let against = if exported.is_some() { ", and they agree with the exported heads" } else { "" };
        told.push(format!(
            "{} rows in {} chains follow from each other{against}.",
            checked.rows,
            checked.heads.chains.len()
        ));
    }
    if exported.is_none() {
        told.push("A cut tail shows only against heads exported earlier: give --heads FILE.".to_owned());
    }
    if checked.unsealed > 0 {
        told.push(format!("{} rows wait to be sealed; a running service seals them at once.", checked.unsealed));
    }
    findings.push(Finding { check: "trace", ok: checked.problems.is_empty(), told });
    Ok(Report { findings, heads: checked.heads })
}
