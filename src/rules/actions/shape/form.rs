//! What a form says of an attribute, and the words in which every form refuses.

use std::fmt;
use std::ops::Range;

use crate::json::{Array, Object, Value};
use crate::rules::discovery::Definitions;
use crate::rules::filters;
use crate::rules::message::Refused;
use crate::scim::filter::Expr;
use crate::scim::{AttrName, AttrPath, CompareOp, Literal, OpKind, PatchOp, PatchPath, ScimError, ScimType};

pub(super) use crate::rules::attribute::key;

/// One form: what becomes of the attribute on the right, in each carrier.
pub(super) trait Form: fmt::Debug + Send + Sync {
    /// The attribute.
    fn at(&self) -> &AttrPath;

    /// Everything that stands for the whole attribute on the right.
    fn parts(&self) -> Vec<AttrPath> {
        vec![self.at().clone()]
    }

    /// Gives the attribute its form, in the object in which its name stands. True if anything changed.
    fn there(&self, holder: &mut Object<'_>) -> Result<bool, Refused>;

    /// Takes the form off again.
    fn back(&self, holder: &mut Object<'_>) -> Result<bool, Refused>;

    /// Takes the form off the definition in a schema. True if it was there.
    fn define(&self, definitions: &mut Definitions<'_, '_>) -> bool;

    /// A term of a filter that tests the attribute, as it is said on the right; nothing if it stays.
    fn term(&self, term: Term<'_>) -> Result<Option<String>, Refused>;

    /// An `add` or `replace` of the whole attribute by a value that isn't null; nothing if it stays.
    fn change<'v>(&self, kind: OpKind, value: &Value<'v>) -> Result<Option<Vec<PatchOp<'v>>>, Refused>;

    /// An operation on a part of the attribute; nothing if it stays.
    fn part<'v>(&self, _op: &PatchOp<'v>, path: &PatchPath) -> Result<Option<Vec<PatchOp<'v>>>, Refused> {
        Err(needs_resource(&path.attr))
    }

    /// What to ask for in place of a part of the attribute, which may be more; nothing if that can't be said.
    fn asked(&self, sub: &AttrName) -> Option<Vec<AttrPath>>;

    /// What to exclude in place of a part of the attribute; nothing if that can't be said.
    fn excluded(&self, sub: &AttrName) -> Option<Vec<AttrPath>>;

    /// Whether nothing on the right has parts that stand for those of the attribute.
    fn makes_texts(&self) -> bool {
        false
    }

    /// Whether resources can be sorted by this part of the attribute, which keeps its name.
    fn sorts(&self, _path: &AttrPath) -> bool {
        false
    }

    /// Whether this is another attribute's name on the right, so that nobody may use it on the left.
    fn hides(&self, _path: &AttrPath) -> bool {
        false
    }
}

/// A term of a filter.
#[derive(Clone, Copy)]
pub(super) struct Term<'f> {
    /// What it says.
    pub expr: &'f Expr,
    /// The text of the whole filter.
    pub text: &'f str,
}

impl<'f> Term<'f> {
    pub(super) fn slice(self, span: &Range<usize>) -> &'f str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    pub(super) fn whole(self) -> &'f str {
        self.slice(&self.expr.span)
    }
}

/// Whether a comparison is true of an attribute that isn't there.
pub(super) fn is_true_of_nothing(op: CompareOp, literal: &Literal) -> bool {
    matches!((op, literal), (CompareOp::Eq, Literal::Null))
        || (op == CompareOp::Ne && !matches!(literal, Literal::Null))
}

/// The definition of a complex attribute with several values, whose `value` is defined so.
pub(super) fn of_values<'v>(
    definitions: &Definitions<'_, 'v>,
    at: &AttrPath,
    mut value: Object<'v>,
    parts: Vec<Object<'v>>,
) -> Object<'v> {
    let mut whole = definitions.standard(at).unwrap_or_default();
    for name in ["description", "mutability", "returned", "required"] {
        if let Some(said) = value.get(name) {
            whole.set(name, said.clone());
        }
    }
    value.set("name", Value::string("value"));
    value.set("multiValued", Value::Bool(false));
    whole.set("type", Value::string("complex"));
    whole.set("multiValued", Value::Bool(true));
    let parts: Vec<Value<'v>> = [value].into_iter().chain(parts).map(Value::Object).collect();
    whole.set("subAttributes", Value::Array(Array::from(parts)));
    whole
}

/// The path of a part.
pub(super) fn part_of(at: &AttrPath, sub: &AttrName) -> AttrPath {
    AttrPath { sub: Some(sub.clone()), ..at.clone() }
}

pub(super) fn is_value(sub: &AttrName) -> bool {
    sub.as_str().eq_ignore_ascii_case("value")
}

/// The values of a multi-valued attribute in a PATCH, where one alone may stand without its array.
pub(super) fn listed<'r, 'v>(value: &'r Value<'v>) -> Vec<&'r Value<'v>> {
    match value {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    }
}

pub(super) fn is_empty_list(value: &Value<'_>) -> bool {
    value.as_array().is_some_and(Array::is_empty)
}

/// An operation on a whole attribute.
pub(super) fn op<'v>(kind: OpKind, attr: AttrPath, value: Option<Value<'v>>) -> PatchOp<'v> {
    PatchOp { kind, path: Some(PatchPath { attr, filter: None, sub: None }), value }
}

/// 400 `invalidValue`, to whoever sends what the form can't hold.
pub(super) fn outside(at: &AttrPath, domain: &str) -> Refused {
    ScimError::bad_request(ScimType::InvalidValue, format!("`{at}` must be {domain}"))
}

/// 400 `invalidValue` for a name that isn't one on the left.
pub(super) fn hidden(path: &AttrPath) -> Refused {
    ScimError::bad_request(ScimType::InvalidValue, format!("`{path}` is not an attribute here"))
}

/// 400 `invalidFilter` for a term that has no exact form on the right.
pub(super) fn cannot(at: &AttrPath) -> Refused {
    filters::invalid(format!("`{at}` can't be filtered by like this"))
}

/// What can only be translated by someone who has read the resource.
pub(super) fn needs_resource(path: &AttrPath) -> Refused {
    let detail =
        format!("`{path}` can't be patched like this here, since that needs the resource; replace it as a whole");
    ScimError::needs_resource(detail)
}
