//! The merge queue.

use super::{Event, Scenario, TRACKER_BOT, change, everything, of_pull, pull};
use crate::fake_github::Grouping;
use crate::stage::Stage;
use crate::world::{Rules, payload_of_group};

const ALL_GREEN: Rules = Rules { queue: Some(Grouping::AllGreen), ..Rules::PLAIN };
const HEAD_GREEN: Rules = Rules { queue: Some(Grouping::HeadGreen), ..Rules::PLAIN };

pub const ALL: &[Scenario] = &[
    Scenario { rules: ALL_GREEN, ..Scenario::app("a merge group is released", released) },
    Scenario { rules: HEAD_GREEN, ..Scenario::app("a merge group whose head decides is released", released) },
    Scenario { rules: ALL_GREEN, ..Scenario::app("the second group of two is released", second) },
    Scenario { rules: HEAD_GREEN, ..Scenario::app("the second group decides for both", second) },
    Scenario {
        rules: ALL_GREEN,
        ..Scenario::app("a group that nobody approved fails", |stage| {
            let number = pull(stage, "", 1, 1, TRACKER_BOT);
            stage.enqueue("ann", number).unwrap();
            last_group(stage)
        })
    },
    Scenario {
        rules: ALL_GREEN,
        ..Scenario::app("a group without Rust passes", |stage| {
            let number = change(stage, "docs", "ann", &[("README.md", Some("# Better\n"))]);
            stage.enqueue("ann", number).unwrap();
            last_group(stage)
        })
    },
    Scenario {
        rules: ALL_GREEN,
        ..Scenario::app("a held one leaves the queue", |stage| {
            let number = pull(stage, "", 1, 1, TRACKER_BOT);
            stage.enqueue("ann", number).unwrap();
            of_pull(number)
        })
    },
    Scenario {
        rules: ALL_GREEN,
        ..Scenario::app("a dismissal reaches the queue", |stage| {
            let number = queued(stage);
            let group = last_group(stage);
            stage.run(&everything());
            stage.run(&group);
            let review = stage.inspect(|state| state.reviews[0].id);
            stage.dismiss_by("bob", review).unwrap();
            of_pull(number)
        })
    },
];

/// An approved pull request in the queue.
fn queued(stage: &Stage) -> u64 {
    let number = pull(stage, "", 1, 1, TRACKER_BOT);
    stage.approve_now(number);
    stage.enqueue("ann", number).unwrap();
    number
}

fn released(stage: &Stage) -> Event {
    queued(stage);
    last_group(stage)
}

fn second(stage: &Stage) -> Event {
    queued(stage);
    let docs = change(stage, "docs", "ann", &[("README.md", Some("# Better\n"))]);
    stage.enqueue("ann", docs).unwrap();
    last_group(stage)
}

fn last_group(stage: &Stage) -> Event {
    let entry = stage.inspect(|state| state.queues["main"].last().unwrap().clone());
    ("merge_group", payload_of_group(&entry.head, &entry.base, "main", &entry.branch))
}
