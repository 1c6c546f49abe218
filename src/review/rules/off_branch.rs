//! A commit that the tracked branch does not contain.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, short, shown};
use crate::review::evidence::Evidence;
use crate::review::ref_proof::findings::of_proofs;
use crate::review::ref_proof::{RefProof, Untruth};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-off-branch",
    severity: Severity::Error,
    means: "The new commit of a source is not in the history of the branch that the source tracks. Servers hand out any commit by its id, also one that only a fork or an abandoned change request has.",
    remedy: "Do not merge before you know where the commit comes from. Track the source again to get one of the branch.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    of_proofs(element, &RULE, |pin, proof| {
        let RefProof::False { why: Untruth::NotOnBranch { branch } } = proof else { return None };
        let commit = short(pin.commit.as_deref().unwrap_or_default());
        Some(format!("{commit} is not on the branch {} of {}, which is tracked", shown(branch), shown(&pin.url)))
    })
}
