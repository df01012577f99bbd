//! Writes what was found as a backend pack: what a backend can't under `can`, each line below its evidence; what it can,
//! and what is not known, as comments.

use super::found::{Finding, Found, Verdict};

/// The pack of this name for the backend at this URL.
#[must_use]
pub fn pack(found: &Found, name: &str, url: &str) -> String {
    let findings = found.in_order();
    let missing: Vec<&Finding> =
        findings.iter().copied().filter(|one| matches!(one.verdict, Verdict::Cannot | Verdict::Only(_))).collect();
    let mut text = format!("version: 1\npack: {name}\nside: backend\nabout: what `scimgate probe` found at {url}\n");
    if !missing.is_empty() {
        text.push_str("\n# What is not said here, it can, or is not known: see below.\ncan:\n");
        lines(&missing, &mut text);
    }
    for (verdict, heading) in [(Verdict::Can, "It can:"), (Verdict::Unknown, "Not known:")] {
        let some: Vec<_> = findings.iter().filter(|one| one.verdict == verdict).collect();
        if !some.is_empty() {
            text.push_str(&format!("\n# {heading}\n"));
            some.iter().for_each(|one| comment(&mut text, "", &format!("- {}: {}", one.key, one.evidence)));
        }
    }
    if !found.notes().is_empty() {
        text.push_str("\n# To be known, and cured by rules or by whoever runs it:\n");
        found.notes().iter().for_each(|note| comment(&mut text, "", &format!("- {note}")));
    }
    text
}

/// The lines of `can`: each key within those around it.
fn lines(findings: &[&Finding], text: &mut String) {
    let mut open: Vec<&str> = Vec::new();
    for finding in findings {
        let parts: Vec<&str> = finding.key.split('.').collect();
        let Some((last, around)) = parts.split_last() else { continue };
        let shared = open.iter().zip(around).take_while(|(one, other)| one == other).count();
        for (depth, part) in around.iter().enumerate().skip(shared) {
            text.push_str(&format!("{}{part}:\n", "  ".repeat(depth + 1)));
        }
        let indent = "  ".repeat(around.len() + 1);
        comment(text, &indent, &finding.evidence);
        let value = if let Verdict::Only(value) = &finding.verdict { value } else { "false" };
        text.push_str(&format!("{indent}{last}: {value}\n"));
        open = around.to_vec();
    }
}

/// A comment; what a backend has said can't end it.
fn comment(text: &mut String, indent: &str, evidence: &str) {
    let plain: String = evidence.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.push_str(&format!("{indent}# {plain}\n"));
}
