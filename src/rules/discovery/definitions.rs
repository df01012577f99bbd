//! What the schemas of one resource type define (RFC 7643 section 7), by the paths that rules name.

use crate::json::{Array, Object, Value};
use crate::rules::attribute::{key, parent};
use crate::scim::schema::{self, definition};
use crate::scim::{AttrName, AttrPath, Resource, Urn};

/// A schema, and the resource type whose rules say what it becomes.
#[derive(Debug)]
pub(super) struct Entry<'v> {
    /// The place of the resource type; none for a schema that no rule knows.
    pub owner: Option<usize>,
    /// Whether its attributes stand in the resource itself.
    pub is_core: bool,
    pub schema: Object<'v>,
}

/// The definitions of one resource type.
#[derive(Debug)]
pub struct Definitions<'d, 'v> {
    /// The resource type.
    pub resource: &'d Resource,
    pub(super) owner: usize,
    pub(super) entries: &'d mut Vec<Entry<'v>>,
}

/// What becomes of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays.
    Stays,
    /// Clients can't write the attribute.
    ReadOnly,
    /// It goes.
    Goes,
}

impl<'v> Definitions<'_, 'v> {
    fn is(&self, entry: &Entry<'_>, path: &AttrPath) -> bool {
        let named = |urn: &Urn| {
            entry.schema.get("id").and_then(Value::as_str).is_some_and(|id| id.eq_ignore_ascii_case(urn.as_str()))
        };
        entry.owner == Some(self.owner) && path.extension().map_or(entry.is_core, named)
    }

    fn schema(&self, path: &AttrPath) -> Option<&Object<'v>> {
        self.entries.iter().find(|entry| self.is(entry, path)).map(|entry| &entry.schema)
    }

    /// The definition at a path.
    #[must_use]
    pub fn get(&self, path: &AttrPath) -> Option<&Object<'v>> {
        let attribute = named(self.schema(path)?, "attributes", path.name.as_ref()?.as_str())?;
        match &path.sub {
            Some(sub) => named(attribute, "subAttributes", sub.as_str()),
            None => Some(attribute),
        }
    }

    /// The list that holds, or could hold, the definition at a path.
    fn list(&mut self, path: &AttrPath) -> Option<&mut Vec<Value<'v>>> {
        let index = self.entries.iter().position(|entry| self.is(entry, path))?;
        let schema = &mut self.entries.get_mut(index)?.schema;
        let Some(above) = path.sub.as_ref().and(path.name.as_ref()) else { return listed(schema, "attributes") };
        let attributes = listed(schema, "attributes")?;
        let at = position(attributes, above.as_str())?;
        listed(attributes.get_mut(at)?.as_object_mut()?, "subAttributes")
    }

    /// Changes the definition at a path. True if that made a difference.
    pub fn edit(&mut self, path: &AttrPath, change: impl FnOnce(&mut Object<'v>)) -> bool {
        let Some(before) = self.get(path).cloned() else { return false };
        let found = self.list(path).and_then(|list| {
            let at = position(list, key(path))?;
            list.get_mut(at)?.as_object_mut()
        });
        found.is_some_and(|definition| {
            change(definition);
            *definition != before
        })
    }

    /// Takes the definition at a path out, and says where it stood.
    pub fn take(&mut self, path: &AttrPath) -> Option<(Object<'v>, usize)> {
        self.get(path)?;
        self.take_key(path, key(path))
    }

    /// Takes the definition with this key out of where `path` would stand, for names that are no SCIM names.
    pub fn take_key(&mut self, path: &AttrPath, key: &str) -> Option<(Object<'v>, usize)> {
        let list = self.list(path)?;
        let at = position(list, key)?;
        match list.remove(at) {
            Value::Object(definition) => Some((definition, at)),
            _ => None,
        }
    }

    /// Puts a definition at a path, over one that is there: at this place, or last. What has to hold it is made, of what the
    /// RFC says of it.
    pub fn put(&mut self, path: &AttrPath, mut definition: Object<'v>, at: Option<usize>) {
        self.make_room(path);
        let name = key(path);
        definition.set("name", Value::string(name));
        let Some(list) = self.list(path) else { return };
        if let Some(other) = position(list, name) {
            list.remove(other);
        }
        let at = at.unwrap_or(list.len()).min(list.len());
        list.insert(at, Value::Object(definition));
    }

    fn make_room(&mut self, path: &AttrPath) {
        if self.schema(path).is_none() {
            let Some(urn) = path.extension() else { return };
            self.entries.push(Entry { owner: Some(self.owner), is_core: false, schema: definition::schema(urn) });
        }
        let Some(above) = parent(path) else { return };
        if self.get(&above).is_none() {
            let mut whole = self.standard(&above).unwrap_or_default();
            whole.set("type", Value::string("complex"));
            whole.set("subAttributes", Value::Array(Array::new()));
            self.put(&above, whole, None);
        }
        self.edit(&above, |whole| {
            if whole.get("subAttributes").and_then(Value::as_array).is_none() {
                whole.set("subAttributes", Value::Array(Array::new()));
            }
        });
    }

    /// Takes out what held the definition at a path, if nothing is left in it.
    pub fn tidy(&mut self, path: &AttrPath) {
        let hollow = |parts: Option<&Value<'_>>| parts.and_then(Value::as_array).is_some_and(Array::is_empty);
        if let Some(above) = parent(path)
            && self.get(&above).is_some_and(|whole| hollow(whole.get("subAttributes")))
        {
            self.take(&above);
        }
        if path.extension().is_some() && self.schema(path).is_some_and(|schema| hollow(schema.get("attributes"))) {
            let index = self.entries.iter().position(|entry| self.is(entry, path));
            index.map(|index| self.entries.remove(index));
        }
    }

    /// Gives schemas other URNs. True if one has got one.
    pub fn call(&mut self, image: impl Fn(&str) -> Option<String>) -> bool {
        let mut changed = false;
        for entry in self.entries.iter_mut().filter(|entry| entry.owner == Some(self.owner)) {
            let Some(id) = entry.schema.get("id").and_then(Value::as_str).map(std::borrow::Cow::into_owned) else {
                continue;
            };
            let Some(urn) = image(&id) else { continue };
            entry.schema.set("id", Value::string(&urn));
            relocate(&mut entry.schema, &id, &urn);
            changed = true;
        }
        changed
    }

    /// Settles what becomes of each definition; a whole goes where all of its parts do. True if anything changed.
    pub fn settle(&mut self, fate: impl Fn(&AttrPath) -> Fate) -> bool {
        let mut changed = false;
        for path in self.paths() {
            let Some(definition) = self.get(&path) else { continue };
            let word = definition.get("mutability").and_then(Value::as_str).map(std::borrow::Cow::into_owned);
            let is = |other: &str| word.as_deref().is_some_and(|word| word.eq_ignore_ascii_case(other));
            changed |= match fate(&path) {
                Fate::Stays => false,
                // Nobody can read it, and now nobody can write it.
                Fate::ReadOnly if is("writeOnly") => self.take(&path).is_some(),
                Fate::Goes => self.take(&path).is_some(),
                Fate::ReadOnly if is("readOnly") => false,
                Fate::ReadOnly => self.edit(&path, |one| one.set("mutability", Value::string("readOnly"))),
            };
            self.tidy(&path);
        }
        changed
    }

    /// The path of every definition, parts before their whole.
    fn paths(&self) -> Vec<AttrPath> {
        let mut paths = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.owner == Some(self.owner)) {
            let id = entry.schema.get("id").and_then(Value::as_str);
            let urn = id.and_then(|id| Urn::parse(&id).ok()).filter(|_| !entry.is_core);
            for attribute in definitions(&entry.schema, "attributes") {
                let Some(name) = name(attribute) else { continue };
                let whole = AttrPath { urn: urn.clone(), name: Some(name), sub: None };
                let parts = definitions(attribute, "subAttributes").filter_map(self::name);
                paths.extend(parts.map(|sub| AttrPath { sub: Some(sub), ..whole.clone() }));
                paths.push(whole);
            }
        }
        paths
    }

    /// Defines an attribute that clients get though the backend has none, as the RFC does. True if it wasn't defined.
    pub fn offer(&mut self, path: &AttrPath) -> bool {
        let missing = self.schema(path).is_some() && self.get(path).is_none();
        let standard = self.standard(path).filter(|_| missing);
        standard.map(|definition| self.put(path, definition, None)).is_some()
    }

    /// A definition as the RFC has it (RFC 7643 section 8.7.1), for what no document defines.
    #[must_use]
    pub fn standard(&self, path: &AttrPath) -> Option<Object<'static>> {
        schema::find(Some(self.resource), path).map(definition::definition)
    }
}

/// The name of a definition, if it is a name.
fn name(definition: &Object<'_>) -> Option<AttrName> {
    AttrName::parse(&definition.get("name")?.as_str()?).ok()
}

fn definitions<'d, 'v>(whole: &'d Object<'v>, key: &str) -> impl Iterator<Item = &'d Object<'v>> {
    whole.get(key).and_then(Value::as_array).into_iter().flat_map(Array::iter).filter_map(Value::as_object)
}

fn named<'d, 'v>(whole: &'d Object<'v>, key: &str, name: &str) -> Option<&'d Object<'v>> {
    definitions(whole, key).find(|one| is_called(one, name))
}

fn is_called(definition: &Object<'_>, name: &str) -> bool {
    definition.get("name").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(name))
}

fn listed<'d, 'v>(whole: &'d mut Object<'v>, key: &str) -> Option<&'d mut Vec<Value<'v>>> {
    whole.get_mut(key)?.as_array_mut().map(Array::items_mut)
}

fn position(list: &[Value<'_>], name: &str) -> Option<usize> {
    list.iter().position(|one| one.as_object().is_some_and(|one| is_called(one, name)))
}

/// The URL of a schema ends in its URN (RFC 7644 section 4).
fn relocate(schema: &mut Object<'_>, from: &str, to: &str) {
    let Some(meta) = schema.get("meta").and_then(Value::as_object) else { return };
    let location =
        meta.get("location").and_then(Value::as_str).and_then(|url| Some(format!("{}{to}", url.strip_suffix(from)?)));
    if let (Some(location), Some(meta)) = (location, schema.get_mut("meta").and_then(Value::as_object_mut)) {
        meta.set("location", Value::string(&location));
    }
}
