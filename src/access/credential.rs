//! The credential in a request's head: exactly one `Authorization: Bearer <token>` (RFC 6750 section 2.1).
//!
//! A token in the query or in a form (sections 2.2 and 2.3) is never read: both end up in logs.

/// The longest header value that is looked at, in bytes.
const LONGEST: usize = 1024;

/// Why a caller is nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.reason())]
pub enum AuthFailure {
    /// No `Authorization` header.
    Missing,
    /// Not `Bearer <token>`: `Basic ..`, `Bearer` alone, a token with a typo.
    Malformed,
    /// Two `Authorization` headers, or two credentials in one.
    Duplicate,
    /// A token that was never issued, was revoked, or is for another connection.
    Unknown,
    /// A token past its time.
    Expired,
}

impl AuthFailure {
    /// Every reason, for those who count them.
    pub const ALL: [Self; 5] = [Self::Missing, Self::Malformed, Self::Duplicate, Self::Unknown, Self::Expired];

    /// The reason as a label.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Duplicate => "duplicate",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
        }
    }
}

/// The token in the values of all `Authorization` headers. One space stands before it: RFC 6750 would allow more, but
/// nobody sends more, and whoever else reads the header might see another token.
pub(super) fn bearer<'h>(headers: &[&'h [u8]]) -> Result<&'h str, AuthFailure> {
    let value = match headers {
        [] => return Err(AuthFailure::Missing),
        [value] if value.len() <= LONGEST => str::from_utf8(value).map_err(|_| AuthFailure::Malformed)?,
        [_] => return Err(AuthFailure::Malformed),
        _ => return Err(AuthFailure::Duplicate),
    };
    if value.split(',').skip(1).any(|part| part.trim().contains(' ')) {
        return Err(AuthFailure::Duplicate);
    }
    let (scheme, token) = value.split_once(' ').ok_or(AuthFailure::Malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") || !is_sendable(token) {
        return Err(AuthFailure::Malformed);
    }
    Ok(token)
}

/// Whether a secret can be sent as a bearer token: 1 to 512 visible ASCII characters and no comma, which separates
/// credentials. RFC 6750 allows fewer characters; secrets that were made elsewhere don't all know that.
pub(super) fn is_sendable(secret: &str) -> bool {
    (1..=LONGEST / 2).contains(&secret.len()) && secret.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn t_04_what_is_not_one_bearer_token_is_malformed() {
        let long = format!("Bearer {}", "a".repeat(10_240));
        let edge = format!("Bearer {}", "a".repeat(513));
        let bad: [&[u8]; 16] = [
            b"",
            b" ",
            b"Bearer",
            b"Bearer ",
            b"Bearer  a",
            b"Bearer\ta",
            b"Bearer a ",
            b"Bearer a b",
            b"Bearer a,",
            b"Bearer \x80",
            b"Bearer a\x80",
            "Bearer é".as_bytes(),
            b"Basic dXNlcjpwYXNz",
            b"Bearera",
            long.as_bytes(),
            edge.as_bytes(),
        ];
        for value in bad {
            assert_eq!(bearer(&[value]), Err(AuthFailure::Malformed), "{}", value.escape_ascii());
        }
        assert_eq!(bearer(&[]), Err(AuthFailure::Missing));
    }

    #[test]
    fn t_04_the_scheme_has_no_case() {
        for value in ["Bearer a", "bearer a", "BEARER a", "bEaReR a"] {
            assert_eq!(bearer(&[value.as_bytes()]), Ok("a"), "{value}");
        }
    }

    #[test]
    fn t_05_two_credentials_are_none() {
        for pair in
            [[&b"Bearer a"[..], b"Bearer b"], [b"Bearer b", b"Bearer a"], [b"Bearer a", b"Bearer a"], [b"", b""]]
        {
            assert_eq!(bearer(&pair), Err(AuthFailure::Duplicate));
        }
        for joined in ["Bearer a, Bearer b", "Bearer a,Bearer b", "Basic a, Bearer b", "Bearer a, , Bearer b"] {
            assert_eq!(bearer(&[joined.as_bytes()]), Err(AuthFailure::Duplicate), "{joined}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_read_without_a_panic(value in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(token) = bearer(&[&value]) {
                prop_assert!(is_sendable(token));
            }
        }
    }
}
