//! The one loop that sees most bytes: the body of a string, eight bytes at a time.

const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);

/// How far a string's body runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// How many bytes come before the first quote, backslash or control character.
    pub len: usize,
    /// Whether they may be anything but ASCII. May be true in vain, never false in vain.
    pub wide: bool,
}

/// The bytes up to the first quote, backslash or control character.
pub(super) fn run(bytes: &[u8]) -> Run {
    let (words, tail) = bytes.as_chunks::<8>();
    let mut len = 0;
    let mut seen = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        seen |= word;
        let stops = stops(word);
        if stops != 0 {
            return Run { len: len + (stops.trailing_zeros() / 8) as usize, wide: seen & HIGH != 0 };
        }
        len += 8;
    }
    let rest = tail.iter().take_while(|byte| !stops_at(**byte)).count();
    let wide = seen & HIGH != 0 || !tail.is_ascii();
    Run { len: len + rest, wide }
}

/// The lowest bit set is the top bit of the first byte at which a run stops; bits above it mean nothing.
///
/// `(x - n) & !x & 0x80` is set for a byte below `n`; a borrow can only come from a lower byte that is set already.
fn stops(word: u64) -> u64 {
    let below = |x: u64, n: u64| x.wrapping_sub(LOW * n) & !x & HIGH;
    below(word, 0x20) | below(word ^ (LOW * 0x22), 1) | below(word ^ (LOW * 0x5c), 1)
}

fn stops_at(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_stops_where_a_plain_loop_stops() {
        for stop in 0..=255_u8 {
            for around in [b'a', 0x21, 0x23, 0x5b, 0x5d, 0x20, 0x7f, 0x80, 0xff] {
                for place in 0..20 {
                    let mut bytes = [around; 20];
                    bytes[place] = stop;
                    let len = bytes.iter().position(|byte| stops_at(*byte)).unwrap_or(20);
                    let run = run(&bytes);
                    assert_eq!(run.len, len, "{stop:#x} at {place} in {around:#x}");
                    assert!(run.wide || bytes[..len].is_ascii());
                }
            }
        }
    }

    #[test]
    fn ascii_is_not_taken_for_more() {
        assert_eq!(run(b"abcdefghijk\"\xff"), Run { len: 11, wide: true });
        assert_eq!(run(b"abcdefghijk\"rest"), Run { len: 11, wide: false });
        assert_eq!(run(b""), Run { len: 0, wide: false });
    }
}
