//! The edges of a call, where one side speaks SCIM 1.1: what it sends is decoded, what it gets is encoded. Between the packs
//! stands SCIM 2.0, whoever calls.
//!
//! A client is decoded before its pack and answered encoded; a backend is encoded behind its pack and its answers are
//! decoded. Not here: what the versions say ([`version`]), and answers as they come ([`Recode`]).

use std::borrow::Cow;

use http::HeaderMap;
use http::header::ACCEPT;

use crate::bridge::Answer;
use crate::json::Value;
use crate::scim::version::{self, names};
use crate::scim::{
    AttrPath, Discovery, ErrorStatus, Id, Operation, OperationKind, Query, Resource, ScimError, Target, Version,
};

use super::answer::{Sent, untranslated};
use super::etag;
use super::recode::Recode;
use super::refusal::Refusal;

/// Where connections stand whose clients speak SCIM 1.1. A stranger is told no there in its words: the path alone decides, so
/// that nobody learns from it which connections there are.
const OLD_BASE: &str = "/scim/v1/";

/// The field that names another method than the one of the request.
const OVERRIDE: &str = "x-http-method-override";

/// Which version of SCIM each side speaks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spoken {
    /// The client.
    pub client: Version,
    /// The backend.
    pub backend: Version,
}

impl Spoken {
    /// Whether a message passes both edges as it is.
    #[must_use]
    pub fn is_new(self) -> bool {
        !self.client.is_old() && !self.backend.is_old()
    }
}

/// What is done at an edge, as `explain` and metrics name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// SCIM 1.1 is read as 2.0.
    Decode,
    /// SCIM 2.0 is written as 1.1.
    Encode,
}

impl Turn {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Decode, Self::Encode];

    /// Its id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Decode => "scim/decode",
            Self::Encode => "scim/encode",
        }
    }

    /// Why it is made, for the person at 3 a.m.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Decode => "it comes from who speaks SCIM 1.1, and is read as SCIM 2.0, which rules speak of",
            Self::Encode => "it goes to who speaks SCIM 1.1, and is written so",
        }
    }

    /// The version that it leads to.
    #[must_use]
    pub fn to(self) -> Version {
        match self {
            Self::Decode => Version::Two,
            Self::Encode => Version::OneOne,
        }
    }
}

/// The version in which a stranger is answered at this path.
#[must_use]
pub fn of_stranger(path: &str) -> Version {
    if path.starts_with(OLD_BASE) { Version::OneOne } else { Version::Two }
}

/// The method that a client means: one of SCIM 1.1 may send a POST and name another (SCIM 1.1 API, section 3.11).
///
/// # Errors
/// 400 for a name that is no method of a write, or two of them; 415 for a client that reads XML alone.
pub fn method<'m>(headers: &'m HeaderMap, method: &'m str, client: Version) -> Result<&'m str, ScimError> {
    if !client.is_old() {
        return Ok(method);
    }
    reads_json(headers)?;
    let mut named = headers.get_all(OVERRIDE).iter().map(http::HeaderValue::as_bytes);
    match (named.next(), named.next(), method) {
        (None, _, _) => Ok(method),
        (Some(b"PUT"), None, "POST") => Ok("PUT"),
        (Some(b"PATCH"), None, "POST") => Ok("PATCH"),
        (Some(b"DELETE"), None, "POST") => Ok("DELETE"),
        (Some(b"POST"), None, "POST") => Ok("POST"),
        _ => {
            let detail = "X-HTTP-Method-Override must be PUT, PATCH or DELETE, once, with a POST";
            Err(ScimError::new(ErrorStatus::BadRequest, detail))
        }
    }
}

/// SCIM 1.1 also has XML, which nobody here writes.
fn reads_json(headers: &HeaderMap) -> Result<(), ScimError> {
    let accepted: Vec<String> = headers
        .get_all(ACCEPT)
        .iter()
        .map(|one| String::from_utf8_lossy(one.as_bytes()).to_ascii_lowercase())
        .collect();
    let names = |word: &str| accepted.iter().any(|one| one.contains(word));
    if names("xml") && !names("json") && !names("*") { Err(no_xml()) } else { Ok(()) }
}

fn no_xml() -> ScimError {
    ScimError::new(ErrorStatus::UnsupportedMediaType, "XML is not spoken here; send and accept application/json")
}

/// The path that a client means. SCIM 1.1 has the format of a list behind its name, and another name for what the service
/// says of itself.
///
/// # Errors
/// 415 for XML.
pub fn path(below: &str, client: Version) -> Result<Cow<'_, str>, ScimError> {
    if !client.is_old() {
        return Ok(Cow::Borrowed(below));
    }
    let is_list = |path: &str| path.strip_prefix('/').is_some_and(|name| !name.contains('/'));
    let path = match below.rsplit_once('.') {
        Some((path, "json")) if is_list(path) => path,
        Some((path, "xml")) if is_list(path) => return Err(no_xml()),
        _ => below,
    };
    Ok(if path == "/ServiceProviderConfigs" { "/ServiceProviderConfig".into() } else { path.into() })
}

/// The target that a client means.
///
/// # Errors
/// 404 for an endpoint that SCIM 1.1 doesn't have.
pub fn target(target: Target, client: Version) -> Result<Target, ScimError> {
    if !client.is_old() {
        return Ok(target);
    }
    match target.operation {
        Operation::Discover(Discovery::ResourceTypes(_)) | Operation::Search | Operation::Me => {
            Err(ScimError::new(ErrorStatus::NotFound, "SCIM 1.1 has no such endpoint"))
        }
        Operation::Discover(Discovery::Schemas(Some(id))) => {
            // Some clients name the endpoint of what it describes.
            let of = [Resource::User, Resource::Group].into_iter().find(|of| of.endpoint() == id.as_str());
            let named = of.map(|of| names::core(&of)).or_else(|| names::schema(id.as_str(), Version::Two));
            let id = named.and_then(|named| Id::parse(&named)).unwrap_or(id);
            Ok(Target { operation: Operation::Discover(Discovery::Schemas(Some(id))), ..target })
        }
        _ => Ok(target),
    }
}

/// Brings the query of a call over resources of a type into another version.
///
/// # Errors
/// 400 for a filter that can't be read, or that SCIM 1.1 can't say.
pub fn query(query: &mut Query, target: &Target, to: Version) -> Result<(), ScimError> {
    match &target.resource {
        Some(of) => version::query::translate(query, of, to),
        None => Ok(()),
    }
}

/// Brings the body of a request into another version.
///
/// # Errors
/// 400 for what is no such message, and for what the other version can't say.
pub fn body(target: &Target, body: &mut Value<'_>, to: Version) -> Result<(), ScimError> {
    let (Some(of), Value::Object(object)) = (&target.resource, &mut *body) else { return Ok(()) };
    match (target.operation.kind(), to) {
        (OperationKind::Create | OperationKind::Replace, Version::Two) => version::resource::decode(object, of),
        (OperationKind::Create | OperationKind::Replace, Version::OneOne) => version::resource::encode(object, of),
        (OperationKind::Patch, to) => {
            let message = std::mem::take(object);
            *object = match to {
                Version::Two => version::patch::decode(message, of)?,
                Version::OneOne => version::patch::encode(&message, of)?,
            };
            Ok(())
        }
        _ => Ok(()),
    }
}

/// How a backend that speaks SCIM 1.1 is asked.
#[derive(Debug)]
pub struct Asked {
    /// What is asked of it.
    pub target: Target,
    /// What its answer leaves out.
    pub excluded: Vec<AttrPath>,
}

/// What is asked of a backend that speaks SCIM 1.1. It has no search but a list, and tells all of its schemas, from which
/// resource types are told, too.
pub fn asked(target: &Target, query: &mut Query, body: &mut Option<Value<'_>>) -> Asked {
    let mut asked = Asked { target: target.clone(), excluded: Vec::new() };
    match &target.operation {
        Operation::Search if target.resource.is_some() => {
            if let Some(Value::Object(search)) = body.take() {
                *query = Query::of_search(&search);
            }
            asked.target.operation = Operation::List;
        }
        Operation::Discover(Discovery::Schemas(_) | Discovery::ResourceTypes(_)) => {
            asked.target.operation = Operation::Discover(Discovery::Schemas(None));
        }
        _ => {}
    }
    asked.excluded = version::exclude::take(query);
    asked
}

/// The path of a target at a backend that speaks SCIM 1.1, where no rule spells it otherwise.
#[must_use]
pub fn path_of(target: &Target) -> String {
    match &target.operation {
        Operation::Discover(Discovery::ServiceProviderConfig) => "/ServiceProviderConfigs".to_owned(),
        _ => target.path(),
    }
}

/// An answer as a client that speaks SCIM 1.1 reads it.
///
/// # Errors
/// 502 for what can't be translated.
pub fn answered(answer: Answer<Sent>, target: &Target) -> Result<Answer<Sent>, Refusal> {
    let Answer { status, etag, location, retry_after, body } = answer;
    let kind = target.operation.kind();
    // A deletion is answered 200 there (SCIM 1.1 API, section 3.6).
    let told = if (status, kind) == (204, OperationKind::Delete) { 200 } else { status };
    let recode = || Recode::new(Turn::Encode.to(), target, Vec::new());
    let body = match body {
        Sent::Whole(error) if status >= 400 => Sent::Whole(version::error::encode(status, &error).into()),
        Sent::Whole(bytes) => {
            let (mut recode, mut out) = (recode(), Vec::with_capacity(bytes.len()));
            recode.feed(&bytes, &mut out).map_err(untranslated)?;
            recode.finish(&mut out).map_err(untranslated)?;
            Sent::Whole(out.into())
        }
        Sent::Long(held, rest, mut translator) => {
            let (mut recode, mut out) = (recode(), Vec::with_capacity(held.len()));
            recode.feed(&held, &mut out).map_err(untranslated)?;
            translator.then(recode);
            Sent::Long(out.into(), rest, translator)
        }
        Sent::Nothing => Sent::Nothing,
    };
    Ok(Answer { status: told, etag: etag.as_deref().map(etag::weaken), location, retry_after, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        fields.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn v_55_only_a_client_of_scim_1_1_names_another_method() {
        let old = |sent: &'static str, named: &'static str| {
            method(&headers(&[(OVERRIDE, named)]), sent, Version::OneOne).map(str::to_owned)
        };
        assert_eq!(old("POST", "PATCH").unwrap(), "PATCH");
        assert_eq!(old("POST", "DELETE").unwrap(), "DELETE");
        for (sent, named) in [("GET", "DELETE"), ("PUT", "PATCH"), ("POST", "GET"), ("POST", "delete"), ("POST", "")] {
            assert_eq!(old(sent, named).unwrap_err().status, ErrorStatus::BadRequest, "{sent} {named}");
        }
        let twice = headers(&[(OVERRIDE, "PUT"), (OVERRIDE, "DELETE")]);
        assert!(method(&twice, "POST", Version::OneOne).is_err());
        let fields = headers(&[(OVERRIDE, "DELETE")]);
        assert_eq!(method(&fields, "POST", Version::Two).unwrap(), "POST");
    }

    #[test]
    fn v_19_xml_is_refused() {
        let status = |accept| {
            let fields = headers(&[("accept", accept)]);
            method(&fields, "GET", Version::OneOne).map(str::to_owned).map_err(|no| no.status)
        };
        assert_eq!(status("application/xml"), Err(ErrorStatus::UnsupportedMediaType));
        for fine in ["application/json", "application/xml, application/json;q=0.5", "text/xml, */*", "text/html"] {
            assert_eq!(status(fine).as_deref(), Ok("GET"), "{fine}");
        }
        assert_eq!(path("/Users.xml", Version::OneOne).map_err(|no| no.status), Err(ErrorStatus::UnsupportedMediaType));
        assert_eq!(path("/Users.json", Version::OneOne).unwrap(), "/Users");
        assert_eq!(path("/Users/a.json", Version::OneOne).unwrap(), "/Users/a.json");
        assert_eq!(path("/Users.xml", Version::Two).unwrap(), "/Users.xml");
    }

    #[test]
    fn v_20_v_23_v_47_v_48_endpoints_have_their_own_names() {
        assert_eq!(path("/ServiceProviderConfigs", Version::OneOne).unwrap(), "/ServiceProviderConfig");
        assert_eq!(path("/ServiceProviderConfigs", Version::Two).unwrap(), "/ServiceProviderConfigs");
        let meant = |method: &str, path: &str| target(Target::parse(method, path, &[]).unwrap(), Version::OneOne);
        for (old, new) in [
            ("/Schemas/urn:scim:schemas:core:1.0:User", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"),
            ("/Schemas/Users", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"),
            ("/Schemas/urn:acme:badge:1.0", "/Schemas/urn:acme:badge:1.0"),
        ] {
            assert_eq!(meant("GET", old).unwrap().path(), new);
        }
        for (method, path) in [("GET", "/ResourceTypes"), ("POST", "/Users/.search"), ("GET", "/Me")] {
            assert_eq!(meant(method, path).unwrap_err().status, ErrorStatus::NotFound, "{path}");
        }
        let config = Target::parse("GET", "/ServiceProviderConfig", &[]).unwrap();
        assert_eq!(path_of(&config), "/ServiceProviderConfigs");
    }

    #[test]
    fn v_47_a_search_is_asked_as_a_list() {
        let search = Target::parse("POST", "/Users/.search", &[]).unwrap();
        let text =
            br#"{"filter":"userName eq \"a\"","attributes":["id","userName"],"excludedAttributes":["name"],"count":5}"#;
        let (mut query, mut body) = (Query::default(), Some(crate::json::parse(text).unwrap()));
        let asked = asked(&search, &mut query, &mut body);
        assert_eq!(asked.target.path(), "/Users");
        assert!(body.is_none());
        assert_eq!(query.to_string(), "filter=userName%20eq%20%22a%22&count=5&attributes=id,userName");
        assert_eq!(asked.excluded, [AttrPath::parse("name").unwrap()]);
    }

    #[test]
    fn a_stranger_learns_nothing_from_the_form_of_a_no() {
        assert_eq!(of_stranger("/scim/v1/connections/there"), of_stranger("/scim/v1/connections/not"));
        assert_eq!(of_stranger("/scim/v2/connections/there"), Version::Two);
    }
}
