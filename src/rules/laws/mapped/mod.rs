//! The actions that change values and URNs, each held against the laws over its domain; and the counterexamples that
//! concern them.

mod examples;
mod laws;

use std::rc::Rc;

use super::*;
use crate::rules::place::Place;

/// An entry of `do`, with the attribute that it works on and the values there that it takes: JSON, left of it.
pub(super) struct Mapped {
    pub(super) entry: &'static str,
    at: &'static str,
    /// Empty: whatever the generator makes.
    values: &'static [&'static str],
}

const WORDS: &[&str] = &["\"a\"", "\"b\"", "\"AB\"", "\"work\""];
const TEXTS: &[&str] = &["\"a\"", "\"b\"", "\"Ab\"", "\"work\"", "\"\"", "\"é🎈\"", "\"a:b\"", "\"b@x\"", "\"true\""];
const DATES: &[&str] =
    &["\"2026-01-02T03:04:05Z\"", "\"1969-12-31T23:59:59Z\"", "\"2026-01-02T03:04:06Z\"", "\"1970-01-01T00:00:00Z\""];
const NUMBERS: &[&str] = &["1", "-7", "10", "12345678901234567890"];
const TRUTHS: &[&str] = &["true", "false"];
const JSON: &[&str] = &["{\"no\": 1e2, \"of\": [null, {}]}", "[1.0, \"a\"]", "\"a\"", "true"];

/// Values that few backends hold.
const ODD: &[&str] = &["true", "0", "1", "1.0", "\"1\"", "\"TRUE\"", "\"a\"", "\"AB\"", "\"b@x\"", "\"\"", "null"];
/// All that can hold an attribute.
const HOLDERS: &str = r#"{"emails": [{}], "name": {}, "ENT": {"manager": {}}}"#;

pub(super) const MAPPED: &[Mapped] = &[
    mapped("map: { at: userType, values: { a: A1, b: ab, ab: 'say \"a\\b\"', work: b } }", "userType", WORDS),
    mapped("map: { at: userType, values: { a: 1, b: true, ab: x, work: 10.5 } }", "userType", WORDS),
    mapped("map: { at: 'emails[*].type', values: { a: work, work: a, b: home, ab: b } }", "emails.type", WORDS),
    mapped("map: { at: userType, values: { a: b, b: a, work: job }, else: pass }", "userType", TEXTS),
    mapped("map: { at: emails.type, values: { a: b, b: a, work: job, ab: Abe }, else: pass }", "emails.type", TEXTS),
    mapped("map: { at: 'ENT:department', values: { a: b, b: a }, else: pass }", "ENT:department", TEXTS),
    mapped("map: { at: externalId, values: { a: A, b: a, work: b }, else: pass }", "externalId", TEXTS),
    mapped("map: { at: emails.value, values: { a: x, b: a, work: b }, else: pass }", "emails.value", TEXTS),
    mapped("map: { at: active, values: { true: 'Y', false: 'N' } }", "active", TRUTHS),
    mapped("map: { at: active, values: { true: 1, false: 0 } }", "active", TRUTHS),
    mapped("map: { at: emails.verified, values: { true: false, false: true } }", "emails.verified", TRUTHS),
    mapped("convert: { at: active, to: boolean-as-int }", "active", TRUTHS),
    mapped("convert: { at: emails.verified, to: boolean-as-int }", "emails.verified", TRUTHS),
    mapped("convert: { at: favouriteNumber, to: number-as-string }", "favouriteNumber", NUMBERS),
    mapped("convert: { at: title, to: date-as-epoch }", "title", DATES),
    mapped("convert: { at: emails.display, to: date-as-epoch }", "emails.display", DATES),
    mapped("convert: { at: badge, to: json-as-string }", "badge", JSON),
    mapped("convert: { at: nickName, to: json-as-string }", "nickName", JSON),
    mapped("affix: { at: userName, prefix: \"a:\" }", "userName", TEXTS),
    mapped("affix: { at: userName, suffix: \"@x\" }", "userName", TEXTS),
    mapped("affix: { at: userName, prefix: b, suffix: b }", "userName", TEXTS),
    mapped("affix: { at: emails.value, prefix: \"ab\" }", "emails.value", TEXTS),
    mapped("affix: { at: 'ENT:manager.value', suffix: \"A\" }", "ENT:manager.value", TEXTS),
    mapped("affix: { at: externalId, prefix: Ab, suffix: a }", "externalId", TEXTS),
    mapped("schemas: { urns: { ENT: 'urn:acme:scim:2.0:Staff' } }", "ENT:department", &[]),
    mapped(
        "schemas: { urns: { ENT: 'urn:acme:scim:2.0:Badge', 'urn:acme:scim:2.0:Badge': ENT } }",
        "ENT:department",
        &[],
    ),
    mapped("schemas: { urns: { 'urn:acme:scim:2.0:Badge': 'urn:acme:scim:3.0:Badge' } }", "userName", &[]),
];

pub(super) const FILLS: &[Mapped] = &[
    mapped("fill: { at: active, value: true }", "active", TRUTHS),
    mapped("fill: { at: userType, value: a }", "userType", TEXTS),
    mapped("fill: { at: name.givenName, value: ab }", "name.givenName", TEXTS),
    mapped("fill: { at: 'ENT:department', value: b }", "ENT:department", TEXTS),
    mapped("fill: { at: 'ENT:manager.value', value: b }", "ENT:manager.value", TEXTS),
];

const fn mapped(entry: &'static str, at: &'static str, values: &'static [&'static str]) -> Mapped {
    Mapped { entry, at, values }
}

impl Mapped {
    fn at(&self) -> String {
        self.at.replace("ENT", ENT)
    }

    /// Users whose values there are of the domain.
    fn user(&'static self) -> BoxedStrategy<Object<'static>> {
        (generate::user(), prop::collection::vec(any::<prop::sample::Index>(), 5))
            .prop_map(|(mut user, choice)| {
                self.enter(&mut user, &choice);
                user
            })
            .boxed()
    }

    /// Brings a resource into the domain.
    pub(super) fn enter(&self, user: &mut Object<'static>, choice: &[prop::sample::Index]) {
        let values: Vec<_> = self.values.iter().map(|text| generate::read(text)).collect();
        self.fill(user, &values, choice);
    }

    /// Puts some of these values there.
    fn fill(&self, user: &mut Object<'static>, values: &[Value<'static>], choice: &[prop::sample::Index]) {
        if values.is_empty() {
            return;
        }
        let place = Place::parse(&self.at()).unwrap();
        let mut choice = choice.iter().cycle();
        let mut next = || choice.next().unwrap().get(values).clone();
        place.visit_holders(user, &mut |parent, name| parent.set(name, next()));
        if place.attr.sub.is_none() && place.attr.extension().is_none() && user.len().is_multiple_of(2) {
            attribute::put(user, &place.attr, next()).unwrap();
        }
    }

    /// What a backend may hold: what it was sent, also in another case, and what it never was, of which some can be read.
    fn held(&'static self) -> BoxedStrategy<Object<'static>> {
        let action = Rc::new(action(self.entry));
        let odd = self.right(&action);
        (generate::user(), prop::collection::vec(any::<prop::sample::Index>(), 5), 0..3_u8)
            .prop_map(move |(mut user, choice, how)| {
                if how == 0 {
                    self.fill(&mut user, &odd, &choice);
                    return user;
                }
                self.enter(&mut user, &choice);
                let sent = there(&action, &user).unwrap();
                if how == 1 { louder(&self.at(), &sent) } else { sent }
            })
            .boxed()
    }

    /// Values on the right: what those of the domain become, and others.
    fn right(&self, action: &Action) -> Vec<Value<'static>> {
        let place = Place::parse(&self.at()).unwrap();
        let image = |left: &&str| {
            let Value::Object(mut user) = generate::read(&HOLDERS.replace("ENT", ENT)) else { panic!("{HOLDERS}") };
            place.visit(&mut user, &mut |parent, name| parent.set(name, generate::read(left)));
            let mut image = None;
            let mut sent = there(action, &user).unwrap();
            place.visit_holders(&mut sent, &mut |parent, name| image = parent.get(name).cloned());
            image
        };
        let odd = ODD.iter().map(|text| generate::read(text));
        self.values.iter().filter_map(image).chain(odd).collect()
    }

    /// Filters in which the attribute is asked for, beside any others.
    pub(super) fn filter(&self) -> BoxedStrategy<Filter> {
        let values = if self.values.is_empty() { TEXTS } else { self.values };
        let values: Vec<_> = values.iter().filter(|text| !text.starts_with(['{', '['])).collect();
        let literals = prop_oneof![
            6 => prop::sample::select(values).prop_map(|text| (*text).to_owned()),
            2 => prop::sample::select(TEXTS).prop_map(str::to_owned),
            1 => prop::sample::select(vec!["null", "true", "false", "0", "1.0", "\"A1\"", "\"job\"", "\"home\"", "\"x\"", "\"A\""]).prop_map(str::to_owned),
        ];
        let ops = prop::sample::select(vec!["eq", "eq", "ne", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
        let at = self.at();
        let within = at.split_once('.').map(|(head, sub)| (head.to_owned(), sub.to_owned()));
        let many = within.filter(|(head, _)| schema::is_multi_valued(&AttrPath::parse(head).unwrap()));
        let is_json = self.values == JSON; // of which only `pr` can be asked
        let leaf = (ops, literals, 0..7_u8).prop_map(move |(op, literal, form)| match (&many, form) {
            (_, 0) => format!("{at} pr"),
            (_, 1..6) if is_json => format!("{at} pr"),
            (Some((head, sub)), 1) => format!("{head}[{sub} {op} {literal}]"),
            (Some((head, sub)), 2) => format!("{head}[primary eq true or not ({sub} {op} {literal})]"),
            (Some((head, sub)), 3) => format!("{head}[display pr and {sub} {op} {literal}].value pr"),
            (Some((head, sub)), 4) => format!("{head}[type pr].{sub} {op} {literal}"),
            _ => format!("{at} {op} {literal}"),
        });
        (leaf.clone(), leaf, generate::filter(), 0..6_u8)
            .prop_map(|(leaf, other, filter, form)| match form {
                0 => leaf,
                1 => format!("not ({leaf})"),
                2 => format!("{leaf} and not ({other} or ({filter}))"),
                3 => format!("({leaf} or {other}) and ({filter})"),
                4 => filter.text().to_owned(),
                _ => format!("{leaf} or ({filter}) and {other}"),
            })
            .prop_map(|text| Filter::parse(&text).unwrap())
            .boxed()
    }

    /// Patches in which the attribute is changed to what it may be, among any other changes.
    pub(super) fn patch(&self) -> BoxedStrategy<Value<'static>> {
        let values = self.values;
        let path = self.at();
        (generate::patch(), any::<prop::sample::Index>(), 0..4_u8)
            .prop_map(move |(mut patch, index, form)| {
                let kind = ["replace", "add", "remove", ""][usize::from(form)];
                if kind.is_empty() || values.is_empty() {
                    return patch;
                }
                let value = values[index.index(values.len())];
                let value = if kind == "remove" { String::new() } else { format!(", \"value\": {value}") };
                let op = generate::read(&format!("{{\"op\": \"{kind}\", \"path\": \"{path}\"{value}}}"));
                let ops = patch.as_object_mut().unwrap().get_mut("Operations").and_then(Value::as_array_mut).unwrap();
                ops.insert(0, op);
                patch
            })
            .boxed()
    }
}

/// What is asked of the backend.
fn asked(action: &Action, filter: &Filter) -> Result<Selection, ScimError> {
    let mut request = message(OperationKind::List, Body::None);
    request.selection.filter = Some(filter.clone());
    action.request(&mut request)?;
    Ok(request.selection)
}

/// Another case of the words at a place, which a backend may hold.
fn louder(at: &str, object: &Object<'static>) -> Object<'static> {
    let mut object = object.clone();
    Place::parse(at).unwrap().visit_holders(&mut object, &mut |parent, name| {
        let louder = match parent.get(name) {
            Some(Value::String(text)) => Value::string(&text.decoded().to_uppercase()),
            // Which is the same number.
            Some(Value::Number(text)) if text.ends_with(".0") => Value::Number(text.replace(".0", "").into()),
            _ => return,
        };
        parent.set(name, louder);
    });
    object
}
