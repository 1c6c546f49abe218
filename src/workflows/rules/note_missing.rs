//! A Rust element in a bundle without the note that marks what a person reviews.

use crate::finding::{Finding, Rule, Severity};
use crate::workflows::matrix::{MatrixEntry, NOTE};
use crate::workflows::{Facts, Form, words};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-note-missing",
    severity: Severity::Warning,
    means: "The tracker makes one pull request for all elements, and notes say which of its rows a person reviews; the row of a Rust element has no such note, so that its crates pass for a routine update.",
    remedy: "Give the element's entry the note that its siblings have.",
};

/// Returns the findings of [`RULE`] on the workflows. Where no entry has such a note, the project has no such mark.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let marked: Vec<&MatrixEntry> = facts.entries().map(|(_, entry)| entry).filter(|e| e.is_for_review()).collect();
    if facts.form() != Form::Bundle || marked.is_empty() {
        return Vec::new();
    }
    let rust = |entry: &&&MatrixEntry| entry.elements().any(|name| facts.is_rust(name));
    let model = marked.iter().rev().find(rust).or(marked.last()).and_then(|entry| entry.node.get(NOTE));
    let mut out = Vec::new();
    for rust in facts.project.rust {
        for place in facts.places(&rust.name) {
            let Some((_, entry)) = facts.entry(*place).filter(|(_, entry)| !entry.is_for_review()) else { continue };
            let span = entry.words.get(place.word).map_or(entry.node.span, |word| word.span);
            let message = format!("`{}` is a Rust element, and no note says that a person reviews it", rust.name);
            let finding = Finding::new(&RULE, message).at(facts.locate(span)).of(&rust.name);
            let help = match model {
                Some(note) => format!("add `{NOTE}: {}` to its entry", words::raw(note)),
                None => "give its entry the note that its siblings have".to_owned(),
            };
            out.push(finding.help(help));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    const BUNDLE: &str = "jobs:\n  t:\n    strategy:\n      matrix:\n        include:\n          - element: a.bst\n            title: 'update a'\n          - element: r.bst\n            title: 'update r'\n            note: \"review: core system component\"\n          - element: z.bst\n            title: 'update z'\n            note: \"unreleased\"\n    steps:\n      - run: bst source track x\n";

    #[test]
    fn a_rust_element_without_the_note_is_found_and_that_of_its_siblings_is_named() {
        assert_eq!(
            messages(&RULE, BUNDLE, &["a.bst", "r.bst"]),
            ["t.yml:6:22: `a.bst` is a Rust element, and no note says that a person reviews it"]
        );
        let finding = lint(Some(BUNDLE), &[], &["a.bst", "r.bst"]).findings.into_iter().find(|f| f.rule == &RULE);
        insta::assert_snapshot!(finding.unwrap().help.unwrap(), @r#"add `note: "review: core system component"` to its entry"#);
        // A note about something else is none.
        assert_eq!(messages(&RULE, BUNDLE, &["z.bst"]).len(), 1);
    }

    #[test]
    fn where_no_note_asks_for_a_review_there_is_no_such_mark() {
        let without = BUNDLE.replace("            note: \"review: core system component\"\n", "");
        assert!(messages(&RULE, &without, &["a.bst", "r.bst"]).is_empty());
        assert!(messages(&RULE, TRACKER, &["bluefin/sudo-rs.bst"]).is_empty());
    }
}
