//! An archive that is far larger than before.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::ChangeContext;

/// The factor of growth that is reported.
const TIMES: u64 = 10;

/// Below this size, in bytes, nothing is reported.
const SMALL: u64 = 1 << 20;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-grew",
    severity: Severity::Notice,
    means: "A crate's archive is more than ten times as large as before and larger than 1 MiB. Generated code or test data is the usual reason.",
    remedy: "Look at which files are new.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let (Some(before), Some(after)) = (case.archive_before(), case.archive()) else { return Vec::new() };
    if after.size <= SMALL || after.size / TIMES <= before.size {
        return Vec::new();
    }
    let kib = |bytes: u64| bytes.div_ceil(1024);
    let sizes =
        format!("{} KiB in {} files instead of {} in {}", kib(after.size), after.files, kib(before.size), before.files);
    vec![case.finding(&RULE, format!("{} is more than ten times as large as the version before, {sizes}", case.who()))]
}
