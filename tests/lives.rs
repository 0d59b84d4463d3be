//! Lives change (C3, C24): who speaks for a person and until when, what stands in consent's place, and what ends with a life.

use crate::inputs::{Wrong, dump, errors, id_of, lawful_basis};
use crate::support::{Travelled, World, draft};
use alliance::domain::ids::TypedId;
use alliance::service::demo;
use serde_json::{Value, json};

const WORKER: &str = "support-worker";

async fn finance(world: &World, client: &str) -> Value {
    let record = "query($id: ID!) { client(id: $id) { finance { text } } }";
    world.data("outside-worker", record, json!({ "id": client })).await["client"].clone()
}

/// Somebody about whom no date of birth but a child's is on record.
async fn a_child(world: &World, family: &str) -> Travelled {
    let t = world.accepted(family).await;
    let birth = json!({ "clientId": t.client, "section": { "birth": { "date": "2012-04-20" } } });
    world.done(WORKER, "entryRecord", birth, "").await;
    world.raw("UPDATE client_entry SET replaced_at = 1 WHERE category = 'BIRTH' AND search_key = '1990-02-03'").await;
    t
}

async fn proxy(world: &World, client: &str, kind: &str, name: &str) -> String {
    let new = json!({ "clientId": client, "kind": kind, "name": name });
    id_of(&world.done(WORKER, "proxyRecord", new, "proxy { id }").await["proxy"]["id"])
}

/// A consent for support to the third agency, given by a proxy.
fn given(client: &str, by: &str, proxy: &str) -> Value {
    json!({ "clientId": client, "consent": {
        "recipients": [demo::MEADOW.global()], "purposes": ["SUPPORT"], "categories": ["NAME", "FINANCE"], "givenBy": by,
        "proxyId": proxy, "givenHow": "VERBAL", "evidence": "Said so on the phone.", "expiresAt": "2027-12-01T00:00:00Z",
    } })
}

/// The same with one thing said otherwise.
fn but(consent: &Value, field: &str, value: Value) -> Value {
    let mut consent = consent.clone();
    consent["consent"][field] = value;
    consent
}

async fn sound(world: &World) {
    let (_, differences) = alliance::persistence::ledger::check(&world.app.database).await.expect("it checks");
    assert_eq!(differences, []);
}

/// It is refused with this code at this field, and nothing is changed.
async fn refused(world: &World, name: &str, input: Value, code: &str, field: &str) {
    let before = dump(world).await;
    let told = errors(&world.mutate(WORKER, name, input.clone(), "").await);
    let told: Vec<_> = told.iter().map(|(code, _, field)| (code.as_str(), field.as_str())).collect();
    assert_eq!(told, [(code, field)], "{name} {input}");
    assert_eq!(dump(world).await, before, "{name} {input}");
}

async fn a_parents_consent_lapses_when_the_child_is_of_age(world: World) {
    let t = world.accepted("Wick").await;
    let parent = proxy(&world, &t.client, "PARENT", "Ada Wick").await;
    let consent = given(&t.client, "PARENT", &parent);
    // The date of birth that came with the referral is an adult's: a parent's consent opens nothing.
    world.done(WORKER, "consentRecord", consent.clone(), "").await;
    assert_eq!(finance(&world, &t.client).await, Value::Null);
    let birth = json!({ "clientId": t.client, "section": { "birth": { "date": "2008-04-20" } } });
    world.done(WORKER, "entryRecord", birth, "").await;
    assert_eq!(finance(&world, &t.client).await, Value::Null, "of two dates the earlier counts");

    // With the child's alone on record it holds until the day of being 18.
    world.raw("UPDATE client_entry SET replaced_at = 1 WHERE category = 'BIRTH' AND search_key = '1990-02-03'").await;
    world.done(WORKER, "consentRecord", consent, "").await;
    assert_eq!(finance(&world, &t.client).await["finance"]["text"], "Universal Credit.");
    world.clock.pass_days(18);
    assert_eq!(finance(&world, &t.client).await["finance"]["text"], "Universal Credit.");
    world.clock.pass_days(1);
    assert_eq!(finance(&world, &t.client).await, Value::Null, "18 on the 20th");
    sound(&world).await;
}

async fn a_parents_consent_lapses_at_recorded_competence(world: World) {
    let t = a_child(&world, "Wick").await;
    let parent = proxy(&world, &t.client, "PARENT", "Ada Wick").await;
    let attorney = proxy(&world, &t.client, "ATTORNEY", "Bo Wick").await;
    let consent = given(&t.client, "PARENT", &parent);
    world.done(WORKER, "consentRecord", consent.clone(), "").await;
    assert_eq!(finance(&world, &t.client).await["finance"]["text"], "Universal Credit.");
    let found =
        |day: &str| json!({ "clientId": t.client, "assessedOn": day, "assessedBy": "A nurse", "how": "Two talks." });
    refused(&world, "competenceRecord", found("2026-04-02"), "INVALID", "assessedOn").await;
    let select = "client { competence { assessedOn assessedBy how } }";
    let told = world.done(WORKER, "competenceRecord", found("2026-03-30"), select).await;
    let all = json!([{ "assessedOn": "2026-03-30", "assessedBy": "A nurse", "how": "Two talks." }]);
    assert_eq!(told["client"]["competence"], all);
    assert_eq!(finance(&world, &t.client).await, Value::Null, "hidden, as if there had been no consent");
    refused(&world, "consentRecord", consent.clone(), "PROXY_CANNOT_ACT", "consent.proxyId").await;
    // What she gave before it, a parent could give; it ended with it all the same.
    let earlier = but(&consent, "givenAt", json!("2026-03-01T00:00:00Z"));
    refused(&world, "consentRecord", earlier, "PROXY_CANNOT_ACT", "consent.proxyId").await;
    // Others' authority is none of it, and the child decides.
    world.done(WORKER, "consentRecord", given(&t.client, "ATTORNEY", &attorney), "").await;
    assert_eq!(finance(&world, &t.client).await["finance"]["text"], "Universal Credit.");
    sound(&world).await;
}

async fn a_member_team_ends_no_proxy_of_others(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let attorney = proxy(&world, &t.client, "ATTORNEY", "Atty Torney").await;
    world.done(WORKER, "consentRecord", given(&t.client, "ATTORNEY", &attorney), "").await;
    let theirs = json!({ "clientId": t.client, "kind": "DEPUTY", "name": "Dee Puty" });
    let theirs = id_of(&world.done("partner-worker", "proxyRecord", theirs, "proxy { id }").await["proxy"]["id"]);
    let query = "query($id: ID!) { node(id: $id) { ... on Proxy { viewerAccess { canEnd canExclude } } } }";
    let end =
        |proxy: &str| json!({ "proxyId": proxy, "version": 1, "reason": "She revoked it.", "validateOnly": true });
    for (who, of, ends) in [
        ("partner-worker", &attorney, false),
        ("partner-worker", &theirs, true),
        (WORKER, &theirs, true),
        ("hub-coordinator", &attorney, true),
    ] {
        let told = world.data(who, query, json!({ "id": of })).await;
        let may = json!({ "canEnd": ends, "canExclude": ends });
        assert_eq!(told["node"]["viewerAccess"], may, "{who} {of}");
        let expected: &[&str] = if ends { &[] } else { &["NOT_ALLOWED"] };
        assert_eq!(world.codes(who, "proxyEnd", end(of)).await, expected, "{who} {of}");
        assert_eq!(world.codes(who, "proxyExclude", end(of)).await, expected, "{who} {of}");
    }
    assert!(!finance(&world, &t.client).await.is_null());
}

async fn a_proxy_who_cannot_act_gives_no_consent(world: World) {
    let (t, other) = (world.accepted("Wick").await, world.accepted("Vale").await);
    let new = |name: &str, from: &str, until: Value| json!({ "clientId": t.client, "kind": "DEPUTY", "name": name, "from": from, "until": until });
    let id =
        async |input: Value| id_of(&world.done(WORKER, "proxyRecord", input, "proxy { id }").await["proxy"]["id"]);
    let deputy = id(new("Dee Now", "2026-03-01T00:00:00Z", json!("2026-06-01T00:00:00Z"))).await;
    let later = id(new("Dee Later", "2026-05-01T00:00:00Z", Value::Null)).await;
    let theirs = proxy(&world, &other.client, "DEPUTY", "Dee Elsewhere").await;
    let by = |proxy: &str| given(&t.client, "DEPUTY", proxy);
    refused(&world, "consentRecord", by(&later), "PROXY_CANNOT_ACT", "consent.proxyId").await;
    refused(&world, "consentRecord", by(&theirs), "NOT_FOUND", "consent.proxyId").await;
    refused(&world, "consentRecord", by("proxy_1"), "NOT_FOUND", "consent.proxyId").await;
    let before = but(&by(&deputy), "givenAt", json!("2026-02-01T00:00:00Z"));
    refused(&world, "consentRecord", before, "PROXY_CANNOT_ACT", "consent.proxyId").await;
    refused(&world, "consentRecord", given(&t.client, "ATTORNEY", &deputy), "INVALID", "consent.givenBy").await;
    refused(&world, "consentRecord", given(&t.client, "CLIENT", &deputy), "INVALID", "consent.proxyId").await;
    refused(&world, "consentRecord", but(&by(&deputy), "proxyId", Value::Null), "INVALID", "consent.proxyId").await;
    let by_name = but(&by(&deputy), "proxyName", json!("Dee Now"));
    refused(&world, "consentRecord", by_name, "INVALID", "consent.proxyId").await;

    // It lasts as long as the authority it rests on: as planned, or until that is ended.
    let select = "consent { proxyId proxyName }";
    let told = world.done(WORKER, "consentRecord", by(&deputy), select).await;
    assert_eq!(told["consent"], json!({ "proxyId": deputy, "proxyName": "Dee Now" }));
    assert!(!finance(&world, &t.client).await.is_null());
    let end =
        |proxy: &str, version: i64| json!({ "proxyId": proxy, "version": version, "reason": "The court said so." });
    refused(&world, "proxyEnd", end(&deputy, 2), "CONFLICT", "version").await;
    let ended = world.done(WORKER, "proxyEnd", end(&deputy, 1), "proxy { version endReason neverActs }").await;
    assert_eq!(ended["proxy"], json!({ "version": 2, "endReason": "The court said so.", "neverActs": false }));
    assert_eq!(finance(&world, &t.client).await, Value::Null);
    refused(&world, "proxyEnd", end(&deputy, 2), "ILLEGAL_TRANSITION", "proxyId").await;
    refused(&world, "consentRecord", by(&deputy), "PROXY_CANNOT_ACT", "consent.proxyId").await;
    let planned = id(new("Dee Planned", "2026-03-01T00:00:00Z", json!("2026-04-11T00:00:00Z"))).await;
    world.done(WORKER, "consentRecord", by(&planned), "").await;
    assert!(!finance(&world, &t.client).await.is_null());
    world.clock.pass_days(10);
    assert_eq!(finance(&world, &t.client).await, Value::Null, "over on the 11th");
    refused(&world, "consentRecord", by(&planned), "PROXY_CANNOT_ACT", "consent.proxyId").await;
    // Not for who is not on the record at all.
    let told = world.mutate("outside-worker", "proxyRecord", new("X", "2026-03-01T00:00:00Z", Value::Null), "").await;
    assert_eq!(errors(&told)[0].0, "NOT_FOUND");
    sound(&world).await;
}

async fn an_excluded_parent_never_acts_for_the_child(world: World) {
    let t = a_child(&world, "Wick").await;
    let parent = proxy(&world, &t.client, "PARENT", "Ada Wick").await;
    let mut together = given(&t.client, "PARENT", &parent);
    together["consent"]["recipients"] = json!([demo::LOCKWELL.global()]);
    together["consent"]["purposes"] = json!(["CASE_COORDINATION"]);
    world.done(WORKER, "consentRecord", together.clone(), "").await;
    let member =
        json!({ "caseId": t.case, "teamId": demo::SOLICITORS.global(), "role": "Law", "agreed": ["FINANCE"] });
    world.done(WORKER, "caseMemberAdd", member, "").await;
    let record = "query($id: ID!) { client(id: $id) { proxies { name neverActs neverActsReason } } }";
    let solicitor = async || world.data("partner-worker", record, json!({ "id": t.client })).await["client"].clone();
    let seen = json!({ "proxies": [{ "name": "Ada Wick", "neverActs": false, "neverActsReason": null }] });
    assert_eq!(solicitor().await, seen, "a member team takes consent, and knows from whom");

    let exclude = json!({ "proxyId": parent, "version": 1, "reason": "A court's order." });
    world.done(WORKER, "proxyExclude", exclude, "").await;
    assert_eq!(solicitor().await, Value::Null, "what she consented to is over, for every statement from then on");
    let inbox = "{ inbox { nodes { kind } } }";
    let told = world.data(WORKER, inbox, json!({})).await;
    assert_eq!(told["inbox"]["nodes"][0]["kind"], "MEMBER_UNCOVERED");
    refused(&world, "consentRecord", together, "PROXY_CANNOT_ACT", "consent.proxyId").await;
    let again = json!({ "proxyId": parent, "version": 2, "reason": "Again." });
    refused(&world, "proxyExclude", again, "ILLEGAL_TRANSITION", "proxyId").await;
    // Nor under a new record of the same name; the other parent does act.
    for kind in ["PARENT", "ATTORNEY"] {
        let anew = json!({ "clientId": t.client, "kind": kind, "name": "  ada WICK " });
        refused(&world, "proxyRecord", anew, "PROXY_CANNOT_ACT", "name").await;
    }
    let other = proxy(&world, &t.client, "PARENT", "Bo Wick").await;
    world.done(WORKER, "consentRecord", given(&t.client, "PARENT", &other), "").await;
    assert!(!finance(&world, &t.client).await.is_null());
    // Somebody may be known from the first as one who never acts.
    let never =
        json!({ "clientId": t.client, "kind": "PARENT", "name": "Cass Wick", "neverActsReason": "Not safe." });
    let never = world.done(WORKER, "proxyRecord", never, "proxy { id neverActs neverActsReason }").await;
    assert_eq!(never["proxy"]["neverActsReason"], "Not safe.");
    let cass = given(&t.client, "PARENT", never["proxy"]["id"].as_str().expect("an id"));
    refused(&world, "consentRecord", cass, "PROXY_CANNOT_ACT", "consent.proxyId").await;
    sound(&world).await;
}

async fn nobody_speaks_for_who_has_died(world: World) {
    let t = world.accepted("Wick").await;
    let attorney = proxy(&world, &t.client, "ATTORNEY", "Ada Wick").await;
    let consent = given(&t.client, "ATTORNEY", &attorney);
    world.done(WORKER, "consentRecord", consent.clone(), "").await;
    assert!(!finance(&world, &t.client).await.is_null());
    let close = json!({ "caseId": t.case, "version": 1, "kind": "UNPLANNED", "reason": "DIED" });
    world.done(WORKER, "caseClose", close, "").await;
    assert_eq!(finance(&world, &t.client).await, Value::Null);
    let record = "query($id: ID!) { client(id: $id) { proxies { version endReason } } }";
    let told = world.data(WORKER, record, json!({ "id": t.client })).await;
    assert_eq!(told["client"]["proxies"], json!([{ "version": 2, "endReason": "The person has died." }]));
    refused(&world, "consentRecord", consent, "PROXY_CANNOT_ACT", "consent.proxyId").await;
    let new = json!({ "clientId": t.client, "kind": "DEPUTY", "name": "Bo Wick" });
    refused(&world, "proxyRecord", new, "PROXY_CANNOT_ACT", "clientId").await;
    sound(&world).await;
}

async fn a_best_interests_decision_stands_in_consents_place(world: World) {
    let t = world.accepted("Wick").await;
    let decided = json!({ "clientId": t.client, "consent": {
        "recipients": [demo::MEADOW.global()], "purposes": ["SUPPORT"], "categories": ["NAME", "FINANCE"],
        "givenBy": "BEST_INTERESTS_DECISION", "givenHow": "BEST_INTERESTS", "decidedBy": "The ward's meeting",
        "decisionReason": "Not able to weigh it; help with money cannot wait.", "evidence": "Minutes of the meeting.",
        "givenAt": "2026-03-20T10:00:00Z", "expiresAt": "2027-03-01T00:00:00Z",
    } });
    let at = |field: &str| format!("consent.{field}");
    for (field, value, code, path) in [
        ("decidedBy", Value::Null, "INVALID", "decidedBy"),
        ("decisionReason", Value::Null, "INVALID", "decisionReason"),
        ("decidedBy", json!(""), "INVALID", "decidedBy"),
        ("givenHow", json!("VERBAL"), "INVALID", "givenHow"),
        ("expiresAt", json!("2029-01-01T00:00:00Z"), "CONSENT_TOO_LONG", "expiresAt"),
        ("recipients", json!([]), "CONSENT_WITHOUT_RECIPIENTS", "recipients"),
    ] {
        refused(&world, "consentRecord", but(&decided, field, value), code, &at(path)).await;
    }
    let select = "consent { givenBy givenHow decidedBy decisionReason givenAt }";
    let told = world.done(WORKER, "consentRecord", decided.clone(), select).await;
    assert_eq!(
        told["consent"],
        json!({
            "givenBy": "BEST_INTERESTS_DECISION", "givenHow": "BEST_INTERESTS", "decidedBy": "The ward's meeting",
            "decisionReason": "Not able to weigh it; help with money cannot wait.", "givenAt": "2026-03-20T10:00:00.000000Z",
        })
    );
    // It opens what it names to whom it names, as a consent does, and why is not theirs to read.
    let record = "query($id: ID!) { client(id: $id) { finance { text } health { text } consents { givenBy decidedBy decisionReason } } }";
    let seen = world.data("outside-worker", record, json!({ "id": t.client })).await;
    let consents = json!([{ "givenBy": "BEST_INTERESTS_DECISION", "decidedBy": null, "decisionReason": null }]);
    assert_eq!(
        seen["client"],
        json!({ "finance": { "text": "Universal Credit." }, "health": null, "consents": consents })
    );
    // What goes with a decision goes with nothing else.
    let mut own = but(&but(&decided, "givenBy", json!("CLIENT")), "givenHow", json!("VERBAL"));
    own["consent"]["decisionReason"] = Value::Null;
    refused(&world, "consentRecord", own, "INVALID", &at("decidedBy")).await;
    sound(&world).await;
}

async fn a_draft_names_the_proxy_it_is_sent_by(world: World) {
    let mut by_parent = draft("Wick");
    by_parent["consent"]["givenBy"] = json!("PARENT");
    let mut wrong = Wrong::default();
    let codes = world.codes("referrer", "referralDraft", by_parent.clone()).await;
    wrong.unless_same(&codes, &vec!["INVALID".to_owned()], "nobody is named");
    by_parent["consent"]["proxyId"] = json!("proxy_0123456789abcdef0123456789abcdef");
    let codes = world.codes("referrer", "referralDraft", by_parent.clone()).await;
    wrong.unless_same(&codes, &vec!["INVALID".to_owned()], "there is no record yet");
    by_parent["consent"].as_object_mut().expect("an object").remove("proxyId");
    by_parent["consent"]["proxyName"] = json!("Ada Wick");
    for section in by_parent["sections"].as_array_mut().expect("a list") {
        if section.get("birth").is_some() {
            *section = json!({ "birth": { "date": "2012-04-20" } });
        }
    }
    let drafted = world.done("referrer", "referralDraft", by_parent, "referral { id client { id } }").await;
    let id = id_of(&drafted["referral"]["id"]);
    world.done("referrer", "referralSubmit", json!({ "referralId": id, "version": 1 }), "").await;
    let hub = "query($id: ID!) { referral(id: $id) { client { proxies { kind name } consents { proxyName } } } }";
    let seen = world.data("hub-coordinator", hub, json!({ "id": id })).await;
    let expected =
        json!({ "proxies": [{ "kind": "PARENT", "name": "Ada Wick" }], "consents": [{ "proxyName": "Ada Wick" }] });
    wrong.unless_same(&seen["referral"]["client"], &expected, "the hub");
    wrong.unless_same(&drafted["referral"]["client"], &Value::Null, "the sender has no record");
    // Who has yet to answer an offer takes no consent: they are not told who speaks for the person.
    let offer =
        json!({ "referralId": id, "version": 2, "teamId": demo::OUTREACH.global(), "criteriaSeen": "A tenant." });
    world.done("hub-coordinator", "referralOffer", offer, "").await;
    let offered = world.data("outside-worker", hub, json!({ "id": id })).await;
    let expected = json!({ "proxies": [], "consents": [{ "proxyName": null }] });
    wrong.unless_same(&offered["referral"]["client"], &expected, "an offered team");
    let accept = json!({ "referralId": id, "version": 3 });
    world.done("outside-worker", "referralAccept", accept, "").await;
    let leads = world.data("outside-worker", hub, json!({ "id": id })).await;
    wrong.unless_same(&leads["referral"]["client"]["proxies"][0]["name"], &json!("Ada Wick"), "the lead team");
    wrong.nothing();
    sound(&world).await;
}

const GOVERNANCE: &str = "information-governance";

/// What somebody reads of a record and of the referral it came with.
async fn kept(world: &World, who: &str, t: &Travelled) -> (bool, bool) {
    let both = "query($c: ID!, $r: ID!) { client(id: $c) { id } referral(id: $r) { id } }";
    let seen = world.data(who, both, json!({ "c": t.client, "r": t.referral })).await;
    (!seen["client"].is_null(), !seen["referral"].is_null())
}

async fn closed(world: &World, family: &str) -> Travelled {
    let t = world.accepted(family).await;
    let close = json!({ "caseId": t.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" });
    world.done(WORKER, "caseClose", close, "").await;
    t
}

async fn what_was_recorded_is_kept_for_seven_years_after_the_last_closure(world: World) {
    let open = world.accepted("Orchard").await;
    let t = closed(&world, "Wick").await;
    let back = closed(&world, "Vale").await;
    // 2026-04-01 to 2033-04-01 are 2557 days.
    world.clock.pass_days(2556);
    assert_eq!(kept(&world, WORKER, &t).await, (true, false), "its own items, to the last day");
    assert_eq!(kept(&world, "referrer", &t).await, (false, true));
    let consent = json!({
        "recipients": [demo::HARBOUR.global()], "purposes": ["CASE_COORDINATION"], "categories": ["HOUSING"], "givenBy": "CLIENT",
        "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2034-03-01T00:00:00Z",
    });
    let again = json!({ "caseId": back.case, "version": 2, "consent": consent });
    world.done(WORKER, "caseReenter", again, "").await;
    world.clock.pass_days(1);
    assert_eq!(kept(&world, WORKER, &t).await, (false, false));
    assert_eq!(kept(&world, "referrer", &t).await, (false, false));
    assert_eq!(kept(&world, "referrer", &open).await, (false, true), "nothing has closed");
    assert_eq!(kept(&world, "referrer", &back).await, (false, true), "the last closure is still to come");
    sound(&world).await;
}

async fn an_organisation_says_how_long_it_keeps_records(world: World) {
    let t = closed(&world, "Wick").await;
    let set = |years: i32, version: i64| json!({ "years": years, "version": version });
    for years in [0, -1, 101] {
        let told = world.codes(GOVERNANCE, "retentionSet", set(years, 1)).await;
        assert_eq!(told, ["INVALID"], "{years}");
    }
    assert_eq!(world.codes(GOVERNANCE, "retentionSet", set(1, 9)).await, ["CONFLICT"]);
    for who in [WORKER, "administrator", "safeguarding-lead"] {
        let mutation =
            "mutation M($input: RetentionSetInput!) { retentionSet(input: $input) { userErrors { code } } }";
        let told = world.ask(who, mutation, json!({ "input": set(1, 1) })).await;
        assert_eq!(told["errors"][0]["extensions"]["code"], "FORBIDDEN", "{who}");
    }
    let select = "organisation { id version retentionYears }";
    let told = world.done(GOVERNANCE, "retentionSet", set(1, 1), select).await;
    let expected = json!({ "id": demo::HARBOUR.global(), "version": 2, "retentionYears": 1 });
    assert_eq!(told["organisation"], expected);
    sound(&world).await;
    world.clock.pass_days(364);
    assert_eq!(kept(&world, WORKER, &t).await, (true, false));
    world.clock.pass_days(1);
    assert_eq!(kept(&world, WORKER, &t).await, (false, false));
    assert_eq!(kept(&world, "referrer", &t).await, (false, true), "another organisation's years are its own");
    // What is kept longer is there again: nothing was deleted.
    world.done(GOVERNANCE, "retentionSet", set(2, 2), "").await;
    assert_eq!(kept(&world, WORKER, &t).await, (true, false));
    sound(&world).await;
}

async fn a_legal_hold_wins_over_retention(world: World) {
    let t = closed(&world, "Wick").await;
    world.done(GOVERNANCE, "retentionSet", json!({ "years": 1, "version": 1 }), "").await;
    let hold = json!({ "clientId": t.client, "reference": "Claim 7", "reason": "A claim is coming." });
    // Who keeps nothing of the client, and a client nobody knows.
    let told = world.mutate("canary", "legalHoldPlace", hold.clone(), "").await;
    assert_eq!(errors(&told)[0].0, "NOT_FOUND");
    let select = "legalHold { id version clientId reference liftedAt }";
    let placed = world.done(GOVERNANCE, "legalHoldPlace", hold.clone(), select).await["legalHold"].clone();
    assert_eq!(placed["clientId"], json!(t.client));
    assert_eq!(world.codes(GOVERNANCE, "legalHoldPlace", hold.clone()).await, ["ALREADY_EXISTS"]);
    sound(&world).await;
    world.clock.pass_days(3000);
    assert_eq!(kept(&world, WORKER, &t).await, (true, false), "held");
    assert_eq!(kept(&world, "referrer", &t).await, (false, false), "a hold is its organisation's");
    assert_eq!(kept(&world, GOVERNANCE, &t).await, (false, false), "who holds it reads none of it");
    let list = "{ legalHolds { totalCount nodes { id reason } } }";
    let listed = world.data(GOVERNANCE, list, json!({})).await;
    let nodes = json!([{ "id": placed["id"], "reason": "A claim is coming." }]);
    assert_eq!(listed["legalHolds"], json!({ "totalCount": 1, "nodes": nodes }));
    let listed = world.data("canary", list, json!({})).await;
    assert_eq!(listed["legalHolds"], json!({ "totalCount": 0, "nodes": [] }));

    let lift = |version: i64| json!({ "legalHoldId": placed["id"], "version": version, "reason": "Settled." });
    assert_eq!(world.codes(GOVERNANCE, "legalHoldLift", lift(2)).await, ["CONFLICT"]);
    let told = world.done(GOVERNANCE, "legalHoldLift", lift(1), "legalHold { id }").await;
    assert_eq!(told["legalHold"], Value::Null, "nothing is kept any more, nor that there was a hold");
    assert_eq!(kept(&world, WORKER, &t).await, (false, false), "retention counts from the last closure");
    assert_eq!(world.codes(GOVERNANCE, "legalHoldPlace", hold).await, ["NOT_FOUND"]);
    sound(&world).await;
}

const BASES: &str = "query($id: ID!) { client(id: $id) { id redactions { category } viewerAccess { openCategories canRecordLawfulBasis } \
    health { text } lawfulBases(first: 2) { totalCount nodes { id version categories specialCondition endedAt } \
    pageInfo { hasNextPage endCursor } } } }";

async fn bases(world: &World, who: &str, client: &str) -> Value {
    world.data(who, BASES, json!({ "id": client })).await["client"].clone()
}

async fn a_lawful_basis_opens_nothing_and_is_for_who_recorded_it(world: World) {
    let t = world.accepted("Wick").await;
    let consent = world.solicitors_join(&t).await;
    let others = ["partner-worker", "hub-coordinator", "outside-worker", "safeguarding-lead"];
    let mut before = Vec::new();
    for who in others {
        before.push(bases(&world, who, &t.client).await);
    }
    let made = world.done(WORKER, "lawfulBasisRecord", lawful_basis(&t.client), "lawfulBasis { id version }").await;
    let id = made["lawfulBasis"]["id"].clone();
    for (who, before) in others.iter().zip(&before) {
        assert_eq!(&bases(&world, who, &t.client).await, before, "{who}");
        let node = world.data(who, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        assert_eq!(node["node"], Value::Null, "{who}");
    }
    for who in [WORKER, "team-manager"] {
        let seen = bases(&world, who, &t.client).await["lawfulBases"].clone();
        assert_eq!((&seen["totalCount"], &seen["nodes"][0]["id"]), (&json!(1), &id), "{who}");
        assert_eq!(seen["nodes"][0]["categories"], json!(["HOUSING", "HEALTH"]));
    }
    sound(&world).await;

    // The solicitors' own stays theirs when their part is over, for them to end.
    let mut plain = lawful_basis(&t.client);
    plain["categories"] = json!(["HOUSING"]);
    plain["specialCondition"] = Value::Null;
    plain["scheduleCondition"] = Value::Null;
    let own = world.done("partner-worker", "lawfulBasisRecord", plain, "lawfulBasis { id }").await;
    let own = own["lawfulBasis"]["id"].clone();
    assert_eq!(bases(&world, WORKER, &t.client).await["lawfulBases"]["totalCount"], 1);
    let end = |version: i64| json!({ "lawfulBasisId": own, "version": version, "reason": "Our part is over." });
    assert_eq!(world.codes(WORKER, "lawfulBasisEnd", end(1)).await, ["NOT_FOUND"]);
    let withdraw = json!({ "consentId": consent, "withdrawnBy": "By phone." });
    world.done(WORKER, "consentWithdraw", withdraw, "").await;
    let left = bases(&world, "partner-worker", &t.client).await;
    assert_eq!(left["viewerAccess"]["canRecordLawfulBasis"], false);
    assert_eq!(left["lawfulBases"]["nodes"][0]["id"], own);
    assert_eq!(world.codes("partner-worker", "lawfulBasisEnd", end(2)).await, ["CONFLICT"]);
    let select = "lawfulBasis { version endReason endedAt viewerAccess { canEnd } }";
    let ended = world.done("partner-worker", "lawfulBasisEnd", end(1), select).await["lawfulBasis"].clone();
    assert_eq!((&ended["version"], &ended["endReason"]), (&json!(2), &json!("Our part is over.")));
    assert_eq!(ended["viewerAccess"]["canEnd"], false);
    assert_eq!(world.codes("partner-worker", "lawfulBasisEnd", end(2)).await, ["ILLEGAL_TRANSITION"]);
    sound(&world).await;
}

async fn a_lawful_basis_names_the_conditions_that_it_needs(world: World) {
    let t = world.accepted("Wick").await;
    let asked = |field: &str, value: Value| {
        let mut input = lawful_basis(&t.client);
        input[field] = value;
        input
    };
    for (field, value, at) in [
        ("specialCondition", Value::Null, "specialCondition"),
        ("scheduleCondition", Value::Null, "scheduleCondition"),
        ("specialCondition", json!("EXPLICIT_CONSENT"), "scheduleCondition"),
        ("categories", json!([]), "categories"),
        ("until", json!("2026-01-01T00:00:00Z"), "until"),
        ("reason", json!(" "), "reason"),
    ] {
        let input = asked(field, value);
        let told = errors(&world.mutate(WORKER, "lawfulBasisRecord", input.clone(), "").await);
        assert!(told.iter().any(|(code, _, path)| code == "INVALID" && path == at), "{input}: {told:?}");
    }
    // A page, and the next.
    for _ in 0..3 {
        world.done(WORKER, "lawfulBasisRecord", lawful_basis(&t.client), "").await;
    }
    let first = bases(&world, WORKER, &t.client).await["lawfulBases"].clone();
    assert_eq!(first["totalCount"], 3);
    assert_eq!((first["nodes"].as_array().map(Vec::len), &first["pageInfo"]["hasNextPage"]), (Some(2), &json!(true)));
    let next = "query($id: ID!, $after: String) { client(id: $id) { lawfulBases(first: 2, after: $after) { nodes { id } \
        pageInfo { hasNextPage } } } }";
    let after = json!({ "id": t.client, "after": first["pageInfo"]["endCursor"] });
    let second = world.data(WORKER, next, after).await["client"]["lawfulBases"].clone();
    assert_eq!(
        (second["nodes"].as_array().map(Vec::len), &second["pageInfo"]["hasNextPage"]),
        (Some(1), &json!(false))
    );
}

on_both_databases!(
    a_parents_consent_lapses_when_the_child_is_of_age,
    a_parents_consent_lapses_at_recorded_competence,
    a_proxy_who_cannot_act_gives_no_consent,
    a_member_team_ends_no_proxy_of_others,
    an_excluded_parent_never_acts_for_the_child,
    nobody_speaks_for_who_has_died,
    a_best_interests_decision_stands_in_consents_place,
    a_draft_names_the_proxy_it_is_sent_by,
    what_was_recorded_is_kept_for_seven_years_after_the_last_closure,
    an_organisation_says_how_long_it_keeps_records,
    a_legal_hold_wins_over_retention,
    a_lawful_basis_opens_nothing_and_is_for_who_recorded_it,
    a_lawful_basis_names_the_conditions_that_it_needs,
);
