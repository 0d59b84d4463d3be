//! What two names have in common, and whether it tells that they may be one body.

use super::register::{Register, Term};

/// What two parts of names have in common.
pub(super) struct Shared<'a> {
    /// The words.
    pub run: &'a [Term],
    /// All of one of the parts.
    pub whole: bool,
    /// From 0 to 100.
    pub score: u8,
}

/// What two parts of names have in common, if it is enough.
pub(super) fn compare<'a>(register: &Register, p: &'a [Term], q: &[Term]) -> Option<Shared<'a>> {
    let (at_p, at_q, length) = longest_run(register, p, q)?;
    let run = p.get(at_p..at_p + length)?;
    let telling = run.iter().filter(|t| register.facts(**t).tells()).count();
    let brand = register.facts(*run.iter().find(|t| register.facts(**t).tells())?);
    let rests = [(p.get(..at_p)?, p.get(at_p + length..)?), (q.get(..at_q)?, q.get(at_q + length..)?)];

    let weak = |t: &Term| !register.facts(*t).tells() || register.facts(*t).acronym;
    let aside = |t: &Term| register.facts(*t).place || register.facts(*t).acronym;
    let whole = rests.iter().any(|(left, right)| left.is_empty() && right.is_empty());
    let accepted = if length > 1 {
        // The shared words stand at one end, but for words that tell nothing.
        whole || rests.iter().all(|(left, right)| left.iter().all(weak) || right.iter().all(weak))
    } else if rests.iter().all(|(left, _)| left.iter().all(aside)) {
        // One word alone must lead both names, and be a brand or have nothing telling after it.
        brand.leads >= 3 || brand.acronym || rests.iter().all(|(_, right)| right.iter().all(weak))
    } else {
        whole && brand.acronym
    };
    let base = if whole { 62 } else { 50 };
    let score = u8::try_from(base + 4 * length.min(4) + 6 * telling.min(3)).ok()?;
    accepted.then_some(Shared { run, whole, score })
}

/// Where the longest run of words the two share begins in each, and its length; only runs with a
/// telling word count.
fn longest_run(register: &Register, p: &[Term], q: &[Term]) -> Option<(usize, usize, usize)> {
    common_runs(p, q)
        .filter(|(at, _, length)| {
            p.get(*at..at + length).is_some_and(|run| run.iter().any(|t| register.facts(*t).tells()))
        })
        .max_by_key(|(_, _, length)| *length)
}

/// The longest common run from each pair of starting points.
pub(super) fn common_runs<'a, T: PartialEq>(
    p: &'a [T],
    q: &'a [T],
) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
    (0..p.len()).flat_map(move |i| {
        (0..q.len()).filter_map(move |j| {
            let length = p.get(i..)?.iter().zip(q.get(j..)?).take_while(|(x, y)| x == y).count();
            (length > 0).then_some((i, j, length))
        })
    })
}
