//! `alliance schema [--check]`.

use crate::config::Config;
use crate::graphql::{DocumentLimits, schema, sdl};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to do with the schema.
#[derive(Args)]
pub struct SchemaArgs {
    /// Compare with this file instead of printing; fails when they differ.
    #[arg(long, num_args = 0..=1, default_missing_value = "schema.graphql")]
    check: Option<PathBuf>,
}

/// The schema as a document.
pub fn document() -> String {
    let limits = Config::default().limits;
    sdl(&schema(DocumentLimits { depth: limits.depth, complexity: limits.complexity }))
}

/// Prints or compares.
pub fn run(args: &SchemaArgs) -> Result<ExitCode, String> {
    let text = document();
    let Some(file) = &args.check else {
        print!("{text}");
        return Ok(ExitCode::SUCCESS);
    };
    let kept = std::fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
    if kept == text {
        println!("{} is the schema", file.display());
        Ok(ExitCode::SUCCESS)
    } else {
        Err(format!("{0} is not the schema: run `alliance schema > {0}`", file.display()))
    }
}
