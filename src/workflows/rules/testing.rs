//! Trackers for the tests of the rules, and how findings and fixes are shown there.

use crate::finding::read::Read;
use crate::finding::{Finding, Rule};
use crate::text::SourceText;
use crate::workflows::{self, LintedWorkflows, Project, ReadScript, RustElement};
use std::sync::Arc;

/// A tracker with an entry for each element.
pub(crate) const TRACKER: &str = r#"name: Track
on:
  workflow_dispatch:
    inputs:
      group:
        type: choice
        options:
          - all
          - auto-merge
          - manual-merge
jobs:
  track:
    strategy:
      matrix:
        include:
          # ── auto-merge ──
          - group: auto-merge
            element: bluefin/brew.bst
            branch: auto/track-brew
            title: "chore(deps): update brew"
          # ── manual-merge ──
          - group: manual-merge
            element: junction.bst
            branch: auto/track-junction
            title: "chore(deps): update junction junction"
          - group: manual-merge
            element: bluefin/sudo-rs.bst
            branch: auto/track-sudo-rs
            title: "chore(deps): update sudo-rs"
          - group: manual-merge
            element: bluefin/uutils.bst # Rust
            branch: auto/track-uutils
            title: "chore(deps): update uutils"

    steps:
      - run: just bst source track "${{ matrix.element }}"
      - run: |
          URL=$(gh pr create --head "${{ matrix.branch }}")
          if [ "${{ matrix.group }}" = "auto-merge" ]; then
            gh pr merge "$URL" --auto --squash || echo "::warning::no"
          fi
"#;

/// A tracker with lists of elements.
pub(crate) const LISTS: &str = r#"jobs:
  track:
    strategy:
      matrix:
        include:
          - group: auto-merge
            branch: auto/a
            auto_merge: true
            elements: >-
              elements/bluefin/brew.bst
              elements/bluefin/tool.bst
          - group: manual-merge
            branch: auto/m
            auto_merge: false
            elements: >-
              elements/junction.bst
              elements/core/grub.bst

    steps:
      - run: |
          if [ "${{ matrix.auto_merge }}" = "true" ]; then
            gh pr merge "$URL" --auto
          fi
"#;

/// Lints a tracker. A Rust element whose name ends in `!` has no `track:`; elements called `gone…` do not exist.
pub(crate) fn lint(tracker: Option<&str>, others: &[&str], rust: &[&str]) -> LintedWorkflows {
    lint_all(tracker, others, &workflows::no_scripts, rust)
}

/// Lints a tracker whose scripts are these: the text of each, or why it cannot be read.
pub(crate) fn lint_with(tracker: &str, scripts: &[(&str, Result<&str, &str>)], rust: &[&str]) -> LintedWorkflows {
    let read = |path: &str| match scripts.iter().find(|(known, _)| *known == path) {
        Some((_, Ok(text))) => Read::Known(Arc::new(SourceText::new(path, *text))),
        Some((_, Err(why))) => Read::unreadable(*why),
        None => Read::Absent,
    };
    lint_all(Some(tracker), &[], &read, rust)
}

fn lint_all(tracker: Option<&str>, others: &[&str], scripts: &ReadScript<'_>, rust: &[&str]) -> LintedWorkflows {
    let rust: Vec<RustElement> = rust
        .iter()
        .map(|name| {
            let plain = name.trim_end_matches('!');
            RustElement {
                name: plain.into(),
                tracked: plain == *name,
                path: format!("elements/{plain}"),
                untracked: None,
            }
        })
        .collect();
    let tracker = tracker.map(|text| Arc::new(SourceText::new("t.yml", text)));
    let other = |text: &&str| ("o.yml".to_owned(), Read::Known(Arc::new(SourceText::new("o.yml", *text))));
    let others: Vec<_> = others.iter().map(other).collect();
    let project = Project {
        rust: &rust,
        exists: &|name| !name.contains("gone"),
        element_path: "elements",
        tracker: tracker.as_ref().map_or(Read::Absent, Read::Known),
        others: &others,
        scripts,
    };
    workflows::lint_workflows(&project)
}

/// The findings of a rule, as place and message.
pub(crate) fn messages(rule: &Rule, tracker: &str, rust: &[&str]) -> Vec<String> {
    show(rule, &lint(Some(tracker), &[], rust).findings)
}

/// The findings of a rule, as place and message.
pub(crate) fn show(rule: &Rule, findings: &[Finding]) -> Vec<String> {
    let of_rule = findings.iter().filter(|f| f.rule == rule);
    of_rule.map(|f| format!("{}: {}", f.location.as_ref().map_or("?".into(), ToString::to_string), f.message)).collect()
}

/// The lines that the fixes of a rule take out and bring, and what the rule says afterwards.
pub(crate) fn fixed(rule: &Rule, tracker: &str, rust: &[&str]) -> String {
    let findings = lint(Some(tracker), &[], rust).findings;
    let fixes: Vec<_> = findings.iter().filter(|f| f.rule == rule).filter_map(|f| f.fix.clone()).collect();
    let edits: Vec<_> = fixes.iter().flat_map(|f| f.edits.clone()).collect();
    let Some(fix) = fixes.first() else {
        return "no fix".into();
    };
    let new = workflows::apply(&fix.file, &edits).unwrap();
    let mut old: Vec<&str> = tracker.lines().collect();
    let mut out = String::new();
    for line in new.text.lines() {
        match old.iter().position(|o| *o == line) {
            Some(at) => drop(old.remove(at)),
            None => out.push_str(&format!("+{line}\n")),
        }
    }
    let gone: String = old.iter().map(|line| format!("-{line}\n")).collect();
    assert_eq!(new.text.ends_with('\n'), tracker.ends_with('\n'));
    let left = messages(rule, &new.text, rust);
    assert!(left.is_empty(), "the fix leaves {left:?}");
    format!("{gone}{out}")
}
