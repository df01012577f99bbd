//! `excludedAttributes`, which SCIM 1.1 doesn't know: what it names is taken out of the answer.

use crate::json::{Object, Value};
use crate::scim::attr::{AttrName, AttrPath};
use crate::scim::query::{Param, Query};

/// What a resource always shows (RFC 7643 section 7).
const ALWAYS: [&str; 2] = ["id", "schemas"];

/// Takes the parameter out of a query. What can't be read names nothing.
pub fn take(query: &mut Query) -> Vec<AttrPath> {
    let names = query.value(Param::ExcludedAttributes).unwrap_or_default().split(',').map(str::trim);
    let paths = names.filter_map(|name| AttrPath::parse(name).ok()).collect();
    query.set(Param::ExcludedAttributes, None);
    paths
}

/// Takes attributes out of a resource.
pub fn from(resource: &mut Object<'_>, excluded: &[AttrPath]) {
    for path in excluded {
        let is_kept = |name: &AttrName| ALWAYS.iter().any(|kept| name.as_str().eq_ignore_ascii_case(kept));
        match (path.extension(), &path.name) {
            (Some(urn), None) => drop(resource.remove(urn.as_str())),
            (Some(urn), Some(name)) => {
                if let Some(Value::Object(extension)) = resource.get_mut(urn.as_str()) {
                    one(extension, name, path.sub.as_ref());
                }
            }
            (None, Some(name)) if !is_kept(name) => one(resource, name, path.sub.as_ref()),
            (None, _) => {}
        }
    }
}

fn one(holder: &mut Object<'_>, name: &AttrName, sub: Option<&AttrName>) {
    let Some(sub) = sub else { return drop(holder.remove(name.as_str())) };
    match holder.get_mut(name.as_str()) {
        Some(Value::Object(complex)) => drop(complex.remove(sub.as_str())),
        Some(Value::Array(list)) => {
            list.iter_mut().filter_map(Value::as_object_mut).for_each(|one| drop(one.remove(sub.as_str())));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn v_46_what_is_excluded_is_taken_out_of_the_answer() {
        let asked = "excludedAttributes=members,%20name.formatted,emails.type,id,urn:acme:hr:1.0:badge,1st&count=2";
        let mut query = Query::parse(asked).unwrap();
        let excluded = take(&mut query);
        assert_eq!(query.to_string(), "count=2");
        let text = r#"{"id":"7","MEMBERS":[1],"name":{"formatted":"A","familyName":"B"},"emails":[{"value":"a","type":"work"}],"urn:acme:hr:1.0":{"badge":1,"desk":2}}"#;
        let Ok(Value::Object(mut resource)) = json::parse(text.as_bytes()) else { panic!("{text}") };
        from(&mut resource, &excluded);
        let left = r#"{"id":"7","name":{"familyName":"B"},"emails":[{"value":"a"}],"urn:acme:hr:1.0":{"desk":2}}"#;
        assert_eq!(Value::Object(resource).to_string(), left);
    }
}
