//! Lists over bridges, held against the evaluator: whatever a backend lacks, the same resources are found, and none other.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::access::Brake;
use crate::json::{Array, Object, Value};
use crate::rules::Can;
use crate::rules::can::{Able, Filtering, Index, Logic, Operator, Paging};
use crate::rules::laws::generate;
use crate::scim::filter::{self, Expr, ExprKind};
use crate::scim::{AttrPath, CompareOp, Filter, Param, Query};

use super::super::super::upstream::{Retry, Upstream, UpstreamBody, UpstreamFault};
use super::{Gateway, answer, gateway};

/// How many resources are on a page of the backend, unless it gives all at once.
const PAGE: usize = 3;

/// A directory that does what its pack says that it can, and answers 400 to all else.
#[derive(Clone, Debug)]
struct Directory {
    can: Can,
    users: Arc<Mutex<Vec<Object<'static>>>>,
    calls: Arc<Mutex<usize>>,
}

impl Upstream for Directory {
    async fn call(&self, request: Request<Bytes>, _: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        *self.calls.lock().unwrap() += 1;
        let query = Query::parse(request.uri().query().unwrap_or_default()).unwrap();
        let (status, body) = match self.list(&query) {
            Some(list) => (200, list.to_string()),
            None => (400, String::new()),
        };
        let body = UpstreamBody::whole(Bytes::from(body));
        Ok(Response::builder().status(status).body(body).unwrap())
    }
}

impl Directory {
    fn new(can: Can) -> Self {
        Self { can, users: Arc::default(), calls: Arc::default() }
    }

    /// A page of those who match; nothing for what it can't.
    fn list(&self, query: &Query) -> Option<Value<'static>> {
        let asked = query.value(Param::Filter).map(|text| Filter::parse(text).unwrap());
        if asked.as_ref().is_some_and(|filter| !self.knows(filter.root())) {
            return None;
        }
        let users = self.users.lock().unwrap().clone();
        let finds = |user: &Object<'_>| asked.as_ref().is_none_or(|filter| filter::matches(filter.root(), user));
        let found: Vec<_> = users.into_iter().filter(finds).map(Value::Object).collect();
        let count = query.value(Param::Count).map_or(PAGE, |count| count.parse().unwrap());
        let (start, next) = self.start(query, count, found.len())?;
        let size = if self.can.page == Able::No { found.len() } else { count };
        if size > PAGE && self.can.page != Able::No {
            return None;
        }
        let total = i64::try_from(found.len()).unwrap();
        let mut list = Object::new();
        list.set("totalResults", Value::number(total));
        next.into_iter().for_each(|next| list.set("nextCursor", Value::string(&next)));
        list.set("Resources", Value::Array(Array::from(found.into_iter().skip(start).take(size).collect::<Vec<_>>())));
        Some(Value::Object(list))
    }

    /// Where the page begins, and the cursor of the next one.
    fn start(&self, query: &Query, count: usize, found: usize) -> Option<(usize, Option<String>)> {
        let (index, cursor) = (query.value(Param::StartIndex), query.value(Param::Cursor));
        match self.can.page.limits() {
            None => (index.is_none() && cursor.is_none()).then_some((0, None)),
            Some(Paging { index: Some(Index::Cursor), .. }) => {
                let start = cursor?.strip_prefix('c').map_or(0, |at| at.parse().unwrap());
                let next = start + count;
                Some((start, (next < found).then(|| format!("c{next}"))))
            }
            Some(_) => cursor.is_none().then(|| (index.map_or(0, |at| at.parse::<usize>().unwrap() - 1), None)),
        }
    }

    fn knows(&self, expr: &Expr) -> bool {
        let Some(filtering) = self.can.filter.limits() else { return false };
        let joins =
            |logic, terms: &[Expr]| filtering.logic.contains(&logic) && terms.iter().all(|term| self.knows(term));
        let by = |path: &AttrPath| filtering.attributes.as_ref().is_none_or(|known| known.contains(path));
        match &expr.kind {
            ExprKind::And(terms) => joins(Logic::And, terms),
            ExprKind::Or(terms) => joins(Logic::Or, terms),
            ExprKind::Not(inner) => joins(Logic::Not, std::slice::from_ref(&**inner)),
            ExprKind::Present(path) => filtering.operators.contains(&Operator::Present) && by(&path.path),
            ExprKind::Compare { path, op, .. } => {
                filtering.operators.contains(&Operator::Compare(*op)) && by(&path.path)
            }
            ExprKind::Element { .. } => *filtering == Filtering::default(),
        }
    }
}

fn only(operators: &[CompareOp], logic: &[Logic], attributes: Option<&[&str]>) -> Able<Filtering> {
    Able::Yes(Filtering {
        operators: operators.iter().map(|op| Operator::Compare(*op)).collect(),
        logic: logic.to_vec(),
        attributes: attributes.map(|all| all.iter().map(|one| AttrPath::parse(one).unwrap()).collect()),
        ne_absent: true,
    })
}

/// Backends that lack one thing or another.
fn backends() -> Vec<Can> {
    let index = Able::Yes(Paging { max: Some(3), default: None, index: None });
    let cursor = Able::Yes(Paging { max: Some(3), default: None, index: Some(Index::Cursor) });
    let eq = || only(&[CompareOp::Eq], &[], None);
    let can = |filter, page| Can { filter, page, ..Can::default() };
    vec![
        can(eq(), index.clone()),
        can(only(&[CompareOp::Eq], &[Logic::And], None), index.clone()),
        can(only(&[CompareOp::Eq, CompareOp::Ne], &[Logic::And, Logic::Or, Logic::Not], None), index.clone()),
        can(only(&CompareOp::ALL, &[Logic::And, Logic::Or], Some(&["userName", "emails.value"])), index.clone()),
        can(Able::No, index.clone()),
        can(Able::default(), index),
        can(eq(), cursor.clone()),
        can(Able::default(), cursor),
        can(eq(), Able::No),
        can(Able::default(), Able::No),
    ]
}

/// The ids on a page, and how many there are in all.
fn read(body: &[u8]) -> (Vec<String>, usize, Option<String>) {
    let list: serde_json::Value = serde_json::from_slice(body).unwrap();
    let ids = list["Resources"].as_array().into_iter().flatten().map(|one| one["id"].as_str().unwrap().to_owned());
    let next = list["nextCursor"].as_str().map(str::to_owned);
    (ids.collect(), usize::try_from(list["totalResults"].as_u64().unwrap()).unwrap(), next)
}

struct Played {
    runtime: tokio::runtime::Runtime,
    directory: Directory,
    gateway: Gateway<Directory>,
    secret: String,
}

impl Played {
    fn new(can: Can) -> Self {
        let directory = Directory::new(can.clone());
        let (gateway, secret) = gateway(directory.clone(), can, Brake::off());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        Self { runtime, directory, gateway, secret }
    }

    fn list(&self, query: &Query) -> (u16, Bytes) {
        let path = format!("/Users?{query}");
        self.runtime.block_on(answer(&self.gateway, &self.secret, Method::GET, &path, String::new()))
    }

    fn holds(&self, users: Vec<Object<'static>>) -> Vec<Object<'static>> {
        let number = |(at, mut user): (usize, Object<'static>)| {
            user.set("id", Value::string(&at.to_string()));
            user
        };
        let users: Vec<_> = users.into_iter().enumerate().map(number).collect();
        self.directory.users.lock().unwrap().clone_from(&users);
        users
    }
}

fn query(filter: &Filter, page: &[(Param, String)]) -> Query {
    let mut query = Query::default();
    query.set(Param::Filter, Some(filter.text().to_owned()));
    page.iter().for_each(|(param, value)| query.set(*param, Some(value.clone())));
    query
}

#[test]
fn whatever_a_backend_lacks_the_same_are_found() {
    let cases = (prop::collection::vec(generate::user(), 0..9), generate::filter(), 1..6_usize, 0..6_usize);
    for can in backends() {
        let told = format!("{:?} {:?}", can.filter, can.page);
        let played = Played::new(can);
        let config = Config { failure_persistence: None, ..Config::default() };
        let config = Config { cases: config.cases / 4, ..config };
        let held = TestRunner::new(config).run(&cases, |(users, filter, start, count)| {
            let users = played.holds(users);
            let found = users.iter().filter(|user| filter::matches(filter.root(), user));
            let found: Vec<String> = found.map(|user| user.get("id").unwrap().as_str().unwrap().into_owned()).collect();
            let page = [(Param::StartIndex, start.to_string()), (Param::Count, count.to_string())];
            let (status, body) = played.list(&query(&filter, &page));
            prop_assert_eq!(status, 200, "{}: {:?}", filter, body);
            let (ids, total, _) = read(&body);
            let wanted: Vec<_> = found.iter().skip(start - 1).take(count).cloned().collect();
            prop_assert_eq!((&ids, total), (&wanted, found.len()), "{}", filter);
            Ok(())
        });
        held.unwrap_or_else(|fault| panic!("{told}: {fault}"));
    }
}

#[test]
fn a_client_with_cursors_reads_all_of_any_backend() {
    let cases = (prop::collection::vec(generate::user(), 0..9), generate::filter(), 1..4_usize);
    for can in backends() {
        let played = Played::new(can);
        let config = Config { failure_persistence: None, cases: 32, ..Config::default() };
        let held = TestRunner::new(config).run(&cases, |(users, filter, count)| {
            let users = played.holds(users);
            let found = users.iter().filter(|user| filter::matches(filter.root(), user)).count();
            let (mut cursor, mut read_so_far) = (Some(String::new()), Vec::new());
            while let Some(at) = cursor {
                let page = [(Param::Cursor, at), (Param::Count, count.to_string())];
                let (status, body) = played.list(&query(&filter, &page));
                prop_assert_eq!(status, 200, "{}: {:?}", filter, body);
                let (ids, total, next) = read(&body);
                prop_assert_eq!(total, found);
                read_so_far.extend(ids);
                prop_assert!(read_so_far.len() <= found);
                cursor = next;
            }
            prop_assert_eq!(read_so_far.len(), found);
            Ok(())
        });
        held.unwrap_or_else(|fault| panic!("{:?}: {fault}", played.directory.can));
    }
}

#[test]
fn who_would_read_too_much_is_refused_and_a_page_is_cut() {
    let can = Can {
        filter: Able::No,
        page: Able::Yes(Paging { max: Some(3), default: None, index: None }),
        ..Can::default()
    };
    let mut played = Played::new(can.clone());
    let user = |at: usize| {
        let mut user = Object::new();
        user.set("userName", Value::string(&format!("u{at}")));
        user
    };
    Arc::get_mut(&mut played.gateway.connections[0]).unwrap().limits.scan = 7;
    played.holds((0..7).map(user).collect());
    let filter = Filter::parse("userName eq \"u6\"").unwrap();
    assert_eq!(read(&played.list(&query(&filter, &[])).1).0, ["6"]);
    assert_eq!(*played.directory.calls.lock().unwrap(), 3);
    played.holds((0..8).map(user).collect());
    let (status, body) = played.list(&query(&filter, &[]));
    assert_eq!(status, 400);
    assert!(String::from_utf8_lossy(&body).contains("tooMany"));
    // Without a filter the page ends before that, and says so.
    let (_, body) = played.list(&Query::parse("startIndex=1&count=100").unwrap());
    assert_eq!((read(&body).0.len(), read(&body).1), (7, 8));
}
