//! What the operator wrote, and what it means.
//!
//! The idea: [`Config::load`] reads `gateway.yaml` and every file that it names, and hands back values that need no
//! second look, or every fault of all files at once. Paths in a file are relative to that file's folder. What is private
//! here knows the file's words; the rest of the house knows only [`Config`].
//!
//! Not here: the rule language (`rules`), the token file (`access::store`), and certificates, which have their own life.

mod backend;
pub mod bridges;
mod connection;
mod credential;
mod files;
mod grant;
mod limits;
mod listen;
mod packs;
mod secret;
pub mod shipped;
mod trust;
mod units;
mod url;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::fault::{Fault, Faults};
use crate::yaml::{self, Fields, Node};

pub use backend::{Backend, BackendTimeouts};
pub use connection::Connection;
pub use credential::Credential;
pub use files::Sources;
pub use grant::Grant;
pub use limits::{Limits, Timeouts};
pub use listen::{Admin, Listener, Tls};
pub use packs::read_pack;
pub use trust::{Identity, Trust};
pub use url::{Base, parse as base_url};

use files::Files;
use packs::Packs;

/// A whole deployment.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where clients connect.
    pub listener: Listener,
    /// Where metrics and health are.
    pub admin: Admin,
    /// The file of the tokens.
    pub tokens: PathBuf,
    /// How long clients may take.
    pub timeouts: Timeouts,
    /// How much, and how many at a time.
    pub limits: Limits,
    /// The backends, in the order of the file.
    pub backends: Vec<Arc<Backend>>,
    /// The connections, in the order of the file.
    pub connections: Vec<Connection>,
    /// What logs, metrics and `/readyz` call this configuration: 12 hexadecimal digits of the SHA-256 of all files that
    /// it was read from. Secrets don't count, so that nobody can try guesses at them on it.
    pub generation: String,
    /// The files that it was read from.
    pub sources: Sources,
}

/// What reading one file needs: where paths start, the environment, and all that was read so far.
struct Reader<'r> {
    folder: PathBuf,
    env: &'r dyn Fn(&str) -> Option<String>,
    files: Files,
}

impl Config {
    /// Reads `gateway.yaml` and every file that it names; nothing if any of them has an error. `env` looks up variables
    /// of the environment.
    pub fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>, faults: &mut Faults) -> Option<Self> {
        let before = faults.errors();
        let mut reader = Reader { folder: folder(path), env, files: Files::default() };
        let file = path.display().to_string();
        let bytes = reader.files.named("gateway.yaml", path, faults)?;
        let node = yaml::parse_bytes(&file, &bytes, faults)?;
        let config = read(&node, &mut reader, faults);
        config.filter(|_| faults.errors() == before)
    }
}

/// The folder of a file: where its relative paths start.
fn folder(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

fn read(node: &Node, reader: &mut Reader<'_>, faults: &mut Faults) -> Option<Config> {
    let mut fields = node.fields("gateway.yaml", faults)?;
    if let Some(version) = fields.require("version", faults) {
        version.whole("the version of gateway.yaml", 1..=1, faults);
    }
    let listen_node = fields.require("listen", faults);
    let listener = listen_node.and_then(|node| listen::listener(node, &reader.folder, faults));
    let admin_node = fields.take("admin");
    let admin = admin_node.map_or_else(|| Some(Admin::default()), |node| listen::admin(node, faults));
    if let (Some(listener), Some(admin), Some(node)) = (&listener, &admin, admin_node.or(listen_node)) {
        listen::stand_apart(listener, *admin, node.place.clone(), faults);
    }
    let tokens = fields.require("tokens", faults).and_then(|node| reader.path(node, "the token file", faults));
    let public_url = fields.take("public-url").map(|node| url::base(node, faults));
    let timeouts =
        fields.take("timeouts").map_or_else(|| Some(Timeouts::default()), |node| Timeouts::read(node, faults));
    let limits = fields.take("limits").map_or_else(|| Some(Limits::default()), |node| Limits::read(node, faults));

    let mut packs = Packs::new(&reader.folder);
    let backends = read_backends(&mut fields, reader, &mut packs, faults);
    let terms = connection::Surroundings { public_url: public_url.as_ref(), backends: &backends };
    let connections = read_connections(&mut fields, &terms, reader, &mut packs, faults);
    fields.finish(faults);
    let backends = backends.into_iter().filter_map(|(_, backend)| backend).collect();
    Some(Config {
        listener: listener?,
        admin: admin?,
        tokens: tokens?,
        timeouts: timeouts?,
        limits: limits?,
        backends,
        connections,
        generation: reader.files.generation(),
        sources: std::mem::take(&mut reader.files).sources(),
    })
}

/// The backends by name; nothing in place of one with a fault, so that connections to it aren't faults too.
type Backends = Vec<(String, Option<Arc<Backend>>)>;

fn read_backends(fields: &mut Fields<'_>, reader: &mut Reader<'_>, packs: &mut Packs, faults: &mut Faults) -> Backends {
    let node = fields.require("backends", faults);
    let Some(mut entries) = node.and_then(|node| node.fields("backends", faults)) else { return Vec::new() };
    let read = |(key, node): (&yaml::Key, &Node)| {
        let backend = backend::read(key, node, reader, packs, faults);
        (key.text.clone(), backend.map(Arc::new))
    };
    entries.rest().into_iter().map(read).collect()
}

fn read_connections(
    fields: &mut Fields<'_>,
    terms: &connection::Surroundings<'_>,
    reader: &mut Reader<'_>,
    packs: &mut Packs,
    faults: &mut Faults,
) -> Vec<Connection> {
    let node = fields.require("connections", faults);
    let Some(mut entries) = node.and_then(|node| node.fields("connections", faults)) else { return Vec::new() };
    let mut connections = Vec::new();
    for (key, node) in entries.rest() {
        let Some((connection, place)) = connection::read(key, node, terms, reader, packs, faults) else { continue };
        connection::stands_apart(&connection, &place, &connections, faults);
        connections.push(connection);
    }
    connections
}

impl Reader<'_> {
    /// A path as it was written, relative to the file's folder.
    fn path(&self, node: &Node, what: &str, faults: &mut Faults) -> Option<PathBuf> {
        let text = node.text(what, faults)?;
        if text.is_empty() {
            let message = format!("the path of {what} is empty");
            faults.push(Fault::error("R0103", node.place.clone(), message).label("no path").help("name a file"));
            return None;
        }
        Some(self.folder.join(text))
    }
}

#[cfg(test)]
mod tests;
