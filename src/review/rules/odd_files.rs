//! Files that sources do not need.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, listed};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-odd-files",
    severity: Severity::Warning,
    means: "The archive of a changed crate newly holds files that are not source: programs, libraries, objects. Nobody can read what they do.",
    remedy: "Find out what the files are for, and whether the build uses them.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let Some(after) = case.archive() else { return Vec::new() };
    let before = case.archive_before().map(|b| b.odd_files.as_slice()).unwrap_or_default();
    let new: Vec<&String> = after.odd_files.iter().filter(|file| !before.contains(file)).collect();
    if new.is_empty() {
        return Vec::new();
    }
    let message = format!("the archive of {} holds files that are not source", case.who());
    vec![case.finding(&RULE, message).note(listed(&new, 5)).help(RULE.remedy)]
}
