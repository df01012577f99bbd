//! `to: strings`: entries that are only `{value}`, and on the right their texts alone; of a single complex attribute, its
//! text.

use crate::json::{Array, Object, Value};
use crate::rules::discovery::Definitions;
use crate::rules::message::Refused;
use crate::scim::filter::{Expr, ExprKind};
use crate::scim::{AttrName, AttrPath, CompareOp, Literal, OpKind, PatchOp};

use super::form::{self, Form, Term};

/// Exact where every entry is only `{value}`, a text that isn't empty, and no two are equal without case. In brackets one
/// comparison of `value` translates, or several joined by `or`: what is asked of one entry under `and` or `not` can't be
/// asked of a list of texts.
#[derive(Debug)]
pub(super) struct Strings {
    at: AttrPath,
}

const LEFT: &str = "entries with nothing but a `value` here, texts that differ and aren't empty";
const RIGHT: &str = "texts on the right that differ and aren't empty";

impl Strings {
    pub(super) fn new(at: AttrPath) -> Self {
        Self { at }
    }

    fn each(
        &self,
        value: &Value<'_>,
        domain: &str,
        map: impl Fn(&Value<'_>) -> Option<(String, Value<'static>)>,
    ) -> Result<Value<'static>, Refused> {
        let outside = || form::outside(&self.at, domain);
        let Value::Array(list) = value else { return map(value).map(|(_, mapped)| mapped).ok_or_else(outside) };
        let mut seen = std::collections::HashSet::new();
        let mut mapped = Vec::with_capacity(list.len());
        for item in list.iter() {
            let (text, item) = map(item).ok_or_else(outside)?;
            if !seen.insert(text.to_lowercase()) {
                return Err(outside());
            }
            mapped.push(item);
        }
        Ok(Value::Array(Array::from(mapped)))
    }

    fn set(
        &self,
        holder: &mut Object<'_>,
        map: impl Fn(&Value<'_>) -> Result<Value<'static>, Refused>,
    ) -> Result<bool, Refused> {
        let name = form::key(&self.at);
        let Some(value) = holder.get(name) else { return Ok(false) };
        if value.is_null() || form::is_empty_list(value) {
            return Ok(false);
        }
        let mapped = map(value)?;
        holder.set(name, mapped);
        Ok(true)
    }

    fn left(&self, value: &Value<'_>) -> Result<Value<'static>, Refused> {
        self.each(value, LEFT, |entry| {
            let text = only_value(entry)?;
            Some((text.clone(), Value::string(&text)))
        })
    }

    /// One comparison of `value`, or several joined by `or`.
    fn inside(&self, term: Term<'_>, inner: &Expr) -> Option<Vec<String>> {
        match &inner.kind {
            ExprKind::Or(terms) => {
                let each: Option<Vec<_>> = terms.iter().map(|one| self.inside(term, one)).collect();
                each.map(|each| each.concat())
            }
            ExprKind::Present(path) => {
                path.path.name.as_ref().filter(|name| form::is_value(name))?;
                Some(vec![format!("{} pr", self.at)])
            }
            ExprKind::Compare { path, op, literal } => {
                path.path.name.as_ref().filter(|name| form::is_value(name))?;
                let compared = format!("{} {op} {}", self.at, term.slice(&literal.span));
                match (op, &literal.literal) {
                    (_, Literal::Null) => None,
                    // True of a resource without entries, which has none that is unequal.
                    (CompareOp::Ne, _) => Some(vec![format!("({} pr and {compared})", self.at)]),
                    _ => Some(vec![compared]),
                }
            }
            ExprKind::And(_) | ExprKind::Not(_) | ExprKind::Element { .. } => None,
        }
    }
}

/// The text of an entry that has no other part.
fn only_value(entry: &Value<'_>) -> Option<String> {
    let entry = entry.as_object()?;
    let is_alone = entry.iter().all(|one| one.value.is_null() || one.key.decoded().eq_ignore_ascii_case("value"));
    let text = entry.get("value")?.as_str().filter(|text| is_alone && !text.is_empty())?;
    Some(text.into_owned())
}

fn entry(text: &Value<'_>) -> Option<(String, Value<'static>)> {
    let text = text.as_str().filter(|text| !text.is_empty())?.into_owned();
    let mut entry = Object::new();
    entry.set("value", Value::string(&text));
    Some((text, Value::Object(entry)))
}

impl Form for Strings {
    fn at(&self) -> &AttrPath {
        &self.at
    }

    fn makes_texts(&self) -> bool {
        true
    }

    fn there(&self, holder: &mut Object<'_>) -> Result<bool, Refused> {
        self.set(holder, |value| self.left(value))
    }

    fn back(&self, holder: &mut Object<'_>) -> Result<bool, Refused> {
        self.set(holder, |value| self.each(value, RIGHT, entry))
    }

    fn define(&self, definitions: &mut Definitions<'_, '_>) -> bool {
        let Some((value, place)) = definitions.take(&self.at) else { return false };
        let many = value.get("multiValued").cloned().unwrap_or(Value::Bool(true));
        let mut whole = form::of_values(definitions, &self.at, value, Vec::new());
        whole.set("multiValued", many);
        definitions.put(&self.at, whole, Some(place));
        true
    }

    fn term(&self, term: Term<'_>) -> Result<Option<String>, Refused> {
        let cannot = || form::cannot(&self.at);
        match &term.expr.kind {
            ExprKind::Present(path) | ExprKind::Compare { path, .. } => match &path.path.sub {
                None => Ok(None),
                Some(sub) if form::is_value(sub) => {
                    let after = path.span.end..term.expr.span.end;
                    Ok(Some(format!("{}{}", self.at, term.slice(&after))))
                }
                Some(_) => Err(cannot()),
            },
            ExprKind::Element { inner, sub: None, .. } => {
                let terms = self.inside(term, inner).ok_or_else(cannot)?;
                let text = terms.join(" or ");
                Ok(Some(if terms.len() > 1 { format!("({text})") } else { text }))
            }
            _ => Err(cannot()),
        }
    }

    fn change<'v>(&self, kind: OpKind, value: &Value<'v>) -> Result<Option<Vec<PatchOp<'v>>>, Refused> {
        if form::is_empty_list(value) {
            return Ok(None);
        }
        let texts = self.left(value)?;
        Ok(Some(vec![form::op(kind, self.at.clone(), Some(texts))]))
    }

    /// The entries have no other parts: to ask for one asks for nothing that is there, but a query can't ask for nothing.
    fn asked(&self, _sub: &AttrName) -> Option<Vec<AttrPath>> {
        Some(self.parts())
    }

    fn excluded(&self, sub: &AttrName) -> Option<Vec<AttrPath>> {
        Some(if form::is_value(sub) { self.parts() } else { Vec::new() })
    }
}
