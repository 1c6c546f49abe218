//! Byte-wise comparison of projects, with messages that show where they part.

use std::{fmt::Write as _, io::Write as _};

use super::{damage, project::Files};

/// Says why a test had nothing to do, also under a captured test run.
pub(crate) fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// Says a figure, also under a captured test run.
pub(crate) fn figure(what: &str) {
    let _ = writeln!(std::io::stderr(), "figure: {what}");
}

/// Panics unless both projects have the same files with the same bytes; `excused` paths are left out.
pub(crate) fn same(expected: &Files, actual: &Files, excused: &[&str], context: &str) {
    let mut report = String::new();
    for path in expected.keys().chain(actual.keys().filter(|path| !expected.contains_key(*path))) {
        if excused.contains(&path.as_str()) {
            continue;
        }
        match (expected.get(path), actual.get(path)) {
            (Some(left), Some(right)) if left == right => {}
            (Some(left), Some(right)) => {
                let _ = write!(report, "{path}: {}", first_difference(left, right));
            }
            (left, _) => {
                let where_ = if left.is_some() { "BuildStream's" } else { "our" };
                let _ = writeln!(report, "{path}: only in {where_} project");
            }
        }
    }
    assert!(report.is_empty(), "{context}: not what BuildStream writes\n{report}");
}

fn first_difference(expected: &[u8], actual: &[u8]) -> String {
    let (expected, actual) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(actual));
    let (left, right): (Vec<_>, Vec<_>) = (expected.split('\n').collect(), actual.split('\n').collect());
    let at = left.iter().zip(&right).take_while(|(left, right)| left == right).count();
    let window = |lines: &[&str]| {
        let from = at.saturating_sub(4).min(lines.len());
        let to = (at + 6).min(lines.len());
        lines[from..to].iter().map(|line| format!("    {line:?}\n")).collect::<String>()
    };
    format!("line {}\n  BuildStream:\n{}  ours:\n{}", at + 1, window(&left), window(&right))
}

/// For a file that BuildStream rewrites outside the block: the block must be the same, and ours must have kept
/// every other byte of `before`.
pub(crate) fn same_block_rest_kept(before: &[u8], expected: &[u8], actual: &[u8], context: &str) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (before, expected, actual) = (text(before), text(expected), text(actual));
    assert_ne!(before, actual, "{context}: nothing was mended");
    assert_ne!(expected, actual, "{context}: BuildStream no longer rewrites this; the excuse can go");
    assert_eq!(damage::blocks(&expected), damage::blocks(&actual), "{context}: block");
    assert_eq!(damage::without_blocks(&before), damage::without_blocks(&actual), "{context}: outside the block");
}
