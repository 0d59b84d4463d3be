//! Shared cases.

use super::consent::ConsentInput;
use super::{Conventions, input, outcome, payload};
use crate::domain::category::Category;
use crate::domain::ids::{CaseId, CaseMemberId, NoteId, TypedId};
use crate::domain::shared_case::{ClosureKind, ClosureReason, NoteVisibility};
use crate::graphql::failure::ApiError;
use crate::graphql::scalars::Date;
use crate::graphql::shared_case::{Note, SharedCase};
use crate::graphql::{query, request};
use crate::service::shared_case as service;
use async_graphql::{Context, ID, Object};

input! { "A team to add to a case." CaseMemberAddInput {
    /// Global id of the case.
    case_id: ID,
    /// Global id of the team.
    team_id: ID,
    /// What it does on the case.
    role: String,
    /// The sharing agreement: what it may see; not beyond what consent covers (C2, C3).
    agreed: Vec<Category>,
} }
payload!(CaseMemberAddPayload, shared_case: SharedCase, "shared case");

input! { "A team to take off a case." CaseMemberRemoveInput {
    /// Global id of the case.
    case_id: ID,
    /// Global id of the member.
    member_id: ID,
    /// The member's version that was read.
    version: i64,
    /// Why.
    reason: String,
} }
payload!(CaseMemberRemovePayload, shared_case: SharedCase, "shared case");

input! { "A note to record." NoteRecordInput {
    /// Global id of the case.
    case_id: ID,
    /// What it tells of beside CASE_NOTES: all must be open to whoever reads it (C1).
    categories: Option<Vec<Category>>,
    /// Who of those may see it.
    visibility: NoteVisibility,
    /// Whether it tells where the person can be found (C7).
    reveals_location: Option<bool>,
    /// What it says.
    text: String,
} }
payload!(NoteRecordPayload, note: Note, "note");

input! { "A note to correct." NoteCorrectInput {
    /// Global id of the note.
    note_id: ID,
    /// The version that was read.
    version: i64,
    /// What it tells of beside CASE_NOTES.
    categories: Option<Vec<Category>>,
    /// Who of those may see it.
    visibility: NoteVisibility,
    /// Whether it tells where the person can be found (C7).
    reveals_location: Option<bool>,
    /// What it should have said.
    text: String,
} }
payload!(NoteCorrectPayload, note: Note, "note");

input! { "A case to close." CaseCloseInput {
    /// Global id of the case.
    case_id: ID,
    /// The version that was read.
    version: i64,
    /// How it ends.
    kind: ClosureKind,
    /// Why.
    reason: ClosureReason,
    /// The day the person died, with DIED; today when left out. Consents end with it (C24).
    died_on: Option<Date>,
} }
payload!(CaseClosePayload, shared_case: SharedCase, "shared case");

input! { "A closed case that the person comes back to." CaseReenterInput {
    /// Global id of the closed case.
    case_id: ID,
    /// The version that was read.
    version: i64,
    /// The person's consent to working together again, when no earlier one that covers the lead agency is live.
    consent: Option<ConsentInput>,
} }
payload!(CaseReenterPayload, shared_case: SharedCase, "new shared case");

/// Shared cases.
#[derive(Default)]
pub struct CaseMutations;

/// Shared cases.
#[Object]
impl CaseMutations {
    /// Adds a team to a case; consent must cover its agency. For the lead team.
    async fn case_member_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which team, and what it may see.")] input: CaseMemberAddInput,
    ) -> Result<CaseMemberAddPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let member = service::MemberAsked {
            case: input.case_id.0.clone(),
            team: input.team_id.0,
            role: input.role,
            agreed: input.agreed,
        };
        let done = service::add_member(request, &asked, &member).await;
        let read = async |_: CaseMemberId| query::shared_case(request, &input.case_id).await;
        Ok(CaseMemberAddPayload::of(outcome(done, read).await?))
    }

    /// Takes a team off a case: the lead team any, a member team itself.
    async fn case_member_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: CaseMemberRemoveInput,
    ) -> Result<CaseMemberRemovePayload, ApiError> {
        let request = request(ctx);
        let (asked, member, reason) = (input.asked(), &input.member_id, &input.reason);
        let done = service::remove_member(request, &asked, &input.case_id, member, input.version, reason).await;
        let read = async |_: CaseMemberId| query::shared_case(request, &input.case_id).await;
        Ok(CaseMemberRemovePayload::of(outcome(done, read).await?))
    }

    /// Records a note on a case. For the teams on it.
    async fn note_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "On which case, and what.")] input: NoteRecordInput,
    ) -> Result<NoteRecordPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let note = service::NoteAsked {
            categories: input.categories.unwrap_or_default(),
            visibility: input.visibility,
            reveals_location: input.reveals_location.unwrap_or(false),
            text: input.text,
        };
        let done = service::record_note(request, &asked, &input.case_id, &note).await;
        let read = async |id: NoteId| query::note(request, &id.global()).await;
        Ok(NoteRecordPayload::of(outcome(done, read).await?))
    }

    /// Corrects a note; the old one is kept, marked as replaced. For who wrote it.
    async fn note_correct(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: NoteCorrectInput,
    ) -> Result<NoteCorrectPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let note = service::NoteAsked {
            categories: input.categories.unwrap_or_default(),
            visibility: input.visibility,
            reveals_location: input.reveals_location.unwrap_or(false),
            text: input.text,
        };
        let done = service::correct_note(request, &asked, &input.note_id, input.version, &note).await;
        let read = async |id: NoteId| query::note(request, &id.global()).await;
        Ok(NoteCorrectPayload::of(outcome(done, read).await?))
    }

    /// Closes a case; its members leave with it. For the lead team.
    async fn case_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: CaseCloseInput,
    ) -> Result<CaseClosePayload, ApiError> {
        let request = request(ctx);
        let (kind, reason, asked) = (input.kind, input.reason, input.asked());
        let died_on = input.died_on.as_ref().map(|d| d.0.as_str());
        let done = service::close(request, &asked, &input.case_id, input.version, kind, reason, died_on).await;
        let read = async |id: CaseId| query::shared_case(request, &id.global()).await;
        Ok(CaseClosePayload::of(outcome(done, read).await?))
    }

    /// Starts a new case, linked to the last one, when a person comes back. For the team that led the last one.
    async fn case_reenter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "After which.")] input: CaseReenterInput,
    ) -> Result<CaseReenterPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let consent = input.consent.map(Into::into);
        let done = service::reenter(request, &asked, &input.case_id, input.version, consent.as_ref()).await;
        let read = async |id: CaseId| query::shared_case(request, &id.global()).await;
        Ok(CaseReenterPayload::of(outcome(done, read).await?))
    }
}
