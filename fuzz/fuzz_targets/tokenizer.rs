//! Any chunking of any bytes is judged as the whole is, and what passes comes out as it came in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scimgate::json::{Pass, Rewrite, Text, parse};

struct Nothing;

impl Rewrite for Nothing {
    fn wants<'k>(&self, _key: &[u8], _parent_key: impl Fn() -> Option<&'k [u8]>) -> bool {
        true
    }

    fn string(&mut self, _key: &[u8], _parent_key: Option<&[u8]>, _value: &Text<'_>) -> Option<Text<'static>> {
        None
    }
}

fuzz_target!(|input: (u8, &[u8])| {
    let (size, bytes) = input;
    let mut pass = Pass::new(Nothing);
    let mut out = Vec::new();
    let fed = bytes.chunks(usize::from(size).max(1)).try_for_each(|chunk| pass.feed(chunk, &mut out));
    let judged = fed.and_then(|()| pass.finish(&mut out));
    assert_eq!(judged.is_ok(), parse(bytes).is_ok());
    if judged.is_ok() {
        assert_eq!(out, bytes);
    }
});
