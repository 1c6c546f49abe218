//! A lower version than before.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ChangeKind;
use crate::review::change_context::{ChangeContext, shown};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-downgraded",
    severity: Severity::Warning,
    means: "A crate goes down to a lower version of those that are compatible, or its only version does. Fixes of the higher version are lost. Where an element's own source goes back and crates with it, that is one finding.",
    remedy: "Find out in the upstream's history why it was taken back.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let (ChangeKind::Down(_), Some(before), Some(after)) = (case.change.kind, &case.change.before, &case.change.after)
    else {
        return Vec::new();
    };
    let message =
        format!("{} goes down from {} to {}", shown(&after.name), shown(&before.version), shown(&after.version));
    vec![case.finding(&RULE, message)]
}
