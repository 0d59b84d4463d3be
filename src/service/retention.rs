//! Retention set, legal holds placed and lifted (C24): what information governance leads decide without reading any of it.

use super::context::{Context, Failure};
use super::unit::{Done, Unit, begin};
use crate::domain::category::{Categories, Category};
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{ClientId, LegalHoldId, OrganisationId, TypedId};
use crate::domain::mutation::Asked;
use crate::domain::role::Role;
use crate::domain::text;
use crate::persistence::organisation as registry;
use crate::persistence::retention::{self as store, LegalHold, NewLegalHold};
use crate::policy::lives::LONGEST_RETENTION_YEARS;

const GOVERNANCE: &[Role] = &[Role::InformationGovernance];

/// Sets how many years the viewer's organisation keeps what it recorded and the referrals it sent, from the last closure.
pub async fn set(ctx: &Context, asked: &Asked, years: i32, version: i64) -> Result<Done<OrganisationId>, Failure> {
    ctx.require(GOVERNANCE)?;
    let years = u32::try_from(years).ok().filter(|y| (1..=LONGEST_RETENTION_YEARS).contains(y));
    let Some(years) = years else {
        return Err(Failure::user(UserErrorCode::Invalid, "years", "Must be from 1 to 100."));
    };
    let mut unit: Unit<'_> = begin!(ctx, "retentionSet", asked);
    let of = ctx.viewer.organisation;
    // The registry before any client, in the order of whoever merges: neither waits for the other.
    registry::hold_names(unit.tx()).await?;
    let clients = store::clients(unit.tx(), of).await?;
    unit.lock_all(&clients).await?;
    if !store::set(unit.tx(), of, years, version).await? {
        return Err(Failure::conflict());
    }
    for client in clients {
        unit.touch(client, Categories::of(&[Category::Involvement]));
    }
    unit.finish("retention.set", of).await
}

/// Places a hold on what the viewer's organisation keeps of a client: it is kept until the hold is lifted, however long ago the last
/// closure was.
pub async fn place(
    ctx: &Context,
    asked: &Asked,
    client: &str,
    reference: &str,
    reason: &str,
) -> Result<Done<LegalHoldId>, Failure> {
    ctx.require(GOVERNANCE)?;
    let mut problems = Problems::default();
    let reference = problems.text("reference", reference, text::LINE);
    let reason = problems.text("reason", reason, text::FREE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "legalHoldPlace", asked);
    let id = ClientId::parse(client).unwrap_or(ClientId(uuid::Uuid::nil()));
    // Looked at before it is locked, so that waiting tells nobody of a record, and behind the lock again.
    let Some(disclosure) = unit.scope().kept(id).await? else {
        ctx.note_nothing_found(client);
        return Err(UserError::not_found("clientId").into());
    };
    ctx.note_involvement(&disclosure);
    unit.lock(id).await?;
    if unit.scope().kept(id).await?.is_none() {
        return Err(UserError::not_found("clientId").into());
    }
    if store::is_held(unit.tx(), id, ctx.viewer.organisation).await? {
        let message = "Your organisation has a hold on this record. One keeps everything.";
        return Err(Failure::user(UserErrorCode::AlreadyExists, "clientId", message));
    }
    let hold = LegalHoldId(ctx.app.random.uuid_timed(unit.by.at));
    store::place(unit.tx(), &NewLegalHold { id: hold, client: id, reference, reason }, unit.by).await?;
    unit.touch(id, Categories::of(&[Category::Involvement]));
    unit.finish("legal_hold.placed", hold).await
}

/// A hold of the viewer's organisation, with the client locked, at the version read.
async fn seen(unit: &Unit<'_>, given: &str, version: i64) -> Result<LegalHold, Failure> {
    let id = LegalHoldId::parse(given).unwrap_or(LegalHoldId(uuid::Uuid::nil()));
    let Some(before) = unit.scope().legal_hold(id).await? else {
        unit.ctx().note_nothing_found(given);
        return Err(UserError::not_found("legalHoldId").into());
    };
    unit.ctx().note_involvement(&before.disclosure);
    unit.lock(before.client).await?;
    // Read again behind the lock: what somebody else did meanwhile counts.
    let Some(found) = unit.scope().legal_hold(id).await? else {
        return Err(UserError::not_found("legalHoldId").into());
    };
    if found.version != version {
        return Err(Failure::conflict());
    }
    Ok(found)
}

/// Lifts a hold: from then on retention counts again, from the last closure.
pub async fn lift(
    ctx: &Context,
    asked: &Asked,
    hold: &str,
    version: i64,
    reason: &str,
) -> Result<Done<LegalHoldId>, Failure> {
    ctx.require(GOVERNANCE)?;
    let mut problems = Problems::default();
    let reason = problems.text("reason", reason, text::FREE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "legalHoldLift", asked);
    let found = seen(&unit, hold, version).await?;
    if found.lifted_at.is_some() {
        return Err(Failure::user(UserErrorCode::IllegalTransition, "legalHoldId", "It was lifted already."));
    }
    if !store::lift(unit.tx(), found.id, version, &reason, unit.by).await? {
        return Err(Failure::conflict());
    }
    unit.touch(found.client, Categories::of(&[Category::Involvement]));
    unit.finish("legal_hold.lifted", found.id).await
}
