//! References to what other operations create (RFC 7644 section 3.7.2), where they are written: a value that is one,
//! `"bulkId:qwerty"`; the end of a `$ref`, `"../Users/bulkId:qwerty"`; and what the path of a PATCH compares with,
//! `members[value eq "bulkId:qwerty"]`. A text that only speaks of one is none.

use std::collections::BTreeSet;

use crate::json::{self, Value};

use super::referred;

/// The `bulkId`s to which a document refers.
#[must_use]
pub fn referrals(value: &Value<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    visit(&mut value.clone(), "", &mut |id| {
        found.insert(id.to_owned());
        None
    });
    found
}

/// Writes ids in place of references, as far as they are known.
pub fn resolve<'i>(value: &mut Value<'_>, id_of: impl Fn(&str) -> Option<&'i str>) {
    visit(value, "", &mut |id| id_of(id).map(str::to_owned));
}

/// Shows every reference, and puts in its place what it is answered.
fn visit(value: &mut Value<'_>, key: &str, shown: &mut impl FnMut(&str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(text) = written(&text.decoded(), key, shown) {
                *value = Value::string(&text);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|item| visit(item, key, shown)),
        Value::Object(object) => {
            for member in object.iter_mut() {
                let key = member.key.decoded().into_owned();
                visit(&mut member.value, &key, shown);
            }
        }
        _ => {}
    }
}

/// A text with what its references are answered; nothing if it stays.
fn written(text: &str, key: &str, shown: &mut impl FnMut(&str) -> Option<String>) -> Option<String> {
    if let Some(id) = referred(text) {
        return shown(id);
    }
    if key.eq_ignore_ascii_case("$ref") {
        let (base, last) = text.rsplit_once('/')?;
        return shown(referred(last)?).map(|id| format!("{base}/{id}"));
    }
    if key.eq_ignore_ascii_case("path") { compared(text, shown) } else { None }
}

/// The same for what a filter in the path of a PATCH compares with.
fn compared(path: &str, shown: &mut impl FnMut(&str) -> Option<String>) -> Option<String> {
    let mut written = String::with_capacity(path.len());
    let (mut rest, mut changed) = (path, false);
    while let Some(start) = rest.find('"') {
        let (before, quoted) = rest.split_at(start);
        let Some(end) = end_of(quoted) else { break };
        let (literal, after) = quoted.split_at(end);
        let text = json::parse(literal.as_bytes()).ok().and_then(|text| text.as_str().map(|text| text.into_owned()));
        let answered = text.as_deref().and_then(referred).and_then(&mut *shown);
        changed |= answered.is_some();
        written.push_str(before);
        written.push_str(&answered.map_or_else(|| literal.to_owned(), |id| Value::string(&id).to_string()));
        rest = after;
    }
    written.push_str(rest);
    changed.then_some(written)
}

/// Where a text in quotes ends, behind its last quote.
fn end_of(quoted: &str) -> Option<usize> {
    let mut escaped = false;
    let is_end = |(_, byte): &(usize, u8)| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    };
    quoted.bytes().enumerate().skip(1).find(is_end).map(|(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"members":[{"value":"bulkId:a","$ref":"../Users/bulkId:b"}],
        "displayName":"of bulkId:a","note":"members[value eq \"bulkId:a\"]","Operations":[
        {"op":"remove","path":"members[value eq \"bulkId:c\" or value eq \"x\\\"bulkId:a\"]"},{"path":"bulkId:d"}]}"#;

    #[test]
    fn references_are_what_the_rfc_calls_so() {
        let found = referrals(&json::parse(DOCUMENT.as_bytes()).unwrap());
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    }

    #[test]
    fn what_is_known_is_written_in_their_place_and_nothing_else() {
        let mut value = json::parse(DOCUMENT.as_bytes()).unwrap();
        resolve(&mut value, |id| ["a", "b", "c"].contains(&id).then_some("7\""));
        let expected = DOCUMENT
            .replace(r#""value":"bulkId:a""#, r#""value":"7\"""#)
            .replace("Users/bulkId:b", "Users/7\\\"")
            .replace(r#"\"bulkId:c\""#, r#"\"7\\\"\""#);
        assert_eq!(value, json::parse(expected.as_bytes()).unwrap());
    }

    #[test]
    fn a_path_that_is_broken_off_stays() {
        for path in ["members[value eq \"bulkId:a", "\"", "", "\"\\\""] {
            assert_eq!(written(path, "path", &mut |_| Some("7".to_owned())), None, "{path}");
        }
    }
}
