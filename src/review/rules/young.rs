//! A new crate that has only just appeared.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ChangeKind;
use crate::review::change_context::{ChangeContext, DAY, day};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-young",
    severity: Severity::Warning,
    means: "A crate that was not in the list before was first published less than 30 days ago.",
    remedy: "Look at who publishes it and what it does.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let (ChangeKind::Added | ChangeKind::ToRegistry, Some(born), Some(_)) =
        (case.change.kind, case.born(), case.registry())
    else {
        return Vec::new();
    };
    if case.age(born) >= 30 * DAY {
        return Vec::new();
    }
    let message = format!("{} is a new crate, first published on {}", case.who(), day(born));
    let versions = case.index().map_or(0, |c| c.versions.len());
    vec![case.finding(&RULE, message).note(format!("{versions} versions since {}", day(born)))]
}
