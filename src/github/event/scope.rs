//! What an event is about.

use super::{Command, Event, MergeGroup};
use crate::github::facts::PullRequest;
use crate::github::ids::{CommitId, PullNumber};

/// The scope of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The pull requests.
    pub pulls: Pulls,
    /// Whether the base branch itself is looked at: its drift and its matrix.
    pub base: bool,
    /// A group of the merge queue.
    pub group: Option<MergeGroup>,
    /// A pull request that was closed without being merged: what its head was released for is gone.
    pub closed: Option<PullNumber>,
    /// Why nothing is written, if nothing is.
    pub read_only: Option<String>,
    /// Whether blocks are updated over commits of people: somebody requested it.
    pub insist: bool,
}

/// Which pull requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Pulls {
    /// None.
    #[default]
    None,
    /// This one.
    One(PullNumber),
    /// Those with this commit at their heads.
    Head {
        /// The commit.
        sha: CommitId,
        /// `owner/name` of the repository of the head. None where it is not known: then the commit alone decides.
        repository: Option<String>,
    },
    /// Those into this branch.
    Into(String),
    /// All open ones.
    All,
}

impl Pulls {
    /// Whether the list of all open pull requests is needed to find them.
    #[must_use]
    pub(crate) const fn among_all(&self) -> bool {
        matches!(self, Self::All | Self::Into(_) | Self::Head { .. })
    }

    /// Whether this open pull request is one of them.
    #[must_use]
    pub(crate) fn covers(&self, pull: &PullRequest) -> bool {
        match self {
            Self::None => false,
            Self::One(number) => pull.number == *number,
            Self::Into(branch) => pull.base_ref == *branch,
            Self::All => true,
            Self::Head { sha, repository } => {
                let same = |ours: &String| pull.head_repository.as_ref().is_some_and(|r| r.eq_ignore_ascii_case(ours));
                pull.head_sha == *sha && repository.as_ref().is_none_or(same)
            }
        }
    }
}

/// Returns what an event is about; `number` is the pull request that was named by hand.
#[must_use]
pub(crate) fn scope(event: &Event, number: Option<PullNumber>, default_branch: &str) -> Scope {
    let about = |pulls: Pulls| Scope { pulls, ..Scope::default() };
    if let Event::Refused(_) = event {
        return Scope::default();
    }
    if let Some(number) = number {
        return about(Pulls::One(number));
    }
    match event {
        Event::WorkflowRun | Event::Schedule | Event::Dispatch => Scope { base: true, ..about(Pulls::All) },
        // Its configuration says which branches are guarded and who may approve: all pull requests depend on it.
        Event::Push(branch) if branch == default_branch => Scope { base: true, ..about(Pulls::All) },
        Event::Push(branch) => about(Pulls::Into(branch.clone())),
        Event::Relay { head_sha, head_repository, .. } => {
            about(Pulls::Head { sha: head_sha.clone(), repository: head_repository.clone() })
        }
        Event::PullRequest { number, read_only, .. } | Event::Review { number, read_only } => {
            Scope { read_only: read_only.clone(), ..about(Pulls::One(*number)) }
        }
        Event::Closed(number) => Scope { closed: Some(*number), ..Scope::default() },
        Event::Command { number, command, .. } => {
            Scope { insist: *command == Command::Regenerate, ..about(Pulls::One(*number)) }
        }
        Event::CommentChanged(number) => about(Pulls::One(*number)),
        Event::MergeGroup(group) => Scope { group: Some(group.clone()), ..Scope::default() },
        Event::Nothing(_) | Event::Refused(_) => Scope::default(),
    }
}
