//! What RFC 7643 says of the attributes of User, Group and the enterprise extension.
//!
//! Knowledge for rules and repairs, not a validator: an attribute that stands in no table is simply not known.

pub mod definition;
mod tables;

use super::attr::{AttrName, AttrPath};
use super::resource::Resource;
use super::urn::{self, Urn};

use tables::{COMMON, ENTERPRISE, GROUP, USER};

/// The type of an attribute's values (RFC 7643 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A moment, as in XML Schema.
    DateTime,
    /// Base64.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

/// Who may change an attribute (RFC 7643 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// The client.
    ReadWrite,
    /// The service provider alone.
    ReadOnly,
    /// The client, once.
    Immutable,
    /// The client, who never sees it.
    WriteOnly,
}

/// An attribute or sub-attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name, as the RFC spells it.
    pub name: &'static str,
    /// The type of its values.
    pub kind: Kind,
    /// Whether it has several values.
    pub is_multi_valued: bool,
    /// Whether its texts are compared with their case. References and binaries are (RFC 7643 sections 2.3.6, 2.3.7).
    pub is_case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// Whether no resource of its type can be without it, of what clients write: `userName`, and `displayName` of a group
    /// (RFC 7643 sections 4.1.1 and 4.2).
    pub is_required: bool,
    /// Its sub-attributes.
    pub parts: &'static [Attribute],
}

/// What the RFC says of an attribute; `resource` chooses between User and Group, and nothing there means either.
#[must_use]
pub fn find(resource: Option<&Resource>, path: &AttrPath) -> Option<&'static Attribute> {
    let name = path.name.as_ref()?;
    let attribute = match path.extension() {
        Some(urn) => among(own_table(urn)?, name)?,
        None => {
            among(COMMON, name).or_else(|| core(resource, path.urn.as_ref()).find_map(|table| among(table, name)))?
        }
    };
    match &path.sub {
        None => Some(attribute),
        Some(sub) => among(attribute.parts, sub),
    }
}

/// Whether it is an attribute or sub-attribute of User, of Group, of every resource or of the enterprise extension.
#[must_use]
pub fn is_known(path: &AttrPath) -> bool {
    find(None, path).is_some()
}

/// Whether it is known to have several values.
#[must_use]
pub fn is_multi_valued(path: &AttrPath) -> bool {
    find(None, path).is_some_and(|attribute| attribute.is_multi_valued)
}

/// Whether it is known to be `true` or `false`: `active` of a user, and every `primary`.
#[must_use]
pub fn is_boolean(resource: &Resource, path: &AttrPath) -> bool {
    find(Some(resource), path).is_some_and(|attribute| attribute.kind == Kind::Boolean)
}

/// Whether its texts are known to be compared with their case, as `id` and `externalId` are.
#[must_use]
pub fn is_case_exact(path: &AttrPath) -> bool {
    find(None, path).is_some_and(|attribute| attribute.is_case_exact)
}

/// The sub-attributes of a complex attribute, or the attributes of a whole schema; nothing for what is not known, or has
/// no parts.
#[must_use]
pub fn parts(resource: Option<&Resource>, path: &AttrPath) -> Option<Vec<AttrPath>> {
    if path.name.is_none() {
        let table = own_table(path.urn.as_ref()?)?;
        let attribute = |one: &Attribute| AttrPath { name: AttrName::parse(one.name).ok(), ..path.clone() };
        return Some(table.iter().map(attribute).collect());
    }
    let whole = find(resource, path).filter(|attribute| attribute.kind == Kind::Complex && path.sub.is_none())?;
    let part = |one: &Attribute| AttrPath { sub: AttrName::parse(one.name).ok(), ..path.clone() };
    Some(whole.parts.iter().map(part).collect())
}

/// The tables of the core schemas that resource and URN leave.
fn core(resource: Option<&Resource>, urn: Option<&Urn>) -> impl Iterator<Item = &'static [Attribute]> {
    let known = [(Resource::User, urn::USER, USER), (Resource::Group, urn::GROUP, GROUP)];
    let fits = move |kind: &Resource, name: &str| {
        resource.is_none_or(|one| one == kind) && urn.is_none_or(|urn| urn.as_str().eq_ignore_ascii_case(name))
    };
    known.into_iter().filter(move |(kind, name, _)| fits(kind, name)).map(|(_, _, table)| table)
}

/// The attributes of one schema.
fn own_table(urn: &Urn) -> Option<&'static [Attribute]> {
    let schemas = [(urn::USER, USER), (urn::GROUP, GROUP), (urn::ENTERPRISE, ENTERPRISE)];
    schemas.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(urn.as_str())).map(|(_, table)| table)
}

fn among(table: &'static [Attribute], name: &AttrName) -> Option<&'static Attribute> {
    table.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTERPRISE_URN: &str = urn::ENTERPRISE;

    fn path(text: &str) -> AttrPath {
        AttrPath::parse(text).unwrap()
    }

    fn text(parts: Option<Vec<AttrPath>>) -> Option<Vec<String>> {
        parts.map(|parts| parts.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_name_in_the_tables_is_a_name_and_stands_there_once() {
        fn check(table: &[Attribute]) {
            for (index, attribute) in table.iter().enumerate() {
                assert_eq!(AttrName::parse(attribute.name).unwrap().as_str(), attribute.name);
                let same = |other: &Attribute| other.name.eq_ignore_ascii_case(attribute.name);
                assert_eq!(table.iter().position(same), Some(index), "{}", attribute.name);
                assert_eq!(attribute.kind == Kind::Complex, !attribute.parts.is_empty(), "{}", attribute.name);
                check(attribute.parts);
            }
        }
        for table in [COMMON, USER, GROUP, ENTERPRISE] {
            check(table);
        }
    }

    /// The schemas as the RFC prints them in section 8.7.1, from a crate that embeds them.
    #[test]
    fn the_tables_say_what_the_schemas_of_the_rfc_say() {
        let schemas = scim_v2::models::scim_schema::get_schemas(vec!["user", "group", "enterprise_user"]).unwrap();
        assert_eq!(schemas.len(), 3);
        for schema in schemas {
            let printed = serde_json::to_value(&schema).unwrap();
            let urn = printed["id"].as_str().unwrap();
            for attribute in printed["attributes"].as_array().unwrap() {
                let name = attribute["name"].as_str().unwrap();
                same(&format!("{urn}:{name}"), attribute);
                for sub in attribute["subAttributes"].as_array().into_iter().flatten() {
                    same(&format!("{urn}:{name}.{}", sub["name"].as_str().unwrap()), sub);
                }
            }
        }
    }

    fn same(text: &str, printed: &serde_json::Value) {
        let known = find(None, &path(text)).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(
            format!("{:?}", known.kind).to_lowercase(),
            printed["type"].as_str().unwrap().to_lowercase(),
            "{text}"
        );
        assert_eq!(known.is_multi_valued, printed["multiValued"] == true, "{text}");
        let mutability = printed["mutability"].as_str().unwrap();
        assert_eq!(format!("{:?}", known.mutability).to_lowercase(), mutability.to_lowercase(), "{text}");
    }

    #[test]
    fn the_rfc_knows_these() {
        let known = [
            "userName",
            "USERNAME",
            "name.givenName",
            "emails.value",
            "addresses.postalCode",
            "members.$ref",
            "id",
            "externalId",
            "schemas",
            "meta.lastModified",
            "password",
            "groups.$ref",
            "x509Certificates.value",
            "urn:ietf:params:scim:schemas:core:2.0:User:userName",
        ];
        for known in known {
            assert!(is_known(&path(known)), "{known}");
        }
        assert!(is_known(&path(&format!("{ENTERPRISE_URN}:manager.displayName"))));
        assert!(is_known(&path(&format!("{}:department", ENTERPRISE_URN.to_ascii_uppercase()))));
    }

    #[test]
    fn the_rfc_knows_nothing_of_these() {
        let unknown = [
            "login",
            "name.first",
            "userName.value",
            "department",
            "urn:acme:scim:2.0:Badge:userName",
            "urn:ietf:params:scim:schemas:core:2.0:User:members",
            "urn:ietf:params:scim:schemas:core:2.0:Group:userName",
            ENTERPRISE_URN,
        ];
        for unknown in unknown {
            assert!(!is_known(&path(unknown)), "{unknown}");
        }
        assert!(!is_known(&path(&format!("{ENTERPRISE_URN}:userName"))));
    }

    #[test]
    fn booleans_belong_to_their_resource() {
        let role = Resource::named("Role").unwrap();
        assert!(is_boolean(&Resource::User, &path("active")));
        assert!(is_boolean(&Resource::User, &path("urn:ietf:params:scim:schemas:core:2.0:User:ACTIVE")));
        assert!(is_boolean(&Resource::User, &path("phoneNumbers.primary")));
        assert!(!is_boolean(&Resource::Group, &path("active")));
        assert!(!is_boolean(&role, &path("active")));
        assert!(!is_boolean(&Resource::User, &path("userName")));
    }

    #[test]
    fn case_counts_where_the_rfc_says_so() {
        for exact in ["id", "externalId", "meta.version", "meta.location", "members.$ref", "photos.value"] {
            assert!(is_case_exact(&path(exact)), "{exact}");
        }
        for other in ["userName", "emails.value", "displayName", "active", "login"] {
            assert!(!is_case_exact(&path(other)), "{other}");
        }
    }

    #[test]
    fn several_values_have_these() {
        for many in ["emails", "members", "schemas", "roles", "addresses"] {
            assert!(is_multi_valued(&path(many)), "{many}");
        }
        for one in ["name", "userName", "emails.value", "meta"] {
            assert!(!is_multi_valued(&path(one)), "{one}");
        }
    }

    #[test]
    fn what_the_service_provider_alone_writes_is_read_only() {
        for read_only in ["id", "meta", "meta.created", "groups", "groups.value"] {
            assert_eq!(find(None, &path(read_only)).unwrap().mutability, Mutability::ReadOnly, "{read_only}");
        }
        assert_eq!(find(None, &path("password")).unwrap().mutability, Mutability::WriteOnly);
        assert_eq!(find(None, &path("members.value")).unwrap().mutability, Mutability::Immutable);
        assert_eq!(find(None, &path("externalId")).unwrap().mutability, Mutability::ReadWrite);
    }

    #[test]
    fn a_complex_attribute_has_its_parts() {
        let name = ["formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"];
        let name = name.map(|part| format!("name.{part}")).to_vec();
        assert_eq!(text(parts(Some(&Resource::User), &path("name"))), Some(name));
        assert_eq!(parts(Some(&Resource::Group), &path("name")), None);
        assert_eq!(parts(None, &path("userName")), None);
        assert_eq!(parts(None, &path("name.givenName")), None);
        assert_eq!(parts(None, &path("unheard.of")), None);
    }

    #[test]
    fn a_whole_extension_has_its_attributes() {
        let names = ["employeeNumber", "costCenter", "organization", "division", "department", "manager"];
        let names = names.map(|name| format!("{ENTERPRISE_URN}:{name}")).to_vec();
        assert_eq!(text(parts(Some(&Resource::User), &path(ENTERPRISE_URN))), Some(names));
        assert_eq!(parts(None, &path("urn:acme:scim:2.0:Badge")), None);
    }
}
