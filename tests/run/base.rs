//! The base branch: its drift and its matrix.

use super::world::{LOCK, NEW, OLD, TOOL, TRACKER, World, tool, tracker};
use crate::support::lock;

#[test]
fn drift_on_the_base_opens_one_pull_request_that_is_held() {
    let world = World::new();
    world.fake.commit("main", &[(LOCK, Some(&lock(NEW)))], "owner");
    let run = world.everything();
    assert_eq!(run.output("opened"), "[1]", "{:?}", run.run);
    let pull = world.fake.pull(1);
    assert_eq!((pull.head_ref.as_str(), pull.base_ref.as_str()), ("cargo2-bot/bluefin/tool.bst", "main"));
    assert_eq!(world.fake.file("cargo2-bot/bluefin/tool.bst", TOOL).unwrap(), tool(NEW));
    let held = ("cargo2 manual merge".to_owned(), Some("action_required".to_owned()));
    assert!(world.checks(&world.head(1)).contains(&held), "{:?}", world.checks(&world.head(1)));
    let second = world.everything();
    assert_eq!(second.writes, [""; 0], "a second run sends no write");
    assert_eq!(world.fake.pulls().len(), 1);
}

#[test]
fn it_is_refreshed_when_more_drifts_and_closed_when_nothing_does() {
    let world = World::new();
    world.fake.commit("main", &[(LOCK, Some(&lock(&NEW[..2])))], "owner");
    world.everything();
    world.fake.commit("main", &[(LOCK, Some(&lock(NEW)))], "owner");
    let run = world.everything();
    assert_eq!(world.fake.file("cargo2-bot/bluefin/tool.bst", TOOL).unwrap(), tool(NEW), "{:?}", run.run);
    assert_eq!(world.fake.pulls().len(), 1);
    world.fake.commit("main", &[(LOCK, Some(&lock(OLD)))], "owner");
    world.everything();
    let pull = world.fake.pull(1);
    assert!(!pull.open, "it is closed");
    assert_eq!(world.fake.head("cargo2-bot/bluefin/tool.bst"), None, "its branch is gone");
    assert_eq!(world.everything().writes, [""; 0]);
}

#[test]
fn one_that_a_person_wrote_to_is_left_alone() {
    let world = World::new();
    world.fake.commit("main", &[(LOCK, Some(&lock(NEW)))], "owner");
    world.everything();
    world.fake.commit("cargo2-bot/bluefin/tool.bst", &[(TOOL, Some("kind: manual # mine\n"))], "reviewer");
    let run = world.everything();
    assert_eq!(world.fake.file("cargo2-bot/bluefin/tool.bst", TOOL).unwrap(), "kind: manual # mine\n");
    assert!(run.run.stdout.contains("left as it is"), "{}", run.run.stdout);
}

#[test]
fn a_matrix_that_merges_by_itself_is_a_patch_for_the_workflow_token_and_a_pull_request_for_an_app() {
    let world = World::new();
    world.fake.commit("main", &[(TRACKER, Some(&tracker("auto-merge")))], "owner");
    let run = world.everything();
    assert_eq!(run.writes, [""; 0]);
    assert_eq!(run.run.code, Some(3));
    assert!(run.summary.contains("+          - group: manual-merge"), "{}", run.summary);
    let mut world = world;
    world.token = "app";
    let run = world.everything();
    assert_eq!(run.output("opened"), "[1]", "{:?}", run.run);
    assert!(world.fake.file("cargo2-bot/matrix", TRACKER).unwrap().contains("- group: manual-merge"));
}

#[test]
fn only_a_report_where_the_workflow_says_so() {
    let world = World::new();
    world.fake.commit("main", &[(LOCK, Some(&lock(NEW)))], "owner");
    let run = world.run("schedule", "{}", &["--base", "report"]);
    assert_eq!((run.writes.len(), run.run.code), (0, Some(3)));
}
