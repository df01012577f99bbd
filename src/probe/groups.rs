//! What a backend does with groups and their members.

use serde_json::{Value as Json, json};

use crate::json::Object;
use crate::scim::Param;

use super::ask::{text, values};
use super::resource::{group, patch};
use super::{Line, Probe, Verdict};

impl<L: Line> Probe<'_, L> {
    /// Whether there are groups, and whether they are found by name.
    pub(super) async fn groups_read(&mut self) -> Result<(), String> {
        let reply = self.list("/Groups", &[(Param::StartIndex, "1"), (Param::Count, "10")]).await?;
        let Some(groups) = reply.list() else {
            self.found.can("groups", false, format!("`GET /Groups`: {}", reply.told()));
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
        let reply = self.put_in("PUT", target, group(&name, &[])).await?;
        let is_empty = self.members(target).await?.is_empty();
        let state = if is_empty { "gone" } else { "still there" };
        let evidence = format!("`PUT /Groups/..` without members: {}, and the member was {state}", reply.told());
        self.found.can("groups.replace", reply.is_done() && is_empty, evidence);
        if self.found.verdict("groups.patch") != Some(&Verdict::Cannot) {
            self.member_changes(target, member).await?;
        }
        Ok(())
    }

    /// The ways in which PATCH changes members: each is tried from the state in which it shows.
    async fn member_changes(&mut self, target: &str, member: &str) -> Result<(), String> {
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
            return Ok(());
        }
        self.found.can("groups.patch", true, format!("`{}` changed the members", known.join("`, `")));
        if !reasons.is_empty() {
            let list = format!("[{}]", known.join(", "));
            self.found.note("groups.patch.members", Verdict::Only(list), reasons.join("; "));
        }
        Ok(())
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
