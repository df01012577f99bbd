//! Secrets, and the digests that are kept in their place.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// A secret in plain text. It prints as `***` and can't be written to a file by accident; only its digest is kept.
#[derive(Clone)]
pub struct Secret(Box<str>);

impl Secret {
    /// Keeps a text from being printed.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text.into())
    }

    /// The text itself. Every use of this word is a place where a secret could leak.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The SHA-256 digest of a secret, in files as 64 hexadecimal digits.
///
/// It has no `==`: digests are compared with [`Digest::matches`], which takes as long for a near miss as for a far one.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest that is compared when there is nothing to compare with. No secret is known that has it.
    pub(super) const NOBODY: Self = Self([0; 32]);

    /// The digest of a secret.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Whether both are the same, in constant time.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// The digest as a key of a look-up. What the time of a look-up tells of a digest is of no use to somebody who would
    /// have to find a secret with that digest.
    pub(super) fn key(&self) -> [u8; 32] {
        self.0
    }
}

/// Weak secrets can be guessed from their digests: neither is printed.
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A text that is no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 64 of `0-9` and `a-f`: the SHA-256 of a token, which `scimgate token` writes")]
pub struct BadDigest;

impl TryFrom<String> for Digest {
    type Error = BadDigest;

    fn try_from(text: String) -> Result<Self, BadDigest> {
        let mut bytes = [0; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return Err(BadDigest);
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = hex(*high)? << 4 | hex(*low)?;
        }
        Ok(Self(bytes))
    }
}

fn hex(digit: u8) -> Result<u8, BadDigest> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(BadDigest),
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sha_256_as_everybody_writes_it() {
        let text = String::from(Digest::of(b"abc"));
        assert_eq!(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(Digest::try_from(text).unwrap().matches(&Digest::of(b"abc")));
    }

    #[test]
    fn only_64_lower_case_hexadecimal_digits_are_a_digest() {
        for bad in [String::new(), "0".repeat(63), "0".repeat(65), "G".repeat(64), "A".repeat(64), "é".repeat(32)] {
            assert!(Digest::try_from(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn secrets_and_digests_are_not_printed() {
        let secret = Secret::new("hunter2".to_owned());
        assert_eq!(format!("{secret:?} {:?}", secret.digest()), "*** ***");
    }
}
