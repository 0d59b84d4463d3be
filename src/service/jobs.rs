//! Background work: what happens after a commit, or when time comes.
//!
//! A job is an actor of its own, `System(job)`: it decides and tells those concerned, it writes the trace and the outbox under
//! its own name, and it reads no client's data for output. Every piece is one transaction and may be tried again.

use super::context::App;
use super::{emergency_jobs, new_leads};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::emergency::Job;
use crate::domain::ids::ClientId;
use crate::persistence::database::Tx;
use crate::persistence::fault::Fault;
use crate::persistence::{convention, ledger, trace};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// One piece of a job going on. Dropped without [`JobUnit::finish`], nothing has happened.
pub(super) struct JobUnit<'a> {
    app: &'a App,
    tx: Tx,
    job: Job,
    /// When.
    pub at: Timestamp,
    touched: Option<(ClientId, Categories)>,
}

impl<'a> JobUnit<'a> {
    /// Begins.
    pub async fn begin(app: &'a App, job: Job) -> Result<Self, Fault> {
        let tx = app.database.begin().await?;
        Ok(Self { app, tx, job, at: app.clock.now(), touched: None })
    }

    /// The transaction.
    pub const fn tx(&self) -> &Tx {
        &self.tx
    }

    /// Notes about whom it is: their ledger is projected anew at the end.
    pub fn touch(&mut self, client: ClientId, categories: Categories) {
        self.touched = Some((client, categories.union(Categories::of(&[Category::Involvement]))));
    }

    /// There was nothing to do.
    pub async fn give_up(self) -> Result<(), Fault> {
        self.tx.rollback().await
    }

    /// Projects, traces, commits.
    pub async fn finish(self, kind: &str, subject: &str) -> Result<(), Fault> {
        let random = &*self.app.random;
        if let Some((client, _)) = self.touched {
            ledger::apply(&self.tx, client, self.at, random).await?;
        }
        let row = trace::job_row(self.job, self.touched, subject, self.at);
        trace::write_unsealed(&self.tx, row, random).await?;
        let client = self.touched.map(|(client, _)| client);
        convention::job_event(&self.tx, kind, subject.to_owned(), client, self.at, random).await?;
        self.tx.commit().await?;
        self.app.trace.seal_soon();
        tracing::debug!(kind, "a job committed");
        Ok(())
    }
}

/// Does everything that is due; tells how many pieces were done. Several instances may run it at once.
pub async fn run_due(app: &App) -> Result<usize, Fault> {
    // Each is run whatever became of the others; the first that failed is told.
    let matched = emergency_jobs::match_requests(app).await;
    let lapsed = emergency_jobs::lapse(app).await;
    let escalated = emergency_jobs::escalate(app).await;
    let told = new_leads::tell(app).await;
    Ok(matched? + lapsed? + escalated? + told?)
}

/// How long the loop rests when nobody asks for it.
const REST: Duration = Duration::from_secs(20);

/// Runs what is due until `stop`: now and then, and soon after a mutation asked for it.
pub async fn run(app: Arc<App>, stop: impl Future<Output = ()> + Send) {
    tokio::pin!(stop);
    loop {
        if let Err(fault) = run_due(&app).await {
            tracing::error!(error = fault.for_log(), "a job did not go through; it is tried again");
        }
        tokio::select! {
            () = app.jobs.notified() => {}
            () = tokio::time::sleep(REST) => {}
            () = &mut stop => return,
        }
    }
}
