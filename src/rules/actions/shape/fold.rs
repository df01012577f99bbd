//! A value filter asked of the one entry that a slot stands for, `{type, value}` with a known type: all that doesn't ask
//! for the value is known beforehand.

use crate::json::{Object, Value};
use crate::scim::filter::{self, Expr, ExprKind, LiteralSpan, PathSpan};
use crate::scim::{AttrName, AttrPath, CompareOp, Literal};

use super::form::{self, Term};

/// What is known of a filter.
#[derive(Debug, PartialEq)]
pub(super) enum Folded {
    /// It is false.
    Never,
    /// It is true.
    Always,
    /// It is this, asked of the slot.
    When {
        /// The filter; one that joins terms brings its own parentheses.
        text: String,
        /// Whether it may be true of an empty slot, for which there is no entry.
        of_nothing: bool,
    },
}

/// One entry: its type, and the slot that holds its value.
#[derive(Clone, Copy)]
pub(super) struct Entry<'s> {
    pub kind: &'s str,
    pub slot: &'s AttrName,
}

impl Entry<'_> {
    /// What is known of `expr`, whose literals stand in the text of `term`.
    pub(super) fn fold(self, term: Term<'_>, expr: &Expr) -> Folded {
        match &expr.kind {
            ExprKind::And(terms) => and(terms.iter().map(|one| self.fold(term, one))),
            ExprKind::Or(terms) => or(terms.iter().map(|one| self.fold(term, one))),
            ExprKind::Not(inner) => match self.fold(term, inner) {
                Folded::Never => Folded::Always,
                Folded::Always => Folded::Never,
                Folded::When { text, .. } => Folded::When { text: format!("not ({text})"), of_nothing: true },
            },
            ExprKind::Present(path) if asks_value(path) => Folded::Always,
            ExprKind::Compare { path, op, literal } if asks_value(path) => self.compare(term, *op, literal),
            _ if filter::matches(expr, &self.without_value()) => Folded::Always,
            _ => Folded::Never,
        }
    }

    fn compare(self, term: Term<'_>, op: CompareOp, literal: &LiteralSpan) -> Folded {
        let is_empty = matches!(&literal.literal, Literal::String(text) if text.is_empty());
        match (&literal.literal, op) {
            (Literal::Null, CompareOp::Ne) => Folded::Always,
            (Literal::Null, _) => Folded::Never,
            _ => Folded::When {
                text: format!("{} {op} {}", self.slot, term.slice(&literal.span)),
                of_nothing: is_empty || matches!(op, CompareOp::Ne | CompareOp::Lt | CompareOp::Le),
            },
        }
    }

    fn without_value(self) -> Object<'static> {
        let mut entry = Object::new();
        entry.set("type", Value::string(self.kind));
        entry
    }

    /// What to ask of the slot, so that an empty one never matches; nothing if no entry of this type does.
    pub(super) fn asked(self, folded: Folded) -> Option<String> {
        match folded {
            Folded::Never => None,
            Folded::Always => Some(format!("{} pr", self.slot)),
            Folded::When { text, of_nothing: false } => Some(text),
            Folded::When { text, of_nothing: true } => Some(format!("({} pr and {text})", self.slot)),
        }
    }
}

fn asks_value(path: &PathSpan) -> bool {
    path.path.name.as_ref().is_some_and(form::is_value)
}

fn and(terms: impl Iterator<Item = Folded>) -> Folded {
    let (mut texts, mut all_of_nothing) = (Vec::new(), true);
    for term in terms {
        match term {
            Folded::Never => return Folded::Never,
            Folded::Always => {}
            Folded::When { text, of_nothing } => {
                all_of_nothing &= of_nothing;
                texts.push(text);
            }
        }
    }
    joined(texts, " and ", all_of_nothing).unwrap_or(Folded::Always)
}

fn or(terms: impl Iterator<Item = Folded>) -> Folded {
    let (mut texts, mut any_of_nothing) = (Vec::new(), false);
    for term in terms {
        match term {
            Folded::Always => return Folded::Always,
            Folded::Never => {}
            Folded::When { text, of_nothing } => {
                any_of_nothing |= of_nothing;
                texts.push(text);
            }
        }
    }
    joined(texts, " or ", any_of_nothing).unwrap_or(Folded::Never)
}

fn joined(texts: Vec<String>, word: &str, of_nothing: bool) -> Option<Folded> {
    let text = match texts.as_slice() {
        [] => return None,
        [one] => one.clone(),
        several => format!("({})", several.join(word)),
    };
    Some(Folded::When { text, of_nothing })
}

/// A test of one part of an entry.
pub(super) fn test(sub: &AttrName, compared: Option<(CompareOp, LiteralSpan)>) -> Expr {
    let path = PathSpan { path: AttrPath { urn: None, name: Some(sub.clone()), sub: None }, span: 0..0 };
    let kind = match compared {
        None => ExprKind::Present(path),
        Some((op, literal)) => ExprKind::Compare { path, op, literal },
    };
    Expr { span: 0..0, kind }
}
