//! What a service says of itself in both versions (RFC 7643 sections 5 to 7).
//!
//! SCIM 1.1 has no resource types, so those of a service that speaks it are made from its schemas' endpoints. What only 2.0
//! says of an attribute (`returned`, `uniqueness`, that it is written once or never shown) has no word in 1.1, and what 1.1
//! doesn't say is read as RFC 7643 has it: of the attributes that it defines itself, and of others where nothing is said (section 7).

use crate::json::{Array, Object, Value};
use crate::scim::attr::AttrPath;
use crate::scim::resource::Resource;
use crate::scim::schema::{self, Kind, Mutability};
use crate::scim::urn;

use super::{Version, names};

/// The members of a ServiceProviderConfig that have another name in each version, by SCIM 1.1 and 2.0.
const CONFIG: [(&str, &str); 1] = [("documentationUrl", "documentationUri")];
/// The same of each authentication scheme.
const SCHEME: [(&str, &str); 2] = [("documentationUrl", "documentationUri"), ("specUrl", "specUri")];
/// What later documents have added to SCIM 2.0 (RFC 9865 section 4 and others).
const NEWER: [&str; 2] = ["pagination", "securityEvents"];
/// The name of a ServiceProviderConfig's schema.
const CONFIG_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// The name of a resource type's schema.
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";

/// A ServiceProviderConfig in the other version.
pub fn config(document: &mut Object<'_>, to: Version) {
    rename(document, &CONFIG, to);
    if let Some(Value::Array(schemes)) = document.get_mut("authenticationSchemes") {
        schemes.iter_mut().filter_map(Value::as_object_mut).for_each(|scheme| rename(scheme, &SCHEME, to));
    }
    match to {
        Version::OneOne => {
            names::bear_core(document);
            untyped(document);
            document.retain(|member| !NEWER.iter().any(|newer| member.key.decoded().eq_ignore_ascii_case(newer)));
            document.set("xmlDataFormat", supported(false));
        }
        Version::Two => {
            bear(document, CONFIG_SCHEMA);
            typed(document, "ServiceProviderConfig");
            document.remove("xmlDataFormat");
        }
    }
}

/// Schemas in the other version. SCIM 1.1 describes the attributes of an extension among those of its resource; each
/// schema of 2.0 is a document of its own.
pub fn schemas(documents: &mut Vec<Object<'_>>, to: Version) {
    if !to.is_old() {
        let parted: Vec<_> = documents.iter_mut().flat_map(extensions).collect();
        documents.extend(parted);
    }
    documents.iter_mut().for_each(|document| schema(document, to));
}

/// Takes the attributes of other schemas out of one.
fn extensions<'v>(document: &mut Object<'v>) -> Vec<Object<'v>> {
    let text = |object: &Object<'_>| object.get("schema").and_then(Value::as_str).map(|text| text.into_owned());
    let own = text(document);
    let Some(Value::Array(attributes)) = document.get_mut("attributes") else { return Vec::new() };
    let of_other = |one: &Value<'_>| {
        let schema = one.as_object().and_then(text);
        schema.filter(|schema| own.as_ref().is_some_and(|own| !own.eq_ignore_ascii_case(schema)))
    };
    let mut found: Vec<(String, Vec<Value<'v>>)> = Vec::new();
    for one in attributes.iter() {
        let Some(schema) = of_other(one) else { continue };
        match found.iter_mut().find(|(known, _)| *known == schema) {
            Some((_, attributes)) => attributes.push(one.clone()),
            None => found.push((schema, vec![one.clone()])),
        }
    }
    attributes.retain(|one| of_other(one).is_none());
    let document = |(schema, attributes): (String, Vec<Value<'v>>)| {
        let mut extension = Object::new();
        extension.set("id", Value::string(&schema));
        extension.set("name", Value::string(&schema));
        extension.set("schema", Value::string(&schema));
        extension.set("attributes", Value::Array(Array::from(attributes)));
        extension
    };
    found.into_iter().map(document).collect()
}

fn schema(document: &mut Object<'_>, to: Version) {
    let text =
        |document: &Object<'_>, name: &str| document.get(name).and_then(Value::as_str).map(|text| text.into_owned());
    let id = text(document, "id");
    match to {
        Version::OneOne => {
            let told = id.as_deref().and_then(|id| names::schema(id, to)).or(id).unwrap_or_default();
            let of = told.strip_prefix(names::CORE).and_then(|rest| rest.strip_prefix(':')).and_then(Resource::named);
            document.set("id", Value::string(&told));
            document.remove("schemas");
            document.remove("meta");
            let schema = if of.is_some() { names::CORE } else { &told };
            document.set("schema", Value::string(schema));
            if let Some(Value::Array(attributes)) = document.get_mut("attributes") {
                let named = |one: &mut Object<'_>| one.set("schema", Value::string(schema));
                attributes.iter_mut().filter_map(Value::as_object_mut).for_each(named);
            }
            let endpoint = of.unwrap_or(Resource::User);
            document.set("endpoint", Value::string(&format!("/{}", endpoint.endpoint())));
        }
        Version::Two => {
            // Some name it by its endpoint alone: `/Schemas/Users`.
            let of = text(document, "endpoint").and_then(|endpoint| of_endpoint(&endpoint));
            let is_core = |id: &str| id.eq_ignore_ascii_case(names::CORE) || !id.starts_with("urn:");
            let told = match (id, of) {
                (Some(id), Some(of)) if is_core(&id) => names::core(&of),
                (Some(id), _) => names::schema(&id, to).unwrap_or(id),
                (None, Some(of)) => names::core(&of),
                (None, None) => return,
            };
            bear(document, urn::SCHEMA);
            document.set("id", Value::string(&told));
            document.remove("schema");
            document.remove("endpoint");
        }
    }
    let enterprise = if to.is_old() { names::ENTERPRISE } else { urn::ENTERPRISE };
    let id = text(document, "id").unwrap_or_default();
    let is_enterprise = id.eq_ignore_ascii_case(enterprise);
    if let Some(Value::Array(attributes)) = document.get_mut("attributes") {
        for one in attributes.iter_mut().filter_map(Value::as_object_mut) {
            if is_enterprise && named(one, "manager") {
                manager(one, to);
            }
            attribute(one, &format!("{id}:"), to);
        }
    }
}

/// The id of a manager has another name in each version.
fn manager(attribute: &mut Object<'_>, to: Version) {
    let (from, onto) = if to.is_old() { ("value", "managerId") } else { ("managerId", "value") };
    if let Some(Value::Array(parts)) = attribute.get_mut("subAttributes") {
        let found = parts.iter_mut().filter_map(Value::as_object_mut).find(|part| named(part, from));
        if let Some(part) = found {
            part.set("name", Value::string(onto));
        }
    }
}

fn named(attribute: &Object<'_>, name: &str) -> bool {
    attribute.get("name").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(name))
}

/// The resource types that these schemas of SCIM 1.1 are of, as SCIM 2.0 tells them (RFC 7643 section 6).
#[must_use]
pub fn resource_types(schemas: &[Object<'_>]) -> Vec<Object<'static>> {
    let endpoint = |schema: &Object<'_>| schema.get("endpoint").and_then(Value::as_str).map(|text| text.into_owned());
    let mut found: Vec<Resource> = Vec::new();
    for of in schemas.iter().filter_map(|schema| of_endpoint(&endpoint(schema)?)) {
        if !found.contains(&of) {
            found.push(of);
        }
    }
    found.iter().map(resource_type).collect()
}

/// A resource type; users may have the enterprise extension, which SCIM 1.1 describes among their attributes.
fn resource_type(of: &Resource) -> Object<'static> {
    let mut told = Object::new();
    bear(&mut told, RESOURCE_TYPE);
    told.set("id", Value::string(of.name()));
    told.set("name", Value::string(of.name()));
    told.set("endpoint", Value::string(&format!("/{}", of.endpoint())));
    told.set("schema", Value::string(&names::core(of)));
    if *of == Resource::User {
        let mut extension = Object::new();
        extension.set("schema", Value::string(urn::ENTERPRISE));
        extension.set("required", Value::Bool(false));
        told.set("schemaExtensions", Value::Array(Array::from(vec![Value::Object(extension)])));
    }
    told
}

fn of_endpoint(endpoint: &str) -> Option<Resource> {
    Resource::named(endpoint.trim_matches('/').strip_suffix('s')?)
}

/// An attribute or a part of one; `above` is what stands before its name in a path.
fn attribute(attribute: &mut Object<'_>, above: &str, to: Version) {
    let name = attribute.get("name").and_then(Value::as_str).unwrap_or_default().into_owned();
    let path = format!("{above}{name}");
    if let Some(Value::Array(parts)) = attribute.get_mut("subAttributes") {
        // No resource of SCIM 1.1 has one.
        parts.retain(|part| !to.is_old() || !part.as_object().is_some_and(|part| named(part, "$ref")));
        let within = format!("{path}.");
        parts.iter_mut().filter_map(Value::as_object_mut).for_each(|part| self::attribute(part, &within, to));
    }
    match to {
        Version::OneOne => {
            let is_read_only =
                attribute.remove("mutability").is_some_and(|told| told.as_str().as_deref() == Some("readOnly"));
            attribute.set("readOnly", Value::Bool(is_read_only));
            for newer in ["returned", "uniqueness", "referenceTypes"] {
                attribute.remove(newer);
            }
            for needed in ["required", "caseExact"] {
                if !attribute.contains(needed) {
                    attribute.set(needed, Value::Bool(false));
                }
            }
            if attribute.get("type").and_then(Value::as_str).as_deref() == Some("reference") {
                attribute.set("type", Value::string("string"));
            }
        }
        Version::Two => {
            let is_read_only = attribute.remove("readOnly").and_then(|told| told.as_bool()) == Some(true);
            for older in ["multiValuedAttributeChildName", "schema"] {
                attribute.remove(older);
            }
            let known = AttrPath::parse(&path).ok().and_then(|path| schema::find(None, &path));
            let (mutability, returned) = match known.map(|known| known.mutability) {
                _ if is_read_only => ("readOnly", "default"),
                Some(Mutability::WriteOnly) => ("writeOnly", "never"),
                Some(Mutability::Immutable) => ("immutable", "default"),
                _ => ("readWrite", "default"),
            };
            for (name, word) in [("mutability", mutability), ("returned", returned), ("uniqueness", "none")] {
                if !attribute.contains(name) {
                    attribute.set(name, Value::string(word));
                }
            }
            if known.is_some_and(|known| known.kind == Kind::Reference && name != "schemas") {
                attribute.set("type", Value::string("reference"));
                attribute.set("referenceTypes", Value::Array(Array::from(vec![Value::string("external")])));
            }
        }
    }
}

fn rename(object: &mut Object<'_>, table: &[(&str, &str)], to: Version) {
    for (old, new) in table {
        let (from, onto) = if to.is_old() { (new, old) } else { (old, new) };
        if !object.contains(onto) {
            object.rename(from, onto);
        }
    }
}

fn bear(object: &mut Object<'_>, urn: &str) {
    names::set_first(object, "schemas", Value::Array(Array::from(vec![Value::string(urn)])));
}

fn typed(document: &mut Object<'_>, name: &str) {
    if let Some(Value::Object(meta)) = document.get_mut("meta")
        && !meta.contains("resourceType")
    {
        meta.set("resourceType", Value::string(name));
    }
}

fn untyped(document: &mut Object<'_>) {
    if let Some(Value::Object(meta)) = document.get_mut("meta") {
        meta.remove("resourceType");
    }
}

fn supported(truth: bool) -> Value<'static> {
    let mut one = Object::new();
    one.set("supported", Value::Bool(truth));
    Value::Object(one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn object(text: &str) -> Object<'_> {
        match json::parse(text.as_bytes()).unwrap() {
            Value::Object(object) => object,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn v_21_a_configuration_has_other_names_in_each_version() {
        let old = r#"{"schemas":["urn:scim:schemas:core:1.0"],"documentationUrl":"d","bulk":{"supported":false},
            "authenticationSchemes":[{"name":"n","specUrl":"s","documentationUrl":"d"}],"xmlDataFormat":{"supported":false}}"#;
        let new = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],"documentationUri":"d","bulk":{"supported":false},
            "authenticationSchemes":[{"name":"n","specUri":"s","documentationUri":"d"}]}"#;
        let mut told = object(old);
        config(&mut told, Version::Two);
        assert_eq!(told, object(new));
        config(&mut told, Version::OneOne);
        assert_eq!(told, object(old));
    }

    #[test]
    fn v_17_v_22_v_23_a_schema_of_scim_1_1_becomes_those_of_2_0() {
        let old = r#"{"id":"urn:scim:schemas:core:1.0:User","name":"User","schema":"urn:scim:schemas:core:1.0","endpoint":"/Users","attributes":[
            {"name":"id","type":"string","readOnly":true,"schema":"urn:scim:schemas:core:1.0"},
            {"name":"emails","type":"complex","multiValued":true,"multiValuedAttributeChildName":"email","readOnly":false,"schema":"urn:scim:schemas:core:1.0"},
            {"name":"manager","type":"complex","readOnly":false,"schema":"urn:scim:schemas:extension:enterprise:1.0","subAttributes":[{"name":"managerId","type":"string","readOnly":false}]}]}"#;
        let mut told = vec![object(old)];
        schemas(&mut told, Version::Two);
        let rest = r#""returned":"default","uniqueness":"none""#;
        let user = format!(
            r#"{{"schemas":["{}"],"id":"{}","name":"User","attributes":[{{"name":"id","type":"string","mutability":"readOnly",{rest}}},
                {{"name":"emails","type":"complex","multiValued":true,"mutability":"readWrite",{rest}}}]}}"#,
            urn::SCHEMA,
            urn::USER
        );
        let enterprise = format!(
            r#"{{"schemas":["{}"],"id":"{}","name":"urn:scim:schemas:extension:enterprise:1.0","attributes":[{{"name":"manager","type":"complex",
                "mutability":"readWrite",{rest},"subAttributes":[{{"name":"value","type":"string","mutability":"readWrite",{rest}}}]}}]}}"#,
            urn::SCHEMA,
            urn::ENTERPRISE
        );
        assert_eq!(told, [object(&user), object(&enterprise)]);
    }

    #[test]
    fn v_17_v_22_what_only_scim_2_0_says_of_its_own_attributes_is_said_of_them() {
        let old = r#"{"id":"urn:scim:schemas:core:1.0:User","schema":"urn:scim:schemas:core:1.0","endpoint":"/Users","attributes":[
            {"name":"password","type":"string","readOnly":false},{"name":"profileUrl","type":"string","readOnly":false},
            {"name":"photos","type":"complex","readOnly":false,"subAttributes":[{"name":"value","type":"string","readOnly":false}]}]}"#;
        let mut told = vec![object(old)];
        schemas(&mut told, Version::Two);
        let text = told.pop().map(|one| Value::Object(one).to_string()).unwrap();
        assert!(
            text.contains(r#""name":"password","type":"string","mutability":"writeOnly","returned":"never""#),
            "{text}"
        );
        assert!(text.contains(r#""name":"profileUrl","type":"reference","#), "{text}");
        assert!(text.contains(r#""name":"value","type":"reference","#), "{text}");
    }

    #[test]
    fn v_17_no_schema_of_scim_1_1_has_references_beside_ids() {
        let text = r#"{"id":"urn:ietf:params:scim:schemas:core:2.0:Group","attributes":[{"name":"members","subAttributes":[{"name":"value"},{"name":"$ref"}]}]}"#;
        let mut told = vec![object(text)];
        schemas(&mut told, Version::OneOne);
        assert!(!Value::Object(told.remove(0)).to_string().contains("$ref"));
    }

    #[test]
    fn v_20_resource_types_are_told_from_schemas() {
        let texts = [
            r#"{"id":"a","endpoint":"/Users"}"#,
            r#"{"id":"b","endpoint":"Groups"}"#,
            r#"{"id":"c","endpoint":"/Users"}"#,
            "{}",
        ];
        let told = resource_types(&texts.map(object));
        let names: Vec<_> =
            told.iter().filter_map(|one| one.get("endpoint")?.as_str().map(|text| text.into_owned())).collect();
        assert_eq!(names, ["/Users", "/Groups"]);
        assert_eq!(told[0].get("schema"), Some(&Value::string(urn::USER)));
    }
}
