//! Bulk import of referring organisations. Every test takes an application on an empty, migrated database.

use alliance::domain::category::{Categories, Category};
use alliance::domain::organisation::LikenessDecision;
use alliance::domain::organisation_name::{OrganisationKind, RowProblem};
use alliance::persistence::organisation::{self as registry, Organisation, OrganisationFilter};
use alliance::persistence::sql::Sql;
use alliance::service::context::{App, Failure};
use alliance::service::import::{ImportReport, LikelyPair, referring_organisations};
use std::collections::BTreeSet;
use std::sync::Arc;

const REGISTER: &[u8] = include_bytes!("fixtures/referring_organisations.csv");
const JUDGED: &[u8] = include_bytes!("fixtures/referring_organisations_duplicates.csv");
const BAD: &[u8] = include_bytes!("fixtures/referring_organisations_bad.csv");

/// How many names of the register are categories: Childrens Centre, Education, Family Member, Friends & Family, GP, Health
/// Visitor, Landlord, Midwife, Occupational Therapy, Prison, Probation, Self, Social Services.
const CATEGORIES: usize = 13;

async fn import(app: &App, file: &[u8]) -> ImportReport {
    referring_organisations(app, file, false).await.expect("it imports")
}

async fn organisations(app: &App) -> Vec<Organisation> {
    registry::list(&app.database, &OrganisationFilter::default(), None, 10_000).await.expect("lists")
}

async fn organisation(app: &App, name: &str) -> Organisation {
    organisations(app).await.into_iter().find(|o| o.name == name).unwrap_or_else(|| panic!("{name} is registered"))
}

static EVENTS: Sql = Sql::new("SELECT COUNT(*) FROM outbox");
static REGISTERED: Sql = Sql::new(
    "SELECT COUNT(*) FROM outbox WHERE kind = 'organisation.registered' AND subject LIKE 'organisation_%' \
    AND recorded_by IS NULL AND recorded_for IS NULL AND client_id IS NULL",
);

/// Everything an import could have changed, in words.
async fn stored(app: &App) -> String {
    let registered = organisations(app).await;
    let ids: Vec<_> = registered.iter().map(|o| o.id).collect();
    let aliases = registry::aliases(&app.database, &ids).await.expect("lists");
    let alike = registry::likely_duplicates(&app.database, None, None, None, 10_000).await.expect("lists");
    let events = app.database.row(&EVENTS, Vec::new()).await.expect("counts").expect("a row");
    let events: i64 = events.try_get_by_index(0).expect("a number");
    format!("{registered:?}\n{aliases:?}\n{alike:?}\n{events} events")
}

type Pair = (String, String);

fn pair(a: &str, b: &str) -> Pair {
    (a.min(b).to_owned(), a.max(b).to_owned())
}

fn pairs(found: &[LikelyPair]) -> BTreeSet<Pair> {
    found.iter().map(|p| pair(&p.first, &p.second)).collect()
}

fn judged() -> BTreeSet<Pair> {
    csv::Reader::from_reader(JUDGED).records().map(|r| r.expect("reads")).map(|r| pair(&r[0], &r[1])).collect()
}

/// The register of 201 rows goes in: counts, kinds, implied categories, likely duplicates, events.
pub async fn imports_the_register(app: Arc<App>) {
    let report = import(&app, REGISTER).await;
    assert_eq!((report.rows, report.added, report.folded, report.categories), (201, 200, 1, CATEGORIES));
    assert_eq!((report.aliases, &*report.rejected, report.exit_code()), (0, &[][..], 0));

    let registered = organisations(&app).await;
    let in_file = csv::Reader::from_reader(REGISTER)
        .records()
        .map(|r| r.expect("reads")[0].trim().to_owned())
        .take(3)
        .collect::<Vec<_>>();
    assert_eq!(registered.len(), 200);
    assert!(registered.iter().map(|o| &o.name).take(3).eq(&in_file), "in the order of the file");
    assert!(registered.iter().all(|o| !o.is_partner && o.parent.is_none()));
    assert_eq!(registered.iter().filter(|o| o.is_category).count(), CATEGORIES);
    for (name, kind, is_category, implies) in [
        ("Probation", OrganisationKind::Probation, true, Categories::of(&[Category::Offending])),
        ("Aylesbury Probation Office", OrganisationKind::Probation, false, Categories::of(&[Category::Offending])),
        ("CMHT", OrganisationKind::NhsMentalHealth, false, Categories::of(&[Category::Health])),
        ("Asylum Welcome", OrganisationKind::Other, false, Categories::NONE),
    ] {
        let o = organisation(&app, name).await;
        assert_eq!((o.kind, o.is_category, o.implies), (kind, is_category, implies), "{name}");
    }

    let (found, judged) = (pairs(&report.likely_duplicates), judged());
    let hits = found.intersection(&judged).count();
    println!("{hits} of {} judged pairs among {} reported", judged.len(), found.len());
    assert_eq!((judged.len(), found.len()), (140, report.likely_duplicates.len()), "each once");
    assert!(hits * 100 >= judged.len() * 95, "{hits} of {} found", judged.len());
    assert!(hits * 100 >= found.len() * 80, "{hits} of {} right", found.len());
    assert!(report.likely_duplicates.is_sorted_by_key(|p| std::cmp::Reverse(p.score)));
    let offices = |p: &&LikelyPair| p.first.starts_with("Turning Point") && p.second.starts_with("Turning Point");
    let offices = report.likely_duplicates.iter().find(offices).expect("offices of one body");
    assert_eq!((offices.reason, offices.parent.as_deref()), ("LOCAL_OFFICE", Some("Turning Point")));

    let undecided = Some(LikenessDecision::Undecided);
    let kept = registry::likely_duplicates(&app.database, undecided, None, None, 10_000).await.expect("lists");
    assert_eq!(kept.len(), found.len());
    let events = app.database.row(&REGISTERED, Vec::new()).await.expect("counts").expect("a row");
    assert_eq!(events.try_get_by_index::<i64>(0).expect("a number"), 200);
}

/// The same file again changes nothing at all.
pub async fn importing_again_changes_nothing(app: Arc<App>) {
    let first = import(&app, REGISTER).await;
    let before = stored(&app).await;
    let report = import(&app, REGISTER).await;
    let expected = ImportReport { rows: 201, folded: 201, ..ImportReport::default() };
    assert_eq!(report, expected);
    assert_eq!(stored(&app).await, before);
    assert!(first.added > 0);
}

/// What a person decided stays decided, and only what is new is reported; names outside the file count.
pub async fn reports_new_likely_duplicates_only(app: Arc<App>) {
    assert_eq!(import(&app, b"name\nSunshine Centre\n").await.likely_duplicates, []);
    let report = import(&app, b"name\nThe Sunshine Centre\n").await;
    let expected = LikelyPair {
        first: "Sunshine Centre".to_owned(),
        second: "The Sunshine Centre".to_owned(),
        reason: "LEADING_THE",
        score: report.likely_duplicates[0].score,
        parent: None,
    };
    assert_eq!(report.likely_duplicates, [expected]);
    assert_eq!(import(&app, b"name\nElmore\n").await.likely_duplicates, []);
}

/// Bad rows are reported with line, column and reason; the good rows among them go in.
pub async fn bad_rows_do_no_harm(app: Arc<App>) {
    use RowProblem as P;
    let report = import(&app, BAD).await;
    let rejected: Vec<_> = report.rejected.iter().map(|r| (r.line, r.column, &*r.message)).collect();
    let name = Some("name");
    let expected = [
        (5, name, P::Empty),
        (6, name, P::Empty),
        (7, name, P::TooLong),
        (8, name, P::ControlCharacter),
        (9, name, P::ControlCharacter),
        (11, name, P::ControlCharacter),
        (12, name, P::Formula),
        (13, name, P::Formula),
        (14, name, P::Formula),
        (15, name, P::Formula),
        (16, name, P::NoLetter),
        (17, name, P::NoLetter),
        (18, None, P::TooManyColumns),
        (19, name, P::NotText),
        (23, name, P::UnclosedQuote),
    ];
    assert_eq!(rejected, expected.map(|(line, column, problem)| (line, column, problem.message())));
    assert_eq!((report.rows, report.added, report.folded, report.categories), (21, 5, 1, 1));
    assert_eq!(report.exit_code(), 2);
    let names: Vec<_> = organisations(&app).await.into_iter().map(|o| o.name).collect();
    assert_eq!(names, ["Sunshine Centre", "Headway, Oxford", "Emmaus Oxford", "Café Project", "Self"]);
    let before = stored(&app).await;
    let again = import(&app, BAD).await;
    assert_eq!((again.added, again.folded, again.rejected), (0, 6, report.rejected));
    assert_eq!(stored(&app).await, before);
}

/// A header that is not a register's is refused, and nothing is stored.
pub async fn a_wrong_header_stores_nothing(app: Arc<App>) {
    let before = stored(&app).await;
    for (file, says) in [
        ("organisation\nElmore\n", "Unknown columns: `organisation`. There is no column `name`."),
        ("Elmore\nRestore\n", "Unknown columns: `Elmore`."),
        ("name,telephone\nElmore,01865\n", "Unknown columns: `telephone`."),
        ("kind\nPRISON\n", "There is no column `name`"),
        ("", "The file is empty"),
    ] {
        match referring_organisations(&app, file.as_bytes(), false).await {
            Err(Failure::User(errors)) => assert!(errors[0].message.contains(says), "{}", errors[0].message),
            other => panic!("{file:?}: {other:?}"),
        }
    }
    assert_eq!(stored(&app).await, before);
}

/// A file that breaks off stores nothing.
pub async fn a_broken_file_stores_nothing(app: Arc<App>) {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::ConnectionReset.into())
        }
    }
    let before = stored(&app).await;
    let broken = std::io::Read::chain(REGISTER, Broken);
    assert!(matches!(referring_organisations(&app, broken, false).await, Err(Failure::User(_))));
    assert_eq!(stored(&app).await, before);
}

/// A dry run reports what an import would, and stores nothing.
pub async fn a_dry_run_stores_nothing(app: Arc<App>) {
    let before = stored(&app).await;
    let dry = referring_organisations(&app, REGISTER, true).await.expect("it runs");
    assert_eq!(stored(&app).await, before);
    assert_eq!(dry, import(&app, REGISTER).await, "an import does what the dry run said");
}

/// Kinds and aliases of the file are taken; names fold into aliases; nobody's name becomes another's alias.
pub async fn kinds_and_aliases_are_taken(app: Arc<App>) {
    let file = "alias,name,kind\n\
        OCC,Oxfordshire County Council,\n\
        ,O.C.C.,\n\
        ,Springhill,PRISON\n\
        O C C,Orinoco,\n\
        ,Orinoco,\n\
        Springhill,Elmore,\n\
        County Hall,Oxfordshire county council,POLICE\n";
    let report = import(&app, file.as_bytes()).await;
    assert_eq!((report.rows, report.added, report.folded, report.aliases), (7, 3, 2, 2));
    let rejected: Vec<_> = report.rejected.iter().map(|r| (r.line, r.column)).collect();
    assert_eq!(rejected, [(5, Some("alias")), (7, Some("alias"))]);
    let council = organisation(&app, "Oxfordshire County Council").await;
    assert_eq!(council.kind, OrganisationKind::CountyCouncil, "what is registered stays as it is");
    let aliases = registry::aliases(&app.database, &[council.id]).await.expect("lists");
    assert_eq!(aliases.iter().map(|a| &*a.1).collect::<Vec<_>>(), ["County Hall", "OCC"]);
    let prison = organisation(&app, "Springhill").await;
    assert_eq!((prison.kind, prison.implies), (OrganisationKind::Prison, Categories::of(&[Category::Offending])));

    let before = stored(&app).await;
    let again = import(&app, file.as_bytes()).await;
    assert_eq!((again.added, again.folded, again.aliases, again.rejected), (0, 5, 0, report.rejected));
    assert_eq!(stored(&app).await, before);
}

/// Two imports of one file at once take turns.
pub async fn imports_at_once_take_turns(app: Arc<App>) {
    let (a, b) = tokio::join!(import(&app, REGISTER), import(&app, REGISTER));
    assert_eq!((a.added + b.added, a.folded + b.folded), (200, 202));
    assert_eq!(a.likely_duplicates.len().min(b.likely_duplicates.len()), 0);
    assert_eq!(organisations(&app).await.len(), 200);
}
