//! Answers of all shapes.

use super::super::graph::{PullNode, ReviewNode, Root};
use super::super::page::Page;
use super::super::wire::{Envelope, Refusal, Run, Someone, Status, User};
use crate::github::facts::{Actor, CheckRun, CommitStatus};
use crate::github::ids::{CommentId, Conclusion, Moment, ReviewState, StatusState};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn pull() -> Value {
    let text = r#"{
        "id": "P", "number": 5, "title": "T", "body": null, "state": "OPEN", "isDraft": false, "author": null,
        "headRefName": "h", "headRefOid": "1111111111111111111111111111111111111111", "headRepository": null, "baseRefName": "main", "baseRefOid": "b111111111111111111111111111111111111111",
        "autoMergeRequest": {"enabledAt": "2026-01-01T00:00:00Z"}, "isInMergeQueue": true,
        "labels": {"nodes": [{"name": "l"}, null]},
        "reviewRequests": {"nodes": [
            {"requestedReviewer": {"__typename": "User", "login": "u"}},
            {"requestedReviewer": {"__typename": "Team", "slug": "t"}},
            {"requestedReviewer": {"__typename": "Bot", "login": "copilot"}},
            {"requestedReviewer": null}
        ]},
        "changedFiles": 2,
        "files": {"pageInfo": {"hasNextPage": false, "endCursor": "x"}, "nodes": [
            {"path": "a", "changeType": "MODIFIED"}, {"path": "b", "changeType": "RENAMED"}
        ]},
        "comments": {"pageInfo": {"hasNextPage": true, "endCursor": "c"}, "nodes": [
            {"id": "C", "fullDatabaseId": "9", "body": "x", "author": {"__typename": "Bot", "login": "github-actions"},
             "createdAt": "2026-09-21T13:33:20Z", "lastEditedAt": null, "includesCreatedEdit": false}
        ]},
        "reviews": {"nodes": [
            {"id": "R1", "submittedAt": "2026-09-21T13:33:20Z", "lastEditedAt": "2026-09-21T13:33:21Z",
             "state": "APPROVED", "author": {"__typename": "User", "login": "u"}, "authorCanPushToRepository": true,
             "commit": {"oid": "1111111111111111111111111111111111111111"}},
            {"id": "R2", "submittedAt": null, "lastEditedAt": null, "state": "PENDING", "author": null, "authorCanPushToRepository": false, "commit": null}
        ]},
        "timelineItems": {"pageInfo": {"hasNextPage": true, "endCursor": "t"}, "nodes": [
            {"__typename": "BaseRefChangedEvent", "actor": {"__typename": "User", "login": "u"},
             "createdAt": "2026-09-21T13:33:20Z", "previousRefName": "old", "currentRefName": "main"},
            {"__typename": "ReviewDismissedEvent", "actor": null, "createdAt": "2026-09-21T13:33:20Z",
             "previousReviewState": "CHANGES_REQUESTED", "pullRequestCommit": null, "review": {"id": "R1"}},
            {"__typename": "ReviewDismissedEvent", "actor": null, "createdAt": "2026-09-21T13:33:20Z",
             "previousReviewState": "APPROVED", "pullRequestCommit": {"id": "PRC"}, "review": null}
        ]},
        "commits": {"nodes": [{"commit": {
            "oid": "1111111111111111111111111111111111111111",
            "status": {"contexts": [
                {"context": "c", "state": "SUCCESS", "description": null, "creator": null},
                {"context": "never", "state": "EXPECTED", "description": null, "creator": null}
            ]},
            "checkSuites": {"pageInfo": {"hasNextPage": false}, "nodes": [
                {"app": {"slug": "github-actions"}, "checkRuns": {"pageInfo": {"hasNextPage": false}, "nodes": [
                    {"databaseId": 3, "name": "n", "status": "COMPLETED", "conclusion": "ACTION_REQUIRED", "title": "t",
                     "summary": null, "externalId": "e"},
                    {"databaseId": 4, "name": "m", "status": "IN_PROGRESS", "conclusion": null, "title": null,
                     "summary": null, "externalId": null}
                ]}},
                {"app": null, "checkRuns": null}
            ]}
        }}]}
    }"#;
    serde_json::from_str(text).unwrap()
}

fn parsed(pull: Value) -> (crate::github::facts::PullRequest, super::super::graph::Rest) {
    serde_json::from_value::<PullNode>(pull).unwrap().into_facts()
}

#[test]
fn a_pull_request_becomes_facts() {
    let (pull, rest) = parsed(pull());
    assert!(pull.open && pull.auto_merge && pull.queued && !pull.draft && pull.paths_complete);
    assert_eq!(pull.author, Actor::default(), "a deleted account");
    assert_eq!((pull.labels, pull.requested_teams), (vec!["l".to_owned()], vec!["t".to_owned()]));
    assert_eq!(pull.requested_users, ["u", "copilot[bot]"]);
    assert_eq!(pull.comments[0].author, Actor { login: "github-actions[bot]".to_owned(), bot: true });
    assert_eq!((pull.comments[0].id, pull.comments[0].node_id.as_str()), (CommentId(9), "C"));
    assert_eq!((pull.reviews[0].state.clone(), pull.reviews[0].may_write), (ReviewState::Approved, true));
    assert_eq!((pull.reviews[1].state.clone(), pull.reviews[1].commit.clone()), (ReviewState::Pending, None));
    assert_eq!(pull.checks[0].conclusion, Some(Conclusion::ActionRequired));
    assert_eq!((pull.checks[0].app.as_str(), pull.checks[1].conclusion.clone()), ("github-actions", None));
    assert_eq!(pull.statuses.len(), 1);
    assert_eq!(pull.statuses[0].state, StatusState::Success);
    assert!(rest.renames && rest.files.is_none() && !rest.checks && !rest.statuses);
    assert_eq!((rest.comments.as_deref(), rest.timeline.as_deref()), (Some("c"), Some("t")));
}

#[test]
fn times_edits_and_the_timeline_become_facts() {
    let (pull, _) = parsed(pull());
    let at = Moment(1_789_997_600);
    assert_eq!((pull.comments[0].created_at, pull.comments[0].edited), (at, false));
    let reviews: Vec<_> = pull.reviews.iter().map(|r| (r.id.as_str(), r.submitted_at, r.edited)).collect();
    assert_eq!(reviews, [("R1", Some(at), true), ("R2", None, false)]);
    let changes: Vec<_> = pull.base_changes.iter().map(|c| (&*c.actor.login, &*c.from, &*c.to, c.at)).collect();
    assert_eq!(changes, [("u", "old", "main", at)]);
    let dismissals: Vec<_> =
        pull.dismissals.iter().map(|d| (d.review.as_deref(), d.previous.clone(), d.stale)).collect();
    let wanted = [(Some("R1"), ReviewState::ChangesRequested, false), (None, ReviewState::Approved, true)];
    assert_eq!(dismissals, wanted);
    assert!(pull.timeline_complete && pull.opinions_complete);
}

#[test]
fn a_time_that_is_none_is_refused() {
    for place in ["comments/nodes/0/createdAt", "reviews/nodes/0/submittedAt", "timelineItems/nodes/0/createdAt"] {
        let mut value = pull();
        *value.pointer_mut(&format!("/{place}")).unwrap() = json!("soon");
        assert!(serde_json::from_value::<PullNode>(value).is_err(), "{place}");
    }
}

#[test]
fn a_timeline_or_opinion_that_may_not_be_seen_is_not_complete() {
    let complete = |place: &str, odd: Value| {
        let mut value = pull();
        *value.pointer_mut(place).unwrap() = odd;
        let pull = parsed(value).0;
        (pull.timeline_complete, pull.opinions_complete)
    };
    assert_eq!(complete("/timelineItems", Value::Null), (false, true));
    assert_eq!(complete("/timelineItems/nodes/0", Value::Null), (false, true));
    assert_eq!(complete("/timelineItems/nodes/0", json!({"__typename": "Another"})), (false, true));
    assert_eq!(complete("/comments/nodes/0", Value::Null), (true, false));
    assert_eq!(complete("/reviews/nodes/1", Value::Null), (true, false));
}

#[test]
fn files_that_are_not_all_named_are_not_complete() {
    let mut value = pull();
    value["changedFiles"] = json!(3);
    assert!(!parsed(value).0.paths_complete);
    let mut value = pull();
    value["files"]["nodes"][0] = Value::Null;
    assert!(!parsed(value).0.paths_complete);
    let mut value = pull();
    value["files"] = Value::Null;
    assert!(!parsed(value).0.paths_complete);
}

#[test]
fn checks_of_another_commit_are_not_taken_for_those_of_the_head() {
    let mut value = pull();
    value["commits"]["nodes"][0]["commit"]["oid"] = json!("0000000000000000000000000000000000000000");
    let (pull, rest) = parsed(value);
    assert!(pull.checks.is_empty() && pull.statuses.is_empty());
    assert!(rest.checks && rest.statuses);
}

#[test]
fn further_check_runs_are_noticed_in_a_suite_and_beside_it() {
    let suites = "/commits/nodes/0/commit/checkSuites";
    for page in [format!("{suites}/pageInfo"), format!("{suites}/nodes/0/checkRuns/pageInfo")] {
        let mut value = pull();
        *value.pointer_mut(&page).unwrap() = json!({"hasNextPage": true, "endCursor": "x"});
        assert!(parsed(value).1.checks, "{page}");
    }
}

#[test]
fn an_account_is_a_bot_by_its_type_or_by_its_login() {
    let actor = |value: Value| Actor::from(serde_json::from_value::<User>(value).unwrap());
    assert!(actor(json!({"login": "x[bot]", "type": "User"})).bot);
    assert!(actor(json!({"login": "x", "type": "Bot"})).bot);
    assert!(!actor(json!({"login": "x", "type": "User"})).bot);
    let actor = |value: Value| Actor::from(serde_json::from_value::<Someone>(value).unwrap());
    assert_eq!(actor(json!({"__typename": "Bot", "login": "x[bot]"})).login, "x[bot]");
    assert!(!actor(json!({"__typename": "Mannequin", "login": "x"})).bot);
}

#[test]
fn a_run_that_goes_on_has_no_conclusion() {
    let run = |value: Value| CheckRun::from(serde_json::from_value::<Run>(value).unwrap());
    let again =
        json!({"id": 1, "name": "n", "status": "in_progress", "conclusion": "success", "output": null, "app": null});
    assert_eq!(run(again).conclusion, None);
    let done = json!({"id": 1, "name": "n", "status": "completed", "conclusion": "success"});
    assert_eq!(run(done).conclusion, Some(Conclusion::Success));
}

/// JSON of the names that GitHub uses, in any order and of any kind.
fn odd_json() -> impl Strategy<Value = Value> {
    const NAMES: [&str; 24] = [
        "viewer",
        "repository",
        "pullRequests",
        "pullRequest",
        "nodes",
        "pageInfo",
        "hasNextPage",
        "endCursor",
        "login",
        "id",
        "number",
        "author",
        "files",
        "comments",
        "reviews",
        "commits",
        "commit",
        "status",
        "contexts",
        "checkSuites",
        "errors",
        "type",
        "path",
        "data",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        let name = prop_oneof![3 => proptest::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => ".{0,6}"];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(name, inner, 0..8).prop_map(|m| m.into_iter().collect()),
        ]
    })
}

fn tried<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

/// A good pull request with one field of any depth replaced.
fn damaged_pull() -> impl Strategy<Value = Value> {
    (any::<proptest::sample::Index>(), odd_json()).prop_map(|(index, odd)| {
        let mut pull = pull();
        let places = places(&pull, String::new());
        let place: &String = index.get(&places);
        *pull.pointer_mut(place).unwrap() = odd;
        pull
    })
}

fn places(value: &Value, at: String) -> Vec<String> {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        _ => Vec::new(),
    };
    let deeper: Vec<String> = below.into_iter().flat_map(|(k, v)| places(v, format!("{at}/{k}"))).collect();
    std::iter::once(at).chain(deeper).collect()
}

proptest! {
    #[test]
    fn no_answer_panics(value in odd_json(), bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = tried::<Root>(&value);
        let _ = tried::<Page<ReviewNode>>(&value).map(|p| p.into_items().count());
        let _ = tried::<PullNode>(&value).map(PullNode::into_facts);
        let _ = tried::<Run>(&value).map(CheckRun::from);
        let _ = tried::<Status>(&value).map(CommitStatus::from);
        let _ = tried::<Refusal>(&value).map(|r| r.text());
        let _ = tried::<Envelope>(&value).map(|e| e.errors.len());
        let _ = serde_json::from_slice::<Root>(&bytes);
    }

    #[test]
    fn a_damaged_pull_request_is_refused_or_read_without_panic(value in damaged_pull()) {
        if let Some(node) = tried::<PullNode>(&value) {
            let (pull, rest) = node.into_facts();
            prop_assert!(!pull.paths_complete || pull.paths.len() == rest.changed_files);
        }
    }
}
