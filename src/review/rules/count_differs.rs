//! A `ref` that counts other commits after its tag than there are.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, shown};
use crate::review::evidence::Evidence;
use crate::review::ref_proof::Remark;
use crate::review::ref_proof::findings::of_remarks;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-count-differs",
    severity: Severity::Warning,
    means: "The `ref` of a source says how many commits there are between its tag and its commit, as in `v1.2-7-g<commit>`, and there are others.",
    remedy: "Track the source again: a number that is wrong was written by hand, or in a history that has changed since.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    of_remarks(element, &RULE, |pin, remark| {
        let Remark::OtherCount { tag, named, counted } = remark else { return None };
        let named = if *named == usize::MAX { "too many".to_owned() } else { named.to_string() };
        let place = format!("the `ref` of {}", shown(&pin.url));
        Some(format!("{place} counts {named} commits after {} where there are {counted}", shown(tag)))
    })
}
