//! Every recipe of the cookbook is a pack that loads without a fault or a doubt, and keeps what its cases promise.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed unwrap here is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use scimgate::fault::Faults;
use scimgate::gateway::cases;
use scimgate::rules::actions;
use scimgate::{rules, yaml};

#[tokio::test]
async fn every_recipe_does_what_it_says() {
    let book = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/COOKBOOK.md")).unwrap();
    let recipes: Vec<&str> = book.split("```yaml\n").skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect();
    let mut used = BTreeSet::new();
    for (number, recipe) in (1..).zip(&recipes) {
        let mut faults = Faults::default();
        let node = yaml::parse(&format!("recipe-{number}.yaml"), recipe, &mut faults);
        let pack = node.and_then(|node| rules::load::pack(&node, &mut faults));
        let pack = pack.unwrap_or_else(|| panic!("{}", faults.render(false)));
        let fired = cases::run(&pack, &mut faults).await;
        assert!(faults.is_empty(), "{}", faults.render(false));
        assert!(pack.rules.iter().any(|rule| fired.contains(&rule.id.to_string())), "no rule of recipe {number} fired");
        used.extend(actions::LIST.iter().filter(|about| recipe.contains(&format!("{}:", about.word))).map(|a| a.word));
    }
    assert_eq!(recipes.len(), 21);
    assert!(used.len() >= 16, "only {used:?} are shown");
}
