//! A no: the only thing that becomes an error response, in one place.
//!
//! Two texts: one for the caller, who never learns an internal name, address or token, and one for the log.

use std::time::Duration;

use crate::access::{AuthFailure, Denied, Limited, Throttled, Wait};
use crate::metrics::Limit;
use crate::rules::RuleRefusal;
use crate::scim::{ErrorStatus, ScimError, ScimType, TargetFault};

use super::budget::Exhausted;
use super::upstream::UpstreamFault;

/// Why a call is refused.
#[derive(Debug)]
pub enum Refusal {
    /// The caller's fault: the request can't be read or may not be sent.
    Call(ScimError),
    /// No method that the target knows.
    Method {
        /// What it knows.
        allow: String,
    },
    /// No valid token; also an unknown connection, which must look the same.
    Token(AuthFailure),
    /// The token lacks the scope.
    Scope(Denied),
    /// Too many calls.
    Throttled {
        /// Which limit.
        limit: Limit,
        /// Whole seconds to wait.
        retry_after: u64,
    },
    /// The call would take away more than the brake allows.
    Braked {
        /// Whole seconds to wait.
        retry_after: u64,
    },
    /// A rule refused the request.
    Rule(RuleRefusal),
    /// A rule could not translate what the backend sent: the operator's rules and the backend disagree.
    RuleBack(RuleRefusal),
    /// The backend could not be reached, or did not answer in time or in HTTP.
    Upstream(UpstreamFault),
    /// The backend answered something that is no SCIM.
    Answer {
        /// What was wrong, for the log.
        fault: String,
    },
}

impl From<ScimError> for Refusal {
    fn from(error: ScimError) -> Self {
        Self::Call(error)
    }
}

impl From<TargetFault> for Refusal {
    fn from(fault: TargetFault) -> Self {
        match fault {
            TargetFault::NotFound => Self::Call(ScimError::new(ErrorStatus::NotFound, "there is no such endpoint")),
            TargetFault::Malformed => Self::Call(ScimError::new(ErrorStatus::BadRequest, "the path is malformed")),
            TargetFault::MethodNotAllowed { allow } => Self::Method { allow: allow.to_string() },
        }
    }
}

impl Refusal {
    /// Too many calls with this token, or on this connection.
    #[must_use]
    pub fn throttled(throttled: Throttled) -> Self {
        let limit = match throttled.limit {
            Limited::Token => Limit::Token,
            Limited::Connection => Limit::Connection,
        };
        Self::Throttled { limit, retry_after: throttled.seconds() }
    }

    /// The backend lets itself be called less often.
    #[must_use]
    pub fn exhausted(exhausted: Exhausted) -> Self {
        Self::Throttled { limit: Limit::Backend, retry_after: exhausted.seconds() }
    }

    /// The call would take away more than the brake allows now.
    #[must_use]
    pub fn braked(wait: Wait) -> Self {
        Self::Braked { retry_after: wait.seconds() }
    }

    /// Whether it was refused before anybody knew who calls.
    #[must_use]
    pub fn is_to_stranger(&self) -> bool {
        matches!(self, Self::Token(_) | Self::Throttled { limit: Limit::Source, .. })
    }

    /// Why a request was refused for how it was written, as a label; nothing for a request that could be read.
    #[must_use]
    pub fn reject_reason(&self) -> Option<&'static str> {
        match self {
            Self::Method { .. } => Some("method"),
            Self::Call(error) => match (error.status, error.scim_type) {
                (ErrorStatus::PayloadTooLarge, _) => Some("size"),
                (ErrorStatus::UnsupportedMediaType, _) => Some("content_type"),
                (ErrorStatus::NotFound, _) => Some("path"),
                (ErrorStatus::BadRequest, Some(ScimType::InvalidSyntax)) => Some("json"),
                (ErrorStatus::BadRequest, None) => Some("path"),
                _ => None,
            },
            _ => None,
        }
    }

    /// What the caller is told.
    #[must_use]
    pub fn error(&self) -> ScimError {
        match self {
            Self::Call(error) => error.clone(),
            Self::Method { .. } => {
                ScimError::new(ErrorStatus::MethodNotAllowed, "this endpoint does not know the method")
            }
            Self::Token(AuthFailure::Duplicate) => {
                ScimError::new(ErrorStatus::BadRequest, "send one Authorization header with one token")
            }
            Self::Token(_) => ScimError::new(ErrorStatus::Unauthorized, "a valid bearer token is needed"),
            Self::Scope(denied) => {
                ScimError::new(ErrorStatus::Forbidden, format!("the token lacks the scope `{}`", denied.missing))
            }
            Self::Throttled { retry_after, .. } => {
                ScimError::new(ErrorStatus::TooManyRequests, format!("too many requests; try again in {retry_after} s"))
            }
            Self::Braked { .. } => ScimError::new(
                ErrorStatus::ServiceUnavailable,
                "too much has been deleted, deactivated or taken out of groups within an hour; an operator may look why",
            ),
            Self::Rule(refusal) => refusal.error.clone(),
            Self::RuleBack(_) => {
                ScimError::new(ErrorStatus::BadGateway, "the backend's answer could not be translated")
            }
            Self::Upstream(fault) => upstream(fault),
            Self::Answer { .. } => ScimError::new(ErrorStatus::BadGateway, "the backend's answer is no SCIM"),
        }
    }

    /// What the log is told.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::Rule(refusal) | Self::RuleBack(refusal) => format!("rule {}: {}", refusal.rule, refusal.error.detail),
            Self::Upstream(fault) => format!("backend: {}", fault.reason()),
            Self::Answer { fault } => format!("backend: {fault}"),
            Self::Token(failure) => format!("token: {}", failure.reason()),
            _ => self.error().detail,
        }
    }

    /// `Retry-After`, in whole seconds: clients such as Okta read nothing else.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Throttled { retry_after, .. } | Self::Braked { retry_after } => Some(*retry_after),
            Self::Upstream(fault) if upstream(fault).status == ErrorStatus::ServiceUnavailable => {
                Some(Duration::from_secs(1).as_secs())
            }
            _ => None,
        }
    }
}

fn upstream(fault: &UpstreamFault) -> ScimError {
    match fault {
        UpstreamFault::Refused | UpstreamFault::Busy => {
            ScimError::new(ErrorStatus::ServiceUnavailable, "the backend is not there now")
        }
        fault if fault.is_timeout() => {
            ScimError::new(ErrorStatus::GatewayTimeout, "the backend did not answer in time")
        }
        _ => ScimError::new(ErrorStatus::BadGateway, "the backend could not be spoken to"),
    }
}
