//! R01..: what can be wrong with any file.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "R0101",
        title: "the file is not YAML as it is read here",
        page: "Quotes, brackets or indentation don't fit together, or the file uses a part of YAML that is not read:\n\
               merge keys, tags, a second document, a key that stands twice. Nothing of such a file is used, because\n\
               whoever guesses at what was meant changes people's accounts by a guess.",
        bad: "at: [emails[*].type]",
        good: "at: [\"emails[*].type\"]",
    },
    Code {
        code: "R0102",
        title: "a value of the wrong kind",
        page: "Text, a number, a list or a mapping stands where another of them has to be. Text that looks like a\n\
               number or a truth value needs quotes: an id `007` and the number 7 are different things.",
        bad: "cases:\n  - name: 7",
        good: "cases:\n  - name: \"7\"",
    },
    Code {
        code: "R0103",
        title: "a value that is out of range",
        page: "The value is of the right kind, and not one that can be used: too large, too small, without its unit,\n\
               or not what the key is for. The help says what may stand there.",
        bad: "timeouts: { head: 3 }",
        good: "timeouts: { head: 3s }",
    },
    Code {
        code: "R0104",
        title: "an unknown word",
        page: "A key, an action, an operation, or the name of a pack, backend or rule that does not exist. Unknown words\n\
               are never passed over: a misspelt `operations` would make a rule act on every call.",
        bad: "when: { operations: [create, pach] }",
        good: "when: { operations: [create, patch] }",
    },
    Code {
        code: "R0105",
        title: "a name that can't be one",
        page: "Names of packs, rules, connections and backends stand in URLs, metrics and logs, so they are short and\n\
               plain: lower-case letters, digits and hyphens. Resource types, variables and statuses have rules of\n\
               their own; the help says which.",
        bad: "id: Empty Type",
        good: "id: empty-type",
    },
    Code {
        code: "R0106",
        title: "something is missing",
        page: "A key without which the rest has no meaning is not there, or none or several of a choice of keys are.\n\
               There is no default where a wrong guess would be felt by people.",
        bad: "- id: login\n  do: [ { rename: { names: { userName: login } } } ]",
        good: "- id: login\n  why: the user name is called `login`\n  do: [ { rename: { names: { userName: login } } } ]",
    },
    Code {
        code: "R0107",
        title: "a file that can't be read",
        page: "A file that was named is not there, is a folder, or may not be read by this user. Paths in a file are\n\
               relative to the folder of that file.",
        bad: "ca: backend-ca.pem",
        good: "ca: ../certs/backend-ca.pem",
    },
];
