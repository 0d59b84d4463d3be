//! A row of a file of referrals, read: the draft it asks for, or everything that is wrong with it.

use super::columns::{COLUMNS, narrative_column, text_column, texts, told};
use crate::domain::calendar::start_of_day;
use crate::domain::category::Category;
use crate::domain::clock::{Timestamp, parse_date};
use crate::domain::code::Coded;
use crate::domain::consent::{GivenBy, Purpose};
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::referral::{Ground, Urgency};
use crate::domain::section::{AgeBand, Contact, Housing, Name, Section, Tenure};
use crate::domain::text;
use crate::service::consent::ConsentAsked;
use crate::service::referral::{DraftAsked, NarrativeAsked};
use csv::ByteRecord;

/// Every partner listed on the day, among the recipients of a consent.
const ALL_PARTNERS: &str = "ALL_PARTNERS";

/// A row that can be drafted, once its recipients are looked up.
#[derive(Debug)]
pub(super) struct Row {
    /// The sender's own reference.
    pub reference: String,
    /// The draft, whose consent has no recipients by name yet.
    pub draft: DraftAsked,
    /// Who receives, by registered name or global id.
    pub recipients: Vec<String>,
}

/// The cells of a row by column; blank ones are not there.
struct Cells<'a> {
    of: Vec<(&'static str, &'a str)>,
    problems: Problems,
}

impl<'a> Cells<'a> {
    fn get(&self, column: &str) -> Option<&'a str> {
        self.of.iter().find(|(name, _)| *name == column).map(|(_, cell)| *cell)
    }

    fn text(&self, column: &str) -> Option<String> {
        self.get(column).map(str::to_owned)
    }

    fn wrong(&mut self, column: &str, message: impl Into<String>) {
        self.problems.add(UserError::at(UserErrorCode::Invalid, column, message));
    }

    fn any(&self, columns: &[&str]) -> bool {
        columns.iter().any(|c| self.get(c).is_some())
    }

    fn needed(&mut self, column: &str) -> Option<&'a str> {
        let cell = self.get(column);
        if cell.is_none() {
            self.wrong(column, "Must not be empty.");
        }
        cell
    }

    fn one<T: Coded>(&mut self, column: &str, cell: &str) -> Option<T> {
        let found = T::from_code(&cell.to_uppercase());
        if found.is_none() {
            let codes: Vec<_> = T::ALL.iter().map(|v| v.code()).collect();
            self.wrong(column, format!("Is none of {}.", codes.join(", ")));
        }
        found
    }

    fn code<T: Coded>(&mut self, column: &str) -> Option<T> {
        self.get(column).and_then(|cell| self.one(column, cell))
    }

    fn needed_code<T: Coded>(&mut self, column: &str) -> Option<T> {
        self.needed(column).and_then(|cell| self.one(column, cell))
    }

    fn codes<T: Coded>(&mut self, column: &str) -> Vec<T> {
        let given: Vec<_> = self.get(column).map(listed).unwrap_or_default();
        given.iter().filter_map(|one| self.one(column, one)).collect()
    }

    /// A moment, or the beginning of a day in London.
    fn moment(&mut self, column: &str) -> Option<Timestamp> {
        let cell = self.get(column)?;
        let found = parse_date(cell).map(start_of_day).or_else(|| Timestamp::parse(cell));
        if found.is_none() {
            self.wrong(column, "Is neither a day, written YYYY-MM-DD, nor a moment of RFC 3339.");
        }
        found
    }
}

/// What a cell lists, separated by semicolons.
fn listed(cell: &str) -> Vec<&str> {
    cell.split(';').map(str::trim).filter(|one| !one.is_empty()).collect()
}

/// Reads a row. `header` says which of [`COLUMNS`] its cells belong to, one by one.
pub(super) fn read(header: &[usize], record: &ByteRecord, now: Timestamp) -> Result<Row, Vec<UserError>> {
    // A cell that is missing moves all that follow into other columns, a diagnosis into somebody's notes of risk.
    if record.len() != header.len() {
        let message = format!("The row has {} cells where the header has {} columns.", record.len(), header.len());
        return Err(vec![UserError::new(UserErrorCode::Invalid, message)]);
    }
    let mut cells = Cells { of: Vec::with_capacity(header.len()), problems: Problems::default() };
    for (column, cell) in header.iter().filter_map(|i| COLUMNS.get(*i)).zip(record) {
        match str::from_utf8(cell).map(str::trim) {
            Ok("") => {}
            Ok(cell) => cells.of.push((&column.name, cell)),
            Err(_) => cells.wrong(&column.name, "Is not valid UTF-8 text; save the file as UTF-8."),
        }
    }
    let reference = cells.needed("reference").unwrap_or_default();
    let reference =
        if reference.is_empty() { String::new() } else { cells.problems.text("reference", reference, text::NAME) };
    let urgency = cells.needed_code("urgency");
    let sections = sections(&mut cells, now);
    let narratives = narratives(&mut cells);
    let (consent, recipients) = consent(&mut cells);
    let ground = ground(&mut cells);
    let sections_revealing_location = cells.codes("revealing_location");
    cells.problems.done()?;
    let draft = DraftAsked {
        urgency: urgency.unwrap_or(Urgency::Upstream),
        sections,
        sections_revealing_location,
        narratives,
        consent,
        ground,
        reference: Some(reference.clone()),
    };
    Ok(Row { reference, draft, recipients })
}

/// What is known of the person, checked cell by cell: the draft checks it again, and would not know in which cell it stood.
fn sections(cells: &mut Cells<'_>, now: Timestamp) -> Vec<Section> {
    let mut all = vec![(
        "name".to_owned(),
        Section::Name(Name {
            given: cells.text("given_name").unwrap_or_default(),
            family: cells.text("family_name").unwrap_or_default(),
            preferred: cells.text("preferred_name"),
            pronouns: cells.text("pronouns"),
            age_band: cells.code::<AgeBand>("age_band").map(|a| a.code().to_owned()),
        }),
    )];
    if let Some(date) = cells.text("birth_date") {
        all.push(("birth".to_owned(), Section::Birth { date }));
    }
    if cells.any(&["address", "postcode", "phone", "email", "safe_contact"]) {
        let lines = |cell: &str| cell.lines().flat_map(listed).map(str::to_owned).collect();
        let contact = Contact {
            address_lines: cells.get("address").map(lines).unwrap_or_default(),
            postcode: cells.text("postcode"),
            phone: cells.text("phone"),
            email: cells.text("email"),
            safe_ways: cells.text("safe_contact"),
        };
        all.push(("contact".to_owned(), Section::Contact(contact)));
    }
    if cells.any(&["tenure", "landlord", "arrears_pence", "notice_expires_on", "housing_note"]) {
        let arrears = cells.get("arrears_pence").map(str::parse::<i64>);
        if let Some(Err(_)) = arrears {
            cells.wrong("arrears_pence", "Is not a whole number of pence.");
        }
        let housing = Housing {
            tenure: cells.code("tenure").unwrap_or(Tenure::Unknown).code().to_owned(),
            landlord: cells.text("landlord"),
            arrears_pence: arrears.and_then(Result::ok),
            notice_expires_on: cells.text("notice_expires_on"),
            text: cells.text("housing_note"),
        };
        all.push(("housing".to_owned(), Section::Housing(housing)));
    }
    for category in texts() {
        let column = text_column(category);
        if let Some(text) = cells.text(&column) {
            all.push((column, Section::Text { category: category.code().to_owned(), text }));
        }
    }
    let today = now.date();
    all.into_iter().map(|(path, section)| section.checked(&path, today, &mut cells.problems)).collect()
}

fn narratives(cells: &mut Cells<'_>) -> Vec<NarrativeAsked> {
    let revealing: Vec<Category> = cells.codes("narratives_revealing_location");
    let mut all = Vec::new();
    for category in told() {
        let column = narrative_column(category);
        if let Some(told) = cells.text(&column) {
            let text = cells.problems.text(&column, &told, text::FREE);
            all.push(NarrativeAsked { category, text, reveals_location: revealing.contains(&category) });
        }
    }
    if let Some(unknown) = revealing.iter().find(|c| !all.iter().any(|n| n.category == **c)) {
        cells.wrong("narratives_revealing_location", format!("There is no narrative of {}.", unknown.code()));
    }
    all
}

const CONSENT: &[&str] = &[
    "consent_recipients",
    "consent_purposes",
    "consent_categories",
    "consent_given_by",
    "consent_given_how",
    "consent_given_at",
    "consent_expires",
    "consent_evidence",
    "consent_proxy_name",
    "consent_decided_by",
    "consent_decision_reason",
];

/// Consent to the referral, and its recipients by name; none where no cell speaks of one.
fn consent(cells: &mut Cells<'_>) -> (Option<ConsentAsked>, Vec<String>) {
    if !cells.any(CONSENT) {
        return (None, Vec::new());
    }
    let recipients = cells.get("consent_recipients").map(listed).unwrap_or_default();
    let (all, named): (Vec<_>, Vec<_>) = recipients.into_iter().partition(|r| *r == ALL_PARTNERS);
    let given_by = cells.code("consent_given_by").unwrap_or(GivenBy::Client);
    let purposes: Vec<Purpose> = cells.codes("consent_purposes");
    let categories: Vec<Category> = cells.codes("consent_categories");
    let given_how = cells.needed_code("consent_given_how");
    cells.needed("consent_expires");
    let (given_at, expires_at) = (cells.moment("consent_given_at"), cells.moment("consent_expires"));
    let consent = given_how.zip(expires_at).map(|(given_how, expires_at)| ConsentAsked {
        all_partners: !all.is_empty(),
        recipients: Vec::new(),
        purposes,
        categories,
        given_by,
        given_how,
        proxy: None,
        proxy_name: cells.text("consent_proxy_name"),
        decided_by: cells.text("consent_decided_by"),
        decision_reason: cells.text("consent_decision_reason"),
        evidence: cells.text("consent_evidence").unwrap_or_default(),
        given_at,
        expires_at,
    });
    (consent, named.into_iter().map(str::to_owned).collect())
}

fn ground(cells: &mut Cells<'_>) -> Option<(Ground, String)> {
    if !cells.any(&["ground", "ground_reason"]) {
        return None;
    }
    let ground = cells.needed_code("ground");
    let reason = cells.needed("ground_reason").map(str::to_owned);
    ground.zip(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(columns: &[(&str, &str)]) -> Result<Row, Vec<(String, String)>> {
        let place = |name: &str| COLUMNS.iter().position(|c| c.name == name).expect("a column");
        let header: Vec<_> = columns.iter().map(|(name, _)| place(name)).collect();
        let record = ByteRecord::from(columns.iter().map(|(_, cell)| *cell).collect::<Vec<_>>());
        let now = Timestamp::parse("2026-04-01T09:00:00Z").expect("a moment");
        read(&header, &record, now).map_err(|e| e.into_iter().map(|e| (e.field.join("."), e.message)).collect())
    }

    const FEWEST: [(&str, &str); 4] =
        [("reference", " A-1 "), ("urgency", "upstream"), ("given_name", "=Ana"), ("family_name", "Example")];

    #[test]
    fn the_fewest_cells_make_a_draft_and_a_formula_is_data() {
        let read = row(&FEWEST).expect("a row");
        assert_eq!((read.reference.as_str(), read.draft.reference.as_deref()), ("A-1", Some("A-1")));
        assert!(read.draft.consent.is_none() && read.draft.ground.is_none() && read.recipients.is_empty());
        let [Section::Name(name)] = &*read.draft.sections else { panic!("{:?}", read.draft.sections) };
        assert_eq!(name.given, "=Ana");
    }

    #[test]
    fn everything_wrong_is_told_at_once_each_in_its_cell() {
        let cells = [
            ("urgency", "soon"),
            ("given_name", "Ana"),
            ("postcode", "nowhere"),
            ("arrears_pence", "12.50"),
            ("narratives_revealing_location", "HOUSING"),
            ("consent_given_at", "yesterday"),
            ("ground", "CHILD_AT_RISK"),
        ];
        let wrong = row(&cells).expect_err("much is wrong");
        let columns: Vec<_> = wrong.iter().map(|(column, _)| column.as_str()).collect();
        let expected = [
            "reference",
            "urgency",
            "arrears_pence",
            "name.family",
            "contact.postcode",
            "narratives_revealing_location",
            "consent_given_how",
            "consent_expires",
            "consent_given_at",
            "ground_reason",
        ];
        assert_eq!(columns, expected);
    }

    #[test]
    fn lists_are_separated_by_semicolons_and_a_day_begins_in_london() {
        let mut cells = FEWEST.to_vec();
        cells.extend([
            ("address", "1 High Street; Flat 2\nOxford"),
            ("consent_recipients", "Harbour ; ALL_PARTNERS"),
            ("consent_purposes", "REFERRAL;"),
            ("consent_given_how", "VERBAL"),
            ("consent_expires", "2026-07-01"),
        ]);
        let read = row(&cells).expect("a row");
        let consent = read.draft.consent.expect("a consent");
        assert!(consent.all_partners && consent.purposes == [Purpose::Referral]);
        assert_eq!(read.recipients, ["Harbour"]);
        assert_eq!(consent.expires_at.rfc3339(), "2026-06-30T23:00:00.000000Z");
        let Some(Section::Contact(contact)) = read.draft.sections.get(1) else { panic!("contact") };
        assert_eq!(contact.address_lines, ["1 High Street", "Flat 2", "Oxford"]);
    }
}
