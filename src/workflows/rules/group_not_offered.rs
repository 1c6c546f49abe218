//! A group that cannot be chosen.

use crate::finding::{Finding, Rule, Severity};
use crate::workflows::{Facts, fixes};
use std::collections::BTreeSet;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-group-not-offered",
    severity: Severity::Warning,
    means: "An entry's group is not among the options of `workflow_dispatch`: nobody can start its tracking alone.",
    remedy: "Add the group to the options; `cargo2-bot check --fix` does.",
};

/// Reports each such group once.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let offered = facts.tracker.as_ref().and_then(|t| t.workflow.offered.as_ref()).and_then(|n| n.as_list());
    let Some(offered) = offered else {
        return Vec::new();
    };
    let mut seen: BTreeSet<&str> = offered.iter().filter_map(|n| n.as_str()).collect();
    let mut out = Vec::new();
    for (_, entry) in facts.entries() {
        let Some((node, name)) = entry.group().and_then(|n| Some((n, n.as_str()?))) else {
            continue;
        };
        if name.contains("${{") || !seen.insert(name) {
            continue;
        }
        let message = format!("the group `{}` is not among the options of `workflow_dispatch`", name.escape_debug());
        let finding = Finding::new(&RULE, message).at(node.location());
        out.push(match (fixes::offer(facts, name), facts.file()) {
            (Some(edit), Some(file)) => finding.fix(file, vec![edit]),
            _ => finding,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn the_group_becomes_the_last_option() {
        let text = TRACKER.replacen("- group: auto-merge", "- group: extra", 1);
        assert_eq!(
            messages(&RULE, &text, &["r.bst"]),
            ["t.yml:17:20: the group `extra` is not among the options of `workflow_dispatch`"]
        );
        assert_eq!(fixed(&RULE, &text, &["r.bst"]), "+          - extra\n");
        let flow = text.replace(
            "options:\n          - all\n          - auto-merge\n          - manual-merge\n",
            "options: ['manual-merge', 'all'] # c\n",
        );
        assert_eq!(
            fixed(&RULE, &flow, &["r.bst"]),
            "-        options: ['manual-merge', 'all'] # c\n+        options: ['manual-merge', 'all', extra] # c\n"
        );
    }

    #[test]
    fn without_options_there_is_nothing_to_offer() {
        assert!(messages(&RULE, LISTS, &["r.bst"]).is_empty());
    }
}
