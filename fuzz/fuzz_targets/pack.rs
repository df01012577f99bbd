//! No file makes the loader panic or hang, and every fault can be printed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scimgate::fault::Faults;
use scimgate::{rules, yaml};

fuzz_target!(|text: &str| {
    let mut faults = Faults::default();
    if let Some(node) = yaml::parse("fuzz.yaml", text, &mut faults) {
        let pack = rules::load::pack(&node, &mut faults);
        assert!(pack.is_some() || faults.errors() > 0);
    }
    assert!(faults.is_empty() || !faults.render(false).is_empty());
});
