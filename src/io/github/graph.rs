//! GraphQL's pull requests as facts.

use super::head::{CommitNode, take_head};
use super::page::{Page, page};
use super::timeline::{self, EventNode};
use super::wire::{Someone, nullable};
use crate::github::facts::{Actor, Comment, PullRequest, Repository, Review};
use crate::github::ids::{CommentId, CommitId, Moment, PullNumber, ReviewState};
use serde::Deserialize;

/// The answer to `Pulls` and `OnePull`.
#[derive(Debug, Deserialize)]
pub(super) struct Root {
    pub(super) viewer: Viewer,
    pub(super) repository: Option<RepositoryNode>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Viewer {
    pub(super) login: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RepositoryNode {
    id: String,
    name_with_owner: String,
    default_branch_ref: Option<BranchNode>,
    pub(super) pull_requests: Option<Page<PullNode>>,
    pub(super) pull_request: Option<PullNode>,
}

#[derive(Debug, Deserialize)]
struct BranchNode {
    name: String,
    target: Option<Oid>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Oid {
    pub(super) oid: CommitId,
}

impl RepositoryNode {
    /// The repository, and the commit of its default branch.
    pub(super) fn repository(&self) -> (Repository, Option<CommitId>) {
        let branch = self.default_branch_ref.as_ref();
        let repository = Repository {
            full_name: self.name_with_owner.clone(),
            default_branch: branch.map(|b| b.name.clone()).unwrap_or_default(),
            node_id: self.id.clone(),
        };
        (repository, branch.and_then(|b| b.target.as_ref()).map(|t| t.oid.clone()))
    }
}

/// For what GitHub does not say.
const fn yes() -> bool {
    true
}

/// A pull request: the fragment `Pull`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PullNode {
    id: String,
    number: PullNumber,
    #[serde(default, deserialize_with = "nullable")]
    title: String,
    #[serde(default, deserialize_with = "nullable")]
    body: String,
    state: String,
    #[serde(default)]
    is_draft: bool,
    // Where GitHub does not say, they may.
    #[serde(default = "yes")]
    maintainer_can_modify: bool,
    #[serde(default, deserialize_with = "nullable")]
    author: Someone,
    head_ref_name: String,
    head_ref_oid: CommitId,
    head_repository: Option<Named>,
    base_ref_name: String,
    base_ref_oid: CommitId,
    auto_merge_request: Option<serde::de::IgnoredAny>,
    #[serde(default, deserialize_with = "nullable")]
    is_in_merge_queue: bool,
    #[serde(default = "Page::empty", deserialize_with = "page")]
    labels: Page<Label>,
    #[serde(default = "Page::empty", deserialize_with = "page")]
    review_requests: Page<Request>,
    #[serde(default, deserialize_with = "nullable")]
    changed_files: usize,
    #[serde(default = "Page::empty", deserialize_with = "page")]
    files: Page<FileNode>,
    #[serde(default = "Page::empty", deserialize_with = "page")]
    comments: Page<CommentNode>,
    #[serde(default = "Page::empty", deserialize_with = "page")]
    reviews: Page<ReviewNode>,
    #[serde(default = "Page::empty", deserialize_with = "page")]
    commits: Page<CommitNode>,
    // A list that is not there is no empty list.
    timeline_items: Option<Page<EventNode>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    name_with_owner: String,
}

#[derive(Debug, Deserialize)]
struct Label {
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    requested_reviewer: Option<Someone>,
}

/// A file that a pull request changes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileNode {
    /// Its path; the new one for a rename.
    pub(super) path: String,
    #[serde(default, deserialize_with = "nullable")]
    change_type: String,
}

impl FileNode {
    /// Returns whether it had another path before, which GraphQL does not say.
    pub(super) fn renamed(&self) -> bool {
        self.change_type == "RENAMED"
    }
}

/// A comment.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommentNode {
    id: String,
    // A number as text: newer ids do not fit an `Int`.
    #[serde(default, deserialize_with = "nullable")]
    full_database_id: String,
    #[serde(default, deserialize_with = "nullable")]
    body: String,
    #[serde(default, deserialize_with = "nullable")]
    author: Someone,
    created_at: Moment,
    last_edited_at: Option<serde::de::IgnoredAny>,
    #[serde(default, deserialize_with = "nullable")]
    includes_created_edit: bool,
}

impl From<CommentNode> for Comment {
    fn from(node: CommentNode) -> Self {
        Self {
            id: CommentId(node.full_database_id.parse().unwrap_or_default()),
            node_id: node.id,
            author: node.author.into(),
            body: node.body,
            created_at: node.created_at,
            edited: node.last_edited_at.is_some() || node.includes_created_edit,
        }
    }
}

/// A review.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReviewNode {
    id: String,
    state: String,
    #[serde(default, deserialize_with = "nullable")]
    author: Someone,
    #[serde(default, deserialize_with = "nullable")]
    author_can_push_to_repository: bool,
    commit: Option<Oid>,
    submitted_at: Option<Moment>,
    last_edited_at: Option<serde::de::IgnoredAny>,
}

impl From<ReviewNode> for Review {
    fn from(node: ReviewNode) -> Self {
        Self {
            id: node.id,
            author: node.author.into(),
            state: ReviewState::read(&node.state),
            commit: node.commit.map(|c| c.oid),
            may_write: node.author_can_push_to_repository,
            submitted_at: node.submitted_at,
            edited: node.last_edited_at.is_some(),
        }
    }
}

/// The parts of a pull request's lists that remain to be read after the first page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rest {
    /// Where the next page of the files begins.
    pub(super) files: Option<String>,
    /// Where the next page of the comments begins.
    pub(super) comments: Option<String>,
    /// Where the next page of the reviews begins.
    pub(super) reviews: Option<String>,
    /// Where the next page of the timeline begins.
    pub(super) timeline: Option<String>,
    /// Whether there are more check runs.
    pub(super) checks: bool,
    /// Whether the statuses are not known.
    pub(super) statuses: bool,
    /// Whether a file had another path before.
    pub(super) renames: bool,
    /// The number of files.
    pub(super) changed_files: usize,
}

impl PullNode {
    /// The pull request, as far as the first pages say, and what they leave open.
    pub(super) fn into_facts(self) -> (PullRequest, Rest) {
        let rest = Rest {
            files: self.files.next(),
            comments: self.comments.next(),
            reviews: self.reviews.next(),
            timeline: self.timeline_items.as_ref().and_then(Page::next),
            renames: self.files.items().any(FileNode::renamed),
            changed_files: self.changed_files,
            ..Rest::default()
        };
        let hidden = self.files.hidden();
        let opinions_complete = !self.comments.hidden() && !self.reviews.hidden();
        let mut requested_users = Vec::new();
        let mut requested_teams = Vec::new();
        for someone in self.review_requests.into_items().filter_map(|r| r.requested_reviewer) {
            if someone.slug.is_empty() {
                requested_users.push(Actor::from(someone).login);
            } else {
                requested_teams.push(someone.slug);
            }
        }
        let paths: Vec<String> = self.files.into_items().map(|f| f.path).collect();
        let mut pull = PullRequest {
            number: self.number,
            node_id: self.id,
            title: self.title,
            body: self.body,
            author: self.author.into(),
            open: self.state == "OPEN",
            draft: self.is_draft,
            maintainers_may_push: self.maintainer_can_modify,
            head_ref: self.head_ref_name,
            head_sha: self.head_ref_oid,
            head_repository: self.head_repository.map(|r| r.name_with_owner),
            base_ref: self.base_ref_name,
            base_sha: self.base_ref_oid,
            auto_merge: self.auto_merge_request.is_some(),
            queued: self.is_in_merge_queue,
            labels: self.labels.into_items().map(|l| l.name).collect(),
            requested_users,
            requested_teams,
            // Right after a push GitHub has not counted yet.
            paths_complete: !hidden && !paths.is_empty() && paths.len() == rest.changed_files,
            paths,
            comments: self.comments.into_items().map(Comment::from).collect(),
            reviews: self.reviews.into_items().map(Review::from).collect(),
            opinions_complete,
            checks: Vec::new(),
            statuses: Vec::new(),
            base_changes: Vec::new(),
            dismissals: Vec::new(),
            timeline_complete: self.timeline_items.as_ref().is_some_and(|page| !page.hidden()),
        };
        timeline::take(&mut pull, self.timeline_items.into_iter().flat_map(Page::into_items));
        let (checks, statuses) = take_head(&mut pull, self.commits);
        (pull, Rest { checks, statuses, ..rest })
    }
}
