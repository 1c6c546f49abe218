use super::*;
use crate::finding::Severity;
use crate::workflows::rules::testing::{LISTS, TRACKER as ENTRIES, lint};
use proptest::prelude::*;

const RUST: [&str; 4] = ["bluefin/brew.bst", "bluefin/sudo-rs.bst", "core/grub.bst", "x/new.bst"];

/// A tracker that makes one pull request, in which one of two Rust elements is marked.
const BUNDLE: &str = "jobs:\n  track:\n    strategy:\n      matrix:\n        include:\n          - element: bluefin/brew.bst\n            title: 'auto update: brew'\n          - element: bluefin/sudo-rs.bst\n            title: 'update sudo-rs'\n            note: \"review: core\"\n          - {element: core/grub.bst, title: 'grub'}\n    steps:\n      - run: bst source track x\n";

/// A tracker with some of its lines and words changed.
fn damaged() -> impl Strategy<Value = String> {
    let base = prop_oneof![Just(ENTRIES), Just(LISTS), Just(BUNDLE)];
    let change = (any::<prop::sample::Index>(), 0..10u8, "[a-z'\": \\[\\]{}#&|>-]{0,6}");
    (base, prop::collection::vec(change, 0..6), any::<bool>()).prop_map(|(base, changes, windows)| {
        let mut lines: Vec<String> = base.lines().map(str::to_owned).collect();
        for (at, kind, text) in changes {
            let at = at.index(lines.len());
            match kind {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[at].clone()),
                2 => lines[at].push_str(&text),
                3 => lines[at] = lines[at].replacen("auto", &text, 1),
                4 => lines[at] = lines[at].replacen(": ", ":   ", 1),
                5 => lines[at].push_str("   # noted"),
                6 => lines[at] = lines[at].replacen("manual-merge", "'manual-merge'", 1),
                7 => lines[at] = lines[at].replace("elements/", ""),
                8 => lines.insert(at, format!("            # {text}")),
                _ => lines[at] = lines[at].replacen(">-", "|", 1),
            }
            if lines.is_empty() {
                lines.push(text);
            }
        }
        lines.join(if windows { "\r\n" } else { "\n" })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_fix_applies_and_fixes_what_it_says(text in damaged()) {
        let before = lint(Some(&text), &[], &RUST);
        for finding in &before.findings {
            let Some(fix) = &finding.fix else { continue };
            let whole = std::slice::from_ref(finding);
            let keys = || crate::finding::fixes::combine(whole).0.pop().map(|change| change.new).ok_or("it is not made".to_owned());
            // The one fix that brings a key is proven where it is made.
            let note = finding.rule == &rules::note_missing::RULE;
            let new = if note { keys() } else { apply(&fix.file, &fix.edits).map_err(|why| why.to_string()) };
            prop_assert!(new.is_ok(), "{}: {:?}\n{:?}", finding.message, new, fix.edits);
            let after = lint(Some(&new.unwrap().text), &[], &RUST);
            let again = |f: &&Finding| f.rule == finding.rule && f.element == finding.element && f.message == finding.message;
            let count = |linted: &LintedWorkflows| linted.findings.iter().filter(again).count();
            prop_assert!(count(&after) < count(&before), "{} is still there", finding.message);
            let errors = |linted: &LintedWorkflows| linted.findings.iter().filter(|f| f.severity == Severity::Error).count();
            prop_assert!(errors(&after) <= errors(&before), "the fix of {} brings an error", finding.message);
        }
    }

    #[test]
    fn any_text_is_linted_without_panic(text in "[ -~\n\t\u{e9}]{0,200}") {
        lint(Some(&text), &[&text], &RUST);
        lint(Some(&format!("jobs:\n  a:\n    steps:\n      - run: |\n          {}\n", text.replace('\n', "\n          "))), &[], &RUST);
    }
}

#[test]
fn the_forms_of_trackers_are_distinguished() {
    let form = |text: &str| lint(Some(text), &[], &["a.bst"]).style;
    assert_eq!((form(ENTRIES), form(LISTS)), (Form::PerElement, Form::Lists));
    assert_eq!(form("jobs: {t: {steps: [{run: bst source track a.bst}]}}"), Form::Jobs);
    assert_eq!(form("jobs: {t: {steps: [{run: just track-all}]}}"), Form::NoMatrix);
    assert_eq!(form("a: ["), Form::Unreadable);
    assert_eq!(lint(None, &[], &["a.bst"]).style, Form::Missing);
}

#[test]
fn a_workflow_is_a_tracker_by_what_its_jobs_do() {
    let entries = |text: &str| tracked_entries(&Arc::new(SourceText::new("w.yml", text)), "elements", &no_scripts);
    assert_eq!((entries(ENTRIES), entries(LISTS)), (Some(4), None));
    assert_eq!(entries("jobs: {t: {steps: [{run: bst source track a.bst}]}}"), Some(0));
    assert_eq!(entries("a: ["), None);
}

#[test]
fn entries_are_reported_with_their_policy() {
    let rows = lint(Some(ENTRIES), &[], &[]).entries;
    assert_eq!(rows.len(), 4);
    assert_eq!((rows[0].policy, rows[1].policy), (Policy::Auto, Policy::Manual));
    assert_eq!(rows[3].elements, ["bluefin/uutils.bst"]);
    assert_eq!((rows[3].branch.as_deref(), rows[3].location.line), (Some("auto/track-uutils"), 30));
}

#[test]
fn an_entry_like_one_that_ends_in_a_block_text_applies() {
    let text = LISTS.replace("              elements/junction.bst\n", "").replace("            branch: auto/m\n", "");
    let findings = lint(Some(&text), &[], &["bluefin/sudo-rs.bst"]).findings;
    let fix = findings.iter().find_map(|finding| finding.fix.clone()).unwrap();
    let new = apply(&fix.file, &fix.edits).unwrap();
    assert!(new.text.contains("            elements: elements/bluefin/sudo-rs.bst\n\n    steps"), "{}", new.text);
}
