//! Months: the only resolution in which a snapshot says when it was taken.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, Utc};
use thiserror::Error;

use super::named::as_text;

/// A calendar month in UTC, written `2026-11`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: u16,
    month: u8,
}

/// A text that is no month.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a month: expected year-month, as in 2026-11")]
pub struct InvalidMonth;

impl Month {
    pub fn new(year: u16, month: u8) -> Option<Self> {
        ((2000..=2999).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    pub fn of(moment: DateTime<Utc>) -> Option<Self> {
        Self::new(u16::try_from(moment.year()).ok()?, u8::try_from(moment.month()).ok()?)
    }

    /// The first moment after the month. A snapshot's age runs from here.
    pub fn end(self) -> Option<DateTime<Utc>> {
        NaiveDate::from_ymd_opt(i32::from(self.year), u32::from(self.month), 1)?
            .checked_add_months(Months::new(1))
            .map(|day| NaiveDateTime::from(day).and_utc())
    }

    /// The month this many months earlier; `None` before the year 2000.
    pub fn back(self, months: u16) -> Option<Self> {
        let count = (i32::from(self.year) * 12 + i32::from(self.month) - 1).checked_sub(i32::from(months))?;
        Self::new(u16::try_from(count / 12).ok()?, u8::try_from(count % 12 + 1).ok()?)
    }

    /// The last moment at which at most `days` have passed since the month ended.
    pub fn fresh_until(self, days: u32) -> Option<DateTime<Utc>> {
        self.end()?.checked_add_days(Days::new(u64::from(days)))
    }

    /// Returns whether at `moment` at most `days` have passed since the month ended (a running month is fresh).
    pub fn is_fresh(self, moment: DateTime<Utc>, days: u32) -> bool {
        self.fresh_until(days).is_some_and(|limit| moment <= limit)
    }
}

impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (year, month) =
            text.split_once('-').filter(|(y, m)| y.len() == 4 && m.len() == 2).ok_or(InvalidMonth)?;
        if !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            return Err(InvalidMonth);
        }
        year.parse().ok().zip(month.parse().ok()).and_then(|(y, m)| Self::new(y, m)).ok_or(InvalidMonth)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

as_text!(Month);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_runs_from_the_end_of_the_month() {
        let month: Month = "2026-12".parse().unwrap();
        assert_eq!(month.end().unwrap().to_rfc3339(), "2027-01-01T00:00:00+00:00");
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert!(month.is_fresh(at("2026-12-10T00:00:00Z"), 365));
        assert!(month.is_fresh(at("2028-01-01T00:00:00Z"), 365));
        assert!(!month.is_fresh(at("2028-01-01T00:00:01Z"), 365));
    }

    #[test]
    fn going_back_crosses_years() {
        let month: Month = "2026-02".parse().unwrap();
        assert_eq!(month.back(0), Some(month));
        assert_eq!(month.back(2).unwrap().to_string(), "2025-12");
        assert_eq!(month.back(26).unwrap().to_string(), "2023-12");
        assert_eq!(month.back(400), None);
    }

    #[test]
    fn only_four_and_two_digits_make_a_month() {
        for text in ["2026-1", "2026-13", "26-11", "2026/11", "2026-00", "+026-11", "1999-12"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }
}
