//! The query of a request (RFC 7644 section 3.4.2): an allow-list, each parameter once.
//!
//! Unknown parameters are dropped, since a backend may read anything into them (Entra sends `aadOptscim062020`). What
//! nobody sets goes on as it was sent, escapes and all; what is set is encoded anew. A `;` is always encoded: some servers
//! take it for an `&`.

use std::borrow::Cow;
use std::fmt;

use crate::json::{Object, Value};

use super::error::{ErrorStatus, ScimError, ScimType};
use super::percent;

/// The longest filter, in bytes after decoding.
const LONGEST_FILTER: usize = 8 * 1024;

/// What may stand in a query beside unreserved characters and means the same to every server.
const PLAIN: &[u8] = b":/,@!$*()'?";

/// A parameter that SCIM knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Param {
    /// `filter` (RFC 7644 section 3.4.2.2).
    Filter,
    /// `sortBy` (RFC 7644 section 3.4.2.3).
    SortBy,
    /// `sortOrder` (RFC 7644 section 3.4.2.3).
    SortOrder,
    /// `startIndex` (RFC 7644 section 3.4.2.4).
    StartIndex,
    /// `count` (RFC 7644 section 3.4.2.4).
    Count,
    /// `attributes` (RFC 7644 section 3.9).
    Attributes,
    /// `excludedAttributes` (RFC 7644 section 3.9).
    ExcludedAttributes,
    /// `cursor` (RFC 9865 section 2).
    Cursor,
}

impl Param {
    /// Every one of them.
    pub const ALL: [Self; 8] = [
        Self::Filter,
        Self::SortBy,
        Self::SortOrder,
        Self::StartIndex,
        Self::Count,
        Self::Attributes,
        Self::ExcludedAttributes,
        Self::Cursor,
    ];

    /// Its name, as the RFC spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::SortBy => "sortBy",
            Self::SortOrder => "sortOrder",
            Self::StartIndex => "startIndex",
            Self::Count => "count",
            Self::Attributes => "attributes",
            Self::ExcludedAttributes => "excludedAttributes",
            Self::Cursor => "cursor",
        }
    }

    /// The parameter of this name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|param| param.as_str().eq_ignore_ascii_case(name))
    }

    fn refuse(self, detail: String) -> ScimError {
        let scim_type = if self == Self::Filter { ScimType::InvalidFilter } else { ScimType::InvalidValue };
        ScimError::bad_request(scim_type, detail)
    }
}

/// The known parameters of a query, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    parts: Vec<Part>,
    /// Parameters that SCIM doesn't know and a rule wants to be sent, decoded.
    own: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    param: Param,
    /// Decoded.
    value: String,
    /// As it is written.
    written: String,
}

impl Query {
    /// Reads a raw query, without its `?`. Names are taken in any case and written as the RFC spells them; a `+` is a
    /// space.
    ///
    /// # Errors
    /// 400 for a known parameter that comes twice, bytes that can't be decoded, control characters, a `count` or
    /// `startIndex` that is no integer of 32 bits, and a filter longer than 8 KiB.
    pub fn parse(raw: &str) -> Result<Self, ScimError> {
        let mut query = Self::default();
        for piece in raw.split('&').filter(|piece| !piece.is_empty()) {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let name = decode(name).ok_or_else(|| {
                ScimError::new(ErrorStatus::BadRequest, "a parameter's name in the query is not percent-encoded UTF-8")
            })?;
            let Some(param) = Param::named(&name) else { continue };
            if query.value(param).is_some() {
                return Err(param.refuse(format!("`{}` is given twice; send it once", param.as_str())));
            }
            query.parts.push(Part::read(param, value)?);
        }
        Ok(query)
    }

    /// Every parameter of a raw query, decoded, also those that SCIM doesn't know; without what can't be decoded.
    #[must_use]
    pub fn pairs(raw: &str) -> Vec<(String, String)> {
        let pieces = raw.split('&').filter(|piece| !piece.is_empty());
        let read = |piece: &str| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            Some((decode(name)?, decode(value)?))
        };
        pieces.filter_map(read).collect()
    }

    /// The query that asks what the body of a search asks (RFC 7644 section 3.4.3).
    #[must_use]
    pub fn of_search(search: &Object<'_>) -> Self {
        let mut query = Self::default();
        for param in Param::ALL {
            let text = match search.get(param.as_str()) {
                Some(Value::String(text)) => text.decoded().into_owned(),
                Some(Value::Number(number)) => number.to_string(),
                Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
                _ => continue,
            };
            query.set(param, Some(text));
        }
        query
    }

    /// A parameter's value, decoded.
    #[must_use]
    pub fn value(&self, param: Param) -> Option<&str> {
        self.parts.iter().find(|part| part.param == param).map(|part| part.value.as_str())
    }

    /// Sets a parameter, where it stands or at the end; or takes it out.
    pub fn set(&mut self, param: Param, value: Option<String>) {
        let Some(value) = value else {
            self.parts.retain(|part| part.param != param);
            return;
        };
        let part = Part { param, written: percent::encode(&value, PLAIN).into_owned(), value };
        match self.parts.iter_mut().find(|part| part.param == param) {
            Some(old) => *old = part,
            None => self.parts.push(part),
        }
    }

    /// The value of a parameter by its name, decoded; also of one that SCIM doesn't know.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&str> {
        match Param::named(name) {
            Some(param) => self.value(param),
            None => self.own.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()),
        }
    }

    /// As [`Query::set`], by name; also a parameter that SCIM doesn't know.
    pub fn set_named(&mut self, name: &str, value: Option<String>) {
        if let Some(param) = Param::named(name) {
            return self.set(param, value);
        }
        self.own.retain(|(known, _)| known != name);
        self.own.extend(value.map(|value| (name.to_owned(), value)));
    }

    /// The parameters that count pages, and those that SCIM doesn't know: name and value.
    pub fn beside(&self) -> impl Iterator<Item = (&str, &str)> {
        let pages = [Param::StartIndex, Param::Count, Param::Cursor];
        let pages = pages.into_iter().filter_map(|param| Some((param.as_str(), self.value(param)?)));
        pages.chain(self.own.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// Whether there is no parameter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.own.is_empty()
    }
}

impl Part {
    fn read(param: Param, raw: &str) -> Result<Self, ScimError> {
        let name = param.as_str();
        let value = decode(raw).filter(|value| !value.contains(|c: char| c.is_control()));
        let value = value.ok_or_else(|| {
            param.refuse(format!("`{name}` must be percent-encoded UTF-8 without control characters"))
        })?;
        let counts = matches!(param, Param::Count | Param::StartIndex);
        if counts && (value.starts_with('+') || value.parse::<i32>().is_err()) {
            return Err(param.refuse(format!("`{name}` must be an integer of 32 bits")));
        }
        if param == Param::Filter && value.len() > LONGEST_FILTER {
            return Err(param.refuse(format!("`{name}` must not be longer than {LONGEST_FILTER} bytes")));
        }
        let written = if is_clean(raw) { raw.to_owned() } else { percent::encode(&value, PLAIN).into_owned() };
        Ok(Self { param, value, written })
    }
}

/// The query as it is sent on, without a `?`.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            let separator = if index == 0 { "" } else { "&" };
            write!(f, "{separator}{}={}", part.param.as_str(), part.written)?;
        }
        for (index, (name, value)) in self.own.iter().enumerate() {
            let separator = if index == 0 && self.parts.is_empty() { "" } else { "&" };
            write!(f, "{separator}{}={}", percent::encode(name, PLAIN), percent::encode(value, PLAIN))?;
        }
        Ok(())
    }
}

/// As forms are decoded, which is how clients and servers read queries: a `+` is a space.
fn decode(raw: &str) -> Option<String> {
    percent::decode(&raw.replace('+', " ")).map(Cow::into_owned)
}

/// Whether a value can go on as it is: only characters of a query (RFC 3986 section 3.4), and no `;`.
fn is_clean(raw: &str) -> bool {
    raw.bytes().all(|byte| byte != b';' && (percent::is_segment(byte) || matches!(byte, b'/' | b'?')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(raw: &str) -> ScimError {
        Query::parse(raw).unwrap_err()
    }

    #[test]
    fn what_nobody_sets_stays_as_it_was_sent() {
        let rows = [
            "",
            "filter=userName%20eq%20%22bjensen%22&startIndex=1&count=100",
            "filter=userName+eq+%22bjensen%22",
            "attributes=userName,name.familyName&excludedAttributes=emails",
            "attributes=userName%2cname.familyName",
            "sortBy=meta.lastModified&sortOrder=descending&cursor=VZUTiyhEQJ94IR==",
            "count=-1&startIndex=0",
            "filter=",
        ];
        for raw in rows {
            assert_eq!(Query::parse(raw).unwrap().to_string(), raw);
        }
    }

    #[test]
    fn names_are_taken_in_any_case_and_spelled_as_the_rfc_does() {
        let query = Query::parse("STARTINDEX=2&%66ilter=a+pr&&").unwrap();
        assert_eq!(query.to_string(), "startIndex=2&filter=a+pr");
        assert_eq!(query.value(Param::Filter), Some("a pr"));
    }

    #[test]
    fn unknown_parameters_are_dropped() {
        let query = Query::parse("aadOptscim062020&_method=DELETE&count=2&x=%zz&access_token=s").unwrap();
        assert_eq!(query.to_string(), "count=2");
        assert!(Query::parse("_method=DELETE").unwrap().is_empty());
    }

    #[test]
    fn what_is_not_clean_is_encoded() {
        let rows = [
            ("filter=userName eq \"a\"", "filter=userName%20eq%20%22a%22"),
            ("attributes=userName;filter=password", "attributes=userName%3Bfilter%3Dpassword"),
            ("filter=title eq \"é\"", "filter=title%20eq%20%22%C3%A9%22"),
        ];
        for (raw, written) in rows {
            assert_eq!(Query::parse(raw).unwrap().to_string(), written);
        }
    }

    #[test]
    fn a_bad_query_is_refused() {
        let long = format!("filter={}", "a".repeat(LONGEST_FILTER + 1));
        let rows = [
            ("filter=a+pr&filter=b+pr", Some(ScimType::InvalidFilter)),
            ("count=1&COUNT=1", Some(ScimType::InvalidValue)),
            ("filter=%zz", Some(ScimType::InvalidFilter)),
            ("filter=%00", Some(ScimType::InvalidFilter)),
            ("sortBy=%ff", Some(ScimType::InvalidValue)),
            ("sortBy=a%0d%0ab", Some(ScimType::InvalidValue)),
            ("count=1e9", Some(ScimType::InvalidValue)),
            ("count", Some(ScimType::InvalidValue)),
            ("count=", Some(ScimType::InvalidValue)),
            ("count=%2B1", Some(ScimType::InvalidValue)),
            ("startIndex=2147483648", Some(ScimType::InvalidValue)),
            ("startIndex=1;count=5", Some(ScimType::InvalidValue)),
            (&long, Some(ScimType::InvalidFilter)),
            ("%zz=1", None),
        ];
        for (raw, scim_type) in rows {
            assert_eq!((fault(raw).status, fault(raw).scim_type), (ErrorStatus::BadRequest, scim_type), "{raw}");
        }
    }

    #[test]
    fn what_is_set_stands_where_it_stood() {
        let mut query = Query::parse("filter=a+pr&count=%32").unwrap();
        query.set(Param::Filter, Some("login eq \"a&b=c+d\"".to_owned()));
        query.set(Param::SortBy, Some("name.familyName".to_owned()));
        assert_eq!(query.to_string(), "filter=login%20eq%20%22a%26b%3Dc%2Bd%22&count=%32&sortBy=name.familyName");
        query.set(Param::Count, None);
        query.set(Param::Filter, None);
        assert_eq!(query.to_string(), "sortBy=name.familyName");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_the_same(filter in "[^\\p{Cc}]{0,30}", sort in "[a-z.;&=+ ]{0,10}") {
            let mut query = Query::default();
            query.set(Param::Filter, Some(filter));
            query.set(Param::SortBy, Some(sort));
            prop_assert_eq!(Query::parse(&query.to_string()), Ok(query));
        }

        #[test]
        fn what_is_forwarded_means_what_was_read(raw in "((filter|attributes|x)=[a-z%0-9+;\"' &=]{0,12}&?){0,3}") {
            if let Ok(query) = Query::parse(&raw) {
                let forwarded = Query::parse(&query.to_string()).unwrap();
                for param in Param::ALL {
                    prop_assert_eq!(forwarded.value(param), query.value(param));
                }
                prop_assert!(!query.to_string().contains([';', ' ', '"']));
            }
        }
    }
}
