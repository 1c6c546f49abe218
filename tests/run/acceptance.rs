//! The acceptance run, rehearsed: the script that plays the bot on a real GitHub, against the GitHub of the tests.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a test makes its own files, and shows the table")]

use super::fake_github::Fake;
use crate::support::{self, index::Index};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

const CRATES: &[(&str, &str)] = &[("itoa", "1.0.1"), ("memchr", "2.7.1"), ("ryu", "1.0.1"), ("serde", "1.0.1")];

/// A program that does what GitHub's Actions would after an event: it runs the bot.
fn runner(dir: &std::path::Path, fake: &Fake, index: &Index, disturbed: &str) -> std::path::PathBuf {
    let path = dir.join("runner");
    let (bot, here) = (env!("CARGO_BIN_EXE_cargo2-bot"), dir.display());
    let script = format!(
        "#!/bin/sh\n{disturbed}\nprintf '%s' \"$2\" >{here}/event.json\nmkdir -p {here}/workspace && cd {here}/workspace\n\
         exec env -i PATH=\"$PATH\" HOME=/nonexistent GITHUB_EVENT_NAME=\"$1\" GITHUB_EVENT_PATH={here}/event.json GITHUB_TOKEN=workflow \
         GITHUB_REPOSITORY=owner/name GITHUB_API_URL={} GITHUB_GRAPHQL_URL={} CARGO2_BOT_INDEX={} CARGO2_BOT_ADVISORIES=none CARGO2_BOT_DEEP=false CARGO2_BOT_PUBLISHERS=false {bot} run --cache none >>{here}/log 2>&1\n",
        fake.api_url(),
        fake.graphql_url(),
        index.url()
    );
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Plays the script. `disturbed` is a line of the runner.
fn played(fake: &Fake, disturbed: &str) -> (support::Run, String) {
    let (dir, index) = (tempfile::tempdir().unwrap(), Index::start(CRATES));
    fake.remove();
    // GitHub merges what its queue may merge as soon as the checks of the group are there.
    fake.watch(|fake, seen| {
        if seen.method != "GET" && seen.path.contains("/check-runs") {
            fake.settle();
        }
    });
    let lock = dir.path().join("Cargo.lock");
    std::fs::write(&lock, support::lock(CRATES)).unwrap();
    let mut command = Command::new("python3");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/acceptance")).args(["--name", "name", "--action"]);
    command.arg(format!("example/cargo2-bot@{}", "0".repeat(40))).args(["--api", &fake.api_url()]);
    command.arg("--lock").arg(&lock).arg("--runner").arg(runner(dir.path(), fake, &index, disturbed));
    let run = support::ended(&command.env("GITHUB_TOKEN", "pat").output().unwrap());
    (run, std::fs::read_to_string(dir.path().join("log")).unwrap_or_default())
}

#[test]
fn every_step_of_the_acceptance_run_comes_out_as_expected() {
    let fake = Fake::new();
    let (run, log) = played(&fake, "");
    assert_eq!(run.code, Some(0), "{}\n{}\n{log}", run.stdout, run.stderr);
    let count = |verdict: &str| run.stdout.lines().filter(|line| line.starts_with(&format!("| {verdict} |"))).count();
    assert_eq!((count("ok"), count("WRONG"), count("skipped")), (15, 0, 1), "{}", run.stdout);
    assert!(run.stderr.contains("removed owner/name"), "{}", run.stderr);
    println!("{}", run.stdout);
}

#[test]
fn a_bot_that_does_not_run_fails_the_acceptance_run_and_the_repository_is_removed() {
    let fake = Fake::new();
    let (run, _) = played(&fake, "exit 1");
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(run.stdout.contains("| WRONG | drift on main is found"), "{}", run.stdout);
    assert!(!run.stdout.contains("| ok | what is held cannot be merged"), "{}", run.stdout);
    assert!(run.stderr.contains("removed owner/name"), "{}", run.stderr);
}
