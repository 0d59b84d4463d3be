//! Clients that hang up in the middle of a request leave nothing half-done behind: no open transaction, no connection spoilt
//! for those who come after, no write that was answered and is not there.

use crate::ledger::Dice;
use crate::support::{Backend, Travelled, World, draft};
use alliance::domain::clock::SetClock;
use alliance::http::server::serve;
use alliance::persistence::database::{Connect, Database};
use alliance::persistence::sql::Sql;
use alliance::persistence::{ledger, trace};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Clients that hang up.
const HANG_UPS: usize = 1_000;
/// How many are at it at a time.
const AT_ONCE: usize = 16;
/// Writes afterwards, each of which must be there.
const WRITES: usize = 200;
/// No answer may take longer.
const PATIENCE: Duration = Duration::from_secs(15);

const RECORD: &str = "mutation Record($input: EntryRecordInput!) { entryRecord(input: $input) { client { id risk { text } } \
    userErrors { code } } }";
const DRAFT: &str = "mutation Draft($input: ReferralDraftInput!) { referralDraft(input: $input) { referral { id state } \
    userErrors { code } } }";
const READ: &str = "query Read { clients(first: 20) { totalCount nodes { id name { family } housing { tenure } \
    consents { id } referrals { nodes { id narratives { text } } } sharedCases { nodes { id lead { workerName } \
    notes { totalCount nodes { text } } } } } } }";

/// A request as it goes over the wire: head and body.
fn wire(token: &str, query: &str, variables: &Value) -> (String, String) {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
        content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    (head, body)
}

fn risk(client: &str, words: &str) -> Value {
    json!({ "input": { "clientId": client, "section": { "text": { "category": "RISK", "text": words } } } })
}

/// Sends a request, or a part of it, and hangs up; `usual` is how long such a request takes when nobody does.
fn hang_up(to: SocketAddr, (head, body): &(String, String), usual: Duration, dice: &mut Dice) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(to)?;
    stream.set_nodelay(true)?;
    let part = |dice: &mut Dice, of: &str| dice.below(of.len());
    let (of_head, of_body) = match dice.below(10) {
        0 => (part(dice, head), 0),
        1 => (head.len(), 0),
        2 => (head.len(), part(dice, body)),
        _ => (head.len(), body.len()),
    };
    stream.write_all(&head.as_bytes()[..of_head])?;
    stream.write_all(&body.as_bytes()[..of_body])?;
    // At once, within five milliseconds, or at any point of the time that the request takes here.
    let usual = usize::try_from(usual.as_micros()).unwrap_or(usize::MAX);
    let longest = *dice.of(&[0, 5_000, usual / 4, usual / 2, usual, 2 * usual]);
    thread::sleep(Duration::from_micros(u64::try_from(dice.below(longest)).unwrap_or(0)));
    if dice.chance(50) {
        // With a farewell, and without one.
        stream.shutdown(Shutdown::Both)?;
    }
    Ok(())
}

/// Sends a request and waits for its answer: status and body.
fn ask(to: SocketAddr, (head, body): &(String, String)) -> (u16, Value) {
    let mut stream = TcpStream::connect(to).expect("it connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("it sends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers in time");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    (status, serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {answer}")))
}

/// What the two kinds of clients know.
struct Wires {
    address: SocketAddr,
    worker: String,
    referrer: String,
    clients: Vec<String>,
    clock: Arc<SetClock>,
    /// How long a short request takes while so many are at it.
    usual: Duration,
}

impl Wires {
    /// Runs `one` for each number below `count`, on as many threads as are at it at a time.
    fn each<T: Send + 'static>(
        self: &Arc<Self>,
        count: usize,
        one: impl Fn(&Self, usize) -> T + Copy + Send + 'static,
    ) -> Vec<T> {
        let lanes: Vec<_> = (0..AT_ONCE)
            .map(|lane| {
                let wires = Arc::clone(self);
                thread::spawn(move || (lane..count).step_by(AT_ONCE).map(|i| one(&wires, i)).collect::<Vec<_>>())
            })
            .collect();
        lanes.into_iter().flat_map(|lane| lane.join().expect("a lane ends well")).collect()
    }

    fn somebody_hangs_up(&self, i: usize) {
        let mut dice = Dice::thrown(u64::try_from(i).expect("small"));
        // Viewers are not kept for that long, so that some hang up while theirs is read.
        self.clock.pass_seconds(1);
        let client = dice.of(&self.clients).clone();
        let request = match dice.below(10) {
            // The shortest of mutations, so that many end while theirs begins.
            0..4 => wire(&self.worker, RECORD, &risk("client_1", "Nobody")),
            4..6 => wire(&self.worker, RECORD, &risk(&client, &format!("Hung up {i}"))),
            6..8 => wire(&self.referrer, DRAFT, &json!({ "input": draft(&format!("Gone{i}")) })),
            _ => wire(&self.worker, READ, &json!({})),
        };
        // A reset while sending is one more way to hang up.
        let _ = hang_up(self.address, &request, self.usual, &mut dice);
    }

    fn somebody_takes_a_while(&self, _: usize) -> Duration {
        let began = Instant::now();
        assert_eq!(ask(self.address, &wire(&self.worker, RECORD, &risk("client_1", "Nobody"))).0, 200);
        began.elapsed()
    }

    fn somebody_comes_after(&self, i: usize) -> (u16, Value) {
        let client = &self.clients[i % self.clients.len()];
        ask(self.address, &wire(&self.worker, RECORD, &risk(client, &format!("Afterwards {i}."))))
    }
}

static WRITE: Sql = Sql::new("UPDATE client SET status = status");
static AFTERWARDS: Sql = Sql::new("SELECT COUNT(*) FROM client_entry WHERE body LIKE '%Afterwards %'");
static IDLE_IN_TRANSACTION: Sql = Sql::new(
    "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
);

/// Somebody with a connection of their own to the same database.
struct Stranger(Database);

impl Stranger {
    async fn to(world: &World) -> Self {
        let how = Connect { url: world.url.clone(), connections: 1, statement_timeout: Duration::from_secs(8) };
        Self(Database::connect(&how).await.unwrap_or_else(|f| panic!("it opens: {}", f.for_log())))
    }

    async fn number(&self, sql: &'static Sql) -> i64 {
        let row = self.0.row(sql, Vec::new()).await.expect("reads").expect("a row");
        row.try_get_by_index(0).expect("a number")
    }

    /// Holds the database for a moment, again and again: on SQLite transactions then take a while to begin.
    async fn holds_it_now_and_then(self) {
        loop {
            let tx = self.0.begin().await.expect("it begins");
            tokio::time::sleep(Duration::from_millis(4)).await;
            tx.rollback().await.expect("it ends");
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
    }

    /// Writes, and has not to wait for anybody.
    async fn writes_at_once(&self) {
        let write = async {
            let tx = self.0.begin().await?;
            tx.execute(&WRITE, Vec::new()).await?;
            tx.commit().await
        };
        let done = tokio::time::timeout(Duration::from_secs(1), write).await.expect("nobody stands in the way");
        done.unwrap_or_else(|f| panic!("it writes: {}", f.for_log()));
    }
}

/// Waits until everything that was going on has come to its end; then nothing is open any more.
async fn nothing_is_open(world: &World, stranger: &Stranger) {
    let quiet = tokio::time::timeout(PATIENCE, async {
        while !world.server.tasks.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    quiet.await.expect("every execution comes to its end");
    assert_eq!(world.server.gate.available_permits(), world.server.limits.concurrency, "every permit came back");
    if world.backend == Backend::Postgres {
        // The trace may just be sealing a last batch.
        for _ in 0..50 {
            if stranger.number(&IDLE_IN_TRANSACTION).await == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        assert_eq!(stranger.number(&IDLE_IN_TRANSACTION).await, 0, "no session sits in a transaction");
    }
    stranger.writes_at_once().await;
}

async fn a_thousand_clients_that_hang_up_leave_nothing_half_done(world: World) {
    let mut all: Vec<Travelled> = Vec::new();
    for i in 0..8 {
        all.push(world.accepted(&format!("Person{i}")).await);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port of this machine's own");
    let mut wires = Wires {
        usual: Duration::ZERO,
        clock: Arc::clone(&world.clock),
        address: listener.local_addr().expect("an address"),
        worker: world.token("support-worker"),
        referrer: world.token("referrer"),
        clients: all.into_iter().map(|t| t.client).collect(),
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let until = async {
        // Dropping the sender stops it too.
        let _ = stopped.await;
    };
    let serving = tokio::spawn(serve(listener, Arc::clone(&world.server), world.router.clone(), until));
    let stranger = Stranger::to(&world).await;

    let began = Instant::now();
    let holding = tokio::spawn(Stranger::to(&world).await.holds_it_now_and_then());
    let hung_up = tokio::task::spawn_blocking(move || {
        let all = Arc::new(wires);
        let mut times = all.each(4 * AT_ONCE, Wires::somebody_takes_a_while);
        times.sort();
        wires = Arc::into_inner(all).expect("every lane has ended");
        wires.usual = times[times.len() / 2];
        let all = Arc::new(wires);
        assert_eq!(all.each(HANG_UPS, Wires::somebody_hangs_up).len(), HANG_UPS);
        all
    });
    let wires = hung_up.await.expect("they hang up");
    holding.abort();
    assert!(holding.await.expect_err("it went on until it was told to stop").is_cancelled());
    nothing_is_open(&world, &stranger).await;

    let written = tokio::task::spawn_blocking(move || wires.each(WRITES, Wires::somebody_comes_after));
    for (status, answer) in written.await.expect("they write") {
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["data"]["entryRecord"]["userErrors"], json!([]), "{answer}");
    }
    let there = usize::try_from(stranger.number(&AFTERWARDS).await).expect("a count");
    assert_eq!(there, WRITES, "each that was answered is there");
    nothing_is_open(&world, &stranger).await;
    crate::trace::sealed(&world).await;
    assert_eq!(ledger::check(&world.app.database).await.expect("it checks").1, []);
    assert_eq!(trace::check(&world.app.database, None).await.expect("it checks").problems, Vec::<String>::new());

    drop(stop);
    serving.await.expect("it ends").expect("it served");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

static SLOW: Sql = Sql::new("SELECT CAST(COUNT(*) AS bigint) FROM pg_sleep(0.3)");

/// Reads keep their connections, and no write waits for one of them: not after many reads at once, not while two writes take long,
/// and not when the database is closed in the middle of a read.
async fn connections_that_reads_keep_are_there_for_writes(world: World) {
    if world.backend == Backend::Sqlite {
        // Reads and writes have pools of their own.
        Stranger::to(&world).await.writes_at_once().await;
        return;
    }
    let how = Connect { url: world.url.clone(), connections: 5, statement_timeout: Duration::from_secs(8) };
    let database = Database::connect(&how).await.unwrap_or_else(|f| panic!("it opens: {}", f.for_log()));
    let read = || {
        let database = database.clone();
        tokio::spawn(async move { database.row(&SLOW, Vec::new()).await.is_ok_and(|row| row.is_some()) })
    };
    let many = |n: usize| (0..n).map(|_| read()).collect::<Vec<_>>();
    for reading in many(9) {
        assert!(reading.await.expect("it ends"));
    }
    let begin = async || {
        let begun =
            tokio::time::timeout(Duration::from_secs(3), database.begin()).await.expect("there is one for it");
        begun.unwrap_or_else(|f| panic!("it begins: {}", f.for_log()))
    };
    // Two are left to writes; these four take what reads kept.
    let mut open = vec![begin().await, begin().await, begin().await, begin().await];
    for tx in open.drain(..) {
        tx.rollback().await.expect("it ends");
    }
    // All that reads may keep are busy, and the two others taken: the next comes from a read that ends.
    open = vec![begin().await, begin().await];
    let reading = many(9);
    tokio::time::sleep(Duration::from_millis(50)).await;
    open.push(begin().await);
    for one in reading {
        assert!(one.await.expect("it ends"));
    }
    drop(open);
    let reading = many(2);
    tokio::time::sleep(Duration::from_millis(50)).await;
    tokio::time::timeout(PATIENCE, database.clone().close()).await.expect("it closes").expect("without a fault");
    for one in reading {
        let _ = one.await.expect("it ends, however");
    }
}

on_both_databases!(
    a_thousand_clients_that_hang_up_leave_nothing_half_done,
    connections_that_reads_keep_are_there_for_writes,
);
