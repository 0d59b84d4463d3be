//! Entries recorded, corrected and marked.

use super::section::SectionInput;
use super::{Conventions, input, outcome, payload};
use crate::domain::ids::{ClientId, EntryId};
use crate::graphql::client::Client;
use crate::graphql::failure::ApiError;
use crate::graphql::{query, request};
use crate::service::client as service;
use async_graphql::{Context, ID, Object, OneofObject};

input! { "An entry to record." EntryRecordInput {
    /// Global id of the client.
    client_id: ID,
    /// What is recorded.
    section: SectionInput,
    /// Whether it tells where the person can be found (C7); contact and employment always do.
    reveals_location: Option<bool>,
    /// Whether it is about somebody else, such as another member of the household: it stays with who recorded it (C9).
    third_party: Option<bool>,
} }
payload!(EntryRecordPayload, client: Client, "client");

input! { "An entry to correct." EntryCorrectInput {
    /// Global id of the entry.
    entry_id: ID,
    /// The version that was read.
    version: i64,
    /// What it should have said, in the same category.
    section: SectionInput,
    /// Whether it tells where the person can be found (C7); as before when left out.
    reveals_location: Option<bool>,
    /// Whether it is about somebody else, and stays with who recorded it (C9); as before when left out.
    third_party: Option<bool>,
    /// Why it is corrected.
    reason: String,
} }
payload!(EntryCorrectPayload, client: Client, "client");

/// What a referral brought: exactly one of these.
#[derive(OneofObject)]
pub enum BroughtItem {
    /// Global id of an entry.
    EntryId(ID),
    /// Global id of one text of the narrative.
    NarrativeId(ID),
}

input! { "What a referral brought, to mark." EntryMarkInput {
    /// What is marked.
    item: BroughtItem,
    /// The version that was read.
    version: i64,
    /// Whether it tells where the person can be found (C7). The mark is not taken off while contact is for the few.
    reveals_location: bool,
} }
payload!(EntryMarkPayload, client: Client, "client");

/// Entries of a client's record.
#[derive(Default)]
pub struct ClientMutations;

/// Entries of a client's record.
#[Object]
impl ClientMutations {
    /// Records a dated entry on a client's record (C22). The latest that a viewer may see is the one shown.
    async fn entry_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and what.")] input: EntryRecordInput,
    ) -> Result<EntryRecordPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let marks = service::MarksAsked { reveals_location: input.reveals_location, third_party: input.third_party };
        let done = service::record(request, &asked, &input.client_id, &input.section.into(), marks).await;
        let read = async |id: EntryId| of_entry(request, id).await;
        Ok(EntryRecordPayload::of(outcome(done, read).await?))
    }

    /// Corrects an entry that the viewer's own organisation recorded; the old one is kept, marked as replaced.
    async fn entry_correct(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: EntryCorrectInput,
    ) -> Result<EntryCorrectPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let (entry, section) = (&input.entry_id, input.section.into());
        let marks = service::MarksAsked { reveals_location: input.reveals_location, third_party: input.third_party };
        let done = service::correct(request, &asked, entry, input.version, &section, marks, &input.reason).await;
        let read = async |id: EntryId| of_entry(request, id).await;
        Ok(EntryCorrectPayload::of(outcome(done, read).await?))
    }

    /// Marks what a referral brought as telling where the person can be found, or takes the mark off (C7). For those who may protect
    /// contact; what was recorded later is marked with a correction. Who sent the referral reads it as it was written.
    async fn entry_mark(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: EntryMarkInput,
    ) -> Result<EntryMarkPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let item = match input.item {
            BroughtItem::EntryId(id) => service::Brought::Entry(id.0),
            BroughtItem::NarrativeId(id) => service::Brought::Narrative(id.0),
        };
        let done = service::mark(request, &asked, &item, input.version, input.reveals_location).await;
        let read = async |id: ClientId| query::bare_client(request, id).await;
        Ok(EntryMarkPayload::of(outcome(done, read).await?))
    }
}

/// The client of an entry, while the viewer still sees the entry.
async fn of_entry(request: &crate::service::context::Context, id: EntryId) -> Result<Option<Client>, ApiError> {
    match request.scope().entry(id).await? {
        Some((entry, _)) => query::bare_client(request, entry.client).await,
        None => Ok(None),
    }
}
