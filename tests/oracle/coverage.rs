//! That no client-bound field is forgotten: each is asked about, or said here not to be and why.

use super::ask::Asker;
use super::facts::Facts;
use crate::ledger::Dice;
use crate::support::fields::{self, Object};
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{Selection, SelectionSet};
use std::collections::{BTreeMap, BTreeSet};

/// A field or a whole type that the oracle does not ask about, and why.
const NOT_ASKED: &[(&str, &str)] = &[
    (
        "Client.restrictions",
        "told to few, and who they are is walked in matrix.rs, restrictions.rs and safeguards.rs",
    ),
    ("Restriction", "as Client.restrictions"),
    ("RestrictionAccess", "as Client.restrictions"),
    ("RestrictionPerson", "as Client.restrictions"),
    ("LegalHold", "of what an organisation keeps, never of the record: lives.rs"),
    ("IntakeNotice", "of teams, told of a draft to who writes it: safeguards.rs"),
    ("Referral.intakeNotices", "as IntakeNotice"),
    ("Referral.criteriaChangedSince", "of what services state, told to everybody: criteria.rs"),
    ("Referral.likeRecords", "a comparison of what is seen of two records: likeness.rs, two_worlds, triage.rs"),
    ("LikeRecord", "as Referral.likeRecords"),
    (
        "Referral.suggestedServices",
        "what services state, judged by what is seen of the record: triage.rs, two_worlds",
    ),
    ("SuggestedService", "as Referral.suggestedServices"),
    ("Referral.wouldHaveTold", "what services state, judged by what the sender wrote: triage.rs"),
    ("Referral.triageClock", "a sum of the times in Referral.history, told to the same: domain/triage.rs, triage.rs"),
    ("TriageClock", "as Referral.triageClock"),
    (
        "DutyToRefer.passBy",
        "the end of the day that DutyToRefer.recordedAt and Referral.submittedAt tell: domain/duty.rs",
    ),
    ("Consent.viewerAccess", "viewer_access.rs compares it with what the mutation answers"),
    ("ConsentAccess", "as Consent.viewerAccess"),
    ("Note.viewerAccess", "as Consent.viewerAccess"),
    ("NoteAccess", "as Consent.viewerAccess"),
    ("Proxy.viewerAccess", "as Consent.viewerAccess"),
    ("ProxyAccess", "as Consent.viewerAccess"),
    ("Signpost.viewerAccess", "as Consent.viewerAccess"),
    ("SignpostAccess", "as Consent.viewerAccess"),
    ("LawfulBasis.viewerAccess", "as Consent.viewerAccess"),
    ("LawfulBasisAccess", "as Consent.viewerAccess"),
];

/// What documents ask for, type by type.
struct Asked {
    objects: BTreeMap<String, Object>,
    fields: BTreeSet<(String, String)>,
}

impl Asked {
    fn selection(&mut self, of: &str, set: &SelectionSet) {
        for item in &set.items {
            match &item.node {
                Selection::Field(f) => {
                    let name = f.node.name.node.as_str();
                    let known = self.objects[of].fields.iter().find(|x| x.name == name);
                    let leads_to = known.unwrap_or_else(|| panic!("{of} has no {name}")).of.clone();
                    self.fields.insert((of.to_owned(), name.to_owned()));
                    self.selection(&leads_to, &f.node.selection_set.node);
                }
                Selection::InlineFragment(i) => {
                    let on = i.node.type_condition.as_ref().expect("on a type").node.on.node.to_string();
                    self.selection(&on, &i.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => panic!("the oracle writes no named fragments"),
            }
        }
    }
}

/// All that the oracle can ask for.
fn asked() -> BTreeSet<(String, String)> {
    let facts = Facts::one_of_each();
    let mut dice = Dice::thrown(1);
    let mut asked = Asked { objects: fields::objects(), fields: BTreeSet::new() };
    for question in (Asker { facts: &facts, dice: &mut dice, everything: true, oversees: false }).all_questions() {
        let document = parse_query(question.document()).expect("it parses");
        for (_, operation) in document.operations.iter() {
            asked.selection("Query", &operation.node.selection_set.node);
        }
    }
    asked.fields
}

/// What is neither asked for nor excused, and what is excused without need.
fn wrong(excused: &[(&str, &str)]) -> Vec<String> {
    let (asked, table) = (asked(), fields::table());
    let covers = |entry: &str, (of, field): &(String, String)| entry == of || entry == format!("{of}.{field}");
    let forgotten = table.keys().filter(|f| !asked.contains(f) && !excused.iter().any(|(e, _)| covers(e, f)));
    let mut wrong: Vec<_> = forgotten
        .map(|(of, field)| format!("{of}.{field}: ask for it, or say in oracle/coverage.rs why not"))
        .collect();
    for (entry, _) in excused {
        let all: Vec<_> = table.keys().filter(|f| covers(entry, f)).collect();
        if all.is_empty() || all.iter().any(|f| asked.contains(f)) {
            wrong.push(format!(
                "{entry} is excused in oracle/coverage.rs, and is asked for or is no client-bound field"
            ));
        }
    }
    wrong
}

#[test]
fn every_client_bound_field_is_asked_about_or_said_not_to_be() {
    assert_eq!(wrong(NOT_ASKED), Vec::<String>::new());
    assert!(NOT_ASKED.iter().all(|(_, why)| !why.is_empty()));
}

#[test]
fn a_field_that_is_forgotten_is_found_and_so_is_an_excuse_too_many() {
    let fewer: Vec<_> = NOT_ASKED.iter().filter(|(e, _)| *e != "LegalHold").copied().collect();
    let found = wrong(&fewer);
    assert!(found.iter().any(|w| w.starts_with("LegalHold.reference: ask for it")), "{found:#?}");
    let mut more = NOT_ASKED.to_vec();
    more.extend([("InboxItem.subject", "no reason"), ("Restriction.colour", "no such field")]);
    assert_eq!(wrong(&more).len(), 2, "{:#?}", wrong(&more));
}
