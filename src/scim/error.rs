//! Errors as SCIM says them (RFC 7644 section 3.12): a status, perhaps a `scimType`, a sentence.

use std::fmt;

use super::urn;

/// A status that a SCIM error can have: only 4xx or 5xx, and only those that are sent here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum ErrorStatus {
    /// The request can't be read, or breaks a rule.
    BadRequest = 400,
    /// No valid token.
    Unauthorized = 401,
    /// The token lacks the scope.
    Forbidden = 403,
    /// No such endpoint or resource.
    NotFound = 404,
    /// The endpoint doesn't know the method.
    MethodNotAllowed = 405,
    /// The request didn't arrive in time.
    RequestTimeout = 408,
    /// The backend's state forbids it, such as a name that is taken.
    Conflict = 409,
    /// `If-Match` or `If-None-Match` doesn't hold.
    PreconditionFailed = 412,
    /// The body is too long.
    PayloadTooLarge = 413,
    /// The request target is too long.
    UriTooLong = 414,
    /// The body is no SCIM by its `Content-Type`.
    UnsupportedMediaType = 415,
    /// `Expect` asks for what can't be done.
    ExpectationFailed = 417,
    /// Too many calls.
    TooManyRequests = 429,
    /// The header fields are too long.
    HeadersTooLarge = 431,
    /// Our own fault.
    Internal = 500,
    /// The operation isn't enabled.
    NotImplemented = 501,
    /// The backend answered something that can't be used.
    BadGateway = 502,
    /// The backend isn't there, or the gateway is full.
    ServiceUnavailable = 503,
    /// The backend didn't answer in time.
    GatewayTimeout = 504,
}

impl ErrorStatus {
    /// The number.
    #[must_use]
    pub fn code(self) -> u16 {
        self as u16
    }

    /// The status with this number; nothing for any other number.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Some(match code {
            400 => Self::BadRequest,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            408 => Self::RequestTimeout,
            409 => Self::Conflict,
            412 => Self::PreconditionFailed,
            413 => Self::PayloadTooLarge,
            414 => Self::UriTooLong,
            415 => Self::UnsupportedMediaType,
            417 => Self::ExpectationFailed,
            429 => Self::TooManyRequests,
            431 => Self::HeadersTooLarge,
            500 => Self::Internal,
            501 => Self::NotImplemented,
            502 => Self::BadGateway,
            503 => Self::ServiceUnavailable,
            504 => Self::GatewayTimeout,
            _ => return None,
        })
    }
}

impl fmt::Display for ErrorStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code().fmt(f)
    }
}

/// `scimType`: the closed list of RFC 7644 table 9, and what RFC 9865 adds to it and is sent here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScimType {
    /// The filter can't be read, or this attribute can't be filtered by so.
    InvalidFilter,
    /// The filter finds more than the server is willing to work on.
    TooMany,
    /// A value is taken.
    Uniqueness,
    /// The attribute can't be changed so.
    Mutability,
    /// The body can't be read, or has the wrong structure.
    InvalidSyntax,
    /// The path of a PATCH can't be read.
    InvalidPath,
    /// The path of a PATCH finds nothing that could be changed.
    NoTarget,
    /// A value is missing or doesn't fit.
    InvalidValue,
    /// No such version of the protocol.
    InvalidVers,
    /// Something that must not stand in a URL.
    Sensitive,
    /// The cursor is none that was given out (RFC 9865 section 2.1).
    InvalidCursor,
}

impl ScimType {
    /// Every word, as the RFC spells it.
    pub const WORDS: &[(&str, Self)] = &[
        ("invalidFilter", Self::InvalidFilter),
        ("tooMany", Self::TooMany),
        ("uniqueness", Self::Uniqueness),
        ("mutability", Self::Mutability),
        ("invalidSyntax", Self::InvalidSyntax),
        ("invalidPath", Self::InvalidPath),
        ("noTarget", Self::NoTarget),
        ("invalidValue", Self::InvalidValue),
        ("invalidVers", Self::InvalidVers),
        ("sensitive", Self::Sensitive),
        ("invalidCursor", Self::InvalidCursor),
    ];

    /// The word, as the RFC spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
        }
    }
}

/// A SCIM error. Whoever makes one puts nothing into it that the caller must not see.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {detail}")]
pub struct ScimError {
    /// The HTTP status.
    pub status: ErrorStatus,
    /// What kind of error it is, where the RFC has a word for it.
    pub scim_type: Option<ScimType>,
    /// What is wrong, for a person to read.
    pub detail: String,
    /// It is a PATCH that somebody can do who has read the resource.
    pub needs_resource: bool,
}

impl ScimError {
    /// An error without a `scimType`.
    #[must_use]
    pub fn new(status: ErrorStatus, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into(), needs_resource: false }
    }

    /// A 400 with its `scimType`.
    #[must_use]
    pub fn bad_request(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { scim_type: Some(scim_type), ..Self::new(ErrorStatus::BadRequest, detail) }
    }

    /// 400 `invalidPath` for a PATCH that only somebody can do who has read the resource.
    #[must_use]
    pub fn needs_resource(detail: impl Into<String>) -> Self {
        Self { needs_resource: true, ..Self::bad_request(ScimType::InvalidPath, detail) }
    }

    /// The body, `application/scim+json`. Its `status` is a string, as the RFC has it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = serde_json::json!({
            "schemas": [urn::ERROR],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let (Some(scim_type), Some(members)) = (self.scim_type, body.as_object_mut()) {
            members.insert("scimType".to_owned(), scim_type.as_str().into());
        }
        body.to_string().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_number_and_no_other_number_is_one() {
        let known: Vec<u16> = (0..=u16::MAX).filter_map(ErrorStatus::from_code).map(ErrorStatus::code).collect();
        let numbers: Vec<u16> = (0..=u16::MAX).filter(|&code| ErrorStatus::from_code(code).is_some()).collect();
        assert_eq!(known, numbers);
        let all = [400, 401, 403, 404, 405, 408, 409, 412, 413, 414, 415, 417, 429, 431, 500, 501, 502, 503, 504];
        assert_eq!(known, all);
    }

    #[test]
    fn every_word_names_its_scim_type() {
        assert_eq!(ScimType::WORDS.len(), 11);
        for (word, scim_type) in ScimType::WORDS {
            assert_eq!(scim_type.as_str(), *word);
        }
    }

    #[test]
    fn the_body_is_the_one_of_the_rfc() {
        let error = ScimError::bad_request(ScimType::Mutability, "Attribute 'id' is readOnly");
        let body: serde_json::Value = serde_json::from_slice(&error.to_bytes()).unwrap();
        let expected = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "scimType": "mutability",
            "detail": "Attribute 'id' is readOnly",
            "status": "400"
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn a_detail_is_escaped_and_an_absent_scim_type_is_absent() {
        let error = ScimError::new(ErrorStatus::NotFound, "no `\"\u{1}` here");
        let body: serde_json::Value = serde_json::from_slice(&error.to_bytes()).unwrap();
        assert_eq!(body["detail"], "no `\"\u{1}` here");
        assert!(body.get("scimType").is_none());
    }
}
