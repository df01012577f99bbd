//! How each kind of call gets to a backend: settled when the configuration is loaded.

use crate::bridge::{Bridge, Choices, Lists, Offered, One, PatchToPut, Way};
use crate::config::bridges;
use crate::rules::can::{Able, Tags};
use crate::rules::{Modes, Pack};
use crate::scim::{Operation, OperationKind, Resource, Target, Version};

use super::super::turning::Turns;

/// How each kind of call gets to a backend. Writes of other resources than users and groups need no bridge.
#[derive(Clone, Debug)]
pub struct Ways {
    users: Verbs,
    groups: Verbs,
    /// Whether elements that clients add have to be merged: SCIM 1.1 has it so.
    pub(super) merges: bool,
    /// What the backend does with `If-Match`.
    pub(super) tags: Tags,
    /// How it lists resources of a type, where a bridge may stand before that.
    lists: Vec<(Resource, Lists)>,
    /// What becomes of calls before.
    pub(super) turns: Turns,
    /// What is said of a backend that says nothing of itself.
    pub(super) offered: Option<Offered>,
    /// There are groups.
    has_groups: bool,
    /// Which of them a user is in is found by their members.
    pub(super) finds_memberships: bool,
    has_bulk: bool,
    pub(super) has_search: bool,
    /// The types that are searched where all are.
    searched: Vec<Resource>,
}

#[derive(Clone, Debug)]
struct Verbs {
    create: Way,
    patch: Way,
    replace: Way,
    /// For a PATCH that the backend's pack can't translate without the resource.
    spare: Option<PatchToPut>,
}

impl Ways {
    /// The ways of a client that speaks this to a backend that can so much, where these types of resources are declared and
    /// these choices are made.
    #[must_use]
    pub fn new(inner: &Pack, modes: &Modes, client: Version, declared: &[Resource], choices: Choices) -> Self {
        let can = &inner.can;
        let verbs = |resource| Verbs {
            create: bridges::way(can, &resource, OperationKind::Create),
            patch: bridges::way(can, &resource, OperationKind::Patch),
            replace: bridges::way(can, &resource, OperationKind::Replace),
            spare: bridges::spare(inner, modes, &resource),
        };
        let all = [Resource::User, Resource::Group].into_iter().chain(declared.iter().cloned());
        let lists =
            all.clone().filter_map(|resource| bridges::lists(can, &resource).map(|lists| (resource, lists))).collect();
        Self {
            users: verbs(Resource::User),
            groups: verbs(Resource::Group),
            merges: client.is_old(),
            tags: can.etag,
            lists,
            turns: Turns::new(choices, can),
            offered: bridges::offered(can),
            has_groups: can.has_groups(),
            finds_memberships: bridges::finds_memberships(can),
            has_bulk: can.bulk != Able::No,
            has_search: can.search != Able::No,
            searched: all.filter(|resource| !can.lacks(resource, OperationKind::List)).collect(),
        }
    }

    fn verbs(&self, target: &Target) -> Option<&Verbs> {
        match target.resource.as_ref()? {
            Resource::User => Some(&self.users),
            Resource::Group => Some(&self.groups),
            Resource::Other(_) => None,
        }
    }

    /// Whether a call changes something that the backend doesn't let be changed without a tag, which no bridge reads for it.
    pub(super) fn demands_tag(&self, target: &Target) -> bool {
        self.tags == Tags::Required && One::of(target).is_some() && !self.of(target).reads_tags()
    }

    /// The way of a PATCH that the backend's pack can't translate without the resource.
    #[must_use]
    pub fn spare(&self, target: &Target) -> Option<(One, PatchToPut)> {
        let Operation::Patch(_) = &target.operation else { return None };
        let server = self.verbs(target)?.spare?;
        Some((One::of(target)?, server))
    }

    /// The way of one call.
    #[must_use]
    pub fn of(&self, target: &Target) -> &Way {
        match (self.verbs(target), &target.operation) {
            (Some(verbs), Operation::Patch(_)) => &verbs.patch,
            (Some(verbs), Operation::Replace(_)) => &verbs.replace,
            (Some(verbs), Operation::Create) => &verbs.create,
            _ => &Way::Direct,
        }
    }

    /// How the backend lists what a call asks for, if it reads resources and a bridge may stand before that.
    #[must_use]
    pub fn lists(&self, target: &Target) -> Option<&Lists> {
        let resource = target.resource.as_ref()?;
        self.lists.iter().find(|(known, _)| known == resource).map(|(_, lists)| lists)
    }

    /// The resource of which only one write may go at a time, since some write of it takes several calls.
    #[must_use]
    pub fn held(&self, target: &Target) -> Option<String> {
        let (Operation::Patch(_) | Operation::Replace(_) | Operation::Delete(_)) = &target.operation else {
            return None;
        };
        let verbs = self.verbs(target)?;
        // Elements are merged into users; of a group nothing is.
        let merges = self.merges && target.resource == Some(Resource::User);
        let takes_several = [&verbs.patch, &verbs.replace].into_iter().any(|way| way.takes_several());
        let takes_several = takes_several || verbs.spare.is_some() || self.tags == Tags::Required;
        (merges || takes_several || self.turns.any()).then(|| target.path())
    }

    /// Whether the backend takes a Bulk request.
    #[must_use]
    pub fn has_bulk(&self) -> bool {
        self.has_bulk
    }

    /// Whether operations of a Bulk request may have to be made as calls of their own, whatever they say.
    #[must_use]
    pub fn part_bulk(&self) -> bool {
        let verbs = [&self.users, &self.groups].into_iter();
        let mut ways = verbs.flat_map(|verbs| [&verbs.create, &verbs.patch, &verbs.replace]);
        let demands_tags = self.tags == Tags::Required;
        !self.has_bulk || demands_tags || !self.has_groups || self.turns.any() || ways.any(|way| way.bridge().is_some())
    }

    /// The types that a search at the root is about.
    #[must_use]
    pub fn searched(&self) -> &[Resource] {
        &self.searched
    }

    /// Whether the backend can't search every type as it is asked.
    #[must_use]
    pub fn part_search(&self) -> bool {
        !self.has_search || !self.lists.is_empty() || self.turns.hides()
    }

    /// Whether users are patched though the backend has no PATCH.
    #[must_use]
    pub fn makes_patches(&self) -> bool {
        matches!(self.users.patch, Way::PatchToPut(_))
    }

    /// Whether users are filtered though the backend doesn't.
    #[must_use]
    pub fn makes_filters(&self) -> bool {
        let users = self.lists.iter().find(|(resource, _)| *resource == Resource::User);
        users.is_some_and(|(_, lists)| lists.bridges().any(|bridge| bridge == Bridge::FilterEval))
    }

    /// Whether a bridge has to see what such a call says, so that it can't just pass.
    #[must_use]
    pub fn looks_at(&self, target: &Target) -> bool {
        self.bridge(target).is_some()
    }

    /// The bridge over which such a call may go.
    #[must_use]
    pub fn bridge(&self, target: &Target) -> Option<Bridge> {
        if self.lacks(target) {
            Some(Bridge::Synthesize)
        } else {
            let if_match = (self.demands_tag(target)).then_some(Bridge::IfMatch);
            self.of(target).bridge().or(if_match).or_else(|| self.turned(target))
        }
    }

    /// Whether a call takes several writes of which the first alone is not what was asked, so that it goes on when the client
    /// hangs up.
    #[must_use]
    pub fn outlives(&self, target: &Target) -> bool {
        matches!(self.of(target), Way::Create(_))
    }

    /// Whether a call asks of groups where there are none.
    pub(super) fn lacks(&self, target: &Target) -> bool {
        !self.has_groups && target.resource == Some(Resource::Group)
    }

    /// The bridge over which it may go because its connection's owner wants it otherwise.
    #[must_use]
    pub fn turned(&self, target: &Target) -> Option<Bridge> {
        self.turns.bridge(target)
    }
}
