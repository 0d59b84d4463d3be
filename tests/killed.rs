//! A server killed in the middle of its work has lost no trace of an answer that anybody received (C20).
//!
//! The real program serves on a port of its own, many connections ask without pause, and at a random moment it is killed as
//! by `kill -9`. Then every answer that came whole has its rows in the trace, `alliance doctor` finds nothing wrong, also
//! against the heads of the round before, and the program started again serves on and seals what was left.

use crate::ledger::Dice;
use crate::support::{Backend, empty_database};
use alliance::domain::ids::{ClientId, TypedId};
use alliance::persistence::database::{Connect, Database};
use alliance::persistence::sql::Sql;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How often it is killed, on each database.
const ROUNDS: usize = 6;
/// Connections that ask.
const CONNECTIONS: usize = 16;
/// No start, and no answer, may take longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program with these arguments on this database; nothing of the tests' own surroundings reaches it.
fn program(url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alliance"));
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"ALLIANCE_") {
            command.env_remove(name);
        }
    }
    command
        .env("ALLIANCE_LOG", "warn,alliance=trace")
        .args(["--database-url", url])
        .args(arguments)
        .stdin(Stdio::null());
    command
}

/// A running server.
struct Service {
    child: Child,
    address: SocketAddr,
    tokens: BTreeMap<String, String>,
    log: PathBuf,
}

impl Service {
    fn start(url: &str, log: PathBuf) -> Self {
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(&log).expect("a file for the log");
        let mut command = program(url, &["serve", "--demo", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(errors).spawn().expect("it starts");
        let said = BufReader::new(child.stdout.take().expect("its words"));
        let (send, lines) = mpsc::channel();
        thread::spawn(move || said.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        let (mut address, mut tokens, mut persona) = (None, BTreeMap::new(), String::new());
        loop {
            let Ok(line) = lines.recv_timeout(PATIENCE) else {
                let _ = child.kill();
                panic!("it does not serve: {}", std::fs::read_to_string(&log).unwrap_or_default());
            };
            if let Some((_, rest)) = line.split_once("API is at http://") {
                address = rest.split('/').next().and_then(|a| a.parse().ok());
            } else if let Some(rest) = line.strip_prefix("# ") {
                persona = rest.split(' ').next().unwrap_or_default().to_owned();
            } else if let Some(token) = line.strip_prefix("token: ") {
                tokens.insert(persona.clone(), token.to_owned());
            } else if line.starts_with("A token again") {
                break;
            }
        }
        Self { child, address: address.expect("an address"), tokens, log }
    }

    /// As by `kill -9`.
    fn kill(&mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it is gone");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer that came whole.
struct Received {
    request: String,
    status: u16,
    body: String,
}

/// One connection that is kept open.
struct Line {
    stream: BufReader<TcpStream>,
    token: String,
}

impl Line {
    fn open(to: SocketAddr, token: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(to)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream), token: token.to_owned() })
    }

    /// Asks, and waits for the whole answer.
    fn ask(&mut self, query: &str, variables: &Value) -> std::io::Result<Received> {
        let broken = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let body = json!({ "query": query, "variables": variables }).to_string();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
            content-length: {}\r\n\r\n",
            self.token,
            body.len()
        );
        self.stream.get_mut().write_all(format!("{head}{body}").as_bytes())?;
        let (mut status, mut length, mut request) = (None, None, None);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 || !line.ends_with('\n') {
                return Err(broken());
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            match line.split_once(':') {
                None => status = line.split(' ').nth(1).and_then(|s| s.parse().ok()),
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().ok()
                }
                Some((name, value)) if name.eq_ignore_ascii_case("x-request-id") => {
                    request = Some(value.trim().to_owned())
                }
                Some(_) => {}
            }
        }
        let mut body = vec![0; length.ok_or_else(broken)?];
        self.stream.read_exact(&mut body)?;
        Ok(Received {
            request: request.ok_or_else(broken)?,
            status: status.ok_or_else(broken)?,
            body: String::from_utf8(body).map_err(|_| broken())?,
        })
    }
}

const CASELOAD: &str = "{ clients(first: 5) { nodes { id name { given family } housing { tenure } } } }";
const TRIAGE: &str = "{ referrals(first: 5) { nodes { id client { id } narratives { text } } } }";
const NOBODY: &str = "query($id: ID!) { client(id: $id) { id } }";
const RECORD: &str = "mutation($input: EntryRecordInput!) { entryRecord(input: $input) { client { id risk { text } } userErrors { code } } }";

/// What a connection asks for, over and over: as whom, what, and with what.
fn questions(client: &str) -> Vec<(&'static str, &'static str, Value)> {
    let risk = json!({ "clientId": client, "section": { "text": { "category": "RISK", "text": "A dog." } } });
    vec![
        ("support-worker", CASELOAD, json!({})),
        ("hub-coordinator", TRIAGE, json!({})),
        ("support-worker", RECORD, json!({ "input": risk })),
        ("outside-worker", NOBODY, json!({ "id": client })),
        ("partner-worker", CASELOAD, json!({})),
        ("support-worker", RECORD, json!({ "input": risk })),
        ("referrer", TRIAGE, json!({})),
    ]
}

/// Asks over many connections until the server is gone; what came whole. On each connection one exchange was broken off.
fn hammer(service: &mut Service, client: &str, dice: &mut Dice) -> Vec<Received> {
    let came = Arc::new(AtomicUsize::new(0));
    let questions = questions(client);
    let lanes: Vec<_> = (0..CONNECTIONS)
        .map(|i| {
            let (who, query, variables) = questions[i % questions.len()].clone();
            let (address, token, came) = (service.address, service.tokens[who].clone(), Arc::clone(&came));
            thread::spawn(move || {
                let mut line = Line::open(address, &token).expect("it connects");
                let mut all = Vec::new();
                loop {
                    match line.ask(query, &variables) {
                        Ok(answer) => {
                            all.push(answer);
                            came.fetch_add(1, Ordering::SeqCst);
                        }
                        // Killed while this was on its way.
                        Err(_) => return all,
                    }
                }
            })
        })
        .collect();
    let began = Instant::now();
    let enough = CONNECTIONS + dice.below(12 * CONNECTIONS);
    while came.load(Ordering::SeqCst) < enough {
        assert!(began.elapsed() < PATIENCE, "it answers");
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(Duration::from_micros(u64::try_from(dice.below(20_000)).expect("small")));
    service.kill();
    lanes.into_iter().flat_map(|lane| lane.join().expect("a connection ends well")).collect()
}

static TRACE: Sql = Sql::new(
    "SELECT request_id, kind, client_id FROM trace UNION ALL SELECT request_id, kind, client_id FROM trace_unsealed",
);
static UNSEALED: Sql = Sql::new("SELECT COUNT(*) FROM trace_unsealed");

async fn opened(url: &str) -> Database {
    let how = Connect { url: url.to_owned(), connections: 2, statement_timeout: Duration::from_secs(8) };
    Database::connect(&how).await.unwrap_or_else(|f| panic!("it opens: {}", f.for_log()))
}

async fn unsealed(database: &Database) -> i64 {
    let row = database.row(&UNSEALED, Vec::new()).await.expect("reads").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

/// By request: its rows' kinds and clients.
type Trace = BTreeMap<String, Vec<(String, Option<Uuid>)>>;

async fn trace(database: &Database) -> Trace {
    let mut all = Trace::new();
    for row in database.rows(&TRACE, Vec::new()).await.expect("reads") {
        let of = |i| row.try_get_by_index::<String>(i).expect("text");
        all.entry(of(0)).or_default().push((of(1), row.try_get_by_index(2).expect("an id")));
    }
    all
}

/// The clients whose ids are in an answer.
fn clients_in(body: &str) -> BTreeSet<Uuid> {
    body.match_indices("client_").filter_map(|(at, _)| ClientId::parse(body.get(at..at + 39)?).map(|c| c.0)).collect()
}

/// How many referrals are in an answer; in the demonstration each is about somebody else.
fn referrals_in(body: &str) -> usize {
    body.match_indices("referral_").filter_map(|(at, _)| body.get(at..at + 41)).collect::<BTreeSet<_>>().len()
}

/// Every answer that came whole is in the trace, person by person.
fn all_are_told(trace: &Trace, received: &[Received]) -> [usize; 3] {
    let mut kinds = [0; 3];
    for r in received {
        assert_eq!(r.status, 200, "{}", r.body);
        assert!(!r.body.contains("\"errors\""), "{}", r.body);
        let rows = trace.get(&r.request).unwrap_or_else(|| panic!("no trace of {}: {}", r.request, r.body));
        let of = |kind: &str| rows.iter().filter(|(k, _)| k == kind).filter_map(|(_, c)| *c).collect::<BTreeSet<_>>();
        let shown = clients_in(&r.body);
        assert!(of("DISCLOSED").is_superset(&shown), "{}: {rows:?}: {}", r.request, r.body);
        if r.body.contains("entryRecord") {
            assert_eq!(of("WRITTEN"), shown, "{}: {rows:?}", r.request);
            kinds[1] += 1;
        } else if r.body == r#"{"data":{"client":null}}"# {
            assert!(rows.iter().any(|(kind, _)| kind == "NOTHING_FOUND"), "{}: {rows:?}", r.request);
            kinds[2] += 1;
        } else {
            // A sender is shown referrals and no clients.
            let shown = shown.len().max(referrals_in(&r.body));
            assert!(shown > 0, "the demonstration has something to show: {}", r.body);
            assert!(of("DISCLOSED").len() >= shown, "{}: {rows:?}: {}", r.request, r.body);
            kinds[0] += 1;
        }
    }
    kinds
}

/// `alliance doctor`, against the heads of the round before, when there are any.
fn doctor(url: &str, heads: &std::path::Path) {
    let file = heads.to_str().expect("a path");
    let against: &[&str] = if heads.exists() { &["--heads", file] } else { &[] };
    let output = program(url, &["doctor", "--export-heads", file]).args(against).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(heads.exists(), "the heads are exported");
}

/// Whoever the demonstration invented is in no line of the log.
fn nobody_is_named(log: &PathBuf) {
    let text = std::fs::read_to_string(log).expect("the log");
    assert!(text.contains("alliance::"), "it logs: {text:.200}");
    for name in
        ["Quennell", "Pemberly", "Tindall", "Marlow", "Isolde", "Tallow", "07700", "OX1", "1988-03-14", "A dog"]
    {
        assert!(!text.contains(name), "{name} is in the log");
    }
}

async fn no_trace_is_lost(backend: Backend) {
    let Some((url, _file)) = empty_database(backend) else { return };
    let mine =
        |end: &str| std::env::temp_dir().join(format!("alliance-killed-{}-{backend:?}.{end}", std::process::id()));
    let (log, heads) = (mine("log"), mine("heads"));
    let mut dice = Dice::thrown(20_260_401);
    let mut service = Service::start(&url, log.clone());
    let (mut whole, mut left, mut kinds) = (0, 0, [0; 3]);
    for _ in 0..ROUNDS {
        let mut line = Line::open(service.address, &service.tokens["support-worker"]).expect("it connects");
        let client = line.ask(CASELOAD, &json!({})).expect("it serves");
        let client: Value = serde_json::from_str(&client.body).expect("JSON");
        let client = client["data"]["clients"]["nodes"][0]["id"].as_str().expect("somebody").to_owned();
        let received = hammer(&mut service, &client, &mut dice);
        whole += received.len();

        let database = opened(&url).await;
        let told = all_are_told(&trace(&database).await, &received);
        kinds = [0, 1, 2].map(|i| kinds[i] + told[i]);
        left += unsealed(&database).await;
        database.close().await.expect("it closes");
        doctor(&url, &heads);

        // Another process serves on, and seals what this one left; still nothing is lost.
        service = Service::start(&url, service.log.clone());
        let mut line = Line::open(service.address, &service.tokens["support-worker"]).expect("it connects");
        let again = line.ask(CASELOAD, &json!({})).expect("it serves");
        assert!(again.body.contains(&client), "{}", again.body);
        let database = opened(&url).await;
        let began = Instant::now();
        while unsealed(&database).await > 0 {
            assert!(began.elapsed() < PATIENCE, "it seals what was left");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        all_are_told(&trace(&database).await, &received);
        database.close().await.expect("it closes");
        doctor(&url, &heads);
    }
    nobody_is_named(&log);
    assert!(whole > ROUNDS * CONNECTIONS && kinds.iter().all(|n| *n > ROUNDS), "{whole} {kinds:?}");
    println!(
        "{backend:?}: killed {ROUNDS} times; {whole} answers came whole ({kinds:?} read, written, not found), {} were broken \
        off, {left} rows were left unsealed",
        ROUNDS * CONNECTIONS
    );
    drop(service);
    for file in [&log, &heads] {
        let _ = std::fs::remove_file(file);
    }
}

mod no_answer_that_was_received_is_without_its_trace_after_a_kill {
    use crate::support::Backend;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        super::no_trace_is_lost(Backend::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        super::no_trace_is_lost(Backend::Postgres).await;
    }
}
