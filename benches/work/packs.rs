//! The packs: what clients and backends differ in from the standard.

use std::fmt::Write;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A pack as it stands in a file.
fn pack(side: &str, rules: &str) -> String {
    format!("version: 1\npack: work\nside: {side}\nabout: made for a bench\nrules:{rules}\n")
}

fn rule(rules: &mut String, id: &str, resource: &str, action: &str) {
    // Writing to a string doesn't fail.
    let _ = write!(
        rules,
        "\n  - id: {id}\n    why: for the bench\n    when: {{ resource: {resource} }}\n    do: [ {{ {action} }} ]"
    );
}

/// A client that sends empty types.
pub fn emptying() -> String {
    let mut rules = String::new();
    let places = r#"["emails[*].type", "phoneNumbers[*].type", "addresses[*].type"]"#;
    rule(&mut rules, "empty-type", "User", &format!(r#"empty: {{ of: [""], at: {places}, become: absent }}"#));
    pack("client", &rules)
}

/// A backend with names of its own for the user name and the department.
pub fn renaming() -> String {
    let mut rules = String::new();
    rule(&mut rules, "login", "User", "rename: { names: { userName: login } }");
    let names = format!(r#""{ENTERPRISE}:department": "{ENTERPRISE}:dept""#);
    rule(&mut rules, "dept", "User", &format!("rename: {{ names: {{ {names} }} }}"));
    pack("backend", &rules)
}

/// A backend with so many rules that each rename one attribute, `there0` to `here0` and so on.
pub fn renames(number: usize, resource: &str) -> String {
    let mut rules = String::new();
    for n in 0..number {
        rule(&mut rules, &format!("rule-{n}"), resource, &format!("rename: {{ names: {{ there{n}: here{n} }} }}"));
    }
    if number == 0 {
        rules.push_str(" []");
    }
    pack("backend", &rules)
}
