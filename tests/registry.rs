//! The registry: organisations merged and unmerged, whom to reach at one, and figures for the hub.

use crate::inputs::{checking, dump, errors, id_of, literal};
use crate::support::{BEGINNING, World, draft, own_consent};
use alliance::domain::clock::Clock;
use alliance::domain::ids::{ClientId, OrganisationId, TypedId};
use alliance::domain::role::Role;
use alliance::persistence::ledger;
use alliance::service::{demo, import};
use serde_json::{Value, json};

const HUB: &str = "hub-coordinator";
const ADMIN: &str = "administrator";

async fn register(world: &World, name: &str, kind: &str) -> String {
    let new = json!({ "name": name, "kind": kind });
    id_of(&world.done(HUB, "organisationRegister", new, "organisation { id }").await["organisation"]["id"])
}

async fn version(world: &World, id: &str) -> Value {
    let query = "query V($id: ID!) { organisation(id: $id) { version } }";
    world.data(HUB, query, json!({ "id": id })).await["organisation"]["version"].clone()
}

async fn merging(world: &World, id: &str, into: &str) -> Value {
    json!({ "organisationId": id, "intoId": into, "version": version(world, id).await, "reason": "One body." })
}

async fn merge(world: &World, who: &str, id: &str, into: &str) {
    let input = merging(world, id, into).await;
    world.done(who, "organisationMerge", input, "").await;
}

async fn unmerge(world: &World, who: &str, id: &str) {
    let input = json!({ "organisationId": id, "version": version(world, id).await, "reason": "Two bodies." });
    world.done(who, "organisationUnmerge", input, "").await;
}

/// Everything the registry tells of every organisation but versions and the history, to who keeps it.
async fn registry(world: &World) -> Value {
    let query = "{ organisations(first: 100) { totalCount nodes { id name kind isPartner status aliases parent { id } \
        mergedInto { id } merged { id } teams { id } services { id } } } \
        likelyDuplicates(first: 50) { nodes { id decision } } }";
    world.data(HUB, query, json!({})).await
}

/// What is found by part of a name.
async fn found(world: &World, words: &str) -> Vec<String> {
    let query =
        "query F($f: OrganisationFilter) { organisations(filter: $f, first: 50) { totalCount nodes { name } } }";
    let told =
        world.data("referrer", query, json!({ "f": { "nameContains": words } })).await["organisations"].clone();
    let names: Vec<_> = told["nodes"].as_array().expect("a list").iter().map(|o| id_of(&o["name"])).collect();
    assert_eq!(told["totalCount"], names.len());
    names
}

async fn leads(world: &World, id: &str) -> (Value, Vec<String>) {
    let query = "query L($id: ID!) { organisation(id: $id) { mergedInto { name } merged { name } } }";
    let told = world.data("referrer", query, json!({ "id": id })).await["organisation"].clone();
    let mut merged: Vec<_> = told["merged"].as_array().expect("a list").iter().map(|o| id_of(&o["name"])).collect();
    merged.sort();
    (told["mergedInto"]["name"].clone(), merged)
}

/// Documents and ledger say the same.
async fn sound(world: &World, when: &str) {
    let (compared, found) = ledger::check(&world.app.database).await.expect("it checks");
    assert!(compared > 0 && found.is_empty(), "{when}: {found:?}");
}

async fn a_survivor_is_found_by_the_names_of_what_was_merged_and_unmerging_restores_it(world: World) {
    let mill = register(&world, "Mill Lane Advice", "ADVICE_OR_LAW_SERVICE").await;
    let misspelt = register(&world, "Mil Lain Advise", "ADVICE_OR_LAW_SERVICE").await;
    let alias = json!({ "organisationId": misspelt, "version": 1, "addAlias": "Corner House" });
    world.done(HUB, "organisationUpdate", alias, "").await;
    let (one, other) = (OrganisationId::parse(&mill).expect("one"), OrganisationId::parse(&misspelt).expect("one"));
    let likeness = uuid::Uuid::from_u128(0x11cd);
    world
        .raw(&format!(
            "INSERT INTO organisation_likeness (id, first_id, second_id, reason, score, decision, created_at) \
            VALUES ({}, {}, {}, 'SHARED_NAME', 90, 'UNDECIDED', 0)",
            literal(&world, likeness),
            literal(&world, one.0.min(other.0)),
            literal(&world, one.0.max(other.0)),
        ))
        .await;
    let before = registry(&world).await;
    assert_eq!(found(&world, "corner house").await, ["Mil Lain Advise"]);

    let input = merging(&world, &misspelt, &mill).await;
    world.done(HUB, "organisationMerge", checking(&input), "").await;
    assert_eq!(registry(&world).await, before, "what was only checked changes nothing");
    let select = "organisation { id name version mergedInto { id } }";
    let told = world.done(HUB, "organisationMerge", input, select).await["organisation"].clone();
    let expected = json!({ "id": misspelt, "name": "Mil Lain Advise", "version": 3, "mergedInto": { "id": mill } });
    assert_eq!(told, expected);
    for words in ["corner house", "mil lain", "Mill Lane"] {
        assert_eq!(found(&world, words).await, ["Mill Lane Advice"], "{words}");
    }
    assert_eq!(leads(&world, &mill).await, (Value::Null, vec!["Mil Lain Advise".to_owned()]));
    assert_eq!(leads(&world, &misspelt).await, (json!("Mill Lane Advice"), vec![]));
    let listed = registry(&world).await;
    let decided = listed["likelyDuplicates"]["nodes"].as_array().expect("a list").clone();
    assert_eq!(decided[0]["decision"], "SAME", "the merge settles what nobody had decided");
    // The names are taken, and a register that brings them brings nothing new.
    let taken =
        world.mutate(HUB, "organisationRegister", json!({ "name": "corner HOUSE", "kind": "OTHER" }), "").await;
    let words = "This name belongs to Mill Lane Advice, into which its holder was merged.";
    assert_eq!(errors(&taken), [("ALREADY_EXISTS".to_owned(), words.to_owned(), "name".to_owned())]);
    let file =
        &b"name,alias\nMil Lain Advise,\nMill Lane Advice,Mil Lain Advise\nCorner House,Old Corner House\n"[..];
    let report = import::referring_organisations(&world.app, file, false).await.expect("it imports");
    assert_eq!((report.folded, report.added, report.aliases, report.rejected.len()), (3, 0, 1, 0), "{report:?}");
    assert_eq!(found(&world, "old corner").await, ["Mill Lane Advice"]);
    let old = literal(&world, other.0);
    world
        .raw(&format!("DELETE FROM organisation_alias WHERE organisation_id = {old} AND name = 'Old Corner House'"))
        .await;

    // Who keeps the registry reads why; nobody else.
    let why = "query W($id: ID!) { organisation(id: $id) { merges { organisation { id } into { id } reason mergedAt undoneAt undoReason } } }";
    let of = async |who: &str| world.data(who, why, json!({ "id": mill })).await["organisation"]["merges"].clone();
    let now = of(HUB).await[0]["mergedAt"].clone();
    assert!(now.as_str().expect("a moment").starts_with(&BEGINNING[..19]), "{now}");
    let one = json!({
        "organisation": { "id": misspelt }, "into": { "id": mill }, "reason": "One body.", "mergedAt": now, "undoneAt": null,
        "undoReason": null,
    });
    assert_eq!(of(HUB).await, json!([one]));
    assert_eq!(of("referrer").await, json!([]));

    unmerge(&world, HUB, &misspelt).await;
    assert_eq!(registry(&world).await, before);
    assert_eq!(found(&world, "corner house").await, ["Mil Lain Advise"]);
    assert_eq!(of(ADMIN).await[0]["undoReason"], "Two bodies.");
    // What a person decided is theirs: merging and unmerging leaves it.
    let likeness = alliance::domain::ids::LikenessId(likeness).global();
    let decide = json!({ "likelyDuplicateId": likeness, "decision": "SAME" });
    world.done(HUB, "likelyDuplicateDecide", decide, "").await;
    let before = registry(&world).await;
    merge(&world, HUB, &misspelt, &mill).await;
    unmerge(&world, HUB, &misspelt).await;
    assert_eq!(registry(&world).await, before);
}

async fn a_chain_leads_to_its_end_and_gives_back_what_hung_on_a_link(world: World) {
    let mut ids = Vec::new();
    for name in ["Alder House", "Beech House", "Cedar House", "Damson House"] {
        ids.push(register(&world, name, "OTHER").await);
    }
    let [alder, beech, cedar, damson] = &ids[..] else { panic!("four") };
    let before = registry(&world).await;
    merge(&world, HUB, alder, beech).await;
    merge(&world, HUB, beech, cedar).await;
    merge(&world, HUB, damson, cedar).await;
    let names = |all: &[&str]| all.iter().map(|n| format!("{n} House")).collect::<Vec<_>>();
    assert_eq!(leads(&world, alder).await, (json!("Cedar House"), vec![]));
    assert_eq!(leads(&world, beech).await, (json!("Cedar House"), names(&["Alder"])));
    assert_eq!(leads(&world, cedar).await, (Value::Null, names(&["Alder", "Beech", "Damson"])));
    assert_eq!(found(&world, "alder").await, names(&["Cedar"]));
    assert_eq!(found(&world, "house").await.iter().filter(|n| *n != "Cedar House").count(), 0);
    // The link between goes, and takes what hung on it along.
    unmerge(&world, HUB, beech).await;
    assert_eq!(leads(&world, alder).await, (json!("Beech House"), vec![]));
    assert_eq!(leads(&world, cedar).await, (Value::Null, names(&["Damson"])));
    assert_eq!(found(&world, "alder").await, names(&["Beech"]));
    // The first link may go while the second stands.
    merge(&world, HUB, beech, cedar).await;
    unmerge(&world, HUB, alder).await;
    assert_eq!(leads(&world, alder).await, (Value::Null, vec![]));
    assert_eq!(leads(&world, beech).await, (json!("Cedar House"), vec![]));
    for id in [beech, damson] {
        unmerge(&world, HUB, id).await;
    }
    assert_eq!(registry(&world).await, before);
    // A page of organisations takes as many statements as one.
    let page = "query P($n: Int) { organisations(first: $n) { nodes { id mergedInto { name } merged { name } contacts { name } merges { reason into { name } } } } }";
    merge(&world, HUB, alder, beech).await;
    let taken = async |n: i64| {
        let before = world.statements();
        world.data(HUB, page, json!({ "n": n })).await;
        world.statements() - before
    };
    taken(3).await;
    assert!(taken(50).await <= taken(3).await + 2, "merges and survivors are read once for a page");
}

async fn what_is_refused_changes_nothing(world: World) {
    let one = register(&world, "Elder Yard", "OTHER").await;
    let other = register(&world, "Fennel Yard", "OTHER").await;
    let category = register(&world, "Self", "SELF").await;
    let gone = register(&world, "Garlic Yard", "OTHER").await;
    merge(&world, HUB, &gone, &other).await;
    let good = merging(&world, &one, &other).await;
    let with = |field: &str, value: Value| {
        let mut input = good.clone();
        input[field] = value;
        input
    };
    let lockwell = demo::LOCKWELL.global();
    let asleep = register(&world, "Hyssop Yard", "OTHER").await;
    let leaves = json!({ "organisationId": asleep, "version": 1, "status": "INACTIVE" });
    world.done(ADMIN, "organisationUpdate", leaves, "").await;
    let before = dump(&world).await;
    for (who, input, code, field) in [
        (HUB, with("intoId", json!(lockwell)), "NOT_ALLOWED", "intoId"),
        (ADMIN, with("intoId", json!(lockwell)), "NOT_ALLOWED", "intoId"),
        (HUB, with("intoId", json!(asleep)), "INVALID", "intoId"),
        (HUB, with("organisationId", json!(demo::PROBATION.global())), "NOT_ALLOWED", "organisationId"),
        (HUB, with("intoId", json!(one)), "INVALID", "intoId"),
        (HUB, merging(&world, &gone, &one).await, "ILLEGAL_TRANSITION", "organisationId"),
        (HUB, with("organisationId", json!(gone)), "CONFLICT", "version"),
        (HUB, with("intoId", json!(gone)), "ILLEGAL_TRANSITION", "intoId"),
        (HUB, with("organisationId", json!(lockwell)), "NOT_ALLOWED", "organisationId"),
        (ADMIN, with("organisationId", json!(lockwell)), "NOT_ALLOWED", "organisationId"),
        (HUB, with("intoId", json!(category)), "INVALID", "intoId"),
        (HUB, with("organisationId", json!(category)), "INVALID", "intoId"),
        (HUB, with("version", json!(7)), "CONFLICT", "version"),
        (HUB, with("organisationId", json!("organisation_x")), "NOT_FOUND", "organisationId"),
        (HUB, with("intoId", json!(demo::NORTH.global())), "NOT_FOUND", "intoId"),
        (HUB, with("reason", json!(" ")), "INVALID", "reason"),
    ] {
        let told = errors(&world.mutate(who, "organisationMerge", input.clone(), "").await);
        let (found, at): (Vec<_>, Vec<_>) = told.into_iter().map(|(code, _, at)| (code, at)).unzip();
        assert_eq!((found, at), (vec![code.to_owned()], vec![field.to_owned()]), "{input}");
    }
    let undo = json!({ "organisationId": one, "version": 1, "reason": "Never was." });
    assert_eq!(world.codes(HUB, "organisationUnmerge", undo).await, ["ILLEGAL_TRANSITION"]);
    let stale = json!({ "organisationId": gone, "version": 1, "reason": "Was not." });
    assert_eq!(world.codes(HUB, "organisationUnmerge", stale).await, ["CONFLICT"]);
    // It is for who keeps the registry.
    let document = |name: &str| {
        let mut t = name.to_owned();
        t[..1].make_ascii_uppercase();
        format!("mutation M($input: {t}Input!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}")
    };
    let forbidden = async |who: &str, name: &str, input: Value| {
        let told = world.ask(who, &document(name), json!({ "input": input })).await;
        assert_eq!(told["errors"][0]["extensions"]["code"], "FORBIDDEN", "{who}: {name}: {told}");
    };
    for who in
        ["referrer", "support-worker", "team-manager", "safeguarding-lead", "information-governance", "commissioner"]
    {
        forbidden(who, "organisationMerge", good.clone()).await;
        let undo = json!({ "organisationId": gone, "version": 2, "reason": "Two." });
        forbidden(who, "organisationUnmerge", undo).await;
    }
    assert_eq!(dump(&world).await, before);
}

/// Who is a colleague, and whom one works for, is asked of organisations (C16, C21): nobody acts for one that is merged.
async fn what_somebody_acts_for_is_not_merged(world: World) {
    let old = register(&world, "Old Probation House", "OTHER").await;
    world
        .member("clerk", OrganisationId::parse(&old).expect("an id"), &[Role::Referrer, Role::SupportWorker], &[])
        .await;
    let into = demo::PROBATION.global();
    let refused =
        async |id: &str, into: &str| world.codes(HUB, "organisationMerge", merging(&world, id, into).await).await;
    assert_eq!(refused(&old, &into).await, ["NOT_ALLOWED"]);
    assert_eq!(refused(&into, &old).await, ["NOT_ALLOWED"]);
    let all =
        world.data(ADMIN, "{ memberships(first: 100) { nodes { id version organisationId } } }", json!({})).await;
    let all = all["memberships"]["nodes"].as_array().expect("a list").clone();
    let clerk = all.iter().find(|m| m["organisationId"] == json!(old)).expect("a membership");
    let end = json!({ "membershipId": clerk["id"], "version": clerk["version"] });
    world.done(ADMIN, "membershipEnd", end, "").await;
    let asked = world.asked("Wick").await;
    let query = "query R($id: ID!) { referral(id: $id) { state sender { name } asWritten { category lines } } referrals { totalCount } }";
    let read = async || world.data("referrer", query, json!({ "id": asked })).await;
    let before = read().await;
    merge(&world, HUB, &old, &into).await;
    sound(&world, "merged").await;
    assert_eq!(read().await, before, "nothing was passed on to who is left");
    // Nobody comes new, and a consent names who is left; the reasons say who.
    let refused = |told: &Value| {
        errors(told).into_iter().map(|(code, words, at)| format!("{code} {at}: {words}")).collect::<Vec<_>>()
    };
    let new = json!({ "issuer": "i", "subject": "new", "name": "New Officer", "organisationId": old, "roles": ["REFERRER"] });
    let told = world.mutate(ADMIN, "membershipGrant", new.clone(), "").await;
    let words = "It was merged into Ridgemarket Probation Office: use that one.";
    assert_eq!(refused(&told), [format!("INVALID organisationId: {words}")]);
    let t = world.accepted("Orme").await;
    let mut consent = own_consent();
    consent["recipients"] = json!([old]);
    let consent = json!({ "clientId": t.client, "consent": consent });
    let told = world.mutate("support-worker", "consentRecord", consent.clone(), "").await;
    assert_eq!(refused(&told), [format!("INVALID consent.recipients: {words}")]);
    // What a link to the one says is said by a link to the other (C11), from then on.
    let implies = "query I($id: ID!) { organisation(id: $id) { impliedCategories } }";
    let of = async |id: &str| {
        world.data(ADMIN, implies, json!({ "id": id })).await["organisation"]["impliedCategories"].clone()
    };
    assert_eq!((of(&old).await, of(&into).await), (json!(["OFFENDING"]), json!(["OFFENDING"])));
    let version = version(&world, &old).await;
    let speak = json!({ "organisationId": old, "version": version, "impliedCategories": ["OFFENDING", "HEALTH"] });
    world.done(ADMIN, "organisationUpdate", speak, "").await;
    assert_eq!(of(&into).await, of(&old).await, "of the whole body");
    unmerge(&world, HUB, &old).await;
    world.done(ADMIN, "membershipGrant", new, "").await;
    world.done("support-worker", "consentRecord", consent, "").await;
    sound(&world, "unmerged").await;
}

const RECORD: &str = "query R($id: ID!) { client(id: $id) { id name { family } housing { tenure } sharedCases { nodes { id } } } \
    node(id: $id) { id } clients { totalCount nodes { id } } }";

/// What somebody reads of a client, down to the byte, and the statements it took; the id itself put out of the way.
async fn bytes(world: &World, who: &str, id: &str) -> (String, u64) {
    let before = world.statements();
    let (_, body) = world.post(who, json!({ "query": RECORD, "variables": { "id": id } }).to_string()).await;
    (String::from_utf8(body).expect("text"), world.statements() - before)
}

/// Nothing of the client is there for somebody: as of an id that nobody ever had.
async fn hidden(world: &World, who: &str, client: &str, when: &str) {
    let nobodys = ClientId(uuid::Uuid::from_u128(9)).global();
    // Who asks is looked up first.
    bytes(world, who, &nobodys).await;
    let nothing = "{\"data\":{\"client\":null,\"node\":null,\"clients\":{\"totalCount\":0,\"nodes\":[]}}}";
    let told = bytes(world, who, client).await;
    assert_eq!(told, bytes(world, who, &nobodys).await, "{when}: {who}");
    assert_eq!(told.0, nothing, "{when}: {who}");
}

/// Whom a client excludes is the body, under all its names, for as long as they are one (C6).
async fn an_objection_follows_the_body(world: World) {
    let t = world.accepted("Tarn").await;
    let shelter = demo::SHELTER.global();
    let other = register(&world, "Lantern House", "OTHER").await;
    world.member("keyholder", demo::SHELTER, &[Role::SupportWorker], &[]).await;
    let keyholder = format!("keyholder@{shelter}");
    let consent = json!({
        "recipients": [shelter], "purposes": ["SUPPORT"], "categories": ["NAME", "HOUSING"], "givenBy": "CLIENT",
        "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
    });
    let given = json!({ "clientId": t.client, "consent": consent });
    let given = world.done("support-worker", "consentRecord", given, "consent { id }").await;
    // The lead, and a coordinator, who work for the shelter as well.
    for (name, role, team) in
        [("hats", Role::SupportWorker, demo::NORTH), ("keeper", Role::HubCoordinator, demo::HUB)]
    {
        world.member(name, demo::HARBOUR, &[role], &[team]).await;
        world.member(name, demo::SHELTER, &[Role::SupportWorker], &[]).await;
    }
    let [hats, keeper] = ["hats", "keeper"].map(|n| format!("{n}@{}", demo::HARBOUR.global()));
    let sees = async |who: &str| bytes(&world, who, &t.client).await.0.contains(&t.client);
    let why = "query E($id: ID!) { explainAccess(clientId: $id, category: HOUSING) { grants { restrictedBy } } }";
    let restricted = async || {
        let told =
            world.data("team-manager", why, json!({ "id": t.client })).await["explainAccess"]["grants"].clone();
        told.as_array().expect("a list").iter().filter(|g| g["restrictedBy"] == json!(["OBJECTION"])).count()
    };
    let object = json!({ "clientId": t.client, "to": { "organisationId": other }, "reason": "Her wish." });
    let select = "client { restrictions { id version organisation { id } } }";
    let set = world.done("support-worker", "objectionRecord", object, select).await;
    let objection = set["client"]["restrictions"][0].clone();
    sound(&world, "an objection").await;
    assert!(sees(&keyholder).await, "it is another body");
    assert_eq!(restricted().await, 0);
    let before = bytes(&world, &keyholder, &t.client).await;
    world.clock.pass_days(1);
    merge(&world, HUB, &other, &shelter).await;
    sound(&world, "merged").await;
    hidden(&world, &keyholder, &t.client, "merged").await;
    assert!(sees("support-worker").await);
    assert_eq!(restricted().await, 1, "told to who is told why");
    // Who works for the body under another hat does not lift it, nor takes the body apart (C21).
    let lift = json!({ "restrictionId": objection["id"], "version": objection["version"], "reason": "Over." });
    assert_eq!(world.codes(&hats, "restrictionLift", lift.clone()).await, ["NOT_FOR_ONESELF"]);
    let apart = json!({ "organisationId": other, "version": 2, "reason": "Two." });
    assert_eq!(world.codes(&keeper, "organisationUnmerge", apart).await, ["NOT_FOR_ONESELF"]);
    world.clock.pass_days(1);
    unmerge(&world, HUB, &other).await;
    sound(&world, "unmerged").await;
    assert_eq!(bytes(&world, &keyholder, &t.client).await.0, before.0, "as it was");
    assert_eq!(restricted().await, 0);
    merge(&world, HUB, &other, &shelter).await;
    hidden(&world, &keyholder, &t.client, "merged again").await;
    world.done("support-worker", "restrictionLift", lift, "").await;
    assert!(sees(&keyholder).await);
    sound(&world, "lifted").await;
    // A withdrawal from the one is one from the other (C4).
    let withdraw = json!({ "consentId": given["consent"]["id"], "recipients": [other], "withdrawnBy": "By phone." });
    let select = "consent { recipients { organisation { id } withdrawn } }";
    let told = world.done("support-worker", "consentWithdraw", withdraw, select).await;
    let of = &told["consent"]["recipients"][0];
    assert_eq!((&of["organisation"]["id"], &of["withdrawn"]), (&json!(shelter), &json!(["NAME", "HOUSING"])));
    hidden(&world, &keyholder, &t.client, "withdrawn").await;
    sound(&world, "withdrawn").await;
}

async fn whom_to_reach_is_for_who_keeps_the_registry(world: World) {
    let county = demo::COUNTY.global();
    let add = |more: Value| {
        let mut input = json!({ "organisationId": county, "name": "Rosa Lindqvist" });
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    let before = dump(&world).await;
    for (more, field) in [
        (json!({}), "email"),
        (json!({ "email": "rosa at county" }), "email"),
        (json!({ "phone": "ask at the desk" }), "phone"),
        (json!({ "phone": "1".repeat(41) }), "phone"),
        (json!({ "phone": "\u{7}1" }), "phone"),
    ] {
        let told = errors(&world.mutate(HUB, "organisationContactAdd", add(more.clone()), "").await);
        assert_eq!(told.len(), 1, "{more}: {told:?}");
        assert_eq!((told[0].0.as_str(), told[0].2.as_str()), ("INVALID", field), "{more}");
    }
    assert_eq!(dump(&world).await, before);
    let select = "contact { id version name role email phone note endedAt organisationId }";
    let given = json!({ "role": "Duty officer", "email": "duty@county.example", "phone": "01865 496000", "note": "Mornings." });
    let told = world.done(HUB, "organisationContactAdd", add(given), select).await["contact"].clone();
    let expected = json!({
        "id": told["id"], "version": 1, "name": "Rosa Lindqvist", "role": "Duty officer", "email": "duty@county.example",
        "phone": "01865 496000", "note": "Mornings.", "endedAt": null, "organisationId": county,
    });
    assert_eq!(told, expected);
    let id = told["id"].clone();
    let query = "query C($o: ID!, $c: ID!) { organisation(id: $o) { contacts { id } } node(id: $c) { ... on OrganisationContact { phone } } }";
    let read = async |who: &str| world.data(who, query, json!({ "o": county, "c": id })).await;
    for who in [HUB, ADMIN] {
        let told = json!({ "organisation": { "contacts": [{ "id": id }] }, "node": { "phone": "01865 496000" } });
        assert_eq!(read(who).await, told, "{who}");
    }
    let nothing = json!({ "organisation": { "contacts": [] }, "node": null });
    for who in
        ["referrer", "support-worker", "team-manager", "safeguarding-lead", "information-governance", "commissioner"]
    {
        assert_eq!(read(who).await, nothing, "{who}");
    }
    assert_eq!(
        world.codes(ADMIN, "organisationContactEnd", json!({ "contactId": id, "version": 2 })).await,
        ["CONFLICT"]
    );
    world.done(ADMIN, "organisationContactEnd", json!({ "contactId": id, "version": 1 }), "").await;
    assert_eq!(read(HUB).await, json!({ "organisation": { "contacts": [] }, "node": { "phone": "01865 496000" } }));
    assert_eq!(
        world.codes(ADMIN, "organisationContactEnd", json!({ "contactId": id, "version": 2 })).await,
        ["CONFLICT"]
    );
}

const FIGURES: &str = "query F($from: Date!, $until: Date!, $first: Int, $after: String) { \
    senderFigures(from: $from, until: $until, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { \
    organisation { name } parentId submitted open accepted closed acceptedShare outcomes { outcome count } criteriaNotMetAgain \
    medianWorkingDaysToTriage } } }";
const TEAMS: &str = "query T($from: Date!, $until: Date!) { teamFigures(from: $from, until: $until) { totalCount nodes { team { name } \
    offered waiting accepted declined acceptedShare declineReasons { reason count } takenBack ended medianWorkingDaysToAnswer } } }";

async fn senders(world: &World, who: &str) -> Value {
    let april = json!({ "from": "2026-04-01", "until": "2026-05-01" });
    world.data(who, FIGURES, april).await["senderFigures"]["nodes"].clone()
}

async fn teams(world: &World, who: &str) -> Value {
    let april = json!({ "from": "2026-04-01", "until": "2026-05-01" });
    world.data(who, TEAMS, april).await["teamFigures"]["nodes"].clone()
}

async fn close(world: &World, id: &str, outcome: &str) {
    let input = json!({ "referralId": id, "version": 2, "outcome": outcome, "text": "Said why.", "onwardReferral": "Shelter." });
    world.done(HUB, "referralClose", input, "").await;
}

/// The figures of a sender by name.
fn of_sender(told: &Value, name: &str) -> Value {
    let all = told.as_array().expect("a list").iter();
    all.into_iter().find(|f| f["organisation"]["name"] == name).unwrap_or_else(|| panic!("{name} in {told}")).clone()
}

/// The hub reads what became of each sender's referrals: those it sees now.
async fn the_hub_reads_figures_by_sender(world: World) {
    let probation = demo::PROBATION.global();
    let body = register(&world, "Shire Justice Board", "OTHER").await;
    let parent = json!({ "organisationId": probation, "version": 1, "parentId": body });
    world.done(HUB, "organisationUpdate", parent, "").await;
    assert_eq!(senders(&world, HUB).await, json!([]));
    let first = world.submitted("Wick").await;
    world.clock.pass_days(1);
    close(&world, &first, "CRITERIA_NOT_MET").await;
    let second = world.submitted("Tarn").await;
    close(&world, &second, "DUPLICATE").await;
    let third = world.submitted("Vane").await;
    close(&world, &third, "CRITERIA_NOT_MET").await;
    world.accepted("Quill").await;
    world.submitted("Orme").await;
    let mut expected = json!({
        "organisation": { "name": "Ridgemarket Probation Office" }, "parentId": body, "submitted": 5, "open": 1, "accepted": 1,
        "closed": 3, "acceptedShare": 0.25, "outcomes": [
            { "outcome": "CRITERIA_NOT_MET", "count": 2 }, { "outcome": "DUPLICATE", "count": 1 },
        ],
        "criteriaNotMetAgain": 1, "medianWorkingDaysToTriage": 0.0,
    });
    assert_eq!(senders(&world, HUB).await, json!([expected]));
    // A private sender's count under the category; of the sender itself nothing is told that was not before.
    let aunt = register(&world, "Friends and family", "FRIENDS_OR_FAMILY").await;
    let of = OrganisationId::parse(&aunt).expect("one");
    world.member("aunt", of, &[Role::Referrer], &[]).await;
    let who = format!("aunt@{aunt}");
    let made = world.done(&who, "referralDraft", draft("Wetherall"), "referral { id }").await;
    let id = id_of(&made["referral"]["id"]);
    world.done(&who, "referralSubmit", json!({ "referralId": id, "version": 1 }), "").await;
    close(&world, &id, "CRITERIA_NOT_MET").await;
    let told = senders(&world, HUB).await;
    assert_eq!(told.as_array().expect("a list").len(), 2, "{told}");
    let (office, theirs) = ("Ridgemarket Probation Office", of_sender(&told, "Friends and family"));
    assert_eq!(
        (&theirs["submitted"], &theirs["outcomes"]),
        (&json!(1), &json!([{ "outcome": "CRITERIA_NOT_MET", "count": 1 }]))
    );
    assert_eq!(of_sender(&told, office), expected, "another's count for themselves");
    // Everybody else reads nothing: neither as sender, nor as the team, nor as who keeps the registry without being the hub.
    for other in [
        "referrer",
        "support-worker",
        "team-manager",
        "partner-worker",
        ADMIN,
        "commissioner",
        "safeguarding-lead",
        "canary",
        &who,
    ] {
        assert_eq!((senders(&world, other).await, teams(&world, other).await), (json!([]), json!([])), "{other}");
    }
    // A page, and the next; days that are none.
    let page = async |after: Value| {
        let asked = json!({ "from": "2026-04-01", "until": "2026-05-01", "first": 1, "after": after });
        world.data(HUB, FIGURES, asked).await["senderFigures"].clone()
    };
    let one = page(Value::Null).await;
    assert_eq!((&one["nodes"], &one["totalCount"]), (&json!([told[0]]), &json!(2)));
    assert_eq!(one["pageInfo"]["hasNextPage"], true);
    let two = page(one["pageInfo"]["endCursor"].clone()).await;
    assert_eq!((&two["nodes"], &two["pageInfo"]["hasNextPage"]), (&json!([told[1]]), &json!(false)));
    let wrong = world.ask(HUB, FIGURES, json!({ "from": "April", "until": "2026-05-01" })).await;
    assert!(wrong["errors"][0]["message"].is_string(), "{wrong}");
    // What is merged counts with who is left, and apart again when it is not; an office of what was merged is one of the survivor.
    merge(&world, HUB, &body, &demo::COUNTY.global()).await;
    expected["parentId"] = json!(demo::COUNTY.global());
    assert_eq!(of_sender(&senders(&world, HUB).await, office), expected);
    world
        .raw(&format!(
            "UPDATE membership SET ended_at = 1 WHERE organisation_id = {}",
            literal(&world, demo::PROBATION.0)
        ))
        .await;
    merge(&world, HUB, &probation, &demo::COUNTY.global()).await;
    let told = senders(&world, HUB).await;
    let county = "query N($id: ID!) { organisation(id: $id) { name } }";
    let county = world.data(HUB, county, json!({ "id": demo::COUNTY.global() })).await["organisation"].clone();
    let mut summed = expected.clone();
    summed["organisation"] = county.clone();
    summed["parentId"] = Value::Null;
    assert_eq!(of_sender(&told, county["name"].as_str().expect("a name")), summed);
    assert_eq!(told.as_array().expect("a list").len(), 2);
    unmerge(&world, HUB, &probation).await;
    assert_eq!(of_sender(&senders(&world, HUB).await, office), expected);
    // Thirty days after it leaves the hub, a referral is the hub's to see no more.
    world.clock.pass_days(31);
    let told = senders(&world, HUB).await;
    assert_eq!(told.as_array().expect("a list").len(), 1, "{told}");
    let left = of_sender(&told, office);
    assert_eq!((&left["submitted"], &left["open"]), (&json!(1), &json!(1)), "the one that waits");
}

/// And of the offers to each team.
async fn the_hub_reads_figures_by_team(world: World) {
    assert_eq!(teams(&world, HUB).await, json!([]));
    world.accepted("Wick").await;
    let declined = world.offered("Tarn", demo::NORTH).await;
    world.clock.pass_days(1);
    let decline = json!({ "referralId": declined, "version": 3, "reason": "NO_CAPACITY" });
    world.done("support-worker", "referralDecline", decline, "").await;
    let back = world.offered("Vane", demo::NORTH).await;
    world.done(HUB, "referralTakeBack", json!({ "referralId": back, "version": 3 }), "").await;
    let over = world.offered("Quill", demo::NORTH).await;
    world
        .done("referrer", "referralWithdraw", json!({ "referralId": over, "version": 3, "reason": "Moved." }), "")
        .await;
    world.offered("Orme", demo::SOLICITORS).await;
    let north = json!({
        "team": { "name": "Housing Support North" }, "offered": 4, "waiting": 0, "accepted": 1, "declined": 1, "acceptedShare": 0.5,
        "declineReasons": [{ "reason": "NO_CAPACITY", "count": 1 }], "takenBack": 1, "ended": 1, "medianWorkingDaysToAnswer": 0.5,
    });
    let told = teams(&world, HUB).await;
    assert_eq!(told.as_array().expect("a list").len(), 2, "{told}");
    assert_eq!(told[0], north);
    assert_eq!(
        (&told[1]["offered"], &told[1]["waiting"], &told[1]["acceptedShare"]),
        (&json!(1), &json!(1), &Value::Null)
    );
    // The hub reads whom it offered what to, whatever the name says.
    let speak =
        json!({ "organisationId": demo::LOCKWELL.global(), "version": 1, "impliedCategories": ["IMMIGRATION"] });
    world.done(ADMIN, "organisationUpdate", speak, "").await;
    assert_eq!(teams(&world, HUB).await, told);
}

/// What is sealed, or excludes who asks, changes no figure by a byte (C5, C6, C14).
async fn what_is_hidden_changes_no_figure(world: World) {
    world.accepted("Wick").await;
    let april = json!({ "from": "2026-04-01", "until": "2026-05-01" });
    let read = async || {
        let mut all = Vec::new();
        for query in [FIGURES, TEAMS] {
            let before = world.statements();
            let (_, body) = world.post(HUB, json!({ "query": query, "variables": april }).to_string()).await;
            all.push((String::from_utf8(body).expect("text"), world.statements() - before));
        }
        all
    };
    read().await;
    let before = read().await;
    let another = world.accepted("Tarn").await;
    let client = ClientId::parse(&another.client).expect("a client").0;
    let of = |role: &str| format!("(SELECT person_id FROM identity WHERE subject = '{role}')");
    let counted = read().await;
    assert_ne!(counted, before);
    for (kind, organisation, person) in [
        ("SEALED", "NULL".to_owned(), "NULL".to_owned()),
        ("OBJECTION", literal(&world, demo::HARBOUR.0), "NULL".to_owned()),
        ("OBJECTION", "NULL".to_owned(), of(HUB)),
    ] {
        let id = literal(&world, world.app.random.uuid_random());
        world
            .raw(&format!(
                "INSERT INTO restriction (id, client_id, kind, organisation_id, person_id, recorded_by, recorded_at) VALUES \
                ({id}, {}, '{kind}', {organisation}, {person}, {}, {})",
                literal(&world, client),
                of("safeguarding-lead"),
                world.clock.now().0,
            ))
            .await;
        assert_eq!(read().await, before, "{kind}");
        world.raw(&format!("UPDATE restriction SET ended_at = {} WHERE id = {id}", world.clock.now().0)).await;
        assert_eq!(read().await, counted, "{kind} lifted");
    }
}

on_both_databases!(
    a_survivor_is_found_by_the_names_of_what_was_merged_and_unmerging_restores_it,
    a_chain_leads_to_its_end_and_gives_back_what_hung_on_a_link,
    what_is_refused_changes_nothing,
    what_somebody_acts_for_is_not_merged,
    an_objection_follows_the_body,
    whom_to_reach_is_for_who_keeps_the_registry,
    the_hub_reads_figures_by_sender,
    the_hub_reads_figures_by_team,
    what_is_hidden_changes_no_figure,
);
