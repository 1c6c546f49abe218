//! Checks that somebody else wrote under our name.

use crate::scene::{Scene, bumped, text};
use crate::world::HOLD;

#[test]
fn a_job_of_our_name_is_not_our_check() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.check_run(&scene.sha(number), "github-actions", HOLD, Some("success"));
    scene.held_until_approved(number);
}

#[test]
fn a_job_of_our_name_after_the_run_is_not_our_check() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    scene.check_run(&scene.sha(number), "github-actions", HOLD, Some("success"));
    scene.held(number);
    scene.run();
    scene.held(number);
}

#[test]
fn a_status_of_our_name_is_not_our_check() {
    let scene = Scene::new();
    let number = scene.bump();
    for who in ["bob", "github-actions[bot]", "mallory"] {
        scene.status(&scene.sha(number), who, HOLD, "success");
    }
    scene.held_until_approved(number);
}

#[test]
fn a_check_of_a_second_app_is_not_our_check() {
    let scene = Scene::new();
    scene.token("second", crate::fake_github::Token::app("second", 77));
    let number = scene.bump();
    scene.check_run(&scene.sha(number), "second", HOLD, Some("success"));
    scene.held_until_approved(number);
}

#[test]
fn a_failed_job_of_our_name_does_not_hold_for_ever() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.check_run(&scene.sha(number), "github-actions", HOLD, Some("failure"));
    scene.held_until_approved(number);
}

#[test]
fn an_old_success_of_our_own_is_taken_back() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.written_before(&scene.sha(number), "success");
    scene.run();
    scene.held(number);
}

#[test]
fn two_runs_of_our_own_are_both_taken_back() {
    let scene = Scene::new();
    let number = scene.bump();
    for _ in 0..2 {
        scene.written_before(&scene.sha(number), "success");
    }
    scene.run();
    scene.held(number);
}

#[test]
fn our_own_status_does_not_contradict_our_check() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.status(&scene.sha(number), "cargo2[bot]", HOLD, "success");
    scene.run();
    scene.safe();
    assert!(!scene.is_green(number));
    let green =
        |s: &crate::fake_github::Status| s.context == HOLD && s.creator == "cargo2[bot]" && s.state == "success";
    assert!(!scene.statuses(&scene.sha(number)).iter().any(green));
}

#[test]
fn a_success_from_before_the_push_does_not_count() {
    let scene = Scene::new();
    let number = scene.tracked(&[text("README.md", "harmless\n")]);
    scene.run();
    scene.released(number);
    scene.put(crate::scene::TRACKER, crate::scene::BRANCH, &bumped(1));
    scene.held_until_approved(number);
}

#[test]
fn a_head_that_was_green_elsewhere_is_judged_again() {
    let scene = Scene::new();
    let sha = scene.put("bob", "one", &bumped(1));
    scene.written_before(&sha, "success");
    let number = scene.try_open("owner", "one", "main", "tracker[bot]").unwrap();
    scene.run();
    scene.held(number);
}
