//! What a run has to do: each scenario sets a repository up and names the event that starts the bot.

use crate::fake_github::{Fake, Grouping, Pushed};
use crate::world::{
    LOCK, Rules, TOOL, World, lock_of, payload_of_all, payload_of_comment, payload_of_group, payload_of_pull, tool,
};

/// The event's name and its payload.
pub type Event = (&'static str, String);

pub struct Scenario {
    pub name: &'static str,
    pub rules: Rules,
    pub prepare: fn(&Fake) -> Event,
}

const WORKFLOW: Rules = Rules { app: false, ..Rules::PLAIN };

pub const ALL: [Scenario; 9] = [
    Scenario { name: "a right block is held", rules: Rules::PLAIN, prepare: held },
    Scenario { name: "an approved one is released", rules: Rules::PLAIN, prepare: approved },
    Scenario { name: "drift is fixed by a commit", rules: WORKFLOW, prepare: drift },
    Scenario { name: "a change without Rust passes", rules: Rules::PLAIN, prepare: harmless },
    Scenario { name: "auto-merge is switched off", rules: Rules::PLAIN, prepare: hurried },
    Scenario { name: "drift of the base is opened", rules: Rules::PLAIN, prepare: base },
    Scenario { name: "a fork's change is held", rules: Rules::PLAIN, prepare: fork },
    Scenario { name: "a command is carried out", rules: Rules::PLAIN, prepare: command },
    Scenario {
        name: "a merge group is answered",
        rules: Rules { queue: Some(Grouping::AllGreen), ..Rules::PLAIN },
        prepare: group,
    },
];

/// Pushes a state of the lock and of the block to a branch, and opens its pull request.
fn pull(fake: &Fake, owner: &str, locked: u8, blocked: u8, who: &str) -> u64 {
    let (lock, block) = (lock_of(locked), tool(blocked, 0));
    let files = [(LOCK, Some(lock.as_str())), (TOOL, Some(block.as_str()))];
    let branch = "auto/track-tool";
    fake.push(&Pushed { owner, branch, files: &files, author: who, pusher: who, ..Pushed::default() }).unwrap();
    let owner = if owner.is_empty() { "owner" } else { owner };
    fake.try_open(owner, branch, "main", who).unwrap()
}

fn all() -> Event {
    ("workflow_run", payload_of_all())
}

fn held(fake: &Fake) -> Event {
    pull(fake, "", 1, 1, "tracker[bot]");
    all()
}

fn approved(fake: &Fake) -> Event {
    let number = pull(fake, "", 1, 1, "tracker[bot]");
    fake.review(number, "ann", "APPROVED");
    ("pull_request_target", payload_of_pull(number))
}

fn drift(fake: &Fake) -> Event {
    pull(fake, "", 1, 0, "tracker[bot]");
    all()
}

fn harmless(fake: &Fake) -> Event {
    let files = [("README.md", Some("# Better\n"))];
    fake.push(&Pushed { branch: "docs", files: &files, author: "ann", pusher: "ann", ..Pushed::default() }).unwrap();
    let number = fake.try_open("owner", "docs", "main", "ann").unwrap();
    ("pull_request_target", payload_of_pull(number))
}

fn hurried(fake: &Fake) -> Event {
    let number = pull(fake, "", 1, 1, "tracker[bot]");
    fake.auto_merge(number, true);
    ("pull_request_target", payload_of_pull(number))
}

fn base(fake: &Fake) -> Event {
    fake.commit("main", &[(LOCK, Some(&lock_of(2)))], "owner");
    all()
}

fn fork(fake: &Fake) -> Event {
    let number = pull(fake, "mallory", 1, 0, "mallory");
    ("pull_request_target", payload_of_pull(number))
}

fn command(fake: &Fake) -> Event {
    let number = pull(fake, "", 1, 0, "bob");
    let body = "/cargo2 regenerate";
    let id = fake.comment(number, "ann", body);
    ("issue_comment", payload_of_comment(number, id, "ann", body))
}

fn group(fake: &Fake) -> Event {
    let number = pull(fake, "", 1, 1, "tracker[bot]");
    fake.review(number, "ann", "APPROVED");
    fake.enqueue("ann", number).unwrap();
    let entry = fake.inspect(|state| state.queues["main"][0].clone());
    ("merge_group", payload_of_group(&entry.head, &entry.base, "main", &entry.branch))
}

/// Whether the block of a commit is what its lock asks for.
pub fn right(world: &World, sha: &str) -> bool {
    let file = |path: &str| world.fake.file(sha, path).unwrap_or_default();
    let (lock, text) = (file(LOCK), file(TOOL));
    (0..4).any(|state| lock == lock_of(state) && text == tool(state, 0))
}
