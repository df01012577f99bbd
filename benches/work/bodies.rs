//! The bodies: a user of about 1.3 KB with every kind of thing in it that costs a reader something.

/// Whose names a body bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SCIM as written.
    Standard,
    /// That of [`packs::renaming`](super::packs::renaming)'s backend.
    Renamed,
}

impl Dialect {
    fn user_name(self) -> &'static str {
        if self == Self::Standard { "userName" } else { "login" }
    }

    fn department(self) -> &'static str {
        if self == Self::Standard { "department" } else { "dept" }
    }
}

/// One user as a backend of this dialect shows it. `more` is written behind its last member.
pub fn user_and(dialect: Dialect, number: usize, more: &str) -> String {
    let (user_name, department) = (dialect.user_name(), dialect.department());
    let id = format!("5f3a9c10-64be-4d02-8c77-{number:012x}");
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"{id}","externalId":"00u{number:017}","{user_name}":"person{number:06}@example.com","name":{{"formatted":"Dr. Zoë \"Zo\" Ångström {number}","familyName":"Ångström","givenName":"Zoë","middleName":"Marie"}},"displayName":"Zoë Ångström","locale":"sv-SE","timezone":"Europe/Stockholm","active":true,"emails":[{{"value":"person{number:06}@example.com","type":"work","primary":true}},{{"value":"zoe{number}@home.example.org","type":"home"}}],"phoneNumbers":[{{"value":"+46-8-{number:07}","type":"work"}},{{"value":"+46-70-{number:07}","type":"mobile"}}],"addresses":[{{"type":"work","streetAddress":"Storgatan 100","locality":"Uppsala","region":"C","postalCode":"753 31","country":"SE","primary":true}}],"groups":[],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{{"employeeNumber":"{employee}","costCenter":"4130","{department}":"Observatory","manager":{{"value":"7c1d0e52-1a7e-4a5b-9be4-0d6a5f3c2b11","displayName":"Eva von Bahr"}}}},"meta":{{"resourceType":"User","created":"2026-01-23T04:56:22Z","lastModified":"2026-05-13T04:42:34Z","version":"W/\"a330bc54f0671c9{number}\"","location":"http://backend.example/scim/v2/Users/{id}"}}{more}}}"#,
        employee = 700_000 + number,
    )
}

/// One user as a backend of this dialect shows it.
pub fn user(dialect: Dialect, number: usize) -> String {
    user_and(dialect, number, "")
}

/// What a client sends on PUT: names as in the standard, and types that are empty.
pub fn put() -> String {
    user(Dialect::Standard, 1).replace(r#""type":"home""#, r#""type":"""#).replace(r#""type":"mobile""#, r#""type":"""#)
}

/// A list of so many users.
pub fn list(dialect: Dialect, users: usize) -> String {
    let resources = (0..users).map(|number| user(dialect, number)).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":{users},"startIndex":1,"itemsPerPage":{users},"Resources":[{resources}]}}"#
    )
}

/// The attributes `here0`, `here1` and so on, to be written behind the last member of a user.
pub fn more(number: usize) -> String {
    (0..number).map(|n| format!(r#","here{n}":"value {n}""#)).collect()
}
