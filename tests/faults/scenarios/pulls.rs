//! One pull request and what becomes of it.

use git2::FileMode;

use super::{
    BRANCH, Event, LOCK, SECOND, SECOND_LOCK, Scenario, TOOL, TRACKER_BOT, change, commit_modes, everything, lock_of,
    of_pull, pull, push, second, second_lock, tool, with_second,
};
use crate::fake_github::Handle;
use crate::stage::{Bot, Stage};
use crate::world::Rules;

pub const ALL: &[Scenario] = &[
    Scenario::app("a right block is held", held),
    Scenario::app("a right block is held for a second branch as well", |stage| {
        let number = pull(stage, "", 1, 1, TRACKER_BOT);
        stage.retarget("ann", number, "stable").unwrap();
        everything()
    }),
    Scenario { rules: Rules { second: true, ..Rules::PLAIN }, ..Scenario::app("two branches are guarded", held) },
    Scenario::app("an approved one is released", approved),
    Scenario::app("a dismissed approval holds again", |stage| {
        let number = released(stage);
        let review = stage.inspect(|state| state.reviews[0].id);
        stage.dismiss_by("bob", review).unwrap();
        of_pull(number)
    }),
    Scenario::app("a push voids an approval", |stage| {
        released(stage);
        push(stage, "", 2, 2, TRACKER_BOT);
        everything()
    }),
    Scenario::app("success at a former head is taken back", |stage| {
        released(stage);
        stage.reset(BRANCH, "main");
        push(stage, "", 2, 2, TRACKER_BOT);
        stage.try_open("owner", BRANCH, "main", TRACKER_BOT);
        everything()
    }),
    Scenario::app("what was merged around the hold is reported", |stage| {
        let number = pull(stage, "", 1, 1, TRACKER_BOT);
        stage.run(&everything());
        stage.merge_pull(number);
        everything()
    }),
    Scenario::app("success of a closed pull request is taken back", |stage| {
        let number = released(stage);
        stage.close(number);
        closed(number)
    }),
    Scenario::workflow("drift is fixed by a commit", drift),
    Scenario::app("drift is fixed by an App's commit", drift),
    Scenario::app("drift below a person's commit is reported", |stage| {
        pull(stage, "", 1, 0, "bob");
        everything()
    }),
    Scenario::workflow("an executable element is fixed and stays one", |stage| {
        commit_modes(stage, "main", "owner", &[(TOOL, &tool(0, 0), FileMode::BlobExecutable)]);
        commit_modes(stage, BRANCH, TRACKER_BOT, &[(LOCK, &lock_of(1), FileMode::Blob)]);
        stage.try_open("owner", BRANCH, "main", TRACKER_BOT).unwrap();
        everything()
    }),
    Scenario::workflow("a bundle is fixed where it has to be", |stage| {
        with_second(stage);
        bundle(stage, 0);
        everything()
    }),
    Scenario::workflow("two elements of a bundle are fixed", |stage| {
        with_second(stage);
        let (one, two) = (lock_of(1), second_lock(2));
        change(
            stage,
            "bundle",
            TRACKER_BOT,
            &[(LOCK, Some(&one)), (SECOND_LOCK, Some(&two)), ("README.md", Some("# New\n"))],
        );
        everything()
    }),
    Scenario::app("a right bundle is released", |stage| {
        with_second(stage);
        let number = bundle(stage, 2);
        stage.approve_now(number);
        everything()
    }),
    Scenario::app("a change without Rust passes", |stage| {
        of_pull(change(stage, "docs", "ann", &[("README.md", Some("# Better\n"))]))
    }),
    Scenario::app("several changes without Rust pass beside a held one", |stage| {
        pull(stage, "", 1, 1, TRACKER_BOT);
        change(stage, "docs", "ann", &[("README.md", Some("# Better\n"))]);
        change(stage, "plain", "bob", &[("elements/plain.bst", Some("kind: import\n"))]);
        everything()
    }),
    Scenario::app("a held one that no longer changes Rust passes", |stage| {
        let number = pull(stage, "", 1, 1, TRACKER_BOT);
        stage.run(&of_pull(number));
        push(stage, "", 0, 0, TRACKER_BOT);
        stage.commit(BRANCH, &[("README.md", Some("# Better\n"))], TRACKER_BOT);
        of_pull(number)
    }),
    Scenario::app("auto-merge is switched off", |stage| {
        let number = pull(stage, "", 1, 1, TRACKER_BOT);
        stage.auto_merge(number, true);
        of_pull(number)
    }),
    Scenario::app("a fork's change is held", |stage| of_pull(pull(stage, "mallory", 1, 0, "mallory"))),
    Scenario::app("an element that cannot be read holds", |stage| {
        let lock = lock_of(1);
        let files = [(LOCK, Some(lock.as_str())), (TOOL, Some("kind: make\nsources:\n- kind: [\n"))];
        change(stage, BRANCH, TRACKER_BOT, &files);
        everything()
    }),
    Scenario { bot: Bot { token: "app", draft: true }, ..Scenario::app("a held one becomes a draft", held) },
    Scenario::app("people and teams are asked for a review", |stage| {
        stage.team("rust");
        let owners = "elements/ @ann @bob @owner/rust\nfiles/ @nobody\n";
        stage.commit("main", &[(".github/CODEOWNERS", Some(owners))], "owner");
        held(stage)
    }),
    Scenario::app("a held one that is known rests", |stage| {
        let event = held(stage);
        stage.run(&event);
        event
    }),
    Scenario::app("a released one rests", |stage| {
        released(stage);
        everything()
    }),
];

fn held(stage: &Stage) -> Event {
    pull(stage, "", 1, 1, TRACKER_BOT);
    everything()
}

fn approved(stage: &Stage) -> Event {
    let number = pull(stage, "", 1, 1, TRACKER_BOT);
    stage.approve_now(number);
    of_pull(number)
}

fn drift(stage: &Stage) -> Event {
    pull(stage, "", 1, 0, TRACKER_BOT);
    everything()
}

/// A pull request that the bot released.
fn released(stage: &Stage) -> u64 {
    let number = pull(stage, "", 1, 1, TRACKER_BOT);
    stage.approve_now(number);
    stage.run(&everything());
    number
}

fn closed(number: u64) -> Event {
    let payload = format!(
        r#"{{"action":"closed","repository":{{"default_branch":"main"}},"pull_request":{{"number":{number},"merged":false}}}}"#
    );
    ("pull_request_target", payload)
}

/// A pull request that changes both Rust elements, the second one's block to this state, and two files that decide nothing.
fn bundle(fake: &Handle, blocked: u8) -> u64 {
    let (one, two) = (lock_of(1), second_lock(2));
    let (first, second) = (tool(1, 0), second(blocked));
    let files = [
        (LOCK, Some(one.as_str())),
        (TOOL, Some(first.as_str())),
        (SECOND_LOCK, Some(two.as_str())),
        (SECOND, Some(second.as_str())),
        ("README.md", Some("# New\n")),
        ("elements/plain.bst", Some("kind: import\n")),
    ];
    change(fake, "bundle", TRACKER_BOT, &files)
}

impl Stage {
    /// Ann approves the head as it is.
    pub fn approve_now(&self, number: u64) {
        self.review(number, "ann", "APPROVED");
    }
}
