//! Reads that fail: what could not be read is no absence.

use crate::fake_github::{Fault, Seen};
use crate::scene::{Entry, Put, Scene, bumped, gone, is_read, text};
use crate::world::{LOCK, TRACKER, lock_of, tool, tracker};
use serde_json::json;

/// The reads of one run, in their order.
fn reads(files: &[Entry]) -> usize {
    let scene = Scene::new();
    scene.tracked(files);
    scene.clear_log();
    scene.run();
    scene.requests().iter().filter(|request| !request.write).count()
}

/// Every read of a run is answered like this once; none of these runs releases it, and neither does one in which all are.
fn every_read(files: &[Entry], fault: &Fault) {
    for at in 0..reads(files) {
        let scene = Scene::new();
        let number = scene.tracked(files);
        let count = std::sync::atomic::AtomicUsize::new(0);
        let nth = move |seen: &Seen| is_read(seen) && count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == at;
        scene.fail(1, nth, fault.clone());
        scene.try_run();
        scene.calm();
        scene.safe();
        assert!(!scene.is_green(number), "read {at} answered {fault:?}");
        if at == 0 {
            scene.held_until_approved(number);
        }
    }
}

macro_rules! answered {
    ($($name:ident: $fault:expr;)*) => {
        $(#[test]
        fn $name() {
            every_read(&bumped(1), &$fault);
        })*
    };
}

answered! {
    a_read_that_ends_in_an_error_of_the_server_releases_nothing: Fault::Status(500);
    a_read_that_is_forbidden_releases_nothing: Fault::Status(403);
    a_read_that_finds_nothing_releases_nothing: Fault::Status(404);
    a_read_of_broken_json_releases_nothing: Fault::TextBefore("{\"data\":");
    a_read_of_an_empty_object_releases_nothing: Fault::TextBefore("{}");
    a_read_of_an_empty_list_releases_nothing: Fault::TextBefore("[]");
    a_read_of_null_releases_nothing: Fault::TextBefore("null");
    a_read_that_breaks_off_releases_nothing: Fault::Truncated;
    a_read_past_the_limit_releases_nothing: Fault::Secondary { status: 403, retry_after: None };
}

#[test]
fn an_empty_answer_of_the_graph_releases_nothing() {
    let empty = json!({ "data": { "repository": null, "viewer": null, "rateLimit": null }, "errors": [] });
    every_read(&[text(LOCK, lock_of(1))], &Fault::Answer { status: 200, body: empty });
}

#[test]
fn a_partial_answer_of_the_graph_releases_nothing() {
    let partial = json!({ "data": null, "errors": [{ "type": "INTERNAL", "message": "Something went wrong." }] });
    every_read(&[text("elements/new.bst", tool(0, 0))], &Fault::Answer { status: 200, body: partial });
}

#[test]
fn a_tree_that_is_cut_short_releases_nothing() {
    let scene = Scene::new();
    let number = scene.tracked(&[text("elements/new.bst", tool(0, 0))]);
    let short = json!({ "sha": "1".repeat(40), "url": "x", "tree": [], "truncated": true });
    let tree = |seen: &Seen| seen.path.contains("/git/trees/");
    scene.fail(usize::MAX, tree, Fault::Answer { status: 200, body: short });
    scene.try_run();
    scene.calm();
    scene.safe();
    assert!(!scene.is_green(number));
    scene.held_until_approved(number);
}

#[test]
fn trees_that_are_never_answered_hold_even_what_is_harmless() {
    let scene = Scene::new();
    let number = scene.tracked(&[text("README.md", "harmless\n")]);
    scene.fail(usize::MAX, |seen| seen.path.contains("/git/trees/"), Fault::Status(502));
    scene.try_run();
    scene.calm();
    if !scene.is_green(number) {
        scene.run();
    }
    scene.released(number);
}

/// A tracker in this state on the base: a bump is held, and the state says nothing about people.
#[track_caller]
fn tracker_is(files: &[Entry]) {
    let scene = Scene::on(files);
    let number = scene.bump();
    scene.try_run();
    scene.held(number);
    scene.approve(number, "ann");
    scene.try_run();
    scene.safe();
}

#[test]
fn a_tracker_that_is_not_text_releases_nothing() {
    tracker_is(&[(TRACKER.to_owned(), Put::Bytes(b"name: \xff\xfe\n".to_vec()))]);
}

#[test]
fn a_tracker_that_is_not_yaml_releases_nothing() {
    tracker_is(&[text(TRACKER, "jobs: [\n")]);
}

#[test]
fn a_tracker_that_is_too_large_releases_nothing() {
    tracker_is(&[text(
        TRACKER,
        format!("{}{}", tracker("manual-merge"), format!("# {}\n", "x".repeat(76)).repeat(40_000)),
    )]);
}

#[test]
fn a_tracker_under_another_name_releases_nothing() {
    tracker_is(&[gone(TRACKER), text(".github/workflows/other.yml", tracker("manual-merge"))]);
}

#[test]
fn a_tracker_that_is_a_link_releases_nothing() {
    tracker_is(&[crate::scene::link(TRACKER, "../../README.md")]);
}

#[test]
fn a_configuration_that_cannot_be_read_releases_nothing() {
    tracker_is(&[text(".github/cargo2-bot.yml", "licenses: [\n")]);
    tracker_is(&[text(".github/cargo2-bot.yml", "unknown-key: true\n")]);
}

#[test]
fn a_project_that_cannot_be_composed_releases_nothing() {
    let scene = Scene::on(&[text("project.conf", "name: [\n")]);
    let number = scene.bump();
    scene.try_run();
    scene.held(number);
}

#[test]
fn a_lock_that_is_too_large_releases_nothing() {
    let scene = Scene::new();
    let number = scene.tracked(&[text(LOCK, format!("{}{}", lock_of(1), "# x\n".repeat(4_000_000)))]);
    scene.try_run();
    scene.held(number);
}

#[test]
fn reviews_that_cannot_be_read_are_no_approval() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.approve(number, "ann");
    scene.review(number, "bob", "CHANGES_REQUESTED");
    for fault in [Fault::Status(500), Fault::Status(404), Fault::TextBefore("[]")] {
        scene.fail(3, |seen| seen.path.contains("/reviews") || seen.path.contains("/timeline"), fault.clone());
        scene.fail(3, |seen| seen.path.contains("/permission"), fault);
        scene.try_run();
        scene.calm();
        scene.safe();
        assert!(!scene.is_green(number));
    }
}

#[test]
fn who_pushed_is_no_absence_when_it_cannot_be_read() {
    let scene = Scene::new();
    scene.put("ann", crate::scene::BRANCH, &bumped(1));
    let number = scene.try_open("owner", crate::scene::BRANCH, "main", crate::scene::TRACKER).unwrap();
    scene.approve(number, "ann");
    for fault in [Fault::Status(404), Fault::Status(403), Fault::Status(500), Fault::TextBefore("[]")] {
        scene.fail(usize::MAX, |seen| seen.path.ends_with("/activity") || seen.path.contains("/activity?"), fault);
        scene.try_run();
        scene.calm();
        scene.safe();
        assert!(!scene.is_green(number), "ann pushed it");
    }
}
