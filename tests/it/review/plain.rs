//! Harmless changes: one line, and the rest folded.

use super::checkout::{Checkout, Crate, TOOL, at_once, registry};
use super::support::unfolded;

/// So many crates of a version.
pub(super) fn many(count: usize, version: &str) -> Vec<Crate> {
    (0..count).map(|n| registry(&format!("crate-number-{n:03}"), version)).collect()
}

#[test]
fn a_harmless_bump_is_one_line_and_a_fold() {
    let checkout = Checkout::bumped(&many(60, "1.0.0"), &many(60, "1.0.1"));
    let [markdown, human] = checkout.reports(0, &[]);
    let line = "Routine update of `bluefin/tool.bst`: 60 crates updated or removed";
    assert!(markdown.lines().nth(1).unwrap().starts_with(&format!("### ✅ {line}")), "{markdown}");
    assert!(human.starts_with(line), "{human}");
    assert!(markdown.contains("60 crates: 60 changed, none new, none flagged."), "{markdown}");
    assert!(unfolded(&markdown) <= 14, "{} lines:\n{markdown}", unfolded(&markdown));
    for n in 0..60 {
        assert!(markdown.contains(&format!("crate-number-{n:03}")), "{n}");
    }
}

#[test]
fn crates_that_go_and_come_are_counted() {
    let (old, new) = ([many(3, "1.0.0"), vec![registry("gone", "1.0.0")]].concat(), many(3, "1.0.0"));
    let checkout = Checkout::bumped(&old, &new);
    let [_, human] = checkout.reports(0, &[]);
    assert!(human.starts_with("Routine"), "{human}");
    assert!(human.contains("0 crates moved, 1 removed"), "{human}");
}

#[test]
fn a_change_beside_the_element_is_reported_as_none() {
    let checkout = Checkout::new(&many(3, "1.0.0"));
    checkout.write("README.md", "words\n");
    let [markdown, human] = checkout.reports(0, &[]);
    assert!(human.contains("No Rust element is changed"), "{human}");
    assert!(markdown.contains("No Rust element is changed"), "{markdown}");
    // Nothing was looked at, so nothing is ticked.
    assert!(!human.contains("[x]") && !markdown.contains("[x]"), "{human}");
    assert_eq!(checkout.index.asked(), [""; 0]);
}

#[test]
fn an_element_that_is_new_has_all_its_crates_new() {
    let checkout = Checkout::new(&[]);
    checkout.remove(TOOL);
    checkout.commit();
    checkout.publish(&many(3, "1.0.0"));
    checkout.bump(&many(3, "1.0.0"));
    let [markdown, human] = checkout.reports(0, &[]);
    assert!(human.starts_with("`bluefin/tool.bst`: 1 input changed beside the crates, 3 new crates"), "{human}");
    assert!(markdown.contains("crate-number-002"), "{markdown}");
}

#[test]
fn an_element_that_is_gone_is_reported_with_what_it_had() {
    let checkout = Checkout::new(&many(3, "1.0.0"));
    checkout.remove(TOOL);
    let [markdown, human] = checkout.reports(0, &[]);
    assert!(human.starts_with("`bluefin/tool.bst`: 1 input changed beside the crates\n"), "{human}");
    assert!(markdown.contains("The crate list is gone"), "{markdown}");
    assert!(markdown.contains("crate-number-002"), "{markdown}");
    // There is no block that could be compared, no build command that could be locked.
    assert!(!human.contains("[x]") && !markdown.contains("[x]"), "{human}");
    assert!(!human.contains("matches Cargo.lock\n") && !human.contains("matches Cargo.lock;"), "{human}");
    assert_eq!(checkout.index.asked(), [""; 0]);
}

#[test]
fn an_element_that_cannot_be_read_has_no_generated_block() {
    let checkout = Checkout::new(&many(3, "1.0.0"));
    checkout.write(TOOL, "kind: make\nsources: [\n- kind: cargo2\n");
    let reports = checkout.reports(3, &[]);
    at_once(&reports, &["element-unreadable"]);
    for report in reports {
        assert!(report.contains("the block is generated") && !report.contains("[x]"), "{report}");
    }
}
