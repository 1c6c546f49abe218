//! How long a run over many pull requests takes when they are read side by side, against one at a time: on a GitHub that
//! takes its time for every answer.
//!
//! `cargo bench --bench run` prints a table and fails where the aim is missed; with `--test` it is a small run without an aim.
//! The runs are dry: what a run writes goes out one after the other however it reads, at the pace that GitHub asks for.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench fails loudly")]

#[path = "../tests/fake_github/mod.rs"]
mod fake_github;
#[path = "../tests/support/mod.rs"]
mod support;

use cargo2_bot::app::run::{Outcome, RunRequest, run};
use cargo2_bot::io::Setup;
use cargo2_bot::io::commit::{Layered, LocalObjects};
use cargo2_bot::io::github::{Connection, GitHub, Token};
use fake_github::{Fake, Fault};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::index::Index;
use support::{block, lock};

/// How many times faster eight at a time must be than one.
const AIM: f64 = 3.0;

/// How long GitHub takes for an answer.
const LATENCY: Duration = Duration::from_millis(50);

const OLD: &[(&str, &str)] = &[("a", "1.0.0"), ("b", "1.0.0")];

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    let (pulls, latency) = if quick { (4, Duration::from_millis(5)) } else { (30, LATENCY) };
    let fake = repository(pulls);
    fake.fail(usize::MAX, |_| true, Fault::Slow(latency));
    let checkout = checkout(&fake);
    let versions: Vec<String> = (0..pulls).map(version).collect();
    let published: Vec<(&str, &str)> = versions.iter().map(|version| ("a", version.as_str())).collect();
    let index = Index::start(&[OLD, &published].concat());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!("{pulls} pull requests, {} ms for each answer", latency.as_millis());
    println!("{:>10} {:>10} {:>9} {:>6}", "at a time", "wall time", "requests", "ratio");
    let mut alone = None;
    let mut last = 1.0;
    for bound in [1, 2, 4, 8] {
        let begin = Instant::now();
        let outcome = runtime.block_on(once(&fake, &index, checkout.path(), bound)).unwrap();
        let time = begin.elapsed();
        assert!(!outcome.failed && outcome.plans.len() == pulls, "{:?}", outcome.notes);
        let (first, requests) = *alone.get_or_insert((time, outcome.requests));
        assert_eq!(outcome.requests, requests, "side by side nothing is requested twice");
        last = first.as_secs_f64() / time.as_secs_f64();
        println!("{bound:>10} {:>8} ms {:>9} {last:>6.1}", time.as_millis(), requests.0);
    }
    std::process::exit(i32::from(!quick && last < AIM));
}

/// One run over everything that writes nothing.
async fn once(fake: &Fake, index: &Index, checkout: &Path, bound: usize) -> anyhow::Result<Outcome> {
    let connection = Connection {
        api: fake.api_url(),
        graphql: fake.graphql_url(),
        token: Token::new("workflow"),
        repository: "owner/name".to_owned(),
        budget: Duration::ZERO,
        ..Connection::default()
    };
    let (url, trusted) = (index.url(), vec![index.url()]);
    let setup = Setup { index: Some(url), trusted, jobs: bound, ..Setup::default() };
    let request = RunRequest {
        event: "workflow_run".to_owned(),
        payload: "{}".to_owned(),
        dry_run: true,
        repository: "owner/name".to_owned(),
        server: "https://github.com".to_owned(),
        ..RunRequest::default()
    };
    let github = GitHub::connect(connection)?;
    let local = LocalObjects::around(checkout).map_err(anyhow::Error::msg)?;
    let objects = Arc::new(Layered::new(local.map(Arc::new), Arc::new(github.clone())));
    run(&github, objects, setup, &request, Arc::new(|_| ())).await
}

/// A repository with a Rust element for each pull request, which moves its lock and its block.
fn repository(pulls: usize) -> Fake {
    let fake = Fake::new();
    let conf = "name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  crates: https://crates.example/\n";
    fake.commit("main", &[("project.conf", Some(conf))], "owner");
    let files = |number: usize, crates: &[(&str, &str)]| {
        [
            (format!("elements/tool-{number}.bst"), tool(number, crates)),
            (format!("files/up-{number}/Cargo.lock"), lock(crates)),
        ]
    };
    let commit = |branch: &str, files: &[(String, String)]| {
        let files: Vec<(&str, Option<&str>)> = files.iter().map(|(path, text)| (&**path, Some(&**text))).collect();
        fake.commit(branch, &files, "github-actions[bot]");
    };
    commit("main", &(0..pulls).flat_map(|number| files(number, OLD)).collect::<Vec<_>>());
    for number in 0..pulls {
        let branch = format!("auto/track-{number}");
        commit(&branch, &files(number, &[("a", &version(number)), ("b", "1.0.0")]));
        fake.open_pull(&branch, "main", "github-actions[bot]", &format!("chore(deps): update tool-{number}"));
    }
    fake
}

/// The version of `a` that a pull request moves to.
fn version(number: usize) -> String {
    format!("1.1.{number}")
}

/// A shallow checkout of the base, as a workflow has one.
fn checkout(fake: &Fake) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", fake.git_dir().display());
    let mut git = Command::new("git");
    git.args(["clone", "-q", "--depth=1", "--branch=main", &url]).arg(folder.path());
    assert!(git.env("GIT_CONFIG_GLOBAL", "/dev/null").status().unwrap().success());
    folder
}

/// A Rust element over a local source, with a block of these crates.
fn tool(number: usize, crates: &[(&str, &str)]) -> String {
    format!(
        "kind: make\n\nconfig:\n  build-commands:\n  - cargo build --release --locked\n\nsources:\n- kind: local\n  path: files/up-{number}\n\
         - kind: cargo2\n  url: crates:crates\n  ref:\n{}",
        block(crates, 2)
    )
}
