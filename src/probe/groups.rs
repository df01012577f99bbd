//! What a backend does with groups and their members.

use serde_json::{Value as Json, json};

use crate::json::Object;
use crate::scim::Param;

use super::ask::{text, values};
use super::resource::{group, patch};
use super::tried::said;
use super::{Line, Probe, Verdict, verbs};

impl<L: Line> Probe<'_, L> {
    /// Whether there are groups, and whether they are found by name.
    pub(super) async fn groups_read(&mut self) -> Result<(), String> {
        let reply = self.list("/Groups", &[(Param::StartIndex, "1"), (Param::Count, "10")]).await?;
        let Some(groups) = reply.list() else {
            let evidence = format!("`GET /Groups`: {}", reply.told());
            // Whatever else it answers may be for now, or for this credential.
            let verdict = if matches!(reply.status, 404 | 405 | 501) { Verdict::Cannot } else { Verdict::Unknown };
            self.found.note("groups", verdict, evidence);
            return Ok(());
        };
        let plain = |name: &String| !name.contains(['"', '\\']);
        match groups.iter().find_map(|group| text(group, "displayName").filter(plain)) {
            Some(name) => self.finds_group(&name).await,
            None => Ok(()),
        }
    }

    async fn finds_group(&mut self, name: &str) -> Result<(), String> {
        let (finds, finds_not) = (format!("displayName eq \"{name}\""), format!("displayName eq \"{}-\"", self.word));
        let there = self.list("/Groups", &[(Param::Filter, &finds)]).await?;
        let none = self.list("/Groups", &[(Param::Filter, &finds_not)]).await?;
        let is_named = |groups: &[Object<'static>]| {
            !groups.is_empty() && groups.iter().all(|group| text(group, "displayName").as_deref() == Some(name))
        };
        let finds = there.list().is_some_and(|groups| is_named(&groups));
        let finds_none = none.list().is_some_and(|groups| groups.is_empty());
        if !(finds && finds_none) {
            let evidence =
                format!("`displayName eq ..`: {}, and does not find just the group of that name", there.told());
            self.found.can("groups.filter", false, evidence);
        }
        Ok(())
    }

    /// Makes a group with this user, tries every change of its members, and takes it away.
    pub(super) async fn groups_write(&mut self, user: &Object<'static>) -> Result<(), String> {
        let Some(member) = text(user, "id") else { return Ok(()) };
        if self.found.verdict("groups") == Some(&Verdict::Cannot) {
            return Ok(());
        }
        let reply = self.put_in("POST", "/Groups", group(&self.word, &[&member])).await?;
        self.found.can("groups.create", reply.is_done(), format!("`POST /Groups`: {}", reply.told()));
        let Some(id) = reply.resource().and_then(|group| text(group, "id")) else { return Ok(()) };
        let target = format!("/Groups/{id}");
        let outcome = self.group_changes(&target, &member).await;
        let gone = self.delete(&target).await?;
        self.found.can("groups.delete", gone.is_done(), format!("`DELETE /Groups/..`: {}", gone.told()));
        if !gone.is_done() {
            self.found.tell(format!("the group {id} ({}) could not be deleted: {}", self.word, gone.told()));
        }
        outcome
    }

    async fn group_changes(&mut self, target: &str, member: &str) -> Result<(), String> {
        let name = self.word.clone();
        if self.members(target).await?.is_empty() && !self.shows(target, member, true).await? {
            let evidence = "a group that was made with a member, and given one, is shown without";
            self.found.note("groups.read.hides", Verdict::Only("[members]".to_owned()), evidence);
            return Ok(());
        }
        self.finds_group(&name).await?;
        self.shows_groups(target, member).await?;
        let by_put = self.group_replaces(target).await?;
        if self.found.verdict("groups.patch") != Some(&Verdict::Cannot) {
            let by_patch = self.group_patches(target, member).await?;
            self.parted(verbs::OF_GROUPS, &by_put, &by_patch, &[]);
        }
        Ok(())
    }

    /// Whether somebody who is in a group is shown with it.
    async fn shows_groups(&mut self, target: &str, member: &str) -> Result<(), String> {
        let Some(group) = target.rsplit('/').next() else { return Ok(()) };
        if !self.members(target).await?.contains(&member.to_owned()) {
            return Ok(());
        }
        let user = self.get(&format!("/Users/{member}")).await?;
        let is_shown = user.resource().is_some_and(|user| values(user, "groups").contains(&group.to_owned()));
        if !is_shown {
            let evidence = "a user who is in a group is shown without `groups`";
            self.found.note("users.read.hides", Verdict::Only("[groups]".to_owned()), evidence);
        }
        Ok(())
    }

    /// PUT, with another name and without members. What it changes.
    async fn group_replaces(&mut self, target: &str) -> Result<Vec<&'static str>, String> {
        let name = format!("{}-put", self.word);
        let reply = self.put_in("PUT", target, group(&name, &[])).await?;
        let (is_named, is_empty) = (self.is_named(target, &name).await?, self.members(target).await?.is_empty());
        let state = if is_empty { "gone" } else { "still there" };
        let under = if is_named { "" } else { ", under its old name" };
        let evidence = format!("`PUT /Groups/..` without members: {}, and the member was {state}{under}", reply.told());
        self.found.can("groups.replace", reply.is_done() && (is_named || is_empty), evidence);
        let all = [("displayName", is_named), ("members", is_empty)];
        Ok(all.into_iter().filter(|(_, is_changed)| reply.is_done() && *is_changed).map(|(name, _)| name).collect())
    }

    async fn is_named(&mut self, target: &str, name: &str) -> Result<bool, String> {
        let reply = self.get(target).await?;
        Ok(reply.resource().and_then(|group| text(group, "displayName")).as_deref() == Some(name))
    }

    /// What PATCH changes, and in which form (RFC 7644 section 3.5.2).
    async fn group_patches(&mut self, target: &str, member: &str) -> Result<Vec<&'static str>, String> {
        let known = self.member_changes(target, member).await?;
        self.repeats(target, member, &known).await?;
        let (with, without) = (format!("{}-path", self.word), format!("{}-bare", self.word));
        let pathed =
            self.renames(target, json!({"op": "replace", "path": "displayName", "value": with}), &with).await?;
        let bare = json!({"op": "replace", "value": {"displayName": without}});
        let bare = self.renames(target, bare, &without).await?;
        let add = json!({"op": "add", "value": {"members": [{"value": member}]}});
        let adds = known.contains(&"add");
        let added = match adds && self.shows(target, member, false).await? {
            true => self.changes_member(target, add, member, true).await?,
            false => Err("not tried".to_owned()),
        };
        let (renames, changes) = (pathed.is_ok() || bare.is_ok(), !known.is_empty());
        if !renames && !changes {
            return Ok(Vec::new());
        }
        let evidence = format!(
            "`displayName` with a path: {}, without: {}; `members` without: {}",
            said(&pathed),
            said(&bare),
            said(&added)
        );
        if !changes {
            self.found.can("groups.patch", true, &evidence);
        }
        let takes_bare = (!renames || bare.is_ok()) && (!adds || added.is_ok());
        let takes_paths = !renames || pathed.is_ok();
        match (takes_paths, takes_bare) {
            (true, false) => self.found.note("groups.patch.form", Verdict::Only("pathed".to_owned()), evidence),
            (false, true) => self.found.note("groups.patch.form", Verdict::Only("pathless".to_owned()), evidence),
            _ => {}
        }
        let all = [("displayName", renames), ("members", changes)];
        Ok(all.into_iter().filter(|(_, is_changed)| *is_changed).map(|(name, _)| name).collect())
    }

    /// Whether it is done to add whoever is there, and to remove whoever isn't.
    async fn repeats(&mut self, target: &str, member: &str, known: &[&'static str]) -> Result<(), String> {
        let some = json!([{"value": member}]);
        let add = json!({"op": "add", "path": "members", "value": some});
        let by_filter = json!({"op": "remove", "path": format!("members[value eq \"{member}\"]")});
        let by_list = json!({"op": "remove", "path": "members", "value": some});
        for (word, operation, there) in
            [("add", add, true), ("remove-by-filter", by_filter, false), ("remove-by-list", by_list, false)]
        {
            if !known.contains(&word) || !self.shows(target, member, there).await? {
                continue;
            }
            let reply = self.put_in("PATCH", target, patch(operation)).await?;
            let count = self.members(target).await?.iter().filter(|one| *one == member).count();
            if !reply.is_done() || count != usize::from(there) {
                let evidence = format!("`{word}` again: {}, and the member was there {count} times", reply.told());
                self.found.note("groups.patch.repeats", Verdict::Only("false".to_owned()), evidence);
            }
        }
        Ok(())
    }

    async fn renames(&mut self, target: &str, operation: Json, name: &str) -> Result<Result<(), String>, String> {
        let reply = self.put_in("PATCH", target, patch(operation)).await?;
        if !reply.is_done() {
            return Ok(Err(reply.told()));
        }
        let is_done = self.is_named(target, name).await?;
        Ok(if is_done { Ok(()) } else { Err(format!("{}, and nothing changed", reply.status)) })
    }

    /// The ways in which PATCH changes members: each is tried from the state in which it shows.
    async fn member_changes(&mut self, target: &str, member: &str) -> Result<Vec<&'static str>, String> {
        let some = json!([{"value": member}]);
        let add = json!({"op": "add", "path": "members", "value": some});
        let by_filter = json!({"op": "remove", "path": format!("members[value eq \"{member}\"]")});
        let by_list = json!({"op": "remove", "path": "members", "value": some});
        let none = json!({"op": "replace", "path": "members", "value": []});
        let (mut known, mut reasons) = (Vec::new(), Vec::new());
        for (word, operation, then) in [
            ("add", add, true),
            ("remove-by-filter", by_filter, false),
            ("remove-by-list", by_list, false),
            ("replace", none, false),
        ] {
            let evidence = match self.shows(target, member, !then).await? {
                true => self.changes_member(target, operation, member, then).await?,
                false => Err("could not be tried".to_owned()),
            };
            match evidence {
                Ok(()) => known.push(word),
                Err(how) => reasons.push(format!("`{word}`: {how}")),
            }
        }
        if known.is_empty() {
            self.found.can("groups.patch", false, reasons.join("; "));
        } else {
            self.found.can("groups.patch", true, format!("`{}` changed the members", known.join("`, `")));
        }
        if !reasons.is_empty() {
            let list = format!("[{}]", known.join(", "));
            self.found.note("groups.patch.members", Verdict::Only(list), reasons.join("; "));
        }
        Ok(known)
    }

    async fn changes_member(
        &mut self,
        target: &str,
        operation: Json,
        member: &str,
        then: bool,
    ) -> Result<Result<(), String>, String> {
        let reply = self.put_in("PATCH", target, patch(operation)).await?;
        if !reply.is_done() {
            return Ok(Err(reply.told()));
        }
        let is_right = self.members(target).await?.contains(&member.to_owned()) == then;
        Ok(if is_right { Ok(()) } else { Err(format!("{}, and nothing changed", reply.status)) })
    }

    /// Brings the group to where it has the member, or not, in whatever way works.
    async fn shows(&mut self, target: &str, member: &str, wanted: bool) -> Result<bool, String> {
        let is_there = |members: Vec<String>| members.contains(&member.to_owned());
        if is_there(self.members(target).await?) == wanted {
            return Ok(true);
        }
        let members: &[&str] = if wanted { &[member] } else { &[] };
        self.put_in("PUT", target, group(&self.word, members)).await?;
        if is_there(self.members(target).await?) == wanted {
            return Ok(true);
        }
        let some = json!([{"value": member}]);
        let add = json!({"op": "add", "path": "members", "value": some});
        let by_filter = json!({"op": "remove", "path": format!("members[value eq \"{member}\"]")});
        let by_list = json!({"op": "remove", "path": "members", "value": some});
        for operation in if wanted { vec![add] } else { vec![by_filter, by_list] } {
            self.put_in("PATCH", target, patch(operation)).await?;
            if is_there(self.members(target).await?) == wanted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn members(&mut self, target: &str) -> Result<Vec<String>, String> {
        let reply = self.get(target).await?;
        Ok(reply.resource().map(|group| values(group, "members")).unwrap_or_default())
    }
}
