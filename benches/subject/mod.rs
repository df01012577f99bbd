//! What the small benches measure: each subject does one piece of work, over and over, on what was made ready before.
//!
//! Subjects stand on doors that any engine behind them keeps: a document, a filter, a token, a whole call. What is done
//! inside a call is seen in its total, so that a faster way through shows as less of the same.

mod call;
mod json;
mod scim;
mod token;

/// Does the work once.
pub type Once = Box<dyn FnMut()>;

/// One thing to be measured: its name, and what makes it ready.
type Subject = (&'static str, fn() -> Once);

/// All of them.
const ALL: &[Subject] = &[
    ("tree/read-user", json::read_user),
    ("tree/write-user", json::write_user),
    ("stream/user", json::stream_user),
    ("stream/list", json::stream_list),
    ("walk/list", json::walk_list),
    ("filter/read", scim::read_filter),
    ("patch/repair", scim::repair_patch),
    ("token/issued", token::issued),
    ("token/imported", token::imported),
    ("call/get-straight", call::get_straight),
    ("call/get-renamed", call::get_renamed),
    ("call/put-renamed", call::put_renamed),
    ("call/patch-renamed", call::patch_renamed),
    ("call/filter-renamed", call::filter_renamed),
    ("call/list-straight", call::list_straight),
    ("call/list-renamed", call::list_renamed),
    ("call/get-100-rules-elsewhere", call::get_100_rules_elsewhere),
    ("call/get-1000-absent-renames", call::get_1000_absent_renames),
    ("call/get-1-rename-of-100", call::get_1_rename_of_100),
    ("call/get-100-renames", call::get_100_renames),
];

/// The names of all subjects.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(name, _)| *name)
}

/// A subject that has done its work once, so that what is made on first use is made.
pub fn ready(name: &str) -> Once {
    let (_, make) = ALL.iter().find(|(known, _)| *known == name).expect("a subject of the list");
    let mut once = make();
    once();
    once
}
