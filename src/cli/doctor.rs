//! `alliance doctor`.

use super::start;
use crate::config::Config;
use crate::persistence::trace::Heads;
use crate::service::doctor::examine;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to check against, and where to export to.
#[derive(Args)]
pub struct DoctorArgs {
    /// Heads of the trace's chains exported earlier; they show a cut tail.
    #[arg(long)]
    heads: Option<PathBuf>,
    /// Write the heads as they are now to this file, when all is well. Keep it where the database's keeper cannot write.
    #[arg(long)]
    export_heads: Option<PathBuf>,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

/// Checks, says what is wrong, and fails if anything is.
pub async fn run(config: &Config, args: &DoctorArgs) -> Result<ExitCode, String> {
    let exported = match &args.heads {
        None => None,
        Some(file) => {
            let text =
                std::fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
            let heads: Heads =
                serde_json::from_str(&text).map_err(|e| format!("{} does not read as heads: {e}", file.display()))?;
            Some(heads)
        }
    };
    let database = start::database(config).await?;
    let report = examine(&database, exported.as_ref()).await.map_err(|f| start::told(&f))?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report).map_err(|e| e.to_string())?);
    } else {
        for finding in &report.findings {
            println!("{} {}", if finding.ok { "ok  " } else { "BAD " }, finding.check);
            for line in &finding.told {
                println!("     {line}");
            }
        }
    }
    if !report.ok() {
        return Ok(ExitCode::from(1));
    }
    if let Some(file) = &args.export_heads {
        let text = serde_json::to_string_pretty(&report.heads).map_err(|e| e.to_string())?;
        std::fs::write(file, text).map_err(|e| format!("{} cannot be written: {e}", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
