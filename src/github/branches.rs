//! The guarded branches: those into which nothing may be merged that decides about a Rust element and was not approved.

use crate::cargo2::snapshot::Snapshot;
use crate::config::Config;
use crate::finding::read::Read;
use crate::workflows;
use std::collections::BTreeSet;

/// The branches of a repository that are guarded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Branches {
    guarded: BTreeSet<String>,
    /// Why there may be more of them, if there may.
    unknown: Option<String>,
}

impl Branches {
    /// The guarded branches, as the default branch says them: itself, the branches that its tracker opens pull requests
    /// against, and those of its configuration.
    #[must_use]
    pub(crate) fn new(default: &str, snapshot: &Snapshot, config: &Config) -> Self {
        let (tracked, unknown) = match workflows::base_branches(snapshot) {
            Read::Known(tracked) => (tracked, None),
            Read::Absent => (BTreeSet::new(), None),
            Read::Unreadable(why) => (BTreeSet::new(), Some(why.to_string())),
        };
        let guarded = std::iter::once(default.to_owned())
            .chain(tracked)
            .chain(config.guarded_branches().into_iter().map(str::to_owned));
        Self { guarded: guarded.filter(|name| !name.is_empty()).collect(), unknown }
    }

    /// Returns whether a branch is guarded, or may be.
    #[must_use]
    pub(crate) fn is_guarded(&self, name: &str) -> bool {
        self.unknown.is_some() || self.guarded.contains(name)
    }

    /// The guarded branches that are known, sorted.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.guarded.iter().map(String::as_str)
    }

    /// Why there may be more guarded branches, if there may.
    #[must_use]
    pub(crate) fn unknown(&self) -> Option<&str> {
        self.unknown.as_deref()
    }

    /// The branches that a pull request into `base` is judged for: that one first. Where it is not guarded, a commit that
    /// passes there could be merged into a guarded branch as well.
    pub(crate) fn judged_for<'a>(&'a self, base: &'a str) -> impl Iterator<Item = &'a str> {
        let others = (!self.guarded.contains(base)).then_some(&self.guarded);
        std::iter::once(base).chain(others.into_iter().flatten().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guarded(names: &[&str]) -> Branches {
        Branches { guarded: names.iter().map(|name| (*name).to_owned()).collect(), unknown: None }
    }

    #[test]
    fn into_an_ordinary_branch_the_guarded_ones_count_too() {
        let branches = guarded(&["main", "testing"]);
        assert_eq!(branches.judged_for("testing").collect::<Vec<_>>(), ["testing"]);
        assert_eq!(branches.judged_for("feature").collect::<Vec<_>>(), ["feature", "main", "testing"]);
        assert!(branches.is_guarded("main") && !branches.is_guarded("feature"));
    }
}
