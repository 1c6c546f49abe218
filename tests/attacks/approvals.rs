//! Approvals of something else than what would be merged.

use crate::fake_github::Pushed;
use crate::scene::{BRANCH, Scene, TRACKER, bumped, text};
use crate::world::{Rules, TOOL, tool};

const TWO: Rules = Rules { second: true, ..Rules::PLAIN };

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
fn a_stacked_approval_does_not_follow_to_the_guarded_branch() {
    let scene = Scene::new();
    scene.put("bob", "one", &[text("README.md", "one\n")]);
    let below = scene.put(TRACKER, BRANCH, &bumped(1));
    scene.push_sha("bob", "one", &scene.put("bob", "one", &[text("docs/a.md", "a\n")])).unwrap();
    let number = scene.try_open("owner", BRANCH, "one", TRACKER).unwrap();
    scene.approve(number, "ann");
    scene.run();
    assert_eq!(scene.sha(number), below);
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
    scene.push_merge(TRACKER, BRANCH, &base, &[(TOOL, Some(&old)), (crate::world::LOCK, Some(&lock))]).unwrap();
    let number = scene.try_open("owner", BRANCH, "main", TRACKER).unwrap();
    scene.run();
    scene.safe();
    assert!(!scene.is_green(number), "which of two merge bases counts is not known");
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

#[test]
fn an_edited_comment_approves_nothing() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    let id = scene.id(number);
    let comment = scene.comment(number, "ann", "Thank you!");
    scene.edit_comment("bob", comment, &format!("/cargo2 approve {id}"));
    scene.run();
    scene.held(number);
    scene.say(number, "ann", &format!("/cargo2 approve {id}"));
    scene.run();
    scene.released(number);
}

#[test]
fn a_comment_with_another_id_approves_nothing() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    let id = scene.id(number);
    for other in ["000000000000", "", &id[..4], &id.replace(|c: char| c.is_ascii_digit(), "0"), &"f".repeat(64)] {
        scene.say(number, "ann", &format!("/cargo2 approve {other}"));
        scene.run();
        scene.held(number);
    }
}

#[test]
fn a_comment_approves_the_content_of_its_id_alone() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    scene.say(number, "ann", &format!("/cargo2 approve {}", scene.id(number)));
    scene.run();
    scene.released(number);
    scene.put(TRACKER, BRANCH, &bumped(2));
    scene.run();
    scene.held(number);
}

#[test]
fn a_comment_that_quotes_the_command_approves_nothing() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    let id = scene.id(number);
    for body in [
        format!("> /cargo2 approve {id}"),
        format!("Should I write\n/cargo2 approve {id}"),
        format!("```\n/cargo2 approve {id}\n```"),
    ] {
        scene.say(number, "ann", &body);
        scene.run();
        scene.held(number);
    }
}

#[test]
fn a_comment_on_another_pull_request_approves_nothing() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    let id = scene.id(number);
    let other = scene.pull_by("bob", "docs", &[text("README.md", "docs\n")]);
    scene.say(other, "ann", &format!("/cargo2 approve {id}"));
    scene.run();
    scene.held(number);
}

#[test]
fn kind_words_without_an_approval_are_none() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.review(number, "ann", "COMMENTED");
    scene.comment(number, "ann", "/lgtm\n/approve\nLGTM, approved");
    scene.label_by("ann", number, "approved");
    scene.label_by("ann", number, "lgtm");
    scene.run();
    scene.held(number);
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
