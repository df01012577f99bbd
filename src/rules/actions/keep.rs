//! `keep`: the only attributes that the other side may see.

use crate::fault::{Fault, Faults};
use crate::json::{Member, Object, Value};
use crate::rules::attribute::{self, Relation, relation};
use crate::rules::message::{Facts, Refused};
use crate::rules::oneway::OneWay;
use crate::rules::place;
use crate::scim::{AttrName, AttrPath, Resource, Urn};
use crate::yaml::{Key, Node};

use super::{About, Action};

pub(super) const ABOUT: About = About {
    word: "keep",
    summary: "removes every attribute that is not on its list",
    example: "keep: { User: [userName, active, name, \"emails[*].value\"] }",
    two_way: false,
    exact: "not undone; `schemas`, `id` and `meta` always stay; towards clients that PUT what they have read, it loses what \
            they never saw (R0310)",
    operators: &[
        ("every operator, sortBy", "400 invalidFilter: nobody may ask for what is not kept"),
        ("excludedAttributes", "the name is taken off the list"),
    ],
    patch: &[
        ("a path", "an operation on an attribute that is not kept goes"),
        ("a value", "what is not kept is taken out; an operation of which nothing is left goes"),
    ],
    read: |node, faults| Keep::read(node, faults).map(Action::Keep),
};

/// What no list has to name: without these a message is no resource (RFC 7643 section 3.1).
const ALWAYS: [&str; 3] = ["schemas", "id", "meta"];

/// The payload of `keep`: a list per resource type; a type without one keeps everything. `schemas`, `id` and `meta` always
/// stay. What becomes empty by it goes too, so that nothing is cleared that is only hidden. In a PATCH an operation on
/// another attribute goes; a query that asks for one is refused.
#[derive(Debug)]
pub struct Keep {
    lists: Vec<(Resource, Vec<AttrPath>)>,
}

impl Keep {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("keep", faults)?;
        let entries = fields.rest();
        fields.finish(faults);
        let before = faults.errors();
        let lists = entries.into_iter().filter_map(|(key, node)| read_list(key, node, faults)).collect();
        (faults.errors() == before).then_some(Self { lists })
    }

    /// Whether its list for this resource type leaves the attribute out.
    pub(crate) fn loses(&self, path: &AttrPath, resource: &Resource) -> bool {
        self.hides(path, Some(resource))
    }

    fn list(&self, resource: Option<&Resource>) -> Option<&[AttrPath]> {
        self.lists.iter().find(|(one, _)| Some(one) == resource).map(|(_, list)| list.as_slice())
    }
}

fn read_list(key: &Key, node: &Node, faults: &mut Faults) -> Option<(Resource, Vec<AttrPath>)> {
    let Some(resource) = Resource::named(&key.text) else {
        faults.push(
            Fault::error("R0104", key.place.clone(), format!("`{}` is not a resource type", key.text))
                .label("not the name of a resource type")
                .help("write a list for each resource type: `keep: { User: [userName, active] }`"),
        );
        return None;
    };
    let paths = node.list("a list of attributes", faults)?.iter().filter_map(|one| read_path(one, faults)).collect();
    Some((resource, paths))
}

fn read_path(node: &Node, faults: &mut Faults) -> Option<AttrPath> {
    let place = place::read_elements(node, faults)?;
    if place.is_filtered() {
        faults.push(
            Fault::error(
                "R0406",
                node.place.clone(),
                format!("`keep` can't keep some elements of `{}` only", place.attr),
            )
            .label("a part of an attribute")
            .help("name the whole attribute or a sub-attribute, and `drop` the elements that must go"),
        );
        return None;
    }
    Some(place.attr)
}

/// What the list says of one member.
enum Share {
    All,
    Parts(Vec<AttrName>),
    Nothing,
}

fn join(share: Share, more: Share) -> Share {
    match (share, more) {
        (Share::All, _) | (_, Share::All) => Share::All,
        (Share::Parts(mut some), Share::Parts(more)) => {
            some.extend(more);
            Share::Parts(some)
        }
        (Share::Nothing, one) | (one, Share::Nothing) => one,
    }
}

fn filter_members(object: &mut Object<'_>, share: impl Fn(&Member<'_>) -> Share) -> bool {
    let mut changed = false;
    object.members_mut().retain_mut(|member| match share(member) {
        Share::All => true,
        Share::Nothing => {
            changed = true;
            false
        }
        Share::Parts(parts) => {
            let here = keep_parts(&mut member.value, &parts);
            changed |= here;
            !(here && is_hollow(&member.value))
        }
    });
    changed
}

fn keep_parts(value: &mut Value<'_>, parts: &[AttrName]) -> bool {
    match value {
        Value::Object(object) => {
            let before = object.len();
            object.retain(|member| parts.iter().any(|part| part.as_str().eq_ignore_ascii_case(&member.key.decoded())));
            object.len() < before
        }
        Value::Array(elements) => {
            let mut changed = false;
            elements.items_mut().retain_mut(|element| {
                let here = keep_parts(element, parts);
                changed |= here;
                !(here && is_hollow(element))
            });
            changed
        }
        _ => false,
    }
}

fn is_hollow(value: &Value<'_>) -> bool {
    match value {
        Value::Object(object) => object.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

/// What the list says of the member `key` of the resource, or of its extension `within`.
fn share(list: &[AttrPath], within: Option<&Urn>, key: &str) -> Share {
    let own = list.iter().filter(|path| path.extension() == within);
    let named = own.filter(|path| path.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case(key)));
    named.fold(Share::Nothing, |share, path| {
        join(share, path.sub.clone().map_or(Share::All, |sub| Share::Parts(vec![sub])))
    })
}

fn is_always(key: &str) -> bool {
    ALWAYS.iter().any(|always| always.eq_ignore_ascii_case(key))
}

/// The extensions of the resource of which only some attributes stay, or none.
fn extensions(resource: &Object<'_>) -> Vec<Urn> {
    let urns = resource.iter().filter(|member| member.value.as_object().is_some());
    urns.filter_map(|member| AttrPath::parse(&member.key.decoded()).ok()?.extension().cloned()).collect()
}

fn keep_extension(list: &[AttrPath], urn: &Urn, resource: &mut Object<'_>) -> bool {
    let mut own = list.iter().filter(|path| path.extension() == Some(urn)).peekable();
    let whole = AttrPath { urn: Some(urn.clone()), name: None, sub: None };
    if own.peek().is_none() {
        return attribute::take(resource, &whole).is_some();
    }
    if own.any(|path| path.name.is_none()) {
        return false;
    }
    let Some(extension) = resource.get_mut(urn.as_str()).and_then(Value::as_object_mut) else { return false };
    let changed = filter_members(extension, |member| share(list, Some(urn), &member.key.decoded()));
    if changed {
        attribute::tidy(resource, &whole);
    }
    changed
}

impl OneWay for Keep {
    fn resource(&self, resource: &mut Object<'_>, facts: Facts<'_>) -> Result<bool, Refused> {
        let Some(list) = self.list(facts.resource) else { return Ok(false) };
        let mut changed = false;
        let extensions = extensions(resource);
        for urn in &extensions {
            changed |= keep_extension(list, urn, resource);
        }
        let is_extension = |key: &str| extensions.iter().any(|urn| urn.as_str().eq_ignore_ascii_case(key));
        changed |= filter_members(resource, |member| {
            let key = member.key.decoded();
            if is_always(&key) || is_extension(&key) { Share::All } else { share(list, None, &key) }
        });
        Ok(changed)
    }

    fn part(&self, part: &mut Object<'_>, facts: Facts<'_>) -> Result<bool, Refused> {
        self.resource(part, facts)
    }

    fn hides(&self, path: &AttrPath, resource: Option<&Resource>) -> bool {
        let always = path.extension().is_none() && path.name.as_ref().is_some_and(|name| is_always(name.as_str()));
        let kept = |list: &[AttrPath]| list.iter().any(|one| relation(path, one) != Relation::Apart);
        !always
            && path.name.is_some() | path.extension().is_some()
            && self.list(resource).is_some_and(|list| !kept(list))
    }
}
