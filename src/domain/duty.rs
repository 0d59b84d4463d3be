//! The duty to refer (Housing Act 1996, section 213B; Homelessness (Review Procedure etc.) Regulations 2018, schedule): public bodies
//! tell a housing authority that the person chooses, with the person's consent, how to reach them and why.

use super::calendar::{london_date, start_of_day};
use super::clock::Timestamp;
use super::organisation_name::OrganisationKind;

/// Whether bodies of this kind have the duty, as far as the kind tells: prisons and young offender institutions, probation and youth
/// offending teams, Jobcentre Plus, social services, and hospitals with their emergency departments and in-patient wards.
pub const fn has_duty(kind: OrganisationKind) -> bool {
    use OrganisationKind as K;
    matches!(
        kind,
        K::Prison
            | K::Probation
            | K::Jobcentre
            | K::SocialServicesAdults
            | K::SocialServicesChildren
            | K::CountyCouncil
            | K::NhsHospital
            | K::NhsMentalHealth
    )
}

/// Whether bodies of this kind are housing authorities, which the person chooses among.
pub const fn is_housing_authority(kind: OrganisationKind) -> bool {
    matches!(kind, OrganisationKind::DistrictCouncil)
}

/// By when the hub passes it on: the end of the day, in London, on which it came in.
pub fn pass_by(came_in: Timestamp) -> Timestamp {
    let day = london_date(came_in);
    start_of_day(day.succ_opt().unwrap_or(day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Coded;

    #[test]
    fn the_bodies_of_the_regulations_have_the_duty_and_authorities_receive_it() {
        let with: Vec<_> = OrganisationKind::ALL.iter().filter(|k| has_duty(**k)).map(|k| k.code()).collect();
        assert_eq!(
            with,
            [
                "COUNTY_COUNCIL",
                "SOCIAL_SERVICES_ADULTS",
                "SOCIAL_SERVICES_CHILDREN",
                "PROBATION",
                "PRISON",
                "NHS_MENTAL_HEALTH",
                "NHS_HOSPITAL",
                "JOBCENTRE"
            ]
        );
        let authorities: Vec<_> = OrganisationKind::ALL.iter().filter(|k| is_housing_authority(**k)).collect();
        assert_eq!(authorities, [&OrganisationKind::DistrictCouncil]);
    }

    #[test]
    fn it_is_passed_on_the_day_it_came_in_as_london_counts_days() {
        let table = [
            ("2026-01-15T23:30:00Z", "2026-01-16T00:00:00Z"),
            ("2026-07-15T22:59:59Z", "2026-07-15T23:00:00Z"),
            ("2026-07-15T23:30:00Z", "2026-07-16T23:00:00Z"),
            ("2026-04-03T09:00:00Z", "2026-04-03T23:00:00Z"), // Good Friday: nobody waits for a working day.
            ("2026-10-25T00:30:00Z", "2026-10-26T00:00:00Z"), // The clocks go back.
        ];
        for (came_in, by) in table {
            let at = |t| Timestamp::parse(t).unwrap();
            assert_eq!(pass_by(at(came_in)), at(by), "{came_in}");
        }
    }
}
