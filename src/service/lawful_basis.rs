//! The lawful basis of processing (C3): recorded beside consent, and ended. It opens nothing.

use super::context::{Context, Failure};
use super::unit::{Done, Unit, begin};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{LawfulBasisId, TypedId};
use crate::domain::lawful_basis::{LawfulBasisKind, SpecialCondition};
use crate::domain::mutation::Asked;
use crate::domain::role::Role;
use crate::domain::text;
use crate::persistence::lawful_basis::{self as store, LawfulBasis, NewLawfulBasis};
use crate::policy::lawful_basis::{condition_problems, may_end};
use crate::policy::writing;

const RECORDERS: &[Role] = &[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator];

/// A lawful basis as it is asked to be recorded.
#[derive(Clone, Debug)]
pub struct LawfulBasisAsked {
    /// Article 6(1).
    pub basis: LawfulBasisKind,
    /// Article 9(2).
    pub special_condition: Option<SpecialCondition>,
    /// Schedule 1 to the Data Protection Act 2018.
    pub schedule_condition: Option<String>,
    /// The categories of data it is for.
    pub categories: Vec<Category>,
    /// From when; now when left out.
    pub from: Option<Timestamp>,
    /// Until when; without a planned end when left out.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

/// Records on which lawful basis the viewer's organisation processes what it has of a client.
pub async fn record(
    ctx: &Context,
    asked: &Asked,
    client: &str,
    b: &LawfulBasisAsked,
) -> Result<Done<LawfulBasisId>, Failure> {
    ctx.require(RECORDERS)?;
    let mut unit: Unit<'_> = begin!(ctx, "lawfulBasisRecord", asked);
    let (client, disclosure) = super::client::visible(&unit, client, "clientId").await?;
    if !writing::may_record(&ctx.viewer, &disclosure) {
        return Err(Failure::user(
            UserErrorCode::NotAllowed,
            "clientId",
            "This is for those who work with the person.",
        ));
    }
    let id = LawfulBasisId(ctx.app.random.uuid_timed(unit.by.at));
    let mut problems = Problems::default();
    let categories: Categories = b.categories.iter().copied().collect();
    if categories.is_empty() {
        problems.add(UserError::at(UserErrorCode::Invalid, "categories", "Name at least one category."));
    }
    let schedule_condition = problems.optional("scheduleCondition", b.schedule_condition.as_deref(), text::LINE);
    for problem in condition_problems(categories, b.special_condition, schedule_condition.is_some()) {
        problems.add(problem);
    }
    let starts_at = b.from.unwrap_or(unit.by.at);
    let until_at = b.until.unwrap_or(Timestamp::NEVER);
    if until_at <= starts_at {
        problems.add(UserError::at(UserErrorCode::Invalid, "until", "Must lie after the beginning."));
    }
    let reason = problems.text("reason", &b.reason, text::FREE);
    problems.done()?;
    let new = NewLawfulBasis {
        id,
        client,
        basis: b.basis,
        special_condition: b.special_condition,
        schedule_condition,
        categories,
        reason,
        starts_at,
        until_at,
        owner: writing::owner(&ctx.viewer, &disclosure),
    };
    store::record(unit.tx(), &new, unit.by).await?;
    unit.touch(client, Categories::of(&[Category::Involvement]));
    unit.finish("lawful_basis.recorded", id).await
}

/// A lawful basis of the viewer's organisation, with the client locked, at the version read.
async fn seen(unit: &Unit<'_>, given: &str, version: i64) -> Result<LawfulBasis, Failure> {
    let id = LawfulBasisId::parse(given).unwrap_or(LawfulBasisId(uuid::Uuid::nil()));
    let Some(before) = unit.scope().lawful_basis(id).await? else {
        unit.ctx().note_nothing_found(given);
        return Err(UserError::not_found("lawfulBasisId").into());
    };
    unit.ctx().note_involvement(&before.disclosure);
    unit.lock(before.client).await?;
    // Read again behind the lock: what somebody else did meanwhile counts.
    let Some(found) = unit.scope().lawful_basis(id).await? else {
        return Err(UserError::not_found("lawfulBasisId").into());
    };
    if !may_end(&unit.ctx().viewer) {
        let message = "This is for those who work with people.";
        return Err(Failure::user(UserErrorCode::NotAllowed, "lawfulBasisId", message));
    }
    if found.version != version {
        return Err(Failure::conflict());
    }
    Ok(found)
}

/// Ends it: what is processed from now on is on another basis, or on none.
pub async fn end(
    ctx: &Context,
    asked: &Asked,
    basis: &str,
    version: i64,
    reason: &str,
) -> Result<Done<LawfulBasisId>, Failure> {
    ctx.require(RECORDERS)?;
    let mut problems = Problems::default();
    let reason = problems.text("reason", reason, text::FREE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "lawfulBasisEnd", asked);
    let found = seen(&unit, basis, version).await?;
    if found.ended_at.is_some() {
        return Err(Failure::user(UserErrorCode::IllegalTransition, "lawfulBasisId", "It is ended already."));
    }
    if !store::end(unit.tx(), found.id, version, &reason, unit.by).await? {
        return Err(Failure::conflict());
    }
    unit.touch(found.client, Categories::of(&[Category::Involvement]));
    unit.finish("lawful_basis.ended", found.id).await
}
