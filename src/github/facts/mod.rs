//! The facts about a repository and its pull requests, as GitHub has them.

mod history;
mod live;

pub(crate) use history::{BranchCommit, Comparison, MergedPull, Push, PushKind, Step};
pub(crate) use live::{Fresh, Heads, Marked, QueueEntry, QueueState};

use super::ids::{CheckRunId, CommentId, CommitId, Conclusion, Moment, PullNumber, ReviewState, StatusState};

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Actor {
    /// The login as REST shows it: an app's ends in `[bot]`. Empty for a deleted account.
    pub login: String,
    /// Whether it is no person: an app, or an account of the type `Bot`.
    pub bot: bool,
}

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Repository {
    /// `owner/name`.
    pub full_name: String,
    /// The branch that workflows run on.
    pub default_branch: String,
    /// The GraphQL id.
    pub node_id: String,
}

/// An open or closed pull request.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PullRequest {
    /// Its number.
    pub number: PullNumber,
    /// Its GraphQL id.
    pub node_id: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Who opened it.
    pub author: Actor,
    /// Whether it is open.
    pub open: bool,
    /// Whether people who may push to the repository may push to its head in a fork, too.
    pub maintainers_may_push: bool,
    /// Whether it is a draft.
    pub draft: bool,
    /// The branch that is to be merged.
    pub head_ref: String,
    /// The commit at its head.
    pub head_sha: CommitId,
    /// `owner/name` of the repository of its head; None where that is gone.
    pub head_repository: Option<String>,
    /// The branch that it is to be merged into.
    pub base_ref: String,
    /// The commit of that branch, as GitHub last saw it.
    pub base_sha: CommitId,
    /// Whether auto-merge is on.
    pub auto_merge: bool,
    /// Whether it is in the merge queue.
    pub queued: bool,
    /// Its labels.
    pub labels: Vec<String>,
    /// The people whose review is requested.
    pub requested_users: Vec<String>,
    /// The teams whose review is requested, by slug.
    pub requested_teams: Vec<String>,
    /// The paths that it changes. For a rename both are named.
    pub paths: Vec<String>,
    /// Whether `paths` is known to be complete.
    pub paths_complete: bool,
    /// Its comments, oldest first.
    pub comments: Vec<Comment>,
    /// Its reviews, oldest first.
    pub reviews: Vec<Review>,
    /// Whether `comments` and `reviews` are known to be complete: GitHub leaves out what the token may not see.
    pub opinions_complete: bool,
    /// The check runs at its head.
    pub checks: Vec<CheckRun>,
    /// The commit statuses at its head, the newest of each context.
    pub statuses: Vec<CommitStatus>,
    /// The changes of its base branch, oldest first.
    pub base_changes: Vec<BaseChange>,
    /// The dismissals of its reviews, oldest first.
    pub dismissals: Vec<Dismissal>,
    /// Whether `base_changes` and `dismissals` are known to be complete.
    pub timeline_complete: bool,
}

/// A change of a pull request's base branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseChange {
    /// Who changed it. GitHub does so itself when the base was merged and deleted; then this is who deleted it.
    pub actor: Actor,
    /// When.
    pub at: Moment,
    /// The base branch before.
    pub from: String,
    /// The base branch after.
    pub to: String,
}

/// A dismissal of a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dismissal {
    /// Who dismissed it; for a stale review, who pushed the commit.
    pub actor: Actor,
    /// The GraphQL id of the review. None where GitHub no longer has it.
    pub review: Option<String>,
    /// The state of the review before.
    pub previous: ReviewState,
    /// When.
    pub at: Moment,
    /// Whether GitHub did it because of a push, by a rule of the branch.
    pub stale: bool,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Comment {
    /// Its REST id.
    pub id: CommentId,
    /// Its GraphQL id.
    pub node_id: String,
    /// Who wrote it.
    pub author: Actor,
    /// Its text.
    pub body: String,
    /// When it was written.
    pub created_at: Moment,
    /// Whether its text was changed since, by whomever: everybody with write permission can change others' comments.
    pub edited: bool,
}

/// A review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Its GraphQL id.
    pub id: String,
    /// Who gave it.
    pub author: Actor,
    /// Its state.
    pub state: ReviewState,
    /// The commit that it is about. None where GitHub no longer knows.
    pub commit: Option<CommitId>,
    /// Whether its author may push to the repository: write permission or more.
    pub may_write: bool,
    /// When it was submitted. None where GitHub does not say, which counts as no time at all, neither early nor late.
    pub submitted_at: Option<Moment>,
    /// Whether its text was changed since.
    pub edited: bool,
}

/// A check run.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CheckRun {
    /// Its REST id.
    pub id: CheckRunId,
    /// Its name.
    pub name: String,
    /// The slug of the app that made it: `github-actions` for the workflow token.
    pub app: String,
    /// Its conclusion; None while it runs.
    pub conclusion: Option<Conclusion>,
    /// The title of its output.
    pub title: String,
    /// The summary of its output.
    pub summary: String,
    /// The id by which the bot recognises its own run.
    pub external_id: String,
}

/// A commit status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitStatus {
    /// Its name.
    pub context: String,
    /// Its state.
    pub state: StatusState,
    /// One line, at most 140 characters.
    pub description: String,
    /// Who wrote it.
    pub creator: Actor,
}
