//! A version that was withdrawn.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::ChangeContext;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-yanked",
    severity: Severity::Warning,
    means: "The change brings a version that its authors withdrew from use.",
    remedy: "Find out why it was withdrawn, and ask upstream for another version.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let (Some(index), Some(version)) = (case.index(), case.indexed()) else { return Vec::new() };
    if !version.yanked {
        return Vec::new();
    }
    let finding = case.finding(&RULE, format!("{} is yanked", case.who()));
    let yanked = index.versions.iter().filter(|v| v.yanked).count();
    vec![finding.note(format!("{yanked} of the crate's {} versions are", index.versions.len()))]
}
