//! Moments as the token file writes them: whole seconds, in UTC.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const FIRST_YEAR: u64 = 1970;
const LAST_YEAR: u64 = 9999;

/// A moment between 1970 and 9999, in whole seconds of UTC: `2026-11-25T02:30:00Z` (RFC 3339).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment(u64);

impl Moment {
    /// The second that a clock shows. A clock before 1970 shows the first.
    #[must_use]
    pub fn of(clock: SystemTime) -> Self {
        Self(clock.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
    }

    /// The moment so much later; nothing past the year 9999.
    #[must_use]
    pub fn after(self, wait: Duration) -> Option<Self> {
        let sum = Self(self.0.checked_add(wait.as_secs())?);
        (sum.date().0 <= LAST_YEAR).then_some(sum)
    }

    /// Reads `YYYY-MM-DDThh:mm:ssZ`.
    ///
    /// # Errors
    /// Any other text, other time zones and fractions included, and days that no calendar has.
    pub fn parse(text: &str) -> Result<Self, BadMoment> {
        let mut rest = text;
        let mut number = |digits: usize, then: char| -> Result<u64, BadMoment> {
            let (head, tail) = rest.split_at_checked(digits).ok_or(BadMoment)?;
            rest = tail.strip_prefix(then).ok_or(BadMoment)?;
            let all_digits = head.bytes().all(|byte| byte.is_ascii_digit());
            head.parse().ok().filter(|_| all_digits).ok_or(BadMoment)
        };
        let (year, month, day) = (number(4, '-')?, number(2, '-')?, number(2, 'T')?);
        let (hour, minute, second) = (number(2, ':')?, number(2, ':')?, number(2, 'Z')?);
        let is_time = hour < 24 && minute < 60 && second < 60 && rest.is_empty();
        if !is_time
            || year < FIRST_YEAR
            || !(1..=12).contains(&month)
            || !(1..=month_length(year, month)).contains(&day)
        {
            return Err(BadMoment);
        }
        let years: u64 = (FIRST_YEAR..year).map(year_length).sum();
        let months: u64 = (1..month).map(|month| month_length(year, month)).sum();
        Ok(Self((years + months + day - 1) * DAY + hour * HOUR + minute * MINUTE + second))
    }

    /// Year, month and day.
    fn date(self) -> (u64, u64, u64) {
        let (mut year, mut month, mut days) = (FIRST_YEAR, 1, self.0 / DAY);
        while year <= LAST_YEAR && days >= year_length(year) {
            days -= year_length(year);
            year += 1;
        }
        while month < 12 && days >= month_length(year, month) {
            days -= month_length(year, month);
            month += 1;
        }
        (year, month, days + 1)
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn year_length(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn month_length(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let (hour, minute, second) = (self.0 % DAY / HOUR, self.0 % HOUR / MINUTE, self.0 % MINUTE);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// A text that is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a moment is a date and a time in UTC, in whole seconds, such as `2026-11-25T02:30:00Z`")]
pub struct BadMoment;

impl TryFrom<String> for Moment {
    type Error = BadMoment;

    fn try_from(text: String) -> Result<Self, BadMoment> {
        Self::parse(&text)
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_moments_are_read_and_written() {
        let known = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_000_000_000, "2001-09-09T01:46:40Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ];
        for (seconds, text) in known {
            assert_eq!(Moment(seconds).to_string(), text);
            assert_eq!(Moment::parse(text), Ok(Moment(seconds)));
        }
    }

    #[test]
    fn what_no_calendar_has_is_refused() {
        let bad = [
            "",
            "2026-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00+01:00",
            "2026-01-01T00:00:00.5Z",
            "2026-01-01 00:00:00Z",
            "1969-12-31T23:59:59Z",
            "+026-01-01T00:00:00Z",
            "2026-01-01T00:00:00ZZ",
        ];
        for text in bad {
            assert_eq!(Moment::parse(text), Err(BadMoment), "{text}");
        }
    }

    #[test]
    fn nothing_is_later_than_the_year_9999() {
        let last = Moment::parse("9999-12-31T23:59:59Z").unwrap();
        assert_eq!(last.after(Duration::ZERO), Some(last));
        assert_eq!(last.after(Duration::from_secs(1)), None);
        assert_eq!(last.after(Duration::MAX), None);
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(seconds in 0..=253_402_300_799_u64) {
            prop_assert_eq!(Moment::parse(&Moment(seconds).to_string()), Ok(Moment(seconds)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,24}|[0-9T:Z-]{20}") {
            if let Ok(moment) = Moment::parse(&text) {
                prop_assert_eq!(moment.to_string(), text);
            }
        }
    }
}
