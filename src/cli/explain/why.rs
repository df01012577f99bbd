//! `--why PATH`: which rule last changed an attribute, on the way there and on the way back.
//!
//! Every rule that did something shows the message as it left it. The attribute is looked up before and behind it, in a
//! resource, in a PATCH and in the query; the last rule behind which it differs is the one.

use crate::json::{self, Array, Object, Value};
use crate::scim::{AttrPath, PatchPath};

use super::super::Paint;
use super::{Tale, laid_out, shown};

/// The attribute that is asked for.
pub(super) struct Path {
    text: String,
    attr: AttrPath,
}

impl Path {
    /// Reads it; `emails[*].type` is `emails.type`.
    ///
    /// # Errors
    /// It is no attribute path, in a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        AttrPath::parse(&text.replacen("[*]", "", 1))
            .map(|attr| Self { text: text.to_owned(), attr })
            .map_err(|fault| format!("`{text}` is not an attribute path: {fault}"))
    }
}

/// Who made an attribute what it is.
pub(super) struct Makers {
    pub(super) path: String,
    pub(super) there: Option<Maker>,
    /// Nothing inside where no answer was shown.
    pub(super) back: Option<Maker>,
}

/// One rule, and the attribute before and behind it; nothing where it is absent.
pub(super) struct Maker {
    pub(super) rule: String,
    pub(super) why: String,
    pub(super) before: Option<String>,
    pub(super) behind: Option<String>,
}

/// Who made the attribute what the backend, and then the client, receives.
pub(super) fn makers(path: &Path, tale: &Tale<'_>) -> Makers {
    let there = maker(path, tale, false, shown(&tale.asked.target, &tale.asked.body));
    let answer = tale.answers.last().map(|answer| laid_out(&answer.body.concat())).unwrap_or_default();
    Makers { path: path.text.clone(), there, back: maker(path, tale, true, answer) }
}

fn maker(path: &Path, tale: &Tale<'_>, back: bool, mut message: String) -> Option<Maker> {
    let mut last = None;
    for met in tale.played.met.iter().filter(|met| met.back == back && met.verdict.is_applied()) {
        let Some(shown) = &met.shown else { continue };
        let (before, behind) = (look_up(path, &message), look_up(path, shown));
        if before != behind {
            last = Some(Maker { rule: met.id.clone(), why: met.why.clone(), before, behind });
        }
        message.clone_from(shown);
    }
    last
}

/// What a message says of the attribute.
fn look_up(path: &Path, message: &str) -> Option<String> {
    let body = message.find('{').map_or("", |at| message.get(at..).unwrap_or_default());
    let query = message.strip_suffix(body).unwrap_or_default();
    let mut found: Vec<String> = query.lines().filter(|line| names(line, path)).map(str::to_owned).collect();
    if let Ok(Value::Object(body)) = json::parse(body.as_bytes()) {
        match body.get("Operations").and_then(Value::as_array) {
            Some(operations) => in_operations(path, operations, &mut found),
            None => found.extend(in_resource(&path.attr, &body)),
        }
    }
    (!found.is_empty()).then(|| found.join("; "))
}

fn names(line: &str, path: &Path) -> bool {
    let name = path.attr.to_string().to_ascii_lowercase();
    let word = |c: char| !(c.is_ascii_alphanumeric() || "_-.:$".contains(c));
    line.to_ascii_lowercase().split(word).any(|part| part == name)
}

fn in_resource(attr: &AttrPath, resource: &Object<'_>) -> Option<String> {
    let top = match (attr.extension(), &attr.name) {
        (Some(urn), Some(_)) => resource.get(urn.as_str())?.as_object()?,
        _ => resource,
    };
    let Some(name) = &attr.name else { return resource.get(attr.urn.as_ref()?.as_str()).map(text) };
    let value = top.get(name.as_str())?;
    let Some(sub) = &attr.sub else { return Some(text(value)) };
    match value {
        Value::Object(complex) => complex.get(sub.as_str()).map(text),
        Value::Array(elements) => {
            let parts: Vec<String> =
                elements.iter().filter_map(|element| element.as_object()?.get(sub.as_str())).map(text).collect();
            (!parts.is_empty()).then(|| parts.join(", "))
        }
        _ => None,
    }
}

/// Operations that name the attribute, or its whole, in their path; or carry it without one.
fn in_operations(path: &Path, operations: &Array<'_>, found: &mut Vec<String>) {
    for operation in operations.iter() {
        let Some(object) = operation.as_object() else { continue };
        let target = object.get("path").and_then(|path| path.as_str().map(|text| PatchPath::parse(&text)));
        match (target, object.get("value")) {
            (Some(Ok(target)), _) => {
                let sub = target.sub.clone().or_else(|| target.attr.sub.clone());
                let whole = path.attr.sub.is_none() || sub.is_none() || sub == path.attr.sub;
                let same = AttrPath { sub: None, ..target.attr } == AttrPath { sub: None, ..path.attr.clone() };
                found.extend((same && whole).then(|| text(operation)));
            }
            (None, Some(Value::Object(part))) => found.extend(in_resource(&path.attr, part)),
            _ => {}
        }
    }
}

fn text(value: &Value<'_>) -> String {
    String::from_utf8_lossy(&value.to_bytes()).into_owned()
}

impl Makers {
    /// For people.
    pub(super) fn tell(&self, paint: Paint) -> String {
        let ways = [("to the backend", &self.there), ("to the client", &self.back)];
        ways.into_iter().map(|(way, maker)| self.way(way, maker.as_ref(), paint)).collect()
    }

    fn way(&self, way: &str, maker: Option<&Maker>, paint: Paint) -> String {
        let heading = paint.dim(&format!("{way}:"));
        let Some(maker) = maker else { return format!("{heading} no rule changes `{}`\n", self.path) };
        let absent = || "(absent)".to_owned();
        let before = maker.before.clone().unwrap_or_else(absent);
        let behind = maker.behind.clone().unwrap_or_else(absent);
        let (before, behind) = (paint.red(&format!("- {before}")), paint.green(&format!("+ {behind}")));
        format!("{heading} {}  {}\n    {before}\n    {behind}\n", paint.bold(&maker.rule), maker.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &str, message: &str) -> Option<String> {
        look_up(&Path::parse(path).unwrap(), message)
    }

    #[test]
    fn an_attribute_is_found_wherever_a_message_carries_it() {
        for (path, message, found) in [
            ("userName", r#"{"username": "ada"}"#, Some("\"ada\"")),
            ("emails[*].type", r#"{"emails": [{"type": "work"}, {}, {"type": "home"}]}"#, Some("\"work\", \"home\"")),
            ("name.givenName", r#"{"name": {"givenName": "Ada"}}"#, Some("\"Ada\"")),
            ("urn:a:b:1.0:X:y", r#"{"urn:a:b:1.0:X": {"y": 1}}"#, Some("1")),
            ("active", r#"{"Operations": [{"op": "replace", "value": {"active": false}}]}"#, Some("false")),
            (
                "active",
                r#"{"Operations": [{"op":"remove","path":"active"}]}"#,
                Some(r#"{"op":"remove","path":"active"}"#),
            ),
            ("active", r#"{"Operations": [{"op": "remove", "path": "name"}]}"#, None),
            ("userName", "filter=userName eq \"a\"\nsortBy=id\n", Some("filter=userName eq \"a\"")),
            ("name", "filter=userName eq \"a\"\n", None),
            ("title", r#"{"userName": "title"}"#, None),
        ] {
            assert_eq!(said(path, message).as_deref(), found, "{path} in {message}");
        }
        assert!(Path::parse("a/b").is_err());
    }
}
