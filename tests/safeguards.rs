//! Restrictions as people set, widen and lift them (C5-C7), what stays with who recorded it (C9), supervision (C10), what a team
//! asks not to be told (C8), and links that speak (C11): all through the API.

use crate::hidden::{look, settle};
use crate::inputs::{document, dump, errors, literal};
use crate::support::{World, draft};
use alliance::domain::ids::TypedId;
use alliance::domain::role::Role;
use alliance::service::demo;
use serde_json::{Value, json};

const RESTRICTIONS: &str = "query R($id: ID!) { client(id: $id) { contact { phone } restrictions { id version kind reason follows \
    liftAskedAt organisation { id name } person { id name } people { name } viewerAccess { canName canLift } } } }";

async fn person(world: &World, who: &str) -> String {
    let me = world.data(who, "{ viewer { personId } }", json!({})).await;
    me["viewer"]["personId"].as_str().expect("an id").to_owned()
}

/// What somebody is told of a client's restrictions.
async fn told(world: &World, who: &str, client: &str) -> Vec<Value> {
    let seen = world.data(who, RESTRICTIONS, json!({ "id": client })).await;
    seen["client"]["restrictions"].as_array().cloned().unwrap_or_default()
}

/// Whether somebody reads how to reach a client.
async fn reaches(world: &World, who: &str, client: &str) -> bool {
    let seen = world.data(who, RESTRICTIONS, json!({ "id": client })).await;
    !seen["client"]["contact"].is_null()
}

/// A mutation is refused so, and nothing is changed.
async fn refused(world: &World, who: &str, name: &str, input: Value, code: &str, field: &str) {
    let before = dump(world).await;
    let answer = world.ask(who, &document(name), json!({ "input": input })).await;
    if code == "FORBIDDEN" {
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{who} {name}: {answer}");
    } else {
        let told = errors(&answer["data"][name]);
        assert_eq!(told.len(), 1, "{who} {name}: {answer}");
        assert_eq!((told[0].0.as_str(), told[0].2.as_str()), (code, field), "{who} {name}: {answer}");
    }
    assert_eq!(dump(world).await, before, "{who} {name} changed nothing");
}

/// A restriction's id is, byte for byte and statement for statement, one that nobody has: by node, and to who would change it.
async fn is_not_there_for(world: &World, who: &str, id: &str) {
    settle(world, who).await;
    let nobodys = "restriction_0123456789abcdef0123456789abcdef";
    let node =
        "query N($id: ID!) { node(id: $id) { id ... on Restriction { kind reason } } nodes(ids: [$id]) { id } }";
    let asked = look(world, who, node, &json!({ "id": id })).await;
    assert_eq!(asked, look(world, who, node, &json!({ "id": nobodys })).await, "{who}");
    assert!(asked.body.contains("\"node\":null"), "{who}: {}", asked.body);
    for (name, more) in
        [("restrictionLift", json!({ "reason": "So." })), ("restrictionName", json!({ "personId": "person_1" }))]
    {
        let ask = async |id: &str| {
            let mut input = more.clone();
            input["restrictionId"] = json!(id);
            input["version"] = json!(1);
            look(world, who, &document(name), &json!({ "input": input })).await
        };
        assert_eq!(ask(id).await, ask(nobodys).await, "{who} {name}");
    }
}

async fn a_seal_is_set_and_lifted_by_those_who_lead(world: World) {
    let t = world.accepted("Wick").await;
    let support = json!({ "clientId": t.client, "consent": {
        "recipients": [demo::MEADOW.global()], "purposes": ["SUPPORT"], "categories": ["NAME"], "givenBy": "CLIENT",
        "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
    } });
    world.done("support-worker", "consentRecord", support, "").await;
    world.member("boss", demo::MEADOW, &[Role::TeamManager], &[]).await;
    let boss = format!("boss@{}", demo::MEADOW.global());
    let (worker, manager) = (person(&world, "support-worker").await, person(&world, "team-manager").await);
    let seal =
        |people: Value| json!({ "clientId": t.client, "personIds": people, "reason": "A colleague's brother." });
    let both = || seal(json!([worker, manager]));
    refused(&world, "support-worker", "clientSeal", both(), "FORBIDDEN", "").await;
    refused(&world, &boss, "clientSeal", both(), "NOT_ALLOWED", "clientId").await;
    refused(&world, "safeguarding-lead", "clientSeal", both(), "NOT_FOUND", "clientId").await;
    refused(&world, "team-manager", "clientSeal", seal(json!([])), "INVALID", "personIds").await;
    refused(&world, "team-manager", "clientSeal", seal(json!([worker, "person_x"])), "NOT_FOUND", "personIds").await;
    let access = "query A($id: ID!) { client(id: $id) { viewerAccess { canSeal } } }";
    for (who, may) in
        [("team-manager", true), ("support-worker", false), (boss.as_str(), false), ("hub-coordinator", false)]
    {
        let seen = world.data(who, access, json!({ "id": t.client })).await;
        assert_eq!(seen["client"]["viewerAccess"]["canSeal"], may, "{who}");
    }
    // The hub sees what has left it for thirty days more: nobody would lift its seal then.
    let hub = person(&world, "hub-coordinator").await;
    refused(&world, "hub-coordinator", "clientSeal", seal(json!([hub])), "NOT_ALLOWED", "clientId").await;
    world.done("team-manager", "clientSeal", both(), "client { id }").await;

    let seals = told(&world, "support-worker", &t.client).await;
    assert_eq!(
        (seals.len(), &seals[0]["kind"], &seals[0]["reason"]),
        (1, &json!("SEALED"), &json!("A colleague's brother."))
    );
    assert_eq!(seals[0]["people"], json!([{ "name": "Sam Okafor" }, { "name": "Tamsin Achebe" }]));
    assert_eq!(seals[0]["viewerAccess"], json!({ "canName": true, "canLift": false }));
    let id = seals[0]["id"].as_str().expect("an id");
    for who in ["hub-coordinator", "referrer", boss.as_str(), "partner-worker", "safeguarding-lead"] {
        is_not_there_for(&world, who, id).await;
        assert_eq!(told(&world, who, &t.client).await, Vec::<Value>::new(), "{who}");
    }
    let lift = |version: i64| json!({ "restrictionId": id, "version": version, "reason": "Moved to another team." });
    refused(&world, "support-worker", "restrictionLift", lift(1), "NOT_ALLOWED", "restrictionId").await;
    refused(&world, "team-manager", "restrictionLift", lift(2), "CONFLICT", "version").await;
    let name = |version: i64, who: &str| json!({ "restrictionId": id, "version": version, "personId": who });
    refused(&world, "support-worker", "restrictionName", name(1, "person_x"), "NOT_FOUND", "personId").await;
    world.done("support-worker", "restrictionName", name(1, &hub), "").await;
    assert_eq!(told(&world, "hub-coordinator", &t.client).await.len(), 1, "who is named sees it again");
    world.done("team-manager", "restrictionLift", lift(2), "").await;
    assert_eq!(told(&world, "support-worker", &t.client).await, Vec::<Value>::new());
    is_not_there_for(&world, "support-worker", id).await;
}

/// A seal leaves somebody who leads and could lift it, and is not for who only passes (C5, C16).
async fn nobody_seals_a_record_away(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let seal =
        |people: &[&String]| json!({ "clientId": t.client, "personIds": people, "reason": "A colleague's brother." });
    let (worker, manager) = (person(&world, "support-worker").await, person(&world, "team-manager").await);
    // Who broke the glass, and the manager of a mere member team.
    let (lead, client) = (person(&world, "outside-safeguarding-lead").await, t.client.clone());
    let open = json!({
        "givenName": "Maren", "familyName": "Wick", "dateOfBirth": "1990-02-03", "categories": ["RISK"],
        "ground": "ADULT_AT_RISK", "reason": "In danger.", "hours": 1,
    });
    world.done("outside-safeguarding-lead", "overrideRequest", open, "").await;
    alliance::service::jobs::run_due(&world.app).await.unwrap_or_else(|f| panic!("{}", f.for_log()));
    refused(&world, "outside-safeguarding-lead", "clientSeal", seal(&[&lead]), "NOT_ALLOWED", "clientId").await;
    let protect = json!({ "clientId": client, "reason": "Followed." });
    refused(&world, "outside-safeguarding-lead", "contactProtect", protect, "NOT_ALLOWED", "clientId").await;
    let theirs = world.member("oswin", demo::LOCKWELL, &[Role::TeamManager], &[demo::SOLICITORS]).await.global();
    let oswin = format!("oswin@{}", demo::LOCKWELL.global());
    refused(&world, &oswin, "clientSeal", seal(&[&theirs]), "NOT_ALLOWED", "clientId").await;
    // Nobody who could lift it, who leads, or whom the client lets.
    let second = world.member("thessaly", demo::HARBOUR, &[Role::TeamManager], &[demo::NORTH]).await.global();
    let elsewhere = world.member("ottoline", demo::HARBOUR, &[Role::TeamManager], &[]).await.global();
    let objection = json!({ "clientId": client, "to": { "personId": second }, "reason": "An uncle." });
    for people in [&[&worker][..], &[&worker, &theirs], &[&elsewhere], &[&lead]] {
        refused(&world, "team-manager", "clientSeal", seal(people), "INVALID", "personIds").await;
    }
    let mut checked = seal(&[&second]);
    checked["validateOnly"] = json!(true);
    assert_eq!(world.codes("team-manager", "clientSeal", checked).await, Vec::<String>::new());
    world.done("support-worker", "objectionRecord", objection, "").await;
    refused(&world, "team-manager", "clientSeal", seal(&[&second]), "INVALID", "personIds").await;
    world.done("team-manager", "clientSeal", seal(&[&worker, &manager]), "").await;
    // Nor does the last who could lift it go; another can, once named.
    let of = told(&world, "team-manager", &client).await;
    let of = of.iter().find(|r| r["kind"] == "SEALED").expect("the seal").clone();
    let off = |version: i64| json!({ "restrictionId": of["id"], "version": version, "personId": manager });
    refused(&world, "team-manager", "restrictionUnname", off(1), "NOT_ALLOWED", "personId").await;
    let third = world.member("lysander", demo::HARBOUR, &[Role::TeamManager], &[demo::NORTH]).await.global();
    let name = json!({ "restrictionId": of["id"], "version": 1, "personId": third });
    world.done("team-manager", "restrictionName", name, "").await;
    world.done("team-manager", "restrictionUnname", off(2), "").await;
    assert_eq!(told(&world, "team-manager", &client).await, Vec::<Value>::new());
    let lift = json!({ "restrictionId": of["id"], "version": 3, "reason": "Moved away." });
    world.done(&format!("lysander@{}", demo::HARBOUR.global()), "restrictionLift", lift, "").await;
}

async fn an_objection_is_told_to_those_who_must_honour_it_as_far_as_links_may_speak(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let referrer = person(&world, "referrer").await;
    let object = |to: Value| json!({ "clientId": t.client, "to": to, "reason": "Does not want them." });
    refused(
        &world,
        "support-worker",
        "objectionRecord",
        object(json!({ "organisationId": "organisation_x" })),
        "NOT_FOUND",
        "to.organisationId",
    )
    .await;
    refused(
        &world,
        "support-worker",
        "objectionRecord",
        object(json!({ "personId": "person_x" })),
        "NOT_FOUND",
        "to.personId",
    )
    .await;
    refused(
        &world,
        "outside-worker",
        "objectionRecord",
        object(json!({ "personId": referrer })),
        "NOT_FOUND",
        "clientId",
    )
    .await;
    let shelter = object(json!({ "organisationId": demo::SHELTER.global() }));
    world.done("support-worker", "objectionRecord", shelter.clone(), "").await;
    refused(&world, "team-manager", "objectionRecord", shelter, "ALREADY_RESTRICTED", "to").await;
    // A probation office, and who works for one, speak of OFFENDING, which nobody here may see (C11).
    world
        .done("hub-coordinator", "objectionRecord", object(json!({ "organisationId": demo::PROBATION.global() })), "")
        .await;
    world.done("support-worker", "objectionRecord", object(json!({ "personId": referrer })), "").await;
    for who in ["support-worker", "hub-coordinator"] {
        let all = told(&world, who, &t.client).await;
        let organisations: Vec<_> =
            all.iter().filter(|r| !r["organisation"].is_null()).map(|r| r["organisation"].clone()).collect();
        assert_eq!(organisations.len(), 2, "{who}: {all:?}");
        assert!(organisations.contains(&json!({ "id": null, "name": "an organisation" })), "{organisations:?}");
        assert!(organisations.iter().any(|o| o["id"] == demo::SHELTER.global()), "{organisations:?}");
        let people: Vec<_> = all.iter().filter(|r| !r["person"].is_null()).map(|r| r["person"].clone()).collect();
        assert_eq!(people, [json!({ "id": null, "name": "somebody" })], "{who}");
        assert!(all.iter().all(|r| r["viewerAccess"] == json!({ "canName": false, "canLift": true })), "{all:?}");
        // Nor do the client's words say whom they exclude.
        let reasons: Vec<_> = all.iter().filter(|r| !r["reason"].is_null()).collect();
        assert_eq!(reasons.len(), 1, "{all:?}");
        assert_eq!(reasons[0]["organisation"]["id"], demo::SHELTER.global());
    }
    // A member team, a sender and whoever is excluded are told of none.
    let objections = told(&world, "support-worker", &t.client).await;
    for who in ["partner-worker", "referrer", "outside-worker"] {
        for objection in &objections {
            is_not_there_for(&world, who, objection["id"].as_str().expect("an id")).await;
        }
        assert_eq!(told(&world, who, &t.client).await, Vec::<Value>::new(), "{who}");
    }
    let id = objections[0]["id"].clone();
    let name = json!({ "restrictionId": id, "version": 1, "personId": referrer });
    refused(&world, "support-worker", "restrictionName", name, "NOT_ALLOWED", "restrictionId").await;
    let lift = json!({ "restrictionId": id, "version": 1, "reason": "Changed their mind." });
    world.done("hub-coordinator", "restrictionLift", lift, "").await;
    assert_eq!(told(&world, "support-worker", &t.client).await.len(), 2);
}

/// An objection is lifted by those who must honour it, and by who recorded it; a member team takes none of them out (C6).
async fn a_member_team_excludes_nobody_who_could_lift_it(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    world.member("ottilie", demo::LOCKWELL, &[Role::SupportWorker], &[demo::SOLICITORS]).await;
    let colleague = format!("ottilie@{}", demo::LOCKWELL.global());
    let object = |to: Value| json!({ "clientId": t.client, "to": to, "reason": "She said so." });
    let organisation = |o: alliance::domain::ids::OrganisationId| object(json!({ "organisationId": o.global() }));
    // Harbour leads the case and hosts the hub.
    let lead = organisation(demo::HARBOUR);
    refused(&world, "partner-worker", "objectionRecord", lead.clone(), "NOT_ALLOWED", "to.organisationId").await;
    // A person may be the one who honours, co-signs or reviews: whoever they are, the answer is the same.
    for who in ["safeguarding-lead", "outside-worker"] {
        let input = object(json!({ "personId": person(&world, who).await }));
        refused(&world, "partner-worker", "objectionRecord", input, "NOT_ALLOWED", "to.personId").await;
    }
    let input = organisation(demo::SHELTER);
    world.done("partner-worker", "objectionRecord", input.clone(), "").await;
    let told_of = told(&world, "partner-worker", &t.client).await;
    assert_eq!(told_of.len(), 1, "who recorded it is told of it");
    assert_eq!(told_of[0]["viewerAccess"], json!({ "canName": false, "canLift": true }));
    let id = told_of[0]["id"].as_str().expect("an id");
    is_not_there_for(&world, &colleague, id).await;
    assert_eq!(told(&world, "hub-coordinator", &t.client).await.len(), 1);
    let lift = json!({ "restrictionId": id, "version": 1, "reason": "She changed her mind." });
    world.done("partner-worker", "restrictionLift", lift, "").await;
    assert_eq!(told(&world, "support-worker", &t.client).await, Vec::<Value>::new());
    // Who leads records it, their own agency's exclusion included.
    let mut checked = lead;
    checked["validateOnly"] = json!(true);
    for who in ["support-worker", "hub-coordinator"] {
        assert_eq!(world.codes(who, "objectionRecord", checked.clone()).await, Vec::<String>::new(), "{who}");
    }
    // Another agency's lead is taken out by no member team either, where the team is told who leads.
    world.raw(&format!("UPDATE shared_case SET lead_organisation_id = {}", literal(&world, demo::SHELTER.0))).await;
    let shelter = organisation(demo::SHELTER);
    refused(&world, "partner-worker", "objectionRecord", shelter, "NOT_ALLOWED", "to.organisationId").await;
    world.raw(&format!("UPDATE shared_case SET lead_organisation_id = {}", literal(&world, demo::MEADOW.0))).await;
    let mut hidden = organisation(demo::MEADOW);
    hidden["validateOnly"] = json!(true);
    let codes = world.codes("partner-worker", "objectionRecord", hidden).await;
    assert_eq!(codes, Vec::<String>::new(), "nobody finds out which clinic leads");
}

async fn protected_contact_is_lifted_by_two_others_together(world: World) {
    let t = world.accepted("Wick").await;
    world.member("deputy", demo::HARBOUR, &[Role::SupportWorker], &[demo::NORTH]).await;
    let deputy = format!("deputy@{}", demo::HARBOUR.global());
    let (manager, hub) = (person(&world, "team-manager").await, person(&world, "hub-coordinator").await);
    let protect = json!({ "clientId": t.client, "personIds": [manager, hub], "reason": "Followed." });
    refused(&world, "outside-worker", "contactProtect", protect.clone(), "NOT_FOUND", "clientId").await;
    refused(&world, "referrer", "contactProtect", protect.clone(), "FORBIDDEN", "").await;
    world.done("support-worker", "contactProtect", protect.clone(), "").await;
    refused(&world, "team-manager", "contactProtect", protect, "ALREADY_RESTRICTED", "clientId").await;
    assert!(!reaches(&world, &deputy, &t.client).await);
    let all = told(&world, "team-manager", &t.client).await;
    let id = all[0]["id"].as_str().expect("an id");
    is_not_there_for(&world, &deputy, id).await;
    assert_eq!(told(&world, &deputy, &t.client).await, Vec::<Value>::new());
    // A deputy is named by who is named.
    let name = json!({ "restrictionId": id, "version": 1, "personId": person(&world, &deputy).await });
    world.done("team-manager", "restrictionName", name, "").await;
    assert!(reaches(&world, &deputy, &t.client).await);

    let lift = |version: i64| json!({ "restrictionId": id, "version": version, "reason": "He is in custody." });
    refused(&world, "support-worker", "restrictionLift", lift(2), "LIFT_NEEDS_TWO_OTHERS", "restrictionId").await;
    let may = async |who: &str| told(&world, who, &t.client).await[0]["viewerAccess"]["canLift"].clone();
    assert_eq!((may("support-worker").await, may("team-manager").await), (json!(false), json!(true)));
    world.done("team-manager", "restrictionLift", lift(2), "").await;
    assert!(!told(&world, &deputy, &t.client).await[0]["liftAskedAt"].is_null(), "it is noted and nothing is lifted");
    refused(&world, "team-manager", "restrictionLift", lift(3), "LIFT_NEEDS_TWO_OTHERS", "restrictionId").await;
    refused(&world, "support-worker", "restrictionLift", lift(3), "LIFT_NEEDS_TWO_OTHERS", "restrictionId").await;
    refused(&world, "hub-coordinator", "restrictionLift", lift(2), "CONFLICT", "version").await;
    assert_eq!((may("team-manager").await, may("hub-coordinator").await), (json!(false), json!(true)));
    world.done("hub-coordinator", "restrictionLift", lift(3), "").await;
    assert_eq!(told(&world, "support-worker", &t.client).await, Vec::<Value>::new());
    refused(&world, "hub-coordinator", "restrictionLift", lift(3), "NOT_FOUND", "restrictionId").await;
}

async fn a_name_is_taken_off_by_those_who_could_lift_it(world: World) {
    let t = world.accepted("Wick").await;
    for name in ["deputy", "second"] {
        world.member(name, demo::HARBOUR, &[Role::SupportWorker], &[demo::NORTH]).await;
    }
    let [deputy, second] = ["deputy", "second"].map(|n| format!("{n}@{}", demo::HARBOUR.global()));
    let (one, two) = (person(&world, &deputy).await, person(&world, &second).await);
    let (worker, hub) = (person(&world, "support-worker").await, person(&world, "hub-coordinator").await);
    let protect = json!({ "clientId": t.client, "personIds": [one, two, hub], "reason": "Followed." });
    world.done("team-manager", "contactProtect", protect, "").await;
    let id = told(&world, "team-manager", &t.client).await[0]["id"].clone();
    let off = |version: i64, who: &str| json!({ "restrictionId": id, "version": version, "personId": who });
    let lift = |version: i64| json!({ "restrictionId": id, "version": version, "reason": "He is in custody." });
    // Who is not named on it, whether there is such a person or not.
    let elsewhere = person(&world, "outside-worker").await;
    for nobody in ["person_x", &elsewhere] {
        refused(&world, &deputy, "restrictionUnname", off(1, nobody), "NOT_FOUND", "personId").await;
    }
    refused(&world, &deputy, "restrictionUnname", off(1, &worker), "NOT_ALLOWED", "personId").await;
    // Neither who set it, nor one alone.
    let code = "LIFT_NEEDS_TWO_OTHERS";
    refused(&world, "team-manager", "restrictionUnname", off(1, &two), code, "restrictionId").await;
    world.done(&deputy, "restrictionUnname", off(1, &two), "").await;
    assert!(reaches(&world, &second, &t.client).await, "it is noted, and they are still named");
    refused(&world, &deputy, "restrictionUnname", off(2, &two), code, "restrictionId").await;
    refused(&world, "team-manager", "restrictionUnname", off(2, &two), code, "restrictionId").await;
    refused(&world, "hub-coordinator", "restrictionUnname", off(1, &two), "CONFLICT", "version").await;
    // No way round: what somebody asked for who is taken off counts no more, and one is left who asks.
    world.done(&second, "restrictionLift", lift(2), "").await;
    world.done("hub-coordinator", "restrictionUnname", off(3, &two), "").await;
    assert!(!reaches(&world, &second, &t.client).await);
    is_not_there_for(&world, &second, id.as_str().expect("an id")).await;
    assert!(told(&world, &deputy, &t.client).await[0]["liftAskedAt"].is_null());
    world.done(&deputy, "restrictionLift", lift(4), "").await;
    assert!(!told(&world, &deputy, &t.client).await.is_empty(), "the first of two again");
    world.done("hub-coordinator", "restrictionLift", lift(5), "").await;

    // A preference is lifted by one, and so is a name on it; somebody stays.
    let prefer = json!({ "clientId": t.client, "reason": "Rather through you." });
    world.done("support-worker", "contactPreferenceRecord", prefer, "").await;
    let id = told(&world, "support-worker", &t.client).await[0]["id"].clone();
    let name = json!({ "restrictionId": id, "version": 1, "personId": one });
    world.done("support-worker", "restrictionName", name, "").await;
    let off = |version: i64, who: &str| json!({ "restrictionId": id, "version": version, "personId": who });
    assert!(reaches(&world, &deputy, &t.client).await);
    world.done("support-worker", "restrictionUnname", off(2, &one), "").await;
    assert!(!reaches(&world, &deputy, &t.client).await);
    refused(&world, "support-worker", "restrictionUnname", off(3, &worker), "NOT_ALLOWED", "personId").await;
}

async fn the_overrides_on_a_record_are_listed_for_whom_they_are(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let list = async |who: &str| {
        let query = "query Q($id: ID!) { client(id: $id) { overrides { id status askedByName } } clients { nodes { overrides { id } } } }";
        world.data(who, query, json!({ "id": t.client })).await
    };
    assert_eq!(list("partner-worker").await["client"]["overrides"], json!([]));
    let ask = json!({ "clientId": t.client, "categories": ["HEALTH"], "ground": "ADULT_AT_RISK", "reason": "Unwell.", "hours": 4 });
    let made = world.done("partner-worker", "overrideOpen", ask, "override { id }").await;
    let own = list("partner-worker").await;
    assert_eq!(own["client"]["overrides"][0]["id"], made["override"]["id"]);
    assert_eq!(own["clients"]["nodes"][0]["overrides"].as_array().expect("a list").len(), 1);
    for other in ["support-worker", "team-manager", "hub-coordinator"] {
        assert_eq!(list(other).await["client"]["overrides"], json!([]), "{other}");
    }
    assert_eq!(list("safeguarding-lead").await["client"], Value::Null, "the document, not the record");
}

/// A person taken on by the north team, who lives elsewhere.
async fn living_at(world: &World, family: &str, address: &str) -> String {
    let mut drafted = draft(family);
    drafted["sections"][2] =
        json!({ "contact": { "addressLines": [address], "postcode": "OX1 1BX", "phone": "07700 900456" } });
    let made = world.done("referrer", "referralDraft", drafted, "referral { id }").await;
    let id = &made["referral"]["id"];
    world.done("referrer", "referralSubmit", json!({ "referralId": id, "version": 1 }), "").await;
    let offer = json!({ "referralId": id, "version": 2, "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
    world.done("hub-coordinator", "referralOffer", offer, "").await;
    let select = "referral { client { id } }";
    let taken =
        world.done("support-worker", "referralAccept", json!({ "referralId": id, "version": 3 }), select).await;
    taken["referral"]["client"]["id"].as_str().expect("an id").to_owned()
}

async fn protection_follows_the_household_whenever_it_is_recorded(world: World) {
    let protected = world.accepted("Wick").await.client;
    let (before, after) = (world.accepted("Sister").await.client, world.accepted("Brother").await.client);
    let elsewhere = living_at(&world, "Aunt", "9 Other Street").await;
    let lives_with = |who: &str, with: &str| {
        let members = json!([{ "name": "Maren", "relationship": "Sister", "clientId": with }]);
        json!({ "clientId": who, "section": { "household": { "members": members } } })
    };
    let reached = async |who: &str| {
        let mut all = Vec::new();
        for client in [&protected, &before, &after, &elsewhere] {
            all.push(reaches(&world, who, client).await);
        }
        all
    };
    world.done("support-worker", "entryRecord", lives_with(&before, &protected), "").await;
    assert_eq!(reached("hub-coordinator").await, [true; 4]);
    // Whoever is linked already is covered with it; by name of others, for two others must lift it.
    let people = [person(&world, "team-manager").await];
    let protect = json!({ "clientId": protected, "personIds": people, "reason": "Followed by him." });
    world.done("support-worker", "contactProtect", protect, "").await;
    assert_eq!(reached("hub-coordinator").await, [false, false, true, true]);
    assert_eq!(reached("team-manager").await, [true; 4], "who is named is named for the household");
    assert_eq!(reached("support-worker").await, [true; 4]);
    // Whoever is linked later is covered then, in whichever of two records it is said.
    world.done("support-worker", "entryRecord", lives_with(&after, &before), "").await;
    assert_eq!(reached("hub-coordinator").await, [false, false, false, true]);
    // Who is said to be of the household is covered, wherever they are said to live: no address is tried against another.
    let aunt = world
        .done("support-worker", "entryRecord", lives_with(&elsewhere, &protected), "client { household { entryId } }")
        .await;
    assert_eq!(reached("hub-coordinator").await, [false; 4]);
    // A correction of the household alone uncovers nobody.
    let alone = json!({
        "entryId": aunt["client"]["household"]["entryId"], "version": 1, "reason": "Moved out.",
        "section": { "household": { "members": [] } },
    });
    world.done("support-worker", "entryCorrect", alone, "").await;
    assert_eq!(reached("hub-coordinator").await, [false; 4]);
    // Nor does a new referral show it, to somebody who is not named and did not write it.
    world.member("deputy", demo::HARBOUR, &[Role::SupportWorker], &[demo::NORTH]).await;
    let deputy = format!("deputy@{}", demo::HARBOUR.global());
    let mut drafted = draft("Cousin");
    drafted["sections"].as_array_mut().expect("a list").push(lives_with("", &protected)["section"].clone());
    let made = world.done(&deputy, "referralDraft", drafted, "referral { id asWritten { category lines } }").await;
    assert!(
        made.to_string().contains("HOUSEHOLD") && made.to_string().contains("Test Row"),
        "their own words: {made}"
    );
    let sent = &made["referral"]["id"];
    world.done(&deputy, "referralSubmit", json!({ "referralId": sent, "version": 1 }), "").await;
    let read = "query R($id: ID!) { referral(id: $id) { asWritten { category lines } } }";
    let seen = world.data("hub-coordinator", read, json!({ "id": sent })).await;
    assert!(seen.to_string().contains("HOUSEHOLD") && !seen.to_string().contains("Test Row"), "{seen}");

    // What follows says nothing of what it follows from, and is lifted with it.
    let following = told(&world, "support-worker", &before).await;
    assert_eq!((following.len(), &following[0]["follows"]), (1, &json!(true)));
    assert!(!following[0].to_string().contains("Followed by him"), "{following:?}");
    assert_eq!(following[0]["viewerAccess"], json!({ "canName": false, "canLift": false }));
    let lift = |id: &Value, version: i64| json!({ "restrictionId": id, "version": version, "reason": "Safe." });
    refused(
        &world,
        "team-manager",
        "restrictionLift",
        lift(&following[0]["id"], 1),
        "FOLLOWS_ANOTHER",
        "restrictionId",
    )
    .await;
    let root = told(&world, "team-manager", &protected).await[0].clone();
    let hub =
        json!({ "restrictionId": root["id"], "version": 1, "personId": person(&world, "hub-coordinator").await });
    world.done("team-manager", "restrictionName", hub, "").await;
    assert_eq!(reached("hub-coordinator").await, [true; 4], "a name on the one is a name on all");
    assert!(!reaches(&world, &deputy, &before).await);
    world.done("team-manager", "restrictionLift", lift(&root["id"], 2), "").await;
    assert!(!reaches(&world, &deputy, &before).await);
    world.done("hub-coordinator", "restrictionLift", lift(&root["id"], 3), "").await;
    assert_eq!(reached(&deputy).await, [true; 4]);
}

async fn a_preference_covers_the_household_exactly_like_protection(world: World) {
    // What somebody who is not named sees of a household, and what its lead worker is told, under either.
    let mut seen = Vec::new();
    for mutation in ["contactProtect", "contactPreferenceRecord"] {
        let (kept, before, after) = (
            world.accepted("Wick").await.client,
            world.accepted("Sister").await.client,
            world.accepted("Brother").await.client,
        );
        let lives_with = |who: &str, with: &str| {
            let members = json!([{ "name": "Maren", "relationship": "Sister", "clientId": with }]);
            json!({ "clientId": who, "section": { "household": { "members": members } } })
        };
        world.done("support-worker", "entryRecord", lives_with(&before, &kept), "").await;
        world.done("support-worker", mutation, json!({ "clientId": kept, "reason": "So." }), "").await;
        let reads = async || {
            let all = [&kept, &before, &after].map(|client| reaches(&world, "team-manager", client));
            let [kept, before, after] = all;
            [kept.await, before.await, after.await]
        };
        let at_once = reads().await;
        world.done("team-manager", "entryRecord", lives_with(&after, &kept), "").await;
        let recorded = reads().await;
        let mut drafted = draft("Cousin");
        drafted["sections"].as_array_mut().expect("a list").push(lives_with("", &kept)["section"].clone());
        let draft =
            world.done("team-manager", "referralDraft", drafted, "referral { asWritten { category lines } }").await;
        let mut following = told(&world, "support-worker", &after).await;
        for one in &mut following {
            for own in ["id", "recordedAt"] {
                one.as_object_mut().expect("a restriction").remove(own);
            }
        }
        assert!(draft.to_string().contains("Test Row"), "a draft covers nobody before it is sent: {draft}");
        seen.push((at_once, recorded, draft, following));
        let root = told(&world, "support-worker", &kept).await[0].clone();
        if mutation == "contactPreferenceRecord" {
            let lift = json!({ "restrictionId": root["id"], "version": 1, "reason": "As they like." });
            world.done("support-worker", "restrictionLift", lift, "").await;
            assert_eq!(reads().await, [true; 3], "what follows a preference is lifted with it");
        }
    }
    assert_eq!((seen[0].0, seen[0].1), ([false, false, true], [false; 3]));
    assert_eq!(seen[0], seen[1]);
}

async fn the_worker_whom_an_offer_names_is_named_while_it_is_open(world: World) {
    let referral = world.submitted("Wick").await;
    let of =
        "query R($id: ID!) { referral(id: $id) { version client { id contact { phone } } offers { workerName } } }";
    let seen = world.data("hub-coordinator", of, json!({ "id": referral })).await;
    let client = seen["referral"]["client"]["id"].clone();
    world.done("hub-coordinator", "contactProtect", json!({ "clientId": client, "reason": "Followed." }), "").await;
    let worker = person(&world, "support-worker").await;
    let manager = person(&world, "team-manager").await;
    let phone = async |who: &str| {
        let seen = world.data(who, of, json!({ "id": referral })).await;
        !seen["referral"]["client"]["contact"].is_null()
    };
    let offer = |version: i64, worker: Value| json!({ "referralId": referral, "version": version, "teamId": demo::NORTH.global(), "workerId": worker, "criteriaSeen": "Adult." });
    let solicitor = person(&world, "partner-worker").await;
    refused(&world, "hub-coordinator", "referralOffer", offer(2, json!(solicitor)), "NOT_FOUND", "workerId").await;
    refused(&world, "hub-coordinator", "referralOffer", offer(2, json!("person_x")), "NOT_FOUND", "workerId").await;
    let back = |version: i64| json!({ "referralId": referral, "version": version });
    world.done("hub-coordinator", "referralOffer", offer(2, json!(worker)), "").await;
    let seen = world.data("hub-coordinator", of, json!({ "id": referral })).await;
    assert_eq!(seen["referral"]["offers"][0]["workerName"], "Sam Okafor");
    assert_eq!((phone("support-worker").await, phone("team-manager").await), (true, false));
    // Whom an offer names is told that contact is for the few, not why.
    let restriction = told(&world, "support-worker", client.as_str().expect("an id")).await;
    assert_eq!((restriction.len(), &restriction[0]["reason"]), (1, &Value::Null));
    assert_eq!(restriction[0]["viewerAccess"], json!({ "canName": false, "canLift": false }));
    let id = &restriction[0]["id"];
    let name = json!({ "restrictionId": id, "version": 1, "personId": manager });
    refused(&world, "support-worker", "restrictionName", name, "NOT_ALLOWED", "restrictionId").await;
    let lift = json!({ "restrictionId": id, "version": 1, "reason": "So." });
    refused(&world, "support-worker", "restrictionLift", lift, "NOT_ALLOWED", "restrictionId").await;
    world.done("hub-coordinator", "referralTakeBack", back(3), "").await;
    world.done("hub-coordinator", "referralOffer", offer(4, Value::Null), "").await;
    assert_eq!(
        (phone("support-worker").await, phone("team-manager").await),
        (false, false),
        "the name went with the offer"
    );
    let decline = json!({ "referralId": referral, "version": 3, "reason": "NO_CAPACITY" });
    world.done("support-worker", "referralDecline", decline, "").await;
    world.done("hub-coordinator", "referralOffer", offer(6, json!(worker)), "").await;
    assert!(phone("support-worker").await);
    let accept = json!({ "referralId": referral, "version": 3, "workerId": manager });
    world.done("support-worker", "referralAccept", accept, "").await;
    assert_eq!(
        (phone("support-worker").await, phone("team-manager").await),
        (false, true),
        "the lead worker is named instead"
    );
    // Protection that comes while an offer is open names its worker as well.
    let other = world.submitted("Moss").await;
    let mut to = offer(2, json!(worker));
    to["referralId"] = json!(other);
    world.done("hub-coordinator", "referralOffer", to, "").await;
    let seen = world.data("support-worker", of, json!({ "id": other })).await;
    let client = seen["referral"]["client"]["id"].as_str().expect("an id");
    world.done("hub-coordinator", "contactProtect", json!({ "clientId": client, "reason": "Followed." }), "").await;
    assert_eq!(
        (reaches(&world, "support-worker", client).await, reaches(&world, "team-manager", client).await),
        (true, false)
    );
}

async fn a_preference_reads_to_all_others_exactly_like_protection(world: World) {
    const QUERY: &str = "query Q($client: ID!, $referral: ID!, $case: ID!) { client(id: $client) { contact { phone } employment { text } \
        restrictions { id } redactions { category reason remedy } viewerAccess { openCategories canRecord canProtectContact } } \
        referral(id: $referral) { asWritten { category lines } narratives { category } redactions { category reason remedy } } \
        sharedCase(id: $case) { notes { totalCount nodes { text } } redactions { category reason remedy } } clients { totalCount } }";
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let ids = json!({ "client": t.client, "referral": t.referral, "case": t.case });
    let note = json!({ "caseId": t.case, "visibility": "TEAM", "text": "At the mill.", "revealsLocation": true });
    world.done("support-worker", "noteRecord", note, "").await;
    const OTHERS: &[&str] = &["team-manager", "hub-coordinator", "partner-worker", "referrer", "outside-worker"];
    let seen = async |id: &str| {
        let mut all = Vec::new();
        for who in OTHERS {
            settle(&world, who).await;
            all.push(look(&world, who, QUERY, &ids).await);
            for (name, input) in [
                ("restrictionLift", json!({ "restrictionId": id, "version": 1, "reason": "So." })),
                ("restrictionName", json!({ "restrictionId": id, "version": 1, "personId": "person_1" })),
                ("contactProtect", json!({ "clientId": t.client, "reason": "So.", "validateOnly": true })),
                ("contactPreferenceRecord", json!({ "clientId": t.client, "reason": "So.", "validateOnly": true })),
            ] {
                all.push(look(&world, who, &document(name), &json!({ "input": input })).await);
            }
        }
        all
    };
    let restriction =
        async || told(&world, "support-worker", &t.client).await[0]["id"].as_str().expect("an id").to_owned();
    let open = seen("restriction_1").await;
    world
        .done(
            "support-worker",
            "contactPreferenceRecord",
            json!({ "clientId": t.client, "reason": "Rather through you." }),
            "",
        )
        .await;
    let preferred = restriction().await;
    let one = seen(&preferred).await;
    assert_ne!(one[0], open[0], "the manager no longer reads the contact");
    assert!(reaches(&world, "support-worker", &t.client).await);
    refused(
        &world,
        "support-worker",
        "contactPreferenceRecord",
        json!({ "clientId": t.client, "reason": "x" }),
        "ALREADY_RESTRICTED",
        "clientId",
    )
    .await;
    let lift = json!({ "restrictionId": preferred, "version": 1, "reason": "Directly after all." });
    world.done("support-worker", "restrictionLift", lift, "").await;
    assert_eq!(seen("restriction_1").await, open, "once lifted everything is what it was");
    world.done("support-worker", "contactProtect", json!({ "clientId": t.client, "reason": "Followed." }), "").await;
    let other = seen(&restriction().await).await;
    assert_eq!(one, other, "the same to the last byte, in the same statements");
}

/// The hub is another than the agency that hosts it: neither rewrites what the other recorded (C22).
async fn the_hub_rewrites_no_entry_of_its_host(world: World) {
    let t = world.accepted("Wick").await;
    let section = |text: &str| json!({ "housing": { "tenure": "SOCIAL_RENT", "text": text } });
    let query = "query H($id: ID!) { client(id: $id) { housing { text entryId version } } }";
    let roles = [Role::HubCoordinator, Role::SupportWorker];
    world.member("peregrine", demo::HARBOUR, &roles, &[demo::HUB, demo::NORTH]).await;
    let both = format!("peregrine@{}", demo::HARBOUR.global());
    for (who, other) in [("support-worker", "hub-coordinator"), ("hub-coordinator", "support-worker")] {
        let record = json!({ "clientId": t.client, "section": section(who) });
        world.done(who, "entryRecord", record, "").await;
        let read = world.data(other, query, json!({ "id": t.client })).await["client"]["housing"].clone();
        assert_eq!(read["text"], who, "{other} reads it");
        let correct = json!({
            "entryId": read["entryId"], "version": read["version"], "section": section("Rewritten."), "reason": "Mistaken.",
        });
        refused(&world, other, "entryCorrect", correct.clone(), "NOT_ALLOWED", "entryId").await;
        // Who is there for both corrects either.
        world.done(&both, "entryCorrect", correct, "").await;
    }
}

async fn an_entry_about_somebody_else_stays_with_who_recorded_it(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let finance = "query F($id: ID!) { client(id: $id) { finance { text entryId thirdParty version } } }";
    let read =
        async |who: &str| world.data(who, finance, json!({ "id": t.client })).await["client"]["finance"].clone();
    let before = read("partner-worker").await;
    let brother = json!({ "text": { "category": "FINANCE", "text": "Her brother owes him money." } });
    let entry = json!({ "clientId": t.client, "section": brother, "thirdParty": true });
    world.done("support-worker", "entryRecord", entry, "").await;
    let own = read("team-manager").await;
    assert_eq!((&own["text"], &own["thirdParty"]), (&json!("Her brother owes him money."), &json!(true)));
    assert_eq!(read("partner-worker").await, before, "the latest that its viewer may see");
    let entry = own["entryId"].as_str().expect("an id");
    let correct = |id: &str, more: Value| {
        let mut input = json!({ "entryId": id, "version": 1, "section": brother, "reason": "Misheard." });
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    settle(&world, "partner-worker").await;
    let ask = async |id: &str| {
        look(&world, "partner-worker", &document("entryCorrect"), &json!({ "input": correct(id, json!({})) })).await
    };
    assert_eq!(ask(entry).await, ask("entry_0123456789abcdef0123456789abcdef").await);
    // A correction that does not say keeps it so.
    world.done("support-worker", "entryCorrect", correct(entry, json!({})), "").await;
    assert_eq!(read("partner-worker").await, before);
    let again = read("support-worker").await;
    assert_eq!(again["thirdParty"], true);
    let open = correct(again["entryId"].as_str().expect("an id"), json!({ "thirdParty": false }));
    world.done("support-worker", "entryCorrect", open, "").await;
    assert_eq!(read("partner-worker").await["text"], "Her brother owes him money.");
    // A search finds by what the searcher may see (C14).
    let alias = json!({ "clientId": t.client, "section": { "name": { "given": "Zed", "family": "Alias" } }, "thirdParty": true });
    world.done("support-worker", "entryRecord", alias, "").await;
    let find = async |who: &str| {
        let found =
            world.data(who, "{ clients(filter: { name: \"alias\" }) { totalCount nodes { id } } }", json!({})).await;
        found["clients"]["totalCount"].as_i64().expect("a number")
    };
    assert_eq!(
        (find("support-worker").await, find("partner-worker").await, find("hub-coordinator").await),
        (1, 0, 0)
    );
    // What the hub records about somebody else is the hub team's, not its host's workers'.
    let entry = json!({ "clientId": t.client, "section": { "text": { "category": "RISK", "text": "Her brother." } }, "thirdParty": true });
    world.done("hub-coordinator", "entryRecord", entry, "").await;
    let risk = "query F($id: ID!) { client(id: $id) { risk { text } } }";
    assert_eq!(
        world.data("hub-coordinator", risk, json!({ "id": t.client })).await["client"]["risk"]["text"],
        "Her brother."
    );
    assert_eq!(world.data("support-worker", risk, json!({ "id": t.client })).await["client"]["risk"], Value::Null);
}

async fn an_entry_marked_as_revealing_location_is_for_the_named_few(world: World) {
    let t = world.accepted("Wick").await;
    let housing = |text: &str| json!({ "housing": { "tenure": "SUPPORTED", "text": text } });
    let plain = json!({ "clientId": t.client, "section": housing("Keeps the tenancy.") });
    world.done("support-worker", "entryRecord", plain, "").await;
    let refuge =
        json!({ "clientId": t.client, "section": housing("At the refuge by the mill."), "revealsLocation": true });
    world.done("support-worker", "entryRecord", refuge, "").await;
    let query = "query H($id: ID!) { client(id: $id) { housing { text revealsLocation entryId version } } }";
    let read = async |who: &str| world.data(who, query, json!({ "id": t.client })).await["client"]["housing"].clone();
    assert_eq!(read("team-manager").await["text"], "At the refuge by the mill.");
    world.done("support-worker", "contactProtect", json!({ "clientId": t.client, "reason": "Followed." }), "").await;
    assert_eq!(read("team-manager").await["text"], "Keeps the tenancy.");
    let marked = read("support-worker").await;
    assert_eq!((&marked["text"], &marked["revealsLocation"]), (&json!("At the refuge by the mill."), &json!(true)));
    let correct = |more: Value| {
        let mut input = json!({ "entryId": marked["entryId"], "version": 1, "section": housing("At the refuge."), "reason": "Shorter." });
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    assert_eq!(world.codes("team-manager", "entryCorrect", correct(json!({}))).await, ["NOT_FOUND"]);
    world.done("support-worker", "entryCorrect", correct(json!({})), "").await;
    assert_eq!(
        read("team-manager").await["text"],
        "Keeps the tenancy.",
        "a correction that does not say keeps it so"
    );
}

const NOTES: &str = "query N($case: ID!, $note: ID!) { sharedCase(id: $case) { notes { totalCount nodes { id text visibility } } } \
    node(id: $note) { id ... on Note { text } } }";

async fn a_reflective_note_opens_to_its_author_and_their_live_supervisor_alone(world: World) {
    let t = world.accepted("Wick").await;
    world.solicitors_join(&t).await;
    let note = json!({ "caseId": t.case, "visibility": "REFLECTIVE", "text": "I was out of my depth." });
    let note = world.done("support-worker", "noteRecord", note, "note { id }").await["note"]["id"].clone();
    let ids = json!({ "case": t.case, "note": note });
    let opens = async |who: &str| {
        let seen = world.data(who, NOTES, ids.clone()).await;
        let by_id = !seen["node"].is_null();
        let listed = seen["sharedCase"]["notes"]["totalCount"].as_i64().unwrap_or(0);
        assert_eq!(i64::from(by_id), listed, "{who}: by id, in the list and in the count alike: {seen}");
        by_id
    };
    world.member("boss", demo::HARBOUR, &[Role::TeamManager], &[]).await;
    let boss = format!("boss@{}", demo::HARBOUR.global());
    let (worker, manager, other) =
        (person(&world, "support-worker").await, person(&world, "team-manager").await, person(&world, &boss).await);
    let nobody_else = async || {
        for who in [
            boss.as_str(),
            "hub-coordinator",
            "partner-worker",
            "referrer",
            "safeguarding-lead",
            "administrator",
            "canary",
        ] {
            assert!(!opens(who).await, "{who}");
        }
        assert!(opens("support-worker").await);
    };
    nobody_else().await;
    assert!(!opens("team-manager").await);
    settle(&world, "team-manager").await;
    let hidden = look(&world, "team-manager", NOTES, &ids).await;
    let unknown = json!({ "case": t.case, "note": "note_0123456789abcdef0123456789abcdef" });
    assert_eq!(hidden, look(&world, "team-manager", NOTES, &unknown).await);

    let assign = |worker: &str, supervisor: &str| json!({ "workerId": worker, "supervisorId": supervisor });
    let solicitor = person(&world, "partner-worker").await;
    for (who, input, code, field) in [
        ("support-worker", assign(&worker, &manager), "FORBIDDEN", ""),
        ("hub-coordinator", assign(&worker, &manager), "FORBIDDEN", ""),
        ("canary", assign(&worker, &manager), "NOT_FOUND", "workerId"),
        ("administrator", assign(&solicitor, &manager), "NOT_FOUND", "workerId"),
        ("administrator", assign(&worker, &solicitor), "NOT_FOUND", "supervisorId"),
        ("administrator", assign(&worker, &person(&world, "hub-coordinator").await), "INVALID", "supervisorId"),
        ("administrator", assign(&person(&world, "administrator").await, &manager), "INVALID", "workerId"),
        ("team-manager", assign(&worker, &manager), "NOT_FOR_ONESELF", ""),
        ("team-manager", assign(&manager, &other), "NOT_FOR_ONESELF", ""),
        ("administrator", assign(&manager, &manager), "NOT_FOR_ONESELF", ""),
        (boss.as_str(), assign(&worker, &manager), "NOT_ALLOWED", ""),
    ] {
        refused(&world, who, "supervisionAssign", input, code, field).await;
    }
    let mut past = assign(&worker, &manager);
    past["until"] = json!("2026-01-01T00:00:00Z");
    refused(&world, "administrator", "supervisionAssign", past, "INVALID", "until").await;

    let mut month = assign(&worker, &manager);
    month["until"] = json!("2026-05-01T00:00:00Z");
    let select = "supervision { id version workerName supervisorName untilAt endedAt }";
    let made = world.done("administrator", "supervisionAssign", month.clone(), select).await["supervision"].clone();
    assert_eq!((&made["workerName"], &made["supervisorName"]), (&json!("Sam Okafor"), &json!("Tamsin Achebe")));
    refused(&world, "administrator", "supervisionAssign", assign(&worker, &other), "ALREADY_EXISTS", "workerId")
        .await;
    assert!(opens("team-manager").await);
    nobody_else().await;
    // A supervisor reads it and does not change it, and opens nothing that the case's grants do not.
    let rewrite = json!({ "noteId": note, "version": 1, "visibility": "TEAM", "text": "Other." });
    refused(&world, "team-manager", "noteCorrect", rewrite, "NOT_ALLOWED", "noteId").await;
    let listed = world.data("team-manager", "{ supervisions { totalCount nodes { id } } }", json!({})).await;
    assert_eq!(listed["supervisions"], json!({ "totalCount": 1, "nodes": [{ "id": made["id"] }] }));
    let elsewhere = world
        .data(
            "canary",
            "query S($id: ID!) { supervisions { totalCount } node(id: $id) { id } }",
            json!({ "id": made["id"] }),
        )
        .await;
    assert_eq!(
        elsewhere,
        json!({ "supervisions": { "totalCount": 0 }, "node": null }),
        "another organisation's are its own"
    );
    // It ends as planned, or before.
    world.clock.pass_days(31);
    assert!(!opens("team-manager").await);
    let made =
        world.done("administrator", "supervisionAssign", assign(&worker, &manager), select).await["supervision"]
            .clone();
    assert!(opens("team-manager").await);
    let end = |version: i64| json!({ "supervisionId": made["id"], "version": version });
    refused(&world, "canary", "supervisionEnd", end(1), "NOT_FOUND", "supervisionId").await;
    refused(&world, &boss, "supervisionEnd", end(1), "NOT_ALLOWED", "supervisionId").await;
    refused(&world, "administrator", "supervisionEnd", end(2), "CONFLICT", "version").await;
    world.done("team-manager", "supervisionEnd", end(1), "").await;
    assert!(!opens("team-manager").await);
    nobody_else().await;
    // A manager of the worker's team assigns somebody else.
    world.done("team-manager", "supervisionAssign", assign(&worker, &other), "").await;
    assert!(opens(&boss).await);
    assert!(!opens("team-manager").await);
}

async fn a_referrer_is_told_before_submitting_what_a_team_asks_not_to_be_told(world: World) {
    let strict = json!({ "teamId": demo::SOLICITORS.global(), "version": 1, "refuses": ["HOUSEHOLD", "HOUSING", "HEALTH", "FINANCE"] });
    world.done("administrator", "teamSetIntakeProfile", strict, "").await;
    let notices = "referral { id intakeNotices { teamId teamName organisationName categories message } }";
    let made = world.done("referrer", "referralDraft", draft("Wick"), notices).await;
    let all = made["referral"]["intakeNotices"].as_array().expect("a list").clone();
    let of = |team: String| all.iter().find(|n| n["teamId"] == team).cloned().expect("a notice");
    let solicitors = of(demo::SOLICITORS.global());
    assert_eq!(
        solicitors["categories"],
        json!(["HOUSING"]),
        "what an offer would have shown of what the draft brings"
    );
    let words = solicitors["message"].as_str().expect("words");
    assert!(words.contains("Lockwell Law Centre") && words.contains("HOUSING"), "{words}");
    assert!(of(demo::OUTREACH.global())["categories"].as_array().expect("a list").contains(&json!("HOUSING")));
    assert!(!all.iter().any(|n| n["teamId"] == demo::NORTH.global()), "a team that refuses nothing");
    // The strictest profile takes these.
    let strictest = json!({
        "urgency": "UPSTREAM", "sections": [
            { "name": { "given": "Maren", "family": "Moss" } }, { "contact": { "phone": "07700 900123" } },
            { "text": { "category": "ACCESS_NEEDS", "text": "Large print." } }, { "text": { "category": "LONE_WORKING", "text": "In pairs." } },
        ],
    });
    let plain = world.done("referrer", "referralDraft", strictest, notices).await;
    assert_eq!(plain["referral"]["intakeNotices"], json!([]));
    // The offer leaves out what the notice said, and nothing is said once it is submitted.
    let id = made["referral"]["id"].clone();
    let submitted =
        world.done("referrer", "referralSubmit", json!({ "referralId": id, "version": 1 }), notices).await;
    assert_eq!(submitted["referral"]["intakeNotices"], json!([]));
    let offer =
        json!({ "referralId": id, "version": 2, "teamId": demo::SOLICITORS.global(), "criteriaSeen": "Adult." });
    world.done("hub-coordinator", "referralOffer", offer, "").await;
    let query = "query R($id: ID!) { referral(id: $id) { client { name { family } contact { phone } loneWorking { text } housing { tenure } } } }";
    let seen = world.data("partner-worker", query, json!({ "id": id })).await["referral"]["client"].clone();
    assert_eq!((&seen["housing"], &seen["name"]["family"]), (&Value::Null, &json!("Wick")));
    assert!(!seen["contact"].is_null() && !seen["loneWorking"].is_null(), "{seen}");
}

on_both_databases!(
    a_seal_is_set_and_lifted_by_those_who_lead,
    nobody_seals_a_record_away,
    an_objection_is_told_to_those_who_must_honour_it_as_far_as_links_may_speak,
    a_member_team_excludes_nobody_who_could_lift_it,
    protected_contact_is_lifted_by_two_others_together,
    a_name_is_taken_off_by_those_who_could_lift_it,
    the_overrides_on_a_record_are_listed_for_whom_they_are,
    protection_follows_the_household_whenever_it_is_recorded,
    a_preference_covers_the_household_exactly_like_protection,
    the_worker_whom_an_offer_names_is_named_while_it_is_open,
    a_preference_reads_to_all_others_exactly_like_protection,
    the_hub_rewrites_no_entry_of_its_host,
    an_entry_about_somebody_else_stays_with_who_recorded_it,
    an_entry_marked_as_revealing_location_is_for_the_named_few,
    a_reflective_note_opens_to_its_author_and_their_live_supervisor_alone,
    a_referrer_is_told_before_submitting_what_a_team_asks_not_to_be_told,
);
