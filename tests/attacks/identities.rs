//! Who approves: people who had a hand in it, who may not, or who are no people.

use crate::fake_github::Pushed;
use crate::scene::{BRANCH, Scene, TRACKER, bumped, text};
use crate::world::{LOCK, TOOL, lock_of, tool};

#[test]
fn the_author_does_not_approve() {
    let scene = Scene::new();
    scene.put(TRACKER, BRANCH, &bumped(1));
    let number = scene.try_open("owner", BRANCH, "main", "ann").unwrap();
    scene.approve(number, "ann");
    scene.run();
    scene.held(number);
    scene.approve(number, "bob");
    scene.run();
    scene.released(number);
}

#[test]
fn the_author_does_not_approve_by_a_comment() {
    let scene = Scene::new();
    scene.put(TRACKER, BRANCH, &bumped(1));
    let number = scene.try_open("owner", BRANCH, "main", "ann").unwrap();
    scene.run();
    scene.say(number, "ann", &format!("/cargo2 approve {}", scene.id(number)));
    scene.run();
    scene.held(number);
}

#[test]
fn the_author_under_another_case_does_not_approve() {
    let scene = Scene::new();
    scene.permission("Ann", "write");
    scene.put(TRACKER, BRANCH, &bumped(1));
    let number = scene.try_open("owner", BRANCH, "main", "ann").unwrap();
    scene.approve(number, "Ann");
    scene.run_for(number);
    assert!(!scene.is_green(number), "logins have no case");
}

#[test]
fn who_pushed_does_not_approve() {
    let scene = Scene::new();
    scene.put("bob", BRANCH, &bumped(1));
    let number = scene.try_open("owner", BRANCH, "main", TRACKER).unwrap();
    scene.approve(number, "bob");
    scene.run();
    scene.held(number);
    scene.approve(number, "ann");
    scene.run();
    scene.released(number);
}

#[test]
fn who_pushed_under_another_name_does_not_approve() {
    let scene = Scene::new();
    let (element, lock) = (tool(1, 0), lock_of(1));
    let files = [(TOOL, Some(element.as_str())), (LOCK, Some(lock.as_str()))];
    scene.push(&Pushed { branch: BRANCH, files: &files, author: TRACKER, pusher: "bob", ..Pushed::default() }).unwrap();
    let number = scene.try_open("owner", BRANCH, "main", TRACKER).unwrap();
    scene.approve(number, "bob");
    scene.run();
    scene.held(number);
}

#[test]
fn a_name_in_a_commit_disqualifies_nobody() {
    let scene = Scene::new();
    let (element, lock) = (tool(1, 0), lock_of(1));
    let files = [(TOOL, Some(element.as_str())), (LOCK, Some(lock.as_str()))];
    let message = "bump\n\nCo-authored-by: ann <1+ann@users.noreply.github.com>";
    scene
        .push(&Pushed { branch: BRANCH, files: &files, author: "ann", pusher: TRACKER, message, ..Pushed::default() })
        .unwrap();
    let number = scene.try_open("owner", BRANCH, "main", TRACKER).unwrap();
    scene.held_until_approved(number);
}

#[test]
fn who_amends_the_commit_does_not_approve() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.push(&Pushed { branch: BRANCH, author: TRACKER, pusher: "ann", amend: true, ..Pushed::default() }).unwrap();
    scene.approve(number, "ann");
    scene.run();
    scene.held(number);
}

#[test]
fn who_pushed_an_earlier_commit_does_not_approve() {
    let scene = Scene::new();
    scene.put("ann", BRANCH, &[text("README.md", "mine\n")]);
    scene.put(TRACKER, BRANCH, &bumped(1));
    let number = scene.try_open("owner", BRANCH, "main", TRACKER).unwrap();
    scene.approve(number, "ann");
    scene.run();
    assert!(!scene.is_green(number), "ann pushed to this branch");
}

#[test]
fn who_approves_and_pushes_then_does_not_approve() {
    let scene = Scene::new();
    let number = scene.bump();
    drop(scene.approved_then(number, |scene| drop(scene.put("ann", BRANCH, &bumped(2)))));
}

#[test]
fn who_commands_the_bot_does_not_approve() {
    let scene = Scene::new();
    let number = scene.tracked(&[text(LOCK, lock_of(1)), text("README.md", "new\n")]);
    scene.put("bob", BRANCH, &[text("README.md", "newer\n")]);
    scene.say(number, "ann", "/cargo2 regenerate");
    assert_eq!(scene.file(BRANCH, TOOL).unwrap(), tool(1, 0), "the bot obeyed");
    scene.approve(number, "ann");
    scene.run();
    scene.held(number);
}

#[test]
fn a_reader_does_not_approve() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.approve(number, "mallory");
    scene.run();
    scene.held(number);
    scene.say(number, "mallory", &format!("/cargo2 approve {}", scene.id(number)));
    scene.run();
    scene.held(number);
}

#[test]
fn who_lost_the_permission_does_not_approve() {
    let scene = Scene::new();
    let number = scene.bump();
    drop(scene.approved_then(number, |scene| scene.permission("ann", "read")));
}

#[test]
fn who_is_gone_does_not_approve() {
    let scene = Scene::new();
    let number = scene.bump();
    drop(scene.approved_then(number, |scene| scene.permission("ann", "none")));
}

#[test]
fn an_app_does_not_approve() {
    let scene = Scene::new();
    for bot in ["renovate[bot]", "cargo2[bot]", "github-actions[bot]", TRACKER] {
        scene.permission(bot, "write");
    }
    let number = scene.pull_by("bob", "topic", &bumped(1));
    for bot in ["renovate[bot]", "cargo2[bot]", "github-actions[bot]", TRACKER] {
        scene.approve(number, bot);
        scene.run();
        assert!(!scene.is_green(number), "{bot}");
    }
}

#[test]
fn the_bots_own_comment_approves_nothing() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    scene.comment(number, "cargo2[bot]", &format!("/cargo2 approve {}", scene.id(number)));
    scene.run();
    assert!(!scene.is_green(number));
}

#[test]
fn a_change_request_is_not_overruled_by_another_approval() {
    let scene = Scene::new();
    let number = scene.bump();
    let scene = scene.approved_then(number, |scene| {
        scene.review(number, "bob", "CHANGES_REQUESTED");
    });
    // Whoever requested changes takes them back.
    scene.approve(number, "bob");
    scene.run();
    scene.released(number);
}

#[test]
fn the_author_dismisses_no_change_request() {
    let scene = Scene::new();
    scene.put(TRACKER, BRANCH, &bumped(1));
    let number = scene.try_open("owner", BRANCH, "main", "ann").unwrap();
    let review = scene.review(number, "bob", "CHANGES_REQUESTED");
    scene.dismiss_by("ann", review).unwrap();
    scene.permission("eve", "write");
    scene.approve(number, "eve");
    scene.run();
    scene.held(number);
    scene.approve(number, "bob");
    scene.run();
    scene.released(number);
}

#[test]
fn a_dismissed_approval_is_none() {
    let scene = Scene::new();
    let number = scene.bump();
    let review = scene.approve(number, "ann");
    scene.run();
    scene.released(number);
    scene.dismiss_by("bob", review).unwrap();
    scene.run();
    scene.held(number);
}

#[test]
fn the_pusher_of_a_fork_does_not_approve() {
    let scene = Scene::new();
    let (element, lock) = (tool(1, 0), lock_of(1));
    let number = scene.forked(&[(TOOL, &element), (LOCK, &lock)]);
    scene.run();
    scene.held(number);
    // The account gets write permission later, and approves its own work.
    scene.permission("mallory", "write");
    scene.approve(number, "mallory");
    scene.run();
    scene.held(number);
}

#[test]
fn who_commands_the_bot_and_edits_that_does_not_approve() {
    let scene = Scene::new();
    let number = scene.tracked(&[text(LOCK, lock_of(1)), text("README.md", "new\n")]);
    scene.put("bob", BRANCH, &[text("README.md", "newer\n")]);
    let comment = scene.say(number, "ann", "/cargo2 regenerate");
    assert_eq!(scene.file(BRANCH, TOOL).unwrap(), tool(1, 0), "the bot obeyed");
    scene.edit_comment("ann", comment, "Thank you!");
    scene.approve(number, "ann");
    scene.run();
    assert!(!scene.is_green(number), "ann had the bot write it");
}

#[test]
fn who_pushed_before_the_branch_was_empty_does_not_approve() {
    let scene = Scene::new();
    let evil = scene.put("ann", BRANCH, &bumped(1));
    // The branch goes back to the base, and an automation brings the commit back.
    let base = scene.head("main").unwrap();
    scene.push_sha("ann", BRANCH, &base).unwrap();
    scene.push_sha(TRACKER, BRANCH, &evil).unwrap();
    let number = scene.try_open("owner", BRANCH, "main", TRACKER).unwrap();
    scene.approve(number, "ann");
    scene.run();
    scene.held(number);
}
