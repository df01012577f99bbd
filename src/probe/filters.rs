//! How a backend filters (RFC 7644 section 3.4.2.2).
//!
//! Each operator is tried with a filter that finds somebody and one that finds nobody, or all but somebody: a filter that
//! is taken and ignored is the worst of answers, and only the second tells.

use crate::json::Object;
use crate::scim::{Filter, Param, filter};

use super::ask::{ids, text};
use super::{Line, Probe, Verdict};

/// What a filter did.
enum Did {
    /// What it should.
    Right,
    /// It was refused, or found the wrong ones: how.
    Wrong(String),
}

/// Somebody to be found.
struct Somebody {
    id: String,
    name: String,
    user: Object<'static>,
}

impl Somebody {
    fn of(user: &Object<'static>) -> Option<Self> {
        let name = text(user, "userName").filter(|name| name.chars().count() >= 3 && !name.contains(['"', '\\']))?;
        Some(Self { id: text(user, "id")?, name, user: user.clone() })
    }

    /// The name without its first and last character, its first two, and its last two.
    fn parts(&self) -> [String; 3] {
        let letters: Vec<char> = self.name.chars().collect();
        let of = |part: Option<&[char]>| part.unwrap_or_default().iter().collect();
        let end = letters.len().saturating_sub(1);
        [of(letters.get(1..end)), of(letters.get(..2)), of(letters.get(end.saturating_sub(1)..))]
    }
}

impl<L: Line> Probe<'_, L> {
    /// Tries filters on a user that is there.
    pub(super) async fn filters(&mut self) -> Result<(), String> {
        match self.users.iter().find_map(Somebody::of) {
            Some(somebody) => self.operators(&somebody).await,
            None => {
                self.found.note("filter", Verdict::Unknown, "there is no user with a `userName` to look for");
                Ok(())
            }
        }
    }

    /// The same on this user.
    pub(super) async fn filters_of(&mut self, user: &Object<'static>) -> Result<(), String> {
        match Somebody::of(user) {
            Some(somebody) => self.operators(&somebody).await,
            None => Ok(()),
        }
    }

    async fn operators(&mut self, somebody: &Somebody) -> Result<(), String> {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for (word, finds, finds_not) in pairs(somebody, &self.nobody) {
            match self.does(somebody, &finds, finds_not.as_deref()).await? {
                Did::Right => known.push(word),
                Did::Wrong(how) => unknown.push((word, how)),
            }
        }
        let reasons: Vec<_> = unknown.iter().map(|(_, how)| how.as_str()).collect();
        if known.is_empty() || unknown.iter().any(|(word, _)| *word == "eq") {
            self.found.can("filter", false, reasons.first().copied().unwrap_or("no filter did what it should"));
            return Ok(());
        }
        self.found.can("filter", true, format!("`{}` did what it should", known.join("`, `")));
        if !unknown.is_empty() {
            let list = format!("[{}]", known.join(", "));
            self.found.note("filter.operators", Verdict::Only(list), reasons.join("; "));
        }
        self.logic(somebody).await?;
        self.attributes(somebody).await
    }

    async fn logic(&mut self, somebody: &Somebody) -> Result<(), String> {
        let (name, other) = (&somebody.name, &self.nobody);
        let rows = [
            (
                "and",
                format!("userName eq \"{name}\" and userName eq \"{name}\""),
                format!("userName eq \"{name}\" and userName eq \"{other}\""),
            ),
            (
                "or",
                format!("userName eq \"{other}\" or userName eq \"{name}\""),
                format!("userName eq \"{other}\" or userName eq \"{other}-\""),
            ),
            ("not", format!("not (userName eq \"{other}\")"), format!("not (userName eq \"{name}\")")),
        ];
        let (mut known, mut reasons) = (Vec::new(), Vec::new());
        for (word, finds, finds_not) in rows {
            match self.does(somebody, &finds, Some(&finds_not)).await? {
                Did::Right => known.push(word),
                Did::Wrong(how) => reasons.push(how),
            }
        }
        if !reasons.is_empty() {
            let list = format!("[{}]", known.join(", "));
            self.found.note("filter.logic", Verdict::Only(list), reasons.join("; "));
        }
        Ok(())
    }

    /// By which of the attributes that clients look people up it filters.
    async fn attributes(&mut self, somebody: &Somebody) -> Result<(), String> {
        let (mut known, mut reasons) = (vec!["userName"], Vec::new());
        for path in ["id", "externalId", "displayName", "emails.value", "name.familyName"] {
            let Some((id, value)) = self.held(somebody, path) else { continue };
            let who = Somebody { id, name: value.clone(), user: somebody.user.clone() };
            let finds = format!("{path} eq \"{value}\"");
            let finds_not = format!("{path} eq \"{}\"", self.nobody);
            match self.does(&who, &finds, Some(&finds_not)).await? {
                Did::Right => known.push(path),
                Did::Wrong(how) => reasons.push(how),
            }
        }
        if !reasons.is_empty() {
            let list = format!("[{}]", known.join(", "));
            self.found.note("filter.attributes", Verdict::Only(list), reasons.join("; "));
        }
        Ok(())
    }

    /// Who has a value of an attribute, and which.
    fn held(&self, somebody: &Somebody, path: &str) -> Option<(String, String)> {
        let all = std::iter::once(&somebody.user).chain(&self.users);
        let plain = |value: &String| !value.is_empty() && !value.contains(['"', '\\']);
        all.filter_map(|user| Some((text(user, "id")?, value_at(user, path).filter(plain)?))).next()
    }

    /// What two filters do: one that finds somebody, and one that doesn't find that somebody.
    async fn does(&mut self, who: &Somebody, finds: &str, finds_not: Option<&str>) -> Result<Did, String> {
        let there = self.list("/Users", &[(Param::Filter, finds)]).await?;
        let shown = masked(finds);
        let Some(users) = there.list() else { return Ok(Did::Wrong(format!("`{shown}`: {}", there.told()))) };
        let is_whole = there.total().is_none_or(|total| total <= users.len());
        if users.is_empty() || (is_whole && !ids(&users).contains(&who.id)) {
            return Ok(Did::Wrong(format!("`{shown}` doesn't find whom it should")));
        }
        if is_wrong(finds, &users) {
            return Ok(Did::Wrong(format!("`{shown}` finds others, too")));
        }
        let Some(finds_not) = finds_not else { return Ok(Did::Right) };
        let none = self.list("/Users", &[(Param::Filter, finds_not)]).await?;
        let shown = masked(finds_not);
        let Some(users) = none.list() else { return Ok(Did::Wrong(format!("`{shown}`: {}", none.told()))) };
        let wrong = ids(&users).contains(&who.id) || is_wrong(finds_not, &users);
        Ok(if wrong { Did::Wrong(format!("`{shown}` finds whom it should not")) } else { Did::Right })
    }
}

/// Each operator with a filter that finds somebody, and one that doesn't.
fn pairs(somebody: &Somebody, nobody: &str) -> Vec<(&'static str, String, Option<String>)> {
    let name = &somebody.name;
    let [inside, start, end] = somebody.parts();
    let by_name = |op: &str, value: &str| format!("userName {op} \"{value}\"");
    let has_time = value_at(&somebody.user, "meta.lastModified").is_some();
    let mut pairs = vec![
        ("eq", by_name("eq", name), Some(by_name("eq", nobody))),
        ("ne", by_name("ne", nobody), Some(by_name("ne", name))),
        ("co", by_name("co", &inside), Some(by_name("co", nobody))),
        ("sw", by_name("sw", &start), Some(by_name("sw", nobody))),
        ("ew", by_name("ew", &end), Some(by_name("ew", nobody))),
        ("pr", "userName pr".to_owned(), None),
    ];
    if has_time {
        let at = |op: &str, year: &str| format!("meta.lastModified {op} \"{year}-01-01T00:00:00Z\"");
        for (word, past, future) in
            [("gt", "1990", "2190"), ("ge", "1990", "2190"), ("lt", "2190", "1990"), ("le", "2190", "1990")]
        {
            pairs.push((word, at(word, past), Some(at(word, future))));
        }
    } else {
        for (word, finds, finds_not) in
            [("gt", "!", "~~~~"), ("ge", "!", "~~~~"), ("lt", "~~~~", "!"), ("le", "~~~~", "!")]
        {
            pairs.push((word, by_name(word, finds), Some(by_name(word, finds_not))));
        }
    }
    pairs
}

/// Whether somebody was found whom a filter doesn't mean. Who is not shown whole is not judged.
fn is_wrong(text: &str, users: &[Object<'static>]) -> bool {
    let Ok(parsed) = Filter::parse(text) else { return false };
    let is_whole =
        |user: &&Object<'static>| user.contains("userName") && (!text.contains("meta") || user.contains("meta"));
    users.iter().filter(is_whole).any(|user| !filter::matches(parsed.root(), user))
}

/// A filter without what it asks for: packs are shown around, and names of people are not.
fn masked(filter: &str) -> String {
    let parts = filter.split('"').enumerate();
    parts.map(|(number, part)| if number % 2 == 1 { "\"..\"" } else { part }).collect()
}

/// The value of `name.familyName`, or the first of `emails.value`.
fn value_at(user: &Object<'static>, path: &str) -> Option<String> {
    let Some((name, part)) = path.split_once('.') else { return text(user, path) };
    let held = user.get(name)?;
    let first = held.as_array().and_then(|list| list.get(0)).unwrap_or(held);
    text(first.as_object()?, part)
}
