//! Supervision assigned and ended (C10): whom a worker's reflective notes open to.

use super::context::{Context, Failure};
use super::unit::{Done, Unit, begin};
use crate::domain::clock::Timestamp;
use crate::domain::failure::{UserError, UserErrorCode};
use crate::domain::ids::{PersonId, SupervisionId, TypedId};
use crate::domain::mutation::Asked;
use crate::domain::role::Role;
use crate::persistence::person;
use crate::persistence::supervision::{self as store, NewSupervision};
use crate::policy::supervision::{self as policy, Refused};

const DECIDERS: &[Role] = &[Role::Administrator, Role::TeamManager];
const SUPERVISED: &[Role] = &[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator];

/// A supervision as it is asked for.
#[derive(Clone, Debug)]
pub struct SupervisionAsked {
    /// The worker.
    pub worker: String,
    /// The supervisor.
    pub supervisor: String,
    /// From when; now when left out.
    pub from: Option<Timestamp>,
    /// Until when; without an end when left out.
    pub until: Option<Timestamp>,
}

fn refused(why: Refused, path: &str) -> Failure {
    match why {
        Refused::Oneself => {
            let message = "Nobody decides on their own supervision, nor makes themselves a supervisor.";
            Failure::user(UserErrorCode::NotForOneself, path, message)
        }
        Refused::NotYours => {
            let message = "This is for the organisation's administrators, and for managers of the worker's team.";
            Failure::user(UserErrorCode::NotAllowed, path, message)
        }
    }
}

/// Whether the worker is in one of the viewer's teams.
async fn shares_team(unit: &Unit<'_>, worker: PersonId) -> Result<bool, Failure> {
    for team in &unit.ctx().viewer.teams {
        if person::roles_in_team(unit.tx(), worker, team.id).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A live member of the viewer's organisation whose roles fit.
async fn member(
    unit: &Unit<'_>,
    given: &str,
    path: &str,
    fits: impl Fn(crate::domain::role::Roles) -> bool + Send,
    words: &str,
) -> Result<PersonId, Failure> {
    let id = PersonId::parse(given).unwrap_or(PersonId(uuid::Uuid::nil()));
    match person::roles_in(unit.tx(), id, unit.ctx().viewer.organisation).await? {
        None => Err(UserError::not_found(path).into()),
        Some(roles) if fits(roles) => Ok(id),
        Some(_) => Err(Failure::user(UserErrorCode::Invalid, path, words)),
    }
}

/// Says who supervises a worker within the viewer's organisation: one at a time.
pub async fn assign(ctx: &Context, asked: &Asked, s: &SupervisionAsked) -> Result<Done<SupervisionId>, Failure> {
    ctx.require(DECIDERS)?;
    let unit: Unit<'_> = begin!(ctx, "supervisionAssign", asked);
    let words = "Only who works with people writes reflective notes.";
    let worker = member(&unit, &s.worker, "workerId", |r| r.any(SUPERVISED), words).await?;
    let words = "A supervisor is a team manager.";
    let supervisor = member(&unit, &s.supervisor, "supervisorId", policy::can_supervise, words).await?;
    let shares = shares_team(&unit, worker).await?;
    policy::may_assign(&ctx.viewer, worker, supervisor, shares).map_err(|why| refused(why, ""))?;
    let from = s.from.unwrap_or(unit.by.at).max(unit.by.at);
    let until = s.until.unwrap_or(Timestamp::NEVER);
    if until <= from {
        return Err(Failure::user(UserErrorCode::Invalid, "until", "Must lie after the beginning, and after now."));
    }
    if store::is_there(unit.tx(), ctx.viewer.organisation, worker, (from, until)).await? {
        let message = "Somebody supervises this worker within these times. End that first.";
        return Err(Failure::user(UserErrorCode::AlreadyExists, "workerId", message));
    }
    let id = SupervisionId(ctx.app.random.uuid_timed(unit.by.at));
    store::assign(unit.tx(), NewSupervision { id, worker, supervisor, from, until }, unit.by).await?;
    unit.finish("supervision.assigned", id).await
}

/// Ends a supervision; from then on it opens nothing.
pub async fn end(
    ctx: &Context,
    asked: &Asked,
    supervision: &str,
    version: i64,
) -> Result<Done<SupervisionId>, Failure> {
    ctx.require(DECIDERS)?;
    let unit: Unit<'_> = begin!(ctx, "supervisionEnd", asked);
    let id = SupervisionId::parse(supervision).unwrap_or(SupervisionId(uuid::Uuid::nil()));
    let Some(found) = store::one(unit.tx(), ctx.viewer.organisation, id).await? else {
        return Err(UserError::not_found("supervisionId").into());
    };
    let shares = shares_team(&unit, found.worker).await?;
    policy::may_decide(&ctx.viewer, found.worker, shares).map_err(|why| refused(why, "supervisionId"))?;
    if !store::end(unit.tx(), id, version, unit.by.at).await? {
        return Err(Failure::conflict());
    }
    unit.finish("supervision.ended", id).await
}
