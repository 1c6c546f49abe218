//! A tracker without a matrix.

use crate::finding::{Finding, Rule, Severity};
use crate::text::Location;
use crate::workflows::{Facts, Form, HOLD};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-missing",
    severity: Severity::Notice,
    means: "The tracker has no matrix and no job for each element: it moves elements together, and which of them need a human is unknown.",
    remedy: "Nothing needs to change where the hold is required. With one entry for each element, the groups can be verified.",
};

/// Returns the findings of [`RULE`] on the workflows.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let (Form::NoMatrix, Some(file)) = (facts.form(), facts.file()) else {
        return Vec::new();
    };
    let message = "the tracker has no matrix: which elements need a human is unknown";
    let finding = Finding::new(&RULE, message).at(Location::file(&file.path));
    vec![finding.help(format!("require the check `{HOLD}` on the branch that it opens pull requests to"))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn tracking_all_at_once_is_said_once() {
        let text = "jobs:\n  t:\n    steps:\n      - run: just track-all\n";
        let linted = lint(Some(text), &[], &["a.bst", "b.bst"]);
        assert_eq!(linted.findings.len(), 1);
        assert_eq!(
            show(&RULE, &linted.findings),
            ["t.yml: the tracker has no matrix: which elements need a human is unknown"]
        );
    }

    #[test]
    fn a_job_for_each_element_is_no_lack() {
        let text = "jobs:\n  t:\n    steps:\n      - run: bst source track a.bst\n";
        assert!(messages(&RULE, text, &["a.bst"]).is_empty());
    }
}
