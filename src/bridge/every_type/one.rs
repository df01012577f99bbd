//! What of a search over every type concerns one of them.

use crate::json::{Object, Value};
use crate::scim::filter::{self, Expr, ExprKind};
use crate::scim::{AttrPath, Filter, Param, Resource, ScimError, ScimType, schema};

use super::super::{Ask, Content};

/// A search of every type as one of this type; nothing if none of it can be found. An attribute that the type doesn't have has
/// no value (RFC 7644 section 3.4.2.1), and `meta.resourceType` is known.
///
/// # Errors
/// 400 `invalidFilter` for a filter that can't be read.
pub fn of_type<'v>(ask: Ask<'v>, resource: &Resource) -> Result<Option<Ask<'v>>, ScimError> {
    let written = ask.body.value().and_then(Value::as_object).and_then(|search| search.get(Param::Filter.as_str()));
    let Some(text) = written.and_then(Value::as_str).map(|text| text.into_owned()) else { return Ok(Some(ask)) };
    let filter =
        Filter::parse(&text).map_err(|fault| ScimError::bad_request(ScimType::InvalidFilter, fault.to_string()))?;
    let left = match left(&filter, filter.root(), resource) {
        Left::False => return Ok(None),
        Left::Text { whole: true, .. } => return Ok(Some(ask)),
        Left::True => None,
        Left::Text { text, .. } => Some(text),
    };
    let (_, mut body) = ask.body.parts();
    if let Some(search) = body.as_mut().and_then(Value::as_object_mut) {
        match left {
            Some(text) => search.set(Param::Filter.as_str(), Value::string(&text)),
            None => drop(search.remove(Param::Filter.as_str())),
        }
    }
    Ok(Some(Ask { body: body.map_or(Content::None, Content::Changed), ..ask }))
}

/// What is left of a part of a filter.
enum Left {
    True,
    False,
    /// This has to be asked.
    Text {
        text: String,
        /// It is as it was written.
        whole: bool,
        /// It has several terms, so that it needs brackets beside others.
        is_joined: bool,
    },
}

fn left(filter: &Filter, expr: &Expr, resource: &Resource) -> Left {
    let written = |is_joined| {
        let text = filter.text().get(expr.span.clone()).unwrap_or_default().to_owned();
        Left::Text { text, whole: true, is_joined }
    };
    match &expr.kind {
        ExprKind::And(terms) => joined(filter, terms, resource, true).unwrap_or_else(|| written(true)),
        ExprKind::Or(terms) => joined(filter, terms, resource, false).unwrap_or_else(|| written(true)),
        ExprKind::Not(inner) => match left(filter, inner, resource) {
            Left::True => Left::False,
            Left::False => Left::True,
            Left::Text { whole: true, .. } => written(false),
            Left::Text { text, .. } => Left::Text { text: format!("not ({text})"), whole: false, is_joined: false },
        },
        ExprKind::Present(path) | ExprKind::Compare { path, .. } | ExprKind::Element { path, .. } => {
            match known(&path.path, resource) {
                Some(object) if filter::matches(expr, &object) => Left::True,
                Some(_) => Left::False,
                None => written(false),
            }
        }
    }
}

/// What is left of terms, of which all or one have to be true; nothing if all of them are.
fn joined(filter: &Filter, terms: &[Expr], resource: &Resource, all: bool) -> Option<Left> {
    let (mut texts, mut changed) = (Vec::new(), false);
    for term in terms {
        match (left(filter, term, resource), all) {
            (Left::False, true) => return Some(Left::False),
            (Left::True, false) => return Some(Left::True),
            (Left::True, true) | (Left::False, false) => changed = true,
            (Left::Text { text, whole, is_joined }, _) => {
                changed |= !whole;
                texts.push((text, is_joined));
            }
        }
    }
    if !changed {
        return None;
    }
    let is_joined = texts.len() > 1;
    let bracketed = |(text, joined): (String, bool)| if joined && is_joined { format!("({text})") } else { text };
    let texts: Vec<String> = texts.into_iter().map(bracketed).collect();
    Some(match (texts.is_empty(), all) {
        (true, true) => Left::True,
        (true, false) => Left::False,
        (false, _) => Left::Text { text: texts.join(if all { " and " } else { " or " }), whole: false, is_joined },
    })
}

/// A resource of this type, as far as an attribute of it is known for all of them: its type, or that it isn't there.
fn known(path: &AttrPath, resource: &Resource) -> Option<Object<'static>> {
    if AttrPath::parse("meta.resourceType").is_ok_and(|of_type| of_type == *path) {
        let mut meta = Object::new();
        meta.set("resourceType", Value::string(resource.name()));
        let mut object = Object::new();
        object.set("meta", Value::Object(meta));
        return Some(object);
    }
    let other = match resource {
        Resource::User => Resource::Group,
        Resource::Group => Resource::User,
        Resource::Other(_) => return None,
    };
    let is_others = schema::find(Some(resource), path).is_none() && schema::find(Some(&other), path).is_some();
    is_others.then(Object::new)
}

#[cfg(test)]
mod tests {
    use crate::json;
    use crate::scim::{Operation, Query, Target};

    use super::super::super::Conditions;
    use super::*;

    fn asked(search: &str, resource: &Resource) -> Result<Option<String>, ScimError> {
        let body = Content::Changed(json::parse(search.as_bytes()).unwrap());
        let target = Target { resource: Some(resource.clone()), operation: Operation::Search };
        let ask = Ask { target, query: Query::default(), body, conditions: Conditions::default(), before: None };
        let left = of_type(ask, resource)?;
        Ok(left.map(|ask| match ask.body.value().and_then(Value::as_object).and_then(|search| search.get("filter")) {
            Some(filter) => filter.as_str().unwrap().into_owned(),
            None => "everything".to_owned(),
        }))
    }

    #[test]
    fn what_a_type_does_not_have_has_no_value() {
        let rows = [
            (r#"userName eq \"a\""#, Some(r#"userName eq "a""#), None),
            (r#"userName ne \"a\""#, Some(r#"userName ne "a""#), Some("everything")),
            (r#"members.value eq \"7\""#, None, Some(r#"members.value eq "7""#)),
            (r#"not (members pr)"#, Some("everything"), Some("not (members pr)")),
            (r#"userName pr and displayName pr"#, Some("userName pr and displayName pr"), None),
            (r#"userName pr or displayName pr"#, Some("userName pr or displayName pr"), Some("displayName pr")),
            (
                r#"(active eq true or members pr) and (id pr or title pr)"#,
                Some("active eq true and (id pr or title pr)"),
                Some("members pr and id pr"),
            ),
            (r#"emails[type eq \"work\"] and id pr"#, Some(r#"emails[type eq "work"] and id pr"#), None),
            (r#"meta.resourceType eq \"User\""#, Some("everything"), None),
            (r#"meta.resourceType eq \"Group\" and x eq 1"#, None, Some("x eq 1")),
            (r#"badge eq \"7\""#, Some(r#"badge eq "7""#), Some(r#"badge eq "7""#)),
        ];
        for (filter, user, group) in rows {
            let search = format!("{{\"filter\":\"{filter}\"}}");
            let of = |resource| asked(&search, &resource).unwrap();
            assert_eq!(of(Resource::User).as_deref(), user, "{filter}");
            assert_eq!(of(Resource::Group).as_deref(), group, "{filter}");
        }
        assert_eq!(asked("{}", &Resource::User).unwrap().as_deref(), Some("everything"));
        assert!(asked(r#"{"filter":"userName eq"}"#, &Resource::User).is_err());
    }
}
