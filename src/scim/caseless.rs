//! Text that keeps its spelling and is compared without ASCII case: attribute names and schema URNs
//! (RFC 7643 section 2.1, RFC 7644 section 3.10).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// Text compared, ordered and hashed without ASCII case.
#[derive(Clone)]
pub(super) struct Caseless(Box<str>);

impl Caseless {
    pub(super) fn new(text: &str) -> Self {
        Self(text.into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn folded(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

impl PartialEq for Caseless {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Caseless {}

impl Ord for Caseless {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(other.folded())
    }
}

impl PartialOrd for Caseless {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Caseless {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().for_each(|byte| state.write_u8(byte));
        state.write_u8(0xff); // no byte of UTF-8: two texts in a row don't run together
    }
}

impl fmt::Debug for Caseless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Caseless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equal_means_equal_hash_and_equal_order(one in "[a-cA-C]{0,3}", other in "[a-cA-C]{0,3}") {
            let (one, other) = (Caseless::new(&one), Caseless::new(&other));
            let state = RandomState::new();
            prop_assert_eq!(one == other, one.cmp(&other) == Ordering::Equal);
            if one == other {
                prop_assert_eq!(state.hash_one(&one), state.hash_one(&other));
            }
        }
    }
}
