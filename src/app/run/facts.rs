//! What is to be known of a pull request before anything is decided: read for many of them side by side.

use super::RunRequest;
use super::judged::Judged;
use super::side::Sided;
use super::state::{Base, Places, States};
use crate::app::review::{Options, Reviewed, review};
use crate::github::ancestry::MAX_COMMITS;
use crate::github::approval::{Hold, Pushers};
use crate::github::branches::Branches;
use crate::github::content::Content;
use crate::github::decide::{self, BlockUpdate, Branch};
use crate::github::facts::{PullRequest, Step};
use crate::github::ids::CommitId;
use crate::github::owners::{self, RequestedReviewers};
use crate::github::settings::Reviewers;
use crate::github::tree::Item;
use crate::io::github::{GitHub, GitHubError, Overview};
use crate::report::Status;
use crate::review::render::Bundle;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;
use tokio_util::task::AbortOnDropHandle;

/// The facts about a pull request.
pub(super) struct PullFacts {
    /// What merging its head changes: in its base branch first, then in each guarded branch that it could reach as well.
    pub(super) contents: Vec<Arc<Judged>>,
    /// The evidence. None where the merge could not be computed, and where nothing holds it.
    pub(super) reviewed: Option<Reviewed>,
    /// What is to be said where it is a bundle of a tracker.
    pub(super) bundle: Option<Bundle>,
    pub(super) update: BlockUpdate,
    /// The files of the update that are executable.
    pub(super) executable: Vec<String>,
    /// Whether it is held. None where nothing of it decides.
    pub(super) hold: Option<Hold>,
    pub(super) reviewers: RequestedReviewers,
}

impl PullFacts {
    /// Whether the pull request is held.
    pub(super) fn is_held(&self) -> bool {
        matches!(self.hold, Some(Hold::Held(_)))
    }

    /// What merging it into its base branch changes.
    pub(super) fn content(&self) -> &Content {
        static NOTHING: Content = Content { branch: String::new(), paths: 0, decisive: Vec::new() };
        self.contents.first().map_or(&NOTHING, |judged| &judged.content)
    }

    /// The Rust elements whose blocks are regenerated, sorted.
    pub(super) fn regenerated(&self) -> Vec<String> {
        let blocks = self.reviewed.iter().flat_map(|reviewed| &reviewed.report.blocks);
        let regenerated = blocks.filter(|block| block.status == Status::Regenerated);
        regenerated.flat_map(|block| block.elements.iter().cloned()).collect::<BTreeSet<_>>().into_iter().collect()
    }
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
    /// The heads of which elements were not looked at in time, with these elements.
    pub(super) late: Mutex<BTreeMap<CommitId, Vec<String>>>,
    /// Whether the overview has all open pull requests.
    pub(super) all: bool,
    /// The open pull requests, where the overview has only one of them.
    pub(super) pulls: OnceCell<Vec<PullRequest>>,
    pub(super) branches: OnceCell<Branches>,
    /// The last commits of guarded branches, by their names.
    pub(super) lines: Places<String, Vec<Step>>,
}

/// The most elements that are named where they were not looked at in time.
const LATE_NAMED: usize = 3;

/// Whether an error ends the whole run: a limit that cannot be waited for, or a token that is not taken.
pub(super) fn ends_run(error: &GitHubError) -> bool {
    matches!(error, GitHubError::Limited { .. } | GitHubError::Unauthorized { .. })
}

/// Whether an error is GitHub's answer that a thing is not there.
fn is_not_found(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(GitHubError::NotFound { .. }))
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
    ) -> impl Future<Output = (PullRequest, anyhow::Result<PullFacts>)> + use<> {
        let (reader, same) = (self.clone(), pull.clone());
        let task = AbortOnDropHandle::new(tokio::spawn(async move { reader.begun(&same, insist).await }));
        async move {
            // A panic is a failure of this pull request alone.
            let facts = task.await.unwrap_or_else(|error| Err(error.into()));
            (pull, facts)
        }
    }

    async fn begun(&self, pull: &PullRequest, insist: bool) -> anyhow::Result<PullFacts> {
        anyhow::ensure!(!self.ended.load(Ordering::Relaxed), "the run ended before");
        let facts = self.facts(pull, insist, None).await;
        if facts.as_ref().err().and_then(|error| error.downcast_ref()).is_some_and(ends_run) {
            self.ended.store(true, Ordering::Relaxed);
        }
        facts
    }

    /// The facts of a pull request.
    ///
    /// # Errors
    /// [`NotInTime`](crate::io::NotInTime) where they could not be read in time; else when GitHub cannot be read, or the bot fails.
    pub(super) async fn facts(
        &self,
        pull: &PullRequest,
        insist: bool,
        refused: Option<&str>,
    ) -> anyhow::Result<PullFacts> {
        let times = self.states.times();
        times.within(times.pull, self.read_facts(pull, insist, refused)).await?
    }

    async fn read_facts(&self, pull: &PullRequest, insist: bool, refused: Option<&str>) -> anyhow::Result<PullFacts> {
        let contents = self.contents(pull).await?;
        let own = contents.first().ok_or_else(|| anyhow::anyhow!("it has no base branch"))?;
        let base = self.base_of(&pull.base_ref).await?;
        let mut facts = PullFacts {
            contents: contents.clone(),
            reviewed: None,
            bundle: None,
            update: BlockUpdate::Nothing,
            executable: Vec::new(),
            hold: None,
            reviewers: RequestedReviewers::default(),
        };
        if contents.iter().all(|judged| judged.content.is_harmless()) {
            return Ok(facts);
        }
        if let Some(after) = self.after(&base, own).await? {
            let (reviewed, update) = self.evidence(pull, own, (&base, &after), insist, refused).await?;
            self.note_late(&pull.head_sha, &reviewed.not_in_time);
            facts.reviewers = self.reviewers(&base.sha, own, &reviewed).await?;
            facts.bundle = self.bundle(pull, &own.content, &reviewed.touched).await?;
            if let BlockUpdate::Commit(files) = &update {
                facts.executable = self.states.executable(&pull.head_sha, files).await?;
            }
            (facts.reviewed, facts.update) = (Some(reviewed), update);
        }
        facts.hold = match &facts.update {
            BlockUpdate::Commit(_) => {
                Some(Hold::Held("its blocks were regenerated, and nobody has reviewed that yet".into()))
            }
            _ => self.hold(std::slice::from_ref(pull), &contents).await?,
        };
        Ok(facts)
    }

    fn note_late(&self, head: &CommitId, elements: &[String]) {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        if elements.is_empty() {
            late.remove(head);
        } else {
            late.insert(head.clone(), elements.to_vec());
        }
    }

    /// Why a head stays held whoever approved it: elements were not looked at in time. Nobody can approve what nobody saw.
    pub(super) fn late(&self, head: &CommitId) -> Option<String> {
        let late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        let elements = late.get(head)?;
        let named: Vec<&str> = elements.iter().take(LATE_NAMED).map(String::as_str).collect();
        let more = elements.len().saturating_sub(LATE_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Some(format!("not looked at in time: {}{more}; run the bot again", named.join(", ").escape_debug()))
    }

    /// What merging a pull request changes: in its base, and in each guarded branch that its commit could reach as well.
    pub(super) async fn contents(&self, pull: &PullRequest) -> anyhow::Result<Vec<Arc<Judged>>> {
        let branches = self.branches().await?;
        let mut contents = Vec::new();
        let branches: Vec<String> = branches.judged_for(&pull.base_ref).map(str::to_owned).collect();
        for branch in branches {
            let base = self.base_of(&branch).await?;
            match self.judged(&base, &branch, &pull.head_sha).await {
                // How far apart two guarded branches are is nothing that a pull request can help.
                Ok(judged) if branch == pull.base_ref && judged.comparison.ahead > MAX_COMMITS => {
                    let commits = judged.comparison.ahead;
                    let why =
                        format!("it has {commits} commits, and no more than {MAX_COMMITS} are looked at: split it");
                    let at = (branch.as_str(), &judged.tip);
                    contents.push(Arc::new(Judged::unknown(at, &judged.commit, judged.comparison.clone(), why)));
                }
                Ok(judged) => contents.push(judged),
                // The two share no history: nothing can bring the one into the other.
                Err(error) if branch != pull.base_ref && is_not_found(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(contents)
    }

    /// The state after the merge.
    pub(super) async fn after(&self, base: &Base, judged: &Judged) -> anyhow::Result<Option<Arc<Sided>>> {
        if let Some(after) = judged.take_after() {
            return Ok(Some(after));
        }
        let Some(files) = &judged.files else { return Ok(None) };
        Ok(Some(Arc::new(self.states.sided(base.workspace(), files.clone(), &judged.commit).await?)))
    }

    /// The branches that are guarded: the default branch and its configuration say which.
    pub(super) async fn branches(&self) -> anyhow::Result<&Branches> {
        let read = || async {
            let default = &self.overview.repository.default_branch;
            let base = self.base_of(default).await?;
            let snapshot = base.workspace().read_snapshot().await?;
            Ok(Branches::new(default, &snapshot, &base.workspace().config))
        };
        self.branches.get_or_try_init(read).await
    }

    /// The open pull requests.
    pub(super) async fn open_pulls(&self) -> anyhow::Result<&[PullRequest]> {
        if self.all {
            return Ok(&self.overview.pulls);
        }
        let read = || async { self.github.pulls().await.map(|overview| overview.pulls) };
        Ok(self.pulls.get_or_try_init(read).await?)
    }

    pub(super) async fn base_of(&self, name: &str) -> anyhow::Result<Base> {
        let head = || async {
            let first = name == self.overview.repository.default_branch && !self.states.has_moved(name);
            let known = first.then(|| self.overview.head.clone()).flatten();
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

    /// The evidence about the Rust elements, and the update of their drifted blocks.
    async fn evidence(
        &self,
        pull: &PullRequest,
        judged: &Judged,
        (base, after): (&Base, &Sided),
        insist: bool,
        refused: Option<&str>,
    ) -> anyhow::Result<(Reviewed, BlockUpdate)> {
        let branch = Branch {
            pull,
            repository: &self.request.repository,
            commits: &judged.comparison,
            viewer: &self.overview.viewer,
            read_only: self.read_only.as_deref(),
            insist,
            default_branch: &self.overview.repository.default_branch,
            refused,
        };
        let writable = decide::block_update(&branch, vec![(String::new(), String::new())]);
        let regenerated = matches!(writable, BlockUpdate::Commit(_));
        let options = Options { bumped: self.pushed_at(pull).await, ..self.options(regenerated) };
        let mut reviewed = review(base.workspace(), &after.workspace, &options).await?;
        let changes = reviewed.report.changes.iter();
        let changes: Vec<(String, String)> =
            changes.map(|c| (self.states.rooted(&c.new.path), c.new.text.to_string())).collect();
        let mut update = decide::block_update(&branch, changes);
        if let BlockUpdate::Commit(files) = &update
            && let Some(why) = self.not_to_be_written(pull, judged, files, insist).await?
        {
            update = BlockUpdate::Left(why);
        }
        if regenerated && matches!(update, BlockUpdate::Left(_)) {
            // The review was made for regenerated blocks, which stay as they are.
            let options = Options { regenerated: false, ..options };
            reviewed = review(base.workspace(), &after.workspace, &options).await?;
        }
        Ok((reviewed, update))
    }

    /// Why these files are not written to the branch of a pull request, whatever else speaks for it.
    async fn not_to_be_written(
        &self,
        pull: &PullRequest,
        judged: &Judged,
        files: &[(String, String)],
        insist: bool,
    ) -> anyhow::Result<Option<String>> {
        if let Some(path) = self.linked(&pull.head_sha, files).await? {
            return Ok(Some(format!("`{path}` is reached through a link, which a commit would destroy")));
        }
        let branch = pull.head_ref.escape_debug();
        if self.branches().await?.is_guarded(&pull.head_ref) {
            return Ok(Some(format!("`{branch}` is a guarded branch, which is written to by pull requests alone")));
        }
        let stacked = |other: &&PullRequest| other.open && other.base_ref == pull.head_ref;
        if let Some(other) = self.open_pulls().await?.iter().find(stacked) {
            return Ok(Some(format!("#{} is based on the branch `{branch}`", other.number)));
        }
        if let Some((other, _)) = self.promoted_from(pull, judged).await?.first() {
            let other = other.escape_debug();
            return Ok(Some(format!("the branch `{branch}` promotes `{other}`, where its blocks are to be updated")));
        }
        let rules = self.github.rules(&pull.head_ref).await;
        if !rules.unread.is_empty() {
            let why = rules.unread.join("; ");
            return Ok(Some(format!("the rules of the branch `{branch}` are not known: {why}")));
        }
        if rules.is_protected() {
            return Ok(Some(format!("the branch `{branch}` is protected by rules")));
        }
        if insist {
            return Ok(None);
        }
        let person =
            |login: &&String| !login.ends_with("[bot]") && **login != self.overview.viewer.login.to_ascii_lowercase();
        Ok(match self.pushers(pull, judged, self.pushes(pull).await).await? {
            Pushers::Known(logins) => logins
                .iter()
                .find(person)
                .map(|login| format!("{login} pushed to the branch; `/cargo2 regenerate` updates the block anyway")),
            Pushers::Unknown(why) => Some(format!(
                "who pushed to the branch is not known ({why}); `/cargo2 regenerate` updates the block anyway"
            )),
        })
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
        Options { deep: self.request.deep, regenerated, ..Options::default() }
    }

    async fn reviewers(
        &self,
        base: &CommitId,
        judged: &Judged,
        reviewed: &Reviewed,
    ) -> anyhow::Result<RequestedReviewers> {
        Ok(match &self.request.settings.reviewers {
            Reviewers::None => RequestedReviewers::default(),
            Reviewers::List(names) => RequestedReviewers::from_words(names.iter().map(String::as_str)),
            Reviewers::Codeowners => {
                let elements = reviewed.review.elements.iter().map(|element| self.states.rooted(&element.file));
                let decisive = judged.content.decisive.iter().map(|path| path.path.clone());
                let paths: Vec<String> = elements.chain(decisive).collect();
                let text = self.states.text_of_root(base, &owners::PLACES).await?;
                text.optional()?.map(|text| owners::of(&text, &paths)).unwrap_or_default()
            }
        })
    }
}
