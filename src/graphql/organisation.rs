//! The registry: organisations, teams, services, memberships. Not client-bound.

use super::contact::OrganisationContact;
use super::criteria::Criteria;
use super::failure::ApiError;
use super::merge::OrganisationMerge;
use super::pagination::connection;
use super::query::KEEPERS;
use super::request;
use super::scalars::DateTime;
use super::siblings::{Siblings, What};
use crate::domain::category::Category;
use crate::domain::ids::{OrganisationId, TypedId};
use crate::domain::merge::merged_into;
use crate::domain::organisation::{LikenessDecision, OrganisationStatus, ServiceStatus};
use crate::domain::organisation_name::{LikeReason, OrganisationKind};
use crate::domain::role::Role;
use crate::persistence::capacity::Worker;
use crate::persistence::contact::{self as contacts, Contact as ContactRow};
use crate::persistence::merge as merges;
use crate::persistence::organisation::{
    self as registry, LikelyDuplicate as LikenessRow, Organisation as Row, Services,
};
use crate::persistence::organisation::{Service as ServiceRow, Team as TeamRow};
use crate::persistence::person::Membership as MembershipRow;
use async_graphql::{Context, ID, Object, SimpleObject};
use std::sync::Arc;

/// An organisation of the registry: a partner agency, a referring organisation, or a category such as "Self".
#[derive(Clone)]
pub struct Organisation {
    row: Arc<Row>,
    siblings: Arc<Siblings<OrganisationId>>,
}

impl Organisation {
    /// Organisations that came in one statement.
    pub fn group(found: Vec<Row>) -> Vec<Self> {
        let siblings = Siblings::of(found.iter().map(|o| o.id).collect());
        found.into_iter().map(|row| Self { row: Arc::new(row), siblings: Arc::clone(&siblings) }).collect()
    }

    /// The organisation.
    pub fn key(&self) -> OrganisationId {
        self.row.id
    }

    /// The organisation that stands for it: itself where it was not merged.
    pub fn standing_key(&self) -> OrganisationId {
        self.row.merged_into.unwrap_or(self.row.id)
    }

    /// The body it is an office of.
    pub fn parent_key(&self) -> Option<OrganisationId> {
        self.row.parent
    }
}

/// An organisation of the registry: a partner agency, a referring organisation, or a category such as "Self".
#[Object]
impl Organisation {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.row.id.global().into()
    }

    /// Version, to change it by.
    async fn version(&self) -> i64 {
        self.row.version
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// What kind of body it is.
    async fn kind(&self) -> OrganisationKind {
        self.row.kind
    }

    /// Whether it is a partner agency of the Alliance.
    async fn is_partner(&self) -> bool {
        self.row.is_partner
    }

    /// Whether it is a category such as "Self" or "GP" rather than a body; a category never holds a grant (C2).
    async fn is_category(&self) -> bool {
        self.row.is_category
    }

    /// Whether it takes part.
    async fn status(&self) -> OrganisationStatus {
        self.row.status
    }

    /// The categories that a link between a client and it implies (C11).
    async fn implied_categories(&self) -> Vec<Category> {
        self.row.implies.iter().collect()
    }

    /// Years that it keeps what it recorded and the referrals it sent, after the last closure of a person's referrals and cases (C24).
    async fn retention_years(&self) -> i64 {
        self.row.retention_years
    }

    /// Other names it is known by.
    async fn aliases(&self, ctx: &Context<'_>) -> Result<Vec<String>, ApiError> {
        let database = &request(ctx).app.database;
        let all = self
            .siblings
            .load::<Vec<(OrganisationId, String)>, _>("aliases", async {
                Ok(registry::aliases(database, &self.siblings.keys).await?)
            })
            .await?;
        Ok(all.iter().filter(|(o, _)| *o == self.row.id).map(|(_, name)| name.clone()).collect())
    }

    /// The body it is an office of.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Organisation>, ApiError> {
        let Some(of) = self.row.parent else { return Ok(None) };
        let database = &request(ctx).app.database;
        let found = self
            .siblings
            .load::<Vec<Organisation>, _>(What::one("parent", of.0), async {
                Ok(Organisation::group(registry::by_id(database, &[of]).await?))
            })
            .await?;
        Ok(found.first().cloned())
    }

    /// The organisation that stands for it since it was merged; `null` where it was not.
    async fn merged_into(&self, ctx: &Context<'_>) -> Result<Option<Organisation>, ApiError> {
        let Some(survivor) = self.row.merged_into else { return Ok(None) };
        let database = &request(ctx).app.database;
        let all = self
            .siblings
            .load::<Vec<Organisation>, _>("merged into", async {
                Ok(Organisation::group(registry::survivors(database, &self.siblings.keys).await?))
            })
            .await?;
        Ok(all.iter().find(|o| o.key() == survivor).cloned())
    }

    /// What was merged into it, at once or through others.
    async fn merged(&self, ctx: &Context<'_>) -> Result<Vec<Organisation>, ApiError> {
        let database = &request(ctx).app.database;
        let all = self
            .siblings
            .load::<Vec<(OrganisationId, Organisation)>, _>("merged", async {
                let standing = merges::standing_now(database).await?;
                let of = |o: &OrganisationId| merged_into(&standing, *o).into_iter().map(|m| (*o, m)).collect();
                let pairs: Vec<(OrganisationId, OrganisationId)> =
                    self.siblings.keys.iter().flat_map(|o| -> Vec<_> { of(o) }).collect();
                let mut list: Vec<_> = pairs.iter().map(|(_, m)| *m).collect();
                list.sort();
                list.dedup();
                let found = Organisation::group(registry::by_id(database, &list).await?);
                let one = |m: &OrganisationId| found.iter().find(|o| o.key() == *m).cloned();
                Ok(pairs.iter().filter_map(|(of, m)| Some((*of, one(m)?))).collect())
            })
            .await?;
        Ok(all.iter().filter(|(of, _)| *of == self.row.id).map(|(_, o)| o.clone()).collect())
    }

    /// The merges it was part of, undone ones too, newest first. For hub coordinators and administrators; empty for everybody else.
    async fn merges(&self, ctx: &Context<'_>) -> Result<Vec<OrganisationMerge>, ApiError> {
        if !request(ctx).viewer.roles.any(KEEPERS) {
            return Ok(Vec::new());
        }
        let database = &request(ctx).app.database;
        let all = self
            .siblings
            .load::<Vec<OrganisationMerge>, _>("merges", async {
                Ok(OrganisationMerge::group(merges::history(database, &self.siblings.keys).await?))
            })
            .await?;
        Ok(all.iter().filter(|m| m.is_of(self.row.id)).cloned().collect())
    }

    /// Whom to reach there. For hub coordinators and administrators; empty for everybody else.
    async fn contacts(&self, ctx: &Context<'_>) -> Result<Vec<OrganisationContact>, ApiError> {
        if !request(ctx).viewer.roles.any(KEEPERS) {
            return Ok(Vec::new());
        }
        let database = &request(ctx).app.database;
        let all = self
            .siblings
            .load::<Vec<ContactRow>, _>("contacts", async { Ok(contacts::of(database, &self.siblings.keys).await?) })
            .await?;
        Ok(all.iter().filter(|c| c.organisation == self.row.id).cloned().map(OrganisationContact).collect())
    }

    /// Its teams.
    async fn teams(&self, ctx: &Context<'_>) -> Result<Vec<Team>, ApiError> {
        let database = &request(ctx).app.database;
        let all = self
            .siblings
            .load::<Vec<TeamRow>, _>("teams", async {
                Ok(registry::teams(database, &self.siblings.keys, &[]).await?)
            })
            .await?;
        Ok(all.iter().filter(|t| t.organisation == self.row.id).cloned().map(Team).collect())
    }

    /// Its services.
    async fn services(&self, ctx: &Context<'_>) -> Result<Vec<Service>, ApiError> {
        let database = &request(ctx).app.database;
        let all = self
            .siblings
            .load::<Vec<ServiceRow>, _>("services", async {
                Ok(registry::services(database, Services::Of(&self.siblings.keys)).await?)
            })
            .await?;
        Ok(all.iter().filter(|s| s.organisation == self.row.id).cloned().map(Service).collect())
    }
}

connection!(
    OrganisationConnection "A page of organisations.",
    OrganisationEdge "One of a page of organisations, with its cursor.",
    Organisation,
    |o| o.key().global()
);

/// A team of a partner agency.
#[derive(Clone)]
pub struct Team(pub TeamRow);

/// A team of a partner agency.
#[Object]
impl Team {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.0.id.global().into()
    }

    /// Version, to change it by.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether it is the referrals hub.
    async fn is_hub(&self) -> bool {
        self.0.is_hub
    }

    /// Its intake profile: the categories it refuses to be told before it has met the person (C8). A referrer is told so
    /// before submitting.
    async fn refuses(&self) -> Vec<Category> {
        self.0.refuses.iter().collect()
    }

    /// How many more people it takes, as it stated; `null` where it stated nothing.
    async fn room(&self) -> Option<i64> {
        self.0.room
    }

    /// When it stated that.
    async fn room_stated_at(&self) -> Option<DateTime> {
        self.0.room_stated_at.map(DateTime)
    }

    /// What its support workers have in hand, as far as the viewer sees it; for who works in the team, empty for everybody else.
    async fn caseloads(&self, ctx: &Context<'_>) -> Result<Vec<WorkerCaseload>, ApiError> {
        let request = request(ctx);
        let works = request.viewer.roles.any(&[Role::SupportWorker, Role::TeamManager]);
        if !works || !request.viewer.in_team(self.0.id) {
            return Ok(Vec::new());
        }
        Ok(request.scope().caseloads(&[self.0.id]).await?.into_iter().map(Into::into).collect())
    }

    /// Global id of its organisation.
    async fn organisation_id(&self) -> ID {
        self.0.organisation.global().into()
    }
}

/// What a support worker has in hand: up to 25 people each, 30 where their support is digital alone.
#[derive(SimpleObject)]
pub struct WorkerCaseload {
    /// Global id of the person.
    person_id: ID,
    /// Their name.
    name: String,
    /// Open cases of the team that they lead and the viewer sees.
    open_cases: i64,
    /// Whether their support is digital alone.
    is_digital: bool,
    /// How many people they support at most.
    limit: i64,
    /// How many more they could take.
    room: i64,
}

impl From<Worker> for WorkerCaseload {
    fn from(w: Worker) -> Self {
        Self {
            person_id: w.person.global().into(),
            name: w.name,
            open_cases: w.caseload.open,
            is_digital: w.caseload.is_digital,
            limit: w.caseload.limit(),
            room: w.caseload.room(),
        }
    }
}

/// A service that a partner or an outside organisation offers.
#[derive(Clone)]
pub struct Service(pub ServiceRow);

/// A service that a partner or an outside organisation offers.
#[Object]
impl Service {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.0.id.global().into()
    }

    /// Version, to change it by.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it does.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Whom it is for, in its own words.
    async fn criteria(&self) -> &str {
        &self.0.criteria
    }

    /// Whom it is for, as data; `null` where it states it in words alone.
    async fn stated_criteria(&self) -> Option<Criteria> {
        self.0.stated.as_deref().map(Into::into)
    }

    /// When the criteria last changed.
    async fn criteria_changed_at(&self) -> DateTime {
        DateTime(self.0.criteria_changed_at)
    }

    /// Where it works.
    async fn area(&self) -> &str {
        &self.0.area
    }

    /// How to reach it.
    async fn contact(&self) -> &str {
        &self.0.contact
    }

    /// Whether it can be used.
    async fn status(&self) -> ServiceStatus {
        self.0.status
    }

    /// Global id of the organisation that offers it.
    async fn organisation_id(&self) -> ID {
        self.0.organisation.global().into()
    }

    /// Global id of the team that runs it.
    async fn team_id(&self) -> Option<ID> {
        self.0.team.map(|t| t.global().into())
    }
}

connection!(
    ServiceConnection "A page of services.",
    ServiceEdge "One of a page of services, with its cursor.",
    Service,
    |s| s.0.id.global()
);

/// A person's membership of an organisation, with roles and teams. For administrators.
#[derive(Clone)]
pub struct Membership(pub MembershipRow);

/// A person's membership of an organisation, with roles and teams. For administrators.
#[Object]
impl Membership {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.0.id.global().into()
    }

    /// Version, to change it by.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Global id of the person.
    async fn person_id(&self) -> ID {
        self.0.person.global().into()
    }

    /// The person's name.
    async fn person_name(&self) -> &str {
        &self.0.person_name
    }

    /// Global id of the organisation.
    async fn organisation_id(&self) -> ID {
        self.0.organisation.global().into()
    }

    /// The organisation's name.
    async fn organisation_name(&self) -> &str {
        &self.0.organisation_name
    }

    /// Roles; a token's roles count only as far as these hold them (C21).
    async fn roles(&self) -> Vec<Role> {
        self.0.roles.iter().collect()
    }

    /// Since when.
    async fn started_at(&self) -> DateTime {
        DateTime(self.0.started_at)
    }

    /// Until when.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }
}

connection!(
    MembershipConnection "A page of memberships.",
    MembershipEdge "One of a page of memberships, with its cursor.",
    Membership,
    |m| m.0.id.global()
);

/// Two organisations that look alike, for a person to decide on.
#[derive(Clone)]
pub struct LikelyDuplicate {
    row: LikenessRow,
    siblings: Arc<Siblings<OrganisationId>>,
}

impl LikelyDuplicate {
    /// Those that came in one statement.
    pub fn group(found: Vec<LikenessRow>) -> Vec<Self> {
        let mut keys: Vec<_> = found.iter().flat_map(|l| [l.first, l.second]).collect();
        keys.sort();
        keys.dedup();
        let siblings = Siblings::of(keys);
        found.into_iter().map(|row| Self { row, siblings: Arc::clone(&siblings) }).collect()
    }

    /// Its global id.
    pub fn global(&self) -> String {
        self.row.id.global()
    }

    async fn side(&self, ctx: &Context<'_>, of: OrganisationId) -> Result<Option<Organisation>, ApiError> {
        let database = &request(ctx).app.database;
        let all = self
            .siblings
            .load::<Vec<Organisation>, _>("organisations", async {
                Ok(Organisation::group(registry::by_id(database, &self.siblings.keys).await?))
            })
            .await?;
        Ok(all.iter().find(|o| o.key() == of).cloned())
    }
}

/// Two organisations that look alike, for a person to decide on.
#[Object]
impl LikelyDuplicate {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.global().into()
    }

    /// The one.
    async fn first(&self, ctx: &Context<'_>) -> Result<Option<Organisation>, ApiError> {
        self.side(ctx, self.row.first).await
    }

    /// The other.
    async fn second(&self, ctx: &Context<'_>) -> Result<Option<Organisation>, ApiError> {
        self.side(ctx, self.row.second).await
    }

    /// Why they look alike.
    async fn reason(&self) -> LikeReason {
        self.row.reason
    }

    /// How alike, in per cent: for ordering a list, not a probability.
    async fn score_percent(&self) -> i64 {
        self.row.score
    }

    /// What was decided.
    async fn decision(&self) -> LikenessDecision {
        self.row.decision
    }
}

connection!(
    LikelyDuplicateConnection "A page of likely duplicates.",
    LikelyDuplicateEdge "One of a page of likely duplicates, with its cursor.",
    LikelyDuplicate,
    LikelyDuplicate::global
);
