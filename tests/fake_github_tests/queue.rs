//! The merge queue, and what GitHub does by itself.

use serde_json::{Value, json};

use super::client::Client;
use super::github::{Fake, Grouping, Pushed};

const HOLD: &str = "hold";

/// Two pull requests in the queue of `main`, and the commits of their groups.
fn queued(fake: &Fake, grouping: Grouping) -> Vec<(u64, String)> {
    fake.permission("ann", "write");
    fake.rule_queue("main", grouping);
    fake.rule_checks("main", &[(HOLD, None)]);
    for name in ["one", "two"] {
        let files = [(name, Some("1\n"))];
        fake.push(&Pushed { branch: name, files: &files, author: "ann", pusher: "ann", ..Pushed::default() }).unwrap();
        let number = fake.open_pull(name, "main", "ann", name);
        fake.enqueue("ann", number).unwrap();
    }
    groups(fake)
}

fn groups(fake: &Fake) -> Vec<(u64, String)> {
    let document = "query Q($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
        mergeQueue(branch: \"main\") { entries(first: 100) { nodes {
          position state baseCommit { oid } headCommit { oid } enqueuer { login } solo jump pullRequest { number headRefOid } } } } } }";
    let answer = Client::new(fake, "app").query(document, &json!({ "owner": "owner", "name": "name" }));
    let nodes = answer["data"]["repository"]["mergeQueue"]["entries"]["nodes"].as_array().unwrap().clone();
    let mut base = json!(fake.head("main").unwrap());
    let entry = |node: &Value| {
        assert_eq!(node["baseCommit"]["oid"], base, "{node}");
        base = node["headCommit"]["oid"].clone();
        (node["pullRequest"]["number"].as_u64().unwrap(), base.as_str().unwrap().to_owned())
    };
    nodes.iter().map(entry).collect()
}

fn green(fake: &Fake, sha: &str) {
    fake.check_run(sha, "cargo2", HOLD, Some("success"));
}

pub(crate) fn a_queue_merges_each_green_group_in_order(fake: &Fake) {
    let groups = queued(fake, Grouping::AllGreen);
    let refused = Client::new(fake, "app").send("PUT", "/pulls/1/merge", Some(&json!({}))).unwrap();
    assert_eq!(refused.status, 405, "a queue is not passed by");
    green(fake, &groups[1].1);
    assert_eq!(fake.settle(), [0_u64; 0], "the first one waits");
    green(fake, &groups[0].1);
    assert_eq!(fake.settle(), [1, 2]);
    assert_eq!(fake.head("main").unwrap(), groups[1].1);
    assert!(!fake.branches().iter().any(|branch| branch.starts_with("gh-readonly-queue/")));
}

pub(crate) fn where_the_head_decides_others_come_along(fake: &Fake) {
    let groups = queued(fake, Grouping::HeadGreen);
    fake.check_run(&groups[0].1, "cargo2", HOLD, Some("failure"));
    green(fake, &groups[1].1);
    assert_eq!(fake.settle(), [1, 2]);
    assert_eq!(fake.file("main", "one").unwrap(), "1\n");
}

pub(crate) fn what_fails_leaves_and_the_rest_is_built_anew(fake: &Fake) {
    let before = queued(fake, Grouping::AllGreen);
    fake.check_run(&before[0].1, "cargo2", HOLD, Some("failure"));
    assert_eq!(fake.settle(), [0_u64; 0]);
    let after = groups(fake);
    assert_eq!((after.len(), after[0].0), (1, 2));
    assert_ne!(after[0].1, before[1].1);
    let refs = Client::new(fake, "app").get("/git/matching-refs/heads/gh-readonly-queue/");
    assert_eq!(refs.body[0]["object"]["sha"], after[0].1);
    let document = "query T($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
        pullRequest(number: 1) { isInMergeQueue mergeQueueEntry { id } timelineItems(first: 10, itemTypes: [REMOVED_FROM_MERGE_QUEUE_EVENT]) { nodes {
          __typename ... on RemovedFromMergeQueueEvent { reason } } } } } }";
    let answer = Client::new(fake, "app").query(document, &json!({ "owner": "owner", "name": "name" }));
    let pull = &answer["data"]["repository"]["pullRequest"];
    assert_eq!(pull["isInMergeQueue"], false);
    assert_eq!(pull["timelineItems"]["nodes"][0]["reason"], "failed checks");
}

pub(crate) fn a_push_takes_its_pull_request_out_of_the_queue(fake: &Fake) {
    queued(fake, Grouping::AllGreen);
    let files = [("one", Some("2\n"))];
    fake.push(&Pushed { branch: "one", files: &files, author: "ann", pusher: "ann", ..Pushed::default() }).unwrap();
    assert_eq!(groups(fake).iter().map(|(number, _)| *number).collect::<Vec<_>>(), [2]);
    fake.commit("main", &[("two", Some("other\n"))], "owner");
    assert_eq!(groups(fake), [], "a conflict with the base ends it");
    assert!(!fake.pull(2).queued);
}

pub(crate) fn auto_merge_waits_for_the_check_and_then_merges(fake: &Fake) {
    fake.permission("ann", "write");
    fake.rule_checks("main", &[(HOLD, None)]);
    let files = [("one", Some("1\n"))];
    let sha =
        fake.push(&Pushed { branch: "one", files: &files, author: "ann", pusher: "ann", ..Pushed::default() }).unwrap();
    let number = fake.open_pull("one", "main", "ann", "one");
    let document = "mutation On($id: ID!) { enablePullRequestAutoMerge(input: { pullRequestId: $id }) { pullRequest { number } } }";
    Client::new(fake, "app").query(document, &json!({ "id": format!("PR_{number}") }));
    assert!(fake.pull(number).auto_merge);
    assert_eq!(fake.settle(), [0_u64; 0]);
    green(fake, &sha);
    fake.delete_merged(true);
    assert_eq!(fake.settle(), [number]);
    assert_eq!(fake.head("one"), None, "its branch is deleted");
}
