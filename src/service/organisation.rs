//! The registry: organisations, aliases, likely duplicates; teams, services; people and their memberships.

use super::context::{Context, Failure};
use super::merge::must_stand;
use super::unit::{Done, Unit, begin};
use crate::domain::category::{Categories, Category};
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{LikenessId, MembershipId, OrganisationId, PersonId, ServiceId, TeamId, TypedId};
use crate::domain::mutation::Asked;
use crate::domain::organisation::{LikenessDecision, OrganisationStatus, ServiceStatus, implied_by};
use crate::domain::organisation_name::{OrganisationKind, check_name, is_category};
use crate::domain::role::Role;
use crate::domain::text;
use crate::persistence::merge;
use crate::persistence::organisation::{self as registry, NewOrganisation, Organisation, Service, Team};
use crate::persistence::person;
use crate::policy::grants::NEVER_REFUSED;

/// Who keeps the registry.
pub(super) const KEEPERS: &[Role] = &[Role::Administrator, Role::HubCoordinator];

const TAKEN: &str = "An organisation is registered under this name.";

/// An organisation as it is asked for.
#[derive(Clone, Debug)]
pub struct OrganisationAsked {
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: OrganisationKind,
    /// Whether it becomes a partner; administrators only.
    pub is_partner: bool,
    /// The body it is an office of.
    pub parent: Option<String>,
    /// The categories a link to it implies (C11); those of its kind when left out.
    pub implies: Option<Vec<Category>>,
}

fn checked_name(name: &str) -> Result<String, Failure> {
    check_name(name).map_err(|p| Failure::user(UserErrorCode::Invalid, "name", p.message()))
}

async fn parent(unit: &Unit<'_>, given: Option<&str>) -> Result<Option<Organisation>, Failure> {
    let Some(given) = given else { return Ok(None) };
    match OrganisationId::parse(given) {
        Some(id) => match registry::one(unit.tx(), id).await? {
            Some(o) if !o.is_category => {
                must_stand(unit, &o, "parentId", UserErrorCode::Invalid).await?;
                Ok(Some(o))
            }
            Some(_) => Err(Failure::user(UserErrorCode::Invalid, "parentId", "A category is nobody's parent.")),
            None => Err(UserError::not_found("parentId").into()),
        },
        None => Err(UserError::not_found("parentId").into()),
    }
}

/// Registers an organisation.
pub async fn register(ctx: &Context, asked: &Asked, o: &OrganisationAsked) -> Result<Done<OrganisationId>, Failure> {
    ctx.require(KEEPERS)?;
    if o.is_partner {
        ctx.require(&[Role::Administrator])?;
    }
    let name = checked_name(&o.name)?;
    let unit: Unit<'_> = begin!(ctx, "organisationRegister", asked);
    registry::hold_names(unit.tx()).await?;
    must_be_free(&unit, &name, "name", TAKEN, None).await?;
    let parent = parent(&unit, o.parent.as_deref()).await?;
    let new = NewOrganisation {
        id: OrganisationId(ctx.app.random.uuid_timed(unit.by.at)),
        is_category: !o.is_partner && is_category(&name),
        name,
        kind: o.kind,
        is_partner: o.is_partner,
        parent: parent.map(|p| p.id),
        implies: implied(ctx, o),
    };
    registry::register(unit.tx(), &new, unit.by.at).await?;
    unit.finish("organisation.registered", new.id).await
}

/// What a link to a new organisation implies: what its kind does, or what an administrator says; the hub only adds to it.
fn implied(ctx: &Context, o: &OrganisationAsked) -> Categories {
    let Some(said) = &o.implies else { return implied_by(o.kind) };
    let said: Categories = said.iter().copied().collect();
    if ctx.viewer.roles.has(Role::Administrator) { said } else { said.union(implied_by(o.kind)) }
}

/// What changes of an organisation; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct OrganisationChange {
    /// Name.
    pub name: Option<String>,
    /// Kind.
    pub kind: Option<OrganisationKind>,
    /// Parent.
    pub parent: Option<String>,
    /// The categories a link to it implies; administrators only, because it decides what links show.
    pub implies: Option<Vec<Category>>,
    /// Status.
    pub status: Option<OrganisationStatus>,
    /// An alias to add.
    pub add_alias: Option<String>,
}

/// Changes an organisation.
pub async fn update(
    ctx: &Context,
    asked: &Asked,
    given: &str,
    version: i64,
    change: &OrganisationChange,
) -> Result<Done<OrganisationId>, Failure> {
    ctx.require(KEEPERS)?;
    let unit: Unit<'_> = begin!(ctx, "organisationUpdate", asked);
    registry::hold_names(unit.tx()).await?;
    let mut o = existing(&unit, given, "organisationId").await?;
    if o.is_partner || change.implies.is_some() || change.status.is_some() {
        ctx.require(&[Role::Administrator])?;
    }
    if let Some(name) = &change.name {
        let name = checked_name(name)?;
        must_be_free(&unit, &name, "name", TAKEN, Some(o.id)).await?;
        o.name = name;
    }
    if let Some(parent) = parent(&unit, change.parent.as_deref()).await? {
        if parent.id == o.id || parent.parent == Some(o.id) {
            return Err(Failure::user(UserErrorCode::Invalid, "parentId", "An organisation is not its own parent."));
        }
        o.parent = Some(parent.id);
    }
    if let Some(kind) = change.kind {
        // What the new kind gives away is not told from now on; nothing is told that was not before.
        o.implies = o.implies.union(implied_by(kind));
        o.kind = kind;
    }
    o.implies = change.implies.as_ref().map_or(o.implies, |list| list.iter().copied().collect());
    let leaves = o.status == OrganisationStatus::Active && change.status == Some(OrganisationStatus::Inactive);
    o.status = change.status.unwrap_or(o.status);
    o.version = version;
    if !registry::update(unit.tx(), &o).await? {
        return Err(Failure::conflict());
    }
    if change.kind.is_some() || change.implies.is_some() {
        // A link to one of a body says what a link to any of it does (C11).
        merge::imply(unit.tx(), o.id, o.implies).await?;
    }
    if leaves {
        // From the next statement on, though a viewer is kept for a second (C2, C21).
        person::renew_memberships(unit.tx(), o.id).await?;
    }
    if let Some(alias) = &change.add_alias {
        let alias = check_name(alias).map_err(|p| Failure::user(UserErrorCode::Invalid, "addAlias", p.message()))?;
        must_be_free(&unit, &alias, "addAlias", "This name is known already.", None).await?;
        registry::add_alias(unit.tx(), o.id, &alias, unit.by.at, &*ctx.app.random).await?;
    }
    unit.finish("organisation.updated", o.id).await
}

/// An organisation of the registry, merged or not.
pub(super) async fn existing(unit: &Unit<'_>, given: &str, path: &str) -> Result<Organisation, Failure> {
    match OrganisationId::parse(given) {
        Some(id) => registry::one(unit.tx(), id).await?.ok_or_else(|| UserError::not_found(path).into()),
        None => Err(UserError::not_found(path).into()),
    }
}

/// An organisation that something new may be recorded for: none that was merged.
pub(super) async fn standing(unit: &Unit<'_>, given: &str, path: &str) -> Result<Organisation, Failure> {
    let found = existing(unit, given, path).await?;
    must_stand(unit, &found, path, UserErrorCode::Invalid).await?;
    Ok(found)
}

/// Refuses a name that is somebody's; of one that was merged it tells whose it is now.
async fn must_be_free(
    unit: &Unit<'_>,
    name: &str,
    path: &str,
    words: &str,
    own: Option<OrganisationId>,
) -> Result<(), Failure> {
    match registry::named(unit.tx(), name).await? {
        Some(n) if Some(n.id) != own && n.id != n.survivor => {
            let message = format!("This name belongs to {}, into which its holder was merged.", n.survivor_name);
            Err(Failure::user(UserErrorCode::AlreadyExists, path, message))
        }
        Some(n) if Some(n.id) != own => Err(Failure::user(UserErrorCode::AlreadyExists, path, words)),
        _ => Ok(()),
    }
}

/// Decides whether two organisations that look alike are one. Merging itself is a step of its own.
pub async fn decide(
    ctx: &Context,
    asked: &Asked,
    likeness: &str,
    decision: LikenessDecision,
) -> Result<Done<LikenessId>, Failure> {
    ctx.require(KEEPERS)?;
    if decision == LikenessDecision::Undecided {
        return Err(Failure::user(UserErrorCode::Invalid, "decision", "Decide SAME or DIFFERENT."));
    }
    let unit: Unit<'_> = begin!(ctx, "likelyDuplicateDecide", asked);
    let Some(id) = LikenessId::parse(likeness) else { return Err(UserError::not_found("likelyDuplicateId").into()) };
    if !registry::decide(unit.tx(), id, decision, unit.by).await? {
        return Err(Failure::user(
            UserErrorCode::NotFound,
            "likelyDuplicateId",
            "There is no such likely duplicate that is still undecided.",
        ));
    }
    unit.finish("likely_duplicate.decided", id).await
}

/// A team as it is asked for.
#[derive(Clone, Debug)]
pub struct TeamAsked {
    /// Its organisation, a partner.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// What it refuses to be told before it has met the person (C8).
    pub refuses: Vec<Category>,
}

/// Registers a team of a partner agency.
pub async fn register_team(ctx: &Context, asked: &Asked, t: &TeamAsked) -> Result<Done<TeamId>, Failure> {
    ctx.require(&[Role::Administrator])?;
    let mut problems = Problems::default();
    let name = problems.text("name", &t.name, text::NAME);
    problems.done()?;
    let refuses = refusable(&t.refuses)?;
    let unit: Unit<'_> = begin!(ctx, "teamRegister", asked);
    registry::hold_names(unit.tx()).await?;
    let o = standing(&unit, &t.organisation, "organisationId").await?;
    if !o.is_partner {
        return Err(Failure::user(
            UserErrorCode::Invalid,
            "organisationId",
            "Only partner agencies have teams here.",
        ));
    }
    if registry::team_named(unit.tx(), o.id, &name).await?.is_some() {
        return Err(Failure::user(UserErrorCode::AlreadyExists, "name", "The organisation has a team of this name."));
    }
    let id = TeamId(ctx.app.random.uuid_timed(unit.by.at));
    let team =
        Team { id, organisation: o.id, name, is_hub: false, refuses, room: None, room_stated_at: None, version: 1 };
    registry::register_team(unit.tx(), &team, unit.by.at).await?;
    unit.finish("team.registered", id).await
}

fn refusable(list: &[Category]) -> Result<Categories, Failure> {
    let refuses: Categories = list.iter().copied().collect();
    if refuses.intersection(NEVER_REFUSED).is_empty() {
        return Ok(refuses);
    }
    let message = "Even the strictest intake profile takes NAME, CONTACT, ACCESS_NEEDS and LONE_WORKING.";
    Err(Failure::user(UserErrorCode::Invalid, "refuses", message))
}

/// Sets a team's intake profile: the team's own manager, or an administrator.
pub async fn set_intake(
    ctx: &Context,
    asked: &Asked,
    team: &str,
    version: i64,
    refuses: &[Category],
) -> Result<Done<TeamId>, Failure> {
    ctx.require(&[Role::TeamManager, Role::Administrator])?;
    let refuses = refusable(refuses)?;
    let unit: Unit<'_> = begin!(ctx, "teamSetIntakeProfile", asked);
    let found = match TeamId::parse(team) {
        Some(id) => registry::one_team(unit.tx(), id).await?,
        None => None,
    };
    let Some(team) = found else { return Err(UserError::not_found("teamId").into()) };
    if !ctx.viewer.roles.has(Role::Administrator) && !ctx.viewer.in_team(team.id) {
        return Err(Failure::user(
            UserErrorCode::NotAllowed,
            "teamId",
            "A manager sets the profile of their own teams.",
        ));
    }
    if !registry::set_intake(unit.tx(), team.id, refuses, version).await? {
        return Err(Failure::conflict());
    }
    unit.finish("team.intake_profile_set", team.id).await
}

/// A service as it is asked for.
#[derive(Clone, Debug)]
pub struct ServiceAsked {
    /// Who offers it.
    pub organisation: String,
    /// The team that runs it.
    pub team: Option<String>,
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Whom it is for.
    pub criteria: String,
    /// Where it works.
    pub area: String,
    /// How to reach it.
    pub contact: String,
}

/// Registers a service of a partner or an outside organisation.
pub async fn register_service(ctx: &Context, asked: &Asked, s: &ServiceAsked) -> Result<Done<ServiceId>, Failure> {
    ctx.require(KEEPERS)?;
    let mut problems = Problems::default();
    let name = problems.text("name", &s.name, text::NAME);
    let description = problems.text("description", &s.description, text::FREE);
    let criteria = problems.text("criteria", &s.criteria, text::FREE);
    let area = problems.text("area", &s.area, text::LINE);
    let contact = problems.text("contact", &s.contact, text::LINE);
    problems.done()?;
    let unit: Unit<'_> = begin!(ctx, "serviceRegister", asked);
    let o = standing(&unit, &s.organisation, "organisationId").await?;
    let team = match &s.team {
        None => None,
        Some(given) => {
            let found = match TeamId::parse(given) {
                Some(id) => registry::one_team(unit.tx(), id).await?.filter(|t| t.organisation == o.id),
                None => None,
            };
            Some(found.ok_or_else(|| UserError::not_found("teamId"))?.id)
        }
    };
    let id = ServiceId(ctx.app.random.uuid_timed(unit.by.at));
    let service = Service {
        id,
        organisation: o.id,
        team,
        name,
        description,
        criteria,
        stated: None,
        criteria_changed_at: unit.by.at,
        area,
        contact,
        status: ServiceStatus::Active,
        version: 1,
    };
    registry::register_service(unit.tx(), &service, unit.by.at).await?;
    unit.finish("service.registered", id).await
}

/// A membership as it is asked for.
#[derive(Clone, Debug)]
pub struct MembershipAsked {
    /// Who vouches for the person.
    pub issuer: String,
    /// As whom.
    pub subject: String,
    /// The person's name; kept when the identity is known already.
    pub name: String,
    /// The organisation.
    pub organisation: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Teams of that organisation.
    pub teams: Vec<String>,
}

/// Gives a person a membership, registering them when their identity is new.
pub async fn grant_membership(
    ctx: &Context,
    asked: &Asked,
    m: &MembershipAsked,
) -> Result<Done<MembershipId>, Failure> {
    ctx.require(&[Role::Administrator])?;
    let mut problems = Problems::default();
    let issuer = problems.text("issuer", &m.issuer, text::LINE);
    let subject = problems.text("subject", &m.subject, text::LINE);
    let name = problems.text("name", &m.name, text::NAME);
    if m.roles.is_empty() {
        problems.add(UserError::at(UserErrorCode::Invalid, "roles", "Name at least one role."));
    }
    if m.roles.contains(&Role::Client) {
        let message = "A client's token is bound to the client, not to an organisation.";
        problems.add(UserError::at(UserErrorCode::Invalid, "roles", message));
    }
    problems.done()?;
    let unit: Unit<'_> = begin!(ctx, "membershipGrant", asked);
    registry::hold_names(unit.tx()).await?;
    let o = standing(&unit, &m.organisation, "organisationId").await?;
    let mut teams = Vec::new();
    for given in &m.teams {
        let found = match TeamId::parse(given) {
            Some(id) => registry::one_team(unit.tx(), id).await?.filter(|t| t.organisation == o.id),
            None => None,
        };
        teams.push(found.ok_or_else(|| UserError::not_found("teamIds"))?.id);
    }
    teams.sort();
    teams.dedup();
    let random = &*ctx.app.random;
    let person = match person::person_of(unit.tx(), &issuer, &subject).await? {
        Some(known) => known,
        None => {
            let new = person::NewPerson { id: PersonId(random.uuid_timed(unit.by.at)), name, issuer, subject };
            person::register(unit.tx(), &new, unit.by.at, random).await?;
            new.id
        }
    };
    if person == ctx.viewer.person {
        let message = "Nobody gives a membership to themselves: ask another administrator.";
        return Err(Failure::user(UserErrorCode::NotAllowed, "subject", message));
    }
    if person::live_membership(unit.tx(), person, o.id).await?.is_some() {
        let message = "The person is a member of this organisation already. End that membership first.";
        return Err(Failure::user(UserErrorCode::AlreadyExists, "organisationId", message));
    }
    let id = MembershipId(random.uuid_timed(unit.by.at));
    person::join(unit.tx(), id, person, o.id, m.roles.iter().copied().collect(), &teams, unit.by.at).await?;
    let done = unit.finish("membership.granted", id).await?;
    if matches!(done, Done::Changed(_)) && m.roles.contains(&Role::SafeguardingLead) {
        // What waits for a lead is put before this one as well: by a job, for who grants memberships learns of no client.
        ctx.app.jobs.notify_one();
    }
    Ok(done)
}

/// Ends a membership; it opens nothing from the next statement on.
pub async fn end_membership(
    ctx: &Context,
    asked: &Asked,
    given: &str,
    version: i64,
) -> Result<Done<MembershipId>, Failure> {
    ctx.require(&[Role::Administrator])?;
    let unit: Unit<'_> = begin!(ctx, "membershipEnd", asked);
    let Some(id) = MembershipId::parse(given) else { return Err(UserError::not_found("membershipId").into()) };
    if !person::end_membership(unit.tx(), id, version, unit.by).await? {
        let known = person::membership_exists(unit.tx(), id).await?;
        return Err(if known { Failure::conflict() } else { UserError::not_found("membershipId").into() });
    }
    unit.finish("membership.ended", id).await
}
