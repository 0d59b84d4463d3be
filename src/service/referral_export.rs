//! Bulk export of what became of a sender's referrals: CSV, page by page, as the sender sees them.
//!
//! It tells of no person: the sender finds each by its own reference, and what it wrote it has. Each page is read through the ledger, and
//! its disclosures are committed to the trace before its bytes are given out (C20).

use super::context::{App, Context, Failure};
use super::referral::SENDERS;
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{ReferralId, TypedId};
use crate::domain::referral::{Outcome, ReferralState};
use crate::persistence::fault::Fault;
use crate::persistence::person;
use crate::persistence::referral::Referral;
use crate::policy::referral::{learns_progress_alone, outcome_for, version_for};
use crate::policy::viewer::Viewer;
use std::sync::Arc;

/// The columns, in their order.
pub const COLUMNS: &[&str] = &[
    "reference",
    "id",
    "version",
    "urgency",
    "progress",
    "state",
    "drafted_at",
    "submitted_at",
    "accepted_at",
    "closed_at",
    "outcome",
    "outcome_text",
    "onward_referral",
];

/// Referrals on a page.
const PAGE: usize = 200;

/// An export going on.
pub struct Export {
    ctx: Context,
    before: Option<ReferralId>,
    begun: bool,
    ended: bool,
}

impl Export {
    /// For who refers.
    pub fn begin(app: Arc<App>, viewer: Viewer, request_id: Arc<str>) -> Result<Self, Failure> {
        let ctx = Context::new(app, viewer, request_id, Arc::from("referralExport"));
        ctx.require(SENDERS)?;
        Ok(Self { ctx, before: None, begun: false, ended: false })
    }

    /// The next bytes, or nothing at the end. What they tell is in the trace before they are given out; an error gives out nothing.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        if self.ended {
            return Ok(None);
        }
        let page = self.ctx.scope().sent(self.before, i64::try_from(PAGE).unwrap_or(i64::MAX)).await?;
        if page.len() < PAGE {
            // A membership that ended shows nothing: that must not read like the end of the list.
            if !person::is_member(&self.ctx.app.database, &self.ctx.viewer).await? {
                return Err(Failure::MembershipEnded);
            }
            self.ended = true;
        }
        let mut file = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let odd = |_| Failure::Fault(Fault::new("a page could not be written"));
        if !self.begun {
            self.begun = true;
            file.write_record(COLUMNS).map_err(odd)?;
        }
        for r in &page {
            self.ctx.note_involvement(&r.disclosure);
            let housing = Categories::of(&[Category::Housing]);
            self.ctx.note(r.client, housing, &r.disclosure.grants_opening(Category::Housing));
            file.write_record(told(r).iter().map(|cell| harmless(cell))).map_err(odd)?;
        }
        self.before = page.last().map(|r| r.id).or(self.before);
        self.ctx.commit_trace().await.map_err(|_| Failure::Fault(Fault::new("not recorded")))?;
        let bytes = file.into_inner().map_err(|_| Failure::Fault(Fault::new("a page could not be written")))?;
        Ok(Some(bytes))
    }
}

/// A referral as its sender is told of it, cell by cell; a private sender of progress alone (C23).
fn told(r: &Referral) -> Vec<String> {
    let alone = learns_progress_alone(&r.disclosure, r.private_sender);
    let unless_alone = |cell: Option<String>| if alone { String::new() } else { cell.unwrap_or_default() };
    let moment = |at: Option<Timestamp>| at.map(Timestamp::rfc3339);
    let state = if alone && r.state != ReferralState::Draft { "" } else { r.state.code() };
    let outcome = outcome_for(&r.disclosure, r.private_sender, r.outcome);
    // Of a duplicate the words tell of the other record.
    let words = r.outcome_text.clone().filter(|_| r.outcome != Some(Outcome::Duplicate) || outcome == r.outcome);
    vec![
        r.sender_reference.clone().unwrap_or_default(),
        r.id.global(),
        version_for(&r.disclosure, r.private_sender, r.state, r.version).to_string(),
        // As it was written: what triage found is not the sender's.
        r.sent_urgency.code().to_owned(),
        r.state.progress().code().to_owned(),
        state.to_owned(),
        r.created_at.rfc3339(),
        moment(r.submitted_at).unwrap_or_default(),
        unless_alone(moment(r.accepted_at)),
        unless_alone(moment(r.closed_at)),
        outcome.map_or_else(String::new, |o| o.code().to_owned()),
        unless_alone(words),
        unless_alone(r.next_step.clone()),
    ]
}

/// A cell that no spreadsheet takes for a formula: an apostrophe is put before what would begin one.
fn harmless(cell: &str) -> String {
    let begins = cell.trim_start_matches([' ', '\u{feff}']).chars().next();
    let formula = begins.is_some_and(|c| {
        matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
    });
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for begins in ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", " =1", "\n=1", "\u{ff1d}1"] {
            assert_eq!(harmless(begins), format!("'{begins}"));
        }
        for plain in ["", "AB-1", "1=1", "a@b", "O'Neill", "'=1"] {
            assert_eq!(harmless(plain), plain);
        }
    }
}
