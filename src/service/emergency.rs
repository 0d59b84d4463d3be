//! Breaking the glass (C16): asked for, co-signed, reviewed, given back. Matching and escalation are jobs.

use super::context::{App, Context, Failure};
use super::unit::{Done, Unit, begin};
use crate::domain::calendar;
use crate::domain::category::{Categories, Category};
use crate::domain::clock::{Timestamp, parse_date};
use crate::domain::emergency::{
    DAYS_WITHHELD, HOURS_TO_COSIGN, MOST_HOURS, OverrideStatus, REQUESTS_A_DAY, Verdict, WORKING_DAYS_TO_REVIEW,
    default_tell,
};
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{ClientId, OverrideId, OverrideRequestId, TypedId};
use crate::domain::inbox::InboxKind;
use crate::domain::mutation::Asked;
use crate::domain::referral::Ground;
use crate::domain::tell::{LONGEST_DAYS, Tell};
use crate::domain::text;
use crate::persistence::database::Tx;
use crate::persistence::emergency::{self, NewOverride, NewRequest, Opening, Review, Wanted};
use crate::persistence::emergency_read::Override;
use crate::persistence::fault::Fault;
use crate::persistence::inbox::{self, NewInboxItem};
use crate::persistence::{ledger, person};
use crate::policy::emergency::{
    ASKERS, CosignRefusal, Lead, ReviewRefusal, concerned, holding, may_cosign, may_end, may_review, needs, to_cosign,
};
use crate::policy::grants::project;

/// What an override is asked with, as it came.
#[derive(Clone, Debug)]
pub struct OverrideAsked {
    /// Which categories.
    pub categories: Vec<Category>,
    /// The coded ground.
    pub ground: Ground,
    /// Why, in words.
    pub reason: String,
    /// For how many hours.
    pub hours: i32,
}

fn checked(asked: &OverrideAsked, problems: &mut Problems) -> Wanted {
    let reason = problems.text("reason", &asked.reason, text::FREE);
    let categories: Categories = asked.categories.iter().copied().collect();
    if categories.is_empty() {
        problems.add(UserError::at(UserErrorCode::Invalid, "categories", "Name at least one category."));
    }
    if categories.has(Category::Equalities) {
        let words = "Equalities are shown to nobody but the agency that recorded them.";
        problems.add(UserError::at(UserErrorCode::Invalid, "categories", words));
    }
    let hours = i64::from(asked.hours);
    if hours < 1 {
        problems.add(UserError::at(UserErrorCode::Invalid, "hours", "Must be at least one hour."));
    } else if hours > MOST_HOURS {
        let words = "An override is open for at most 24 hours.";
        problems.add(UserError::at(UserErrorCode::OverrideTooLong, "hours", words));
    }
    Wanted { categories, ground: asked.ground, reason, hours }
}

const HOUR: i64 = 3_600_000_000;

/// The times of an override that opens now.
pub(super) fn opening(at: Timestamp, hours: i64) -> Opening {
    let review_due = calendar::end_of_working_days_after(at, WORKING_DAYS_TO_REVIEW);
    Opening { at, until: Timestamp(at.0 + hours * HOUR), review_due }
}

/// An override about to be placed on a record that is locked.
pub(super) struct Placing {
    /// Its id.
    pub id: OverrideId,
    /// On whose record.
    pub client: ClientId,
    /// The request it comes from.
    pub request: Option<OverrideRequestId>,
    /// Who asked.
    pub asker: Lead,
    /// What for.
    pub wanted: Wanted,
    /// When.
    pub at: Timestamp,
}

/// Opens it, or lets it wait for a co-signature; tells every lead concerned at once. Whether it is open.
pub(super) async fn place(app: &App, tx: &Tx, p: Placing) -> Result<bool, Fault> {
    let barriers = emergency::barriers(tx, p.client, p.asker.person, p.at).await?;
    let needs = needs(barriers, p.wanted.categories);
    let opens = (!needs.cosignature()).then(|| opening(p.at, p.wanted.hours));
    let holders = holding(&project(&ledger::facts(tx, p.client).await?), p.at);
    let own = person::organisations_of(tx, p.asker.person).await?;
    let leads = emergency::leads(tx, Some(p.client)).await?;
    let new = NewOverride {
        id: p.id,
        client: p.client,
        request: p.request,
        asker: p.asker,
        wanted: p.wanted,
        needs,
        asked_at: p.at,
        lapses_at: Timestamp(p.at.0 + HOURS_TO_COSIGN * HOUR),
        opens,
    };
    emergency::record(tx, &new).await?;
    let told = concerned(&leads, p.asker, &holders, needs);
    let due = opening(p.at, 0).review_due;
    tell(app, tx, &new, &told, InboxKind::OverrideToReview, Some(due)).await?;
    if opens.is_none() {
        // No organisation of the asker's holds the case for others (C21).
        let signers = emergency::signers(tx, p.client, p.asker).await?;
        let signers = to_cosign(&signers, p.asker, &(&holders - &own), needs);
        tell(app, tx, &new, &signers, InboxKind::OverrideToCosign, Some(new.lapses_at)).await?;
    }
    Ok(opens.is_some())
}

async fn tell(
    app: &App,
    tx: &Tx,
    o: &NewOverride,
    leads: &[Lead],
    kind: InboxKind,
    due_at: Option<Timestamp>,
) -> Result<(), Fault> {
    emergency::give(tx, o.id, o.client, leads, o.asked_at).await?;
    // Newest first: what waits for a signature is before what waits for a review.
    let at = Timestamp(o.asked_at.0 + i64::from(kind == InboxKind::OverrideToCosign));
    post_all(app, tx, (o.id, o.client), leads, kind, due_at, at).await
}

/// Posts one kind of item about an override to each of these.
pub(super) async fn post_all(
    app: &App,
    tx: &Tx,
    (subject, client): (OverrideId, ClientId),
    to: &[Lead],
    kind: InboxKind,
    due_at: Option<Timestamp>,
    at: Timestamp,
) -> Result<(), Fault> {
    for lead in to {
        let item = NewInboxItem {
            person: lead.person,
            organisation: lead.organisation,
            kind,
            subject,
            client: Some(client),
            due_at,
        };
        inbox::post(tx, &item, at, &*app.random).await?;
    }
    Ok(())
}

fn written(of: Categories) -> Categories {
    of.union(Categories::of(&[Category::Involvement]))
}

/// Asks for an override on a record the viewer sees.
pub async fn open(
    ctx: &Context,
    asked: &Asked,
    client: &str,
    o: &OverrideAsked,
) -> Result<Done<OverrideId>, Failure> {
    ctx.require(ASKERS)?;
    let mut problems = Problems::default();
    let wanted = checked(o, &mut problems);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "overrideOpen", asked);
    let (client, _) = super::client::visible(&unit, client, "clientId").await?;
    // After whatever was restricted while this waited for the lock.
    unit.by.at = ctx.now();
    let id = OverrideId(ctx.app.random.uuid_timed(unit.by.at));
    let categories = written(wanted.categories);
    let asker = Lead { person: ctx.viewer.person, organisation: ctx.viewer.organisation };
    let placing = Placing { id, client, request: None, asker, wanted, at: unit.by.at };
    let opened = place(&ctx.app, unit.tx(), placing).await?;
    unit.touch(client, categories);
    unit.finish(if opened { "override.opened" } else { "override.asked" }, id).await
}

/// Whom a request is about, as it came.
#[derive(Clone, Debug)]
pub struct WhomAsked {
    /// Given names.
    pub given: String,
    /// Family name.
    pub family: String,
    /// Date of birth, `YYYY-MM-DD`.
    pub birth: String,
}

/// Asks for an override on a record the viewer cannot see. What comes of it is found out after the commit, and not told here.
pub async fn request(
    ctx: &Context,
    asked: &Asked,
    whom: &WhomAsked,
    o: &OverrideAsked,
) -> Result<Done<OverrideRequestId>, Failure> {
    ctx.require(ASKERS)?;
    let mut problems = Problems::default();
    let given = problems.text("givenName", &whom.given, text::NAME);
    let family = problems.text("familyName", &whom.family, text::NAME);
    let today = calendar::london_date(ctx.now());
    if parse_date(&whom.birth).is_none_or(|d| d > today) {
        let words = "Must be a day that has come.";
        problems.add(UserError::at(UserErrorCode::Invalid, "dateOfBirth", words));
    }
    let wanted = checked(o, &mut problems);
    problems.done()?;
    let unit: Unit<'_> = begin!(ctx, "overrideRequest", asked);
    let day = calendar::london_date(unit.by.at).format("%Y-%m-%d").to_string();
    if emergency::tries(unit.tx(), ctx.viewer.person, &day).await? >= REQUESTS_A_DAY {
        let words = "Three requests a day are all a person has, under any membership. Ring your safeguarding lead.";
        return Err(Failure::user(UserErrorCode::OverrideTriesSpent, "", words));
    }
    let id = OverrideRequestId(ctx.app.random.uuid_timed(unit.by.at));
    let new = NewRequest { id, given, family, birth: whom.birth.clone(), wanted, day };
    emergency::request(unit.tx(), &new, unit.by).await?;
    let done = unit.finish("override.requested", id).await?;
    if matches!(done, Done::Changed(_)) {
        ctx.app.jobs.notify_one();
    }
    Ok(done)
}

/// An override the viewer sees, with the client locked.
async fn seen(unit: &Unit<'_>, given: &str) -> Result<Override, Failure> {
    let id = OverrideId::parse(given).unwrap_or(OverrideId(uuid::Uuid::nil()));
    let Some(before) = unit.scope().overrides(&[id]).await?.pop() else {
        unit.ctx().note_nothing_found(given);
        return Err(UserError::not_found("overrideId").into());
    };
    unit.ctx().note_involvement(&before.disclosure);
    unit.lock(before.client).await?;
    // Read again behind the lock: what somebody else did meanwhile counts.
    let found = unit.scope().overrides(&[id]).await?.pop();
    found.ok_or_else(|| UserError::not_found("overrideId").into())
}

fn same_version(found: &Override, version: i64) -> Result<(), Failure> {
    if found.version == version { Ok(()) } else { Err(Failure::conflict()) }
}

/// Co-signs, and thereby opens it.
pub async fn cosign(ctx: &Context, asked: &Asked, given: &str, version: i64) -> Result<Done<OverrideId>, Failure> {
    ctx.require(ASKERS)?;
    let mut unit: Unit<'_> = begin!(ctx, "overrideCosign", asked);
    let found = seen(&unit, given).await?;
    unit.by.at = ctx.now();
    same_version(&found, version)?;
    may_cosign(&found.standing, found.cosigner(&ctx.viewer), found.elsewhere, unit.by.at).map_err(
        |refusal| {
            let (code, words) = match refusal {
                CosignRefusal::Asker => {
                    (UserErrorCode::CosignedByAsker, "Nobody co-signs for themselves, under any membership.")
                }
                CosignRefusal::Colleague => (
                    UserErrorCode::CosignedByColleague,
                    "Somebody who works with the asker in none of their organisations co-signs.",
                ),
                CosignRefusal::NotALead => (
                    UserErrorCode::NotAllowed,
                    "Co-signing is for a safeguarding lead of another organisation that holds the case; where there is none, of the hub's.",
                ),
                CosignRefusal::NotWaiting => {
                    (UserErrorCode::IllegalTransition, "It does not wait for a co-signature any more.")
                }
            };
            Failure::user(code, "", words)
        },
    )?;
    let opens = opening(unit.by.at, found.hours);
    if !emergency::cosign(unit.tx(), found.id, version, opens, unit.by).await? {
        return Err(Failure::conflict());
    }
    for kind in [InboxKind::OverrideToCosign, InboxKind::OverrideWaiting] {
        inbox::close_kind(unit.tx(), found.id, kind, unit.by.at).await?;
    }
    let to = [found.standing.asker];
    let about = (found.id, found.client);
    post_all(&ctx.app, unit.tx(), about, &to, InboxKind::OverrideOpened, None, unit.by.at).await?;
    unit.touch(found.client, written(found.categories));
    unit.finish("override.cosigned", found.id).await
}

/// A review as it is asked for.
#[derive(Clone, Debug)]
pub struct ReviewAsked {
    /// What was found.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Whether the client is told; as the ground has it when left out (C18).
    pub tell: Option<Tell>,
    /// Not before which day.
    pub withheld_until: Option<String>,
    /// Why.
    pub withheld_because: Option<String>,
}

/// What is decided about telling the client, and by what rule.
fn telling(
    ctx: &Context,
    ground: Ground,
    r: &ReviewAsked,
    problems: &mut Problems,
) -> (Tell, Option<(String, String)>) {
    let because = problems.optional("withholdReason", r.withheld_because.as_deref(), text::LINE);
    let tell = r.tell.unwrap_or(default_tell(ground));
    let today = calendar::london_date(ctx.now());
    let latest = calendar::london_date(ctx.now().plus_days(LONGEST_DAYS));
    if let Some(day) = &r.withheld_until
        && parse_date(day).is_none_or(|d| d <= today || d > latest)
    {
        let message = "Must be a day to come, at most two years ahead.";
        problems.add(UserError::at(UserErrorCode::Invalid, "withholdUntil", message));
    }
    match (tell, r.withheld_until.clone(), because) {
        (Tell::Tell, None, None) => (tell, None),
        (Tell::Tell, ..) => {
            problems.add(UserError::at(
                UserErrorCode::Invalid,
                "tell",
                "A date or a reason goes with WITHHOLD only.",
            ));
            (tell, None)
        }
        (Tell::Withhold, Some(day), Some(because)) => (tell, Some((day, because))),
        // The default for child and public protection, for a year unless somebody says otherwise.
        (Tell::Withhold, day, because) if r.tell.is_none() => {
            let later = calendar::london_date(ctx.now().plus_days(DAYS_WITHHELD)).format("%Y-%m-%d").to_string();
            let default = || "Child or public protection: not told unless a review decides so.".to_owned();
            (tell, Some((day.unwrap_or(later), because.unwrap_or_else(default))))
        }
        (Tell::Withhold, ..) => {
            let words = "Withholding needs a date and a reason.";
            problems.add(UserError::at(UserErrorCode::Invalid, "withholdUntil", words));
            (tell, None)
        }
    }
}

/// Reviews an override: what was not justified ends at once, and every lead's task is done.
pub async fn review(
    ctx: &Context,
    asked: &Asked,
    given: &str,
    version: i64,
    r: &ReviewAsked,
) -> Result<Done<OverrideId>, Failure> {
    ctx.require(ASKERS)?;
    let mut problems = Problems::default();
    let reason = problems.text("reason", &r.reason, text::FREE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "overrideReview", asked);
    let found = seen(&unit, given).await?;
    unit.by.at = ctx.now();
    same_version(&found, version)?;
    let is_lead = found.cosigner(&ctx.viewer).is_lead;
    may_review(&found.standing, ctx.viewer.person, is_lead, r.verdict, unit.by.at).map_err(|refusal| {
        let (code, words) = match refusal {
            ReviewRefusal::Asker | ReviewRefusal::Cosigner => (
                UserErrorCode::SelfReview,
                "Who asked for it or co-signed it does not review it, under any membership.",
            ),
            ReviewRefusal::NotALead => (UserErrorCode::NotAllowed, "Reviewing is for safeguarding leads."),
            ReviewRefusal::NotToReview => (UserErrorCode::IllegalTransition, "There is nothing to review."),
        };
        Failure::user(code, "", words)
    })?;
    let mut problems = Problems::default();
    let (tell, withheld) = telling(ctx, found.ground, r, &mut problems);
    problems.done()?;
    let review = Review { verdict: r.verdict, reason, tell, withheld };
    if !emergency::review(unit.tx(), found.id, version, &review, unit.by).await? {
        return Err(Failure::conflict());
    }
    close(unit.tx(), found.id, unit.by.at).await?;
    unit.touch(found.client, written(Categories::NONE));
    unit.finish("override.reviewed", found.id).await
}

/// Closes the tasks of all leads, and what their inboxes hold of it.
pub(super) async fn close(tx: &Tx, o: OverrideId, at: Timestamp) -> Result<(), Fault> {
    emergency::done(tx, o, at).await?;
    inbox::close_for_subject(tx, o, at).await
}

/// Whoever asked gives it back.
pub async fn end(ctx: &Context, asked: &Asked, given: &str, version: i64) -> Result<Done<OverrideId>, Failure> {
    ctx.require(ASKERS)?;
    let mut unit: Unit<'_> = begin!(ctx, "overrideEnd", asked);
    let found = seen(&unit, given).await?;
    unit.by.at = ctx.now();
    same_version(&found, version)?;
    if !may_end(&found.standing, ctx.viewer.person, unit.by.at) {
        return Err(Failure::user(UserErrorCode::NotAllowed, "", "Who asked for it gives it back, while it lasts."));
    }
    if !emergency::end(unit.tx(), found.id, version, unit.by.at).await? {
        return Err(Failure::conflict());
    }
    if found.standing.status(unit.by.at) == OverrideStatus::Waiting {
        // Nothing was ever open: there is nothing to review.
        close(unit.tx(), found.id, unit.by.at).await?;
    }
    unit.touch(found.client, written(Categories::NONE));
    unit.finish("override.ended", found.id).await
}
