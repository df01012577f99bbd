//! What a call takes away: a resource, an active account, members of a group. The brake counts it before the call is made.
//!
//! Deleting a group counts as one. What other types of resources hold is theirs: only their deletion counts.

use std::collections::HashSet;

use crate::json::{Array, Object, Value};
use crate::scim::filter::ExprKind;
use crate::scim::{AttrPath, CompareOp, OpKind, Operation, PatchOp, PatchPath, Resource, Target, patch};

/// What a call takes away, as far as it says so itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// So much.
    Counted(u32),
    /// Members, and how many depends on who is there.
    Unread,
}

/// What a call takes away; exactly, if the state before it is known.
#[must_use]
pub fn loss(target: &Target, body: Option<&Value<'_>>, before: Option<&Object<'_>>) -> Loss {
    let Some(resource) = &target.resource else { return Loss::Counted(0) };
    match (&target.operation, body, before) {
        (Operation::Delete(_), ..) => Loss::Counted(1),
        (Operation::Replace(_), Some(Value::Object(after)), Some(before)) => {
            Loss::Counted(between(before, after, resource))
        }
        // What can't be applied will be refused, and takes nothing.
        (Operation::Patch(_), Some(message), Some(before)) => {
            Loss::Counted(patch::apply(message, before, resource).map_or(0, |after| between(before, &after, resource)))
        }
        (Operation::Replace(_), Some(Value::Object(user)), None) if *resource == Resource::User => {
            Loss::Counted(u32::from(is_inactive(user)))
        }
        (Operation::Replace(_), _, None) if *resource == Resource::Group => Loss::Unread,
        (Operation::Patch(_), Some(message), None) => of_patch(message, resource),
        _ => Loss::Counted(0),
    }
}

fn between(before: &Object<'_>, after: &Object<'_>, resource: &Resource) -> u32 {
    match resource {
        Resource::User => u32::from(!is_inactive(before) && is_inactive(after)),
        Resource::Group => {
            let stay = members(after);
            let lost = members(before).into_iter().filter(|member| !stay.contains(member)).count();
            u32::try_from(lost).unwrap_or(u32::MAX)
        }
        Resource::Other(_) => 0,
    }
}

fn is_inactive(user: &Object<'_>) -> bool {
    user.get("active").and_then(Value::as_bool) == Some(false)
}

fn members(group: &Object<'_>) -> HashSet<String> {
    let members = group.get("members").and_then(Value::as_array).map(Array::iter).into_iter().flatten();
    let id = |member: &Value<'_>| match member {
        Value::Object(element) => Some(element.get("value")?.to_string()),
        simple => Some(simple.to_string()),
    };
    members.filter_map(id).collect()
}

fn of_patch(message: &Value<'_>, resource: &Resource) -> Loss {
    let operations = message.as_object().and_then(|body| body.get("Operations")).and_then(Value::as_array);
    let mut counted = 0_u32;
    for written in operations.map(Array::iter).into_iter().flatten() {
        let Ok(op) = PatchOp::read(written) else { continue };
        match (of_operation(&op, resource), resource) {
            (Loss::Unread, _) => return Loss::Unread,
            // An account is deactivated once, however often it is said.
            (Loss::Counted(loss), Resource::User) => counted = counted.max(loss),
            (Loss::Counted(loss), _) => counted = counted.saturating_add(loss),
        }
    }
    Loss::Counted(counted)
}

fn of_operation(op: &PatchOp<'_>, resource: &Resource) -> Loss {
    match (&op.path, &op.value) {
        (None, Some(Value::Object(part))) if *resource == Resource::User => Loss::Counted(u32::from(is_inactive(part))),
        (None, Some(Value::Object(part))) if *resource == Resource::Group && op.kind == OpKind::Replace => {
            if part.contains("members") { Loss::Unread } else { Loss::Counted(0) }
        }
        (Some(path), value) if *resource == Resource::User && names(path, "active") => {
            Loss::Counted(u32::from(value.as_ref().and_then(Value::as_bool) == Some(false)))
        }
        (Some(path), _) if *resource == Resource::Group && names(path, "members") => of_members(op, path),
        _ => Loss::Counted(0),
    }
}

fn of_members(op: &PatchOp<'_>, path: &PatchPath) -> Loss {
    let is_part = path.sub.is_some() || path.attr.sub.is_some();
    match (op.kind, path.filter.as_ref().map(|filter| &filter.root().kind)) {
        (OpKind::Add, _) => Loss::Counted(0),
        _ if is_part => Loss::Counted(0),
        (OpKind::Remove, Some(ExprKind::Compare { path, op: CompareOp::Eq, .. })) if is_value(&path.path) => {
            Loss::Counted(1)
        }
        // The form that some servers read: those on the list go.
        (OpKind::Remove, None) => match &op.value {
            Some(Value::Array(list)) => Loss::Counted(u32::try_from(list.len()).unwrap_or(u32::MAX)),
            _ => Loss::Unread,
        },
        _ => Loss::Unread,
    }
}

fn is_value(path: &AttrPath) -> bool {
    path.sub.is_none() && path.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case("value"))
}

fn names(path: &PatchPath, name: &str) -> bool {
    path.attr.extension().is_none()
        && path.attr.name.as_ref().is_some_and(|one| one.as_str().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::Target;

    fn read(text: &str) -> Value<'static> {
        crate::json::parse(text.as_bytes()).unwrap().into_owned()
    }

    fn of(request: &str, body: &str, before: Option<&str>) -> Loss {
        let (method, path) = request.split_once(' ').unwrap();
        let target = Target::parse(method, path, &[]).unwrap();
        let before = before.map(read);
        loss(&target, Some(&read(body)), before.as_ref().and_then(Value::as_object))
    }

    fn patch(path: &str, ops: &str, before: Option<&str>) -> Loss {
        of(&format!("PATCH {path}"), &format!("{{\"Operations\": [{ops}]}}"), before)
    }

    #[test]
    fn a_deletion_and_a_deactivation_are_one_each() {
        for (request, body, losses) in [
            ("DELETE /Users/7", "null", 1),
            ("DELETE /Groups/7", "null", 1),
            ("PUT /Users/7", r#"{"active": false}"#, 1),
            ("PUT /Users/7", r#"{"active": true}"#, 0),
            ("PUT /Users/7", "{}", 0),
            ("POST /Users", r#"{"active": false}"#, 0),
        ] {
            assert_eq!(of(request, body, None), Loss::Counted(losses), "{request} {body}");
        }
        let twice = r#"{"op": "replace", "path": "active", "value": false}, {"op": "add", "value": {"Active": false}}"#;
        assert_eq!(patch("/Users/7", twice, None), Loss::Counted(1));
        assert_eq!(patch("/Users/7", twice, Some(r#"{"active": false}"#)), Loss::Counted(0));
        assert_eq!(patch("/Users/7", r#"{"op": "remove", "path": "emails"}"#, None), Loss::Counted(0));
    }

    #[test]
    fn members_are_counted_one_by_one_or_read_first() {
        for (op, expected) in [
            (r#"{"op": "remove", "path": "members[value eq \"1\"]"}"#, Loss::Counted(1)),
            (r#"{"op": "add", "path": "members", "value": [{"value": "1"}]}"#, Loss::Counted(0)),
            (r#"{"op": "add", "value": {"members": []}}"#, Loss::Counted(0)),
            (r#"{"op": "replace", "path": "members[value eq \"1\"].display", "value": "A"}"#, Loss::Counted(0)),
            (r#"{"op": "replace", "value": {"displayName": "g"}}"#, Loss::Counted(0)),
            (r#"{"op": "remove", "path": "members", "value": [{"value": "1"}, {"value": "2"}]}"#, Loss::Counted(2)),
            (r#"{"op": "remove", "path": "members"}"#, Loss::Unread),
            (r#"{"op": "remove", "path": "members[type eq \"User\"]"}"#, Loss::Unread),
            (r#"{"op": "replace", "path": "Members", "value": []}"#, Loss::Unread),
            (r#"{"op": "replace", "value": {"members": []}}"#, Loss::Unread),
        ] {
            assert_eq!(patch("/Groups/7", op, None), expected, "{op}");
        }
        let both = r#"{"op": "remove", "path": "members[value eq \"1\"]"}, {"op": "remove", "path": "members[value eq \"2\"]"}"#;
        assert_eq!(patch("/Groups/7", both, None), Loss::Counted(2));
        assert_eq!(of("PUT /Groups/7", r#"{"members": [{"value": "1"}]}"#, None), Loss::Unread);
    }

    #[test]
    fn what_was_read_is_counted_exactly() {
        let before = Some(r#"{"members": [{"value": "1"}, {"value": "2"}, {"value": "3"}]}"#);
        for (op, losses) in [
            (r#"{"op": "remove", "path": "members"}"#, 3),
            (r#"{"op": "replace", "path": "members", "value": [{"value": "2", "display": "B"}, {"value": "9"}]}"#, 2),
            (r#"{"op": "remove", "path": "members[value eq \"9\"]"}"#, 0),
            (r#"{"op": "replace", "path": "id", "value": "8"}, {"op": "remove", "path": "members"}"#, 0),
        ] {
            assert_eq!(patch("/Groups/7", op, before), Loss::Counted(losses), "{op}");
        }
        assert_eq!(of("PUT /Groups/7", r#"{"displayName": "g"}"#, before), Loss::Counted(3));
    }
}
