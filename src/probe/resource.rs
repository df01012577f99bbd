//! What the probe makes: a user and a group that nobody can mistake for theirs.

use serde_json::{Value, json};

/// The schema of PATCH requests.
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A user of this name.
pub(super) fn user(name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("{name}@example.invalid"),
        "name": {"givenName": "Scimgate", "familyName": "Probe"},
        "displayName": "Scimgate Probe",
        "emails": [{"value": format!("{name}@example.invalid"), "type": "work", "primary": true}],
        "active": true,
    })
}

/// A group of this name with these members.
pub(super) fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": name,
        "members": members,
    })
}

/// A PATCH of one operation.
pub(super) fn patch(operation: Value) -> Value {
    json!({"schemas": [PATCH], "Operations": [operation]})
}
