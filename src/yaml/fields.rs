//! A mapping whose keys are asked for one by one; a key that nobody asked for is a fault.

use crate::fault::{Fault, Faults, did_you_mean};

use super::{Key, Node, list};

/// The entries of a mapping, while it is read. Ends with [`Fields::finish`].
#[derive(Debug)]
pub struct Fields<'n> {
    what: String,
    node: &'n Node,
    entries: &'n [(Key, Node)],
    asked: Vec<&'n str>,
}

impl<'n> Fields<'n> {
    pub(super) fn new(what: &str, node: &'n Node, entries: &'n [(Key, Node)]) -> Self {
        Self { what: what.to_owned(), node, entries, asked: Vec::new() }
    }

    /// The value under a key that has to be there.
    pub fn require(&mut self, name: &'static str, faults: &mut Faults) -> Option<&'n Node> {
        let found = self.take(name);
        if found.is_none() {
            let message = format!("{} lacks `{name}`", self.what);
            let help = format!("add `{name}: ..`");
            faults.push(Fault::error("R0106", self.node.place.clone(), message).label("in this one").help(help));
        }
        found
    }

    /// The value under a key that may be there. A key without a value counts as one with `null`.
    pub fn take(&mut self, name: &'static str) -> Option<&'n Node> {
        self.asked.push(name);
        self.entries.iter().find(|(key, _)| key.text == name).map(|(_, value)| value)
    }

    /// Every entry that wasn't asked for yet: for mappings whose keys are the operator's own words.
    pub fn rest(&mut self) -> Vec<(&'n Key, &'n Node)> {
        let rest = self.unasked();
        self.asked.extend(rest.iter().map(|(key, _)| key.text.as_str()));
        rest
    }

    /// Says of every key that nobody asked for that it is unknown.
    pub fn finish(self, faults: &mut Faults) {
        #[cfg(test)]
        super::asked::note(&self.what, &self.asked);
        for (key, _) in self.unasked() {
            let unused =
                self.asked.iter().copied().filter(|name| !self.entries.iter().any(|(key, _)| key.text == *name));
            let help = match did_you_mean(&key.text, unused) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("the keys of {} are {}", self.what, list(self.asked.iter().copied(), "and")),
            };
            let message = format!("unknown key `{}` in {}", key.text, self.what);
            faults.push(Fault::error("R0104", key.place.clone(), message).label("not a key here").help(help));
        }
    }

    fn unasked(&self) -> Vec<(&'n Key, &'n Node)> {
        let entries = self.entries.iter().filter(|(key, _)| !self.asked.contains(&key.text.as_str()));
        entries.map(|(key, value)| (key, value)).collect()
    }
}
