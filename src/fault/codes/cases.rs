//! R05..: promises of a case that were not kept.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "R0500",
        title: "a case that can't be played",
        page: "The request of the case can't be written as HTTP: its method, path or a header is none.",
        bad: "sends: { request: \"P(T /Users/7\" }",
        good: "sends: { request: \"PUT /Users/7\" }",
    },
    Code {
        code: "R0501",
        title: "nothing reached the backend",
        page: "The case shows what the backend is to receive, and the call was answered by the gateway itself: a rule or\n\
               the gateway refused it. The help shows the answer.",
        bad: "# a rule refuses DELETE\nbackend: { receives: { request: \"DELETE /Users/7\" } }",
        good: "client: { sends: { request: \"DELETE /Users/7\" }, receives: { status: 403 } }",
    },
    Code {
        code: "R0502",
        title: "the call reached the backend",
        page: "The case shows no backend, so it promises that the call is answered by the gateway itself; and it went on.",
        bad: "client: { sends: { request: \"GET /Users/7\" }, receives: { status: 403 } }",
        good: "client: { sends: { request: \"GET /Users/7\" } }\nbackend: { receives: { request: \"GET /Users/7\" }, answers: { status: 200, body: {} } }",
    },
    Code {
        code: "R0504",
        title: "the backend received another request",
        page: "Method, path or query are not those of the case, or there was a second call. Queries are compared parameter\n\
               by parameter, decoded. `check --bless` writes what was received into the case.",
        bad: "receives: { request: \"GET /Users?filter=userName%20eq%20%22ada%22\" }",
        good: "receives: { request: \"GET /Users?filter=login%20eq%20%22ada%22\" }",
    },
    Code {
        code: "R0505",
        title: "the backend received another body",
        page: "The body that reached the backend is not that of the case: a rule did more, less or something else. Bodies\n\
               are compared exactly, but for `schemas` where the case shows none; `match: subset` compares what is shown.\n\
               `check --bless` writes what was received into the case.",
        bad: "receives: { request: \"POST /Users\", body: { userName: ada } }",
        good: "receives: { request: \"POST /Users\", body: { login: ada } }",
    },
    Code {
        code: "R0506",
        title: "the client received another status",
        page: "The status at the client is not that of the case. The help shows the whole answer; a refusal says why in\n\
               its `detail`.",
        bad: "receives: { status: 200 }",
        good: "receives: { status: 400 }",
    },
    Code {
        code: "R0507",
        title: "the client received another body",
        page: "The body that reached the client is not that of the case: something was not undone, or undone wrongly.\n\
               `check --bless` writes what was received into the case.",
        bad: "receives: { status: 200, body: { login: ada } }",
        good: "receives: { status: 200, body: { userName: ada } }",
    },
    Code {
        code: "R0508",
        title: "other rules fired",
        page: "`fired` names exactly the rules, and the `std/..` repairs, that changed something. Another one fired, or one\n\
               did not. `check --bless` writes those that fired into the case.",
        bad: "fired: []",
        good: "fired: [login]",
    },
    Code {
        code: "R0509",
        title: "another header field was received",
        page: "A field in `headers` has another value than the case shows, or is there where the case shows null. Names\n\
               are compared without case, values exactly; fields that the case doesn't show may be there.",
        bad: "receives: { request: \"GET /Users\", headers: { accept: text/html } }",
        good: "receives: { request: \"GET /Users\", headers: { accept: application/json } }",
    },
];
