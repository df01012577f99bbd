//! The names of the objects that are open, to see one that comes twice.
//!
//! Few names are compared one by one, many are kept in a set whose hash is keyed (std's SipHash), so nobody can choose
//! names that make this slow; names are compared in full, so no chance makes a false refusal.

use std::collections::HashSet;

/// How many names are compared one by one: the objects of users and groups stay below.
const FEW: usize = 32;

/// The names of all open objects, one after the other.
#[derive(Debug)]
pub(super) struct Names {
    /// Their text in lower case.
    text: Vec<u8>,
    /// Where each ends in the text.
    ends: Vec<usize>,
    objects: Vec<ObjectNames>,
}

/// The names of one object.
#[derive(Debug)]
struct ObjectNames {
    text: usize,
    ends: usize,
    many: Option<HashSet<Box<[u8]>>>,
}

/// With room for what a user has, so that it needn't grow.
impl Default for Names {
    fn default() -> Self {
        Self { text: Vec::with_capacity(512), ends: Vec::with_capacity(FEW), objects: Vec::with_capacity(4) }
    }
}

impl Names {
    /// An object begins.
    pub(super) fn open(&mut self) {
        self.objects.push(ObjectNames { text: self.text.len(), ends: self.ends.len(), many: None });
    }

    /// The innermost object ends.
    pub(super) fn close(&mut self) {
        if let Some(object) = self.objects.pop() {
            self.text.truncate(object.text);
            self.ends.truncate(object.ends);
        }
    }

    /// Adds a name, unescaped, to the innermost object. False if it is there already, in whatever ASCII case.
    pub(super) fn add(&mut self, name: &[u8]) -> bool {
        let Some(object) = self.objects.last_mut() else { return true };
        if let Some(many) = &mut object.many {
            // The name that was last added stays in the text.
            self.text.truncate(object.text);
            self.text.extend(name.iter().map(u8::to_ascii_lowercase));
            return many.insert(self.text.get(object.text..).unwrap_or_default().into());
        }
        let start = self.text.len();
        self.text.extend_from_slice(name);
        let (before, added) = self.text.split_at_mut(start);
        added.make_ascii_lowercase();
        let ends = self.ends.get(object.ends..).unwrap_or_default();
        if each(before, object.text, ends).any(|held| held == added) {
            return false;
        }
        self.ends.push(self.text.len());
        if self.ends.len() - object.ends > FEW {
            let ends = self.ends.get(object.ends..).unwrap_or_default();
            object.many = Some(each(&self.text, object.text, ends).map(Box::from).collect());
            self.text.drain(object.text..start);
            self.ends.truncate(object.ends);
        }
        true
    }

    /// The name that was last added to an open object, in lower case; the innermost object is 0, the one around it 1.
    pub(super) fn last(&self, outwards: usize) -> Option<&[u8]> {
        let inside = self.objects.len().checked_sub(outwards)?;
        let (text_end, ends_end) = match self.objects.get(inside) {
            Some(inner) => (inner.text, inner.ends),
            None => (self.text.len(), self.ends.len()),
        };
        let object = self.objects.get(inside.checked_sub(1)?)?;
        // The end before the last one is where the last one begins.
        let before = ends_end.checked_sub(2).filter(|index| *index >= object.ends);
        let start = before.and_then(|index| self.ends.get(index)).copied().unwrap_or(object.text);
        self.text.get(start..text_end)
    }
}

/// The names in `text` from `start` on, of which each ends at one of `ends`.
fn each<'t>(text: &'t [u8], mut start: usize, ends: &'t [usize]) -> impl Iterator<Item = &'t [u8]> {
    ends.iter().map(move |end| text.get(std::mem::replace(&mut start, *end)..*end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_names_are_told_apart_alike() {
        for count in [1, FEW - 1, FEW, FEW + 1, FEW + 2, 10_000] {
            let mut names = Names::default();
            names.open();
            assert!((0..count).all(|number| names.add(format!("Name{number}").as_bytes())));
            for number in [0, count / 2, count - 1] {
                assert!(!names.add(format!("nAME{number}").as_bytes()), "{number} of {count}");
            }
            assert!(names.add(b"another"));
        }
    }

    #[test]
    fn every_object_has_its_own_names() {
        let mut names = Names::default();
        names.open();
        assert!(names.add(b"a"));
        for _ in 0..3 {
            names.open();
            assert!((0..FEW + 5).all(|number| names.add(number.to_string().as_bytes())));
            assert!(names.add(b"a"));
            assert!(!names.add(b"A"));
            names.close();
        }
        assert!(names.add(b"7"));
        assert!(!names.add(b"a"));
        names.close();
        assert!(names.text.is_empty() && names.ends.is_empty());
    }

    #[test]
    fn the_last_name_of_each_open_object_is_known_among_few_and_many() {
        for count in [1, 2, FEW, FEW + 1, FEW + 2, 100] {
            let mut names = Names::default();
            assert_eq!(names.last(0), None);
            names.open();
            assert!((0..count).all(|number| names.add(format!("Outer{number}").as_bytes())));
            let outer = format!("outer{}", count - 1);
            assert_eq!(names.last(0), Some(outer.as_bytes()));
            names.open();
            assert!((0..count).all(|number| names.add(format!("in{number}").as_bytes())));
            let inner = format!("in{}", count - 1);
            assert_eq!((names.last(0), names.last(1)), (Some(inner.as_bytes()), Some(outer.as_bytes())));
            assert_eq!(names.last(2), None);
            names.close();
            assert_eq!(names.last(0), Some(outer.as_bytes()));
        }
    }

    #[test]
    fn names_that_run_together_are_not_mixed_up() {
        let mut names = Names::default();
        names.open();
        assert!([&b"ab"[..], b"c", b"a", b"bc", b"", b"abc"].into_iter().all(|name| names.add(name)));
        assert!(!names.add(b""));
    }

    #[test]
    fn only_ascii_case_is_ignored() {
        let mut names = Names::default();
        names.open();
        assert!(names.add("\u{e4}k".as_bytes()));
        assert!(names.add("\u{c4}k".as_bytes()));
        assert!(names.add("\u{e4}\u{212a}".as_bytes()), "the Kelvin sign is no k");
    }
}
