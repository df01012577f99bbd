//! `identify`, held against the laws over users that have the key, and what would change it refused.

use super::*;

/// An entry of `do`, and the key.
pub(super) struct Keyed {
    pub(super) entry: &'static str,
    by: &'static str,
}

/// The key is compared with its case, as `id` is.
pub(super) const EXACT: Keyed = Keyed { entry: "identify: { by: externalId }", by: "externalId" };

const ALL: &[Keyed] = &[
    EXACT,
    Keyed { entry: "identify: { by: userName }", by: "userName" },
    Keyed { entry: "identify: { by: 'ENT:employeeNumber' }", by: "ENT:employeeNumber" },
    Keyed { entry: "identify: { by: name.formatted }", by: "name.formatted" },
    Keyed { entry: "identify: { by: uid }", by: "uid" },
];

/// The id in the path of every message.
const ID: &str = "2819c223";

impl Keyed {
    fn by(&self) -> AttrPath {
        AttrPath::parse(&self.by.replace("ENT", ENT)).unwrap()
    }

    /// Gives a user the key.
    pub(super) fn enter(&self, user: &mut Object<'static>) {
        attribute::put(user, &self.by(), Value::string(ID)).unwrap();
    }

    /// Users that have the key.
    pub(super) fn user(&'static self) -> BoxedStrategy<Object<'static>> {
        generate::user()
            .prop_map(|mut user| {
                self.enter(&mut user);
                user
            })
            .boxed()
    }

    /// Filters that ask for the `id`, beside any others.
    pub(super) fn filter(&self) -> BoxedStrategy<Filter> {
        let literals = ["2819c223", "2819C223", "2819", "223", "", "x"].map(|text| format!("\"{text}\""));
        generate::filter_about(vec!["id".to_owned(), self.by().to_string()], literals.to_vec())
    }

    /// Patches that name the `id`, the key or what it stands in as they are, or change anything.
    pub(super) fn patch(&self) -> BoxedStrategy<Value<'static>> {
        let (by, above) = (self.by().to_string(), self.by.replace("ENT", ENT));
        let (whole, last) = above.rsplit_once([':', '.']).unwrap_or(("title", ""));
        let (whole, last) = (whole.to_owned(), last.to_owned());
        (generate::patch(), 0..7_u8)
            .prop_map(move |(mut patch, form)| {
                let op = match form {
                    0 => format!(r#"{{"op": "replace", "path": "id", "value": "{ID}"}}"#),
                    1 => format!(r#"{{"op": "add", "value": {{"id": "{ID}", "title": "t"}}}}"#),
                    2 => format!(r#"{{"op": "replace", "value": {{"id": "{ID}"}}}}"#),
                    3 => format!(r#"{{"op": "replace", "path": "{by}", "value": "{ID}"}}"#),
                    4 if !last.is_empty() => {
                        format!(r#"{{"op": "replace", "path": "{whole}", "value": {{"{last}": "{ID}"}}}}"#)
                    }
                    _ => return patch,
                };
                let ops = patch.as_object_mut().unwrap().get_mut("Operations").and_then(Value::as_array_mut).unwrap();
                ops.insert(0, generate::read(&op));
                patch
            })
            .boxed()
    }
}

/// A resource as the backend may hold it: with an `id` of its own, or with none.
fn held(mut user: Object<'static>, own: Option<&str>) -> Object<'static> {
    match own {
        Some(own) => user.set("id", Value::string(own)),
        None => drop(user.remove("id")),
    }
    user
}

#[test]
fn law_1_a_resource_comes_back() {
    for one in ALL {
        law(one.entry, one.user(), |action, r| {
            let o = there(action, &r).unwrap();
            let again = back(action, &o).unwrap();
            prop_assert!(!o.contains("id") && same(&again, &r), "\n{}\n{}\n{}", shown(&r), shown(&o), shown(&again));
            Ok(())
        });
    }
}

#[test]
fn law_1_what_the_backend_holds_comes_back_to_it() {
    for one in ALL {
        law(one.entry, (one.user(), prop::option::of("[a-z]{1,3}")), |action, (user, own)| {
            let o = held(user, own.as_deref());
            let r = back(action, &o).unwrap();
            prop_assert_eq!(r.get("id"), Some(&Value::string(ID)));
            let mut put = message(OperationKind::Replace, Body::Resource(Value::Object(r.clone())));
            action.request(&mut put).unwrap();
            let again = put.body.value().and_then(Value::as_object).cloned().unwrap();
            prop_assert!(same(&again, &held(o.clone(), None)), "\n{}\n{}\n{}", shown(&o), shown(&r), shown(&again));
            Ok(())
        });
    }
}

#[test]
fn law_2_a_filter_finds_what_it_found() {
    for one in ALL {
        law_of_few(one.entry, (one.filter(), one.user(), any::<bool>()), |action, (f, user, is_loud)| {
            let mut o = held(user, Some("7"));
            if is_loud {
                attribute::put(&mut o, &one.by(), Value::string("2819C223")).unwrap();
            }
            settle(&mut o);
            let r = back(action, &o).unwrap();
            let there = filter_there(action, &f).map_err(refused)?;
            // It compares as the key does, and of the keys one alone is compared with its case, as `id` is.
            let asked = if schema::is_case_exact(&one.by()) { f.clone() } else { of_the_key(&f, &one.by()) };
            let (found, expected) = (filter::matches(there.root(), &o), filter::matches(asked.root(), &r));
            prop_assert_eq!(found, expected, "\n{}\n{}\n{}\n{}", f, there, shown(&r), shown(&o));
            Ok(())
        });
    }
}

/// The filter with the key's name in place of `id`.
fn of_the_key(filter: &Filter, by: &AttrPath) -> Filter {
    let words = filter.text().split_inclusive([' ', '(']);
    let named = words.map(|word| if word == "id " { format!("{by} ") } else { word.to_owned() });
    Filter::parse(&named.collect::<String>()).unwrap()
}

#[test]
fn law_3_a_patch_does_what_it_did() {
    let many = |path: &AttrPath| schema::is_multi_valued(path);
    let server = Server { many: &many, replacing: Replacing::Parts };
    for one in ALL {
        law_of_few(one.entry, (one.patch(), one.user()), |action, (p, r)| {
            let translated = patch_there(action, &p).map_err(refused)?;
            let (mut before, mut after) = (r.clone(), there(action, &r).unwrap());
            let expected = server.apply(&p, &mut before);
            let all = || format!("\n{p}\n{translated}\n{}", shown(&r));
            prop_assert_eq!(server.apply(&translated, &mut after), expected, "{}", all());
            if expected.is_ok() {
                let before = there(action, &before).unwrap();
                prop_assert!(same(&before, &after), "{}\n{}\n{}", all(), shown(&before), shown(&after));
            }
            Ok(())
        });
    }
}

/// Whatever is not refused leaves the key as it was, also with a server that takes a replaced complex value as the whole.
#[test]
fn no_patch_and_no_put_changes_the_key() {
    let many = |path: &AttrPath| schema::is_multi_valued(path);
    for one in ALL {
        let user = || prop_oneof![one.user(), generate::user()];
        law_of_few(one.entry, (one.patch(), one.user(), user()), |action, (p, held, put)| {
            let sent = patch_there(action, &p).map_err(refused)?;
            for replacing in [Replacing::Parts, Replacing::Whole] {
                let mut after = held.clone();
                if (Server { many: &many, replacing }).apply(&sent, &mut after).is_ok() {
                    prop_assert_eq!(attribute::find(&after, &one.by()), Some(&Value::string(ID)), "\n{}\n{}", p, sent);
                }
            }
            let mut put = message(OperationKind::Replace, Body::Resource(Value::Object(put)));
            if action.request(&mut put).is_ok() {
                let put = put.body.value().and_then(Value::as_object).unwrap();
                prop_assert_eq!(attribute::find(put, &one.by()), Some(&Value::string(ID)));
            }
            Ok(())
        });
    }
}

#[test]
fn law_7_no_message_makes_an_action_panic() {
    for one in ALL {
        law(one.entry, (generate::anything(), one.filter()), |action, (value, filter)| {
            let mut list = Object::new();
            list.set("Operations", value.clone());
            let bodies = [
                (OperationKind::Replace, Body::Resource(value.clone())),
                (OperationKind::Patch, Body::Patch(Value::Object(list))),
            ];
            for (kind, body) in bodies {
                let _ = action.request(&mut message(kind, body));
            }
            if let Value::Object(resource) = &value {
                let _ = back(action, resource);
            }
            let _ = filter_there(action, &filter);
            Ok(())
        });
    }
}
