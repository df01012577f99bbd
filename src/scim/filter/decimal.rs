//! JSON numbers compared by their exact value, whatever their spelling: `1`, `1.0` and `10e-1` are one.
//!
//! Exact for exponents of up to 18 digits; beyond those, two numbers count as equally large where their digits agree.

use std::cmp::Ordering;

/// A number as 0.d1d2d3.. times ten to a power.
struct Decimal<'t> {
    negative: bool,
    /// Without zeros at either end; none for zero. Whole part and fraction.
    digits: (&'t str, &'t str),
    power: i64,
}

/// How two JSON numbers stand to each other.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (Decimal::read(one), Decimal::read(other));
    match (one.sign(), other.sign()) {
        (1, 1) => one.size(&other),
        (-1, -1) => other.size(&one),
        (sign, with) => sign.cmp(&with),
    }
}

impl<'t> Decimal<'t> {
    /// Reads the text of a checked JSON number.
    fn read(text: &'t str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let whole = whole.trim_start_matches('0');
        let trimmed = fraction.trim_end_matches('0');
        let (whole, fraction, lead) = if !whole.is_empty() {
            (if trimmed.is_empty() { whole.trim_end_matches('0') } else { whole }, trimmed, count(whole))
        } else {
            let digits = trimmed.trim_start_matches('0');
            ("", digits, count(digits).saturating_sub(count(trimmed)))
        };
        Self { negative, digits: (whole, fraction), power: read_exponent(exponent).saturating_add(lead) }
    }

    fn sign(&self) -> i8 {
        match (self.digits.0.is_empty() && self.digits.1.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    /// How the sizes of two numbers that aren't zero stand to each other.
    fn size(&self, other: &Self) -> Ordering {
        self.power.cmp(&other.power).then_with(|| self.bytes().cmp(other.bytes()))
    }

    fn bytes(&self) -> impl Iterator<Item = u8> {
        self.digits.0.bytes().chain(self.digits.1.bytes())
    }
}

fn count(digits: &str) -> i64 {
    i64::try_from(digits.len()).unwrap_or(i64::MAX)
}

fn read_exponent(text: &str) -> i64 {
    let far = if text.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
    text.parse().map_or(far, |power: i64| power.clamp(i64::MIN / 4, i64::MAX / 4))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_compared_by_value() {
        let rows = [
            ("1", "1.0", Ordering::Equal),
            ("1", "10e-1", Ordering::Equal),
            ("100", "1E+2", Ordering::Equal),
            ("0.010", "1e-2", Ordering::Equal),
            ("0", "-0.0e9", Ordering::Equal),
            ("2", "10", Ordering::Less),
            ("-2", "-10", Ordering::Greater),
            ("-1", "0", Ordering::Less),
            ("0.09", "0.1", Ordering::Less),
            ("1.05", "1.5", Ordering::Less),
            ("12345678901234567890", "12345678901234567891", Ordering::Less),
            ("9007199254740993", "9007199254740992", Ordering::Greater),
            ("1e5", "1e4", Ordering::Greater),
            ("1e99999999999999999999", "1e9", Ordering::Greater),
            ("1e-99999999999999999999", "1e-9", Ordering::Less),
            ("1e-99999999999999999999", "0", Ordering::Greater),
        ];
        for (one, other, order) in rows {
            assert_eq!(compare(one, other), order, "{one} {other}");
            assert_eq!(compare(other, one), order.reverse(), "{other} {one}");
        }
    }

    proptest! {
        #[test]
        fn decimals_agree_with_integers(one in -100_000_i64..100_000, other in -100_000_i64..100_000, power in -3_i32..4) {
            let write = |number: i64| format!("{number}e{power}");
            prop_assert_eq!(compare(&write(one), &write(other)), one.cmp(&other));
            prop_assert_eq!(compare(&format!("{one}.0"), &other.to_string()), one.cmp(&other));
            let thousandth = |number: i64| {
                let sign = if number < 0 { "-" } else { "" };
                format!("{sign}{}.{:03}", number.abs() / 1000, number.abs() % 1000)
            };
            prop_assert_eq!(compare(&thousandth(one), &format!("{other}e-3")), one.cmp(&other));
        }
    }
}
