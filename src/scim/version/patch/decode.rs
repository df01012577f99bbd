//! A PATCH of SCIM 1.1 as one of 2.0: what goes first, then what comes.

use crate::json::{Array, Object, Value};
use crate::scim::attr::{AttrName, AttrPath};
use crate::scim::error::{ScimError, ScimType};
use crate::scim::filter::Literal;
use crate::scim::patch::{self, OpKind, PatchOp, PatchPath};
use crate::scim::resource::Resource;

use super::super::{Version, names, resource};

/// The words that SCIM 1.1 puts beside what is changed, and what a PATCH can't change.
const BESIDE: [&str; 3] = ["schemas", "id", "meta"];

/// Reads a PATCH of SCIM 1.1 as one of 2.0; without operations if it changes nothing. Where [`super::needs_resource`] says so,
/// it is exact only for a resource in which nothing has to be merged.
///
/// # Errors
/// 400 for what is no such PATCH, and for an element that is to be deleted and can't be told from others.
pub fn decode<'v>(mut partial: Object<'v>, of: &Resource) -> Result<Object<'v>, ScimError> {
    if partial.contains("Operations") {
        return Err(syntax("a PATCH of SCIM 1.1 is a part of a resource; `Operations` are of SCIM 2.0"));
    }
    let named = named(&partial)?;
    let gone = named.iter().map(|name| names::translated(name, of, Version::Two).unwrap_or_else(|| name.clone()));
    let gone = gone.map(|name| attribute(&name)).collect::<Result<Vec<_>, _>>()?;
    for word in BESIDE {
        partial.remove(word);
    }
    resource::values(&mut partial, of, Version::Two)?;
    let mut ops = Ops { of, gone, removed: Vec::new(), put: Vec::new() };
    for member in partial.iter() {
        let path = attribute(&member.key.decoded())?;
        match (&path.name, &member.value) {
            (None, Value::Object(extension)) => ops.extension(&path, extension)?,
            (None, _) => return Err(syntax(&format!("`{path}` is a schema: its value is an object"))),
            (Some(_), value) => ops.attribute(path, value)?,
        }
    }
    Ok(ops.message())
}

/// What `meta.attributes` names.
fn named(partial: &Object<'_>) -> Result<Vec<String>, ScimError> {
    let fault = || syntax("`meta.attributes` must list the names of attributes");
    let list = match partial.get("meta") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(meta) => meta.as_object().ok_or_else(fault)?.get("attributes"),
    };
    match list {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(list) => {
            let names = list.as_array().ok_or_else(fault)?.iter();
            names.map(|name| Ok(name.as_str().ok_or_else(fault)?.into_owned())).collect()
        }
    }
}

fn attribute(text: &str) -> Result<AttrPath, ScimError> {
    let fault = |fault| {
        ScimError::bad_request(
            ScimType::InvalidPath,
            format!("`{text}` is no attribute that a PATCH can change: {fault}"),
        )
    };
    AttrPath::parse(text).map_err(fault)
}

/// The operations, as far as they are known.
struct Ops<'o, 'v> {
    of: &'o Resource,
    /// What `meta.attributes` names and nothing has replaced yet.
    gone: Vec<AttrPath>,
    removed: Vec<PatchOp<'v>>,
    put: Vec<PatchOp<'v>>,
}

impl<'v> Ops<'_, 'v> {
    fn extension(&mut self, schema: &AttrPath, extension: &Object<'v>) -> Result<(), ScimError> {
        if self.is_replaced(schema) {
            self.remove(schema.clone());
        }
        for member in extension.iter() {
            let key = member.key.decoded();
            let name =
                attribute(&key)?.name.ok_or_else(|| syntax(&format!("`{key}` is no attribute of `{schema}`")))?;
            self.attribute(AttrPath { name: Some(name), ..schema.clone() }, &member.value)?;
        }
        Ok(())
    }

    fn attribute(&mut self, path: AttrPath, value: &Value<'v>) -> Result<(), ScimError> {
        let is_replaced = self.is_replaced(&path);
        match value {
            Value::Null => self.remove(path),
            Value::Array(list) if is_replaced => self.list(path, list)?,
            Value::Array(list) => self.elements(&path, list)?,
            Value::Object(complex) if is_replaced => {
                self.remove(path.clone());
                if !complex.is_empty() {
                    self.put(OpKind::Add, path, value.clone());
                }
            }
            Value::Object(complex) => self.parts(&path, complex)?,
            _ => self.put(OpKind::Replace, path, value.clone()),
        }
        Ok(())
    }

    /// Whether the attribute is named in `meta.attributes` too: then it is replaced, not merged.
    fn is_replaced(&mut self, path: &AttrPath) -> bool {
        let before = self.gone.len();
        self.gone.retain(|gone| gone != path);
        self.gone.len() < before
    }

    /// A whole list in place of another; markers in it say nothing then.
    fn list(&mut self, path: AttrPath, list: &Array<'v>) -> Result<(), ScimError> {
        let mut left = Vec::with_capacity(list.len());
        for element in list.iter() {
            let (element, marker) = parted(element)?;
            left.extend((marker == Marker::None).then_some(element));
        }
        match left.is_empty() {
            true => self.remove(path),
            false => self.put(OpKind::Replace, path, Value::Array(Array::from(left))),
        }
        Ok(())
    }

    /// Elements that come, together, and those that go, one by one.
    fn elements(&mut self, path: &AttrPath, list: &Array<'v>) -> Result<(), ScimError> {
        let mut come = Vec::new();
        for element in list.iter() {
            match parted(element)? {
                (element, Marker::None) => come.push(element),
                (element, Marker::Delete) => {
                    let path = self.element(path, &element)?;
                    self.removed.push(PatchOp { kind: OpKind::Remove, path: Some(path), value: None });
                }
            }
        }
        if !come.is_empty() {
            self.put(OpKind::Add, path.clone(), Value::Array(Array::from(come)));
        }
        Ok(())
    }

    fn is_members(&self, path: &AttrPath) -> bool {
        *self.of == Resource::Group && path.to_string().eq_ignore_ascii_case("members")
    }

    /// The path of an element that goes. It is known by its `value`, and by its `type` beside that (RFC 7643 section 2.4),
    /// which keeps another one with the same value; a member by its `value` alone. One without a `value` is known by all
    /// that it says.
    fn element(&self, path: &AttrPath, element: &Value<'v>) -> Result<PatchPath, ScimError> {
        let unclear = || invalid(format!("an element of `{path}` that is to be deleted can't be told from others"));
        let Value::Object(element) = element else {
            return filtered(path, &format!("value eq {}", literal(element).ok_or_else(unclear)?));
        };
        let is_members = self.is_members(path);
        let has_value = element.get("value").is_some_and(|value| !value.is_null());
        let names_it = |key: &str| {
            let is = |name: &str| key.eq_ignore_ascii_case(name);
            !has_value || is("value") || (is("type") && !is_members)
        };
        let mut terms = Vec::new();
        for part in element.iter().filter(|part| names_it(&part.key.decoded()) && !part.value.is_null()) {
            let said = literal(&part.value).ok_or_else(unclear)?;
            terms.push(format!("{} eq {said}", part.key.decoded()));
        }
        if terms.is_empty() { Err(unclear()) } else { filtered(path, &terms.join(" and ")) }
    }

    /// The parts of a complex attribute, which are merged: those that it doesn't name stay.
    fn parts(&mut self, path: &AttrPath, complex: &Object<'v>) -> Result<(), ScimError> {
        for part in complex.iter() {
            let key = part.key.decoded();
            let fault = |fault| invalid(format!("`{path}.{key}` is no attribute: {fault}"));
            let path = AttrPath { sub: Some(AttrName::parse(&key).map_err(fault)?), ..path.clone() };
            self.is_replaced(&path);
            match &part.value {
                Value::Null => self.remove(path),
                value => self.put(OpKind::Replace, path, value.clone()),
            }
        }
        Ok(())
    }

    fn remove(&mut self, path: AttrPath) {
        self.removed.push(PatchOp { kind: OpKind::Remove, path: Some(plain(path)), value: None });
    }

    fn put(&mut self, kind: OpKind, path: AttrPath, value: Value<'v>) {
        self.put.push(PatchOp { kind, path: Some(plain(path)), value: Some(value) });
    }

    fn message(self) -> Object<'v> {
        let gone =
            self.gone.into_iter().map(|path| PatchOp { kind: OpKind::Remove, path: Some(plain(path)), value: None });
        patch::message(gone.chain(self.removed).chain(self.put).collect())
    }
}

/// What an element says of itself.
#[derive(PartialEq)]
enum Marker {
    /// It comes; some clients say so by `"operation": "add"`.
    None,
    /// It goes.
    Delete,
}

/// An element without its marker.
fn parted<'v>(element: &Value<'v>) -> Result<(Value<'v>, Marker), ScimError> {
    let mut element = element.clone();
    let Value::Object(object) = &mut element else { return Ok((element, Marker::None)) };
    let marker = match object.remove("operation") {
        None | Some(Value::Null) => Marker::None,
        Some(Value::String(word)) if word.decoded().eq_ignore_ascii_case("delete") => Marker::Delete,
        Some(Value::String(word)) if word.decoded().eq_ignore_ascii_case("add") => Marker::None,
        Some(other) => {
            return Err(invalid(format!("`operation` of an element can't be {other}; it can be \"delete\"")));
        }
    };
    Ok((element, marker))
}

fn literal(value: &Value<'_>) -> Option<String> {
    Literal::of(value).map(|literal| literal.to_string())
}

fn filtered(path: &AttrPath, filter: &str) -> Result<PatchPath, ScimError> {
    PatchPath::parse(&format!("{path}[{filter}]")).map_err(|fault| invalid(format!("`{path}`: {fault}")))
}

fn plain(attr: AttrPath) -> PatchPath {
    PatchPath { attr, filter: None, sub: None }
}

fn syntax(detail: &str) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, detail)
}

fn invalid(detail: String) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, detail)
}
