//! Rust elements of which only a list says something.

use super::names;
use crate::finding::{Finding, Rule, Severity};
use crate::text::Location;
use crate::workflows::Facts;
use std::collections::BTreeMap;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-listed",
    severity: Severity::Notice,
    means: "Rust elements are named in a list that the tracker reads while it runs: in a script, a here-document or a file of data. They are listed, which says neither that they are tracked nor that a person merges them: no script is run to find out. Or such a file cannot be read, so that nothing is known of what it lists.",
    remedy: "Nothing needs to change where the hold is required on every pull request. A matrix that is written in the workflow can be verified.",
};

/// Returns the findings of [`RULE`] on the workflows: one for each file.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let mut files: BTreeMap<&str, (&Location, Vec<&str>)> = BTreeMap::new();
    for (name, place) in facts.listed() {
        let (first, listed) = files.entry(&place.path).or_insert((place, Vec::new()));
        *first = if place.line < first.line { place } else { first };
        listed.push(name);
    }
    let found = files.into_iter().map(|(path, (first, listed))| {
        let what = match listed.len() {
            1 => "that it is tracked, and what merges it, is not verified",
            _ => "that they are tracked, and what merges them, is not verified",
        };
        let message = format!("`{}` lists {}: {what}", path.escape_debug(), names(listed));
        Finding::new(&RULE, message).at(first.clone())
    });
    let nowhere = |name: &String| !facts.names(name) && !facts.lists.elements.contains_key(name);
    let missing = facts.project.rust.iter().any(|rust| rust.tracked && nowhere(&rust.name));
    let unread = facts.lists.unread.iter().filter(|_| missing).map(|(path, why)| {
        let message = format!("what this file lists for the tracker is not known: {why}");
        Finding::new(&RULE, message).at(Location::file(path))
    });
    found.chain(unread).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::{dynamic, rust_untracked, testing::*};

    const DYNAMIC: &str = "jobs:\n  m:\n    steps:\n      - run: echo \"m=$(python3 scripts/sources.py --matrix)\" >> \"$GITHUB_OUTPUT\"\n  t:\n    strategy:\n      matrix: ${{ fromJSON(needs.m.outputs.m) }}\n    steps:\n      - run: just bst source track \"$ELEMENT\"\n";

    #[test]
    fn a_list_is_reported_with_its_place_and_what_is_in_none_is_untracked() {
        let script =
            "TRACKED = [\n    # (\"c.bst\", \"later\"),\n    (\"x/b.bst\", \"b\"),\n    (\"a.bst\", \"a\"),\n]\n";
        let linted = lint_with(DYNAMIC, &[("scripts/sources.py", Ok(script))], &["a.bst", "x/b.bst", "c.bst"]);
        assert_eq!(
            show(&RULE, &linted.findings),
            [
                "scripts/sources.py:3:7: `scripts/sources.py` lists `a.bst`, `x/b.bst`: that they are tracked, and what merges them, is not verified"
            ]
        );
        assert_eq!(
            show(&rust_untracked::RULE, &linted.findings),
            [
                "elements/c.bst: `c.bst` is a Rust element with `track:`, but neither an entry nor a list of the tracker names it"
            ]
        );
        assert_eq!((linted.style.name(), linted.listed), ("listed", 2));
        assert_eq!(show(&dynamic::RULE, &linted.findings).len(), 1, "what merges is not verified");
    }

    #[test]
    fn what_cannot_be_read_is_said_and_nothing_is_called_untracked() {
        let files =
            [("scripts/sources.py", Ok("A = ['a.bst', LISTS / 'more.json']\n")), ("scripts/more.json", Err("no"))];
        let linted = lint_with(DYNAMIC, &files, &["a.bst", "c.bst"]);
        assert_eq!(
            show(&RULE, &linted.findings),
            [
                "scripts/more.json: what this file lists for the tracker is not known: no",
                "scripts/sources.py:1:7: `scripts/sources.py` lists `a.bst`: that it is tracked, and what merges it, is not verified"
            ]
        );
        assert!(show(&rust_untracked::RULE, &linted.findings).is_empty());
        let all = lint_with(DYNAMIC, &files, &["a.bst"]);
        assert_eq!(show(&RULE, &all.findings).len(), 1, "nothing depends on it");
    }

    #[test]
    fn beside_a_matrix_the_listed_element_is_not_taken_for_tracked() {
        let text = format!("{TRACKER}      - run: scripts/more.sh\n");
        let script = "for element in x/new.bst; do\n  bst source track \"$element\"\ndone\n";
        let linted = lint_with(&text, &[("scripts/more.sh", Ok(script))], &["x/new.bst", "bluefin/uutils.bst"]);
        assert_eq!(show(&RULE, &linted.findings).len(), 1);
        assert!(show(&rust_untracked::RULE, &linted.findings).is_empty());
        assert_eq!((linted.style.name(), linted.listed), ("per-element", 1));
    }
}
