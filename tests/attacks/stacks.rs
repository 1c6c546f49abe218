//! Approvals and green commits that are about another branch: stacks, twins, promotions.

use crate::scene::{BRANCH, Scene, TRACKER, bumped, text};
use crate::world::{Rules, tool};

const TWO: Rules = Rules { second: true, ..Rules::PLAIN };

#[test]
fn a_stacked_approval_does_not_follow_to_the_guarded_branch() {
    let scene = Scene::new();
    scene.put("bob", "one", &[text("README.md", "one\n")]);
    scene.put(TRACKER, BRANCH, &bumped(1));
    let number = scene.try_open("owner", BRANCH, "one", TRACKER).unwrap();
    scene.approve(number, "ann");
    scene.run();
    scene.safe();
    scene.retarget("bob", number, "main").unwrap();
    scene.held_until_approved(number);
}

#[test]
fn what_a_stack_stands_on_is_not_approved_with_it() {
    let scene = Scene::new();
    // The lower branch brings Rust that the upper pull request does not show.
    scene.put("bob", "one", &bumped(1));
    scene.inspect_mut(|state| {
        let (owner, sha) = (state.owner.clone(), state.tip("owner", "one").unwrap());
        state.set_branch(TRACKER, &owner, BRANCH, Some(&sha));
    });
    scene.put(TRACKER, BRANCH, &[text("README.md", "harmless\n")]);
    let number = scene.try_open("owner", BRANCH, "one", TRACKER).unwrap();
    scene.run();
    scene.safe();
    scene.retarget("bob", number, "main").unwrap();
    scene.held_until_approved(number);
}

#[test]
fn an_approval_is_for_its_base_branch() {
    let scene = Scene::with(TWO);
    scene.put(TRACKER, BRANCH, &bumped(1));
    let number = scene.try_open("owner", BRANCH, "stable", TRACKER).unwrap();
    scene.approve(number, "ann");
    scene.run();
    scene.retarget("bob", number, "main").unwrap();
    scene.held_until_approved(number);
}

#[test]
fn a_head_with_two_bases_is_green_only_if_both_are() {
    let scene = Scene::with(TWO);
    scene.base("stable", &bumped(1));
    let number = scene.bump();
    scene.put(TRACKER, BRANCH, &[text("README.md", "more\n")]);
    // Into `stable` it brings nothing that is Rust.
    scene.try_open("owner", BRANCH, "stable", TRACKER).unwrap();
    for _ in 0..2 {
        scene.run();
        scene.held(number);
    }
}

#[test]
fn an_approval_of_its_twin_does_not_release_a_pull_request() {
    let scene = Scene::with(TWO);
    let number = scene.bump();
    let twin = scene.try_open("owner", BRANCH, "stable", TRACKER).unwrap();
    scene.base("stable", &bumped(2));
    scene.approve(twin, "ann");
    scene.run();
    scene.held(number);
}

#[test]
fn a_criss_cross_of_merges_releases_nothing() {
    let scene = Scene::new();
    let first = scene.put(TRACKER, BRANCH, &[text("docs/a.md", "a\n")]);
    let base = scene.base("main", &bumped(1));
    // Each side merges the other's first commit: two merge bases.
    scene.merge("main", &first, "owner");
    scene.inspect_mut(|state| {
        let owner = state.owner.clone();
        state.set_branch("owner", &owner, BRANCH, Some(&first));
    });
    let (old, lock) = (tool(0, 0), crate::world::lock_of(0));
    scene
        .push_merge(TRACKER, BRANCH, &base, &[(crate::world::TOOL, Some(&old)), (crate::world::LOCK, Some(&lock))])
        .unwrap();
    let number = scene.try_open("owner", BRANCH, "main", TRACKER).unwrap();
    scene.run();
    scene.safe();
    assert!(!scene.is_green(number), "which of two merge bases counts is not known");
}

#[test]
fn a_promotion_with_one_more_file_is_held() {
    let scene = Scene::with(TWO);
    // The usual way: an approved bump on `stable`.
    scene.put(TRACKER, BRANCH, &bumped(1));
    let bump = scene.try_open("owner", BRANCH, "stable", TRACKER).unwrap();
    scene.approve(bump, "ann");
    scene.run();
    scene.ask_merge(TRACKER, bump, "merge").unwrap();
    let mut files = bumped(1);
    files.push(text("elements/new.bst", tool(0, 0)));
    let number = scene.pull_by(TRACKER, "auto/promote", &files);
    scene.held_until_approved(number);
}

#[test]
fn a_promotion_of_what_nobody_approved_is_held() {
    let scene = Scene::with(TWO);
    scene.base("stable", &bumped(1));
    let number = scene.pull_by(TRACKER, "auto/promote", &bumped(1));
    scene.held_until_approved(number);
}

#[test]
fn a_base_that_github_changes_by_itself_is_another_base() {
    let scene = Scene::new();
    scene.delete_merged(true);
    let below = scene.pull_by("bob", "one", &[text("README.md", "one\n")]);
    let one = scene.head("one").unwrap();
    scene.push_sha(TRACKER, BRANCH, &one).unwrap();
    scene.put(TRACKER, BRANCH, &bumped(1));
    let number = scene.try_open("owner", BRANCH, "one", TRACKER).unwrap();
    scene.approve(number, "ann");
    scene.run();
    scene.ask_merge("bob", below, "merge").unwrap();
    assert_eq!(scene.pull(number).base_ref, "main");
    scene.held_until_approved(number);
}

#[test]
fn a_long_history_hides_no_second_merge_base() {
    let scene = Scene::new();
    let first = scene.put(TRACKER, BRANCH, &[text("docs/a.md", "a\n")]);
    let base = scene.base("main", &bumped(1));
    scene.merge("main", &first, "owner");
    scene.inspect_mut(|state| {
        let owner = state.owner.clone();
        state.set_branch("owner", &owner, BRANCH, Some(&first));
    });
    let (old, lock) = (tool(0, 0), crate::world::lock_of(0));
    scene
        .push_merge(TRACKER, BRANCH, &base, &[(crate::world::TOOL, Some(&old)), (crate::world::LOCK, Some(&lock))])
        .unwrap();
    for n in 0..260 {
        scene.put(TRACKER, BRANCH, &[text("docs/n.md", format!("{n}\n"))]);
    }
    let number = scene.try_open("owner", BRANCH, "main", TRACKER).unwrap();
    scene.run();
    scene.safe();
    assert!(!scene.is_green(number));
}
