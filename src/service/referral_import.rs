//! Bulk import of referrals from a sender's own system: a CSV file, row by row, each drafted and submitted in one transaction of its own.
//!
//! Nothing grows with the file: a row is read when the one before is done, and what is to be told of it is taken before the next. A file
//! that broke off, or whose sender hung up, is sent again: what was sent under the same reference is not sent twice.
//!
//! What is known already is looked up as the sender sees it. A referral that is hidden from them is not there (C13): nothing of the
//! answer, and no constraint of the database, tells of it (C14).

mod columns;
mod row;
mod told;

pub use columns::{COLUMNS, template};
pub use told::{Known, Progress, Stopped, Summary, Told, Wrong};

use super::context::{App, Context, Failure};
use super::import::rows::{Cut, Rows};
use super::referral::{self, SENDERS};
use super::unit::{Begun, Unit};
use crate::domain::code::Coded;
use crate::domain::failure::{UserError, UserErrorCode};
use crate::domain::ids::{OrganisationId, ReferralId, TypedId};
use crate::domain::mutation::Asked;
use crate::domain::organisation_name::OrganisationKind;
use crate::persistence::organisation;
use crate::persistence::referral as referrals;
use crate::policy::viewer::Viewer;
use csv::ByteRecord;
use row::Row;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::io::Read;
use std::sync::Arc;
use tokio::sync::mpsc;

/// How a file is imported.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Runs every check, stores nothing.
    pub dry_run: bool,
    /// The most rows that are read.
    pub most_rows: u64,
}

/// How many rows lie between two tellings of how far it is.
const STRIDE: u64 = 100;
/// The most references that a dry run remembers, to find those that stand twice: eight bytes each.
const MOST_REMEMBERED: usize = 100_000;

/// A row as it came out of the file.
type Cutting = std::io::Result<(u64, Cut, ByteRecord)>;

/// A file being imported.
pub struct Import {
    app: Arc<App>,
    viewer: Viewer,
    request_id: Arc<str>,
    manner: Manner,
    header: Vec<usize>,
    rows: mpsc::Receiver<Cutting>,
    /// In a dry run, of the references so far: the first eight bytes of their hashes.
    seen: HashSet<u64>,
    summary: Summary,
}

/// What became of a row.
enum Became {
    Sent,
    Known(Option<ReferralId>),
}

impl Import {
    /// Looks whether the viewer may import, and reads the header. The file is read in a thread of its own, a few rows ahead.
    pub async fn begin(
        app: Arc<App>,
        viewer: Viewer,
        request_id: Arc<str>,
        manner: Manner,
        file: impl Read + Send + 'static,
    ) -> Result<Self, Failure> {
        may_import(&app, &viewer).await?;
        let (sender, mut rows) = mpsc::channel(4);
        std::thread::Builder::new()
            .name("referral import".to_owned())
            .spawn(move || cut(file, &sender))
            .map_err(|_| Failure::Fault(crate::persistence::fault::Fault::new("no thread for an import")))?;
        let header = match rows.recv().await {
            Some(Ok((_, Cut::Whole, cells))) => header(&cells)?,
            Some(Ok(_)) => return Err(refused("The header is not a row of column names.")),
            Some(Err(_)) => return Err(refused("The file could not be read.")),
            None => return Err(refused("The file is empty: the first row names the columns.")),
        };
        let summary = Summary { dry_run: manner.dry_run, ..Summary::default() };
        Ok(Self { app, viewer, request_id, manner, header, rows, seen: HashSet::new(), summary })
    }

    /// Imports the rest, and tells of it line by line. Whoever no longer listens has the row in work finished, and the rest not begun.
    pub async fn run(mut self, told: &mpsc::Sender<Told>) -> Summary {
        let stopped = self.rows(told).await;
        if let Some(error) = stopped {
            let _ = told.send(Told::Stopped { error }).await;
        } else {
            self.summary.complete = !told.is_closed();
        }
        let s = self.summary;
        tracing::info!(
            request_id = %self.request_id, rows = s.rows, sent = s.sent, already_sent = s.already_sent, rejected = s.rejected,
            dry_run = s.dry_run, complete = s.complete, "imported referrals"
        );
        let _ = told.send(Told::Summary { summary: s }).await;
        s
    }

    async fn rows(&mut self, told: &mpsc::Sender<Told>) -> Option<Stopped> {
        loop {
            let cutting = tokio::select! {
                biased;
                () = told.closed() => return None,
                next = self.rows.recv() => next?,
            };
            let (line, cut, cells) = match cutting {
                Ok(row) => row,
                Err(error) => return Some(broke_off(&error)),
            };
            if self.summary.rows >= self.manner.most_rows {
                let message =
                    format!("The file has more than {} rows: send the rest as another.", self.manner.most_rows);
                return Some(Stopped { code: "BAD_REQUEST", message });
            }
            self.summary.rows += 1;
            for one in match self.row(line, cut, &cells).await {
                Ok(lines) => lines,
                Err(stopped) => return Some(stopped),
            } {
                told.send(one).await.ok()?;
            }
            if self.summary.rows.is_multiple_of(STRIDE) {
                let progress = Progress { rows: self.summary.rows, sent: self.summary.sent };
                told.send(Told::Progress { progress }).await.ok()?;
            }
        }
    }

    /// One row, and what is to be told of it. A failure that is not the row's stops the import.
    async fn row(&mut self, line: u64, cut: Cut, cells: &ByteRecord) -> Result<Vec<Told>, Stopped> {
        let read = self.whole(cut).and_then(|()| row::read(&self.header, cells, self.app.clock.now()));
        let row = match read {
            Ok(row) => row,
            Err(errors) => return Ok(self.rejected(line, errors)),
        };
        match self.send(&row).await {
            Ok(Became::Sent) => {
                self.summary.sent += 1;
                Ok(Vec::new())
            }
            Ok(Became::Known(of)) => {
                self.summary.already_sent += 1;
                let known = Known {
                    line,
                    reference: row.reference,
                    already_sent: of.map(TypedId::global),
                    repeated: of.is_none(),
                };
                Ok(vec![Told::Known(known)])
            }
            Err(Failure::User(errors)) => Ok(self.rejected(line, errors)),
            Err(failure) => Err(self.stopped(&failure)),
        }
    }

    /// Sends one row, in a transaction and a request context of its own.
    async fn send(&mut self, row: &Row) -> Result<Became, Failure> {
        let ctx = Context::new(
            Arc::clone(&self.app),
            self.viewer.clone(),
            Arc::clone(&self.request_id),
            Arc::from("referralImport"),
        );
        let asked = Asked { validate_only: self.manner.dry_run, ..Asked::default() };
        let became = sent(&ctx, &asked, row).await?;
        if matches!(became, Became::Sent) && self.manner.dry_run {
            // Nothing was told, and nobody is there whom it could have been told of.
            return Ok(if self.repeats(&row.reference) { Became::Known(None) } else { became });
        }
        // Not recorded: nothing may be told (C20). What was sent is sent, and told when the file is sent again.
        ctx.commit_trace()
            .await
            .map_err(|_| Failure::Fault(crate::persistence::fault::Fault::new("not recorded")))?;
        Ok(became)
    }

    /// Whether a dry run has seen the reference before. It remembers so many and no more, so that it does not grow with the file.
    fn repeats(&mut self, reference: &str) -> bool {
        let hash = Sha256::digest(reference.as_bytes());
        let key = hash.first_chunk().map_or(0, |first: &[u8; 8]| u64::from_be_bytes(*first));
        self.seen.contains(&key) || (self.seen.len() < MOST_REMEMBERED && !self.seen.insert(key))
    }

    fn whole(&self, cut: Cut) -> Result<(), Vec<UserError>> {
        let (column, message) = match cut {
            Cut::Whole => return Ok(()),
            Cut::TooLong => (None, "The row is longer than 64 KiB."),
            Cut::Unclosed(at) => (Some(at), "A quotation mark is opened and never closed."),
            Cut::TextAfterQuote(at) => (Some(at), "Text follows a closing quotation mark; write each within twice."),
        };
        let column = column.and_then(|at| self.header.get(at)).and_then(|i| COLUMNS.get(*i));
        let error = UserError::new(UserErrorCode::Invalid, message);
        Err(vec![match column {
            Some(column) => UserError { field: vec![column.name.clone()], ..error },
            None => error,
        }])
    }

    fn rejected(&mut self, line: u64, errors: Vec<UserError>) -> Vec<Told> {
        self.summary.rejected += 1;
        let wrong = |e: UserError| {
            Told::Wrong(Wrong { line, column: columns::blamed(&e), code: e.code.code(), message: e.message })
        };
        errors.into_iter().map(wrong).collect()
    }

    fn stopped(&self, failure: &Failure) -> Stopped {
        let (code, message) = match failure {
            Failure::MembershipEnded => ("UNAUTHENTICATED", "Sign in again, and send the file again to go on."),
            Failure::Forbidden => ("FORBIDDEN", "This operation is not for your role."),
            Failure::User(_) | Failure::Fault(_) => {
                if let Failure::Fault(fault) = failure {
                    tracing::error!(request_id = %self.request_id, error = fault.for_log(), "an import stopped");
                }
                ("UNAVAILABLE", "The service cannot go on now. Send the file again: what was sent is not sent twice.")
            }
        };
        Stopped { code, message: message.to_owned() }
    }
}

/// Reads a file into rows until it ends or nobody wants more.
fn cut(file: impl Read, rows: &mpsc::Sender<Cutting>) {
    let mut cutter = Rows::new(file);
    loop {
        let mut cells = ByteRecord::new();
        let next = match cutter.next(&mut cells) {
            Ok(Some((line, cut))) => Ok((line, cut, cells)),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        let ends = next.is_err();
        if rows.blocking_send(next).is_err() || ends {
            return;
        }
    }
}

fn broke_off(error: &std::io::Error) -> Stopped {
    let message = format!(
        "The file could not be read to its end ({}). Send it again to go on: what was sent is not sent twice.",
        error.kind()
    );
    Stopped { code: "BAD_REQUEST", message }
}

fn refused(message: impl Into<String>) -> Failure {
    Failure::user(UserErrorCode::Invalid, "", message)
}

/// Whether the viewer may import: who may refer, for an organisation. A private person or a landlord says of one person at a time what
/// that person said to them (C23).
async fn may_import(app: &App, viewer: &Viewer) -> Result<(), Failure> {
    if !viewer.roles.any(SENDERS) {
        return Err(Failure::Forbidden);
    }
    let tx = app.database.begin().await?;
    let sender = organisation::one(&tx, viewer.organisation).await?;
    tx.rollback().await?;
    let Some(sender) = sender else { return Err(Failure::Forbidden) };
    if sender.is_category || matches!(sender.kind, OrganisationKind::FriendsOrFamily | OrganisationKind::Landlord) {
        let message = "Private persons and landlords refer one person at a time. Nothing was imported.";
        return Err(Failure::user(UserErrorCode::NotAllowed, "", message));
    }
    Ok(())
}

/// The columns of the header, in its order.
fn header(cells: &ByteRecord) -> Result<Vec<usize>, Failure> {
    let mut header: Vec<usize> = Vec::with_capacity(cells.len());
    for (place, cell) in cells.iter().enumerate() {
        let name = str::from_utf8(cell).unwrap_or_default().trim();
        match COLUMNS.iter().position(|c| c.name.eq_ignore_ascii_case(name)) {
            None => {
                let message =
                    format!("Column {} has a name that the template does not have. Nothing was imported.", place + 1);
                return Err(refused(message));
            }
            Some(column) if header.contains(&column) => {
                let name = COLUMNS.get(column).map_or("", |c| &c.name);
                return Err(refused(format!("The column `{name}` is there twice. Nothing was imported.")));
            }
            Some(column) => header.push(column),
        }
    }
    for needed in ["reference", "urgency", "given_name", "family_name"] {
        if !header.iter().filter_map(|i| COLUMNS.get(*i)).any(|c| c.name == needed) {
            return Err(refused(format!("There is no column `{needed}`. Nothing was imported.")));
        }
    }
    Ok(header)
}

/// Drafts and submits a row in one transaction, unless the viewer sent it before. Nobody else sends under the same reference meanwhile.
async fn sent(ctx: &Context, asked: &Asked, row: &Row) -> Result<Became, Failure> {
    let mut unit = match Unit::begin(ctx, "referralImport", asked).await? {
        Begun::Fresh(unit) => *unit,
        Begun::Replayed(id) => return Ok(Became::Known(Some(id))),
    };
    referrals::hold_reference(unit.tx(), ctx.viewer.organisation, &row.reference).await?;
    if let Some(known) = unit.scope().sent_as(&row.reference).await? {
        ctx.note_involvement(&known.disclosure);
        return Ok(Became::Known(Some(known.id)));
    }
    let mut draft = row.draft.clone();
    if let Some(consent) = &mut draft.consent {
        consent.recipients = recipients(&unit, &row.recipients).await?;
    }
    let id = referral::drafted(&mut unit, &draft).await?;
    unit.record("referral.drafted", id).await?;
    let id = referral::submitted(&mut unit, &id.global(), 1).await?;
    unit.finish("referral.submitted", id).await?;
    Ok(Became::Sent)
}

/// The global ids of organisations by name, alias or id.
async fn recipients(unit: &Unit<'_>, named: &[String]) -> Result<Vec<String>, Failure> {
    let mut all = Vec::with_capacity(named.len());
    for name in named {
        let found = match OrganisationId::parse(name) {
            Some(id) => Some(id),
            // A name stands for the body that goes by it now.
            None => organisation::named(unit.tx(), name).await?.map(|named| named.survivor),
        };
        let Some(id) = found else {
            let message = "Names an organisation that is not registered under that name.";
            return Err(Failure::user(UserErrorCode::NotFound, "consent_recipients", message));
        };
        all.push(id.global());
    }
    Ok(all)
}
