//! `alliance import referrals`: a sender's file, imported on behalf of one of its people, straight into the database.

use crate::domain::ids::{OrganisationId, TypedId};
use crate::persistence::{organisation, person};
use crate::policy::viewer::Viewer;
use crate::service::context::{App, Failure};
use crate::service::referral_import::{Import, Manner, Summary, Told};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Whose file it is.
#[derive(clap::Args, Clone, Debug)]
pub struct Referrals {
    /// The file, CSV in UTF-8 with the columns of `GET /referrals/template`; `-` reads standard input.
    pub file: PathBuf,
    /// The issuer that knows the person who imports.
    #[arg(long)]
    pub issuer: String,
    /// The person's subject there.
    #[arg(long)]
    pub subject: String,
    /// The organisation they import for: its name, an alias or its global id.
    #[arg(long)]
    pub organisation: String,
}

/// Imports, and reports line by line on standard output: JSON, a line for whatever is not simply sent, the summary last.
pub async fn run(app: &Arc<App>, asked: &Referrals, dry_run: bool) -> Result<ExitCode, String> {
    let viewer = viewer(app, asked).await?;
    let (file, bar) = open(&asked.file)?;
    let counted = bar.wrap_read(file);
    let request_id = app.random.uuid_random().simple().to_string().into();
    let manner = Manner { dry_run, most_rows: u64::MAX };
    let begun = Import::begin(Arc::clone(app), viewer, request_id, manner, counted).await;
    let import = begun.map_err(|failure| words(&failure))?;
    let (lines, told) = mpsc::channel(64);
    let (summary, written) = tokio::join!(report(import, lines), write(told, &bar));
    bar.finish_and_clear();
    written.map_err(|error| {
        format!(
            "The report could not be written: {error}. {} rows were sent; import the file again to go on.",
            summary.sent
        )
    })?;
    if !summary.complete {
        return Err(format!(
            "Not the whole file was read. {} rows were sent; import it again to go on.",
            summary.sent
        ));
    }
    Ok(ExitCode::from(if summary.rejected == 0 { 0 } else { 2 }))
}

async fn report(import: Import, lines: mpsc::Sender<Told>) -> Summary {
    import.run(&lines).await
}

/// Whoever the identity is, acting for the organisation, in all the roles of that membership.
async fn viewer(app: &App, asked: &Referrals) -> Result<Viewer, String> {
    let told = |f: crate::persistence::fault::Fault| format!("Nothing was imported: {}", f.for_log());
    let of = match OrganisationId::parse(&asked.organisation) {
        Some(id) => Some(id),
        None => {
            let tx = app.database.begin().await.map_err(told)?;
            let found = organisation::named(&tx, &asked.organisation).await.map_err(told)?;
            tx.rollback().await.map_err(told)?;
            // A name stands for the body that goes by it now.
            found.map(|named| named.survivor)
        }
    };
    let of = of.ok_or("Nothing was imported: there is no such organisation.")?;
    let found = person::viewer(&app.database, &asked.issuer, &asked.subject, of).await.map_err(told)?;
    found.ok_or_else(|| "Nothing was imported: no such person works for that organisation.".to_owned())
}

/// The file, and a bar on a terminal's standard error that shows how much of it is read.
fn open(file: &Path) -> Result<(Box<dyn Read + Send>, ProgressBar), String> {
    let draw = ProgressDrawTarget::stderr();
    if file == Path::new("-") {
        return Ok((Box::new(io::stdin()), ProgressBar::with_draw_target(None, draw).with_style(style(false))));
    }
    let failed = |error| format!("{} cannot be opened: {error}", file.display());
    let opened = File::open(file).map_err(failed)?;
    let length = opened.metadata().map_err(failed)?.len();
    Ok((Box::new(opened), ProgressBar::with_draw_target(Some(length), draw).with_style(style(true))))
}

fn style(length_is_known: bool) -> ProgressStyle {
    let template = if length_is_known {
        "{bar:40} {percent} % {msg} {elapsed} (about {eta} left)"
    } else {
        "{spinner} {bytes} {msg} {elapsed}"
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Writes what is told; how far it is moves the bar.
async fn write(mut told: mpsc::Receiver<Told>, bar: &ProgressBar) -> io::Result<()> {
    while let Some(one) = told.recv().await {
        if let Told::Progress { progress } = &one {
            bar.set_message(format!("{} rows, {} sent", progress.rows, progress.sent));
            continue;
        }
        let line = serde_json::to_string(&one)? + "\n";
        bar.suspend(|| io::stdout().lock().write_all(line.as_bytes()))?;
    }
    io::stdout().lock().flush()
}

fn words(failure: &Failure) -> String {
    match failure {
        Failure::Forbidden | Failure::MembershipEnded => {
            "Nothing was imported: the person's roles do not refer.".to_owned()
        }
        Failure::User(errors) => errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join("\n"),
        Failure::Fault(fault) => format!("Nothing was imported: {}", fault.for_log()),
    }
}
