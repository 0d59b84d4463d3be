//! The registry, teams, services, memberships.

use super::{Conventions, input, outcome, payload};
use crate::domain::category::Category;
use crate::domain::ids::{LikenessId, MembershipId, OrganisationId, ServiceId, TeamId, TypedId};
use crate::domain::organisation::{LikenessDecision, OrganisationStatus};
use crate::domain::organisation_name::OrganisationKind;
use crate::domain::role::Role;
use crate::graphql::failure::ApiError;
use crate::graphql::organisation::{LikelyDuplicate, Membership, Organisation, Service, Team};
use crate::graphql::{query, request};
use crate::service::{capacity, organisation as service};
use async_graphql::{Context, ID, Object};

input! { "An organisation to register." OrganisationRegisterInput {
    /// Its name.
    name: String,
    /// What kind of body.
    kind: OrganisationKind,
    /// Whether it becomes a partner of the Alliance; for administrators.
    is_partner: Option<bool>,
    /// Global id of the body it is an office of.
    parent_id: Option<ID>,
    /// The categories that a link to it implies (C11); those of its kind when left out.
    implied_categories: Option<Vec<Category>>,
} }
payload!(OrganisationRegisterPayload, organisation: Organisation, "organisation");

input! { "What changes of an organisation; what is left out stays." OrganisationUpdateInput {
    /// Global id of the organisation.
    organisation_id: ID,
    /// The version that was read.
    version: i64,
    /// Name.
    name: Option<String>,
    /// Kind.
    kind: Option<OrganisationKind>,
    /// Global id of the body it is an office of.
    parent_id: Option<ID>,
    /// The categories that a link to it implies (C11); for administrators.
    implied_categories: Option<Vec<Category>>,
    /// Status; for administrators.
    status: Option<OrganisationStatus>,
    /// An alias to add.
    add_alias: Option<String>,
} }
payload!(OrganisationUpdatePayload, organisation: Organisation, "organisation");

input! { "A decision on two organisations that look alike." LikelyDuplicateDecideInput {
    /// Global id of the likely duplicate.
    likely_duplicate_id: ID,
    /// SAME or DIFFERENT.
    decision: LikenessDecision,
} }
payload!(LikelyDuplicateDecidePayload, likely_duplicate: LikelyDuplicate, "likely duplicate");

input! { "A team to register." TeamRegisterInput {
    /// Global id of its organisation, a partner.
    organisation_id: ID,
    /// Its name.
    name: String,
    /// Its intake profile: what it refuses to be told before it has met the person (C8).
    refuses: Option<Vec<Category>>,
} }
payload!(TeamRegisterPayload, team: Team, "team");

input! { "A team's intake profile." TeamSetIntakeProfileInput {
    /// Global id of the team.
    team_id: ID,
    /// The version that was read.
    version: i64,
    /// What it refuses to be told before it has met the person (C8).
    refuses: Vec<Category>,
} }
payload!(TeamSetIntakeProfilePayload, team: Team, "team");

input! { "How many more people a team takes." TeamStateRoomInput {
    /// Global id of the team.
    team_id: ID,
    /// The version that was read.
    version: i64,
    /// How many, 0 to 1,000; nothing is stated from now on when left out.
    room: Option<i64>,
    /// Global ids of its support workers whose support is digital alone, all of them; as it was when left out.
    digital_worker_ids: Option<Vec<ID>>,
} }
payload!(TeamStateRoomPayload, team: Team, "team");

input! { "A service to register." ServiceRegisterInput {
    /// Global id of the organisation that offers it.
    organisation_id: ID,
    /// Global id of the team that runs it.
    team_id: Option<ID>,
    /// Its name.
    name: String,
    /// What it does.
    description: String,
    /// Whom it is for, in words.
    criteria: String,
    /// Where it works.
    area: String,
    /// How to reach it.
    contact: String,
} }
payload!(ServiceRegisterPayload, service: Service, "service");

input! { "A membership to grant." MembershipGrantInput {
    /// Who vouches for the person: the issuer of their tokens.
    issuer: String,
    /// The subject of their tokens.
    subject: String,
    /// The person's name; kept when the identity is known already.
    name: String,
    /// Global id of the organisation.
    organisation_id: ID,
    /// Roles.
    roles: Vec<Role>,
    /// Global ids of teams of that organisation.
    team_ids: Option<Vec<ID>>,
} }
payload!(MembershipGrantPayload, membership: Membership, "membership");

input! { "A membership to end." MembershipEndInput {
    /// Global id of the membership.
    membership_id: ID,
    /// The version that was read.
    version: i64,
} }
payload!(MembershipEndPayload, membership: Membership, "membership");

/// The registry.
#[derive(Default)]
pub struct RegistryMutations;

/// The registry.
#[Object]
impl RegistryMutations {
    /// Registers an organisation. For hub coordinators and administrators.
    async fn organisation_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: OrganisationRegisterInput,
    ) -> Result<OrganisationRegisterPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let new = service::OrganisationAsked {
            name: input.name,
            kind: input.kind,
            is_partner: input.is_partner.unwrap_or(false),
            parent: input.parent_id.map(|id| id.0),
            implies: input.implied_categories,
        };
        let done = service::register(request, &asked, &new).await;
        let read = async |id: OrganisationId| query::organisation(request, &id.global()).await;
        Ok(OrganisationRegisterPayload::of(outcome(done, read).await?))
    }

    /// Changes an organisation. For hub coordinators and administrators.
    async fn organisation_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: OrganisationUpdateInput,
    ) -> Result<OrganisationUpdatePayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let change = service::OrganisationChange {
            name: input.name,
            kind: input.kind,
            parent: input.parent_id.map(|id| id.0),
            implies: input.implied_categories,
            status: input.status,
            add_alias: input.add_alias,
        };
        let done = service::update(request, &asked, &input.organisation_id, input.version, &change).await;
        let read = async |id: OrganisationId| query::organisation(request, &id.global()).await;
        Ok(OrganisationUpdatePayload::of(outcome(done, read).await?))
    }

    /// Decides on two organisations that look alike. For hub coordinators and administrators.
    async fn likely_duplicate_decide(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what.")] input: LikelyDuplicateDecideInput,
    ) -> Result<LikelyDuplicateDecidePayload, ApiError> {
        let request = request(ctx);
        let done = service::decide(request, &input.asked(), &input.likely_duplicate_id, input.decision).await;
        let read = async |id: LikenessId| query::likely_duplicate(request, &id.global()).await;
        Ok(LikelyDuplicateDecidePayload::of(outcome(done, read).await?))
    }

    /// Registers a team of a partner agency. For administrators.
    async fn team_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: TeamRegisterInput,
    ) -> Result<TeamRegisterPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let team = service::TeamAsked {
            organisation: input.organisation_id.0,
            name: input.name,
            refuses: input.refuses.unwrap_or_default(),
        };
        let done = service::register_team(request, &asked, &team).await;
        let read = async |id: TeamId| query::team(request, &id.global()).await;
        Ok(TeamRegisterPayload::of(outcome(done, read).await?))
    }

    /// Sets a team's intake profile (C8). For the team's manager and administrators. Offers made before keep theirs.
    async fn team_set_intake_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and what.")] input: TeamSetIntakeProfileInput,
    ) -> Result<TeamSetIntakeProfilePayload, ApiError> {
        let request = request(ctx);
        let done = service::set_intake(request, &input.asked(), &input.team_id, input.version, &input.refuses).await;
        let read = async |id: TeamId| query::team(request, &id.global()).await;
        Ok(TeamSetIntakeProfilePayload::of(outcome(done, read).await?))
    }

    /// States how many more people a team takes, which suggestions go by, and whose support is digital alone. For the team's manager.
    async fn team_state_room(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and how many.")] input: TeamStateRoomInput,
    ) -> Result<TeamStateRoomPayload, ApiError> {
        let request = request(ctx);
        let digital: Option<Vec<String>> =
            input.digital_worker_ids.as_ref().map(|all| all.iter().map(|id| id.to_string()).collect());
        let which = (input.team_id.as_str(), input.version);
        let done = capacity::state(request, &input.asked(), which, input.room, digital.as_deref()).await;
        let read = async |id: TeamId| query::team(request, &id.global()).await;
        Ok(TeamStateRoomPayload::of(outcome(done, read).await?))
    }

    /// Registers a service of a partner or an outside organisation. For hub coordinators and administrators.
    async fn service_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ServiceRegisterInput,
    ) -> Result<ServiceRegisterPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let new = service::ServiceAsked {
            organisation: input.organisation_id.0,
            team: input.team_id.map(|id| id.0),
            name: input.name,
            description: input.description,
            criteria: input.criteria,
            area: input.area,
            contact: input.contact,
        };
        let done = service::register_service(request, &asked, &new).await;
        let read = async |id: ServiceId| query::service(request, &id.global()).await;
        Ok(ServiceRegisterPayload::of(outcome(done, read).await?))
    }

    /// Gives a person a membership of an organisation (C21). For administrators.
    async fn membership_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and which.")] input: MembershipGrantInput,
    ) -> Result<MembershipGrantPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let new = service::MembershipAsked {
            issuer: input.issuer,
            subject: input.subject,
            name: input.name,
            organisation: input.organisation_id.0,
            roles: input.roles,
            teams: input.team_ids.unwrap_or_default().into_iter().map(|id| id.0).collect(),
        };
        let done = service::grant_membership(request, &asked, &new).await;
        let read = async |id: MembershipId| query::membership(request, &id.global()).await;
        Ok(MembershipGrantPayload::of(outcome(done, read).await?))
    }

    /// Ends a membership; it opens nothing from the next statement on. For administrators.
    async fn membership_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: MembershipEndInput,
    ) -> Result<MembershipEndPayload, ApiError> {
        let request = request(ctx);
        let done = service::end_membership(request, &input.asked(), &input.membership_id, input.version).await;
        let read = async |id: MembershipId| query::membership(request, &id.global()).await;
        Ok(MembershipEndPayload::of(outcome(done, read).await?))
    }
}
