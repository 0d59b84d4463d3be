//! Where a person would fit, said before anything is submitted. What is told of them is kept nowhere and logged nowhere.

use super::context::{Context, Failure};
use crate::domain::criteria::{OLDEST, language, outward};
use crate::domain::eligibility::{Applicant, Fit, Reason, assess, fit};
use crate::domain::role::Role;
use crate::persistence::criteria::{self, Offered};

/// Who asks where somebody fits.
const ASKERS: &[Role] = &[Role::Referrer, Role::SupportWorker, Role::TeamManager, Role::HubCoordinator];
/// The most services of partners that are looked at.
const PARTNER_SERVICES: i64 = 1000;
/// The most others that are looked at, and that are told.
const OTHER_SERVICES: i64 = 1000;
const SIGNPOSTS: usize = 10;

/// What is wrong with what was told of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// The age.
    Age,
    /// The postcode.
    Postcode,
    /// The language.
    Language,
}

/// A service, and where the person stands with it.
#[derive(Clone, Debug)]
pub struct Stands {
    /// The service.
    pub offered: Offered,
    /// Whether they fit.
    pub fit: Fit,
    /// Criterion by criterion.
    pub reasons: Vec<Reason>,
}

/// Puts what was told in its usual form, or says what is odd.
pub fn told(mut who: Applicant) -> Result<Applicant, Odd> {
    if who.age.is_some_and(|a| !(0..=OLDEST).contains(&a)) {
        return Err(Odd::Age);
    }
    who.postcode_area = who.postcode_area.map(|p| outward(&p).ok_or(Odd::Postcode)).transpose()?;
    who.language = who.language.map(|l| language(&l).ok_or(Odd::Language)).transpose()?;
    Ok(who)
}

/// Where a person stands with a service.
pub(super) fn stands(offered: Offered, who: &Applicant) -> Stands {
    let reasons = assess(offered.service.stated.as_deref(), who);
    Stands { offered, fit: fit(&reasons), reasons }
}

/// Best first, and by name among equals.
fn judged(all: Vec<Offered>, who: &Applicant) -> Vec<Stands> {
    let mut all: Vec<_> = all.into_iter().map(|offered| stands(offered, who)).collect();
    all.sort_by_key(|s| s.fit);
    all
}

/// Every service that a referral can lead to, and where the person stands with it; where none fits, services to point to.
pub async fn eligibility(ctx: &Context, who: &Applicant) -> Result<(Vec<Stands>, Vec<Stands>), Failure> {
    ctx.require(ASKERS)?;
    let database = &ctx.app.database;
    let services = judged(criteria::of_partners(database, PARTNER_SERVICES).await?, who);
    if services.iter().any(|s| s.fit != Fit::DoesNotFit) {
        return Ok((services, Vec::new()));
    }
    let mut others = judged(criteria::of_others(database, OTHER_SERVICES).await?, who);
    others.retain(|s| s.fit != Fit::DoesNotFit);
    others.truncate(SIGNPOSTS);
    Ok((services, others))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_put_in_its_usual_form_or_named() {
        let who = |age, postcode: &str, language: &str| Applicant {
            age,
            postcode_area: Some(postcode.into()),
            language: Some(language.into()),
            ..Applicant::default()
        };
        let fine = told(who(Some(30), "ox16 5qb", "PT-br")).expect("fine");
        assert_eq!((fine.postcode_area.as_deref(), fine.language.as_deref()), (Some("OX16"), Some("pt-BR")));
        assert_eq!(told(who(Some(-1), "OX1", "en")).err(), Some(Odd::Age));
        assert_eq!(told(who(Some(30), "Banbury", "en")).err(), Some(Odd::Postcode));
        assert_eq!(told(who(Some(30), "OX1", "Polish")).err(), Some(Odd::Language));
    }
}
