//! Each event, and what it asks for.

use super::world::{NEW, OLD, TOOL, World, tool};

fn pull_event(number: u64, head: &str) -> String {
    format!(
        r#"{{"action":"synchronize","repository":{{"default_branch":"main"}},"sender":{{"login":"x"}},
        "pull_request":{{"number":{number},"head":{{"repo":{{"full_name":"{head}"}}}},
        "base":{{"repo":{{"full_name":"owner/name"}}}}}}}}"#
    )
}

fn comment_event(number: u64, comment: u64, login: &str, body: &str) -> String {
    format!(
        r#"{{"action":"created","issue":{{"number":{number},"state":"open","pull_request":{{"url":"x"}}}},
        "comment":{{"id":{comment},"body":"{body}","user":{{"login":"{login}","type":"User"}}}}}}"#
    )
}

#[test]
fn a_fork_is_informed_by_annotations_and_summary_and_nothing_is_written() {
    let world = World::new();
    let files = [(TOOL, Some(tool(NEW)))];
    let files: Vec<(&str, Option<&str>)> = files.iter().map(|(path, text)| (*path, text.as_deref())).collect();
    world.fake.fork_commit("stranger", "patch", &files, "stranger");
    let number = world.fake.open_fork_pull("stranger", "patch", "main", "stranger", "mine");
    let run = world.event("pull_request", &pull_event(number, "stranger/name"));
    assert_eq!(run.writes, [""; 0]);
    assert_eq!(run.run.code, Some(3), "{:?}", run.run);
    assert!(run.run.stdout.contains("::error file=elements/bluefin/tool.bst"), "{}", run.run.stdout);
    assert!(run.summary.contains("bluefin/tool.bst"), "{}", run.summary);
    // With the token of the base it is held, and its branch is not ours.
    let run = world.event("pull_request_target", &pull_event(number, "stranger/name"));
    assert!(!run.writes.contains(&"Commit".to_owned()), "{:?}", run.writes);
    assert!(
        world.fake.comments(number)[0].body.contains("the bot cannot push to this fork"),
        "{}",
        world.fake.comments(number)[0].body
    );
}

#[test]
fn a_pull_request_event_looks_at_that_one_alone() {
    let world = World::new();
    let number = world.bump(NEW);
    world.fake.commit("docs", &[("README.md", Some("better"))], "someone");
    let other = world.fake.open_pull("docs", "main", "someone", "docs");
    let run = world.event("pull_request", &pull_event(number, "owner/name"));
    run.ok();
    assert_eq!(world.checks(&world.head(other)), []);
    assert_eq!(world.checks(&world.head(number)).len(), 2);
}

#[test]
fn a_command_is_obeyed_for_people_with_write_permission_only() {
    let world = World::new();
    let number = world.bump(OLD);
    world.fake.commit("auto/track-tool", &[("notes.txt", Some("by hand"))], "reviewer");
    let body = "/cargo2 regenerate";
    let comment = world.fake.comment(number, "stranger", body);
    let refused = world.event("issue_comment", &comment_event(number, comment, "stranger", body));
    refused.ok();
    assert_eq!(refused.writes, [format!("POST issues/comments/{comment}/reactions")]);
    assert_eq!(world.fake.file("auto/track-tool", TOOL).unwrap(), tool(OLD));
    let comment = world.fake.comment(number, "reviewer", body);
    let obeyed = world.event("issue_comment", &comment_event(number, comment, "reviewer", body));
    obeyed.ok();
    assert_eq!(world.fake.file("auto/track-tool", TOOL).unwrap(), tool(NEW));
}

#[test]
fn a_merge_group_is_answered_at_its_head() {
    let world = World::new();
    let number = world.bump(NEW);
    let base = world.fake.head("main").unwrap();
    let (branch, head) = world.fake.merge_group(number);
    let payload = format!(
        r#"{{"action":"checks_requested","merge_group":{{"head_sha":"{head}","base_sha":"{base}",
        "head_ref":"refs/heads/{branch}","base_ref":"refs/heads/main"}}}}"#
    );
    let held = world.event("merge_group", &payload);
    let check = |name: &str, conclusion: &str| (name.to_owned(), Some(conclusion.to_owned()));
    assert_eq!(
        world.checks(&head),
        [check("cargo2 block", "success"), check("cargo2 manual merge", "failure")],
        "{:?}",
        held.run
    );
    world.fake.review(number, "reviewer", "APPROVED");
    world.event("merge_group", &payload).ok();
    assert!(world.checks(&head).contains(&check("cargo2 manual merge", "success")));
    assert_eq!(world.event("merge_group", &payload).writes, [""; 0]);
}

#[test]
fn an_event_that_needs_no_action_ends_cleanly_without_a_request() {
    let world = World::new();
    for (event, payload) in
        [("star", "{}"), ("push", r#"{"ref":"refs/tags/v1"}"#), ("merge_group", r#"{"action":"destroyed"}"#)]
    {
        let run = world.event(event, payload);
        run.ok();
        assert_eq!((run.requests, run.writes.len()), (0, 0), "{event}");
    }
    let broken = world.event("pull_request", "{");
    assert_eq!(broken.run.code, Some(1));
    assert!(broken.run.stderr.contains("not JSON"), "{}", broken.run.stderr);
}

#[test]
fn a_dry_run_prints_the_plan_and_writes_nothing() {
    let world = World::new();
    let number = world.bump(OLD);
    let run = world.run("workflow_dispatch", "{}", &["--dry-run"]);
    assert_eq!(run.writes, [""; 0]);
    for line in [
        "commit to auto/track-tool: chore(deps): regenerate the cargo2 block of bluefin/tool.bst",
        "check `cargo2 manual merge`: action_required",
    ] {
        assert!(run.run.stdout.contains(line), "{line}: {}", run.run.stdout);
    }
    assert!(run.run.stdout.contains(&format!("#{number}:")));
}
