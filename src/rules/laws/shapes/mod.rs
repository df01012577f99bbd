//! `shape`, held against the laws over resources in each form's domain, and what lies outside it refused; with the
//! model's counterexamples 3, 4, 6, 7 and 10.

mod examples;
mod laws;
mod slots;

use super::generate::{change, element_filter, logic, op, pick, test};
use super::*;

/// A form, and how it is held against the laws.
pub(super) struct Shaped {
    pub(super) entry: &'static str,
    /// The attribute.
    pub(super) name: &'static str,
    /// Names on the right with several values, of those that have several on the left.
    pub(super) many: &'static [&'static str],
    /// Brings a resource into the domain.
    pub(super) enter: fn(&mut Object<'static>),
}

const SINGLE: Shaped =
    Shaped { entry: "shape: { at: emails, to: single }", name: "emails", many: &["phoneNumbers"], enter: at_most_one };

const STRINGS: Shaped = Shaped {
    entry: "shape: { at: emails, to: strings }",
    name: "emails",
    many: &["emails", "phoneNumbers"],
    enter: only_values,
};

const MANAGER: Shaped = Shaped {
    entry: "shape: { at: 'ENT:manager', to: strings }",
    name: "ENT:manager",
    many: &["emails", "phoneNumbers"],
    enter: manager_is_a_value,
};

const DOTTED: Shaped = Shaped {
    entry: "shape: { at: name, to: dotted }",
    name: "name",
    many: &["emails", "phoneNumbers"],
    enter: as_it_is,
};

const DOTTED_MANAGER: Shaped = Shaped {
    entry: "shape: { at: 'ENT:manager', to: dotted }",
    name: "ENT:manager",
    many: &["emails", "phoneNumbers"],
    enter: as_it_is,
};

const SLOTS: Shaped = Shaped {
    entry: "shape: { at: emails, to: by-type, slots: { work: workEmail, home: homeEmail } }",
    name: "emails",
    many: &["phoneNumbers"],
    enter: one_of_each_type,
};

const KEPT: Shaped = Shaped {
    entry: "shape: { at: emails, to: by-type, slots: { work: workEmail, home: homeEmail }, rest: keep }",
    name: "emails",
    many: &["emails", "phoneNumbers"],
    enter: as_it_is,
};

pub(super) const ALL: &[Shaped] = &[SINGLE, STRINGS, MANAGER, DOTTED, DOTTED_MANAGER, SLOTS, KEPT];

fn as_it_is(_: &mut Object<'static>) {}

fn at_most_one(user: &mut Object<'static>) {
    let Some(Value::Array(list)) = user.get_mut("emails") else { return };
    list.items_mut().truncate(1);
    let said = Filter::parse("emails pr").unwrap();
    if !filter::matches(said.root(), user) {
        user.remove("emails");
    }
}

fn only_values(user: &mut Object<'static>) {
    let Some(Value::Array(list)) = user.get_mut("emails") else { return };
    let mut seen = Vec::new();
    for entry in list.items_mut().iter_mut().filter_map(Value::as_object_mut) {
        entry.retain(|member| member.key == "value");
    }
    list.items_mut().retain(|entry| {
        let text = entry.as_object().and_then(|one| one.get("value")?.as_str()).unwrap_or_default().to_lowercase();
        let fits = !text.is_empty() && !seen.contains(&text);
        seen.push(text);
        fits
    });
}

fn manager_is_a_value(user: &mut Object<'static>) {
    let Some(Value::Object(extension)) = user.get_mut(ENT) else { return };
    let Some(Value::Object(manager)) = extension.get_mut("manager") else { return };
    manager.retain(|member| member.key == "value");
    let is_empty = manager.get("value").and_then(Value::as_str).is_none_or(|text| text.is_empty());
    if is_empty {
        extension.remove("manager");
    }
}

fn one_of_each_type(user: &mut Object<'static>) {
    let Some(Value::Array(list)) = user.get_mut("emails") else { return };
    let kinds = ["home", "work"];
    list.items_mut().truncate(2);
    for (entry, kind) in list.items_mut().iter_mut().filter_map(Value::as_object_mut).zip(kinds) {
        entry.retain(|member| member.key == "value");
        if entry.get("value").and_then(Value::as_str).is_none_or(|text| text.is_empty()) {
            entry.set("value", Value::string("x"));
        }
        entry.set("type", Value::string(kind));
    }
}

fn inside(shaped: &Shaped) -> BoxedStrategy<Object<'static>> {
    let enter = shaped.enter;
    let user = generate::user().prop_map(move |mut user| {
        enter(&mut user);
        user
    });
    user.boxed()
}

/// Equal at rest, up to the order of entries.
fn alike(one: &Object<'_>, other: &Object<'_>) -> bool {
    let sorted = |object: &Object<'_>| {
        let mut object = at_rest(&Value::Object(object.clone()));
        if let Some(Value::Array(list)) = object.as_object_mut().unwrap().get_mut("emails") {
            list.items_mut().sort_by_key(|entry| {
                let part = |name| entry.as_object().and_then(|one| one.get(name)).map(ToString::to_string);
                (part("type"), part("value"), part("display"), part("primary"), part("verified"))
            });
        }
        match object {
            Value::Object(object) => object,
            other => panic!("{other}"),
        }
    };
    same(&sorted(one), &sorted(other))
}

/// How a server that knows `name.givenName` as one name sees a text: as one name.
fn dotless(shaped: &Shaped, text: &str) -> String {
    if !shaped.entry.contains("dotted") {
        return text.to_owned();
    }
    let last = shaped.name.rsplit(':').next().unwrap();
    text.replace(&format!("{last}.$"), &format!("{last}-")).replace(&format!("{last}."), &format!("{last}-"))
}

fn dotless_object(shaped: &Shaped, object: &Object<'_>) -> Object<'static> {
    match generate::read(&dotless(shaped, &shown(object))) {
        Value::Object(object) => object,
        other => panic!("{other}"),
    }
}

pub(super) fn filter_about(shaped: &Shaped) -> BoxedStrategy<Filter> {
    let leaf = match shaped.name {
        "emails" => {
            let flat = pick(&["emails", "emails.value", "emails.type", "emails.primary"]);
            let elements = element_filter().prop_map(|inner| format!("emails[{inner}]"));
            let after = (element_filter(), pick(&["value", "type"]), pick(&["pr", "eq \"a\"", "co \"\"", "ne \"a\""]))
                .prop_map(|(inner, sub, test)| format!("emails[{inner}].{sub} {test}"));
            prop_oneof![3 => test(flat), 3 => elements, 1 => after].boxed()
        }
        "name" => test(pick(&["name", "name.givenName", "name.familyName", "name.FORMATTED"])),
        _ => test(pick(&["ENT:manager", "ENT:manager.value", "ENT:manager.displayName", "ENT", "ENT:department"])),
    };
    let leaf = prop_oneof![5 => leaf, 1 => test(pick(&["userName", "title"]))].boxed();
    let about = prop_oneof![2 => leaf.clone(), 1 => logic(leaf)];
    about.prop_map(|text| Filter::parse(&text).unwrap_or_else(|fault| panic!("{text}: {fault}"))).boxed()
}

pub(super) fn patch_about(shaped: &'static Shaped) -> BoxedStrategy<Value<'static>> {
    let name = shaped.name.replace("ENT", ENT);
    let value = inside(shaped).prop_filter_map("the attribute is there", move |user| {
        let value = attribute::find(&user, &AttrPath::parse(&name).unwrap())?.clone();
        (!value.is_null() && value.as_object().is_none_or(|one| !one.is_empty())).then_some(value)
    });
    let name = move || shaped.name.replace("ENT", ENT);
    let whole = (change(), value.clone()).prop_map(move |(kind, value)| op(&kind, Some(&name()), Some(value)));
    let among = (change(), value, any::<bool>()).prop_map(move |(kind, value, more)| {
        let mut part = Object::new();
        attribute::put(&mut part, &AttrPath::parse(&name()).unwrap(), value).unwrap();
        if more {
            part.set("title", Value::string("t"));
        }
        op(&kind, None, Some(Value::Object(part)))
    });
    let gone = Just(()).prop_map(move |()| op("remove", Some(&name()), None));
    let typed = pick(&[
        "emails[type eq \"work\"]",
        "emails[type eq \"home\" or primary eq true]",
        "emails[not (type eq \"work\")]",
        "emails[value eq \"a\"]",
        "emails[type eq \"work\"].value",
    ]);
    let typed = typed.prop_map(|path| op("remove", Some(&path), None));
    let part = pick(&["name.givenName", "title"]);
    let part = (change(), part).prop_map(|(kind, path)| op(&kind, Some(&path), Some(Value::string("p"))));
    let each = prop_oneof![6 => whole, 6 => among, 2 => gone, 2 => typed, 1 => part];
    prop::collection::vec(each, 1..3)
        .prop_map(|ops| {
            let mut message = Object::new();
            message.set("Operations", Value::Array(Array::from(ops)));
            Value::Object(message)
        })
        .boxed()
}

fn object(text: &str) -> Object<'static> {
    match generate::read(&text.replace("ENT", ENT)) {
        Value::Object(object) => object,
        other => panic!("{other}"),
    }
}

fn asked(action: &Action, text: &str) -> String {
    let asked = Filter::parse(&text.replace("ENT", ENT)).unwrap();
    match filter_there(action, &asked) {
        Ok(translated) => translated.text().replace(ENT, "ENT"),
        Err(error) => error.scim_type.map_or(String::new(), |kind| kind.as_str().to_owned()),
    }
}

/// The operations in the place of one; or the `scimType` of the refusal.
fn patched(action: &Action, op: &str) -> String {
    let message = generate::read(&format!("{{\"Operations\": [{}]}}", op.replace("ENT", ENT)));
    match patch_there(action, &message) {
        Ok(message) => {
            let text = message.to_string().replace(ENT, "ENT");
            text.strip_prefix("{\"Operations\":[").and_then(|rest| rest.strip_suffix("]}")).unwrap().to_owned()
        }
        Err(error) => error.scim_type.map_or(String::new(), |kind| kind.as_str().to_owned()),
    }
}

fn table(entry: &str, how: fn(&Action, &str) -> String, rows: &[(&str, &str)]) {
    let action = action(entry);
    for (text, expected) in rows {
        assert_eq!(how(&action, text), *expected, "{entry}: {text}");
    }
}
