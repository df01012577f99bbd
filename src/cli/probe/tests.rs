//! The probe against the demo's server, and against servers that lie.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};

use crate::demo::{Flaw, Legacy};
use crate::fault::Faults;
use crate::json::{self, Value};
use crate::probe::{Ask, Line, Probe, Reply, pack};
use crate::rules::can::{Able, Can, Form, Media, Operator, Tags};
use crate::rules::load;
use crate::scim::CompareOp;
use crate::yaml;

const BASE: &str = "http://legacy/scim/v2";

/// A line to a legacy server.
struct ToLegacy {
    legacy: Arc<Legacy>,
    /// What is done to a request on the way.
    twist: fn(&mut Ask),
    /// It changes nothing without `If-Match`.
    demands_tags: bool,
    /// Requests until one gets no answer, though it is done.
    until_lost: Option<usize>,
    sent: Vec<String>,
}

impl ToLegacy {
    fn new(flaws: &[Flaw], twist: fn(&mut Ask)) -> Self {
        let legacy = Arc::new(Legacy::new(flaws, BASE, "secret"));
        Self { legacy, twist, demands_tags: false, until_lost: None, sent: Vec::new() }
    }
}

impl Line for ToLegacy {
    async fn send(&mut self, mut ask: Ask) -> Result<Reply, String> {
        self.sent.push(format!("{} {}", ask.method, ask.target));
        (self.twist)(&mut ask);
        let is_one = ask.target.matches('/').count() == 2;
        if self.demands_tags && is_one && ["PUT", "PATCH", "DELETE"].contains(&ask.method) {
            match ask.if_match.as_deref() {
                Some("W/\"1\"") => {}
                other => return Ok(Reply { status: if other.is_some() { 412 } else { 428 }, etag: None, body: None }),
            }
        }
        let request = Request::builder()
            .method(ask.method)
            .uri(format!("{BASE}{}", ask.target))
            .header("authorization", "Bearer secret")
            .header("content-type", ask.media);
        let body = ask.body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let answer = self.legacy.serve(request.body(Full::new(body)).unwrap()).await;
        if self.until_lost.as_mut().is_some_and(|left| std::mem::replace(left, left.wrapping_sub(1)) == 0) {
            return Err("the connection ended".to_owned());
        }
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        let etag = (self.demands_tags && is_one).then(|| "W/\"1\"".to_owned());
        Ok(Reply { status, etag, body: json::parse(&bytes).ok().map(Value::into_owned) })
    }
}

async fn probed(line: &mut ToLegacy) -> (String, Can) {
    let mut probe = Probe::new(line, "1");
    probe.read().await.unwrap();
    probe.write().await.unwrap();
    let text = pack(&probe.found(), "legacy", BASE);
    let mut faults = Faults::default();
    let node = yaml::parse("legacy.yaml", &text, &mut faults);
    let pack = node.and_then(|node| load::pack(&node, &mut faults));
    assert!(faults.is_empty(), "{}\n{text}", faults.render(false));
    (text, pack.unwrap().can)
}

fn whole(_: &mut Ask) {}

#[tokio::test]
async fn v_54_a_server_that_changes_nothing_without_a_tag_is_told_so_and_can_what_it_can() {
    let mut line = ToLegacy::new(&[], whole);
    line.demands_tags = true;
    let (text, can) = probed(&mut line).await;
    assert_eq!(can.etag, Tags::Required, "{text}");
    let (_, open) = probed(&mut ToLegacy::new(&[], whole)).await;
    assert_eq!((&can.users, &can.groups), (&open.users, &open.groups), "{text}");
    let left = line.sent.iter().filter(|sent| sent.starts_with("POST")).count();
    assert!(line.sent.iter().filter(|sent| sent.starts_with("DELETE")).count() >= left, "{:?}", line.sent);
}

#[tokio::test]
async fn what_a_server_can_is_told_with_its_evidence() {
    let (text, can) = probed(&mut ToLegacy::new(&[], whole)).await;
    let filtering = can.filter.limits().unwrap();
    assert_eq!(filtering.operators, [Operator::Compare(CompareOp::Eq)]);
    assert_eq!(filtering.logic, []);
    assert_eq!((&can.sort, can.etag, &can.me, &can.search), (&Able::No, Tags::No, &Able::No, &Able::No));
    assert!(can.page.limits().is_some());
    assert_eq!(can.users.patch.limits().unwrap().form, Form::AsSent);
    assert!(!can.users.patch.limits().unwrap().value_paths);
    assert_eq!(can.groups.patch.limits().unwrap().members.len(), 4);
    for line in [
        "  # a user came without `ETag` and without `meta.version`\n  etag: false\n",
        "# - users.create: `POST /Users`: 201\n",
        "# - groups.patch: `add`, `remove-by-filter`, `remove-by-list`, `replace` changed the members\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(!text.contains("grace") && !text.contains("alan"), "packs are shown around: {text}");
}

#[tokio::test]
async fn reading_changes_nothing() {
    let mut line = ToLegacy::new(&[], whole);
    Probe::new(&mut line, "1").read().await.unwrap();
    let writes: Vec<_> = line.sent.iter().filter(|sent| !sent.starts_with("GET ")).collect();
    assert_eq!(writes, ["POST /Users/.search"]);
}

#[tokio::test]
async fn a_filter_that_is_taken_and_ignored_is_no_filter() {
    let ignores = |ask: &mut Ask| {
        if ask.target.contains("filter=") {
            ask.target = "/Users".to_owned();
        }
    };
    let (text, can) = probed(&mut ToLegacy::new(&[], ignores)).await;
    assert_eq!(can.filter, Able::No, "{text}");
    assert!(text.contains("# `userName eq \"..\"` finds others, too\n  filter: false\n"), "{text}");
}

#[tokio::test]
async fn pages_that_are_not_cut_are_no_pages() {
    let ignores = |ask: &mut Ask| {
        if ask.target.starts_with("/Users?startIndex") {
            ask.target = "/Users".to_owned();
        }
    };
    let (_, can) = probed(&mut ToLegacy::new(&[], ignores)).await;
    assert_eq!(can.page, Able::No);
}

#[tokio::test]
async fn a_server_of_2014_is_spoken_to_in_its_media_type() {
    let (_, can) = probed(&mut ToLegacy::new(&[Flaw::JsonOnly], whole)).await;
    assert_eq!(can.media, Media::Json);
    assert!(can.users.create.limits().is_some());
}

#[tokio::test]
async fn without_patch_everything_else_is_still_tried() {
    let unpatched = |ask: &mut Ask| {
        if ask.method == "PATCH" {
            ask.method = "NONE";
        }
    };
    let (text, can) = probed(&mut ToLegacy::new(&[], unpatched)).await;
    assert_eq!((&can.users.patch, &can.groups.patch), (&Able::No, &Able::No), "{text}");
    assert!(can.users.replace.limits().is_some() && can.groups.replace.limits().is_some());
}

#[tokio::test]
async fn a_name_that_is_called_otherwise_is_noted() {
    let mut line = ToLegacy::new(&[Flaw::Login], whole);
    let mut probe = Probe::new(&mut line, "1");
    probe.read().await.unwrap();
    let text = pack(&probe.found(), "legacy", BASE);
    assert!(
        text.contains("# - users have no `userName`: it may be called otherwise") && text.contains("`login`"),
        "{text}"
    );
}

#[tokio::test]
async fn whatever_answer_is_lost_nothing_is_left_behind_unsaid() {
    let mut lost = 0;
    loop {
        let mut line = ToLegacy::new(&[], whole);
        line.until_lost = Some(lost);
        let mut probe = Probe::new(&mut line, "1");
        let outcome = match probe.read().await {
            Ok(()) => probe.write().await,
            Err(fault) => Err(fault),
        };
        let (legacy, was_lost) = (line.legacy.clone(), line.until_lost.is_some_and(|left| left > usize::MAX / 2));
        assert_eq!(outcome.is_err(), was_lost, "{lost}");
        let left = ToLegacy { legacy, twist: whole, demands_tags: false, until_lost: None, sent: Vec::new() }
            .named("scimgate-probe-1")
            .await;
        let is_said = outcome.as_ref().is_err_and(|said| said.contains("scimgate-probe-1"));
        assert!(left.is_empty() || is_said, "{lost}: {left:?} {outcome:?}");
        // Only the answer that tells its id makes what was made unknown.
        assert!(left.len() <= 1, "{lost}: {left:?}");
        if !was_lost {
            return;
        }
        lost += 1;
    }
}

impl ToLegacy {
    /// The paths of what is there under a name.
    async fn named(mut self, word: &str) -> Vec<String> {
        let mut left = Vec::new();
        for endpoint in ["/Users", "/Groups"] {
            let ask = Ask {
                method: "GET",
                target: endpoint.to_owned(),
                body: None,
                media: "application/json",
                if_match: None,
            };
            let list = self.send(ask).await.unwrap().list().unwrap();
            let named = list.iter().filter(|one| Value::Object((*one).clone()).to_string().contains(word));
            left.extend(named.map(|one| format!("{endpoint}/{}", one.get("id").and_then(Value::as_str).unwrap())));
        }
        left
    }
}
