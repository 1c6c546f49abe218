//! A source that goes back to something older.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, shown};
use crate::review::evidence::Evidence;
use crate::review::ref_proof::Remark;
use crate::review::ref_proof::findings::of_remarks;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-backwards",
    severity: Severity::Warning,
    means: "The new commit of a source is older than the one before: it is in the history of the old one, or the version of its tag is lower. Problems that were fixed since come back.",
    remedy: "Make sure that the step back is meant, and look at what was fixed since.",
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
        let url = shown(&pin.url);
        Some(match remark {
            Remark::LowerVersion { from, to } => format!("{url} goes back from {} to {}", shown(from), shown(to)),
            Remark::OlderCommit { by: Some(1) } => format!("{url} goes back by 1 commit"),
            Remark::OlderCommit { by: Some(by) } => format!("{url} goes back by {by} commits"),
            Remark::OlderCommit { by: None } => format!("{url} goes back by many commits"),
            _ => return None,
        })
    })
}
