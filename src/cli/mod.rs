//! The command line: `alliance serve | migrate | schema | rules | token | seed | import | doctor`.
//!
//! Answers go to standard output, everything else to standard error. Exit codes: 0 all is well, 2 some rows were rejected
//! (the rest went in), any other: nothing was done, or a check failed.

mod doctor;
mod import;
mod rules;
mod schema;
mod serve;
mod start;
mod token;

use crate::config::{Config, Flags, Profile};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// The shared back end of an Alliance of agencies that keep people in their homes.
#[derive(Parser)]
#[command(name = "alliance", version, about)]
struct Arguments {
    /// Settings file (TOML). Settings come from defaults, this file, the environment (`ALLIANCE_LISTEN`,
    /// `ALLIANCE_LIMITS__DEPTH`, …) and flags, the later winning.
    #[arg(long, global = true, env = "ALLIANCE_CONFIG")]
    config: Option<PathBuf>,
    /// Database: `sqlite://PATH?mode=rwc` (made when missing) or `postgres://…`. Environment: `ALLIANCE_DATABASE_URL`.
    #[arg(long, global = true)]
    database_url: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API.
    Serve(serve::ServeArgs),
    /// Apply the database's migrations.
    Migrate {
        /// Undo this many of the latest instead.
        #[arg(long)]
        down: Option<u32>,
    },
    /// Print the schema as a document.
    Schema(schema::SchemaArgs),
    /// Print the rules of confidentiality, in words and in tables, as the program enforces them.
    Rules(rules::RulesArgs),
    /// Print a token of a demonstration persona, signed with the database's development key.
    Token(token::TokenArgs),
    /// Put invented demonstration data into an empty database.
    Seed,
    /// Import from files.
    Import(import::ImportArgs),
    /// Check migrations, the access ledger and the trace.
    Doctor(doctor::DoctorArgs),
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime does not start: {error}")),
    };
    match runtime.block_on(command(arguments)) {
        Ok(code) => code,
        Err(message) => fail(&message),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("alliance: {message}");
    ExitCode::from(1)
}

async fn command(arguments: Arguments) -> Result<ExitCode, String> {
    let mut flags = Flags { database_url: arguments.database_url, ..Flags::default() };
    if let Command::Serve(serve) = &arguments.command {
        flags.listen.clone_from(&serve.listen);
        if serve.demo {
            flags.profile = Some(Profile::Development);
        }
    }
    if let Command::Schema(args) = &arguments.command {
        return schema::run(args);
    }
    if let Command::Rules(args) = &arguments.command {
        return rules::run(args);
    }
    if let Command::Token(args) = &arguments.command
        && args.list
    {
        return Ok(token::list());
    }
    let config = Config::read(arguments.config.as_deref(), &flags)?;
    start::logging(&config);
    match &arguments.command {
        Command::Serve(args) => serve::run(&config, args).await,
        Command::Migrate { down } => start::migrate(&config, *down).await,
        Command::Schema(_) | Command::Rules(_) => Ok(ExitCode::SUCCESS),
        Command::Token(args) => token::run(&config, args).await,
        Command::Seed => serve::seed(&config).await,
        Command::Import(args) => import::run(&start::app(&config).await?, args).await,
        Command::Doctor(args) => doctor::run(&config, args).await,
    }
}
