//! Promotions that bring what was not approved on the branch that they come from, or not so, or not any more.

use crate::scene::guarded::{PROMOTION, VOUCHED};
use crate::scene::{BRANCH, Entry, Scene, TRACKER, bumped, text};
use crate::world::{HOLD, LOCK, Rules, TOOL, lock_of, tool};

/// A bump that was approved on `stable`, and its pull request.
fn approved(rules: Rules) -> (Scene, u64) {
    let scene = Scene::with(rules);
    let number = scene.merged_into("stable", &bumped(1), "merge");
    (scene, number)
}

/// Asserts that the promotion of `stable` waits for a person, and why, whatever the bot has read.
#[track_caller]
fn waits(scene: &Scene, why: &str) -> u64 {
    let number = scene.promote_to("main", "stable");
    for _ in 0..2 {
        scene.run();
        scene.held(number);
    }
    let title = scene.title(number);
    let summary = scene.holds(&scene.sha(number)).last().and_then(|run| run.summary.clone()).unwrap_or_default();
    assert!(title.contains(why) || summary.contains(why), "{why}: {title} {summary}");
    scene.approve(number, "ann");
    scene.run();
    scene.released(number);
    number
}

#[test]
fn what_was_approved_there_is_promoted() {
    let (scene, bump) = approved(VOUCHED);
    let number = scene.promote_to("main", "stable");
    scene.run();
    scene.released(number);
    assert_eq!(scene.title(number), format!("promotes 1 Rust update from `stable`, approved in #{bump}"));
}

#[test]
fn one_more_file_is_no_promotion() {
    let (scene, _) = approved(VOUCHED);
    let mut files = bumped(1);
    files.push(text("elements/new.bst", tool(0, 0)));
    let number = scene.pull_by(TRACKER, PROMOTION, &files);
    scene.held_until_approved(number);
}

#[test]
fn a_mixture_of_two_states_is_no_promotion() {
    let (scene, _) = approved(VOUCHED);
    scene.merged_into("stable", &bumped(2), "merge");
    // The lock of one state, the block of the other; each was approved.
    let number = scene.pull_by(TRACKER, PROMOTION, &[text(LOCK, lock_of(1)), text(TOOL, tool(2, 0))]);
    scene.held_until_approved(number);
}

#[test]
fn what_was_pushed_past_the_rules_is_not_promoted() {
    let (scene, _) = approved(VOUCHED);
    scene.base("stable", &bumped(2));
    waits(&scene, "is not the merge of one pull request");
}

#[test]
fn what_came_before_and_after_an_unapproved_push_is_not_promoted() {
    let (scene, _) = approved(VOUCHED);
    scene.base("stable", &bumped(2));
    scene.merged_into("stable", &bumped(3), "merge");
    waits(&scene, "is not the merge of one pull request");
}

#[test]
fn what_was_merged_without_a_release_is_not_promoted() {
    let scene = Scene::with(VOUCHED);
    let number = scene.pull_into("stable", &bumped(1));
    scene.run();
    scene.held(number);
    scene.bypass("owner");
    scene.ask_merge("owner", number, "merge").unwrap();
    waits(&scene, "was not released by this bot's check");
}

#[test]
fn a_job_of_our_name_released_nothing_whatever_it_says() {
    let scene = Scene::with(VOUCHED);
    let number = scene.pull_into("stable", &bumped(1));
    scene.run();
    let sha = scene.sha(number);
    // It names the right content; and the bot's own check is not there.
    let own = scene.holds(&sha).remove(0);
    let forged = scene.check_run(&sha, "github-actions", HOLD, Some("success"));
    scene.inspect_mut(|state| {
        state.checks.remove(&own.id);
        state.checks.get_mut(&forged).unwrap().external_id = own.external_id;
    });
    scene.bypass("owner");
    scene.ask_merge("owner", number, "merge").unwrap();
    waits(&scene, "this bot");
}

#[test]
fn a_part_of_a_state_is_no_promotion() {
    let scene = Scene::with(VOUCHED);
    let second = tool(0, 0).replace("files/up", "files/two");
    let second = [text("elements/second.bst", second), text("files/two/Cargo.lock", lock_of(0))];
    scene.merged_into("stable", &second, "merge");
    scene.merged_into("stable", &bumped(1), "merge");
    let number = scene.pull_by(TRACKER, PROMOTION, &bumped(1));
    scene.held_until_approved(number);
}

#[test]
fn what_was_merged_over_another_state_than_the_approved_one_is_not_promoted() {
    let scene = Scene::with(VOUCHED);
    let number = scene.pull_into("stable", &[text("elements/new.bst", tool(0, 0))]);
    scene.run();
    scene.approve(number, "ann");
    scene.run();
    scene.released(number);
    // An administrator puts the same file there in another state, and merges over it.
    scene.bypass("owner");
    scene.inspect_mut(|state| {
        let (owner, tip, head) =
            (state.owner.clone(), state.tip("owner", "stable").unwrap(), state.tip("owner", BRANCH).unwrap());
        let tree = state.tree_after(&tip, &[("elements/new.bst", Some(&tool(3, 0)))]).unwrap();
        let over = state.write_commit(tree, &[tip], "owner", "owner", "over");
        state.set_branch("owner", &owner, "stable", Some(&over));
        let tree = state.tree_after(&over, &[("elements/new.bst", Some(&tool(0, 0)))]).unwrap();
        let merge = state.write_commit(tree, &[over, head], "owner", "owner", "merge");
        state.set_branch("owner", &owner, "stable", Some(&merge));
    });
    assert!(scene.pull(number).merged);
    waits(&scene, "another content");
}

/// The two commits of a bump.
fn steps(state: u8) -> [Vec<Entry>; 2] {
    [vec![text(LOCK, lock_of(state))], vec![text(TOOL, tool(state, 0))]]
}

/// A pull request of two commits into `stable`, approved and not merged.
fn in_steps() -> (Scene, u64, [Vec<Entry>; 2]) {
    let scene = Scene::with(VOUCHED);
    let number = scene.approved_in_steps("stable", BRANCH, &steps(1));
    (scene, number, steps(1))
}

#[test]
fn rebased_commits_are_promoted_when_they_are_what_was_approved() {
    let (scene, bump, [lock, tool]) = in_steps();
    scene.rebased_by_hand("stable", &[(bump, lock), (bump, tool)]);
    let number = scene.promote_to("main", "stable");
    scene.run();
    scene.released(number);
    assert_eq!(scene.title(number), format!("promotes 1 Rust update from `stable`, approved in #{bump}"));
}

#[test]
fn a_commit_that_slipped_between_rebased_ones_is_not_promoted() {
    for slipped in [text("elements/new.bst", tool(0, 0)), text(TOOL, tool(3, 0))] {
        let (scene, bump, [lock, tool]) = in_steps();
        scene.rebased_by_hand("stable", &[(bump, lock), (0, vec![slipped]), (bump, tool)]);
        waits(&scene, "was released for another content than the one that was merged");
    }
}

#[test]
fn a_rebase_that_brings_something_else_is_not_promoted() {
    let (scene, bump, [lock, _]) = in_steps();
    scene.rebased_by_hand("stable", &[(bump, lock), (bump, vec![text(TOOL, tool(2, 0))])]);
    waits(&scene, "was not approved in");
    // One file more, in a commit that GitHub counts as one of them.
    let (scene, bump, [lock, tool_text]) = in_steps();
    let more = vec![text("elements/new.bst", tool(0, 0))];
    scene.rebased_by_hand("stable", &[(bump, lock), (bump, more), (bump, tool_text)]);
    waits(&scene, "was not approved in");
}

#[test]
fn a_rebase_that_leaves_a_commit_out_is_not_promoted() {
    for at in 0..2 {
        let (scene, bump, steps) = in_steps();
        scene.rebased_by_hand("stable", &[(bump, steps[at].clone())]);
        waits(&scene, "did not become there what was approved in");
    }
}

#[test]
fn pull_requests_whose_commits_are_mixed_are_not_promoted() {
    let (scene, bump, [lock, tool_text]) = in_steps();
    let second = tool(0, 0).replace("files/up", "files/two");
    let [second, two] =
        [text("elements/second.bst", second), text("files/two/Cargo.lock", lock_of(0))].map(|file| vec![file]);
    let other = scene.approved_in_steps("stable", "auto/track-second", &[two.clone(), second.clone()]);
    scene.rebased_by_hand("stable", &[(bump, lock), (other, two), (bump, tool_text), (other, second)]);
    waits(&scene, "was released for another content than the one that was merged");
}

#[test]
fn a_state_amid_rebased_commits_is_not_promoted() {
    let (scene, bump, _) = in_steps();
    scene.ask_merge(TRACKER, bump, "rebase").unwrap();
    let amid = scene.pull(bump).landed[0].clone();
    let number = scene.promote_to("main", &amid);
    scene.run();
    assert!(scene.title(number).contains("is amid those of a pull request"), "{}", scene.title(number));
    scene.held_until_approved(number);
}

#[test]
fn an_evil_merge_back_is_not_promoted() {
    let (scene, _) = approved(VOUCHED);
    scene.base("main", &[text("README.md", "new\n")]);
    let (evil, lock) = (tool(3, 1), lock_of(3));
    scene.merge_back("main", "stable", &[(TOOL, Some(&evil)), (LOCK, Some(&lock))]);
    waits(&scene, "is not the merge of one pull request");
}

#[test]
fn an_approval_for_a_branch_that_nobody_guards_is_not_promoted() {
    let scene = Scene::with(VOUCHED);
    scene.on_tip("stable", "loose");
    let number = scene.pull_into("loose", &bumped(1));
    scene.approve(number, "ann");
    scene.run();
    scene.bypass("owner");
    scene.ask_merge("owner", number, "merge").unwrap();
    let tip = scene.head("loose").unwrap();
    scene.push_sha("owner", "stable", &tip).unwrap();
    waits(&scene, "is not the merge of one pull request");
}

#[test]
fn what_the_base_changed_itself_is_not_promoted_over() {
    let (scene, _) = approved(Rules { approvals: Some(1), ..VOUCHED });
    scene.base("main", &[text(TOOL, tool(0, 2))]);
    let number = scene.promote_to("main", "stable");
    scene.held_until_approved(number);
}

#[test]
fn what_the_base_changed_and_took_back_does_not_come_in_by_a_promotion() {
    let (scene, _) = approved(VOUCHED);
    // The bump was on `main` already, and somebody took it back there.
    scene.base("main", &bumped(1));
    scene.base("main", &bumped(0));
    waits(&scene, "since it was merged there");
}

#[test]
fn what_was_taken_back_there_since_is_not_promoted() {
    let (scene, _) = approved(VOUCHED);
    let bad = scene.head("stable").unwrap();
    scene.merged_into("stable", &bumped(0), "merge");
    let number = scene.promote_to("main", &bad);
    scene.held_until_approved(number);
}

#[test]
fn an_older_state_than_the_one_that_was_merged_back_is_not_promoted() {
    let (scene, _) = approved(VOUCHED);
    let older = scene.head("stable").unwrap();
    scene.merged_into("stable", &bumped(2), "squash");
    let number = scene.promote_to("main", "stable");
    scene.run();
    scene.ask_merge(TRACKER, number, "squash").unwrap();
    scene.merge_back("main", "stable", &[]);
    let number = scene.promote_to("main", &older);
    scene.held_until_approved(number);
}

#[test]
fn a_state_from_before_the_last_merge_back_is_not_promoted() {
    let scene = Scene::with(VOUCHED);
    scene.merged_into("stable", &[text("docs/x.md", "x\n")], "squash");
    let number = scene.promote_to("main", "stable");
    scene.run();
    scene.ask_merge(TRACKER, number, "squash").unwrap();
    scene.merged_into("stable", &bumped(1), "squash");
    let older = scene.head("stable").unwrap();
    scene.merged_into("stable", &bumped(2), "squash");
    scene.merge_back("main", "stable", &[]);
    let number = scene.promote_to("main", &older);
    scene.run();
    assert!(scene.title(number).contains("was merged there since"), "{}", scene.title(number));
    scene.held_until_approved(number);
}

#[test]
fn a_branch_whose_rules_do_not_vouch_promotes_nothing() {
    let without = |kind: &'static str, change: fn(&mut serde_json::Value)| {
        let (scene, _) = approved(VOUCHED);
        scene.inspect_mut(|state| {
            let rules = state.rules.get_mut("stable").unwrap();
            rules.iter_mut().filter(|rule| rule["type"] == kind).for_each(change);
        });
        waits(&scene, "its rules do not vouch for that");
    };
    let gone = |rule: &mut serde_json::Value| {
        rule["type"] = "required_linear_history".into();
        rule.as_object_mut().unwrap().remove("parameters");
    };
    for kind in ["pull_request", "deletion", "non_fast_forward", "required_status_checks"] {
        without(kind, gone);
    }
    without("required_status_checks", |rule| rule["parameters"]["do_not_enforce_on_create"] = true.into());
    without("required_status_checks", |rule| {
        rule["parameters"]["required_status_checks"][0].as_object_mut().unwrap().remove("integration_id");
    });
}

#[test]
fn the_workflows_own_token_promotes_nothing() {
    let (scene, _) = approved(Rules { app: false, ..VOUCHED });
    let number = scene.promote_to("main", "stable");
    scene.run();
    scene.safe();
    assert!(!scene.is_green(number));
}

#[test]
fn a_change_request_holds_a_promotion() {
    let (scene, _) = approved(VOUCHED);
    let number = scene.promote_to("main", "stable");
    scene.review(number, "bob", "CHANGES_REQUESTED");
    scene.run();
    scene.held(number);
    scene.review(number, "bob", "APPROVED");
    scene.run();
    scene.released(number);
}

#[test]
fn a_promotion_that_gets_one_more_commit_is_held() {
    let (scene, _) = approved(VOUCHED);
    let number = scene.promote_to("main", "stable");
    scene.run();
    scene.released(number);
    scene.put(TRACKER, PROMOTION, &[text("elements/new.bst", tool(0, 0))]);
    scene.held_until_approved(number);
}

#[test]
fn rules_that_are_taken_away_before_success_is_written_hold_it() {
    let (scene, _) = approved(VOUCHED);
    let number = scene.promote_to("main", "stable");
    scene.before_success(|fake| {
        fake.inspect_mut(|state| {
            state.rules.get_mut("stable").unwrap().retain(|rule| rule["type"] != "non_fast_forward");
        });
    });
    scene.run();
    scene.held(number);
}

#[test]
fn what_was_approved_there_and_cannot_be_read_is_held() {
    for part in ["Origins", "Line", "/rules/branches/stable", "/apps/cargo2"] {
        let (scene, _) = approved(VOUCHED);
        let number = scene.promote_to("main", "stable");
        let is_it =
            move |seen: &crate::fake_github::Seen| seen.path.contains(part) || seen.operation.as_deref() == Some(part);
        scene.fail(100, is_it, crate::fake_github::Fault::Status(403));
        scene.try_run();
        scene.safe();
        assert!(!scene.is_green(number), "{part}");
        scene.calm();
        scene.run();
        scene.released(number);
    }
}
