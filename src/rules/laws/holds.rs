//! What is held of a set: the laws of packs, of one resource, one filter, one patch or one message.

use super::set::{Noted, Set};
use super::*;
use crate::rules::Plan;

type Equal = fn(&Object<'_>, &Object<'_>) -> bool;

impl Set<'_> {
    /// What a client reads and puts back changes nothing at the backend, unless a rule that nothing undoes repairs it; and
    /// after so many rounds there is nothing left to repair.
    pub(super) fn rests(&self, held: &Object<'static>, rounds: usize, equal: Equal) -> Result<(), TestCaseError> {
        let mut noted = Noted::default();
        let (read, mut put) = self.put_back(held, &mut noted).map_err(refused)?;
        let all = |put: &Object<'_>| format!("\n{}\n{}\n{}", shown(held), shown(&read), shown(put));
        prop_assert!(noted.is_repaired || self.is_same(&put, held, equal), "{}", all(&put));
        for _ in 1..rounds {
            put = self.put_back(&put, &mut Noted::default()).map_err(refused)?.1;
        }
        let (_, again) = self.put_back(&put, &mut Noted::default()).map_err(refused)?;
        prop_assert!(equal(&again, &put), "another PUT: {}\n{}", all(&put), shown(&again));
        Ok(())
    }

    /// The translated filter finds what the backend holds exactly if the filter finds what the client is shown of it.
    pub(super) fn finds_the_same(&self, f: &Filter, mut o: Object<'static>) -> Result<(), TestCaseError> {
        settle(&mut o);
        let mut c = self.get(&o, &mut Noted::default()).map_err(refused)?;
        settle(&mut c);
        let mut request = self.request(OperationKind::List, Body::None);
        request.selection.filter = Some(f.clone());
        let sent = self.plan(OperationKind::List).request(&mut request, &mut Noted::default());
        sent.map_err(|refusal| refused(refusal.error))?;
        let there = request.selection;
        let found = there.filter.as_ref().is_none_or(|filter| filter::matches(filter.root(), &o));
        let found = found && !there.matches_nothing;
        let plain = Filter::parse(&self.plainly(f.text())).unwrap();
        let expected = filter::matches(plain.root(), &c);
        let text = there.filter.as_ref().map(Filter::text);
        prop_assert_eq!(found, expected, "\n{}\n{:?}\n{}\n{}", f, text, shown(&c), shown(&o));
        Ok(())
    }

    /// The translated patch does to what the backend holds what the patch does to what the client is shown of it.
    pub(super) fn patches_the_same(
        &self,
        [left, right]: [Server<'_>; 2],
        p: &Value<'static>,
        mut o: Object<'static>,
        equal: Equal,
    ) -> Result<(), TestCaseError> {
        let mut c = self.get(&o, &mut Noted::default()).map_err(refused)?;
        let mut request = self.request(OperationKind::Patch, Body::Patch(p.clone()));
        let sent = self.plan(OperationKind::Patch).request(&mut request, &mut Noted::default());
        sent.map_err(|refusal| refused(refusal.error))?;
        let Body::Patch(translated) = request.body else { panic!("{:?}", request.body) };
        let before = format!("\n{p}\n{translated}\n{}\n{}", shown(&c), shown(&o));
        let expected = left.apply(&generate::read(&self.plainly(&p.to_string())), &mut c);
        prop_assert_eq!(right.apply(&translated, &mut o), expected, "{}", before);
        if expected.is_ok() {
            let put = self.send(OperationKind::Replace, &c, &mut Noted::default()).map_err(refused)?;
            prop_assert!(self.is_same(&put, &o, equal), "{}\n{}\n{}", before, shown(&put), shown(&o));
        }
        Ok(())
    }

    /// Whatever a client sends and a backend answers, no rule fails.
    pub(super) fn never_fails(
        &self,
        plans: &[(OperationKind, Plan)],
        value: &Value<'static>,
        filter: &Filter,
    ) -> Result<(), TestCaseError> {
        for (kind, plan) in plans {
            for body in bodies(*kind, value) {
                let mut request = self.request(*kind, body);
                if matches!(kind, OperationKind::List | OperationKind::Search) {
                    request.selection.filter = Some(filter.clone());
                }
                let sent = plan.request(&mut request, &mut Noted::default());
                let status = sent.map_err(|refusal| refusal.error.status).err();
                prop_assert_ne!(status, Some(ErrorStatus::Internal), "{:?} {}", kind, value);
            }
            let scene = Scene { head: None, status: Some(200) };
            let facts = Facts { id: Some("7"), resource: Some(&self.resource), operation: *kind, scene };
            if let Value::Object(answer) = value {
                let mut one = answer.clone();
                let read = plan.response(&mut one, facts, &mut Noted::default());
                let status = read.map_err(|refusal| refusal.error.status).err();
                prop_assert_ne!(status, Some(ErrorStatus::Internal), "{:?} {}", kind, value);
                let mut list = Object::new();
                list.set("Resources", Value::Array(Array::from(vec![value.clone(), Value::Null])));
                for mut list in [list, answer.clone()] {
                    prop_assert!(plan.list(&mut list, facts, &mut Noted::default()).is_ok());
                }
            }
        }
        Ok(())
    }
}

/// What requests of a kind may hold.
fn bodies(kind: OperationKind, value: &Value<'static>) -> Vec<Body<'static>> {
    let mut operations = Object::new();
    operations.set("Operations", value.clone());
    match kind {
        OperationKind::Patch => vec![Body::Patch(value.clone()), Body::Patch(Value::Object(operations))],
        OperationKind::Create | OperationKind::Replace => vec![Body::Resource(value.clone())],
        OperationKind::Search => vec![Body::Search(value.clone())],
        _ => vec![Body::None],
    }
}
