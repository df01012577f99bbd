//! A PATCH in the form that the backend reads (RFC 7644 section 3.5.2 has several for one change). Operation by operation,
//! in their order.
//!
//! Costs nothing. Loses nothing: what has no such form is sent as it is, and the backend's answer is the answer.

use crate::json::{Array, Object, Value};
use crate::scim::filter::ExprKind;
use crate::scim::schema;
use crate::scim::{AttrName, AttrPath, CompareOp, Literal, OpKind, PatchOp, PatchPath};

use super::members;

/// What a backend reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lower {
    /// How operations are written.
    pub written: Written,
    /// A member is taken out by a list (`"path": "members", "value": [..]`), not by a filter.
    pub removes_by_list: bool,
}

/// How operations are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Written {
    /// As they come.
    #[default]
    AsSent,
    /// Each with a path.
    Pathed,
    /// Without paths.
    Pathless,
    /// Without a path only if the value has one attribute.
    OneAttribute,
}

impl Lower {
    /// The operations in the form that the backend reads. True if one of them was in another.
    pub(super) fn all<'v>(self, ops: Vec<PatchOp<'v>>) -> (Vec<PatchOp<'v>>, bool) {
        let mut is_lowered = false;
        let mut lowered = Vec::with_capacity(ops.len());
        for op in ops {
            match self.operation(op.clone()) {
                Some(ops) => {
                    is_lowered = true;
                    lowered.extend(ops);
                }
                None => lowered.push(op),
            }
        }
        (lowered, is_lowered)
    }

    /// What stands in the place of an operation; nothing if it stays.
    fn operation(self, op: PatchOp<'_>) -> Option<Vec<PatchOp<'_>>> {
        let PatchOp { kind, path, value } = op;
        match (self.written, path, value) {
            (Written::Pathed, None, Some(Value::Object(part))) => pathed(kind, &part),
            (Written::OneAttribute, None, Some(Value::Object(part))) if count(&part) > 1 => {
                Some(apart(&part).into_iter().map(|part| pathless(kind, part)).collect())
            }
            (Written::Pathless, Some(path), Some(value)) if kind != OpKind::Remove => {
                Some(vec![pathless(kind, part_of(&path, value)?)])
            }
            (_, Some(path), None) if self.removes_by_list && kind == OpKind::Remove => by_list(path),
            _ => None,
        }
    }
}

fn pathless<'v>(kind: OpKind, part: Object<'v>) -> PatchOp<'v> {
    PatchOp { kind, path: None, value: Some(Value::Object(part)) }
}

/// One operation for each attribute; nothing if one of them has no path.
fn pathed<'v>(kind: OpKind, part: &Object<'v>) -> Option<Vec<PatchOp<'v>>> {
    let mut ops = Vec::with_capacity(part.len());
    for member in part.iter() {
        let path = PatchPath::parse(&member.key.decoded()).ok()?;
        match (&path.attr.name, &member.value) {
            (None, Value::Object(inner)) => {
                for member in inner.iter() {
                    let name = AttrName::parse(&member.key.decoded()).ok()?;
                    let attr = AttrPath { name: Some(name), ..path.attr.clone() };
                    let path = PatchPath { attr, filter: None, sub: None };
                    ops.push(PatchOp { kind, path: Some(path), value: Some(member.value.clone()) });
                }
            }
            _ => ops.push(PatchOp { kind, path: Some(path), value: Some(member.value.clone()) }),
        }
    }
    Some(ops)
}

/// The attributes of an extension, where the value is one.
fn extension<'r, 'v>(key: &str, value: &'r Value<'v>) -> Option<&'r Object<'v>> {
    AttrPath::parse(key).ok().filter(|path| path.name.is_none())?;
    value.as_object()
}

fn count(part: &Object<'_>) -> usize {
    part.iter().map(|member| extension(&member.key.decoded(), &member.value).map_or(1, Object::len)).sum()
}

/// Each attribute in a value of its own.
pub(super) fn apart<'v>(part: &Object<'v>) -> Vec<Object<'v>> {
    let alone = |key: &str, value: Value<'v>| {
        let mut one = Object::new();
        one.set(key, value);
        one
    };
    let mut all = Vec::new();
    for member in part.iter() {
        let key = member.key.decoded();
        match extension(&key, &member.value) {
            Some(inner) => all.extend(
                inner
                    .iter()
                    .map(|member| alone(&key, Value::Object(alone(&member.key.decoded(), member.value.clone())))),
            ),
            None => all.push(alone(&key, member.value.clone())),
        }
    }
    all
}

/// The part of a resource that a path and a value say; nothing where only a path can say it.
fn part_of<'v>(path: &PatchPath, value: Value<'v>) -> Option<Object<'v>> {
    let attr = &path.attr;
    let several = schema::is_multi_valued(&AttrPath { sub: None, ..attr.clone() });
    if path.filter.is_some() || (attr.sub.is_some() && several) {
        return None;
    }
    let within = |name: &str, value: Value<'v>| {
        let mut object = Object::new();
        object.set(name, value);
        object
    };
    let value = match &attr.sub {
        Some(sub) => Value::Object(within(sub.as_str(), value)),
        None => value,
    };
    Some(match (attr.extension(), &attr.name) {
        (Some(urn), Some(name)) => within(urn.as_str(), Value::Object(within(name.as_str(), value))),
        (Some(urn), None) => within(urn.as_str(), value),
        (None, name) => within(name.as_ref()?.as_str(), value),
    })
}

/// `members[value eq "1"]` as `members` with `[{"value": "1"}]`.
fn by_list<'v>(path: PatchPath) -> Option<Vec<PatchOp<'v>>> {
    let is_members = members::names_members(&path);
    let ExprKind::Compare { path: compared, op: CompareOp::Eq, literal } = &path.filter.as_ref()?.root().kind else {
        return None;
    };
    let is_value = compared.path.to_string().eq_ignore_ascii_case("value");
    let Literal::String(id) = &literal.literal else { return None };
    if !(is_members && is_value) {
        return None;
    }
    let mut member = Object::new();
    member.set("value", Value::string(id));
    let value = Some(Value::Array(Array::from(vec![Value::Object(member)])));
    Some(vec![PatchOp { kind: OpKind::Remove, path: Some(PatchPath { filter: None, ..path }), value }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(server: Lower, ops: &str, expected: &str) {
        let read = |ops: &str| -> Vec<PatchOp<'static>> {
            let list = crate::json::parse(format!("[{ops}]").as_bytes()).unwrap().into_owned();
            list.as_array().unwrap().iter().map(|op| PatchOp::read(op).unwrap()).collect()
        };
        let (lowered, _) = server.all(read(ops));
        assert_eq!(lowered, read(expected), "{ops}");
        assert_eq!(server.all(lowered.clone()), (lowered, false), "twice: {ops}");
    }

    fn written(written: Written) -> Lower {
        Lower { written, removes_by_list: false }
    }

    const ENTERPRISE: &str = crate::scim::urn::ENTERPRISE;

    #[test]
    fn each_with_a_path() {
        let op = format!(
            r#"{{"op": "replace", "value": {{"active": false, "name": {{"givenName": "A"}}, "{ENTERPRISE}": {{"department": "D"}}}}}}"#
        );
        let expected = format!(
            r#"{{"op": "replace", "path": "active", "value": false}}, {{"op": "replace", "path": "name", "value": {{"givenName": "A"}}}},
            {{"op": "replace", "path": "{ENTERPRISE}:department", "value": "D"}}"#
        );
        becomes(written(Written::Pathed), &op, &expected);
        let kept = r#"{"op": "remove", "path": "title"}"#;
        becomes(written(Written::Pathed), kept, kept);
        let odd = r#"{"op": "add", "value": {"a b": 1, "title": "T"}}"#;
        becomes(written(Written::Pathed), odd, odd);
    }

    #[test]
    fn one_attribute_at_a_time() {
        let op = format!(
            r#"{{"op": "add", "value": {{"title": "T", "{ENTERPRISE}": {{"department": "D", "division": "V"}}}}}}"#
        );
        let expected = format!(
            r#"{{"op": "add", "value": {{"title": "T"}}}}, {{"op": "add", "value": {{"{ENTERPRISE}": {{"department": "D"}}}}}},
            {{"op": "add", "value": {{"{ENTERPRISE}": {{"division": "V"}}}}}}"#
        );
        becomes(written(Written::OneAttribute), &op, &expected);
        let kept = r#"{"op": "replace", "value": {"active": false}}, {"op": "replace", "path": "title", "value": "T"}"#;
        becomes(written(Written::OneAttribute), kept, kept);
    }

    #[test]
    fn without_paths_where_a_value_can_say_it() {
        let op = format!(
            r#"{{"op": "replace", "path": "active", "value": false}}, {{"op": "replace", "path": "name.givenName", "value": "A"}},
            {{"op": "add", "path": "{ENTERPRISE}:department", "value": "D"}}"#
        );
        let expected = format!(
            r#"{{"op": "replace", "value": {{"active": false}}}}, {{"op": "replace", "value": {{"name": {{"givenName": "A"}}}}}},
            {{"op": "add", "value": {{"{ENTERPRISE}": {{"department": "D"}}}}}}"#
        );
        becomes(written(Written::Pathless), &op, &expected);
        for kept in [
            r#"{"op": "remove", "path": "title"}"#,
            r#"{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a"}"#,
            r#"{"op": "replace", "path": "emails.display", "value": "a"}"#,
        ] {
            becomes(written(Written::Pathless), kept, kept);
        }
    }

    #[test]
    fn members_by_a_list() {
        let server = Lower { removes_by_list: true, ..Lower::default() };
        becomes(
            server,
            r#"{"op": "remove", "path": "members[value eq \"1\"]"}"#,
            r#"{"op": "remove", "path": "members", "value": [{"value": "1"}]}"#,
        );
        const WHOLE: &str = "urn:ietf:params:scim:schemas:core:2.0:Group:members";
        becomes(
            server,
            &format!(r#"{{"op": "remove", "path": "{WHOLE}[value eq \"1\"]"}}"#),
            &format!(r#"{{"op": "remove", "path": "{WHOLE}", "value": [{{"value": "1"}}]}}"#),
        );
        for kept in [
            r#"{"op": "remove", "path": "members[type eq \"User\"]"}"#,
            r#"{"op": "remove", "path": "members"}"#,
            r#"{"op": "remove", "path": "emails[value eq \"1\"]"}"#,
        ] {
            becomes(server, kept, kept);
        }
    }
}
