//! The query root.

use super::client::{Along, Client, ClientConnection, wanted, wants_recorded_for};
use super::consent::Consent;
use super::contact::OrganisationContact;
use super::criteria::{self, CriteriaVersion, Eligibility, EligibilityInput};
use super::direct::Direct;
use super::emergency::{Override, OverrideRequest};
use super::explain::{AccessExplanation, explanation};
use super::failure::ApiError;
use super::feedback::{self, ReferralFeedback};
use super::figures::{self, SenderFiguresConnection, TeamFiguresConnection};
use super::inbox::{InboxItem, InboxItemConnection};
use super::lawful_basis::LawfulBasis;
use super::legal_gateway::LegalGateway;
use super::organisation::{
    LikelyDuplicate, LikelyDuplicateConnection, Membership, MembershipConnection, Organisation,
    OrganisationConnection, Service, ServiceConnection, Team,
};
use super::outward_disclosure::OutwardDisclosure;
use super::pagination::{self, Page};
use super::proxy::Proxy;
use super::referral::{Referral, ReferralConnection};
use super::request;
use super::restriction::Restriction;
use super::retention::{LegalHold, LegalHoldConnection};
use super::scalars::Date;
use super::shared_case::{Note, SharedCase, SharedCaseConnection};
use super::signpost::Signpost;
use super::supervision::{Supervision, SupervisionConnection};
use super::triage::{self, TriageCount, TriageQueueConnection};
use super::viewer::Viewer;
use crate::domain::category::Category;
use crate::domain::ids::{
    CaseId, ClientId, ConsentId, ContactId, InboxItemId, LawfulBasisId, LegalGatewayId, LegalHoldId, LikenessId,
    MembershipId, NoteId, OrganisationId, OutwardDisclosureId, OverrideId, OverrideRequestId, PersonId, ProxyId,
    ReferralId, RestrictionId, ServiceId, SignpostId, SupervisionId, TeamId, TypedId,
};
use crate::domain::inbox::InboxState;
use crate::domain::organisation::LikenessDecision;
use crate::domain::organisation_name::OrganisationKind;
use crate::domain::referral::{ReferralState, TriageOrder, Urgency};
use crate::domain::role::Role;
use crate::domain::shared_case::CaseStatus;
use crate::domain::text::search_key;
use crate::persistence::client::{ClientFilter, Slice};
use crate::persistence::organisation::{self as registry, OrganisationFilter as RegistryFilter, Services};
use crate::persistence::triage::{Assigned, QueueFilter};
use crate::persistence::{contact as contacts, person, supervision as supervisions};
use crate::service::context::Context as Request;
use async_graphql::{Context, ID, InputObject, Interface, Object};
use std::collections::HashMap;
use std::sync::Arc;

/// Anything with a global id.
#[derive(Interface, Clone)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id: opaque, to be kept as it is."))]
pub enum Node {
    /// A client.
    Client(Client),
    /// A referral.
    Referral(Referral),
    /// A shared case.
    SharedCase(SharedCase),
    /// A note.
    Note(Note),
    /// A consent.
    Consent(Consent),
    /// Who speaks for a client.
    Proxy(Proxy),
    /// On which lawful basis a client's data is processed.
    LawfulBasis(LawfulBasis),
    /// A signpost.
    Signpost(Signpost),
    /// A restriction.
    Restriction(Restriction),
    /// A supervision.
    Supervision(Supervision),
    /// A legal gateway.
    LegalGateway(LegalGateway),
    /// A legal hold.
    LegalHold(LegalHold),
    /// A disclosure to somebody outside the system.
    OutwardDisclosure(OutwardDisclosure),
    /// An organisation.
    Organisation(Organisation),
    /// Whom to reach at an organisation.
    OrganisationContact(OrganisationContact),
    /// A team.
    Team(Team),
    /// A service.
    Service(Service),
    /// A membership.
    Membership(Membership),
    /// A likely duplicate.
    LikelyDuplicate(LikelyDuplicate),
    /// An override.
    Override(Override),
    /// A request for an override.
    OverrideRequest(OverrideRequest),
    /// An item of the viewer's inbox.
    InboxItem(InboxItem),
}

/// What clients to look for. Each criterion finds only by what the viewer may see: a withheld name is found by nobody it is
/// withheld from (C14).
#[derive(InputObject, Default)]
#[graphql(name = "ClientFilter")]
pub struct ClientFilterInput {
    /// Words of a name, present or former; every word must begin a word of a visible name. NAME (C1, C14).
    name: Option<String>,
    /// Date of birth. BIRTH (C1, C14).
    date_of_birth: Option<Date>,
}

/// What organisations to list.
#[derive(InputObject, Default)]
pub struct OrganisationFilter {
    /// Part of a name or alias, of it or of what was merged into it, whatever its case, spaces and punctuation.
    name_contains: Option<String>,
    /// Only this kind.
    kind: Option<OrganisationKind>,
    /// Partners only, or others only.
    is_partner: Option<bool>,
}

/// Reading.
pub struct Query;

/// Reading. Everything client-bound is read through the viewer's live grants; what they do not open does not exist (C13) or
/// is withheld and said to be (C12).
#[Object]
impl Query {
    /// Who asks, for whom, in which roles.
    async fn viewer(&self) -> Viewer {
        Viewer
    }

    /// Anything by its global id; `null` for an unknown id and for a hidden one alike (C13).
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> Result<Option<Node>, ApiError> {
        node(ctx, &id).await
    }

    /// Several by their global ids, in the same order; `null` where unknown or hidden (C13). At most 100.
    #[graphql(complexity = "ids.len().min(100) * child_complexity + 1")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>, ApiError> {
        if ids.len() > 100 {
            return Err(ApiError::BadRequest("At most 100 ids at once."));
        }
        nodes(ctx, &ids).await
    }

    /// Where a person would fit: every service that a referral can lead to with the reasons, and where to point them when none fits.
    /// Nothing that is told is kept. For who refers, works with clients or triages.
    async fn eligibility(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is told of the person.")] input: EligibilityInput,
    ) -> Result<Eligibility, ApiError> {
        criteria::eligibility(request(ctx), input).await
    }

    /// The versions of a service's criteria, newest first, at most 100.
    async fn criteria_history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the service.")] service_id: ID,
    ) -> Result<Vec<CriteriaVersion>, ApiError> {
        criteria::history(request(ctx), &service_id).await
    }

    /// A client by global id; `null` for an unknown id and for a hidden one alike (C13).
    async fn client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> Result<Option<Direct<Client>>, ApiError> {
        Ok(client(ctx, &id).await?.map(Direct))
    }

    /// The clients whose records the viewer sees.
    #[graphql(complexity = "pagination::cost(first, last) * child_complexity + 1")]
    async fn clients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to look for.")] filter: Option<ClientFilterInput>,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Direct<ClientConnection>, ApiError> {
        let request = request(ctx);
        let slice = pagination::Asked { first, after, last, before }.slice::<ClientId>()?;
        let filter = client_filter(filter.unwrap_or_default())?;
        let scope = request.scope();
        let along = Along::of(ctx.field());
        let mut found = match along.read() {
            // A search brings what is asked for by itself.
            Some(read) if filter == ClientFilter::default() => Some(scope.clients_with(slice, read).await?),
            _ => None,
        };
        let clients = match &mut found {
            Some(page) => std::mem::take(&mut page.clients),
            None => scope.clients(&filter, slice).await?,
        };
        let total = match ctx.look_ahead().field("totalCount").exists() {
            true => Some(scope.count_clients(&filter).await?),
            false => None,
        };
        let page = Page::of(clients, slice, total);
        // Being found by a name or a date of birth tells it.
        let searched = filter.categories();
        for d in page.items.iter().filter(|_| !searched.is_empty()) {
            request.note(d.client, searched, &d.all_grants());
        }
        Ok(Direct(ClientConnection(page.open(|shown| match found {
            Some(found) => Client::page(request, found, shown, &along),
            None => Client::group(request, shown, along.sections),
        }))))
    }

    /// Why a category of a client's record is seen, by whom, and what stands against it (C12): for a manager of the team that leads an
    /// open case, and for safeguarding and information governance leads of an organisation that works with the person (on a sealed
    /// record, those named on it). `null` for everybody else, and for an unknown id and a hidden one alike (C13).
    async fn explain_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the client.")] client_id: ID,
        #[graphql(desc = "The category to explain.")] category: Category,
        #[graphql(desc = "Only the grants of this organisation, as far as it may be named (C11, C14).")]
        organisation_id: Option<ID>,
    ) -> Result<Option<AccessExplanation>, ApiError> {
        explanation(ctx, &client_id, category, organisation_id.as_deref().map(String::as_str)).await
    }

    /// A referral by global id; `null` for an unknown id and for a hidden one alike (C13).
    async fn referral(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> Result<Option<Referral>, ApiError> {
        referral(request(ctx), &id).await
    }

    /// The referrals the viewer sees, newest first.
    #[graphql(complexity = "pagination::cost(first, last) * child_complexity + 1")]
    async fn referrals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this state, as far as the viewer is told of it (C14).")] state: Option<
            ReferralState,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Direct<ReferralConnection>, ApiError> {
        let request = request(ctx);
        let slice = pagination::Asked { first, after, last, before }.slice::<ReferralId>()?;
        let scope = request.scope();
        let found = scope.referrals(state, slice).await?;
        let total = match ctx.look_ahead().field("totalCount").exists() {
            true => Some(scope.count_referrals(state).await?),
            false => None,
        };
        let page = Page::of(found, slice, total);
        Ok(Direct(ReferralConnection(page.open(|found| Referral::group(request, found)))))
    }

    /// What became of the referrals that the viewer's organisation submitted from one day on and before another, of those the viewer sees
    /// as their sender. A private sender is told of progress alone, and of none of these (C23).
    async fn referral_feedback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From this day on, in London.")] from: Date,
        #[graphql(desc = "Before this day, in London.")] until: Date,
    ) -> Result<ReferralFeedback, ApiError> {
        let (from, until) = feedback::days(&from, &until)?;
        Ok(crate::service::feedback::of_sender(request(ctx), from, until).await?.into())
    }

    /// What became of the referrals submitted from one day on and before another, by who sent them; for the hub, empty for everybody else.
    /// It counts what the viewer sees now as the hub, which sees a referral until 30 days after it leaves the hub: whatever is hidden
    /// counts nowhere (C14). A private sender's count under their category. In the order of the senders' ids.
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    async fn sender_figures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From this day on, in London.")] from: Date,
        #[graphql(desc = "Before this day, in London.")] until: Date,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<SenderFiguresConnection, ApiError> {
        let asked = pagination::Asked { first, after, ..pagination::Asked::default() };
        figures::by_sender(ctx, figures::Days { from: &from, until: &until }, asked).await
    }

    /// What became of the offers made from one day on and before another, by team; for the hub, empty for everybody else: a team no
    /// longer sees what it was offered once it has answered. It counts what the viewer sees now as the hub, until 30 days after a
    /// referral leaves the hub, and of that only offers to teams that may be named to them (C11, C14). In the order of the teams' ids.
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    async fn team_figures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From this day on, in London.")] from: Date,
        #[graphql(desc = "Before this day, in London.")] until: Date,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<TeamFiguresConnection, ApiError> {
        let asked = pagination::Asked { first, after, ..pagination::Asked::default() };
        figures::by_team(ctx, figures::Days { from: &from, until: &until }, asked).await
    }

    /// The queue of triage: the referrals that the hub is to bring on, submitted, waiting for an answer, offered, or come back; for the
    /// hub, empty for everybody else. INVOLVEMENT (C1) and, as to the urgency, HOUSING.
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    #[allow(clippy::too_many_arguments, reason = "each is an argument of the field")]
    async fn triage_queue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this state.")] state: Option<ReferralState>,
        #[graphql(desc = "Only those this urgent.")] urgency: Option<Urgency>,
        #[graphql(desc = "Only those in this person's hand, by global id.")] assigned_to: Option<ID>,
        #[graphql(desc = "Only those in nobody's hand.")] unassigned: Option<bool>,
        #[graphql(desc = "Only those that this organisation sent, by global id.")] sender: Option<ID>,
        #[graphql(desc = "Only those due by now.")] overdue: Option<bool>,
        #[graphql(desc = "In which order; DUE when left out.")] order_by: Option<TriageOrder>,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<Direct<TriageQueueConnection>, ApiError> {
        let request = request(ctx);
        let count = pagination::Asked { first, ..pagination::Asked::default() }.slice::<ReferralId>()?;
        let not_one = ApiError::BadRequest("The cursor is not one of this list.");
        let place = match after.as_deref().map(triage::place) {
            None => None,
            Some(Some(place)) => Some(place),
            Some(None) => return Err(not_one),
        };
        if unassigned == Some(true) && assigned_to.is_some() {
            return Err(ApiError::BadRequest("Ask for `assignedTo` or `unassigned`, not both."));
        }
        // An id that is none of a person's, or of an organisation's, is nobody's.
        let nil = uuid::Uuid::nil();
        let filter = QueueFilter {
            state,
            urgency,
            assigned: match assigned_to {
                Some(id) => Assigned::To(PersonId::parse(&id).unwrap_or(PersonId(nil))),
                None if unassigned == Some(true) => Assigned::Nobody,
                None => Assigned::Any,
            },
            sender: sender.map(|id| OrganisationId::parse(&id).unwrap_or(OrganisationId(nil))),
            due_by: (overdue == Some(true)).then(|| request.now()),
        };
        let order = order_by.unwrap_or(TriageOrder::Due);
        let slice = Slice { key: place.map(|p| p.id), ..count };
        let found = request.scope().triage_queue(filter, order, place, slice.limit).await?;
        let page = Page::of(found, slice, None);
        Ok(Direct(TriageQueueConnection(page.open(|found| Referral::queued(request, found)))))
    }

    /// How many referrals the hub is to bring on, state by state, as far as the viewer sees them; for the hub. INVOLVEMENT (C1).
    async fn triage_counts(&self, ctx: &Context<'_>) -> Result<Vec<TriageCount>, ApiError> {
        Ok(request(ctx).scope().triage_counts().await?.into_iter().map(Into::into).collect())
    }

    /// A shared case by global id; `null` for an unknown id and for a hidden one alike (C13).
    async fn shared_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> Result<Option<SharedCase>, ApiError> {
        shared_case(request(ctx), &id).await
    }

    /// The shared cases the viewer sees, newest first.
    #[graphql(complexity = "pagination::cost(first, last) * child_complexity + 1")]
    async fn shared_cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only open ones, or only closed ones.")] status: Option<CaseStatus>,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Direct<SharedCaseConnection>, ApiError> {
        let request = request(ctx);
        let slice = pagination::Asked { first, after, last, before }.slice::<CaseId>()?;
        let scope = request.scope();
        let found = scope.cases(status, slice).await?;
        let total = match ctx.look_ahead().field("totalCount").exists() {
            true => Some(scope.count_cases(status).await?),
            false => None,
        };
        let page = Page::of(found, slice, total);
        Ok(Direct(SharedCaseConnection(page.open(|found| SharedCase::group(request, found)))))
    }

    /// What the viewer is to see or do for the organisation they act for, newest first. INVOLVEMENT (C1).
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    async fn inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this state.")] state: Option<InboxState>,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<InboxItemConnection, ApiError> {
        let request = request(ctx);
        let slice = pagination::Asked { first, after, ..pagination::Asked::default() }.slice::<InboxItemId>()?;
        let scope = request.scope();
        let found = scope.inbox(state, slice).await?;
        let total = match ctx.look_ahead().field("totalCount").exists() {
            true => Some(scope.count_inbox(state).await?),
            false => None,
        };
        Ok(super::inbox::page(request, Page::of(found, slice, total)))
    }

    /// An organisation of the registry by global id.
    async fn organisation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> Result<Option<Organisation>, ApiError> {
        organisation(request(ctx), &id).await
    }

    /// The registry, in order of registration; what was merged is found with the organisation that stands for it.
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    async fn organisations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to list.")] filter: Option<OrganisationFilter>,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<OrganisationConnection, ApiError> {
        let database = &request(ctx).app.database;
        let slice = pagination::Asked { first, after, ..pagination::Asked::default() }.slice::<OrganisationId>()?;
        let given = filter.unwrap_or_default();
        let filter =
            RegistryFilter { name_contains: given.name_contains, kind: given.kind, is_partner: given.is_partner };
        let found = Organisation::group(registry::list(database, &filter, slice.key, slice.limit).await?);
        let total = match ctx.look_ahead().field("totalCount").exists() {
            true => Some(registry::count(database, &filter).await?),
            false => None,
        };
        Ok(OrganisationConnection(Page::of(found, slice, total)))
    }

    /// The services that partners and outside organisations offer.
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    async fn services(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<ServiceConnection, ApiError> {
        let slice = pagination::Asked { first, after, ..pagination::Asked::default() }.slice::<ServiceId>()?;
        let found = registry::services(&request(ctx).app.database, Services::All(slice.key, slice.limit)).await?;
        let found = found.into_iter().map(Service).collect();
        let total = match ctx.look_ahead().field("totalCount").exists() {
            true => Some(registry::count_services(&request(ctx).app.database).await?),
            false => None,
        };
        Ok(ServiceConnection(Page::of(found, slice, total)))
    }

    /// Organisations that look alike, for a person to decide on. For hub coordinators and administrators.
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    async fn likely_duplicates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those decided so.")] decision: Option<LikenessDecision>,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<LikelyDuplicateConnection, ApiError> {
        let request = request(ctx);
        request.require(&[Role::HubCoordinator, Role::Administrator])?;
        let slice = pagination::Asked { first, after, ..pagination::Asked::default() }.slice::<LikenessId>()?;
        let found =
            registry::likely_duplicates(&request.app.database, decision, None, slice.key, slice.limit).await?;
        let total = match ctx.look_ahead().field("totalCount").exists() {
            true => Some(registry::count_likely_duplicates(&request.app.database, decision).await?),
            false => None,
        };
        Ok(LikelyDuplicateConnection(Page::of(LikelyDuplicate::group(found), slice, total)))
    }

    /// Who supervises whom in the viewer's organisation, past ones too, newest first (C10). For administrators and team managers.
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    async fn supervisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<SupervisionConnection, ApiError> {
        let request = request(ctx);
        request.require(DECIDERS)?;
        let slice = pagination::Asked { first, after, ..pagination::Asked::default() }.slice::<SupervisionId>()?;
        let (database, of) = (&request.app.database, request.viewer.organisation);
        let found = supervisions::page(database, of, slice.key, slice.limit).await?;
        let found = found.into_iter().map(Supervision).collect();
        let total = match ctx.look_ahead().field("totalCount").exists() {
            true => Some(supervisions::count(database, of).await?),
            false => None,
        };
        Ok(SupervisionConnection(Page::of(found, slice, total)))
    }

    /// The legal holds of the viewer's organisation, lifted ones too, newest first (C24). For information governance leads. INVOLVEMENT (C1).
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    async fn legal_holds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<LegalHoldConnection, ApiError> {
        let request = request(ctx);
        request.require(&[Role::InformationGovernance])?;
        let slice = pagination::Asked { first, after, ..pagination::Asked::default() }.slice::<LegalHoldId>()?;
        let scope = request.scope();
        let found = scope.legal_holds(slice.key, slice.limit).await?;
        let total = match ctx.look_ahead().field("totalCount").exists() {
            true => Some(scope.count_legal_holds().await?),
            false => None,
        };
        let page = Page::of(found, slice, total);
        Ok(LegalHoldConnection(page.open(|found| LegalHold::group(request, found))))
    }

    /// Memberships of an organisation, or of all. For administrators.
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    async fn memberships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of an organisation.")] organisation_id: Option<ID>,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<MembershipConnection, ApiError> {
        let request = request(ctx);
        request.require(&[Role::Administrator])?;
        let slice = pagination::Asked { first, after, ..pagination::Asked::default() }.slice::<MembershipId>()?;
        let nobody = OrganisationId(uuid::Uuid::nil());
        let of = organisation_id.map(|id| OrganisationId::parse(&id).unwrap_or(nobody));
        let found = person::memberships(&request.app.database, None, of, slice.key, slice.limit).await?;
        let found = found.into_iter().map(Membership).collect();
        let total = match ctx.look_ahead().field("totalCount").exists() {
            true => Some(person::count_memberships(&request.app.database, of).await?),
            false => None,
        };
        Ok(MembershipConnection(Page::of(found, slice, total)))
    }
}

/// Who is told of supervisions.
const DECIDERS: &[Role] = &[Role::Administrator, Role::TeamManager];

/// Who keeps the registry.
pub(super) const KEEPERS: &[Role] = &[Role::HubCoordinator, Role::Administrator];

fn client_filter(given: ClientFilterInput) -> Result<ClientFilter, ApiError> {
    let name_words: Vec<String> = given
        .name
        .map(|n| search_key(&n).split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect())
        .unwrap_or_default();
    if name_words.len() > 4 {
        return Err(ApiError::BadRequest("Look for at most four words of a name."));
    }
    Ok(ClientFilter { name_words, birth: given.date_of_birth.map(|d| d.0) })
}

async fn node(ctx: &Context<'_>, id: &str) -> Result<Option<Node>, ApiError> {
    let r = request(ctx);
    Ok(match tag(id) {
        ReferralId::TAG => referral(r, id).await?.map(Node::Referral),
        CaseId::TAG => shared_case(r, id).await?.map(Node::SharedCase),
        NoteId::TAG => note(r, id).await?.map(Node::Note),
        ConsentId::TAG => consent(r, id).await?.map(Node::Consent),
        ProxyId::TAG => proxy(r, id).await?.map(Node::Proxy),
        LawfulBasisId::TAG => lawful_basis(r, id).await?.map(Node::LawfulBasis),
        SignpostId::TAG => signpost(r, id).await?.map(Node::Signpost),
        RestrictionId::TAG => restriction(r, id).await?.map(Node::Restriction),
        SupervisionId::TAG if r.viewer.roles.any(DECIDERS) => supervision(r, id).await?.map(Node::Supervision),
        LegalGatewayId::TAG => legal_gateway(r, id).await?.map(Node::LegalGateway),
        LegalHoldId::TAG if r.viewer.roles.has(Role::InformationGovernance) => {
            legal_hold(r, id).await?.map(Node::LegalHold)
        }
        OutwardDisclosureId::TAG => outward_disclosure(r, id).await?.map(Node::OutwardDisclosure),
        OrganisationId::TAG => organisation(r, id).await?.map(Node::Organisation),
        ContactId::TAG if r.viewer.roles.any(KEEPERS) => contact(r, id).await?.map(Node::OrganisationContact),
        TeamId::TAG => team(r, id).await?.map(Node::Team),
        ServiceId::TAG => service(r, id).await?.map(Node::Service),
        MembershipId::TAG if r.viewer.roles.has(Role::Administrator) => {
            membership(r, id).await?.map(Node::Membership)
        }
        LikenessId::TAG if r.viewer.roles.any(&[Role::HubCoordinator, Role::Administrator]) => {
            likely_duplicate(r, id).await?.map(Node::LikelyDuplicate)
        }
        OverrideId::TAG => override_of(r, id).await?.map(Node::Override),
        OverrideRequestId::TAG => override_request(r, id).await?.map(Node::OverrideRequest),
        InboxItemId::TAG => inbox_item(r, id).await?.map(Node::InboxItem),
        // A client's id, and whatever does not read as any id.
        _ => client(ctx, id).await?.map(Node::Client),
    })
}

fn tag(id: &str) -> &str {
    id.rsplit_once('_').map_or("", |(tag, _)| tag)
}

/// Clients, referrals and cases come in one statement a kind, whatever their number; the others one by one.
async fn nodes(ctx: &Context<'_>, ids: &[ID]) -> Result<Vec<Option<Node>>, ApiError> {
    let r = request(ctx);
    let scope = r.scope();
    let of = |wanted: &'static str| ids.iter().filter(move |id| tag(id) == wanted);
    let sections = wanted(ctx.field());
    let clients: Vec<_> = of(ClientId::TAG).map(|id| parsed(id)).collect();
    let referrals: Vec<_> = of(ReferralId::TAG).map(|id| parsed(id)).collect();
    let cases: Vec<_> = of(CaseId::TAG).map(|id| parsed(id)).collect();
    let clients = if clients.is_empty() { Vec::new() } else { scope.clients_by_id(&clients).await? };
    let referrals = if referrals.is_empty() { Vec::new() } else { scope.referrals_by_id(&referrals).await? };
    let cases = if cases.is_empty() { Vec::new() } else { scope.cases_by_id(&cases).await? };
    let clients = Client::group(r, clients, sections);
    let referrals = Referral::group(r, referrals);
    let cases = SharedCase::group(r, cases);
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        let found = match tag(id) {
            ClientId::TAG => clients.iter().find(|c| c.key() == parsed(id)).cloned().map(Node::Client),
            ReferralId::TAG => referrals.iter().find(|c| c.key() == parsed(id)).cloned().map(Node::Referral),
            CaseId::TAG => cases.iter().find(|c| c.key() == parsed(id)).cloned().map(Node::SharedCase),
            _ => {
                all.push(node(ctx, id).await?);
                continue;
            }
        };
        if found.is_none() {
            r.note_nothing_found(id);
        }
        all.push(found);
    }
    Ok(all)
}

/// The subjects of inbox items, as far as the viewer sees them: one statement a kind, whatever their number. Nobody asked for
/// these ids, so one that is not there is no look-up that returned nothing.
pub(super) async fn subjects(ctx: &Context<'_>, ids: &[String]) -> Result<HashMap<String, Node>, ApiError> {
    let r = request(ctx);
    let scope = r.scope();
    let sections = wanted(ctx.field());
    let clients: Vec<ClientId> = ids.iter().filter_map(|id| TypedId::parse(id)).collect();
    let referrals: Vec<ReferralId> = ids.iter().filter_map(|id| TypedId::parse(id)).collect();
    let cases: Vec<CaseId> = ids.iter().filter_map(|id| TypedId::parse(id)).collect();
    let overrides: Vec<OverrideId> = ids.iter().filter_map(|id| TypedId::parse(id)).collect();
    let requests: Vec<OverrideRequestId> = ids.iter().filter_map(|id| TypedId::parse(id)).collect();
    let gateways: Vec<LegalGatewayId> = ids.iter().filter_map(|id| TypedId::parse(id)).collect();
    let mut found = HashMap::new();
    if !overrides.is_empty() {
        let rows = Override::group(r, scope.overrides(&overrides).await?);
        found.extend(rows.into_iter().map(|o| (o.key().global(), Node::Override(o))));
    }
    if !requests.is_empty() {
        let rows = scope.override_requests(&requests).await?.into_iter().map(|o| OverrideRequest::of(r, o));
        found.extend(rows.map(|o| (o.key().global(), Node::OverrideRequest(o))));
    }
    if !clients.is_empty() {
        let rows = Client::group(r, scope.clients_by_id(&clients).await?, sections);
        found.extend(rows.into_iter().map(|c| (c.key().global(), Node::Client(c))));
    }
    if !referrals.is_empty() {
        let rows = Referral::group(r, scope.referrals_by_id(&referrals).await?);
        found.extend(rows.into_iter().map(|c| (c.key().global(), Node::Referral(c))));
    }
    if !cases.is_empty() {
        let rows = SharedCase::group(r, scope.cases_by_id(&cases).await?);
        found.extend(rows.into_iter().map(|c| (c.key().global(), Node::SharedCase(c))));
    }
    if !gateways.is_empty() {
        let rows = LegalGateway::group(r, scope.legal_gateways_by_id(&gateways).await?);
        found.extend(rows.into_iter().map(|g| (g.key().global(), Node::LegalGateway(g))));
    }
    Ok(found)
}

/// An override by global id.
pub(super) async fn override_of(request: &Request, id: &str) -> Result<Option<Override>, ApiError> {
    let found = request.scope().overrides(&[parsed(id)]).await?;
    if found.is_empty() {
        request.note_nothing_found(id);
    }
    Ok(Override::group(request, found).pop())
}

/// A request for an override by global id, for the leads it was sent to.
async fn override_request(request: &Request, id: &str) -> Result<Option<OverrideRequest>, ApiError> {
    let found = request.scope().override_requests(&[parsed(id)]).await?.pop();
    if found.is_none() {
        request.note_nothing_found(id);
    }
    Ok(found.map(|o| OverrideRequest::of(request, o)))
}

/// An item of the viewer's inbox by global id.
pub(super) async fn inbox_item(request: &Request, id: &str) -> Result<Option<InboxItem>, ApiError> {
    let found = request.scope().inbox_item(parsed(id)).await?;
    if found.is_none() {
        request.note_nothing_found(id);
    }
    Ok(InboxItem::group(request, found.into_iter().collect()).pop())
}

/// An id that does not read is looked up like an unknown one: the same statements, the same answer (C13).
fn parsed<T: TypedId>(id: &str) -> T {
    T::parse(id).unwrap_or(T::from_uuid(uuid::Uuid::nil()))
}

async fn client(ctx: &Context<'_>, id: &str) -> Result<Option<Client>, ApiError> {
    let request = request(ctx);
    let sections = wanted(ctx.field());
    let named = wants_recorded_for(ctx.field());
    let found = request.scope().client(parsed(id), sections, named).await?;
    if found.is_none() {
        request.note_nothing_found(id);
    }
    Ok(found.map(|row| Client::single(request, row, sections)))
}

/// A referral by global id.
pub(super) async fn referral(request: &Request, id: &str) -> Result<Option<Referral>, ApiError> {
    let found = request.scope().referrals_by_id(&[parsed(id)]).await?;
    if found.is_empty() {
        request.note_nothing_found(id);
    }
    Ok(Referral::group(request, found).pop())
}

/// A shared case by global id.
pub(super) async fn shared_case(request: &Request, id: &str) -> Result<Option<SharedCase>, ApiError> {
    let found = request.scope().cases_by_id(&[parsed(id)]).await?;
    if found.is_empty() {
        request.note_nothing_found(id);
    }
    Ok(SharedCase::group(request, found).pop())
}

/// A note by global id.
pub(super) async fn note(request: &Request, id: &str) -> Result<Option<Note>, ApiError> {
    let found = request.scope().note(parsed(id)).await?;
    let note = found.and_then(|(row, disclosure)| Note::open(request, row, &Arc::new(disclosure)));
    if note.is_none() {
        request.note_nothing_found(id);
    }
    Ok(note)
}

/// A consent by global id.
pub(super) async fn consent(request: &Request, id: &str) -> Result<Option<Consent>, ApiError> {
    let found = request.scope().consent(parsed(id)).await?;
    if found.is_none() {
        request.note_nothing_found(id);
    }
    Ok(Consent::group(request, found.into_iter().collect()).pop())
}

/// Who speaks for a client, by global id.
pub(super) async fn proxy(request: &Request, id: &str) -> Result<Option<Proxy>, ApiError> {
    let found = request.scope().proxy(parsed(id)).await?;
    if found.is_none() {
        request.note_nothing_found(id);
    }
    Ok(Proxy::group(request, found.into_iter().collect()).pop())
}

/// A lawful basis by global id.
pub(super) async fn lawful_basis(request: &Request, id: &str) -> Result<Option<LawfulBasis>, ApiError> {
    let found = request.scope().lawful_basis(parsed(id)).await?;
    if found.is_none() {
        request.note_nothing_found(id);
    }
    Ok(LawfulBasis::group(request, found.into_iter().collect()).pop())
}

/// A signpost by global id.
pub(super) async fn signpost(request: &Request, id: &str) -> Result<Option<Signpost>, ApiError> {
    let found = request.scope().signpost(parsed(id)).await?;
    if found.is_none() {
        request.note_nothing_found(id);
    }
    Ok(Signpost::group(request, found.into_iter().collect()).pop())
}

/// A restriction by global id.
pub(super) async fn restriction(request: &Request, id: &str) -> Result<Option<Restriction>, ApiError> {
    let found = request.scope().restriction(parsed(id)).await?;
    if found.is_none() {
        request.note_nothing_found(id);
    }
    Ok(Restriction::group(request, found.into_iter().collect()).pop())
}

/// A supervision of the viewer's organisation by global id.
pub(super) async fn supervision(request: &Request, id: &str) -> Result<Option<Supervision>, ApiError> {
    let found = supervisions::by_id(&request.app.database, request.viewer.organisation, parsed(id)).await?;
    Ok(found.map(Supervision))
}

/// A legal gateway by global id.
pub(super) async fn legal_gateway(request: &Request, id: &str) -> Result<Option<LegalGateway>, ApiError> {
    let found = request.scope().legal_gateway(parsed(id)).await?;
    if found.is_none() {
        request.note_nothing_found(id);
    }
    Ok(LegalGateway::group(request, found.into_iter().collect()).pop())
}

/// A legal hold of the viewer's organisation by global id.
pub(super) async fn legal_hold(request: &Request, id: &str) -> Result<Option<LegalHold>, ApiError> {
    let found = request.scope().legal_hold(parsed(id)).await?;
    if found.is_none() {
        request.note_nothing_found(id);
    }
    Ok(LegalHold::group(request, found.into_iter().collect()).pop())
}

/// A disclosure to somebody outside the system, by global id.
pub(super) async fn outward_disclosure(request: &Request, id: &str) -> Result<Option<OutwardDisclosure>, ApiError> {
    let found = request.scope().outward_disclosure(parsed(id)).await?;
    if found.is_none() {
        request.note_nothing_found(id);
    }
    Ok(OutwardDisclosure::group(request, found.into_iter().collect()).pop())
}

/// A client by global id, without sections: for payloads.
pub(super) async fn bare_client(request: &Request, id: ClientId) -> Result<Option<Client>, ApiError> {
    let none = crate::domain::category::Categories::NONE;
    let found = request.scope().client(id, none, false).await?;
    Ok(found.map(|row| Client::single(request, row, none)))
}

/// An organisation by global id.
pub(super) async fn organisation(request: &Request, id: &str) -> Result<Option<Organisation>, ApiError> {
    let found = registry::by_id(&request.app.database, &[parsed(id)]).await?;
    Ok(Organisation::group(found).pop())
}

/// Whom to reach at an organisation, by global id; for who keeps the registry.
pub(super) async fn contact(request: &Request, id: &str) -> Result<Option<OrganisationContact>, ApiError> {
    Ok(contacts::by_id(&request.app.database, parsed(id)).await?.map(OrganisationContact))
}

/// A team by global id.
pub(super) async fn team(request: &Request, id: &str) -> Result<Option<Team>, ApiError> {
    Ok(registry::teams(&request.app.database, &[], &[parsed(id)]).await?.pop().map(Team))
}

/// A service by global id.
pub(super) async fn service(request: &Request, id: &str) -> Result<Option<Service>, ApiError> {
    Ok(registry::services(&request.app.database, Services::ById(&[parsed(id)])).await?.pop().map(Service))
}

/// A membership by global id.
pub(super) async fn membership(request: &Request, id: &str) -> Result<Option<Membership>, ApiError> {
    let found = person::memberships(&request.app.database, Some(parsed(id)), None, None, 1).await?;
    Ok(found.into_iter().next().map(Membership))
}

/// A likely duplicate by global id.
pub(super) async fn likely_duplicate(request: &Request, id: &str) -> Result<Option<LikelyDuplicate>, ApiError> {
    let found = registry::likely_duplicates(&request.app.database, None, Some(parsed(id)), None, 1).await?;
    Ok(LikelyDuplicate::group(found).pop())
}
