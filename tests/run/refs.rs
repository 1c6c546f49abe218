//! Pull requests that move a pinned commit, with the upstream on git's own server.

use super::git_http::{Fixture, GitServer, Item};
use super::world::{OLD, TOOL, World, tool};
use crate::support::lock;

/// The element, pinned at a commit of `main`.
fn pinned(commit: &str) -> String {
    let git = format!("- kind: git_repo\n  url: up:repo.git\n  track: main\n  ref: {commit}\n");
    tool(OLD).replace("- kind: local\n  path: files/up\n", &git)
}

/// What two runs make of a pull request.
struct Outcome {
    comment: String,
    held: bool,
    /// Requests of each run to the upstream.
    requests: [usize; 2],
}

/// A pull request from one commit to another, after two runs.
fn run(from: &str, to: &str, server: &GitServer, code: i32) -> Outcome {
    let world = World::new();
    let conf = "name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  crates: https://crates.example/\n  up: https://up.example/\n";
    world.fake.commit("main", &[("project.conf", Some(conf)), (TOOL, Some(&pinned(from)))], "owner");
    world.fake.commit("auto/track-tool", &[(TOOL, Some(&pinned(to)))], "github-actions[bot]");
    let number = world.fake.open_pull("auto/track-tool", "main", "github-actions[bot]", "chore(deps): update tool");
    let alias = format!("up={}", server.root());
    let requests = [0, 1].map(|time| {
        let before = server.requests();
        let ended = world.run("workflow_run", "{}", &["--alias", &alias]);
        assert_eq!(ended.run.code, Some(code), "{:?}", ended.run);
        assert!(time == 0 || ended.writes.is_empty(), "a second run sends no write: {:?}", ended.writes);
        server.requests() - before
    });
    let comment = world.fake.comments(number).pop().map(|comment| comment.body).unwrap_or_default();
    let held = ("cargo2 manual merge".to_owned(), Some("action_required".to_owned()));
    Outcome { comment, held: world.checks(&world.head(number)).contains(&held), requests }
}

#[test]
fn a_commit_that_only_a_fork_has_is_held_and_explained() {
    let fixture = Fixture::new();
    fixture.configure("uploadpack.allowFilter", "true");
    let text = lock(OLD);
    let commit = |branch: &str, file: &str| {
        let files = [("Cargo.lock", Item::File(text.as_bytes())), ("main.rs", Item::File(file.as_bytes()))];
        fixture.commit(branch, &files)
    };
    let (old, new) = (commit("main", "1"), commit("main", "2"));
    fixture.reference("refs/heads/fork", &new);
    let fork = commit("fork", "evil");
    fixture.forget("refs/heads/fork");
    let server = GitServer::start(&fixture.path());
    let Outcome { comment, held, requests: [first, second] } = run(&old, &new, &server, 0);
    assert!(held && !comment.contains("upstream-"), "{comment}");
    assert_eq!(first, second);
    let Outcome { comment, held, .. } = run(&old, &fork, &server, 3);
    assert!(held && comment.contains("upstream-off-branch") && comment.contains(&fork[..12]), "{comment}");
}
