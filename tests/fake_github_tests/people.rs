//! Who did what: authors, committers and pushers, bases that change, comments that are edited.

use bytes::Bytes;
use http_body_util::Full;
use serde_json::{Value, json};
use tower_service::Service as _;

use super::client::Client;
use super::github::{Fake, Pushed};

pub(crate) fn author_committer_and_pusher_are_three(fake: &Fake) {
    fake.permission("ann", "write");
    let files = [("a.bst", Some("1\n"))];
    let pushed =
        Pushed { branch: "topic", files: &files, author: "bob", committer: "eve", pusher: "ann", ..Pushed::default() };
    let sha = fake.push(&pushed).unwrap();
    fake.open_pull("topic", "main", "ann", "Change a");
    fake.check_run(&sha, "cargo2", "build", Some("success"));
    let document = "query C($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
        pullRequest(number: 1) { mergeable mergeStateStatus commits(last: 1) { nodes { commit {
          oid author { user { login } } committer { email } signature { isValid wasSignedByGitHub } committedViaWeb
          parents(first: 2) { nodes { oid } } tree { oid }
          checkSuites(first: 5) { nodes { app { slug databaseId } push { pusher { login } previousSha nextSha } } } } } } } } }";
    let answer = Client::new(fake, "app").query(document, &json!({ "owner": "owner", "name": "name" }));
    let commit = &answer["data"]["repository"]["pullRequest"]["commits"]["nodes"][0]["commit"];
    assert_eq!((&commit["author"]["user"]["login"], &commit["signature"]), (&json!("bob"), &json!(null)));
    assert!(commit["committer"]["email"].as_str().unwrap().contains("eve"));
    let push = &commit["checkSuites"]["nodes"][0]["push"];
    assert_eq!((&push["pusher"]["login"], &push["nextSha"]), (&json!("ann"), &json!(sha)));
}

pub(crate) fn who_may_not_push_is_refused(fake: &Fake) {
    fake.permission("guest", "read");
    let files = [("a.bst", Some("1\n"))];
    let pushed = |owner, pusher| Pushed { owner, branch: "x", files: &files, author: "a", pusher, ..Pushed::default() };
    assert!(fake.push(&pushed("", "guest")).is_err());
    assert!(fake.push(&pushed("guest", "ann")).is_err());
    fake.push(&pushed("guest", "guest")).unwrap();
}

pub(crate) fn the_base_of_a_merged_branch_is_followed(fake: &Fake) {
    fake.permission("ann", "write");
    let push = |branch: &str, path: &str| {
        let files = [(path, Some("1\n"))];
        fake.push(&Pushed { branch, files: &files, author: "ann", pusher: "ann", ..Pushed::default() }).unwrap();
    };
    push("lower", "a.bst");
    fake.reset("upper", "lower");
    push("upper", "b.bst");
    let lower = fake.open_pull("lower", "main", "ann", "lower");
    let upper = fake.open_pull("upper", "lower", "ann", "upper");
    fake.ask_merge("ann", lower, "merge").unwrap();
    fake.delete("ann", "lower").unwrap();
    let pull = fake.pull(upper);
    assert_eq!((pull.open, pull.base_ref.as_str()), (true, "main"));
    let client = Client::new(fake, "app");
    fake.reset("other", "main");
    let changed = client.patch(&format!("/pulls/{upper}"), &json!({ "base": "other" }));
    assert_eq!((changed.status, &changed.body["base"]["ref"]), (200, &json!("other")));
    let document = "query T($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
        pullRequest(number: 2) { timelineItems(first: 10) { nodes { __typename
          ... on AutomaticBaseChangeSucceededEvent { oldBase newBase }
          ... on BaseRefChangedEvent { actor { login } previousRefName currentRefName } } } } } }";
    let answer = client.query(document, &json!({ "owner": "owner", "name": "name" }));
    let items = &answer["data"]["repository"]["pullRequest"]["timelineItems"]["nodes"];
    assert_eq!((&items[0]["newBase"], &items[1]["currentRefName"]), (&json!("main"), &json!("other")));
}

pub(crate) fn an_edited_comment_names_its_editor_in_graphql_alone(fake: &Fake) {
    fake.permission("ann", "write");
    let files = [("a.bst", Some("1\n"))];
    fake.push(&Pushed { branch: "topic", files: &files, author: "ann", pusher: "ann", ..Pushed::default() }).unwrap();
    fake.open_pull("topic", "main", "ann", "Change a");
    let id = fake.comment(1, "bob", "no");
    fake.edit_comment("ann", id, "/approve");
    let client = Client::new(fake, "app");
    let shown = client.get(&format!("/issues/comments/{id}")).body;
    assert_eq!((&shown["user"]["login"], &shown["body"]), (&json!("bob"), &json!("/approve")));
    let document = "query E($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
        pullRequest(number: 1) { comments(first: 5) { nodes { author { login } lastEditedAt editor { login } includesCreatedEdit } } } } }";
    let answer = client.query(document, &json!({ "owner": "owner", "name": "name" }));
    let comment = &answer["data"]["repository"]["pullRequest"]["comments"]["nodes"][0];
    assert_eq!(comment["editor"]["login"], "ann");
    assert!(comment["lastEditedAt"].is_string());
}

pub(crate) fn reviews_are_submitted_and_dismissed(fake: &Fake) {
    fake.permission("ann", "write");
    let files = [("a.bst", Some("1\n"))];
    fake.push(&Pushed { branch: "topic", files: &files, author: "ann", pusher: "ann", ..Pushed::default() }).unwrap();
    fake.open_pull("topic", "main", "ann", "Change a");
    let client = Client::new(fake, "pat");
    let review = client.post("/pulls/1/reviews", &json!({ "event": "APPROVE" }));
    assert_eq!((review.status, &review.body["state"]), (200, &json!("APPROVED")));
    let path = format!("/pulls/1/reviews/{}/dismissals", review.body["id"]);
    let dismissed = client.send("PUT", &path, Some(&json!({ "message": "no" }))).unwrap();
    assert_eq!((dismissed.status, &dismissed.body["state"]), (200, &json!("DISMISSED")));
}

pub(crate) fn the_list_of_files_may_lag_behind(fake: &Fake) {
    fake.permission("ann", "write");
    let push = |path: &str| {
        let files = [(path, Some("1\n"))];
        fake.push(&Pushed { branch: "topic", files: &files, author: "ann", pusher: "ann", ..Pushed::default() })
            .unwrap()
    };
    let old = push("README");
    fake.open_pull("topic", "main", "ann", "Change a");
    fake.keep_files_of(1, Some(&old));
    let new = push("a.bst");
    let client = Client::new(fake, "app");
    assert_eq!(client.get("/pulls/1").body["head"]["sha"], json!(new));
    assert_eq!(client.get("/pulls/1/files").texts("filename"), ["README"]);
    fake.keep_files_of(1, None);
    assert_eq!(client.get("/pulls/1/files").texts("filename"), ["README", "a.bst"]);
}

pub(crate) fn without_a_socket_the_answers_are_the_same(fake: &Fake) {
    let request = |token: &str| {
        let request = http::Request::get(format!("{}/repos/owner/name/branches/main", fake.api_url()));
        request.header("authorization", format!("Bearer {token}")).body(Bytes::new()).unwrap()
    };
    let answer = fake.respond(request("app")).unwrap();
    assert_eq!(answer.status(), 200);
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(body, Client::new(fake, "app").get("/branches/main").body);
    assert_eq!(fake.respond(request("nobody")).unwrap().status(), 401);
    fake.fail(1, |_| true, super::github::Fault::ResetBefore);
    assert!(fake.respond(request("app")).is_none());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut service = fake.service();
    let mut call = || runtime.block_on(service.call(request("app").map(Full::new)));
    assert_eq!(call().unwrap().status(), 200);
    fake.fail(1, |_| true, super::github::Fault::Truncated);
    assert!(call().is_err());
}
