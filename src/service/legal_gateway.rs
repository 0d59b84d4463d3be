//! Legal gateways asked for, decided and ended (C17), and what the client is told of them (C18).

use super::client::visible;
use super::context::{Context, Failure};
use super::unit::{Done, Unit, begin};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{ClientId, LegalGatewayId, OrganisationId, PersonId, TypedId};
use crate::domain::inbox::InboxKind;
use crate::domain::legal_gateway::{LONGEST_DAYS, LegalGatewayDecision, LegalGatewayKind, LegalGatewayState};
use crate::domain::mutation::Asked;
use crate::domain::organisation::OrganisationStatus;
use crate::domain::role::Role;
use crate::domain::tell::TellAsked;
use crate::domain::text;
use crate::persistence::inbox::{self, NewInboxItem};
use crate::persistence::legal_gateway::{self, LegalGateway, NewLegalGateway};
use crate::persistence::{organisation, person};
use crate::policy::{gateway, writing};

const ASKERS: &[Role] = &[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator, Role::SafeguardingLead];
const LEADS: &[Role] = &[Role::SafeguardingLead];

/// A legal gateway as it is asked for; ids still as they came.
#[derive(Clone, Debug)]
pub struct GatewayAsked {
    /// Whose record.
    pub client: String,
    /// Whom it opens it to.
    pub recipient: String,
    /// On which ground.
    pub kind: LegalGatewayKind,
    /// The order, protocol or law.
    pub reference: String,
    /// Which categories.
    pub categories: Vec<Category>,
    /// From when; now when left out.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

/// Checks the categories that a disclosure without consent names: some, never those for statistics alone, and nothing beyond what is
/// open to whoever names it.
pub(super) fn named(open: Categories, list: &[Category], problems: &mut Problems) -> Categories {
    let mut wrong = |code, message: String| problems.add(UserError::at(code, "categories", message));
    let named: Categories = list.iter().copied().collect();
    let open = open.union(Categories::of(&[Category::Involvement]));
    let beyond = named.minus(open).minus(Categories::of(&[Category::Equalities]));
    if named.is_empty() {
        wrong(UserErrorCode::Invalid, "Name at least one category.".into());
    }
    if named.has(Category::Equalities) {
        wrong(UserErrorCode::Invalid, "EQUALITIES is for statistics alone and is never disclosed.".into());
    }
    if !beyond.is_empty() {
        let names: Vec<_> = beyond.iter().map(Coded::code).collect();
        let message = format!("Only what is open to you can be disclosed: not {}.", names.join(", "));
        wrong(UserErrorCode::NotAllowed, message);
    }
    named
}

/// Checks the dates: not past, in order, at most two years apart.
fn dates(from: Option<Timestamp>, until: Timestamp, now: Timestamp, problems: &mut Problems) -> Timestamp {
    let starts_at = from.unwrap_or(now);
    let mut wrong = |code, path: &str, message: &str| problems.add(UserError::at(code, path, message));
    // Whoever writes "today" means its beginning.
    if starts_at < now && starts_at.date() != now.date() {
        wrong(UserErrorCode::Invalid, "from", "Lies in the past.");
    }
    if until <= now {
        wrong(UserErrorCode::Invalid, "until", "Lies in the past.");
    } else if until <= starts_at {
        wrong(UserErrorCode::Invalid, "until", "Must lie after `from`.");
    } else if until > starts_at.plus_days(LONGEST_DAYS) {
        wrong(UserErrorCode::LegalGatewayTooLong, "until", "A legal gateway lasts at most two years.");
    }
    starts_at
}

/// The organisation that the gateway names: one of the registry that takes part, and none that the asker works for, whichever
/// they act for (C21).
async fn recipient(unit: &Unit<'_>, given: &str, problems: &mut Problems) -> Result<OrganisationId, Failure> {
    let nobody = OrganisationId(uuid::Uuid::nil());
    let works_for = person::organisations_of(unit.tx(), unit.ctx().viewer.person).await?;
    let found = organisation::one(unit.tx(), OrganisationId::parse(given).unwrap_or(nobody)).await?;
    let wrong = match &found {
        None => {
            problems.add(UserError::not_found("recipientId"));
            return Ok(nobody);
        }
        Some(o) if o.is_category => "A category of organisations cannot receive anything: name the organisation.",
        Some(o) if o.status != OrganisationStatus::Active => "This organisation no longer takes part.",
        Some(o) if o.merged_into.is_some() => "It was merged into another: name that one.",
        Some(o) if works_for.contains(&o.id) => {
            "Nobody opens a record to an organisation they work for: whoever holds it opens it to another."
        }
        Some(o) => return Ok(o.id),
    };
    problems.add(UserError::at(UserErrorCode::Invalid, "recipientId", wrong));
    Ok(nobody)
}

/// The safeguarding leads of the viewer's organisation, who watch over the gateway: one who asks as well, though another decides;
/// nobody for whom the record does not exist. Whether any of them is shut out from it is not told.
async fn watchers(unit: &Unit<'_>, client: ClientId) -> Result<Vec<PersonId>, Failure> {
    let viewer = &unit.ctx().viewer;
    let leads = person::with_role(unit.tx(), viewer.organisation, Role::SafeguardingLead).await?;
    if leads.iter().all(|p| *p == viewer.person) {
        return Err(Failure::user(
            UserErrorCode::NoReviewer,
            "",
            "Your organisation has no other safeguarding lead who could decide about it.",
        ));
    }
    Ok(legal_gateway::who_may_know(unit.tx(), client, &leads).await?)
}

/// Puts the gateway into the inbox of every lead but the one who asked for it.
async fn put_before_leads(unit: &Unit<'_>, g: &NewLegalGateway) -> Result<(), Failure> {
    let viewer = &unit.ctx().viewer;
    for person in g.watchers.iter().copied().filter(|p| *p != viewer.person) {
        let item = NewInboxItem {
            person,
            organisation: viewer.organisation,
            kind: InboxKind::LegalGatewayAsked,
            subject: g.id,
            client: Some(g.client),
            due_at: None,
        };
        inbox::post(unit.tx(), &item, unit.by.at, &*unit.ctx().app.random).await?;
    }
    Ok(())
}

/// Asks for a legal gateway. It opens nothing until a safeguarding lead has granted it.
pub async fn ask(ctx: &Context, asked: &Asked, g: &GatewayAsked) -> Result<Done<LegalGatewayId>, Failure> {
    ctx.require(ASKERS)?;
    let mut problems = Problems::default();
    let reference = problems.text("reference", &g.reference, text::LINE);
    let reason = problems.text("reason", &g.reason, text::FREE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "legalGatewayAsk", asked);
    let (client, disclosure) = visible(&unit, &g.client, "clientId").await?;
    if !gateway::may_ask(&ctx.viewer, &disclosure) {
        return Err(Failure::user(
            UserErrorCode::NotAllowed,
            "",
            "A legal gateway is asked for by who works with the person.",
        ));
    }
    let mut problems = Problems::default();
    let recipient = recipient(&unit, &g.recipient, &mut problems).await?;
    let categories = named(gateway::nameable(&disclosure), &g.categories, &mut problems);
    let starts_at = dates(g.from, g.until, unit.by.at, &mut problems);
    problems.done()?;
    let new = NewLegalGateway {
        id: LegalGatewayId(ctx.app.random.uuid_timed(unit.by.at)),
        client,
        recipient,
        kind: g.kind,
        reference,
        categories,
        reason,
        starts_at,
        until_at: g.until,
        owner: writing::owner(&ctx.viewer, &disclosure),
        watchers: watchers(&unit, client).await?,
    };
    legal_gateway::ask(unit.tx(), &new, unit.by).await?;
    put_before_leads(&unit, &new).await?;
    unit.touch(client, categories.union(Categories::of(&[Category::Involvement])));
    unit.finish("legal_gateway.asked", new.id).await
}

/// A gateway the viewer sees, with the client locked.
async fn seen(unit: &Unit<'_>, given: &str) -> Result<LegalGateway, Failure> {
    let id = LegalGatewayId::parse(given).unwrap_or(LegalGatewayId(uuid::Uuid::nil()));
    if let Some(before) = unit.scope().legal_gateway(id).await? {
        unit.lock(before.client).await?;
        // Read again behind the lock: what somebody else did meanwhile counts.
        if let Some(found) = unit.scope().legal_gateway(id).await? {
            unit.ctx().note_involvement(&found.disclosure);
            return Ok(found);
        }
    }
    unit.ctx().note_nothing_found(given);
    Err(UserError::not_found("legalGatewayId").into())
}

/// What a safeguarding lead decides about a gateway.
#[derive(Clone, Debug)]
pub struct DecisionAsked {
    /// Which, by global id.
    pub gateway: String,
    /// The version that was read.
    pub version: i64,
    /// What.
    pub decision: LegalGatewayDecision,
    /// Why.
    pub reason: String,
    /// What the client is told, of one that is granted.
    pub tell: TellAsked,
}

/// Grants or refuses a gateway: a safeguarding lead of the organisation that asked, and another person than who asked.
pub async fn decide(ctx: &Context, asked: &Asked, d: &DecisionAsked) -> Result<Done<LegalGatewayId>, Failure> {
    ctx.require(LEADS)?;
    let mut problems = Problems::default();
    let reason = problems.text("reason", &d.reason, text::FREE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "legalGatewayDecide", asked);
    let found = seen(&unit, &d.gateway).await?;
    let standing = found.standing(unit.by.at);
    if !gateway::is_for(&ctx.viewer, &standing) {
        let message = "This is for a safeguarding lead of the organisation that asked.";
        return Err(Failure::user(UserErrorCode::NotAllowed, "", message));
    }
    if gateway::is_own(&ctx.viewer, &standing) {
        let message = if standing.asked_by == ctx.viewer.person {
            "You asked for it yourself: another person decides."
        } else {
            "You work for the organisation it names: another person decides."
        };
        return Err(Failure::user(UserErrorCode::SelfReview, "", message));
    }
    // The version first: who decides what somebody else has decided meanwhile is told of a conflict.
    if found.version != d.version {
        return Err(Failure::conflict());
    }
    if standing.state != LegalGatewayState::Asked {
        return Err(Failure::user(UserErrorCode::IllegalTransition, "", "It is decided already."));
    }
    let mut problems = Problems::default();
    let granted = match d.decision {
        LegalGatewayDecision::Grant => {
            if found.until_at <= unit.by.at {
                let message = "Its time ran out before it was decided. Refuse it, and ask anew.";
                problems.add(UserError::new(UserErrorCode::IllegalTransition, message));
            }
            Some(d.tell.checked(found.kind.tells(), unit.by.at, &mut problems))
        }
        LegalGatewayDecision::Refuse => {
            if d.tell.tell.is_some() || d.tell.until.is_some() || d.tell.reason.is_some() {
                let message = "There is nothing to tell of a gateway that is refused.";
                problems.add(UserError::at(UserErrorCode::Invalid, "tell", message));
            }
            None
        }
    };
    problems.done()?;
    if !legal_gateway::decide(unit.tx(), found.id, d.version, &reason, granted.as_ref(), unit.by).await? {
        return Err(Failure::conflict());
    }
    inbox::close_for_subject(unit.tx(), found.id, unit.by.at).await?;
    unit.touch(found.client, found.categories);
    let kind = if granted.is_some() { "legal_gateway.granted" } else { "legal_gateway.refused" };
    unit.finish(kind, found.id).await
}

/// Ends a gateway at once: a safeguarding lead of the organisation that granted it, or of the one it names.
pub async fn end(
    ctx: &Context,
    asked: &Asked,
    gateway_id: &str,
    version: i64,
    reason: &str,
) -> Result<Done<LegalGatewayId>, Failure> {
    ctx.require(LEADS)?;
    let mut problems = Problems::default();
    let reason = problems.text("reason", reason, text::LINE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "legalGatewayEnd", asked);
    let found = seen(&unit, gateway_id).await?;
    let standing = found.standing(unit.by.at);
    if !gateway::ends(&ctx.viewer, &standing) {
        let message = "This is for a safeguarding lead of the organisation that granted it, or of the one it names.";
        return Err(Failure::user(UserErrorCode::NotAllowed, "", message));
    }
    if found.version != version {
        return Err(Failure::conflict());
    }
    if standing.state != LegalGatewayState::Granted {
        return Err(Failure::user(
            UserErrorCode::IllegalTransition,
            "",
            "Only what is granted and not over can be ended.",
        ));
    }
    if !legal_gateway::end(unit.tx(), found.id, version, &reason, unit.by).await? {
        return Err(Failure::conflict());
    }
    unit.touch(found.client, Categories::of(&[Category::Involvement]));
    unit.finish("legal_gateway.ended", found.id).await
}
