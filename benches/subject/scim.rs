//! What clients ask and send: a filter, and a PATCH as clients really send it.

use std::hint::black_box;

use scimgate::json::parse;
use scimgate::scim::{Filter, Resource, patch};

use super::Once;

/// A filter with most of the grammar in it.
const FILTER: &str = r#"userName eq "zoe@example.com" and (emails[type eq "work" and value co "@example.com"] or not (active eq false)) and meta.lastModified gt "2026-01-01T00:00:00Z""#;

/// A PATCH in need of repair: operations in capitals, dotted keys, booleans as strings.
pub const PATCH: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"zoe@example.com"},{"op":"Replace","value":{"userName":"zoe","name.givenName":"Zoë","active":"False"}},{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Observatory"}]}"#;

pub fn read_filter() -> Once {
    Box::new(|| drop(black_box(Filter::parse(black_box(FILTER)).unwrap())))
}

pub fn repair_patch() -> Once {
    Box::new(|| {
        let mut message = parse(black_box(PATCH).as_bytes()).unwrap();
        let repairs = patch::repair(message.as_object_mut().unwrap(), &Resource::User).unwrap();
        assert!(repairs.len() >= 3);
    })
}
