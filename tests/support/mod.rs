//! A fresh world per test: a migrated database of its own, the demonstration's registry and personas, a canary partner with
//! every role, a record whose every word is marked, and the real router in front.

pub mod fields;
pub mod marked;
pub mod postgres;
pub mod scan;

use alliance::config::Config;
use alliance::domain::category::Categories;
use alliance::domain::clock::{Clock, SetClock, Timestamp};
use alliance::domain::ids::{MembershipId, OrganisationId, PersonId, TeamId, TypedId};
use alliance::domain::organisation_name::OrganisationKind;
use alliance::domain::random::{Randomness, SystemRandomness};
use alliance::domain::role::Role;
use alliance::http::authentication::{
    AUDIENCE, Authenticator, DEVELOPMENT_ISSUER, DEVELOPMENT_KEY, TokenClaims, sign,
};
use alliance::http::server::{Server, router};
use alliance::persistence::database::{Connect, Database};
use alliance::persistence::organisation::{self, NewOrganisation, Team};
use alliance::persistence::{convention, person};
use alliance::service::context::App;
use alliance::service::demo;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use migration::{Migrator, MigratorTrait};
use serde_json::{Value, json};
use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tower::ServiceExt;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A throw-away cluster, or the one `TEST_DATABASE_URL` names.
    Postgres,
}

/// The moment at which every world begins.
pub const BEGINNING: &str = "2026-04-01T09:00:00Z";

/// A partner agency that takes part in nothing, with every role: whatever it sees is a leak.
pub const CANARY: OrganisationId = OrganisationId(uuid::Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_00ca));
/// Its team.
pub const CANARY_TEAM: TeamId = TeamId(uuid::Uuid::from_u128(0x0b00_0000_0000_7000_8000_0000_0000_00ca));

/// One test's world.
pub struct World {
    pub app: Arc<App>,
    pub clock: Arc<SetClock>,
    pub server: Arc<Server>,
    pub router: Router,
    pub backend: Backend,
    pub url: String,
    key: Vec<u8>,
    _file: Option<SqliteFile>,
    _watch: scan::Watch,
}

/// A SQLite file that goes with this.
pub struct SqliteFile(PathBuf);

impl Drop for SqliteFile {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}

/// Runs something asynchronous once, outside any test's runtime.
fn once<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    std::thread::spawn(|| {
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
    })
    .join()
    .expect("it does not panic")
}

async fn open(url: &str) -> Database {
    let how = Connect { url: url.to_owned(), connections: 8, statement_timeout: Duration::from_secs(8) };
    Database::connect(&how).await.unwrap_or_else(|f| panic!("the test database opens: {}", f.for_log()))
}

async fn migrate(url: String) {
    let database = open(&url).await;
    Migrator::up(database.for_migrations(), None).await.expect("the migrations apply");
    database.close().await.expect("it closes");
}

/// Puts everything into a migrated database that worlds begin with.
async fn seed(backend: Backend, url: String) {
    let world = World::on(backend, url, None, Arc::new(SystemRandomness)).await;
    demo::seed_registry(&world.app, DEVELOPMENT_ISSUER).await.expect("it seeds");
    world.canary().await;
    marked::register(&world).await;
    marked::tell(&world).await;
    world.app.database.clone().close().await.expect("it closes");
}

/// What a database holds that others are copied from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holding {
    /// Nothing but its tables.
    Nothing,
    /// What worlds begin with.
    Everything,
}

/// Made once and copied for each test.
struct Template {
    empty: PathBuf,
    seeded: PathBuf,
}

static SQLITE_TEMPLATE: LazyLock<Template> = LazyLock::new(|| {
    let file = |name: &str| std::env::temp_dir().join(format!("alliance-{name}-{}.db", std::process::id()));
    let both = Template { empty: file("template"), seeded: file("seeded-template") };
    for file in [&both.empty, &both.seeded] {
        let _ = std::fs::remove_file(file);
    }
    once(migrate(format!("sqlite://{}?mode=rwc", both.empty.display())));
    std::fs::copy(&both.empty, &both.seeded).expect("the template is copied");
    once(seed(Backend::Sqlite, format!("sqlite://{}?mode=rw", both.seeded.display())));
    both
});

/// The cluster with a migrated template in it, or why there is none.
static CLUSTER: LazyLock<Result<postgres::Cluster, String>> = LazyLock::new(|| {
    let cluster = postgres::cluster(postgres::Settings { durable: false })?;
    let template = format!("alliance_template_{}", std::process::id());
    let admin = cluster.url.clone();
    let url = with_database(&cluster.url, &template);
    let seeded = with_database(&cluster.url, &format!("{template}_seeded"));
    once(async move {
        let server = open(&admin).await;
        execute(&server, &format!("CREATE DATABASE {template}")).await;
        migrate(url).await;
        execute(&server, &format!("CREATE DATABASE {template}_seeded TEMPLATE {template}")).await;
        server.close().await.expect("it closes");
        seed(Backend::Postgres, seeded).await;
    });
    Ok(cluster)
});

async fn execute(database: &Database, sql: &str) {
    use sea_orm::ConnectionTrait;
    database.for_migrations().execute_unprepared(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}

fn with_database(url: &str, name: &str) -> String {
    let (server, _) = url.rsplit_once('/').expect("a database in the url");
    format!("{server}/{name}")
}

static ONE_COPY_AT_A_TIME: Mutex<()> = Mutex::new(());
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A fresh database, or `None` where PostgreSQL is missing and CI does not insist.
fn fresh(backend: Backend, holding: Holding) -> Option<(String, Option<SqliteFile>)> {
    let n = NUMBER.fetch_add(1, Ordering::SeqCst);
    let pid = std::process::id();
    match backend {
        Backend::Sqlite => {
            let file = std::env::temp_dir().join(format!("alliance-test-{pid}-{n}.db"));
            let template = if holding == Holding::Nothing { &SQLITE_TEMPLATE.empty } else { &SQLITE_TEMPLATE.seeded };
            std::fs::copy(template, &file).expect("the template is copied");
            Some((format!("sqlite://{}?mode=rw", file.display()), Some(SqliteFile(file))))
        }
        Backend::Postgres => match &*CLUSTER {
            Ok(cluster) => {
                let name = format!("alliance_test_{pid}_{n}");
                let seeded = if holding == Holding::Everything { "_seeded" } else { "" };
                let (admin, sql) =
                    (cluster.url.clone(), format!("CREATE DATABASE {name} TEMPLATE alliance_template_{pid}{seeded}"));
                let turn = ONE_COPY_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                once(async move {
                    let server = open(&admin).await;
                    execute(&server, &sql).await;
                    server.close().await.expect("it closes");
                });
                drop(turn);
                Some((with_database(&cluster.url, &name), None))
            }
            Err(why) => {
                assert!(std::env::var("CI").as_deref() != Ok("true"), "PostgreSQL is missing: {why}");
                eprintln!("NOT TESTED ON POSTGRESQL: {why}");
                None
            }
        },
    }
}

/// An empty, migrated database and the file it is in, for whoever starts a process of its own on it.
pub fn empty_database(backend: Backend) -> Option<(String, Option<SqliteFile>)> {
    fresh(backend, Holding::Nothing)
}

impl World {
    /// A world on an empty, migrated database.
    pub async fn empty(backend: Backend) -> Option<Self> {
        let (url, file) = fresh(backend, Holding::Nothing)?;
        Some(Self::on(backend, url, file, Arc::new(SystemRandomness)).await)
    }

    /// A world with the registry, the personas, the canary and the marked record.
    pub async fn new(backend: Backend) -> Option<Self> {
        Self::with(backend, Arc::new(SystemRandomness)).await
    }

    /// The same, its further identifiers drawn from this randomness.
    pub async fn with(backend: Backend, random: Arc<dyn Randomness>) -> Option<Self> {
        let (url, file) = fresh(backend, Holding::Everything)?;
        Some(Self::on(backend, url, file, random).await)
    }

    async fn on(backend: Backend, url: String, file: Option<SqliteFile>, random: Arc<dyn Randomness>) -> Self {
        scan::the_log();
        let clock = Arc::new(SetClock::at(Timestamp::parse(BEGINNING).expect("a moment")));
        let database = open(&url).await;
        let as_clock: Arc<dyn Clock> = clock.clone();
        let app = App::start(database, as_clock, random).await.expect("it starts");
        let key = convention::secret(&app.database, DEVELOPMENT_KEY, &SystemRandomness).await.expect("a key");
        let config = Config::default();
        let authenticator = Authenticator::new(&[], Some(&key)).expect("an authenticator");
        let server = Server::new(Arc::clone(&app), &config, authenticator);
        let router = scan::scanned(router(Arc::clone(&server), &config, None));
        Self { app, clock, server, router, backend, url, key, _file: file, _watch: scan::Watch }
    }

    /// The same service started once more on the same database, as another instance is.
    ///
    /// Instances share one PostgreSQL. A SQLite file is for one process at a time: two instances on it are two services in
    /// one process, which is as far as that design goes.
    pub async fn another_instance(&self) -> (Arc<App>, Router) {
        let random = Arc::new(SystemRandomness);
        let app = App::start(open(&self.url).await, self.clock.clone(), random).await.expect("it starts");
        let config = Config::default();
        let authenticator = Authenticator::new(&[], Some(&self.key)).expect("an authenticator");
        let server = Server::new(Arc::clone(&app), &config, authenticator);
        (app, scan::scanned(router(server, &config, None)))
    }

    async fn canary(&self) {
        let tx = self.app.database.begin().await.expect("begins");
        let now = self.clock.now();
        let new = NewOrganisation {
            id: CANARY,
            name: "Canary Partner".into(),
            kind: OrganisationKind::PartnerSupportProvider,
            is_partner: true,
            is_category: false,
            parent: None,
            implies: Categories::NONE,
        };
        organisation::register(&tx, &new, now).await.expect("registers");
        let team = Team {
            id: CANARY_TEAM,
            organisation: CANARY,
            name: "Canary Team".into(),
            is_hub: false,
            refuses: Categories::NONE,
            room: None,
            room_stated_at: None,
            version: 1,
        };
        organisation::register_team(&tx, &team, now).await.expect("registers");
        tx.commit().await.expect("commits");
        let all = [
            Role::Referrer,
            Role::SupportWorker,
            Role::TeamManager,
            Role::HubCoordinator,
            Role::SafeguardingLead,
            Role::InformationGovernance,
            Role::Administrator,
        ];
        self.member("canary", CANARY, &all, &[CANARY_TEAM]).await;
    }

    /// Registers a person with a membership; the token of that name speaks for it.
    pub async fn member(&self, name: &str, of: OrganisationId, roles: &[Role], teams: &[TeamId]) -> PersonId {
        let random = &*self.app.random;
        let now = self.clock.now();
        let tx = self.app.database.begin().await.expect("begins");
        let known = person::person_of(&tx, DEVELOPMENT_ISSUER, name).await.expect("reads");
        let id = known.unwrap_or(PersonId(random.uuid_timed(now)));
        if known.is_none() {
            let new = person::NewPerson {
                id,
                name: format!("{name} (invented)"),
                issuer: DEVELOPMENT_ISSUER.into(),
                subject: name.into(),
            };
            person::register(&tx, &new, now, random).await.expect("registers");
        }
        let membership = MembershipId(random.uuid_timed(now));
        person::join(&tx, membership, id, of, roles.iter().copied().collect(), teams, now).await.expect("joins");
        tx.commit().await.expect("commits");
        id
    }

    /// A token for a persona, the canary, or a member made with [`World::member`] as `name@organisation-global-id`.
    pub fn token(&self, name: &str) -> String {
        use alliance::domain::code::Coded;
        let all = || Role::ALL.iter().map(|r| r.code().to_owned()).collect();
        let (sub, org, roles): (&str, String, Vec<String>) = match demo::persona(name) {
            Some(p) => (p.name, p.organisation.global(), vec![p.role.code().to_owned()]),
            None if name == "canary" => (name, CANARY.global(), all()),
            None if name == "keeper" => (name, marked::KEEPER.global(), all()),
            None => {
                let (name, org) = name.split_once('@').expect("name@organisation");
                (name, org.to_owned(), all())
            }
        };
        // Far enough for every test that lets time pass; the library compares with the machine's own clock.
        let claims = TokenClaims {
            iss: DEVELOPMENT_ISSUER.into(),
            sub: sub.into(),
            aud: AUDIENCE.into(),
            exp: 4_102_444_800,
            iat: 0,
            org,
            roles,
        };
        sign(&self.key, &claims).expect("signs")
    }

    /// Signs claims with the development key.
    pub fn sign(&self, claims: &TokenClaims) -> String {
        sign(&self.key, claims).expect("signs")
    }

    /// Sends a request through the real router.
    pub async fn send(&self, request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes();
        scan::nothing_was_found();
        (parts.status, parts.headers, bytes.to_vec())
    }

    /// Posts a body as somebody; the status and the body's bytes.
    pub async fn post(&self, who: &str, body: String) -> (StatusCode, Vec<u8>) {
        let request = Request::post("/graphql")
            .header("authorization", format!("Bearer {}", self.token(who)))
            .header("content-type", "application/json")
            .body(Body::from(body))
            .expect("a request");
        let (status, _, bytes) = self.send(request).await;
        (status, bytes)
    }

    /// Runs a document as somebody; the whole answer.
    pub async fn ask(&self, who: &str, query: &str, variables: Value) -> Value {
        let (_, bytes) = self.post(who, json!({ "query": query, "variables": variables }).to_string()).await;
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// Runs a document that must succeed; its data.
    pub async fn data(&self, who: &str, query: &str, variables: Value) -> Value {
        let answer = self.ask(who, query, variables).await;
        assert!(answer.get("errors").is_none(), "{who}: {query}\n{answer:#}");
        answer["data"].clone()
    }

    /// Runs a mutation `name(input)` selecting `select` of its payload; the payload.
    pub async fn mutate(&self, who: &str, name: &str, input: Value, select: &str) -> Value {
        let mut t = name.to_owned();
        t[..1].make_ascii_uppercase();
        let query = format!(
            "mutation M($input: {t}Input!) {{ {name}(input: $input) {{ {select} userErrors {{ code message field }} }} }}"
        );
        self.data(who, &query, json!({ "input": input })).await[name].clone()
    }

    /// The same, and there must be no user errors.
    pub async fn done(&self, who: &str, name: &str, input: Value, select: &str) -> Value {
        let payload = self.mutate(who, name, input, select).await;
        assert_eq!(payload["userErrors"], json!([]), "{who}: {name}");
        payload
    }

    /// The codes of a mutation's user errors.
    pub async fn codes(&self, who: &str, name: &str, input: Value) -> Vec<String> {
        let payload = self.mutate(who, name, input, "").await;
        payload["userErrors"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|e| e["code"].as_str().expect("a code").to_owned())
            .collect()
    }

    /// Statements sent to the database so far.
    pub fn statements(&self) -> u64 {
        self.app.database.statements()
    }

    /// A number a statement yields.
    pub async fn number(&self, sql: &'static alliance::persistence::sql::Sql) -> i64 {
        let row = self.app.database.row(sql, Vec::new()).await.expect("reads").expect("a row");
        row.try_get_by_index(0).expect("a number")
    }

    /// Projects a client's documents anew, after a statement of [`Self::raw`] that changed one of them.
    pub async fn project(&self, client: uuid::Uuid) {
        let tx = self.app.database.begin().await.expect("begins");
        let client = alliance::domain::ids::ClientId(client);
        let applied = alliance::persistence::ledger::apply(&tx, client, self.clock.now(), &*self.app.random).await;
        applied.unwrap_or_else(|f| panic!("it is projected: {}", f.for_log()));
        tx.commit().await.expect("commits");
    }

    /// Runs a raw statement, as somebody would who gets at the database itself.
    pub async fn raw(&self, sql: &str) {
        execute(&self.app.database, sql).await;
    }
}

/// What a referral that travelled has left behind.
#[derive(Clone, Debug)]
pub struct Travelled {
    pub referral: String,
    pub client: String,
    pub case: String,
}

/// The person every journey is about, unless a test says otherwise.
pub fn draft(family: &str) -> Value {
    scan::take_down_family(family);
    json!({
        "senderReference": format!("RF-{family}"),
        "urgency": "EVICTION_WITHIN_DAYS",
        "sections": [
            { "name": { "given": "Maren", "family": family } },
            { "birth": { "date": "1990-02-03" } },
            { "contact": { "addressLines": ["1 Test Row"], "postcode": "ox1 1bx", "phone": "07700 900123" } },
            { "housing": { "tenure": "PRIVATE_RENT", "arrearsPence": 120_000 } },
            { "text": { "category": "LONE_WORKING", "text": "Meet at the office." } },
            { "text": { "category": "HEALTH", "text": "Takes medication for depression." } },
            { "text": { "category": "FINANCE", "text": "Universal Credit." } },
        ],
        "narratives": [{ "category": "HOUSING", "text": "Behind with the rent." }, { "category": "HEALTH", "text": "Low for months." }],
        "consent": {
            "recipients": [demo::HARBOUR.global()],
            "purposes": ["REFERRAL", "CASE_COORDINATION"],
            "categories": ["NAME", "BIRTH", "CONTACT", "HOUSING", "HEALTH", "FINANCE", "CASE_NOTES"],
            "givenBy": "CLIENT", "givenHow": "WRITTEN", "evidence": "Signed form.",
            "expiresAt": "2027-03-01T00:00:00Z",
        },
    })
}

/// What a person agrees to when the hub asks them about a contact request.
pub fn own_consent() -> Value {
    json!({
        "recipients": [demo::HARBOUR.global()], "purposes": ["REFERRAL", "CASE_COORDINATION"], "categories": ["NAME", "HOUSING"],
        "givenBy": "CLIENT", "givenHow": "VERBAL", "evidence": "Said so on the telephone.", "expiresAt": "2027-03-01T00:00:00Z",
    })
}

impl World {
    /// A submitted referral's id.
    pub async fn submitted(&self, family: &str) -> String {
        let made = self.done("referrer", "referralDraft", draft(family), "referral { id }").await;
        let id = made["referral"]["id"].as_str().expect("an id").to_owned();
        self.done("referrer", "referralSubmit", json!({ "referralId": id, "version": 1 }), "").await;
        id
    }

    /// The person's own consent to a contact request, which the hub records (C23).
    pub async fn agreed(&self, referral: &Value) {
        let of = "query Of($id: ID!) { referral(id: $id) { client { id } } }";
        let client =
            self.data("hub-coordinator", of, json!({ "id": referral })).await["referral"]["client"]["id"].clone();
        let input = json!({ "clientId": client, "consent": own_consent() });
        self.done("hub-coordinator", "consentRecord", input, "").await;
    }

    /// A submitted referral of which the hub asked something.
    pub async fn asked(&self, family: &str) -> String {
        let id = self.submitted(family).await;
        let input = json!({ "referralId": id, "version": 2, "question": "Since when?" });
        self.done("hub-coordinator", "referralAsk", input, "").await;
        id
    }

    /// A referral offered to a team.
    pub async fn offered(&self, family: &str, team: TeamId) -> String {
        let id = self.submitted(family).await;
        let input =
            json!({ "referralId": id, "version": 2, "teamId": team.global(), "criteriaSeen": "Adult, local." });
        self.done("hub-coordinator", "referralOffer", input, "").await;
        id
    }

    /// A referral accepted by Harbour's north team; the case it opened.
    pub async fn accepted(&self, family: &str) -> Travelled {
        let referral = self.offered(family, demo::NORTH).await;
        let input = json!({ "referralId": referral, "version": 3 });
        let select = "referral { sharedCase { id } client { id } }";
        let done = self.done("support-worker", "referralAccept", input, select).await;
        let text = |v: &Value| v.as_str().expect("an id").to_owned();
        Travelled {
            client: text(&done["referral"]["client"]["id"]),
            case: text(&done["referral"]["sharedCase"]["id"]),
            referral,
        }
    }

    /// The solicitors join a case, under consent for HOUSING and FINANCE; the consent's id.
    pub async fn solicitors_join(&self, t: &Travelled) -> String {
        let consent = json!({
            "recipients": [demo::LOCKWELL.global()], "purposes": ["CASE_COORDINATION"],
            "categories": ["HOUSING", "FINANCE"], "givenBy": "CLIENT", "givenHow": "VERBAL",
            "evidence": "Said so at the meeting.", "expiresAt": "2027-03-01T00:00:00Z",
        });
        let input = json!({ "clientId": t.client, "consent": consent });
        let done = self.done("support-worker", "consentRecord", input, "consent { id }").await;
        let member = json!({
            "caseId": t.case, "teamId": demo::SOLICITORS.global(), "role": "Housing solicitor",
            "agreed": ["HOUSING", "FINANCE"],
        });
        self.done("support-worker", "caseMemberAdd", member, "").await;
        done["consent"]["id"].as_str().expect("an id").to_owned()
    }
}

/// Makes a test of each function for each database: `on_both_databases!(f, g)`, or `empty: f, g` without any data.
macro_rules! on_both_databases {
    (empty: $($name:ident),+ $(,)?) => { on_both_databases!(@ empty $($name)+); };
    ($($name:ident),+ $(,)?) => { on_both_databases!(@ new $($name)+); };
    (@ $make:ident $($name:ident)+) => {
        $(
            mod $name {
                use $crate::support::{Backend, World};

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    let world = World::$make(Backend::Sqlite).await.expect("SQLite is always there");
                    super::$name(world).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    if let Some(world) = World::$make(Backend::Postgres).await {
                        super::$name(world).await;
                    }
                }
            }
        )+
    };
}
