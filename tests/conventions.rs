//! What every mutation keeps to, whatever it does: keys, checks that change nothing, versions, events, ended memberships.

use crate::inputs::{
    Call, Things, Wrong, checking, document, dump, errors, every_mutation, ids_in, mutations, put, rows,
};
use crate::support::{World, draft};
use alliance::domain::ids::TypedId;
use alliance::domain::role::{Role, Roles};
use alliance::service::demo;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How a mutation is told apart here.
struct Manner {
    name: &'static str,
    /// What is read of its payload.
    select: &'static str,
    /// Where its input may say something else, and what, in JSON. A version says it where nothing else can.
    other: (&'static str, &'static str),
    /// Where its input may be wrong, how, and the code of what is told.
    wrong: (&'static str, &'static str, &'static str),
    /// The events it leaves.
    events: &'static [&'static str],
}

const fn manner(
    name: &'static str,
    select: &'static str,
    other: (&'static str, &'static str),
    wrong: (&'static str, &'static str, &'static str),
    events: &'static [&'static str],
) -> Manner {
    Manner { name, select, other, wrong, events }
}

const WORDS: &str = r#""Other words.""#;
const VERSION: (&str, &str) = ("/version", "9");
const STALE: (&str, &str, &str) = ("/version", "9", "CONFLICT");

/// Every mutation there is.
#[rustfmt::skip]
const MANNERS: &[Manner] = &[
    manner("referralDraft", "referral { id version urgency }", ("/urgency", r#""UPSTREAM""#), ("/narratives/0/text", r#""""#, "INVALID"), &["referral.drafted"]),
    manner("referralSubmit", "referral { id version state }", VERSION, STALE, &["referral.submitted"]),
    manner("referralWithdraw", "referral { id version outcomeText }", ("/reason", WORDS), ("/reason", r#""""#, "INVALID"), &["referral.closed"]),
    manner("referralRecordClientDecline", "referral { id version outcomeText }", ("/reason", WORDS), ("/refusedSignposting", "null", "DEAD_END"), &["referral.closed"]),
    manner("referralAsk", "referral { id version state }", ("/question", WORDS), STALE, &["referral.asked"]),
    manner("referralAnswer", "referral { id version state }", ("/answer", WORDS), ("/categories", r#"["IMMIGRATION"]"#, "SPECIAL_CATEGORY_NOT_NAMED"), &["referral.answered"]),
    manner("referralSetUrgency", "referral { id urgency }", ("/to", r#""UPSTREAM""#), ("/to", r#""EVICTION_WITHIN_DAYS""#, "INVALID"), &["referral.urgency_set"]),
    manner("referralRecordDuty", "referral { id dutyToRefer { reason } }", ("/reason", WORDS), ("/authorityId", r#""organisation_x""#, "NOT_FOUND"), &["duty_to_refer.recorded"]),
    manner("referralPassDuty", "referral { id dutyToRefer { passedAt } }", ("/referralId", r#""referral_x""#), ("/referralId", r#""referral_x""#, "NOT_FOUND"), &["duty_to_refer.passed"]),
    manner("referralAcknowledgeDuty", "referral { id dutyToRefer { reference } }", ("/reference", WORDS), ("/reference", r#""""#, "INVALID"), &["duty_to_refer.acknowledged"]),
    manner("referralEndDuty", "referral { id dutyToRefer { endReason } }", ("/reason", WORDS), ("/reason", r#""""#, "INVALID"), &["duty_to_refer.ended"]),
    manner("referralAssign", "referral { id assignedTo { name } }", ("/assignTo", "null"), ("/assignTo", r#""person_x""#, "NOT_FOUND"), &["referral.assigned"]),
    manner("referralOffer", "referral { id version state }", ("/criteriaSeen", WORDS), ("/teamId", r#""team_x""#, "NOT_FOUND"), &["referral.offered"]),
    manner("referralClose", "referral { id version outcomeText }", ("/text", WORDS), ("/onwardReferral", "null", "DEAD_END"), &["referral.closed"]),
    manner("referralTakeBack", "referral { id version state }", VERSION, STALE, &["referral.taken_back"]),
    manner("referralAccept", "referral { id version sharedCase { id } }", VERSION, ("/workerId", r#""person_x""#, "NOT_FOUND"), &["referral.accepted"]),
    manner("referralDecline", "referral { id version }", ("/text", WORDS), ("/text", "null", "INVALID"), &["referral.declined"]),
    manner("entryRecord", "client { id risk { entryId text } }", ("/section/text/text", WORDS), ("/clientId", r#""client_x""#, "NOT_FOUND"), &["entry.recorded"]),
    manner("entryCorrect", "client { id risk { entryId text } }", ("/section/text/text", WORDS), ("/section/text/category", r#""FINANCE""#, "INVALID"), &["entry.corrected"]),
    manner("entryMark", "client { id }", ("/revealsLocation", "false"), STALE, &["entry.marked"]),
    manner("consentRecord", "consent { id categories }", ("/consent/categories", r#"["FINANCE"]"#), ("/consent/expiresAt", r#""2029-01-01T00:00:00Z""#, "CONSENT_TOO_LONG"), &["consent.recorded"]),
    manner("proxyRecord", "proxy { id version name }", ("/name", r#""Another Other""#), ("/until", r#""2025-01-01T00:00:00Z""#, "INVALID"), &["proxy.recorded"]),
    manner("proxyEnd", "proxy { id version endReason }", ("/reason", WORDS), STALE, &["proxy.ended"]),
    manner("proxyExclude", "proxy { id version neverActsReason }", ("/reason", WORDS), STALE, &["proxy.excluded"]),
    manner("lawfulBasisRecord", "lawfulBasis { id version reason }", ("/reason", WORDS), ("/until", r#""2025-01-01T00:00:00Z""#, "INVALID"), &["lawful_basis.recorded"]),
    manner("lawfulBasisEnd", "lawfulBasis { id version endReason }", ("/reason", WORDS), STALE, &["lawful_basis.ended"]),
    manner("competenceRecord", "client { id competence { how } }", ("/how", WORDS), ("/assessedOn", r#""2027-01-01""#, "INVALID"), &["competence.recorded"]),
    // The team that nothing covers any more leaves the case.
    manner("consentWithdraw", "consent { id recipients { withdrawn } }", ("/withdrawnBy", WORDS), ("/consentId", r#""consent_x""#, "NOT_FOUND"), &["case_member.left_uncovered", "consent.withdrawn"]),
    manner("caseMemberAdd", "sharedCase { id members { id role version } }", ("/role", WORDS), ("/agreed", r#"["HEALTH"]"#, "SHARING_WIDER_THAN_CONSENT"), &["case_member.joined"]),
    manner("caseMemberRemove", "sharedCase { id members { id leftAt version } }", ("/reason", WORDS), ("/memberId", r#""member_x""#, "NOT_FOUND"), &["case_member.left"]),
    manner("noteRecord", "note { id text }", ("/text", WORDS), ("/text", r#""""#, "INVALID"), &["note.recorded"]),
    manner("noteCorrect", "note { id text }", ("/text", WORDS), STALE, &["note.corrected"]),
    manner("caseClose", "sharedCase { id version closureReason }", ("/reason", r#""MOVED_AWAY""#), STALE, &["case.closed"]),
    manner("caseReenter", "sharedCase { id version status }", ("/consent/evidence", WORDS), ("/consent/purposes", "[]", "INVALID"), &["case.reentered"]),
    manner("signpostRecord", "signpost { id reason }", ("/reason", WORDS), ("/serviceId", r#""service_x""#, "NOT_FOUND"), &["signpost.recorded"]),
    manner("signpostFollowUp", "signpost { id version followUp }", ("/outcome", r#""CONTACTED""#), STALE, &["signpost.followed_up"]),
    manner("objectionRecord", "client { id }", ("/reason", WORDS), ("/to", r#"{ "organisationId": "organisation_x" }"#, "NOT_FOUND"), &["restriction.objected"]),
    manner("contactProtect", "client { id }", ("/reason", WORDS), ("/clientId", r#""client_x""#, "NOT_FOUND"), &["restriction.protected"]),
    manner("contactPreferenceRecord", "client { id }", ("/reason", WORDS), ("/reason", r#""""#, "INVALID"), &["restriction.preferred"]),
    manner("restrictionName", "client { id }", VERSION, STALE, &["restriction.named"]),
    manner("restrictionUnname", "client { id }", VERSION, STALE, &["restriction.unnamed"]),
    manner("restrictionLift", "client { id }", ("/reason", WORDS), STALE, &["restriction.lifted"]),
    manner("clientSeal", "client { id }", ("/reason", WORDS), ("/personIds", "[]", "INVALID"), &["restriction.sealed"]),
    manner("supervisionAssign", "supervision { id version }", ("/until", r#""2027-01-01T00:00:00Z""#), ("/workerId", r#""person_x""#, "NOT_FOUND"), &["supervision.assigned"]),
    manner("supervisionEnd", "supervision { id version endedAt }", VERSION, STALE, &["supervision.ended"]),
    manner("overrideOpen", "override { id version status }", ("/reason", WORDS), ("/hours", "25", "OVERRIDE_TOO_LONG"), &["override.opened"]),
    manner("overrideRequest", "receipt", ("/reason", WORDS), ("/hours", "25", "OVERRIDE_TOO_LONG"), &["override.requested"]),
    manner("overrideCosign", "override { id version status }", VERSION, STALE, &["override.cosigned"]),
    manner("overrideReview", "override { id version }", ("/reason", WORDS), STALE, &["override.reviewed"]),
    manner("overrideEnd", "override { id version }", VERSION, STALE, &["override.ended"]),
    manner("inboxItemRead", "inboxItem { id readAt }", ("/inboxItemId", r#""inbox_x""#), ("/inboxItemId", r#""inbox_x""#, "NOT_FOUND"), &["inbox_item.read"]),
    manner("legalGatewayAsk", "legalGateway { id reason state }", ("/reason", WORDS), ("/recipientId", r#""organisation_x""#, "NOT_FOUND"), &["legal_gateway.asked"]),
    manner("legalGatewayDecide", "legalGateway { id version state tell }", ("/reason", WORDS), STALE, &["legal_gateway.granted"]),
    manner("legalGatewayEnd", "legalGateway { id version }", ("/reason", WORDS), STALE, &["legal_gateway.ended"]),
    manner("retentionSet", "organisation { id version retentionYears }", ("/years", "4"), STALE, &["retention.set"]),
    manner("legalHoldPlace", "legalHold { id reason }", ("/reason", WORDS), ("/reference", r#""""#, "INVALID"), &["legal_hold.placed"]),
    manner("legalHoldLift", "legalHold { id version liftReason }", ("/reason", WORDS), STALE, &["legal_hold.lifted"]),
    manner("outwardDisclosureRecord", "outwardDisclosure { id summary }", ("/summary", WORDS), ("/summary", r#""""#, "INVALID"), &["outward_disclosure.recorded"]),
    manner("organisationRegister", "organisation { id name }", ("/name", r#""Another New Body""#), ("/name", r#""Lockwell Law Centre""#, "ALREADY_EXISTS"), &["organisation.registered"]),
    manner("organisationUpdate", "organisation { id version name aliases }", ("/name", r#""Lantern House""#), ("/name", r#""Lockwell Law Centre""#, "ALREADY_EXISTS"), &["organisation.updated"]),
    manner("organisationMerge", "organisation { id version mergedInto { id } }", ("/reason", WORDS), ("/intoId", r#""organisation_x""#, "NOT_FOUND"), &["organisation.merged"]),
    manner("organisationUnmerge", "organisation { id version mergedInto { id } }", ("/reason", WORDS), STALE, &["organisation.unmerged"]),
    manner("organisationContactAdd", "contact { id name }", ("/name", r#""Front Desk""#), ("/email", r#""nowhere""#, "INVALID"), &["organisation_contact.added"]),
    manner("organisationContactEnd", "contact { id version endedAt }", VERSION, STALE, &["organisation_contact.ended"]),
    manner("teamRegister", "team { id name }", ("/name", r#""West""#), ("/refuses", r#"["NAME"]"#, "INVALID"), &["team.registered"]),
    manner("teamSetIntakeProfile", "team { id version refuses }", ("/refuses", r#"["FINANCE"]"#), STALE, &["team.intake_profile_set"]),
    manner("teamStateRoom", "team { id version room }", ("/room", "4"), STALE, &["team.room_stated"]),
    manner("serviceRegister", "service { id description }", ("/description", WORDS), ("/area", r#""""#, "INVALID"), &["service.registered"]),
    manner("serviceStateCriteria", "service { id version statedCriteria { inWords } }", ("/words", WORDS), STALE, &["service.criteria_stated"]),
    manner("membershipGrant", "membership { id personName }", ("/name", r#""Another Person""#), ("/roles", "[]", "INVALID"), &["membership.granted"]),
    manner("membershipEnd", "membership { id version endedAt }", VERSION, STALE, &["membership.ended"]),
    manner("likelyDuplicateDecide", "likelyDuplicate { id decision }", ("/decision", r#""SAME""#), ("/decision", r#""UNDECIDED""#, "INVALID"), &["likely_duplicate.decided"]),
];

impl Manner {
    fn of(name: &str) -> &'static Self {
        MANNERS.iter().find(|m| m.name == name).unwrap_or_else(|| panic!("{name} is not in the table"))
    }

    /// Another input that reads.
    fn other(&self, input: &Value) -> Value {
        let (pointer, value) = self.other;
        put(input, pointer, serde_json::from_str(value).expect("JSON"))
    }

    /// An input with which it is not done.
    fn wrong(&self, input: &Value) -> Value {
        let (pointer, value, _) = self.wrong;
        put(input, pointer, serde_json::from_str(value).expect("JSON"))
    }

    /// The object of a payload.
    fn object<'a>(&self, payload: &'a Value) -> &'a Value {
        &payload[self.select.split(' ').next().expect("a field")]
    }

    /// What a payload that tells nothing but errors looks like.
    fn empty(&self) -> Value {
        let mut empty = json!({ "userErrors": [] });
        empty[self.select.split(' ').next().expect("a field")] = Value::Null;
        empty
    }
}

/// Tries every mutation of the schema where it would be done: in one world as long as there is something to do it with, then
/// in the next.
async fn with_every_mutation(first: World, each: impl AsyncFn(&World, &Manner, &Call, &mut Wrong)) {
    let backend = first.backend;
    let mut left = mutations(&first).await;
    let mut next = Some(first);
    let mut wrong = Wrong::default();
    while !left.is_empty() {
        let world = match next.take() {
            Some(world) => world,
            None => World::new(backend).await.expect("another one, like the first"),
        };
        let mut things = Things::of(&world).await;
        let begun_with = left.len();
        let mut before = usize::MAX;
        while !left.is_empty() && left.len() < before {
            before = left.len();
            for call in every_mutation(&things) {
                let (who, name, input) = &call;
                if !left.iter().any(|n| n == name) || !world.codes(who, name, checking(input)).await.is_empty() {
                    continue;
                }
                let told = wrong.0.len();
                each(&world, Manner::of(name), &call, &mut wrong).await;
                wrong.0[told..].iter_mut().for_each(|w| w.insert_str(0, &format!("{name}: ")));
                left.retain(|n| n != name);
            }
            things.submitted = world.submitted("Another").await;
            things.offered = world.offered("Another", demo::NORTH).await;
        }
        assert!(left.len() < begun_with, "nobody could try {left:?}");
    }
    wrong.nothing();
}

fn keyed(input: &Value, key: &str) -> Value {
    put(input, "/idempotencyKey", json!(key))
}

async fn events(world: &World) -> BTreeSet<String> {
    rows(world, "outbox").await.into_iter().collect()
}

/// The kinds of events, sorted: all that is written small and has a point in it.
fn kinds<'a>(events: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    let small = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
    let mut kinds: Vec<_> =
        events.map(|e| e.split(|c| !small(c)).find(|part| part.contains('.')).unwrap_or_default()).collect();
    kinds.sort_unstable();
    kinds
}

/// The key's words, to whoever comes with another body.
fn reused() -> Value {
    let words = "This key was used before with another body. Use a new key for a new intention.";
    json!([{ "code": "IDEMPOTENCY_KEY_REUSED", "message": words, "field": ["idempotencyKey"] }])
}

/// One key and one body are one effect: for two at once, who are both told of it, and for whoever asks again. With another body
/// the key is refused, in so many words, and nothing changes; for anybody else it is a key like any other.
async fn one_key_is_one_effect_of_one_body_for_one_person(world: World) {
    with_every_mutation(world, async |world, m, (who, name, input), wrong| {
        let before = events(world).await;
        let same = keyed(input, name);
        let ask = async || world.mutate(who, name, same.clone(), m.select).await;
        let (one, two) = tokio::join!(ask(), ask());
        wrong.unless_same(&errors(&one), &Vec::new(), "one of two at once");
        wrong.unless_same(&one, &two, "two at once");
        // Who declines an offer sees no more of the referral.
        // Whose task is done, or who gave an override back, no more of that.
        let closed = ["referralDecline", "overrideReview", "overrideEnd", "legalGatewayEnd"].contains(name);
        wrong.unless_same(&m.object(&one).is_null(), &closed, "told nothing");
        let after = events(world).await;
        wrong.unless_same(&kinds(after.difference(&before)), &m.events.to_vec(), "events of two at once");

        let (of, teams): (_, &[_]) = match *who {
            "referrer" => (demo::PROBATION, &[]),
            _ => (demo::HARBOUR, &[demo::HUB, demo::NORTH]),
        };
        let roles = [
            Role::Referrer,
            Role::SupportWorker,
            Role::TeamManager,
            Role::HubCoordinator,
            Role::SafeguardingLead,
            Role::InformationGovernance,
            Role::Administrator,
        ];
        world.member(name, of, &roles, teams).await;
        let colleague = format!("{name}@{}", of.global());
        let after = dump(world).await;
        wrong.unless_same(&ask().await, &one, "again");
        let spelt_out = put(&same, "/validateOnly", json!(false));
        wrong.unless_same(&world.mutate(who, name, spelt_out, m.select).await, &one, "again, with what goes unsaid");
        let mut refused = m.empty();
        refused["userErrors"] = reused();
        let other = world.mutate(who, name, m.other(&same), m.select).await;
        wrong.unless_same(&other, &refused, "another body");
        for input in [input, &m.other(input)] {
            let told = world.mutate(&colleague, name, checking(&keyed(input, name)), m.select).await;
            let usual = world.mutate(&colleague, name, checking(input), m.select).await;
            wrong.unless_same(&told, &usual, "somebody else");
        }
        wrong.unless_same(&dump(world).await, &after, "afterwards");
    })
    .await;
}

/// The same key of two people, or of one person for two organisations, is two keys, and each reads their own again.
async fn a_key_belongs_to_one_person_for_one_organisation(world: World) {
    world.member("colleague", demo::PROBATION, &[Role::Referrer], &[]).await;
    world.member("colleague", demo::HARBOUR, &[Role::SupportWorker], &[demo::NORTH]).await;
    let hats = [
        "referrer".to_owned(),
        format!("colleague@{}", demo::PROBATION.global()),
        format!("colleague@{}", demo::HARBOUR.global()),
    ];
    let input = keyed(&draft("Keyed"), "1");
    let mut drafted = BTreeSet::new();
    for who in &hats {
        let made = world.done(who, "referralDraft", input.clone(), "referral { id }").await;
        assert_eq!(world.mutate(who, "referralDraft", input.clone(), "referral { id }").await, made, "{who}");
        let id = made["referral"]["id"].as_str().expect("an id").to_owned();
        let before = dump(&world).await;
        let submit = json!({ "referralId": id, "version": 1, "idempotencyKey": "1" });
        let told = world.mutate(who, "referralSubmit", submit, "").await;
        assert_eq!(told["userErrors"], reused(), "{who}: for another mutation it is another body");
        assert_eq!(dump(&world).await, before);
        drafted.insert(id);
    }
    assert_eq!(drafted.len(), hats.len(), "each has a draft of their own");
}

/// Puts every client under seal, so that nobody sees any of them; or takes the seals away.
async fn seal(world: &World, sealed: bool) {
    let sql = if sealed {
        "INSERT INTO restriction (id, client_id, kind, recorded_by, recorded_at) \
        SELECT c.id, c.id, 'SEALED', (SELECT p.id FROM person p LIMIT 1), 1 FROM client c"
    } else {
        "DELETE FROM restriction WHERE id = client_id"
    };
    world.raw(sql).await;
}

/// Whoever asks again reads under the rights of that moment: of a person they may no longer see, nothing comes back.
async fn a_replay_is_read_under_the_rights_of_its_own_moment(world: World) {
    with_every_mutation(world, async |world, m, (who, name, input), wrong| {
        let input = keyed(input, name);
        let ask = async || world.mutate(who, name, input.clone(), m.select).await;
        let first = ask().await;
        wrong.unless_same(&errors(&first), &Vec::new(), "at first");
        let before = dump(world).await;
        seal(world, true).await;
        // What administrators keep is about no client, nor is that a request was received; and a seal does not stand before the
        // review of what was done with it.
        let stays = *who == "administrator"
            || ["overrideRequest", "overrideCosign", "retentionSet", "teamStateRoom"].contains(name);
        let expected = if stays { &first } else { &m.empty() };
        wrong.unless_same(&ask().await, expected, "under seal");
        seal(world, false).await;
        wrong.unless_same(&ask().await, &first, "once the seal is off");
        wrong.unless_same(&dump(world).await, &before, "afterwards");
    })
    .await;
}

/// A team that a withdrawal put out reads no more by its key than by any other way, and who is no administrator any more
/// nothing of what they did as one.
async fn a_key_opens_nothing_that_has_closed(world: World) {
    let t = world.accepted("Closed").await;
    let consent = world.solicitors_join(&t).await;
    let entry = json!({
        "clientId": t.client, "section": { "text": { "category": "FINANCE", "text": "A marker." } }, "idempotencyKey": "1",
    });
    let select = "client { id housing { tenure } finance { text } }";
    let ask = async || world.mutate("partner-worker", "entryRecord", entry.clone(), select).await;
    assert_eq!(ask().await["client"]["housing"]["tenure"], "PRIVATE_RENT");
    let withdraw = json!({ "consentId": consent, "withdrawnBy": "By phone." });
    world.done("support-worker", "consentWithdraw", withdraw, "").await;
    let before = dump(&world).await;
    let own = json!({ "id": t.client, "housing": null, "finance": { "text": "A marker." } });
    assert_eq!(ask().await["client"], own, "what it wrote itself is its own");
    assert_eq!(dump(&world).await, before);

    world.member("keeper", demo::HARBOUR, &[Role::Administrator], &[]).await;
    let keeper = format!("keeper@{}", demo::HARBOUR.global());
    let grant = json!({
        "issuer": "i", "subject": "s", "name": "A Marker", "organisationId": demo::HARBOUR.global(), "roles": ["REFERRER"],
        "idempotencyKey": "1",
    });
    let query = document("membershipGrant").replace("userErrors", "membership { personName } userErrors");
    let ask = async || world.ask(&keeper, &query, json!({ "input": grant })).await;
    assert_eq!(ask().await["data"]["membershipGrant"]["membership"]["personName"], "A Marker");
    let referrer: Roles = [Role::Referrer].into_iter().collect();
    let administrator: Roles = [Role::Administrator].into_iter().collect();
    let (to, from) = (referrer.mask(), administrator.mask());
    world.raw(&format!("UPDATE membership SET roles = {to}, version = version + 1 WHERE roles = {from}")).await;
    world.clock.pass_seconds(2);
    let before = dump(&world).await;
    let refused = ask().await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert!(!refused.to_string().contains("Marker"), "{refused}");
    assert_eq!(dump(&world).await, before);
}

/// The texts of an input, ids and codes aside.
fn words(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') => found.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|below| words(below, found)),
        Value::Object(fields) => fields.values().for_each(|below| words(below, found)),
        _ => {}
    }
}

/// Whether a part of a row is a kind, an id, a moment or nothing.
fn bare(part: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b"abcdefABCDEF-".contains(&b));
    let small = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let id = part.rsplit_once('_').is_some_and(|(tag, id)| small(tag) && id.len() == 32 && hex(id));
    let kind = part.split_once('.').is_some_and(|(what, done)| small(what) && small(done));
    id || kind || hex(part) || ["X", "NULL"].contains(&part)
}

impl Wrong {
    /// An event has its ids, its kind and its moment, and no word of what was said.
    fn unless_bare(&mut self, event: &str, input: &Value) {
        let parts: Vec<_> = event.split(|c: char| "'|,()".contains(c)).filter(|part| !bare(part)).collect();
        self.unless_same(&parts, &Vec::new(), "more than a kind, ids and a moment");
        let (mut said, mut ids, mut input) = (Vec::new(), Vec::new(), input.clone());
        ids_in(&input, "", &mut ids);
        ids.iter().for_each(|id| input = put(&input, id, Value::Null));
        words(&input, &mut said);
        // A single letter says nothing, and is anywhere.
        let told: Vec<_> = said.iter().filter(|w| w.len() > 1 && event.contains(*w)).collect();
        self.unless_same(&told, &Vec::new(), "what was said");
    }
}

/// `validateOnly` changes nothing and tells what the call itself tells, right or wrong; neither it nor a refusal uses up a key.
/// Only what is done leaves an event, one of its kind, and it tells nothing of what was said.
async fn checking_changes_nothing_and_doing_leaves_one_bare_event(world: World) {
    with_every_mutation(world, async |world, m, (who, name, input), wrong| {
        let keyed = keyed(input, name);
        let before = (dump(world).await, events(world).await);
        let checked = world.mutate(who, name, checking(&m.wrong(&keyed)), m.select).await;
        let refused = world.mutate(who, name, m.wrong(&keyed), m.select).await;
        wrong.unless_same(&checked, &refused, "checked and refused");
        let codes: Vec<_> = errors(&refused).into_iter().map(|(code, ..)| code).collect();
        wrong.unless_same(&codes, &vec![m.wrong.2.to_owned()], "refused");
        let checked = world.mutate(who, name, checking(&keyed), m.select).await;
        wrong.unless_same(&checked, &m.empty(), "checked");
        wrong.unless_same(&dump(world).await, &before.0, "after checks and a refusal");
        let done = world.mutate(who, name, keyed, m.select).await;
        wrong.unless_same(&errors(&done), &errors(&checked), "done");
        let after = events(world).await;
        wrong.unless_same(&kinds(after.difference(&before.1)), &m.events.to_vec(), "events");
        after.difference(&before.1).for_each(|event| wrong.unless_bare(event, input));
    })
    .await;
}

/// What whoever came too late is told.
fn too_late(name: &str) -> Vec<String> {
    let code = match name {
        // A team that declined sees no more of the referral.
        "referralDecline" | "legalGatewayEnd" => "NOT_FOUND",
        // What was lifted is not there any more.
        "restrictionLift" => "NOT_FOUND",
        // Nor who gave an override back, or reviewed it.
        "overrideReview" | "overrideEnd" => "NOT_FOUND",
        // Coming back leaves the closed case as it is; there is an open one now.
        "caseReenter" => "ILLEGAL_TRANSITION",
        _ => "CONFLICT",
    };
    vec![code.to_owned()]
}

/// Of those who change one version at once, exactly one does; the others, and whoever comes later with that version, are told
/// of a conflict, and what was done stays.
async fn of_several_with_one_version_exactly_one_changes_it(world: World) {
    with_every_mutation(world, async |world, m, (who, name, input), wrong| {
        if input.get("version").is_none() {
            return;
        }
        let other = if m.other == VERSION { input.clone() } else { m.other(input) };
        let inputs: Vec<_> = [input, &other, input, &other].into_iter().zip(["1", "2", "3", "4"]).collect();
        let before = events(world).await;
        let ask = async |i: usize| {
            let (input, key) = inputs[i];
            world.mutate(who, name, keyed(input, &format!("{name}-{key}")), m.select).await
        };
        let told: [Value; 4] = tokio::join!(ask(0), ask(1), ask(2), ask(3)).into();
        let codes = |v: &Value| errors(v).into_iter().map(|(code, ..)| code).collect::<Vec<_>>();
        let (done, late): (Vec<_>, Vec<_>) = (0..4).partition(|i| codes(&told[*i]).is_empty());
        wrong.unless_same(&done.len(), &1, "how many changed it");
        let late: BTreeSet<_> = late.iter().map(|i| codes(&told[*i])).collect();
        wrong.unless_same(&late, &BTreeSet::from([too_late(name)]), "the others");
        let after = events(world).await;
        wrong.unless_same(&kinds(after.difference(&before)), &m.events.to_vec(), "events");
        let after = dump(world).await;
        for input in [input, &other] {
            wrong.unless_same(&world.codes(who, name, input.clone()).await, &too_late(name), "later");
        }
        for i in done {
            wrong.unless_same(&ask(i).await, &told[i], "what was done");
        }
        wrong.unless_same(&dump(world).await, &after, "afterwards");
    })
    .await;
}

/// Whose membership ended changes nothing any more: not in the second for which the viewer is kept, nor later, nor with a key
/// that was used before.
async fn whose_membership_ended_changes_nothing(world: World) {
    let things = Things::of(&world).await;
    let mut all = every_mutation(&things);
    let (_, _, record) = all.iter().find(|(_, name, _)| *name == "noteRecord").expect("there is one").clone();
    let record = keyed(&record, "1");
    world.done("support-worker", "noteRecord", record.clone(), "").await;
    all.push(("support-worker", "noteRecord", record));
    // Each would be done, and each viewer has just been read.
    for (who, name, input) in &all {
        let validated = world.codes(who, name, put(&checking(input), "/idempotencyKey", Value::Null)).await;
        assert_eq!(validated, Vec::<String>::new(), "{name}");
    }
    world.raw("UPDATE membership SET ended_at = 1, version = version + 1").await;
    let before = dump(&world).await;
    for seconds in [0, 2] {
        world.clock.pass_seconds(seconds);
        for (who, name, input) in &all {
            let answer = world.ask(who, &document(name), json!({ "input": input })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{name}: {answer}");
            assert!(answer.get("data").is_none_or(Value::is_null), "{name}: {answer}");
        }
    }
    assert_eq!(dump(&world).await, before);
}

on_both_databases!(
    one_key_is_one_effect_of_one_body_for_one_person,
    a_key_belongs_to_one_person_for_one_organisation,
    a_replay_is_read_under_the_rights_of_its_own_moment,
    a_key_opens_nothing_that_has_closed,
    checking_changes_nothing_and_doing_leaves_one_bare_event,
    of_several_with_one_version_exactly_one_changes_it,
    whose_membership_ended_changes_nothing,
);
