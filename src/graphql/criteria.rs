//! Whom services are for, as data and in words, and where a person would fit. Not client-bound.

use super::failure::ApiError;
use super::organisation::Service;
use super::referral::Referral;
use super::request;
use super::scalars::DateTime;
use crate::domain::clock::Timestamp;
use crate::domain::criteria::{Availability, Circumstance, Criteria as Row, District, HouseholdKind, Need};
use crate::domain::eligibility::{Applicant, Criterion, CriterionVerdict, Fit};
use crate::domain::ids::{ServiceId, TypedId};
use crate::domain::referral::Urgency;
use crate::persistence::criteria::{self, Version};
use crate::persistence::organisation::{self as registry, Services};
use crate::service::context::Context as Request;
use crate::service::eligibility::{self as service, Odd, Stands};
use async_graphql::{Context, InputObject, Object, SimpleObject};

/// The most versions of a service's criteria that are told.
const VERSIONS: i64 = 100;
/// The most changes that are told.
const CHANGES: i64 = 100;

/// Whom a service is for, as data. An empty list, or no age, sets no condition.
#[derive(SimpleObject)]
pub struct Criteria {
    /// What it helps with.
    needs: Vec<Need>,
    /// The districts it works in.
    districts: Vec<District>,
    /// The outward parts of the postcodes it works in; where districts are named as well, either suffices.
    postcode_areas: Vec<String>,
    /// The youngest it is for, in years.
    min_age: Option<i64>,
    /// The oldest it is for, in years.
    max_age: Option<i64>,
    /// The households it is for.
    households: Vec<HouseholdKind>,
    /// The urgencies it takes.
    urgencies: Vec<Urgency>,
    /// What it excludes.
    excludes: Vec<Circumstance>,
    /// The languages it works in, as BCP 47 tags.
    languages: Vec<String>,
    /// Whether it takes people at present.
    availability: Availability,
    /// Days that people wait at present, where it is known.
    wait_days: Option<i64>,
    /// All of it in words, a line a criterion.
    in_words: Vec<String>,
}

impl From<&Row> for Criteria {
    fn from(c: &Row) -> Self {
        let Row { needs, districts, postcode_areas, min_age, max_age, households, urgencies, .. } = c.clone();
        let Row { excludes, languages, availability, wait_days, .. } = c.clone();
        let in_words = c.in_words();
        Self {
            needs,
            districts,
            postcode_areas,
            min_age,
            max_age,
            households,
            urgencies,
            excludes,
            languages,
            availability,
            wait_days,
            in_words,
        }
    }
}

/// One version of what a service states.
#[derive(SimpleObject)]
pub struct CriteriaVersion {
    /// Counted from 1.
    number: i64,
    /// When it was stated.
    changed_at: DateTime,
    /// What is another way than in the version before, a line a criterion.
    changes: Vec<String>,
    /// What it states.
    criteria: Criteria,
}

impl From<Version> for CriteriaVersion {
    fn from(v: Version) -> Self {
        Self {
            number: v.number,
            changed_at: DateTime(v.changed_at),
            changes: v.changes,
            criteria: (&v.criteria).into(),
        }
    }
}

/// The versions of a service's criteria, newest first.
pub(super) async fn history(request: &Request, of: &str) -> Result<Vec<CriteriaVersion>, ApiError> {
    let Some(of) = ServiceId::parse(of) else { return Ok(Vec::new()) };
    let found = criteria::history(&request.app.database, of, VERSIONS).await?;
    Ok(found.into_iter().map(Into::into).collect())
}

/// What is told of a person to ask where they would fit. None of it is stored or logged. What is left out leaves a criterion
/// open instead of failing it.
#[derive(InputObject)]
pub struct EligibilityInput {
    /// What they need help with; one that a service helps with suffices.
    #[graphql(default)]
    needs: Vec<Need>,
    /// Where they live.
    district: Option<District>,
    /// The postcode of where they live, whole or its outward part alone, `OX16`.
    postcode: Option<String>,
    /// Their age in years, 0 to 120.
    age: Option<i64>,
    /// Who lives with them.
    household: Option<HouseholdKind>,
    /// How soon a home may be lost.
    urgency: Option<Urgency>,
    /// What applies to them of what services exclude; an empty list says that nothing does.
    circumstances: Option<Vec<Circumstance>>,
    /// The language they speak, as a BCP 47 tag, `pl`.
    language: Option<String>,
}

impl From<EligibilityInput> for Applicant {
    fn from(e: EligibilityInput) -> Self {
        Self {
            needs: e.needs,
            district: e.district,
            postcode_area: e.postcode,
            age: e.age,
            household: e.household,
            urgency: e.urgency,
            circumstances: e.circumstances,
            language: e.language,
        }
    }
}

/// Whether one criterion of a service is met.
#[derive(SimpleObject)]
pub struct CriterionReason {
    /// Which.
    criterion: Criterion,
    /// Whether it is met.
    verdict: CriterionVerdict,
    /// In words: what the service wants, and what is so.
    message: String,
}

/// A service, and whether a person would fit it.
#[derive(SimpleObject)]
pub struct ServiceEligibility {
    /// The service.
    service: Service,
    /// The name of the organisation that offers it.
    organisation_name: String,
    /// Whether the person would fit.
    fit: Fit,
    /// Criterion by criterion, those that the service sets.
    reasons: Vec<CriterionReason>,
}

impl From<Stands> for ServiceEligibility {
    fn from(s: Stands) -> Self {
        let reasons = s
            .reasons
            .into_iter()
            .map(|r| CriterionReason { criterion: r.criterion, verdict: r.verdict, message: r.message })
            .collect();
        Self {
            service: Service(s.offered.service),
            organisation_name: s.offered.organisation_name,
            fit: s.fit,
            reasons,
        }
    }
}

/// What a service states otherwise than it did.
#[derive(SimpleObject, Clone)]
pub struct CriteriaChange {
    /// The service.
    service: Service,
    /// When it changed.
    pub(super) changed_at: DateTime,
    /// What is another way than before, a line a criterion.
    changes: Vec<String>,
}

/// Where a person would fit. Nothing that was told of them is kept.
pub struct Eligibility {
    services: Vec<Stands>,
    signposts: Vec<Stands>,
}

/// Where a person would fit. Nothing that was told of them is kept.
#[Object]
impl Eligibility {
    /// Every service that a referral can lead to, those that fit first.
    async fn services(&self) -> Vec<ServiceEligibility> {
        self.services.iter().cloned().map(Into::into).collect()
    }

    /// Where none of them fits: other services to point the person to, at most 10, those that fit first.
    async fn signposts(&self) -> Vec<ServiceEligibility> {
        self.signposts.iter().cloned().map(Into::into).collect()
    }

    /// The referral that the viewer's organisation submitted last, of those the viewer sees as their sender; `null` where there is
    /// none. Its `criteriaChangedSince` tells what services changed since.
    async fn last_referral(&self, ctx: &Context<'_>) -> Result<Option<Referral>, ApiError> {
        let request = request(ctx);
        let found = request.scope().last_sent().await?;
        Ok(Referral::group(request, found.into_iter().collect()).pop())
    }
}

/// What services that a referral can lead to changed after a moment, newest first.
pub(super) async fn changed_since(request: &Request, moment: Timestamp) -> Result<Vec<CriteriaChange>, ApiError> {
    let database = &request.app.database;
    let changes = criteria::since(database, moment, CHANGES).await?;
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let mut ids: Vec<_> = changes.iter().map(|v| v.service).collect();
    ids.sort();
    ids.dedup();
    let services = registry::services(database, Services::ById(&ids)).await?;
    let change = |v: Version| {
        let found = services.iter().find(|s| s.id == v.service)?.clone();
        Some(CriteriaChange { service: Service(found), changed_at: DateTime(v.changed_at), changes: v.changes })
    };
    Ok(changes.into_iter().filter_map(change).collect())
}

/// What is wrong with what was told of somebody, in words.
pub(super) fn odd(odd: Odd) -> ApiError {
    ApiError::BadRequest(match odd {
        Odd::Age => "The age must lie between 0 and 120.",
        Odd::Postcode => "The postcode is not one of the United Kingdom, nor its outward part, such as OX16.",
        Odd::Language => "The language is not a language tag, such as en or pt-BR.",
    })
}

/// Where a person would fit.
pub(super) async fn eligibility(request: &Request, input: EligibilityInput) -> Result<Eligibility, ApiError> {
    let who = service::told(input.into()).map_err(odd)?;
    let (services, signposts) = service::eligibility(request, &who).await?;
    Ok(Eligibility { services, signposts })
}
