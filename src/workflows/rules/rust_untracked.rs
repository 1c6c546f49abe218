//! A Rust element that is followed by nothing.

use crate::finding::{Finding, Rule, Severity};
use crate::text::Location;
use crate::workflows::{Facts, new_entry, untracked};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-rust-untracked",
    severity: Severity::Warning,
    means: "A Rust element has a source with `track:`, but neither an entry nor a list of the tracker names it: it is never updated, and the first update by hand skips the manual group. It is a notice where a comment at the sources says that it is not tracked. A folder in which nothing is tracked is one finding.",
    remedy: "Add an entry in the group `manual-merge`; `cargo2-bot check --fix=tracker` models it on its siblings. Where that is meant, say so in a comment at the sources, such as `# not tracked: …`, or in the configuration.",
};

/// Returns the findings of [`RULE`] on the workflows.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let lists = !facts.lists.elements.is_empty();
    if (facts.entries().next().is_none() && !facts.lists.are_whole()) || facts.tracks_unknown_elements() {
        return Vec::new();
    }
    let rust = facts.project.rust.iter().filter(|r| r.tracked);
    let unnamed = rust.filter(|r| !facts.names(&r.name) && !facts.lists.elements.contains_key(&r.name));
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let tracked_folder = |path: &str| {
        let mut beside = facts.project.rust.iter().filter(|r| r.tracked && folder(&r.path) == folder(path));
        beside.any(|r| facts.names(&r.name) || facts.lists.elements.contains_key(&r.name))
    };
    let findings = unnamed.map(|rust| {
        let what = if lists {
            "neither an entry nor a list of the tracker names it"
        } else {
            "no entry of the tracker names it"
        };
        let message = format!("`{}` is a Rust element with `track:`, but {what}", rust.name);
        let mut finding = Finding::new(&RULE, message).at(Location::file(&rust.path)).of(&rust.name);
        if let Some(why) = &rust.untracked {
            finding.severity = Severity::Notice;
            return finding.note(format!("its file says why: {}", why.escape_debug()));
        }
        if !tracked_folder(&rust.path) {
            finding = finding.because_of(untracked::cause(&rust.path));
        }
        match (new_entry::new_entry(facts, &rust.name), facts.file()) {
            (Some(edits), Some(file)) => finding
                .fix(file, edits)
                .help("`cargo2-bot check --fix=tracker` adds an entry in the group `manual-merge`"),
            _ if facts.entries().next().is_none() => finding.help("add it to the list that the tracker reads"),
            _ => finding.help("add an entry for it in the group `manual-merge`"),
        }
    });
    findings.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn a_new_entry_is_after_the_last_manual_one_and_looks_like_it() {
        assert_eq!(
            messages(&RULE, TRACKER, &["bluefin/sudo-rs.bst", "bluefin/ripgrep.bst", "bluefin/pinned.bst!"]),
            [
                "elements/bluefin/ripgrep.bst: `bluefin/ripgrep.bst` is a Rust element with `track:`, but no entry of the tracker names it"
            ]
        );
        assert_eq!(
            fixed(&RULE, TRACKER, &["bluefin/ripgrep.bst"]),
            "+          - group: manual-merge\n+            element: bluefin/ripgrep.bst\n+            branch: auto/track-ripgrep\n+            title: \"chore(deps): update ripgrep\"\n"
        );
        let fixed = fixed(&RULE, TRACKER, &["bluefin/a.bst", "bluefin/b.bst"]);
        assert_eq!(fixed.matches("element:").count(), 2);
    }

    #[test]
    fn keys_of_most_siblings_are_kept_and_those_of_one_are_not() {
        let based = TRACKER.replace("\"\n          ", "\"\n            base_branch: testing\n          ");
        let based = based.replace("branch: auto/track-sudo-rs", "note: x\n            branch: auto/track-sudo-rs");
        assert_eq!(
            fixed(&RULE, &based, &["x/y.bst"]),
            "+          - group: manual-merge\n+            element: x/y.bst\n+            branch: auto/track-y\n+            title: \"chore(deps): update y\"\n+            base_branch: testing\n"
        );
    }

    #[test]
    fn without_a_manual_entry_one_is_made_and_its_group_is_offered() {
        let from = TRACKER.find("          # ── manual").unwrap();
        let to = TRACKER.find("\n    steps").unwrap();
        let text = format!("{}{}", &TRACKER[..from], &TRACKER[to..]).replace("          - manual-merge\n", "");
        assert_eq!(
            fixed(&RULE, &text, &["x/y.bst"]),
            "+          - manual-merge\n+          - group: manual-merge\n+            element: x/y.bst\n+            branch: auto/track-y\n+            title: \"chore(deps): update y\"\n"
        );
    }

    #[test]
    fn lists_grow_with_the_spelling_of_their_items() {
        assert_eq!(fixed(&RULE, LISTS, &["x/y.bst"]), "+              elements/x/y.bst\n");
    }

    #[test]
    fn a_bundle_entry_keeps_the_note_of_rust_entries() {
        let text = "jobs:\n  t:\n    strategy:\n      matrix:\n        include:\n          - element: a.bst\n            title: 'update a'\n          - element: r.bst\n            title: 'update r'\n            note: \"review: core\"\n          - element: z.bst\n            title: 'update z'";
        assert_eq!(
            fixed(&RULE, text, &["r.bst", "q.bst"]),
            "+          - element: q.bst\n+            title: 'update q'\n+            note: \"review: core\"\n"
        );
    }

    #[test]
    fn flow_entries_and_windows_line_endings_are_kept() {
        let text = "jobs:\r\n  t:\r\n    strategy:\r\n      matrix:\r\n        include:\r\n        - {group: manual-merge, element: a.bst, branch: t-a}\r\n";
        let findings = lint(Some(text), &[], &["q.bst"]).findings;
        let fix = findings.iter().find_map(|f| f.fix.clone()).unwrap();
        let new = crate::workflows::apply(&fix.file, &fix.edits).unwrap();
        assert_eq!(&*new.text, format!("{text}        - {{group: manual-merge, element: q.bst, branch: t-q}}\r\n"));
    }

    #[test]
    fn no_fix_is_guessed() {
        let folders = "jobs:\n  t:\n    strategy:\n      matrix:\n        include:\n          - group: manual-merge\n            paths: a\n            branch: t\n";
        let odd = TRACKER
            .replace("auto/track-sudo-rs", "one")
            .replace("auto/track-uutils", "two")
            .replace("auto/track-junction", "three");
        for (text, element) in
            [(folders, "q/q.bst"), (odd.as_str(), "q.bst"), (TRACKER, "q q.bst"), (TRACKER, "x/brew.bst")]
        {
            assert_eq!(messages(&RULE, text, &[element]).len(), 1);
            assert_eq!(fixed(&RULE, text, &[element]), "no fix", "{element}");
        }
    }

    #[test]
    fn what_a_job_names_or_nothing_names_is_left_alone() {
        let with_job = format!("{TRACKER}  other:\n    steps:\n      - run: mise run x elements/q.bst\n");
        assert!(messages(&RULE, &with_job, &["q.bst"]).is_empty());
        let all = format!("{TRACKER}  other:\n    steps:\n      - run: just track-all\n");
        assert!(messages(&RULE, &all, &["q.bst"]).is_empty());
        let other = "jobs:\n  o:\n    steps:\n      - run: bst source track elements/q.bst\n";
        assert!(show(&RULE, &lint(Some(TRACKER), &[other], &["q.bst"]).findings).is_empty());
    }
}
