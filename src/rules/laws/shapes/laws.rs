//! The laws themselves.

use super::*;

#[test]
fn law_1_a_shaped_resource_comes_back() {
    for shaped in ALL {
        law(shaped.entry, inside(shaped), |action, r| {
            let o = there(action, &r).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&r))))?;
            let again = back(action, &o).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&o))))?;
            prop_assert!(alike(&again, &r), "\n{}\n{}\n{}", shown(&r), shown(&o), shown(&again));
            let twice = there(action, &again).unwrap();
            prop_assert!(alike(&twice, &o), "\n{}\n{}\n{}", shown(&o), shown(&again), shown(&twice));
            Ok(())
        });
    }
}

#[test]
fn law_1_whatever_is_not_refused_comes_back() {
    for shaped in ALL {
        law(shaped.entry, generate::user(), |action, r| {
            match there(action, &r) {
                Ok(o) => prop_assert!(alike(&back(action, &o).unwrap(), &r), "\n{}\n{}", shown(&r), shown(&o)),
                Err(error) => prop_assert_eq!(error.scim_type, Some(ScimType::InvalidValue)),
            }
            Ok(())
        });
    }
}

/// What a backend may hold: what this side made, and what it would never have made.
fn held(shaped: &Shaped) -> BoxedStrategy<(Object<'static>, Object<'static>)> {
    let slot = || prop::option::of(generate::text());
    let name = shaped.name;
    let strays = (generate::user(), slot(), slot(), prop::collection::vec(generate::text(), 0..3), 0..6_u8).prop_map(
        move |(mut user, work, home, texts, kind)| {
            let texts = || texts.iter().map(|text| Value::string(text)).collect::<Vec<_>>();
            match (name, kind) {
                ("emails", 0) => user.set("emails", Value::Array(Array::from(texts()))),
                ("emails", 1) => user.set("emails", texts().first().cloned().unwrap_or(Value::Null)),
                ("emails", 2) => drop(user.remove("emails")),
                ("emails", 3) => {
                    let one = user.get("emails").and_then(Value::as_array).and_then(|list| list.get(0)).cloned();
                    user.set("emails", one.unwrap_or(Value::Null));
                }
                ("name", 0..3) => drop(user.remove("name")),
                _ => {}
            }
            let named = [("workEmail", work.clone()), ("homeEmail", home.clone())];
            for (slot, value) in named.into_iter().chain([("name.givenName", work), ("name.familyName", home)]) {
                if let Some(value) = value {
                    user.set(slot, Value::string(&value));
                }
            }
            user
        },
    );
    (inside(shaped), strays).boxed()
}

#[test]
fn law_1_what_a_backend_holds_comes_back_to_it() {
    for shaped in ALL {
        law_of_few(shaped.entry, held(shaped), |action, (_, o)| {
            let r = back(action, &o).map_err(refused)?;
            let mut expected = at_rest(&Value::Object(o.clone()));
            // An empty text in a slot is a free slot.
            for slot in ["workEmail", "homeEmail"] {
                let o = expected.as_object_mut().unwrap();
                if shaped.entry.contains(slot) && o.get(slot) == Some(&Value::string("")) {
                    o.remove(slot);
                }
            }
            let again = there(action, &r).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&r))))?;
            prop_assert!(
                alike(expected.as_object().unwrap(), &again),
                "\n{}\n{}\n{}",
                shown(&o),
                shown(&r),
                shown(&again)
            );
            Ok(())
        });
    }
}

#[test]
fn law_2_a_filter_finds_the_shaped() {
    for shaped in ALL {
        let cases = (filter_about(shaped), held(shaped), any::<bool>());
        law_of_few(shaped.entry, cases, |action, (f, (r, stray), made)| {
            let translated = filter_there(action, &f).map_err(refused)?;
            let mut o = if made { there(action, &r).unwrap() } else { stray };
            settle(&mut o);
            let mut r = back(action, &o).map_err(refused)?;
            settle(&mut r);
            let expected = filter::matches(f.root(), &r);
            let asked = Filter::parse(&dotless(shaped, translated.text())).unwrap();
            let found = filter::matches(asked.root(), &dotless_object(shaped, &o));
            prop_assert_eq!(found, expected, "\n{}\n{}\n{}\n{}", f, translated, shown(&r), shown(&o));
            Ok(())
        });
    }
}

#[test]
fn law_3_a_patch_of_the_shaped_does_what_it_did() {
    for shaped in ALL {
        let cases = prop_oneof![3 => patch_about(shaped), 1 => generate::patch()];
        law_of_few(shaped.entry, (cases, inside(shaped)), |action, (p, r)| {
            let translated = patch_there(action, &p).map_err(refused)?;
            let is_many = |path: &AttrPath| schema::is_multi_valued(path);
            let stays_many =
                |path: &AttrPath| is_many(path) && (path.to_string() != "emails" || shaped.many.contains(&"emails"));
            let replacing = Replacing::Parts;
            let (left, right) = (Server { many: &is_many, replacing }, Server { many: &stays_many, replacing });
            let mut before = r.clone();
            let mut after = dotless_object(shaped, &there(action, &r).unwrap());
            let expected = left.apply(&p, &mut before);
            let found = right.apply(&generate::read(&dotless(shaped, &translated.to_string())), &mut after);
            prop_assert_eq!(found, expected, "\n{}\n{}\n{}", p, translated, shown(&r));
            if expected.is_ok() {
                let before = there(action, &before).map_err(refused)?;
                let before = dotless_object(shaped, &before);
                prop_assert!(
                    alike(&before, &after),
                    "\n{}\n{}\n{}\n{}\n{}",
                    p,
                    translated,
                    shown(&r),
                    shown(&before),
                    shown(&after)
                );
            }
            Ok(())
        });
    }
}

#[test]
fn law_6_what_a_shape_does_not_name_keeps_its_bytes() {
    for shaped in ALL {
        law(shaped.entry, inside(shaped), |action, r| {
            let bytes = spaced(&Value::Object(r));
            let Ok(Value::Object(r)) = json::parse(bytes.as_bytes()) else { panic!("{bytes}") };
            let (o, is_changed) = told(action, &r).unwrap();
            let compact = |object: &Object<'_>| Value::Object(object.clone()).into_owned().to_string();
            prop_assert_eq!(is_changed, compact(&o) != compact(&r), "{}", shown(&o));
            for (name, before, after) in kept(&r, &o) {
                let is_named = shaped.name.replace("ENT", ENT).contains(&name);
                prop_assert!(is_named || before == after, "{}: {} {}", name, before, after);
            }
            Ok(())
        });
    }
}

#[test]
fn law_7_no_message_makes_a_shape_panic() {
    for shaped in ALL {
        law(shaped.entry, (generate::anything(), generate::filter(), filter_about(shaped)), |action, (value, f, g)| {
            let _ = action.request(&mut message(OperationKind::Create, Body::Resource(value.clone())));
            let mut list = Object::new();
            list.set("Operations", value.clone());
            let _ = action.request(&mut message(OperationKind::Patch, Body::Patch(Value::Object(list))));
            if let Value::Object(resource) = &value {
                let _ = back(action, resource);
            }
            let _ = (filter_there(action, &f), filter_there(action, &g));
            Ok(())
        });
    }
}
