//! `check --bless`: what a failing case expects becomes what was received.
//!
//! Values are replaced where they stand, so comments and everything else in the file keep their bytes. A value in block
//! style, a promise of another kind (nothing was to reach the backend) and a body under `match: subset` are left to the
//! author, and said. What was written is read again and played again before it is saved.

use std::fs;
use std::ops::Range;
use std::path::Path;

use crate::config;
use crate::fault::Faults;
use crate::gateway::cases;
use crate::gateway::rehearse::{Heard, Played};
use crate::json::{self, Value};
use crate::rules::case::Sent;
use crate::rules::{Case, Pack, load};
use crate::yaml::{self, Kind, Node};

use super::super::{Failure, hint};

/// Blesses the cases of one pack.
///
/// # Errors
/// The file can't be read or written. A pack with faults is left alone: `check` tells them.
pub(super) async fn file(path: &Path) -> Result<(), Failure> {
    let failure = |fault: std::io::Error| Failure::said(format!("{}: {fault}", path.display()));
    let Some(pack) = config::read_pack(path, &mut Faults::new()) else { return Ok(()) };
    let written = fs::read_to_string(path).map_err(failure)?;
    let text = written.strip_prefix('\u{feff}').unwrap_or(&written);
    let Some(node) = yaml::parse("", text, &mut Faults::new()) else { return Ok(()) };
    let nodes = part(&node, "cases").map(Node::one_or_list).unwrap_or_default();
    let mut sheet = Sheet { text, edits: Vec::new(), left: Vec::new() };
    let standard = Pack::standard();
    let (outer, inner) = cases::alone(&pack, &standard);
    for (case, node) in pack.cases.iter().zip(nodes) {
        if let Ok(played) = cases::play(case, &outer, inner).await {
            sheet.case(case, node, &played);
        }
    }
    for left in &sheet.left {
        hint(&format!("{}: {left}", path.display()));
    }
    let count = sheet.edits.len();
    if count == 0 {
        return Ok(());
    }
    let blessed = sheet.apply();
    if !is_sound(&blessed, &node, &pack).await {
        return Err(Failure::said(format!("{}: left as it is: what was received can't be written", path.display())));
    }
    let mark = if text.len() < written.len() { "\u{feff}" } else { "" };
    fs::write(path, format!("{mark}{blessed}")).map_err(failure)?;
    hint(&format!("{}: {} rewritten", path.display(), super::plural(count, "expectation")));
    Ok(())
}

/// Whether the new text says the same outside of its expectations, and has no more broken promises than before.
async fn is_sound(text: &str, before: &Node, pack: &Pack) -> bool {
    let mut faults = Faults::new();
    let Some(node) = yaml::parse("", text, &mut faults) else { return false };
    let Some(blessed) = load::pack(&node, &mut faults) else { return false };
    let (mut old, mut new) = (Faults::new(), Faults::new());
    cases::run(pack, &mut old).await;
    cases::run(&blessed, &mut new).await;
    new.errors() < old.errors() && without_expectations(&node) == without_expectations(before)
}

fn without_expectations(node: &Node) -> Node {
    let kind = match &node.kind {
        Kind::Map(entries) => {
            let kept = entries.iter().filter(|(key, _)| !matches!(key.text.as_str(), "receives" | "fired"));
            Kind::Map(kept.map(|(key, value)| (key.clone(), without_expectations(value))).collect())
        }
        Kind::List(items) => Kind::List(items.iter().map(without_expectations).collect()),
        other => other.clone(),
    };
    Node { place: node.place.clone(), kind }
}

fn part<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    let Kind::Map(entries) = &node.kind else { return None };
    entries.iter().find(|(key, _)| key.text == name).map(|(_, value)| value)
}

/// A file that is being corrected.
struct Sheet<'t> {
    text: &'t str,
    edits: Vec<(Range<usize>, String)>,
    left: Vec<String>,
}

impl Sheet<'_> {
    fn case(&mut self, case: &Case, node: &Node, played: &Played) {
        if case.turns.len() != played.received.len() {
            // Where the case has no answer for a call, what the client receives is the rehearsal's own.
            self.leave(case, "how often it reaches the backend is for you to say");
            return;
        }
        let turns = part(node, "backend").map(Node::one_or_list).unwrap_or_default();
        for ((turn, node), heard) in case.turns.iter().zip(turns).zip(&played.received) {
            if let (Some(expected), Some(node)) = (&turn.receives, part(node, "receives")) {
                self.received(case, node, expected, heard);
            }
        }
        if let (Some(expected), Some(node)) =
            (&case.receives, part(node, "client").and_then(|node| part(node, "receives")))
        {
            if played.status != expected.status {
                self.replace(case, part(node, "status"), played.status.to_string());
            }
            if expected.body.is_some() {
                self.body(case, node, (expected.body.as_ref(), None), &played.body);
            }
        }
        let fired = cases::fired(played);
        if let Some(expected) = &case.fired
            && fired != expected.iter().map(String::as_str).collect()
        {
            // In the order in which they fired, each once.
            let mut ids: Vec<&str> = Vec::new();
            for met in &played.met {
                let known = fired.iter().find(|id| met.id == **id || met.id.ends_with(&format!("/{id}")));
                ids.extend(known.filter(|id| met.verdict.is_applied() && !ids.contains(*id)));
            }
            self.replace(case, part(node, "fired"), format!("[{}]", ids.join(", ")));
        }
    }

    fn received(&mut self, case: &Case, node: &Node, expected: &Sent, heard: &Heard) {
        let request = format!("{} {}", heard.method, heard.target);
        if heard.method.as_str() != expected.method || !cases::same_target(&heard.target, &expected.target) {
            self.replace(case, part(node, "request"), json_text(&request));
        }
        self.body(case, node, (expected.body.as_ref(), case.sends.body.as_ref()), &heard.body);
    }

    /// `schemas` is written if it was, or if it isn't what the other side sent: a rule may be about nothing else.
    fn body(
        &mut self,
        case: &Case,
        node: &Node,
        (expected, sent): (Option<&Value<'_>>, Option<&Value<'_>>),
        body: &[u8],
    ) {
        if cases::same_body(expected, body, case.subset) {
            return;
        }
        let Ok(mut value) = json::parse(body) else { return self.leave(case, "what was received is no JSON") };
        if case.subset {
            return self.leave(case, "under `match: subset` only you know which part is meant");
        }
        let schemas =
            |body: Option<&Value<'_>>| body.and_then(Value::as_object)?.get("schemas").map(ToString::to_string);
        let changed = schemas(sent).is_some() && schemas(sent) != schemas(Some(&value));
        if let (Value::Object(object), None, false) = (&mut value, schemas(expected), changed) {
            object.remove("schemas");
        }
        let text = flow(&value);
        match part(node, "body") {
            Some(node) => self.replace(case, Some(node), text),
            None => self.insert(case, node, &text),
        }
    }

    fn replace(&mut self, case: &Case, node: Option<&Node>, text: String) {
        match node.and_then(|node| span(self.text, node)) {
            Some(span) => self.edits.push((span, text)),
            None => self.leave(case, "a value in block style is not rewritten; write it as `{ .. }` or `[ .. ]`"),
        }
    }

    /// Puts a body into an expectation that has none.
    fn insert(&mut self, case: &Case, node: &Node, body: &str) {
        let inner = span(self.text, node).and_then(|span| Some((span.start, self.text.get(span.start..span.end - 1)?)));
        match inner {
            Some((start, inner)) => {
                let end = start + inner.trim_end().len();
                self.edits.push((end..end, format!(", body: {body}")));
            }
            None => self.leave(case, "a value in block style is not rewritten; write it as `{ .. }`"),
        }
    }

    fn leave(&mut self, case: &Case, why: &str) {
        self.left.push(format!("case `{}`: {why}", case.name));
    }

    fn apply(mut self) -> String {
        self.edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        let mut text = self.text.to_owned();
        for (span, new) in &self.edits {
            text.replace_range(span.clone(), new);
        }
        text
    }
}

/// The bytes of a value in flow style, or of a scalar on one line; nothing for any other.
fn span(text: &str, node: &Node) -> Option<Range<usize>> {
    let line_start = text.split_inclusive('\n').take(node.place.line.checked_sub(1)?).map(str::len).sum::<usize>();
    let line = text.get(line_start..)?.lines().next()?;
    let at = |column: usize| line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let start = line_start + at(node.place.column);
    let from = text.get(start..)?;
    let end = match (&node.kind, from.chars().next()?) {
        (_, '*' | '&' | '!' | '|' | '>') => return None,
        (Kind::Map(_), '{') | (Kind::List(_), '[') => start + flow_len(from)?,
        (Kind::Map(_) | Kind::List(_), _) => return None,
        (_, '"' | '\'') => start + quoted_len(from)?,
        _ => line_start + at(node.place.end),
    };
    (end > start).then_some(start..end)
}

/// How long the mapping or list in flow style is that the text starts with.
fn flow_len(text: &str) -> Option<usize> {
    let (mut depth, mut before, mut at) = (0_usize, ' ', 0);
    while let Some(char) = text.get(at..)?.chars().next() {
        let mut width = char.len_utf8();
        match char {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.checked_sub(1)?,
            '"' | '\'' if matches!(before, ' ' | '\n' | '\t' | '{' | '[' | ',' | ':') => {
                width = quoted_len(text.get(at..)?)?
            }
            '#' if matches!(before, ' ' | '\n' | '\t') => width = text.get(at..)?.find('\n')?,
            _ => {}
        }
        (at, before) = (at + width, char);
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// How long the quoted text is that the text starts with.
fn quoted_len(text: &str) -> Option<usize> {
    let quote = text.chars().next()?;
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        if char == '\\' && quote == '"' {
            chars.next();
        } else if char == quote {
            match chars.peek() {
                Some((_, next)) if quote == '\'' && *next == '\'' => drop(chars.next()),
                _ => return Some(at + 1),
            }
        }
    }
    None
}

/// A value in flow style, as the packs are written.
fn flow(value: &Value<'_>) -> String {
    match value {
        Value::Object(object) if object.is_empty() => "{}".to_owned(),
        Value::Object(object) => {
            let members =
                object.iter().map(|member| format!("{}: {}", scalar(&member.key.decoded()), flow(&member.value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(text) => scalar(&text.decoded()),
        other => String::from_utf8_lossy(&other.to_bytes()).into_owned(),
    }
}

/// A text without quotes where it is plainly text, and with quotes everywhere else.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.@/".contains(c))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { json_text(text) }
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACK: &str = r#"# a comment
version: 1
pack: p
side: backend
about: x
rules:
  - { id: login, why: x, do: [ { rename: { names: { userName: login } } } ] }
cases:
  - name: flow
    client:
      sends: { request: "POST /Users", body: { userName: "a: }", size: 1.50 } } # stays
      receives: { status: 200, body: { userName: x, # inner }
        y: 'it''s' } }
    backend:
      receives: { request: "POST /Users" }   # no body shown
      answers: { status: 201, body: { id: "7", login: "true" } }
    fired: []
  - name: block
    client:
      sends: { request: "GET /Users?filter=userName%20eq%20%22a%22" }
    backend:
      receives:
        request: "GET /Users"
        body:
          a: b
      answers: { status: 200, body: {} }
    fired: [login]
"#;

    #[tokio::test]
    async fn what_was_received_is_written_where_the_expectation_stood_and_nothing_else_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.yaml");
        fs::write(&path, PACK).unwrap();
        file(&path).await.unwrap();
        let blessed = fs::read_to_string(&path).unwrap();
        let expected = PACK
            .replace(
                "{ status: 200, body: { userName: x, # inner }\n        y: 'it''s' } }",
                "{ status: 201, body: { id: \"7\", userName: \"true\" } }",
            )
            .replace(
                "receives: { request: \"POST /Users\" }   # no",
                "receives: { request: \"POST /Users\", body: { login: \"a: }\", size: 1.50 } }   # no",
            )
            .replace("fired: []", "fired: [login]")
            .replace("request: \"GET /Users\"\n", "request: \"GET /Users?filter=login%20eq%20%22a%22\"\n");
        assert_eq!(blessed, expected);
        file(&path).await.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), blessed);
    }

    #[tokio::test]
    async fn what_only_the_rehearsal_has_answered_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.yaml");
        let cases = "cases: [ { name: a, client: { sends: { request: GET /Users/7 }, receives: { status: 400 } } } ]\n";
        let (rules, _) = PACK.split_once("cases:").unwrap();
        let text = format!("{rules}{cases}");
        fs::write(&path, &text).unwrap();
        file(&path).await.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn text_that_yaml_would_read_as_something_else_is_quoted() {
        for (text, written) in [("ada", "ada"), ("a b", "\"a b\""), ("7", "\"7\""), ("true", "\"true\""), ("", "\"\"")]
        {
            assert_eq!(scalar(text), written);
        }
        let value = json::parse("{\"a\": [1.50, null, true, {}], \"b:c\": \"\\ud83d\\ude00\\n\"}".as_bytes()).unwrap();
        assert_eq!(flow(&value), "{ a: [1.50, null, true, {}], \"b:c\": \"\u{1f600}\\n\" }");
    }
}
