//! What is read again right before and after something is written: queues, tips, and commits that were heads.

use super::{CheckRun, CommitStatus, PullRequest};
use crate::github::ids::{CommitId, Conclusion, Moment, PullNumber, StatusState};
use crate::workflows::HOLD;
use std::collections::BTreeMap;

/// A place in a merge queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueEntry {
    /// The pull request.
    pub number: PullNumber,
    /// The commit at the head of the pull request, now.
    pub pull_head: CommitId,
    /// The commit of the group that ends with this entry. None while GitHub has made none.
    pub head: Option<CommitId>,
    /// The commit that the group's commit stands on: that of the entry before it, or the tip of the branch.
    pub base: Option<CommitId>,
    /// Its place, from 1.
    pub position: u64,
    /// Its state.
    pub state: QueueState,
}

/// The state of a place in a merge queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueState {
    /// Its checks have not all reported.
    AwaitingChecks,
    /// It is about to be merged: nothing stops it any more.
    Locked,
    /// It may be merged.
    Mergeable,
    /// It waits for a group.
    Queued,
    /// It cannot be merged.
    Unmergeable,
    /// A word that this program does not know.
    Other(String),
}

impl QueueState {
    /// Reads GitHub's word.
    #[must_use]
    pub fn read(word: &str) -> Self {
        match word {
            "AWAITING_CHECKS" => Self::AwaitingChecks,
            "LOCKED" => Self::Locked,
            "MERGEABLE" => Self::Mergeable,
            "QUEUED" => Self::Queued,
            "UNMERGEABLE" => Self::Unmergeable,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// Pull requests and branches, as one request has just read them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fresh {
    /// The pull requests that are there, open or closed, as asked for. Their files are not read: `paths` is empty, and not
    /// complete.
    pub pulls: Vec<PullRequest>,
    /// The hundred open pull requests that were made last, each with its head.
    pub newest: Vec<(PullNumber, CommitId)>,
    /// The tips of the branches that were asked for. None: there is no such branch.
    pub tips: BTreeMap<String, Option<CommitId>>,
}

impl Fresh {
    /// The pull request of this number, if it was asked for and is there.
    #[must_use]
    pub fn pull(&self, number: PullNumber) -> Option<&PullRequest> {
        self.pulls.iter().find(|pull| pull.number == number)
    }

    /// The tip of this branch. None where it was not asked for or is not there.
    #[must_use]
    pub fn tip(&self, branch: &str) -> Option<&CommitId> {
        self.tips.get(branch).and_then(Option::as_ref)
    }
}

/// A pull request with the commits that were its head, or could have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heads {
    /// Its number.
    pub number: PullNumber,
    /// Whether it is open.
    pub open: bool,
    /// Whether it was merged.
    pub merged: bool,
    /// Its branch.
    pub head_ref: String,
    /// The branch that it is to be merged into.
    pub base_ref: String,
    /// When it was merged.
    pub merged_at: Option<Moment>,
    /// Who merged it, where GitHub says so.
    pub merged_by: Option<String>,
    /// The commit that merged it, with what the hold says there: a queue's checks are at that commit.
    pub merge: Option<Marked>,
    /// The commit that it was merged onto. None where it was not, or GitHub names no commit that merged it.
    pub merged_onto: Option<CommitId>,
    /// The commit at its head.
    pub head_sha: CommitId,
    /// `owner/name` of the repository that its branch is in. None where that is gone.
    pub head_repository: Option<String>,
    /// The commits that it brings, its head among them.
    pub commits: Vec<Marked>,
    /// The heads that forced pushes replaced.
    pub replaced: Vec<Marked>,
    /// Whether these are known to be all commits, with all that the hold says at them.
    pub complete: bool,
}

/// A commit with what the hold says at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The commit.
    pub commit: CommitId,
    /// All check runs of the hold's name, also older ones.
    pub checks: Vec<CheckRun>,
    /// The commit statuses of the hold's name, the newest of each name.
    pub statuses: Vec<CommitStatus>,
    /// When the bot's own check run was written last. None where there is none.
    pub said_at: Option<Moment>,
}

impl Marked {
    /// Whether the hold passed here.
    #[must_use]
    pub fn passed(&self) -> bool {
        let run = self.checks.iter().any(|run| run.name == HOLD && run.conclusion == Some(Conclusion::Success));
        run || self.statuses.iter().any(|status| status.context == HOLD && status.state == StatusState::Success)
    }
}
