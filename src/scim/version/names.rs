//! The URNs of both versions, alone and in front of attributes.
//!
//! SCIM 1.1 has one URN for every core schema, so which of SCIM 2.0 is meant is told by the type of the resource.

use crate::json::{Array, Object, Value};
use crate::scim::resource::Resource;
use crate::scim::urn;

use super::Version;

/// The core schema of SCIM 1.1, and what every one of its messages bears.
pub const CORE: &str = "urn:scim:schemas:core:1.0";
/// The enterprise extension of a user in SCIM 1.1.
pub const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";

/// What stands before the type in the URNs of core schemas of SCIM 2.0.
const CORES: &str = "urn:ietf:params:scim:schemas:core:2.0:";

/// The core schema of a type of resource in SCIM 2.0.
#[must_use]
pub fn core(of: &Resource) -> String {
    format!("{CORES}{of}")
}

/// A URN, or the path of an attribute that begins with one, in the other version; nothing where it is the same in both.
#[must_use]
pub fn translated(text: &str, of: &Resource, to: Version) -> Option<String> {
    match to {
        Version::Two => after(text, ENTERPRISE)
            .map(|rest| format!("{}{}", urn::ENTERPRISE, manager(rest, "managerId", "value")))
            .or_else(|| after(text, CORE).map(|rest| format!("{}{rest}", core(of)))),
        Version::OneOne => after(text, urn::ENTERPRISE)
            .map(|rest| format!("{ENTERPRISE}{}", manager(rest, "value", "managerId")))
            .or_else(|| after(text, &core(of)).map(|rest| format!("{CORE}{rest}"))),
    }
}

/// The URN of a schema as a document of its own: SCIM 1.1 names `urn:scim:schemas:core:1.0:User` so.
#[must_use]
pub fn schema(text: &str, to: Version) -> Option<String> {
    let (from, onto) = match to {
        Version::Two => ("urn:scim:schemas:core:1.0:", CORES),
        Version::OneOne => (CORES, "urn:scim:schemas:core:1.0:"),
    };
    match text.split_at_checked(from.len()) {
        Some((start, name)) if start.eq_ignore_ascii_case(from) => Some(format!("{onto}{name}")),
        _ => translated(text, &Resource::User, to),
    }
}

/// Says that a message is one of SCIM 1.1: all of them bear the same URN.
pub fn bear_core(message: &mut Object<'_>) {
    set_first(message, "schemas", Value::Array(Array::from(vec![Value::string(CORE)])));
}

/// Puts a member where it stands, or first.
pub(super) fn set_first<'v>(object: &mut Object<'v>, name: &str, value: Value<'v>) {
    if object.contains(name) {
        object.set(name, value);
    } else {
        object.insert_at(0, name, value);
    }
}

/// What follows a URN: nothing, or a colon and an attribute.
fn after<'t>(text: &'t str, urn: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(urn.len())?;
    (start.eq_ignore_ascii_case(urn) && (rest.is_empty() || rest.starts_with(':'))).then_some(rest)
}

/// The id of a manager has another name in each version.
fn manager(rest: &str, from: &str, to: &str) -> String {
    match rest.split_once('.') {
        Some((name, sub)) if name.eq_ignore_ascii_case(":manager") && sub.eq_ignore_ascii_case(from) => {
            format!("{name}.{to}")
        }
        _ => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_02_v_03_v_04_v_42_urns_stand_alone_and_before_attributes() {
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let rows = [
            (CORE.to_owned(), urn::USER.to_owned()),
            (format!("{CORE}:userName"), format!("{}:userName", urn::USER)),
            (format!("{CORE}:name.givenName"), format!("{}:name.givenName", urn::USER)),
            (ENTERPRISE.to_owned(), enterprise.to_owned()),
            (format!("{ENTERPRISE}:department"), format!("{enterprise}:department")),
            (format!("{ENTERPRISE}:manager.managerId"), format!("{enterprise}:manager.value")),
            (format!("{ENTERPRISE}:manager.displayName"), format!("{enterprise}:manager.displayName")),
        ];
        for (old, new) in rows {
            assert_eq!(translated(&old, &Resource::User, Version::Two).as_ref(), Some(&new), "{old}");
            assert_eq!(translated(&new, &Resource::User, Version::OneOne).as_ref(), Some(&old), "{new}");
        }
        assert_eq!(translated(CORE, &Resource::Group, Version::Two).as_deref(), Some(urn::GROUP));
        let role = Resource::named("Role").unwrap();
        assert_eq!(translated(CORE, &role, Version::Two).unwrap(), "urn:ietf:params:scim:schemas:core:2.0:Role");
    }

    #[test]
    fn v_56_urns_are_compared_without_case() {
        assert_eq!(translated("URN:SCIM:Schemas:Core:1.0", &Resource::User, Version::Two).as_deref(), Some(urn::USER));
    }

    #[test]
    fn v_04_what_stands_in_no_table_stays() {
        for other in ["urn:okta:custom:group:1.0", "urn:scim:schemas:core:1.0x", "userName", "manager.managerId", ""] {
            assert_eq!(translated(other, &Resource::User, Version::Two), None, "{other}");
            assert_eq!(translated(other, &Resource::User, Version::OneOne), None, "{other}");
        }
        assert_eq!(translated(urn::GROUP, &Resource::User, Version::OneOne), None);
    }

    #[test]
    fn v_23_a_schema_is_named_by_its_type() {
        let rows = [("urn:scim:schemas:core:1.0:User", urn::USER), (ENTERPRISE, urn::ENTERPRISE)];
        for (old, new) in rows {
            assert_eq!(schema(old, Version::Two).as_deref(), Some(new));
            assert_eq!(schema(new, Version::OneOne).as_deref(), Some(old));
        }
        assert_eq!(schema("urn:acme:badge:1.0", Version::OneOne), None);
    }
}
