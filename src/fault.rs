//! What is wrong in a file: place, message, help; and how it prints.
//!
//! The idea: whoever repairs a file wants all that is wrong with it at once, each with the line and a hint that can be
//! done. Readers push [`Fault`]s into [`Faults`] and go on; what has errors is then not used. The codes are stable: they
//! are named in tickets and searched for.
//!
//! Not here: what goes wrong in a call (`gateway::Refusal`).

pub mod codes;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};

/// A place in a file: part of one line, or the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the operator would name it.
    pub file: Arc<str>,
    /// The line, from 1; 0 means the whole file.
    pub line: usize,
    /// The column of the first character, from 1, counted in characters.
    pub column: usize,
    /// The column behind the last character. Not before `column`; what goes on in later lines ends with this one.
    pub end: usize,
}

impl Place {
    /// The file as a whole: it can't be read, say.
    #[must_use]
    pub fn whole(file: &str) -> Self {
        Self { file: file.into(), line: 0, column: 0, end: 0 }
    }
}

/// `file:line:column`, which editors and terminals turn into a link.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The file can't be used.
    Error,
    /// The file can be used, and may not do what was meant.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// How bad it is.
    pub severity: Severity,
    /// Its stable code, such as `R0104`.
    pub code: &'static str,
    /// Where it is.
    pub place: Place,
    /// What is wrong, lower case, user text in backticks.
    pub message: String,
    /// A few words at the caret.
    pub label: Option<String>,
    /// One thing that can be done.
    pub help: Option<String>,
}

impl Fault {
    /// Something that makes a file unusable.
    pub fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, place, message: message.into(), label: None, help: None }
    }

    /// Something that is probably not meant.
    pub fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// Puts a few words at the caret.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: Some(label.into()), ..self }
    }

    /// Says what can be done.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// All that is wrong in some files, with their text.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    list: Vec<Fault>,
    sources: BTreeMap<Arc<str>, String>,
}

impl Faults {
    /// Nothing wrong so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fault, unless it is known: a pack may be read for its own sake and again for a connection.
    pub fn push(&mut self, fault: Fault) {
        if !self.list.contains(&fault) {
            self.list.push(fault);
        }
    }

    /// Keeps the text of a file, so that faults in it show their line.
    pub fn add_source(&mut self, file: &str, text: impl Into<String>) {
        self.sources.insert(file.into(), text.into());
    }

    /// Covers a place with asterisks wherever its line is shown: a secret was written there.
    pub fn conceal(&mut self, place: &Place) {
        if let Some(text) = self.sources.get_mut(&place.file)
            && let Some(span) = span(text, place)
            && let Some(secret) = text.get(span.clone())
        {
            let stars = "*".repeat(secret.chars().count());
            text.replace_range(span, &stars);
        }
    }

    /// How many errors there are.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    /// How many warnings there are.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.count(Severity::Warning)
    }

    fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|fault| fault.severity == severity).count()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The faults in the order of files and lines.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        let mut sorted: Vec<&Fault> = self.list.iter().collect();
        sorted.sort_by(|one, other| one.place.cmp(&other.place));
        sorted.into_iter()
    }

    /// All faults as rustc would show them, then a count (`2 errors, 1 warning`); nothing if there is none. `colour` is
    /// for terminals only.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        if self.is_empty() {
            return String::new();
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut out = String::new();
        for fault in self.iter() {
            let lines = renderer.render(&[self.group(fault)]);
            out.extend(lines.lines().flat_map(|line| [line.trim_end(), "\n"]));
            out.push('\n');
        }
        out + &self.summary() + "\n"
    }

    /// `2 errors, 1 warning`
    #[must_use]
    pub fn summary(&self) -> String {
        let plural = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        match (self.errors(), self.warnings()) {
            (errors, 0) => plural(errors, "error"),
            (0, warnings) => plural(warnings, "warning"),
            (errors, warnings) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
        }
    }

    fn group<'f>(&'f self, fault: &'f Fault) -> Group<'f> {
        let level = match fault.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(&fault.message).id(fault.code);
        let place = &fault.place;
        let shown = self.sources.get(&place.file).and_then(|text| Some((text, span(text, place)?)));
        let group = match shown {
            Some((text, span)) => {
                let caret =
                    AnnotationKind::Primary.span(span).label(fault.label.as_deref().map(normalize_untrusted_str));
                title.element(Snippet::source(text).path(&*place.file).annotation(caret))
            }
            None if place.line == 0 => title.element(Origin::path(&*place.file)),
            None => title.element(Origin::path(&*place.file).line(place.line).char_column(place.column)),
        };
        match &fault.help {
            Some(help) => group.element(Level::HELP.message(normalize_untrusted_str(help))),
            None => group,
        }
    }
}

/// The bytes of a place; nothing if the text has no such line.
fn span(text: &str, place: &Place) -> Option<Range<usize>> {
    let mut start = 0;
    let mut lines = text.split_inclusive('\n');
    for _ in 1..place.line {
        start += lines.next()?.len();
    }
    if place.line == 0 {
        return None;
    }
    let line = lines.next().unwrap_or_default().trim_end_matches(['\n', '\r']);
    let at = |column: usize| line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    Some(start + at(place.column)..start + at(place.end.max(place.column)))
}

/// The candidate that was probably meant: at most a third of its letters are wrong, left out, added or swapped.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = |candidate: &'a str| {
        let distance = distance(word, candidate);
        (distance <= candidate.chars().count().div_ceil(3)).then_some((distance, candidate))
    };
    candidates.into_iter().filter_map(near).min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// How many letters were mistyped (optimal string alignment): one swap of neighbours counts once, case doesn't count.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().flat_map(char::to_lowercase).collect();
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    let mut last = None;
    for (i, a) in one.chars().take(100).flat_map(char::to_lowercase).enumerate() {
        let mut next = vec![i + 1];
        for (j, (&b, pair)) in other.iter().zip(row.windows(2)).enumerate() {
            let &[diagonal, up] = pair else { continue };
            let left = next.last().copied().unwrap_or_default();
            let mut cost = (diagonal + usize::from(a != b)).min(up + 1).min(left + 1);
            let before = j.checked_sub(1).and_then(|k| Some((*other.get(k)?, *above.get(k)?)));
            if let Some((c, swapped)) = before
                && c == a
                && last == Some(b)
            {
                cost = cost.min(swapped + 1);
            }
            next.push(cost);
        }
        above = std::mem::replace(&mut row, next);
        last = Some(a);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: usize, column: usize, end: usize) -> Place {
        Place { file: "rules/clients/okta.yaml".into(), line, column, end }
    }

    #[test]
    fn faults_print_as_rustc_prints_them_in_the_order_of_the_file_and_are_counted() {
        let mut faults = Faults::new();
        faults.add_source("rules/clients/okta.yaml", "a: ä\nwhen: { operations: [create, pach] }\n");
        faults.push(
            Fault::error("R0104", place(2, 30, 34), "unknown operation `pach`")
                .label("not an operation")
                .help("did you mean `patch`?"),
        );
        faults.push(Fault::warning("R0309", place(1, 4, 5), "an umlaut"));
        faults.push(Fault::error("R0107", Place::whole("rules/clients/lost.yaml"), "can't be read").help("create it"));
        let expected = "\
error[R0107]: can't be read
--> rules/clients/lost.yaml
 = help: create it

warning[R0309]: an umlaut
 --> rules/clients/okta.yaml:1:4
  |
1 | a: ä
  |    ^

error[R0104]: unknown operation `pach`
 --> rules/clients/okta.yaml:2:30
  |
2 | when: { operations: [create, pach] }
  |                              ^^^^ not an operation
  |
  = help: did you mean `patch`?

2 errors, 1 warning
";
        assert_eq!(faults.render(false), expected);
        assert!(faults.render(true).contains("\u{1b}["));
    }

    #[test]
    fn the_same_fault_is_told_once() {
        let mut faults = Faults::new();
        faults.push(Fault::error("R0101", place(1, 1, 2), "odd"));
        faults.push(Fault::error("R0101", place(1, 1, 2), "odd"));
        faults.push(Fault::error("R0101", place(2, 1, 2), "odd"));
        assert_eq!((faults.errors(), faults.summary().as_str()), (2, "2 errors"));
    }

    #[test]
    fn a_place_outside_its_text_still_prints() {
        let mut faults = Faults::new();
        faults.add_source("a.yaml", "x\n");
        for (line, column) in [(1, 99), (2, 1), (9, 9)] {
            faults.push(Fault::error("R0101", Place { file: "a.yaml".into(), line, column, end: 3 }, "odd"));
        }
        assert_eq!(faults.render(false).matches("error[R0101]: odd").count(), 3);
    }

    #[test]
    fn what_prints_holds_no_control_characters_of_the_file() {
        let mut faults = Faults::new();
        faults.add_source("a.yaml", "x: \u{1b}[2J\n");
        let place = Place { file: "a.yaml".into(), line: 1, column: 4, end: 5 };
        faults.push(Fault::error("R0101", place, "bad \u{1b}[2J").label("\u{1b}[2J").help("\u{1b}[2J"));
        assert!(!faults.render(false).contains('\u{1b}'));
    }

    #[test]
    fn a_concealed_place_is_never_shown() {
        let mut faults = Faults::new();
        faults.add_source("a.yaml", "key: hünter2 # x\n");
        let place = Place { file: "a.yaml".into(), line: 1, column: 6, end: 13 };
        faults.conceal(&place);
        faults.push(Fault::error("R0301", place, "a secret in the file"));
        assert!(faults.render(false).contains("1 | key: ******* # x\n  |      ^^^^^^^\n"), "{}", faults.render(false));
    }

    #[test]
    fn a_word_is_guessed_through_typing_mistakes_and_case() {
        let words = ["patch", "create", "rename", "okta-prod"];
        for (typed, meant) in [("pach", "patch"), ("cretae", "create"), ("Rename", "rename"), ("okta-prd", "okta-prod")]
        {
            assert_eq!(did_you_mean(typed, words), Some(meant), "{typed}");
        }
        for far in ["", "delete", "x", "users"] {
            assert_eq!(did_you_mean(far, words), None, "{far}");
        }
    }

    #[test]
    fn swapped_neighbours_count_once() {
        assert_eq!(distance("cretae", "create"), 1);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
