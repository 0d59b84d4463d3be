//! Time as a parameter: microseconds UTC, and the clocks that tell it.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use std::sync::atomic::{AtomicI64, Ordering};

/// A moment: microseconds since 1970-01-01T00:00Z, so that both databases order and compare it alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Later than every moment: a planned end that is not known.
    pub const NEVER: Self = Self(i64::MAX);
    const DAY: i64 = 24 * 3600 * 1_000_000;

    /// This many whole days (24 hours each) later.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(Self::DAY)))
    }

    /// This many calendar years later, at the same time of day in UTC; the 29th of February becomes the 28th.
    #[must_use]
    pub fn plus_years(self, years: u32) -> Self {
        let later = self.utc().checked_add_months(chrono::Months::new(years.saturating_mul(12)));
        later.map_or(Self::NEVER, |t| Self(t.timestamp_micros()))
    }

    /// Reads RFC 3339 with any offset.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|t| Self(t.timestamp_micros()))
    }

    /// RFC 3339, UTC.
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    /// The date in UTC.
    pub fn date(self) -> NaiveDate {
        self.utc().date_naive()
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // the one place that reads the machine's clock
    fn now(&self) -> Timestamp {
        Timestamp(Utc::now().timestamp_micros())
    }
}

/// A clock that is moved by hand, and by one microsecond at each look, so that nothing happens twice at once: for tests.
pub struct SetClock(AtomicI64);

impl SetClock {
    /// A clock that stands at this moment.
    pub const fn at(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.0))
    }

    /// Sets it to a moment.
    pub fn set(&self, moment: Timestamp) {
        self.0.store(moment.0, Ordering::SeqCst);
    }

    /// Moves it on by whole days.
    pub fn pass_days(&self, days: i64) {
        self.0.fetch_add(days * Timestamp::DAY, Ordering::SeqCst);
    }

    /// Moves it on by seconds.
    pub fn pass_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

/// Reads a calendar date, `YYYY-MM-DD`, and refuses dates that do not exist.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    if text.len() != 10 {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_and_write_in_utc() {
        let t = Timestamp::parse("2026-03-29T02:30:00+01:00").map(Timestamp::rfc3339);
        assert_eq!(t.as_deref(), Some("2026-03-29T01:30:00.000000Z"));
        assert_eq!(Timestamp::parse("yesterday"), None);
        assert_eq!(Timestamp::NEVER.plus_days(1), Timestamp::NEVER);
        assert_eq!(Timestamp::NEVER.plus_years(7), Timestamp::NEVER);
        let leap = Timestamp::parse("2024-02-29T10:00:00Z").map(|t| t.plus_years(1).rfc3339());
        assert_eq!(leap.as_deref(), Some("2025-02-28T10:00:00.000000Z"));
    }

    #[test]
    fn impossible_dates_are_refused() {
        assert!(parse_date("2024-02-29").is_some());
        for bad in ["2023-02-29", "2024-13-01", "24-01-01", "2024-1-1", "2024-01-01T00:00", ""] {
            assert_eq!(parse_date(bad), None, "{bad}");
        }
    }
}
