//! Texts without their quotes: `externalId eq jyoung`, as Microsoft's own pages show it.

use super::lexeme::{is_number, string_length};
use super::{CompareOp, Filter};

/// The filter with quotes round each text that has none; nothing if it can be read as it is, or not even so. What is a
/// number or a word of JSON stays one.
#[must_use]
pub fn quoted(text: &str) -> Option<String> {
    if Filter::parse(text).is_ok() {
        return None;
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    let (mut rest, mut compared) = (text, false);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest)?,
            first if is_between(first) => first.len_utf8(),
            _ => rest.find(is_between).unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at_checked(length)?;
        if compared && is_bare(word) {
            quoted.push('"');
            quoted.push_str(word);
            quoted.push('"');
        } else {
            quoted.push_str(word);
        }
        if !first.is_whitespace() {
            compared = CompareOp::ALL.into_iter().any(|op| op.as_str().eq_ignore_ascii_case(word));
        }
        rest = after;
    }
    Filter::parse(&quoted).is_ok().then_some(quoted)
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || "()[]".contains(c)
}

/// Whether a word is a text that can be quoted as it stands.
fn is_bare(word: &str) -> bool {
    let is_word = ["true", "false", "null"].iter().any(|known| known.eq_ignore_ascii_case(word));
    !is_word
        && !is_number(word)
        && !word.contains(['"', '\\', '\'', '(', ')', '[', ']'])
        && word.chars().all(|c| !c.is_whitespace() && !c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_text_gets_its_quotes() {
        let rows = [
            ("externalId eq jyoung", "externalId eq \"jyoung\""),
            ("userName EQ a@b.example and active eq true", "userName EQ \"a@b.example\" and active eq true"),
            ("not (externalId eq 0012)", "not (externalId eq \"0012\")"),
            ("emails[type eq work].value eq \"a b\"", "emails[type eq \"work\"].value eq \"a b\""),
            ("id eq 8aa1a0c0-2ef6", "id eq \"8aa1a0c0-2ef6\""),
            ("userName eq eq", "userName eq \"eq\""),
            ("title eq \"a eq b c\" and id eq x", "title eq \"a eq b c\" and id eq \"x\""),
        ];
        for (bare, with) in rows {
            assert_eq!(quoted(bare).as_deref(), Some(with), "{bare}");
        }
    }

    #[test]
    fn what_can_be_read_or_guessed_only_stays() {
        let rows = [
            "externalId eq \"jyoung\"",
            "externalId eq 12",
            "active eq true",
            "displayName eq Platform Team",
            "userName eq 'ada'",
            "userName eq \"ada",
            "userName eq",
            "abc",
            "",
        ];
        for text in rows {
            assert_eq!(quoted(text), None, "{text}");
        }
    }
}
