//! More rules, more tokens, more connections.

use super::{compare, translating};
use crate::stand::backend;
use crate::stand::gate::Wanted;
use crate::work::bodies::Dialect;
use crate::work::packs;

/// Rules that meet nothing, of this type and of another; renames that each meet something.
pub fn rules() {
    let backend = backend::start(Dialect::Standard, 0);
    let with =
        |number, resource| Wanted { packs: [None, Some(packs::renames(number, resource))], ..Wanted::before(backend) };
    let mut rows = vec![("none".to_owned(), with(0, "User"))];
    rows.extend([1, 10, 100, 1000].map(|n| (format!("{n} for groups"), with(n, "Group"))));
    compare("rules for another resource type", &rows);
    rows.truncate(1);
    rows.extend([1, 10, 100, 1000].map(|n| (format!("{n} for users"), with(n, "User"))));
    compare("renames of what the user doesn't have", &rows);

    let full = backend::start(Dialect::Standard, 100);
    let rows = [0, 1, 10, 100].map(|n| {
        let wanted = Wanted { packs: [None, Some(packs::renames(n, "User"))], ..Wanted::before(full) };
        (format!("{n} renames"), wanted)
    });
    compare("renames, of a user with 100 attributes more", &rows[1..]);
}

/// Tokens of one connection.
pub fn tokens() {
    let backend = backend::start(Dialect::Renamed, 0);
    let rows = [1, 1000, 100_000].map(|n| (n.to_string(), Wanted { tokens: n, ..translating(backend) }));
    compare("tokens", &rows);
}

/// Connections, all with the same packs; it is the last one that is called.
pub fn connections() {
    let backend = backend::start(Dialect::Renamed, 0);
    let rows = [1, 10, 100, 1000].map(|n| (n.to_string(), Wanted { connections: n, ..translating(backend) }));
    compare("connections configured", &rows);
}
