//! Rust elements that no entry of the tracker names: what says why, whole folders of them, and what `--fix=tracker` would add.

use crate::finding::{Finding, Fix, Severity};
use crate::text::Location;
use std::collections::HashMap;

/// The id of the rule on them. Its file needs this one, which cannot need it, too.
const ID: &str = "matrix-rust-untracked";

/// The number of elements from which on a folder is one finding.
const FOLDER: usize = 3;

/// The number of lines above the sources in which a comment is about them.
const ABOVE: usize = 5;

/// Words by which a comment says that an element is not tracked.
const WORDS: [&str; 15] = [
    "not tracked",
    "untracked",
    "not in the tracker",
    "no tracker entry",
    "do not track",
    "don't track",
    "never track",
    "tracked by hand",
    "tracked manually",
    "updated by hand",
    "updated manually",
    "update by hand",
    "update manually",
    "pinned to",
    "pinned until",
];

/// Returns the comment by which an element's file says that it is not tracked: in its sources, which are the lines `from` to `to`
/// counted from 1, or just above them.
#[must_use]
pub(crate) fn reason(text: &str, from: usize, to: usize) -> Option<String> {
    let lines = text.lines().take(to).skip(from.saturating_sub(ABOVE + 1));
    let comments = lines.filter_map(|line| {
        let at = line.find('#').filter(|at| line[..*at].chars().next_back().is_none_or(char::is_whitespace))?;
        Some(line[at..].trim_start_matches('#').trim())
    });
    let says = |comment: &&str| {
        let comment = comment.to_lowercase();
        WORDS.iter().any(|word| comment.contains(word))
    };
    comments.into_iter().find(says).map(|comment| comment.chars().take(200).collect())
}

/// The cause of the findings of a folder in which nothing is tracked.
pub(super) fn cause(path: &str) -> String {
    format!("untracked folder {}", folder(path))
}

/// The folder of a file, with its slash; empty for the project's.
fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..=at])
}

/// Takes the entries out of the fixes, unless they are asked for, and from the elements whose configuration gives a reason. What is taken
/// out is said where fixes are.
pub(crate) fn hold_back(
    findings: &mut [Finding],
    asked: bool,
    fixing: bool,
    configured: impl Fn(&str) -> Option<String>,
) {
    for finding in findings.iter_mut().filter(|finding| finding.rule.id == ID) {
        let reason = finding.element.as_deref().and_then(&configured);
        if asked && reason.is_none() {
            continue;
        }
        let Some(Fix { file, edits }) = finding.fix.take() else { continue };
        if let Some(reason) = reason {
            finding.fixable = false;
            finding.notes.push(format!("the configuration says why: {reason}"));
            continue;
        }
        if fixing {
            finding.notes.push(format!("`cargo2-bot check --fix=tracker` adds to {}:", file.path));
            finding
                .notes
                .extend(edits.iter().flat_map(|edit| edit.text.lines()).map(|line| line.trim_end().to_owned()));
        }
    }
}

/// Makes one finding of those on a folder in which nothing is tracked.
#[must_use]
pub(crate) fn by_folder(findings: Vec<Finding>) -> Vec<Finding> {
    let of = |finding: &Finding| {
        finding.cause.clone().filter(|_| finding.rule.id == ID && finding.severity > Severity::Notice)
    };
    let mut counts: HashMap<String, usize> = HashMap::new();
    for cause in findings.iter().filter_map(of) {
        *counts.entry(cause).or_default() += 1;
    }
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut out: Vec<Finding> = Vec::new();
    for finding in findings {
        let Some(cause) = of(&finding).filter(|cause| counts[cause] >= FOLDER) else {
            out.push(finding);
            continue;
        };
        let at = *first.entry(cause.clone()).or_insert(out.len());
        if at == out.len() {
            out.push(whole(&finding, counts[&cause]));
        }
        let (name, whole) = (finding.element.clone().unwrap_or_default(), &mut out[at]);
        whole.notes.push(format!("`{}`", name.escape_debug()));
        whole.notes.extend(finding.notes);
        if let Some(Fix { file, edits }) = finding.fix {
            let whole = whole.fix.get_or_insert_with(|| Fix { file, edits: Vec::new() });
            let new: Vec<_> = edits.into_iter().filter(|edit| !whole.edits.contains(edit)).collect();
            whole.edits.extend(new);
        }
    }
    out
}

/// The finding on a folder, without its elements.
fn whole(one: &Finding, count: usize) -> Finding {
    let folder = one.location.as_ref().map_or("", |place| folder(&place.path));
    let message =
        format!("no entry of the tracker names the {count} Rust elements with `track:` in `{}`", folder.escape_debug());
    let mut finding = Finding::new(one.rule, message).at(Location::file(folder)).because_of(cause(folder));
    finding.severity = one.severity;
    finding.fixable = one.fixable;
    finding.help.clone_from(&one.help);
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::{TRACKER, lint};

    fn findings(names: &[&str]) -> Vec<Finding> {
        lint(Some(TRACKER), &[], names).findings.into_iter().filter(|f| f.rule.id == ID).collect()
    }

    #[test]
    fn a_comment_at_the_sources_says_why() {
        let text = "kind: make\n\n# A far comment: not tracked.\n\n\n\n\n\n# Not tracked: upstream is gone.\nsources:\n- kind: git_repo\n  url: x # no hint\n  track: main\n- kind: cargo2\n# untracked below\n";
        assert_eq!(reason(text, 10, 14).as_deref(), Some("Not tracked: upstream is gone."));
        let inside = text.replace("# Not tracked: upstream is gone.", "").replace("# no hint", "# updated by hand");
        assert_eq!(reason(&inside, 10, 14).as_deref(), Some("updated by hand"));
        assert_eq!(reason(&inside.replace("# updated", "#updated"), 10, 14).as_deref(), Some("updated by hand"));
        for none in [inside.replace("# updated by hand", ""), inside.replace("x # updated by hand", "x#not%20tracked")]
        {
            assert_eq!(reason(&none, 10, 14), None, "{none}");
        }
        let above = |blank: usize| {
            let text = format!("kind: make\n# Not tracked.\n{}sources:\n", "\n".repeat(blank));
            reason(&text, blank + 3, blank + 3).is_some()
        };
        assert_eq!((above(4), above(5)), (true, false));
    }

    #[test]
    fn a_folder_in_which_nothing_is_tracked_is_one_finding() {
        let all =
            by_folder(findings(&["x/a.bst", "x/b.bst", "x/c.bst", "y/d.bst", "bluefin/e.bst", "bluefin/sudo-rs.bst"]));
        let shown: Vec<String> = all.iter().map(|f| f.message.clone()).collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
        `bluefin/e.bst` is a Rust element with `track:`, but no entry of the tracker names it
        no entry of the tracker names the 3 Rust elements with `track:` in `elements/x/`
        `y/d.bst` is a Rust element with `track:`, but no entry of the tracker names it
        ");
        assert_eq!(all[1].notes, ["`x/a.bst`", "`x/b.bst`", "`x/c.bst`"]);
        let text = all[1].fix.clone().unwrap().edits.into_iter().map(|edit| edit.text).collect::<String>();
        assert_eq!(text.matches("element: x/").count(), 3);
    }

    #[test]
    fn a_folder_of_which_something_is_tracked_is_looked_at_element_by_element() {
        let some = ["bluefin/a.bst", "bluefin/b.bst", "bluefin/c.bst", "bluefin/uutils.bst"];
        assert_eq!(by_folder(findings(&some)).len(), 3);
    }

    #[test]
    fn an_entry_is_added_only_where_it_is_asked_for_and_nothing_says_why_not() {
        let none = |_: &str| None;
        let mut asked = findings(&["x/a.bst"]);
        hold_back(&mut asked, true, true, none);
        assert!(asked[0].fix.is_some());
        let mut plain = findings(&["x/a.bst"]);
        hold_back(&mut plain, false, true, none);
        assert_eq!((plain[0].fix.is_none(), plain[0].fixable), (true, true));
        insta::assert_snapshot!(plain[0].notes.join("\n"), @r#"
        `cargo2-bot check --fix=tracker` adds to t.yml:
                  - group: manual-merge
                    element: x/a.bst
                    branch: auto/track-a
                    title: "chore(deps): update a"
        "#);
        let mut configured = findings(&["x/a.bst"]);
        hold_back(&mut configured, true, true, |name| (name == "x/a.bst").then(|| "by hand".to_owned()));
        assert_eq!((configured[0].fix.is_none(), configured[0].fixable), (true, false));
        assert_eq!(configured[0].notes, ["the configuration says why: by hand"]);
    }
}
