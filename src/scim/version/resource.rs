//! A resource in both versions.
//!
//! Reading one as SCIM 2.0 and writing that as 1.1 gives back the same, and the other way round for what 1.1 can hold: a
//! `$ref` goes where an id stands beside it, since 1.1 has none, and `meta.resourceType`, which the endpoint says.

use crate::json::{Array, Object, Value};
use crate::scim::attr::AttrPath;
use crate::scim::error::{ScimError, ScimType};
use crate::scim::resource::Resource;
use crate::scim::schema::{self, Attribute};
use crate::scim::urn;

use super::{Version, names};

/// Reads a resource of SCIM 1.1 as one of 2.0.
///
/// # Errors
/// 400 for an attribute that stands under both URNs, a manager with two ids, and an element that is to be deleted: only a
/// PATCH says that.
pub fn decode(resource: &mut Object<'_>, of: &Resource) -> Result<(), ScimError> {
    for member in resource.iter_mut() {
        if let Value::Array(list) = &mut member.value
            && known(&member.key.decoded(), of).is_some_and(|known| known.is_multi_valued)
        {
            list.iter_mut().try_for_each(unmark)?;
        }
    }
    values(resource, of, Version::Two)?;
    schemas_of_two(resource, of);
    if let Some(Value::Object(meta)) = resource.get_mut("meta") {
        meta.remove("attributes");
        if !meta.contains("resourceType") {
            meta.insert_at(0, "resourceType", Value::string(of.name()));
        }
    }
    Ok(())
}

/// Writes a resource of SCIM 2.0 as one of 1.1.
///
/// # Errors
/// 400 for an attribute that stands under both URNs, and a manager with two ids.
pub fn encode(resource: &mut Object<'_>, of: &Resource) -> Result<(), ScimError> {
    values(resource, of, Version::OneOne)?;
    if let Some(Value::Array(schemas)) = resource.get_mut("schemas") {
        translate(schemas, of, Version::OneOne);
    }
    if let Some(Value::Object(meta)) = resource.get_mut("meta") {
        meta.remove("resourceType");
    }
    Ok(())
}

/// Attributes and their values, without what says how a whole message is meant.
///
/// # Errors
/// 400 for an attribute that stands under both URNs, and a manager with two ids.
pub(super) fn values(resource: &mut Object<'_>, of: &Resource, to: Version) -> Result<(), ScimError> {
    keys(resource, of, to)?;
    let enterprise = if to.is_old() { names::ENTERPRISE } else { urn::ENTERPRISE };
    if let Some(Value::Object(extension)) = resource.get_mut(enterprise)
        && let Some(Value::Object(manager)) = extension.get_mut("manager")
    {
        self::manager(manager, to)?;
    }
    for member in resource.iter_mut() {
        let key = member.key.decoded().into_owned();
        value(&key, &mut member.value, of, to);
    }
    Ok(())
}

/// One value that stands under this name, or at this path.
pub(super) fn value(key: &str, value: &mut Value<'_>, of: &Resource, to: Version) {
    let Some(known) = known(key, of) else { return };
    match value {
        Value::String(text) if is_language(known) => {
            if let Some(written) = language(&text.decoded(), to) {
                *value = Value::string(&written);
            }
        }
        Value::Array(list) if known.is_multi_valued => list.iter_mut().for_each(|one| element(one, known, to)),
        _ => {}
    }
}

/// The tag of a language, which SCIM 1.1 writes with underscores (`en_US`); nothing where nothing differs. A list of tags
/// stays as it is.
#[must_use]
pub fn language(text: &str, to: Version) -> Option<String> {
    let (from, onto) = if to.is_old() { ('-', "_") } else { ('_', "-") };
    let is_tag = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    (is_tag && text.contains(from)).then(|| text.replace(from, onto))
}

/// Whether values of the attribute are tags of languages.
pub(super) fn is_language(known: &Attribute) -> bool {
    matches!(known.name, "locale" | "preferredLanguage")
}

/// What RFC 7643 says of the attribute at this path of SCIM 2.0.
pub(super) fn known(path: &str, of: &Resource) -> Option<&'static Attribute> {
    schema::find(Some(of), &AttrPath::parse(path).ok()?)
}

/// Keys that are URNs, or begin with one.
fn keys(resource: &mut Object<'_>, of: &Resource, to: Version) -> Result<(), ScimError> {
    let found = |resource: &Object<'_>| {
        resource.iter().find_map(|member| {
            let key = member.key.decoded().into_owned();
            let onto = names::translated(&key, of, to)?;
            Some((key, onto))
        })
    };
    while let Some((key, onto)) = found(resource) {
        if resource.contains(&onto) {
            return Err(invalid(format!("`{key}` and `{onto}` are the same, and both are there")));
        }
        resource.rename(&key, &onto);
    }
    Ok(())
}

fn manager(manager: &mut Object<'_>, to: Version) -> Result<(), ScimError> {
    let (from, onto) = if to.is_old() { ("value", "managerId") } else { ("managerId", "value") };
    if manager.contains(from) && manager.contains(onto) {
        return Err(invalid("a manager has both `managerId` and `value`".to_owned()));
    }
    manager.rename(from, onto);
    if to.is_old() && manager.contains(onto) {
        manager.remove("$ref");
    }
    Ok(())
}

/// SCIM 1.1 also has lists of plain values, and words of its own for the types of members. A `$ref` goes where the id says
/// the same.
fn element(element: &mut Value<'_>, known: &Attribute, to: Version) {
    let has_value = known.parts.iter().any(|part| part.name == "value");
    match (element, to) {
        (element @ Value::String(_), Version::Two) if has_value => {
            let mut whole = Object::new();
            whole.set("value", std::mem::replace(element, Value::Null));
            *element = Value::Object(whole);
        }
        (Value::Object(element), Version::Two) if known.name == "members" => {
            let written = element.get("type").and_then(Value::as_str).map(std::borrow::Cow::into_owned);
            let meant = ["User", "Group"].into_iter().find(|word| {
                written.as_deref().is_some_and(|written| written.eq_ignore_ascii_case(word) && written != *word)
            });
            if let Some(meant) = meant {
                element.set("type", Value::string(meant));
            }
        }
        (Value::Object(element), Version::OneOne) if element.contains("value") && element.contains("$ref") => {
            let reference = element.remove("$ref");
            if let (true, false, Some(kind)) =
                (known.name == "members", element.contains("type"), reference.as_ref().and_then(referred))
            {
                element.set("type", Value::string(kind));
            }
        }
        _ => {}
    }
}

/// The type of what a `$ref` names: `https://example.com/v2/Users/2819c223`.
fn referred(reference: &Value<'_>) -> Option<&'static str> {
    let text = reference.as_str()?;
    let endpoint = text.trim_end_matches('/').rsplit('/').nth(1)?;
    [("Users", "User"), ("Groups", "Group")].into_iter().find(|(known, _)| *known == endpoint).map(|(_, kind)| kind)
}

/// Takes the marker of a PATCH off an element that comes; some clients also mark what is added.
///
/// # Errors
/// 400 for one that is to be deleted, or another word.
fn unmark(element: &mut Value<'_>) -> Result<(), ScimError> {
    let Value::Object(element) = element else { return Ok(()) };
    let Some(marker) = element.get("operation").map(|marker| marker.as_str().unwrap_or_default().into_owned()) else {
        return Ok(());
    };
    if !marker.eq_ignore_ascii_case("add") {
        return Err(invalid(format!("an element has the operation `{marker}`, which only a PATCH can ask for")));
    }
    element.remove("operation");
    Ok(())
}

/// A resource of SCIM 2.0 lists the schema of its type, and those of its extensions (RFC 7643 section 3).
fn schemas_of_two(resource: &mut Object<'_>, of: &Resource) {
    match resource.get_mut("schemas") {
        Some(Value::Array(schemas)) => translate(schemas, of, Version::Two),
        Some(Value::Null) | None => names::set_first(resource, "schemas", Value::Array(Array::new())),
        Some(_) => return,
    }
    let containers = resource.iter().filter(|member| member.value.as_object().is_some());
    let containers = containers.map(|member| member.key.decoded().into_owned());
    let used: Vec<String> = containers.filter(|key| urn::Urn::parse(key).is_ok()).collect();
    if let Some(Value::Array(schemas)) = resource.get_mut("schemas") {
        if !lists(schemas, &names::core(of)) {
            schemas.insert(0, Value::string(&names::core(of)));
        }
        for urn in used {
            if !lists(schemas, &urn) {
                schemas.push(Value::string(&urn));
            }
        }
    }
}

/// Every URN in the other version, each once: SCIM 1.1 has one where 2.0 has several.
fn translate(schemas: &mut Array<'_>, of: &Resource, to: Version) {
    // A public client of SCIM 1.1 wraps the list that it has read in another one.
    let unwrapped = |one: Value<'_>| match one {
        Value::Array(inner) => inner.iter().cloned().map(Value::into_owned).collect(),
        one => vec![one.into_owned()],
    };
    let mut told = Array::new();
    for one in schemas.iter().cloned().flat_map(unwrapped) {
        let Some(urn) = one.as_str().map(std::borrow::Cow::into_owned) else {
            told.push(one);
            continue;
        };
        let urn = names::translated(&urn, of, to).unwrap_or(urn);
        if !lists(&told, &urn) {
            told.push(Value::string(&urn));
        }
    }
    *schemas = told;
}

fn lists(schemas: &Array<'_>, urn: &str) -> bool {
    schemas.iter().any(|one| one.as_str().is_some_and(|one| one.eq_ignore_ascii_case(urn)))
}

fn invalid(detail: String) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, detail)
}

#[cfg(test)]
mod tests;
