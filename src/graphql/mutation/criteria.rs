//! Whom services are for: stated.

use super::{Conventions, input, outcome, payload};
use crate::domain::criteria::{Availability, Circumstance, Criteria, District, HouseholdKind, Need};
use crate::domain::ids::{ServiceId, TypedId};
use crate::domain::referral::Urgency;
use crate::graphql::failure::ApiError;
use crate::graphql::organisation::Service;
use crate::graphql::{query, request};
use crate::service::criteria as service;
use async_graphql::{Context, ID, Object};

input! { "Whom a service is for. What is left out sets no condition." ServiceStateCriteriaInput {
    /// Global id of the service.
    service_id: ID,
    /// The version that was read.
    version: i64,
    /// What it helps with.
    needs: Option<Vec<Need>>,
    /// The districts it works in.
    districts: Option<Vec<District>>,
    /// The outward parts of the postcodes it works in, `OX16`, at most 100; with districts, either suffices.
    postcode_areas: Option<Vec<String>>,
    /// The youngest it is for, in years, 0 to 120.
    min_age: Option<i64>,
    /// The oldest it is for, in years, 0 to 120.
    max_age: Option<i64>,
    /// The households it is for.
    households: Option<Vec<HouseholdKind>>,
    /// The urgencies it takes.
    urgencies: Option<Vec<Urgency>>,
    /// What it excludes.
    excludes: Option<Vec<Circumstance>>,
    /// The languages it works in, as BCP 47 tags, `en`, `pt-BR`, at most 100.
    languages: Option<Vec<String>>,
    /// Whether it takes people at present.
    availability: Availability,
    /// Days that people wait at present, 0 to 3650, where it is known.
    wait_days: Option<i64>,
    /// The same in the service's own words; those there are stay when left out.
    words: Option<String>,
} }
payload!(ServiceStateCriteriaPayload, service: Service, "service");

/// Criteria.
#[derive(Default)]
pub struct CriteriaMutations;

/// Criteria.
#[Object]
impl CriteriaMutations {
    /// States whom a service is for, as a new version of its criteria. For the manager of the team that runs it, for the hub where
    /// it is no partner's, and for administrators.
    async fn service_state_criteria(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what.")] input: ServiceStateCriteriaInput,
    ) -> Result<ServiceStateCriteriaPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let criteria = Criteria {
            needs: input.needs.unwrap_or_default(),
            districts: input.districts.unwrap_or_default(),
            postcode_areas: input.postcode_areas.unwrap_or_default(),
            min_age: input.min_age,
            max_age: input.max_age,
            households: input.households.unwrap_or_default(),
            urgencies: input.urgencies.unwrap_or_default(),
            excludes: input.excludes.unwrap_or_default(),
            languages: input.languages.unwrap_or_default(),
            availability: input.availability,
            wait_days: input.wait_days,
        };
        let which = (input.service_id.as_str(), input.version);
        let done = service::state(request, &asked, which, &criteria, input.words.as_deref()).await;
        let read = async |id: ServiceId| query::service(request, &id.global()).await;
        Ok(ServiceStateCriteriaPayload::of(outcome(done, read).await?))
    }
}
