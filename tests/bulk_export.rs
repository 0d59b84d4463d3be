//! The export of what became of a sender's referrals: their own alone, as they are told of them, and in the trace before it leaves.

use crate::bulk::{file, import, row, send, summary};
use crate::restrictions::{Against, plant};
use crate::support::marked::words;
use crate::support::{World, draft};
use alliance::domain::clock::Clock;
use alliance::domain::ids::{OrganisationId, TypedId};
use alliance::domain::organisation_name::OrganisationKind;
use alliance::domain::role::Role;
use alliance::persistence::organisation::{self, NewOrganisation};
use alliance::persistence::sql::Sql;
use alliance::service::demo;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::json;
use uuid::Uuid;

async fn get(world: &World, who: &str, path: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get(path).header("authorization", format!("Bearer {}", world.token(who)));
    let (status, headers, bytes) = world.send(request.body(Body::empty()).expect("a request")).await;
    (status, headers, String::from_utf8(bytes).expect("text"))
}

async fn an_export_shows_the_senders_own_and_is_in_the_trace_before_it_leaves(world: World) {
    let formula = row("=A-1").replace("=A-1", "\"=HYPERLINK(1,2)\"");
    import(&world, &file(&[row("A-1"), formula, row("A-3"), row("A-4")])).await;
    let (_, lines) = send(&world, "partner-worker", "/referrals/import", &file(&[row("A-5")])).await;
    assert_eq!(lines, [summary(1, 1, 0, 0)]);
    let query = "{ referrals(first: 10) { nodes { id senderReference client { id } } } }";
    let hub = world.data("hub-coordinator", query, json!({})).await;
    let of = |reference: &str| {
        let all = hub["referrals"]["nodes"].as_array().expect("a list").clone();
        all.into_iter().find(|r| r["senderReference"] == reference).expect("the hub has it")
    };
    let sealed = of("A-4")["client"]["id"].as_str().expect("an id").to_owned();
    plant(&world, &sealed, "SEALED", Against::Nobody, &["team-manager"]).await;
    for (reference, outcome) in [("A-1", "DUPLICATE"), ("=HYPERLINK(1,2)", "OTHER")] {
        let close = json!({
            "referralId": of(reference)["id"], "version": 2, "outcome": outcome, "text": "=cmd|' /C calc'!A0", "onwardReferral": "@shelter",
        });
        world.done("hub-coordinator", "referralClose", close, "").await;
    }
    static TRACED: Sql = Sql::new(
        "SELECT COUNT(DISTINCT client_id) FROM trace WHERE operation = 'referralExport' AND kind = 'DISCLOSED' AND categories <> 0",
    );
    assert_eq!(world.number(&TRACED).await, 0);
    let (status, headers, text) = get(&world, "referrer", "/referrals/export").await;
    assert_eq!((status, &headers["content-type"]), (StatusCode::OK, &"text/csv; charset=utf-8".parse().unwrap()));
    assert_eq!(world.number(&TRACED).await, 3, "committed before it left");
    let mut read = csv::Reader::from_reader(text.as_bytes());
    let columns: Vec<_> = read.headers().expect("a header").iter().map(str::to_owned).collect();
    let rows: Vec<_> = read.records().map(|r| r.expect("a row")).collect();
    let cell =
        |row: usize, name: &str| rows[row][columns.iter().position(|c| c == name).expect("a column")].to_owned();
    // Newest first; neither the partner's nor the sealed one.
    assert_eq!((0..rows.len()).map(|i| cell(i, "reference")).collect::<Vec<_>>(), ["A-3", "'=HYPERLINK(1,2)", "A-1"]);
    assert_eq!((cell(0, "state"), cell(0, "outcome")), ("SUBMITTED".into(), String::new()));
    assert_eq!(
        (cell(1, "outcome"), cell(1, "outcome_text"), cell(1, "onward_referral")),
        ("OTHER".into(), "'=cmd|' /C calc'!A0".into(), "'@shelter".into())
    );
    assert_eq!((cell(2, "outcome"), cell(2, "outcome_text")), ("REFERRED_ON".into(), String::new()), "C23");
    assert!(!text.contains("Ravenscroft") && !text.contains("Maren"), "it tells of no person");

    let (_, _, theirs) = get(&world, "partner-worker", "/referrals/export").await;
    assert_eq!(theirs.lines().count(), 2, "{theirs}");
    let (_, _, none) = get(&world, "outside-worker", "/referrals/export").await;
    assert_eq!(none.lines().count(), 1, "the header alone: {none}");
    let (status, _, refused) = get(&world, "commissioner", "/referrals/export").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(refused.contains("This operation is not for your role."), "{refused}");
}

async fn an_export_that_cannot_be_recorded_shows_nothing(world: World) {
    import(&world, &file(&[row("A-1")])).await;
    world.raw("ALTER TABLE trace RENAME TO trace_gone").await;
    let (status, _, told) = get(&world, "referrer", "/referrals/export").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!told.contains("A-1"), "{told}");
    world.raw("ALTER TABLE trace_gone RENAME TO trace").await;
}

/// C23: a private sender is told of progress alone.
async fn a_private_sender_exports_progress_alone(world: World) {
    let kin = OrganisationId(Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_00ad));
    let tx = world.app.database.begin().await.expect("begins");
    let new = NewOrganisation {
        id: kin,
        name: "Neighbours".into(),
        kind: OrganisationKind::FriendsOrFamily,
        is_partner: false,
        is_category: true,
        parent: None,
        implies: Default::default(),
    };
    organisation::register(&tx, &new, world.clock.now()).await.expect("registers");
    tx.commit().await.expect("commits");
    world.member("niece", kin, &[Role::Referrer], &[]).await;
    let niece = format!("niece@{}", kin.global());
    let made = world.done(&niece, "referralDraft", draft("Kin"), "referral { id }").await;
    let id = made["referral"]["id"].clone();
    world.done(&niece, "referralSubmit", json!({ "referralId": id, "version": 1 }), "").await;
    // What triage found is none of a sender's business (C2 REFERRER, C23).
    let found = json!({ "referralId": id, "from": "EVICTION_WITHIN_DAYS", "to": "HOMELESS_NOW" });
    world.done("hub-coordinator", "referralSetUrgency", found, "").await;
    let close = json!({ "referralId": id, "version": 2, "outcome": "NO_CAPACITY", "text": "Full.", "onwardReferral": "Shelter." });
    world.done("hub-coordinator", "referralClose", close, "").await;
    let (_, _, text) = get(&world, &niece, "/referrals/export").await;
    let row = text.lines().nth(1).expect("a row");
    let cells: Vec<_> = row.split(',').collect();
    assert_eq!((cells[0], cells[2], cells[4], cells[5]), ("RF-Kin", "3", "FINISHED", ""), "{row}");
    assert_eq!(cells[3], "EVICTION_WITHIN_DAYS", "as it was written");
    assert_eq!(cells[8..], ["", "", "", "", ""], "{row}");
}

/// Whatever gets out that must not is found on the way (`support::scan`).
async fn nobody_exports_a_word_of_the_marked_record_but_its_keeper(world: World) {
    for who in demo::PERSONAS.iter().map(|p| p.name).chain(["canary"]) {
        let (status, _, text) = get(&world, who, "/referrals/export").await;
        assert!([StatusCode::OK, StatusCode::FORBIDDEN].contains(&status), "{who}: {text}");
    }
    let (_, _, kept) = get(&world, "keeper", "/referrals/export").await;
    for shown in ["Reference", "Outcome", "Onward", "Withdrawn"].map(words) {
        assert!(kept.contains(&shown), "{shown} is not in {kept}");
    }
}

async fn a_membership_that_ended_does_not_read_like_the_end_of_a_list(world: World) {
    import(&world, &file(&[row("A-1")])).await;
    world.raw("UPDATE membership SET ended_at = 1, version = version + 1 WHERE person_id IN (SELECT person_id FROM identity WHERE subject = 'referrer')").await;
    let (status, _, told) = get(&world, "referrer", "/referrals/export").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{told}");
}

/// A list of several pages: each referral once, newest first.
async fn an_export_goes_on_page_by_page(world: World) {
    let rows: Vec<_> = (0..450).map(|i| row(&format!("A-{i:03}"))).collect();
    assert_eq!(import(&world, &file(&rows)).await.last(), Some(&summary(450, 450, 0, 0)));
    let (_, _, text) = get(&world, "referrer", "/referrals/export").await;
    let references: Vec<_> = text.lines().skip(1).map(|l| l.split(',').next().expect("a cell").to_owned()).collect();
    let expected: Vec<_> = (0..450).rev().map(|i| format!("A-{i:03}")).collect();
    assert_eq!(references, expected);
}

on_both_databases!(
    an_export_shows_the_senders_own_and_is_in_the_trace_before_it_leaves,
    an_export_that_cannot_be_recorded_shows_nothing,
    a_private_sender_exports_progress_alone,
    nobody_exports_a_word_of_the_marked_record_but_its_keeper,
    a_membership_that_ended_does_not_read_like_the_end_of_a_list,
    an_export_goes_on_page_by_page,
);
