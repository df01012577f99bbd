//! Two engines, one meaning: what is translated without a tree is what it is with one.

mod answers;
mod requests;

use std::sync::{Arc, Mutex};

use crate::config::shipped;
use crate::fault::Faults;
use crate::json;
use crate::rules::{Difference, Observer, Pack, Rule, Verdict};
use crate::scim::patch::Repair;

use super::watcher::{Teller, Watcher, Witness};

/// Somebody who could know more.
struct Nobody;

impl Observer for Nobody {
    fn met(&mut self, _number: usize, _rule: &Rule, _verdict: Verdict, _shown: &dyn Fn() -> String) {}

    fn shadowed(&mut self, _number: usize, _rule: &Rule, _differences: &[Difference]) {}
}

impl Witness for Nobody {
    fn repaired(&mut self, _repair: Repair) {}
}

fn packs(kind: &str) -> Vec<Pack> {
    let read = |shipped: &shipped::Shipped| {
        let mut faults = Faults::default();
        shipped.read(&mut faults).unwrap_or_else(|| panic!("{}", faults.render(false)))
    };
    shipped::ALL.iter().filter(|shipped| shipped.kind == kind).map(read).collect()
}

/// Who wants to know what each rule did: that takes a tree.
fn by_tree() -> Watcher {
    Watcher::Tell(Teller(Arc::new(Mutex::new(Nobody))))
}

/// The tokens of a document, one after the other.
fn tokens(bytes: &[u8]) -> String {
    json::parse(bytes).unwrap().into_owned().to_string()
}
