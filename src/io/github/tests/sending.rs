//! The requests that are sent, how often, and where to.

use super::super::error::GitHubError;
use super::*;
use crate::github::ids::{CommentId, PullNumber};
use crate::github::plan::{Action, CommitFiles, WriteComment};

fn comment() -> Action {
    Action::Comment(WriteComment { number: PullNumber(1), id: None, body: "text".to_owned() })
}

fn edit() -> Action {
    Action::Comment(WriteComment { number: PullNumber(1), id: Some(CommentId(7)), body: "text".to_owned() })
}

#[tokio::test]
async fn a_read_is_sent_again_after_a_failure_and_after_a_reset() {
    let server = Server::start(vec![answer("502 Bad Gateway", "", "<html>"), Act::Close, branch_at("abc")]);
    let github = server.connect();
    assert_eq!(github.branch("main").await.unwrap(), Some(CommitId::of("abc")));
    assert_eq!(server.seen().len(), 3);
    assert_eq!(github.requests(), (3, 0));
}

#[tokio::test]
async fn a_new_comment_is_not_sent_again_after_a_failure() {
    let server = Server::start(vec![answer("502 Bad Gateway", "", "{}"), ok("{}")]);
    let github = server.connect();
    let error = github.publisher().publish(&comment()).await.unwrap_err();
    assert!(matches!(error, GitHubError::Rejected { status: 502, .. }), "{error}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_new_comment_is_not_sent_again_after_a_reset() {
    let server = Server::start(vec![Act::Close, ok("{}")]);
    let error = server.connect().publisher().publish(&comment()).await.unwrap_err();
    assert!(matches!(error, GitHubError::Unreachable { perhaps_done: true, .. }), "{error}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_changed_comment_is_sent_again_after_a_failure_and_after_a_reset() {
    let server = Server::start(vec![answer("503 Unavailable", "", "{}"), Act::Close, ok(r#"{"id":7}"#)]);
    let github = server.connect();
    assert_eq!(github.publisher().publish(&edit()).await.unwrap(), Done::Nothing);
    assert_eq!(github.requests(), (0, 3));
    let seen = server.seen();
    assert!(seen.iter().all(|r| r.starts_with("patch /repos/o/r/issues/comments/7 ")), "{seen:?}");
    assert!(seen.iter().all(|r| r.ends_with(r#"{"body":"text"}"#)), "{seen:?}");
}

#[tokio::test]
async fn a_write_that_a_limit_refused_is_sent_again() {
    let limits = [
        answer("429 Too Many Requests", "Retry-After: 0\r\n", "{}"),
        answer("403 Forbidden", "Retry-After: 0\r\n", r#"{"message":"You have exceeded a secondary rate limit"}"#),
        answer("403 Forbidden", "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1\r\n", "{}"),
    ];
    let server = Server::start(limits.into_iter().chain([answer("201 Created", "", r#"{"id":7}"#)]).collect());
    assert_eq!(server.connect().publisher().publish(&comment()).await.unwrap(), Done::Nothing);
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_limit_that_graphql_tells_in_a_success_is_waited_for() {
    let limited = r#"{"data":null,"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}"#;
    let done = format!(r#"{{"data":{{"createCommitOnBranch":{{"commit":{{"oid":"{}"}}}}}}}}"#, CommitId::of("new"));
    let server = Server::start(vec![answer("200 OK", "Retry-After: 0\r\n", limited), ok(&done)]);
    let commit = Action::Commit(CommitFiles {
        branch: "b".to_owned(),
        expected: CommitId::of("old"),
        headline: "h".to_owned(),
        body: "t".to_owned(),
        files: vec![("a".to_owned(), "x".to_owned())],
        executable: Vec::new(),
    });
    assert_eq!(server.connect().publisher().publish(&commit).await.unwrap(), Done::Committed(CommitId::of("new")));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_limit_beyond_the_budget_ends_at_once_and_says_when() {
    let server = Server::start(vec![answer("429 Too Many Requests", "Retry-After: 61\r\n", "{}"), branch_at("abc")]);
    let error = server.connect_for(60).branch("main").await.unwrap_err();
    let GitHubError::Limited { seconds: 61, until, .. } = error else { panic!("{error}") };
    assert!(until > 1_700_000_000);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn the_budget_is_that_of_the_whole_run() {
    let limit = || answer("429 Too Many Requests", "Retry-After: 1\r\n", "{}");
    let server = Server::start(vec![limit(), branch_at("abc"), limit(), branch_at("abc")]);
    let github = server.connect_for(1);
    github.branch("main").await.unwrap();
    let error = github.branch("main").await.unwrap_err();
    assert!(matches!(error, GitHubError::Limited { .. }), "{error}");
}

#[tokio::test]
async fn nothing_happened_where_nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let github = Server { root, requests: Arc::default() }.connect_for(1);
    let error = github.publisher().publish(&comment()).await.unwrap_err();
    assert!(matches!(error, GitHubError::Unreachable { perhaps_done: false, .. }), "{error}");
    assert_eq!(github.requests(), (0, 2), "a write that never left is sent again");
}

#[tokio::test]
async fn redirects_are_followed_inside_the_host() {
    let moved = answer("301 Moved Permanently", "Location: /repositories/1/git/ref/heads/main\r\n", "");
    let server = Server::start(vec![moved, branch_at("abc")]);
    assert_eq!(server.connect().branch("main").await.unwrap(), Some(CommitId::of("abc")));
    let seen = server.seen();
    assert!(seen[1].starts_with("get /repositories/1/git/ref/heads/main "), "{}", seen[1]);
    assert!(seen[1].contains(&format!("authorization: bearer {}", TOKEN.to_ascii_lowercase())));
}

#[tokio::test]
async fn a_write_is_redirected_as_it_is_or_not_at_all() {
    let to = "Location: /repositories/1/issues/1/comments\r\n";
    let server = Server::start(vec![
        answer("307 Temporary Redirect", to, ""),
        answer("201 Created", "", r#"{"id":7}"#),
        answer("301 Moved Permanently", to, ""),
    ]);
    let mut publisher = server.connect().publisher();
    publisher.publish(&comment()).await.unwrap();
    let error = publisher.publish(&comment()).await.unwrap_err();
    assert!(matches!(error, GitHubError::Rejected { status: 301, .. }), "{error}");
    let seen = server.seen();
    assert!(seen[1].starts_with("post /repositories/1/issues/1/comments "), "{}", seen[1]);
    assert!(seen[1].ends_with(r#"{"body":"text"}"#), "{}", seen[1]);
}

#[tokio::test]
async fn endless_redirects_end() {
    let round = || answer("302 Found", "Location: /again\r\n", "");
    let server = Server::start((0..10).map(|_| round()).collect());
    let error = server.connect().branch("main").await.unwrap_err();
    assert!(error.to_string().contains("more than 3 redirects"), "{error}");
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let server = Server::start(vec![Act::Flood("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 60 << 20)]);
    let error = server.connect().branch("main").await.unwrap_err();
    assert!(matches!(error, GitHubError::TooLarge { .. }), "{error}");
}

#[tokio::test]
async fn enterprise_addresses_are_taken_as_they_are() {
    let page =
        r#"{"data":{"viewer":{"login":"me"},"repository":{"id":"R","nameWithOwner":"o/r","defaultBranchRef":null}}}"#;
    let server = Server::start(vec![ok(page), branch_at("abc")]);
    let github = GitHub::connect(Connection {
        api: format!("{}/api/v3/", server.root),
        graphql: format!("{}/api/graphql", server.root),
        repository: "o/r".to_owned(),
        ..Connection::default()
    })
    .unwrap();
    assert_eq!(github.pulls().await.unwrap().viewer.login, "me");
    github.branch("a/b#c").await.unwrap();
    let seen = server.seen();
    assert!(seen[0].starts_with("post /api/graphql "), "{}", seen[0]);
    assert!(seen[1].starts_with("get /api/v3/repos/o/r/git/ref/heads/a/b%23c "), "{}", seen[1]);
}

#[tokio::test]
async fn requests_say_who_asks_and_which_version_they_mean() {
    let server = Server::start(vec![branch_at("abc")]);
    server.connect().branch("main").await.unwrap();
    let seen = server.seen();
    let agent = concat!("user-agent: cargo2-bot/", env!("CARGO_PKG_VERSION"));
    for header in ["accept: application/vnd.github+json", "x-github-api-version: 2022-11-28", agent] {
        assert_eq!(seen[0].lines().filter(|line| *line == header).count(), 1, "{header} in {}", seen[0]);
    }
}

#[test]
fn outside_of_a_runtime_it_is_an_error_and_no_panic() {
    let connection = Connection {
        api: "https://api.example".to_owned(),
        graphql: "https://api.example/graphql".to_owned(),
        repository: "o/r".to_owned(),
        ..Connection::default()
    };
    assert!(matches!(GitHub::connect(connection), Err(GitHubError::Setup { .. })));
}
