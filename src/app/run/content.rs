//! What merging a commit into a branch changes, read from both sides and classified.

use super::classified::{Classified, of_change};
use super::facts::Reader;
use super::judged::Judged;
use super::state::Base;
use crate::finding::read::Read;
use crate::github::ancestry::other_boundaries;
use crate::github::content::{Change, Class, Content};
use crate::github::facts::Comparison;
use crate::github::guard::PinMove;
use crate::github::ids::CommitId;
use futures_util::FutureExt as _;
use std::sync::{Arc, Mutex};

/// The most further merge bases that are looked at: a branch that merged its base more often is not known.
const BOUNDARIES: usize = 20;

impl Reader {
    /// What merging `commit` into the tip of `branch` changes. Read once.
    ///
    /// # Errors
    /// When GitHub cannot be read, or the bot itself fails.
    pub(super) async fn judged(&self, base: &Base, branch: &str, commit: &CommitId) -> anyhow::Result<Arc<Judged>> {
        let cell = self.states.judged_place(branch, &base.sha, commit);
        // A future whose type is named: else the compiler cannot see that it may move between threads.
        let judge = self.judge(base, branch, commit).boxed();
        cell.get_or_try_init(|| judge).await.cloned()
    }

    /// What merging `head` into a commit that a branch once had changes. That state is a base of its own, which is large, and of no use
    /// afterwards.
    ///
    /// # Errors
    /// As [`Reader::judged`].
    pub(super) async fn judged_at(&self, branch: &str, at: &CommitId, head: &CommitId) -> anyhow::Result<Arc<Judged>> {
        if let Some(judged) = self.states.judged_place(branch, at, head).get() {
            return Ok(judged.clone());
        }
        // No branch can have this name.
        let name = format!("{branch} at {at}");
        let base = self.states.base(&name, || async { Ok(at.clone()) }).await?;
        self.states.forget_base(&name);
        let judged = self.judged(&base, branch, head).await?;
        drop(judged.take_after());
        Ok(judged)
    }

    async fn judge(&self, base: &Base, branch: &str, commit: &CommitId) -> anyhow::Result<Arc<Judged>> {
        let comparison = self.github.compare(base.sha.as_str(), commit.as_str()).await?;
        let unknown = |comparison: Comparison, why: String| {
            Arc::new(Judged::unknown((branch, &base.sha), commit, comparison, why))
        };
        if let Some(why) = self.other_merge_bases(&comparison).await? {
            return Ok(unknown(comparison, why));
        }
        let Classified { merged, after, mut decisive, pins } =
            match self.states.classified(base, &comparison.merge_base, commit).await? {
                Ok(classified) => classified,
                Err(why) => return Ok(unknown(comparison, why)),
            };
        for (change, why) in self.unproven(pins).await? {
            decisive.push(of_change(&change, Class::Merges, why));
        }
        decisive.sort_by(|a, b| a.path.cmp(&b.path));
        let content = Content { branch: branch.to_owned(), paths: merged.changes.len(), decisive };
        let files = Some(merged.files.clone());
        let (tip, commit) = (base.sha.clone(), commit.clone());
        Ok(Arc::new(Judged { content, tip, commit, files, comparison, after: Mutex::new(Some(after)) }))
    }

    /// Why it is not proven that a comparison's merge base is the only one.
    async fn other_merge_bases(&self, comparison: &Comparison) -> anyhow::Result<Option<String>> {
        let others = match other_boundaries(comparison) {
            Read::Known(others) => others,
            Read::Absent => Vec::new(),
            Read::Unreadable(why) => return Ok(Some(why.into())),
        };
        if others.len() > BOUNDARIES {
            return Ok(Some(format!("it merged its base more than {BOUNDARIES} times")));
        }
        for other in others {
            let way = self.github.compare(comparison.merge_base.as_str(), other.as_str()).await?;
            if way.ahead > 0 {
                return Ok(Some("it has more than one merge base: update the branch".into()));
            }
        }
        Ok(None)
    }

    /// The changes of which a pin's move is not proven, with the reason.
    async fn unproven(&self, pins: Vec<(Change, Vec<PinMove>)>) -> anyhow::Result<Vec<(Change, String)>> {
        let mut held = Vec::new();
        for (change, moves) in pins {
            let workspace = self.states.opened().ok_or_else(|| anyhow::anyhow!("no state was opened"))?;
            for (step, proof) in moves.iter().zip(workspace.pin_moves(&self.request.server, &moves).await) {
                if let Err(why) = proof {
                    held.push((
                        change.clone(),
                        format!("`{}` moves to a commit that is not proven: {why}", step.repository),
                    ));
                    break;
                }
            }
        }
        Ok(held)
    }
}
