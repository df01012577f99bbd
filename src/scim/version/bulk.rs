//! Bulk in both versions (RFC 7644 section 3.7): the URNs of the messages, and what a result says of its status.
//!
//! SCIM 1.1 has the status and a description of it in one object, and shows no resource.

use crate::json::{Array, Object, Value};
use crate::scim::bulk;
use crate::scim::error::ScimError;
use crate::scim::operation::OperationKind;

use super::{Version, error, names};

/// How some clients write `bulkId:`, after an example in the document of SCIM 1.1.
const MISSPELT: &str = "batchId:";

/// Says that a request is of this version.
pub fn request(envelope: &mut Object<'_>, to: Version) {
    bear(envelope, to, bulk::REQUEST);
}

/// Mends references to other operations in what one carries.
pub fn mend(value: &mut Value<'_>) {
    match value {
        Value::String(text) => {
            if let Some(id) = text.decoded().strip_prefix(MISSPELT) {
                *value = Value::string(&format!("bulkId:{id}"));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(mend),
        Value::Object(object) => object.iter_mut().for_each(|member| mend(&mut member.value)),
        _ => {}
    }
}

/// Brings a response into the other version.
pub fn response(envelope: &mut Object<'_>, to: Version) {
    bear(envelope, to, bulk::RESPONSE);
    if let Some(Value::Array(results)) = envelope.get_mut("Operations") {
        results.iter_mut().filter_map(Value::as_object_mut).for_each(|result| match to {
            Version::OneOne => encode(result),
            Version::Two => decode(result),
        });
    }
}

fn bear(envelope: &mut Object<'_>, to: Version, message: &str) {
    let urn = if to.is_old() { names::CORE } else { message };
    names::set_first(envelope, "schemas", Value::Array(Array::from(vec![Value::string(urn)])));
}

fn encode(result: &mut Object<'_>) {
    let code = result.get("status").and_then(Value::as_str).unwrap_or_default().into_owned();
    let is_deletion = result.get("method").and_then(Value::as_str).as_deref() == Some("DELETE");
    let told = if code == "204" && is_deletion { "200" } else { &code };
    let mut status = Object::new();
    status.set("code", Value::string(told));
    if let (Some(Value::Object(response)), Ok(400..)) = (result.remove("response"), code.parse::<u16>()) {
        status.set("description", Value::string(&error::description(&response)));
    }
    result.set("status", Value::Object(status));
}

/// A status is told as it is also where it isn't one of SCIM 1.1.
fn decode(result: &mut Object<'_>) {
    let Some(Value::Object(status)) = result.get("status") else { return };
    let code = match status.get("code") {
        Some(Value::Number(code)) => code.to_string(),
        code => code.and_then(Value::as_str).unwrap_or_default().into_owned(),
    };
    let description = status.get("description").and_then(Value::as_str).unwrap_or_default().into_owned();
    result.set("status", Value::string(&code));
    let creates = result.get("method").and_then(Value::as_str).as_deref() == Some("POST");
    let asked = if creates { OperationKind::Create } else { OperationKind::Bulk };
    if let Ok(code @ 400..) = code.parse::<u16>() {
        result.set("response", written(&error::told(code, &description, asked)));
    }
}

fn written(error: &ScimError) -> Value<'static> {
    // What we write ourselves is JSON.
    crate::json::parse(&error.to_bytes()).map_or(Value::Null, Value::into_owned)
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
    fn v_51_v_53_a_result_says_its_status_in_the_words_of_its_version() {
        let old = r#"{"schemas":["urn:scim:schemas:core:1.0"],"Operations":[
            {"location":"l","method":"POST","bulkId":"q","version":"v","status":{"code":"201"}},
            {"method":"POST","bulkId":"r","status":{"code":"409","description":"taken (uniqueness)"}},
            {"location":"m","method":"DELETE","status":{"code":"200"}}]}"#;
        let new = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[
            {"location":"l","method":"POST","bulkId":"q","version":"v","status":"201"},
            {"method":"POST","bulkId":"r","status":"409","response":{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"uniqueness","detail":"taken","status":"409"}},
            {"location":"m","method":"DELETE","status":"200"}]}"#;
        let mut told = object(old);
        response(&mut told, Version::Two);
        assert_eq!(told, object(new));
        response(&mut told, Version::OneOne);
        assert_eq!(told, object(old));
        let mut deleted = object(r#"{"Operations":[{"method":"DELETE","status":"204"}]}"#);
        response(&mut deleted, Version::OneOne);
        assert!(Value::Object(deleted).to_string().contains(r#""status":{"code":"200"}"#));
    }

    #[test]
    fn v_52_a_reference_may_be_misspelt() {
        let mut value =
            json::parse(br#"{"members":[{"value":"batchId:q"},{"value":"bulkId:r"}],"x":"a batchId:"}"#).unwrap();
        mend(&mut value);
        assert_eq!(value.to_string(), r#"{"members":[{"value":"bulkId:q"},{"value":"bulkId:r"}],"x":"a batchId:"}"#);
    }

    #[test]
    fn v_51_a_request_bears_the_urn_of_its_version() {
        let mut envelope = object(r#"{"Operations":[]}"#);
        request(&mut envelope, Version::OneOne);
        assert_eq!(Value::Object(envelope).to_string(), r#"{"schemas":["urn:scim:schemas:core:1.0"],"Operations":[]}"#);
    }
}
