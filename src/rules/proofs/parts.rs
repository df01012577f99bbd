//! Whether rules name parts of what an earlier rule has made texts of: a text has none, but a filter on it would be
//! translated as if it had.

use crate::fault::{Fault, Faults};
use crate::rules::actions::Action;
use crate::rules::rule::Rule;
use crate::scim::AttrPath;

/// Says if a rule changes a part of an attribute that is a text behind an earlier one.
pub(in crate::rules) fn texts_have_none(rules: &[impl AsRef<Rule>], faults: &mut Faults) {
    let mut texts: Vec<(&AttrPath, &Rule)> = Vec::new();
    for rule in rules.iter().map(AsRef::as_ref) {
        for action in &rule.actions {
            let found = texts.iter().find_map(|(at, earlier)| {
                let part = named(action).into_iter().find(|path| is_part(path, at))?;
                meet(earlier, rule).then_some((part, *at, *earlier))
            });
            if let Some((part, at, earlier)) = found {
                faults.push(
                    Fault::error("R0447", rule.place.clone(), format!("`{part}` is no part any more"))
                        .label(format!("rule `{}` makes texts of `{at}` before", earlier.id.in_pack()))
                        .help("write the rule before that one, or name the attribute as a whole"),
                );
            }
            if let Action::Shape(shape) = action
                && shape.makes_texts()
            {
                texts.push((shape.at(), rule));
            }
        }
    }
}

/// The attributes whose values an action changes.
fn named(action: &Action) -> Vec<&AttrPath> {
    let moved = action.pairs().iter().map(|(from, _)| from);
    action.places().into_iter().map(|place| &place.attr).chain(moved).collect()
}

fn is_part(path: &AttrPath, whole: &AttrPath) -> bool {
    path.sub.is_some() && AttrPath { sub: None, ..path.clone() } == *whole
}

/// Whether a resource may be of both.
fn meet(one: &Rule, other: &Rule) -> bool {
    let (one, other) = (&one.when.resources, &other.when.resources);
    one.is_empty() || other.is_empty() || one.iter().any(|resource| other.contains(resource))
}
