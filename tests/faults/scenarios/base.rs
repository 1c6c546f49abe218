//! The base branch and the bot's own pull requests.

use git2::FileMode;

use super::{
    Event, LOCK, SECOND, SECOND_LOCK, Scenario, TOOL, TRACKER_BOT, commit_modes, everything, lock_of, pull, second,
    second_lock, tool, with_second,
};
use crate::fake_github::Pushed;
use crate::stage::Stage;
use crate::world::{TRACKER, tracker};

pub const ALL: &[Scenario] = &[
    Scenario::app("drift of the base is opened", drifted),
    Scenario::workflow("drift of the base is opened by the workflow", drifted),
    Scenario::app("drift of two elements is opened twice", |stage| {
        with_second(stage);
        stage.commit("main", &[(LOCK, Some(&lock_of(2))), (SECOND_LOCK, Some(&second_lock(1)))], "owner");
        everything()
    }),
    Scenario::app("drift of the base is opened beside a held one", |stage| {
        stage.commit("main", &[(LOCK, Some(&lock_of(2)))], "owner");
        pull(stage, "", 1, 1, TRACKER_BOT);
        everything()
    }),
    Scenario::app("drift of the base is refreshed", |stage| {
        opened(stage);
        stage.commit("main", &[(LOCK, Some(&lock_of(3)))], "owner");
        everything()
    }),
    Scenario::app("the base is right again and the pull request goes", |stage| {
        opened(stage);
        stage.commit("main", &[(TOOL, Some(&tool(2, 0)))], "owner");
        everything()
    }),
    Scenario::app("the same drift comes back after the pull request went", |stage| {
        opened(stage);
        stage.commit("main", &[(TOOL, Some(&tool(2, 0)))], "owner");
        stage.run(&everything());
        stage.commit("main", &[(TOOL, Some(&tool(0, 0)))], "owner");
        everything()
    }),
    Scenario::app("a person closed the pull request", |stage| {
        opened(stage);
        let number = stage.pulls()[0].number;
        stage.close(number);
        everything()
    }),
    Scenario::app("a person closed the pull request and deleted its branch", |stage| {
        opened(stage);
        let pull = stage.pulls().remove(0);
        stage.close(pull.number);
        stage.delete_branch(&pull.head_ref);
        everything()
    }),
    Scenario::app("a person pushed to the bot's branch", |stage| {
        opened(stage);
        let branch = stage.pulls()[0].head_ref.clone();
        let files = [("README.md", Some("# Mine\n"))];
        let pushed = Pushed { branch: &branch, files: &files, author: "bob", pusher: "bob", ..Pushed::default() };
        stage.push(&pushed).unwrap();
        stage.commit("main", &[(LOCK, Some(&lock_of(3)))], "owner");
        everything()
    }),
    Scenario::app("the opened pull request rests", |stage| {
        opened(stage);
        everything()
    }),
    Scenario::app("a base that is right rests", |_| everything()),
    Scenario::app("an executable element of the base is fixed and stays one", |stage| {
        let files = [(TOOL, &*tool(0, 0), FileMode::BlobExecutable), (LOCK, &*lock_of(2), FileMode::Blob)];
        commit_modes(stage, "main", "owner", &files);
        everything()
    }),
    Scenario::app("a matrix that lets Rust merge is fixed", |stage| {
        stage.commit("main", &[(TRACKER, Some(&tracker("auto-merge")))], "owner");
        everything()
    }),
    Scenario::app("a matrix and a block are fixed", |stage| {
        stage.commit("main", &[(TRACKER, Some(&tracker("auto-merge"))), (LOCK, Some(&lock_of(2)))], "owner");
        everything()
    }),
    Scenario::workflow("a matrix is reported where workflows cannot be written", |stage| {
        stage.commit("main", &[(TRACKER, Some(&tracker("auto-merge")))], "owner");
        everything()
    }),
    Scenario::app("a tracker that cannot be read is reported", |stage| {
        stage.commit("main", &[(TRACKER, Some("on: [\n"))], "owner");
        pull(stage, "", 1, 1, TRACKER_BOT);
        everything()
    }),
    Scenario::app("an element of the base cannot be read", |stage| {
        with_second(stage);
        let files = [(SECOND, Some("kind: make\nsources:\n- kind: [\n")), (LOCK, Some(&*lock_of(2)))];
        stage.commit("main", &files, "owner");
        everything()
    }),
    Scenario::app("a second element is right and its pull request goes", |stage| {
        with_second(stage);
        stage.commit("main", &[(LOCK, Some(&lock_of(2))), (SECOND_LOCK, Some(&second_lock(1)))], "owner");
        stage.run(&everything());
        stage.commit("main", &[(SECOND, Some(&second(1)))], "owner");
        everything()
    }),
];

fn drifted(stage: &Stage) -> Event {
    stage.commit("main", &[(LOCK, Some(&lock_of(2)))], "owner");
    everything()
}

/// The bot has a pull request for the drift of the base.
fn opened(stage: &Stage) {
    let event = drifted(stage);
    stage.run(&event);
    assert!(!stage.pulls().is_empty(), "nothing was opened");
}
