//! How a path is seen through a table of names.

use crate::rules::attribute::{Relation, are_siblings, parent, relation};
use crate::scim::AttrPath;

/// Names and what they become, in one direction; all at once.
#[derive(Debug)]
pub(super) struct Names {
    /// From, to.
    pub(super) pairs: Vec<(AttrPath, AttrPath)>,
    /// Whether an attribute that stands where another one is to go is lost rather than refused.
    pub(super) lose: bool,
}

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

impl Names {
    pub(super) fn new(pairs: Vec<(AttrPath, AttrPath)>, lose: bool) -> Self {
        Self { pairs, lose }
    }

    /// What `path` becomes: by its own name, or by its parent's.
    pub(super) fn image(&self, path: &AttrPath) -> Image {
        for (from, to) in &self.pairs {
            if relation(path, from) == Relation::Same {
                return Image::Path(to.clone());
            }
        }
        for (from, to) in &self.pairs {
            if let Relation::Below(sub) = relation(path, from) {
                return match to.sub {
                    None => Image::Path(AttrPath { sub: Some(sub), ..to.clone() }),
                    Some(_) => Image::Unsayable,
                };
            }
        }
        if self.is_hidden(path) { Image::Hidden } else { Image::Path(path.clone()) }
    }

    /// Whether `path`, or its parent, bears a name that another attribute takes on.
    pub(super) fn is_hidden(&self, path: &AttrPath) -> bool {
        let taken = |to: &AttrPath| matches!(relation(path, to), Relation::Same | Relation::Below(_));
        let moved = |to: &AttrPath| self.pairs.iter().any(|(from, _)| from == to);
        self.pairs.iter().any(|(_, to)| taken(to) && !moved(to))
    }

    /// The pairs whose left-hand side lies below `path` and goes elsewhere than below its image.
    pub(super) fn moved_out<'n>(&'n self, path: &'n AttrPath) -> impl Iterator<Item = &'n (AttrPath, AttrPath)> {
        self.pairs.iter().filter(move |(from, to)| relation(path, from) == Relation::Above && !self.stays(from, to))
    }

    /// Whether something that isn't below `path` goes below its image.
    pub(super) fn has_moved_in(&self, path: &AttrPath) -> bool {
        let Image::Path(image) = self.image(path) else { return false };
        self.pairs.iter().any(|(from, to)| relation(&image, to) == Relation::Above && !self.stays(from, to))
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
