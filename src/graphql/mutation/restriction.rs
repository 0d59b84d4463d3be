//! Restrictions set, widened and narrowed by a name, and lifted.

use super::{Conventions, input, outcome, payload};
use crate::domain::ids::ClientId;
use crate::graphql::client::Client;
use crate::graphql::failure::ApiError;
use crate::graphql::{query, request};
use crate::service::restriction as service;
use async_graphql::{Context, ID, Object, OneofObject};

input! { "A record to seal." ClientSealInput {
    /// Global id of the client.
    client_id: ID,
    /// Global ids of the people for whom the record still exists; at least one of them leads the work like who seals it, and could
    /// lift the seal.
    person_ids: Vec<ID>,
    /// Why.
    reason: String,
} }
payload!(ClientSealPayload, client: Client, "client");

/// Whom the client excludes: exactly one of these (C6).
#[derive(OneofObject)]
pub enum ObjectionTo {
    /// Global id of an organisation: it keeps an override, a legal gateway, and what it recorded itself.
    OrganisationId(ID),
    /// Global id of a person: for them the record does not exist, ever.
    PersonId(ID),
}

input! { "An objection to record." ObjectionRecordInput {
    /// Global id of the client.
    client_id: ID,
    /// Whom the client excludes.
    to: ObjectionTo,
    /// Why, as the client says it.
    reason: String,
} }
payload!(ObjectionRecordPayload, client: Client, "client");

input! { "Contact to protect." ContactProtectInput {
    /// Global id of the client.
    client_id: ID,
    /// Global ids of people for whom contact is, beside the viewer, the lead worker and the worker whom an offer names.
    person_ids: Option<Vec<ID>>,
    /// Why.
    reason: String,
} }
payload!(ContactProtectPayload, client: Client, "client");

input! { "A preference for contact through the lead worker." ContactPreferenceRecordInput {
    /// Global id of the client.
    client_id: ID,
    /// What the person said.
    reason: String,
} }
payload!(ContactPreferenceRecordPayload, client: Client, "client");

input! { "A further person to name on a restriction." RestrictionNameInput {
    /// Global id of the restriction.
    restriction_id: ID,
    /// The version that was read.
    version: i64,
    /// Global id of the person.
    person_id: ID,
} }
payload!(RestrictionNamePayload, client: Client, "client");

input! { "A name to take off a restriction." RestrictionUnnameInput {
    /// Global id of the restriction.
    restriction_id: ID,
    /// The version that was read.
    version: i64,
    /// Global id of the person.
    person_id: ID,
} }
payload!(RestrictionUnnamePayload, client: Client, "client");

input! { "A restriction to lift." RestrictionLiftInput {
    /// Global id of the restriction.
    restriction_id: ID,
    /// The version that was read.
    version: i64,
    /// Why.
    reason: String,
} }
payload!(RestrictionLiftPayload, client: Client, "client");

/// Restrictions.
#[derive(Default)]
pub struct RestrictionMutations;

fn texts(ids: &[ID]) -> Vec<String> {
    ids.iter().map(|id| id.0.clone()).collect()
}

/// Restrictions.
#[Object]
impl RestrictionMutations {
    /// Seals a record: it exists for the people named alone, not even for the hub (C5). For team managers, hub coordinators and
    /// safeguarding leads who work in the hub or in the team that leads the case, while nothing plans an end to their sight of it.
    async fn client_seal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and for whom it still exists.")] input: ClientSealInput,
    ) -> Result<ClientSealPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let done = service::seal(request, &asked, &input.client_id, &texts(&input.person_ids), &input.reason).await;
        let read = async |id: ClientId| query::bare_client(request, id).await;
        Ok(ClientSealPayload::of(outcome(done, read).await?))
    }

    /// Records that the client excludes an organisation or a person (C6). For who works with the client; the agencies that lead the
    /// case and that host the hub are excluded by the hub and the lead alone.
    async fn objection_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and to whom.")] input: ObjectionRecordInput,
    ) -> Result<ObjectionRecordPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let to = match &input.to {
            ObjectionTo::OrganisationId(id) => service::Excluded::Organisation(id.0.clone()),
            ObjectionTo::PersonId(id) => service::Excluded::Person(id.0.clone()),
        };
        let done = service::object(request, &asked, &input.client_id, &to, &input.reason).await;
        let read = async |id: ClientId| query::bare_client(request, id).await;
        Ok(ObjectionRecordPayload::of(outcome(done, read).await?))
    }

    /// Protects contact: it and whatever reveals where the person can be found are for the named few (C7). It covers the
    /// household at the same address. Two people other than the one who sets it lift it together.
    async fn contact_protect(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and for whom it is.")] input: ContactProtectInput,
    ) -> Result<ContactProtectPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let people = texts(input.person_ids.as_deref().unwrap_or_default());
        let done = service::protect(request, &asked, &input.client_id, &people, &input.reason).await;
        let read = async |id: ClientId| query::bare_client(request, id).await;
        Ok(ContactProtectPayload::of(outcome(done, read).await?))
    }

    /// Records that the person wants to be reached through the lead worker, as anybody may choose. To others it reads exactly
    /// like protection (C7).
    async fn contact_preference_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: ContactPreferenceRecordInput,
    ) -> Result<ContactPreferenceRecordPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let done = service::prefer(request, &asked, &input.client_id, &input.reason).await;
        let read = async |id: ClientId| query::bare_client(request, id).await;
        Ok(ContactPreferenceRecordPayload::of(outcome(done, read).await?))
    }

    /// Names a further person on a seal or where contact is for the few. For those who are named already.
    async fn restriction_name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and whom.")] input: RestrictionNameInput,
    ) -> Result<RestrictionNamePayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let (restriction, person) = (&input.restriction_id, &input.person_id);
        let done = service::add_name(request, &asked, restriction, input.version, person).await;
        let read = async |id: ClientId| query::bare_client(request, id).await;
        Ok(RestrictionNamePayload::of(outcome(done, read).await?))
    }

    /// Takes a name off a seal or from where contact is for the few. For those who could lift it; of protected contact two people
    /// together, neither of whom set it: the first asks, the second takes it off (C7). Who leads the case stays named.
    async fn restriction_unname(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and whom.")] input: RestrictionUnnameInput,
    ) -> Result<RestrictionUnnamePayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let (restriction, person) = (&input.restriction_id, &input.person_id);
        let done = service::take_off(request, &asked, restriction, input.version, person).await;
        let read = async |id: ClientId| query::bare_client(request, id).await;
        Ok(RestrictionUnnamePayload::of(outcome(done, read).await?))
    }

    /// Lifts a restriction. Protected contact takes two people together, neither of whom set it: the first asks, the second
    /// lifts (C7).
    async fn restriction_lift(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: RestrictionLiftInput,
    ) -> Result<RestrictionLiftPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let done = service::lift(request, &asked, &input.restriction_id, input.version, &input.reason).await;
        let read = async |id: ClientId| query::bare_client(request, id).await;
        Ok(RestrictionLiftPayload::of(outcome(done, read).await?))
    }
}
