//! `alliance rules [--check]`.

use crate::policy::rules::document;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to do with the rule table.
#[derive(Args)]
pub struct RulesArgs {
    /// Compare with this file instead of printing; fails when they differ.
    #[arg(long, num_args = 0..=1, default_missing_value = "docs/rules.md")]
    check: Option<PathBuf>,
}

/// Prints or compares.
pub fn run(args: &RulesArgs) -> Result<ExitCode, String> {
    let text = document();
    let Some(file) = &args.check else {
        print!("{text}");
        return Ok(ExitCode::SUCCESS);
    };
    let kept = std::fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
    if kept == text {
        println!("{} is the rule table", file.display());
        Ok(ExitCode::SUCCESS)
    } else {
        Err(format!("{0} is not the rule table: run `alliance rules > {0}`", file.display()))
    }
}
