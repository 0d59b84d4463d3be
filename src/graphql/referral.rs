//! Referrals as each viewer may see them.

use super::client::{Client, linked_client};
use super::criteria::{CriteriaChange, changed_since};
use super::failure::ApiError;
use super::pagination::connection;
use super::scalars::DateTime;
use super::shared_case::SharedCase;
use super::siblings::Siblings;
use super::signpost::Signpost;
use super::{OrganisationLink, Redaction, organisation_link, request};
use crate::domain::basis::Basis;
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{CaseId, ClientId, ReferralId, TypedId};
use crate::domain::referral::{DeclineReason, Outcome, Progress, ReferralState, Step, Urgency, transition};
use crate::domain::section::{SECTIONS, Section};
use crate::persistence::client::Entry;
use crate::persistence::organisation::{self as registry, Reluctant};
use crate::persistence::referral::{Narrative, Offer, Referral as Row};
use crate::policy::referral::{actors, is_for_private_sender, left_out, outcome_for, reads_as_sender, version_for};
use crate::policy::writing;
use crate::service::context::Context as Request;
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
                Self { row: Arc::new(row), group: Arc::clone(&group) }
            })
            .collect()
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
        self.row.private_sender && reads_as_sender(&self.row.disclosure)
    }

    async fn offer_rows(&self, ctx: &Context<'_>) -> Result<Vec<Offer>, ApiError> {
        let request = request(ctx);
        let rows = &self.group.rows;
        let all =
            rows.load::<Vec<Offer>, _>("offers", async { Ok(request.scope().offers(&rows.keys).await?) }).await?;
        Ok(all.iter().filter(|o| o.referral == self.row.id).cloned().collect())
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

    /// How soon a home may be lost. HOUSING (C1, C8): a risk of eviction; the sender reads what it wrote.
    async fn urgency(&self, ctx: &Context<'_>) -> Option<Urgency> {
        let own = self.row.disclosure.has(Basis::Referrer);
        let open = own || self.open().has(Category::Housing);
        if open {
            request(ctx).note(
                self.row.client,
                Categories::of(&[Category::Housing]),
                &self.grants_for(Category::Housing),
            );
        }
        told(Some(self.row.urgency), !open)
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

    /// When it was drafted. INVOLVEMENT (C1).
    async fn drafted_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When it was submitted. INVOLVEMENT (C1).
    async fn submitted_at(&self) -> Option<DateTime> {
        self.row.submitted_at.map(DateTime)
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
        let rows = &self.group.rows;
        let all = rows
            .load::<Vec<(ReferralId, Entry)>, _>("as written", async {
                Ok(request.scope().entries_as_written(&rows.keys).await?)
            })
            .await?;
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
        let database = &request(ctx).app.database;
        let teams = self
            .group
            .rows
            .load::<Vec<Reluctant>, _>("intake", async { Ok(registry::reluctant(database).await?) })
            .await?;
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
        // A private sender is told of no state: what they may do is told only where it speaks of nothing else.
        let may = |step| {
            mine.iter().any(|a| transition(state, step, *a).is_some())
                && (!self.progress_alone() || is_for_private_sender(state, step))
        };
        Ok(ReferralAccess {
            can_submit: may(Step::Submit),
            can_offer: may(Step::Offer),
            can_accept: may(Step::Accept),
            can_decline: may(Step::Decline),
            can_take_back: may(Step::TakeBack),
            can_close: may(Step::Close),
            can_withdraw: may(Step::Withdraw),
            can_record_client_decline: may(Step::ClientDeclines),
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
