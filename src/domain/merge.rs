//! Organisations that turned out to be one body: where merges lead, and since when two are together.
//!
//! The documents alone say it. An organisation is merged into another, which may be merged further; undoing one merge gives back whatever
//! was merged into that organisation before, as if it had never been merged on.

use super::clock::Timestamp;
use super::ids::OrganisationId;
use std::collections::{BTreeMap, BTreeSet};

/// That one organisation was merged into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MergeFacts {
    /// What was merged.
    pub merged: OrganisationId,
    /// Into what.
    pub into: OrganisationId,
    /// When.
    pub at: Timestamp,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
}

impl MergeFacts {
    fn stands(&self, at: Timestamp) -> bool {
        self.at <= at && self.undone_at.is_none_or(|u| at < u)
    }
}

/// Which organisation stands for each that is merged, by merges that stand; each points to the survivor itself, however many steps it
/// took to get there.
pub fn survivors(standing: &[(OrganisationId, OrganisationId)]) -> BTreeMap<OrganisationId, OrganisationId> {
    let next: BTreeMap<_, _> = standing.iter().copied().collect();
    let survivor = |from: OrganisationId| {
        let mut at = from;
        // No chain is longer than there are merges.
        for _ in 0..next.len() {
            let Some(further) = next.get(&at) else { break };
            at = *further;
        }
        at
    };
    next.keys().map(|merged| (*merged, survivor(*merged))).collect()
}

/// What was merged into an organisation, at once or through others, by merges that stand.
pub fn merged_into(standing: &[(OrganisationId, OrganisationId)], of: OrganisationId) -> BTreeSet<OrganisationId> {
    let mut found = BTreeSet::new();
    let mut last = vec![of];
    while let Some(at) = last.pop() {
        last.extend(standing.iter().filter(|(m, into)| *into == at && *m != of && found.insert(*m)).map(|(m, _)| *m));
    }
    found
}

/// With which other organisations one was one body, from when until when; [`Timestamp::NEVER`] while they still are. In order, and
/// those that touch as one.
pub fn together(all: &[MergeFacts], of: OrganisationId) -> Vec<(OrganisationId, Timestamp, Timestamp)> {
    let moments: BTreeSet<Timestamp> = all.iter().flat_map(|m| [Some(m.at), m.undone_at]).flatten().collect();
    let mut spans: Vec<(OrganisationId, Timestamp, Timestamp)> = Vec::new();
    for (n, from) in moments.iter().enumerate() {
        let until = moments.iter().nth(n + 1).copied().unwrap_or(Timestamp::NEVER);
        let standing: Vec<_> = all.iter().filter(|m| m.stands(*from)).map(|m| (m.merged, m.into)).collect();
        let survivors = survivors(&standing);
        let body = |o: OrganisationId| survivors.get(&o).copied().unwrap_or(o);
        let known: BTreeSet<_> = standing.iter().flat_map(|(a, b)| [*a, *b]).collect();
        for other in known.into_iter().filter(|o| *o != of && body(*o) == body(of)) {
            match spans.iter_mut().find(|(o, _, end)| *o == other && end == from) {
                Some((_, _, end)) => *end = until,
                None => spans.push((other, *from, until)),
            }
        }
    }
    spans.sort();
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const fn o(n: u128) -> OrganisationId {
        OrganisationId(Uuid::from_u128(n))
    }

    const fn merge(merged: u128, into: u128, at: i64, undone: Option<i64>) -> MergeFacts {
        let undone_at = match undone {
            Some(u) => Some(Timestamp(u)),
            None => None,
        };
        MergeFacts { merged: o(merged), into: o(into), at: Timestamp(at), undone_at }
    }

    #[test]
    fn whatever_was_merged_points_to_who_is_left() {
        let chain = [(o(1), o(2)), (o(2), o(3)), (o(4), o(3))];
        let expected: BTreeMap<_, _> = [(o(1), o(3)), (o(2), o(3)), (o(4), o(3))].into();
        assert_eq!(survivors(&chain), expected);
        // Without the second step the first is left as it was.
        assert_eq!(survivors(&[(o(1), o(2)), (o(4), o(3))]), [(o(1), o(2)), (o(4), o(3))].into());
        assert_eq!(survivors(&[]), BTreeMap::new());
        assert_eq!(merged_into(&chain, o(3)), [o(1), o(2), o(4)].into());
        assert_eq!(merged_into(&chain, o(2)), [o(1)].into());
        assert_eq!(merged_into(&chain, o(1)), BTreeSet::new());
    }

    #[test]
    fn two_are_together_from_the_last_merge_between_them_to_the_first_undone() {
        let all = [merge(1, 2, 10, None), merge(2, 3, 20, Some(40)), merge(4, 3, 30, None)];
        let at = |from, until| (Timestamp(from), Timestamp(until));
        let never = Timestamp::NEVER.0;
        let found = |of| together(&all, o(of)).into_iter().map(|(o, a, b)| (o, (a, b))).collect::<Vec<_>>();
        assert_eq!(found(1), [(o(2), at(10, never)), (o(3), at(20, 40)), (o(4), at(30, 40))]);
        assert_eq!(found(3), [(o(1), at(20, 40)), (o(2), at(20, 40)), (o(4), at(30, never))]);
        assert_eq!(found(9), []);
        // Undone and done again leaves the time between out.
        let again = [merge(1, 2, 10, Some(20)), merge(1, 2, 30, None)];
        let spans: Vec<_> = together(&again, o(1));
        assert_eq!(spans, [(o(2), Timestamp(10), Timestamp(20)), (o(2), Timestamp(30), Timestamp(never))]);
    }

    /// The pointers as somebody keeps them who only ever moves what a step moves, beside what the documents say.
    #[test]
    fn steps_at_random_come_to_what_the_documents_say() {
        let mut seed = 7u64;
        let mut dice = |n: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap() % n
        };
        let mut undone = 0;
        for _ in 0..300 {
            let mut documents: Vec<MergeFacts> = Vec::new();
            // For each organisation those that it was when it was merged, itself with them.
            let mut bodies: BTreeMap<OrganisationId, BTreeSet<OrganisationId>> =
                (0..8).map(|n| (o(n), BTreeSet::from([o(n)]))).collect();
            let mut given: Vec<(OrganisationId, OrganisationId)> = Vec::new();
            for step in 0..25 {
                let at = Timestamp(step);
                if dice(3) < 2 {
                    let roots: Vec<_> = bodies.keys().copied().collect();
                    let (a, b) = (roots[dice(roots.len())], roots[dice(roots.len())]);
                    if a != b {
                        let theirs = bodies.remove(&a).unwrap();
                        bodies.get_mut(&b).unwrap().extend(theirs);
                        given.push((a, b));
                        documents.push(MergeFacts { merged: a, into: b, at, undone_at: None });
                    }
                } else if !given.is_empty() {
                    let (a, b) = given.remove(dice(given.len()));
                    let document = documents.iter_mut().find(|d| d.merged == a && d.undone_at.is_none()).unwrap();
                    document.undone_at = Some(at);
                    undone += 1;
                    // Whatever hangs on it, through merges that stand, goes with it.
                    let mut theirs = BTreeSet::from([a]);
                    while let Some((m, _)) = given.iter().find(|(m, i)| theirs.contains(i) && !theirs.contains(m)) {
                        theirs.insert(*m);
                    }
                    let holder = bodies.iter().find(|(_, all)| all.contains(&b)).map(|(root, _)| *root).unwrap();
                    bodies.get_mut(&holder).unwrap().retain(|x| !theirs.contains(x));
                    bodies.insert(a, theirs);
                }
                let standing: Vec<_> =
                    documents.iter().filter(|d| d.undone_at.is_none()).map(|d| (d.merged, d.into)).collect();
                let survivors = survivors(&standing);
                for (root, all) in &bodies {
                    for one in all {
                        assert_eq!(survivors.get(one).copied().unwrap_or(*one), *root, "{documents:?}");
                    }
                    let together: BTreeSet<_> = together(&documents, *root)
                        .into_iter()
                        .filter(|(_, _, until)| *until == Timestamp::NEVER)
                        .map(|(other, _, _)| other)
                        .collect();
                    let others: BTreeSet<_> = all.iter().copied().filter(|x| x != root).collect();
                    assert_eq!(together, others, "{documents:?}");
                    assert_eq!(merged_into(&standing, *root), others, "{documents:?}");
                }
            }
        }
        assert!(undone > 300, "the walk undoes merges as well: {undone}");
    }
}
