//! `cargo bench --bench load`: how much of a hand-written endpoint's throughput is left with GraphQL, the ledger in every
//! statement and the trace on. See `README.md` beside this file.

mod data;
mod floor;
mod generator;
#[path = "../../tests/support/postgres.rs"]
mod postgres;

use alliance::domain::random::SystemRandomness;
use alliance::http::authentication::DEVELOPMENT_KEY;
use alliance::persistence::convention::{hex, secret, unhex};
use alliance::persistence::database::{Connect, Database};
use alliance::persistence::sql::Sql;
use generator::{Connection, Exchange, Measured};
use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// The allocator of the API, for the floor as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Connections of each server's pool.
const POOL: u32 = 6;
/// Clients each person asks for in turn.
const POINTS_OF_EACH: usize = 20;
/// In the environment of a process that is the floor.
const FLOOR_KEY: &str = "LOAD_FLOOR_KEY";
const FLOOR_URL: &str = "LOAD_FLOOR_URL";

const POINT: &str =
    "query Point($id: ID!) { client(id: $id) { id name { given family } housing { tenure arrearsPence } } }";
const PAGE: &str = "query Page { clients(first: 20) { nodes { id name { given family } \
    referrals(state: ACCEPTED, first: 5) { nodes { id state urgency } } \
    sharedCases(status: OPEN, first: 5) { nodes { id stage lead { organisation { name } workerName } } } } } }";

/// What is asked for on the command line, after `--`.
struct Arguments {
    /// Rounds of each server.
    rounds: usize,
    /// Seconds of a round.
    seconds: u64,
    /// Only the scenario of this name.
    only: Option<String>,
    /// Further builds of the API to measure beside this one.
    also: Vec<String>,
}

impl Arguments {
    fn read() -> Result<Self, String> {
        let mut read = Self { rounds: 5, seconds: 4, only: None, also: Vec::new() };
        let mut all = std::env::args().skip(1);
        while let Some(word) = all.next() {
            let mut value = || all.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--bench" => {}
                "--rounds" => read.rounds = value()?.parse().map_err(|_| "--rounds is a number")?,
                "--seconds" => read.seconds = value()?.parse().map_err(|_| "--seconds is a number")?,
                "--only" => read.only = Some(value()?),
                "--also" => read.also.push(value()?),
                _ => {
                    return Err(format!(
                        "{word}? There are --rounds N, --seconds N, --only point|page, --also PROGRAM"
                    ));
                }
            }
        }
        Ok(read)
    }
}

fn main() -> ExitCode {
    let floor = std::env::var(FLOOR_KEY).ok().zip(std::env::var(FLOOR_URL).ok());
    let done = if let Some((key, url)) = floor {
        runtime(tokio::runtime::Builder::new_multi_thread(), async move {
            let key = unhex(&key).map_err(|f| f.for_log().to_owned())?;
            floor::run(&url, &key, POOL).await
        })
    } else {
        Arguments::read().and_then(|a| runtime(tokio::runtime::Builder::new_current_thread(), bench(a)))
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("load: {why}");
            ExitCode::FAILURE
        }
    }
}

fn runtime(
    mut builder: tokio::runtime::Builder,
    work: impl Future<Output = Result<(), String>>,
) -> Result<(), String> {
    builder.enable_all().build().map_err(|e| e.to_string())?.block_on(work)
}

/// A server in a process of its own; it ends with this value.
struct Server {
    name: String,
    process: Child,
    address: SocketAddr,
    is_floor: bool,
}

impl Server {
    fn start(name: &str, mut command: Command, is_floor: bool) -> Result<Self, String> {
        let mut process =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(|e| format!("{name}: {e}"))?;
        let mut line = String::new();
        if let Some(out) = process.stdout.take() {
            BufReader::new(out).read_line(&mut line).map_err(|e| e.to_string())?;
        }
        let address = line.trim_end().rsplit_once("http://").map(|(_, rest)| rest.split('/').next().unwrap_or(rest));
        let address = address.and_then(|a| a.parse().ok()).ok_or(format!("{name} does not listen: {line}"));
        // Dropping the value ends the process, whatever went wrong.
        let mut server =
            Self { name: name.to_owned(), process, address: SocketAddr::from(([127, 0, 0, 1], 0)), is_floor };
        server.address = address?;
        Ok(server)
    }

    fn api(name: &str, program: &Path, url: &str) -> Result<Self, String> {
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--database-url", url]);
        command.env("ALLIANCE_LIMITS__CONNECTIONS", POOL.to_string());
        Self::start(name, command, false)
    }

    fn floor(url: &str, key: &[u8]) -> Result<Self, String> {
        let mut command = Command::new(std::env::current_exe().map_err(|e| e.to_string())?);
        command.env(FLOOR_KEY, hex(key)).env(FLOOR_URL, url);
        Self::start("floor", command, true)
    }

    fn request(&self, token: &str, scenario: &Scenario, id: Option<&str>) -> Vec<u8> {
        let host = self.address;
        if self.is_floor {
            let path = id.map_or_else(|| "/clients?first=20".to_owned(), |id| format!("/clients/{id}"));
            return format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\r\n")
                .into_bytes();
        }
        let body = match id {
            Some(id) => serde_json::json!({ "query": scenario.query, "variables": { "id": id } }),
            None => serde_json::json!({ "query": scenario.query }),
        };
        let body = body.to_string();
        let length = body.len();
        format!(
            "POST /graphql HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
            content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Scenario {
    name: &'static str,
    query: &'static str,
    /// As the trace has it.
    operation: &'static str,
}

/// One question of one person, and its answer.
struct Question {
    token: usize,
    id: Option<String>,
    answer: Vec<u8>,
    /// Clients the answer discloses.
    clients: usize,
}

async fn bench(arguments: Arguments) -> Result<(), String> {
    let cluster = postgres::cluster(postgres::Settings { durable: true })?;
    let name = format!("alliance_load_{}", std::process::id());
    let admin = connect(&cluster.url).await?;
    run(&admin, &format!("CREATE DATABASE {name}")).await?;
    let (server, _) = cluster.url.rsplit_once('/').ok_or("the URL names no database")?;
    let url = format!("{server}/{name}");
    let result = on_database(&arguments, &url).await;
    if std::env::var_os("LOAD_KEEP").is_none() {
        run(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await?;
    }
    result
}

async fn connect(url: &str) -> Result<Database, String> {
    let how = Connect { url: url.to_owned(), connections: 2, statement_timeout: Duration::from_mins(2) };
    Database::connect(&how).await.map_err(|f| f.for_log().to_owned())
}

async fn run(database: &Database, sql: &str) -> Result<(), String> {
    database.for_migrations().execute_unprepared(sql).await.map(|_| ()).map_err(|e| e.to_string())
}

async fn on_database(arguments: &Arguments, url: &str) -> Result<(), String> {
    let database = connect(url).await?;
    Migrator::up(database.for_migrations(), None).await.map_err(|e| e.to_string())?;
    eprintln!("load: writing {} clients, projecting their grants", data::CLIENTS);
    data::seed(&database).await?;
    let key = secret(&database, DEVELOPMENT_KEY, &SystemRandomness).await.map_err(|f| f.for_log().to_owned())?;
    let tokens = data::tokens(&database, &key).await?;
    let mut servers = vec![Server::api("api", Path::new(env!("CARGO_BIN_EXE_alliance")), url)?];
    for other in &arguments.also {
        servers.push(Server::api(other.rsplit('/').next().unwrap_or(other), Path::new(other), url)?);
    }
    servers.push(Server::floor(url, &key)?);

    println!("{} clients, {} persons, pool of {POOL}, PostgreSQL durable, trace on", data::CLIENTS, tokens.len());
    println!("{} rounds of {} s each, interleaved; medians\n", arguments.rounds, arguments.seconds);
    println!(
        "| scenario | connections | server | requests/s | of the floor | p50 ms | p99 ms | CPU µs: server | PostgreSQL |"
    );
    println!("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    let scenarios = [
        Scenario { name: "point", query: POINT, operation: "query client" },
        Scenario { name: "page", query: PAGE, operation: "query clients" },
    ];
    let mut traced = Vec::new();
    for scenario in scenarios.iter().filter(|s| arguments.only.as_deref().is_none_or(|o| o == s.name)) {
        let before = rows_of_trace(&database, scenario).await?;
        let questions = questions(&servers, &tokens, scenario).await?;
        let mut disclosed: usize = questions.iter().map(|q| q.clients).sum::<usize>() * (servers.len() - 1);
        for connections in [16, 128] {
            let rounds = if connections == 16 { arguments.rounds } else { arguments.rounds.div_ceil(2) };
            disclosed +=
                measure(&database, &servers, &tokens, scenario, &questions, connections, rounds, arguments.seconds)
                    .await?;
        }
        traced.push((scenario, rows_of_trace(&database, scenario).await? - before, disclosed));
    }
    println!();
    for (scenario, rows, disclosed) in traced {
        println!("trace of {}: {rows} rows for {disclosed} disclosed clients", scenario.name);
        if usize::try_from(rows) != Ok(disclosed) {
            return Err("the trace does not hold a row per disclosed client".into());
        }
    }
    Ok(())
}

async fn rows_of_trace(database: &Database, scenario: &Scenario) -> Result<i64, String> {
    static ROWS: Sql = Sql::new("SELECT COUNT(*) FROM trace WHERE kind = 'DISCLOSED' AND operation = $1");
    let values = vec![alliance::persistence::sql::text(scenario.operation)];
    let row = database.row(&ROWS, values).await.map_err(|f| f.for_log().to_owned())?;
    row.ok_or("no count")?.try_get_by_index(0).map_err(|e| e.to_string())
}

/// What is asked, with the answers; all servers must agree on every byte.
async fn questions(servers: &[Server], tokens: &[String], scenario: &Scenario) -> Result<Vec<Question>, String> {
    let page = Scenario {
        name: "all",
        query: "query All { clients(first: 100) { nodes { id } } }",
        operation: "query clients",
    };
    let mut connections = Vec::new();
    for server in servers {
        connections.push(Connection::open(server.address).await?);
    }
    let mut questions = Vec::new();
    for (token, signed) in tokens.iter().enumerate() {
        let ids = if scenario.name == "point" {
            let all = connections[0].ask(&servers[0].request(signed, &page, None)).await?;
            let all: serde_json::Value = serde_json::from_slice(&all).map_err(|e| e.to_string())?;
            let nodes = all["data"]["clients"]["nodes"].as_array().ok_or("no clients")?;
            if nodes.len() < 50 {
                return Err(format!("person {token} sees only {} clients", nodes.len()));
            }
            let ids = nodes.iter().filter_map(|n| n["id"].as_str().map(|id| Some(id.to_owned())));
            ids.step_by(nodes.len() / POINTS_OF_EACH).take(POINTS_OF_EACH).collect()
        } else {
            vec![None]
        };
        for id in ids {
            let mut answers = Vec::new();
            for (server, connection) in servers.iter().zip(&mut connections) {
                answers.push(connection.ask(&server.request(signed, scenario, id.as_deref())).await?);
            }
            let answer = answers.swap_remove(0);
            if let Some(other) = answers.iter().find(|other| **other != answer) {
                let text = String::from_utf8_lossy;
                return Err(format!("answers differ:\n{}\n{}", text(&answer), text(other)));
            }
            let clients = answer.windows(14).filter(|w| w == b"{\"id\":\"client_").count();
            if clients == 0 {
                return Err("an answer discloses nothing".into());
            }
            questions.push(Question { token, id, answer, clients });
        }
    }
    // Neighbours are different persons, so that no person's rows come to all connections at once.
    let stride = if scenario.name == "point" { POINTS_OF_EACH } else { 1 };
    let mut order: Vec<_> = questions.into_iter().enumerate().collect();
    order.sort_by_key(|(i, _)| (i % stride, *i));
    Ok(order.into_iter().map(|(_, q)| q).collect())
}

#[allow(clippy::too_many_arguments)] // one call; a struct would only repeat the names
async fn measure(
    database: &Database,
    servers: &[Server],
    tokens: &[String],
    scenario: &Scenario,
    questions: &[Question],
    connections: usize,
    rounds: usize,
    seconds: u64,
) -> Result<usize, String> {
    let exchanges: Vec<Arc<Vec<Exchange>>> = servers
        .iter()
        .map(|s| {
            let of = |q: &Question| Exchange {
                request: s.request(&tokens[q.token], scenario, q.id.as_deref()),
                length: q.answer.len(),
                clients: q.clients,
            };
            Arc::new(questions.iter().map(of).collect())
        })
        .collect();
    let mut disclosed = 0;
    let mut count = |server: &Server, measured: &Measured| {
        if !server.is_floor {
            disclosed += measured.disclosed;
        }
    };
    for (server, exchanges) in servers.iter().zip(&exchanges) {
        count(server, &generator::round(server.address, exchanges, connections, Duration::from_secs(1)).await?);
    }
    let mut results: Vec<Vec<Round>> = servers.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for ((server, exchanges), results) in servers.iter().zip(&exchanges).zip(&mut results) {
            let backends = backends(database).await?;
            let before = (cpu(server.process.id()), sum(&backends));
            let long = Duration::from_secs(seconds);
            let measured = generator::round(server.address, exchanges, connections, long).await?;
            count(server, &measured);
            let after = (cpu(server.process.id()), sum(&backends));
            results.push(Round::of(measured, after.0 - before.0, after.1 - before.1));
        }
    }
    let medians: Vec<Round> = results.iter().map(|r| Round::median(r)).collect();
    let floor = medians.last().map_or(f64::NAN, |r| r.per_second);
    for (server, r) in servers.iter().zip(&medians) {
        println!(
            "| {} | {connections} | {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.0} | {:.0} |",
            scenario.name,
            server.name,
            r.per_second,
            r.per_second / floor,
            r.p50,
            r.p99,
            r.server,
            r.database
        );
    }
    for (server, results) in servers.iter().zip(&results) {
        let all: Vec<_> = results.iter().map(|r| format!("{:.0}", r.per_second)).collect();
        eprintln!("load: {} {connections} {}: {}", scenario.name, server.name, all.join(" "));
    }
    Ok(disclosed)
}

/// A round of one server in numbers.
struct Round {
    per_second: f64,
    p50: f64,
    p99: f64,
    /// CPU of the server and of PostgreSQL, microseconds a request.
    server: f64,
    database: f64,
}

impl Round {
    #[allow(clippy::cast_precision_loss)] // counts of some seconds
    fn of(mut m: Measured, server: f64, database: f64) -> Self {
        m.latencies.sort_unstable();
        let at = |share: usize| f64::from(m.latencies[(m.latencies.len() - 1) * share / 100]) / 1000.0;
        let answers = m.answers as f64;
        Self {
            per_second: answers / m.took.as_secs_f64(),
            p50: at(50),
            p99: at(99),
            server: server / answers,
            database: database / answers,
        }
    }

    fn median(all: &[Self]) -> Self {
        let of = |get: fn(&Self) -> f64| {
            let mut values: Vec<f64> = all.iter().map(get).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        Self {
            per_second: of(|r| r.per_second),
            p50: of(|r| r.p50),
            p99: of(|r| r.p99),
            server: of(|r| r.server),
            database: of(|r| r.database),
        }
    }
}

/// The processes of the database server.
async fn backends(database: &Database) -> Result<Vec<u32>, String> {
    static PIDS: Sql = Sql::new("SELECT pid FROM pg_stat_activity");
    let rows = database.rows(&PIDS, Vec::new()).await.map_err(|f| f.for_log().to_owned())?;
    let pid = |row: &sea_orm::QueryResult| row.try_get_by_index::<i32>(0).ok().and_then(|p| u32::try_from(p).ok());
    Ok(rows.iter().filter_map(pid).collect())
}

fn sum(processes: &[u32]) -> f64 {
    processes.iter().map(|p| cpu(*p)).sum()
}

/// CPU time of a process so far, in microseconds; 0 where the system does not tell.
fn cpu(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    // utime and stime, in hundredths of a second.
    fields.skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum::<f64>() * 10_000.0
}
