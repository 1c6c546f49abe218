//! A generated lock that was left behind when the git ref moved: told from the history of the checkout.
#![allow(clippy::unwrap_used, reason = "a test fails loudly")]

use crate::support;

use base64::Engine as _;
use support::{Project, block, lock};

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const OLD: &[(&str, &str)] = &[("a", "1.0.0")];
const NEW: &[(&str, &str)] = &[("a", "1.1.0")];

/// The sources of an element with the lock in it and the block that it asks for.
fn sources(commit: &str, crates: &[(&str, &str)]) -> String {
    let lock = base64::engine::general_purpose::STANDARD.encode(lock(crates));
    let git = format!("- kind: git_repo\n  url: https://git.example/up.git\n  ref: {commit}\n");
    format!("{git}- kind: gen_cargo_lock\n  ref: {lock}\n- kind: cargo2\n  ref:\n{}", block(crates, 2))
}

fn element(commit: &str, crates: &[(&str, &str)]) -> String {
    format!("kind: make\n\nsources:\n{}", sources(commit, crates))
}

/// A repository around a project, with nothing committed.
fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::new(files);
    git2::Repository::init(project.path()).unwrap();
    project
}

/// Commits all that is there.
fn commit(project: &Project) {
    let repository = git2::Repository::open(project.path()).unwrap();
    let mut index = repository.index().unwrap();
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let who = git2::Signature::now("a", "a@example.org").unwrap();
    let parent = repository.head().ok().map(|head| head.peel_to_commit().unwrap());
    repository.commit(Some("HEAD"), &who, &who, "c", &tree, &parent.iter().collect::<Vec<_>>()).unwrap();
}

/// How a check ends after these states of the element were committed, all but the last one.
fn checked(states: &[(&str, &[(&str, &str)])]) -> support::Run {
    let project = project(&[]);
    for (index, (at, crates)) in states.iter().enumerate() {
        project.write("elements/a.bst", element(at, crates));
        if index + 1 < states.len() {
            commit(&project);
        }
    }
    project.run(&["--offline", "regenerate", "--check"])
}

#[test]
fn a_ref_that_moved_without_its_lock_is_told_with_both_commits() {
    let run = checked(&[(A, OLD), (B, OLD)]);
    assert_eq!(run.code, Some(3), "{run:?}");
    let message = format!("error[generated-lock-stale]: the git ref moved from {} to {} and", &A[..12], &B[..12]);
    assert!(run.stdout.contains(&message), "{}", run.stdout);
    assert!(run.stdout.contains(&format!("note: https://git.example/up.git: {A} → {B}")), "{}", run.stdout);
    assert!(run.stdout.contains("run `bst source track a.bst`"), "{}", run.stdout);
}

#[test]
fn a_lock_that_was_left_behind_stays_told_after_the_commit() {
    let run = checked(&[(A, OLD), (B, OLD), (B, OLD)]);
    assert_eq!(run.code, Some(3));
    assert!(run.stdout.contains("generated-lock-stale"), "{}", run.stdout);
}

#[test]
fn nothing_is_told_when_the_lock_moved_too_or_alone_or_nothing_moved() {
    for states in [[(A, OLD), (B, NEW)], [(A, OLD), (A, NEW)], [(A, OLD), (A, OLD)]] {
        let run = checked(&states);
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), "1 cargo2 block: 1 right\n"), "{states:?}");
    }
}

#[test]
fn without_a_history_nothing_is_claimed() {
    assert_eq!(checked(&[(B, OLD)]).code, Some(0));
    let bare = Project::new(&[("elements/a.bst", &element(B, OLD))]);
    assert_eq!(bare.run(&["--offline", "regenerate", "--check"]).code, Some(0));
}

#[test]
fn sources_in_an_include_are_compared_with_the_include_of_that_time() {
    let project = project(&[("elements/a.bst", "kind: make\n(@): a.inc\n")]);
    project.write("a.inc", format!("sources:\n{}", sources(A, OLD)));
    commit(&project);
    project.write("a.inc", format!("sources:\n{}", sources(B, NEW)));
    assert_eq!(project.run(&["--offline", "regenerate", "--check"]).code, Some(0));
    project.write("a.inc", format!("sources:\n{}", sources(B, OLD)));
    let run = project.run(&["--offline", "regenerate", "--check"]);
    assert_eq!(run.code, Some(3));
    assert!(run.stdout.contains("generated-lock-stale"), "{}", run.stdout);
}
