//! Findings on the sources of an element whose commits moved.

use super::{RefProof, Remark};
use crate::finding::{Finding, Rule};
use crate::review::change_context::short;
use crate::review::{ElementReview, Pin, SourceMove};

/// The findings of a rule on the proofs of an element's sources, each with the commits before and after.
pub(crate) fn of_proofs(
    element: &ElementReview,
    rule: &'static Rule,
    message: impl Fn(&Pin, &RefProof) -> Option<String>,
) -> Vec<Finding> {
    let found = element.sources.iter().filter_map(|source| {
        let message = message(source.new.as_ref()?, source.proof.commit.as_ref()?)?;
        Some(finding(element, source, rule, message))
    });
    found.collect()
}

/// The findings of a rule on the remarks about an element's sources.
pub(crate) fn of_remarks(
    element: &ElementReview,
    rule: &'static Rule,
    message: impl Fn(&Pin, &Remark) -> Option<String>,
) -> Vec<Finding> {
    let remarks = element.sources.iter().flat_map(|source| source.proof.remarks.iter().map(move |one| (source, one)));
    let found = remarks.filter_map(|(source, remark)| {
        let message = message(source.new.as_ref()?, remark)?;
        Some(finding(element, source, rule, message))
    });
    found.collect()
}

/// A finding on a source that moved, with the commits before and after.
pub(crate) fn finding(element: &ElementReview, source: &SourceMove, rule: &'static Rule, message: String) -> Finding {
    let commit = |pin: &Option<Pin>| pin.as_ref()?.commit.as_deref().map(short);
    let commits: Vec<String> = [&source.old, &source.new].into_iter().filter_map(commit).collect();
    let finding = Finding::new(rule, message).of(&element.element).help(rule.remedy);
    if commits.is_empty() { finding } else { finding.note(commits.join(" → ")) }
}
