//! What was found: of each ability whether it is there, and how that is known.

/// The places of `can` that may be said, in the order of the file.
const KEYS: &[&str] = &[
    "version",
    "media",
    "users",
    "users.create",
    "users.read.hides",
    "users.replace",
    "users.replace.merges",
    "users.replace.attributes",
    "users.patch",
    "users.patch.form",
    "users.patch.value-paths",
    "users.patch.attributes",
    "users.delete",
    "groups",
    "groups.create",
    "groups.read.hides",
    "groups.replace",
    "groups.replace.attributes",
    "groups.patch",
    "groups.patch.form",
    "groups.patch.members",
    "groups.patch.repeats",
    "groups.patch.attributes",
    "groups.delete",
    "groups.filter",
    "filter",
    "filter.operators",
    "filter.logic",
    "filter.attributes",
    "page",
    "page.max",
    "page.default",
    "page.index",
    "sort",
    "etag",
    "attributes",
    "bulk",
    "bulk.max-operations",
    "search",
    "me",
    "discovery",
];

/// Whether a backend can do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As the RFC says.
    Can,
    /// Not at all.
    Cannot,
    /// So far: the value of the key, as YAML.
    Only(String),
    /// It was not tried, or can't be told.
    Unknown,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where it stands in `can`: `users.patch.form`.
    pub key: &'static str,
    /// What it is.
    pub verdict: Verdict,
    /// How that is known, in one line.
    pub evidence: String,
}

/// All that was found.
#[derive(Debug, Default)]
pub struct Found {
    findings: Vec<Finding>,
    /// What a pack has no key for.
    notes: Vec<String>,
}

impl Found {
    /// Notes what was found; what was found later is surer.
    pub(super) fn note(&mut self, key: &'static str, verdict: Verdict, evidence: impl Into<String>) {
        self.findings.retain(|finding| finding.key != key);
        self.findings.push(Finding { key, verdict, evidence: evidence.into() });
    }

    /// Notes whether it can.
    pub(super) fn can(&mut self, key: &'static str, can: bool, evidence: impl Into<String>) {
        self.note(key, if can { Verdict::Can } else { Verdict::Cannot }, evidence);
    }

    /// Tells people what a pack has no key for.
    pub(super) fn tell(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// What was found of a key.
    #[must_use]
    pub fn verdict(&self, key: &str) -> Option<&Verdict> {
        self.findings.iter().find(|finding| finding.key == key).map(|finding| &finding.verdict)
    }

    pub(super) fn is_known(&self, key: &str) -> bool {
        self.verdict(key).is_some_and(|verdict| *verdict != Verdict::Unknown)
    }

    /// The findings in the order of the file. What isn't there at all has no limits.
    pub(super) fn in_order(&self) -> Vec<&Finding> {
        let has_limits = |finding: &&Finding| {
            let mut around = finding.key.match_indices('.').filter_map(|(dot, _)| finding.key.get(..dot));
            !around.any(|key| self.verdict(key) == Some(&Verdict::Cannot))
        };
        let mut found: Vec<&Finding> = self.findings.iter().filter(has_limits).collect();
        found.sort_by_key(|finding| KEYS.iter().position(|key| *key == finding.key));
        found
    }

    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }
}
