//! A checksum that is not the registry's.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, short};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-checksum-differs",
    severity: Severity::Error,
    means: "The block pins a crate to a checksum that is not the one in the registry's index. What would be built is not what was published, or the build fails.",
    remedy: "Do not merge. Compare the upstream Cargo.lock with the registry, and report it to upstream.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let (Some((_, sha)), Some(indexed)) = (case.registry(), case.indexed()) else { return Vec::new() };
    if sha.eq_ignore_ascii_case(&indexed.checksum) {
        return Vec::new();
    }
    let finding = case.finding(&RULE, format!("the checksum of {} differs from the one in the index", case.who()));
    vec![finding.note(format!("block {}, index {}", short(sha), short(&indexed.checksum))).help(RULE.remedy)]
}
