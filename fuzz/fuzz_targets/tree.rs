//! What the tree takes, serde_json takes with the same values; what it writes, it reads again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scimgate::json::parse;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = parse(bytes) else { return };
    let written = value.to_bytes();
    assert_eq!(parse(&written).expect("what was written is read"), value);
    let owned = value.clone().into_owned();
    assert_eq!(parse(&owned.to_bytes()).expect("what was made is read"), value);
    if let Ok(oracle) = serde_json::from_slice::<serde_json::Value>(bytes) {
        let again: serde_json::Value = serde_json::from_slice(&owned.to_bytes()).expect("JSON");
        assert_eq!(again, oracle);
    }
});
