//! Resources, filters and patches to hold the laws against: users and groups as the schema has them, with what clients and
//! backends add to them.

use proptest::prelude::*;
use proptest::strategy::Union;

use crate::json::{Array, Object, Value};
use crate::rules::attribute;
use crate::scim::schema::{self, Attribute, Kind};
use crate::scim::urn::{ENTERPRISE, GROUP, USER};
use crate::scim::{AttrPath, Filter, Resource};

const TEXTS: [&str; 12] =
    ["a", "b", "Ab", "ab", "work", "home", "", "é\u{301}", "Straße 🎈", "say \"a\\b\"", "true", "line\nfeed"];

/// Attributes that no schema has, with numbers that no double holds.
const UNKNOWN: [(&str, &str); 5] = [
    ("favouriteNumber", "12345678901234567890"),
    ("ratio", "1.0"),
    ("x-note", "\"\\u00e9\""),
    ("badge", "{\"no\": 1e2, \"of\": [null, {}]}"),
    ("urn:acme:scim:2.0:Badge", "{\"no\": \"7\"}"),
];

pub(super) fn text() -> BoxedStrategy<String> {
    prop::sample::select(&TEXTS[..]).prop_map(str::to_owned).boxed()
}

fn attributes(urn: &str) -> Vec<&'static Attribute> {
    let all = schema::parts(None, &AttrPath::parse(urn).unwrap()).unwrap();
    all.iter().map(|path| schema::find(None, path).unwrap()).collect()
}

/// A value of an attribute: of one element alone, or of all.
fn value(attribute: &'static Attribute, whole: bool) -> BoxedStrategy<Value<'static>> {
    let one = match attribute.kind {
        Kind::Boolean => any::<bool>().prop_map(Value::Bool).boxed(),
        Kind::DateTime => Just(Value::string("2026-01-02T03:04:05Z")).boxed(),
        Kind::String | Kind::Binary | Kind::Reference => text().prop_map(|text| Value::string(&text)).boxed(),
        Kind::Complex => {
            let parts: Vec<_> = attribute.parts.iter().collect();
            let verified = prop::option::weighted(0.3, any::<bool>());
            (members(parts, 0.6), verified)
                .prop_map(move |(mut object, verified)| {
                    if let Some(verified) = verified.filter(|_| attribute.is_multi_valued) {
                        object.set("verified", Value::Bool(verified));
                    }
                    Value::Object(object)
                })
                .boxed()
        }
    };
    if attribute.is_multi_valued && whole {
        return prop::collection::vec(one, 0..4).prop_map(|items| Value::Array(Array::from(items))).boxed();
    }
    one
}

/// An object with some of these attributes, in any order.
fn members(attributes: Vec<&'static Attribute>, chance: f64) -> BoxedStrategy<Object<'static>> {
    let each: Vec<_> = attributes
        .into_iter()
        .map(|one| prop::option::weighted(chance, value(one, true)).prop_map(|value| Some((one.name, value?))))
        .collect();
    each.prop_shuffle()
        .prop_map(|found| {
            let mut object = Object::new();
            found.into_iter().flatten().for_each(|(name, value)| object.set(name, value));
            object
        })
        .boxed()
}

fn unknown() -> BoxedStrategy<Vec<(&'static str, Value<'static>)>> {
    prop::sample::subsequence(&UNKNOWN[..], 0..3)
        .prop_map(|some| some.into_iter().map(|(name, text)| (name, read(text))).collect())
        .boxed()
}

pub(super) fn read(text: &str) -> Value<'static> {
    crate::json::parse(text.as_bytes()).unwrap().into_owned()
}

/// A user as a client or standard backend has it.
pub(crate) fn user() -> BoxedStrategy<Object<'static>> {
    let extension = prop::option::weighted(0.6, members(attributes(ENTERPRISE), 0.4));
    let nulls =
        prop::option::weighted(0.2, prop::sample::select(vec!["title", "nickName", "emails", "active", "locale"]));
    (members(attributes(USER), 0.45), extension, unknown(), nulls)
        .prop_map(|(mut user, extension, unknown, null)| {
            user.insert_at(0, "id", Value::string("2819c223"));
            let mut schemas = vec![Value::string(USER)];
            if let Some(extension) = extension {
                schemas.push(Value::string(ENTERPRISE));
                user.set(ENTERPRISE, Value::Object(extension));
            }
            // What is there is named (RFC 7643 section 3): a rule that moves something there names it.
            schemas.extend(
                unknown.iter().filter(|(name, _)| name.starts_with("urn:")).map(|(name, _)| Value::string(name)),
            );
            user.insert_at(0, "schemas", Value::Array(Array::from(schemas)));
            unknown.into_iter().for_each(|(name, value)| user.set(name, value));
            if let Some(name) = null {
                user.set(name, Value::Null);
            }
            user
        })
        .boxed()
}

/// A group.
pub(crate) fn group() -> BoxedStrategy<Object<'static>> {
    (members(attributes(GROUP), 0.8), unknown())
        .prop_map(|(mut group, unknown)| {
            group.insert_at(0, "schemas", Value::Array(Array::from(vec![Value::string(GROUP)])));
            unknown.into_iter().for_each(|(name, value)| group.set(name, value));
            group
        })
        .boxed()
}

pub(super) fn pick(words: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(words).prop_map(|word| word.replace("ENT", ENTERPRISE)).boxed()
}

fn literal() -> BoxedStrategy<String> {
    prop_oneof![
        4 => text().prop_map(|text| serde_json::to_string(&text).unwrap()),
        3 => pick(&["true", "false"]),
        1 => pick(&["null", "1", "12345678901234567890", "\"True\""]),
    ]
    .boxed()
}

pub(super) fn test(paths: BoxedStrategy<String>) -> BoxedStrategy<String> {
    test_with(paths, literal())
}

fn test_with(paths: BoxedStrategy<String>, literals: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let op = pick(&["eq", "eq", "eq", "ne", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
    prop_oneof![
        1 => paths.clone().prop_map(|path| format!("{path} pr")),
        3 => (paths, op, literals).prop_map(|(path, op, literal)| format!("{path} {op} {literal}")),
    ]
    .boxed()
}

pub(super) fn logic(leaf: BoxedStrategy<String>) -> BoxedStrategy<String> {
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("{left} and {right}")),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left} or {right})")),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
    .boxed()
}

pub(super) fn element_filter() -> BoxedStrategy<String> {
    logic(test(pick(&["type", "value", "primary", "verified", "display"])))
}

/// A filter over users.
pub(crate) fn filter() -> BoxedStrategy<Filter> {
    let paths = pick(&[
        "userName",
        "USERNAME",
        "displayName",
        "title",
        "nickName",
        "userType",
        "name",
        "name.givenName",
        "name.familyName",
        "name.middleName",
        "emails",
        "emails.type",
        "emails.value",
        "emails.verified",
        "phoneNumbers.value",
        "active",
        "ENT:department",
        "ENT:manager",
        "ENT:manager.value",
        "ENT:manager.displayName",
        "ENT:employeeNumber",
        "urn:ietf:params:scim:schemas:core:2.0:User:userName",
        "favouriteNumber",
        "ENT",
        "login",
        "emails.kind",
        "fullName",
        "name.title",
        "dept",
        "addresses.country",
    ]);
    let attribute = pick(&["emails", "phoneNumbers"]);
    let elements = (attribute, element_filter()).prop_map(|(attribute, filter)| format!("{attribute}[{filter}]"));
    let schemas = pick(&["schemas eq \"ENT\"", "schemas ne \"ENT\"", "schemas pr"]);
    of(prop_oneof![8 => test(paths), 2 => elements, 1 => schemas].boxed())
}

/// A filter over groups.
pub(super) fn group_filter() -> BoxedStrategy<Filter> {
    let paths = pick(&["displayName", "externalId", "members", "members.value", "members.display", "schemas", "id"]);
    let members = pick(&["value", "display", "type", "$ref"]);
    let elements = logic(test(members)).prop_map(|filter| format!("members[{filter}]"));
    of(prop_oneof![4 => test(paths), 1 => elements].boxed())
}

/// A filter that asks for these attributes, with these literals or others.
pub(super) fn filter_about(paths: Vec<String>, literals: Vec<String>) -> BoxedStrategy<Filter> {
    let literals = match literals.is_empty() {
        true => literal(),
        false => prop_oneof![1 => prop::sample::select(literals), 1 => literal()].boxed(),
    };
    of(test_with(prop::sample::select(paths).boxed(), literals))
}

fn of(leaf: BoxedStrategy<String>) -> BoxedStrategy<Filter> {
    logic(leaf).prop_map(|text| Filter::parse(&text).unwrap_or_else(|fault| panic!("{text}: {fault}"))).boxed()
}

/// The attributes that patches go for, with a value of the right kind.
fn target() -> BoxedStrategy<(String, Value<'static>)> {
    let paths = [
        "userName",
        "displayName",
        "title",
        "nickName",
        "userType",
        "name",
        "name.givenName",
        "name.familyName",
        "emails",
        "phoneNumbers",
        "active",
        "ENT:department",
        "ENT:manager",
        "ENT:manager.value",
        "ENT:employeeNumber",
        "locale",
    ];
    Union::new(paths.map(|path| target_at(&Resource::User, path.replace("ENT", ENTERPRISE)))).boxed()
}

fn target_at(resource: &Resource, path: String) -> BoxedStrategy<(String, Value<'static>)> {
    let values = match schema::find(Some(resource), &AttrPath::parse(&path).unwrap()) {
        Some(attribute) => value(attribute, true),
        None => text().prop_map(|text| Value::string(&text)).boxed(),
    };
    let values = values.prop_filter("an empty complex value is no canonical PATCH", |value| {
        value.as_object().is_none_or(|object| !object.is_empty())
    });
    values.prop_map(move |value| (path.clone(), value)).boxed()
}

pub(super) fn change() -> BoxedStrategy<String> {
    pick(&["add", "replace"])
}

pub(super) fn op(kind: &str, path: Option<&str>, value: Option<Value<'static>>) -> Value<'static> {
    let mut op = Object::new();
    op.set("op", Value::string(kind));
    if let Some(path) = path {
        op.set("path", Value::string(path));
    }
    if let Some(value) = value {
        op.set("value", value);
    }
    Value::Object(op)
}

fn operation() -> BoxedStrategy<Value<'static>> {
    let pathed = (change(), target()).prop_map(|(kind, (path, value))| op(&kind, Some(&path), Some(value)));
    let removed = pick(&["ENT", "emails.type", "schemas"]);
    let removed = prop_oneof![6 => target().prop_map(|(path, _)| path), 1 => removed];
    let removed = removed.prop_map(|path| op("remove", Some(&path), None));
    let extension = prop::option::weighted(0.4, members(attributes(ENTERPRISE), 0.3));
    let pathless = (change(), members(attributes(USER), 0.1), extension).prop_map(|(kind, mut part, extension)| {
        part.retain(|member| member.value.as_object().is_none_or(|object| !object.is_empty()));
        if let Some(mut extension) = extension {
            extension.retain(|member| member.value.as_object().is_none_or(|object| !object.is_empty()));
            if !extension.is_empty() {
                part.set(ENTERPRISE, Value::Object(extension));
            }
        }
        op(&kind, None, Some(Value::Object(part)))
    });
    let elements = |sub: &'static str| {
        (pick(&["emails", "phoneNumbers"]), element_filter())
            .prop_map(move |(name, filter)| format!("{name}[{filter}]{sub}"))
    };
    let emails = schema::find(None, &AttrPath::parse("emails").unwrap()).unwrap();
    let part = value(emails, false)
        .prop_filter("an element says something", |value| value.as_object().is_some_and(|one| !one.is_empty()));
    let element = (change(), elements(""), part).prop_map(|(kind, path, value)| op(&kind, Some(&path), Some(value)));
    let sub = (change(), elements(".value"), text())
        .prop_map(|(kind, path, value)| op(&kind, Some(&path), Some(Value::string(&value))));
    let kind = (change(), elements(".type"), text())
        .prop_map(|(kind, path, value)| op(&kind, Some(&path), Some(Value::string(&value))));
    let flag = (change(), elements(".verified"), any::<bool>())
        .prop_map(|(kind, path, value)| op(&kind, Some(&path), Some(Value::Bool(value))));
    let gone = prop_oneof![elements(""), elements(".type"), elements(".verified")]
        .prop_map(|path| op("remove", Some(&path), None));
    prop_oneof![4 => pathed, 2 => removed, 3 => pathless, 1 => element, 1 => sub, 1 => kind, 1 => flag, 1 => gone]
        .boxed()
}

/// A PATCH of a user, in canonical form.
pub(crate) fn patch() -> BoxedStrategy<Value<'static>> {
    made_of(operation())
}

/// A PATCH of a group.
pub(crate) fn group_patch() -> BoxedStrategy<Value<'static>> {
    let paths = ["displayName", "externalId", "members"].map(str::to_owned).to_vec();
    let member = text().prop_map(|text| {
        let path = format!("members[value eq {}]", serde_json::to_string(&text).unwrap());
        op("remove", Some(&path), None)
    });
    made_of(prop_oneof![3 => operation_on(Resource::Group, paths), 1 => member].boxed())
}

/// A PATCH of these attributes, among other changes.
pub(super) fn patch_about(resource: Resource, paths: Vec<String>) -> BoxedStrategy<Value<'static>> {
    let other = match resource {
        Resource::Group => operation_on(Resource::Group, vec!["displayName".to_owned()]),
        _ => operation(),
    };
    made_of(prop_oneof![3 => operation_on(resource, paths), 1 => other].boxed())
}

/// A change of one of these attributes, with a path or without.
fn operation_on(resource: Resource, paths: Vec<String>) -> BoxedStrategy<Value<'static>> {
    let target = Union::new(paths.into_iter().map(|path| target_at(&resource, path)));
    (change(), target, 0..4_u8)
        .prop_map(|(kind, (path, value), form)| match form {
            0 => op("remove", Some(&path), None),
            1 => {
                let mut part = Object::new();
                let mut attr = AttrPath::parse(&path).unwrap();
                attr.urn = attr.urn.filter(|urn| !urn.as_str().contains(":core:"));
                let put = attribute::put(&mut part, &attr, value);
                assert!(put.is_ok(), "{path}");
                op(&kind, None, Some(Value::Object(part)))
            }
            _ => op(&kind, Some(&path), Some(value)),
        })
        .boxed()
}

fn made_of(operation: BoxedStrategy<Value<'static>>) -> BoxedStrategy<Value<'static>> {
    prop::collection::vec(operation, 1..4)
        .prop_map(|ops| {
            let mut message = Object::new();
            message.set("Operations", Value::Array(Array::from(ops)));
            Value::Object(message)
        })
        .boxed()
}

/// Any JSON, over names that rules and RFCs know.
pub(crate) fn anything() -> BoxedStrategy<Value<'static>> {
    let names = [
        "userName",
        "login",
        "name",
        "givenName",
        "emails",
        "value",
        "type",
        "primary",
        "verified",
        "active",
        "title",
        "schemas",
        "Operations",
        "op",
        "path",
        "ENT",
        "department",
        "manager",
        "id",
        "meta",
        "members",
    ];
    let words = [
        "",
        "add",
        "Replace",
        "remove",
        "name",
        "emails[type eq \"work\"].value",
        "emails[",
        "ENT",
        "ENT:department",
        "a",
        "true",
        "emails.type",
        "active",
        "$",
        "\u{0}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        pick(&["0", "-1.50", "1e400", "12345678901234567890"]).prop_map(|text| Value::Number(text.into())),
        prop::sample::select(words.to_vec()).prop_map(|word| Value::string(&word.replace("ENT", ENTERPRISE))),
    ];
    let object = move |inner: BoxedStrategy<Value<'static>>| {
        let member = (prop::sample::select(names.to_vec()), inner);
        prop::collection::vec(member, 0..6).prop_map(|members| {
            let mut object = Object::new();
            members.into_iter().for_each(|(name, value)| object.set(&name.replace("ENT", ENTERPRISE), value));
            Value::Object(object)
        })
    };
    leaf.prop_recursive(4, 60, 6, move |inner| {
        prop_oneof![
            3 => object(inner.clone().boxed()),
            1 => prop::collection::vec(inner, 0..4).prop_map(|items| Value::Array(Array::from(items))),
        ]
    })
    .boxed()
}
