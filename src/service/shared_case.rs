//! Shared cases: members join under consent and a sharing agreement, notes, closing and re-entry.

use super::consent::ConsentAsked;
use super::context::{Context, Failure};
use super::unit::{Done, Unit, begin};
use crate::domain::category::{Categories, Category};
use crate::domain::code::Coded;
use crate::domain::consent::Purpose;
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{CaseId, CaseMemberId, ConsentId, NoteId, TeamId, TypedId};
use crate::domain::mutation::Asked;
use crate::domain::role::Role;
use crate::domain::shared_case::{ClosureKind, ClosureReason, NoteVisibility};
use crate::domain::text;
use crate::persistence::shared_case::{Note, SharedCase};
use crate::persistence::write::{self, NewCase, NewMember, NewNote};
use crate::persistence::{ledger, organisation, person, restriction};
use crate::policy::coverage::{covered_at, covering};
use crate::policy::disclosure::Disclosure;
use crate::policy::{links, writing};

const WORKERS: &[Role] = &[Role::SupportWorker, Role::TeamManager];

async fn seen(unit: &Unit<'_>, given: &str, path: &str) -> Result<SharedCase, Failure> {
    let id = CaseId::parse(given).unwrap_or(CaseId(uuid::Uuid::nil()));
    let Some(before) = unit.scope().cases_by_id(&[id]).await?.pop() else {
        unit.ctx().note_nothing_found(given);
        return Err(UserError::not_found(path).into());
    };
    unit.ctx().note_involvement(&before.disclosure);
    unit.lock(before.client).await?;
    unit.scope().cases_by_id(&[id]).await?.pop().ok_or_else(|| UserError::not_found(path).into())
}

fn for_the_lead(may: bool) -> Result<(), Failure> {
    if may {
        return Ok(());
    }
    Err(Failure::user(UserErrorCode::NotAllowed, "", "This is for the team that leads the case."))
}

/// Of a closed case who led it is told that it is closed.
fn must_lead(ctx: &Context, case: &SharedCase) -> Result<(), Failure> {
    for_the_lead(match case.closed_at {
        None => writing::may_lead(&ctx.viewer, &case.disclosure, case.lead_team),
        Some(_) => writing::may_reenter(&ctx.viewer, case.lead_team),
    })
}

fn must_be_open(case: &SharedCase) -> Result<(), Failure> {
    if case.closed_at.is_none() {
        return Ok(());
    }
    Err(Failure::user(UserErrorCode::IllegalTransition, "", "The case is closed. Re-entry starts a new one."))
}

/// A membership as it is asked for.
#[derive(Clone, Debug)]
pub struct MemberAsked {
    /// The case.
    pub case: String,
    /// The team that joins.
    pub team: String,
    /// What it does on the case.
    pub role: String,
    /// The sharing agreement.
    pub agreed: Vec<Category>,
}

fn not_covered() -> Failure {
    let message = "No live consent to working together on the case covers this agency. Ask the person first, for what it \
        would see and for what its name tells of them.";
    Failure::user(UserErrorCode::NotCovered, "teamId", message)
}

/// A team joins: consent must cover its agency, and the agreement may not go beyond it.
pub async fn add_member(ctx: &Context, asked: &Asked, m: &MemberAsked) -> Result<Done<CaseMemberId>, Failure> {
    ctx.require(WORKERS)?;
    let mut problems = Problems::default();
    let role = problems.text("role", &m.role, text::LINE);
    if m.agreed.is_empty() {
        problems.add(UserError::at(UserErrorCode::Invalid, "agreed", "Name at least one category."));
    }
    problems.done()?;
    let agreed: Categories = m.agreed.iter().copied().collect();
    let mut unit: Unit<'_> = begin!(ctx, "caseMemberAdd", asked);
    let case = seen(&unit, &m.case, "caseId").await?;
    must_lead(ctx, &case)?;
    must_be_open(&case)?;
    let found = match TeamId::parse(&m.team) {
        Some(team) => organisation::one_team(unit.tx(), team).await?,
        None => None,
    };
    let Some(team) = found else { return Err(UserError::not_found("teamId").into()) };
    let implies = organisation::one(unit.tx(), team.organisation).await?.map_or(Categories::NONE, |o| o.implies);
    let own = team.organisation == ctx.viewer.organisation;
    if !links::may_be_named(implies, case.disclosure.open(), own, false) {
        // Whether it is a recipient or a member already is not told where it may not be named (C11, C14). Who adds it is somebody
        // to whom the category it speaks of is open: to bring a mental health team on is to tell of HEALTH.
        return Err(not_covered());
    }
    let facts = ledger::facts(unit.tx(), case.client).await?;
    if team.id == case.lead_team
        || facts.members.iter().any(|f| f.case == case.id && f.who.team == team.id && f.left_at.is_none())
    {
        return Err(Failure::user(UserErrorCode::AlreadyExists, "teamId", "The team is on the case already."));
    }
    let coverage = covering(&facts.consents, &facts.withdrawals, team.organisation, Purpose::CaseCoordination);
    let covered = covered_at(&coverage, unit.by.at);
    if covered.is_empty() {
        return Err(not_covered());
    }
    let beyond = agreed.minus(covered);
    if !beyond.is_empty() {
        let names: Vec<_> = beyond.iter().map(Coded::code).collect();
        return Err(Failure::user(
            UserErrorCode::SharingWiderThanConsent,
            "agreed",
            format!("Consent does not cover {} for this agency.", names.join(", ")),
        ));
    }
    let new = NewMember {
        id: CaseMemberId(ctx.app.random.uuid_timed(unit.by.at)),
        case: case.id,
        client: case.client,
        organisation: team.organisation,
        team: team.id,
        role,
        agreed,
    };
    write::join_case(unit.tx(), &new, unit.by).await?;
    unit.touch(case.client, Categories::of(&[Category::Involvement]));
    unit.finish("case_member.joined", new.id).await
}

/// A team leaves: the lead ends its membership, or the team goes itself.
pub async fn remove_member(
    ctx: &Context,
    asked: &Asked,
    case: &str,
    member: &str,
    version: i64,
    reason: &str,
) -> Result<Done<CaseMemberId>, Failure> {
    ctx.require(WORKERS)?;
    let mut problems = Problems::default();
    let reason = problems.text("reason", reason, text::LINE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "caseMemberRemove", asked);
    let case = seen(&unit, case, "caseId").await?;
    let members = unit.scope().members(&[case.id]).await?;
    let found = CaseMemberId::parse(member).and_then(|id| members.into_iter().find(|m| m.id == id));
    let Some(found) = found else {
        ctx.note_nothing_found(member);
        return Err(UserError::not_found("memberId").into());
    };
    if !writing::may_remove_member(&ctx.viewer, &case.disclosure, case.lead_team, found.team) {
        must_lead(ctx, &case)?;
    }
    if !write::leave_case(unit.tx(), found.id, Some(version), &reason, unit.by.at).await? {
        return Err(Failure::conflict());
    }
    unit.touch(case.client, Categories::of(&[Category::Involvement]));
    unit.finish("case_member.left", found.id).await
}

/// A note as it is asked for.
#[derive(Clone, Debug)]
pub struct NoteAsked {
    /// What it tells of: all of these must be open to whoever reads it. CASE_NOTES is always one of them.
    pub categories: Vec<Category>,
    /// Who may see it.
    pub visibility: NoteVisibility,
    /// Whether it tells where the person can be found.
    pub reveals_location: bool,
    /// What it says.
    pub text: String,
}

fn note_categories(n: &NoteAsked) -> Categories {
    n.categories.iter().copied().filter(|c| *c != Category::Involvement).chain([Category::CaseNotes]).collect()
}

/// Records a note.
pub async fn record_note(ctx: &Context, asked: &Asked, case: &str, n: &NoteAsked) -> Result<Done<NoteId>, Failure> {
    ctx.require(WORKERS)?;
    let mut problems = Problems::default();
    let body = problems.text("text", &n.text, text::FREE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "noteRecord", asked);
    let case = seen(&unit, case, "caseId").await?;
    must_be_open(&case)?;
    if !writing::may_record_notes(&ctx.viewer, &case.disclosure) {
        return Err(Failure::user(UserErrorCode::NotAllowed, "", "Notes are for the teams on the case."));
    }
    let categories = note_categories(n);
    let new = NewNote {
        id: NoteId(ctx.app.random.uuid_timed(unit.by.at)),
        case: case.id,
        client: case.client,
        categories,
        visibility: n.visibility,
        reveals_location: n.reveals_location,
        text: body,
        owner: writing::owner(&ctx.viewer, &case.disclosure),
        corrects: None,
    };
    write::note(unit.tx(), &new, unit.by).await?;
    unit.touch(case.client, categories);
    unit.finish("note.recorded", new.id).await
}

/// A note the viewer sees, with the client locked; a conflict when it is one of their own that was replaced since.
async fn seen_note(unit: &Unit<'_>, given: &str) -> Result<(Note, Disclosure), Failure> {
    let id = NoteId::parse(given).unwrap_or(NoteId(uuid::Uuid::nil()));
    if let Some((_, before)) = unit.scope().note(id).await? {
        unit.lock(before.client).await?;
        // Read again behind the lock: what somebody else did meanwhile counts.
        if let Some((note, disclosure)) = unit.scope().note(id).await? {
            unit.ctx().note_involvement(&disclosure);
            return Ok((note, disclosure));
        }
    }
    if let Some(disclosure) = unit.scope().replaced_note(id).await? {
        unit.ctx().note_involvement(&disclosure);
        return Err(Failure::conflict());
    }
    unit.ctx().note_nothing_found(given);
    Err(UserError::not_found("noteId").into())
}

/// Corrects a note of the viewer's own: the old one is kept, marked as replaced.
pub async fn correct_note(
    ctx: &Context,
    asked: &Asked,
    note: &str,
    version: i64,
    n: &NoteAsked,
) -> Result<Done<NoteId>, Failure> {
    ctx.require(WORKERS)?;
    let mut problems = Problems::default();
    let body = problems.text("text", &n.text, text::FREE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "noteCorrect", asked);
    let (old, disclosure) = seen_note(&unit, note).await?;
    if !writing::may_correct_note(&ctx.viewer, &disclosure, old.owner, old.recorded_by) {
        return Err(Failure::user(
            UserErrorCode::NotAllowed,
            "noteId",
            "A note is corrected by who wrote it, on an open case.",
        ));
    }
    if !write::replace_note(unit.tx(), old.id, version, unit.by.at).await? {
        return Err(Failure::conflict());
    }
    let categories = note_categories(n);
    let new = NewNote {
        id: NoteId(ctx.app.random.uuid_timed(unit.by.at)),
        case: old.case,
        client: disclosure.client,
        categories,
        visibility: n.visibility,
        reveals_location: n.reveals_location,
        text: body,
        owner: old.owner,
        corrects: Some(old.id),
    };
    write::note(unit.tx(), &new, unit.by).await?;
    unit.touch(disclosure.client, categories);
    unit.finish("note.corrected", new.id).await
}

/// Closes a case; its members leave with it.
pub async fn close(
    ctx: &Context,
    asked: &Asked,
    case: &str,
    version: i64,
    kind: ClosureKind,
    reason: ClosureReason,
    died_on: Option<&str>,
) -> Result<Done<CaseId>, Failure> {
    ctx.require(WORKERS)?;
    let mut problems = Problems::default();
    let died_on = super::client::day_of_death(ctx, reason == ClosureReason::Died, died_on, &mut problems);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "caseClose", asked);
    let case = seen(&unit, case, "caseId").await?;
    let died = died_on.is_some() && case.closed_at.is_none();
    for_the_lead(writing::may_close(&ctx.viewer, &case.disclosure, case.lead_team, died))?;
    // The version first: who closes what somebody else has closed meanwhile is told of a conflict.
    if case.version != version {
        return Err(Failure::conflict());
    }
    must_be_open(&case)?;
    if !write::close_case(unit.tx(), case.id, version, (kind, reason), unit.by.at).await? {
        return Err(Failure::conflict());
    }
    if let Some(day) = died_on {
        // Consents end with the person's life (C24): the projection follows from the day.
        write::died(unit.tx(), case.client, &day, unit.by.at).await?;
    }
    unit.touch(case.client, Categories::of(&[Category::Involvement]));
    unit.finish("case.closed", case.id).await
}

/// The person comes back: a new case, linked to the last one, with the viewer as its worker.
///
/// Where contact is for the few, who was not named before is to be named by who is (C7).
/// It needs a live consent to working together that covers the lead agency: one given before, or one given now.
pub async fn reenter(
    ctx: &Context,
    asked: &Asked,
    case: &str,
    version: i64,
    consent: Option<&ConsentAsked>,
) -> Result<Done<CaseId>, Failure> {
    ctx.require(WORKERS)?;
    let mut unit: Unit<'_> = begin!(ctx, "caseReenter", asked);
    let last = seen(&unit, case, "caseId").await?;
    for_the_lead(writing::may_reenter(&ctx.viewer, last.lead_team))?;
    if last.version != version {
        return Err(Failure::conflict());
    }
    let facts = ledger::facts(unit.tx(), last.client).await?;
    let open = facts.cases.iter().any(|c| c.closed_at.is_none() && c.lead.organisation == last.lead_organisation);
    if !writing::may_follow(last.closed_at.is_some(), open, facts.died_at.is_some()) {
        let message = "Re-entry follows a closed case, while no other case of your organisation is open.";
        return Err(Failure::user(UserErrorCode::IllegalTransition, "", message));
    }
    if let Some(given) = consent {
        let given = super::consent::checked(&unit, given, Some(last.client), "consent").await?;
        let before = covering(&facts.consents, &facts.withdrawals, last.lead_organisation, Purpose::CaseCoordination);
        let before = before.iter().fold(Categories::NONE, |all, c| all.union(c.categories));
        let works_for = person::organisations_of(unit.tx(), ctx.viewer.person).await?;
        let beyond = writing::beyond_reentry(&ctx.viewer, &works_for, &given.recipients, before, given.categories);
        if !beyond.is_empty() {
            let names: Vec<_> = beyond.iter().map(Coded::code).collect();
            let message = format!("Coming back alone opens no more than before: not {}.", names.join(", "));
            return Err(Failure::user(UserErrorCode::NotAllowed, "consent.categories", message));
        }
        let id = ConsentId(ctx.app.random.uuid_timed(unit.by.at));
        let proxy = super::consent::recorded(&given);
        let place =
            write::ConsentPlace { client: last.client, referral: None, proxy, owner: ctx.viewer.organisation.0 };
        write::consent(unit.tx(), id, place, &given, unit.by).await?;
    }
    let facts = ledger::facts(unit.tx(), last.client).await?;
    let coverage = covering(&facts.consents, &facts.withdrawals, last.lead_organisation, Purpose::CaseCoordination);
    // Who excludes the agency (C6) has not agreed to work with it, whatever consent is left; the two are told alike.
    let excluded = facts.objections.iter().any(|o| o.organisation == last.lead_organisation && o.lifted_at.is_none());
    if excluded || covered_at(&coverage, unit.by.at).is_empty() {
        let message = "Coming back needs the person's consent to working together: record it with the re-entry.";
        return Err(Failure::user(UserErrorCode::ConsentRequired, "consent", message));
    }
    let new = NewCase {
        id: CaseId(ctx.app.random.uuid_timed(unit.by.at)),
        client: last.client,
        referral: None,
        previous: Some(last.id),
        organisation: last.lead_organisation,
        team: last.lead_team,
        worker: ctx.viewer.person,
    };
    write::open_case(unit.tx(), &new, unit.by).await?;
    restriction::keep_lead(unit.tx(), last.client, new.id).await?;
    unit.touch(last.client, Categories::of(&[Category::Involvement]));
    unit.finish("case.reentered", new.id).await
}
