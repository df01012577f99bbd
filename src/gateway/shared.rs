//! What connections with the same packs share: it is made once, however many connections there are.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::ptr;
use std::sync::Arc;

use crate::rules::{Modes, Pack};
use crate::scim::Resource;

use super::documents::Told;
use super::plans::Plans;

/// What was made so far, while one configuration is loaded.
#[derive(Debug, Default)]
pub struct Shared<'p>(HashMap<Named<'p>, Meant>);

/// Packs, and what a connection says of their rules.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Named<'p> {
    outer: Vec<One<'p>>,
    inner: One<'p>,
    modes: Modes,
    declared: Vec<Resource>,
}

/// One pack: it is read once, so that no other is the same.
#[derive(Debug)]
struct One<'p>(&'p Pack);

/// What packs mean for calls.
#[derive(Clone, Debug)]
pub struct Meant {
    /// What is done to each kind of call.
    pub plans: Arc<Plans>,
    /// What is made of discovery.
    pub told: Arc<Told>,
}

impl<'p> Shared<'p> {
    /// What these packs mean, the client's side first.
    pub fn of(&mut self, outer: &[&'p Pack], inner: &'p Pack, modes: &Modes, declared: &[Resource]) -> Meant {
        let named = Named {
            outer: outer.iter().map(|&pack| One(pack)).collect(),
            inner: One(inner),
            modes: modes.clone(),
            declared: declared.to_vec(),
        };
        let meant = || Meant {
            plans: Arc::new(Plans::new(outer, inner, modes, declared)),
            told: Arc::new(Told::new(outer, inner, modes, declared)),
        };
        self.0.entry(named).or_insert_with(meant).clone()
    }
}

impl PartialEq for One<'_> {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self.0, other.0)
    }
}

impl Eq for One<'_> {}

impl Hash for One<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        ptr::hash(self.0, state);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::Mode;
    use crate::rules::RuleId;

    use super::*;

    #[test]
    fn the_same_packs_of_which_the_same_is_wanted_are_made_once() {
        let packs = [Pack::standard(), Pack::standard()];
        let (client, backend) = (&packs[0], &packs[1]);
        let mut off = Modes::default();
        off.set(RuleId::new("standard", "rule"), Mode::Disabled);
        let mut shared = Shared::default();
        let first = shared.of(&[client], backend, &Modes::default(), &[]);
        let again = shared.of(&[client], backend, &Modes::default(), &[]);
        assert!(Arc::ptr_eq(&first.plans, &again.plans) && Arc::ptr_eq(&first.told, &again.told));
        let others = [
            shared.of(&[client], backend, &off, &[]),
            shared.of(&[client], client, &Modes::default(), &[]),
            shared.of(&[client, client], backend, &Modes::default(), &[]),
            shared.of(&[client], backend, &Modes::default(), &[Resource::User]),
        ];
        assert!(others.iter().all(|other| !Arc::ptr_eq(&first.plans, &other.plans)));
    }
}
