//! Reading pull requests, through GraphQL.

use super::client::ApiRequest;
use super::error::{GitHubError, said};
use super::graph::{CommentNode, FileNode, PullNode, Rest, ReviewNode, Root};
use super::limits::RetryPolicy;
use super::page::Page;
use super::rest::too_many;
use super::timeline::{self, EventNode};
use super::wire::{Envelope, GraphError};
use super::{GitHub, Overview, PAGES, SIDE_BY_SIDE};
use crate::github::facts::{Actor, PullRequest};
use crate::github::ids::PullNumber;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::HashSet;

const EVENT: &str = include_str!("queries/event.graphql");
/// A pull request without its files: the fragment `Live`, and what it takes.
pub(super) const LIVE: &str =
    concat!(include_str!("queries/live.graphql"), "\n", include_str!("queries/event.graphql"));
/// A pull request with its files: the fragment `Pull`, without what it takes.
const WHOLE: &str = include_str!("queries/whole.graphql");
const PULLS: &str = include_str!("queries/pulls.graphql");
const PULL: &str = include_str!("queries/pull.graphql");
const FILES: &str = include_str!("queries/files.graphql");
const COMMENTS: &str = include_str!("queries/comments.graphql");
const REVIEWS: &str = include_str!("queries/reviews.graphql");
const TIMELINE: &str = include_str!("queries/timeline.graphql");

/// Parts of a pull request that a token may lack the right to see. The bot works without them.
const OPTIONAL: [&str; 4] = ["requestedReviewer", "checkSuites", "status", "headRepository"];

/// The further pages of a list.
struct More<T> {
    items: Vec<T>,
    /// Whether an item among them may not be seen.
    hidden: bool,
}

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
            let root: Root =
                self.query(&format!("{PULLS}\n{WHOLE}\n{LIVE}"), &variables, "list the pull requests").await?;
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
        // A number of GraphQL has 32 bits, and GitHub refuses a request with a larger one. No pull request has 0 as its number.
        let asked = i32::try_from(number.0).unwrap_or(0);
        let variables = json!({ "owner": owner, "name": name, "number": asked });
        let mut root: Root = self.query(&format!("{PULL}\n{WHOLE}\n{LIVE}"), &variables, &what).await?;
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
    pub(super) async fn complete(&self, node: PullNode) -> Result<PullRequest, GitHubError> {
        let (mut pull, rest) = node.into_facts();
        let number = pull.number;
        let what = |list: &str| format!("read the {list} of the pull request {number}");
        let (files, comments, reviews) = (what("files"), what("comments"), what("reviews"));
        let Rest { mut renames, .. } = rest;
        if let Some(after) = rest.files {
            let more: More<FileNode> = self.pages(FILES, "files", &pull.node_id, after, &files).await?;
            renames |= more.items.iter().any(FileNode::renamed);
            pull.paths.extend(more.items.into_iter().map(|f| f.path));
            pull.paths_complete = pull.paths.len() == rest.changed_files;
        }
        if renames {
            self.old_paths(&mut pull, &files).await?;
        }
        if let Some(after) = rest.comments {
            let more: More<CommentNode> = self.pages(COMMENTS, "comments", &pull.node_id, after, &comments).await?;
            pull.opinions_complete &= !more.hidden;
            pull.comments.extend(more.items.into_iter().map(Into::into));
        }
        if let Some(after) = rest.reviews {
            let more: More<ReviewNode> = self.pages(REVIEWS, "reviews", &pull.node_id, after, &reviews).await?;
            pull.opinions_complete &= !more.hidden;
            pull.reviews.extend(more.items.into_iter().map(Into::into));
        }
        if let Some(after) = rest.timeline {
            let what = what("timeline");
            let more: More<EventNode> =
                self.pages(&format!("{TIMELINE}\n{EVENT}"), "timelineItems", &pull.node_id, after, &what).await?;
            pull.timeline_complete &= !more.hidden;
            timeline::take(&mut pull, more.items);
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
    ) -> Result<More<T>, GitHubError> {
        let mut more = More { items: Vec::new(), hidden: false };
        let mut after = Some(first);
        for _ in 0..PAGES {
            let Some(cursor) = after else { return Ok(more) };
            let variables = json!({ "id": id, "after": cursor });
            let mut data: Value = self.query(document, &variables, what).await?;
            let page = data.pointer_mut(&format!("/node/{list}")).map(Value::take).unwrap_or_default();
            let page: Page<T> = serde_json::from_value(page)
                .map_err(|e| GitHubError::Malformed { what: what.to_owned(), why: said(&e.to_string(), None) })?;
            after = page.next();
            more.hidden |= page.hidden();
            more.items.extend(page.into_items());
        }
        if after.is_some() { Err(too_many(what)) } else { Ok(more) }
    }

    /// Sends a query. Errors count, unless all are about parts that the bot works without.
    pub(super) async fn query<T: DeserializeOwned>(
        &self,
        document: &str,
        variables: &Value,
        what: &str,
    ) -> Result<T, GitHubError> {
        let request = self.client.graph(document, variables, what, RetryPolicy::Read);
        let answer: Envelope = self.client.json(&request).await?;
        // The place of a pull request has this name or, in a list of several, one that begins with it.
        let of_pull =
            |e: &GraphError| e.path.last().and_then(Value::as_str).is_some_and(|n| n.starts_with("pullRequest"));
        let matters = |e: &&GraphError| !(e.within(&OPTIONAL) || (e.kind == "NOT_FOUND" && of_pull(e)));
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
