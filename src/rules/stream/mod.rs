//! What rules do to a resource, done to its bytes as they are read, without a tree.
//!
//! The idea: renames within one object, mapped values, emptied and dropped attributes can be decided member by member.
//! If all rules that a resource meets are of that kind, they are compiled into one [`trie`] over the names *as they are
//! read*, and [`json::edit()`](crate::json::edit()) does them all in one pass. The actions themselves say what becomes of
//! a value, so there is one meaning; and whatever is not plain (a name that is taken, a value outside the domain, an
//! object that becomes hollow) is left to the tree, which then decides it or says why not.
//!
//! Not here: conditions on the body, rules in shadow, and actions that add or move attributes. A plan with one of them
//! takes the tree.

mod compile;
mod trie;

use std::sync::Arc;

use crate::json::{self, Deed, Edited, Editor, Entry, Fate, Rewrite, Scratch, Stands, Stopped, Text, Value};

use crate::scim::{identifiers, urn};

use super::actions::Edit;
use super::plan::Plan;
use super::rule::{Rule, To};
use trie::{Becoming, NodeId, Op, Trie};

/// How many containers an element of a list stands in: the list and its array.
const AROUND: usize = 2;

/// Attributes that are known to be true or false, in lower case: a client may send them as texts, and the standard repairs
/// come before every rule.
const TRUTHS: [&str; 2] = ["active", "primary"];

/// How the URNs of RFC 7643 begin: a key may be an attribute's whole name with its URN, which is repaired too.
const SCHEMAS: &[u8] = b"urn:ietf:params:scim:schemas:";

/// The rules of plans that a resource meets one after the other, compiled.
#[derive(Debug)]
pub struct Stream {
    trie: Trie,
    steps: Vec<Step>,
    to: To,
}

/// A rule that acts.
#[derive(Debug)]
struct Step {
    rule: Arc<Rule>,
    number: usize,
}

/// Which rules have changed something, and what is kept from one resource to the next.
#[derive(Debug, Default)]
pub struct Fired {
    steps: Marks,
    scratch: Scratch,
}

/// Some of the steps of a stream: a bit for each, since most resources meet few of many.
#[derive(Debug, Default)]
struct Marks(Vec<u64>);

impl Marks {
    fn clear(&mut self, steps: usize) {
        self.0.clear();
        self.0.resize(steps.div_ceil(64), 0);
    }

    fn set(&mut self, step: usize) {
        if let Some(word) = self.0.get_mut(step / 64) {
            *word |= 1 << (step % 64);
        }
    }

    fn any(&self) -> bool {
        self.0.iter().any(|word| *word != 0)
    }

    /// Those that are set, in order.
    fn each(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let rest = |word: &u64| Some(word & word.wrapping_sub(1));
            let words = std::iter::successors(Some(*word), rest).take_while(|word| *word != 0);
            words.map(move |word| at * 64 + word.trailing_zeros() as usize)
        })
    }
}

impl Stream {
    /// What these plans do to an answer, in this order; nothing where that takes a tree.
    #[must_use]
    pub fn of_answers<'p>(plans: impl IntoIterator<Item = &'p Plan>) -> Option<Self> {
        compile::answers(plans)
    }

    /// What these plans do to the resource of a request, in this order; nothing where that takes a tree. Resources that the
    /// standard repairs may have to do with are left to the tree, too; groups may not be given to it, since their members
    /// are not looked at.
    #[must_use]
    pub fn of_requests<'p>(plans: impl IntoIterator<Item = &'p Plan>) -> Option<Self> {
        compile::requests(plans)
    }

    /// Translates a resource, and replaces the strings that are wanted. True if anything changed; `fired` is told which
    /// rules did it.
    ///
    /// # Errors
    /// The resource has to be translated as a tree, which may fail too; what is in `out` then is to be thrown away.
    pub fn translate(
        &self,
        bytes: &[u8],
        rewrite: &mut impl Rewrite,
        fired: &mut Fired,
        out: &mut Vec<u8>,
    ) -> Result<bool, Stopped> {
        let (mut run, scratch) = self.run(rewrite, fired);
        let edited = json::edit(bytes, self.trie.root(), &mut run, scratch, out)?;
        Ok(run.has_changed(edited))
    }

    /// Translates the resource that begins these bytes, as an element of a list; nothing if it doesn't end in them. With
    /// its length, true if anything changed.
    ///
    /// # Errors
    /// As those of [`Stream::translate`].
    pub fn translate_first(
        &self,
        bytes: &[u8],
        rewrite: &mut impl Rewrite,
        fired: &mut Fired,
        out: &mut Vec<u8>,
    ) -> Result<Option<(usize, bool)>, Stopped> {
        let (mut run, scratch) = self.run(rewrite, fired);
        let edited = json::edit_first(bytes, AROUND, self.trie.root(), &mut run, scratch, out)?;
        Ok(edited.map(|edited| (edited.length, run.has_changed(edited))))
    }

    fn run<'s, R: Rewrite>(&'s self, rewrite: &'s mut R, fired: &'s mut Fired) -> (Run<'s, R>, &'s mut Scratch) {
        let Fired { steps, scratch } = fired;
        steps.clear(self.steps.len());
        (Run { stream: self, rewrite, fired: steps }, scratch)
    }

    /// The rules that changed something, by the numbers that [`Plan::new`] gave them.
    pub fn fired<'s>(&'s self, fired: &'s Fired) -> impl Iterator<Item = usize> + 's {
        fired.steps.each().filter_map(|step| self.steps.get(step)).map(|step| step.number)
    }

    fn edit(&self, op: Op) -> Option<Edit<'_>> {
        self.steps.get(op.step)?.rule.actions.get(op.action)?.edit(self.to)
    }
}

/// One resource on its way through.
struct Run<'s, R> {
    stream: &'s Stream,
    rewrite: &'s mut R,
    fired: &'s mut Marks,
}

impl<R> Run<'_, R> {
    fn mark(&mut self, step: usize) {
        self.fired.set(step);
    }

    /// Whether a key of a request is an attribute's whole name.
    fn is_qualified(&self, at: NodeId, name: &[u8]) -> bool {
        let starts = || name.get(..SCHEMAS.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEMAS));
        self.stream.to == To::Backend
            && at == self.stream.trie.root()
            && starts()
            && !name.eq_ignore_ascii_case(urn::ENTERPRISE.as_bytes())
    }

    fn is_watched(&self, name: &[u8]) -> bool {
        self.stream.to == To::Backend && TRUTHS.iter().any(|truth| name.eq_ignore_ascii_case(truth.as_bytes()))
    }

    fn has_changed(&self, edited: Edited) -> bool {
        edited.has_rewritten || self.fired.any()
    }
}

impl<R: Rewrite> Editor for Run<'_, R> {
    type Place = NodeId;

    fn member(&mut self, at: NodeId, name: &[u8]) -> Fate<NodeId> {
        if self.is_qualified(at, name) {
            return Fate::Stops;
        }
        let Some(child) = self.stream.trie.child(at, name) else { return Fate::Stays };
        for &step in &child.steps {
            self.mark(step);
        }
        match child.becoming {
            Becoming::Stays => Fate::Becomes(child.node),
            Becoming::Goes => Fate::Goes,
            Becoming::Stops => Fate::Stops,
        }
    }

    fn minds(&self, at: NodeId, name: &[u8]) -> bool {
        self.stream.trie.child(at, name).is_some() || self.is_qualified(at, name)
    }

    fn name(&self, at: NodeId) -> Option<&str> {
        self.stream.trie.node(at).name.as_deref()
    }

    fn judges(&self, at: NodeId) -> bool {
        let node = self.stream.trie.node(at);
        node.is_watched || node.identifies || !node.ops.is_empty()
    }

    fn value(&mut self, at: NodeId, value: &Value<'_>, stands: Stands) -> Deed {
        let node = self.stream.trie.node(at);
        if node.is_watched && matches!(value, Value::String(text) if is_truth(text)) {
            return Deed::Stop;
        }
        if node.identifies && !identifiers::is_sound(value) {
            return Deed::Stop;
        }
        let mut put: Option<Value<'static>> = None;
        for &op in &self.stream.trie.node(at).ops {
            let Some(edit) = self.stream.edit(op) else { return Deed::Stop };
            match edit.value(put.as_ref().unwrap_or(value), stands) {
                Deed::Keep => continue,
                Deed::Put(value) => put = Some(value),
                Deed::Leave => {
                    self.mark(op.step);
                    return Deed::Leave;
                }
                Deed::Stop => return Deed::Stop,
            }
            self.mark(op.step);
        }
        put.map_or(Deed::Keep, Deed::Put)
    }

    fn enter(&self, at: NodeId, is_array: bool, stands: Stands) -> Entry {
        let node = self.stream.trie.node(at);
        match (is_array, stands) {
            _ if node.identifies || node.maps && !(is_array && stands == Stands::Named) => Entry::Stop,
            (true, Stands::Listed) => Entry::Skip,
            (true, Stands::Named) if node.is_extension => Entry::Skip,
            _ if node.maps || !node.children.is_empty() => Entry::Look,
            _ => Entry::Skip,
        }
    }

    /// `empty` takes an element with it that is left with nothing but `primary`.
    fn carries(&self, name: &[u8]) -> bool {
        !name.eq_ignore_ascii_case(b"primary")
    }

    fn wants<'k>(&self, name: &[u8], above: impl Fn() -> Option<&'k [u8]>) -> bool {
        self.is_watched(name) || self.rewrite.wants(name, above)
    }

    fn string(&mut self, name: &[u8], above: Option<&[u8]>, value: &Text<'_>) -> Deed {
        match self.is_watched(name) {
            true if is_truth(value) => Deed::Stop,
            true => Deed::Keep,
            false => self.rewrite.string(name, above, value).map_or(Deed::Keep, |text| Deed::Put(Value::String(text))),
        }
    }
}

/// Whether a text is `true` or `false`, in whatever case.
fn is_truth(text: &Text<'_>) -> bool {
    let text = text.decoded();
    ["true", "false"].iter().any(|truth| text.eq_ignore_ascii_case(truth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_in_order() {
        let mut marks = Marks::default();
        for steps in [1, 63, 64, 65, 200] {
            marks.clear(steps);
            assert!(!marks.any());
            let set: Vec<usize> = (0..steps).filter(|step| step % 7 == 0 || step % 64 == 63).collect();
            set.iter().rev().for_each(|step| marks.set(*step));
            assert!(marks.any());
            assert_eq!(marks.each().collect::<Vec<_>>(), set);
        }
    }
}
