//! From plans to one trie.

use crate::json::Text;
use crate::rules::actions::Edit;
use crate::rules::attribute::{key, parent};
use crate::rules::plan::Plan;
use crate::rules::rule::To;
use crate::rules::step::{self, Way};
use crate::scim::{AttrPath, identifiers};

use super::trie::{Becoming, NodeId, Op, Trie};
use super::{Step, Stream, TRUTHS};

/// Names that other steps ask for, whatever rules call them: those of resources' own URLs, and `primary`, for which alone
/// no element stays.
const KEPT: [&str; 4] = ["$ref", "location", "meta", "primary"];

/// What these plans do to an answer; nothing where that takes a tree.
pub(super) fn answers<'p>(plans: impl IntoIterator<Item = &'p Plan>) -> Option<Stream> {
    compiled(To::Client, plans.into_iter().flat_map(|plan| &plan.back))
}

/// What these plans do to the resource of a request; nothing where that takes a tree.
pub(super) fn requests<'p>(plans: impl IntoIterator<Item = &'p Plan>) -> Option<Stream> {
    // Guards look at queries only.
    let acts = |step: &&step::Step| step.way != Way::Guards;
    let mut plans = plans.into_iter();
    // Between the client's packs and the backend's, names are those of SCIM.
    let mut stream = compiled(To::Backend, plans.next().into_iter().flat_map(|plan| plan.there.iter().filter(acts)))?;
    stream.trie.identify(&identifiers::OWN);
    plans.flat_map(|plan| plan.there.iter().filter(acts)).try_for_each(|step| stream.take(step))?;
    stream.trie.watch(&TRUTHS);
    Some(stream)
}

fn compiled<'p>(to: To, steps: impl Iterator<Item = &'p step::Step>) -> Option<Stream> {
    let mut stream = Stream { trie: Trie::new(), steps: Vec::new(), to };
    for step in steps {
        stream.take(step)?;
    }
    Some(stream)
}

impl Stream {
    fn take(&mut self, step: &step::Step) -> Option<()> {
        if step.way != Way::Acts || !step.rule.when.asks_nothing_of_calls() {
            return None;
        }
        let index = self.steps.len();
        for &action in &step.actions {
            let edit = step.rule.actions.get(action)?.edit(self.to)?;
            self.trie.edit(Op { step: index, action }, &edit)?;
        }
        self.steps.push(Step { rule: step.rule.clone(), number: step.number });
        Some(())
    }
}

impl Trie {
    /// The members that bear these names now are identifiers; where their values have been changed, it takes a tree to
    /// look at them.
    fn identify(&mut self, names: &[&str]) {
        for name in names {
            let Some(node) = self.reach(self.root(), name).map(|child| child.node) else { continue };
            self.node_mut(node).identifies = true;
            if !self.node(node).ops.is_empty()
                && let Some(child) = self.reach(self.root(), name)
            {
                child.becoming = Becoming::Stops;
            }
        }
    }

    fn edit(&mut self, op: Op, edit: &Edit<'_>) -> Option<()> {
        match edit {
            Edit::Rename(names) => {
                names.hidden.iter().try_for_each(|path| self.end(op, path, names.lose))?;
                names.in_place.iter().try_for_each(|pairs| self.rename(op, pairs))?;
                names.moved.is_empty().then_some(())
            }
            Edit::Map(mapping, _) => {
                let node = self.value(op, &mapping.place().attr)?;
                if let Some(node) = node {
                    self.node_mut(node).maps = true;
                }
                Some(())
            }
            Edit::Empty(empty) => {
                for place in empty.places() {
                    if place.is_filtered() {
                        return None;
                    }
                    if let Some(node) = self.value(op, &place.attr)? {
                        self.node_mut(node).leaves = true;
                    }
                }
                Some(())
            }
            Edit::Drop(places) => {
                let plain = |path: &&AttrPath| path.name.is_some();
                places.iter().try_for_each(|path| {
                    Some(path).filter(|path| plain(path)).and_then(|path| self.end(op, path, true))
                })
            }
        }
    }

    /// The member at `path` is left out, or the resource left to the tree.
    fn end(&mut self, op: Op, path: &AttrPath, goes: bool) -> Option<()> {
        path.name.as_ref()?;
        let Some(holder) = self.holder(path) else { return Some(()) };
        let node = self.reach(holder, key(path)).map(|child| child.node);
        // Which steps count as a change would depend on the value.
        if node.is_some_and(|node| !self.node(node).ops.is_empty()) {
            return None;
        }
        if let Some(child) = self.reach(holder, key(path)) {
            child.becoming = if goes { Becoming::Goes } else { Becoming::Stops };
            child.steps.push(op.step);
        }
        Some(())
    }

    /// Names of one object, all at once.
    fn rename(&mut self, op: Op, pairs: &[(AttrPath, AttrPath)]) -> Option<()> {
        let mut renamed = Vec::new();
        for (from, to) in pairs {
            if from.name.is_none() || [from, to].iter().any(|path| is_kept(key(path))) {
                return None;
            }
            let Some(holder) = self.holder(from) else { continue };
            let Some(child) = self.reach(holder, key(from)) else { continue };
            child.steps.push(op.step);
            let node = child.node;
            if self.node(node).leaves {
                return None;
            }
            renamed.push((holder, node, key(to)));
        }
        for (holder, node, name) in renamed {
            let mut children = self.node_mut(holder).children.iter_mut();
            if let Some(child) = children.find(|child| child.node == node) {
                child.name = name.into();
            }
            self.node_mut(node).name = Some(Text::new(name).raw().into());
        }
        Some(())
    }

    /// The value at `path` gets this done to it. Nothing inside if nobody can stand there.
    fn value(&mut self, op: Op, path: &AttrPath) -> Option<Option<NodeId>> {
        if path.name.is_none() || is_kept(key(path)) {
            return None;
        }
        let Some(holder) = self.holder(path) else { return Some(None) };
        let Some(node) = self.reach(holder, key(path)).map(|child| child.node) else { return Some(None) };
        self.node_mut(node).ops.push(op);
        Some(Some(node))
    }

    /// The object in which the last name of `path` stands; nothing if nothing can stand there.
    fn holder(&mut self, path: &AttrPath) -> Option<NodeId> {
        let Some(above) = parent(path) else {
            let Some(urn) = path.extension() else { return Some(self.root()) };
            let node = self.reach(self.root(), urn.as_str())?.node;
            self.node_mut(node).is_extension = true;
            return Some(node);
        };
        let holder = self.holder(&above)?;
        Some(self.reach(holder, key(&above))?.node)
    }
}

fn is_kept(name: &str) -> bool {
    KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(name))
}
