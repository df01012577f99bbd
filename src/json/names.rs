//! The names of the objects that are open, to see one that comes twice.
//!
//! Few names are compared one by one, many are kept in a set whose hash is keyed (std's SipHash), so nobody can choose
//! names that make this slow; names are compared in full, so no chance makes a false refusal.

use std::collections::HashSet;

/// How many names are compared one by one: the objects of users and groups stay below.
const FEW: usize = 32;

/// The names of all open objects, one after the other.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Their text, as it was written but for escapes.
    text: Vec<u8>,
    /// Where each ends in the text.
    ends: Vec<usize>,
    /// A mark of each: names with different marks are different, whatever their case.
    marks: Vec<u64>,
    objects: Vec<ObjectNames>,
}

/// The names of one object.
#[derive(Debug)]
struct ObjectNames {
    text: usize,
    ends: usize,
    /// Where the name that was last added begins.
    last: usize,
    many: Option<HashSet<Box<[u8]>>>,
}

impl Names {
    /// Room for what a user has, so that it needn't grow.
    #[cold]
    fn make_room(&mut self) {
        self.text.reserve(512);
        self.ends.reserve(FEW);
        self.marks.reserve(FEW);
        self.objects.reserve(4);
    }

    /// No object is open any more.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.marks.clear();
        self.objects.clear();
    }

    /// An object begins.
    pub(super) fn open(&mut self) {
        if self.objects.capacity() == 0 {
            self.make_room();
        }
        self.objects.push(ObjectNames {
            text: self.text.len(),
            ends: self.ends.len(),
            last: self.text.len(),
            many: None,
        });
    }

    /// The innermost object ends.
    pub(super) fn close(&mut self) {
        if let Some(object) = self.objects.pop() {
            self.text.truncate(object.text);
            self.ends.truncate(object.ends);
            self.marks.truncate(object.ends);
        }
    }

    /// Adds a name, unescaped, to the innermost object. False if it is there already, in whatever ASCII case.
    pub(super) fn add(&mut self, name: &[u8]) -> bool {
        let Some(object) = self.objects.last_mut() else { return true };
        if let Some(many) = &mut object.many {
            // The name that was last added stays in the text.
            self.text.truncate(object.text);
            self.text.extend_from_slice(name);
            return many.insert(name.to_ascii_lowercase().into());
        }
        let mark = mark(name);
        let ends = self.ends.get(object.ends..).unwrap_or_default();
        if self.marks.get(object.ends..).unwrap_or_default().contains(&mark)
            && each(&self.text, object.text, ends).any(|held| held.eq_ignore_ascii_case(name))
        {
            return false;
        }
        let start = self.text.len();
        object.last = start;
        self.text.extend_from_slice(name);
        self.ends.push(self.text.len());
        self.marks.push(mark);
        if self.ends.len() - object.ends > FEW {
            let ends = self.ends.get(object.ends..).unwrap_or_default();
            object.many =
                Some(each(&self.text, object.text, ends).map(|name| name.to_ascii_lowercase().into()).collect());
            self.text.drain(object.text..start);
            object.last = object.text;
            self.ends.truncate(object.ends);
            self.marks.truncate(object.ends);
        }
        true
    }

    /// The name that was last added to an open object; the innermost object is 0, the one around it 1.
    pub(super) fn last(&self, outwards: usize) -> Option<&[u8]> {
        let inside = self.objects.len().checked_sub(outwards)?;
        let object = self.objects.get(inside.checked_sub(1)?)?;
        let end = self.objects.get(inside).map_or(self.text.len(), |inner| inner.text);
        self.text.get(object.last..end)
    }
}

/// A mark of a name: its length and letters, of a long one the first and last eight. Names with different marks are
/// different, whatever their ASCII case.
#[inline]
#[must_use]
pub fn mark(name: &[u8]) -> u64 {
    /// Makes capitals small, and other characters others; what is the same without case stays so.
    const SMALL: u64 = u64::from_ne_bytes([0x20; 8]);
    let letters = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            (u64::from_le_bytes(*first) | SMALL) ^ (u64::from_le_bytes(*last) | SMALL).rotate_left(5)
        }
        _ => {
            let mut short = [0; 8];
            short.iter_mut().zip(name).for_each(|(to, from)| *to = *from);
            u64::from_le_bytes(short) | SMALL
        }
    };
    letters ^ (name.len() as u64).rotate_right(8)
}

/// The names in `text` from `start` on, of which each ends at one of `ends`.
fn each<'t>(text: &'t [u8], mut start: usize, ends: &'t [usize]) -> impl Iterator<Item = &'t [u8]> {
    ends.iter().map(move |end| text.get(std::mem::replace(&mut start, *end)..*end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_does_not_know_case() {
        for length in 0..40 {
            let name: Vec<u8> = (0..length).map(|at| b"aZ@[{\xc3Q9"[at % 8]).collect();
            assert_eq!(mark(&name), mark(&name.to_ascii_lowercase()));
            assert_eq!(mark(&name), mark(&name.to_ascii_uppercase()));
            assert_ne!(mark(&name), mark(&[name.clone(), vec![0]].concat()));
        }
    }

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
            let outer = format!("Outer{}", count - 1);
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
