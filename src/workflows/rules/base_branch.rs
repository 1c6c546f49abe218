//! An entry with another base branch than its siblings.

use crate::finding::{Finding, Rule, Severity};
use crate::workflows::Facts;
use std::collections::BTreeMap;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-base-branch",
    severity: Severity::Notice,
    means: "An entry opens its pull requests against another branch than the other entries do. Other rules may hold there, and other automation may merge there.",
    remedy: "Make sure that the hold is required on that branch too.",
};

/// Returns the findings of [`RULE`] on the workflows.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let mut counts: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for (_, entry) in facts.entries() {
        *counts.entry(entry.text("base_branch")).or_default() += 1;
    }
    let total: usize = counts.values().sum();
    let usual = counts.iter().find(|(_, count)| **count * 2 > total).map(|(branch, _)| *branch);
    let Some(usual) = usual else {
        return Vec::new();
    };
    let shown = |branch: Option<&str>| {
        branch.map_or("no `base_branch`".into(), |b| format!("`base_branch: {}`", b.escape_debug()))
    };
    let odd = facts.entries().filter(|(_, e)| e.text("base_branch") != usual);
    let findings = odd.map(|(_, entry)| {
        let message = format!("this entry has {}, most others have {}", shown(entry.text("base_branch")), shown(usual));
        Finding::new(&RULE, message).at(entry.node.get("base_branch").unwrap_or(&entry.node).location())
    });
    findings.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn the_odd_one_out_is_shown() {
        let text =
            TRACKER.replace("branch: auto/track-brew", "branch: auto/track-brew\n            base_branch: testing");
        assert_eq!(
            messages(&RULE, &text, &["r.bst"]),
            ["t.yml:20:26: this entry has `base_branch: testing`, most others have no `base_branch`"]
        );
        assert!(messages(&RULE, TRACKER, &["r.bst"]).is_empty());
    }
}
