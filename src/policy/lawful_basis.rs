//! The lawful basis of processing (C3): what it needs, and who ends one.

use super::viewer::Viewer;
use crate::domain::category::Categories;
use crate::domain::code::Coded;
use crate::domain::failure::{UserError, UserErrorCode};
use crate::domain::lawful_basis::{NEED_CONDITION, OF_OFFENCES, SpecialCondition};
use crate::domain::role::Role;

/// What is missing of the conditions for these categories, or is there without need.
pub fn condition_problems(
    categories: Categories,
    condition: Option<SpecialCondition>,
    has_schedule_1: bool,
) -> Vec<UserError> {
    let mut problems = Vec::new();
    let mut wrong = |path: &str, message: String| problems.push(UserError::at(UserErrorCode::Invalid, path, message));
    let special = categories.intersection(NEED_CONDITION);
    if condition.is_none() && !special.is_empty() {
        let names: Vec<_> = special.iter().map(Coded::code).collect();
        wrong("specialCondition", format!("Say which condition of Article 9(2) holds for {}.", names.join(", ")));
    }
    if condition.is_some() && special.is_empty() {
        wrong("specialCondition", "A condition of Article 9(2) goes with special categories.".into());
    }
    let needs_schedule_1 =
        condition.is_some_and(SpecialCondition::needs_schedule_1) || !categories.intersection(OF_OFFENCES).is_empty();
    if needs_schedule_1 && !has_schedule_1 {
        let message = "Name the condition of Schedule 1 to the Data Protection Act 2018 that this needs.";
        wrong("scheduleCondition", message.into());
    }
    if !needs_schedule_1 && has_schedule_1 {
        wrong("scheduleCondition", "Nothing here needs a condition of Schedule 1.".into());
    }
    problems
}

/// Whether the viewer may end a lawful basis that they see, which is their own organisation's: whoever records, whether or not
/// they still work with the person.
pub fn may_end(viewer: &Viewer) -> bool {
    viewer.roles.any(&[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::category::Category;
    use crate::domain::ids::{MembershipId, OrganisationId, PersonId};
    use uuid::Uuid;

    fn wrong(categories: &[Category], condition: Option<SpecialCondition>, has_schedule_1: bool) -> Vec<String> {
        let problems = condition_problems(Categories::of(categories), condition, has_schedule_1);
        problems.into_iter().map(|p| p.field.join(".")).collect()
    }

    #[test]
    fn special_categories_need_a_condition_and_some_conditions_another() {
        use Category::{Health, Housing, Offending};
        use SpecialCondition::{ExplicitConsent, HealthOrSocialCare, SubstantialPublicInterest};
        let (condition, schedule) = ("specialCondition", "scheduleCondition");
        assert_eq!(wrong(&[Housing], None, false), [""; 0]);
        assert_eq!(wrong(&[Housing], Some(ExplicitConsent), false), [condition]);
        assert_eq!(wrong(&[Housing], None, true), [schedule]);
        assert_eq!(wrong(&[Housing, Health], None, false), [condition]);
        assert_eq!(wrong(&[Health], Some(ExplicitConsent), false), [""; 0]);
        assert_eq!(wrong(&[Health], Some(ExplicitConsent), true), [schedule]);
        for needs in [HealthOrSocialCare, SubstantialPublicInterest] {
            assert_eq!(wrong(&[Health], Some(needs), false), [schedule]);
            assert_eq!(wrong(&[Health], Some(needs), true), [""; 0]);
        }
        assert_eq!(wrong(&[Offending], None, true), [""; 0], "offences are no special category in the law's sense");
        assert_eq!(wrong(&[Offending], None, false), [schedule]);
        assert_eq!(wrong(&[Offending], Some(ExplicitConsent), true), [condition]);
        assert_eq!(wrong(&[Offending, Health], Some(ExplicitConsent), true), [""; 0]);
        for c in NEED_CONDITION.iter() {
            assert_eq!(wrong(&[c], None, false), [condition], "{c:?}");
        }
    }

    #[test]
    fn who_records_ends_one() {
        let viewer = |role: Role| Viewer {
            person: PersonId(Uuid::nil()),
            membership: MembershipId(Uuid::nil()),
            membership_version: 1,
            organisation: OrganisationId(Uuid::nil()),
            is_partner: true,
            is_category: false,
            teams: Vec::new(),
            roles: [role].into_iter().collect(),
        };
        let may: Vec<_> = Role::ALL.iter().filter(|r| may_end(&viewer(**r))).map(|r| r.code()).collect();
        assert_eq!(may, ["SUPPORT_WORKER", "TEAM_MANAGER", "HUB_COORDINATOR"]);
    }

    #[test]
    fn exactly_what_section_10_says_needs_schedule_1() {
        let need: Vec<_> = SpecialCondition::ALL.iter().filter(|c| c.needs_schedule_1()).map(|c| c.code()).collect();
        assert_eq!(
            need,
            [
                "SOCIAL_PROTECTION",
                "SUBSTANTIAL_PUBLIC_INTEREST",
                "HEALTH_OR_SOCIAL_CARE",
                "PUBLIC_HEALTH",
                "ARCHIVING_RESEARCH_STATISTICS"
            ]
        );
    }
}
