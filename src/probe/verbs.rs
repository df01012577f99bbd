//! Which attributes a backend changes by PUT only, and which by PATCH only.

use super::{Line, Probe, Verdict};

/// Where it is said of one type of resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    pub(super) put: &'static str,
    pub(super) patch: &'static str,
}

pub(super) const OF_USERS: Keys = Keys { put: "users.replace.attributes", patch: "users.patch.attributes" };
pub(super) const OF_GROUPS: Keys = Keys { put: "groups.replace.attributes", patch: "groups.patch.attributes" };

impl<L: Line> Probe<'_, L> {
    /// Notes what each verb was seen to change, where that isn't the same. What wasn't tried stays with the PUT, unless the
    /// PATCH changes more: then both are said, so that a PUT is still sent for it. `beside` was tried by PATCH only.
    pub(super) fn parted(&mut self, keys: Keys, by_put: &[&str], by_patch: &[&str], beside: &[&str]) {
        if by_put.is_empty() || by_patch.is_empty() {
            return;
        }
        let has_more = |these: &[&str], others: &[&str]| these.iter().any(|one| !others.contains(one));
        let (put_more, patch_more) = (has_more(by_put, by_patch), has_more(by_patch, by_put));
        let by_patch = [by_patch, beside].concat();
        let evidence = format!("PUT changed `{}`, PATCH changed `{}`", by_put.join("`, `"), by_patch.join("`, `"));
        if patch_more {
            self.found.note(keys.put, Verdict::Only(format!("[{}]", by_put.join(", "))), evidence.clone());
        }
        if put_more || patch_more {
            self.found.note(keys.patch, Verdict::Only(format!("[{}]", by_patch.join(", "))), evidence);
        }
    }
}
