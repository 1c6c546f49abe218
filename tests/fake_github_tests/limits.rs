//! What is refused, and that nothing of it is kept.

use serde_json::{Value, json};

use super::client::Client;
use super::github::{Fake, Token};

fn one_pull(fake: &Fake) -> (u64, String) {
    let sha = fake.commit("bump", &[("a.bst", Some("1\n"))], "tracker[bot]");
    (fake.open_pull("bump", "main", "tracker[bot]", "Bump a"), sha)
}

pub(crate) fn what_is_too_long_is_refused_and_not_kept(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    let (number, sha) = one_pull(fake);
    let comments = format!("/issues/{number}/comments");
    // Characters are counted, not bytes.
    let comment = |n: usize| client.post(&comments, &json!({ "body": "é".repeat(n) })).status;
    assert_eq!((comment(65_537), comment(65_536), comment(0)), (422, 201, 422));
    assert_eq!(fake.comments(number).len(), 1);
    let run = |n: usize| json!({ "name": "n", "head_sha": sha, "output": { "title": "t", "summary": "s".repeat(n) } });
    let check = |n: usize| client.post("/check-runs", &run(n)).status;
    assert_eq!((check(65_536), check(65_535)), (422, 201));
    let status = |n: usize| {
        client.post(&format!("/statuses/{sha}"), &json!({ "state": "success", "description": "d".repeat(n) })).status
    };
    assert_eq!((status(141), status(140)), (422, 201));
    let title = client.patch(&format!("/pulls/{number}"), &json!({ "body": "b".repeat(65_537) }));
    assert_eq!((title.status, fake.pull(number).body), (422, String::new()));
}

/// What a bot might write: method, path, body, the area that it needs.
fn writes(number: u64, sha: &str) -> Vec<(&'static str, String, Value, &'static str)> {
    vec![
        ("POST", format!("/statuses/{sha}"), json!({ "state": "success" }), "statuses"),
        ("POST", "/check-runs".into(), json!({ "name": "n", "head_sha": sha }), "checks"),
        ("POST", format!("/pulls/{number}/requested_reviewers"), json!({ "reviewers": ["owner"] }), "pull_requests"),
        ("PATCH", format!("/pulls/{number}"), json!({ "title": "t" }), "pull_requests"),
        ("POST", "/git/blobs".into(), json!({ "content": "c" }), "contents"),
        ("PATCH", "/git/refs/heads/bump".into(), json!({ "sha": sha }), "contents"),
        ("DELETE", "/git/refs/heads/bump".into(), Value::Null, "contents"),
    ]
}

pub(crate) fn a_missing_permission_is_named(fake: &Fake) {
    let (number, sha) = one_pull(fake);
    for (method, path, body, area) in writes(number, &sha) {
        fake.token("weak", Token::workflow().without(area));
        let said = Client::new(fake, "weak").send(method, &path, Some(&body)).unwrap();
        assert_eq!(
            (said.status, &said.body["message"]),
            (403, &json!("Resource not accessible by integration")),
            "{path}"
        );
        let named = format!("{area}=write");
        assert_eq!(said.header("x-accepted-github-permissions"), Some(named.as_str()), "{path}");
    }
    // Either of the two areas opens comments.
    let comment = |token: Token| {
        fake.token("weak", token);
        Client::new(fake, "weak").post(&format!("/issues/{number}/comments"), &json!({ "body": "b" })).status
    };
    assert_eq!(comment(Token::workflow().without("issues")), 201);
    assert_eq!(comment(Token::workflow().without("issues").without("pull_requests")), 403);
    assert_eq!(Client::new(fake, "wrong").get("").status, 401);
}

pub(crate) fn a_person_writes_no_check_runs(fake: &Fake) {
    let (_, sha) = one_pull(fake);
    let said = Client::new(fake, "pat").post("/check-runs", &json!({ "name": "n", "head_sha": sha }));
    assert_eq!((said.status, &said.body["message"]), (403, &json!("You must authenticate via a GitHub App.")));
    assert!(fake.checks(&sha).is_empty());
}

pub(crate) fn a_read_only_token_writes_nothing(fake: &Fake) {
    let (number, sha) = one_pull(fake);
    fake.token("fork", Token::workflow().read_only());
    let client = Client::new(fake, "fork");
    fake.clear_log();
    for (method, path, body, _) in writes(number, &sha) {
        assert_eq!(client.send(method, &path, Some(&body)).unwrap().status, 403, "{path}");
    }
    assert_eq!(client.get(&format!("/pulls/{number}")).body["title"], "Bump a");
    assert_eq!((fake.writes().len(), fake.requests().len()), (7, 8));
}

pub(crate) fn workflow_files_are_protected_from_git_objects_too(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    let head = fake.head("main").unwrap();
    let file = json!({ "path": ".github/workflows/a.yml", "mode": "100644", "type": "blob", "content": "on: push\n" });
    let tree = client.post("/git/trees", &json!({ "base_tree": head, "tree": [file] })).body["sha"].clone();
    let commit = client.post("/git/commits", &json!({ "message": "m", "tree": tree, "parents": [head] }));
    let sha = commit.body["sha"].clone();
    let made = client.post("/git/refs", &json!({ "ref": "refs/heads/w", "sha": sha }));
    assert_eq!(made.status, 422);
    assert!(made.body["message"].as_str().unwrap().contains("without `workflows` permission"));
    assert_eq!(client.patch("/git/refs/heads/main", &json!({ "sha": sha })).status, 422);
    assert_eq!(fake.branches(), ["main"]);
}

pub(crate) fn a_setting_keeps_workflows_from_opening_pull_requests(fake: &Fake) {
    fake.workflows_open_pulls(false);
    fake.commit("bump", &[("a.bst", Some("1\n"))], "human");
    let open =
        |token| Client::new(fake, token).post("/pulls", &json!({ "title": "T", "head": "bump", "base": "main" }));
    assert_eq!((open("workflow").status, open("app").status), (403, 201));
}
