//! A PATCH of SCIM 2.0 as one of 1.1, where that says exactly the same whatever the resource is.
//!
//! SCIM 1.1 knows no order, so every attribute may be touched once, but for members: several operations may each add and
//! remove some, as long as nobody is named twice. It has no word for a part of one element, nor for elements that a filter
//! chooses otherwise than by their `value`; and it merges an element that comes into one with the same `value`, where 2.0
//! has them apart by their `type`. All that is refused; whoever can read the resource writes the whole of it instead.

use crate::json::{Array, Object, Value};
use crate::scim::attr::AttrPath;
use crate::scim::error::{ScimError, ScimType};
use crate::scim::filter::{CompareOp, ExprKind, Filter};
use crate::scim::patch::{OpKind, PatchOp};
use crate::scim::resource::Resource;
use crate::scim::schema;

use super::super::{Version, names, resource};

/// Writes a PATCH of SCIM 2.0 as one of 1.1.
///
/// # Errors
/// 400 for what is no PATCH, and what SCIM 1.1 has no exact words for.
pub fn encode<'v>(message: &Object<'v>, of: &Resource) -> Result<Object<'v>, ScimError> {
    let operations = message.get("Operations").and_then(Value::as_array);
    let Some(operations) = operations else {
        return Err(ScimError::bad_request(ScimType::InvalidSyntax, "a PATCH needs `Operations`"));
    };
    let mut partial = Partial { of, body: Object::new(), gone: Vec::new(), touched: Vec::new() };
    for written in operations.iter() {
        partial.operation(PatchOp::read(written)?)?;
    }
    partial.message()
}

/// A part of a resource, as far as it is known.
struct Partial<'p, 'v> {
    of: &'p Resource,
    /// By the names of SCIM 2.0.
    body: Object<'v>,
    /// By those of SCIM 1.1.
    gone: Vec<String>,
    touched: Vec<Touched>,
}

/// What an operation touches.
#[derive(PartialEq)]
enum Touched {
    All(AttrPath),
    /// One member, by its id.
    Member(String),
}

impl<'v> Partial<'_, 'v> {
    fn operation(&mut self, op: PatchOp<'v>) -> Result<(), ScimError> {
        let Some(path) = op.path else {
            return match op.value {
                Some(Value::Object(part)) if op.kind != OpKind::Remove => self.each(op.kind, None, &part),
                _ => Err(unsaid("an operation without a path")),
            };
        };
        match (&path.filter, &path.sub, op.kind) {
            (None, _, _) => self.at(op.kind, path.attr, op.value),
            (Some(filter), None, OpKind::Remove) if op.value.is_none() => {
                let value = by_value(filter).ok_or_else(|| unsaid(&format!("`{path}`")))?;
                self.delete(&path.attr, value)
            }
            _ => Err(unsaid(&format!("`{path}`"))),
        }
    }

    /// Every member of a value without a path, or of an extension.
    fn each(&mut self, kind: OpKind, within: Option<&AttrPath>, part: &Object<'v>) -> Result<(), ScimError> {
        for member in part.iter() {
            let key = member.key.decoded();
            let mut path = AttrPath::parse(&key).map_err(|_| unsaid(&format!("`{key}`")))?;
            if let (Some(schema), None) = (within, &path.urn) {
                path.urn.clone_from(&schema.urn);
            }
            self.at(kind, path, Some(member.value.clone()))?;
        }
        Ok(())
    }

    fn at(&mut self, kind: OpKind, path: AttrPath, value: Option<Value<'v>>) -> Result<(), ScimError> {
        let value = match (kind, value) {
            (OpKind::Remove, Some(_)) => return Err(unsaid(&format!("`remove` of `{path}` with a value"))),
            (OpKind::Add, Some(Value::Null)) => return Ok(()),
            (OpKind::Remove, None) | (OpKind::Replace, Some(Value::Null)) => return self.remove(path),
            (_, None) => return Err(unsaid(&format!("`{}` of `{path}` without a value", kind.as_str()))),
            (_, Some(value)) => value,
        };
        let attribute = AttrPath { sub: None, ..path.clone() };
        let known = schema::find(Some(self.of), &attribute);
        let is_many = known.is_some_and(|known| known.is_multi_valued);
        match value {
            Value::Object(part) if path.name.is_none() => self.each(kind, Some(&path), &part),
            _ if path.name.is_none() || (is_many && path.sub.is_some()) => Err(unsaid(&format!("`{path}`"))),
            Value::Array(list) => self.list(kind, path, list),
            one if is_many => self.list(kind, path, Array::from(vec![one])),
            Value::Object(complex) if path.sub.is_none() => self.parts(&path, &complex),
            value => self.set(path, value),
        }
    }

    /// `replace` of a complex attribute changes the parts that it names, and so does SCIM 1.1.
    fn parts(&mut self, path: &AttrPath, complex: &Object<'v>) -> Result<(), ScimError> {
        for part in complex.iter() {
            let key = part.key.decoded();
            let sub = AttrPath::parse(&format!("{path}.{key}")).map_err(|_| unsaid(&format!("`{path}.{key}`")))?;
            match &part.value {
                Value::Null => self.remove(sub)?,
                value => self.set(sub, value.clone())?,
            }
        }
        Ok(())
    }

    fn list(&mut self, kind: OpKind, path: AttrPath, list: Array<'v>) -> Result<(), ScimError> {
        match kind {
            OpKind::Add if list.is_empty() => Ok(()),
            OpKind::Add if self.is_members(&path) => list.iter().try_for_each(|one| self.add(&path, one.clone())),
            OpKind::Add => Err(unsaid(&format!("`add` of `{path}`"))),
            _ if list.is_empty() => self.remove(path),
            _ => {
                self.name(&path);
                self.set(path, Value::Array(list))
            }
        }
    }

    fn add(&mut self, path: &AttrPath, member: Value<'v>) -> Result<(), ScimError> {
        let id = match &member {
            Value::Object(member) => member.get("value").and_then(Value::as_str),
            plain => plain.as_str(),
        };
        let id = id.ok_or_else(|| unsaid("a member without a `value`"))?.into_owned();
        self.touch(Touched::Member(id))?;
        self.element(path, member)
    }

    fn delete(&mut self, path: &AttrPath, value: String) -> Result<(), ScimError> {
        let touched = if self.is_members(path) { Touched::Member(value.clone()) } else { Touched::All(path.clone()) };
        self.touch(touched)?;
        let mut marked = Object::new();
        marked.set("value", Value::string(&value));
        marked.set("operation", Value::string("delete"));
        self.element(path, Value::Object(marked))
    }

    fn element(&mut self, path: &AttrPath, element: Value<'v>) -> Result<(), ScimError> {
        let (holder, name) = self.place(path)?;
        match holder.get_mut(&name) {
            Some(Value::Array(list)) => list.push(element),
            _ => holder.set(&name, Value::Array(Array::from(vec![element]))),
        }
        Ok(())
    }

    fn set(&mut self, path: AttrPath, value: Value<'v>) -> Result<(), ScimError> {
        self.touch(Touched::All(path.clone()))?;
        let (holder, name) = self.place(&path)?;
        let Some(sub) = &path.sub else {
            holder.set(&name, value);
            return Ok(());
        };
        match holder.get_mut(&name) {
            Some(Value::Object(complex)) => complex.set(sub.as_str(), value),
            _ => {
                let mut complex = Object::new();
                complex.set(sub.as_str(), value);
                holder.set(&name, Value::Object(complex));
            }
        }
        Ok(())
    }

    fn remove(&mut self, path: AttrPath) -> Result<(), ScimError> {
        self.touch(Touched::All(path.clone()))?;
        self.name(&path);
        Ok(())
    }

    /// Names an attribute in `meta.attributes`.
    fn name(&mut self, path: &AttrPath) {
        let text = path.to_string();
        self.gone.push(names::translated(&text, self.of, Version::OneOne).unwrap_or(text));
    }

    /// Where an attribute stands, and under which name.
    fn place(&mut self, path: &AttrPath) -> Result<(&mut Object<'v>, String), ScimError> {
        let name = path.name.as_ref().ok_or_else(|| unsaid(&format!("`{path}`")))?.as_str().to_owned();
        let Some(urn) = path.extension() else { return Ok((&mut self.body, name)) };
        if !self.body.contains(urn.as_str()) {
            self.body.set(urn.as_str(), Value::Object(Object::new()));
        }
        match self.body.get_mut(urn.as_str()) {
            Some(Value::Object(extension)) => Ok((extension, name)),
            _ => Err(unsaid(&format!("`{path}`"))),
        }
    }

    /// Notes what is touched.
    fn touch(&mut self, touched: Touched) -> Result<(), ScimError> {
        let clash = self.touched.iter().any(|other| match (other, &touched) {
            (Touched::All(one), Touched::All(other)) => meets(one, other),
            (Touched::Member(one), Touched::Member(other)) => one == other,
            (Touched::All(path), Touched::Member(_)) | (Touched::Member(_), Touched::All(path)) => {
                self.is_members(path)
            }
        });
        if clash {
            return Err(unsaid("two operations on one attribute"));
        }
        self.touched.push(touched);
        Ok(())
    }

    fn is_members(&self, path: &AttrPath) -> bool {
        let bare = AttrPath { urn: None, ..path.clone() };
        *self.of == Resource::Group && path.extension().is_none() && bare.to_string().eq_ignore_ascii_case("members")
    }

    fn message(mut self) -> Result<Object<'v>, ScimError> {
        let mut schemas = vec![names::core(self.of)];
        let containers = self.body.iter().map(|member| member.key.decoded().into_owned());
        schemas.extend(containers.filter(|key| key.starts_with("urn:")));
        let schemas = schemas.iter().map(|urn| Value::string(urn)).collect::<Vec<_>>();
        names::set_first(&mut self.body, "schemas", Value::Array(Array::from(schemas)));
        resource::encode(&mut self.body, self.of)?;
        if !self.gone.is_empty() {
            let mut meta = Object::new();
            let gone = self.gone.iter().map(|name| Value::string(name)).collect::<Vec<_>>();
            meta.set("attributes", Value::Array(Array::from(gone)));
            self.body.set("meta", Value::Object(meta));
        }
        Ok(self.body)
    }
}

/// Whether two attributes are the same, or one a part of the other.
fn meets(one: &AttrPath, other: &AttrPath) -> bool {
    let schema = |path: &AttrPath| AttrPath { name: None, sub: None, ..path.clone() };
    let whole = |path: &AttrPath| AttrPath { sub: None, ..path.clone() };
    if one.name.is_none() || other.name.is_none() {
        return schema(one) == schema(other);
    }
    one == other || (whole(one) == whole(other) && (one.sub.is_none() || other.sub.is_none()))
}

/// The value by which a filter chooses one element: `value eq "2819c223"`.
fn by_value(filter: &Filter) -> Option<String> {
    let ExprKind::Compare { path, op: CompareOp::Eq, literal } = &filter.root().kind else { return None };
    let crate::scim::Literal::String(text) = &literal.literal else { return None };
    path.path.to_string().eq_ignore_ascii_case("value").then(|| text.clone())
}

fn unsaid(what: &str) -> ScimError {
    let detail = format!("{what} can't be said exactly in a PATCH of SCIM 1.1, which the backend speaks");
    ScimError::bad_request(ScimType::InvalidPath, detail)
}
