//! Our JSON: a resumable tokenizer, streaming passes and a borrowed tree. Pure; knows no SCIM.
//!
//! The idea: `token` alone says what a document is, and every reader stands on it, so nothing can pass one door that
//! another would refuse. A document is RFC 8259, and more narrowly: UTF-8 without a byte order mark, no deeper than 64,
//! no name twice in an object (compared after unescaping and without ASCII case), no lone surrogate, no float that is
//! infinite. Two parsers never see two documents in the same bytes.
//!
//! - [`parse()`]: a whole document as a tree ([`Value`]) that borrows from its bytes and writes them back as they were;
//! - [`Pass`]: bytes stream through, checked, and only chosen strings are replaced;
//! - [`edit()`]: a whole document is copied, with members renamed, replaced or left out as they come;
//! - [`Walker`]: a long list streams through, one whole element at a time.
//!
//! Not here: documents that we author ourselves (`serde_json` writes those).

mod edit;
mod fault;
#[cfg(test)]
mod laws;
mod names;
mod number;
mod parse;
mod pass;
mod pretty;
mod quoted;
mod scan;
mod token;
mod tree;
mod walk;
mod whole;

pub use edit::{Deed, Edited, Editor, Entry, Fate, Scratch, Stands, Stopped, edit, edit_first};
pub use fault::{FaultKind, JsonFault};
pub use names::mark;
pub use parse::parse;
pub use pass::{Pass, Rewrite};
pub use tree::{Array, Member, Object, Text, Value};
pub use walk::{Piece, Sink, WalkFault, Walker};
