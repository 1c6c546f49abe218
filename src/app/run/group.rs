//! A group of the merge queue: a required check that is not reported there blocks the queue.

use super::Bot;
use super::pull::{title, verified};
use crate::app::review::review;
use crate::github::checks::{BLOCK, CheckOutput, HOLD, Outcome as Ends, Written};
use crate::github::event::MergeGroup;
use crate::github::facts::PullRequest;
use crate::github::hold::Hold;
use crate::github::plan::{At, Plan};
use crate::review::render::{self, Frame};

impl Bot {
    /// Writes both checks at the group's head: the blocks verified there, and the hold of the pull request.
    pub(super) async fn group(&mut self, group: &MergeGroup) -> anyhow::Result<()> {
        let pull = self.reader.overview.pulls.iter().find(|pull| pull.number == group.number).cloned();
        let (block, hold) = match self.evaluated(group, pull.as_ref()).await {
            Ok(said) => said,
            Err(error) => {
                self.outcome.failed = true;
                self.outcome.note(format!("the merge group could not be reviewed: {error:#}"));
                let failed = |name| said(name, Ends::Failure, "could not be reviewed".into());
                (failed(BLOCK), failed(HOLD))
            }
        };
        let (checks, statuses) = if self.statuses_only {
            (Vec::new(), self.reader.github.statuses(&group.head_sha).await?)
        } else {
            (self.reader.github.check_runs(&group.head_sha).await?, Vec::new())
        };
        let written = Written {
            checks: &checks,
            statuses: &statuses,
            viewer: self.reader.overview.viewer.clone(),
            statuses_only: self.statuses_only,
        };
        let at = || At::Sha(group.head_sha.clone());
        let actions = [hold, block].into_iter().filter_map(|said| said.action(at(), &written)).collect();
        self.publish(Plan { actions }, "the merge group").await?;
        Ok(())
    }

    async fn evaluated(
        &mut self,
        group: &MergeGroup,
        pull: Option<&PullRequest>,
    ) -> anyhow::Result<(CheckOutput, CheckOutput)> {
        let base = self.reader.states.base(&group.base_ref, || async { Ok(group.base_sha.clone()) }).await?;
        let new = self.reader.states.at(&base, &group.head_sha).await?;
        let reviewed = review(&base.workspace, &new, &self.reader.options(false)).await?;
        if reviewed.touched.is_empty() {
            let fine = |name| said(name, Ends::Success, "no Rust element".into());
            return Ok((fine(BLOCK), fine(HOLD)));
        }
        self.outcome.count(&reviewed.report);
        let outcome = if verified(&reviewed) { Ends::Success } else { Ends::Failure };
        let summary = render::check_summary(&reviewed.review, &Frame::default(), render::CHECK_LIMIT);
        let block = CheckOutput {
            summary,
            annotations: render::annotations(&reviewed.review.findings, &self.reader.states.prefix()),
            ..said(BLOCK, outcome, title(&reviewed))
        };
        let held = match pull {
            None => Hold::Held("its pull request is not open".into()),
            Some(pull) => {
                let comparison = self.reader.github.compare(group.base_sha.as_str(), pull.head_sha.as_str()).await?;
                self.reader.hold(pull, &comparison, &group.base_sha).await?
            }
        };
        let hold = match held {
            Hold::Released(by) => said(HOLD, Ends::Success, format!("approved by {}", by.join(", "))),
            // In the queue nobody waits: it goes back to its pull request.
            Hold::Held(why) => said(HOLD, Ends::Failure, format!("held: {why}")),
        };
        Ok((block, hold))
    }
}

fn said(name: &'static str, outcome: Ends, title: String) -> CheckOutput {
    let summary = format!("At the head of the merge group: {title}.");
    CheckOutput { name, outcome, title, summary, annotations: Vec::new() }
}
