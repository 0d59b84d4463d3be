//! Which words of a register are one word misspelt.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    acronym::loose,
    register::Draft,
    words::{VOCABULARY, stem},
};

/// Words longer than this are not compared for spelling.
const LONGEST_SPELT: usize = 24;

/// Which spelling stands for each misspelt word.
pub(super) struct Spelling(HashMap<String, String>);

impl Spelling {
    /// Pairs each rare word with a more usual one a letter away (two in a long word), or an acronym
    /// with the same letters in another order.
    pub fn learn(drafts: &[Draft]) -> Self {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut acronyms: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for word in drafts.iter().flat_map(|d| d.parts.iter().flatten()) {
            let stem = stem(&word.text);
            if word.acronym && stem.chars().count() >= 4 {
                acronyms.entry(loose(&stem)).or_default().insert(stem.clone());
            }
            *counts.entry(stem).or_default() += 1;
        }
        let mut near: HashMap<String, Vec<&str>> = HashMap::new();
        for word in counts.keys().filter(|w| spelt(w)) {
            for shorter in shorter(word) {
                near.entry(shorter).or_default().push(word);
            }
        }
        let mut map = HashMap::new();
        // The better known first, so that a correction never points at a word that is corrected itself.
        let weight = |w: &str| (known(w), counts.get(w).copied().unwrap_or_default());
        let mut order = counts.keys().map(String::as_str).collect::<Vec<_>>();
        order.sort_by_key(|w| (std::cmp::Reverse(weight(w)), *w));
        let mut settled: HashSet<&str> = HashSet::new();
        for word in order {
            let alike = acronyms.get(&loose(word)).filter(|group| group.contains(word));
            let alike = alike.into_iter().flatten().map(String::as_str);
            let keys = if spelt(word) { shorter(word) } else { BTreeSet::new() };
            let close = keys.iter().filter_map(|k| near.get(k)).flatten().copied();
            let close = close.filter(|other| is_misspelling(word, other));
            let candidates = close.chain(alike).filter(|other| *other != word && settled.contains(other));
            let two_words = |other: &str| known(word) && known(other);
            let free = candidates.filter(|other| !two_words(other) && !map.contains_key(*other));
            let best = free.min_by_key(|other| (std::cmp::Reverse(weight(other)), *other));
            if let Some(best) = best.filter(|best| weight(word).1 < 3 || weight(best).0 && !weight(word).0) {
                map.insert(word.to_owned(), best.to_owned());
            }
            settled.insert(word);
        }
        Self(map)
    }

    /// The spelling that stands for this one.
    pub fn correct(&self, stem: &str) -> String {
        self.0.get(stem).cloned().unwrap_or_else(|| stem.to_owned())
    }
}

/// Whether the dictionary holds the word.
fn known(stem: &str) -> bool {
    VOCABULARY.generic.contains(stem) || VOCABULARY.places.contains(stem)
}

/// Whether a word is long enough to be misspelt and is no number.
fn spelt(word: &str) -> bool {
    (5..=LONGEST_SPELT).contains(&word.len()) && word.is_ascii() && !word.contains(|c: char| c.is_ascii_digit())
}

/// The word itself and the word with one letter left out, or two of a long word: two words a letter
/// or two apart share one of these.
fn shorter(word: &str) -> BTreeSet<String> {
    let leave_out = |w: &str| -> Vec<String> {
        (0..w.len())
            .map(|i| format!("{}{}", w.get(..i).unwrap_or_default(), w.get(i + 1..).unwrap_or_default()))
            .collect()
    };
    let mut all = leave_out(word).into_iter().collect::<BTreeSet<_>>();
    if word.len() >= 8 {
        let twice = all.iter().flat_map(|w| leave_out(w)).collect::<Vec<_>>();
        all.extend(twice);
    }
    all.insert(word.to_owned());
    all
}

/// One letter apart from six letters on, two from nine; the first letter is seldom the wrong one.
fn is_misspelling(a: &str, b: &str) -> bool {
    let longest = a.len().max(b.len());
    let allowed = if longest >= 9 { 2 } else { usize::from(longest >= 6) };
    a.chars().next() == b.chars().next() && a != b && strsim::osa_distance(a, b) <= allowed
}
