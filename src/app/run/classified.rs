//! The merge of a commit into the tip of a branch, computed from the objects alone and classified: GitHub is not asked here.

use super::side::Sided;
use super::state::{Base, States};
use crate::finding::read::Read;
use crate::github::content::{self, Change, Class, Decisive, MAX_CHANGES, Merged, Side};
use crate::github::guard::{Guard, GuardRules, PinMove, Verdict};
use crate::github::ids::CommitId;
use crate::github::scope;
use crate::github::tree::Item;
use crate::io::blocking;
use crate::io::commit::{Layered, Objects as _};
use std::sync::Arc;

/// The reason on a path that becomes an input and that the base branch changed since.
const BEHIND: &str = "the base branch changed it since: update the branch";

/// A merge with its decisive paths, as far as the two states say.
pub(super) struct Classified {
    /// What the merge changes.
    pub(super) merged: Arc<Merged>,
    /// The state after it.
    pub(super) after: Arc<Sided>,
    /// The paths that hold.
    pub(super) decisive: Vec<Decisive>,
    /// The changes that hold too, unless each of these moves of a pin is proven.
    pub(super) pins: Vec<(Change, Vec<PinMove>)>,
}

impl States {
    /// Merges `commit` into the tip of a base branch and classifies what that changes; `then` is their only merge base. The inner
    /// error is the reason why the merge cannot be computed.
    ///
    /// # Errors
    /// When a listing cannot be read, or the bot itself fails.
    pub(super) async fn classified(
        &self,
        base: &Base,
        then: &CommitId,
        commit: &CommitId,
    ) -> anyhow::Result<Result<Classified, String>> {
        let (then, head) = (self.listing(then).await?, self.listing(commit).await?);
        let merged = match content::merge(&then, &base.side.files, &head) {
            Ok(merged) => Arc::new(merged),
            Err(why) => return Ok(Err(why.to_string())),
        };
        // Each path may have to be read: one pull request must not use up what is there for all.
        if merged.changes.len() > MAX_CHANGES {
            let (changes, most) = (merged.changes.len(), MAX_CHANGES);
            return Ok(Err(format!("it changes {changes} files, and no more than {most} are looked at: split it")));
        }
        let after = Arc::new(self.sided(&base.side.workspace, merged.files.clone(), commit).await?);
        let work = {
            let (objects, merged, before, after) = (self.objects(), merged.clone(), base.side.clone(), after.clone());
            let rules = base.guard.clone();
            move || {
                let blob = |item: &Item| blob(&objects, item);
                classify(&merged, &before.borrowed(&blob), &after.borrowed(&blob), &rules)
            }
        };
        let (decisive, pins) = blocking::run(work).await?;
        Ok(Ok(Classified { merged, after, decisive, pins }))
    }
}

fn blob(objects: &Layered, item: &Item) -> Read<Arc<[u8]>> {
    match objects.blob(&item.id) {
        Ok(bytes) => Read::Known(bytes.into()),
        Err(why) => Read::unreadable(why),
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
                let why = "both branches changed it: update the branch";
                decisive.push(of_change(change, Class::Unknown, why.into()));
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

/// A changed path that holds.
pub(super) fn of_change(change: &Change, class: Class, why: String) -> Decisive {
    let Change { path, before, after, .. } = change.clone();
    Decisive { path, class, why, elements: Vec::new(), before, after }
}
