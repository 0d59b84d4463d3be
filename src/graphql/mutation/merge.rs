//! Organisations merged and unmerged, and whom to reach at one.

use super::{Conventions, input, outcome, payload};
use crate::domain::ids::{ContactId, OrganisationId, TypedId};
use crate::graphql::contact::OrganisationContact;
use crate::graphql::failure::ApiError;
use crate::graphql::organisation::Organisation;
use crate::graphql::{query, request};
use crate::service::contact::{self, ContactAsked};
use crate::service::merge::{self, MergeAsked};
use async_graphql::{Context, ID, Object};

input! { "Two organisations that are one body." OrganisationMergeInput {
    /// Global id of the organisation to merge.
    organisation_id: ID,
    /// Global id of the organisation that is left.
    into_id: ID,
    /// The version of the one to merge that was read.
    version: i64,
    /// Why they are one.
    reason: String,
} }
payload!(OrganisationMergePayload, organisation: Organisation, "merged organisation");

input! { "A merge to undo." OrganisationUnmergeInput {
    /// Global id of the organisation that was merged.
    organisation_id: ID,
    /// Its version that was read.
    version: i64,
    /// Why they are two.
    reason: String,
} }
payload!(OrganisationUnmergePayload, organisation: Organisation, "organisation");

input! { "Whom to reach at an organisation; by email, by phone, or both." OrganisationContactAddInput {
    /// Global id of the organisation.
    organisation_id: ID,
    /// Their name, or that of a desk.
    name: String,
    /// What they do there.
    role: Option<String>,
    /// Email address.
    email: Option<String>,
    /// Phone number.
    phone: Option<String>,
    /// What to know of it; never of a client.
    note: Option<String>,
} }
payload!(OrganisationContactAddPayload, contact: OrganisationContact, "contact");

input! { "A contact to end." OrganisationContactEndInput {
    /// Global id of the contact.
    contact_id: ID,
    /// The version that was read.
    version: i64,
} }
payload!(OrganisationContactEndPayload, contact: OrganisationContact, "contact");

/// Merges and contacts.
#[derive(Default)]
pub struct BodyMutations;

/// Merges and contacts.
#[Object]
impl BodyMutations {
    /// Merges an organisation into another that is the same body: it is found by the names of both, and whoever excludes the one excludes
    /// the other (C6). It moves nothing, and gives nobody sight of anything (C2): nobody acts for an organisation that is merged. For
    /// hub coordinators and administrators. A partner agency is merged with none.
    async fn organisation_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, into which, and why.")] input: OrganisationMergeInput,
    ) -> Result<OrganisationMergePayload, ApiError> {
        let request = request(ctx);
        let of = MergeAsked { organisation: &input.organisation_id, version: input.version, reason: &input.reason };
        let done = merge::merge(request, &input.asked(), of, &input.into_id).await;
        let read = async |id: OrganisationId| query::organisation(request, &id.global()).await;
        Ok(OrganisationMergePayload::of(outcome(done, read).await?))
    }

    /// Undoes a merge; what was merged into the organisation before comes back with it, and a likely duplicate that the merge settled is
    /// undecided again. For those who may merge the two.
    async fn organisation_unmerge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: OrganisationUnmergeInput,
    ) -> Result<OrganisationUnmergePayload, ApiError> {
        let request = request(ctx);
        let of = MergeAsked { organisation: &input.organisation_id, version: input.version, reason: &input.reason };
        let done = merge::unmerge(request, &input.asked(), of).await;
        let read = async |id: OrganisationId| query::organisation(request, &id.global()).await;
        Ok(OrganisationUnmergePayload::of(outcome(done, read).await?))
    }

    /// Records whom to reach at an organisation. For hub coordinators and administrators.
    async fn organisation_contact_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and how.")] input: OrganisationContactAddInput,
    ) -> Result<OrganisationContactAddPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let new = ContactAsked {
            organisation: input.organisation_id.0,
            name: input.name,
            role: input.role,
            email: input.email,
            phone: input.phone,
            note: input.note,
        };
        let done = contact::add(request, &asked, &new).await;
        let read = async |id: ContactId| query::contact(request, &id.global()).await;
        Ok(OrganisationContactAddPayload::of(outcome(done, read).await?))
    }

    /// Ends a contact: nobody is to be reached so any more. For hub coordinators and administrators.
    async fn organisation_contact_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: OrganisationContactEndInput,
    ) -> Result<OrganisationContactEndPayload, ApiError> {
        let request = request(ctx);
        let done = contact::end(request, &input.asked(), &input.contact_id, input.version).await;
        let read = async |id: ContactId| query::contact(request, &id.global()).await;
        Ok(OrganisationContactEndPayload::of(outcome(done, read).await?))
    }
}
