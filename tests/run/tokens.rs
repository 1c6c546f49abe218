//! Tokens and their permissions.

use super::world::{NEW, World};

#[test]
fn a_personal_token_writes_statuses_instead_of_check_runs() {
    let mut world = World::new();
    let number = world.bump(NEW);
    world.token = "pat";
    world.everything().ok();
    let head = world.head(number);
    assert_eq!(world.checks(&head), []);
    let mut statuses: Vec<(String, String)> =
        world.fake.statuses(&head).into_iter().map(|s| (s.context, s.state)).collect();
    statuses.sort();
    let status = |context: &str, state: &str| (context.to_owned(), state.to_owned());
    assert_eq!(statuses, [status("cargo2 block", "success"), status("cargo2 manual merge", "pending")]);
    assert_eq!(world.everything().writes, [""; 0], "a second run sends no write");
}

#[test]
fn an_app_works_like_the_workflow() {
    let mut world = World::new();
    let number = world.bump(NEW);
    world.token = "app";
    world.everything().ok();
    assert_eq!(world.checks(&world.head(number)).len(), 2);
    assert_eq!(world.fake.comments(number)[0].author, "cargo2[bot]");
    assert_eq!(world.everything().writes, [""; 0]);
}

#[test]
fn a_token_that_is_refused_ends_with_a_clear_word() {
    let mut world = World::new();
    world.bump(NEW);
    world.token = "wrong";
    let run = world.everything();
    assert_eq!(run.run.code, Some(1));
    assert!(run.run.stderr.contains("token"), "{}", run.run.stderr);
    assert!(!run.run.stderr.contains("wrong\n"));
}
