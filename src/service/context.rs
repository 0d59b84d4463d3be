//! The application, and one request in it.

use crate::domain::category::{Categories, Category};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::failure::{UserError, UserErrorCode};
use crate::domain::ids::{ClientId, GrantId};
use crate::domain::random::Randomness;
use crate::domain::role::Role;
use crate::persistence::access::ReadScope;
use crate::persistence::database::Database;
use crate::persistence::fault::Fault;
use crate::persistence::trace::{NotRecorded, TraceHead, TraceKind, TraceWriter};
use crate::persistence::write::Recorded;
use crate::policy::disclosure::Disclosure;
use crate::policy::viewer::Viewer;
use std::sync::{Arc, Mutex, PoisonError};

/// What the whole process shares.
pub struct App {
    /// The database.
    pub database: Database,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Randomness>,
    /// The way to the trace's writer.
    pub trace: TraceWriter,
    /// The key under which bodies of idempotent mutations are hashed.
    pub replay_key: Vec<u8>,
    /// Asks the loop of background jobs to look soon.
    pub jobs: tokio::sync::Notify,
}

impl App {
    /// Puts the application together on a migrated database.
    pub async fn start(
        database: Database,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Randomness>,
    ) -> Result<Arc<Self>, Fault> {
        let replay_key = crate::persistence::convention::secret(&database, "replay_key", &*random).await?;
        let trace = TraceWriter::start(database.clone(), Arc::clone(&clock), Arc::clone(&random));
        Ok(Arc::new(Self { database, clock, random, trace, replay_key, jobs: tokio::sync::Notify::new() }))
    }
}

/// Why a use case did not go through.
#[derive(Debug)]
pub enum Failure {
    /// Something is wrong with what was asked.
    User(Vec<UserError>),
    /// The operation is not for the viewer's roles.
    Forbidden,
    /// The membership the viewer rests on ended meanwhile.
    MembershipEnded,
    /// Something unexpected.
    Fault(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Self {
        Self::User(vec![error])
    }
}

impl From<Vec<UserError>> for Failure {
    fn from(errors: Vec<UserError>) -> Self {
        Self::User(errors)
    }
}

impl Failure {
    /// One thing wrong.
    pub fn user(code: UserErrorCode, path: &str, message: impl Into<String>) -> Self {
        if path.is_empty() {
            return Self::User(vec![UserError::new(code, message)]);
        }
        Self::User(vec![UserError::at(code, path, message)])
    }

    /// The version asked for is no longer the current one.
    pub fn conflict() -> Self {
        Self::user(
            UserErrorCode::Conflict,
            "version",
            "It was changed since you read it. Read it again and decide again.",
        )
    }
}

/// What was disclosed of one client in one request.
struct Noted {
    client: ClientId,
    categories: Categories,
    grants: Vec<GrantId>,
}

#[derive(Default)]
struct Notes {
    disclosed: Vec<Noted>,
    documents: Vec<(String, Categories)>,
    nothing_found: Vec<String>,
}

/// One request: who asks, through which scope, and what was disclosed so far.
pub struct Context {
    /// The application.
    pub app: Arc<App>,
    /// Who asks.
    pub viewer: Viewer,
    /// What every row of the request's trace shares.
    pub head: TraceHead,
    notes: Mutex<Notes>,
}

impl Context {
    /// For one request.
    pub fn new(app: Arc<App>, viewer: Viewer, request_id: Arc<str>, operation: Arc<str>) -> Self {
        let head = TraceHead {
            request_id,
            operation,
            person: viewer.person,
            organisation: viewer.organisation,
            roles: viewer.roles,
        };
        Self { app, viewer, head, notes: Mutex::default() }
    }

    /// What client-bound rows are read through.
    pub fn scope(&self) -> ReadScope<'_> {
        ReadScope::open(&self.app.database, &self.viewer, &*self.app.clock)
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// Who records, for whom, now.
    pub fn recorded(&self) -> Recorded {
        Recorded { by: self.viewer.person, on_behalf_of: self.viewer.organisation, at: self.now() }
    }

    /// Refuses the operation unless the viewer holds one of these roles.
    pub fn require(&self, roles: &[Role]) -> Result<(), Failure> {
        if self.viewer.roles.any(roles) { Ok(()) } else { Err(Failure::Forbidden) }
    }

    /// Notes that categories of a client were disclosed on these grants (C20).
    pub fn note(&self, client: ClientId, categories: Categories, grants: &[GrantId]) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = match notes.disclosed.iter_mut().rev().find(|n| n.client == client) {
            Some(noted) => noted,
            None => {
                notes.disclosed.push(Noted { client, categories: Categories::NONE, grants: Vec::new() });
                let last = notes.disclosed.len() - 1;
                &mut notes.disclosed[last]
            }
        };
        noted.categories = noted.categories.union(categories);
        for grant in grants {
            if !noted.grants.contains(grant) {
                noted.grants.push(*grant);
            }
        }
    }

    /// Notes that something of a client exists was disclosed: an id, a status, a date (INVOLVEMENT).
    pub fn note_involvement(&self, disclosure: &Disclosure) {
        let grants: Vec<_> = disclosure.grants().iter().map(|g| g.id).collect();
        self.note(disclosure.client, [Category::Involvement].into_iter().collect(), &grants);
    }

    /// Notes that categories of a document were disclosed that is about no client's record, so that no grant opens it: a request
    /// that matched none (C20). It is told by its id; what it says is not.
    pub fn note_document(&self, document: String, category: Category) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let category = Categories::of(&[category]);
        match notes.documents.iter_mut().find(|(noted, _)| *noted == document) {
            Some((_, all)) => *all = all.union(category),
            None => notes.documents.push((document, category)),
        }
    }

    /// Notes that a look-up by id returned nothing, whether the id exists or not (C20).
    pub fn note_nothing_found(&self, asked: &str) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        // A request holds a bounded number of look-ups; the asked ids are cut to a bounded length.
        notes.nothing_found.push(asked.chars().take(200).collect());
    }

    /// Commits everything noted since the last time. Without it nothing may leave (C20).
    pub async fn commit_trace(&self) -> Result<(), NotRecorded> {
        let notes = std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner));
        let now = self.now();
        let none = Categories::NONE;
        let mut rows = Vec::with_capacity(notes.disclosed.len() + notes.documents.len() + notes.nothing_found.len());
        for n in notes.disclosed {
            rows.push(self.head.row(TraceKind::Disclosed, Some(n.client), n.categories, &n.grants, "", now));
        }
        for (document, categories) in notes.documents {
            rows.push(self.head.row(TraceKind::Disclosed, None, categories, &[], &document, now));
        }
        for asked in notes.nothing_found {
            rows.push(self.head.row(TraceKind::NothingFound, None, none, &[], &asked, now));
        }
        self.app.trace.record(rows).await
    }
}
