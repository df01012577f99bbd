//! Dates with a time (RFC 7643 section 2.3.5) compared as instants: `2011-05-13T04:42:34Z` is `2011-05-13T06:42:34+02:00`.

/// An instant: seconds since 1970, and the digits of the fraction without zeros at the end.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant<'t> {
    seconds: i64,
    fraction: &'t str,
}

impl<'t> Instant<'t> {
    /// Reads a date and time with its zone (RFC 3339 section 5.6); nothing for anything else, also for a time without a
    /// zone, which is no instant.
    #[must_use]
    pub fn read(text: &'t str) -> Option<Self> {
        let (date, time) = text.split_once(['T', 't'])?;
        let (clock, offset) = zone(time)?;
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let [year, month, day] = fields(date, '-', [4, 2, 2])?;
        let [hour, minute, second] = fields(clock, ':', [2, 2, 2])?;
        let sound = (1..=12).contains(&month)
            && (1..=last(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60;
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
        sound.then(|| Self { seconds, fraction: fraction.trim_end_matches('0') })
    }

    /// Seconds since 1970, if it has no fraction.
    #[must_use]
    pub fn whole_seconds(&self) -> Option<i64> {
        self.fraction.is_empty().then_some(self.seconds)
    }
}

/// The last day of a month.
fn last(year: i64, month: i64) -> i64 {
    let (year_after, month_after) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days(year_after, month_after, 1) - days(year, month, 1)
}

/// Parts the zone from a time: the rest, and the zone in seconds east.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let at = time.rfind(['+', '-'])?;
    let (clock, zone) = time.split_at_checked(at)?;
    let [hours, minutes] = fields(zone.get(1..)?, ':', [2, 2])?;
    let seconds = hours * 3600 + minutes * 60;
    Some((clock, if zone.starts_with('-') { -seconds } else { seconds }))
}

/// Reads exactly `N` numbers of the given widths.
fn fields<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Days from 1970-01-01 in the Gregorian calendar; a year is counted from March, so that a leap day is its last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (month * 153 + 2) / 5 + day - 719_469
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_counted_from_1970() {
        let rows = [
            ("1970-01-01T00:00:00Z", 0),
            ("2011-05-13T04:42:34Z", 1_305_261_754),
            ("2011-05-13T06:42:34+02:00", 1_305_261_754),
            ("2000-02-29T23:59:59-01:30", 951_874_199),
            ("1969-12-31T23:59:59.5Z", -1),
        ];
        for (text, seconds) in rows {
            assert_eq!(Instant::read(text).unwrap().seconds, seconds, "{text}");
        }
    }

    #[test]
    fn fractions_are_compared_by_value() {
        let read = |text| Instant::read(text).unwrap();
        assert_eq!(read("2011-05-13T04:42:34.50Z"), read("2011-05-13T04:42:34.5Z"));
        assert!(read("2011-05-13T04:42:34.05Z") < read("2011-05-13T04:42:34.5Z"));
        assert!(read("2011-05-13T04:42:34Z") < read("2011-05-13T04:42:34.001Z"));
    }

    #[test]
    fn what_names_no_instant_is_none() {
        for text in [
            "",
            "2011-05-13",
            "2011-05-13T04:42:34",
            "2011-13-13T04:42:34Z",
            "2011-02-29T04:42:34Z",
            "2011-04-31T04:42:34Z",
            "2011-05-13T4:42:34Z",
            "2011-05-13T24:42:34Z",
            "2011-05-13T04:60:34Z",
            "2011-05-13T04:42:61Z",
            "2011-05-13T04:42:34.Z",
        ] {
            assert_eq!(Instant::read(text), None, "{text}");
        }
    }
}
