//! The path of a PATCH operation (RFC 7644 section 3.5.2, figure 7).

use std::fmt;

use crate::scim::attr::{AttrFault, AttrName, AttrPath};
use crate::scim::filter::{Filter, FilterFault, Scope};

/// `members`, `name.familyName`, `addresses[type eq "work"]`, `members[value eq "2819"].displayName`; written as it was
/// read.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchPath {
    /// The attribute; without a filter also its sub-attribute (`name.familyName`).
    pub attr: AttrPath,
    /// Which elements of a multi-valued attribute.
    pub filter: Option<Filter>,
    /// The sub-attribute of those elements; never there without a filter.
    pub sub: Option<AttrName>,
}

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PathFault {
    /// `1st`
    #[error(transparent)]
    Attribute(#[from] AttrFault),
    /// `emails[type is "work"]`
    #[error("in brackets, {0}")]
    Filter(FilterFault),
    /// `emails[type eq "work"`
    #[error("the closing bracket is missing")]
    Open,
    /// `emails[type eq "work"]value`
    #[error("only a dot and a sub-attribute can follow the brackets")]
    Tail,
    /// `emails.value[type eq "work"]`
    #[error("brackets follow a multi-valued attribute, before any sub-attribute")]
    Head,
}

impl PatchPath {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PathFault> {
        let text = text.trim_ascii();
        let Some((head, rest)) = text.split_once('[') else {
            return Ok(Self { attr: AttrPath::parse(text)?, filter: None, sub: None });
        };
        let attr = AttrPath::parse(head)?;
        if attr.name.is_none() || attr.sub.is_some() {
            return Err(PathFault::Head);
        }
        let (inner, tail) = closing(rest).ok_or(PathFault::Open)?;
        let start = head.len() + 1;
        let filter = Filter::read(inner, Scope::Element)
            .map_err(|fault| PathFault::Filter(FilterFault { at: start + fault.at, ..fault }))?;
        let sub = match tail.strip_prefix('.') {
            Some(name) => Some(AttrName::parse(name)?),
            None if tail.is_empty() => None,
            None => return Err(PathFault::Tail),
        };
        Ok(Self { attr, filter: Some(filter), sub })
    }
}

/// What stands before the first closing bracket outside a string, and after it.
fn closing(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let closes = byte == b']' && !quoted;
        quoted ^= byte == b'"' && !escaped;
        escaped = quoted && byte == b'\\' && !escaped;
        closes
    })?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.attr.fmt(f)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}
