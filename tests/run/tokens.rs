//! Tokens and their permissions.

use super::fake_github::{Access, Token};
use super::world::{NEW, OLD, TOOL, World, tool};

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

#[test]
fn a_missing_permission_is_named_and_the_rest_is_done() {
    let mut world = World::new();
    let number = world.bump(NEW);
    world.fake.token("weak", Token::workflow().with("issues", Access::Read).with("pull_requests", Access::Read));
    world.token = "weak";
    let run = world.everything();
    assert_eq!(run.run.code, Some(1), "{:?}", run.run);
    assert!(run.run.stdout.contains("write"), "{}", run.run.stdout);
    assert_eq!(world.checks(&world.head(number)).len(), 2, "the hold is there");
}

#[test]
fn a_token_without_checks_falls_back_to_statuses() {
    let mut world = World::new();
    let number = world.bump(NEW);
    world.fake.token("unchecked", Token::workflow().with("checks", Access::Read));
    world.token = "unchecked";
    world.everything().ok();
    assert_eq!(world.fake.statuses(&world.head(number)).len(), 2);
}

#[test]
fn an_enterprise_server_is_asked_at_its_own_addresses() {
    let world = World::new();
    let number = world.bump(OLD);
    let run = world.enterprise();
    run.ok();
    assert_eq!(world.fake.file("auto/track-tool", TOOL).unwrap(), tool(NEW));
    assert_eq!(world.checks(&world.head(number)).len(), 2);
}

#[test]
fn a_checkout_saves_requests_whoever_owns_it_and_however_shallow_it_is() {
    let world = World::new();
    world.bump(NEW);
    let without = world.run("workflow_run", "{}", &["--dry-run"]);
    world.check_out();
    let with = world.run("workflow_run", "{}", &["--dry-run"]);
    with.ok();
    assert!(with.requests < without.requests, "{} and {}", with.requests, without.requests);
    assert_eq!(with.outputs, without.outputs);
}

#[test]
fn requests_grow_by_the_pull_requests_that_touch_rust_alone() {
    let world = World::new();
    world.fake.page_size(5);
    world.bump(NEW);
    world.everything();
    let one = world.everything();
    assert_eq!(one.writes, [""; 0]);
    for n in 0..8 {
        let branch = format!("docs-{n}");
        world.fake.commit(&branch, &[("README.md", Some(&branch))], "someone");
        world.fake.open_pull(&branch, "main", "someone", "docs");
    }
    world.everything();
    let many = world.everything();
    assert_eq!(many.writes, [""; 0]);
    // One more page of pull requests, once with all about them and once with their earlier heads, and two for each: how its commits and its files differ from the base.
    assert_eq!(many.requests, one.requests + 2 + 2 * 8);
}

#[test]
fn a_success_costs_two_batched_reads() {
    let world = World::new();
    let docs = |n: usize| {
        let branch = format!("docs-{n}");
        world.fake.commit(&branch, &[("README.md", Some(&branch))], "someone");
        world.fake.open_pull(&branch, "main", "someone", "docs");
    };
    world.everything();
    (0..8).for_each(docs);
    let releasing = world.everything();
    assert_eq!(releasing.writes.len(), 16, "both checks of each");
    let quiet = world.everything();
    assert_eq!(quiet.writes, [""; 0]);
    // Everything it was decided from, for all of them: once right before, once right after.
    assert_eq!(releasing.requests - releasing.writes.len(), quiet.requests + 2);
}
