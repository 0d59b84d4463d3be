//! Identity (C21): tokens, what they need, and whom they speak for.

use crate::support::{CANARY, World};
use alliance::config::{Config, Issuer, SignatureAlgorithm};
use alliance::domain::ids::{OrganisationId, TypedId};
use alliance::domain::role::Role;
use alliance::http::authentication::{Authenticator, DEVELOPMENT_ISSUER};
use alliance::http::server::{Server, router};
use alliance::persistence::sql::Sql;
use alliance::service::demo;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

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
    let body = json!({ "query": "{ viewer { roles } }" }).to_string();
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

/// A world whose server trusts one configured issuer alone.
fn trusting(mut world: World, algorithm: SignatureAlgorithm, file: &str, organisations: &[OrganisationId]) -> World {
    let issuer = Issuer {
        issuer: "https://login.example.org".into(),
        audience: "alliance".into(),
        algorithm,
        public_key_file: key(file),
        organisations: organisations.iter().map(|o| o.global()).collect(),
    };
    let config = Config { issuers: vec![issuer], ..Config::default() };
    let authenticator = Authenticator::new(&config.issuers, None).expect("an authenticator");
    let server = Server::new(Arc::clone(&world.app), &config, authenticator);
    world.router = router(server, &config, None);
    world
}

async fn registered(world: &World, subject: &str) {
    let sql = format!(
        "UPDATE identity SET issuer = 'https://login.example.org' WHERE issuer = '{DEVELOPMENT_ISSUER}' AND subject = '{subject}'"
    );
    world.raw(&sql).await;
}

async fn configured_issuers_sign_with_their_own_algorithm_for_their_own_organisations(world: World) {
    registered(&world, "hub-coordinator").await;
    registered(&world, "partner-worker").await;
    let mut claims = good();
    claims["iss"] = json!("https://login.example.org");
    let rsa = EncodingKey::from_rsa_pem(&pem("rs256.private.pem")).unwrap();
    let ec = EncodingKey::from_ec_pem(&pem("es256.private.pem")).unwrap();
    let ed = EncodingKey::from_ed_pem(&pem("eddsa.private.pem")).unwrap();
    let mut world = world;
    for (algorithm, pinned, file, key) in [
        (Algorithm::RS256, SignatureAlgorithm::RS256, "rs256.public.pem", &rsa),
        (Algorithm::ES256, SignatureAlgorithm::ES256, "es256.public.pem", &ec),
        (Algorithm::EdDSA, SignatureAlgorithm::EdDSA, "eddsa.public.pem", &ed),
    ] {
        world = trusting(world, pinned, file, &[demo::HARBOUR]);
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

on_both_databases!(
    every_bad_token_gets_the_same_answer,
    configured_issuers_sign_with_their_own_algorithm_for_their_own_organisations,
    token_and_membership_both_narrow_the_roles,
    an_embedded_worker_acts_for_either_and_never_for_both,
    an_ended_membership_opens_nothing_from_the_next_request_on,
);
