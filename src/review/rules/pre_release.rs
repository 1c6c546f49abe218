//! A pre-release that nobody asked for.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, shown};
use crate::review::evidence::Evidence;
use crate::review::ref_proof::Remark;
use crate::review::ref_proof::findings::of_remarks;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-pre-release",
    severity: Severity::Warning,
    means: "The new tag of a source is a pre-release, such as a release candidate, the one before was none, and `track` does not name such tags. BuildStream takes `v1.0-rc1` for later than `v1.0`, so that patterns like `v*` lead to pre-releases.",
    remedy: "Add the pre-releases to `exclude`, as in `*-rc*`, and track again; or make sure that the pre-release is wanted.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    of_remarks(element, &RULE, |pin, remark| {
        let Remark::PreRelease { tag } = remark else { return None };
        Some(format!("{} is now at {}, a pre-release", shown(&pin.url), shown(tag)))
    })
}
