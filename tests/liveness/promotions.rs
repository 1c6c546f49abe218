//! What was approved on one guarded branch goes on to the other without a second approval, and costs nobody anything.

use crate::fake_github::Grouping;
use crate::scene::guarded::{PROMOTION, VOUCHED};
use crate::scene::{BRANCH, Entry, Scene, TRACKER, bumped, text};
use crate::world::{Rules, TOOL};

/// What the bot wrote since: method and path.
fn wrote(scene: &Scene) -> Vec<String> {
    scene.writes().into_iter().map(|(method, path, _)| format!("{method} {path}")).collect()
}

#[test]
fn an_update_is_promoted_however_it_was_merged() {
    for method in ["merge", "squash", "rebase"] {
        let scene = Scene::with(VOUCHED);
        let bump = scene.merged_into("stable", &bumped(1), method);
        scene.merged_into("stable", &[text("README.md", "harmless\n")], method);
        let number = scene.promote_to("main", "stable");
        scene.run();
        scene.released(number);
        let title = format!("promotes 1 Rust update from `stable`, approved in #{bump}");
        assert_eq!(scene.title(number), title, "{method}");
        scene.ask_merge(TRACKER, number, "squash").unwrap();
        assert_eq!(scene.file("main", TOOL), scene.file("stable", TOOL));
    }
}

#[test]
fn pull_requests_of_several_commits_are_promoted_when_they_were_rebased() {
    let scene = Scene::with(VOUCHED);
    let docs = |name: &str| vec![text(&format!("docs/{name}.md"), "words\n")];
    let own = text("elements/second.bst", crate::world::tool(0, 0).replace("files/up", "files/two"));
    let own = [text("files/two/Cargo.lock", crate::world::lock_of(0)), own];
    let each = |files: Vec<Entry>| files.into_iter().map(|file| vec![file]);
    // What decides is in the first, the last and none of its commits, and another pull request is between the two.
    let first: Vec<_> = each(bumped(1)).chain([docs("a")]).collect();
    let second: Vec<_> = std::iter::once(docs("b")).chain(each(own.into())).collect();
    let first = scene.approved_in_steps("stable", BRANCH, &first);
    scene.ask_merge(TRACKER, first, "rebase").unwrap();
    scene.merged_into("stable", &docs("c"), "rebase");
    let second = scene.approved_in_steps("stable", "auto/track-again", &second);
    scene.ask_merge(TRACKER, second, "rebase").unwrap();
    assert_eq!(scene.pull(second).landed.len(), 3);
    let number = scene.promote_to("main", "stable");
    scene.run();
    scene.released(number);
    let title = format!("promotes 2 Rust updates from `stable`, approved in #{first}, #{second}");
    assert_eq!(scene.title(number), title);
    scene.ask_merge(TRACKER, number, "squash").unwrap();
    assert_eq!(scene.file("main", TOOL), scene.file("stable", TOOL));
}

#[test]
fn a_promotion_is_made_no_noise_about() {
    let scene = Scene::with(VOUCHED);
    scene.merged_into("stable", &bumped(1), "squash");
    let number = scene.promote_to("main", "stable");
    scene.run();
    scene.clear_log();
    scene.run();
    assert_eq!(wrote(&scene), [""; 0]);
    // The same files in a new commit: it gets its two checks, and those of the commit that it replaces are taken back.
    scene.promote_to("main", "stable");
    scene.run();
    scene.released(number);
    let wrote = wrote(&scene);
    assert_eq!(wrote[..2], ["POST /repos/owner/name/check-runs"; 2]);
    assert!(wrote.len() == 3 && wrote[2].starts_with("PATCH /repos/owner/name/check-runs/"), "{wrote:?}");
    assert_eq!((scene.comments(number).len(), scene.pull(number).labels), (0, Vec::new()));
}

#[test]
fn a_week_is_promoted_and_merged_back_and_so_is_the_next() {
    let scene = Scene::with(VOUCHED);
    for week in 0..2 {
        let first = scene.merged_into("stable", &bumped(1 + week), "squash");
        let own = text("elements/second.bst", crate::world::tool(0, week).replace("files/up", "files/two"));
        let lock = text("files/two/Cargo.lock", crate::world::lock_of(0));
        let second = scene.merged_into("stable", &[own, lock], "squash");
        let number = scene.promote_to("main", "stable");
        // The trunk goes on while the promotion waits.
        scene.merged_into("stable", &[text(&format!("docs/{week}.md"), "on it goes\n")], "squash");
        scene.run();
        scene.released(number);
        let title = scene.title(number);
        assert_eq!(title, format!("promotes 2 Rust updates from `stable`, approved in #{first}, #{second}"));
        scene.ask_merge(TRACKER, number, "squash").unwrap();
        scene.merge_back("main", "stable", &[]);
        scene.run();
        scene.safe();
    }
}

#[test]
fn a_promotion_goes_through_the_queue() {
    for grouping in [Grouping::AllGreen, Grouping::HeadGreen] {
        let scene = Scene::with(Rules { queue: Some(grouping), ..VOUCHED });
        scene.merged_into("stable", &bumped(1), "squash");
        let number = scene.promote_to("main", "stable");
        let docs = scene.pull_by("bob", "docs", &[text("docs/x.md", "docs\n")]);
        scene.run();
        scene.enqueue("ann", docs).unwrap();
        scene.enqueue("ann", number).unwrap();
        scene.run();
        assert_eq!(scene.settle(), [docs, number]);
    }
}

#[test]
fn a_hotfix_is_merged_back_without_a_second_approval() {
    let scene = Scene::with(VOUCHED);
    let fix = scene.merged_into("main", &bumped(1), "merge");
    // The branch of the pull request is the other guarded branch itself.
    let number = scene.try_open("owner", "main", "stable", "sync[bot]").unwrap();
    scene.run();
    scene.released(number);
    assert_eq!(scene.title(number), format!("promotes 1 Rust update from `main`, approved in #{fix}"));
    scene.ask_merge(TRACKER, number, "merge").unwrap();
}

#[test]
fn what_held_a_promotion_is_said_and_an_approval_releases_it_as_ever() {
    let scene = Scene::with(VOUCHED);
    scene.base("stable", &bumped(1));
    let number = scene.promote_to("main", "stable");
    scene.run();
    scene.held(number);
    assert!(scene.title(number).starts_with("held: it has the files of `stable` at "), "{}", scene.title(number));
    scene.approve(number, "ann");
    scene.run();
    scene.released(number);
    assert_eq!(scene.title(number), "approved by ann");
    // It is made anew on what was approved meanwhile: the approval is void, and is not needed.
    let again = scene.merged_into("stable", &bumped(2), "squash");
    assert!(again > number && scene.head(PROMOTION).is_some());
}
