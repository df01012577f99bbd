//! Reads `can:`.

use crate::fault::{Fault, Faults};
use crate::scim::{AttrPath, CompareOp, Version};
use crate::yaml::{Fields, Kind, Node};

use super::{
    Able, Bounds, Budget, Bulk, Can, Creating, Filtering, Form, Index, Logic, Media, MemberChange, Operator, Paging,
    Patching, Reading, Replacing, Tags, Verbs,
};

/// The most that a limit may be: a hundred million of anything is none.
const MOST: i64 = 100_000_000;

impl Can {
    /// Reads it. What is wrong is said and counts as absent.
    pub fn read(node: &Node, faults: &mut Faults) -> Self {
        let mut can = Self::default();
        let Some(mut fields) = node.fields("can", faults) else { return can };
        can.users = verbs(&mut fields, "users", faults);
        can.groups = verbs(&mut fields, "groups", faults);
        can.scim = fields.take("scim").map_or_else(Version::default, |node| version(node, faults));
        can.filter = able(fields.take("filter"), "filter", filtering, faults);
        can.page = able(fields.take("page"), "page", paging, faults);
        can.sort = yes_or_no(fields.take("sort"), "sort", faults);
        can.etag = fields.take("etag").map_or_else(Tags::default, |node| tags(node, faults));
        can.attributes = yes_or_no(fields.take("attributes"), "attributes", faults);
        can.bulk = able(fields.take("bulk"), "bulk", bulk, faults);
        can.search = yes_or_no(fields.take("search"), "search", faults);
        can.me = yes_or_no(fields.take("me"), "me", faults);
        can.discovery = yes_or_no(fields.take("discovery"), "discovery", faults);
        can.limits = fields.take("limits").map(|node| bounds(node, faults)).unwrap_or_default();
        can.budget = fields.take("budget").and_then(|node| Budget::read(node, faults)).unwrap_or_default();
        let usual = if can.scim.is_old() { Media::Json } else { Media::Scim };
        let media = fields.take("media").and_then(|node| node.word("media type", Media::WORDS, faults));
        can.media = media.unwrap_or(usual);
        if can.scim.is_old() {
            can.filter = of_old_filters(can.filter);
            for verbs in [&mut can.users, &mut can.groups] {
                verbs.filter = verbs.filter.take().map(of_old_filters);
            }
        }
        fields.finish(faults);
        can
    }
}

/// SCIM 1.1 has neither `ne` nor `ew` nor `not`.
fn of_old_filters(filtering: Able<Filtering>) -> Able<Filtering> {
    let Able::Yes(mut filtering) = filtering else { return Able::No };
    let newer = [Operator::Compare(CompareOp::Ne), Operator::Compare(CompareOp::Ew)];
    filtering.operators.retain(|operator| !newer.contains(operator));
    filtering.logic.retain(|logic| *logic != Logic::Not);
    Able::Yes(filtering)
}

/// `true`, `false`, or a mapping that `read` makes limits of.
fn able<T: Default>(
    node: Option<&Node>,
    what: &'static str,
    read: fn(&mut Fields<'_>, &mut Faults) -> T,
    faults: &mut Faults,
) -> Able<T> {
    match node {
        None => Able::default(),
        Some(Node { kind: Kind::Bool(true), .. }) => Able::default(),
        Some(Node { kind: Kind::Bool(false), .. }) => Able::No,
        Some(node @ Node { kind: Kind::Map(_), .. }) => match node.fields(what, faults) {
            Some(mut fields) => {
                let limits = read(&mut fields, faults);
                fields.finish(faults);
                Able::Yes(limits)
            }
            None => Able::default(),
        },
        Some(node) => {
            faults.push(
                Fault::error("R0102", node.place.clone(), format!("`{what}` can't be {}", node.kind))
                    .label("not `true`, `false` or a mapping")
                    .help(
                        "write `false` if it can't at all, or a mapping with its limits; absent means all of the RFC",
                    ),
            );
            Able::default()
        }
    }
}

fn yes_or_no(node: Option<&Node>, what: &'static str, faults: &mut Faults) -> Able<()> {
    match node.and_then(|node| node.truth(what, faults)) {
        Some(false) => Able::No,
        _ => Able::Yes(()),
    }
}

/// `true`, `false` or `required`.
fn tags(node: &Node, faults: &mut Faults) -> Tags {
    match &node.kind {
        Kind::Bool(true) => Tags::Kept,
        Kind::Bool(false) => Tags::No,
        Kind::String(word) if word == "required" => Tags::Required,
        kind => {
            let message = format!("`etag` can't be {kind}");
            faults.push(
                Fault::error("R0102", node.place.clone(), message).label("not `true`, `false` or `required`").help(
                    "write `required` if the backend changes nothing without `If-Match`, `false` if it has no ETags",
                ),
            );
            Tags::default()
        }
    }
}

/// `false` for a type of resource is `false` for all that can be done with it.
fn verbs(fields: &mut Fields<'_>, name: &'static str, faults: &mut Faults) -> Verbs {
    match able(fields.take(name), name, read_verbs, faults) {
        Able::Yes(verbs) => verbs,
        Able::No => Verbs {
            create: Able::No,
            read: Able::No,
            replace: Able::No,
            patch: Able::No,
            delete: Able::No,
            filter: Some(Able::No),
        },
    }
}

fn read_verbs(fields: &mut Fields<'_>, faults: &mut Faults) -> Verbs {
    Verbs {
        create: able(fields.take("create"), "create", creating, faults),
        read: able(fields.take("read"), "read", reading, faults),
        replace: able(fields.take("replace"), "replace", replacing, faults),
        patch: able(fields.take("patch"), "patch", patching, faults),
        delete: yes_or_no(fields.take("delete"), "delete", faults),
        filter: fields.take("filter").map(|node| able(Some(node), "filter", filtering, faults)),
    }
}

fn creating(fields: &mut Fields<'_>, faults: &mut Faults) -> Creating {
    Creating { max_members: limit(fields, "max-members", faults) }
}

fn reading(fields: &mut Fields<'_>, faults: &mut Faults) -> Reading {
    Reading {
        hides: attributes(fields, "hides", faults).unwrap_or_default(),
        on_request: attributes(fields, "on-request", faults).unwrap_or_default(),
        list_hides: attributes(fields, "list-hides", faults).unwrap_or_default(),
    }
}

fn replacing(fields: &mut Fields<'_>, faults: &mut Faults) -> Replacing {
    Replacing {
        max_members: limit(fields, "max-members", faults),
        merges: fields.take("merges").and_then(|node| node.truth("merges", faults)).unwrap_or(false),
        attributes: attributes(fields, "attributes", faults),
    }
}

fn patching(fields: &mut Fields<'_>, faults: &mut Faults) -> Patching {
    let all = Patching::default();
    Patching {
        form: word(fields.take("form"), "form", Form::WORDS, faults),
        members: words(fields.take("members"), "change of members", MemberChange::WORDS, all.members, faults),
        repeats: fields.take("repeats").and_then(|node| node.truth("repeats", faults)).unwrap_or(true),
        value_paths: fields.take("value-paths").and_then(|node| node.truth("value-paths", faults)).unwrap_or(true),
        attributes: attributes(fields, "attributes", faults),
        max_operations: limit(fields, "max-operations", faults),
        max_changes: limit(fields, "max-changes", faults),
        max_bytes: limit(fields, "max-bytes", faults),
    }
}

fn filtering(fields: &mut Fields<'_>, faults: &mut Faults) -> Filtering {
    let all = Filtering::default();
    Filtering {
        operators: words(fields.take("operators"), "operator", Operator::WORDS, all.operators, faults),
        logic: words(fields.take("logic"), "logic", Logic::WORDS, all.logic, faults),
        attributes: attributes(fields, "attributes", faults),
        ne_absent: fields.take("ne-absent").and_then(|node| node.truth("ne-absent", faults)).unwrap_or(true),
    }
}

fn paging(fields: &mut Fields<'_>, faults: &mut Faults) -> Paging {
    let default_node = fields.take("default");
    let default = default_node.and_then(|node| number(node, "default", faults));
    let max = limit(fields, "max", faults);
    if let (Some(node), Some(default), Some(max)) = (default_node, default, max)
        && default > max
    {
        faults.push(
            Fault::error("R0103", node.place.clone(), format!("a page of {default} is longer than the longest, {max}"))
                .label("out of range")
                .help(format!("write a number up to {max}")),
        );
    }
    let index = fields.take("index").and_then(|node| node.word("index", Index::WORDS, faults));
    Paging { max, default, index }
}

fn bulk(fields: &mut Fields<'_>, faults: &mut Faults) -> Bulk {
    Bulk { max_operations: limit(fields, "max-operations", faults) }
}

fn bounds(node: &Node, faults: &mut Faults) -> Bounds {
    let Some(mut fields) = node.fields("limits", faults) else { return Bounds::default() };
    let bounds = Bounds { scan: limit(&mut fields, "scan", faults), writes: limit(&mut fields, "writes", faults) };
    fields.finish(faults);
    bounds
}

/// `2.0` and `1.1` in quotes or not: as numbers of YAML they keep their text.
fn version(node: &Node, faults: &mut Faults) -> Version {
    node.word("version of SCIM", Version::WORDS, faults).unwrap_or_default()
}

fn limit(fields: &mut Fields<'_>, name: &'static str, faults: &mut Faults) -> Option<u32> {
    fields.take(name).and_then(|node| number(node, name, faults))
}

fn number(node: &Node, name: &str, faults: &mut Faults) -> Option<u32> {
    node.whole(name, 1..=MOST, faults).and_then(|number| u32::try_from(number).ok())
}

fn word<T: Copy + Default>(node: Option<&Node>, what: &str, known: &[(&str, T)], faults: &mut Faults) -> T {
    node.and_then(|node| node.word(what, known, faults)).unwrap_or_default()
}

fn words<T: Copy>(node: Option<&Node>, what: &str, known: &[(&str, T)], absent: Vec<T>, faults: &mut Faults) -> Vec<T> {
    let Some(node) = node else { return absent };
    node.one_or_list().into_iter().filter_map(|one| one.word(what, known, faults)).collect()
}

fn attributes(fields: &mut Fields<'_>, name: &'static str, faults: &mut Faults) -> Option<Vec<AttrPath>> {
    let entries = fields.take(name)?.one_or_list();
    Some(entries.into_iter().filter_map(|node| attribute(node, faults)).collect())
}

fn attribute(node: &Node, faults: &mut Faults) -> Option<AttrPath> {
    let text = node.text("an attribute path", faults)?;
    let path = AttrPath::parse(text);
    if let Err(fault) = &path {
        faults.push(
            Fault::error("R0403", node.place.clone(), format!("`{text}` is not an attribute path: {fault}"))
                .label("not an attribute path")
                .help("write it as SCIM does: `userName`, `name.givenName`, `urn:..:User:department`"),
        );
    }
    path.ok()
}
