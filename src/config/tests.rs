use std::fs;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::access::Form;
use crate::scim::{OperationKind, Resource};

/// A folder with files in it.
struct Home(TempDir);

impl Home {
    fn with(files: &[(&str, &str)]) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| home.write(name, text));
        home
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self) -> (Option<Config>, Faults) {
        let env = |name: &str| (name == "TOKEN").then(|| "t0k3n".to_owned());
        let mut faults = Faults::new();
        let config = Config::load(&self.0.path().join("gateway.yaml"), &env, &mut faults);
        (config, faults)
    }

    fn config(&self) -> Config {
        let (config, faults) = self.read();
        config.unwrap_or_else(|| panic!("{}", faults.render(false)))
    }

    /// What is printed, with paths from the folder on.
    fn shown(&self) -> String {
        let (config, faults) = self.read();
        assert_eq!(config.is_none(), faults.errors() > 0);
        faults.render(false).replace(&format!("{}/", self.0.path().display()), "")
    }
}

const SMALL: &str = "\
version: 1
listen: { address: 127.0.0.1:8080 }
tokens: tokens.json
public-url: https://scim.example.com/
backends: { hr: { url: https://HR.internal/scim/v2/ } }
connections: { okta: { client: okta, backend: hr } }
";

const EVERYTHING: &str = "\
version: 1
listen: { address: 0.0.0.0:8443, tls: { certificate: certs/a.pem, key: certs/a.key } }
admin: { address: '[::1]:9000' }
tokens: /var/tokens.json
timeouts: { first-byte: 1s, tls: 2s, head: 3s, body-idle: 4s, body-total: 5s, keep-alive: 6s, write: 7s, drain: 250ms }
limits: { connections: 1, requests: 2, streams: 3, target: 1KiB, headers: 5KiB, body: 6MiB, group-body: 1GiB }
backends:
  hr:
    url: https://hr.internal
    pack: demo
    ca: ca.pem
    credential: { header: { name: X-Api-Key, value: { file: secret } } }
    timeouts: { connect: 1s, response: 2m, body: 3s, idle: 4s, queue: 5ms }
    max-connections: 7
    longest-answer: 8MiB
connections:
  okta:
    client: okta
    backend: hr
    path: /okta/
    public-url: https://gw.example.com/base
    packs: [acme]
    rules: { okta/no-password: enforce, acme/ids: disabled }
    resources: [Role, User, Role]
    operations: [read, list, read]
    limits: { per-token: { rate: 5/s }, per-connection: { rate: 6/s, burst: 7 } }
    brake: 500/h
    tokens-at-most: 3
    authorization: raw
";

const PACK: &str = "version: 1\npack: acme\nside: connection\nabout: what Acme wants\nrules:\n  - id: ids\n    why: x\n    do: [{ drop: { at: title } }]\n";

/// The small configuration with one piece replaced.
fn small(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    SMALL.replacen(from, to, 1)
}

#[test]
fn little_is_enough_and_the_rest_has_defaults() {
    let home = Home::with(&[("gateway.yaml", SMALL)]);
    let config = home.config();
    assert_eq!((config.listener.address.port(), config.listener.tls.clone()), (8080, None));
    assert_eq!(config.admin.address.to_string(), "127.0.0.1:9464");
    assert_eq!(config.tokens, home.0.path().join("tokens.json"));
    assert_eq!((config.timeouts, config.limits), (Timeouts::default(), Limits::default()));
    let connection = &config.connections[0];
    assert_eq!(
        (connection.path.as_str(), connection.public_url.as_str()),
        ("/scim/v2/connections/okta", "https://scim.example.com")
    );
    assert_eq!(connection.outer().map(|pack| pack.name.as_str()).collect::<Vec<_>>(), ["okta"]);
    assert_eq!(connection.inner().name, "standard");
    assert_eq!(connection.operations.len(), 8);
    assert!(
        !connection.operations.contains(&OperationKind::Bulk) && !connection.operations.contains(&OperationKind::Me)
    );
    assert_eq!((connection.per_token.per_second.get(), connection.per_connection.burst.get()), (25, 200));
    assert_eq!((connection.tokens_at_most, connection.resources.len()), (2, 0));
    assert_eq!(connection.brake, None);
    assert_eq!(connection.authorization, Form::Bearer);
    let backend = &config.backends[0];
    assert_eq!((backend.url.as_str(), &backend.trust), ("https://hr.internal/scim/v2", &Trust::System));
    assert_eq!((backend.timeouts, backend.max_connections), (BackendTimeouts::default(), 128));
    assert!(backend.credential.is_none());
}

#[test]
fn every_setting_is_read() {
    let files =
        [("gateway.yaml", EVERYTHING), ("ca.pem", "PEM"), ("secret", "s3cret\n"), ("connections/acme.yaml", PACK)];
    let home = Home::with(&files);
    let config = home.config();
    let tls = config.listener.tls.clone().unwrap();
    assert_eq!((tls.certificate, tls.key), (home.0.path().join("certs/a.pem"), home.0.path().join("certs/a.key")));
    assert_eq!(config.tokens, PathBuf::from("/var/tokens.json"));
    assert_eq!(
        (config.timeouts.first_byte, config.timeouts.drain),
        (Duration::from_secs(1), Duration::from_millis(250))
    );
    assert_eq!((config.limits.streams, config.limits.target, config.limits.group_body), (3, 1024, 1 << 30));
    let backend = &config.backends[0];
    assert_eq!(backend.trust, Trust::Authorities(b"PEM".to_vec()));
    assert_eq!(
        (backend.timeouts.response, backend.timeouts.queue),
        (Duration::from_secs(120), Duration::from_millis(5))
    );
    assert_eq!((backend.max_connections, backend.longest_answer), (7, 8 << 20));
    let (name, value) = field(backend);
    assert_eq!((name.as_str(), value.to_str().unwrap(), value.is_sensitive()), ("x-api-key", "s3cret", true));
    let connection = &config.connections[0];
    assert_eq!((connection.path.as_str(), connection.public_url.as_str()), ("/okta", "https://gw.example.com/base"));
    assert_eq!(connection.resources, [Resource::named("Role").unwrap()]);
    assert_eq!(connection.operations, [OperationKind::Read, OperationKind::List]);
    assert_eq!(connection.brake.map(std::num::NonZeroU32::get), Some(500));
    assert_eq!(
        (connection.per_token.burst.get(), connection.per_connection.burst.get(), connection.tokens_at_most),
        (10, 7, 3)
    );
    assert_eq!(connection.authorization, Form::Raw);
    let modes =
        connection.outer().flat_map(|pack| &pack.rules).map(|rule| (rule.id.as_str(), connection.modes.of(rule)));
    let switched: Vec<_> =
        modes.filter(|(id, _)| ["okta/no-password", "acme/ids"].contains(id)).map(|(_, mode)| mode).collect();
    assert_eq!(switched, [crate::rules::Mode::Enforce, crate::rules::Mode::Disabled]);
}

/// The header field that opens a backend.
fn field(backend: &Backend) -> (&http::HeaderName, &http::HeaderValue) {
    match &backend.credential {
        Some(Credential::Field(name, value)) => (name, value),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_grant_is_read_and_not_printed() {
    let oauth2 = |rest: &str| {
        let keys = "token-url: \"https://id.example/t/\", client-id: \"g w\", client-secret: { env: TOKEN }";
        small("scim/v2/ }", &format!("scim/v2/, credential: {{ oauth2: {{ {keys}{rest} }} }} }}"))
    };
    let home = Home::with(&[("gateway.yaml", &oauth2(", scope: \"a b\", ca: ca.pem")), ("ca.pem", "PEM")]);
    let config = home.config();
    let Some(Credential::Grant(grant)) = &config.backends[0].credential else { panic!("{config:?}") };
    assert_eq!((grant.url.to_string().as_str(), grant.scope.as_deref()), ("https://id.example/t/", Some("a b")));
    // `g+w:t0k3n`
    assert_eq!((grant.client.to_str().unwrap(), grant.client.is_sensitive()), ("Basic Zyt3OnQwazNu", true));
    assert_eq!(grant.trust, Trust::Authorities(b"PEM".to_vec()));
    assert!(!format!("{config:?}").contains("t0k3n") && !format!("{config:?}").contains("Zyt3"));
    let clear = oauth2("").replace("https://id", "http://id");
    let rows = [
        (clear, "R0309"),
        (oauth2(", scope: \"\""), "R0105"),
        (oauth2(", scope: 'a\"b'"), "R0105"),
        (oauth2("").replace("https://id.example/t/", "https://a@id.example"), "R0303"),
        (oauth2("").replace("client-id: \"g w\", ", ""), "R0106"),
        (oauth2("").replace("{ env: TOKEN }", "hunter2"), "R0301"),
    ];
    for (text, code) in rows {
        let home = Home::with(&[("gateway.yaml", &text)]);
        let shown = home.shown();
        assert!(shown.contains(code) && !shown.contains("hunter2"), "{code}: {shown}");
    }
}

#[test]
fn a_client_certificate_is_read_and_its_key_not_printed() {
    let hr = "client-certificate: { certificate: a.pem, key: a.key } }";
    let text = small("scim/v2/ }", &format!("scim/v2/, {hr}"));
    let home = Home::with(&[("gateway.yaml", &text), ("a.pem", "PEM"), ("a.key", "s3cret")]);
    let config = home.config();
    let identity = config.backends[0].identity.as_ref().unwrap();
    assert_eq!((identity.certificate.as_slice(), identity.key.as_slice()), (&b"PEM"[..], &b"s3cret"[..]));
    assert!(!format!("{config:?}").contains("115, 51, 99") && !format!("{config:?}").contains("s3cret"));
    let rows = [(text.replace("a.key", "b.key"), "R0107"), (text.replace("https://HR", "http://HR"), "R0308")];
    for (text, code) in rows {
        let home = Home::with(&[("gateway.yaml", &text), ("a.pem", "PEM"), ("a.key", "s3cret")]);
        assert!(home.shown().contains(code), "{code}: {}", home.shown());
    }
}

#[test]
fn credentials_become_header_fields_and_are_not_printed() {
    for (written, header) in [
        ("{ bearer: { env: TOKEN } }", "authorization: Bearer t0k3n"),
        ("{ bearer: { file: ./secret } }", "authorization: Bearer s3cret"),
        ("{ basic: { user: ada, password: { env: TOKEN } } }", "authorization: Basic YWRhOnQwazNu"),
    ] {
        let text = small("scim/v2/ }", &format!("scim/v2/, credential: {written} }}"));
        let home = Home::with(&[("gateway.yaml", &text), ("secret", "s3cret\r\n")]);
        let config = home.config();
        let (name, value) = field(&config.backends[0]);
        assert_eq!(format!("{name}: {}", value.to_str().unwrap()), header);
        let debug = format!("{config:?}");
        assert!(
            debug.contains("authorization: ***") && !debug.contains("t0k3n") && !debug.contains("s3cret"),
            "{debug}"
        );
    }
}

#[test]
fn broken_files_say_what_is_wrong_where_and_what_would_be_right() {
    let hr = |rest: &str| small("scim/v2/ }", &format!("scim/v2/, {rest} }}"));
    let okta = |rest: &str| small("backend: hr }", &format!("backend: hr, {rest} }}"));
    let header = |name: &str| hr(&format!("credential: {{ header: {{ name: {name}, value: {{ env: TOKEN }} }} }}"));
    let rows: Vec<(String, &[&str])> = vec![
        (small("version: 1", "version: 2"), &["R0103", "1:10", "write 1"]),
        (small("tokens: tokens.json\n", ""), &["R0106", "gateway.yaml lacks `tokens`"]),
        (format!("{SMALL}admn: {{}}\n"), &["unknown key `admn`", "7:1", "did you mean `admin`?"]),
        (small("tokens.json", "''"), &["R0103", "3:9", "name a file"]),
        (small("127.0.0.1:8080", "0.0.0.0:8080"), &["R0306", "2:20", "add `tls"]),
        (small("127.0.0.1:8080", "localhost"), &["`localhost` is not an address", "0.0.0.0:8443"]),
        (
            small("public-url: https://scim.example.com/\n", ""),
            &["R0106", "connection `okta` has no public URL", "5:16"],
        ),
        (small("https://scim.example.com/", "scim.example.com"), &["R0303", "4:13", "has to start with"]),
        (small("https://HR.internal/scim/v2/", "https://ada:hunter2@hr/"), &["R0303", "no user and no password"]),
        (small("https://HR.internal/scim/v2/", "https://hr/?a=b"), &["R0303", "no query"]),
        (hr("pack: stndard"), &["no pack `stndard`", "did you mean `standard`?"]),
        (hr("pack: ../../etc/passwd"), &["R0104", "unknown pack"]),
        (hr("ca: lost.pem"), &["R0107", "`lost.pem` can't be read: there is no such file"]),
        (small("https://HR.internal/scim/v2/ }", "http://127.0.0.1, ca: empty }"), &["R0308", "without TLS"]),
        (hr("timeouts: { connect: 3 }"), &["connect can't be `3`", "write a duration"]),
        (hr("timeouts: { connect: 2h }"), &["connect can't be `2h`", "from 1ms to 1h"]),
        (hr("timeouts: { conect: 2s }"), &["unknown key `conect`", "did you mean `connect`?"]),
        (hr("max-connections: 0"), &["R0103", "from 1 to 10000"]),
        (small("hr: {", "HR: {").replace("backend: hr", "backend: HR"), &["R0105", "`HR` can't be a backend's name"]),
        (hr("credential: { bearer: hunter2 }"), &["R0301", "bearer: *******", "bearer: { env: NAME }"]),
        (hr("credential: { bearer: { value: hunter2 } }"), &["value: *******", "unknown key `value` in bearer"]),
        (hr("credential: { token: hunter2 }"), &["token: *******", "unknown key `token` in credential"]),
        (hr("credential: {}"), &["R0106", "exactly one of `bearer`"]),
        (hr("credential: { bearer: {} }"), &["R0106", "exactly one of `env` and `file`"]),
        (hr("credential: { bearer: { env: 'hunter2!' } }"), &["R0105", "not the name of a variable"]),
        (hr("credential: { bearer: { env: LOST } }"), &["R0302", "the environment has no `LOST`"]),
        (hr("credential: { bearer: { file: lost } }"), &["R0107", "`lost` can't be read: there is no such file"]),
        (hr("credential: { bearer: { file: empty } }"), &["R0302", "`empty` holds no secret"]),
        (hr("credential: { bearer: { file: lines } }"), &["R0304", "line break"]),
        (hr("credential: { basic: { user: 'a:b', password: { env: TOKEN } } }"), &["R0304", "without `:`"]),
        (hr("credential: { basic: { user: a }, bearer: { env: TOKEN } }"), &["R0106", "exactly one of `bearer`"]),
        (header("Host"), &["R0304", "`Host` can't carry a credential"]),
        (header("Transfer-Encoding"), &["R0304", "X-Api-Key"]),
        (header("'a b'"), &["R0304", "not a name"]),
        (small("backend: hr }", "backend: hrr }"), &["unknown backend `hrr`", "6:47", "did you mean `hr`?"]),
        (small("client: okta", "client: Okta"), &["no pack `Okta` in clients", "did you mean `okta`?"]),
        (small("{ okta:", "{ Okta:"), &["R0105", "`Okta` can't be a connection's name"]),
        (okta("path: scim"), &["R0303", "has to start with `/`"]),
        (okta("path: /"), &["R0303", "the root can't be"]),
        (okta("path: '/a b'"), &["R0303", "only letters"]),
        (okta("path: /a//b"), &["R0303", "empty"]),
        (okta("path: /a/../b"), &["R0303", "`..`"]),
        (okta("operations: [raed]"), &["unknown operation `raed`", "did you mean `read`?"]),
        (okta("operations: [me]"), &["`me` can't be enabled", "501"]),
        (okta("resources: [Schema]"), &["R0105", "`Schema` can't be a resource type"]),
        (okta("resources: [Role, ROLE]"), &["R0105", "`ROLE` and `Role` differ by case alone"]),
        (
            okta("rules: { okta/no-pasword: enforce }"),
            &["unknown rule `okta/no-pasword`", "did you mean `okta/no-password`?"],
        ),
        (okta("rules: { okta/no-password: on }"), &["unknown mode `on`", "write `enforce`, `shadow` or `disabled`"]),
        (okta("limits: { per-token: { rate: 25 } }"), &["per-token can't be `25`", "`25/s`"]),
        (okta("limits: { per-token: { rate: 0/s } }"), &["per-token can't be `0/s`"]),
        (okta("tokens-at-most: 0"), &["R0103", "from 1 to 100"]),
        (okta("packs: [acme]"), &["no pack `acme` in connections", "write connections/acme.yaml"]),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in rows {
        let files = [("gateway.yaml", text.as_str()), ("empty", "\n"), ("lines", "hunter2\nx\n")];
        let home = Home::with(&files);
        let shown = home.shown();
        let said = expected.iter().all(|part| shown.contains(part)) && shown.ends_with("\n1 error\n");
        if !said || shown.contains("hunter2") {
            wrong.push(format!("{text}\n{shown}\n{expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_faults_of_all_files_are_told_at_once() {
    let text = small("tokens.json", "5") + "listn: 1\n";
    let text = text.replace("client: okta", "client: own").replace("https://HR.internal/scim/v2/", "hr");
    let home = Home::with(&[
        ("gateway.yaml", &text),
        ("clients/own.yaml", "version: 1\npack: other\nside: backend\nabout: x\n"),
    ]);
    let expected = "\
error[R0307]: the pack in `own.yaml` is called `other`
 --> clients/own.yaml:2:7
  |
2 | pack: other
  |       ^^^^^ not the name of its file
  |
  = help: write `pack: own`, or rename the file

error[R0307]: a pack of another side in the folder `clients`
 --> clients/own.yaml:3:7
  |
3 | side: backend
  |       ^^^^^^^ not the side of its folder
  |
  = help: write `side: client`, or move the file

error[R0102]: the token file can't be a number
 --> gateway.yaml:3:9
  |
3 | tokens: 5
  |         ^ not text
  |
  = help: put it in quotes: \"5\"

error[R0303]: `hr` can't be a base URL
 --> gateway.yaml:5:24
  |
5 | backends: { hr: { url: hr } }
  |                        ^^ has to start with `http://` or `https://`
  |
  = help: write scheme, host and path only, such as `https://hr.example.com/scim/v2`

error[R0104]: unknown key `listn` in gateway.yaml
 --> gateway.yaml:7:1
  |
7 | listn: 1
  | ^^^^^ not a key here
  |
  = help: the keys of gateway.yaml are `version`, `listen`, `admin`, `tokens`, `public-url`, `timeouts`, `limits`, `backends` and `connections`

5 errors
";
    assert_eq!(home.shown(), expected);
}

#[test]
fn v_01_a_client_of_scim_1_1_has_a_path_of_its_own() {
    let connection = |text: &str| {
        let small = small("{ client: okta, backend: hr }", text);
        let connection = Home::with(&[("gateway.yaml", &small)]).config().connections.remove(0);
        (connection.scim.is_old(), connection.path)
    };
    let (old, new) = ("/scim/v1/connections/okta".to_owned(), "/scim/v2/connections/okta".to_owned());
    assert_eq!(connection("{ client: okta-scim11, backend: hr }"), (true, old.clone()));
    assert_eq!(connection("{ client: okta, scim: 1.1, backend: hr }"), (true, old));
    assert_eq!(connection("{ client: onelogin, scim: 2.0, backend: hr }"), (false, new));
    let elsewhere = connection("{ client: scim11, backend: hr, path: /hr }");
    assert_eq!(elsewhere, (true, "/hr".to_owned()));
}

#[test]
fn connections_may_not_meet() {
    for (one, other, meet) in [
        ("/scim", "/scim", true),
        ("/scim", "/scim/", true),
        ("/scim", "/scim/v2", true),
        ("/scim/v2/a", "/scim", true),
        ("/scim", "/scim2", false),
        ("/a/b", "/a/c", false),
    ] {
        let both = format!(
            "{{ a: {{ client: okta, backend: hr, path: {one} }}, b: {{ client: okta, backend: hr, path: {other} }} }}"
        );
        let home = Home::with(&[("gateway.yaml", &small("{ okta: { client: okta, backend: hr } }", &both))]);
        let shown = home.shown();
        assert_eq!(shown.contains("error[R0305]"), meet, "{one} {other}: {shown}");
    }
}

#[test]
fn a_pack_beside_the_file_goes_before_the_shipped_one() {
    let own = "version: 1\npack: okta\nside: client\nabout: our own Okta\n";
    let home = Home::with(&[("gateway.yaml", SMALL), ("clients/okta.yaml", own)]);
    assert_eq!(home.config().connections[0].client.about, "our own Okta");
}

#[test]
fn a_pack_is_read_once_and_shared() {
    let two = "{ a: { client: okta, backend: hr }, b: { client: okta, backend: hr } }";
    let config = Home::with(&[("gateway.yaml", &small("{ okta: { client: okta, backend: hr } }", two))]).config();
    let [a, b] = config.connections.as_slice() else { panic!() };
    assert!(Arc::ptr_eq(&a.client, &b.client) && Arc::ptr_eq(&a.backend, &b.backend));
}

#[test]
fn the_generation_changes_with_any_file_and_not_with_the_folder() {
    let text = small("scim/v2/ }", "scim/v2/, ca: ca.pem, credential: { bearer: { file: secret } } }");
    let text = text.replace("backend: hr }", "backend: hr, packs: [acme] }");
    let files =
        [("gateway.yaml", text.as_str()), ("ca.pem", "PEM"), ("secret", "one"), ("connections/acme.yaml", PACK)];
    let first = Home::with(&files).config();
    let again = Home::with(&files).config();
    assert_eq!(first.generation, again.generation);
    assert!(first.generation.len() == 12 && first.generation.bytes().all(|byte| byte.is_ascii_hexdigit()));
    for (changed, by) in [("gateway.yaml", "# more\n"), ("ca.pem", "more"), ("connections/acme.yaml", "# more\n")] {
        let home = Home::with(&files);
        home.write(changed, &(fs::read_to_string(home.0.path().join(changed)).unwrap() + by));
        let config = home.config();
        assert_ne!(config.generation, first.generation, "{changed}");
    }
    let home = Home::with(&files);
    home.write("secret", "two");
    let config = home.config();
    assert_eq!(config.generation, first.generation, "a label on which secrets could be guessed");
}

#[test]
fn a_change_in_any_file_is_seen_also_one_that_comes_or_goes() {
    let text = small("scim/v2/ }", "scim/v2/, ca: ca.pem, credential: { bearer: { file: secret } } }");
    let files = [("gateway.yaml", text.as_str()), ("ca.pem", "PEM"), ("secret", "one")];
    for changed in ["gateway.yaml", "ca.pem", "secret", "clients/okta.yaml"] {
        let home = Home::with(&files);
        let config = home.config();
        assert!(!config.sources.have_changed());
        home.write(changed, "something else");
        assert!(config.sources.have_changed(), "{changed}");
    }
    let home = Home::with(&files);
    let config = home.config();
    fs::remove_file(home.0.path().join("secret")).unwrap();
    assert!(config.sources.have_changed());
}

#[test]
fn a_file_that_is_not_there_is_a_fault() {
    let shown = Home::with(&[]).shown();
    assert!(shown.starts_with("error[R0107]: the file can't be read: there is no such file\n"), "{shown}");
}

#[test]
fn a_credential_in_clear_text_is_warned_of() {
    let text = small("https://HR.internal/scim/v2/ }", "http://hr.internal, credential: { bearer: { env: TOKEN } } }");
    let (config, faults) = Home::with(&[("gateway.yaml", &text)]).read();
    assert_eq!((config.is_some(), faults.errors(), faults.warnings()), (true, 0, 1));
}

#[test]
fn a_pack_alone_has_to_bear_its_file_s_name() {
    let home =
        Home::with(&[("connections/acme.yaml", PACK), ("elsewhere/acme.yaml", PACK), ("clients/acme.yaml", PACK)]);
    let mut faults = Faults::new();
    assert!(read_pack(&home.0.path().join("connections/acme.yaml"), &mut faults).is_some());
    assert!(read_pack(&home.0.path().join("elsewhere/acme.yaml"), &mut faults).is_some());
    assert!(read_pack(&home.0.path().join("clients/acme.yaml"), &mut faults).is_none());
    assert_eq!(faults.errors(), 1);
}

#[test]
fn the_deployment_in_the_repository_loads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/gateway.yaml");
    let mut faults = Faults::new();
    let config = Config::load(&path, &|name| Some(name.to_owned()), &mut faults);
    assert!(faults.is_empty(), "{}", faults.render(false));
    assert_eq!(config.unwrap().connections[0].name.as_str(), "okta");
}

#[test]
fn the_comments_of_the_deployment_in_the_repository_show_the_defaults() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/gateway.yaml")).unwrap();
    let shown = |key: &str| {
        let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix("# "));
        let found: Vec<&str> = lines.filter(|line| line.starts_with(&format!("{key}:"))).collect();
        found.last().unwrap_or_else(|| panic!("{key}")).to_string()
    };
    let everything = format!("{SMALL}{}\n{}\n", shown("timeouts"), shown("limits"));
    let config = Home::with(&[("gateway.yaml", &everything)]).config();
    assert_eq!((config.timeouts, config.limits), (Timeouts::default(), Limits::default()));
}

#[test]
fn whatever_is_missing_there_is_a_configuration_or_an_error() {
    let home = Home::with(&[("ca.pem", "PEM"), ("secret", "s3cret"), ("connections/acme.yaml", PACK)]);
    let holds = |text: &str| {
        home.write("gateway.yaml", text);
        let (config, faults) = home.read();
        assert_eq!(config.is_none(), faults.errors() > 0, "{text}\n{}", faults.render(false));
    };
    for (at, _) in EVERYTHING.char_indices() {
        holds(&EVERYTHING[..at]);
    }
    let words: Vec<&str> = EVERYTHING.split_inclusive([' ', '\n']).collect();
    for left_out in 0..words.len() {
        holds(&words.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, word)| *word).collect::<String>());
    }
}
