//! Bulk import of referring organisations from a CSV file.
//!
//! The file is read to its end before anything is written, so that a slow file never holds the database. Then everything
//! good goes in, in one transaction; bad rows are reported and do no harm. Importing the same file again changes nothing.

pub(super) mod rows;

use super::context::{App, Failure};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::failure::UserErrorCode;
use crate::domain::ids::{OrganisationId, TypedId};
use crate::domain::organisation::implied_by;
use crate::domain::organisation_name::{
    LikeReason, OrganisationKind, RowProblem, check_name, fold_key, guess_kind, is_category, likely_duplicates,
    parent_stem,
};
use crate::persistence::convention;
use crate::persistence::database::Tx;
use crate::persistence::organisation::{self as registry, NewOrganisation};
use csv::ByteRecord;
use rows::{Cut, Rows};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::io::Read;

/// Two organisations that look alike and were not reported before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LikelyPair {
    /// The name registered first.
    pub first: String,
    /// The other.
    pub second: String,
    /// Why: a code of [`LikeReason`].
    pub reason: &'static str,
    /// How sure, in per cent.
    pub score: u8,
    /// A name for the body behind two offices, to be edited.
    pub parent: Option<String>,
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RejectedRow {
    /// The line of the file it begins on, from 1.
    pub line: u64,
    /// The column, when one is to blame.
    pub column: Option<&'static str>,
    /// What is wrong and what to do about it.
    pub message: String,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Rows read, the header and blank lines aside.
    pub rows: usize,
    /// Organisations and categories added.
    pub added: usize,
    /// Rows that repeat a name or alias of the registry or of the file.
    pub folded: usize,
    /// How many of those added are categories such as "Self" and no organisations.
    pub categories: usize,
    /// Aliases added.
    pub aliases: usize,
    /// Likely duplicates among all names of the registry that were not reported before, the surest first.
    pub likely_duplicates: Vec<LikelyPair>,
    /// Rows not taken, in the order of the file.
    pub rejected: Vec<RejectedRow>,
}

impl ImportReport {
    /// The exit code of a program that did nothing else: 0 when all is well, 2 when rows were rejected.
    pub fn exit_code(&self) -> u8 {
        if self.rejected.is_empty() { 0 } else { 2 }
    }
}

/// Imports referring organisations from a CSV file with a column `name`, and columns `kind` (a code of
/// [`OrganisationKind`]) and `alias` (another name of the same organisation) where wanted.
///
/// What is in the registry stays as it is, but for added aliases. What is added is never a partner. With `dry_run`
/// everything is computed, and nothing stays.
pub async fn referring_organisations(app: &App, reader: impl Read, dry_run: bool) -> Result<ImportReport, Failure> {
    let Register { rows, mut folded, good, mut rejected } =
        read(reader).map_err(|problem| Failure::user(UserErrorCode::Invalid, "", problem))?;
    let tx = app.database.begin().await?;
    registry::hold_names(&tx).await?;
    let mut import =
        Import { app, tx, at: app.clock.now(), known: HashMap::new(), added: 0, categories: 0, aliases: 0 };
    for row in good {
        match import.take(&row).await? {
            Taken::Added => {}
            Taken::Folded => folded += 1,
            Taken::AliasOfAnother => rejected.push(RejectedRow {
                line: row.line,
                column: Some(ALIAS),
                message: "The alias is the name of another organisation; if the two are one, merge them first."
                    .to_owned(),
            }),
        }
    }
    rejected.sort_by_key(|r| r.line);
    let likely_duplicates = import.report_likely_duplicates().await?;
    let Import { tx, added, categories, aliases, .. } = import;
    if dry_run {
        tx.rollback().await?;
    } else {
        tx.commit().await?;
    }
    tracing::info!(rows, added, folded, rejected = rejected.len(), dry_run, "imported referring organisations");
    Ok(ImportReport { rows, added, folded, categories, aliases, likely_duplicates, rejected })
}

/// What became of a good row.
enum Taken {
    Added,
    Folded,
    AliasOfAnother,
}

/// Whose a name is, and which organisation stands for that one.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Holder {
    id: OrganisationId,
    survivor: OrganisationId,
}

/// An import going on in its transaction.
struct Import<'a> {
    app: &'a App,
    tx: Tx,
    at: Timestamp,
    /// Whose a folded name is, as far as was asked, and which organisation stands for it.
    known: HashMap<String, Holder>,
    added: usize,
    categories: usize,
    aliases: usize,
}

impl Import<'_> {
    async fn holder(&mut self, name: &str) -> Result<Option<Holder>, Failure> {
        let key = fold_key(name);
        if let Some(known) = self.known.get(&key) {
            return Ok(Some(*known));
        }
        let found = registry::named(&self.tx, name).await?;
        let holder = found.map(|n| Holder { id: n.id, survivor: n.survivor });
        if let Some(holder) = holder {
            self.known.insert(key, holder);
        }
        Ok(holder)
    }

    async fn take(&mut self, row: &GoodRow) -> Result<Taken, Failure> {
        let existing = self.holder(&row.name).await?;
        let mut new_alias = None;
        if let Some(alias) = &row.alias {
            match self.holder(alias).await? {
                None => new_alias = Some(alias),
                // Names of one body that was merged are one another's aliases already.
                Some(same) if existing.is_some_and(|e| e.survivor == same.survivor) => {}
                Some(_) => return Ok(Taken::AliasOfAnother),
            }
        }
        let holder = match existing {
            Some(holder) => holder,
            None => self.register(row).await?,
        };
        if let Some(alias) = new_alias {
            registry::add_alias(&self.tx, holder.id, alias, self.at, &*self.app.random).await?;
            self.tell("organisation.updated", holder.id).await?;
            self.known.insert(fold_key(alias), holder);
            self.aliases += 1;
        }
        Ok(if existing.is_some() { Taken::Folded } else { Taken::Added })
    }

    async fn register(&mut self, row: &GoodRow) -> Result<Holder, Failure> {
        // A microsecond apart, so that the registry keeps the order of the file.
        let place = i64::try_from(self.added).unwrap_or(i64::MAX);
        let id = OrganisationId(self.app.random.uuid_timed(Timestamp(self.at.0.saturating_add(place))));
        let kind = row.kind.unwrap_or_else(|| guess_kind(&row.name));
        let new = NewOrganisation {
            id,
            name: row.name.clone(),
            kind,
            is_partner: false,
            is_category: is_category(&row.name),
            parent: None,
            implies: implied_by(kind),
        };
        registry::register(&self.tx, &new, self.at).await?;
        self.tell("organisation.registered", id).await?;
        let holder = Holder { id, survivor: id };
        self.known.insert(fold_key(&row.name), holder);
        self.added += 1;
        self.categories += usize::from(new.is_category);
        Ok(holder)
    }

    async fn tell(&self, kind: &str, of: OrganisationId) -> Result<(), Failure> {
        convention::system_event(&self.tx, kind, of.global(), self.at, &*self.app.random).await?;
        Ok(())
    }

    async fn report_likely_duplicates(&self) -> Result<Vec<LikelyPair>, Failure> {
        let all = registry::all_names(&self.tx).await?;
        let names: Vec<&str> = all.iter().map(|(_, name)| name.as_str()).collect();
        let mut new = Vec::new();
        for like in likely_duplicates(&names) {
            let (Some((first, a)), Some((second, b))) = (all.get(like.first), all.get(like.second)) else { continue };
            let (pair, score) = ((*first, *second), i64::from(like.score_percent));
            if registry::report_likeness(&self.tx, pair, like.reason, score, self.at, &*self.app.random).await? {
                new.push(LikelyPair {
                    first: a.clone(),
                    second: b.clone(),
                    reason: like.reason.code(),
                    score: like.score_percent,
                    parent: (like.reason == LikeReason::LocalOffice).then(|| parent_stem(a, b)).flatten(),
                });
            }
        }
        new.sort_by_key(|pair| std::cmp::Reverse(pair.score));
        Ok(new)
    }
}

const NAME: &str = "name";
const KIND: &str = "kind";
const ALIAS: &str = "alias";
const COLUMNS: [&str; 3] = [NAME, KIND, ALIAS];

/// A row that can be taken, unless its alias is somebody else's name.
#[derive(Debug, PartialEq, Eq)]
struct GoodRow {
    line: u64,
    name: String,
    kind: Option<OrganisationKind>,
    alias: Option<String>,
}

/// A file, read.
#[derive(Debug, Default)]
struct Register {
    rows: usize,
    /// Rows that say no more than one before them.
    folded: usize,
    good: Vec<GoodRow>,
    rejected: Vec<RejectedRow>,
}

/// What is wrong with a row, and in which column.
type Wrong = (Option<&'static str>, String);

fn read(reader: impl Read) -> Result<Register, String> {
    let unread = |error: std::io::Error| {
        format!("The file could not be read to its end ({}); nothing was imported.", error.kind())
    };
    let (mut rows, mut cells) = (Rows::new(reader), ByteRecord::new());
    let columns = match rows.next(&mut cells).map_err(unread)? {
        Some((_, Cut::Whole)) => header(&cells)?,
        Some(_) => return Err("The header is not a row of column names.".to_owned()),
        None => return Err(no_name("The file is empty")),
    };
    let mut register = Register::default();
    let mut plain = HashSet::new();
    while let Some((line, cut)) = rows.next(&mut cells).map_err(unread)? {
        register.rows += 1;
        match whole(cut, &columns).and_then(|()| good_row(line, &cells, &columns)) {
            // An export may hold a name many times: it is kept once.
            Ok(row) if row.alias.is_none() && !plain.insert(fold_key(&row.name)) => register.folded += 1,
            Ok(row) => register.good.push(row),
            Err((column, message)) => register.rejected.push(RejectedRow { line, column, message }),
        }
    }
    Ok(register)
}

fn no_name(found: &str) -> String {
    format!("{found}: the first row must name the columns, and one of them must be `{NAME}`. Nothing was imported.")
}

/// The columns of the header in order.
fn header(cells: &ByteRecord) -> Result<Vec<&'static str>, String> {
    let mut columns = Vec::with_capacity(cells.len());
    let mut unknown = Vec::new();
    for cell in cells {
        let Ok(cell) = str::from_utf8(cell) else {
            return Err(
                "The header is not valid UTF-8 text; save the file as UTF-8. Nothing was imported.".to_owned()
            );
        };
        match COLUMNS.iter().find(|c| c.eq_ignore_ascii_case(cell.trim())) {
            Some(column) if columns.contains(column) => {
                return Err(format!("The column `{column}` is there twice. Nothing was imported."));
            }
            Some(column) => columns.push(*column),
            None => unknown.push(cell),
        }
    }
    if !unknown.is_empty() {
        let more = unknown.len().saturating_sub(MOST_TOLD);
        let told: Vec<_> = unknown.iter().take(MOST_TOLD).map(|c| format!("`{}`", shown(c))).collect();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let missing = if columns.contains(&NAME) { "" } else { " There is no column `name`." };
        return Err(format!(
            "Unknown columns: {}{more}.{missing} A register has the column `{NAME}` and may have `{KIND}` and `{ALIAS}`. \
            Nothing was imported.",
            told.join(", ")
        ));
    }
    if !columns.contains(&NAME) {
        return Err(no_name("There is no column `name`"));
    }
    Ok(columns)
}

/// The most unknown columns that a message lists.
const MOST_TOLD: usize = 10;

/// Text from a file, fit for a terminal.
fn shown(text: &str) -> String {
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.trim().chars().take(40).map(escape).collect()
}

fn whole(cut: Cut, columns: &[&'static str]) -> Result<(), Wrong> {
    match cut {
        Cut::Whole => Ok(()),
        Cut::TooLong => Err((None, "The row is longer than 64 KiB.".to_owned())),
        Cut::Unclosed(column) => Err((columns.get(column).copied(), RowProblem::UnclosedQuote.message().to_owned())),
        Cut::TextAfterQuote(column) => Err((
            columns.get(column).copied(),
            "Text follows a closing quotation mark; within a name in quotation marks write each of them twice."
                .to_owned(),
        )),
    }
}

fn good_row(line: u64, cells: &ByteRecord, columns: &[&'static str]) -> Result<GoodRow, Wrong> {
    if cells.len() > columns.len() {
        return Err((None, RowProblem::TooManyColumns.message().to_owned()));
    }
    let (mut name, mut kind, mut alias) = ("", "", "");
    for (column, cell) in columns.iter().copied().zip(cells) {
        let cell = str::from_utf8(cell).map_err(|_| (Some(column), RowProblem::NotText.message().to_owned()))?;
        match column {
            KIND => kind = cell.trim(),
            ALIAS => alias = cell,
            _ => name = cell,
        }
    }
    let name = check_name(name).map_err(|p| (Some(NAME), p.message().to_owned()))?;
    let kind = match kind {
        "" => None,
        code => Some(OrganisationKind::from_code(code).ok_or_else(|| {
            let advice = "There is no such kind; write a code such as PROBATION, or nothing to have it guessed.";
            (Some(KIND), advice.to_owned())
        })?),
    };
    let alias = match check_name(alias) {
        Ok(alias) => Some(alias).filter(|alias| fold_key(alias) != fold_key(&name)),
        Err(RowProblem::Empty) => None,
        Err(p) => return Err((Some(ALIAS), format!("The alias is no name. {}", p.message()))),
    };
    Ok(GoodRow { line, name, kind, alias })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejected(file: &str) -> Vec<(u64, Option<&'static str>, String)> {
        let register = read(file.as_bytes()).expect("the header is fine");
        register.rejected.into_iter().map(|r| (r.line, r.column, r.message)).collect()
    }

    #[test]
    fn headers_are_known_or_refused_by_name() {
        for (file, says) in [
            ("", "The file is empty"),
            ("\n\n", "The file is empty"),
            ("kind\nPROBATION\n", "no column `name`"),
            ("name,Name\nx\n", "`name` is there twice"),
            ("name,post code,\u{1b}[2Jx\nx\n", "Unknown columns: `post code`, `\\u{1b}[2Jx`. A register"),
            ("name;kind\nx\n", "Unknown columns: `name;kind`. There is no column `name`."),
            ("name,\nx\n", "Unknown columns: ``."),
            ("\"name\nx\n", "The header is not a row"),
        ] {
            let problem = read(file.as_bytes()).expect_err(file);
            assert!(problem.contains(says), "{file:?}: {problem}");
        }
        let many = read(format!("name,{}", "x,".repeat(500)).as_bytes()).expect_err("many unknown columns");
        assert!(many.contains("and 491 more") && many.len() < 300, "{many}");
        assert!(read(&b"\xff\xfen\0a\0m\0e\0"[..]).expect_err("UTF-16").contains("save the file as UTF-8"));
        let fine = read("\u{feff}Alias, NAME ,kind\r\nOCC,Oxfordshire County Council,\r\n".as_bytes()).expect("fine");
        let name = "Oxfordshire County Council".to_owned();
        assert_eq!(fine.good, [GoodRow { line: 2, name, kind: None, alias: Some("OCC".to_owned()) }]);
    }

    #[test]
    fn each_bad_cell_is_blamed_on_its_column() {
        let file = "name,kind,alias\n\
            Elmore,PRISON,Elmore Team\n\
            Aspire,Prison,\n\
            Crisis,,=1+1\n\
            ,,\n\
            Restore\n\
            a,b,c,d\n\
            Emmaus,,\"Emmaus\n\
            Mind,,\"Oxon\" Mind\n";
        let columns: Vec<_> = rejected(file).into_iter().map(|(line, column, _)| (line, column)).collect();
        let expected =
            [(3, Some(KIND)), (4, Some(ALIAS)), (5, Some(NAME)), (7, None), (8, Some(ALIAS)), (9, Some(ALIAS))];
        assert_eq!(columns, expected);
        let good = read(file.as_bytes()).expect("fine").good;
        assert_eq!(good.iter().map(|r| &*r.name).collect::<Vec<_>>(), ["Elmore", "Restore"]);
        assert_eq!(good[0].kind, Some(OrganisationKind::Prison));
    }

    #[test]
    fn repeated_names_are_kept_once() {
        let mut file = String::from("name,alias\nElmore,Elmore Team\nELMORE,\n");
        file.push_str(&"Restore,restore.\n".repeat(1000));
        let register = read(file.as_bytes()).expect("fine");
        assert_eq!((register.rows, register.folded, register.good.len()), (1002, 999, 3));
    }

    #[test]
    fn a_file_that_fails_half_way_is_refused() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::ConnectionReset.into())
            }
        }
        let problem = read((&b"name\nElmore\n"[..]).chain(Broken)).expect_err("it breaks");
        assert!(problem.contains("connection reset"), "{problem}");
    }

    #[test]
    fn rejected_rows_make_the_exit_code() {
        let row = RejectedRow { line: 2, column: None, message: String::new() };
        assert_eq!(ImportReport::default().exit_code(), 0);
        assert_eq!(ImportReport { rejected: vec![row], ..ImportReport::default() }.exit_code(), 2);
    }
}
