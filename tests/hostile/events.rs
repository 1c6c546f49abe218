//! Payloads of events, and the rest of what the runner says. A payload is a hint: whatever it says, the pull request is held.

use crate::canary::SECRET;
use crate::case::Must::{Fail, Hold, Ignore, Refuse};
use crate::fake_github::Token;
use crate::github::{NEW, World};
use crate::lab::{Ended, Lab};
use serde_json::{Value, json};

cases! {
    no_json: "a payload that is not JSON" => Fail("the payload of the event `pull_request` is not JSON: EOF while"), |lab| sent(lab, "pull_request", "{");
    no_bytes: "a payload of no bytes" => Fail("the payload of the event `pull_request` is not JSON: EOF while"), |lab| sent(lab, "pull_request", "");
    a_list: "a payload that is a list" => Fail("the payload of the event `pull_request` has no `pull_request.number"), |lab| sent(lab, "pull_request", "[]");
    brackets: "a payload of a hundred thousand brackets" => Fail("the payload of the event `pull_request` is not JSON: recursion limit"), |lab| sent(lab, "pull_request", &"[".repeat(100_000));
    half_of_a_pair: "a payload with half of a surrogate pair" => Fail("the payload of the event `pull_request` is not JSON: unexpected end"), |lab| sent(lab, "pull_request", "{\"action\":\"\\ud800\"}");
    a_mark_in_front: "a payload behind a byte order mark" => Fail("the payload of the event `pull_request` is not JSON: expected value"), |lab| sent(lab, "pull_request", "\u{feff}{}");
    megabytes: "a payload of forty megabytes" => Fail("has more than 33554432 bytes"), |lab| sent(lab, "pull_request", &format!("{{\"x\":\"{}\"}}", "y".repeat(40 << 20)));
    no_end: "a payload that is a device without an end" => Fail("the event's file `/dev/zero` has more than 33554432 bytes"), |lab| at(lab, "/dev/zero");
    no_file: "a payload that is a folder" => Fail("the event's file `/`: Is a directory (os error 21)"), |lab| at(lab, "/");
    a_number_that_is_a_text: "a number that is a text" => Fail("the payload of the event `pull_request` has no `pull_request.number"), |lab| numbered(lab, json!("1"));
    a_number_below_zero: "a number below zero" => Fail("the payload of the event `pull_request` has no `pull_request.number"), |lab| numbered(lab, json!(-1));
    a_number_with_a_fraction: "a number with a fraction" => Fail("the payload of the event `pull_request` has no `pull_request.number"), |lab| numbered(lab, json!(1.5));
    a_number_beyond_all: "a number that no pull request has" => Ignore("there is no open pull request #18446744073709551615"), |lab| numbered(lab, json!(u64::MAX));
    a_number_that_is_a_query: "a number that is a piece of a query" => Fail("the payload of the event `pull_request` has no `pull_request.number"), |lab| numbered(lab, json!("1) { id } mutation {"));
    another_repository: "a payload of another repository" => Hold("1 pull requests held"), |lab| payload(lab, "pull_request_target", &json!({"repository": {"full_name": "evil/other"}}));
    a_sender_that_may: "a payload whose sender says to be a reviewer" => Hold("1 pull requests held"), |lab| payload(lab, "pull_request_target", &json!({"sender": {"login": "reviewer", "type": "User"}}));
    a_review_that_nobody_gave: "a review that is in the payload alone" => Hold("1 pull requests held"), |lab| payload(lab, "pull_request_review", &json!({"action": "submitted", "review": {"state": "approved", "user": {"login": "reviewer"}}, "pull_request": {"number": 1, "head": {"repo": {"full_name": "owner/name"}}, "base": {"repo": {"full_name": "owner/name"}}}}));
    labels_that_nobody_set: "a payload that says that all is well" => Hold("1 pull requests held"), |lab| payload(lab, "pull_request_target", &json!({"action": "labeled", "label": {"name": "approved"}, "pull_request": {"number": 1, "merged": false, "mergeable_state": "clean", "labels": [{"name": "approved"}]}}));
    a_merge_that_did_not_happen: "a payload that says that it was merged" => Ignore("the pull request #1 was merged"), |lab| payload(lab, "pull_request_target", &json!({"action": "closed", "pull_request": {"number": 1, "merged": true}}));
    a_close_that_did_not_happen: "a payload that says that it was closed" => Hold("no Rust element is touched"), |lab| again(lab, "pull_request_target", &json!({"action": "closed", "pull_request": {"number": 1, "merged": false}}));
    a_group_of_options: "a merge group whose commits are options of git" => Fail("the payload of the event `merge_group` has no `merge_group.head_sha"), |lab| payload(lab, "merge_group", &json!({"action": "checks_requested", "merge_group": {"head_sha": "--upload-pack=id", "base_sha": "HEAD", "head_ref": "refs/heads/gh-readonly-queue/main/pr-1-x", "base_ref": "refs/heads/main"}}));
    a_group_of_another_branch: "a merge group that ends at a commit of nobody" => Fail("1111111111111111111111111111111111111111"), |lab| payload(lab, "merge_group", &json!({"action": "checks_requested", "merge_group": {"head_sha": "1".repeat(40), "base_sha": "2".repeat(40), "head_ref": format!("refs/heads/gh-readonly-queue/main/pr-1-{}", "2".repeat(40)), "base_ref": "refs/heads/main"}}));
    a_relay_of_another_path: "a workflow of the relay's name with another path" => Hold("1 pull requests held"), |lab| payload(lab, "workflow_run", &json!({"workflow_run": {"name": "relay", "path": ".github/workflows/evil.yml", "event": "pull_request", "head_branch": "x\n::error::y"}}));
    a_branch_with_commands: "a push to a branch with commands for the runner in its name" => Ignore("no Rust element is touched"), |lab| payload(lab, "push", &json!({"ref": "refs/heads/x\n::error::y::set-output name=a::b"}));
    a_workflow_of_another_branch: "a run that was started from another branch" => Ignore("only the workflow of the default branch may run the bot, and this is"), |lab| payload(lab, "workflow_dispatch", &json!({"ref": "refs/heads/evil\u{1b}[2J", "repository": {"default_branch": "main"}}));
    an_event_that_does_not_exist: "an event with a line end in its name" => Ignore("the event `x\\n: :error: :y` needs no action"), |lab| payload(lab, "x\n::error::y", &json!({}));
    a_comment_by_a_machine: "a command by an account that is a bot" => Fail("the comment 99: it is not there"), |lab| payload(lab, "issue_comment", &json!({"action": "created", "issue": {"number": 1, "state": "open", "pull_request": {"url": "x"}}, "comment": {"id": 99, "body": "/cargo2 regenerate", "user": {"login": "reviewer", "type": "Bot"}}}));
    a_comment_of_another_type: "a comment whose body is a number" => Ignore("the comment gives no command"), |lab| payload(lab, "issue_comment", &json!({"action": "created", "issue": {"number": 1, "state": "open", "pull_request": {"url": "x"}}, "comment": {"id": 99, "body": 1, "user": {"login": "reviewer", "type": "User"}}}));
    a_comment_on_an_issue: "a command on an issue" => Ignore("the comment is not on a pull request"), |lab| payload(lab, "issue_comment", &json!({"action": "created", "issue": {"number": 1, "state": "open"}, "comment": {"id": 99, "body": "/cargo2 regenerate", "user": {"login": "reviewer", "type": "User"}}}));
    a_repository_that_climbs: "a repository whose name is a path" => Fail("GitHub cannot be reached: `owner/name/../../evil/other` is not"), |lab| named(lab, "owner/name/../../evil/other");
    a_repository_with_a_query: "a repository whose name has a query" => Fail("owner/name?x=y#z` is not `owner/name`"), |lab| named(lab, "owner/name?x=y#z");
    a_repository_with_a_line_end: "a repository whose name goes on in the next line" => Fail("GitHub cannot be reached: `owner/name X-Evil: y` is not `owner/name"), |lab| named(lab, "owner/name\r\nX-Evil: y");
    an_api_with_a_password: "an API whose address has a password" => Fail("GitHub cannot be reached: `GITHUB_API_URL` is not an address of the"), |lab| api(lab, &format!("https://me:{SECRET}@127.0.0.1:1"));
    an_api_of_another_scheme: "an API of another scheme" => Fail("GitHub cannot be reached: `GITHUB_API_URL` is not an address of the"), |lab| api(lab, "file:///etc/passwd");
    a_token_with_a_line_end: "a token that goes on in the next line" => Fail("GitHub cannot be reached: the token has characters that no token has"), |lab| tokened(lab, &format!("{SECRET}\r\nX-Evil: y"));
    a_token_of_spaces: "a token of spaces" => Refuse("GITHUB_TOKEN is not set; `run` works inside GitHub Actions, `review`"), |lab| tokened(lab, "   ");
    an_unknown_token: "a token that GitHub does not know" => Fail("GitHub does not accept the token to list the pull requests: give a"), |lab| tokened(lab, "ghs_unknown");
}

/// A repository with the tracker's pull request, whose token is the secret.
pub fn world() -> World {
    let world = World::new();
    world.fake.token(SECRET, Token::workflow());
    assert_eq!(world.bump(NEW), 1);
    world
}

/// Runs the program for an event, with these variables on top of the usual ones.
pub fn run(lab: &Lab, world: &World, event: &str, payload: &str, more: &[(&str, String)]) -> Ended {
    std::fs::create_dir_all(lab.at("out")).unwrap();
    lab.write("../out/event.json", payload);
    let path = |name: &str| lab.at(name).to_str().unwrap().to_owned();
    let mut variables = vec![
        ("GITHUB_EVENT_NAME", event.to_owned()),
        ("GITHUB_EVENT_PATH", path("out/event.json")),
        ("GITHUB_REPOSITORY", "owner/name".to_owned()),
        ("GITHUB_API_URL", world.fake.api_url()),
        ("GITHUB_GRAPHQL_URL", world.fake.graphql_url()),
        ("GITHUB_SERVER_URL", "https://github.com".to_owned()),
        ("GITHUB_OUTPUT", path("out/output")),
        ("GITHUB_STEP_SUMMARY", path("out/summary")),
        ("CARGO2_BOT_INDEX", world.index.url()),
    ];
    variables.extend(more.iter().cloned());
    world.fake.clear_log();
    let ended = lab.run_as(&["run"], &variables);
    let pull = world.fake.pull(1);
    let holds: Vec<_> =
        world.fake.checks(&pull.head_sha).into_iter().filter(|run| run.name == "cargo2 manual merge").collect();
    let passes = |conclusion: &Option<String>| matches!(conclusion.as_deref(), Some("success" | "neutral" | "skipped"));
    let held = (!holds.is_empty()).then(|| !holds.iter().any(|run| passes(&run.conclusion)));
    let sent = world.fake.requests();
    let bodies = sent.iter().map(|request| format!("{} {}", request.path, request.body));
    bodies.for_each(|text| assert!(!crate::canary::is_in(text.as_bytes()), "a secret is in a request: {text}"));
    let outputs = std::fs::read_to_string(lab.at("out/output")).unwrap_or_default();
    assert!(outputs.lines().all(|line| OUTPUTS.iter().any(|name| line.starts_with(&format!("{name}=")))), "{outputs}");
    let commands = ended.out.lines().filter(|line| line.trim_start().starts_with("::"));
    commands.for_each(|line| assert!(LEVELS.iter().any(|level| line.starts_with(level)), "a command: {line}"));
    let writes = world.fake.writes().into_iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    Ended { held, writes, ..ended }
}

const OUTPUTS: [&str; 7] = ["verdict", "errors", "drifted", "mended", "held", "opened", "report"];

/// The only commands that the bot gives the runner.
const LEVELS: [&str; 3] = ["::error ", "::warning ", "::notice "];

fn sent(lab: &Lab, event: &str, text: &str) -> Ended {
    run(lab, &world(), event, text, &[])
}

/// The usual payload of an event of the pull request, with some keys of another value.
fn payload(lab: &Lab, event: &str, other: &Value) -> Ended {
    sent(lab, event, &with(other).to_string())
}

fn with(other: &Value) -> Value {
    let repository = json!({"full_name": "owner/name"});
    let mut payload = json!({
        "action": "synchronize",
        "repository": {"default_branch": "main", "full_name": "owner/name"},
        "sender": {"login": "mallory"},
        "pull_request": {"number": 1, "head": {"repo": repository}, "base": {"repo": repository}},
    });
    let keys = other.as_object().unwrap().clone();
    payload.as_object_mut().unwrap().extend(keys);
    payload
}

/// The same, when the bot has looked at it before.
fn again(lab: &Lab, event: &str, other: &Value) -> Ended {
    let world = world();
    run(lab, &world, "workflow_run", "{}", &[]);
    run(lab, &world, event, &with(other).to_string(), &[])
}

fn numbered(lab: &Lab, number: Value) -> Ended {
    payload(lab, "pull_request", &json!({"pull_request": {"number": number}}))
}

fn at(lab: &Lab, path: &str) -> Ended {
    run(lab, &world(), "pull_request", "", &[("GITHUB_EVENT_PATH", path.to_owned())])
}

fn named(lab: &Lab, name: &str) -> Ended {
    run(lab, &world(), "workflow_run", "{}", &[("GITHUB_REPOSITORY", name.to_owned())])
}

fn api(lab: &Lab, url: &str) -> Ended {
    let graphql = format!("{url}/graphql");
    run(lab, &world(), "workflow_run", "{}", &[("GITHUB_API_URL", url.to_owned()), ("GITHUB_GRAPHQL_URL", graphql)])
}

fn tokened(lab: &Lab, token: &str) -> Ended {
    run(lab, &world(), "workflow_run", "{}", &[("GITHUB_TOKEN", token.to_owned())])
}
