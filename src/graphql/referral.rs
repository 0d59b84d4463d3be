//! Referrals as each viewer may see them.

use super::client::{Client, linked_client};
use super::criteria::{CriteriaChange, ServiceEligibility, changed_since, odd};
use super::duty::DutyToRefer;
use super::failure::ApiError;
use super::likeness::LikeRecord;
use super::pagination::{self, connection};
use super::routing::{SuggestedService, SuggestionInput};
use super::scalars::DateTime;
use super::shared_case::SharedCase;
use super::siblings::Siblings;
use super::signpost::Signpost;
use super::triage::{ReferralAssignee, ReferralQuestion, ReferralStep, TriageClock, clock_of};
use super::{OrganisationLink, Redaction, organisation_link, request};
use crate::domain::basis::Basis;
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::eligibility::{Applicant, Fit};
use crate::domain::ids::{CaseId, ClientId, ReferralId, ServiceId, TypedId};
use crate::domain::referral::{
    DeclineReason, OPEN, Outcome, Progress, ReferralActor, ReferralState, Step as Move, Urgency, transition,
};
use crate::domain::section::{SECTIONS, Section};
use crate::persistence::client::Entry;
use crate::persistence::criteria::Offered;
use crate::persistence::duty::Duty;
use crate::persistence::organisation::{self as registry, Reluctant};
use crate::persistence::referral::{Narrative, Offer, Referral as Row};
use crate::persistence::triage::{Place, Question, Step};
use crate::policy::duty as rules;
use crate::policy::referral::{
    actors, is_for_private_sender, learns_progress_alone, left_out, may_set_urgency, outcome_for, reads_as_sender,
    reads_urgency_found, version_for,
};
use crate::policy::writing;
use crate::service::context::Context as Request;
use crate::service::{eligibility, likeness, routing};
use async_graphql::{Context, ID, Object, SimpleObject};
use std::sync::Arc;
use uuid::Uuid;

/// Referrals that came in one statement.
pub struct ReferralGroup {
    rows: Arc<Siblings<ReferralId>>,
    clients: Arc<Siblings<ClientId>>,
    cases: Arc<Siblings<CaseId>>,
    /// When the first of them was submitted.
    first_submitted: Option<Timestamp>,
}

/// A referral. Who sent it sees its own referral as it wrote it, its status, outcome and the signposts it was told, and no
/// client record (C2 REFERRER, C23); the hub and an offered team see what triage and intake need.
#[derive(Clone)]
pub struct Referral {
    row: Arc<Row>,
    group: Arc<ReferralGroup>,
    /// Where it stands in the queue, on a page of that.
    place: Option<Place>,
}

/// One text of a referral's narrative, in one category (C1).
#[derive(SimpleObject)]
pub struct ReferralNarrative {
    /// Global id of the text, to mark it by. The item's own category (C1).
    narrative_id: ID,
    /// Its category. The item's own category (C1).
    category: Category,
    /// The text. The item's own category (C1, C7).
    text: String,
    /// Whether it tells where the person can be found. The item's own category (C1, C7); `null` for who sent it, who reads what they
    /// wrote.
    reveals_location: Option<bool>,
    /// Version, to mark it by. The item's own category (C1); `null` for who sent it.
    version: Option<i64>,
}

/// What the referral brought of one category, as it was written (C1).
#[derive(SimpleObject)]
pub struct ReferralEntry {
    /// Its category. The item's own category (C1).
    category: Category,
    /// What was written, line by line. The item's own category (C1, C7).
    lines: Vec<String>,
}

/// An offer of the referral to a team. INVOLVEMENT (C1); for the hub and that team.
#[derive(SimpleObject)]
pub struct ReferralOffer {
    /// Global id. INVOLVEMENT (C1).
    id: ID,
    /// The team's organisation. INVOLVEMENT (C1), under C11.
    organisation: OrganisationLink,
    /// The team's name, where the organisation may be named. INVOLVEMENT (C1), under C11.
    team_name: Option<String>,
    /// The name of the worker it is meant for, where the organisation may be named. INVOLVEMENT (C1), under C11.
    worker_name: Option<String>,
    /// When it was offered. INVOLVEMENT (C1).
    offered_at: DateTime,
    /// When it was answered or taken back. INVOLVEMENT (C1).
    answered_at: Option<DateTime>,
    /// Why the team declined. INVOLVEMENT (C1).
    decline_reason: Option<DeclineReason>,
    /// In words. INVOLVEMENT (C1).
    decline_text: Option<String>,
}

/// What a team would not be told of a draft if it were offered to it, because the team asked not to know it before it has met the
/// person (C8).
#[derive(SimpleObject)]
pub struct IntakeNotice {
    /// Global id of the team. INVOLVEMENT (C1, C8).
    team_id: ID,
    /// Its name. INVOLVEMENT (C1, C8).
    team_name: String,
    /// Its organisation's name. INVOLVEMENT (C1, C8).
    organisation_name: String,
    /// The categories that an offer to it leaves out. INVOLVEMENT (C1, C8).
    categories: Vec<Category>,
    /// The same in words, to be shown before submitting. INVOLVEMENT (C1, C8).
    message: String,
}

/// Which steps the viewer may take with the referral now, by the same predicates that the mutations enforce (C22).
#[derive(SimpleObject)]
pub struct ReferralAccess {
    /// Submit the draft. INVOLVEMENT (C1, C22).
    can_submit: bool,
    /// Ask who sent it for what is missing, unless the client excludes them (C6). INVOLVEMENT (C1, C22).
    can_ask: bool,
    /// Answer what was asked. INVOLVEMENT (C1, C22).
    can_answer: bool,
    /// Give it into somebody's hand. INVOLVEMENT (C1, C22).
    can_assign: bool,
    /// Say how urgent it is. INVOLVEMENT (C1, C22).
    can_set_urgency: bool,
    /// Record a duty to refer with it. INVOLVEMENT (C1, C22).
    can_record_duty: bool,
    /// Record that its duty to refer was passed on, unless the client excludes the authority (C6) or has died. INVOLVEMENT (C1, C22).
    can_pass_duty: bool,
    /// Record that the authority acknowledged that. INVOLVEMENT (C1, C22).
    can_acknowledge_duty: bool,
    /// Record that the person takes the duty to refer back. INVOLVEMENT (C1, C22).
    can_end_duty: bool,
    /// Offer it to a team. INVOLVEMENT (C1, C22).
    can_offer: bool,
    /// Accept it for the team it is offered to. INVOLVEMENT (C1, C22).
    can_accept: bool,
    /// Decline it for that team. INVOLVEMENT (C1, C22).
    can_decline: bool,
    /// Take the open offer back. INVOLVEMENT (C1, C22).
    can_take_back: bool,
    /// Close it with an outcome. INVOLVEMENT (C1, C22).
    can_close: bool,
    /// Withdraw it. INVOLVEMENT (C1, C22).
    can_withdraw: bool,
    /// Record that the person declines. INVOLVEMENT (C1, C22).
    can_record_client_decline: bool,
    /// Signpost on it. INVOLVEMENT (C1, C22).
    can_signpost: bool,
}

impl Referral {
    /// Referrals from what one statement brought; each is noted in the trace.
    pub fn group(request: &Request, found: Vec<Row>) -> Vec<Self> {
        let mut clients: Vec<_> = found.iter().map(|r| r.client).collect();
        clients.sort();
        clients.dedup();
        let group = Arc::new(ReferralGroup {
            rows: Siblings::of(found.iter().map(|r| r.id).collect()),
            clients: Siblings::of(clients),
            cases: Siblings::of(found.iter().filter_map(|r| r.case).collect()),
            first_submitted: found.iter().filter_map(|r| r.submitted_at).min(),
        });
        found
            .into_iter()
            .map(|row| {
                request.note_involvement(&row.disclosure);
                Self { row: Arc::new(row), group: Arc::clone(&group), place: None }
            })
            .collect()
    }

    /// Referrals of the queue, each with its place there.
    pub fn queued(request: &Request, found: Vec<(Row, Place)>) -> Vec<Self> {
        let (rows, places): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        let all = Self::group(request, rows).into_iter().zip(places);
        all.map(|(referral, place)| Self { place: Some(place), ..referral }).collect()
    }

    /// Where it stands in the queue, on a page of that.
    pub const fn place(&self) -> Option<Place> {
        self.place
    }

    /// The referral.
    pub fn key(&self) -> ReferralId {
        self.row.id
    }

    /// Whom it is about.
    pub fn client_key(&self) -> ClientId {
        self.row.client
    }

    /// What a grant may name to reach the referral.
    fn documents(&self) -> Vec<Uuid> {
        [Some(self.row.id.0), self.row.case.map(|c| c.0)].into_iter().flatten().collect()
    }

    fn open(&self) -> Categories {
        self.row.disclosure.open_within(&self.documents())
    }

    /// Whether the viewer learns of progress alone (C23).
    fn progress_alone(&self) -> bool {
        learns_progress_alone(&self.row.disclosure, self.row.private_sender)
    }

    async fn offer_rows(&self, ctx: &Context<'_>) -> Result<Vec<Offer>, ApiError> {
        let request = request(ctx);
        let rows = &self.group.rows;
        let all =
            rows.load::<Vec<Offer>, _>("offers", async { Ok(request.scope().offers(&rows.keys).await?) }).await?;
        Ok(all.iter().filter(|o| o.referral == self.row.id).cloned().collect())
    }

    /// The services that a referral can lead to.
    async fn partner_services(&self, ctx: &Context<'_>) -> Result<Arc<Vec<Offered>>, ApiError> {
        let read = async { Ok(routing::services(request(ctx)).await?) };
        self.group.rows.load::<Vec<Offered>, _>("services", read).await
    }

    /// Notes by what a person is judged: these entries, and how soon a home may be lost.
    fn judged(&self, request: &Request, by: &[&Entry]) {
        for category in by.iter().map(|e| e.category).chain([Category::Housing]) {
            let grants = self.grants_for(category);
            if !grants.is_empty() {
                request.note(self.row.client, [category].into_iter().collect(), &grants);
            }
        }
    }

    /// What these referrals brought, as it was written.
    async fn written(&self, ctx: &Context<'_>) -> Result<Arc<Vec<(ReferralId, Entry)>>, ApiError> {
        let rows = &self.group.rows;
        let read = async { Ok(request(ctx).scope().entries_as_written(&rows.keys).await?) };
        rows.load::<Vec<(ReferralId, Entry)>, _>("as written", read).await
    }

    /// The partner teams that ask not to be told of everything (C8).
    async fn reluctant(&self, ctx: &Context<'_>) -> Result<Arc<Vec<Reluctant>>, ApiError> {
        let database = &request(ctx).app.database;
        let read = async { Ok(registry::reluctant(database).await?) };
        self.group.rows.load::<Vec<Reluctant>, _>("intake", read).await
    }

    /// What there is of duties to refer with these referrals, for who is told of them.
    async fn duties(&self, ctx: &Context<'_>) -> Result<Arc<Vec<Duty>>, ApiError> {
        let rows = &self.group.rows;
        let read = async { Ok(request(ctx).scope().duties(&rows.keys).await?) };
        rows.load::<Vec<Duty>, _>("duties", read).await
    }

    /// Its steps, oldest first, as far as the viewer is told of them.
    async fn steps(&self, ctx: &Context<'_>) -> Result<Arc<Vec<Step>>, ApiError> {
        let rows = &self.group.rows;
        let read = async { Ok(request(ctx).scope().referral_steps(&rows.keys).await?) };
        rows.load::<Vec<Step>, _>("steps", read).await
    }

    fn grants_for(&self, category: Category) -> Vec<crate::domain::ids::GrantId> {
        self.row.disclosure.grants_opening(category)
    }
}

fn told<T>(value: Option<T>, hidden: bool) -> Option<T> {
    if hidden { None } else { value }
}

/// A referral. Who sent it sees its own referral as it wrote it, its status, outcome and the signposts it was told, and no
/// client record (C2 REFERRER, C23); the hub and an offered team see what triage and intake need.
#[Object]
impl Referral {
    /// Global id. INVOLVEMENT (C1).
    pub async fn id(&self) -> ID {
        self.row.id.global().into()
    }

    /// Version, to change it by. INVOLVEMENT (C1, C23).
    async fn version(&self) -> i64 {
        let r = &self.row;
        version_for(&r.disclosure, r.private_sender, r.state, r.version)
    }

    /// What any sender learns: that it came in, and that it is dealt with. INVOLVEMENT (C1, C23).
    async fn progress(&self) -> Progress {
        self.row.state.progress()
    }

    /// Where it stands. INVOLVEMENT (C1); `null` for a private sender, who learns of progress alone (C23).
    async fn state(&self) -> Option<ReferralState> {
        told(Some(self.row.state), self.progress_alone() && self.row.state != ReferralState::Draft)
    }

    /// How soon a home may be lost, as triage found it. HOUSING (C1, C8): a risk of eviction; who sent it reads what it wrote.
    async fn urgency(&self, ctx: &Context<'_>) -> Option<Urgency> {
        let found = reads_urgency_found(&self.row.disclosure, &self.documents());
        let own = self.row.disclosure.has(Basis::Referrer);
        if found || own {
            request(ctx).note(
                self.row.client,
                Categories::of(&[Category::Housing]),
                &self.grants_for(Category::Housing),
            );
        }
        told(Some(if found { self.row.urgency } else { self.row.sent_urgency }), !found && !own)
    }

    /// Who sent it. INVOLVEMENT (C1), under C11; the hub sees who sent what it triages.
    async fn sender(&self, ctx: &Context<'_>) -> OrganisationLink {
        let r = &self.row;
        organisation_link(
            request(ctx),
            r.organisation,
            &r.organisation_name,
            r.organisation_implies,
            self.open(),
            r.disclosure.has(Basis::Hub),
        )
    }

    /// The reference under which its sender keeps it, as the sender wrote it. INVOLVEMENT (C1); for the hub and for who sent it.
    async fn sender_reference(&self) -> Option<&str> {
        let told_of = [Basis::Hub, Basis::Referrer].iter().any(|b| self.row.disclosure.has(*b));
        told(self.row.sender_reference.as_deref(), !told_of)
    }

    /// When it was drafted. INVOLVEMENT (C1).
    async fn drafted_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When it was submitted. INVOLVEMENT (C1).
    async fn submitted_at(&self) -> Option<DateTime> {
        self.row.submitted_at.map(DateTime)
    }

    /// Its triage clock, for the hub and for who sent it; `null` for a draft, for a private sender, who learns of progress alone, and for
    /// who came to it later. INVOLVEMENT (C1, C23).
    async fn triage_clock(&self, ctx: &Context<'_>) -> Result<Option<TriageClock>, ApiError> {
        let Some(submitted_at) = self.row.submitted_at else { return Ok(None) };
        let all = self.steps(ctx).await?;
        let mine: Vec<_> = all.iter().filter(|s| s.referral == self.row.id).collect();
        Ok(clock_of(&mine, submitted_at, request(ctx).now()))
    }

    /// The steps it took, oldest first, for the hub and for who sent it; empty for a private sender, who learns of progress alone, and
    /// for who came to it later. INVOLVEMENT (C1, C23).
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<ReferralStep>, ApiError> {
        let (all, open) = (self.steps(ctx).await?, self.open());
        let hub = self.row.disclosure.has(Basis::Hub);
        let link = |s: &Step| {
            let (name, implies) = (&s.organisation_name, s.organisation_implies);
            hub.then(|| organisation_link(request(ctx), s.organisation, name, implies, open, true))
        };
        Ok(all.iter().filter(|s| s.referral == self.row.id).map(|s| ReferralStep::of(s, link(s))).collect())
    }

    /// The duty to refer recorded with it last, for the hub, for who sent it, and for who leads the case that it grew into. INVOLVEMENT
    /// (C1).
    async fn duty_to_refer(&self, ctx: &Context<'_>) -> Result<Option<DutyToRefer>, ApiError> {
        let (all, open) = (self.duties(ctx).await?, self.open());
        let found = all.iter().find(|d| d.referral == self.row.id).and_then(|d| d.record.as_ref());
        let Some(d) = found else { return Ok(None) };
        let request = request(ctx);
        let sent = self.row.disclosure.has(Basis::Referrer) && !self.row.private_sender;
        let named = sent || self.row.disclosure.has(Basis::Hub);
        let authority = organisation_link(request, d.authority, &d.authority_name, d.authority_implies, open, named);
        let reads = sent || open.has(Category::Housing);
        if reads && !d.is_withheld {
            let housing = Categories::of(&[Category::Housing]);
            request.note(self.row.client, housing, &self.grants_for(Category::Housing));
        }
        Ok(Some(DutyToRefer::of(d, self.row.submitted_at, authority, reads.then(|| d.reason.clone()))))
    }

    /// Who of the hub has it in hand. INVOLVEMENT (C1); for the hub.
    async fn assigned_to(&self, ctx: &Context<'_>) -> Result<Option<ReferralAssignee>, ApiError> {
        if !self.row.disclosure.has(Basis::Hub) {
            return Ok(None);
        }
        let all = self.steps(ctx).await?;
        let mine = all.iter().find(|s| s.referral == self.row.id);
        Ok(mine.and_then(|s| s.assigned_to.as_ref()).map(ReferralAssignee::of))
    }

    /// What the hub asked and what was answered, oldest first, where all that a question tells of is open; for who is neither the hub nor
    /// the sender, what was answered in full alone. INVOLVEMENT (C1, C23); empty for a private sender, who is asked by other ways.
    async fn questions(&self, ctx: &Context<'_>) -> Result<Vec<ReferralQuestion>, ApiError> {
        let request = request(ctx);
        let rows = &self.group.rows;
        let all = rows
            .load::<Vec<Question>, _>("questions", async { Ok(request.scope().questions(&rows.keys).await?) })
            .await?;
        // Who is neither the hub nor the sender is told of what is answered, and all open: else that there is more behind it.
        let known = [Basis::Hub, Basis::Referrer].iter().any(|b| self.row.disclosure.has(*b));
        let mine: Vec<_> =
            all.iter().filter(|q| q.referral == self.row.id && (known || q.answer.is_some())).collect();
        for q in &mine {
            let told = q.answer.as_ref().map_or(q.categories, |a| a.categories.union(q.categories));
            for category in told.iter() {
                request.note(self.row.client, [category].into_iter().collect(), &self.grants_for(category));
            }
        }
        Ok(mine.into_iter().map(Into::into).collect())
    }

    /// The services of partners that it could go to, in the order of what the person wishes for, whether they fit, how near it is and how
    /// soon they would be seen, those whose team declined it last; for the hub, which decides. INVOLVEMENT (C1).
    async fn suggested_services(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is known beside the record.")] about: Option<SuggestionInput>,
        #[graphql(desc = "The first so many, at most 100; 10 when left out.")] first: Option<i32>,
    ) -> Result<Vec<SuggestedService>, ApiError> {
        if !self.row.disclosure.has(Basis::Hub) {
            return Ok(Vec::new());
        }
        let request = request(ctx);
        let about = about.unwrap_or_default();
        let most = pagination::Asked { first: Some(first.unwrap_or(10)), ..pagination::Asked::default() };
        let most = usize::try_from(most.slice::<ReferralId>()?.limit - 1).unwrap_or(0);
        let clients = &self.group.clients;
        let entries = clients
            .load::<Vec<Entry>, _>("told of", async { Ok(routing::told_of(request, &clients.keys).await?) })
            .await?;
        let mine: Vec<_> = entries.iter().filter(|e| e.client == self.row.client).collect();
        self.judged(request, &mine);
        let mut who = eligibility::told(about.applicant()).map_err(odd)?;
        if self.open().has(Category::Housing) {
            who.urgency = Some(self.row.urgency);
        }
        let who = routing::filled(who, &mine, request.now());
        let declined: Vec<_> =
            self.offer_rows(ctx).await?.iter().filter(|o| o.answer_reason.is_some()).map(|o| o.team).collect();
        let wish = about.wish.as_ref().and_then(|id| ServiceId::parse(id));
        let mut found = routing::suggested(&self.partner_services(ctx).await?, &who, wish, &declined);
        found.truncate(most);
        let reluctant = self.reluctant(ctx).await?;
        let refused = |s: &routing::Suggestion| {
            let team = s.stands.offered.service.team;
            reluctant.iter().find(|t| Some(t.team) == team).map_or(Categories::NONE, |t| t.refuses)
        };
        let suggested = |s: routing::Suggestion| {
            let left = left_out(refused(&s), Categories::ALL);
            SuggestedService::of(s, left.iter().collect())
        };
        Ok(found.into_iter().map(suggested).collect())
    }

    /// Of one that closed without a case, for who sent it: where the person would not have fitted, and why, by what services state now
    /// and the referral told then. INVOLVEMENT (C1); empty for everybody else, and for a private sender (C23).
    async fn would_have_told(&self, ctx: &Context<'_>) -> Result<Vec<ServiceEligibility>, ApiError> {
        let sent = self.row.disclosure.has(Basis::Referrer) && !self.row.private_sender;
        let (true, Some(_), Some(submitted)) = (sent, self.row.closed_at, self.row.submitted_at) else {
            return Ok(Vec::new());
        };
        let request = request(ctx);
        let written = self.written(ctx).await?;
        let judging = |e: &&Entry| [Category::Birth, Category::Contact].contains(&e.category);
        let mine: Vec<_> =
            written.iter().filter(|(r, _)| *r == self.row.id).map(|(_, e)| e).filter(judging).collect();
        self.judged(request, &mine);
        let who = Applicant { urgency: Some(self.row.sent_urgency), ..Applicant::default() };
        let who = routing::filled(who, &mine, submitted);
        let all = routing::suggested(&self.partner_services(ctx).await?, &who, None, &[]);
        let unfit = all.into_iter().map(|s| s.stands).filter(|s| s.fit == Fit::DoesNotFit);
        Ok(unfit.map(Into::into).collect())
    }

    /// Records that look like the one it is about, likeliest first, among those the viewer sees; for the hub. INVOLVEMENT (C1, C15, C23).
    async fn like_records(&self, ctx: &Context<'_>) -> Result<Vec<LikeRecord>, ApiError> {
        if !self.row.disclosure.has(Basis::Hub) {
            return Ok(Vec::new());
        }
        let request = request(ctx);
        let clients = &self.group.clients;
        let all = clients
            .load::<Vec<LikeRecord>, _>("like records", async {
                Ok(LikeRecord::group(request, likeness::like(request, &clients.keys).await?))
            })
            .await?;
        Ok(all.iter().filter(|l| l.of_key() == self.row.client).cloned().collect())
    }

    /// What services that a referral can lead to changed in their criteria since it was submitted, newest first; empty for a draft.
    /// Of the referrals of a page at most 100 changes are told. INVOLVEMENT (C1).
    async fn criteria_changed_since(&self, ctx: &Context<'_>) -> Result<Vec<CriteriaChange>, ApiError> {
        let (Some(mine), Some(first)) = (self.row.submitted_at, self.group.first_submitted) else {
            return Ok(Vec::new());
        };
        let rows = &self.group.rows;
        let all = rows.load::<Vec<CriteriaChange>, _>("criteria", changed_since(request(ctx), first)).await?;
        Ok(all.iter().filter(|c| c.changed_at.0 > mine).cloned().collect())
    }

    /// When a team accepted it. INVOLVEMENT (C1, C23).
    async fn accepted_at(&self) -> Option<DateTime> {
        told(self.row.accepted_at.map(DateTime), self.progress_alone())
    }

    /// When it was closed without a case. INVOLVEMENT (C1, C23).
    async fn closed_at(&self) -> Option<DateTime> {
        told(self.row.closed_at.map(DateTime), self.progress_alone())
    }

    /// How it was closed. INVOLVEMENT (C1); all but the hub read REFERRED_ON where it was DUPLICATE (C23).
    async fn outcome(&self) -> Option<Outcome> {
        outcome_for(&self.row.disclosure, self.row.private_sender, self.row.outcome)
    }

    /// The outcome in words; of a duplicate for the hub alone. INVOLVEMENT (C1, C23).
    async fn outcome_text(&self) -> Option<&str> {
        // Of a duplicate the words tell of the other record.
        let duplicate = self.row.outcome == Some(Outcome::Duplicate) && !self.row.disclosure.has(Basis::Hub);
        told(self.row.outcome_text.as_deref(), self.progress_alone() || duplicate)
    }

    /// Where the person was referred on to. INVOLVEMENT (C1, C23).
    async fn onward_referral(&self) -> Option<&str> {
        told(self.row.next_step.as_deref(), self.progress_alone())
    }

    /// The client, for who sees the record; `null` for the sender. INVOLVEMENT (C1, C2 REFERRER).
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>, ApiError> {
        linked_client(ctx, &self.group.clients, self.row.client).await
    }

    /// The story, one text per category, where the category is open. The item's own category (C1, C7).
    async fn narratives(&self, ctx: &Context<'_>) -> Result<Vec<ReferralNarrative>, ApiError> {
        let request = request(ctx);
        let rows = &self.group.rows;
        let all = rows
            .load::<Vec<Narrative>, _>("narratives", async { Ok(request.scope().narratives(&rows.keys).await?) })
            .await?;
        let mine: Vec<_> = all.iter().filter(|n| n.referral == self.row.id).collect();
        for n in &mine {
            request.note(self.row.client, [n.category].into_iter().collect(), &self.grants_for(n.category));
        }
        let as_sender = reads_as_sender(&self.row.disclosure);
        let shown = |n: &Narrative| ReferralNarrative {
            narrative_id: n.id.global().into(),
            category: n.category,
            text: n.text.clone(),
            reveals_location: told(Some(n.reveals_location), as_sender),
            version: told(Some(n.version), as_sender),
        };
        Ok(mine.into_iter().map(shown).collect())
    }

    /// What the referral brought, as it was written, where the category is open. The item's own category (C1, C7).
    async fn as_written(&self, ctx: &Context<'_>) -> Result<Vec<ReferralEntry>, ApiError> {
        let request = request(ctx);
        let all = self.written(ctx).await?;
        let mut mine = Vec::new();
        for (_, e) in all.iter().filter(|(r, _)| *r == self.row.id) {
            request.note(self.row.client, [e.category].into_iter().collect(), &self.grants_for(e.category));
            mine.push(ReferralEntry { category: e.category, lines: lines(&e.section) });
        }
        Ok(mine)
    }

    /// Of a draft: which partner teams would not be told of all it brings, for the referrer to know before submitting (C8).
    /// INVOLVEMENT (C1); empty once it is submitted.
    async fn intake_notices(&self, ctx: &Context<'_>) -> Result<Vec<IntakeNotice>, ApiError> {
        if self.row.state != ReferralState::Draft {
            return Ok(Vec::new());
        }
        let teams = self.reluctant(ctx).await?;
        Ok(teams.iter().filter_map(|t| notice(t, left_out(t.refuses, self.row.brought))).collect())
    }

    /// Offers to teams, newest first. INVOLVEMENT (C1); for the hub and the team itself.
    async fn offers(&self, ctx: &Context<'_>) -> Result<Vec<ReferralOffer>, ApiError> {
        let open = self.open();
        let hub = self.row.disclosure.has(Basis::Hub);
        Ok(self
            .offer_rows(ctx)
            .await?
            .into_iter()
            .map(|o| {
                let organisation = organisation_link(
                    request(ctx),
                    o.organisation,
                    &o.organisation_name,
                    o.organisation_implies,
                    open,
                    hub,
                );
                let named = organisation.id.is_some();
                ReferralOffer {
                    id: o.id.global().into(),
                    team_name: named.then_some(o.team_name),
                    worker_name: o.worker_name.filter(|_| named),
                    organisation,
                    offered_at: DateTime(o.offered_at),
                    answered_at: o.answered_at.map(DateTime),
                    decline_reason: o.answer_reason,
                    decline_text: o.answer_text,
                }
            })
            .collect())
    }

    /// Signposts on it. INVOLVEMENT (C1); a sender sees those it was told.
    async fn signposts(&self, ctx: &Context<'_>) -> Result<Vec<Signpost>, ApiError> {
        let request = request(ctx);
        let rows = &self.group.rows;
        let all = rows
            .load::<Vec<Signpost>, _>("signposts", async {
                Ok(Signpost::group(request, request.scope().signposts_of_referrals(&rows.keys).await?))
            })
            .await?;
        Ok(all.iter().filter(|s| s.referral_key() == Some(self.row.id)).cloned().collect())
    }

    /// The shared case it grew into, for who sees the case. INVOLVEMENT (C1).
    async fn shared_case(&self, ctx: &Context<'_>) -> Result<Option<SharedCase>, ApiError> {
        // A private sender is told of no case, nor by a further statement that there is one.
        let Some(case) = self.row.case.filter(|_| !self.progress_alone()) else { return Ok(None) };
        let request = request(ctx);
        let cases = &self.group.cases;
        let all = cases
            .load::<Vec<SharedCase>, _>("cases", async {
                Ok(SharedCase::group(request, request.scope().cases_by_id(&cases.keys).await?))
            })
            .await?;
        Ok(all.iter().find(|k| k.key() == case).cloned())
    }

    /// The categories withheld from the viewer, each with a reason and a remedy. INVOLVEMENT (C1, C12).
    async fn redactions(&self) -> Vec<Redaction> {
        let all = self.row.disclosure.redactions_within(&self.documents());
        all.into_iter().filter(|r| SECTIONS.has(r.category)).map(Redaction::from).collect()
    }

    /// Which steps the viewer may take now. INVOLVEMENT (C1, C22).
    async fn viewer_access(&self, ctx: &Context<'_>) -> Result<ReferralAccess, ApiError> {
        let viewer = &request(ctx).viewer;
        let open_team = self.offer_rows(ctx).await?.iter().find(|o| o.answered_at.is_none()).map(|o| o.team);
        let mine = actors(viewer, &self.row.disclosure, open_team);
        let state = self.row.state;
        let flags = ["canRecordDuty", "canPassDuty", "canAcknowledgeDuty", "canEndDuty"];
        let all = match flags.iter().any(|f| ctx.look_ahead().field(f).exists()) {
            true => self.duties(ctx).await?,
            false => Arc::default(),
        };
        let told = all.iter().find(|d| d.referral == self.row.id);
        let duty = told.map(Duty::facts).unwrap_or_default();
        // A private sender is told of no state: what they may do is told only where it speaks of nothing else.
        let may = |step| {
            mine.iter().any(|a| transition(state, step, *a).is_some())
                && (!self.progress_alone() || is_for_private_sender(state, step))
        };
        Ok(ReferralAccess {
            can_submit: may(Move::Submit),
            can_ask: may(Move::Ask),
            can_answer: may(Move::Answer),
            can_assign: mine.contains(&ReferralActor::Hub) && OPEN.contains(&state),
            can_set_urgency: may_set_urgency(viewer, &self.row.disclosure) && OPEN.contains(&state),
            can_record_duty: told
                .is_some_and(|d| rules::may_record(&mine, d.sender_kind, self.row.private_sender, state, duty)),
            can_pass_duty: rules::may_pass(&mine, duty),
            can_acknowledge_duty: rules::may_acknowledge(&mine, duty),
            can_end_duty: rules::may_end(&mine, duty),
            can_offer: may(Move::Offer),
            can_accept: may(Move::Accept),
            can_decline: may(Move::Decline),
            can_take_back: may(Move::TakeBack),
            can_close: may(Move::Close),
            can_withdraw: may(Move::Withdraw),
            can_record_client_decline: may(Move::ClientDeclines),
            can_signpost: writing::may_signpost(viewer, &self.row.disclosure),
        })
    }
}

fn notice(team: &Reluctant, left_out: Categories) -> Option<IntakeNotice> {
    if left_out.is_empty() {
        return None;
    }
    let codes: Vec<_> = left_out.iter().map(Coded::code).collect();
    Some(IntakeNotice {
        team_id: team.team.global().into(),
        team_name: team.name.clone(),
        organisation_name: team.organisation_name.clone(),
        categories: left_out.iter().collect(),
        message: format!(
            "{} of {} asks not to be told before it has met the person. An offer to it leaves out {}.",
            team.name,
            team.organisation_name,
            codes.join(", ")
        ),
    })
}

/// An entry as lines of text, for reading back what was written.
fn lines(section: &Section) -> Vec<String> {
    let some = |label: &str, v: &Option<String>| v.as_ref().map(|v| format!("{label}: {v}"));
    match section {
        Section::Name(n) => [
            Some(format!("{} {}", n.given, n.family)),
            some("Preferred", &n.preferred),
            some("Pronouns", &n.pronouns),
            some("Age band", &n.age_band),
        ]
        .into_iter()
        .flatten()
        .collect(),
        Section::Birth { date } => vec![date.clone()],
        Section::Contact(c) => c
            .address_lines
            .iter()
            .cloned()
            .chain(
                [
                    c.postcode.clone(),
                    some("Phone", &c.phone),
                    some("Email", &c.email),
                    some("Safe ways", &c.safe_ways),
                ]
                .into_iter()
                .flatten(),
            )
            .collect(),
        Section::Household { members } => {
            members.iter().map(|m| format!("{}, {}, {}", m.name, m.relationship, m.age_band)).collect()
        }
        Section::Housing(h) => [
            Some(format!("Tenure: {}", h.tenure)),
            some("Landlord", &h.landlord),
            h.arrears_pence.map(|p| format!("Arrears: {p} pence")),
            some("Notice expires", &h.notice_expires_on),
            h.text.clone(),
        ]
        .into_iter()
        .flatten()
        .collect(),
        Section::Text { text, .. } => vec![text.clone()],
    }
}

connection!(
    ReferralConnection "A page of referrals.",
    ReferralEdge "One of a page of referrals, with its cursor.",
    Referral,
    |r| r.key().global()
);
