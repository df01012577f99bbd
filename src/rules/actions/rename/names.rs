//! How a path is seen through a table of names.

use crate::rules::attribute::{Relation, are_siblings, parent, relation};
use crate::scim::AttrPath;

/// Names and what they become, in one direction; all at once.
#[derive(Debug)]
pub(in crate::rules) struct Names {
    /// From, to.
    pub(super) pairs: Vec<(AttrPath, AttrPath)>,
    /// Whether an attribute that stands where another one is to go is lost rather than refused.
    pub(in crate::rules) lose: bool,
    /// The paths that would become what another attribute becomes.
    pub(in crate::rules) hidden: Vec<AttrPath>,
    /// Pairs whose attribute is taken out of a resource, and put in elsewhere.
    pub(in crate::rules) moved: Vec<Pair>,
    /// Pairs of which only the last name changes, those of one object together, parts before wholes.
    pub(in crate::rules) in_place: Vec<Vec<Pair>>,
}

/// From, to.
type Pair = (AttrPath, AttrPath);

/// What a path becomes.
#[derive(Debug, PartialEq)]
pub(super) enum Image {
    /// This path, perhaps the same one.
    Path(AttrPath),
    /// It names an attribute that the other side doesn't know under this name.
    Hidden,
    /// It can't be said on the other side.
    Unsayable,
}

impl Image {
    fn is_above(&self, path: &AttrPath) -> bool {
        matches!(self, Self::Path(image) if relation(image, path) == Relation::Above)
    }
}

impl Names {
    pub(super) fn new(pairs: Vec<(AttrPath, AttrPath)>, lose: bool) -> Self {
        let mut names = Self { pairs, lose, hidden: Vec::new(), moved: Vec::new(), in_place: Vec::new() };
        // What a resource meets is settled here, once; what stays depends on what is hidden.
        names.hidden = names.followed().collect();
        (names.in_place, names.moved) = names.settled();
        names
    }

    /// The pairs that stay in place, grouped by their object, and those that move.
    fn settled(&self) -> (Vec<Vec<Pair>>, Vec<Pair>) {
        let (staying, moved): (Vec<_>, Vec<_>) =
            self.pairs.iter().cloned().partition(|(from, to)| self.stays(from, to));
        let (parts, wholes): (Vec<_>, Vec<_>) = staying.into_iter().partition(|(from, _)| from.sub.is_some());
        let mut groups: Vec<Vec<Pair>> = Vec::new();
        for pair in parts.into_iter().chain(wholes) {
            let together = |group: &&mut Vec<Pair>| group.iter().any(|(from, _)| are_siblings(from, &pair.0));
            match groups.iter_mut().find(together) {
                Some(group) => group.push(pair),
                None => groups.push(vec![pair]),
            }
        }
        (groups, moved)
    }

    /// What `path` becomes: by its own name, or by its parent's.
    pub(super) fn image(&self, path: &AttrPath) -> Image {
        for (from, to) in &self.pairs {
            if relation(path, from) == Relation::Same {
                return Image::Path(to.clone());
            }
        }
        if self.is_hidden(path) {
            return Image::Hidden;
        }
        for (from, to) in &self.pairs {
            if let Relation::Below(sub) = relation(path, from) {
                return match to.sub {
                    None => Image::Path(AttrPath { sub: Some(sub), ..to.clone() }),
                    Some(_) => Image::Unsayable,
                };
            }
        }
        Image::Path(path.clone())
    }

    /// Whether `path`, or its parent, would become what another attribute becomes.
    fn is_hidden(&self, path: &AttrPath) -> bool {
        self.hidden.iter().any(|hidden| matches!(relation(path, hidden), Relation::Same | Relation::Below(_)))
    }

    /// The paths that would become what another attribute becomes: that name itself, and the one that follows its renamed
    /// parent there (`name.title`, if `name` becomes `fullName` and `title` becomes `fullName.title`).
    fn followed(&self) -> impl Iterator<Item = AttrPath> {
        let followers = |to: &AttrPath| {
            let (above, sub) = (parent(to), to.sub.clone());
            let renamed = self.pairs.iter().filter(move |(_, image)| above.as_ref() == Some(image));
            renamed.map(move |(from, _)| AttrPath { sub: sub.clone(), ..from.clone() })
        };
        let taken = self.pairs.iter().flat_map(move |(_, to)| std::iter::once(to.clone()).chain(followers(to)));
        taken.filter(|path| !self.pairs.iter().any(|(from, _)| from == path))
    }

    /// The pairs whose left-hand side lies below `path` and goes elsewhere than below its image.
    pub(super) fn moved_out<'n>(&'n self, path: &'n AttrPath) -> impl Iterator<Item = &'n (AttrPath, AttrPath)> {
        let image = self.image(path);
        self.pairs.iter().filter(move |(from, to)| {
            relation(path, from) == Relation::Above && !image.is_above(to) && !self.stays(from, to)
        })
    }

    /// Whether something that isn't below `path` goes below its image.
    pub(super) fn has_moved_in(&self, path: &AttrPath) -> bool {
        let image = self.image(path);
        self.pairs
            .iter()
            .any(|(from, to)| image.is_above(to) && relation(path, from) != Relation::Above && !self.stays(from, to))
    }

    /// Whether a part of an attribute follows its whole, and nothing else takes its place.
    pub(super) fn keeps(&self, part: &AttrPath) -> bool {
        let Some(above) = parent(part) else { return true };
        let Image::Path(above) = self.image(&above) else { return true };
        if above.sub.is_some() {
            return true;
        }
        // Were it taken, the part would be hidden.
        self.image(part) == Image::Path(AttrPath { sub: part.sub.clone(), ..above })
    }

    /// Whether anything leaves or enters an extension, so that `schemas` differs on the two sides.
    pub(super) fn cross_extensions(&self) -> bool {
        self.pairs.iter().any(|(from, to)| from.extension() != to.extension())
    }

    /// Whether a pair only changes the last name: its new parent is what its old parent becomes.
    pub(super) fn stays(&self, from: &AttrPath, to: &AttrPath) -> bool {
        match (parent(from), parent(to)) {
            (None, None) => are_siblings(from, to),
            (Some(above), Some(below)) => self.image(&above) == Image::Path(below),
            _ => false,
        }
    }
}
