//! The tiny world with people in it: what the attacks, the automations and the everyday flows share. Each step names who takes it,
//! and the bot runs as its events would start it.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test uses its part")]

pub mod guarded;
pub mod texts;

use std::ops::Deref;

use git2::{FileMode, Oid};

use crate::fake_github::{CheckRun, Handle, Seen};
use crate::safety::dangers;
use crate::world::{
    HOLD, LOCK, Rules, TOOL, World, lock_of, payload_of_all, payload_of_comment, payload_of_group, payload_of_pull,
    tool,
};

/// The tracker's account and its branch.
pub const TRACKER: &str = "tracker[bot]";
pub const BRANCH: &str = "auto/track-tool";

/// What becomes of a path.
#[derive(Clone, Debug)]
pub enum Put {
    Text(String),
    Bytes(Vec<u8>),
    Executable(Vec<u8>),
    /// A symbolic link to this target.
    Link(String),
    /// The commit of another repository whose id consists of this digit.
    Submodule(u8),
    Gone,
}

pub type Entry = (String, Put);

/// A file with a text.
pub fn text(path: &str, text: impl Into<String>) -> Entry {
    (path.to_owned(), Put::Text(text.into()))
}

pub fn link(path: &str, target: &str) -> Entry {
    (path.to_owned(), Put::Link(target.to_owned()))
}

pub fn gone(path: &str) -> Entry {
    (path.to_owned(), Put::Gone)
}

/// The upstream lock and the block that fits it, in one of four states.
pub fn bumped(state: u8) -> Vec<Entry> {
    vec![text(LOCK, lock_of(state)), text(TOOL, tool(state, 0))]
}

pub struct Scene {
    pub world: World,
}

impl Deref for Scene {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.world.fake
    }
}

impl Scene {
    /// The check is required from the bot's App, and nothing else.
    pub fn new() -> Self {
        Self::with(Rules::PLAIN)
    }

    pub fn with(rules: Rules) -> Self {
        Self { world: World::new(rules) }
    }

    /// The same, with these files on the base branch.
    pub fn on(files: &[Entry]) -> Self {
        let scene = Self::new();
        scene.base("main", files);
        scene
    }

    /// Puts files on a branch, past all rules: what was there before, or what administrators push.
    pub fn base(&self, branch: &str, files: &[Entry]) -> String {
        let sha = self.commit(branch, "owner", files);
        self.inspect_mut(|state| {
            let owner = state.owner.clone();
            state.set_branch("owner", &owner, branch, Some(&sha));
        });
        sha
    }

    /// A commit that is on no branch yet, on top of a branch or of the default branch.
    fn commit(&self, branch: &str, who: &str, files: &[Entry]) -> String {
        self.inspect_mut(|state| {
            let tip = state.tip(&state.owner, branch).or_else(|| state.tip(&state.owner, "main")).unwrap();
            let tree = {
                let base = state.commit_of(&tip).unwrap().tree().unwrap();
                let blob = |bytes: &[u8]| state.git.blob(bytes).unwrap();
                let entry = |put: &Put| match put {
                    Put::Text(text) => Some((blob(text.as_bytes()), FileMode::Blob)),
                    Put::Bytes(bytes) => Some((blob(bytes), FileMode::Blob)),
                    Put::Executable(bytes) => Some((blob(bytes), FileMode::BlobExecutable)),
                    Put::Link(target) => Some((blob(target.as_bytes()), FileMode::Link)),
                    Put::Submodule(digit) => {
                        Some((Oid::from_str(&digit.to_string().repeat(40)).unwrap(), FileMode::Commit))
                    }
                    Put::Gone => None,
                };
                let changes: Vec<_> = files.iter().map(|(path, put)| (path.clone(), entry(put))).collect();
                state.tree_with(Some(&base), &changes).unwrap()
            };
            state.users.insert(who.to_owned());
            state.write_commit(tree, &[tip], who, who, "change")
        })
    }

    /// Pushes a commit as somebody who may.
    pub fn put(&self, who: &str, branch: &str, files: &[Entry]) -> String {
        let sha = self.commit(branch, who, files);
        self.push_sha(who, branch, &sha).unwrap();
        sha
    }

    /// The same, as a commit on the base's tip that takes the branch's place.
    pub fn start_over(&self, who: &str, branch: &str, files: &[Entry]) -> String {
        let sha = self.commit("main", who, files);
        self.push_sha(who, branch, &sha).unwrap();
        sha
    }

    /// Somebody's pull request into the default branch.
    pub fn pull_by(&self, who: &str, branch: &str, files: &[Entry]) -> u64 {
        self.put(who, branch, files);
        self.try_open("owner", branch, "main", who).unwrap()
    }

    /// The tracker's pull request.
    pub fn tracked(&self, files: &[Entry]) -> u64 {
        self.pull_by(TRACKER, BRANCH, files)
    }

    /// The tracker's pull request with a bump of the Rust element.
    pub fn bump(&self) -> u64 {
        self.tracked(&bumped(1))
    }

    /// A pull request from a fork.
    pub fn forked(&self, files: &[(&str, &str)]) -> u64 {
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, Some(*text))).collect();
        self.fork_commit("mallory", "patch", &files, "mallory");
        self.open_fork_pull("mallory", "patch", "main", "mallory", "a patch")
    }

    pub fn sha(&self, number: u64) -> String {
        self.pull(number).head_sha
    }

    /// The bot looks at everything, and at every group of the queue.
    pub fn run(&self) {
        self.world.run("workflow_run", payload_of_all()).unwrap();
        self.groups();
    }

    /// The same, where the run itself may fail.
    pub fn try_run(&self) {
        let _ = self.world.run("workflow_run", payload_of_all());
    }

    /// The bot answers each group of the queue.
    pub fn groups(&self) {
        let groups = self.inspect(|state| {
            let all = state.queues.iter().flat_map(|(branch, all)| all.iter().map(move |entry| (branch, entry)));
            all.map(|(branch, e)| payload_of_group(&e.head, &e.base, branch, &e.branch)).collect::<Vec<_>>()
        });
        groups.into_iter().for_each(|payload| drop(self.world.run("merge_group", payload)));
    }

    /// The bot runs for a pull request alone.
    pub fn run_for(&self, number: u64) {
        self.world.run("pull_request_target", payload_of_pull(number)).unwrap();
    }

    /// Somebody comments, and the bot runs for it.
    pub fn say(&self, number: u64, who: &str, body: &str) -> u64 {
        let id = self.comment(number, who, body);
        let escaped = body.replace('\n', "\\n");
        let _ = self.world.run("issue_comment", payload_of_comment(number, id, who, &escaped));
        id
    }

    /// The id that the bot's comment names for approvals.
    pub fn id(&self, number: u64) -> String {
        let shown = self.comments(number).into_iter().rev().find(|c| c.author == self.world.rules.bot());
        let body = shown.map(|comment| comment.body).unwrap_or_default();
        let after = |mark: &str| {
            let rest = body.split(mark).nth(1)?;
            rest.split(|c: char| !c.is_alphanumeric()).next().filter(|id| !id.is_empty())
        };
        let id = after("/cargo2 approve ").or_else(|| after("Content id: `"));
        id.unwrap_or_else(|| panic!("the comment names no id: {body}")).to_owned()
    }

    /// A check of the hold that the bot wrote earlier.
    pub fn written_before(&self, sha: &str, conclusion: &str) {
        let id = self.check_run(sha, "cargo2", HOLD, Some(conclusion));
        self.inspect_mut(|state| state.checks.get_mut(&id).unwrap().external_id = "cargo2-bot:0123456789abcdef".into());
    }

    pub fn approve(&self, number: u64, who: &str) -> u64 {
        self.review(number, who, "APPROVED")
    }

    /// The bot's checks of the hold at a commit.
    pub fn holds(&self, sha: &str) -> Vec<CheckRun> {
        self.checks(sha).into_iter().filter(|run| run.name == HOLD && run.app == "cargo2").collect()
    }

    /// Asserts that no automation could merge what nobody approved.
    #[track_caller]
    pub fn safe(&self) {
        let found = self.inspect(|state| dangers(state, self.world.rules.guarded(), self.world.rules.bot()));
        assert!(found.is_empty(), "{found:#?}");
    }

    /// Whether the check at the head lets it merge.
    pub fn is_green(&self, number: u64) -> bool {
        let all = self.holds(&self.sha(number));
        !all.is_empty() && all.iter().all(|run| run.conclusion.as_deref() == Some("success"))
    }

    /// Asserts that the bot holds it: its check is there, and does not pass.
    #[track_caller]
    pub fn held(&self, number: u64) {
        self.safe();
        let all = self.holds(&self.sha(number));
        let passes = |run: &CheckRun| matches!(run.conclusion.as_deref(), Some("success" | "neutral" | "skipped"));
        assert!(!all.is_empty(), "#{number} has no check of the hold");
        assert!(!all.iter().any(passes), "#{number} is not held: {:?} {:?}", all[0].title, all[0].summary);
        let blocked = self.inspect(|state| state.blocked(&state.pulls[&number]));
        assert!(!blocked.is_empty(), "GitHub would merge #{number}");
    }

    /// Asserts that it may merge.
    #[track_caller]
    pub fn released(&self, number: u64) {
        self.safe();
        let all = self.holds(&self.sha(number));
        let shown: Vec<_> = all.iter().map(|run| (&run.conclusion, &run.title, &run.summary)).collect();
        assert!(self.is_green(number), "#{number} is not released: {shown:?}");
        let blocked = self.inspect(|state| state.blocked(&state.pulls[&number]));
        assert!(blocked.is_empty(), "GitHub would not merge #{number}: {blocked:?}");
    }

    /// Asserts that it is held until Ann approved it.
    #[track_caller]
    pub fn held_until_approved(&self, number: u64) {
        self.run();
        self.held(number);
        self.approve(number, "ann");
        self.run();
        self.released(number);
    }

    /// Asserts that an approved pull request is released, and that it is not any more after what follows.
    #[track_caller]
    pub fn approved_then(self, number: u64, follows: impl FnOnce(&Self)) -> Self {
        self.approve(number, "ann");
        self.run();
        self.released(number);
        follows(&self);
        self.run();
        self.held(number);
        self
    }

    /// Something happens right before the bot writes that the hold is released.
    pub fn before_success(&self, happens: impl FnOnce(&Handle) + Send + 'static) {
        let handle = self.world.fake.clone();
        self.before(move |seen| is_success(&handle, seen), happens);
    }
}

/// Whether a request writes that the hold is released.
fn is_success(fake: &Handle, seen: &Seen) -> bool {
    let says = |name: &str, value: &str| seen.body[name].as_str() == Some(value);
    let Some((place, last)) = seen.path.rsplit_once('/') else { return false };
    if seen.method == "POST" && last == "check-runs" {
        return says("name", HOLD) && says("conclusion", "success");
    }
    let patched = seen.method == "PATCH" && place.ends_with("/check-runs") && says("conclusion", "success");
    let id = last.parse::<u64>().ok().filter(|_| patched);
    id.is_some_and(|id| fake.inspect(|state| state.checks.get(&id).is_some_and(|run| run.name == HOLD)))
}

/// Whether a request only reads.
pub fn is_read(seen: &Seen) -> bool {
    let mutation = seen.body["query"].as_str().is_some_and(|query| query.trim_start().starts_with("mutation"));
    seen.method == "GET" || (seen.path == "/graphql" && !mutation)
}
