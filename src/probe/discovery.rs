//! What a backend says of itself (RFC 7644 section 4), and which SCIM it speaks.

use crate::json::{Object, Value};

use super::ask::Reply;
use super::{Ask, Line, Probe, Verdict};

const CONFIG: &str = "/ServiceProviderConfig";

impl<L: Line> Probe<'_, L> {
    /// What it takes and gives: the registered media type (RFC 7644 section 8.1), or that of older servers.
    pub(super) async fn media(&mut self) -> Result<(), String> {
        let reply = self.get("/Users?startIndex=1&count=1").await?;
        if !matches!(reply.status, 406 | 415) {
            return Ok(());
        }
        self.speak_json(&format!("`GET /Users` with `Accept: {}`: {}", self.media, reply.told()));
        Ok(())
    }

    pub(super) fn speak_json(&mut self, evidence: &str) {
        self.media = "application/json";
        self.found.note("media", Verdict::Only("application/json".to_owned()), evidence);
    }

    pub(super) async fn discovery(&mut self) -> Result<(), String> {
        let config = self.get(CONFIG).await?;
        self.version(&config).await?;
        let mut missing = Vec::new();
        for (endpoint, is_there) in [
            (CONFIG, config.resource().is_some()),
            ("/ResourceTypes", self.get("/ResourceTypes").await?.is_done()),
            ("/Schemas", self.get("/Schemas").await?.is_done()),
        ] {
            if !is_there {
                missing.push(format!("`GET {endpoint}`"));
            }
        }
        let evidence = match missing.is_empty() {
            true => "all three endpoints answer".to_owned(),
            false => format!("no answer to {}", missing.join(", ")),
        };
        self.found.can("discovery", missing.is_empty(), evidence);
        if let Some(config) = config.resource() {
            self.promises(&config.clone());
        }
        Ok(())
    }

    /// SCIM 1.1 has the plural, and URNs of its own.
    async fn version(&mut self, config: &Reply) -> Result<(), String> {
        if config.is_done() {
            return Ok(());
        }
        let old = Ask {
            method: "GET",
            target: "/ServiceProviderConfigs".to_owned(),
            body: None,
            media: "application/json",
            if_match: None,
        };
        if self.send(old).await?.is_done() {
            let evidence = format!("`GET {CONFIG}`: {}, `GET /ServiceProviderConfigs`: 200", config.told());
            self.found.note("version", Verdict::Only("\"1.1\"".to_owned()), evidence.clone());
            self.speak_json(&evidence);
        }
        Ok(())
    }

    /// What it says of itself. It is believed where it says no, and where nothing better will be tried.
    fn promises(&mut self, config: &Object<'static>) {
        let evidence = |what: &str, says: bool| format!("`{CONFIG}`: `{what}.supported` is {says}");
        for (what, key) in [("sort", "sort"), ("etag", "etag"), ("bulk", "bulk"), ("filter", "filter")] {
            if let Some(says) = supported(config, what) {
                let verdict = if says { Verdict::Can } else { Verdict::Cannot };
                self.found.note(
                    key,
                    if key == "bulk" || !says { verdict } else { Verdict::Unknown },
                    evidence(what, says),
                );
            }
        }
        if supported(config, "patch") == Some(false) {
            self.found.can("users.patch", false, evidence("patch", false));
            self.found.can("groups.patch", false, evidence("patch", false));
        }
        if let Some(most) = limit(config, "bulk", "maxOperations").filter(|_| supported(config, "bulk") == Some(true)) {
            self.found.note(
                "bulk.max-operations",
                Verdict::Only(most.to_string()),
                format!("`{CONFIG}`: `bulk.maxOperations`"),
            );
        }
        let pages = config.get("pagination").and_then(Value::as_object);
        let says = |name| pages.and_then(|pages| pages.get(name)).and_then(Value::as_bool);
        if (says("cursor"), says("index")) == (Some(true), Some(false)) {
            let evidence = format!("`{CONFIG}`: `pagination.cursor` is true, `pagination.index` is false");
            self.found.note("page.index", Verdict::Only("cursor".to_owned()), evidence);
        }
    }
}

fn supported(config: &Object<'_>, what: &str) -> Option<bool> {
    config.get(what)?.as_object()?.get("supported")?.as_bool()
}

fn limit(config: &Object<'_>, what: &str, name: &str) -> Option<u32> {
    config.get(what)?.as_object()?.get(name)?.to_string().parse().ok().filter(|most| *most > 0)
}
