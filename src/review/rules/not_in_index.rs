//! A crate or version that the registry does not have.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::ChangeContext;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-not-in-index",
    severity: Severity::Error,
    means: "The block pins a crate or a version that the registry's index does not have: it was never published, or it was removed, as the registry does with malicious crates.",
    remedy: "Do not merge. Find out what became of the version.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let (Some(_), Some(index)) = (case.registry(), case.index()) else { return Vec::new() };
    if case.indexed().is_some() {
        return Vec::new();
    }
    let finding = case.finding(&RULE, format!("{} is not in the registry's index", case.who()));
    let known = match index.versions.len() {
        0 => "the index does not have the crate at all".to_owned(),
        n => format!("the index has {n} other versions of the crate"),
    };
    vec![finding.note(known).help(RULE.remedy)]
}
