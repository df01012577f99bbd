//! What an action does, where that can be told of each member of a resource by itself.

use crate::json::{Deed, Stands, Value};
use crate::rules::attribute::is_unassigned;
use crate::rules::mapping::Mapping;
use crate::rules::rule::To;
use crate::scim::AttrPath;

use super::rename::Names;
use super::{Action, Empty};

/// What is done to members.
pub(in crate::rules) enum Edit<'a> {
    /// They get other names.
    Rename(&'a Names),
    /// They get other values.
    Map(&'a dyn Mapping, To),
    /// The empty ones become something else.
    Empty(&'a Empty),
    /// They are left out.
    Drop(Vec<&'a AttrPath>),
}

impl Action {
    /// What it does to a resource on its way; nothing if one member alone doesn't tell.
    pub(in crate::rules) fn edit(&self, to: To) -> Option<Edit<'_>> {
        match self {
            Self::Rename(rename) => Some(Edit::Rename(rename.names(to))),
            Self::Invert(invert) => map(invert, to),
            Self::Map(mapping) => map(mapping, to),
            Self::Convert(convert) => map(convert, to),
            Self::Affix(affix) => map(affix, to),
            Self::Empty(empty) => Some(Edit::Empty(empty)),
            Self::Drop(drop) => drop.plain().map(Edit::Drop),
            _ => None,
        }
    }
}

fn map(mapping: &dyn Mapping, to: To) -> Option<Edit<'_>> {
    (!mapping.takes_the_whole()).then_some(Edit::Map(mapping, to))
}

impl Edit<'_> {
    /// What becomes of one value.
    pub(in crate::rules) fn value(&self, value: &Value<'_>, stands: Stands) -> Deed {
        match self {
            Self::Map(..) if stands == Stands::Named && is_unassigned(value) => Deed::Keep,
            Self::Map(mapping, To::Client) => mapping.back(value).map_or(Deed::Stop, Deed::Put),
            Self::Map(mapping, To::Backend) => mapping.there(value).map_or(Deed::Stop, Deed::Put),
            Self::Empty(empty) if stands == Stands::Named => empty.deed(value),
            _ => Deed::Keep,
        }
    }
}
