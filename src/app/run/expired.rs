//! Success at commits that are no open pull request's head any more: it is taken back, since it would let them merge anew.

use super::Bot;
use crate::github::checks::{CheckOutput, HOLD, Outcome as Ends, Written};
use crate::github::facts::ClosedPull;
use crate::github::ids::{CommitId, Conclusion, StatusState};
use crate::github::plan::{At, Plan};

impl Bot {
    /// Takes the success of the heads of closed pull requests back. What was merged stays as it is.
    pub(super) async fn take_back_closed(&mut self) -> anyhow::Result<()> {
        let closed = match self.reader.github.recently_closed().await.optional() {
            Ok(closed) => closed.unwrap_or_default(),
            Err(why) => {
                self.outcome.refused(&format!("the closed pull requests could not be read: {why}"));
                return Ok(());
            }
        };
        let open: Vec<CommitId> = self.reader.open_pulls().await?.iter().map(|pull| pull.head_sha.clone()).collect();
        for pull in closed.iter().filter(|pull| !pull.merged && !open.contains(&pull.head_sha) && passed(pull)) {
            let said = CheckOutput {
                name: HOLD,
                outcome: Ends::ActionRequired,
                title: "held: its pull request is closed".into(),
                summary: "The approval was for a pull request that is closed. Open it again to have this reviewed."
                    .into(),
                annotations: Vec::new(),
            };
            let written = Written {
                checks: &pull.checks,
                statuses: &pull.statuses,
                viewer: self.reader.overview.viewer.clone(),
                statuses_only: self.statuses_only,
            };
            let actions = said.actions(&At::Sha(pull.head_sha.clone()), &written);
            self.publish(Plan { actions }, &format!("#{}", pull.number)).await?;
        }
        Ok(())
    }
}

/// Whether the hold passed at the head of a closed pull request.
fn passed(pull: &ClosedPull) -> bool {
    let run = pull.checks.iter().any(|run| run.name == HOLD && run.conclusion == Some(Conclusion::Success));
    run || pull.statuses.iter().any(|status| status.context == HOLD && status.state == StatusState::Success)
}
