//! A safeguarding lead appointed later is told what the others were told: overrides that are to be reviewed or co-signed (C16), legal
//! gateways that are to be decided or are open (C17).
//!
//! Tasks are given to persons, so that each has a grant of their own and is done with it by name. Who had none because they were
//! not there yet gets it here, behind the lock of the client; a second run finds nothing to do.

use super::context::App;
use super::emergency::{opening, post_all};
use super::jobs::JobUnit;
use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::emergency::Job;
use crate::domain::ids::TypedId;
use crate::domain::inbox::InboxKind;
use crate::persistence::fault::Fault;
use crate::persistence::inbox::{self, NewInboxItem};
use crate::persistence::new_leads::{self as store, Untold, Unwatched};
use crate::persistence::{emergency, ledger, person};
use crate::policy::emergency::{Lead, holding, to_cosign};
use crate::policy::grants::project;

/// Tells every lead who was not told; tells how many documents there were.
pub(super) async fn tell(app: &App) -> Result<usize, Fault> {
    let mut told = 0;
    for untold in store::overrides(&app.database).await? {
        told += usize::from(tell_of_override(app, untold).await?);
    }
    for unwatched in store::gateways(&app.database, app.clock.now()).await? {
        told += usize::from(tell_of_gateway(app, unwatched).await?);
    }
    Ok(told)
}

async fn tell_of_override(app: &App, o: Untold) -> Result<bool, Fault> {
    let mut unit = JobUnit::begin(app, Job::TellNewLeads).await?;
    ledger::lock(unit.tx(), o.client).await?;
    // Again behind the lock: it may have been reviewed, or told, meanwhile.
    let leads = store::untold_of(unit.tx(), o.id).await?;
    if leads.is_empty() {
        unit.give_up().await?;
        return Ok(false);
    }
    emergency::give(unit.tx(), o.id, o.client, &leads, unit.at).await?;
    let about = (o.id, o.client);
    let due = o.review_due.unwrap_or(opening(o.asked_at, 0).review_due);
    post_all(app, unit.tx(), about, &leads, InboxKind::OverrideToReview, Some(due), unit.at).await?;
    if o.waits && unit.at < o.lapses_at {
        let holders = holding(&project(&ledger::facts(unit.tx(), o.client).await?), unit.at);
        // No organisation of the asker's holds the case for others (C21).
        let own = person::organisations_of(unit.tx(), o.asker.person).await?;
        let signers = emergency::signers(unit.tx(), o.client, o.asker).await?;
        let mut signers = to_cosign(&signers, o.asker, &(&holders - &own), o.needs);
        signers.retain(|s| leads.contains(s));
        // Newest first: what waits for a signature is before what waits for a review.
        let at = Timestamp(unit.at.0 + 1);
        post_all(app, unit.tx(), about, &signers, InboxKind::OverrideToCosign, Some(o.lapses_at), at).await?;
    }
    unit.touch(o.client, Categories::NONE);
    unit.finish("override.lead_told", &o.id.global()).await?;
    Ok(true)
}

async fn tell_of_gateway(app: &App, g: Unwatched) -> Result<bool, Fault> {
    let mut unit = JobUnit::begin(app, Job::TellNewLeads).await?;
    ledger::lock(unit.tx(), g.client).await?;
    let leads = store::unwatched_of(unit.tx(), g.id, unit.at).await?;
    if leads.is_empty() {
        unit.give_up().await?;
        return Ok(false);
    }
    for Lead { person, organisation } in leads {
        store::watch(unit.tx(), g.id, person).await?;
        // Who asked for it decides about it no more than before; what is decided asks for nothing.
        if g.undecided && person != g.asked_by {
            let item = NewInboxItem {
                person,
                organisation,
                kind: InboxKind::LegalGatewayAsked,
                subject: g.id,
                client: Some(g.client),
                due_at: None,
            };
            inbox::post(unit.tx(), &item, unit.at, &*app.random).await?;
        }
    }
    unit.touch(g.client, Categories::NONE);
    unit.finish("legal_gateway.lead_told", &g.id.global()).await?;
    Ok(true)
}
