//! What a run must not say or do at any moment, however its requests fail.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use crate::fake_github::{Handle, Seen};
use crate::safety::{Danger, dangers};
use crate::scenarios::{Event, Scenario, right};
use crate::stage::{Said, Stage};
use crate::world::HOLD;

const BLOCK: &str = "cargo2 block";

/// What a success says where nothing is a Rust element. Statuses say it in their description.
const HARMLESS: &str = "no Rust element";

/// The rules whose findings say that something could not be read: a run with failures may report them, and no others that an
/// undisturbed one does not report.
const UNREAD: &[&str] = &["element-unreadable", "workflow-unreadable", "lock-unavailable"];

/// A success that is written: the name of the check, its commit, its title.
struct Success {
    name: String,
    sha: String,
    title: String,
}

fn success(fake: &Handle, seen: &Seen) -> Option<Success> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let body = &seen.body;
    let (place, last) = seen.path.rsplit_once('/')?;
    if body["conclusion"] == "success" {
        let of_run =
            |id: u64| fake.inspect(|state| state.checks.get(&id).map(|run| (run.sha.clone(), run.name.clone())));
        let (sha, name) = match last.parse::<u64>() {
            Ok(id) => of_run(id)?,
            Err(_) => (text(&body["head_sha"]), text(&body["name"])),
        };
        return Some(Success { name, sha, title: text(&body["output"]["title"]) });
    }
    (body["state"] == "success" && place.ends_with("/statuses")).then(|| Success {
        name: text(&body["context"]),
        sha: last.to_owned(),
        title: text(&body["description"]),
    })
}

/// Runs the bot and notes each thing that was not true when it was written.
pub fn watched(scenario: &Scenario, stage: &Stage, event: &Event) -> (Vec<String>, Said) {
    let lies: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let rules = stage.world.rules;
    let bot = scenario.account();
    let look = move |fake: &Handle| fake.inspect(|state| dangers(state, rules.guarded(), bot));
    let (seen_by, done) = (lies.clone(), scenario.done);
    stage.watch(move |fake, seen| {
        if seen.method == "GET" || (seen.operation.is_some() && !is_mutation(seen)) {
            return;
        }
        let mut lies = seen_by.lock().unwrap();
        match success(fake, seen) {
            Some(Success { name, sha, title }) if name == BLOCK && title != HARMLESS && !right(fake, &sha) => {
                lies.insert("a block is called right that is not".into());
            }
            Some(Success { name, .. }) if name == HOLD => lies.extend(look(fake).iter().map(described)),
            _ => {}
        }
        if seen.path.ends_with("/reactions") && seen.body["content"] == "+1" && done.is_some_and(|done| !done(fake)) {
            lies.insert("the command is answered before it is carried out".into());
        }
    });
    let said = stage.run(event);
    stage.calm();
    let mut lies = std::mem::take(&mut *lies.lock().unwrap());
    if said.panicked {
        lies.insert("the program panicked".into());
    }
    lies.extend(stale(stage));
    lies.extend(commits(stage, bot));
    (lies.into_iter().collect(), said)
}

/// What an automation could merge that nobody approved.
pub fn dangerous(scenario: &Scenario, stage: &Stage) -> BTreeSet<String> {
    let (guarded, bot) = (stage.world.rules.guarded(), scenario.account());
    stage.inspect(|state| dangers(state, guarded, bot)).iter().map(described).collect()
}

fn described(danger: &Danger) -> String {
    let Danger { why, way, branch, paths, .. } = danger;
    format!("merges: {why:?} {way:?} {branch} {paths:?}")
}

/// What a disturbed run reports, and no undisturbed one of any scenario, says that something was not read. Where the base cannot
/// be read, what was known before is reported as well.
pub fn invented(disturbed: &Said, calm: &BTreeSet<String>) -> Vec<String> {
    let new = disturbed.rules.difference(calm).filter(|rule| !UNREAD.contains(&rule.as_str()));
    new.map(|rule| format!("it reports `{rule}`")).collect()
}

fn is_mutation(seen: &Seen) -> bool {
    seen.body["query"].as_str().is_some_and(|query| query.trim_start().starts_with("mutation"))
}

/// Checks at heads that contradict themselves.
fn stale(fake: &Handle) -> BTreeSet<String> {
    let mut lies = BTreeSet::new();
    for sha in fake.pulls().into_iter().map(|pull| pull.head_sha) {
        let runs: Vec<_> = fake.checks(&sha).into_iter().filter(|run| run.name == HOLD).collect();
        let passes = |conclusion: &Option<String>| conclusion.as_deref() == Some("success");
        let last = runs.iter().max_by_key(|run| run.id);
        if last.is_some_and(|last| !passes(&last.conclusion)) && runs.iter().any(|run| passes(&run.conclusion)) {
            lies.insert("an older run still says success".into());
        }
    }
    lies
}

/// The bot's own commits: none names an element that it does not change, and none changes a file's mode.
fn commits(fake: &Handle, bot: &str) -> BTreeSet<String> {
    let main = fake.head("main").unwrap_or_default();
    let mut lies = BTreeSet::new();
    for branch in fake.branches().into_iter().filter(|name| !name.starts_with("gh-readonly-queue/")) {
        let Some(tip) = fake.head(&branch) else { continue };
        fake.inspect(|state| {
            for sha in state.commits_between(&main, &tip) {
                let commit = state.commit_of(&sha).unwrap();
                let by = commit.author().name().unwrap_or_default().to_owned();
                let Some(parent) = commit.parents().next_back().filter(|_| by == bot) else { continue };
                let changed = state.entries(parent.tree_id(), commit.tree_id());
                for (path, entries) in &changed {
                    let mode = |entry: &Option<String>| entry.as_deref().map(|entry| entry[..6].to_owned());
                    if let (Some(old), Some(new)) = (mode(&entries.0), mode(&entries.1))
                        && old != new
                    {
                        lies.insert(format!("a commit of the bot changes the mode of {path}"));
                    }
                }
                let message = commit.message().unwrap_or_default().to_owned();
                for word in message.split(|c: char| !(c.is_ascii_alphanumeric() || "-_./".contains(c))) {
                    let word = word.trim_matches('.');
                    if word.ends_with(".bst") && !changed.keys().any(|path| path.ends_with(word)) {
                        lies.insert(format!("a commit names {word}, which it does not change"));
                    }
                }
            }
        });
    }
    lies
}
