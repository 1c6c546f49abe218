//! A project takes the bot in: from a clone without it to the first pull request that is held. Prints each step, the files and settings
//! that it takes, and its seconds.
#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "a test reads the clone, and shows its steps")]

use super::fake_github::Fake;
use super::support::{self, Run};
use super::world::{OLD, TRACKER, World, tracker};
use cargo2_bot::config::CONFIG;
use cargo2_bot::github::settings::RELAY;
use std::time::Instant;

const WORKFLOW: &str = ".github/workflows/cargo2-bot.yml";

/// The steps so far, with their seconds.
struct Steps {
    began: Instant,
    lines: Vec<String>,
}

impl Steps {
    fn done(&mut self, what: &str) {
        self.lines.push(format!("{}. {what}: {:.1} s", self.lines.len() + 1, self.began.elapsed().as_secs_f64()));
        self.began = Instant::now();
    }
}

/// Runs the program in the clone, as the maintainer.
fn at(world: &World, args: &[&str]) -> Run {
    let run = support::ended(&support::program().current_dir(world.workspace()).args(args).output().unwrap());
    assert_eq!(run.code, Some(0), "{args:?}: {run:?}");
    run
}

/// The settings of a text: its lines that are neither empty nor comments.
fn settings(text: &str) -> usize {
    text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')).count()
}

/// Commits files of the clone to the default branch, as a merged pull request of the maintainer does.
fn committed(world: &World, fake: &Fake, paths: &[&str]) {
    let read = |path: &&str| std::fs::read_to_string(world.workspace().join(path)).unwrap();
    let texts: Vec<String> = paths.iter().map(read).collect();
    let files: Vec<(&str, Option<&str>)> =
        paths.iter().zip(&texts).map(|(path, text)| (*path, Some(text.as_str()))).collect();
    fake.commit("main", &files, "owner");
}

#[test]
fn from_a_clone_to_the_first_held_pull_request_in_three_steps_and_three_files() {
    let world = World::new();
    let named = tracker("manual-merge").replace("name: Track\n", "name: Track BuildStream Sources\n");
    world.fake.commit("main", &[(TRACKER, Some(&named))], "owner");
    world.check_out();
    let config = world.workspace().join(".git/config");
    let text = std::fs::read_to_string(&config).unwrap();
    let url = text.lines().find(|line| line.trim().starts_with("url = ")).unwrap();
    std::fs::write(&config, text.replace(url, "\turl = https://github.com/owner/name.git")).unwrap();
    let mut steps = Steps { began: Instant::now(), lines: Vec::new() };

    let shown = at(&world, &["init", "--dry-run"]).stdout;
    assert!(shown.contains("+mode: report") && !world.workspace().join(WORKFLOW).exists(), "{shown}");
    let written = at(&world, &["init"]).stdout;
    assert!(
        written.contains("named `Track BuildStream Sources`") && written.contains("repository `owner/name`"),
        "{written}"
    );
    let by_hand = written.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).count();
    assert_eq!(by_hand, 3, "{written}");
    steps.done("`cargo2-bot init --dry-run`, then `cargo2-bot init`, and `doctor`");
    let looked = at(&world, &["doctor"]).stdout;
    assert!(!looked.contains("wrong "), "{looked}");

    let files = [CONFIG, WORKFLOW, RELAY];
    committed(&world, &world.fake, &files);
    let number = world.bump(OLD);
    let event = r#"{"repository":{"default_branch":"main"}}"#;
    let first = world.run("schedule", event, &[]);
    assert_eq!((first.run.code, first.writes.len()), (Some(0), 0), "{:?}", first.run);
    assert!(first.summary.starts_with("**Report mode: nothing was written.**"), "{}", first.summary);
    assert!(first.summary.contains("comment on"), "{}", first.summary);
    steps.done("the files are committed, and a first run shows what would be");

    let config = world.workspace().join(CONFIG);
    let text = std::fs::read_to_string(&config).unwrap().replace("mode: report", "mode: enforce");
    std::fs::write(&config, &text).unwrap();
    committed(&world, &world.fake, &[CONFIG]);
    let held = world.run("schedule", event, &[]);
    assert_eq!(held.output("held"), format!("[{number}]"), "{:?}", held.run);
    let check = ("cargo2 manual merge".to_owned(), Some("action_required".to_owned()));
    assert!(world.checks(&world.head(number)).contains(&check));
    assert_eq!(world.fake.comments(number).len(), 1);
    steps.done("`mode: enforce` is committed, and the tracker's pull request is regenerated, explained and held");

    steps.lines.iter().for_each(|line| eprintln!("{line}"));
    eprintln!(
        "{} files, written by the program; settings in the configuration: {}; edited by hand: 1 word",
        files.len(),
        settings(&text)
    );
    assert!(settings(&text) <= 3, "{text}");
}
