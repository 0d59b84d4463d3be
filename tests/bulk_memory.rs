//! A long file takes no more memory than a short one: the real program imports one, and its resident memory is read while it does.
//!
//! At full size: `ALLIANCE_BULK=50000 cargo test --test alliance-tests -- bulk_memory::a_long --nocapture` (`::sqlite` or `::postgres` for one
//! database). The file has about 20 MB in any case, so that one that were kept would show.

use crate::bulk::row;
use crate::support::World;
use alliance::http::authentication::DEVELOPMENT_ISSUER;
use alliance::persistence::ledger;
use alliance::persistence::sql::Sql;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// Bytes of the whole file.
const BYTES: usize = 20_000_000;
/// How much more the program may hold at the end than after a tenth of the file, in kB. Caches of the database and of the allocator are
/// of a size of their own.
const GROWTH: u64 = 10_000;
/// The longest narrative there may be.
const LONGEST: usize = 20_000;

fn program(world: &World, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alliance"));
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"ALLIANCE_") {
            command.env_remove(name);
        }
    }
    command
        .args(["--database-url", &world.url, "import", "referrals", "-"])
        .args(["--issuer", DEVELOPMENT_ISSUER, "--subject", "referrer"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts")
}

/// Resident memory of a process now, in kB.
fn resident(of: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", of.id())).expect("a process");
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).expect("its resident memory");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number")
}

const COLUMNS: &str = "reference,urgency,given_name,family_name,birth_date,postcode,health,narrative_housing,consent_recipients,\
    consent_purposes,consent_categories,consent_given_how,consent_expires,consent_evidence,ground,ground_reason,narrative_finance,narrative_risk";

/// A row with so many bytes of stories.
fn long_row(i: usize, bytes: usize) -> String {
    // The program's clock is the machine's: a coded ground does not end.
    let mut fields: Vec<_> = row(&format!("A-{i}")).split(',').map(str::to_owned).collect();
    fields[6].clear();
    for consent in &mut fields[8..14] {
        consent.clear();
    }
    fields[14] = "ADULT_AT_RISK".to_owned();
    fields[15] = "Said so.".to_owned();
    let mut line = fields.join(",");
    for _ in 0..2 {
        let _ = write!(line, ",{}", "x".repeat((bytes / 2).clamp(1, LONGEST)));
    }
    line + "\r\n"
}

static ALL: Sql = Sql::new(
    "SELECT COUNT(DISTINCT sender_reference) FROM referral WHERE state = 'SUBMITTED' AND sender_reference LIKE 'A-%'",
);

async fn a_long_file_takes_no_more_memory_than_a_short_one(world: World) {
    let rows: usize = std::env::var("ALLIANCE_BULK").ok().map_or(1_000, |n| n.parse().expect("a number"));
    let mut child = program(&world, &["--organisation", "Ridgemarket Probation Office"]);
    let mut input = child.stdin.take().expect("an input");
    let out = child.stdout.take().expect("an output");
    let told = std::thread::spawn(move || BufReader::new(out).lines().map(|l| l.expect("text")).collect::<Vec<_>>());
    let began = Instant::now();
    let (mut early, mut most) = (0, 0);
    // When each tenth was taken.
    let mut tenths = Vec::new();
    input.write_all(format!("{COLUMNS}\r\n").as_bytes()).expect("it reads");
    for i in 0..rows {
        // The pipe holds 64 KiB and the program a few rows: what is written is nearly done.
        input.write_all(long_row(i, BYTES / rows).as_bytes()).expect("it reads");
        if (i + 1) % (rows / 10) == 0 {
            tenths.push(began.elapsed().as_secs_f64());
        }
        if i == rows / 10 {
            early = resident(&child);
        }
        if i % 50 == 0 && i > rows / 10 {
            most = most.max(resident(&child));
        }
    }
    drop(input);
    let mut errors = String::new();
    child.stderr.take().expect("errors").read_to_string(&mut errors).expect("text");
    let status = child.wait().expect("it ends");
    let took = began.elapsed();
    let lines = told.join().expect("it tells");
    assert_eq!((status.code(), lines.len()), (Some(0), 1), "{lines:?} {errors}");
    let summary: Value = serde_json::from_str(&lines[0]).expect("JSON");
    assert_eq!(summary["summary"]["sent"], rows, "{summary}");
    assert_eq!(world.number(&ALL).await, i64::try_from(rows).expect("a number"));
    println!(
        "{:?}: {rows} rows, {:.0} rows a second, {:.0} in the second tenth, {:.0} in the last; {early} kB resident after a tenth, {most} kB at most after it",
        world.backend,
        rows as f64 / took.as_secs_f64(),
        rows as f64 / 10.0 / (tenths[1] - tenths[0]),
        rows as f64 / 10.0 / (tenths[9] - tenths[8]),
    );
    assert!(most < early + GROWTH, "{early} kB grew to {most} kB");
    let (_, differences) = ledger::check(&world.app.database).await.expect("it checks");
    assert_eq!(differences, []);
}

async fn the_exit_code_says_what_became_of_a_file(world: World) {
    let bad = long_row(1, 10).replace("UPSTREAM", "SOON");
    for (organisation, content, code) in [
        ("Ridgemarket Probation Office", format!("{COLUMNS}\n{}", long_row(0, 10)), 0),
        ("Ridgemarket Probation Office", format!("{COLUMNS}\n{}", long_row(0, 10)), 0),
        ("Ridgemarket Probation Office", format!("{COLUMNS}\n{bad}"), 2),
        ("Ridgemarket Probation Office", "nonsense\n".to_owned(), 1),
        ("No such office", format!("{COLUMNS}\n"), 1),
        ("Lockwell Law Centre", format!("{COLUMNS}\n"), 1),
    ] {
        let mut child = program(&world, &["--organisation", organisation]);
        // One that does not read its input to the end may be gone by now.
        let _ = child.stdin.take().expect("an input").write_all(content.as_bytes());
        let done = child.wait_with_output().expect("it ends");
        let told = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(code), "{organisation} {told}");
        assert!(!told.contains("Ravenscroft"), "{told}");
    }
    assert_eq!(world.number(&ALL).await, 1);
}

on_both_databases!(a_long_file_takes_no_more_memory_than_a_short_one, the_exit_code_says_what_became_of_a_file);
