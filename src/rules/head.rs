//! What surrounds a resource in a message: the head of a request, and of an answer. Plain values: gateway reads them off
//! HTTP and applies what rules have made of them.

use std::sync::Arc;

use crate::json::{Object, Value};
use crate::scim::Query;

/// The header fields that are for the gateway alone: no rule sees them.
pub const SECRET: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

/// The head of a request as the client sent it, for conditions. It never holds a credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The parameters of the query, decoded; also those that SCIM doesn't know.
    pub params: Vec<(String, String)>,
}

/// What rules do with a request beside its body and selection.
#[derive(Clone, Debug, Default)]
pub struct Envelope {
    /// The head that the client sent.
    pub head: Arc<Head>,
    /// The query; what of it stands in the selection is written over it last.
    pub query: Query,
    /// The path below the backend's base; nothing before the backend's pack.
    pub path: Option<String>,
    /// Header fields that a rule wants otherwise, names in lower case.
    pub headers: Vec<HeaderEdit>,
    /// The answer, where a rule answers instead of the backend.
    pub reply: Option<Reply>,
}

impl Envelope {
    /// What rules have made of it, a part a line, for `explain`.
    #[must_use]
    pub fn show(&self) -> String {
        let mut shown = String::new();
        if let Some(path) = &self.path {
            shown.push_str(&format!("path: {path}\n"));
        }
        for (name, value) in self.query.beside() {
            shown.push_str(&format!("{name}={value}\n"));
        }
        for HeaderEdit { name, edit } in &self.headers {
            match edit {
                FieldEdit::Set(value) | FieldEdit::Default(value) => shown.push_str(&format!("{name}: {value}\n")),
                FieldEdit::Drop => shown.push_str(&format!("{name}: dropped\n")),
            }
        }
        if let Some(reply) = &self.reply {
            shown.push_str(&format!("answered here: {}\n", reply.show()));
        }
        shown
    }
}

/// A header field that a rule wants otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderEdit {
    /// Its name, in lower case.
    pub name: String,
    /// What becomes of it.
    pub edit: FieldEdit,
}

/// What becomes of a header field, or of a parameter of the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldEdit {
    /// It is always this.
    Set(String),
    /// It is this where it would be missing.
    Default(String),
    /// It goes.
    Drop,
}

/// An answer as message-level rules see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// `etag`, `location` and `retry-after`, as far as they are there.
    pub headers: Vec<(String, String)>,
    /// What the backend wrote, for patterns; only of an error.
    pub text: String,
    /// The body that goes on.
    pub body: ReplyBody,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum ReplyBody {
    /// The backend's, translated.
    Kept,
    /// None.
    Nothing,
    /// A list without entries (RFC 7644 section 3.4.2).
    EmptyList,
    /// A SCIM error (RFC 7644 section 3.12): the backend's own, or one made from its status.
    Error(Object<'static>),
    /// As a rule wrote it.
    Written(Value<'static>),
}

impl Reply {
    /// A header field, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The answer as text, for `explain`.
    #[must_use]
    pub fn show(&self) -> String {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        let body = match &self.body {
            ReplyBody::Kept => "the backend's body".to_owned(),
            ReplyBody::Nothing => String::new(),
            ReplyBody::EmptyList => "an empty list".to_owned(),
            ReplyBody::Error(error) => Value::Object(error.clone()).pretty(),
            ReplyBody::Written(value) => value.pretty(),
        };
        format!("{}\n{headers}{body}", self.status)
    }
}

/// What a condition may ask besides the resource: of the call, and of its answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scene<'r> {
    /// The head that the client sent.
    pub head: Option<&'r Head>,
    /// The status that the backend answered.
    pub status: Option<u16>,
}
