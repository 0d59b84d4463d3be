//! The prover proven: what somebody might plant in the ledger, or a statement might forget, is reported, and as what it is.

use super::ask::{Asker, Question, Root};
use super::compare::Tally;
use super::facts::Facts;
use super::shown::Field;
use super::worlds::{canary, restrict, who};
use crate::inputs::literal;
use crate::ledger::Dice;
use crate::support::{Backend, World};
use alliance::domain::ids::TypedId;
use alliance::service::demo;
use serde_json::json;
use uuid::Uuid;

/// Asks everything there is to ask, as somebody, of a world whose documents say `facts`.
async fn everything(world: &World, facts: &Facts, name: &str) -> Tally {
    let mut dice = Dice::thrown(3);
    let mut tally = Tally::default();
    for question in (Asker { facts, dice: &mut dice, everything: true, oversees: false }).all_questions() {
        super::ask(world, facts, &who(name), &question, "planted", &mut tally).await;
    }
    tally
}

async fn nothing(world: &World, facts: &Facts, name: &str) {
    let tally = everything(world, facts, name).await;
    assert!(tally.leaks.is_empty() && tally.denials.is_empty(), "{name}: {:#?} {:#?}", tally.leaks, tally.denials);
    assert!(tally.compared > 20, "{name}: {} comparisons", tally.compared);
}

/// Where it was found, what was expected and what came; without what was asked, which names everything.
fn found(told: &str) -> String {
    told.lines().take(3).collect()
}

async fn leak(world: &World, facts: &Facts, name: &str, where_: &str) {
    let tally = everything(world, facts, name).await;
    assert!(tally.leaks.iter().any(|l| found(l).contains(where_)), "{name}: {:#?} {:#?}", tally.leaks, tally.denials);
    assert!(tally.denials.is_empty(), "{name}: {:#?}", tally.denials);
}

async fn denial(world: &World, facts: &Facts, name: &str, where_: &str) {
    let tally = everything(world, facts, name).await;
    assert!(
        tally.denials.iter().any(|l| found(l).contains(where_)),
        "{name}: {:#?} {:#?}",
        tally.leaks,
        tally.denials
    );
    assert!(tally.leaks.is_empty(), "{name}: {:#?}", tally.leaks);
}

const VIEWERS: &[&str] =
    &["support-worker", "team-manager", "hub-coordinator", "partner-worker", "outside-worker", "referrer", "canary"];

async fn what_is_planted_is_found(world: World) {
    let t = world.accepted("Tarn").await;
    world.solicitors_join(&t).await;
    world.offered("Wick", demo::OUTREACH).await;
    let note = json!({ "caseId": t.case, "visibility": "TEAM", "text": "Called." });
    world.done("support-worker", "noteRecord", note, "").await;
    let facts = Facts::of(&world).await;
    for name in VIEWERS {
        nothing(&world, &facts, name).await;
    }
    let uuid = |id: Uuid| literal(&world, id);
    let tarn = facts.clients_here()[0];
    let of_tarn = format!("client_id = {}", uuid(tarn));
    let live = format!("{of_tarn} AND ended_at IS NULL");
    let copy = |id: u128, organisation: Uuid, team: Uuid, categories: &str| {
        format!(
            "INSERT INTO access_grant SELECT {}, client_id, {}, {}, person_id, {}, basis, basis_bit, {categories}, scope, scope_id, \
            opens_client, names_until, purpose, starts_at, until_at, ended_at, source_kind, source_id, created_at, passes, restricted FROM grant_copy \
            WHERE basis = 'HOLDER' AND source_kind = 'case' AND {live}",
            uuid(Uuid::from_u128(id)),
            uuid(organisation),
            uuid(team),
            uuid(team),
        )
    };
    world.raw("CREATE TABLE grant_copy AS SELECT * FROM access_grant").await;
    let (organisation, team) = canary();
    let truth = if world.backend == Backend::Sqlite { "1" } else { "TRUE" };
    let until = i64::MAX;
    let leaks = [
        // A grant that no document calls for, …
        (copy(1, organisation, team, "categories"), "canary", "housing"),
        // … even one that opens no category: that there is somebody is told by it.
        (copy(2, organisation, team, "0"), "canary", ".totalCount"),
        // A wider mask: HEALTH for the solicitors, EQUALITIES and all for the lead.
        (
            format!("UPDATE access_grant SET categories = categories | 16384 WHERE basis = 'TEAM' AND {live}"),
            "partner-worker",
            "redactions",
        ),
        (
            format!("UPDATE access_grant SET categories = 1048575 WHERE basis = 'HOLDER' AND {live}"),
            "support-worker",
            "openCategories",
        ),
        // A wider scope: a member would see the consents to others.
        (
            format!("UPDATE access_grant SET scope = 'CLIENT', scope_id = client_id WHERE basis = 'TEAM' AND {live}"),
            "partner-worker",
            "consents",
        ),
        // A sender to whom the client as such is there.
        (
            format!("UPDATE access_grant SET opens_client = {truth} WHERE basis = 'REFERRER' AND {live}"),
            "referrer",
            "client",
        ),
        // An ended grant that lives again: the north team's offer.
        (
            format!("UPDATE access_grant SET ended_at = NULL WHERE basis = 'OFFER' AND {of_tarn}"),
            "support-worker",
            "offers",
        ),
        // A planned end that was put off.
        (
            format!("UPDATE access_grant SET until_at = {until}, starts_at = 0 WHERE basis = 'HUB' AND {of_tarn}"),
            "hub-coordinator",
            "",
        ),
    ];
    for (sql, name, place) in &leaks[..7] {
        world.raw(sql).await;
        leak(&world, &facts, name, place).await;
        world.raw("DELETE FROM access_grant").await;
        world.raw("INSERT INTO access_grant SELECT * FROM grant_copy").await;
        nothing(&world, &facts, name).await;
    }
    // The hub's thirty days are over, and somebody has put its planned end off.
    world.clock.pass_days(31);
    nothing(&world, &facts, "hub-coordinator").await;
    let (sql, name, _) = &leaks[7];
    world.raw(sql).await;
    leak(&world, &facts, name, "client").await;
    world.raw("DELETE FROM access_grant").await;
    world.raw("INSERT INTO access_grant SELECT * FROM grant_copy").await;

    // A grant ended by hand, one taken away, one narrowed, one that starts too late.
    for (sql, name, place) in [
        (
            format!("UPDATE access_grant SET ended_at = 1 WHERE basis = 'HOLDER' AND {live}"),
            "support-worker",
            "client",
        ),
        (format!("DELETE FROM access_grant WHERE basis = 'TEAM' AND {live}"), "partner-worker", "sharedCase"),
        (
            format!(
                "UPDATE access_grant SET categories = categories - 64 WHERE basis = 'HOLDER' AND source_kind = 'case' AND {live}"
            ),
            "support-worker",
            "housing",
        ),
        (
            format!("UPDATE access_grant SET starts_at = {until} WHERE basis = 'REFERRER' AND {live}"),
            "referrer",
            "r0",
        ),
    ] {
        world.raw(&sql).await;
        denial(&world, &facts, name, place).await;
        world.raw("DELETE FROM access_grant").await;
        world.raw("INSERT INTO access_grant SELECT * FROM grant_copy").await;
        nothing(&world, &facts, name).await;
    }
}

async fn a_restriction_or_a_withdrawal_that_is_passed_over_is_found(world: World) {
    let t = world.accepted("Tarn").await;
    world.solicitors_join(&t).await;
    let bare = Facts::of(&world).await;
    let client = bare.clients_here()[0];
    let person = |subject: &str| bare.identities.iter().find(|i| i.subject == subject).expect("a person").person_id;
    let end = format!("UPDATE restriction SET ended_at = 1 WHERE client_id = {}", literal(&world, client));
    for (kind, against, named, place) in [
        ("SEALED", (None, None), vec![person("support-worker")], "client"),
        ("OBJECTION", (Some(demo::LOCKWELL.0), None), vec![], "client"),
        ("OBJECTION", (None, Some(person("partner-worker"))), vec![], "client"),
    ] {
        restrict(&world, client, kind, against, &named).await;
        let restricted = Facts::of(&world).await;
        nothing(&world, &restricted, "partner-worker").await;
        nothing(&world, &restricted, "support-worker").await;
        // The service honours it; an oracle that has not heard of it calls that an over-denial …
        denial(&world, &bare, "partner-worker", place).await;
        // … and one that has finds a service that does not.
        world.raw(&end).await;
        leak(&world, &restricted, "partner-worker", place).await;
    }
    let passing = |n: u8, basis: &str| {
        let this = format!("client_id = {} AND basis = '{basis}'", literal(&world, client));
        format!("UPDATE access_grant SET passes = {n} WHERE {this}")
    };
    for kind in ["PROTECTED_CONTACT", "CONTACT_PREFERENCE"] {
        restrict(&world, client, kind, (None, None), &[person("team-manager")]).await;
        let restricted = Facts::of(&world).await;
        for name in VIEWERS {
            nothing(&world, &restricted, name).await;
        }
        denial(&world, &bare, "support-worker", "contact").await;
        // A pass that nobody signed.
        world.raw(&passing(2, "HOLDER")).await;
        leak(&world, &restricted, "support-worker", "contact").await;
        world.raw(&passing(0, "HOLDER")).await;
        nothing(&world, &restricted, "support-worker").await;
        world.raw(&end).await;
        leak(&world, &restricted, "support-worker", "contact").await;
    }
    restrict(&world, client, "SEALED", (None, None), &[person("support-worker")]).await;
    let sealed = Facts::of(&world).await;
    world.raw(&passing(1, "TEAM")).await;
    leak(&world, &sealed, "partner-worker", "client").await;
    world.raw(&passing(0, "TEAM")).await;
    nothing(&world, &sealed, "partner-worker").await;
    world.raw(&end).await;
    // A withdrawal that the ledger never heard of.
    let mut withdrawn = Facts::of(&world).await;
    let of = withdrawn
        .consents
        .iter()
        .filter(|c| c.client_id == client)
        .map(|c| c.id)
        .next_back()
        .expect("the solicitors' consent");
    let id = Uuid::from_u128(9);
    withdrawn.withdrawals.push(super::facts::Withdrawal {
        id,
        client_id: client,
        categories: withdrawn.consents.iter().find(|c| c.id == of).expect("it").categories,
        recorded_for: demo::LOCKWELL.0,
        recorded_at: i64::MAX,
    });
    let organisation_id = demo::LOCKWELL.0;
    withdrawn.withdrawn_from.push(super::facts::WithdrawnFrom { withdrawal_id: id, organisation_id });
    leak(&world, &withdrawn, "partner-worker", "client").await;
}

/// A name that was recorded as telling where somebody is finds nobody for whom that is withheld (C7, C14).
async fn a_name_that_tells_where_somebody_is_finds_them_for_the_named_few_alone(world: World) {
    let t = world.accepted("Tarn").await;
    let section = json!({ "name": { "given": "Maren", "family": "Innkeeper" } });
    let input = json!({ "clientId": t.client, "section": section, "revealsLocation": true });
    world.done("support-worker", "entryRecord", input, "").await;
    let bare = Facts::of(&world).await;
    let client = bare.clients_here()[0];
    let manager = bare.identities.iter().find(|i| i.subject == "team-manager").expect("a persona").person_id;
    let by_name = || {
        let page = Field { first: Some(20), ..Field::with("clients", vec![Field::plain("totalCount")]) };
        Question(vec![Root::Clients(page, Some("innkeeper".into()), None)])
    };
    let mut before = Tally::default();
    super::ask(&world, &bare, &who("support-worker"), &by_name(), "planted", &mut before).await;
    restrict(&world, client, "PROTECTED_CONTACT", (None, None), &[manager]).await;
    let restricted = Facts::of(&world).await;
    let mut after = Tally::default();
    for name in ["support-worker", "team-manager"] {
        super::ask(&world, &restricted, &who(name), &by_name(), "planted", &mut after).await;
    }
    for tally in [&before, &after] {
        assert!(tally.leaks.is_empty() && tally.denials.is_empty(), "{:#?} {:#?}", tally.leaks, tally.denials);
    }
    // Until then it found them: what is withheld is the search, not the name.
    let mut unknown = Tally::default();
    super::ask(&world, &bare, &who("support-worker"), &by_name(), "planted", &mut unknown).await;
    assert_eq!((unknown.leaks.len(), unknown.denials.len()), (0, 1), "{:#?} {:#?}", unknown.leaks, unknown.denials);
}

/// An override, its review and a legal gateway: what each opens, no more and no longer.
async fn what_is_planted_where_there_is_no_consent_is_found(world: World) {
    let t = world.accepted("Tarn").await;
    world.solicitors_join(&t).await;
    let open = json!({
        "clientId": t.client, "categories": ["HEALTH"], "ground": "ADULT_AT_RISK", "reason": "In danger.", "hours": 24,
    });
    world.done("partner-worker", "overrideOpen", open, "").await;
    let ask = json!({
        "clientId": t.client, "recipientId": demo::MEADOW.global(), "kind": "DUTY_IN_LAW", "reference": "An Act",
        "categories": ["NAME", "HOUSING"], "until": "2027-03-01T00:00:00Z", "reason": "A duty.",
    });
    let asked = world.done("support-worker", "legalGatewayAsk", ask, "legalGateway { id }").await;
    let grant = json!({
        "legalGatewayId": asked["legalGateway"]["id"], "version": 1, "decision": "GRANT", "reason": "The law.", "tell": "TELL",
    });
    world.done("safeguarding-lead", "legalGatewayDecide", grant, "").await;
    let facts = Facts::of(&world).await;
    for name in VIEWERS.iter().chain(&["safeguarding-lead", "partner-safeguarding-lead", "information-governance"]) {
        nothing(&world, &facts, name).await;
    }
    world.raw("CREATE TABLE grant_copy AS SELECT * FROM access_grant").await;
    let of = |basis: &str| format!("client_id = {} AND basis = '{basis}'", literal(&world, facts.clients_here()[0]));
    let truth = if world.backend == Backend::Sqlite { "1" } else { "TRUE" };
    let until = i64::MAX;
    let restore = || async {
        world.raw("DELETE FROM access_grant").await;
        world.raw("INSERT INTO access_grant SELECT * FROM grant_copy").await;
    };
    for (what, basis, name, place) in [
        ("categories = categories | 65536".to_owned(), "OVERRIDE", "partner-worker", "openCategories"),
        ("categories = categories | 16384".to_owned(), "LEGAL_GATEWAY", "outside-worker", "redactions"),
        // A lead who reviews the document sees the record.
        (
            format!("scope = 'CLIENT', scope_id = client_id, opens_client = {truth}"),
            "OVERSIGHT",
            "safeguarding-lead",
            "client",
        ),
    ] {
        world.raw(&format!("UPDATE access_grant SET {what} WHERE {}", of(basis))).await;
        leak(&world, &facts, name, place).await;
        restore().await;
        nothing(&world, &facts, name).await;
    }
    for (basis, name, place) in [
        ("OVERRIDE", "partner-worker", "openCategories"),
        ("LEGAL_GATEWAY", "outside-worker", "client"),
        ("OVERSIGHT", "safeguarding-lead", "override_"),
    ] {
        world.raw(&format!("DELETE FROM access_grant WHERE {}", of(basis))).await;
        denial(&world, &facts, name, place).await;
        restore().await;
        nothing(&world, &facts, name).await;
    }
    // Its hours are over, and somebody has put the end off.
    world.clock.pass_days(2);
    nothing(&world, &facts, "partner-worker").await;
    world.raw(&format!("UPDATE access_grant SET until_at = {until} WHERE {}", of("OVERRIDE"))).await;
    leak(&world, &facts, "partner-worker", "openCategories").await;
}

/// Who hears of something, and who is told why somebody sees a record: an override, the leads it is put before, and a seal.
async fn what_is_planted_of_who_hears_of_it_and_why_is_found(world: World) {
    let t = world.accepted("Tarn").await;
    world.solicitors_join(&t).await;
    let open = json!({
        "clientId": t.client, "categories": ["HEALTH"], "ground": "ADULT_AT_RISK", "reason": "In danger.", "hours": 24,
    });
    let opened = world.done("partner-worker", "overrideOpen", open, "override { id version }").await;
    let facts = Facts::of(&world).await;
    let client = facts.clients_here()[0];
    let of = |basis: &str| format!("client_id = {} AND basis = '{basis}'", literal(&world, client));
    let person = |subject: &str| facts.identities.iter().find(|i| i.subject == subject).expect("a person").person_id;
    let (lead, theirs) = ("safeguarding-lead", "partner-safeguarding-lead");
    for name in VIEWERS.iter().chain(&[lead, theirs, "information-governance"]) {
        nothing(&world, &facts, name).await;
    }
    world.raw("CREATE TABLE grant_copy AS SELECT * FROM access_grant").await;
    world.raw("CREATE TABLE item_copy AS SELECT * FROM inbox_item").await;
    let restore = || async {
        for (table, copy) in [("access_grant", "grant_copy"), ("inbox_item", "item_copy")] {
            world.raw(&format!("DELETE FROM {table}")).await;
            world.raw(&format!("INSERT INTO {table} SELECT * FROM {copy}")).await;
        }
    };
    let (canary_id, canary_team) = canary();
    let (canary_id, canary_team) = (literal(&world, canary_id), literal(&world, canary_team));
    let one_more = format!(
        "INSERT INTO access_grant SELECT {}, client_id, {canary_id}, {canary_team}, person_id, {canary_team}, basis, basis_bit, \
        categories, scope, scope_id, opens_client, names_until, purpose, starts_at, until_at, ended_at, source_kind, source_id, \
        created_at, passes, restricted FROM grant_copy WHERE {} AND source_kind = 'case'",
        literal(&world, Uuid::from_u128(1)),
        of("HOLDER"),
    );
    let moved = format!(
        "UPDATE inbox_item SET person_id = {}, organisation_id = {} WHERE person_id = {}",
        literal(&world, person(lead)),
        literal(&world, demo::HARBOUR.0),
        literal(&world, person(theirs)),
    );
    let its_own = format!("source_kind = 'override', source_id = {}", literal(&world, facts.overrides[0].id));
    for (is_leak, sql, name, place) in [
        // An item that was put before somebody else.
        (true, moved.clone(), lead, "inbox_"),
        (false, moved, theirs, "inbox_"),
        // A reason that no document calls for, one that lasts longer, and one that opens more; one that is not told of.
        (true, one_more, lead, ".grants"),
        (
            true,
            format!("UPDATE access_grant SET until_at = until_at + 1 WHERE {}", of("OVERRIDE")),
            "team-manager",
            "until",
        ),
        (
            true,
            format!("UPDATE access_grant SET categories = categories | 65536 WHERE {}", of("TEAM")),
            "information-governance",
            ".grants",
        ),
        (false, format!("DELETE FROM access_grant WHERE {}", of("REFERRER")), lead, ".grants"),
        // An organisation that does not work with the person any more.
        (false, format!("DELETE FROM access_grant WHERE {}", of("TEAM")), theirs, "category"),
        // An override that is not its reader's.
        (
            true,
            format!("UPDATE access_grant SET {its_own} WHERE {} AND source_kind = 'case'", of("HOLDER")),
            "support-worker",
            "overrides",
        ),
        (
            false,
            format!("UPDATE access_grant SET source_kind = 'other' WHERE {}", of("OVERRIDE")),
            "partner-worker",
            "overrides",
        ),
    ] {
        world.raw(&sql).await;
        if is_leak {
            leak(&world, &facts, name, place).await;
        } else {
            denial(&world, &facts, name, place).await;
        }
        restore().await;
        nothing(&world, &facts, name).await;
    }
    // The review is done, and somebody has given the task back its life.
    let review = json!({
        "overrideId": opened["override"]["id"], "version": opened["override"]["version"], "verdict": "JUSTIFIED",
        "reason": "So it was.", "tell": "TELL",
    });
    world.done(lead, "overrideReview", review, "").await;
    let reviewed = Facts::of(&world).await;
    nothing(&world, &reviewed, theirs).await;
    world.raw(&format!("UPDATE access_grant SET ended_at = NULL WHERE {}", of("OVERSIGHT"))).await;
    leak(&world, &reviewed, theirs, "inbox_").await;
}

/// A seal, and whom the client excludes: told to those who are told why, and to nobody else.
async fn what_is_planted_of_what_stands_before_a_record_is_found(world: World) {
    let t = world.accepted("Tarn").await;
    world.solicitors_join(&t).await;
    let bare = Facts::of(&world).await;
    let client = bare.clients_here()[0];
    let person = |subject: &str| bare.identities.iter().find(|i| i.subject == subject).expect("a person").person_id;
    let end = format!("UPDATE restriction SET ended_at = 1 WHERE client_id = {}", literal(&world, client));
    let (lead, theirs) = ("safeguarding-lead", "partner-safeguarding-lead");
    let solicitors = (Some(demo::LOCKWELL.0), None);
    for (kind, against, named, told, untold) in [
        ("SEALED", (None, None), vec![person(lead)], lead, theirs),
        ("OBJECTION", solicitors, vec![], lead, theirs),
        ("OBJECTION", (None, Some(person(theirs))), vec![], lead, theirs),
        ("PROTECTED_CONTACT", (None, None), vec![], lead, ""),
    ] {
        restrict(&world, client, kind, against, &named).await;
        let restricted = Facts::of(&world).await;
        for name in [told, untold, "information-governance"].into_iter().filter(|n| !n.is_empty()) {
            nothing(&world, &restricted, name).await;
        }
        // Who has not heard of it calls what is told of it a leak, and what is withheld for it an over-denial; and the other way
        // round.
        leak(&world, &bare, told, "restrictions").await;
        if !untold.is_empty() {
            denial(&world, &bare, untold, "category").await;
        }
        world.raw(&end).await;
        denial(&world, &restricted, told, "restrictions").await;
        if !untold.is_empty() {
            leak(&world, &restricted, untold, "category").await;
        }
    }
}

/// To whom a gateway or a disclosure went, and on which ground, where that speaks (C11).
async fn what_is_planted_of_to_whom_a_document_went_is_found(world: World) {
    let t = world.accepted("Tarn").await;
    world.solicitors_join(&t).await;
    let law = |kind: &str, to: &str| {
        json!({
            "clientId": t.client, "recipientId": to, "kind": kind, "reference": "An Act", "categories": ["HOUSING"],
            "until": "2027-03-01T00:00:00Z", "reason": "A duty.",
        })
    };
    let meadow = demo::MEADOW.global();
    let told = |to: &str, basis: &str| {
        json!({
            "clientId": t.client, "recipient": to, "basis": basis, "reference": "Ref 7", "categories": ["HOUSING"],
            "summary": "The rent is behind.", "disclosedAt": "2026-04-01T08:00:00Z",
        })
    };
    // Recorded by a member agency, read by the lead team, to whom OFFENDING is not open.
    world.done("partner-worker", "legalGatewayAsk", law("MAPPA", &meadow), "").await;
    world.done("partner-worker", "legalGatewayAsk", law("DUTY_IN_LAW", &meadow), "").await;
    world.done("partner-worker", "outwardDisclosureRecord", told("The police", "POLICE_REQUEST"), "").await;
    world.done("partner-worker", "outwardDisclosureRecord", told("Dr Tregenna", "DUTY_IN_LAW"), "").await;
    let facts = Facts::of(&world).await;
    for name in VIEWERS.iter().chain(&["safeguarding-lead", "partner-safeguarding-lead"]) {
        nothing(&world, &facts, name).await;
    }
    let implies = |table: &str, n: i64, which: &str| {
        let of = if table == "organisation" { "id" } else { "recipient" };
        format!("UPDATE {table} SET implied_categories = {n} WHERE {of} = {which}")
    };
    let offending = 65_536;
    let named = literal(&world, demo::MEADOW.0);
    for (is_leak, sql, back, place) in [
        (
            true,
            "UPDATE legal_gateway SET kind = 'PUBLIC_PROTECTION' WHERE kind = 'MAPPA'".to_owned(),
            "UPDATE legal_gateway SET kind = 'MAPPA' WHERE kind = 'PUBLIC_PROTECTION'".to_owned(),
            "kind",
        ),
        (
            false,
            "UPDATE legal_gateway SET kind = 'COURT_ORDER' WHERE kind = 'DUTY_IN_LAW'".to_owned(),
            "UPDATE legal_gateway SET kind = 'DUTY_IN_LAW' WHERE kind = 'COURT_ORDER'".to_owned(),
            "reference",
        ),
        (
            true,
            implies("outward_disclosure", 0, "'The police'"),
            implies("outward_disclosure", offending, "'The police'"),
            "summary",
        ),
        (
            false,
            implies("outward_disclosure", offending, "'Dr Tregenna'"),
            implies("outward_disclosure", 0, "'Dr Tregenna'"),
            "recipient",
        ),
        // The name of whom the law names comes to speak.
        (false, implies("organisation", offending, &named), implies("organisation", 0, &named), "recipient"),
    ] {
        world.raw(&sql).await;
        if is_leak {
            leak(&world, &facts, "support-worker", place).await;
        } else {
            denial(&world, &facts, "support-worker", place).await;
        }
        world.raw(&back).await;
        nothing(&world, &facts, "support-worker").await;
    }
}

on_both_databases!(
    what_is_planted_is_found,
    a_restriction_or_a_withdrawal_that_is_passed_over_is_found,
    what_is_planted_where_there_is_no_consent_is_found,
    a_name_that_tells_where_somebody_is_finds_them_for_the_named_few_alone,
    what_is_planted_of_who_hears_of_it_and_why_is_found,
    what_is_planted_of_what_stands_before_a_record_is_found,
    what_is_planted_of_to_whom_a_document_went_is_found,
);
