//! Reading pull requests, through GraphQL.

use super::client::ApiRequest;
use super::error::{GitHubError, said};
use super::graph::{CommentNode, FileNode, Page, PullNode, Rest, ReviewNode, Root};
use super::limits::RetryPolicy;
use super::rest::too_many;
use super::wire::{Envelope, GraphError};
use super::{GitHub, Overview, PAGES};
use crate::github::facts::{Actor, PullRequest};
use crate::github::ids::PullNumber;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::HashSet;

const FRAGMENT: &str = include_str!("queries/fragment.graphql");
const PULLS: &str = include_str!("queries/pulls.graphql");
const PULL: &str = include_str!("queries/pull.graphql");
const FILES: &str = include_str!("queries/files.graphql");
const COMMENTS: &str = include_str!("queries/comments.graphql");
const REVIEWS: &str = include_str!("queries/reviews.graphql");

/// How many pull requests with long lists are read side by side.
const SIDE_BY_SIDE: usize = 8;

/// Parts of a pull request that a token may lack the right to see. The bot works without them.
const OPTIONAL: [&str; 4] = ["requestedReviewer", "checkSuites", "status", "headRepository"];

impl GitHub {
    /// All open pull requests, with all pages of their lists.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`].
    pub async fn pulls(&self) -> Result<Overview, GitHubError> {
        let mut overview: Option<Overview> = None;
        let mut after: Option<String> = None;
        let mut seen = HashSet::new();
        for _ in 0..PAGES {
            let (owner, name) = self.client.owner_and_name();
            let variables = json!({ "owner": owner, "name": name, "after": after });
            let root: Root = self.query(&format!("{PULLS}\n{FRAGMENT}"), &variables, "list the pull requests").await?;
            let (page, list) = self.overview(root, "list the pull requests")?;
            after = list.next();
            let all = overview.get_or_insert(page);
            let pulls = stream::iter(list.into_items()).map(|node| self.complete(node)).buffered(SIDE_BY_SIDE);
            for pull in pulls.try_collect::<Vec<PullRequest>>().await? {
                // A list that changes while it is read can show one twice.
                if seen.insert(pull.number) {
                    all.pulls.push(pull);
                }
            }
            if after.is_none() {
                break;
            }
        }
        if after.is_some() {
            return Err(too_many("list the pull requests"));
        }
        Ok(overview.unwrap_or_default())
    }

    /// One pull request, open or closed. `pulls` is empty where there is none of that number.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`].
    pub async fn pull(&self, number: PullNumber) -> Result<Overview, GitHubError> {
        let what = format!("read the pull request {number}");
        let (owner, name) = self.client.owner_and_name();
        let variables = json!({ "owner": owner, "name": name, "number": number });
        let mut root: Root = self.query(&format!("{PULL}\n{FRAGMENT}"), &variables, &what).await?;
        let node = root.repository.as_mut().and_then(|r| r.pull_request.take());
        let (mut overview, _) = self.overview(root, &what)?;
        if let Some(node) = node {
            overview.pulls.push(self.complete(node).await?);
        }
        Ok(overview)
    }

    fn overview(&self, root: Root, what: &str) -> Result<(Overview, Page<PullNode>), GitHubError> {
        let mut node = root.repository.ok_or_else(|| GitHubError::NotFound { what: what.to_owned() })?;
        let list = node.pull_requests.take().unwrap_or_else(Page::empty);
        let (repository, head) = node.repository();
        let viewer = Actor { bot: root.viewer.login.ends_with("[bot]"), login: root.viewer.login };
        Ok((Overview { viewer, repository, head, pulls: Vec::new() }, list))
    }

    /// Reads what the first pages of a pull request's lists leave open.
    async fn complete(&self, node: PullNode) -> Result<PullRequest, GitHubError> {
        let (mut pull, rest) = node.into_facts();
        let what = |list: &str| format!("read the {list} of the pull request {}", pull.number);
        let (files, comments, reviews) = (what("files"), what("comments"), what("reviews"));
        let Rest { mut renames, .. } = rest;
        if let Some(after) = rest.files {
            let more: Vec<FileNode> = self.pages(FILES, "files", &pull.node_id, after, &files).await?;
            renames |= more.iter().any(FileNode::renamed);
            pull.paths.extend(more.into_iter().map(|f| f.path));
            pull.paths_complete = pull.paths.len() == rest.changed_files;
        }
        if renames {
            self.old_paths(&mut pull, &files).await?;
        }
        if let Some(after) = rest.comments {
            let more: Vec<CommentNode> = self.pages(COMMENTS, "comments", &pull.node_id, after, &comments).await?;
            pull.comments.extend(more.into_iter().map(Into::into));
        }
        if let Some(after) = rest.reviews {
            let more: Vec<ReviewNode> = self.pages(REVIEWS, "reviews", &pull.node_id, after, &reviews).await?;
            pull.reviews.extend(more.into_iter().map(Into::into));
        }
        if rest.checks {
            pull.checks = self.check_runs(&pull.head_sha).await?;
        }
        if rest.statuses {
            pull.statuses = self.statuses(&pull.head_sha).await?;
        }
        Ok(pull)
    }

    /// Adds the paths that renamed files had: only REST has them.
    async fn old_paths(&self, pull: &mut PullRequest, what: &str) -> Result<(), GitHubError> {
        #[derive(Deserialize)]
        struct File {
            previous_filename: Option<String>,
        }
        let files: Vec<File> = self.client.list(&format!("pulls/{}/files", pull.number), what).await?;
        pull.paths_complete &= files.len() == pull.paths.len();
        pull.paths.extend(files.into_iter().filter_map(|f| f.previous_filename));
        Ok(())
    }

    /// The further pages of a pull request's list.
    async fn pages<T: DeserializeOwned>(
        &self,
        document: &str,
        list: &str,
        id: &str,
        first: String,
        what: &str,
    ) -> Result<Vec<T>, GitHubError> {
        let mut items = Vec::new();
        let mut after = Some(first);
        for _ in 0..PAGES {
            let Some(cursor) = after else { return Ok(items) };
            let variables = json!({ "id": id, "after": cursor });
            let mut data: Value = self.query(document, &variables, what).await?;
            let page = data.pointer_mut(&format!("/node/{list}")).map(Value::take).unwrap_or_default();
            let page: Page<T> = serde_json::from_value(page)
                .map_err(|e| GitHubError::Malformed { what: what.to_owned(), why: said(&e.to_string(), None) })?;
            after = page.next();
            items.extend(page.into_items());
        }
        if after.is_some() { Err(too_many(what)) } else { Ok(items) }
    }

    /// Sends a query. Errors count, unless all are about parts that the bot works without.
    async fn query<T: DeserializeOwned>(
        &self,
        document: &str,
        variables: &Value,
        what: &str,
    ) -> Result<T, GitHubError> {
        let request = self.client.graph(document, variables, what, RetryPolicy::Read);
        let answer: Envelope = self.client.json(&request).await?;
        let matters = |e: &&GraphError| {
            !(e.within(&OPTIONAL) || (e.kind == "NOT_FOUND" && e.path.last() == Some(&Value::from("pullRequest"))))
        };
        if let Some(error) = answer.errors.iter().find(matters) {
            return Err(refused(&request, error, self.client.token()));
        }
        for error in &answer.errors {
            tracing::debug!("GitHub, request to {what}: {}", said(&error.message, self.client.token()));
        }
        serde_json::from_value(answer.data).map_err(|e| GitHubError::Malformed {
            what: what.to_owned(),
            why: said(&e.to_string(), self.client.token()),
        })
    }
}

/// A GraphQL error as a [`GitHubError`].
pub(super) fn refused(request: &ApiRequest, error: &GraphError, token: Option<&str>) -> GitHubError {
    let (what, message) = (request.what(), said(&error.message, token));
    match error.kind.as_str() {
        "NOT_FOUND" => GitHubError::NotFound { what },
        "FORBIDDEN" | "INSUFFICIENT_SCOPES" => {
            GitHubError::Forbidden { what, permission: request.permission(), why: message }
        }
        _ => GitHubError::Rejected { what, status: 200, message },
    }
}
