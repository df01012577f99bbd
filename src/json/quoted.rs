//! The inside of a string, in as many pieces as it comes: escapes, surrogates and UTF-8 are checked.

use super::fault::{FaultKind, JsonFault};
use super::scan;

/// Where in a string the reading stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quoted {
    at: At,
    cut: Cut,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// Between characters.
    #[default]
    Body,
    /// After a backslash.
    Backslash,
    /// After a high surrogate: the backslash of the low one must follow.
    HalfPair,
    /// After that backslash: its `u` must follow.
    HalfPairBackslash,
    /// In the digits of `\uXXXX`; `low` if it must be a low surrogate.
    Digits { left: u8, sum: u16, low: bool },
}

/// The first bytes of a character whose other bytes have yet to come.
#[derive(Clone, Copy, Debug, Default)]
struct Cut {
    bytes: [u8; 4],
    len: usize,
}

impl Quoted {
    /// Reads on. The number of bytes up to and with the closing quote, or none if it is not in this piece. Offsets of
    /// faults are relative to the piece.
    pub(super) fn read(&mut self, piece: &[u8]) -> Result<Option<usize>, JsonFault> {
        let mut at = 0;
        loop {
            if self.at == At::Body {
                let rest = piece.get(at..).unwrap_or_default();
                at += self.body(rest).map_err(|fault| fault.shifted(at as u64))?;
            }
            let Some(&byte) = piece.get(at) else { return Ok(None) };
            if self.at == At::Body && byte == b'"' {
                return Ok(Some(at + 1));
            }
            self.at = self.at.after(byte).map_err(|kind| JsonFault::new(kind, at as u64))?;
            at += 1;
        }
    }

    /// Reads characters that stand for themselves: all up to the byte that must be looked at next.
    fn body(&mut self, rest: &[u8]) -> Result<usize, JsonFault> {
        let run = scan::run(rest);
        let plain = rest.get(..run.len).unwrap_or_default();
        if run.wide || self.cut.len > 0 {
            let bad = self.cut.check(plain, run.len < rest.len());
            bad.map_err(|offset| JsonFault::new(FaultKind::Utf8, offset))?;
        }
        Ok(run.len)
    }
}

impl At {
    fn after(self, byte: u8) -> Result<Self, FaultKind> {
        match (self, byte) {
            (Self::Body, b'\\') => Ok(Self::Backslash),
            (Self::Body, _) => Err(FaultKind::Control),
            (Self::Backslash, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(Self::Body),
            (Self::Backslash, b'u') => Ok(Self::Digits { left: 4, sum: 0, low: false }),
            (Self::Backslash, _) => Err(FaultKind::Escape),
            (Self::HalfPair, b'\\') => Ok(Self::HalfPairBackslash),
            (Self::HalfPairBackslash, b'u') => Ok(Self::Digits { left: 4, sum: 0, low: true }),
            (Self::HalfPair | Self::HalfPairBackslash, _) => Err(FaultKind::Surrogate),
            (Self::Digits { left, sum, low }, digit) => {
                let digit = char::from(digit).to_digit(16).and_then(|digit| u16::try_from(digit).ok());
                let sum = (sum << 4) | digit.ok_or(FaultKind::Escape)?;
                if left > 1 { Ok(Self::Digits { left: left - 1, sum, low }) } else { Self::unit(sum, low) }
            }
        }
    }

    /// After a UTF-16 code unit (RFC 8259 section 7): surrogates come in pairs only.
    fn unit(unit: u16, low: bool) -> Result<Self, FaultKind> {
        match unit {
            0xd800..=0xdbff if !low => Ok(Self::HalfPair),
            0xdc00..=0xdfff if low => Ok(Self::Body),
            0xd800..=0xdfff => Err(FaultKind::Surrogate),
            _ if low => Err(FaultKind::Surrogate),
            _ => Ok(Self::Body),
        }
    }
}

impl Cut {
    /// Checks that these bytes go on as UTF-8; at an `end` no character may be left open. If not, where the bad
    /// character begins, seen from these bytes (wrapping, as it may have begun before).
    fn check(&mut self, bytes: &[u8], end: bool) -> Result<(), u64> {
        let before = (self.len as u64).wrapping_neg();
        let mut rest = bytes;
        while self.len > 0 {
            let Some((&byte, others)) = rest.split_first() else { break };
            rest = others;
            self.push(byte);
            match std::str::from_utf8(self.bytes.get(..self.len).unwrap_or_default()) {
                Ok(_) => self.len = 0,
                Err(fault) if fault.error_len().is_some() => return Err(before),
                Err(_) => {}
            }
        }
        if let Err(fault) = std::str::from_utf8(rest) {
            if end || fault.error_len().is_some() {
                return Err((bytes.len() - rest.len() + fault.valid_up_to()) as u64);
            }
            rest.iter().skip(fault.valid_up_to()).for_each(|byte| self.push(*byte));
        }
        if end && self.len > 0 { Err(before) } else { Ok(()) }
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }
}
