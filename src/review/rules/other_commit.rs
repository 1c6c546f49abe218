//! A file of the element from another commit than the element.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, shown};
use crate::review::evidence::Evidence;
use crate::review::ref_proof::Remark;
use crate::review::ref_proof::findings::of_remarks;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-other-commit",
    severity: Severity::Warning,
    means: "A file of the element is downloaded from a commit or tag of a repository that another source of the element pins at another commit: a `Cargo.lock` or a list of crates of another state of the program, for instance.",
    remedy: "Let both name the same commit.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    of_remarks(element, &RULE, |_, remark| {
        let Remark::OtherCommit { url, names } = remark else { return None };
        Some(format!("{} is of {}, which is not the commit that the element pins", shown(url), shown(names)))
    })
}
