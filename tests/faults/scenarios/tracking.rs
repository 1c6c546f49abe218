//! Rust elements that the bot tracks itself.

use super::{Scenario, change, everything};
use crate::fake_github::Pushed;
use crate::stage::Stage;
use crate::world::{TRACKED as ELEMENT, conf, tracked as element};

const CONFIG: &str = ".github/cargo2-bot.yml";

pub const ALL: &[Scenario] = &[
    Scenario::app("a new version is tracked", |stage| {
        tracked(stage);
        everything()
    }),
    Scenario::workflow("a new version is tracked by the workflow", |stage| {
        tracked(stage);
        everything()
    }),
    Scenario::app("a tracked version is followed by the next", |stage| {
        opened(stage);
        stage.commit("main", &[(ELEMENT, Some(&element(0, true)))], "owner");
        everything()
    }),
    Scenario::app("a tracked version arrived otherwise", |stage| {
        opened(stage);
        stage.commit("main", &[(ELEMENT, Some(&element(1, false)))], "owner");
        everything()
    }),
    Scenario::app("a tracked version was declined", |stage| {
        opened(stage);
        let number = stage.pulls()[0].number;
        stage.close(number);
        everything()
    }),
    Scenario::app("a tracked version is moved by the tracker", |stage| {
        tracked(stage);
        change(stage, "auto/track-bundle", "tracker[bot]", &[(ELEMENT, Some(&element(1, false)))]);
        everything()
    }),
    Scenario::app("a person pushed to the branch of tracked versions", |stage| {
        opened(stage);
        let branch = stage.pulls()[0].head_ref.clone();
        let files = [("README.md", Some("# Mine\n"))];
        let pushed = Pushed { branch: &branch, files: &files, author: "bob", pusher: "bob", ..Pushed::default() };
        stage.push(&pushed).unwrap();
        stage.commit("main", &[(ELEMENT, Some(&element(0, true)))], "owner");
        everything()
    }),
    Scenario::app("tracking was switched off", |stage| {
        opened(stage);
        stage.commit("main", &[(CONFIG, Some(""))], "owner");
        everything()
    }),
];

/// Puts the element on the base branch, and has the bot track it.
fn tracked(stage: &Stage) {
    let files =
        [("project.conf", Some(&*conf())), (ELEMENT, Some(&*element(0, false))), (CONFIG, Some("track: true\n"))];
    stage.commit("main", &files, "owner");
}

/// The bot has a pull request for the second release.
fn opened(stage: &Stage) {
    tracked(stage);
    stage.run(&everything());
    assert!(!stage.pulls().is_empty(), "nothing was opened");
}
