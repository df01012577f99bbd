//! What a backend is shown in place of the client's token. Secrets are named in the file, never written into it.

use std::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};

use crate::fault::{Fault, Faults};
use crate::yaml::{Kind, Node};

use super::Reader;
use super::grant::{self, Grant};
use super::secret::secret;

/// Header fields that belong to HTTP, to the connection or to SCIM itself: no credential may stand there.
const TAKEN: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "if-match",
    "if-none-match",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What opens a backend. Secrets print as `***`.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A header field, its value marked as sensitive.
    Field(HeaderName, HeaderValue),
    /// Tokens that an authorization server gives.
    Grant(Grant),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name, _) => write!(f, "{name}: ***"),
            Self::Grant(grant) => grant.fmt(f),
        }
    }
}

/// Reads `credential:`, a mapping with one of `bearer`, `basic`, `header` and `oauth2`.
pub(super) fn read(node: &Node, reader: &mut Reader<'_>, faults: &mut Faults) -> Option<Credential> {
    conceal(node, faults);
    let mut fields = node.fields("credential", faults)?;
    let ways = ["bearer", "basic", "header", "oauth2"].map(|way| fields.take(way));
    let before = faults.errors();
    fields.finish(faults);
    match ways {
        [Some(node), None, None, None] => {
            let secret = secret(node, "bearer", reader, faults)?;
            value(AUTHORIZATION, &format!("Bearer {}", secret.expose()), node, faults)
        }
        [None, Some(node), None, None] => basic(node, reader, faults),
        [None, None, Some(node), None] => header(node, reader, faults),
        [None, None, None, Some(node)] => grant::read(node, reader, faults).map(Credential::Grant),
        // A misspelt key has been told already.
        _ if faults.errors() > before => None,
        _ => {
            faults.push(
                Fault::error(
                    "R0106",
                    node.place.clone(),
                    "a credential is exactly one of `bearer`, `basic`, `header` and `oauth2`",
                )
                .label("not one of them")
                .help("write `bearer: { env: NAME }`, for instance"),
            );
            None
        }
    }
}

/// Covers whatever could be a secret before any line of it is shown.
fn conceal(node: &Node, faults: &mut Faults) {
    match &node.kind {
        Kind::Map(entries) => {
            let open = |key: &str| {
                matches!(key, "env" | "file" | "user" | "name" | "token-url" | "client-id" | "scope" | "ca")
            };
            for (_, value) in entries.iter().filter(|(key, _)| !open(&key.text)) {
                conceal(value, faults);
            }
        }
        Kind::List(items) => items.iter().for_each(|item| conceal(item, faults)),
        Kind::Null => {}
        _ => faults.conceal(&node.place),
    }
}

fn basic(node: &Node, reader: &mut Reader<'_>, faults: &mut Faults) -> Option<Credential> {
    let mut fields = node.fields("basic", faults)?;
    let user_node = fields.require("user", faults);
    let user = user_node.and_then(|node| node.text("a user name", faults));
    let password = fields.require("password", faults).and_then(|node| secret(node, "password", reader, faults));
    fields.finish(faults);
    let user = user?;
    if user.is_empty() || user.contains(':') || user.contains(char::is_control) {
        faults.push(
            Fault::error(
                "R0304",
                user_node?.place.clone(),
                format!("`{user}` can't be a user name of basic authentication"),
            )
            .label("empty, or with a colon")
            .help("name the user without `:` (RFC 7617 section 2)"),
        );
        return None;
    }
    let pair = format!("{user}:{}", password?.expose());
    value(AUTHORIZATION, &basic_of(&pair), node, faults)
}

fn header(node: &Node, reader: &mut Reader<'_>, faults: &mut Faults) -> Option<Credential> {
    let mut fields = node.fields("header", faults)?;
    let name_node = fields.require("name", faults);
    let name = name_node.and_then(|node| node.text("a header field's name", faults));
    let value_node = fields.require("value", faults);
    let secret = value_node.and_then(|node| secret(node, "value", reader, faults));
    fields.finish(faults);
    let name = name?;
    let free = |name: &HeaderName| !TAKEN.contains(&name.as_str());
    let Some(header) = HeaderName::from_bytes(name.as_bytes()).ok().filter(free) else {
        faults.push(
            Fault::error("R0304", name_node?.place.clone(), format!("`{name}` can't carry a credential"))
                .label("not a name, or one that HTTP itself needs")
                .help("name the field that the backend asks for, such as `X-Api-Key`"),
        );
        return None;
    };
    value(header, secret?.expose(), value_node?, faults)
}

fn value(name: HeaderName, text: &str, node: &Node, faults: &mut Faults) -> Option<Credential> {
    let visible = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    match HeaderValue::from_str(text) {
        Ok(mut value) if visible => {
            value.set_sensitive(true);
            Some(Credential::Field(name, value))
        }
        _ => {
            faults.push(
                Fault::error("R0304", node.place.clone(), "the secret can't stand in a header field")
                    .label("it holds a line break or a character outside ASCII")
                    .help("look for more than one line, or the wrong file"),
            );
            None
        }
    }
}

/// RFC 7617 section 2.
pub(super) fn basic_of(pair: &str) -> String {
    format!("Basic {}", base64(pair.as_bytes()))
}

/// RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().chain(&[0; 3]).take(3).fold(0_u32, |group, byte| group << 8 | u32::from(*byte));
        for place in 0..4 {
            let letter = LETTERS.get(((group >> (18 - 6 * place)) & 63) as usize);
            text.push(if place > chunk.len() { '=' } else { letter.map_or('=', |letter| char::from(*letter)) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("\u{ff}?", "w78/")]
        {
            assert_eq!(base64(plain.as_bytes()), text);
        }
    }
}
