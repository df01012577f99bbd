//! What a condition asks of a PATCH: `patch: { sets, equals, alone }`.

use crate::fault::Faults;
use crate::json::{Object, Value};
use crate::scim::{AttrPath, OpKind, PatchOp};
use crate::yaml::{Key, Node};

use super::attribute::{self, Relation, relation};
use super::partial;
use super::place;

/// What a PATCH must change.
#[derive(Debug, Default)]
pub struct Changes {
    /// It sets one of these.
    sets: Vec<AttrPath>,
    /// It sets each of these to this value.
    equals: Vec<(AttrPath, Value<'static>)>,
    /// It names nothing else.
    alone: bool,
}

impl Changes {
    /// Reads `patch:`.
    pub fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("patch", faults)?;
        let sets = fields.take("sets").map(|node| place::read(node, faults)).unwrap_or_default();
        let equals = fields.take("equals").and_then(|node| read_equals(node, faults)).unwrap_or_default();
        let alone = fields.take("alone").and_then(|node| node.truth("alone", faults)).unwrap_or(false);
        fields.finish(faults);
        Some(Self { sets: sets.into_iter().map(|place| place.attr).collect(), equals, alone })
    }

    /// Whether `message` changes what is asked.
    #[must_use]
    pub fn hold(&self, message: &Value<'_>) -> bool {
        let operations = message.as_object().and_then(|body| body.get("Operations")).and_then(Value::as_array);
        let ops: Vec<PatchOp<'_>> =
            operations.into_iter().flat_map(|list| list.iter()).filter_map(|op| PatchOp::read(op).ok()).collect();
        let sets = self.sets.is_empty() || self.sets.iter().any(|path| ops.iter().any(|op| value(op, path).is_some()));
        let equals = |(path, wanted): &(AttrPath, Value<'static>)| {
            // The last word counts.
            ops.iter().rev().find_map(|op| value(op, path)).is_some_and(|found| found == *wanted)
        };
        sets && self.equals.iter().all(equals) && (!self.alone || ops.iter().all(|op| self.is_named(op)))
    }

    /// Whether the operation names only what the condition does.
    fn is_named(&self, op: &PatchOp<'_>) -> bool {
        let known = |path: &AttrPath| {
            let named = self.sets.iter().chain(self.equals.iter().map(|(path, _)| path));
            named.into_iter().any(|one| matches!(relation(path, one), Relation::Same | Relation::Below(_)))
        };
        match &op.path {
            Some(path) => {
                let sub = path.sub.clone().or_else(|| path.attr.sub.clone());
                known(&AttrPath { sub, ..path.attr.clone() }) || parts(op).is_some_and(|paths| paths.iter().all(known))
            }
            None => parts(op).is_some_and(|paths| paths.iter().all(known)),
        }
    }
}

fn read_equals(node: &Node, faults: &mut Faults) -> Option<Vec<(AttrPath, Value<'static>)>> {
    let mut fields = node.fields("equals", faults)?;
    let entries = fields.rest();
    fields.finish(faults);
    let read = |(key, value): (&Key, &Node)| {
        let node = Node { place: key.place.clone(), kind: crate::yaml::Kind::String(key.text.clone()) };
        Some((place::read_one(&node, faults)?.attr, value.to_json()))
    };
    Some(entries.into_iter().filter_map(read).collect())
}

/// What the operation sets the attribute to.
fn value(op: &PatchOp<'_>, path: &AttrPath) -> Option<Value<'static>> {
    if op.kind == OpKind::Remove || op.path.as_ref().is_some_and(|path| path.filter.is_some()) {
        return None;
    }
    let part = partial::read(op)?;
    attribute::find(&part, path).map(|value| value.clone().into_owned())
}

/// The attributes that the operation carries: of a complex attribute or an extension its parts.
fn parts(op: &PatchOp<'_>) -> Option<Vec<AttrPath>> {
    let part = partial::read(op)?;
    let mut paths = Vec::new();
    for member in part.iter() {
        let path = AttrPath::parse(&member.key.decoded()).ok()?;
        match member.value.as_object() {
            Some(inner) => below(&path, inner, &mut paths)?,
            None => paths.push(path),
        }
    }
    Some(paths)
}

fn below(path: &AttrPath, inner: &Object<'_>, paths: &mut Vec<AttrPath>) -> Option<()> {
    for member in inner.iter() {
        let name = crate::scim::AttrName::parse(&member.key.decoded()).ok();
        name.as_ref()?;
        paths.push(match path.name {
            None => AttrPath { name, ..path.clone() },
            Some(_) => AttrPath { sub: name, ..path.clone() },
        });
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(condition: &str, ops: &str) -> bool {
        let mut faults = Faults::new();
        let node = crate::yaml::parse("test.yaml", condition, &mut faults).unwrap();
        let changes = Changes::read(&node, &mut faults).unwrap();
        assert!(faults.is_empty(), "{}", faults.render(false));
        changes.hold(&crate::json::parse(format!("{{\"Operations\":[{ops}]}}").as_bytes()).unwrap())
    }

    #[test]
    fn a_deactivation_is_seen_however_it_is_written() {
        let off = "{ equals: { active: false }, alone: true }";
        assert!(holds(off, r#"{"op":"replace","value":{"active":false}}"#));
        assert!(holds(off, r#"{"op":"replace","path":"active","value":false}"#));
        assert!(holds(off, r#"{"op":"replace","path":"ACTIVE","value":false}"#));
        assert!(!holds(off, r#"{"op":"replace","value":{"active":false,"title":"x"}}"#));
        assert!(!holds(off, r#"{"op":"replace","path":"active","value":true}"#));
        assert!(!holds(off, r#"{"op":"remove","path":"active"}"#));
        let ops = r#"{"op":"replace","path":"active","value":false},{"op":"replace","path":"active","value":true}"#;
        assert!(!holds(off, ops), "the last word counts");
    }

    #[test]
    fn a_patch_sets_what_it_carries() {
        let name = "{ sets: [name.givenName, title] }";
        assert!(holds(name, r#"{"op":"add","path":"name","value":{"givenName":"A"}}"#));
        assert!(holds(name, r#"{"op":"add","value":{"title":"x","active":true}}"#));
        assert!(!holds(name, r#"{"op":"add","path":"name.familyName","value":"B"}"#));
        assert!(!holds("{ sets: title, alone: true }", r#"{"op":"add","value":{"title":"x","active":true}}"#));
        assert!(holds("{ sets: [name], alone: true }", r#"{"op":"add","value":{"name":{"givenName":"A"}}}"#));
    }
}
