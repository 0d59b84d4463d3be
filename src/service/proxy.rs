//! Who speaks for a client, and recorded competence (C3, C24): recorded, ended, excluded.

use super::consent::end_uncovered;
use super::context::{Context, Failure};
use super::unit::{Done, Unit, begin};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::{Timestamp, parse_date};
use crate::domain::consent::{GivingProxy, NewConsent};
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{ClientId, ProxyId, ReferralId, TypedId};
use crate::domain::mutation::Asked;
use crate::domain::proxy::ProxyKind;
use crate::domain::role::Role;
use crate::domain::text::{self, search_key};
use crate::persistence::ledger;
use crate::persistence::proxy::{self as store, NewCompetence, NewProxy, Proxy};
use crate::policy::disclosure::Disclosure;
use crate::policy::writing;

const WORKERS: &[Role] = &[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator];
/// Why a membership ends with the authority of whoever consented.
const AUTHORITY_ENDED: &str = "AUTHORITY_ENDED";

fn must_work(ctx: &Context, disclosure: &Disclosure, path: &str) -> Result<(), Failure> {
    if writing::may_record(&ctx.viewer, disclosure) {
        return Ok(());
    }
    Err(Failure::user(UserErrorCode::NotAllowed, path, "This is for those who work with the person."))
}

/// A proxy as it is asked to be recorded.
#[derive(Clone, Debug)]
pub struct ProxyAsked {
    /// By what they act.
    pub kind: ProxyKind,
    /// Their name.
    pub name: String,
    /// From when; now when left out.
    pub from: Option<Timestamp>,
    /// Until when; without an end when left out.
    pub until: Option<Timestamp>,
    /// Why they never act for the person, when that is what is recorded.
    pub never_acts: Option<String>,
}

/// Records who speaks for a client, or that somebody never does. Whoever is excluded is not recorded anew under the same name (C24).
pub async fn record(ctx: &Context, asked: &Asked, client: &str, p: &ProxyAsked) -> Result<Done<ProxyId>, Failure> {
    ctx.require(WORKERS)?;
    let mut unit: Unit<'_> = begin!(ctx, "proxyRecord", asked);
    let (client, disclosure) = super::client::visible(&unit, client, "clientId").await?;
    must_work(ctx, &disclosure, "clientId")?;
    let mut problems = Problems::default();
    let name = problems.text("name", &p.name, text::NAME);
    let never_acts = problems.optional("neverActsReason", p.never_acts.as_deref(), text::FREE);
    let starts_at = p.from.unwrap_or(unit.by.at);
    let until_at = p.until.unwrap_or(Timestamp::NEVER);
    if until_at <= starts_at {
        problems.add(UserError::at(UserErrorCode::Invalid, "until", "Must lie after the beginning."));
    }
    problems.done()?;
    if ledger::facts(unit.tx(), client).await?.died_at.is_some() {
        let message = "Nobody speaks any more for somebody who has died.";
        return Err(Failure::user(UserErrorCode::ProxyCannotAct, "clientId", message));
    }
    let known = unit.scope().proxies_of(&[client]).await?;
    let excluded = |k: &&Proxy| k.facts.excluded_at.is_some() && search_key(&k.name) == search_key(&name);
    if let Some(k) = known.iter().find(excluded) {
        ctx.note_involvement(&k.disclosure);
        let message = "It is recorded that they never act for the person.";
        return Err(Failure::user(UserErrorCode::ProxyCannotAct, "name", message));
    }
    let id = ProxyId(ctx.app.random.uuid_timed(unit.by.at));
    let owner = writing::owner(&ctx.viewer, &disclosure);
    let new = NewProxy { id, client, kind: p.kind, name, starts_at, until_at, never_acts, owner };
    store::record(unit.tx(), &new, unit.by).await?;
    unit.touch(client, Categories::of(&[Category::Involvement]));
    unit.finish("proxy.recorded", id).await
}

/// The proxy whom a draft's consent names goes on the record that the draft opens, as the referral's own.
pub(super) async fn with_draft(
    unit: &Unit<'_>,
    client: ClientId,
    referral: ReferralId,
    consent: &NewConsent,
) -> Result<Option<ProxyId>, Failure> {
    let (Some(kind), Some(GivingProxy::Named(name))) = (ProxyKind::giving(consent.given_by), &consent.proxy) else {
        return Ok(None);
    };
    let id = ProxyId(unit.ctx().app.random.uuid_timed(unit.by.at));
    let new = NewProxy {
        id,
        client,
        kind,
        name: name.clone(),
        starts_at: consent.given_at,
        until_at: Timestamp::NEVER,
        never_acts: None,
        owner: referral.0,
    };
    store::record(unit.tx(), &new, unit.by).await?;
    Ok(Some(id))
}

/// A proxy the viewer sees and may change, with the client locked, at the version read.
async fn seen(unit: &Unit<'_>, given: &str, version: i64) -> Result<Proxy, Failure> {
    let id = ProxyId::parse(given).unwrap_or(ProxyId(uuid::Uuid::nil()));
    let Some(before) = unit.scope().proxy(id).await? else {
        unit.ctx().note_nothing_found(given);
        return Err(UserError::not_found("proxyId").into());
    };
    unit.ctx().note_involvement(&before.disclosure);
    unit.lock(before.client).await?;
    // Read again behind the lock: what somebody else did meanwhile counts.
    let Some(found) = unit.scope().proxy(id).await? else {
        return Err(UserError::not_found("proxyId").into());
    };
    must_work(unit.ctx(), &found.disclosure, "proxyId")?;
    if found.version != version {
        return Err(Failure::conflict());
    }
    Ok(found)
}

fn reason(given: &str) -> Result<String, Failure> {
    let mut problems = Problems::default();
    let reason = problems.text("reason", given, text::FREE);
    problems.done()?;
    Ok(reason)
}

fn once(is_so: bool) -> Result<(), Failure> {
    if is_so {
        return Err(Failure::user(UserErrorCode::IllegalTransition, "proxyId", "It is so already."));
    }
    Ok(())
}

/// What follows when somebody's authority is over: what they consented to ends with it.
async fn over<T: TypedId>(mut unit: Unit<'_>, client: ClientId, event: &str, id: T) -> Result<Done<T>, Failure> {
    end_uncovered(&unit, client, AUTHORITY_ENDED).await?;
    unit.touch(client, Categories::of(&[Category::Involvement]));
    unit.finish(event, id).await
}

fn must_end(ctx: &Context, found: &Proxy) -> Result<(), Failure> {
    if writing::may_end_proxy(&ctx.viewer, &found.disclosure, found.owner) {
        return Ok(());
    }
    let message =
        "This is for the team that leads the case, the hub, or the agency that recorded the proxy: tell one of them.";
    Err(Failure::user(UserErrorCode::NotAllowed, "proxyId", message))
}

/// Ends a proxy's authority, and the consents that rest on it: what others see by them is not for a mere member team to end.
pub async fn end(
    ctx: &Context,
    asked: &Asked,
    proxy: &str,
    version: i64,
    why: &str,
) -> Result<Done<ProxyId>, Failure> {
    ctx.require(WORKERS)?;
    let why = reason(why)?;
    let unit: Unit<'_> = begin!(ctx, "proxyEnd", asked);
    let found = seen(&unit, proxy, version).await?;
    must_end(ctx, &found)?;
    once(found.facts.ended_at.is_some())?;
    if !store::end(unit.tx(), found.id, version, &why, unit.by.at).await? {
        return Err(Failure::conflict());
    }
    over(unit, found.client, "proxy.ended", found.id).await
}

/// Records that a proxy never acts for the person (C24): what they consented to ends, so that it is for who may end it.
pub async fn exclude(
    ctx: &Context,
    asked: &Asked,
    proxy: &str,
    version: i64,
    why: &str,
) -> Result<Done<ProxyId>, Failure> {
    ctx.require(WORKERS)?;
    let why = reason(why)?;
    let unit: Unit<'_> = begin!(ctx, "proxyExclude", asked);
    let found = seen(&unit, proxy, version).await?;
    must_end(ctx, &found)?;
    once(found.facts.excluded_at.is_some())?;
    if !store::exclude(unit.tx(), found.id, version, &why, unit.by.at).await? {
        return Err(Failure::conflict());
    }
    over(unit, found.client, "proxy.excluded", found.id).await
}

/// An assessment of competence as it is asked to be recorded.
#[derive(Clone, Debug)]
pub struct CompetenceAsked {
    /// The day of the assessment.
    pub assessed_on: String,
    /// By whom.
    pub assessed_by: String,
    /// How.
    pub how: String,
}

/// Records that a child is competent: from that day a parent's consent covers nothing, and a parent gives none (C3).
pub async fn record_competence(
    ctx: &Context,
    asked: &Asked,
    client: &str,
    c: &CompetenceAsked,
) -> Result<Done<ClientId>, Failure> {
    ctx.require(WORKERS)?;
    let unit: Unit<'_> = begin!(ctx, "competenceRecord", asked);
    let (client, disclosure) = super::client::visible(&unit, client, "clientId").await?;
    must_work(ctx, &disclosure, "clientId")?;
    let mut problems = Problems::default();
    let assessed_by = problems.text("assessedBy", &c.assessed_by, text::NAME);
    let how = problems.text("how", &c.how, text::FREE);
    let day = parse_date(&c.assessed_on).filter(|d| *d <= unit.by.at.date());
    let midnight = day.and_then(|d| d.and_hms_opt(0, 0, 0)).map(|t| Timestamp(t.and_utc().timestamp_micros()));
    if midnight.is_none() {
        problems.add(UserError::at(UserErrorCode::Invalid, "assessedOn", "Must be a day that has come."));
    }
    problems.done()?;
    let owner = writing::owner(&ctx.viewer, &disclosure);
    let assessed_at = midnight.unwrap_or(unit.by.at);
    let new = NewCompetence { client, assessed_at, assessed_by, how, owner };
    store::record_competence(unit.tx(), &new, unit.by, &*ctx.app.random).await?;
    over(unit, client, "competence.recorded", client).await
}
