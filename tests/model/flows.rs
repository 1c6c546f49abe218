//! The other direction: what people and bots do every day goes through in the end, with the approvals that people give. A hold that
//! never releases would be safe, and of no use.

use crate::actions::{Action, perform};
use crate::edit::Edit;
use crate::fake_github::Grouping;
use crate::world::{Rules, World};

/// Carries actions out, with a run of the bot after each, and returns the repository.
fn lived(rules: Rules, actions: &[Action]) -> World {
    let world = World::new(rules);
    for action in actions {
        perform(*action, &world.fake, rules);
        world.run("workflow_run", crate::world::payload_of_all()).unwrap();
    }
    world
}

const BUMP: [Action; 2] =
    [Action::Push { branch: 0, who: 0, author: 0, edit: Edit::Bump(1) }, Action::Open { branch: 0, base: 0, who: 0 }];

const APPROVE: Action = Action::Review { pull: 0, who: 1, verdict: 0, older: false };

fn merges(world: &World, number: u64) {
    world.fake.ask_merge("tracker[bot]", number, "merge").unwrap();
}

#[test]
fn an_approved_bump_merges() {
    let world = lived(Rules::PLAIN, &[BUMP[0], BUMP[1], APPROVE]);
    merges(&world, 1);
}

#[test]
fn a_version_that_the_bot_tracks_merges_when_it_is_approved_and_the_next_one_comes() {
    for app in [true, false] {
        let follow = Action::Base { branch: 0, edit: Edit::Release(4) };
        let world = lived(Rules { tracks: true, app, ..Rules::PLAIN }, &[Action::Settle, APPROVE, Action::Settle]);
        let first = world.fake.pull(1);
        assert_eq!((first.head_ref.as_str(), first.author.as_str()), ("cargo2-bot/track", world.rules.bot()));
        merges(&world, 1);
        assert_eq!(world.fake.file("main", crate::world::TRACKED), Some(crate::world::tracked(1, false)));
        for action in [follow, APPROVE] {
            perform(action, &world.fake, world.rules);
            world.run("workflow_run", crate::world::payload_of_all()).unwrap();
        }
        merges(&world, 2);
        assert_eq!(world.fake.file("main", crate::world::TRACKED), Some(crate::world::tracked(2, true)));
    }
}

#[test]
fn a_harmless_change_merges_at_once() {
    let push = Action::Push { branch: 0, who: 1, author: 1, edit: Edit::Readme(1) };
    let world = lived(Rules::PLAIN, &[push, Action::Open { branch: 0, base: 0, who: 1 }]);
    merges(&world, 1);
}

#[test]
fn an_approval_outlives_a_merge_of_the_base_and_a_fresh_start() {
    let base = Action::Base { branch: 0, edit: Edit::Readme(2) };
    let merge = Action::MergeBase { branch: 0, who: 0 };
    let world = lived(Rules { strict: true, ..Rules::PLAIN }, &[BUMP[0], BUMP[1], APPROVE, base, merge]);
    merges(&world, 1);
    let fresh = Action::Fresh { branch: 0, edit: Edit::Bump(1) };
    let world = lived(Rules { strict: true, ..Rules::PLAIN }, &[BUMP[0], BUMP[1], APPROVE, base, fresh]);
    merges(&world, 1);
}

#[test]
fn an_approved_bump_goes_through_the_queue() {
    for grouping in [Grouping::AllGreen, Grouping::HeadGreen] {
        let rules = Rules { queue: Some(grouping), ..Rules::PLAIN };
        let world = lived(rules, &[BUMP[0], BUMP[1], APPROVE, Action::Enqueue { pull: 0 }]);
        let entry = world.fake.inspect(|state| state.queues["main"][0].clone());
        let payload = crate::world::payload_of_group(&entry.head, &entry.base, "main", &entry.branch);
        world.run("merge_group", payload).unwrap();
        assert_eq!(world.fake.settle(), [1]);
    }
}

#[test]
fn drift_is_fixed_and_merges_after_an_approval() {
    let push = Action::Push { branch: 0, who: 0, author: 0, edit: Edit::Lock(1) };
    let world = lived(Rules::PLAIN, &[push, BUMP[1], APPROVE]);
    merges(&world, 1);
}
