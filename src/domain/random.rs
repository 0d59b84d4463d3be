//! Randomness as a parameter.

use super::clock::Timestamp;
use uuid::{Builder, Uuid};

/// Yields random bytes.
pub trait Randomness: Send + Sync {
    /// Fills the slice.
    fn fill(&self, bytes: &mut [u8]);

    /// A random identifier (version 4): for clients.
    fn uuid_random(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    /// An identifier that orders by time, to the microsecond (version 7): for documents. Within one microsecond it is random: a
    /// sequence, or any step from one to the next, would count the hidden rows made between two that are seen (C13).
    fn uuid_timed(&self, now: Timestamp) -> Uuid {
        let mut bytes = [0; 10];
        self.fill(&mut bytes);
        let micros = u64::try_from(now.0).unwrap_or(0);
        // Twelve bits of the sub-millisecond part keep documents of one millisecond in order (RFC 9562, 6.2, method 3).
        let fraction = u16::try_from((micros % 1000) * 4096 / 1000).unwrap_or(0);
        bytes[0] = u8::try_from(fraction >> 8).unwrap_or(0);
        bytes[1] = u8::try_from(fraction & 0xff).unwrap_or(0);
        Builder::from_unix_timestamp_millis(micros / 1000, &bytes).into_uuid()
    }
}

/// The operating system's randomness.
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[allow(clippy::disallowed_methods, clippy::panic)] // the one place that asks the system; without it nothing is safe
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            panic!("the operating system yields no randomness: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timed_identifiers_order_by_microsecond() {
        let r = SystemRandomness;
        let start = 1_790_000_000_000_000;
        let ids: Vec<_> = (0..1000).map(|i| r.uuid_timed(Timestamp(start + i))).collect();
        assert!(ids.windows(2).all(|w| w[0] < w[1]));
        assert_eq!(ids[0].get_version_num(), 7);
        assert_eq!(r.uuid_random().get_version_num(), 4);
    }

    #[test]
    fn timed_identifiers_of_one_microsecond_are_neither_counted_nor_repeated() {
        let r = SystemRandomness;
        let ids: Vec<_> = (0..1000).map(|_| r.uuid_timed(Timestamp(1_790_000_000_000_000))).collect();
        let rising = ids.windows(2).filter(|w| w[0] < w[1]).count();
        assert!((300..700).contains(&rising), "no order among them: {rising} of 999 rise");
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 1000);
    }
}
