//! How values compare (RFC 9535 section 2.3.5.2.2): texts by code point, numbers exactly as they are written, values of
//! different kinds never. Nothing equals nothing.

use std::cmp::Ordering;

use crate::json::{Object, Value};

use super::BudgetFault;
use super::syntax::Relation;
use super::walk::Budget;

/// Whether `relation` holds between two values, each of which may be absent.
pub(super) fn holds(
    relation: Relation,
    left: Option<&Value<'_>>,
    right: Option<&Value<'_>>,
    budget: &mut Budget,
) -> Result<bool, BudgetFault> {
    let mut equal = || match (left, right) {
        (None, None) => Ok(true),
        (Some(left), Some(right)) => equal(left, right, budget),
        _ => Ok(false),
    };
    let order = || order(left?, right?);
    Ok(match relation {
        Relation::Equal => equal()?,
        Relation::Unequal => !equal()?,
        Relation::Less => order() == Some(Ordering::Less),
        Relation::LessOrEqual => order() == Some(Ordering::Less) || equal()?,
        Relation::Greater => order() == Some(Ordering::Greater),
        Relation::GreaterOrEqual => order() == Some(Ordering::Greater) || equal()?,
    })
}

/// The order of two numbers or two texts; nothing else has one.
fn order(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Some(Decimal::read(left).cmp(&Decimal::read(right))),
        // Bytes of UTF-8 sort as code points do.
        (Value::String(left), Value::String(right)) => Some(left.decoded().cmp(&right.decoded())),
        _ => None,
    }
}

fn equal(left: &Value<'_>, right: &Value<'_>, budget: &mut Budget) -> Result<bool, BudgetFault> {
    budget.spend(1)?;
    match (left, right) {
        (Value::Null, Value::Null) => Ok(true),
        (Value::Bool(left), Value::Bool(right)) => Ok(left == right),
        (Value::Number(_), Value::Number(_)) | (Value::String(_), Value::String(_)) => {
            Ok(order(left, right) == Some(Ordering::Equal))
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (left, right) in left.iter().zip(right.iter()) {
                if !equal(left, right, budget)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Object(left), Value::Object(right)) if left.len() == right.len() => same_members(left, right, budget),
        _ => Ok(false),
    }
}

fn same_members(left: &Object<'_>, right: &Object<'_>, budget: &mut Budget) -> Result<bool, BudgetFault> {
    for member in left.iter() {
        budget.look_up(right)?;
        let same = match right.get(&member.key.decoded()) {
            Some(value) => equal(&member.value, value, budget)?,
            None => false,
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A number as it is written: `0.digits` times ten to the `scale`, without zeros at either end of the digits.
///
/// Exponents beyond 38 digits count as one; all other numbers are told apart.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    scale: i128,
}

impl Decimal {
    /// Reads a JSON number (RFC 8259 section 6).
    fn read(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, ""));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let written: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let leading = written.iter().take_while(|&&digit| digit == b'0').count();
        let trailing = written.iter().skip(leading).rev().take_while(|&&digit| digit == b'0').count();
        let digits: Vec<u8> = written.iter().take(written.len() - trailing).skip(leading).copied().collect();
        if digits.is_empty() {
            return Self { negative: false, digits, scale: 0 };
        }
        let shift = whole.len() as i128 - leading as i128;
        Self { negative, digits, scale: read_exponent(exponent).saturating_add(shift) }
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        let zeros = other.digits.is_empty().cmp(&self.digits.is_empty());
        zeros.then_with(|| self.scale.cmp(&other.scale)).then_with(|| self.digits.cmp(&other.digits))
    }
}

fn read_exponent(text: &str) -> i128 {
    let farthest = if text.starts_with('-') { i128::MIN } else { i128::MAX };
    if text.is_empty() { 0 } else { text.parse().unwrap_or(farthest) }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn compare(left: &str, right: &str) -> Ordering {
        Decimal::read(left).cmp(&Decimal::read(right))
    }

    #[test]
    fn a_number_has_many_spellings() {
        for (one, other) in
            [("1", "1.0"), ("1e2", "100"), ("-0", "0.00"), ("0e9", "0"), ("12e-1", "1.2"), ("0.5E+1", "5")]
        {
            assert_eq!(compare(one, other), Ordering::Equal, "{one} {other}");
        }
    }

    #[test]
    fn numbers_that_no_double_tells_apart_differ() {
        assert_eq!(compare("12345678901234567890", "12345678901234567891"), Ordering::Less);
        assert_eq!(compare("0.1", "0.1000000000000000000001"), Ordering::Less);
        assert_eq!(compare("1e400", "1e401"), Ordering::Less);
    }

    #[test]
    fn an_endless_exponent_is_far_away() {
        let far = format!("1e{}", "9".repeat(60));
        let near = format!("1e-{}", "9".repeat(60));
        assert_eq!(compare(&far, "7e999"), Ordering::Greater);
        assert_eq!(compare(&near, "7e-999"), Ordering::Less);
        assert_eq!(compare(&near, "0"), Ordering::Greater);
        assert_eq!(compare(&format!("-{far}"), "0"), Ordering::Less);
    }

    proptest! {
        #[test]
        fn whole_numbers_compare_as_integers_do(left in any::<i64>(), right in any::<i64>()) {
            prop_assert_eq!(compare(&left.to_string(), &right.to_string()), left.cmp(&right));
        }

        #[test]
        fn scaled_numbers_compare_as_integers_do(left in -2000_i64..2000, right in -2000_i64..2000, places in 0_u32..3) {
            let scaled = |number: i64| format!("{number}e-{places}");
            let plain = |number: i64| format!("{:.1$}", number as f64 / 10_f64.powi(places as i32), places as usize);
            prop_assert_eq!(compare(&scaled(left), &plain(right)), left.cmp(&right));
        }
    }
}
