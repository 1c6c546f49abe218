//! The event that started the run, and what it requests. Field names are those of GitHub's webhook payloads.
//!
//! A payload is a hint: it says where to look, and everything that decides is read again from GitHub.

mod payload;
mod scope;
#[cfg(test)]
mod tests;

pub(crate) use payload::{command, default_branch, read};
pub(crate) use scope::{Pulls, Scope, scope};

use super::facts::Actor;
use super::ids::{CommentId, CommitId, PullNumber};

/// What the runner says of the event that started the run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Started<'a> {
    /// Its name: `GITHUB_EVENT_NAME`.
    pub name: &'a str,
    /// Its payload: the text of the file of `GITHUB_EVENT_PATH`.
    pub payload: &'a str,
    /// The ref whose workflow runs: `GITHUB_REF`. Empty where it is not known.
    pub git_ref: &'a str,
    /// The path of the workflow that relays events.
    pub relay: &'a str,
}

/// An event that may start a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A workflow ended: the tracker, whatever its conclusion.
    WorkflowRun,
    /// The relay ended: it ran for an event whose own workflow must not have a token that writes.
    Relay {
        /// The commit at the head of the pull request.
        head_sha: CommitId,
        /// `owner/name` of the repository of the head; None where that is gone.
        head_repository: Option<String>,
        /// The branch of the head.
        head_branch: String,
        /// The event that it relays: `pull_request` or `pull_request_review`.
        event: String,
    },
    /// The clock.
    Schedule,
    /// Somebody started the workflow by hand.
    Dispatch,
    /// Something was pushed to a branch, by its name.
    Push(String),
    /// A pull request changed.
    PullRequest {
        /// Its number.
        number: PullNumber,
        /// The action on it.
        action: String,
        /// Why the token can write nothing, where that is known from the event.
        read_only: Option<String>,
    },
    /// A pull request was closed without being merged.
    Closed(PullNumber),
    /// A review was given or taken back.
    Review {
        /// The pull request.
        number: PullNumber,
        /// Why the token can write nothing, where that is known from the event.
        read_only: Option<String>,
    },
    /// A comment on a pull request that gives a command.
    Command {
        /// The pull request.
        number: PullNumber,
        /// The comment's id.
        comment: CommentId,
        /// Who wrote it.
        author: Actor,
        /// The command.
        command: Command,
    },
    /// A comment on this pull request was edited or deleted, or has a command of Prow: it may be an approval, or may have been one.
    CommentChanged(PullNumber),
    /// The merge queue wants checks for a group.
    MergeGroup(MergeGroup),
    /// Nothing for the bot, and why.
    Nothing(String),
    /// The run is one that must not act for any pull request, and why.
    Refused(String),
}

impl Event {
    /// Why nothing is done about the event, if so. `named` is whether a pull request was named besides.
    pub(crate) fn nothing_to_do(&self, named: bool) -> Option<&str> {
        match self {
            Self::Refused(why) => Some(why),
            Self::Nothing(why) if !named => Some(why),
            _ => None,
        }
    }
}

/// A group of the merge queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MergeGroup {
    /// The commit that would become the branch's head.
    pub head_sha: CommitId,
    /// The commit that it is based on.
    pub base_sha: CommitId,
    /// The branch.
    pub base_ref: String,
    /// The pull request that the group ends with.
    pub number: PullNumber,
}

/// A command in a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Look again.
    Recheck,
    /// Update the blocks, also over commits of people.
    Regenerate,
    /// Approve the content with this id: 32 to 64 hex digits, in lower case.
    Approve(String),
    /// None that is known.
    Unknown,
}

/// Why an event cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Error(String);

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
