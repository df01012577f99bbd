//! How a backend lists, from what its pack says that it can.

use crate::bridge::{Filters, Lists, Pages, covers};
use crate::rules::can::{Able, Can, Filtering, Index, Logic, Operator, Paging};
use crate::scim::{AttrPath, CompareOp, Resource};

/// How such a backend lists resources of this type; nothing if it does all of it by itself, or none.
#[must_use]
pub fn lists(can: &Can, resource: &Resource) -> Option<Lists> {
    let unseen = match can.verbs(resource).map(|verbs| &verbs.read) {
        Some(Able::No) => return None,
        Some(Able::Yes(reading)) => [&reading.hides[..], &reading.on_request, &reading.list_hides].concat(),
        None => Vec::new(),
    };
    let filters = filters(can.filter_of(resource).limits(), unseen);
    let reading = can.verbs(resource).and_then(|verbs| verbs.read.limits());
    let hidden = reading.map(|reading| reading.list_hides.clone()).unwrap_or_default();
    let lists = Lists { filters, pages: pages(can.page.limits()), projects: can.attributes != Able::No, hidden };
    (!lists.are_full()).then_some(lists)
}

fn filters(filtering: Option<&Filtering>, unseen: Vec<AttrPath>) -> Filters {
    let Some(filtering) = filtering else {
        let (compares, presence, attributes) = (Vec::new(), false, None);
        return Filters { compares, presence, and: false, or: false, not: false, attributes, unseen };
    };
    let knows = |operator| filtering.operators.contains(&operator);
    let joins = |logic| filtering.logic.contains(&logic);
    // A `ne` that passes over those who lack the attribute finds less than the filter does.
    let means = |op: &CompareOp| *op != CompareOp::Ne || filtering.ne_absent;
    let compares = CompareOp::ALL.into_iter().filter(|op| knows(Operator::Compare(*op)) && means(op));
    Filters {
        compares: compares.collect(),
        presence: knows(Operator::Present),
        and: joins(Logic::And),
        or: joins(Logic::Or),
        not: joins(Logic::Not),
        attributes: filtering.attributes.clone(),
        unseen,
    }
}

fn pages(paging: Option<&Paging>) -> Pages {
    match paging {
        None => Pages::Whole,
        Some(Paging { max, index: Some(Index::Cursor), .. }) => Pages::ByCursor { max: *max },
        Some(Paging { max: None, index: None, .. }) => Pages::AsSent,
        Some(Paging { max, .. }) => Pages::ByIndex { max: *max },
    }
}

/// Whether the groups of a user, which the backend doesn't show there, are to be found by who is in them.
#[must_use]
pub fn finds_memberships(can: &Can) -> bool {
    let (Ok(groups), Ok(member)) = (AttrPath::parse("groups"), AttrPath::parse("members.value")) else { return false };
    let is_hidden = can.users.read.limits().is_some_and(|read| read.hides.iter().any(|path| covers(path, &groups)));
    let finds = can.filter_of(&Resource::Group).limits().is_some_and(|filtering| {
        let knows = filtering.operators.contains(&Operator::Compare(CompareOp::Eq));
        let by = filtering.attributes.as_ref().is_none_or(|known| known.iter().any(|path| covers(path, &member)));
        knows && by
    });
    let pages = can.page.limits().is_none_or(|paging| paging.index != Some(Index::Cursor));
    is_hidden && can.groups.read != Able::No && finds && pages
}
