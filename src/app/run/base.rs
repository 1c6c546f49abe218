//! The base branch itself: drift and a matrix that lets Rust elements merge by themselves get pull requests of the bot's own.

use super::facts::ends_run;
use super::{Bot, ReviewSection};
use crate::app::regenerate::{self, Fixes, Mode, Request};
use crate::cargo2::discover::Selection;
use crate::config::{BaseDrift, TrackingConfig};
use crate::finding::fixes::{self, Change};
use crate::github::base::{self, GROUP, MATRIX, Own, PREFIX, Wanted};
use crate::github::facts::PullRequest;
use crate::github::ids::{CommitId, PullNumber};
use crate::github::plan::{Action, Plan};
use crate::report;
use crate::report::Report;
use crate::report::markdown;
use crate::review::Review;
use crate::review::render::Frame;
use crate::workflows;

/// The account of the workflow's token.
const WORKFLOW_TOKEN: &str = "github-actions[bot]";

/// Which of the bot's own branches a look at them is about.
#[derive(Clone, Copy)]
pub(super) enum Family {
    /// Those that repair the default branch.
    Repairs,
    /// Those with refs that the bot moves itself.
    Tracking(TrackingConfig),
}

impl Family {
    fn has(self, pull: &PullRequest) -> bool {
        let slug = pull.head_ref.strip_prefix(PREFIX).unwrap_or_default();
        matches!(self, Self::Tracking(_)) == base::is_tracking(slug)
    }

    /// How many pull requests of it may be open. That for the tracker's matrix counts for nothing.
    fn limit(self, repairs: usize) -> usize {
        match self {
            Self::Repairs => repairs,
            Self::Tracking(config) if config.per_element => config.limit.into(),
            Self::Tracking(_) => usize::MAX,
        }
    }
}

impl Bot {
    /// Looks at the default branch, and opens, refreshes and closes the bot's own pull requests. Returns what its blocks are.
    pub(super) async fn base(&mut self) -> anyhow::Result<Report> {
        let name = self.reader.overview.repository.default_branch.clone();
        let base = self.reader.base_of(&name).await?;
        let request = Request {
            selection: Selection { names: self.reader.request.elements.clone() },
            mode: Mode::Look,
            fixes: Fixes::Tracker,
        };
        let blocks = regenerate::regenerate(base.workspace(), &request).await?;
        let all = regenerate::check(base.workspace(), &Request { selection: Selection::default(), ..request }).await?;
        let tracked: Vec<&Change> = all
            .changes
            .iter()
            .filter(|c| c.new.path.trim_start_matches("../").starts_with(workflows::WORKFLOWS))
            .collect();
        let mut wanted: Vec<Wanted> = blocks.changes.iter().map(|change| self.drift(change, &blocks)).collect();
        let settings = &self.reader.request.settings;
        if settings.base == BaseDrift::Grouped && wanted.len() > 1 {
            wanted = vec![base::grouped(&wanted, settings)];
        }
        let mut frame = Frame { links: self.links(&base.sha), ..Frame::default() };
        if !tracked.is_empty() {
            if self.may_write_workflows() {
                wanted.push(self.matrix(&tracked));
            } else {
                frame.patches.extend(tracked.iter().map(|c| (self.reader.states.rooted(&c.new.path), fixes::diff(c))));
                frame.notes.push("The token cannot write workflow files: apply the patch by hand.".into());
            }
        }
        self.submit_dependencies(&name, &base, &blocks).await?;
        self.outcome.drifted += blocks.count(report::Status::Drifted) + blocks.count(report::Status::Unverified);
        let findings = all.findings.clone();
        let review = Review { findings: findings.clone(), ..Review::default() };
        if !findings.is_empty() || !frame.patches.is_empty() {
            let heading = name.clone();
            self.outcome.sections.push(ReviewSection { heading, review, frame, findings });
        }
        if self.reader.request.settings.base != BaseDrift::Report {
            let unsure = unsure(&blocks, &all);
            self.look_at_own(&wanted, &unsure, (&name, &base.sha), Family::Repairs).await?;
        }
        Ok(blocks)
    }

    /// Opens, refreshes and closes the bot's own pull requests of a kind, and reviews those that are new.
    pub(super) async fn look_at_own(
        &mut self,
        wanted: &[Wanted],
        unsure: &[String],
        at: (&str, &CommitId),
        family: Family,
    ) -> anyhow::Result<()> {
        // What the workflow's token opens starts no workflow: it is looked at here.
        for number in self.refreshed(wanted, unsure, at, family).await? {
            if let Some(pull) = self.reader.github.pull(number).await?.pulls.pop() {
                let facts = self.reader.facts(&pull, false, None).await;
                self.pull(pull, false, facts).await?;
            }
        }
        Ok(())
    }

    /// Returns false for the workflow's own token, which never can; for others only an attempt shows it.
    fn may_write_workflows(&self) -> bool {
        self.reader.overview.viewer.login != WORKFLOW_TOKEN
    }

    /// A file of elements whose block drifted.
    fn drift(&self, change: &Change, report: &Report) -> Wanted {
        let path = &*change.new.path;
        let blocks = report.blocks.iter().filter(|block| block.file == path);
        let mut elements: Vec<String> = blocks.clone().flat_map(|block| block.elements.clone()).collect();
        elements.sort();
        elements.dedup();
        let mut body = format!(
            "The crate list in {} does not match the upstream `Cargo.lock` at the pinned ref, on the base branch. This \
             regenerates it. The comment below says what changes by that, and what is known of it.\n\n",
            markdown::code(path)
        );
        for block in blocks {
            body.push_str(&format!(
                "- {}: {}",
                markdown::code(&block.elements.join(", ")),
                markdown::text(&block.drift.summary())
            ));
            if let Some(lock) = &block.lock {
                body.push_str(&format!("; lock: {}", markdown::code(lock)));
            }
            body.push('\n');
        }
        body.push_str(&format!(
            "\nReproduce locally: {}\n\nA person has to approve it: see the check `cargo2 manual merge`. Close it to leave the list as it is: it \
             is not opened again for the same content.\n",
            markdown::code(&format!("cargo2-bot regenerate {}", elements.join(" ")))
        ));
        let slug = base::slug(elements.first().map_or(path, String::as_str));
        Wanted {
            slug,
            files: vec![(self.reader.states.rooted(path), change.new.text.to_string())],
            executable: Vec::new(),
            title: self.reader.request.settings.headline(&elements),
            elements,
            body,
        }
    }

    /// The tracker, with the Rust elements where a person merges them.
    fn matrix(&self, changes: &[&Change]) -> Wanted {
        let file = |c: &&Change| (self.reader.states.rooted(&c.new.path), c.new.text.to_string());
        Wanted {
            slug: MATRIX.into(),
            elements: Vec::new(),
            files: changes.iter().map(file).collect(),
            executable: Vec::new(),
            title: "ci: Rust elements are merged by a person".into(),
            body: "The tracker would let pull requests of Rust elements merge by themselves. \
                   This moves them to the group that a person merges.\n"
                .into(),
        }
    }

    /// Opens and refreshes what is wanted, and closes what is not. Returns the numbers of those that are new.
    async fn refreshed(
        &mut self,
        all: &[Wanted],
        unsure: &[String],
        at: (&str, &CommitId),
        family: Family,
    ) -> anyhow::Result<Vec<PullNumber>> {
        let viewer = self.reader.overview.viewer.clone();
        let pulls: Vec<PullRequest> = self.reader.overview.pulls.clone();
        let own = |pull: &&PullRequest| {
            pull.open && family.has(pull) && base::is_own(pull, &self.reader.request.repository, &viewer)
        };
        let own: Vec<&PullRequest> = pulls.iter().filter(own).collect();
        let limit = family.limit(self.reader.request.settings.limit);
        let counted = own.iter().filter(|pull| pull.head_ref != format!("{PREFIX}{MATRIX}")).count();
        let mut places = limit.saturating_sub(counted);
        let (mut opened, mut waiting) = (Vec::new(), Vec::new());
        for wanted in all {
            let executable = self.reader.states.executable(at.1, &wanted.files).await?;
            let wanted = &Wanted { executable, ..wanted.clone() };
            let branch = format!("{PREFIX}{}", wanted.slug);
            let pull = own.iter().find(|pull| pull.head_ref == branch).copied();
            let head = match pull {
                Some(pull) => Some(pull.head_sha.clone()),
                None => self.reader.github.branch(&branch).await?,
            };
            let own = match &head {
                Some(head) => Some(self.own_branch((&branch, head), pull, wanted, at).await?),
                None => None,
            };
            if own.as_ref().is_some_and(|own| !own.own_commits) {
                self.outcome.note(format!(
                    "`{branch}` has commits that are not proven to be the bot's, and is left as it is; delete it to get a new one"
                ));
            }
            let mut actions = base::refresh(wanted, own.as_ref(), at, &self.reader.request.settings);
            if wanted.slug != MATRIX && opens(&actions) && !take(&mut places) {
                waiting.extend(wanted.elements.iter().cloned());
                actions.clear();
            }
            match self.publish(Plan { actions }, &branch).await {
                // A head that moved has no checks: it is looked at again, too.
                Ok((moved, number)) => {
                    self.outcome.opened.extend(number);
                    opened.extend(number.or_else(|| moved.and(pull.map(|pull| pull.number))));
                }
                Err(error) if ends_run(&error) => return Err(error.into()),
                Err(error) => self.outcome.refused(&format!("{branch}: {error}")),
            }
        }
        if !waiting.is_empty() {
            let waiting = waiting.join(", ");
            self.outcome.note(format!("no more than {limit} pull requests of the bot's own are open at a time (`limit`); these wait: {waiting}"));
        }
        // With a selection the others were not looked at; what is tracked is looked at as a whole.
        if self.reader.request.elements.is_empty() || matches!(family, Family::Tracking(_)) {
            self.closed(&own, all, unsure, at.1).await?;
        }
        Ok(opened)
    }

    /// What is known of the bot's own branch for what is wanted.
    async fn own_branch<'a>(
        &self,
        (branch, head): (&'a str, &'a CommitId),
        pull: Option<&'a PullRequest>,
        wanted: &Wanted,
        at: (&str, &CommitId),
    ) -> anyhow::Result<Own<'a>> {
        let equal = self.holds(head, wanted, at).await?;
        let own_commits = self.is_own(at.1, head).await?;
        let closed = pull.is_none() && equal && self.reader.github.was_closed(branch, head).await?;
        Ok(Own { branch, head, pull, equal, own_commits, closed })
    }

    async fn closed(
        &mut self,
        own: &[&PullRequest],
        wanted: &[Wanted],
        unsure: &[String],
        base: &CommitId,
    ) -> anyhow::Result<()> {
        for pull in own {
            let slug = pull.head_ref.strip_prefix(PREFIX).unwrap_or_default();
            if wanted.iter().any(|wanted| wanted.slug == slug) || unsure.iter().any(|unsure| unsure == slug) {
                continue;
            }
            let own_commits = self.is_own(base, &pull.head_sha).await?;
            let (branch, head) = (pull.head_ref.as_str(), &pull.head_sha);
            let own = Own { branch, head, pull: Some(pull), equal: false, own_commits, closed: false };
            let actions = base::close(&own);
            if let Err(error) = self.publish(Plan { actions }, &pull.head_ref).await {
                if ends_run(&error) {
                    return Err(error.into());
                }
                self.outcome.refused(&format!("{}: {error}", pull.head_ref));
            }
        }
        Ok(())
    }

    /// Returns whether a commit holds the files that are wanted; where there are several, whether merging it changes no other.
    ///
    /// # Errors
    /// When one of them cannot be read.
    async fn holds(&self, commit: &CommitId, wanted: &Wanted, at: (&str, &CommitId)) -> anyhow::Result<bool> {
        if base::is_tracking(&wanted.slug) {
            let base = self.reader.base_of(at.0).await?;
            if self.reader.judged(&base, at.0, commit).await?.content.paths != wanted.files.len() {
                return Ok(false);
            }
        }
        for (path, text) in &wanted.files {
            if self.reader.states.text_of_root(commit, &[path]).await?.optional()?.as_ref() != Some(text) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns whether all of a branch is the bot's own: GitHub signed each of its commits for the bot's account. Everything
    /// else is somebody's work.
    async fn is_own(&self, base: &CommitId, head: &CommitId) -> anyhow::Result<bool> {
        let comparison = self.reader.github.compare(base.as_str(), head.as_str()).await?;
        let own = comparison.commits.iter().all(|commit| commit.signed_for(&self.reader.overview.viewer));
        Ok(own && comparison.complete)
    }
}

/// Returns whether actions open a pull request.
fn opens(actions: &[Action]) -> bool {
    actions.iter().any(|action| matches!(action, Action::OpenPull(_)))
}

/// Takes one of the places that are free, if there is one.
fn take(places: &mut usize) -> bool {
    places.checked_sub(1).map(|rest| *places = rest).is_some()
}

/// Returns the branches of which it is unknown whether they are still wanted: an upstream that does not answer is no
/// reason to close a pull request.
fn unsure(blocks: &Report, all: &Report) -> Vec<String> {
    let unsure = |status| !matches!(status, report::Status::Right | report::Status::Exempt);
    let elements = blocks.blocks.iter().filter(|block| unsure(block.status)).flat_map(|block| &block.elements);
    let unread = blocks.findings.iter().filter_map(|finding| finding.element.as_ref());
    let matrix = all.findings.iter().any(|f| f.rule.id == crate::workflows::rules::unreadable::RULE.id);
    let mut slugs: Vec<String> = elements.chain(unread).map(|element| base::slug(element)).collect();
    // What is not known may be what the pull request for all is about.
    slugs.extend((!slugs.is_empty()).then(|| GROUP.to_owned()));
    slugs.into_iter().chain(matrix.then(|| MATRIX.to_owned())).collect()
}
