//! A branch without the commit that was pinned before.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, shown};
use crate::review::evidence::Evidence;
use crate::review::ref_proof::Remark;
use crate::review::ref_proof::findings::of_remarks;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-rewritten",
    severity: Severity::Warning,
    means: "The commit that was pinned before is not in the history of the new one: the branch was rewritten, or another one is followed. What was reviewed then may no longer be in it.",
    remedy: "Compare both commits, and ask upstream why the history changed.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    of_element(element)
}

/// Returns the findings, which need no more than the proofs of the sources.
#[must_use]
pub(crate) fn of_element(element: &ElementReview) -> Vec<Finding> {
    of_remarks(element, &RULE, |pin, remark| {
        let found = matches!(remark, Remark::HistoryRewritten);
        found.then(|| format!("the history of {} no longer has the commit before", shown(&pin.url)))
    })
}
