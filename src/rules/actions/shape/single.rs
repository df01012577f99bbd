//! `to: single`: a list of at most one value, and on the right that value alone.

use crate::json::{Array, Object, Value};
use crate::rules::discovery::Definitions;
use crate::rules::message::Refused;
use crate::scim::filter::{Expr, ExprKind, is_present};
use crate::scim::{AttrName, AttrPath, OpKind, PatchOp, schema};

use super::form::{self, Form, Term};

/// Exact for at most one value, in which something is present: `emails[F]` becomes `emails pr and F`, and an element in
/// which nothing is present would be neither. Of an attribute that the schema knows as complex, that value is an object;
/// of one that no schema knows, value paths in filters are refused, since its values may be simple.
#[derive(Debug)]
pub(super) struct Single {
    at: AttrPath,
    is_complex: bool,
}

const DOMAIN: &str = "a list of at most one value here, in which something is present";

impl Single {
    pub(super) fn new(at: AttrPath) -> Self {
        Self { is_complex: schema::is_known(&at), at }
    }

    fn fits(&self, value: &Value<'_>) -> bool {
        let has_kind = match value {
            Value::Object(_) => true,
            Value::Array(_) => false,
            _ => !self.is_complex,
        };
        has_kind && is_present(value)
    }

    /// The one value; nothing of an empty list.
    fn one<'r, 'v>(&self, values: &[&'r Value<'v>]) -> Result<Option<&'r Value<'v>>, Refused> {
        match values {
            [] => Ok(None),
            [one] if self.fits(one) => Ok(Some(*one)),
            _ => Err(form::outside(&self.at, DOMAIN)),
        }
    }

    /// What stands in the brackets, asked of the attribute.
    fn inside(&self, term: Term<'_>, inner: &Expr) -> Result<String, Refused> {
        let mut names = Vec::new();
        heads(inner, &mut names).ok_or_else(|| form::cannot(&self.at))?;
        let start = inner.span.start;
        let mut text = String::new();
        let mut done = start;
        for (name, span) in names {
            text.push_str(term.slice(&(done..span.start)));
            text.push_str(&form::part_of(&self.at, name).to_string());
            done = span.end;
        }
        text.push_str(term.slice(&(done..inner.span.end)));
        let joins = matches!(inner.kind, ExprKind::And(_) | ExprKind::Or(_));
        Ok(if joins { format!("({text})") } else { text })
    }
}

/// The names of sub-attributes in a value filter, in order; nothing if there is anything else.
fn heads<'f>(expr: &'f Expr, found: &mut Vec<(&'f AttrName, std::ops::Range<usize>)>) -> Option<()> {
    match &expr.kind {
        ExprKind::And(terms) | ExprKind::Or(terms) => terms.iter().try_for_each(|term| heads(term, found)),
        ExprKind::Not(inner) => heads(inner, found),
        ExprKind::Present(path) | ExprKind::Compare { path, .. } => {
            found.push((path.path.name.as_ref()?, path.span.clone()));
            Some(())
        }
        ExprKind::Element { .. } => None,
    }
}

impl Form for Single {
    fn at(&self) -> &AttrPath {
        &self.at
    }

    fn there(&self, holder: &mut Object<'_>) -> Result<bool, Refused> {
        let name = form::key(&self.at);
        let one = match holder.get(name) {
            None | Some(Value::Null) => return Ok(false),
            Some(Value::Array(list)) => self.one(&list.iter().collect::<Vec<_>>())?.cloned(),
            Some(_) => return Err(form::outside(&self.at, DOMAIN)),
        };
        holder.set(name, one.unwrap_or(Value::Null));
        Ok(true)
    }

    fn back(&self, holder: &mut Object<'_>) -> Result<bool, Refused> {
        let name = form::key(&self.at);
        let one = match holder.get(name) {
            None | Some(Value::Null) => return Ok(false),
            Some(value) if form::is_empty_list(value) => return Ok(false),
            Some(value) if self.fits(value) => value.clone(),
            Some(_) => return Err(form::outside(&self.at, "one value on the right, in which something is present")),
        };
        holder.set(name, Value::Array(Array::from(vec![one])));
        Ok(true)
    }

    fn define(&self, definitions: &mut Definitions<'_, '_>) -> bool {
        definitions.edit(&self.at, |whole| whole.set("multiValued", Value::Bool(true)))
    }

    fn term(&self, term: Term<'_>) -> Result<Option<String>, Refused> {
        let ExprKind::Element { inner, sub, test, .. } = &term.expr.kind else { return Ok(None) };
        if !self.is_complex {
            return Err(form::cannot(&self.at));
        }
        let (at, inside) = (&self.at, self.inside(term, inner)?);
        let found = format!("{at} pr and {inside}");
        let Some((sub, _)) = sub else { return Ok(Some(format!("({found})"))) };
        let part = form::part_of(at, sub);
        Ok(Some(match test {
            None => format!("({found} and {part} pr)"),
            Some((op, literal)) => {
                let compared = format!("{part} {op} {}", term.slice(&literal.span));
                match form::is_true_of_nothing(*op, &literal.literal) {
                    true => format!("(not ({found}) or {compared})"),
                    false => format!("({found} and {compared})"),
                }
            }
        }))
    }

    /// A `replace` of a complex attribute may leave the parts that it doesn't name: so it is removed first.
    fn change<'v>(&self, kind: OpKind, value: &Value<'v>) -> Result<Option<Vec<PatchOp<'v>>>, Refused> {
        let at = || self.at.clone();
        match (kind, self.one(&form::listed(value))?.cloned()) {
            (OpKind::Replace, None) => Ok(Some(vec![form::op(OpKind::Remove, at(), None)])),
            (OpKind::Replace, Some(one @ Value::Object(_))) => {
                Ok(Some(vec![form::op(OpKind::Remove, at(), None), form::op(OpKind::Add, at(), Some(one))]))
            }
            (OpKind::Replace, Some(one)) => Ok(Some(vec![form::op(OpKind::Replace, at(), Some(one))])),
            (_, None) => Ok(Some(Vec::new())),
            (_, Some(_)) => Err(form::needs_resource(&self.at)),
        }
    }

    fn asked(&self, sub: &AttrName) -> Option<Vec<AttrPath>> {
        Some(vec![form::part_of(&self.at, sub)])
    }

    fn excluded(&self, sub: &AttrName) -> Option<Vec<AttrPath>> {
        self.asked(sub)
    }
}
