//! What is read again right before something is written: queues, tips, and commits that were heads.

use super::{Fake, connect, with_pull};
use crate::fake_github::{Access, Fault, Grouping, Pushed, Token};
use cargo2_bot::finding::read::Read;
use cargo2_bot::github::ids::PullNumber;
use cargo2_bot::io::github::{GitHub, GitHubError, Permission};
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

/// A commit that is nowhere.
fn id_of_nothing() -> String {
    "1".repeat(40)
}

#[tokio::test]
async fn an_answer_that_lacks_a_part_is_refused() {
    let (fake, number) = with_pull();
    let github = connect(&fake, "workflow");
    let open = || json!({ "nodes": [{ "number": 9, "headRefOid": id_of_nothing() }] });
    let whole = json!({ "open": open(), "branch0": null, "pullRequest1": null });
    let fail = |repository: serde_json::Value| {
        fake.fail(1, |_| true, Fault::Answer { status: 200, body: json!({ "data": { "repository": repository } }) });
    };
    for odd in [
        json!(null),
        json!({ "open": open(), "branch0": null }),
        json!({ "open": open(), "pullRequest1": null }),
        json!({ "open": null, "branch0": null, "pullRequest1": null }),
        json!({ "branch0": null, "pullRequest1": null }),
        json!({ "open": open(), "branch0": { "target": null }, "pullRequest1": null }),
    ] {
        fail(odd.clone());
        let read = github.again(&[number.into()], &["main".to_owned()]).await;
        assert!(matches!(read, Err(GitHubError::Malformed { .. } | GitHubError::NotFound { .. })), "{odd}: {read:?}");
    }
    fail(whole);
    let fresh = github.again(&[number.into()], &["main".to_owned()]).await.unwrap();
    assert!(fresh.pulls.is_empty());
    assert_eq!((fresh.newest.len(), fresh.newest[0].0), (1, 9.into()));
}

#[tokio::test]
async fn earlier_heads_are_read_with_all_runs_of_the_hold() {
    let (fake, number) = with_pull();
    fake.permission("bob", "write");
    let first = fake.head("track").unwrap();
    fake.status(&first, "ann", "cargo2 manual merge", "success");
    fake.status(&first, "ann", "ci", "success");
    fake.commit("track", &[("more", Some("x"))], "tracker");
    let second = fake.head("track").unwrap();
    for (name, conclusion) in
        [("cargo2 manual merge", "failure"), ("cargo2 manual merge", "success"), ("test", "success")]
    {
        fake.check_run(&second, "ci", name, Some(conclusion));
    }
    fake.check_run(&second, "other", "test", Some("success"));
    let files = [("more", Some("y"))];
    let amend =
        Pushed { branch: "track", files: &files, amend: true, author: "bob", pusher: "bob", ..Pushed::default() };
    let third = fake.push(&amend).unwrap();
    fake.close(number);
    fake.commit("t2", &[("y", Some("y"))], "tracker");
    fake.open_pull("t2", "main", "tracker", "Second");
    let github = connect(&fake, "workflow");
    let Read::Known(pulls) = github.heads().await else { panic!() };
    assert_eq!(github.requests(), (2, 0), "one for the open ones, one for the closed ones");
    let [open, closed] = pulls.as_slice() else { panic!("{pulls:?}") };
    assert!(open.open && open.complete && open.replaced.is_empty());
    assert!(!closed.open && !closed.merged && closed.complete);
    assert_eq!((closed.head_ref.as_str(), closed.head_sha.as_str()), ("track", &*third));
    assert_eq!(closed.head_repository.as_deref(), Some("owner/name"));
    let [early, head] = closed.commits.as_slice() else { panic!("{closed:?}") };
    assert_eq!((early.commit.as_str(), head.commit.as_str()), (&*first, &*third));
    assert_eq!((early.statuses.len(), early.checks.len(), head.checks.len()), (1, 0, 0));
    let [before] = closed.replaced.as_slice() else { panic!("{closed:?}") };
    assert_eq!(before.commit.as_str(), second);
    let runs: Vec<_> =
        before.checks.iter().map(|run| (&*run.name, run.conclusion.as_ref().unwrap().as_str())).collect();
    assert_eq!(runs, [("cargo2 manual merge", "failure"), ("cargo2 manual merge", "success")]);
}

/// Whether all earlier heads of each pull request are known, the open ones first.
async fn complete(github: &GitHub) -> Vec<bool> {
    let Read::Known(pulls) = github.heads().await else { panic!() };
    pulls.iter().map(|pull| pull.complete).collect()
}

#[tokio::test]
async fn earlier_heads_that_are_not_all_known_say_so() {
    let (fake, number) = with_pull();
    let github = connect(&fake, "workflow");
    assert_eq!(complete(&github).await, [true]);
    // More commits than one page holds.
    for at in 0..50 {
        fake.commit("track", &[("more", Some(&at.to_string()))], "tracker");
    }
    assert_eq!(complete(&github).await, [false]);
    fake.close(number);
    // More apps than one page holds.
    fake.commit("t2", &[("y", Some("y"))], "tracker");
    fake.open_pull("t2", "main", "tracker", "Second");
    assert_eq!(complete(&github).await, [true, false]);
    for app in 0..6 {
        fake.check_run(&fake.head("t2").unwrap(), &format!("app{app}"), "cargo2 manual merge", Some("success"));
    }
    assert_eq!(complete(&github).await, [false, false]);
    fake.token("weak", Token::workflow().with("checks", Access::None));
    assert_eq!(complete(&connect(&fake, "weak")).await, [false, false]);
    fake.fail(9, |_| true, Fault::Status(502));
    assert!(matches!(github.heads().await, Read::Unreadable(_)));
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
