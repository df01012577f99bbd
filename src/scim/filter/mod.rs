//! Filters (RFC 7644 section 3.4.2.2) as a tree over their own text.
//!
//! The idea: a filter keeps the text it was read from, and every part of the tree knows where it stands there. So a change
//! is an [`Edit`] of the text, and all that it doesn't name keeps its quoting, spacing and case. [`matches()`] asks a filter
//! of a resource, or of one element of a multi-valued attribute.
//!
//! Reading is lenient where the meaning is plain: operators, `true` and `null` in any case, white space wherever it parts
//! nothing, `not(..)` in one word, and the form `emails[type eq "work"].value eq "a"`, which the RFC's grammar leaves out.
//!
//! Not here: what an attribute is called elsewhere (`rules`), and which filters a backend takes (`bridge`).

mod bare;
mod decimal;
mod evaluate;
mod instant;
mod lexeme;
mod parse;

use std::fmt;
use std::ops::Range;

use crate::json::Value;

use super::attr::{AttrName, AttrPath};

pub use bare::quoted;
pub use evaluate::{is_present, matches, satisfies};
pub use instant::Instant;

/// A filter, with the text it was read from.
#[derive(Clone, Debug)]
pub struct Filter {
    text: String,
    root: Expr,
    scope: Scope,
}

/// What a filter is asked of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scope {
    /// A resource: every path, and value paths.
    Resource,
    /// One element of a multi-valued attribute (`emails[..]`): its sub-attributes, by their plain names.
    Element,
}

/// A part of a filter. Parentheses around it belong to no part.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
    /// What it says.
    pub kind: ExprKind,
}

/// What a part of a filter says.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `a pr and b pr`: two terms or more.
    And(Vec<Expr>),
    /// `a pr or b pr`: two terms or more.
    Or(Vec<Expr>),
    /// `not (a pr)`
    Not(Box<Expr>),
    /// `a pr`
    Present(PathSpan),
    /// `a eq "x"`
    Compare {
        /// The attribute.
        path: PathSpan,
        /// The operator.
        op: CompareOp,
        /// What it is compared with.
        literal: LiteralSpan,
    },
    /// `emails[type eq "work"]`, `emails[type eq "work"].value pr`
    Element {
        /// The multi-valued attribute.
        path: PathSpan,
        /// What stands in the brackets; its paths are names of sub-attributes.
        inner: Box<Expr>,
        /// The sub-attribute after the brackets, and where it stands.
        sub: Option<(AttrName, Range<usize>)>,
        /// How that is compared; without it, `pr`. Never there without `sub`.
        test: Option<(CompareOp, LiteralSpan)>,
    },
}

/// A path and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct PathSpan {
    /// The path.
    pub path: AttrPath,
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
}

/// A literal and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct LiteralSpan {
    /// The literal.
    pub literal: Literal,
    /// Where it stands in the text, in bytes, with its quotes.
    pub span: Range<usize>,
}

/// What an attribute is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `1.0`: the text of a JSON number.
    Number(String),
    /// `"work"`: the content, without quotes and escapes.
    String(String),
}

impl Literal {
    /// A value as a filter compares with it; nothing for what no filter can say.
    #[must_use]
    pub fn of(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Null),
            Value::Bool(truth) => Some(Self::Bool(*truth)),
            Value::Number(text) => Some(Self::Number(text.clone().into_owned())),
            Value::String(text) => Some(Self::String(text.decoded().into_owned())),
            Value::Array(_) | Value::Object(_) => None,
        }
    }
}

/// As a filter writes it.
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(truth) => truth.fmt(f),
            Self::Number(text) => f.write_str(text),
            Self::String(text) => Value::string(text).fmt(f),
        }
    }
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `eq`: equal.
    Eq,
    /// `ne`: not equal, or absent.
    Ne,
    /// `co`: contains.
    Co,
    /// `sw`: starts with.
    Sw,
    /// `ew`: ends with.
    Ew,
    /// `gt`: greater than.
    Gt,
    /// `ge`: greater than or equal.
    Ge,
    /// `lt`: less than.
    Lt,
    /// `le`: less than or equal.
    Le,
}

impl CompareOp {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// As RFC 7644 writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }
}

impl fmt::Display for CompareOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A replacement of one part of a filter's text. A text that joins terms by `and` or `or` brings its own parentheses.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// What is replaced, in bytes.
    pub span: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

/// Why a text is no filter, or an edit can't be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{expected} at byte {at}")]
pub struct FilterFault {
    /// Where, in bytes from the start of the text.
    pub at: usize,
    /// What should stand there, or what is too much, in words.
    pub expected: String,
}

impl Filter {
    /// Reads a filter. At most 32 levels of parentheses and brackets, and 1000 comparisons.
    ///
    /// # Errors
    /// Where the text stops being a filter, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, FilterFault> {
        Self::read(text, Scope::Resource)
    }

    pub(super) fn read(text: &str, scope: Scope) -> Result<Self, FilterFault> {
        let root = parse::parse(text, scope)?;
        Ok(Self { text: text.to_owned(), root, scope })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole filter.
    #[must_use]
    pub fn root(&self) -> &Expr {
        &self.root
    }

    /// The filter with `edits` made, in any order; what none of them names survives byte for byte.
    ///
    /// # Errors
    /// Two edits overlap, one lies outside the text, or what comes out is no filter.
    pub fn splice(&self, mut edits: Vec<Edit>) -> Result<Self, FilterFault> {
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let mut text = String::with_capacity(self.text.len());
        let mut done = 0;
        for edit in edits {
            let clash = || FilterFault { at: edit.span.start, expected: "two changes meet".to_owned() };
            // An inner edit would be lost in an outer one, and with it a translation: better no filter than that one.
            let kept = self.text.get(done..edit.span.start).ok_or_else(clash)?;
            self.text.get(edit.span.clone()).ok_or_else(clash)?;
            text.push_str(kept);
            text.push_str(&edit.text);
            done = edit.span.end;
        }
        text.push_str(self.text.get(done..).unwrap_or_default());
        Self::read(&text, self.scope)
    }

    /// Every literal, in the order in which they are written.
    #[must_use]
    pub fn literals(&self) -> Vec<&LiteralSpan> {
        let mut found = Vec::new();
        self.root.visit(&mut |expr| match &expr.kind {
            ExprKind::Compare { literal, .. } | ExprKind::Element { test: Some((_, literal)), .. } => {
                found.push(literal)
            }
            _ => {}
        });
        found
    }
}

impl Expr {
    /// Calls `f` with every part, those within a part before the part itself.
    pub(super) fn visit<'f>(&'f self, f: &mut impl FnMut(&'f Self)) {
        match &self.kind {
            ExprKind::And(terms) | ExprKind::Or(terms) => terms.iter().for_each(|term| term.visit(f)),
            ExprKind::Not(inner) | ExprKind::Element { inner, .. } => inner.visit(f),
            ExprKind::Present(_) | ExprKind::Compare { .. } => {}
        }
        f(self);
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
