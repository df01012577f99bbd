//! Preconditions that a bridge has to judge itself (RFC 7644 section 3.14), since it may send nothing that would.

use crate::scim::{ErrorStatus, ScimError};

use super::Conditions;

/// The precondition of the write that follows a read: the state that was read, where the backend has tags and the client
/// hasn't named another. One that the client has named is kept as long as it holds.
///
/// # Errors
/// 412 if the client's precondition doesn't hold of what was read.
pub(super) fn after_read(asked: &Conditions, read: Option<&str>, has_tags: bool) -> Result<Conditions, ScimError> {
    let fails = match (&asked.if_match, &asked.if_none_match, read) {
        (Some(tags), _, Some(read)) if !names(tags, read) => true,
        (_, Some(tags), Some(read)) => names(tags, read),
        (_, Some(tags), None) => tags.trim() == "*",
        _ => false,
    };
    if fails {
        let detail = "the resource is in another state than the precondition says";
        return Err(ScimError::new(ErrorStatus::PreconditionFailed, detail));
    }
    let own = read.filter(|_| has_tags).map(str::to_owned);
    Ok(Conditions { if_match: own.or_else(|| asked.if_match.clone()), if_none_match: None })
}

/// Whether a list of tags names this one. SCIM's tags are weak ones, so they are compared as such.
fn names(tags: &str, one: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.trim() == "*" || opaque(tags) == opaque(one) || tags.split(',').any(|tag| opaque(tag) == opaque(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(if_match: Option<&str>, if_none_match: Option<&str>, read: Option<&str>) -> Option<Option<String>> {
        let owned = |tag: Option<&str>| tag.map(str::to_owned);
        let asked = Conditions { if_match: owned(if_match), if_none_match: owned(if_none_match) };
        after_read(&asked, read, true).ok().map(|conditions| conditions.if_match)
    }

    #[test]
    fn the_state_that_was_read_is_the_one_that_is_changed() {
        let one = || Some(Some("W/\"1\"".to_owned()));
        assert_eq!(judged(None, None, Some("W/\"1\"")), one());
        assert_eq!(judged(Some("*"), None, Some("W/\"1\"")), one());
        assert_eq!(judged(Some("\"0\", \"1\""), None, Some("W/\"1\"")), one());
        assert_eq!(judged(None, Some("\"2\""), Some("W/\"1\"")), one());
        assert_eq!(judged(None, None, None), Some(None));
        assert_eq!(judged(Some("\"1\""), None, None), Some(Some("\"1\"".to_owned())));
    }

    #[test]
    fn a_precondition_that_does_not_hold_is_a_412() {
        assert_eq!(judged(Some("\"2\""), None, Some("W/\"1\"")), None);
        assert_eq!(judged(None, Some("\"1\""), Some("W/\"1\"")), None);
        assert_eq!(judged(None, Some("*"), None), None);
    }

    #[test]
    fn no_tag_is_sent_to_a_backend_that_has_none() {
        let conditions = after_read(&Conditions::default(), Some("\"1\""), false);
        assert_eq!(conditions.map(|conditions| conditions.if_match), Ok(None));
    }
}
