//! A step that merges what a human should merge.

use super::names;
use crate::finding::{Finding, Rule, Severity};
use crate::workflows::matrix::Policy;
use crate::workflows::merging::commands::Action;
use crate::workflows::{Facts, HOLD};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-manual-merged",
    severity: Severity::Error,
    means: "A step of the tracker merges, or enables auto-merge, also for entries that a human should merge: the name of the group stops nothing.",
    remedy: "Run the merge only where the entry's group is `auto-merge`.",
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
            let reached =
                job.entries.iter().zip(&step.reached).filter(|(e, r)| e.policy() == Policy::Manual && r.happens());
            let held: Vec<&str> = reached.flat_map(|(e, _)| e.words.iter().map(|w| w.text.as_str())).collect();
            if held.is_empty() {
                continue;
            }
            let what = match step.action {
                Action::Push => "pushes to the base branch what a human should merge:",
                _ => "merges pull requests that a human should merge: those of",
            };
            let message = format!("this {what} {}", names(held.iter().copied()));
            let finding = Finding::new(&RULE, message).at(facts.locate(step.span));
            let finding = finding.note(format!("the check `{HOLD}` holds them where it is required"));
            out.push(finding.help("run it only where `matrix.group` is `auto-merge`"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn a_merge_without_condition_is_shown_with_what_it_merges() {
        let text = TRACKER.replace("if [ \"${{ matrix.group }}\" = \"auto-merge\" ]; then", "if true; then");
        assert_eq!(
            messages(&RULE, &text, &["r.bst"]),
            [
                "t.yml:40:13: this merges pull requests that a human should merge: those of `junction.bst`, `bluefin/sudo-rs.bst`, `bluefin/uutils.bst`"
            ]
        );
    }

    #[test]
    fn a_merge_for_other_entries_is_none() {
        assert!(messages(&RULE, TRACKER, &["r.bst"]).is_empty());
        assert!(messages(&RULE, LISTS, &["r.bst"]).is_empty());
    }

    #[test]
    fn a_push_to_the_base_branch_is_a_merge() {
        let text = TRACKER.replace("gh pr merge \"$URL\" --auto --squash", "git push origin HEAD:main");
        let text = text.replace("if [ \"${{ matrix.group }}\" = \"auto-merge\" ]; then", "if true; then");
        assert!(messages(&RULE, &text, &["r.bst"])[0].starts_with("t.yml:40:13: this pushes to the base branch what"));
    }
}
