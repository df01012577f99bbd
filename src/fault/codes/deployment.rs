//! R03..: what can be wrong with `gateway.yaml`.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "R0301",
        title: "a secret stands in the file",
        page: "Configuration is kept in version control, shown in tickets and read by many. Secrets are named there, by\n\
               a variable of the environment or a file, and never written. One that was written is known: change it.",
        bad: "credential: { bearer: s3cret }",
        good: "credential: { bearer: { env: SCIMGATE_BACKEND_TOKEN } }",
    },
    Code {
        code: "R0302",
        title: "a secret that is empty",
        page: "The variable is not set, or the file holds nothing. The backend would refuse every call, or take it for\n\
               one of nobody.",
        bad: "credential: { bearer: { file: /dev/null } }",
        good: "credential: { bearer: { file: /run/secrets/backend } }",
    },
    Code {
        code: "R0303",
        title: "not a base URL, or not a base path",
        page: "Paths are put behind it, so it is scheme, host and path, and no more: no query, no fragment, no user,\n\
               no empty parts.",
        bad: "url: https://hr.example.com/scim/v2?tenant=7",
        good: "url: https://hr.example.com/scim/v2",
    },
    Code {
        code: "R0304",
        title: "a credential that can't be sent",
        page: "It is to stand in a header field: one line of visible ASCII, in a field that does not belong to HTTP\n\
               itself. A user name of basic authentication has no colon (RFC 7617).",
        bad: "credential: { header: { name: Host, value: { env: KEY } } }",
        good: "credential: { header: { name: X-Api-Key, value: { env: KEY } } }",
    },
    Code {
        code: "R0305",
        title: "two connections on one path",
        page: "The path of one connection is that of another, or lies below it. A call there would have two readings,\n\
               and a token of one client could reach the backend of another.",
        bad: "connections:\n  a: { client: okta, backend: hr, path: /scim }\n  b: { client: okta, backend: hr, path: /scim/v2 }",
        good: "connections:\n  a: { client: okta, backend: hr, path: /scim/a }\n  b: { client: okta, backend: hr, path: /scim/b }",
    },
    Code {
        code: "R0306",
        title: "tokens in clear text",
        page: "The gateway would take bearer tokens from other machines without TLS: whoever hears one can use it. Only\n\
               behind a proxy that does TLS may it be so, and then it is said.",
        bad: "listen: { address: 0.0.0.0:8443 }",
        good: "listen: { address: 0.0.0.0:8443, tls: { certificate: server.pem, key: server.key } }",
    },
    Code {
        code: "R0307",
        title: "a pack that is not what its file says",
        page: "A pack bears the name of its file, and stands in the folder of its side: `clients`, `connections` or\n\
               `backends`. Rules are named after their packs in logs and metrics, and must be found again from there.",
        bad: "# clients/okta.yaml\npack: okta-prod",
        good: "# clients/okta.yaml\npack: okta",
    },
    Code {
        code: "R0308",
        title: "authorities or a certificate for a server without TLS",
        page: "`ca` says who vouches for a backend, `client-certificate` as whom it knows the gateway. With an `http` URL nobody is\n\
               asked: that looks safer than it is.",
        bad: "hr: { url: \"http://hr.internal\", ca: ca.pem }",
        good: "hr: { url: \"https://hr.internal\", ca: ca.pem }",
    },
    Code {
        code: "R0309",
        title: "the backend's credential in clear text",
        page: "The credential goes to another machine without TLS. Inside a network that is trusted this can be meant,\n\
               so it is a warning.",
        bad: "hr: { url: \"http://hr.internal\", credential: { bearer: { env: T } } }",
        good: "hr: { url: \"https://hr.internal\", credential: { bearer: { env: T } } }",
    },
    Code {
        code: "R0310",
        title: "a write would clear or overwrite what nobody has seen as it is",
        page: "A rule drops an attribute from answers, and the connection allows PUT. A client reads a resource, changes\n\
               it and puts it back whole (Okta does it every day); what it never saw is missing there, and the backend\n\
               clears it. Attributes that only the backend may change are no danger. Before a backend without PATCH the\n\
               gateway does the same for the client, so there neither the backend nor its pack may hide an attribute. And\n\
               wherever it reads a resource to write it, the backend's pack may not write an attribute anew for clients\n\
               alone (`set`, `default`, `text`, `items`): that would be written back, or a deactivation taken for done.",
        bad: "# pack: drop { at: nickName }, to: client\noperations: [create, read, replace]",
        good: "# the client updates by PATCH\noperations: [create, read, patch]",
    },
];
