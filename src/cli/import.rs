//! `alliance import`: bulk imports, run by whoever keeps the service.

mod referrals;

use crate::service::context::{App, Failure};
use crate::service::import::{self, ImportReport, LikelyPair};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Imports data in bulk. Exit code 0: all is well; 1: nothing was imported, or not the whole file was read; 2: some rows were rejected, the
/// others went in.
#[derive(clap::Args, Clone, Debug)]
pub struct ImportArgs {
    /// What to import.
    #[command(subcommand)]
    pub what: What,
    /// Computes and reports everything, and stores nothing.
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Reports as JSON, with all likely duplicates. Of referrals the report is JSON in any case, line by line.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What can be imported.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum What {
    /// Referring organisations: a CSV file in UTF-8 with a column `name`, and `kind` and `alias` where wanted.
    ReferringOrganisations {
        /// The file; `-` reads standard input.
        file: PathBuf,
    },
    /// Referrals of one sender: a CSV file in UTF-8, each row drafted and submitted on behalf of a person who works there. What was sent under
    /// the same reference is not sent again.
    Referrals(referrals::Referrals),
}

/// Imports and reports on standard output.
pub async fn run(app: &Arc<App>, args: &ImportArgs) -> Result<ExitCode, String> {
    let file = match &args.what {
        What::ReferringOrganisations { file } => file,
        What::Referrals(asked) => return referrals::run(app, asked, args.dry_run).await,
    };
    let report = import::referring_organisations(app, open(file)?, args.dry_run).await.map_err(|f| words(&f))?;
    let told = if args.json { json(&report)? } else { readable(&report, args.dry_run) };
    let mut out = std::io::stdout().lock();
    out.write_all(told.as_bytes()).and_then(|()| out.flush()).map_err(|error| {
        let done = if args.dry_run { "The dry run is done" } else { "The import is done" };
        format!("{done}, but its report could not be written: {error}")
    })?;
    Ok(ExitCode::from(report.exit_code()))
}

fn open(file: &Path) -> Result<Box<dyn Read + Send>, String> {
    if file == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    match File::open(file) {
        Ok(opened) => Ok(Box::new(opened)),
        Err(error) => Err(format!("{} cannot be opened: {error}", file.display())),
    }
}

fn words(failure: &Failure) -> String {
    match failure {
        Failure::User(errors) => errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join("\n"),
        Failure::Fault(fault) => format!("Nothing was imported: {}", fault.for_log()),
        Failure::Forbidden | Failure::MembershipEnded => "Nothing was imported: not allowed.".to_owned(),
    }
}

fn json(report: &ImportReport) -> Result<String, String> {
    let text = serde_json::to_string_pretty(report);
    text.map(|text| text + "\n").map_err(|_| "The report could not be written as JSON.".to_owned())
}

/// The most likely duplicates that the readable report shows.
const MOST_SHOWN: usize = 40;
/// The widest first column of that table.
const WIDEST: usize = 48;

fn readable(report: &ImportReport, dry_run: bool) -> String {
    let mut told = String::new();
    if dry_run {
        line(&mut told, format_args!("Dry run: nothing was stored. What would have become of the file:"));
    }
    let pairs = &report.likely_duplicates;
    for (count, what) in [
        (report.rows, "rows read"),
        (report.added, "added"),
        (report.categories, "of these are categories, no organisations"),
        (report.folded, "folded into a name that is known"),
        (report.aliases, "aliases added"),
        (report.rejected.len(), "rejected"),
        (pairs.len(), "new likely duplicates"),
    ] {
        line(&mut told, format_args!("{count:>7}  {what}"));
    }
    if !report.rejected.is_empty() {
        line(&mut told, format_args!("\nRejected:"));
        for r in &report.rejected {
            line(&mut told, format_args!("line {}: {}", r.line, r.message));
        }
    }
    if !pairs.is_empty() {
        line(&mut told, format_args!("\nLikely duplicates, for a person to decide:"));
        table(&mut told, pairs.get(..MOST_SHOWN).unwrap_or(pairs));
        if let more @ 1.. = pairs.len().saturating_sub(MOST_SHOWN) {
            line(&mut told, format_args!("… and {more} more (use --json)"));
        }
    }
    told
}

fn table(told: &mut String, pairs: &[LikelyPair]) {
    let width = pairs.iter().map(|p| p.first.chars().count()).max().unwrap_or_default().min(WIDEST);
    for p in pairs {
        line(told, format_args!("{:width$} ~ {} ({}, {} %)", p.first, p.second, p.reason, p.score));
    }
}

fn line(told: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(told, "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::import::RejectedRow;
    use clap::{CommandFactory as _, Parser};

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        args: ImportArgs,
    }

    fn report(pairs: usize) -> ImportReport {
        let pair = |i| LikelyPair {
            first: if i == 0 { "Rösti".to_owned() } else { format!("Elmore {i}") },
            second: "Elmore".to_owned(),
            reason: "MISSPELLING",
            score: 93,
            parent: None,
        };
        ImportReport {
            rows: 3,
            added: 2,
            likely_duplicates: (0..pairs).map(pair).collect(),
            rejected: vec![RejectedRow { line: 7, column: Some("name"), message: "The name is empty.".to_owned() }],
            ..ImportReport::default()
        }
    }

    #[test]
    fn arguments_read_in_either_order() {
        Program::command().debug_assert();
        for line in
            ["x referring-organisations f.csv --json --dry-run", "x --dry-run --json referring-organisations f.csv"]
        {
            let args = Program::try_parse_from(line.split(' ')).map(|p| p.args).expect(line);
            let What::ReferringOrganisations { file } = args.what else { panic!("of organisations") };
            assert!(args.json && args.dry_run && file == Path::new("f.csv"));
        }
        assert!(Program::try_parse_from(["x", "referring-organisations"]).is_err());
        assert!(Program::try_parse_from(["x", "referring-organisations", "-"]).is_ok());
    }

    #[test]
    fn the_report_is_readable() {
        let told = readable(&report(42), true);
        assert!(told.starts_with("Dry run: nothing was stored."));
        assert!(told.contains("\n      2  added\n") && told.contains("\nline 7: The name is empty.\n"));
        assert!(told.contains("\nRösti     ~ Elmore (MISSPELLING, 93 %)\nElmore 1  ~ Elmore (MISSPELLING, 93 %)\n"));
        assert!(told.ends_with("\nElmore 39 ~ Elmore (MISSPELLING, 93 %)\n… and 2 more (use --json)\n"));
        assert!(!readable(&report(40), false).contains("--json"));
        assert!(!readable(&ImportReport::default(), false).contains(':'));
    }

    #[test]
    fn the_report_is_json_with_everything() {
        let text = json(&report(42)).expect("JSON");
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["likely_duplicates"].as_array().map(Vec::len), Some(42));
        assert_eq!(value["rejected"][0]["line"], 7);
        assert_eq!(value["likely_duplicates"][0]["score"], 93);
    }

    #[test]
    fn failures_are_told_in_words() {
        assert!(
            open(Path::new("/no/such/file")).err().is_some_and(|e| e.starts_with("/no/such/file cannot be opened"))
        );
        let fault = crate::persistence::fault::Fault::new("no answer");
        assert_eq!(words(&Failure::Fault(fault)), "Nothing was imported: no answer");
    }
}
