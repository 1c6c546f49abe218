//! The base branch: its drift and its matrix.

use super::world::{LOCK, NEW, OLD, TOOL, TRACKER, World, tool, tracker};
use crate::support::lock;
use cargo2_bot::config::CONFIG;

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
fn what_a_script_of_the_tracker_lists_gets_no_entry_and_what_nothing_lists_does() {
    let mut world = World::new();
    world.token = "app";
    let more = tool(OLD).replace("path: files/up\n", "path: files/up\n  track: main\n");
    let calls = format!("{}    - run: ci/more.sh\n", tracker("manual-merge"));
    let script = |name: &str| format!("#!/bin/sh\nfor e in bluefin/{name}.bst; do bst source track $e; done\n");
    let files =
        [("elements/bluefin/more.bst", Some(&*more)), (TRACKER, Some(&*calls)), ("ci/more.sh", Some(&*script("more")))];
    world.fake.commit("main", &files, "owner");
    let run = world.everything();
    assert_eq!((open(&world), run.writes.len()), (Vec::new(), 0), "{:?}", run.run);
    world.fake.commit("main", &[("ci/more.sh", Some(&script("tool")))], "owner");
    world.everything();
    assert!(world.fake.file("cargo2-bot/matrix", TRACKER).unwrap().contains("element: bluefin/more.bst"));
}

#[test]
fn only_a_report_where_the_workflow_says_so() {
    let world = World::new();
    world.fake.commit("main", &[(LOCK, Some(&lock(NEW)))], "owner");
    let run = world.run("schedule", "{}", &["--base", "report"]);
    assert_eq!((run.writes.len(), run.run.code), (0, Some(3)));
}

/// The Rust element of this name: it has the lock of `tool`.
fn more(world: &World, names: &[&str]) {
    let files: Vec<(String, String)> =
        names.iter().map(|name| (format!("elements/bluefin/{name}.bst"), tool(OLD))).collect();
    let files: Vec<(&str, Option<&str>)> =
        files.iter().map(|(path, text)| (path.as_str(), Some(text.as_str()))).collect();
    world.fake.commit("main", &files, "owner");
    world.fake.commit("main", &[(LOCK, Some(&lock(NEW)))], "owner");
}

fn open(world: &World) -> Vec<String> {
    world.fake.pulls().into_iter().filter(|pull| pull.open).map(|pull| pull.head_ref).collect()
}

#[test]
fn drift_everywhere_opens_two_pull_requests_and_more_when_they_are_merged() {
    let world = World::new();
    more(&world, &["a", "b", "c"]);
    let run = world.everything();
    assert_eq!(open(&world), ["cargo2-bot/bluefin/a.bst", "cargo2-bot/bluefin/b.bst"]);
    let waits = "no more than 2 pull requests of the bot's own are open at a time (`limit`); these wait: bluefin/c.bst, bluefin/tool.bst";
    assert!(run.run.stdout.contains(waits), "{}", run.run.stdout);
    assert_eq!(world.everything().writes, [""; 0], "a second run opens no more");
    world.fake.commit("main", &[("elements/bluefin/a.bst", Some(&tool(NEW)))], "owner");
    world.everything();
    world.everything();
    assert_eq!(open(&world), ["cargo2-bot/bluefin/b.bst", "cargo2-bot/bluefin/c.bst"]);
}

#[test]
fn one_pull_request_for_all_drift_where_the_configuration_says_so() {
    let world = World::new();
    world.fake.commit("main", &[(CONFIG, Some("bot:\n  base: grouped\n"))], "owner");
    more(&world, &["a", "b", "c"]);
    let run = world.everything();
    assert_eq!(open(&world), ["cargo2-bot/all"], "{:?}", run.run);
    for name in ["a", "b", "c", "tool"] {
        assert_eq!(world.fake.file("cargo2-bot/all", &format!("elements/bluefin/{name}.bst")).unwrap(), tool(NEW));
    }
    assert_eq!(world.everything().writes, [""; 0]);
}

#[test]
fn in_report_mode_nothing_is_written_and_the_summary_says_what_would_be() {
    let world = World::new();
    let number = world.bump(OLD);
    world.fake.commit("main", &[(CONFIG, Some("mode: report\n"))], "owner");
    let comment = world.fake.comment(number, "reviewer", "/cargo2 regenerate");
    let command = format!(
        r#"{{"action":"created","issue":{{"number":{number},"pull_request":{{}}}},"comment":{{"id":{comment},"body":"/cargo2 regenerate","user":{{"login":"reviewer","type":"User"}}}}}}"#
    );
    for (event, payload) in [("workflow_run", "{}"), ("issue_comment", command.as_str())] {
        let run = world.event(event, payload);
        assert_eq!((run.writes.len(), run.run.code), (0, Some(0)), "{event}: {:?}", run.run);
        assert!(run.summary.starts_with("**Report mode: nothing was written.**"), "{}", run.summary);
    }
    let run = world.everything();
    for would in ["check `cargo2 manual merge`: `action_required`", "comment on", "commit to"] {
        assert!(run.summary.contains(would), "{would}: {}", run.summary);
    }
    world.fake.commit("main", &[(CONFIG, Some("mode: enforce\nbot: {label: held, reviewers: [none]}\n"))], "owner");
    world.everything();
    assert_eq!(world.fake.pull(number).labels, ["held"]);
}

#[test]
fn the_dashboard_is_one_issue_that_says_what_waits() {
    let world = World::new();
    let number = world.bump(NEW);
    world.everything();
    assert!(world.fake.issues().is_empty(), "it is off unless the configuration switches it on");
    let exempt = "bot: {dashboard: true}\nelements:\n  bluefin/tool.bst:\n    rules:\n      crate-yanked: {severity: notice, reason: known here, until: 2100-01-31}\n";
    world.fake.commit("main", &[(CONFIG, Some(exempt)), (LOCK, Some(&lock(&NEW[..2])))], "owner");
    let run = world.everything();
    let issues = world.fake.issues();
    let [issue] = &issues[..] else { panic!("{:?}", run.run) };
    for line in [
        format!("- #{number} "),
        "- `bluefin/tool.bst`: 1 moved".to_owned(),
        "- the severity of the rule `crate-yanked` of `bluefin/tool.bst`, until 2100-01-31: known here".to_owned(),
    ] {
        assert!(issue.body.contains(&line), "{line}: {}", issue.body);
    }
    assert_eq!(world.everything().writes, [""; 0], "the same is not written again");
    world.fake.commit("main", &[(LOCK, Some(&lock(OLD)))], "owner");
    world.everything();
    let after = world.fake.issues();
    assert_eq!((after.len(), after[0].number), (1, issue.number), "it is updated in place");
    assert!(!after[0].body.contains("1 moved"), "{}", after[0].body);
}
