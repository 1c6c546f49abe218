//! The doors that lead to a run of the default branch: the relay, pushes, and who may not come in.

use super::world::{NEW, World};

/// The end of a run of the workflow with this path, for this event at this head of the repository itself.
fn relayed(path: &str, event: &str, sha: &str, branch: &str) -> String {
    format!(
        r#"{{"action":"completed","repository":{{"full_name":"owner/name","default_branch":"main"}},"workflow_run":{{
        "name":"cargo2-bot relay","path":"{path}","event":"{event}","head_sha":"{sha}","head_branch":"{branch}",
        "head_repository":{{"full_name":"owner/name"}},"pull_requests":[]}}}}"#
    )
}

const RELAY: &str = ".github/workflows/cargo2-bot-relay.yml";

/// A world with two pull requests: a bump of the tool, and a change of a text.
fn world() -> (World, u64, u64) {
    let world = World::new();
    let number = world.bump(NEW);
    world.fake.commit("docs", &[("README.md", Some("better"))], "someone");
    let other = world.fake.open_pull("docs", "main", "someone", "docs");
    (world, number, other)
}

#[test]
fn a_review_that_is_relayed_judges_the_pull_request_with_that_head_alone() {
    let (world, number, other) = world();
    let head = world.head(number);
    world.event("workflow_run", &relayed(RELAY, "pull_request_review", &head, "auto/track-tool")).ok();
    assert_eq!(world.checks(&head).len(), 2);
    assert_eq!(world.checks(&world.head(other)), []);
    // A workflow of the same name is not the relay, and what it says is not used.
    let named = relayed(".github/workflows/other.yml", "pull_request_review", &head, "auto/track-tool");
    world.event("workflow_run", &named).ok();
    assert_eq!(world.checks(&world.head(other)).len(), 2, "all are looked at");
}

#[test]
fn a_head_that_is_relayed_and_not_there_judges_nothing() {
    let (world, number, _) = world();
    let run = world.event("workflow_run", &relayed(RELAY, "pull_request", &"1".repeat(40), "auto/track-tool"));
    run.ok();
    assert_eq!((run.writes.len(), world.checks(&world.head(number)).len()), (0, 0));
}

#[test]
fn a_merge_group_that_is_relayed_is_answered_at_its_head() {
    let (world, number, _) = world();
    let (base, head) = (world.fake.head("main").unwrap(), world.head(number));
    let group = format!("gh-readonly-queue/main/pr-{number}-{base}");
    world.event("workflow_run", &relayed(RELAY, "merge_group", &head, &group));
    let hold = ("cargo2 manual merge".to_owned(), Some("failure".to_owned()));
    assert!(world.checks(&head).contains(&hold), "{:?}", world.checks(&head));
}

#[test]
fn a_push_to_another_branch_judges_the_pull_requests_into_it() {
    let (world, number, other) = world();
    world.fake.commit("next", &[("a", Some("a"))], "owner");
    world.fake.commit("more", &[("b", Some("b"))], "owner");
    let into = world.fake.open_pull("more", "next", "someone", "more");
    let payload = r#"{"ref":"refs/heads/next","repository":{"full_name":"owner/name","default_branch":"main"}}"#;
    world.event("push", payload).ok();
    assert_eq!(world.checks(&world.head(into)).len(), 2);
    assert_eq!((world.checks(&world.head(number)), world.checks(&world.head(other))), (vec![], vec![]));
    let head = world.head(into);
    world.event("workflow_run", &relayed(RELAY, "push", &head, "main")).ok();
    assert_eq!(world.checks(&world.head(other)).len(), 2, "a push to the default branch judges all");
}

#[test]
fn the_workflow_of_another_branch_runs_nothing_even_for_a_named_pull_request() {
    let (world, number, _) = world();
    let payload = r#"{"ref":"refs/heads/mine","repository":{"full_name":"owner/name","default_branch":"main"}}"#;
    for args in [&[][..], &["--pull-request", &number.to_string()]] {
        let run = world.run("workflow_dispatch", payload, args);
        run.ok();
        assert_eq!((run.requests, run.writes.len()), (0, 0), "{args:?}");
        assert!(run.run.stdout.contains("only the workflow of the default branch may run the bot"), "{:?}", run.run);
    }
    let default = payload.replace("mine", "main");
    world.event("workflow_dispatch", &default).ok();
    assert_eq!(world.checks(&world.head(number)).len(), 2);
}

#[test]
fn an_edited_comment_is_seen_and_gives_no_command() {
    let (world, number, other) = world();
    let payload = format!(
        r#"{{"action":"edited","issue":{{"number":{number},"state":"open","pull_request":{{"url":"x"}}}},
        "comment":{{"id":1,"body":"/cargo2 regenerate","user":{{"login":"reviewer","type":"User"}}}}}}"#
    );
    let run = world.event("issue_comment", &payload);
    run.ok();
    assert!(!run.writes.iter().any(|write| write.contains("reactions")), "{:?}", run.writes);
    assert_eq!(world.checks(&world.head(number)).len(), 2);
    assert_eq!(world.checks(&world.head(other)), []);
}

#[test]
fn what_a_closed_pull_request_was_released_for_is_taken_back() {
    let (world, number, other) = world();
    let head = world.head(number);
    world.fake.check_run(&head, "github-actions", "cargo2 manual merge", Some("success"));
    world.fake.close(number);
    let payload =
        |merged: bool| format!(r#"{{"action":"closed","pull_request":{{"number":{number},"merged":{merged}}}}}"#);
    let merged = world.event("pull_request_target", &payload(true));
    assert_eq!((merged.requests, merged.writes.len()), (0, 0));
    world.event("pull_request_target", &payload(false)).ok();
    let last = world.fake.checks(&head).into_iter().max_by_key(|run| run.id).unwrap();
    assert_eq!((last.name.as_str(), last.conclusion.as_deref()), ("cargo2 manual merge", Some("action_required")));
    assert_eq!(world.checks(&world.head(other)), [], "the others are not looked at");
}
