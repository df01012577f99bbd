//! Which keys a reading asks for: for the test that holds the JSON Schemas against the loader.

use std::cell::RefCell;
use std::collections::BTreeSet;

type Asked = BTreeSet<(String, BTreeSet<String>)>;

thread_local! {
    static ASKED: RefCell<Option<Asked>> = const { RefCell::new(None) };
}

/// What the mappings were called that `read` has finished, each with the keys that it asked for.
pub(crate) fn during<T>(read: impl FnOnce() -> T) -> (T, Asked) {
    ASKED.set(Some(Asked::new()));
    let value = read();
    (value, ASKED.take().unwrap_or_default())
}

pub(super) fn note(what: &str, keys: &[&str]) {
    ASKED.with_borrow_mut(|asked| {
        if let Some(asked) = asked {
            asked.insert((what.to_owned(), keys.iter().map(|key| (*key).to_owned()).collect()));
        }
    });
}
