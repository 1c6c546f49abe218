//! One pull request: evaluated, planned, published; planned again when its head moved meanwhile.

use super::facts::{PullFacts, ends_run};
use super::{AGAIN, Bot, ReviewSection};
use crate::app::review::Reviewed;
use crate::finding::{Finding, Severity};
use crate::github::checks::{BLOCK, CheckOutput, HOLD, Outcome as Ends};
use crate::github::decide::{self, BlockUpdate, Subject};
use crate::github::facts::PullRequest;
use crate::github::hold::Hold;
use crate::github::ids::CommitId;
use crate::github::plan::{Action, At, Plan};
use crate::io::github::GitHubError;
use crate::report::Status;
use crate::review::checklist::{self, quoted};
use crate::review::render::{self, Frame};

impl Bot {
    /// Does what is to be done about a pull request. Only a failure that stops all others, too, is an error.
    pub(super) async fn pull(
        &mut self,
        mut pull: PullRequest,
        insist: bool,
        facts: anyhow::Result<Option<PullFacts>>,
    ) -> anyhow::Result<()> {
        let number = pull.number;
        let mut refused: Option<String> = None;
        let mut first = Some(facts);
        for _ in 0..AGAIN {
            let facts = match first.take() {
                Some(facts) => facts,
                None => self.reader.facts(&pull, insist, refused.as_deref()).await,
            };
            let done = match facts {
                Ok(facts) => self.publish_pull(&pull, facts).await,
                Err(error) => Err(error),
            };
            let Err(error) = done else { return Ok(()) };
            match error.downcast_ref::<GitHubError>() {
                // The branch may be protected: then the drift is reported instead.
                Some(GitHubError::Forbidden { .. } | GitHubError::Rejected { .. }) if refused.is_none() => {
                    refused = Some(error.to_string());
                    continue;
                }
                // A branch that is gone moved as far as it can.
                Some(GitHubError::Moved { .. } | GitHubError::NotFound { .. }) => {}
                Some(refusal) if ends_run(refusal) => return Err(error),
                _ => return self.report_failure(&pull, &error).await,
            }
            // It moved: what was planned is void.
            match self.reader.github.pull(number).await?.pulls.pop().filter(|pull| pull.open) {
                Some(now) => pull = now,
                None => {
                    self.outcome.note(format!("#{number} was closed meanwhile"));
                    return Ok(());
                }
            }
        }
        self.report_failure(&pull, &anyhow::anyhow!("its head or base moved {AGAIN} times during the review")).await
    }

    async fn publish_pull(&mut self, pull: &PullRequest, facts: Option<PullFacts>) -> anyhow::Result<()> {
        let what = format!("#{}", pull.number);
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
        let selected = &self.reader.request.elements;
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
            annotations: render::annotations(&section.findings, &self.reader.states.prefix()),
            comment: render::comment(&section.review, &section.frame, render::COMMENT_LIMIT),
            reviewers: facts.reviewers.clone(),
        };
        let actions = decide::actions(&subject, &self.written(pull), &self.reader.request.settings);
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
            true => self.reader.overview.pulls.clone(),
            false => self.reader.github.pulls().await?.pulls,
        };
        for other in all.iter().filter(|o| o.open && o.number != pull.number && o.head_sha == pull.head_sha) {
            let base = self.reader.base_of(&other.base_ref).await?;
            if !other.paths_complete || other.paths.iter().any(|path| base.concerns(path)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns its report, for the comment and the summary.
    fn section(&self, pull: &PullRequest, facts: &PullFacts) -> ReviewSection {
        let mut review = facts.reviewed.review.clone();
        review.checklist = checklist::points(
            &facts.reviewed.report,
            &pull.checks,
            (&self.reader.request.validate, &self.reader.request.build),
        );
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
            server: Some(self.reader.request.server.clone()),
            repository: Some(self.reader.request.repository.clone()),
            head: Some(head.to_string()),
            crate_page: self.reader.states.crate_page(),
            crate_diff: render::CRATE_DIFF.to_owned(),
            prefix: self.reader.states.prefix().trim_end_matches('/').to_owned(),
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
            Err(error) if ends_run(&error) => Err(error.into()),
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
