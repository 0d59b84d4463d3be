//! What every mutation shares: idempotent replays and the outbox; and settings made once per database.

use super::database::{Database, Tx};
use super::fault::Fault;
use super::sql::{Columns, Sql, id, text};
use super::write::{Recorded, insert};
use crate::domain::clock::Timestamp;
use crate::domain::ids::ClientId;
use crate::domain::random::Randomness;

static FIND: Sql = Sql::new(
    "SELECT operation, body_hash, result FROM idempotency WHERE organisation_id = $1 AND person_id = $2 AND idempotency_key = $3",
);

/// What is kept of an idempotent mutation: no body, only a keyed hash of it, and ids.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// The mutation.
    pub operation: String,
    /// Keyed hash of the input.
    pub body_hash: Vec<u8>,
    /// The global id of what it changed.
    pub result: String,
}

/// What was done under this key before.
pub async fn remembered(tx: &Tx, by: Recorded, key: &str) -> Result<Option<Remembered>, Fault> {
    let values = vec![id(by.on_behalf_of.0), id(by.by.0), text(key)];
    tx.row(&FIND, values)
        .await?
        .map(|row| {
            let mut c = Columns::of(&row);
            Ok(Remembered { operation: c.take()?, body_hash: c.take()?, result: c.take()? })
        })
        .transpose()
}

static CLAIM: Sql = Sql::new(
    "INSERT INTO idempotency (organisation_id, person_id, idempotency_key, operation, body_hash, result, recorded_at) \
    VALUES ($1, $2, $3, $4, $5, '', $6) ON CONFLICT (organisation_id, person_id, idempotency_key) DO NOTHING",
);

/// Claims a key for this mutation; `false` when it was used before. Two at once wait for each other here.
pub async fn claim(tx: &Tx, by: Recorded, key: &str, operation: &str, body_hash: &[u8]) -> Result<bool, Fault> {
    let values = vec![
        id(by.on_behalf_of.0),
        id(by.by.0),
        text(key),
        text(operation),
        sea_orm::Value::Bytes(Some(body_hash.to_vec())),
        super::sql::int(by.at.0),
    ];
    Ok(tx.execute(&CLAIM, values).await? == 1)
}

static RESULT: Sql = Sql::new(
    "UPDATE idempotency SET result = $1 WHERE organisation_id = $2 AND person_id = $3 AND idempotency_key = $4",
);

/// Remembers the id of what was done under this key.
pub async fn remember(tx: &Tx, by: Recorded, key: &str, result: &str) -> Result<(), Fault> {
    let values = vec![text(result), id(by.on_behalf_of.0), id(by.by.0), text(key)];
    tx.execute(&RESULT, values).await.map(|_| ())
}

/// Puts an event in the outbox: what kind of thing happened to which document, never a value. A relay gives positions.
pub async fn event(
    tx: &Tx,
    kind: &str,
    subject: String,
    client: Option<ClientId>,
    by: Recorded,
    random: &dyn Randomness,
) -> Result<(), Fault> {
    insert(
        tx,
        entity::outbox::Model {
            id: random.uuid_timed(by.at),
            position: None,
            kind: kind.to_owned(),
            subject,
            client_id: client.map(|c| c.0),
            recorded_by: Some(by.by.0),
            recorded_for: Some(by.on_behalf_of.0),
            recorded_at: by.at.0,
        },
    )
    .await
}

/// Puts an event in the outbox that no person recorded: an import, a job.
pub async fn system_event(
    tx: &Tx,
    kind: &str,
    subject: String,
    at: Timestamp,
    random: &dyn Randomness,
) -> Result<(), Fault> {
    job_event(tx, kind, subject, None, at, random).await
}

/// The same, about a client.
pub async fn job_event(
    tx: &Tx,
    kind: &str,
    subject: String,
    client: Option<ClientId>,
    at: Timestamp,
    random: &dyn Randomness,
) -> Result<(), Fault> {
    insert(
        tx,
        entity::outbox::Model {
            id: random.uuid_timed(at),
            position: None,
            kind: kind.to_owned(),
            subject,
            client_id: client.map(|c| c.0),
            recorded_by: None,
            recorded_for: None,
            recorded_at: at.0,
        },
    )
    .await
}

static SETTING: Sql = Sql::new("SELECT value FROM setting WHERE key = $1");
static ADD_SETTING: Sql = Sql::new("INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING");

/// A secret of this database: 32 random bytes, made when first asked for.
pub async fn secret(database: &Database, key: &str, random: &dyn Randomness) -> Result<Vec<u8>, Fault> {
    let mut bytes = [0u8; 32];
    random.fill(&mut bytes);
    let tx = database.begin().await?;
    tx.execute(&ADD_SETTING, vec![text(key), text(hex(&bytes))]).await?;
    tx.commit().await?;
    existing_secret(database, key).await?.ok_or_else(|| Fault::new("a setting that was just written is not there"))
}

/// A secret of this database, if it was made.
pub async fn existing_secret(database: &Database, key: &str) -> Result<Option<Vec<u8>>, Fault> {
    match database.row(&SETTING, vec![text(key)]).await? {
        Some(row) => unhex(&row.try_get_by_index::<String>(0)?).map(Some),
        None => Ok(None),
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut s, b| {
        for nibble in [b >> 4, b & 15] {
            s.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        s
    })
}

/// Reads hexadecimal.
pub fn unhex(text: &str) -> Result<Vec<u8>, Fault> {
    let digit = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [a, b] => digit(*a).zip(digit(*b)).map(|(a, b)| a << 4 | b),
            _ => None,
        })
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(|| Fault::new("stored hexadecimal does not read"))
}
