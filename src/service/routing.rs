//! Where a referral could go: the services of partners in order, each with its reasons. The coordinator decides; nothing is kept.

use super::context::{Context, Failure};
use super::eligibility::{Stands, stands};
use crate::domain::calendar::london_date;
use crate::domain::category::{Categories, Category};
use crate::domain::clock::{Timestamp, parse_date};
use crate::domain::criteria::outward;
use crate::domain::eligibility::Applicant;
use crate::domain::ids::{ClientId, ServiceId, TeamId};
use crate::domain::routing::{Nearness, Order, nearness, order};
use crate::domain::section::Section;
use crate::persistence::client::Entry;
use crate::persistence::criteria::{self, Offered};

/// The most services of partners that are looked at.
const SERVICES: i64 = 1_000;

/// A service that a referral could go to.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// The service, and where the person stands with it.
    pub stands: Stands,
    /// How near it works.
    pub near: Nearness,
    /// What its order goes by.
    pub order: Order,
}

/// The entries that say how old somebody is and where they live, of these clients, as far as the viewer sees them.
pub async fn told_of(ctx: &Context, clients: &[ClientId]) -> Result<Vec<Entry>, Failure> {
    let wanted = Categories::of(&[Category::Birth, Category::Contact]);
    Ok(ctx.scope().own_entries(clients, wanted).await?)
}

/// Fills in what is not said from what the viewer sees: the age, and the outward part of the postcode.
pub fn filled(mut who: Applicant, entries: &[&Entry], now: Timestamp) -> Applicant {
    for entry in entries {
        match &entry.section {
            Section::Birth { date } if who.age.is_none() => {
                let years = parse_date(date).and_then(|born| london_date(now).years_since(born));
                who.age = years.map(i64::from);
            }
            Section::Contact(contact) if who.postcode_area.is_none() => {
                who.postcode_area = contact.postcode.as_deref().and_then(outward);
            }
            _ => {}
        }
    }
    who
}

/// Every service that a referral can lead to.
pub async fn services(ctx: &Context) -> Result<Vec<Offered>, Failure> {
    Ok(criteria::of_partners(&ctx.app.database, SERVICES).await?)
}

/// These services in the order in which they are suggested.
pub fn suggested(
    services: &[Offered],
    who: &Applicant,
    wish: Option<ServiceId>,
    declined: &[TeamId],
) -> Vec<Suggestion> {
    let mut suggestions: Vec<Suggestion> = services
        .iter()
        .map(|offered| {
            let stands = stands(offered.clone(), who);
            let service = &stands.offered.service;
            let criteria = service.stated.as_deref();
            let near = nearness(criteria, &stands.reasons, who);
            let has_declined = service.team.is_some_and(|t| declined.contains(&t));
            let room = stands.offered.room.map(|(room, _)| room);
            let order = order(criteria, stands.fit, near, room, has_declined, wish == Some(service.id));
            Suggestion { stands, near, order }
        })
        .collect();
    // By name among equals, as they came.
    suggestions.sort_by_key(|s| s.order);
    suggestions
}
