//! Many files, many commits, deep files, long locks.

use crate::scene::{Entry, Scene, bumped, text};
use crate::support::{block, lock};
use crate::world::{LOCK, TOOL, tool};

/// So many files in which there is nothing to look at. Their names come before all others.
fn plain(count: usize) -> Vec<Entry> {
    (0..count).map(|number| text(&format!("a/{}/{number}.txt", number / 500), format!("{number}\n"))).collect()
}

/// What the check of the hold says.
fn said(scene: &Scene, number: u64) -> String {
    scene.holds(&scene.sha(number)).iter().map(|run| format!("{:?} {:?}\n", run.title, run.summary)).collect()
}

/// Asserts that a pull request is held for a reason that no approval changes.
#[track_caller]
fn held_for_good(scene: &Scene, number: u64, why: &str) {
    scene.run();
    scene.held(number);
    assert!(said(scene, number).contains(why), "{}", said(scene, number));
    scene.approve(number, "ann");
    scene.run();
    scene.held(number);
}

#[test]
fn five_thousand_files_are_judged_and_one_more_is_held_with_the_reason() {
    let scene = Scene::new();
    let number = scene.pull_by("bob", "many", &plain(5_000));
    scene.run();
    scene.released(number);
    assert!(said(&scene, number).contains("5000"), "{}", said(&scene, number));
    scene.put("bob", "many", &[text("a/one-more.txt", "x")]);
    held_for_good(&scene, number, "it changes 5001 files, and no more than 5000 are looked at");
}

/// GitHub's own list of files ends after 3,000 of them.
#[test]
fn a_rust_change_behind_three_thousand_files_is_found() {
    let scene = Scene::new();
    let number = scene.tracked(&[plain(3_100), bumped(1)].concat());
    scene.held_until_approved(number);
}

/// So many commits on a branch, of which the first brings `files`.
fn long(scene: &Scene, branch: &str, count: usize, files: &[Entry]) -> u64 {
    let first = scene.put("bob", branch, files);
    let tip = scene.inspect_mut(|state| {
        let tree = state.commit_of(&first).unwrap().tree_id();
        (1..count).fold(first, |tip, _| state.write_commit(tree, &[tip], "bob", "bob", "nothing"))
    });
    scene.push_sha("bob", branch, &tip).unwrap();
    scene.try_open("owner", branch, "main", "bob").unwrap()
}

/// GitHub's own list of commits ends after 250 of them.
#[test]
fn a_rust_change_before_three_hundred_commits_is_found() {
    let scene = Scene::new();
    let number = long(&scene, "long", 300, &bumped(1));
    scene.held_until_approved(number);
}

#[test]
fn five_hundred_commits_are_judged_and_one_more_is_held_with_the_reason() {
    let scene = Scene::new();
    let number = long(&scene, "long", 500, &[text("a.txt", "x")]);
    scene.run();
    scene.released(number);
    let number = long(&scene, "longer", 501, &[text("b.txt", "x")]);
    held_for_good(&scene, number, "it has 501 commits, and no more than 500 are looked at");
}

#[test]
fn deep_yaml_is_held_and_nothing_breaks() {
    let depth = 100_000;
    let mappings: String = (0..2_000).map(|level| format!("{}k:\n", " ".repeat(level))).collect();
    let all =
        ["[".repeat(depth), format!("a: {}{}", "[".repeat(depth), "]".repeat(depth)), "{a: ".repeat(depth), mappings];
    for (number, deep) in all.iter().enumerate() {
        let scene = Scene::new();
        let pull = scene.pull_by("bob", "deep", &[text("elements/deep.bst", deep.as_str())]);
        scene.run();
        scene.held(pull);
        let other = scene.pull_by("bob", "plain", &[text("a.txt", "x")]);
        scene.run();
        scene.released(other);
        assert!(said(&scene, pull).contains("deep"), "{number}: {}", said(&scene, pull));
    }
}

#[test]
fn a_lock_of_twenty_thousand_crates_is_judged() {
    let names: Vec<String> = (0..20_000).map(|number| format!("crate-{number:05}")).collect();
    let crates = |first: &'static str| -> Vec<(&str, &'static str)> {
        std::iter::once(("a", first)).chain(names.iter().map(|name| (name.as_str(), "1.0.0"))).collect()
    };
    let state = |crates: &[(&str, &str)]| {
        let element = tool(0, 0);
        let (head, _) = element.split_once("  ref:\n").unwrap();
        vec![text(LOCK, lock(crates)), text(TOOL, format!("{head}  ref:\n{}", block(crates, 2)))]
    };
    let scene = Scene::on(&state(&crates("1.0.0")));
    let number = scene.tracked(&state(&crates("1.1.0")));
    scene.run();
    scene.held(number);
    let verified: Vec<_> =
        scene.checks(&scene.sha(number)).into_iter().filter(|run| run.name == "cargo2 block").collect();
    assert!(verified.iter().all(|run| run.conclusion.as_deref() == Some("success")), "{:?}", verified[0].title);
    scene.approve(number, "ann");
    scene.run();
    scene.released(number);
}
