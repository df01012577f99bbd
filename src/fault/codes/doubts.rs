//! R06..: warnings. The rule can be used, and may not do what was meant.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "R0601",
        title: "an attribute that clients look up is dropped",
        page: "Clients find users and groups again by `userName`, `externalId`, `displayName` and `emails`. A search for a\n\
               dropped attribute is refused, and who is not found is created a second time.",
        bad: "drop: { at: externalId }",
        good: "rename: { names: { externalId: employeeId } }",
    },
    Code {
        code: "R0602",
        title: "no case shows this rule at work",
        page: "No case of the pack makes the rule change anything, so nobody would notice if it stopped doing so. Rules\n\
               with `mode: disabled` need none.",
        bad: "rules: [ { id: login, .. } ]\ncases: []",
        good: "cases:\n  - name: a new user\n    ..\n    fired: [login]",
    },
    Code {
        code: "R0603",
        title: "a rule that can never fire",
        page: "The rule is for calls that don't exist or that carry nothing for it, or what it names is gone before it is\n\
               reached: an earlier rule drops or renames it. Rules see what the rule before them made.",
        bad: "- { do: [ { rename: { names: { active: blocked } } } ], .. }\n- { do: [ { invert: { at: active } } ], .. }",
        good: "- { do: [ { rename: { names: { active: blocked } } } ], .. }\n- { do: [ { invert: { at: blocked } } ], .. }",
    },
    Code {
        code: "R0604",
        title: "a query that a PATCH passes by",
        page: "A JSONPath query looks at the values of a body. A PATCH can name the same attribute in its path, where the\n\
               query sees nothing, so what is dropped from a POST would arrive by PATCH.",
        bad: "drop: { at: \"$.emails[?@.type == 'home']\" }",
        good: "when: { operations: [create, replace] }\ndo: [ { drop: { at: \"$.emails[?@.type == 'home']\" } } ]",
    },
    Code {
        code: "R0605",
        title: "a change that the client will try to undo",
        page: "The rule overwrites what the client sent, and answers show what was written. A client that compares the two\n\
               sends its own value again, for ever. `default` fills in only what is absent.",
        bad: "set: { at: userType, value: Employee }",
        good: "default: { at: userType, value: Employee }",
    },
    Code {
        code: "R0606",
        title: "a rule that waits for what the backend can't do",
        page: "`can` says that the backend doesn't have the operation, so such a call doesn't reach it as it is: the rule\n\
               stays idle, or `can` says too little of the backend.",
        bad: "can: { groups: { replace: false } }\nrules: [ { when: { resource: Group, operations: replace }, .. } ]",
        good: "can: { groups: { replace: false } }\nrules: [ { when: { resource: Group, operations: patch }, .. } ]",
    },
    Code {
        code: "R0607",
        title: "a type that is nearly another",
        page: "A rule for a resource type that no connection declares never fires, and nothing else says so. This one has a\n\
               name that is nearly `User` or `Group`. Types of your own stand under `resources` of a connection.",
        bad: "when: { resource: Users }",
        good: "when: { resource: User }",
    },
];
