//! Okta's day: the requests that Okta sends, in its order, and what it needs of the answers.
//!
//! Played once straight to the backend and once through the gateway. A step fails with the reason that Okta's
//! administrator would have to find out; the last word on a deactivation is whether the person can still log in.

use std::future::Future;

use serde_json::{Value, json};

use super::legacy::{EVERYBODY, Legacy};

/// The kind of Okta app that sends a request, which decides its token and its verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    /// Made by the app integration wizard: changes users by PUT. Preset `okta-groups`.
    Wizard,
    /// From Okta's catalogue: switches users on and off by PATCH. Preset `okta-catalogue`.
    Catalogue,
}

/// One of the two ways to the backend.
pub trait Line {
    /// Sends a request below the SCIM base URL.
    fn send(
        &mut self,
        app: App,
        method: &str,
        target: &str,
        body: Option<Value>,
    ) -> impl Future<Output = Result<Reply, String>>;
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body; null if there is none.
    pub body: Value,
}

/// What Okta does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each step's name says what it is")]
pub enum Step {
    TestCredentials,
    Import,
    LookUp,
    Create,
    FindAgain,
    Update,
    DeactivateByPut,
    ReactivateByPut,
    DeactivateByPatch,
    ReactivateByPatch,
    LookUpGroup,
    CreateGroup,
    RenameGroup,
    AddMembers,
    RemoveMember,
    DeleteGroup,
}

impl Step {
    /// The day, in order.
    pub const ALL: &[Self] = &[
        Self::TestCredentials,
        Self::Import,
        Self::LookUp,
        Self::Create,
        Self::FindAgain,
        Self::Update,
        Self::DeactivateByPut,
        Self::ReactivateByPut,
        Self::DeactivateByPatch,
        Self::ReactivateByPatch,
        Self::LookUpGroup,
        Self::CreateGroup,
        Self::RenameGroup,
        Self::AddMembers,
        Self::RemoveMember,
        Self::DeleteGroup,
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TestCredentials => "test API credentials",
            Self::Import => "import users, page by page",
            Self::LookUp => "look up a new user",
            Self::Create => "create the user",
            Self::FindAgain => "find the user again",
            Self::Update => "update the profile (PUT of what GET gave)",
            Self::DeactivateByPut => "deactivate by PUT",
            Self::ReactivateByPut => "reactivate by PUT",
            Self::DeactivateByPatch => "deactivate by PATCH",
            Self::ReactivateByPatch => "reactivate by PATCH",
            Self::LookUpGroup => "look up a group",
            Self::CreateGroup => "push the group",
            Self::RenameGroup => "rename the group",
            Self::AddMembers => "add members",
            Self::RemoveMember => "remove a member",
            Self::DeleteGroup => "delete the group",
        }
    }
}

/// The new person of the day.
const NEW: &str = "ada@example.com";

/// The path of the group of the day, by name.
const GROUP_FILTER: &str = "/Groups?filter=displayName%20eq%20%22Engineers%22&startIndex=1&count=100";

/// One day on one line.
#[derive(Debug)]
pub struct Day<'d, L> {
    line: &'d mut L,
    legacy: &'d Legacy,
    known: Vec<String>,
    user: Option<String>,
    group: Option<String>,
}

impl<'d, L: Line> Day<'d, L> {
    /// A new day.
    pub fn new(line: &'d mut L, legacy: &'d Legacy) -> Self {
        Self { line, legacy, known: Vec::new(), user: None, group: None }
    }

    /// Plays one step.
    ///
    /// # Errors
    /// Why Okta would call it a failure.
    pub async fn play(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::TestCredentials => self.test_credentials().await,
            Step::Import => self.import().await,
            Step::LookUp => self.look_up(0).await,
            Step::Create => self.create().await,
            Step::FindAgain => self.look_up(1).await,
            Step::Update => self.update().await,
            Step::DeactivateByPut => self.put_active(false).await,
            Step::ReactivateByPut => self.put_active(true).await,
            Step::DeactivateByPatch => self.patch_active(false).await,
            Step::ReactivateByPatch => self.patch_active(true).await,
            Step::LookUpGroup => self.look_up_group().await,
            Step::CreateGroup => self.create_group().await,
            Step::RenameGroup => self.rename_group().await,
            Step::AddMembers => self.add_members().await,
            Step::RemoveMember => self.remove_member().await,
            Step::DeleteGroup => self.delete_group().await,
        }
    }

    async fn ask(
        &mut self,
        app: App,
        method: &str,
        target: &str,
        body: Option<Value>,
        wanted: &[u16],
    ) -> Result<Value, String> {
        let reply = self.line.send(app, method, target, body).await?;
        if wanted.contains(&reply.status) {
            return Ok(reply.body);
        }
        let old = || reply.body.pointer("/Errors/0/description");
        let detail = reply.body.get("detail").or_else(old).and_then(Value::as_str).unwrap_or("no reason given");
        Err(format!("{}: {detail}", reply.status))
    }

    async fn test_credentials(&mut self) -> Result<(), String> {
        let list = self.page(1).await?;
        counters(&list)
    }

    async fn page(&mut self, start: usize) -> Result<Value, String> {
        let target = format!("/Users?startIndex={start}&count=2");
        self.ask(App::Wizard, "GET", &target, None, &[200]).await
    }

    /// Page by page until one is empty, as Okta imports; then everybody who came is looked at.
    async fn import(&mut self) -> Result<(), String> {
        let (mut judged, mut nameless) = (Ok(()), 0);
        loop {
            let list = self.page(self.known.len() + 1).await?;
            judged = judged.and(counters(&list));
            let page = resources(&list)?;
            if page.is_empty() {
                break;
            }
            for user in &page {
                self.known.push(text(user, "id")?);
                let whole = text(user, "userName").is_ok() && matches!(user.get("active"), Some(Value::Bool(_)));
                nameless += usize::from(!whole);
            }
        }
        judged?;
        match nameless {
            0 => Ok(()),
            n => Err(format!(
                "{n} of {} users have no `userName`, or no `active` that is true or false",
                self.known.len()
            )),
        }
    }

    async fn look_up(&mut self, wanted: usize) -> Result<(), String> {
        let target = format!("/Users?filter=userName%20eq%20%22{}%22&startIndex=1&count=100", NEW.replace('@', "%40"));
        let list = self.ask(App::Wizard, "GET", &target, None, &[200]).await?;
        counters(&list)?;
        let found = resources(&list)?.len();
        if found == wanted { Ok(()) } else { Err(format!("{found} users found, {wanted} expected")) }
    }

    async fn create(&mut self) -> Result<(), String> {
        let user = self.ask(App::Wizard, "POST", "/Users", Some(new_user()), &[201]).await?;
        let id = text(&user, "id")?;
        let name = text(&user, "userName")?;
        self.user = Some(id);
        if name == NEW { Ok(()) } else { Err(format!("the answer names `{name}`")) }
    }

    /// The new person; where nobody could be created, one who was there before.
    fn person(&self) -> Result<String, String> {
        self.user.as_ref().or(self.known.first()).cloned().ok_or_else(|| "there is no user to work on".to_owned())
    }

    async fn update(&mut self) -> Result<(), String> {
        let target = format!("/Users/{}", self.person()?);
        let mut user = self.ask(App::Wizard, "GET", &target, None, &[200]).await?;
        set(&mut user, "title", json!("Countess"));
        set(&mut user, "phoneNumbers", json!([{"value": "+44 20 7946 0000", "type": "", "primary": true}]));
        let answer = self.ask(App::Wizard, "PUT", &target, Some(user), &[200]).await?;
        match text(&answer, "title")?.as_str() {
            "Countess" => Ok(()),
            other => Err(format!("the title is `{other}`")),
        }
    }

    async fn put_active(&mut self, active: bool) -> Result<(), String> {
        let id = self.person()?;
        let target = format!("/Users/{id}");
        let mut user = self.ask(App::Wizard, "GET", &target, None, &[200]).await?;
        set(&mut user, "active", Value::Bool(active));
        let answer = self.ask(App::Wizard, "PUT", &target, Some(user), &[200]).await?;
        self.settled(&id, &answer, active)
    }

    async fn patch_active(&mut self, active: bool) -> Result<(), String> {
        let id = self.person()?;
        let target = format!("/Users/{id}");
        let patch = patch(json!([{"op": "replace", "value": {"active": active}}]));
        self.ask(App::Catalogue, "PATCH", &target, Some(patch), &[200, 204]).await?;
        let answer = self.ask(App::Catalogue, "GET", &target, None, &[200]).await?;
        self.settled(&id, &answer, active)
    }

    /// Whether the backend means what was asked of it, and says so.
    fn settled(&self, id: &str, answer: &Value, active: bool) -> Result<(), String> {
        match self.legacy.can_log_in(id) {
            Some(truth) if truth != active && truth => {
                return Err("answered as done, but the person can still log in".to_owned());
            }
            Some(truth) if truth != active => {
                return Err("answered as done, but the person still can't log in".to_owned());
            }
            Some(_) => {}
            None => return Err("the person is gone".to_owned()),
        }
        match answer.get("active") {
            Some(Value::Bool(said)) if *said == active => Ok(()),
            Some(said) => Err(format!("done, but the answer says `active` is {said}")),
            None => Err("done, but the answer has no `active`".to_owned()),
        }
    }

    async fn look_up_group(&mut self) -> Result<(), String> {
        let list = self.ask(App::Catalogue, "GET", GROUP_FILTER, None, &[200]).await?;
        counters(&list)
    }

    async fn create_group(&mut self) -> Result<(), String> {
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Engineers", "members": [],
        });
        let group = self.ask(App::Catalogue, "POST", "/Groups", Some(group), &[201]).await?;
        self.group = Some(text(&group, "id")?);
        Ok(())
    }

    /// The group of the day; where none could be made, one that was there before.
    fn team(&self) -> &str {
        self.group.as_deref().unwrap_or(EVERYBODY)
    }

    fn group_target(&self) -> String {
        format!("/Groups/{}", self.team())
    }

    async fn rename_group(&mut self) -> Result<(), String> {
        let target = self.group_target();
        let id = self.team().to_owned();
        let rename = patch(json!([{"op": "replace", "value": {"id": id, "displayName": "Engineering"}}]));
        self.ask(App::Catalogue, "PATCH", &target, Some(rename), &[200, 204]).await?;
        let group = self.ask(App::Catalogue, "GET", &target, None, &[200]).await?;
        match text(&group, "displayName")?.as_str() {
            "Engineering" => Ok(()),
            other => Err(format!("the group is called `{other}`")),
        }
    }

    async fn add_members(&mut self) -> Result<(), String> {
        let target = self.group_target();
        let members: Vec<Value> =
            self.known.iter().take(2).map(|id| json!({"value": id, "display": "someone"})).collect();
        let add = patch(json!([{"op": "add", "path": "members", "value": members}]));
        self.ask(App::Catalogue, "PATCH", &target, Some(add), &[200, 204]).await?;
        self.members(2).await
    }

    async fn remove_member(&mut self) -> Result<(), String> {
        let target = self.group_target();
        let id = self.known.first().ok_or("there is no member to remove")?;
        let remove = patch(json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]));
        self.ask(App::Catalogue, "PATCH", &target, Some(remove), &[200, 204]).await?;
        self.members(1).await
    }

    async fn members(&mut self, wanted: usize) -> Result<(), String> {
        let target = self.group_target();
        let group = self.ask(App::Catalogue, "GET", &target, None, &[200]).await?;
        let found = group.get("members").and_then(Value::as_array).map_or(0, Vec::len);
        if found == wanted { Ok(()) } else { Err(format!("the group has {found} members, {wanted} expected")) }
    }

    async fn delete_group(&mut self) -> Result<(), String> {
        let target = self.group_target();
        self.ask(App::Catalogue, "DELETE", &target, None, &[204]).await?;
        self.ask(App::Catalogue, "GET", &target, None, &[404]).await.map(drop)
    }
}

fn patch(operations: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

fn set(resource: &mut Value, name: &str, value: Value) {
    if let Value::Object(resource) = resource {
        resource.insert(name.to_owned(), value);
    }
}

fn text(resource: &Value, name: &str) -> Result<String, String> {
    resource.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| format!("the answer has no `{name}`"))
}

/// Looks at a list's counters as Okta does: it stops without a word where one is a string.
fn counters(list: &Value) -> Result<(), String> {
    for name in ["totalResults", "startIndex", "itemsPerPage"] {
        if list.get(name).and_then(Value::as_u64).is_none() {
            return Err(format!("`{name}` is not a number, so Okta stops without a word"));
        }
    }
    Ok(())
}

fn resources(list: &Value) -> Result<Vec<Value>, String> {
    list.get("Resources").and_then(Value::as_array).cloned().ok_or_else(|| "the list has no `Resources`".to_owned())
}

/// A user as Okta sends it, blank mappings included.
fn new_user() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": NEW,
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"primary": true, "value": NEW, "type": "work"}],
        "phoneNumbers": [{"primary": true, "value": "+44 20 7946 0000", "type": ""}],
        "addresses": [{"primary": true, "locality": "London", "type": ""}],
        "displayName": "Ada Lovelace",
        "locale": "en-US",
        "externalId": "00u1a2b3c4d5e6f7g8h9",
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    })
}
