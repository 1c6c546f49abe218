//! Reviews that are too large to be shown whole.

use super::reader::read;
use super::sample;
use cargo2_bot::finding::{Finding, Rule, Severity};
use cargo2_bot::review::fact::Fact;
use cargo2_bot::review::render::{CHECK_LIMIT, COMMENT_LIMIT, Frame, check_summary, comment, human, summary};
use cargo2_bot::review::{Attention, Review, Semver};

static RULE: Rule = Rule { id: "some-rule", severity: Severity::Error, means: "", remedy: "" };

/// A review in which `crates` crates of each of `elements` elements moved, and `findings` crates need a look.
fn large(elements: usize, crates: usize, findings: usize) -> (Review, Frame) {
    let (mut review, frame) = sample::risky();
    let first = review.elements.remove(0);
    review.elements = (0..elements)
        .map(|e| {
            let mut element = first.clone();
            element.element = format!("bluefin/element-{e}.bst");
            element.changes = (0..crates)
                .map(|n| {
                    let mut change = sample::up(&format!("crate-with-a-name-{n}"), "1.0.0", "1.1.0", Semver::Minor);
                    change.attention = if n % 100 == 0 { Attention::High } else { Attention::Low };
                    change.facts = vec![Fact::Published(1_790_000_000)];
                    change.brought_by = vec!["some-crate".into(), "another-crate".into()];
                    change
                })
                .collect();
            element
        })
        .collect();
    review.findings.extend((0..findings).map(|n| Finding::new(&RULE, "a fact").about(&format!("crate-{n}")).note("n")));
    (review, frame)
}

#[test]
fn two_thousand_crates_are_a_valid_comment_with_the_top_findings() {
    let (review, frame) = large(1, 2000, 0);
    let text = comment(&review, &frame, COMMENT_LIMIT);
    let size = text.encode_utf16().count();
    assert!((55_000..=COMMENT_LIMIT).contains(&size), "{size}");
    read(&text);
    let head = text.lines().take(10).collect::<Vec<_>>().join("\n");
    assert!(head.contains("Do not merge yet: `smalvec`, `itoa` in") && head.contains("one letter away"), "{head}");
    let rows = text.lines().filter(|l| l.starts_with("| [`crate-with")).count();
    let lines = text.lines().filter(|l| l.starts_with("- [`crate-with")).count();
    // The crates that ask for a look are never those that are left out.
    assert!(rows == 20 && lines > 100, "{rows} {lines}");
    let left = format!("{} more crates left out here: `cargo2-bot review --format json` has all.", 2000 - rows - lines);
    assert!(text.contains(&left), "{left}");
}

#[test]
fn whatever_is_large_fits_and_says_what_is_missing() {
    for (elements, crates, findings) in [(500, 4, 0), (1, 20_000, 10), (3, 50, 2_000)] {
        let (mut review, mut frame) = large(elements, crates, findings);
        review.not_looked_up = vec!["a line".into(); 3_000];
        frame.notes = vec!["a note".into(); 3_000];
        frame.patches = vec![("a patch".into(), "+ line\n".repeat(9_000)), ("b".into(), "+ line\n".repeat(900))];
        let text = comment(&review, &frame, COMMENT_LIMIT);
        assert!(text.encode_utf16().count() <= COMMENT_LIMIT);
        read(&text);
        assert!(
            text.lines().take(10).any(|l| l.contains("one letter away") || l.contains("crate-near-name")),
            "{elements} {crates} {findings}"
        );
        assert!(text.contains("left out") || text.contains("does not fit"), "{elements} {crates} {findings}");
        assert!(check_summary(&review, &frame, CHECK_LIMIT).len() <= CHECK_LIMIT);
        assert!(!human(&review, true).is_empty());
    }
}

#[test]
fn a_summary_of_many_pull_requests_fits() {
    let (review, frame) = large(2, 60, 3);
    for n in [1, 60, 20_000] {
        let parts: Vec<(String, &Review, &Frame)> =
            (0..n).map(|n| (format!("pull request {n}"), &review, &frame)).collect();
        let text = summary(&parts, 200_000);
        assert!(text.len() <= 200_000 && text.contains("pull request 0"), "{n}");
        if n < 100 {
            assert!(text.contains(&format!("pull request {}**", n - 1)), "{n}");
        }
        read(&text);
    }
}

#[test]
fn real_bumps_are_short() {
    let (review, frame) = sample::harmless();
    let text = comment(&review, &frame, COMMENT_LIMIT);
    assert!(text.len() < 4_000, "{}", text.len());
}
