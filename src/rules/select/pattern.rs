//! The patterns of `match` and `search`: I-Regexp (RFC 9485), compiled once when the rule is loaded.
//!
//! The `regex` crate runs in linear time and takes all of I-Regexp, and more (`\d`, `(?i)`). As the RFC has it, `.` is any
//! character but line feed and carriage return.

use regex::{Error, Regex, RegexBuilder};

use super::SelectFault;

/// The most bytes that a compiled pattern may take.
pub(super) const MAX_COMPILED: usize = 1 << 20;

/// A pattern that must cover the whole text (`match`).
pub(super) fn whole(pattern: &str) -> Result<Regex, SelectFault> {
    // Alone first: `a)|(b` would close the group that is put around it.
    compile(pattern)?;
    compile(&format!(r"\A(?:{pattern})\z"))
}

/// A pattern that may stand anywhere in the text (`search`).
pub(super) fn anywhere(pattern: &str) -> Result<Regex, SelectFault> {
    compile(pattern)
}

fn compile(pattern: &str) -> Result<Regex, SelectFault> {
    RegexBuilder::new(pattern).crlf(true).size_limit(MAX_COMPILED).nest_limit(64).build().map_err(|error| match error {
        Error::CompiledTooBig(_) => SelectFault::PatternTooBig,
        other => SelectFault::Pattern(last_line(&other.to_string())),
    })
}

/// The crate shows the pattern with a caret first; the last line says what is wrong.
fn last_line(message: &str) -> String {
    let line = message.lines().last().unwrap_or_default();
    line.trim().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_is_no_line_end() {
        let pattern = whole("a.b").unwrap();
        assert!(pattern.is_match("a\u{2028}b"));
        assert!(!pattern.is_match("a\nb"));
        assert!(!pattern.is_match("a\rb"));
    }

    #[test]
    fn a_whole_pattern_covers_the_text_in_every_branch() {
        let pattern = whole("ab|c").unwrap();
        assert!(pattern.is_match("ab") && pattern.is_match("c"));
        assert!(!pattern.is_match("abx") && !pattern.is_match("xc") && !pattern.is_match("c\n"));
        assert!(anywhere("b").unwrap().is_match("abc"));
    }

    #[test]
    fn a_pattern_cannot_close_the_group_around_it() {
        assert!(matches!(whole("a)|(b"), Err(SelectFault::Pattern(_))));
    }

    #[test]
    fn an_ill_formed_pattern_is_explained_in_a_line() {
        assert_eq!(whole("(").unwrap_err(), SelectFault::Pattern("unclosed group".to_owned()));
    }

    #[test]
    fn a_pattern_that_grows_is_refused() {
        assert_eq!(whole(r"((\w{100}){100}){100}").unwrap_err(), SelectFault::PatternTooBig);
    }
}
