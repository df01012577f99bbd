//! What a token looks like: `sg_<id>_<secret><checksum>`.
//!
//! The id (16 of `0-9a-z`) finds the token without keeping its secret; the secret is 32 of `0-9A-Za-z`, 190 bits of the
//! operating system's randomness; the checksum, six more of them, is the CRC-32 of all before it. The shape is for others:
//! scanners find a token that was committed by mistake, and a typo or a made-up token costs no look-up and no digest.
//! The checksum proves nothing: whoever knows the shape can compute it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// How a token that scimgate issued begins.
pub(super) const PREFIX: &str = "sg_";

const ID: usize = 16;
const SECRET: usize = 32;
const CHECKSUM: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The public part of a token: 16 of `0-9a-z`. It may be logged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenId([u8; ID]);

impl TokenId {
    /// Reads an id.
    ///
    /// # Errors
    /// Anything but 16 of `0-9a-z`.
    pub fn parse(text: &str) -> Result<Self, BadId> {
        let bytes: [u8; ID] = text.as_bytes().try_into().map_err(|_| BadId)?;
        bytes.iter().all(|byte| BASE36.contains(byte)).then_some(Self(bytes)).ok_or(BadId)
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Every maker takes ASCII only, so the fallback is never seen.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// A new id.
    pub(super) fn draw(random: &mut Random<'_>) -> Result<Self, NoRandomness> {
        Ok(Self(draw(BASE36, random)?))
    }
}

/// Fills a buffer with bytes that nobody can foresee.
pub(super) type Random<'r> = dyn FnMut(&mut [u8]) -> Result<(), NoRandomness> + 'r;

/// The operating system gave no randomness, or the same twice: no secret can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no randomness, so no token can be made")]
pub struct NoRandomness;

/// Fills a buffer from the operating system's randomness.
///
/// # Errors
/// When it has none.
pub fn os_random(buffer: &mut [u8]) -> Result<(), NoRandomness> {
    getrandom::fill(buffer).map_err(|_| NoRandomness)
}

/// The text of a new token with this id.
pub(super) fn mint(id: TokenId, random: &mut Random<'_>) -> Result<Secret, NoRandomness> {
    let secret: [u8; SECRET] = draw(BASE62, random)?;
    let mut text = format!("{PREFIX}{id}_");
    text.extend(secret.map(char::from));
    let sum = checksum(text.as_bytes());
    text.extend(sum.map(char::from));
    Ok(Secret::new(text))
}

/// The id of a text that has the shape of a token, checksum included. The work is bounded by a token's length.
pub(super) fn id_of(text: &str) -> Option<TokenId> {
    let (id, rest) = text.strip_prefix(PREFIX)?.split_once('_')?;
    let id = TokenId::parse(id).ok()?;
    let is_long_enough = rest.len() == SECRET + CHECKSUM && rest.bytes().all(|byte| BASE62.contains(&byte));
    let (before, sum) = text.as_bytes().split_last_chunk::<CHECKSUM>().filter(|_| is_long_enough)?;
    (checksum(before) == *sum).then_some(id)
}

/// Characters of an alphabet.
fn draw<const N: usize>(alphabet: &[u8], random: &mut Random<'_>) -> Result<[u8; N], NoRandomness> {
    let mut drawn = [0; N];
    for place in &mut drawn {
        *place = draw_one(alphabet, random)?;
    }
    Ok(drawn)
}

/// One character, each as likely as the others: a byte past the last whole multiple of the alphabet's length is drawn
/// again. A source that has given nothing usable 64 times is broken: of good ones, fewer than one in 2^128 does that.
fn draw_one(alphabet: &[u8], random: &mut Random<'_>) -> Result<u8, NoRandomness> {
    let fair = 256 / alphabet.len() * alphabet.len();
    for _ in 0..64 {
        let mut byte = [0];
        random(&mut byte)?;
        let number = usize::from(u8::from_be_bytes(byte));
        if let Some(character) = alphabet.get(number % alphabet.len()).filter(|_| number < fair) {
            return Ok(*character);
        }
    }
    Err(NoRandomness)
}

/// CRC-32 (ISO-HDLC, the one of zip and PNG) as six digits of base 62, most significant first.
fn checksum(text: &[u8]) -> [u8; CHECKSUM] {
    let mut rest = crc32(text);
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62.get((rest % 62) as usize).copied().unwrap_or(b'0');
        rest /= 62;
    }
    digits
}

/// Bit by bit: 54 bytes at most, so a table would be more to read than it saves.
fn crc32(text: &[u8]) -> u32 {
    !text.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// A text that is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a token's id is 16 of `0-9` and `a-z`: the part between `sg_` and the next `_`; `scimgate token list` shows them"
)]
pub struct BadId;

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for TokenId {
    type Error = BadId;

    fn try_from(text: String) -> Result<Self, BadId> {
        Self::parse(&text)
    }
}

impl From<TokenId> for String {
    fn from(id: TokenId) -> Self {
        id.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn minted() -> String {
        let id = TokenId::draw(&mut os_random).unwrap();
        mint(id, &mut os_random).unwrap().expose().to_owned()
    }

    #[test]
    fn crc_32_is_the_one_of_zip() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn t_01_a_token_has_a_prefix_a_checksum_and_190_bits() {
        let text = minted();
        assert_eq!(text.len(), 58);
        assert!(text.starts_with("sg_"));
        assert!(id_of(&text).is_some());
        assert!(SECRET as f64 * 62_f64.log2() >= 160.0);
        assert_eq!(format!("{:?}", Secret::new(text)), "***");
    }

    #[test]
    fn t_12_no_two_tokens_are_the_same() {
        let tokens: HashSet<String> = (0..200).map(|_| minted()).collect();
        let ids: HashSet<TokenId> = tokens.iter().filter_map(|text| id_of(text)).collect();
        assert_eq!((tokens.len(), ids.len()), (200, 200));
    }

    #[test]
    fn a_wrong_character_is_seen_before_any_look_up() {
        let text = minted();
        for place in 0..text.len() {
            for other in ['0', 'z', 'Z', '_', ' ', 'é'] {
                let mut typo: Vec<char> = text.chars().collect();
                typo[place] = other;
                let typo: String = typo.into_iter().collect();
                assert!(typo == text || id_of(&typo).is_none(), "{place} {other}");
            }
        }
        assert_eq!(id_of(&format!("{text}0")), None);
        assert_eq!(id_of(&text[..57]), None);
    }

    #[test]
    fn every_character_is_drawn_as_often_as_the_others() {
        let mut next = 0_u8;
        let mut count = |buffer: &mut [u8]| {
            buffer.fill_with(|| {
                next = next.wrapping_add(1);
                next
            });
            Ok(())
        };
        let drawn: [u8; 62 * 8] = draw(BASE62, &mut count).unwrap();
        for character in BASE62 {
            let times = drawn.iter().filter(|one| *one == character).count();
            assert!((7..=9).contains(&times), "{character}: {times}");
        }
    }

    #[test]
    fn without_randomness_there_is_no_token() {
        let id = TokenId::parse("0123456789abcdef").unwrap();
        assert!(mint(id, &mut |_: &mut [u8]| Err(NoRandomness)).is_err());
        let mut broken = |buffer: &mut [u8]| {
            buffer.fill(255);
            Ok(())
        };
        assert!(mint(id, &mut broken).is_err(), "a source that gives nothing usable ends");
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC*|sg_[0-9a-z]{16}_[0-9A-Za-z]{36,40}") {
            if id_of(&text).is_some() {
                prop_assert_eq!(text.len(), 58);
            }
        }
    }
}
