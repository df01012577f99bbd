//! How a backend filters and pages.

use crate::scim::{AttrPath, CompareOp};

/// Limits of filters.
#[derive(Clone, Debug, PartialEq)]
pub struct Filtering {
    /// `operators:` those that it knows; absent: all ten.
    pub operators: Vec<Operator>,
    /// `logic:` how it joins conditions; absent: in all three ways. `[]`: one condition and no more.
    pub logic: Vec<Logic>,
    /// `attributes:` the only ones that it filters by; absent: all.
    pub attributes: Option<Vec<AttrPath>>,
    /// `ne-absent:` whether `ne` also finds resources that lack the attribute.
    pub ne_absent: bool,
}

impl Default for Filtering {
    fn default() -> Self {
        Self {
            operators: Operator::WORDS.iter().map(|(_, operator)| *operator).collect(),
            logic: Logic::WORDS.iter().map(|(_, logic)| *logic).collect(),
            attributes: None,
            ne_absent: true,
        }
    }
}

/// An operator of filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// A comparison.
    Compare(CompareOp),
    /// `pr`: is there.
    Present,
}

impl Operator {
    /// The words of `operators:`.
    pub const WORDS: &[(&str, Self)] = &[
        ("eq", Self::Compare(CompareOp::Eq)),
        ("ne", Self::Compare(CompareOp::Ne)),
        ("co", Self::Compare(CompareOp::Co)),
        ("sw", Self::Compare(CompareOp::Sw)),
        ("ew", Self::Compare(CompareOp::Ew)),
        ("gt", Self::Compare(CompareOp::Gt)),
        ("ge", Self::Compare(CompareOp::Ge)),
        ("lt", Self::Compare(CompareOp::Lt)),
        ("le", Self::Compare(CompareOp::Le)),
        ("pr", Self::Present),
    ];
}

/// How conditions are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logic {
    /// Both hold.
    And,
    /// One holds.
    Or,
    /// It doesn't hold.
    Not,
}

impl Logic {
    /// The words of `logic:`.
    pub const WORDS: &[(&str, Self)] = &[("and", Self::And), ("or", Self::Or), ("not", Self::Not)];
}

/// Limits of paging (RFC 7644 section 3.4.2.4, RFC 9865).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paging {
    /// `max:` the most resources on one page.
    pub max: Option<u32>,
    /// `default:` how many are on a page where the client doesn't say.
    pub default: Option<u32>,
    /// `index:` how a page is named; absent: by `startIndex` at least.
    pub index: Option<Index>,
}

/// How a page is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// By `startIndex` only, from 1.
    FromOne,
    /// By `cursor` only (RFC 9865).
    Cursor,
}

impl Index {
    /// The words of `index:`.
    pub const WORDS: &[(&str, Self)] = &[("1-based", Self::FromOne), ("cursor", Self::Cursor)];
}
