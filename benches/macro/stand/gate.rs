//! scimgate, configured as a bench wants it.

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use scimgate::access::store::Edit;
use scimgate::access::{ConnectionName, Grant, Label, Register, ScopeSet, os_random};
use tempfile::TempDir;

use super::clients::{Asked, read_slowly};
use super::process::{Process, free_address};

/// What a gateway is to be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Where its backend is.
    pub backend: SocketAddr,
    /// Its client pack and its backend pack; `standard` where there is none.
    pub packs: [Option<String>; 2],
    /// Whether it speaks TLS.
    pub tls: bool,
    /// How many connections it has, all alike but for their path.
    pub connections: usize,
    /// How many tokens each of them has.
    pub tokens: usize,
}

impl Wanted {
    /// One connection with one token, nothing translated, in clear text.
    pub fn before(backend: SocketAddr) -> Self {
        Self { backend, packs: [None, None], tls: false, connections: 1, tokens: 1 }
    }
}

/// A gateway that runs.
pub struct Gate {
    pub process: Process,
    /// The path of its last connection.
    pub path: String,
    /// A token of that connection.
    pub secret: String,
    pub tls: bool,
    _folder: TempDir,
}

impl Gate {
    /// Starts the binary that was built with this bench.
    pub fn start(wanted: &Wanted) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        for (side, pack) in ["clients", "backends"].iter().zip(&wanted.packs) {
            let side = folder.path().join(side);
            fs::create_dir(&side).unwrap();
            pack.iter().for_each(|pack| fs::write(side.join("work.yaml"), pack).unwrap());
        }
        if wanted.tls {
            scimgate(folder.path(), &["certs", "--dir", "."]).stdout(Stdio::null()).status().unwrap();
        }
        fs::write(folder.path().join("gateway.yaml"), configuration(wanted, address)).unwrap();
        let secret = tokens(&folder.path().join("tokens.json"), wanted);
        let command = scimgate(folder.path(), &["serve", "--config", "gateway.yaml", "--log", "warn"]);
        let process = Process::start(command, address);
        let path = path(wanted.connections - 1);
        let gate = Self { process, path, secret, tls: wanted.tls, _folder: folder };
        // It listens before it has loaded everything.
        read_slowly(&Asked::get(&gate, "/Users/1"), 1, Duration::ZERO);
        gate
    }
}

fn scimgate(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimgate"));
    command.args(words).current_dir(folder);
    command
}

fn path(connection: usize) -> String {
    format!("/scim/v2/connections/{}", name(connection))
}

fn name(connection: usize) -> String {
    format!("bench-{connection}")
}

fn configuration(wanted: &Wanted, address: SocketAddr) -> String {
    let tls = if wanted.tls { ", tls: { certificate: server.pem, key: server.key }" } else { "" };
    let [client, backend] = wanted.packs.each_ref().map(|pack| if pack.is_some() { "work" } else { "standard" });
    let often = "{ rate: 100000/s, burst: 1000000 }";
    let mut text = format!(
        "version: 1\n\
         listen: {{ address: \"{address}\"{tls} }}\n\
         admin: {{ address: \"{admin}\" }}\n\
         tokens: tokens.json\n\
         public-url: http://{address}\n\
         timeouts: {{ first-byte: 1m, keep-alive: 10m, write: 5m }}\n\
         limits: {{ connections: 20000, requests: 10000 }}\n\
         backends: {{ canned: {{ url: \"http://{backend_address}\", pack: {backend}, longest-answer: 1GiB, \
         timeouts: {{ queue: 1m, response: 1m }} }} }}\n\
         connections:\n",
        admin = free_address(),
        backend_address = wanted.backend,
    );
    for connection in 0..wanted.connections {
        let limits = format!("{{ per-token: {often}, per-connection: {often} }}");
        let name = name(connection);
        // Writing to a string doesn't fail.
        let _ = writeln!(text, "  {name}: {{ client: {client}, backend: canned, limits: {limits} }}");
    }
    text
}

/// Writes the token file; gives the secret of the last connection's last token.
fn tokens(path: &Path, wanted: &Wanted) -> String {
    let (mut entries, mut last) = (Vec::new(), String::new());
    for connection in 0..wanted.connections {
        let connection = ConnectionName::parse(&name(connection)).unwrap();
        let mut register = Register::default();
        for token in 0..wanted.tokens {
            let (connection, name) = (connection.clone(), Label::parse("bench").unwrap());
            let grant =
                Grant { connection, name, scopes: ScopeSet::every(&[]), lifetime: None, at_most: wanted.tokens };
            let (_, secret) = register.create(grant, SystemTime::now(), &mut os_random).unwrap();
            secret.expose().clone_into(&mut last);
            if token % 1000 == 999 {
                // A register looks at all that it has before it takes one more.
                entries.extend(Vec::from(std::mem::take(&mut register)));
            }
        }
        entries.extend(Vec::from(register));
    }
    let mut edit = Edit::begin(path).unwrap();
    edit.register = entries.try_into().unwrap();
    edit.save().unwrap();
    last
}
