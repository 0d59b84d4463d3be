//! Which names of a register a person should look at together. Nothing here decides that they are one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    kind::OrganisationKind,
    register::{Entry, Register, Term},
    shared::compare,
    words::stem,
};

crate::coded! { LikeReason "Why two names may be one body." {
    Acronym "ACRONYM" "One is the initials of the other.",
    LeadingThe "LEADING_THE" "They differ by \"the\".",
    Misspelling "MISSPELLING" "They differ by a letter or two.",
    Abbreviation "ABBREVIATION" "One writes out what the other shortens.",
    LocalOffice "LOCAL_OFFICE" "Two offices or teams of one body, or a body and a part of it: a common parent rather than a merge.",
    SharedName "SHARED_NAME" "They share the words that tell a body apart.",
} }

/// Two names a person should look at together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Likeness {
    /// The position of the first name in the list given; smaller than `second`.
    pub first: usize,
    /// The position of the second.
    pub second: usize,
    /// Why.
    pub reason: LikeReason,
    /// How sure, from 0 to 100; for ordering a list, not a probability.
    pub score_percent: u8,
}

/// A word shared by more names than [`FAMILY`] is compared with the first [`HEADS`] of them alone.
const FAMILY: usize = 40;
const HEADS: usize = 8;

/// The pairs of names that are likely one body, or parts of one, ordered by position.
///
/// Each pair comes once, with its strongest reason. Exact duplicates (see [`fold_key`](super::fold_key))
/// are one name here, the first. Categories (see [`is_category`](super::is_category)) are never in a
/// pair: "Probation" is not an organisation, however like it the "National Probation Service" looks.
/// The names teach the code their own places and acronyms, so pass the whole register, not a slice of
/// it. A body with more than 40 names is reported against its first eight. A word that more than 60
/// names hold and few begin with is taken for a word of the trade, and links nothing.
pub fn likely_duplicates(names: &[&str]) -> Vec<Likeness> {
    let register = Register::read(names);
    let mut found = Found { register: &register, best: BTreeMap::new() };
    found.equal_names();
    found.parts_of_a_body();
    found.acronyms();
    found.shared_words();
    found.generic_names();
    found.joint_councils();
    found.best.into_values().collect()
}

struct Found<'a> {
    register: &'a Register,
    best: BTreeMap<(usize, usize), Likeness>,
}

impl Found<'_> {
    fn add(&mut self, a: usize, b: usize, reason: LikeReason, score_percent: u8) {
        let entries = &self.register.entries;
        let (Some(a), Some(b)) = (entries.get(a), entries.get(b)) else {
            return;
        };
        let (first, second) = (a.index.min(b.index), a.index.max(b.index));
        if first == second {
            return;
        }
        let new = Likeness { first, second, reason, score_percent };
        let old = self.best.entry((first, second)).or_insert(new);
        if new.score_percent > old.score_percent {
            *old = new;
        }
    }

    /// Names with the same words once short forms, endings, spelling and order are put aside.
    fn equal_names(&mut self) {
        let mut groups: HashMap<Vec<Term>, Vec<usize>> = HashMap::new();
        for (position, entry) in self.register.entries.iter().enumerate() {
            let mut words = entry.parts.first().cloned().unwrap_or_default();
            words.sort_unstable();
            words.dedup();
            if !words.is_empty() {
                groups.entry(words).or_default().push(position);
            }
        }
        for group in groups.values() {
            for (a, b) in pairs(group) {
                let entries = &self.register.entries;
                let (Some(x), Some(y)) = (entries.get(a), entries.get(b)) else {
                    continue;
                };
                let (reason, score) = why_equal(x, y);
                self.add(a, b, reason, score);
            }
        }
    }

    fn acronyms(&mut self) {
        let register = self.register;
        for link in &register.links {
            if self.clash(link.short, link.long) {
                continue;
            }
            let (reason, score) = match (link.whole, link.exact) {
                (true, true) => (LikeReason::Acronym, 90),
                (true, false) => (LikeReason::Acronym, 75),
                (false, true) => (LikeReason::LocalOffice, 80),
                (false, false) => (LikeReason::LocalOffice, 65),
            };
            self.add(link.short, link.long, reason, score);
        }
    }

    /// Names that share a word which tells a body apart.
    fn shared_words(&mut self) {
        let register = self.register;
        let mut done = BTreeSet::new();
        for holders in &register.by_term {
            for (a, b) in pairs(holders) {
                if !done.insert((a, b)) || self.clash(a, b) {
                    continue;
                }
                let (Some(x), Some(y)) = (register.entries.get(a), register.entries.get(b)) else {
                    continue;
                };
                let best = x.parts.iter().flat_map(|p| y.parts.iter().map(move |q| (p, q)));
                let best = best.filter_map(|(p, q)| compare(register, p, q)).max_by_key(|shared| shared.score);
                let Some(shared) = best else { continue };
                let reason = if !shared.whole || self.other_places(x, y, shared.run) {
                    LikeReason::LocalOffice
                } else if spell_alike(x, y, shared.run) {
                    LikeReason::SharedName
                } else {
                    LikeReason::Misspelling
                };
                self.add(a, b, reason, shared.score);
            }
        }
    }

    /// Names without a telling word ("Social Services Children & Families"): alike when they are of one
    /// kind and share most words, or a third of them for the kinds a county has one body of.
    fn generic_names(&mut self) {
        let register = self.register;
        let mut by_kind: BTreeMap<OrganisationKind, Vec<(usize, BTreeSet<Term>)>> = BTreeMap::new();
        for (position, entry) in register.entries.iter().enumerate() {
            let whole = entry.parts.first().map(Vec::as_slice).unwrap_or_default();
            let plain = |t: &Term| register.plain(*t) || register.facts(*t).acronym;
            if entry.kind != OrganisationKind::Other && whole.len() > 1 && whole.iter().all(plain) {
                by_kind.entry(one_body(entry.kind)).or_default().push((position, whole.iter().copied().collect()));
            }
        }
        for (kind, group) in by_kind {
            let least = if kind == OrganisationKind::SocialServicesAdults { 33 } else { 60 };
            for (i, j) in pairs(&(0..group.len()).collect::<Vec<_>>()) {
                let (Some((a, x)), Some((b, y))) = (group.get(i), group.get(j)) else {
                    continue;
                };
                let percent = 100 * x.intersection(y).count() / x.union(y).count().max(1);
                if percent >= least {
                    let score = u8::try_from(40 + percent / 3).unwrap_or(70);
                    self.add(*a, *b, LikeReason::SharedName, score);
                }
            }
        }
    }

    /// Councils that work as one: "South & Vale District Council" beside "South Oxford District Council".
    fn joint_councils(&mut self) {
        let register = self.register;
        let council = stem("council");
        let councils = register.entries.iter().enumerate().filter_map(|(position, entry)| {
            let at = entry.spelt.iter().position(|w| *w == council)?;
            let before = entry.spelt.get(..at)?;
            let (kind, name) = before.split_last()?;
            Some((position, kind.clone(), name.to_vec(), entry.joint))
        });
        let councils = councils.collect::<Vec<_>>();
        for (a, kind, names, joint) in &councils {
            for (b, other_kind, other, _) in &councils {
                if *joint && a != b && kind == other_kind && other.first().is_some_and(|f| names.contains(f)) {
                    self.add(*a, *b, LikeReason::SharedName, 60);
                }
            }
        }
    }

    /// A body named in full at the head of another name: "Oxford City Council" in "Oxford City Council
    /// Housing Team".
    fn parts_of_a_body(&mut self) {
        let register = self.register;
        let whole = |e: &'_ Entry| e.parts.first().cloned().unwrap_or_default();
        let bodies = register.entries.iter().enumerate().map(|(position, entry)| (whole(entry), position));
        let bodies = bodies.filter(|(name, _)| name.len() > 1 && name.iter().any(|t| !register.plain(*t)));
        let bodies = bodies.collect::<HashMap<_, _>>();
        for (position, entry) in register.entries.iter().enumerate() {
            let name = whole(entry);
            for body in (2..name.len()).filter_map(|n| bodies.get(name.get(..n)?)) {
                // "St Mary's Church of England School" is no part of "St Mary's Church".
                if !(self.clash(*body, position) && register.is_site(entry)) {
                    self.add(*body, position, LikeReason::LocalOffice, 70);
                }
            }
        }
    }

    /// Whether either name holds a place beside what they share.
    fn other_places(&self, x: &Entry, y: &Entry, run: &[Term]) -> bool {
        let whole = x.parts.first().into_iter().chain(y.parts.first()).flatten();
        whole.into_iter().any(|t| self.register.facts(*t).place && !run.contains(t))
    }

    /// A school is not a surgery, whatever street both are named after.
    fn clash(&self, a: usize, b: usize) -> bool {
        let site = |e: usize| self.register.entries.get(e).and_then(|e| site(e.kind));
        matches!((site(a), site(b)), (Some(x), Some(y)) if x != y)
    }
}

/// Every pair of a group in order; of a very large group, only those with one of its first members.
fn pairs(group: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    let heads = if group.len() > FAMILY { HEADS } else { group.len() };
    group.iter().take(heads).enumerate().flat_map(|(i, a)| group.iter().skip(i + 1).map(|b| (*a, *b)))
}

fn why_equal(x: &Entry, y: &Entry) -> (LikeReason, u8) {
    if x.without_the == y.without_the {
        (LikeReason::LeadingThe, 98)
    } else if x.spelt == y.spelt && x.rewritten != y.rewritten {
        (LikeReason::Abbreviation, 96)
    } else if x.spelt == y.spelt {
        (LikeReason::SharedName, 95)
    } else if x.spelt.iter().collect::<BTreeSet<_>>() == y.spelt.iter().collect() {
        (LikeReason::SharedName, 90)
    } else {
        (LikeReason::Misspelling, 92)
    }
}

/// Whether the two spell each word they share alike.
fn spell_alike(x: &Entry, y: &Entry, run: &[Term]) -> bool {
    run.iter().all(|t| match (x.spelling_of(*t), y.spelling_of(*t)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    })
}

/// The kinds a county has one body of, taken as one.
const fn one_body(kind: OrganisationKind) -> OrganisationKind {
    match kind {
        OrganisationKind::SocialServicesChildren => OrganisationKind::SocialServicesAdults,
        kind => kind,
    }
}

/// The kinds that cannot be one body with a body of another of these kinds.
const fn site(kind: OrganisationKind) -> Option<OrganisationKind> {
    use OrganisationKind as K;
    match kind {
        K::CountyCouncil | K::SocialServicesAdults | K::SocialServicesChildren => Some(K::CountyCouncil),
        K::DistrictCouncil
        | K::Probation
        | K::Prison
        | K::Police
        | K::NhsPrimaryCare
        | K::NhsHospital
        | K::Jobcentre
        | K::HousingAssociation
        | K::SchoolOrCollege
        | K::FaithGroup => Some(kind),
        _ => None,
    }
}
