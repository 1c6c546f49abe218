//! What is read again right before something is written: queues, tips, and what was closed lately.

use super::{Fake, connect, with_pull};
use crate::fake_github::{Access, Fault, Grouping, Token};
use cargo2_bot::finding::read::Read;
use cargo2_bot::github::ids::PullNumber;
use cargo2_bot::io::github::{GitHubError, Permission};
use serde_json::json;

#[tokio::test]
async fn a_queue_is_read_with_the_commits_of_its_groups() {
    let fake = Fake::new();
    fake.permission("ann", "write");
    fake.rule_queue("main", Grouping::AllGreen);
    fake.rule_checks("main", &[("cargo2 manual merge", None)]);
    for name in ["one", "two"] {
        fake.commit(name, &[(name, Some("1"))], "ann");
        let number = fake.open_pull(name, "main", "ann", name);
        fake.enqueue("ann", number).unwrap();
    }
    fake.page_size(1);
    let github = connect(&fake, "workflow");
    let Read::Known(entries) = github.queue("main").await else { panic!() };
    let [first, second] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(first.base.as_ref().map(ToString::to_string), fake.head("main"));
    assert_eq!((first.number, first.position, second.number, second.position), (1.into(), 1, 2.into(), 2));
    assert!(first.head.is_some() && second.base == first.head && second.head != first.head);
    assert_eq!(Some(second.pull_head.to_string()), fake.head("two"));
    assert_eq!(format!("{:?}", second.state), "AwaitingChecks");
    assert_eq!(github.queue("elsewhere").await, Read::Absent);
}

#[tokio::test]
async fn a_queue_that_cannot_be_read_is_not_an_absent_one() {
    let (fake, number) = with_pull();
    let github = connect(&fake, "workflow");
    let answer = |queue: serde_json::Value| Fault::Answer {
        status: 200,
        body: json!({ "data": { "repository": { "mergeQueue": queue } } }),
    };
    let page = |nodes: serde_json::Value, next: bool| json!({ "entries": { "pageInfo": { "hasNextPage": next, "endCursor": null }, "nodes": nodes } });
    let orphan =
        json!({ "position": 1, "state": "QUEUED", "baseCommit": null, "headCommit": null, "pullRequest": null });
    let faults = [
        answer(page(json!([null]), false)),
        answer(page(json!([orphan]), false)),
        answer(page(json!([]), true)),
        Fault::Answer { status: 200, body: json!({ "data": { "repository": null } }) },
        Fault::Answer {
            status: 200,
            body: json!({ "data": { "repository": { "mergeQueue": null } }, "errors": [{ "type": "FORBIDDEN", "path": ["repository", "mergeQueue"], "message": "no" }] }),
        },
    ];
    for fault in faults {
        fake.fail(1, |_| true, fault.clone());
        assert!(matches!(github.queue("main").await, Read::Unreadable(_)), "{fault:?}");
    }
    assert_eq!(github.queue("main").await, Read::Absent);
    let (_, group) = fake.merge_group(number);
    let Read::Known(entries) = github.queue("main").await else { panic!() };
    assert_eq!(entries[0].head.as_ref().map(ToString::to_string), Some(group));
}

#[tokio::test]
async fn pull_requests_and_branches_are_read_again_in_one_request() {
    let (fake, number) = with_pull();
    fake.permission("ann", "write");
    fake.review(number, "ann", "APPROVED");
    fake.label(number, "lgtm");
    fake.comment(number, "ann", "/lgtm");
    fake.commit("t2", &[("x", Some("x"))], "tracker");
    let second = fake.open_pull("t2", "main", "tracker", "Second");
    let github = connect(&fake, "workflow");
    let branches = ["main".to_owned(), "gone\"){id}".to_owned()];
    let fresh = github.again(&[second.into(), number.into(), PullNumber(99), second.into()], &branches).await.unwrap();
    assert_eq!(github.requests(), (1, 0));
    let numbers: Vec<PullNumber> = fresh.pulls.iter().map(|p| p.number).collect();
    assert_eq!(numbers, [number.into(), second.into()]);
    let mut whole = github.pull(number.into()).await.unwrap().pulls.remove(0);
    (whole.paths, whole.paths_complete) = (Vec::new(), false);
    assert_eq!(fresh.pull(number.into()), Some(&whole), "all but the files");
    assert!(whole.timeline_complete && whole.labels == ["lgtm"]);
    assert_eq!(fresh.tip("main").map(ToString::to_string), fake.head("main"));
    assert_eq!((fresh.tips.len(), fresh.tip("gone\"){id}"), fresh.pull(PullNumber(99))), (2, None, None));
    assert!(fake.unknown().is_empty(), "{:?}", fake.unknown());
}

#[tokio::test]
async fn many_pull_requests_are_read_again_in_batches_with_all_their_pages() {
    let fake = Fake::new();
    let numbers: Vec<PullNumber> = (0..21)
        .map(|n| {
            let branch = format!("t{n}");
            fake.commit(&branch, &[(&branch, Some("x"))], "tracker");
            fake.open_pull(&branch, "main", "tracker", &branch).into()
        })
        .collect();
    let github = connect(&fake, "workflow");
    assert_eq!(github.again(&numbers, &[]).await.unwrap().pulls.len(), 21);
    assert_eq!(github.requests(), (2, 0));
    assert_eq!(github.again(&[], &[]).await.unwrap().pulls.len(), 0);
    for n in 0..5 {
        fake.comment(1, "ann", &n.to_string());
    }
    fake.page_size(2);
    assert_eq!(github.again(&numbers[..1], &["main".to_owned()]).await.unwrap().pulls[0].comments.len(), 5);
    assert_eq!(github.again(&[], &["main".to_owned()]).await.unwrap().tips.len(), 1);
}

#[tokio::test]
async fn an_answer_that_lacks_a_part_is_refused() {
    let (fake, number) = with_pull();
    let github = connect(&fake, "workflow");
    let whole = json!({ "branch0": null, "pullRequest1": null });
    let fail = |repository: serde_json::Value| {
        fake.fail(1, |_| true, Fault::Answer { status: 200, body: json!({ "data": { "repository": repository } }) });
    };
    for odd in [
        json!(null),
        json!({ "branch0": null }),
        json!({ "pullRequest1": null }),
        json!({ "branch0": { "target": null }, "pullRequest1": null }),
    ] {
        fail(odd.clone());
        let read = github.again(&[number.into()], &["main".to_owned()]).await;
        assert!(matches!(read, Err(GitHubError::Malformed { .. } | GitHubError::NotFound { .. })), "{odd}: {read:?}");
    }
    fail(whole);
    assert!(github.again(&[number.into()], &["main".to_owned()]).await.unwrap().pulls.is_empty());
}

#[tokio::test]
async fn what_was_closed_lately_is_read_with_all_runs_of_our_names() {
    let (fake, number) = with_pull();
    fake.commit("t2", &[("x", Some("x"))], "tracker");
    let merged = fake.open_pull("t2", "main", "tracker", "Second");
    fake.commit("t3", &[("y", Some("y"))], "tracker");
    fake.open_pull("t3", "main", "tracker", "Open");
    let head = fake.head("track").unwrap();
    fake.check_run(&head, "ci", "cargo2 manual merge", Some("failure"));
    fake.check_run(&head, "ci", "cargo2 manual merge", Some("success"));
    fake.check_run(&head, "ci", "cargo2 block", Some("success"));
    fake.check_run(&head, "ci", "test", Some("success"));
    fake.status(&head, "ann", "cargo2 manual merge", "success");
    fake.status(&head, "ann", "ci", "success");
    fake.permission("ann", "write");
    fake.ask_merge("ann", merged, "merge").unwrap();
    fake.close(number);
    let github = connect(&fake, "workflow");
    let Read::Known(pulls) = github.recently_closed().await else { panic!() };
    let seen: Vec<_> = pulls.iter().map(|p| (p.number.0, p.merged, &*p.base_ref, p.complete)).collect();
    assert_eq!(seen, [(number, false, "main", true), (merged, true, "main", true)]);
    let runs: Vec<_> = pulls[0].checks.iter().map(|c| (&*c.name, c.conclusion.as_ref().unwrap().as_str())).collect();
    let wanted = [("cargo2 block", "success"), ("cargo2 manual merge", "failure"), ("cargo2 manual merge", "success")];
    assert_eq!(runs, wanted);
    assert_eq!(pulls[0].statuses.len(), 1);
    assert_eq!((pulls[0].head_sha.as_str(), github.requests()), (&*head, (1, 0)));
    fake.token("weak", Token::workflow().with("checks", Access::None));
    let Read::Known(pulls) = connect(&fake, "weak").recently_closed().await else { panic!() };
    assert!(pulls.iter().all(|pull| !pull.complete && pull.checks.is_empty()));
    fake.fail(9, |_| true, Fault::Status(502));
    assert!(matches!(github.recently_closed().await, Read::Unreadable(_)));
}

#[tokio::test]
async fn each_account_is_asked_for_once() {
    let (fake, _) = with_pull();
    fake.permission("ann", "write");
    fake.permission("bob", "read");
    let github = connect(&fake, "workflow");
    let known = github.permissions(&["ann", "Ann", "bob", "ann", "nobody", ""]).await;
    let of = |login: &str| known[login].clone();
    assert_eq!(
        (of("bob"), of("nobody"), of("")),
        (Read::Known(Permission::Read), Read::Known(Permission::None), Read::Known(Permission::None))
    );
    assert_eq!(of("Ann"), of("ann"));
    assert_eq!(github.requests(), (3, 0));
    fake.fail(1, |_| true, Fault::Answer { status: 403, body: json!({ "message": "no" }) });
    assert!(matches!(github.permissions(&["ann"]).await["ann"], Read::Unreadable(_)));
}
