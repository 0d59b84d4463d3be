//! Names of referring organisations, as messy as registers hold them.
//!
//! What lives here: the key under which two spellings are one name ([`fold_key`]), whether a cell
//! holds a name at all ([`check_name`]), what kind of body a name suggests ([`guess_kind`]), whether
//! it is a category rather than a body ([`is_category`]), and which names a person should look at
//! together ([`likely_duplicates`]). Nothing here merges anything or reads anything: names in, facts out.

mod acronym;
#[cfg(test)]
mod held_out;
mod kind;
mod likeness;
#[cfg(test)]
mod likeness_tests;
mod parent;
mod register;
mod shared;
mod spelling;
#[cfg(test)]
mod tests;
mod words;

pub use kind::{OrganisationKind, guess_kind, is_category};
pub use likeness::{LikeReason, Likeness, likely_duplicates};
pub use parent::parent_stem;

/// The longest name the register takes, in characters.
pub const LONGEST_NAME: usize = 200;

/// The key under which exact duplicates fold, used as a unique key in the database.
///
/// Case, spaces, punctuation, accents, the shape of an apostrophe and "&" or "and" make no
/// difference; every letter and digit does. "Children's Centre" and "childrens centre" share a key,
/// "Sunshine Centre" and "The Sunshine Centre" do not: that is for a person to decide. Empty only
/// for a name [`check_name`] refuses.
pub fn fold_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for c in name.chars() {
        if c == '&' {
            key.push_str("and");
        } else {
            words::push_folded(&mut key, c);
        }
    }
    key
}

/// Why a row of a register is refused.
///
/// [`check_name`] finds the first five; the rest are for whoever reads the file, so that a report
/// on an import speaks one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowProblem {
    /// Nothing, or nothing but spaces.
    Empty,
    /// More than [`LONGEST_NAME`] characters.
    TooLong,
    /// A control character, a line break, or an invisible character that could disguise a name.
    ControlCharacter,
    /// Begins like a spreadsheet formula.
    Formula,
    /// Digits and punctuation only.
    NoLetter,
    /// The row has more cells than the header.
    TooManyColumns,
    /// The row is not UTF-8.
    NotText,
    /// A quotation mark was opened and never closed.
    UnclosedQuote,
}

impl RowProblem {
    /// What is wrong and what to do about it, in plain English.
    pub fn message(&self) -> &'static str {
        match self {
            Self::Empty => "The name is empty.",
            Self::TooLong => "The name is longer than 200 characters.",
            Self::ControlCharacter => "The name holds a line break or an invisible character; type it again.",
            Self::Formula => "The name begins with =, +, - or @, which a spreadsheet would run as a formula.",
            Self::NoLetter => "The name holds no letter.",
            Self::TooManyColumns => {
                "The row has more columns than the header; a name with a comma needs quotation marks."
            }
            Self::NotText => "The row is not valid UTF-8 text; save the file as UTF-8.",
            Self::UnclosedQuote => "A quotation mark is opened and never closed.",
        }
    }
}

/// The name as the register keeps it, trimmed and with inner runs of spaces made one, or why it is refused.
///
/// A tab or a no-break space counts as a space; a line break inside a name does not, for it may be
/// two rows run together.
pub fn check_name(raw: &str) -> Result<String, RowProblem> {
    let trimmed = raw.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if trimmed.is_empty() {
        return Err(RowProblem::Empty);
    }
    if trimmed.chars().any(|c| (c.is_control() && c != '\t') || is_invisible(c)) {
        return Err(RowProblem::ControlCharacter);
    }
    let name = trimmed.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() > LONGEST_NAME {
        return Err(RowProblem::TooLong);
    }
    // The second four are the full-width forms, which some spreadsheets take for the first four.
    if name.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) {
        return Err(RowProblem::Formula);
    }
    if !name.chars().any(char::is_alphabetic) {
        return Err(RowProblem::NoLetter);
    }
    Ok(name)
}

/// Characters without a shape: they hide a difference, or turn the reading direction round.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}' | '\u{e0000}'..='\u{e007f}')
}
