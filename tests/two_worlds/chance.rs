//! Chance that can be repeated: the randomness of a world, set anew before every step, and the dice of the test itself.

use alliance::domain::random::Randomness;
use std::sync::Mutex;

/// Mixes numbers into one that looks like none of them (SplitMix64).
pub fn mix(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |sum, part| {
        let mut z = sum.wrapping_add(*part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// The randomness of one world. The same seed gives the same identifiers.
pub struct Seeded(Mutex<Dice>);

impl Seeded {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Dice(seed)))
    }

    /// Starts anew from a seed.
    pub fn set(&self, seed: u64) {
        *self.0.lock().expect("nobody panics here") = Dice(seed);
    }
}

impl Randomness for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let mut dice = self.0.lock().expect("nobody panics here");
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&dice.next().to_be_bytes()[..chunk.len()]);
        }
    }
}

/// The dice of the test.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        mix(&[self.0])
    }

    /// A number below another.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n.max(1)).expect("fits")).expect("fits")
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a list.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}
