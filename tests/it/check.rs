//! `check`, `new`, `rules`, `explain` and the configuration, as a user meets them.
#![allow(clippy::unwrap_used, reason = "a test fails loudly")]

use crate::support;

use std::path::Path;
use support::{Project, block, lock, run, tracker};

const CRATES: &[(&str, &str)] = &[("a", "1.0.0"), ("b", "1.0.0")];

/// A tracker with a comment, which fixes must keep.
fn commented(entries: &[(&str, &str)]) -> String {
    tracker(entries).replacen("include:\n", "include:\n          # the one that may merge by itself\n", 1)
}

/// A tracker whose one Rust element waits for a person.
fn right_tracker() -> String {
    commented(&[("auto-merge", "wall"), ("manual-merge", "tool")])
}

/// A right element over a local source.
fn tool(command: &str) -> String {
    format!(
        "kind: make\n\nbuild-depends:\n- freedesktop-sdk.bst:components/rust.bst\n\nconfig:\n  build-commands:\n  - {command}\n  install-commands:\n  - install -Dm755 target/release/tool \"%{{install-root}}%{{bindir}}/tool\"\n\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  url: crates:crates\n  ref:\n{}",
        block(CRATES, 2)
    )
}

/// A project with a stack, a tracker and one Rust element.
fn project(command: &str, tracker: &str) -> Project {
    Project::new(&[
        (
            "project.conf",
            "name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  github: https://github.com/\n  crates: https://crates.example/\nsources:\n  git_repo:\n    config:\n      ref-format: git-describe\n",
        ),
        ("elements/freedesktop-sdk.bst", "kind: junction\n"),
        ("elements/bluefin/deps.bst", "kind: stack\n\ndepends:\n- bluefin/tool.bst\n- bluefin/wall.bst\n"),
        ("elements/bluefin/wall.bst", "kind: import\n"),
        ("elements/bluefin/tool.bst", &tool(command)),
        ("files/up/Cargo.lock", &lock(CRATES)),
        (".github/workflows/track-bst-sources.yml", tracker),
    ])
}

#[test]
fn a_project_in_order_has_nothing_to_tell() {
    let run = project("cargo build --release --locked", &right_tracker()).run(&["check"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "1 cargo2 block: 1 right\n"), "{run:?}");
}

#[test]
fn a_tracker_is_found_by_what_it_does_and_not_by_its_name() {
    let usual = ".github/workflows/track-bst-sources.yml";
    let project =
        project("cargo build --release --locked", &commented(&[("auto-merge", "wall"), ("auto-merge", "tool")]));
    let text = project.read(usual);
    std::fs::remove_file(project.path().join(usual)).unwrap();
    assert!(project.run(&["check"]).stdout.contains("tracker-missing"));
    // Another workflow, which tracks one element, is not the one that tracks most.
    let one = "on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n    - run: bst source track freedesktop-sdk.bst\n";
    project.write(".github/workflows/a.yml", one);
    project.write(".github/workflows/nightly.yml", &text);
    let found = project.run(&["check"]);
    assert_eq!(found.code, Some(3), "{found:?}");
    assert!(found.stdout.contains("nightly.yml") && !found.stdout.contains("tracker-missing"), "{found:?}");
    assert_eq!(project.run(&["check", "--fix"]).code, Some(0));
    assert!(
        project.read(".github/workflows/nightly.yml").matches("manual-merge").count()
            > text.matches("manual-merge").count()
    );
    // What the configuration names is the tracker, whatever else is there.
    project.write(".github/cargo2-bot.yml", "tracker: .github/workflows/a.yml\n");
    assert!(!project.run(&["check"]).stdout.contains("nightly.yml"));
}

#[test]
fn what_the_bot_tracks_itself_needs_no_entry_of_the_tracker() {
    let project = untracked();
    project.write(".github/cargo2-bot.yml", "track: true\n");
    let run = project.run(&["check", "--fix=tracker"]);
    assert!(run.code == Some(0) && !run.stdout.contains("matrix-"), "{run:?}");
    project.write(".github/cargo2-bot.yml", "mode: report\n");
    assert!(project.run(&["check"]).stdout.contains("matrix-rust-untracked"));
}

#[test]
fn what_a_script_of_the_tracker_lists_is_listed_and_what_it_does_not_is_untracked() {
    let project = untracked();
    std::fs::remove_file(project.path().join(".github/workflows/track-bst-sources.yml")).unwrap();
    let nightly = "on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n    - run: ci/track\n";
    project.write(".github/workflows/nightly.yml", nightly);
    let script = |element: &str| {
        format!("#!/bin/sh\nwhile read -r e; do\n  bst source track \"$e\"\ndone <<'EOF'\n{element}\nEOF\n")
    };
    project.write("ci/track", script("bluefin/tool.bst"));
    let listed = project.run(&["check"]);
    assert!(
        listed.stdout.contains("notice[matrix-listed]: `ci/track` lists `bluefin/tool.bst`: that it is tracked"),
        "{listed:?}"
    );
    assert!(!listed.stdout.contains("untracked") && !listed.stdout.contains("tracker-missing"), "{listed:?}");
    let doctor = project.run(&["doctor"]).stdout;
    assert!(
        doctor.contains("tracker: listed, 0 entries, 0 errors; Rust elements that only a list names: 1"),
        "{doctor}"
    );
    project.write("ci/track", script("bluefin/wall.bst"));
    let nowhere = project.run(&["check"]);
    assert!(nowhere.stdout.contains("warning[matrix-rust-untracked]: `bluefin/tool.bst`"), "{nowhere:?}");
}

#[test]
fn what_is_wrong_is_shown_mended_on_request_and_gone() {
    let tracker = commented(&[("auto-merge", "wall"), ("auto-merge", "tool")]);
    let project = project("cargo build --release", &tracker);
    project.write("files/up/Cargo.lock", lock(&[("a", "1.1.0"), ("b", "1.0.0")]));
    let before = (project.read("elements/bluefin/tool.bst"), project.read(".github/workflows/track-bst-sources.yml"));
    let now = || (project.read("elements/bluefin/tool.bst"), project.read(".github/workflows/track-bst-sources.yml"));

    let found = project.run(&["check"]);
    assert_eq!(found.code, Some(3), "{found:?}");
    for rule in ["error[matrix-rust-auto-merge]", "notice[cargo-without-locked]", "error[block-drift]"] {
        assert!(found.stdout.contains(rule), "{rule}: {}", found.stdout);
    }
    let shown = project.run(&["check", "--fix", "--dry-run"]);
    assert_eq!((shown.code, now()), (Some(3), before.clone()), "a dry run writes nothing");
    assert!(
        shown.stdout.contains("-          - group: auto-merge\n+          - group: manual-merge\n"),
        "{}",
        shown.stdout
    );

    let mended = project.run(&["check", "--fix"]);
    assert_eq!(mended.code, Some(0), "{mended:?}");
    let (element, workflow) = now();
    assert!(element.contains("cargo build --locked --release") && element.contains("version: 1.1.0"));
    assert_eq!(workflow, right_tracker());
    assert_eq!(project.run(&["check"]).stdout, "1 cargo2 block: 1 right\n");
}

/// A project whose tracker does not name its one Rust element.
fn untracked() -> Project {
    let project = project("cargo build --locked", &commented(&[("auto-merge", "wall"), ("manual-merge", "wall2")]));
    project.write("elements/bluefin/wall2.bst", "kind: import\n");
    project.write(
        "elements/bluefin/deps.bst",
        "kind: stack\n\ndepends:\n- bluefin/tool.bst\n- bluefin/wall.bst\n- bluefin/wall2.bst\n",
    );
    let tool = project.read("elements/bluefin/tool.bst").replace("path: files/up\n", "path: files/up\n  track: main\n");
    project.write("elements/bluefin/tool.bst", tool);
    project
}

#[test]
fn an_entry_of_the_tracker_is_added_only_where_it_is_asked_for() {
    let project = untracked();
    let tracker = ".github/workflows/track-bst-sources.yml";
    let before = project.read(tracker);
    let plain = project.run(&["check", "--fix"]);
    assert_eq!(project.read(tracker), before);
    for part in ["warning[matrix-rust-untracked]", "`cargo2-bot check --fix=tracker` adds", "element: bluefin/tool.bst"]
    {
        assert!(plain.stdout.contains(part), "{part}: {}", plain.stdout);
    }
    let asked = project.run(&["check", "--fix=tracker"]);
    assert!(project.read(tracker).contains("element: bluefin/tool.bst"), "{}", asked.stdout);
    assert!(!project.run(&["check"]).stdout.contains("matrix-rust-untracked"));
}

#[test]
fn an_entry_is_never_added_where_the_element_or_the_configuration_says_why_there_is_none() {
    let tracker = ".github/workflows/track-bst-sources.yml";
    let commented = untracked();
    let tool = commented
        .read("elements/bluefin/tool.bst")
        .replace("sources:\n", "# Not tracked: upstream moves too fast.\nsources:\n");
    commented.write("elements/bluefin/tool.bst", tool);
    let configured = untracked();
    configured.write(
        ".github/cargo2-bot.yml",
        "elements:\n  bluefin/tool.bst:\n    rules:\n      matrix-rust-untracked: {severity: notice, reason: updated by hand}\n",
    );
    for (project, why) in [(commented, "Not tracked: upstream moves too fast."), (configured, "updated by hand")] {
        let before = project.read(tracker);
        let run = project.run(&["check", "--fix=tracker"]);
        assert_eq!(project.read(tracker), before, "{why}");
        assert!(run.stdout.contains("notice[matrix-rust-untracked]") && run.stdout.contains(why), "{}", run.stdout);
    }
}

#[test]
fn an_exempt_element_is_told_and_an_exemption_without_effect_too() {
    let project = project("cargo build --locked", &right_tracker());
    let config = |text: &str| project.write(".github/cargo2-bot.yml", text);
    config("elements:\n  bluefin/tool.bst:\n    exempt: {reason: upstream is odd}\n");
    let unused = project.run(&["check"]);
    assert!(
        unused.stdout.contains("warning[override-unused]: the exemption no longer has an effect"),
        "{}",
        unused.stdout
    );
    project.write("files/up/Cargo.lock", lock(&[("a", "2.0.0")]));
    let exempt = project.run(&["regenerate"]);
    assert_eq!(exempt.code, Some(0), "{exempt:?}");
    assert!(
        exempt.stdout.contains("notice[element-exempt]: the block is not verified: upstream is odd"),
        "{}",
        exempt.stdout
    );
    assert!(exempt.stdout.ends_with("1 cargo2 block: 1 exempt\n"), "{}", exempt.stdout);
    config("elements:\n  bluefin/tool.bst:\n    exempt: {reason: upstream is odd, until: 2020-01-01}\n");
    let expired = project.run(&["regenerate", "--check"]);
    assert_eq!(expired.code, Some(3));
    assert!(
        expired.stdout.contains("warning[override-expired]: the exemption expired after 2020-01-01"),
        "{}",
        expired.stdout
    );
}

#[test]
fn a_crate_that_is_left_out_on_purpose_is_left_out() {
    let project = project("cargo build --locked", &right_tracker());
    project.write("files/up/Cargo.lock", lock(&[("a", "1.0.0"), ("b", "1.0.0"), ("windows", "0.1.0")]));
    let config = "elements:\n  bluefin/tool.bst:\n    crates: [{name: windows, leave-out: true, reason: never built here}]\n    cargo-lock: {path: Cargo.lock, reason: it stands there}\n";
    assert_eq!(project.run(&["regenerate", "--check"]).code, Some(3));
    project.write(".github/cargo2-bot.yml", config);
    let run = project.run(&["regenerate", "--check"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "1 cargo2 block: 1 right\n"));
}

#[test]
fn a_configuration_that_is_wrong_is_bad_usage_with_its_place() {
    let project = project("cargo build --locked", &right_tracker());
    project.write(".github/cargo2-bot.yml", "rules:\n  block-drift:\n    severity: quiet\n    reason: x\n");
    let run = project.run(&["check"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr
            .starts_with("error: .github/cargo2-bot.yml:3:15: rules.block-drift.severity: unknown variant `quiet`"),
        "{}",
        run.stderr
    );
}

#[test]
fn rules_are_listed_and_explained() {
    let rules = run(&["rules"]);
    assert!(rules.stdout.lines().any(|line| line.starts_with("block-drift ")) && rules.stdout.lines().count() > 40);
    assert!(run(&["explain", "block-drift"]).stdout.contains("cargo2-bot regenerate"));
    assert_eq!(run(&["explain", "no-such-rule"]).code, Some(2));
}

#[test]
fn sarif_names_the_rule_and_the_place() {
    let project = project("cargo build", &right_tracker());
    let sarif: serde_json::Value = serde_json::from_str(&project.run(&["check", "--format", "sarif"]).stdout).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((sarif["version"].as_str(), result["ruleId"].as_str()), (Some("2.1.0"), Some("cargo-without-locked")));
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "elements/bluefin/tool.bst");
}

/// A bare repository with a tag, whose lock names these crates.
fn upstream(to: &Path) -> String {
    let repository = git2::Repository::init_bare(to).unwrap();
    let who = git2::Signature::new("Test", "test@example.com", &git2::Time::new(1_700_000_000, 0)).unwrap();
    let mut tree = repository.treebuilder(None).unwrap();
    tree.insert("Cargo.lock", repository.blob(lock(CRATES).as_bytes()).unwrap(), 0o100_644).unwrap();
    let tree = repository.find_tree(tree.write().unwrap()).unwrap();
    let id = repository.commit(Some("refs/heads/main"), &who, &who, "one", &tree, &[]).unwrap();
    repository.reference("refs/tags/v1.9.0", id, true, "tag").unwrap();
    repository.reference("refs/tags/v1.10.0", id, true, "tag").unwrap();
    id.to_string()
}

#[test]
fn a_new_element_is_written_added_everywhere_and_passes_check() {
    let project = project("cargo build --locked", &right_tracker());
    let commit = upstream(&project.path().join("upstream/owner/greet.git"));
    let alias = format!("github=file://{}/", project.path().join("upstream").display());
    let new = [
        "new",
        "bluefin/greet.bst",
        "--url",
        "github:owner/greet.git",
        "--track",
        "v*",
        "--service",
        "--alias",
        &alias,
    ];
    let dry = project.run(&[&new[..], &["--dry-run"]].concat());
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert!(!project.path().join("elements/bluefin/greet.bst").exists());

    let made = project.run(&new);
    assert_eq!(made.code, Some(0), "{made:?}");
    let element = project.read("elements/bluefin/greet.bst");
    assert_eq!(element, dry.stdout);
    assert!(
        element.contains(&format!("ref: v1.10.0-0-g{commit}\n")) && element.ends_with(&block(CRATES, 2)),
        "{element}"
    );
    assert!(
        made.stdout.contains("[x] element added to") && made.stdout.contains("[ ] `just validate` passes"),
        "{}",
        made.stdout
    );
    assert!(project.read("elements/bluefin/deps.bst").contains("- bluefin/greet.bst\n"));
    assert!(
        project
            .read(".github/workflows/track-bst-sources.yml")
            .contains("- group: manual-merge\n            element: bluefin/greet.bst\n")
    );

    let check = project.run(&["check", "--alias", &alias]);
    assert_eq!((check.code, check.stdout.as_str()), (Some(0), "2 cargo2 blocks: 2 right\n"), "{check:?}");
    let again = project.run(&new);
    assert_eq!(again.code, Some(2));
    assert!(
        again.stderr.contains("the element `bluefin/greet.bst` exists already; it is not overwritten"),
        "{}",
        again.stderr
    );
}
