//! A workflow that is not read.

use crate::finding::{Finding, Rule, Severity};
use crate::workflows::Facts;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "workflow-unreadable",
    severity: Severity::Error,
    means: "A workflow cannot be read here, so what it tracks and merges is not verified.",
    remedy: "Fix the file at the place that is shown, or write it without anchors.",
};

/// Returns the findings of [`RULE`] on the workflows.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let findings = facts.unreadable.iter().map(|problem| {
        Finding::new(&RULE, format!("this workflow is not verified: {}", problem.reason)).at(problem.location.clone())
    });
    findings.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn it_is_said_with_its_place() {
        assert_eq!(messages(&RULE, "a: *x\n", &["r.bst"]).len(), 1);
        assert_eq!(
            show(&RULE, &lint(Some(TRACKER), &["a: &x 1\n"], &["r.bst"]).findings),
            ["o.yml:1:4: this workflow is not verified: anchors and tags are not read here"]
        );
    }
}
