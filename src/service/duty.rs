//! The duty to refer of public bodies: recorded by the body, passed on by the hub to the housing authority that the person chose.

use super::context::{Context, Failure};
use super::organisation::standing;
use super::referral::{SENDERS, Seen, seen};
use super::unit::{Done, Unit, begin};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::duty::{has_duty, is_housing_authority, pass_by};
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{ClientId, ReferralId};
use crate::domain::inbox::InboxKind;
use crate::domain::mutation::Asked;
use crate::domain::organisation::OrganisationStatus;
use crate::domain::referral::{ReferralActor, ReferralState};
use crate::domain::role::Role;
use crate::domain::text;
use crate::persistence::duty::{self, Duty, NewDuty};
use crate::persistence::inbox::{self, NewInboxItem};
use crate::persistence::{ledger, person, restriction};
use crate::policy::duty::{may_acknowledge, may_end, may_pass, may_record};
use crate::policy::referral::actors;

/// A duty to refer as it is asked to be recorded.
#[derive(Clone, Debug)]
pub struct DutyAsked {
    /// The housing authority that the person chose, by global id.
    pub authority: String,
    /// Why the person may be homeless or threatened with it.
    pub reason: String,
    /// How they agreed.
    pub evidence: String,
    /// When; now when left out.
    pub agreed_at: Option<Timestamp>,
}

/// The duty beside a referral that the viewer sees, and on whose behalf they act on it.
async fn beside(unit: &Unit<'_>, seen: &Seen) -> Result<(Option<Duty>, Vec<ReferralActor>), Failure> {
    let r = &seen.referral;
    let duty = unit.scope().duties(&[r.id]).await?.pop();
    Ok((duty, actors(&unit.ctx().viewer, &r.disclosure, None)))
}

fn of_somebody_else() -> Failure {
    Failure::user(UserErrorCode::NotAllowed, "", "This step is for somebody else to take.")
}

fn not_now() -> Failure {
    let message = "There is no duty to refer with this referral for which this can be done now.";
    Failure::user(UserErrorCode::IllegalTransition, "", message)
}

/// Records that a person agreed that a public body tells a housing authority of them.
pub async fn record(ctx: &Context, asked: &Asked, id: &str, d: &DutyAsked) -> Result<Done<ReferralId>, Failure> {
    ctx.require(SENDERS)?;
    let mut problems = Problems::default();
    let reason = problems.text("reason", &d.reason, text::FREE);
    let evidence = problems.text("evidence", &d.evidence, text::FREE);
    let mut unit: Unit<'_> = begin!(ctx, "referralRecordDuty", asked);
    let agreed_at = d.agreed_at.unwrap_or(unit.by.at);
    if agreed_at > unit.by.at {
        problems.add(UserError::at(UserErrorCode::Invalid, "agreedAt", "Lies in the future."));
    }
    problems.done()?;
    let seen = seen(&unit, id).await?;
    let (duty, mine) = beside(&unit, &seen).await?;
    let r = &seen.referral;
    let Some(duty) = duty.filter(|_| mine.contains(&ReferralActor::Referrer)) else { return Err(of_somebody_else()) };
    if !has_duty(duty.sender_kind) || r.private_sender {
        let message = "The duty to refer is of prisons, probation, Jobcentre Plus, social services and hospitals. \
            Signpost the person to the authority instead.";
        return Err(Failure::user(UserErrorCode::NotAllowed, "", message));
    }
    if duty.facts().is_live {
        let message = "A duty to refer is recorded with this referral already.";
        return Err(Failure::user(UserErrorCode::AlreadyExists, "", message));
    }
    if !may_record(&mine, duty.sender_kind, r.private_sender, r.state, duty.facts()) {
        return Err(not_now());
    }
    let authority = standing(&unit, &d.authority, "authorityId").await?;
    let fits = is_housing_authority(authority.kind) && !authority.is_category;
    if !fits || authority.status != OrganisationStatus::Active {
        let message = "The person chooses a housing authority: a district council that takes part.";
        return Err(Failure::user(UserErrorCode::Invalid, "authorityId", message));
    }
    let new = NewDuty { referral: r.id, client: r.client, authority: authority.id, reason, evidence, agreed_at };
    duty::record(unit.tx(), &new, unit.by, &*ctx.app.random).await?;
    if r.state != ReferralState::Draft {
        tell_hub(&unit, r.id, r.client).await?;
    }
    unit.touch(r.client, Categories::of(&[Category::Involvement, Category::Housing]));
    unit.finish("duty_to_refer.recorded", r.id).await
}

/// Puts a live duty of a referral before the coordinators of the hub, to be passed on the same day.
pub(super) async fn tell_hub(unit: &Unit<'_>, referral: ReferralId, client: ClientId) -> Result<(), Failure> {
    if duty::live_since(unit.tx(), referral).await?.is_none() {
        return Ok(());
    }
    for hub in ledger::facts(unit.tx(), client).await?.hubs {
        for person in person::with_role(unit.tx(), hub.organisation, Role::HubCoordinator).await? {
            let roles = person::roles_in_team(unit.tx(), person, hub.team).await?;
            if !roles.is_some_and(|r| r.has(Role::HubCoordinator)) {
                continue;
            }
            let item = NewInboxItem {
                person,
                organisation: hub.organisation,
                kind: InboxKind::DutyToRefer,
                subject: referral,
                client: Some(client),
                due_at: Some(pass_by(unit.by.at)),
            };
            inbox::post(unit.tx(), &item, unit.by.at, &*unit.ctx().app.random).await?;
        }
    }
    Ok(())
}

/// Records that the hub passed a duty on: how to reach the person and why, to the authority that they chose and to nobody else.
pub async fn pass(ctx: &Context, asked: &Asked, id: &str) -> Result<Done<ReferralId>, Failure> {
    ctx.require(&[Role::HubCoordinator])?;
    let mut unit: Unit<'_> = begin!(ctx, "referralPassDuty", asked);
    let seen = seen(&unit, id).await?;
    let (duty, mine) = beside(&unit, &seen).await?;
    if !mine.contains(&ReferralActor::Hub) {
        return Err(of_somebody_else());
    }
    let r = &seen.referral;
    let live = duty.filter(|d| may_pass(&mine, d.facts())).and_then(|d| d.record);
    let Some(record) = live else { return Err(not_now()) };
    if restriction::excludes(unit.tx(), r.client, record.authority).await? {
        let message = "The client excludes this authority since: speak with them first.";
        return Err(Failure::user(UserErrorCode::NotAllowed, "", message));
    }
    if ledger::facts(unit.tx(), r.client).await?.died_at.is_some() {
        return Err(Failure::user(UserErrorCode::NotAllowed, "", "The person died: what they agreed to has ended."));
    }
    if !duty::pass(unit.tx(), r.id, unit.by).await? {
        return Err(Failure::conflict());
    }
    inbox::close_kind(unit.tx(), r.id, InboxKind::DutyToRefer, unit.by.at).await?;
    // What goes out is in the trace.
    let told = [Category::Involvement, Category::Name, Category::Contact, Category::Housing];
    unit.touch(r.client, Categories::of(&told));
    unit.finish("duty_to_refer.passed", r.id).await
}

/// Records that the authority acknowledged it.
pub async fn acknowledge(
    ctx: &Context,
    asked: &Asked,
    id: &str,
    reference: &str,
    at: Option<Timestamp>,
) -> Result<Done<ReferralId>, Failure> {
    ctx.require(&[Role::HubCoordinator])?;
    let mut problems = Problems::default();
    let reference = problems.text("reference", reference, text::LINE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "referralAcknowledgeDuty", asked);
    let seen = seen(&unit, id).await?;
    let (duty, mine) = beside(&unit, &seen).await?;
    if !mine.contains(&ReferralActor::Hub) {
        return Err(of_somebody_else());
    }
    let r = &seen.referral;
    if !duty.is_some_and(|d| may_acknowledge(&mine, d.facts())) {
        return Err(not_now());
    }
    if !duty::acknowledge(unit.tx(), r.id, at.unwrap_or(unit.by.at), &reference, unit.by).await? {
        let message = "Lies in the future, or before it was passed on.";
        return Err(Failure::user(UserErrorCode::Invalid, "acknowledgedAt", message));
    }
    unit.touch(r.client, Categories::of(&[Category::Involvement]));
    unit.finish("duty_to_refer.acknowledged", r.id).await
}

/// Records that the person takes it back. It always succeeds (C4); what was passed on stays passed on, and the hub tells the authority.
pub async fn end(ctx: &Context, asked: &Asked, id: &str, reason: &str) -> Result<Done<ReferralId>, Failure> {
    ctx.require(SENDERS)?;
    let mut problems = Problems::default();
    let reason = problems.text("reason", reason, text::FREE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "referralEndDuty", asked);
    let seen = seen(&unit, id).await?;
    let (duty, mine) = beside(&unit, &seen).await?;
    let Some(duty) = duty.filter(|_| !mine.is_empty()) else { return Err(of_somebody_else()) };
    let r = &seen.referral;
    if !may_end(&mine, duty.facts()) {
        return Err(not_now());
    }
    if !duty::end(unit.tx(), r.id, &reason, unit.by).await? {
        return Err(Failure::conflict());
    }
    inbox::close_kind(unit.tx(), r.id, InboxKind::DutyToRefer, unit.by.at).await?;
    unit.touch(r.client, Categories::of(&[Category::Involvement]));
    unit.finish("duty_to_refer.ended", r.id).await
}
