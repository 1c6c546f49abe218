//! Whether a pinned commit is what the `ref` and the `track` of its source say, and which way a bump goes.
//!
//! ```text
//! move of a source ─> question ─> (workspace: refs, relations of commits) ─> evaluate ─> proof ─> rules
//! ```

pub(crate) mod evaluate;
pub(crate) mod findings;
mod names;
pub(crate) mod question;
mod remarks;
pub(crate) mod tags;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod words;

use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
/// The refs of a repository as evidence about a source.
#[derive(Clone, Debug, Default, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SourceProof {
    /// What leads to the new commit; null where the source has no new commit.
    pub commit: Option<RefProof>,
    /// What else a reviewer has to know of the commit, in a stable order.
    pub remarks: Vec<Remark>,
}

/// What leads to a pinned commit, by the word of the repository's server.
#[derive(Clone, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum RefProof {
    /// A tag names it: the one of the `ref`, or one that `track` matches.
    Tag {
        /// The tag without `refs/tags/`.
        name: String,
    },
    /// It comes after the tag that the `ref` names, on the tracked or the default branch.
    Describes {
        /// The tag without `refs/tags/`.
        tag: String,
        /// The number of commits that it has and the tag has not.
        commits: usize,
    },
    /// A branch contains it: the tracked one or, where none is tracked, the default branch.
    OnBranch {
        /// The branch without `refs/heads/`.
        name: String,
        /// The number of commits that the branch has and it has not; null where they are too many to be counted.
        behind: Option<usize>,
    },
    /// What the source says of it is not true.
    False {
        /// The untruth.
        why: Untruth,
    },
    /// It is not known.
    NotKnown {
        /// The reason.
        why: String,
    },
}

/// Something that a source says of its commit, and that is not true.
#[derive(Clone, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Untruth {
    /// The tag names another commit.
    TagNamesOther {
        /// The tag.
        tag: String,
        /// The commit that it names.
        commit: String,
    },
    /// There is no such tag.
    TagMissing {
        /// The tag.
        tag: String,
    },
    /// The tag named another commit in the base.
    TagMoved {
        /// The tag.
        tag: String,
        /// The commit that it named.
        from: String,
        /// The commit that it names.
        to: String,
    },
    /// The commit does not come after the tag.
    NotAfterTag {
        /// The tag.
        tag: String,
    },
    /// The tracked branch does not contain the commit.
    NotOnBranch {
        /// The branch.
        branch: String,
    },
}

/// Something that a reviewer has to know of a bump of a source.
#[derive(Clone, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Remark {
    /// The version of the new tag is lower.
    LowerVersion {
        /// The tag before.
        from: String,
        /// The tag after.
        to: String,
    },
    /// The new commit is in the history of the old one.
    OlderCommit {
        /// The number of commits that are taken back, where it is known.
        by: Option<usize>,
    },
    /// The old commit is not in the history of the new one.
    HistoryRewritten,
    /// Something about the commit is not known.
    NotKnown {
        /// What may be so or not: it goes on after "it is not known whether".
        what: String,
        /// The reason.
        why: String,
    },
    /// The new tag is a pre-release, the old one was none, and `track` does not ask for one.
    PreRelease {
        /// The tag.
        tag: String,
    },
    /// A tag has the name of the tracked branch: BuildStream follows the tag.
    TagForBranch {
        /// The name of both.
        name: String,
    },
    /// `track` does not lead to the commit.
    OffTrack {
        /// The tag of the commit, where it has one.
        tag: Option<String>,
        /// The tracked branch or pattern.
        track: String,
    },
    /// The `ref` counts the commits after its tag in another way.
    OtherCount {
        /// The tag.
        tag: String,
        /// The number in the `ref`.
        named: usize,
        /// The number of commits.
        counted: usize,
    },
    /// A file of the element is downloaded from another commit or tag of the same repository.
    OtherCommit {
        /// The URL of the file.
        url: String,
        /// The commit or tag that the URL names.
        names: String,
    },
}

/// Branches and tags of a repository, as far as they were requested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refs {
    /// The commits that they lead to, by their full names.
    pub(crate) commits: BTreeMap<String, String>,
    /// The name of the default branch and its newest commit, where the server says so.
    pub(crate) default: Option<(String, String)>,
}

/// Where a commit is in the history of another, seen from the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// They are one.
    Same,
    /// It comes after the other one.
    Ahead {
        /// The number of commits that it has and the other one has not, where they could be counted.
        commits: Option<usize>,
        /// Whether none of them is a merge.
        linear: bool,
    },
    /// It is in the history of the other one.
    Behind,
    /// Neither is in the history of the other.
    Apart,
    /// The repository has one of them alone.
    Missing,
}
