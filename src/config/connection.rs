//! `connections:`, each one client's way to one backend.

mod cleared;
mod terms;

use std::num::NonZeroU32;
use std::sync::Arc;

use crate::access::{ConnectionName, Form, LIVE_TOKENS, Rate};
use crate::bridge::{Choices, Limits};
use crate::fault::{Fault, Faults, Place, did_you_mean};
use crate::rules::{Modes, Pack, Side};
use crate::scim::{OperationKind, Resource, Version};
use crate::yaml::{Key, Node};

use super::bridges;
use super::packs::Packs;
use super::url::{self, Base};
use super::{Backend, Backends, Reader, units};

pub(super) use cleared::stands_apart;
use cleared::{bridges_read_what_is_there, bridges_see_what_they_put_back, hides_nothing_that_is_put_back};
use terms::{choices, limits, modes};

/// One client's way to one backend.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its name, which tokens, metrics and logs bear.
    pub name: ConnectionName,
    /// `path`: its base path, without a trailing slash. `/scim/v2/connections/` and the name; `/scim/v1/..` where its client
    /// speaks SCIM 1.1.
    pub path: String,
    /// `public-url`: the URL under which clients know the gateway, without a trailing slash; the path comes behind it.
    /// The one of the whole gateway.
    pub public_url: String,
    /// `client`: the client's dialect.
    pub client: Arc<Pack>,
    /// `scim`: which version of SCIM its client speaks. What the client's pack says.
    pub scim: Version,
    /// `packs`: what this deployment wants on top. None.
    pub packs: Vec<Arc<Pack>>,
    /// `backend`: where its calls go.
    pub backend: Arc<Backend>,
    /// `rules`: what it says of single rules, over what their packs say.
    pub modes: Modes,
    /// `resources`: the resource types beside User and Group. None.
    pub resources: Vec<Resource>,
    /// `operations`: those that are enabled. All but bulk and me; bulk has to be named.
    pub operations: Vec<OperationKind>,
    /// `authorization`: how its client writes its token: `bearer`, `raw` or `basic`. `bearer`.
    pub authorization: Form,
    /// `limits: {per-token}`: how often one token may call. 25 per second, 50 at once.
    pub per_token: Rate,
    /// `limits: {per-connection}`: how often all its tokens together may call. 100 per second, 200 at once.
    pub per_connection: Rate,
    /// `limits: {scan, writes, deadline}`: what one call may cost the backend, where a bridge makes several of it. 10,000
    /// resources read, 200 writes, all within 50 s; a backend's pack may say otherwise.
    pub limits: Limits,
    /// `brake`: how much may be taken away through it within an hour: resources deleted, accounts deactivated, members taken
    /// out of groups. Nothing is counted without it.
    pub brake: Option<NonZeroU32>,
    /// `lifecycle`, `conflict`, `put-merge`: what only its owner can decide. Calls are what they say.
    pub choices: Choices,
    /// `tokens-at-most`: how many live tokens it may have, 1 to 100. 2, one for use and one to change over to.
    pub tokens_at_most: usize,
}

impl Connection {
    /// The packs on the client's side: the client's, then the connection's own.
    pub fn outer(&self) -> impl Iterator<Item = &Pack> {
        std::iter::once(&*self.client).chain(self.packs.iter().map(|pack| &**pack))
    }

    /// The pack on the backend's side.
    #[must_use]
    pub fn inner(&self) -> &Pack {
        &self.backend.pack
    }
}

/// What stands around a connection in the file.
pub(super) struct Surroundings<'s> {
    /// The public URL of the whole gateway; nothing inside if it has a fault.
    pub public_url: Option<&'s Option<Base>>,
    /// The backends.
    pub backends: &'s Backends,
}

/// Reads one entry of `connections:`; also where its path is settled.
pub(super) fn read(
    key: &Key,
    node: &Node,
    around: &Surroundings<'_>,
    reader: &mut Reader<'_>,
    packs: &mut Packs,
    faults: &mut Faults,
) -> Option<(Connection, Place)> {
    let name = name(key, faults);
    let mut fields = node.fields("a connection", faults)?;
    let client =
        fields.require("client", faults).and_then(|node| packs.find(Side::Client, node, &mut reader.files, faults));
    let scim = fields.take("scim").map(|node| node.word("version of SCIM", Version::WORDS, faults));
    let backend = fields.require("backend", faults).and_then(|node| backend(node, around.backends, faults));
    let own = fields.take("packs").map(|node| {
        let found =
            node.one_or_list().into_iter().map(|one| packs.find(Side::Connection, one, &mut reader.files, faults));
        found.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()
    });
    let path_node = fields.take("path");
    let path = path_node.map(|node| url::base_path(node, faults));
    let public_url = match (fields.take("public-url"), around.public_url) {
        (Some(node), _) => url::base(node, faults),
        (None, Some(url)) => url.clone(),
        (None, None) => no_public_url(key, faults),
    };
    let resources = fields.take("resources").map(|node| resources(node, faults)).unwrap_or_default();
    let named = fields.take("operations");
    let operations = named.map_or_else(usual_operations, |node| operations(node, faults));
    let form = fields.take("authorization").map(|node| node.word("form of authorization", Form::WORDS, faults));
    let rates = limits(fields.take("limits"), faults)?;
    let brake = fields.take("brake").and_then(|node| units::per_hour(node, "brake", faults));
    let choices = choices(&mut fields, faults);
    let most = fields.take("tokens-at-most").and_then(|node| node.whole("tokens-at-most", 1..=100, faults));
    let rules = fields.take("rules");
    fields.finish(faults);

    let (name, client, backend) = (name?, client?, backend?);
    let own = own.unwrap_or_else(|| Some(Vec::new()));
    let scim = scim.flatten().unwrap_or(client.scim);
    let version = if scim.is_old() { "v1" } else { "v2" };
    let path = path.unwrap_or_else(|| Some(format!("/scim/{version}/connections/{name}")));
    let mut connection = Connection {
        name,
        path: path?,
        public_url: public_url?.text,
        client,
        scim,
        packs: own?,
        limits: rates.over(bridges::limits(&backend.pack.can)),
        backend,
        modes: Modes::default(),
        resources,
        operations,
        authorization: form.flatten().unwrap_or_default(),
        per_token: rates.per_token,
        per_connection: rates.per_connection,
        brake,
        choices,
        tokens_at_most: most.and_then(|most| usize::try_from(most).ok()).unwrap_or(LIVE_TOKENS),
    };
    connection.modes = rules.and_then(|node| modes(node, &connection, faults)).unwrap_or_default();
    hides_nothing_that_is_put_back(&connection, key, faults);
    bridges_see_what_they_put_back(&connection, key, faults);
    bridges_read_what_is_there(&connection, key, faults);
    Some((connection, path_node.map_or_else(|| key.place.clone(), |node| node.place.clone())))
}

fn name(key: &Key, faults: &mut Faults) -> Option<ConnectionName> {
    let name = ConnectionName::parse(&key.text).ok();
    if name.is_none() {
        faults.push(
            Fault::error("R0105", key.place.clone(), format!("`{}` can't be a connection's name", key.text))
                .label("not a name")
                .help("use lower-case letters, digits and hyphens, at most 64, such as `okta-prod`"),
        );
    }
    name
}

fn backend(node: &Node, backends: &Backends, faults: &mut Faults) -> Option<Arc<Backend>> {
    let name = node.text("the name of a backend", faults)?;
    if let Some((_, backend)) = backends.iter().find(|(known, _)| known == name) {
        return backend.clone();
    }
    let help = match did_you_mean(name, backends.iter().map(|(name, _)| name.as_str())) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "name one of `backends`".to_owned(),
    };
    faults.push(
        Fault::error("R0104", node.place.clone(), format!("unknown backend `{name}`"))
            .label("not a backend")
            .help(help),
    );
    None
}

fn no_public_url<T>(key: &Key, faults: &mut Faults) -> Option<T> {
    let message = format!("connection `{}` has no public URL", key.text);
    faults.push(
        Fault::error("R0106", key.place.clone(), message)
            .label("how do its clients reach the gateway?")
            .help("add `public-url: https://scim.example.com` at the top of the file, or here"),
    );
    None
}

fn resources(node: &Node, faults: &mut Faults) -> Vec<Resource> {
    let mut resources: Vec<Resource> = Vec::new();
    for one in node.one_or_list() {
        let Some(text) = one.text("a resource type", faults) else { continue };
        match Resource::named(text) {
            Some(resource) if resource == Resource::User || resource == Resource::Group => {}
            Some(resource) if resources.contains(&resource) => {}
            Some(resource) => match resources.iter().find(|other| other.scope_word() == resource.scope_word()) {
                None => resources.push(resource),
                Some(other) => faults.push(
                    Fault::error(
                        "R0105",
                        one.place.clone(),
                        format!("`{resource}` and `{other}` differ by case alone"),
                    )
                    .label("shares its scopes with another")
                    .help("a scope such as `get:roles` must mean one resource type: name one of them"),
                ),
            },
            None => faults.push(
                Fault::error("R0105", one.place.clone(), format!("`{text}` can't be a resource type"))
                    .label("not a name, or one that means something else")
                    .help("write its name as the backend does, such as `Role` for `/Roles`"),
            ),
        }
    }
    resources
}

/// What is enabled where nothing is said. Bulk isn't: one request then is many, and few clients send it.
fn usual_operations() -> Vec<OperationKind> {
    let usual = |kind: &OperationKind| !matches!(kind, OperationKind::Bulk | OperationKind::Me);
    OperationKind::WORDS.iter().map(|(_, kind)| *kind).filter(usual).collect()
}

fn operations(node: &Node, faults: &mut Faults) -> Vec<OperationKind> {
    let mut operations = Vec::new();
    for one in node.one_or_list() {
        let Some(kind) = one.word("operation", OperationKind::WORDS, faults) else { continue };
        if kind == OperationKind::Me {
            faults.push(
                Fault::error("R0103", one.place.clone(), format!("`{}` can't be enabled", kind.word()))
                    .label("the gateway answers it with 501")
                    .help("remove it: clients fall back to single calls"),
            );
        } else if !operations.contains(&kind) {
            operations.push(kind);
        }
    }
    operations
}
