//! A merge whose condition is not understood.

use crate::finding::{Finding, Rule, Severity};
use crate::workflows::Facts;
use crate::workflows::matrix::Policy;
use crate::workflows::values::Tri;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-merge-unclear",
    severity: Severity::Warning,
    means: "A step of the tracker merges under a condition that depends on the entry in a way that is not understood here, so it is unknown whether it spares the entries that a human should merge.",
    remedy: "Write the condition as a plain comparison with `matrix.group`.",
};

/// Reports each such step once.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    let Some(tracker) = &facts.tracker else {
        return out;
    };
    for (job, steps) in tracker.workflow.jobs.iter().zip(&tracker.merging) {
        for step in steps {
            let rust = |e: &crate::workflows::matrix::MatrixEntry| {
                facts.project.rust.iter().any(|r| e.words.iter().any(|w| w.brings(&r.name, job.deep)))
            };
            let unsure = |(e, r): (_, &Tri)| {
                *r == Tri::Unclear && (Policy::Manual == crate::workflows::matrix::MatrixEntry::policy(e) || rust(e))
            };
            if job.entries.iter().zip(&step.reached).any(unsure) {
                let message = "it is unknown whether this merges what a human should merge";
                out.push(Finding::new(&RULE, message).at(facts.locate(step.span)));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn a_condition_that_is_not_understood_is_said() {
        let text = TRACKER.replace(
            "if [ \"${{ matrix.group }}\" = \"auto-merge\" ]; then",
            "if grep -q auto <<< \"${{ matrix.group }}\"; then",
        );
        assert_eq!(
            messages(&RULE, &text, &["r.bst"]),
            ["t.yml:40:13: it is unknown whether this merges what a human should merge"]
        );
        assert!(messages(&RULE, TRACKER, &["r.bst"]).is_empty());
    }
}
