//! What hangs at a commit, through GraphQL: check runs and commit statuses.

use super::page::{Page, page};
use super::wire::{App, Someone, nullable};
use crate::github::checks::is_own_id;
use crate::github::facts::{CheckRun, CommitStatus, PullRequest};
use crate::github::ids::{CheckRunId, CommitId, Conclusion, Moment, StatusState};
use serde::Deserialize;

/// A commit of a pull request.
#[derive(Debug, Deserialize)]
pub(super) struct CommitNode {
    commit: CommitDetails,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommitDetails {
    oid: CommitId,
    status: Option<StatusNode>,
    #[serde(default = "Page::empty", deserialize_with = "page")]
    check_suites: Page<SuiteNode>,
}

/// The commit statuses of a commit.
#[derive(Debug, Deserialize)]
pub(super) struct StatusNode {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) contexts: Vec<ContextNode>,
}

/// A commit status.
#[derive(Debug, Deserialize)]
pub(super) struct ContextNode {
    context: String,
    state: String,
    #[serde(default, deserialize_with = "nullable")]
    description: String,
    #[serde(default, deserialize_with = "nullable")]
    creator: Someone,
}

impl From<ContextNode> for CommitStatus {
    fn from(node: ContextNode) -> Self {
        let state = StatusState::read(&node.state);
        // What is required but was not reported is `EXPECTED` here; nobody wrote it.
        Self { context: node.context, state, description: node.description, creator: node.creator.into() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SuiteNode {
    #[serde(default, deserialize_with = "nullable")]
    app: App,
    #[serde(default = "Page::empty", deserialize_with = "page")]
    check_runs: Page<RunNode>,
}

/// A check run.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunNode {
    #[serde(default, deserialize_with = "nullable")]
    database_id: CheckRunId,
    #[serde(default, deserialize_with = "nullable")]
    name: String,
    #[serde(default, deserialize_with = "nullable")]
    status: String,
    conclusion: Option<String>,
    completed_at: Option<Moment>,
    #[serde(default, deserialize_with = "nullable")]
    title: String,
    #[serde(default, deserialize_with = "nullable")]
    summary: String,
    #[serde(default, deserialize_with = "nullable")]
    external_id: String,
}

impl RunNode {
    /// When the bot wrote it last. None for a run that is not the bot's, or was not asked about.
    pub(super) fn said_at(&self) -> Option<Moment> {
        self.completed_at.filter(|_| is_own_id(&self.external_id))
    }

    /// The check run, of the app with this slug.
    pub(super) fn of(self, app: &str) -> CheckRun {
        let conclusion = self.conclusion.filter(|_| self.status == "COMPLETED").map(|word| Conclusion::read(&word));
        CheckRun {
            id: self.database_id,
            name: self.name,
            app: app.to_owned(),
            conclusion,
            title: self.title,
            summary: self.summary,
            external_id: self.external_id,
        }
    }
}

/// Takes over what hangs at the head commit. Whether there are more check runs, and whether there are more statuses.
pub(super) fn take_head(pull: &mut PullRequest, commits: Page<CommitNode>) -> (bool, bool) {
    // A commit that is not the head says nothing of the head: then both are read on their own.
    let Some(node) = commits.into_items().find(|c| c.commit.oid == pull.head_sha) else { return (true, true) };
    let commit = node.commit;
    let contexts = commit.status.map(|s| s.contexts).unwrap_or_default();
    pull.statuses = contexts.into_iter().map(CommitStatus::from).filter(|s| s.state != StatusState::Expected).collect();
    let mut more = commit.check_suites.more();
    for suite in commit.check_suites.into_items() {
        more |= suite.check_runs.more();
        let slug = suite.app.slug;
        pull.checks.extend(suite.check_runs.into_items().map(|run| run.of(&slug)));
    }
    (more, false)
}
