//! The laws of every action, whichever way it works.

use super::*;

#[test]
fn every_example_is_an_action_that_runs() {
    for about in actions::LIST {
        let action = action(about.example);
        assert_eq!(action.is_two_way(), about.two_way, "{}", about.word);
        let users = if about.word == "identify" { keyed::EXACT.user() } else { generate::user() };
        law(about.example, users, |action, r| {
            match there(action, &r) {
                // That it comes back as it was is law 1, which knows each action's own equality.
                Ok(o) if about.two_way => drop(back(action, &o).unwrap()),
                Ok(_) => {}
                // Outside its domain a two-way action refuses.
                Err(error) if about.two_way => return Err(refused(error)),
                Err(error) => prop_assert_eq!(about.word, "reject", "{}", error),
            }
            Ok(())
        });
    }
}

#[test]
fn law_6_what_no_rule_names_keeps_its_bytes() {
    for entry in TWO_WAY.iter().map(|two_way| two_way.entry).chain(ONE_WAY.iter().copied()) {
        law(entry, generate::user(), |action, r| {
            let bytes = spaced(&Value::Object(r));
            let Ok(Value::Object(r)) = json::parse(bytes.as_bytes()) else { panic!("{bytes}") };
            let (o, is_changed) = told(action, &r).map_err(refused)?;
            let compact = |object: &Object<'_>| Value::Object(object.clone()).into_owned().to_string();
            // Where nothing changed the gateway sends the bytes that came, so that must be said rightly.
            prop_assert_eq!(is_changed, compact(&o) != compact(&r), "{}", shown(&o));
            for (name, before, after) in kept(&r, &o) {
                let entry = entry.replace("ENT", ENT);
                let is_named = entry.contains(&name) || name == "schemas" || entry.contains("$..");
                prop_assert!(is_named || before == after, "{}: {} {}", name, before, after);
            }
            Ok(())
        });
    }
}

#[test]
fn law_7_no_message_makes_an_action_panic() {
    for entry in TWO_WAY.iter().map(|two_way| two_way.entry).chain(ONE_WAY.iter().chain(OF_MESSAGES).copied()) {
        law(entry, (generate::anything(), generate::filter()), |action, (value, filter)| {
            let _ = action.request(&mut message(OperationKind::Create, Body::Resource(value.clone())));
            let _ = action.request(&mut message(OperationKind::Patch, Body::Patch(value.clone())));
            let mut list = Object::new();
            list.set("Operations", value.clone());
            let _ = action.request(&mut message(OperationKind::Patch, Body::Patch(Value::Object(list))));
            if let Value::Object(resource) = &value {
                let _ = back(action, resource);
            }
            let _ = filter_there(action, &filter);
            Ok(())
        });
    }
}
