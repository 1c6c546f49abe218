//! What the rules of a branch let through.

use serde_json::json;

use super::client::Client;
use super::github::{Fake, Pushed};

const HOLD: &str = "hold";

/// A pull request of `ann` into `main`, which requires a check.
fn guarded(fake: &Fake, app: Option<u64>) -> (u64, String) {
    fake.permission("ann", "write");
    fake.permission("bob", "write");
    let sha = push(fake, "topic", "a.bst", "1\n", "ann");
    fake.rule_checks("main", &[(HOLD, app)]);
    (fake.open_pull("topic", "main", "ann", "Change a"), sha)
}

fn push(fake: &Fake, branch: &str, path: &str, text: &str, who: &str) -> String {
    let files = [(path, Some(text))];
    fake.push(&Pushed { branch, files: &files, author: who, pusher: who, ..Pushed::default() }).unwrap()
}

pub(crate) fn a_required_check_blocks_a_merge_until_it_passes(fake: &Fake) {
    let (number, sha) = guarded(fake, None);
    let client = Client::new(fake, "app");
    let merge = |method: &str| {
        let body = json!({ "merge_method": method });
        client.send("PUT", &format!("/pulls/{number}/merge"), Some(&body)).unwrap()
    };
    assert_eq!(client.get(&format!("/pulls/{number}")).body["mergeable_state"], "blocked");
    assert_eq!(merge("merge").status, 405);
    for conclusion in [None, Some("failure"), Some("action_required"), Some("cancelled"), Some("stale")] {
        fake.check_run(&sha, "cargo2", HOLD, conclusion);
        assert_eq!(merge("squash").status, 405, "{conclusion:?}");
    }
    fake.check_run(&sha, "cargo2", HOLD, Some("neutral"));
    let merged = merge("squash");
    assert_eq!((merged.status, &merged.body["sha"]), (200, &json!(fake.head("main").unwrap())));
    assert!(fake.pull(number).merged);
    assert_eq!(fake.file("main", "a.bst").unwrap(), "1\n");
}

pub(crate) fn a_green_commit_is_a_ticket_for_a_push(fake: &Fake) {
    let (number, sha) = guarded(fake, None);
    let refused = fake.push_sha("ann", "main", &sha).unwrap_err();
    assert!(refused.contains("is expected"), "{refused}");
    assert!(fake.push_sha("mallory", "main", &sha).is_err());
    fake.status(&sha, "anybody", HOLD, "success");
    fake.push_sha("ann", "main", &sha).unwrap();
    assert!(fake.pull(number).merged, "its tip is in the base now");
    let client = Client::new(fake, "app");
    let activity = client.get("/activity?ref=refs/heads/main");
    let last = &activity.body[0];
    assert_eq!((&last["actor"]["login"], &last["after"]), (&json!("ann"), &json!(sha)));
    assert_eq!(last["activity_type"], "push");
}

pub(crate) fn of_two_runs_of_one_name_one_reading_is_enough(fake: &Fake) {
    let (number, sha) = guarded(fake, None);
    let held = fake.check_run(&sha, "cargo2", HOLD, Some("action_required"));
    assert!(fake.ask_merge("ann", number, "merge").is_err());
    fake.check_run(&sha, "github-actions", HOLD, Some("success"));
    // The older run is completed anew: it is the last one by time, and not by number.
    let client = Client::new(fake, "app");
    let again = json!({ "status": "completed", "conclusion": "action_required" });
    assert_eq!(client.patch(&format!("/check-runs/{held}"), &again).status, 200);
    fake.ask_merge("ann", number, "merge").unwrap();
}

pub(crate) fn a_check_and_a_status_of_one_name_are_both_required(fake: &Fake) {
    let (number, sha) = guarded(fake, None);
    fake.check_run(&sha, "cargo2", HOLD, Some("success"));
    fake.status(&sha, "ann", HOLD, "pending");
    assert!(fake.ask_merge("ann", number, "merge").is_err());
    fake.status(&sha, "ann", HOLD, "success");
    fake.ask_merge("ann", number, "merge").unwrap();
}

pub(crate) fn a_check_of_another_app_does_not_count(fake: &Fake) {
    let (number, sha) = guarded(fake, Some(4242));
    fake.check_run(&sha, "github-actions", HOLD, Some("success"));
    fake.status(&sha, "ann", HOLD, "success");
    assert!(fake.ask_merge("ann", number, "merge").is_err());
    fake.check_run(&sha, "cargo2", HOLD, Some("success"));
    fake.ask_merge("ann", number, "merge").unwrap();
}

pub(crate) fn a_branch_that_is_behind_is_not_merged_where_checks_are_strict(fake: &Fake) {
    fake.permission("ann", "write");
    let sha = push(fake, "topic", "a.bst", "1\n", "ann");
    fake.rule_strict_checks("main", &[(HOLD, None)]);
    let number = fake.open_pull("topic", "main", "ann", "Change a");
    fake.check_run(&sha, "cargo2", HOLD, Some("success"));
    fake.commit("main", &[("b.bst", Some("2\n"))], "owner");
    let client = Client::new(fake, "app");
    assert_eq!(client.get(&format!("/pulls/{number}")).body["mergeable_state"], "behind");
    assert!(fake.ask_merge("ann", number, "merge").is_err());
    let merged = fake.push_merge("ann", "topic", "main", &[]).unwrap();
    fake.check_run(&merged, "cargo2", HOLD, Some("success"));
    fake.ask_merge("ann", number, "merge").unwrap();
}

pub(crate) fn a_conflict_is_found_by_merging(fake: &Fake) {
    fake.permission("ann", "write");
    push(fake, "topic", "README.md", "mine\n", "ann");
    let number = fake.open_pull("topic", "main", "ann", "Mine");
    let client = Client::new(fake, "app");
    assert_eq!(client.get(&format!("/pulls/{number}")).body["mergeable"], true);
    fake.commit("main", &[("README.md", Some("yours\n"))], "owner");
    let pull = client.get(&format!("/pulls/{number}")).body;
    assert_eq!((&pull["mergeable"], &pull["mergeable_state"]), (&json!(false), &json!("dirty")));
    assert!(fake.ask_merge("owner", number, "merge").is_err());
}

pub(crate) fn approvals_are_those_of_writers_now(fake: &Fake) {
    let (number, sha) = guarded(fake, None);
    fake.check_run(&sha, "cargo2", HOLD, Some("success"));
    fake.rule_pull_request("main", 1, false, true);
    let refused = |what: &str| assert!(fake.ask_merge("bob", number, "merge").is_err(), "{what}");
    refused("nobody approved");
    fake.review(number, "ann", "APPROVED");
    refused("the author approved");
    fake.review(number, "guest", "APPROVED");
    refused("a guest approved");
    fake.review(number, "bob", "APPROVED");
    fake.permission("bob", "read");
    assert!(fake.ask_merge("ann", number, "merge").is_err(), "no writer any more");
    fake.permission("bob", "write");
    fake.review(number, "bob", "CHANGES_REQUESTED");
    refused("changes are requested");
    let approval = fake.review(number, "bob", "APPROVED");
    // What bob pushes, ann would have to approve.
    push(fake, "topic", "a.bst", "2\n", "bob");
    fake.check_run(&fake.pull(number).head_sha, "cargo2", HOLD, Some("success"));
    refused("the last pusher approved");
    push(fake, "topic", "a.bst", "3\n", "ann");
    fake.check_run(&fake.pull(number).head_sha, "cargo2", HOLD, Some("success"));
    fake.dismiss_by("ann", approval).unwrap();
    refused("dismissed");
    fake.review(number, "bob", "APPROVED");
    fake.ask_merge("bob", number, "merge").unwrap();
}

pub(crate) fn an_approval_of_another_diff_is_dismissed(fake: &Fake) {
    let (number, sha) = guarded(fake, None);
    fake.rule_pull_request("main", 1, true, false);
    fake.review(number, "bob", "APPROVED");
    let client = Client::new(fake, "app");
    let state = || client.get(&format!("/pulls/{number}/reviews")).texts("state");
    // The same diff on another commit.
    let files = [("a.bst", Some("1\n"))];
    fake.push(&Pushed {
        branch: "topic",
        files: &files,
        author: "ann",
        pusher: "ann",
        amend: true,
        ..Pushed::default()
    })
    .unwrap();
    assert_ne!(fake.pull(number).head_sha, sha);
    assert_eq!(state(), ["APPROVED"]);
    push(fake, "topic", "a.bst", "2\n", "ann");
    assert_eq!(state(), ["DISMISSED"]);
}

pub(crate) fn a_protected_branch_is_neither_forced_nor_deleted(fake: &Fake) {
    fake.permission("ann", "write");
    let first = fake.head("main").unwrap();
    fake.commit("main", &[("a.bst", Some("1\n"))], "owner");
    fake.rule("main", "non_fast_forward", json!(null));
    fake.rule("main", "deletion", json!(null));
    assert!(fake.push_sha("ann", "main", &first).is_err());
    assert!(fake.delete("ann", "main").is_err());
    fake.bypass("ann");
    fake.push_sha("ann", "main", &first).unwrap();
    let kinds = Client::new(fake, "app").get("/rules/branches/main").texts("type");
    assert_eq!(kinds, ["non_fast_forward", "deletion"]);
}
