//! Two entries that push to one branch.

use crate::finding::{Finding, Rule, Severity};
use crate::workflows::Facts;
use std::collections::HashMap;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-branch-doubled",
    severity: Severity::Error,
    means: "Two entries of the tracker push to the same branch: the second overwrites the first, and a change that needs a human can end in a pull request that merges by itself.",
    remedy: "Give each entry a branch of its own.",
};

/// Returns the findings of [`RULE`] on the workflows.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut out = Vec::new();
    for (_, entry) in facts.entries() {
        let Some(node) = entry.node.get("branch").filter(|n| n.as_str().is_some_and(|t| !t.contains("${{"))) else {
            continue;
        };
        let (name, place) = (node.as_str().unwrap_or_default(), node.location());
        if let Some(before) = first.get(name) {
            let message =
                format!("the branch `{}` is used a second time; line {before} uses it too", name.escape_debug());
            out.push(Finding::new(&RULE, message).at(place));
        } else {
            first.insert(name, place.line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn the_second_use_is_shown() {
        let text = TRACKER.replace("auto/track-sudo-rs", "'auto/track-brew'");
        assert_eq!(
            messages(&RULE, &text, &["r.bst"]),
            ["t.yml:28:21: the branch `auto/track-brew` is used a second time; line 19 uses it too"]
        );
        assert!(messages(&RULE, TRACKER, &["r.bst"]).is_empty());
    }
}
