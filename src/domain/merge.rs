//! Organisations that turned out to be one body: where merges lead.
//!
//! The documents alone say it. An organisation is merged into another, which may be merged further; undoing one merge gives back whatever
//! was merged into that organisation before, as if it had never been merged on.

use super::ids::OrganisationId;
use std::collections::{BTreeMap, BTreeSet};

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

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const fn o(n: u128) -> OrganisationId {
        OrganisationId(Uuid::from_u128(n))
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
            // For each organisation those that it was when it was merged, itself with them.
            let mut bodies: BTreeMap<OrganisationId, BTreeSet<OrganisationId>> =
                (0..8).map(|n| (o(n), BTreeSet::from([o(n)]))).collect();
            let mut given: Vec<(OrganisationId, OrganisationId)> = Vec::new();
            for _ in 0..25 {
                if dice(3) < 2 {
                    let roots: Vec<_> = bodies.keys().copied().collect();
                    let (a, b) = (roots[dice(roots.len())], roots[dice(roots.len())]);
                    if a != b {
                        let theirs = bodies.remove(&a).unwrap();
                        bodies.get_mut(&b).unwrap().extend(theirs);
                        given.push((a, b));
                    }
                } else if !given.is_empty() {
                    let (a, b) = given.remove(dice(given.len()));
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
                let survivors = survivors(&given);
                for (root, all) in &bodies {
                    for one in all {
                        assert_eq!(survivors.get(one).copied().unwrap_or(*one), *root, "{given:?}");
                    }
                    let others: BTreeSet<_> = all.iter().copied().filter(|x| x != root).collect();
                    assert_eq!(merged_into(&given, *root), others, "{given:?}");
                }
            }
        }
        assert!(undone > 300, "the walk undoes merges as well: {undone}");
    }
}
