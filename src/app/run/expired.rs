//! Success at commits that are no open pull request's head any more: it is taken back, since it would let them merge anew.

use super::Bot;
use crate::github::checks::{CheckOutput, HOLD, Outcome as Ends, Written};
use crate::github::facts::{Heads, Marked, PushKind};
use crate::github::ids::{CommitId, PullNumber};
use crate::github::plan::{Action, At, Plan};
use crate::io::github::GitHubError;
use std::collections::{BTreeMap, BTreeSet};

impl Bot {
    /// Reports merges that went around the hold, and takes success back at each commit that a pull request has or had, and that is no
    /// head of an open one. The heads of those that were merged stay as they are.
    pub(super) async fn take_back_former(&mut self) -> anyhow::Result<()> {
        let pulls = match self.reader.github.heads().await.optional() {
            Ok(pulls) => pulls.unwrap_or_default(),
            Err(why) => {
                self.outcome.refused(&format!("the earlier heads of the pull requests could not be read: {why}"));
                return Ok(());
            }
        };
        self.report_merged_around(&pulls).await?;
        // As they are now: a head that moved during this run is one of the earlier ones.
        let heads: BTreeSet<&CommitId> =
            pulls.iter().filter(|pull| pull.open || pull.merged).map(|pull| &pull.head_sha).collect();
        let closed: BTreeSet<&CommitId> =
            pulls.iter().filter(|pull| !pull.open && !pull.merged).map(|pull| &pull.head_sha).collect();
        let left_behind = match self.left_behind(&pulls).await {
            Err(error) if super::facts::ends_run(&error) => return Err(error.into()),
            Err(error) => {
                self.outcome
                    .refused(&format!("the heads below those that were pushed over could not be read: {error}"));
                Vec::new()
            }
            Ok(found) => found,
        };
        let mut seen = BTreeSet::new();
        for pull in &pulls {
            if !pull.complete {
                // It has many commits: none of them is a failure of this run.
                self.outcome.note(format!("#{}: not all of its earlier heads are known", pull.number));
            }
            let commits = if self.comes_from_guarded(pull).await? { &[] } else { pull.commits.as_slice() };
            let own_head = pull.commits.iter().filter(|marked| marked.commit == pull.head_sha);
            let below = left_behind.iter().filter(|(number, _)| *number == pull.number).map(|(_, marked)| marked);
            for marked in commits.iter().chain(own_head).chain(&pull.replaced).chain(below) {
                if heads.contains(&marked.commit) || !marked.passed() || !seen.insert(&marked.commit) {
                    continue;
                }
                let actions = self.taken_back(marked, closed.contains(&marked.commit));
                let what = format!("#{}: {}", pull.number, marked.commit);
                match self.publish(Plan { actions }, &what).await {
                    Err(error) if super::facts::ends_run(&error) => return Err(error.into()),
                    // One commit that is refused does not keep the others from being held.
                    Err(error) => self.outcome.refused(&format!("{what}: {error}")),
                    Ok(_) => {}
                }
            }
        }
        Ok(())
    }

    /// The heads that a pull request does not show any more, with what the hold says there: somebody pushed above them, and then
    /// over that. The moves of the branch have them, as far as they are among the last of the repository; those of forks are not seen.
    async fn left_behind(&self, pulls: &[Heads]) -> Result<Vec<(PullNumber, Marked)>, GitHubError> {
        let here = self.reader.overview.repository.full_name.as_str();
        let forced = |pull: &&Heads| !pull.replaced.is_empty() && pull.head_repository.as_deref() == Some(here);
        let by_branch: BTreeMap<&str, PullNumber> =
            pulls.iter().filter(forced).map(|pull| (pull.head_ref.as_str(), pull.number)).collect();
        if by_branch.is_empty() {
            return Ok(Vec::new());
        }
        let shown = pulls.iter().flat_map(|pull| pull.commits.iter().chain(&pull.replaced));
        let mut known: BTreeSet<&CommitId> = shown.map(|marked| &marked.commit).collect();
        known.extend(pulls.iter().map(|pull| &pull.head_sha));
        let moves = self.reader.github.recent_pushes().await?;
        // A deleted branch is at no commit.
        let moves = moves.iter().filter(|(_, push)| push.kind != PushKind::Deleted);
        let heads = moves.filter_map(|(branch, push)| Some((&push.after, *by_branch.get(branch.as_str())?)));
        let unknown: BTreeMap<&CommitId, PullNumber> = heads.filter(|(commit, _)| !known.contains(commit)).collect();
        let commits: Vec<&CommitId> = unknown.keys().copied().collect();
        let marked = self.reader.github.marked_at(&commits).await?;
        Ok(marked.into_iter().filter_map(|marked| Some((*unknown.get(&marked.commit)?, marked))).collect())
    }

    /// Whether the branch of a pull request is a guarded one: then its commits were merged there, and their checks are the proof
    /// that they were released.
    async fn comes_from_guarded(&self, pull: &Heads) -> anyhow::Result<bool> {
        let here = self.reader.overview.repository.full_name.as_str();
        let guarded = self.reader.branches().await?;
        Ok(pull.head_repository.as_deref() == Some(here) && guarded.iter().any(|name| name == pull.head_ref))
    }

    /// The writes that take success back at a commit.
    fn taken_back(&self, marked: &Marked, closed: bool) -> Vec<Action> {
        let (title, summary) = if closed {
            (
                "held: its pull request is closed",
                "The approval was for a pull request that is closed. Open it again to have this reviewed.",
            )
        } else {
            (
                "held: it is no longer the head of its pull request",
                "A success would let this commit be merged by itself. The check at the pull request's head counts.",
            )
        };
        let said = CheckOutput {
            name: HOLD,
            outcome: Ends::ActionRequired,
            title: title.into(),
            summary: summary.into(),
            annotations: Vec::new(),
            content: None,
        };
        let written = Written {
            checks: &marked.checks,
            statuses: &marked.statuses,
            viewer: self.reader.overview.viewer.clone(),
            statuses_only: self.statuses_only,
        };
        said.actions(&At::Sha(marked.commit.clone()), &written)
    }
}
