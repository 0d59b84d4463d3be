//! Referrals in bulk: a sender's file goes in row by row, each whole or not at all and never twice; nothing of the answer tells of what
//! the sender does not see.

use crate::inputs::dump;
use crate::restrictions::{Against, plant};
use crate::support::{Backend, World, scan};
use alliance::config::Config;
use alliance::domain::clock::Clock;
use alliance::domain::ids::{OrganisationId, TypedId};
use alliance::domain::organisation_name::OrganisationKind;
use alliance::domain::role::Role;
use alliance::http::server::router;
use alliance::persistence::ledger;
use alliance::persistence::organisation::{self, NewOrganisation};
use alliance::persistence::sql::Sql;
use alliance::service::demo;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt;
use uuid::Uuid;

const HEADER: &str = "reference,urgency,given_name,family_name,birth_date,postcode,health,narrative_housing,consent_recipients,\
    consent_purposes,consent_categories,consent_given_how,consent_expires,consent_evidence,ground,ground_reason";

/// A row that is fine, under this reference.
pub fn row(reference: &str) -> String {
    scan::take_down_family("Ravenscroft");
    format!(
        "{reference},UPSTREAM,Maren,Ravenscroft,1990-02-03,ox1 1bx,Takes medication.,Behind with the rent.,{};Lockwell Law Centre,REFERRAL,\
        NAME;BIRTH;CONTACT;HOUSING;HEALTH,WRITTEN,2027-03-01,Signed form.,,",
        demo::HARBOUR.global()
    )
}

pub fn file(rows: &[String]) -> String {
    format!("{HEADER}\r\n{}\r\n", rows.join("\r\n"))
}

/// What is answered to a file: the status, and the lines.
async fn sent_through(router: &Router, token: &str, path: &str, file: Body) -> (StatusCode, Vec<Value>) {
    let request = Request::post(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "text/csv; charset=utf-8")
        .body(file)
        .expect("a request");
    let answer = router.clone().oneshot(request).await.expect("an answer");
    let status = answer.status();
    let bytes = answer.into_body().collect().await.expect("a whole body").to_bytes();
    scan::nothing_was_found();
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    (status, text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect())
}

pub async fn send(world: &World, who: &str, path: &str, file: &str) -> (StatusCode, Vec<Value>) {
    sent_through(&world.router, &world.token(who), path, Body::from(file.to_owned())).await
}

pub async fn import(world: &World, file: &str) -> Vec<Value> {
    let (status, lines) = send(world, "referrer", "/referrals/import", file).await;
    assert_eq!(status, StatusCode::OK, "{lines:?}");
    lines
}

pub fn summary(rows: u64, sent: u64, known: u64, rejected: u64) -> Value {
    json!({ "summary": {
        "rows": rows, "sent": sent, "alreadySent": known, "rejected": rejected, "dryRun": false, "complete": true,
    } })
}

static STATES: Sql =
    Sql::new("SELECT COUNT(*) FROM referral WHERE state = 'SUBMITTED' AND sender_reference LIKE 'A-%'");
static REFERENCES: Sql =
    Sql::new("SELECT COUNT(DISTINCT sender_reference) FROM referral WHERE sender_reference LIKE 'A-%'");
static ALL: Sql = Sql::new("SELECT COUNT(*) FROM referral WHERE sender_reference LIKE 'A-%'");

/// The ledger is what the documents call for.
async fn the_ledger_is_right(world: &World) {
    let (_, differences) = ledger::check(&world.app.database).await.expect("it checks");
    assert_eq!(differences, []);
}

async fn the_template_is_taken_as_it_is(world: World) {
    // It is public, as the schema is.
    let request = Request::get("/referrals/template").body(Body::empty()).expect("a request");
    let (status, headers, template) = world.send(request).await;
    assert_eq!((status, &headers["content-type"]), (StatusCode::OK, &"text/csv; charset=utf-8".parse().unwrap()));
    let template = String::from_utf8(template).expect("text");
    assert_eq!(import(&world, &template).await, [summary(1, 1, 0, 0)]);
    the_ledger_is_right(&world).await;
}

async fn good_rows_are_submitted_and_bad_rows_change_nothing(world: World) {
    let bad = [
        row("").as_str().to_owned(),
        row("B-2").replace("UPSTREAM", "SOON"),
        row("B-3").replace("ox1 1bx", "nowhere"),
        row("B-4").replace("1990-02-03", "2030-01-01"),
        row("B-5").replace(";Lockwell Law Centre", ";No such office"),
        row("B-6").replace(";HEALTH,", ","),
        row("B-7").replace("2027-03-01", "2029-03-01"),
        row("B-8").replace(",REFERRAL,", ",CASE_COORDINATION,"),
        row("B-9").replace("WRITTEN", ""),
        row("B-10").replace(",Maren,", ",\"Maren,"),
    ];
    let mut rows = vec![row("A-1")];
    rows.extend(bad.iter().take(9).cloned());
    rows.push(row("A-2"));
    let before = dump(&world).await;
    let refused = import(&world, &file(&bad)).await;
    assert_eq!(dump(&world).await, before, "bad rows change nothing");
    let told: Vec<_> = refused
        .iter()
        .filter_map(|l| Some((l["line"].as_u64()?, l["column"].as_str().unwrap_or("-"), l["code"].as_str()?)))
        .collect();
    let expected = [
        (2, "reference", "INVALID"),
        (3, "urgency", "INVALID"),
        (4, "postcode", "INVALID"),
        (5, "birth_date", "INVALID"),
        (6, "consent_recipients", "NOT_FOUND"),
        (7, "consent_categories", "SPECIAL_CATEGORY_NOT_NAMED"),
        (8, "consent_expires", "CONSENT_TOO_LONG"),
        (9, "consent_given_how", "CONSENT_REQUIRED"),
        (9, "consent_categories", "SPECIAL_CATEGORY_NOT_NAMED"),
        (10, "consent_given_how", "INVALID"),
        (11, "given_name", "INVALID"),
    ];
    assert_eq!(told, expected, "{refused:#?}");
    assert_eq!(refused.last(), Some(&summary(10, 0, 0, 10)));

    assert_eq!(import(&world, &file(&rows)).await.last(), Some(&summary(11, 2, 0, 9)));
    assert_eq!(world.number(&STATES).await, 2);
    the_ledger_is_right(&world).await;
    // As it was written, to its sender and to the hub; and the hub goes on with it.
    let query = "{ referrals(first: 1) { nodes { id version state senderReference narratives { text } asWritten { category lines } } } }";
    for who in ["referrer", "hub-coordinator"] {
        let r = world.data(who, query, json!({})).await["referrals"]["nodes"][0].clone();
        assert_eq!(
            (&r["state"], &r["version"], &r["senderReference"]),
            (&json!("SUBMITTED"), &json!(2), &json!("A-2")),
            "{who}"
        );
        assert_eq!(r["narratives"][0]["text"], "Behind with the rent.", "{who}");
    }
    // Two events of each, as of a draft that is submitted.
    static EVENTS: Sql =
        Sql::new("SELECT COUNT(DISTINCT kind) FROM outbox WHERE kind IN ('referral.drafted', 'referral.submitted')");
    assert_eq!(world.number(&EVENTS).await, 2);
}

async fn sending_again_changes_nothing(world: World) {
    let rows: Vec<_> = (0..5).map(|i| row(&format!("A-{i}"))).collect();
    assert_eq!(import(&world, &file(&rows)).await, [summary(5, 5, 0, 0)]);
    let before = dump(&world).await;
    // By a colleague too: it is their organisation's.
    world.member("colleague", demo::PROBATION, &[Role::Referrer], &[]).await;
    let with_colleague = dump(&world).await;
    for who in ["referrer".to_owned(), format!("colleague@{}", demo::PROBATION.global())] {
        let (_, lines) = send(&world, &who, "/referrals/import", &file(&rows)).await;
        assert_eq!(lines.last(), Some(&summary(5, 0, 5, 0)));
        let ids = "{ referrals(first: 5) { nodes { id senderReference } } }";
        let seen = world.data(&who, ids, json!({})).await["referrals"]["nodes"].clone();
        for (i, line) in lines.iter().take(5).enumerate() {
            let of = seen
                .as_array()
                .unwrap()
                .iter()
                .find(|r| r["senderReference"] == line["reference"])
                .expect("it is seen");
            assert_eq!(line, &json!({ "line": i + 2, "reference": format!("A-{i}"), "alreadySent": of["id"] }));
        }
    }
    assert_ne!(before, with_colleague);
    assert_eq!(dump(&world).await, with_colleague);
    // A reference is its sender's: another organisation has its own.
    let (_, lines) = send(&world, "partner-worker", "/referrals/import", &file(&rows[..1])).await;
    assert_eq!(lines, [summary(1, 1, 0, 0)]);
}

async fn a_dry_run_changes_nothing(world: World) {
    import(&world, &file(&[row("A-1")])).await;
    let before = dump(&world).await;
    let rows = [row("A-1"), row("A-2"), row("A-2"), row("A-3").replace("ox1 1bx", "nowhere"), row("A-3")];
    let (_, lines) = send(&world, "referrer", "/referrals/import?dryRun=true", &file(&rows)).await;
    assert_eq!(dump(&world).await, before);
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert_eq!((&lines[0]["line"], lines[0]["alreadySent"].is_string()), (&json!(2), true));
    assert_eq!(lines[1], json!({ "line": 4, "reference": "A-2", "repeated": true }));
    assert_eq!((&lines[2]["line"], &lines[2]["column"]), (&json!(5), &json!("postcode")));
    let said = &lines[3]["summary"];
    assert_eq!(
        (&said["sent"], &said["alreadySent"], &said["rejected"], &said["dryRun"]),
        (&json!(2), &json!(2), &json!(1), &json!(true))
    );
    let (status, _) = send(&world, "referrer", "/referrals/import?dryRun=maybe", &file(&rows)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

async fn two_imports_at_once_send_each_row_once(world: World) {
    let rows: Vec<_> = (0..20).map(|i| row(&format!("A-{i}"))).collect();
    let file = file(&rows);
    let token = world.token("referrer");
    let (_other, second) = match world.backend {
        Backend::Postgres => {
            let (app, router) = world.another_instance().await;
            (Some(app), router)
        }
        // A file is for one process at a time.
        Backend::Sqlite => (None, world.router.clone()),
    };
    let (a, b) = tokio::join!(
        sent_through(&world.router, &token, "/referrals/import", Body::from(file.clone())),
        sent_through(&second, &token, "/referrals/import", Body::from(file.clone())),
    );
    let count =
        |lines: &[Value], of: &str| lines.last().expect("a summary")["summary"][of].as_u64().expect("a number");
    assert_eq!(count(&a.1, "sent") + count(&b.1, "sent"), 20);
    assert_eq!(count(&a.1, "alreadySent") + count(&b.1, "alreadySent"), 20);
    assert_eq!((world.number(&ALL).await, world.number(&REFERENCES).await), (20, 20));
    the_ledger_is_right(&world).await;
}

/// C13, C14: a referral that is hidden from who imports is not there.
async fn a_hidden_referral_of_the_same_reference_tells_nothing(world: World) {
    let hidden = world.submitted("Hidden").await;
    let of = "query Of($id: ID!) { referral(id: $id) { client { id } } }";
    let client = world.data("hub-coordinator", of, json!({ "id": hidden })).await["referral"]["client"]["id"].clone();
    plant(&world, client.as_str().expect("an id"), "SEALED", Against::Nobody, &["team-manager"]).await;
    let bad = row("RF-Hidden").replace("ox1 1bx", "nowhere");
    let mut answers = Vec::new();
    for reference in ["RF-Hidden", "RF-Nobody"] {
        let of = |one: &str| one.replace("RF-Hidden", reference);
        let mut told = Vec::new();
        for path in ["/referrals/import?dryRun=true", "/referrals/import"] {
            import(&world, &file(&[row(&format!("S-{}", told.len()))])).await;
            let before = world.statements();
            let rows = [of(&bad), row(reference)];
            let (status, lines) = send(&world, "referrer", path, &file(&rows)).await;
            told.push((status, lines, world.statements() - before));
        }
        answers.push(told);
    }
    assert_eq!(answers[0], answers[1], "in bytes and in statements");
    assert_eq!(answers[0][1].1.last(), Some(&summary(2, 1, 0, 1)), "it is sent, as one that nobody knows");
    the_ledger_is_right(&world).await;
}

async fn who_may_not_refer_in_bulk_is_refused_and_told_nothing(world: World) {
    import(&world, &file(&[row("A-1")])).await;
    let landlords = OrganisationId(Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_00ab));
    let kin = OrganisationId(Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_00ac));
    let tx = world.app.database.begin().await.expect("begins");
    for (id, name, kind, is_category) in [
        (landlords, "Gable Lettings", OrganisationKind::Landlord, false),
        (kin, "Kith and kin", OrganisationKind::FriendsOrFamily, true),
    ] {
        let new = NewOrganisation {
            id,
            name: name.into(),
            kind,
            is_partner: false,
            is_category,
            parent: None,
            implies: Default::default(),
        };
        organisation::register(&tx, &new, world.clock.now()).await.expect("registers");
    }
    tx.commit().await.expect("commits");
    world.member("landlord", landlords, &[Role::Referrer], &[]).await;
    world.member("cousin", kin, &[Role::Referrer], &[]).await;
    let private = [format!("landlord@{}", landlords.global()), format!("cousin@{}", kin.global())];
    let before = dump(&world).await;
    // Not even whether the file is well made is told.
    for content in [file(&[row("A-1")]), file(&[row("A-9")]), "nonsense".to_owned()] {
        for who in ["commissioner", "administrator", "safeguarding-lead", "information-governance"] {
            let (status, lines) = send(&world, who, "/referrals/import", &content).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{who}");
            let error =
                json!({ "message": "This operation is not for your role.", "extensions": { "code": "FORBIDDEN" } });
            assert_eq!(lines, [json!({ "errors": [error] })], "{who}");
        }
        for who in &private {
            let (status, lines) = send(&world, who, "/referrals/import", &content).await;
            assert_eq!(status, StatusCode::FORBIDDEN);
            assert_eq!(lines[0]["errors"][0]["extensions"]["code"], "FORBIDDEN");
            let message = "Private persons and landlords refer one person at a time. Nothing was imported.";
            assert_eq!(lines, [json!({ "errors": [{ "message": message, "extensions": { "code": "FORBIDDEN" } }] })]);
        }
    }
    let (status, lines) = sent_through(&world.router, "nonsense", "/referrals/import", Body::from("x")).await;
    assert_eq!(
        (status, &lines[0]["errors"][0]["extensions"]["code"]),
        (StatusCode::UNAUTHORIZED, &json!("UNAUTHENTICATED"))
    );
    let as_json = Request::post("/referrals/import")
        .header("authorization", format!("Bearer {}", world.token("referrer")))
        .header("content-type", "application/json")
        .body(Body::from("{}"))
        .expect("a request");
    assert_eq!(world.send(as_json).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(dump(&world).await, before);
}

async fn a_header_that_is_not_the_templates_is_refused(world: World) {
    let before = dump(&world).await;
    for (content, says) in [
        (String::new(), "The file is empty: the first row names the columns."),
        (
            file(&[]).replace("reference,", "reference,secret plans,"),
            "Column 2 has a name that the template does not have. Nothing was imported.",
        ),
        (
            file(&[]).replace("reference,", "reference,Reference,"),
            "The column `reference` is there twice. Nothing was imported.",
        ),
        ("urgency,given_name\n".to_owned(), "There is no column `reference`. Nothing was imported."),
        ("\"reference\n".to_owned(), "The header is not a row of column names."),
    ] {
        let (status, lines) = send(&world, "referrer", "/referrals/import", &content).await;
        assert_eq!((status, &lines[0]["errors"][0]["message"]), (StatusCode::BAD_REQUEST, &json!(says)));
    }
    assert_eq!(dump(&world).await, before);
}

async fn who_hangs_up_has_what_was_sent_and_goes_on_by_sending_again(world: World) {
    let rows: Vec<_> = (0..300).map(|i| row(&format!("A-{i}"))).collect();
    let whole = file(&rows);
    let bare = router(std::sync::Arc::clone(&world.server), &Config::default(), None);
    let (pieces, body) = mpsc::channel::<std::io::Result<Bytes>>(1);
    let body = stream::unfold(body, |mut body| async { body.recv().await.map(|piece| (piece, body)) });
    let request = Request::post("/referrals/import")
        .header("authorization", format!("Bearer {}", world.token("referrer")))
        .header("content-type", "text/csv")
        .body(Body::from_stream(body))
        .expect("a request");
    let begin = file(&[row("A-0"), row("A-1").replace("ox1 1bx", "nowhere")]);
    pieces.send(Ok(begin.into())).await.expect("it is read");
    let mut answer = bare.oneshot(request).await.expect("an answer").into_body().into_data_stream();
    let first = answer.next().await.expect("a line").expect("bytes");
    assert_eq!(serde_json::from_slice::<Value>(&first).expect("JSON")["line"], 3);
    drop(answer);
    // The rest comes, and nobody takes it; in the middle of a row the connection breaks.
    for row in &rows[1..] {
        if pieces.send(Ok(format!("{row}\r\n").into())).await.is_err() {
            break;
        }
    }
    let _ = pieces.send(Ok("A-last,UPSTREAM,Broken,Off".into())).await;
    drop(pieces);
    while world.server.bulk.available_permits() < 4 {
        tokio::task::yield_now().await;
    }
    let done = world.number(&ALL).await;
    assert!((1..100).contains(&done), "{done} rows were sent after nobody listened any more");
    the_ledger_is_right(&world).await;
    let done = u64::try_from(done).expect("few");
    assert_eq!(import(&world, &whole).await.last(), Some(&summary(300, 300 - done, done, 0)));
    assert_eq!((world.number(&ALL).await, world.number(&REFERENCES).await), (300, 300));
}

async fn a_file_that_breaks_off_says_so_and_its_last_row_is_none(world: World) {
    let broken = [
        Ok::<_, std::io::Error>(Bytes::from(file(&[row("A-1"), row("A-2")]))),
        Ok(Bytes::from(row("A-3").split_at(60).0.to_owned())),
        Err(std::io::Error::other("gone")),
    ];
    let token = world.token("referrer");
    let body = Body::from_stream(stream::iter(broken));
    let (_, lines) = sent_through(&world.router, &token, "/referrals/import", body).await;
    assert_eq!(lines[0]["error"]["code"], "BAD_REQUEST");
    let said = &lines[1]["summary"];
    assert_eq!((&said["sent"], &said["complete"], lines.len()), (&json!(2), &json!(false), 2), "{lines:#?}");
    assert_eq!(world.number(&ALL).await, 2);
}

async fn a_membership_that_ends_sends_no_more(world: World) {
    // The viewer is kept for a moment; the membership is tested in the transaction of each row.
    import(&world, &file(&[row("A-1")])).await;
    world.raw("UPDATE membership SET ended_at = 1, version = version + 1 WHERE person_id IN (SELECT person_id FROM identity WHERE subject = 'referrer')").await;
    let lines = import(&world, &file(&[row("A-2"), row("A-3")])).await;
    assert_eq!(lines[0]["error"]["code"], "UNAUTHENTICATED", "{lines:#?}");
    let said = &lines[1]["summary"];
    assert_eq!((&said["rows"], &said["sent"], &said["complete"]), (&json!(1), &json!(0), &json!(false)));
    assert_eq!(world.number(&ALL).await, 1);
}

on_both_databases!(
    the_template_is_taken_as_it_is,
    good_rows_are_submitted_and_bad_rows_change_nothing,
    sending_again_changes_nothing,
    a_dry_run_changes_nothing,
    two_imports_at_once_send_each_row_once,
    a_hidden_referral_of_the_same_reference_tells_nothing,
    who_may_not_refer_in_bulk_is_refused_and_told_nothing,
    a_header_that_is_not_the_templates_is_refused,
    who_hangs_up_has_what_was_sent_and_goes_on_by_sending_again,
    a_file_that_breaks_off_says_so_and_its_last_row_is_none,
    a_membership_that_ends_sends_no_more,
);
