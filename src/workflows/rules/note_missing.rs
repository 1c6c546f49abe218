//! A Rust element in a bundle without the note that marks what a person reviews.

use crate::finding::{Finding, Rule, Severity};
use crate::workflows::matrix::{MatrixEntry, NOTE};
use crate::workflows::{Facts, Form, fixes, new_entry, words};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-note-missing",
    severity: Severity::Warning,
    means: "The tracker makes one pull request for all elements, and notes say which of its rows a person reviews; the row of a Rust element has no such note, so that its crates pass for a routine update.",
    remedy: "Give the element's entry the note that its siblings have; `cargo2-bot check --fix` does so where they all write it in one way.",
};

/// The note of a Rust element where the notes of its siblings say nothing that is true of it as well.
const PLAIN: &str = "\"manual review: Rust crates\"";

/// Returns the findings of [`RULE`] on the workflows. Where no entry has such a note, the project has no such mark.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let marked: Vec<&MatrixEntry> = facts.entries().map(|(_, entry)| entry).filter(|e| e.is_for_review()).collect();
    let Some(file) = facts.file().filter(|_| facts.form() == Form::Bundle && !marked.is_empty()) else {
        return Vec::new();
    };
    let note = note(facts, &marked);
    let mut out = Vec::new();
    for rust in facts.project.rust {
        for place in facts.places(&rust.name) {
            let Some((_, entry)) = facts.entry(*place).filter(|(_, entry)| !entry.is_for_review()) else { continue };
            let span = entry.words.get(place.word).map_or(entry.node.span, |word| word.span);
            let message = format!("`{}` is a Rust element, and no note says that a person reviews it", rust.name);
            let finding = Finding::new(&RULE, message).at(facts.locate(span)).of(&rust.name);
            let finding = match fixes::add_key(&entry.node, &marked, NOTE, note) {
                Some(edit) => finding.fix(file, vec![edit]).help(format!("`--fix` adds `{NOTE}: {note}` to its entry")),
                None if entry.text(NOTE).is_some() => finding.help("let the note of its entry ask for a review"),
                None => finding.help(format!("add `{NOTE}: {note}` to its entry")),
            };
            out.push(finding);
        }
    }
    out
}

/// The note that the Rust elements among the marked entries have, as it is written: the one that all have, and that does not name one.
fn note<'f>(facts: &Facts<'_>, marked: &[&'f MatrixEntry]) -> &'f str {
    let rust = marked.iter().filter(|entry| entry.elements().any(|name| facts.is_rust(name)));
    let mut notes = rust.map(|entry| {
        let node = entry.node.get(NOTE).filter(|node| fixes::inner(node).is_some())?;
        let raw = words::raw(node);
        let named = entry.elements().any(|name| new_entry::replace_word(raw, new_entry::stem(name)) != raw);
        Some(raw).filter(|_| !named)
    });
    let first = notes.next().flatten();
    first.filter(|first| notes.all(|note| note == Some(*first))).unwrap_or(PLAIN)
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
        insta::assert_snapshot!(finding.unwrap().help.unwrap(), @r#"`--fix` adds `note: "review: core system component"` to its entry"#);
        // A note about something else is none.
        assert_eq!(messages(&RULE, BUNDLE, &["z.bst"]).len(), 1);
    }

    #[test]
    fn where_no_note_asks_for_a_review_there_is_no_such_mark() {
        let without = BUNDLE.replace("            note: \"review: core system component\"\n", "");
        assert!(messages(&RULE, &without, &["a.bst", "r.bst"]).is_empty());
        assert!(messages(&RULE, TRACKER, &["bluefin/sudo-rs.bst"]).is_empty());
    }

    /// The lines that the fixes of the rule add, or its advice where there is no fix.
    fn added(text: &str, rust: &[&str]) -> String {
        let findings: Vec<_> = lint(Some(text), &[], rust).findings.into_iter().filter(|f| f.rule == &RULE).collect();
        let (changes, _) = crate::finding::fixes::combine(&findings);
        let Some(change) = changes.first() else { return findings[0].help.clone().unwrap() };
        assert!(messages(&RULE, &change.new.text, rust).is_empty(), "{}", change.new.text);
        let diff = similar::TextDiff::from_lines(text, &*change.new.text);
        let new = diff.iter_all_changes().filter(|line| line.tag() == similar::ChangeTag::Insert);
        new.map(|line| line.value().to_owned()).collect()
    }

    #[test]
    fn the_note_is_added_as_the_siblings_write_it() {
        let note = "            note: \"review: core system component\"\n";
        assert_eq!(added(BUNDLE, &["a.bst", "r.bst"]), note);
        let crlf = BUNDLE.replace('\n', "\r\n");
        assert_eq!(added(&crlf, &["a.bst", "r.bst"]), note.replace('\n', "\r\n"));
        let commented = BUNDLE.replace("'update a'\n", "'update a' # as ever\n          # The next one.\n\n");
        assert_eq!(added(&commented, &["a.bst", "r.bst"]), note);
        let two = BUNDLE.replace("    steps", "          - element: b.bst\n            title: b\n    steps");
        assert_eq!(added(&two, &["a.bst", "b.bst", "r.bst"]), note.repeat(2));
    }

    #[test]
    fn a_note_that_is_about_a_sibling_is_not_copied() {
        let plain = "            note: \"manual review: Rust crates\"\n";
        assert_eq!(added(BUNDLE, &["a.bst"]), plain, "the marked one is no Rust element");
        let named = BUNDLE.replace("r.bst", "sudo-rs.bst").replace("core system", "sudo-rs is a core");
        assert_eq!(added(&named, &["a.bst", "sudo-rs.bst"]), plain);
        let differ = BUNDLE.replace("\"unreleased\"", "\"review: unreleased\"");
        assert_eq!(added(&differ, &["a.bst", "r.bst", "z.bst"]), plain);
    }

    #[test]
    fn flow_mappings_get_it_inside_their_braces() {
        let flow = "jobs:\n  t:\n    strategy:\n      matrix:\n        include:\n        - {element: a.bst, title: 'a' }\n        - {element: r.bst, note: 'review: core'}\n";
        assert_eq!(added(flow, &["a.bst", "r.bst"]), "        - {element: a.bst, title: 'a', note: 'review: core' }\n");
    }

    #[test]
    fn where_siblings_write_it_otherwise_a_person_adds_it() {
        let by_hand = "add `note: \"review: core system component\"` to its entry";
        let mixed = BUNDLE.replace(
            "          - element: a.bst\n            title: 'update a'\n",
            "          - {element: a.bst, title: x}\n",
        );
        let wider = BUNDLE.replace("            note: \"review", "            note:   \"review");
        let dash = BUNDLE.replace("          - element: a.bst", "          -\n            element: a.bst");
        let indented = BUNDLE.replace(
            "          - element: a.bst\n            title",
            "          -   element: a.bst\n              title",
        );
        for text in [mixed, wider, dash, indented] {
            assert_eq!(added(&text, &["a.bst", "r.bst"]), by_hand, "{text}");
        }
        let other = BUNDLE.replace("'update a'\n", "'update a'\n            note: unreleased\n");
        assert_eq!(added(&other, &["a.bst", "r.bst"]), "let the note of its entry ask for a review");
    }
}
