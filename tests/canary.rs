//! What is hidden is in no answer and in no line of the log, of any test here (C13, C14): `support::scan` looks through them
//! all for a record whose every word is marked. Here is proven that it would find it, and every way in is tried.

use crate::hidden::{Schema, every_query, look};
use crate::inputs::{Things, dump, every_mutation, ids_in, put};
use crate::support::marked::{self, KEEPER, MARK, marked_draft, words};
use crate::support::scan::{Finds, LogScan, ON_PURPOSE, found_on_purpose, in_answer, levels, scanned_into};
use crate::support::{CANARY, World};
use alliance::domain::ids::TypedId;
use alliance::http::authentication::{AUDIENCE, DEVELOPMENT_ISSUER, TokenClaims};
use alliance::service::demo;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use std::sync::Arc;
use tower::ServiceExt;
use tracing_subscriber::layer::{Layer, SubscriberExt};

/// Everybody but the keeper.
fn everybody() -> impl Iterator<Item = &'static str> {
    demo::PERSONAS.iter().map(|p| p.name).chain(["canary"])
}

/// What can be asked for by id at the root, or as a node.
fn found_by_id(id: &str) -> bool {
    ["client", "referral", "case", "note", "consent", "basis", "signpost"]
        .iter()
        .any(|tag| id.starts_with(&format!("{tag}_")))
}

async fn no_query_shows_a_word_of_the_marked_record_to_anybody_but_its_keeper(world: World) {
    let schema = Schema::of(&world).await;
    let ids: Vec<_> = marked::ids(&world).into_iter().filter(|id| found_by_id(id)).collect();
    assert!(ids.len() >= 13, "{ids:?}");
    let mut queries = every_query(&schema, &ids);
    for filter in [json!({ "name": &*MARK }), json!({ "dateOfBirth": "1911-11-11" })] {
        let of = schema.all("ClientConnection", 1);
        queries.push((
            format!("query Q($f: ClientFilter) {{ clients(filter: $f) {{ {of} }} }}"),
            json!({ "f": filter }),
        ));
    }
    for who in everybody() {
        for (query, variables) in &queries {
            // Whatever is in the answer that must not be there is found on the way.
            let answer = look(&world, who, query, variables).await.body;
            assert!(!answer.contains("TOO_COMPLEX") && !answer.contains("INTERNAL"), "{query:.200}: {answer:.300}");
        }
    }
    // The same queries show it to its keeper, and what would tell of a leak is told of each such answer.
    let mut shown = String::new();
    for (query, variables) in &queries {
        let answer = look(&world, "keeper", query, variables).await.body;
        let kept = answer.to_lowercase().contains(MARK.as_str());
        assert!(!kept || in_answer(StatusCode::OK, &HeaderMap::new(), answer.as_bytes()).is_some(), "{answer}");
        shown.push_str(&answer);
    }
    let drafted = marked_draft(&MARK).to_string();
    let mut expected: Vec<String> = drafted
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|w| w.starts_with(MARK.as_str()) && *w != words("Evidence"))
        .map(str::to_owned)
        .collect();
    expected.extend(
        ["TEAM", "AGENCY", "THIRD_PARTY", "REFLECTIVE"].map(|visibility| words(&format!("Noted{visibility}"))),
    );
    expected.extend(
        [
            "Schedule",
            "Lawful",
            "Unlawful",
            "Outcome",
            "Onward",
            "RoleAgain",
            "Equalities",
            "Planned",
            "Pointed",
            "Reference",
        ]
        .map(words),
    );
    expected.extend(["1911-11-11", "87654321", "ZK9 9ZZ", "2027-11-23"].map(str::to_owned));
    // A note that was corrected is there under its new id.
    expected.extend(ids.into_iter().filter(|id| !id.starts_with("note_")));
    assert!(expected.len() > 60, "{}", expected.len());
    let missing: Vec<_> = expected.iter().filter(|w| !shown.contains(w.as_str())).collect();
    assert!(missing.is_empty(), "the queries never show {missing:?}");
}

async fn no_mutation_tells_a_word_of_the_marked_record_or_changes_it(world: World) {
    let schema = Schema::of(&world).await;
    let kept = marked::ids(&world);
    let t = Things::of(&world).await;
    let before = dump(&world).await;
    let mut tried = 0;
    for (its, name, input) in every_mutation(&t) {
        let mut of = name.to_owned();
        of[..1].make_ascii_uppercase();
        let payload = schema.all(&format!("{of}Payload"), 1);
        let query = format!("mutation M($input: {of}Input!) {{ {name}(input: $input) {{ {payload} }} }}");
        let mut places = Vec::new();
        ids_in(&input, "", &mut places);
        for pointer in places {
            let tag = input.pointer(&pointer).and_then(Value::as_str).unwrap().split('_').next().unwrap().to_owned();
            for id in kept.iter().filter(|id| id.starts_with(&format!("{tag}_"))) {
                let input = json!({ "input": put(&input, &pointer, json!(id)) });
                for who in [its, "hub-coordinator", "canary"] {
                    let answer = look(&world, who, &query, &input).await.body;
                    let refused =
                        answer.contains(r#""code":"NOT_FOUND""#) || answer.contains(r#""code":"FORBIDDEN""#);
                    assert!(refused, "{who} {name}{pointer}: {answer}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 120, "{tried}");
    assert_eq!(dump(&world).await, before, "nothing was changed");
}

/// A router that answers each path with what it is given.
fn answering(answers: Vec<(&'static str, Response)>) -> Router {
    let mut router = Router::new();
    for (path, answer) in answers {
        let answer = Arc::new(std::sync::Mutex::new(Some(answer)));
        router = router.route(path, get(move || async move { answer.lock().unwrap().take().expect("asked once") }));
    }
    router
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0u32, |all, b| all << 8 | u32::from(*b)) << (8 * (3 - three.len()));
        for i in 0..=three.len() {
            text.push(char::from(LETTERS[(bits >> (18 - 6 * i) & 63) as usize]));
        }
    }
    text
}

async fn what_is_planted_in_an_answer_is_found(world: World) {
    let mark = MARK.as_str();
    let id = marked::ids(&world).remove(0);
    let uuid = KEEPER; // Its agency is known to everybody; the record is not.
    let digits = id.split_once('_').unwrap().1;
    let hyphens = uuid::Uuid::parse_str(digits).unwrap().to_string();
    let bytes = uuid::Uuid::parse_str(digits).unwrap().into_bytes();
    let header = |value: &str| {
        let mut answer = "nothing".into_response();
        answer.headers_mut().insert("x-planted", HeaderValue::from_str(value).unwrap());
        answer
    };
    let mut encoded = "anything".into_response();
    encoded.headers_mut().insert("content-encoding", HeaderValue::from_static("br"));
    let body = |text: String| text.into_response();
    let table = vec![
        ("/plain", body(format!("{{\"family\":\"{mark}Family\"}}")), true),
        ("/loud", body(mark.to_uppercase()), true),
        ("/header", header(&format!("by {mark}")), true),
        ("/id", body(format!("{{\"id\":\"{id}\"}}")), true),
        ("/uuid", body(format!("uuid {hyphens}")), true),
        ("/birth", body("born on 1911-11-11".into()), true),
        ("/error", (StatusCode::BAD_REQUEST, format!("no such name: {mark}")).into_response(), true),
        ("/cursor", body(format!("{{\"endCursor\":\"{}\"}}", base64(format!("name={mark}").as_bytes()))), true),
        ("/place", body(format!("{{\"endCursor\":\"{}\"}}", base64(id.as_bytes()))), true),
        ("/bytes", body(format!("{{\"endCursor\":\"{}\"}}", base64(&bytes))), true),
        ("/in-header", header(&base64(id.as_bytes())), true),
        ("/encoded", encoded, true),
        ("/nothing", body(format!("{} of {}", uuid.global(), CANARY.global())), false),
    ];
    let paths: Vec<_> = table.iter().map(|(path, _, found)| (*path, *found)).collect();
    let finds = Arc::new(Finds::default());
    let answers = table.into_iter().map(|(path, answer, _)| (path, answer)).collect();
    let router = scanned_into(answering(answers), Arc::clone(&finds));
    for (path, found) in paths {
        let before = finds.all().len();
        let request = Request::get(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap();
        assert_eq!(finds.all().len() - before, usize::from(found), "{path}: {:?}", finds.all().get(before..));
    }
    // The real service, with an answer that is the keeper's: found unless it is the keeper who asks.
    let query = json!({ "query": "{ clients(first: 3) { nodes { id name { family } } } }" }).to_string();
    let asked = |authorization: String| {
        let request = Request::post("/graphql").header("content-type", "application/json");
        request.header("authorization", authorization).body(Body::from(query.clone())).unwrap()
    };
    let real = scanned_into(world.router.clone(), Arc::clone(&finds));
    let before = finds.all().len();
    let answer = real.clone().oneshot(asked(format!("Bearer {}", world.token("keeper")))).await.unwrap();
    assert_eq!((answer.status(), finds.all().len()), (StatusCode::OK, before));
    let answer = http_body_util::BodyExt::collect(answer.into_body()).await.unwrap().to_bytes();
    assert!(in_answer(StatusCode::OK, &HeaderMap::new(), &answer).is_some());
    // A token that merely says so is looked at like any other that does not.
    let claims = TokenClaims {
        iss: DEVELOPMENT_ISSUER.into(),
        sub: "keeper".into(),
        aud: AUDIENCE.into(),
        exp: 4_102_444_800,
        iat: 0,
        org: CANARY.global(),
        roles: vec!["SUPPORT_WORKER".into()],
    };
    let refused = real.oneshot(asked(format!("Bearer {}", world.sign(&claims)))).await.unwrap();
    assert_eq!((refused.status(), finds.all().len()), (StatusCode::UNAUTHORIZED, before));
}

#[test]
fn what_is_planted_in_a_line_of_the_log_is_found() {
    let _ = crate::support::draft("Xanthippe");
    let mark = MARK.as_str();
    let finds = Arc::new(Finds::default());
    let log = tracing_subscriber::registry().with(LogScan::into(Arc::clone(&finds)).with_filter(levels()));
    let found = |log: &dyn Fn()| {
        let before = finds.all().len();
        log();
        finds.all().len() - before
    };
    tracing::subscriber::with_default(log, || {
        assert_eq!(found(&|| tracing::trace!(target: "alliance::persistence", "read {mark}")), 1, "a message");
        assert_eq!(found(&|| tracing::error!(target: "alliance::http", error = mark, "not read")), 1, "a field");
        assert_eq!(found(&|| tracing::warn!(target: "sqlx::query", detail = ?Some(mark), "slow")), 1, "a library's");
        assert_eq!(found(&|| tracing::info!(target: "alliance", "{}", mark.to_uppercase())), 1, "in capitals");
        assert_eq!(found(&|| drop(tracing::info_span!(target: "alliance", "request", by = mark))), 1, "a span");
        let span = tracing::info_span!(target: "alliance", "request", by = tracing::field::Empty);
        assert_eq!(found(&|| assert!(!span.record("by", mark).is_none())), 1, "a span's later field");
        assert_eq!(found(&|| tracing::debug!(target: "alliance", "found Maren")), 1, "whom every draft is about");
        assert_eq!(found(&|| tracing::debug!(target: "alliance", "07700 900123")), 1, "how to reach them");
        assert_eq!(found(&|| tracing::debug!(target: "alliance", "Xanthippe was here")), 1, "a test's own name");
        assert_eq!(found(&|| tracing::debug!(target: "alliance", "answered")), 0);
        assert_eq!(found(&|| tracing::trace!(target: "sqlx", "{mark}")), 0, "what is never switched on");
    });
}

async fn the_log_of_this_very_process_is_looked_through(world: World) {
    // Every task of the service logs into it, whatever thread it runs on.
    let line = format!("{} {}: {ON_PURPOSE}", &*MARK, world.url);
    tokio::spawn(async move { tracing::trace!(target: "alliance::service", "{line}") }).await.unwrap();
    let found = found_on_purpose();
    assert!(found.iter().any(|f| f.contains(&world.url)), "{found:?}");
}

on_both_databases!(
    no_query_shows_a_word_of_the_marked_record_to_anybody_but_its_keeper,
    no_mutation_tells_a_word_of_the_marked_record_or_changes_it,
    what_is_planted_in_an_answer_is_found,
    the_log_of_this_very_process_is_looked_through,
);
