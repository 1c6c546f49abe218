//! An element in two entries.

use crate::finding::{Finding, Rule, Severity};
use crate::workflows::Facts;
use crate::workflows::words::Target;
use std::collections::HashMap;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-element-doubled",
    severity: Severity::Warning,
    means: "Two entries of the tracker name the same element: two pull requests move it, and the weaker group decides what merges.",
    remedy: "Keep one of the entries.",
};

/// Returns the findings of [`RULE`] on the workflows.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut out = Vec::new();
    for (_, _, word, _) in facts.words() {
        let Target::Element(name) = &word.target else {
            continue;
        };
        let line = facts.locate(word.span).line;
        if let Some(before) = first.get(name.as_str()) {
            let message = format!("`{}` is named a second time; line {before} names it too", name.escape_debug());
            out.push(Finding::new(&RULE, message).at(facts.locate(word.span)).of(name));
        } else {
            first.insert(name, line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn the_second_place_is_shown_however_it_is_spelled() {
        let text = TRACKER.replace("element: junction.bst", "element: elements/bluefin/brew.bst");
        assert_eq!(
            messages(&RULE, &text, &["r.bst"]),
            ["t.yml:23:22: `bluefin/brew.bst` is named a second time; line 18 names it too"]
        );
        assert!(messages(&RULE, TRACKER, &["r.bst"]).is_empty());
    }
}
