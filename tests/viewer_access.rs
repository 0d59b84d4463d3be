//! What an object says its viewer may do is what the mutation answers (C22): for every flag, persona and object of a case that has
//! travelled, under `validateOnly`.

use crate::inputs::{Things, Wrong, checking, duty, gateway, id_of, lawful_basis, outward, put};
use crate::restrictions::person_of;
use crate::support::fields::{Kind, kind, objects};
use crate::support::{World, draft};
use alliance::domain::ids::TypedId;
use alliance::domain::role::Role;
use alliance::service::demo;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Another note of the same case, a record that was sealed, and people who came back, beside what every test of inputs has.
struct Stage {
    t: Things,
    their_note: String,
    followed: String,
    died: String,
    objection: String,
    sealers: Vec<String>,
}

impl Stage {
    async fn of(world: &World) -> Self {
        let t = Things::of(world).await;
        let note =
            json!({ "caseId": t.case.case, "visibility": "TEAM", "categories": ["HOUSING"], "text": "Letter sent." });
        // Consent to notes, so that each of the two agencies reads what the other wrote.
        let consent = json!({
            "recipients": [demo::LOCKWELL.global(), demo::HARBOUR.global()], "purposes": ["CASE_COORDINATION"],
            "categories": ["CASE_NOTES"], "givenBy": "CLIENT", "givenHow": "VERBAL", "evidence": "Said so.",
            "expiresAt": "2027-03-01T00:00:00Z",
        });
        let given = json!({ "clientId": t.case.client, "consent": consent });
        world.done("support-worker", "consentRecord", given, "").await;
        let theirs = world.done("partner-worker", "noteRecord", note, "note { id }").await;
        let back = world.accepted("Fern").await;
        let close =
            |case: &str, reason: &str| json!({ "caseId": case, "version": 1, "kind": "PLANNED", "reason": reason });
        world.done("support-worker", "caseClose", close(&back.case, "NEEDS_MET"), "").await;
        let again = json!({ "caseId": back.case, "version": 2, "consent": working_together() });
        world.done("support-worker", "caseReenter", again, "").await;
        let gone = world.accepted("Gale").await;
        world.done("support-worker", "caseClose", close(&gone.case, "DIED"), "").await;
        let objection = json!({
            "clientId": t.case.client, "to": { "organisationId": demo::SHELTER.global() }, "reason": "Knows somebody there.",
        });
        let select = "client { restrictions { id } }";
        let objection = world.done("support-worker", "objectionRecord", objection, select).await;
        Self {
            their_note: id_of(&theirs["note"]["id"]),
            followed: back.case,
            died: gone.case,
            objection: id_of(&objection["client"]["restrictions"][0]["id"]),
            sealers: Vec::new(),
            t,
        }
    }
}

fn working_together() -> Value {
    json!({
        "recipients": [demo::HARBOUR.global()], "purposes": ["CASE_COORDINATION"], "categories": ["RISK"], "givenBy": "CLIENT",
        "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
    })
}

/// One flag of one object: the type that says it, the flag, the object, and the mutation with what it takes; `@` is the version.
type Flag = (&'static str, &'static str, String, &'static str, Value);

fn flags(s: &Stage, restrictions: &[(String, String)]) -> Vec<Flag> {
    let t = &s.t;
    let mut all: Vec<Flag> = Vec::new();
    let client = &t.case.client;
    let mut add = |of, flag, id: &str, name, input: Value| all.push((of, flag, id.to_owned(), name, input));
    let risk = json!({ "text": { "category": "RISK", "text": "Dogs." } });
    add("ClientAccess", "canRecord", client, "entryRecord", json!({ "clientId": client, "section": risk }));
    let mut consent = working_together();
    consent["recipients"] = json!([demo::SHELTER.global()]);
    add(
        "ClientAccess",
        "canRecordConsent",
        client,
        "consentRecord",
        json!({ "clientId": client, "consent": consent }),
    );
    let proxy = json!({ "clientId": client, "kind": "DEPUTY", "name": "Dee Puty" });
    add("ClientAccess", "canRecordProxy", client, "proxyRecord", proxy);
    let [ends, _] = &t.proxies;
    let end = json!({ "proxyId": ends, "version": "@", "reason": "Over." });
    add("ProxyAccess", "canEnd", ends, "proxyEnd", end.clone());
    add("ProxyAccess", "canExclude", ends, "proxyExclude", end);
    add("ClientAccess", "canRecordLawfulBasis", client, "lawfulBasisRecord", lawful_basis(client));
    let end = json!({ "lawfulBasisId": t.basis, "version": "@", "reason": "Over." });
    add("LawfulBasisAccess", "canEnd", &t.basis, "lawfulBasisEnd", end);
    add(
        "ClientAccess",
        "canSeal",
        client,
        "clientSeal",
        json!({ "clientId": client, "personIds": s.sealers, "reason": "A colleague." }),
    );
    let objection = json!({ "clientId": client, "to": { "organisationId": demo::COUNTY.global() }, "reason": "No." });
    add("ClientAccess", "canRecordObjection", client, "objectionRecord", objection);
    add(
        "ClientAccess",
        "canProtectContact",
        client,
        "contactProtect",
        json!({ "clientId": client, "reason": "Stalked." }),
    );
    // Who may protect contact may mark what the referral brought, where they see it.
    let mark = json!({ "item": { "narrativeId": t.narrative }, "version": 1, "revealsLocation": true });
    add("ClientAccess", "canProtectContact", client, "entryMark", mark);
    // Nothing but that there is a record, which is open to everybody who sees it: the flag is of who may, not of what.
    let bare = |input: Value| put(&input, "/categories", json!(["INVOLVEMENT"]));
    add("ClientAccess", "canAskLegalGateway", client, "legalGatewayAsk", bare(gateway(client)));
    add("ClientAccess", "canRecordOutwardDisclosure", client, "outwardDisclosureRecord", bare(outward(client)));
    for (one, verdict) in t.overrides.iter().zip(["JUSTIFIED", "NOT_JUSTIFIED"]) {
        let of = json!({ "overrideId": one, "version": "@" });
        add("OverrideAccess", "canCosign", one, "overrideCosign", of.clone());
        add("OverrideAccess", "canEnd", one, "overrideEnd", of);
        let review = json!({ "overrideId": one, "version": "@", "verdict": verdict, "reason": "Looked at." });
        add("OverrideAccess", "canReview", one, "overrideReview", review);
    }
    for one in [&t.gateway, &t.granted] {
        let decide = json!({ "legalGatewayId": one, "version": "@", "decision": "GRANT", "reason": "The law." });
        add("LegalGatewayAccess", "canDecide", one, "legalGatewayDecide", decide);
        let end = json!({ "legalGatewayId": one, "version": "@", "reason": "Over." });
        add("LegalGatewayAccess", "canEnd", one, "legalGatewayEnd", end);
    }
    for referral in [&t.drafted, &t.submitted, &t.asked, &t.offered, &t.case.referral] {
        let of = |more: Value| {
            let mut input = json!({ "referralId": referral, "version": "@" });
            input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            input
        };
        let mut step = |flag, name, more| add("ReferralAccess", flag, referral, name, of(more));
        step("canSubmit", "referralSubmit", json!({}));
        step("canOffer", "referralOffer", json!({ "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." }));
        step("canAsk", "referralAsk", json!({ "question": "Since when?" }));
        step("canAnswer", "referralAnswer", json!({ "answer": "Since May.", "categories": [] }));
        step("canAccept", "referralAccept", json!({}));
        step("canDecline", "referralDecline", json!({ "reason": "NO_CAPACITY" }));
        step("canTakeBack", "referralTakeBack", json!({}));
        step(
            "canClose",
            "referralClose",
            json!({ "outcome": "OTHER", "text": "Words.", "onwardReferral": "Shelter." }),
        );
        step("canWithdraw", "referralWithdraw", json!({ "reason": "Moved." }));
        let declines = json!({ "reason": "Not now.", "refusedSignposting": "Knows where." });
        step("canRecordClientDecline", "referralRecordClientDecline", declines);
        let assign = json!({ "referralId": referral, "assignTo": t.coordinator });
        add("ReferralAccess", "canAssign", referral, "referralAssign", assign);
        let urgent = json!({ "referralId": referral, "from": "EVICTION_WITHIN_DAYS", "to": "HOMELESS_NOW" });
        add("ReferralAccess", "canSetUrgency", referral, "referralSetUrgency", urgent);
        let of = json!({ "referralId": referral });
        add("ReferralAccess", "canRecordDuty", referral, "referralRecordDuty", duty(referral));
        add("ReferralAccess", "canPassDuty", referral, "referralPassDuty", of);
        let told = json!({ "referralId": referral, "reference": "HO/7" });
        add("ReferralAccess", "canAcknowledgeDuty", referral, "referralAcknowledgeDuty", told);
        let over = json!({ "referralId": referral, "reason": "Has a room now." });
        add("ReferralAccess", "canEndDuty", referral, "referralEndDuty", over);
        add("ReferralAccess", "canSignpost", referral, "signpostRecord", signpost("referralId", referral));
    }
    for case in [&t.case.case, &t.closed, &s.followed, &s.died] {
        let note = json!({ "caseId": case, "visibility": "TEAM", "text": "Wrote." });
        add("CaseAccess", "canRecordNotes", case, "noteRecord", note);
        let member =
            json!({ "caseId": case, "teamId": demo::OUTREACH.global(), "role": "Outreach", "agreed": ["HOUSING"] });
        // The others have no consent that names Meadow: there the flag is of who may, and the answer of whom.
        if *case == t.case.case {
            add("CaseAccess", "canAddMembers", case, "caseMemberAdd", member);
        }
        add("CaseAccess", "canSignpost", case, "signpostRecord", signpost("caseId", case));
        let close = json!({ "caseId": case, "version": "@", "kind": "PLANNED", "reason": "NEEDS_MET" });
        add("CaseAccess", "canClose", case, "caseClose", close);
        let again = json!({ "caseId": case, "version": "@", "consent": working_together() });
        add("CaseAccess", "canReenter", case, "caseReenter", again);
    }
    for note in [&t.note, &s.their_note] {
        let input = json!({ "noteId": note, "version": "@", "visibility": "TEAM", "text": "Other words." });
        add("NoteAccess", "canCorrect", note, "noteCorrect", input);
    }
    let withdraw = json!({ "consentId": t.consent, "withdrawnBy": "By phone." });
    add("ConsentAccess", "canWithdraw", &t.consent, "consentWithdraw", withdraw);
    let follow = json!({ "signpostId": t.signpost, "version": "@", "outcome": "ENGAGED" });
    add("SignpostAccess", "canFollowUp", &t.signpost, "signpostFollowUp", follow);
    for (restriction, person) in restrictions {
        let name = json!({ "restrictionId": restriction, "version": "@", "personId": person });
        add("RestrictionAccess", "canName", restriction, "restrictionName", name);
        let unname = json!({ "restrictionId": restriction, "version": "@", "personId": person });
        add("RestrictionAccess", "canUnname", restriction, "restrictionUnname", unname);
        let lift = json!({ "restrictionId": restriction, "version": "@", "reason": "Over." });
        add("RestrictionAccess", "canLift", restriction, "restrictionLift", lift);
    }
    all
}

fn signpost(key: &str, id: &str) -> Value {
    json!({
        "on": { key: id }, "serviceId": demo::DROP_IN.global(), "told": "CLIENT", "channel": "PHONE", "reason": "A bed.",
    })
}

/// What the object says, with its version where it has one; nothing when the viewer does not see it.
async fn said(world: &World, who: &str, flag: &str, id: &str) -> Option<(bool, i64)> {
    let object = match id.split('_').next().expect("a tag") {
        "client" => "Client { viewerAccess { FLAG } }",
        "referral" => "Referral { version viewerAccess { FLAG } }",
        "case" => "SharedCase { version viewerAccess { FLAG } }",
        "note" => "Note { version viewerAccess { FLAG } }",
        "consent" => "Consent { viewerAccess { FLAG } }",
        "proxy" => "Proxy { version viewerAccess { FLAG } }",
        "basis" => "LawfulBasis { version viewerAccess { FLAG } }",
        "signpost" => "Signpost { version viewerAccess { FLAG } }",
        "override" => "Override { version viewerAccess { FLAG } }",
        "gateway" => "LegalGateway { version viewerAccess { FLAG } }",
        _ => "Restriction { version viewerAccess { FLAG } }",
    };
    let query = format!("query Q($id: ID!) {{ node(id: $id) {{ ... on {} }} }}", object.replace("FLAG", flag));
    let node = world.data(who, &query, json!({ "id": id })).await["node"].clone();
    let says = node["viewerAccess"][flag].as_bool()?;
    Some((says, node["version"].as_i64().unwrap_or(0)))
}

async fn what_access_says_is_what_the_mutation_answers(world: World) {
    let mut stage = Stage::of(&world).await;
    // Somebody with two hats in one house, and a manager of another team.
    world
        .member("both", demo::HARBOUR, &[Role::HubCoordinator, Role::SupportWorker], &[demo::HUB, demo::NORTH])
        .await;
    world.member("elsewhere", demo::HARBOUR, &[Role::TeamManager], &[]).await;
    let mut everybody: Vec<String> = demo::PERSONAS.iter().map(|p| p.name.to_owned()).collect();
    everybody.push("canary".to_owned());
    everybody.extend(["both", "elsewhere"].map(|n| format!("{n}@{}", demo::HARBOUR.global())));
    let me = world.data("team-manager", "{ viewer { personId } }", json!({})).await;
    let manager = id_of(&me["viewer"]["personId"]);
    // Whoever leads names a colleague who could lift the seal, or themselves.
    for who in ["hub-coordinator", "team-manager"] {
        stage.sealers.push(person_of(&world, who).await.global());
    }
    let restrictions = [(stage.objection.clone(), manager)];
    let all = flags(&stage, &restrictions);

    let mut wrong = Wrong::default();
    let (mut may, mut may_not) = (BTreeSet::new(), BTreeSet::new());
    for who in &everybody {
        for (of, flag, id, name, input) in &all {
            let says = said(&world, who, flag, id).await;
            let mut input = input.clone();
            if input["version"] == "@" {
                input["version"] = json!(says.map_or(1, |(_, version)| version));
            }
            let mut t = (*name).to_owned();
            t[..1].make_ascii_uppercase();
            let document =
                format!("mutation M($input: {t}Input!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}");
            let answer = world.ask(who, &document, json!({ "input": checking(&input) })).await;
            let forbidden = answer["errors"][0]["extensions"]["code"] == "FORBIDDEN";
            let codes: Vec<_> = answer["data"][name]["userErrors"]
                .as_array()
                .map(|list| list.iter().filter_map(|e| e["code"].as_str()).collect())
                .unwrap_or_default();
            let done = answer.get("errors").is_none() && codes.is_empty();
            let refusals = [
                "NOT_ALLOWED",
                "ILLEGAL_TRANSITION",
                "NOT_FOUND",
                "NEEDS_TWO_OTHERS",
                "COSIGNED_BY_ASKER",
                "COSIGNED_BY_COLLEAGUE",
                "SELF_REVIEW",
                "ALREADY_EXISTS",
            ];
            let refused = forbidden || (!codes.is_empty() && codes.iter().all(|c| refusals.contains(c)));
            let told = || format!("{who}: {of}.{flag} of {id} says {says:?}, {name} answers {answer}");
            wrong.unless(done || refused, || format!("neither done nor refused: {}", told()));
            wrong.unless(done == says.is_some_and(|(says, _)| says), told);
            // Who does not see the object is told so, whoever they are.
            wrong.unless(says.is_some() || forbidden || codes == ["NOT_FOUND"], told);
            if says.is_some() {
                if done {
                    may.insert((*of, *flag))
                } else {
                    may_not.insert((*of, *flag))
                };
            }
        }
    }
    // Every flag that the schema has was seen to say yes; and no, by who sees the object.
    for (name, object) in
        objects().iter().filter(|(n, _)| kind(n) == Some(Kind::ClientBound) && n.ends_with("Access"))
    {
        for f in object.fields.iter().filter(|f| f.name.starts_with("can")) {
            let both = [&may, &may_not].map(|set| set.contains(&(name.as_str(), f.name.as_str())));
            // Whoever sees a record at all is one of those who may tell somebody outside.
            let never_no = [
                ("ConsentAccess", "canWithdraw"),
                ("RestrictionAccess", "canLift"),
                // Only who works for the organisation that recorded it sees it, and each of them may.
                ("LawfulBasisAccess", "canEnd"),
                ("ClientAccess", "canRecordOutwardDisclosure"),
            ];
            let never_yes = [("RestrictionAccess", "canName"), ("RestrictionAccess", "canUnname")];
            let (is, field) = ((name.as_str(), f.name.as_str()), &f.name);
            wrong.unless(both[0] || never_yes.contains(&is), || format!("{name}.{field} was never seen to say yes"));
            wrong.unless(both[1] || never_no.contains(&is), || format!("{name}.{field} was never seen to say no"));
        }
    }
    wrong.nothing();
    // A draft of somebody else's changes nothing of it: the flags are of the object asked for.
    let other = world
        .done("referrer", "referralDraft", draft("Other"), "referral { viewerAccess { canSubmit canOffer } }")
        .await;
    assert_eq!(other["referral"]["viewerAccess"], json!({ "canSubmit": true, "canOffer": false }));
}

on_both_databases!(what_access_says_is_what_the_mutation_answers);
