//! What all benches work on: bodies and packs, made up and always the same.

pub mod bodies;
pub mod packs;
