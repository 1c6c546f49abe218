//! A commit of which it is not known what leads to it.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, shown};
use crate::review::evidence::Evidence;
use crate::review::ref_proof::findings::{of_proofs, of_remarks};
use crate::review::ref_proof::{RefProof, Remark};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-not-proven",
    severity: Severity::Notice,
    means: "Whether the new commit of a source is what its `ref` and its `track` say could not be found out: the repository cannot be reached or does not say, or there is too much history. It may be right, or wrong.",
    remedy: "Look in the repository whether the tag or branch leads to the commit, or run the review again.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    let mut found = of_proofs(element, &RULE, |pin, proof| {
        let RefProof::NotKnown { why } = proof else { return None };
        Some(format!("the commit of {} is not proven to be of its tag or branch: {why}", shown(&pin.url)))
    });
    found.extend(of_remarks(element, &RULE, |pin, remark| {
        let Remark::NotKnown { what } = remark else { return None };
        Some(format!("of the commit of {}, {what}", shown(&pin.url)))
    }));
    found
}
