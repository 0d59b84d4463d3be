//! What is told of a file of referrals while it is imported: an answer of lines.

use serde::Serialize;

/// Something told of a file while it is imported: one line of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Told {
    /// Something wrong with a row, of which nothing was stored.
    Wrong(Wrong),
    /// A row that was sent before.
    Known(Known),
    /// How far it is.
    Progress {
        /// So far.
        progress: Progress,
    },
    /// Why the rest was not read.
    Stopped {
        /// What happened.
        error: Stopped,
    },
    /// What became of the file; the last line.
    Summary {
        /// In numbers.
        summary: Summary,
    },
}

/// Something wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// The column, when one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<&'static str>,
    /// What kind of thing, as mutations name it.
    pub code: &'static str,
    /// In plain English.
    pub message: String,
}

/// A row whose reference is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// The sender's own reference.
    pub reference: String,
    /// Global id of the referral that carries it; left out where a dry run found the reference earlier in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub already_sent: Option<String>,
    /// Whether the reference stood earlier in the file, in a dry run, in which that row was not stored.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Rows done.
    pub rows: u64,
    /// Of these, sent now.
    pub sent: u64,
}

/// Why an import ended before its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stopped {
    /// What kind of thing, as errors of a whole request name it.
    pub code: &'static str,
    /// In plain English.
    pub message: String,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Rows read, the header and blank lines aside.
    pub rows: u64,
    /// Sent now; in a dry run, what would have been.
    pub sent: u64,
    /// Sent before, or twice in the file.
    pub already_sent: u64,
    /// Not sent, because something is wrong with them.
    pub rejected: u64,
    /// Whether nothing was to be stored.
    pub dry_run: bool,
    /// Whether the file was read to its end.
    pub complete: bool,
}
