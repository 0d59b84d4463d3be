//! What becomes of overrides after a commit and when time comes: matching, escalation, lapsing (C15, C16).
//!
//! Each piece is one transaction. A request is claimed with its row; an override is looked at again behind the lock of its
//! client. So several instances may run at once, and a second run finds nothing to do.

use super::context::App;
use super::emergency::{Placing, close, place, post_all};
use super::jobs::JobUnit;
use crate::domain::category::Categories;
use crate::domain::emergency::Job;
use crate::domain::ids::{ClientId, OverrideId, OverrideRequestId, TypedId};
use crate::domain::inbox::InboxKind;
use crate::domain::text::search_key;
use crate::persistence::emergency::{self, Unmatched};
use crate::persistence::fault::Fault;
use crate::persistence::inbox::{self, NewInboxItem};
use crate::persistence::{ledger, person};
use crate::policy::emergency::{ASKERS, escalated_to, holding};
use crate::policy::grants::project;

/// Matches every request that waits; tells how many.
pub(super) async fn match_requests(app: &App) -> Result<usize, Fault> {
    let mut after = OverrideRequestId(uuid::Uuid::nil());
    let mut matched = 0;
    let mut failed = None;
    loop {
        let unit = JobUnit::begin(app, Job::MatchOverrideRequests).await?;
        let Some(request) = emergency::claim(unit.tx(), after).await? else {
            unit.give_up().await?;
            return failed.map_or(Ok(matched), Err);
        };
        after = request.id;
        match match_one(app, unit, request).await {
            Ok(()) => matched += 1,
            // The others are not kept waiting for it.
            Err(fault) => failed = Some(fault),
        }
    }
}

async fn match_one(app: &App, mut unit: JobUnit<'_>, request: Unmatched) -> Result<(), Fault> {
    emergency::matched(unit.tx(), request.id, unit.at).await?;
    let found = single(&unit, &request).await?;
    match found {
        Some(client) => {
            let id = OverrideId(app.random.uuid_timed(unit.at));
            let asker = request.asker;
            let categories = request.wanted.categories;
            let placing =
                Placing { id, client, request: Some(request.id), asker, wanted: request.wanted, at: unit.at };
            let opened = place(app, unit.tx(), placing).await?;
            let kind = if opened { InboxKind::OverrideOpened } else { InboxKind::OverrideWaiting };
            post_all(app, unit.tx(), (id, client), &[asker], kind, None, unit.at).await?;
            unit.touch(client, categories);
            unit.finish(if opened { "override.opened" } else { "override.asked" }, &id.global()).await
        }
        None => {
            // None and several are the same to everybody: what is there is told only to those who see it (C15).
            let leads = emergency::leads(unit.tx(), None).await?;
            let others: Vec<_> = leads.into_iter().filter(|l| l.person != request.asker.person).collect();
            let own: Vec<_> =
                others.iter().copied().filter(|l| l.organisation == request.asker.organisation).collect();
            for lead in if own.is_empty() { others } else { own } {
                let item = NewInboxItem {
                    person: lead.person,
                    organisation: lead.organisation,
                    kind: InboxKind::OverrideRequestUnmatched,
                    subject: request.id,
                    client: None,
                    due_at: None,
                };
                inbox::post(unit.tx(), &item, unit.at, &*app.random).await?;
            }
            unit.finish("override.not_matched", &request.id.global()).await
        }
    }
}

/// The one record that a request matches, locked; nothing when there is none or several, or when whoever asked works there no
/// more.
async fn single(unit: &JobUnit<'_>, request: &Unmatched) -> Result<Option<ClientId>, Fault> {
    if !emergency::roles(unit.tx(), request.asker).await?.any(ASKERS) {
        return Ok(None);
    }
    let (given, family) = (search_key(&request.given), search_key(&request.family));
    let fits = |found: Vec<(ClientId, crate::domain::section::Name)>| -> Vec<ClientId> {
        let same =
            |n: &crate::domain::section::Name| search_key(&n.given) == given && search_key(&n.family) == family;
        found.into_iter().filter(|(_, name)| same(name)).map(|(client, _)| client).collect()
    };
    let asker = request.asker.person;
    let [client] = fits(emergency::candidates(unit.tx(), &request.birth, asker).await?)[..] else { return Ok(None) };
    ledger::lock(unit.tx(), client).await?;
    // Once more behind the lock: a name may have been corrected, or somebody excluded, meanwhile.
    let again = fits(emergency::candidates(unit.tx(), &request.birth, asker).await?);
    Ok((again == [client]).then_some(client))
}

/// Escalates what nobody reviewed in time; tells how many.
pub(super) async fn escalate(app: &App) -> Result<usize, Fault> {
    let mut escalated = 0;
    for due in emergency::unreviewed(&app.database, app.clock.now()).await? {
        let mut unit = JobUnit::begin(app, Job::EscalateOverrides).await?;
        ledger::lock(unit.tx(), due.client).await?;
        if !emergency::escalated(unit.tx(), due.id, unit.at).await? {
            unit.give_up().await?;
            continue;
        }
        let holders = holding(&project(&ledger::facts(unit.tx(), due.client).await?), unit.at);
        // An organisation that the asker works for is no other, whichever they acted for (C21).
        let elsewhere = &holders - &person::organisations_of(unit.tx(), due.asker.person).await?;
        let to = escalated_to(&emergency::leads(unit.tx(), Some(due.client)).await?, due.asker, &elsewhere);
        emergency::give(unit.tx(), due.id, due.client, &to, unit.at).await?;
        let about = (due.id, due.client);
        post_all(app, unit.tx(), about, &to, InboxKind::OverrideEscalated, None, unit.at).await?;
        unit.touch(due.client, Categories::NONE);
        unit.finish("override.escalated", &due.id.global()).await?;
        escalated += 1;
    }
    Ok(escalated)
}

/// Ends what nobody co-signed; tells how many.
pub(super) async fn lapse(app: &App) -> Result<usize, Fault> {
    let mut lapsed = 0;
    for due in emergency::waited(&app.database, app.clock.now()).await? {
        let mut unit = JobUnit::begin(app, Job::LapseOverrides).await?;
        ledger::lock(unit.tx(), due.client).await?;
        if !emergency::lapsed(unit.tx(), due.id, unit.at).await? {
            unit.give_up().await?;
            continue;
        }
        close(unit.tx(), due.id, unit.at).await?;
        unit.touch(due.client, Categories::NONE);
        unit.finish("override.lapsed", &due.id.global()).await?;
        lapsed += 1;
    }
    Ok(lapsed)
}
