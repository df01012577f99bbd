//! The demo's stage: the legacy server, and the gateway before it with the configuration, certificates and tokens that an
//! operator would make, in a folder that goes when the demo ends.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use tempfile::TempDir;

use crate::access::store::Edit;
use crate::access::{Grant, Label, Preset, os_random};
use crate::cli::serve::Running;
use crate::cli::{Failure, certs};
use crate::config::Config;
use crate::demo::{Flaw, Kind, Legacy};
use crate::gateway::upstream::{HttpSettings, HttpUpstream, Trust};
use crate::metrics::Metrics;
use crate::server::{Life, Limits, Listener, Server, Signals, Workers};

use super::line::OktaLine;

/// The credential of the legacy server, which no client ever sees.
const CREDENTIAL: &str = "legacy-secret-of-2014";

/// The metrics that tell which rules have fired, and which bridges were gone over; and what stands before their names.
const CURES: [(&str, &str); 2] =
    [("scimgate_rule_firings_total{rule=\"", ""), ("scimgate_bridge_calls_total{bridge=\"", "bridge ")];

/// The legacy server of a demo.
#[derive(Clone, Debug)]
pub struct Part {
    /// Which one it is.
    pub kind: Kind,
    /// Its flaws.
    pub flaws: Vec<Flaw>,
}

/// What stands on the stage.
pub struct Stage {
    folder: TempDir,
    metrics: Metrics,
    legacy: Arc<Legacy>,
    base: String,
    tokens: [String; 2],
    life: Life,
}

impl Stage {
    /// Sets the stage: the legacy server, and the gateway on `listen`.
    pub async fn set(part: &Part, listen: SocketAddr) -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(said)?;
        let (life, metrics) = (Life::default(), Metrics::new());
        let (legacy, backend) = start_legacy(part, &life).await?;
        let listener = Listener::bind(listen).await.map_err(said)?;
        let public = format!("https://{}", listener.address());
        let path = folder.path().join("gateway.yaml");
        certs::make(&folder.path().join("certs"), &[], false, SystemTime::now()).map_err(said)?;
        fs::write(&path, gateway_yaml(listener.address(), &backend, part)).map_err(said)?;
        let config = crate::cli::load(&path, &|_| Some(CREDENTIAL.to_owned()))?;
        let tokens = [issue(&config, "okta-groups")?, issue(&config, "okta-catalogue")?];
        let running = Running::start(config, &metrics)?;
        let stages = life.stages();
        tokio::spawn(async move { running.serve(listener, Workers::default(), stages).await });
        Ok(Self { folder, metrics, legacy, base: format!("{public}/scim/v2/connections/okta"), tokens, life })
    }

    /// A line straight to a legacy server of its own.
    pub async fn straight(&self, part: &Part) -> Result<(OktaLine, Arc<Legacy>), Failure> {
        let (legacy, base) = start_legacy(part, &self.life).await?;
        let (wizard, catalogue) = (CREDENTIAL.to_owned(), CREDENTIAL.to_owned());
        Ok((OktaLine::new(base, wizard, catalogue, client(Trust::Nobody)?), legacy))
    }

    /// A line through the gateway.
    pub fn through(&self) -> Result<(OktaLine, Arc<Legacy>), Failure> {
        let authority = fs::read(self.folder.path().join("certs/ca.pem")).map_err(said)?;
        let [wizard, catalogue] = self.tokens.clone();
        let client = client(Trust::Authorities(authority))?;
        Ok((OktaLine::new(self.base.clone(), wizard, catalogue, client), self.legacy.clone()))
    }

    /// How often each rule and repair has fired, and each bridge was gone over, as the gateway's metrics tell.
    pub fn firings(&self) -> BTreeMap<String, u64> {
        let text = self.metrics.encode();
        let read = |line: &str| {
            let (name, rest) = CURES.iter().find_map(|(metric, name)| Some((name, line.strip_prefix(metric)?)))?;
            let (id, count) = rest.split_once("\"} ")?;
            Some((format!("{name}{id}"), count.parse().ok()?))
        };
        text.lines().filter_map(read).collect()
    }

    /// How to reach what runs.
    pub fn directions(&self) -> String {
        let ca = self.folder.path().join("certs/ca.pem");
        let [wizard, catalogue] = &self.tokens;
        format!(
            "\nstill running until Ctrl-C\n  SCIM base URL          {0}\n  token, wizard app      {wizard}\n  token, catalogue app   {catalogue}\n\
             \n  curl --cacert {1} -H 'Authorization: Bearer {wizard}' '{0}/Users?startIndex=1&count=2'",
            self.base,
            ca.display(),
        )
    }

    /// Waits for a signal to stop.
    pub async fn until_asked(&self) -> Result<(), Failure> {
        Signals::listen().map_err(said)?.next().await;
        Ok(())
    }
}

fn said(fault: impl std::fmt::Display) -> Failure {
    Failure::said(fault.to_string())
}

async fn start_legacy(part: &Part, life: &Life) -> Result<(Arc<Legacy>, String), Failure> {
    let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.map_err(said)?;
    let base = format!("http://{}/scim/v2", listener.address());
    let legacy = Arc::new(Legacy::new(&part.flaws, &base, CREDENTIAL).of_kind(part.kind));
    let service = {
        let legacy = legacy.clone();
        move |request| {
            let legacy = legacy.clone();
            async move { legacy.serve(request).await }
        }
    };
    let server = Server::new(service, Limits::default(), Metrics::new());
    let stages = life.stages();
    tokio::spawn(async move { server.run(listener, stages).await });
    Ok((legacy, base))
}

/// What an operator would write. The rules for flaws that the server doesn't have are switched off.
fn gateway_yaml(listen: SocketAddr, backend: &str, part: &Part) -> String {
    let pack = part.kind.pack();
    let missing = Flaw::ALL.iter().filter(|flaw| part.kind == Kind::Flawed && !part.flaws.contains(flaw));
    let missing = missing.flat_map(|flaw| flaw.rules());
    let off: Vec<String> = missing.map(|rule| format!("demo/{rule}: disabled")).collect();
    let rules = if off.is_empty() { String::new() } else { format!("    rules: {{ {} }}\n", off.join(", ")) };
    format!(
        "version: 1
listen: {{ address: \"{listen}\", tls: {{ certificate: certs/server.pem, key: certs/server.key }} }}
tokens: tokens.json
public-url: https://{listen}
backends:
  legacy:
    url: {backend}
    pack: {pack}
    credential: {{ bearer: {{ env: LEGACY_TOKEN }} }}
connections:
  okta:
    client: okta
    backend: legacy
    limits: {{ per-token: {{ rate: 1000/s, burst: 1000 }}, per-connection: {{ rate: 1000/s, burst: 1000 }} }}
{rules}"
    )
}

fn issue(config: &Config, preset: &str) -> Result<String, Failure> {
    let connection = crate::cli::pick(config, None)?;
    let preset = Preset::named(preset).ok_or_else(|| said("there is no such preset"))?;
    let grant = Grant {
        connection: connection.name.clone(),
        name: Label::parse(preset.name).map_err(said)?,
        scopes: preset.scopes(),
        lifetime: None,
        at_most: connection.tokens_at_most,
    };
    let mut edit = Edit::begin(&config.tokens).map_err(said)?;
    let (_, secret) = edit.register.create(grant, SystemTime::now(), &mut os_random).map_err(said)?;
    edit.save().map_err(said)?;
    Ok(secret.expose().to_owned())
}

fn client(trust: Trust) -> Result<HttpUpstream, Failure> {
    let settings = HttpSettings { trust, ..HttpSettings::default() };
    HttpUpstream::new(settings, Metrics::new().backend("demo")).map_err(said)
}
