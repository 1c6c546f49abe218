//! A tag with the name of the tracked branch.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, shown};
use crate::review::evidence::Evidence;
use crate::review::ref_proof::Remark;
use crate::review::ref_proof::findings::of_remarks;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-tag-for-branch",
    severity: Severity::Warning,
    means: "The repository has a tag with the name of the branch that the source tracks. BuildStream then follows the tag, not the branch: whoever can push a tag decides what comes next.",
    remedy: "Ask upstream about the tag, and write `track: refs/heads/NAME` to follow the branch.",
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
        let Remark::TagForBranch { name } = remark else { return None };
        Some(format!("the tag {} of {} takes the place of the tracked branch", shown(name), shown(&pin.url)))
    })
}
