//! The tables: RFC 7643 sections 3.1, 4.1 to 4.3 and 8.7.1, in the order in which the RFC has them.

use super::{Attribute, Kind, Mutability};

/// Of every resource (section 3.1).
pub(super) static COMMON: &[Attribute] = &[
    reference("schemas").many(),
    string("id").exact().read_only(),
    string("externalId").exact(),
    complex(
        "meta",
        &[
            string("resourceType").exact().read_only(),
            date_time("created").read_only(),
            date_time("lastModified").read_only(),
            reference("location").read_only(),
            string("version").exact().read_only(),
        ],
    )
    .read_only(),
];

/// Of a user (section 4.1).
pub(super) static USER: &[Attribute] = &[
    string("userName").required(),
    complex(
        "name",
        &[
            string("formatted"),
            string("familyName"),
            string("givenName"),
            string("middleName"),
            string("honorificPrefix"),
            string("honorificSuffix"),
        ],
    ),
    string("displayName"),
    string("nickName"),
    reference("profileUrl"),
    string("title"),
    string("userType"),
    string("preferredLanguage"),
    string("locale"),
    string("timezone"),
    boolean("active"),
    string("password").write_only(),
    complex("emails", TEXTS).many(),
    complex("phoneNumbers", TEXTS).many(),
    complex("ims", TEXTS).many(),
    complex("photos", &[reference("value"), string("display"), string("type"), boolean("primary")]).many(),
    complex(
        "addresses",
        &[
            string("formatted"),
            string("streetAddress"),
            string("locality"),
            string("region"),
            string("postalCode"),
            string("country"),
            string("type"),
            boolean("primary"),
        ],
    )
    .many(),
    complex(
        "groups",
        &[
            string("value").read_only(),
            reference("$ref").read_only(),
            string("display").read_only(),
            string("type").read_only(),
        ],
    )
    .many()
    .read_only(),
    complex("entitlements", TEXTS).many(),
    complex("roles", TEXTS).many(),
    complex("x509Certificates", &[binary("value"), string("display"), string("type"), boolean("primary")]).many(),
];

/// Of a group (section 4.2).
pub(super) static GROUP: &[Attribute] = &[
    string("displayName").required(),
    complex(
        "members",
        &[string("value").immutable(), reference("$ref").immutable(), string("type").immutable(), string("display")],
    )
    .many(),
];

/// Of the enterprise extension of a user (section 4.3).
pub(super) static ENTERPRISE: &[Attribute] = &[
    string("employeeNumber"),
    string("costCenter"),
    string("organization"),
    string("division"),
    string("department"),
    complex("manager", &[string("value"), reference("$ref"), string("displayName").read_only()]),
];

/// The usual sub-attributes of an attribute with several values (section 2.4).
static TEXTS: &[Attribute] = &[string("value"), string("display"), string("type"), boolean("primary")];

const fn string(name: &'static str) -> Attribute {
    attribute(name, Kind::String)
}

const fn boolean(name: &'static str) -> Attribute {
    attribute(name, Kind::Boolean)
}

const fn date_time(name: &'static str) -> Attribute {
    attribute(name, Kind::DateTime)
}

const fn binary(name: &'static str) -> Attribute {
    attribute(name, Kind::Binary).exact()
}

const fn reference(name: &'static str) -> Attribute {
    attribute(name, Kind::Reference).exact()
}

const fn complex(name: &'static str, parts: &'static [Attribute]) -> Attribute {
    Attribute { parts, ..attribute(name, Kind::Complex) }
}

const fn attribute(name: &'static str, kind: Kind) -> Attribute {
    let mutability = Mutability::ReadWrite;
    Attribute { name, kind, is_multi_valued: false, is_case_exact: false, mutability, is_required: false, parts: &[] }
}

impl Attribute {
    const fn many(self) -> Self {
        Self { is_multi_valued: true, ..self }
    }

    const fn exact(self) -> Self {
        Self { is_case_exact: true, ..self }
    }

    const fn read_only(self) -> Self {
        Self { mutability: Mutability::ReadOnly, ..self }
    }

    const fn write_only(self) -> Self {
        Self { mutability: Mutability::WriteOnly, ..self }
    }

    const fn immutable(self) -> Self {
        Self { mutability: Mutability::Immutable, ..self }
    }

    const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }
}
