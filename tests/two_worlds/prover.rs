//! The prover is proven: what is planted in one world alone, and shows, is found.

use super::growth::draft;
use super::people::Round;
use super::run::Run;
use super::schema::Schema;
use super::tally::Tally;
use crate::inputs::literal;
use crate::support::{Backend, CANARY, World};
use alliance::domain::ids::{ClientId, TypedId};
use serde_json::json;

/// Operations within which something planted must be found.
const WITHIN: usize = 400;

/// Asks a viewer until a difference is found.
async fn found(run: &mut Run, schema: &Schema, tally: &mut Tally, who: &str) -> String {
    let at = run.viewers.iter().position(|v| v.name == who).expect("a viewer");
    for _ in 0..WITHIN {
        if let Err(difference) = run.random(schema, tally, at).await {
            return difference;
        }
    }
    panic!("{who} was asked {WITHIN} operations, and what was planted was not found");
}

/// A row of the ledger that no document calls for.
async fn side_door(world: &World, client: ClientId) {
    let (of, client) = (literal(world, CANARY.0), literal(world, client.0));
    let open = if world.backend == Backend::Sqlite { "1" } else { "TRUE" };
    let max = i64::MAX;
    world
        .raw(&format!(
            "INSERT INTO access_grant (id, client_id, organisation_id, holder_id, basis, basis_bit, categories, scope, scope_id, \
            opens_client, names_until, purpose, starts_at, until_at, source_kind, source_id, created_at) VALUES ({}, {client}, {of}, \
            {of}, 'CONSENT', {}, 1, 'CLIENT', {client}, {open}, {max}, 'TEST', 0, {max}, 'test', {client}, 0)",
            literal(world, world.app.random.uuid_random()),
            alliance::domain::basis::Basis::Consent.bit(),
        ))
        .await;
}

async fn what_shows_is_found(backend: Backend) {
    let round = Round::of(0, 7);
    let Some(mut run) = Run::begin(backend, round).await else { return };
    let schema = Schema::of(&run.pair.worlds[0].server.schema).await;
    let mut tally = Tally::default();
    // So that nobody gives away what they are to be shown.
    run.held.extend(["consentWithdraw", "referralWithdraw", "clientSeal", "objectionRecord"]);
    // Before anything is planted there is nothing to find.
    if let Err(difference) = run.go(&schema, &mut tally, 60).await {
        panic!("{difference}");
    }
    // A value in a category that the viewer is shown: HOUSING, by consent, in one world alone.
    let client = run.grown.led[0].client.clone();
    let third = run.people.third.clone();
    let housing = json!({ "clientId": client, "section": { "housing": { "tenure": "NONE", "text": "Evicted." } } });
    run.pair.begin_aside(900);
    run.pair.hidden(1, &third, "entryRecord", housing, "client { id }").await;
    run.pair.pause().await;
    let told = found(&mut run, &schema, &mut tally, "outside-worker").await;
    assert!(told.contains("housing") && told.contains("the least of it"), "{told}");
    assert!(told.contains("ALLIANCE_TWO_WORLDS_ROUND=0"), "it says how to see it again: {told}");
    // One more referral that the viewer sees: in counts, pages and cursors.
    let asked = draft(&mut super::chance::Dice(7));
    run.pair.begin_aside(901);
    run.pair.hidden(0, "referrer", "referralDraft", asked, "referral { id }").await;
    run.pair.pause().await;
    found(&mut run, &schema, &mut tally, "referrer").await;
    // A side door: a grant that came from nowhere, in one world alone.
    let client = ClientId::parse(&client).expect("a client");
    run.pair.begin_aside(902);
    run.pair.hidden_raw(1, async |world: &World| side_door(world, client).await).await;
    run.pair.pause().await;
    let told = found(&mut run, &schema, &mut tally, "canary").await;
    assert!(told.contains("world 1"), "{told}");
    // Who has no part in any of it is still answered alike.
    for who in ["commissioner", "administrator"] {
        let at = run.viewers.iter().position(|v| v.name == who).expect("a viewer");
        for _ in 0..30 {
            if let Err(difference) = run.random(&schema, &mut tally, at).await {
                panic!("{difference}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_shows_is_found_on_sqlite() {
    what_shows_is_found(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_shows_is_found_on_postgres() {
    what_shows_is_found(Backend::Postgres).await;
}
