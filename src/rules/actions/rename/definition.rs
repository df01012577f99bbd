//! `rename` in schemas: a definition goes back to the path at which clients know the attribute.

use crate::json::Object;
use crate::rules::attribute::{are_siblings, parent};
use crate::rules::discovery::Definitions;

use super::{Pair, Rename};

impl Rename {
    /// Renames definitions back, all at once. True if one was there.
    pub(in crate::rules::actions) fn define(&self, definitions: &mut Definitions<'_, '_>) -> bool {
        // Parts leave before their wholes, and come back after them.
        let (parts, wholes): (Vec<&Pair>, Vec<&Pair>) = self.pairs().iter().partition(|(_, right)| right.sub.is_some());
        let taken: Vec<_> = parts.into_iter().chain(wholes).filter_map(|pair| self.taken(pair, definitions)).collect();
        let (parts, wholes): (Vec<_>, Vec<_>) = taken.into_iter().partition(|(pair, ..)| pair.0.sub.is_some());
        let mut left = Vec::new();
        for taken in [wholes, parts] {
            let (stay, leave): (Vec<_>, Vec<_>) = taken.into_iter().partition(|(.., at)| at.is_some());
            // Back in the order in which they left, last first, each is where it was.
            for ((from, to), definition, at) in stay.into_iter().rev().chain(leave) {
                definitions.put(from, definition, at);
                left.push(to);
            }
        }
        left.iter().for_each(|to| definitions.tidy(to));
        !left.is_empty()
    }

    /// The definition of a pair, with its place where it stays among the same others.
    fn taken<'p, 'v>(
        &self,
        pair: &'p Pair,
        definitions: &mut Definitions<'_, 'v>,
    ) -> Option<(&'p Pair, Object<'v>, Option<usize>)> {
        let (from, to) = pair;
        let (definition, at) = definitions.take(to)?;
        let whole = parent(from).zip(parent(to));
        let moves_along = whole.is_some_and(|whole| self.pairs().contains(&whole));
        Some((pair, definition, (are_siblings(from, to) || moves_along).then_some(at)))
    }
}
