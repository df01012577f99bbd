//! `identify`: the backend's key is another attribute than `id`.
//!
//! The client's `id` is that attribute's value. The backend's URLs, members and `$ref` speak of its resources by the key
//! already, so what stands there is what the client knows as `id`, and stays as it is. An `id` never changes (RFC 7643
//! section 3.1): neither may the key, so whatever would change it is refused.

use crate::fault::{Fault, Faults};
use crate::json::{Object, Value};
use crate::rules::attribute::{self, Relation, relation};
use crate::rules::discovery::Definitions;
use crate::rules::fold::{self, Asked, Rewrite};
use crate::rules::message::{Body, Facts, Refused, Request, Verdict};
use crate::rules::partial;
use crate::rules::patch::{self, Parted};
use crate::rules::place::Place;
use crate::rules::selection::Selection;
use crate::scim::bulk;
use crate::scim::schema::{self, Kind, Mutability};
use crate::scim::{AttrPath, ErrorStatus, OpKind, OperationKind, Param, PatchOp, PatchPath, ScimError, ScimType};
use crate::yaml::Node;

use super::{About, Action, single};

pub(super) const ABOUT: About = About {
    word: "identify",
    summary: "the backend's key is another attribute than `id`: clients get it as `id`",
    example: "identify: { by: externalId }",
    two_way: true,
    exact: "where the key is one text of each resource; what would change it is refused with 400 mutability",
    operators: &[
        ("every operator, sortBy", "of `id`: asks for the key, and compares as the key does"),
        ("attributes, excludedAttributes", "the key is always asked for"),
    ],
    patch: &[
        ("a path", "to remove the key: 400 mutability"),
        ("a value", "that holds the key as it is passes, another one: 400 mutability; `id` as it is is taken out"),
    ],
    read: |node, faults| Identify::read(node, faults).map(Action::Identify),
};

const ID: &str = "id";

/// The payload of `identify`. Towards the client `id` is the key; towards the backend `id` goes, and a PUT that leaves the
/// key out gets it from the path. A change of the key is refused.
#[derive(Debug)]
pub struct Identify {
    by: Place,
    id: AttrPath,
}

impl Identify {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("identify", faults)?;
        let by = fields.require("by", faults).and_then(|node| {
            let by = single::plain(node, faults)?;
            can_be_a_key(&by, node, faults).then_some(by)
        });
        fields.finish(faults);
        Some(Self { by: by?, id: AttrPath::parse(ID).ok()? })
    }

    /// The key.
    #[must_use]
    pub fn by(&self) -> &Place {
        &self.by
    }

    /// Translates every carrier of a request.
    ///
    /// # Errors
    /// 400 `mutability` for a change of the key or of `id`, 400 `invalidValue` for a new resource whose key is no text.
    pub fn request(&self, request: &mut Request<'_>) -> Result<Verdict, Refused> {
        let selected = self.select(&mut request.selection, request.operation)?;
        // In Bulk a path can name a resource that is made only then (RFC 7644 section 3.7.2): its key isn't known here.
        let id = request.id.as_deref().filter(|id| bulk::referred(id).is_none());
        let body = match &mut request.body {
            Body::Resource(Value::Object(resource)) if request.operation == OperationKind::Replace => {
                self.replace(resource, id)?
            }
            Body::Resource(Value::Object(resource)) => self.create(resource)?,
            Body::Patch(message) => patch::each(message, |op| self.operation(op, id))?,
            Body::None | Body::Resource(_) | Body::Search(_) => Verdict::of(false),
        };
        Ok(selected.or(body))
    }

    fn select(&self, selection: &mut Selection, operation: OperationKind) -> Result<Verdict, Refused> {
        let mut changed = fold::query(selection, operation, &|asked| Ok(self.test(asked)))?;
        if selection.sort_by.as_ref().is_some_and(|path| self.is_id(path)) {
            selection.sort_by = Some(self.by.attr.clone());
            selection.touch(Param::SortBy);
            changed = true;
        }
        changed |= selection.ask_for(&self.by.attr);
        changed |= selection.forget(&self.id);
        Ok(Verdict::of(changed))
    }

    fn test(&self, asked: &Asked<'_>) -> Rewrite {
        if self.is_id(&asked.path) { Rewrite::Name(self.by.to_string()) } else { Rewrite::Keep }
    }

    fn is_id(&self, path: &AttrPath) -> bool {
        relation(path, &self.id) == Relation::Same
    }

    /// Without a key it is the backend that gives one, or refuses.
    fn create(&self, resource: &mut Object<'_>) -> Result<Verdict, Refused> {
        if let Some(key) = self.key(resource)
            && key.as_str().is_none_or(|key| key.is_empty())
        {
            let detail = format!("`{}` must be a text that is not empty: it is the `id` of the resource here", self.by);
            return Err(ScimError::bad_request(ScimType::InvalidValue, detail));
        }
        Ok(Verdict::of(resource.remove(ID).is_some()))
    }

    /// The key of a resource, if it has one.
    fn key<'r, 'v>(&self, resource: &'r Object<'v>) -> Option<&'r Value<'v>> {
        attribute::find(resource, &self.by.attr).filter(|key| !key.is_null())
    }

    fn replace(&self, resource: &mut Object<'_>, id: Option<&str>) -> Result<Verdict, Refused> {
        let had_id = resource.remove(ID).is_some();
        match (self.key(resource), id) {
            (None, Some(id)) => self.put(resource, id).map(|()| Verdict::Applied),
            (Some(key), _) => self.must_stay(key, id).map(|()| Verdict::of(had_id)),
            (None, None) => Err(self.unchangeable()),
        }
    }

    fn operation<'v>(&self, op: PatchOp<'v>, id: Option<&str>) -> Result<Parted<'v>, Refused> {
        let is_id = op.path.as_ref().is_some_and(|path| self.is_id(&path.attr));
        if op.kind == OpKind::Remove {
            let holds_key =
                |path: &PatchPath| matches!(relation(&path.attr, &self.by.attr), Relation::Same | Relation::Above);
            let is_key = is_id || op.path.as_ref().is_some_and(holds_key);
            return if is_key { Err(self.unchangeable()) } else { Ok(Parted::one(op, false)) };
        }
        if is_id {
            self.must_stay(op.value.as_ref().unwrap_or(&Value::Null), id)?;
            return Ok(Parted::into(Vec::new()));
        }
        let Some(mut part) = partial::read(&op) else { return Ok(Parted::one(op, false)) };
        if !self.part(&mut part, op.kind, id)? {
            return Ok(Parted::one(op, false));
        }
        let value = match &op.path {
            None if part.is_empty() => return Ok(Parted::into(Vec::new())),
            None => Some(Value::Object(part)),
            Some(path) => partial::take(&mut part, path),
        };
        Ok(Parted::one(PatchOp { value, ..op }, true))
    }

    /// Takes `id` out of what an operation carries, and puts the key into a whole that is replaced: a server may clear what
    /// that leaves out. True if anything changed.
    fn part(&self, part: &mut Object<'_>, kind: OpKind, id: Option<&str>) -> Result<bool, Refused> {
        let mut changed = false;
        if let Some(own) = part.remove(ID) {
            self.must_stay(&own, id)?;
            changed = true;
        }
        if let Some(key) = attribute::find(part, &self.by.attr) {
            self.must_stay(key, id)?;
            return Ok(changed);
        }
        match (self.whole(part), id) {
            (Some(Value::Object(_)), Some(id)) if kind == OpKind::Replace => {
                self.put(part, id)?;
                Ok(true)
            }
            (Some(Value::Object(_)) | None, _) => Ok(changed),
            (Some(_), _) => Err(self.unchangeable()),
        }
    }

    /// What the key stands in, if that is not the resource itself.
    fn whole<'p, 'v>(&self, part: &'p Object<'v>) -> Option<&'p Value<'v>> {
        let attr = &self.by.attr;
        let extension = || Some(AttrPath { urn: Some(attr.extension()?.clone()), name: None, sub: None });
        let above = attribute::parent(attr).into_iter().chain(extension());
        above.filter_map(|path| attribute::find(part, &path)).next()
    }

    fn put(&self, resource: &mut Object<'_>, id: &str) -> Result<(), Refused> {
        attribute::put(resource, &self.by.attr, Value::string(id)).map_err(|_| self.unchangeable())
    }

    fn must_stay(&self, key: &Value<'_>, id: Option<&str>) -> Result<(), Refused> {
        if id.is_some() && key.as_str().as_deref() == id { Ok(()) } else { Err(self.unchangeable()) }
    }

    fn unchangeable(&self) -> Refused {
        let detail = format!("`{}` is the `id` of the resource here, which never changes", self.by);
        ScimError::bad_request(ScimType::Mutability, detail)
    }

    /// Shows the key as `id`. An answer about one resource that leaves the key out is about the one that was named.
    ///
    /// # Errors
    /// 502 for a resource without a key, or with one that is no text.
    pub fn response(&self, resource: &mut Object<'_>, facts: Facts<'_>) -> Result<Verdict, Refused> {
        let key = match self.key(resource) {
            Some(key) => key.as_str(),
            None => facts.id.map(Into::into),
        };
        let Some(key) = key.filter(|key| !key.is_empty()) else { return Err(self.keyless()) };
        if resource.get(ID).and_then(Value::as_str).is_some_and(|id| id == key) {
            return Ok(Verdict::of(false));
        }
        let key = Value::string(&key);
        resource.set(ID, key);
        Ok(Verdict::Applied)
    }

    fn keyless(&self) -> Refused {
        let detail =
            format!("the backend's answer holds a resource without a text in `{}`, which is its `id`", self.by);
        ScimError::new(ErrorStatus::BadGateway, detail)
    }

    /// The key is required, and set once. True if anything changed.
    pub(super) fn define(&self, definitions: &mut Definitions<'_, '_>) -> bool {
        definitions.edit(&self.by.attr, |key| {
            key.set("mutability", Value::string("immutable"));
            key.set("required", Value::Bool(true));
        })
    }
}

/// A key is one text of the resource that everybody may see.
fn can_be_a_key(by: &Place, node: &Node, faults: &mut Faults) -> bool {
    let above = attribute::parent(&by.attr);
    let is_many = above.iter().chain([&by.attr]).any(schema::is_multi_valued);
    let is_apt = schema::find(None, &by.attr)
        .is_none_or(|known| known.kind == Kind::String && known.mutability == Mutability::ReadWrite);
    if is_many || !is_apt {
        faults.push(
            Fault::error("R0431", node.place.clone(), format!("`{by}` can't be the key of a resource"))
                .label("not one text that everybody may see")
                .help("name an attribute that each resource has once, and that never changes, such as `externalId`"),
        );
    }
    !is_many && is_apt
}
