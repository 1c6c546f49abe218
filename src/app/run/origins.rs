//! The merges by which what a promotion brings came into its branch, and what was approved in each.

use super::facts::Reader;
use crate::github::content::Decisive;
use crate::github::facts::{MergedPull, Step};
use crate::github::ids::CommitId;
use crate::github::promotion::{self, Origin};
use crate::github::tree::Item;
use std::collections::{BTreeSet, HashMap};

/// The number of commits in a request, and of requests, for the commits of one pull request that was merged by rebase.
const STEPS: usize = 10;
const REQUESTS: usize = 5;

/// The merged pull requests that belong to commits.
pub(super) type Merges = HashMap<CommitId, Vec<MergedPull>>;

impl Reader {
    /// The commits of `line` by which the decisive paths came into `branch`, up to `source`, and the pull requests that belong to them.
    /// A pull request of several commits that was merged by rebase counts as one commit, as if it had been squashed: whether it brought
    /// what was approved is seen in what all of them changed together. The inner error says what speaks against the promotion.
    pub(super) async fn origins(
        &self,
        decisive: &[Decisive],
        branch: &str,
        mut line: Vec<Step>,
        source: &CommitId,
    ) -> anyhow::Result<Result<(Vec<Origin>, Merges), String>> {
        let place = |line: &[Step]| line.iter().position(|step| step.commit == *source);
        let Some(at) = place(&line) else {
            return Ok(Err("that commit is not among its last ones any more".into()));
        };
        let origins = match promotion::origins(decisive, &line, at) {
            Ok(origins) => origins,
            Err(why) => return Ok(Err(why)),
        };
        let mut merges = Merges::new();
        self.find_merges(&origins, &mut merges).await?;
        let last = |origin: &Origin| {
            let last = promotion::merged_at(branch, merges.get(&origin.commit)?)?;
            (*last != origin.commit).then(|| last.clone())
        };
        let rebased: BTreeSet<CommitId> = origins.iter().filter_map(last).collect();
        if rebased.is_empty() {
            return Ok(Ok((origins, merges)));
        }
        for last in &rebased {
            self.join(&mut line, last, branch).await?;
        }
        let Some(at) = place(&line) else {
            return Ok(Err("that commit is amid those of a pull request".into()));
        };
        let origins = match promotion::origins(decisive, &line, at) {
            Ok(origins) => origins,
            Err(why) => return Ok(Err(why)),
        };
        self.find_merges(&origins, &mut merges).await?;
        Ok(Ok((origins, merges)))
    }

    async fn find_merges(&self, origins: &[Origin], merges: &mut Merges) -> anyhow::Result<()> {
        let new = origins.iter().map(|origin| &origin.commit).filter(|commit| !merges.contains_key(commit));
        let new: Vec<&CommitId> = new.collect();
        merges.extend(self.github.merged_by(&new).await?);
        Ok(())
    }

    /// Joins the commits of a pull request that was merged by rebase, in a line of first parents: `last`, and those in a row before it
    /// that came by the same pull request and no other.
    async fn join(&self, line: &mut Vec<Step>, last: &CommitId, branch: &str) -> anyhow::Result<()> {
        let Some(at) = line.iter().position(|step| step.commit == *last) else { return Ok(()) };
        let mut count = 1;
        for steps in line.get(at + 1..).unwrap_or_default().chunks(STEPS).take(REQUESTS) {
            let commits: Vec<&CommitId> = steps.iter().map(|step| &step.commit).collect();
            let merges = self.github.merged_by(&commits).await?;
            let merged = |step: &&Step| promotion::merged_at(branch, merges.get(&step.commit)?);
            let same = steps.iter().take_while(|step| merged(step) == Some(last)).count();
            count += same;
            if same < steps.len() {
                break;
            }
        }
        promotion::join(line, at, count);
        Ok(())
    }

    /// Whether a pull request was released for just what its merge brought. The inner error says why that is not known.
    pub(super) async fn was_that(
        &self,
        branch: &str,
        origin: &Origin,
        pull: &MergedPull,
        content: &str,
    ) -> anyhow::Result<Result<(), String>> {
        let number = pull.number;
        let judged = self.judged_at(branch, &origin.parent, &pull.head.commit).await?;
        if judged.content.id().is_none_or(|id| id.as_str() != content) {
            return Ok(Err(format!("#{number} was released for another content than the one that was merged")));
        }
        let has = |(path, before, after): &&(String, Option<Item>, Option<Item>)| {
            let known = judged.content.decisive.iter().find(|known| known.path == *path);
            known.is_some_and(|known| known.before == *before && known.after == *after)
        };
        if let Some((path, ..)) = origin.changes.iter().find(|change| !has(change)) {
            return Ok(Err(format!("`{}` was not approved in #{number}", path.escape_debug())));
        }
        // A part of what was approved is not what was approved.
        let files = self.states.listing(&origin.commit).await?;
        let missing = judged.content.decisive.iter().find(|path| files.get(&path.path) != path.after.as_ref());
        Ok(missing.map_or(Ok(()), |path| {
            Err(format!("`{}` did not become there what was approved in #{number}", path.path.escape_debug()))
        }))
    }
}
