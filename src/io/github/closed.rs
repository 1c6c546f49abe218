//! The pull requests that were closed or merged lately, through GraphQL.

use super::GitHub;
use super::error::GitHubError;
use super::head::{RunNode, StatusNode};
use super::page::{Page, page};
use super::rest::malformed;
use super::wire::{App, nullable};
use crate::finding::read::Read;
use crate::github::checks::{BLOCK, HOLD};
use crate::github::facts::{CheckRun, ClosedPull, CommitStatus};
use crate::github::ids::{CommitId, PullNumber};
use serde::Deserialize;
use serde_json::json;

const CLOSED: &str = include_str!("queries/closed.graphql");

#[derive(Deserialize)]
struct Root {
    repository: Option<RepositoryNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryNode {
    pull_requests: Page<ClosedNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClosedNode {
    number: PullNumber,
    head_ref_oid: CommitId,
    base_ref_name: String,
    merged: bool,
    #[serde(default = "Page::empty", deserialize_with = "page")]
    commits: Page<CommitNode>,
}

#[derive(Deserialize)]
struct CommitNode {
    commit: Details,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    oid: CommitId,
    status: Option<StatusNode>,
    // Null where the token may not see them.
    check_suites: Option<Page<SuiteNode>>,
}

#[derive(Deserialize)]
struct SuiteNode {
    #[serde(default, deserialize_with = "nullable")]
    app: App,
    block: Option<Page<RunNode>>,
    hold: Option<Page<RunNode>>,
}

impl GitHub {
    /// The fifty pull requests, of those that are closed or merged, that changed last, the last one first.
    pub async fn recently_closed(&self) -> Read<Vec<ClosedPull>> {
        match self.closed().await {
            Ok(pulls) => Read::Known(pulls),
            Err(error) => Read::unreadable(error.to_string()),
        }
    }

    async fn closed(&self) -> Result<Vec<ClosedPull>, GitHubError> {
        let what = "list the closed pull requests";
        let (owner, name) = self.client.owner_and_name();
        let variables = json!({ "owner": owner, "name": name, "block": BLOCK, "hold": HOLD });
        let root: Root = self.query(CLOSED, &variables, what).await?;
        let repository = root.repository.ok_or_else(|| GitHubError::NotFound { what: what.to_owned() })?;
        if repository.pull_requests.hidden() {
            return Err(malformed(what, "one of them may not be seen"));
        }
        Ok(repository.pull_requests.into_items().map(ClosedPull::from).collect())
    }
}

impl From<ClosedNode> for ClosedPull {
    fn from(node: ClosedNode) -> Self {
        let mut pull = Self {
            number: node.number,
            head_sha: node.head_ref_oid,
            base_ref: node.base_ref_name,
            merged: node.merged,
            checks: Vec::new(),
            statuses: Vec::new(),
            complete: false,
        };
        // A commit that is not the head says nothing of the head.
        if let Some(node) = node.commits.into_items().find(|node| node.commit.oid == pull.head_sha) {
            let commit = node.commit;
            let ours = |status: &CommitStatus| [BLOCK, HOLD].contains(&status.context.as_str());
            let contexts = commit.status.map(|status| status.contexts).unwrap_or_default();
            pull.statuses = contexts.into_iter().map(CommitStatus::from).filter(ours).collect();
            let runs = commit.check_suites.map(runs);
            pull.complete = runs.as_ref().is_some_and(|(_, complete)| *complete);
            pull.checks = runs.map(|(runs, _)| runs).unwrap_or_default();
        }
        pull
    }
}

/// The check runs of the suites of a commit, and whether these are all.
fn runs(suites: Page<SuiteNode>) -> (Vec<CheckRun>, bool) {
    let mut complete = !suites.more() && !suites.hidden();
    let mut all = Vec::new();
    for suite in suites.into_items() {
        let slug = suite.app.slug;
        for runs in [suite.block, suite.hold] {
            complete &= runs.as_ref().is_some_and(|runs| !runs.more() && !runs.hidden());
            all.extend(runs.into_iter().flat_map(Page::into_items).map(|run| run.of(&slug)));
        }
    }
    (all, complete)
}
