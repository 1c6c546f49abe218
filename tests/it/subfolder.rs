//! A project in a subfolder of its repository: the workflows are those of the repository's root.

use crate::support::{self, Project, Run, block, lock, tracker};

const CRATES: &[(&str, &str)] = &[("a", "1.0.0")];
const TRACKER: &str = ".github/workflows/track-bst-sources.yml";

/// A repository whose project is in `sub`, with a tracker at its root.
fn repository(tracker: impl AsRef<[u8]>) -> Project {
    let tool = format!(
        "kind: make\n\nbuild-depends:\n- freedesktop-sdk.bst:components/rust.bst\n\nconfig:\n  build-commands:\n  - cargo build --release --locked\n  install-commands:\n  - install -Dm755 target/release/tool \"%{{install-root}}%{{bindir}}/tool\"\n\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  url: crates:crates\n  ref:\n{}",
        block(CRATES, 2)
    );
    let conf = "name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  crates: https://crates.example/\n";
    let project = Project::new(&[
        ("sub/project.conf", conf),
        ("sub/elements/freedesktop-sdk.bst", "kind: junction\n"),
        ("sub/elements/bluefin/deps.bst", "kind: stack\n\ndepends:\n- bluefin/tool.bst\n"),
        ("sub/elements/bluefin/tool.bst", &tool),
        ("sub/files/up/Cargo.lock", &lock(CRATES)),
    ]);
    git2::Repository::init(project.path()).unwrap();
    project.write(TRACKER, tracker);
    project
}

/// Runs the program in the root of the repository.
fn at_root(project: &Project, args: &[&str]) -> Run {
    let mut program = support::program();
    program.current_dir(project.path()).args(args).args(["--project", "sub", "--cache", "none"]);
    support::ended(&program.output().unwrap())
}

#[test]
fn the_workflows_of_the_repository_are_read_and_fixed_from_a_subfolder() {
    let good = tracker(&[("manual-merge", "tool")]);
    let project = repository(&good);
    let clean = at_root(&project, &["check"]);
    assert_eq!((clean.code, clean.stdout.as_str()), (Some(0), "1 cargo2 block: 1 right\n"), "{clean:?}");

    project.write(TRACKER, tracker(&[("auto-merge", "tool")]));
    let found = at_root(&project, &["check"]);
    assert_eq!(found.code, Some(3), "{found:?}");
    assert!(found.stdout.contains("error[matrix-rust-auto-merge]"), "{found:?}");

    let fixed = at_root(&project, &["check", "--fix"]);
    assert_eq!(fixed.code, Some(0), "{fixed:?}");
    assert_eq!(project.read(TRACKER), good);
    assert!(!project.path().join("sub/.github").exists(), "the file of the root is fixed, and none is made");
}

#[test]
fn a_tracker_that_cannot_be_read_is_an_error_and_never_missing() {
    let good = tracker(&[("manual-merge", "tool")]);
    let latin = [good.as_bytes(), b"# \xe9\n"].concat();
    let large = [good.as_bytes(), &b"#".repeat(33 << 20)].concat();
    for (text, why) in [(latin, "not UTF-8"), (large, "bytes")] {
        let project = repository(text);
        let found = at_root(&project, &["check"]);
        assert_eq!(found.code, Some(3), "{found:?}");
        assert!(found.stdout.contains("error[workflow-unreadable]") && found.stdout.contains(why), "{found:?}");
        assert!(!found.stdout.contains("missing"), "{found:?}");
    }
}
