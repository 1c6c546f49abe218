//! Compares which branch or tag is tracked with what the `git_repo` plugin's own code chooses.
//!
//! `CARGO2_BOT_BST` names the `bst` of an environment with BuildStream and buildstream-plugins-community; the `python`
//! beside it runs the plugin's real code. Without it the test prints "skipped", unless `CARGO2_BOT_REQUIRE_PEERS=1`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::python::{Python, started};
use std::cell::{Cell, RefCell};

use cargo2_bot::bst::track::choose;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// The plugin, behind a pipe.
struct Peer {
    python: Python,
}

fn peer() -> Option<Peer> {
    started(include_str!("track.py")).map(|python| Peer { python })
}

impl Peer {
    /// The refs of the latest version among those that match: the plugin takes one of them.
    fn latest(&mut self, (names, track, exclude): &Case) -> Vec<String> {
        let asked = serde_json::json!({ "names": names, "track": track, "exclude": exclude });
        serde_json::from_value(self.python.ask(&asked)).unwrap()
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
