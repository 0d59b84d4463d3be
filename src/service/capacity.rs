//! How many people a team has room for: stated by the team. The hub sees no caseload: a count would tell of records hidden from it (C14).

use super::context::{Context, Failure};
use super::unit::{Done, Unit, begin};
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{PersonId, TeamId, TypedId};
use crate::domain::mutation::Asked;
use crate::domain::role::Role;
use crate::persistence::{capacity, organisation as registry};

/// The most people a team can say that it has room for.
const MOST: i64 = 1_000;
/// The most workers of a team whose support is digital alone.
const MOST_WORKERS: usize = 100;

/// States how many more people a team takes, and whose support is digital alone. For the team's own manager.
pub async fn state(
    ctx: &Context,
    asked: &Asked,
    (given, version): (&str, i64),
    room: Option<i64>,
    digital: Option<&[String]>,
) -> Result<Done<TeamId>, Failure> {
    ctx.require(&[Role::TeamManager])?;
    let mut problems = Problems::default();
    if room.is_some_and(|r| !(0..=MOST).contains(&r)) {
        let message = format!("Must lie between 0 and {MOST}.");
        problems.add(UserError::at(UserErrorCode::Invalid, "room", message));
    }
    if digital.is_some_and(|all| all.len() > MOST_WORKERS) {
        let message = format!("Lists more than {MOST_WORKERS}.");
        problems.add(UserError::at(UserErrorCode::Invalid, "digitalWorkerIds", message));
    }
    problems.done()?;
    let unit: Unit<'_> = begin!(ctx, "teamStateRoom", asked);
    let found = match TeamId::parse(given) {
        Some(id) => registry::one_team(unit.tx(), id).await?,
        None => None,
    };
    let Some(team) = found else { return Err(UserError::not_found("teamId").into()) };
    if !ctx.viewer.in_team(team.id) || team.is_hub {
        let message = "A manager states the room of their own teams.";
        return Err(Failure::user(UserErrorCode::NotAllowed, "teamId", message));
    }
    if !capacity::state(unit.tx(), team.id, room, unit.by.at, version).await? {
        return Err(Failure::conflict());
    }
    // Behind the version: of several at once the others wait for it here, and are told of it.
    if let Some(given) = digital {
        let mut people: Vec<PersonId> =
            given.iter().map(|id| PersonId::parse(id).unwrap_or(PersonId(uuid::Uuid::nil()))).collect();
        people.sort();
        people.dedup();
        if !capacity::all_work_in(unit.tx(), team.id, &people).await? {
            let message = "There is no such worker in the team.";
            return Err(Failure::user(UserErrorCode::NotFound, "digitalWorkerIds", message));
        }
        capacity::set_digital(unit.tx(), team.id, &people).await?;
    }
    unit.finish("team.room_stated", team.id).await
}
