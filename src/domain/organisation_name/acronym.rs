//! Which acronym may stand for which words of another name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    register::Draft,
    words::{VOCABULARY, Word, stems},
};

/// An acronym in one name, and the words in another it may stand for. Both are positions in `Register::entries`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AcronymLink {
    pub short: usize,
    pub long: usize,
    /// All letters in order; otherwise the same letters in a confused order.
    pub exact: bool,
    /// Nothing else stands in either name: one name is the other.
    pub whole: bool,
}

/// The letters of an acronym as people confuse them: how many, the first, and which at all.
pub(super) type Letters = (usize, Option<char>, BTreeSet<char>);

pub(super) fn loose(letters: &str) -> Letters {
    (letters.chars().count(), letters.chars().next(), letters.chars().collect())
}

/// An acronym in more names than [`FAMILY`] is linked to the first [`HEADS`] of them alone.
const FAMILY: usize = 40;
const HEADS: usize = 8;

/// The acronyms of a register, each with the names that hold it.
struct Acronyms<'a> {
    holders: HashMap<&'a str, Vec<usize>>,
    /// Those of four letters and more, by their letters in any order.
    loose: HashMap<Letters, BTreeSet<&'a str>>,
}

impl<'a> Acronyms<'a> {
    fn read(drafts: &'a [Draft]) -> Self {
        let mut found = Self { holders: HashMap::new(), loose: HashMap::new() };
        for (position, draft) in drafts.iter().enumerate() {
            let alone = is_one_word(draft);
            for word in draft.parts.iter().flatten() {
                let letters = word.text.chars().count();
                let least = if word.acronym { 3 } else { 4 };
                if (word.acronym || alone) && (least..=8).contains(&letters) {
                    found.holders.entry(&word.text).or_default().push(position);
                    if letters >= 4 && word.acronym {
                        found.loose.entry(loose(&word.text)).or_default().insert(&word.text);
                    }
                }
            }
        }
        for holders in found.holders.values_mut().filter(|h| h.len() > FAMILY) {
            holders.truncate(HEADS);
        }
        found
    }

    /// The acronyms these initials spell, or nearly.
    fn spelt_by(&self, letters: &str) -> BTreeSet<&'a str> {
        let near = self.loose.get(&loose(letters)).into_iter().flatten().copied();
        near.chain(self.holders.get_key_value(letters).map(|(acronym, _)| *acronym)).collect()
    }
}

fn is_one_word(draft: &Draft) -> bool {
    draft.parts.iter().flatten().count() == 1
}

/// Finds the names whose words begin with the letters of an acronym, and what each acronym with one
/// meaning stands for.
pub(super) fn link_acronyms(drafts: &[Draft]) -> (Vec<AcronymLink>, BTreeMap<String, Vec<Word>>) {
    let acronyms = Acronyms::read(drafts);
    let mut links = Vec::new();
    let mut meanings: BTreeMap<&str, Vec<&[Word]>> = BTreeMap::new();
    let wholes = drafts.iter().map(|d| d.parts.concat()).collect::<Vec<_>>();
    for (long, (draft, whole)) in drafts.iter().zip(&wholes).enumerate() {
        let parts = draft.parts.iter().filter(|part| part.len() < whole.len());
        let parts = std::iter::once(whole).chain(parts);
        let found = parts.flat_map(|part| runs(part).map(move |run| (part, run)));
        let found = found.flat_map(|(part, run)| initials(run).into_iter().map(move |l| (part, run, l)));
        for (part, run, letters) in found {
            for acronym in acronyms.spelt_by(&letters) {
                // Three letters fit too much to count from the middle of a name.
                if acronym.len() == 3 && !part.starts_with(run) {
                    continue;
                }
                // Two are enough to know that there is more than one.
                let means = meanings.entry(acronym).or_default();
                if means.len() < 2 && !means.iter().any(|m| stems(m) == stems(run)) {
                    means.push(run);
                }
                let weighty = |words: &[Word]| words.iter().filter(|w| !w.acronym && !is_small(w)).count();
                let fills = part.len() == whole.len() && weighty(part) == weighty(run);
                let holders = acronyms.holders.get(acronym).into_iter().flatten().copied();
                for short in holders.filter(|short| *short != long) {
                    let alone = drafts.get(short).is_some_and(is_one_word);
                    links.push(AcronymLink { short, long, exact: acronym == letters, whole: alone && fills });
                }
            }
        }
    }
    let one_meaning = meanings.into_iter().filter_map(|(acronym, means)| match means.as_slice() {
        [only] => Some((acronym.to_owned(), only.to_vec())),
        _ => None,
    });
    (links, one_meaning.collect())
}

/// The runs of three to twelve words that begin or end a part.
pub(super) fn runs(part: &[Word]) -> impl Iterator<Item = &[Word]> {
    let ends = (3..=part.len().min(12)).map(|n| (0, n));
    let starts = (1..part.len().saturating_sub(2)).map(|s| (s, part.len()));
    let stop = |w: Option<&Word>| w.is_none_or(|w| is_small(w) || w.acronym);
    ends.chain(starts).filter_map(|(s, e)| part.get(s..e)).filter(move |run| {
        (3..=12).contains(&run.len())
            && !stop(run.first())
            && !stop(run.last())
            && run.iter().all(|w| !w.acronym || is_small(w))
    })
}

/// A word initials may leave out.
fn is_small(word: &Word) -> bool {
    VOCABULARY.stop.contains(&word.text) || word.text == "nhs" || word.text == "uk"
}

/// The initials of a run, with and without those of its small words.
pub(super) fn initials(run: &[Word]) -> BTreeSet<String> {
    let all = run.iter().filter_map(|w| w.text.chars().next()).collect::<String>();
    let of_meaning = run.iter().filter(|w| !is_small(w));
    let few = of_meaning.filter_map(|w| w.text.chars().next()).collect::<String>();
    [all, few].into_iter().filter(|letters| letters.chars().count() >= 3).collect()
}

/// The words with acronyms of one known meaning written out, when there are any.
pub(super) fn write_out(words: &[Word], meanings: &BTreeMap<String, Vec<Word>>) -> Option<Vec<Word>> {
    if !words.iter().any(|w| meanings.contains_key(&w.text)) {
        return None;
    }
    let long = words.iter().flat_map(|w| meanings.get(&w.text).cloned().unwrap_or_else(|| vec![w.clone()]));
    Some(long.collect())
}
