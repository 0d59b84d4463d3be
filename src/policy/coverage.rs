//! What consents cover: recipients, categories and purposes, after withdrawals (C3, C4).

use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::consent::{GivenBy, Purpose, Purposes};
use crate::domain::ids::{ConsentId, OrganisationId};

/// A consent as the projection needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentFacts {
    /// The consent.
    pub id: ConsentId,
    /// Recipients one by one, "all partners" already spelt out.
    pub recipients: Vec<OrganisationId>,
    /// Whether it was given to all partners: such a consent names nobody, so it opens no grant of its own.
    pub all_partners: bool,
    /// It came with a referral that was never submitted: it opens nothing yet (C23).
    pub draft: bool,
    /// It came with a contact request, or who sent one of the person recorded it, under whichever hat: what family, a friend or a landlord
    /// says of the person's consent opens nothing. The person agrees when somebody else of the hub records their own (C21, C23).
    pub hearsay: bool,
    /// What for.
    pub purposes: Purposes,
    /// Which categories.
    pub categories: Categories,
    /// When it was recorded: a withdrawal recorded later closes it.
    pub recorded_at: Timestamp,
    /// When it was given.
    pub given_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it lapses because of who gave it, `NEVER` otherwise ([`super::lives::authority`]).
    pub lapses_at: Timestamp,
    /// When it was recorded that whoever gave it has no authority any more: it opens nothing since.
    pub ended_at: Option<Timestamp>,
}

/// The age at which nobody consents for a person as their parent any more (C3).
pub const OF_AGE: u32 = 18;

/// When a consent lapses because of who gave it: a parent's on the day the person is of age, by the earliest date of birth on
/// record (C3).
pub const fn lapses_at(given_by: GivenBy, of_age_at: Option<Timestamp>) -> Timestamp {
    match (given_by, of_age_at) {
        (GivenBy::Parent, Some(at)) => at,
        _ => Timestamp::NEVER,
    }
}

/// A withdrawal: it closes its recipients and categories under every consent recorded until then (C4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawalFacts {
    /// Recipients.
    pub recipients: Vec<OrganisationId>,
    /// Categories.
    pub categories: Categories,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// What a consent still opens to one recipient for one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The consent it rests on.
    pub consent: ConsentId,
    /// Categories left after withdrawals.
    pub categories: Categories,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when, as planned.
    pub until_at: Timestamp,
    /// When the authority behind the consent was ended.
    pub ended_at: Option<Timestamp>,
}

impl Coverage {
    /// Whether it covers anything at a moment.
    pub fn live_at(&self, now: Timestamp) -> bool {
        self.starts_at <= now && now < self.until_at && self.ended_at.is_none()
    }
}

/// Everything that still covers this recipient for this purpose, consent by consent. Equalities are shown to nobody but
/// the agency that recorded them, whatever a consent says (C1).
pub fn covering(
    consents: &[ConsentFacts],
    withdrawals: &[WithdrawalFacts],
    recipient: OrganisationId,
    purpose: Purpose,
) -> Vec<Coverage> {
    consents
        .iter()
        .filter(|c| !c.hearsay && c.purposes.has(purpose) && c.recipients.contains(&recipient))
        .map(|c| {
            let withdrawn = withdrawals
                .iter()
                .filter(|w| w.recorded_at >= c.recorded_at.min(c.given_at) && w.recipients.contains(&recipient))
                .fold(Categories::NONE, |all, w| all.union(w.categories));
            Coverage {
                consent: c.id,
                categories: c.categories.minus(withdrawn).minus(Categories::of(&[Category::Equalities])),
                starts_at: c.given_at,
                until_at: c.expires_at.min(c.lapses_at),
                ended_at: c.ended_at,
            }
        })
        .filter(|c| !c.categories.is_empty())
        .collect()
}

/// The categories covered at a moment.
pub fn covered_at(coverages: &[Coverage], now: Timestamp) -> Categories {
    coverages.iter().filter(|c| c.live_at(now)).fold(Categories::NONE, |all, c| all.union(c.categories))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const SOLICITORS: OrganisationId = OrganisationId(Uuid::from_u128(1));
    const MENTAL_HEALTH: OrganisationId = OrganisationId(Uuid::from_u128(2));

    fn consent(id: u128, recorded: i64, categories: &[Category]) -> ConsentFacts {
        ConsentFacts {
            id: ConsentId(Uuid::from_u128(id)),
            recipients: vec![SOLICITORS],
            all_partners: false,
            draft: false,
            hearsay: false,
            purposes: [Purpose::CaseCoordination].into_iter().collect(),
            categories: categories.iter().copied().collect(),
            recorded_at: Timestamp(recorded),
            given_at: Timestamp(recorded),
            expires_at: Timestamp(1000),
            lapses_at: Timestamp::NEVER,
            ended_at: None,
        }
    }

    fn covered(
        consents: &[ConsentFacts],
        withdrawals: &[WithdrawalFacts],
        who: OrganisationId,
        at: i64,
    ) -> Categories {
        covered_at(&covering(consents, withdrawals, who, Purpose::CaseCoordination), Timestamp(at))
    }

    #[test]
    fn only_named_recipients_and_purposes_are_covered() {
        let c = [consent(1, 10, &[Category::Housing])];
        assert_eq!(covered(&c, &[], SOLICITORS, 20), Categories::of(&[Category::Housing]));
        assert_eq!(covered(&c, &[], MENTAL_HEALTH, 20), Categories::NONE);
        assert!(covering(&c, &[], SOLICITORS, Purpose::Referral).is_empty());
    }

    #[test]
    fn what_somebody_else_says_of_a_consent_covers_nobody() {
        let c = [ConsentFacts { hearsay: true, ..consent(1, 10, &[Category::Housing]) }];
        assert_eq!(covered(&c, &[], SOLICITORS, 20), Categories::NONE);
    }

    #[test]
    fn a_consent_holds_between_its_times_only() {
        let c = [consent(1, 10, &[Category::Housing])];
        assert_eq!(covered(&c, &[], SOLICITORS, 9), Categories::NONE);
        assert!(covered(&c, &[], SOLICITORS, 10).has(Category::Housing));
        assert!(covered(&c, &[], SOLICITORS, 999).has(Category::Housing));
        assert_eq!(covered(&c, &[], SOLICITORS, 1000), Categories::NONE);
    }

    #[test]
    fn a_parents_consent_covers_nothing_once_the_person_is_of_age() {
        let at = Some(Timestamp(50));
        let c = [ConsentFacts { lapses_at: lapses_at(GivenBy::Parent, at), ..consent(1, 10, &[Category::Housing]) }];
        assert!(covered(&c, &[], SOLICITORS, 49).has(Category::Housing));
        assert_eq!(covered(&c, &[], SOLICITORS, 50), Categories::NONE);
        assert_eq!(lapses_at(GivenBy::Parent, None), Timestamp::NEVER, "no date of birth is on record");
        for other in [GivenBy::Client, GivenBy::Attorney, GivenBy::Deputy, GivenBy::BestInterestsDecision] {
            assert_eq!(lapses_at(other, at), Timestamp::NEVER, "{other:?}");
        }
    }

    #[test]
    fn a_consent_whose_authority_was_ended_covers_nothing_whatever_a_clock_says() {
        let c = [ConsentFacts { ended_at: Some(Timestamp(50)), ..consent(1, 10, &[Category::Housing]) }];
        for at in [20, 49, 50] {
            assert_eq!(covered(&c, &[], SOLICITORS, at), Categories::NONE, "{at}");
        }
    }

    #[test]
    fn a_withdrawal_closes_recipient_and_category_under_every_consent_until_a_new_one() {
        let w = WithdrawalFacts {
            recipients: vec![SOLICITORS],
            categories: Categories::of(&[Category::Finance]),
            recorded_at: Timestamp(30),
        };
        let both = [Category::Housing, Category::Finance];
        let before = [consent(1, 10, &both), consent(2, 20, &both)];
        let housing = Categories::of(&[Category::Housing]);
        assert_eq!(covered(&before, std::slice::from_ref(&w), SOLICITORS, 40), housing);
        let after = [consent(1, 10, &both), consent(3, 31, &[Category::Finance])];
        assert_eq!(covered(&after, &[w], SOLICITORS, 40), both.into_iter().collect());
    }

    #[test]
    fn a_withdrawal_in_the_same_microsecond_wins() {
        let w =
            WithdrawalFacts { recipients: vec![SOLICITORS], categories: Categories::ALL, recorded_at: Timestamp(10) };
        assert_eq!(covered(&[consent(1, 10, &[Category::Housing])], &[w], SOLICITORS, 20), Categories::NONE);
    }

    #[test]
    fn equalities_are_opened_by_no_consent() {
        let c = [consent(1, 10, &[Category::Equalities])];
        assert_eq!(covered(&c, &[], SOLICITORS, 20), Categories::NONE);
    }
}
