//! A version that a person's token published, after one that a checked workflow did.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, shown};
use crate::review::publisher::Publisher;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-trusted-publishing-lost",
    severity: Severity::Warning,
    means: "The version before was published by a workflow whose identity the registry checked, and this one with an account's token. Stolen tokens publish so.",
    remedy: "Look whether the upstream's repository has this release, and why its workflow did not publish it.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let Some((_, new, old)) = case.publishers() else { return Vec::new() };
    let (Publisher::Workflow(workflow), Publisher::Account(_, login)) = (&old.by, &new.by) else { return Vec::new() };
    let message = format!("{} was published with a token, unlike the version before", case.who());
    let finding =
        case.finding(&RULE, message).note(format!("by {}, before by a workflow of {}", shown(login), shown(workflow)));
    vec![finding.help("look whether the upstream's repository has this release")]
}
