//! What services state of whom they are for: stated, kept as versions, told.

use super::context::{Context, Failure};
use super::unit::{Done, Unit, begin};
use crate::domain::criteria::{Criteria, LONGEST_LIST, OLDEST, language, outward};
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{ServiceId, TypedId};
use crate::domain::mutation::Asked;
use crate::domain::role::Role;
use crate::domain::text;
use crate::persistence::criteria::{self, NewVersion};
use crate::persistence::organisation::{self as registry, Service};

/// Who may be somebody that states criteria; of which service, `may_state` says.
const KEEPERS: &[Role] = &[Role::TeamManager, Role::HubCoordinator, Role::Administrator];
/// The longest wait that can be stated, in days.
const LONGEST_WAIT: i64 = 3650;

fn invalid(problems: &mut Problems, path: &str, message: impl Into<String>) {
    problems.add(UserError::at(UserErrorCode::Invalid, path, message));
}

/// Each of a list in its usual form, or a problem that names the first that has none.
fn each(
    problems: &mut Problems,
    (path, what): (&str, &str),
    list: &[String],
    form: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    if list.len() > LONGEST_LIST {
        invalid(problems, path, format!("Lists more than {LONGEST_LIST}."));
        return Vec::new();
    }
    let all: Option<Vec<_>> = list.iter().map(|given| form(given)).collect();
    all.unwrap_or_else(|| {
        invalid(problems, path, what);
        Vec::new()
    })
}

/// Criteria as they are stored, with everything that is wrong noted.
fn checked(problems: &mut Problems, given: &Criteria) -> Criteria {
    let mut c = given.clone();
    let postcode = ("postcodeAreas", "Is not the outward part of a postcode, such as OX16.");
    c.postcode_areas = each(problems, postcode, &given.postcode_areas, outward);
    let tag = ("languages", "Is not a language tag, such as en or pt-BR.");
    c.languages = each(problems, tag, &given.languages, language);
    for (path, age) in [("minAge", c.min_age), ("maxAge", c.max_age)] {
        if age.is_some_and(|a| !(0..=OLDEST).contains(&a)) {
            invalid(problems, path, format!("Must lie between 0 and {OLDEST}."));
        }
    }
    if matches!((c.min_age, c.max_age), (Some(min), Some(max)) if min > max) {
        invalid(problems, "maxAge", "Must not be less than the youngest age.");
    }
    if c.wait_days.is_some_and(|d| !(0..=LONGEST_WAIT).contains(&d)) {
        invalid(problems, "waitDays", format!("Must lie between 0 and {LONGEST_WAIT}."));
    }
    c.tidied()
}

/// Whether the viewer keeps this service's criteria: the manager of the team that runs it; the hub where it is no partner's;
/// administrators.
fn may_state(ctx: &Context, service: &Service, is_partner: bool) -> bool {
    let viewer = &ctx.viewer;
    let own = viewer.roles.has(Role::TeamManager) && service.team.is_some_and(|t| viewer.in_team(t));
    own || (viewer.roles.has(Role::HubCoordinator) && !is_partner) || viewer.roles.has(Role::Administrator)
}

/// States whom a service is for, as data, and in its own words where they change as well.
pub async fn state(
    ctx: &Context,
    asked: &Asked,
    (given, version): (&str, i64),
    c: &Criteria,
    words: Option<&str>,
) -> Result<Done<ServiceId>, Failure> {
    ctx.require(KEEPERS)?;
    let mut problems = Problems::default();
    let c = checked(&mut problems, c);
    let words = problems.optional("words", words, text::FREE);
    problems.done()?;
    let unit: Unit<'_> = begin!(ctx, "serviceStateCriteria", asked);
    let found = match ServiceId::parse(given) {
        Some(id) => registry::one_service(unit.tx(), id).await?,
        None => None,
    };
    let Some(service) = found else { return Err(UserError::not_found("serviceId").into()) };
    let is_partner = registry::one(unit.tx(), service.organisation).await?.is_some_and(|o| o.is_partner);
    if !may_state(ctx, &service, is_partner) {
        let message = "Criteria are stated by the manager of the team that runs the service, by the hub for services \
            of others, or by an administrator.";
        return Err(Failure::user(UserErrorCode::NotAllowed, "serviceId", message));
    }
    if service.version != version {
        return Err(Failure::conflict());
    }
    let words = words.unwrap_or_else(|| service.criteria.clone());
    let mut changes = c.changes_from(service.stated.as_deref());
    if words != service.criteria {
        changes.push("The service's own words changed.".to_owned());
    }
    if changes.is_empty() {
        let message = "Nothing would change: the date of the last change stays as it is.";
        return Err(Failure::user(UserErrorCode::Invalid, "", message));
    }
    let new = NewVersion { service: &service, criteria: &c, words: &words, changes: &changes };
    if !criteria::state(unit.tx(), new, unit.by, &*ctx.app.random).await? {
        return Err(Failure::conflict());
    }
    unit.finish("service.criteria_stated", service.id).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::criteria::Need;

    fn given() -> Criteria {
        Criteria {
            needs: vec![Need::Homeless, Need::Homeless],
            postcode_areas: vec!["ox16 5qb".into(), "OX4".into()],
            min_age: Some(18),
            max_age: Some(64),
            languages: vec!["PL".into()],
            wait_days: Some(3),
            ..Criteria::for_everybody()
        }
    }

    fn wrong(c: &Criteria) -> Vec<String> {
        let mut problems = Problems::default();
        checked(&mut problems, c);
        problems.done().err().unwrap_or_default().into_iter().map(|e| e.field.join(".")).collect()
    }

    #[test]
    fn criteria_are_stored_in_their_usual_form() {
        let mut problems = Problems::default();
        let c = checked(&mut problems, &given());
        assert!(problems.done().is_ok());
        assert_eq!((c.needs, c.postcode_areas), (vec![Need::Homeless], vec!["OX16".to_owned(), "OX4".to_owned()]));
        assert_eq!(c.languages, ["pl"]);
    }

    #[test]
    fn what_is_impossible_is_named() {
        let cases = [
            (Criteria { postcode_areas: vec!["Banbury".into()], ..given() }, "postcodeAreas"),
            (Criteria { postcode_areas: vec!["OX1".into(); LONGEST_LIST + 1], ..given() }, "postcodeAreas"),
            (Criteria { languages: vec!["Polish".into()], ..given() }, "languages"),
            (Criteria { min_age: Some(-1), ..given() }, "minAge"),
            (Criteria { max_age: Some(OLDEST + 1), ..given() }, "maxAge"),
            (Criteria { min_age: Some(65), ..given() }, "maxAge"),
            (Criteria { wait_days: Some(-1), ..given() }, "waitDays"),
        ];
        for (c, path) in cases {
            assert_eq!(wrong(&c), [path], "{c:?}");
        }
    }
}
