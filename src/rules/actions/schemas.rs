//! `schemas`: another URN for a schema, wherever it can stand.

use crate::fault::{Fault, Faults};
use crate::json::{Object, Text, Value};
use crate::rules::filters::{Test, invalid};
use crate::rules::fold::{self, Asked, Rewrite, Stand};
use crate::rules::message::{Body, Refused, Request, Verdict};
use crate::rules::partial;
use crate::rules::patch::{self, Parted};
use crate::rules::selection::Selection;
use crate::scim::{AttrPath, CompareOp, Literal, Param, PatchOp, PatchPath, ScimError, ScimType, Urn, filter};
use crate::yaml::{Key, Node};

use super::{About, Action};

pub(super) const ABOUT: About = About {
    word: "schemas",
    summary: "gives a schema another URN on the backend's side, wherever a URN can stand",
    example: "schemas: { urns: { 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': 'urn:acme:scim:2.0:Staff' } }",
    two_way: true,
    exact: "where no URN of the client's is one that another becomes: that is refused with 400",
    operators: &[
        ("every operator, sortBy, attributes", "the URN before the name is rewritten"),
        ("eq ne on `schemas`", "the literal is rewritten"),
        ("co sw ew gt ge lt le on `schemas`", "stays where both URNs answer alike, else 400 invalidFilter"),
    ],
    patch: &[("a path", "its URN is rewritten"), ("a value", "URNs as keys, and in `schemas`, are rewritten")],
    read: |node, faults| Schemas::read(node, faults).map(Action::Schemas),
};

/// The payload of `schemas`. In `schemas`, as the key of an extension, before the name of an attribute in a path, a
/// filter or a list of attributes, and as what a filter compares `schemas` with. All at once, so that two can swap. A
/// URN that stands where another one is to go is refused.
///
/// The URN of a core schema before a name says nothing, so that there the name goes alone. `schemas` is compared by `eq`
/// and `ne`; by another operator only where both URNs answer alike.
#[derive(Debug)]
pub struct Schemas {
    there: Urns,
    back: Urns,
}

/// URNs and what they become, in one direction.
#[derive(Debug)]
struct Urns(Vec<(Urn, Urn)>);

impl Schemas {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("schemas", faults)?;
        let urns = fields.require("urns", faults);
        fields.finish(faults);
        let there = read_urns(urns?, faults)?;
        let back = there.iter().map(|(left, right)| (right.clone(), left.clone())).collect();
        Some(Self { there: Urns(there), back: Urns(back) })
    }

    /// Changes the URNs in every carrier of a request.
    ///
    /// # Errors
    /// 400 for a URN that stands where another one is to go, and for a filter that can't be said.
    pub fn request(&self, request: &mut Request<'_>) -> Result<Verdict, Refused> {
        let mut changed = fold::query(&mut request.selection, request.operation, &|asked| self.there.test(asked))?;
        changed |= self.there.lists(&mut request.selection)?;
        let body = match &mut request.body {
            Body::Resource(Value::Object(resource)) => Verdict::of(self.there.resource(resource)?),
            Body::Patch(message) => patch::each(message, |op| self.there.operation(op))?,
            Body::None | Body::Resource(_) | Body::Search(_) => Verdict::of(false),
        };
        Ok(Verdict::of(changed).or(body))
    }

    /// Changes the URNs of a resource back.
    ///
    /// # Errors
    /// The resource holds a URN that stands for another one.
    pub fn response(&self, resource: &mut Object<'_>) -> Result<Verdict, Refused> {
        self.back.resource(resource).map(Verdict::of)
    }
}

impl Schemas {
    /// What a URN becomes on the way to the backend; nothing if it stays.
    pub(super) fn urn_there(&self, urn: &str) -> Option<String> {
        self.there.found(urn)
    }

    /// What a URN becomes on the way back; nothing if it stays.
    pub(super) fn urn_back(&self, urn: &str) -> Option<String> {
        self.back.found(urn)
    }

    /// Every URN that it names.
    pub(super) fn urns(&self) -> impl Iterator<Item = &Urn> {
        self.there.0.iter().flat_map(|(left, right)| [left, right])
    }
}

impl Urns {
    fn found(&self, urn: &str) -> Option<String> {
        let found = self.0.iter().find(|(from, _)| from.as_str().eq_ignore_ascii_case(urn));
        found.map(|(_, to)| to.as_str().to_owned())
    }

    /// What a URN becomes; nothing if it stays.
    fn image(&self, urn: &str) -> Result<Option<&Urn>, Refused> {
        match self.0.iter().find(|(from, _)| from.as_str().eq_ignore_ascii_case(urn)) {
            Some((_, to)) => Ok(Some(to)),
            None if self.is_hidden(urn) => {
                Err(ScimError::bad_request(ScimType::InvalidValue, format!("`{urn}` is not a schema here")))
            }
            None => Ok(None),
        }
    }

    fn is_hidden(&self, urn: &str) -> bool {
        let is = |one: &Urn| one.as_str().eq_ignore_ascii_case(urn);
        self.0.iter().any(|(_, to)| is(to)) && !self.0.iter().any(|(from, _)| is(from))
    }

    fn path(&self, path: &AttrPath) -> Result<Option<AttrPath>, Refused> {
        let Some(from) = &path.urn else { return Ok(None) };
        let Some(to) = self.image(from.as_str())? else { return Ok(None) };
        let says_nothing = path.name.is_some() && (from.is_core() || to.is_core());
        Ok(Some(AttrPath { urn: (!says_nothing).then(|| to.clone()), ..path.clone() }))
    }

    /// A resource, or a part of one. True if anything changed.
    fn resource(&self, resource: &mut Object<'_>) -> Result<bool, Refused> {
        let mut keys = Vec::new();
        for (index, member) in resource.iter().enumerate() {
            let key = member.key.decoded();
            if let Some(path) = AttrPath::parse(&key).ok().filter(|path| path.urn.is_some())
                && let Some(path) = self.path(&path)?
            {
                keys.push((index, path.to_string()));
            }
        }
        let listed = resource.get("schemas").map(|value| self.listed(value)).transpose()?.flatten();
        let changed = !keys.is_empty() || listed.is_some();
        for (index, key) in keys {
            if let Some(member) = resource.members_mut().get_mut(index) {
                member.key = Text::new(&key);
            }
        }
        if let Some(listed) = listed {
            resource.set("schemas", listed);
        }
        Ok(changed)
    }

    /// The value of `schemas`; nothing if it stays.
    fn listed(&self, value: &Value<'_>) -> Result<Option<Value<'static>>, Refused> {
        match value {
            Value::String(text) => Ok(self.image(&text.decoded())?.map(|to| Value::string(to.as_str()))),
            Value::Array(list) => {
                let images: Vec<_> = list.iter().map(|one| self.listed(one)).collect::<Result<_, _>>()?;
                if images.iter().all(Option::is_none) {
                    return Ok(None);
                }
                let kept = |(image, one): (Option<Value<'static>>, &Value<'_>)| {
                    image.unwrap_or_else(|| one.clone().into_owned())
                };
                Ok(Some(Value::Array(images.into_iter().zip(list.iter()).map(kept).collect::<Vec<_>>().into())))
            }
            _ => Ok(None),
        }
    }

    fn operation<'v>(&self, mut op: PatchOp<'v>) -> Result<Parted<'v>, Refused> {
        let part = partial::read(&op);
        let mut changed = false;
        if let Some(path) = &op.path {
            let filtered = fold::path(path, op.kind, &|asked| self.test(asked))?;
            let attr = self.path(&path.attr)?;
            changed = filtered.is_some() || attr.is_some();
            let filtered = filtered.unwrap_or_else(|| path.clone());
            op.path = Some(PatchPath { attr: attr.unwrap_or_else(|| path.attr.clone()), ..filtered });
        }
        let Some(mut part) = part else { return Ok(Parted::one(op, changed)) };
        if !self.resource(&mut part)? {
            return Ok(Parted::one(op, changed));
        }
        let value = match &op.path {
            None => Some(Value::Object(part)),
            Some(path) => partial::take(&mut part, path).or(op.value),
        };
        Ok(Parted::one(PatchOp { value, ..op }, true))
    }

    fn lists(&self, selection: &mut Selection) -> Result<bool, Refused> {
        let mut touched = Vec::new();
        if let Some(path) = &mut selection.sort_by {
            self.replace(path, Param::SortBy, &mut touched)?;
        }
        for path in &mut selection.attributes {
            self.replace(path, Param::Attributes, &mut touched)?;
        }
        for path in &mut selection.excluded {
            self.replace(path, Param::ExcludedAttributes, &mut touched)?;
        }
        touched.iter().for_each(|param| selection.touch(*param));
        Ok(!touched.is_empty())
    }

    fn replace(&self, path: &mut AttrPath, param: Param, touched: &mut Vec<Param>) -> Result<(), Refused> {
        if let Some(image) = self.path(path)? {
            *path = image;
            touched.push(param);
        }
        Ok(())
    }

    fn test(&self, asked: &Asked<'_>) -> Result<Rewrite, Refused> {
        if let (true, Test::Compare(op, literal)) = (is_schemas(&asked.path), asked.test) {
            return match &literal.literal {
                Literal::String(text) => self.comparison(&asked.path, op, text),
                _ => Ok(Rewrite::Keep),
            };
        }
        if asked.stand != Stand::Resource {
            return Ok(Rewrite::Keep);
        }
        let image = self.path(&asked.path).map_err(|refused| invalid(refused.detail))?;
        Ok(image.map_or(Rewrite::Keep, |path| Rewrite::Name(path.to_string())))
    }

    fn comparison(&self, path: &AttrPath, op: CompareOp, text: &str) -> Result<Rewrite, Refused> {
        if matches!(op, CompareOp::Eq | CompareOp::Ne) {
            let is_hidden = self.is_hidden(text);
            return Ok(match self.image(text).ok().flatten() {
                Some(to) => Rewrite::Literal(Value::string(to.as_str()).to_string()),
                None if is_hidden => Rewrite::constant(op == CompareOp::Ne),
                None => Rewrite::Keep,
            });
        }
        let literal = Literal::String(text.to_owned());
        let holds = |urn: &Urn| filter::satisfies(&Value::string(urn.as_str()), path, op, &literal);
        if self.0.iter().all(|(from, to)| holds(from) == holds(to)) {
            return Ok(Rewrite::Keep);
        }
        Err(invalid("`schemas` can be compared by eq and ne only"))
    }
}

fn is_schemas(path: &AttrPath) -> bool {
    let is = |name: Option<&str>, word: &str| name.is_some_and(|name| name.eq_ignore_ascii_case(word));
    let name = path.name.as_ref().map(crate::scim::AttrName::as_str);
    let sub = path.sub.as_ref().map(crate::scim::AttrName::as_str);
    path.extension().is_none() && is(name, "schemas") && (sub.is_none() || is(sub, "value"))
}

fn read_urns(node: &Node, faults: &mut Faults) -> Option<Vec<(Urn, Urn)>> {
    let mut fields = node.fields("urns", faults)?;
    let entries = fields.rest();
    let mut urns: Vec<(Urn, Urn)> = Vec::with_capacity(entries.len());
    let mut sound = !entries.is_empty();
    for (key, value) in &entries {
        let Some(pair) = read_pair(key, value, faults) else {
            sound = false;
            continue;
        };
        if let Some(urn) = urns.iter().find_map(|(left, right)| {
            [(left, &pair.0), (right, &pair.1)].into_iter().find(|(one, other)| one == other).map(|(one, _)| one)
        }) {
            faults.push(
                Fault::error("R0443", value.place.clone(), format!("`{urn}` stands twice on one side"))
                    .label("can't be told apart on the way")
                    .help("each URN goes to one other: keep one of the two"),
            );
            sound = false;
        }
        urns.push(pair);
    }
    if entries.is_empty() {
        faults.push(
            Fault::error("R0103", node.place.clone(), "no URN is changed".to_owned())
                .label("an empty table")
                .help("write each URN with what it becomes"),
        );
    }
    sound.then_some(urns)
}

fn read_pair(key: &Key, value: &Node, faults: &mut Faults) -> Option<(Urn, Urn)> {
    let right = value.text("a URN", faults)?;
    let mut read = |text: &str, place: &crate::fault::Place| {
        let urn = Urn::parse(text).ok().filter(|_| AttrPath::parse(text).is_ok_and(|path| path.name.is_none()));
        if urn.is_none() {
            faults.push(
                Fault::error("R0446", place.clone(), format!("`{text}` is no schema's URN"))
                    .label("not the URN of a schema")
                    .help("write it as it stands in `schemas`, ending in a version or a version and a type: `urn:acme:scim:2.0:Staff`"),
            );
        }
        urn
    };
    let (left, right) = (read(&key.text, &key.place), read(right, &value.place));
    Some((left?, right?))
}
