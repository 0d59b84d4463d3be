//! The unit of work of every mutation: one transaction that holds the document, the difference of the ledger, unsealed rows
//! of the trace, an outbox event and what an idempotent replay needs.

use super::context::{Context, Failure};
use crate::domain::category::Categories;
use crate::domain::failure::UserErrorCode;
use crate::domain::ids::{ClientId, TypedId};
use crate::domain::mutation::Asked;
use crate::persistence::access::ReadScope;
use crate::persistence::database::Tx;
use crate::persistence::trace::TraceKind;
use crate::persistence::write::Recorded;
use crate::persistence::{convention, ledger, person, trace};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What became of a mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done<T> {
    /// It was done, now or under the same key before; read it again under today's rights.
    Changed(T),
    /// It was only checked, and would have been done.
    Checked,
}

/// How a mutation begins.
pub enum Begun<'a, T> {
    /// Go on.
    Fresh(Box<Unit<'a>>),
    /// It was done before under the same key, with the same body.
    Replayed(T),
}

/// A mutation going on. Dropped without [`Unit::finish`], nothing has happened.
pub struct Unit<'a> {
    ctx: &'a Context,
    tx: Tx,
    asked: &'a Asked,
    operation: &'static str,
    /// Who records, for whom, when.
    pub by: Recorded,
    touched: Vec<(ClientId, Categories)>,
}

const LONGEST_KEY: usize = 200;

impl<'a> Unit<'a> {
    /// Begins. The membership is tested again inside the transaction, so that one that ended meanwhile changes nothing.
    pub async fn begin<T: TypedId>(
        ctx: &'a Context,
        operation: &'static str,
        asked: &'a Asked,
    ) -> Result<Begun<'a, T>, Failure> {
        if let Some(key) = &asked.idempotency_key {
            let fine = !key.is_empty() && key.len() <= LONGEST_KEY && key.bytes().all(|b| b.is_ascii_graphic());
            if !fine {
                let message = format!("Must be 1 to {LONGEST_KEY} visible ASCII characters.");
                return Err(Failure::user(UserErrorCode::Invalid, "idempotencyKey", message));
            }
        }
        let tx = ctx.app.database.begin().await?;
        let by = ctx.recorded();
        if !person::still_member(&tx, &ctx.viewer).await? {
            tx.rollback().await?;
            return Err(Failure::MembershipEnded);
        }
        if let Some(key) = &asked.idempotency_key {
            let hash = body_hash(ctx, operation, asked);
            if !convention::claim(&tx, by, key, operation, &hash).await? {
                let before = convention::remembered(&tx, by, key).await?;
                tx.rollback().await?;
                let same = before.filter(|b| b.operation == operation && b.body_hash == hash);
                return match same.and_then(|b| T::parse(&b.result)) {
                    Some(id) => Ok(Begun::Replayed(id)),
                    None => Err(Failure::user(
                        UserErrorCode::IdempotencyKeyReused,
                        "idempotencyKey",
                        "This key was used before with another body. Use a new key for a new intention.",
                    )),
                };
            }
        }
        Ok(Begun::Fresh(Box::new(Self { ctx, tx, asked, operation, by, touched: Vec::new() })))
    }

    /// The transaction.
    pub const fn tx(&self) -> &Tx {
        &self.tx
    }

    /// The request.
    pub const fn ctx(&self) -> &'a Context {
        self.ctx
    }

    /// Whether it is undone at the end, having only been checked.
    pub const fn only_checks(&self) -> bool {
        self.asked.validate_only
    }

    /// What the mutation reads client-bound rows through, to decide.
    pub fn scope(&self) -> ReadScope<'_> {
        ReadScope::within(&self.tx, &self.ctx.viewer, &*self.ctx.app.clock)
    }

    /// Locks a client for the rest of the mutation. Says nothing of whether there is one.
    pub async fn lock(&self, client: ClientId) -> Result<(), Failure> {
        ledger::lock(&self.tx, client).await?;
        Ok(())
    }

    /// Locks several clients in one order, whoever of them comes first to mind.
    pub async fn lock_all(&self, clients: &[ClientId]) -> Result<(), Failure> {
        ledger::lock_all(&self.tx, clients).await?;
        Ok(())
    }

    /// Notes that something of these categories was written about a client: their ledger is projected anew at the end.
    pub fn touch(&mut self, client: ClientId, categories: Categories) {
        match self.touched.iter_mut().find(|(c, _)| *c == client) {
            Some((_, all)) => *all = all.union(categories),
            None => self.touched.push((client, categories)),
        }
    }

    /// Projects, traces and tells of what was written so far. Whoever takes another step in the same transaction calls it in between: the
    /// step then reads through the ledger what the one before opened.
    pub async fn record<T: TypedId>(&mut self, kind: &str, id: T) -> Result<(), Failure> {
        let random = &*self.ctx.app.random;
        for (client, categories) in &self.touched {
            ledger::apply(&self.tx, *client, self.by.at, random).await?;
            let row = self.ctx.head.row(TraceKind::Written, Some(*client), *categories, &[], "", self.by.at);
            trace::write_unsealed(&self.tx, row, random).await?;
        }
        if self.touched.is_empty() {
            // The registry and memberships decide who sees what: their changes are in the trace as well.
            let row = self.ctx.head.row(TraceKind::Written, None, Categories::NONE, &[], &id.global(), self.by.at);
            trace::write_unsealed(&self.tx, row, random).await?;
        }
        let client = self.touched.first().map(|(c, _)| *c);
        convention::event(&self.tx, kind, id.global(), client, self.by, random).await?;
        self.touched.clear();
        Ok(())
    }

    /// Projects, traces, remembers, commits; or undoes everything when it was only to be checked.
    pub async fn finish<T: TypedId>(mut self, kind: &str, id: T) -> Result<Done<T>, Failure> {
        self.record(kind, id).await?;
        if let Some(key) = &self.asked.idempotency_key {
            convention::remember(&self.tx, self.by, key, &id.global()).await?;
        }
        if self.asked.validate_only {
            self.tx.rollback().await?;
            return Ok(Done::Checked);
        }
        self.tx.commit().await?;
        self.ctx.app.trace.seal_soon();
        tracing::debug!(operation = self.operation, "committed");
        Ok(Done::Changed(id))
    }
}

fn body_hash(ctx: &Context, operation: &str, asked: &Asked) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&ctx.app.replay_key) else { return Vec::new() };
    mac.update(operation.as_bytes());
    mac.update(&[0, u8::from(asked.validate_only)]);
    mac.update(asked.body.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Begins a mutation, or returns early with what was done before.
macro_rules! begin {
    ($ctx:expr, $operation:literal, $asked:expr) => {
        match $crate::service::unit::Unit::begin($ctx, $operation, $asked).await? {
            $crate::service::unit::Begun::Fresh(unit) => *unit,
            $crate::service::unit::Begun::Replayed(id) => return Ok($crate::service::unit::Done::Changed(id)),
        }
    };
}
pub(crate) use begin;
