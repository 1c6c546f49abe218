//! One pull request: read, evaluated, planned, published; planned again when its head moved meanwhile.

use super::state::Base;
use super::{AGAIN, Bot, ReviewSection};
use crate::app::review::{Options, Reviewed, review};
use crate::finding::{Finding, Severity};
use crate::github::checks::{BLOCK, CheckOutput, HOLD, Outcome as Ends};
use crate::github::decide::{self, BlockUpdate, Branch, Subject};
use crate::github::facts::{Comparison, PullRequest};
use crate::github::hold::{self, Hold};
use crate::github::ids::CommitId;
use crate::github::owners::{self, RequestedReviewers};
use crate::github::plan::{Action, At, Plan};
use crate::github::settings::Reviewers;
use crate::io::commit::{Item, Listing};
use crate::io::github::GitHubError;
use crate::report::Status;
use crate::review::checklist::{self, quoted};
use crate::review::render::{self, Frame};

/// The facts about a pull request that touches Rust elements.
pub(super) struct PullFacts {
    pub(super) reviewed: Reviewed,
    pub(super) update: BlockUpdate,
    pub(super) hold: Hold,
    pub(super) reviewers: RequestedReviewers,
}

impl Bot<'_> {
    /// Does what is to be done about a pull request. Only a failure that stops all others, too, is an error.
    pub(super) async fn pull(&mut self, mut pull: PullRequest, insist: bool) -> anyhow::Result<()> {
        let number = pull.number;
        let mut refused: Option<String> = None;
        for _ in 0..AGAIN {
            let error = match self.attempt(&pull, insist, refused.as_deref()).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            match error.downcast_ref::<GitHubError>() {
                // The branch may be protected: then the drift is reported instead.
                Some(GitHubError::Forbidden { .. } | GitHubError::Rejected { .. }) if refused.is_none() => {
                    refused = Some(error.to_string());
                    continue;
                }
                // A branch that is gone moved as far as it can.
                Some(GitHubError::Moved { .. } | GitHubError::NotFound { .. }) => {}
                Some(GitHubError::Limited { .. } | GitHubError::Unauthorized { .. }) => return Err(error),
                _ => return self.report_failure(&pull, &error).await,
            }
            // It moved: what was planned is void.
            match self.github.pull(number).await?.pulls.pop().filter(|pull| pull.open) {
                Some(now) => pull = now,
                None => {
                    self.outcome.note(format!("#{number} was closed meanwhile"));
                    return Ok(());
                }
            }
        }
        self.report_failure(&pull, &anyhow::anyhow!("its head or base moved {AGAIN} times during the review")).await
    }

    async fn attempt(&mut self, pull: &PullRequest, insist: bool, refused: Option<&str>) -> anyhow::Result<()> {
        let base = self.base_of(&pull.base_ref).await?;
        let what = format!("#{}", pull.number);
        let untouched = pull.paths_complete && !pull.paths.iter().any(|path| base.concerns(path));
        let facts = if untouched { None } else { self.collect_facts(pull, &base, insist, refused).await? };
        let Some(facts) = facts else {
            let actions = decide::untouched(pull, &self.written(pull));
            if !actions.is_empty() && self.shares_its_head(pull).await? {
                self.outcome
                    .note(format!("{what}: its head is that of another pull request, whose checks apply to it"));
                return Ok(());
            }
            self.publish(Plan { actions }, &what).await?;
            return Ok(());
        };
        let selected = &self.request.elements;
        if !selected.is_empty() && !facts.reviewed.touched.iter().any(|touched| selected.contains(touched)) {
            return Ok(());
        }
        let section = self.section(pull, &facts);
        let elements = facts.reviewed.touched.clone();
        let report = &facts.reviewed.report;
        let subject = Subject {
            pull,
            elements: &elements,
            hold: facts.hold.clone(),
            update: facts.update.clone(),
            verified: verified(&facts.reviewed),
            title: title(&facts.reviewed),
            summary: render::check_summary(&section.review, &section.frame, render::CHECK_LIMIT),
            annotations: render::annotations(&section.findings, &self.states.prefix()),
            comment: render::comment(&section.review, &section.frame, render::COMMENT_LIMIT),
            reviewers: facts.reviewers.clone(),
        };
        let actions = decide::actions(&subject, &self.written(pull), &self.request.settings);
        self.publish(Plan { actions }, &what).await?;
        self.outcome.count(report);
        if matches!(facts.hold, Hold::Held(_)) {
            self.outcome.held.push(pull.number);
        }
        self.outcome.sections.push(section);
        Ok(())
    }

    /// Returns whether another open pull request has the same head and may touch Rust: checks belong to a commit, and
    /// its word is the stricter one.
    async fn shares_its_head(&mut self, pull: &PullRequest) -> anyhow::Result<bool> {
        let all = match self.all {
            true => self.overview.pulls.clone(),
            false => self.github.pulls().await?.pulls,
        };
        for other in all.iter().filter(|o| o.open && o.number != pull.number && o.head_sha == pull.head_sha) {
            let base = self.base_of(&other.base_ref).await?;
            if !other.paths_complete || other.paths.iter().any(|path| base.concerns(path)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) async fn base_of(&mut self, name: &str) -> anyhow::Result<Base> {
        let known = (name == self.overview.repository.default_branch).then(|| self.overview.head.clone()).flatten();
        let sha = match known {
            Some(sha) => sha,
            None => {
                let found = self.github.branch(name).await?;
                found.ok_or_else(|| anyhow::anyhow!("the branch `{}` is gone", name.escape_debug()))?
            }
        };
        self.states.base(name, &sha)
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
        let old = self.states.at(base, &comparison.merge_base)?;
        let new = self.states.at(base, &pull.head_sha)?;
        for state in [&old, &new] {
            if let Some(path) = state.snapshot()?.unread.first() {
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
        let update = match self.linked(&pull.head_sha, &changes)? {
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
        let reviewers = self.reviewers(&base.sha, &reviewed)?;
        Ok(Some(PullFacts { reviewed, update, hold, reviewers }))
    }

    /// The first of these files that is no plain file in a commit.
    fn linked(&self, commit: &CommitId, files: &[(String, String)]) -> anyhow::Result<Option<String>> {
        if files.is_empty() {
            return Ok(None);
        }
        let listing = self.states.listing(commit)?;
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
        let (head, merge_base) = (self.states.listing(&pull.head_sha)?, self.states.listing(&comparison.merge_base)?);
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
        let then = self.states.listing(commit)?;
        let from = self.states.listing(&self.github.compare(base.as_str(), commit.as_str()).await?.merge_base)?;
        let paths = from.changed(&then);
        Ok(changed.iter().chain(&paths).all(|path| then.get(path) == head.get(path)))
    }

    fn reviewers(&self, base: &CommitId, reviewed: &Reviewed) -> anyhow::Result<RequestedReviewers> {
        Ok(match &self.request.settings.reviewers {
            Reviewers::None => RequestedReviewers::default(),
            Reviewers::List(names) => RequestedReviewers::from_words(names.iter().map(String::as_str)),
            Reviewers::Codeowners => {
                let paths: Vec<String> = reviewed.review.elements.iter().map(|e| self.states.rooted(&e.file)).collect();
                let text = self.states.text_of_root(base, &owners::PLACES);
                text.optional()?.map(|text| owners::of(&text, &paths)).unwrap_or_default()
            }
        })
    }

    /// Returns its report, for the comment and the summary.
    fn section(&self, pull: &PullRequest, facts: &PullFacts) -> ReviewSection {
        let mut review = facts.reviewed.review.clone();
        review.checklist =
            checklist::points(&facts.reviewed.report, &pull.checks, (&self.request.validate, &self.request.build));
        let names = quoted(&facts.reviewed.touched);
        review.reproduce = vec![
            format!("git fetch origin pull/{}/head && git checkout FETCH_HEAD", pull.number),
            format!("cargo2-bot regenerate --check {names}"),
            format!("cargo2-bot review --base {}", quoted(&[format!("origin/{}", pull.base_ref)])),
        ];
        let mut notes = Vec::new();
        match &facts.update {
            BlockUpdate::Commit(_) => {
                notes.push("The crate list did not match Cargo.lock; a commit on this branch updates it.".into());
            }
            BlockUpdate::Left(why) => {
                notes.push(format!("The crate list does not match Cargo.lock and was not updated: {why}."));
            }
            BlockUpdate::Nothing => {}
        }
        let frame = Frame {
            hold: Some(match &facts.hold {
                Hold::Held(why) => render::Hold::Held { why: why.clone() },
                Hold::Released(by) => render::Hold::Released { by: by.clone() },
            }),
            notes,
            links: self.links(&pull.head_sha),
            patches: Vec::new(),
        };
        ReviewSection {
            heading: format!("#{} {}", pull.number, pull.title),
            findings: review.findings.clone(),
            review,
            frame,
        }
    }

    pub(super) fn links(&self, head: &CommitId) -> render::Links {
        render::Links {
            server: Some(self.request.server.clone()),
            repository: Some(self.request.repository.clone()),
            head: Some(head.to_string()),
            crate_page: self.states.crate_page(),
            crate_diff: render::CRATE_DIFF.to_owned(),
            prefix: self.states.prefix().trim_end_matches('/').to_owned(),
        }
    }

    /// A pull request that could not be reviewed stays held, and its check fails: nothing passes without a review.
    pub(super) async fn report_failure(&mut self, pull: &PullRequest, error: &anyhow::Error) -> anyhow::Result<()> {
        let number = pull.number;
        self.outcome.failed = true;
        self.outcome.note(format!("#{number} could not be reviewed: {error:#}"));
        let said = |name, outcome| CheckOutput {
            name,
            outcome,
            title: "could not be reviewed".into(),
            summary: "The bot failed on this pull request, so nothing of it is verified. See the run's log.".into(),
            annotations: Vec::new(),
        };
        let at = || At::Sha(pull.head_sha.clone());
        let written = self.written(pull);
        let hold = said(HOLD, Ends::ActionRequired).action(at(), &written);
        let block = said(BLOCK, Ends::Failure).action(at(), &written);
        let actions: Vec<Action> = hold.into_iter().chain(block).collect();
        match self.publish(Plan { actions }, &format!("#{number}")).await {
            Ok(_) => Ok(()),
            Err(error @ (GitHubError::Limited { .. } | GitHubError::Unauthorized { .. })) => Err(error.into()),
            Err(error) => {
                self.outcome.note(format!("#{number}: {error}"));
                Ok(())
            }
        }
    }
}

/// Returns whether every block matches its `Cargo.lock`, or will, and nothing of it is unverified.
pub(super) fn verified(reviewed: &Reviewed) -> bool {
    let right = |status: Status| matches!(status, Status::Right | Status::Regenerated | Status::Exempt);
    let open = |finding: &&Finding| {
        finding.severity == Severity::Error && !crate::review::rules::is_for_the_reviewer(finding.rule)
    };
    reviewed.report.blocks.iter().all(|block| right(block.status)) && !reviewed.review.findings.iter().any(|f| open(&f))
}

/// One line about the blocks.
pub(super) fn title(reviewed: &Reviewed) -> String {
    let report = &reviewed.report;
    let count = |status| report.count(status);
    let open = count(Status::Drifted) + count(Status::Unverified);
    match (open, count(Status::Regenerated), verified(reviewed)) {
        (0, 0, true) => format!("{} of {} crate lists match Cargo.lock", count(Status::Right), report.blocks.len()),
        (0, regenerated, true) => {
            format!("{regenerated} crate lists regenerated, {} matched Cargo.lock before", count(Status::Right))
        }
        (0, ..) => "the crate lists match Cargo.lock, but there are errors".into(),
        (open, ..) => {
            format!("{open} of {} crate lists do not match Cargo.lock or are not verified", report.blocks.len())
        }
    }
}
