//! Merge queues, through GraphQL.

use super::error::GitHubError;
use super::graph::Oid;
use super::page::Page;
use super::rest::{malformed, too_many};
use super::{GitHub, PAGES};
use crate::finding::read::Read;
use crate::github::facts::{QueueEntry, QueueState};
use crate::github::ids::{CommitId, PullNumber};
use serde::Deserialize;
use serde_json::json;

const QUEUE: &str = include_str!("queries/queue.graphql");

#[derive(Deserialize)]
struct Root {
    repository: Option<RepositoryNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryNode {
    merge_queue: Option<QueueNode>,
}

#[derive(Deserialize)]
struct QueueNode {
    entries: Page<EntryNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntryNode {
    position: u64,
    state: String,
    base_commit: Option<Oid>,
    head_commit: Option<Oid>,
    pull_request: Option<Queued>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Queued {
    number: PullNumber,
    head_ref_oid: CommitId,
}

impl GitHub {
    /// The entries of a branch's merge queue, by their position. Absent: the branch has no queue.
    pub async fn queue(&self, branch: &str) -> Read<Vec<QueueEntry>> {
        match self.entries(branch).await {
            Ok(Some(entries)) => Read::Known(entries),
            Ok(None) => Read::Absent,
            Err(error) => Read::unreadable(error.to_string()),
        }
    }

    async fn entries(&self, branch: &str) -> Result<Option<Vec<QueueEntry>>, GitHubError> {
        let what = format!("read the merge queue of `{branch}`");
        let (owner, name) = self.client.owner_and_name();
        let mut entries = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..PAGES {
            let variables = json!({ "owner": owner, "name": name, "branch": branch, "after": after });
            let root: Root = self.query(QUEUE, &variables, &what).await?;
            let repository = root.repository.ok_or_else(|| GitHubError::NotFound { what: what.clone() })?;
            let Some(queue) = repository.merge_queue else {
                // One that goes away between two pages was there.
                return if after.is_none() { Ok(None) } else { Err(malformed(&what, "it ends between two pages")) };
            };
            if queue.entries.hidden() {
                return Err(malformed(&what, "an entry may not be seen"));
            }
            after = queue.entries.next();
            for node in queue.entries.into_items() {
                entries.push(entry(node).ok_or_else(|| malformed(&what, "an entry has no pull request"))?);
            }
            if after.is_none() {
                entries.sort_by_key(|entry| entry.position);
                return Ok(Some(entries));
            }
        }
        Err(too_many(&what))
    }
}

/// None: it names no pull request.
fn entry(node: EntryNode) -> Option<QueueEntry> {
    let Queued { number, head_ref_oid: pull_head } = node.pull_request?;
    let commit = |oid: Option<Oid>| oid.map(|oid| oid.oid);
    Some(QueueEntry {
        number,
        pull_head,
        head: commit(node.head_commit),
        base: commit(node.base_commit),
        position: node.position,
        state: QueueState::read(&node.state),
    })
}
