//! The commits that pull requests hold, or held before a forced push, with what the hold says at each, through GraphQL.

use super::error::GitHubError;
use super::head::{RunNode, StatusNode};
use super::page::Page;
use super::rest::{malformed, too_many};
use super::wire::{App, Someone, nullable};
use super::{GitHub, PAGES};
use crate::finding::read::Read;
use crate::github::checks::HOLD;
use crate::github::facts::{Actor, CommitStatus, Heads, Marked};
use crate::github::ids::{CommitId, Moment, PullNumber};
use serde::Deserialize;
use serde_json::{Value, json};

const HEADS: &str = concat!(include_str!("queries/heads.graphql"), "\n", include_str!("queries/held.graphql"));

/// The number of open pull requests in a request: GitHub bounds the nodes that one may ask for, and the time that it takes.
const OPEN: usize = 25;

/// The number of closed pull requests that are looked at, the ones that changed last.
const CLOSED: usize = 50;

#[derive(Deserialize)]
struct Root {
    repository: Option<RepositoryNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryNode {
    pull_requests: Page<HeadsNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadsNode {
    number: PullNumber,
    state: String,
    base_ref_name: String,
    merged_at: Option<Moment>,
    merged_by: Option<Someone>,
    merge_commit: Option<MergeNode>,
    head_ref_name: String,
    head_ref_oid: CommitId,
    head_repository: Option<Named>,
    // A list that is not there is no empty list.
    commits: Option<Page<CommitNode>>,
    timeline_items: Option<Page<ForcedNode>>,
}

/// The commit that merged a pull request.
#[derive(Deserialize)]
struct MergeNode {
    #[serde(flatten)]
    held: HeldNode,
    parents: Page<ParentNode>,
}

#[derive(Deserialize)]
pub(super) struct ParentNode {
    pub(super) oid: CommitId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    name_with_owner: String,
}

#[derive(Deserialize)]
struct CommitNode {
    commit: HeldNode,
}

/// A forced push. The commit before it can be lost.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ForcedNode {
    before_commit: Option<HeldNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HeldNode {
    oid: CommitId,
    status: Option<StatusNode>,
    // Null where the token may not see them.
    check_suites: Option<Page<SuiteNode>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SuiteNode {
    #[serde(default, deserialize_with = "nullable")]
    app: App,
    check_runs: Option<Page<RunNode>>,
}

impl GitHub {
    /// The commits of all open pull requests, and of the fifty closed or merged ones that changed last: one request for 25 open
    /// ones, and one for the closed ones.
    pub async fn heads(&self) -> Read<Vec<Heads>> {
        match self.all_heads().await {
            Ok(pulls) => Read::Known(pulls),
            Err(error) => Read::unreadable(error.to_string()),
        }
    }

    /// The pull requests that changed last, open or not: `most` of them at least where there are so many, by fifty.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`].
    pub async fn audited(&self, most: usize) -> Result<Vec<Heads>, GitHubError> {
        let what = "list the pull requests with their checks";
        let (mut pulls, mut after) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            let asked = json!({
                "states": ["OPEN", "CLOSED", "MERGED"], "first": CLOSED, "after": after, "field": "UPDATED_AT", "direction": "DESC",
            });
            let page = self.heads_page(asked, what).await?;
            after = page.next();
            pulls.extend(page.into_items().map(Heads::from));
            if after.is_none() || pulls.len() >= most {
                return Ok(pulls);
            }
        }
        Err(too_many(what))
    }

    async fn all_heads(&self) -> Result<Vec<Heads>, GitHubError> {
        let what = "list the earlier heads of the pull requests";
        let mut pulls = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..PAGES {
            let asked = json!({
                "states": ["OPEN"], "first": OPEN, "after": after, "field": "CREATED_AT", "direction": "ASC",
            });
            let page = self.heads_page(asked, what).await?;
            after = page.next();
            pulls.extend(page.into_items().map(Heads::from));
            if after.is_none() {
                let asked = json!({
                    "states": ["CLOSED", "MERGED"], "first": CLOSED, "field": "UPDATED_AT", "direction": "DESC",
                });
                pulls.extend(self.heads_page(asked, what).await?.into_items().map(Heads::from));
                return Ok(pulls);
            }
        }
        Err(too_many(what))
    }

    async fn heads_page(&self, mut variables: Value, what: &str) -> Result<Page<HeadsNode>, GitHubError> {
        let (owner, name) = self.client.owner_and_name();
        for (key, value) in [("owner", owner), ("name", name), ("hold", HOLD)] {
            variables[key] = json!(value);
        }
        let root: Root = self.query(HEADS, &variables, what).await?;
        let repository = root.repository.ok_or_else(|| GitHubError::NotFound { what: what.to_owned() })?;
        if repository.pull_requests.hidden() {
            return Err(malformed(what, "one of them may not be seen"));
        }
        Ok(repository.pull_requests)
    }
}

impl From<HeadsNode> for Heads {
    fn from(node: HeadsNode) -> Self {
        let all = |known: Option<bool>| known == Some(true);
        let mut complete = all(node.commits.as_ref().map(Page::begins_here))
            && all(node.timeline_items.as_ref().map(Page::begins_here));
        let held = node.commits.into_iter().flat_map(Page::into_items).map(|node| node.commit);
        let (commits, known) = marked(held);
        complete &= known;
        let mut lost = false;
        let forced = node.timeline_items.into_iter().flat_map(Page::into_items).map(|node| node.before_commit);
        let (replaced, known) = marked(forced.inspect(|commit| lost |= commit.is_none()).flatten());
        complete &= known && !lost;
        let (merge, parents) = node.merge_commit.map(|node| (node.held, node.parents)).unzip();
        Self {
            base_ref: node.base_ref_name,
            merged_at: node.merged_at,
            merged_by: node.merged_by.map(|someone| Actor::from(someone).login).filter(|login| !login.is_empty()),
            merge: marked(merge.into_iter()).0.pop(),
            merged_onto: parents.into_iter().flat_map(Page::into_items).map(|parent| parent.oid).next(),
            number: node.number,
            open: node.state == "OPEN",
            merged: node.state == "MERGED",
            head_ref: node.head_ref_name,
            head_sha: node.head_ref_oid,
            head_repository: node.head_repository.map(|repository| repository.name_with_owner),
            commits,
            replaced,
            complete,
        }
    }
}

/// The commits with what the hold says at them, and whether that is all of it.
pub(super) fn marked(nodes: impl Iterator<Item = HeldNode>) -> (Vec<Marked>, bool) {
    let (mut all, mut complete) = (Vec::new(), true);
    for node in nodes {
        let contexts = node.status.map(|status| status.contexts).unwrap_or_default();
        let statuses = contexts.into_iter().map(CommitStatus::from).filter(|status| status.context == HOLD).collect();
        let (mut checks, mut said_at) = (Vec::new(), None);
        complete &= node.check_suites.as_ref().is_some_and(|suites| !suites.more() && !suites.hidden());
        for suite in node.check_suites.into_iter().flat_map(Page::into_items) {
            let slug = suite.app.slug;
            complete &= suite.check_runs.as_ref().is_some_and(|runs| !runs.more() && !runs.hidden());
            let runs: Vec<RunNode> = suite.check_runs.into_iter().flat_map(Page::into_items).collect();
            said_at = said_at.max(runs.iter().filter_map(RunNode::said_at).max());
            checks.extend(runs.into_iter().map(|run| run.of(&slug)));
        }
        all.push(Marked { commit: node.oid, checks, statuses, said_at });
    }
    (all, complete)
}
