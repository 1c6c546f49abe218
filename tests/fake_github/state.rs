//! What the repository holds.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use git2::Repository;
use serde_json::Value;

use super::known::{Known, in_memory, on_disk};
pub use super::things::{
    Activity, CheckRun, Comment, Entries, Happening, Issue, Label, Protection, Pull, Queued, Reaction, Review, Status,
    View,
};
use super::token::Token;

pub(crate) struct State {
    pub git: Repository,
    /// What was found in it, and where its refs are.
    pub known: Known,
    pub owner: String,
    pub name: String,
    pub default_branch: String,
    pub tokens: BTreeMap<String, Token>,
    /// Login → `admin`, `maintain`, `write`, `triage`, `read`, `none`.
    pub permissions: BTreeMap<String, String>,
    pub users: BTreeSet<String>,
    /// Those who may push, or could once.
    pub could_push: BTreeSet<String>,
    pub teams: BTreeSet<String>,
    pub pulls: BTreeMap<u64, Pull>,
    pub issues: BTreeMap<u64, Issue>,
    pub comments: BTreeMap<u64, Comment>,
    pub reviews: Vec<Review>,
    pub checks: BTreeMap<u64, CheckRun>,
    pub statuses: Vec<Status>,
    pub reactions: Vec<Reaction>,
    pub labels: BTreeMap<String, Label>,
    pub rules: BTreeMap<String, Vec<Value>>,
    /// Accounts that no rule binds.
    pub bypass: BTreeSet<String>,
    /// The entries of each merge queue, by its branch, the first one first.
    pub queues: BTreeMap<String, Vec<Queued>>,
    pub activity: Vec<Activity>,
    pub timeline: Vec<Happening>,
    /// Pull requests whose list of files is still that of an older head.
    pub old_files: BTreeMap<u64, String>,
    /// Whether the activity of forks can be read.
    pub fork_activity: bool,
    /// Whether the repository was removed: it can be made again.
    pub removed: bool,
    /// The snapshots of dependencies, one for each correlator.
    pub snapshots: Vec<Value>,
    /// The setting that deletes the branch of a merged pull request.
    pub delete_merged: bool,
    pub protections: BTreeMap<String, Protection>,
    /// Commits that GitHub signed.
    pub signed: HashSet<String>,
    /// The setting that lets workflows open pull requests.
    pub workflows_open_pulls: bool,
    /// At most so many entries a page, whatever was asked for.
    pub page: usize,
    /// Requests that are left before the primary limit.
    pub remaining: u64,
    /// Requests that no route knows.
    pub unknown: Vec<String>,
    /// How many entries of the log the test has put aside.
    pub cleared: usize,
    next: u64,
    now: u64,
}

impl State {
    /// A repository in this folder, or without one in memory.
    pub fn new(folder: Option<&Path>, owner: &str, name: &str) -> Self {
        let tokens =
            [("workflow", Token::workflow()), ("app", Token::app("cargo2", 4242)), ("pat", Token::user(owner))];
        Self {
            git: folder.map_or_else(in_memory, on_disk),
            known: if folder.is_none() { Known::in_memory() } else { Known::default() },
            owner: owner.into(),
            name: name.into(),
            default_branch: "main".into(),
            tokens: tokens.into_iter().map(|(text, token)| (text.to_owned(), token)).collect(),
            permissions: BTreeMap::new(),
            users: BTreeSet::new(),
            could_push: BTreeSet::new(),
            teams: BTreeSet::new(),
            pulls: BTreeMap::new(),
            issues: BTreeMap::new(),
            comments: BTreeMap::new(),
            reviews: Vec::new(),
            checks: BTreeMap::new(),
            statuses: Vec::new(),
            reactions: Vec::new(),
            labels: BTreeMap::new(),
            rules: BTreeMap::new(),
            bypass: BTreeSet::new(),
            queues: BTreeMap::new(),
            activity: Vec::new(),
            timeline: Vec::new(),
            old_files: BTreeMap::new(),
            fork_activity: false,
            delete_merged: false,
            protections: BTreeMap::new(),
            signed: HashSet::new(),
            workflows_open_pulls: true,
            page: 100,
            remaining: 5000,
            removed: false,
            snapshots: Vec::new(),
            unknown: Vec::new(),
            cleared: 0,
            // Real ids no longer fit 32 bits.
            next: 5_000_000_000,
            now: 1_790_000_000,
        }
    }

    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// A new id, larger than all before.
    pub fn id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// The time, in seconds: each call is a second later, so that nothing depends on the real clock.
    pub fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }

    /// The time now, without moving it.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Adds an item to a timeline.
    pub fn happened(&mut self, pull: u64, kind: &'static str, actor: &str, fields: Value) {
        let (id, at) = (self.id(), self.tick());
        self.timeline.push(Happening { id, pull, kind, actor: actor.into(), at, fields });
    }

    /// The id of an app.
    pub fn app_id(&self, slug: &str) -> u64 {
        let known = self.tokens.values().find(|token| token.app == slug).map(|token| token.app_id);
        known.unwrap_or_else(|| super::bodies::user_id(slug))
    }

    /// Issues and pull requests share their numbers.
    pub fn next_number(&self) -> u64 {
        self.pulls.keys().chain(self.issues.keys()).max().map_or(1, |last| last + 1)
    }

    pub fn may_push(&self, login: &str) -> bool {
        matches!(self.permission(login), "admin" | "maintain" | "write")
    }

    pub fn permission(&self, login: &str) -> &str {
        self.permissions.get(login).map_or("none", String::as_str)
    }

    pub fn knows(&self, login: &str) -> bool {
        self.users.contains(login) || self.permissions.contains_key(login)
    }

    /// The newest status of each context at a commit, oldest context first.
    pub fn latest_statuses(&self, sha: &str) -> Vec<&Status> {
        let mut latest: Vec<&Status> = Vec::new();
        for status in self.statuses.iter().filter(|s| s.sha == sha) {
            match latest.iter_mut().find(|s| s.context == status.context) {
                Some(older) => *older = status,
                None => latest.push(status),
            }
        }
        latest
    }

    /// The check runs at a commit, oldest first.
    pub fn checks_at(&self, sha: &str) -> Vec<&CheckRun> {
        self.checks.values().filter(|run| run.sha == sha).collect()
    }
}
