//! What rules are drawn by: the attributes on which they meet.

/// Words of which a rule of the theme names one.
pub(super) const THEMES: &[&[&str]] = &[
    &["userName", "login", "account", "externalId"],
    &["title", "nickName", "userType", "displayName"],
    &["name", "givenName", "firstName", "fullName", "forename"],
    &["ENT", "dept", "boss", "managerId", "department"],
    &["emails", "mails", "phoneNumbers", "workEmail"],
    &["active", "enabled", "verified"],
];

/// Rules on what other rules make.
pub(super) const LATER: &[&str] = &[
    "rename: { names: { login: account } }",
    "affix: { at: login, prefix: \"x:\" }",
    "affix: { at: account, suffix: \"@x\" }",
    "invert: { at: enabled }",
    "convert: { at: enabled, to: boolean-as-string }",
    "map: { at: enabled, values: { true: 1, false: 0 } }",
    "rename: { names: { firstName: forename } }",
    "affix: { at: firstName, suffix: \"!\" }",
    "rename: { names: { fullName: naming } }",
    "rename: { names: { fullName.first: forename } }",
    "rename: { names: { mails: boxes } }",
    "invert: { at: mails.verified }",
    "map: { at: mails.type, values: { a: b, b: a }, else: pass }",
    "rename: { names: { workEmail: mail } }",
    "affix: { at: workEmail, prefix: \"mailto:\" }",
    "rename: { names: { dept: unit } }",
    "affix: { at: dept, prefix: D }",
    "rename: { names: { dept: 'urn:acme:scim:2.0:Staff:dept' } }",
    "rename: { names: { boss: chief } }",
    "rename: { names: { boss.value: bossId } }",
    "affix: { at: managerId, prefix: \"7\" }",
];
