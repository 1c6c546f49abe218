//! GraphQL, by the documents that the bot sends.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::client::Client;
use super::github::{Fake, Pushed, Token};

macro_rules! document {
    ($name:literal) => {
        include_str!(concat!("../../src/io/github/queries/", $name, ".graphql"))
    };
}

const FRAGMENT: &str = concat!(document!("whole"), document!("live"), document!("event"));

fn pulls(client: &Client, after: &Value) -> Value {
    let document = format!("{}{FRAGMENT}", document!("pulls"));
    let said = client.query(&document, &json!({ "owner": "owner", "name": "name", "after": after }));
    assert_eq!(said["errors"], json!(null));
    said["data"]["repository"]["pullRequests"].clone()
}

fn pull(client: &Client, number: u64) -> Value {
    let document = format!("{}{FRAGMENT}", document!("pull"));
    client.query(&document, &json!({ "owner": "owner", "name": "name", "number": number }))
}

fn commit(client: &Client, expected: &str, path: &str, text: &str) -> Value {
    let input = json!({
        "branch": { "repositoryNameWithOwner": "owner/name", "branchName": "bump" }, "expectedHeadOid": expected,
        "message": { "headline": "fix: the block", "body": "Trailer: yes" },
        "fileChanges": {
            "additions": [{ "path": path, "contents": STANDARD.encode(text) }], "deletions": [{ "path": "README.md" }],
        },
    });
    client.query(document!("commit"), &json!({ "input": input }))
}

pub(crate) fn every_document_is_answered_in_full(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    let sha = fake.commit("bump", &[("a.bst", Some("1\n")), ("README.md", None)], "tracker[bot]");
    let number = fake.open_pull("bump", "main", "tracker[bot]", "Bump a");
    fake.permission("reviewer", "write");
    fake.team("packagers");
    let asked = client.post(
        &format!("/pulls/{number}/requested_reviewers"),
        &json!({ "reviewers": ["reviewer", "owner"], "team_reviewers": ["packagers"] }),
    );
    assert_eq!(asked.status, 201);
    fake.review(number, "reviewer", "APPROVED");
    fake.review(number, "stranger", "COMMENTED");
    fake.comment(number, "human", "Hello");
    fake.label(number, "rust");
    fake.auto_merge(number, true);
    fake.check_run(&sha, "github-actions", "build", Some("success"));
    fake.check_run(&sha, "cargo2", "cargo2 block", None);
    fake.status(&sha, "human", "old", "pending");
    let one = pull(&client, number);
    let node = one["data"]["repository"]["pullRequest"].clone();
    assert_eq!(pulls(&client, &json!(null))["nodes"], json!([node]));
    assert_eq!(node["reviews"]["nodes"][0]["authorCanPushToRepository"], true);
    assert_eq!(node["reviews"]["nodes"][1]["authorCanPushToRepository"], false);
    assert_eq!(node["reviewRequests"]["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(node["commits"]["nodes"][0]["commit"]["oid"], sha);
    let suites = &node["commits"]["nodes"][0]["commit"]["checkSuites"]["nodes"];
    assert_eq!(suites[0]["checkRuns"]["nodes"][0]["conclusion"], "SUCCESS");
    assert_eq!(suites[1]["app"]["slug"], "cargo2");
    let id = &node["id"];
    let changes = [("auto_merge_off", document!("auto_merge_off")), ("draft", document!("draft"))];
    for (name, document) in changes {
        assert_eq!(client.query(document, &json!({ "id": id }))["errors"], json!(null), "{name}");
    }
    fake.queue(number, true);
    assert_eq!(client.query(document!("dequeue"), &json!({ "id": id }))["errors"], json!(null));
    let after = fake.pull(number);
    assert_eq!((after.auto_merge, after.queued, after.draft), (false, false, true));
    let named = json!({ "owner": "owner", "name": "name", "branch": "main", "after": null });
    assert_eq!(client.query(document!("queue"), &named)["errors"], json!(null));
    earlier_heads_are_listed(fake, &client, &sha);
    let missing = pull(&client, 99);
    assert_eq!(missing["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(missing["data"]["repository"]["pullRequest"], json!(null));
}

/// The commit that a forced push replaced, and of its suites those with a run of the name that is asked for.
fn earlier_heads_are_listed(fake: &Fake, client: &Client, sha: &str) {
    let files = [("a.bst", Some("2\n"))];
    let amend = Pushed { branch: "bump", files: &files, amend: true, author: "owner", ..Pushed::default() };
    let new = fake.push(&Pushed { pusher: "owner", ..amend }).unwrap();
    let named = json!({
        "owner": "owner", "name": "name", "states": ["OPEN"], "first": 25, "after": null, "field": "CREATED_AT",
        "direction": "ASC", "hold": "cargo2 block",
    });
    let said = client.query(concat!(document!("heads"), document!("held")), &named);
    assert_eq!(said["errors"], json!(null));
    let pulls = &said["data"]["repository"]["pullRequests"]["nodes"];
    assert_eq!(pulls[0]["commits"]["nodes"][0]["commit"]["oid"], new);
    assert_eq!(pulls[0]["timelineItems"]["pageInfo"]["hasPreviousPage"], false);
    let before = &pulls[0]["timelineItems"]["nodes"][0]["beforeCommit"];
    assert_eq!((&before["oid"], before["checkSuites"]["nodes"].as_array().unwrap().len()), (&json!(sha), 1));
    assert_eq!(before["checkSuites"]["nodes"][0]["app"]["slug"], "cargo2");
}

pub(crate) fn every_page_is_reached_and_none_twice(fake: &Fake) {
    let client = Client::new(fake, "app");
    fake.page_size(2);
    let names: Vec<String> = (0..5).map(|n| format!("{n}.bst")).collect();
    let files: Vec<(&str, Option<&str>)> = names.iter().map(|name| (name.as_str(), Some("1\n"))).collect();
    for branch in ["a", "b", "c"] {
        fake.commit(branch, &files, "human");
        let number = fake.open_pull(branch, "main", "human", branch);
        for n in 0..5 {
            fake.comment(number, "human", &format!("{n}"));
            fake.review(number, "human", "COMMENTED");
        }
    }
    let first = pulls(&client, &json!(null));
    let second = pulls(&client, &first["pageInfo"]["endCursor"]);
    assert_eq!(
        (first["pageInfo"]["hasNextPage"].clone(), second["pageInfo"]["hasNextPage"].clone()),
        (json!(true), json!(false))
    );
    let titles = [&first["nodes"], &second["nodes"]].map(|nodes| nodes.as_array().unwrap().iter());
    let titles: Vec<&str> = titles.into_iter().flatten().map(|pull| pull["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["a", "b", "c"]);
    let id = &first["nodes"][0]["id"];
    let lists = [("files", document!("files")), ("comments", document!("comments")), ("reviews", document!("reviews"))];
    for (name, document) in lists {
        let (mut after, mut seen, mut pages) = (json!(null), Vec::new(), 0);
        loop {
            let page = client.query(document, &json!({ "id": id, "after": after }))["data"]["node"][name].clone();
            seen.extend(page["nodes"].as_array().unwrap().clone());
            pages += 1;
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        assert_eq!((seen.len(), pages), (5, 3), "{name}");
    }
}

pub(crate) fn a_timeline_comes_in_pages(fake: &Fake) {
    let client = Client::new(fake, "app");
    fake.permission("ann", "write");
    fake.commit("next", &[("n", Some("n"))], "ann");
    fake.commit("bump", &[("a.bst", Some("1\n"))], "ann");
    let number = fake.open_pull("bump", "main", "ann", "Bump a");
    fake.permission("bob", "write");
    let review = fake.review(number, "bob", "APPROVED");
    fake.retarget("ann", number, "next").unwrap();
    fake.dismiss_by("ann", review).unwrap();
    fake.page_size(1);
    let document = format!("{}{}", document!("timeline"), document!("event"));
    let page = |after: &Value| {
        let variables = json!({ "id": format!("PR_{number}"), "after": after });
        client.query(&document, &variables)["data"]["node"]["timelineItems"].clone()
    };
    let first = page(&json!(null));
    let second = page(&first["pageInfo"]["endCursor"]);
    assert_eq!(first["nodes"][0]["currentRefName"], "next");
    assert_eq!(second["nodes"][0]["review"]["id"], format!("PRR_{review}"));
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
}

pub(crate) fn a_commit_needs_the_head_that_it_expects(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    let planned = fake.commit("bump", &[("a.bst", Some("1\n"))], "tracker[bot]");
    let made = commit(&client, &planned, "a.bst", "2\n");
    let sha = made["data"]["createCommitOnBranch"]["commit"]["oid"].as_str().unwrap();
    assert_eq!(fake.head("bump").as_deref(), Some(sha));
    assert!(fake.verified(sha) && !fake.verified(&planned));
    assert_eq!((fake.file("bump", "a.bst").as_deref(), fake.file("bump", "README.md")), (Some("2\n"), None));
    let entry = (Some("github-actions[bot]".to_owned()), "fix: the block\n\nTrailer: yes".to_owned(), 1);
    assert_eq!(fake.log(&planned, "bump"), [entry]);
    let stale = commit(&client, &planned, "a.bst", "3\n");
    assert_eq!(stale["errors"][0]["type"], "STALE_DATA");
    assert_eq!(stale["data"], json!({ "createCommitOnBranch": null }));
    assert_eq!(fake.head("bump").as_deref(), Some(sha));
    fake.delete_branch("bump");
    assert_eq!(commit(&client, sha, "a.bst", "3\n")["errors"][0]["type"], "NOT_FOUND");
}

pub(crate) fn apps_have_another_login_than_in_rest(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    fake.commit("bump", &[("a.bst", Some("1\n"))], "tracker[bot]");
    let number = fake.open_pull("bump", "main", "tracker[bot]", "Bump a");
    let said = pull(&client, number);
    assert_eq!(said["data"]["viewer"]["login"], "github-actions[bot]");
    let author = &said["data"]["repository"]["pullRequest"]["author"];
    assert_eq!(author, &json!({ "__typename": "Bot", "login": "tracker" }));
    assert_eq!(client.get(&format!("/pulls/{number}")).body["user"]["login"], "tracker[bot]");
}

pub(crate) fn workflow_files_need_a_right_of_their_own(fake: &Fake) {
    let planned = fake.commit("bump", &[("a.bst", Some("1\n"))], "tracker[bot]");
    let path = ".github/workflows/track.yml";
    let refused = commit(&Client::new(fake, "workflow"), &planned, path, "on: push\n");
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("without `workflows` permission"));
    assert_eq!(fake.head("bump").as_ref(), Some(&planned));
    let made = commit(&Client::new(fake, "app"), &planned, path, "on: push\n");
    assert_eq!(made["errors"], json!(null));
    assert_eq!(fake.file("bump", path).as_deref(), Some("on: push\n"));
}

pub(crate) fn what_is_off_cannot_be_switched_off(fake: &Fake) {
    fake.token("weak", Token::app("weak", 7).without("pull_requests"));
    fake.commit("bump", &[("a.bst", Some("1\n"))], "human");
    let number = fake.open_pull("bump", "main", "human", "Bump a");
    let variables = json!({ "id": format!("PR_{number}") });
    let (strong, weak) = (Client::new(fake, "app"), Client::new(fake, "weak"));
    let off = document!("auto_merge_off");
    assert_eq!(strong.query(off, &variables)["errors"][0]["type"], "UNPROCESSABLE");
    fake.auto_merge(number, true);
    assert_eq!(weak.query(off, &variables)["errors"][0]["message"], "Resource not accessible by integration");
    assert!(fake.pull(number).auto_merge);
    let wrong = strong.query("query Wrong { repository(owner: \"owner\", name: \"name\") { teapot } }", &json!({}));
    assert_eq!(wrong["errors"][0]["extensions"]["code"], "undefinedField");
    assert_eq!(wrong.get("data"), None);
}

pub(crate) fn what_may_not_be_read_is_null_with_an_error(fake: &Fake) {
    let sha = fake.commit("bump", &[("a.bst", Some("1\n"))], "human");
    let number = fake.open_pull("bump", "main", "human", "Bump a");
    fake.check_run(&sha, "cargo2", "cargo2 block", Some("success"));
    let read = |token: Token| {
        fake.token("weak", token);
        pull(&Client::new(fake, "weak"), number)
    };
    let said = read(Token::workflow().without("checks"));
    assert_eq!(said["errors"][0]["type"], "FORBIDDEN");
    let commit = &said["data"]["repository"]["pullRequest"]["commits"]["nodes"][0]["commit"];
    assert_eq!((&commit["oid"], &commit["checkSuites"]), (&json!(sha), &json!(null)));
    let said = read(Token::workflow().without("pull_requests"));
    assert_eq!((&said["errors"][0]["type"], &said["data"]["repository"]), (&json!("FORBIDDEN"), &json!(null)));
}
