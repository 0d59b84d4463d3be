//! Triage: what the hub asks and what is answered, how urgent it finds a referral, in whose hand it is.

use super::context::{Context, Failure};
use super::referral::{SENDERS, seen};
use super::unit::{Done, Unit, begin};
use crate::domain::basis::Basis;
use crate::domain::category::{Categories, Category};
use crate::domain::code::Coded;
use crate::domain::consent::Purpose;
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{OrganisationId, PersonId, ReferralId, TypedId};
use crate::domain::inbox::InboxKind;
use crate::domain::mutation::Asked;
use crate::domain::referral::{OPEN, ReferralActor, Step, Urgency};
use crate::domain::role::Role;
use crate::domain::section::SECTIONS;
use crate::domain::text;
use crate::persistence::inbox::{self, NewInboxItem};
use crate::persistence::referral::Referral;
use crate::persistence::triage::{self, Words};
use crate::persistence::{ledger, person, restriction};
use crate::policy::coverage::{covered_at, covering};
use crate::policy::grants::TeamFacts;
use crate::policy::referral::may_set_urgency;

/// What somebody asks or answers, as it came.
#[derive(Clone, Debug)]
pub struct WordsAsked {
    /// The text.
    pub text: String,
    /// The categories it tells of.
    pub categories: Vec<Category>,
}

impl WordsAsked {
    fn checked(&self, path: &str) -> Result<Words, Failure> {
        let mut problems = Problems::default();
        let text = problems.text(path, &self.text, text::FREE);
        for category in self.categories.iter().filter(|c| !SECTIONS.has(**c) && **c != Category::Involvement) {
            let message = format!("{} is not a category a referral tells of.", category.code());
            problems.add(UserError::at(UserErrorCode::Invalid, "categories", message));
        }
        problems.done()?;
        let categories = self.categories.iter().copied().chain([Category::Involvement]).collect();
        Ok(Words { text, categories, is_of_sender: false })
    }
}

/// Asks who sent a referral for what is missing: the triage clock stands still until the answer comes. A question tells of nothing but
/// INVOLVEMENT: what it may name beside that would tell the hub what the sender wrote (C12). Whom the client excludes is asked nothing (C6). A private sender is told of no
/// state (C23): they are asked by other ways, and the hub writes the answer down.
pub async fn ask(
    ctx: &Context,
    asked: &Asked,
    id: &str,
    version: i64,
    words: &WordsAsked,
) -> Result<Done<ReferralId>, Failure> {
    ctx.require(&[Role::HubCoordinator])?;
    let words = words.checked("question")?;
    let mut unit: Unit<'_> = begin!(ctx, "referralAsk", asked);
    let seen = seen(&unit, id).await?;
    let to = seen.step(&unit, Step::Ask, version)?;
    let r = &seen.referral;
    if !r.private_sender && restriction::excludes(unit.tx(), r.client, r.organisation).await? {
        let message = "The client excludes who sent it: ask by other ways.";
        return Err(Failure::user(UserErrorCode::NotAllowed, "", message));
    }
    triage::ask(unit.tx(), r.id, r.client, &words, unit.by, &*ctx.app.random).await?;
    seen.go(&mut unit, to, None, None, None).await?;
    if !r.private_sender {
        post(&unit, r, (r.sent_by, r.organisation), InboxKind::ReferralAsked).await?;
    }
    unit.touch(r.client, words.categories);
    unit.finish("referral.asked", r.id).await
}

async fn post(
    unit: &Unit<'_>,
    r: &Referral,
    (person, organisation): (PersonId, OrganisationId),
    kind: InboxKind,
) -> Result<(), Failure> {
    let item = NewInboxItem { person, organisation, kind, subject: r.id, client: Some(r.client), due_at: None };
    Ok(inbox::post(unit.tx(), &item, unit.by.at, &*unit.ctx().app.random).await?)
}

/// Answers what the hub asked: by who sent the referral, or by the hub for them. What it tells of a special category needs consent
/// that names it, as a submission does (C23); the referral brings its categories from now on.
pub async fn answer(
    ctx: &Context,
    asked: &Asked,
    id: &str,
    version: i64,
    words: &WordsAsked,
) -> Result<Done<ReferralId>, Failure> {
    ctx.require(SENDERS)?;
    let words = words.checked("answer")?;
    let mut unit: Unit<'_> = begin!(ctx, "referralAnswer", asked);
    let seen = seen(&unit, id).await?;
    let to = seen.step(&unit, Step::Answer, version)?;
    let r = &seen.referral;
    let consented = consented_for_answer(&unit, r, to.1).await?;
    let unnamed = words.categories.intersection(Categories::SPECIAL).minus(consented);
    if let Some(special) = unnamed.iter().next() {
        let message =
            format!("The consent to the referral does not name {}. Leave it out, or ask the person.", special.code());
        return Err(Failure::user(UserErrorCode::SpecialCategoryNotNamed, "categories", message));
    }
    let asker = triage::who_asked(unit.tx(), r.id).await?;
    let brings = words.categories.minus(Categories::of(&[Category::Involvement]));
    let words = Words { is_of_sender: to.1 == ReferralActor::Referrer, ..words };
    triage::answer(unit.tx(), r.id, &words, brings, unit.by).await?;
    seen.go(&mut unit, to, None, None, None).await?;
    if let Some(asker) = asker.filter(|(person, _)| *person != ctx.viewer.person) {
        post(&unit, r, asker, InboxKind::ReferralAnswered).await?;
    }
    unit.touch(r.client, words.categories);
    unit.finish("referral.answered", r.id).await
}

/// What may be answered of special categories. Of a sender, what the consent names that the referral was sent under, whatever became of it:
/// they are not told of what others recorded or withdrew since, and what is not covered stays closed to the hub all the same (C12).
async fn consented_for_answer(unit: &Unit<'_>, r: &Referral, actor: ReferralActor) -> Result<Categories, Failure> {
    if actor == ReferralActor::Referrer {
        return Ok(triage::sent_under(unit.tx(), r.id).await?);
    }
    let facts = ledger::facts(unit.tx(), r.client).await?;
    let of_hub = |hub: &TeamFacts| {
        let all = covering(&facts.consents, &facts.withdrawals, hub.organisation, Purpose::Referral);
        covered_at(&all, unit.by.at)
    };
    Ok(facts.hubs.iter().map(of_hub).fold(Categories::NONE, Categories::union))
}

/// Gives a referral into the hand of a coordinator of the hub, or takes it out of anybody's. It takes who had it when it was read
/// instead of the version: that one tells who sent it of every change.
pub async fn assign(
    ctx: &Context,
    asked: &Asked,
    id: &str,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<Done<ReferralId>, Failure> {
    ctx.require(&[Role::HubCoordinator])?;
    let mut unit: Unit<'_> = begin!(ctx, "referralAssign", asked);
    let seen = seen(&unit, id).await?;
    let r = &seen.referral;
    let hub = ctx.viewer.hub_team().filter(|_| r.disclosure.has(Basis::Hub));
    let Some(hub) = hub else {
        return Err(Failure::user(UserErrorCode::NotAllowed, "", "This step is for somebody else to take."));
    };
    if !OPEN.contains(&r.state) {
        return Err(Failure::user(
            UserErrorCode::IllegalTransition,
            "",
            "The referral's state does not allow this step.",
        ));
    }
    let had = from.map(PersonId::parse);
    if had == Some(None) || triage::in_hand(unit.tx(), r.id).await? != had.flatten() {
        return Err(Failure::conflict());
    }
    let person = match to {
        None => None,
        Some(given) => {
            let found = PersonId::parse(given);
            let coordinates = match found {
                Some(p) => {
                    person::roles_in_team(unit.tx(), p, hub).await?.is_some_and(|r| r.has(Role::HubCoordinator))
                }
                None => false,
            };
            if !coordinates {
                let message = "There is no such coordinator of the hub.";
                return Err(Failure::user(UserErrorCode::NotFound, "assignTo", message));
            }
            found
        }
    };
    triage::assign(unit.tx(), r.id, person).await?;
    unit.touch(r.client, Categories::of(&[Category::Involvement]));
    unit.finish("referral.assigned", r.id).await
}

/// Finds a referral more or less urgent than it was written. Who sent it goes on reading what it wrote. Like the hand it takes what was
/// read instead of the version, and the step is in the history for the hub alone.
pub async fn set_urgency(
    ctx: &Context,
    asked: &Asked,
    id: &str,
    from: Urgency,
    to: Urgency,
) -> Result<Done<ReferralId>, Failure> {
    ctx.require(&[Role::HubCoordinator])?;
    let mut unit: Unit<'_> = begin!(ctx, "referralSetUrgency", asked);
    let seen = seen(&unit, id).await?;
    let r = &seen.referral;
    if !may_set_urgency(&ctx.viewer, &r.disclosure) {
        return Err(Failure::user(UserErrorCode::NotAllowed, "", "This step is for somebody else to take."));
    }
    if !OPEN.contains(&r.state) {
        let message = "The referral's state does not allow this step.";
        return Err(Failure::user(UserErrorCode::IllegalTransition, "", message));
    }
    if r.urgency != from {
        return Err(Failure::conflict());
    }
    if from == to {
        return Err(Failure::user(UserErrorCode::Invalid, "to", "It is this urgent already."));
    }
    triage::set_urgency(unit.tx(), r, to, unit.by, &*ctx.app.random).await?;
    unit.touch(r.client, Categories::of(&[Category::Involvement, Category::Housing]));
    unit.finish("referral.urgency_set", r.id).await
}
