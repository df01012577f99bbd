//! Arrays, which keep the slice they were read from until they change.

use super::{Array, Value};

impl<'a> Array<'a> {
    /// An empty array.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An array as it was read, with the slice it was read from.
    pub(in crate::json) fn read(items: Vec<Value<'a>>, source: &'a str) -> Self {
        Self { items, source: Some(source) }
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Value<'a>> {
        self.items.iter()
    }

    /// The items in order, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Value<'a>> {
        self.items_mut().iter_mut()
    }

    /// The item at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Value<'a>> {
        self.items.get(index)
    }

    /// Appends an item.
    pub fn push(&mut self, item: Value<'a>) {
        self.items_mut().push(item);
    }

    /// Puts an item before the one at `index`, or last.
    pub fn insert(&mut self, index: usize, item: Value<'a>) {
        let index = index.min(self.items.len());
        self.items_mut().insert(index, item);
    }

    /// Takes the item at `index` out; null if there is none.
    pub fn remove(&mut self, index: usize) -> Value<'a> {
        if index < self.items.len() { self.items_mut().remove(index) } else { Value::Null }
    }

    /// Keeps the items of which `keep` says so.
    pub fn retain(&mut self, keep: impl FnMut(&Value<'a>) -> bool) {
        self.items_mut().retain(keep);
    }

    /// The items, to be changed in any way.
    pub fn items_mut(&mut self) -> &mut Vec<Value<'a>> {
        self.source = None;
        &mut self.items
    }
}

impl<'a> From<Vec<Value<'a>>> for Array<'a> {
    fn from(items: Vec<Value<'a>>) -> Self {
        Self { items, source: None }
    }
}

impl PartialEq for Array<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

pub(super) fn write_array(array: &Array<'_>, out: &mut Vec<u8>) {
    if let Some(source) = array.source {
        return out.extend_from_slice(source.as_bytes());
    }
    out.push(b'[');
    for (index, item) in array.items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        item.write(out);
    }
    out.push(b']');
}
