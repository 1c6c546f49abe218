//! Answers to whether a commit is what the refs that it was pinned by say.

use std::collections::HashMap;
use std::fmt;

use super::GitPin;

/// Whether a pinned commit is what its tag or branch says, on a server by the server's word. Nothing is guessed: where it
/// cannot be found out, the value says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefProof {
    /// The tag names the commit.
    TagNames {
        /// The tag without `refs/tags/`.
        tag: String,
        /// The commit.
        commit: String,
    },
    /// The tag names another commit.
    TagNamesOther {
        /// The tag without `refs/tags/`.
        tag: String,
        /// The commit that it names.
        commit: String,
    },
    /// There is no such tag.
    TagMissing {
        /// The tag without `refs/tags/`.
        tag: String,
    },
    /// The commit is the newest one of the branch.
    BranchTip {
        /// The branch without `refs/heads/`.
        branch: String,
    },
    /// The branch contains the commit and has moved on.
    BehindBranch {
        /// The branch without `refs/heads/`.
        branch: String,
        /// The number of commits on the shortest way from the newest commit of the branch to this one.
        by: usize,
    },
    /// The whole history of the branch does not contain the commit.
    NotOnBranch {
        /// The branch without `refs/heads/`.
        branch: String,
    },
    /// It cannot be found out.
    Unknown(String),
}

impl fmt::Display for RefProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TagNames { tag, .. } => write!(f, "the tag {tag} names it"),
            Self::TagNamesOther { tag, commit } => write!(f, "the tag {tag} names another commit, {commit}"),
            Self::TagMissing { tag } => write!(f, "there is no tag {tag}"),
            Self::BranchTip { branch } => write!(f, "it is the newest commit of the branch {branch}"),
            Self::BehindBranch { branch, by: 1 } => {
                write!(f, "the branch {branch} contains it and is one commit ahead")
            }
            Self::BehindBranch { branch, by } => write!(f, "the branch {branch} contains it and is {by} commits ahead"),
            Self::NotOnBranch { branch } => write!(f, "the branch {branch} does not contain it"),
            Self::Unknown(why) => write!(f, "it is not known what leads to it: {why}"),
        }
    }
}

/// The answers of a run for one repository.
pub(super) type Proofs = HashMap<GitPin, RefProof>;
