//! The packs that are built into the binary: a deployment names them, and needs no copy of their files.

use crate::fault::Faults;
use crate::rules::{Pack, load};
use crate::yaml;

/// One pack as it is built in.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its folder: `clients` or `backends`.
    pub kind: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The text of its file.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($kind:literal / $name:literal),* $(,)?) => {
        /// THE LIST.
        pub const ALL: &[Shipped] = &[$(Shipped {
            kind: $kind,
            name: $name,
            text: include_str!(concat!("../../rules/", $kind, "/", $name, ".yaml")),
        }),*];
    };
}

shipped! {
    "clients" / "authentik",
    "clients" / "cyberark",
    "clients" / "entra",
    "clients" / "keycloak",
    "clients" / "okta",
    "clients" / "okta-scim11",
    "clients" / "onelogin",
    "clients" / "sap-ips",
    "clients" / "scim11",
    "clients" / "standard",
    "backends" / "auth0",
    "backends" / "aws-identity-center",
    "backends" / "demo",
    "backends" / "figma",
    "backends" / "github-emu",
    "backends" / "github-org",
    "backends" / "gitlab",
    "backends" / "google-cloud-identity",
    "backends" / "grafana",
    "backends" / "hcp-terraform",
    "backends" / "jfrog",
    "backends" / "miro",
    "backends" / "no-filter",
    "backends" / "no-groups",
    "backends" / "no-paging",
    "backends" / "oracle",
    "backends" / "pagerduty",
    "backends" / "patch-only",
    "backends" / "put-only",
    "backends" / "quickbase",
    "backends" / "salesforce",
    "backends" / "scim11",
    "backends" / "scimmy",
    "backends" / "sentry",
    "backends" / "servicenow",
    "backends" / "slack",
    "backends" / "slack-v1",
    "backends" / "snowflake",
    "backends" / "standard",
    "backends" / "webex",
    "backends" / "zoom",
    "backends" / "zscaler",
}

/// The pack of this name that is built in.
pub fn pack(kind: &str, name: &str, faults: &mut Faults) -> Option<Pack> {
    find(kind, name)?.read(faults)
}

pub(super) fn find(kind: &str, name: &str) -> Option<&'static Shipped> {
    ALL.iter().find(|pack| pack.kind == kind && pack.name == name)
}

impl Shipped {
    /// Reads it. Its file is shown as `shipped/clients/okta.yaml`.
    pub fn read(&self, faults: &mut Faults) -> Option<Pack> {
        let node = yaml::parse(&format!("shipped/{}/{}.yaml", self.kind, self.name), self.text, faults)?;
        load::pack(&node, faults)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_pack_in_the_repository_is_shipped_and_sound() {
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        let mut files = BTreeSet::new();
        for kind in ["clients", "backends"] {
            for entry in std::fs::read_dir(rules.join(kind)).unwrap() {
                let name = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
                files.insert((kind.to_owned(), name));
            }
        }
        let listed: BTreeSet<_> = ALL.iter().map(|pack| (pack.kind.to_owned(), pack.name.to_owned())).collect();
        assert_eq!(files, listed);
        for shipped in ALL {
            let mut faults = Faults::new();
            let pack = shipped.read(&mut faults);
            assert!(faults.is_empty(), "{}", faults.render(false));
            assert_eq!(pack.unwrap().name, shipped.name);
        }
    }
}
