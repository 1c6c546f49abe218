//! A repository and the bot that works on it: inside this process, or as a program over HTTP.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use cargo2_bot::github::settings::Settings;
use serde_json::Value;

use crate::fake_github::{Fake, Handle};
use crate::scenarios::{Event, Scenario};
use crate::support;
use crate::world::{World, index, releases, run_as};

/// How the bot is run.
#[derive(Clone, Debug)]
pub enum Driver {
    /// Inside this process, over a function in place of a socket, and without waiting.
    Inside,
    /// As a program of any age, over HTTP.
    Program(PathBuf),
}

/// What the workflow gives the bot.
#[derive(Clone, Copy, Debug)]
pub struct Bot {
    /// A token of the fake GitHub.
    pub token: &'static str,
    pub draft: bool,
}

/// What a run said.
#[derive(Debug, Default)]
pub struct Said {
    /// The rules of its findings.
    pub rules: BTreeSet<String>,
    /// Whether the program panicked.
    pub panicked: bool,
}

pub struct Stage {
    pub world: World,
    pub bot: Bot,
    driver: Driver,
    dir: tempfile::TempDir,
}

impl Deref for Stage {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.world.fake
    }
}

impl Stage {
    /// The scenario's repository, and the event that starts the bot.
    pub fn of(scenario: &Scenario, driver: &Driver) -> (Self, Event) {
        let fake = match driver {
            Driver::Inside => Fake::in_memory(),
            Driver::Program(_) => Fake::new(),
        };
        let (world, dir) = (World::on(fake, scenario.rules), tempfile::tempdir().unwrap());
        let stage = Self { world, bot: scenario.bot, driver: driver.clone(), dir };
        let event = (scenario.prepare)(&stage);
        stage.clear_log();
        (stage, event)
    }

    /// One run of the bot. How it ends is not the question.
    pub fn run(&self, event: &Event) -> Said {
        let mut panicked = false;
        let json = match &self.driver {
            Driver::Inside => {
                let settings = Settings { draft: self.bot.draft, ..Settings::default() };
                let outcome = run_as(&self.world.fake, self.bot.token, settings, event.0, event.1.clone());
                outcome.map(|outcome| outcome.json()).unwrap_or_default()
            }
            Driver::Program(program) => {
                let ended = self.run_program(program, event);
                panicked = ended.stderr.contains("panicked");
                serde_json::from_str(&ended.stdout).unwrap_or_default()
            }
        };
        let mut said = Said { panicked, ..Said::default() };
        rules(&json, &mut said.rules);
        said
    }

    fn run_program(&self, program: &Path, event: &Event) -> support::Run {
        let path = |name: &str| self.dir.path().join(name);
        std::fs::write(path("event.json"), &event.1).unwrap();
        let workspace = path("workspace");
        std::fs::create_dir_all(&workspace).unwrap();
        let mut command = std::process::Command::new(program);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", "/nonexistent");
        let output = command
            .current_dir(&workspace)
            .args(["run", "--cache", "none", "--format", "json"])
            .args(self.bot.draft.then_some("--draft=true"))
            .args(["--alias", &format!("up={}", releases().url)])
            .env("GITHUB_EVENT_NAME", event.0)
            .env("GITHUB_EVENT_PATH", path("event.json"))
            .env("GITHUB_REPOSITORY", "owner/name")
            .env("GITHUB_API_URL", self.api_url())
            .env("GITHUB_GRAPHQL_URL", self.graphql_url())
            .env("GITHUB_SERVER_URL", "https://github.com")
            .env("GITHUB_OUTPUT", path("output"))
            .env("GITHUB_STEP_SUMMARY", path("summary"))
            .env("GITHUB_TOKEN", self.bot.token)
            .env("CARGO2_BOT_INDEX", index())
            .envs(support::LISTS_ALONE)
            .output()
            .unwrap();
        support::ended(&output)
    }
}

/// The rules of all findings in a document.
fn rules(json: &Value, into: &mut BTreeSet<String>) {
    match json {
        Value::Object(fields) => {
            into.extend(fields.get("rule").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| rules(value, into));
        }
        Value::Array(values) => values.iter().for_each(|value| rules(value, into)),
        _ => {}
    }
}
