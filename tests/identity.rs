//! Identity (C21): tokens, what they need, and whom they speak for.

use crate::support::scan::scanned;
use crate::support::{CANARY, World};
use alliance::config::{Config, Flags, Issuer, SignatureAlgorithm};
use alliance::domain::code::Coded;
use alliance::domain::ids::{OrganisationId, TypedId};
use alliance::domain::role::Role;
use alliance::http::authentication::{Authenticator, DEVELOPMENT_ISSUER, TokenClaims};
use alliance::http::server::{Server, router};
use alliance::persistence::sql::Sql;
use alliance::service::demo;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

fn key(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/keys").join(name)
}

fn pem(name: &str) -> Vec<u8> {
    std::fs::read(key(name)).expect("a test key")
}

async fn ask(world: &World, authorization: Option<&str>) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = Request::post("/graphql").header("content-type", "application/json");
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    let body = json!({ "query": "{ viewer { personId roles } }" }).to_string();
    let (status, mut headers, bytes) = world.send(request.body(Body::from(body)).expect("a request")).await;
    headers.remove("x-request-id");
    (status, headers, bytes)
}

/// The claims of a good token of the hub coordinator, to be spoilt.
fn good() -> Value {
    json!({
        "iss": DEVELOPMENT_ISSUER, "aud": "alliance", "sub": "hub-coordinator", "exp": 4_102_444_800_i64,
        "org": demo::HARBOUR.global(), "roles": ["HUB_COORDINATOR"],
    })
}

async fn secret(world: &World) -> EncodingKey {
    static KEY: Sql = Sql::new("SELECT value FROM setting WHERE key = 'development_signing_key'");
    let row = world.app.database.row(&KEY, Vec::new()).await.expect("reads").expect("a key");
    let hex: String = row.try_get_by_index(0).expect("text");
    EncodingKey::from_secret(&alliance::persistence::convention::unhex(&hex).expect("hexadecimal"))
}

async fn every_bad_token_gets_the_same_answer(world: World) {
    let secret = secret(&world).await;
    let signed = |claims: &Value| {
        format!("Bearer {}", encode(&Header::new(Algorithm::HS256), claims, &secret).expect("signs"))
    };
    assert_eq!(ask(&world, Some(&signed(&good()))).await.0, StatusCode::OK, "the good one is good");
    let mut bad: Vec<(String, Option<String>)> = vec![
        ("no header".into(), None),
        ("garbage".into(), Some("Bearer garbage".into())),
        ("empty".into(), Some("Bearer ".into())),
        ("basic".into(), Some("Basic aHViOmh1Yg==".into())),
        ("no scheme".into(), Some(signed(&good()).replace("Bearer ", ""))),
    ];
    for claim in ["exp", "aud", "iss", "sub", "org", "roles"] {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(claim);
        bad.push((format!("without {claim}"), Some(signed(&claims))));
    }
    for (claim, value) in [
        ("exp", json!(1_000_000_000)),
        ("nbf", json!(4_000_000_000_i64)),
        ("aud", json!("another-service")),
        ("iss", json!("https://elsewhere.example")),
        ("sub", json!("nobody")),
        ("org", json!(demo::LOCKWELL.global())),
        ("org", json!("organisation_nonsense")),
        ("roles", json!(["SUPPORT_WORKER"])),
        ("roles", json!([])),
        ("roles", json!(["EMPEROR"])),
    ] {
        let mut claims = good();
        claims[claim] = value;
        bad.push((format!("{claim} {}", claims[claim]), Some(signed(&claims))));
    }
    for (claim, value) in [
        ("exp", json!("4102444800")),
        ("nbf", json!("4000000000")),
        ("nbf", json!(4e9)),
        ("exp", json!(-1)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(1e300)),
        ("aud", json!(["another-service", "a-third"])),
        ("iss", json!([DEVELOPMENT_ISSUER])),
        ("sub", json!("")),
        ("sub", json!("Hub-Coordinator")),
        ("org", json!([demo::HARBOUR.global(), demo::LOCKWELL.global()])),
        ("org", json!(demo::HARBOUR.global().to_uppercase())),
        ("roles", json!("HUB_COORDINATOR")),
        ("roles", json!(["hub_coordinator", "HUB_COORDINATOR "])),
    ] {
        let mut claims = good();
        claims[claim] = value;
        bad.push((format!("{claim} {}", claims[claim]), Some(signed(&claims))));
    }
    let mut spoilt = signed(&good());
    let last = spoilt.len() - 10;
    spoilt.replace_range(last..=last, if spoilt[last..].starts_with('A') { "B" } else { "A" });
    bad.push(("a signature with another letter".into(), Some(spoilt)));
    bad.push(("no signature".into(), signed(&good()).rsplit_once('.').map(|(said, _)| format!("{said}."))));
    bad.push(("a part too many".into(), Some(format!("{}.e30", signed(&good())))));
    bad.push(("two tokens".into(), Some(format!("{}, {}", signed(&good()), signed(&good())))));
    bad.push(("a token of ten thousand letters".into(), Some(format!("Bearer {}", "a".repeat(10_000)))));
    let other = EncodingKey::from_secret(b"another secret, as long as one should be");
    bad.push((
        "another key".into(),
        Some(format!("Bearer {}", encode(&Header::new(Algorithm::HS256), &good(), &other).unwrap())),
    ));
    let hs512 = encode(&Header::new(Algorithm::HS512), &good(), &secret).unwrap();
    bad.push(("another algorithm".into(), Some(format!("Bearer {hs512}"))));
    let good_token = encode(&Header::new(Algorithm::HS256), &good(), &secret).unwrap();
    let payload = good_token.split('.').nth(1).unwrap();
    // {"alg":"none","typ":"JWT"}
    bad.push(("alg none".into(), Some(format!("Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}."))));
    let expected = ask(&world, None).await;
    assert_eq!(expected.0, StatusCode::UNAUTHORIZED);
    assert_eq!(expected.1["www-authenticate"], "Bearer");
    for (what, header) in bad {
        assert_eq!(ask(&world, header.as_deref()).await, expected, "{what}");
    }
}

/// An issuer as it is configured.
fn issuer(name: &str, algorithm: SignatureAlgorithm, file: &str, organisations: &[OrganisationId]) -> Issuer {
    Issuer {
        issuer: name.into(),
        audience: "alliance".into(),
        algorithm,
        public_key_file: key(file),
        organisations: organisations.iter().map(|o| o.global()).collect(),
    }
}

/// A world whose server trusts these issuers alone.
fn trusting(mut world: World, issuers: Vec<Issuer>) -> World {
    let config = Config { issuers, ..Config::default() };
    let authenticator = Authenticator::new(&config.issuers, None).expect("an authenticator");
    let server = Server::new(Arc::clone(&world.app), &config, authenticator);
    world.router = scanned(router(server, &config, None));
    world
}

const LOGIN: &str = "https://login.example.org";

async fn registered(world: &World, subject: &str) {
    let sql = format!(
        "UPDATE identity SET issuer = '{LOGIN}' WHERE issuer = '{DEVELOPMENT_ISSUER}' AND subject = '{subject}'"
    );
    world.raw(&sql).await;
}

async fn configured_issuers_sign_with_their_own_algorithm_for_their_own_organisations(world: World) {
    registered(&world, "hub-coordinator").await;
    registered(&world, "partner-worker").await;
    let mut claims = good();
    claims["iss"] = json!(LOGIN);
    let rsa = EncodingKey::from_rsa_pem(&pem("rs256.private.pem")).unwrap();
    let ec = EncodingKey::from_ec_pem(&pem("es256.private.pem")).unwrap();
    let ed = EncodingKey::from_ed_pem(&pem("eddsa.private.pem")).unwrap();
    let mut world = world;
    for (algorithm, pinned, file, key) in [
        (Algorithm::RS256, SignatureAlgorithm::RS256, "rs256.public.pem", &rsa),
        (Algorithm::ES256, SignatureAlgorithm::ES256, "es256.public.pem", &ec),
        (Algorithm::EdDSA, SignatureAlgorithm::EdDSA, "eddsa.public.pem", &ed),
    ] {
        world = trusting(world, vec![issuer(LOGIN, pinned, file, &[demo::HARBOUR])]);
        let token = |claims: &Value| format!("Bearer {}", encode(&Header::new(algorithm), claims, key).unwrap());
        assert_eq!(ask(&world, Some(&token(&claims))).await.0, StatusCode::OK, "{algorithm:?}");
        // The public key as an HMAC secret: the oldest trick.
        let confused = EncodingKey::from_secret(&pem(file));
        let confused = format!("Bearer {}", encode(&Header::new(Algorithm::HS256), &claims, &confused).unwrap());
        assert_eq!(ask(&world, Some(&confused)).await.0, StatusCode::UNAUTHORIZED, "{algorithm:?} confused");
        // An organisation it is not registered for.
        let mut foreign = claims.clone();
        foreign["sub"] = json!("partner-worker");
        foreign["org"] = json!(demo::LOCKWELL.global());
        foreign["roles"] = json!(["SUPPORT_WORKER"]);
        assert_eq!(ask(&world, Some(&token(&foreign))).await.0, StatusCode::UNAUTHORIZED, "{algorithm:?} foreign");
    }
}

async fn token_and_membership_both_narrow_the_roles(world: World) {
    let secret = secret(&world).await;
    let roles = async |of: Value| {
        let mut claims = good();
        claims["sub"] = json!("canary");
        claims["org"] = json!(CANARY.global());
        claims["roles"] = of;
        let token = encode(&Header::new(Algorithm::HS256), &claims, &secret).unwrap();
        let (_, _, bytes) = ask(&world, Some(&format!("Bearer {token}"))).await;
        serde_json::from_slice::<Value>(&bytes).unwrap()["data"]["viewer"]["roles"].clone()
    };
    assert_eq!(roles(json!(["REFERRER"])).await, json!(["REFERRER"]), "fewer than held");
    assert_eq!(roles(json!(["REFERRER", "COMMISSIONER"])).await, json!(["REFERRER"]), "more than held");
}

async fn an_embedded_worker_acts_for_either_and_never_for_both(world: World) {
    let t = world.accepted("Embedded").await;
    // The same person is a worker of Harbour's north team, and of the canary partner.
    world.member("embedded", demo::HARBOUR, &[Role::SupportWorker], &[demo::NORTH]).await;
    world.member("embedded", CANARY, &[Role::SupportWorker], &[]).await;
    let query = "query($id: ID!) { client(id: $id) { id } viewer { organisation { id } } }";
    for (organisation, sees) in [(demo::HARBOUR, true), (CANARY, false), (demo::HARBOUR, true)] {
        let who = format!("embedded@{}", organisation.global());
        let answer = world.data(&who, query, json!({ "id": t.client })).await;
        assert_eq!(answer["client"].is_object(), sees, "{who}");
        assert_eq!(answer["viewer"]["organisation"]["id"], organisation.global());
    }
}

async fn an_ended_membership_opens_nothing_from_the_next_request_on(world: World) {
    let t = world.accepted("Ended").await;
    let query = "query($id: ID!) { client(id: $id) { id } }";
    let see = async || world.ask("support-worker", query, json!({ "id": t.client })).await;
    assert_eq!(see().await["data"]["client"]["id"], t.client);
    let list = "{ memberships(first: 100) { nodes { id version personName } } }";
    let all = world.data("administrator", list, json!({})).await;
    let sam = all["memberships"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["personName"] == "Sam Okafor")
        .unwrap()
        .clone();
    let end = json!({ "membershipId": sam["id"], "version": sam["version"] });
    world.done("administrator", "membershipEnd", end, "membership { endedAt }").await;
    // The viewer may still be kept for a second; the statement tests the membership itself.
    assert_eq!(see().await, json!({ "data": { "client": null } }));
    world.clock.pass_seconds(2);
    assert_eq!(see().await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

/// What is wrong with a token of a configured issuer, claim by claim.
const SPOILT: &[(&str, Option<&str>)] = &[
    ("exp", None),
    ("aud", None),
    ("iss", None),
    ("sub", None),
    ("org", None),
    ("roles", None),
    ("exp", Some("1000000000")),
    ("nbf", Some("4000000000")),
    ("aud", Some("\"another-service\"")),
    ("iss", Some("\"alliance-development\"")),
    ("iss", Some("\"https://login.example.org/\"")),
    ("sub", Some("\"support-worker\"")),
    ("roles", Some("[\"SUPPORT_WORKER\"]")),
];

async fn a_configured_issuers_bad_tokens_read_like_no_token_at_all(world: World) {
    registered(&world, "hub-coordinator").await;
    let development = secret(&world).await;
    let rsa = EncodingKey::from_rsa_pem(&pem("rs256.private.pem")).unwrap();
    let ec = EncodingKey::from_ec_pem(&pem("es256.private.pem")).unwrap();
    let ed = EncodingKey::from_ed_pem(&pem("eddsa.private.pem")).unwrap();
    let keys = [
        (Algorithm::RS256, SignatureAlgorithm::RS256, "rs256.public.pem", &rsa),
        (Algorithm::ES256, SignatureAlgorithm::ES256, "es256.public.pem", &ec),
        (Algorithm::EdDSA, SignatureAlgorithm::EdDSA, "eddsa.public.pem", &ed),
    ];
    let claims = json!({
        "iss": LOGIN, "aud": "alliance", "sub": "hub-coordinator", "exp": 4_102_444_800_i64, "nbf": 1_000_000_000,
        "org": demo::HARBOUR.global(), "roles": ["HUB_COORDINATOR"],
    });
    let mut world = world;
    for (algorithm, pinned, file, key) in keys {
        world = trusting(world, vec![issuer(LOGIN, pinned, file, &[demo::HARBOUR])]);
        let expected = ask(&world, None).await;
        let signed = |claims: &Value, algorithm, key: &EncodingKey| {
            format!("Bearer {}", encode(&Header::new(algorithm), claims, key).unwrap())
        };
        let right = signed(&claims, algorithm, key);
        assert_eq!(ask(&world, Some(&right)).await.0, StatusCode::OK, "{algorithm:?}");
        for (claim, value) in SPOILT {
            let mut spoilt = claims.clone();
            match value {
                None => drop(spoilt.as_object_mut().unwrap().remove(*claim)),
                Some(value) => spoilt[*claim] = serde_json::from_str(value).unwrap(),
            }
            let token = signed(&spoilt, algorithm, key);
            assert_eq!(ask(&world, Some(&token)).await, expected, "{algorithm:?}: {claim}: {value:?}");
        }
        // Signed by somebody else this service knows, or as somebody else signs; and the development key is none of them.
        for (other, _, _, key) in keys.into_iter().filter(|k| k.0 != algorithm) {
            assert_eq!(ask(&world, Some(&signed(&claims, other, key))).await, expected, "{algorithm:?} as {other:?}");
        }
        for claims in [&claims, &good()] {
            let token = signed(claims, Algorithm::HS256, &development);
            assert_eq!(ask(&world, Some(&token)).await, expected, "{algorithm:?}: the development key");
        }
        // What one key signed under another's name of an algorithm.
        let (_, rest) = right.split_once('.').unwrap();
        for other in ["RS256", "ES256", "EdDSA", "HS256", "PS256", "none"] {
            let head =
                encode(&Header::new(Algorithm::HS256), &json!({ "alg": other, "typ": "JWT" }), &development).unwrap();
            let head = head.split('.').nth(1).unwrap().to_owned();
            if other != format!("{algorithm:?}") {
                let token = format!("Bearer {head}.{rest}");
                assert_eq!(ask(&world, Some(&token)).await, expected, "{algorithm:?} called {other}");
            }
        }
    }
}

async fn a_subject_is_somebody_else_at_another_issuer(world: World) {
    registered(&world, "hub-coordinator").await;
    let elsewhere = "https://elsewhere.example.org";
    let grant = json!({
        "issuer": elsewhere, "subject": "partner-worker", "name": "Somebody Else", "organisationId": demo::LOCKWELL.global(),
        "roles": ["SUPPORT_WORKER"], "teamIds": [],
    });
    world.done("administrator", "membershipGrant", grant, "").await;
    let of_priya = world.data("partner-worker", "{ viewer { personId } }", json!({})).await;
    let world = trusting(
        world,
        vec![
            issuer(LOGIN, SignatureAlgorithm::RS256, "rs256.public.pem", &[demo::HARBOUR, demo::LOCKWELL]),
            issuer(elsewhere, SignatureAlgorithm::EdDSA, "eddsa.public.pem", &[demo::HARBOUR, demo::LOCKWELL]),
        ],
    );
    let rsa = EncodingKey::from_rsa_pem(&pem("rs256.private.pem")).unwrap();
    let ed = EncodingKey::from_ed_pem(&pem("eddsa.private.pem")).unwrap();
    let token = |iss: &str, sub: &str, org: OrganisationId, role: &str| {
        let claims = json!({
            "iss": iss, "aud": "alliance", "sub": sub, "exp": 4_102_444_800_i64, "org": org.global(), "roles": [role],
        });
        let (algorithm, key) = if iss == LOGIN { (Algorithm::RS256, &rsa) } else { (Algorithm::EdDSA, &ed) };
        format!("Bearer {}", encode(&Header::new(algorithm), &claims, key).unwrap())
    };
    let refused = ask(&world, None).await;
    let hub = ("hub-coordinator", demo::HARBOUR, "HUB_COORDINATOR");
    assert_eq!(ask(&world, Some(&token(LOGIN, hub.0, hub.1, hub.2))).await.0, StatusCode::OK);
    assert_eq!(ask(&world, Some(&token(elsewhere, hub.0, hub.1, hub.2))).await, refused, "unknown there");
    let worker = ("partner-worker", demo::LOCKWELL, "SUPPORT_WORKER");
    assert_eq!(ask(&world, Some(&token(LOGIN, worker.0, worker.1, worker.2))).await, refused, "unknown here");
    let (status, _, bytes) = ask(&world, Some(&token(elsewhere, worker.0, worker.1, worker.2))).await;
    assert_eq!(status, StatusCode::OK);
    let other: Value = serde_json::from_slice(&bytes).unwrap();
    assert_ne!(other["data"]["viewer"]["personId"], of_priya["viewer"]["personId"]);
}

async fn fewer_roles_open_less_and_more_roles_open_no_more(world: World) {
    world.accepted("Quill").await;
    world.submitted("Tarn").await;
    let held = [Role::SupportWorker, Role::HubCoordinator];
    world.member("deputy", demo::HARBOUR, &held, &[demo::NORTH, demo::HUB]).await;
    let secret = secret(&world).await;
    let seen = async |roles: &[&str]| {
        let claims = json!({
            "iss": DEVELOPMENT_ISSUER, "aud": "alliance", "sub": "deputy", "exp": 4_102_444_800_i64,
            "org": demo::HARBOUR.global(), "roles": roles,
        });
        let token = encode(&Header::new(Algorithm::HS256), &claims, &secret).unwrap();
        let query = "{ viewer { roles } waiting: referrals(state: SUBMITTED) { totalCount } sharedCases { totalCount } \
            clients { totalCount } memberships { totalCount } }";
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(json!({ "query": query }).to_string()))
            .expect("a request");
        let (_, _, bytes) = world.send(request).await;
        let answer: Value = serde_json::from_slice(&bytes).unwrap();
        let of = |field: &str| answer["data"][field]["totalCount"].as_i64().unwrap_or(-1);
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
            "memberships are for administrators: {answer}"
        );
        (of("waiting"), of("sharedCases"), of("clients"))
    };
    assert_eq!(seen(&["SUPPORT_WORKER", "HUB_COORDINATOR"]).await, (1, 1, 2));
    assert_eq!(seen(&["SUPPORT_WORKER"]).await, (0, 1, 1));
    assert_eq!(seen(&["HUB_COORDINATOR"]).await, (1, 0, 2));
    let all: Vec<_> = Role::ALL.iter().map(|r| r.code()).collect();
    assert_eq!(seen(&all).await, (1, 1, 2), "a token with every role opens no more");
    assert_eq!(seen(&["HUB_COORDINATOR", "ADMINISTRATOR", "SAFEGUARDING_LEAD"]).await, (1, 0, 2));
}

async fn the_two_hats_of_one_person_share_nothing(world: World) {
    let t = world.accepted("Quill").await;
    let person = world.member("embedded", demo::HARBOUR, &[Role::SupportWorker], &[demo::NORTH]).await;
    assert_eq!(world.member("embedded", demo::LOCKWELL, &[Role::SupportWorker], &[demo::SOLICITORS]).await, person);
    let (one, other) =
        (format!("embedded@{}", demo::HARBOUR.global()), format!("embedded@{}", demo::LOCKWELL.global()));
    let record = "query R($id: ID!) { client(id: $id) { housing { tenure } health { text } risk { entryId text } } \
        viewer { personId organisation { id } teams { id } } }";
    let ask = async |who: &str| world.data(who, record, json!({ "id": t.client })).await;
    // Before the solicitors are on the case, the hat of theirs sees nothing, whatever else the person sees.
    assert_eq!(ask(&one).await["client"]["health"]["text"], "Takes medication for depression.");
    assert_eq!(ask(&other).await["client"], Value::Null);
    world.solicitors_join(&t).await;
    let (harbour, lockwell) = (ask(&one).await, ask(&other).await);
    assert_eq!(harbour["viewer"]["personId"], lockwell["viewer"]["personId"]);
    assert_eq!(harbour["viewer"]["teams"], json!([{ "id": demo::NORTH.global() }]));
    assert_eq!(lockwell["viewer"]["teams"], json!([{ "id": demo::SOLICITORS.global() }]));
    assert_eq!(lockwell["client"]["housing"]["tenure"], "PRIVATE_RENT");
    assert_eq!(lockwell["client"]["health"], Value::Null);
    // What is recorded under one hat is not the other's own.
    let risk = |words: &str| json!({ "text": { "category": "RISK", "text": words } });
    let entry = json!({ "clientId": t.client, "section": risk("A dog that bites.") });
    let recorded = world.done(&other, "entryRecord", entry, "client { risk { entryId recordedFor { id } } }").await;
    assert_eq!(recorded["client"]["risk"]["recordedFor"]["id"], demo::LOCKWELL.global());
    let correct = json!({
        "entryId": recorded["client"]["risk"]["entryId"], "version": 1, "section": risk("No dog."), "reason": "Mistaken.",
    });
    assert_eq!(world.codes(&one, "entryCorrect", correct.clone()).await, ["NOT_ALLOWED"]);
    world.done(&other, "entryCorrect", correct, "").await;
    // A token that names no organisation, or one of nobody's, is for nobody.
    let add = json!({ "caseId": t.case, "teamId": demo::OUTREACH.global(), "role": "Nurse", "agreed": ["HOUSING"] });
    assert_eq!(
        world.codes(&other, "caseMemberAdd", add).await,
        ["NOT_ALLOWED"],
        "the lead's work is the lead's hat's"
    );
}

async fn a_kept_viewer_is_dropped_when_the_token_expires_and_when_the_membership_ends(world: World) {
    let claims: TokenClaims = serde_json::from_value(good()).expect("claims");
    let token = format!("Bearer {}", world.sign(&claims));
    let refused = ask(&world, None).await;
    assert_eq!(ask(&world, Some(&token)).await.0, StatusCode::OK);
    world.raw("UPDATE membership SET ended_at = 1, version = version + 1").await;
    world.clock.pass_seconds(1);
    assert_eq!(ask(&world, Some(&token)).await, refused, "an ended membership");
    world.raw("UPDATE membership SET ended_at = NULL").await;
    assert_eq!(ask(&world, Some(&token)).await.0, StatusCode::OK);
    world.clock.pass_days(27_500);
    assert_eq!(ask(&world, Some(&token)).await, refused, "expired by this service's own clock");
}

/// Settings from a file of this text.
fn settings(text: &str) -> Result<Config, String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let n = NUMBER.fetch_add(1, Ordering::SeqCst);
    let file = std::env::temp_dir().join(format!("alliance-settings-{}-{n}.toml", std::process::id()));
    std::fs::write(&file, text).expect("it writes");
    let read = Config::read(Some(&file), &Flags::default());
    std::fs::remove_file(&file).expect("it was there");
    read
}

/// An issuer as a file has it; `{}` stands for more lines.
fn issuer_text(more: &str) -> String {
    format!(
        "profile = 'production'\n[[issuers]]\nissuer = '{LOGIN}'\naudience = 'alliance'\nalgorithm = 'RS256'\n\
        public_key_file = '{}'\norganisations = ['{}']\n{more}",
        key("rs256.public.pem").display(),
        demo::HARBOUR.global()
    )
}

#[test]
fn settings_with_unknown_keys_and_bad_issuers_are_refused_in_words() {
    let good = issuer_text("");
    let config = settings(&good).expect("these are good");
    assert!(Authenticator::new(&config.issuers, None).is_ok());
    for (text, word) in [
        ("lissten = '127.0.0.1:9'".to_owned(), "lissten"),
        ("[limits]\ndepht = 20".to_owned(), "depht"),
        (issuer_text("jwks = 'https://login.example.org/jwks'"), "jwks"),
        (good.replace("audience = 'alliance'\n", ""), "audience"),
        (good.replace("audience = 'alliance'", "audience = ''"), "audience"),
        (good.replace(LOGIN, ""), "name"),
        (good.replace(&format!("['{}']", demo::HARBOUR.global()), "[]"), "organisations"),
        (good.replace("RS256'\n", "RS512'\n"), "RS512"),
        (good.replace("'RS256'", "'HS256'"), "HS256"),
        (good.replace("'RS256'", "'none'"), "none"),
        ("profile = 'production'".to_owned(), "issuer"),
        ("profile = 'staging'".to_owned(), "staging"),
        ("listen = 'here'".to_owned(), "listen"),
        ("limits = 5".to_owned(), "limits"),
        ("[limits]\nconcurrency = 0".to_owned(), "at least 1"),
        ("[limits]\nbody_bytes = -1".to_owned(), "body_bytes"),
        ("listen = ".to_owned(), "settings"),
    ] {
        let why = settings(&text).expect_err(&text);
        assert!(why.contains(word), "{word}: {why}\n{text}");
    }
    // What only the keys themselves can tell.
    for (text, word) in [
        (good.replace("rs256.public.pem", "missing.pem"), "cannot be read"),
        (good.replace("rs256.public.pem", "es256.public.pem"), "does not read"),
        (good.replace("rs256.public.pem", "README.md"), "does not read"),
        (good.replace("'RS256'", "'EdDSA'"), "does not read"),
        (good.replace(&demo::HARBOUR.global(), "harbour"), "harbour"),
        (good.replace(&demo::HARBOUR.global(), &demo::NORTH.global()), "organisation"),
    ] {
        let config = settings(&text).expect("they read");
        let why = Authenticator::new(&config.issuers, None).err().unwrap_or_else(|| panic!("{text}"));
        assert!(why.contains(word) && why.contains(LOGIN), "{word}: {why}");
    }
    assert!(Config::read(Some(&PathBuf::from("/nowhere/alliance.toml")), &Flags::default()).is_err());
}

#[test]
fn the_environment_sets_what_there_is_and_nothing_else() {
    let doctor = |name: &str, value: &str| {
        let missing = std::env::temp_dir().join("alliance-no-such-database.db");
        let output = Command::new(env!("CARGO_BIN_EXE_alliance"))
            .args(["doctor", "--database-url", &format!("sqlite://{}?mode=ro", missing.display())])
            .env_clear()
            .env(name, value)
            .output()
            .expect("it runs");
        assert!(!output.status.success());
        String::from_utf8(output.stderr).expect("words")
    };
    assert!(doctor("ALLIANCE_LISTEN", "127.0.0.1:9").contains("database cannot be opened"), "a setting there is");
    assert!(doctor("ALLIANCE_LISSTEN", "127.0.0.1:9").contains("lissten"));
    assert!(doctor("ALLIANCE_LIMITS__DEPHT", "20").contains("depht"));
    assert!(doctor("ALLIANCE_LIMITS__DEPTH", "5").contains("introspection"));
    assert!(doctor("ALLIANCE_PROFILE", "production").contains("issuer"));
}

on_both_databases!(
    every_bad_token_gets_the_same_answer,
    configured_issuers_sign_with_their_own_algorithm_for_their_own_organisations,
    token_and_membership_both_narrow_the_roles,
    an_embedded_worker_acts_for_either_and_never_for_both,
    an_ended_membership_opens_nothing_from_the_next_request_on,
    a_configured_issuers_bad_tokens_read_like_no_token_at_all,
    a_subject_is_somebody_else_at_another_issuer,
    fewer_roles_open_less_and_more_roles_open_no_more,
    the_two_hats_of_one_person_share_nothing,
    a_kept_viewer_is_dropped_when_the_token_expires_and_when_the_membership_ends,
);
