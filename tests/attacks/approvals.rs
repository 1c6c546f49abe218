//! Approvals of something else than what would be merged.

use crate::fake_github::Pushed;
use crate::scene::{BRANCH, Scene, TRACKER, bumped, text};
use crate::world::{TOOL, tool};

#[test]
fn an_evil_merge_is_not_what_was_approved() {
    let scene = Scene::new();
    let number = scene.bump();
    let scene = scene.approved_then(number, |scene| {
        scene.base("main", &[text("README.md", "new\n")]);
        let evil = tool(1, 1);
        scene.push_merge(TRACKER, BRANCH, "main", &[(TOOL, Some(&evil))]).unwrap();
    });
    scene.approve(number, "bob");
    scene.run();
    scene.released(number);
}

#[test]
fn an_honest_merge_of_the_base_keeps_the_approval() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.approve(number, "ann");
    scene.run();
    scene.base("main", &[text("README.md", "new\n")]);
    scene.push_merge(TRACKER, BRANCH, "main", &[]).unwrap();
    scene.run();
    scene.released(number);
}

#[test]
fn a_merge_that_takes_a_later_update_back_is_held() {
    let scene = Scene::new();
    let number = scene.tracked(&[text("README.md", "harmless\n")]);
    scene.run();
    scene.released(number);
    // The base moves on; the branch merges it, and keeps its own, older files.
    scene.base("main", &bumped(1));
    let (old, lock) = (tool(0, 0), crate::world::lock_of(0));
    scene.push_merge(TRACKER, BRANCH, "main", &[(TOOL, Some(&old)), (crate::world::LOCK, Some(&lock))]).unwrap();
    scene.held_until_approved(number);
}

#[test]
fn an_approved_bump_is_not_approved_over_a_later_one() {
    let scene = Scene::new();
    let number = scene.bump();
    drop(scene.approved_then(number, |scene| drop(scene.base("main", &bumped(2)))));
}

#[test]
fn an_approval_does_not_count_for_other_content() {
    let scene = Scene::new();
    let number = scene.bump();
    let scene = scene.approved_then(number, |scene| drop(scene.put(TRACKER, BRANCH, &bumped(2))));
    scene.approve(number, "ann");
    scene.run();
    scene.released(number);
}

#[test]
fn an_approval_does_not_count_for_an_amended_commit() {
    let scene = Scene::new();
    let number = scene.bump();
    drop(scene.approved_then(number, |scene| {
        let evil = tool(1, 2);
        let files = [(TOOL, Some(evil.as_str()))];
        let amend = Pushed {
            branch: BRANCH,
            files: &files,
            author: TRACKER,
            pusher: TRACKER,
            amend: true,
            ..Pushed::default()
        };
        scene.push(&amend).unwrap();
    }));
}

#[test]
fn an_approval_of_a_part_does_not_count_for_the_whole() {
    let scene = Scene::new();
    let number = scene.bump();
    drop(
        scene.approved_then(number, |scene| drop(scene.put(TRACKER, BRANCH, &[text("elements/new.bst", tool(0, 0))]))),
    );
}

#[test]
fn an_approval_of_the_whole_does_not_count_for_a_part() {
    let scene = Scene::new();
    let mut files = bumped(1);
    files.push(text("project.conf", crate::scene::texts::project("variables:\n  safe: 'yes'\n")));
    let number = scene.tracked(&files);
    drop(scene.approved_then(number, |scene| {
        scene.put(TRACKER, BRANCH, &[text("project.conf", crate::scene::texts::project(""))]);
    }));
}

#[test]
fn pushing_back_does_not_revive_a_dismissed_approval() {
    let scene = Scene::new();
    let number = scene.bump();
    let first = scene.sha(number);
    let review = scene.approve(number, "ann");
    scene.put(TRACKER, BRANCH, &bumped(2));
    scene.run();
    scene.held(number);
    scene.dismiss_by("bob", review).unwrap();
    scene.push_sha(TRACKER, BRANCH, &first).unwrap();
    scene.held_until_approved(number);
}

#[test]
fn a_commit_of_another_branch_cannot_be_approved_in_advance() {
    let scene = Scene::new();
    let other = scene.put(TRACKER, "other", &bumped(2));
    let number = scene.bump();
    scene.review_of(number, "ann", "APPROVED", &other);
    scene.run();
    scene.held(number);
}

#[test]
fn a_pull_request_that_comes_back_with_other_content_is_held() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.approve(number, "ann");
    scene.run();
    scene.close(number);
    scene.start_over(TRACKER, BRANCH, &bumped(2));
    let again = scene.try_open("owner", BRANCH, "main", TRACKER).unwrap();
    scene.held_until_approved(again);
}
