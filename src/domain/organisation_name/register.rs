//! What a register tells about its own words: which are places, which are one word misspelt, which
//! short word stands for which long name. Everything here is learnt from the names given.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    acronym::{AcronymLink, link_acronyms, write_out},
    fold_key, guess_kind, is_category,
    kind::OrganisationKind,
    spelling::Spelling,
    words::{VOCABULARY, Word, expand, segments, shorten, stem, stems},
};

/// A word of the register, by number.
pub(super) type Term = u32;

/// A word that occurs in more names than this tells few of them apart.
const COMMON: usize = 60;

/// What is known of a word.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TermFacts {
    /// Says what sort of body it is, or is a number.
    pub generic: bool,
    /// A place or the proper name of a site.
    pub place: bool,
    /// Written in capitals somewhere.
    pub acronym: bool,
    /// In how many names it comes first, places and acronyms put aside.
    pub leads: usize,
}

impl TermFacts {
    /// Whether sharing this word says that two names may be one body.
    pub fn tells(self) -> bool {
        !self.generic && !self.place
    }
}

/// One name of the register.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its place in the list given.
    pub index: usize,
    pub kind: OrganisationKind,
    /// The whole name first, then its parts, then the parts with an acronym written out.
    pub parts: Vec<Vec<Term>>,
    /// The whole name as spelt, and all its words but "the", to tell why two names are equal.
    pub spelt: Vec<String>,
    pub without_the: String,
    /// A short form was written out, or a full form made short.
    pub rewritten: bool,
    /// Names two bodies with an "and" between.
    pub joint: bool,
}

impl Entry {
    /// A word of the whole name as this name spells it.
    pub fn spelling_of(&self, term: Term) -> Option<&str> {
        let at = self.parts.first()?.iter().position(|t| *t == term)?;
        self.spelt.get(at).map(String::as_str)
    }
}

/// The names of a register, read.
#[derive(Debug, Default)]
pub(super) struct Register {
    pub entries: Vec<Entry>,
    pub terms: Vec<TermFacts>,
    pub links: Vec<AcronymLink>,
    /// The types of site, in terms.
    sites: Vec<Vec<Term>>,
    /// The words that tell, each with the entries that hold it.
    pub by_term: Vec<Vec<usize>>,
}

/// A name between being cut into words and being numbered.
pub(super) struct Draft {
    index: usize,
    pub parts: Vec<Vec<Word>>,
    expanded: bool,
}

impl Register {
    /// Reads the names, leaving out categories and all but the first of exact duplicates.
    pub fn read(names: &[&str]) -> Self {
        let mut seen = HashSet::new();
        let mut drafts = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let key = fold_key(name);
            if key.is_empty() || is_category(name) || !seen.insert(key) {
                continue;
            }
            let mut expanded = false;
            let mut parts = Vec::new();
            for segment in segments(name) {
                let (words, changed) = expand(&segment);
                expanded |= changed;
                parts.push(words);
            }
            drafts.push(Draft { index, parts, expanded });
        }
        join_split_words(&mut drafts);
        let (links, expansions) = link_acronyms(&drafts);

        let mut register = Self { links, ..Self::default() };
        let spelling = Spelling::learn(&drafts);
        let mut numbers = HashMap::new();
        for draft in &drafts {
            let name = names.get(draft.index).copied().unwrap_or_default();
            let entry = register.number(draft, name, &spelling, &expansions, &mut numbers);
            register.entries.push(entry);
        }
        register.sites = register.site_types();
        register.learn_places();
        register.count();
        register
    }

    /// The facts about a word.
    pub fn facts(&self, term: Term) -> TermFacts {
        self.terms.get(term as usize).copied().unwrap_or_default()
    }

    /// Whether a word says nothing but what sort of body it is.
    pub fn plain(&self, term: Term) -> bool {
        let facts = self.facts(term);
        facts.generic && !facts.place
    }

    /// Whether a name ends in a type of site: "Surgery", "Primary School".
    pub fn is_site(&self, entry: &Entry) -> bool {
        entry.parts.first().is_some_and(|whole| site_head(whole, &self.sites).is_some())
    }

    fn number(
        &mut self,
        draft: &Draft,
        name: &str,
        spelling: &Spelling,
        expansions: &BTreeMap<String, Vec<Word>>,
        numbers: &mut HashMap<String, Term>,
    ) -> Entry {
        let whole = draft.parts.concat();
        let (spelt, shortened) = shorten(stems(&whole));
        let mut sources = vec![whole];
        if draft.parts.len() > 1 {
            sources.extend(draft.parts.iter().cloned());
        }
        for i in 0..sources.len() {
            if let Some(long) = sources.get(i).and_then(|s| write_out(s, expansions)) {
                sources.push(long);
            }
        }
        let mut parts: Vec<Vec<Term>> = Vec::new();
        for source in &sources {
            for word in source.iter().filter(|w| w.acronym) {
                let term = self.term(&spelling.correct(&stem(&word.text)), numbers);
                if let Some(facts) = self.terms.get_mut(term as usize) {
                    facts.acronym = true;
                }
            }
            let corrected = stems(source).iter().map(|s| spelling.correct(s)).collect();
            let part = shorten(corrected).0.iter().map(|s| self.term(s, numbers)).collect::<Vec<_>>();
            if !part.is_empty() && !parts.contains(&part) {
                parts.push(part);
            }
        }
        let without_the =
            segments(name).concat().iter().filter(|w| w.text != "the").map(|w| w.text.as_str()).collect();
        Entry {
            index: draft.index,
            kind: guess_kind(name),
            parts,
            spelt,
            without_the,
            rewritten: draft.expanded || shortened,
            joint: draft.parts.iter().flatten().any(|w| w.text == "and"),
        }
    }

    fn term(&mut self, text: &str, numbers: &mut HashMap<String, Term>) -> Term {
        if let Some(term) = numbers.get(text) {
            return *term;
        }
        let term = Term::try_from(self.terms.len()).unwrap_or(Term::MAX);
        numbers.insert(text.to_owned(), term);
        self.terms.push(TermFacts {
            generic: VOCABULARY.generic.contains(text)
                || text.chars().count() < 2
                || text.chars().all(|c| c.is_ascii_digit()),
            place: VOCABULARY.places.contains(text),
            ..TermFacts::default()
        });
        term
    }

    /// A word that often stands before "Health Centre", "Primary School" or the like names a place.
    fn learn_places(&mut self) {
        let mut counts = vec![(0_usize, 0_usize); self.terms.len()];
        for entry in &self.entries {
            let heads = entry.parts.iter().filter_map(|part| site_head(part, &self.sites));
            let sites = heads.flatten().copied().collect::<BTreeSet<_>>();
            let all = entry.parts.iter().flatten().copied().collect::<BTreeSet<_>>();
            for term in all {
                if let Some(count) = counts.get_mut(term as usize) {
                    count.0 += usize::from(sites.contains(&term));
                    count.1 += 1;
                }
            }
        }
        for (facts, (sites, all)) in self.terms.iter_mut().zip(counts) {
            facts.place |= !facts.generic && sites > 0 && sites * 4 >= all;
        }
    }

    /// The site types in terms of this register; a type with a word the register lacks can't occur.
    fn site_types(&self) -> Vec<Vec<Term>> {
        let mut by_text = HashMap::new();
        for entry in &self.entries {
            if let Some(whole) = entry.parts.first() {
                by_text.extend(entry.spelt.iter().map(String::as_str).zip(whole.iter().copied()));
            }
        }
        let mut types = VOCABULARY
            .sites
            .iter()
            .filter_map(|site| site.iter().map(|w| by_text.get(w.as_str()).copied()).collect::<Option<Vec<_>>>())
            .collect::<Vec<_>>();
        types.sort_by_key(|t| std::cmp::Reverse(t.len()));
        types
    }

    /// Fills the index by word and counts which words lead names.
    fn count(&mut self) {
        self.by_term = vec![Vec::new(); self.terms.len()];
        let mut leads = vec![0_usize; self.terms.len()];
        for (position, entry) in self.entries.iter().enumerate() {
            for term in entry.parts.iter().flatten().collect::<BTreeSet<_>>() {
                if self.facts(*term).tells()
                    && let Some(holders) = self.by_term.get_mut(*term as usize)
                {
                    holders.push(position);
                }
            }
            let first = entry.parts.first().and_then(|whole| whole.iter().find(|t| !self.facts(**t).place));
            if let Some(count) = first.and_then(|t| leads.get_mut(*t as usize)) {
                *count += 1;
            }
        }
        for (facts, count) in self.terms.iter_mut().zip(leads) {
            facts.leads = count;
        }
        for (facts, holders) in self.terms.iter_mut().zip(&mut self.by_term) {
            // Common, and never in front: a word of the trade the dictionary lacks.
            if holders.len() > COMMON && facts.leads * 2 < holders.len() {
                facts.generic = true;
                holders.clear();
            }
        }
    }
}

/// What stands before the type of site a part ends in.
fn site_head<'a>(part: &'a [Term], types: &[Vec<Term>]) -> Option<&'a [Term]> {
    types.iter().find_map(|t| part.strip_suffix(t.as_slice()))
}

/// Joins two words that stand joined in another name: "Home Start" where there is a "Homestart".
fn join_split_words(drafts: &mut [Draft]) {
    let joined = drafts.iter().flat_map(|d| d.parts.iter().flatten()).map(|w| w.text.clone());
    let joined = joined.filter(|t| t.chars().count() >= 6).collect::<HashSet<_>>();
    for part in drafts.iter_mut().flat_map(|d| d.parts.iter_mut()) {
        let mut out: Vec<Word> = Vec::with_capacity(part.len());
        for word in part.drain(..) {
            let both = out.last().map(|last| format!("{}{}", last.text, word.text));
            match both.filter(|b| joined.contains(b)) {
                Some(text) => {
                    out.pop();
                    out.push(Word { shown: text.clone(), text, acronym: false });
                }
                None => out.push(word),
            }
        }
        *part = out;
    }
}
