//! Flows of more than one step.

use crate::fake_github::Grouping;
use crate::scene::{BRANCH, Scene, TRACKER, bumped, text};
use crate::world::{LOCK, Rules, TOOL, lock_of, tool};

const TWO: Rules = Rules { second: true, ..Rules::PLAIN };
const STRICT: Rules = Rules { strict: true, ..Rules::PLAIN };

#[track_caller]
fn merges(scene: &Scene, number: u64) {
    scene.released(number);
    scene.ask_merge(TRACKER, number, "merge").unwrap();
}

#[test]
fn drift_is_fixed_and_merges_after_one_approval() {
    let scene = Scene::new();
    let number = scene.tracked(&[text(LOCK, lock_of(1))]);
    scene.run();
    scene.held(number);
    scene.approve(number, "ann");
    scene.run();
    merges(&scene, number);
    assert_eq!(scene.file("main", TOOL).unwrap(), tool(1, 0));
}

#[test]
fn the_bots_own_pull_request_merges_after_one_approval() {
    let scene = Scene::on(&[text(LOCK, lock_of(1))]);
    scene.run();
    let own = scene.pulls()[0].number;
    scene.run();
    scene.approve(own, "ann");
    scene.run();
    merges(&scene, own);
}

#[test]
fn an_approval_by_a_comment_is_enough() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    scene.say(number, "ann", &format!("/cargo2 approve {}", scene.id(number)));
    scene.run();
    merges(&scene, number);
}

#[test]
fn an_approval_outlives_rebases_and_merges_of_the_base() {
    let scene = Scene::with(STRICT);
    let number = scene.bump();
    scene.run();
    scene.approve(number, "ann");
    scene.run();
    for day in 0..2 {
        scene.base("main", &[text("README.md", format!("day {day}\n"))]);
        scene.push_merge(TRACKER, BRANCH, "main", &[]).unwrap();
        scene.run();
        scene.released(number);
        scene.base("main", &[text("docs/x.md", format!("day {day}\n"))]);
        scene.start_over(TRACKER, BRANCH, &bumped(1));
        scene.run();
        scene.released(number);
    }
    merges(&scene, number);
}

#[test]
fn two_people_bump_different_elements_one_after_the_other() {
    let own = |command: u8| tool(0, command).replace("files/up", "files/two");
    let scene = Scene::on(&[text("elements/second.bst", own(0)), text("files/two/Cargo.lock", lock_of(0))]);
    let first = scene.bump();
    let second = scene.pull_by("bob", "second", &[text("elements/second.bst", own(1))]);
    scene.run();
    scene.approve(first, "ann");
    scene.approve(second, "ann");
    scene.run();
    merges(&scene, first);
    scene.run();
    merges(&scene, second);
}

#[test]
fn changes_that_were_requested_are_made_and_approved() {
    let scene = Scene::new();
    let number = scene.pull_by("bob", "topic", &bumped(1));
    scene.run();
    scene.review(number, "ann", "CHANGES_REQUESTED");
    scene.put("bob", "topic", &bumped(2));
    scene.run();
    scene.held(number);
    scene.approve(number, "ann");
    scene.run();
    merges(&scene, number);
}

#[test]
fn a_backport_takes_its_own_approval() {
    let scene = Scene::with(TWO);
    let number = scene.bump();
    scene.run();
    scene.approve(number, "ann");
    scene.run();
    merges(&scene, number);
    scene.inspect_mut(|state| {
        let (owner, tip) = (state.owner.clone(), state.tip("owner", "stable"));
        state.set_branch("bob", &owner, "backport", tip.as_deref());
    });
    scene.put("bob", "backport", &bumped(1));
    let backport = scene.try_open("owner", "backport", "stable", "bob").unwrap();
    scene.run();
    scene.held(backport);
    scene.approve(backport, "ann");
    scene.run();
    merges(&scene, backport);
}

#[test]
fn a_promotion_is_approved_like_any_other_change() {
    let scene = Scene::with(TWO);
    scene.put(TRACKER, BRANCH, &bumped(1));
    let bump = scene.try_open("owner", BRANCH, "stable", TRACKER).unwrap();
    scene.run();
    scene.approve(bump, "ann");
    scene.run();
    merges(&scene, bump);
    scene.inspect_mut(|state| {
        let (main, stable) = (state.tip("owner", "main").unwrap(), state.tip("owner", "stable").unwrap());
        let tree = state.tree_of(&stable).unwrap();
        let sha = state.write_commit(tree, &[main], TRACKER, TRACKER, "promote");
        state.set_branch(TRACKER, "owner", "auto/promote", Some(&sha));
    });
    let number = scene.try_open("owner", "auto/promote", "main", TRACKER).unwrap();
    scene.run();
    scene.held(number);
    scene.approve(number, "ann");
    scene.run();
    merges(&scene, number);
}

#[test]
fn a_hotfix_on_the_base_does_not_stop_what_it_does_not_touch() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    scene.approve(number, "ann");
    scene.run();
    scene.base("main", &[text("elements/plain.bst", "kind: manual\n# hotfix\n")]);
    scene.run();
    merges(&scene, number);
}

#[test]
fn approved_and_harmless_entries_share_a_queue() {
    for grouping in [Grouping::AllGreen, Grouping::HeadGreen] {
        let scene = Scene::with(Rules { queue: Some(grouping), ..Rules::PLAIN });
        let bump = scene.bump();
        let docs = scene.pull_by("bob", "docs", &[text("README.md", "docs\n")]);
        scene.run();
        scene.approve(bump, "ann");
        scene.run();
        scene.enqueue("ann", bump).unwrap();
        scene.enqueue("ann", docs).unwrap();
        scene.run();
        assert_eq!(scene.settle(), [bump, docs]);
    }
}

#[test]
fn a_bundle_takes_one_approval_for_all_its_elements() {
    let own = |command: u8| tool(0, command).replace("files/up", "files/two");
    let scene = Scene::on(&[text("elements/second.bst", own(0)), text("files/two/Cargo.lock", lock_of(0))]);
    let mut files = bumped(1);
    files.extend([text("elements/second.bst", own(1)), text("elements/plain.bst", "kind: manual\n# 2\n")]);
    let number = scene.tracked(&files);
    scene.held_until_approved(number);
    merges(&scene, number);
}

#[test]
fn a_harmless_pull_request_of_a_fork_merges_at_once() {
    let scene = Scene::new();
    let number = scene.forked(&[("README.md", "better\n"), ("docs/x.md", "x\n")]);
    scene.run();
    merges(&scene, number);
}

#[test]
fn an_action_whose_new_commit_nothing_proves_is_held_with_the_reason() {
    let uses = |sha: &str| {
        crate::scene::texts::workflow("push", "{contents: write}", "true")
            .replace("      run: true\n", &format!("      uses: other/action@{sha} # v1\n"))
    };
    let path = ".github/workflows/w.yml";
    let scene = Scene::on(&[text(path, uses(&"1".repeat(40)))]);
    let number = scene.pull_by("renovate[bot]", "topic", &[text(path, uses(&"2".repeat(40)))]);
    scene.run();
    scene.held(number);
    let summary = scene.holds(&scene.sha(number))[0].summary.clone().unwrap_or_default();
    assert!(summary.contains(path), "{summary}");
    scene.approve(number, "ann");
    scene.run();
    merges(&scene, number);
}
