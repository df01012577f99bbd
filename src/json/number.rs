//! A number, in as many pieces as it comes (RFC 8259 section 6). Its text is all we want of it, and that it is finite.

use super::fault::{FaultKind, JsonFault};

/// A double holds 10^308, so fewer digits before the point than this can't overflow it.
const SAFE_DIGITS: usize = 308;

/// Where in a number the reading stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    at: At,
    /// Digits before the point.
    digits: usize,
    /// Whether a point or an exponent was seen: it is a float, not an integer.
    float: bool,
    exponent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Minus,
    Zero,
    Whole,
    Point,
    Fraction,
    E,
    Sign,
    Exponent,
}

impl Number {
    /// After its first byte, a minus or a digit.
    pub(super) fn after(first: u8) -> Self {
        let at = match first {
            b'-' => At::Minus,
            b'0' => At::Zero,
            _ => At::Whole,
        };
        Self { at, digits: 1, float: false, exponent: false }
    }

    /// Reads on: how many bytes of this piece belong to it. The number has ended if that is not all of them.
    pub(super) fn read(&mut self, piece: &[u8]) -> Result<usize, JsonFault> {
        for (index, byte) in piece.iter().enumerate() {
            let next = match (self.at, byte) {
                (At::Minus, b'0') => At::Zero,
                (At::Minus | At::Whole, b'0'..=b'9') => At::Whole,
                (At::Zero | At::Whole, b'.') => At::Point,
                (At::Point | At::Fraction, b'0'..=b'9') => At::Fraction,
                (At::Zero | At::Whole | At::Fraction, b'e' | b'E') => At::E,
                (At::E, b'+' | b'-') => At::Sign,
                (At::E | At::Sign | At::Exponent, b'0'..=b'9') => At::Exponent,
                (At::Whole | At::Fraction | At::Exponent, _) => return Ok(index),
                (At::Zero, byte) if !byte.is_ascii_digit() => return Ok(index),
                _ => return Err(JsonFault::new(FaultKind::Number, index as u64)),
            };
            self.step(next);
        }
        Ok(piece.len())
    }

    fn step(&mut self, next: At) {
        match next {
            At::Whole => self.digits += 1,
            At::Point => self.float = true,
            At::E => (self.float, self.exponent) = (true, true),
            _ => {}
        }
        self.at = next;
    }

    /// Whether a double can hold it. An integer may be of any length: there are readers that keep all its digits,
    /// while a float that is too large is infinite to everybody.
    pub(super) fn is_finite(self, text: &[u8]) -> bool {
        let may_overflow = self.float && (self.exponent || self.digits > SAFE_DIGITS);
        !may_overflow
            || std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok()).is_some_and(f64::is_finite)
    }
}
