//! The paths at which an action may change values that come back: none whose values are not a rule's to change.

use crate::fault::{Fault, Faults};
use crate::rules::place::Place;
use crate::rules::written;
use crate::scim::schema;
use crate::yaml::Node;

use super::invert::two_way_place;

/// Reads the path of a two-way action on plain values. `id` and `meta` belong to the backend, `schemas` to `schemas`, and a
/// complex attribute has no plain value.
pub(super) fn plain(node: &Node, faults: &mut Faults) -> Option<Place> {
    let at = two_way_place(node, faults)?;
    if schema::parts(None, &at.attr).is_some() {
        faults.push(
            Fault::error("R0440", node.place.clone(), format!("`{at}` has parts, not a value"))
                .label("a complex attribute")
                .help(format!("name one of its parts, such as `{at}.value`")),
        );
        return None;
    }
    is_free(&at, node, faults).then_some(at)
}

/// Whether a rule may change what stands there.
pub(super) fn is_free(at: &Place, node: &Node, faults: &mut Faults) -> bool {
    let is_schemas = at.attr.extension().is_none()
        && at.attr.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case("schemas"));
    if is_schemas {
        faults.push(
            Fault::error("R0410", node.place.clone(), "`schemas` can't be written by this action".to_owned())
                .label("follows what the resource holds")
                .help("to change a URN everywhere, use `schemas: { urns: { old: new } }`"),
        );
    }
    !is_schemas & written::may_write(at, node, faults)
}
