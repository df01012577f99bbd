//! Mends what clients send against RFC 7643 and RFC 7644, and nothing else: what is valid keeps its bytes.
//!
//! Each operation is looked at by itself, and stays in its place; one that becomes several is followed by the others.

mod keys;
mod nulls;
mod remove;
mod values;
mod wrapping;

use crate::json::{Array, Member, Object, Value};
use crate::scim::error::{ScimError, ScimType};
use crate::scim::resource::Resource;

use super::{OpKind, PatchOp, syntax};

/// What can be mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repair {
    /// `"op": "Add"`, `"op": "delete"`, or `operations`: the words of a PATCH written otherwise.
    OpCase,
    /// `"name.givenName": "Ada"` as a key in a value without a path.
    DottedKeys,
    /// `"urn:..:User:department": "R"` as a key in a resource or in a value without a path; a core schema's URN as the
    /// whole of a key or path; `urn:..:User.department` as a path.
    UrnKeys,
    /// `"active": "False"`
    StringBoolean,
    /// `{"op": "replace", "path": "title", "value": null}`
    NullInPatch,
    /// `"members": ["2819c223"]`
    StringMembers,
    /// `{"op": "remove", "path": "members", "value": [{"value": "2819c223"}]}`: as it stands, it would remove them all.
    RemoveByValue,
    /// `{"path": "title", "value": {"value": "Dr"}}`, `{"path": "urn:..:User:manager", "value": "26118915"}`
    Wrapping,
    /// `"Operations": []`
    NoOperation,
    /// A `Content-Type` that is not of SCIM.
    MediaType,
    /// `"totalResults": "1"`
    Counters,
    /// `filter=externalId eq jyoung`: a text without its quotes.
    BareText,
}

impl Repair {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::OpCase,
        Self::DottedKeys,
        Self::UrnKeys,
        Self::StringBoolean,
        Self::NullInPatch,
        Self::StringMembers,
        Self::RemoveByValue,
        Self::Wrapping,
        Self::NoOperation,
        Self::MediaType,
        Self::Counters,
        Self::BareText,
    ];

    /// Why it is made, for the person at 3 a.m.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::OpCase => {
                "a PATCH has `Operations`, and in them `add`, `remove` and `replace`; the client writes them otherwise"
            }
            Self::DottedKeys => "a dotted path stands as a key in a value; it means the attribute inside",
            Self::UrnKeys => {
                "an attribute's whole name with its URN stands as a key, or after a dot; it means the attribute inside \
                 the extension"
            }
            Self::StringBoolean => "a boolean is written as a string",
            Self::NullInPatch => "null means absent, and a PATCH says that by `remove`",
            Self::StringMembers => "members are plain ids where objects belong",
            Self::RemoveByValue => {
                "`remove` with a list means these entries; without a filter in its path it would remove all"
            }
            Self::Wrapping => {
                "a value stands in an object or a list where its schema has it alone, or alone where that has an object"
            }
            Self::NoOperation => "a PATCH without operations changes nothing; strict servers refuse it all the same",
            Self::MediaType => "the backend wants another media type than the client sends",
            Self::Counters => "the counters of a list are strings, at which clients such as Okta stop without a word",
            Self::BareText => {
                "a text in a filter has no quotes; without them servers refuse the look-up, or find nobody"
            }
        }
    }

    /// The id under which `explain` and metrics show it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::OpCase => "std/op-case",
            Self::DottedKeys => "std/dotted-keys",
            Self::UrnKeys => "std/urn-keys",
            Self::StringBoolean => "std/string-boolean",
            Self::NullInPatch => "std/null-in-patch",
            Self::StringMembers => "std/string-members",
            Self::RemoveByValue => "std/remove-by-value",
            Self::Wrapping => "std/wrapping",
            Self::NoOperation => "std/no-operation",
            Self::MediaType => "std/media-type",
            Self::Counters => "std/counters",
            Self::BareText => "std/bare-text",
        }
    }
}

/// How many operations a message may gain by repairs: what is small as it is sent must not become huge.
const MAX_GAINED: usize = 10_000;

fn too_many() -> ScimError {
    let detail = format!("the PATCH must be parted into more than {MAX_GAINED} operations; send it in several");
    ScimError::bad_request(ScimType::TooMany, detail)
}

/// The repairs made so far, each once.
#[derive(Debug, Default)]
struct Made(Vec<Repair>);

impl Made {
    fn note(&mut self, repair: Repair) {
        if !self.0.contains(&repair) {
            self.0.push(repair);
        }
    }
}

/// Checks a PATCH message and mends it. Gives the repairs that were made, each once; none if nothing was touched. May
/// leave no operation, where there was none or they only named nothing to remove.
///
/// # Errors
/// 400 `invalidSyntax` for what is no PATCH message, `invalidPath` for a path that can't be read, `noTarget` for a
/// `remove` without a path (RFC 7644 section 3.5.2.2), `invalidValue` for a value that can't be mended without guessing,
/// `tooMany` if repairs would make thousands of operations of it.
pub fn repair(message: &mut Object<'_>, resource: &Resource) -> Result<Vec<Repair>, ScimError> {
    let Some(operations) = message.get("Operations").and_then(Value::as_array) else {
        return Err(syntax("a PATCH needs `Operations`: an array of operations"));
    };
    let mut made = Made::default();
    if operations.is_empty() {
        made.note(Repair::NoOperation);
    }
    let mut mended = Vec::new();
    let mut gained = 0;
    for (index, written) in operations.iter().enumerate() {
        if let Some(ops) = operation(written, resource, &mut made)? {
            gained += ops.len().saturating_sub(1);
            mended.push((index, ops));
        }
        if gained > MAX_GAINED {
            return Err(too_many());
        }
    }
    if !mended.is_empty()
        && let Some(Value::Array(operations)) = message.get_mut("Operations")
    {
        *operations = replaced(operations, mended);
    }
    if message.iter().any(|member| is_misspelled(member, "Operations")) {
        message.rename("Operations", "Operations");
        made.note(Repair::OpCase);
    }
    Ok(made.0)
}

/// Mends the body of a POST or PUT: booleans and members that are sent as strings, and attributes that are qualified by a
/// schema of RFC 7643, which no rule would see. Gives the repairs that were made.
///
/// # Errors
/// 400 `invalidValue` where two members speak of one attribute, `invalidSyntax` for a qualified name of a part of an
/// element.
pub fn repair_resource(body: &mut Object<'_>, resource: &Resource) -> Result<Vec<Repair>, ScimError> {
    let mut made = Made::default();
    keys::nest_qualified(body, &mut made)?;
    values::mend_object(body, resource, &mut made);
    Ok(made.0)
}

/// The operations, with those at the given places, in order, replaced.
fn replaced<'v>(operations: &mut Array<'v>, mended: Vec<(usize, Vec<Value<'v>>)>) -> Array<'v> {
    let mut all = Vec::with_capacity(operations.len() + mended.len());
    let mut mended = mended.into_iter().peekable();
    for (index, written) in operations.items_mut().drain(..).enumerate() {
        match mended.next_if(|(at, _)| *at == index) {
            Some((_, ops)) => all.extend(ops),
            None => all.push(written),
        }
    }
    Array::from(all)
}

fn is_misspelled(member: &Member<'_>, name: &str) -> bool {
    let key = member.key.decoded();
    key != name && key.eq_ignore_ascii_case(name)
}

/// What stands in the place of an operation; nothing if it is valid.
fn operation<'v>(
    written: &Value<'v>,
    resource: &Resource,
    made: &mut Made,
) -> Result<Option<Vec<Value<'v>>>, ScimError> {
    let mut here = Made::default();
    let op = keys::qualified(keys::unqualified(PatchOp::read(written)?, &mut here), &mut here);
    let op = wrapping::mend_op(op, resource, &mut here);
    if written.as_object().and_then(|object| object.get("op")?.as_str()).is_none_or(|word| word != op.kind.as_str()) {
        here.note(Repair::OpCase);
    }
    let ops = match (op.kind, &op.path) {
        (OpKind::Remove, None) => {
            return Err(ScimError::bad_request(ScimType::NoTarget, "a `remove` needs a `path` that says what goes"));
        }
        (OpKind::Remove, Some(_)) => remove::parted(values::mend_path(op, resource, &mut here), &mut here)?,
        (_, Some(_)) => pathed(values::mend_path(op, resource, &mut here), resource, &mut here).into_iter().collect(),
        (_, None) => pathless(op, resource, &mut here)?,
    };
    if here.0.is_empty() {
        return Ok(None);
    }
    here.0.into_iter().for_each(|repair| made.note(repair));
    let ops = ops.into_iter().enumerate();
    Ok(Some(ops.map(|(index, op)| write(written, op, index == 0)).collect()))
}

/// No value is an unassigned attribute (RFC 7643 section 2.5): to replace by it is to remove, to add it changes nothing.
fn pathed<'v>(op: PatchOp<'v>, resource: &Resource, made: &mut Made) -> Option<PatchOp<'v>> {
    if op.value.as_ref().is_some_and(Value::is_null) {
        made.note(Repair::NullInPatch);
        return (op.kind == OpKind::Replace).then_some(PatchOp { kind: OpKind::Remove, value: None, ..op });
    }
    Some(values::mend_op(op, resource, made))
}

/// An operation whose value names its attributes: what can't be said there becomes operations of its own after it.
fn pathless<'v>(op: PatchOp<'v>, resource: &Resource, made: &mut Made) -> Result<Vec<PatchOp<'v>>, ScimError> {
    let Some(Value::Object(mut part)) = op.value else {
        return Err(syntax(format!("a `{}` without a `path` needs an object as its `value`", op.kind.as_str())));
    };
    let was_empty = part.is_empty();
    let unassigned = nulls::take(&mut part, made)?;
    let apart = keys::nest(&mut part, made)?;
    values::mend_object(&mut part, resource, made);
    if *resource == Resource::User {
        wrapping::mend_part(&mut part, made);
    }
    let mut ops = Vec::new();
    if was_empty || !part.is_empty() {
        ops.push(PatchOp { kind: op.kind, path: None, value: Some(Value::Object(part)) });
    }
    for (path, value) in apart {
        let own = PatchOp { kind: op.kind, path: Some(path), value: Some(value) };
        let own = wrapping::mend_op(own, resource, made);
        ops.extend(pathed(values::mend_path(own, resource, made), resource, made));
    }
    // To add nothing changes nothing; to replace by nothing is to remove.
    let removed = unassigned.into_iter().filter(|_| op.kind == OpKind::Replace);
    for path in removed {
        let own = PatchOp { kind: OpKind::Remove, path: Some(path), value: None };
        ops.push(values::mend_path(own, resource, made));
    }
    Ok(ops)
}

/// The operation in the form in which it was written. Members that aren't of the RFC stay with the first of several: with
/// each, a short message could become a very long one.
fn write<'v>(written: &Value<'v>, mut op: PatchOp<'v>, first: bool) -> Value<'v> {
    let mut object = Object::new();
    let mut path = op.path.map(|path| Value::string(&path.to_string()));
    for member in written.as_object().into_iter().flat_map(Object::iter) {
        let value = match member.key.decoded().to_ascii_lowercase().as_str() {
            "op" => Some(Value::string(op.kind.as_str())),
            "path" => path.take(),
            "value" => op.value.take(),
            _ => first.then(|| member.value.clone()),
        };
        if let Some(value) = value {
            object.members_mut().push(Member { key: member.key.clone(), value });
        }
    }
    let after = object.position("op").map_or(0, |at| at + 1);
    if let Some(path) = path {
        object.insert_at(after, "path", path);
    }
    if let Some(value) = op.value {
        object.set("value", value);
    }
    Value::Object(object)
}
