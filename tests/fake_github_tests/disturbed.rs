//! Races, limits and broken connections.

use std::time::Duration;

use serde_json::json;

use super::client::Client;
use super::github::{Fake, Fault};

pub(crate) fn a_human_pushes_between_plan_and_commit(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    let planned = fake.commit("bump", &[("a.bst", Some("1\n"))], "tracker[bot]");
    fake.before(
        |seen| seen.operation.as_deref() == Some("Commit"),
        |fake| drop(fake.commit("bump", &[("a.bst", Some("by hand\n"))], "human")),
    );
    let document = "mutation Commit($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }";
    let input = json!({
        "branch": { "repositoryNameWithOwner": "owner/name", "branchName": "bump" }, "expectedHeadOid": planned,
        "message": { "headline": "fix" }, "fileChanges": { "additions": [{ "path": "a.bst", "contents": "Mgo=" }] },
    });
    let said = client.query(document, &json!({ "input": input }));
    assert_eq!(said["errors"][0]["type"], "STALE_DATA");
    assert_eq!(fake.file("bump", "a.bst").as_deref(), Some("by hand\n"));
    assert_eq!(fake.writes()[0].1, "/graphql#Commit");
    // The next request, by its number.
    fake.before_request(2, |fake| drop(fake.commit("bump", &[("b.bst", Some("1\n"))], "human")));
    assert_eq!(client.get("/compare/main...bump").body["ahead_by"], 3);
}

pub(crate) fn a_limit_says_when_to_come_back(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    fake.fail(1, |_| true, Fault::Primary { status: 403, reset: 1_790_000_100 });
    fake.fail(1, |_| true, Fault::Secondary { status: 429, retry_after: Some(7) });
    fake.fail(2, |seen| seen.method == "GET", Fault::Status(502));
    let said = client.get("");
    assert_eq!((said.status, said.header("x-ratelimit-remaining")), (403, Some("0")));
    assert_eq!(said.header("x-ratelimit-reset"), Some("1790000100"));
    let said = client.get("");
    assert_eq!((said.status, said.header("retry-after")), (429, Some("7")));
    assert_eq!((client.get("").status, client.get("").status, client.get("").status), (502, 502, 200));
    fake.fail(1, |seen| seen.operation.as_deref() == Some("Me"), Fault::GraphqlLimit { reset: 1_790_000_200 });
    fake.fail(1, |seen| seen.method == "GET", Fault::Answer { status: 503, body: json!({ "message": "Unicorn" }) });
    let me = || client.query("query Me { viewer { login } }", &json!({}));
    assert_eq!(me()["errors"][0]["type"], "RATE_LIMITED");
    assert_eq!(me()["data"]["viewer"]["login"], "github-actions[bot]");
    assert_eq!(client.get("").body["message"], "Unicorn");
    fake.remaining(10);
    assert_eq!(client.get("").header("x-ratelimit-remaining"), Some("9"));
}

pub(crate) fn a_broken_connection_tells_not_whether_it_was_done(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    fake.commit("bump", &[("a.bst", Some("1\n"))], "tracker[bot]");
    let number = fake.open_pull("bump", "main", "tracker[bot]", "Bump a");
    let path = format!("/issues/{number}/comments");
    let send = |body: &str| client.send("POST", &path, Some(&json!({ "body": body })));
    let write = |seen: &super::github::Seen| seen.method == "POST";
    fake.fail(1, write, Fault::ResetBefore);
    assert!(send("lost").is_err());
    assert_eq!(fake.comments(number).len(), 0);
    fake.fail(1, write, Fault::ResetAfter);
    assert!(send("kept").is_err());
    assert_eq!(fake.comments(number).len(), 1);
    fake.fail(1, write, Fault::StatusAfter(502));
    assert_eq!(send("kept too").unwrap().status, 502);
    assert_eq!(fake.comments(number).len(), 2);
    fake.fail(1, write, Fault::Slow(Duration::from_millis(20)));
    let start = std::time::Instant::now();
    assert_eq!(send("slow").unwrap().status, 201);
    assert!(start.elapsed() >= Duration::from_millis(20));
    let statuses: Vec<_> = fake.requests().into_iter().map(|r| r.status).collect();
    assert_eq!(statuses, [None, None, Some(502), Some(201)]);
}

pub(crate) fn the_same_answer_is_not_sent_twice(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    let first = client.get("/branches/main");
    let tag = first.header("etag").unwrap().to_owned();
    assert_eq!(client.get_unless("/branches/main", &tag).status, 304);
    fake.commit("main", &[("a.bst", Some("1\n"))], "human");
    assert_eq!(client.get_unless("/branches/main", &tag).status, 200);
}
