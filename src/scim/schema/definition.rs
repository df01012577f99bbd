//! Definitions as RFC 7643 section 7 has them, for what no document of a backend defines.

use crate::json::{Array, Object, Value};
use crate::scim::{Urn, urn};

use super::{Attribute, Kind, Mutability, own_table};

/// A schema that no document has, with nothing in it yet.
#[must_use]
pub fn schema(urn: &Urn) -> Object<'static> {
    let mut schema = Object::new();
    let is_enterprise = urn.as_str().eq_ignore_ascii_case(urn::ENTERPRISE);
    let last = urn.as_str().rsplit(':').next().unwrap_or_default();
    schema.set("schemas", Value::Array(Array::from(vec![Value::string(urn::SCHEMA)])));
    schema.set("id", Value::string(urn.as_str()));
    schema.set("name", Value::string(if is_enterprise { "EnterpriseUser" } else { last }));
    schema.set("attributes", Value::Array(Array::new()));
    schema
}

/// The definition of an attribute.
#[must_use]
pub fn definition(attribute: &Attribute) -> Object<'static> {
    let mut defined = Object::new();
    let kind = match attribute.kind {
        Kind::String => "string",
        Kind::Boolean => "boolean",
        Kind::DateTime => "dateTime",
        Kind::Binary => "binary",
        Kind::Reference => "reference",
        Kind::Complex => "complex",
    };
    let mutability = match attribute.mutability {
        Mutability::ReadWrite => "readWrite",
        Mutability::ReadOnly => "readOnly",
        Mutability::Immutable => "immutable",
        Mutability::WriteOnly => "writeOnly",
    };
    defined.set("name", Value::string(attribute.name));
    defined.set("type", Value::string(kind));
    defined.set("multiValued", Value::Bool(attribute.is_multi_valued));
    defined.set("mutability", Value::string(mutability));
    if !attribute.parts.is_empty() {
        let parts: Vec<Value<'_>> = attribute.parts.iter().map(|part| Value::Object(definition(part))).collect();
        defined.set("subAttributes", Value::Array(Array::from(parts)));
    }
    defined
}

/// A schema that the RFC defines, with all its attributes; nothing for another.
#[must_use]
pub fn defined(urn: &Urn) -> Option<Object<'static>> {
    let attributes = own_table(urn)?.iter().map(|attribute| Value::Object(definition(attribute))).collect::<Vec<_>>();
    let mut schema = schema(urn);
    schema.set("attributes", Value::Array(Array::from(attributes)));
    Some(schema)
}
