//! The promises of the projection, one test each: what the documents about a client open, to whom, from when, until when.
//!
//! Expected categories are spelt out as the table of C2 has them, never taken from the constants under test.

use super::*;
use crate::domain::code::Coded;
use crate::domain::consent::Purposes;
use crate::domain::ids::ConsentId;
use Category::{
    AccessNeeds, Birth, Contact, Employment, Equalities, Finance, Health, Household, Housing, Involvement,
    LoneWorking, Name, Risk,
};
use std::collections::BTreeSet;

// ---- who and when ------------------------------------------------------------------------------------------------

const CLIENT: ClientId = ClientId(Uuid::from_u128(0xC1));

const SCHOOL: OrganisationId = OrganisationId(Uuid::from_u128(0xA1));
const COUNCIL: OrganisationId = OrganisationId(Uuid::from_u128(0xA2));
const HOUSING_SUPPORT: OrganisationId = OrganisationId(Uuid::from_u128(0xA3));
const SOLICITORS: OrganisationId = OrganisationId(Uuid::from_u128(0xA4));
const CHARITY: OrganisationId = OrganisationId(Uuid::from_u128(0xA5));
const EVERYBODY: &[OrganisationId] = &[SCHOOL, COUNCIL, HOUSING_SUPPORT, SOLICITORS, CHARITY];

/// The hub sits at the council.
const THE_HUB: TeamFacts = TeamFacts { organisation: COUNCIL, team: TeamId(Uuid::from_u128(0xB1)) };
/// Another team of the council, not the hub.
const COUNCIL_HOUSING: TeamFacts = TeamFacts { organisation: COUNCIL, team: TeamId(Uuid::from_u128(0xB2)) };
const LEAD: TeamFacts = TeamFacts { organisation: HOUSING_SUPPORT, team: TeamId(Uuid::from_u128(0xB3)) };
const LAWYERS: TeamFacts = TeamFacts { organisation: SOLICITORS, team: TeamId(Uuid::from_u128(0xB4)) };

const TEACHER: PersonId = PersonId(Uuid::from_u128(0xD1));
const REFERRAL: ReferralId = ReferralId(Uuid::from_u128(0xE1));
const AN_OFFER: OfferId = OfferId(Uuid::from_u128(0xE2));
const CASE: CaseId = CaseId(Uuid::from_u128(0xE3));
const MEMBER: CaseMemberId = CaseMemberId(Uuid::from_u128(0xE4));

const DRAFTED: Timestamp = day(10);
const CONSENTED: Timestamp = day(11);
const SUBMITTED: Timestamp = day(12);
const OFFERED: Timestamp = day(15);
const OPENED: Timestamp = day(18);
const JOINED: Timestamp = day(25);
const WITHDRAWN: Timestamp = day(40);
const LEFT: Timestamp = day(50);
const CLOSED: Timestamp = day(60);
const DIED: Timestamp = day(100);
const EXPIRY: Timestamp = day(300);

const fn day(n: i64) -> Timestamp {
    Timestamp(n * 24 * 3600 * 1_000_000)
}

const fn set(categories: &[Category]) -> Categories {
    Categories::of(categories)
}

/// HUB and HOLDER of the table in C2, with INVOLVEMENT, which any grant opens.
const TRIAGE: Categories =
    set(&[Name, Birth, Contact, AccessNeeds, LoneWorking, Household, Housing, Risk, Involvement]);
/// OFFER of the table in C2, with INVOLVEMENT.
const INTAKE: Categories = set(&[Name, Contact, AccessNeeds, LoneWorking, Household, Housing, Involvement]);
/// What the strictest intake profile takes by C8, with INVOLVEMENT.
const STRICTEST: Categories = set(&[Name, Contact, AccessNeeds, LoneWorking, Involvement]);

// ---- the documents about one client, in the words of the field ---------------------------------------------------

/// What happened around one client so far.
#[derive(Clone)]
struct Story(Facts);

fn a_client() -> Story {
    Story(Facts {
        client: CLIENT,
        died_at: None,
        hubs: vec![THE_HUB],
        referrals: Vec::new(),
        offers: Vec::new(),
        cases: Vec::new(),
        members: Vec::new(),
        consents: Vec::new(),
        withdrawals: Vec::new(),
        authors: Vec::new(),
        overrides: Vec::new(),
        gateways: Vec::new(),
        keeping: Vec::new(),
        objections: Vec::new(),
    })
}

impl Story {
    fn drafted(mut self) -> Self {
        self.0.referrals.push(ReferralFacts {
            id: REFERRAL,
            organisation: SCHOOL,
            sent_by: TEACHER,
            private_sender: false,
            contact_request: false,
            state: ReferralState::Draft,
            brought: Categories::NONE,
            created_at: DRAFTED,
            submitted_at: None,
            left_hub_at: None,
            closed_at: None,
        });
        self
    }

    fn referral(mut self, change: impl FnOnce(&mut ReferralFacts)) -> Self {
        change(self.0.referrals.last_mut().expect("a referral was drafted"));
        self
    }

    fn by_a_private_person(self) -> Self {
        self.referral(|r| r.private_sender = true)
    }

    fn bringing(self, categories: Categories) -> Self {
        self.referral(|r| r.brought = categories)
    }

    fn submitted(self) -> Self {
        self.referral(|r| {
            r.state = ReferralState::Submitted;
            r.submitted_at = Some(SUBMITTED);
        })
    }

    fn left_hub(self, at: Timestamp) -> Self {
        self.referral(|r| {
            r.state = ReferralState::Closed;
            r.left_hub_at = Some(at);
            r.closed_at = Some(at);
        })
    }

    fn offered_to(mut self, to: TeamFacts, refuses: Categories) -> Self {
        self.0.offers.push(OfferFacts {
            id: AN_OFFER,
            referral: REFERRAL,
            to,
            refuses,
            offered_at: OFFERED,
            answered_at: None,
        });
        self
    }

    fn answered(mut self, at: Timestamp) -> Self {
        self.0.offers.last_mut().expect("an offer was made").answered_at = Some(at);
        self
    }

    fn case_led_by(mut self, lead: TeamFacts) -> Self {
        self.0.cases.push(CaseFacts { id: CASE, lead, opened_at: OPENED, closed_at: None });
        self
    }

    fn closed(mut self, at: Timestamp) -> Self {
        self.0.cases.last_mut().expect("a case was opened").closed_at = Some(at);
        self
    }

    fn joined_by(mut self, who: TeamFacts, agreed: Categories) -> Self {
        self.0.members.push(MemberFacts { id: MEMBER, case: CASE, who, agreed, joined_at: JOINED, left_at: None });
        self
    }

    fn left(mut self, at: Timestamp) -> Self {
        self.0.members.last_mut().expect("a team joined").left_at = Some(at);
        self
    }

    fn consented(mut self, consent: ConsentFacts) -> Self {
        self.0.consents.push(consent);
        self
    }

    fn withdrew(mut self, from: OrganisationId, categories: Categories, at: Timestamp) -> Self {
        self.0.withdrawals.push(WithdrawalFacts { recipients: vec![from], categories, recorded_at: at });
        self
    }

    fn died(mut self, at: Timestamp) -> Self {
        self.0.died_at = Some(at);
        self
    }

    fn recorded_for(mut self, organisation: OrganisationId, first_at: Timestamp) -> Self {
        self.0.authors.push(AuthorFacts { organisation, hub_team: None, first_at });
        self
    }

    fn recorded_at_the_hub(mut self, first_at: Timestamp) -> Self {
        self.0.authors.push(AuthorFacts { organisation: COUNCIL, hub_team: Some(THE_HUB.team), first_at });
        self
    }

    fn grants(&self) -> Vec<Grant> {
        project(&self.0)
    }

    fn on(&self, basis: Basis) -> Vec<Grant> {
        self.grants().into_iter().filter(|g| g.basis == basis).collect()
    }

    /// The one grant on this basis.
    fn only(&self, basis: Basis) -> Grant {
        let mut grants = self.on(basis);
        assert_eq!(grants.len(), 1, "one {basis:?} grant: {grants:#?}");
        grants.remove(0)
    }

    /// All that the grants on a basis open to an organisation, at one time or another.
    fn shown(&self, basis: Basis, to: OrganisationId) -> Categories {
        let grants = self.on(basis).into_iter().filter(|g| g.organisation == to);
        grants.fold(Categories::NONE, |all, g| all.union(g.categories))
    }

    /// What the grants on a basis that rest on a consent open, from when and until when, consent by consent.
    fn widenings(&self, basis: Basis) -> Vec<(Uuid, Categories, Timestamp, Timestamp)> {
        let grants = self.on(basis).into_iter().filter(|g| g.source_kind == "consent");
        let mut all: Vec<_> = grants.map(|g| (g.source_id, g.categories, g.starts_at, g.until_at)).collect();
        all.sort();
        all
    }
}

const fn consent_id(n: u128) -> ConsentId {
    ConsentId(Uuid::from_u128(0xF00 + n))
}

/// A consent given and recorded before the referral was sent.
fn consent(n: u128, purposes: &[Purpose], recipients: &[OrganisationId], categories: Categories) -> ConsentFacts {
    ConsentFacts {
        id: consent_id(n),
        recipients: recipients.to_vec(),
        all_partners: false,
        draft: false,
        hearsay: false,
        purposes: purposes.iter().copied().collect(),
        categories,
        recorded_at: CONSENTED,
        given_at: CONSENTED,
        expires_at: EXPIRY,
        lapses_at: Timestamp::NEVER,
        ended_at: None,
    }
}

const EVERY_PURPOSE: &[Purpose] =
    &[Purpose::Referral, Purpose::CaseCoordination, Purpose::Support, Purpose::Research];

/// A referral that brought everything, an offer, a case that others joined: every basis at work, and no consent yet.
fn work_on_every_basis() -> Story {
    a_client()
        .drafted()
        .bringing(Categories::ALL)
        .submitted()
        .offered_to(LAWYERS, Categories::NONE)
        .case_led_by(LEAD)
        .joined_by(LAWYERS, Categories::ALL)
}

/// Who depends on consent there: the basis and the organisation that holds the grant.
const WIDENED_BY_CONSENT: [(Basis, OrganisationId); 4] =
    [(Basis::Hub, COUNCIL), (Basis::Holder, HOUSING_SUPPORT), (Basis::Team, SOLICITORS), (Basis::Consent, CHARITY)];

/// A grant to a team, as it is on every basis but the two that start with other holders.
fn to(who: TeamFacts, basis: Basis, purpose: &'static str, categories: Categories) -> Grant {
    Grant {
        organisation: who.organisation,
        team: Some(who.team),
        person: None,
        basis,
        categories,
        scope: Scope::Referral,
        scope_id: REFERRAL.0,
        opens_client: true,
        names_until: Timestamp::NEVER,
        passes: 0,
        purpose,
        starts_at: SUBMITTED,
        until_at: Timestamp::NEVER,
        source_kind: "referral",
        source_id: REFERRAL.0,
    }
}

// ---- REFERRER ----------------------------------------------------------------------------------------------------

#[test]
fn a_sender_keeps_its_own_referral_from_the_draft_on_and_no_client_record() {
    // given a referral that a school drafted, when it was sent and closed long ago
    let story = a_client().drafted().submitted().left_hub(CLOSED);
    // then the school follows that referral for seven years, and the client as such does not exist for it
    let expected = Grant {
        organisation: SCHOOL,
        team: None,
        person: None,
        opens_client: false,
        starts_at: DRAFTED,
        until_at: CLOSED.plus_years(7),
        ..to(THE_HUB, Basis::Referrer, "REFERRAL_FOLLOW_UP", Categories::ALL)
    };
    assert_eq!(story.only(Basis::Referrer), expected);
}

#[test]
fn a_draft_opens_nothing_but_the_senders_own_referral() {
    // given a draft and consents for everything
    let draft = a_client().drafted().bringing(Categories::ALL).consented(consent(
        1,
        &[Purpose::Referral, Purpose::CaseCoordination],
        EVERYBODY,
        Categories::ALL,
    ));
    // when nobody sent it, or it was taken back before it was sent
    for story in [draft.clone(), draft.left_hub(CLOSED)] {
        // then only its sender has a grant
        let grants = story.grants();
        assert_eq!(grants.iter().map(|g| (g.basis, g.organisation)).collect::<Vec<_>>(), [(Basis::Referrer, SCHOOL)]);
    }
}

#[test]
fn a_private_senders_referral_is_seen_by_that_person_alone() {
    // given the same referral, when an organisation or a private person sent it
    let table = [(a_client().drafted(), None), (a_client().drafted().by_a_private_person(), Some(TEACHER))];
    for (story, person) in table {
        // then the grant is narrowed to the person only where a private person sent it
        assert_eq!(story.only(Basis::Referrer).person, person);
    }
}

// ---- HUB ---------------------------------------------------------------------------------------------------------

#[test]
fn the_hub_sees_what_it_triages_from_submission_on() {
    // given a referral, when it is submitted and the hub has it still
    let story = a_client().drafted().submitted();
    // then the hub team sees the categories of triage, on that referral, without a planned end
    assert_eq!(story.only(Basis::Hub), to(THE_HUB, Basis::Hub, "TRIAGE", TRIAGE));
}

#[test]
fn the_hub_keeps_sight_for_30_days_after_the_referral_left_it() {
    // given a referral with the hub, when it is accepted or closed
    let story = a_client().drafted().submitted().left_hub(CLOSED);
    // then the planned end is 30 days later
    let until_at = day(60 + 30);
    assert_eq!(story.only(Basis::Hub), Grant { until_at, ..to(THE_HUB, Basis::Hub, "TRIAGE", TRIAGE) });
}

#[test]
fn each_hub_team_triages_and_no_other_team_does() {
    // given two hub teams, when a referral is submitted
    let mut story = a_client().drafted().submitted();
    story.0.hubs.push(LAWYERS);
    // then each has its own grant
    let teams: BTreeSet<_> = story.on(Basis::Hub).iter().map(|g| (g.organisation, g.team)).collect();
    assert_eq!(teams, BTreeSet::from([(COUNCIL, Some(THE_HUB.team)), (SOLICITORS, Some(LAWYERS.team))]));
}

#[test]
fn the_hub_is_widened_only_by_what_was_both_consented_to_and_brought() {
    // given what a referral brought, when a consent to the referral names the hub's organisation or somebody else
    let both = set(&[Finance, Health]);
    let table: [(Categories, Categories, OrganisationId, Purpose, Categories); 8] = [
        (both, both, COUNCIL, Purpose::Referral, both),
        (set(&[Finance]), both, COUNCIL, Purpose::Referral, set(&[Finance])),
        (both, set(&[Health]), COUNCIL, Purpose::Referral, set(&[Health])),
        (set(&[Finance]), set(&[Health]), COUNCIL, Purpose::Referral, Categories::NONE),
        (Categories::NONE, Categories::ALL, COUNCIL, Purpose::Referral, Categories::NONE),
        (both, Categories::NONE, COUNCIL, Purpose::Referral, Categories::NONE),
        (both, both, SCHOOL, Purpose::Referral, Categories::NONE),
        (both, both, COUNCIL, Purpose::CaseCoordination, Categories::NONE),
    ];
    for (brought, consented, recipient, purpose, more) in table {
        let story = a_client().drafted().bringing(brought).submitted().consented(consent(
            1,
            &[purpose],
            &[recipient],
            consented,
        ));
        // then the hub sees beside its own categories what is in both, and nothing more
        assert_eq!(story.shown(Basis::Hub, COUNCIL), TRIAGE.union(more), "{brought:?} {consented:?} {purpose:?}");
    }
}

#[test]
fn what_consent_adds_for_the_hub_lasts_as_long_as_both_do() {
    // given a referral that left the hub, when consents start or end before or after the hub's own grant
    let table = [
        (CONSENTED, EXPIRY, SUBMITTED, day(90)),
        (day(20), EXPIRY, day(20), day(90)),
        (CONSENTED, day(70), SUBMITTED, day(70)),
    ];
    for (given_at, expires_at, starts_at, until_at) in table {
        let given = consent(1, &[Purpose::Referral], &[COUNCIL], set(&[Housing, Finance]));
        let story = a_client()
            .drafted()
            .bringing(Categories::ALL)
            .submitted()
            .left_hub(CLOSED)
            .consented(ConsentFacts { given_at, expires_at, ..given });
        // then what it adds, and that alone, is a grant of the same basis, for the referral's own items, as long as both last
        let added = Grant {
            scope: Scope::Item,
            starts_at,
            until_at,
            source_kind: "consent",
            source_id: consent_id(1).0,
            ..to(THE_HUB, Basis::Hub, "TRIAGE", set(&[Finance]))
        };
        let own = Grant { until_at: day(90), ..to(THE_HUB, Basis::Hub, "TRIAGE", TRIAGE) };
        assert_eq!(story.on(Basis::Hub).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([added, own]));
    }
}

// ---- OFFER -------------------------------------------------------------------------------------------------------

#[test]
fn a_team_sees_the_referral_it_is_offered_from_the_offer_on() {
    // given a submitted referral, when it is offered to a team that refuses nothing
    let story = a_client().drafted().submitted().offered_to(LEAD, Categories::NONE);
    // then that team sees the categories of intake, on that referral, until it answers
    let expected = Grant {
        starts_at: OFFERED,
        source_kind: "offer",
        source_id: AN_OFFER.0,
        ..to(LEAD, Basis::Offer, "INTAKE", INTAKE)
    };
    assert_eq!(story.only(Basis::Offer), expected);
}

#[test]
fn an_offer_leaves_out_what_the_intake_profile_refuses_but_never_what_the_strictest_takes() {
    // given an offer, when the team's profile refuses some categories
    let mut table = vec![
        (Categories::NONE, INTAKE),
        (set(&[Household, Housing, Health]), STRICTEST),
        (Categories::ALL, STRICTEST),
    ];
    // … or any single one
    table.extend(Category::ALL.iter().map(|c| {
        let refused = set(&[*c]);
        (refused, if STRICTEST.has(*c) { INTAKE } else { INTAKE.minus(refused) })
    }));
    for (refuses, seen) in table {
        // then the offer omits those, and opens nothing instead
        let story = a_client().drafted().submitted().offered_to(LEAD, refuses);
        assert_eq!(story.shown(Basis::Offer, HOUSING_SUPPORT), seen, "refusing {refuses:?}");
    }
}

#[test]
fn an_offer_that_was_answered_or_taken_back_is_gone() {
    // given an offer
    let story = a_client().drafted().submitted().offered_to(LEAD, Categories::NONE);
    // when it is answered
    let answered = story.clone().answered(OPENED);
    // then the team holds nothing on it any more; until then it did
    assert_eq!(story.on(Basis::Offer).len(), 1);
    assert_eq!(answered.on(Basis::Offer), []);
}

#[test]
fn an_offer_opens_the_categories_of_the_table_at_most_whatever_is_consented_to() {
    // given an offer, when the client consents to everything for everybody
    let story = a_client()
        .drafted()
        .bringing(Categories::ALL)
        .submitted()
        .offered_to(LEAD, Categories::NONE)
        .consented(consent(1, EVERY_PURPOSE, EVERYBODY, Categories::ALL));
    // then the offer shows what it showed before
    assert_eq!(story.shown(Basis::Offer, HOUSING_SUPPORT), INTAKE);
}

// ---- HOLDER ------------------------------------------------------------------------------------------------------

#[test]
fn the_lead_team_sees_the_case_from_acceptance_without_further_consent() {
    // given nothing else, when a case opens
    let story = a_client().case_led_by(LEAD);
    // then the lead team sees its categories, on that case, without a planned end
    let expected = Grant {
        scope: Scope::Case,
        scope_id: CASE.0,
        starts_at: OPENED,
        source_kind: "case",
        source_id: CASE.0,
        ..to(LEAD, Basis::Holder, "CASE_COORDINATION", TRIAGE)
    };
    assert_eq!(story.grants(), [expected]);
}

#[test]
fn the_lead_is_widened_consent_by_consent_each_until_its_own_expiry() {
    // given an open case
    let case = a_client().case_led_by(LEAD);
    // when two consents name the lead's organisation, one of them given after the case opened
    let finance = consent(1, &[Purpose::CaseCoordination], &[HOUSING_SUPPORT], set(&[Housing, Finance]));
    let health = ConsentFacts {
        given_at: day(30),
        recorded_at: day(30),
        expires_at: day(200),
        lapses_at: Timestamp::NEVER,
        ended_at: None,
        ..consent(2, &[Purpose::CaseCoordination], &[SOLICITORS, HOUSING_SUPPORT], set(&[Health]))
    };
    let story = case.clone().consented(finance).consented(health);
    // then each adds its own categories for its own time, to the same team and case, and the lead's own grant stays
    let own = case.only(Basis::Holder);
    let by_consent = |n, categories, starts_at, until_at| Grant {
        categories,
        starts_at,
        until_at,
        source_kind: "consent",
        source_id: consent_id(n).0,
        ..own.clone()
    };
    let expected = BTreeSet::from([
        own.clone(),
        by_consent(1, set(&[Finance]), OPENED, EXPIRY),
        by_consent(2, set(&[Health]), day(30), day(200)),
    ]);
    assert_eq!(story.on(Basis::Holder).into_iter().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn only_consent_to_case_coordination_by_name_widens_the_lead() {
    // given an open case, when a consent is for one purpose, to the lead or to others
    for purpose in EVERY_PURPOSE {
        for recipient in EVERYBODY {
            let story =
                a_client().case_led_by(LEAD).consented(consent(1, &[*purpose], &[*recipient], set(&[Finance])));
            // then the lead sees finance only by a consent to case coordination that names its organisation
            let wider = *purpose == Purpose::CaseCoordination && *recipient == HOUSING_SUPPORT;
            assert_eq!(story.shown(Basis::Holder, HOUSING_SUPPORT).has(Finance), wider, "{purpose:?} {recipient:?}");
        }
    }
}

#[test]
fn closing_the_case_ends_what_the_lead_and_the_member_teams_see() {
    // given a case with a lead and a member, both widened by consent
    let open = a_client().case_led_by(LEAD).joined_by(LAWYERS, set(&[Finance])).consented(consent(
        1,
        &[Purpose::CaseCoordination],
        &[HOUSING_SUPPORT, SOLICITORS],
        set(&[Finance]),
    ));
    assert_eq!(open.grants().len(), 3, "two of the lead, one of the member");
    // when the case closes
    let closed = open.closed(CLOSED);
    // then nobody holds anything on it
    assert_eq!(closed.grants(), []);
}

#[test]
fn another_case_that_closes_ends_nothing_of_an_open_one() {
    // given a case that closed, when a later one is open with the same teams
    let mut story = a_client()
        .case_led_by(LEAD)
        .closed(CLOSED)
        .joined_by(LAWYERS, set(&[Finance]))
        .consented(consent(1, &[Purpose::CaseCoordination], &[SOLICITORS], set(&[Finance])));
    let next = CaseId(Uuid::from_u128(0xE5));
    story.0.cases.push(CaseFacts { id: next, lead: LEAD, opened_at: day(70), closed_at: None });
    let first = story.0.members[0].clone();
    story.0.members.push(MemberFacts { id: CaseMemberId(Uuid::from_u128(0xE6)), case: next, ..first });
    // then lead and member hold the later case alone
    let held: Vec<_> = story.grants().iter().map(|g| (g.basis, g.scope_id)).collect();
    assert_eq!(held, [(Basis::Holder, next.0), (Basis::Team, next.0)]);
}

#[test]
fn after_a_death_the_lead_keeps_the_case_for_28_days_and_no_consent() {
    // given an open case, widened by consent
    let case = a_client().case_led_by(LEAD).consented(consent(
        1,
        &[Purpose::CaseCoordination],
        &[HOUSING_SUPPORT],
        set(&[Finance]),
    ));
    // when the client dies, and the case is still open, or is closed on that day or within the 28 days
    for story in [
        case.clone().died(DIED),
        case.clone().died(DIED).closed(DIED),
        case.clone().died(DIED).closed(DIED.plus_days(3)),
    ] {
        // then the lead's own grant has its planned end 28 days later, and the consent's part ended at the death
        let held: BTreeSet<_> = story.on(Basis::Holder).iter().map(|g| (g.categories, g.until_at)).collect();
        assert_eq!(held, BTreeSet::from([(TRIAGE, day(100 + 28)), (set(&[Finance]), DIED)]));
    }
}

// ---- TEAM --------------------------------------------------------------------------------------------------------

#[test]
fn a_member_team_sees_what_both_the_agreement_and_a_consent_name_with_name_and_lone_working() {
    // given a case that another team joined under a sharing agreement
    let agreed = set(&[Housing, Finance]);
    // when a consent names its organisation
    let story = a_client().case_led_by(LEAD).joined_by(LAWYERS, agreed).consented(consent(
        1,
        &[Purpose::CaseCoordination],
        &[SOLICITORS],
        set(&[Finance, Employment, Health]),
    ));
    // then the team sees, on that case, what is in both, with what every member needs, until the consent expires
    let expected = Grant {
        scope: Scope::Case,
        scope_id: CASE.0,
        starts_at: JOINED,
        until_at: EXPIRY,
        source_kind: "consent",
        source_id: consent_id(1).0,
        ..to(LAWYERS, Basis::Team, "CASE_COORDINATION", set(&[Name, LoneWorking, Involvement, Finance]))
    };
    assert_eq!(story.only(Basis::Team), expected);
}

#[test]
fn a_member_team_without_coverage_sees_nothing_not_even_the_name() {
    // given a team that joined a case, when agreement and consent have nothing in common, or one of them is missing
    let coordination: &[Purpose] = &[Purpose::CaseCoordination];
    let table: [(Categories, Option<ConsentFacts>); 6] = [
        (Categories::ALL, None),
        (set(&[Finance]), Some(consent(1, coordination, &[SOLICITORS], set(&[Health])))),
        (Categories::NONE, Some(consent(1, coordination, &[SOLICITORS], Categories::ALL))),
        (Categories::ALL, Some(consent(1, coordination, &[HOUSING_SUPPORT], Categories::ALL))),
        (Categories::ALL, Some(consent(1, &[Purpose::Referral], &[SOLICITORS], Categories::ALL))),
        (Categories::ALL, Some(consent(1, coordination, &[SOLICITORS], set(&[Equalities])))),
    ];
    for (agreed, given) in table {
        let mut story = a_client().case_led_by(LEAD).joined_by(LAWYERS, agreed);
        story.0.consents.extend(given.clone());
        // then the team has no grant at all
        assert_eq!(story.on(Basis::Team), [], "{agreed:?} {given:?}");
    }
}

#[test]
fn each_consent_covers_a_member_team_for_its_own_time() {
    // given a team that joined a case
    let story = a_client().case_led_by(LEAD).joined_by(LAWYERS, set(&[Finance, Health]));
    // when one consent was given before and another after it joined
    let coordination: &[Purpose] = &[Purpose::CaseCoordination];
    let later = consent(2, coordination, &[SOLICITORS], set(&[Health]));
    let story = story.consented(consent(1, coordination, &[SOLICITORS], set(&[Finance]))).consented(ConsentFacts {
        given_at: day(33),
        recorded_at: day(34),
        expires_at: day(80),
        lapses_at: Timestamp::NEVER,
        ended_at: None,
        ..later
    });
    // then each opens its own part, from when both hold until the consent expires
    let with = |c| set(&[Name, LoneWorking, Involvement, c]);
    let expected =
        [(consent_id(1).0, with(Finance), JOINED, EXPIRY), (consent_id(2).0, with(Health), day(33), day(80))];
    assert_eq!(story.widenings(Basis::Team), expected);
}

#[test]
fn a_team_that_left_the_case_sees_it_no_more() {
    // given a covered member team
    let member = a_client().case_led_by(LEAD).joined_by(LAWYERS, set(&[Finance])).consented(consent(
        1,
        &[Purpose::CaseCoordination],
        &[SOLICITORS],
        set(&[Finance]),
    ));
    assert_eq!(member.on(Basis::Team).len(), 1);
    // when it leaves
    let left = member.left(LEFT);
    // then its grant is gone and the lead's stays
    assert_eq!(left.grants().iter().map(|g| g.basis).collect::<Vec<_>>(), [Basis::Holder]);
}

// ---- CONSENT -----------------------------------------------------------------------------------------------------

#[test]
fn a_consent_to_support_opens_its_categories_to_each_organisation_it_names() {
    // given nothing else, when the client consents to support by two organisations
    let story =
        a_client().consented(consent(1, &[Purpose::Support], &[CHARITY, SOLICITORS], set(&[Finance, Health])));
    // then each of them sees what the consent names, of the client, from when it was given until it expires
    let expected = |organisation| Grant {
        organisation,
        team: None,
        scope: Scope::Client,
        scope_id: CLIENT.0,
        starts_at: CONSENTED,
        until_at: EXPIRY,
        source_kind: "consent",
        source_id: consent_id(1).0,
        ..to(THE_HUB, Basis::Consent, "SUPPORT", set(&[Finance, Health, Involvement]))
    };
    assert_eq!(story.grants(), [expected(SOLICITORS), expected(CHARITY)]);
}

#[test]
fn a_consent_opens_from_when_it_was_given_not_from_when_it_was_written_down() {
    // given a consent, when it is written down days after it was given
    let given = consent(1, &[Purpose::Support], &[CHARITY], set(&[Finance]));
    let story = a_client().consented(ConsentFacts { given_at: day(20), recorded_at: day(23), ..given });
    // then its grant starts when it was given
    assert_eq!(story.only(Basis::Consent).starts_at, day(20));
}

#[test]
fn only_consent_to_support_opens_a_grant_of_its_own() {
    // given an organisation that a consent names, when the consent is for one purpose alone
    for purpose in EVERY_PURPOSE {
        let story = a_client().consented(consent(1, &[*purpose], &[CHARITY], set(&[Finance])));
        // then it has a grant by support alone
        assert_eq!(story.grants().len(), usize::from(*purpose == Purpose::Support), "{purpose:?}");
    }
}

#[test]
fn consent_to_all_partners_opens_no_grant_of_its_own_but_widens_the_work_of_those_listed() {
    // given work on every basis
    let work = work_on_every_basis();
    // when the client consents for every purpose to all partners, spelt out one by one
    let given = consent(1, EVERY_PURPOSE, EVERYBODY, set(&[Finance]));
    let story = work.consented(ConsentFacts { all_partners: true, ..given });
    // then nobody has a CONSENT grant, and hub, lead and member see the category
    assert_eq!(story.on(Basis::Consent), []);
    for (basis, who) in WIDENED_BY_CONSENT {
        assert_eq!(story.shown(basis, who).has(Finance), basis != Basis::Consent, "{basis:?}");
    }
    // … and a consent that names somebody beside it opens its own categories alone
    let story = story.consented(consent(2, &[Purpose::Support], &[CHARITY], set(&[Health])));
    assert_eq!(story.shown(Basis::Consent, CHARITY), set(&[Health, Involvement]));
}

// ---- consent and withdrawal (C3, C4), whatever the basis ---------------------------------------------------------

#[test]
fn expiry_is_a_planned_end_of_everything_a_consent_opens() {
    // given work on every basis
    let work = work_on_every_basis();
    // when a consent ends earlier than all else
    let given = consent(1, EVERY_PURPOSE, EVERYBODY, set(&[Finance]));
    let story = work.consented(ConsentFacts { expires_at: day(31), ..given });
    // then all it opens is there, and its planned end is the expiry
    for (basis, who) in WIDENED_BY_CONSENT {
        let ends: Vec<_> = story
            .on(basis)
            .iter()
            .filter(|g| g.organisation == who && g.categories.has(Finance))
            .map(|g| g.until_at)
            .collect();
        assert_eq!(ends, [day(31)], "{basis:?}");
    }
}

#[test]
fn consents_end_at_death() {
    // given work on every basis, widened by a consent that would last longer, and one that would end before
    for (expires_at, until_at) in [(EXPIRY, DIED), (day(31), day(31))] {
        let given = consent(1, EVERY_PURPOSE, EVERYBODY, set(&[Finance]));
        let story = work_on_every_basis().consented(ConsentFacts { expires_at, ..given });
        // when the client dies
        let story = story.died(DIED);
        // then all that rests on consent ends at the death at the latest
        for (basis, who) in WIDENED_BY_CONSENT {
            let ends: Vec<_> = story
                .on(basis)
                .iter()
                .filter(|g| g.organisation == who && g.categories.has(Finance))
                .map(|g| g.until_at)
                .collect();
            assert_eq!(ends, [until_at], "{basis:?}");
        }
    }
}

#[test]
fn a_consent_that_would_start_after_its_end_opens_nothing() {
    // given work on every basis, when a consent is dated to the very moment of the death
    let given = consent(1, EVERY_PURPOSE, EVERYBODY, set(&[Finance]));
    let story = work_on_every_basis().consented(ConsentFacts { given_at: DIED, ..given }).died(DIED);
    // then it opens nothing
    for (basis, who) in WIDENED_BY_CONSENT {
        assert!(!story.shown(basis, who).has(Finance), "{basis:?}");
    }
}

#[test]
fn a_withdrawal_closes_its_recipient_and_category_under_every_consent() {
    for (basis, who) in WIDENED_BY_CONSENT {
        // given work on every basis and two consents to the same categories
        let both = set(&[Finance, Employment]);
        let story = work_on_every_basis().consented(consent(1, EVERY_PURPOSE, EVERYBODY, both)).consented(consent(
            2,
            EVERY_PURPOSE,
            EVERYBODY,
            both,
        ));
        // when the client withdraws one category from one recipient
        let story = story.withdrew(who, set(&[Finance]), WITHDRAWN);
        // then that recipient sees that category no more, the other one still, and other recipients see both
        assert_eq!(story.shown(basis, who).intersection(both), set(&[Employment]), "{basis:?}");
        for (other, whose) in WIDENED_BY_CONSENT.into_iter().filter(|(_, o)| *o != who) {
            assert_eq!(story.shown(other, whose).intersection(both), both, "{other:?} when {basis:?} is closed");
        }
    }
}

#[test]
fn withdrawing_all_that_is_shared_leaves_no_grant_that_rests_on_consent() {
    // given work on every basis and a consent
    let mut story = work_on_every_basis().consented(consent(1, EVERY_PURPOSE, EVERYBODY, set(&[Finance])));
    // when the client withdraws it from everybody
    for who in EVERYBODY {
        story = story.withdrew(*who, set(&[Finance]), WITHDRAWN);
    }
    // then what stands is what stood without it: no TEAM, no CONSENT, the others as far as they need none
    assert_eq!(story.grants(), work_on_every_basis().grants());
    assert!(story.on(Basis::Team).is_empty() && story.on(Basis::Consent).is_empty());
}

#[test]
fn a_consent_recorded_after_a_withdrawal_opens_again_and_one_recorded_until_then_does_not() {
    let moments = [(Timestamp(WITHDRAWN.0 - 1), false), (WITHDRAWN, false), (Timestamp(WITHDRAWN.0 + 1), true)];
    for (at, opens) in moments {
        for (basis, who) in WIDENED_BY_CONSENT {
            // given a consent that was withdrawn
            let story = work_on_every_basis()
                .consented(consent(1, EVERY_PURPOSE, EVERYBODY, set(&[Finance])))
                .withdrew(who, set(&[Finance]), WITHDRAWN);
            // when another one is given
            let again = consent(2, EVERY_PURPOSE, &[who], set(&[Finance]));
            let story = story.consented(ConsentFacts { given_at: at, recorded_at: at, ..again });
            // then it alone opens the category, if it came after the withdrawal
            let sources: Vec<_> = story
                .on(basis)
                .iter()
                .filter(|g| g.organisation == who && g.categories.has(Finance))
                .map(|g| g.source_id)
                .collect();
            let expected = if opens { vec![consent_id(2).0] } else { Vec::new() };
            assert_eq!(sources, expected, "{basis:?}, {} microseconds after", at.0 - WITHDRAWN.0);
        }
    }
}

#[test]
fn consent_to_research_opens_nothing() {
    // given work on every basis, when the client consents to research with everything, for everybody
    let story = work_on_every_basis().consented(consent(1, &[Purpose::Research], EVERYBODY, Categories::ALL));
    // then nothing changes
    assert_eq!(story.grants(), work_on_every_basis().grants());
}

#[test]
fn equalities_are_opened_by_no_consent() {
    // given work on every basis, when the client consents to everything, equalities by name included
    for categories in [Categories::ALL, set(&[Equalities]), set(&[Equalities, Finance])] {
        let story = work_on_every_basis().consented(consent(1, EVERY_PURPOSE, EVERYBODY, categories));
        // then they are in the sender's own referral and nowhere else
        let bases: Vec<_> =
            story.grants().into_iter().filter(|g| g.categories.has(Equalities)).map(|g| g.basis).collect();
        assert_eq!(bases, [Basis::Referrer], "{categories:?}");
    }
}

#[test]
fn special_categories_open_only_where_a_consent_names_them() {
    for special in Categories::SPECIAL.minus(set(&[Equalities])).iter() {
        let named = set(&[special]);
        // given work on every basis, when a consent names this category alone, or everything but this one
        let by_name = work_on_every_basis().consented(consent(1, EVERY_PURPOSE, EVERYBODY, named));
        let unnamed =
            work_on_every_basis().consented(consent(1, EVERY_PURPOSE, EVERYBODY, Categories::ALL.minus(named)));
        for (basis, who) in WIDENED_BY_CONSENT {
            // then it opens by name, no other special one with it, and not at all without being named
            assert_eq!(by_name.shown(basis, who).intersection(Categories::SPECIAL), named, "{basis:?}");
            assert!(!unnamed.shown(basis, who).has(special), "{special:?} {basis:?}");
        }
    }
}

#[test]
fn without_consent_nobody_but_the_sender_sees_more_than_the_table_says() {
    // given no consent, when there is work on every basis
    let story = work_on_every_basis();
    // then each sees its own categories and no more, and who rests on consent sees nothing
    let shown: Vec<_> = story.grants().iter().map(|g| (g.basis, g.organisation, g.categories)).collect();
    let expected = [
        (Basis::Referrer, SCHOOL, Categories::ALL),
        (Basis::Hub, COUNCIL, TRIAGE),
        (Basis::Holder, HOUSING_SUPPORT, TRIAGE),
        (Basis::Offer, SOLICITORS, INTAKE),
    ];
    assert_eq!(shown, expected);
}

// ---- AUTHOR ------------------------------------------------------------------------------------------------------

#[test]
fn an_organisation_keeps_the_items_it_recorded_itself() {
    // given an organisation that worked with the client and recorded items, when its work has long ended
    let story = a_client().case_led_by(LEAD).closed(CLOSED).recorded_for(HOUSING_SUPPORT, day(20));
    // then it keeps its own items, all teams of it, for seven years, and the name as it stood when its work ended
    let expected = Grant {
        team: None,
        scope: Scope::OwnItems,
        scope_id: HOUSING_SUPPORT.0,
        names_until: CLOSED,
        starts_at: day(20),
        until_at: CLOSED.plus_years(7),
        source_kind: "client",
        source_id: CLIENT.0,
        ..to(LEAD, Basis::Author, "OWN_RECORDS", Categories::ALL)
    };
    assert_eq!(story.grants(), [expected]);
}

#[test]
fn own_items_and_referrals_sent_end_with_retention_unless_a_hold_stands() {
    // given a school that sent a referral and recorded items, when all is closed
    let sent = a_client().drafted().submitted();
    let closed = sent.clone().left_hub(CLOSED).recorded_for(SCHOOL, day(12));
    let keeping = |organisation, years, held| Keeping { organisation, years, held };
    let table = [
        (None, CLOSED.plus_years(7)),
        (Some(keeping(SCHOOL, 1, false)), CLOSED.plus_years(1)),
        (Some(keeping(SCHOOL, 1, true)), Timestamp::NEVER),
        (Some(keeping(HOUSING_SUPPORT, 1, true)), CLOSED.plus_years(7)),
    ];
    for (keeping, until) in table {
        let mut story = closed.clone();
        story.0.keeping.extend(keeping);
        // then both grants are planned to end as it says itself
        for basis in [Basis::Referrer, Basis::Author] {
            assert_eq!(story.only(basis).until_at, until, "{basis:?} {keeping:?}");
        }
    }
    // and while anything is open neither is
    let mut open = sent.recorded_for(SCHOOL, day(12));
    open.0.keeping.push(keeping(SCHOOL, 1, false));
    for basis in [Basis::Referrer, Basis::Author] {
        assert_eq!(open.only(basis).until_at, Timestamp::NEVER, "{basis:?}");
    }
}

#[test]
fn an_author_sees_the_name_as_it_stood_when_its_other_grants_ended() {
    let first = day(20);
    let case = a_client().case_led_by(LEAD);
    let support =
        |expires_at| ConsentFacts { expires_at, ..consent(1, &[Purpose::Support], &[HOUSING_SUPPORT], set(&[Name])) };
    let offer = a_client().drafted().submitted().offered_to(LEAD, Categories::NONE);
    // given an organisation that recorded items, when its other grants are live, planned to end, or ended
    let table = [
        ("an open case", case.clone(), Timestamp::NEVER),
        ("a closed case", case.clone().closed(CLOSED), CLOSED),
        ("an offer before it", offer.clone(), Timestamp::NEVER),
        ("an offer answered", offer.answered(day(16)), day(16)),
        ("a consent that will expire", a_client().consented(support(day(200))), day(200)),
        ("a consent beside an open case", case.clone().consented(support(day(200))), Timestamp::NEVER),
        ("a consent after a closed case", case.clone().closed(CLOSED).consented(support(day(200))), day(200)),
        ("a consent before a closed case", case.clone().closed(CLOSED).consented(support(day(30))), CLOSED),
        ("a case when the client died", case.died(DIED), day(100 + 28)),
        ("a consent when the client died", a_client().consented(support(EXPIRY)).died(DIED), DIED),
    ];
    for (what, story, names_until) in table {
        // then the name is shown up to the last of them
        assert_eq!(story.recorded_for(HOUSING_SUPPORT, first).only(Basis::Author).names_until, names_until, "{what}");
    }
}

#[test]
fn a_member_team_that_recorded_items_sees_the_name_as_it_stood_when_its_membership_or_coverage_ended() {
    let member = a_client().case_led_by(LEAD).joined_by(LAWYERS, set(&[Finance])).recorded_for(SOLICITORS, JOINED);
    let covered = member.consented(consent(1, &[Purpose::CaseCoordination], &[SOLICITORS], set(&[Finance])));
    // given a covered member team that recorded items, when it is there still, left, the case closed, or it left uncovered
    let table = [
        (covered.clone(), EXPIRY),
        (covered.clone().left(LEFT), LEFT),
        (covered.clone().closed(CLOSED), CLOSED),
        (covered.clone().left(LEFT).closed(CLOSED), LEFT),
        (covered.left(EXPIRY.plus_days(1)), EXPIRY),
    ];
    for (story, names_until) in table {
        // then it sees the name up to that end
        assert_eq!(story.only(Basis::Author).names_until, names_until);
    }
}

/// From when, and up to when the name is shown from then on.
fn names(story: &Story) -> Vec<(Timestamp, Timestamp)> {
    let authors = story.grants().into_iter().filter(|g| g.basis == Basis::Author);
    let mut all: Vec<_> = authors.map(|g| (g.starts_at, g.names_until)).collect();
    all.sort();
    all
}

/// A legal gateway through which the agency that led sees the name.
fn gateway_to_name(starts_at: Timestamp, until_at: Timestamp) -> GatewayFacts {
    GatewayFacts {
        id: crate::domain::ids::LegalGatewayId(Uuid::from_u128(0xF1)),
        recipient: HOUSING_SUPPORT,
        asked_for: COUNCIL,
        asked_at: OPENED,
        categories: set(&[Name]),
        starts_at,
        until_at,
        state: crate::domain::legal_gateway::LegalGatewayState::Granted,
        ended_at: None,
        watchers: Vec::new(),
    }
}

#[test]
fn a_grant_that_is_planned_shows_no_later_name_before_it_starts() {
    let worked = a_client().case_led_by(LEAD).closed(CLOSED).recorded_for(HOUSING_SUPPORT, day(20));
    let granted = |from, until| {
        let mut story = worked.clone();
        story.0.gateways.push(gateway_to_name(from, until));
        story
    };
    // given an agency whose work has ended, when a gateway is granted for later
    let later = granted(day(200), day(230));
    // then up to its start the name is the one it knew, and from then on the one up to its end
    assert_eq!(names(&later), [(day(20), CLOSED), (day(200), day(230))]);
    let owned: Vec<_> = later.grants().into_iter().filter(|g| g.basis == Basis::Author).collect();
    assert_eq!(owned[0].until_at, owned[1].starts_at, "own items are kept without a gap");
    // … and one that begins before the other has ended goes on from it
    assert_eq!(names(&granted(day(50), day(230))), [(day(20), day(230))]);
    assert_eq!(names(&granted(CLOSED, day(230))), [(day(20), day(230))]);
}

#[test]
fn an_excluded_organisation_keeps_the_name_it_knew() {
    let objection = |lifted_at| ObjectionFacts { organisation: HOUSING_SUPPORT, since: day(40), lifted_at };
    let excluded = |story: Story, lifted_at| {
        let mut story = story.recorded_for(HOUSING_SUPPORT, day(20));
        story.0.objections.push(objection(lifted_at));
        story
    };
    let case = a_client().case_led_by(LEAD);
    assert_eq!(names(&excluded(case.clone(), None)), [(day(20), day(40))]);
    // Closing the case later shows it no later name; lifting shows it again from then on.
    assert_eq!(names(&excluded(case.clone().closed(CLOSED), None)), [(day(20), day(40))]);
    assert_eq!(names(&excluded(case.clone(), Some(day(70)))), [(day(20), day(40)), (day(70), Timestamp::NEVER)]);
    assert_eq!(names(&excluded(case.closed(CLOSED), Some(day(70)))), [(day(20), day(40))]);
    // Whom the client excludes from the very moment never saw it.
    let mut never = a_client().case_led_by(LEAD).recorded_for(HOUSING_SUPPORT, day(20));
    never.0.objections.push(ObjectionFacts { since: OPENED, ..objection(None) });
    assert_eq!(names(&never), [(day(20), Timestamp(i64::MIN))]);
    // An objection to somebody else takes nothing.
    let mut other = a_client().case_led_by(LEAD).recorded_for(HOUSING_SUPPORT, day(20));
    other.0.objections.push(ObjectionFacts { organisation: CHARITY, ..objection(None) });
    assert_eq!(names(&other), [(day(20), Timestamp::NEVER)]);
    // What an objection does not beat goes on showing it (C6).
    let mut led = a_client().case_led_by(LEAD);
    led.0.gateways.push(gateway_to_name(day(30), day(230)));
    assert_eq!(names(&excluded(led, None)), [(day(20), day(230))]);
    // The hub of an excluded host keeps its items, and the name it knew.
    let mut hub = a_client().drafted().submitted().recorded_at_the_hub(day(13));
    hub.0.objections.push(ObjectionFacts { organisation: COUNCIL, ..objection(None) });
    let own = hub.only(Basis::Author);
    assert_eq!((own.names_until, own.until_at), (day(40), Timestamp::NEVER));
}

#[test]
fn following_ones_own_referral_does_not_keep_the_name_current() {
    // given a sender that recorded items, when all it has beside them is its own referral
    let story = a_client().drafted().recorded_for(SCHOOL, day(11));
    // then the name is shown as it stood when it recorded them at the latest, not as it is today
    assert!(story.only(Basis::Author).names_until <= day(11));
}

#[test]
fn grants_of_other_organisations_do_not_keep_the_name_current() {
    // given an organisation that recorded items, when others work with the client still
    let story = work_on_every_basis().recorded_for(CHARITY, day(20));
    // then it sees the name as it stood when it recorded them at the latest
    assert!(story.only(Basis::Author).names_until <= day(20));
}

#[test]
fn the_hub_keeps_its_own_items_only_while_its_hub_grant_lives_and_as_a_team() {
    let referral = a_client().drafted().submitted().recorded_at_the_hub(day(13));
    // given items that the hub recorded, when the referral is with the hub or left it
    for (story, end) in [(referral.clone(), Timestamp::NEVER), (referral.left_hub(CLOSED), day(60 + 30))] {
        // then the hub team alone keeps them, for as long as its hub grant lives
        let expected = Grant {
            scope: Scope::OwnItems,
            scope_id: THE_HUB.team.0,
            names_until: end,
            starts_at: day(13),
            until_at: end,
            source_kind: "client",
            source_id: CLIENT.0,
            ..to(THE_HUB, Basis::Author, "OWN_RECORDS", Categories::ALL)
        };
        assert_eq!(story.only(Basis::Author), expected);
    }
}

#[test]
fn the_hubs_own_items_are_not_kept_by_other_grants_of_its_organisation_or_after_all_its_own() {
    // given items that the hub recorded, when it never had a referral of the client, or has no sight any more when the
    // items come, and another team of the same organisation leads an open case or is named in a consent
    let elsewhere =
        a_client().case_led_by(COUNCIL_HOUSING).consented(consent(1, &[Purpose::Support], &[COUNCIL], set(&[Name])));
    let too_late = a_client().drafted().submitted().left_hub(CLOSED);
    for story in [elsewhere.recorded_at_the_hub(day(19)), too_late.recorded_at_the_hub(day(90))] {
        // then the hub has nothing of its own to see
        assert_eq!(story.on(Basis::Author), []);
    }
}

#[test]
fn the_hub_keeps_its_own_items_until_the_last_of_its_hub_grants_ends() {
    // given a referral that left the hub and items recorded then
    let mut story = a_client().drafted().submitted().left_hub(CLOSED).recorded_at_the_hub(day(13));
    // when another one comes to the hub later
    let first = story.0.referrals[0].clone();
    story.0.referrals.push(ReferralFacts {
        id: ReferralId(Uuid::from_u128(0xE7)),
        submitted_at: Some(day(80)),
        left_hub_at: Some(day(95)),
        ..first
    });
    // then the hub sees them for 30 days after that one left
    assert_eq!(story.only(Basis::Author).until_at, day(95 + 30));
}

// ---- every world -------------------------------------------------------------------------------------------------

/// A seeded xorshift generator: the same worlds on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from((self.roll() >> 33) % n as u64).expect("small")
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn some<T: Copy>(&mut self, from: &[T]) -> Vec<T> {
        from.iter().copied().filter(|_| self.one_in(2)).collect()
    }

    /// A day of the two months in which everything happens, so that moments often coincide.
    fn day(&mut self) -> Timestamp {
        day(i64::try_from(self.below(60)).expect("small"))
    }

    fn perhaps_day(&mut self) -> Option<Timestamp> {
        self.one_in(3).then(|| self.day())
    }

    fn categories(&mut self) -> Categories {
        self.some(Category::ALL).into_iter().collect()
    }

    fn several<T>(&mut self, at_most: usize, mut one: impl FnMut(&mut Self, u128) -> T) -> Vec<T> {
        let n = self.below(at_most + 1);
        (0..n).map(|i| one(self, i as u128 + 1)).collect()
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            let j = self.below(i + 1);
            list.swap(i, j);
        }
    }

    fn consent(&mut self, n: u128) -> ConsentFacts {
        let given_at = self.day();
        let purposes: Purposes = self.some(EVERY_PURPOSE).into_iter().collect();
        ConsentFacts {
            id: consent_id(n),
            recipients: self.some(EVERYBODY),
            all_partners: self.one_in(4),
            draft: false,
            hearsay: false,
            purposes,
            categories: self.categories(),
            recorded_at: given_at.plus_days(i64::from(self.one_in(3))),
            given_at,
            expires_at: given_at.plus_days(i64::try_from(self.below(60)).expect("small")),
            lapses_at: Timestamp::NEVER,
            ended_at: None,
        }
    }

    fn withdrawal(&mut self) -> WithdrawalFacts {
        WithdrawalFacts { recipients: self.some(EVERYBODY), categories: self.categories(), recorded_at: self.day() }
    }

    fn world(&mut self) -> Facts {
        const TEAMS: &[TeamFacts] = &[THE_HUB, COUNCIL_HOUSING, LEAD, LAWYERS];
        const CASES: &[u128] = &[1, 2];
        let id = |kind: u128, n: u128| Uuid::from_u128(kind * 0x100 + n);
        Facts {
            client: CLIENT,
            died_at: self.one_in(4).then(|| self.day()),
            hubs: if self.one_in(4) { vec![THE_HUB, LAWYERS] } else { vec![THE_HUB] },
            referrals: self.several(2, |d, n| ReferralFacts {
                id: ReferralId(id(0xE1, n)),
                organisation: d.pick(EVERYBODY),
                sent_by: TEACHER,
                private_sender: d.one_in(3),
                contact_request: false,
                state: ReferralState::Submitted,
                brought: d.categories(),
                created_at: d.day(),
                submitted_at: (!d.one_in(4)).then(|| d.day()),
                left_hub_at: d.perhaps_day(),
                closed_at: None,
            }),
            offers: self.several(2, |d, n| OfferFacts {
                id: OfferId(id(0xE2, n)),
                referral: ReferralId(id(0xE1, 1)),
                to: d.pick(TEAMS),
                refuses: d.categories(),
                offered_at: d.day(),
                answered_at: d.perhaps_day(),
            }),
            cases: self.several(2, |d, n| CaseFacts {
                id: CaseId(id(0xE3, n)),
                lead: d.pick(TEAMS),
                opened_at: d.day(),
                closed_at: d.perhaps_day(),
            }),
            members: self.several(3, |d, n| MemberFacts {
                id: CaseMemberId(id(0xE4, n)),
                case: CaseId(id(0xE3, d.pick(CASES))),
                who: d.pick(TEAMS),
                agreed: d.categories(),
                joined_at: d.day(),
                left_at: d.perhaps_day(),
            }),
            consents: self.several(4, Self::consent),
            withdrawals: self.several(2, |d, _| d.withdrawal()),
            overrides: Vec::new(),
            gateways: Vec::new(),
            keeping: Vec::new(),
            authors: self.several(3, |d, _| {
                let team = d.pick(TEAMS);
                let hub_team = (team == THE_HUB).then_some(team.team);
                AuthorFacts { organisation: team.organisation, hub_team, first_at: d.day() }
            }),
            objections: self.several(2, |d, _| ObjectionFacts {
                organisation: d.pick(EVERYBODY),
                since: d.day(),
                lifted_at: d.perhaps_day(),
            }),
        }
    }
}

/// Every world of a run, with the dice that made it.
fn worlds() -> impl Iterator<Item = (Facts, Dice)> {
    (1..=2_000u64).map(|n| {
        let mut dice = Dice(n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        (dice.world(), dice)
    })
}

#[test]
fn neither_order_nor_repetition_of_the_documents_changes_what_they_open() {
    for (world, mut dice) in worlds() {
        // given the documents about a client
        let grants = project(&world);
        // when they come twice and in any other order
        let mut other = world.clone();
        for consent in &mut other.consents {
            consent.recipients.extend(consent.recipients.clone());
        }
        macro_rules! twice_in_any_order {
            ($($list:ident)+) => {$(
                other.$list.extend(other.$list.clone());
                dice.shuffle(&mut other.$list);
            )+};
        }
        twice_in_any_order!(hubs referrals offers cases members consents withdrawals authors objections);
        // then the grants are the same, each once, in the same order
        assert_eq!(project(&other), grants, "{world:#?}");
        assert!(grants.is_sorted_by(|a, b| a < b), "sorted, each once: {grants:#?}");
    }
}

/// Says whether somebody has in `after` what they had not in `before`: a category at a moment, the client as such, or
/// (when asked for) a later name.
fn gained(before: &[Grant], after: &[Grant], names: bool) -> Option<String> {
    let moments: BTreeSet<_> = before.iter().chain(after).flat_map(|g| [g.starts_at, g.until_at]).collect();
    for g in after.iter().filter(|g| !before.contains(g)) {
        for at in moments.range(g.starts_at..g.until_at) {
            let had: Vec<_> = before
                .iter()
                .filter(|b| (b.organisation, b.team, b.person) == (g.organisation, g.team, g.person))
                .filter(|b| (b.scope, b.scope_id) == (g.scope, g.scope_id))
                .filter(|b| b.starts_at <= *at && *at < b.until_at)
                .collect();
            let open = had.iter().fold(Categories::NONE, |all, b| all.union(b.categories));
            let more = !open.covers(g.categories) || (g.opens_client && !had.iter().any(|b| b.opens_client));
            if more || (names && Some(g.names_until) > had.iter().map(|b| b.names_until).max()) {
                return Some(format!("at {at:?} by {g:#?}, having had {had:#?}"));
            }
        }
    }
    None
}

#[test]
fn less_consent_never_opens_anything_to_anybody() {
    let (mut lost_by_consent, mut lost_by_withdrawal) = (0, 0);
    for (world, mut dice) in worlds() {
        // given the documents about a client
        let before = project(&world);
        // when any one of the consents had not been given
        for i in 0..world.consents.len() {
            let mut less = world.clone();
            less.consents.remove(i);
            // then nobody sees more, or sooner, or longer
            let after = project(&less);
            assert_eq!(gained(&before, &after, false), None, "without consent {i} in {world:#?}");
            lost_by_consent += usize::from(gained(&after, &before, false).is_some());
        }
        // … or the client withdraws something
        let mut less = world.clone();
        less.withdrawals.push(dice.withdrawal());
        let after = project(&less);
        assert_eq!(gained(&before, &after, false), None, "with {:?} in {world:#?}", less.withdrawals.last());
        lost_by_withdrawal += usize::from(gained(&after, &before, false).is_some());
    }
    // and the worlds were such that somebody often lost something
    assert!(lost_by_consent > 1_000, "{lost_by_consent}");
    assert!(lost_by_withdrawal > 300, "{lost_by_withdrawal}");
}

#[test]
fn in_no_world_does_anybody_see_more_than_the_table_and_the_consents_to_them_allow() {
    let mut by_consent = 0;
    for (world, _) in worlds() {
        for g in project(&world) {
            // given what consents that name the organisation cover, whatever for
            let consented = world
                .consents
                .iter()
                .filter(|c| c.recipients.contains(&g.organisation))
                .fold(Categories::NONE, |all, c| all.union(c.categories))
                .minus(set(&[Equalities]));
            // when a grant is called for, then it keeps to what its basis allows at most
            let at_most = match g.basis {
                Basis::Hub => {
                    let referral = world.referrals.iter().find(|r| r.id.0 == g.scope_id).expect("on a referral");
                    assert!(referral.submitted_at.is_some_and(|t| t <= g.starts_at), "{g:#?}");
                    TRIAGE.union(consented.intersection(referral.brought))
                }
                Basis::Offer => INTAKE,
                Basis::Holder => TRIAGE.union(consented),
                Basis::Team => set(&[Name, LoneWorking, Involvement]).union(consented),
                Basis::Consent => set(&[Involvement]).union(consented),
                Basis::Referrer | Basis::Author => continue,
                other => panic!("{other:?} follows from other documents"),
            };
            assert!(at_most.covers(g.categories), "{g:#?} in {world:#?}");
            assert!(g.starts_at < g.until_at && !g.categories.is_empty(), "{g:#?} in {world:#?}");
            by_consent += usize::from(g.categories.intersection(Categories::SPECIAL) != Categories::NONE);
        }
    }
    assert!(by_consent > 1_000, "{by_consent}");
}

#[test]
fn the_table_of_categories_is_the_one_of_the_rules() {
    assert_eq!((HUB, HOLDER, OFFER, NEVER_REFUSED), (TRIAGE, TRIAGE, INTAKE, STRICTEST));
    assert_eq!(TEAM, set(&[Name, LoneWorking, Involvement]));
}

// ---- promises that the projection breaks -------------------------------------------------------------------------

#[test]
fn a_case_that_closed_before_a_death_stays_closed() {
    // given a case that closed, when the client dies later
    let story = a_client().case_led_by(LEAD).closed(CLOSED).died(DIED).recorded_for(HOUSING_SUPPORT, day(20));
    // then the team that led it holds nothing on it, and sees the name as it stood when the case closed
    assert_eq!(story.on(Basis::Holder), []);
    assert_eq!(story.only(Basis::Author).names_until, CLOSED);
}

#[test]
fn a_consent_given_before_a_withdrawal_opens_nothing_even_when_written_down_after_it() {
    for (basis, who) in WIDENED_BY_CONSENT {
        // given a withdrawal, when a consent from before it is written down after it
        let late = consent(1, EVERY_PURPOSE, EVERYBODY, set(&[Finance]));
        let story = work_on_every_basis()
            .withdrew(who, set(&[Finance]), WITHDRAWN)
            .consented(ConsentFacts { recorded_at: WITHDRAWN.plus_days(1), ..late });
        // then it is closed like every consent that was given until then
        assert!(!story.shown(basis, who).has(Finance), "{basis:?}");
    }
}

#[test]
fn an_author_sees_the_name_as_it_stood_when_a_withdrawal_ended_its_other_grants() {
    // given an organisation that recorded items, covered as a member team or by a consent of its own
    let all = set(&[Name, Finance]);
    let member = a_client().case_led_by(LEAD).joined_by(LAWYERS, all).consented(consent(
        1,
        &[Purpose::CaseCoordination],
        &[SOLICITORS],
        all,
    ));
    let named = a_client().consented(consent(1, &[Purpose::Support], &[SOLICITORS], all));
    for story in [member, named] {
        // when the client withdraws all of it
        let story = story.recorded_for(SOLICITORS, day(26)).withdrew(SOLICITORS, all, WITHDRAWN);
        // then it sees the name as it stood at the withdrawal
        assert_eq!(story.only(Basis::Author).names_until, WITHDRAWN);
    }
}

#[test]
fn a_consent_that_does_not_open_the_name_does_not_keep_it_current_for_an_author() {
    // given an organisation that recorded items and is named in a consent to support
    let support = |categories| consent(1, &[Purpose::Support], &[CHARITY], categories);
    let author = a_client().recorded_for(CHARITY, day(20));
    // when the consent leaves out the name, or the name alone is withdrawn
    let without = author.clone().consented(support(set(&[Finance])));
    let withdrawn = author.consented(support(set(&[Name, Finance]))).withdrew(CHARITY, set(&[Name]), WITHDRAWN);
    // then no later name is shown to it than it had the right to
    assert!(without.only(Basis::Author).names_until <= day(20));
    assert!(withdrawn.only(Basis::Author).names_until <= WITHDRAWN);
}

#[test]
fn leading_a_case_does_not_prolong_the_hubs_sight_of_its_own_items() {
    // given a referral that left the hub, when the hub team itself leads the case
    let story = a_client().drafted().submitted().left_hub(CLOSED).case_led_by(THE_HUB).recorded_at_the_hub(day(13));
    // then it keeps what it recorded as the hub for as long as its hub grant lives
    assert_eq!(story.only(Basis::Author).until_at, day(60 + 30));
}

#[test]
fn a_team_that_leaves_a_closed_case_sees_the_name_as_it_stood_when_it_closed() {
    // given a case that closed with a covered member team that recorded items
    let story = a_client().case_led_by(LEAD).closed(CLOSED).joined_by(LAWYERS, set(&[Finance])).consented(consent(
        1,
        &[Purpose::CaseCoordination],
        &[SOLICITORS],
        set(&[Finance]),
    ));
    // when its membership is ended later
    let story = story.left(day(80)).recorded_for(SOLICITORS, JOINED);
    // then it sees the name as it stood at the closing
    assert_eq!(story.only(Basis::Author).names_until, CLOSED);
}

#[test]
fn a_grant_that_ended_before_it_began_shows_no_name() {
    // given a team that was never covered, recorded items and left
    let later = LEFT.plus_days(1);
    let story = a_client().case_led_by(LEAD).joined_by(LAWYERS, set(&[Finance])).left(LEFT);
    // when a consent that would have covered it is given afterwards
    let given = consent(1, &[Purpose::CaseCoordination], &[SOLICITORS], set(&[Finance]));
    let story = story.consented(ConsentFacts { given_at: later, recorded_at: later, ..given });
    // then it has seen no name that it could keep
    assert_eq!(story.recorded_for(SOLICITORS, JOINED).only(Basis::Author).names_until, Timestamp(i64::MIN));
}

#[test]
fn less_consent_never_shows_a_later_name_to_anybody() {
    for (world, mut dice) in worlds() {
        // given the documents about a client
        let before = project(&world);
        // when any one of the consents had not been given, or the client withdraws something
        for i in 0..=world.consents.len() {
            let mut less = world.clone();
            if i < less.consents.len() {
                less.consents.remove(i);
            } else {
                less.withdrawals.push(dice.withdrawal());
            }
            // then nobody sees a later name
            assert_eq!(gained(&before, &project(&less), true), None, "{i} of {world:#?}");
        }
    }
}

#[test]
fn who_was_never_shown_the_name_for_a_moment_keeps_none() {
    // given an organisation that a consent covers, as a member team or by name
    let all = set(&[Name, Finance]);
    let member = |at| {
        a_client()
            .case_led_by(LEAD)
            .joined_by(LAWYERS, all)
            .consented(consent(1, &[Purpose::CaseCoordination], &[SOLICITORS], all))
            .withdrew(SOLICITORS, all, at)
    };
    let named =
        |at| a_client().consented(consent(1, &[Purpose::Support], &[SOLICITORS], all)).withdrew(SOLICITORS, all, at);
    let moment = |t: Timestamp| Timestamp(t.0 + 1);
    for (at, names_until) in [(JOINED, Timestamp(i64::MIN)), (moment(JOINED), moment(JOINED))] {
        // when the client withdraws at the very moment at which it would begin, or a moment later
        let story = member(at).recorded_for(SOLICITORS, day(26));
        // then only who saw the name keeps it as it stood
        assert_eq!(story.only(Basis::Author).names_until, names_until, "{at:?}");
    }
    for (at, names_until) in [(CONSENTED, Timestamp(i64::MIN)), (moment(CONSENTED), moment(CONSENTED))] {
        let story = named(at).recorded_for(SOLICITORS, day(26));
        assert_eq!(story.only(Basis::Author).names_until, names_until, "{at:?}");
    }
}
