//! What is to be known of a pull request before anything is decided: read for many of them side by side.

use super::RunRequest;
use super::state::{Base, States};
use crate::app::review::{Options, Reviewed, review};
use crate::github::decide::{self, BlockUpdate, Branch};
use crate::github::facts::{Comparison, PullRequest};
use crate::github::hold::{self, Hold};
use crate::github::ids::CommitId;
use crate::github::owners::{self, RequestedReviewers};
use crate::github::settings::Reviewers;
use crate::github::tree::{Item, Listing};
use crate::io::github::{GitHub, GitHubError, Overview};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::task::{JoinError, JoinHandle};

/// The facts about a pull request that touches Rust elements.
pub(super) struct PullFacts {
    pub(super) reviewed: Reviewed,
    pub(super) update: BlockUpdate,
    pub(super) hold: Hold,
    pub(super) reviewers: RequestedReviewers,
}

/// Reads what a run decides from, and writes nothing. Shared by all that is read side by side.
pub(super) struct Reader {
    pub(super) github: GitHub,
    pub(super) request: RunRequest,
    pub(super) states: States,
    pub(super) overview: Overview,
    pub(super) read_only: Option<String>,
    /// How many pull requests are read at a time.
    pub(super) side_by_side: usize,
    /// Whether a failure ended the run: then no other pull request is begun.
    pub(super) ended: AtomicBool,
}

/// Whether an error ends the whole run: a limit that cannot be waited for, or a token that is not taken.
pub(super) fn ends_run(error: &GitHubError) -> bool {
    matches!(error, GitHubError::Limited { .. } | GitHubError::Unauthorized { .. })
}

/// A task that ends when nobody waits for it any more.
struct Task<T>(JoinHandle<T>);

impl<T> Future for Task<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Reader {
    /// How many pull requests may be read side by side. One at a time until a base branch was read: the first that can be read
    /// says which hosts are trusted, and must not be whichever answers first.
    pub(super) fn bound(&self) -> usize {
        if self.states.is_open() { self.side_by_side } else { 1 }
    }

    /// Begins to read a pull request's facts, in a task of its own.
    pub(super) fn start(
        self: &Arc<Self>,
        pull: PullRequest,
        insist: bool,
    ) -> impl Future<Output = (PullRequest, anyhow::Result<Option<PullFacts>>)> + use<> {
        let (reader, same) = (self.clone(), pull.clone());
        let task = Task(tokio::spawn(async move { reader.begun(&same, insist).await }));
        async move {
            // A panic is a failure of this pull request alone.
            let facts = task.await.unwrap_or_else(|error| Err(error.into()));
            (pull, facts)
        }
    }

    async fn begun(&self, pull: &PullRequest, insist: bool) -> anyhow::Result<Option<PullFacts>> {
        anyhow::ensure!(!self.ended.load(Ordering::Relaxed), "the run ended before");
        let facts = self.facts(pull, insist, None).await;
        if facts.as_ref().err().and_then(|error| error.downcast_ref()).is_some_and(ends_run) {
            self.ended.store(true, Ordering::Relaxed);
        }
        facts
    }

    /// The facts of a pull request. None where it touches no Rust element.
    pub(super) async fn facts(
        &self,
        pull: &PullRequest,
        insist: bool,
        refused: Option<&str>,
    ) -> anyhow::Result<Option<PullFacts>> {
        let base = self.base_of(&pull.base_ref).await?;
        let untouched = pull.paths_complete && !pull.paths.iter().any(|path| base.concerns(path));
        if untouched { Ok(None) } else { self.collect_facts(pull, &base, insist, refused).await }
    }

    pub(super) async fn base_of(&self, name: &str) -> anyhow::Result<Base> {
        let head = || async {
            let known = (name == self.overview.repository.default_branch).then(|| self.overview.head.clone()).flatten();
            match known {
                Some(sha) => Ok(sha),
                None => {
                    let found = self.github.branch(name).await?;
                    found.ok_or_else(|| anyhow::anyhow!("the branch `{}` is gone", name.escape_debug()))
                }
            }
        };
        self.states.base(name, head).await
    }

    /// All that is to be known. None where no Rust element is touched after all.
    async fn collect_facts(
        &self,
        pull: &PullRequest,
        base: &Base,
        insist: bool,
        refused: Option<&str>,
    ) -> anyhow::Result<Option<PullFacts>> {
        let comparison = self.github.compare(base.sha.as_str(), pull.head_sha.as_str()).await?;
        let old = self.states.at(base, &comparison.merge_base).await?;
        let new = self.states.at(base, &pull.head_sha).await?;
        for state in [&old, &new] {
            if let Some(path) = state.read_snapshot().await?.unread.first() {
                anyhow::bail!("`{}` cannot be read, and what depends on it is not known", path.escape_debug());
            }
        }
        let branch = Branch {
            pull,
            repository: &self.request.repository,
            commits: &comparison,
            viewer: &self.overview.viewer,
            read_only: self.read_only.as_deref(),
            insist,
            default_branch: &self.overview.repository.default_branch,
            refused,
        };
        let writable = decide::block_update(&branch, vec![(String::new(), String::new())]);
        let regenerated = matches!(writable, BlockUpdate::Commit(_));
        let mut reviewed = review(&old, &new, &self.options(regenerated)).await?;
        if reviewed.touched.is_empty() {
            return Ok(None);
        }
        let changes = reviewed.report.changes.iter();
        let changes: Vec<(String, String)> =
            changes.map(|c| (self.states.rooted(&c.new.path), c.new.text.to_string())).collect();
        let update = match self.linked(&pull.head_sha, &changes).await? {
            Some(path) => {
                BlockUpdate::Left(format!("`{path}` is reached through a link, which a commit would destroy"))
            }
            None => decide::block_update(&branch, changes),
        };
        if regenerated && matches!(update, BlockUpdate::Left(_)) {
            // The review was made for regenerated blocks, which stay as they are.
            reviewed = review(&old, &new, &self.options(false)).await?;
        }
        let hold = match &update {
            BlockUpdate::Commit(_) => {
                Hold::Held("its blocks were regenerated, and nobody has reviewed that yet".into())
            }
            _ => self.hold(pull, &comparison, &base.sha).await?,
        };
        let reviewers = self.reviewers(&base.sha, &reviewed).await?;
        Ok(Some(PullFacts { reviewed, update, hold, reviewers }))
    }

    /// The first of these files that is no plain file in a commit.
    async fn linked(&self, commit: &CommitId, files: &[(String, String)]) -> anyhow::Result<Option<String>> {
        if files.is_empty() {
            return Ok(None);
        }
        let listing = self.states.listing(commit).await?;
        let plain = |path: &str| listing.get(path).is_some_and(|item| item.mode & !0o111 == Item::FILE & !0o111);
        Ok(files.iter().map(|(path, _)| path).find(|path| !plain(path)).cloned())
    }

    /// All that is touched counts, whatever was selected.
    pub(super) fn options(&self, regenerated: bool) -> Options {
        Options { elements: Vec::new(), deep: self.request.deep, regenerated }
    }

    /// The hold, with approvals of other commits whose content is the head's.
    pub(super) async fn hold(
        &self,
        pull: &PullRequest,
        comparison: &Comparison,
        base: &CommitId,
    ) -> anyhow::Result<Hold> {
        let commits = hold::approved_commits(pull);
        if commits.is_empty() {
            return Ok(hold::evaluate_approval(pull, &|_| false));
        }
        let (head, merge_base) =
            (self.states.listing(&pull.head_sha).await?, self.states.listing(&comparison.merge_base).await?);
        let changed = merge_base.changed(&head);
        let mut same: Vec<CommitId> = Vec::new();
        for commit in commits {
            match self.has_content(&commit, &head, &changed, base).await {
                Ok(true) => same.push(commit),
                Ok(false) => {}
                // A commit that is gone was approved for a content that nobody can compare.
                Err(error) => tracing::debug!("the approval of {commit} does not count: {error:#}"),
            }
        }
        Ok(hold::evaluate_approval(pull, &|commit| same.iter().any(|s| s == commit)))
    }

    /// Returns whether a commit has the content of the head wherever it or the head (`changed`) differs from the base.
    async fn has_content(
        &self,
        commit: &CommitId,
        head: &Listing,
        changed: &[String],
        base: &CommitId,
    ) -> anyhow::Result<bool> {
        let then = self.states.listing(commit).await?;
        let comparison = self.github.compare(base.as_str(), commit.as_str()).await?;
        let from = self.states.listing(&comparison.merge_base).await?;
        let paths = from.changed(&then);
        Ok(changed.iter().chain(&paths).all(|path| then.get(path) == head.get(path)))
    }

    async fn reviewers(&self, base: &CommitId, reviewed: &Reviewed) -> anyhow::Result<RequestedReviewers> {
        Ok(match &self.request.settings.reviewers {
            Reviewers::None => RequestedReviewers::default(),
            Reviewers::List(names) => RequestedReviewers::from_words(names.iter().map(String::as_str)),
            Reviewers::Codeowners => {
                let paths: Vec<String> = reviewed.review.elements.iter().map(|e| self.states.rooted(&e.file)).collect();
                let text = self.states.text_of_root(base, &owners::PLACES).await?;
                text.optional()?.map(|text| owners::of(&text, &paths)).unwrap_or_default()
            }
        })
    }
}
