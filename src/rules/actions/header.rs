//! `header`: header fields that the backend needs, or can't take; towards the client, those that an answer has.

use crate::fault::{Fault, Faults};
use crate::rules::head::{FieldEdit, HeaderEdit, Reply};
use crate::rules::message::{Request, Verdict};
use crate::rules::rule::To;
use crate::yaml::{Key, Node};

use super::query::read_drop;
use super::{About, Action, PATCHES_PASS, QUERIES_PASS};

pub(super) const ABOUT: About = About {
    word: "header",
    summary: "sets or drops header fields",
    example: "header: { accept: { set: application/json }, x-tenant: { default: acme } }",
    two_way: false,
    exact: "not undone; never a credential, an address, framing or a precondition",
    operators: QUERIES_PASS,
    patch: PATCHES_PASS,
    read: |node, faults| Header::read(node, faults).map(Action::Header),
};

/// What no rule may touch: credentials, whom the request is for, how it is framed (RFC 9110 section 7.6.1), the client's
/// preconditions, without which a write would undo another, and what servers read as another method or path than the one
/// that was authorised. CGI knows no difference between `-` and `_`, so neither does this list.
const BARRED: [&str; 35] = [
    "authorization",
    "proxy-authorization",
    "proxy-authenticate",
    "proxy-connection",
    "www-authenticate",
    "cookie",
    "set-cookie",
    "host",
    "if-match",
    "if-none-match",
    "content-length",
    "content-encoding",
    "accept-encoding",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "x-request-id",
    "if-modified-since",
    "if-unmodified-since",
    "if-range",
    "range",
    "forwarded",
    "x-forwarded-host",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-method",
    "x-original-url",
    "x-original-uri",
    "x-rewrite-url",
    "http2-settings",
];

/// What an answer has, of the backend's fields.
const OF_ANSWERS: [&str; 3] = ["etag", "location", "retry-after"];

/// The payload of `header`. Towards the backend it comes after all that the gateway sends by itself but its credential,
/// which no rule can replace.
#[derive(Debug)]
pub struct Header {
    edits: Vec<HeaderEdit>,
}

impl Header {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("header fields", faults)?;
        let entries = fields.rest();
        fields.finish(faults);
        let before = faults.errors();
        let edits = entries.into_iter().filter_map(|(key, node)| read_edit(key, node, faults)).collect();
        (faults.errors() == before).then_some(Self { edits })
    }

    /// Acts on a request.
    #[must_use]
    pub fn request(&self, request: &mut Request<'_>) -> Verdict {
        let noted = &mut request.envelope.headers;
        for edit in &self.edits {
            let stands = noted.iter().position(|known| known.name == edit.name);
            match (stands.and_then(|at| noted.get_mut(at)), &edit.edit) {
                // What a rule before this one has set isn't missing.
                (Some(HeaderEdit { edit: FieldEdit::Set(_) | FieldEdit::Default(_), .. }), FieldEdit::Default(_)) => {}
                (Some(known), _) => *known = edit.clone(),
                (None, _) => noted.push(edit.clone()),
            }
        }
        Verdict::of(!self.edits.is_empty())
    }

    /// Acts on an answer.
    #[must_use]
    pub fn answer(&self, reply: &mut Reply) -> Verdict {
        let before = reply.headers.clone();
        for HeaderEdit { name, edit } in &self.edits {
            let value = match edit {
                FieldEdit::Default(_) if reply.header(name).is_some() => continue,
                FieldEdit::Set(value) | FieldEdit::Default(value) => Some(value),
                FieldEdit::Drop => None,
            };
            reply.headers.retain(|(known, _)| known != name);
            reply.headers.extend(value.map(|value| (name.clone(), value.clone())));
        }
        Verdict::of(reply.headers != before)
    }

    /// A field that no answer has, where the rule is for answers.
    #[must_use]
    pub fn stranger(&self, to: To) -> Option<&str> {
        let strange = |edit: &&HeaderEdit| !OF_ANSWERS.contains(&edit.name.as_str());
        if to == To::Client { self.edits.iter().find(strange).map(|edit| edit.name.as_str()) } else { None }
    }
}

fn read_edit(key: &Key, node: &Node, faults: &mut Faults) -> Option<HeaderEdit> {
    let name = key.text.to_ascii_lowercase();
    let is_token = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !is_token || BARRED.contains(&name.replace('_', "-").as_str()) {
        let message = format!("no rule may write the header field `{}`", key.text);
        let label = if is_token { "a credential, an address or framing" } else { "not a field's name" };
        faults.push(
            Fault::error("R0424", key.place.clone(), message)
                .label(label)
                .help("the backend's `credential` is set in gateway.yaml; other fields are free, such as `x-tenant`"),
        );
        return None;
    }
    let mut fields = node.fields("a header field", faults)?;
    let set = fields.take("set").map(|node| read_value(node, faults).map(FieldEdit::Set));
    let default = fields.take("default").map(|node| read_value(node, faults).map(FieldEdit::Default));
    let drop = fields.take("drop").map(|node| read_drop(node, faults));
    fields.finish(faults);
    let edits: Vec<FieldEdit> = [set, default, drop].into_iter().flatten().collect::<Option<_>>()?;
    let [edit] = edits.as_slice() else {
        faults.push(
            Fault::error("R0429", node.place.clone(), format!("`{name}`: one thing has to be said of it"))
                .label("not what becomes of it")
                .help("write `{ set: .. }`, `{ default: .. }` or `{ drop: true }`"),
        );
        return None;
    };
    Some(HeaderEdit { name, edit: edit.clone() })
}

/// A value that is one line of visible ASCII.
fn read_value(node: &Node, faults: &mut Faults) -> Option<String> {
    let text = node.text("a value", faults)?;
    let sound = !text.is_empty() && text.trim() == text && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if !sound {
        faults.push(
            Fault::error("R0103", node.place.clone(), "this can't stand in a header field".to_owned())
                .label("not one line of ASCII")
                .help("write printable ASCII without spaces at the ends"),
        );
    }
    sound.then(|| text.to_owned())
}
