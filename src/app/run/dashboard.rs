//! The dashboard, after a run over everything.

use super::Bot;
use crate::github::base::{PREFIX, is_own, is_tracking};
use crate::github::dashboard::{self, Waiting};
use crate::github::facts::PullRequest;
use crate::github::plan::Plan;
use crate::report::Report;

impl Bot {
    /// Writes what waits into the issue for it, where the configuration wants one. `base` is what was found on the default branch.
    pub(super) async fn dashboard(&mut self, base: &Report) -> anyhow::Result<()> {
        let default = self.reader.overview.repository.default_branch.clone();
        let config = self.reader.base_of(&default).await?.workspace().config.clone();
        // Of a part of the project nothing is said about the rest.
        if config.bot.dashboard != Some(true) || !self.reader.request.elements.is_empty() || !self.reader.all {
            return Ok(());
        }
        let pulls = self.reader.overview.pulls.clone();
        let (repository, viewer) = (&self.reader.request.repository, &self.reader.overview.viewer);
        // The bot's own repairs are about what drifted, which has a list of its own.
        let repairs = |pull: &PullRequest| {
            let slug = pull.head_ref.strip_prefix(PREFIX).unwrap_or_default();
            is_own(pull, repository, viewer) && !is_tracking(slug)
        };
        let waits = |pull: &&PullRequest| pull.open && self.outcome.held.contains(&pull.number) && !repairs(pull);
        let held = pulls.iter().filter(waits).collect();
        let there = self.reader.github.dashboard(viewer).await?;
        let waiting = Waiting { held, blocks: &base.blocks, exceptions: config.exceptions() };
        let actions = dashboard::update(&waiting, there.as_ref()).into_iter().collect();
        self.publish(Plan { actions }, "the dashboard").await?;
        Ok(())
    }
}
