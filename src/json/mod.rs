//! Our JSON: a resumable tokenizer, streaming passes and a borrowed tree. Pure; knows no SCIM.

pub mod tree;
