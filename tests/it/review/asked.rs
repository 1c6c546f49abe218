//! What is asked of the index, and what becomes of it where the index is silent.

use super::checkout::{Checkout, at_once, git, lock, registry, review};
use super::checkout::{LOCK, TOOL};
use super::plain::many;
use super::support::program;

#[test]
fn each_changed_name_is_asked_for_once_and_no_other() {
    let (mut old, mut new) = (many(20, "1.0.0"), many(20, "1.0.0"));
    new[3] = registry("crate-number-003", "1.1.0");
    new[4] = registry("crate-number-004", "2.0.0");
    // The same name with two versions; one that goes; one that comes from git on both sides.
    new.push(registry("crate-number-004", "2.1.0"));
    old.push(registry("gone", "1.0.0"));
    old.push(git("moved", "1.0.0", "https://git.example/a", 'c', None));
    new.push(git("moved", "1.1.0", "https://git.example/a", 'd', None));
    let checkout = Checkout::bumped(&old, &new);
    checkout.reports(0, &[]);
    let mut asked = checkout.index.asked();
    asked.sort();
    let twice = |path: &str| [path.to_owned(), path.to_owned()];
    // Two runs, one for each form.
    assert_eq!(asked, [twice("/cr/at/crate-number-003"), twice("/cr/at/crate-number-004")].concat());
}

#[test]
fn nothing_is_asked_where_no_crate_changed() {
    let checkout = Checkout::bumped(&many(5, "1.0.0"), &many(5, "1.0.0"));
    checkout.reports(0, &[]);
    let text = super::checkout::tool(&many(5, "1.0.0"));
    checkout.write(TOOL, &text.replace("kind: make", "kind: manual"));
    checkout.reports(0, &["--deep"]);
    assert_eq!(checkout.index.asked(), [""; 0]);
}

#[test]
fn archives_are_asked_for_unless_they_are_switched_off() {
    let checkout = Checkout::bumped(&[registry("a", "1.0.0")], &[registry("a", "1.0.1")]);
    checkout.reports(0, &[]);
    assert!(checkout.index.asked().iter().all(|path| path == "/1/a"), "{:?}", checkout.index.asked());
    checkout.index.forget();
    // They are not there: then they are not verified.
    let run = checkout.review(&["--deep"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stdout.contains("not verified"), "{run:?}");
    let mut asked = checkout.index.asked();
    asked.sort();
    assert_eq!(asked, ["/1/a", "/config.json", "/dl/a-1.0.0.crate", "/dl/a-1.0.1.crate"]);
}

#[test]
fn an_index_that_is_down_verifies_nothing() {
    let checkout = Checkout::bumped(&many(12, "1.0.0"), &many(12, "1.0.1"));
    // A port that nobody listens at, and that no other test is given.
    let down = "http://127.0.0.1:1/".to_owned();
    for format in ["human", "markdown"] {
        let run = review(&checkout.path(), &down, &["--format", format]);
        assert_eq!(run.code, Some(3), "{run:?}");
        at_once(&[run.stdout], &["not verified", "crate-not-verified", "index unreachable"]);
    }
    let run = review(&checkout.path(), &down, &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let named = |n: usize| findings.iter().any(|f| f.to_string().contains(&format!("crate-number-{n:03}")));
    assert!((0..12).all(named), "{}", run.stdout);
}

#[test]
fn offline_says_that_nothing_is_verified_and_asks_nothing() {
    let checkout = Checkout::bumped(&many(2, "1.0.0"), &many(2, "1.0.1"));
    let reports = checkout.reports(3, &["--offline"]);
    at_once(&reports, &["not verified", "offline"]);
    assert_eq!(checkout.index.asked(), [""; 0]);
}

#[test]
fn what_was_asked_before_is_known_offline() {
    let checkout = Checkout::bumped(&many(2, "1.0.0"), &many(2, "1.0.1"));
    let cache = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = program();
        let command = command.current_dir(checkout.path()).arg("review").arg("--cache").arg(cache.path()).args(args);
        super::support::ended(&command.env("CARGO2_BOT_INDEX", checkout.index.url()).output().unwrap())
    };
    let first = run(&[]);
    assert_eq!(first.code, Some(0), "{first:?}");
    checkout.index.forget();
    let second = run(&["--offline"]);
    assert_eq!((second.code, second.stdout), (Some(0), first.stdout));
    assert_eq!(checkout.index.asked(), [""; 0]);
}

#[test]
fn a_lock_that_cannot_be_read_is_not_verified() {
    let checkout = Checkout::bumped(&many(2, "1.0.0"), &many(2, "1.0.1"));
    checkout.write(LOCK, "no lock at all");
    at_once(&checkout.reports(3, &[]), &["Not verified: the crate list of `bluefin/tool.bst`", "lock-unreadable"]);
    checkout.write(LOCK, &lock(&many(2, "1.0.1")));
    checkout.reports(0, &[]);
}
