//! Bridges before a backend that is played: one resource, with its version, and only some verbs.

mod elements;
mod groups;
mod split;

use proptest::prelude::*;

use super::*;
use crate::json::Array;
use crate::scim::{ErrorStatus, OperationKind, patch};

/// A backend with one resource. It notes what it is asked, and can be made to fail.
struct Server {
    kind: Resource,
    resource: Object<'static>,
    version: u32,
    /// Whether it keeps to `If-Match`.
    tags: bool,
    /// Whether a write is answered with the resource.
    shows: bool,
    /// Statuses that it answers in place of doing what it is asked, by the number of the call.
    fails: Vec<(usize, u16)>,
    /// Somebody else writes before this call.
    overtaken: Vec<usize>,
    heard: Vec<(OperationKind, Option<String>, Value<'static>)>,
}

#[derive(Debug, PartialEq)]
enum Shown {
    Nothing,
    Resource(Object<'static>),
    Error,
}

fn read(text: &str) -> Object<'static> {
    match crate::json::parse(text.as_bytes()).unwrap().into_owned() {
        Value::Object(object) => object,
        other => panic!("{other}"),
    }
}

impl Server {
    fn with(kind: Resource, resource: &str) -> Self {
        let (tags, shows) = (true, true);
        let (fails, overtaken, heard) = (Vec::new(), Vec::new(), Vec::new());
        Self { kind, resource: read(resource), version: 1, tags, shows, fails, overtaken, heard }
    }

    fn tag(&self) -> Option<String> {
        self.tags.then(|| format!("W/\"{}\"", self.version))
    }

    fn one(&self) -> One {
        One { resource: self.kind.clone(), id: Id::parse("7").unwrap() }
    }

    fn answer<B>(&self, status: u16, body: B) -> Answer<B> {
        Answer { status, etag: self.tag(), location: None, retry_after: None, body }
    }

    fn does(&mut self, ask: Ask<'_>) -> Heard<Shown> {
        let (sent, value) = ask.body.parts();
        let value = value.map(Value::into_owned);
        assert!(sent.is_none());
        let kind = ask.target.operation.kind();
        let call = self.heard.len();
        self.heard.push((kind, ask.conditions.if_match.clone(), value.clone().unwrap_or(Value::Null)));
        if let Some((_, status)) = self.fails.iter().find(|(at, _)| *at == call) {
            return Heard::Refused(self.answer(*status, Shown::Error));
        }
        if self.overtaken.contains(&call) {
            self.resource.set("title", Value::string(&format!("by another {call}")));
            self.version += 1;
        }
        if kind == OperationKind::Read {
            return Heard::Resource(Box::new(self.answer(200, self.resource.clone())));
        }
        if self.tags && ask.conditions.if_match.is_some_and(|tag| Some(tag) != self.tag()) {
            return Heard::Refused(self.answer(412, Shown::Error));
        }
        match (kind, value) {
            (OperationKind::Replace, Some(Value::Object(wanted))) => self.resource = wanted,
            (OperationKind::Patch, Some(message)) => {
                self.resource = patch::apply(&message, &self.resource, &self.kind).unwrap();
            }
            other => panic!("{other:?}"),
        }
        self.version += 1;
        if self.shows { Heard::Resource(Box::new(self.answer(200, self.resource.clone()))) } else { Heard::Done }
    }

    fn verbs(&self) -> Vec<&'static str> {
        self.heard.iter().map(|(kind, ..)| kind.word()).collect()
    }

    fn patched(&mut self, ops: &str) -> Result<Answer<Shown>, ScimError> {
        self.patched_if(ops, Conditions::default(), true)
    }

    fn patched_if(&mut self, ops: &str, conditions: Conditions, may_read: bool) -> Result<Answer<Shown>, ScimError> {
        let one = self.one();
        let server = PatchToPut { has_tags: self.tags, merges: false };
        let body = Value::Object(read(&format!("{{\"Operations\": [{ops}]}}")));
        let ask = ask(one.asked(Operation::Patch), body, conditions);
        now(patch_to_put(self, server, &one, ask, may_read))
    }

    fn put(&mut self, resource: &str) -> Result<Answer<Shown>, ScimError> {
        let one = self.one();
        let server =
            PutToPatch { patches: Patches { has_tags: self.tags, ..Patches::default() }, hides_members: false };
        let ask = ask(one.asked(Operation::Replace), Value::Object(read(resource)), Conditions::default());
        now(put_to_patch(self, server, Limits::default(), &one, ask))
    }
}

fn ask(target: Target, body: Value<'static>, conditions: Conditions) -> Ask<'static> {
    Ask { target, query: Query::default(), body: Content::Changed(body), conditions, before: None }
}

/// What never waits is there at once.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("a played backend answers at once"),
    }
}

impl Exchange for Server {
    type Body = Shown;
    type Failure = ScimError;

    async fn call(&mut self, ask: Ask<'_>) -> Result<Option<Answer<Shown>>, ScimError> {
        match self.does(ask) {
            Heard::Resource(answer) => self.show(*answer).map(Some),
            Heard::Refused(answer) => Ok(Some(answer)),
            Heard::Done => Ok(Some(self.answer(204, Shown::Nothing))),
            Heard::Unasked => Ok(None),
        }
    }

    async fn consult(&mut self, ask: Ask<'_>) -> Result<Heard<Shown>, ScimError> {
        Ok(self.does(ask))
    }

    async fn reads(&mut self, asks: Vec<Ask<'_>>) -> Result<Vec<Heard<Shown>>, ScimError> {
        Ok(asks.into_iter().map(|ask| self.does(ask)).collect())
    }

    async fn series(&mut self, asks: Vec<Ask<'_>>, _: Option<u32>) -> Result<Series<Shown>, ScimError> {
        let mut last = Heard::Unasked;
        for (done, ask) in asks.into_iter().enumerate() {
            match self.does(ask) {
                Heard::Refused(answer) => return Ok(Series::Stopped { done, answer }),
                heard => last = heard,
            }
        }
        Ok(Series::Done(last))
    }

    fn note(&mut self, answer: Answer<Shown>, _: &str) -> Answer<Shown> {
        answer
    }

    async fn leaf(
        &mut self,
        _: Ask<'_>,
        _: impl FnMut(&[u8]) -> Result<(), ScimError> + Send,
    ) -> Result<Leaf<Shown>, ScimError> {
        panic!("this one lists nothing")
    }

    fn list(&mut self, _: Vec<u8>) -> Result<Answer<Shown>, ScimError> {
        panic!("this one lists nothing")
    }

    fn over(&mut self, _: Bridge) {}

    fn show(&mut self, answer: Answer<Object<'static>>) -> Result<Answer<Shown>, ScimError> {
        let Answer { status, etag, location, retry_after, body } = answer;
        Ok(Answer { status, etag, location, retry_after, body: Shown::Resource(body) })
    }

    fn nothing(&self) -> Shown {
        Shown::Nothing
    }

    fn text(&self, _: &'static str) -> Shown {
        Shown::Nothing
    }
}

const ADA: &str = r#"{"id": "7", "userName": "ada", "title": "T", "password": "***", "groups": [{"value": "1"}],
    "meta": {"version": "1"}, "x-n": 12345678901234567890}"#;

fn ada() -> Server {
    Server::with(Resource::User, ADA)
}

#[test]
fn a_patch_is_a_put_of_what_a_client_may_write() {
    let mut server = ada();
    let answer = server.patched(r#"{"op": "replace", "path": "title", "value": "U"}"#).unwrap();
    assert_eq!(server.verbs(), ["read", "replace"]);
    let (_, tag, body) = &server.heard[1];
    assert_eq!(tag.as_deref(), Some("W/\"1\""));
    let sent = read(r#"{"id": "7", "userName": "ada", "title": "U", "x-n": 12345678901234567890}"#);
    assert_eq!(body.as_object(), Some(&sent));
    assert_eq!((answer.status, answer.etag.as_deref()), (200, Some("W/\"2\"")));
    assert_eq!(answer.body, Shown::Resource(sent));
}

#[test]
fn a_password_is_put_only_if_the_client_sends_one() {
    let mut server = ada();
    server.patched(r#"{"op": "replace", "path": "password", "value": "new"}"#).unwrap();
    assert_eq!(server.heard[1].2.as_object().unwrap().get("password"), Some(&Value::string("new")));
}

#[test]
fn a_patch_that_changes_nothing_is_answered_with_the_resource() {
    let mut server = ada();
    let answer = server.patched(r#"{"op": "add", "path": "title", "value": "T"}"#).unwrap();
    assert_eq!((server.verbs(), answer.status), (vec!["read"], 200));
    let silent = server.patched_if(r#"{"op": "remove", "path": "locale"}"#, Conditions::default(), false).unwrap();
    assert_eq!((silent.status, silent.body), (204, Shown::Nothing));
}

#[test]
fn what_the_rfc_refuses_is_refused_and_nothing_is_written() {
    for ops in [
        r#"{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a"}"#,
        r#"{"op": "replace", "path": "id", "value": "8"}"#,
        r#"{"op": "remove", "path": "userName"}"#,
    ] {
        let mut server = ada();
        let refused = server.patched(ops).map(drop).unwrap_err();
        assert_eq!((refused.status, server.verbs()), (ErrorStatus::BadRequest, vec!["read"]), "{ops}");
    }
}

#[test]
fn a_precondition_that_does_not_hold_writes_nothing() {
    let named = |tag: &str| Conditions { if_match: Some(tag.to_owned()), if_none_match: None };
    let op = r#"{"op": "replace", "path": "title", "value": "U"}"#;
    let mut server = ada();
    let refused = server.patched_if(op, named("W/\"0\""), true).map(drop).unwrap_err();
    assert_eq!((refused.status, server.verbs()), (ErrorStatus::PreconditionFailed, vec!["read"]));
    assert_eq!(server.patched_if(op, named("W/\"1\""), true).unwrap().status, 200);
}

#[test]
fn who_is_overtaken_reads_again() {
    let mut server = ada();
    server.overtaken = vec![1];
    let answer = server.patched(r#"{"op": "add", "path": "locale", "value": "en"}"#).unwrap();
    assert_eq!((server.verbs(), answer.status), (vec!["read", "replace", "read", "replace"], 200));
    assert_eq!(server.resource.get("title"), Some(&Value::string("by another 1")));
    assert_eq!(server.resource.get("locale"), Some(&Value::string("en")));
    let mut beaten = ada();
    beaten.overtaken = vec![1, 3, 5, 7, 9];
    let answer = beaten.patched(r#"{"op": "add", "path": "locale", "value": "en"}"#).unwrap();
    assert_eq!((beaten.heard.len(), answer.status), (8, 412));
    // A client that has named a state learns that it is gone.
    let mut named = ada();
    named.overtaken = vec![1];
    let conditions = Conditions { if_match: Some("W/\"1\"".to_owned()), if_none_match: None };
    let answer = named.patched_if(r#"{"op": "add", "path": "locale", "value": "en"}"#, conditions, true).unwrap();
    assert_eq!((named.verbs(), answer.status), (vec!["read", "replace"], 412));
}

#[test]
fn the_backend_s_no_is_passed_on() {
    for (at, status) in [(0, 404), (0, 500), (1, 400), (1, 409), (1, 503)] {
        let mut server = ada();
        server.fails = vec![(at, status)];
        let answer = server.patched(r#"{"op": "replace", "path": "title", "value": "U"}"#).unwrap();
        assert_eq!((answer.status, answer.body), (status, Shown::Error));
        assert_eq!(server.heard.len(), at + 1);
        assert_eq!(server.resource, read(ADA));
    }
}

#[test]
fn a_put_that_shows_nothing_is_read_but_never_repeated() {
    let mut server = ada();
    server.shows = false;
    let op = r#"{"op": "replace", "path": "title", "value": "U"}"#;
    let answer = server.patched(op).unwrap();
    assert_eq!((server.verbs(), answer.status), (vec!["read", "replace", "read"], 200));
    // It is written, whatever becomes of reading it.
    let mut server = ada();
    (server.shows, server.fails) = (false, vec![(2, 500)]);
    let answer = server.patched(op).unwrap();
    assert_eq!((server.verbs(), answer.status), (vec!["read", "replace", "read"], 204));
}

#[test]
fn a_server_that_keeps_what_it_is_not_told_is_told_what_goes() {
    let mut server = Server::with(
        Resource::User,
        r#"{"userName": "a", "title": "T", "emails": [{"value": "x"}], "name": {"givenName": "A", "familyName": "B"}}"#,
    );
    let one = server.one();
    let ops = r#"{"Operations": [{"op": "remove", "path": "title"}, {"op": "remove", "path": "emails"},
        {"op": "remove", "path": "name.givenName"}]}"#;
    let ask = ask(one.asked(Operation::Patch), Value::Object(read(ops)), Conditions::default());
    now(patch_to_put(&mut server, PatchToPut { has_tags: false, merges: true }, &one, ask, true)).unwrap();
    let sent = r#"{"userName": "a", "title": null, "emails": [], "name": {"givenName": null, "familyName": "B"}}"#;
    assert_eq!(server.heard[1].2.as_object(), Some(&read(sent)));
    assert_eq!(server.heard[1].1, None);
}

#[test]
fn a_put_that_changes_nothing_sends_nothing() {
    let mut server = ada();
    let answer = server.put(r#"{"userName": "ada", "title": "T", "x-n": 12345678901234567890, "emails": []}"#).unwrap();
    assert_eq!((server.verbs(), answer.status), (vec!["read"], 200));
    assert_eq!(answer.body, Shown::Resource(read(ADA)));
}

fn ops(server: &Server) -> String {
    let (_, _, message) = &server.heard[1];
    message.as_object().unwrap().get("Operations").unwrap().to_string()
}

#[test]
fn a_put_is_the_fewest_operations() {
    let cases = [
        (
            r#"{"userName": "a", "title": "T", "nickName": "N"}"#,
            r#"{"userName": "b", "title": "T"}"#,
            r#"[{"op":"replace","path":"userName","value":"b"},{"op":"remove","path":"nickName"}]"#,
        ),
        (
            r#"{"name": {"givenName": "A", "familyName": "B", "middleName": "C"}}"#,
            r#"{"name": {"givenName": "A", "familyName": "D"}}"#,
            r#"[{"op":"replace","path":"name.familyName","value":"D"},{"op":"remove","path":"name.middleName"}]"#,
        ),
        (
            r#"{"emails": [{"value": "a", "type": "work", "primary": false}, {"value": "b"}]}"#,
            r#"{"emails": [{"value": "b"}, {"type": "work", "value": "a"}], "roles": [{"value": "r"}]}"#,
            r#"[{"op":"replace","path":"roles","value":[{"value":"r"}]}]"#,
        ),
        (
            r#"{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "D", "manager": {"value": "1", "displayName": "M", "$ref": "r"}}}"#,
            r#"{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "2"}}, "password": "p"}"#,
            r#"[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value","value":"2"},{"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"},{"op":"replace","path":"password","value":"p"}]"#,
        ),
        (
            r#"{"active": true, "x-mine": 1, "meta": {"version": "3"}, "id": "7", "title": "T"}"#,
            r#"{"id": "8", "meta": {}, "title": null, "schemas": ["x"]}"#,
            r#"[{"op":"remove","path":"title"}]"#,
        ),
    ];
    for (held, wanted, expected) in cases {
        let mut server = Server::with(Resource::User, held);
        assert_eq!(server.put(wanted).unwrap().status, 200, "{held}");
        assert_eq!(ops(&server), expected, "{held}");
    }
}

#[test]
fn members_come_and_go_one_by_one() {
    let group = |ids: &[&str]| {
        let members: Vec<String> = ids.iter().map(|id| format!("{{\"value\": \"{id}\"}}")).collect();
        format!("{{\"displayName\": \"g\", \"members\": [{}]}}", members.join(", "))
    };
    for (held, wanted, expected) in [
        (
            group(&["1", "2", "3"]),
            group(&["3", "1", "4"]),
            r#"[{"op":"remove","path":"members[value eq \"2\"]"},{"op":"add","path":"members","value":[{"value":"4"}]}]"#,
        ),
        (group(&["1"]), group(&[]), r#"[{"op":"remove","path":"members"}]"#),
        (group(&["1"]), r#"{"displayName": "g"}"#.to_owned(), r#"[{"op":"remove","path":"members"}]"#),
        (group(&[]), group(&["1"]), r#"[{"op":"add","path":"members","value":[{"value":"1"}]}]"#),
        (group(&["1"]), group(&["2"]), r#"[{"op":"replace","path":"members","value":[{"value":"2"}]}]"#),
    ] {
        let mut server = Server::with(Resource::Group, &held);
        assert_eq!(server.put(&wanted).unwrap().status, 200);
        assert_eq!(ops(&server), expected, "{held} {wanted}");
    }
}

/// A user as a client may write one, small enough that two of them often agree.
fn user() -> BoxedStrategy<String> {
    let text = || prop::sample::select(vec!["a", "b", "é"]);
    let emails = prop::collection::btree_set((text(), prop::sample::select(vec!["work", "home"])), 0..3);
    (
        text(),
        prop::option::of(text()),
        prop::option::of((text(), prop::option::of(text()))),
        emails,
        prop::option::of(text()),
    )
        .prop_map(|(name, title, names, emails, department)| {
            let mut user = Object::new();
            user.set("userName", Value::string(name));
            title.into_iter().for_each(|title| user.set("title", Value::string(title)));
            if let Some((given, family)) = names {
                let mut name = Object::new();
                name.set("givenName", Value::string(given));
                family.into_iter().for_each(|family| name.set("familyName", Value::string(family)));
                user.set("name", Value::Object(name));
            }
            let emails = emails
                .into_iter()
                .map(|(value, kind)| Value::Object(read(&format!("{{\"value\": \"{value}\", \"type\": \"{kind}\"}}"))));
            let emails: Vec<Value<'_>> = emails.collect();
            if !emails.is_empty() {
                user.set("emails", Value::Array(Array::from(emails)));
            }
            if let Some(department) = department {
                let mut extension = Object::new();
                extension.set("department", Value::string(department));
                user.set(crate::scim::urn::ENTERPRISE, Value::Object(extension));
            }
            Value::Object(user).to_string()
        })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_put_over_the_bridge_leaves_what_a_put_leaves(held in user(), wanted in user()) {
        let mut server = Server::with(Resource::User, &held);
        prop_assert_eq!(server.put(&wanted).unwrap().status, 200);
        // In another order perhaps, which means nothing.
        let again = server.heard.len();
        prop_assert_eq!(server.put(&wanted).unwrap().status, 200);
        prop_assert_eq!(server.heard.len(), again + 1);
        let mut direct = Server::with(Resource::User, &held);
        direct.resource = read(&wanted);
        prop_assert_eq!(direct.put(&server.resource_text()).unwrap().status, 200);
        prop_assert_eq!(direct.heard.len(), 1);
    }
}

impl Server {
    fn resource_text(&self) -> String {
        Value::Object(self.resource.clone()).to_string()
    }
}
