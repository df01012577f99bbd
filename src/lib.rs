//! scimgate: the gateway that makes any SCIM client work with any SCIM backend, by rules that ops can read.
//!
//! A call meets the rooms in this order: [`server`] takes it off the wire, [`gateway`] walks it through, [`access`] says
//! who may do what and how often, [`rules`] translate it into standard SCIM and on into the backend's dialect, [`bridge`]
//! holds the conversation with the backend, and everything is undone on the way back. Ops steer it with YAML.
//!
//! | room | what it is | may import |
//! |---|---|---|
//! | [`json`] | our tokenizer, streaming pass and borrowed tree; knows no SCIM | - |
//! | [`fault`] | what is wrong in a file: place, message, help; how it prints | - |
//! | [`metrics`] | every metric: name, help, labels; one registry, passed around | - |
//! | [`log`] | log set-up; what is never logged | - |
//! | [`file`](mod@file) | reads files that people name, and waits for none | - |
//! | [`yaml`] | YAML with the place of every key and value | json, fault |
//! | [`scim`] | what RFC 7643 and 7644 say: pure values | json |
//! | [`rules`] | the rule language: loading, actions, carriers, cases; pure | scim, json, fault, yaml |
//! | [`access`] | token, scope, limit; the only maker of a permit; pure but for the token file | scim, json, fault, file |
//! | [`bridge`] | conversations with a backend that can't do a thing; one bridge, one file | scim, json |
//! | [`config`] | what the operator wrote, and what it means | scim, rules, access, bridge, fault, yaml, file |
//! | [`gateway`] | one call, start to end | config, scim, json, rules, access, bridge, fault, metrics, log |
//! | [`server`] | sockets and life cycle | gateway, config, metrics, log, file |
//! | [`demo`] | a legacy SCIM backend with flaws, and Okta's day played against it | scim, json, server |
//! | [`probe`] | what a backend is asked to find out what it can do, and the pack that comes of it | scim, json |
//! | [`cli`] | the words at the shell | everything |
//!
//! `tests/walls.rs` reads every path in the source and fails where a wall is broken. `hyper`, `tokio` and `tower` live in
//! gateway, server and cli; `jsonpath_rust` in `rules/select`; `governor` in `access/throttle`; `prometheus` in
//! `metrics`; `std::env` in cli and config.
//!
//! # Where this differs from the first design
//!
//! - `yaml` is a room of its own: config and rules both read files with places, and neither owns the other.
//! - `gateway` may import `fault`: it runs the cases of packs, and a broken promise is a fault at a place in a file.
//! - Which rules of a shipped pack act is settled per connection (`rules:` in `gateway.yaml`), so that nobody has to edit
//!   a pack to switch `okta/no-password` on.
//! - The steps before the gateway (`server/stack`) are plain functions in one list, not tower layers: each is one line, and
//!   boxes would add nothing but themselves.
//! - A search at the root (`/.search`) is one of each type where a connection has rules, since no plan fits several types. An
//!   attribute that a type doesn't have is taken out of its filter before it is asked; what one type refuses is refused.
//!   Query parameters beside a search body are ignored (RFC 7644 section 3.4.3).
//! - What a rule takes out of answers (`to: client`), no filter, sort or attribute list can ask for.
//! - A rule that would call a failed write done, answer a look-up with everybody, change what was authorised, or take
//!   `active` out of every change is refused at load (`rules/harm`), though the language could say it.
//! - In a filter, `ne` with a literal that a `map` doesn't list is true of everything, as `ne` is of absent values.
//! - `shape ... by-type` names its slots by type, `slots: { work: workEmail }`; `default` may name attributes as `set` does.
//! - Bulk is off until a connection names it under `operations`. How its operations refer to each other, also in a circle,
//!   is the backend's to resolve, as RFC 7644 section 3.7.1 has it; one that refers to nothing, or to what is refused, is not
//!   sent. Its limits are those that there are: calls at once, and bytes of a body; writes of one request, where its operations
//!   may have to be made as calls of their own. Then references are written here, and a circle is a 409. Results of such calls
//!   show no resource; what `failOnErrors` has stopped is not among them, as in the example of RFC 7644 section 3.7.3.
//! - Those calls are made by a task that outlives its client: what has begun ends, and each operation has a record of its own.
//!   `gateway/single` is the one way of a call, an operation and one type's part of a search.
//! - `patch_to_put` works on standard SCIM, between the packs, not in the backend's dialect: there the schema is known, so that
//!   RFC 7644 can be kept, and the backend's rules act on each of its calls. What a backend's pack drops from answers it
//!   can't see, so such a configuration is refused at load. So is one whose pack writes an attribute anew for clients alone,
//!   wherever a resource is read to be written: a bridge would write that back, or take a deactivation for done.
//! - A PATCH that the backend's pack can't translate without the resource goes over `patch_to_put`, too; one that a client's pack
//!   can't is refused, since between the packs nobody knows the client's words.
//! - SCIM 1.1 is read and written at both edges (`scim/version`, `gateway/edge`); where a side speaks it, no body is translated
//!   without a tree. A list still streams. Before anybody knows who calls, the path alone decides in which version a no is
//!   said (`/scim/v1/..`): its form must not tell which connections there are. A method is overridden before it is
//!   authorised, and only where the client speaks 1.1.
//! - A PATCH that SCIM 1.1 can't say exactly goes over `patch_to_put`, and is refused where a PUT would clear what the backend
//!   hides. An element that a client of SCIM 1.1 adds is merged by a bridge of its own (`merge`), since only the resource tells
//!   whether it is there.
//! - What rules do to a resource is done to its bytes as they are read, where each member tells by itself what becomes of it
//!   (`rules/stream`); all else, and whatever turns out not to be so plain, takes the tree. The two are held against each
//!   other: the same names and values in the same order. White space inside what rules touch is kept by one only.
//! - It is done to whole resources, so an answer that is one resource is held until it has come: 16 MiB at most.
//! - `lower` and `chunk` write operations in standard SCIM, before the backend's pack; only a body's length is measured as the
//!   backend gets it. A filter that isn't sent whole is asked whole of what comes back, also the part that was sent.
//! - Writes that belong together are made ready, and pass the brake, before the first is sent, and end without the client.
//! - `identify` is for keys that never change: clients get the key as their `id`, so nothing of a URL, of members or of `$ref`
//!   has to be rewritten, and what would change a key is refused. No key is looked up. In filters `id` compares as the key does.
//! - One schema is picked from all of the backend's where rules speak of resources: an attribute that moves stands in another
//!   one there. What is dropped towards the client isn't in schemas; what is dropped from every change is read-only there.
//! - `put_merge` and what becomes of accounts that go (`lifecycle`) work on standard SCIM, between the packs, as `patch_to_put`
//!   does. There is no `reactivate: recreate`: the account that is made anew has another id, which its client doesn't know.
//!   `inactive: hide` hides from reads only: a write has to find whom it switches on again.
//! - A write before a backend that changes some attributes by PUT only and others by PATCH only is parted (`split`); one that
//!   can't choose elements by a filter in a path gets the list whole (`elements`). The design had neither row.
//! - What a backend leaves out of lists is read one by one (`hydrate`), after filtering: no list is filtered by it. The groups of
//!   a user are found by their members; those of users in lists aren't.
//! - A POST of a group with more members than the backend takes is several calls (`create`); it is made by a task that outlives
//!   its client (`gateway/to_the_end`), since the group alone is not what was asked.
//! - Of groups, a backend that has none is not asked: lists are empty, writes a 501. Discovery doesn't speak of them either.
//! - There is no `/Me` (RFC 7644 section 3.11 leaves it open): a client's token never reaches a backend, where the gateway's own
//!   would be somebody else.
//! - A PUT that switches a user off, after which the backend has nobody of that id, is answered as it was asked.
//! - A POST or PUT that is answered without a body is read back whatever scopes the token has: its answer would have shown the
//!   resource, too.
//! - What the design calls `pace` is a `budget` in `can:`, since how often a backend may be called is a fact about it. A budget is
//!   kept by each process for itself, and a rehearsal has none.
//! - `probe` is a room of its own, which asks and knows no sockets; it makes two users and a group, and says what it left.
//! - A new configuration is taken over by `cli/serve`, which knows both the token file and the gateway.
//! - Each processor has a thread with a runtime of its own (`server/workers`). Who accepts hands each connection to the one
//!   that has the fewest; the system's own way (`SO_REUSEPORT`) goes by a hash, which is uneven where clients are few. A
//!   connection to a backend serves the runtime that made it, also where it was given back to the one pool of its backend.

pub mod access;
pub mod bridge;
pub mod cli;
pub mod config;
pub mod demo;
pub mod fault;
pub mod file;
pub mod gateway;
pub mod json;
pub mod log;
pub mod metrics;
pub mod probe;
pub mod rules;
pub mod scim;
pub mod server;
pub mod yaml;
