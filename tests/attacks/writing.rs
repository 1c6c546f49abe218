//! What the bot itself writes, and must not.

use crate::fake_github::{Fault, Seen};
use crate::scene::{BRANCH, Scene, TRACKER, bumped, text};
use crate::world::{LOCK, Rules, TOOL, lock_of, tool};

/// The branch of the bot's own pull request.
const OWN: &str = "cargo2-bot/tool.bst";

/// Drift on the base branch, for which the bot opened its pull request.
fn opened() -> (Scene, u64) {
    let scene = Scene::on(&[text(LOCK, lock_of(1))]);
    scene.run();
    let own = scene.pulls().into_iter().find(|pull| pull.head_ref == OWN).expect("the bot's pull request");
    (scene, own.number)
}

#[test]
fn a_persons_commit_on_a_branch_of_the_bot_is_kept() {
    let (scene, number) = opened();
    let sha = scene.put("bob", OWN, &[text("notes.md", "mine\n")]);
    scene.base("main", &[text(LOCK, lock_of(2))]);
    scene.run();
    assert!(scene.inspect(|state| state.is_ancestor(&sha, &state.tip("owner", OWN).unwrap_or_default())), "it is gone");
    assert_eq!(scene.file(OWN, "notes.md").as_deref(), Some("mine\n"));
    scene.held(number);
}

#[test]
fn a_branch_with_a_persons_commit_is_not_deleted() {
    let (scene, number) = opened();
    let sha = scene.put("bob", OWN, &[text("notes.md", "mine\n")]);
    scene.base("main", &[text(LOCK, lock_of(0))]);
    scene.run();
    assert_eq!(scene.head(OWN), Some(sha), "the branch is gone");
    assert!(scene.pull(number).open, "it is closed");
}

#[test]
fn a_commit_under_the_bots_name_is_not_the_bots() {
    let (scene, _) = opened();
    // The names in a commit are the pusher's free choice.
    let pushed = crate::fake_github::Pushed {
        branch: OWN,
        files: &[("notes.md", Some("mine\n"))],
        author: "cargo2[bot]",
        committer: "cargo2[bot]",
        pusher: "bob",
        ..crate::fake_github::Pushed::default()
    };
    let sha = scene.push(&pushed).unwrap();
    scene.base("main", &[text(LOCK, lock_of(2))]);
    scene.run();
    assert!(scene.inspect(|state| state.is_ancestor(&sha, &state.tip("owner", OWN).unwrap_or_default())), "it is gone");
}

#[test]
fn a_branch_that_was_there_is_not_taken() {
    let scene = Scene::new();
    let sha = scene.put("bob", OWN, &[text("notes.md", "mine\n")]);
    scene.base("main", &[text(LOCK, lock_of(1))]);
    scene.run();
    assert_eq!(scene.head(OWN), Some(sha));
    scene.safe();
}

#[test]
fn the_bots_own_pull_request_is_held_like_any_other() {
    let (scene, number) = opened();
    scene.run();
    scene.held_until_approved(number);
}

#[test]
fn a_person_who_smuggles_into_the_bots_branch_does_not_approve() {
    let (scene, number) = opened();
    scene.put("bob", OWN, &[text(TOOL, tool(1, 1))]);
    scene.approve(number, "bob");
    scene.run();
    scene.held(number);
}

#[test]
fn a_branch_that_others_stand_on_gets_no_commit() {
    let scene = Scene::new();
    let sha = scene.put(TRACKER, BRANCH, &[text(LOCK, lock_of(1))]);
    scene.push_sha("bob", "above", &sha).unwrap();
    scene.put("bob", "above", &[text("README.md", "above\n")]);
    let number = scene.try_open("owner", BRANCH, "main", TRACKER).unwrap();
    scene.try_open("owner", "above", BRANCH, "bob").unwrap();
    scene.run();
    assert_eq!(scene.head(BRANCH), Some(sha), "the bot committed to it");
    scene.held(number);
}

#[test]
fn a_branch_with_any_rule_gets_no_commit() {
    let scene = Scene::new();
    scene.rule(BRANCH, "non_fast_forward", serde_json::Value::Null);
    let number = scene.tracked(&[text(LOCK, lock_of(1))]);
    let sha = scene.sha(number);
    scene.run();
    assert_eq!(scene.sha(number), sha, "the bot committed to it");
    scene.held(number);
}

#[test]
fn a_guarded_branch_gets_no_commit() {
    let scene = Scene::with(Rules { second: true, ..Rules::PLAIN });
    scene.base("stable", &[text(LOCK, lock_of(1))]);
    let number = scene.try_open("owner", "stable", "main", TRACKER).unwrap();
    let sha = scene.sha(number);
    scene.run();
    assert_eq!(scene.sha(number), sha, "the bot committed to it");
    scene.held(number);
}

#[test]
fn a_branch_that_a_person_pushed_gets_no_commit() {
    let scene = Scene::new();
    let number = scene.tracked(&[text(LOCK, lock_of(1))]);
    let sha = scene.put("bob", BRANCH, &[text("README.md", "mine\n")]);
    scene.run();
    assert_eq!(scene.sha(number), sha, "the bot committed to it");
    scene.held(number);
}

#[test]
fn the_bots_commit_is_not_covered_by_an_approval_before_it() {
    let scene = Scene::new();
    let number = scene.tracked(&[text(LOCK, lock_of(1))]);
    scene.approve(number, "ann");
    scene.run();
    assert_eq!(scene.file(BRANCH, TOOL).unwrap(), tool(1, 0), "the bot fixed the drift");
    scene.run();
    scene.held(number);
    scene.approve(number, "ann");
    scene.run();
    scene.released(number);
}

#[test]
fn what_fails_after_the_bots_commit_leaves_no_green_head() {
    let scene = Scene::new();
    let number = scene.tracked(&[text(LOCK, lock_of(1))]);
    let old = scene.sha(number);
    scene.approve(number, "ann");
    let fake = scene.world.fake.clone();
    let branch = fake.head(BRANCH);
    // One write after the commit fails.
    let failing = move |seen: &Seen| {
        let moved = fake.head(BRANCH) != branch;
        moved && seen.method != "GET" && !seen.path.contains("check-runs") && seen.path != "/graphql"
    };
    scene.fail(1, failing, Fault::Status(500));
    scene.try_run();
    scene.calm();
    assert_ne!(scene.sha(number), old);
    scene.held(number);
}

#[test]
fn each_failure_after_the_bots_commit_leaves_no_green_head() {
    let commits = |seen: &Seen| seen.operation.as_deref() == Some("Commit");
    for after in 0..12 {
        let scene = Scene::new();
        let number = scene.tracked(&[text(LOCK, lock_of(1))]);
        scene.approve(number, "ann");
        let handle = scene.world.fake.clone();
        scene.before(commits, move |fake| {
            let at = handle.sent() + 1 + after;
            fake.fail(1, move |seen| seen.number == at, Fault::Status(502));
        });
        scene.try_run();
        scene.calm();
        scene.safe();
        assert!(!scene.is_green(number), "request {after} after the commit");
        scene.run();
        scene.held(number);
    }
}

#[test]
fn a_tracker_that_starts_over_every_day_keeps_its_approval() {
    let scene = Scene::new();
    let number = scene.tracked(&[text(LOCK, lock_of(1))]);
    scene.run();
    scene.approve(number, "ann");
    scene.run();
    scene.released(number);
    for day in 0..3 {
        scene.base("main", &[text("README.md", format!("day {day}\n"))]);
        scene.start_over(TRACKER, BRANCH, &[text(LOCK, lock_of(1))]);
        scene.run();
        scene.run();
        assert_eq!(scene.file(BRANCH, TOOL).unwrap(), tool(1, 0), "day {day}");
        scene.released(number);
    }
}

#[test]
fn a_tracker_that_comes_back_with_more_loses_its_approval() {
    let scene = Scene::new();
    let number = scene.tracked(&[text(LOCK, lock_of(1))]);
    scene.run();
    drop(scene.approved_then(number, |scene| drop(scene.start_over(TRACKER, BRANCH, &[text(LOCK, lock_of(2))]))));
}

#[test]
fn a_right_block_costs_no_new_head() {
    let scene = Scene::new();
    let number = scene.tracked(&bumped(1));
    let sha = scene.sha(number);
    scene.run();
    scene.run();
    assert_eq!(scene.sha(number), sha);
    scene.held(number);
}

#[test]
fn a_change_with_the_bots_mark_is_not_closed() {
    let scene = Scene::new();
    let number = scene.pull_by("bob", "cargo2-bot/other.bst", &[text("README.md", "mine\n")]);
    scene.run();
    assert!(scene.pull(number).open && scene.head("cargo2-bot/other.bst").is_some());
}
