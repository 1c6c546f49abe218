//! Merges that went around the hold are reported once: by a finding, and by a check at what was merged.

use super::hold::reason;
use super::{Bot, ReviewSection};
use crate::github::around::{self, Way};
use crate::github::checks::Written;
use crate::github::facts::Heads;
use crate::github::plan::{At, Plan};
use crate::io::github::GitHubError;
use crate::review::Review;
use crate::review::render::Frame;

impl Bot {
    /// Reports what was merged into a guarded branch while the hold had not passed, among the pull requests that changed last.
    pub(super) async fn report_merged_around(&mut self, pulls: &[Heads]) -> anyhow::Result<()> {
        let Some(since) = around::since(pulls) else { return Ok(()) };
        for pull in pulls.iter().filter(|pull| pull.merged) {
            // Where another one is open with its head, the check there speaks of that one.
            let shared = pulls.iter().any(|other| other.open && other.head_sha == pull.head_sha);
            if shared || !self.reader.branches().await?.is_guarded(&pull.base_ref) {
                continue;
            }
            let why = match around::way(pull) {
                Way::Through | Way::Reported => continue,
                Way::Held(title) => format!("the check said “{title}”"),
                Way::Unseen if pull.merged_at.is_some_and(|at| at < since) => continue,
                Way::Unseen => match self.unseen(pull).await? {
                    Some(why) => format!("the bot had not looked at it, and {why}"),
                    None => continue,
                },
            };
            self.report_around(pull, &why).await?;
        }
        Ok(())
    }

    /// What of a pull request that the bot never looked at would have held it. None where nothing would.
    async fn unseen(&self, pull: &Heads) -> anyhow::Result<Option<String>> {
        let read = async {
            let Some(before) = &pull.merged_onto else { anyhow::bail!("GitHub names no commit that merged it") };
            let fork = self.reader.github.compare(before.as_str(), pull.head_sha.as_str()).await?.merge_base;
            self.reader.judged_at(&pull.base_ref, &fork, &pull.head_sha).await
        };
        match read.await {
            Ok(judged) => Ok((!judged.content.is_harmless()).then(|| reason(&judged.content))),
            Err(error) if error.downcast_ref::<GitHubError>().is_some_and(super::facts::ends_run) => Err(error),
            Err(error) => Ok(Some(format!("what it changed is not known: {error:#}"))),
        }
    }

    async fn report_around(&mut self, pull: &Heads, why: &str) -> anyhow::Result<()> {
        let finding = around::finding(pull, why);
        let said = around::said(pull, &finding, why);
        let head = pull.commits.iter().find(|marked| marked.commit == pull.head_sha);
        let written = Written {
            checks: head.map_or(&[], |marked| marked.checks.as_slice()),
            statuses: head.map_or(&[], |marked| marked.statuses.as_slice()),
            viewer: self.reader.overview.viewer.clone(),
            statuses_only: self.statuses_only,
        };
        let actions = said.actions(&At::Sha(pull.head_sha.clone()), &written);
        let findings = vec![finding];
        let review = Review { findings: findings.clone(), ..Review::default() };
        let heading = format!("#{}, which is merged", pull.number);
        self.outcome.sections.push(ReviewSection { heading, review, frame: Frame::default(), findings });
        let what = format!("#{}", pull.number);
        match self.publish(Plan { actions }, &what).await {
            Err(error) if super::facts::ends_run(&error) => Err(error.into()),
            Err(error) => {
                self.outcome.refused(&format!("{what}: {error}"));
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }
}
