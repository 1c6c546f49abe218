//! What is written is there afterwards, and nothing else.

use super::{Fake, connect, with_pull};
use crate::fake_github::{Fault, Token};
use cargo2_bot::github::ids::{AnnotationLevel, CommitId, Conclusion, Reaction, StatusState};
use cargo2_bot::github::plan::{
    Action, AddLabel, Annotation, At, ChangePull, ClosePull, CommitFiles, DeleteComment, EditPull, OpenPull, React,
    RequestReviews, WriteBranch, WriteCheck, WriteComment, WriteStatus,
};
use cargo2_bot::io::github::{Done, GitHubError};
use serde_json::json;

fn id_of(commit: &str) -> CommitId {
    CommitId::parse(commit).unwrap()
}

fn owned(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn commit(branch: &str, expected: &str, files: &[(&str, &str)]) -> Action {
    commit_with(branch, expected, files, &[])
}

fn commit_with(branch: &str, expected: &str, files: &[(&str, &str)], executable: &[&str]) -> Action {
    Action::Commit(CommitFiles {
        executable: executable.iter().map(|path| (*path).to_owned()).collect(),
        branch: branch.to_owned(),
        expected: id_of(expected),
        headline: "fix: the block".to_owned(),
        body: "Why.".to_owned(),
        files: owned(files),
    })
}

fn branch(head: Option<&str>, base: &str, text: &str) -> Action {
    Action::Branch(WriteBranch {
        branch: "cargo2-bot/a".to_owned(),
        head: head.map(id_of),
        base: id_of(base),
        message: "fix: a".to_owned(),
        files: owned(&[("d/a.bst", text)]),
        executable: vec!["d/a.bst".to_owned()],
    })
}

fn check(at: At, id: Option<u64>, lines: usize) -> Action {
    let line = |line| Annotation {
        path: "a.bst".to_owned(),
        line,
        level: AnnotationLevel::Warning,
        title: format!("t{line}"),
        message: "m".to_owned(),
    };
    Action::Check(WriteCheck {
        at,
        id: id.map(Into::into),
        name: "cargo2 block".to_owned(),
        conclusion: Conclusion::Failure,
        title: "T".to_owned(),
        summary: "S".to_owned(),
        external_id: "e1".to_owned(),
        annotations: (1..=lines).map(line).collect(),
    })
}

fn comment(number: u64, id: Option<u64>, body: &str) -> Action {
    Action::Comment(WriteComment { number: number.into(), id: id.map(Into::into), body: body.to_owned() })
}

#[tokio::test]
async fn a_commit_lands_on_its_branch_and_later_actions_find_it() {
    let (fake, _) = with_pull();
    let old = fake.head("track").unwrap();
    let mut publisher = connect(&fake, "workflow").publisher();
    let done = publisher.publish(&commit("track", &old, &[("a.bst", "a: 3\n"), ("new/b", "ü")])).await.unwrap();
    let head = fake.head("track").unwrap();
    assert_eq!(done, Done::Committed(id_of(&head)));
    assert_eq!(fake.file("track", "a.bst").as_deref(), Some("a: 3\n"));
    assert_eq!(fake.file("track", "new/b").as_deref(), Some("ü"));
    assert!(fake.verified(&head));
    assert_eq!(fake.log(&old, &head)[0].1.trim_end(), "fix: the block\n\nWhy.");
    publisher.publish(&check(At::Committed, None, 0)).await.unwrap();
    assert_eq!(fake.checks(&head).len(), 1);
}

#[tokio::test]
async fn a_head_that_moved_is_not_written_over() {
    let (fake, _) = with_pull();
    let old = fake.head("track").unwrap();
    fake.before(|seen| seen.method == "POST", |fake| drop(fake.commit("track", &[("x", Some("x"))], "ann")));
    let error = connect(&fake, "workflow").publisher().publish(&commit("track", &old, &[("a.bst", "a: 3\n")])).await;
    assert!(matches!(&error, Err(GitHubError::Moved { branch, .. }) if branch == "track"), "{error:?}");
    assert_eq!(fake.file("track", "a.bst").as_deref(), Some("a: 2\n"));
}

#[tokio::test]
async fn an_executable_file_stays_one_and_brings_back_no_commit_that_was_taken_away() {
    let (fake, _) = with_pull();
    let old = fake.head("track").unwrap();
    let mut publisher = connect(&fake, "workflow").publisher();
    let action = commit_with("track", &old, &[("a.bst", "a: 3\n"), ("b", "b")], &["a.bst"]);
    let done = publisher.publish(&action).await.unwrap();
    let head = fake.head("track").unwrap();
    assert_eq!(done, Done::Committed(id_of(&head)));
    let mode = |path: &str| {
        fake.inspect(|state| {
            let tree = state.commit_of(&head).unwrap().tree().unwrap();
            tree.get_path(std::path::Path::new(path)).unwrap().filemode()
        })
    };
    assert_eq!((mode("a.bst"), mode("b")), (0o100_755, 0o100_644));
    assert!(fake.verified(&head));
    assert_eq!(fake.log(&old, &head)[0].1.trim_end(), "fix: the block\n\nWhy.");
    // The commit is on top of what was there, and what was there is gone.
    fake.reset("track", "main");
    let error = publisher.publish(&commit_with("track", &head, &[("a.bst", "a: 4\n")], &["a.bst"])).await;
    assert!(matches!(&error, Err(GitHubError::Moved { branch, .. }) if branch == "track"), "{error:?}");
    assert_eq!(fake.head("track"), fake.head("main"));
}

#[tokio::test]
async fn workflows_need_their_own_permission() {
    let (fake, _) = with_pull();
    let old = fake.head("track").unwrap();
    let action = commit("track", &old, &[(".github/workflows/a.yml", "on: push\n")]);
    let error = connect(&fake, "workflow").publisher().publish(&action).await.unwrap_err();
    assert!(matches!(error, GitHubError::Forbidden { .. }), "{error}");
    assert_eq!(fake.head("track").unwrap(), old);
}

#[tokio::test]
async fn a_branch_is_made_then_moved_without_force() {
    let fake = Fake::new();
    let main = fake.head("main").unwrap();
    let mut publisher = connect(&fake, "workflow").publisher();
    let Done::Committed(first) = publisher.publish(&branch(None, &main, "1\n")).await.unwrap() else { panic!() };
    let first = first.to_string();
    assert_eq!(fake.head("cargo2-bot/a").as_ref(), Some(&first));
    assert_eq!(fake.log(&main, &first)[0].2, 1, "only the base is its parent");
    let next = fake.commit("main", &[("other", Some("o"))], "owner");
    let Done::Committed(second) = publisher.publish(&branch(Some(&first), &next, "2\n")).await.unwrap() else {
        panic!()
    };
    let second = second.to_string();
    assert_eq!(fake.file(&second, "d/a.bst").as_deref(), Some("2\n"));
    assert_eq!(fake.file(&second, "other").as_deref(), Some("o"), "the tree is that of the base");
    assert!(fake.log(&next, &second).iter().any(|c| c.2 == 2), "the old head and the base are its parents");
    assert!(fake.verified(&second));
    let error = publisher.publish(&branch(Some(&first), &next, "3\n")).await.unwrap_err();
    assert!(matches!(error, GitHubError::Moved { .. }), "a head that moved: {error}");
    let error = publisher.publish(&branch(None, &next, "3\n")).await.unwrap_err();
    assert!(matches!(error, GitHubError::Moved { .. }), "a branch that is there: {error}");
    fake.delete_branch("cargo2-bot/a");
    let error = publisher.publish(&branch(Some(&second), &next, "3\n")).await.unwrap_err();
    assert!(matches!(error, GitHubError::Moved { .. }), "a branch that is gone: {error}");
    assert_eq!(fake.branches(), ["main"]);
}

#[tokio::test]
async fn a_pull_request_is_opened_once_edited_and_closed_with_its_branch() {
    let fake = Fake::new();
    fake.commit("cargo2-bot/a", &[("x", Some("x"))], "github-actions[bot]");
    let mut publisher = connect(&fake, "workflow").publisher();
    let open = |labels: &[&str]| {
        Action::OpenPull(OpenPull {
            head: "cargo2-bot/a".to_owned(),
            base: "main".to_owned(),
            title: "Mend a".to_owned(),
            body: "text".to_owned(),
            labels: labels.iter().map(|l| (*l).to_owned()).collect(),
        })
    };
    let Done::Opened(number) = publisher.publish(&open(&[])).await.unwrap() else { panic!() };
    assert_eq!(publisher.publish(&open(&["rust"])).await.unwrap(), Done::Opened(number), "it is there already");
    assert_eq!(fake.pull(number.0).labels, ["rust"]);
    let edit = Action::EditPull(EditPull { number, title: "New".to_owned(), body: "b".to_owned() });
    assert_eq!(publisher.publish(&edit).await.unwrap(), Done::Nothing);
    assert_eq!((fake.pull(number.0).title, fake.pull(number.0).body), ("New".to_owned(), "b".to_owned()));
    let close =
        Action::ClosePull(ClosePull { number, branch: "cargo2-bot/a".to_owned(), comment: Some("done".to_owned()) });
    publisher.publish(&close).await.unwrap();
    assert_eq!(fake.branches(), ["main"]);
    assert_eq!(fake.comments(number.0)[0].body, "done");
    assert_eq!(fake.pulls().len(), 1);
}

#[tokio::test]
async fn annotations_go_in_batches_of_fifty() {
    let (fake, _) = with_pull();
    let head = fake.head("track").unwrap();
    let github = connect(&fake, "workflow");
    let mut publisher = github.publisher();
    publisher.publish(&check(At::Sha(id_of(&head)), None, 120)).await.unwrap();
    let runs = fake.checks(&head);
    assert_eq!((runs.len(), runs[0].annotations.len(), runs[0].conclusion.as_deref()), (1, 120, Some("failure")));
    assert_eq!((runs[0].external_id.as_str(), github.requests()), ("e1", (0, 3)));
    publisher.publish(&check(At::Sha(id_of(&head)), Some(runs[0].id), 0)).await.unwrap();
    assert_eq!(fake.checks(&head).len(), 1, "it is changed, not doubled");
}

#[tokio::test]
async fn a_token_that_may_not_write_checks_is_told_which_permission_lacks() {
    let (fake, _) = with_pull();
    fake.token("weak", Token::workflow().without("checks"));
    let head = fake.head("track").unwrap();
    for token in ["weak", "pat"] {
        let error =
            connect(&fake, token).publisher().publish(&check(At::Sha(id_of(&head)), None, 0)).await.unwrap_err();
        assert!(
            matches!(&error, GitHubError::Forbidden { permission: Some(p), .. } if p == "checks: write"),
            "{error}"
        );
    }
    let status = Action::Status(WriteStatus {
        at: At::Sha(id_of(&head)),
        context: "cargo2 block".to_owned(),
        state: StatusState::Success,
        description: "d".to_owned(),
    });
    assert_eq!(connect(&fake, "pat").publisher().publish(&status).await.unwrap(), Done::Nothing);
    assert_eq!(fake.statuses(&head)[0].state, "success");
}

#[tokio::test]
async fn a_comment_is_written_changed_deleted_and_deleted_again() {
    let (fake, number) = with_pull();
    let mut publisher = connect(&fake, "workflow").publisher();
    publisher.publish(&comment(number, None, "one")).await.unwrap();
    let id = fake.comments(number)[0].id;
    publisher.publish(&comment(number, Some(id), "two")).await.unwrap();
    assert_eq!(fake.comments(number).len(), 1);
    assert_eq!(fake.comments(number)[0].body, "two");
    for _ in 0..2 {
        assert_eq!(
            publisher.publish(&Action::DeleteComment(DeleteComment { id: id.into() })).await.unwrap(),
            Done::Nothing
        );
    }
    assert!(fake.comments(number).is_empty());
    let error = publisher.publish(&comment(number, Some(id), "three")).await.unwrap_err();
    assert!(matches!(error, GitHubError::NotFound { .. }), "{error}");
}

#[tokio::test]
async fn a_comment_is_never_doubled_by_a_failure() {
    let (fake, number) = with_pull();
    let mut publisher = connect(&fake, "workflow").publisher();
    for fault in [Fault::StatusAfter(502), Fault::ResetAfter] {
        fake.fail(1, |seen| seen.method == "POST", fault);
        publisher.publish(&comment(number, None, "one")).await.unwrap_err();
    }
    assert_eq!(fake.comments(number).len(), 2, "both happened, and neither was sent again");
    let id = fake.comments(number)[0].id;
    fake.fail(1, |seen| seen.method == "PATCH", Fault::ResetAfter);
    assert_eq!(publisher.publish(&comment(number, Some(id), "two")).await.unwrap(), Done::Nothing);
    assert_eq!(fake.pending(), 0);
}

#[tokio::test]
async fn a_comment_without_a_number_was_not_made() {
    let (fake, number) = with_pull();
    let github = connect(&fake, "workflow");
    let mut publisher = github.publisher();
    for answer in [json!({}), json!({ "data": null, "errors": [{ "type": "FORBIDDEN", "message": "no" }] })] {
        fake.fail(1, |seen| seen.method == "POST", Fault::Answer { status: 200, body: answer });
        publisher.publish(&comment(number, None, "one")).await.unwrap_err();
    }
    assert_eq!(fake.comments(number).len(), 0);
}

#[tokio::test]
async fn a_label_is_made_only_where_it_is_missing_and_asked_for_once() {
    let (fake, number) = with_pull();
    fake.commit("track2", &[("y", Some("y"))], "tracker");
    let other = fake.open_pull("track2", "main", "tracker", "2");
    let github = connect(&fake, "workflow");
    let mut publisher = github.publisher();
    let label = |number: u64| {
        Action::Label(AddLabel {
            number: number.into(),
            name: "needs review: ü".to_owned(),
            color: "d93f0b".to_owned(),
            description: "d".to_owned(),
        })
    };
    publisher.publish(&label(number)).await.unwrap();
    publisher.publish(&label(other)).await.unwrap();
    assert_eq!(fake.labels(), [("needs review: ü".to_owned(), "d93f0b".to_owned(), "d".to_owned())]);
    assert_eq!((fake.pull(number).labels.len(), fake.pull(other).labels.len()), (1, 1));
    assert_eq!(github.requests(), (1, 3));
    fake.clear_log();
    connect(&fake, "workflow").publisher().publish(&label(number)).await.unwrap();
    assert_eq!(fake.writes().len(), 1, "a label that is there is not made");
}

#[tokio::test]
async fn a_label_that_somebody_makes_meanwhile_is_fine() {
    let (fake, number) = with_pull();
    fake.before(|seen| seen.path.ends_with("/labels"), |fake| fake.repository_label("rust"));
    let label = Action::Label(AddLabel {
        number: number.into(),
        name: "rust".to_owned(),
        color: "d93f0b".to_owned(),
        description: String::new(),
    });
    connect(&fake, "workflow").publisher().publish(&label).await.unwrap();
    assert_eq!((fake.pull(number).labels, fake.pending()), (vec!["rust".to_owned()], 0));
}

#[tokio::test]
async fn one_who_may_not_be_asked_does_not_keep_the_others_from_it() {
    let (fake, number) = with_pull();
    fake.permission("ann", "write");
    let mut publisher = connect(&fake, "workflow").publisher();
    let ask = |users: &[&str]| {
        Action::RequestReview(RequestReviews {
            number: number.into(),
            users: users.iter().map(|u| (*u).to_owned()).collect(),
            teams: Vec::new(),
        })
    };
    assert_eq!(publisher.publish(&ask(&[])).await.unwrap(), Done::Nothing);
    let Done::Missing(why) = publisher.publish(&ask(&["ann", "tracker", "ghost-of-nobody"])).await.unwrap() else {
        panic!()
    };
    assert!(why.contains("`tracker`") && why.contains("`ghost-of-nobody`") && !why.contains("`ann`"), "{why}");
    assert_eq!(fake.pull(number).asked_users, ["ann"]);
    fake.clear_log();
    let Done::Missing(_) = publisher.publish(&ask(&["tracker"])).await.unwrap() else { panic!() };
    assert_eq!(fake.writes().len(), 1, "one alone is not asked twice");
}

#[tokio::test]
async fn auto_merge_the_queue_and_the_draft_are_set() {
    let (fake, number) = with_pull();
    fake.auto_merge(number, true);
    fake.queue(number, true);
    let github = connect(&fake, "workflow");
    let node_id = github.pull(number.into()).await.unwrap().pulls[0].node_id.clone();
    let mut publisher = github.publisher();
    assert_eq!(
        publisher
            .publish(&Action::AutoMergeOff(ChangePull { number: number.into(), node_id: node_id.clone() }))
            .await
            .unwrap(),
        Done::Nothing
    );
    assert_eq!(
        publisher
            .publish(&Action::Dequeue(ChangePull { number: number.into(), node_id: node_id.clone() }))
            .await
            .unwrap(),
        Done::Nothing
    );
    let draft = publisher.publish(&Action::Draft(ChangePull { number: number.into(), node_id })).await.unwrap();
    let pull = fake.pull(number);
    assert!(!pull.auto_merge && !pull.queued);
    assert!(pull.draft || matches!(draft, Done::Missing(_)), "{draft:?}");
}

#[tokio::test]
async fn a_reaction_is_there_once() {
    let (fake, number) = with_pull();
    let id = fake.comment(number, "ann", "/cargo2 recheck");
    let github = connect(&fake, "workflow");
    let react = Action::React(React { comment: id.into(), content: Reaction::ThumbsUp });
    for _ in 0..2 {
        github.publisher().publish(&react).await.unwrap();
    }
    let reactions = github.reactions(id.into()).await.unwrap();
    assert_eq!((reactions.len(), reactions[0].0.login.as_str()), (1, "github-actions[bot]"));
    assert_eq!(reactions[0].1, Reaction::ThumbsUp);
}

#[tokio::test]
async fn a_read_only_token_writes_nothing_and_says_so() {
    let (fake, number) = with_pull();
    fake.token("fork", Token::workflow().read_only());
    let error = connect(&fake, "fork").publisher().publish(&comment(number, None, "x")).await.unwrap_err();
    assert!(matches!(&error, GitHubError::Forbidden { permission: Some(_), .. }), "{error}");
    assert!(fake.comments(number).is_empty());
}
