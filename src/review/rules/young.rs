//! A new crate that has only just appeared.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ChangeKind;
use crate::review::change_context::{ChangeContext, day};
use crate::review::published::ends;
use crate::review::rules::release_young;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-young",
    severity: Severity::Warning,
    means: "A crate that was not in the list before was first published less than fourteen days ago.",
    remedy: "Look at who publishes it and what it does. `quiet-days` in the configuration sets how long a crate is young.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let (ChangeKind::Added | ChangeKind::ToRegistry, Some(born), Some(_)) =
        (case.change.kind, case.born(), case.registry())
    else {
        return Vec::new();
    };
    let Some(end) = case.quiet_until(born, case.settings.quiet.new) else { return Vec::new() };
    let age = case.age_in_words(born);
    let message = format!("{} is a new crate, first published on {}, {age}", case.who(), day(born));
    let versions = case.index().map_or(0, |c| c.versions.len());
    let finding = case.finding(&RULE, message).because_of(release_young::cause(case));
    vec![finding.note(format!("{versions} versions since {}", day(born))).note(ends(end))]
}
