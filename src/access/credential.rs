//! The credential in a request's head: exactly one `Authorization: Bearer <token>` (RFC 6750 section 2.1), or the one other
//! [`Form`] that a connection's client is known to send.
//!
//! A token in the query or in a form (sections 2.2 and 2.3) is never read: both end up in logs.

use std::borrow::Cow;

/// The longest header value that is looked at, in bytes.
const LONGEST: usize = 1024;

/// Why a caller is nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.reason())]
pub enum AuthFailure {
    /// No `Authorization` header.
    Missing,
    /// Not in the form of the connection: `Basic ..` where `Bearer <token>` belongs, `Bearer` alone, a token with a typo.
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

/// How a connection's client writes its token into the `Authorization` header. A connection takes one form only: what is a
/// token in one could be read as something else in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// `Bearer <token>` (RFC 6750 section 2.1).
    #[default]
    Bearer,
    /// `<token>` alone, as Okta sends it in its header mode.
    Raw,
    /// `Basic <base64 of user:token>` (RFC 7617); the user doesn't matter.
    Basic,
}

impl Form {
    /// The words of `authorization:`.
    pub const WORDS: &[(&str, Self)] = &[("bearer", Self::Bearer), ("raw", Self::Raw), ("basic", Self::Basic)];

    /// The token in the values of all `Authorization` headers.
    pub(super) fn token<'h>(self, headers: &[&'h [u8]]) -> Result<Cow<'h, str>, AuthFailure> {
        let value = one(headers)?;
        let token = match self {
            Self::Bearer => Cow::Borrowed(behind(value, "bearer")?),
            Self::Raw => Cow::Borrowed(value),
            Self::Basic => Cow::Owned(password(behind(value, "basic")?).ok_or(AuthFailure::Malformed)?),
        };
        if is_sendable(&token) { Ok(token) } else { Err(AuthFailure::Malformed) }
    }
}

/// The one credential in the values of all `Authorization` headers.
fn one<'h>(headers: &[&'h [u8]]) -> Result<&'h str, AuthFailure> {
    let value = match headers {
        [] => return Err(AuthFailure::Missing),
        [value] if value.len() <= LONGEST => str::from_utf8(value).map_err(|_| AuthFailure::Malformed)?,
        [_] => return Err(AuthFailure::Malformed),
        _ => return Err(AuthFailure::Duplicate),
    };
    if value.contains(',') && value.split(',').skip(1).any(|part| part.trim().contains(' ')) {
        return Err(AuthFailure::Duplicate);
    }
    Ok(value)
}

/// What stands behind a scheme. One space stands between: RFC 6750 would allow more, but nobody sends more, and whoever
/// else reads the header might see another token.
fn behind<'h>(value: &'h str, scheme: &str) -> Result<&'h str, AuthFailure> {
    let (written, credential) = value.split_once(' ').ok_or(AuthFailure::Malformed)?;
    if written.eq_ignore_ascii_case(scheme) { Ok(credential) } else { Err(AuthFailure::Malformed) }
}

/// The password in the credentials of RFC 7617: behind the first colon.
fn password(encoded: &str) -> Option<String> {
    let text = String::from_utf8(base64(encoded.as_bytes())?).ok()?;
    let (_, password) = text.split_once(':')?;
    Some(password.to_owned())
}

/// The bytes that a text of RFC 4648 section 4 stands for, which has one way to be written: padded, and without stray bits.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let bare = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    if !text.len().is_multiple_of(4) || bare.len() + 2 < text.len() {
        return None;
    }
    let mut bytes = Vec::with_capacity(bare.len());
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in bare {
        bits = (bits << 6) | u32::from(sextet(*byte)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(bits.checked_shr(held)?.to_le_bytes().first().copied()?);
            bits &= (1 << held) - 1;
        }
    }
    let padding = text.len() - bare.len();
    let is_right = bits == 0
        && held
            == match padding {
                0 => 0,
                1 => 2,
                _ => 4,
            };
    is_right.then_some(bytes)
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
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

    fn bearer<'h>(headers: &[&'h [u8]]) -> Result<Cow<'h, str>, AuthFailure> {
        Form::Bearer.token(headers)
    }

    fn token(form: Form, value: &str) -> Result<String, AuthFailure> {
        form.token(&[value.as_bytes()]).map(Cow::into_owned)
    }

    #[test]
    fn t_04_each_form_takes_only_its_own() {
        let rows = [
            (Form::Bearer, "Bearer a", Ok("a")),
            (Form::Bearer, "a", Err(AuthFailure::Malformed)),
            (Form::Bearer, "Basic dTph", Err(AuthFailure::Malformed)),
            (Form::Raw, "a", Ok("a")),
            (Form::Raw, "Bearer a", Err(AuthFailure::Malformed)),
            (Form::Raw, "a b", Err(AuthFailure::Malformed)),
            (Form::Raw, " a", Err(AuthFailure::Malformed)),
            (Form::Raw, "", Err(AuthFailure::Malformed)),
            (Form::Raw, "a, Bearer b", Err(AuthFailure::Duplicate)),
            (Form::Basic, "Basic dTph", Ok("a")),
            (Form::Basic, "basic OmE6Yg==", Ok("a:b")),
            (Form::Basic, "Bearer a", Err(AuthFailure::Malformed)),
            (Form::Basic, "Basic dTo=", Err(AuthFailure::Malformed)),
            (Form::Basic, "Basic dWE=", Err(AuthFailure::Malformed)),
            (Form::Basic, "Basic dTph=", Err(AuthFailure::Malformed)),
            (Form::Basic, "Basic  dTph", Err(AuthFailure::Malformed)),
            (Form::Basic, "dTph", Err(AuthFailure::Malformed)),
        ];
        for (form, value, expected) in rows {
            assert_eq!(token(form, value), expected.map(str::to_owned), "{form:?} {value}");
        }
        for form in [Form::Raw, Form::Basic] {
            assert_eq!(form.token(&[]), Err(AuthFailure::Missing));
            assert_eq!(form.token(&[b"a", b"a"]), Err(AuthFailure::Duplicate));
        }
    }

    #[test]
    fn base64_has_one_spelling() {
        let rows: [(&str, Option<&[u8]>); 12] = [
            ("", Some(b"")),
            ("Zg==", Some(b"f")),
            ("Zm8=", Some(b"fo")),
            ("Zm9v", Some(b"foo")),
            ("Zm9vYmFy", Some(b"foobar")),
            ("Zh==", None),
            ("Zm9=", None),
            ("Zg", None),
            ("Zg=", None),
            ("Z===", None),
            ("Zm9v====", None),
            ("Zm-_", None),
        ];
        for (text, bytes) in rows {
            assert_eq!(base64(text.as_bytes()).as_deref(), bytes, "{text}");
        }
    }

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
            assert_eq!(bearer(&[value.as_bytes()]).as_deref(), Ok("a"), "{value}");
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
            for (_, form) in Form::WORDS {
                if let Ok(token) = form.token(&[&value]) {
                    prop_assert!(is_sendable(&token));
                }
            }
        }
    }
}
