//! Where a referral could go.

use super::criteria::ServiceEligibility;
use super::scalars::DateTime;
use crate::domain::category::Category;
use crate::domain::criteria::{Circumstance, District, HouseholdKind, Need};
use crate::domain::eligibility::Applicant;
use crate::domain::routing::Nearness;
use crate::service::routing::Suggestion;
use async_graphql::{ID, InputObject, SimpleObject};

/// What the coordinator knows beside the record, to suggest services by. None of it is stored or logged. Age, postcode and urgency
/// are taken from the record, as far as they are open.
#[derive(InputObject, Default)]
pub struct SuggestionInput {
    /// What the person needs help with; one that a service helps with suffices.
    #[graphql(default)]
    pub needs: Vec<Need>,
    /// Where they live.
    pub district: Option<District>,
    /// Who lives with them.
    pub household: Option<HouseholdKind>,
    /// What applies to them of what services exclude; an empty list says that nothing does.
    pub circumstances: Option<Vec<Circumstance>>,
    /// The language they speak, as a BCP 47 tag, `pl`.
    pub language: Option<String>,
    /// The service that they wish for, by global id.
    pub wish: Option<ID>,
}

impl SuggestionInput {
    /// As eligibility judges it.
    pub fn applicant(&self) -> Applicant {
        Applicant {
            needs: self.needs.clone(),
            district: self.district,
            postcode_area: None,
            age: None,
            household: self.household,
            urgency: None,
            circumstances: self.circumstances.clone(),
            language: self.language.clone(),
        }
    }
}

/// A service that the referral could go to. What is not open to the viewer counts as not told.
#[derive(SimpleObject)]
pub struct SuggestedService {
    /// The service, whether the person fits, and why or why not. INVOLVEMENT (C1).
    eligibility: ServiceEligibility,
    /// How near it works to where the person lives. CONTACT (C1, C7).
    near: Nearness,
    /// Whether it is the one that the person wishes for. INVOLVEMENT (C1).
    is_wished: bool,
    /// Whether its team declined this referral before. INVOLVEMENT (C1).
    has_declined: bool,
    /// How many more people its team takes, as it stated. INVOLVEMENT (C1).
    room: Option<i64>,
    /// When it stated that. INVOLVEMENT (C1).
    room_stated_at: Option<DateTime>,
    /// The categories that every offer to its team leaves out, because the team asked not to be told before it has met the person,
    /// whatever this referral holds. INVOLVEMENT (C1, C8).
    left_out: Vec<Category>,
}

impl SuggestedService {
    /// From a suggestion, and what an offer to its team leaves out.
    pub fn of(s: Suggestion, left_out: Vec<Category>) -> Self {
        Self {
            near: s.near,
            room: s.stands.offered.room.map(|(room, _)| room),
            room_stated_at: s.stands.offered.room.map(|(_, at)| DateTime(at)),
            is_wished: !s.order.is_not_wished,
            has_declined: s.order.has_declined,
            eligibility: s.stands.into(),
            left_out,
        }
    }
}
