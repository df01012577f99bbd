//! R044.: what can be wrong with an action on values and URNs.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "R0440",
        title: "a complex attribute where a value must be",
        page: "Words, affixes and other types are for plain values. A complex attribute such as `emails` has parts: name the one\n\
               that holds the value.",
        bad: "map: { at: emails, values: { a: b } }",
        good: "map: { at: emails.type, values: { a: b } }",
    },
    Code {
        code: "R0441",
        title: "a date that is none",
        page: "The attribute is known, and its values are no dates: every one of them would be refused, in requests and answers.",
        bad: "convert: { at: active, to: date-as-epoch }",
        good: "convert: { at: meta.created, to: date-as-epoch }",
    },
    Code {
        code: "R0442",
        title: "a value that can't stand there",
        page: "A value is a text, a number, `true` or `false`, of the attribute's own type. An empty text counts as absent, so\n\
               it can't stand for something, nor something for it: that is what `empty`, `default` and `fill` are for.",
        bad: "map: { at: userType, values: { Employee: '' } }",
        good: "map: { at: userType, values: { Employee: E } }",
    },
    Code {
        code: "R0443",
        title: "a word that stands twice on one side",
        page: "A two-way action goes back as well: two values with one word could not be told apart in answers. Words are\n\
               compared as the attribute is, most without case.",
        bad: "map: { at: userType, values: { Employee: E, Engineer: e } }",
        good: "map: { at: userType, values: { Employee: E, Engineer: G } }",
    },
    Code {
        code: "R0444",
        title: "an affix on what is no text",
        page: "The attribute is known, and no text: nothing can be put before or behind it.",
        bad: "affix: { at: active, prefix: 'acme:' }",
        good: "affix: { at: userName, prefix: 'acme:' }",
    },
    Code {
        code: "R0445",
        title: "a fill of what can have several values",
        page: "Of an element, or of an attribute with several values, `absent` could mean many things, and a filter on it could\n\
               not be translated. `fill` takes an attribute of the resource with a single value.",
        bad: "fill: { at: 'emails[*].type', value: work }",
        good: "fill: { at: active, value: true }",
    },
    Code {
        code: "R0446",
        title: "what is no schema's URN",
        page: "`schemas` changes URNs as they stand in a resource's `schemas`: they end in a version, or in a version and a type.",
        bad: "schemas: { urns: { badge: 'urn:acme:scim:2.0:Badge' } }",
        good: "schemas: { urns: { 'urn:acme:scim:1.0:Badge': 'urn:acme:scim:2.0:Badge' } }",
    },
    Code {
        code: "R0447",
        title: "a part of what is a text by then",
        page: "`shape: { to: strings }` leaves texts where entries with parts were. Rules act in the order of the pack, so that a\n\
               later one finds no parts: write it before.",
        bad: "do: [ { shape: { at: emails, to: strings } }, { affix: { at: emails.value, prefix: 'mailto:' } } ]",
        good: "do: [ { affix: { at: emails.value, prefix: 'mailto:' } }, { shape: { at: emails, to: strings } } ]",
    },
];
