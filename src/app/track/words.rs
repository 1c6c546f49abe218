//! What all parts of tracking share: the policy, the finding on a source that stays, the beginnings of names.

use crate::finding::{Finding, rules};

pub(super) const HEADS: &str = "refs/heads/";
pub(super) const TAGS: &str = "refs/tags/";

/// What the bot does otherwise than BuildStream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    /// Nothing.
    Off,
    /// It refuses tags that moved, and takes pre-releases only where that is wanted.
    On {
        /// Whether the configuration allows them.
        pre_releases: bool,
    },
}

impl Policy {
    pub(super) const fn is_on(self) -> bool {
        matches!(self, Self::On { .. })
    }
}

/// The finding on a source that cannot be tracked.
pub(super) fn failed(why: impl std::fmt::Display) -> Box<Finding> {
    Box::new(Finding::new(&rules::TRACK_FAILED, why.to_string()))
}
