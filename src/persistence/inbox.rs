//! The inbox: what a person is to see or do for an organisation.
//!
//! An item about a client is client-bound itself: it is there only while its reader holds a live grant that reaches the
//! client or the very document, an OVERSIGHT grant on that document included.

use super::access::{ReadScope, protected_grants};
use super::client::Slice;
use super::database::Tx;
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int, text};
use super::write::insert;
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{ClientId, InboxItemId, OrganisationId, PersonId, TypedId};
use crate::domain::inbox::{InboxKind, InboxState};
use crate::domain::random::Randomness;
use crate::policy::disclosure::Disclosure;
use uuid::Uuid;

/// An item about to be posted.
#[derive(Clone, Copy, Debug)]
pub struct NewInboxItem<S> {
    /// To whom.
    pub person: PersonId,
    /// Acting for which organisation.
    pub organisation: OrganisationId,
    /// What it is about.
    pub kind: InboxKind,
    /// The document it is about.
    pub subject: S,
    /// The client, where it is about one.
    pub client: Option<ClientId>,
    /// By when it is to be done.
    pub due_at: Option<Timestamp>,
}

/// Posts an item.
pub async fn post<S: TypedId>(
    tx: &Tx,
    item: &NewInboxItem<S>,
    at: Timestamp,
    random: &dyn Randomness,
) -> Result<(), Fault> {
    insert(
        tx,
        entity::inbox_item::Model {
            id: random.uuid_timed(at),
            person_id: item.person.0,
            organisation_id: item.organisation.0,
            kind: item.kind.code().into(),
            subject: item.subject.global(),
            subject_id: item.subject.uuid(),
            client_id: item.client.map(|c| c.0),
            posted_at: at.0,
            due_at: item.due_at.map(|t| t.0),
            read_at: None,
            done_at: None,
        },
    )
    .await
}

static CLOSE: Sql =
    Sql::new("UPDATE inbox_item SET done_at = $1 WHERE subject_id = $2 AND subject = $3 AND done_at IS NULL");

/// Marks every item about a document as done, whoever has it.
pub async fn close_for_subject<S: TypedId>(tx: &Tx, subject: S, at: Timestamp) -> Result<(), Fault> {
    tx.execute(&CLOSE, vec![int(at.0), id(subject.uuid()), text(subject.global())]).await.map(|_| ())
}

static CLOSE_KIND: Sql = Sql::new(
    "UPDATE inbox_item SET done_at = $1 WHERE subject_id = $2 AND subject = $3 AND kind = $4 AND done_at IS NULL",
);

/// Marks every item of one kind about a document as done.
pub async fn close_kind<S: TypedId>(tx: &Tx, subject: S, kind: InboxKind, at: Timestamp) -> Result<(), Fault> {
    let values = vec![int(at.0), id(subject.uuid()), text(subject.global()), text(kind.code())];
    tx.execute(&CLOSE_KIND, values).await.map(|_| ())
}

static READ: Sql =
    Sql::new("UPDATE inbox_item SET read_at = COALESCE(read_at, $1), done_at = COALESCE(done_at, $2) WHERE id = $3");

/// Marks an item as read, and as done when there is nothing to do.
pub async fn read(tx: &Tx, item: InboxItemId, kind: InboxKind, at: Timestamp) -> Result<(), Fault> {
    let done = sea_orm::Value::BigInt((!kind.is_task()).then_some(at.0));
    tx.execute(&READ, vec![int(at.0), done, id(item.0)]).await.map(|_| ())
}

/// An item of the viewer's inbox, with what opens it when it is about a client.
#[derive(Clone, Debug)]
pub struct InboxItem {
    /// The item.
    pub id: InboxItemId,
    /// What it is about.
    pub kind: InboxKind,
    /// The document it is about, as a global id.
    pub subject: String,
    /// When it was posted.
    pub posted_at: Timestamp,
    /// By when it is to be done.
    pub due_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// The client, and what opens the item.
    pub disclosure: Option<Disclosure>,
}

/// The viewer's own items, each while it may be shown: for the organisation acted for, under an unchanged membership, and, when
/// it is about a client, through a live grant that reaches it.
macro_rules! mine {
    () => {
        "i.person_id = $7 AND i.organisation_id = $1 \
        AND EXISTS (SELECT 1 FROM membership m WHERE m.id = $5 AND m.version = $6 AND m.ended_at IS NULL) \
        AND (i.client_id IS NULL OR EXISTS (SELECT 1 FROM access_grant h WHERE h.client_id = i.client_id \
        AND h.scope_id IN (i.client_id, i.subject_id) AND @live(h)))"
    };
}
macro_rules! in_state {
    () => {
        "($8 = '' OR ($8 = 'UNREAD' AND i.read_at IS NULL) OR ($8 = 'OPEN' AND i.done_at IS NULL) \
        OR ($8 = 'DONE' AND i.done_at IS NOT NULL))"
    };
}
macro_rules! items {
    ($of:expr) => {
        concat!(
            "WITH page AS (SELECT i.* FROM inbox_item i WHERE ",
            mine!(),
            " AND ",
            $of,
            ") SELECT i.id, i.kind, i.subject, i.posted_at, i.due_at, i.read_at, i.done_at, i.client_id, FALSE, COALESCE(( \
            SELECT @grants(g) FROM access_grant g WHERE g.client_id = i.client_id \
            AND g.scope_id IN (i.client_id, i.subject_id) AND @live(g)), '') FROM page i ORDER BY i.id DESC"
        )
    };
}
static PAGE: Sql = Sql::new(items!(concat!(in_state!(), " AND i.id < $9 ORDER BY i.id DESC LIMIT $10")));
static BY_ID: Sql = Sql::new(items!("i.id = $8"));
static COUNT: Sql = Sql::new(concat!("SELECT COUNT(*) FROM inbox_item i WHERE ", mine!(), " AND ", in_state!()));

fn code_of(state: Option<InboxState>) -> sea_orm::Value {
    text(state.map_or("", Coded::code))
}

impl ReadScope<'_> {
    /// A page of the viewer's inbox, newest first; forwards only.
    pub async fn inbox(&self, state: Option<InboxState>, slice: Slice) -> Result<Vec<InboxItem>, Fault> {
        let key = slice.key.unwrap_or(Uuid::max());
        self.read_inbox(&PAGE, vec![code_of(state), id(key), int(slice.limit)]).await
    }

    /// How many items there are in the viewer's inbox.
    pub async fn count_inbox(&self, state: Option<InboxState>) -> Result<i64, Fault> {
        let rows = self.rows(&COUNT, vec![code_of(state)]).await?;
        rows.first().map_or(Ok(0), |row| Columns::of(row).take())
    }

    /// One item of the viewer's inbox.
    pub async fn inbox_item(&self, item: InboxItemId) -> Result<Option<InboxItem>, Fault> {
        Ok(self.read_inbox(&BY_ID, vec![id(item.0)]).await?.pop())
    }

    async fn read_inbox(&self, sql: &'static Sql, values: Vec<sea_orm::Value>) -> Result<Vec<InboxItem>, Fault> {
        let mut found = Vec::new();
        for row in &self.rows(sql, values).await? {
            let mut c = Columns::of(row);
            let mut item = InboxItem {
                id: c.id()?,
                kind: c.code()?,
                subject: c.take()?,
                posted_at: c.time()?,
                due_at: c.time_or_none()?,
                read_at: c.time_or_none()?,
                done_at: c.time_or_none()?,
                disclosure: None,
            };
            if let Some(client) = c.id_or_none()? {
                item.disclosure = Some(Disclosure::new(client, protected_grants(&mut c)?));
            }
            found.push(item);
        }
        Ok(found)
    }
}
