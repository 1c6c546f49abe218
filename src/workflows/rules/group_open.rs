//! A Rust element in a group that says nothing about merging.

use super::names;
use crate::finding::{Finding, Rule, Severity};
use crate::workflows::matrix::Policy;
use crate::workflows::{Facts, Form, HOLD};
use std::collections::BTreeMap;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-group-open",
    severity: Severity::Notice,
    means: "A Rust element is tracked in a group whose name says neither that it merges by itself nor that a human merges it. No command in the steps of its job merges it today; scripts and actions that they run are not followed.",
    remedy: "Put the element into the group `manual-merge`, so that a later change of the workflow does not merge it.",
};

/// Reports each such group once, with its Rust elements.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    // A bundle has no groups; where notes mark what is reviewed, another rule looks for them.
    if facts.form() == Form::Bundle && facts.entries().any(|(_, entry)| entry.is_for_review()) {
        return Vec::new();
    }
    let mut groups: BTreeMap<Option<&str>, Vec<(&str, crate::text::Span)>> = BTreeMap::new();
    for rust in facts.project.rust {
        for place in facts.places(&rust.name) {
            let Some((_, entry)) = facts.entry(*place) else {
                continue;
            };
            if entry.policy() == Policy::Open && !facts.merged(*place).happens() {
                let name = entry.group().and_then(|n| n.as_str());
                let span = entry.words.get(place.word).map_or(entry.node.span, |w| w.span);
                groups.entry(name).or_default().push((&rust.name, span));
            }
        }
    }
    let findings = groups.into_iter().map(|(group, elements)| {
        let all = names(elements.iter().map(|(name, _)| *name));
        let message = match group {
            Some(group) => format!(
                "the group `{}` says nothing about merging; it holds the Rust elements {all}",
                group.escape_debug()
            ),
            None => format!("these Rust elements are tracked without a group: {all}"),
        };
        let place = elements.first().map_or_else(Default::default, |(_, span)| *span);
        let note = format!("the check `{HOLD}` holds their pull requests where it is required");
        Finding::new(&RULE, message).at(facts.locate(place)).note(note)
    });
    findings.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn a_group_is_reported_once_with_its_rust_elements() {
        let text = TRACKER.replace("group: manual-merge", "group: bluefin");
        assert_eq!(
            messages(&RULE, &text, &["bluefin/sudo-rs.bst", "bluefin/uutils.bst"]),
            [
                "t.yml:27:22: the group `bluefin` says nothing about merging; it holds the Rust elements `bluefin/sudo-rs.bst`, `bluefin/uutils.bst`"
            ]
        );
        assert!(messages(&RULE, TRACKER, &["bluefin/sudo-rs.bst"]).is_empty());
    }

    #[test]
    fn a_bundle_has_no_groups() {
        let text = "jobs:\n  t:\n    strategy:\n      matrix:\n        include:\n          - element: a.bst\n            title: x\n";
        assert_eq!(
            messages(&RULE, text, &["a.bst"]),
            ["t.yml:6:22: these Rust elements are tracked without a group: `a.bst`"]
        );
        // Where notes mark what is reviewed, nothing is open.
        assert!(messages(&RULE, &text.replace("title: x", "note: 'review: x'"), &["a.bst"]).is_empty());
    }
}
