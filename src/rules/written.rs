//! Values that a rule writes: a constant, or a text that names other attributes.

use crate::fault::{Fault, Faults};
use crate::json::{Object, Value};
use crate::scim::{AttrPath, Resource};
use crate::yaml::Node;

use super::attribute::{self, Relation, relation};
use super::message::Facts;
use super::place::Place;

/// A value to write.
#[derive(Debug)]
pub enum Written {
    /// As it stands.
    Constant(Value<'static>),
    /// A text with names in braces.
    Text(Vec<Piece>),
}

/// A piece of a text.
#[derive(Debug, PartialEq)]
pub enum Piece {
    /// Plain text.
    Plain(String),
    /// `{id}`: the id in the path.
    Id,
    /// `{resource}`: the resource type's name.
    Resource,
    /// `{userName}`: another attribute.
    Attribute(AttrPath),
}

impl Written {
    /// Reads `value:`.
    pub fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let value = node.to_json();
        let Some(text) = value.as_str().filter(|text| text.contains('{')) else { return Some(Self::Constant(value)) };
        match pieces(&text) {
            Ok(pieces) => Some(Self::Text(pieces)),
            Err(fault) => {
                faults.push(
                    Fault::error("R0408", node.place.clone(), fault)
                        .label("not a text with names in braces")
                        .help("write `{id}`, `{resource}` or an attribute such as `{userName}`; `{{` is a plain brace"),
                );
                None
            }
        }
    }

    /// Whether this is `{id}` and nothing else.
    #[must_use]
    pub fn is_the_id(&self) -> bool {
        matches!(self, Self::Text(pieces) if pieces.as_slice() == [Piece::Id])
    }

    /// The value for this resource; nothing where an attribute that it names is absent or no text.
    #[must_use]
    pub fn of(&self, resource: &Object<'_>, facts: Facts<'_>) -> Option<Value<'static>> {
        match self {
            Self::Constant(value) => Some(value.clone()),
            Self::Text(pieces) => {
                let words = pieces.iter().map(|piece| piece.of(resource, facts));
                words.collect::<Option<String>>().map(|text| Value::string(&text))
            }
        }
    }

    /// Checks that the value doesn't name the attribute that it is written to: that would never come to rest.
    pub fn names_others(&self, at: &Place, node: &Node, faults: &mut Faults) -> bool {
        let Self::Text(pieces) = self else { return true };
        let itself = |piece: &Piece| match piece {
            Piece::Attribute(path) => relation(path, &at.attr) != Relation::Apart,
            _ => false,
        };
        let sound = !pieces.iter().any(itself);
        if !sound {
            faults.push(
                Fault::error("R0409", node.place.clone(), format!("`{at}` is set to a text that names itself"))
                    .label("names the attribute that it is written to")
                    .help("name other attributes only"),
            );
        }
        sound
    }
}

impl Piece {
    fn of(&self, resource: &Object<'_>, facts: Facts<'_>) -> Option<String> {
        match self {
            Self::Plain(text) => Some(text.clone()),
            Self::Id => facts.id.map(str::to_owned),
            Self::Resource => facts.resource.map(|resource| Resource::name(resource).to_owned()),
            Self::Attribute(path) => attribute::find(resource, path)?.as_str().map(|text| text.into_owned()),
        }
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(brace) = rest.find(['{', '}']) {
        let (before, from_brace) = rest.split_at(brace);
        plain.push_str(before);
        if let Some(after) = from_brace.strip_prefix("{{").or_else(|| from_brace.strip_prefix("}}")) {
            plain.push_str(&from_brace[..1]);
            rest = after;
            continue;
        }
        let inner = from_brace.strip_prefix('{').ok_or("a closing brace without an opening one")?;
        let (name, after) = inner.split_once('}').ok_or("an opening brace without a closing one")?;
        if !plain.is_empty() {
            pieces.push(Piece::Plain(std::mem::take(&mut plain)));
        }
        pieces.push(piece(name)?);
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Plain(plain));
    }
    Ok(pieces)
}

fn piece(name: &str) -> Result<Piece, String> {
    match name {
        "id" => Ok(Piece::Id),
        "resource" => Ok(Piece::Resource),
        _ => AttrPath::parse(name).map(Piece::Attribute).map_err(|fault| format!("`{{{name}}}`: {fault}")),
    }
}

/// Whether `at` is `id` itself.
#[must_use]
pub fn is_id(at: &Place) -> bool {
    is_top(at, "id")
}

fn is_top(at: &Place, name: &str) -> bool {
    at.attr.extension().is_none() && at.attr.name.as_ref().is_some_and(|top| top.as_str().eq_ignore_ascii_case(name))
}

/// Checks that a rule may write there: `id` and `meta` are the backend's alone (RFC 7643 section 3.1).
pub fn may_write(at: &Place, node: &Node, faults: &mut Faults) -> bool {
    let barred = is_top(at, "id") || is_top(at, "meta");
    if barred {
        faults.push(
            Fault::error("R0410", node.place.clone(), format!("`{at}` can't be written by a rule"))
                .label("belongs to the backend")
                .help("only `set: {at: id, value: \"{id}\"}` may write it, to repeat the id of the URL"),
        );
    }
    !barred
}
