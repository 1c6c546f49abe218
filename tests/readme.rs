//! What the README claims: its demo, its flags, its example output.
#![allow(clippy::unwrap_used, reason = "a test fails loudly")]

mod support;

use std::path::Path;
use support::run;

const README: &str = include_str!("../README.md");

#[test]
fn the_demo_finds_a_drift_mends_it_and_finds_it_gone() {
    let demo = Path::new(env!("CARGO_BIN_EXE_cargo2-bot")).parent().unwrap().join("examples/demo");
    assert!(demo.exists(), "`cargo test` builds the examples");
    let out = std::process::Command::new(demo).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{text}");
    for expected in
        ["1 drifted; 1 error", "(exit code 3)", "mended elements/bluefin/greeter.bst", "1 cargo2 block: 1 right"]
    {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}

#[test]
fn every_flag_of_the_readme_is_one_of_the_program() {
    let help = run(&["regenerate", "--help"]).stdout;
    let rows = README.lines().filter(|line| line.starts_with("| `--"));
    let flags: Vec<&str> = rows.map(|line| line.trim_start_matches("| `").split([' ', '`']).next().unwrap()).collect();
    assert!(flags.len() > 6);
    for flag in flags {
        assert!(help.contains(flag), "{flag}");
    }
}

#[test]
fn the_commands_of_the_readme_are_understood() {
    let lines = README.lines().filter(|line| line.starts_with("cargo2-bot "));
    let mut seen = 0;
    for line in lines {
        let words: Vec<&str> = line.split('#').next().unwrap().split_whitespace().skip(1).collect();
        let outcome = run(&[&words[..], &["--project", "/nonexistent"]].concat());
        // Understood, and then there is no such project or file.
        assert_eq!(outcome.code, Some(2), "{line}: {outcome:?}");
        assert!(!outcome.stderr.contains("Usage:"), "{line}: {outcome:?}");
        seen += 1;
    }
    assert!(seen >= 4);
}

#[test]
fn the_links_of_the_readme_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for link in README.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        assert!(link.starts_with("https://") || root.join(link).exists(), "{link}");
    }
}

#[test]
fn the_example_output_of_the_readme_is_what_is_printed() {
    let block = README.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    // The same project as in the snapshot of `cli.rs`.
    let old = [("a", "1.0.0"), ("b", "1.0.0")];
    let new = [("a", "1.1.0"), ("b", "1.0.0"), ("c", "0.1.0")];
    let element = format!(
        "kind: make\n\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  ref:\n{}",
        support::block(&old, 2)
    );
    let project = support::Project::new(&[("elements/a.bst", &element), ("files/up/Cargo.lock", &support::lock(&new))]);
    assert_eq!(project.run(&["regenerate", "--check"]).stdout, block);
}
