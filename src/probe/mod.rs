//! Asks a backend what it can do, and writes its pack.
//!
//! The idea: nothing is believed that was not seen. What a backend says of itself is where to begin; then each ability is
//! tried, with a question that must find something and one that must find nothing, and what comes is held against what
//! RFC 7644 says. Each line of the pack says what it rests on.
//!
//! Only [`Probe::read`] is harmless: [`Probe::write`] makes a user and a group of its own, changes them and takes them
//! away again, also when something goes wrong in between.
//!
//! Not here: sockets (a [`Line`] is lent), and what is done about what a backend can't (`bridge`). What a backend calls
//! its attributes is not found out; where a user has no `userName`, the pack says so.

mod ask;
mod discovery;
mod filters;
mod found;
mod groups;
mod lists;
mod pack;
mod resource;
mod tried;
mod users;
mod verbs;

use crate::json::Object;

pub use ask::{Ask, Line, Reply};
pub use found::{Found, Verdict};
pub use pack::pack;

/// How many resources are read to try things on.
const SAMPLE: usize = 100;

/// A backend that is being asked.
#[derive(Debug)]
pub struct Probe<'l, L> {
    line: &'l mut L,
    /// What nobody there is called: what is made is named with it.
    word: String,
    /// What is not to be found, not even as a part of the word.
    nobody: String,
    /// What the backend wants to be spoken to in.
    media: &'static str,
    found: Found,
    /// Users that are there.
    users: Vec<Object<'static>>,
    /// Whether a user comes with a version.
    has_tag: bool,
}

impl<'l, L: Line> Probe<'l, L> {
    /// Of the backend at the end of a line. `word` is letters and digits that nobody there is called.
    pub fn new(line: &'l mut L, word: &str) -> Self {
        let word = format!("scimgate-probe-{word}");
        let (media, found) = ("application/scim+json", Found::default());
        let nobody = format!("not-{word}");
        Self { line, word, nobody, media, found, users: Vec::new(), has_tag: false }
    }

    /// Asks without changing anything.
    ///
    /// # Errors
    /// Why nothing can be found out: nobody answers, or the credential is refused.
    pub async fn read(&mut self) -> Result<(), String> {
        self.media().await?;
        self.discovery().await?;
        self.lists().await?;
        self.endpoints().await?;
        self.filters().await?;
        self.groups_read().await
    }

    /// Asks by making a user and a group of its own. What is known from reading is tried again with them where there was
    /// nobody to try it on.
    ///
    /// # Errors
    /// As [`Probe::read`]; and, by name, what could not be taken away again.
    pub async fn write(&mut self) -> Result<(), String> {
        let outcome = self.write_all().await;
        outcome.map_err(|fault| format!("{fault}\nlook whether `{}` was left behind at the backend", self.word))
    }

    async fn write_all(&mut self) -> Result<(), String> {
        let Some(user) = self.users_write().await? else { return Ok(()) };
        let outcome = self.write_with(&user).await;
        let gone = self.users_gone(&user).await;
        outcome.and(gone)
    }

    async fn write_with(&mut self, user: &Object<'static>) -> Result<(), String> {
        if !self.found.is_known("filter") {
            self.filters_of(user).await?;
        }
        if ["page", "sort", "attributes"].iter().any(|key| !self.found.is_known(key)) {
            self.lists_of_two().await?;
        }
        self.groups_write(user).await
    }

    /// Lists again, with a second user where there was none.
    async fn lists_of_two(&mut self) -> Result<(), String> {
        let made = self.put_in("POST", "/Users", resource::user(&format!("{}-2", self.word))).await?;
        let Some(id) = made.resource().and_then(|user| ask::text(user, "id")) else { return Ok(()) };
        let outcome = self.lists().await;
        let gone = self.delete(&format!("/Users/{id}")).await;
        outcome.and(gone.map(drop))
    }

    async fn lists(&mut self) -> Result<(), String> {
        self.sample().await?;
        self.pages().await?;
        self.orders().await?;
        self.projections().await
    }

    /// What was found.
    #[must_use]
    pub fn found(self) -> Found {
        self.found
    }
}
