//! What is wrong with a file that isn't YAML as it is read here, in the operator's words, with a hint.

use std::borrow::Cow;

use serde_saphyr::{Error, MessageFormatter, UserMessageFormatter};

use crate::fault::{Fault, Place};

use super::read::{DEEPEST, MOST_REPEATED, MOST_VALUES, Source};

impl Source<'_> {
    /// The fault of a syntax error.
    pub(super) fn syntax(&self, error: &Error) -> Fault {
        let inner = innermost(error);
        let place = match error.location() {
            Some(location) => {
                let place = self.place(location);
                Place { end: place.end.max(place.column + 1), ..place }
            }
            None => Place::whole(&self.file),
        };
        let (message, label, help): (Cow<'_, str>, &str, Cow<'_, str>) = match inner {
            Error::DuplicateMappingKey { key, .. } => return twice(place, key.as_deref().unwrap_or("a key")),
            Error::MergeKeyNotAllowed { .. } => {
                ("merge keys are not read here".into(), "a merge key", "write the entries out".into())
            }
            Error::MultipleDocuments { .. } => {
                ("a second document in one file".into(), "begins here", "give each document its own file".into())
            }
            Error::UnsupportedTag { tag, .. } => (
                format!("the tag `{tag}` means nothing here").into(),
                "behind the tag",
                "remove the tag, or put text that starts with `!` in quotes".into(),
            ),
            Error::NullIntoString { .. } | Error::Unexpected { expected: "string scalar", .. } => {
                ("a key has to be one text".into(), "not a text", "put it in quotes".into())
            }
            Error::RecursiveReferencesRequireWeakTypes { .. } => {
                ("an alias inside of what it stands for".into(), "never ends", "write it out".into())
            }
            error if is_too_much(error) => (
                "the file holds too much to be read".into(),
                "the limit is reached here",
                format!("a file may hold {MOST_VALUES} values, {MOST_REPEATED} through aliases, {DEEPEST} levels deep")
                    .into(),
            ),
            error => {
                let (message, help) = self.hint(&place, UserMessageFormatter.format_message(error));
                (message, "not YAML", help.into())
            }
        };
        Fault::error("R0101", place, message).label(label).help(help)
    }

    /// What is probably wrong, from the character at the place.
    fn hint<'m>(&self, place: &Place, message: Cow<'m, str>) -> (Cow<'m, str>, String) {
        let line = self.text.lines().nth(place.line.saturating_sub(1)).unwrap_or_default();
        let from: String = line.chars().skip(place.column.saturating_sub(1)).collect();
        let first = from.chars().next().unwrap_or(' ');
        let quote = "put it in quotes";
        match first {
            _ if line.contains("[*]") || line.contains('[') && line.contains(" eq ") => {
                (message, "put attribute paths with brackets in quotes: \"emails[*].type\"".to_owned())
            }
            '`' | '@' | '*' | '%' | '&' | '!' | '|' | '>' => {
                (format!("text can't start with `{first}`").into(), format!("{quote}: \"{}\"", plain(&from)))
            }
            '\t' => ("a tab in the indentation".into(), "indent with spaces".to_owned()),
            _ if line.starts_with('\t') || line.trim_start_matches(' ').starts_with('\t') => {
                ("a tab in the indentation".into(), "indent with spaces".to_owned())
            }
            ':' => ("a second `:` in one entry".into(), format!("{quote} what holds `: `, or check the indentation")),
            _ => (message, "check quotes, brackets and indentation here and in the line above".to_owned()),
        }
    }
}

/// The unquoted text that probably goes on from here.
fn plain(from: &str) -> &str {
    from.split([',', '}', ']', '#']).next().unwrap_or(from).trim_end()
}

/// A key that stands twice in one mapping.
pub(super) fn twice(place: Place, key: &str) -> Fault {
    Fault::error("R0101", place, format!("`{key}` stands twice in one mapping"))
        .label("the second one")
        .help("remove one of the two; case makes no difference")
}

fn innermost(mut error: &Error) -> &Error {
    while let Error::AliasError { error: inner, .. } | Error::WithSnippet { error: inner, .. } = error {
        error = inner;
    }
    error
}

fn is_too_much(error: &Error) -> bool {
    matches!(
        error,
        Error::Budget { .. }
            | Error::AliasReplayLimitExceeded { .. }
            | Error::AliasReplayCounterOverflow { .. }
            | Error::AliasExpansionLimitExceeded { .. }
            | Error::AliasReplayStackDepthExceeded { .. }
    )
}
