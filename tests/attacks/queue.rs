//! The merge queue: groups bring more than their last pull request.

use crate::fake_github::{Fault, Grouping};
use crate::scene::{BRANCH, Scene, TRACKER, bumped, text};
use crate::world::{Rules, TOOL, payload_of_group, tool};

const BOTH: [Grouping; 2] = [Grouping::AllGreen, Grouping::HeadGreen];

fn queued(grouping: Grouping) -> Scene {
    Scene::with(Rules { queue: Some(grouping), ..Rules::PLAIN })
}

/// What merges after the bot has answered.
fn merged(scene: &Scene) -> Vec<u64> {
    scene.run();
    scene.safe();
    let merged = scene.settle();
    scene.safe();
    merged
}

#[test]
fn an_unapproved_entry_does_not_merge() {
    for grouping in BOTH {
        let scene = queued(grouping);
        let number = scene.bump();
        scene.enqueue(TRACKER, number).unwrap();
        assert_eq!(merged(&scene), [0; 0]);
    }
}

#[test]
fn an_approved_entry_merges() {
    for grouping in BOTH {
        let scene = queued(grouping);
        let number = scene.bump();
        scene.run();
        scene.approve(number, "ann");
        scene.run();
        scene.enqueue(TRACKER, number).unwrap();
        assert_eq!(merged(&scene), [number]);
    }
}

#[test]
fn an_approved_end_does_not_bring_the_rest_along() {
    for grouping in BOTH {
        let scene = queued(grouping);
        let first = scene.bump();
        let last = scene.pull_by("bob", "more", &[text("elements/new.bst", tool(0, 0))]);
        scene.approve(last, "ann");
        scene.enqueue("ann", first).unwrap();
        scene.enqueue("ann", last).unwrap();
        scene.groups();
        scene.safe();
        assert!(!scene.settle().contains(&first));
        scene.safe();
    }
}

#[test]
fn a_harmless_end_does_not_bring_the_rest_along() {
    for grouping in BOTH {
        let scene = queued(grouping);
        let first = scene.bump();
        let last = scene.pull_by("bob", "docs", &[text("README.md", "docs\n")]);
        scene.enqueue("ann", first).unwrap();
        scene.enqueue("ann", last).unwrap();
        scene.groups();
        scene.safe();
        assert!(!scene.settle().contains(&first));
        scene.safe();
    }
}

#[test]
fn a_first_of_the_queue_that_is_approved_does_not_release_the_next() {
    for grouping in BOTH {
        let scene = queued(grouping);
        let first = scene.bump();
        let last = scene.pull_by("bob", "more", &[text("elements/new.bst", tool(0, 0))]);
        scene.approve(first, "ann");
        scene.enqueue("ann", first).unwrap();
        scene.enqueue("ann", last).unwrap();
        scene.groups();
        scene.safe();
        assert!(!scene.settle().contains(&last));
        scene.safe();
    }
}

#[test]
fn a_path_that_two_entries_change_is_approved_by_none() {
    for grouping in BOTH {
        let scene = queued(grouping);
        // Each changes another line of the element: git merges both, and nobody saw that.
        let one = tool(0, 0).replace("kind: make", "kind: make\nvariables:\n  a: 1");
        let two = format!("{}public:\n  b: 1\n", tool(0, 0));
        let first = scene.pull_by(TRACKER, "one", &[text(TOOL, one)]);
        let second = scene.pull_by(TRACKER, "two", &[text(TOOL, two)]);
        for number in [first, second] {
            scene.approve(number, "ann");
        }
        scene.run();
        scene.enqueue("ann", first).unwrap();
        scene.enqueue("ann", second).unwrap();
        scene.groups();
        scene.safe();
        assert!(!scene.settle().contains(&second));
        scene.safe();
    }
}

#[test]
fn a_dismissal_while_it_is_queued_is_seen() {
    for grouping in BOTH {
        let scene = queued(grouping);
        let number = scene.bump();
        let review = scene.approve(number, "ann");
        scene.run();
        scene.enqueue("ann", number).unwrap();
        scene.groups();
        scene.dismiss_by("bob", review).unwrap();
        assert_eq!(merged(&scene), [0; 0]);
    }
}

#[test]
fn a_lost_permission_while_it_is_queued_is_seen() {
    for grouping in BOTH {
        let scene = queued(grouping);
        let number = scene.bump();
        scene.approve(number, "ann");
        scene.run();
        scene.enqueue("ann", number).unwrap();
        scene.groups();
        scene.permission("ann", "read");
        assert_eq!(merged(&scene), [0; 0]);
    }
}

#[test]
fn a_group_whose_pull_request_left_the_queue_is_not_released() {
    let scene = queued(Grouping::HeadGreen);
    let number = scene.bump();
    scene.approve(number, "ann");
    scene.run();
    scene.enqueue("ann", number).unwrap();
    let entry = scene.inspect(|state| state.queues["main"][0].clone());
    scene.dequeue("ann", number);
    let payload = payload_of_group(&entry.head, &entry.base, "main", &entry.branch);
    let _ = scene.world.run("merge_group", payload);
    let passes = |run: &crate::fake_github::CheckRun| run.conclusion.as_deref() == Some("success");
    assert!(!scene.holds(&entry.head).iter().any(passes), "a group that is no group any more");
    scene.safe();
}

#[test]
fn a_group_that_somebody_made_up_is_not_released() {
    let scene = queued(Grouping::AllGreen);
    let number = scene.bump();
    scene.approve(number, "ann");
    scene.run();
    scene.enqueue("ann", number).unwrap();
    // The payload names a commit that holds more than the queue's.
    let evil = scene.put("bob", "evil", &[text(TOOL, tool(3, 2))]);
    let base = scene.head("main").unwrap();
    let payload = payload_of_group(&evil, &base, "main", &format!("gh-readonly-queue/main/pr-{number}-{base}"));
    let _ = scene.world.run("merge_group", payload);
    let passes = |run: &crate::fake_github::CheckRun| run.conclusion.as_deref() == Some("success");
    assert!(!scene.holds(&evil).iter().any(passes));
    scene.safe();
}

#[test]
fn a_push_behind_the_approval_leaves_the_queue() {
    for grouping in BOTH {
        let scene = queued(grouping);
        let number = scene.bump();
        scene.approve(number, "ann");
        scene.run();
        scene.enqueue("ann", number).unwrap();
        scene.groups();
        scene.put(TRACKER, BRANCH, &bumped(2));
        scene.enqueue("ann", number).unwrap();
        assert_eq!(merged(&scene), [0; 0]);
    }
}

#[test]
fn harmless_entries_go_through_the_queue() {
    for grouping in BOTH {
        let scene = queued(grouping);
        let one = scene.pull_by("bob", "one", &[text("README.md", "docs\n")]);
        let two = scene.pull_by("ann", "two", &[text("docs/x.md", "docs\n")]);
        scene.run();
        scene.enqueue("ann", one).unwrap();
        scene.enqueue("ann", two).unwrap();
        scene.run();
        assert_eq!(scene.settle(), [one, two]);
    }
}

#[test]
fn a_group_whose_approval_cannot_be_read_again_is_not_released() {
    for grouping in BOTH {
        let scene = queued(grouping);
        let number = scene.bump();
        let review = scene.approve(number, "ann");
        scene.run();
        scene.enqueue("ann", number).unwrap();
        scene.before_success(move |fake| {
            fake.dismiss_by("bob", review).unwrap();
            fake.fail(usize::MAX, crate::scene::is_read, Fault::Status(502));
        });
        scene.groups();
        assert_eq!(scene.pending(), 1, "the bot wrote no success at all");
        scene.calm();
        scene.safe();
    }
}
