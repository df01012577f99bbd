//! `attributes` and `excludedAttributes` before a backend that doesn't keep to them: what the client doesn't want is taken
//! out here (RFC 7644 section 3.9).
//!
//! Costs nothing but what the backend sends in vain. Loses nothing: `id` and `schemas` always stay (RFC 7643 sections 3 and
//! 3.1).

use crate::json::{Array, Object, Value};
use crate::scim::{AttrPath, Param, Query, ScimError, ScimType};

use super::filter_eval::covers;
use super::rewriting::unread;
use super::{Answer, Ask, Exchange, Heard};

/// Which attributes of a resource a client wants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    /// `attributes`: only these; empty: all.
    pub only: Vec<AttrPath>,
    /// `excludedAttributes`: not these.
    pub without: Vec<AttrPath>,
}

impl Projection {
    /// Reads the two parameters.
    ///
    /// # Errors
    /// 400 for what is no attribute name.
    pub fn read(value: impl Fn(Param) -> Option<String>) -> Result<Self, ScimError> {
        let paths = |param| {
            let text = value(param).unwrap_or_default();
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            words.map(path).collect::<Result<Vec<_>, _>>()
        };
        Ok(Self { only: paths(Param::Attributes)?, without: paths(Param::ExcludedAttributes)? })
    }

    /// Whether all attributes are wanted.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.only.is_empty() && self.without.is_empty()
    }

    /// Takes out what isn't wanted.
    pub fn trim(&self, resource: &mut Object<'_>) {
        self.trim_within(resource, None);
    }

    /// The attributes of a resource, or of the extension `within`.
    fn trim_within(&self, object: &mut Object<'_>, within: Option<&AttrPath>) {
        object.retain(|member| {
            let Some(path) = at(&member.key.decoded(), within) else { return self.only.is_empty() };
            is_always(&path) || (self.wants(&path) && !self.refuses(&path))
        });
        for member in object.iter_mut() {
            let Some(path) = at(&member.key.decoded(), within) else { continue };
            match &mut member.value {
                Value::Object(inner) if path.name.is_none() => self.trim_within(inner, Some(&path)),
                Value::Object(inner) => self.trim_parts(inner, &path),
                Value::Array(list) if self.has_parts(&path) => self.trim_elements(list, &path),
                _ => {}
            }
        }
    }

    fn trim_elements(&self, list: &mut Array<'_>, path: &AttrPath) {
        list.iter_mut().filter_map(Value::as_object_mut).for_each(|element| self.trim_parts(element, path));
    }

    fn trim_parts(&self, complex: &mut Object<'_>, path: &AttrPath) {
        if self.has_parts(path) {
            complex.retain(|member| {
                let Some(part) = part(path, &member.key.decoded()) else { return true };
                self.wants(&part) && !self.refuses(&part)
            });
        }
    }

    /// Whether only some parts of an attribute are wanted.
    fn has_parts(&self, path: &AttrPath) -> bool {
        self.only.iter().chain(&self.without).any(|named| named.sub.is_some() && covers(path, named))
    }

    fn wants(&self, path: &AttrPath) -> bool {
        self.only.is_empty() || self.only.iter().any(|named| covers(named, path) || covers(path, named))
    }

    fn refuses(&self, path: &AttrPath) -> bool {
        self.without.iter().any(|named| covers(named, path))
    }
}

fn path(text: &str) -> Result<AttrPath, ScimError> {
    let refused = |fault| format!("`{text}` is not an attribute name: {fault}");
    AttrPath::parse(text).map_err(|fault| ScimError::bad_request(ScimType::InvalidValue, refused(fault)))
}

/// The path of the member under this key.
fn at(key: &str, within: Option<&AttrPath>) -> Option<AttrPath> {
    let path = AttrPath::parse(key).ok()?;
    Some(match within {
        Some(schema) => AttrPath { urn: schema.urn.clone(), ..path },
        None => path,
    })
}

fn part(path: &AttrPath, key: &str) -> Option<AttrPath> {
    let sub = AttrPath::parse(key).ok()?.name?;
    Some(AttrPath { sub: Some(sub), ..path.clone() })
}

/// What every answer shows.
fn is_always(path: &AttrPath) -> bool {
    let is = |name: &str| path.name.as_ref().is_some_and(|one| one.as_str().eq_ignore_ascii_case(name));
    path.extension().is_none() && (is("id") || is("schemas"))
}

/// Reads one resource whole, and shows what the client wants of it.
///
/// # Errors
/// 400 for what is no attribute name, and whatever the exchange fails with.
pub async fn project<E: Exchange>(exchange: &mut E, ask: Ask<'_>) -> Result<Answer<E::Body>, E::Failure> {
    let Ask { target, mut query, body, conditions, before } = ask;
    let projection = Projection::read(|param| query.value(param).map(str::to_owned))?;
    without(&mut query);
    let ask = Ask { target, query, body, conditions, before };
    match exchange.consult(ask).await? {
        Heard::Resource(mut answer) => {
            projection.trim(&mut answer.body);
            exchange.show(*answer)
        }
        other => Ok(unread(exchange, other)),
    }
}

/// Whether not all of a resource is asked for.
#[must_use]
pub fn asks_for_less(query: &Query) -> bool {
    let named = |param| query.value(param).is_some_and(|value| !value.is_empty());
    named(Param::Attributes) || named(Param::ExcludedAttributes)
}

/// Asks for everything.
fn without(query: &mut Query) {
    query.set(Param::Attributes, None);
    query.set(Param::ExcludedAttributes, None);
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = r#"{"schemas": ["s"], "id": "7", "userName": "ada", "name": {"givenName": "A", "familyName": "L"},
        "emails": [{"value": "a", "type": "work"}, {"value": "b"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "D", "manager": {"value": "1", "displayName": "M"}}}"#;

    #[track_caller]
    fn shows(only: &str, without: &str, expected: &str) {
        let read = |text: &str| match crate::json::parse(text.as_bytes()).unwrap().into_owned() {
            Value::Object(object) => object,
            _ => panic!("{text}"),
        };
        let text = |param| match param {
            Param::Attributes => Some(only.to_owned()),
            Param::ExcludedAttributes => Some(without.to_owned()),
            _ => None,
        };
        let mut resource = read(ADA);
        Projection::read(text).unwrap().trim(&mut resource);
        assert_eq!(Value::Object(resource), Value::Object(read(expected)), "{only} without {without}");
    }

    #[test]
    fn only_what_is_wanted_and_what_is_always_there() {
        shows("userName", "", r#"{"schemas": ["s"], "id": "7", "userName": "ada"}"#);
        shows("name.givenName, NAME.FORMATTED", "", r#"{"schemas": ["s"], "id": "7", "name": {"givenName": "A"}}"#);
        shows("emails.value", "", r#"{"schemas": ["s"], "id": "7", "emails": [{"value": "a"}, {"value": "b"}]}"#);
        let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
        let extension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let expected = format!("{{\"schemas\": [\"s\"], \"id\": \"7\", \"{extension}\": {{\"department\": \"D\"}}}}");
        shows(department, "", &expected);
        shows(
            "urn:ietf:params:scim:schemas:core:2.0:User:userName",
            "",
            r#"{"schemas": ["s"], "id": "7", "userName": "ada"}"#,
        );
    }

    #[test]
    fn what_is_not_wanted_goes_but_for_what_is_always_there() {
        let extension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let rest = format!("id, schemas, emails, name.familyName, {extension}");
        shows("", &rest, r#"{"schemas": ["s"], "id": "7", "userName": "ada", "name": {"givenName": "A"}}"#);
        let manager = format!("emails, name, userName, {extension}:manager.displayName");
        let expected = format!(
            "{{\"schemas\": [\"s\"], \"id\": \"7\", \"{extension}\": {{\"department\": \"D\", \"manager\": {{\"value\": \"1\"}}}}}}"
        );
        shows("", &manager, &expected);
    }

    #[test]
    fn nothing_is_said_of_all() {
        shows("", "", ADA);
    }
}
