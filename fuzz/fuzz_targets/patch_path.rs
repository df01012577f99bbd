//! A PATCH path that is read is written as one that reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scimgate::scim::PatchPath;

fuzz_target!(|text: &str| {
    let Ok(path) = PatchPath::parse(text) else { return };
    let again = PatchPath::parse(&path.to_string()).expect("what was written is read");
    assert_eq!(again.to_string(), path.to_string());
    assert_eq!((again.attr, again.sub), (path.attr, path.sub));
});
