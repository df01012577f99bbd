//! Dates as seconds since 1970. Instants stay the same; how they are written doesn't: they come back in UTC.

use crate::json::Value;
use crate::scim::filter::Instant;

use super::number;

/// The years 0000 to 9999, which is as far as four digits reach.
const WRITABLE: std::ops::RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;

/// Days from 0000-03-01 to 1970-01-01.
const TO_1970: i64 = 719_468;

/// Days in 400 years of the Gregorian calendar.
const ERA: i64 = 146_097;

/// The seconds of a date and time with its zone; nothing for a fraction, and nothing for a leap second, which has none.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let is_leap = text.get(17..19) == Some("60");
    Instant::read(text)?.whole_seconds().filter(|seconds| !is_leap && WRITABLE.contains(seconds))
}

/// The date and time in UTC.
pub(super) fn of_number(value: &Value<'_>) -> Option<Value<'static>> {
    let Value::Number(text) = value else { return None };
    let seconds: i64 = number::whole(text)??.parse().ok()?;
    WRITABLE.contains(&seconds).then(|| Value::string(&written(seconds)))
}

fn written(seconds: i64) -> String {
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, date) = civil(day);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of a day since 1970. A year is counted from March, so that a leap day is its last.
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + TO_1970;
    let (era, day) = (day.div_euclid(ERA), day.rem_euclid(ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, date)
}
