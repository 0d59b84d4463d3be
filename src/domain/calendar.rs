//! Working days of England and Wales: Monday to Friday less bank holidays, in Europe/London.
//!
//! Bank holidays come from the crate `bankholidays`, which computes them and keeps the one-offs that were proclaimed; nothing is
//! fetched at run time. The hour of London is computed here: the clocks have changed on the last Sundays of March and
//! October, at one o'clock UTC, since 1996.

use super::clock::Timestamp;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Weekday};

/// Whether it is a day on which work is done: no Saturday, no Sunday, no bank holiday.
pub fn is_working_day(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) && !bankholidays::uk::is_bankholiday(&date)
}

/// The date in London at a moment.
pub fn london_date(moment: Timestamp) -> NaiveDate {
    let utc = DateTime::from_timestamp_micros(moment.0).unwrap_or(DateTime::<chrono::Utc>::MAX_UTC).naive_utc();
    let local = if is_summer(utc) { utc.checked_add_signed(TimeDelta::hours(1)).unwrap_or(utc) } else { utc };
    local.date()
}

/// The moment at which a date begins in London.
pub fn start_of_day(date: NaiveDate) -> Timestamp {
    // The clocks change at one o'clock in the night, so midnight is there once a day.
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    let in_summer = midnight.checked_sub_signed(TimeDelta::hours(1)).unwrap_or(midnight);
    let utc = if is_summer(in_summer) { in_summer } else { midnight };
    Timestamp(utc.and_utc().timestamp_micros())
}

/// The end of the `days`-th working day after a moment. The day of the moment in London is day 0, whatever its hour; with no
/// days it is the end of that day, or of the next working day when nobody works on it.
pub fn end_of_working_days_after(moment: Timestamp, days: u32) -> Timestamp {
    let next = |date: NaiveDate| date.succ_opt().unwrap_or(NaiveDate::MAX);
    let mut date = london_date(moment);
    if days == 0 {
        while !is_working_day(date) && date < NaiveDate::MAX {
            date = next(date);
        }
    }
    let mut left = days;
    while left > 0 && date < NaiveDate::MAX {
        date = next(date);
        if is_working_day(date) {
            left -= 1;
        }
    }
    start_of_day(next(date))
}

/// Whether London keeps summer time at this moment of UTC.
fn is_summer(utc: NaiveDateTime) -> bool {
    let change = |month| last_sunday(utc.year(), month).and_then(|d| d.and_hms_opt(1, 0, 0));
    matches!((change(3), change(10)), (Some(from), Some(until)) if from <= utc && utc < until)
}

/// The last Sunday of a month that has 31 days.
fn last_sunday(year: i32, month: u32) -> Option<NaiveDate> {
    let last = NaiveDate::from_ymd_opt(year, month, 31)?;
    last.checked_sub_days(chrono::Days::new(u64::from(last.weekday().num_days_from_sunday())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::parse_date;

    /// As published, weekdays only.
    const BANK_HOLIDAYS: &[&str] = &[
        "2018: 01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26",
        "2019: 01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
        "2020: 01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
        "2021: 01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
        "2022: 01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
        "2023: 01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
        "2024: 01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
        "2025: 01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
        "2026: 01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
        "2027: 01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
        "2028: 01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
        "2029: 01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26",
        "2030: 01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
    ];

    fn day(text: &str) -> NaiveDate {
        parse_date(text).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn bank_holidays_are_those_that_were_published_or_follow_from_the_rule() {
        for line in BANK_HOLIDAYS {
            let (year, listed) = line.split_once(": ").unwrap();
            let first = day(&format!("{year}-01-01"));
            let found: Vec<_> = first
                .iter_days()
                .take_while(|d| d.year() == first.year())
                .filter(|d| !matches!(d.weekday(), Weekday::Sat | Weekday::Sun) && !is_working_day(*d))
                .map(|d| d.format("%m-%d").to_string())
                .collect();
            assert_eq!(found.join(" "), listed, "{year}");
        }
    }

    #[test]
    fn nobody_works_at_the_weekend() {
        assert!(is_working_day(day("2026-04-10")));
        assert!(!is_working_day(day("2026-04-11")) && !is_working_day(day("2026-04-12")));
        assert!(!is_working_day(day("2021-12-25")), "a bank holiday that falls on a Saturday");
    }

    #[test]
    fn london_has_the_date_of_its_own_clocks() {
        let table = [
            ("2026-01-31T23:59:59Z", "2026-01-31"),
            ("2026-03-28T23:30:00Z", "2026-03-28"),
            ("2026-03-29T00:59:59Z", "2026-03-29"),
            ("2026-03-29T22:59:59Z", "2026-03-29"),
            ("2026-03-29T23:00:00Z", "2026-03-30"),
            ("2026-07-01T23:00:00Z", "2026-07-02"),
            ("2026-10-24T23:00:00Z", "2026-10-25"),
            ("2026-10-25T23:00:00Z", "2026-10-25"),
            ("2026-10-26T00:00:00Z", "2026-10-26"),
        ];
        for (moment, date) in table {
            assert_eq!(london_date(at(moment)), day(date), "{moment}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_in_london() {
        let table = [
            ("2026-03-29", "2026-03-29T00:00:00Z"),
            ("2026-03-30", "2026-03-29T23:00:00Z"),
            ("2026-10-25", "2026-10-24T23:00:00Z"),
            ("2026-10-26", "2026-10-26T00:00:00Z"),
            ("2026-12-31", "2026-12-31T00:00:00Z"),
        ];
        for (date, moment) in table {
            assert_eq!(start_of_day(day(date)), at(moment), "{date}");
            assert_eq!(london_date(start_of_day(day(date))), day(date));
            assert_eq!(london_date(Timestamp(start_of_day(day(date)).0 - 1)), day(date).pred_opt().unwrap());
        }
    }

    #[test]
    fn so_many_working_days_later_the_day_ends() {
        let table = [
            // An ordinary week: Tuesday, and the end of Wednesday.
            ("2026-04-21T08:00:00Z", 1, "2026-04-22T23:00:00Z"),
            ("2026-04-21T22:59:59Z", 1, "2026-04-22T23:00:00Z"),
            // Half past midnight in London is the next day, though it is not yet in UTC.
            ("2026-04-21T23:30:00Z", 1, "2026-04-23T23:00:00Z"),
            ("2026-04-21T08:00:00Z", 0, "2026-04-21T23:00:00Z"),
            ("2026-04-21T08:00:00Z", 5, "2026-04-28T23:00:00Z"),
            // Friday to Monday; a Saturday counts from the same Monday.
            ("2026-04-24T08:00:00Z", 1, "2026-04-27T23:00:00Z"),
            ("2026-04-25T08:00:00Z", 1, "2026-04-27T23:00:00Z"),
            ("2026-04-25T08:00:00Z", 0, "2026-04-27T23:00:00Z"),
            // Over Easter: Maundy Thursday to Tuesday.
            ("2026-04-02T12:00:00Z", 1, "2026-04-07T23:00:00Z"),
            ("2026-04-02T12:00:00Z", 2, "2026-04-08T23:00:00Z"),
            // Christmas 2026: Friday, and Monday for the Saturday.
            ("2026-12-24T12:00:00Z", 1, "2026-12-30T00:00:00Z"),
            // Christmas 2021: Monday and Tuesday for Saturday and Sunday.
            ("2021-12-24T12:00:00Z", 1, "2021-12-30T00:00:00Z"),
            ("2021-12-24T12:00:00Z", 3, "2022-01-01T00:00:00Z"),
            ("2021-12-24T12:00:00Z", 4, "2022-01-05T00:00:00Z"),
            // The clocks go forward on Sunday 29 March 2026, and back on 25 October.
            ("2026-03-27T12:00:00Z", 1, "2026-03-30T23:00:00Z"),
            ("2026-10-23T12:00:00Z", 1, "2026-10-27T00:00:00Z"),
        ];
        for (moment, days, due) in table {
            assert_eq!(end_of_working_days_after(at(moment), days).rfc3339(), at(due).rfc3339(), "{moment} + {days}");
        }
    }
}
