//! `ETag` and preconditions across a translation.
//!
//! A strong tag promises the same bytes; bytes that were rewritten can't keep that promise (RFC 9110 section 8.8.1). So
//! `"a"` becomes `W/"strong:a"`, and what a client sends back as a precondition becomes `"a"` again. Weak tags pass.

const MARK: &str = "W/\"strong:";

/// The tag as the client sees it.
#[must_use]
pub fn weaken(tag: &str) -> String {
    match tag.strip_prefix('"') {
        Some(rest) => format!("{MARK}{rest}"),
        None => tag.to_owned(),
    }
}

/// A list of tags as the backend knows them.
#[must_use]
pub fn restore(tags: &str) -> String {
    tags.replace(MARK, "\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strong_tag_is_weakened_and_comes_back() {
        assert_eq!(weaken("\"a1\""), "W/\"strong:a1\"");
        assert_eq!(restore("W/\"strong:a1\", W/\"b\""), "\"a1\", W/\"b\"");
    }

    #[test]
    fn a_weak_tag_and_a_star_pass() {
        assert_eq!(weaken("W/\"a1\""), "W/\"a1\"");
        assert_eq!(restore("*"), "*");
    }
}
