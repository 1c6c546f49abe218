//! The history of branches: their commits, and who pushed them.

use super::{Actor, Marked};
use crate::github::ids::{CommitId, Moment, PullNumber};
use crate::github::tree::Item;

/// GitHub's account for the commits that it makes itself.
const WEB_FLOW: &str = "web-flow";

/// The relation of a branch to another.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Comparison {
    /// The newest commit that both hold. Where there are several such commits, it is any one of them.
    pub merge_base: CommitId,
    /// The commits of the branch that the other does not hold, oldest first.
    pub commits: Vec<BranchCommit>,
    /// The number of commits.
    pub ahead: u64,
    /// Whether `commits` are all of them.
    pub complete: bool,
}

/// A commit of a branch.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct BranchCommit {
    /// Its id.
    pub sha: CommitId,
    /// Who wrote it; a login where GitHub knows one, else the name in the commit.
    pub author: Actor,
    /// Whether `author` is an account. A name in a commit is whatever somebody wrote there.
    pub author_known: bool,
    /// The account that committed it. Its login is empty where GitHub knows none.
    pub committer: Actor,
    /// Its parents.
    pub parents: Vec<CommitId>,
    /// The id of its tree. Empty where GitHub does not say.
    pub tree: String,
    /// Its message, cut at a limit.
    pub message: String,
    /// Whether GitHub verified its signature.
    pub verified: bool,
}

impl BranchCommit {
    /// Returns whether it has more than one parent.
    #[must_use]
    pub const fn is_merge(&self) -> bool {
        self.parents.len() > 1
    }

    /// The first line of its message.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }

    /// Returns whether GitHub itself signed it for this account: nobody else gets a verified signature with that author and
    /// GitHub's committer. Names and trailers prove nothing.
    #[must_use]
    pub fn signed_for(&self, viewer: &Actor) -> bool {
        let by_viewer = |login: &str| !login.is_empty() && login.eq_ignore_ascii_case(&viewer.login);
        let committer = self.committer.login.as_str();
        self.verified
            && self.author_known
            && by_viewer(&self.author.login)
            && (committer == WEB_FLOW || by_viewer(committer))
    }
}

/// A commit on the line of first parents of a branch.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Step {
    /// Its id.
    pub commit: CommitId,
    /// The id of its tree.
    pub tree: String,
    /// Its first parent. None for a root.
    pub parent: Option<CommitId>,
    /// What is at each of the paths that were asked for, in their order. None: no file is there.
    pub entries: Vec<Option<Item>>,
}

/// A pull request that was merged, with what the hold says at its head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedPull {
    /// Its number.
    pub number: PullNumber,
    /// The branch that it was merged into.
    pub base_ref: String,
    /// The commit that merging it made the head of that branch.
    pub merge_commit: Option<CommitId>,
    /// Its head.
    pub head: Marked,
    /// Whether that is known to be all that the hold says there.
    pub complete: bool,
}

/// A move of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// Who moved it. The login is empty where GitHub does not say: then nobody is proven to have had no part in it.
    pub actor: Actor,
    /// The commit before; git's null id where the branch was not there.
    pub before: CommitId,
    /// The commit after; git's null id where the branch is gone.
    pub after: CommitId,
    /// When.
    pub at: Moment,
    /// How it was moved.
    pub kind: PushKind,
}

/// How a branch was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushKind {
    /// Commits were added.
    Push,
    /// It was moved to a commit that does not hold the one before.
    Force,
    /// It was made.
    Created,
    /// It was deleted.
    Deleted,
    /// A pull request was merged into it.
    Merge,
    /// The merge queue merged into it.
    Queue,
    /// A word that this program does not know.
    Other(String),
}

impl PushKind {
    /// Reads GitHub's word.
    #[must_use]
    pub fn read(word: &str) -> Self {
        match word {
            "push" => Self::Push,
            "force_push" => Self::Force,
            "branch_creation" => Self::Created,
            "branch_deletion" => Self::Deleted,
            "pr_merge" => Self::Merge,
            "merge_queue_merge" => Self::Queue,
            other => Self::Other(other.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(login: &str) -> Actor {
        Actor { login: login.into(), bot: login.ends_with("[bot]") }
    }

    #[test]
    fn only_a_commit_that_github_signed_for_the_account_is_signed_for_it() {
        let bot = actor("cargo2[bot]");
        let own = BranchCommit {
            author: bot.clone(),
            author_known: true,
            committer: actor("web-flow"),
            verified: true,
            ..BranchCommit::default()
        };
        assert!(own.signed_for(&bot) && BranchCommit { committer: bot.clone(), ..own.clone() }.signed_for(&bot));
        let others = [
            BranchCommit { verified: false, ..own.clone() },
            BranchCommit { author_known: false, ..own.clone() },
            BranchCommit { author: actor("ann"), ..own.clone() },
            BranchCommit { committer: actor("ann"), ..own.clone() },
            BranchCommit { committer: Actor::default(), ..own.clone() },
        ];
        for commit in others {
            assert!(!commit.signed_for(&bot), "{commit:?}");
        }
        assert!(
            !BranchCommit { author: Actor::default(), ..own }.signed_for(&Actor::default()),
            "a token without a name"
        );
    }

    #[test]
    fn the_subject_is_the_first_line() {
        let commit = BranchCommit { message: "one\n\ntwo".into(), ..BranchCommit::default() };
        assert_eq!((commit.subject(), BranchCommit::default().subject()), ("one", ""));
    }
}
