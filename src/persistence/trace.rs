//! The trace of disclosures (C20): committed before a response leaves, sealed in hash chains, checked by `doctor`.
//!
//! One writer task a process gathers what concurrent requests hand it, seals the batch in the process's chain and commits
//! once. A row holds who, for whom, in which roles, about whom, which categories, on which grants, in which operation
//! and request, when; never a value. Rows that a mutation wrote in its own transaction wait unsealed and are moved into
//! the chain by the next batch.

use super::convention::hex;
use super::database::{Database, Tx};
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int, text};
use super::write::insert;
use crate::domain::category::Categories;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::code::Coded;
use crate::domain::emergency::Job;
use crate::domain::ids::{ClientId, GrantId, OrganisationId, PersonId};
use crate::domain::random::Randomness;
use crate::domain::role::Roles;
use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// What a row of the trace records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceKind {
    /// Something of a client was shown.
    Disclosed,
    /// A look-up by id returned nothing.
    NothingFound,
    /// Something of a client was written.
    Written,
}

impl TraceKind {
    const fn code(self) -> &'static str {
        match self {
            Self::Disclosed => "DISCLOSED",
            Self::NothingFound => "NOTHING_FOUND",
            Self::Written => "WRITTEN",
        }
    }
}

/// One row of the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceRow {
    /// What it records, as a code.
    pub kind: String,
    /// The request.
    pub request_id: Arc<str>,
    /// The operation: its kind and the root fields it asks for, never the caller's own name for it.
    pub operation: Arc<str>,
    /// Who.
    pub person: Option<Uuid>,
    /// For which organisation.
    pub organisation: Option<Uuid>,
    /// In which roles.
    pub roles: i64,
    /// About whom.
    pub client: Option<Uuid>,
    /// Which categories.
    pub categories: i64,
    /// On which grants: 16 bytes each.
    pub grants: Vec<u8>,
    /// The id as it was asked, for look-ups that returned nothing; the document's own, for what is about no client's record.
    pub asked: String,
    /// When.
    pub at: i64,
}

/// Who asks, in which request: what every row of one request shares.
#[derive(Clone, Debug)]
pub struct TraceHead {
    /// The request.
    pub request_id: Arc<str>,
    /// The operation.
    pub operation: Arc<str>,
    /// Who.
    pub person: PersonId,
    /// For which organisation.
    pub organisation: OrganisationId,
    /// In which roles.
    pub roles: Roles,
}

impl TraceHead {
    /// A row of this request.
    pub fn row(
        &self,
        kind: TraceKind,
        client: Option<ClientId>,
        categories: Categories,
        grants: &[GrantId],
        asked: &str,
        at: Timestamp,
    ) -> TraceRow {
        TraceRow {
            kind: kind.code().to_owned(),
            request_id: Arc::clone(&self.request_id),
            operation: Arc::clone(&self.operation),
            person: Some(self.person.0),
            organisation: Some(self.organisation.0),
            roles: self.roles.mask(),
            client: client.map(|c| c.0),
            categories: categories.mask(),
            grants: grants.iter().flat_map(|g| *g.0.as_bytes()).collect(),
            // PostgreSQL takes no NUL, and one bad row would fail the whole batch.
            asked: asked.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(200).collect(),
            at: at.0,
        }
    }
}

/// A row of a job, which is an actor of its own: no person, for no organisation, in no role.
pub fn job_row(job: Job, about: Option<(ClientId, Categories)>, asked: &str, at: Timestamp) -> TraceRow {
    TraceRow {
        kind: TraceKind::Written.code().to_owned(),
        request_id: "system".into(),
        operation: job.code().into(),
        person: None,
        organisation: None,
        roles: 0,
        client: about.map(|(client, _)| client.0),
        categories: about.map_or(Categories::NONE, |(_, categories)| categories).mask(),
        grants: Vec::new(),
        asked: asked.to_owned(),
        at: at.0,
    }
}

type Hash = [u8; 32];

/// The hash that seals a row: of the one before it, its place, and everything it says, each part with its length.
fn seal(previous: &[u8], chain: Uuid, seq: i64, row: &TraceRow) -> Hash {
    let mut h = Sha256::new();
    let mut part = |bytes: &[u8]| {
        h.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        h.update(bytes);
    };
    part(previous);
    part(chain.as_bytes());
    part(&seq.to_be_bytes());
    part(row.kind.as_bytes());
    part(row.request_id.as_bytes());
    part(row.operation.as_bytes());
    for maybe in [row.person, row.organisation, row.client] {
        part(maybe.as_ref().map_or(&[][..], |u| u.as_bytes()));
    }
    part(&row.roles.to_be_bytes());
    part(&row.categories.to_be_bytes());
    part(&row.grants);
    part(row.asked.as_bytes());
    part(&row.at.to_be_bytes());
    h.finalize().into()
}

enum Handed {
    Rows(Vec<TraceRow>, oneshot::Sender<bool>),
    Seal,
}

/// The way to the writer task.
#[derive(Clone)]
pub struct TraceWriter {
    jobs: mpsc::Sender<Handed>,
}

/// The trace could not be written: nothing may be disclosed.
#[derive(Clone, Copy, Debug)]
pub struct NotRecorded;

impl TraceWriter {
    /// Starts the writer task of this process.
    pub fn start(database: Database, clock: Arc<dyn Clock>, random: Arc<dyn Randomness>) -> Self {
        let (jobs, queue) = mpsc::channel(4096);
        let writer = Self { jobs };
        tokio::spawn(run(Writer { database, clock, random, chain: None, owes_seal: false }, queue));
        // What an earlier process left unsealed is sealed now.
        writer.seal_soon();
        writer
    }

    /// Records rows; returns once they are committed.
    pub async fn record(&self, rows: Vec<TraceRow>) -> Result<(), NotRecorded> {
        if rows.is_empty() {
            return Ok(());
        }
        let (done, answer) = oneshot::channel();
        self.jobs.send(Handed::Rows(rows, done)).await.map_err(|_| NotRecorded)?;
        if answer.await.unwrap_or(false) { Ok(()) } else { Err(NotRecorded) }
    }

    /// Asks for unsealed rows to be sealed with the next batch.
    pub fn seal_soon(&self) {
        // When the queue is full a batch is about to be written anyway; the next mutation asks again.
        let _ = self.jobs.try_send(Handed::Seal);
    }
}

struct Writer {
    database: Database,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Randomness>,
    /// The chain, its last seq and last hash; none before the first batch and after a failure.
    chain: Option<Chain>,
    /// Sealing was asked for in a batch that failed.
    owes_seal: bool,
}

/// Most that one batch takes.
const BATCH: usize = 1024;
/// Longest that a batch waits to be as large as the one before it made likely.
const PATIENCE: Duration = Duration::from_millis(1);

/// Takes the next batch; none when nobody hands anything over any more. Whoever takes just what is waiting alternates, under steady
/// load, between a batch of nearly all requests in flight and one of nearly none, and nobody reads while the large one is
/// committed. So a batch waits a little until it is half of itself and the last one together: then half of the requests are
/// committed while the other half reads. A request alone waits for nobody.
async fn next_batch(queue: &mut mpsc::Receiver<Handed>, jobs: &mut Vec<Handed>, last: usize) -> bool {
    if queue.recv_many(jobs, BATCH).await == 0 {
        return false;
    }
    let even = (last + jobs.len()).div_ceil(2).min(BATCH);
    if jobs.len() < even {
        let fill = async { while jobs.len() < even && queue.recv_many(jobs, BATCH).await > 0 {} };
        // Whatever came is in `jobs`: `recv_many` loses nothing when it is dropped.
        let _ = tokio::time::timeout(PATIENCE, fill).await;
    }
    true
}

async fn run(mut writer: Writer, mut queue: mpsc::Receiver<Handed>) {
    let mut jobs = Vec::new();
    let mut last = 0;
    while next_batch(&mut queue, &mut jobs, last).await {
        last = jobs.len();
        let mut rows = Vec::new();
        let mut waiting = Vec::new();
        let mut unsealed = writer.owes_seal;
        for job in jobs.drain(..) {
            match job {
                Handed::Rows(mut more, done) => {
                    rows.append(&mut more);
                    waiting.push(done);
                }
                Handed::Seal => unsealed = true,
            }
        }
        let written = match writer.write(rows, unsealed).await {
            Ok(()) => {
                writer.owes_seal = false;
                true
            }
            Err(fault) => {
                // Whether the batch was committed is not known: the chain ends here and a new one begins.
                writer.chain = None;
                writer.owes_seal = unsealed;
                tracing::error!(error = fault.for_log(), "the trace could not be written; nothing is disclosed");
                false
            }
        };
        for done in waiting {
            // Whoever hung up no longer waits for an answer.
            let _ = done.send(written);
        }
    }
}

static TAKE_UNSEALED: Sql = Sql::new(
    "DELETE FROM trace_unsealed WHERE id IN (SELECT id FROM trace_unsealed ORDER BY id LIMIT 500 @skip_locked) \
    RETURNING id, kind, request_id, operation, person_id, organisation_id, client_id, roles, categories, grants, asked, at",
);
static INSERT_POSTGRES: Sql = Sql::new(
    "INSERT INTO trace (chain_id, seq, hash, kind, request_id, operation, person_id, organisation_id, client_id, roles, \
    categories, grants, asked, at) SELECT $1, s, h, k, r, o, \
    NULLIF(p, $15), NULLIF(g, $15), NULLIF(c, $15), l, m, i, a, t FROM unnest($2::bigint[], $3::bytea[], \
    $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], $9::uuid[], $10::bigint[], $11::bigint[], $12::bytea[], \
    $13::text[], $14::bigint[]) AS u (s, h, k, r, o, p, g, c, l, m, i, a, t)",
);
static INSERT_SQLITE: Sql = Sql::new(
    "INSERT INTO trace (chain_id, seq, hash, kind, request_id, operation, person_id, organisation_id, client_id, roles, \
    categories, grants, asked, at) SELECT $1, value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, \
    unhex(value ->> 5), unhex(value ->> 6), unhex(value ->> 7), value ->> 8, value ->> 9, unhex(value ->> 10), value ->> 11, \
    value ->> 12 FROM json_each($2)",
);

impl Writer {
    async fn write(&mut self, rows: Vec<TraceRow>, unsealed: bool) -> Result<(), Fault> {
        // Rows alone, in a chain that goes on: one statement, committed in one round trip.
        if let (Some(chain), false, false) = (self.chain, unsealed, rows.is_empty()) {
            let (head, (sql, values)) = sealed(self.database.backend(), chain, rows)?;
            self.database.execute_alone(sql, values).await?;
            self.chain = Some(head);
            return Ok(());
        }
        self.write_with_unsealed(rows, unsealed).await
    }

    async fn write_with_unsealed(&mut self, mut rows: Vec<TraceRow>, unsealed: bool) -> Result<(), Fault> {
        let tx = self.database.begin().await?;
        let mut taken = 0;
        if unsealed {
            let mut found: Vec<(Uuid, TraceRow)> = tx
                .rows(&TAKE_UNSEALED, Vec::new())
                .await?
                .iter()
                .map(|row| {
                    let mut c = Columns::of(row);
                    Ok((c.take()?, read_row(&mut c)?))
                })
                .collect::<Result<_, Fault>>()?;
            taken = found.len();
            found.sort_by_key(|(at, _)| *at);
            rows.extend(found.into_iter().map(|(_, row)| row));
        }
        if rows.is_empty() {
            return tx.rollback().await;
        }
        let chain = match self.chain {
            Some(chain) => chain,
            None => self.new_chain(&tx).await?,
        };
        let (head, (sql, values)) = sealed(tx.backend(), chain, rows)?;
        tx.execute(sql, values).await?;
        tx.commit().await?;
        self.chain = Some(head);
        if taken == 500 {
            // There may be more; the next batch takes them.
            return Box::pin(self.write_with_unsealed(Vec::new(), true)).await;
        }
        Ok(())
    }

    async fn new_chain(&self, tx: &Tx) -> Result<Chain, Fault> {
        let now = self.clock.now();
        let chain = self.random.uuid_timed(now);
        insert(tx, entity::trace_chain::Model { id: chain, started_at: now.0 }).await?;
        Ok((chain, 0, [0; 32]))
    }
}

/// A chain as far as it goes: its id, the last seq, the last hash.
type Chain = (Uuid, i64, Hash);

/// Seals rows behind a chain: its new head, and the statement that stores them.
fn sealed(
    backend: DbBackend,
    (chain, mut seq, mut hash): Chain,
    rows: Vec<TraceRow>,
) -> Result<(Chain, (&'static Sql, Vec<Value>)), Fault> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        seq += 1;
        hash = seal(&hash, chain, seq, &row);
        all.push((seq, hash, row));
    }
    Ok(((chain, seq, hash), insertion(backend, chain, all)?))
}

fn insertion(
    backend: DbBackend,
    chain: Uuid,
    sealed: Vec<(i64, Hash, TraceRow)>,
) -> Result<(&'static Sql, Vec<Value>), Fault> {
    if backend == DbBackend::Sqlite {
        let uuid = |u: Option<Uuid>| u.map(|u| u.simple().to_string());
        let rows: Vec<_> = sealed
            .into_iter()
            .map(|(seq, hash, r)| {
                serde_json::json!([
                    seq,
                    hex(&hash),
                    r.kind,
                    r.request_id.as_ref(),
                    r.operation.as_ref(),
                    uuid(r.person),
                    uuid(r.organisation),
                    uuid(r.client),
                    r.roles,
                    r.categories,
                    hex(&r.grants),
                    r.asked,
                    r.at
                ])
            })
            .collect();
        return Ok((&INSERT_SQLITE, vec![id(chain), text(serde_json::to_string(&rows)?)]));
    }
    let mut columns: Vec<Vec<Value>> = (0..13).map(|_| Vec::with_capacity(sealed.len())).collect();
    for (seq, hash, row) in sealed {
        let head = [int(seq), Value::Bytes(Some(hash.to_vec()))];
        for (column, value) in columns.iter_mut().zip(head.into_iter().chain(row_values(row))) {
            // An array holds no NULL here; the statement turns the nil id back into one.
            column.push(if value == Value::Uuid(None) { id(Uuid::nil()) } else { value });
        }
    }
    let (n, b, t, u) = (ArrayType::BigInt, ArrayType::Bytes, ArrayType::String, ArrayType::Uuid);
    let types = [&n, &b, &t, &t, &t, &u, &u, &u, &n, &n, &b, &t, &n];
    let mut values = vec![id(chain)];
    values.extend(columns.into_iter().zip(types).map(|(c, t)| Value::Array(t.clone(), Some(Box::new(c)))));
    values.push(id(Uuid::nil()));
    Ok((&INSERT_POSTGRES, values))
}

fn row_values(row: TraceRow) -> [Value; 11] {
    [
        text(row.kind),
        text(&*row.request_id),
        text(&*row.operation),
        Value::Uuid(row.person),
        Value::Uuid(row.organisation),
        Value::Uuid(row.client),
        int(row.roles),
        int(row.categories),
        Value::Bytes(Some(row.grants)),
        text(row.asked),
        int(row.at),
    ]
}

fn read_row(c: &mut Columns<'_>) -> Result<TraceRow, Fault> {
    Ok(TraceRow {
        kind: c.take()?,
        request_id: c.take::<String>()?.into(),
        operation: c.take::<String>()?.into(),
        person: c.take()?,
        organisation: c.take()?,
        client: c.take()?,
        roles: c.take()?,
        categories: c.take()?,
        grants: c.take()?,
        asked: c.take()?,
        at: c.take()?,
    })
}

/// Writes a row in a mutation's own transaction; it is sealed soon after.
pub async fn write_unsealed(tx: &Tx, row: TraceRow, random: &dyn Randomness) -> Result<(), Fault> {
    insert(
        tx,
        entity::trace_unsealed::Model {
            id: random.uuid_timed(Timestamp(row.at)),
            kind: row.kind,
            request_id: row.request_id.to_string(),
            operation: row.operation.to_string(),
            person_id: row.person,
            organisation_id: row.organisation,
            roles: row.roles,
            client_id: row.client,
            categories: row.categories,
            grants: row.grants,
            asked: row.asked,
            at: row.at,
        },
    )
    .await
}

/// The heads of all chains: chain to last seq and last hash. Kept elsewhere, they show a cut tail.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Heads {
    /// By chain.
    pub chains: BTreeMap<String, Head>,
}

/// The head of one chain.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Head {
    /// Seq of the last row.
    pub seq: i64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

static CHAINS: Sql = Sql::new("SELECT id FROM trace_chain ORDER BY started_at, id");
static ROWS: Sql = Sql::new(
    "SELECT seq, hash, kind, request_id, operation, person_id, organisation_id, client_id, roles, categories, grants, \
    asked, at FROM trace WHERE chain_id = $1 AND seq > $2 ORDER BY seq LIMIT 5000",
);
static ORPHANS: Sql =
    Sql::new("SELECT COUNT(*) FROM trace t WHERE NOT EXISTS (SELECT 1 FROM trace_chain c WHERE c.id = t.chain_id)");
static UNSEALED: Sql = Sql::new("SELECT COUNT(*), COALESCE(MIN(at), 0) FROM trace_unsealed");

/// What a check of the trace found.
#[derive(Clone, Debug, Default)]
pub struct TraceCheck {
    /// Rows looked at.
    pub rows: u64,
    /// Rows not yet sealed.
    pub unsealed: i64,
    /// What is wrong, in plain words.
    pub problems: Vec<String>,
    /// The heads as they are now.
    pub heads: Heads,
}

/// Recomputes every chain, and compares with heads exported earlier.
pub async fn check(database: &Database, exported: Option<&Heads>) -> Result<TraceCheck, Fault> {
    let mut result = TraceCheck::default();
    for chain_row in &database.rows(&CHAINS, Vec::new()).await? {
        let chain: Uuid = chain_row.try_get_by_index(0)?;
        let known = exported.and_then(|h| h.chains.get(&chain.to_string()));
        check_chain(database, chain, known, &mut result).await?;
    }
    for chain in exported.iter().flat_map(|h| h.chains.keys()) {
        if !result.heads.chains.contains_key(chain) {
            result
                .problems
                .push(format!("Chain {chain} was exported and is no longer there: its rows were removed."));
        }
    }
    if let Some(row) = database.row(&ORPHANS, Vec::new()).await? {
        let orphans: i64 = row.try_get_by_index(0)?;
        if orphans > 0 {
            result.problems.push(format!("{orphans} rows belong to no chain."));
        }
    }
    if let Some(row) = database.row(&UNSEALED, Vec::new()).await? {
        result.unsealed = row.try_get_by_index(0)?;
    }
    Ok(result)
}

async fn check_chain(
    database: &Database,
    chain: Uuid,
    known: Option<&Head>,
    result: &mut TraceCheck,
) -> Result<(), Fault> {
    let (mut seq, mut hash): (i64, Vec<u8>) = (0, vec![0; 32]);
    let mut met_known = known.is_none_or(|k| k.seq == 0);
    loop {
        let rows = database.rows(&ROWS, vec![id(chain), int(seq)]).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let mut c = Columns::of(row);
            let at: i64 = c.take()?;
            let stored: Vec<u8> = c.take()?;
            let read = read_row(&mut c)?;
            result.rows += 1;
            if at != seq + 1 {
                result.problems.push(format!("Chain {chain}: rows {} to {} are missing.", seq + 1, at - 1));
            }
            if seal(&hash, chain, at, &read)[..] != stored[..] {
                result.problems.push(format!("Chain {chain}: row {at} or the one before it was changed."));
            }
            seq = at;
            // Go on from what is stored, so that one change is told once.
            hash = stored;
            if let Some(k) = known.filter(|k| k.seq == seq) {
                met_known = true;
                if k.hash != hex(&hash) {
                    result.problems.push(format!("Chain {chain}: row {seq} is not the one whose hash was exported."));
                }
            }
        }
    }
    if !met_known {
        let expected = known.map_or(0, |k| k.seq);
        result
            .problems
            .push(format!("Chain {chain}: ends at row {seq}, but row {expected} was exported: the tail was cut."));
    }
    result.heads.chains.insert(chain.to_string(), Head { seq, hash: hex(&hash) });
    Ok(())
}
