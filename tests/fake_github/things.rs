//! What a repository holds, one by one.

use std::collections::BTreeMap;

use serde_json::Value;

/// A pull request.
#[derive(Clone, Debug)]
pub struct Pull {
    pub number: u64,
    pub title: String,
    pub body: String,
    /// The login as REST shows it.
    pub author: String,
    pub open: bool,
    pub merged: bool,
    pub draft: bool,
    /// The owner of the head's repository: another one than the repository's for a fork. None: the fork is gone.
    pub head_owner: Option<String>,
    pub head_ref: String,
    pub head_sha: String,
    pub base_ref: String,
    /// The base branch when the head last moved, as GitHub keeps it.
    pub base_sha: String,
    pub auto_merge: bool,
    /// "Allow edits by maintainers", of a fork.
    pub maintainer_can_modify: bool,
    pub queued: bool,
    /// The commit that merging it made on the base branch.
    pub merge_commit: Option<String>,
    /// The commits that the base branch has by it: several where they were rebased.
    pub landed: Vec<String>,
    pub labels: Vec<String>,
    pub asked_users: Vec<String>,
    pub asked_teams: Vec<String>,
    pub created: u64,
    pub updated: u64,
}

/// An issue that is open.
#[derive(Clone, Debug)]
pub struct Issue {
    pub number: u64,
    pub author: String,
    pub title: String,
    pub body: String,
    pub created: u64,
    pub updated: u64,
}

/// A comment of an issue or pull request.
#[derive(Clone, Debug)]
pub struct Comment {
    pub id: u64,
    pub issue: u64,
    pub author: String,
    pub body: String,
    pub created: u64,
    pub updated: u64,
    /// Who changed its text last, if anybody did. REST does not show it.
    pub editor: Option<String>,
    /// The change of the pull request when it was written: what its author had before him.
    pub seen: View,
}

/// What somebody had before him who looked at a pull request: no answer of the API holds it; it is for those who judge
/// the bot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The base branch.
    pub base: String,
    /// The commit.
    pub commit: String,
    /// The paths that the commit changes since the merge base, with mode and blob before and after.
    pub entries: Entries,
}

/// Paths with their mode and blob before and after.
pub type Entries = BTreeMap<String, (Option<String>, Option<String>)>;

/// A move of a branch, as `GET activity` lists it.
#[derive(Clone, Debug)]
pub struct Activity {
    pub id: u64,
    /// The owner of the repository or fork.
    pub owner: String,
    pub branch: String,
    /// Forty zeros where the branch was not there.
    pub before: String,
    /// Forty zeros where it is gone.
    pub after: String,
    pub actor: String,
    /// `push`, `force_push`, `branch_creation`, `branch_deletion`, `pr_merge`, `merge_queue_merge`.
    pub kind: &'static str,
    pub at: u64,
}

/// An item of a pull request's timeline.
#[derive(Clone, Debug)]
pub struct Happening {
    pub id: u64,
    pub pull: u64,
    /// The type's name in GraphQL: `BaseRefChangedEvent`.
    pub kind: &'static str,
    pub actor: String,
    pub at: u64,
    /// Its other fields.
    pub fields: Value,
}

/// A place in a merge queue.
#[derive(Clone, Debug)]
pub struct Queued {
    pub pull: u64,
    pub enqueuer: String,
    pub at: u64,
    /// The head of the pull request that was merged into `head`.
    pub of: String,
    /// The commit that `head` stands on.
    pub base: String,
    /// The commit that would become the branch's.
    pub head: String,
    /// The branch of the group.
    pub branch: String,
}

#[derive(Clone, Debug)]
pub struct Review {
    pub id: u64,
    pub pull: u64,
    pub author: String,
    /// `APPROVED`, `CHANGES_REQUESTED`, `DISMISSED`, `COMMENTED`, `PENDING`.
    pub state: String,
    pub commit: String,
    pub body: String,
    pub submitted: u64,
    /// When its text was changed.
    pub edited: Option<u64>,
    /// The change of that commit when it was reviewed.
    pub seen: View,
}

/// A check run.
#[derive(Clone, Debug)]
pub struct CheckRun {
    pub id: u64,
    pub sha: String,
    pub name: String,
    pub app: String,
    pub status: String,
    pub conclusion: Option<String>,
    pub title: Option<String>,
    pub summary: Option<String>,
    pub text: Option<String>,
    pub annotations: Vec<Value>,
    pub external_id: String,
    pub details_url: Option<String>,
    pub started: u64,
    pub completed: Option<u64>,
}

/// A commit status.
#[derive(Clone, Debug)]
pub struct Status {
    pub id: u64,
    pub sha: String,
    pub context: String,
    pub state: String,
    pub description: Option<String>,
    pub target_url: Option<String>,
    pub creator: String,
    pub created: u64,
}

#[derive(Clone, Debug)]
pub struct Reaction {
    pub id: u64,
    pub comment: u64,
    pub user: String,
    pub content: String,
    pub created: u64,
}

#[derive(Clone, Debug)]
pub struct Label {
    pub id: u64,
    pub color: String,
    pub description: Option<String>,
}

/// The classic protection of a branch.
#[derive(Clone, Debug, Default)]
pub struct Protection {
    pub checks: Vec<(String, Option<u64>)>,
    pub reviews: bool,
}
