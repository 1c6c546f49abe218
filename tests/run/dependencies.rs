//! The crates of the default branch in GitHub's dependency graph: all of them, or none.

use super::fake_github::{Access, Token};
use super::world::{LOCK, NEW, OLD, TOOL, World, tool};
use crate::support::lock;

const SUBMIT: &str = "POST dependency-graph/snapshots";

fn submitted(world: &World) -> super::world::Ended {
    world.run("schedule", "{}", &["--submit-dependencies"])
}

#[test]
fn all_crates_of_the_default_branch_are_submitted_where_it_is_asked_for() {
    let world = World::new();
    assert_eq!(world.event("schedule", "{}").ok().writes, [""; 0], "nobody asked for it");
    assert_eq!(submitted(&world).ok().writes, [SUBMIT]);
    let [snapshot] = &world.fake.snapshots()[..] else { panic!("one snapshot") };
    assert_eq!(snapshot["sha"], world.fake.head("main").unwrap());
    assert_eq!(snapshot["ref"], "refs/heads/main");
    let resolved = snapshot["manifests"][TOOL]["resolved"].as_object().unwrap();
    let urls: Vec<&str> = resolved.values().map(|of| of["package_url"].as_str().unwrap()).collect();
    assert_eq!(urls, ["pkg:cargo/a@1.0.0", "pkg:cargo/b@1.0.0"]);
    submitted(&world).ok();
    assert_eq!(world.fake.snapshots().len(), 1, "the next one takes its place");
    let number = world.bump(NEW);
    let event = format!(r#"{{"action":"synchronize","pull_request":{{"number":{number}}}}}"#);
    let pull = world.run("pull_request_target", &event, &["--submit-dependencies"]);
    assert!(!pull.writes.contains(&SUBMIT.to_owned()), "only the default branch: {:?}", pull.writes);
}

#[test]
fn nothing_is_submitted_where_anything_is_not_verified() {
    let broken = [
        (LOCK, lock(NEW), "the crate list of bluefin/tool.bst is not verified"),
        (LOCK, "not a lock".to_owned(), "the crate list of bluefin/tool.bst is not verified"),
        ("elements/bluefin/other.bst", "sources:\n- kind: cargo2\n ref: [".to_owned(), "bluefin/other.bst"),
        (".github/cargo2-bot.yml", "elements:\n  bluefin/tool.bst:\n    exempt: {reason: by hand}\n".to_owned(), ""),
    ];
    for (path, text, why) in broken {
        let world = World::new();
        let files = [(path, Some(text.as_str())), (TOOL, Some(&tool(OLD)))];
        // An exemption hides drift alone: a list that matches anyway is verified.
        let drifted = lock(NEW);
        let exempt = path.ends_with(".yml").then_some((LOCK, Some(drifted.as_str())));
        let files: Vec<_> = files.into_iter().chain(exempt).collect();
        world.fake.commit("main", &files, "owner");
        let run = submitted(&world);
        assert!(!run.writes.contains(&SUBMIT.to_owned()), "{path}: {:?}", run.writes);
        assert!(run.run.stdout.contains("not submitted to the dependency graph"), "{path}: {}", run.run.stdout);
        assert!(run.run.stdout.contains(why), "{path}: {}", run.run.stdout);
    }
}

#[test]
fn a_token_that_may_not_submit_is_named() {
    let world = World::new();
    world.fake.token("workflow", Token::workflow().with("contents", Access::Read));
    let run = submitted(&world);
    assert_eq!(run.run.code, Some(1), "{:?}", run.run);
    assert!(run.run.stdout.contains("contents: write"), "{}", run.run.stdout);
    assert_eq!(world.fake.snapshots().len(), 0);
}
