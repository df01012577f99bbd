//! R04..: what can be wrong with a rule.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "R0401",
        title: "a condition on a body that isn't there",
        page: "`body` looks at the resource. A PATCH carries changes, a DELETE or a GET nothing: the condition could not\n\
               be asked, and the rule would act as if it held. Name the operations whose requests hold a resource.",
        bad: "when: { body: \"@.userType == 'Admin'\" }",
        good: "when: { operations: [create, replace], body: \"@.userType == 'Admin'\" }",
    },
    Code {
        code: "R0402",
        title: "a JSONPath that can't be used",
        page: "JSONPath is that of RFC 9535. In a condition `@` is the resource; a `$` there would look at the children and\n\
               never match. Queries whose time grows with the square of the resource, patterns that are not literal,\n\
               and queries that could select the whole resource are refused.",
        bad: "when: { operations: create, body: \"$.userType == 'Admin'\" }",
        good: "when: { operations: create, body: \"@.userType == 'Admin'\" }",
    },
    Code {
        code: "R0403",
        title: "not an attribute path",
        page: "Attributes are named as SCIM names them: `userName`, `name.givenName`, `emails[*].type`,\n\
               `emails[type eq \"work\"].value`, or behind their URN. Paths with brackets need quotes in YAML.",
        bad: "invert: { at: user/active }",
        good: "invert: { at: active }",
    },
    Code {
        code: "R0404",
        title: "not exactly one action in an entry",
        page: "Each entry of `do` is a mapping with one key, the action, so that every action has its place in the file\n\
               and its place in the order.",
        bad: "do:\n  - rename: { names: { active: blocked } }\n    invert: { at: blocked }",
        good: "do:\n  - rename: { names: { active: blocked } }\n  - invert: { at: blocked }",
    },
    Code {
        code: "R0405",
        title: "`primary` can't be inverted",
        page: "At most one element is primary, so its opposite holds for all but one: a PATCH that makes one primary\n\
               could not be undone.",
        bad: "invert: { at: \"emails[*].primary\" }",
        good: "invert: { at: active }",
    },
    Code {
        code: "R0406",
        title: "a two-way action on a part",
        page: "Renaming, inverting and converting are undone in every answer, filter and PATCH, so they work on a whole\n\
               attribute or sub-attribute: not on some elements only, and not on a whole extension at once.",
        bad: "invert: { at: 'emails[type eq \"work\"].verified' }",
        good: "invert: { at: \"emails[*].verified\" }",
    },
    Code {
        code: "R0407",
        title: "`members` can't be emptied",
        page: "An empty list of members removes everybody from a group, and no list says nothing. Only the client may\n\
               exchange the two.",
        bad: "empty: { of: [[]], at: members }",
        good: "empty: { of: [\"\"], at: \"members[*].display\" }",
    },
    Code {
        code: "R0408",
        title: "braces that name nothing",
        page: "A text that is set may name `{id}`, `{resource}` and attributes such as `{userName}`. A brace that is meant\n\
               as such is written twice.",
        bad: "set: { at: displayName, value: \"{givenName\" }",
        good: "set: { at: displayName, value: \"{name.givenName}\" }",
    },
    Code {
        code: "R0409",
        title: "an attribute is set to itself and more",
        page: "The value names the attribute that it is written to. Each update would add to the last one, without end.",
        bad: "set: { at: title, value: \"Dr. {title}\" }",
        good: "set: { at: title, value: \"Dr. {name.familyName}\" }",
    },
    Code {
        code: "R0410",
        title: "`id`, `meta` and `schemas` are not a rule's to write",
        page: "They belong to the backend, or to the protocol (RFC 7643 section 3.1): clients find resources by them\n\
               again. Only the id of the URL may be repeated in the body.",
        bad: "set: { at: id, value: \"{userName}\" }",
        good: "set: { at: id, value: \"{id}\" }",
    },
    Code {
        code: "R0411",
        title: "names that meet",
        page: "Two attributes are renamed to one name, also by two rules, or one is renamed twice, also by what a `swap`\n\
               adds. On the way back nobody could tell which was meant.",
        bad: "rename: { names: { userName: login, title: login } }",
        good: "rename: { names: { userName: login, title: position } }",
    },
    Code {
        code: "R0412",
        title: "a rename that hides an attribute",
        page: "The new name is that of an attribute of its own, which is not moved away. What holds it today would be\n\
               refused or lost: say which, or move it too.",
        bad: "rename: { names: { userName: title } }",
        good: "rename: { names: { userName: title }, on-conflict: swap }",
    },
    Code {
        code: "R0413",
        title: "a rename that tears values apart",
        page: "A part of an element can't leave the element: with several of them nobody knows whose it was. Nor can an\n\
               attribute become a value and have parts at once.",
        bad: "rename: { names: { emails.value: mail } }",
        good: "rename: { names: { emails.value: emails.address } }",
    },
    Code {
        code: "R0414",
        title: "a second rule of this name",
        page: "Metrics, logs, `explain` and `rules:` in gateway.yaml name a rule by its id. Two rules of one name could\n\
               not be told apart at 3 a.m.",
        bad: "rules:\n  - { id: login, .. }\n  - { id: login, .. }",
        good: "rules:\n  - { id: login, .. }\n  - { id: login-of-groups, .. }",
    },
    Code {
        code: "R0415",
        title: "two-way and one-way actions in one rule",
        page: "What is undone in every answer and what is not have different conditions: the first may depend on the\n\
               resource type only. Make two rules of it.",
        bad: "do: [ { invert: { at: active } }, { drop: { at: title } } ]",
        good: "- { id: opposite, do: [ { invert: { at: active } } ], .. }\n- { id: no-title, do: [ { drop: { at: title } } ], .. }",
    },
    Code {
        code: "R0416",
        title: "a two-way action under a condition",
        page: "What is renamed in a POST has to be named back in every later GET, filter and PATCH. A condition on the\n\
               operation or the body would leave some of them untranslated: only `resource` may stand there.",
        bad: "when: { resource: User, operations: create }\ndo: [ { invert: { at: active } } ]",
        good: "when: { resource: User }\ndo: [ { invert: { at: active } } ]",
    },
    Code {
        code: "R0417",
        title: "a direction on a two-way action",
        page: "A two-way action works in both directions: left to right on requests, right to left on answers. There is\n\
               nothing to state.",
        bad: "to: client\ndo: [ { invert: { at: active } } ]",
        good: "do: [ { invert: { at: active } } ]",
    },
    Code {
        code: "R0418",
        title: "a case that asserts nothing",
        page: "A case that expects nothing passes whatever the rules do, and looks like a promise. Say what the backend\n\
               or the client is to receive, or which rules are to fire.",
        bad: "- name: a user\n  client: { sends: { request: \"GET /Users/7\" } }",
        good: "- name: a user\n  client: { sends: { request: \"GET /Users/7\" } }\n  backend: { receives: { request: \"GET /Users/7\" }, answers: { status: 200, body: {} } }",
    },
    Code {
        code: "R0419",
        title: "`default` on a PATCH",
        page: "A PATCH leaves out whatever doesn't change. A default would overwrite what the backend holds, so `default`\n\
               never acts there, and must not look as if it did.",
        bad: "when: { operations: [create, patch] }\ndo: [ { default: { at: userType, value: Employee } } ]",
        good: "when: { operations: [create, replace] }\ndo: [ { default: { at: userType, value: Employee } } ]",
    },
    Code {
        code: "R0420",
        title: "a path that names elements instead of an attribute",
        page: "`emails[type eq \"home\"]` names whole elements. This action writes values of attributes and\n\
               sub-attributes, and would do nothing there; `drop` is what removes whole elements.",
        bad: "set: { at: 'emails[type eq \"home\"]', value: x }",
        good: "set: { at: 'emails[type eq \"home\"].display', value: x }",
    },
    Code {
        code: "R0421",
        title: "a boolean action on something else",
        page: "The attribute is known, and is no boolean: every value of it would be refused, in requests and answers.",
        bad: "invert: { at: userName }",
        good: "invert: { at: active }",
    },
    Code {
        code: "R0422",
        title: "a text that people are found by is cut",
        page: "Clients find users and groups again by `userName`, `externalId` and `displayName`. Cutting or replacing in\n\
               them makes one of two texts that differ, and so one account of two people.",
        bad: "text: { at: userName, steps: [{ truncate: 20 }] }",
        good: "text: { at: userName, steps: [trim, lower] }",
    },
    Code {
        code: "R0423",
        title: "a text whose case matters is lowered",
        page: "The attribute is compared with its case (RFC 7643 section 2.2), as `id` and `externalId` are: in lower case\n\
               it is another one, and would not be found again.",
        bad: "text: { at: externalId, steps: [lower] }",
        good: "text: { at: externalId, steps: [trim] }",
    },
    Code {
        code: "R0424",
        title: "a field that no rule may see or write",
        page: "Credentials (`Authorization`, `Cookie`), the `Host`, framing and the client's preconditions belong to the gateway:\n\
               a rule that saw them could tell secrets, and one that wrote them could undo what was checked before.",
        bad: "header: { authorization: { set: Bearer x } }",
        good: "header: { x-tenant: { set: acme } }",
    },
    Code {
        code: "R0425",
        title: "a text that is no SCIM filter",
        page: "The filter is read when the rule is loaded, with the grammar that clients' filters are read with (RFC 7644\n\
               section 3.4.2.2).",
        bad: "when: { operations: create, filter: 'userType = \"Admin\"' }\ndo: [ { drop: { at: title } } ]",
        good: "when: { operations: create, filter: 'userType eq \"Admin\"' }\ndo: [ { drop: { at: title } } ]",
    },
    Code {
        code: "R0426",
        title: "an action that works the other way",
        page: "`query`, `path` and `respond` act on requests, `status`, `error` and `list` on answers. A rule has one direction,\n\
               `to`, and an action that works the other way would never act. A client's paths are read before anything else\n\
               is known of a call, so `path` in a client's pack has no conditions.",
        bad: "do: [ { error: { scrub: true } } ]",
        good: "to: client\ndo: [ { error: { scrub: true } } ]",
    },
    Code {
        code: "R0427",
        title: "a condition that never holds",
        page: "A request has no status, an answer is no PATCH, and a list as a whole is no resource: a condition that asks for\n\
               what is never there makes a rule that never acts.",
        bad: "when: { status: 404 }\ndo: [ { drop: { at: title } } ]",
        good: "to: client\nwhen: { status: 201 }\ndo: [ { drop: { at: meta } } ]",
    },
    Code {
        code: "R0428",
        title: "`on-error` where nothing can fail",
        page: "`on-error` says what becomes of a call on which a repair can't act. What is undone on the way back must act on\n\
               every call, and `reject` and `respond` do nothing but end one.",
        bad: "on-error: skip\ndo: [ { invert: { at: active } } ]",
        good: "on-error: skip\ndo: [ { drop: { at: \"$..display\" } } ]",
    },
    Code {
        code: "R0429",
        title: "nothing, or two things, said at once",
        page: "`set`, `default` and `drop` exclude each other, and one of them has to be there; `min` and `max` are for `count`\n\
               and `startIndex`, which are numbers. An `error` gets a `detail` or is scrubbed.",
        bad: "query: { count: { set: 100, drop: true } }",
        good: "query: { count: { default: 100, max: 200 } }",
    },
    Code {
        code: "R0430",
        title: "a status that no answer can have",
        page: "An error that becomes a success needs a body that fits it: none (`become: 204`) or an empty list, for a list or a\n\
               search. Clients know only the statuses of RFC 7644 section 3.12; 401 would tell them that their token is wrong.",
        bad: "to: client\ndo: [ { status: { 404: { become: 200 } } } ]",
        good: "to: client\ndo: [ { status: { 404: { operations: list, become: 200, body: empty-list } } } ]",
    },
    Code {
        code: "R0431",
        title: "an attribute that can't be a key",
        page: "`identify: { by: attr }` is for a backend whose key is another attribute than `id`: its URLs and members speak of\n\
               resources by that. Clients get the key as `id`, so it must be one text that each resource has, that everybody\n\
               may see, and that never changes; what would change it is refused with 400. A backend whose keys change can't\n\
               be served by a rule, nor one that has two keys: another in members than in URLs.",
        bad: "do: [ { identify: { by: active } } ]",
        good: "when: { resource: User }\ndo: [ { identify: { by: userName } } ]",
    },
    Code {
        code: "R0432",
        title: "a failure that would look like a success",
        page: "A client that reads a success never sends the change again: a deactivation that failed would be lost for good. An\n\
               error becomes a success only where it says that there is nothing: 404 and 410 for a deletion; for a list also\n\
               501, or one whose text `matches`. `respond` answers no write to users.",
        bad: "to: client\ndo: [ { status: { 409: { operations: patch, become: 204 } } } ]",
        good: "to: client\ndo: [ { status: { 404: { operations: delete, become: 204 } } } ]",
    },
    Code {
        code: "R0433",
        title: "a search that would be answered with everybody",
        page: "A client takes the first of an answer for whom it has looked for. Without its `filter`, or with another one, that\n\
               is somebody else, whom it then links, changes and deactivates.",
        bad: "query: { filter: { drop: true } }",
        good: "query: { sortBy: { drop: true } }",
    },
    Code {
        code: "R0434",
        title: "an alias that leads elsewhere",
        page: "What is authorised is the path as SCIM spells it. A backend's alias may spell the same endpoint otherwise; one that\n\
               leads to another resource type, or from one resource to another, would pass by the scopes of the token.",
        bad: "path: { alias: { /Users: /Groups } }",
        good: "path: { alias: { /Users: /people } }",
    },
    Code {
        code: "R0435",
        title: "a deactivation that never arrives",
        page: "`active: false` is how clients take access away. A rule that takes `active` out of every PUT or PATCH, or\n\
               overwrites it, leaves people in whom the client believes to be out.",
        bad: "drop: { at: active }",
        good: "when: { operations: create }\ndo: [ { drop: { at: active } } ]",
    },
];
