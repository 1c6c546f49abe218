//! What is known of a commit, in the words of a sentence that goes on after it.

use super::{RefProof, Untruth};
use crate::review::change_context::{short, shown};
use std::fmt;

/// Goes on after the commit: "which is tag `v1.2`".
impl fmt::Display for RefProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag { name } => write!(f, "is tag {}", shown(name)),
            Self::Describes { tag, commits: 1 } => write!(f, "is 1 commit after tag {}", shown(tag)),
            Self::Describes { tag, commits } => write!(f, "is {commits} commits after tag {}", shown(tag)),
            Self::OnBranch { name, behind: Some(0) } => write!(f, "is the newest commit of branch {}", shown(name)),
            Self::OnBranch { name, behind: Some(1) } => write!(f, "is on branch {}, 1 commit behind", shown(name)),
            Self::OnBranch { name, behind: Some(by) } => write!(f, "is on branch {}, {by} commits behind", shown(name)),
            Self::OnBranch { name, behind: None } => write!(f, "is on branch {}", shown(name)),
            Self::False { why } => why.fmt(f),
            Self::NotKnown { .. } => f.write_str("is not proven to be of a tag or branch"),
        }
    }
}

/// Goes on after the commit: "which is not on branch `main`".
impl fmt::Display for Untruth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TagNamesOther { tag, commit } => {
                write!(f, "is not tag {}, which names {}", shown(tag), short(commit))
            }
            Self::TagMissing { tag } => write!(f, "is not tag {}, which does not exist", shown(tag)),
            Self::TagMoved { tag, .. } => write!(f, "is counted from tag {}, which was moved", shown(tag)),
            Self::NotAfterTag { tag } => write!(f, "does not come after tag {}", shown(tag)),
            Self::NotOnBranch { branch } => write!(f, "is not on branch {}", shown(branch)),
        }
    }
}
