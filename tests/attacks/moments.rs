//! What happens between the reads of a run and its last write.

use crate::fake_github::{Fault, Handle};
use crate::scene::{BRANCH, Scene, TRACKER, bumped, text};
use crate::world::{Rules, TOOL, tool};

const TWO: Rules = Rules { second: true, ..Rules::PLAIN };

/// An approved bump, of which something changes right before success is written: the run must not leave it.
#[track_caller]
fn meanwhile(happens: impl FnOnce(&Handle, u64, u64) + Send + 'static) -> (Scene, u64) {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    let review = scene.approve(number, "ann");
    scene.before_success(move |fake| happens(fake, number, review));
    scene.try_run();
    assert_eq!(scene.pending(), 0, "the bot wrote no success at all");
    scene.safe();
    (scene, number)
}

#[test]
fn a_dismissal_before_success_is_seen() {
    let (scene, number) = meanwhile(|fake, _, review| fake.dismiss_by("bob", review).unwrap());
    scene.held_until_approved(number);
}

#[test]
fn a_change_request_before_success_is_seen() {
    let (scene, number) = meanwhile(|fake, number, _| {
        fake.review(number, "bob", "CHANGES_REQUESTED");
    });
    scene.held(number);
}

#[test]
fn a_lost_permission_before_success_is_seen() {
    let (scene, number) = meanwhile(|fake, _, _| fake.permission("ann", "read"));
    scene.held(number);
}

#[test]
fn a_push_before_success_is_seen() {
    let (scene, number) = meanwhile(|fake, _, _| {
        let evil = tool(1, 1);
        drop(fake.commit(BRANCH, &[(TOOL, Some(&evil))], TRACKER));
    });
    scene.run();
    scene.held(number);
}

#[test]
fn a_push_to_the_base_before_success_is_seen() {
    let (scene, number) = meanwhile(|fake, _, _| {
        let other = tool(2, 0);
        drop(fake.commit("main", &[(TOOL, Some(&other))], "owner"));
    });
    scene.run();
    scene.held(number);
}

#[test]
fn another_base_branch_before_success_is_seen() {
    let scene = Scene::with(TWO);
    scene.put(TRACKER, BRANCH, &bumped(1));
    let number = scene.try_open("owner", BRANCH, "stable", TRACKER).unwrap();
    scene.run();
    scene.approve(number, "ann");
    scene.before_success(move |fake| fake.retarget("bob", number, "main").unwrap());
    scene.try_run();
    assert_eq!(scene.pending(), 0, "the bot wrote no success at all");
    scene.held(number);
}

#[test]
fn a_twin_that_opens_before_success_is_seen() {
    let scene = Scene::with(TWO);
    let number = scene.bump();
    scene.base("stable", &bumped(2));
    scene.run();
    scene.approve(number, "ann");
    scene.before_success(|fake| {
        fake.try_open("owner", BRANCH, "stable", TRACKER);
    });
    scene.try_run();
    scene.run();
    scene.safe();
}

#[test]
fn an_edit_of_the_approving_comment_before_success_is_seen() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    let comment = scene.comment(number, "ann", &format!("/cargo2 approve {}", scene.id(number)));
    scene.before_success(move |fake| fake.edit_comment("bob", comment, "never mind"));
    scene.try_run();
    assert_eq!(scene.pending(), 0, "the bot wrote no success at all");
    scene.held(number);
}

#[test]
fn harmless_is_not_said_of_what_is_pushed_meanwhile() {
    let scene = Scene::new();
    let number = scene.tracked(&[text("README.md", "harmless\n")]);
    scene.before_success(|fake| {
        let evil = tool(1, 1);
        drop(fake.commit(BRANCH, &[(TOOL, Some(&evil))], TRACKER));
    });
    scene.try_run();
    scene.safe();
    scene.held_until_approved(number);
}

#[test]
fn harmless_is_not_said_of_what_the_base_makes_an_input() {
    let scene = Scene::new();
    let number = scene.tracked(&[text("docs/x.md", "two\n")]);
    scene.run();
    scene.released(number);
    // From now on the element is built from the docs.
    scene.base(
        "main",
        &[
            text(TOOL, tool(0, 0).replace("path: files/up", "path: docs")),
            text("docs/Cargo.lock", crate::world::lock_of(0)),
        ],
    );
    scene.run();
    scene.held(number);
}

#[test]
fn harmless_is_not_left_said_when_the_base_makes_it_an_input_meanwhile() {
    let scene = Scene::new();
    let number = scene.tracked(&[text("docs/x.md", "two\n")]);
    scene.before_success(|fake| {
        let (element, lock) = (tool(0, 0).replace("path: files/up", "path: docs"), crate::world::lock_of(0));
        drop(fake.commit("main", &[(TOOL, Some(&element)), ("docs/Cargo.lock", Some(&lock))], "owner"));
    });
    scene.try_run();
    assert_eq!(scene.pending(), 0, "the bot wrote no success at all");
    scene.held(number);
}

#[test]
fn the_green_commit_of_a_closed_pull_request_is_no_ticket() {
    let scene = Scene::new();
    let number = scene.bump();
    let review = scene.approve(number, "ann");
    scene.run();
    scene.released(number);
    scene.dismiss_by("bob", review).unwrap();
    scene.close(number);
    scene.run();
    scene.safe();
}

#[test]
fn an_earlier_green_head_is_no_ticket() {
    let scene = Scene::new();
    let number = scene.bump();
    let review = scene.approve(number, "ann");
    scene.run();
    scene.released(number);
    scene.put(TRACKER, BRANCH, &bumped(2));
    scene.dismiss_by("bob", review).unwrap();
    scene.run();
    scene.safe();
    scene.held(number);
}

#[test]
fn a_green_commit_of_another_base_is_no_ticket() {
    // With the documented rule: without it a commit that passed for one branch could be pushed to another.
    let scene = Scene::with(Rules { approvals: Some(1), ..TWO });
    // On `stable` the bump is there already; the pull request there is harmless.
    scene.base("stable", &bumped(1));
    scene.start_over(TRACKER, BRANCH, &bumped(1));
    scene.put(TRACKER, BRANCH, &[text("README.md", "more\n")]);
    let number = scene.try_open("owner", BRANCH, "stable", TRACKER).unwrap();
    scene.run();
    scene.safe();
    assert!(scene.push_sha(TRACKER, "main", &scene.sha(number)).is_err(), "it is pushed to main");
}

#[test]
fn a_pull_request_into_an_ordinary_branch_earns_no_ticket() {
    let scene = Scene::new();
    scene.put("bob", "one", &bumped(1));
    let base = scene.head("one").unwrap();
    scene.push_sha(TRACKER, BRANCH, &base).unwrap();
    scene.put(TRACKER, BRANCH, &[text("README.md", "more\n")]);
    let number = scene.try_open("owner", BRANCH, "one", TRACKER).unwrap();
    scene.run();
    scene.safe();
    assert!(scene.push_sha(TRACKER, "main", &scene.sha(number)).is_err(), "it is pushed to main");
}

#[test]
fn a_stale_list_of_files_releases_nothing() {
    let scene = Scene::new();
    let number = scene.tracked(&[text("README.md", "harmless\n")]);
    scene.keep_files_of(number, Some(&scene.sha(number)));
    scene.put(TRACKER, BRANCH, &bumped(1));
    scene.held_until_approved(number);
}

#[test]
fn what_was_written_before_success_failed_is_not_success() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    let review = scene.approve(number, "ann");
    // The write arrives, its answer does not; meanwhile the approval is taken back.
    let fake = scene.world.fake.clone();
    scene.before_success(move |_| fake.dismiss_by("bob", review).unwrap());
    scene.fail(1, |seen| seen.method == "PATCH" && seen.path.contains("/check-runs/"), Fault::ResetAfter);
    scene.try_run();
    scene.calm();
    scene.run();
    scene.held(number);
}

#[test]
fn a_dismissal_that_cannot_be_read_any_more_is_no_success() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    let review = scene.approve(number, "ann");
    // From here on nothing can be read, and all can be written.
    scene.before_success(move |fake| {
        fake.dismiss_by("bob", review).unwrap();
        fake.fail(usize::MAX, crate::scene::is_read, Fault::Status(502));
    });
    scene.try_run();
    assert_eq!(scene.pending(), 1, "the bot wrote no success at all");
    scene.calm();
    scene.safe();
    assert!(!scene.is_green(number));
}
