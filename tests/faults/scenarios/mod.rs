//! What a run has to do: each scenario sets a repository up and names the event that starts the bot.

mod base;
mod people;
mod pulls;
mod queue;
mod tracking;

use std::path::Path;

use git2::FileMode;
use serde_json::Value;

use crate::fake_github::{Handle, Pushed};
use crate::stage::{Bot, Stage};
use crate::support::{block, lock};
use crate::world::{LOCK, Rules, TOOL, crates, lock_of, payload_of_all, payload_of_pull, tool};

/// The event's name and its payload.
pub type Event = (&'static str, String);

pub struct Scenario {
    pub name: &'static str,
    pub rules: Rules,
    pub bot: Bot,
    pub prepare: fn(&Stage) -> Event,
    /// Whether the command that was given is carried out.
    pub done: Option<fn(&Handle) -> bool>,
}

impl Scenario {
    /// One with an App of the bot's own.
    const fn app(name: &'static str, prepare: fn(&Stage) -> Event) -> Self {
        Self { name, rules: Rules::PLAIN, bot: Bot { token: "app", draft: false }, prepare, done: None }
    }

    /// One with the workflow's own token.
    const fn workflow(name: &'static str, prepare: fn(&Stage) -> Event) -> Self {
        let rules = Rules { app: false, ..Rules::PLAIN };
        Self { rules, bot: Bot { token: "workflow", draft: false }, ..Self::app(name, prepare) }
    }

    /// The bot's account.
    pub fn account(&self) -> &'static str {
        match self.bot.token {
            "workflow" => "github-actions[bot]",
            "pat" => "owner",
            _ => "cargo2[bot]",
        }
    }
}

/// All scenarios.
pub fn all() -> Vec<&'static Scenario> {
    [pulls::ALL, base::ALL, queue::ALL, people::ALL, tracking::ALL].into_iter().flatten().collect()
}

const TRACKER_BOT: &str = "tracker[bot]";

/// A second Rust element, with a lock of its own.
const SECOND: &str = "elements/second.bst";
const SECOND_LOCK: &str = "files/second/Cargo.lock";

fn second(state: u8) -> String {
    format!(
        "kind: make\n\nsources:\n- kind: local\n  path: files/second\n- kind: cargo2\n  url: crates:crates\n  ref:\n{}",
        block(&crates(state), 2)
    )
}

/// The lock of the second element: its root has a name of its own.
fn second_lock(state: u8) -> String {
    lock(&crates(state)).replace("\"root\"", "\"second\"")
}

/// Puts the second element on the base branch.
fn with_second(fake: &Handle) {
    fake.commit("main", &[(SECOND, Some(&second(0))), (SECOND_LOCK, Some(&second_lock(0)))], "owner");
}

/// Pushes a state of the lock and of the block to a branch, and opens its pull request.
fn pull(fake: &Handle, owner: &str, locked: u8, blocked: u8, who: &str) -> u64 {
    push(fake, owner, locked, blocked, who);
    let owner = if owner.is_empty() { "owner" } else { owner };
    fake.try_open(owner, BRANCH, "main", who).unwrap()
}

const BRANCH: &str = "auto/track-tool";

/// Pushes a state of the lock and of the block to the tracker's branch.
fn push(fake: &Handle, owner: &str, locked: u8, blocked: u8, who: &str) {
    let (lock, block) = (lock_of(locked), tool(blocked, 0));
    let files = [(LOCK, Some(lock.as_str())), (TOOL, Some(block.as_str()))];
    fake.push(&Pushed { owner, branch: BRANCH, files: &files, author: who, pusher: who, ..Pushed::default() }).unwrap();
}

/// Opens a pull request with these files.
fn change(fake: &Handle, branch: &str, who: &str, files: &[(&str, Option<&str>)]) -> u64 {
    fake.push(&Pushed { branch, files, author: who, pusher: who, ..Pushed::default() }).unwrap();
    fake.try_open("owner", branch, "main", who).unwrap()
}

/// Commits files with their modes, past all rules.
fn commit_modes(fake: &Handle, branch: &str, who: &str, files: &[(&str, &str, FileMode)]) {
    fake.inspect_mut(|state| {
        let owner = state.owner.clone();
        let tip = state.tip(&owner, branch).or_else(|| state.tip(&owner, "main")).unwrap();
        let tree = {
            let base = state.commit_of(&tip).unwrap().tree().unwrap();
            let blob = |text: &str, mode: FileMode| Some((state.git.blob(text.as_bytes()).unwrap(), mode));
            let changes: Vec<_> =
                files.iter().map(|(path, text, mode)| ((*path).to_owned(), blob(text, *mode))).collect();
            state.tree_with(Some(&base), &changes).unwrap()
        };
        let sha = state.write_commit(tree, &[tip], who, who, "change");
        state.set_branch(who, &owner, branch, Some(&sha));
    });
}

/// The rules ask for the check whoever reports it: a person's token cannot report as an App.
fn by_anybody(fake: &Handle) {
    fake.inspect_mut(|state| {
        let checks =
            state.rules.values_mut().flatten().filter_map(|rule| {
                rule.pointer_mut("/parameters/required_status_checks").and_then(Value::as_array_mut)
            });
        checks.flatten().filter_map(Value::as_object_mut).for_each(|check| drop(check.remove("integration_id")));
    });
}

fn everything() -> Event {
    ("workflow_run", payload_of_all())
}

fn of_pull(number: u64) -> Event {
    ("pull_request_target", payload_of_pull(number))
}

/// Whether the blocks that merging a commit changes, or whose locks it changes, are what their locks ask for. A commit that
/// conflicts has its own.
pub fn right(fake: &Handle, sha: &str) -> bool {
    fake.inspect(|state| {
        let of_pull = state.pulls.values().find(|pull| pull.open && pull.head_sha == sha).map(|pull| &*pull.base_ref);
        let tip = state.tip(&state.owner, of_pull.unwrap_or("main")).unwrap_or_default();
        let Some(tree) = state.merged_tree(&tip, sha).or_else(|| state.tree_of(sha)) else { return false };
        let changed = state.entries(state.tree_of(&tip).unwrap(), tree);
        let tree = state.git.find_tree(tree).unwrap();
        let text = |path: &str| {
            let blob = state.git.find_blob(tree.get_path(Path::new(path)).ok()?.id()).ok()?;
            Some(String::from_utf8_lossy(blob.content()).into_owned())
        };
        let fits = |element: &str, lock: &str, fits: &dyn Fn(u8) -> (String, String)| {
            let touched = changed.contains_key(element) || changed.contains_key(lock);
            let found = (text(element).unwrap_or_default(), text(lock).unwrap_or_default());
            !touched || (0..4).any(|state| found == fits(state))
        };
        fits(TOOL, LOCK, &|state| (tool(state, 0), lock_of(state)))
            && fits(SECOND, SECOND_LOCK, &|state| (second(state), second_lock(state)))
    })
}
