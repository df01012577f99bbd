//! A backend with one resource, which keeps to what its pack says that it can.

use super::*;

/// A backend with one resource, which keeps to what its pack says that it can.
#[derive(Clone, Debug)]
pub(super) struct Single {
    pub kind: Resource,
    pub can: Can,
    pub held: Arc<Mutex<Object<'static>>>,
}

impl Upstream for Single {
    async fn call(&self, request: Request<Bytes>, _: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let sent = json::parse(request.body()).ok().map(Value::into_owned);
        let mut held = self.held.lock().unwrap();
        let verbs = self.can.verbs(&self.kind).unwrap();
        let status = match (request.method(), sent) {
            (&Method::GET, _) => 200,
            (&Method::PUT, Some(Value::Object(wanted))) if verbs.replace != Able::No => {
                *held = put(&held, wanted);
                200
            }
            (&Method::PATCH, Some(message)) if takes(verbs.patch.limits(), &message) => {
                match patch::apply(&message, &held, &self.kind) {
                    Ok(after) => {
                        *held = after;
                        200
                    }
                    Err(_) => 400,
                }
            }
            _ => 405,
        };
        let body = if status == 200 { Value::Object(held.clone()).to_bytes() } else { Vec::new() };
        Ok(Response::builder().status(status).body(UpstreamBody::whole(Bytes::from(body))).unwrap())
    }
}

/// What is put, with what no PUT changes: what is read-only, and a password that isn't said.
fn put(held: &Object<'static>, mut wanted: Object<'static>) -> Object<'static> {
    for name in ["id", "meta", "groups", "password"] {
        match held.get(name) {
            Some(value) if name != "password" || !wanted.contains(name) => wanted.set(name, value.clone()),
            None if name != "password" => drop(wanted.remove(name)),
            _ => {}
        }
    }
    wanted
}

/// Whether a backend that can so much takes a PATCH.
pub(super) fn takes(limits: Option<&Patching>, message: &Value<'_>) -> bool {
    let Some(limits) = limits else { return false };
    let ops = message.as_object().and_then(|body| body.get("Operations")).and_then(Value::as_array).unwrap();
    let ops: Vec<PatchOp<'_>> = ops.iter().map(|op| PatchOp::read(op).unwrap()).collect();
    let fits = |most: Option<u32>, count: usize| most.is_none_or(|most| count <= usize::try_from(most).unwrap());
    let list = |op: &PatchOp<'_>| op.value.as_ref().and_then(Value::as_array).map_or(1, Array::len);
    let of_members: Vec<_> = ops.iter().filter(|op| names_members(op)).collect();
    fits(limits.max_operations, ops.len())
        && fits(limits.max_changes, of_members.iter().map(|op| list(op)).sum())
        && ops.iter().all(|op| takes_one(limits, op))
}

pub(super) fn names_members(op: &PatchOp<'_>) -> bool {
    op.path.as_ref().is_some_and(|path| path.attr.to_string() == "members")
}

fn takes_one(limits: &Patching, op: &PatchOp<'_>) -> bool {
    let is_filtered = op.path.as_ref().is_some_and(|path| path.filter.is_some());
    let attributes = op.value.as_ref().and_then(Value::as_object).map_or(1, |part| part.iter().count());
    let form = match limits.form {
        Form::AsSent => true,
        Form::Pathed => op.path.is_some(),
        Form::Pathless => op.path.is_none() || op.kind == OpKind::Remove || is_filtered,
        Form::OneAttribute => op.path.is_some() || attributes <= 1,
    };
    let change = match (op.kind, is_filtered) {
        (OpKind::Add, _) => MemberChange::Add,
        (OpKind::Replace, _) => MemberChange::Replace,
        (OpKind::Remove, true) => MemberChange::RemoveByFilter,
        // Without a filter or a list it means all of them.
        (OpKind::Remove, false) if op.value.is_some() => MemberChange::RemoveByList,
        (OpKind::Remove, false) => MemberChange::Replace,
    };
    let members = !names_members(op) || limits.members.contains(&change);
    form && members && (limits.value_paths || !is_filtered || names_members(op))
}

/// Backends that lack something, for the resources of a kind.
pub(super) fn lacking(kind: &Resource) -> Vec<Can> {
    let patches = |limits: Patching| Able::Yes(limits);
    let mut patch = vec![
        Able::No,
        patches(Patching { form: Form::Pathed, ..Patching::default() }),
        patches(Patching { form: Form::OneAttribute, ..Patching::default() }),
        patches(Patching { value_paths: false, ..Patching::default() }),
        patches(Patching { max_operations: Some(1), ..Patching::default() }),
    ];
    if *kind == Resource::Group {
        let members = vec![MemberChange::Add, MemberChange::RemoveByFilter];
        patch.push(patches(Patching { members: members.clone(), ..Patching::default() }));
        patch.push(patches(Patching { members, max_changes: Some(1), ..Patching::default() }));
        let members = vec![MemberChange::Replace];
        patch.push(patches(Patching { members, ..Patching::default() }));
        patch.push(patches(Patching { repeats: false, ..Patching::default() }));
    }
    let mut all: Vec<Can> = patch.into_iter().map(|patch| of(kind, |verbs| verbs.patch = patch)).collect();
    all.push(of(kind, |verbs| verbs.replace = Able::No));
    if *kind == Resource::Group {
        let few = Replacing { max_members: Some(1), ..Replacing::default() };
        all.push(of(kind, |verbs| verbs.replace = Able::Yes(few)));
    }
    all
}

pub(super) fn of(kind: &Resource, change: impl FnOnce(&mut Verbs)) -> Can {
    let mut can = Can { etag: Tags::No, ..Can::default() };
    change(if *kind == Resource::Group { &mut can.groups } else { &mut can.users });
    can
}
