//! What ended is over (C4): no read that starts after the end was acknowledged shows anything, on any path and any instance,
//! however many read at that moment.
//!
//! In each round several readers read without pause until something ends: a consent is withdrawn, a team leaves the case, the
//! client objects, a person's membership ends, a consent expires. The end comes only when every reader has seen the data. A
//! reader looks whether the end was acknowledged *before* it asks; if it was, the answer must show nothing.

use crate::hidden::look_through;
use crate::ledger::Dice;
use crate::restrictions::{Against, lift, person_of, plant};
use crate::support::{Travelled, World};
use alliance::domain::clock::Clock;
use alliance::domain::ids::TypedId;
use alliance::service::demo;
use axum::Router;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

/// Rounds for each way of ending: on one instance, and on two.
const ROUNDS: usize = 15;
const ROUNDS_ON_TWO: usize = 20;
/// Readers at it in each round.
const READERS: usize = 6;
/// No reader may wait longer for its sight of the data.
const PATIENCE: Duration = Duration::from_secs(20);

/// The partner who sees the client by a consent of their own.
const NAMED: &str = "outside-worker";
/// The partner whose team is a member of the case.
const MEMBER: &str = "partner-worker";

/// A way to read: what to ask for, and what in an answer tells that it was shown.
#[derive(Clone)]
struct Path {
    name: &'static str,
    query: &'static str,
    variables: Value,
    shows: String,
}

/// Everything by which a partner can come upon the client.
fn paths(t: &Travelled, note: &str, consent: &str) -> Vec<Path> {
    let hex = |id: &str| id.split_once('_').expect("a tag").1.to_owned();
    let path = |name, query, variables, shows: &str| Path { name, query, variables, shows: shows.to_owned() };
    let by_id = |id: &str| json!({ "id": id });
    let one = "\"totalCount\":1";
    vec![
        path("client", "query($id: ID!) { client(id: $id) { name { family } } }", by_id(&t.client), "Racer"),
        path(
            "section",
            "query($id: ID!) { client(id: $id) { housing { tenure } } }",
            by_id(&t.client),
            "PRIVATE_RENT",
        ),
        path("list", "{ clients(first: 10) { nodes { id } } }", json!({}), &hex(&t.client)),
        path("search", "{ clients(filter: { name: \"racer\" }) { nodes { id } } }", json!({}), &hex(&t.client)),
        path(
            "birth",
            "{ clients(filter: { dateOfBirth: \"1990-02-03\" }) { edges { cursor } } }",
            json!({}),
            &hex(&t.client),
        ),
        path("count", "{ clients { totalCount } }", json!({}), one),
        path("found", "{ clients(filter: { name: \"racer\" }) { totalCount } }", json!({}), one),
        path(
            "case",
            "query($id: ID!) { sharedCase(id: $id) { status lead { workerName } } }",
            by_id(&t.case),
            "OPEN",
        ),
        path("cases", "{ sharedCases(status: OPEN) { totalCount } }", json!({}), one),
        path(
            "notes",
            "query($id: ID!) { sharedCase(id: $id) { notes { nodes { text } } } }",
            by_id(&t.case),
            "Ran for the bus.",
        ),
        path("note", "query($id: ID!) { node(id: $id) { ... on Note { text } } }", by_id(note), "Ran for the bus."),
        path("node", "query($id: ID!) { node(id: $id) { id } }", by_id(&t.client), &hex(&t.client)),
        path("nodes", "query($id: ID!) { nodes(ids: [$id]) { id } }", by_id(&t.case), &hex(&t.case)),
        path("consent", "query($id: ID!) { node(id: $id) { id } }", by_id(consent), &hex(consent)),
        path("through the case", "{ sharedCases { nodes { client { name { family } } } } }", json!({}), "Racer"),
    ]
}

/// One round: the readers see, then something ends, then they see nothing.
#[derive(Default)]
struct Race {
    /// Readers who have seen the data.
    seeing: AtomicUsize,
    /// The end was acknowledged.
    over: AtomicBool,
}

/// What a reader can tell afterwards.
#[derive(Default)]
struct Told {
    saw: usize,
    after: usize,
    /// The answer to a question that was asked before the end came after it, and showed the data or did not.
    late: [usize; 2],
}

async fn read(world: Arc<World>, router: Router, who: &'static str, path: Path, race: Arc<Race>) -> (Path, Told) {
    let mut told = Told::default();
    while told.after < 2 {
        let over = race.over.load(Ordering::SeqCst);
        let answer = look_through(&world, &router, who, path.query, &path.variables).await;
        let shows = answer.contains(&path.shows);
        if over {
            assert!(!shows, "{who} by {}, asked after the end: {answer}", path.name);
            told.after += 1;
        } else if race.over.load(Ordering::SeqCst) {
            told.late[usize::from(shows)] += 1;
        } else if shows {
            if told.saw == 0 {
                race.seeing.fetch_add(1, Ordering::SeqCst);
            }
            told.saw += 1;
        }
    }
    (path, told)
}

/// How sight ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Withdrawal,
    Leaving,
    ObjectionToAnOrganisation,
    ObjectionToAPerson,
    Membership,
    Expiry,
}

const ENDINGS: &[Ending] = &[
    Ending::Withdrawal,
    Ending::Leaving,
    Ending::ObjectionToAnOrganisation,
    Ending::ObjectionToAPerson,
    Ending::Membership,
    Ending::Expiry,
];

/// A shared case, and everything that a round needs.
struct Races {
    world: Arc<World>,
    routers: Vec<Router>,
    t: Travelled,
    note: String,
    dice: Dice,
}

fn id(v: &Value, pointer: &str) -> String {
    v.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {v}")).to_owned()
}

impl Races {
    async fn on(world: World, instances: usize) -> Self {
        let world = Arc::new(world);
        let mut routers = vec![world.router.clone()];
        for _ in 1..instances {
            routers.push(world.another_instance().await.1);
        }
        let t = world.accepted("Racer").await;
        let note =
            json!({ "caseId": t.case, "visibility": "TEAM", "categories": ["HOUSING"], "text": "Ran for the bus." });
        let note = world.done("support-worker", "noteRecord", note, "note { id }").await;
        Self { world, routers, t, note: id(&note, "/note/id"), dice: Dice::thrown(20_260_401) }
    }

    /// A consent that opens everything to an organisation for an hour and a half; its id.
    async fn consent(&self, to: &str, purpose: &str) -> String {
        let expires = alliance::domain::clock::Timestamp(self.world.clock.now().0 + 5_400_000_000).rfc3339();
        let consent = json!({
            "recipients": [to], "purposes": [purpose], "categories": ["NAME", "BIRTH", "HOUSING", "CASE_NOTES"],
            "givenBy": "CLIENT", "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": expires,
        });
        let input = json!({ "clientId": self.t.client, "consent": consent });
        let done = self.world.done("support-worker", "consentRecord", input, "consent { id }").await;
        id(&done, "/consent/id")
    }

    /// Lets somebody see; who, and by what.
    async fn open(&self, ending: Ending) -> (&'static str, String, Option<String>) {
        if ending != Ending::Leaving {
            return (NAMED, self.consent(&demo::MEADOW.global(), "SUPPORT").await, None);
        }
        let consent = self.consent(&demo::LOCKWELL.global(), "CASE_COORDINATION").await;
        let member = json!({
            "caseId": self.t.case, "teamId": demo::SOLICITORS.global(), "role": "Law",
            "agreed": ["NAME", "BIRTH", "HOUSING", "CASE_NOTES"],
        });
        let select = "sharedCase { members { id leftAt } }";
        let done = self.world.done("support-worker", "caseMemberAdd", member, select).await;
        let members = done["sharedCase"]["members"].as_array().expect("a list");
        let member = members.iter().find(|m| m["leftAt"].is_null()).expect("a member who has not left");
        (MEMBER, consent, Some(id(member, "/id")))
    }

    /// Ends it, and returns when that is acknowledged.
    async fn end(&self, ending: Ending, consent: &str, member: Option<String>) -> Option<uuid::Uuid> {
        let world = &self.world;
        match ending {
            Ending::Withdrawal => {
                let input = json!({ "consentId": consent, "withdrawnBy": "By phone." });
                world.done("support-worker", "consentWithdraw", input, "").await;
            }
            Ending::Leaving => {
                let input = json!({ "caseId": self.t.case, "memberId": member, "version": 1, "reason": "Done." });
                world.done("support-worker", "caseMemberRemove", input, "").await;
            }
            Ending::ObjectionToAnOrganisation => {
                let against = Against::Organisation(demo::MEADOW);
                return Some(plant(world, &self.t.client, "OBJECTION", against, &[]).await);
            }
            Ending::ObjectionToAPerson => {
                let against = Against::Person(person_of(world, NAMED).await);
                return Some(plant(world, &self.t.client, "OBJECTION", against, &[]).await);
            }
            Ending::Membership => {
                let (membership, version) = self.membership().await;
                let input = json!({ "membershipId": membership, "version": version });
                world.done("administrator", "membershipEnd", input, "").await;
            }
            Ending::Expiry => world.clock.pass_seconds(6_000),
        }
        None
    }

    async fn membership(&self) -> (String, Value) {
        let all = "query($of: ID) { memberships(organisationId: $of, first: 100) { nodes { id version personName endedAt } } }";
        let all = self.world.data("administrator", all, json!({ "of": demo::MEADOW.global() })).await;
        let list = all["memberships"]["nodes"].as_array().expect("a list");
        let live = |m: &&Value| m["personName"] == "Owen Castellan" && m["endedAt"].is_null();
        let this = list.iter().find(live).expect("their membership");
        (id(this, "/id"), this["version"].clone())
    }

    /// Puts back what the end took away, so that the next round begins like this one.
    async fn mend(&self, ending: Ending, consent: &str, objection: Option<uuid::Uuid>) {
        if let Some(objection) = objection {
            lift(&self.world, objection).await;
        }
        if ending == Ending::Membership {
            let input = json!({
                "issuer": alliance::http::authentication::DEVELOPMENT_ISSUER, "subject": NAMED, "name": "Owen Castellan",
                "organisationId": demo::MEADOW.global(), "roles": ["SUPPORT_WORKER"], "teamIds": [demo::OUTREACH.global()],
            });
            self.world.done("administrator", "membershipGrant", input, "").await;
        }
        if !matches!(ending, Ending::Withdrawal | Ending::Expiry) {
            let input = json!({ "consentId": consent, "withdrawnBy": "Afterwards." });
            self.world.done("support-worker", "consentWithdraw", input, "").await;
        }
        // Kept viewers go stale, and nothing is done twice at one moment.
        self.world.clock.pass_seconds(2);
    }

    async fn round(&mut self, ending: Ending) -> Vec<(Path, Told)> {
        let (who, consent, member) = self.open(ending).await;
        let all = paths(&self.t, &self.note, &consent);
        let race = Arc::new(Race::default());
        let mut readers = JoinSet::new();
        for i in 0..READERS {
            let (world, router) = (Arc::clone(&self.world), self.routers[i % self.routers.len()].clone());
            let path = self.dice.of(&all).clone();
            readers.spawn(read(world, router, who, path, Arc::clone(&race)));
        }
        let seeing = async {
            while race.seeing.load(Ordering::SeqCst) < READERS {
                if let Some(ended) = readers.try_join_next() {
                    ended.expect("a reader goes on");
                }
                tokio::time::sleep(Duration::from_micros(500)).await;
            }
        };
        let seen = tokio::time::timeout(PATIENCE, seeing).await;
        assert!(seen.is_ok(), "{ending:?}: not every reader sees what is open");
        tokio::time::sleep(Duration::from_micros(u64::try_from(self.dice.below(3_000)).expect("small"))).await;
        let objection = self.end(ending, &consent, member).await;
        race.over.store(true, Ordering::SeqCst);
        let told = readers.join_all().await;
        self.mend(ending, &consent, objection).await;
        told
    }
}

async fn race(world: World, instances: usize, rounds: usize) {
    let mut races = Races::on(world, instances).await;
    let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut saw, mut after, mut late) = (0, 0, [0; 2]);
    for _ in 0..rounds {
        for ending in ENDINGS {
            for (path, told) in races.round(*ending).await {
                assert!(told.saw > 0 && told.after > 0, "{ending:?} {}", path.name);
                *ways.entry(path.name).or_default() += 1;
                saw += told.saw;
                after += told.after;
                late = [late[0] + told.late[0], late[1] + told.late[1]];
            }
        }
    }
    assert_eq!(ways.len(), paths(&races.t, &races.note, "consent_").len(), "every path was raced: {ways:?}");
    assert!(ways.values().all(|n| *n >= rounds), "{ways:?}");
    // Some were on their way while it ended.
    assert!(late[0] + late[1] > rounds, "{late:?}");
    println!(
        "{:?}, {instances} instances: {} rounds, {saw} sights before, {after} looks after, on their way {} unseen and {} seen",
        races.world.backend,
        rounds * ENDINGS.len(),
        late[0],
        late[1]
    );
}

async fn what_ended_is_shown_to_no_read_that_starts_afterwards(world: World) {
    race(world, 1, ROUNDS).await;
}

/// On PostgreSQL as two instances behind a load balancer; on SQLite as two services in one process, for a SQLite file is
/// for one process at a time.
async fn nor_by_another_instance(world: World) {
    race(world, 2, ROUNDS_ON_TWO).await;
}

on_both_databases!(what_ended_is_shown_to_no_read_that_starts_afterwards, nor_by_another_instance);
