//! Groups of the merge queue. A required check that is not reported there blocks the queue, so every outcome is written.

use super::judged::Judged;
use super::pull::{title, verified};
use super::state::Base;
use super::{AGAIN, Bot};
use crate::app::review::review;
use crate::github::approval::Hold;
use crate::github::checks::{BLOCK, CheckOutput, HOLD, Outcome as Ends, Written};
use crate::github::content::Content;
use crate::github::event::MergeGroup;
use crate::github::facts::{Fresh, PullRequest, QueueEntry};
use crate::github::ids::{CommitId, PullNumber};
use crate::github::plan::{At, Plan};
use crate::github::queue::{self, Member};
use crate::review::render::{self, Frame};
use std::collections::BTreeSet;

/// What is known of a group: the checks to write, and what they were decided from.
struct Evaluated {
    block: CheckOutput,
    hold: CheckOutput,
    members: Vec<PullNumber>,
    tip: CommitId,
}

impl Bot {
    /// Writes both checks at the group's head: its blocks verified there, and the hold of everything in it.
    pub(super) async fn group(&mut self, group: &MergeGroup) -> anyhow::Result<()> {
        for _ in 0..AGAIN {
            self.reader.states.forget_base(&group.base_ref);
            let evaluated = match self.evaluated(&group.base_ref, &group.head_sha).await {
                Ok(evaluated) => evaluated,
                Err(error) => {
                    self.outcome.failed = true;
                    self.outcome.note(format!("the merge group could not be reviewed: {error:#}"));
                    let failed = |name| said(name, Ends::Failure, "could not be reviewed".into());
                    return self.write(group, vec![failed(BLOCK), failed(HOLD)]).await;
                }
            };
            let Evaluated { block, hold, members, tip } = evaluated;
            if hold.outcome != Ends::Success {
                return self.write(group, vec![hold, block]).await;
            }
            // Success is the last that is written, from facts that were read just before.
            if !self.is_still_released(group, &members, &tip).await? {
                continue;
            }
            self.write(group, vec![hold, block]).await?;
            if self.publisher.is_none() {
                return Ok(());
            }
            match self.is_still_released(group, &members, &tip).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) => {
                    let failed = |name| said(name, Ends::Failure, "could not be read again".into());
                    self.write(group, vec![failed(HOLD), failed(BLOCK)]).await?;
                    return Err(error);
                }
            }
        }
        let failed = |name| said(name, Ends::Failure, format!("its facts changed {AGAIN} times during the run"));
        self.write(group, vec![failed(HOLD), failed(BLOCK)]).await
    }

    /// Evaluates again every group that holds one of these pull requests.
    pub(super) async fn live_groups(&mut self, pulls: &[PullRequest]) -> anyhow::Result<()> {
        let branches: BTreeSet<&str> =
            pulls.iter().filter(|pull| pull.open && pull.queued).map(|pull| pull.base_ref.as_str()).collect();
        for branch in branches {
            let Some(entries) = self.reader.github.queue(branch).await.optional()? else { continue };
            let first = entries.iter().position(|entry| pulls.iter().any(|pull| pull.number == entry.number));
            for entry in entries.iter().skip(first.unwrap_or(entries.len())) {
                if let (Some(head_sha), Some(base_sha)) = (entry.head.clone(), entry.base.clone()) {
                    let number = entry.number;
                    self.group(&MergeGroup { head_sha, base_sha, base_ref: branch.to_owned(), number }).await?;
                }
            }
        }
        Ok(())
    }

    async fn write(&mut self, group: &MergeGroup, checks: Vec<CheckOutput>) -> anyhow::Result<()> {
        let sha = &group.head_sha;
        let statuses = self.reader.github.statuses(sha).await;
        let runs = if self.statuses_only { Ok(Vec::new()) } else { self.reader.github.check_runs(sha).await };
        let (statuses, runs) = match (statuses, runs) {
            (Ok(statuses), Ok(runs)) => (statuses, runs),
            // What this run wrote is known without being read, and can be taken back.
            (Err(_), _) | (_, Err(_)) if self.runs.iter().any(|(at, _)| at == sha) => (Vec::new(), Vec::new()),
            (Err(error), _) | (_, Err(error)) => return Err(error.into()),
        };
        let runs = self.with_own_runs(sha, runs);
        let written = Written {
            checks: &runs,
            statuses: &statuses,
            viewer: self.reader.overview.viewer.clone(),
            statuses_only: self.statuses_only,
        };
        let at = At::Sha(group.head_sha.clone());
        let actions = checks.into_iter().flat_map(|said| said.actions(&at, &written)).collect();
        self.publish(Plan { actions }, &format!("the merge group of #{}", group.number)).await?;
        Ok(())
    }

    async fn evaluated(&mut self, branch: &str, head: &CommitId) -> anyhow::Result<Evaluated> {
        let base = self.reader.base_of(branch).await?;
        let entries = self.reader.github.queue(branch).await.optional()?.unwrap_or_default();
        let Some(last) = entries.iter().position(|entry| entry.head.as_ref() == Some(head)) else {
            let gone = |name| said(name, Ends::Failure, "the group is not in the queue any more".into());
            return Ok(Evaluated { block: gone(BLOCK), hold: gone(HOLD), members: Vec::new(), tip: base.sha });
        };
        let entries = &entries[..=last];
        let judged = self.reader.judged(&base, branch, head).await?;
        let hold = if judged.content.is_harmless() {
            said(HOLD, Ends::Success, "no Rust element".into())
        } else {
            let fresh = self.reader.github.again(&numbers(entries), &[]).await?;
            match queue::evaluate(&judged.content, &self.members(branch, entries, &fresh).await?) {
                Ok(()) => said(HOLD, Ends::Success, "everything that decides in it was approved".into()),
                // In the queue nobody waits: it goes back to its pull request.
                Err(why) => said(HOLD, Ends::Failure, format!("held: {why}")),
            }
        };
        let block = self.block(&base, &judged).await?;
        Ok(Evaluated { block, hold, members: numbers(entries), tip: base.sha })
    }

    /// The pull requests of a group, with what each was released for.
    async fn members(&self, branch: &str, entries: &[QueueEntry], fresh: &Fresh) -> anyhow::Result<Vec<Member>> {
        let mut members = Vec::new();
        for entry in entries {
            let pull = fresh.pull(entry.number).filter(|pull| pull.open && pull.base_ref == branch);
            let Some(pull) = pull.filter(|pull| pull.head_sha == entry.pull_head) else {
                let held = Some("it is not what was queued any more".to_owned());
                members.push(Member { number: entry.number, content: Content::default(), held });
                continue;
            };
            let contents = self.reader.contents(pull).await?;
            let held = match self.reader.shared_hold(pull, &contents, &fresh.pulls).await? {
                Some(Hold::Held(why)) => Some(why),
                Some(Hold::Released(_) | Hold::Promoted(_)) | None => None,
            };
            let content = contents.first().map(|judged| judged.content.clone()).unwrap_or_default();
            members.push(Member { number: entry.number, content, held });
        }
        Ok(members)
    }

    /// The check of the blocks that the group would bring.
    async fn block(&mut self, base: &Base, judged: &Judged) -> anyhow::Result<CheckOutput> {
        if judged.content.is_harmless() {
            return Ok(said(BLOCK, Ends::Success, "no Rust element".into()));
        }
        let Some(after) = self.reader.after(base, judged).await? else {
            return Ok(said(BLOCK, Ends::Failure, "the crate lists could not be verified".into()));
        };
        let (times, options) = (self.reader.states.times(), self.reader.options(false));
        let reviewed = times.within(times.pull, review(base.workspace(), &after.workspace, &options)).await??;
        self.outcome.count(&reviewed.report);
        let outcome = if verified(&reviewed) { Ends::Success } else { Ends::Failure };
        Ok(CheckOutput {
            summary: render::check_summary(&reviewed.review, &Frame::default(), render::CHECK_LIMIT),
            annotations: render::annotations(&reviewed.review.findings, &self.reader.states.prefix()),
            ..said(BLOCK, outcome, title(&reviewed))
        })
    }

    /// Whether a group would be released again, read anew.
    async fn is_still_released(
        &self,
        group: &MergeGroup,
        members: &[PullNumber],
        tip: &CommitId,
    ) -> anyhow::Result<bool> {
        let branch = &group.base_ref;
        let fresh = self.reader.github.again(members, std::slice::from_ref(branch)).await?;
        if fresh.tip(branch) != Some(tip) {
            return Ok(false);
        }
        let entries = self.reader.github.queue(branch).await.optional()?.unwrap_or_default();
        let Some(last) = entries.iter().position(|entry| entry.head.as_ref() == Some(&group.head_sha)) else {
            return Ok(false);
        };
        let entries = &entries[..=last];
        if numbers(entries) != members {
            return Ok(false);
        }
        let base = self.reader.base_of(branch).await?;
        let judged = self.reader.judged(&base, branch, &group.head_sha).await?;
        if judged.content.is_harmless() {
            return Ok(true);
        }
        let members = self.members(branch, entries, &fresh).await?;
        Ok(queue::evaluate(&judged.content, &members).is_ok())
    }
}

fn numbers(entries: &[QueueEntry]) -> Vec<PullNumber> {
    entries.iter().map(|entry| entry.number).collect()
}

fn said(name: &'static str, outcome: Ends, title: String) -> CheckOutput {
    let summary = format!("At the head of the merge group: {title}.");
    CheckOutput { name, outcome, title, summary, annotations: Vec::new(), content: None }
}
