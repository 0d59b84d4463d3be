//! The rules in words: what each says, where it is enforced, which tests prove it.

use std::fmt::Write;

/// A rule of confidentiality.
pub struct Rule {
    /// Its number: C1 is 1.
    pub number: u32,
    /// What it is about.
    pub title: &'static str,
    /// What it says.
    pub says: &'static str,
    /// The files that enforce it.
    pub enforced: &'static [&'static str],
    /// The tests that prove it: `file::test`.
    pub proven: &'static [&'static str],
    /// What of it is not built.
    pub lacking: &'static str,
}

impl Rule {
    /// Writes the rule as a section.
    pub(super) fn write(&self, out: &mut String) {
        let _ = writeln!(out, "### C{} {}\n\n{}\n", self.number, self.title, self.says);
        if !self.lacking.is_empty() {
            let _ = writeln!(out, "*Not built:* {}\n", self.lacking);
        }
        let list = |all: &[&str]| all.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
        if !self.enforced.is_empty() {
            let _ = writeln!(out, "Enforced in {}.\n", list(self.enforced));
        }
        if !self.proven.is_empty() {
            let _ = writeln!(out, "Proven by {}.\n", list(self.proven));
        }
    }
}

pub(super) const BEGINNING: &str = "# Rules of confidentiality

Who may see what of a person's record, why, and what stands against it. This document is written by the program itself
(`alliance rules > docs/rules.md`): the tables are answers of the code that enforces the rules, and a test fails when the document
and the code drift apart. The numbers are those that code, tests and the schema's descriptions name.

## In words

Nobody sees anything of a record without a *grant*: a row that says whose, on which *basis*, which *categories*, how far, since when,
until when, and which document it follows from. Restrictions win over grants, except where a rule says so. What is not open is left
out without a word on whether there was anything; a record to which nothing is open does not exist for who asks.

";

pub(super) const TABLES: &str = "## In tables

";

pub(super) const BY_CATEGORY: &str = "### What each basis opens, at most

`yes`: without further consent. `consent`: as far as a live consent covers it, with its purpose and its recipient. `own`: of what
the holder wrote itself; for OVERSIGHT, of the one document under review. `–`: never. `·`: no document gives a grant on this basis yet. An offer is narrowed further by the team's intake
profile (C8), every grant by its scope (C2).

";

pub(super) const BY_ROLE: &str = "### Which bases each role can use

A grant on a basis that a person's role cannot use opens nothing to them.

";

pub(super) const BY_RESTRICTION: &str = "### What each restriction stops

As somebody meets it who is not named on it. `everything`: the grant opens nothing. `contact, location`: contact, and every item that tells
where the person can be found. `unless co-signed`: a grant that somebody of a holding organisation signed with the asker passes it (C16); whoever is to co-sign or review an override has that document by the same mark.

";

pub(super) const REDACTIONS: &str = "### How a withheld category is told

With the category comes a reason and a remedy. They depend on rights alone: the same whether or not anything is there, and the same whether
a consent was never given, was withdrawn, or contact is protected (C12). INVOLVEMENT is opened by any grant and never withheld.

";

pub(super) const TOGETHER: &str = "### All at once

One row for each role and each basis it can use. A role without a row for a basis sees nothing through it.

";

/// The rules, in order.
pub const RULES: &[Rule] = &[
    Rule {
        number: 1,
        title: "Categories",
        says: "What is kept of a person falls into twenty categories; six of them are special. Every field that shows something of a person \
belongs to exactly one, and its description in the schema says which; a note, a narrative or a section entry carries its own, and a note \
with several opens only where all of them are open. A field without a category fails the tests.",
        enforced: &["src/domain/category.rs", "src/policy/disclosure.rs", "src/persistence/access.rs"],
        proven: &[
            "tests/house.rs::every_object_is_known_and_every_client_bound_field_names_its_category",
            "tests/matrix.rs::every_field_opens_as_the_rules_say",
        ],
        lacking: "",
    },
    Rule {
        number: 2,
        title: "Access needs a basis",
        says: "Whoever sees something of a record holds a live grant for it: a row of the access ledger that follows from a document, \
names a basis, categories, a scope and times. Every statement that reads client data tests the ledger, the viewer's membership and the \
restrictions itself. The ledger is a projection of the documents and can be compared with them at any time. \
Merging organisations holds, passes on and widens no grant: an organisation is merged when nobody acts for it.",
        enforced: &["src/policy/grants.rs", "src/persistence/access.rs", "src/persistence/ledger.rs"],
        proven: &[
            "tests/registry.rs::what_somebody_acts_for_is_not_merged",
            "src/policy/grants_tests.rs::in_no_world_does_anybody_see_more_than_the_table_and_the_consents_to_them_allow",
            "tests/ledger.rs::no_walk_through_the_mutations_leads_ledger_and_documents_apart",
            "tests/matrix.rs::every_field_opens_as_the_rules_say",
            "tests/sight.rs::an_excluded_organisation_keeps_the_name_it_knew",
            "tests/sight.rs::a_gateway_planned_for_later_shows_no_new_name_today",
            "tests/triage.rs::what_was_asked_is_told_where_it_is_open",
        ],
        lacking: "panels and the client's own view give no grants yet.",
    },
    Rule {
        number: 3,
        title: "Consent",
        says: "A consent names its recipients, purposes and categories, who gave it and how, and lasts two years at most. A parent, an attorney or a \
deputy is named on the record, and what they consent to ends with their authority: a parent's at 18 and at recorded competence. The lead, the hub and who recorded them end it. A recorded \
best-interests decision stands in consent's place, within the same limits. Consent widens what the \
hub, an offered team, the lead and member teams see; a consent for support gives the organisations it names a grant of their own. Special \
categories open only by name, equalities never. On which lawful basis an organisation processes what it has is a record of its own, with \
the conditions that special categories and offences need; it opens nothing, and is for the organisation that recorded it.",
        enforced: &[
            "src/policy/coverage.rs",
            "src/policy/lawful_basis.rs",
            "src/policy/lives.rs",
            "src/policy/grants.rs",
            "src/service/consent.rs",
            "src/service/proxy.rs",
        ],
        proven: &[
            "src/policy/grants_tests.rs::special_categories_open_only_where_a_consent_names_them",
            "tests/inputs.rs::a_consent_that_cannot_be_relied_on_is_refused",
            "tests/lives.rs::a_parents_consent_lapses_when_the_child_is_of_age",
            "tests/lives.rs::a_parents_consent_lapses_at_recorded_competence",
            "tests/lives.rs::a_proxy_who_cannot_act_gives_no_consent",
            "tests/lives.rs::a_member_team_ends_no_proxy_of_others",
            "tests/lives.rs::a_best_interests_decision_stands_in_consents_place",
            "src/policy/lives.rs::a_consent_ends_with_the_authority_it_rests_on",
            "tests/sight.rs::coming_back_alone_opens_no_more_than_before",
            "tests/lives.rs::a_lawful_basis_opens_nothing_and_is_for_who_recorded_it",
            "src/policy/lawful_basis.rs::special_categories_need_a_condition_and_some_conditions_another",
        ],
        lacking: "",
    },
    Rule {
        number: 4,
        title: "Withdrawal",
        says: "Withdrawing always succeeds. It closes its recipients and categories under every consent given until then, ends the memberships \
it leaves uncovered, and holds for every statement that starts after its commit. What an organisation wrote itself stays with it. The lead \
and the hub record one from anybody, who recorded a consent from those it names, and a mere recipient from its own organisation alone.",
        enforced: &["src/policy/coverage.rs", "src/service/consent.rs"],
        proven: &[
            "src/policy/grants_tests.rs::a_withdrawal_closes_its_recipient_and_category_under_every_consent",
            "tests/ledger.rs::accepting_and_withdrawing_at_once_is_one_or_the_other",
            "tests/sight.rs::a_withdrawal_is_never_refused",
            "tests/sight.rs::who_is_not_told_of_others_withdraws_from_their_own_alone",
        ],
        lacking: "",
    },
    Rule {
        number: 5,
        title: "Sealed records",
        says: "A sealed record exists for the people named on the seal, and for nobody else: not for the hub, nor for the lead. A name on the \
seal opens nothing by itself. Managers, hub coordinators and safeguarding leads who work in the hub or in the team that leads the case set it, while nothing plans an end \
to their sight; one of these, if named, lifts it. Whoever seals names one who leads with them and could lift it. Who only broke the glass shuts nobody out.",
        enforced: &["src/policy/restriction.rs", "src/persistence/access.rs", "src/service/restriction.rs"],
        proven: &[
            "tests/restrictions.rs::a_sealed_record_is_there_for_those_named_on_it_alone",
            "tests/restrictions.rs::a_seal_stands_against_an_override_and_a_gateway",
            "tests/safeguards.rs::a_seal_is_set_and_lifted_by_those_who_lead",
            "tests/walls.rs::a_seal_shuts_out_who_watches_a_gateway",
            "tests/safeguards.rs::nobody_seals_a_record_away",
            "tests/matrix.rs::every_field_opens_as_the_rules_say",
        ],
        lacking: "",
    },
    Rule {
        number: 6,
        title: "Objections",
        says: "A client can exclude an organisation: it keeps what it wrote itself, an override and a legal gateway, and loses everything else. \
A client can exclude a person: for them the record does not exist, whatever they hold. The hub and the lead, who must honour it, are told and lift it, and so does who recorded it. A member team excludes \
neither the agency that leads the case nor the one that hosts the hub: it passes such a wish on to them. An organisation is excluded with all that it is \
merged with, for as long as they are one body.",
        enforced: &["src/policy/restriction.rs", "src/persistence/access.rs", "src/service/restriction.rs"],
        proven: &[
            "tests/registry.rs::an_objection_follows_the_body",
            "tests/restrictions.rs::an_objection_beats_whatever_opens_the_record_but_an_override_and_a_gateway",
            "tests/restrictions.rs::for_a_person_objected_to_there_is_nothing_ever",
            "tests/safeguards.rs::an_objection_is_told_to_those_who_must_honour_it_as_far_as_links_may_speak",
            "tests/sight.rs::an_excluded_organisation_keeps_the_name_it_knew",
            "tests/sight.rs::an_excluded_lead_steers_nothing_and_hears_nothing",
            "tests/safeguards.rs::a_member_team_excludes_nobody_who_could_lift_it",
        ],
        lacking: "",
    },
    Rule {
        number: 7,
        title: "Protected contact",
        says: "Contact, workplace, school and whatever tells where a person can be found are seen by the named few. One person sets it, two \
others together lift it; it covers the household at the same address. To everybody else it reads like contact that is not shared, \
and like the ordinary wish to be reached through the lead worker. Who is not named loses sight even of their own note that tells where \
somebody is: all they learn is that contact goes through the lead worker. A referral marks what it brings as telling where the person is, and whoever may \
protect contact marks it later; who wrote it goes on reading what they wrote, and is told of no mark.",
        enforced: &["src/policy/restriction.rs", "src/persistence/access.rs", "src/service/household.rs"],
        proven: &[
            "tests/restrictions.rs::protected_contact_is_for_the_named_few",
            "src/policy/restriction.rs::two_others_together_lift_protection",
            "tests/safeguards.rs::protected_contact_is_lifted_by_two_others_together",
            "tests/safeguards.rs::a_name_is_taken_off_by_those_who_could_lift_it",
            "tests/safeguards.rs::protection_follows_the_household_whenever_it_is_recorded",
            "tests/safeguards.rs::the_worker_whom_an_offer_names_is_named_while_it_is_open",
            "tests/protection.rs::nobody_offers_a_referral_to_themselves_to_be_one_of_the_few",
            "tests/safeguards.rs::a_preference_reads_to_all_others_exactly_like_protection",
            "tests/safeguards.rs::a_preference_covers_the_household_exactly_like_protection",
            "tests/protection.rs::what_a_referral_marks_as_telling_where_somebody_is_is_for_the_few",
            "tests/protection.rs::what_a_referral_brought_is_marked_later_and_stays_so_while_contact_is_protected",
            "tests/triage.rs::an_answer_that_tells_of_a_place_is_for_the_few",
        ],
        lacking: "merging and exporting records, which protection must survive.",
    },
    Rule {
        number: 8,
        title: "Intake profiles",
        says: "A team says which categories it does not want before it has met a person. An offer to it leaves them out, whatever consent says; \
names, contact, access needs and advice for lone workers cannot be refused.",
        enforced: &["src/policy/grants.rs", "src/policy/disclosure.rs"],
        proven: &[
            "src/policy/grants_tests.rs::an_offer_leaves_out_what_the_intake_profile_refuses_but_never_what_the_strictest_takes",
        ],
        lacking: "",
    },
    Rule {
        number: 9,
        title: "Third parties and households",
        says: "What somebody says of a third person stays with the organisation that recorded it. A household shows its members by name as they \
were recorded; it leads to a member's own record only where the viewer sees that record.",
        enforced: &[
            "src/persistence/access.rs",
            "src/persistence/shared_case.rs",
            "src/service/client.rs",
            "src/graphql/client.rs",
        ],
        proven: &[
            "tests/safeguards.rs::an_entry_about_somebody_else_stays_with_who_recorded_it",
            "tests/hidden.rs::a_household_links_to_nobody_whom_its_recorder_does_not_see",
            "tests/matrix.rs::every_field_opens_as_the_rules_say",
            "tests/sight.rs::the_hub_reads_no_third_party_note_of_its_host",
        ],
        lacking: "",
    },
    Rule {
        number: 10,
        title: "Reflective logs",
        says: "A reflective log is its author's, and their supervisor's in the same organisation while they supervise. Nobody decides who supervises \
themselves.",
        enforced: &["src/persistence/shared_case.rs", "src/policy/supervision.rs"],
        proven: &[
            "tests/safeguards.rs::a_reflective_note_opens_to_its_author_and_their_live_supervisor_alone",
            "tests/matrix.rs::every_field_opens_as_the_rules_say",
            "src/policy/supervision.rs::supervision_is_decided_by_somebody_else",
            "tests/sight.rs::reflective_notes_open_to_a_manager_acting_as_one",
        ],
        lacking: "a court order and a rights request's own decision, which alone go past this.",
    },
    Rule {
        number: 11,
        title: "Links speak",
        says: "The name of an organisation can give a category away. Wherever a link between a person and an organisation is shown, a viewer to \
whom that category is not open reads \"an organisation\". The viewer's own organisation is named, and the hub reads who sent what it triages.",
        enforced: &["src/policy/links.rs", "src/policy/document.rs", "src/graphql/mod.rs"],
        proven: &[
            "tests/gateway.rs::ground_and_recipient_speak_only_to_whom_what_they_imply_is_open",
            "src/policy/links.rs::a_probation_service_is_named_only_where_offending_is_open",
            "tests/matrix.rs::every_field_opens_as_the_rules_say",
        ],
        lacking: "",
    },
    Rule {
        number: 12,
        title: "Withheld, not broken",
        says: "A category that is not open is empty, the rest is shown, and the object lists what is withheld with a reason and a remedy, by rights \
alone. Managers of the lead team and the safeguarding and information governance leads of who works with the person can have it explained: \
which grants open a category, from which document, since when and until when, and which restrictions stand. Never a value.",
        enforced: &["src/policy/disclosure.rs", "src/policy/explain.rs", "src/persistence/explain.rs"],
        proven: &[
            "src/policy/disclosure.rs::withheld_categories_are_told_with_reason_and_remedy",
            "tests/explain.rs::those_entitled_are_told_which_grants_open_a_category",
            "tests/explain.rs::to_everybody_else_a_record_explains_itself_like_one_that_nobody_has",
        ],
        lacking: "",
    },
    Rule {
        number: 13,
        title: "Hidden means non-existent",
        says: "A record to which a viewer holds no live grant answers exactly as an id that nobody has: the same bytes, errors, counts and cursors, \
and the same number of statements.",
        enforced: &["src/persistence/access.rs", "src/graphql/query.rs"],
        proven: &[
            "tests/hidden.rs::a_hidden_id_reads_like_an_unknown_one_and_like_one_that_is_none",
            "tests/leaks.rs::hidden_is_what_unknown_is_in_bytes_and_in_statements",
            "tests/sight.rs::ids_count_nothing",
        ],
        lacking: "",
    },
    Rule {
        number: 14,
        title: "No side doors",
        says: "Searching, filtering, sorting, counting, cursors, errors, payloads and replays follow the category of every field they touch: a filter \
on what is withheld behaves as if the fact were not known.",
        enforced: &["src/persistence/client.rs", "src/persistence/referral.rs", "src/service/unit.rs"],
        proven: &[
            "tests/hidden.rs::a_search_finds_by_what_the_searcher_may_see",
            "tests/conventions.rs::a_replay_is_read_under_the_rights_of_its_own_moment",
            "tests/triage.rs::the_queue_holds_nothing_that_is_hidden",
            "tests/triage.rs::a_sender_is_told_nothing_by_what_it_may_answer",
            "tests/bulk.rs::a_hidden_referral_of_the_same_reference_tells_nothing",
        ],
        lacking: "",
    },
    Rule {
        number: 15,
        title: "Matching and merging",
        says: "The hub is told of records that look like the one it triages, by name and date of birth, among those it sees; of any other, nobody \
learns that there is one. Two records are merged by who sees both. Grants go on opening the items of the record they came from, restrictions \
unite, and an undo restores both.",
        enforced: &["src/domain/likeness.rs", "src/service/likeness.rs", "src/persistence/client.rs"],
        proven: &["tests/triage.rs::records_that_look_alike_are_told_to_the_hub_among_those_it_sees"],
        lacking: "merging of clients.",
    },
    Rule {
        number: 16,
        title: "Override",
        says: "In an emergency one person opens named categories of one record for at most 24 hours, on a coded ground and with a written \
reason. Safeguarding leads of their organisation and of those that hold the case are told at once, see that document alone, and another person \
reviews it: what was not justified ends. What is sealed, or contact that is protected, waits for a lead of a holding organisation who is no \
colleague of the asker's; where no other organisation that holds the case has one, for the hub's, and where the asker is of the organisation that \
hosts it, for any lead elsewhere. For a record they do not see they give a name and a date of birth, three times a day, and hear RECEIVED, whatever comes \
of it. What nobody reviews within a working day is escalated, and the asker's next one waits for a co-signature. \
A co-signature passes what stood when it was given, and nothing set later, while that stands. What was told outside of what an override alone \
opened is read with it, by whoever asked while it lasts and by those who review it.",
        enforced: &[
            "src/policy/emergency.rs",
            "src/service/emergency.rs",
            "src/service/emergency_jobs.rs",
            "src/service/new_leads.rs",
            "src/policy/restriction.rs",
        ],
        proven: &[
            "tests/emergency.rs::it_opens_what_was_asked_to_one_person_and_tells_every_lead_concerned",
            "tests/walls.rs::a_lead_who_asks_hears_nothing_of_a_sealed_record",
            "tests/walls.rs::an_override_is_put_before_leads_who_can_read_it",
            "tests/walls.rs::a_request_matches_the_person_and_not_who_is_written_of",
            "tests/walls.rs::an_override_is_one_persons",
            "tests/walls.rs::a_co_signature_passes_no_later_seal",
            "tests/emergency.rs::a_sealed_record_waits_for_a_lead_who_holds_it_and_is_no_colleague",
            "tests/emergency.rs::what_the_askers_agency_holds_alone_is_co_signed_by_the_hubs_lead",
            "tests/emergency.rs::a_lead_appointed_later_is_told_of_what_waits",
            "tests/emergency.rs::another_person_reviews_it_and_what_was_not_justified_ends_at_once",
            "tests/emergency.rs::a_request_tells_the_same_whatever_there_is",
            "tests/emergency.rs::what_nobody_reviews_in_a_working_day_is_escalated_and_the_next_one_waits",
            "tests/restrictions.rs::a_co_signed_grant_passes_what_was_signed_for_and_nothing_else",
            "tests/matrix.rs::every_field_opens_as_the_rules_say",
            "tests/sight.rs::no_colleague_under_another_hat_cosigns",
        ],
        lacking: "",
    },
    Rule {
        number: 17,
        title: "Legal gateways",
        says: "A court order, a duty in law or a protocol opens named categories to a named organisation between its dates, with its reference. Who \
works with the person asks for it, and another person, a safeguarding lead of the same organisation, grants it; nobody names what is not open to \
them. What is given to somebody outside the system is recorded as a document of its own, seen where all its categories are open.",
        enforced: &[
            "src/policy/gateway.rs",
            "src/policy/document.rs",
            "src/service/legal_gateway.rs",
            "src/service/outward_disclosure.rs",
        ],
        proven: &[
            "tests/gateway.rs::a_gateway_opens_what_it_names_to_whom_it_names_until_it_is_ended",
            "tests/gateway.rs::another_person_decides_whatever_their_membership",
            "tests/gateway.rs::a_lead_appointed_later_is_told_of_what_is_to_be_decided",
            "tests/gateway.rs::it_goes_past_an_agencys_exclusion_but_past_no_seal_and_no_persons",
            "tests/gateway.rs::what_was_told_outside_is_kept_and_read_as_an_item",
            "tests/matrix.rs::every_field_opens_as_the_rules_say",
            "tests/sight.rs::a_gateway_planned_for_later_shows_no_new_name_today",
            "tests/triage.rs::what_was_asked_is_told_where_it_is_open",
        ],
        lacking: "the grant of whoever handles a rights request.",
    },
    Rule {
        number: 18,
        title: "The client is told",
        says: "The client reads of disclosures without consent in the access history after review, unless it is withheld until a date for a reason. \
That is decided with the review of an override, the grant of a gateway and the record of a disclosure, and is withheld by default for child \
protection, public protection and MAPPA.",
        enforced: &["src/domain/tell.rs", "src/domain/emergency.rs", "src/domain/legal_gateway.rs"],
        proven: &[
            "tests/gateway.rs::what_the_client_is_told_is_decided_with_a_date_and_a_reason",
            "tests/emergency.rs::whether_the_client_is_told_is_decided_with_the_review",
        ],
        lacking: "the access history itself.",
    },
    Rule {
        number: 19,
        title: "Rights requests",
        says: "Each item of a subject access pack is decided by its controller: released, redacted or exempt, with a reference.",
        enforced: &[],
        proven: &[],
        lacking: "all of it.",
    },
    Rule {
        number: 20,
        title: "The trace",
        says: "Every disclosure is recorded before it is made: who, for whom, in which roles, about whom, which categories, on which grants, when. So is \
every look-up that found nothing. If it cannot be recorded, no data leaves. Rows are chained, so that a change is found.",
        enforced: &["src/persistence/trace.rs", "src/service/context.rs"],
        proven: &[
            "tests/trace.rs::whatever_is_shown_is_in_the_trace_when_the_answer_arrives",
            "tests/trace.rs::what_is_about_no_record_is_recorded_when_it_is_shown",
            "tests/trace.rs::no_word_of_the_callers_own_is_in_the_trace_or_the_log",
            "tests/trace.rs::without_a_trace_no_client_data_leaves",
            "tests/trace.rs::no_tampering_goes_unfound",
            "tests/bulk_export.rs::an_export_that_cannot_be_recorded_shows_nothing",
        ],
        lacking: "reading the trace through the API.",
    },
    Rule {
        number: 21,
        title: "Persons and roles",
        says: "A token speaks for one person acting for one organisation, and an issuer only for organisations it is registered for. Roles count \
where token and membership both hold them. \"Somebody else\" compares persons, whatever hats they wear: nobody lifts the \
exclusion of an agency that they work for as well.",
        enforced: &["src/policy/viewer.rs", "src/http/authentication.rs", "src/persistence/person.rs"],
        proven: &[
            "tests/identity.rs::token_and_membership_both_narrow_the_roles",
            "tests/identity.rs::the_two_hats_of_one_person_share_nothing",
            "tests/sight.rs::no_colleague_under_another_hat_cosigns",
            "tests/sight.rs::nobody_widens_their_sight_under_another_hat",
            "tests/sight.rs::nobody_lifts_the_exclusion_of_an_agency_of_theirs",
        ],
        lacking: "",
    },
    Rule {
        number: 22,
        title: "Writing",
        says: "Nobody changes what they do not see. Who works with a person as the hub, the lead or a member team may add whatever the work needs, and \
sees what they added. What others recorded is not corrected: a new entry is recorded beside it; the hub and the agency that hosts it are \
others to each other. Every object says what its viewer may do, by \
the predicates that the mutations enforce.",
        enforced: &[
            "src/policy/writing.rs",
            "src/policy/referral.rs",
            "src/policy/restriction.rs",
            "src/policy/emergency.rs",
            "src/policy/gateway.rs",
        ],
        proven: &[
            "src/policy/writing.rs::adding_needs_the_work_not_just_the_sight",
            "tests/safeguards.rs::the_hub_rewrites_no_entry_of_its_host",
            "tests/viewer_access.rs::what_access_says_is_what_the_mutation_answers",
            "tests/sight.rs::an_excluded_lead_steers_nothing_and_hears_nothing",
        ],
        lacking: "",
    },
    Rule {
        number: 23,
        title: "Referrals open records lawfully",
        says: "A record begins with a referral, under consent or a coded ground, and with special data only where the consent names it. A friend, a \
relative or a landlord learns of progress alone, and what they say of the person's consent opens nothing: the referral waits until the hub \
has recorded the person's own. Nobody but the hub learns from an outcome that there is another record.",
        enforced: &["src/policy/referral.rs", "src/service/referral.rs", "src/persistence/triage.rs"],
        proven: &[
            "tests/inputs.rs::a_draft_is_submitted_under_consent_that_names_what_is_special",
            "tests/hidden.rs::a_private_sender_learns_of_progress_alone",
            "tests/journey.rs::a_sender_reads_referred_on_where_it_was_a_duplicate",
            "tests/sight.rs::a_private_sender_opens_nothing_to_itself",
            "tests/walls.rs::a_friends_word_is_no_consent",
            "tests/walls.rs::a_duplicate_is_told_to_the_hub_alone",
            "tests/triage.rs::a_private_sender_is_asked_by_other_ways",
            "tests/walls.rs::a_contact_request_brings_no_proxy",
        ],
        lacking: "",
    },
    Rule {
        number: 24,
        title: "Lives change",
        says: "At death consents end and nobody speaks for the person any more, and the lead keeps its open case for 28 days. A child's own record starts empty, and an excluded parent never acts for \
the child: what they consented to ends, and nobody of that name is recorded anew. What an agency recorded, and the referrals it sent, \
are open to it until its retention ends, counted from the last closure: seven years unless it says otherwise; its legal hold wins over that.",
        enforced: &[
            "src/policy/grants.rs",
            "src/policy/lives.rs",
            "src/service/proxy.rs",
            "src/service/retention.rs",
        ],
        proven: &[
            "tests/lives.rs::what_was_recorded_is_kept_for_seven_years_after_the_last_closure",
            "tests/lives.rs::an_organisation_says_how_long_it_keeps_records",
            "tests/lives.rs::a_legal_hold_wins_over_retention",
            "src/policy/lives.rs::records_are_kept_for_years_after_the_last_closure_and_held_without_an_end",
            "tests/lives.rs::an_excluded_parent_never_acts_for_the_child",
            "tests/lives.rs::nobody_speaks_for_who_has_died",
            "src/policy/grants_tests.rs::after_a_death_the_lead_keeps_the_case_for_28_days_and_no_consent",
            "src/policy/grants_tests.rs::consents_end_at_death",
        ],
        lacking: "a child's own record; and the deletion of what nobody keeps any more: retention ends who may read it.",
    },
];
