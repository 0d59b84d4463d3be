//! Leaks that somebody looked for: each was found or tried by an attacker, and stays shut.

use crate::support::{Backend, CANARY, World, draft};
use alliance::domain::category::Categories;
use alliance::domain::clock::Clock;
use alliance::domain::ids::{OrganisationId, TypedId};
use alliance::domain::organisation_name::OrganisationKind;
use alliance::domain::role::Role;
use alliance::persistence::organisation::{self, NewOrganisation};
use alliance::service::demo;
use serde_json::{Value, json};
use uuid::Uuid;

fn id(world: &World, uuid: Uuid) -> String {
    match world.backend {
        Backend::Sqlite => format!("X'{}'", uuid.simple()),
        Backend::Postgres => format!("'{uuid}'"),
    }
}

fn uuid_of(global: &str) -> Uuid {
    Uuid::parse_str(global.rsplit('_').next().expect("a tag")).expect("an id")
}

async fn health(world: &World, who: &str, client: &str) -> Value {
    let query = "query($id: ID!) { client(id: $id) { health { text } } }";
    world.data(who, query, json!({ "id": client })).await["client"]["health"].clone()
}

fn consent_for(of: OrganisationId, categories: Value, purpose: &str) -> Value {
    json!({
        "recipients": [of.global()], "purposes": [purpose], "categories": categories, "givenBy": "CLIENT",
        "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
    })
}

async fn hidden_is_what_unknown_is_in_bytes_and_in_statements(world: World) {
    let t = world.accepted("Marker").await;
    let consent = world.solicitors_join(&t).await;
    let note = json!({ "caseId": t.case, "visibility": "TEAM", "text": "Marker." });
    let note = world.done("support-worker", "noteRecord", note, "note { id }").await["note"]["id"].clone();
    let told = json!({
        "on": { "caseId": t.case }, "serviceId": demo::DROP_IN.global(), "told": "CLIENT", "channel": "PHONE", "reason": "Marker.",
    });
    let signpost =
        world.done("support-worker", "signpostRecord", told, "signpost { id }").await["signpost"]["id"].clone();
    let ids = [t.client.as_str(), &t.referral, &t.case, &consent, note.as_str().unwrap(), signpost.as_str().unwrap()];
    let field = |id: &str| match id.split('_').next() {
        Some("client") => "client",
        Some("referral") => "referral",
        Some("case") => "sharedCase",
        _ => "node",
    };
    for who in
        ["outside-worker", "canary", "commissioner", "administrator", "information-governance", "safeguarding-lead"]
    {
        for hidden in ids {
            let tag = hidden.split('_').next().unwrap();
            let unknown = format!("{tag}_{}", Uuid::from_u128(0x0123).simple());
            let broken = format!("{tag}_nonsense");
            for root in ["node", field(hidden)] {
                let query = format!("query Q($id: ID!) {{ {root}(id: $id) {{ __typename id }} }}");
                let ask = async |id: &str| {
                    let body = json!({ "query": query, "variables": { "id": id } }).to_string();
                    let before = world.statements();
                    let (status, bytes) = world.post(who, body).await;
                    (status, bytes, world.statements() - before)
                };
                // Once before, so that the viewer is read for none of them.
                ask(&unknown).await;
                let (a, b, c) = (ask(hidden).await, ask(&unknown).await, ask(&broken).await);
                assert_eq!(a, b, "{who} {root} {hidden}");
                assert_eq!(b, c, "{who} {root} {broken}");
                assert_eq!(a.1, format!("{{\"data\":{{\"{root}\":null}}}}").into_bytes());
            }
        }
        let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let answer = world.data(who, nodes, json!({ "ids": ids })).await;
        assert_eq!(answer["nodes"], json!([null, null, null, null, null, null]), "{who}");
    }
    // A hidden client's id is a cursor like any other, and a search finds nobody.
    for cursor in [t.client.as_str(), "client_00000000000000000000000000000123"] {
        let page = "query($c: String) { clients(after: $c) { totalCount nodes { id } pageInfo { hasNextPage } } }";
        let answer = world.data("canary", page, json!({ "c": cursor })).await;
        assert_eq!(answer["clients"], json!({ "totalCount": 0, "nodes": [], "pageInfo": { "hasNextPage": false } }));
    }
    let search = "{ clients(filter: { name: \"Marker\" }) { totalCount } }";
    assert_eq!(world.data("canary", search, json!({})).await["clients"]["totalCount"], 0);
    assert_eq!(world.data("support-worker", search, json!({})).await["clients"]["totalCount"], 1);
}

async fn mutations_tell_hidden_and_unknown_alike(world: World) {
    let t = world.accepted("Marker").await;
    let consent = world.solicitors_join(&t).await;
    let unknown =
        |global: &str| format!("{}_{}", global.split('_').next().unwrap(), Uuid::from_u128(0x0123).simple());
    let cases: Vec<(&str, Value, &str)> = vec![
        (
            "entryRecord",
            json!({ "clientId": t.client, "section": { "birth": { "date": "1990-01-01" } } }),
            "clientId",
        ),
        (
            "consentRecord",
            json!({ "clientId": t.client, "consent": consent_for(CANARY, json!(["NAME"]), "SUPPORT") }),
            "clientId",
        ),
        ("consentWithdraw", json!({ "consentId": consent, "withdrawnBy": "x" }), "consentId"),
        ("referralWithdraw", json!({ "referralId": t.referral, "version": 4, "reason": "x" }), "referralId"),
        (
            "referralOffer",
            json!({ "referralId": t.referral, "version": 4, "teamId": demo::NORTH.global(), "criteriaSeen": "x" }),
            "referralId",
        ),
        ("referralAccept", json!({ "referralId": t.referral, "version": 4 }), "referralId"),
        ("referralClose", json!({ "referralId": t.referral, "version": 4, "outcome": "DIED" }), "referralId"),
        ("noteRecord", json!({ "caseId": t.case, "visibility": "TEAM", "text": "x" }), "caseId"),
        ("clientSeal", json!({ "clientId": t.client, "personIds": ["person_1"], "reason": "x" }), "clientId"),
        (
            "objectionRecord",
            json!({ "clientId": t.client, "to": { "organisationId": CANARY.global() }, "reason": "x" }),
            "clientId",
        ),
        ("contactProtect", json!({ "clientId": t.client, "reason": "x" }), "clientId"),
        ("contactPreferenceRecord", json!({ "clientId": t.client, "reason": "x" }), "clientId"),
        ("caseClose", json!({ "caseId": t.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" }), "caseId"),
        ("caseReenter", json!({ "caseId": t.case, "version": 1 }), "caseId"),
        (
            "caseMemberAdd",
            json!({ "caseId": t.case, "teamId": demo::NORTH.global(), "role": "x", "agreed": ["NAME"] }),
            "caseId",
        ),
    ];
    for (name, input, field) in cases {
        let hidden = world.mutate("canary", name, input.clone(), "").await;
        let mut other = input.clone();
        other[field] = json!(unknown(input[field].as_str().unwrap()));
        assert_eq!(hidden, world.mutate("canary", name, other, "").await, "{name}");
        assert_eq!(hidden["userErrors"][0]["code"], "NOT_FOUND", "{name}");
    }
    let after = world
        .data("support-worker", "query($id: ID!) { sharedCase(id: $id) { version status } }", json!({ "id": t.case }))
        .await;
    assert_eq!(after["sharedCase"], json!({ "version": 1, "status": "OPEN" }), "nothing was changed");
}

async fn the_hub_reads_neither_its_hosts_own_items_nor_what_comes_after(world: World) {
    let t = world.accepted("Rill").await;
    let entry = |category: &str, text: &str| json!({ "clientId": t.client, "section": { "text": { "category": category, "text": text } } });
    world.done("support-worker", "entryRecord", entry("DOMESTIC_ABUSE", "Marker."), "").await;
    world.done("support-worker", "entryRecord", entry("HEALTH", "Later."), "").await;
    let query =
        "query($id: ID!) { client(id: $id) { health { text } domesticAbuse { text } } sharedCases { totalCount } }";
    let hub = world.data("hub-coordinator", query, json!({ "id": t.client })).await;
    assert_eq!(hub["client"]["domesticAbuse"], Value::Null, "the host organisation's own items are not the hub's");
    assert_eq!(
        hub["client"]["health"]["text"], "Takes medication for depression.",
        "what the referral brought, no later entry"
    );
    assert_eq!(hub["sharedCases"]["totalCount"], 0, "a referral's hub is not on the case");
}

async fn a_member_does_not_widen_its_own_sight(world: World) {
    let t = world.accepted("Sedge").await;
    world.solicitors_join(&t).await;
    let wide = consent_for(demo::LOCKWELL, json!(["HEALTH", "BIRTH"]), "SUPPORT");
    let input = json!({ "clientId": t.client, "consent": wide });
    assert_eq!(world.codes("partner-worker", "consentRecord", input.clone()).await, ["NOT_ALLOWED"]);
    assert_eq!(health(&world, "partner-worker", &t.client).await, Value::Null);
    world.done("support-worker", "consentRecord", input, "").await;
    assert_ne!(health(&world, "partner-worker", &t.client).await, Value::Null, "the lead records it, and it opens");
    let again = consent_for(demo::LOCKWELL, json!(["OFFENDING"]), "SUPPORT");
    let input = json!({ "clientId": t.client, "consent": again });
    assert_eq!(world.codes("partner-worker", "consentRecord", input).await, ["NOT_ALLOWED"]);
}

async fn a_draft_opens_nothing_to_anybody_it_names(world: World) {
    let mut asked = draft("Thorn");
    asked["consent"]["recipients"] = json!([demo::HARBOUR.global(), demo::LOCKWELL.global()]);
    asked["consent"]["purposes"] = json!(["REFERRAL", "SUPPORT"]);
    let made = world.done("referrer", "referralDraft", asked, "referral { id }").await;
    let count = "{ clients { totalCount } }";
    assert_eq!(world.data("partner-worker", count, json!({})).await["clients"]["totalCount"], 0);
    world.done("referrer", "referralSubmit", json!({ "referralId": made["referral"]["id"], "version": 1 }), "").await;
    assert_eq!(
        world.data("partner-worker", count, json!({})).await["clients"]["totalCount"],
        1,
        "submitted, it opens"
    );
}

async fn protected_contact_hides_contact_and_reads_like_anything_not_shared(world: World) {
    let mut asked = draft("Alder");
    asked["narratives"] = json!([{ "category": "CONTACT", "text": "Stays with her aunt." }, { "category": "HOUSING", "text": "Behind." }]);
    let made = world.done("referrer", "referralDraft", asked, "referral { id }").await;
    let referral = made["referral"]["id"].as_str().unwrap().to_owned();
    world.done("referrer", "referralSubmit", json!({ "referralId": referral, "version": 1 }), "").await;
    let offer = json!({ "referralId": referral, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "x" });
    world.done("hub-coordinator", "referralOffer", offer, "").await;
    let query = "query($id: ID!) { referral(id: $id) { narratives { category } asWritten { category } \
        client { id contact { postcode } name { family } redactions { category reason } } } }";
    let before = world.data("hub-coordinator", query, json!({ "id": referral })).await;
    assert_ne!(before["referral"]["client"]["contact"], Value::Null);
    let client = uuid_of(before["referral"]["client"]["id"].as_str().unwrap());
    let person = uuid_of(
        world.data("administrator", "{ viewer { personId } }", json!({})).await["viewer"]["personId"]
            .as_str()
            .unwrap(),
    );
    let (restriction, kind) = (id(&world, Uuid::from_u128(0x77)), "'PROTECTED_CONTACT'");
    world
        .raw(&format!(
            "INSERT INTO restriction (id, client_id, kind, recorded_by, recorded_at) VALUES ({restriction}, {}, {kind}, {}, 1)",
            id(&world, client),
            id(&world, person)
        ))
        .await;
    for who in ["hub-coordinator", "support-worker"] {
        let seen = world.data(who, query, json!({ "id": referral })).await;
        let seen = &seen["referral"];
        assert_eq!(seen["client"]["contact"], Value::Null, "{who}");
        assert_eq!(seen["client"]["name"]["family"], "Alder", "{who}");
        assert_eq!(seen["narratives"], json!([{ "category": "HOUSING" }]), "{who}");
        let told =
            seen["client"]["redactions"].as_array().unwrap().iter().find(|r| r["category"] == "CONTACT").unwrap();
        assert_eq!(told["reason"], "NOT_SHARED", "{who}: it does not tell that it was protection");
        assert!(!seen["asWritten"].to_string().contains("CONTACT"), "{who}");
    }
    // The named few see it: here the coordinator.
    let hub = uuid_of(
        world.data("hub-coordinator", "{ viewer { personId } }", json!({})).await["viewer"]["personId"]
            .as_str()
            .unwrap(),
    );
    world
        .raw(&format!(
            "INSERT INTO restriction_person (restriction_id, person_id) VALUES ({restriction}, {})",
            id(&world, hub)
        ))
        .await;
    let named = world.data("hub-coordinator", query, json!({ "id": referral })).await;
    assert_ne!(named["referral"]["client"]["contact"], Value::Null);
}

async fn sealed_and_excluded_records_do_not_exist(world: World) {
    let t = world.accepted("Birch").await;
    world.solicitors_join(&t).await;
    let query = "query($id: ID!) { client(id: $id) { id housing { tenure } } }";
    let sees = async |who: &str| world.data(who, query, json!({ "id": t.client })).await["client"] != Value::Null;
    let person = async |who: &str| {
        uuid_of(world.data(who, "{ viewer { personId } }", json!({})).await["viewer"]["personId"].as_str().unwrap())
    };
    let restrict = async |n: u128, kind: &str, organisation: Option<Uuid>, excluded: Option<Uuid>| {
        let maybe = |u: Option<Uuid>| u.map_or("NULL".to_owned(), |u| id(&world, u));
        let (client, by) = (id(&world, uuid_of(&t.client)), id(&world, person("administrator").await));
        let sql = format!(
            "INSERT INTO restriction (id, client_id, kind, organisation_id, person_id, recorded_by, recorded_at) \
            VALUES ({}, {client}, '{kind}', {}, {}, {by}, 1)",
            id(&world, Uuid::from_u128(n)),
            maybe(organisation),
            maybe(excluded)
        );
        world.raw(&sql).await;
    };
    let lift = async |n: u128| {
        world.raw(&format!("UPDATE restriction SET ended_at = 2 WHERE id = {}", id(&world, Uuid::from_u128(n)))).await
    };
    assert!(sees("support-worker").await && sees("partner-worker").await && sees("hub-coordinator").await);

    // An objection to an organisation shuts it out; to a person, that person alone (C6).
    restrict(1, "OBJECTION", Some(demo::LOCKWELL.0), None).await;
    assert!(!sees("partner-worker").await && sees("support-worker").await);
    lift(1).await;
    assert!(sees("partner-worker").await, "an ended restriction no longer counts");
    restrict(2, "OBJECTION", None, Some(person("support-worker").await)).await;
    assert!(!sees("support-worker").await && sees("team-manager").await);
    lift(2).await;

    // A sealed record exists for those named on it alone, not even for the hub (C5).
    restrict(3, "SEALED", None, None).await;
    for who in ["support-worker", "partner-worker", "hub-coordinator", "team-manager"] {
        assert!(!sees(who).await, "{who}");
    }
    let named = format!(
        "INSERT INTO restriction_person (restriction_id, person_id) VALUES ({}, {})",
        id(&world, Uuid::from_u128(3)),
        id(&world, person("support-worker").await)
    );
    world.raw(&named).await;
    assert!(sees("support-worker").await && !sees("team-manager").await);
}

async fn a_private_sender_learns_of_progress_alone(world: World) {
    let friends = OrganisationId(Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_00f1));
    let tx = world.app.database.begin().await.unwrap();
    let new = NewOrganisation {
        id: friends,
        name: "Friends & Family".into(),
        kind: OrganisationKind::FriendsOrFamily,
        is_partner: false,
        is_category: true,
        parent: None,
        implies: Categories::NONE,
    };
    organisation::register(&tx, &new, world.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    world.member("aunt", friends, &[Role::Referrer], &[]).await;
    world.member("neighbour", friends, &[Role::Referrer], &[]).await;
    let (aunt, neighbour) = (format!("aunt@{}", friends.global()), format!("neighbour@{}", friends.global()));
    let made = world.done(&aunt, "referralDraft", draft("Hazel"), "referral { id version state }").await;
    let referral = made["referral"]["id"].as_str().unwrap().to_owned();
    world.done(&aunt, "referralSubmit", json!({ "referralId": referral, "version": 1 }), "").await;
    let query = "query($id: ID!) { referral(id: $id) { version progress state outcome outcomeText onwardReferral acceptedAt closedAt \
        signposts { id } viewerAccess { canWithdraw canSubmit canClose } } \
        offered: referrals(state: OFFERED) { totalCount } submitted: referrals(state: SUBMITTED) { totalCount } }";
    let submitted = world.data(&aunt, query, json!({ "id": referral })).await;
    assert_eq!(submitted["referral"]["progress"], "RECEIVED");
    assert_eq!(submitted["submitted"]["totalCount"], 0, "a filter on what is not told finds nothing");
    let signpost = json!({
        "on": { "referralId": referral }, "serviceId": demo::DROP_IN.global(), "told": "BOTH", "channel": "PHONE", "reason": "x",
    });
    world.done("hub-coordinator", "signpostRecord", signpost, "").await;
    world.agreed(&json!(referral)).await;
    let offer = json!({ "referralId": referral, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "x" });
    world.done("hub-coordinator", "referralOffer", offer, "").await;
    let offered = world.data(&aunt, query, json!({ "id": referral })).await;
    assert_eq!(offered, submitted, "nothing the hub does shows");
    let declined = json!({ "referralId": referral, "version": 3, "reason": "NO_CAPACITY" });
    world.done("support-worker", "referralDecline", declined, "").await;
    assert_eq!(world.data(&aunt, query, json!({ "id": referral })).await, submitted);
    let close =
        json!({ "referralId": referral, "version": 4, "outcome": "NO_CAPACITY", "onwardReferral": "Elsewhere" });
    world.done("hub-coordinator", "referralClose", close, "").await;
    let closed = world.data(&aunt, query, json!({ "id": referral })).await;
    assert_eq!(closed["referral"]["progress"], "FINISHED");
    for hidden in ["state", "outcome", "outcomeText", "onwardReferral", "closedAt"] {
        assert_eq!(closed["referral"][hidden], Value::Null, "{hidden}");
    }
    // Another private person of the same category has no part in it (C2): a category holds nothing.
    let other = world
        .data(
            &neighbour,
            "query($id: ID!) { referral(id: $id) { id } referrals { totalCount } }",
            json!({ "id": referral }),
        )
        .await;
    assert_eq!(other, json!({ "referral": null, "referrals": { "totalCount": 0 } }));
}

async fn an_id_with_a_nul_harms_nobody(world: World) {
    let t = world.accepted("Elm").await;
    let query = "query($id: ID!) { client(id: $id) { id } }";
    for _ in 0..5 {
        let (bad, good) = tokio::join!(
            world.ask("support-worker", query, json!({ "id": "client_\u{0}x" })),
            world.ask("support-worker", query, json!({ "id": t.client })),
        );
        assert_eq!(bad, json!({ "data": { "client": null } }));
        assert_eq!(good["data"]["client"]["id"], t.client);
    }
}

async fn nobody_comes_back_without_consent(world: World) {
    let t = world.accepted("Yew").await;
    let consents = "query($id: ID!) { client(id: $id) { consents { id } } }";
    let given = world.data("support-worker", consents, json!({ "id": t.client })).await;
    let consent = given["client"]["consents"][0]["id"].clone();
    world
        .done("support-worker", "consentWithdraw", json!({ "consentId": consent, "withdrawnBy": "The client." }), "")
        .await;
    let close = json!({ "caseId": t.case, "version": 1, "kind": "UNPLANNED", "reason": "CLIENT_CHOICE" });
    world.done("support-worker", "caseClose", close, "").await;
    let back = json!({ "caseId": t.case, "version": 2 });
    assert_eq!(world.codes("support-worker", "caseReenter", back.clone()).await, ["CONSENT_REQUIRED"]);
    let mut with = back;
    with["consent"] = consent_for(demo::HARBOUR, json!(["NAME", "CONTACT"]), "CASE_COORDINATION");
    world.done("support-worker", "caseReenter", with, "sharedCase { status }").await;
}

async fn nobody_gives_a_membership_to_themselves(world: World) {
    let input = json!({
        "issuer": "alliance-development", "subject": "administrator", "name": "Ada", "organisationId": demo::LOCKWELL.global(),
        "roles": ["SUPPORT_WORKER"],
    });
    assert_eq!(world.codes("administrator", "membershipGrant", input).await, ["NOT_ALLOWED"]);
}

async fn recipients_of_a_consent_read_their_own_part(world: World) {
    let t = world.accepted("Rowan").await;
    let joined = world.solicitors_join(&t).await;
    let support = consent_for(demo::MEADOW, json!(["NAME", "HEALTH"]), "SUPPORT");
    world.done("support-worker", "consentRecord", json!({ "clientId": t.client, "consent": support }), "").await;
    let query = "query($id: ID!) { client(id: $id) { consents { id categories recipients { organisation { name } withdrawn } } } }";
    let seen = world.data("outside-worker", query, json!({ "id": t.client })).await;
    let list = seen["client"]["consents"].as_array().unwrap();
    assert_eq!(list.len(), 1, "a recipient of one consent sees that one");
    assert_eq!(list[0]["recipients"], json!([{ "organisation": { "name": "Meadow Wellbeing" }, "withdrawn": null }]));
    let lead = world.data("support-worker", query, json!({ "id": t.client })).await;
    assert_eq!(lead["client"]["consents"].as_array().unwrap().len(), 3);
    // Withdrawing from an organisation that is no recipient is told like one that is.
    for of in [demo::LOCKWELL, demo::MEADOW, CANARY] {
        let input =
            json!({ "consentId": joined, "recipients": [of.global()], "withdrawnBy": "x", "validateOnly": true });
        assert_eq!(world.codes("support-worker", "consentWithdraw", input).await, Vec::<String>::new());
    }
}

on_both_databases!(
    hidden_is_what_unknown_is_in_bytes_and_in_statements,
    mutations_tell_hidden_and_unknown_alike,
    the_hub_reads_neither_its_hosts_own_items_nor_what_comes_after,
    a_member_does_not_widen_its_own_sight,
    a_draft_opens_nothing_to_anybody_it_names,
    protected_contact_hides_contact_and_reads_like_anything_not_shared,
    sealed_and_excluded_records_do_not_exist,
    a_private_sender_learns_of_progress_alone,
    an_id_with_a_nul_harms_nobody,
    nobody_comes_back_without_consent,
    nobody_gives_a_membership_to_themselves,
    recipients_of_a_consent_read_their_own_part,
);
