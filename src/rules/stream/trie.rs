//! Names as they are read, and what becomes of the members under them.

use crate::json;

/// Where in a [`Trie`] an object, or a value, stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeId(usize);

/// One action of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Op {
    pub(super) step: usize,
    pub(super) action: usize,
}

/// Names within names.
#[derive(Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

/// What is done to the value of one attribute, and to what is in it.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// The name under which it goes on, escaped as JSON asks for, if it is another one.
    pub(super) name: Option<Box<str>>,
    /// What is done to it, in this order.
    pub(super) ops: Vec<Op>,
    /// Whether one of them maps values, also those in an array.
    pub(super) maps: bool,
    /// Whether one of them may leave it out.
    pub(super) leaves: bool,
    /// Whether a text there may have to be repaired first.
    pub(super) is_watched: bool,
    /// Whether it is an identifier.
    pub(super) identifies: bool,
    /// Whether it is an extension: a single object.
    pub(super) is_extension: bool,
    /// In the order of their names' marks.
    pub(super) children: Vec<Child>,
    /// The marks, close together: a search looks at these only.
    marks: Vec<u64>,
    /// How long the names are, a bit for each length: most other names are of another.
    lengths: u64,
}

/// What becomes of the member under one name.
#[derive(Debug)]
pub(super) struct Child {
    /// The name as it is read, in lower case.
    input: Box<[u8]>,
    /// The name as the rules up to here have made it.
    pub(super) name: Box<str>,
    pub(super) becoming: Becoming,
    /// The steps to which it is a change that the member is there.
    pub(super) steps: Vec<usize>,
    pub(super) node: NodeId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Becoming {
    Stays,
    Goes,
    /// It takes a tree to say.
    Stops,
}

impl Trie {
    pub(super) fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    pub(super) fn root(&self) -> NodeId {
        NodeId(0)
    }

    #[expect(clippy::indexing_slicing, reason = "ids are made by `reach` only, and nodes stay")]
    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    #[expect(clippy::indexing_slicing, reason = "ids are made by `reach` only, and nodes stay")]
    pub(super) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0]
    }

    /// What becomes of the member that is read under this name.
    #[inline]
    pub(super) fn child(&self, at: NodeId, input: &[u8]) -> Option<&Child> {
        let node = self.node(at);
        if node.lengths & length(input) == 0 {
            return None;
        }
        let mark = json::mark(input);
        let first = node.marks.partition_point(|known| *known < mark);
        let alike = node.marks.get(first..)?.iter().take_while(|known| **known == mark);
        let mut children = node.children.get(first..)?.iter().zip(alike).map(|(child, _)| child);
        children.find(|child| child.input.eq_ignore_ascii_case(input))
    }

    /// Texts under these names, in lower case, may have to be repaired first.
    pub(super) fn watch(&mut self, names: &[&str]) {
        let children = self.nodes.iter().flat_map(|node| &node.children);
        let named = children.filter(|child| names.iter().any(|name| *child.input == *name.as_bytes()));
        let watched: Vec<_> = named.map(|child| child.node).collect();
        watched.into_iter().for_each(|node| self.node_mut(node).is_watched = true);
    }

    /// The member that bears this name once the rules up to here have acted; made if no rule has spoken of it. Nothing if
    /// no member can bear it.
    pub(super) fn reach(&mut self, at: NodeId, name: &str) -> Option<&mut Child> {
        let bears = |child: &Child| child.becoming == Becoming::Stays && child.name.eq_ignore_ascii_case(name);
        if let Some(index) = self.node(at).children.iter().position(bears) {
            return self.node_mut(at).children.get_mut(index);
        }
        let input: Box<[u8]> = name.to_ascii_lowercase().into_bytes().into();
        if self.child(at, &input).is_some() {
            return None;
        }
        let node = NodeId(self.nodes.len());
        self.nodes.push(Node::default());
        let child = Child { input, name: name.into(), becoming: Becoming::Stays, steps: Vec::new(), node };
        let (holder, mark) = (self.node_mut(at), json::mark(&child.input));
        let index = holder.marks.partition_point(|known| *known < mark);
        holder.marks.insert(index, mark);
        holder.lengths |= length(&child.input);
        holder.children.insert(index, child);
        holder.children.get_mut(index)
    }
}

/// The bit of a name's length; long ones share one.
fn length(name: &[u8]) -> u64 {
    1 << name.len().min(63)
}
