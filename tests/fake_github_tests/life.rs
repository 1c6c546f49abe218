//! Pull requests follow their branches.

use serde_json::json;

use super::client::Client;
use super::github::Fake;

pub(crate) fn a_pull_request_lives_and_dies_with_its_branch(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    let first = fake.commit("bump", &[("a.bst", Some("kind: cargo2\n"))], "tracker[bot]");
    let number = fake.open_pull("bump", "main", "tracker[bot]", "Bump a");
    let pull = client.get(&format!("/pulls/{number}"));
    assert_eq!((pull.status, &pull.body["head"]["sha"]), (200, &json!(first)));
    fake.commit("bump", &[("b.bst", Some("kind: cargo2\n"))], "human");
    fake.commit("main", &[("c.bst", Some("not of the pull request\n"))], "human");
    let files = client.get(&format!("/pulls/{number}/files"));
    assert_eq!(files.texts("filename"), ["a.bst", "b.bst"]);
    let compared = client.get("/compare/main...bump").body;
    assert_eq!((&compared["ahead_by"], &compared["behind_by"]), (&json!(2), &json!(1)));
    assert_eq!(compared["commits"][1]["author"]["login"], "human");
    assert_eq!(client.get(&format!("/pulls/{number}/commits")).body.as_array().unwrap().len(), 2);
    fake.reset("bump", "main");
    assert_eq!(client.get(&format!("/pulls/{number}")).body["state"], "closed");
}

pub(crate) fn a_new_head_has_no_checks_and_keeps_its_comments(fake: &Fake) {
    let client = Client::new(fake, "app");
    let first = fake.commit("bump", &[("a.bst", Some("1\n"))], "tracker[bot]");
    let number = fake.open_pull("bump", "main", "tracker[bot]", "Bump a");
    fake.comment(number, "human", "Thank you");
    fake.check_run(&first, "github-actions", "build", Some("success"));
    assert_eq!(client.get(&format!("/commits/{first}/check-runs")).body["total_count"], 1);
    let second = fake.commit("bump", &[("a.bst", Some("2\n"))], "tracker[bot]");
    assert_eq!(client.get(&format!("/commits/{second}/check-runs")).body["total_count"], 0);
    assert_eq!(client.get(&format!("/issues/{number}/comments")).texts("body"), ["Thank you"]);
    assert_eq!(fake.pull(number).head_sha, second);
}

pub(crate) fn a_deleted_branch_closes_and_a_merge_merges(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    fake.commit("one", &[("a.bst", Some("1\n"))], "human");
    fake.commit("two", &[("b.bst", Some("1\n"))], "human");
    let (one, two) = (fake.open_pull("one", "main", "human", "One"), fake.open_pull("two", "main", "human", "Two"));
    fake.auto_merge(one, true);
    fake.merge_pull(one);
    let merged = client.get(&format!("/pulls/{one}")).body;
    assert_eq!((&merged["merged"], &merged["state"]), (&json!(true), &json!("closed")));
    assert_eq!(fake.file("main", "a.bst").as_deref(), Some("1\n"));
    assert_eq!(client.delete("/git/refs/heads/two").status, 204);
    assert!(!fake.pull(two).open && !fake.pull(two).merged);
    assert_eq!(client.get("/git/ref/heads/two").status, 404);
    assert_eq!(client.get("/pulls?state=closed&direction=asc").body.as_array().unwrap().len(), 2);
}

pub(crate) fn a_merge_group_holds_base_and_head(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    fake.commit("bump", &[("a.bst", Some("1\n"))], "human");
    let number = fake.open_pull("bump", "main", "human", "Bump a");
    fake.commit("main", &[("b.bst", Some("2\n"))], "human");
    let (branch, sha) = fake.merge_group(number);
    assert_eq!(client.get(&format!("/git/ref/heads/{branch}")).body["object"]["sha"], json!(sha));
    let files = ["a.bst", "b.bst"].map(|path| fake.file(&sha, path));
    assert_eq!(files, [Some("1\n".to_owned()), Some("2\n".to_owned())]);
    assert!(fake.pull(number).open && fake.pull(number).queued);
}

pub(crate) fn the_head_of_a_fork_is_not_a_branch_of_the_repository(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    let sha = fake.fork_commit("stranger", "main", &[("a.bst", Some("1\n"))], "stranger");
    let number = fake.open_fork_pull("stranger", "main", "main", "stranger", "Mine");
    assert_ne!(fake.head("main").unwrap(), sha);
    let pull = client.get(&format!("/pulls/{number}")).body;
    assert_eq!(pull["head"]["repo"]["full_name"], "stranger/name");
    assert_eq!(client.get(&format!("/compare/main...{sha}")).body["ahead_by"], 1);
    assert_eq!(client.get("/compare/main...stranger:main").body["ahead_by"], 1);
    assert_eq!(client.get("/pulls?head=stranger:main").texts("title"), ["Mine"]);
    assert_eq!(client.get("/pulls?head=owner:main").body, json!([]));
    fake.delete_fork(number);
    assert_eq!(client.get(&format!("/pulls/{number}")).body["head"]["repo"], json!(null));
}

pub(crate) fn a_closed_pull_request_opens_again_only_where_it_stood(fake: &Fake) {
    let client = Client::new(fake, "app");
    fake.commit("bump", &[("a.bst", Some("1\n"))], "cargo2[bot]");
    let opened =
        client.post("/pulls", &json!({ "title": "T", "head": "bump", "base": "main", "body": "B", "draft": true }));
    assert_eq!((opened.status, &opened.body["user"]["login"]), (201, &json!("cargo2[bot]")));
    let twice = client.post("/pulls", &json!({ "title": "T", "head": "owner:bump", "base": "main" }));
    assert_eq!(twice.status, 422);
    assert!(twice.body["errors"][0]["message"].as_str().unwrap().contains("already exists"));
    let path = format!("/pulls/{}", opened.body["number"]);
    assert_eq!(client.patch(&path, &json!({ "title": "U", "body": "C" })).body["title"], "U");
    for state in ["closed", "open", "closed"] {
        assert_eq!(client.patch(&path, &json!({ "state": state })).body["state"], state);
    }
    fake.commit("bump", &[("a.bst", Some("2\n"))], "human");
    assert_eq!(client.patch(&path, &json!({ "state": "open" })).status, 422);
    assert_eq!(client.post("/pulls", &json!({ "title": "T", "head": "main", "base": "main" })).status, 422);
}
