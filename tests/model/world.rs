//! A tiny project on the fake GitHub, and runs of the bot inside this process: no upstream is needed, no program started.
#![allow(clippy::disallowed_methods, reason = "a test asks its environment")]

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cargo2_bot::app::run::{Outcome, RunRequest, run};
use cargo2_bot::github::settings::Settings;
use cargo2_bot::io::Setup;
use cargo2_bot::io::commit::Layered;
use cargo2_bot::io::github::{Connection, GitHub, Token};
use cargo2_bot::io::http::Exchange;

use tokio::runtime::Runtime;

use crate::fake_github::{Fake, Grouping, Handle};
use crate::support::index::Index;
use crate::support::{block, lock};

/// The check that holds.
pub const HOLD: &str = "cargo2 manual merge";

pub const TOOL: &str = "elements/tool.bst";
pub const LOCK: &str = "files/up/Cargo.lock";
pub const TRACKED: &str = "elements/tracked.bst";
pub const TRACKER: &str = ".github/workflows/track-bst-sources.yml";

/// The branches that are guarded: their rules require the hold.
pub const GUARDED: [&str; 2] = ["main", "stable"];

/// How a repository is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The bot has an App of its own; else it uses the workflow's token.
    pub app: bool,
    pub strict: bool,
    pub queue: Option<Grouping>,
    /// The rule `pull_request` with so many approvals.
    pub approvals: Option<u64>,
    pub dismiss_stale: bool,
    /// A second branch is guarded, too; else nothing guards it.
    pub second: bool,
    /// Prow's words count.
    pub prow: bool,
    /// The bot tracks a Rust element itself.
    pub tracks: bool,
}

impl Rules {
    /// The check is required, from the bot's app, and no more.
    pub const PLAIN: Self = Self {
        app: true,
        strict: false,
        queue: None,
        approvals: None,
        dismiss_stale: false,
        second: false,
        prow: false,
        tracks: false,
    };

    /// The guarded branches.
    pub fn guarded(self) -> &'static [&'static str] {
        if self.second { &GUARDED } else { &GUARDED[..1] }
    }

    /// The bot's configuration.
    fn configuration(self) -> String {
        let branches = if self.second { "branches: [stable]\n" } else { "" };
        let prow = if self.prow { "approvers: {prow: true}\n" } else { "" };
        let track = if self.tracks { "track: true\n" } else { "" };
        format!("# Ours.\n{branches}{prow}{track}")
    }

    /// The bot's account.
    pub fn bot(self) -> &'static str {
        if self.app { "cargo2[bot]" } else { "github-actions[bot]" }
    }
}

/// The crates of a state of the upstream lock.
pub fn crates(state: u8) -> Vec<(&'static str, &'static str)> {
    let a = ["1.0.0", "1.1.0", "1.2.0", "1.3.0"][usize::from(state % 4)];
    vec![("a", a), ("b", "1.0.0")]
}

/// The Rust element, with the block of a state and a build command of a variant.
pub fn tool(state: u8, command: u8) -> String {
    let flags = ["", " --offline", " --frozen"][usize::from(command % 3)];
    format!(
        "kind: make\n\nconfig:\n  build-commands:\n  - cargo build --release --locked{flags}\n\nsources:\n- kind: local\n  path: files/up\n\
         - kind: cargo2\n  url: crates:crates\n  ref:\n{}",
        block(&crates(state), 2)
    )
}

pub fn lock_of(state: u8) -> String {
    lock(&crates(state))
}

/// The project's file. It knows where the element that the bot tracks comes from.
pub fn conf() -> String {
    let up = &releases().url;
    format!(
        "name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  crates: https://crates.example/\n  up: {up}\n"
    )
}

/// The Rust element that the bot tracks, at a release of its upstream. It follows the third one or not.
pub fn tracked(release: u8, third: bool) -> String {
    let exclude = if third { "" } else { "  exclude:\n  - v3\n" };
    let pinned = format!("v{}-0-g{}", release + 1, releases().commits[usize::from(release)]);
    format!(
        "kind: make\n\nsources:\n- kind: git_repo\n  url: up:repo.git\n  track: v*\n{exclude}  ref-format: git-describe\n  ref: {pinned}\n\
         - kind: cargo2\n  url: crates:crates\n  ref:\n{}",
        block(&crates(release), 2)
    )
}

/// The tracker, with the Rust element in a group.
pub fn tracker(group: &str) -> String {
    format!(
        "name: Track\non:\n  workflow_dispatch:\n    inputs:\n      group:\n        type: choice\n        options: [all, auto-merge, manual-merge]\n\
         jobs:\n  track:\n    runs-on: ubuntu-latest\n    strategy:\n      matrix:\n        include:\n          - group: {group}\n            \
         element: tool.bst\n            branch: auto/track-tool\n            title: \"chore(deps): update tool\"\n    steps:\n    \
         - run: just bst source track \"${{{{ matrix.element }}}}\"\n"
    )
}

pub struct World {
    pub fake: Fake,
    pub rules: Rules,
}

/// An index that all worlds of the process share.
pub fn index() -> &'static str {
    static INDEX: OnceLock<String> = OnceLock::new();
    INDEX.get_or_init(|| {
        // An index that names a version twice is refused.
        let all: BTreeSet<(&str, &str)> = (0..4).flat_map(crates).collect();
        let all: Vec<(&str, &str)> = all.into_iter().collect();
        let index = Index::start(&all);
        let url = index.url();
        // It serves for as long as the process lives.
        std::mem::forget(index);
        url
    })
}

/// An upstream on this machine: its address, and the commits of its tags `v1`, `v2` and `v3`, whose locks are those of the states.
pub struct Releases {
    pub url: String,
    pub commits: Vec<String>,
}

/// The upstream that all worlds of the process share.
pub fn releases() -> &'static Releases {
    static RELEASES: OnceLock<Releases> = OnceLock::new();
    RELEASES.get_or_init(|| {
        // It is the same for every process, and stays for the next one.
        let place = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = place.join("releases");
        if !folder.exists() {
            let made = tempfile::tempdir_in(place).unwrap();
            release(&git2::Repository::init_bare(made.path().join("repo.git")).unwrap());
            let _ = std::fs::rename(made.path(), &folder);
        }
        let repository = git2::Repository::open_bare(folder.join("repo.git")).unwrap();
        let commit = |tag: &str| repository.refname_to_id(&format!("refs/tags/{tag}")).unwrap().to_string();
        Releases { url: format!("file://{}/", folder.display()), commits: ["v1", "v2", "v3"].map(commit).to_vec() }
    })
}

/// Makes the three releases.
fn release(repository: &git2::Repository) {
    let who = git2::Signature::new("Upstream", "up@example.org", &git2::Time::new(1_700_000_000, 0)).unwrap();
    let mut last = None;
    for state in 0..3 {
        let mut builder = repository.treebuilder(None).unwrap();
        builder.insert("Cargo.lock", repository.blob(lock_of(state).as_bytes()).unwrap(), 0o100_644).unwrap();
        let tree = repository.find_tree(builder.write().unwrap()).unwrap();
        let parents: Vec<_> = last.map(|id| repository.find_commit(id).unwrap()).into_iter().collect();
        let parents: Vec<_> = parents.iter().collect();
        let id = repository.commit(Some("refs/heads/main"), &who, &who, "a release", &tree, &parents).unwrap();
        repository.reference(&format!("refs/tags/v{}", state + 1), id, true, "").unwrap();
        last = Some(id);
    }
}

thread_local! {
    /// A runtime that all runs of a thread share.
    static RUNTIME: Runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
}

impl World {
    /// A repository whose base is in order.
    pub fn new(rules: Rules) -> Self {
        Self::on(Fake::in_memory(), rules)
    }

    /// The same on a GitHub of any kind.
    pub fn on(fake: Fake, rules: Rules) -> Self {
        let plain = "name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  crates: https://crates.example/\n";
        let conf = if rules.tracks { conf() } else { plain.to_owned() };
        let own = rules.tracks.then(|| tracked(0, false));
        fake.commit(
            "main",
            &[
                ("project.conf", Some(&conf)),
                (TRACKED, own.as_deref()),
                ("elements/plain.bst", Some("kind: manual\n")),
                (TOOL, Some(&tool(0, 0))),
                (LOCK, Some(&lock_of(0))),
                (TRACKER, Some(&tracker("manual-merge"))),
                (".github/CODEOWNERS", Some("elements/ @ann\n")),
                (".github/cargo2-bot.yml", Some(&rules.configuration())),
            ],
            "owner",
        );
        fake.reset("stable", "main");
        for (login, permission) in [("ann", "write"), ("bob", "write"), ("mallory", "read")] {
            fake.permission(login, permission);
        }
        let app = if rules.app { 4242 } else { 15368 };
        for branch in rules.guarded() {
            let checks = [(HOLD, Some(app))];
            if rules.strict {
                fake.rule_strict_checks(branch, &checks);
            } else {
                fake.rule_checks(branch, &checks);
            }
            fake.rule(branch, "non_fast_forward", serde_json::Value::Null);
            fake.rule(branch, "deletion", serde_json::Value::Null);
            if let Some(approvals) = rules.approvals {
                fake.rule_pull_request(branch, approvals, rules.dismiss_stale, false);
            }
        }
        if let Some(grouping) = rules.queue {
            fake.rule_queue("main", grouping);
        }
        fake.clear_log();
        Self { fake, rules }
    }

    /// One run of the bot for an event.
    #[allow(dead_code, reason = "one of the tests runs it by itself")]
    pub fn run(&self, event: &str, payload: String) -> anyhow::Result<Outcome> {
        run_bot(&self.fake, self.rules, event, payload)
    }
}

/// The payload of an event that is about everything.
pub fn payload_of_all() -> String {
    r#"{"repository":{"default_branch":"main"}}"#.to_owned()
}

/// The payload of an event of a pull request.
pub fn payload_of_pull(number: u64) -> String {
    format!(
        r#"{{"action":"synchronize","repository":{{"default_branch":"main"}},"sender":{{"login":"x"}},
        "pull_request":{{"number":{number},"head":{{"repo":{{"full_name":"owner/name"}}}},
        "base":{{"repo":{{"full_name":"owner/name"}}}}}}}}"#
    )
}

/// The payload of a merge group.
pub fn payload_of_group(head: &str, base: &str, branch: &str, group: &str) -> String {
    format!(
        r#"{{"action":"checks_requested","repository":{{"default_branch":"main"}},"merge_group":{{"head_sha":"{head}",
        "base_sha":"{base}","head_ref":"refs/heads/{group}","base_ref":"refs/heads/{branch}"}}}}"#
    )
}

/// The payload of a new comment.
pub fn payload_of_comment(number: u64, id: u64, login: &str, body: &str) -> String {
    format!(
        r#"{{"action":"created","repository":{{"default_branch":"main"}},"issue":{{"number":{number},"state":"open",
        "pull_request":{{"url":"x"}}}},"comment":{{"id":{id},"body":"{body}","user":{{"login":"{login}","type":"User"}}}}}}"#
    )
}

/// The bot, as the program calls it, without a checkout and without waiting.
pub fn run_bot(fake: &Handle, rules: Rules, event: &str, payload: String) -> anyhow::Result<Outcome> {
    let token = if rules.app { "app" } else { "workflow" };
    run_as(fake, token, Settings::default(), event, payload)
}

/// The same with any token of the fake GitHub, and with any settings of the workflow.
pub fn run_as(fake: &Handle, token: &str, settings: Settings, event: &str, payload: String) -> anyhow::Result<Outcome> {
    bot(fake, token, event, payload, |_, request| request.settings = settings)
}

/// The same as the program calls it, with any other setting.
#[allow(dead_code, reason = "not all tests that share this need it")]
pub fn run_bot_with(
    fake: &Handle,
    rules: Rules,
    event: &str,
    payload: String,
    change: impl FnOnce(&mut Setup, &mut RunRequest),
) -> anyhow::Result<Outcome> {
    bot(fake, if rules.app { "app" } else { "workflow" }, event, payload, change)
}

fn bot(
    fake: &Handle,
    token: &str,
    event: &str,
    payload: String,
    change: impl FnOnce(&mut Setup, &mut RunRequest),
) -> anyhow::Result<Outcome> {
    let connection = Connection {
        api: fake.api_url(),
        graphql: fake.graphql_url(),
        token: Token::new(token),
        repository: "owner/name".to_owned(),
        budget: Duration::ZERO,
        unpaced: true,
        ..Connection::default()
    };
    let mut setup = Setup {
        index: Some(index().to_owned()),
        trusted: vec![index().to_owned(), releases().url.clone()],
        jobs: 2,
        ..Setup::default()
    };
    let mut request = RunRequest {
        event: event.to_owned(),
        payload,
        repository: "owner/name".to_owned(),
        server: "https://github.com".to_owned(),
        ..RunRequest::default()
    };
    change(&mut setup, &mut request);
    let exchange = Exchange::new(fake.service());
    let work = async move {
        let github = GitHub::over(connection, exchange)?;
        let objects = Arc::new(Layered::new(None, Arc::new(github.clone())));
        run(&github, objects, setup, &request, Arc::new(|_| ())).await
    };
    // On the worker itself: what it starts there wakes no other thread.
    RUNTIME.with(|runtime| runtime.block_on(async { runtime.spawn(work).await.unwrap() }))
}
