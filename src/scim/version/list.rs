//! What surrounds the resources of a list: counters are the same in both versions, the URN of the message is not.

use crate::json::{Array, Object, Value};
use crate::scim::urn;

use super::{Version, names};

/// Brings the members of a list beside its resources into the other version.
pub fn translate(list: &mut Object<'_>, to: Version) {
    match to {
        Version::OneOne => names::bear_core(list),
        Version::Two => {
            names::set_first(list, "schemas", Value::Array(Array::from(vec![Value::string(urn::LIST_RESPONSE)])));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn v_05_v_45_a_list_bears_the_urn_of_its_version() {
        let old = r#"{"totalResults":2,"schemas":["urn:scim:schemas:core:1.0"],"startIndex":1}"#;
        let new =
            r#"{"totalResults":2,"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"startIndex":1}"#;
        for (from, onto, to) in [(old, new, Version::Two), (new, old, Version::OneOne)] {
            let Ok(Value::Object(mut list)) = json::parse(from.as_bytes()) else { panic!("{from}") };
            translate(&mut list, to);
            assert_eq!(Value::Object(list).to_string(), onto);
        }
    }
}
