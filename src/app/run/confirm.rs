//! Success is the last that is written, from facts that were read just before, and they are read once more after it.

use super::facts::PullFacts;
use super::judged::Judged;
use super::{AGAIN, Bot, Released};
use crate::github::approval::Hold;
use crate::github::facts::{Fresh, PullRequest};
use crate::github::ids::{CommitId, Conclusion, PullNumber, StatusState};
use crate::github::plan::{Action, Plan};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A success that is to be written, and what it was decided from.
pub(super) struct Release {
    pull: PullRequest,
    contents: Vec<Arc<Judged>>,
    hold: Option<Hold>,
    actions: Vec<Action>,
}

impl Release {
    pub(super) fn new(pull: &PullRequest, facts: &PullFacts, actions: Vec<Action>) -> Self {
        let (pull, contents) = (pull.clone(), facts.contents.clone());
        Self { pull, contents, hold: facts.hold.clone(), actions }
    }
}

impl Release {
    /// The line of the audit trail, where anything was held.
    fn record(&self) -> Option<Released> {
        let by = match self.hold.as_ref()? {
            Hold::Held(_) => return None,
            Hold::Released(by) => by.clone(),
            Hold::Promoted(_) => Vec::new(),
        };
        let content = self.contents.first()?.content.id()?.short().to_owned();
        Some(Released { pull: self.pull.number, commit: self.pull.head_sha.clone(), content, by })
    }
}

/// Whether an action says that something passed.
pub(super) fn is_success(action: &Action) -> bool {
    match action {
        Action::Check(check) => check.conclusion == Conclusion::Success,
        Action::Status(status) => status.state == StatusState::Success,
        _ => false,
    }
}

impl Bot {
    /// Writes the successes that are due. Where a fact changed since it was read, the pull request is evaluated again.
    pub(super) async fn confirm(&mut self) -> anyhow::Result<()> {
        for _ in 0..AGAIN {
            let releases = std::mem::take(&mut self.releases);
            if releases.is_empty() {
                return Ok(());
            }
            let written = self.write_confirmed(releases).await?;
            if self.publisher.is_some() && !written.is_empty() {
                self.check_again(written).await?;
            }
        }
        for release in std::mem::take(&mut self.releases) {
            let error = anyhow::anyhow!("its facts changed {AGAIN} times during the run");
            self.report_failure(&release.pull, &error).await?;
        }
        Ok(())
    }

    /// Reads once more what was just written as passed, and takes back what is not due any more, or cannot be read.
    async fn check_again(&mut self, written: Vec<Release>) -> anyhow::Result<()> {
        let fresh = self.fresh(&written).await;
        let mut ended = None;
        for release in written {
            let due = match (&fresh, &ended) {
                (Ok(fresh), None) => self.is_still_due(&release, fresh).await,
                (Err(why), _) | (_, Some(why)) => Err(anyhow::anyhow!("it could not be read again: {why:#}")),
            };
            let again = match due {
                Ok(true) => Ok(()),
                Ok(false) => self.evaluate_again(release.pull.number).await,
                Err(why) => Err(why),
            };
            if let Err(why) = again {
                self.take_back(&release.pull, &why).await?;
                ended = Some(why);
            }
        }
        Ok(())
    }

    /// Holds a pull request that was just released, because of a failure.
    async fn take_back(&mut self, pull: &PullRequest, why: &anyhow::Error) -> anyhow::Result<()> {
        self.outcome.released.retain(|released| released.pull != pull.number);
        // What was written just now is at its head, and is to be replaced; nothing need be readable for that.
        let checks = self.with_own_runs(&pull.head_sha, pull.checks.clone());
        self.report_failure(&PullRequest { checks, ..pull.clone() }, why).await
    }

    /// Writes those that are still due, and evaluates the others again. Returns what was written.
    async fn write_confirmed(&mut self, releases: Vec<Release>) -> anyhow::Result<Vec<Release>> {
        let fresh = match self.publisher {
            Some(_) => Some(self.fresh(&releases).await?),
            // Nothing is written, so nothing can be written too late.
            None => None,
        };
        let mut written = Vec::new();
        for release in releases {
            let due = match &fresh {
                Some(fresh) => self.is_still_due(&release, fresh).await?,
                None => true,
            };
            if !due {
                self.evaluate_again(release.pull.number).await?;
                continue;
            }
            let what = format!("#{}", release.pull.number);
            match self.publish(Plan { actions: release.actions.clone() }, &what).await {
                Ok(_) => {
                    self.outcome.released.extend(release.record());
                    written.push(release);
                }
                Err(error) if super::facts::ends_run(&error) => return Err(error.into()),
                Err(error) => self.outcome.refused(&format!("{what}: {error}")),
            }
        }
        Ok(written)
    }

    /// Reads again what these were decided from.
    async fn fresh(&self, releases: &[Release]) -> anyhow::Result<Fresh> {
        let all = self.reader.open_pulls().await?;
        let heads: BTreeSet<&CommitId> = releases.iter().map(|release| &release.pull.head_sha).collect();
        let sharing = all.iter().filter(|pull| pull.open && heads.contains(&pull.head_sha)).map(|pull| pull.number);
        let numbers: BTreeSet<PullNumber> = releases.iter().map(|release| release.pull.number).chain(sharing).collect();
        let judged = releases.iter().flat_map(|release| &release.contents);
        let branches: BTreeSet<String> = judged.map(|judged| judged.content.branch.clone()).collect();
        let (numbers, branches): (Vec<_>, Vec<_>) = (numbers.into_iter().collect(), branches.into_iter().collect());
        let mut fresh = self.reader.github.again(&numbers, &branches).await?;
        // One that was opened meanwhile with such a head is judged with it.
        let opened = fresh.newest.iter().filter(|(number, head)| heads.contains(head) && !numbers.contains(number));
        let opened: Vec<PullNumber> = opened.map(|(number, _)| *number).collect();
        if !opened.is_empty() {
            fresh.pulls.extend(self.reader.github.again(&opened, &[]).await?.pulls);
        }
        Ok(fresh)
    }

    /// Whether the fresh facts lead to the same success.
    async fn is_still_due(&self, release: &Release, fresh: &Fresh) -> anyhow::Result<bool> {
        let Some(pull) = fresh.pull(release.pull.number) else { return Ok(false) };
        let same = pull.open && pull.head_sha == release.pull.head_sha && pull.base_ref == release.pull.base_ref;
        if !same || release.contents.iter().any(|judged| fresh.tip(&judged.content.branch) != Some(&judged.tip)) {
            return Ok(false);
        }
        let hold = self.reader.shared_hold(pull, &release.contents, &fresh.pulls).await?;
        let released = |hold: &Option<Hold>| hold.as_ref().is_some_and(Hold::is_released);
        Ok((release.hold.is_none() && hold.is_none()) || (released(&release.hold) && released(&hold)))
    }

    /// Evaluates a pull request again, from nothing that was read before.
    pub(super) async fn evaluate_again(&mut self, number: PullNumber) -> anyhow::Result<()> {
        self.outcome.forget(number);
        let mut overview = self.reader.github.pull(number).await?;
        let Some(pull) = overview.pulls.pop().filter(|pull| pull.open) else {
            self.outcome.note(format!("#{number} was closed meanwhile"));
            return Ok(());
        };
        let branches = self.reader.branches().await?.judged_for(&pull.base_ref);
        let branches: Vec<String> = branches.map(str::to_owned).collect();
        for branch in branches {
            let tip = self.reader.github.branch(&branch).await?;
            if !self.reader.states.is_at(&branch, tip.as_ref()) {
                self.reader.states.forget_base(&branch);
            }
        }
        let facts = self.reader.facts(&pull, false, None).await;
        Box::pin(self.pull(pull, false, facts)).await
    }
}
