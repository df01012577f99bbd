//! A search at the root, over every type of resource (RFC 7644 section 3.4.3), as a search of each type: its results are those of
//! users, then of groups, then of the types that are declared.
//!
//! Costs a call a type at least, since each has to be counted. Loses the order: a search over several types can't be sorted, nor
//! paged by cursor, so both are refused. A page ends where a backend's page of one type ends; the client reads on from there.

mod one;

use crate::json::{self, Array, Object, Value};
use crate::scim::{ErrorStatus, Param, ScimError, ScimType, urn};

pub use one::of_type;

/// What a client wishes to find, and what has been found so far.
#[derive(Debug)]
pub struct Everything<'v> {
    search: Object<'v>,
    /// The index of the first resource on the page, from 1.
    start: u64,
    /// How many the client may have; nothing where it doesn't say.
    count: Option<u64>,
    /// The most that are shown.
    most: u64,
    /// How many there are of the types that came before.
    total: u64,
    found: Vec<Value<'static>>,
    /// The page has ended before all of a type was on it.
    is_cut: bool,
}

/// What is asked of one type.
#[derive(Debug)]
pub struct Part {
    /// The search.
    pub body: Vec<u8>,
    /// The index of the first resource that is asked for, of those of this type.
    start: u64,
    /// How many are asked for.
    count: Option<u64>,
}

impl<'v> Everything<'v> {
    /// Reads what a search at the root asks; at most so many resources are shown.
    ///
    /// # Errors
    /// 400 for a number that is none; 501 for an order, and for a cursor.
    pub fn read(search: &Object<'v>, most: u32) -> Result<Self, ScimError> {
        for param in [Param::SortBy, Param::SortOrder, Param::Cursor] {
            if search.get(param.as_str()).is_some_and(|value| !value.is_null()) {
                let name = param.as_str();
                let detail =
                    format!("`{name}` can't be kept over several types of resources; search one, as in /Users/.search");
                return Err(ScimError::new(ErrorStatus::NotImplemented, detail));
            }
        }
        let number = |param: Param| match search.get(param.as_str()) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(text)) => text.parse::<i64>().map(Some).map_err(|_| no_number(param)),
            Some(_) => Err(no_number(param)),
        };
        let start = number(Param::StartIndex)?.and_then(|start| u64::try_from(start).ok()).unwrap_or(1).max(1);
        let count = number(Param::Count)?.map(|count| u64::try_from(count).unwrap_or(0));
        let (total, found, is_cut) = (0, Vec::new(), false);
        Ok(Self { search: search.clone(), start, count, most: u64::from(most), total, found, is_cut })
    }

    /// What the next type is asked: what there is room for, or only how many there are.
    #[must_use]
    pub fn part(&self) -> Part {
        let shown = self.found.len() as u64;
        let room = self.count.map(|count| count.min(self.most).saturating_sub(shown));
        let count = if self.is_cut || shown >= self.most { Some(0) } else { room };
        let start = self.start.saturating_sub(self.total).max(1);
        let mut search = self.search.clone();
        search.set(Param::StartIndex.as_str(), number(start));
        if let Some(count) = count {
            search.set(Param::Count.as_str(), number(count));
        }
        Part { body: Value::Object(search).to_bytes(), start, count }
    }

    /// Takes what has been found of one type.
    ///
    /// # Errors
    /// 502 for what is no list, or a list that begins elsewhere: what is missing can't be told then.
    pub fn take(&mut self, part: &Part, list: &[u8]) -> Result<(), ScimError> {
        let list = json::parse(list).map_err(|_| broken("is no list"))?;
        let list = list.as_object().ok_or_else(|| broken("is no list"))?;
        let number = |name: &str| list.get(name).and_then(|number| number.to_string().parse::<u64>().ok());
        let total = number("totalResults").ok_or_else(|| broken("doesn't say how many there are"))?;
        let items: Vec<&Value<'_>> =
            list.get("Resources").and_then(Value::as_array).map(Array::iter).into_iter().flatten().collect();
        let count = items.len() as u64;
        let begins = number("startIndex").unwrap_or(part.start);
        // A backend that doesn't page gives all there is.
        let is_all = begins == 1 && count == total;
        if begins != part.start && !is_all && count > 0 {
            return Err(broken("begins elsewhere than it was asked to"));
        }
        let skipped = if is_all { part.start - 1 } else { 0 };
        let room = part.count.unwrap_or(u64::MAX).min(self.most.saturating_sub(self.found.len() as u64));
        let before = self.found.len();
        let (skip, take) =
            (usize::try_from(skipped).unwrap_or(usize::MAX), usize::try_from(room).unwrap_or(usize::MAX));
        self.found.extend(items.into_iter().skip(skip).take(take).map(|item| item.clone().into_owned()));
        let shown = (self.found.len() - before) as u64;
        self.is_cut |= part.start - 1 + shown < total;
        self.total = self.total.saturating_add(total);
        Ok(())
    }

    /// The list of all that was found.
    #[must_use]
    pub fn into_list(self) -> Vec<u8> {
        let mut list = Object::new();
        list.set("schemas", Value::Array(Array::from(vec![Value::string(urn::LIST_RESPONSE)])));
        list.set("totalResults", number(self.total));
        list.set("startIndex", number(self.start));
        list.set("itemsPerPage", number(self.found.len() as u64));
        list.set("Resources", Value::Array(Array::from(self.found)));
        Value::Object(list).to_bytes()
    }
}

fn number(number: u64) -> Value<'static> {
    Value::number(i64::try_from(number).unwrap_or(i64::MAX))
}

fn no_number(param: Param) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, format!("`{}` must be a whole number", param.as_str()))
}

fn broken(what: &str) -> ScimError {
    ScimError::new(ErrorStatus::BadGateway, format!("a list of the backend {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything(search: &str, most: u32) -> Result<Everything<'_>, ScimError> {
        Everything::read(json::parse(search.as_bytes()).unwrap().as_object().unwrap(), most)
    }

    /// Plays a search over types that have so many resources, of which each shows so many on a page.
    fn played(search: &str, types: &[u64], page: u64, pages: bool) -> (u64, u64, Vec<String>) {
        let mut all = everything(search, 100).unwrap();
        for (of, total) in types.iter().enumerate() {
            let part = all.part();
            let (start, most) = if pages { (part.start, part.count.unwrap_or(page).min(page)) } else { (1, u64::MAX) };
            let items: Vec<String> =
                (start..=*total).take(most as usize).map(|at| format!("{{\"id\":\"{of}.{at}\"}}")).collect();
            let items = items.join(",");
            let list = format!(r#"{{"totalResults":{total},"startIndex":{start},"Resources":[{items}]}}"#);
            all.take(&part, list.as_bytes()).unwrap();
        }
        let list = all.into_list();
        let list = json::parse(&list).unwrap();
        let list = list.as_object().unwrap();
        let number = |name: &str| list.get(name).unwrap().to_string().parse::<u64>().unwrap();
        let ids = list.get("Resources").unwrap().as_array().unwrap().iter();
        let ids: Vec<_> =
            ids.map(|one| one.as_object().unwrap().get("id").unwrap().as_str().unwrap().into_owned()).collect();
        assert_eq!(number("itemsPerPage"), ids.len() as u64);
        (number("totalResults"), number("startIndex"), ids)
    }

    #[test]
    fn one_list_follows_the_other() {
        let types = [3, 0, 4];
        let all = ["0.1", "0.2", "0.3", "2.1", "2.2", "2.3", "2.4"];
        assert_eq!(played("{}", &types, 50, true), (7, 1, all.map(str::to_owned).to_vec()));
        for pages in [true, false] {
            for start in 1..=9_u64 {
                for count in 0..=8_u64 {
                    let search = format!(r#"{{"startIndex":{start},"count":{count}}}"#);
                    let shown: Vec<_> =
                        all.iter().skip(start as usize - 1).take(count as usize).map(|id| (*id).to_owned()).collect();
                    assert_eq!(played(&search, &types, 50, pages), (7, start, shown), "{search} {pages}");
                }
            }
        }
    }

    #[test]
    fn a_page_ends_where_a_page_of_the_backend_does() {
        assert_eq!(played("{}", &[3, 4], 2, true).2, ["0.1", "0.2"]);
        assert_eq!(played(r#"{"startIndex":3}"#, &[3, 4], 2, true).2, ["0.3", "1.1", "1.2"]);
        assert_eq!(played(r#"{"startIndex":6,"count":9}"#, &[3, 4], 2, true), (7, 6, vec!["1.3".into(), "1.4".into()]));
    }

    #[test]
    fn no_more_is_shown_than_may_be_read() {
        let mut all = everything(r#"{"count":500}"#, 2).unwrap();
        let part = all.part();
        assert_eq!(part.count, Some(2));
        all.take(&part, br#"{"totalResults":3,"Resources":[{},{},{}]}"#).unwrap();
        assert_eq!(all.part().count, Some(0));
        assert_eq!(all.found.len(), 2);
    }

    #[test]
    fn what_can_not_be_told_is_not_told() {
        for search in [r#"{"sortBy":"id"}"#, r#"{"cursor":""}"#, r#"{"count":"1"}"#, r#"{"startIndex":1.5}"#] {
            assert!(everything(search, 9).is_err(), "{search}");
        }
        let mut all = everything(r#"{"startIndex":3}"#, 9).unwrap();
        let part = all.part();
        for list in ["[]", "{}", r#"{"totalResults":9,"startIndex":1,"Resources":[{}]}"#] {
            assert_eq!(all.take(&part, list.as_bytes()).unwrap_err().status, ErrorStatus::BadGateway, "{list}");
        }
    }
}
