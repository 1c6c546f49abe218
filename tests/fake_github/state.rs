//! What the repository holds.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use git2::{Repository, RepositoryInitOptions};
use serde_json::Value;

use super::token::Token;

/// A pull request.
#[derive(Clone, Debug)]
pub struct Pull {
    pub number: u64,
    pub title: String,
    pub body: String,
    /// The login as REST shows it.
    pub author: String,
    pub open: bool,
    pub merged: bool,
    pub draft: bool,
    /// The owner of the head's repository: another one than the repository's for a fork. None: the fork is gone.
    pub head_owner: Option<String>,
    pub head_ref: String,
    pub head_sha: String,
    pub base_ref: String,
    /// The base branch when the head last moved, as GitHub keeps it.
    pub base_sha: String,
    pub auto_merge: bool,
    pub queued: bool,
    /// The commit that merging it made on the base branch.
    pub merge_commit: Option<String>,
    pub labels: Vec<String>,
    pub asked_users: Vec<String>,
    pub asked_teams: Vec<String>,
    pub created: u64,
    pub updated: u64,
}

/// A comment of an issue or pull request.
#[derive(Clone, Debug)]
pub struct Comment {
    pub id: u64,
    pub issue: u64,
    pub author: String,
    pub body: String,
    pub created: u64,
    pub updated: u64,
    /// Who changed its text last, if anybody did. REST does not show it.
    pub editor: Option<String>,
    /// The change of the pull request when it was written: what its author had before him.
    pub seen: View,
}

/// What somebody had before him who looked at a pull request: no answer of the API holds it; it is for those who judge
/// the bot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The base branch.
    pub base: String,
    /// The commit.
    pub commit: String,
    /// The paths that the commit changes since the merge base, with mode and blob before and after.
    pub entries: Entries,
}

/// Paths with their mode and blob before and after.
pub type Entries = BTreeMap<String, (Option<String>, Option<String>)>;

/// A move of a branch, as `GET activity` lists it.
#[derive(Clone, Debug)]
pub struct Activity {
    pub id: u64,
    /// The owner of the repository or fork.
    pub owner: String,
    pub branch: String,
    /// Forty zeros where the branch was not there.
    pub before: String,
    /// Forty zeros where it is gone.
    pub after: String,
    pub actor: String,
    /// `push`, `force_push`, `branch_creation`, `branch_deletion`, `pr_merge`, `merge_queue_merge`.
    pub kind: &'static str,
    pub at: u64,
}

/// An item of a pull request's timeline.
#[derive(Clone, Debug)]
pub struct Happening {
    pub id: u64,
    pub pull: u64,
    /// The type's name in GraphQL: `BaseRefChangedEvent`.
    pub kind: &'static str,
    pub actor: String,
    pub at: u64,
    /// Its other fields.
    pub fields: Value,
}

/// A place in a merge queue.
#[derive(Clone, Debug)]
pub struct Queued {
    pub pull: u64,
    pub enqueuer: String,
    pub at: u64,
    /// The head of the pull request that was merged into `head`.
    pub of: String,
    /// The commit that `head` stands on.
    pub base: String,
    /// The commit that would become the branch's.
    pub head: String,
    /// The branch of the group.
    pub branch: String,
}

#[derive(Clone, Debug)]
pub struct Review {
    pub id: u64,
    pub pull: u64,
    pub author: String,
    /// `APPROVED`, `CHANGES_REQUESTED`, `DISMISSED`, `COMMENTED`, `PENDING`.
    pub state: String,
    pub commit: String,
    pub body: String,
    pub submitted: u64,
    /// The change of that commit when it was reviewed.
    pub seen: View,
}

/// A check run.
#[derive(Clone, Debug)]
pub struct CheckRun {
    pub id: u64,
    pub sha: String,
    pub name: String,
    pub app: String,
    pub status: String,
    pub conclusion: Option<String>,
    pub title: Option<String>,
    pub summary: Option<String>,
    pub text: Option<String>,
    pub annotations: Vec<Value>,
    pub external_id: String,
    pub details_url: Option<String>,
    pub started: u64,
    pub completed: Option<u64>,
}

/// A commit status.
#[derive(Clone, Debug)]
pub struct Status {
    pub id: u64,
    pub sha: String,
    pub context: String,
    pub state: String,
    pub description: Option<String>,
    pub target_url: Option<String>,
    pub creator: String,
    pub created: u64,
}

#[derive(Clone, Debug)]
pub struct Reaction {
    pub id: u64,
    pub comment: u64,
    pub user: String,
    pub content: String,
    pub created: u64,
}

#[derive(Clone, Debug)]
pub struct Label {
    pub id: u64,
    pub color: String,
    pub description: Option<String>,
}

/// The classic protection of a branch.
#[derive(Clone, Debug, Default)]
pub struct Protection {
    pub checks: Vec<(String, Option<u64>)>,
    pub reviews: bool,
}

pub(crate) struct State {
    pub git: Repository,
    pub owner: String,
    pub name: String,
    pub default_branch: String,
    pub tokens: BTreeMap<String, Token>,
    /// Login → `admin`, `maintain`, `write`, `triage`, `read`, `none`.
    pub permissions: BTreeMap<String, String>,
    pub users: BTreeSet<String>,
    pub teams: BTreeSet<String>,
    pub pulls: BTreeMap<u64, Pull>,
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
    pub fn new(folder: &Path, owner: &str, name: &str) -> Self {
        let mut options = RepositoryInitOptions::new();
        options.bare(true).external_template(false).initial_head("main");
        let tokens =
            [("workflow", Token::workflow()), ("app", Token::app("cargo2", 4242)), ("pat", Token::user(owner))];
        Self {
            git: Repository::init_opts(folder, &options).unwrap(),
            owner: owner.into(),
            name: name.into(),
            default_branch: "main".into(),
            tokens: tokens.into_iter().map(|(text, token)| (text.to_owned(), token)).collect(),
            permissions: BTreeMap::new(),
            users: BTreeSet::new(),
            teams: BTreeSet::new(),
            pulls: BTreeMap::new(),
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
            delete_merged: false,
            protections: BTreeMap::new(),
            signed: HashSet::new(),
            workflows_open_pulls: true,
            page: 100,
            remaining: 5000,
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
        self.pulls.keys().next_back().map_or(1, |last| last + 1)
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
