//! The refusals of GitHub, and how they are reported.

use super::super::error::GitHubError;
use super::*;
use crate::github::ids::{PullNumber, StatusState};
use crate::github::plan::{Action, At, ChangePull, CommitFiles, WriteStatus};

fn status() -> Action {
    Action::Status(WriteStatus {
        at: At::Sha(CommitId::of("abc")),
        context: "c".to_owned(),
        state: StatusState::Success,
        description: "d".to_owned(),
    })
}

async fn commit_refused(errors: &str) -> GitHubError {
    let server = Server::start(vec![ok(&format!(r#"{{"data":{{"createCommitOnBranch":null}},"errors":[{errors}]}}"#))]);
    let action = Action::Commit(CommitFiles {
        branch: "b".to_owned(),
        expected: CommitId::of("old"),
        headline: "h".to_owned(),
        body: String::new(),
        files: Vec::new(),
        executable: Vec::new(),
    });
    server.connect().publisher().publish(&action).await.unwrap_err()
}

async fn mutation_refused(act: Act) -> Result<Done, GitHubError> {
    let server = Server::start(vec![act]);
    server
        .connect()
        .publisher()
        .publish(&Action::Draft(ChangePull { number: PullNumber(3), node_id: "P".to_owned() }))
        .await
}

#[tokio::test]
async fn a_missing_permission_is_named_by_the_header_or_by_the_route() {
    let message = r#"{"message":"Resource not accessible by integration"}"#;
    let header = "X-Accepted-GitHub-Permissions: pull_requests=write,metadata=read; statuses=write\r\n";
    let server = Server::start(vec![answer("403 Forbidden", header, message), answer("403 Forbidden", "", message)]);
    let mut publisher = server.connect().publisher();
    for wanted in ["pull-requests: write and metadata: read or statuses: write", "statuses: write"] {
        let error = publisher.publish(&status()).await.unwrap_err();
        let GitHubError::Forbidden { permission, .. } = &error else { panic!("{error}") };
        assert_eq!(permission.as_deref(), Some(wanted));
        assert!(error.to_string().contains("Resource not accessible by integration"), "{error}");
    }
}

#[tokio::test]
async fn a_token_that_is_not_valid_is_said_to_be() {
    let server = Server::start(vec![answer("401 Unauthorized", "", r#"{"message":"Bad credentials"}"#)]);
    let error = server.connect().branch("main").await.unwrap_err();
    assert!(matches!(error, GitHubError::Unauthorized { .. }), "{error}");
}

#[tokio::test]
async fn a_branch_that_moved_is_distinguished_from_other_refusals() {
    let stale = r#"{"type":"STALE_DATA","message":"Expected branch to point to \"old\" but it points to \"new\"."}"#;
    assert!(matches!(commit_refused(stale).await, GitHubError::Moved { branch, .. } if branch == "b"));
    let untyped = r#"{"message":"Expected branch to point to \"old\" but it did not. Pull and try again."}"#;
    assert!(matches!(commit_refused(untyped).await, GitHubError::Moved { .. }));
    let forbidden = r#"{"type":"FORBIDDEN","message":"Resource not accessible by integration"}"#;
    let error = commit_refused(forbidden).await;
    assert!(matches!(&error, GitHubError::Forbidden { permission: Some(p), .. } if p == "contents: write"), "{error}");
    let workflows = r#"{"type":"UNPROCESSABLE","message":"refusing to allow a GitHub App to create or update workflow `.github/workflows/a.yml` without `workflows` permission"}"#;
    let error = commit_refused(workflows).await;
    assert!(matches!(&error, GitHubError::Forbidden { permission: Some(p), .. } if p == "workflows: write"), "{error}");
    let other = commit_refused(r#"{"message":"something else"}"#).await;
    assert!(matches!(other, GitHubError::Rejected { .. }), "{other}");
}

#[tokio::test]
async fn a_draft_that_is_not_allowed_is_missing_and_a_limit_is_an_error() {
    let forbidden = r#"{"data":null,"errors":[{"type":"FORBIDDEN","message":"Resource not accessible"}]}"#;
    let Ok(Done::Missing(why)) = mutation_refused(ok(forbidden)).await else { panic!("not missing") };
    assert!(why.contains("make the pull request 3 a draft"), "{why}");
    let limit = answer("429 Too Many Requests", "Retry-After: 9999\r\n", "{}");
    assert!(matches!(mutation_refused(limit).await, Err(GitHubError::Limited { .. })));
    assert!(matches!(mutation_refused(Act::Close).await, Err(GitHubError::Unreachable { perhaps_done: true, .. })));
}

#[tokio::test]
async fn the_commit_of_a_plan_is_not_made_up() {
    let server = Server::start(Vec::new());
    let action = Action::Status(WriteStatus {
        at: At::Committed,
        context: "c".to_owned(),
        state: StatusState::Success,
        description: "d".to_owned(),
    });
    assert!(server.connect().publisher().publish(&action).await.is_err());
}

#[tokio::test]
async fn long_words_of_github_are_cut_and_kept_on_one_line() {
    let message = format!(r#"{{"message":"a\nb\u001b[31m {}"}}"#, "x".repeat(5000));
    let server = Server::start(vec![answer("418 Odd", "", &message)]);
    let text = server.connect().branch("main").await.unwrap_err().to_string();
    assert!(text.len() < 500 && !text.contains('\n') && !text.contains('\u{1b}'), "{text}");
}

#[tokio::test]
async fn a_file_that_is_not_what_its_id_says_is_refused() {
    let blob = |content: &str| ok(&format!(r#"{{"encoding":"base64","content":"{content}"}}"#));
    let server = Server::start(vec![blob("aGVs\\nbG8K\\n"), blob("aGVsbG8h"), blob("%%%")]);
    let github = server.connect();
    let id = "ce013625030ba8dba906f756967f9e9ca394464a";
    assert_eq!(github.blob(id).await.unwrap(), b"hello\n");
    for _ in 0..2 {
        let error = github.blob(id).await.unwrap_err();
        assert!(matches!(error, GitHubError::Malformed { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_tree_that_github_cut_is_refused_with_the_way_out() {
    let server = Server::start(vec![ok(r#"{"tree":[],"truncated":true}"#)]);
    let error = server.connect().tree("abc").await.unwrap_err();
    assert!(error.to_string().contains("check the repository out"), "{error}");
}
