//! A name for the body behind two of its offices.

use std::collections::BTreeSet;

use super::{
    acronym::{initials, runs},
    shared::common_runs,
    words::{VOCABULARY, Word, segments, stem},
};

/// A name for the body behind two offices, in the words of the first: "Turning Point" for "Turning
/// Point Witney" and "Turning Point Didcot", "Oxfordshire County Council" for that beside "OCC Social
/// Services". A suggestion to edit; nothing when the two share no word that tells a body apart.
pub fn parent_stem(first: &str, second: &str) -> Option<String> {
    let words = |name: &str| segments(name).into_iter().flatten().collect::<Vec<_>>();
    let (first, second) = (words(first), words(second));
    let stems = |words: &[Word]| words.iter().map(|w| stem(&w.text)).collect::<Vec<_>>();
    let (p, q) = (stems(&first), stems(&second));
    let telling = |w: &String| {
        let v = &*VOCABULARY;
        !v.generic.contains(w) && !v.places.contains(w) && !v.stop.contains(w)
    };
    let shared = common_runs(&p, &q)
        .filter(|(at, _, length)| p.get(*at..at + length).is_some_and(|run| run.iter().any(telling)));
    let run = shared.max_by_key(|(at, _, length)| (*length, std::cmp::Reverse(*at)));
    let run = run.and_then(|(at, _, length)| first.get(at..at + length));
    let stop = |w: &Word| VOCABULARY.stop.contains(&w.text);
    let run = run.or_else(|| written_out(&first, &second)).or_else(|| written_out(&second, &first))?;
    let start = run.iter().position(|w| !stop(w))?;
    let end = run.iter().rposition(|w| !stop(w))?;
    let shown = run.get(start..=end)?.iter().map(|w| w.shown.as_str()).collect::<Vec<_>>();
    Some(shown.join(" "))
}

/// The words in `long` whose initials are an acronym in `short`.
fn written_out<'a>(short: &[Word], long: &'a [Word]) -> Option<&'a [Word]> {
    let acronyms = short.iter().filter(|w| w.acronym && w.text.chars().count() >= 3).map(|w| w.text.as_str());
    let acronyms = acronyms.collect::<BTreeSet<_>>();
    runs(long).find(|run| initials(run).iter().any(|letters| acronyms.contains(letters.as_str())))
}
