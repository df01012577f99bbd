//! Whole calls in this process: the gateway's own flow before a backend that always gives the same answer. No sockets.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use scimgate::bridge::Choices;
use scimgate::fault::Faults;
use scimgate::gateway::rehearse::{self, Stage, Urls};
use scimgate::gateway::upstream::{Retry, Upstream, UpstreamBody, UpstreamFault};
use scimgate::gateway::{BodyFault, Gateway};
use scimgate::metrics::Metrics;
use scimgate::rules::{self, Modes, Pack};
use scimgate::scim::Version;
use scimgate::yaml;
use tokio::runtime::{self, Runtime};

use super::{Once, scim};
use crate::work::bodies::{self, Dialect};
use crate::work::packs;

/// The pieces in which an answer arrives, in bytes.
const PIECE: usize = 16 * 1024;

/// A backend that always gives the same answer.
#[derive(Debug)]
struct Canned(Vec<Bytes>);

impl Upstream for Canned {
    async fn call(&self, _: Request<Bytes>, _: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let body = UpstreamBody::scripted(self.0.iter().cloned().map(Ok));
        let response = Response::builder().header(CONTENT_TYPE, "application/scim+json");
        response.body(body).map_err(|_| UpstreamFault::Framing)
    }
}

/// A gateway, and who may call it.
struct Scene {
    runtime: Runtime,
    gateway: Gateway<Canned>,
    path: String,
    bearer: String,
}

impl Scene {
    /// Between these packs, before a backend that answers so.
    fn new(outer: Option<&Pack>, inner: &Pack, answer: &str) -> Self {
        let pieces = answer.as_bytes().chunks(PIECE).map(Bytes::copy_from_slice).collect();
        let (modes, choices, urls) = (Modes::default(), Choices::default(), Urls::default());
        let outer = outer.into_iter().collect();
        let stage = Stage { outer, inner, scim: Version::Two, modes, declared: Vec::new(), choices, urls };
        let metrics = Metrics::new();
        let (connection, tokens, secret) = rehearse::connection(&stage, Canned(pieces), &metrics).unwrap();
        Self {
            runtime: runtime::Builder::new_current_thread().enable_time().build().unwrap(),
            gateway: Gateway::new(vec![connection], tokens, metrics),
            path: stage.urls.path,
            bearer: format!("Bearer {secret}"),
        }
    }

    /// The work: one call, and its answer taken to the end.
    fn calls(self, method: Method, target: &str, body: &str) -> Once {
        let (uri, body) = (format!("{}{target}", self.path), Bytes::copy_from_slice(body.as_bytes()));
        Box::new(move || {
            let mut request = Request::builder().method(&method).uri(&uri).header(AUTHORIZATION, &self.bearer);
            if !body.is_empty() {
                request = request.header(CONTENT_TYPE, "application/scim+json");
            }
            let request =
                request.body(Full::new(body.clone()).map_err(|never| -> BodyFault { match never {} })).unwrap();
            self.runtime.block_on(async {
                let (head, mut body) = self.gateway.serve(request, None).await.into_parts();
                assert_eq!(head.status, 200);
                while let Some(frame) = body.frame().await {
                    assert!(frame.unwrap().is_data());
                }
            });
        })
    }
}

fn pack(text: &str) -> Pack {
    let mut faults = Faults::default();
    let node = yaml::parse("work.yaml", text, &mut faults).unwrap();
    let pack = rules::load::pack(&node, &mut faults);
    pack.unwrap_or_else(|| panic!("{}", faults.render(false)))
}

/// Nothing is translated; URLs are, and everything is checked.
fn straight(answer: &str) -> Scene {
    Scene::new(None, &Pack::standard(), answer)
}

/// Between a client with empty types and a backend with names of its own.
fn renamed(answer: &str) -> Scene {
    Scene::new(Some(&pack(&packs::emptying())), &pack(&packs::renaming()), answer)
}

pub fn get_straight() -> Once {
    straight(&bodies::user(Dialect::Standard, 1)).calls(Method::GET, "/Users/7", "")
}

pub fn get_renamed() -> Once {
    renamed(&bodies::user(Dialect::Renamed, 1)).calls(Method::GET, "/Users/7", "")
}

pub fn put_renamed() -> Once {
    renamed(&bodies::user(Dialect::Renamed, 1)).calls(Method::PUT, "/Users/7", &bodies::put())
}

pub fn patch_renamed() -> Once {
    renamed(&bodies::user(Dialect::Renamed, 1)).calls(Method::PATCH, "/Users/7", scim::PATCH)
}

pub fn filter_renamed() -> Once {
    let target = "/Users?filter=userName%20eq%20%22zoe%40example.com%22%20and%20emails%5Btype%20eq%20%22work%22%5D&sortBy=userName";
    renamed(&bodies::list(Dialect::Renamed, 1)).calls(Method::GET, target, "")
}

pub fn list_straight() -> Once {
    straight(&bodies::list(Dialect::Standard, 200)).calls(Method::GET, "/Users", "")
}

pub fn list_renamed() -> Once {
    renamed(&bodies::list(Dialect::Renamed, 200)).calls(Method::GET, "/Users", "")
}

/// A hundred rules, none for what is read.
pub fn get_100_rules_elsewhere() -> Once {
    let pack = pack(&packs::renames(100, "Group"));
    Scene::new(None, &pack, &bodies::user(Dialect::Standard, 1)).calls(Method::GET, "/Users/7", "")
}

/// A thousand renames, of attributes that no user has.
pub fn get_1000_absent_renames() -> Once {
    let pack = pack(&packs::renames(1000, "User"));
    Scene::new(None, &pack, &bodies::user(Dialect::Standard, 1)).calls(Method::GET, "/Users/7", "")
}

/// A hundred renames, and a user that has every attribute that they rename.
pub fn get_100_renames() -> Once {
    renames(100)
}

/// One of them, of the same user.
pub fn get_1_rename_of_100() -> Once {
    renames(1)
}

fn renames(number: usize) -> Once {
    let pack = pack(&packs::renames(number, "User"));
    let user = bodies::user_and(Dialect::Standard, 1, &bodies::more(100));
    Scene::new(None, &pack, &user).calls(Method::GET, "/Users/7", "")
}
