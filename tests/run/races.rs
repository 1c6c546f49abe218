//! What happens in between: heads move, pull requests close, comments double, requests fail.

use super::fake_github::{Fault, Pushed};
use super::world::{LOCK, NEW, OLD, TOOL, World, tool};
use crate::support::lock;

#[test]
fn a_head_that_moves_before_the_commit_is_planned_again() {
    let world = World::new();
    let number = world.bump(OLD);
    world.fake.before(
        |seen| seen.operation.as_deref() == Some("Commit"),
        |fake| {
            fake.commit("auto/track-tool", &[("other.txt", Some("moved"))], "github-actions[bot]");
        },
    );
    let run = world.everything();
    run.ok();
    assert_eq!(world.fake.file("auto/track-tool", TOOL).unwrap(), tool(NEW));
    assert_eq!(world.fake.file("auto/track-tool", "other.txt").unwrap(), "moved", "nothing is lost");
    assert_eq!(run.writes.iter().filter(|w| *w == "Commit").count(), 2);
    assert_eq!(world.checks(&world.head(number)).len(), 2);
}

#[test]
fn a_person_who_pushes_in_between_is_not_written_over() {
    let world = World::new();
    let number = world.bump(OLD);
    world.fake.before(
        |seen| seen.operation.as_deref() == Some("Commit"),
        |fake| {
            fake.commit("auto/track-tool", &[("mine.txt", Some("by hand"))], "reviewer");
        },
    );
    let run = world.everything();
    assert_eq!(run.run.code, Some(3), "{:?}", run.run);
    assert_eq!(world.fake.file("auto/track-tool", TOOL).unwrap(), tool(OLD));
    assert!(world.fake.comments(number)[0].body.contains("commit by a person"));
}

#[test]
fn a_pull_request_that_closes_in_between_is_let_go() {
    let world = World::new();
    let number = world.bump(OLD);
    world.fake.before(
        |seen| seen.operation.as_deref() == Some("Commit"),
        move |fake| {
            fake.delete_branch("auto/track-tool");
        },
    );
    let run = world.everything();
    assert!(!world.fake.pull(number).open);
    assert_eq!(world.fake.comments(number).len(), 0, "{:?}", run.run);
    assert!(run.run.stdout.contains("closed meanwhile"), "{:?}", run.run);
}

#[test]
fn a_doubled_comment_goes_and_one_of_someone_else_stays() {
    let world = World::new();
    let number = world.bump(NEW);
    world.fake.comment(number, "mallory", "<!-- cargo2-bot -->\nall is well");
    world.everything();
    let ours = world.fake.comments(number).into_iter().find(|c| c.author == "github-actions[bot]").unwrap();
    world.fake.comment(number, "github-actions[bot]", &ours.body);
    let run = world.everything();
    run.ok();
    let left: Vec<String> = world.fake.comments(number).into_iter().map(|c| c.author).collect();
    assert_eq!(left, ["mallory", "github-actions[bot]"]);
    assert_eq!(run.writes.len(), 1, "{:?}", run.writes);
}

#[test]
fn a_write_whose_answer_is_lost_is_not_sent_twice_and_the_next_run_reaches_the_same_end() {
    let world = World::new();
    let number = world.bump(NEW);
    let comment = format!("/repos/owner/name/issues/{number}/comments");
    world.fake.fail(1, move |seen| seen.method == "POST" && seen.path == comment, Fault::ResetAfter);
    let run = world.everything();
    assert_eq!(run.writes.iter().filter(|w| w.ends_with("/comments")).count(), 1, "{:?}", run.writes);
    assert_eq!(run.run.code, Some(1), "{:?}", run.run);
    world.everything().ok();
    assert_eq!(world.fake.comments(number).len(), 1);
    assert_eq!(world.everything().writes, [""; 0]);
}

#[test]
fn server_errors_while_reading_are_tried_again() {
    let world = World::new();
    let number = world.bump(NEW);
    world.fake.fail(2, |seen| seen.path == "/graphql", Fault::Status(502));
    world.fake.fail(1, |seen| seen.path.contains("/compare/"), Fault::ResetBefore);
    world.everything().ok();
    assert_eq!(world.checks(&world.head(number)).len(), 2);
}

#[test]
fn success_is_taken_back_where_a_commit_is_no_head_any_more() {
    let world = World::new();
    let number = world.bump(NEW);
    world.fake.review(number, "reviewer", "APPROVED");
    world.everything().ok();
    let approved = world.head(number);
    let hold = |sha: &str| {
        let runs = world.fake.checks(sha).into_iter().filter(|run| run.name == "cargo2 manual merge");
        runs.filter_map(|run| run.conclusion).collect::<Vec<_>>()
    };
    assert_eq!(hold(&approved), ["success"]);
    // A push on top, which is approved as well, and then a forced one.
    world.fake.commit("auto/track-tool", &[("README.md", Some("x"))], "github-actions[bot]");
    let run = world.everything();
    run.ok();
    assert_eq!(hold(&approved), ["action_required"], "the same run says so");
    let second = world.head(number);
    assert_eq!(hold(&second), ["success"]);
    let files = [("README.md", Some("y"))];
    let amend = Pushed {
        branch: "auto/track-tool",
        files: &files,
        amend: true,
        author: "github-actions[bot]",
        ..Pushed::default()
    };
    world.fake.push(&Pushed { pusher: "github-actions[bot]", ..amend }).unwrap();
    world.everything().ok();
    assert_eq!(
        (hold(&approved), hold(&second)),
        (vec!["action_required".to_owned()], vec!["action_required".to_owned()])
    );
    assert_eq!(hold(&world.head(number)), ["success"]);
    assert_eq!(world.everything().writes, [""; 0], "it is written once");
    // The commit is the head again: what was approved counts.
    world.fake.push_sha("github-actions[bot]", "auto/track-tool", &approved).unwrap();
    world.everything().ok();
    assert_eq!(hold(&approved), ["success"]);
}

#[test]
fn earlier_heads_that_cannot_be_read_make_the_run_fail() {
    let world = World::new();
    let number = world.bump(NEW);
    world.fake.fail(9, |seen| seen.operation.as_deref() == Some("Heads"), Fault::Status(404));
    let run = world.everything();
    assert_eq!(run.run.code, Some(1), "{:?}", run.run);
    assert!(run.run.stdout.contains("earlier heads"), "{}", run.run.stdout);
    assert_eq!(world.checks(&world.head(number)).len(), 2, "the rest is done");
}

#[test]
fn reviewers_whose_request_failed_are_asked_again() {
    let world = World::new();
    let number = world.bump(NEW);
    world.fake.fail(usize::MAX, |seen| seen.path.ends_with("requested_reviewers"), Fault::Status(502));
    assert_eq!(world.everything().run.code, Some(1), "it is reported");
    world.fake.calm();
    let again = world.everything();
    assert!(again.writes.contains(&format!("POST pulls/{number}/requested_reviewers")), "{:?}", again.writes);
    assert_eq!(world.everything().writes, [""; 0]);
}

#[test]
fn a_pull_request_of_the_bots_own_whose_branch_could_not_be_deleted_is_closed_by_the_next_run() {
    let world = World::new();
    world.fake.commit("main", &[(LOCK, Some(&lock(NEW)))], "owner");
    world.everything();
    world.fake.commit("main", &[(LOCK, Some(&lock(OLD)))], "owner");
    world.fake.fail(usize::MAX, |seen| seen.method == "DELETE", Fault::Status(502));
    world.everything();
    assert!(world.fake.pull(1).open, "nothing looks like a person's answer");
    world.fake.calm();
    world.everything();
    assert!(!world.fake.pull(1).open);
    let comments = world.fake.comments(1);
    assert_eq!(comments.iter().filter(|comment| comment.body.contains("no longer needed")).count(), 1);
    // The same drift again is reported again.
    world.fake.commit("main", &[(LOCK, Some(&lock(NEW)))], "owner");
    assert_eq!(world.everything().output("opened"), "[2]");
}

#[test]
fn a_token_that_is_refused_at_the_end_ends_the_run() {
    let world = World::new();
    world.fake.commit("main", &[(LOCK, Some(&lock(NEW)))], "owner");
    world.everything();
    world.fake.commit("main", &[(LOCK, Some(&lock(OLD)))], "owner");
    world.fake.fail(usize::MAX, |seen| seen.method == "DELETE", Fault::Status(401));
    let run = world.everything();
    assert_eq!(run.run.code, Some(1), "{:?}", run.run);
    // It is the run's own, not that of one branch among others, and nothing is requested after it.
    assert!(run.run.stdout.starts_with("note: GitHub does not accept the token"), "{:?}", run.run);
    let last = world.fake.requests().pop().unwrap();
    assert_eq!((last.method.as_str(), last.status), ("DELETE", Some(401)));
}

#[test]
fn a_command_is_answered_when_its_work_is_done() {
    let world = World::new();
    let number = world.bump(NEW);
    let body = "/cargo2 recheck";
    let comment = world.fake.comment(number, "reviewer", body);
    let payload = format!(
        r#"{{"action":"created","issue":{{"number":{number},"state":"open","pull_request":{{}}}},
        "comment":{{"id":{comment},"body":"{body}","user":{{"login":"reviewer","type":"User"}}}}}}"#
    );
    let run = world.event("issue_comment", &payload);
    assert_eq!(run.writes.last(), Some(&format!("POST issues/comments/{comment}/reactions")), "{:?}", run.writes);
}
