//! Referrals: drafted, submitted, offered, accepted, declined, closed (C8, C22, C23).

use super::consent::ConsentAsked;
use super::context::{Context, Failure};
use super::household;
use super::unit::{Done, Unit, begin};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::consent::{GivenBy, Purpose};
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{CaseId, ClientId, ConsentId, EntryId, OfferId, PersonId, ReferralId, TeamId, TypedId};
use crate::domain::inbox::InboxKind;
use crate::domain::mutation::Asked;
use crate::domain::organisation_name::OrganisationKind;
use crate::domain::referral::{
    DeclineReason, Ground, Outcome, ReferralActor, ReferralState, Step, Urgency, transition,
};
use crate::domain::role::Role;
use crate::domain::section::{SECTIONS, Section};
use crate::domain::text;
use crate::domain::triage::{TriageFacts, due_at};
use crate::persistence::inbox::{self};
use crate::persistence::referral::{Offer, Referral};
use crate::persistence::triage::{self};
use crate::persistence::write::{
    self, Closing, Move, NewCase, NewEntry, NewNarrative, NewOffer, NewReferral, OfferEnd,
};
use crate::persistence::{ledger, organisation, person, restriction};
use crate::policy::coverage::{ConsentFacts, covered_at, covering};
use crate::policy::referral::{
    Submission, actors, is_for_private_sender, names_sender, reads_as_sender, submission_problems, version_for,
};

/// Who sends referrals.
pub(super) const SENDERS: &[Role] = &[Role::Referrer, Role::SupportWorker, Role::TeamManager, Role::HubCoordinator];
const WORKERS: &[Role] = &[Role::SupportWorker, Role::TeamManager];

/// One text of the story, as it is asked for.
pub type NarrativeAsked = NewNarrative;

/// A draft as it is asked for.
#[derive(Clone, Debug)]
pub struct DraftAsked {
    /// How soon a home may be lost.
    pub urgency: Urgency,
    /// What is known of the person.
    pub sections: Vec<Section>,
    /// The categories of those among them that tell where the person can be found (C7).
    pub sections_revealing_location: Vec<Category>,
    /// The story, one text per category.
    pub narratives: Vec<NarrativeAsked>,
    /// Consent to the referral.
    pub consent: Option<ConsentAsked>,
    /// A coded ground in place of consent.
    pub ground: Option<(Ground, String)>,
    /// The sender's own reference.
    pub reference: Option<String>,
}

/// The narrative as it is kept: one text per category, of what a referral tells of.
fn checked_narratives(given: &[NewNarrative], problems: &mut Problems) -> Vec<NewNarrative> {
    let mut narratives: Vec<NewNarrative> = Vec::with_capacity(given.len());
    for n in given {
        let told = problems.text("narratives.text", &n.text, text::FREE);
        if narratives.iter().any(|other| other.category == n.category) {
            let message = format!("{} is there twice: one text per category.", n.category.code());
            problems.add(UserError::at(UserErrorCode::Invalid, "narratives.category", message));
        }
        if !SECTIONS.has(n.category) {
            let message = format!("{} is not a category a referral tells of.", n.category.code());
            problems.add(UserError::at(UserErrorCode::Invalid, "narratives.category", message));
        }
        narratives.push(NewNarrative { text: told, ..n.clone() });
    }
    narratives
}

/// Drafts a referral: a provisional client, what is known of them, and the consent it is sent under.
pub async fn draft(ctx: &Context, asked: &Asked, d: &DraftAsked) -> Result<Done<ReferralId>, Failure> {
    ctx.require(SENDERS)?;
    let mut unit: Unit<'_> = begin!(ctx, "referralDraft", asked);
    let id = drafted(&mut unit, d).await?;
    unit.finish("referral.drafted", id).await
}

/// The draft within a unit of work, whose viewer may refer.
pub(super) async fn drafted(unit: &mut Unit<'_>, d: &DraftAsked) -> Result<ReferralId, Failure> {
    let ctx = unit.ctx();
    let Some(sender) = organisation::one(unit.tx(), ctx.viewer.organisation).await? else {
        return Err(Failure::Forbidden);
    };
    let mut problems = Problems::default();
    let narratives = checked_narratives(&d.narratives, &mut problems);
    let ground = d.ground.as_ref().map(|(g, why)| (*g, problems.text("ground.reason", why, text::FREE)));
    let sender_reference = problems.optional("senderReference", d.reference.as_deref(), text::NAME);
    problems.done()?;
    let mut sections: Vec<(Section, Category)> = Vec::new();
    for section in &d.sections {
        let (section, category) = super::client::checked(unit, section, "sections").await?;
        if sections.iter().any(|(_, c)| *c == category) {
            let message = format!("{} is there twice.", category.code());
            return Err(Failure::user(UserErrorCode::Invalid, "sections", message));
        }
        sections.push((section, category));
    }
    let revealing: Categories = d.sections_revealing_location.iter().copied().collect();
    if revealing.has(Category::Name) {
        let message = "A name tells of no place: what does belongs into another section.";
        return Err(Failure::user(UserErrorCode::Invalid, "sectionsRevealingLocation", message));
    }
    if let Some(unknown) = revealing.iter().find(|c| !sections.iter().any(|(_, of)| of == c)) {
        let message = format!("There is no section of {}.", unknown.code());
        return Err(Failure::user(UserErrorCode::Invalid, "sectionsRevealingLocation", message));
    }
    let consent = match &d.consent {
        Some(given) => Some(super::consent::checked(unit, given, None, "consent").await?),
        None => None,
    };
    // A friend, a relative or a landlord learns of progress alone (C23).
    let contact_request = matches!(sender.kind, OrganisationKind::FriendsOrFamily | OrganisationKind::Landlord);
    let private_sender = sender.is_category || contact_request;
    if contact_request && consent.as_ref().is_some_and(|c| c.given_by != GivenBy::Client) {
        let message =
            "A contact request passes on what the person said themselves. The hub records who acts for them.";
        return Err(Failure::user(UserErrorCode::NotAllowed, "consent.givenBy", message));
    }
    if let Some(new) = consent.as_ref().filter(|_| private_sender) {
        let works_for = person::organisations_of(unit.tx(), ctx.viewer.person).await?;
        if names_sender(&ctx.viewer, &works_for, &new.recipients, new.purposes) {
            let message =
                "Who refers somebody as a private person or their landlord receives nothing under the consent.";
            return Err(Failure::user(UserErrorCode::NotAllowed, "consent.recipients", message));
        }
    }
    let random = &*ctx.app.random;
    let client = ClientId(random.uuid_random());
    let id = ReferralId(random.uuid_timed(unit.by.at));
    write::client(unit.tx(), client, unit.by.at).await?;
    let consent_id = match &consent {
        Some(new) => {
            let consent_id = ConsentId(random.uuid_timed(unit.by.at));
            let proxy = super::proxy::with_draft(unit, client, id, new).await?;
            let place = write::ConsentPlace { client, referral: Some(id), proxy, owner: id.0 };
            write::consent(unit.tx(), consent_id, place, new, unit.by).await?;
            Some(consent_id)
        }
        None => None,
    };
    let brought: Categories = sections.iter().map(|(_, c)| *c).chain(narratives.iter().map(|n| n.category)).collect();
    let new = NewReferral {
        id,
        client,
        urgency: d.urgency,
        private_sender,
        contact_request,
        brought,
        consent: consent_id,
        ground,
        narratives,
        sender_reference,
    };
    write::referral(unit.tx(), &new, unit.by, random).await?;
    for (section, category) in sections {
        let entry = NewEntry {
            id: EntryId(random.uuid_timed(unit.by.at)),
            client,
            section,
            category,
            owner: id.0,
            referral: Some(id),
            corrects: None,
            marks: write::Marks { reveals_location: revealing.has(category), ..write::Marks::default() },
        };
        write::entry(unit.tx(), &entry, unit.by, random).await?;
    }
    unit.touch(client, brought.union(Categories::of(&[Category::Involvement])));
    Ok(id)
}

/// A referral the viewer sees, with the client locked, and its open offer if the viewer sees that.
pub(super) struct Seen {
    pub(super) referral: Referral,
    open_offer: Option<Offer>,
}

pub(super) async fn seen(unit: &Unit<'_>, given: &str) -> Result<Seen, Failure> {
    let id = ReferralId::parse(given).unwrap_or(ReferralId(uuid::Uuid::nil()));
    let Some(before) = unit.scope().referrals_by_id(&[id]).await?.pop() else {
        unit.ctx().note_nothing_found(given);
        return Err(UserError::not_found("referralId").into());
    };
    unit.ctx().note_involvement(&before.disclosure);
    unit.lock(before.client).await?;
    // Read again behind the lock: what somebody else did meanwhile counts.
    let Some(referral) = unit.scope().referrals_by_id(&[id]).await?.pop() else {
        return Err(UserError::not_found("referralId").into());
    };
    let open_offer = unit.scope().offers(&[id]).await?.into_iter().find(|o| o.answered_at.is_none());
    Ok(Seen { referral, open_offer })
}

impl Seen {
    /// The state a step leads to and on whose behalf, or why it cannot be taken.
    pub(super) fn step(
        &self,
        unit: &Unit<'_>,
        step: Step,
        version: i64,
    ) -> Result<(ReferralState, ReferralActor), Failure> {
        let open_team = self.open_offer.as_ref().map(|o| o.team);
        let mine = actors(&unit.ctx().viewer, &self.referral.disclosure, open_team);
        let r = &self.referral;
        // The version as the viewer was told it: a private sender's moves with progress alone.
        if version_for(&r.disclosure, r.private_sender, r.state, r.version) != version {
            return Err(Failure::conflict());
        }
        // A private sender may what does not speak of a state that they are not told of, by the flags and here alike.
        let told = !(r.private_sender && reads_as_sender(&r.disclosure)) || is_for_private_sender(r.state, step);
        let allowed = mine.iter().find_map(|a| transition(r.state, step, *a).map(|to| (to, *a))).filter(|_| told);
        if let Some(found) = allowed {
            return Ok(found);
        }
        // Whether the step is for somebody else or for another state is told only as far as the viewer reads the state.
        let ever = crate::domain::referral::transitions().iter().any(|(_, s, a, _)| *s == step && mine.contains(a));
        if ever {
            Err(Failure::user(UserErrorCode::IllegalTransition, "", "The referral's state does not allow this step."))
        } else {
            Err(Failure::user(UserErrorCode::NotAllowed, "", "This step is for somebody else to take."))
        }
    }

    pub(super) async fn go(
        &self,
        unit: &mut Unit<'_>,
        (to, actor): (ReferralState, ReferralActor),
        detail: Option<String>,
        closing: Option<Closing>,
        case: Option<CaseId>,
    ) -> Result<(), Failure> {
        let r = &self.referral;
        let triage_due = match to {
            ReferralState::Submitted => Some(due(unit, r).await?),
            ReferralState::AwaitingInformation => Some(Timestamp::NEVER),
            _ => None,
        };
        if r.state == ReferralState::AwaitingInformation {
            inbox::close_kind(unit.tx(), r.id, InboxKind::ReferralAsked, unit.by.at).await?;
        }
        let step = Move {
            referral: r.id,
            client: r.client,
            version: r.version,
            from: r.state,
            to,
            actor,
            detail,
            closing,
            case,
            triage_due,
        };
        let ctx = unit.ctx();
        if !write::move_referral(unit.tx(), &step, unit.by, &*ctx.app.random).await? {
            return Err(Failure::conflict());
        }
        unit.touch(r.client, Categories::of(&[Category::Involvement]));
        Ok(())
    }
}

/// By when a referral that comes to the hub now is to be triaged: three working days from its submission, and those more that an answer
/// was waited for.
async fn due(unit: &Unit<'_>, r: &Referral) -> Result<Timestamp, Failure> {
    let mut pauses = triage::pauses(unit.tx(), r.id).await?;
    triage::pause(&mut pauses, false, unit.by.at);
    let facts = TriageFacts { submitted_at: r.submitted_at.unwrap_or(unit.by.at), pauses, triaged_at: None };
    Ok(due_at(&facts).unwrap_or(Timestamp::NEVER))
}

/// Submits a draft: with consent or a coded ground, special data only where the consent names it (C23).
pub async fn submit(ctx: &Context, asked: &Asked, id: &str, version: i64) -> Result<Done<ReferralId>, Failure> {
    ctx.require(SENDERS)?;
    let mut unit: Unit<'_> = begin!(ctx, "referralSubmit", asked);
    let id = submitted(&mut unit, id, version).await?;
    unit.finish("referral.submitted", id).await
}

/// The submission within a unit of work, whose viewer may refer.
pub(super) async fn submitted(unit: &mut Unit<'_>, id: &str, version: i64) -> Result<ReferralId, Failure> {
    household::lock_sent(unit, ReferralId::parse(id)).await?;
    let seen = seen(unit, id).await?;
    let to = seen.step(unit, Step::Submit, version)?;
    let r = &seen.referral;
    let facts = ledger::facts(unit.tx(), r.client).await?;
    // Of a contact request, what its sender says of the person's consent is enough to send it, and opens nothing.
    let said: Vec<_> = facts.consents.iter().map(|c| ConsentFacts { hearsay: false, ..c.clone() }).collect();
    let consented = facts
        .hubs
        .iter()
        .flat_map(|h| covering(&said, &facts.withdrawals, h.organisation, Purpose::Referral))
        .collect::<Vec<_>>();
    let live = consented.iter().any(|c| c.live_at(unit.by.at));
    let brought = facts.referrals.iter().find(|f| f.id == r.id).map_or(Categories::NONE, |f| f.brought);
    let problems = submission_problems(Submission {
        brought,
        consented: live.then(|| covered_at(&consented, unit.by.at)),
        has_ground: r.ground.is_some(),
        has_name: brought.has(Category::Name),
    });
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let (id, client) = (r.id, r.client);
    seen.go(unit, to, None, None, None).await?;
    super::duty::tell_hub(unit, id, client).await?;
    // From now on others read it.
    household::shield(unit, client).await?;
    Ok(id)
}

/// Offers a referral to one team, its criteria looked at.
pub async fn offer(
    ctx: &Context,
    asked: &Asked,
    id: &str,
    version: i64,
    team: &str,
    worker: Option<&str>,
    criteria_seen: &str,
) -> Result<Done<ReferralId>, Failure> {
    ctx.require(&[Role::HubCoordinator])?;
    let mut problems = Problems::default();
    let criteria_seen = problems.text("criteriaSeen", criteria_seen, text::FREE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "referralOffer", asked);
    let seen = seen(&unit, id).await?;
    let to = seen.step(&unit, Step::Offer, version)?;
    agreed(&unit, &seen.referral).await?;
    let found = match TeamId::parse(team) {
        Some(team) => organisation::one_team(unit.tx(), team).await?,
        None => None,
    };
    let Some(team) = found else { return Err(UserError::not_found("teamId").into()) };
    let takes_part = organisation::one(unit.tx(), team.organisation).await?.is_some_and(|o| o.is_partner);
    if !takes_part || team.is_hub {
        let message = "A referral is offered to a team of a partner agency. Signpost to others instead.";
        return Err(Failure::user(UserErrorCode::Invalid, "teamId", message));
    }
    let worker = match worker {
        Some(given) => Some(worker_of(&unit, PersonId::parse(given), team.id).await?),
        None => None,
    };
    let new = NewOffer {
        id: OfferId(ctx.app.random.uuid_timed(unit.by.at)),
        referral: seen.referral.id,
        client: seen.referral.client,
        team: team.id,
        organisation: team.organisation,
        refuses: team.refuses,
        criteria_seen,
        worker,
    };
    write::offer(unit.tx(), &new, unit.by).await?;
    restriction::name_offered(unit.tx(), new.id).await?;
    let id = seen.referral.id;
    seen.go(&mut unit, to, None, None, None).await?;
    unit.finish("referral.offered", id).await
}

/// Whether a referral may go on: a contact request waits until the person agrees, which they do when the hub records their own
/// consent to it, or a decision in their best interests; its sender's ground is hearsay like their word (C23).
async fn agreed(unit: &Unit<'_>, r: &Referral) -> Result<(), Failure> {
    let facts = ledger::facts(unit.tx(), r.client).await?;
    if !facts.referrals.iter().any(|f| f.id == r.id && f.contact_request) {
        return Ok(());
    }
    let covered = |of| {
        let all = covering(&facts.consents, &facts.withdrawals, of, Purpose::Referral);
        all.iter().any(|c| c.live_at(unit.by.at))
    };
    if facts.hubs.iter().any(|h| covered(h.organisation)) {
        return Ok(());
    }
    let message = "A contact request waits until the person agrees: record their own consent to the referral first.";
    Err(Failure::user(UserErrorCode::ConsentRequired, "", message))
}

/// A worker of a team, or an error about `workerId`.
async fn worker_of(unit: &Unit<'_>, worker: Option<PersonId>, team: TeamId) -> Result<PersonId, Failure> {
    let fits = match worker {
        Some(worker) => person::roles_in_team(unit.tx(), worker, team).await?.is_some_and(|r| r.any(WORKERS)),
        None => false,
    };
    worker
        .filter(|_| fits)
        .ok_or_else(|| Failure::user(UserErrorCode::NotFound, "workerId", "There is no such worker in the team."))
}

/// Takes an offered referral: a worker is named and a case opens.
pub async fn accept(
    ctx: &Context,
    asked: &Asked,
    id: &str,
    version: i64,
    worker: Option<&str>,
) -> Result<Done<ReferralId>, Failure> {
    ctx.require(WORKERS)?;
    let mut unit: Unit<'_> = begin!(ctx, "referralAccept", asked);
    let seen = seen(&unit, id).await?;
    let to = seen.step(&unit, Step::Accept, version)?;
    let Some(offer) = &seen.open_offer else { return Err(Failure::conflict()) };
    agreed(&unit, &seen.referral).await?;
    let worker = match worker {
        Some(given) => PersonId::parse(given),
        None => Some(ctx.viewer.person),
    };
    let worker = worker_of(&unit, worker, offer.team).await?;
    let r = &seen.referral;
    let case = NewCase {
        id: CaseId(ctx.app.random.uuid_timed(unit.by.at)),
        client: r.client,
        referral: Some(r.id),
        previous: None,
        organisation: offer.organisation,
        team: offer.team,
        worker,
    };
    write::open_case(unit.tx(), &case, unit.by).await?;
    write::confirm_client(unit.tx(), r.client).await?;
    // The lead worker is one of the few whom protected contact is for (C7); looked at while whom the offer names is still named.
    restriction::name_taken(unit.tx(), r.client, case.id, offer.id, ctx.viewer.person).await?;
    write::end_offer(unit.tx(), r.id, OfferEnd::Accepted, unit.by).await?;
    let id = r.id;
    seen.go(&mut unit, to, None, None, Some(case.id)).await?;
    unit.finish("referral.accepted", id).await
}

/// Declines an offered referral, with a coded reason; the hub looks again.
pub async fn decline(
    ctx: &Context,
    asked: &Asked,
    id: &str,
    version: i64,
    reason: DeclineReason,
    words: Option<&str>,
) -> Result<Done<ReferralId>, Failure> {
    ctx.require(WORKERS)?;
    let mut problems = Problems::default();
    let words = problems.optional("text", words, text::FREE);
    if reason == DeclineReason::Other && words.is_none() {
        problems.add(UserError::at(UserErrorCode::Invalid, "text", "OTHER needs words."));
    }
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "referralDecline", asked);
    let seen = seen(&unit, id).await?;
    let to = seen.step(&unit, Step::Decline, version)?;
    let id = seen.referral.id;
    write::end_offer(unit.tx(), id, OfferEnd::Declined(reason, words.as_deref()), unit.by).await?;
    seen.go(&mut unit, to, Some(reason.code().to_owned()), None, None).await?;
    unit.finish("referral.declined", id).await
}

/// Takes back an offer that nobody answered.
pub async fn take_back(ctx: &Context, asked: &Asked, id: &str, version: i64) -> Result<Done<ReferralId>, Failure> {
    ctx.require(&[Role::HubCoordinator])?;
    let mut unit: Unit<'_> = begin!(ctx, "referralTakeBack", asked);
    let seen = seen(&unit, id).await?;
    let to = seen.step(&unit, Step::TakeBack, version)?;
    let id = seen.referral.id;
    write::end_offer(unit.tx(), id, OfferEnd::NoAnswer, unit.by).await?;
    seen.go(&mut unit, to, Some("NO_ANSWER".to_owned()), None, None).await?;
    unit.finish("referral.taken_back", id).await
}

/// A closing as it is asked for.
#[derive(Clone, Debug)]
pub struct ClosingAsked {
    /// Outcome.
    pub outcome: Outcome,
    /// In words; needed for OTHER.
    pub text: Option<String>,
    /// Where the person was referred on to.
    pub onward_referral: Option<String>,
    /// Why the person refused signposting.
    pub refused_signposting: Option<String>,
    /// The day of death, with DIED.
    pub died_on: Option<String>,
}

/// Closes a referral without a case: by the hub, with an outcome and a next step.
pub async fn close(
    ctx: &Context,
    asked: &Asked,
    id: &str,
    version: i64,
    c: &ClosingAsked,
) -> Result<Done<ReferralId>, Failure> {
    ctx.require(&[Role::HubCoordinator])?;
    end(ctx, asked, id, version, Step::Close, c).await
}

/// Withdraws a referral: by the referrer, with a reason.
pub async fn withdraw(
    ctx: &Context,
    asked: &Asked,
    id: &str,
    version: i64,
    reason: &str,
) -> Result<Done<ReferralId>, Failure> {
    ctx.require(SENDERS)?;
    let c = ClosingAsked {
        outcome: Outcome::WithdrawnByReferrer,
        text: Some(reason.to_owned()),
        onward_referral: None,
        refused_signposting: None,
        died_on: None,
    };
    end(ctx, asked, id, version, Step::Withdraw, &c).await
}

/// The person says no, through whoever has the referral before them.
pub async fn client_declines(
    ctx: &Context,
    asked: &Asked,
    id: &str,
    version: i64,
    reason: &str,
    refused_signposting: Option<&str>,
) -> Result<Done<ReferralId>, Failure> {
    ctx.require(SENDERS)?;
    let c = ClosingAsked {
        outcome: Outcome::ClientDeclined,
        text: Some(reason.to_owned()),
        onward_referral: None,
        refused_signposting: refused_signposting.map(str::to_owned),
        died_on: None,
    };
    end(ctx, asked, id, version, Step::ClientDeclines, &c).await
}

async fn end(
    ctx: &Context,
    asked: &Asked,
    id: &str,
    version: i64,
    step: Step,
    c: &ClosingAsked,
) -> Result<Done<ReferralId>, Failure> {
    let mut problems = Problems::default();
    let closing = Closing {
        outcome: c.outcome,
        text: problems.optional(if step == Step::Close { "text" } else { "reason" }, c.text.as_deref(), text::FREE),
        next_step: problems.optional("onwardReferral", c.onward_referral.as_deref(), text::FREE),
        refused_signposting: problems.optional("refusedSignposting", c.refused_signposting.as_deref(), text::FREE),
    };
    if c.outcome == Outcome::Other && c.text.is_none() {
        problems.add(UserError::at(UserErrorCode::Invalid, "text", "OTHER needs words."));
    }
    if !c.outcome.allowed_for(step) {
        problems.add(UserError::at(UserErrorCode::Invalid, "outcome", "This outcome is not for this step."));
    }
    let died = c.outcome == Outcome::Died;
    let died_on = super::client::day_of_death(ctx, died, c.died_on.as_deref(), &mut problems);
    problems.done()?;
    let operation = match step {
        Step::Withdraw => "referralWithdraw",
        Step::ClientDeclines => "referralRecordClientDecline",
        _ => "referralClose",
    };
    let mut unit = match Unit::begin(ctx, operation, asked).await? {
        super::unit::Begun::Fresh(unit) => *unit,
        super::unit::Begun::Replayed(id) => return Ok(Done::Changed(id)),
    };
    let seen = seen(&unit, id).await?;
    let to = seen.step(&unit, step, version)?;
    let id = seen.referral.id;
    let given = closing.next_step.is_some() || closing.refused_signposting.is_some();
    if !closing.outcome.is_exempt_from_next_step() && !given {
        let told = unit.scope().signposts_of_referrals(&[id]).await?;
        if told.is_empty() {
            return Err(Failure::user(
                UserErrorCode::DeadEnd,
                "",
                "Nobody is left without a next step: signpost the person, name the onward referral, or record that signposting was refused.",
            ));
        }
    }
    write::end_offer(unit.tx(), id, OfferEnd::Ended, unit.by).await?;
    if let Some(day) = died_on {
        write::died(unit.tx(), seen.referral.client, &day, unit.by.at).await?;
    }
    seen.go(&mut unit, to, Some(closing.outcome.code().to_owned()), Some(closing), None).await?;
    unit.finish("referral.closed", id).await
}
