//! How a backend lists: its pages, its order, and which attributes it gives.

use crate::json::{Object, Value};
use crate::scim::Param;

use super::ask::{ids, text};
use super::{Ask, Line, Probe, SAMPLE, Verdict};

/// More than any honest page holds.
const WIDE: &str = "1000";

impl<L: Line> Probe<'_, L> {
    /// Some users to try things on.
    pub(super) async fn sample(&mut self) -> Result<(), String> {
        let count = SAMPLE.to_string();
        let reply = self.list("/Users", &[(Param::StartIndex, "1"), (Param::Count, &count)]).await?;
        let Some(users) = reply.list() else {
            return Err(format!("`GET /Users?startIndex=1&count={count}`: {}, and no list of users", reply.told()));
        };
        if reply.total().is_none() {
            self.found.tell("a list has no `totalResults` (RFC 7644 section 3.4.2)");
        }
        let is_own = |user: &Object<'_>| Value::Object(user.clone()).to_string().contains(&self.word);
        if let Some(user) = users.first().filter(|user| !is_own(user)).filter(|user| !user.contains("userName")) {
            let names: Vec<_> = user.iter().map(|member| format!("`{}`", member.key.decoded())).collect();
            let note = "users have no `userName`: it may be called otherwise, which a `rename` cures; they have ";
            self.found.tell(format!("{note}{}", names.join(", ")));
        }
        self.users = users;
        Ok(())
    }

    /// What page is given for `startIndex` and `count`.
    pub(super) async fn pages(&mut self) -> Result<(), String> {
        if self.found.is_known("page.index") {
            return Ok(());
        }
        if self.users.len() < 2 {
            self.found.note("page", Verdict::Unknown, "there are fewer than two users");
            return Ok(());
        }
        let first = self.list("/Users", &[(Param::StartIndex, "1"), (Param::Count, "1")]).await?;
        let second = self.list("/Users", &[(Param::StartIndex, "2"), (Param::Count, "1")]).await?;
        let (Some(one), Some(other)) = (first.list(), second.list()) else {
            let evidence = format!("`GET /Users?startIndex=2&count=1`: {}", second.told());
            self.found.can("page", false, evidence);
            return Ok(());
        };
        if one.len() > 1 {
            let evidence = format!("`GET /Users?startIndex=1&count=1` gave {} users", one.len());
            self.found.can("page", false, evidence);
            return Ok(());
        }
        if ids(&one) == ids(&other) {
            let evidence = "`GET /Users?startIndex=2&count=1` gave the user that stands at 1: `startIndex` is not read";
            self.found.can("page", false, evidence);
            return Ok(());
        }
        self.found.can(
            "page",
            true,
            "`startIndex=1&count=1` and `startIndex=2&count=1` gave one user each, two in all",
        );
        self.page_limits().await
    }

    async fn page_limits(&mut self) -> Result<(), String> {
        let wide = self.list("/Users", &[(Param::StartIndex, "1"), (Param::Count, WIDE)]).await?;
        if let (Some(users), Some(total)) = (wide.list(), wide.total())
            && users.len() < total.min(1000)
        {
            let evidence = format!("`count={WIDE}` gave {} of {total} users", users.len());
            self.found.note("page.max", Verdict::Only(users.len().to_string()), evidence);
        }
        let plain = self.list("/Users", &[]).await?;
        if let (Some(users), Some(total)) = (plain.list(), plain.total())
            && users.len() < total
        {
            let evidence = format!("without `count` {} of {total} users came", users.len());
            self.found.note("page.default", Verdict::Only(users.len().to_string()), evidence);
        }
        Ok(())
    }

    /// Whether `sortBy` and `sortOrder` are kept to (RFC 7644 section 3.4.2.3).
    pub(super) async fn orders(&mut self) -> Result<(), String> {
        if self.users.len() < 2 {
            self.found.note("sort", Verdict::Unknown, "there are fewer than two users");
            return Ok(());
        }
        let mut lists = Vec::new();
        for order in ["ascending", "descending"] {
            let params = [(Param::SortBy, "userName"), (Param::SortOrder, order), (Param::Count, "2")];
            let reply = self.list("/Users", &params).await?;
            let Some(users) = reply.list() else {
                let evidence = format!("`sortBy=userName&sortOrder={order}`: {}", reply.told());
                self.found.can("sort", false, evidence);
                return Ok(());
            };
            lists.push(ids(&users));
        }
        let differ = lists.first() != lists.last();
        let evidence = match differ {
            true => "`sortOrder=descending` began with other users than `ascending`",
            false => "`sortOrder=descending` began with the same users as `ascending`",
        };
        self.found.can("sort", differ, evidence);
        Ok(())
    }

    /// Whether `attributes` is kept to (RFC 7644 section 3.9), and whether resources have versions (section 3.14).
    pub(super) async fn projections(&mut self) -> Result<(), String> {
        let Some(id) = self.users.first().and_then(|user| text(user, "id")) else {
            self.found.note("attributes", Verdict::Unknown, "there is no user to ask for");
            self.found.note("etag", Verdict::Unknown, "there is no user to ask for");
            return Ok(());
        };
        let whole = self.get(&format!("/Users/{id}")).await?;
        let has_version = whole.resource().and_then(|user| user.get("meta")?.as_object()?.get("version")).is_some();
        self.has_tag = whole.etag.is_some() || has_version;
        if !self.has_tag {
            self.found.can("etag", false, "a user came without `ETag` and without `meta.version`");
        } else if !self.found.is_known("etag") {
            self.found.note(
                "etag",
                Verdict::Unknown,
                "a user has a version; whether `If-Match` is kept to was not tried",
            );
        }
        let narrow = self.get(&format!("/Users/{id}?attributes=userName")).await?;
        let more = |user: &Object<'_>| {
            let asked =
                |name: &str| ["id", "schemas", "userName", "meta"].iter().any(|one| one.eq_ignore_ascii_case(name));
            user.iter().map(|member| member.key.decoded().into_owned()).find(|name| !asked(name))
        };
        let (can, evidence) = match (narrow.resource(), narrow.resource().and_then(more)) {
            (None, _) => (false, format!("`?attributes=userName`: {}", narrow.told())),
            (_, Some(name)) => (false, format!("`?attributes=userName` gave `{name}`, too")),
            (_, None) => (true, "`?attributes=userName` gave nothing else".to_owned()),
        };
        self.found.can("attributes", can, evidence);
        Ok(())
    }

    /// The endpoints that a backend may leave out.
    pub(super) async fn endpoints(&mut self) -> Result<(), String> {
        let me = self.get("/Me").await?;
        let evidence = format!("`GET /Me`: {}", me.told());
        self.found.can("me", me.is_done() || me.status == 308, evidence);
        let body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "startIndex": 1, "count": 1,
        });
        let (target, media) = ("/Users/.search".to_owned(), self.media);
        let search = self.send(Ask { method: "POST", target, body: Some(body), media, if_match: None }).await?;
        let is_list = search.status == 200 && search.list().is_some();
        self.found.can("search", is_list, format!("`POST /Users/.search`: {}", search.told()));
        if self.found.verdict("bulk").is_none() {
            self.found.can("bulk", false, "nothing says that there is one");
        }
        Ok(())
    }
}
