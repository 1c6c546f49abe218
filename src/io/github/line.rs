//! The line of first parents of a branch, and the pull requests by which its commits came, through GraphQL.

use super::GitHub;
use super::again::take;
use super::error::GitHubError;
use super::graph::Oid;
use super::heads::{HeldNode, ParentNode, marked};
use super::page::Page;
use super::rest::malformed;
use crate::github::checks::HOLD;
use crate::github::facts::{Marked, MergedPull, Step};
use crate::github::ids::{CommitId, PullNumber};
use crate::github::tree::Item;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::fmt::Write as _;

/// What the hold says at a commit: the fragment `Held`.
const HELD: &str = include_str!("queries/held.graphql");

/// The number of pages of a branch's commits that are read.
const PAGES: usize = 5;

/// The most commits on a page, and the most entries of paths.
const COMMITS: usize = 100;
const ENTRIES: usize = 1000;

/// The number of commits in a request for the pull requests by which they came.
const BATCH: usize = 10;

/// The number of commits in a request for what the hold says at them.
const HELD_BATCH: usize = 50;

#[derive(Deserialize)]
struct Root {
    repository: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct LineNode {
    history: Option<Page<Map<String, Value>>>,
}

#[derive(Deserialize)]
struct TreeNode {
    mode: u32,
    oid: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OriginNode {
    associated_pull_requests: Option<Page<MergedNode>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MergedNode {
    number: PullNumber,
    merged: bool,
    base_ref_name: String,
    head_ref_oid: CommitId,
    merge_commit: Option<Oid>,
    commits: Option<Page<HeadNode>>,
}

#[derive(Deserialize)]
struct HeadNode {
    commit: HeldNode,
}

impl GitHub {
    /// The first parents of a branch or commit, itself among them, the newest first: as many as it takes until they are `enough`, of the
    /// last five hundred commits at most. Each with what is at these paths.
    ///
    /// # Errors
    /// [`GitHubError::NotFound`] where there is no such branch; else as for every read.
    pub async fn line(
        &self,
        of: &str,
        paths: &[&str],
        enough: impl Fn(&[Step]) -> bool,
    ) -> Result<Vec<Step>, GitHubError> {
        let what = format!("read the commits of `{of}`");
        let (document, mut variables) = self.asked_for_line(of, paths);
        let mut listed: HashMap<CommitId, Step> = HashMap::new();
        let (mut line, mut next): (Vec<Step>, Option<CommitId>) = (Vec::new(), None);
        for _ in 0..PAGES {
            let root: Root = self.query(&document, &Value::Object(variables.clone()), &what).await?;
            let mut fields = root.repository.ok_or_else(|| GitHubError::NotFound { what: what.clone() })?;
            let node: Option<LineNode> = take(&mut fields, "object", &what)?;
            let page =
                node.and_then(|node| node.history).ok_or_else(|| GitHubError::NotFound { what: what.clone() })?;
            if page.hidden() {
                return Err(malformed(&what, "a commit may not be seen"));
            }
            let after = page.next();
            for mut node in page.into_items() {
                let step = step(&mut node, paths.len(), &what)?;
                next = next.or_else(|| Some(step.commit.clone()));
                listed.insert(step.commit.clone(), step);
            }
            // A commit is listed before its parents.
            while let Some(step) = next.as_ref().and_then(|commit| listed.remove(commit)) {
                next.clone_from(&step.parent);
                line.push(step);
            }
            let Some(after) = after.filter(|_| next.is_some() && !enough(&line)) else { break };
            // A branch that moves between two pages would give commits of two lists.
            let first = line.first().ok_or_else(|| malformed(&what, "it has no first commit"))?;
            variables.extend([("of".to_owned(), json!(first.commit)), ("after".to_owned(), json!(after))]);
        }
        Ok(line)
    }

    /// The document that asks for a page of commits, and its variables: outside text is in them alone.
    fn asked_for_line(&self, of: &str, paths: &[&str]) -> (String, Map<String, Value>) {
        let (owner, name) = self.client.owner_and_name();
        let first = (ENTRIES / paths.len().max(1)).clamp(1, COMMITS);
        let known = [("owner", json!(owner)), ("name", json!(name)), ("of", json!(of)), ("first", json!(first))];
        let mut variables: Map<String, Value> = known.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
        let mut declared = "$owner: String!, $name: String!, $of: String!, $first: Int!, $after: String".to_owned();
        let mut fields = String::new();
        for (at, path) in paths.iter().enumerate() {
            // Writing to a text does not fail.
            let _ = write!(declared, ", $path{at}: String!");
            let _ = write!(fields, " file{at}: file(path: $path{at}) {{ mode oid }}");
            variables.insert(format!("path{at}"), json!(path));
        }
        let node = format!("oid tree {{ oid }} parents(first: 1) {{ nodes {{ oid }} }}{fields}");
        let list = format!("pageInfo {{ hasNextPage endCursor }} nodes {{ {node} }}");
        let commit = format!("... on Commit {{ history(first: $first, after: $after) {{ {list} }} }}");
        let query = format!(
            "query Line({declared}) {{ repository(owner: $owner, name: $name) {{ object(expression: $of) {{ {commit} }} }} }}"
        );
        (query, variables)
    }

    /// What the hold says at these commits, as far as they are still there.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`]; also where not all of it can be seen.
    pub async fn marked_at(&self, commits: &[&CommitId]) -> Result<Vec<Marked>, GitHubError> {
        let what = "read what the hold says at earlier heads";
        let mut nodes: Vec<HeldNode> = Vec::new();
        for batch in commits.chunks(HELD_BATCH) {
            let (fields, declared, variables) = self.objects(batch, "Held");
            let query =
                format!("query Marked({declared}) {{ repository(owner: $owner, name: $name) {{{fields} }} }}\n{HELD}");
            let root: Root = self.query(&query, &Value::Object(variables), what).await?;
            let mut found = root.repository.ok_or_else(|| GitHubError::NotFound { what: what.to_owned() })?;
            for at in 0..batch.len() {
                nodes.extend(take::<HeldNode>(&mut found, &format!("commit{at}"), what)?);
            }
        }
        match marked(nodes.into_iter()) {
            (marked, true) => Ok(marked),
            (_, false) => Err(malformed(what, "not all of its checks may be seen")),
        }
    }

    /// The fields `commit0`, `commit1`, … with a fragment of each commit, the variables that they need, and these as declared.
    fn objects(&self, commits: &[&CommitId], fragment: &str) -> (String, String, Map<String, Value>) {
        let (owner, name) = self.client.owner_and_name();
        let known = [("owner", owner), ("name", name), ("hold", HOLD)];
        let mut variables: Map<String, Value> =
            known.map(|(key, value)| (key.to_owned(), json!(value))).into_iter().collect();
        let (mut declared, mut fields) = ("$owner: String!, $name: String!, $hold: String!".to_owned(), String::new());
        for (at, commit) in commits.iter().enumerate() {
            let _ = write!(declared, ", $commit{at}: GitObjectID!");
            let _ = write!(fields, " commit{at}: object(oid: $commit{at}) {{ ...{fragment} }}");
            variables.insert(format!("commit{at}"), json!(commit));
        }
        (fields, declared, variables)
    }

    /// The merged pull requests that belong to each of these commits, with what the hold says at their heads.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`].
    pub async fn merged_by(&self, commits: &[&CommitId]) -> Result<HashMap<CommitId, Vec<MergedPull>>, GitHubError> {
        let what = "find the pull requests that commits came by";
        let mut all = HashMap::new();
        for batch in commits.chunks(BATCH) {
            let (fields, declared, variables) = self.objects(batch, "Origin");
            let pull = "number merged baseRefName headRefOid mergeCommit { oid } commits(last: 1) { nodes { commit { ...Held } } }";
            let origin = format!(
                "fragment Origin on Commit {{ associatedPullRequests(first: 10) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {pull} }} }} }}"
            );
            let query = format!(
                "query Origins({declared}) {{ repository(owner: $owner, name: $name) {{{fields} }} }}\n{origin}\n{HELD}"
            );
            let root: Root = self.query(&query, &Value::Object(variables), what).await?;
            let mut fields = root.repository.ok_or_else(|| GitHubError::NotFound { what: what.to_owned() })?;
            for (at, commit) in batch.iter().enumerate() {
                let node: Option<OriginNode> = take(&mut fields, &format!("commit{at}"), what)?;
                let page = node.and_then(|node| node.associated_pull_requests);
                let page = page.filter(|page| !page.hidden() && !page.more());
                let page =
                    page.ok_or_else(|| malformed(what, "a commit has no list of pull requests, or a long one"))?;
                let pulls = page.into_items().filter(|pull| pull.merged).map(MergedPull::from).collect();
                all.insert((*commit).clone(), pulls);
            }
        }
        Ok(all)
    }
}

/// A commit with what is at the paths that were asked for.
fn step(node: &mut Map<String, Value>, paths: usize, what: &str) -> Result<Step, GitHubError> {
    let null = || malformed(what, "a commit lacks something");
    let commit: CommitId = take(node, "oid", what)?.ok_or_else(null)?;
    let tree: Oid = take(node, "tree", what)?.ok_or_else(null)?;
    let parents: Page<ParentNode> = take(node, "parents", what)?.ok_or_else(null)?;
    if parents.hidden() {
        return Err(malformed(what, "a parent may not be seen"));
    }
    let parent = parents.into_items().next().map(|parent| parent.oid);
    let mut entries = Vec::with_capacity(paths);
    for at in 0..paths {
        let entry: Option<TreeNode> = take(node, &format!("file{at}"), what)?;
        entries.push(entry.map(|TreeNode { mode, oid }| Item { mode, id: oid }));
    }
    Ok(Step { commit, tree: tree.oid.to_string(), parent, entries })
}

impl From<MergedNode> for MergedPull {
    fn from(node: MergedNode) -> Self {
        let heads = node.commits.into_iter().flat_map(Page::into_items).map(|head| head.commit);
        let (mut heads, known) = marked(heads);
        let head = heads.pop().filter(|head| head.commit == node.head_ref_oid);
        let complete = known && head.is_some();
        let (commit, checks, statuses) = (node.head_ref_oid, Vec::new(), Vec::new());
        let head = head.unwrap_or(Marked { commit, checks, statuses, said_at: None });
        let merge_commit = node.merge_commit.map(|commit| commit.oid);
        Self { number: node.number, base_ref: node.base_ref_name, merge_commit, head, complete }
    }
}
