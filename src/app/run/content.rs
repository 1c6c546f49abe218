//! What merging a commit into a branch changes, read from both sides and classified.

use super::facts::Reader;
use super::judged::Judged;
use super::side::Sided;
use super::state::Base;
use crate::finding::read::Read;
use crate::github::ancestry::other_boundaries;
use crate::github::content::{self, Change, Class, Content, Decisive, Merged, Side};
use crate::github::facts::Comparison;
use crate::github::guard::{Guard, GuardRules, PinMove, Verdict};
use crate::github::ids::CommitId;
use crate::github::scope;
use crate::github::tree::Item;
use crate::io::blocking;
use futures_util::FutureExt as _;
use std::sync::{Arc, Mutex};

const BEHIND: &str = "the base branch changed it since: update the branch";

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

    async fn judge(&self, base: &Base, branch: &str, commit: &CommitId) -> anyhow::Result<Arc<Judged>> {
        let comparison = self.github.compare(base.sha.as_str(), commit.as_str()).await?;
        let unknown = |comparison: Comparison, paths: usize, why: String| {
            let content = Content { branch: branch.to_owned(), paths, decisive: vec![not_known(why)] };
            Arc::new(Judged { content, commit: commit.clone(), files: None, comparison, after: Mutex::default() })
        };
        if let Some(why) = self.other_merge_bases(&comparison).await? {
            return Ok(unknown(comparison, 0, why));
        }
        let (then, head) = (self.states.listing(&comparison.merge_base).await?, self.states.listing(commit).await?);
        let merged = match content::merge(&then, &base.side.files, &head) {
            Ok(merged) => merged,
            Err(why) => return Ok(unknown(comparison, 0, why.to_string())),
        };
        let after = Arc::new(self.states.sided(&base.side.workspace, merged.files.clone(), commit).await?);
        let merged = Arc::new(merged);
        let (mut decisive, pins) = self.classified(base, &merged, &after).await?;
        for (change, why) in self.unproven(pins).await? {
            decisive.push(of_change(&change, Class::Merges, why));
        }
        decisive.sort_by(|a, b| a.path.cmp(&b.path));
        let content = Content { branch: branch.to_owned(), paths: merged.changes.len(), decisive };
        let files = Some(merged.files.clone());
        Ok(Arc::new(Judged { content, commit: commit.clone(), files, comparison, after: Mutex::new(Some(after)) }))
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

    /// The decisive paths, and those that are harmless if moves of pins are proven.
    async fn classified(
        &self,
        base: &Base,
        merged: &Arc<Merged>,
        after: &Arc<Sided>,
    ) -> anyhow::Result<(Vec<Decisive>, Vec<(Change, Vec<PinMove>)>)> {
        let (objects, merged, before, after) =
            (self.states.objects(), merged.clone(), base.side.clone(), after.clone());
        let rules = base.guard.clone();
        let work = move || {
            let blob = |item: &Item| -> Read<Arc<[u8]>> {
                use crate::io::commit::Objects as _;
                match objects.blob(&item.id) {
                    Ok(bytes) => Read::Known(bytes.into()),
                    Err(why) => Read::unreadable(why),
                }
            };
            classify(&merged, &before.borrowed(&blob), &after.borrowed(&blob), &rules)
        };
        Ok(blocking::run(work).await?)
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

/// Classifies all changes of a merge.
fn classify(
    merged: &Merged,
    before: &Side<'_>,
    after: &Side<'_>,
    rules: &GuardRules,
) -> (Vec<Decisive>, Vec<(Change, Vec<PinMove>)>) {
    let mut decisive = scope::decisive(merged, before, after);
    for path in decisive.iter_mut().filter(|path| path.before == path.after && merged.behind.contains(&path.path)) {
        // It becomes an input by this change, and who looked at the head saw what it was before.
        path.class = Class::Unknown;
        path.why = format!("{BEHIND} ({})", path.why);
    }
    let guard = Guard::new(before, after, rules);
    let mut pins = Vec::new();
    for change in &merged.changes {
        if decisive.iter().any(|known| known.path == change.path) {
            continue;
        }
        match guard.verdict(change) {
            Verdict::NotGuarded => {}
            _ if change.conflict => {
                decisive.push(of_change(change, Class::Unknown, "both branches changed it: update the branch".into()));
            }
            Verdict::Harmless(_) => {}
            Verdict::Pins(moves) => pins.push((change.clone(), moves)),
            Verdict::Held(why) | Verdict::Suspicious(why) => {
                decisive.push(of_change(change, Class::Merges, why));
            }
        }
    }
    (decisive, pins)
}

fn of_change(change: &Change, class: Class, why: String) -> Decisive {
    let Change { path, before, after, .. } = change.clone();
    Decisive { path, class, why, elements: Vec::new(), before, after }
}

/// What holds a change that could not be computed.
fn not_known(why: String) -> Decisive {
    Decisive { path: String::new(), class: Class::Unknown, why, elements: Vec::new(), before: None, after: None }
}
