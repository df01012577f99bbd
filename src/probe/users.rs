//! What a backend does with a user: makes it, changes it in each way, and takes it away.

use serde_json::{Value as Json, json};

use crate::json::{Object, Value};

use super::ask::{text, values};
use super::resource::{patch, user};
use super::tried::{TRIED, Tried, pathless_of, said, summary};
use super::{Ask, Line, Probe, Verdict, verbs};

impl<L: Line> Probe<'_, L> {
    /// Makes a user and tries every change on it. Nothing if none can be made.
    pub(super) async fn users_write(&mut self) -> Result<Option<Object<'static>>, String> {
        let Some(made) = self.make_user().await? else { return Ok(None) };
        let Some(id) = text(&made, "id") else {
            return Err(format!("a user was made and came without `id`; take `{}` away yourself", self.word));
        };
        let outcome = self.changes(&id).await;
        let user = match outcome {
            Ok(()) => self.get(&format!("/Users/{id}")).await,
            Err(fault) => Err(fault),
        };
        match user {
            Ok(reply) => Ok(Some(reply.resource().cloned().unwrap_or(made))),
            Err(fault) => {
                self.users_gone(&made).await?;
                Err(fault)
            }
        }
    }

    async fn make_user(&mut self) -> Result<Option<Object<'static>>, String> {
        let body = user(&self.word);
        let mut reply = self.put_in("POST", "/Users", body.clone()).await?;
        if reply.status == 415 {
            self.speak_json(&format!("`POST /Users` in `{}`: 415", self.media));
            reply = self.put_in("POST", "/Users", body).await?;
        }
        let evidence = format!("`POST /Users`: {}", reply.told());
        self.found.can("users.create", reply.is_done(), evidence);
        if reply.is_done() && reply.status != 201 {
            self.found.tell(format!("`POST /Users` answers {} where RFC 7644 section 3.3 wants 201", reply.status));
        }
        Ok(reply.resource().cloned())
    }

    async fn changes(&mut self, id: &str) -> Result<(), String> {
        let target = format!("/Users/{id}");
        self.makes_again(id).await?;
        let by_put = self.replaces(&target).await?;
        let mut by_patch = Vec::new();
        if self.found.verdict("users.patch") != Some(&Verdict::Cannot) {
            by_patch = self.patches(&target).await?;
        }
        let beside: &[&str] = if self.deactivates(&target).await? { &["active"] } else { &[] };
        self.parted(verbs::OF_USERS, &by_put, &by_patch, beside);
        Ok(())
    }

    /// A second user of the same name has to be refused; one that isn't is taken away again.
    async fn makes_again(&mut self, id: &str) -> Result<(), String> {
        let again = self.put_in("POST", "/Users", user(&self.word)).await?;
        if again.status != 409 {
            self.found.tell(format!("a second user of the same name: {} where section 3.3 wants 409", again.told()));
        }
        match again.resource().and_then(|user| text(user, "id")) {
            Some(other) if other != id => self.delete(&format!("/Users/{other}")).await.map(drop),
            _ => Ok(()),
        }
    }

    /// PUT; whether it clears what it leaves out; and whether it keeps to `If-Match`. What it changes.
    async fn replaces(&mut self, target: &str) -> Result<Vec<&'static str>, String> {
        let mut body = user(&self.word);
        TRIED.iter().for_each(|one| one.set(&mut body, "Put"));
        let reply = self.put_in("PUT", target, body).await?;
        let read = self.get(target).await?;
        let took: Vec<_> = TRIED.iter().filter(|one| one.shows(&read, "Put")).collect();
        let names: Vec<_> = took.iter().map(|one| one.path).collect();
        let evidence = match names.is_empty() {
            true => format!("`PUT /Users/..`: {}, and nothing changed", reply.told()),
            false => format!("`PUT /Users/..`: {}, and changed `{}`", reply.told(), names.join("`, `")),
        };
        self.found.can("users.replace", reply.is_done() && !names.is_empty(), evidence);
        // These are not in the user that is made, so a PUT of that one leaves them out.
        let Some(left) = took.iter().find(|one| matches!(one.path, "title" | "nickName")) else {
            return self.keeps_to_tags(target).await.map(|()| names);
        };
        let narrow = self.put_in("PUT", target, user(&self.word)).await?;
        if narrow.is_done() && left.shows(&self.get(target).await?, "Put") {
            let evidence = format!("a PUT without `{}` left it as it was", left.path);
            self.found.note("users.replace.merges", Verdict::Only("true".to_owned()), evidence);
        }
        self.keeps_to_tags(target).await.map(|()| names)
    }

    async fn keeps_to_tags(&mut self, target: &str) -> Result<(), String> {
        if !self.has_tag {
            self.has_tag = self.get(target).await?.etag.is_some();
        }
        let is_known = matches!(self.found.verdict("etag"), Some(Verdict::Only(_)));
        if self.has_tag && !is_known {
            let ask = Ask {
                method: "PUT",
                target: target.to_owned(),
                body: Some(user(&self.word)),
                media: self.media,
                if_match: Some("W/\"nobody-has-this\"".to_owned()),
            };
            let reply = self.send(ask).await?;
            self.found.can("etag", reply.status == 412, format!("a PUT with a wrong `If-Match`: {}", reply.told()));
        }
        Ok(())
    }

    /// The forms in which PATCH operations can be written (RFC 7644 section 3.5.2), on attributes that can be changed.
    /// What it changes.
    async fn patches(&mut self, target: &str) -> Result<Vec<&'static str>, String> {
        let mut pathed = Vec::new();
        for one in TRIED {
            pathed.push((one, self.takes(target, one.pathed("Path"), &[(one, "Path")]).await?));
        }
        let mut pathless = Vec::new();
        for one in TRIED {
            pathless.push((one, self.takes(target, pathless_of(&[one], "Bare"), &[(one, "Bare")]).await?));
        }
        let works = |tried: &[(&'static Tried, Result<(), String>)]| -> Vec<&'static Tried> {
            tried.iter().filter(|(_, took)| took.is_ok()).map(|(one, _)| *one).collect()
        };
        let (with, without) = (works(&pathed), works(&pathless));
        let several = match without.as_slice() {
            [one, other, ..] => {
                let both = pathless_of(&[one, other], "Both");
                self.takes(target, both, &[(one, "Both"), (other, "Both")]).await?
            }
            _ => Err("not tried".to_owned()),
        };
        let evidence = format!(
            "with a path: {}; without: {}; without, two attributes: {}",
            summary(&pathed),
            summary(&pathless),
            said(&several)
        );
        // One that takes a single attribute only tells nothing of two.
        self.form(&with, &without, several.is_ok() || without.len() < 2, &evidence);
        if !with.is_empty() {
            self.value_paths(target).await?;
        }
        let changed = |one: &&'static Tried| with.iter().chain(&without).any(|other| other.path == one.path);
        Ok(TRIED.iter().filter(changed).map(|one| one.path).collect())
    }

    fn form(&mut self, with: &[&Tried], without: &[&Tried], several: bool, evidence: &str) {
        let form = match (with.is_empty(), without.is_empty(), several) {
            (true, true, _) => return self.found.can("users.patch", false, evidence),
            (false, false, true) => Verdict::Can,
            (false, false, false) => Verdict::Only("one-attribute".to_owned()),
            (false, true, _) => Verdict::Only("pathed".to_owned()),
            (true, false, _) => Verdict::Only("pathless".to_owned()),
        };
        self.found.can("users.patch", true, "a PATCH changed the user");
        self.found.note("users.patch.form", form, evidence);
    }

    async fn value_paths(&mut self, target: &str) -> Result<(), String> {
        let mail = format!("{}-mail@example.invalid", self.word);
        let operation = json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": mail});
        let reply = self.put_in("PATCH", target, patch(operation)).await?;
        let read = self.get(target).await?;
        let is_there = read.resource().is_some_and(|user| values(user, "emails").contains(&mail));
        let verdict = if reply.is_done() && is_there { Verdict::Can } else { Verdict::Only("false".to_owned()) };
        let evidence = format!("`emails[type eq \"work\"].value`: {}, and it was {}there", reply.told(), no(is_there));
        self.found.note("users.patch.value-paths", verdict, evidence);
        Ok(())
    }

    /// Whether an operation does what it says, which reading tells; if not, what happened.
    async fn takes(
        &mut self,
        target: &str,
        operation: Json,
        shown: &[(&Tried, &str)],
    ) -> Result<Result<(), String>, String> {
        let reply = self.put_in("PATCH", target, patch(operation)).await?;
        if !reply.is_done() {
            return Ok(Err(reply.told()));
        }
        let read = self.get(target).await?;
        let is_done = shown.iter().all(|(one, value)| one.shows(&read, value));
        Ok(if is_done { Ok(()) } else { Err(format!("{}, and nothing changed", reply.status)) })
    }

    /// What becomes of somebody who is switched off. No pack says that; the connection's `lifecycle` has to know. Whether a
    /// PATCH does it.
    async fn deactivates(&mut self, target: &str) -> Result<bool, String> {
        let off = json!({"op": "replace", "path": "active", "value": false});
        let mut reply = self.put_in("PATCH", target, patch(off)).await?;
        let is_patched = reply.is_done();
        if !is_patched {
            let mut body = user(&self.word);
            body.as_object_mut().map(|user| user.insert("active".to_owned(), json!(false)));
            reply = self.put_in("PUT", target, body).await?;
        }
        let read = self.get(target).await?;
        let active = read.resource().and_then(|user| user.get("active"));
        let told = match (reply.is_done(), active) {
            (true, Some(active)) if active.as_bool() == Some(false) => return Ok(is_patched),
            (true, Some(active)) => format!("is shown with `active: {active}`"),
            (true, None) if read.is_done() => "is shown without `active`".to_owned(),
            (true, None) => format!("is no more to be read: {}", read.told()),
            (false, _) => format!("can't be switched off: {}", reply.told()),
        };
        self.found.tell(format!("a user whose `active` is set to false {told}"));
        Ok(is_patched)
    }

    /// Takes the user away.
    pub(super) async fn users_gone(&mut self, user: &Object<'static>) -> Result<(), String> {
        let Some(id) = text(user, "id") else { return Ok(()) };
        let target = format!("/Users/{id}");
        let reply = self.delete(&target).await?;
        let read = self.get(&target).await?;
        let is_gone = reply.is_done() && !read.is_done();
        let evidence = format!("`DELETE /Users/..`: {}, and reading it then: {}", reply.told(), read.told());
        self.found.can("users.delete", reply.is_done(), evidence);
        if is_gone {
            return Ok(());
        }
        let is_off = read.resource().and_then(|user| user.get("active")).and_then(Value::as_bool) == Some(false);
        let state = if is_off { "switched off" } else { "still there" };
        self.found.tell(format!("the user {id} ({}) could not be deleted and is {state}: {}", self.word, reply.told()));
        Ok(())
    }
}

fn no(is_there: bool) -> &'static str {
    if is_there { "" } else { "not " }
}
