//! Each automation on a change that nobody approved, one that somebody did, one that is harmless, and one with forged checks.

use super::bots::{
    Automation, BLUEFIN, BULLDOZER, KODIAK, MERGIFY, NATIVE, QUEUE, QUEUE_BY_ITS_HEAD, RENOVATE, RENOVATE_PLATFORM,
    TIDE,
};
use crate::scene::{Entry, Scene, bumped, text};
use crate::world::HOLD;

/// A pull request that the automation is about, whose build succeeded, before any run of the bot.
fn opened(automation: &Automation, files: &[Entry]) -> (Scene, u64) {
    let scene = Scene::with(automation.rules);
    (automation.set_up)(&scene);
    let number = scene.pull_by(automation.author, "topic", files);
    scene.check_run(&scene.sha(number), "github-actions", "build", Some("success"));
    (automation.opened)(&scene, number);
    (scene, number)
}

/// One pass of the automation; whether the pull request is merged then.
#[track_caller]
fn merges(automation: &Automation, scene: &Scene, number: u64) -> bool {
    scene.safe();
    (automation.acts)(scene, number);
    scene.safe();
    scene.pull(number).merged
}

fn waits_for_an_approval(automation: &Automation) {
    let (scene, number) = opened(automation, &bumped(1));
    assert!(!merges(automation, &scene, number), "before the bot ran");
    scene.run();
    assert!(!merges(automation, &scene, number), "nobody approved it");
    scene.run();
    assert!(!merges(automation, &scene, number), "nobody approved it, at the second run");
    scene.approve(number, "mallory");
    scene.run();
    assert!(!merges(automation, &scene, number), "only a reader approved it");
}

fn merges_what_is_approved(automation: &Automation) {
    let (scene, number) = opened(automation, &bumped(1));
    scene.run();
    merges(automation, &scene, number);
    scene.run();
    scene.approve(number, "bob");
    scene.run();
    assert!(merges(automation, &scene, number), "{:?}", scene.checks(&scene.sha(number)));
}

fn merges_what_is_harmless(automation: &Automation) {
    let (scene, number) = opened(automation, &[text("README.md", "better\n")]);
    scene.run();
    assert!(merges(automation, &scene, number), "{:?}", scene.checks(&scene.sha(number)));
}

/// A job under our name, before and after the bot's run.
fn is_not_deceived(automation: &Automation) {
    let (scene, number) = opened(automation, &bumped(1));
    let forge = || drop(scene.check_run(&scene.sha(number), "github-actions", HOLD, Some("success")).to_string());
    forge();
    assert!(!merges(automation, &scene, number), "before the bot ran");
    scene.run();
    forge();
    assert!(!merges(automation, &scene, number), "after the bot ran");
}

/// An approval that is taken back, or is of something else, in front of a waiting automation.
fn waits_again(automation: &Automation) {
    let (scene, number) = opened(automation, &bumped(1));
    scene.run();
    let review = scene.approve(number, "bob");
    scene.run();
    scene.dismiss_by("ann", review).unwrap();
    scene.run();
    assert!(!merges(automation, &scene, number), "the approval was taken back");
    scene.approve(number, "bob");
    scene.put(automation.author, "topic", &bumped(2));
    scene.check_run(&scene.sha(number), "github-actions", "build", Some("success"));
    scene.run();
    assert!(!merges(automation, &scene, number), "something else was approved");
}

macro_rules! automations {
    ($($name:ident: $automation:expr;)*) => {
        $(mod $name {
            use super::*;

            #[test]
            fn does_not_merge_what_nobody_approved() {
                waits_for_an_approval(&$automation);
            }

            #[test]
            fn merges_what_somebody_approved() {
                merges_what_is_approved(&$automation);
            }

            #[test]
            fn is_not_kept_from_what_is_harmless() {
                merges_what_is_harmless(&$automation);
            }

            #[test]
            fn is_not_deceived_by_a_job_of_our_name() {
                is_not_deceived(&$automation);
            }

            #[test]
            fn waits_when_an_approval_does_not_count_any_more() {
                waits_again(&$automation);
            }
        })*
    };
}

automations! {
    native_auto_merge: NATIVE;
    merge_queue: QUEUE;
    merge_queue_by_its_head: QUEUE_BY_ITS_HEAD;
    renovate: RENOVATE;
    renovate_platform_automerge: RENOVATE_PLATFORM;
    tide: TIDE;
    kodiak: KODIAK;
    bulldozer: BULLDOZER;
    mergify: MERGIFY;
    bluefin: BLUEFIN;
}

/// Those that look at checks by themselves wait even where no rule requires ours.
#[test]
fn automations_that_read_all_checks_wait_without_any_rule() {
    for (name, automation) in [("renovate", RENOVATE), ("tide", TIDE), ("bluefin", BLUEFIN), ("mergify", MERGIFY)] {
        let (scene, number) = opened(&automation, &bumped(1));
        scene.inspect_mut(|state| state.rules.clear());
        scene.run();
        (automation.acts)(&scene, number);
        assert!(!scene.pull(number).merged, "{name}");
    }
}

/// Those that look at checks by themselves merge in the end even where no rule requires ours.
#[test]
fn automations_that_read_all_checks_go_on_without_any_rule() {
    for (name, automation) in [("renovate", RENOVATE), ("tide", TIDE), ("bluefin", BLUEFIN), ("mergify", MERGIFY)] {
        let (scene, number) = opened(&automation, &bumped(1));
        scene.inspect_mut(|state| state.rules.clear());
        scene.run();
        scene.approve(number, "bob");
        scene.run();
        (automation.acts)(&scene, number);
        assert!(scene.pull(number).merged, "{name}: {:?}", scene.checks(&scene.sha(number)));
    }
}
