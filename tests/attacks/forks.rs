//! Forks: what cannot be seen of them, and who writes to them all the same.

use crate::scene::Scene;
use crate::world::{LOCK, TOOL, lock_of, tool};

fn forked(scene: &Scene) -> u64 {
    let (element, lock) = (tool(1, 0), lock_of(1));
    scene.forked(&[(TOOL, &element), (LOCK, &lock)])
}

#[test]
fn a_maintainer_who_pushes_to_a_fork_does_not_approve() {
    let scene = Scene::new();
    let number = forked(&scene);
    scene.maintainers_may_push(number);
    let evil = tool(1, 1);
    scene.fork_commit("mallory", "patch", &[(TOOL, Some(&evil))], "ann");
    scene.run();
    scene.held(number);
    scene.approve(number, "ann");
    scene.run();
    scene.held(number);
    scene.approve(number, "bob");
    scene.run();
    scene.released(number);
}

#[test]
fn a_fork_that_changes_after_the_approval_is_held() {
    let scene = Scene::new();
    let number = forked(&scene);
    scene.run();
    scene.approve(number, "ann");
    scene.approve(number, "bob");
    scene.run();
    scene.released(number);
    let evil = tool(1, 1);
    scene.fork_commit("mallory", "patch", &[(TOOL, Some(&evil))], "mallory");
    scene.run();
    scene.held(number);
}

#[test]
fn a_flood_of_words_does_not_hold_for_ever() {
    let scene = Scene::new();
    let number = scene.bump();
    for n in 0..150 {
        scene.comment(number, "mallory", &format!("{n}"));
        scene.review(number, "mallory", "COMMENTED");
    }
    scene.held_until_approved(number);
}

#[test]
fn a_flood_of_words_hides_no_change_request() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.review(number, "bob", "CHANGES_REQUESTED");
    for n in 0..150 {
        scene.comment(number, "mallory", &format!("{n}"));
        scene.review(number, "mallory", "COMMENTED");
    }
    scene.approve(number, "ann");
    scene.run();
    scene.held(number);
}
