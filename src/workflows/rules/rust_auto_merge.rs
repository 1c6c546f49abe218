//! A Rust element whose pull requests merge without a human.

use crate::finding::{Finding, Rule, Severity};
use crate::workflows::job::Tracks;
use crate::workflows::matrix::{MatrixEntry, Policy};
use crate::workflows::merging::{JobStep, commands::Action};
use crate::workflows::{Facts, Place, Tracker, fixes};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "matrix-rust-auto-merge",
    severity: Severity::Error,
    means: "A Rust element is tracked in a way that merges its pull requests without a human, although hundreds of changed checksums must be reviewed.",
    remedy: "Move the element to the group `manual-merge`; `cargo2-bot check --fix` does where it can.",
};

/// Returns the findings of [`RULE`] on the workflows.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for rust in facts.project.rust {
        for place in facts.places(&rust.name) {
            out.extend(in_entry(facts, &rust.name, *place));
        }
    }
    for tracker in facts.tracker.iter().chain(&facts.others) {
        out.extend(in_jobs(facts, tracker));
    }
    out
}

fn in_entry(facts: &Facts<'_>, element: &str, place: Place) -> Option<Finding> {
    let (job, entry) = facts.entry(place)?;
    let merged = facts.merged(place);
    let why = match entry.policy() {
        Policy::Auto => format!("is tracked in {}, which merges by itself", group(entry)),
        Policy::Open if merged.happens() => {
            format!("is tracked in {}, which the job `{}` merges", group(entry), job.name)
        }
        _ => return None,
    };
    let word = entry.words.get(place.word)?;
    let mut finding = Finding::new(&RULE, format!("`{element}` is a Rust element and {why}"));
    finding = finding.at(facts.locate(word.span)).of(element);
    if !merged.happens() {
        finding = finding.note("no step of this job merges it as far as can be read; the entry states the intention");
    }
    if word.text.trim_start_matches("./").trim_end_matches('/').ends_with(".bst")
        && let (Some(edits), Some(file)) = (fixes::to_manual(facts, place), facts.file())
    {
        return Some(finding.fix(file, edits));
    }
    Some(finding.help("give the element an entry of its own in the group `manual-merge`"))
}

/// Returns the name of an entry in a message.
fn group(entry: &MatrixEntry) -> String {
    match entry.group().and_then(|n| n.as_str()) {
        Some(name) => format!("the group `{}`", name.escape_debug()),
        None => "an entry without a group".into(),
    }
}

/// Jobs without entries that track a Rust element and merge the pull request that they open, or push to the base branch.
fn in_jobs(facts: &Facts<'_>, tracker: &Tracker) -> Vec<Finding> {
    let mut out = Vec::new();
    for (job, steps) in tracker.workflow.jobs.iter().zip(&tracker.merging) {
        let own = |action: &Action| match action {
            Action::Push => job.tracks != Tracks::Nothing,
            _ => job.opens(),
        };
        let happens = |s: &&JobStep| job.entries.is_empty() && own(&s.action) && s.reached.iter().any(|r| r.happens());
        let Some(step) = steps.iter().find(happens) else {
            continue;
        };
        let pushes = step.action == Action::Push;
        let what = if pushes { "pushes it to the base branch" } else { "merges the pull request that it opens for it" };
        let help = if pushes { "open a pull request instead" } else { "take the merge out of this job" };
        for element in job.named.iter().filter(|name| facts.is_rust(name)) {
            let message = format!("`{element}` is a Rust element, and the job `{}` {what}", job.name);
            let place = tracker.workflow.file.locate(step.span);
            out.push(Finding::new(&RULE, message).at(place).of(element).help(help));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    #[test]
    fn the_group_of_an_entry_becomes_the_manual_one() {
        assert_eq!(
            messages(&RULE, TRACKER, &["bluefin/brew.bst", "bluefin/sudo-rs.bst"]),
            [
                "t.yml:18:22: `bluefin/brew.bst` is a Rust element and is tracked in the group `auto-merge`, which merges by itself"
            ]
        );
        let quoted = TRACKER.replacen("group: auto-merge", "group: \"auto-merge\"   # c", 1);
        assert_eq!(
            fixed(&RULE, &quoted, &["bluefin/brew.bst"]),
            "-          - group: \"auto-merge\"   # c\n+          - group: \"manual-merge\"   # c\n"
        );
    }

    #[test]
    fn an_element_of_a_list_moves_to_the_manual_list() {
        let moved = fixed(&RULE, LISTS, &["bluefin/brew.bst"]);
        assert_eq!(moved, "");
        let findings = lint(Some(LISTS), &[], &["bluefin/brew.bst"]).findings;
        let fix = findings.iter().find_map(|f| f.fix.clone()).unwrap();
        let new = crate::workflows::apply(&fix.file, &fix.edits).unwrap();
        assert!(new.text.contains("elements: >-\n              elements/bluefin/tool.bst\n          - group"));
        assert!(new.text.contains("elements/core/grub.bst\n              elements/bluefin/brew.bst\n\n    steps"));
    }

    #[test]
    fn an_element_of_a_list_on_one_line_moves_to_the_end_of_the_other() {
        let text = LISTS.replace(".bst\n              elements", ".bst elements");
        let findings = lint(Some(&text), &[], &["bluefin/brew.bst"]).findings;
        let fix = findings.iter().find_map(|f| f.fix.clone()).unwrap();
        let new = crate::workflows::apply(&fix.file, &fix.edits).unwrap();
        assert!(new.text.contains(">-\n              elements/bluefin/tool.bst\n          - group"), "{}", new.text);
        assert!(
            new.text.contains("elements/junction.bst elements/core/grub.bst elements/bluefin/brew.bst\n\n    steps")
        );
    }

    #[test]
    fn a_list_of_rust_elements_changes_its_group_and_its_flag() {
        assert_eq!(
            fixed(&RULE, LISTS, &["bluefin/brew.bst", "bluefin/tool.bst"]),
            "-          - group: auto-merge\n-            auto_merge: true\n+          - group: manual-merge\n+            auto_merge: false\n"
        );
    }

    #[test]
    fn one_text_with_several_elements_needs_a_person() {
        let text = TRACKER.replace("element: bluefin/brew.bst", "element: \"bluefin/brew.bst bluefin/x.bst\"");
        assert_eq!(messages(&RULE, &text, &["bluefin/x.bst"]).len(), 1);
        assert_eq!(fixed(&RULE, &text, &["bluefin/x.bst"]), "no fix");
    }

    #[test]
    fn a_group_that_a_step_merges_counts_whatever_it_is_called() {
        let text = TRACKER.replace("\" = \"auto-merge\"", "\" = \"bluefin\"").replacen(
            "group: auto-merge",
            "group: bluefin",
            1,
        );
        assert_eq!(
            messages(&RULE, &text, &["bluefin/brew.bst"]),
            [
                "t.yml:18:22: `bluefin/brew.bst` is a Rust element and is tracked in the group `bluefin`, which the job `track` merges"
            ]
        );
    }

    #[test]
    fn folders_bring_rust_elements_and_excluded_ones_not() {
        let text = "jobs:\n  t:\n    strategy:\n      matrix:\n        include:\n          - group: elements\n            paths: \"elements/a elements/b\"\n            automerge: true\n    steps:\n      - run: |\n          TRACK_EXCLUDE=\"a/y.bst\"\n          bst source track $T\n";
        let rust = ["a/x.bst", "a/y.bst", "c/z.bst"];
        assert_eq!(
            messages(&RULE, text, &rust),
            ["t.yml:7:21: `a/x.bst` is a Rust element and is tracked in the group `elements`, which merges by itself"]
        );
        assert_eq!(fixed(&RULE, text, &rust), "no fix");
    }

    #[test]
    fn a_job_of_its_own_that_merges_is_found_in_every_workflow() {
        let job = "jobs:\n  track-x:\n    steps:\n      - run: |\n          bst source track a/x.bst\n          URL=$(gh pr create)\n          gh pr merge \"$URL\" --auto\n";
        assert_eq!(
            messages(&RULE, job, &["a/x.bst", "a/y.bst"]),
            [
                "t.yml:7:11: `a/x.bst` is a Rust element, and the job `track-x` merges the pull request that it opens for it"
            ]
        );
        assert_eq!(show(&RULE, &lint(Some(TRACKER), &[job], &["a/x.bst"]).findings).len(), 1);
        assert!(messages(&RULE, &job.replace("gh pr merge", "echo gh pr merge"), &["a/x.bst"]).is_empty());
    }

    #[test]
    fn a_job_that_pushes_what_it_tracks_to_the_base_branch_is_found() {
        let job = "jobs:\n  track-x:\n    steps:\n      - run: |\n          bst source track a/x.bst\n          git commit -am x\n          git  push origin HEAD:main\n";
        assert_eq!(
            messages(&RULE, job, &["a/x.bst"]),
            ["t.yml:7:11: `a/x.bst` is a Rust element, and the job `track-x` pushes it to the base branch"]
        );
        assert!(messages(&RULE, &job.replace("HEAD:main", "auto/x"), &["a/x.bst"]).is_empty());
    }
}
