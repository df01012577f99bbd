//! `path`: how endpoints are spelled.

use std::borrow::Cow;

use crate::fault::{Fault, Faults};
use crate::rules::message::{Request, Verdict};
use crate::scim::Resource;
use crate::yaml::Node;

use super::{About, Action, PATCHES_PASS, QUERIES_PASS};

pub(super) const ABOUT: About = About {
    word: "path",
    summary: "spells endpoints as the client or the backend does",
    example: "path: { alias: { /ServiceProviderConfig: /ServiceProviderConfigs }, suffix: .json }",
    two_way: false,
    exact: "a backend's spelling is not undone in the URLs of its answers",
    operators: QUERIES_PASS,
    patch: PATCHES_PASS,
    read: |node, faults| Path::read(node, faults).map(Action::Path),
};

/// The payload of `path`. Left is the client's side: a backend's pack goes from SCIM's spelling to the backend's, adding suffix
/// and slash at the end; a client's pack from the client's to SCIM's, taking them off. An alias is for a whole path and all
/// below it; the longest counts. The path is authorised as SCIM spells it.
#[derive(Debug)]
pub struct Path {
    aliases: Vec<(String, String)>,
    suffix: String,
    slash: bool,
}

impl Path {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("path", faults)?;
        let alias = fields.take("alias").and_then(|node| node.fields("alias", faults));
        let suffix = fields.take("suffix").map(|node| read_suffix(node, faults));
        let slash = fields.take("slash").map(|node| node.truth("slash", faults));
        fields.finish(faults);
        let before = faults.errors();
        let mut aliases = Vec::new();
        if let Some(mut fields) = alias {
            for (key, value) in fields.rest() {
                let from = is_path(&key.text);
                if !from {
                    faults.push(not_a_path(&key.place, &key.text));
                }
                let text = value.text("a path", faults);
                if let Some(text) = text.filter(|text| !is_path(text)) {
                    faults.push(not_a_path(&value.place, text));
                }
                aliases.extend(text.map(|text| (key.text.clone(), text.to_owned())));
            }
            fields.finish(faults);
        }
        aliases.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        let (suffix, slash) = (suffix.unwrap_or_else(|| Some(String::new()))?, slash.unwrap_or(Some(false))?);
        (faults.errors() == before).then_some(Self { aliases, suffix, slash })
    }

    /// From SCIM's spelling to the backend's.
    #[must_use]
    pub fn spelled(&self, path: &str) -> String {
        format!("{}{}{}", self.alias(path), self.suffix, if self.slash { "/" } else { "" })
    }

    /// From the client's spelling to SCIM's.
    #[must_use]
    pub fn read_as<'p>(&self, path: &'p str) -> Cow<'p, str> {
        let bare = if self.slash && path.len() > 1 { path.strip_suffix('/').unwrap_or(path) } else { path };
        self.alias(bare.strip_suffix(self.suffix.as_str()).unwrap_or(bare))
    }

    /// The name on the left of a path, which may have none of its own.
    #[must_use]
    pub fn alias_of(&self, path: &str) -> String {
        let found = self.aliases.iter().find(|(_, to)| to == path);
        found.map_or(path, |(from, _)| from).to_owned()
    }

    fn alias<'p>(&self, path: &'p str) -> Cow<'p, str> {
        let below = |from: &str| path.strip_prefix(from).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let found = self.aliases.iter().find_map(|(from, to)| Some((below(from)?, to)));
        match found {
            Some((rest, to)) => Cow::Owned(format!("{to}{rest}")),
            None => Cow::Borrowed(path),
        }
    }

    /// An alias by which a backend would be asked for something else than what was authorised: for another resource type,
    /// or for one resource in place of another.
    #[must_use]
    pub fn astray(&self) -> Option<(&str, &str)> {
        let told = |(from, to): &'_ (String, String)| -> bool {
            let (left, right) = (first(from), first(to));
            let same = left.eq_ignore_ascii_case(right);
            let names_one = is_standard(left) && !matches!(below(from), "" | ".search");
            let moves = below(from) != below(to) && below(from) != ".search";
            (is_standard(right) && (!same || moves)) || names_one
        };
        let doubled = |(index, (_, to)): (usize, &'_ (String, String))| {
            self.aliases.iter().take(index).any(|(_, other)| other.eq_ignore_ascii_case(to))
        };
        let mut aliases = self.aliases.iter().enumerate();
        let found = aliases.find(|(index, alias)| told(alias) || doubled((*index, alias)))?.1;
        Some((&found.0, &found.1))
    }

    /// Spells the path of a request to the backend.
    #[must_use]
    pub fn request(&self, request: &mut Request<'_>) -> Verdict {
        let Some(path) = &mut request.envelope.path else { return Verdict::of(false) };
        let spelled = self.spelled(path);
        let changed = *path != spelled;
        *path = spelled;
        Verdict::of(changed)
    }
}

/// The first segment of a path.
fn first(path: &str) -> &str {
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}

/// What stands below it.
fn below(path: &str) -> &str {
    path.trim_start_matches('/').split_once('/').map_or("", |(_, rest)| rest)
}

fn is_standard(endpoint: &str) -> bool {
    [Resource::User, Resource::Group].iter().any(|one| one.endpoint().eq_ignore_ascii_case(endpoint))
}

/// Segments of unreserved characters, none of which is `.` or `..`.
fn is_path(text: &str) -> bool {
    let plain = |segment: &str| {
        segment != "."
            && segment != ".."
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    text.strip_prefix('/')
        .is_some_and(|rest| rest.is_empty() || rest.split('/').all(|one| !one.is_empty() && plain(one)))
}

fn not_a_path(place: &crate::fault::Place, text: &str) -> Fault {
    Fault::error("R0103", place.clone(), format!("`{text}` is not a path"))
        .label("not an endpoint's path")
        .help("write it from the base on, with a slash before and none behind: `/Users`")
}

fn read_suffix(node: &Node, faults: &mut Faults) -> Option<String> {
    let text = node.text("a suffix", faults)?;
    let sound =
        !text.contains("..") && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    if !sound {
        faults.push(
            Fault::error("R0103", node.place.clone(), format!("`{text}` can't stand at the end of a path"))
                .label("not a suffix")
                .help("write letters, digits, `-`, `.`, `_` and `~`, such as `.json`"),
        );
    }
    sound.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Result<Path, String> {
        let mut faults = Faults::new();
        let node = crate::yaml::parse("test.yaml", text, &mut faults).unwrap();
        Path::read(&node, &mut faults).ok_or_else(|| faults.render(false))
    }

    #[test]
    fn a_backend_spells_what_a_client_reads() {
        let path = path("{ alias: { /Users: /people, /Users/.search: /find }, suffix: .json, slash: true }").unwrap();
        assert_eq!(path.spelled("/Users/7"), "/people/7.json/");
        assert_eq!(path.spelled("/Users/.search"), "/find.json/");
        assert_eq!(path.spelled("/UsersX"), "/UsersX.json/");
        assert_eq!(path.read_as("/Users/7.json/"), "/people/7");
        assert_eq!(path.read_as("/"), "/");
    }

    #[test]
    fn no_alias_leaves_the_base() {
        for text in ["/../x", "/a/./b", "//a", "a", "/a/", "/a?b", "/a%2e", "/a b", ""] {
            assert!(path(&format!("{{ alias: {{ /Users: \"{text}\" }} }}")).is_err(), "{text}");
        }
        assert!(path("{ suffix: \"/x\" }").is_err());
        assert!(path("{ suffix: .. }").is_err());
    }
}
