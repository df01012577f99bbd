//! `query`: parameters that the backend needs, or can't take.

use std::ops::RangeInclusive;

use crate::fault::{Fault, Faults};
use crate::json::{Object, Value};
use crate::rules::head::FieldEdit;
use crate::rules::message::{Body, Refused, Request, Verdict};
use crate::rules::selection::Selection;
use crate::scim::{OperationKind, Param};
use crate::yaml::{Key, Kind, Node, settle};

use super::{About, Action, PATCHES_PASS};

pub(super) const ABOUT: About = About {
    word: "query",
    summary: "sets, limits or drops parameters of the query",
    example: "query: { count: { default: 100, max: 200 }, excludedAttributes: { drop: true } }",
    two_way: false,
    exact: "not undone; a parameter that selects or counts stands only where there is a list",
    operators: &[("every operator, sortBy", "stays as it is, or goes with its parameter")],
    patch: PATCHES_PASS,
    read: |node, faults| Query::read(node, faults).map(Action::Query),
};

/// The payload of `query`. Parameters that select and count resources stand only where there are some to select: in a list
/// or a search (there in the body, RFC 7644 section 3.4.3). A parameter that SCIM doesn't know is sent as it is written.
#[derive(Debug)]
pub struct Query {
    params: Vec<Parameter>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    edit: Option<FieldEdit>,
    within: RangeInclusive<i64>,
}

impl Query {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("query", faults)?;
        let entries = fields.rest();
        fields.finish(faults);
        let before = faults.errors();
        let params = entries.into_iter().filter_map(|(key, node)| Parameter::read(key, node, faults)).collect();
        (faults.errors() == before).then_some(Self { params })
    }

    /// Whether it takes away by which resource a client asks: the answer would be everybody.
    #[must_use]
    pub fn loses_filter(&self) -> bool {
        let loses = |edit: &Option<FieldEdit>| matches!(edit, Some(FieldEdit::Set(_) | FieldEdit::Drop));
        self.params.iter().any(|param| Param::named(&param.name) == Some(Param::Filter) && loses(&param.edit))
    }

    /// Acts on a request.
    ///
    /// # Errors
    /// 400 where what is left of the selection can't be read.
    pub fn request(&self, request: &mut Request<'_>) -> Result<Verdict, Refused> {
        let mut changed = false;
        for param in &self.params {
            changed |= param.act(request)?;
        }
        Ok(Verdict::of(changed))
    }
}

impl Parameter {
    fn read(key: &Key, node: &Node, faults: &mut Faults) -> Option<Self> {
        let name = read_name(key, faults)?;
        let mut fields = node.fields("a parameter", faults)?;
        let set = fields.take("set").map(|node| scalar(node, faults).map(FieldEdit::Set));
        let default = fields.take("default").map(|node| scalar(node, faults).map(FieldEdit::Default));
        let drop = fields.take("drop").map(|node| read_drop(node, faults));
        let min = fields.take("min").map(|node| node.whole("the least", 0..=i64::from(i32::MAX), faults));
        let max = fields.take("max").map(|node| node.whole("the most", 0..=i64::from(i32::MAX), faults));
        fields.finish(faults);
        let edits: Vec<FieldEdit> = [set, default, drop].into_iter().flatten().collect::<Option<_>>()?;
        let within = settle(min)?.unwrap_or(i64::MIN)..=settle(max)?.unwrap_or(i64::MAX);
        let bounded = within != (i64::MIN..=i64::MAX);
        let fault = match (edits.len(), Param::named(&name)) {
            (2.., _) => Some("`set`, `default` and `drop` exclude each other"),
            (0, _) if !bounded => Some("nothing is said of this parameter"),
            (_, Some(Param::Count | Param::StartIndex)) => None,
            (_, _) if bounded => Some("only `count` and `startIndex` are numbers that can be limited"),
            _ => None,
        };
        if let Some(fault) = fault {
            faults.push(
                Fault::error("R0429", node.place.clone(), format!("`{name}`: {fault}"))
                    .label("not what becomes of it")
                    .help(
                        "write `{ set: .. }`, `{ default: .. }` or `{ drop: true }`; for `count` also `min` and `max`",
                    ),
            );
            return None;
        }
        Some(Self { name, edit: edits.into_iter().next(), within })
    }

    fn act(&self, request: &mut Request<'_>) -> Result<bool, Refused> {
        let param = Param::named(&self.name);
        let selects = matches!(request.operation, OperationKind::List | OperationKind::Search);
        let anywhere = matches!(param, None | Some(Param::Attributes | Param::ExcludedAttributes));
        if !selects && !anywhere {
            return Ok(false);
        }
        let before = value(request, &self.name, param);
        let edited = match (&self.edit, &before) {
            (Some(FieldEdit::Set(text)), _) | (Some(FieldEdit::Default(text)), None) => Some(text.clone()),
            (Some(FieldEdit::Drop), _) => None,
            (_, kept) => kept.clone(),
        };
        let after = edited.map(|text| self.limited(text));
        if after == before {
            return Ok(false);
        }
        write(request, &self.name, param, after)?;
        Ok(true)
    }

    fn limited(&self, text: String) -> String {
        match text.parse::<i64>() {
            Ok(number) if !self.within.contains(&number) => {
                number.clamp(*self.within.start(), *self.within.end()).to_string()
            }
            _ => text,
        }
    }
}

/// Reads `drop: true`.
pub(super) fn read_drop(node: &Node, faults: &mut Faults) -> Option<FieldEdit> {
    let truth = node.truth("drop", faults)?;
    if !truth {
        faults.push(
            Fault::error("R0103", node.place.clone(), "`drop: false` says nothing".to_owned())
                .label("not dropped")
                .help("write `drop: true`, or leave it out"),
        );
    }
    truth.then_some(FieldEdit::Drop)
}

fn read_name(key: &Key, faults: &mut Faults) -> Option<String> {
    let sound = !key.text.is_empty()
        && key.text.len() <= 64
        && key.text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.$".contains(c));
    if !sound {
        faults.push(
            Fault::error("R0105", key.place.clone(), format!("`{}` can't be a parameter's name", key.text))
                .label("not a name")
                .help("use letters, digits, `-`, `_`, `.` and `$`, at most 64"),
        );
    }
    sound.then(|| key.text.clone())
}

fn scalar(node: &Node, faults: &mut Faults) -> Option<String> {
    match &node.kind {
        Kind::Number(text) => Some(text.clone()),
        Kind::Bool(truth) => Some(truth.to_string()),
        _ => node.text("a value", faults).map(str::to_owned),
    }
}

fn value(request: &Request<'_>, name: &str, param: Option<Param>) -> Option<String> {
    match (param, &request.body) {
        (Some(param), _) if Selection::has(param) => request.selection.value(param),
        (Some(_), Body::Search(Value::Object(body))) => match body.get(name)? {
            Value::String(text) => Some(text.decoded().into_owned()),
            other => Some(other.to_string()),
        },
        _ => request.envelope.query.named(name).map(str::to_owned),
    }
}

fn write(request: &mut Request<'_>, name: &str, param: Option<Param>, value: Option<String>) -> Result<(), Refused> {
    match (param, &mut request.body) {
        (Some(param), _) if Selection::has(param) => request.selection.assign(param, value.as_deref())?,
        (Some(param), Body::Search(Value::Object(body))) => write_search(body, param, value),
        _ => request.envelope.query.set_named(name, value),
    }
    Ok(())
}

fn write_search(body: &mut Object<'_>, param: Param, value: Option<String>) {
    match value {
        None => drop(body.remove(param.as_str())),
        Some(text) => {
            let number = text.parse().ok().filter(|_| param != Param::Cursor).map(Value::number);
            body.set(param.as_str(), number.unwrap_or_else(|| Value::string(&text)));
        }
    }
}
