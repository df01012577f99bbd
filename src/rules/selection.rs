//! The parts of a query that speak of attributes: `filter`, `sortBy`, `sortOrder`, `attributes`, `excludedAttributes`.
//!
//! Only what a rule changed is written back, so that spelling, quoting and order survive everywhere else.

use super::attribute::{Relation, relation};
use crate::json::{Array, Object, Value};
use crate::scim::{AttrPath, Filter, Param, Query, ScimError, ScimType};

/// Which resources, in which order, and which of their attributes.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// `filter` (RFC 7644 section 3.4.2.2).
    pub filter: Option<Filter>,
    /// Rules have found that no resource can match the filter, which is then gone.
    pub matches_nothing: bool,
    /// `sortBy` (RFC 7644 section 3.4.2.3).
    pub sort_by: Option<AttrPath>,
    /// `sortOrder` is `descending`.
    pub descending: bool,
    /// `attributes` (RFC 7644 section 3.9).
    pub attributes: Vec<AttrPath>,
    /// `excludedAttributes` (RFC 7644 section 3.9).
    pub excluded: Vec<AttrPath>,
    /// A rule has taken `sortOrder` out.
    unordered: bool,
    /// What a rule has changed.
    changed: Vec<Param>,
}

impl Selection {
    /// Reads the parts of a query.
    ///
    /// # Errors
    /// 400 with the RFC's `scimType` for a filter or a path that can't be read.
    pub fn read(query: &Query) -> Result<Self, ScimError> {
        Self::gather(|param| query.value(param).map(str::to_owned))
    }

    /// Reads the parts of a search request's body (RFC 7644 section 3.4.3).
    ///
    /// # Errors
    /// As for a query.
    pub fn read_search(body: &Object<'_>) -> Result<Self, ScimError> {
        Self::gather(|param| match body.get(param.as_str())? {
            Value::String(text) => Some(text.decoded().into_owned()),
            Value::Array(list) => {
                let words: Vec<_> = list.iter().filter_map(Value::as_str).collect();
                Some(words.join(","))
            }
            _ => None,
        })
    }

    fn gather(value: impl Fn(Param) -> Option<String>) -> Result<Self, ScimError> {
        let filter = value(Param::Filter).map(|text| {
            Filter::parse(&text).map_err(|fault| ScimError::bad_request(ScimType::InvalidFilter, fault.to_string()))
        });
        let sort_by = value(Param::SortBy).map(|text| path(&text));
        Ok(Self {
            filter: filter.transpose()?,
            matches_nothing: false,
            sort_by: sort_by.transpose()?,
            descending: value(Param::SortOrder).is_some_and(|order| order.eq_ignore_ascii_case("descending")),
            attributes: paths(value(Param::Attributes).as_deref())?,
            excluded: paths(value(Param::ExcludedAttributes).as_deref())?,
            unordered: false,
            changed: Vec::new(),
        })
    }

    /// Whether this parameter is one of its parts.
    #[must_use]
    pub fn has(param: Param) -> bool {
        !matches!(param, Param::StartIndex | Param::Count | Param::Cursor)
    }

    /// Whether a query has any of its parts.
    #[must_use]
    pub fn is_in(query: &Query) -> bool {
        Param::ALL.iter().any(|&param| Self::has(param) && query.value(param).is_some())
    }

    /// One part as text.
    #[must_use]
    pub fn value(&self, param: Param) -> Option<String> {
        match param {
            Param::SortOrder if self.sort_by.is_none() && !self.descending => None,
            _ => self.text(param),
        }
    }

    /// Reads one part anew from a rule's text, or takes it out, and notes that.
    ///
    /// # Errors
    /// As for a query.
    pub fn assign(&mut self, param: Param, text: Option<&str>) -> Result<(), ScimError> {
        let read = Self::gather(|one| (one == param).then(|| text.map(str::to_owned)).flatten())?;
        match param {
            Param::Filter => self.filter = read.filter,
            Param::SortBy => self.sort_by = read.sort_by,
            Param::SortOrder => self.descending = read.descending,
            Param::Attributes => self.attributes = read.attributes,
            Param::ExcludedAttributes => self.excluded = read.excluded,
            Param::StartIndex | Param::Count | Param::Cursor => return Ok(()),
        }
        if (param, text) == (Param::SortOrder, None) {
            self.unordered = true;
        }
        self.touch(param);
        Ok(())
    }

    /// Sees to it that answers show the attribute, whatever the client asks for. True if the query left it out.
    pub fn ask_for(&mut self, attr: &AttrPath) -> bool {
        let covers = |path: &AttrPath| matches!(relation(path, attr), Relation::Same | Relation::Above);
        let mut changed = false;
        if !self.attributes.is_empty() && !self.attributes.iter().any(covers) {
            self.attributes.push(attr.clone());
            self.touch(Param::Attributes);
            changed = true;
        }
        let before = self.excluded.len();
        self.excluded.retain(|path| !covers(path));
        if self.excluded.len() < before {
            self.touch(Param::ExcludedAttributes);
            changed = true;
        }
        changed
    }

    /// Takes the attribute off the lists of what is asked for and what isn't. True if it was there.
    pub fn forget(&mut self, attr: &AttrPath) -> bool {
        let lists = [(&mut self.attributes, Param::Attributes), (&mut self.excluded, Param::ExcludedAttributes)];
        let mut found = Vec::new();
        for (list, param) in lists {
            let before = list.len();
            list.retain(|path| relation(path, attr) != Relation::Same);
            found.extend((list.len() < before).then_some(param));
        }
        found.iter().for_each(|param| self.touch(*param));
        !found.is_empty()
    }

    /// Notes that a part was changed.
    pub fn touch(&mut self, param: Param) {
        if !self.changed.contains(&param) {
            self.changed.push(param);
        }
    }

    /// Writes what was changed into the query.
    pub fn write(&self, query: &mut Query) {
        for &param in &self.changed {
            query.set(param, self.text(param));
        }
    }

    /// Writes what was changed into a search request's body.
    pub fn write_search(&self, body: &mut Object<'_>) {
        for &param in &self.changed {
            let lists = matches!(param, Param::Attributes | Param::ExcludedAttributes);
            match self.text(param) {
                None => drop(body.remove(param.as_str())),
                Some(text) if lists => {
                    let words: Vec<_> = text.split(',').map(Value::string).collect();
                    body.set(param.as_str(), Value::Array(Array::from(words)));
                }
                Some(text) => body.set(param.as_str(), Value::string(&text)),
            }
        }
    }

    /// The selection as text, a parameter a line, for `explain`.
    #[must_use]
    pub fn show(&self) -> String {
        let params = [Param::Filter, Param::SortBy, Param::Attributes, Param::ExcludedAttributes];
        let lines = params.into_iter().filter_map(|param| Some(format!("{}={}\n", param.as_str(), self.text(param)?)));
        let nothing = self.matches_nothing.then(|| "filter: nothing can match it\n".to_owned());
        nothing.into_iter().chain(lines).collect()
    }

    fn text(&self, param: Param) -> Option<String> {
        match param {
            Param::Filter => self.filter.as_ref().map(|filter| filter.text().to_owned()),
            Param::SortBy => self.sort_by.as_ref().map(ToString::to_string),
            Param::SortOrder if self.unordered => None,
            Param::SortOrder => Some(if self.descending { "descending" } else { "ascending" }.to_owned()),
            Param::Attributes => list(&self.attributes),
            Param::ExcludedAttributes => list(&self.excluded),
            _ => None,
        }
    }
}

fn list(paths: &[AttrPath]) -> Option<String> {
    let words: Vec<String> = paths.iter().map(ToString::to_string).collect();
    (!words.is_empty()).then(|| words.join(","))
}

fn path(text: &str) -> Result<AttrPath, ScimError> {
    AttrPath::parse(text.trim()).map_err(|fault| {
        ScimError::bad_request(ScimType::InvalidValue, format!("`{text}` is not an attribute name: {fault}"))
    })
}

fn paths(text: Option<&str>) -> Result<Vec<AttrPath>, ScimError> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|one| !one.is_empty()).map(path).collect()
}
