//! In which order operations are done that refer to each other (RFC 7644 section 3.7.2): each behind what it refers to, and
//! else as they were written.

use std::collections::BTreeSet;

/// An order of operations, by their places in the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Every place, in the order in which operations are done.
    pub places: Vec<usize>,
    /// Of each place, whether its operation refers to others that refer to each other in a circle, or is one of them: it can't
    /// be done (section 3.7.1), and waits for nothing.
    pub circular: Vec<bool>,
}

impl Order {
    /// The order of operations where each needs those at these places.
    #[must_use]
    pub fn of(needs: &[BTreeSet<usize>]) -> Self {
        let done = passed(needs);
        let mut circular = vec![true; needs.len()];
        for at in &done {
            if let Some(one) = circular.get_mut(*at) {
                *one = false;
            }
        }
        if done.len() == needs.len() {
            return Self { places: done, circular };
        }
        let is_open = |at: &usize| circular.get(*at) == Some(&false);
        let waits = needs.iter().enumerate().map(|(at, all)| if is_open(&at) { all.clone() } else { BTreeSet::new() });
        let places = passed(&waits.collect::<Vec<_>>());
        Self { places, circular }
    }
}

/// The places that can be reached one after the other, the first that is free first.
fn passed(needs: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut open: Vec<BTreeSet<usize>> = needs.to_vec();
    let mut wanted = vec![Vec::new(); needs.len()];
    for (at, all) in needs.iter().enumerate() {
        for one in all {
            if let Some(users) = wanted.get_mut(*one) {
                users.push(at);
            }
        }
    }
    let mut free: BTreeSet<usize> =
        open.iter().enumerate().filter(|(_, all)| all.is_empty()).map(|(at, _)| at).collect();
    let mut passed = Vec::with_capacity(needs.len());
    while let Some(at) = free.pop_first() {
        passed.push(at);
        for user in wanted.get_mut(at).map(std::mem::take).unwrap_or_default() {
            if let Some(all) = open.get_mut(user)
                && all.remove(&at)
                && all.is_empty()
            {
                free.insert(user);
            }
        }
    }
    passed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(needs: &[&[usize]]) -> (Vec<usize>, Vec<bool>) {
        let needs: Vec<BTreeSet<usize>> = needs.iter().map(|all| all.iter().copied().collect()).collect();
        let Order { places, circular } = Order::of(&needs);
        (places, circular)
    }

    #[test]
    fn each_comes_behind_what_it_needs_and_else_as_written() {
        let none = |count| vec![false; count];
        assert_eq!(order(&[&[], &[], &[]]), (vec![0, 1, 2], none(3)));
        assert_eq!(order(&[&[2], &[], &[]]), (vec![1, 2, 0], none(3)));
        assert_eq!(order(&[&[1], &[2], &[], &[0, 2]]), (vec![2, 1, 0, 3], none(4)));
        assert_eq!(order(&[]), (vec![], none(0)));
    }

    #[test]
    fn who_is_in_a_circle_or_behind_one_waits_for_nothing() {
        assert_eq!(order(&[&[0]]), (vec![0], vec![true]));
        assert_eq!(order(&[&[], &[2], &[1], &[1], &[0]]), (vec![0, 1, 2, 3, 4], vec![false, true, true, true, false]));
        assert_eq!(order(&[&[3], &[2], &[1], &[]]), (vec![1, 2, 3, 0], vec![false, true, true, false]));
    }
}
