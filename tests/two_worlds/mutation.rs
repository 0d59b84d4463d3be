//! Mutations: every one there is, with inputs of its type, keys used once and again, many only checked.

use super::operation::{Generator, Operation, Selected};
use serde_json::{Map, Value, json};

/// Mutations that may go through in the viewer's name.
///
/// Where one opens something that differs between the worlds, the variation of `hidden.rs` that makes the difference names
/// it, and it is only checked in that round.
const THROUGH: &[&str] = &[
    "caseClose",
    "caseMemberAdd",
    "caseMemberRemove",
    "caseReenter",
    "clientSeal",
    "competenceRecord",
    "consentRecord",
    "consentWithdraw",
    "contactPreferenceRecord",
    "contactProtect",
    "entryCorrect",
    "entryMark",
    "entryRecord",
    "inboxItemRead",
    "lawfulBasisEnd",
    "lawfulBasisRecord",
    "legalGatewayAsk",
    "legalGatewayEnd",
    "legalHoldLift",
    "legalHoldPlace",
    "likelyDuplicateDecide",
    "noteCorrect",
    "noteRecord",
    "objectionRecord",
    "organisationContactAdd",
    "organisationContactEnd",
    "organisationRegister",
    "outwardDisclosureRecord",
    "overrideEnd",
    "overrideRequest",
    "overrideReview",
    "proxyEnd",
    "proxyExclude",
    "proxyRecord",
    "referralAccept",
    "referralAcknowledgeDuty",
    "referralAnswer",
    "referralAsk",
    "referralAssign",
    "referralClose",
    "referralDecline",
    "referralDraft",
    "referralEndDuty",
    "referralOffer",
    "referralPassDuty",
    "referralRecordClientDecline",
    "referralRecordDuty",
    "referralSetUrgency",
    "referralSubmit",
    "referralTakeBack",
    "referralWithdraw",
    "restrictionLift",
    "restrictionName",
    "retentionSet",
    "restrictionUnname",
    "serviceRegister",
    "serviceStateCriteria",
    "signpostFollowUp",
    "signpostRecord",
    "supervisionAssign",
    "supervisionEnd",
    "teamRegister",
    "teamSetIntakeProfile",
    "teamStateRoom",
];

/// Mutations that are always only checked: they decide who the viewers of the test are, what a link may tell everybody, or whom the
/// objections of all clients exclude.
const CHECKED: &[&str] =
    &["membershipEnd", "membershipGrant", "organisationMerge", "organisationUnmerge", "organisationUpdate"];

/// Mutations by which viewers may lawfully open whatever there is of a record that they see (C16, C17). They go through in rounds
/// of their own, in which nothing differs on such a record; in all others they are only checked.
pub const OPENING: &[&str] = &["legalGatewayDecide", "overrideCosign", "overrideOpen"];

/// Mutations after which their doer sees less: they seldom go through, so that there is something left to compare.
const NARROWING: &[&str] = &[
    "caseClose",
    "caseMemberRemove",
    "clientSeal",
    "consentWithdraw",
    "contactPreferenceRecord",
    "contactProtect",
    "objectionRecord",
];

/// Whether a mutation may go through. One that nobody has said it of is only checked.
pub fn may_go_through(name: &str) -> bool {
    THROUGH.contains(&name) || OPENING.contains(&name)
}

/// Whether somebody has said it.
pub fn is_known(name: &str) -> bool {
    may_go_through(name) || CHECKED.contains(&name)
}

/// What was done under an idempotency key.
#[derive(Clone, Debug)]
pub struct Kept {
    pub name: String,
    pub input: Value,
    /// It went through: the same again is a replay and changes nothing.
    pub done: bool,
}

impl Generator<'_> {
    /// A mutation.
    pub fn change(&mut self) -> Operation {
        let earlier = (!self.kept.is_empty() && self.dice.chance(18)).then(|| self.dice.pick(self.kept).clone());
        let name = match &earlier {
            Some(kept) => kept.name.clone(),
            None => self.seldom(),
        };
        *self.changes.entry(name.clone()).or_default() += 1;
        let field = self.schema.fields("Mutation").iter().find(|f| f.name == name).expect("a mutation").clone();
        let argument = field.arguments.first().expect("an input").clone();
        let again = earlier.is_some() && self.dice.chance(65);
        let input = match &earlier {
            Some(kept) if again => kept.input.clone(),
            _ => Value::Object(self.input(argument.ty.name(), &name, earlier.as_ref())),
        };
        let mut room = 25;
        let depth = 1 + self.dice.below(3);
        let mut root = self.select("Mutation", &Self::without_arguments(&field), depth, &mut room);
        root.of.retain(|s| s.name != "userErrors");
        let leaf = |name: &str| Selected { alias: None, name: name.into(), arguments: Vec::new(), of: Vec::new() };
        self.asked.insert((field.ty.name().to_owned(), "userErrors".into()));
        self.asked.extend(["code", "message", "field"].map(|f| ("UserError".to_owned(), f.to_owned())));
        let errors = ["code", "message", "field"].map(leaf).to_vec();
        root.of.push(Selected { of: errors, ..leaf("userErrors") });
        root.arguments = vec![(argument.name.clone(), argument.ty.written(), input)];
        Operation::Sound { kind: "mutation", roots: vec![root] }
    }

    fn without_arguments(field: &super::schema::Field) -> super::schema::Field {
        super::schema::Field { arguments: Vec::new(), ..field.clone() }
    }

    /// One of the mutations that were asked for least.
    fn seldom(&mut self) -> String {
        let all = self.schema.fields("Mutation");
        let two = [self.dice.pick(all), self.dice.pick(all)];
        let times = |name: &str| self.changes.get(name).copied().unwrap_or(0);
        two.iter().min_by_key(|f| times(&f.name)).map(|f| f.name.clone()).expect("one of two")
    }

    fn input(&mut self, ty: &str, name: &str, earlier: Option<&Kept>) -> Map<String, Value> {
        let super::schema::Type::Input { one_of, fields } = self.schema.get(ty) else { panic!("{ty} is an input") };
        let mut input = self.values().object(*one_of, fields);
        let held = self.held.contains(&name) || !may_go_through(name);
        let has = |field: &str| fields.iter().any(|f| f.name == field);
        assert!(has("validateOnly") && has("idempotencyKey"), "{name} follows the conventions of mutations");
        let seldom = NARROWING.contains(&name) && self.dice.chance(85);
        if held || seldom || self.dice.chance(30) {
            input.insert("validateOnly".into(), json!(true));
        }
        match earlier {
            // The same key, another body.
            Some(kept) => {
                input.insert("idempotencyKey".into(), kept.input["idempotencyKey"].clone());
            }
            None if self.dice.chance(40) => {
                let key = match self.dice.below(10) {
                    // One that others have used, in a world or in both; and one that is none.
                    0..3 => "shared-key".to_owned(),
                    3 => "no key\u{7}".to_owned(),
                    _ => format!("key-{:x}", self.dice.next()),
                };
                input.insert("idempotencyKey".into(), json!(key));
            }
            None => {}
        }
        input
    }
}
