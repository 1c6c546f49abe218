//! One pull request: evaluated, planned, published; planned again when its head moved meanwhile.

use super::confirm::{Release, is_success};
use super::facts::{PullFacts, ends_run};
use super::{AGAIN, Bot, ReviewSection};
use crate::app::review::Reviewed;
use crate::finding::{Finding, Severity};
use crate::github::approval::{self, Hold};
use crate::github::audit;
use crate::github::checks::{BLOCK, CheckOutput, HOLD, Outcome as Ends};
use crate::github::content::Class;
use crate::github::decide::{self, Subject};
use crate::github::facts::PullRequest;
use crate::github::plan::{Action, At, Plan};
use crate::io::NotInTime;
use crate::io::github::GitHubError;
use crate::report::{BlockReport, Status};
use crate::review::render;

/// The text of the checks of a pull request on which the bot failed.
const FAILED: &str = "The bot failed on this pull request, so nothing of it is verified. See the run's log.";

/// The same of one that took too long.
const NOT_IN_TIME: &str = "This pull request was not looked at in time, so nothing of it is verified, and it stays held. The next run looks at it \
                           again; `cargo2-bot run` for this pull request alone has all of the time for it.";

impl Bot {
    /// Does what is to be done about a pull request. Only a failure that stops all others, too, is an error.
    pub(super) async fn pull(
        &mut self,
        mut pull: PullRequest,
        insist: bool,
        facts: anyhow::Result<PullFacts>,
    ) -> anyhow::Result<()> {
        let number = pull.number;
        let mut refused: Option<String> = None;
        let mut first = Some(facts);
        for _ in 0..AGAIN {
            let facts = match first.take() {
                Some(facts) => facts,
                None => self.reader.facts(&pull, insist, refused.as_deref()).await,
            };
            self.made = None;
            let done = match facts {
                Ok(facts) => self.publish_pull(&pull, facts).await,
                Err(error) => Err(error),
            };
            let Err(error) = done else { return Ok(()) };
            if let Some(made) = self.made.take() {
                // The commit is there and what belongs to it is not: its head must not stay without a check.
                let pull = PullRequest { head_sha: made, checks: Vec::new(), statuses: Vec::new(), ..pull };
                return self.report_failure(&pull, &error).await;
            }
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

    async fn publish_pull(&mut self, pull: &PullRequest, mut facts: PullFacts) -> anyhow::Result<()> {
        let selected = &self.reader.request.elements;
        let touched = facts.reviewed.iter().flat_map(|reviewed| &reviewed.touched).cloned().collect::<Vec<_>>();
        if facts.hold.is_some() && !selected.is_empty() && !touched.iter().any(|name| selected.contains(name)) {
            return Ok(());
        }
        let known = facts.content().class() != Some(Class::Unknown) && facts.reviewed.as_ref().is_some_and(verified);
        self.unknown |= !facts.content().is_harmless() && !known;
        let mut planned = self.planned(pull, &facts);
        if planned.0.iter().any(is_success) && !facts.is_held() {
            // Checks belong to a commit: others that have it count, too.
            let all = self.reader.open_pulls().await?;
            let hold = self.reader.shared_hold(pull, &facts.contents, all).await?;
            match (&facts.hold, hold) {
                (None, Some(Hold::Held(why))) => return self.held_with_another(pull, why).await,
                (_, hold) if hold != facts.hold => {
                    facts.hold = hold;
                    planned = self.planned(pull, &facts);
                }
                _ => {}
            }
        }
        let (mut actions, section) = planned;
        if facts.is_held() && self.is_spoken_for(pull).await? {
            actions.retain(|action| !matches!(action, Action::Check(_) | Action::Status(_)));
        }
        // While it is held, what the other check says releases nothing.
        let late = |action: &Action| is_success(action) && !facts.is_held();
        let (successes, actions): (Vec<Action>, Vec<Action>) = actions.into_iter().partition(late);
        let what = format!("#{}", pull.number);
        let (made, _) = self.publish(Plan { actions }, &what).await?;
        if !successes.is_empty() {
            self.releases.push(Release::new(pull, &facts, successes));
        }
        if let Some(reviewed) = &facts.reviewed {
            self.outcome.count(&reviewed.report);
        }
        if facts.is_held() {
            self.outcome.held.push(pull.number);
        }
        self.outcome.sections.extend(section);
        // What was approved before may be what the commit brought back.
        if made.is_some() && !approval::reviewed_commits(std::slice::from_ref(pull)).is_empty() {
            self.made = None;
            self.evaluate_again(pull.number).await?;
        }
        Ok(())
    }

    /// Holds a pull request of which nothing decides, because its head is that of another one that is held. That one has the
    /// comment.
    async fn held_with_another(&mut self, pull: &PullRequest, why: String) -> anyhow::Result<()> {
        let what = format!("#{}", pull.number);
        self.outcome.note(format!("{what}: {why}"));
        // Where all are looked at, the other one writes the check of both.
        if !self.reader.all {
            let summary = format!("This pull request changes nothing that decides. {why}");
            let title = format!("held: {why}");
            let (outcome, annotations) = (Ends::ActionRequired, Vec::new());
            let said = CheckOutput { name: HOLD, outcome, title, summary, annotations, content: None };
            let actions = said.actions(&At::Sha(pull.head_sha.clone()), &self.written(pull));
            self.publish(Plan { actions }, &what).await?;
        }
        Ok(())
    }

    /// Whether another open pull request of this head is held, and comes first: checks belong to a commit, and two reasons
    /// would take each other's place for ever.
    async fn is_spoken_for(&self, pull: &PullRequest) -> anyhow::Result<bool> {
        if !self.reader.all {
            return Ok(false);
        }
        let earlier = |o: &&PullRequest| o.open && o.number < pull.number && o.head_sha == pull.head_sha;
        let others: Vec<&PullRequest> = self.reader.overview.pulls.iter().filter(earlier).collect();
        for other in others {
            let contents = self.reader.contents(other).await?;
            if let Some(Hold::Held(_)) = self.reader.hold(std::slice::from_ref(other), &contents).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The actions for a pull request, and its report where something of it decides.
    fn planned(&self, pull: &PullRequest, facts: &PullFacts) -> (Vec<Action>, Option<ReviewSection>) {
        let content = facts.content();
        let written = self.written(pull);
        let Some(hold) = &facts.hold else { return (decide::harmless(pull, content, &written), None) };
        let section = self.section(pull, facts, hold);
        let regenerated = facts.regenerated();
        let subject = Subject {
            pull,
            regenerated: &regenerated,
            hold: hold.clone(),
            content: content.id().map(|id| id.as_str().to_owned()),
            update: facts.update.clone(),
            executable: facts.executable.clone(),
            unknown: content.class() == Some(Class::Unknown),
            verified: facts.reviewed.as_ref().is_some_and(verified),
            title: facts.reviewed.as_ref().map_or_else(|| "the crate lists could not be verified".into(), title),
            summary: render::check_summary(&section.review, &section.frame, render::CHECK_LIMIT - audit::NOTE),
            annotations: render::annotations(&section.findings, &self.reader.states.prefix()),
            comment: render::comment(&section.review, &section.frame, render::COMMENT_LIMIT),
            requested_by: self.commander.as_deref(),
            reviewers: facts.reviewers.clone(),
        };
        (decide::actions(&subject, &written, &self.reader.request.settings), Some(section))
    }

    /// A pull request that could not be reviewed stays held, and its check fails: nothing passes without a review.
    pub(super) async fn report_failure(&mut self, pull: &PullRequest, error: &anyhow::Error) -> anyhow::Result<()> {
        let number = pull.number;
        self.outcome.failed = true;
        self.outcome.note(format!("#{number} could not be reviewed: {error:#}"));
        let (title, summary) = match error.downcast_ref::<NotInTime>() {
            Some(late) => (late.to_string(), NOT_IN_TIME),
            None => ("could not be reviewed".into(), FAILED),
        };
        let said = |name, outcome| CheckOutput {
            name,
            outcome,
            title: title.clone(),
            summary: summary.into(),
            annotations: Vec::new(),
            content: None,
        };
        let at = At::Sha(pull.head_sha.clone());
        let written = self.written(pull);
        let hold = said(HOLD, Ends::ActionRequired).actions(&at, &written);
        let block = said(BLOCK, Ends::Failure).actions(&at, &written);
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
    let open = |finding: &&Finding| {
        finding.severity == Severity::Error && !crate::review::rules::is_for_the_reviewer(finding.rule)
    };
    !reviewed.report.blocks.iter().any(BlockReport::is_open) && !reviewed.review.findings.iter().any(|f| open(&f))
}

/// One line about the blocks.
pub(super) fn title(reviewed: &Reviewed) -> String {
    let report = &reviewed.report;
    let count = |status| report.count(status);
    let open = report.blocks.iter().filter(|block| block.is_open()).count();
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
