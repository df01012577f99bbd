//! The laws themselves.

use super::drawn::{one_way, two_way};
use super::*;
use std::fmt;

/// Half of what is drawn may be refused, and most of what is asked of it.
fn law<S: Strategy>(may_be: Refused, examples: S, holds: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    hold("rules together", may_be, examples, holds);
}

fn lines(objects: &[&Object<'_>]) -> String {
    objects.iter().map(|object| format!("\n{}", shown(object))).collect()
}

impl Drawn {
    /// What came out of its rules was not taken back. What one fills in another may refuse: then it says so, and is no case.
    fn broken(&self, error: ScimError, objects: &[&Object<'_>]) -> TestCaseError {
        if self.fills() { refused(error) } else { TestCaseError::fail(format!("{error} of {}", lines(objects))) }
    }
}

/// A pack with what is made for it.
fn with<T: fmt::Debug + 'static>(
    drawn: BoxedStrategy<Drawn>,
    made: fn(&Drawn) -> BoxedStrategy<T>,
) -> impl Strategy<Value = (Drawn, T)> {
    drawn.prop_flat_map(move |drawn| {
        let made = made(&drawn);
        (Just(drawn), made)
    })
}

#[test]
fn law_1_a_resource_comes_back() {
    law(Refused::Half, with(two_way(), Drawn::user), |(drawn, r)| {
        let pack = drawn.pack()?;
        let set = Set::of(&pack);
        let o = set.send(OperationKind::Create, &r, &mut Noted::default()).map_err(refused)?;
        let again = set.get(&o, &mut Noted::default()).map_err(|error| drawn.broken(error, &[&r, &o]))?;
        // Another key than the one in the path is that of another resource.
        prop_assume!(again.get("id") == r.get("id") || !drawn.is_keyed());
        let all = || lines(&[&r, &o, &again]);
        prop_assert!(drawn.fills() || alike(&again, &r), "{}", all());
        let (_, twice) =
            set.put_back(&o, &mut Noted::default()).map_err(|error| drawn.broken(error, &[&r, &o, &again]))?;
        prop_assert!(set.is_same(&twice, &o, equal), "{}\n{}", all(), shown(&twice));
        Ok(())
    });
}

#[test]
fn law_1_what_a_client_reads_and_puts_back_changes_nothing() {
    law(Refused::Half, (with(drawn(), Drawn::user), any::<bool>()), |((drawn, made), is_sent)| {
        let pack = drawn.pack()?;
        let set = Set::of(&pack);
        let held = set.held(made, is_sent)?;
        if drawn.is_keyed() {
            // What has no key is nobody's to put back.
            set.find(&held).map_err(refused)?;
        }
        set.rests(&held, drawn.parts().count(), if is_sent { equal } else { alike })
    });
}

#[test]
fn law_2_a_filter_finds_what_it_found() {
    let asked = |drawn: &Drawn| (drawn.filter(), drawn.user()).boxed();
    law(Refused::Most, (with(plain(), asked), any::<bool>()), |((drawn, (f, made)), is_sent)| {
        let pack = drawn.pack()?;
        let set = Set::of(&pack);
        let held = set.held(made, is_sent)?;
        set.finds_the_same(&f, held)
    });
}

/// Packs without names that hold a dot, which no filter and no path can tell from a part.
fn plain() -> BoxedStrategy<Drawn> {
    two_way().prop_filter("no dotted names", |drawn| drawn.parts().all(|part| !part.entry().contains("dotted"))).boxed()
}

#[test]
fn law_3_a_patch_does_what_it_did() {
    let changed = |drawn: &Drawn| (drawn.patch(), drawn.user()).boxed();
    law(Refused::Most, (with(plain(), changed), any::<bool>()), |((drawn, (p, made)), in_parts)| {
        let pack = drawn.pack()?;
        let set = Set::of(&pack);
        let several = drawn.many();
        let many = |path: &AttrPath| several.contains(path);
        let replacing = if in_parts || drawn.moves() { Replacing::Parts } else { Replacing::Whole };
        let is_many = |path: &AttrPath| schema::is_multi_valued(path);
        let (left, right) = (Server { many: &is_many, replacing }, Server { many: &many, replacing });
        let o = set.send(OperationKind::Create, &made, &mut Noted::default()).map_err(refused)?;
        set.patches_the_same([left, right], &p, o, same_in_any_order)
    });
}

#[test]
fn law_5_repairs_come_to_rest() {
    let sent = |set: &Set<'_>, r: &Object<'static>| {
        set.send(OperationKind::Replace, r, &mut Noted::default()).map_err(refused)
    };
    law(Refused::Half, with(one_way(), Drawn::user), |(drawn, r)| {
        let pack = drawn.pack()?;
        let set = Set::of(&pack);
        let rest = drawn.parts().try_fold(r.clone(), |r, _| sent(&set, &r))?;
        let again = sent(&set, &rest)?;
        prop_assert_eq!(shown(&again), shown(&rest), "{}", shown(&r));
        Ok(())
    });
}

#[test]
fn law_6_what_no_rule_names_keeps_its_bytes() {
    law(Refused::Half, with(drawn(), Drawn::user), |(drawn, r)| {
        let pack = drawn.pack()?;
        let set = Set::of(&pack);
        let bytes = spaced(&Value::Object(r));
        let Ok(r) = json::parse(bytes.as_bytes()) else { panic!("{bytes}") };
        let mut request = set.request(OperationKind::Replace, Body::Resource(r.clone()));
        let changed = set.plan(OperationKind::Replace).request(&mut request, &mut Noted::default());
        let changed = changed.map_err(|refusal| refused(refusal.error))?;
        let Body::Resource(o) = request.body else { panic!("{:?}", request.body) };
        let compact = |value: &Value<'_>| value.clone().into_owned().to_string();
        prop_assert!(changed || compact(&o) == compact(&r), "{}", o);
        for (name, before, after) in kept(r.as_object().unwrap(), o.as_object().unwrap()) {
            prop_assert!(drawn.names(&name) || before == after, "{}: {} {}", name, before, after);
        }
        Ok(())
    });
}

#[test]
fn law_7_no_message_makes_rules_fail() {
    law(Refused::Half, (drawn(), generate::anything(), generate::filter()), |(drawn, value, filter)| {
        let pack = drawn.pack()?;
        let set = Set::of(&pack);
        set.never_fails(&set.plans(), &value, &filter)
    });
}
