//! Signposts: a person or a referrer is told of a service, and what became of it is found out.

use super::context::{Context, Failure};
use super::unit::{Done, Unit, begin};
use crate::domain::category::{Categories, Category};
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{CaseId, ReferralId, ServiceId, SignpostId, TypedId};
use crate::domain::mutation::Asked;
use crate::domain::organisation::ServiceStatus;
use crate::domain::role::Role;
use crate::domain::signpost::{Channel, FollowUp, Told};
use crate::domain::text;
use crate::persistence::organisation;
use crate::persistence::write::{self, NewSignpost};
use crate::policy::disclosure::Disclosure;
use crate::policy::writing;

const WORKERS: &[Role] = &[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator];

/// On what a signpost is given.
#[derive(Clone, Debug)]
pub enum On {
    /// A referral, by global id.
    Referral(String),
    /// A shared case, by global id.
    Case(String),
}

/// A signpost as it is asked for.
#[derive(Clone, Debug)]
pub struct SignpostAsked {
    /// On what.
    pub on: On,
    /// Where to.
    pub service: String,
    /// Who was told.
    pub told: Told,
    /// How.
    pub channel: Channel,
    /// Why.
    pub reason: String,
}

type Place = (Option<ReferralId>, Option<CaseId>, Disclosure);

async fn place(unit: &Unit<'_>, on: &On) -> Result<Place, Failure> {
    let nil = uuid::Uuid::nil();
    match on {
        On::Referral(given) => {
            let id = ReferralId::parse(given).unwrap_or(ReferralId(nil));
            match unit.scope().referrals_by_id(&[id]).await?.pop() {
                Some(r) => Ok((Some(r.id), None, r.disclosure)),
                None => {
                    unit.ctx().note_nothing_found(given);
                    Err(UserError::not_found("on.referralId").into())
                }
            }
        }
        On::Case(given) => {
            let id = CaseId::parse(given).unwrap_or(CaseId(nil));
            match unit.scope().cases_by_id(&[id]).await?.pop() {
                Some(k) => Ok((None, Some(k.id), k.disclosure)),
                None => {
                    unit.ctx().note_nothing_found(given);
                    Err(UserError::not_found("on.caseId").into())
                }
            }
        }
    }
}

/// Records a signpost on a referral or a case.
pub async fn record(ctx: &Context, asked: &Asked, s: &SignpostAsked) -> Result<Done<SignpostId>, Failure> {
    ctx.require(WORKERS)?;
    let mut problems = Problems::default();
    let reason = problems.text("reason", &s.reason, text::LINE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "signpostRecord", asked);
    let (.., before) = place(&unit, &s.on).await?;
    unit.lock(before.client).await?;
    // Read again behind the lock: what somebody else did meanwhile counts.
    let (referral, case, disclosure) = place(&unit, &s.on).await?;
    ctx.note_involvement(&disclosure);
    if !writing::may_signpost(&ctx.viewer, &disclosure) {
        return Err(Failure::user(
            UserErrorCode::NotAllowed,
            "on",
            "Signposting is for the hub and the teams on the case.",
        ));
    }
    let found = match ServiceId::parse(&s.service) {
        Some(id) => organisation::one_service(unit.tx(), id).await?,
        None => None,
    };
    let Some(service) = found else { return Err(UserError::not_found("serviceId").into()) };
    if service.status != ServiceStatus::Active {
        let message = "Nobody is pointed to a service that is not open.";
        return Err(Failure::user(UserErrorCode::Invalid, "serviceId", message));
    }
    let new = NewSignpost {
        id: SignpostId(ctx.app.random.uuid_timed(unit.by.at)),
        client: disclosure.client,
        referral,
        case,
        service: service.id,
        told: s.told,
        channel: s.channel,
        reason,
        owner: writing::owner(&ctx.viewer, &disclosure),
    };
    write::signpost(unit.tx(), &new, unit.by).await?;
    unit.touch(disclosure.client, Categories::of(&[Category::Involvement]));
    unit.finish("signpost.recorded", new.id).await
}

/// Records what became of a signpost.
pub async fn follow_up(
    ctx: &Context,
    asked: &Asked,
    signpost: &str,
    version: i64,
    what: FollowUp,
) -> Result<Done<SignpostId>, Failure> {
    ctx.require(WORKERS)?;
    let mut unit: Unit<'_> = begin!(ctx, "signpostFollowUp", asked);
    let id = SignpostId::parse(signpost).unwrap_or(SignpostId(uuid::Uuid::nil()));
    let mut found = unit.scope().signpost(id).await?;
    if let Some(before) = &found {
        unit.lock(before.disclosure.client).await?;
        // Read again behind the lock: what somebody else did meanwhile counts.
        found = unit.scope().signpost(id).await?;
    }
    let Some(found) = found else {
        ctx.note_nothing_found(signpost);
        return Err(UserError::not_found("signpostId").into());
    };
    ctx.note_involvement(&found.disclosure);
    let client = found.disclosure.client;
    if !writing::may_signpost(&ctx.viewer, &found.disclosure) {
        return Err(Failure::user(
            UserErrorCode::NotAllowed,
            "",
            "Following up is for the hub and the teams on the case.",
        ));
    }
    if !write::follow_up(unit.tx(), found.id, version, what, unit.by).await? {
        return Err(Failure::conflict());
    }
    unit.touch(client, Categories::of(&[Category::Involvement]));
    unit.finish("signpost.followed_up", found.id).await
}
