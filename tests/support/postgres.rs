//! A private `PostgreSQL` cluster for the process that asks for it.
//!
//! [`cluster`] makes a cluster of its own in a new temporary directory and starts it on a free
//! loopback port, or hands out the one that `TEST_DATABASE_URL` names. A cluster started here is
//! gone, directory and all, shortly after the process that started it, **however** that process
//! ends: by returning from `main`, by a panic, by Ctrl-C or by `kill -9`.
//!
//! Rust runs no destructors for statics, and nothing at all runs after a `SIGKILL`, so the
//! cleaning up is done by another process, the *watchdog*: a small `sh` script in a session of its
//! own that holds the read end of a pipe. The only write end lives in this process and is
//! close-on-exec, so the kernel closes it when this process ends and no child keeps it open. At
//! end of file the watchdog stops the server and removes the directory. Nothing to clean up exists
//! before the watchdog does: it is the watchdog that makes the directory.
//!
//! Used by the tests as a module and by the benchmark through `#[path]`; it needs only `std`.

#![allow(dead_code, reason = "the tests and the benchmark each use their part of this file")]

use std::env;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead as _, BufReader, PipeWriter, Read as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The environment variable that names a server to use instead of starting one.
pub const URL_VARIABLE: &str = "TEST_DATABASE_URL";

/// What to do about a missing `PostgreSQL`; ends every message that says it is missing.
const REMEDY: &str = "Install the server (Debian, Ubuntu: `apt-get install postgresql`; macOS: \
    `brew install postgresql`), or set TEST_DATABASE_URL=postgres://user:password@host:port/database \
    to a server whose user may create databases.";

/// The superuser of a cluster started here.
const SUPERUSER: &str = "postgres";

/// How many ports are tried before giving up: another process may take a port between the moment
/// it is found free and the moment the server binds it.
const PORT_TRIES: u32 = 20;

/// How long a server may take to accept connections.
const START_LIMIT: Duration = Duration::from_mins(1);

/// How long dropping a [`Cluster`] waits for it to be stopped and removed.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// The pause between two looks at something that is waited for.
const POLL: Duration = Duration::from_millis(10);

/// The longest path of a Unix socket that every platform takes (macOS: 104 bytes with the NUL).
const SOCKET_PATH_LIMIT: usize = 103;

/// The watchdog. `$1`: the folder for temporary directories; `$2`: the path of `pg_ctl`.
///
/// It makes the directory, prints its path, waits for the end of its standard input, and cleans
/// up. The file `closing` and the `*.pid` files that [`LAUNCHER`] writes leave no gap: a launcher
/// writes its pid before it looks for `closing`, the watchdog writes `closing` before it looks for
/// pids, so of the two at least one sees the other.
const WATCHDOG: &str = r#"
trap '' HUP INT QUIT TERM PIPE
umask 077
for base in "$1" /tmp; do
    dir=$(mktemp -d "$base/alliance-postgres.XXXXXXXX" 2>/dev/null) && break
done
[ -n "$dir" ] || exit 1
printf '%s\n' "$dir"
exec >/dev/null 2>&1

while read -r _; do :; done

: >"$dir/closing"

gone() { # gone TENTHS KILL-TARGET: waits until the target is gone
    left=$1
    while kill -s 0 -- "$2"; do
        [ "$left" -gt 0 ] || return 1
        left=$((left - 1))
        sleep 0.1
    done
}

# Killed halfway, initdb leaves shared memory behind; left alone, it ends in a second or two.
if read -r pid <"$dir/initdb.pid" && ! gone 30 "-$pid"; then
    kill -s TERM -- "-$pid"
    gone 5 "-$pid" || kill -s KILL -- "-$pid"
fi
if read -r pid <"$dir/postgres.pid"; then
    if ! "$2" stop -D "$dir/data" -m immediate -w -t 10; then
        kill -s QUIT -- "$pid"
        gone 20 "$pid" || kill -s KILL -- "$pid"
    fi
fi
for _ in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf -- "$dir"
    [ -e "$dir" ] || exit 0
    sleep 0.2
done
exit 1
"#;

/// Starts a program that the watchdog knows of. `$1`: the directory; `$2`: the name of the pid
/// file; the rest: the program and its arguments. See [`WATCHDOG`].
const LAUNCHER: &str = r#"
umask 077
printf '%s\n' "$$" >"$1/$2.pid" || exit 1
[ ! -e "$1/closing" ] || exit 1
shift 2
exec "$@"
"#;

/// How a cluster is run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// `true` keeps what makes a commit survive a power cut (`fsync`, `synchronous_commit`,
    /// `full_page_writes`) and gives the server 512 MB of shared buffers: for measuring. `false`
    /// turns all of that off: for tests. Ignored for a server named by `TEST_DATABASE_URL`, which
    /// is used as it is.
    pub durable: bool,
}

/// A server to test against; one started here is stopped and removed when this is dropped or the
/// process ends, whichever is first.
#[derive(Debug)]
pub struct Cluster {
    /// `postgres://user:password@127.0.0.1:PORT/postgres`, or the value of `TEST_DATABASE_URL`.
    pub url: String,
    /// How long it took to make and start the cluster; `None` when none was started here.
    pub started_in: Option<Duration>,
    /// What was started here; `None` when `TEST_DATABASE_URL` named the server.
    started: Option<Started>,
}

impl Cluster {
    /// The directory of a cluster started here: the server's files, its Unix socket and its log
    /// `postgres.log`.
    pub fn directory(&self) -> Option<&Path> {
        self.started.as_ref().map(|started| started.watchdog.directory.as_path())
    }
}

/// Whether there is a `PostgreSQL` to test against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// `TEST_DATABASE_URL` is set, or the programs to make and run a cluster were found.
    Ready,
    /// There is none; the text says what was looked for and what to install or set.
    Missing(String),
}

/// Says whether [`cluster`] has what it needs, without starting anything. What to do about a
/// missing server (fail, or say so and go on) is the caller's to decide.
pub fn availability() -> Availability {
    if url_from_environment().is_some() {
        return Availability::Ready;
    }
    match find_programs().and_then(|_| Account::for_server()) {
        Ok(_) => Availability::Ready,
        Err(reason) => Availability::Missing(reason),
    }
}

/// Starts a cluster of this process's own, or hands out the server that `TEST_DATABASE_URL` names.
///
/// Call it once and keep the result, in a `static OnceLock` for instance: a cluster takes a second
/// or two to make, and dropping it ends it.
///
/// # Errors
///
/// A text for the person who runs the tests: what failed, what the server said, what to do.
pub fn cluster(settings: Settings) -> Result<Cluster, String> {
    if let Some(url) = url_from_environment() {
        return Ok(Cluster { url, started_in: None, started: None });
    }
    let begin = Instant::now();
    let programs = find_programs()?;
    let account = Account::for_server()?;
    let password = random_password()?;
    let watchdog = Watchdog::start(&programs, account)?;
    initdb(&programs, &watchdog, &password)?;
    let (server, port) = start_server(&programs, &watchdog, settings)?;
    Ok(Cluster {
        url: format!("postgres://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"),
        started_in: Some(begin.elapsed()),
        started: Some(Started { server, watchdog }),
    })
}

/// The server named by the environment; an empty value counts as none.
fn url_from_environment() -> Option<String> {
    env::var(URL_VARIABLE).ok().filter(|url| !url.trim().is_empty())
}

/// A running server and the watchdog over it.
#[derive(Debug)]
struct Started {
    server: Child,
    watchdog: Watchdog,
}

impl Drop for Started {
    fn drop(&mut self) {
        self.watchdog.release();
        // Both are children of this process: collect them, so that neither stays a zombie.
        let end = Instant::now() + STOP_LIMIT;
        wait_until(&mut self.server, end);
        wait_until(&mut self.watchdog.child, end);
    }
}

/// The watchdog process and the directory that it made; letting go of it begins the cleaning up.
#[derive(Debug)]
struct Watchdog {
    child: Child,
    /// The only write end of the watchdog's pipe, close-on-exec like all that `std` opens.
    lifeline: Option<PipeWriter>,
    directory: PathBuf,
    account: Account,
}

impl Watchdog {
    /// Starts the watchdog and takes over the directory that it made.
    fn start(programs: &Programs, account: Account) -> Result<Self, String> {
        let failed = |error: io::Error| format!("cannot start the process that cleans up after PostgreSQL: {error}");
        let (reader, writer) = io::pipe().map_err(failed)?;
        let temporary = env::temp_dir();
        let temporary = temporary.canonicalize().unwrap_or(temporary);
        let mut child = detached("sh", account)
            .arg("-c")
            .arg(WATCHDOG)
            .arg("alliance-postgres-watchdog")
            .arg(&temporary)
            .arg(&programs.pg_ctl)
            .stdin(reader)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(failed)?;
        }
        let directory = line.trim_end_matches('\n');
        if directory.is_empty() {
            drop(writer);
            wait_until(&mut child, Instant::now() + STOP_LIMIT);
            return Err(format!(
                "cannot make a temporary directory for PostgreSQL, neither in {} nor in /tmp{}",
                temporary.display(),
                account.whose(),
            ));
        }
        Ok(Self { child, lifeline: Some(writer), directory: PathBuf::from(directory), account })
    }

    /// A command whose pid the watchdog finds in the file `NAME.pid` of the directory.
    fn command(&self, name: &str, program: &Path) -> Command {
        let mut command = detached("sh", self.account);
        command
            .arg("-c")
            .arg(LAUNCHER)
            .arg("alliance-postgres-launcher")
            .arg(&self.directory)
            .arg(name)
            .arg(program)
            .stdin(Stdio::null());
        command
    }

    /// Begins the cleaning up without waiting for its end.
    fn release(&mut self) {
        self.lifeline = None;
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.release();
        wait_until(&mut self.child, Instant::now() + STOP_LIMIT);
    }
}

/// Waits for a child for a bounded time: a destructor must not hang.
fn wait_until(child: &mut Child, end: Instant) {
    while matches!(child.try_wait(), Ok(None)) && Instant::now() < end {
        thread::sleep(POLL);
    }
}

/// Who runs the server: `PostgreSQL` refuses to run as root, so root hands it to another account.
#[derive(Debug, Clone, Copy)]
enum Account {
    /// This process's own.
    Own,
    /// Another one, as this process is root's.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// The account for a server started here.
    fn for_server() -> Result<Self, String> {
        if numeric_id(&["-u"])? != 0 {
            return Ok(Self::Own);
        }
        for name in ["postgres", "nobody"] {
            if let (Ok(uid), Ok(gid)) = (numeric_id(&["-u", name]), numeric_id(&["-g", name]))
                && uid != 0
            {
                return Ok(Self::Other { uid, gid });
            }
        }
        Err(format!(
            "PostgreSQL does not run as root, and there is no account `postgres` or `nobody` to \
             run it as. {REMEDY}"
        ))
    }

    /// Ends a message about what this account cannot do.
    fn whose(self) -> String {
        match self {
            Self::Own => String::new(),
            Self::Other { uid, .. } => format!(" as user {uid} (PostgreSQL does not run as root)"),
        }
    }
}

/// What `id` prints; `std` alone cannot tell which user this is.
fn numeric_id(arguments: &[&str]) -> Result<u32, String> {
    let output = Command::new("id")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run `id` to find the user's number: {error}"))?;
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .map_err(|_| format!("`id {}` printed no number", arguments.join(" ")))
}

/// A command out of reach of this process's terminal and of signals sent to its process group: in
/// a session of its own where there is `setsid` (without a fork, as a new child leads no group), in
/// a process group of its own elsewhere. Either way its pid is the number of its process group.
fn detached(program: &str, account: Account) -> Command {
    let mut command = if in_path("setsid").is_some() {
        let mut command = Command::new("setsid");
        command.arg(program);
        command
    } else {
        let mut command = Command::new(program);
        command.process_group(0);
        command
    };
    if let Account::Other { uid, gid } = account {
        command.uid(uid).gid(gid); // std also drops root's supplementary groups
    }
    // The account may have no right to this process's working directory, and settings for the
    // client programs (PGDATA, PGPORT, PGOPTIONS …) must not reach this server.
    command.current_dir("/").env("LC_ALL", "C");
    for (name, _) in env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"PG") {
            command.env_remove(name);
        }
    }
    command
}

/// The programs of one `PostgreSQL` installation.
#[derive(Debug)]
struct Programs {
    initdb: PathBuf,
    postgres: PathBuf,
    pg_ctl: PathBuf,
}

impl Programs {
    /// The programs in this folder, if all are there.
    fn in_folder(folder: &Path) -> Option<Self> {
        let program = |name: &str| Some(folder.join(name)).filter(|path| is_executable(path));
        Some(Self { initdb: program("initdb")?, postgres: program("postgres")?, pg_ctl: program("pg_ctl")? })
    }
}

/// Finds an installation: on the `PATH`, where `pg_config` says, or where packages put it, the
/// newest version first.
fn find_programs() -> Result<Programs, String> {
    let on_path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&on_path).filter(|folder| folder.is_absolute()).collect();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").stdin(Stdio::null()).output()
        && output.status.success()
    {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    folders.extend(versions("/usr/lib/postgresql", "")); // Debian
    folders.extend(versions("/usr", "pgsql-")); // Red Hat
    for prefix in ["/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew"] {
        folders.extend(versions(&format!("{prefix}/opt"), "postgresql@"));
        folders.push(Path::new(prefix).join("opt/postgresql/bin"));
    }
    folders.push(PathBuf::from("/usr/local/pgsql/bin"));
    folders.iter().find_map(|folder| Programs::in_folder(folder)).ok_or_else(|| {
        format!(
            "PostgreSQL's server programs (initdb, postgres, pg_ctl) were not found: not on \
                 the PATH, not by `pg_config --bindir`, not under /usr/lib/postgresql or where \
                 other packages put them. {REMEDY}"
        )
    })
}

/// The `bin` folders of the versions installed side by side as `PARENT/PREFIXVERSION`, the newest
/// first.
fn versions(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<(Vec<u32>, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let version = name.to_str()?.strip_prefix(prefix)?.split('.');
            let version: Result<Vec<u32>, _> = version.map(str::parse).collect();
            Some((version.ok()?, entry.path().join("bin")))
        })
        .collect();
    found.sort_unstable_by(|left, right| right.cmp(left));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// Where the `PATH` has a program.
fn in_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| is_executable(candidate))
}

/// Whether this is a file that someone may execute.
fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// 128 random bits as 32 hexadecimal digits, which need no escaping in a URL.
fn random_password() -> Result<String, String> {
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(|error| format!("cannot read /dev/urandom for a password: {error}"))?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String does not fail
        text
    }))
}

/// `C.UTF-8` where the system has it, `C` elsewhere: the same order of strings everywhere.
fn locale() -> &'static str {
    let known = Command::new("locale").arg("-a").stdin(Stdio::null()).output().is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .any(|line| matches!(&*line.to_ascii_lowercase(), "c.utf-8" | "c.utf8"))
    });
    if known { "C.UTF-8" } else { "C" }
}

/// Makes the cluster's files.
fn initdb(programs: &Programs, watchdog: &Watchdog, password: &str) -> Result<(), String> {
    let password_file = watchdog.directory.join("password");
    write_private(&password_file, password, &watchdog.directory).map_err(|error| {
        format!("cannot write PostgreSQL's first password to {}: {error}", password_file.display())
    })?;
    let output = watchdog
        .command("initdb", &programs.initdb)
        .arg("--pgdata")
        .arg(watchdog.directory.join("data"))
        .arg("--pwfile")
        .arg(&password_file)
        .args(["--username", SUPERUSER])
        .args(["--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"])
        .arg(format!("--locale={}", locale()))
        .output()
        .map_err(|error| format!("cannot run {}: {error}", programs.initdb.display()))?;
    // Neither is of use any longer; both go with the directory if they cannot go now.
    let _ = fs::remove_file(&password_file);
    let _ = fs::remove_file(watchdog.directory.join("initdb.pid"));
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{} failed ({}):\n{}{}",
        programs.initdb.display(),
        output.status,
        tail(&String::from_utf8_lossy(&output.stdout)),
        tail(&String::from_utf8_lossy(&output.stderr)),
    ))
}

/// Writes a new file that only the owner of `directory` may read.
fn write_private(path: &Path, text: &str, directory: &Path) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    let owner = fs::metadata(directory)?;
    if file.metadata()?.uid() != owner.uid() {
        chown(path, Some(owner.uid()), Some(owner.gid()))?;
    }
    Ok(())
}

/// Why a server did not start.
enum StartFailure {
    /// Another process has the port by now: try the next one.
    PortTaken(String),
    /// Anything else, which another port will not mend.
    Other(String),
}

/// Starts the server on a free port and waits until it takes connections.
fn start_server(programs: &Programs, watchdog: &Watchdog, settings: Settings) -> Result<(Child, u16), String> {
    let mut last = String::new();
    for _ in 0..PORT_TRIES {
        let port = free_port()?;
        match start_on_port(programs, watchdog, settings, port) {
            Ok(server) => return Ok((server, port)),
            Err(StartFailure::PortTaken(reason)) => last = reason,
            Err(StartFailure::Other(reason)) => return Err(reason),
        }
    }
    Err(format!("PostgreSQL found its port taken {PORT_TRIES} times in a row, at last: {last}"))
}

/// A port of the loopback address that nobody listens on at this moment.
fn free_port() -> Result<u16, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("cannot find a free port on 127.0.0.1: {error}"))
}

/// Starts the server on this port and waits until it takes connections.
fn start_on_port(
    programs: &Programs,
    watchdog: &Watchdog,
    settings: Settings,
    port: u16,
) -> Result<Child, StartFailure> {
    let log = watchdog.directory.join("postgres.log");
    let failed =
        |error: io::Error| StartFailure::Other(format!("cannot start {}: {error}", programs.postgres.display()));
    let output = fs::File::create(&log).map_err(failed)?;
    let mut server = watchdog
        .command("postgres", &programs.postgres)
        .arg("-D")
        .arg(watchdog.directory.join("data"))
        .args(configuration(settings, port, &watchdog.directory))
        .stdout(output.try_clone().map_err(failed)?)
        .stderr(output)
        .spawn()
        .map_err(failed)?;
    let end = Instant::now() + START_LIMIT;
    loop {
        if let Some(status) = server.try_wait().map_err(failed)? {
            let said = tail(&fs::read_to_string(&log).unwrap_or_default());
            return Err(if said.contains("could not bind") {
                StartFailure::PortTaken(said)
            } else {
                StartFailure::Other(format!("PostgreSQL ended while starting ({status}); its log ends:\n{said}"))
            });
        }
        if is_ready(&watchdog.directory, port) {
            return Ok(server);
        }
        if Instant::now() >= end {
            return Err(StartFailure::Other(format!(
                "PostgreSQL took no connections within {} s; its log ends:\n{}",
                START_LIMIT.as_secs(),
                tail(&fs::read_to_string(&log).unwrap_or_default()),
            )));
        }
        thread::sleep(POLL);
    }
}

/// The server's settings as command-line arguments.
fn configuration(settings: Settings, port: u16, directory: &Path) -> Vec<String> {
    let socket = directory.join(format!(".s.PGSQL.{port}.lock"));
    let socket_folder = if socket.as_os_str().len() <= SOCKET_PATH_LIMIT {
        directory.as_os_str()
    } else {
        OsStr::new("") // no socket: TCP is all that the URL uses
    };
    let port = port.to_string();
    let socket_folder = socket_folder.to_string_lossy();
    let mut options = vec![
        ("listen_addresses", "127.0.0.1"),
        ("port", &port),
        ("unix_socket_directories", &socket_folder),
        ("max_connections", "300"),
        ("logging_collector", "off"),
        ("log_destination", "stderr"),
    ];
    options.extend(if settings.durable {
        [("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"), ("shared_buffers", "512MB")]
    } else {
        [("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off"), ("shared_buffers", "128MB")]
    });
    options.into_iter().flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")]).collect()
}

/// Whether **this** server takes connections. Its lock file says so, as it does to `pg_ctl -w`; an
/// answer on the port alone could come from somebody else's server.
fn is_ready(directory: &Path, port: u16) -> bool {
    let Ok(lock) = fs::read_to_string(directory.join("data/postmaster.pid")) else {
        return false;
    };
    let said_ready = lock.lines().nth(7).is_some_and(|status| status.trim() == "ready");
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    said_ready && TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}

/// The last lines of a program's output.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut kept = lines[lines.len().saturating_sub(20)..].join("\n");
    if !kept.is_empty() {
        kept.push('\n');
    }
    kept
}
