//! Compares which branch or tag is tracked with what the `git_repo` plugin's own code chooses.
//!
//! `CARGO2_BOT_BST` names the `bst` of an environment with BuildStream and buildstream-plugins-community; the `python`
//! beside it runs the plugin's real code. Without it the test prints "skipped", unless `CARGO2_BOT_REQUIRE_PEERS=1`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::{Cell, RefCell};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use cargo2_bot::bst::track::choose;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// The plugin, behind a pipe.
struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's settings come from the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn peer() -> Option<Peer> {
    let python = variable("CARGO2_BOT_BST").map(|bst| Path::new(&bst).with_file_name("python"));
    let found = python.filter(|python| python.exists()).and_then(|python| start(&python));
    if found.is_none() {
        assert_ne!(variable("CARGO2_BOT_REQUIRE_PEERS").as_deref(), Some("1"), "BuildStream is required and absent");
        #[expect(clippy::print_stderr, reason = "says why nothing was compared")]
        {
            eprintln!("skipped: CARGO2_BOT_BST does not name an environment with BuildStream");
        }
    }
    found
}

fn start(python: &PathBuf) -> Option<Peer> {
    let mut child = Command::new(python)
        .args(["-W", "ignore", "-c", include_str!("track.py")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let (input, output) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
    let mut peer = Peer { child, input, output };
    let mut ready = String::new();
    peer.output.read_line(&mut ready).ok()?;
    (ready == "ready\n").then_some(peer)
}

impl Peer {
    /// The refs of the latest version among those that match: the plugin takes one of them.
    fn latest(&mut self, (names, track, exclude): &Case) -> Vec<String> {
        let asked = serde_json::json!({ "names": names, "track": track, "exclude": exclude });
        writeln!(self.input, "{asked}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

/// Names of refs, what is tracked, and what is excluded.
type Case = (Vec<String>, String, Vec<String>);

fn cases() -> impl Strategy<Value = Case> {
    (prop::collection::vec(ref_name(), 0..12), pattern(), prop::collection::vec(pattern(), 0..3))
}

fn ref_name() -> impl Strategy<Value = String> {
    let folder = prop::sample::select(vec!["heads", "tags", "tags", "tags", "pull", "heads/tags"]);
    let version = "(v|V|release-|a/)?(0{0,2}[0-9]{1,2})([._/-][0-9]{1,2}){0,2}([.-]?(rc|alpha|beta|pre)[0-9]?)?";
    let odd = "[a-c1é!^&~|\\]+.-]{1,5}";
    let peeled = prop::sample::select(vec!["", "", "", "", "^{}"]);
    (folder, prop_oneof![3 => version, 1 => odd, 1 => Just("main".to_owned())], peeled)
        .prop_map(|(folder, name, peeled)| format!("refs/{folder}/{name}{peeled}"))
}

fn pattern() -> impl Strategy<Value = String> {
    let usual =
        vec!["*", "v*", "v[0-9]*", "*[!0-9.]", "*-rc*", "main", "v1.?", "*.[0-9]", "release-*", "*beta*", "v?.*.*"];
    let usual = prop::sample::select(usual).prop_map(str::to_owned);
    let class = "[*]?\\[!?[\\]]?[a-c1é!^&~|\\[+.-]{0,5}\\][*]?";
    let any = "[*?a-c1é!^\\[\\]+.-]{0,6}";
    let folder = prop::sample::select(vec!["", "", "", "", "refs/", "refs/tags/", "refs/heads/", "tags/"]);
    (folder, prop_oneof![3 => usual, 2 => class, 1 => any]).prop_map(|(folder, glob)| format!("{folder}{glob}"))
}

#[test]
fn what_is_tracked_is_what_the_plugin_tracks() {
    let Some(peer) = peer() else { return };
    let peer = RefCell::new(peer);
    let chosen = Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 5000, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&cases(), |case| {
        let theirs = peer.borrow_mut().latest(&case);
        let (names, track, exclude) = case;
        let refs: Vec<_> = names.into_iter().map(|name| (name, COMMIT.to_owned())).collect();
        let ours = choose(&refs, &track, &exclude).map(|chosen| chosen.name);
        chosen.set(chosen.get() + usize::from(ours.is_some()));
        match ours {
            Some(ours) => prop_assert!(theirs.contains(&ours), "we take {ours}, the plugin one of {theirs:?}"),
            None => prop_assert!(theirs.is_empty(), "we take none, the plugin one of {theirs:?}"),
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(chosen.get() > 500, "only {} cases had a choice", chosen.get());
}
