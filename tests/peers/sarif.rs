//! Our SARIF against the schema of SARIF 2.1.0. Skipped where `.ci/peers/sarif-check.sh` was not run before.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a skipped test says so")]

use cargo2_bot::finding::Finding;
use cargo2_bot::registry;
use cargo2_bot::report::{Report, sarif};
use cargo2_bot::text::{Edit, Location, SourceText, Span};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// Findings of every shape: with and without place, column, element, crate, notes and fix.
fn findings() -> Vec<Finding> {
    let file = Arc::new(SourceText::new("elements/ü b.bst", "x: 1\r\nä: \u{7}wide\r\n"));
    let all = registry::all();
    let rule = |at: usize| all[at % all.len()];
    let span = Span::new(3, 4);
    let removed = Edit { span, text: String::new() };
    let inserted = Edit { span: Span::new(6, 6), text: "new\n".into() };
    let mut out: Vec<Finding> =
        (0..all.len()).map(|at| Finding::new(rule(at), "twin").at(file.locate(span)).of("ü b.bst")).collect();
    out.push(Finding::new(rule(0), "nowhere"));
    out.push(Finding::new(rule(1), "whole file").at(Location::file("a:b/../c.bst")));
    out.push(Finding::new(rule(2), "a crate").about("serde").note("one").note("two").help("three"));
    out.push(Finding::new(rule(3), "the end").at(file.locate(Span::new(999, 999))));
    out.push(Finding::new(rule(4), "mended").at(file.locate(span)).fix(&file, vec![removed, inserted]));
    out
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the environment says where the peers are kept")]
fn every_shape_of_a_finding_is_valid_sarif() {
    let home = std::env::var_os("PEERS").map(PathBuf::from);
    let home = home.unwrap_or_else(|| std::env::temp_dir().join("cargo2-bot-peers")).join("sarif");
    if !home.join("ready").exists() {
        eprintln!("skipped: run .ci/peers/sarif-check.sh first");
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/peers/sarif-check.sh");
    let check = |text: &str| {
        let mut file = tempfile::Builder::new().suffix(".sarif.json").tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let out = Command::new("sh").arg(&script).arg(file.path()).output().unwrap();
        (out.status.success(), String::from_utf8_lossy(&out.stdout).into_owned())
    };
    let text = sarif::report(&Report { findings: findings(), ..Report::default() }, &registry::all());
    let (valid, told) = check(&text);
    assert!(valid, "{told}");
    assert!(!check(&text.replace("\"note\"", "\"notice\"")).0, "the check passes what is wrong");
    assert!(check(&sarif::report(&Report::default(), &registry::all())).0);
}
