//! A matrix that is made while running.

use super::names;
use crate::finding::{Finding, Rule, Severity};
use crate::workflows::{Facts, HOLD};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-dynamic",
    severity: Severity::Warning,
    means: "The tracker's matrix, or a part of it, is only known when the workflow runs. Which elements are in it, and what merges them, is not verified.",
    remedy: "Nothing needs to change where the hold is required on every pull request. A matrix that is written in the file can be verified.",
};

/// Returns the findings of [`RULE`] on the workflows.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some((job, span)) = facts.dynamic() else {
        return Vec::new();
    };
    let unverified = facts.project.rust.iter().filter(|r| !facts.names(&r.name));
    let unverified = names(unverified.map(|r| r.name.as_str()));
    let mut finding = Finding::new(
        &RULE,
        format!("the matrix of the job `{}` is made while the workflow runs: what it tracks is not verified", job.name),
    );
    finding = finding.at(facts.locate(span));
    if !unverified.is_empty() {
        finding = finding.note(format!("not verified: {unverified}"));
    }
    vec![finding.help(format!("require the check `{HOLD}` on the branch that it opens pull requests to"))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn it_is_said_with_the_elements_that_are_not_verified() {
        let text = "jobs:\n  t:\n    strategy:\n      matrix: ${{ fromJSON(needs.m.outputs.matrix) }}\n";
        let linted = lint(Some(text), &[], &["a.bst"]);
        assert_eq!(
            show(&RULE, &linted.findings),
            ["t.yml:4:15: the matrix of the job `t` is made while the workflow runs: what it tracks is not verified"]
        );
        assert_eq!(linted.findings.len(), 1);
        assert_eq!(linted.findings[0].notes, ["not verified: `a.bst`"]);
    }
}
