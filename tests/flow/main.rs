//! The whole flow of a call, with rules written beside each test and a scripted backend: what rules say of a resource in
//! every carrier, and what they say of messages as a whole.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap here is a failed test"
)]

mod bulk;
mod calls;
mod carriers;
mod discovery;
mod messages;
mod searches;
mod versions;

use scimgate::fault::Faults;
use scimgate::rules::{Pack, load};
use scimgate::yaml;

/// The pack with these rules, each as the text of its keys from `do` on; or the faults of it.
fn pack(side: &str, rules: &[&str]) -> Result<Pack, String> {
    let none = if rules.is_empty() { "[]" } else { "" };
    let mut text = format!("version: 1\npack: written-here\nside: {side}\nabout: a test\nrules: {none}\n");
    for (index, rule) in rules.iter().enumerate() {
        text.push_str(&format!("  - {{ id: r{index}, why: because, {rule} }}\n"));
    }
    let mut faults = Faults::default();
    let node = yaml::parse("test.yaml", &text, &mut faults).ok_or_else(|| faults.render(false))?;
    load::pack(&node, &mut faults).ok_or_else(|| faults.render(false))
}
