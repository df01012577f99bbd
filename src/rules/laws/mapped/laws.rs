//! The laws themselves.

use super::*;
use crate::scim::filter::is_present;

#[test]
fn law_1_a_value_comes_back() {
    for one in MAPPED {
        law(one.entry, one.user(), |action, r| {
            let o = there(action, &r).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&r))))?;
            let again = back(action, &o).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&o))))?;
            let twice = there(action, &again).unwrap();
            prop_assert!(same(&twice, &o), "\n{}\n{}\n{}", shown(&o), shown(&again), shown(&twice));
            let (mut r, mut again) = (r, again);
            if one.entry.starts_with("map") && !schema::is_case_exact(&AttrPath::parse(&one.at()).unwrap()) {
                (r, again) = (louder(&one.at(), &r), louder(&one.at(), &again));
            }
            prop_assert!(same(&again, &r), "\n{}\n{}\n{}", shown(&r), shown(&o), shown(&again));
            prop_assert_eq!(listed(&again), listed(&r));
            Ok(())
        });
    }
}

#[test]
fn law_1_what_the_backend_holds_comes_back_too() {
    for one in MAPPED {
        law_of_few(one.entry, one.held(), |action, o| {
            let r = back(action, &o).map_err(refused)?;
            let again = there(action, &r).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&o))))?;
            let at = one.at();
            prop_assert!(
                same(&louder(&at, &again), &louder(&at, &o)),
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
fn law_1_what_is_filled_in_is_the_only_change() {
    for one in FILLS {
        law(one.entry, one.user(), |action, o| {
            let r = back(action, &o).map_err(refused)?;
            prop_assert!(same(&back(action, &there(action, &r).unwrap()).unwrap(), &r));
            let path = AttrPath::parse(&one.at()).unwrap();
            let mut rest = r.clone();
            if !attribute::find(&o, &path).is_some_and(is_present) {
                prop_assert!(attribute::take(&mut rest, &path).is_some_and(|value| is_present(&value)));
            }
            let without = |mut object: Object<'static>| {
                if attribute::find(&object, &path).is_some_and(|value| !is_present(value)) {
                    attribute::take(&mut object, &path);
                }
                object
            };
            prop_assert!(same(&rest, &without(o.clone())), "\n{}\n{}", shown(&o), shown(&r));
            Ok(())
        });
    }
}

#[test]
fn law_2_a_filter_finds_what_it_found() {
    for one in MAPPED {
        law_of_few(one.entry, (one.filter(), one.user()), |action, (f, r)| {
            finds_the_same(action, &f, there(action, &r).unwrap())
        });
    }
}

#[test]
fn law_2_holds_over_whatever_the_backend_holds_and_can_be_read() {
    for one in MAPPED.iter().chain(FILLS) {
        law_of_few(one.entry, (one.filter(), one.held()), |action, (f, o)| finds_the_same(action, &f, o));
    }
}

/// Whether the translated filter finds the backend's resource exactly if the filter finds what the client is shown of it.
/// What can't be read, and what can't be said, is no case.
fn finds_the_same(action: &Action, f: &Filter, mut o: Object<'static>) -> Result<(), TestCaseError> {
    settle(&mut o);
    let mut r = back(action, &o).map_err(refused)?;
    settle(&mut r);
    let there = asked(action, f).map_err(refused)?;
    let found = there.filter.as_ref().is_none_or(|filter| filter::matches(filter.root(), &o)) && !there.matches_nothing;
    let expected = filter::matches(f.root(), &r);
    prop_assert_eq!(found, expected, "\n{}\n{:?}\n{}\n{}", f, there.filter, shown(&r), shown(&o));
    Ok(())
}

#[test]
fn law_3_a_patch_does_what_it_did() {
    let many = |path: &AttrPath| schema::is_multi_valued(path);
    for one in MAPPED.iter().chain(FILLS) {
        law(one.entry, (one.patch(), one.user(), any::<bool>()), |action, (p, r, in_parts)| {
            let server = Server { many: &many, replacing: if in_parts { Replacing::Parts } else { Replacing::Whole } };
            let translated = patch_there(action, &p).map_err(refused)?;
            let (mut before, mut after) = (r.clone(), there(action, &r).unwrap());
            let expected = server.apply(&p, &mut before);
            prop_assert_eq!(server.apply(&translated, &mut after), expected, "\n{}\n{}\n{}", p, translated, shown(&r));
            if expected.is_ok() {
                let before = there(action, &before).map_err(refused)?;
                let all = || format!("\n{p}\n{translated}\n{}\n{}\n{}", shown(&r), shown(&before), shown(&after));
                prop_assert!(same(&before, &after), "{}", all());
            }
            Ok(())
        });
    }
}

#[test]
fn law_6_what_no_rule_names_keeps_its_bytes() {
    for one in MAPPED.iter().chain(FILLS) {
        law(one.entry, one.user(), |action, r| {
            let bytes = spaced(&Value::Object(r));
            let Ok(Value::Object(r)) = json::parse(bytes.as_bytes()) else { panic!("{bytes}") };
            let (o, is_changed) = told(action, &r).map_err(refused)?;
            let compact = |object: &Object<'_>| Value::Object(object.clone()).into_owned().to_string();
            prop_assert!(is_changed || compact(&o) == compact(&r), "{}", shown(&o));
            for (name, before, after) in kept(&r, &o) {
                let is_named = one.at().contains(&name) || name == "schemas" || one.entry.contains(&name);
                prop_assert!(is_named || before == after, "{}: {} {}", name, before, after);
            }
            Ok(())
        });
    }
}

#[test]
fn law_7_no_message_makes_an_action_panic() {
    for one in MAPPED.iter().chain(FILLS) {
        law(one.entry, (generate::anything(), one.filter()), |action, (value, filter)| {
            let _ = action.request(&mut message(OperationKind::Create, Body::Resource(value.clone())));
            let mut list = Object::new();
            list.set("Operations", value.clone());
            let _ = action.request(&mut message(OperationKind::Patch, Body::Patch(Value::Object(list))));
            if let Value::Object(resource) = &value {
                let _ = back(action, resource);
            }
            let _ = asked(action, &filter);
            Ok(())
        });
    }
}
