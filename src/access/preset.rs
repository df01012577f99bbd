//! Presets: the scopes that known clients need, and no more.

use super::scope::{Scope, ScopeSet, Verb};
use crate::scim::Resource;

/// The scopes of a kind of client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name, as at the shell.
    pub name: &'static str,
    /// Who needs it, in a few words.
    pub summary: &'static str,
    users: &'static [Verb],
    groups: &'static [Verb],
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 4] = [
        Self {
            name: "okta",
            summary: "an Okta app by Auth0's guide: users only, deactivated by PUT",
            users: &[Verb::Get, Verb::Post, Verb::Put],
            groups: &[],
        },
        Self {
            name: "okta-groups",
            summary: "the same, with group push",
            users: &[Verb::Get, Verb::Post, Verb::Put],
            groups: &Verb::ALL,
        },
        Self {
            name: "okta-catalogue",
            summary: "an app from Okta's catalogue: with group push, deactivates by PATCH",
            users: &[Verb::Get, Verb::Post, Verb::Put, Verb::Patch],
            groups: &Verb::ALL,
        },
        Self {
            name: "entra",
            summary: "Microsoft Entra: never sends a PUT",
            users: &[Verb::Get, Verb::Post, Verb::Patch, Verb::Delete],
            groups: &[Verb::Get, Verb::Post, Verb::Patch, Verb::Delete],
        },
    ];

    /// The preset of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name == name)
    }

    /// Its scopes.
    #[must_use]
    pub fn scopes(self) -> ScopeSet {
        let users = self.users.iter().map(|verb| Scope::new(*verb, &Resource::User));
        let groups = self.groups.iter().map(|verb| Scope::new(*verb, &Resource::Group));
        users.chain(groups).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_preset_has_the_scopes_that_its_client_needs() {
        let rows = [
            ("okta", "get:users post:users put:users"),
            (
                "okta-groups",
                "get:groups get:users post:groups post:users put:groups put:users patch:groups delete:groups",
            ),
            (
                "okta-catalogue",
                "get:groups get:users post:groups post:users put:groups put:users patch:groups patch:users delete:groups",
            ),
            (
                "entra",
                "get:groups get:users post:groups post:users patch:groups patch:users delete:groups delete:users",
            ),
        ];
        assert_eq!(rows.len(), Preset::ALL.len());
        for (name, scopes) in rows {
            let preset: Vec<String> = Preset::named(name).unwrap().scopes().into();
            assert_eq!(preset.join(" "), scopes, "{name}");
        }
        assert_eq!(Preset::named("all"), None);
    }
}
