//! Errors in both versions: `{"Errors":[{"description":"..","code":"404"}]}`, and the error of RFC 7644 section 3.12.
//!
//! SCIM 1.1 has no `scimType`; it stands behind the description in brackets, and is read there again.

use crate::json::{self, Array, Object, Value};
use crate::scim::error::{ErrorStatus, ScimError, ScimType};
use crate::scim::operation::OperationKind;

/// Writes an error of SCIM 2.0 as one of 1.1; what is none stays as it is.
#[must_use]
pub fn encode(status: u16, error: &[u8]) -> Vec<u8> {
    let Ok(Value::Object(error)) = json::parse(error) else { return error.to_vec() };
    one(status, &description(&error))
}

/// What an error of SCIM 2.0 says, as SCIM 1.1 describes it.
pub(super) fn description(error: &Object<'_>) -> String {
    let text = |name: &str| error.get(name).and_then(Value::as_str).map(std::borrow::Cow::into_owned);
    match (text("detail"), text("scimType")) {
        (Some(detail), Some(word)) => format!("{detail} ({word})"),
        (Some(detail), None) => detail,
        (None, Some(word)) => format!("refused ({word})"),
        (None, None) => "refused".to_owned(),
    }
}

/// The same of an error that is made here.
#[must_use]
pub fn of(error: &ScimError) -> Vec<u8> {
    encode(error.status.code(), &error.to_bytes())
}

fn one(status: u16, description: &str) -> Vec<u8> {
    let mut error = Object::new();
    error.set("description", Value::string(description));
    error.set("code", Value::string(&status.to_string()));
    let mut whole = Object::new();
    whole.set("Errors", Value::Array(Array::from(vec![Value::Object(error)])));
    Value::Object(whole).to_bytes()
}

/// Reads an error of SCIM 1.1 as one of 2.0, the status of which is known; nothing if it is none. What several say is told
/// in one. Their `uri` is not: it may lead to where nobody outside belongs.
#[must_use]
pub fn decode(status: u16, error: &[u8], asked: OperationKind) -> Option<ScimError> {
    let Ok(Value::Object(error)) = json::parse(error) else { return None };
    let errors = error.get("Errors")?.as_array()?;
    let described = |one: &Value<'_>| {
        let one = one.as_object()?;
        Some(one.get("description").and_then(Value::as_str).unwrap_or_default().into_owned())
    };
    let descriptions: Vec<String> = errors.iter().filter_map(described).collect();
    if descriptions.is_empty() {
        return None;
    }
    Some(told(status, &descriptions.join("; "), asked))
}

/// An error of SCIM 2.0 with this status and description.
pub(super) fn told(status: u16, description: &str, asked: OperationKind) -> ScimError {
    let other = if status >= 500 { ErrorStatus::BadGateway } else { ErrorStatus::BadRequest };
    let status = ErrorStatus::from_code(status).unwrap_or(other);
    let (detail, scim_type) = parted(description);
    let mut error = ScimError::new(status, detail);
    error.scim_type = scim_type.or_else(|| implied(&error, asked));
    error
}

/// What SCIM 2.0 has a word for, and 1.1 says by the status of an answer to such a call.
fn implied(error: &ScimError, asked: OperationKind) -> Option<ScimType> {
    match (error.status, asked) {
        (ErrorStatus::Conflict, OperationKind::Create) => Some(ScimType::Uniqueness),
        (ErrorStatus::BadRequest, OperationKind::List | OperationKind::Search)
            if error.detail.to_ascii_lowercase().contains("filter") =>
        {
            Some(ScimType::InvalidFilter)
        }
        _ => None,
    }
}

/// A description, and the word behind it.
fn parted(description: &str) -> (String, Option<ScimType>) {
    let behind = description.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    let known = |word: &str| ScimType::WORDS.iter().find(|(known, _)| *known == word).map(|(_, scim_type)| *scim_type);
    match behind.and_then(|(detail, word)| Some((detail, known(word)?))) {
        Some((detail, scim_type)) => (detail.to_owned(), Some(scim_type)),
        None => (description.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(bytes: &[u8]) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn v_49_an_error_has_the_form_of_its_version() {
        let taken =
            ScimError { scim_type: Some(ScimType::Uniqueness), ..ScimError::new(ErrorStatus::Conflict, "taken") };
        let written = of(&taken);
        assert_eq!(text(&written), r#"{"Errors":[{"description":"taken (uniqueness)","code":"409"}]}"#);
        let read = decode(409, &written, OperationKind::Patch).unwrap();
        assert_eq!((read.status, read.scim_type, read.detail.as_str()), (taken.status, taken.scim_type, "taken"));
        assert_eq!(
            text(&of(&ScimError::new(ErrorStatus::NotFound, "gone"))),
            r#"{"Errors":[{"description":"gone","code":"404"}]}"#
        );
    }

    #[test]
    fn v_49_a_code_may_be_a_number_and_several_errors_are_told_in_one() {
        let written = br#"{"Errors":[{"description":"a","code":400,"uri":"http://db7.internal/x"},{"description":"b","code":"400"}]}"#;
        let read = decode(400, written, OperationKind::Read).unwrap();
        assert_eq!(read.detail, "a; b");
        assert_eq!(read.status, ErrorStatus::BadRequest);
    }

    #[test]
    fn v_25_v_43_what_only_scim_2_0_has_a_word_for_is_told_from_the_call() {
        let written = |text: &str| format!(r#"{{"Errors":[{{"description":"{text}"}}]}}"#);
        let read = |status, text: &str, asked| decode(status, written(text).as_bytes(), asked).unwrap().scim_type;
        assert_eq!(read(409, "taken", OperationKind::Create), Some(ScimType::Uniqueness));
        assert_eq!(read(409, "changed meanwhile", OperationKind::Replace), None);
        assert_eq!(read(400, "Filter not supported", OperationKind::List), Some(ScimType::InvalidFilter));
        assert_eq!(read(400, "count is too large", OperationKind::List), None);
    }

    #[test]
    fn v_50_a_status_that_scim_lacks_becomes_one_that_it_has() {
        let written = br#"{"Errors":[{"description":"a"}]}"#;
        assert_eq!(decode(418, written, OperationKind::Read).unwrap().status, ErrorStatus::BadRequest);
        assert_eq!(decode(599, written, OperationKind::Read).unwrap().status, ErrorStatus::BadGateway);
    }

    #[test]
    fn what_is_no_error_of_scim_1_1_is_none() {
        for other in
            ["<html>", "{}", r#"{"Errors":[]}"#, r#"{"Errors":["ORA-00942 at db7.internal"]}"#, r#"{"errors":1}"#]
        {
            assert!(decode(500, other.as_bytes(), OperationKind::Read).is_none(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn an_error_comes_back(detail in "[^()]{1,40}", which in proptest::option::of(0_usize..10)) {
            let scim_type = which.map(|at| ScimType::WORDS[at].1);
            let error = ScimError { scim_type, ..ScimError::new(ErrorStatus::BadRequest, detail) };
            let read = decode(400, &of(&error), OperationKind::Read).unwrap();
            prop_assert_eq!((read.scim_type, read.detail), (error.scim_type, error.detail));
        }
    }
}
