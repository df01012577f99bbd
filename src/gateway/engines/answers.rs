//! An answer is the same whether it is translated with a tree, for somebody who wants to know what each rule did, or
//! without one: for every shipped pack, with URLs, in lists and alone, in any chunks.

use std::sync::Arc;

use proptest::prelude::*;

use crate::gateway::plans::{Cell, Plans};
use crate::gateway::rebase::Rebase;
use crate::gateway::translate::{Of, Translator};
use crate::gateway::watcher::{Counters, Watcher};
use crate::json::{Array, Object, Value};
use crate::metrics::Metrics;
use crate::rules::Modes;
use crate::rules::laws::generate;
use crate::rules::laws::law::{Refused, hold};
use crate::scim::{Id, Operation, Resource, Target};

use super::{by_tree, packs, tokens};

/// Translates an answer that comes in chunks of these lengths: what comes out, and whether anything changed.
fn translated(cell: &Arc<Cell>, watcher: Watcher, target: &Target, chunks: &[&[u8]]) -> Option<(Vec<u8>, bool)> {
    let rebase = Rebase::new("https://backend.example/scim", "https://gate.example/scim/v2");
    let of = Of {
        document: None,
        resource: target.resource.clone(),
        operation: target.operation.kind(),
        id: None,
        head: Arc::default(),
        status: 200,
        wanted: None,
    };
    let mut translator = Translator::new(cell.clone(), rebase, watcher, of);
    let mut out = Vec::new();
    for chunk in chunks {
        translator.feed(chunk, &mut out).ok()?;
    }
    translator.finish(&mut out).ok()?;
    Some((out, translator.has_changed()))
}

/// A resource as a backend may hold it, with its URL.
fn held() -> BoxedStrategy<Object<'static>> {
    let made = prop_oneof![3 => generate::user(), 1 => generate::group()];
    (made, any::<bool>())
        .prop_map(|(mut made, is_ours)| {
            let base = if is_ours { "https://backend.example/scim" } else { "https://other.example" };
            let mut meta = Object::new();
            meta.set("location", Value::string(&format!("{base}/Users/2819c223")));
            made.set("meta", Value::Object(meta));
            made
        })
        .boxed()
}

fn document(held: &[Object<'static>], is_pretty: bool) -> String {
    let items: Vec<_> = held.iter().cloned().map(Value::Object).collect();
    let mut list = Object::new();
    list.set("totalResults", Value::string(&items.len().to_string()));
    list.set("Resources", Value::Array(Array::from(items)));
    let list = Value::Object(list);
    if is_pretty { list.pretty() } else { list.to_string() }
}

fn cut<'b>(mut bytes: &'b [u8], lengths: &[usize]) -> Vec<&'b [u8]> {
    let mut chunks = Vec::new();
    for length in lengths.iter().cycle() {
        if bytes.is_empty() {
            break;
        }
        let (chunk, rest) = bytes.split_at((*length).min(bytes.len()));
        chunks.push(chunk);
        bytes = rest;
    }
    chunks
}

#[test]
fn with_a_tree_and_without_answers_are_the_same() {
    let (clients, backends) = (packs("clients"), packs("backends"));
    let cases = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        prop::collection::vec(held(), 0..5),
        any::<bool>(),
        prop::collection::vec(1..3000_usize, 1..4),
        any::<bool>(),
    );
    let mut streamed = 0;
    hold("an answer", Refused::Half, cases, |(client, backend, held, is_pretty, lengths, is_list)| {
        let (client, backend) = (client.get(&clients), backend.get(&backends));
        let plans = Plans::new(&[client], backend, &Modes::default(), &[]);
        let operation = if is_list { Operation::List } else { Operation::Read(Id::parse("7").unwrap()) };
        let target = Target { resource: Some(Resource::User), operation };
        let cell = plans.cell(&target);
        let text = match (is_list, held.first()) {
            (false, Some(one)) => Value::Object(one.clone()).to_string(),
            _ => document(&held, is_pretty),
        };
        let chunks = cut(text.as_bytes(), &lengths);
        let counts = Watcher::Count(Arc::new(Counters::new(&[client, backend], &Metrics::new())));
        let tells = by_tree();
        let one = translated(cell, counts, &target, &chunks);
        let other = translated(cell, tells, &target, &chunks);
        match (&one, &other) {
            (Some((one, changed)), Some((other, too))) => {
                prop_assert_eq!(tokens(one), tokens(other));
                prop_assert_eq!(changed, too);
            }
            (None, None) => return Err(TestCaseError::reject("refused by both")),
            _ => prop_assert!(false, "{:?} {:?} {}", one, other, text),
        }
        Ok(())
    });
    for backend in &backends {
        let plans = Plans::new(&[&clients[0]], backend, &Modes::default(), &[]);
        let target = Target { resource: Some(Resource::User), operation: Operation::List };
        streamed += usize::from(plans.cell(&target).answers.is_some());
    }
    assert!(streamed * 2 > backends.len(), "{streamed} of {} backends are read without a tree", backends.len());
}
