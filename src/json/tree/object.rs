//! Objects: members in order, names without ASCII case.

use std::collections::HashMap;

use super::text::write_text;
use super::{Member, Object, Text, Value};

/// Up to how many members an object is compared by looking each up; beyond, that would be quadratic.
pub(super) const FEW: usize = 32;

impl<'a> Object<'a> {
    /// An empty object.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An object as it was read, with the slice it was read from.
    pub(in crate::json) fn read(members: Vec<Member<'a>>, source: &'a str) -> Self {
        Self { members, source: Some(source) }
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The members in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Member<'a>> {
        self.members.iter()
    }

    /// The members in order, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Member<'a>> {
        self.members_mut().iter_mut()
    }

    /// The members, to be changed in any way.
    pub fn members_mut(&mut self) -> &mut Vec<Member<'a>> {
        self.source = None;
        &mut self.members
    }

    /// Where the member with this name stands, compared without ASCII case.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|member| {
            let raw = member.key.raw();
            // A name with a backslash in it may look as another one is written.
            (raw.eq_ignore_ascii_case(name) && !name.contains('\\'))
                || (raw.contains('\\') && member.key.decoded().eq_ignore_ascii_case(name))
        })
    }

    /// Whether there is a member with this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// The value under this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.members.get(self.position(name)?).map(|member| &member.value)
    }

    /// The value under this name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value<'a>> {
        let index = self.position(name)?;
        self.members_mut().get_mut(index).map(|member| &mut member.value)
    }

    /// Puts a value under this name: in the place of the one that is there, or last.
    pub fn set(&mut self, name: &str, value: Value<'a>) {
        match self.get_mut(name) {
            Some(held) => *held = value,
            None => self.members_mut().push(Member { key: Text::new(name), value }),
        }
    }

    /// Puts a new member before the one at `index`, or last.
    pub fn insert_at(&mut self, index: usize, name: &str, value: Value<'a>) {
        let index = index.min(self.members.len());
        self.members_mut().insert(index, Member { key: Text::new(name), value });
    }

    /// Takes the member with this name out; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Value<'a>> {
        let index = self.position(name)?;
        Some(self.members_mut().remove(index).value)
    }

    /// Gives a member another name in its place. False if it isn't there.
    pub fn rename(&mut self, from: &str, to: &str) -> bool {
        let Some(index) = self.position(from) else { return false };
        if let Some(member) = self.members_mut().get_mut(index) {
            member.key = Text::new(to);
        }
        true
    }

    /// Keeps the members of which `keep` says so.
    pub fn retain(&mut self, keep: impl FnMut(&Member<'a>) -> bool) {
        self.members_mut().retain(keep);
    }
}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.len() != other.len() {
            return false;
        }
        if self.len() <= FEW {
            return self.iter().all(|member| other.get(&member.key.decoded()) == Some(&member.value));
        }
        let name = |member: &Member<'_>| member.key.decoded().to_ascii_lowercase();
        let held: HashMap<_, _> = other.iter().map(|member| (name(member), &member.value)).collect();
        self.iter().all(|member| held.get(&name(member)) == Some(&&member.value))
    }
}

pub(super) fn write_object(object: &Object<'_>, out: &mut Vec<u8>) {
    if let Some(source) = object.source {
        return out.extend_from_slice(source.as_bytes());
    }
    out.push(b'{');
    for (index, member) in object.members.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_text(&member.key, out);
        out.push(b':');
        member.value.write(out);
    }
    out.push(b'}');
}
